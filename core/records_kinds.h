// records_kinds.h -- the values of each kind of record: what records.c hands to the store and takes
// from it. The formats are those of the reference's files (see rns/store.h).
//
// Times in records are wall time, in seconds. A node without a clock writes them as if it were 0
// o'clock now: such a record (its time is not above 0) tells how long ago and how long still. A
// stored time in the future counts as now.
#ifndef RNSI_RECORDS_KINDS_H_INCLUDED
#define RNSI_RECORDS_KINDS_H_INCLUDED

#include "node.h"
#include "wire/msgpack.h"

#define RNSI_RECORD_SMALL 1024U // bytes of the largest value, but of RATCHET_SELF, TUNNEL and SEEN

// false: there is nothing to be stored of it now.
bool rnsi_known_encode(rns_node_t *node, const void *element, rnsi_writer_t *w);
bool rnsi_path_encode(rns_node_t *node, const void *element, rnsi_writer_t *w);
bool rnsi_cache_encode(rns_node_t *node, const void *element, rnsi_writer_t *w);
bool rnsi_tunnel_encode(rns_node_t *node, const void *element, rnsi_writer_t *w);
bool rnsi_ratchet_encode(rns_node_t *node, const void *element, rnsi_writer_t *w);
bool rnsi_ratchets_encode(rns_node_t *node, const void *element, rnsi_writer_t *w);
bool rnsi_blackhole_encode(rns_node_t *node, const void *element, rnsi_writer_t *w);
bool rnsi_mark_encode(rns_node_t *node, const void *element, rnsi_writer_t *w);

// The element that a record became.
typedef enum {
    RNSI_RECORD_TAKEN,
    RNSI_RECORD_KEPT,    // not for now: it stays in the store
    RNSI_RECORD_BAD,     // it does not parse
    RNSI_RECORD_SURPLUS, // too old, or no room: the store need not keep it
} rnsi_taken_t;

typedef struct {
    rns_bytes_t key, value;
    struct rnsi_iface *iface; // PATH: the interface that is being added
    rnsi_slot_t *slot;        // out: the element
} rnsi_record_t;

rnsi_taken_t rnsi_known_decode(rns_node_t *node, rnsi_record_t *record);
rnsi_taken_t rnsi_path_decode(rns_node_t *node, rnsi_record_t *record);
rnsi_taken_t rnsi_tunnel_decode(rns_node_t *node, rnsi_record_t *record);
rnsi_taken_t rnsi_ratchet_decode(rns_node_t *node, rnsi_record_t *record);
rnsi_taken_t rnsi_blackhole_decode(rns_node_t *node, rnsi_record_t *record);

// The kind of an element is put already: it is not dirty, and is deleted when the element goes.
void rnsi_record_is_stored(rns_node_t *node, rns_record_t kind, rnsi_slot_t *slot);

// A time of a record. What no clock shows counts as 0.
static inline int64_t rnsi_record_time(int64_t us) {
    return us == INT64_MAX || us == INT64_MIN ? 0 : us;
}

// A bin of exactly this size; NULL, and the reader is not ok: something else.
static inline const uint8_t *rnsi_record_bin(rnsi_reader_t *r, size_t size) {
    rns_bytes_t bin;
    if (!rnsi_msgpack_read_bin(r, &bin) || bin.size != size) {
        r->ok = false;
        return NULL;
    }
    return bin.data;
}

#endif
