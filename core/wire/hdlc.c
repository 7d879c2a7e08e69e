// hdlc.c -- see rns/framing.h. Follows RNS/Interfaces/util/HDLC.py and TCPInterface.py (streams),
// SerialInterface.py (ports).
#include "rns/framing.h"

#include "rules.h"
#include "wire/packet.h"
#include "wire/scan.h"

#define FLAG     0x7EU
#define ESC      0x7DU
#define ESC_MASK 0x20U

size_t rns_hdlc_encode(rns_bytes_t frame, rns_mem_t out) {
    const rnsi_escapes_t escapes = {FLAG, ESC, FLAG ^ ESC_MASK, ESC ^ ESC_MASK};
    rnsi_writer_t w = rnsi_writer(out);
    rnsi_write8(&w, FLAG);
    rnsi_escape(&w, &escapes, frame);
    rnsi_write8(&w, FLAG);
    return w.ok ? rnsi_written(&w) : 0;
}

static bool is_escaped(uint8_t byte) {
    return byte == (FLAG ^ ESC_MASK) || byte == (ESC ^ ESC_MASK);
}

// In place; returns the new size. An escape before anything else stays what it is, as in the
// reference.
static size_t unescape(uint8_t *s, size_t size) {
    size_t in = rnsi_find(s, size, ESC), out = in;
    while (in < size) {
        uint8_t byte = s[in++];
        if (in < size && is_escaped(s[in])) {
            byte = s[in++] ^ ESC_MASK;
        }
        s[out++] = byte;
        const size_t run = rnsi_find(s + in, size - in, ESC);
        memmove(s + out, s + in, run);
        in += run;
        out += run;
    }
    return out;
}

rns_framing_t rns_hdlc_next(rns_framing_stream_t *reader, rns_mem_t stream, size_t *consumed,
                            rns_mem_t *frame) {
    const rns_framing_t verdict = rnsi_stream_next(reader, FLAG, stream, consumed, frame);
    if (verdict != RNS_FRAMING_FRAME) {
        return verdict;
    }
    frame->size = unescape(frame->data, frame->size);
    if (frame->size <= RNSI_HEADER_MINSIZE) {
        return RNS_FRAMING_SHORT;
    }
    const bool is_limited = RNSI_HDLC_FRAMES_ARE_LIMITED && reader->max_frame > 0;
    return is_limited && frame->size > reader->max_frame ? RNS_FRAMING_LONG : RNS_FRAMING_FRAME;
}

// At a flag: the end of a frame, or the start of one. A start right after a start is a start again,
// so that a lost flag cannot turn frames and gaps round for good (as it does in the reference).
static rns_framing_t take_flag(rns_hdlc_port_t *reader, rns_mem_t *frame) {
    const bool ends = reader->open && reader->size > 0;
    const bool cut = reader->cut;
    *frame = (rns_mem_t){reader->buffer.data, ends ? reader->size : 0};
    reader->open = !ends;
    reader->size = 0;
    reader->escape = false;
    reader->cut = false;
    if (!ends) {
        return RNS_FRAMING_MORE;
    }
    return cut ? RNS_FRAMING_CUT : RNS_FRAMING_FRAME;
}

rns_framing_t rns_hdlc_feed(rns_hdlc_port_t *reader, uint8_t byte, rns_mem_t *frame) {
    if (byte == FLAG) {
        return take_flag(reader, frame);
    }
    *frame = (rns_mem_t){NULL, 0};
    if (!reader->open) {
        return RNS_FRAMING_NOISE;
    }
    if (byte == ESC) {
        reader->escape = true;
        return RNS_FRAMING_MORE;
    }
    if (reader->escape && is_escaped(byte)) {
        byte ^= ESC_MASK;
    }
    reader->escape = false;
    if (reader->size == reader->buffer.size) {
        reader->cut = true;
        return RNS_FRAMING_MORE;
    }
    reader->buffer.data[reader->size++] = byte;
    return RNS_FRAMING_MORE;
}
