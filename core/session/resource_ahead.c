// resource_ahead.c -- while a segment is sent the next one is prepared, where a slot in
// RESOURCE_OUT is to spare (RNS/Resource.py: __prepare_next_segment). Not of what may be packed: it
// would take the memory for that twice.
#include "session/transfer.h"

static bool may_be_packed(const rns_node_t *node, const struct rnsi_resource_out *out) {
    return node->compress != NULL && !out->no_compress && out->data_size <= out->compress_most;
}

// All but what makes a slot this slot: its head, its timer, its places in lists.
static void copy_transfer(struct rnsi_resource_out *to, const struct rnsi_resource_out *from) {
    const rnsi_slot_t slot = to->slot;
    const rnsi_timer_t timer = to->timer;
    const uint32_t next = to->next, next_sender = to->next_sender, prev_sender = to->prev_sender;
    const uint32_t after = to->after, before = to->before;
    const uint8_t sends = to->sends;
    *to = *from;
    to->slot = slot;
    to->timer = timer;
    to->next = next;
    to->next_sender = next_sender;
    to->prev_sender = prev_sender;
    to->after = after;
    to->before = before;
    to->sends = sends;
}

void rnsi_ahead_begin(rns_node_t *node, struct rnsi_resource_out *out) {
    rnsi_pool_t *pool = RNSI_POOL(node, RESOURCE_OUT);
    if (out->segment == out->segments || out->after != RNSI_NONE || may_be_packed(node, out) ||
        pool->used >= pool->count / 2) {
        return;
    }
    struct rnsi_resource_out *next = rnsi_pool_take(pool, node->now, NULL);
    if (next == NULL) {
        return;
    }
    copy_transfer(next, out);
    next->segment_row = next->pack_row = next->after = RNSI_NONE;
    next->before = rnsi_pool_slot(pool, out);
    next->segment++;
    if (rnsi_prepare_begin(node, next) != RNS_ERR_OK) {
        rnsi_pool_give(pool, next);
        return;
    }
    out->after = rnsi_pool_slot(pool, next);
    rnsi_sender_join(node, next);
}

void rnsi_ahead_end(rns_node_t *node, struct rnsi_resource_out *out) {
    if (out->after != RNSI_NONE) {
        struct rnsi_resource_out *next = rnsi_out_at(node, out->after);
        rnsi_sender_leave(node, next);
        rnsi_prepare_end(node, next);
        rnsi_pool_give(RNSI_POOL(node, RESOURCE_OUT), next);
        out->after = RNSI_NONE;
    }
}

bool rnsi_ahead_take(rns_node_t *node, struct rnsi_resource_out *out) {
    if (out->after == RNSI_NONE) {
        return false;
    }
    copy_transfer(out, rnsi_out_at(node, out->after));
    rnsi_ahead_end(node, out);
    return true;
}
