"""The row of test_chain over UDP."""

import layouts
import talk

UDP_LINK_MTU = 500  # no larger one is agreed over UDP


def test_announces_and_packets_cross_udp(net):
    row = layouts.over_udp(net)
    for speaker, listener in ((row.b, row.a), (row.a, row.b)):
        dest = talk.announced(speaker, listener, row.hops)
        talk.packet_proved(listener, speaker, dest, row.hops)


def test_link_and_resource_cross_udp(net):
    row = layouts.over_udp(net)
    dest = talk.announced(row.b, row.a, row.hops)
    assert talk.link_conversation(row.a, row.b, dest)["mtu"] == UDP_LINK_MTU
    talk.resource_crossed(row.a, row.b, dest, 50_000)


def test_udp_and_tcp_legs_meet(net):
    row = layouts.udp_and_tcp(net)
    dest = talk.announced(row.b, row.a, row.hops)
    talk.packet_proved(row.a, row.b, dest, row.hops)
    assert talk.resource_crossed(row.a, row.b, dest, 50_000)["mtu"] == UDP_LINK_MTU
