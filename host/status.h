// host/status.h -- what a node does, as JSON for tools and tests.
#ifndef HOST_STATUS_H_INCLUDED
#define HOST_STATUS_H_INCLUDED

#include <stdbool.h>

#include "rns/rns.h"

// Writes {"interfaces": [...], "pools": [...], "paths", ...} to status.json in the directory, as a
// whole or not at all. False: errno says why.
bool status_write(rns_node_t *node, rns_us_t now, const char *directory);

#endif
