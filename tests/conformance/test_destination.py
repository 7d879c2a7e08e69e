"""Names, addresses and the life of destinations."""
import pytest

from compare import both, both_refuse, some

APP = "conformance"
ASPECTS = [[], ["a"], ["a", "b", "c"], ["f\u00fcr", "\u2603"]]


def shape(ours, theirs, command, **params):
    """Where the values are random: both answer the same members; returns both answers."""
    answers = [bridge.call(command, **params) for bridge in (ours, theirs)]
    assert answers[0].keys() == answers[1].keys()
    return answers


@pytest.mark.parametrize("aspects", ASPECTS + ["", "a", "a,b"])
def test_address(ours, theirs, aspects):
    both(ours, theirs, "destination_hash", identity_hash=some(16), app_name=APP, aspects=aspects)


@pytest.mark.parametrize("request_", [{"identity_hash": ""}, {"identity_hash": some(15)},
                                      {"identity_hash": some(32)}, {"app_name": "a.b"},
                                      {"aspects": ["a.b"]}])
def test_no_address(ours, theirs, request_):
    both_refuse(ours, theirs, "destination_hash",
                **{"identity_hash": some(16), "app_name": APP, "aspects": ["a"]} | request_)


@pytest.mark.parametrize("name", ["a", "lxmf.delivery", "a.b.c.d", "f\u00fcr.\u2603"])
def test_full_name(ours, theirs, name):
    both(ours, theirs, "hash_from_name_and_identity", full_name=name, identity_hash=some(16))
    parts = both(ours, theirs, "app_and_aspects_from_name", full_name=name)
    identity = some(16)
    assert both(ours, theirs, "hash_from_name_and_identity", full_name=name,
                identity_hash=identity) == both(ours, theirs, "destination_hash",
                                                identity_hash=identity, **parts)
    both_refuse(ours, theirs, "hash_from_name_and_identity", full_name=name, identity_hash="")


@pytest.mark.parametrize("name", ["", ".", "a.", "a..b"])
def test_a_name_is_split_whatever_it_is(ours, theirs, name):
    both(ours, theirs, "app_and_aspects_from_name", full_name=name)


@pytest.mark.parametrize("aspects", ASPECTS)
def test_expanded_name(ours, theirs, aspects):
    both(ours, theirs, "destination_expand_name", app_name=APP, aspects=aspects)
    both(ours, theirs, "destination_expand_name", app_name=APP, aspects=aspects,
         identity_private_key=some(64))


@pytest.mark.parametrize("params", [{}, {"direction": "out"}, {"direction": 0x11, "type": 0},
                                    {"type": "group"}, {"type": "group", "direction": "out"}])
def test_construct_with_an_identity(ours, theirs, params):
    both(ours, theirs, "destination_construct", app_name=APP, aspects=["x", some(4)],
         identity_private_key=some(64), **params)


def test_construct_plain(ours, theirs):
    for direction in ("in", "out"):
        both(ours, theirs, "destination_construct", direction=direction, type="plain",
             app_name=APP, aspects=["x"])
        both_refuse(ours, theirs, "destination_construct", direction=direction, type="plain",
                    app_name=APP, identity_private_key=some(64))


@pytest.mark.parametrize("kind", ["single", "group"])
def test_one_of_our_own_gets_an_identity(ours, theirs, kind):
    answers = shape(ours, theirs, "destination_construct", type=kind, app_name=APP,
                    aspects=["x"])
    for answer in answers:
        hash_ = answer["auto_identity_hexhash"]
        assert answer["name"] == f"{APP}.x.{hash_}.{hash_}"
        assert answer["name_hash"] == theirs.call("name_hash", name=f"{APP}.x.{hash_}")["hash"]
        assert answer["destination_hash"] == theirs.call(
            "hash_from_name_and_identity", full_name=f"{APP}.x.{hash_}",
            identity_hash=hash_)["destination_hash"]
        assert (answer["proof_strategy"], answer["direction"]) == (0x21, 0x11)
    both_refuse(ours, theirs, "destination_construct", direction="out", type=kind, app_name=APP)


@pytest.mark.parametrize("params", [{"type": 153}, {"direction": 153}, {"app_name": "a.b"},
                                    {"aspects": ["a.b"]}, {"type": "other"},
                                    {"direction": "other"}])
def test_what_cannot_be_constructed(ours, theirs, params):
    both_refuse(ours, theirs, "destination_construct", **{"app_name": APP} | params)


def test_only_single_ones_of_our_own_announce(ours, theirs):
    shape(ours, theirs, "destination_announce_attempt", app_name=APP, aspects=["x"])
    key = some(64)
    for _ in range(2):  # nothing is left behind
        both(ours, theirs, "destination_announce_attempt", app_name=APP, aspects=["x"],
             identity_private_key=key)
    for kind in ("group", "plain", "link"):
        both_refuse(ours, theirs, "destination_announce_attempt", type=kind, app_name=APP)
    both_refuse(ours, theirs, "destination_announce_attempt", direction="out", app_name=APP,
                identity_private_key=key)


def test_proof_strategies(ours, theirs):
    for strategy in (0x21, 0x22, 0x23):
        both(ours, theirs, "destination_set_proof_strategy_raw", app_name=APP,
             strategy_value=strategy)
    for strategy in (0, 0x20, 0x24, 153):
        both_refuse(ours, theirs, "destination_set_proof_strategy_raw", app_name=APP,
                    strategy_value=strategy)


def test_ratchets_rotate_where_they_are_enabled(ours, theirs):
    both(ours, theirs, "destination_rotate_ratchets", app_name=APP, aspects=["x"], enable=True)
    for enable in ({}, {"enable": False}):
        both_refuse(ours, theirs, "destination_rotate_ratchets", app_name=APP, **enable)


@pytest.mark.parametrize("size", [1, 16, 300])
def test_group_encrypts(ours, theirs, size):
    plaintext = some(size)
    for answer in shape(ours, theirs, "destination_group_encrypt", app_name=APP, aspects=["x"],
                        plaintext=plaintext, create_keys=True):
        assert answer["roundtrip"] == plaintext and answer["has_key"] is True
        assert len(answer["ciphertext"]) // 2 == 48 + (size // 16 + 1) * 16
    both_refuse(ours, theirs, "destination_group_encrypt", app_name=APP, plaintext=plaintext)


@pytest.mark.parametrize("kind", ["bytes", "callable", "none"])
def test_app_data_of_announces(ours, theirs, kind):
    for value in (some(1), some(100)):
        both(ours, theirs, "destination_default_app_data", app_name=APP, default_kind=kind,
             default_value=value)
        both(ours, theirs, "destination_default_app_data", app_name=APP, default_kind=kind,
             default_value=value, override_app_data=some(20))


@pytest.mark.parametrize("advance", [None, 0, 1, 30, 31, 3600])
@pytest.mark.parametrize("size", [1, 10, 16])
def test_a_tag_gets_the_same_answer_for_30_seconds(ours, theirs, size, advance):
    own = {"app_name": APP, "aspects": ["x"], "identity_private_key": some(64)}
    address = theirs.call("destination_announce_attempt", **own)["destination_hash"]
    params = {} if advance is None else {"advance_seconds": advance}
    answers = shape(ours, theirs, "destination_path_response_cache", tag=some(size), **own,
                    **params)
    told = [{name: value for name, value in answer.items() if not name.endswith("_data")}
            for answer in answers]
    assert told[0] == told[1]
    assert told[0]["reused"] is ((advance or 0) <= 30)
    for answer in answers:
        first, second = answer["first_announce_data"], answer["second_announce_data"]
        assert (first == second) is answer["reused"]
        for data in (first, second):
            assert both(ours, theirs, "announce_validate",
                        raw=f"0100{address}0b{data}")["valid"] is True


@pytest.mark.parametrize("params", [{"type": "group"}, {"type": "plain"}, {"tag": None},
                                    {"direction": "out", "identity_private_key": some(64)}])
def test_only_single_ones_of_our_own_answer(ours, theirs, params):
    both_refuse(ours, theirs, "destination_path_response_cache",
                **{"app_name": APP, "tag": some(16)} | params)


def test_request_handlers(ours, theirs):
    command = "destination_register_request_handler_validate"
    for allow in (0, 1, 2):
        both(ours, theirs, command, app_name=APP, allow=allow)
    both(ours, theirs, command, app_name=APP, aspects=["x"], path="/a")
    for wrong in ({"path": ""}, {"generator_valid": False}, {"allow": 153}, {"allow": 3}):
        both_refuse(ours, theirs, command, app_name=APP, **wrong)
