// host/utility/herald.h -- announces of a listener: at the start on each interface as it comes
// online, and again from time to time.
#ifndef HOST_UTILITY_HERALD_H_INCLUDED
#define HOST_UTILITY_HERALD_H_INCLUDED

#include "host/utility/utility.h"

#define HERALD_START_US 30000000 // how long interfaces may take to come up
// How long one is left alone after that: the reference loses an interface to which something comes
// before it is set up.
#define HERALD_SETTLE_US 1000000

typedef struct {
    utility_t *utility;
    rns_dest_t dest;
    rns_us_t start_ends, every_us, next; // every_us 0: only at the start
    utility_seen_t seen;
    rns_us_t since[UTILITY_INTERFACES_MOST]; // when each was seen
    size_t told;                             // the first ones
} herald_t;

// every_s 0: only at the start.
void herald_open(herald_t *herald, utility_t *utility, rns_dest_t dest, int64_t every_s);

// Call it after each turn.
void herald_turn(herald_t *herald, rns_us_t now);

#endif
