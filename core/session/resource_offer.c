// resource_offer.c -- transfers that are offered: whether what is said of them can be, who takes
// them, and how each segment begins (RNS/Resource.py: accept; RNS/Link.py: receive).
#include "rules.h"
#include "session/request.h"
#include "session/transfer.h"

// The reference sends its offer before it is ready for requests (Resource.__advertise_job), and a
// thread switch of Python may lie between.
#define HASTY_PAUSE (15 * RNSI_MS)

#define OFFER_LIFE(rtt_us) (5 * ((rtt_us)*RNSI_TRAFFIC_FACTOR + RNSI_SECOND)) // five offers

// ---- Segments

// Whether the numbers of an offer fit each other.
static bool fits(const struct rnsi_link *link, const rnsi_adv_t *adv) {
    const uint32_t sdu = rnsi_resource_sdu(link);
    if (sdu == 0 || (adv->flags & RNSI_ADV_ENCRYPTED) == 0 || adv->segment == 0 ||
        adv->segment > adv->segments || adv->segments != rnsi_segments_of(adv->size)) {
        return false;
    }
    const uint32_t plain = rnsi_segment_size(adv->size, adv->segment);
    const size_t whole = rnsi_token_size(RNSI_RESOURCE_RANDOM + plain);
    const bool is_compressed = (adv->flags & RNSI_ADV_COMPRESSED) != 0;
    if (is_compressed ? adv->transfer > whole : adv->transfer != whole) {
        return false;
    }
    return adv->transfer % RNSI_AES_BLOCK == 0 &&
           adv->transfer >= rnsi_token_size(RNSI_RESOURCE_RANDOM) &&
           adv->map.size ==
               (size_t)rnsi_map_due(rnsi_parts_of(adv->transfer, sdu), 0) * RNSI_MAPHASH_SIZE;
}

// How many parts there are follows from their size; what the offer says of that is not needed, and
// the reference does not look at it.
static void set_segment(const struct rnsi_link *link, struct rnsi_resource_in *in,
                        const rnsi_adv_t *adv) {
    memcpy(in->hash, adv->hash, sizeof in->hash);
    memcpy(in->random, adv->random, sizeof in->random);
    in->flags = adv->flags;
    in->segment = adv->segment;
    in->transfer = adv->transfer;
    in->parts = rnsi_parts_of(adv->transfer, rnsi_resource_sdu(link));
    in->plain = rnsi_segment_size(adv->size, adv->segment);
    in->height = in->map_height = 0;
    rnsi_resource_in_map(in, adv->map);
}

static void start_segment(rns_node_t *node, struct rnsi_resource_in *in) {
    struct rnsi_link *link = rnsi_in_link(node, in);
    in->state = RNSI_IN_TRANSFERRING;
    in->waits_for_map = in->waits_for_sink = false;
    rnsi_sink_begin(node, link, in);
    rnsi_window_begin(in, link, node->now);
    if ((link->flags & RNSI_LINK_HASTY) != 0) {
        rnsi_resource_in_wait(node, in, HASTY_PAUSE);
    } else {
        rnsi_resource_in_ask(node, link, in);
    }
}

// ---- Offers

static rnsi_kind_t kind_of(const rnsi_adv_t *adv) {
    if (adv->request_id != NULL && (adv->flags & RNSI_ADV_REQUEST) != 0) {
        return RNSI_KIND_REQUEST;
    }
    if (adv->request_id != NULL && (adv->flags & RNSI_ADV_RESPONSE) != 0) {
        return RNSI_KIND_RESPONSE;
    }
    return RNSI_KIND_RESOURCE;
}

// The transfer whose next segment this is.
static struct rnsi_resource_in *find_before(const rns_node_t *node, const struct rnsi_link *link,
                                            const rnsi_adv_t *adv) {
    const uint8_t same = RNSI_ADV_METADATA | RNSI_ADV_REQUEST | RNSI_ADV_RESPONSE;
    uint32_t slot = link->resources_in;
    while (slot != RNSI_NONE) {
        struct rnsi_resource_in *in = rnsi_in_at(node, slot);
        if (in->state == RNSI_IN_BETWEEN && in->segment + 1 == adv->segment &&
            in->size == adv->size && ((in->flags ^ adv->flags) & same) == 0 &&
            memcmp(in->original, adv->original, sizeof in->original) == 0) {
            return in;
        }
        slot = in->next;
    }
    return NULL;
}

static rns_verdict_t next_segment(rns_node_t *node, struct rnsi_resource_in *in,
                                  const rnsi_adv_t *adv) {
    set_segment(rnsi_in_link(node, in), in, adv);
    if (!rnsi_sink_rows(node, in)) {
        rnsi_resource_in_cancel(node, in, RNS_ERR_FULL);
        return RNS_RX_FULL;
    }
    start_segment(node, in);
    return RNS_RX_DELIVERED;
}

static struct rnsi_resource_in *take_slot(rns_node_t *node, struct rnsi_link *link,
                                          const rnsi_adv_t *adv) {
    struct rnsi_resource_in *in = NULL;
    if (link->in_count < node->limits.resources_in) {
        in = rnsi_pool_take(RNSI_POOL(node, RESOURCE_IN), node->now, NULL);
    }
    if (in == NULL) {
        return NULL;
    }
    memset(in->early, 0xFF, sizeof in->early); // RNSI_NONE
    in->segment_row = in->unpack_row = in->owner = RNSI_NONE;
    in->next = link->resources_in;
    in->link = rnsi_link_slot(node, link);
    link->resources_in = rnsi_pool_slot(RNSI_POOL(node, RESOURCE_IN), in);
    link->in_count++;
    in->state = RNSI_IN_OFFERED;
    in->kind = (uint8_t)kind_of(adv);
    in->size = adv->size;
    in->segments = adv->segments;
    in->started_at = node->now;
    memcpy(in->original, adv->original, sizeof in->original);
    if (adv->request_id != NULL) {
        memcpy(in->request_id, adv->request_id, sizeof in->request_id);
    }
    set_segment(link, in, adv);
    rnsi_in_due_at(node, in, node->now + OFFER_LIFE(link->rtt_us));
    return in;
}

// A transfer of the application's is under way on this link.
static bool is_busy(const rns_node_t *node, const struct rnsi_link *link) {
    uint32_t slot = link->resources_in;
    while (slot != RNSI_NONE) {
        const struct rnsi_resource_in *in = rnsi_in_at(node, slot);
        if (in->kind == RNSI_KIND_RESOURCE) {
            return true;
        }
        slot = in->next;
    }
    return false;
}

static rns_verdict_t offer_to_app(rns_node_t *node, struct rnsi_link *link,
                                  struct rnsi_resource_in *in) {
    if (link->accept == RNS_ACCEPT_ALL) {
        const rns_err_t err =
            rnsi_resource_in_accept(node, in, &link->sink.sink, link->metadata.mem);
        return err == RNS_ERR_OK ? RNS_RX_DELIVERED : RNS_RX_FULL;
    }
    in->told = true;
    rns_event_t event = {.type = RNS_EV_RESOURCE_OFFER,
                         .resource = rnsi_resource_in_handle(node, in),
                         .link = rnsi_link_handle(node, link),
                         .size = in->size,
                         .is_incoming = true};
    rnsi_event(node, &event);
    return RNS_RX_DELIVERED;
}

static rns_verdict_t new_transfer(rns_node_t *node, struct rnsi_link *link, const rnsi_adv_t *adv) {
    const rnsi_kind_t kind = kind_of(adv);
    if (kind == RNSI_KIND_RESOURCE && link->accept == RNS_ACCEPT_NONE) {
        return RNS_RX_NOT_ALLOWED;
    }
    if (adv->segment > 1 ||
        (kind == RNSI_KIND_RESOURCE && link->accept == RNS_ACCEPT_ALL && is_busy(node, link))) {
        rnsi_resource_say(node, link, RNSI_CONTEXT_RESOURCE_RCL, adv->hash);
        return RNS_RX_NOT_NOW;
    }
    struct rnsi_resource_in *in = take_slot(node, link, adv);
    if (in == NULL) {
        rnsi_resource_say(node, link, RNSI_CONTEXT_RESOURCE_RCL, adv->hash);
        return RNS_RX_FULL;
    }
    return kind == RNSI_KIND_RESOURCE ? offer_to_app(node, link, in)
                                      : rnsi_request_offered(node, link, in);
}

rns_verdict_t rnsi_resource_offered(rns_node_t *node, struct rnsi_link *link, rns_bytes_t plain) {
    rnsi_adv_t adv;
    if (!rnsi_adv_read(plain, &adv)) {
        if (RNSI_BAD_OFFER_ENDS_LINK) {
            rnsi_link_end(node, link);
        }
        return RNS_RX_MALFORMED;
    }
    struct rnsi_resource_in *in = rnsi_resource_in_find(node, link, adv.hash);
    if (in != NULL) {
        if (in->state == RNSI_IN_OFFERED) {
            rnsi_in_due_at(node, in, node->now + OFFER_LIFE(link->rtt_us));
        }
        return RNS_RX_REPEATED;
    }
    if (!fits(link, &adv)) {
        return RNS_RX_MALFORMED;
    }
    in = find_before(node, link, &adv);
    return in != NULL ? next_segment(node, in, &adv) : new_transfer(node, link, &adv);
}

// A transfer that ends here was not told of to the application, unless it was offered to it.
rns_err_t rnsi_resource_in_accept(rns_node_t *node, struct rnsi_resource_in *in,
                                  const rns_sink_t *sink, rns_mem_t metadata) {
    if (!RNS_WITH_RESOURCES) {
        return RNS_ERR_STATE;
    }
    if (!rnsi_sink_rows(node, in)) {
        if (in->told) {
            rnsi_resource_in_cancel(node, in, RNS_ERR_FULL);
        } else {
            rnsi_resource_in_drop(node, in);
        }
        return RNS_ERR_FULL;
    }
    in->sink.sink = *sink;
    in->metadata.mem = metadata;
    start_segment(node, in);
    return RNS_ERR_OK;
}
