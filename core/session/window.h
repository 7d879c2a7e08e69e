// window.h -- how many messages of a channel may be under way, and how long each of them has
// (RNS/Channel.py: __init__, _packet_tx_op, _packet_timeout, _get_packet_timeout_time).
#ifndef RNSI_SESSION_WINDOW_H_INCLUDED
#define RNSI_SESSION_WINDOW_H_INCLUDED

#include "node.h"

#define RNSI_CHANNEL_TRIES  5U               // Channel._max_tries
#define RNSI_CHANNEL_WINDOW 48U              // Channel.WINDOW_MAX
#define RNSI_RTT_SLOW       (1450 * RNSI_MS) // Channel.RTT_SLOW

// rtt: of the link, in microseconds.
void rnsi_window_open(struct rnsi_channel *channel, rns_us_t rtt);
void rnsi_window_proved(struct rnsi_channel *channel, rns_us_t rtt); // a message has arrived
void rnsi_window_missed(struct rnsi_channel *channel);               // one is sent again
// From sending on until the proof is given up: for a message that is sent for the tries-th time (1
// to RNSI_CHANNEL_TRIES) when `ring` are under way.
rns_us_t rnsi_window_timeout(rns_us_t rtt, unsigned tries, unsigned ring);
// The same before it is divided by 2^halves.
rns_us_t rnsi_window_product(rns_us_t rtt, unsigned tries, unsigned ring, unsigned *halves);

#endif
