// bzip2.c -- libbz2 in memory that is lent: its allocator only moves a mark through the arena, and
// what it frees is gone with the arena.
#include <bzlib.h>
#include <limits.h>
#include <stddef.h>
#include <string.h>

#include "rns/providers.h"

// What libbz2 1.0 takes, measured (tests/unit/bzip2.c), for 64 bit; 32 bit takes less.
#define BLOCK           100000U // bytes of a block at level 1, after libbz2's run-length coding
#define LEVELS          9U
#define PACK_STATE      318464U // and 8 bytes for each byte of a block
#define UNPACK_STATE    64512U  // and 4 bytes for each byte of a block, in small mode 2.5
#define RUN_LENGTH_SLOP 64U     // what a level's block must hold beyond the data's 5/4
#define ALIGNMENT       16U

typedef struct {
    bz_stream stream;
    rns_mem_t arena;
    size_t used;
} lent_t;

typedef struct {
    lent_t lent;
    rns_unpack_t last;    // after its end, or an error, a stream stays there
    unsigned header_seen; // of "BZh" and the level
    uint8_t level_most;
} unpack_t;

static void *lent_take(void *opaque, int items, int size) {
    lent_t *lent = opaque;
    size_t bytes = (size_t)items * (size_t)size;
    size_t padding =
        (ALIGNMENT - (uintptr_t)(lent->arena.data + lent->used) % ALIGNMENT) % ALIGNMENT;
    size_t left = lent->arena.size - lent->used;
    if (items < 0 || size < 0 || left < padding || left - padding < bytes) {
        return NULL;
    }
    void *out = lent->arena.data + lent->used + padding;
    lent->used += padding + bytes;
    return out;
}

static void lent_free(void *opaque, void *memory) {
    (void)opaque;
    (void)memory;
}

static void lent_open(lent_t *lent, rns_mem_t arena, size_t used) {
    memset(lent, 0, sizeof *lent);
    lent->arena = arena;
    lent->used = used;
    lent->stream.bzalloc = lent_take;
    lent->stream.bzfree = lent_free;
    lent->stream.opaque = lent;
}

// The lowest level whose block holds size bytes whatever they are (runs of four become five), or
// the highest.
static unsigned level_for(size_t size) {
    unsigned level = 1;
    while (level < LEVELS && size > ((size_t)level * BLOCK - RUN_LENGTH_SLOP) / 5 * 4) {
        level++;
    }
    return level;
}

static size_t pack_memory(unsigned level) {
    return PACK_STATE + (size_t)8 * BLOCK * level;
}

static size_t unpack_memory(unsigned level, bool is_small) {
    return UNPACK_STATE + (is_small ? BLOCK / 2 * 5 : BLOCK * 4) * (size_t)level;
}

static size_t pack_need(size_t size) {
    return size > UINT_MAX ? 0 : pack_memory(level_for(size));
}

static size_t unpack_need(size_t size) {
    return unpack_memory(level_for(size), true);
}

// The level that keeps what size bytes come to in one block, or the highest that fits.
static unsigned pack_level(size_t arena, size_t size) {
    unsigned level = level_for(size);
    while (level > 0 && pack_memory(level) > arena) {
        level--;
    }
    return level;
}

static size_t bz2_pack(rns_mem_t arena, rns_bytes_t in, rns_mem_t out) {
    unsigned level = pack_level(arena.size, in.size);
    if (level == 0 || in.size > UINT_MAX) {
        return 0;
    }
    lent_t lent;
    lent_open(&lent, arena, 0);
    bz_stream *stream = &lent.stream;
    if (BZ2_bzCompressInit(stream, (int)level, 0, 0) != BZ_OK) {
        return 0;
    }
    unsigned room = out.size > UINT_MAX ? UINT_MAX : (unsigned)out.size;
    stream->next_in = (char *)in.data; // libbz2 knows no const; it only reads
    stream->avail_in = (unsigned)in.size;
    stream->next_out = (char *)out.data;
    stream->avail_out = room;
    int result = BZ2_bzCompress(stream, BZ_FINISH);
    size_t size = room - stream->avail_out;
    (void)BZ2_bzCompressEnd(stream);
    return result == BZ_STREAM_END ? size : 0;
}

// In small mode, which takes about twice the time, where the arena does not hold the other.
static bool bz2_unpack_begin(rns_mem_t arena, size_t size) {
    unsigned level = level_for(size);
    if (arena.size < unpack_memory(level, true) ||
        (uintptr_t)arena.data % _Alignof(unpack_t) != 0) {
        return false;
    }
    unpack_t *unpack = (unpack_t *)(void *)arena.data;
    memset(unpack, 0, sizeof *unpack);
    lent_open(&unpack->lent, arena, sizeof *unpack);
    unpack->last = RNS_UNPACK_MORE;
    unpack->level_most = (uint8_t)level;
    bool is_small = arena.size < unpack_memory(level, false);
    return BZ2_bzDecompressInit(&unpack->lent.stream, 0, is_small) == BZ_OK;
}

// libbz2 takes memory for the level that a stream names. Less will do where less comes out of it,
// so it is shown a lower level; a block that does not fit is an error.
static int unpack_header(unpack_t *unpack, rns_bytes_t *in) {
    bz_stream *stream = &unpack->lent.stream;
    int result = BZ_OK;
    while (unpack->header_seen < 4 && in->size > 0 && result == BZ_OK) {
        char byte = (char)in->data[0];
        if (unpack->header_seen == 3 && byte > '0' + unpack->level_most && byte <= '9') {
            byte = (char)('0' + unpack->level_most);
        }
        stream->next_in = &byte;
        stream->avail_in = 1;
        result = BZ2_bzDecompress(stream);
        in->data++;
        in->size--;
        unpack->header_seen++;
    }
    return result;
}

static int unpack_some(unpack_t *unpack, rns_bytes_t *in, rns_mem_t *out) {
    bz_stream *stream = &unpack->lent.stream;
    unsigned in_size = in->size > UINT_MAX ? UINT_MAX : (unsigned)in->size;
    unsigned out_size = out->size > UINT_MAX ? UINT_MAX : (unsigned)out->size;
    stream->next_in = (char *)in->data;
    stream->avail_in = in_size;
    stream->next_out = (char *)out->data;
    stream->avail_out = out_size;
    int result = BZ2_bzDecompress(stream);
    in->data += in_size - stream->avail_in;
    in->size -= in_size - stream->avail_in;
    out->data += out_size - stream->avail_out;
    out->size -= out_size - stream->avail_out;
    return result;
}

static rns_unpack_t bz2_unpack_next(rns_mem_t arena, rns_bytes_t *in, rns_mem_t *out) {
    unpack_t *unpack = (unpack_t *)(void *)arena.data;
    if (unpack->last != RNS_UNPACK_MORE) {
        return unpack->last;
    }
    int result = unpack_header(unpack, in);
    if (result == BZ_OK && unpack->header_seen == 4) {
        result = unpack_some(unpack, in, out);
    }
    if (result != BZ_OK) {
        unpack->last = result == BZ_STREAM_END ? RNS_UNPACK_END : RNS_UNPACK_BAD;
    }
    return unpack->last;
}

static void bz2_unpack_end(rns_mem_t arena) {
    unpack_t *unpack = (unpack_t *)(void *)arena.data;
    (void)BZ2_bzDecompressEnd(&unpack->lent.stream);
}

const rns_compress_t rns_compress_bz2 = {
    .name = "bzip2",
    .pack_need = pack_need,
    .unpack_need = unpack_need,
    .pack = bz2_pack,
    .unpack_begin = bz2_unpack_begin,
    .unpack_next = bz2_unpack_next,
    .unpack_end = bz2_unpack_end,
};
