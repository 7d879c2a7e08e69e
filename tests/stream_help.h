// stream_help.h -- two nodes with a stream between them, and what goes over their wire.
#ifndef STREAM_HELP_H_INCLUDED
#define STREAM_HELP_H_INCLUDED
#include "pair_help.h"
#include "session/channel.h"

#define ITEMS(array) (sizeof(array) / sizeof *(array))
#define STREAM       7
#define RING         20000

// What Python's bz2 makes of "hello " 100 times, of 16,384 zeros, and of 16,385.
#define HELLO                                                                                      \
    "425a6839314159265359fba616c2000095910040000244a00030cd0052a31a45845f22c22d1170bb9229c28487dd" \
    "30b610"
#define ZEROS                                                                                      \
    "425a6839314159265359614b2ad50000204800c00000040008200030cc05536a4051c0f177245385090614b2ad50"
#define TOO_MANY_ZEROS                                                                             \
    "425a683931415926535952b94e6b0000204800c00000020008200030cc05536a4051c0f17724538509052b94e6b0"

typedef struct {
    pair_t *p;
    rns_link_t a, b;
    rns_buffer_t writer, reader; // of a, of b
    uint8_t ring[RING];
    unsigned frames, proofs; // CHANNEL frames from a, proofs from b
    size_t bytes;            // of the former
    bool lose_all;
    uint8_t got[200000];
    size_t got_size;
    bool ended;
    size_t read_most; // of each event; 0: all that waits
} bed_t;

static inline bool hook(pair_t *pair, bool to_b, rns_mem_t frame) {
    bed_t *bed = pair->user;
    bed->proofs += !to_b && (frame.data[0] & 0x0F) == 0x0F && frame.data[18] == 0;
    if (to_b && frame.data[18] == RNSI_CONTEXT_CHANNEL) {
        bed->frames++;
        bed->bytes += frame.size;
        return !bed->lose_all;
    }
    return true;
}

static const uint32_t PACKS[RNS_POOL_COUNT] = {[RNS_POOL_UNPACK_SMALL] = 1, [RNS_POOL_PACK] = 1};

static inline void open_with(bed_t *bed, pair_setup_t setup, size_t ring) {
    memset(bed, 0, sizeof *bed);
    bed->p = pair_open(setup);
    bed->p->user = bed;
    bed->p->hook = hook;
    pair_link(bed->p, &bed->a, &bed->b);
    rns_node_t *a = bed->p->a.node, *b = bed->p->b.node;
    const rns_us_t now = bed->p->now;
    assert_int_equal(rns_channel_open(a, now, bed->a), RNS_ERR_OK);
    assert_int_equal(rns_channel_open(b, now, bed->b), RNS_ERR_OK);
    assert_int_equal(rns_buffer_writer(a, now, bed->a, STREAM, &bed->writer), RNS_ERR_OK);
    assert_int_equal(
        rns_buffer_reader(b, now, bed->b, STREAM, (rns_mem_t){bed->ring, ring}, &bed->reader),
        RNS_ERR_OK);
}

static inline void open_bed(bed_t *bed) {
    open_with(bed, (pair_setup_t){0}, RING);
}

static inline void open_packing(bed_t *bed) {
    open_with(bed, (pair_setup_t){.count = PACKS, .compress = &rns_compress_bz2}, RING);
}

static inline void close_bed(bed_t *bed) {
    rns_link_close(bed->p->a.node, bed->p->now, bed->a);
    pair_run(bed->p, SECOND);
    rns_link_close(bed->p->b.node, bed->p->now, bed->b);
    pair_run(bed->p, SECOND);
    pair_assert_idle(&bed->p->a);
    pair_assert_idle(&bed->p->b);
    pair_close(bed->p);
}

static inline size_t write_some(bed_t *bed, const void *data, size_t size) {
    return rns_buffer_write(bed->p->a.node, bed->p->now, bed->writer, (rns_bytes_t){data, size});
}

static inline size_t read_some(bed_t *bed, size_t most) {
    bool eof;
    const size_t size = rns_buffer_read(bed->p->b.node, bed->p->now, bed->reader,
                                        (rns_mem_t){bed->got + bed->got_size, most}, &eof);
    bed->got_size += size;
    bed->ended |= eof;
    return size;
}

// Writes all, as the window allows.
static inline void write_all(bed_t *bed, const uint8_t *data, size_t size) {
    for (unsigned idle = 0; size > 0 && idle < 1000;) {
        const size_t written = write_some(bed, data, size);
        idle = written > 0 ? 0 : idle + 1;
        data += written;
        size -= written;
        pair_run(bed->p, 5 * MS);
    }
    assert_int_equal(size, 0);
    pair_run(bed->p, SECOND);
}

static inline size_t waiting(const bed_t *bed) {
    return rns_buffer_waiting(bed->p->b.node, bed->reader);
}

// Random bytes do not pack.
static inline void noise(uint8_t *data, size_t size) {
    uint64_t dice = 1;
    for (size_t i = 0; i < size; i++) {
        data[i] = (uint8_t)pair_dice(&dice);
    }
}

static inline size_t from_hex(const char *hex, uint8_t *out) {
    const size_t size = strlen(hex) / 2;
    for (size_t i = 0; i < size; i++) {
        unsigned byte;
        assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
        out[i] = (uint8_t)byte;
    }
    return size;
}

// A message of the stream as only somebody who writes his own software sends it. Its verdict at b.
static inline rns_verdict_t craft(bed_t *bed, unsigned sequence, rns_bytes_t data) {
    uint8_t head[RNSI_MESSAGE_HEAD];
    uint32_t before[RNS_RX_COUNT];
    rns_verdict_t v;
    rns_node_t *a = bed->p->a.node;
    rnsi_message_head(head, RNSI_STREAM_TYPE, (uint16_t)sequence, data.size);
    assert_true(rnsi_link_send(a, rnsi_link_get(a, bed->a), RNSI_CONTEXT_CHANNEL,
                               (rnsi_out_t){{head, sizeof head}, data}, NULL));
    for (v = 0; v < RNS_RX_COUNT; v++) {
        before[v] = pair_verdicts(&bed->p->b, v);
    }
    pair_drain(bed->p, &bed->p->a);
    pair_run(bed->p, bed->p->delay);
    for (v = 0; v < RNS_RX_COUNT && pair_verdicts(&bed->p->b, v) == before[v]; v++) {
    }
    pair_run(bed->p, bed->p->delay);
    return v;
}

static inline rns_verdict_t craft_chunk(bed_t *bed, unsigned sequence, bool is_end,
                                        const void *data, size_t size) {
    uint8_t chunk[425];
    rnsi_chunk_head(chunk, STREAM, is_end, false);
    memcpy(chunk + 2, data, size);
    return craft(bed, sequence, (rns_bytes_t){chunk, size + 2});
}

static inline rns_verdict_t craft_packed(bed_t *bed, unsigned sequence, const char *hex) {
    uint8_t chunk[425];
    rnsi_chunk_head(chunk, STREAM, false, true);
    return craft(bed, sequence, (rns_bytes_t){chunk, 2 + from_hex(hex, chunk + 2)});
}

static inline struct rnsi_channel *channel_of(const side_t *side, rns_link_t link) {
    return rnsi_channel_of(side->node, rnsi_link_get(side->node, link));
}

#endif
