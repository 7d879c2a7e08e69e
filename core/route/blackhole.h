// blackhole.h -- identities that are shut out.
#ifndef RNSI_BLACKHOLE_H_INCLUDED
#define RNSI_BLACKHOLE_H_INCLUDED

#include "node.h"

bool rnsi_blackholed(const rns_node_t *node, const uint8_t identity[16]);
void rnsi_blackhole_clean(rns_node_t *node); // drops what is over; called once a minute

#endif
