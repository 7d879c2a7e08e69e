"""Nodes for tests: one of each kind told the same, and three in a row."""
import time

NOBODY = "00" * 16


class Alone:
    """A bridge whose node serves, and its handle."""

    def __init__(self, bridge, **config):
        self.bridge = bridge
        self.served = bridge.call("wire_start_tcp_server", **config)
        self.handle = self.served["handle"]

    def call(self, command, **params):
        return self.bridge.call(command, handle=self.handle, **params)

    def ask(self, command, **params):
        return self.bridge.ask(command, handle=self.handle, **params)


def one_of_each(start, **config):
    """Our node and the reference's, told the same."""
    return Alone(start("ours"), **config), Alone(start("theirs"), **config)


class Client:
    """A bridge whose node is connected to another's."""

    def __init__(self, bridge, server, **config):
        self.bridge = bridge
        self.handle = bridge.call("wire_start_tcp_client", target_host="127.0.0.1",
                                  target_port=server.served["port"], **config)["handle"]
        self.poll(NOBODY, 150)  # an announce reaches only those that are connected

    call, ask = Alone.call, Alone.ask

    def poll(self, destination, timeout_ms=5000):
        return self.call("wire_poll_path", destination_hash=destination, timeout_ms=timeout_ms)


def until(done, timeout_s=5, pause_s=0.03):
    """What done() returns once it is true, or at the end."""
    end = time.time() + timeout_s
    while not (result := done()) and time.time() < end:
        time.sleep(pause_s)
    return result


def without(result, *names):
    """A result, but for what differs from node to node."""
    return {name: value for name, value in result.items() if name not in names}
