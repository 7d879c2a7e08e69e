// tx.c -- see tx.h and the pump in rns/node.h.
#include "route/tx.h"

#include "route/iface.h"

// The rows of frames, smallest first.
static const struct {
    rns_pool_t pool;
    rnsi_share_t share;
    size_t size;
} ROWS[] = {
    {RNS_POOL_FRAME, RNSI_SHARE_FRAME, sizeof((struct rnsi_frame *)0)->data},
    {RNS_POOL_FRAME_2K, RNSI_SHARE_FRAME_2K, sizeof((struct rnsi_frame_2k *)0)->data},
    {RNS_POOL_FRAME_16K, RNSI_SHARE_FRAME_16K, sizeof((struct rnsi_frame_16k *)0)->data},
    {RNS_POOL_FRAME_MAX, RNSI_SHARE_FRAME_MAX, sizeof((struct rnsi_frame_max *)0)->data},
};
#define ROW_COUNT (sizeof ROWS / sizeof *ROWS)

static rnsi_pool_t *pool_of(const rns_node_t *node, uint32_t pool) {
    return (rnsi_pool_t *)&node->memory.pools[pool];
}

struct rnsi_frame_head *rnsi_frame_head(const rns_node_t *node, uint32_t pool, uint32_t slot) {
    return rnsi_pool_at(pool_of(node, pool), slot);
}

// The bytes of a frame stand behind its head in every row.
static uint8_t *data_of(struct rnsi_frame_head *head) {
    return ((struct rnsi_frame *)(void *)head)->data;
}

uint32_t rnsi_frame_limit(const rns_node_t *node) {
    for (size_t i = ROW_COUNT; i-- > 0;) {
        if (node->memory.pools[ROWS[i].pool].count > 0) {
            const size_t size = ROWS[i].size;
            return (uint32_t)(size > RNS_IFAC_MAX ? size - RNS_IFAC_MAX : 0);
        }
    }
    return 0;
}

rnsi_frame_t rnsi_frame_new(rns_node_t *node, struct rnsi_iface *from, size_t size) {
    rnsi_frame_t frame = {0, RNSI_NONE, NULL};
    for (size_t i = 0; i < ROW_COUNT; i++) {
        rnsi_pool_t *pool = &node->memory.pools[ROWS[i].pool];
        if (size > ROWS[i].size || pool->count == 0) {
            continue;
        }
        if (!rnsi_share_take(node, from, ROWS[i].share)) {
            return frame;
        }
        struct rnsi_frame_head *head = rnsi_pool_take(pool, node->now, NULL);
        if (head == NULL) {
            rnsi_share_give(node, rnsi_iface_ref(node, from), ROWS[i].share);
            return frame;
        }
        head->from = rnsi_iface_ref(node, from);
        head->size = (uint32_t)size;
        frame = (rnsi_frame_t){ROWS[i].pool, rnsi_pool_slot(pool, head), data_of(head)};
        return frame;
    }
    return frame;
}

static void frame_give(rns_node_t *node, uint32_t pool, struct rnsi_frame_head *head) {
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (ROWS[i].pool == (rns_pool_t)pool) {
            rnsi_share_give(node, head->from, ROWS[i].share);
        }
    }
    rnsi_pool_give(pool_of(node, pool), head);
}

void rnsi_frame_unused(rns_node_t *node, rnsi_frame_t frame) {
    if (frame.slot == RNSI_NONE) {
        return;
    }
    struct rnsi_frame_head *head = rnsi_frame_head(node, frame.pool, frame.slot);
    if (head->refs == 0) {
        frame_give(node, frame.pool, head);
    }
}

// ---- The ring of interfaces with something to send

static struct rnsi_iface *at_slot(const rns_node_t *node, uint16_t slot) {
    return rnsi_pool_at(RNSI_POOL(node, IFACE), slot);
}

static bool wants_turn(const struct rnsi_iface *iface) {
    return iface->tx_count > 0 && (iface->flags & RNSI_IFACE_ONLINE) != 0 &&
           (iface->flags & RNSI_IFACE_FULL) == 0;
}

static void ring_join(rns_node_t *node, struct rnsi_iface *iface) {
    const rnsi_iface_ref_t self = rnsi_iface_ref(node, iface);
    iface->flags |= RNSI_IFACE_READY;
    if (node->ready == RNSI_NO_IFACE) {
        iface->next_ready = iface->prev_ready = self;
        node->ready = self.slot;
        return;
    }
    struct rnsi_iface *first = at_slot(node, node->ready);
    struct rnsi_iface *last = at_slot(node, first->prev_ready.slot);
    iface->next_ready = rnsi_iface_ref(node, first);
    iface->prev_ready = first->prev_ready;
    last->next_ready = self;
    first->prev_ready = self;
}

static void ring_leave(rns_node_t *node, struct rnsi_iface *iface) {
    const uint16_t self = rnsi_iface_ref(node, iface).slot;
    const uint16_t next = iface->next_ready.slot;
    iface->flags &= ~(uint32_t)RNSI_IFACE_READY;
    if (next == self) {
        node->ready = RNSI_NO_IFACE;
        return;
    }
    at_slot(node, next)->prev_ready = iface->prev_ready;
    at_slot(node, iface->prev_ready.slot)->next_ready = iface->next_ready;
    if (node->ready == self) {
        node->ready = next;
    }
}

static void ring_update(rns_node_t *node, struct rnsi_iface *iface) {
    const bool wants = wants_turn(iface), stands = (iface->flags & RNSI_IFACE_READY) != 0;
    if (wants && !stands) {
        ring_join(node, iface);
    } else if (!wants && stands) {
        ring_leave(node, iface);
    }
}

// ---- The queue of an interface

static void count_drop(struct rnsi_iface *iface, uint32_t size) {
    iface->tx_dropped++;
    iface->tx_dropped_bytes += size;
}

// A full output that has not moved for long loses what comes now, too.
static bool is_stalled(const rns_node_t *node, const struct rnsi_iface *iface) {
    return (iface->flags & RNSI_IFACE_FULL) != 0 &&
           node->now - iface->progress_at >= RNSI_STALL_AFTER;
}

bool rnsi_tx_put(rns_node_t *node, struct rnsi_iface *iface, rnsi_frame_t frame) {
    struct rnsi_frame_head *head = rnsi_frame_head(node, frame.pool, frame.slot);
    rnsi_pool_t *pool = RNSI_POOL(node, TXREF);
    struct rnsi_txref *ref = NULL;
    if (rnsi_iface_online(iface) && !is_stalled(node, iface) &&
        iface->tx_bytes + head->size <= RNSI_TX_MOST_BYTES) {
        ref = rnsi_pool_take(pool, node->now, NULL);
    }
    if (ref == NULL) {
        count_drop(iface, head->size);
        return false;
    }
    const uint32_t slot = rnsi_pool_slot(pool, ref);
    ref->pool = frame.pool;
    ref->frame = frame.slot;
    ref->next = RNSI_NONE;
    head->refs++;
    if (iface->tx_count++ == 0) {
        iface->tx_oldest = slot;
        if ((iface->flags & RNSI_IFACE_FULL) != 0) {
            rnsi_iface_schedule(node, iface);
        }
    } else {
        ((struct rnsi_txref *)rnsi_pool_at(pool, iface->tx_youngest))->next = slot;
    }
    iface->tx_youngest = slot;
    iface->tx_bytes += head->size;
    ring_update(node, iface);
    return true;
}

static void ref_give(rns_node_t *node, struct rnsi_txref *ref) {
    struct rnsi_frame_head *head = rnsi_frame_head(node, ref->pool, ref->frame);
    if (--head->refs == 0) {
        frame_give(node, ref->pool, head);
    }
    rnsi_pool_give(RNSI_POOL(node, TXREF), ref);
}

// Takes the oldest off the queue; it stays taken.
static struct rnsi_txref *pop(rns_node_t *node, struct rnsi_iface *iface) {
    struct rnsi_txref *ref = rnsi_pool_at(RNSI_POOL(node, TXREF), iface->tx_oldest);
    iface->tx_oldest = ref->next;
    if (--iface->tx_count == 0) {
        iface->tx_youngest = RNSI_NONE;
    }
    iface->tx_bytes -= rnsi_frame_head(node, ref->pool, ref->frame)->size;
    return ref;
}

static bool is_half_free(const rnsi_pool_t *pool) {
    return pool->count - pool->used > pool->count / 2;
}

bool rnsi_tx_has_room(const rns_node_t *node, const struct rnsi_iface *iface, size_t size) {
    if (!rnsi_iface_online(iface) || (iface->flags & RNSI_IFACE_FULL) != 0 ||
        (iface->tx_count > 0 && iface->tx_bytes + size > RNSI_TX_SHORT)) {
        return false;
    }
    for (size_t i = 0; i < ROW_COUNT; i++) {
        const rnsi_pool_t *pool = &node->memory.pools[ROWS[i].pool];
        if (size + RNS_IFAC_MAX <= ROWS[i].size && pool->count > 0) {
            return is_half_free(pool) && is_half_free(RNSI_POOL(node, TXREF));
        }
    }
    return false;
}

void rnsi_tx_drop_all(rns_node_t *node, struct rnsi_iface *iface) {
    while (iface->tx_count > 0) {
        struct rnsi_txref *ref = pop(node, iface);
        count_drop(iface, rnsi_frame_head(node, ref->pool, ref->frame)->size);
        ref_give(node, ref);
    }
    ring_update(node, iface);
}

// ---- The pump's outgoing half

bool rns_tx_ready(rns_node_t *node, rns_iface_t *out) {
    if (node->ready == RNSI_NO_IFACE) {
        return false;
    }
    struct rnsi_iface *iface = at_slot(node, node->ready);
    node->ready = iface->next_ready.slot; // in turn
    *out = rnsi_iface_handle(node, iface);
    return true;
}

void rns_tx_hold(rns_node_t *node, rns_us_t now, rns_iface_t handle, bool held) {
    struct rnsi_iface *iface = rnsi_iface_get(node, handle);
    if (iface == NULL) {
        return;
    }
    node->now = now;
    iface->progress_at = now;
    if (held) {
        iface->flags |= RNSI_IFACE_FULL;
    } else {
        iface->flags &= ~(uint32_t)RNSI_IFACE_FULL;
        node->tx_went_out = true;
    }
    ring_update(node, iface);
    rnsi_iface_schedule(node, iface);
}

bool rns_tx_next(rns_node_t *node, rns_us_t now, rns_iface_t handle, rns_tx_t *tx) {
    struct rnsi_iface *iface = rnsi_iface_get(node, handle);
    if (iface == NULL || !wants_turn(iface)) {
        return false;
    }
    node->now = now;
    struct rnsi_txref *ref = pop(node, iface);
    struct rnsi_frame_head *head = rnsi_frame_head(node, ref->pool, ref->frame);
    iface->tx_out++;
    ring_update(node, iface);
    tx->frame = (rns_bytes_t){data_of(head), head->size};
    tx->ref = rnsi_pool_slot(RNSI_POOL(node, TXREF), ref);
    return true;
}

void rns_tx_done(rns_node_t *node, rns_us_t now, rns_iface_t handle, const rns_tx_t *tx,
                 bool sent) {
    struct rnsi_iface *iface = rnsi_iface_get(node, handle);
    if (iface == NULL || iface->tx_out == 0) {
        return;
    }
    node->now = now;
    iface->tx_out--;
    node->tx_went_out = true;
    if (sent) {
        iface->progress_at = now;
        iface->tx_packets++;
        iface->tx_bytes_sent += tx->frame.size;
    } else {
        count_drop(iface, (uint32_t)tx->frame.size);
    }
    ref_give(node, rnsi_pool_at(RNSI_POOL(node, TXREF), tx->ref));
}
