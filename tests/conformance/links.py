"""Two bridges with a link between them, for tests."""
import time

APP, ASPECTS = "conformance", ["links"]


class Linked:
    """A server that listens, a client, and the client's link to it."""

    def __init__(self, server, client, opens=True, listen=None, **config):
        self.server, self.client = server, client
        served = server.call("wire_start_tcp_server", **config)
        self.there = served["handle"]
        self.here = client.call("wire_start_tcp_client", target_host="127.0.0.1",
                                target_port=served["port"], **config)["handle"]
        # An announce reaches only those that are connected when it is made.
        client.call("wire_poll_path", handle=self.here, destination_hash="00" * 16, timeout_ms=150)
        for _ in range(4):  # busy machines need longer than that
            self.destination = self.serve("wire_listen", app_name=APP, aspects=ASPECTS,
                                          **(listen or {}))["destination_hash"]
            if self.ask("wire_poll_path", destination_hash=self.destination,
                        timeout_ms=2000)["found"] is True:
                break
        else:
            raise AssertionError("no announce was heard")
        self.link = self.open() if opens else None

    def await_inbound(self, status="ACTIVE", timeout_s=5):
        """Whether the link comes to a status at the server."""
        until = time.time() + timeout_s
        while self.of_inbound("wire_link_mtu")["status_name"] != status and time.time() < until:
            time.sleep(0.02)
        return self.of_inbound("wire_link_mtu")["status_name"] == status

    def open(self):
        return self.ask("wire_link_open", destination_hash=self.destination, app_name=APP,
                        aspects=ASPECTS)["link_id"]

    def serve(self, command, **params):
        """Asks the server."""
        return self.server.call(command, handle=self.there, **params)

    def ask(self, command, **params):
        """Asks the client."""
        return self.client.call(command, handle=self.here, **params)

    def of_link(self, command, **params):
        """Asks the client about its link."""
        return self.ask(command, link_id=self.link, **params)

    def of_inbound(self, command, **params):
        """Asks the server about the same link."""
        return self.serve(command, link_id=self.link, **params)
