// rns/node.h -- a node: its life, its pump, its statistics.
//
// The host owns radios, sockets, time and files; the node owns the protocol. Four calls join them:
//     rns_rx()    a frame has arrived        rns_tx_next()    give me the next frame to send
//     rns_tick()  time has passed            rns_next_due()   when is the next tick needed?
// with rns_rx_ready() and rns_tx_ready() saying for which interface. What the node has to say to
// the application it says through one callback. A node has one owner thread; it has no globals, so
// a process may run as many as it has memory for.
#ifndef RNS_NODE_H_INCLUDED
#define RNS_NODE_H_INCLUDED

#include "rns/compress.h"
#include "rns/crypto.h"
#include "rns/errors.h"
#include "rns/event.h"
#include "rns/memory.h"
#include "rns/store.h"
#include "rns/types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct rns_node rns_node_t; // it lives at the start of the caller's FAST region

// Zero means the documented default, everywhere.
typedef struct {
    // Memory, aligned for max_align_t, lent until rns_close(). BULK may be empty: all goes to FAST.
    // zeroed says that a region holds zeros already, so that it is not cleared (fresh mmap).
    rns_mem_t mem[RNS_REGION_COUNT];
    bool zeroed[RNS_REGION_COUNT];
    rns_profile_t profile;          // default: RNS_PROFILE_TINY
    uint32_t count[RNS_POOL_COUNT]; // own counts; 0: the profile's, RNS_COUNT_NONE: no slots

    const rns_crypto_t *crypto;     // must be set
    const rns_compress_t *compress; // default: nothing is compressed, compressed things are refused
    rns_store_t store;              // default: nothing is kept
    // Seeds the node's generator of random numbers (HMAC-DRBG, SP 800-90A). Asked again for each
    // long-term key, every 65,536 outputs and by rns_reseed(). Must be set. false: no entropy now.
    bool (*entropy)(void *user, uint8_t *out, size_t size);
    // May call anything but rns_rx(), rns_tick(), rns_save() and rns_close().
    void (*on_event)(void *user, rns_node_t *node, const rns_event_t *event);
    void *user; // handed to every callback

    int64_t unix_us; // wall time now; 0: not known, see rns_set_clock()

    bool transport;         // forward for others (enable_transport)
    bool explicit_proof;    // prove with 96 bytes instead of 64 (use_implicit_proof = no)
    bool static_identity;   // keep the stored transport identity when transport is off
    bool no_link_mtu;       // no MTU discovery for links (link_mtu_discovery = no)
    bool respond_to_probes; // with transport: a destination rnstransport.probe that proves all
    const rns_secret_t *identity; // the node's own, instead of the stored one; copied
} rns_config_t;

// Bytes that each region must have, at least, for this config (of which only mem[BULK].data being
// NULL, profile and count matter). Pure.
void rns_plan(const rns_config_t *config, size_t need[RNS_REGION_COUNT]);

// Lays out the memory, seeds the generator, loads the stored records.
// ARG: crypto or entropy is missing, or the counts cannot be: more than 65,535 interfaces, no row
// of frames, a provider with a state and no row CRYPTO. FULL: no slot in DEST for
// respond_to_probes. MEMORY, CRYPTO, ENTROPY.
rns_err_t rns_open(const rns_config_t *config, rns_us_t now, rns_node_t **node);
// Wipes all keys. The memory is the caller's again. Frames that are out must not be used any more.
void rns_close(rns_node_t *node);

// ---- Pump

// Takes a frame as it came from the medium, without its framing. Works in place: the bytes of frame
// are changed and may be reused when the call returns. phy may be NULL. The cost does not grow with
// the number of table entries. Every frame gets a verdict, which is counted; see rns_iface_count().
// QUEUED announces and path requests get a second verdict when they have been worked off.
rns_verdict_t rns_rx(rns_node_t *node, rns_us_t now, rns_iface_t iface, rns_mem_t frame,
                     const rns_phy_t *phy);
// false: this interface holds its share of a buffer. Keep what was read and stop reading its byte
// stream; ask again after rns_tick(), rns_tx_done() or rns_job_done(). Radios go on; what finds no
// slot is dropped and counted. O(1).
bool rns_rx_ready(const rns_node_t *node, rns_iface_t iface);

// The same for several frames at once, as they came: cheaper on large tables. Frames of one batch
// must not overlap. At most RNS_RX_BATCH; they all find room when count is at most rns_rx_room()
// and at most one of them is larger than 16 KiB.
#define RNS_RX_BATCH 16U
void rns_rx_batch(rns_node_t *node, rns_us_t now, rns_iface_t iface, const rns_mem_t *frames,
                  size_t count);
// How many frames this interface can be given before it holds its share of any buffer; 0: it is not
// ready (rns_rx_ready()). O(1).
uint32_t rns_rx_room(const rns_node_t *node, rns_iface_t iface);

// The next interface with something to send, in turn, that is not held. O(1).
bool rns_tx_ready(rns_node_t *node, rns_iface_t *iface);
// The host's output of an interface is full (true) or free again (false). Say true again whenever
// some of it has gone out: an output that does not move for 250 ms loses its frames, so that it
// does not block others.
void rns_tx_hold(rns_node_t *node, rns_us_t now, rns_iface_t iface, bool held);

typedef struct {
    rns_bytes_t frame; // stays valid and unmoved, also for DMA, until rns_tx_done()
    uint32_t ref;      // the node's
} rns_tx_t;

// The next frame to send on an interface; several may be out at once. false: none.
bool rns_tx_next(rns_node_t *node, rns_us_t now, rns_iface_t iface, rns_tx_t *tx);
void rns_tx_done(rns_node_t *node, rns_us_t now, rns_iface_t iface, const rns_tx_t *tx, bool sent);

// Works off what is due and a bounded slice of what waits. Call it when rns_next_due() has come,
// and after frames were taken.
void rns_tick(rns_node_t *node, rns_us_t now);
rns_us_t rns_next_due(const rns_node_t *node); // RNS_NEVER: nothing waits

// ---- Signature checks on other threads (optional). A host that never asks gets them done in
// rns_tick().

typedef struct {
    const uint8_t *pub, *signature; // 32, 64 bytes
    rns_bytes_t message;
    uint32_t slot, gen; // the node's
    uint8_t
        space[600]; // holds what the pointers point to: keep the job where it is until it is done
} rns_job_t;

// Takes the next signature to check. The checks stay in the order of arrival, whatever the order of
// the answers. false: none waits. The job's memory is the host's.
bool rns_job_take(rns_node_t *node, rns_job_t *job);
void rns_job_done(rns_node_t *node, rns_us_t now, const rns_job_t *job, bool valid);
// While set, rns_tick() leaves signature checks to the host.
void rns_job_mode(rns_node_t *node, bool host_verifies);

// ---- Time, entropy, records

// Wall time, only written into announces and files. Before it is known announces go on from the
// mark that each destination has stored.
void rns_set_clock(rns_node_t *node, rns_us_t now, int64_t unix_us);
// Asks for entropy again: after a fork, or when time jumped. false: the callback failed.
bool rns_reseed(rns_node_t *node);
// Looks at the next `most` elements of a kind from *cursor (0: from the start) on and puts their
// records; of kinds that the store does not rewrite as a whole, and of announces, only those that
// it does not have yet. SEEN is one record, put by this call alone. Returns how many it put;
// *cursor becomes UINT32_MAX at the end, and stays when the store says "later".
size_t rns_save(rns_node_t *node, rns_us_t now, rns_record_t kind, uint32_t *cursor, size_t most);
// How often records of a kind that is rewritten as a whole, or SEEN, changed since rns_save() began
// with them, or since they were loaded. It wraps.
uint32_t rns_changes(const rns_node_t *node, rns_record_t kind);
// How many records of all kinds wait to be put or deleted by rns_tick().
size_t rns_dirty(const rns_node_t *node);

// ---- Statistics

void rns_pool_info(const rns_node_t *node, rns_pool_t pool, rns_pool_info_t *info);

typedef struct {
    uint64_t rx_packets, tx_packets, rx_bytes, tx_bytes;
    uint64_t announces, asks, forwarded; // announces accepted, path requests taken, packets sent on
    uint32_t paths, relays, relays_validated, known, destinations;
    uint32_t inbox_announces, inbox_asks, inbox_limited; // waiting now
    uint32_t records_skipped;                            // stored records that could not be read
    rns_us_t since;                                      // when the node was opened
} rns_node_info_t;
void rns_node_info(const rns_node_t *node, rns_node_info_t *info);

// The node's transport identity (16 bytes); the public key as 64.
rns_hash_t rns_node_identity(const rns_node_t *node, uint8_t pub[64]);
// Random bytes of the node's generator. false: entropy failed.
bool rns_random(rns_node_t *node, uint8_t *out, size_t size);

#ifdef __cplusplus
}
#endif
#endif
