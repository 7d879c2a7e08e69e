// wire_link.h -- what the commands of links share.
#ifndef CONFORMANCE_WIRE_LINK_H_INCLUDED
#define CONFORMANCE_WIRE_LINK_H_INCLUDED

#include "wire.h"

const char *link_state_name(rns_link_state_t state);
json_t *link_reason_name(uint8_t reason); // null: it is not down

// A new link is up, or it never will be.
bool link_is_decided(void *session);

// What is said of a link: status, timings, sizes, identity of the peer, as members of an object.
json_t *link_snapshot(wire_t *wire, session_t *session);

// Whether the parameters app_name and aspects are the name of a destination that is known from its
// announce. false: the call fails.
bool link_is_known_as(call_t *call, wire_t *wire, const rns_hash_t *destination);

// A link that we ask for; its session. NULL: it cannot be, and the call fails.
session_t *link_ask(call_t *call, wire_t *wire, const rns_hash_t *destination);

#endif
