// testing.h -- what only tests may do to a node: set entries of its tables and their times. It is
// an archive of its own (rns_testing); the library does not contain it.
//
// The functions put entries where the stages would have put them, with all that hangs on them, so
// that the node goes on as it would. Times are monotonic.
#ifndef RNST_TESTING_H_INCLUDED
#define RNST_TESTING_H_INCLUDED

#include "rns/iface.h"
#include "rns/inspect.h"

// ---- Routes (testing.c). false: there is no such entry, or no room for it.

// When a path was last used; its age counts from there.
bool rnst_path_set_used(rns_node_t *node, rns_us_t now, const rns_hash_t *destination,
                        rns_us_t used);
// From when on a longer way may replace it.
bool rnst_path_set_expires(rns_node_t *node, rns_us_t now, const rns_hash_t *destination,
                           rns_us_t expires);
// When an announce of the table is sent next, and when it came there.
bool rnst_announce_set_due(rns_node_t *node, const rns_hash_t *destination, rns_us_t due);
bool rnst_announce_set_taken(rns_node_t *node, const rns_hash_t *destination, rns_us_t taken);

// A packet that came over `received` was sent on over `outbound`, then.
bool rnst_reverse_put(rns_node_t *node, const rns_inspect_reverse_t *entry);
// A link of others. `next_hop` is of no effect: it follows from the path to the destination. Nor is
// `due` of one that is validated: it follows from `used`.
bool rnst_relay_put(rns_node_t *node, rns_us_t now, const rns_inspect_relay_t *entry);

// The next rns_tick() looks at the tables, and at who is shut out no longer.
void rnst_tables_now(rns_node_t *node, rns_us_t now);
// Asks the duplicate filter about a packet (which is changed for the time of the call), and lets it
// remember one that passes. raw must parse. hash: the packet's. false: it is dropped.
bool rnst_filter(rns_node_t *node, rns_us_t now, rns_mem_t raw, bool remember, uint8_t hash[32]);
// Sends a packet on an interface as it is, with its access code. false: gone, offline, no room.
bool rnst_transmit(rns_node_t *node, rns_us_t now, rns_iface_t iface, rns_mem_t raw);
// rns_path_request() with a tag of the caller's, of 1 to 16 bytes. ARG, FULL, GONE.
rns_err_t rnst_path_request(rns_node_t *node, rns_us_t now, const rns_hash_t *destination,
                            rns_iface_t iface, rns_bytes_t tag);
// The mode of an interface, and of those that it spawned, from now on.
void rnst_iface_mode(rns_node_t *node, rns_iface_t iface, rns_mode_t mode);
// Holds an announce back on an interface, as in a burst. raw: as received. false: it is none, not
// signed as it says, or there is no room.
bool rnst_hold(rns_node_t *node, rns_us_t now, rns_iface_t iface, rns_bytes_t raw);
// The next rns_tick() releases one, unless announces come too often still. false: gone.
bool rnst_release_held(rns_node_t *node, rns_us_t now, rns_iface_t iface);
// Nobody is shut out any more. The stored records stay as they are.
void rnst_blackhole_clear(rns_node_t *node);

// ---- Destinations of our own (testing_dest.c)

// Gives a destination with ratchets a key that is now its newest. false: gone, without ratchets, or
// no room.
bool rnst_ratchet_put(rns_node_t *node, rns_dest_t dest, const uint8_t key_secret[32]);

#endif
