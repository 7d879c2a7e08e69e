// wire_receipt_forge.c -- commands: which packets have receipts, how long these wait, and which
// proofs they take.
#include <string.h>

#include "rns/inspect_link.h"
#include "session/link.h"
#include "session/receipt.h"
#include "testing_link.h"
#include "wire_link_forge.h"
#include "wire_receipt.h"

#define PAYLOAD "proved or not"

static uint32_t receipts_used(const wire_t *wire) {
    rns_pool_info_t info;
    rns_pool_info(wire->node, RNS_POOL_RECEIPT, &info);
    return info.used;
}

// ---- A packet to somebody whose keys we hold

typedef struct {
    scratch_t scratch;
    fresh_t fresh;
    receipt_t *receipt; // NULL: not sent
} sample_t;

static void sample_close(sample_t *sample) {
    if (sample->receipt != NULL) {
        receipt_drop(sample->fresh.wire, sample->receipt);
    }
    fresh_close(&sample->fresh);
    scratch_close(&sample->scratch);
}

static bool sample_open(call_t *call, wire_t *wire, sample_t *sample) {
    *sample = (sample_t){.receipt = NULL};
    if (!scratch_open(call, wire, &sample->scratch)) {
        return false;
    }
    if (!fresh_known(call, wire, "receipts", &sample->fresh)) {
        scratch_close(&sample->scratch);
        return false;
    }
    return true;
}

static bool sample_send(call_t *call, sample_t *sample) {
    rns_receipt_t handle;
    const rns_bytes_t data = {(const uint8_t *)PAYLOAD, sizeof PAYLOAD - 1};
    wire_t *wire = sample->fresh.wire;
    const rns_err_t err = rns_send(wire->node, clock_now(), &sample->fresh.hash, data, &handle);
    daemon_wake(wire->daemon);
    if (err != RNS_ERR_OK) {
        (void)call_fail_err(call, "the packet", err);
        return false;
    }
    sample->receipt = receipt_add(wire, handle);
    return true;
}

// ---- Which packets have receipts

// A packet of any type and context; only rns_send() and rns_link_send() open receipts.
static bool send_raw(call_t *call, wire_t *wire, const rns_hash_t *to, rnsi_dest_type_t type,
                     uint8_t packet_type, uint8_t context) {
    uint8_t data[96];
    bridge_random(data, sizeof data);
    const rns_mem_t frame = frame_of(call, type, (rnsi_packet_type_t)packet_type, context, to,
                                     (rns_bytes_t){data, sizeof data});
    const bool sent = rnst_send(wire->node, clock_now(), frame);
    daemon_wake(wire->daemon);
    return sent;
}

static bool send_plain(wire_t *wire) {
    const rns_bytes_t data = {(const uint8_t *)PAYLOAD, sizeof PAYLOAD - 1};
    const rns_err_t err = rns_broadcast(wire->node, clock_now(), "conformance.receipts", NULL,
                                        (rns_bytes_t){NULL, 0}, data);
    daemon_wake(wire->daemon);
    return err == RNS_ERR_OK;
}

static bool send_of_type(call_t *call, sample_t *sample, bool is_plain, uint8_t packet_type,
                         uint8_t context) {
    wire_t *wire = sample->fresh.wire;
    if (packet_type != RNSI_TYPE_DATA || context != RNSI_CONTEXT_NONE) {
        return send_raw(call, wire, &sample->fresh.hash,
                        is_plain ? RNSI_DEST_PLAIN : RNSI_DEST_SINGLE, packet_type, context);
    }
    return is_plain ? send_plain(wire) : sample_send(call, sample);
}

static json_t *packet_receipt_generation(call_t *call) {
    wire_t *wire = wire_of(call);
    const char *dest_type = "single";
    int64_t context = RNSI_CONTEXT_NONE, packet_type = RNSI_TYPE_DATA;
    sample_t sample;
    if (wire == NULL || !call_maybe_text(call, "dest_type", &dest_type) ||
        !call_maybe_int(call, "context", 0, UINT8_MAX, &context) ||
        !call_maybe_int(call, "packet_type", 0, RNSI_TYPE_PROOF, &packet_type)) {
        return NULL;
    }
    const bool is_plain = strcmp(dest_type, "plain") == 0;
    if (!is_plain && strcmp(dest_type, "single") != 0) {
        return call_fail(call, "'dest_type' cannot be '%s'", dest_type);
    }
    if (!sample_open(call, wire, &sample)) {
        return NULL;
    }
    const uint32_t before = receipts_used(wire);
    const bool sent = send_of_type(call, &sample, is_plain, (uint8_t)packet_type, (uint8_t)context);
    const bool has_receipt = receipts_used(wire) > before;
    sample_close(&sample);
    return json_pack("{s:s, s:I, s:I, s:b, s:b, s:b}", "dest_type", dest_type, "context",
                     (json_int_t)context, "packet_type", (json_int_t)packet_type, "sent", sent,
                     "has_receipt", has_receipt, "create_receipt_flag", 1);
}

// ---- How long they wait

// Its time is over: as if there was no room for it (-1), or no proof came.
static void force(wire_t *wire, const receipt_t *receipt, double timeout_s) {
    if (timeout_s >= 0) {
        (void)rns_receipt_timeout(wire->node, clock_now(), receipt->handle, 0);
        rns_tick(wire->node, clock_now());
        return;
    }
    const uint32_t most = receipts_used(wire);
    for (uint32_t i = 0; i < most && receipt->status == RECEIPT_SENT; i++) {
        rnst_receipt_cull(wire->node, clock_now());
    }
}

static json_t *tell_of_timeout(wire_t *wire, const sample_t *sample) {
    rns_inspect_receipt_t inside = {.due = 0};
    const rns_hash_t *to = &sample->fresh.hash;
    (void)rns_inspect_receipt(wire->node, sample->receipt->handle, &inside);
    return json_pack("{s:I, s:i, s:b, s:i, s:i, s:i, s:i, s:I, s:b, s:i}", "timeout",
                     (json_int_t)((inside.due - inside.sent) / RNSI_SECOND), "status",
                     (int)sample->receipt->status, "is_link", 0, "default_per_hop_timeout",
                     (int)(RNSI_PER_HOP_TIMEOUT / RNSI_SECOND), "timeout_per_hop",
                     (int)(RNSI_PER_HOP_TIMEOUT / RNSI_SECOND), "pathfinder_m",
                     (int)RNS_HOPS_UNKNOWN, "hops_to",
                     (int)rns_hops_to(wire->node, clock_now(), to), "first_hop_timeout",
                     (json_int_t)(rns_first_hop_timeout(wire->node, clock_now(), to) / RNSI_SECOND),
                     "is_connected_to_shared", 0, "status_sent", (int)RECEIPT_SENT);
}

static json_t *packet_receipt_timeout(call_t *call) {
    wire_t *wire = wire_of(call);
    const bool forces = call_has(call, "force_timeout");
    double timeout_s = 0;
    sample_t sample;
    if (wire == NULL || !call_maybe_real(call, "force_timeout", &timeout_s) ||
        !sample_open(call, wire, &sample)) {
        return NULL;
    }
    json_t *result = sample_send(call, &sample) ? tell_of_timeout(wire, &sample) : NULL;
    if (result != NULL && forces) {
        force(wire, sample.receipt, timeout_s);
        (void)json_object_set_new(result, "forced_timeout", json_real(timeout_s));
        (void)json_object_set_new(result, "forced_status", json_integer(sample.receipt->status));
        (void)json_object_set_new(result, "status_culled", json_integer(RECEIPT_CULLED));
        (void)json_object_set_new(result, "status_failed", json_integer(RECEIPT_FAILED));
    }
    sample_close(&sample);
    return result;
}

// ---- Which proofs they take

typedef struct {
    const char *name;
    size_t size;      // of the proof
    bool is_genuine;  // signed by who can
    bool is_of_other; // says that it is for another packet
    bool is_noise;
} variant_t;

static const variant_t *find_variant(call_t *call, const variant_t *variants, size_t count) {
    const char *name;
    if (!call_text(call, "variant", &name)) {
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        if (strcmp(variants[i].name, name) == 0) {
            return &variants[i];
        }
    }
    return call_fail(call, "there is no variant '%s'", name);
}

#define FIND_VARIANT(call, variants)                                                               \
    find_variant(call, variants, sizeof(variants) / sizeof *(variants))

// The proof of a packet as this variant of it; signer NULL: nobody who could.
static rns_bytes_t proof_of(call_t *call, wire_t *wire, const uint8_t packet_hash[32],
                            const variant_t *variant, const rns_secret_t *signer) {
    uint8_t *proof = call_alloc(call, RNSI_PROOF_EXPLICIT + 32);
    bridge_random(proof, variant->size);
    if (variant->is_noise) {
        return (rns_bytes_t){proof, variant->size};
    }
    rns_secret_t other;
    bridge_random(&other, sizeof other);
    uint8_t *signature = proof;
    if (variant->size == RNSI_PROOF_EXPLICIT) {
        signature += 32;
        if (!variant->is_of_other) {
            memcpy(proof, packet_hash, 32);
        }
    }
    rns_identity_sign(wire->node, variant->is_genuine && signer != NULL ? signer : &other,
                      (rns_bytes_t){packet_hash, 32}, signature);
    return (rns_bytes_t){proof, variant->size};
}

static json_t *tell_of_proof(const receipt_t *receipt, const variant_t *variant) {
    const bool delivered = receipt->status == RECEIPT_DELIVERED;
    return json_pack("{s:s, s:b, s:i, s:s, s:b, s:I, s:i, s:i}", "variant", variant->name,
                     "validated", delivered, "status", (int)receipt->status, "status_name",
                     receipt_status_name(receipt->status), "proved", delivered, "proof_len",
                     (json_int_t)variant->size, "expl_length", (int)RNSI_PROOF_EXPLICIT,
                     "impl_length", (int)RNSI_PROOF_IMPLICIT);
}

// A proof as it comes for a packet of a SINGLE destination.
static void put_proof(call_t *call, scratch_t *scratch, const receipt_t *receipt,
                      rns_bytes_t proof) {
    rns_hash_t to;
    memcpy(to.b, receipt->packet_hash, sizeof to.b);
    (void)scratch_put(
        scratch, frame_of(call, RNSI_DEST_SINGLE, RNSI_TYPE_PROOF, RNSI_CONTEXT_NONE, &to, proof));
}

static json_t *inject_crafted_proof(call_t *call) {
    static const variant_t VARIANTS[] = {
        {.name = "forged_implicit", .size = RNSI_PROOF_IMPLICIT},
        {.name = "forged_explicit", .size = RNSI_PROOF_EXPLICIT},
        {.name = "wrong_hash_explicit", .size = RNSI_PROOF_EXPLICIT, .is_of_other = true},
        {.name = "wrong_length_short", .size = 32, .is_noise = true},
        {.name = "wrong_length_mid", .size = 65, .is_noise = true},
        {.name = "wrong_length_long", .size = 97, .is_noise = true},
    };
    wire_t *wire = wire_of(call);
    receipt_t *receipt = wire == NULL ? NULL : receipt_of(call, wire);
    const variant_t *variant = receipt == NULL ? NULL : FIND_VARIANT(call, VARIANTS);
    scratch_t scratch;
    if (variant == NULL || !scratch_open(call, wire, &scratch)) {
        return NULL;
    }
    put_proof(call, &scratch, receipt, proof_of(call, wire, receipt->packet_hash, variant, NULL));
    scratch_close(&scratch);
    return tell_of_proof(receipt, variant);
}

static json_t *inject_single_proof_format(call_t *call) {
    static const variant_t VARIANTS[] = {
        {.name = "valid_explicit", .size = RNSI_PROOF_EXPLICIT, .is_genuine = true},
        {.name = "valid_implicit", .size = RNSI_PROOF_IMPLICIT, .is_genuine = true},
        {.name = "forged_explicit", .size = RNSI_PROOF_EXPLICIT},
        {.name = "wrong_hash_explicit",
         .size = RNSI_PROOF_EXPLICIT,
         .is_genuine = true,
         .is_of_other = true},
    };
    wire_t *wire = wire_of(call);
    const variant_t *variant = wire == NULL ? NULL : FIND_VARIANT(call, VARIANTS);
    sample_t sample;
    if (variant == NULL || !sample_open(call, wire, &sample)) {
        return NULL;
    }
    json_t *result = NULL;
    if (sample_send(call, &sample)) {
        put_proof(call, &sample.scratch, sample.receipt,
                  proof_of(call, wire, sample.receipt->packet_hash, variant, &sample.fresh.secret));
        result = tell_of_proof(sample.receipt, variant);
    }
    sample_close(&sample);
    return result;
}

// A packet over a link that just opened, and its proof as it comes over it.
static json_t *prove_on_link(call_t *call, wire_t *wire, asked_t *asked, const variant_t *variant) {
    rns_receipt_t handle;
    const rns_bytes_t data = {(const uint8_t *)PAYLOAD, sizeof PAYLOAD - 1};
    (void)scratch_put(&asked->scratch, asked_proof(call, asked, "valid"));
    const rns_err_t err = rns_link_send(wire->node, clock_now(), asked->link, data, &handle);
    if (err != RNS_ERR_OK) {
        return call_fail_err(call, "the packet", err);
    }
    receipt_t *receipt = receipt_add(wire, handle);
    const rns_bytes_t proof =
        proof_of(call, wire, receipt->packet_hash, variant, &asked->fresh.secret);
    (void)scratch_put(&asked->scratch, frame_of(call, RNSI_DEST_LINK, RNSI_TYPE_PROOF,
                                                RNSI_CONTEXT_NONE, &asked->id, proof));
    json_t *result = tell_of_proof(receipt, variant);
    receipt_drop(wire, receipt);
    return result;
}

static json_t *inject_crafted_link_proof(call_t *call) {
    static const variant_t VARIANTS[] = {
        {.name = "valid_explicit", .size = RNSI_PROOF_EXPLICIT, .is_genuine = true},
        {.name = "forged_explicit", .size = RNSI_PROOF_EXPLICIT},
        {.name = "implicit_valid_sig", .size = RNSI_PROOF_IMPLICIT, .is_genuine = true},
        {.name = "implicit_random", .size = RNSI_PROOF_IMPLICIT, .is_noise = true},
        {.name = "wrong_length_short", .size = 32, .is_noise = true},
    };
    wire_t *wire = wire_of(call);
    const variant_t *variant = wire == NULL ? NULL : FIND_VARIANT(call, VARIANTS);
    asked_t asked;
    if (variant == NULL || !asked_open(call, wire, &asked)) {
        return NULL;
    }
    json_t *result = prove_on_link(call, wire, &asked, variant);
    asked_close(&asked);
    return result;
}

const command_entry_t WIRE_RECEIPT_FORGE_COMMANDS[] = {
    {"wire_packet_receipt_generation", packet_receipt_generation},
    {"wire_packet_receipt_timeout", packet_receipt_timeout},
    {"wire_inject_crafted_proof", inject_crafted_proof},
    {"wire_inject_single_proof_format", inject_single_proof_format},
    {"wire_inject_crafted_link_proof", inject_crafted_link_proof},
    {NULL, NULL},
};
