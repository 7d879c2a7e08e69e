// rules.h -- what has changed in the reference since its version 1.3, of all that the core and the
// host do: each constant and each rule once, by name, with its place there.
//
// The library follows today's reference. A build with RNS_REFERENCE_1_3 follows 1.3.1; it serves
// only to be compared with that version. A rule stands in conditions, which fold: both branches are
// compiled in either build.
#ifndef RNSI_RULES_H_INCLUDED
#define RNSI_RULES_H_INCLUDED

#ifdef RNS_REFERENCE_1_3
#define RNSI_RULE(then, now) (then)
#else
#define RNSI_RULE(then, now) (now)
#endif

// ---- Packets and frames

// Bytes that a packet must have behind its head (Packet.unpack).
#define RNSI_DATA_LEAST RNSI_RULE(0U, 1U)
// A packet with a hop byte above 127 is malformed (Packet.unpack).
#define RNSI_HOP_BYTE_IS_LIMITED RNSI_RULE(false, true)
// PLAIN and GROUP packets may have one hop, not counting the one to us (Transport.packet_filter).
#define RNSI_HOP_LIMIT_IS_RAW RNSI_RULE(false, true)
// A frame may not be larger than its interface's MTU (Transport.preprocess_inbound).
#define RNSI_FRAMES_ARE_LIMITED RNSI_RULE(false, true)
// Nor does a reader of HDLC hand a larger one up (TCPClientInterface.check_frame_len).
#define RNSI_HDLC_FRAMES_ARE_LIMITED RNSI_RULE(false, true)
// How far above the bound of an MTU a bitrate has to be, but of the highest, in bit/s
// (Interface.optimise_mtu).
#define RNSI_MTU_STEP RNSI_RULE(1U, 0U)

// ---- Announces

// Of one interface, that wait for air time, and how long (Reticulum.MAX_QUEUED_ANNOUNCES,
// QUEUED_ANNOUNCE_LIFE).
#define RNSI_MAX_QUEUED_ANNOUNCES  RNSI_RULE(16384U, 4096U)
#define RNSI_QUEUED_ANNOUNCE_HOURS RNSI_RULE(24, 3)
// One of others goes out nowhere once its path is gone, not only not where it would matter what
// that path was (Transport.outbound).
#define RNSI_ANNOUNCE_NEEDS_PATH RNSI_RULE(false, true)
// With more hops none is held back (Interface.hold_announce).
#define RNSI_HELD_HOPS_MAX RNSI_RULE(254U, 126U)
// A burst of announces ends only while there are six samples (Interface.IC_BURST_MIN_SAMPLES).
#define RNSI_BURST_END_IS_SAMPLED RNSI_RULE(true, false)
// A burst lasts for its time from the last check that found it, not from its beginning
// (Interface.should_ingress_limit, should_ingress_limit_pr).
#define RNSI_BURST_IS_SUSTAINED RNSI_RULE(false, true)
// Quiet checks that are needed before the one that ends a burst of path requests
// (Interface.should_ingress_limit_pr).
#define RNSI_QUIET_CHECKS RNSI_RULE(0U, 3U)
// Share of its bitrate that a connection of a listener gives to announces, in millionths; 0: that
// of the listener (Transport.outbound; TCPServerInterface.incoming_connection).
#define RNSI_SPAWNED_CAP_PPM RNSI_RULE(2000000U, 0U)

// ---- Path requests

// How long one is remembered, in s (Transport.PATH_REQUEST_GATE_TIMEOUT).
#define RNSI_ASK_GATE_S RNSI_RULE(120, 45)
// While one is in flight, others for its destination join it (Transport.inflight_path_requests).
#define RNSI_ASKS_ARE_BATCHED RNSI_RULE(false, true)
// One that is repeated does not count for a burst (Transport.preprocess_inbound).
#define RNSI_ASKS_COUNT_ONCE RNSI_RULE(false, true)
// Those of an interface in a burst wait apart (Transport.TC_INGRESS_LIMITED).
#define RNSI_ASKS_WAIT_APART RNSI_RULE(false, true)
// A search ends with its answer; else each announce answers until its time is over
// (Transport.discovery_path_requests).
#define RNSI_ANSWER_ENDS_SEARCH RNSI_RULE(false, true)
// That time is longer over slow interfaces (Transport.medium_path_timeout).
#define RNSI_SEARCH_MINDS_BITRATE RNSI_RULE(false, true)
// BOUNDARY interfaces search outwards for what they don't know (Interface.BOUNDARY_SEARCH_MODES).
#define RNSI_BOUNDARY_SEARCHES RNSI_RULE(false, true)
// Samples that egress control needs, and requests that it counts ahead of their time
// (Interface.EC_BURST_MIN_SAMPLES, outgoing_pr_frequency).
#define RNSI_EGRESS_SAMPLES RNSI_RULE(6U, 2U)
#define RNSI_EGRESS_AHEAD   RNSI_RULE(0U, 1U)

// ---- Links

// Packets of a link of others pass only after its proof (Transport.inbound).
#define RNSI_RELAY_NEEDS_PROOF RNSI_RULE(false, true)
// The bitrate of the way out says how long that proof may take, not that of the way in
// (Transport.extra_link_proof_timeout).
#define RNSI_PROOF_GOES_BY_OUTBOUND RNSI_RULE(false, true)
// A proof that came over another number of hops than expected corrects it
// (Transport.ALLOW_LINK_PATH_REBALANCE).
#define RNSI_LINKS_REBALANCE RNSI_RULE(false, true)
// The initiator also sends a keepalive when only itself was silent (Link.__watchdog_job).
#define RNSI_PINGS_WHEN_SILENT RNSI_RULE(false, true)
// The responder answers one only when it was silent itself (Link.receive).
#define RNSI_PONGS_WHEN_SILENT RNSI_RULE(false, true)
// The first identity that a peer shows is its own for good (Link.receive).
#define RNSI_PEER_STAYS RNSI_RULE(false, true)
// One that is shut out ends the link (Link.receive).
#define RNSI_BLACKHOLE_ENDS_LINKS RNSI_RULE(false, true)

// ---- Channels, requests and resources

// A message beyond the largest window is dropped (Channel._receive).
#define RNSI_CHANNEL_IS_BOUNDED RNSI_RULE(false, true)
// Bytes of a stream in one message, whatever fits in (StreamDataMessage.MAX_DATA_LEN).
#define RNSI_STREAM_CHUNK_MOST RNSI_RULE(423U, UINT32_MAX)
// A request in a resource is only taken if something answers requests there (Link.receive).
#define RNSI_OFFERS_NEED_HANDLER RNSI_RULE(false, true)
// An offer that cannot be read ends the link (Link.receive).
#define RNSI_BAD_OFFER_ENDS_LINK RNSI_RULE(false, true)
// Map hashes that were not asked for are ignored (Resource.hashmap_update_packet).
#define RNSI_MAPS_ARE_ASKED_FOR RNSI_RULE(false, true)
// Parts at the start of the window that are known to be there (Resource.receive_part).
#define RNSI_PARTS_SEARCHED_AGAIN RNSI_RULE(1U, 0U)
// A receiver that gives up says so (Resource.cancel).
#define RNSI_CANCELS_ARE_TOLD RNSI_RULE(false, true)
// The number of a status (Resource.REJECTED).
#define RNSI_RESOURCE_REJECTED RNSI_RULE(0, 9)

// ---- Keys and configuration

// Ratchets are cut to as many as are to be retained, not to 512 (Destination._clean_ratchets).
#define RNSI_RATCHETS_AS_RETAINED RNSI_RULE(false, true)
// Without transport a node has another identity each time it starts (Transport.start).
#define RNSI_IDENTITY_CHANGES RNSI_RULE(false, true)
// The name or passphrase `None` of a network is none (Reticulum._synthesize_interface).
#define RNSI_NONE_IS_NO_NAME RNSI_RULE(false, true)
// link_mtu_discovery = no has an effect (Reticulum.__apply_config).
#define RNSI_LINK_MTU_CAN_BE_OFF RNSI_RULE(false, true)
// interface_mode = gateway looks at `mode` and fails without it. A defect, which is still there
// today; we have it only to be compared (Reticulum._synthesize_interface).
#define RNSI_GATEWAY_NEEDS_MODE RNSI_RULE(true, false)

// What a listener of BackboneInterface guesses, in bit/s (BackboneInterface.BITRATE_GUESS).
#define RNSI_BACKBONE_BITRATE RNSI_RULE(1000000000U, 100000000U)

#endif
