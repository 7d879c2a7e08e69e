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
// get   into out, as much as fits; returns the value's size, 0: absent. Called from rns_open(),
//       rns_dest_add(), from take (ANNOUNCE), and for RATCHET_SELF when a packet fits no key.
// put, del   only from rns_tick() and rns_save(), a bounded number in each; false: later, the
//       record stays dirty, and rns_tick() asks again after a second. The views die when the call
//       returns. SEEN is put by rns_save() alone, as one value as large as half the set; a store
//       that cannot take it returns true and keeps nothing.
// each  hands every record of a kind to take, whose views die when it returns. The order is the
//       store's. Called once for each kind in rns_open(); for PATH when an interface without a
//       parent is added to a node with transport. SEEN may come in pieces of whole hashes. What
//       take cannot read it skips and counts (rns_node_info_t.records_skipped).
//
// A record is as large as its kind needs: KNOWN, PATH, ANNOUNCE, RATCHET, BLACKHOLE up to 1024
// bytes; TUNNEL tells of the newest paths of a tunnel that fit RNS_RECORD_MAX (115 of them), or 512
// bytes where the row RATCHET_FILE has no slots.
//
// A store may name kinds that it rewrites as a whole (bit 1 << kind in whole): their records are
// put only by rns_save(), one after the other, and never deleted one by one. Deletes that wait
// stand in the row RECORD_GONE; what it loses there stays in the store, and is read again next
// time.
typedef struct {
    size_t (*get)(void *user, rns_record_t kind, rns_bytes_t key, rns_mem_t out);
    bool (*put)(void *user, rns_record_t kind, rns_bytes_t key, rns_bytes_t value);
    bool (*del)(void *user, rns_record_t kind, rns_bytes_t key);
    void (*each)(void *user, rns_record_t kind, void *context,
                 void (*take)(void *context, rns_bytes_t key, rns_bytes_t value));
    uint32_t whole;
    void *user; // handed to them; NULL: that of rns_config_t
} rns_store_t;

#endif
