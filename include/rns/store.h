// rns/store.h -- records that outlive the node, in the reference's own formats.
#ifndef RNS_STORE_H_INCLUDED
#define RNS_STORE_H_INCLUDED

#include "rns/types.h"

// clang-format off
// kind, bytes of its key, and the reference's file. A value is what stands in that file for the key:
// whole for a file per key, one entry of the msgpack map or array for a file of all.
#define RNS_RECORDS(X)                                                                              \
    X(IDENTITY,     0, "storage/transport_identity: the 64 bytes of the node's secret")             \
    X(KNOWN,       16, "storage/known_destinations: value of the map")                              \
    X(PATH,        16, "storage/destination_table: entry of the array")                             \
    X(ANNOUNCE,    32, "storage/cache/announces/PACKET_HASH: the file")                             \
    X(TUNNEL,      32, "storage/tunnels: entry of the array")                                       \
    X(RATCHET,     16, "storage/ratchets/DESTINATION: the file, a ratchet key of a peer")           \
    X(RATCHET_SELF,16, "the ratchet file of a destination of ours")                                 \
    X(SEEN,         0, "storage/packet_hashlist.raw: the file")                                     \
    X(BLACKHOLE,   16, "storage/blackhole/local: value of the map")                                 \
    X(MARK,        16, "ours alone: 8 bytes, the emission time that a destination has not reached yet")

#define RNSI_RECORD(id, key, what) RNS_RECORD_##id,
typedef enum { RNS_RECORDS(RNSI_RECORD) RNS_RECORD_COUNT } rns_record_t;
#undef RNSI_RECORD
// clang-format on

#define RNS_RECORD_MAX                                                                             \
    17664U // bytes of the largest value, a ratchet file; SEEN is larger, see below

// A NULL function means that nothing is kept.
//
// get   into out; returns the value's size, 0: absent. Called from rns_open() and rns_dest_add(),
// and,
//       for RATCHET_SELF, when a packet fits no key.
// put, del   only from rns_tick() and rns_save(), a bounded number in each; false: later, the
// record
//       stays dirty. The views die when the call returns. SEEN is put as one value, as large as the
//       set; a store that cannot take it returns true and keeps nothing.
// each  once for each kind in rns_open(): hands every record to take. The order is the store's.
//
// A store may name kinds that it rewrites as a whole (bit 1 << kind in whole): their records are
// put only by rns_save(), one after the other, and never deleted one by one.
typedef struct {
    size_t (*get)(void *user, rns_record_t kind, rns_bytes_t key, rns_mem_t out);
    bool (*put)(void *user, rns_record_t kind, rns_bytes_t key, rns_bytes_t value);
    bool (*del)(void *user, rns_record_t kind, rns_bytes_t key);
    void (*each)(void *user, rns_record_t kind, void *context,
                 void (*take)(void *context, rns_bytes_t key, rns_bytes_t value));
    uint32_t whole;
} rns_store_t;

#endif
