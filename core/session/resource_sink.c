// resource_sink.c -- where a transfer that comes in goes: decrypted in order, unpacked, its
// metadata into lent memory and its data into the sink (RNS/Resource.py: assemble).
#include "session/transfer.h"

#define SLICE_BYTES   32768U // unpacked in one call of rns_tick()
#define UNPACK_LITTLE 79000U // bytes that the small arena unpacks, whatever the level

// ---- Plain bytes of the segment, in order

static uint32_t smaller(uint32_t a, size_t b) {
    return b < a ? (uint32_t)b : a;
}

// What of the bytes is metadata, or its head.
static rns_err_t take_metadata(const struct rnsi_resource_in *in, rns_bytes_t bytes, uint32_t *size,
                               uint32_t *used) {
    const rns_mem_t mem = in->metadata.mem;
    uint32_t got = in->metadata_got, at = 0;
    *size = in->metadata_size;
    while (got < RNSI_METADATA_HEAD && at < bytes.size) {
        *size = *size << 8 | bytes.data[at++];
        got++;
    }
    *used = at;
    if (got < RNSI_METADATA_HEAD) {
        return RNS_ERR_OK;
    }
    if (*size > mem.size) {
        return RNS_ERR_SIZE;
    }
    const uint32_t have = got - RNSI_METADATA_HEAD;
    const uint32_t more = smaller(*size - have, bytes.size - at);
    if (more > 0) {
        memcpy(mem.data + have, bytes.data + at, more);
    }
    *used = at + more;
    return RNS_ERR_OK;
}

static bool wants_metadata(const struct rnsi_resource_in *in) {
    return (in->flags & RNSI_ADV_METADATA) != 0 && in->segment == 1;
}

static bool is_compressed(const struct rnsi_resource_in *in) {
    return (in->flags & RNSI_ADV_COMPRESSED) != 0;
}

uint32_t rnsi_unpack_most(const struct rnsi_resource_in *in) {
    return in->unpack_most != 0 ? in->unpack_most : RNS_RESOURCE_UNPACK_MOST;
}

// Bytes that the segment may still have.
static uint32_t room_of(const struct rnsi_resource_in *in) {
    const uint32_t most = rnsi_unpack_most(in);
    return (is_compressed(in) && most < in->plain ? most : in->plain) - in->taken;
}

// All of the bytes or, when the sink takes nothing now, none: FULL.
static rns_err_t take_plain(rns_node_t *node, struct rnsi_resource_in *in, rns_bytes_t bytes) {
    const rns_sink_t *sink = &in->sink.sink;
    uint32_t metadata_size = in->metadata_size, used = 0;
    if (bytes.size > room_of(in)) {
        return RNS_ERR_CORRUPT;
    }
    if (wants_metadata(in)) {
        const rns_err_t err = take_metadata(in, bytes, &metadata_size, &used);
        if (err != RNS_ERR_OK) {
            return err;
        }
    }
    const rns_bytes_t data = {bytes.data + used, bytes.size - used};
    if (data.size > 0 && !sink->write(sink->user, data)) {
        return RNS_ERR_FULL;
    }
    in->metadata_size = metadata_size;
    in->metadata_got += used;
    in->taken += (uint32_t)bytes.size;
    node->crypto.v->sha256_update(node->crypto.self, &in->content, bytes.data, bytes.size);
    return RNS_ERR_OK;
}

// ---- Parts

static struct rnsi_segment *segment_row(const rns_node_t *node, const struct rnsi_resource_in *in) {
    return rnsi_pool_at(RNSI_POOL(node, SEGMENT), in->segment_row);
}

void rnsi_sink_begin(rns_node_t *node, const struct rnsi_link *link, struct rnsi_resource_in *in) {
    (void)rnsi_token_in_begin(&node->crypto, &in->token, link->key_secret, in->transfer);
    node->crypto.v->sha256_init(node->crypto.self, &in->content);
    in->skip = RNSI_RESOURCE_RANDOM;
    in->taken = in->packed = in->unpacked = in->chunk = 0;
    in->unpack_ended = false;
    if (in->segment == 1) {
        in->metadata_size = in->metadata_got = 0;
    }
}

// Behind the random prefix: into the row, or to where the data goes.
static rns_err_t take_text(rns_node_t *node, struct rnsi_resource_in *in, rns_bytes_t plain) {
    const uint32_t skip = smaller(in->skip, plain.size);
    const rns_bytes_t data = {plain.data + skip, plain.size - skip};
    rns_err_t err = RNS_ERR_OK;
    if (data.size > 0 && is_compressed(in)) {
        memcpy(segment_row(node, in)->bytes + in->packed, data.data, data.size);
        in->packed += (uint32_t)data.size;
    } else if (data.size > 0) {
        err = take_plain(node, in, data);
    }
    if (err == RNS_ERR_OK) {
        in->skip -= skip;
    }
    return err;
}

rns_err_t rnsi_sink_part(rns_node_t *node, const struct rnsi_link *link,
                         struct rnsi_resource_in *in, rns_mem_t part) {
    rnsi_token_in_t before_secret = in->token;
    rns_bytes_t plain;
    const rnsi_token_state_t state =
        rnsi_token_in_next(&node->crypto, &in->token, link->key_secret, part, &plain);
    rns_err_t err = take_text(node, in, plain);
    if (err == RNS_ERR_FULL) {
        in->token = before_secret;
    } else if (err == RNS_ERR_OK && state == RNSI_TOKEN_BAD) {
        err = RNS_ERR_CORRUPT;
    }
    node->crypto.v->wipe(&before_secret, sizeof before_secret);
    return err;
}

// ---- Rows of compressed segments

static void give_row(rns_node_t *node, rns_pool_t id, uint32_t *slot) {
    if (*slot != RNSI_NONE) {
        rnsi_pool_t *pool = &node->memory.pools[id];
        rnsi_pool_give(pool, rnsi_pool_at(pool, *slot));
        *slot = RNSI_NONE;
    }
}

static bool take_row(rns_node_t *node, rns_pool_t id, uint32_t *slot) {
    rnsi_pool_t *pool = &node->memory.pools[id];
    const void *row = rnsi_pool_take(pool, node->now, NULL);
    *slot = row != NULL ? rnsi_pool_slot(pool, row) : RNSI_NONE;
    return row != NULL;
}

static bool take_unpack(rns_node_t *node, struct rnsi_resource_in *in, rns_pool_t id,
                        size_t arena) {
    const size_t need = node->compress->unpack_need(in->plain);
    if (need == 0 || need > arena || !take_row(node, id, &in->unpack_row)) {
        return false;
    }
    in->unpack_pool = id;
    return true;
}

// Rows stay with the transfer from its first compressed segment on; only the last segment is
// smaller than others.
bool rnsi_sink_rows(rns_node_t *node, struct rnsi_resource_in *in) {
    if (!is_compressed(in)) {
        return true;
    }
    if (node->compress == NULL) {
        return false;
    }
    if (in->segment_row == RNSI_NONE && !take_row(node, RNS_POOL_SEGMENT, &in->segment_row)) {
        return false;
    }
    return in->unpack_row != RNSI_NONE ||
           (in->plain <= UNPACK_LITTLE &&
            take_unpack(node, in, RNS_POOL_UNPACK_SMALL,
                        sizeof((struct rnsi_unpack_small *)0)->arena)) ||
           take_unpack(node, in, RNS_POOL_UNPACK, sizeof((struct rnsi_unpack *)0)->arena);
}

// The arena and the output of the row.
static rns_mem_t arena_of(const rns_node_t *node, const struct rnsi_resource_in *in,
                          rns_mem_t *out) {
    void *row = rnsi_pool_at((rnsi_pool_t *)&node->memory.pools[in->unpack_pool], in->unpack_row);
    if (in->unpack_pool == RNS_POOL_UNPACK_SMALL) {
        struct rnsi_unpack_small *small = row;
        *out = (rns_mem_t){small->out, sizeof small->out};
        return (rns_mem_t){(uint8_t *)small->arena, sizeof small->arena};
    }
    struct rnsi_unpack *large = row;
    *out = (rns_mem_t){large->out, sizeof large->out};
    return (rns_mem_t){(uint8_t *)large->arena, sizeof large->arena};
}

// ---- Unpacking

static void list_join(rns_node_t *node, struct rnsi_resource_in *in) {
    in->next_unpacker = node->unpacker;
    node->unpacker = rnsi_pool_slot(RNSI_POOL(node, RESOURCE_IN), in);
}

// There are as many at most as rows to unpack in.
static void list_leave(rns_node_t *node, struct rnsi_resource_in *in) {
    const uint32_t self = rnsi_pool_slot(RNSI_POOL(node, RESOURCE_IN), in);
    uint32_t *at = &node->unpacker;
    while (*at != RNSI_NONE && *at != self) {
        at = &rnsi_in_at(node, *at)->next_unpacker;
    }
    if (*at == self) {
        *at = in->next_unpacker;
    }
}

bool rnsi_sink_unpack_begin(rns_node_t *node, struct rnsi_resource_in *in) {
    rns_mem_t out;
    if (!node->compress->unpack_begin(arena_of(node, in, &out), in->plain)) {
        return false;
    }
    in->state = RNSI_IN_UNPACKING;
    list_join(node, in);
    return true;
}

// Fills the output; less than that: the end, or (MORE) the input has no end.
static rns_unpack_t unpack_chunk(const rns_node_t *node, struct rnsi_resource_in *in,
                                 rns_mem_t arena, rns_mem_t out) {
    rns_bytes_t from = {segment_row(node, in)->bytes + in->unpacked, in->packed - in->unpacked};
    rns_mem_t to = out;
    rns_unpack_t state = RNS_UNPACK_MORE;
    size_t left = SIZE_MAX;
    while (state == RNS_UNPACK_MORE && to.size > 0 && from.size + to.size < left) {
        left = from.size + to.size;
        state = node->compress->unpack_next(arena, &from, &to);
    }
    in->unpacked = in->packed - (uint32_t)from.size;
    in->chunk = (uint32_t)(out.size - to.size);
    in->unpack_ended = state == RNS_UNPACK_END;
    return state;
}

static void stop(rns_node_t *node, struct rnsi_resource_in *in) {
    rns_mem_t out;
    list_leave(node, in);
    node->compress->unpack_end(arena_of(node, in, &out));
    in->state = RNSI_IN_BETWEEN;
}

// A stream without an end, or of more than was said: as with the reference, such a peer is left.
static void leave(rns_node_t *node, struct rnsi_resource_in *in) {
    const rns_link_t handle = rnsi_link_handle(node, rnsi_link_at(node, in->link));
    rnsi_resource_in_cancel(node, in, RNS_ERR_CORRUPT);
    struct rnsi_link *link = rnsi_link_get(node, handle);
    if (link != NULL) {
        rnsi_link_end(node, link);
    }
}

// One output full. True: there is more to do now.
static bool unpack_some(rns_node_t *node, struct rnsi_resource_in *in) {
    rns_mem_t out;
    const rns_mem_t arena = arena_of(node, in, &out);
    if (in->chunk == 0 && !in->unpack_ended) {
        const rns_unpack_t state = unpack_chunk(node, in, arena, out);
        if (state == RNS_UNPACK_BAD) {
            stop(node, in);
            rnsi_resource_in_end(node, in, RNS_ERR_CORRUPT);
            return false;
        }
        if (state == RNS_UNPACK_MORE && in->chunk < out.size) {
            stop(node, in);
            leave(node, in);
            return false;
        }
    }
    const rns_err_t err = take_plain(node, in, (rns_bytes_t){out.data, in->chunk});
    if (err == RNS_ERR_FULL) {
        list_leave(node, in);
        rnsi_resource_in_pause(node, in);
        return false;
    }
    in->chunk = 0;
    if (err == RNS_ERR_OK && !in->unpack_ended) {
        return true;
    }
    stop(node, in);
    if (err == RNS_ERR_OK) {
        rnsi_resource_in_conclude(node, rnsi_link_at(node, in->link), in);
    } else if (err == RNS_ERR_CORRUPT) {
        leave(node, in);
    } else {
        rnsi_resource_in_cancel(node, in, err);
    }
    return false;
}

void rnsi_sink_unpack(rns_node_t *node, struct rnsi_resource_in *in) {
    bool more = true;
    for (uint32_t done = 0; more && done < SLICE_BYTES;
         done += (uint32_t)sizeof((struct rnsi_unpack *)0)->out) {
        more = unpack_some(node, in);
    }
}

void rnsi_sink_resume(rns_node_t *node, struct rnsi_resource_in *in) {
    list_join(node, in);
}

bool rnsi_sink_is_whole(const struct rnsi_resource_in *in) {
    return in->taken == in->plain &&
           (!wants_metadata(in) || (in->metadata_got >= RNSI_METADATA_HEAD &&
                                    in->metadata_got - RNSI_METADATA_HEAD == in->metadata_size));
}

void rnsi_sink_end(rns_node_t *node, struct rnsi_resource_in *in) {
    if (in->state == RNSI_IN_UNPACKING) {
        stop(node, in);
    }
    give_row(node, in->unpack_pool, &in->unpack_row);
    give_row(node, RNS_POOL_SEGMENT, &in->segment_row);
    node->crypto.v->wipe(&in->token, sizeof in->token);
    node->crypto.v->wipe(&in->content, sizeof in->content);
}
