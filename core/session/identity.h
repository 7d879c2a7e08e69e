// identity.h -- names of destinations, as the application writes them.
#ifndef RNSI_SESSION_IDENTITY_H_INCLUDED
#define RNSI_SESSION_IDENTITY_H_INCLUDED

#include "node.h"

#define RNSI_DEST_NAME_MAX 255U // bytes of "app.aspect.aspect"

// Hash of a name, without identity. false: no name, an empty part, or too long.
bool rnsi_name_hash(const rns_node_t *node, const char *name, uint8_t hash[10]);

#endif
