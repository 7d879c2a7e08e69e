"""Both ends of a transfer, one at a time: the same is asked of ours and of the reference's."""
from links import Linked

RANDOM = {"requested", "expected", "random_hash_before", "random_hash_after"}

PROBES = [
    *(("wire_inject_crafted_resource_part", {"variant": v}, ()) for v in (
        "valid", "forged_map_hash", "beyond_window", "duplicate_filled")),
    *(("wire_inject_crafted_resource_proof", {"variant": v}, ()) for v in (
        "valid", "wrong_proof", "wrong_length_short", "wrong_length_long")),
    *(("wire_inject_crafted_resource_request", {"variant": v}, ()) for v in (
        "misaligned_hmu", "aligned", "aligned_scope", "serve_all", "duplicate")),
    *(("wire_inject_corrupt_assembled_resource", {"variant": v}, ()) for v in (
        "valid", "corrupt")),
    ("wire_inject_duplicate_resource_adv", {}, ()),
    *(("wire_inject_malformed_resource_adv", {"variant": v}, ()) for v in (
        "garbage", "missing_key")),
    *(("wire_inject_resource_adv_flags", {"variant": v}, ()) for v in (
        "request_autoaccept", "response_no_pending_request", "plain_accept_none",
        "plain_accept_all")),
    ("wire_inject_hashmap_update", {}, ()),
    *(("wire_resource_receiver_request_state", {"n": n}, ()) for n in (0, 2, 3)),
    ("wire_resource_receiver_proof_count", {}, ()),
    # Ours is asked for again when time has passed, which makes its window smaller.
    *(("wire_resource_request_next_content", {"variant": v}, ("window",)) for v in (
        "initial", "after_parts", "exhausted")),
    ("wire_resource_late_after_cancel", {}, ()),
    ("wire_resource_part_count_derivation", {}, ()),
    ("wire_resource_decompress_limit", {}, ()),
    # How far it grows depends on how fast the parts come.
    ("wire_resource_window_inheritance", {}, ("window_after_complete", "link_last_window",
                                              "window2_initial")),
    ("wire_resource_progress", {}, ()),
    ("wire_resource_force_collision", {}, ()),
    ("wire_resource_outgoing_queue_state", {}, ()),
]


def check_requested(result):
    assert result["requested"] == result["expected"]
    assert 1 <= len(result["requested"]) <= result["window"]


def check_inherited(result):
    assert 4 < result["window_after_complete"] == result["link_last_window"]
    assert result["window2_initial"] == result["window_after_complete"]


def check_remapped(result):
    assert result["random_hash_before"] != result["random_hash_after"]


CHECKS = {"wire_resource_request_next_content": check_requested,
          "wire_resource_window_inheritance": check_inherited,
          "wire_resource_force_collision": check_remapped}


def test_probes(start):
    ours, theirs = Linked(start("theirs"), start("ours")), Linked(start("ours"), start("theirs"))
    for command, params, free in PROBES:
        results = [pair.of_link(command, **params) for pair in (ours, theirs)]
        seen = [{k: v for k, v in result.items() if k not in RANDOM and k not in free}
                for result in results]
        assert seen[0] == seen[1], (command, params)
        for result in results:
            CHECKS.get(command, lambda _: None)(result)


def test_a_link_is_needed(start):
    bridge = start("ours")
    handle = bridge.call("wire_start_tcp_server")["handle"]
    for command in sorted({command for command, _, _ in PROBES}):
        answer = bridge.ask(command, handle=handle, link_id="00" * 16, variant="valid")
        assert answer["success"] is False and answer["error"], command
