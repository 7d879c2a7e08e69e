// rns/inspect.h -- looking into a node: entries of its tables as they are now, for tools, for tests
// and for people who wonder why a packet went where it went.
//
// Nothing here changes the node, not even the age of an entry. All times are monotonic. An
// interface that is gone is {0, 0}. Finding by key costs O(1). The functions *_each() give the
// first entry from *cursor on and move *cursor behind it; start with 0; false: no more. Between two
// of their calls entries may come and go; those that stay are seen once.
#ifndef RNS_INSPECT_H_INCLUDED
#define RNS_INSPECT_H_INCLUDED

#include "rns/channel.h"
#include "rns/link.h"
#include "rns/path.h"
#include "rns/resource.h"

#ifdef __cplusplus
extern "C" {
#endif

// ---- Paths

typedef struct {
    rns_path_t path;
    uint64_t emission_s;     // newest emission time that its announces told, in Unix seconds
    uint32_t random_blobs;   // remembered, of its announces
    bool has_packet_hash;    // the announce that made it is kept
    uint8_t packet_hash[32]; // of that announce
} rns_inspect_path_t;
// false: there is none, it is over, or its interface is gone.
bool rns_inspect_path(const rns_node_t *node, rns_us_t now, const rns_hash_t *destination,
                      rns_inspect_path_t *path);
// Its random blobs, newest first, at most `most` of 10 bytes each; returns how many. 0: no path.
uint32_t rns_inspect_path_blobs(const rns_node_t *node, rns_us_t now, const rns_hash_t *destination,
                                uint8_t (*blobs)[10], uint32_t most);

// ---- Announces that are sent on to others (Transport.announce_table)

typedef struct {
    rns_hash_t destination;
    rns_hash_t received_from; // transport id that it came with, or the destination
    uint8_t packet_hash[32];
    rns_us_t taken, due; // when it came into the table; when it is sent next
    uint8_t hops;
    uint8_t retries;  // how often it was sent
    uint8_t heard;    // how often neighbours were heard to repeat it
    bool is_response; // answers a path request, and others will not send it on
    bool has_only;    // is sent on `only` alone
    bool has_parked;  // another announce waits until this response is out
    rns_iface_t only; // {0, 0} with has_only: it is gone
} rns_inspect_announce_t;
bool rns_inspect_announce(const rns_node_t *node, const rns_hash_t *destination,
                          rns_inspect_announce_t *announce);
bool rns_inspect_announce_each(const rns_node_t *node, uint32_t *cursor,
                               rns_inspect_announce_t *announce);

// Announces that an interface holds back in a burst; the newest first. Nothing may happen to the
// node between two calls.
typedef struct {
    rns_hash_t destination;
    uint8_t packet_hash[32];
    uint8_t hops; // as received, plus one
} rns_inspect_held_t;
bool rns_inspect_held_each(const rns_node_t *node, rns_iface_t iface, uint32_t *cursor,
                           rns_inspect_held_t *held);

// How often a destination announced on interfaces with an announce rate target.
#define RNS_INSPECT_RATE_TIMES 16U
typedef struct {
    rns_hash_t destination;
    rns_us_t last;          // announce that was sent on
    rns_us_t blocked_until; // before `last`: it is not
    uint32_t violations, times;
    rns_us_t at[RNS_INSPECT_RATE_TIMES]; // its announces, oldest first, in whole seconds
} rns_inspect_rate_t;
bool rns_inspect_rate(const rns_node_t *node, const rns_hash_t *destination,
                      rns_inspect_rate_t *rate);
bool rns_inspect_rate_each(const rns_node_t *node, uint32_t *cursor, rns_inspect_rate_t *rate);

// ---- Packets of others

// Where the proof of a packet that was sent on goes back to (Transport.reverse_table).
typedef struct {
    rns_hash_t packet; // its hash, cut
    rns_iface_t received, outbound;
    rns_us_t at;
} rns_inspect_reverse_t;
// false: there is none, or it is over.
bool rns_inspect_reverse(const rns_node_t *node, rns_us_t now, const rns_hash_t *packet,
                         rns_inspect_reverse_t *reverse);
bool rns_inspect_reverse_each(const rns_node_t *node, rns_us_t now, uint32_t *cursor,
                              rns_inspect_reverse_t *reverse);

// Links of others that pass through this node (Transport.link_table).
typedef struct {
    rns_hash_t link, destination;
    rns_hash_t next_hop;        // transport id, or the destination
    bool has_next_hop;          // its path is still there
    rns_iface_t next, received; // towards the destination; towards the initiator
    uint8_t remaining, taken;   // hops to the destination; from the initiator
    bool validated;             // its proof passed
    rns_us_t used;              // when it was opened or last carried a packet
    rns_us_t due;               // until when the proof must come; validated: next look at `used`
} rns_inspect_relay_t;
bool rns_inspect_relay(const rns_node_t *node, const rns_hash_t *link, rns_inspect_relay_t *relay);
bool rns_inspect_relay_each(const rns_node_t *node, uint32_t *cursor, rns_inspect_relay_t *relay);

// Tunnels (Transport.tunnels).
typedef struct {
    uint8_t id[32];
    uint8_t iface_hash[32]; // of the interface that it was last on; zeros: none
    rns_iface_t iface;      // that it is on; {0, 0}: none
    rns_us_t expires;
    uint32_t paths;
} rns_inspect_tunnel_t;
bool rns_inspect_tunnel(const rns_node_t *node, const uint8_t id[32], rns_inspect_tunnel_t *tunnel);
bool rns_inspect_tunnel_each(const rns_node_t *node, uint32_t *cursor,
                             rns_inspect_tunnel_t *tunnel);

// ---- Packets seen

// Does the duplicate filter know a packet that is no announce? Nodes that keep 8-byte prints may
// take one for another, once in 2^63.
bool rns_inspect_seen(const rns_node_t *node, const uint8_t packet_hash[32]);
// The same of an announce that was verified, by its context flag (it carries a ratchet).
bool rns_inspect_seen_announce(const rns_node_t *node, const uint8_t packet_hash[32],
                               bool context_flag);
// Packets that were remembered since rns_open(): it grows by one with each, and may fall by one
// when a packet is forgotten again that came over the wrong interface.
uint64_t rns_inspect_seen_total(const rns_node_t *node);

// ---- Path requests

typedef struct {
    rns_hash_t destination;
    bool was_sent, is_in_flight, is_searched;
    rns_us_t sent_at;      // was_sent: our own last request
    rns_us_t in_flight_at; // is_in_flight: later requests of others join it
    rns_us_t search_until; // is_searched: an announce is handed to who asked
    uint32_t askers;       // interfaces that asked
    bool queued;           // the node will ask again by itself
} rns_inspect_ask_t;
bool rns_inspect_ask(const rns_node_t *node, const rns_hash_t *destination, rns_inspect_ask_t *ask);

// ---- Identities that are shut out

#define RNS_INSPECT_REASON 96U
typedef struct {
    rns_hash_t identity;
    rns_hash_t source;     // transport identity that said so
    int64_t until_unix_us; // 0: for ever
    bool has_reason;
    char reason[RNS_INSPECT_REASON];
} rns_inspect_blackhole_t;
bool rns_inspect_blackhole_each(const rns_node_t *node, uint32_t *cursor,
                                rns_inspect_blackhole_t *blackhole);

// ---- Sessions: channels and transfers

typedef struct {
    uint16_t window, window_min, window_max; // messages under way: allowed now, and bounds
    uint16_t flexibility;                    // by which the bounds differ at least
    uint16_t fast_rounds, medium_rounds;     // proofs in a row on a link of such a round trip
    uint16_t next_tx, next_rx;               // sequence numbers
    uint16_t tx_count, rx_count;             // messages under way; received before their turn
    uint16_t types;                          // message types that are registered
    uint16_t handlers;
} rns_inspect_channel_t;

// The channel of a link. STATE: none is open; GONE. Costs a walk over its types and handlers.
rns_err_t rns_inspect_channel(const rns_node_t *node, rns_link_t link,
                              rns_inspect_channel_t *channel);

typedef struct {
    uint16_t sequence;
    uint8_t tries; // how often it was sent
} rns_inspect_message_t;

// Copies up to `most` messages that wait for their proof, the oldest first; returns how many there
// are, 0 without a channel.
uint32_t rns_inspect_messages(const rns_node_t *node, rns_link_t link,
                              rns_inspect_message_t *messages, uint32_t most);

typedef enum {                   // in the order in which a transfer goes through them
    RNS_TRANSFER_QUEUED,         // another one of its link is under way
    RNS_TRANSFER_PREPARING,      // it is packed, encrypted and hashed
    RNS_TRANSFER_ADVERTISED,     // offered to the peer, or by it
    RNS_TRANSFER_TRANSFERRING,   // parts are under way
    RNS_TRANSFER_AWAITING_PROOF, // outgoing: all of them were sent
    RNS_TRANSFER_ASSEMBLING      // incoming: all of them are here, or a segment is and the next is
                                 // waited for
} rns_transfer_state_t;

typedef struct {
    rns_transfer_state_t state;
    uint8_t random[4];   // what its hashes are made with
    uint8_t proof[32];   // outgoing, once advertised: what the peer has to send
    uint32_t sdu;        // bytes of a part
    uint32_t map_height; // parts of the segment whose map hashes are known
    uint32_t height;     // incoming: parts in order
    uint32_t received;   // incoming: parts that are here, in order or not
    uint32_t sent;       // outgoing: parts that were sent at least once
    uint32_t low;        // outgoing: parts before this one are not asked for any more
    uint32_t window, window_min, window_max; // incoming: parts asked for at once, and bounds
    bool waits_for_map;                      // incoming: more map hashes were asked for
    uint64_t pack_most; // bytes: incoming, of a compressed segment once it is unpacked; outgoing,
                        // of data that is compressed
} rns_inspect_transfer_t;

// A transfer of either direction; see rns_resource_info() for the rest. GONE.
rns_err_t rns_inspect_transfer(const rns_node_t *node, rns_resource_t resource,
                               rns_inspect_transfer_t *transfer);

typedef struct {
    uint32_t incoming, outgoing; // transfers, with those that wait for their turn
    uint32_t last_window;        // in which the last one that came in ended; 0: none did
} rns_inspect_transfers_t;

// How many transfers a link has. GONE.
rns_err_t rns_inspect_transfers(const rns_node_t *node, rns_link_t link,
                                rns_inspect_transfers_t *transfers);

#ifdef __cplusplus
}
#endif
#endif
