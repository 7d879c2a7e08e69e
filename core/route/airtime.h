// airtime.h -- the share of an interface's bitrate that announces of others may take, and the queue
// of those that wait for it: fewest hops first, then the oldest.
#ifndef RNSI_AIRTIME_H_INCLUDED
#define RNSI_AIRTIME_H_INCLUDED

#include "node.h"
#include "rules.h"

#define RNSI_QUEUED_ANNOUNCE_LIFE (RNSI_SECOND * 3600 * RNSI_QUEUED_ANNOUNCE_HOURS)

// May an announce of this size go out now? true: it may, and its air time is taken. false: queue
// it.
bool rnsi_airtime_take(rns_node_t *node, struct rnsi_iface *iface, size_t size);
// The same for a recursive path request: false while announces wait or air time is used up.
bool rnsi_airtime_take_ask(rns_node_t *node, struct rnsi_iface *iface, size_t size);
// Queues an announce by its slot in ANNOUNCE_CACHE, which is pinned meanwhile. A newer emission of
// the same destination takes the older one's place, an older one is ignored. Refused, counted at
// the row: an interface queues at most RNSI_MAX_QUEUED_ANNOUNCES and a quarter of the row. O(1).
void rnsi_airtime_queue(rns_node_t *node, struct rnsi_iface *iface, uint32_t cache, uint8_t hops,
                        uint64_t emission_s, const uint8_t dest[16]);
// When the next queued announce may go; RNS_NEVER: none waits.
rns_us_t rnsi_airtime_due(const rns_node_t *node, const struct rnsi_iface *iface);
// Sends the one that is due, O(log n) amortised; when no frame is free it waits on.
void rnsi_airtime_release(rns_node_t *node, struct rnsi_iface *iface);
uint32_t rnsi_airtime_drop_all(rns_node_t *node, struct rnsi_iface *iface); // returns how many

#endif
