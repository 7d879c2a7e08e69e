// buffer.c -- streams over a channel. Follows RNS/Buffer.py.
#include "rules.h"
#include "session/channel.h"
#include "session/piece.h"

#define PACK_FROM 33U // bytes: fewer are sent as they are

static rnsi_pool_t *buffers(const rns_node_t *node) {
    return (rnsi_pool_t *)RNSI_POOL(node, BUFFER);
}

// NULL: no such slot.
static struct rnsi_buffer *buffer_at(const rns_node_t *node, uint32_t slot) {
    return slot == RNSI_NONE ? NULL : rnsi_pool_at(buffers(node), slot);
}

static rns_buffer_t handle_of(const rns_node_t *node, const struct rnsi_buffer *b) {
    return (rns_buffer_t){rnsi_pool_slot(buffers(node), b), b->slot.gen};
}

// NULL: gone, or a writer that only waits to say its end.
static struct rnsi_buffer *get(const rns_node_t *node, rns_buffer_t handle) {
    struct rnsi_buffer *b = rnsi_pool_get(buffers(node), handle.slot, handle.gen);
    return b != NULL && b->writes && b->ended ? NULL : b;
}

static struct rnsi_link *link_of(const rns_node_t *node, const struct rnsi_buffer *b) {
    return rnsi_link_at(node, b->link);
}

static void reader_key(uint8_t key[8], uint32_t link, uint16_t stream) {
    memset(key, 0, 8);
    memcpy(key, &link, sizeof link);
    memcpy(key + sizeof link, &stream, sizeof stream);
}

static struct rnsi_buffer *reader_of(const rns_node_t *node, uint32_t link, uint16_t stream) {
    uint8_t key[8];
    reader_key(key, link, stream);
    return rnsi_pool_find(buffers(node), key);
}

// ---- Life

// key NULL: a writer.
static rns_err_t add(rns_node_t *node, rns_us_t now, struct rnsi_link *link, uint16_t stream,
                     const uint8_t *key, struct rnsi_buffer **out) {
    node->now = now;
    struct rnsi_buffer *b = rnsi_pool_take(buffers(node), now, key);
    if (b == NULL) {
        return RNS_ERR_FULL;
    }
    struct rnsi_buffer *first = buffer_at(node, link->buffers);
    b->link = rnsi_link_slot(node, link);
    b->stream = stream;
    b->prev = RNSI_NONE;
    b->next = link->buffers;
    link->buffers = rnsi_pool_slot(buffers(node), b);
    if (first != NULL) {
        first->prev = link->buffers;
    }
    *out = b;
    return RNS_ERR_OK;
}

void rnsi_buffer_drop(rns_node_t *node, struct rnsi_link *link, struct rnsi_buffer *b) {
    struct rnsi_buffer *prev = buffer_at(node, b->prev), *next = buffer_at(node, b->next);
    *(prev == NULL ? &link->buffers : &prev->next) = b->next;
    if (next != NULL) {
        next->prev = b->prev;
    }
    rnsi_pool_give(buffers(node), b);
}

static rns_err_t check(const rns_node_t *node, rns_link_t handle, uint16_t stream,
                       struct rnsi_link **link) {
    *link = rnsi_link_get(node, handle);
    if (*link == NULL) {
        return RNS_ERR_GONE;
    }
    if ((*link)->channel == RNSI_NONE) {
        return RNS_ERR_STATE;
    }
    return stream > RNS_STREAM_MAX ? RNS_ERR_ARG : RNS_ERR_OK;
}

rns_err_t rns_buffer_reader(rns_node_t *node, rns_us_t now, rns_link_t handle, uint16_t stream,
                            rns_mem_t memory, rns_buffer_t *buffer) {
    if (!RNS_WITH_CHANNELS) {
        return RNS_ERR_STATE;
    }
    struct rnsi_link *link;
    rns_err_t err = check(node, handle, stream, &link);
    if (err != RNS_ERR_OK) {
        return err;
    }
    if (memory.data == NULL || memory.size < rns_channel_mdu(node, handle) - RNSI_CHUNK_HEAD) {
        return RNS_ERR_ARG;
    }
    const uint32_t slot = rnsi_link_slot(node, link);
    if (reader_of(node, slot, stream) != NULL) {
        return RNS_ERR_EXISTS;
    }
    uint8_t key[8];
    struct rnsi_buffer *b;
    reader_key(key, slot, stream);
    err = add(node, now, link, stream, key, &b);
    if (err == RNS_ERR_OK) {
        b->ring.mem = memory;
        *buffer = handle_of(node, b);
    }
    return err;
}

rns_err_t rns_buffer_writer(rns_node_t *node, rns_us_t now, rns_link_t handle, uint16_t stream,
                            rns_buffer_t *buffer) {
    if (!RNS_WITH_CHANNELS) {
        return RNS_ERR_STATE;
    }
    struct rnsi_link *link;
    struct rnsi_buffer *b;
    rns_err_t err = check(node, handle, stream, &link);
    if (err == RNS_ERR_OK) {
        err = add(node, now, link, stream, NULL, &b);
    }
    if (err == RNS_ERR_OK) {
        b->writes = 1;
        *buffer = handle_of(node, b);
    }
    return err;
}

void rnsi_buffers_close(rns_node_t *node, struct rnsi_link *link) {
    struct rnsi_buffer *b;
    while ((b = buffer_at(node, link->buffers)) != NULL) {
        rnsi_buffer_drop(node, link, b);
    }
}

// ---- The ring of a reader

// Where the next bytes go, in up to two spans, at most `most` in all.
static void free_spans(const struct rnsi_buffer *b, size_t most, rns_mem_t spans[2]) {
    const rns_mem_t ring = b->ring.mem;
    const size_t first = (size_t)b->first, waiting = (size_t)b->waiting;
    const size_t room = ring.size - waiting < most ? ring.size - waiting : most;
    const size_t to_end = ring.size - first;
    const size_t start = waiting < to_end ? first + waiting : waiting - to_end;
    const size_t before_end = ring.size - start < room ? ring.size - start : room;
    spans[0] = (rns_mem_t){ring.data + start, before_end};
    spans[1] = (rns_mem_t){ring.data, room - before_end};
}

static rnsi_stream_t copy_in(struct rnsi_buffer *b, rns_bytes_t data) {
    rns_mem_t spans[2];
    free_spans(b, data.size, spans);
    if (spans[0].size + spans[1].size < data.size) {
        return RNSI_STREAM_FULL;
    }
    for (size_t i = 0; i < 2; i++) {
        if (spans[i].size > 0) {
            memcpy(spans[i].data, data.data, spans[i].size);
            data.data += spans[i].size;
        }
    }
    b->waiting += data.size;
    return RNSI_STREAM_TAKEN;
}

size_t rns_buffer_waiting(const rns_node_t *node, rns_buffer_t handle) {
    const struct rnsi_buffer *b = get(node, handle);
    return b == NULL ? 0 : (size_t)b->waiting;
}

static size_t copy_out(struct rnsi_buffer *b, rns_mem_t out) {
    const rns_mem_t ring = b->ring.mem;
    const size_t first = (size_t)b->first, waiting = (size_t)b->waiting;
    const size_t size = waiting < out.size ? waiting : out.size;
    const size_t before_end = ring.size - first < size ? ring.size - first : size;
    if (size > 0) {
        memcpy(out.data, ring.data + first, before_end);
        memcpy(out.data + before_end, ring.data, size - before_end);
    }
    b->waiting -= size;
    b->first = size == before_end ? first + size : size - before_end;
    return size;
}

size_t rns_buffer_read(rns_node_t *node, rns_us_t now, rns_buffer_t handle, rns_mem_t out,
                       bool *eof) {
    struct rnsi_buffer *b = get(node, handle);
    if (eof != NULL) {
        *eof = false;
    }
    if (b == NULL || b->writes) {
        return 0;
    }
    node->now = now;
    const size_t size = copy_out(b, out);
    if (eof != NULL) {
        *eof = b->ended && b->waiting == 0;
    }
    if (size > 0) {
        rnsi_channel_resume(node, link_of(node, b));
    }
    return size;
}

// ---- Unpacking

typedef struct {
    rnsi_pool_t *pool;
    void *slot;
    rns_mem_t mem;
} arena_t;

static bool is_enough(const rns_node_t *node, size_t arena) {
    const size_t need = node->compress->unpack_need(RNSI_CHUNK_MOST);
    return need > 0 && need <= arena;
}

static bool unpacks_with(const rns_node_t *node, rns_pool_t row, size_t arena) {
    return node->compress != NULL && node->memory.pools[row].count > 0 && is_enough(node, arena);
}

static bool unpacks_small(const rns_node_t *node) {
    return unpacks_with(node, RNS_POOL_UNPACK_SMALL, sizeof((struct rnsi_unpack_small *)0)->arena);
}

static bool unpacks_large(const rns_node_t *node) {
    return unpacks_with(node, RNS_POOL_UNPACK, sizeof((struct rnsi_unpack *)0)->arena);
}

static bool take_arena(rns_node_t *node, arena_t *arena) {
    arena->slot = NULL;
    if (unpacks_small(node)) {
        arena->pool = RNSI_POOL(node, UNPACK_SMALL);
        struct rnsi_unpack_small *u = arena->slot = rnsi_pool_take(arena->pool, node->now, NULL);
        arena->mem = (rns_mem_t){u != NULL ? (uint8_t *)u->arena : NULL, sizeof u->arena};
    }
    if (arena->slot == NULL && unpacks_large(node)) {
        arena->pool = RNSI_POOL(node, UNPACK);
        struct rnsi_unpack *u = arena->slot = rnsi_pool_take(arena->pool, node->now, NULL);
        arena->mem = (rns_mem_t){u != NULL ? (uint8_t *)u->arena : NULL, sizeof u->arena};
    }
    return arena->slot != NULL;
}

// Fills out. MORE: it is full.
static rns_unpack_t fill(const rns_compress_t *c, rns_mem_t arena, rns_bytes_t *in,
                         rns_mem_t *out) {
    rns_unpack_t status = RNS_UNPACK_MORE;
    while (status == RNS_UNPACK_MORE && out->size > 0) {
        const size_t in_left = in->size, out_left = out->size;
        status = c->unpack_next(arena, in, out);
        if (status == RNS_UNPACK_MORE && in->size == in_left && out->size == out_left) {
            return RNS_UNPACK_BAD; // it wants bytes that are not there
        }
    }
    return status;
}

// Where the ring ends, one byte more says whether there was more to come.
static rnsi_stream_t unpack_into(const rns_compress_t *c, rns_mem_t arena, const rns_mem_t spans[2],
                                 rns_bytes_t in, size_t *made) {
    uint8_t beyond;
    const rns_mem_t outs[] = {spans[0], spans[1], {&beyond, 1}};
    rns_unpack_t status = RNS_UNPACK_MORE;
    *made = 0;
    for (size_t i = 0; i < 3 && status == RNS_UNPACK_MORE; i++) {
        rns_mem_t out = outs[i];
        status = fill(c, arena, &in, &out);
        *made += outs[i].size - out.size;
    }
    const size_t room = spans[0].size + spans[1].size;
    if (status == RNS_UNPACK_BAD) {
        return RNSI_STREAM_BAD;
    }
    if (*made > room || status == RNS_UNPACK_MORE) {
        return room == RNSI_CHUNK_MOST ? RNSI_STREAM_BAD : RNSI_STREAM_FULL;
    }
    return RNSI_STREAM_TAKEN;
}

static rnsi_stream_t unpack_in(rns_node_t *node, struct rnsi_buffer *b, rns_bytes_t data) {
    arena_t arena;
    rns_mem_t spans[2];
    size_t made = 0;
    rnsi_stream_t taken = RNSI_STREAM_LATER;
    if (!take_arena(node, &arena)) {
        return taken;
    }
    const rns_compress_t *c = node->compress;
    if (c->unpack_begin(arena.mem, RNSI_CHUNK_MOST)) {
        free_spans(b, RNSI_CHUNK_MOST, spans);
        taken = unpack_into(c, arena.mem, spans, data, &made);
        c->unpack_end(arena.mem);
    }
    rnsi_pool_give(arena.pool, arena.slot);
    if (taken == RNSI_STREAM_TAKEN) {
        b->waiting += made;
    }
    return taken;
}

// ---- Receiving

rnsi_stream_t rnsi_buffer_check(const rns_node_t *node, rns_bytes_t data) {
    rnsi_chunk_t chunk;
    if (!rnsi_chunk_parse(data, &chunk)) {
        return RNSI_STREAM_BAD;
    }
    return chunk.is_compressed && !unpacks_small(node) && !unpacks_large(node) ? RNSI_STREAM_LATER
                                                                               : RNSI_STREAM_TAKEN;
}

rnsi_stream_t rnsi_buffer_receive(rns_node_t *node, const struct rnsi_link *link, rns_bytes_t data,
                                  rns_buffer_t *buffer) {
    rnsi_chunk_t chunk;
    if (!rnsi_chunk_parse(data, &chunk)) {
        return RNSI_STREAM_BAD;
    }
    struct rnsi_buffer *b = reader_of(node, rnsi_link_slot(node, link), chunk.stream);
    if (b == NULL) {
        return RNSI_STREAM_UNKNOWN;
    }
    const rnsi_stream_t taken =
        chunk.is_compressed ? unpack_in(node, b, chunk.data) : copy_in(b, chunk.data);
    if (taken == RNSI_STREAM_TAKEN) {
        b->ended |= chunk.is_end;
    }
    *buffer = handle_of(node, b);
    return taken;
}

void rnsi_buffer_tell(rns_node_t *node, rns_buffer_t handle, rns_err_t status) {
    const struct rnsi_buffer *b = get(node, handle);
    if (b == NULL) {
        return;
    }
    rns_event_t event = {.type = RNS_EV_BUFFER,
                         .status = status,
                         .link = rnsi_link_handle(node, link_of(node, b)),
                         .buffer = handle,
                         .number = b->stream,
                         .size = b->waiting,
                         .is_end = b->ended != 0};
    rnsi_event(node, &event);
}

// ---- Writing

size_t rnsi_buffer_chunk_most(const rns_node_t *node, const struct rnsi_link *link) {
    const size_t fits = rns_channel_mdu(node, rnsi_link_handle(node, link)) - RNSI_CHUNK_HEAD;
    return fits < RNSI_STREAM_CHUNK_MOST ? fits : RNSI_STREAM_CHUNK_MOST;
}

// Packs the whole, or a half, or a third, behind the head of a piece. Returns how many bytes went
// in, and how many came out; 0: it does not get smaller, or not small enough.
static size_t pack_some(const rns_compress_t *c, rns_mem_t arena, rns_bytes_t data, rns_mem_t out,
                        size_t *packed) {
    for (size_t i = 1; i < RNSI_PACK_TRIES; i++) {
        const size_t size = data.size / i;
        const size_t most = (size < out.size ? size : out.size) - 1;
        *packed = c->pack(arena, (rns_bytes_t){data.data, size}, (rns_mem_t){out.data, most});
        if (*packed > 0) {
            return size;
        }
    }
    return 0;
}

// A piece with as much of data as packs into one message. Returns how much that is; 0: none.
static size_t pack(rns_node_t *node, const struct rnsi_buffer *b, size_t most, rns_bytes_t data,
                   uint32_t *piece) {
    const rns_compress_t *c = node->compress;
    rnsi_pool_t *pool = RNSI_POOL(node, PACK);
    if (data.size < PACK_FROM || c == NULL || pool->count == 0) {
        return 0;
    }
    const size_t need = c->pack_need(data.size);
    if (need == 0 || need > sizeof((struct rnsi_pack *)0)->arena) {
        return 0;
    }
    struct rnsi_pack *slot = rnsi_pool_take(pool, node->now, NULL);
    if (slot == NULL) {
        return 0;
    }
    size_t size = 0, packed;
    *piece = rnsi_piece_new(node, RNSI_CHUNK_HEAD + (data.size < most ? data.size : most));
    if (*piece != RNSI_NONE) {
        const rns_mem_t at = rnsi_piece_at(node, *piece);
        const rns_mem_t out = {at.data + RNSI_CHUNK_HEAD, at.size - RNSI_CHUNK_HEAD};
        size = pack_some(c, (rns_mem_t){(uint8_t *)slot->arena, sizeof slot->arena}, data, out,
                         &packed);
        if (size > 0) {
            rnsi_chunk_head(at.data, b->stream, false, true);
            rnsi_piece_cut(node, *piece, RNSI_CHUNK_HEAD + packed);
        } else {
            rnsi_piece_give(node, *piece);
        }
    }
    rnsi_pool_give(pool, slot);
    return size;
}

// A piece with data as it is, up to one message. RNSI_NONE: no slot is free.
static uint32_t plain_piece(rns_node_t *node, const struct rnsi_buffer *b, rns_bytes_t data) {
    uint8_t head[RNSI_CHUNK_HEAD];
    rnsi_chunk_head(head, b->stream, b->ended != 0, false);
    return rnsi_piece_put(node, (rns_bytes_t){head, sizeof head}, data);
}

static rns_err_t send(rns_node_t *node, struct rnsi_link *link, uint32_t piece) {
    if (piece == RNSI_NONE) {
        rnsi_channel_retry(node, link);
        return RNS_ERR_FULL;
    }
    const rns_err_t err = rnsi_channel_put(node, link, RNSI_STREAM_TYPE, piece);
    if (err != RNS_ERR_OK) {
        rnsi_piece_give(node, piece);
    }
    return err;
}

size_t rnsi_buffer_write_one(rns_node_t *node, struct rnsi_link *link, const struct rnsi_buffer *b,
                             rns_bytes_t data) {
    const size_t most = rnsi_buffer_chunk_most(node, link);
    uint32_t piece = RNSI_NONE;
    if (!rnsi_channel_has_room(node, rnsi_channel_of(node, link))) {
        return 0;
    }
    data.size = data.size < RNSI_CHUNK_MOST ? data.size : RNSI_CHUNK_MOST;
    size_t size = pack(node, b, most, data, &piece);
    if (size == 0) {
        size = data.size < most ? data.size : most;
        piece = plain_piece(node, b, (rns_bytes_t){data.data, size});
    }
    return send(node, link, piece) == RNS_ERR_OK ? size : 0;
}

size_t rns_buffer_write(rns_node_t *node, rns_us_t now, rns_buffer_t handle, rns_bytes_t data) {
    const struct rnsi_buffer *b = get(node, handle);
    if (b == NULL || !b->writes) {
        return 0;
    }
    struct rnsi_link *link = link_of(node, b);
    size_t written = 0;
    node->now = now;
    while (written < data.size) {
        const size_t size = rnsi_buffer_write_one(
            node, link, b, (rns_bytes_t){data.data + written, data.size - written});
        if (size == 0) {
            rnsi_channel_of(node, link)->waits = 1;
            break;
        }
        written += size;
    }
    return written;
}

// ---- Ends

static rns_err_t say_end(rns_node_t *node, struct rnsi_link *link, struct rnsi_buffer *b) {
    const rns_bytes_t none = {NULL, 0};
    if (!rnsi_channel_has_room(node, rnsi_channel_of(node, link))) {
        return RNS_ERR_FULL;
    }
    const rns_err_t err = send(node, link, plain_piece(node, b, none));
    if (err == RNS_ERR_OK) {
        rnsi_buffer_drop(node, link, b);
    }
    return err;
}

void rnsi_buffers_ready(rns_node_t *node, struct rnsi_link *link) {
    struct rnsi_channel *channel = rnsi_channel_of(node, link);
    struct rnsi_buffer *b = buffer_at(node, link->buffers), *next;
    for (; b != NULL && channel->ending > 0; b = next) {
        next = buffer_at(node, b->next);
        if (b->writes && b->ended) {
            if (say_end(node, link, b) != RNS_ERR_OK) {
                return;
            }
            channel->ending--;
        }
    }
}

rns_err_t rns_buffer_close(rns_node_t *node, rns_us_t now, rns_buffer_t handle) {
    struct rnsi_buffer *b = get(node, handle);
    if (b == NULL) {
        return RNS_ERR_GONE;
    }
    struct rnsi_link *link = link_of(node, b);
    node->now = now;
    if (!b->writes) {
        rnsi_buffer_drop(node, link, b);
        rnsi_channel_resume(node, link); // what waited for it is lost
        return RNS_ERR_OK;
    }
    b->ended = 1;
    if (say_end(node, link, b) != RNS_ERR_OK) {
        rnsi_channel_of(node, link)->ending++;
    }
    return RNS_ERR_OK;
}
