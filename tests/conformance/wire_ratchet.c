// wire_ratchet.c -- commands: ratchets of destinations of ours, and those of others that were
// heard.
#include <string.h>

#include "crypto/identity.h"
#include "testing_destination.h"
#include "wire.h"

#define STORE_MS 3000 // that the store may take

static bool look(call_t *call, wire_t *wire, const own_t *own, rns_inspect_dest_t *dest) {
    if (!rns_inspect_dest(wire->node, &own->hash, dest) || !dest->has_ratchets) {
        (void)call_fail(call, "the destination has no ratchets");
        return false;
    }
    return true;
}

// A destination of ours that has ratchets; NULL: the call fails.
static own_t *ratcheted(call_t *call, wire_t **wire, rns_inspect_dest_t *dest) {
    *wire = wire_of(call);
    own_t *own = *wire == NULL ? NULL : own_of(call, *wire);
    return own != NULL && look(call, *wire, own, dest) ? own : NULL;
}

static json_t *latest_of(const own_t *own) {
    return own->has_latest ? hex_of(own->latest, sizeof own->latest) : json_null();
}

static double rotated_s(const rns_inspect_dest_t *dest) {
    return dest->rotated < 0 ? 0 : wire_epoch_s(dest->rotated);
}

static json_t *read_ratchets(call_t *call) {
    wire_t *wire;
    rns_inspect_dest_t dest;
    const own_t *own = ratcheted(call, &wire, &dest);
    if (own == NULL) {
        return NULL;
    }
    return json_pack("{s:I, s:o, s:o, s:I, s:I, s:o, s:f}", "ratchet_count",
                     (json_int_t)dest.ratchets, "current_ratchet_id", own_ratchet_id(wire, own, 0),
                     "previous_ratchet_id", own_ratchet_id(wire, own, 1), "ratchet_interval",
                     (json_int_t)dest.ratchet_interval_s, "retained_ratchets",
                     (json_int_t)dest.retained_ratchets, "latest_ratchet_id", latest_of(own),
                     "latest_ratchet_time", rotated_s(&dest));
}

// ---- Changing them

static json_t *set_interval(call_t *call) {
    wire_t *wire;
    rns_inspect_dest_t dest;
    const own_t *own = ratcheted(call, &wire, &dest);
    int64_t seconds;
    if (own == NULL || !call_int(call, "seconds", INT32_MIN, UINT32_MAX, &seconds)) {
        return NULL;
    }
    const bool ok = seconds > 0 && rns_dest_ratchet_interval(wire->node, own->handle,
                                                             (uint32_t)seconds) == RNS_ERR_OK;
    (void)rns_inspect_dest(wire->node, &own->hash, &dest);
    return json_pack("{s:b, s:I}", "ok", ok, "ratchet_interval",
                     (json_int_t)dest.ratchet_interval_s);
}

static json_t *rotate(call_t *call) {
    wire_t *wire;
    rns_inspect_dest_t before, after;
    const own_t *own = ratcheted(call, &wire, &before);
    double ago_s = 0;
    bool rotated;
    if (own == NULL || !call_maybe_real(call, "last_rotation_ago_s", &ago_s)) {
        return NULL;
    }
    json_t *old = own_ratchet_id(wire, own, 0);
    const rns_us_t now = clock_now();
    if (call_has(call, "last_rotation_ago_s")) {
        (void)rnst_ratchet_set_rotated(wire->node, own->handle, now - (rns_us_t)(ago_s * 1e6));
    }
    const rns_err_t err = rns_dest_rotate(wire->node, now, own->handle, &rotated);
    if (err != RNS_ERR_OK || !rns_inspect_dest(wire->node, &own->hash, &after)) {
        json_decref(old);
        return call_fail_err(call, "the rotation", err);
    }
    return json_pack("{s:b, s:I, s:I, s:o, s:o, s:o, s:I, s:f}", "rotated", rotated, "before_count",
                     (json_int_t)before.ratchets, "after_count", (json_int_t)after.ratchets,
                     "before_current_id", old, "current_ratchet_id", own_ratchet_id(wire, own, 0),
                     "previous_ratchet_id", own_ratchet_id(wire, own, 1), "ratchet_interval",
                     (json_int_t)after.ratchet_interval_s, "latest_ratchet_time",
                     rotated_s(&after));
}

static json_t *set_retained(call_t *call) {
    wire_t *wire;
    rns_inspect_dest_t dest;
    const own_t *own = ratcheted(call, &wire, &dest);
    int64_t count, pad_to = 0;
    if (own == NULL || !call_int(call, "n", INT32_MIN, UINT32_MAX, &count) ||
        !call_maybe_int(call, "pad_to", 0, UINT32_MAX, &pad_to)) {
        return NULL;
    }
    if (pad_to > 0 && !rnst_ratchets_pad(wire->node, clock_now(), own->handle, (uint32_t)pad_to)) {
        return call_fail(call, "the ratchets cannot be padded");
    }
    const bool ok = count > 0 && rns_dest_retained_ratchets(wire->node, own->handle,
                                                            (uint32_t)count) == RNS_ERR_OK;
    (void)rns_inspect_dest(wire->node, &own->hash, &dest);
    return json_pack("{s:b, s:I, s:I, s:i}", "ok", ok, "retained_ratchets",
                     (json_int_t)dest.retained_ratchets, "ratchet_count", (json_int_t)dest.ratchets,
                     "ratchet_count_cap", (int)RNSI_RATCHETS_MAX);
}

// ---- The file

static bool is_stored(void *user) {
    const wire_t *wire = user;
    return rns_dirty(wire->node) == 0;
}

static json_t *ids_of(wire_t *wire, const own_t *own) {
    json_t *ids = json_array();
    uint8_t id[10];
    for (uint32_t i = 0; rns_inspect_dest_ratchet(wire->node, own->handle, i, id); i++) {
        (void)json_array_append_new(ids, hex_of(id, sizeof id));
    }
    return ids;
}

static json_t *file_roundtrip(call_t *call) {
    wire_t *wire;
    rns_inspect_dest_t dest;
    own_t *own = ratcheted(call, &wire, &dest);
    if (own == NULL) {
        return NULL;
    }
    json_t *before = ids_of(wire, own);
    const bool saved = wire_wait(wire, STORE_MS, is_stored, wire);
    const bool reloaded = saved && rnst_ratchets_reload(wire->node, own->handle);
    json_t *after = ids_of(wire, own);
    json_t *result =
        json_pack("{s:b, s:b, s:I, s:I, s:b, s:o}", "ratchets_path_set", saved, "reload_ok",
                  reloaded, "ratchet_count_before", (json_int_t)json_array_size(before),
                  "ratchet_count_after", (json_int_t)json_array_size(after), "roundtrip_match",
                  json_equal(before, after), "ratchet_ids", after);
    json_decref(before);
    return result;
}

// ---- Those of others

static json_t *adopted(call_t *call) {
    const wire_t *wire = wire_maybe_of(call);
    rns_hash_t hash;
    uint8_t pub[32], id[10];
    if (wire == NULL || !call_hex_of(call, "destination_hash", hash.b, sizeof hash.b)) {
        return NULL;
    }
    if (!rns_inspect_known_ratchet(wire->node, clock_now(), &hash, pub)) {
        return json_pack("{s:b, s:n, s:n}", "found", 0, "ratchet_public", "ratchet_id");
    }
    rnsi_ratchet_id(&call->bridge->crypto, pub, id);
    return json_pack("{s:b, s:o, s:o}", "found", 1, "ratchet_public", hex_of(pub, sizeof pub),
                     "ratchet_id", hex_of(id, sizeof id));
}

const command_entry_t WIRE_RATCHET_COMMANDS[] = {
    {"wire_read_ratchets", read_ratchets},
    {"wire_set_ratchet_interval", set_interval},
    {"wire_rotate_ratchet", rotate},
    {"wire_set_retained_ratchets", set_retained},
    {"wire_ratchet_file_roundtrip", file_roundtrip},
    {"wire_get_adopted_ratchet", adopted},
    {NULL, NULL},
};
