// blackhole.h -- identities that are shut out.
#ifndef RNSI_BLACKHOLE_H_INCLUDED
#define RNSI_BLACKHOLE_H_INCLUDED

#include "node.h"

bool rnsi_blackholed(const rns_node_t *node, const uint8_t identity[16]);
// Drops the paths of all that are shut out, for a user's command: looks at all paths. Those whose
// destination is not known any more stay.
void rnsi_blackhole_drop_paths(rns_node_t *node);
void rnsi_blackhole_clean(rns_node_t *node); // drops what is over; called once a minute

#endif
