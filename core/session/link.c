// link.c -- see rns/link.h. What a link is, and how it ends.
#include "session/link.h"

#include "route/iface.h"
#include "route/path.h"
#include "session/channel.h"
#include "session/destination.h"
#include "session/request.h"
#include "session/resource.h"

#define TOKEN_BLOCK    16U
#define TOKEN_OVERHEAD 48U
#define IFAC_MIN       1U // Reticulum.IFAC_MIN_SIZE

static rnsi_pool_t *links(const rns_node_t *node) {
    return (rnsi_pool_t *)RNSI_POOL(node, LINK);
}

struct rnsi_link *rnsi_link_get(const rns_node_t *node, rns_link_t handle) {
    struct rnsi_link *link = rnsi_pool_get(links(node), handle.slot, handle.gen);
    return link != NULL && link->state != RNS_LINK_CLOSED ? link : NULL;
}

struct rnsi_link *rnsi_link_at(const rns_node_t *node, uint32_t slot) {
    return rnsi_pool_at(links(node), slot);
}

uint32_t rnsi_link_slot(const rns_node_t *node, const struct rnsi_link *link) {
    return rnsi_pool_slot(links(node), link);
}

rns_link_t rnsi_link_handle(const rns_node_t *node, const struct rnsi_link *link) {
    const rns_link_t handle = {rnsi_link_slot(node, link), link->slot.gen};
    return handle;
}

struct rnsi_dest *rnsi_link_dest(const rns_node_t *node, const struct rnsi_link *link) {
    return rnsi_pool_get(RNSI_POOL(node, DEST), link->dest_slot, link->dest_gen);
}

uint32_t rnsi_link_mdu(const struct rnsi_link *link) {
    const uint32_t room = link->mtu - IFAC_MIN - RNSI_HEADER_MINSIZE - TOKEN_OVERHEAD;
    return room / TOKEN_BLOCK * TOKEN_BLOCK - 1;
}

uint32_t rnsi_link_sdu(const struct rnsi_link *link) {
    return link->mtu - RNSI_HEADER_MAXSIZE - IFAC_MIN;
}

struct rnsi_link *rnsi_link_take(rns_node_t *node, const uint8_t id[16], const uint8_t dest[16]) {
    struct rnsi_link *link = rnsi_pool_take(links(node), node->now, id);
    if (link == NULL) {
        return NULL;
    }
    memcpy(link->dest, dest, sizeof link->dest);
    link->hops = RNS_HOPS_UNKNOWN;
    link->mtu = RNS_MTU;
    link->iface = rnsi_no_iface();
    link->path = RNSI_NONE;
    link->channel = link->buffers = link->requests = link->queries = RNSI_NONE;
    link->resources_in = link->resources_out = RNSI_NONE;
    link->requested_at = node->now;
    return link;
}

// ---- Ends

static void unpin_path(rns_node_t *node, const struct rnsi_link *link) {
    rnsi_pool_t *paths = RNSI_POOL(node, PATH);
    struct rnsi_path *path = rnsi_pool_get(paths, link->path, link->path_gen);
    if (path != NULL) {
        rnsi_pool_unpin(paths, path, node->now);
    }
}

static void wipe(rns_node_t *node, struct rnsi_link *link) {
    const rns_crypto_t *v = node->crypto.v;
    v->wipe(link->key_secret, sizeof link->key_secret);
    v->wipe(link->own_secret, sizeof link->own_secret);
    v->wipe(&link->signer_secret, sizeof link->signer_secret);
}

void rnsi_link_culled(void *context, void *element) {
    wipe(context, element);
}

void rnsi_link_close(rns_node_t *node, struct rnsi_link *link, rns_link_reason_t reason,
                     bool tell) {
    if (tell && link->state != RNS_LINK_PENDING) {
        const rnsi_out_t id = {{link->hash, sizeof link->hash}, {NULL, 0}};
        rnsi_link_send(node, link, RNSI_CONTEXT_LINKCLOSE, id, NULL);
    }
    link->state = RNS_LINK_CLOSED; // from now on its handle is gone, and nothing is sent on it
    rns_event_t event = {
        .type = RNS_EV_LINK_DOWN,
        .link = rnsi_link_handle(node, link),
        .dest = {link->dest_slot, link->dest_gen},
        .reason = (uint8_t)reason,
        .is_initiator = rnsi_link_is_initiator(link),
    };
    memcpy(event.hash.b, link->dest, sizeof event.hash.b);
    const bool told = (link->flags & RNSI_LINK_TOLD) != 0;
    rnsi_requests_close(node, link);
    if (RNS_WITH_RESOURCES) {
        rnsi_resources_close(node, link);
    }
    if (RNS_WITH_CHANNELS) {
        rnsi_channel_close(node, link);
        rnsi_buffers_close(node, link);
    }
    unpin_path(node, link);
    wipe(node, link);
    rnsi_pool_give(links(node), link);
    if (told) {
        rnsi_event(node, &event);
    }
}

void rnsi_link_end(rns_node_t *node, struct rnsi_link *link) {
    rnsi_link_close(node, link,
                    rnsi_link_is_initiator(link) ? RNS_LINK_INITIATOR_CLOSED
                                                 : RNS_LINK_DESTINATION_CLOSED,
                    true);
}

void rnsi_links_of_dest_close(rns_node_t *node, const struct rnsi_dest *dest) {
    const rns_dest_t handle = rnsi_dest_handle(node, dest);
    uint32_t cursor = 0;
    struct rnsi_link *link;
    while ((link = rnsi_pool_walk(links(node), &cursor, UINT32_MAX)) != NULL) {
        if (link->dest_slot == handle.slot && link->dest_gen == handle.gen &&
            link->state != RNS_LINK_CLOSED) {
            rnsi_link_end(node, link);
        }
    }
}

void rnsi_links_of_dest_prove(rns_node_t *node, const struct rnsi_dest *dest) {
    const rns_dest_t handle = rnsi_dest_handle(node, dest);
    uint32_t cursor = 0;
    struct rnsi_link *link;
    while ((link = rnsi_pool_walk(links(node), &cursor, UINT32_MAX)) != NULL) {
        if (link->dest_slot == handle.slot && link->dest_gen == handle.gen) {
            link->prove = dest->prove;
        }
    }
}

// ---- Public

rns_err_t rns_link_close(rns_node_t *node, rns_us_t now, rns_link_t handle) {
    struct rnsi_link *link = rnsi_link_get(node, handle);
    if (link == NULL) {
        return RNS_ERR_GONE;
    }
    node->now = now;
    rnsi_link_end(node, link);
    return RNS_ERR_OK;
}

rns_err_t rns_link_accept(rns_node_t *node, rns_link_t handle, rns_accept_t strategy,
                          const rns_sink_t *sink, rns_mem_t metadata) {
    struct rnsi_link *link = rnsi_link_get(node, handle);
    if (link == NULL) {
        return RNS_ERR_GONE;
    }
    if (strategy > RNS_ACCEPT_ALL ||
        (strategy == RNS_ACCEPT_ALL && (sink == NULL || sink->write == NULL))) {
        return RNS_ERR_ARG;
    }
    link->accept = (uint8_t)strategy;
    if (strategy == RNS_ACCEPT_ALL) {
        link->sink.sink = *sink;
        link->metadata.mem = metadata;
    }
    return RNS_ERR_OK;
}

rns_err_t rns_link_track_phy(rns_node_t *node, rns_link_t handle, bool track) {
    struct rnsi_link *link = rnsi_link_get(node, handle);
    if (link == NULL) {
        return RNS_ERR_GONE;
    }
    link->flags &= (uint8_t)~RNSI_LINK_TRACKS_PHY;
    link->flags |= track ? RNSI_LINK_TRACKS_PHY : 0;
    if (!track) {
        link->phy = (rns_phy_t){0};
    }
    return RNS_ERR_OK;
}

rns_err_t rns_link_proofs(rns_node_t *node, rns_link_t handle, rns_prove_t strategy) {
    struct rnsi_link *link = rnsi_link_get(node, handle);
    if (link == NULL) {
        return RNS_ERR_GONE;
    }
    if (strategy > RNS_PROVE_ALL) {
        return RNS_ERR_ARG;
    }
    link->prove = (uint8_t)strategy;
    return RNS_ERR_OK;
}

rns_err_t rns_dest_links(rns_node_t *node, rns_dest_t handle, bool accepts) {
    struct rnsi_dest *dest = rnsi_dest_get(node, handle);
    if (dest == NULL) {
        return RNS_ERR_GONE;
    }
    if (dest->type != RNS_DEST_SINGLE) {
        return RNS_ERR_ARG;
    }
    dest->flags &= (uint8_t)~RNSI_DEST_LINKS;
    dest->flags |= accepts ? RNSI_DEST_LINKS : 0;
    return RNS_ERR_OK;
}

rns_err_t rns_link_info(const rns_node_t *node, rns_link_t handle, rns_link_info_t *info) {
    const struct rnsi_link *l = rnsi_link_get(node, handle);
    if (l == NULL) {
        return RNS_ERR_GONE;
    }
    const struct rnsi_dest *dest = rnsi_link_dest(node, l);
    const struct rnsi_iface *iface = rnsi_iface_at(node, l->iface);
    const rns_iface_t no_iface = {0, 0};
    *info = (rns_link_info_t){
        .state = (rns_link_state_t)l->state,
        .initiator = rnsi_link_is_initiator(l),
        .dest = {dest != NULL ? l->dest_slot : 0, dest != NULL ? l->dest_gen : 0},
        .iface = iface != NULL ? rnsi_iface_handle(node, iface) : no_iface,
        .mtu = l->mtu,
        .mdu = rnsi_link_mdu(l),
        .hops = l->hops,
        .rtt_us = l->rtt_us,
        .keepalive_us = l->keepalive_us,
        .stale_us = l->stale_us,
        .activated = l->activated_at,
        .last_inbound = l->last_inbound,
        .last_outbound = l->last_outbound,
        .last_data = l->last_data,
        .establishment_rate_bps = l->establishment_rate,
        .expected_rate_bps = l->expected_rate,
        .rx_packets = l->rx_packets,
        .tx_packets = l->tx_packets,
        .rx_bytes = l->rx_bytes,
        .tx_bytes = l->tx_bytes,
        .phy = (l->flags & RNSI_LINK_TRACKS_PHY) != 0 ? l->phy : (rns_phy_t){0},
        .has_peer = (l->flags & RNSI_LINK_KNOWS_PEER) != 0,
    };
    memcpy(info->id.b, l->hash, sizeof info->id.b);
    memcpy(info->destination.b, l->dest, sizeof info->destination.b);
    memcpy(info->peer.b, l->peer, sizeof info->peer.b);
    memcpy(info->peer_pub, l->peer_pub, sizeof info->peer_pub);
    return RNS_ERR_OK;
}

bool rns_link_each(const rns_node_t *node, uint32_t *cursor, rns_link_t *link) {
    const struct rnsi_link *l;
    while ((l = rnsi_pool_walk(links(node), cursor, UINT32_MAX)) != NULL) {
        if (l->state != RNS_LINK_CLOSED) {
            *link = rnsi_link_handle(node, l);
            return true;
        }
    }
    return false;
}
