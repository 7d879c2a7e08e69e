// channel.c -- see channel.h.
#include "wire/channel.h"

#include "memory/bytes.h"

#define END_BIT        0x8000U
#define COMPRESSED_BIT 0x4000U
#define STREAM_BITS    0x3FFFU

// What follows a head.
static rns_bytes_t rest_of(rnsi_reader_t *r) {
    const size_t size = rnsi_read_left(r);
    return (rns_bytes_t){rnsi_read_view(r, size), size};
}

bool rnsi_message_parse(rns_bytes_t plain, rnsi_message_t *message) {
    if (plain.size < RNSI_MESSAGE_HEAD) {
        return false;
    }
    rnsi_reader_t r = rnsi_reader(plain);
    message->type = rnsi_read16(&r);
    message->sequence = rnsi_read16(&r);
    rnsi_read16(&r);
    message->data = rest_of(&r);
    return true;
}

void rnsi_message_head(uint8_t head[RNSI_MESSAGE_HEAD], uint16_t type, uint16_t sequence,
                       size_t data_size) {
    rnsi_put16(head, type);
    rnsi_put16(head + 2, sequence);
    rnsi_put16(head + 4, (uint16_t)data_size);
}

bool rnsi_chunk_parse(rns_bytes_t data, rnsi_chunk_t *chunk) {
    if (data.size < RNSI_CHUNK_HEAD) {
        return false;
    }
    rnsi_reader_t r = rnsi_reader(data);
    const uint16_t head = rnsi_read16(&r);
    chunk->stream = head & STREAM_BITS;
    chunk->is_end = (head & END_BIT) != 0;
    chunk->is_compressed = (head & COMPRESSED_BIT) != 0;
    chunk->data = rest_of(&r);
    return true;
}

void rnsi_chunk_head(uint8_t head[RNSI_CHUNK_HEAD], uint16_t stream, bool is_end,
                     bool is_compressed) {
    rnsi_put16(head, (uint16_t)((stream & STREAM_BITS) | (is_end ? END_BIT : 0U) |
                                (is_compressed ? COMPRESSED_BIT : 0U)));
}
