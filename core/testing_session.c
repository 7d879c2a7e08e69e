// testing_session.c -- see testing_session.h.
#include "testing_session.h"

#include "route/filter.h"
#include "route/iface.h"
#include "session/channel.h"
#include "session/piece.h"
#include "session/transfer.h"
#include "session/window.h"
#include "wire/ifac.h"

#define FRAME_MOST RNS_FRAME_MAX(16384U) // bytes: more is not fed

// ---- Packets of a link

bool rnst_link_encrypts(rnsi_packet_type_t type, uint8_t context) {
    return type == RNSI_TYPE_DATA && context != RNSI_CONTEXT_RESOURCE &&
           context != RNSI_CONTEXT_KEEPALIVE && context != RNSI_CONTEXT_CACHE_REQUEST;
}

size_t rnst_link_write(rns_node_t *node, rns_link_t handle, const rnst_link_packet_t *packet,
                       rns_mem_t out) {
    const struct rnsi_link *link = rnsi_link_get(node, handle);
    const size_t size =
        packet->is_encrypted ? rnsi_token_size(packet->data.size) : packet->data.size;
    uint8_t iv[RNSI_TOKEN_IV];
    if (link == NULL || RNSI_HEADER_MINSIZE + size > out.size ||
        !rnsi_random(node, iv, sizeof iv)) {
        return 0;
    }
    const uint8_t flags = rnsi_packet_flags(RNSI_HEADER_1, false, RNSI_TRANSPORT_BROADCAST,
                                            RNSI_DEST_LINK, packet->type);
    rnsi_packet_head(out, flags, 0, NULL, link->hash, (uint8_t)packet->context);
    const rns_mem_t data = {out.data + RNSI_HEADER_MINSIZE, size};
    if (packet->is_encrypted) {
        (void)rnsi_token_encrypt(&node->crypto, link->key_secret, sizeof link->key_secret, iv,
                                 packet->data, data);
    } else if (size > 0) {
        memcpy(data.data, packet->data.data, size);
    }
    return RNSI_HEADER_MINSIZE + size;
}

bool rnst_link_read(const rns_node_t *node, rns_link_t handle, rns_bytes_t raw, rns_mem_t out,
                    rnst_link_packet_t *packet) {
    const struct rnsi_link *link = rnsi_link_get(node, handle);
    rnsi_packet_t parsed;
    if (link == NULL || raw.size > out.size) {
        return false;
    }
    memcpy(out.data, raw.data, raw.size);
    if (!rnsi_packet_parse((rns_mem_t){out.data, raw.size}, &parsed) ||
        memcmp(parsed.dest, link->hash, sizeof link->hash) != 0) {
        return false;
    }
    packet->type = parsed.type;
    packet->context = (rnsi_context_t)parsed.context;
    packet->is_encrypted = rnst_link_encrypts(parsed.type, parsed.context);
    packet->data = parsed.data;
    if (!packet->is_encrypted) {
        return true;
    }
    uint8_t *text = out.data + (parsed.data.data - out.data);
    const rns_mem_t plain = {text + RNSI_TOKEN_IV, parsed.data.size > RNSI_TOKEN_OVERHEAD
                                                       ? parsed.data.size - RNSI_TOKEN_OVERHEAD
                                                       : 0};
    packet->data.data = plain.data;
    return rnsi_token_decrypt(&node->crypto, link->key_secret, sizeof link->key_secret, parsed.data,
                              plain, &packet->data.size);
}

rns_verdict_t rnst_feed(rns_node_t *node, rns_us_t now, rns_iface_t handle, rns_bytes_t raw,
                        const rns_phy_t *phy) {
    uint8_t memory[FRAME_MOST];
    const struct rnsi_iface *iface = rnsi_iface_get(node, handle);
    if (iface == NULL || raw.size + RNS_IFAC_MAX > sizeof memory) {
        return iface == NULL ? RNS_RX_OFFLINE : RNS_RX_LONG;
    }
    rns_mem_t frame = {memory + RNS_IFAC_MAX, raw.size};
    memcpy(frame.data, raw.data, raw.size);
    const struct rnsi_network *network = rnsi_iface_network(node, iface);
    if (network != NULL) {
        frame = rnsi_ifac_seal(&node->crypto, &network->ifac, frame);
    }
    return rns_rx(node, now, handle, frame, phy);
}

rns_verdict_t rnst_link_feed(rns_node_t *node, rns_us_t now, rns_link_t handle, rns_bytes_t raw) {
    const struct rnsi_link *link = rnsi_link_get(node, handle);
    const struct rnsi_iface *iface = link == NULL ? NULL : rnsi_iface_at(node, link->iface);
    return iface == NULL ? RNS_RX_OFFLINE
                         : rnst_feed(node, now, rnsi_iface_handle(node, iface), raw, NULL);
}

void rnst_link_prove(rns_node_t *node, rns_link_t handle, const uint8_t packet_hash[32]) {
    struct rnsi_link *link = rnsi_link_get(node, handle);
    if (link != NULL) {
        rnsi_link_prove(node, link, packet_hash);
    }
}

bool rnst_link_doubt(rns_node_t *node, rns_link_t handle) {
    struct rnsi_link *link = rnsi_link_get(node, handle);
    if (link != NULL) {
        link->signer[0] ^= 1;
    }
    return link != NULL;
}

bool rnst_link_mute(rns_node_t *node, rns_link_t handle, bool mute) {
    const struct rnsi_link *link = rnsi_link_get(node, handle);
    struct rnsi_iface *iface = link == NULL ? NULL : rnsi_iface_at(node, link->iface);
    if (iface != NULL) {
        iface->flags =
            mute ? iface->flags & ~(uint32_t)RNSI_IFACE_ONLINE : iface->flags | RNSI_IFACE_ONLINE;
    }
    return iface != NULL;
}

// ---- Channels

rns_err_t rnst_channel_send(rns_node_t *node, rns_us_t now, rns_link_t handle, uint16_t type,
                            rns_bytes_t data, uint16_t *sequence) {
    struct rnsi_link *link = rnsi_link_get(node, handle);
    struct rnsi_channel *channel = link == NULL ? NULL : rnsi_channel_of(node, link);
    if (channel == NULL) {
        return RNS_ERR_GONE;
    }
    node->now = now;
    const uint32_t piece = rnsi_piece_put(node, data, (rns_bytes_t){NULL, 0});
    if (piece == RNSI_NONE) {
        return RNS_ERR_FULL;
    }
    *sequence = channel->next_tx;
    const rns_err_t err = rnsi_channel_put(node, link, type, piece);
    if (err != RNS_ERR_OK) {
        rnsi_piece_give(node, piece);
    }
    return err;
}

bool rnst_channel_newest(const rns_node_t *node, rns_link_t handle, rns_bytes_t *data) {
    const struct rnsi_link *link = rnsi_link_get(node, handle);
    const struct rnsi_channel *channel = link == NULL ? NULL : rnsi_channel_of(node, link);
    if (channel == NULL || channel->tx_youngest == RNSI_NONE) {
        return false;
    }
    const struct rnsi_envelope *envelope =
        rnsi_pool_at(RNSI_POOL(node, ENVELOPE), channel->tx_youngest);
    const rns_mem_t piece = rnsi_piece_at(node, envelope->piece);
    *data = (rns_bytes_t){piece.data, piece.size};
    return true;
}

static struct rnsi_buffer *buffer_of(const rns_node_t *node, rns_buffer_t handle) {
    return rnsi_pool_get(RNSI_POOL(node, BUFFER), handle.slot, handle.gen);
}

size_t rnst_buffer_write(rns_node_t *node, rns_us_t now, rns_buffer_t handle, rns_bytes_t data) {
    const struct rnsi_buffer *b = buffer_of(node, handle);
    if (b == NULL || !b->writes) {
        return 0;
    }
    node->now = now;
    return rnsi_buffer_write_one(node, rnsi_link_at(node, b->link), b, data);
}

void rnst_buffer_drop(rns_node_t *node, rns_buffer_t handle) {
    struct rnsi_buffer *b = buffer_of(node, handle);
    if (b != NULL) {
        rnsi_buffer_drop(node, rnsi_link_at(node, b->link), b);
    }
}

void rnst_channel_profile(rns_us_t rtt, rns_inspect_channel_t *profile) {
    struct rnsi_channel channel = {.window = 0};
    rnsi_window_open(&channel, rtt);
    *profile = (rns_inspect_channel_t){.window = channel.window,
                                       .window_min = channel.window_min,
                                       .window_max = channel.window_max,
                                       .flexibility = channel.flexibility};
}

double rnst_channel_timeout(rns_us_t rtt, unsigned tries, unsigned ring) {
    unsigned halves;
    const rns_us_t product = rnsi_window_product(rtt, tries, ring, &halves);
    return (double)product / (double)(UINT64_C(1) << halves) / (double)RNSI_SECOND;
}

// ---- Transfers

void rnst_resource_map_hash(const rns_node_t *node, rns_bytes_t raw, const uint8_t random[4],
                            uint8_t hash[4]) {
    const rnsi_crypto_t *c = &node->crypto;
    rns_sha256_t ctx;
    uint8_t digest[RNSI_SHA256_SIZE];
    c->v->sha256_init(c->self, &ctx);
    c->v->sha256_update(c->self, &ctx, raw.data + RNSI_HEADER_MINSIZE,
                        raw.size - RNSI_HEADER_MINSIZE);
    c->v->sha256_update(c->self, &ctx, random, RNSI_RESOURCE_RANDOM);
    c->v->sha256_final(c->self, &ctx, digest);
    memcpy(hash, digest, RNSI_MAPHASH_SIZE);
}

void rnst_packet_hash(const rns_node_t *node, rns_bytes_t raw, uint8_t hash[32]) {
    rnsi_packet_t packet;
    memset(hash, 0, 32);
    if (rnsi_packet_parse((rns_mem_t){(uint8_t *)raw.data, raw.size}, &packet)) {
        rnsi_packet_hash(&node->crypto, &packet, hash);
    }
}

unsigned rnst_resource_asks(const rns_node_t *node, rns_resource_t resource,
                            const uint8_t packet_hash[32], bool *has) {
    const struct rnsi_resource_out *out = rnsi_resource_out_get(node, resource);
    unsigned count = 0;
    *has = false;
    for (size_t i = 0; out != NULL && i < sizeof out->asks / sizeof *out->asks; i++) {
        count += out->asks[i] != 0;
        *has = *has || out->asks[i] == rnsi_get64(packet_hash);
    }
    return count;
}

// Makes the segment, and its map a packet of map hashes after the other, and hands out each part.
static rns_err_t hand_out(rns_node_t *node, struct rnsi_link *link, struct rnsi_resource_out *out,
                          rnst_part_t part, void *user) {
    uint8_t raw[FRAME_MOST];
    const uint8_t flags = rnsi_packet_flags(RNSI_HEADER_1, false, RNSI_TRANSPORT_BROADCAST,
                                            RNSI_DEST_LINK, RNSI_TYPE_DATA);
    rnsi_packet_head((rns_mem_t){raw, sizeof raw}, flags, 0, NULL, link->hash,
                     RNSI_CONTEXT_RESOURCE);
    for (uint32_t i = 0; i < out->parts; i++) {
        const rns_mem_t bytes = {raw + RNSI_HEADER_MINSIZE,
                                 rnsi_part_size(out->transfer, out->sdu, i)};
        while (out->map_end <= i) {
            out->map_wanted = i + 1;
            if (rnsi_prepare_map(node, link, out) != RNSI_STEP_DONE) {
                return RNS_ERR_CORRUPT;
            }
        }
        if (bytes.size + RNSI_HEADER_MINSIZE > sizeof raw ||
            !rnsi_prepare_part(node, link, out, i, bytes)) {
            return RNS_ERR_CORRUPT;
        }
        part(user, (rns_bytes_t){raw, RNSI_HEADER_MINSIZE + bytes.size},
             (const uint8_t *)&out->map[i % RNSI_MAP_OUT]);
    }
    return RNS_ERR_OK;
}

static rns_err_t prepare_all(rns_node_t *node, struct rnsi_link *link,
                             struct rnsi_resource_out *out, uint32_t sdu) {
    if (sdu != 0 || out->state == RNSI_OUT_QUEUED) { // it is begun anew, or not at all yet
        rnsi_prepare_end(node, out);
        out->sdu = sdu != 0 ? sdu : out->sdu;
        const rns_err_t err = rnsi_prepare_begin(node, out);
        if (err != RNS_ERR_OK) {
            return err;
        }
    }
    rnsi_step_t step = RNSI_STEP_DONE;
    while (step == RNSI_STEP_DONE) {
        step = rnsi_prepare_step(node, link, out);
    }
    return step == RNSI_STEP_READY ? RNS_ERR_OK : RNS_ERR_CORRUPT;
}

rns_err_t rnst_resource_prepare(rns_node_t *node, rns_us_t now, rns_link_t handle,
                                const rnst_prepare_t *prepare, rnst_prepared_t *prepared) {
    struct rnsi_link *link = rnsi_link_get(node, handle);
    uint32_t slot;
    if (link == NULL) {
        return RNS_ERR_GONE;
    }
    node->now = now;
    const rnsi_send_t send = {.source = prepare->source,
                              .size = prepare->size,
                              .options = prepare->options,
                              .kind = RNSI_KIND_RESOURCE};
    rns_err_t err = rnsi_resource_out_open(node, link, &send, &slot);
    if (err != RNS_ERR_OK) {
        return err;
    }
    struct rnsi_resource_out *out = rnsi_out_at(node, slot);
    err = prepare_all(node, link, out, prepare->sdu);
    if (err == RNS_ERR_OK) {
        *prepared = (rnst_prepared_t){.flags = out->flags,
                                      .size = out->size,
                                      .transfer = out->transfer,
                                      .parts = out->parts,
                                      .sdu = out->sdu,
                                      .segment = out->segment,
                                      .segments = out->segments};
        memcpy(prepared->hash, out->hash, sizeof prepared->hash);
        memcpy(prepared->original, out->original, sizeof prepared->original);
        memcpy(prepared->random, out->random, sizeof prepared->random);
        memcpy(prepared->proof, out->proof, sizeof prepared->proof);
        err = hand_out(node, link, out, prepare->part, prepare->user);
    }
    rnsi_resource_out_drop(node, out);
    return err;
}
