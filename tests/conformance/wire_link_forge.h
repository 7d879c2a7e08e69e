// wire_link_forge.h -- a link to somebody whose keys we hold.
#ifndef CONFORMANCE_WIRE_LINK_FORGE_H_INCLUDED
#define CONFORMANCE_WIRE_LINK_FORGE_H_INCLUDED

#include "wire_scratch.h"

// An initiator's link over an interface of its own, to somebody who has not answered.
typedef struct {
    scratch_t scratch;
    fresh_t fresh;
    rns_link_t link;
    rns_hash_t id;
} asked_t;

bool asked_open(call_t *call, wire_t *wire, asked_t *asked); // false: the call fails
void asked_close(asked_t *asked);
// The proof that opens it, as this variant of it (wire_inject_crafted_lrproof).
rns_mem_t asked_proof(call_t *call, const asked_t *asked, const char *variant);

#endif
