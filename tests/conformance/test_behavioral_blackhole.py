"""Identities that are shut out, and the files that keep them."""
import os
import time

import pytest

from client import Refused
from mocks import Peer


@pytest.fixture(autouse=True)
def nothing_is_stored(both):
    both.both("blackhole_clear_storage")


def entries(both):
    answer = both.ask("read_blackhole_table")
    assert answer["count"] == len(answer["entries"])
    return {entry["identity_hash"]: entry for entry in answer["entries"]}


def names(both):
    ours, theirs = both.both("blackhole_storage_files")
    for answer in (ours, theirs):
        for file in answer["files"]:
            assert file["size"] == os.path.getsize(f"{answer['dir']}/{file['name']}")
    names, others = ([file["name"] for file in answer["files"]] for answer in (ours, theirs))
    assert names == others
    return names


def test_an_identity_is_shut_out_and_let_in_again(both):
    identity, until = os.urandom(16), float(int(time.time()) + 7200)
    assert both.ask("blackhole_identity", identity_hash=identity, until=until,
                    reason="noise é") == {"blackholed": True}
    assert both.ask("blackhole_identity", identity_hash=identity) == {"blackholed": False}
    assert entries(both) == {identity.hex(): {
        "identity_hash": identity.hex(), "source": both.identity.hex(), "until": until,
        "reason": "noise é"}}
    assert both.ask("unblackhole_identity", identity_hash=identity) == {"lifted": True}
    assert both.ask("unblackhole_identity", identity_hash=identity) == {"lifted": False}
    assert entries(both) == {}


def test_without_a_time_or_a_reason(both):
    identity = os.urandom(16)
    both.ask("blackhole_identity", identity_hash=identity)
    entry, = entries(both).values()
    assert entry["until"] is None and entry["reason"] is None
    with pytest.raises(Refused):
        both.ours.ask("blackhole_identity", {"identity_hash": "00"})


def test_its_paths_go_and_its_announces_are_not_taken(both):
    both.attach("a")
    bad, good = Peer(), Peer()
    both.inject("a", bad.announce(emitted=1_000))
    both.inject("a", good.announce(emitted=1_000))
    both.ask("blackhole_identity", identity_hash=bad.identity.hash)
    assert not both.ask("read_path_table", dest=bad.dest)["found"]
    assert both.ask("read_path_table", dest=good.dest)["found"]
    both.inject("a", bad.announce(emitted=1_001))
    assert not both.ask("read_path_table", dest=bad.dest)["found"]


def test_who_is_shut_out_for_a_time_comes_in_again(both):
    both.attach("a")
    peer, until = Peer(), time.time() + 3
    both.ask("blackhole_identity", identity_hash=peer.identity.hash, until=until)
    both.ask("force_cull")
    assert entries(both)[peer.identity.hash.hex()]["until"] == pytest.approx(until, abs=1e-5)
    time.sleep(max(until - time.time(), 0) + 0.1)  # both are past it: looked at in between they may differ
    both.ask("force_cull")
    assert entries(both) == {}
    both.inject("a", peer.announce())
    assert both.ask("read_path_table", dest=peer.dest)["found"]


def test_what_is_stored_is_read_again(both):
    live, over = os.urandom(16), os.urandom(16)
    now = int(time.time())
    both.ask("blackhole_identity", identity_hash=live, until=float(now + 7200), reason="why")
    both.ask("blackhole_identity", identity_hash=over, until=float(now - 7200))
    assert names(both) == ["local"]
    lifted = os.urandom(16)
    both.ask("blackhole_identity", identity_hash=lifted)
    both.ask("unblackhole_identity", identity_hash=lifted)
    assert both.ask("blackhole_clear") == {"cleared": True}
    assert entries(both) == {}
    assert both.ask("blackhole_reload") == {"count": 1}
    assert entries(both)[live.hex()]["reason"] == "why"


def test_a_list_by_another_name_is_not_ours(both):
    identity = os.urandom(16)
    both.ask("blackhole_identity", identity_hash=identity)
    source = os.urandom(16).hex()
    assert both.ask("blackhole_rename_storage", src="local", dst=source) == {"renamed": True}
    assert names(both) == [source]
    both.ask("blackhole_clear")
    assert both.ask("blackhole_reload") == {"count": 0}
    both.refuse("blackhole_rename_storage", src="local", dst="other")
    assert both.ask("blackhole_rename_storage", src=source, dst="local") == {"renamed": True}
    assert both.ask("blackhole_reload") == {"count": 1}
    assert both.ask("blackhole_clear_storage") == {"removed": 1}
    assert names(both) == []


def test_files_are_told_of_by_name(both):
    lists = [digit * 32 for digit in "9f0a"]
    for name in lists:
        both.ask("blackhole_identity", identity_hash=os.urandom(16))
        both.ask("blackhole_rename_storage", src="local", dst=name)
    assert names(both) == sorted(lists)
    assert both.ask("blackhole_clear_storage") == {"removed": 4}


def test_a_stored_list_cannot_leave_its_folder(both):
    both.ask("blackhole_identity", identity_hash=os.urandom(16))
    for name in ("", "../local", "/../local"):
        with pytest.raises(Refused):
            both.ours.ask("blackhole_rename_storage", {"src": "local", "dst": name})


def test_each_reads_the_files_of_the_other(both):
    identity = os.urandom(16)
    both.ask("blackhole_identity", identity_hash=identity, until=float(int(time.time()) + 99),
             reason="x" * 40)
    folders = [answer["dir"] for answer in both.both("blackhole_storage_files")]
    lists = []
    for folder in folders:
        with open(f"{folder}/local", "rb") as file:
            lists.append(file.read())
    for folder, other in zip(folders, reversed(lists)):
        with open(f"{folder}/local", "wb") as file:
            file.write(other)
    both.ask("blackhole_clear")
    assert both.ask("blackhole_reload") == {"count": 1}
    assert entries(both)[identity.hex()]["reason"] == "x" * 40


@pytest.mark.parametrize("name,params", [("blackhole_list_handler", {}),
                                         ("blackhole_set_sources", {"sources": []})])
def test_lists_for_others_and_of_others_are_not_built(both, name, params):
    with pytest.raises(Refused, match="not built: blackhole publishing"):
        both.ours.ask(name, params)
