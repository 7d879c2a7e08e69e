// wire_known.c -- commands: what the node knows of others, and how it is kept.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/store_file.h"
#include "testing_destination.h"
#include "wire.h"
#include "wire/msgpack.h"

#define FILE_MOST (16U << 20) // bytes of a stored file that is looked at

// ---- Recalling

// The first destination of an identity. In the order of the table, as the reference has it.
static bool find_by_identity(wire_t *wire, const rns_hash_t *identity, rns_hash_t *destination) {
    uint32_t cursor = 0;
    rns_inspect_known_t known;
    rns_hash_t hash;
    while (rns_inspect_known_each(wire->node, &cursor, &known)) {
        rns_identity_hash(wire->node, known.pub, &hash);
        if (memcmp(hash.b, identity->b, sizeof hash.b) == 0) {
            *destination = known.destination;
            return true;
        }
    }
    return false;
}

typedef struct {
    wire_t *wire;
    rns_hash_t target;
    bool is_identity;
    rns_known_t known;
} recall_t;

static bool is_recalled(void *user) {
    recall_t *recall = user;
    rns_hash_t destination = recall->target;
    return (!recall->is_identity ||
            find_by_identity(recall->wire, &recall->target, &destination)) &&
           rns_recall(recall->wire->node, &destination, &recall->known);
}

static json_t *app_data_of(const rns_known_t *known) {
    return known->has_app_data
               ? hex_of_mem((rns_mem_t){(uint8_t *)known->app_data.data, known->app_data.size})
               : json_null();
}

static json_t *identity_recall(call_t *call) {
    recall_t recall = {.wire = wire_of(call)};
    int64_t timeout_ms = 0;
    if (recall.wire == NULL ||
        !call_hex_of(call, "destination_hash", recall.target.b, sizeof recall.target.b) ||
        !call_maybe_int(call, "timeout_ms", 0, WIRE_FOREVER_MS, &timeout_ms) ||
        !call_maybe_flag(call, "from_identity_hash", &recall.is_identity)) {
        return NULL;
    }
    if (!wire_wait(recall.wire, timeout_ms, is_recalled, &recall)) {
        return json_pack("{s:b, s:n}", "found", 0, "app_data");
    }
    return json_pack("{s:b, s:o, s:o, s:o}", "found", 1, "public_key",
                     hex_of(recall.known.pub, sizeof recall.known.pub), "hash",
                     hex_of_hash(&recall.known.identity), "app_data", app_data_of(&recall.known));
}

// ---- The file

// Items of a destination's entry in a file; -1: it has none.
static int items_of(rns_bytes_t file, const rns_hash_t *destination) {
    rnsi_reader_t r = rnsi_reader(file);
    uint32_t pairs, items;
    bool good = rnsi_msgpack_read_map(&r, &pairs);
    for (uint32_t i = 0; good && i < pairs; i++) {
        rns_bytes_t key;
        good = rnsi_msgpack_read_bin(&r, &key);
        if (good && key.size == 16 && memcmp(key.data, destination->b, 16) == 0) {
            return rnsi_msgpack_read_array(&r, &items) ? (int)items : -1;
        }
        good = good && rnsi_msgpack_skip(&r);
    }
    return -1;
}

static int stored_items(const wire_t *wire, const rns_hash_t *destination) {
    char path[128];
    uint8_t *bytes;
    size_t size;
    (void)snprintf(path, sizeof path, "%s/storage/known_destinations", wire->directory);
    if (store_file_read(path, FILE_MOST, &bytes, &size) != STORE_FILE_READ) {
        return -1;
    }
    const int items = items_of((rns_bytes_t){bytes, size}, destination);
    free(bytes);
    return items;
}

static json_t *known_roundtrip(call_t *call) {
    wire_t *wire = wire_of(call);
    rns_hash_t hash;
    rns_known_t known;
    if (wire == NULL || !call_hex_of(call, "destination_hash", hash.b, sizeof hash.b)) {
        return NULL;
    }
    const bool before = rns_recall(wire->node, &hash, &known);
    if (!daemon_save(wire->daemon)) {
        return call_fail(call, "the node cannot save; the log says why");
    }
    rnst_known_forget_all(wire->node);
    const bool cleared = rns_recall(wire->node, &hash, &known);
    rnst_records_load(wire->node, clock_now());
    const bool loaded = rns_recall(wire->node, &hash, &known);
    const int items = loaded ? stored_items(wire, &hash) : -1;
    uint32_t cursor = 0;
    rns_inspect_known_t each;
    int count = 0;
    while (rns_inspect_known_each(wire->node, &cursor, &each)) {
        count++;
    }
    return json_pack("{s:b, s:b, s:b, s:o, s:o, s:i}", "present_before_save", before,
                     "recall_after_clear_found", cleared, "recall_after_load_found", loaded,
                     "app_data_after_load", loaded ? app_data_of(&known) : json_null(),
                     "entry_len_after_load", items >= 0 ? json_integer(items) : json_null(),
                     "table_size_after_load", count);
}

// ---- Ratchets of others, and their files

static bool is_there(const wire_t *wire, const char *hash, const char *end) {
    char path[160];
    (void)snprintf(path, sizeof path, "%s/storage/ratchets/%s%s", wire->directory, hash, end);
    FILE *file = fopen(path, "rb");
    if (file != NULL) {
        (void)fclose(file);
    }
    return file != NULL;
}

static bool is_stored(void *user) {
    const wire_t *wire = user;
    return rns_dirty(wire->node) == 0;
}

// Loads what is stored, as a node does that starts, and waits for what that deletes.
static void load(wire_t *wire, const rns_hash_t *hash) {
    rnst_known_ratchet_forget(wire->node, hash);
    rnst_records_load(wire->node, clock_now());
    (void)wire_wait(wire, 2000, is_stored, wire);
}

static json_t *ratchet_persist(call_t *call) {
    wire_t *wire = wire_of(call);
    rns_hash_t hash;
    rns_secret_t secret;
    uint8_t pub[64], ratchet[32], again[32];
    if (wire == NULL) {
        return NULL;
    }
    rns_err_t err = rns_identity_new(wire->node, &secret);
    if (err != RNS_ERR_OK || !rns_random(wire->node, ratchet, sizeof ratchet)) {
        return call_fail_err(call, "a new identity", err);
    }
    rns_identity_public(wire->node, &secret, pub, &hash);
    const rns_us_t now = clock_now();
    if (!rnst_known_put(wire->node, now, &hash, pub) ||
        !rnst_known_ratchet_put(wire->node, now, &hash, ratchet)) {
        return call_fail(call, "the node has no room");
    }
    char *name = call_alloc(call, 33);
    json_t *text = hex_of_hash(&hash);
    (void)snprintf(name, 33, "%s", json_string_value(text));
    (void)wire_wait(wire, 2000, is_stored, wire);
    const bool written = is_there(wire, name, "");
    const bool leftover = is_there(wire, name, ".out") || is_there(wire, name, ".tmp");
    load(wire, &hash); // cold, and known
    const bool read = rns_inspect_known_ratchet(wire->node, clock_now(), &hash, again);
    rnst_known_forget_all(wire->node); // cold, and unknown: no file of known destinations has it
    load(wire, &hash);
    return json_pack("{s:i, s:b, s:b, s:b, s:i, s:i, s:b, s:o}", "ratchet_len", (int)sizeof ratchet,
                     "file_written", written, "tmp_leftover", leftover, "reload_match",
                     read && memcmp(again, ratchet, sizeof again) == 0, "reloaded_len",
                     read ? (int)sizeof again : 0, "accepted_size", (int)sizeof again,
                     "cleaned_removed", !is_there(wire, name, ""), "dest_hash", text);
}

const command_entry_t WIRE_KNOWN_COMMANDS[] = {
    {"wire_identity_recall", identity_recall},
    {"wire_known_destinations_roundtrip", known_roundtrip},
    {"wire_identity_ratchet_persist", ratchet_persist},
    {NULL, NULL},
};
