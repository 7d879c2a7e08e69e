// resource.c -- the calls of rns/resource.h, and what both directions of a transfer share.
#include "session/transfer.h"

// ---- Handles: a transfer that goes out has the highest bit of its slot set

#define OUT_BIT 0x80000000U

rns_resource_t rnsi_resource_in_handle(const rns_node_t *node, const struct rnsi_resource_in *in) {
    return (rns_resource_t){rnsi_pool_slot(RNSI_POOL(node, RESOURCE_IN), in), in->slot.gen};
}

rns_resource_t rnsi_resource_out_handle(const rns_node_t *node,
                                        const struct rnsi_resource_out *out) {
    return (rns_resource_t){rnsi_pool_slot(RNSI_POOL(node, RESOURCE_OUT), out) | OUT_BIT,
                            out->slot.gen};
}

struct rnsi_resource_in *rnsi_resource_in_get(const rns_node_t *node, rns_resource_t handle) {
    return (handle.slot & OUT_BIT) != 0
               ? NULL
               : rnsi_pool_get(RNSI_POOL(node, RESOURCE_IN), handle.slot, handle.gen);
}

struct rnsi_resource_out *rnsi_resource_out_get(const rns_node_t *node, rns_resource_t handle) {
    return (handle.slot & OUT_BIT) == 0
               ? NULL
               : rnsi_pool_get(RNSI_POOL(node, RESOURCE_OUT), handle.slot & ~OUT_BIT, handle.gen);
}

// ---- Sizes

#define SDU_MIN 64U // a part is longer than what a token has around its text

uint32_t rnsi_resource_sdu(const struct rnsi_link *link) {
    const uint32_t sdu = rnsi_link_sdu(link);
    return sdu >= SDU_MIN && sdu < link->mtu ? sdu : 0;
}

uint64_t rnsi_segments_of(uint64_t size) {
    return size > 0 ? (size - 1) / RNS_RESOURCE_SEGMENT + 1 : 1;
}

uint32_t rnsi_segment_size(uint64_t size, uint32_t segment) {
    const uint64_t left = size - (uint64_t)(segment - 1) * RNS_RESOURCE_SEGMENT;
    return left < RNS_RESOURCE_SEGMENT ? (uint32_t)left : RNS_RESOURCE_SEGMENT;
}

// ---- Progress

#define PPM 1000000U

static uint32_t share(uint64_t done, uint64_t all) {
    return done < all ? (uint32_t)(done * PPM / all) : PPM;
}

// A segment of fewer parts than others counts as much as they do.
uint32_t rnsi_resource_ppm(uint32_t segment, uint32_t segments, uint32_t parts, uint32_t done,
                           uint32_t sdu) {
    if (parts == 0 || sdu == 0) {
        return 0;
    }
    if (segments == 1) {
        return share(done, parts);
    }
    const uint64_t most = rnsi_parts_of(RNS_RESOURCE_SEGMENT, sdu);
    const uint64_t here = parts < most ? most * done / parts : done;
    return share((segment - 1) * most + here, segments * most);
}

// ---- Small packets

void rnsi_resource_say(rns_node_t *node, struct rnsi_link *link, rnsi_context_t context,
                       const uint8_t hash[32]) {
    if (link->state == RNS_LINK_ACTIVE || link->state == RNS_LINK_STALE) {
        const rnsi_out_t out = {.head = {hash, RNSI_RESOURCE_HASH}};
        (void)rnsi_link_send(node, link, context, out, NULL);
    }
}

void rnsi_resource_proof_hash(const rns_node_t *node, const struct rnsi_link *link,
                              const uint8_t proof[64], uint8_t hash[32]) {
    uint8_t raw[RNSI_HEADER_MINSIZE + RNSI_RESOURCE_PROOF];
    const rns_mem_t mem = {raw, sizeof raw};
    const uint8_t flags = rnsi_packet_flags(RNSI_HEADER_1, false, RNSI_TRANSPORT_BROADCAST,
                                            RNSI_DEST_LINK, RNSI_TYPE_PROOF);
    (void)rnsi_packet_head(mem, flags, 0, NULL, link->hash, RNSI_CONTEXT_RESOURCE_PRF);
    memcpy(raw + RNSI_HEADER_MINSIZE, proof, RNSI_RESOURCE_PROOF);
    rnsi_packet_t packet;
    (void)rnsi_packet_parse(mem, &packet); // it is our own: it parses
    rnsi_packet_hash(&node->crypto, &packet, hash);
}

void rnsi_resource_rate(rns_node_t *node, struct rnsi_link *link, uint32_t transfer,
                        rns_us_t since) {
    const rns_us_t span = node->now - since > 100 ? node->now - since : 100;
    const uint64_t rate = (uint64_t)transfer * 8 * (uint64_t)RNSI_SECOND / (uint64_t)span;
    link->expected_rate = rate < UINT32_MAX ? (uint32_t)rate : UINT32_MAX;
}

// ---- The link closes

void rnsi_resources_close(rns_node_t *node, struct rnsi_link *link) {
    while (link->resources_in != RNSI_NONE) {
        rnsi_resource_in_end(node, rnsi_in_at(node, link->resources_in), RNS_ERR_CLOSED);
    }
    while (link->resources_out != RNSI_NONE) {
        rnsi_resource_out_end(node, rnsi_out_at(node, link->resources_out), RNS_ERR_CLOSED);
    }
    node->crypto.v->wipe(link->proof, sizeof link->proof);
    link->has_proof = false;
}

// ---- Calls of the application

rns_err_t rns_resource_send(rns_node_t *node, rns_us_t now, rns_link_t handle,
                            const rns_source_t *source, uint64_t size,
                            const rns_resource_options_t *options, rns_resource_t *resource) {
    struct rnsi_link *link = rnsi_link_get(node, handle);
    if (link == NULL) {
        return RNS_ERR_GONE;
    }
    if (source == NULL || (source->read == NULL && size > 0)) {
        return RNS_ERR_ARG;
    }
    node->now = now;
    rnsi_send_t send = {.source = *source, .size = size, .kind = RNSI_KIND_RESOURCE};
    if (options != NULL) {
        send.options = *options;
    }
    uint32_t slot;
    const rns_err_t err = rnsi_resource_out_open(node, link, &send, &slot);
    if (err == RNS_ERR_OK && resource != NULL) {
        *resource = rnsi_resource_out_handle(node, rnsi_out_at(node, slot));
    }
    return err;
}

rns_err_t rns_resource_accept(rns_node_t *node, rns_us_t now, rns_resource_t resource,
                              const rns_sink_t *sink, rns_mem_t metadata) {
    struct rnsi_resource_in *in = rnsi_resource_in_get(node, resource);
    if (in == NULL) {
        return RNS_ERR_GONE;
    }
    if (in->kind != RNSI_KIND_RESOURCE || in->state != RNSI_IN_OFFERED) {
        return RNS_ERR_STATE;
    }
    if (sink == NULL || sink->write == NULL) {
        return RNS_ERR_ARG;
    }
    node->now = now;
    return rnsi_resource_in_accept(node, in, sink, metadata);
}

rns_err_t rns_resource_unpack_most(rns_node_t *node, rns_resource_t resource, uint32_t size) {
    struct rnsi_resource_in *in = rnsi_resource_in_get(node, resource);
    if (in == NULL) {
        return RNS_ERR_GONE;
    }
    in->unpack_most = size;
    return RNS_ERR_OK;
}

rns_err_t rns_resource_reject(rns_node_t *node, rns_us_t now, rns_resource_t resource) {
    struct rnsi_resource_in *in = rnsi_resource_in_get(node, resource);
    if (in == NULL) {
        return RNS_ERR_GONE;
    }
    node->now = now;
    rnsi_resource_in_cancel(node, in, RNS_ERR_CANCELLED);
    return RNS_ERR_OK;
}

rns_err_t rns_resource_cancel(rns_node_t *node, rns_us_t now, rns_resource_t resource) {
    struct rnsi_resource_in *in = rnsi_resource_in_get(node, resource);
    struct rnsi_resource_out *out = rnsi_resource_out_get(node, resource);
    if (in == NULL && out == NULL) {
        return RNS_ERR_GONE;
    }
    node->now = now;
    if (in != NULL) {
        rnsi_resource_in_cancel(node, in, RNS_ERR_CANCELLED);
    } else {
        rnsi_resource_out_cancel(node, out, RNS_ERR_CANCELLED);
    }
    return RNS_ERR_OK;
}

static void info_in(const rns_node_t *node, const struct rnsi_resource_in *in,
                    rns_resource_info_t *info) {
    const struct rnsi_link *link = rnsi_link_at(node, in->link);
    *info = (rns_resource_info_t){.link = rnsi_link_handle(node, link),
                                  .incoming = true,
                                  .compressed = (in->flags & RNSI_ADV_COMPRESSED) != 0,
                                  .has_metadata = (in->flags & RNSI_ADV_METADATA) != 0,
                                  .is_request = in->kind == RNSI_KIND_REQUEST,
                                  .is_response = in->kind == RNSI_KIND_RESPONSE,
                                  .size = in->size,
                                  .transfer_size = in->transfer,
                                  .segment = in->segment,
                                  .segments = in->segments,
                                  .parts = in->parts,
                                  .parts_done = in->height + in->early_count,
                                  .window = in->window,
                                  .started = in->started_at};
    memcpy(info->hash, in->hash, sizeof info->hash);
    memcpy(info->original_hash, in->original, sizeof info->original_hash);
    info->progress_ppm = rnsi_resource_ppm(in->segment, in->segments, in->parts, info->parts_done,
                                           rnsi_resource_sdu(link));
}

static void info_out(const rns_node_t *node, const struct rnsi_resource_out *out,
                     rns_resource_info_t *info) {
    *info = (rns_resource_info_t){
        .link = rnsi_link_handle(node, rnsi_link_at(node, out->link)),
        .compressed = (out->flags & RNSI_ADV_COMPRESSED) != 0,
        .has_metadata = (out->flags & RNSI_ADV_METADATA) != 0,
        .is_request = out->kind == RNSI_KIND_REQUEST,
        .is_response = out->kind == RNSI_KIND_RESPONSE,
        .size = out->size,
        .transfer_size = out->transfer,
        .segment = out->segment,
        .segments = out->segments,
        .parts = out->parts,
        .parts_done = out->sent_count,
        .started = out->started_at,
        .progress_ppm =
            rnsi_resource_ppm(out->segment, out->segments, out->parts, out->sent_count, out->sdu)};
    memcpy(info->hash, out->hash, sizeof info->hash);
    memcpy(info->original_hash, out->original, sizeof info->original_hash);
}

rns_err_t rns_resource_info(const rns_node_t *node, rns_resource_t resource,
                            rns_resource_info_t *info) {
    const struct rnsi_resource_in *in = rnsi_resource_in_get(node, resource);
    const struct rnsi_resource_out *out = rnsi_resource_out_get(node, resource);
    if (in != NULL) {
        info_in(node, in, info);
    } else if (out != NULL) {
        info_out(node, out, info);
    } else {
        return RNS_ERR_GONE;
    }
    return RNS_ERR_OK;
}
