// channel_receive.c -- see channel.h. Follows RNS/Channel.py:_receive, but proves a message only
// when it has it, and counts one of an unknown type as received: there all after it would wait.
#include "session/channel.h"

#include "rules.h"
#include "session/piece.h"
#include "session/window.h"

#define HALF 0x8000U // of the sequence numbers: what is further ahead is behind

static rnsi_pool_t *envelopes(const rns_node_t *node) {
    return (rnsi_pool_t *)RNSI_POOL(node, ENVELOPE);
}

// NULL: no such slot.
static struct rnsi_envelope *envelope_at(const rns_node_t *node, uint32_t slot) {
    return slot == RNSI_NONE ? NULL : rnsi_pool_at(envelopes(node), slot);
}

// A message on its way to the application.
typedef struct {
    rnsi_message_t message;
    rnsi_stream_t taken;
    rns_buffer_t buffer; // the reader that has it
} delivery_t;

// Hands a message in order to its reader, if it is one of a stream; nothing is told yet.
static void take(rns_node_t *node, struct rnsi_link *link, delivery_t *d) {
    if (d->message.type == RNSI_STREAM_TYPE) {
        d->taken = rnsi_buffer_receive(node, link, d->message.data, &d->buffer);
    } else {
        const struct rnsi_channel *channel = rnsi_channel_of(node, link);
        d->taken = rnsi_channel_takes(node, channel, d->message.type) ? RNSI_STREAM_TAKEN
                                                                      : RNSI_STREAM_UNKNOWN;
    }
}

static void tell(rns_node_t *node, const struct rnsi_link *link, const delivery_t *d) {
    if (d->taken != RNSI_STREAM_TAKEN) {
        return;
    }
    if (d->message.type == RNSI_STREAM_TYPE) {
        rnsi_buffer_tell(node, d->buffer, RNS_ERR_OK);
        return;
    }
    rns_event_t event = {.type = RNS_EV_CHANNEL,
                         .at = node->now,
                         .link = rnsi_link_handle(node, link),
                         .number = d->message.type,
                         .sequence = d->message.sequence,
                         .data = d->message.data,
                         .has_data = true};
    if (!rnsi_channel_ask(node, rnsi_channel_of(node, link), &event)) {
        rnsi_event(node, &event);
    }
}

// The stored message whose turn it is, out of the list; NULL: none.
static struct rnsi_envelope *next_stored(const rns_node_t *node,
                                         const struct rnsi_channel *channel) {
    struct rnsi_envelope *first = envelope_at(node, channel->rx_first);
    return first != NULL && first->sequence == channel->next_rx ? first : NULL;
}

static void end_bad(rns_node_t *node, struct rnsi_link *link, const delivery_t *d) {
    const rns_link_t handle = rnsi_link_handle(node, link);
    rnsi_buffer_tell(node, d->buffer, RNS_ERR_CORRUPT);
    link = rnsi_link_get(node, handle);
    if (link != NULL) {
        rnsi_link_end(node, link);
    }
}

// Delivers one. false: it has to wait, or the link is closed. What is bad was proved when it was
// stored, so the stream cannot be saved: its link ends.
static bool deliver_stored(rns_node_t *node, struct rnsi_link *link,
                           struct rnsi_envelope *envelope) {
    struct rnsi_channel *channel = rnsi_channel_of(node, link);
    const uint32_t piece = envelope->piece;
    const rns_mem_t data = rnsi_piece_at(node, piece);
    delivery_t d = {.message = {envelope->type, envelope->sequence, {data.data, data.size}}};
    take(node, link, &d);
    switch (d.taken) {
    case RNSI_STREAM_FULL:
        return false;
    case RNSI_STREAM_LATER:
        rnsi_channel_retry(node, link);
        return false;
    case RNSI_STREAM_BAD:
        end_bad(node, link, &d);
        return false;
    case RNSI_STREAM_TAKEN:
    case RNSI_STREAM_UNKNOWN:
        break;
    }
    channel->rx_first = envelope->next;
    channel->rx_count--;
    channel->next_rx++;
    rnsi_pool_give(envelopes(node), envelope);
    tell(node, link, &d);
    rnsi_piece_give(node, piece);
    return true;
}

// While this delivers, an application that reads in an event does not start it anew.
static void deliver_all(rns_node_t *node, rns_link_t handle) {
    struct rnsi_channel *channel;
    while ((channel = rnsi_channel_left(node, handle)) != NULL) {
        channel->delivering = 1;
        struct rnsi_envelope *envelope = next_stored(node, channel);
        if (envelope == NULL ||
            !deliver_stored(node, rnsi_link_at(node, channel->link), envelope)) {
            break;
        }
    }
    if ((channel = rnsi_channel_left(node, handle)) != NULL) {
        channel->delivering = 0;
    }
}

void rnsi_channel_resume(rns_node_t *node, struct rnsi_link *link) {
    const struct rnsi_channel *channel = rnsi_channel_of(node, link);
    if (channel != NULL && !channel->delivering) {
        deliver_all(node, rnsi_link_handle(node, link));
    }
}

// A message in order is not stored: it goes out of the frame.
static rns_verdict_t deliver(rns_node_t *node, struct rnsi_link *link,
                             const rnsi_message_t *message, const uint8_t packet_hash[32]) {
    struct rnsi_channel *channel = rnsi_channel_of(node, link);
    const rns_link_t handle = rnsi_link_handle(node, link);
    delivery_t d = {.message = *message};
    take(node, link, &d);
    switch (d.taken) {
    case RNSI_STREAM_FULL:
    case RNSI_STREAM_LATER:
        return RNS_RX_FULL;
    case RNSI_STREAM_BAD:
        rnsi_buffer_tell(node, d.buffer, RNS_ERR_CORRUPT);
        return RNS_RX_MALFORMED;
    case RNSI_STREAM_TAKEN:
    case RNSI_STREAM_UNKNOWN:
        break;
    }
    rnsi_link_prove(node, link, packet_hash);
    channel->next_rx++;
    channel->delivering = 1;
    tell(node, link, &d);
    deliver_all(node, handle);
    return d.taken == RNSI_STREAM_UNKNOWN ? RNS_RX_NO_CHANNEL : RNS_RX_DELIVERED;
}

// Where a message that came early belongs in the list, which is sorted by sequence number: in front
// of the one that *at says. false: it is there already.
static bool place_of(const rns_node_t *node, struct rnsi_channel *channel, uint16_t sequence,
                     uint32_t **at) {
    const uint16_t ahead = (uint16_t)(sequence - channel->next_rx);
    struct rnsi_envelope *e;
    for (*at = &channel->rx_first; (e = envelope_at(node, **at)) != NULL; *at = &e->next) {
        const uint16_t other = (uint16_t)(e->sequence - channel->next_rx);
        if (other >= ahead) {
            return other != ahead;
        }
    }
    return true;
}

static bool is_half_free(const rnsi_pool_t *pool) {
    return pool->used < pool->count / 2;
}

// A peer's window may be three times our ring: what is free of the row is lent, half of it kept for
// others.
static rns_verdict_t store(rns_node_t *node, struct rnsi_link *link, const rnsi_message_t *message,
                           uint32_t *at) {
    const rns_bytes_t none = {NULL, 0};
    struct rnsi_channel *channel = rnsi_channel_of(node, link);
    if (channel->rx_count >= node->limits.ring && !is_half_free(envelopes(node))) {
        return RNS_RX_FULL;
    }
    const uint32_t piece = rnsi_piece_put(node, message->data, none);
    if (piece == RNSI_NONE) {
        return RNS_RX_FULL;
    }
    struct rnsi_envelope *envelope = rnsi_pool_take(envelopes(node), node->now, NULL);
    if (envelope == NULL) {
        rnsi_piece_give(node, piece);
        return RNS_RX_FULL;
    }
    envelope->channel = link->channel;
    envelope->piece = piece;
    envelope->sequence = message->sequence;
    envelope->type = message->type;
    envelope->next = *at;
    *at = rnsi_pool_slot(envelopes(node), envelope);
    channel->rx_count++;
    return RNS_RX_QUEUED;
}

// A message that is not in order. What is behind was delivered: its proof was lost.
static rns_verdict_t receive_early(rns_node_t *node, struct rnsi_link *link,
                                   const rnsi_message_t *message, const uint8_t packet_hash[32]) {
    uint32_t *at;
    struct rnsi_channel *channel = rnsi_channel_of(node, link);
    const uint16_t ahead = (uint16_t)(message->sequence - channel->next_rx);
    rns_verdict_t verdict = RNS_RX_REPEATED;
    if (ahead < HALF && place_of(node, channel, message->sequence, &at)) {
        if (RNSI_CHANNEL_IS_BOUNDED && ahead > RNSI_CHANNEL_WINDOW) {
            return RNS_RX_NOT_NOW;
        }
        const rnsi_stream_t check = message->type == RNSI_STREAM_TYPE
                                        ? rnsi_buffer_check(node, message->data)
                                        : RNSI_STREAM_TAKEN;
        if (check != RNSI_STREAM_TAKEN) {
            return check == RNSI_STREAM_BAD ? RNS_RX_MALFORMED : RNS_RX_FULL;
        }
        verdict = store(node, link, message, at);
    }
    if (verdict != RNS_RX_FULL) {
        rnsi_link_prove(node, link, packet_hash);
    }
    return verdict;
}

rns_verdict_t rnsi_channel_receive(rns_node_t *node, struct rnsi_link *link, rns_bytes_t plain,
                                   const uint8_t packet_hash[32]) {
    const struct rnsi_channel *channel = rnsi_channel_of(node, link);
    rnsi_message_t message;
    if (channel == NULL) {
        return RNS_RX_NO_CHANNEL;
    }
    if (!rnsi_message_parse(plain, &message)) {
        return RNS_RX_MALFORMED;
    }
    const bool is_next = message.sequence == channel->next_rx && next_stored(node, channel) == NULL;
    return is_next ? deliver(node, link, &message, packet_hash)
                   : receive_early(node, link, &message, packet_hash);
}
