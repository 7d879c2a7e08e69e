// host/store.h -- the records of a node in the reference's folder (RNS.Reticulum.storagepath): the
// same files, so that a folder serves the Python rnsd and this one in turn.
//
//   storage/transport_identity          64 bytes, mode 0600
//   storage/ratchets/HASH               a file each, as they come
//   storage/own_ratchets/HASH, marks/HASH      ours: ratchet files of our own destinations, mode
//                                       0600, and emission times not reached yet
//   storage/known_destinations, destination_table, tunnels, blackhole/local    rewritten as a whole
//   storage/cache/announces/HASH        what paths and tunnels need; others are removed
//   storage/packet_hashlist.raw         of transport nodes
//
// Files are written beside their place and renamed, so a crash leaves the old one or the new one.
// Whole files are gathered from the node in slices on the loop and written, synced and renamed by
// a worker of libuv: at most every 5 minutes, when something changed. A file that is damaged is set
// aside as NAME.damaged-TIME and logged; what of it can be read is taken.
#ifndef HOST_STORE_H_INCLUDED
#define HOST_STORE_H_INCLUDED

#include <stdbool.h>

#include <uv.h>

#include "rns/node.h"

#define STORE_ROUND_EVERY_S 300   // whole files, when something changed
#define STORE_SEEN_EVERY_S  43200 // the packet hash list (Transport, persist interval)
#define STORE_LOOK_EVERY_S  5

typedef struct store store_t;

// Opens the folder DIRECTORY/storage and makes what is missing; what cannot be made is logged, and
// the node runs without it. transport: the packet hash list is kept. Takes 0.5 MiB for as long as
// the store lives. NULL: no memory.
store_t *store_open(const char *directory, bool transport);

// For rns_config_t.store.
rns_store_t store_rns(store_t *store);

// Begins to save the node's whole files from this loop. False: the loop refuses.
bool store_start(store_t *store, uv_loop_t *loop, rns_node_t *node);

// Writes what is to be written, now: while the interfaces are still there, since a path over an
// interface that is gone is not written. Runs the loop until a running save has ended, and blocks
// while it writes. False: not all could be written, the log says why.
bool store_save(store_t *store);

// Stops the timers; then the loop must be run until it has no handles any more.
void store_stop(store_t *store);

// After the loop has ended, and rns_close(). Takes NULL.
void store_free(store_t *store);

#endif
