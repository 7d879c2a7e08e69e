// announcing.c -- our own announces (RNS/Destination.py:announce), and their emission times.
//
// Peers take an announce only if its emission time is newer than all they have seen, so the times
// of a destination never go back, whatever the clock does. A mark, always at least half an hour
// ahead, is in the store: a node that starts without a clock goes on from there.
#include "memory/bytes.h"
#include "records.h"
#include "route/announce.h"
#include "route/iface.h"
#include "session/destination.h"
#include "session/ratchet.h"
#include "wire/announce.h"

#define MARK_AHEAD_S  3600U // of a new mark
#define MARK_MARGIN_S 1800U // a new mark is due when less than this is left
#define MARK_SIZE     8U    // big-endian
#define NOISE_SIZE    5U

// ---- Emission times

static uint64_t unix_s(const rns_node_t *node) {
    const int64_t unix_us = rnsi_unix_us(node);
    return unix_us > 0 ? (uint64_t)(unix_us / RNSI_SECOND) : 0;
}

static void keep_mark_ahead(rns_node_t *node, struct rnsi_dest *dest, uint64_t time_s) {
    if (time_s + MARK_MARGIN_S >= dest->mark_s) {
        dest->mark_s = time_s + MARK_AHEAD_S;
        rnsi_record_dirty(node, RNS_RECORD_MARK, &dest->slot);
    }
}

void rnsi_emission_open(rns_node_t *node, struct rnsi_dest *dest) {
    uint8_t mark[MARK_SIZE];
    const rns_bytes_t key = {dest->hash, sizeof dest->hash};
    if (node->store.get != NULL && node->store.get(node->store.user, RNS_RECORD_MARK, key,
                                                   (rns_mem_t){mark, sizeof mark}) == sizeof mark) {
        dest->mark_s = rnsi_get64(mark);
    }
    // The last emission lies at most MARK_AHEAD_S before the mark. With a clock that is enough: to
    // start from the mark itself would run ahead of the clock by up to an hour at each start.
    const uint64_t behind = unix_s(node) > 0 ? MARK_AHEAD_S : 0;
    dest->emission_s = dest->mark_s > behind ? dest->mark_s - behind : 0;
    keep_mark_ahead(node, dest, unix_s(node));
}

static uint64_t next_emission(rns_node_t *node, struct rnsi_dest *dest) {
    const uint64_t clock = unix_s(node);
    dest->emission_s = clock > dest->emission_s ? clock : dest->emission_s + 1;
    keep_mark_ahead(node, dest, dest->emission_s);
    return dest->emission_s;
}

// ---- Announces

static rns_bytes_t own_app_data(const rns_node_t *node, const struct rnsi_dest *dest) {
    if (dest->app_data == RNSI_NONE) {
        return (rns_bytes_t){NULL, 0};
    }
    const struct rnsi_app_data *at = rnsi_pool_at(RNSI_POOL(node, APP_DATA), dest->app_data);
    return (rns_bytes_t){at->bytes, at->size};
}

size_t rnsi_app_data_max(const struct rnsi_dest *dest) {
    const bool ratchets = (dest->flags & RNSI_DEST_RATCHETS) != 0;
    return RNSI_APP_DATA_FITS - (ratchets ? RNSI_RATCHET_SIZE : 0);
}

// The ratchet that goes out with the announce; pub stays untouched without ratchets.
static rns_err_t next_ratchet(rns_node_t *node, struct rnsi_dest *dest, uint8_t pub[32]) {
    if ((dest->flags & RNSI_DEST_RATCHETS) == 0) {
        return RNS_ERR_OK;
    }
    const rns_err_t err = rnsi_ratchet_rotate(node, dest);
    if (err == RNS_ERR_OK) {
        rnsi_ratchet_public(node, dest, pub);
    }
    return err;
}

// An announce in the making.
typedef struct {
    rns_bytes_t app_data;
    rnsi_context_t context;
    uint8_t ratchet[RNSI_RATCHET_SIZE]; // of a destination with ratchets
    uint8_t buffer[RNSI_ADDRESS_SIZE + RNS_MTU];
    rns_mem_t raw; // the packet, in buffer
} draft_t;

static rns_err_t begin(rns_node_t *node, struct rnsi_dest *dest, draft_t *draft) {
    return draft->app_data.size > rnsi_app_data_max(dest)
               ? RNS_ERR_SIZE
               : next_ratchet(node, dest, draft->ratchet);
}

static rns_err_t next_random(rns_node_t *node, struct rnsi_dest *dest,
                             uint8_t random[RNSI_RANDOM_BLOB_SIZE]) {
    uint8_t noise[NOISE_SIZE];
    if (!rnsi_random(node, noise, sizeof noise)) {
        return RNS_ERR_ENTROPY;
    }
    rnsi_announce_random(random, noise, next_emission(node, dest));
    return RNS_ERR_OK;
}

static void finish(const rns_node_t *node, const struct rnsi_dest *dest,
                   const uint8_t random[RNSI_RANDOM_BLOB_SIZE], draft_t *draft) {
    const bool ratchets = (dest->flags & RNSI_DEST_RATCHETS) != 0;
    const rnsi_announce_t a = {
        .dest = dest->hash,
        .keys = dest->pub,
        .name_hash = dest->name_hash,
        .random = random,
        .ratchet = ratchets ? draft->ratchet : NULL,
        .app_data = draft->app_data,
    };
    rns_mem_t raw = {draft->buffer + RNSI_ADDRESS_SIZE, RNS_MTU};
    const uint8_t flags = rnsi_packet_flags(RNSI_HEADER_1, ratchets, RNSI_TRANSPORT_BROADCAST,
                                            RNSI_DEST_SINGLE, RNSI_TYPE_ANNOUNCE);
    const size_t head = rnsi_packet_head(raw, flags, 0, NULL, dest->hash, (uint8_t)draft->context);
    raw.size = head + rnsi_announce_build(&node->crypto, &dest->signer_secret, &a,
                                          (rns_mem_t){raw.data + head, raw.size - head});
    draft->raw = raw;
}

rns_err_t rnsi_destination_announce(rns_node_t *node, struct rnsi_dest *dest, rns_bytes_t app_data,
                                    struct rnsi_iface *only) {
    draft_t draft = {.app_data = app_data, .context = RNSI_CONTEXT_NONE};
    uint8_t random[RNSI_RANDOM_BLOB_SIZE];
    rns_err_t err = begin(node, dest, &draft);
    if (err == RNS_ERR_OK) {
        err = next_random(node, dest, random);
    }
    if (err == RNS_ERR_OK) {
        finish(node, dest, random, &draft);
        rnsi_announce_own(node, draft.raw, only);
    }
    return err;
}

rns_err_t rns_announce(rns_node_t *node, rns_us_t now, rns_dest_t dest, rns_bytes_t app_data,
                       rns_iface_t iface) {
    struct rnsi_dest *d = rnsi_dest_get(node, dest);
    struct rnsi_iface *only = rnsi_iface_get(node, iface);
    if (d == NULL || (iface.gen != 0 && only == NULL)) {
        return RNS_ERR_GONE;
    }
    if (d->type != RNS_DEST_SINGLE) {
        return RNS_ERR_ARG;
    }
    node->now = now;
    const rns_bytes_t data = app_data.data != NULL ? app_data : own_app_data(node, d);
    return rnsi_destination_announce(node, d, data, only);
}

// ---- Answers to path requests

// Whoever hears the answer to one request by two ways can tell that it is one, so the same tag gets
// the same bytes. The reference keeps these; here they are made again, and Ed25519 signs them
// alike. Where the ratchet or the app data has changed they would differ: then the answer is a new
// one, for no random bytes may stand for two announces.
static bool repeats(const rns_node_t *node, const struct rnsi_dest *dest, rns_bytes_t tag,
                    draft_t *draft) {
    if (tag.size != dest->answer_tag_size || memcmp(tag.data, dest->answer_tag, tag.size) != 0 ||
        node->now - dest->answer_at > RNSI_ANSWER_KEPT) {
        return false;
    }
    finish(node, dest, dest->answer_random, draft);
    return rnsi_print_of(&node->memory, draft->raw.data, draft->raw.size) == dest->answer_print;
}

static bool is_made_anew(rns_node_t *node, struct rnsi_dest *dest, rns_bytes_t tag,
                         draft_t *draft) {
    if (next_random(node, dest, dest->answer_random) != RNS_ERR_OK) {
        return false;
    }
    finish(node, dest, dest->answer_random, draft);
    memcpy(dest->answer_tag, tag.data, tag.size);
    dest->answer_tag_size = (uint8_t)tag.size;
    dest->answer_at = node->now;
    dest->answer_print = rnsi_print_of(&node->memory, draft->raw.data, draft->raw.size);
    return true;
}

void rnsi_destination_answer(rns_node_t *node, struct rnsi_dest *dest, struct rnsi_iface *iface,
                             rns_bytes_t tag) {
    const rns_dest_t handle = rnsi_dest_handle(node, dest);
    const rnsi_iface_ref_t ref = rnsi_iface_ref(node, iface);
    if (dest->type != RNS_DEST_SINGLE) {
        return;
    }
    rns_event_t event = {.type = RNS_EV_APP_DATA, .dest = handle};
    rnsi_event(node, &event);
    struct rnsi_dest *d = rnsi_dest_get(node, handle);
    struct rnsi_iface *only = rnsi_iface_at(node, ref);
    if (d == NULL || only == NULL) {
        return;
    }
    draft_t draft = {.app_data = own_app_data(node, d), .context = RNSI_CONTEXT_PATH_RESPONSE};
    // What cannot be sent now is asked for again.
    if (begin(node, d, &draft) == RNS_ERR_OK &&
        (repeats(node, d, tag, &draft) || is_made_anew(node, d, tag, &draft))) {
        rnsi_announce_own(node, draft.raw, only);
    }
}

void rnsi_destination_managed(rns_node_t *node) {
    const rnsi_pool_t *pool = RNSI_POOL(node, DEST);
    for (uint32_t cursor = 0; cursor != RNSI_NONE;) {
        struct rnsi_dest *d = rnsi_pool_walk(pool, &cursor, pool->count);
        if (d != NULL && (d->flags & RNSI_DEST_MANAGED) != 0) {
            rnsi_destination_announce(node, d, own_app_data(node, d), NULL);
        }
    }
}
