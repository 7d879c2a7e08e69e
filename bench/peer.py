"""One end of a session with the reference: what peer.c is for ours, with the same commands and the same
JSON object at the end."""

import argparse
import json
import os
import resource
import sys
import tempfile
import threading
import time

import RNS

NAME = ("bench", "sessions")
PATH = "echo"
PAYLOAD = bytes(32)
MEBIBYTE = 1048576


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("figure", choices=("listen", "links", "messages", "requests", "resource"))
    parser.add_argument("--config", required=True)
    parser.add_argument("--destination", type=bytes.fromhex)
    parser.add_argument("--window", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=1)
    parser.add_argument("--size", type=int, default=MEBIBYTE)
    return parser.parse_args()


def listen():
    destination = RNS.Destination(RNS.Identity(), RNS.Destination.IN, RNS.Destination.SINGLE, *NAME)
    destination.set_proof_strategy(RNS.Destination.PROVE_ALL)
    destination.register_request_handler(
        PATH, lambda path, data, request_id, identity, at: data, allow=RNS.Destination.ALLOW_ALL)
    destination.set_link_established_callback(
        lambda link: link.set_resource_strategy(RNS.Link.ACCEPT_ALL))
    print(destination.hash.hex(), flush=True)
    while True:
        time.sleep(60)


def find(destination_hash):
    while not RNS.Transport.has_path(destination_hash):
        RNS.Transport.request_path(destination_hash)
        end = time.monotonic() + 1
        while not RNS.Transport.has_path(destination_hash) and time.monotonic() < end:
            time.sleep(0.01)
    return RNS.Destination(RNS.Identity.recall(destination_hash), RNS.Destination.OUT,
                           RNS.Destination.SINGLE, *NAME)


def open_link(destination):
    up = threading.Event()
    link = RNS.Link(destination, established_callback=lambda link: up.set())
    if not up.wait(30):
        sys.exit("no link")
    return link


class Load:
    """Asks again and again, `window` at once, until the time is over."""

    def __init__(self, options, ask):
        self.options, self.ask = options, ask
        self.free = threading.Semaphore(options.window)
        self.lock = threading.Lock()
        self.done = self.failed = 0

    def ended(self, ok):
        with self.lock:
            self.done += ok
            self.failed += not ok
        self.free.release()

    def run(self):
        self.start = time.monotonic()
        end = self.start + self.options.seconds
        while time.monotonic() < end:
            if self.free.acquire(timeout=0.1):
                self.ask(self)
        for _ in range(self.options.window):  # what was begun counts, with its time
            self.free.acquire(timeout=30)
        return time.monotonic() - self.start


def ask_links(destination):
    def up(link, load):
        link.teardown()
        load.ended(True)

    return lambda load: RNS.Link(destination, established_callback=lambda link: up(link, load))


def ask_messages(link):
    def ask(load):
        receipt = RNS.Packet(link, PAYLOAD).send()
        receipt.set_delivery_callback(lambda receipt: load.ended(True))
        receipt.set_timeout_callback(lambda receipt: load.ended(False))

    return ask


def ask_requests(link):
    return lambda load: link.request(PATH, PAYLOAD, response_callback=lambda r: load.ended(True),
                                     failed_callback=lambda r: load.ended(False))


def ask_resource(link, size):
    path = tempfile.mkstemp()[1]
    block = os.urandom(MEBIBYTE)
    with open(path, "wb") as file:
        for start in range(0, size, MEBIBYTE):
            file.write(block[:min(MEBIBYTE, size - start)])

    def ask(load):
        RNS.Resource(open(path, "rb"), link, auto_compress=False,
                     callback=lambda r: load.ended(r.status == RNS.Resource.COMPLETE))

    return ask


def main():
    options = parse()
    RNS.Reticulum(options.config, loglevel=RNS.LOG_CRITICAL)
    if options.figure == "listen":
        listen()
    destination = find(options.destination)
    if options.figure == "links":
        ask = ask_links(destination)
    elif options.figure == "messages":
        ask = ask_messages(open_link(destination))
    elif options.figure == "requests":
        ask = ask_requests(open_link(destination))
    else:
        ask = ask_resource(open_link(destination), options.size)
    load = Load(options, ask)
    before = resource.getrusage(resource.RUSAGE_SELF)
    seconds = load.run()
    usage = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({"done": load.done, "failed": load.failed, "seconds": seconds,
                      "cpu_seconds": usage.ru_utime + usage.ru_stime - before.ru_utime - before.ru_stime,
                      "peak_kb": usage.ru_maxrss}), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()
