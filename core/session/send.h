// send.h -- what packets of our own carry for each type of destination (RNS/Destination.py:
// encrypt). The size of what stands in out then is *size.
#ifndef RNSI_SEND_H_INCLUDED
#define RNSI_SEND_H_INCLUDED

#include "node.h"

// Encrypts to the newest ratchet of a known destination, or else to its key. SIZE is the caller's
// to check; AUTH: its key is none; ENTROPY.
rns_err_t rnsi_seal_single(rns_node_t *node, const struct rnsi_known *known, rns_bytes_t plain,
                           rns_mem_t out, size_t *size);
// key: 64 or 32 bytes. SIZE, ENTROPY.
rns_err_t rnsi_seal_group(rns_node_t *node, rns_bytes_t key, rns_bytes_t plain, rns_mem_t out,
                          size_t *size);
// As it is. SIZE.
rns_err_t rnsi_seal_plain(rns_bytes_t plain, rns_mem_t out, size_t *size);

#endif
