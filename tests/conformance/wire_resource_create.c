// wire_resource_create.c -- commands: a resource before it is offered, and the numbers of all.
#include <string.h>

#include "session/transfer.h"
#include "testing_session.h"
#include "wire/msgpack.h"
#include "wire/resource.h"
#include "wire_resource.h"

#define ID_SIZE 16U // bytes of a hash that is cut (Identity.TRUNCATED_HASHLENGTH)

typedef struct {
    json_t *parts; // NULL: not wanted
    rns_mem_t map;
    size_t room;
} made_t;

static void take_part(void *user, rns_bytes_t raw, const uint8_t hash[4]) {
    made_t *made = user;
    if (made->map.size + RNSI_MAPHASH_SIZE <= made->room) {
        memcpy(made->map.data + made->map.size, hash, RNSI_MAPHASH_SIZE);
        made->map.size += RNSI_MAPHASH_SIZE;
    }
    if (made->parts != NULL) {
        (void)json_array_append_new(made->parts, hex_of(raw.data, raw.size));
    }
}

static size_t read_source(void *user, uint64_t offset, rns_mem_t out) {
    const rns_mem_t *data = user;
    memcpy(out.data, data->data + offset, out.size);
    return out.size;
}

static json_t *describe(const rnst_prepared_t *p) {
    json_t *result = json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:i, s:i, s:i, s:i, s:i, s:i, s:I}", "hash",
        hex_of(p->hash, sizeof p->hash), "truncated_hash", hex_of(p->hash, ID_SIZE), "random_hash",
        hex_of(p->random, sizeof p->random), "expected_proof", hex_of(p->proof, sizeof p->proof),
        "original_hash", hex_of(p->original, sizeof p->original), "num_parts", (int)p->parts,
        "total_segments", (int)p->segments, "segment_index", (int)p->segment, "flags",
        (int)p->flags, "size", (int)p->transfer, "sdu", (int)p->sdu, "total_size",
        (json_int_t)p->size);
    static const struct {
        const char *name;
        uint8_t bit;
    } FLAGS[] = {
        {"encrypted", RNSI_ADV_ENCRYPTED},
        {"compressed", RNSI_ADV_COMPRESSED},
        {"split", RNSI_ADV_SPLIT},
        {"has_metadata", RNSI_ADV_METADATA},
    };
    for (size_t i = 0; i < sizeof FLAGS / sizeof *FLAGS; i++) {
        (void)json_object_set_new(result, FLAGS[i].name,
                                  json_boolean((p->flags & FLAGS[i].bit) != 0));
    }
    return result;
}

static json_t *resource_create(call_t *call) {
    wire_t *wire = wire_of(call);
    const session_t *session = wire == NULL ? NULL : session_of(call, wire);
    rns_mem_t data = {NULL, 0}, metadata;
    int64_t sdu = 0;
    bool with_parts = true, packs = true;
    if (session == NULL || !call_maybe_hex(call, "data", &data) ||
        !resource_metadata(call, &metadata) ||
        !call_maybe_flag(call, "include_parts", &with_parts) ||
        !call_maybe_flag(call, "auto_compress", &packs) ||
        !call_maybe_int(call, "force_sdu", 16, 16384, &sdu)) {
        return NULL;
    }
    const size_t room = (data.size / (sdu > 0 ? (size_t)sdu : 64) + 64) * RNSI_MAPHASH_SIZE;
    made_t made = {.map = {call_alloc(call, room), 0}, .room = room};
    made.parts = with_parts ? json_array() : NULL;
    const rnst_prepare_t prepare = {
        .source = {read_source, &data},
        .size = data.size,
        .options = {.metadata = {metadata.data, metadata.size}, .no_compress = !packs},
        .sdu = (uint32_t)sdu,
        .part = take_part,
        .user = &made};
    rnst_prepared_t prepared;
    const rns_err_t err =
        rnst_resource_prepare(wire->node, clock_now(), session->handle, &prepare, &prepared);
    daemon_wake(wire->daemon);
    if (err != RNS_ERR_OK) {
        json_decref(made.parts);
        return call_fail_err(call, "the resource", err);
    }
    json_t *result = describe(&prepared);
    (void)json_object_set_new(result, "hashmap", hex_of_mem(made.map));
    if (made.parts != NULL) {
        (void)json_object_set_new(result, "parts", made.parts);
    }
    return result;
}

static json_t *resource_constants(call_t *call) {
    static const struct {
        const char *name;
        json_int_t value;
    } NUMBERS[] = {
        {"WINDOW", RNSI_RESOURCE_WINDOW},
        {"WINDOW_MIN", RNSI_WINDOW_MIN},
        {"WINDOW_MAX", RNSI_WINDOW_MAX},
        {"WINDOW_MAX_SLOW", RNSI_WINDOW_MAX_SLOW},
        {"WINDOW_MAX_VERY_SLOW", RNSI_WINDOW_VERY_SLOW},
        {"WINDOW_MAX_FAST", RNSI_WINDOW_MAX},
        {"WINDOW_FLEXIBILITY", RNSI_WINDOW_FLEXIBILITY},
        {"FAST_RATE_THRESHOLD", RNSI_FAST_THRESHOLD},
        {"VERY_SLOW_RATE_THRESHOLD", RNSI_VERY_SLOW_THRESHOLD},
        {"MAPHASH_LEN", RNSI_MAPHASH_SIZE},
        {"RANDOM_HASH_SIZE", RNSI_RESOURCE_RANDOM},
        {"HASHMAP_MAX_LEN", RNSI_HASHMAP_MAX},
        {"COLLISION_GUARD_SIZE", RNSI_MAP_OUT},
        {"MAX_EFFICIENT_SIZE", RNS_RESOURCE_SEGMENT},
        {"METADATA_MAX_SIZE", RNSI_METADATA_MOST},
        {"MAX_RETRIES", RNSI_RESOURCE_RETRIES},
        {"MAX_ADV_RETRIES", RNSI_ADV_RETRIES},
        {"HASHMAP_IS_EXHAUSTED", RNSI_REQ_EXHAUSTED},
        {"HASHMAP_IS_NOT_EXHAUSTED", RNSI_REQ_NOT_EXHAUSTED},
        {"AUTO_COMPRESS_MAX_SIZE", RNS_RESOURCE_COMPRESS_MOST},
        {"PART_TIMEOUT_FACTOR", RNSI_PART_FACTOR},
        {"PART_TIMEOUT_FACTOR_AFTER_RTT", RNSI_PART_FACTOR_RATED},
        {"PROOF_TIMEOUT_FACTOR", RNSI_PROOF_FACTOR},
    };
    if (call_has(call, "handle") && wire_of(call) == NULL) {
        return NULL;
    }
    json_t *result = json_pack("{s:f, s:f}", "RATE_FAST", (double)RNSI_RATE_FAST, "RATE_VERY_SLOW",
                               (double)RNSI_RATE_VERY_SLOW);
    for (size_t i = 0; i < sizeof NUMBERS / sizeof *NUMBERS; i++) {
        (void)json_object_set_new(result, NUMBERS[i].name, json_integer(NUMBERS[i].value));
    }
    return result;
}

const command_entry_t WIRE_RESOURCE_CREATE_COMMANDS[] = {
    {"wire_resource_create", resource_create},
    {"wire_resource_constants", resource_constants},
    {NULL, NULL},
};
