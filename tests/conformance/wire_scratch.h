// wire_scratch.h -- what commands make for themselves and take away again: an interface that nobody
// stands behind, destinations, frames.
#ifndef CONFORMANCE_WIRE_SCRATCH_H_INCLUDED
#define CONFORMANCE_WIRE_SCRATCH_H_INCLUDED

#include "wire_link.h"

// ---- An interface: what the node sends on it is taken off it, what comes in over it is put there.

typedef struct {
    wire_t *wire;
    rns_iface_t iface;
} scratch_t;

bool scratch_open(call_t *call, wire_t *wire, scratch_t *scratch); // false: the call fails
void scratch_close(scratch_t *scratch);
// The next frame of this type and context that the node sends there, as long as the call lives.
// false: there is none.
bool scratch_take(call_t *call, scratch_t *scratch, rnsi_packet_type_t type, uint8_t context,
                  rns_mem_t *frame);
rns_verdict_t scratch_put(scratch_t *scratch, rns_mem_t frame);

// ---- A destination with a new identity

typedef struct {
    wire_t *wire;
    rns_secret_t secret;
    uint8_t pub[64];
    rns_hash_t identity, hash;
    rns_dest_t handle; // {0, 0}: it is somebody else's
} fresh_t;

// Of ours, as `from` says but for name and identity; the name is in the parameters app_name and
// aspects, or "conformance" and this aspect. false: the call fails.
bool fresh_own(call_t *call, wire_t *wire, const char *aspect, const rns_dest_config_t *from,
               fresh_t *fresh);
// Of somebody else, that the node knows.
bool fresh_known(call_t *call, wire_t *wire, const char *aspect, fresh_t *fresh);
void fresh_close(fresh_t *fresh);

// ---- Frames. They live as long as the call.

// A HEADER_1 packet with this data.
rns_mem_t frame_of(call_t *call, rnsi_dest_type_t dest_type, rnsi_packet_type_t type,
                   uint8_t context, const rns_hash_t *to, rns_bytes_t data);
// A packet of a link with this data, encrypted as its ends do. No data: the call fails.
rns_mem_t link_frame(call_t *call, wire_t *wire, const session_t *session, uint8_t context,
                     rns_bytes_t plain);
rns_mem_t copy_frame(call_t *call, rns_mem_t frame);

#endif
