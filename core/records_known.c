// records_known.c -- records of destinations: known ones, ratchets, marks, and who is shut out.
#include "records_kinds.h"
#include "route/blackhole.h"
#include "route/known.h"
#include "session/ratchet.h"

#define RATCHET       RNSI_TEXT("ratchet")
#define RECEIVED      RNSI_TEXT("received")
#define SOURCE        RNSI_TEXT("source")
#define UNTIL         RNSI_TEXT("until")
#define REASON        RNSI_TEXT("reason")
#define KNOWN_OLD     4U // items before the reference had the last one
#define KNOWN_ITEMS   5U
#define RATCHET_PAIRS 2U
#define HOLE_PAIRS    3U

static int64_t not_in_future(const rns_node_t *node, int64_t unix_us) {
    const int64_t now_us = rnsi_unix_us(node);
    return now_us > 0 && unix_us > now_us ? now_us : unix_us;
}

// ---- Known destinations: [announced, packet hash, public key, app data or nil, used]

// 0: never used, -1: kept for ever, else a time.
static void write_used(rnsi_writer_t *w, int64_t used_us) {
    if (used_us > 0) {
        rnsi_msgpack_seconds(w, used_us);
    } else {
        rnsi_msgpack_int(w, used_us);
    }
}

bool rnsi_known_encode(rns_node_t *node, const void *element, rnsi_writer_t *w) {
    const struct rnsi_known *known = element;
    rns_bytes_t app_data;
    rnsi_msgpack_array(w, KNOWN_ITEMS);
    rnsi_msgpack_seconds(w, known->announced_us);
    rnsi_msgpack_bin(w, (rns_bytes_t){known->packet_hash, sizeof known->packet_hash});
    rnsi_msgpack_bin(w, (rns_bytes_t){known->pub, sizeof known->pub});
    if (rnsi_known_app_data(node, known, &app_data)) {
        rnsi_msgpack_bin(w, app_data);
    } else {
        rnsi_msgpack_nil(w);
    }
    write_used(w, known->used_us);
    return true;
}

static bool read_app_data(rnsi_reader_t *r, rnsi_known_record_t *out) {
    rnsi_msgpack_t value;
    if (!rnsi_msgpack_read(r, &value)) {
        return false;
    }
    out->has_app_data = value.type == RNSI_MSGPACK_BIN;
    out->app_data = out->has_app_data ? value.bytes : (rns_bytes_t){NULL, 0};
    return out->has_app_data || value.type == RNSI_MSGPACK_NIL;
}

static bool read_known(rns_node_t *node, rnsi_reader_t *r, rnsi_known_record_t *out) {
    uint32_t items;
    int64_t announced, used = 0;
    if (!rnsi_msgpack_read_array(r, &items) || items < KNOWN_OLD || items > KNOWN_ITEMS ||
        !rnsi_msgpack_read_seconds(r, &announced)) {
        return false;
    }
    out->packet_hash = rnsi_record_bin(r, 32);
    out->pub = rnsi_record_bin(r, 64);
    if (!read_app_data(r, out) || (items == KNOWN_ITEMS && !rnsi_msgpack_read_seconds(r, &used))) {
        return false;
    }
    const int64_t announced_us = rnsi_record_time(announced);
    out->announced_us = announced_us > 0 ? not_in_future(node, announced_us) : 0;
    out->used_us = used < 0 ? -1 : not_in_future(node, rnsi_record_time(used));
    return true;
}

rnsi_taken_t rnsi_known_decode(rns_node_t *node, rnsi_record_t *record) {
    rnsi_known_record_t known = {.dest = record->key.data};
    rnsi_reader_t r = rnsi_reader(record->value);
    if (!read_known(node, &r, &known)) {
        return RNSI_RECORD_BAD;
    }
    if (!rnsi_known_restore(node, &known)) {
        return RNSI_RECORD_KEPT;
    }
    record->slot = &rnsi_known_find(node, known.dest)->slot;
    return RNSI_RECORD_TAKEN;
}

// ---- Ratchet keys of others: {"ratchet": key, "received": time}. Known destinations are loaded
// before them; that of one which is not known is deleted (Identity._clean_ratchets).

bool rnsi_ratchet_encode(rns_node_t *node, const void *element, rnsi_writer_t *w) {
    const struct rnsi_ratchet_peer *peer = element;
    (void)node;
    rnsi_msgpack_map(w, RATCHET_PAIRS);
    rnsi_msgpack_str(w, RATCHET);
    rnsi_msgpack_bin(w, (rns_bytes_t){peer->pub, sizeof peer->pub});
    rnsi_msgpack_str(w, RECEIVED);
    rnsi_msgpack_seconds(w, peer->received_us);
    return true;
}

static const uint8_t *read_ratchet(rnsi_reader_t *r, int64_t *received_us) {
    uint32_t pairs;
    const uint8_t *pub = NULL;
    int64_t received = 0;
    bool ok = rnsi_msgpack_read_map(r, &pairs);
    for (uint32_t i = 0; ok && i < pairs; i++) {
        rnsi_msgpack_t key;
        ok = rnsi_msgpack_read(r, &key);
        if (ok && rnsi_msgpack_is(&key, RATCHET)) {
            pub = rnsi_record_bin(r, 32);
            ok = pub != NULL;
        } else if (ok && rnsi_msgpack_is(&key, RECEIVED)) {
            ok = rnsi_msgpack_read_seconds(r, &received);
        } else {
            ok = ok && rnsi_msgpack_skip(r);
        }
    }
    *received_us = rnsi_record_time(received);
    return ok ? pub : NULL;
}

rnsi_taken_t rnsi_ratchet_decode(rns_node_t *node, rnsi_record_t *record) {
    int64_t received_us;
    rnsi_reader_t r = rnsi_reader(record->value);
    const uint8_t *pub = read_ratchet(&r, &received_us);
    if (pub == NULL) {
        return RNSI_RECORD_BAD;
    }
    const int64_t now_us = rnsi_unix_us(node);
    const bool is_over =
        now_us > 0 && received_us > 0 && now_us - received_us > RNSI_RATCHET_EXPIRY;
    if (is_over || rnsi_known_find(node, record->key.data) == NULL) {
        return RNSI_RECORD_SURPLUS;
    }
    if (!rnsi_ratchet_restore(node, record->key.data, pub, received_us)) {
        return RNSI_RECORD_KEPT;
    }
    struct rnsi_ratchet_peer *peer =
        rnsi_pool_find(RNSI_POOL(node, RATCHET_PEER), record->key.data);
    record->slot = &peer->slot;
    return RNSI_RECORD_TAKEN;
}

// ---- Ours: ratchet files and marks

bool rnsi_ratchets_encode(rns_node_t *node, const void *element, rnsi_writer_t *w) {
    const rns_mem_t space = {w->at, (size_t)(w->end - w->at)};
    const struct rnsi_dest *dest = element;
    const size_t size = dest->ratchet_count > 0 ? rnsi_ratchet_record(node, dest, space) : 0;
    return size > 0 && rnsi_write_space(w, size) != NULL;
}

bool rnsi_mark_encode(rns_node_t *node, const void *element, rnsi_writer_t *w) {
    const struct rnsi_dest *dest = element;
    (void)node;
    rnsi_write64(w, dest->mark_s);
    return dest->mark_s > 0;
}

// ---- Shut out identities: {"source": identity, "until": time or nil, "reason": text or nil}

// Only what this node itself decided, as the reference has it.
bool rnsi_blackhole_encode(rns_node_t *node, const void *element, rnsi_writer_t *w) {
    const struct rnsi_blackhole *hole = element;
    if (!rnsi_hash_is(hole->source, node->identity.hash.b)) {
        return false;
    }
    rnsi_msgpack_map(w, HOLE_PAIRS);
    rnsi_msgpack_str(w, SOURCE);
    rnsi_msgpack_bin(w, (rns_bytes_t){hole->source, sizeof hole->source});
    rnsi_msgpack_str(w, UNTIL);
    if (hole->until_us != 0) {
        rnsi_msgpack_seconds(w, hole->until_us);
    } else {
        rnsi_msgpack_nil(w);
    }
    rnsi_msgpack_str(w, REASON);
    size_t size = 0;
    while (size < RNSI_REASON_MAX && hole->reason[size] != 0) {
        size++;
    }
    if (hole->has_reason) {
        rnsi_msgpack_str(w, (rns_bytes_t){(const uint8_t *)hole->reason, size});
    } else {
        rnsi_msgpack_nil(w);
    }
    return true;
}

// A longer reason is cut where a character ends.
static void copy_reason(struct rnsi_blackhole *hole, rns_bytes_t text) {
    size_t size = text.size < RNSI_REASON_MAX ? text.size : RNSI_REASON_MAX - 1;
    while (size < text.size && size > 0 && (text.data[size] & 0xC0U) == 0x80U) {
        size--;
    }
    memcpy(hole->reason, text.data, size);
    hole->reason[size] = 0;
    hole->has_reason = true;
}

static bool read_until(const rnsi_msgpack_t *value, int64_t *until_us) {
    switch (value->type) {
    case RNSI_MSGPACK_UINT:
    case RNSI_MSGPACK_FLOAT:
        (void)rnsi_msgpack_as_seconds(value, until_us);
        *until_us = rnsi_record_time(*until_us);
        return true;
    case RNSI_MSGPACK_NIL:
        return true;
    default:
        return false;
    }
}

static bool read_hole(rnsi_reader_t *r, struct rnsi_blackhole *hole) {
    uint32_t pairs;
    bool ok = rnsi_msgpack_read_map(r, &pairs);
    for (uint32_t i = 0; ok && i < pairs; i++) {
        rnsi_msgpack_t key, value;
        ok = rnsi_msgpack_read(r, &key);
        if (ok && rnsi_msgpack_is(&key, UNTIL)) {
            ok = rnsi_msgpack_read(r, &value) && read_until(&value, &hole->until_us);
        } else if (ok && rnsi_msgpack_is(&key, REASON)) {
            ok = rnsi_msgpack_read(r, &value);
            if (ok && value.type == RNSI_MSGPACK_STR) {
                copy_reason(hole, value.bytes);
            }
        } else {
            ok = ok && rnsi_msgpack_skip(r);
        }
    }
    return ok;
}

// The reference takes all that stands in the file as its own decision.
rnsi_taken_t rnsi_blackhole_decode(rns_node_t *node, rnsi_record_t *record) {
    struct rnsi_blackhole read = {.until_us = 0};
    rnsi_reader_t r = rnsi_reader(record->value);
    rnsi_pool_t *pool = RNSI_POOL(node, BLACKHOLE);
    if (!read_hole(&r, &read)) {
        return RNSI_RECORD_BAD;
    }
    const int64_t now_us = rnsi_unix_us(node);
    if (read.until_us != 0 && now_us > 0 && now_us > read.until_us) {
        return RNSI_RECORD_SURPLUS;
    }
    struct rnsi_blackhole *hole = rnsi_pool_find(pool, record->key.data) == NULL
                                      ? rnsi_pool_take(pool, node->now, record->key.data)
                                      : NULL;
    if (hole == NULL) {
        return RNSI_RECORD_KEPT;
    }
    memcpy(hole->source, node->identity.hash.b, sizeof hole->source);
    memcpy(hole->reason, read.reason, sizeof hole->reason);
    hole->has_reason = read.has_reason;
    hole->until_us = read.until_us;
    record->slot = &hole->slot;
    return RNSI_RECORD_TAKEN;
}
