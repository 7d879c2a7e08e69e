// inspect_session.c -- see rns/inspect.h. What stands on links.
#include "rns/inspect.h"

#include "session/channel.h"
#include "session/transfer.h"

// ---- Channels

static const struct rnsi_channel *channel_of(const rns_node_t *node, rns_link_t handle) {
    const struct rnsi_link *link = rnsi_link_get(node, handle);
    return link == NULL ? NULL : rnsi_channel_of(node, link);
}

// Of a channel's types or handlers, from the first slot on.
static uint16_t count_rows(const rns_node_t *node, uint32_t slot) {
    uint16_t count = 0;
    for (; slot != RNSI_NONE; count++) {
        const struct rnsi_message_type *row = rnsi_pool_at(RNSI_POOL(node, MESSAGE_TYPE), slot);
        slot = row->next;
    }
    return count;
}

rns_err_t rns_inspect_channel(const rns_node_t *node, rns_link_t handle,
                              rns_inspect_channel_t *channel) {
    if (rnsi_link_get(node, handle) == NULL) {
        return RNS_ERR_GONE;
    }
    const struct rnsi_channel *from = channel_of(node, handle);
    if (from == NULL) {
        return RNS_ERR_STATE;
    }
    *channel = (rns_inspect_channel_t){.window = from->window,
                                       .window_min = from->window_min,
                                       .window_max = from->window_max,
                                       .flexibility = from->flexibility,
                                       .fast_rounds = from->fast_rounds,
                                       .medium_rounds = from->medium_rounds,
                                       .next_tx = from->next_tx,
                                       .next_rx = from->next_rx,
                                       .tx_count = from->tx_count,
                                       .rx_count = from->rx_count,
                                       .types = count_rows(node, from->types),
                                       .handlers = count_rows(node, from->handlers)};
    return RNS_ERR_OK;
}

uint32_t rns_inspect_messages(const rns_node_t *node, rns_link_t link,
                              rns_inspect_message_t *messages, uint32_t most) {
    const struct rnsi_channel *channel = channel_of(node, link);
    uint32_t slot = channel == NULL ? RNSI_NONE : channel->tx_oldest, count = 0;
    while (slot != RNSI_NONE) {
        const struct rnsi_envelope *envelope = rnsi_pool_at(RNSI_POOL(node, ENVELOPE), slot);
        if (count < most) {
            messages[count] = (rns_inspect_message_t){envelope->sequence, envelope->tries};
        }
        count++;
        slot = envelope->next;
    }
    return count;
}

// ---- Transfers

static void inspect_in(const rns_node_t *node, const struct rnsi_resource_in *in,
                       rns_inspect_transfer_t *transfer) {
    static const rns_transfer_state_t STATES[] = {
        [RNSI_IN_OFFERED] = RNS_TRANSFER_ADVERTISED,
        [RNSI_IN_TRANSFERRING] = RNS_TRANSFER_TRANSFERRING,
        [RNSI_IN_UNPACKING] = RNS_TRANSFER_ASSEMBLING,
        [RNSI_IN_BETWEEN] = RNS_TRANSFER_ASSEMBLING,
    };
    *transfer = (rns_inspect_transfer_t){.state = STATES[in->state],
                                         .sdu = rnsi_resource_sdu(rnsi_in_link(node, in)),
                                         .map_height = in->map_height,
                                         .height = in->height,
                                         .received = in->height + in->early_count,
                                         .window = in->window,
                                         .window_min = in->window_min,
                                         .window_max = in->window_max,
                                         .waits_for_map = in->waits_for_map != 0,
                                         .pack_most = rnsi_unpack_most(in)};
    memcpy(transfer->random, in->random, sizeof transfer->random);
}

static void inspect_out(const struct rnsi_resource_out *out, rns_inspect_transfer_t *transfer) {
    static const rns_transfer_state_t STATES[] = {
        [RNSI_OUT_QUEUED] = RNS_TRANSFER_QUEUED,
        [RNSI_OUT_PACKING] = RNS_TRANSFER_PREPARING,
        [RNSI_OUT_PREPARING] = RNS_TRANSFER_PREPARING,
        [RNSI_OUT_READY] = RNS_TRANSFER_PREPARING,
        [RNSI_OUT_ADVERTISED] = RNS_TRANSFER_ADVERTISED,
        [RNSI_OUT_TRANSFERRING] = RNS_TRANSFER_TRANSFERRING,
        [RNSI_OUT_AWAITING_PROOF] = RNS_TRANSFER_AWAITING_PROOF,
    };
    *transfer = (rns_inspect_transfer_t){.state = STATES[out->state],
                                         .sdu = out->sdu,
                                         .map_height = out->map_end,
                                         .sent = out->sent_count,
                                         .low = out->low,
                                         .pack_most = out->compress_most};
    memcpy(transfer->random, out->random, sizeof transfer->random);
    if (out->state >= RNSI_OUT_ADVERTISED) {
        memcpy(transfer->proof, out->proof, sizeof transfer->proof);
    }
}

rns_err_t rns_inspect_transfer(const rns_node_t *node, rns_resource_t resource,
                               rns_inspect_transfer_t *transfer) {
    const struct rnsi_resource_in *in = rnsi_resource_in_get(node, resource);
    const struct rnsi_resource_out *out = rnsi_resource_out_get(node, resource);
    if (in != NULL) {
        inspect_in(node, in, transfer);
    } else if (out != NULL) {
        inspect_out(out, transfer);
    } else {
        return RNS_ERR_GONE;
    }
    return RNS_ERR_OK;
}

rns_err_t rns_inspect_transfers(const rns_node_t *node, rns_link_t handle,
                                rns_inspect_transfers_t *transfers) {
    const struct rnsi_link *link = rnsi_link_get(node, handle);
    if (link == NULL) {
        return RNS_ERR_GONE;
    }
    *transfers = (rns_inspect_transfers_t){
        .incoming = link->in_count, .outgoing = link->out_count, .last_window = link->last_window};
    return RNS_ERR_OK;
}
