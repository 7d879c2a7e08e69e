// wire_handshake.c -- commands: how links open: what is asked, what is taken, what is proved.
#include <string.h>

#include "crypto/identity.h"
#include "rns/inspect_link.h"
#include "session/link.h"
#include "wire/link.h"
#include "wire_scratch.h"

#define CRAFTED_MTU 500U // that crafted requests and proofs ask for

// ---- Requests that we make

static json_t *link_request_payload(call_t *call) {
    wire_t *wire = wire_of(call);
    scratch_t scratch;
    fresh_t fresh;
    rns_link_t link;
    rns_mem_t frame;
    if (wire == NULL || !scratch_open(call, wire, &scratch)) {
        return NULL;
    }
    if (!fresh_known(call, wire, "link-payload", &fresh)) {
        scratch_close(&scratch);
        return NULL;
    }
    const rns_err_t err = rns_link_open(wire->node, clock_now(), &fresh.hash, &link);
    const bool found = err == RNS_ERR_OK && scratch_take(call, &scratch, RNSI_TYPE_LINKREQUEST,
                                                         RNSI_CONTEXT_NONE, &frame);
    if (err == RNS_ERR_OK) {
        (void)rns_link_close(wire->node, clock_now(), link);
    }
    fresh_close(&fresh);
    scratch_close(&scratch);
    rnsi_link_request_t request;
    const rns_bytes_t data = {found ? frame.data + RNSI_HEADER_MINSIZE : NULL,
                              found ? frame.size - RNSI_HEADER_MINSIZE : 0};
    if (!found || !rnsi_link_request_parse(data, &request)) {
        return call_fail(call, "no link request went out: %s", rns_err_text(err));
    }
    return json_pack("{s:o, s:o, s:o, s:o, s:i, s:i, s:i, s:i, s:i, s:i}", "request_data_hex",
                     hex_of(data.data, data.size), "pub_bytes", hex_of(request.x25519, 32),
                     "sig_pub_bytes", hex_of(request.ed25519, 32), "signalling_bytes",
                     hex_of(data.data + RNSI_ECPUBSIZE, data.size - RNSI_ECPUBSIZE), "mtu",
                     (int)request.signalling.mtu, "mode", (int)request.signalling.mode, "len",
                     (int)data.size, "ecpubsize", (int)RNSI_ECPUBSIZE, "link_mtu_size",
                     (int)RNSI_SIGNALLING, "reticulum_mtu", (int)RNS_MTU);
}

static json_t *link_signalling_bytes(call_t *call) {
    int64_t mtu, mode;
    if ((call_has(call, "handle") && wire_of(call) == NULL) ||
        !call_int(call, "mtu", 0, UINT32_MAX, &mtu) ||
        !call_int(call, "mode", 0, UINT8_MAX, &mode)) {
        return NULL;
    }
    uint8_t bytes[RNSI_SIGNALLING];
    const bool is_enabled = rnsi_link_mode_enabled((uint8_t)mode);
    rnsi_signalling_put(bytes, (uint32_t)mtu, (uint8_t)mode);
    json_t *enabled = json_array();
    for (int i = 0; i <= UINT8_MAX; i++) {
        if (rnsi_link_mode_enabled((uint8_t)i)) {
            (void)json_array_append_new(enabled, json_integer(i));
        }
    }
    return json_pack("{s:o, s:b, s:i, s:i, s:o, s:I, s:I, s:i, s:i}", "signalling_bytes",
                     is_enabled ? hex_of(bytes, sizeof bytes) : json_null(), "raised", !is_enabled,
                     "mtu_bytemask", (int)RNSI_LINK_MTU_MASK, "mode_bytemask",
                     (int)RNSI_LINK_MODE_MASK, "enabled_modes", enabled, "mtu", (json_int_t)mtu,
                     "mode", (json_int_t)mode, "mode_default", (int)RNSI_LINK_MODE_AES256,
                     "link_mtu_size", (int)RNSI_SIGNALLING);
}

// ---- Requests that come in

// Data of a link request, as an initiator makes it: new keys, and what is signalled.
static void draw_request(const bridge_t *bridge, uint8_t data[RNSI_LINK_REQUEST]) {
    const rnsi_crypto_t *c = &bridge->crypto;
    uint8_t x25519_secret[32], ed25519_secret[32];
    rns_signer_t signer_secret;
    bridge_random(x25519_secret, sizeof x25519_secret);
    bridge_random(ed25519_secret, sizeof ed25519_secret);
    c->v->x25519_public(c->self, data, x25519_secret);
    c->v->ed25519_expand(c->self, &signer_secret, ed25519_secret, data + 32);
    rnsi_signalling_put(data + RNSI_ECPUBSIZE, CRAFTED_MTU, RNSI_LINK_MODE_AES256);
}

static rns_mem_t request_frame(call_t *call, const fresh_t *to, size_t size, uint8_t mode,
                               uint8_t hops) {
    uint8_t data[RNSI_LINK_REQUEST];
    draw_request(call->bridge, data);
    rnsi_signalling_put(data + RNSI_ECPUBSIZE, CRAFTED_MTU, mode);
    const rns_mem_t frame = frame_of(call, RNSI_DEST_SINGLE, RNSI_TYPE_LINKREQUEST,
                                     RNSI_CONTEXT_NONE, &to->hash, (rns_bytes_t){data, size});
    // One is added where it comes in.
    rnsi_packet_set_hops(frame, (uint8_t)(hops > 0 ? hops - 1 : 0));
    return frame;
}

// Links to a destination of ours; the last of them.
static int links_to(const wire_t *wire, const fresh_t *to, rns_link_t *last) {
    uint32_t cursor = 0;
    rns_link_t link;
    int count = 0;
    while (rns_link_each(wire->node, &cursor, &link)) {
        rns_link_info_t info;
        if (rns_link_info(wire->node, link, &info) == RNS_ERR_OK &&
            memcmp(info.destination.b, to->hash.b, sizeof to->hash.b) == 0) {
            *last = link;
            count++;
        }
    }
    return count;
}

typedef struct {
    const char *name;
    size_t size; // of the request's data
    uint8_t mode;
} request_variant_t;

static const request_variant_t *read_request_variant(call_t *call) {
    static const request_variant_t VARIANTS[] = {
        {"valid64", RNSI_ECPUBSIZE, RNSI_LINK_MODE_AES256},
        {"valid67", RNSI_LINK_REQUEST, RNSI_LINK_MODE_AES256},
        {"size_63", RNSI_ECPUBSIZE - 1, RNSI_LINK_MODE_AES256},
        {"size_66", RNSI_LINK_REQUEST - 1, RNSI_LINK_MODE_AES256},
        {"size_0", 0, RNSI_LINK_MODE_AES256},
        {"bad_mode", RNSI_LINK_REQUEST, 3},
    };
    const char *name;
    if (!call_text(call, "variant", &name)) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof VARIANTS / sizeof *VARIANTS; i++) {
        if (strcmp(VARIANTS[i].name, name) == 0) {
            return &VARIANTS[i];
        }
    }
    return call_fail(call, "there is no variant '%s'", name);
}

static json_t *tell_of_request(const wire_t *wire, const request_variant_t *variant,
                               const fresh_t *to) {
    rns_link_t link = {0, 0};
    rns_inspect_link_t inside;
    rns_link_info_t info;
    const bool created = links_to(wire, to, &link) > 0 &&
                         rns_inspect_link(wire->node, link, &inside) == RNS_ERR_OK &&
                         rns_link_info(wire->node, link, &info) == RNS_ERR_OK;
    json_t *timeout =
        created ? json_integer((inside.due - inside.requested) / RNSI_SECOND) : json_null();
    json_t *mode = created ? json_integer(RNSI_LINK_MODE_AES256) : json_null();
    json_t *mtu = created ? json_integer(info.mtu) : json_null();
    return json_pack("{s:s, s:I, s:b, s:b, s:o, s:o, s:o, s:i, s:i}", "variant", variant->name,
                     "data_len", (json_int_t)variant->size, "accepted", created,
                     "inbound_link_created", created, "establishment_timeout", timeout, "mode",
                     mode, "mtu", mtu, "establishment_timeout_per_hop",
                     (int)(RNSI_PER_HOP_TIMEOUT / RNSI_SECOND), "keepalive",
                     (int)(RNSI_KEEPALIVE / RNSI_SECOND));
}

static json_t *inject_crafted_link_request(call_t *call) {
    wire_t *wire = wire_of(call);
    const request_variant_t *variant = wire == NULL ? NULL : read_request_variant(call);
    int64_t hops = 0;
    scratch_t scratch;
    fresh_t fresh;
    if (variant == NULL || !call_maybe_int(call, "hops", 0, RNSI_HOPS_MAX, &hops) ||
        !scratch_open(call, wire, &scratch)) {
        return NULL;
    }
    json_t *result = NULL;
    if (fresh_own(call, wire, "lr-validate", &(rns_dest_config_t){0}, &fresh)) {
        (void)scratch_put(&scratch,
                          request_frame(call, &fresh, variant->size, variant->mode, (uint8_t)hops));
        result = tell_of_request(wire, variant, &fresh);
        fresh_close(&fresh);
    }
    scratch_close(&scratch);
    return result;
}

static json_t *link_accept_gate(call_t *call) {
    wire_t *wire = wire_of(call);
    bool accepts;
    scratch_t scratch;
    fresh_t fresh;
    rns_link_t link;
    if (wire == NULL || !call_flag(call, "accepts", &accepts) ||
        !scratch_open(call, wire, &scratch)) {
        return NULL;
    }
    json_t *result = NULL;
    if (fresh_own(call, wire, "accept-gate", &(rns_dest_config_t){.no_links = !accepts}, &fresh)) {
        const int before = links_to(wire, &fresh, &link);
        (void)scratch_put(&scratch,
                          request_frame(call, &fresh, RNSI_LINK_REQUEST, RNSI_LINK_MODE_AES256, 1));
        const int after = links_to(wire, &fresh, &link);
        result = json_pack("{s:b, s:i, s:i, s:b}", "accepts", accepts, "links_before", before,
                           "links_after", after, "link_created", after > before);
        fresh_close(&fresh);
    }
    scratch_close(&scratch);
    return result;
}

// ---- Proofs that we give

static json_t *tell_of_proof(const wire_t *wire, const fresh_t *to, rns_mem_t frame) {
    rns_link_t link = {0, 0};
    rns_link_info_t info = {0};
    (void)links_to(wire, to, &link);
    (void)rns_link_info(wire->node, link, &info);
    return json_pack("{s:o, s:i, s:o, s:i, s:i, s:i, s:i}", "raw", hex_of_mem(frame), "flags",
                     (int)frame.data[0], "link_id", hex_of_hash(&info.id), "packet_type",
                     (int)RNSI_TYPE_PROOF, "context", (int)RNSI_CONTEXT_LRPROOF,
                     "expected_link_dest_type", (int)RNSI_DEST_LINK, "truncated_hashlength",
                     (int)RNSI_ADDRESS_SIZE);
}

static json_t *capture_lrproof_frame(call_t *call) {
    wire_t *wire = wire_of(call);
    scratch_t scratch;
    fresh_t fresh;
    rns_mem_t frame;
    if (wire == NULL || !scratch_open(call, wire, &scratch)) {
        return NULL;
    }
    json_t *result = NULL;
    if (fresh_own(call, wire, "lrproof", &(rns_dest_config_t){0}, &fresh)) {
        (void)scratch_put(&scratch,
                          request_frame(call, &fresh, RNSI_LINK_REQUEST, RNSI_LINK_MODE_AES256, 1));
        result = scratch_take(call, &scratch, RNSI_TYPE_PROOF, RNSI_CONTEXT_LRPROOF, &frame)
                     ? tell_of_proof(wire, &fresh, frame)
                     : call_fail(call, "no link proof went out");
        fresh_close(&fresh);
    }
    scratch_close(&scratch);
    return result;
}

const command_entry_t WIRE_HANDSHAKE_COMMANDS[] = {
    {"wire_link_request_payload", link_request_payload},
    {"wire_link_signalling_bytes", link_signalling_bytes},
    {"wire_inject_crafted_link_request", inject_crafted_link_request},
    {"wire_link_accept_gate", link_accept_gate},
    {"wire_capture_lrproof_frame", capture_lrproof_frame},
    {NULL, NULL},
};
