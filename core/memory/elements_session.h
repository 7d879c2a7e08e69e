// elements_session.h -- what a slot of each pool of sessions holds: links and all that stands on
// them. Part of elements.h.
#ifndef RNSI_ELEMENTS_SESSION_H_INCLUDED
#define RNSI_ELEMENTS_SESSION_H_INCLUDED

#include "pool.h"
#include "timer.h"
#include "rns/channel.h"
#include "rns/crypto.h"
#include "rns/resource.h"

#define RNSI_HASHMAP_MAX 74U  // map hashes of a packet (ResourceAdvertisement.HASHMAP_MAX_LEN)
#define RNSI_WINDOW_MAX  75U  // Resource.WINDOW_MAX_FAST
#define RNSI_MAP_IN      150U // map hashes that a receiver holds: a window and what comes after it
#define RNSI_MAP_OUT     224U // ... a sender (ResourceAdvertisement.COLLISION_GUARD_SIZE)
#define RNSI_CHECKPOINTS 32U  // places in a segment from which its parts are made again

// What the application lends, of one size on all machines.
typedef union {
    rns_mem_t mem;
    uint64_t bits[2];
} rnsi_lent_t;

typedef union {
    rns_bytes_t bytes;
    uint64_t bits[2];
} rnsi_lent_bytes_t;

typedef union {
    rns_source_t source;
    uint64_t bits[2];
} rnsi_source_t;

typedef union {
    rns_sink_t sink;
    uint64_t bits[4];
} rnsi_sink_t;

typedef union {
    const rns_channel_handler_t *handler;
    uint64_t bits;
} rnsi_lent_handler_t;

struct rnsi_link {
    rnsi_slot_t slot;
    uint8_t hash[16];             // the link's id
    rnsi_timer_t timer;           // when its state is looked at next
    uint8_t state;                // rns_link_state_t
    uint8_t flags;                // RNSI_LINK_* of link.h
    uint8_t accept;               // rns_accept_t
    uint8_t hops;                 // expected
    uint8_t dest[16];             // the destination that it leads to
    uint32_t dest_slot, dest_gen; // the same, if it is ours
    rnsi_iface_ref_t iface;
    uint32_t mtu;
    uint32_t path, path_gen; // pinned; RNSI_NONE: none
    uint8_t signer[32];      // Ed25519 key of what the peer proves
    uint8_t key_secret[64];
    uint8_t own_secret[32];         // initiator: X25519, until the proof has come
    rns_signer_t signer_secret;     // initiator: made for this link
    uint8_t peer[16], peer_pub[64]; // the peer's identity, if RNSI_LINK_KNOWS_PEER
    rns_us_t requested_at, activated_at, rtt_us, keepalive_us;
    rns_us_t last_inbound, last_outbound, last_keepalive, last_proof, last_data;
    uint64_t rx_packets, tx_packets, rx_bytes, tx_bytes;
    rns_phy_t phy;
    uint32_t cost;                              // bytes of request and proof
    uint32_t establishment_rate, expected_rate; // bit/s
    uint32_t last_window, last_eifr;            // of the resource before; 0: none. parts; bit/s
    uint32_t stale_us;                          // of the peer's silence, after which it is stale
    // What stands on it: first slots of lists, RNSI_NONE: empty.
    uint32_t channel, buffers, requests, queries, resources_in, resources_out;
    uint16_t request_count, in_count, out_count;
    uint8_t prove;        // rns_prove_t
    uint8_t has_proof;    // of a segment that came
    uint8_t proof[64];    // of the last one, which may be lost on its way (RESOURCE_PRF)
    rnsi_sink_t sink;     // of RNS_ACCEPT_ALL
    rnsi_lent_t metadata; // of RNS_ACCEPT_ALL
};

struct rnsi_channel {
    rnsi_slot_t slot;
    uint32_t link;                             // slot in LINK
    rnsi_timer_t timer;                        // when what found no slot is tried again
    uint32_t tx_oldest, tx_youngest, rx_first; // in ENVELOPE: sent in order; received, sorted
    uint32_t types, handlers;                  // in MESSAGE_TYPE; both RNSI_NONE: all are taken
    uint32_t asked, fresh; // handlers: who is next to be asked; the first that came meanwhile
    uint32_t spare;
    uint16_t tx_count, rx_count;
    uint16_t next_tx, next_rx; // sequence numbers
    uint16_t window, window_max, window_min, flexibility;
    uint16_t fast_rounds, medium_rounds;
    uint16_t ending;    // writers that wait to say their end
    uint8_t waits;      // a call found no room
    uint8_t delivering; // what waits is being delivered
};

// A type that is registered, or a handler.
struct rnsi_message_type {
    rnsi_slot_t slot;
    uint8_t key[8];           // type: slot in CHANNEL, number
    rnsi_lent_handler_t lent; // NULL: a type
    uint32_t next;            // of its channel; handlers: in the order in which they were added
    uint32_t spare;
};

struct rnsi_envelope {
    rnsi_slot_t slot;
    uint8_t hash[16];    // sent: of its last packet, by which its proof finds it
    rnsi_timer_t timer;  // sent: until when the proof must come
    uint32_t channel;    // slot in CHANNEL
    uint32_t prev, next; // in its list; prev: of sent ones
    uint32_t piece;      // its data (piece.h)
    uint16_t sequence, type;
    uint8_t rest[16]; // the other half of the hash
    uint8_t tries;
    uint8_t ring; // sent: messages under way that its timeout allows for
    uint8_t spare[2];
};

// One end of a stream.
struct rnsi_buffer {
    rnsi_slot_t slot;
    uint8_t key[8];            // reader: slot in LINK, stream
    uint32_t link, prev, next; // slot in LINK; neighbours on its link
    uint16_t stream;
    uint8_t writes;
    uint8_t ended;           // reader: the end has come; writer: it is to be sent
    rnsi_lent_t ring;        // a reader's
    uint64_t first, waiting; // where in it the bytes stand that were not read, and how many
};

// Parts and messages that wait: one layout, four sizes.
struct rnsi_piece_head {
    rnsi_slot_t slot;
    uint32_t size;
    uint32_t spare;
};

struct rnsi_piece {
    struct rnsi_piece_head head;
    uint8_t data[472];
};

struct rnsi_piece_2k {
    struct rnsi_piece_head head;
    uint8_t data[2048];
};

struct rnsi_piece_16k {
    struct rnsi_piece_head head;
    uint8_t data[16384];
};

struct rnsi_piece_max {
    struct rnsi_piece_head head;
    uint8_t data[524288];
};

struct rnsi_request_handler {
    rnsi_slot_t slot;
    uint8_t key[20]; // hash of the path, slot in DEST
    uint8_t allow;   // rns_allow_t
    uint8_t spare[3];
    uint32_t next; // of its destination
    uint32_t spare1;
    rnsi_lent_bytes_t allowed; // hashes of identities
};

// A request of ours.
struct rnsi_request {
    rnsi_slot_t slot;
    uint8_t hash[16]; // request id
    rnsi_timer_t timer;
    uint32_t link, next; // slot in LINK; next of its link
    uint32_t out, in;    // slots in RESOURCE_OUT and RESOURCE_IN: itself and its answer; RNSI_NONE
    uint8_t state;       // of request.h
    uint8_t has_sink, is_file;
    uint8_t spare;
    uint8_t head[28]; // of the packed request, before its data
    rnsi_lent_bytes_t data;
    rnsi_lent_t memory, metadata;
    rnsi_sink_t sink;
    uint64_t max_response, used;
    rns_us_t timeout_us;
};

// A request of a peer.
struct rnsi_query {
    rnsi_slot_t slot;
    uint8_t request_id[16];
    uint32_t link, next;    // slot in LINK; next of its link
    rns_resource_t offer;   // as what it was offered, if it came as a resource
    uint32_t resource;      // slot in RESOURCE_IN: itself; in RESOURCE_OUT: its answer; RNSI_NONE
    uint8_t state;          // of request.h
    uint8_t head[19];       // of the packed answer, before its value
    rnsi_lent_t memory;     // where the request goes
    rnsi_lent_bytes_t data; // the answer's value
    uint64_t used;
};

// Decryption of a token whose bytes come in order (crypto/token_stream.h); secret.
typedef struct {
    rns_sha256_t mac;  // the HMAC over what came
    uint8_t chain[16]; // block of ciphertext before the next one
    uint8_t carry[32]; // bytes that do not make a block yet, or of the HMAC
    uint32_t carried;
    uint32_t left; // bytes of the token that have not come
    uint8_t began; // the IV has come
    uint8_t is_bad;
    uint8_t spare[6];
} rnsi_token_in_t;

// A place in a token that is sent: the part that comes next, and the block of ciphertext that the
// last byte before it belongs to.
typedef struct {
    uint8_t chain[16];
    uint32_t part;
} rnsi_token_at_t;

struct rnsi_resource_in {
    rnsi_slot_t slot;
    rnsi_timer_t timer;
    uint32_t link, next;    // slot in LINK; next of its link
    uint32_t next_unpacker; // of those that unpack
    uint8_t state;          // of transfer.h
    uint8_t flags;          // of the advertisement (wire/resource.h)
    uint8_t kind;           // of resource.h: a resource, a request, an answer
    uint8_t retries;
    uint8_t hash[32], original[32], random[4];
    uint8_t request_id[16];
    uint32_t owner;                    // slot in REQUEST or QUERY, or RNSI_NONE
    uint64_t size;                     // of the whole, uncompressed
    uint32_t segment, segments, parts; // of this segment
    uint32_t transfer, plain;          // bytes of it: as it comes; unpacked
    uint32_t taken;                    // of plain so far

    // The window: map hashes from the first missing part on, and the parts of it that came early.
    // Both are rings: a part's place is its number modulo their length.
    uint32_t height;     // parts in order so far
    uint32_t map_height; // parts whose hashes came
    uint32_t map[RNSI_MAP_IN];
    uint32_t early[RNSI_WINDOW_MAX]; // of piece.h
    uint32_t early_count;
    uint16_t window, window_min, window_max;
    uint16_t outstanding; // asked for, and not here yet
    uint8_t fast_rounds, slow_rounds;
    uint8_t waits_for_map, answered, rated; // answered: the last request; rated: any
    uint8_t waits_for_sink, unpack_ended;
    uint8_t told; // of the application's: its RNS_EV_RESOURCE_OFFER was raised, or it was accepted
    uint16_t ask_bytes;   // of the packet of the last request
    uint32_t unpack_most; // bytes of a compressed segment; 0: the default
    rns_us_t rtt_us, asked_at, activity_at, started_at, segment_at;
    uint32_t received;                    // bytes of parts since the last request
    uint32_t response_rate, data_rate;    // bytes/s; 0: not known
    uint32_t eifr, previous_eifr;         // bit/s; 0: not known
    uint32_t segment_row, unpack_row;     // rows of a compressed one, or RNSI_NONE
    uint32_t unpack_pool;                 // UNPACK_SMALL or UNPACK
    uint32_t packed, unpacked;            // bytes in the segment row, and used of it
    uint32_t chunk;                       // unpacked bytes that wait for the sink
    uint32_t skip;                        // bytes of the random prefix still to come
    uint32_t metadata_size, metadata_got; // with their head
    rnsi_token_in_t token;
    rns_sha256_t content; // over what was decrypted and unpacked
    rnsi_sink_t sink;
    rnsi_lent_t metadata;
};

struct rnsi_resource_out {
    rnsi_slot_t slot;
    rnsi_timer_t timer;
    uint32_t link, next;               // slot in LINK; next of its link
    uint32_t next_sender, prev_sender; // ring of those with something to do
    uint8_t state;                     // of transfer.h
    uint8_t flags;                     // of the advertisement
    uint8_t kind;                      // of resource.h
    uint8_t retries;
    uint8_t sends; // stands in the ring
    uint8_t no_compress, map_asked, ask_at;
    uint8_t hash[32], original[32], proof[32], random[4], prefix[4];
    uint8_t request_id[16];
    uint64_t data_size, size; // of the source; with metadata
    uint64_t compress_most;
    uint32_t segment, segments, owner;
    uint32_t segment_row, pack_row; // rows of a compressed one, or RNSI_NONE
    // The next segment is prepared in a slot of its own, which no list and no handle leads to.
    uint32_t after, before; // that slot; the slot of the transfer that it is of; or RNSI_NONE
    rnsi_source_t source;
    rnsi_lent_bytes_t metadata;

    // The segment as it is sent.
    uint32_t plain;  // bytes of it
    uint32_t packed; // the same, if it is compressed; while it is read for that: so far
    uint32_t transfer, parts, sdu;
    uint32_t every; // parts between two checkpoints
    uint8_t iv[16], last[16], hmac[32];
    uint8_t checkpoint[RNSI_CHECKPOINTS][16];
    rnsi_token_at_t at, ahead; // where parts are made, and where map hashes are
    rns_sha256_t content, mac;
    uint32_t low;        // first part that may be asked for
    uint32_t map_end;    // map hashes are held of parts from low on to here
    uint32_t map_wanted; // ... and are to be
    uint32_t
        map[RNSI_MAP_OUT]; // a ring, as are these: a part's place is its number modulo its length
    uint64_t wanted[RNSI_MAP_OUT / 64 + 1]; // parts to be sent
    uint64_t sent[RNSI_MAP_OUT / 64 + 1];   // parts that were sent
    uint32_t wanted_count, sent_count;
    uint32_t scan;     // no part below is wanted
    uint32_t map_next; // if map_asked: first part of the map hashes that are to be sent
    uint64_t asks[8];  // prints of the last requests, which may come twice
    rns_us_t timeout_us, rtt_us, advertised_at, activity_at, last_part_at, started_at, segment_at;
};

struct rnsi_segment {
    rnsi_slot_t slot;
    uint8_t bytes[1048832];
};

struct rnsi_unpack_small {
    rnsi_slot_t slot;
    uint8_t out[8192]; // unpacked bytes that wait for the sink
    uint64_t arena[314512 / 8];
};

struct rnsi_unpack {
    rnsi_slot_t slot;
    uint8_t out[8192];
    uint64_t arena[3664512 / 8];
};

struct rnsi_pack {
    rnsi_slot_t slot;
    uint8_t in[1048576]; // the segment as it is read
    uint64_t arena[7518464 / 8];
};

#endif
