// wire_link_probe.c -- commands: the limits of a link, its keepalives, its signal values, its end.
#include <stdio.h>
#include <string.h>

#include "session/link.h"
#include "testing_session.h"
#include "wire/link.h"
#include "wire_scratch.h"

#define SETTLE_MS 100  // for what was sent to be taken by its interface
#define SEEN_MS   1000 // ... what surely was sent

#define PING 0xFFU // the initiator's keepalive; the responder answers it with one less

static bool never(void *user) {
    (void)user;
    return false;
}

// ---- Sizes

static json_t *send_oversize(call_t *call) {
    wire_t *wire = wire_of(call);
    session_t *session = wire == NULL ? NULL : session_of(call, wire);
    int64_t size;
    if (session == NULL || !call_int(call, "size", 0, 1 << 22, &size)) {
        return NULL;
    }
    uint8_t *data = call_alloc(call, (size_t)size + 1);
    bridge_random(data, (size_t)size);
    const rns_link_info_t *info = session_look(wire, session);
    const rns_err_t err = rns_link_send(wire->node, clock_now(), session->handle,
                                        (rns_bytes_t){data, (size_t)size}, NULL);
    daemon_wake(wire->daemon);
    if (err != RNS_ERR_OK && err != RNS_ERR_SIZE) {
        return call_fail_err(call, "the packet", err);
    }
    const size_t raw = RNSI_HEADER_MINSIZE + rnsi_token_size((size_t)size);
    char error[128];
    (void)snprintf(error, sizeof error, "%s: a packet of %zu bytes on a link with an MTU of %u",
                   rns_err_text(err), raw, info->mtu);
    json_t *why = err == RNS_ERR_OK ? json_null() : json_string(error);
    json_t *length = err == RNS_ERR_OK ? json_integer((json_int_t)raw) : json_null();
    return json_pack("{s:i, s:i, s:i, s:b, s:b, s:o, s:I, s:o}", "mtu", (int)info->mtu,
                     "packet_mtu", (int)info->mtu, "mdu", (int)info->mdu, "sent", err == RNS_ERR_OK,
                     "rejected", err == RNS_ERR_SIZE, "error", why, "size", (json_int_t)size,
                     "raw_len", length);
}

static json_t *send_over_closed(call_t *call) {
    wire_t *wire = wire_of(call);
    session_t *session = wire == NULL ? NULL : session_of(call, wire);
    rns_mem_t data = {NULL, 0};
    if (session == NULL || !call_maybe_hex(call, "data", &data)) {
        return NULL;
    }
    (void)wire_wait(wire, SETTLE_MS, never, NULL); // what went before it
    const uint64_t before = session->tx_bytes;
    const rns_link_state_t state = session_look(wire, session)->state;
    const rns_err_t err = rns_link_send(wire->node, clock_now(), session->handle,
                                        (rns_bytes_t){data.data, data.size}, NULL);
    (void)wire_wait(wire, SETTLE_MS, never, NULL);
    return json_pack("{s:i, s:s, s:b, s:I}", "link_status", (int)state, "link_status_name",
                     link_state_name(state), "sent", err == RNS_ERR_OK, "bytes_transmitted",
                     (json_int_t)(session->tx_bytes - before));
}

// ---- Keepalives

static bool has_spoken(void *user) {
    const session_t *session = user;
    return session->keepalive >= 0;
}

static json_t *keepalive_of(const session_t *session) {
    const uint8_t byte = (uint8_t)session->keepalive;
    return session->keepalive < 0 ? json_null() : hex_of(&byte, 1);
}

// A byte in a keepalive packet, as it comes over the link's own interface.
static void put_keepalive(call_t *call, wire_t *wire, const session_t *session, uint8_t byte,
                          const rns_phy_t *phy) {
    const rns_mem_t frame = frame_of(call, RNSI_DEST_LINK, RNSI_TYPE_DATA, RNSI_CONTEXT_KEEPALIVE,
                                     &session->id, (rns_bytes_t){&byte, 1});
    (void)rnst_feed(wire->node, clock_now(), session->info.iface,
                    (rns_bytes_t){frame.data, frame.size}, phy);
    daemon_wake(wire->daemon);
}

static json_t *send_keepalive_probe(call_t *call) {
    wire_t *wire = wire_of(call);
    session_t *session = wire == NULL ? NULL : any_session_of(call, wire);
    uint8_t byte = PING;
    if (session == NULL || (call_has(call, "value") && !call_hex_of(call, "value", &byte, 1))) {
        return NULL;
    }
    const rns_link_info_t before = *session_look(wire, session);
    (void)wire_wait(wire, 1, never, NULL); // later than what was before
    session->keepalive = -1;
    put_keepalive(call, wire, session, byte, NULL);
    const rns_link_info_t after = *session_look(wire, session);
    const bool answered = after.tx_packets > before.tx_packets;
    if (answered) {
        (void)wire_wait(wire, SEEN_MS, has_spoken, session);
    }
    return json_pack("{s:o, s:b, s:b, s:b, s:b, s:i, s:i}", "response",
                     answered ? keepalive_of(session) : json_null(), "answered", answered,
                     "initiator", after.initiator, "last_inbound_advanced",
                     after.last_inbound > before.last_inbound, "last_data_advanced",
                     after.last_data > before.last_data, "status_before", (int)before.state,
                     "status_after", (int)after.state);
}

static json_t *last_keepalive(call_t *call) {
    wire_t *wire = wire_of(call);
    session_t *session = wire == NULL ? NULL : any_session_of(call, wire);
    return session == NULL ? NULL : json_pack("{s:o}", "payload", keepalive_of(session));
}

// ---- Signal values

static json_t *phy_of(wire_t *wire, session_t *session) {
    const rns_phy_t *phy = &session_look(wire, session)->phy;
    json_t *rssi = (phy->has & RNS_PHY_RSSI) != 0 ? json_integer(phy->rssi_dbm) : json_null();
    json_t *snr = (phy->has & RNS_PHY_SNR) != 0 ? json_integer(phy->snr_qdb / 4) : json_null();
    json_t *quality =
        (phy->has & RNS_PHY_QUALITY) != 0 ? json_integer(phy->quality_permille / 10) : json_null();
    return json_pack("{s:o, s:o, s:o}", "rssi", rssi, "snr", snr, "q", quality);
}

// What is told of a link after a packet with these values came, tracked or not.
static json_t *phy_after(call_t *call, wire_t *wire, session_t *session, bool is_tracked,
                         const rns_phy_t *phy) {
    (void)rns_link_track_phy(wire->node, session->handle, is_tracked);
    // What the peer says is never our own, heard back.
    put_keepalive(call, wire, session, session->info.initiator ? PING - 1 : PING, phy);
    return phy_of(wire, session);
}

static json_t *link_phy_stats_gate(call_t *call) {
    static const rns_phy_t PHY = {
        .rssi_dbm = -87,
        .snr_qdb = 24,
        .quality_permille = 880,
        .has = RNS_PHY_RSSI | RNS_PHY_SNR | RNS_PHY_QUALITY,
    };
    wire_t *wire = wire_of(call);
    session_t *session = wire == NULL ? NULL : any_session_of(call, wire);
    if (session == NULL) {
        return NULL;
    }
    json_t *off = phy_after(call, wire, session, false, &PHY);
    json_t *on = phy_after(call, wire, session, true, &PHY);
    json_t *off_again = phy_after(call, wire, session, false, &PHY);
    json_t *stored = json_pack("{s:i, s:i, s:i}", "rssi", PHY.rssi_dbm, "snr", PHY.snr_qdb / 4, "q",
                               PHY.quality_permille / 10);
    return json_pack("{s:o, s:o, s:o, s:o}", "stored", stored, "off", off, "on", on, "off_again",
                     off_again);
}

// ---- What links lead to

// Whether a link may be asked for; it does not stay.
static json_t *try_link(wire_t *wire, const rns_hash_t *destination) {
    rns_link_t link;
    const rns_err_t err = rns_link_open(wire->node, clock_now(), destination, &link);
    if (err == RNS_ERR_OK) {
        (void)rns_link_close(wire->node, clock_now(), link);
        return json_pack("{s:b, s:n, s:b}", "raised", 0, "error", "link_created", 1);
    }
    char error[128];
    (void)snprintf(error, sizeof error, "%s%s",
                   err == RNS_ERR_ARG ? "links lead to single destinations only: " : "",
                   rns_err_text(err));
    return json_pack("{s:b, s:s, s:b}", "raised", 1, "error", error, "link_created", 0);
}

// The same for a destination of ours of this type.
static json_t *try_type(wire_t *wire, const rns_dest_config_t *config) {
    rns_dest_t handle;
    rns_hash_t hash;
    const rns_err_t err = rns_dest_add(wire->node, clock_now(), config, &handle);
    if (err != RNS_ERR_OK) {
        return NULL;
    }
    (void)rns_dest_hash(wire->node, handle, &hash);
    json_t *result = try_link(wire, &hash);
    (void)rns_dest_remove(wire->node, handle);
    return result;
}

static json_t *link_type_gate(call_t *call) {
    wire_t *wire = wire_of(call);
    fresh_t single;
    scratch_t scratch;
    uint8_t key[RNSI_TOKEN_KEY];
    if (wire == NULL || !scratch_open(call, wire, &scratch)) {
        return NULL;
    }
    if (!fresh_known(call, wire, "link-type-gate", &single)) {
        scratch_close(&scratch);
        return NULL;
    }
    json_t *of_single = try_link(wire, &single.hash);
    fresh_close(&single);
    scratch_close(&scratch);
    bridge_random(key, sizeof key);
    json_t *of_plain = try_type(
        wire, &(rns_dest_config_t){.name = "conformance.link-type-gate", .type = RNS_DEST_PLAIN});
    json_t *of_group = try_type(wire, &(rns_dest_config_t){.name = "conformance.link-type-gate",
                                                           .type = RNS_DEST_GROUP,
                                                           .group_key = {key, sizeof key}});
    json_t *result =
        json_pack("{s:o, s:o, s:o}", "single", of_single, "plain", of_plain, "group", of_group);
    return result != NULL ? result : call_fail(call, "a destination could not be added");
}

// ---- The end

static bool has_closed(void *user) {
    const session_t *session = user;
    return session->closes > 0;
}

static json_t *link_teardown_emission(call_t *call) {
    wire_t *wire = wire_of(call);
    session_t *active = wire == NULL ? NULL : session_of(call, wire);
    fresh_t fresh;
    if (active == NULL || !fresh_known(call, wire, "teardown-emit", &fresh)) {
        return NULL;
    }
    session_t *pending = link_ask(call, wire, &fresh.hash);
    if (pending == NULL) {
        fresh_close(&fresh);
        return NULL;
    }
    const char *before = link_state_name(session_look(wire, active)->state);
    const uint32_t earlier = active->closes;
    (void)rns_link_close(wire->node, clock_now(), pending->handle);
    (void)rns_link_close(wire->node, clock_now(), active->handle);
    daemon_wake(wire->daemon);
    (void)wire_wait(wire, SEEN_MS, has_closed, active);
    (void)wire_wait(wire, SETTLE_MS, never, NULL); // nor any other
    fresh_close(&fresh);
    return json_pack("{s:i, s:i, s:s}", "pending_linkclose_emitted", (int)pending->closes,
                     "active_linkclose_emitted", (int)(active->closes - earlier),
                     "active_status_before", before);
}

const command_entry_t WIRE_LINK_PROBE_COMMANDS[] = {
    {"wire_send_oversize_link_packet", send_oversize},
    {"wire_send_over_closed_link", send_over_closed},
    {"wire_send_keepalive_probe", send_keepalive_probe},
    {"wire_last_keepalive", last_keepalive},
    {"wire_link_phy_stats_gate", link_phy_stats_gate},
    {"wire_link_type_gate", link_type_gate},
    {"wire_link_teardown_emission", link_teardown_emission},
    {NULL, NULL},
};
