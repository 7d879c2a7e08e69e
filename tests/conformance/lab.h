// lab.h -- two nodes in memory and a wire between them that is looked at, for the commands about
// destinations, packets and announces. They are opened at the first use; a command leaves nothing
// behind in them.
#ifndef CONFORMANCE_LAB_H_INCLUDED
#define CONFORMANCE_LAB_H_INCLUDED

#include "bridge.h"
#include "wire/packet.h"

typedef struct {
    rns_node_t *node;
    rns_iface_t iface;
    void *memory[RNS_REGION_COUNT];
    // The last packet for a destination of its own.
    bool has_packet, has_ratchet;
    uint8_t data[RNS_MTU], ratchet_id[10];
    size_t size;
    rns_bytes_t app_data; // given to the destination that is asked for some; data NULL: none
} lab_side_t;

struct lab {
    lab_side_t near, far;
    rns_us_t now;
};

// The lab with its clocks right and its wire empty. NULL: it cannot be opened, and the call fails.
lab_t *lab_of(call_t *call);
void lab_close(bridge_t *bridge); // if there is one

// What time both nodes believe it is.
void lab_set_clock(lab_t *lab, int64_t unix_us);

// The next frame that a node has to send; lives as long as the call. False: none.
bool lab_sent(call_t *call, lab_t *lab, lab_side_t *side, rns_mem_t *frame);
// The same, as a packet. False: there is none, and the call fails.
bool lab_sent_packet(call_t *call, lab_t *lab, lab_side_t *side, rnsi_packet_t *packet);
// A node receives a frame, which is changed.
rns_verdict_t lab_give(lab_t *lab, lab_side_t *side, rns_mem_t frame);
// Carries frames to and fro until there are none.
void lab_settle(call_t *call, lab_t *lab);

#endif
