// rate.h -- how often a destination may announce through us (announce_rate_target and its friends).
#ifndef RNSI_RATE_H_INCLUDED
#define RNSI_RATE_H_INCLUDED

#include "node.h"

// Counts an accepted announce that is no path response. true: it comes too often and is not sent
// on.
bool rnsi_rate_blocks(rns_node_t *node, const struct rnsi_iface *iface, const uint8_t dest[16]);

#endif
