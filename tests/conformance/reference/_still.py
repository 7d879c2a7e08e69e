"""An instance without interfaces, for what needs one; and destinations that leave nothing behind."""
import contextlib
import pathlib
import tempfile

import RNS


def instance():
    if RNS.Reticulum.get_instance() is None:
        directory = tempfile.mkdtemp(prefix="reference-")
        (pathlib.Path(directory) / "config").write_text(
            "[reticulum]\nenable_transport = no\nshare_instance = no\n[interfaces]\n")
        RNS.Reticulum(directory, loglevel=RNS.loglevel)
    return RNS.Reticulum.get_instance()


DIRECTIONS = {"in": RNS.Destination.IN, "out": RNS.Destination.OUT}
TYPES = {"single": RNS.Destination.SINGLE, "group": RNS.Destination.GROUP,
         "plain": RNS.Destination.PLAIN, "link": RNS.Destination.LINK}


def own(private_key):
    if private_key is None:
        return None
    identity = RNS.Identity.from_bytes(bytes.fromhex(private_key))
    if identity is None:
        raise ValueError("not a private key")
    return identity


@contextlib.contextmanager
def destination(app_name, aspects=(), direction="in", type="single", identity_private_key=None):
    instance()
    made = RNS.Destination(own(identity_private_key), DIRECTIONS.get(direction, direction),
                           TYPES.get(type, type), app_name, *aspects)
    try:
        yield made
    finally:
        RNS.Transport.deregister_destination(made)


@contextlib.contextmanager
def clock_at(seconds):
    """What the library takes for the time."""
    import time
    real = time.time
    time.time = lambda: seconds
    try:
        yield
    finally:
        time.time = real
