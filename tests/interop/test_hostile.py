"""Peers that keep no rules. After each attack the node forwards for honest peers, has counted why
it refused, and holds no more memory than after the first round of the same attack. The reference
must have counted too, where it counts."""

import os
import random
import time

import pytest

import layouts
import nodes
import raw
import talk

LARGEST_FRAME = 16384 + 16  # of the reference over TCP, with its room for an access code
GROWTH = {True: 1 << 20, False: 16 << 20}  # bytes that may come between rounds: ours, the reference
ATTACKER = raw.Identity()


class Scene:
    """A and B beside the node in the middle, and an attacker on the interface of A or on one with
    an access code."""

    def __init__(self, net, **leg):
        net.profile = "router"  # its tables are small enough to be full after one round
        self.row = layouts.clients_of_one(net, a_leg=leg)
        self.middle = self.row.middles[0]
        self.attacker = raw.Client(self.middle.ports[0][0])

    def honest_traffic_crosses(self):
        dest = talk.announced(self.row.b, self.row.a, self.row.hops)
        talk.packet_proved(self.row.a, self.row.b, dest, self.row.hops)

    def counted(self, at_least, names):
        """So many frames have had one of these verdicts."""
        if self.middle.counts(names):

            def counted():
                return self.middle.verdicts(names) >= at_least

            nodes.wait_until(counted, nodes.START, f"{at_least} frames are counted as {names}")


def rounds(scene, attack, at_least=0, *names):
    """Two rounds of an attack, each with so many frames that get one of these verdicts: the first
    round may fill pools, the second finds them full."""
    attack()
    scene.counted(at_least, names)
    scene.honest_traffic_crosses()
    held = scene.middle.resident()
    attack()
    scene.counted(2 * at_least, names)
    scene.honest_traffic_crosses()
    assert scene.middle.resident() - held < GROWTH[scene.middle.ours]


def test_garbage_is_refused(net):
    scene, source = Scene(net), random.Random(3)

    def attack():
        scene.attacker.send(*(source.randbytes(source.randrange(1, 700)) for _ in range(2000)))

    rounds(scene, attack, 800, "ifac_stray")


def test_frames_too_short_for_a_packet_are_refused(net):
    scene = Scene(net)
    frames = [os.urandom(size) for size in range(1, 20)] * 20
    rounds(scene, lambda: scene.attacker.send(*frames), len(frames), "short")


@pytest.mark.parametrize("size", [LARGEST_FRAME + 1, 4 * LARGEST_FRAME, 1_000_000])
def test_oversize_frames_are_refused(net, size):
    scene = Scene(net)
    frame = raw.packet(raw.DATA, os.urandom(16), b"x" * size)
    rounds(scene, lambda: scene.attacker.send(*[frame] * 5), 5, "long", "overrun")


def test_frame_without_an_end_is_refused(net):
    scene = Scene(net)

    def attack():
        scene.attacker.write(b"\x7e")
        for _ in range(64):
            scene.attacker.write(b"\x55" * 131072)

    rounds(scene, attack, 1, "long", "overrun")
    dest, frame = raw.announce(ATTACKER, "reticule.after")
    scene.attacker.write(b"\x7e")
    scene.attacker.send(frame)
    path_is_learned(scene.row.b, dest)


def path_is_learned(agent, dest):
    agent.wait("announce", nodes.ANNOUNCE_HOP, dest=dest.hex())


def test_escape_at_the_end_of_a_frame_harms_nothing(net):
    scene = Scene(net)
    rounds(
        scene, lambda: scene.attacker.write(b"\x7e\x7d\x7e" + b"\x7d" * 600 + b"\x7e"), 1, "short"
    )


def test_announces_above_the_mtu_are_refused(net):
    scene = Scene(net)
    frames = [raw.announce(ATTACKER, f"reticule.large{n}", b"x" * 400)[1] for n in range(20)]
    assert len(frames[0]) > raw.MTU
    rounds(scene, lambda: scene.attacker.send(*frames), 20, "malformed", "bad_announce", "long")
    assert not scene.row.b.heard("announce")


def test_flood_of_forged_announces_keeps_no_honest_one_out(net):
    scene = Scene(net)

    def attack():
        forged = [raw.forged_announce(ATTACKER, f"reticule.forged{n}")[1] for n in range(500)]
        half = len(forged) // 2
        scene.attacker.send(*forged[:half])
        dest, honest = raw.announce(ATTACKER, f"reticule.honest{time.monotonic_ns()}")
        scene.attacker.send(honest, *forged[half:])
        path_is_learned(scene.row.b, dest)

    rounds(scene, attack, 500, "bad_signature")
    assert not scene.row.b.heard("announce")


def test_announce_of_anothers_destination_is_refused(net):
    """A valid signature, but the destination is not the hash of this key."""
    scene = Scene(net)
    victim = talk.announced(scene.row.b, scene.row.a, scene.row.hops)
    dest = bytes.fromhex(victim["dest"])

    def attack():
        head = (
            ATTACKER.public
            + raw.name_hash("reticule.interop.talk")
            + raw.random_blob(time.time() + 60)
        )
        frame = raw.packet(raw.ANNOUNCE, dest, head + ATTACKER.signing.sign(dest + head))
        scene.attacker.send(frame)

    rounds(scene, attack, 1, "bad_signature", "bad_announce")
    talk.packet_proved(scene.row.a, scene.row.b, victim, scene.row.hops)


def test_replayed_announces_are_learned_once(net):
    scene = Scene(net)
    dest, frame = raw.announce(ATTACKER, "reticule.replayed")
    witness = raw.Client(scene.middle.ports[1][0])
    rounds(scene, lambda: scene.attacker.send(*[frame] * 100), 99, "duplicate", "old")
    path_is_learned(scene.row.b, dest)
    assert not scene.row.b.heard("announce", dest=dest.hex())
    assert len(witness.announces(dest)) <= 2  # sent, and sent again once


@pytest.mark.parametrize("hops", [127, 128, 255])
def test_announces_from_the_end_of_the_world_go_no_further(net, hops):
    scene = Scene(net)

    def attack():
        scene.attacker.send(
            *(raw.announce(ATTACKER, f"reticule.far{n}", hops=hops)[1] for n in range(20))
        )

    rounds(scene, attack, *([20, "hops"] if hops > 127 else []))
    assert not scene.row.b.heard("announce")


def test_announce_with_126_hops_is_passed_on_as_the_last(net):
    scene = Scene(net)
    dest, frame = raw.announce(ATTACKER, "reticule.nearlyfar", hops=126)
    scene.attacker.send(frame)
    assert scene.row.b.wait("announce", nodes.ANNOUNCE_HOP, dest=dest.hex())["hops"] == 128


# What a frame is found to be that was unmasked with the code of another: our node makes its cheap
# checks before it checks the code.
UNMASKED = ("hops", "malformed", "not_for_us", "too_far", "bad_type")


def test_frames_without_the_access_code_are_refused(net):
    scene = Scene(net, **layouts.KEYED)

    def attack():
        open_frames = [raw.announce(ATTACKER, f"reticule.open{n}")[1] for n in range(50)]
        flagged = [bytes([frame[0] | raw.IFAC_FLAG]) + frame[1:] for frame in open_frames]
        scene.attacker.send(*open_frames, *flagged)

    rounds(scene, attack, 100, "ifac_missing", "ifac_wrong", *UNMASKED)
    assert not scene.row.b.heard("announce")


def test_frames_with_an_access_code_are_refused_where_none_is_set(net):
    scene = Scene(net)

    def attack():
        frames = [raw.announce(ATTACKER, f"reticule.closed{n}")[1] for n in range(50)]
        scene.attacker.send(*(bytes([frame[0] | raw.IFAC_FLAG]) + frame[1:] for frame in frames))

    rounds(scene, attack, 50, "ifac_stray")
    assert not scene.row.b.heard("announce")


def test_peer_with_another_passphrase_hears_nothing(net):
    row = layouts.clients_of_one(net, a_leg=layouts.KEYED)
    stranger = net.peer(
        "stranger",
        nodes.tcp_client(
            "up", row.middles[0].ports[0][0], network_name="reticule", passphrase="wrong"
        ),
    )
    dest = talk.destination(stranger)
    talk.announce(stranger, dest, "let me in")
    talk.announced(row.b, row.a, row.hops)
    assert not stranger.heard("announce")
    assert not row.a.heard("announce") and not row.b.heard("announce")


def test_plain_and_group_packets_that_travelled_are_refused(net):
    scene = Scene(net)

    def attack():
        frames = [
            raw.packet(raw.DATA, os.urandom(16), b"travelled", dest_type=kind, hops=2)
            for kind in (raw.PLAIN, raw.GROUP)
            for _ in range(20)
        ]
        scene.attacker.send(*frames)

    rounds(scene, attack, 40, "too_far")


def test_flood_of_path_requests_is_survived(net):
    scene = Scene(net, mode="gateway")

    def attack():
        scene.attacker.send(*(raw.path_request(os.urandom(16)) for _ in range(1000)))

    rounds(scene, attack)


def test_link_requests_to_nowhere_are_survived(net):
    scene = Scene(net)
    via = raw.Identity(scene.middle.identity_key()).hash

    def attack():
        known = talk.announced(scene.row.b, scene.row.a, scene.row.hops)["dest"]
        targets = [bytes.fromhex(known), os.urandom(16)] * 200
        scene.attacker.send(
            *(raw.packet(raw.LINK_REQUEST, dest, os.urandom(67), via=via) for dest in targets)
        )

    rounds(scene, attack, 200, "no_route")


def test_connections_that_come_and_go_leave_nothing(net):
    scene = Scene(net)
    port = scene.middle.ports[0][0]

    def attack():
        for _ in range(50):
            client = raw.Client(port)
            client.write(b"\x7e\x01\x02")
            client.close()

    rounds(scene, attack)


ELSEWHERE = bytes(16)  # a transport node that nobody is
REFUSED = {
    "empty": (raw.packet(raw.DATA, bytes(16), b"", via=ELSEWHERE), "malformed"),
    "half an address": (bytes([raw.HEADER_2, 0]) + bytes(30), "malformed"),
    "plain announce": (
        raw.packet(raw.ANNOUNCE, ELSEWHERE, bytes(148), dest_type=raw.PLAIN),
        "bad_type",
    ),
    "announce without a key": (
        raw.packet(raw.ANNOUNCE, ELSEWHERE, bytes(40)),
        "malformed",
        "bad_announce",
    ),
    "for another transport node": (
        raw.packet(raw.DATA, bytes(16), b"data", via=ELSEWHERE),
        "not_for_us",
    ),
    "path request without a tag": (
        raw.packet(raw.DATA, raw.PATH_REQUEST, bytes(16), dest_type=raw.PLAIN),
        "no_tag",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_packet_that_no_node_may_send_is_refused(net, name):
    scene = Scene(net)
    frame, *verdicts = REFUSED[name]
    rounds(scene, lambda: scene.attacker.send(frame), 1, *verdicts)


def test_data_on_a_link_without_a_proof_is_refused(net):
    scene = Scene(net)
    silent = raw.Client(scene.middle.ports[1][0])
    via = raw.Identity(scene.middle.identity_key()).hash
    dest, frame = raw.announce(raw.Identity(), "reticule.silent")
    silent.send(frame)
    path_is_learned(scene.row.a, dest)

    def attack():
        request = raw.packet(raw.LINK_REQUEST, dest, os.urandom(64), via=via)
        scene.attacker.send(request)
        link = raw.link_id(request)

        def asked():
            return any(raw.kind(frame) == raw.LINK_REQUEST for frame in list(silent.frames))

        nodes.wait_until(asked, nodes.LINK, "the link request has crossed")
        scene.attacker.send(raw.packet(raw.DATA, link, os.urandom(64), dest_type=raw.LINK))

    rounds(scene, attack, 1, "unproved_link")
    assert not any(
        raw.kind(frame) == raw.DATA
        for frame in silent.frames
        if raw.address(frame) != raw.PATH_REQUEST
    )
