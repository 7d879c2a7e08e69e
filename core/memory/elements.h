// elements.h -- what a slot of each pool holds. Elements hold no pointers, so that they have one
// size on 32 and 64 bit and in every profile; sizes are pinned at the end. Links between elements
// are slot numbers; those to interfaces carry the generation too, since interfaces come and go.
#ifndef RNSI_ELEMENTS_H_INCLUDED
#define RNSI_ELEMENTS_H_INCLUDED

#include "pool.h"
#include "timer.h"
#include "rns/crypto.h"

#define RNSI_NODE_BYTES   7168U
#define RNSI_CRYPTO_BYTES 512U
#define RNSI_VERDICTS_MAX 40U  // counters of verdicts an interface has
#define RNSI_SHARES       8U   // rows of which an interface holds a share
#define RNSI_FLOW_SAMPLES 48U  // Interface.IA_FREQ_SAMPLES
#define RNSI_NAME_MAX     120U // bytes of an interface's display string, with the final 0
#define RNSI_APP_DATA_MAX 352U // more than an announce of 500 bytes can carry
#define RNSI_BLOBS_A_SLOT 7U
#define RNSI_RATE_SAMPLES 16U  // Transport.MAX_RATE_TIMESTAMPS
#define RNSI_RATCHETS_MAX 512U // Destination.RATCHET_COUNT
#define RNSI_REASON_MAX   96U  // bytes of a blackhole's reason, with the final 0

// An interface, as other elements refer to it; slot RNSI_NO_IFACE: none.
#define RNSI_NO_IFACE UINT16_MAX
typedef struct {
    uint16_t slot;
    uint16_t gen; // the lower half of the slot's generation
} rnsi_iface_ref_t;

// Times of the last events, to tell how often something happens
// (Interface.incoming_announce_frequency).
// A ring in hundredths of a second; the low 16 bits of each are enough, since a sample that lies
// more than 655 s behind the newest is forgotten.
typedef struct {
    uint32_t newest_cs;
    uint16_t at_cs[RNSI_FLOW_SAMPLES];
    uint8_t head, count;
    uint16_t spare;
} rnsi_flow_t;

// A burst of announces or path requests on an interface (Interface.should_ingress_limit).
typedef struct {
    rns_us_t sustained;       // the last check that found it at the threshold or above
    uint8_t active, cooldown; // cooldown: quiet checks still needed (path requests)
    uint8_t spare[6];
} rnsi_burst_t;

struct rnsi_node_bytes {
    uint64_t bytes[RNSI_NODE_BYTES / 8];
};

struct rnsi_crypto_bytes {
    uint64_t bytes[RNSI_CRYPTO_BYTES / 8];
};

struct rnsi_iface {
    rnsi_slot_t slot;
    rnsi_timer_t timer;
    uint32_t flags;   // RNSI_IFACE_* of node.h
    uint8_t hash[32]; // SHA-256 of the display string
    char name[RNSI_NAME_MAX];
    rnsi_iface_ref_t parent, next_ready, prev_ready; // ring of interfaces with something to send
    uint32_t children;
    uint32_t bitrate, hw_mtu; // bit/s; bytes, 0: not known
    uint8_t mode, ifac_size;
    uint8_t mtu_kind;  // RNS_MTU_*
    uint8_t throttled; // rows of which it holds more than its share
    uint32_t network;  // slot in NETWORK, or RNSI_NONE
    int32_t gravity;
    uint32_t cap_ppm; // share of the bitrate for announces of others
    uint32_t rate_target_s, rate_grace, rate_penalty_s;
    // Ingress and egress control: frequencies in mHz, times in ms.
    uint32_t ic_burst_mhz_new, ic_burst_mhz, ic_pr_burst_mhz_new, ic_pr_burst_mhz, ec_pr_mhz;
    uint32_t ic_new_ms, ic_burst_hold_ms, ic_burst_penalty_ms, ic_release_ms, ic_held_max;
    uint32_t tunnel; // slot in TUNNEL, or RNSI_NONE
    rns_us_t created, held_release_at, announce_allowed_at, jobs_at;
    rns_us_t progress_at; // when its output last moved or began to wait
    rnsi_burst_t announce_burst, ask_burst;
    rnsi_flow_t announces_in, announces_out, asks_in, asks_out;
    uint32_t tx_oldest, tx_youngest, tx_count, tx_out; // TXREF fifo; frames out at the host
    uint64_t tx_bytes;                                 // bytes waiting
    uint32_t queue_root, queue_count, queue_order;     // ANNOUNCE_QUEUE heap; the next one's order
    uint32_t held_first, held_count;                   // HELD
    uint32_t share[RNSI_SHARES];                       // slots of shared rows that came in here
    uint32_t spare;
    uint64_t rx_packets, tx_packets, rx_bytes, tx_bytes_sent;
    uint64_t tx_dropped, tx_dropped_bytes;
    uint32_t verdicts[RNSI_VERDICTS_MAX];
};

// Keys of a network whose members sign each frame (interface access code).
typedef struct {
    rns_signer_t signer_secret;
    uint8_t pub[32]; // Ed25519
    uint8_t key_secret[64];
    uint8_t size; // bytes of the code, 1 to RNS_IFAC_MAX
} rnsi_ifac_t;

struct rnsi_network {
    rnsi_slot_t slot;
    rnsi_ifac_t ifac;
    uint8_t spare[7];
    uint32_t uses;                      // interfaces
    uint32_t sealed_pool, sealed_frame; // the frame that was sealed last, in the broadcast
    uint32_t sealed_in;                 // of this number
};

struct rnsi_dest {
    rnsi_slot_t slot;
    uint8_t hash[16];
    uint8_t name_hash[10];
    uint8_t type, prove;     // RNS_DEST_*, RNS_PROVE_*
    uint8_t flags;           // RNSI_DEST_* of node.h
    uint8_t answer_tag_size; // 0: no answer is kept
    uint16_t group_key_size;
    uint8_t identity_hash[16];
    uint8_t pub[64];
    uint8_t key_secret[64]; // SINGLE: X25519 in the first 32; GROUP: the token key
    rns_signer_t signer_secret;
    uint32_t ratchet_newest; // slot in RATCHET_SELF, or RNSI_NONE
    uint16_t ratchet_count, ratchet_kept;
    uint32_t ratchet_interval_s;
    uint32_t app_data;      // slot in APP_DATA, or RNSI_NONE
    rns_us_t ratchet_at;    // when it rotated last
    uint64_t emission_s;    // emission time of its newest announce, Unix seconds
    uint64_t mark_s;        // the mark that is stored: emission times below it are safe
    uint32_t handlers;      // first of its request handlers, or RNSI_NONE
    uint32_t request_limit; // bytes of a request; 0: any
    // The last answer to a path request that was made anew (announcing.c).
    uint8_t answer_tag[16];    // of the request
    uint8_t answer_random[10]; // of the announce
    uint8_t spare[6];
    rns_us_t answer_at;
    uint64_t answer_print; // keyed hash of the whole packet
};

struct rnsi_ratchet_self {
    rnsi_slot_t slot;
    uint8_t key_secret[32];
    uint8_t id[10];
    uint8_t has_id; // it is computed when it is first asked for
    uint8_t spare;
    uint32_t older; // next in its destination's list, newest first
};

// A packet that the newest ratchets do not fit; older ones are tried a few at a time.
struct rnsi_ratchet_try {
    rnsi_slot_t slot;
    uint32_t dest_slot, dest_gen;
    rnsi_iface_ref_t from;
    uint32_t tried; // ratchets from the newest on
    rns_phy_t phy;
    uint8_t hash[32]; // of the packet
    uint16_t size;
    uint8_t hops;
    uint8_t reloaded; // the ratchet file was read again already
    uint8_t data[484];
};

struct rnsi_ratchet_file {
    rnsi_slot_t slot;
    uint8_t bytes[17664];
};

struct rnsi_handler {
    rnsi_slot_t slot;
    uint8_t name_hash[10];
    uint8_t all;            // no filter
    uint8_t path_responses; // wants those too
    uint8_t spare[4];
};

// Frames: one layout, four sizes.
struct rnsi_frame_head {
    rnsi_slot_t slot;
    uint32_t refs;         // interfaces that still have it
    uint32_t size;         // bytes of data, as they go out
    rnsi_iface_ref_t from; // interface whose share it counts in
    uint32_t spare;
};

struct rnsi_frame {
    struct rnsi_frame_head head;
    uint8_t data[568];
};

struct rnsi_frame_2k {
    struct rnsi_frame_head head;
    uint8_t data[2048 + 64];
};

struct rnsi_frame_16k {
    struct rnsi_frame_head head;
    uint8_t data[16384 + 64];
};

struct rnsi_frame_max {
    struct rnsi_frame_head head;
    uint8_t data[524288 + 64];
};

struct rnsi_txref {
    rnsi_slot_t slot;
    uint32_t pool, frame; // row and slot of the frame
    uint32_t next;        // younger one of the same interface
    uint32_t spare;
};

struct rnsi_inbox_announce {
    rnsi_slot_t slot;
    uint8_t hash[32]; // of the packet
    rnsi_iface_ref_t from;
    uint16_t size;
    uint8_t state; // RNSI_INBOX_* of node.h
    uint8_t hops;
    uint8_t raw[504]; // as received, hop byte too
};

struct rnsi_inbox_ask {
    rnsi_slot_t slot;
    uint8_t dest[16], requester[16], tag[16];
    rnsi_iface_ref_t from;
    uint8_t tag_size, has_requester;
    uint8_t spare[2];
};

struct rnsi_hash32 {
    uint8_t bytes[32];
};

struct rnsi_print {
    uint64_t cells[2]; // two cells an entry: the sets are at most half full
};

struct rnsi_known {
    rnsi_slot_t slot;
    uint8_t hash[16];
    uint8_t pub[64];
    uint8_t packet_hash[32];
    int64_t announced_us; // Unix time; 0: not known
    int64_t used_us;      // Unix time of its last use; 0: never, -1: kept for ever
    uint32_t app_data;    // slot in APP_DATA, or RNSI_NONE
    uint8_t has_app_data; // nil and empty differ
    uint8_t spare[3];
};

struct rnsi_app_data {
    rnsi_slot_t slot;
    uint32_t size;
    uint32_t owner; // slot in KNOWN, or RNSI_NONE when a destination of ours owns it
    uint8_t bytes[RNSI_APP_DATA_MAX];
};

struct rnsi_ratchet_peer {
    rnsi_slot_t slot;
    uint8_t hash[16];
    uint8_t pub[32];
    int64_t received_us; // Unix time
};

struct rnsi_path {
    rnsi_slot_t slot;
    uint8_t hash[16];
    uint8_t next_hop[16]; // transport id, or the destination itself
    uint8_t signer[32];   // the destination's Ed25519 key
    uint8_t blob[10];     // the last random blob
    uint8_t hops, state;  // RNSI_PATH_* of path.h
    rnsi_iface_ref_t iface;
    uint64_t emission_s : 40; // newest emission time among its blobs
    uint64_t used_ms : 24;    // last use after the stamp in slot, which moves in steps alone
    rns_us_t expires;         // fixed when it is learned
    uint32_t blobs;           // newest slot in PATH_BLOB, or RNSI_NONE
    uint32_t cache;           // slot in ANNOUNCE_CACHE, or RNSI_NONE
};

struct rnsi_path_blob {
    rnsi_slot_t slot;
    uint32_t owner; // slot in PATH
    uint32_t older; // next slot of the same path
    uint8_t count;
    uint8_t blobs[RNSI_BLOBS_A_SLOT][10];
    uint8_t spare;
};

struct rnsi_announce_cache {
    rnsi_slot_t slot;
    uint8_t packet_hash[32];
    uint32_t path; // slot in PATH that owns it, or RNSI_NONE
    rnsi_iface_ref_t from;
    uint16_t size;
    uint8_t raw[502]; // as received
};

struct rnsi_announce {
    rnsi_slot_t slot;
    uint8_t hash[16];
    rnsi_timer_t timer;    // the next transmission
    uint32_t cache;        // pinned slot in ANNOUNCE_CACHE
    uint32_t parked;       // an announce that waits until this path response is out
    rnsi_iface_ref_t only; // the one interface to send on; none: all
    rns_us_t due;          // of a parked one: when it was to be sent
    uint8_t retries, heard, hops;
    uint8_t is_response; // goes out as a path response, and is not sent on by others
    uint32_t next_ready; // the next one that goes out now
};

struct rnsi_announce_queue {
    rnsi_slot_t slot;
    uint8_t key[20];               // destination, interface
    uint32_t cache;                // pinned slot in ANNOUNCE_CACHE
    uint32_t child, sibling, prev; // pairing heap of its interface
    rnsi_iface_ref_t iface;
    uint64_t emission_s;
    rns_us_t queued;
    uint32_t order; // of its interface; smaller ones were queued before
    uint8_t hops;
    uint8_t spare[3];
};

struct rnsi_held {
    rnsi_slot_t slot;
    uint8_t key[20];     // destination, interface
    uint32_t next, prev; // of its interface
    uint8_t hash[32];    // of the packet
    rnsi_iface_ref_t from;
    uint16_t size;
    uint8_t hops;
    uint8_t raw[505];
    uint8_t spare[4];
};

struct rnsi_rate {
    rnsi_slot_t slot;
    uint8_t hash[16];
    rns_us_t last, blocked_until;
    uint32_t violations;
    uint8_t head, count;
    uint8_t spare[2];
    uint32_t at_s[RNSI_RATE_SAMPLES]; // seconds since rns_open()
};

struct rnsi_ask {
    rnsi_slot_t slot;
    uint8_t hash[16];
    rnsi_timer_t timer;       // the nearest of its deadlines
    uint32_t askers;          // first in ASKER, or RNSI_NONE
    rns_us_t sent_at;         // our own last request; RNSI_NOT_ASKED, also below: none
    rns_us_t in_flight_at;    // a request that is being worked on
    rns_us_t search_until;    // answers go to the askers until then
    rnsi_iface_ref_t blocked; // not to be asked on when it is sent from the queue
    uint32_t next_queued;     // younger one that waits to be sent by the node itself
    uint8_t queued;           // it does
    uint8_t engaged;          // the search was sent out
    uint8_t spare[3];
};

struct rnsi_asker {
    rnsi_slot_t slot;
    uint32_t next;
    rnsi_iface_ref_t iface;
};

struct rnsi_reverse {
    rnsi_slot_t slot;
    uint8_t hash[16]; // truncated hash of the packet
    rnsi_iface_ref_t received, outbound;
};

struct rnsi_relay {
    rnsi_slot_t slot;
    uint8_t hash[16];   // link id
    rnsi_timer_t timer; // until when the proof must come
    uint32_t path;      // pinned slot in PATH once validated, or RNSI_NONE
    uint32_t path_gen;  // of that slot
    uint8_t dest[16];
    rnsi_iface_ref_t next, received;
    uint8_t signer[32];       // the destination's Ed25519 key
    uint8_t remaining, taken; // hops
    uint8_t validated;
    uint8_t spare[5];
};

struct rnsi_tunnel {
    rnsi_slot_t slot;
    uint8_t hash[32];       // tunnel id
    uint8_t iface_hash[32]; // of the interface it was last seen on; zeros: none
    rnsi_iface_ref_t iface;
    uint32_t paths, oldest; // in TUNNEL_PATH, from the newest to the oldest
    uint32_t restore;       // the next of them to be restored, or RNSI_NONE
    uint32_t count;         // of paths
    uint32_t spare;
    rns_us_t expires;
};

struct rnsi_tunnel_path {
    rnsi_slot_t slot;
    uint8_t key[20];     // destination, tunnel slot
    uint32_t next, prev; // of its tunnel
    uint32_t cache;      // pinned slot in ANNOUNCE_CACHE, or RNSI_NONE
    uint8_t next_hop[16];
    uint8_t signer[32];
    uint8_t blob[10];
    uint8_t hops;
    uint8_t spare[5];
    uint64_t emission_s;
    rns_us_t learned, expires;
};

struct rnsi_blackhole {
    rnsi_slot_t slot;
    uint8_t hash[16];   // of the identity
    uint8_t source[16]; // transport identity that said so
    int64_t until_us;   // Unix time; 0: for ever
    char reason[RNSI_REASON_MAX];
    uint8_t has_reason;
    uint8_t spare[7];
};

struct rnsi_receipt {
    rnsi_slot_t slot;
    uint8_t hash[16]; // where an implicit proof is addressed: the packet hash, cut
    rnsi_timer_t timer;
    uint8_t rest[16];   // the other half of the packet hash
    uint8_t signer[32]; // Ed25519 key of the destination
    uint32_t spare;
    rns_us_t sent_at;
};

// A record that the store still has to delete.
struct rnsi_record_gone {
    rnsi_slot_t slot;
    uint8_t key[36]; // kind, then the record's key and zeros
    uint8_t spare[4];
};

struct rnsi_prove_ask {
    rnsi_slot_t slot;
    uint8_t packet_hash[32];
    rnsi_iface_ref_t iface;
    uint32_t owner_slot, owner_gen; // of a destination, or, is_link, of a link
    uint8_t is_link;
    uint8_t spare[3];
};

#include "elements_session.h"

#endif
