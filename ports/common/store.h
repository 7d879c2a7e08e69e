// store.h -- records in flash, as a log: what is new is written behind what is there, and what is
// old is left behind when the oldest sector is erased. The power may go at any moment: a record is
// then there as it was, or as it was to be.
//
// No heap, no tables beyond what the caller lends. Besides the node's kinds (rns/store.h) it keeps
// some of the application's own. Kinds of which the node knows only what it heard (`caches`) make
// room for others: the oldest of them are dropped when the store is full.
#ifndef PORTS_STORE_H_INCLUDED
#define PORTS_STORE_H_INCLUDED

#include "board.h"
#include "rns/store.h"

#define STORE_KEY_MAX     32U
#define STORE_RECORD_MOST 4096U // bytes of a record with its key, in sectors of any size
#define STORE_OWN         32U   // first kind of the application's own; the last is 63

typedef struct {
    uint32_t hash; // of kind and key
    uint32_t at;   // of the record
    uint8_t kind;
} store_entry_t;

typedef struct {
    const board_flash_t *flash;
    uint64_t kinds;  // bit 1 << kind: is kept, else forgotten
    uint64_t caches; // of those: may be dropped
    store_entry_t *entries;
    uint32_t entry_most, entry_count;
    uint32_t tail, head; // sequence numbers of the oldest and the newest sector in use
    uint32_t write_at;   // in the newest
    uint32_t erased;     // sequence number of the sector that is known to be erased; 0: none
    uint32_t copy_at;    // compaction: up to here nothing of the oldest sector is alive
    uint32_t live_bytes; // of the records that count
    uint32_t dropped, refused, damaged; // records: to make room, for want of it, unreadable
    uint8_t *buffer;                    // of store_record_max() bytes
} store_t;

// Bytes of the longest record with its key, and of the buffer that is lent: less than half a
// sector, and STORE_RECORD_MOST at most.
uint32_t store_record_max(const board_flash_t *flash);

// Reads what the flash holds. flash, kinds, caches, entries, entry_most and buffer are set, the
// rest is 0. The flash needs six sectors at least, of 512 bytes. false: it has not, or cannot be
// read or erased.
bool store_open(store_t *store);

// As rns_store_t has them (rns/store.h). put and del are false while the next sector is not ready,
// which store_work() makes it.
size_t store_get(store_t *store, unsigned kind, rns_bytes_t key, rns_mem_t out);
bool store_put(store_t *store, unsigned kind, rns_bytes_t key, rns_bytes_t value);
bool store_del(store_t *store, unsigned kind, rns_bytes_t key);
void store_each(store_t *store, unsigned kind, void *context,
                void (*take)(void *context, rns_bytes_t key, rns_bytes_t value));
// What the node is given.
rns_store_t store_of_node(store_t *store);

// One step of what makes room: erases a sector, or copies a record. Call it while nothing else is
// to be done. false: there was nothing to do.
bool store_work(store_t *store);

#endif
