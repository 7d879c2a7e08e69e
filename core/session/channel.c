// channel.c -- see channel.h. Life, sending and proofs. Follows RNS/Channel.py.
#include "session/channel.h"

#include "session/piece.h"
#include "session/window.h"

#define PROOF_SIZE 96U // PacketReceipt.EXPL_LENGTH
#define RETRY      (25 * RNSI_MS)
// The reference looks at its receipts once a second, so its five tries take five seconds at least.
#define PATIENCE (RNSI_CHANNEL_TRIES * RNSI_SECOND)

// ---- Finding

static rnsi_pool_t *channels(const rns_node_t *node) {
    return (rnsi_pool_t *)RNSI_POOL(node, CHANNEL);
}

static rnsi_pool_t *envelopes(const rns_node_t *node) {
    return (rnsi_pool_t *)RNSI_POOL(node, ENVELOPE);
}

// NULL: no such slot.
static struct rnsi_envelope *envelope_at(const rns_node_t *node, uint32_t slot) {
    return slot == RNSI_NONE ? NULL : rnsi_pool_at(envelopes(node), slot);
}

static uint32_t slot_of(const rns_node_t *node, const struct rnsi_envelope *envelope) {
    return rnsi_pool_slot(envelopes(node), envelope);
}

static struct rnsi_link *link_of(const rns_node_t *node, const struct rnsi_channel *channel) {
    return rnsi_link_at(node, channel->link);
}

rns_err_t rnsi_channel_find(const rns_node_t *node, rns_link_t handle, struct rnsi_link **link,
                            struct rnsi_channel **channel) {
    *link = rnsi_link_get(node, handle);
    if (*link == NULL) {
        return RNS_ERR_GONE;
    }
    *channel = rnsi_channel_of(node, *link);
    return *channel == NULL ? RNS_ERR_STATE : RNS_ERR_OK;
}

// ---- Life

rns_err_t rns_channel_open(rns_node_t *node, rns_us_t now, rns_link_t handle) {
    if (!RNS_WITH_CHANNELS) {
        return RNS_ERR_STATE;
    }
    struct rnsi_link *link = rnsi_link_get(node, handle);
    if (link == NULL) {
        return RNS_ERR_GONE;
    }
    if (link->channel != RNSI_NONE) {
        return RNS_ERR_OK;
    }
    if (link->state != RNS_LINK_ACTIVE && link->state != RNS_LINK_STALE) {
        return RNS_ERR_STATE;
    }
    node->now = now;
    struct rnsi_channel *channel = rnsi_pool_take(channels(node), now, NULL);
    if (channel == NULL) {
        return RNS_ERR_FULL;
    }
    channel->link = rnsi_link_slot(node, link);
    channel->tx_oldest = channel->tx_youngest = channel->rx_first = RNSI_NONE;
    channel->types = channel->handlers = channel->asked = channel->fresh = RNSI_NONE;
    rnsi_window_open(channel, link->rtt_us);
    link->channel = rnsi_pool_slot(channels(node), channel);
    return RNS_ERR_OK;
}

static void give_envelopes(rns_node_t *node, uint32_t first) {
    struct rnsi_envelope *envelope;
    while ((envelope = envelope_at(node, first)) != NULL) {
        first = envelope->next;
        rnsi_piece_give(node, envelope->piece);
        rnsi_pool_give(envelopes(node), envelope);
    }
}

void rnsi_channel_close(rns_node_t *node, struct rnsi_link *link) {
    struct rnsi_channel *channel = rnsi_channel_of(node, link);
    if (channel == NULL) {
        return;
    }
    give_envelopes(node, channel->tx_oldest);
    give_envelopes(node, channel->rx_first);
    rnsi_messages_close(node, channel);
    rnsi_pool_give(channels(node), channel);
    link->channel = RNSI_NONE;
}

// ---- Sending

// A peer takes messages up to 48 after the first that it has not got, and the reference proves and
// loses what is further ahead: a message that is not proved holds the others back.
bool rnsi_channel_has_room(const rns_node_t *node, const struct rnsi_channel *channel) {
    const struct rnsi_envelope *oldest = envelope_at(node, channel->tx_oldest);
    return channel->tx_count < channel->window && channel->tx_count < node->limits.ring &&
           (oldest == NULL ||
            (uint16_t)(channel->next_tx - oldest->sequence) <= RNSI_CHANNEL_WINDOW);
}

void rnsi_channel_retry(rns_node_t *node, const struct rnsi_link *link) {
    struct rnsi_channel *channel = rnsi_channel_of(node, link);
    const rns_us_t wait = link->rtt_us > RETRY ? link->rtt_us : RETRY;
    if (channel->timer == 0) {
        rnsi_timer_set(channels(node), channel, node->now + wait);
    }
}

// Each time with a new IV, so it is another packet, and only the last one's proof counts.
static bool transmit(rns_node_t *node, struct rnsi_link *link, struct rnsi_envelope *envelope) {
    const rns_mem_t data = rnsi_piece_at(node, envelope->piece);
    uint8_t head[RNSI_MESSAGE_HEAD], hash[32];
    rnsi_message_head(head, envelope->type, envelope->sequence, data.size);
    const rnsi_out_t plain = {{head, sizeof head}, {data.data, data.size}};
    if (!rnsi_link_send(node, link, RNSI_CONTEXT_CHANNEL, plain, hash)) {
        return false;
    }
    memcpy(envelope->rest, hash + sizeof envelope->hash, sizeof envelope->rest);
    rnsi_pool_rekey(envelopes(node), envelope, hash);
    return true;
}

static void start_timer(rns_node_t *node, const struct rnsi_link *link,
                        const struct rnsi_channel *channel, struct rnsi_envelope *envelope) {
    envelope->ring = (uint8_t)channel->tx_count;
    rnsi_timer_set(envelopes(node), envelope,
                   node->now + rnsi_window_timeout(link->rtt_us, envelope->tries, envelope->ring));
}

// The more are under way, the longer each may take: for those that are out already, too.
static void raise_timers(rns_node_t *node, const struct rnsi_link *link,
                         const struct rnsi_channel *channel) {
    struct rnsi_envelope *e = envelope_at(node, channel->tx_oldest);
    for (; e != NULL; e = envelope_at(node, e->next)) {
        if (e->ring < channel->tx_count) {
            const rns_us_t more = rnsi_window_timeout(link->rtt_us, e->tries, channel->tx_count) -
                                  rnsi_window_timeout(link->rtt_us, e->tries, e->ring);
            rnsi_timer_set(envelopes(node), e, rnsi_timer_due(envelopes(node), e) + more);
            e->ring = (uint8_t)channel->tx_count;
        }
    }
}

static void append(rns_node_t *node, struct rnsi_channel *channel, struct rnsi_envelope *envelope) {
    struct rnsi_envelope *youngest = envelope_at(node, channel->tx_youngest);
    const uint32_t slot = slot_of(node, envelope);
    envelope->prev = channel->tx_youngest;
    envelope->next = RNSI_NONE;
    *(youngest == NULL ? &channel->tx_oldest : &youngest->next) = slot;
    channel->tx_youngest = slot;
    channel->tx_count++;
    channel->next_tx++;
}

rns_err_t rnsi_channel_put(rns_node_t *node, struct rnsi_link *link, uint16_t type,
                           uint32_t piece) {
    struct rnsi_channel *channel = rnsi_channel_of(node, link);
    if (!rnsi_channel_has_room(node, channel)) {
        return RNS_ERR_FULL;
    }
    struct rnsi_envelope *envelope = rnsi_pool_take(envelopes(node), node->now, NULL);
    if (envelope == NULL) {
        rnsi_channel_retry(node, link);
        return RNS_ERR_FULL;
    }
    envelope->channel = link->channel;
    envelope->piece = piece;
    envelope->sequence = channel->next_tx;
    envelope->type = type;
    envelope->tries = 1;
    if (!transmit(node, link, envelope)) {
        rnsi_pool_give(envelopes(node), envelope);
        rnsi_channel_retry(node, link);
        return RNS_ERR_FULL;
    }
    append(node, channel, envelope);
    start_timer(node, link, channel, envelope);
    raise_timers(node, link, channel);
    return RNS_ERR_OK;
}

static rns_err_t send_copy(rns_node_t *node, struct rnsi_link *link, uint16_t type,
                           rns_bytes_t data) {
    const rns_bytes_t none = {NULL, 0};
    if (!rnsi_channel_has_room(node, rnsi_channel_of(node, link))) {
        return RNS_ERR_FULL;
    }
    const uint32_t piece = rnsi_piece_put(node, data, none);
    if (piece == RNSI_NONE) {
        rnsi_channel_retry(node, link);
        return RNS_ERR_FULL;
    }
    const rns_err_t err = rnsi_channel_put(node, link, type, piece);
    if (err != RNS_ERR_OK) {
        rnsi_piece_give(node, piece);
    }
    return err;
}

rns_err_t rns_channel_send(rns_node_t *node, rns_us_t now, rns_link_t handle, uint32_t type,
                           rns_bytes_t data, uint16_t *sequence) {
    if (!RNS_WITH_CHANNELS) {
        return RNS_ERR_STATE;
    }
    struct rnsi_link *link;
    struct rnsi_channel *channel;
    rns_err_t err = rnsi_channel_find(node, handle, &link, &channel);
    if (err != RNS_ERR_OK) {
        return err;
    }
    if (type > RNS_CHANNEL_TYPE_MAX) {
        return RNS_ERR_ARG;
    }
    if (data.size > rns_channel_mdu(node, handle)) {
        return RNS_ERR_SIZE;
    }
    node->now = now;
    const uint16_t number = channel->next_tx;
    err = send_copy(node, link, (uint16_t)type, data);
    if (err == RNS_ERR_FULL) {
        channel->waits = 1;
    } else if (sequence != NULL) {
        *sequence = number;
    }
    return err;
}

bool rns_channel_ready(const rns_node_t *node, rns_link_t handle) {
    struct rnsi_link *link;
    struct rnsi_channel *channel;
    return rnsi_channel_find(node, handle, &link, &channel) == RNS_ERR_OK &&
           rnsi_channel_has_room(node, channel);
}

uint32_t rns_channel_mdu(const rns_node_t *node, rns_link_t handle) {
    struct rnsi_link *link;
    struct rnsi_channel *channel;
    if (rnsi_channel_find(node, handle, &link, &channel) != RNS_ERR_OK) {
        return 0;
    }
    const uint32_t mdu = rnsi_link_mdu(link) - RNSI_MESSAGE_HEAD;
    return mdu < RNSI_MESSAGE_MOST ? mdu : RNSI_MESSAGE_MOST;
}

// ---- Proofs

static void remove_sent(rns_node_t *node, struct rnsi_channel *channel,
                        struct rnsi_envelope *envelope) {
    struct rnsi_envelope *prev = envelope_at(node, envelope->prev);
    struct rnsi_envelope *next = envelope_at(node, envelope->next);
    *(prev == NULL ? &channel->tx_oldest : &prev->next) = envelope->next;
    *(next == NULL ? &channel->tx_youngest : &next->prev) = envelope->prev;
    if (prev == NULL && next != NULL) {
        next->tries = 1; // it is the oldest from now on
    }
    channel->tx_count--;
    rnsi_piece_give(node, envelope->piece);
    rnsi_pool_give(envelopes(node), envelope);
}

// There may be room: first for the ends of streams, then for who was told that there is none.
static void use_room(rns_node_t *node, rns_link_t handle) {
    struct rnsi_channel *channel = rnsi_channel_left(node, handle);
    if (channel == NULL) {
        return;
    }
    if (channel->ending > 0) {
        rnsi_buffers_ready(node, link_of(node, channel));
    }
    if (channel->waits && rnsi_channel_has_room(node, channel)) {
        channel->waits = 0;
        rns_event_t event = {.type = RNS_EV_CHANNEL_READY, .link = handle};
        rnsi_event(node, &event);
    }
}

rns_verdict_t rnsi_channel_proof(rns_node_t *node, struct rnsi_link *link, rns_bytes_t data) {
    if (data.size != PROOF_SIZE || link->channel == RNSI_NONE) {
        return RNS_RX_NO_PROOF;
    }
    struct rnsi_envelope *envelope = rnsi_pool_find(envelopes(node), data.data);
    if (envelope == NULL || envelope->channel != link->channel ||
        memcmp(data.data + sizeof envelope->hash, envelope->rest, sizeof envelope->rest) != 0) {
        return RNS_RX_NO_PROOF;
    }
    if (!rnsi_link_proves(node, link, data, data.data)) {
        return RNS_RX_BAD_PROOF;
    }
    const rns_link_t handle = rnsi_link_handle(node, link);
    rns_event_t event = {
        .type = RNS_EV_CHANNEL_SENT, .link = handle, .sequence = envelope->sequence};
    struct rnsi_channel *channel = rnsi_channel_of(node, link);
    remove_sent(node, channel, envelope);
    rnsi_window_proved(channel, link->rtt_us);
    rnsi_event(node, &event);
    use_room(node, handle);
    return RNS_RX_DELIVERED;
}

// Without a frame the message is as good as lost on the way: the try counts, as in the reference.
// Tries end the link for the oldest message alone. A peer with a small ring drops what comes early,
// again and again; what it waits for it always takes.
void rnsi_envelope_due(rns_node_t *node, struct rnsi_envelope *envelope) {
    struct rnsi_channel *channel = rnsi_pool_at(channels(node), envelope->channel);
    struct rnsi_link *link = link_of(node, channel);
    const bool is_oldest = envelope->prev == RNSI_NONE;
    const rns_us_t patience = envelope->slot.touched + PATIENCE;
    if (envelope->tries < RNSI_CHANNEL_TRIES) {
        envelope->tries++;
    } else if (is_oldest && node->now < patience) {
        rnsi_timer_set(envelopes(node), envelope, patience);
        return;
    } else if (is_oldest) {
        rnsi_link_end(node, link);
        return;
    }
    rnsi_window_missed(channel);
    transmit(node, link, envelope);
    start_timer(node, link, channel, envelope);
    raise_timers(node, link, channel);
}

void rnsi_channel_due(rns_node_t *node, struct rnsi_channel *channel) {
    struct rnsi_link *link = link_of(node, channel);
    const rns_link_t handle = rnsi_link_handle(node, link);
    rnsi_channel_resume(node, link);
    use_room(node, handle);
}
