// testing_dest.c -- see testing.h.
#include "session/destination.h"
#include "session/ratchet.h"
#include "testing.h"

bool rnst_ratchet_put(rns_node_t *node, rns_dest_t dest, const uint8_t key_secret[32]) {
    struct rnsi_dest *d = rnsi_dest_get(node, dest);
    return d != NULL && (d->flags & RNSI_DEST_RATCHETS) != 0 &&
           rnsi_ratchet_push(node, d, key_secret) == RNS_ERR_OK;
}
