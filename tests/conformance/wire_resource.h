// wire_resource.h -- transfers of our links, from their offer until the node is closed.
#ifndef CONFORMANCE_WIRE_RESOURCE_H_INCLUDED
#define CONFORMANCE_WIRE_RESOURCE_H_INCLUDED

#include "rns/inspect.h"
#include "rules.h"
#include "wire.h"

#define RESOURCE_UNPACK_MOST 262144 // bytes of a compressed segment that a listener unpacks

// The reference's names for where a transfer stands (Resource.NONE and its sisters).
typedef enum {
    RESOURCE_NONE,
    RESOURCE_QUEUED,
    RESOURCE_ADVERTISED,
    RESOURCE_TRANSFERRING,
    RESOURCE_AWAITING_PROOF,
    RESOURCE_ASSEMBLING,
    RESOURCE_COMPLETE,
    RESOURCE_FAILED,
    RESOURCE_CORRUPT,
    RESOURCE_REJECTED = RNSI_RESOURCE_REJECTED
} resource_status_t;

struct transfer {
    transfer_t *next; // older
    char id[32];
    rns_resource_t handle;
    const own_t *own; // incoming: the listener
    rns_mem_t data, metadata;
    size_t got, committed;          // incoming: bytes of data
    rns_resource_info_t info;       // as last seen
    rns_inspect_transfer_t inspect; // as last seen
    bool is_over, is_polled;
    rns_err_t status;
    unsigned map_asks, map_updates; // incoming: packets of map hashes asked for, and received
};

// The parameter metadata, bytes, as a value; it lives as long as the call. False: the call fails.
bool resource_metadata(call_t *call, rns_mem_t *packed);
// Brings info and inspect up to date, and says where it stands.
resource_status_t resource_look(rns_node_t *node, transfer_t *transfer);
// What the end of a transfer is to the reference.
resource_status_t resource_status_of(rns_err_t status, bool is_incoming);
const char *resource_status_name(resource_status_t status);

#endif
