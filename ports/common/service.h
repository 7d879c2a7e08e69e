// service.h -- what the firmware offers: a destination that echoes (reticule.echo) and a page
// (nomadnetwork.node). Both have the identity that stands in the store.
//
// reticule.echo proves each packet. Over a link it sends back each packet; takes resources, one at
// a time, and answers with a packet "received SIZE SHA256"; and answers requests:
//   /echo   the same value
//   /send   bytes of decimal digits: a resource of so many bytes comes (see service_byte())
//   /state  a text: the rows of memory, the regions, the store
#ifndef PORTS_SERVICE_H_INCLUDED
#define PORTS_SERVICE_H_INCLUDED

#include "rns/rns.h"
#include "store.h"

#define SERVICE_ANSWER_MOST 4096U
#define SERVICE_REQUESTS    4U

typedef struct {
    rns_node_t *node;
    const rns_crypto_t *crypto;
    store_t *store;    // NULL: nothing is kept
    const char *about; // a line of /state
    rns_dest_t echo, page;
    rns_us_t announce_at; // RNS_NEVER: not before the marks are stored
    rns_hash_t paths[SERVICE_REQUESTS];
    // The resource that comes in.
    struct {
        bool is_taken;
        rns_resource_t resource;
        uint64_t size;
        rns_sha256_t hash, committed_hash;
    } in;
    // The answer that goes out, while it is lent.
    struct {
        bool is_lent;
        rns_query_t query;
        uint8_t bytes[SERVICE_ANSWER_MOST];
    } answer;
} service_t;

// node, crypto, store and about are set, the rest is 0. As rns_dest_add(); ENTROPY.
rns_err_t service_open(service_t *service, rns_us_t now);
void service_event(service_t *service, const rns_event_t *event);
// Announces when it is time.
void service_turn(service_t *service, rns_us_t now);
// What a resource of /send has at this place.
uint8_t service_byte(uint64_t offset);

#endif
