"""Links of the agent around the reference."""

import RNS

REASONS = {
    RNS.Link.TIMEOUT: "timeout",
    RNS.Link.INITIATOR_CLOSED: "initiator",
    RNS.Link.DESTINATION_CLOSED: "destination",
}
STATES = ("pending", "handshake", "active", "stale", "closed")


class Links:
    def __init__(self):
        super().__init__()
        self.links = {}

    def link(self, link):
        return self.links[bytes.fromhex(link)]

    def cmd_link_open(self, dest):
        link = RNS.Link(
            self.outgoing[bytes.fromhex(dest)],
            established_callback=self.on_link,
            closed_callback=self.on_link_closed,
        )
        self.links[link.link_id] = link
        return {"link": link.link_id.hex()}

    def on_link(self, link):
        self.links[link.link_id] = link
        link.set_link_closed_callback(self.on_link_closed)
        link.set_remote_identified_callback(self.on_identified)
        link.set_packet_callback(lambda data, packet: self.on_link_packet(link, data, packet))
        self.prepare_channel(link)
        self.prepare_resources(link)
        self.emit(
            "link_open",
            link=link.link_id.hex(),
            initiator=link.initiator,
            dest=link.destination.hash.hex(),
            mtu=link.mtu,
            mdu=link.mdu,
            hops=RNS.Transport.hops_to(link.destination.hash) if link.initiator else None,
        )

    def on_link_closed(self, link):
        reason = REASONS.get(link.teardown_reason, "other")
        self.emit("link_closed", link=link.link_id.hex(), reason=reason)

    def on_identified(self, link, identity):
        self.emit("link_identified", link=link.link_id.hex(), identity=identity.hash.hex())

    def on_link_packet(self, link, data, packet):
        packet.prove()
        self.emit("link_packet", link=link.link_id.hex(), data=data.hex())

    def cmd_link_send(self, link, data, timeout=None):
        return self.send(self.link(link), data, timeout)

    def cmd_link_identify(self, link, private):
        identity = self.identity(private)
        self.link(link).identify(identity)
        return {"identity": identity.hash.hex()}

    def cmd_link_close(self, link):
        self.link(link).teardown()

    def cmd_link_info(self, link):
        link = self.link(link)
        identity = None if link.initiator else link.get_remote_identity()
        return {
            "state": STATES[link.status],
            "mtu": link.mtu,
            "mdu": getattr(link, "mdu", None),
            "rtt": link.rtt or 0,
            "keepalive": link.keepalive,
            "identity": identity and identity.hash.hex(),
        }
