// fuzz_stream.h -- a stream of any bytes, cut in any way, through a stream reader: the frames must
// be the same as from the stream in one piece, within their limits, and survive framing again.
#ifndef FUZZ_STREAM_H_INCLUDED
#define FUZZ_STREAM_H_INCLUDED

#include <stdlib.h>
#include <string.h>

#include "rns/framing.h"
#include "fuzz.h"

#define STREAM_MAX 4096U

typedef rns_framing_t next_fn(rns_framing_stream_t *reader, rns_mem_t stream, size_t *consumed,
                              rns_mem_t *frame);
typedef size_t encode_fn(rns_bytes_t frame, rns_mem_t out);

typedef struct {
    next_fn *next;
    encode_fn *encode;
    size_t smallest; // frame
} framing_t;

// All frames, one behind the other, and how many; the hash of a stream's meaning.
typedef struct {
    uint8_t bytes[STREAM_MAX];
    size_t size, count;
} frames_t;

static inline void check_again(const framing_t *f, rns_mem_t frame) {
    const size_t room = RNS_KISS_MAX(frame.size);
    uint8_t *wire = malloc(room);
    REQUIRE(wire != NULL);
    const size_t size = f->encode((rns_bytes_t){frame.data, frame.size}, (rns_mem_t){wire, room});
    REQUIRE(size > 0);
    rns_framing_stream_t reader = {.max_frame = frame.size};
    rns_mem_t again;
    size_t consumed;
    REQUIRE(f->next(&reader, (rns_mem_t){wire, size}, &consumed, &again) == RNS_FRAMING_FRAME);
    REQUIRE(consumed == size && again.size == frame.size);
    REQUIRE(memcmp(again.data, frame.data, frame.size) == 0);
    free(wire);
}

static inline void keep(frames_t *frames, rns_mem_t frame) {
    REQUIRE(frames->size + frame.size <= sizeof frames->bytes);
    memcpy(frames->bytes + frames->size, frame.data, frame.size);
    frames->size += frame.size;
    frames->count++;
}

// Takes all there is, as a host does; returns how many bytes are left in the buffer.
static inline size_t drain(const framing_t *f, rns_framing_stream_t *reader, uint8_t *buffer,
                           size_t size, frames_t *frames) {
    for (;;) {
        size_t consumed;
        rns_mem_t frame;
        const rns_framing_t verdict = f->next(reader, (rns_mem_t){buffer, size}, &consumed, &frame);
        REQUIRE(consumed <= size && (verdict == RNS_FRAMING_MORE || consumed > 0));
        if (verdict == RNS_FRAMING_FRAME) {
            REQUIRE(frame.data >= buffer && frame.data + frame.size <= buffer + consumed);
            REQUIRE(frame.size >= f->smallest);
            REQUIRE(reader->max_frame == 0 || frame.size <= reader->max_frame);
            check_again(f, frame);
            keep(frames, frame);
        }
        memmove(buffer, buffer + consumed, size - consumed);
        size -= consumed;
        if (verdict == RNS_FRAMING_MORE) {
            return size;
        }
    }
}

static inline void read_stream(const framing_t *f, size_t max_frame, size_t piece,
                               rns_bytes_t stream, frames_t *frames) {
    rns_framing_stream_t reader = {.max_frame = max_frame};
    uint8_t *buffer = malloc(stream.size + 1);
    size_t size = 0;
    REQUIRE(buffer != NULL);
    frames->size = frames->count = 0;
    for (size_t at = 0; at < stream.size; at += piece) {
        const size_t more = stream.size - at < piece ? stream.size - at : piece;
        memcpy(buffer + size, stream.data + at, more);
        size = drain(f, &reader, buffer, size + more, frames);
        REQUIRE(max_frame == 0 || size <= RNS_HDLC_MAX(max_frame));
    }
    free(buffer);
}

// Byte 0 is the size of the pieces, byte 1 the longest frame (0: no limit).
static inline void check_stream(const framing_t *f, const uint8_t *data, size_t size) {
    static frames_t whole, pieces;
    if (size < 2 || size > STREAM_MAX) {
        return;
    }
    const rns_bytes_t stream = {data + 2, size - 2};
    read_stream(f, 0, size, stream, &whole);
    read_stream(f, 0, (size_t)data[0] + 1, stream, &pieces);
    REQUIRE(whole.count == pieces.count && whole.size == pieces.size);
    REQUIRE(memcmp(whole.bytes, pieces.bytes, whole.size) == 0);
    read_stream(f, data[1], (size_t)data[0] + 1, stream, &pieces);
    REQUIRE(data[1] == 0 || pieces.count <= whole.count);
}

#endif
