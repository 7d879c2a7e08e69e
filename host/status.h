// host/status.h -- what a node does, as JSON for tools and tests.
#ifndef HOST_STATUS_H_INCLUDED
#define HOST_STATUS_H_INCLUDED

#include <stdbool.h>

#include "host/pump.h"

// Writes {"interfaces": [...], "pools": [...], "paths", ...} to status.json in the directory, as a
// whole or not at all. What the framing of a stream drops is among the verdicts of its interface:
// as "short" and "long", which the node counts too, "overrun" and "noise". False: errno says why.
bool status_write(const pump_t *pump, rns_us_t now, const char *directory);

#endif
