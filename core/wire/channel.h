// channel.h -- what a CHANNEL packet carries: a message (RNS/Channel.py:Envelope), and within the
// messages of streams a chunk of bytes (RNS/Buffer.py:StreamDataMessage).
//
//   message   type 2 | sequence 2 | size of data 2 | data
//   chunk     end 1 bit | compressed 1 | stream 14 | data
#ifndef RNSI_WIRE_CHANNEL_H_INCLUDED
#define RNSI_WIRE_CHANNEL_H_INCLUDED

#include <stdbool.h>
#include <stdint.h>

#include "rns/types.h"

#define RNSI_MESSAGE_HEAD 6U
#define RNSI_MESSAGE_MOST 65535U // bytes of data (Channel.mdu)
#define RNSI_CHUNK_HEAD   2U     // StreamDataMessage.HEADER_LEN
#define RNSI_CHUNK_MOST   16384U // bytes of one before it is packed (RawChannelWriter.MAX_CHUNK_LEN)
#define RNSI_PACK_TRIES                                                                            \
    4U // RawChannelWriter.COMPRESSION_TRIES: the whole, a half, a third, as it is
#define RNSI_STREAM_TYPE 0xFF00U // SystemMessageTypes.SMT_STREAM_DATA

typedef struct {
    uint16_t type, sequence;
    rns_bytes_t data; // a view; may be empty
} rnsi_message_t;

// false: shorter than a head. Data is all that follows, whatever the size says, as in the
// reference.
bool rnsi_message_parse(rns_bytes_t plain, rnsi_message_t *message);
void rnsi_message_head(uint8_t head[RNSI_MESSAGE_HEAD], uint16_t type, uint16_t sequence,
                       size_t data_size);

typedef struct {
    uint16_t stream;
    bool is_end, is_compressed;
    rns_bytes_t data; // a view; may be empty
} rnsi_chunk_t;

bool rnsi_chunk_parse(rns_bytes_t data, rnsi_chunk_t *chunk); // false: shorter than a head
void rnsi_chunk_head(uint8_t head[RNSI_CHUNK_HEAD], uint16_t stream, bool is_end,
                     bool is_compressed);

#endif
