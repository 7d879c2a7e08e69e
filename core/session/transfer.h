// transfer.h -- what the files of transfers (resource*.c) share.
#ifndef RNSI_SESSION_TRANSFER_H_INCLUDED
#define RNSI_SESSION_TRANSFER_H_INCLUDED

#include "crypto/token_stream.h"
#include "session/piece.h"
#include "session/resource.h"
#include "wire/resource.h"

// States of a transfer that comes in.
typedef enum {
    RNSI_IN_OFFERED, // nobody has said yet whether it is taken
    RNSI_IN_TRANSFERRING,
    RNSI_IN_UNPACKING, // all parts are here
    RNSI_IN_BETWEEN    // the segment is proved, the next one is not offered yet
} rnsi_in_state_t;

// States of a transfer that goes out.
typedef enum {
    RNSI_OUT_QUEUED, // another one of its link is under way
    RNSI_OUT_PACKING,
    RNSI_OUT_PREPARING,
    RNSI_OUT_READY, // prepared ahead
    RNSI_OUT_ADVERTISED,
    RNSI_OUT_TRANSFERRING,
    RNSI_OUT_AWAITING_PROOF
} rnsi_out_state_t;

#define RNSI_RESOURCE_RETRIES 16U // Resource.MAX_RETRIES
#define RNSI_ADV_RETRIES      4U  // Resource.MAX_ADV_RETRIES
#define RNSI_PROOF_FACTOR     3   // Resource.PROOF_TIMEOUT_FACTOR

// The window of one that comes in: parts, rounds, and bytes a second (Resource.WINDOW and its
// sisters).
#define RNSI_RESOURCE_WINDOW     4U
#define RNSI_WINDOW_MIN          2U
#define RNSI_WINDOW_MAX_SLOW     10U
#define RNSI_WINDOW_VERY_SLOW    4U
#define RNSI_WINDOW_FLEXIBILITY  4U
#define RNSI_FAST_THRESHOLD      (RNSI_WINDOW_MAX_SLOW - RNSI_RESOURCE_WINDOW - 2U)
#define RNSI_VERY_SLOW_THRESHOLD 2U
#define RNSI_RATE_FAST           6250U // 50 kbit/s
#define RNSI_RATE_VERY_SLOW      250U  // 2 kbit/s
#define RNSI_PART_FACTOR         4     // Resource.PART_TIMEOUT_FACTOR
#define RNSI_PART_FACTOR_RATED   2     // Resource.PART_TIMEOUT_FACTOR_AFTER_RTT
// The longest that a sender waits for requests: rtt * 6 * 16 + 10 s + the sum of all delays
// (Resource.__watchdog_job: SENDER_GRACE_TIME, PER_RETRY_DELAY).
#define RNSI_SENDER_WAIT(rtt_us)                                                                   \
    ((rtt_us)*RNSI_TRAFFIC_FACTOR * (rns_us_t)RNSI_RESOURCE_RETRIES + 78 * RNSI_SECOND)

// Bytes of a link's parts; 0: its MTU is too small for transfers.
uint32_t rnsi_resource_sdu(const struct rnsi_link *link);

static inline uint32_t rnsi_part_size(uint32_t transfer, uint32_t sdu, uint32_t part) {
    const uint32_t left = transfer - part * sdu;
    return left < sdu ? left : sdu;
}

static inline uint32_t rnsi_parts_of(uint32_t transfer, uint32_t sdu) {
    return (transfer + sdu - 1) / sdu;
}

// How many map hashes come next.
static inline uint32_t rnsi_map_due(uint32_t parts, uint32_t known) {
    return parts - known < RNSI_HASHMAP_MAX ? parts - known : RNSI_HASHMAP_MAX;
}

// Of a whole resource, and the bytes of one segment (counted from 1).
uint64_t rnsi_segments_of(uint64_t size);
uint32_t rnsi_segment_size(uint64_t size, uint32_t segment);

// ---- Finding: the transfer in a slot that is taken, its link; and its deadline

static inline struct rnsi_resource_in *rnsi_in_at(const rns_node_t *node, uint32_t slot) {
    return rnsi_pool_at(RNSI_POOL(node, RESOURCE_IN), slot);
}

static inline struct rnsi_link *rnsi_in_link(const rns_node_t *node,
                                             const struct rnsi_resource_in *in) {
    return rnsi_link_at(node, in->link);
}

static inline void rnsi_in_due_at(rns_node_t *node, struct rnsi_resource_in *in, rns_us_t due) {
    rnsi_timer_set(RNSI_POOL(node, RESOURCE_IN), in, due);
}

static inline struct rnsi_resource_out *rnsi_out_at(const rns_node_t *node, uint32_t slot) {
    return rnsi_pool_at(RNSI_POOL(node, RESOURCE_OUT), slot);
}

static inline struct rnsi_link *rnsi_out_link(const rns_node_t *node,
                                              const struct rnsi_resource_out *out) {
    return rnsi_link_at(node, out->link);
}

static inline void rnsi_out_due_at(rns_node_t *node, struct rnsi_resource_out *out, rns_us_t due) {
    rnsi_timer_set(RNSI_POOL(node, RESOURCE_OUT), out, due);
}

// ---- resource.c

rns_resource_t rnsi_resource_out_handle(const rns_node_t *node,
                                        const struct rnsi_resource_out *out);
// NULL: gone, or none that goes out.
struct rnsi_resource_out *rnsi_resource_out_get(const rns_node_t *node, rns_resource_t handle);
// Progress of the whole in millionths, as Resource.get_progress.
uint32_t rnsi_resource_ppm(uint32_t segment, uint32_t segments, uint32_t parts, uint32_t done,
                           uint32_t sdu);
// Sends one of the packets that are only a hash: RESOURCE_ICL, RESOURCE_RCL. Nothing on a link that
// is closed.
void rnsi_resource_say(rns_node_t *node, struct rnsi_link *link, rnsi_context_t context,
                       const uint8_t hash[32]);
// The hash of the packet that proves a segment (64 bytes), sent over this link.
void rnsi_resource_proof_hash(const rns_node_t *node, const struct rnsi_link *link,
                              const uint8_t proof[64], uint8_t hash[32]);
// The link's rate after a segment (Link.resource_concluded).
void rnsi_resource_rate(rns_node_t *node, struct rnsi_link *link, uint32_t transfer,
                        rns_us_t since);

// ---- resource_prepare.c

// Begins the out->segment-th segment: draws its random bytes, takes the rows to pack it. ENTROPY.
rns_err_t rnsi_prepare_begin(rns_node_t *node, struct rnsi_resource_out *out);
typedef enum {
    RNSI_STEP_BLOCKED, // no frame is free
    RNSI_STEP_DONE,    // a part of the work
    RNSI_STEP_READY,   // the last of it
    RNSI_STEP_BAD      // the source does not give what it should
} rnsi_step_t;
// Packs, reads or hashes some of the segment, about a part. READY: it can be advertised.
rnsi_step_t rnsi_prepare_step(rns_node_t *node, const struct rnsi_link *link,
                              struct rnsi_resource_out *out);
// Makes the next map hash that is wanted. READY: they are all there.
rnsi_step_t rnsi_prepare_map(rns_node_t *node, const struct rnsi_link *link,
                             struct rnsi_resource_out *out);
// Makes a part. false: its source gives other bytes than before.
bool rnsi_prepare_part(rns_node_t *node, const struct rnsi_link *link,
                       struct rnsi_resource_out *out, uint32_t part, rns_mem_t bytes);
void rnsi_prepare_end(rns_node_t *node, struct rnsi_resource_out *out); // gives rows, wipes

// ---- resource_ahead.c

// Begins to prepare the segment after this one, if there is one and memory for it.
void rnsi_ahead_begin(rns_node_t *node, struct rnsi_resource_out *out);
// This segment is proved: the transfer goes on with the next one, ready or not. false: it was not
// begun.
bool rnsi_ahead_take(rns_node_t *node, struct rnsi_resource_out *out);
void rnsi_ahead_end(rns_node_t *node, struct rnsi_resource_out *out); // nothing ahead any more

// ---- resource_send.c

// Ends it and tells its owner.
void rnsi_resource_out_end(rns_node_t *node, struct rnsi_resource_out *out, rns_err_t status);
// The same, and tells the peer.
void rnsi_resource_out_cancel(rns_node_t *node, struct rnsi_resource_out *out, rns_err_t status);
// The transfer of a link that was offered under this hash; NULL: none.
struct rnsi_resource_out *rnsi_resource_out_find(const rns_node_t *node,
                                                 const struct rnsi_link *link,
                                                 const uint8_t hash[32]);
// All is known of the segment: offers it.
void rnsi_resource_out_offer(rns_node_t *node, struct rnsi_resource_out *out);
// All of it was sent.
void rnsi_resource_out_await(rns_node_t *node, struct rnsi_resource_out *out);

// ---- resource_parts.c: the ring of those with something to do. Twice is once.
void rnsi_sender_join(rns_node_t *node, struct rnsi_resource_out *out);
void rnsi_sender_leave(rns_node_t *node, struct rnsi_resource_out *out);

// ---- resource_receive.c

// Ends it and tells its owner.
void rnsi_resource_in_end(rns_node_t *node, struct rnsi_resource_in *in, rns_err_t status);
// The same, and refuses or cancels it to the peer.
void rnsi_resource_in_cancel(rns_node_t *node, struct rnsi_resource_in *in, rns_err_t status);
// The transfer of a link whose segment has this hash; NULL: none.
struct rnsi_resource_in *rnsi_resource_in_find(const rns_node_t *node, const struct rnsi_link *link,
                                               const uint8_t hash[32]);
// Asks for the parts of the window that are missing (Resource.request_next).
void rnsi_resource_in_ask(rns_node_t *node, struct rnsi_link *link, struct rnsi_resource_in *in);
// Asks in a while, not now.
void rnsi_resource_in_wait(rns_node_t *node, struct rnsi_resource_in *in, rns_us_t pause);
// Its sink takes nothing now: goes on after a pause.
void rnsi_resource_in_pause(rns_node_t *node, struct rnsi_resource_in *in);
// More map hashes came.
void rnsi_resource_in_map(struct rnsi_resource_in *in, rns_bytes_t map);
// All of a segment was taken: checks, commits and proves it.
void rnsi_resource_in_conclude(rns_node_t *node, struct rnsi_link *link,
                               struct rnsi_resource_in *in);

// ---- resource_sink.c

// Bytes that a compressed segment may have once it is unpacked.
uint32_t rnsi_unpack_most(const struct rnsi_resource_in *in);

// Whether the rows that a compressed segment needs are there; takes them.
bool rnsi_sink_rows(rns_node_t *node, struct rnsi_resource_in *in);
void rnsi_sink_begin(rns_node_t *node, const struct rnsi_link *link, struct rnsi_resource_in *in);
// The next part in order, which is decrypted in place (see rnsi_resource_part). FULL: the sink
// takes nothing now, the part counts as not received; SIZE: more metadata than was lent; CORRUPT.
rns_err_t rnsi_sink_part(rns_node_t *node, const struct rnsi_link *link,
                         struct rnsi_resource_in *in, rns_mem_t part);
// Begins to unpack a segment that is whole. false: it cannot be.
bool rnsi_sink_unpack_begin(rns_node_t *node, struct rnsi_resource_in *in);
// Unpacks a slice, from rns_tick().
void rnsi_sink_unpack(rns_node_t *node, struct rnsi_resource_in *in);
// Its sink may take something again.
void rnsi_sink_resume(rns_node_t *node, struct rnsi_resource_in *in);
// All of the segment was taken, and all of the metadata.
bool rnsi_sink_is_whole(const struct rnsi_resource_in *in);
void rnsi_sink_end(rns_node_t *node, struct rnsi_resource_in *in); // gives rows, wipes

// ---- resource_window.c

// A segment begins: with window and rate of the one before on this link.
void rnsi_window_begin(struct rnsi_resource_in *in, const struct rnsi_link *link, rns_us_t now);
// How many parts may be asked for: the reference's window, or fewer for want of memory.
uint32_t rnsi_window_size(const rns_node_t *node, const struct rnsi_resource_in *in, uint32_t sdu);
// A packet of parts was asked for.
void rnsi_window_asked(struct rnsi_resource_in *in, rns_us_t now, uint32_t outstanding,
                       size_t packet_size);
// A part came.
void rnsi_window_part(struct rnsi_resource_in *in, const struct rnsi_link *link, rns_us_t now,
                      size_t part_size, size_t packet_size);
// All that was asked for came.
void rnsi_window_round(struct rnsi_resource_in *in, struct rnsi_link *link, rns_us_t now);
// It did not come in time.
void rnsi_window_shrink(struct rnsi_resource_in *in);
// Until when something must come.
rns_us_t rnsi_window_due(struct rnsi_resource_in *in, struct rnsi_link *link, uint32_t sdu);

#endif
