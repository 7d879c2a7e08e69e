// message.c -- see channel.h. Whose a message is: the types that a channel takes, and the handlers
// that are asked (RNS/Channel.py: register_message_type, add_message_handler, _run_callbacks). Both
// are rows of MESSAGE_TYPE, in a list each.
#include "session/channel.h"

static rnsi_pool_t *rows(const rns_node_t *node) {
    return (rnsi_pool_t *)RNSI_POOL(node, MESSAGE_TYPE);
}

static struct rnsi_message_type *row_at(const rns_node_t *node, uint32_t slot) {
    return rnsi_pool_at(rows(node), slot);
}

static bool is_of_applications(uint32_t type) {
    return type <= RNS_CHANNEL_TYPE_MAX;
}

static void give_list(rns_node_t *node, uint32_t first) {
    while (first != RNSI_NONE) {
        struct rnsi_message_type *row = row_at(node, first);
        first = row->next;
        rnsi_pool_give(rows(node), row);
    }
}

void rnsi_messages_close(rns_node_t *node, const struct rnsi_channel *channel) {
    give_list(node, channel->types);
    give_list(node, channel->handlers);
}

// ---- Types

static void type_key(uint8_t key[8], uint32_t channel, uint32_t type) {
    memcpy(key, &channel, sizeof channel);
    memcpy(key + sizeof channel, &type, sizeof type);
}

rns_err_t rns_channel_register(rns_node_t *node, rns_link_t handle, uint32_t type) {
    struct rnsi_link *link;
    struct rnsi_channel *channel;
    const rns_err_t err = rnsi_channel_find(node, handle, &link, &channel);
    if (err != RNS_ERR_OK) {
        return err;
    }
    if (!is_of_applications(type)) {
        return RNS_ERR_ARG;
    }
    uint8_t key[8];
    type_key(key, link->channel, type);
    if (rnsi_pool_find(rows(node), key) != NULL) {
        return RNS_ERR_OK;
    }
    struct rnsi_message_type *row = rnsi_pool_take(rows(node), node->now, key);
    if (row == NULL) {
        return RNS_ERR_FULL;
    }
    row->next = channel->types;
    channel->types = rnsi_pool_slot(rows(node), row);
    return RNS_ERR_OK;
}

// ---- Handlers

static bool hears(const rns_channel_handler_t *handler, uint16_t type) {
    return handler->type == type || handler->type == RNS_CHANNEL_ANY;
}

static bool is_handled(const rns_node_t *node, const struct rnsi_channel *channel, uint16_t type) {
    uint32_t slot = channel->handlers;
    while (slot != RNSI_NONE && !hears(row_at(node, slot)->lent.handler, type)) {
        slot = row_at(node, slot)->next;
    }
    return slot != RNSI_NONE;
}

bool rnsi_channel_takes(const rns_node_t *node, const struct rnsi_channel *channel, uint16_t type) {
    if (!is_of_applications(type)) {
        return false;
    }
    uint8_t key[8];
    type_key(key, rnsi_pool_slot(RNSI_POOL(node, CHANNEL), channel), type);
    return (channel->types == RNSI_NONE && channel->handlers == RNSI_NONE) ||
           rnsi_pool_find(rows(node), key) != NULL || is_handled(node, channel, type);
}

static bool is_fit(const rns_channel_handler_t *handler) {
    return (is_of_applications(handler->type) || handler->type == RNS_CHANNEL_ANY) &&
           handler->take != NULL && (handler->ready == NULL || handler->ready(handler->user));
}

// Where the slot of a handler stands, or that behind the youngest.
static uint32_t *place_of(const rns_node_t *node, struct rnsi_channel *channel,
                          const rns_channel_handler_t *handler) {
    uint32_t *at = &channel->handlers;
    while (*at != RNSI_NONE && row_at(node, *at)->lent.handler != handler) {
        at = &row_at(node, *at)->next;
    }
    return at;
}

rns_err_t rns_channel_handler_add(rns_node_t *node, rns_link_t handle,
                                  const rns_channel_handler_t *handler) {
    struct rnsi_link *link;
    struct rnsi_channel *channel;
    if (!is_fit(handler)) { // first: what it calls might close the link
        return RNS_ERR_ARG;
    }
    const rns_err_t err = rnsi_channel_find(node, handle, &link, &channel);
    if (err != RNS_ERR_OK) {
        return err;
    }
    uint32_t *at = place_of(node, channel, handler);
    if (*at != RNSI_NONE) {
        return RNS_ERR_OK;
    }
    struct rnsi_message_type *row = rnsi_pool_take(rows(node), node->now, NULL);
    if (row == NULL) {
        return RNS_ERR_FULL;
    }
    row->lent.handler = handler;
    row->next = RNSI_NONE;
    *at = rnsi_pool_slot(rows(node), row);
    if (channel->fresh == RNSI_NONE) {
        channel->fresh = *at;
    }
    return RNS_ERR_OK;
}

rns_err_t rns_channel_handler_remove(rns_node_t *node, rns_link_t handle,
                                     const rns_channel_handler_t *handler) {
    struct rnsi_link *link;
    struct rnsi_channel *channel;
    const rns_err_t err = rnsi_channel_find(node, handle, &link, &channel);
    if (err != RNS_ERR_OK) {
        return err;
    }
    uint32_t *at = place_of(node, channel, handler);
    if (*at == RNSI_NONE) {
        return RNS_ERR_GONE;
    }
    const uint32_t slot = *at;
    struct rnsi_message_type *row = row_at(node, slot);
    *at = row->next;
    if (channel->asked == slot) {
        channel->asked = row->next;
    }
    if (channel->fresh == slot) {
        channel->fresh = row->next;
    }
    rnsi_pool_give(rows(node), row);
    return RNS_ERR_OK;
}

// The handler that a message goes to next. A handler may add and remove any of them, itself too,
// and close the link: only the channel's own marks live on. NULL: none is left.
static const rns_channel_handler_t *next_asked(const rns_node_t *node, rns_link_t handle) {
    struct rnsi_channel *channel = rnsi_channel_left(node, handle);
    if (channel == NULL || channel->asked == RNSI_NONE || channel->asked == channel->fresh) {
        return NULL;
    }
    const struct rnsi_message_type *row = row_at(node, channel->asked);
    channel->asked = row->next;
    return row->lent.handler;
}

bool rnsi_channel_ask(rns_node_t *node, struct rnsi_channel *channel, const rns_event_t *message) {
    const rns_channel_handler_t *handler;
    channel->asked = channel->handlers;
    channel->fresh = RNSI_NONE;
    while ((handler = next_asked(node, message->link)) != NULL) {
        if (hears(handler, message->number) && handler->take(handler->user, node, message)) {
            return true;
        }
    }
    return rnsi_channel_left(node, message->link) == NULL;
}
