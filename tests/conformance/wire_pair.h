// wire_pair.h -- two nodes of ours in memory, a link between them, and each packet of it in hand:
// for commands that look at one end while the other is played. Time stands still unless it is let
// go on.
#ifndef CONFORMANCE_WIRE_PAIR_H_INCLUDED
#define CONFORMANCE_WIRE_PAIR_H_INCLUDED

#include "testing_session.h"
#include "session/transfer.h"
#include "wire/msgpack.h"
#include "wire/resource.h"
#include "wire_resource.h"

#define PAIR_MTU   500U // of the link
#define PAIR_PARTS 160U // that a resource has, at most

typedef struct pair pair_t;

// A packet that a side has sent.
typedef struct caught caught_t;
struct caught {
    caught_t *next;
    bool is_of_link;           // packet is what it carries
    rnst_link_packet_t packet; // decrypted
    rns_bytes_t raw;
    uint8_t bytes[]; // of both
};

typedef struct {
    pair_t *pair;
    rns_node_t *node;
    rns_config_t config;
    rns_iface_t wire;
    rns_link_t link;
    bool is_down;
    caught_t *caught, **last; // what it sent and nobody has taken
    transfer_t *transfers;    // the newest first
    unsigned progress;        // events
    unsigned proved;          // messages of its channel
    rns_mem_t request;        // memory of a request that comes as a resource
} pair_side_t;

struct pair {
    pair_side_t a, b; // a has opened the link
    rns_us_t now;
    rns_dest_t dest; // of b
    rns_hash_t hash;
};

// crypto: of a; NULL: the host's. NULL: there is no memory, and the call fails.
pair_t *pair_open(call_t *call, const rns_crypto_t *crypto);
void pair_close(pair_t *pair);

// The side does what is due and what it has to send is caught.
void pair_work(pair_side_t *side);
// The same while this time passes.
void pair_wait(pair_side_t *side, rns_us_t span);
// Hands a packet to a side, as if it had come from the other one, and lets it work.
rns_verdict_t pair_feed(pair_side_t *side, rns_bytes_t raw);
// A packet of the link as the side itself sends it. It lives as long as the call.
rns_bytes_t pair_make(call_t *call, pair_side_t *side, rnsi_packet_type_t type,
                      rnsi_context_t context, rns_bytes_t data);
// Both sides work and hear each other until nothing happens for this time.
void pair_run(pair_t *pair, rns_us_t span);

// The first packet of a context that was caught, from `from` on (NULL: the first). NULL: none.
const caught_t *pair_next(const caught_t *from, rnsi_context_t context);
const caught_t *pair_first(const pair_side_t *side, rnsi_context_t context);
unsigned pair_count(const pair_side_t *side, rnsi_context_t context);
void pair_forget(pair_side_t *side); // what was caught

// A sends random bytes that make so many parts, b takes what comes (accepts). Prepared and
// advertised: the offer is caught. NULL: it cannot, and the call fails.
transfer_t *pair_begin(call_t *call, pair_t *pair, uint32_t parts); // not prepared yet
transfer_t *pair_send(call_t *call, pair_t *pair, uint32_t parts);
// What b does with offers.
void pair_accept(pair_t *pair, rns_accept_t strategy);

// The parts of an offer, as A sends them when it is asked for them by their map hashes (asked).
typedef struct {
    rnsi_adv_t adv;                     // points into the offer
    rns_bytes_t offer;                  // the packet
    uint32_t count;                     // parts whose map hashes the offer has
    rns_bytes_t part[RNSI_HASHMAP_MAX]; // packets
} pair_offer_t;
bool pair_read_offer(call_t *call, pair_t *pair, pair_offer_t *offer);
bool pair_fetch(call_t *call, pair_t *pair, pair_offer_t *offer);
// A request of b for the parts of `count` map hashes; last: the last one known, or NULL.
rns_bytes_t pair_ask(call_t *call, pair_t *pair, const uint8_t *hash, const uint8_t *map,
                     size_t count, const uint8_t *last);

// ---- What commands begin with

// A pair, and an offer of a that b has not heard yet, with its parts.
typedef struct {
    pair_t *pair;
    transfer_t *out;
    pair_offer_t offer;
} probe_t;

// Whether the link of the command is one that we opened and is up; else the call fails.
bool probe_has_link(call_t *call);
// False: the call fails, and nothing is open.
bool probe_open(call_t *call, probe_t *probe, uint32_t parts);
json_t *probe_done(const probe_t *probe, json_t *result);
json_t *probe_fail(call_t *call, const probe_t *probe, const char *why);
// The place of the parameter variant in a list that ends with NULL. False: it is not there, and the
// call fails.
bool probe_variant(call_t *call, const char *const *variants, unsigned *variant);
// A copy of a packet with its last byte changed.
rns_bytes_t probe_damaged(call_t *call, rns_bytes_t raw);
// The next packet of map hashes, as a sends it when b asks behind the hash `last` of its map.
rns_bytes_t probe_fetch_map(call_t *call, const probe_t *probe, const uint8_t *last);

#endif
