"""Identities that are shut out, and the files that keep them."""
import pathlib

import RNS

from ._mock import mock_of
from .registry import command


@command
def behavioral_blackhole_identity(handle, identity_hash, until=None, reason=None):
    mock_of(handle)
    done = RNS.Transport.blackhole_identity(bytes.fromhex(identity_hash), until=until,
                                            reason=reason)
    return {"blackholed": bool(done)}


@command
def behavioral_unblackhole_identity(handle, identity_hash):
    mock_of(handle)
    return {"lifted": bool(RNS.Transport.unblackhole_identity(bytes.fromhex(identity_hash)))}


@command
def behavioral_read_blackhole_table(handle):
    mock_of(handle)
    entries = [{"identity_hash": identity.hex(), "source": entry["source"].hex(),
                "until": entry["until"], "reason": entry["reason"]}
               for identity, entry in RNS.Transport.blackholed_identities.items()]
    return {"count": len(entries), "entries": entries}


@command
def behavioral_blackhole_clear(handle):
    mock_of(handle)
    RNS.Transport.blackholed_identities.clear()
    return {"cleared": True}


@command
def behavioral_blackhole_reload(handle):
    mock_of(handle)
    RNS.Transport.reload_blackhole()
    return {"count": len(RNS.Transport.blackholed_identities)}


def folder():
    return pathlib.Path(RNS.Reticulum.blackholepath)


def stored():
    return sorted(path for path in folder().iterdir() if path.is_file())


@command
def behavioral_blackhole_storage_files(handle):
    mock_of(handle)
    return {"dir": str(folder()),
            "files": [{"name": path.name, "size": path.stat().st_size} for path in stored()]}


@command
def behavioral_blackhole_clear_storage(handle):
    mock_of(handle)
    files = stored()
    for path in files:
        path.unlink()
    return {"removed": len(files)}


@command
def behavioral_blackhole_rename_storage(handle, src, dst):
    mock_of(handle)
    (folder() / src).rename(folder() / dst)
    return {"renamed": True}
