"""Requests and answers of the agent around the reference."""

import os

import RNS
from RNS.vendor import umsgpack

ALLOW = {
    "none": RNS.Destination.ALLOW_NONE,
    "all": RNS.Destination.ALLOW_ALL,
    "list": RNS.Destination.ALLOW_LIST,
}


class Requests:
    def cmd_request_handler(
        self,
        dest,
        path,
        allow="all",
        allowed=(),
        answer="reverse",
        file=None,
        metadata=None,
        compress=False,
    ):
        def respond(path, data, request_id, link_id, remote_identity, requested_at):
            self.emit(
                "request",
                dest=dest,
                link=link_id.hex(),
                path=path,
                data=data.hex(),
                identity=remote_identity and remote_identity.hash.hex(),
            )
            return self.answer(answer, data, file, metadata)

        self.incoming[bytes.fromhex(dest)].register_request_handler(
            path,
            response_generator=respond,
            allow=ALLOW[allow],
            allowed_list=[bytes.fromhex(each) for each in allowed],
            auto_compress=compress,
        )

    def answer(self, answer, data, file, metadata):
        if answer == "none":
            return None
        if answer == "reverse":
            return data[::-1]
        source = open(file, "rb")
        if answer == "bytes":
            with source:
                return source.read()
        return source, metadata and umsgpack.unpackb(bytes.fromhex(metadata))

    def cmd_request_limit(self, dest, size):
        self.incoming[bytes.fromhex(dest)].set_max_request_size(size)

    def cmd_request(self, link, path, data, timeout=None, max_response=None):
        number = self.number()
        with self.asking:
            sent = self.link(link).request(
                path,
                data=bytes.fromhex(data),
                response_callback=lambda receipt: self.on_response(number, receipt),
                failed_callback=lambda receipt: self.emit(
                    "response", request=number, status="failed", why="failed"
                ),
                timeout=timeout,
                max_response_size=max_response,
            )
        if sent is False:
            raise IOError("not sent")
        return {"request": number}

    def on_response(self, number, receipt):
        fields = {"request": number, "status": "ready", "why": "ready"}
        if hasattr(receipt.response, "read"):
            path = self.received_path()
            os.rename(receipt.response.name, path)  # it would be deleted
            fields["file"], fields["metadata"] = path, umsgpack.packb(receipt.metadata).hex()
        else:
            fields["data"] = receipt.response.hex()
        self.emit("response", **fields)
