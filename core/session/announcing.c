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

rns_err_t rnsi_destination_announce(rns_node_t *node, struct rnsi_dest *dest, rns_bytes_t app_data,
                                    rnsi_context_t context, struct rnsi_iface *only) {
    uint8_t noise[NOISE_SIZE], random[RNSI_RANDOM_BLOB_SIZE], ratchet[RNSI_RATCHET_SIZE];
    if (app_data.size > rnsi_app_data_max(dest)) {
        return RNS_ERR_SIZE;
    }
    if (!rnsi_random(node, noise, sizeof noise)) {
        return RNS_ERR_ENTROPY;
    }
    const rns_err_t err = next_ratchet(node, dest, ratchet);
    if (err != RNS_ERR_OK) {
        return err;
    }
    rnsi_announce_random(random, noise, next_emission(node, dest));
    const bool ratchets = (dest->flags & RNSI_DEST_RATCHETS) != 0;
    const rnsi_announce_t a = {
        .dest = dest->hash,
        .keys = dest->pub,
        .name_hash = dest->name_hash,
        .random = random,
        .ratchet = ratchets ? ratchet : NULL,
        .app_data = app_data,
    };
    uint8_t buffer[RNSI_ADDRESS_SIZE + RNS_MTU];
    rns_mem_t raw = {buffer + RNSI_ADDRESS_SIZE, RNS_MTU};
    const uint8_t flags = rnsi_packet_flags(RNSI_HEADER_1, ratchets, RNSI_TRANSPORT_BROADCAST,
                                            RNSI_DEST_SINGLE, RNSI_TYPE_ANNOUNCE);
    const size_t head = rnsi_packet_head(raw, flags, 0, NULL, dest->hash, (uint8_t)context);
    raw.size = head + rnsi_announce_build(&node->crypto, &dest->signer_secret, &a,
                                          (rns_mem_t){raw.data + head, raw.size - head});
    rnsi_announce_own(node, raw, only);
    return RNS_ERR_OK;
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
    return rnsi_destination_announce(node, d, data, RNSI_CONTEXT_NONE, only);
}

void rnsi_destination_answer(rns_node_t *node, struct rnsi_dest *dest, struct rnsi_iface *iface) {
    const rns_dest_t handle = rnsi_dest_handle(node, dest);
    const rnsi_iface_ref_t ref = rnsi_iface_ref(node, iface);
    if (dest->type != RNS_DEST_SINGLE) {
        return;
    }
    rns_event_t event = {.type = RNS_EV_APP_DATA, .dest = handle};
    rnsi_event(node, &event);
    struct rnsi_dest *d = rnsi_dest_get(node, handle);
    struct rnsi_iface *only = rnsi_iface_at(node, ref);
    if (d != NULL && only != NULL) {
        // What cannot be sent now is asked for again.
        rnsi_destination_announce(node, d, own_app_data(node, d), RNSI_CONTEXT_PATH_RESPONSE, only);
    }
}

void rnsi_destination_managed(rns_node_t *node) {
    const rnsi_pool_t *pool = RNSI_POOL(node, DEST);
    for (uint32_t cursor = 0; cursor != RNSI_NONE;) {
        struct rnsi_dest *d = rnsi_pool_walk(pool, &cursor, pool->count);
        if (d != NULL && (d->flags & RNSI_DEST_MANAGED) != 0) {
            rnsi_destination_announce(node, d, own_app_data(node, d), RNSI_CONTEXT_NONE, NULL);
        }
    }
}
