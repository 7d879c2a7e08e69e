// wire_link_forge.c -- see wire_link_forge.h. Commands: packets of links as no peer would send
// them, made from genuine ones.
#include <string.h>

#include "crypto/identity.h"
#include "testing_session.h"
#include "wire/link.h"
#include "wire_link_forge.h"

#define UNRELATED "something else altogether"

static const char *read_variant(call_t *call, const char *name, const char *const *variants,
                                size_t count) {
    const char *text;
    if (!call_text(call, name, &text)) {
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        if (strcmp(variants[i], text) == 0) {
            return variants[i];
        }
    }
    return call_fail(call, "there is no variant '%s'", text);
}

#define READ_VARIANT(call, name, variants)                                                         \
    read_variant(call, name, variants, sizeof(variants) / sizeof *(variants))

static bool is(const char *variant, const char *name) {
    return strcmp(variant, name) == 0;
}

// A frame as it comes over the link's own interface.
static void put(wire_t *wire, const session_t *session, rns_mem_t frame) {
    (void)rnst_feed(wire->node, clock_now(), session->info.iface,
                    (rns_bytes_t){frame.data, frame.size}, NULL);
    daemon_wake(wire->daemon);
}

// ---- The proof that opens a link

void asked_close(asked_t *asked) {
    (void)rns_link_close(asked->fresh.wire->node, clock_now(), asked->link);
    session_drop(asked->fresh.wire, &asked->id);
    fresh_close(&asked->fresh);
    scratch_close(&asked->scratch);
}

bool asked_open(call_t *call, wire_t *wire, asked_t *asked) {
    *asked = (asked_t){0};
    if (!scratch_open(call, wire, &asked->scratch)) {
        return false;
    }
    if (!fresh_known(call, wire, "lrproof", &asked->fresh)) {
        scratch_close(&asked->scratch);
        return false;
    }
    const rns_err_t err = rns_link_open(wire->node, clock_now(), &asked->fresh.hash, &asked->link);
    rns_link_info_t info;
    if (err != RNS_ERR_OK || rns_link_info(wire->node, asked->link, &info) != RNS_ERR_OK) {
        (void)call_fail_err(call, "the link", err);
        asked_close(asked);
        return false;
    }
    asked->id = info.id;
    return true;
}

rns_mem_t asked_proof(call_t *call, const asked_t *asked, const char *variant) {
    const rnsi_crypto_t *c = &call->bridge->crypto;
    const bool is_long = is(variant, "mode_mismatch");
    const rnsi_signalling_t signalling = {RNS_MTU, RNSI_LINK_MODE_AES256, is_long};
    uint8_t secret[32], proof[RNSI_LINK_PROOF], text[RNSI_LINK_SIGNED];
    bridge_random(secret, sizeof secret);
    c->v->x25519_public(c->self, proof + RNSI_IDENTITY_SIG, secret);
    size_t size = rnsi_link_signed(text, asked->id.b, proof + RNSI_IDENTITY_SIG,
                                   asked->fresh.pub + 32, signalling);
    if (is(variant, "wrong_signed_data")) {
        size = sizeof UNRELATED - 1;
        memcpy(text, UNRELATED, size);
    }
    rns_secret_t signer = asked->fresh.secret;
    if (is(variant, "forged_signature")) {
        bridge_random(&signer, sizeof signer);
    }
    rns_identity_sign(asked->fresh.wire->node, &signer, (rns_bytes_t){text, size}, proof);
    rnsi_signalling_put(proof + RNSI_IDENTITY_SIG + 32, RNS_MTU, RNSI_LINK_MODE_AES256 + 1);
    size = is_long ? sizeof proof : sizeof proof - RNSI_SIGNALLING;
    size -= is(variant, "wrong_size");
    return frame_of(call, RNSI_DEST_LINK, RNSI_TYPE_PROOF, RNSI_CONTEXT_LRPROOF, &asked->id,
                    (rns_bytes_t){proof, size});
}

static json_t *inject_crafted_lrproof(call_t *call) {
    static const char *const VARIANTS[] = {"valid",         "forged_signature", "wrong_signed_data",
                                           "mode_mismatch", "wrong_size",       "non_pending"};
    wire_t *wire = wire_of(call);
    const char *variant = wire == NULL ? NULL : READ_VARIANT(call, "variant", VARIANTS);
    asked_t asked;
    if (variant == NULL || !asked_open(call, wire, &asked)) {
        return NULL;
    }
    const rns_mem_t frame = asked_proof(call, &asked, variant);
    if (is(variant, "non_pending")) {
        (void)rns_link_close(wire->node, clock_now(), asked.link);
    }
    (void)scratch_put(&asked.scratch, frame);
    rns_link_info_t info = {.state = RNS_LINK_CLOSED};
    (void)rns_link_info(wire->node, asked.link, &info);
    asked_close(&asked);
    json_t *mtu = info.mtu > 0 ? json_integer(info.mtu) : json_null();
    return json_pack("{s:s, s:b, s:i, s:s, s:o, s:i}", "variant", variant, "activated",
                     info.state == RNS_LINK_ACTIVE, "status", (int)info.state, "status_name",
                     link_state_name(info.state), "mtu", mtu, "mode", (int)RNSI_LINK_MODE_AES256);
}

// ---- Who the peer is

// What an initiator sends to identify, as this variant of it; its size.
static size_t identity_of(wire_t *wire, const session_t *session, const char *variant,
                          uint8_t data[RNSI_LINK_IDENTITY], rns_hash_t *claimed) {
    rns_secret_t secret;
    uint8_t text[RNSI_LINK_PEER_SIGNED];
    size_t size = sizeof text;
    bridge_random(&secret, sizeof secret);
    rns_identity_public(wire->node, &secret, data, claimed);
    memcpy(text, session->id.b, sizeof session->id.b);
    memcpy(text + sizeof session->id.b, data, RNSI_IDENTITY_PUB);
    if (is(variant, "wrong_signed_data")) {
        size = sizeof UNRELATED - 1;
        memcpy(text, UNRELATED, size);
    }
    if (is(variant, "forged_signature")) {
        bridge_random(&secret, sizeof secret);
    }
    rns_identity_sign(wire->node, &secret, (rns_bytes_t){text, size}, data + RNSI_IDENTITY_PUB);
    return is(variant, "wrong_length") ? 96 : RNSI_LINK_IDENTITY;
}

static json_t *inject_crafted_link_identify(call_t *call) {
    static const char *const VARIANTS[] = {"valid", "forged_signature", "wrong_signed_data",
                                           "wrong_length"};
    wire_t *wire = wire_of(call);
    session_t *session = wire == NULL ? NULL : any_session_of(call, wire);
    const char *variant = session == NULL ? NULL : READ_VARIANT(call, "variant", VARIANTS);
    if (variant == NULL) {
        return NULL;
    }
    uint8_t data[RNSI_LINK_IDENTITY];
    rns_hash_t claimed;
    const size_t size = identity_of(wire, session, variant, data, &claimed);
    const rns_mem_t frame =
        link_frame(call, wire, session, RNSI_CONTEXT_LINKIDENTIFY, (rns_bytes_t){data, size});
    if (frame.data == NULL) {
        return NULL;
    }
    (void)session_look(wire, session);
    put(wire, session, frame);
    const rns_link_info_t *info = session_look(wire, session);
    const bool adopted = info->has_peer && memcmp(info->peer.b, claimed.b, sizeof claimed.b) == 0;
    return json_pack("{s:s, s:o, s:o, s:b, s:b}", "variant", variant, "claimed_identity_hash",
                     hex_of_hash(&claimed), "remote_identity_after",
                     info->has_peer ? hex_of_hash(&info->peer) : json_null(), "adopted", adopted,
                     "initiator", info->initiator);
}

// ---- Its end

static json_t *send_forged_link_close(call_t *call) {
    wire_t *wire = wire_of(call);
    session_t *session = wire == NULL ? NULL : any_session_of(call, wire);
    rns_mem_t id;
    if (session == NULL || !call_hex(call, "forged_id", &id)) {
        return NULL;
    }
    const rns_link_state_t before = session_look(wire, session)->state;
    const rns_mem_t frame =
        link_frame(call, wire, session, RNSI_CONTEXT_LINKCLOSE, (rns_bytes_t){id.data, id.size});
    if (frame.data == NULL) {
        return NULL;
    }
    put(wire, session, frame);
    const rns_link_state_t after = session_look(wire, session)->state;
    return json_pack("{s:b, s:i, s:i, s:s, s:o, s:o}", "torn_down",
                     before != RNS_LINK_CLOSED && after == RNS_LINK_CLOSED, "status_before",
                     (int)before, "status_after", (int)after, "status_name_after",
                     link_state_name(after), "forged_id", hex_of_mem(id), "real_link_id",
                     hex_of_hash(&session->id));
}

// ---- Its packets

// Damages a packet; whether it is still one.
static bool damage(rns_mem_t *frame, const char *corruption) {
    rnsi_packet_t packet;
    if (is(corruption, "ciphertext")) {
        frame->data[RNSI_HEADER_MINSIZE + RNSI_TOKEN_IV] ^= 1U;
    }
    if (is(corruption, "hmac")) {
        frame->data[frame->size - 1] ^= 1U;
    }
    if (is(corruption, "truncate")) {
        frame->size = RNSI_HEADER_MINSIZE + RNSI_TOKEN_IV;
    }
    if (is(corruption, "replay_reflag")) { // the same bytes, said to be for a PLAIN destination
        frame->data[0] = rnsi_packet_flags(RNSI_HEADER_1, false, RNSI_TRANSPORT_BROADCAST,
                                           RNSI_DEST_PLAIN, RNSI_TYPE_DATA);
        rnsi_packet_set_hops(*frame, 0);
    }
    return rnsi_packet_parse(*frame, &packet);
}

static bool put_foreign(call_t *call, wire_t *wire, rns_mem_t frame) {
    scratch_t scratch;
    if (!scratch_open(call, wire, &scratch)) {
        return false;
    }
    (void)scratch_put(&scratch, frame);
    scratch_close(&scratch);
    return true;
}

// The parameter data in a packet of the link; of a replay the packet that came before it.
static rns_mem_t data_frame(call_t *call, wire_t *wire, session_t *session, bool replays) {
    rns_mem_t data = {NULL, 0};
    if (!call_maybe_hex(call, "data", &data)) {
        return (rns_mem_t){NULL, 0};
    }
    if (replays && session->pristine != NULL) {
        rns_mem_t frame = {NULL, 0};
        return call_element(call, session->pristine, &frame) ? frame : (rns_mem_t){NULL, 0};
    }
    return link_frame(call, wire, session, RNSI_CONTEXT_NONE, (rns_bytes_t){data.data, data.size});
}

static json_t *inject_tampered_link_data(call_t *call) {
    static const char *const CORRUPTIONS[] = {
        "none",          "ciphertext",        "hmac",
        "truncate",      "foreign_interface", "pristine_link_inbound",
        "replay_reflag",
    };
    wire_t *wire = wire_of(call);
    session_t *session = wire == NULL ? NULL : any_session_of(call, wire);
    const char *corruption = session == NULL ? NULL
                             : call_has(call, "corruption")
                                 ? READ_VARIANT(call, "corruption", CORRUPTIONS)
                                 : CORRUPTIONS[0];
    if (corruption == NULL) {
        return NULL;
    }
    const bool replays = is(corruption, "replay_reflag"), reused = session->pristine != NULL;
    rns_mem_t frame = data_frame(call, wire, session, replays);
    if (frame.data == NULL) {
        return NULL;
    }
    if (is(corruption, "pristine_link_inbound")) {
        json_decref(session->pristine);
        session->pristine = hex_of_mem(frame);
    }
    const bool unpacked = damage(&frame, corruption);
    json_t *raw = hex_of_mem(frame); // it is decrypted in place
    (void)session_look(wire, session);
    const uint32_t before = session->delivered;
    if (!is(corruption, "foreign_interface")) {
        put(wire, session, frame);
    } else if (!put_foreign(call, wire, frame)) {
        json_decref(raw);
        return NULL;
    }
    const rns_link_state_t state = session_look(wire, session)->state;
    return json_pack("{s:s, s:b, s:b, s:b, s:s, s:o, s:b}", "corruption", corruption, "unpacked",
                     unpacked, "delivered", session->delivered > before, "link_active",
                     state == RNS_LINK_ACTIVE, "status_name", link_state_name(state), "raw_hex",
                     raw, "reused_raw", replays && reused);
}

static json_t *inject_closed_link_data(call_t *call) {
    wire_t *wire = wire_of(call);
    session_t *session = wire == NULL ? NULL : any_session_of(call, wire);
    if (session == NULL) {
        return NULL;
    }
    const uint32_t start = session->delivered;
    const rns_mem_t open = data_frame(call, wire, session, false);
    const rns_mem_t late = data_frame(call, wire, session, false);
    if (open.data == NULL || late.data == NULL) {
        return NULL;
    }
    (void)session_look(wire, session);
    put(wire, session, open);
    const uint32_t before = session->delivered;
    (void)rns_link_close(wire->node, clock_now(), session->handle);
    put(wire, session, late);
    const rns_link_state_t state = session_look(wire, session)->state;
    return json_pack("{s:b, s:b, s:b, s:s}", "delivered_before", before > start, "delivered",
                     session->delivered > before, "link_closed", state == RNS_LINK_CLOSED,
                     "status_name", link_state_name(state));
}

const command_entry_t WIRE_LINK_FORGE_COMMANDS[] = {
    {"wire_inject_crafted_lrproof", inject_crafted_lrproof},
    {"wire_inject_crafted_link_identify", inject_crafted_link_identify},
    {"wire_send_forged_link_close", send_forged_link_close},
    {"wire_inject_tampered_link_data", inject_tampered_link_data},
    {"wire_inject_closed_link_data", inject_closed_link_data},
    {NULL, NULL},
};
