// kiss.c -- see rns/framing.h. Follows RNS/Interfaces/TCPInterface.py (streams) and
// KISSInterface.py (ports), but takes frames that share one FEND too, as TNCs may send them.
#include "rns/framing.h"

#include "wire/scan.h"

#define FEND      0xC0U
#define FESC      0xDBU
#define TFEND     0xDCU
#define TFESC     0xDDU
#define PORT_MASK 0x0FU // of a command byte: the high nibble is a port

size_t rns_kiss_encode(uint8_t command, rns_bytes_t frame, rns_mem_t out) {
    const rnsi_escapes_t escapes = {FEND, FESC, TFEND, TFESC};
    rnsi_writer_t w = rnsi_writer(out);
    rnsi_write8(&w, FEND);
    rnsi_write8(&w, command);
    rnsi_escape(&w, &escapes, frame);
    rnsi_write8(&w, FEND);
    return w.ok ? rnsi_written(&w) : 0;
}

static uint8_t unescaped(uint8_t byte) {
    if (byte == TFEND) {
        return FEND;
    }
    return byte == TFESC ? FESC : byte;
}

// In place; returns the new size. An escape is dropped whatever follows it, as in the reference.
static size_t unescape(uint8_t *s, size_t size) {
    size_t in = rnsi_find(s, size, FESC), out = in;
    while (in < size) {
        in++;
        if (in < size && s[in] != FESC) {
            s[out++] = unescaped(s[in++]);
        }
        const size_t run = rnsi_find(s + in, size - in, FESC);
        memmove(s + out, s + in, run);
        in += run;
        out += run;
    }
    return out;
}

// A body is the command and its frame; data without any is nothing.
static rns_framing_t open_body(rns_framing_stream_t *reader, rns_mem_t *frame) {
    reader->command = frame->data[0] & PORT_MASK;
    frame->data++;
    frame->size = unescape(frame->data, frame->size - 1);
    const bool cut = reader->max_frame > 0 && frame->size > reader->max_frame;
    if (cut) {
        frame->size = reader->max_frame;
    }
    if (reader->command != RNS_KISS_DATA) {
        return RNS_FRAMING_COMMAND;
    }
    if (frame->size == 0) {
        return RNS_FRAMING_SHORT;
    }
    return cut ? RNS_FRAMING_CUT : RNS_FRAMING_FRAME;
}

rns_framing_t rns_kiss_next(rns_framing_stream_t *reader, rns_mem_t stream, size_t *consumed,
                            rns_mem_t *frame) {
    const rns_framing_t verdict = rnsi_stream_next(reader, FEND, stream, consumed, frame);
    return verdict == RNS_FRAMING_FRAME ? open_body(reader, frame) : verdict;
}

static rns_framing_t take_fend(rns_kiss_port_t *reader, rns_mem_t *frame) {
    const bool named = reader->named, cut = reader->cut;
    *frame = (rns_mem_t){reader->buffer.data, named ? reader->size : 0};
    reader->open = true;
    reader->named = false;
    reader->escape = false;
    reader->cut = false;
    reader->size = 0;
    if (!named) {
        return RNS_FRAMING_MORE;
    }
    if (reader->command != RNS_KISS_DATA) {
        return RNS_FRAMING_COMMAND;
    }
    if (frame->size == 0) {
        return RNS_FRAMING_SHORT;
    }
    return cut ? RNS_FRAMING_CUT : RNS_FRAMING_FRAME;
}

rns_framing_t rns_kiss_feed(rns_kiss_port_t *reader, uint8_t byte, rns_mem_t *frame) {
    if (byte == FEND) {
        return take_fend(reader, frame);
    }
    *frame = (rns_mem_t){NULL, 0};
    if (!reader->open) {
        return RNS_FRAMING_NOISE;
    }
    if (!reader->named) {
        reader->command = byte & reader->command_mask;
        reader->named = true;
        return RNS_FRAMING_MORE;
    }
    if (byte == FESC) {
        reader->escape = true;
        return RNS_FRAMING_MORE;
    }
    if (reader->escape) {
        byte = unescaped(byte);
    }
    reader->escape = false;
    if (reader->size == reader->buffer.size) {
        reader->cut = true;
        return RNS_FRAMING_MORE;
    }
    reader->buffer.data[reader->size++] = byte;
    return RNS_FRAMING_MORE;
}
