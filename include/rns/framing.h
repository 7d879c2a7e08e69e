// rns/framing.h -- HDLC and KISS, the ways the reference finds frames in a stream of bytes. Pure
// functions on the caller's memory.
//
// Two readers each. A *stream* reader (TCP, local sockets) looks for whole frames in the buffer
// that recv() filled and opens them in place: nothing is copied unless bytes were escaped. A *port*
// reader (serial, pipe, I2P) is fed byte by byte and gathers into a buffer of its own.
#ifndef RNS_FRAMING_H_INCLUDED
#define RNS_FRAMING_H_INCLUDED

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rns/types.h"

#ifdef __cplusplus
extern "C" {
#endif

// Bytes that a frame of size bytes takes at most on the wire: also the buffer of a stream reader.
#define RNS_HDLC_MAX(size) (2U * (size) + 2U)
#define RNS_KISS_MAX(size) (2U * (size) + 3U)

// What a reader has to say; all but FRAME and CUT and COMMAND are for counters.
typedef enum {
    RNS_FRAMING_MORE,    // no whole frame yet: read more bytes
    RNS_FRAMING_FRAME,   // frame is set
    RNS_FRAMING_CUT,     // frame is set, and lacks what was beyond max_frame (KISS) or the buffer
    RNS_FRAMING_COMMAND, // KISS: not data; the reader's command says what, frame is set
    RNS_FRAMING_NOISE,   // dropped: bytes outside of frames
    RNS_FRAMING_SHORT,   // dropped: a frame of 1 to 19 bytes (HDLC), or of none (KISS)
    RNS_FRAMING_LONG,    // dropped: a frame of more than max_frame bytes (HDLC)
    RNS_FRAMING_OVERRUN, // dropped: more bytes than any frame takes, and no end
} rns_framing_t;

// Writes frame into out, which must not overlap it. Returns the bytes written, or 0 if out is too
// small (RNS_HDLC_MAX(frame.size) always suffices).
size_t rns_hdlc_encode(rns_bytes_t frame, rns_mem_t out);

// One for each stream, of either framing. Zero and max_frame set is a new one; to start again,
// clear scanned and open.
typedef struct {
    size_t max_frame; // bytes of the longest frame, unescaped; 0: no limit
    size_t scanned;   // bytes of the stream known to hold no flag
    bool open;        // a flag was seen: the stream starts inside a frame
    uint8_t command;  // KISS: of the last frame, without the port in its high nibble
} rns_framing_stream_t;

// Looks for the next frame in the bytes not yet consumed. Call it again without the first *consumed
// bytes until it says MORE, then append to what is left. *frame is in the stream's memory and lives
// until that is overwritten. The end of one frame may be the start of the next. When MORE comes
// with nothing left to append to, the buffer was smaller than RNS_HDLC_MAX(max_frame). Each byte is
// looked at twice at most, however it arrives.
rns_framing_t rns_hdlc_next(rns_framing_stream_t *reader, rns_mem_t stream, size_t *consumed,
                            rns_mem_t *frame);

// Zero and buffer set is a new one; to start again (a line that was silent for long), clear the
// rest. Who starts on a serial line sends a byte 0x00 and nothing for 300 ms: the reference's
// reader may hold the start of a frame from before a power cut, and takes it for one of the new.
typedef struct {
    rns_mem_t buffer; // lent; as large as the longest frame
    size_t size;      // gathered so far
    bool open, escape, cut;
} rns_hdlc_port_t;

// MORE, or FRAME or CUT: *frame is then in the buffer until the next byte. A frame needs a start
// and an end flag of its own; it has at least 1 byte.
rns_framing_t rns_hdlc_feed(rns_hdlc_port_t *reader, uint8_t byte, rns_mem_t *frame);

#define RNS_KISS_DATA  0x00U
#define RNS_KISS_READY 0x0FU

// As rns_hdlc_encode, with a command in front (RNS_KISS_DATA for a packet).
size_t rns_kiss_encode(uint8_t command, rns_bytes_t frame, rns_mem_t out);

// As rns_hdlc_next. Frames of any size above 0 are given, those that are too long CUT, as in the
// reference; the end of one may be the start of the next.
rns_framing_t rns_kiss_next(rns_framing_stream_t *reader, rns_mem_t stream, size_t *consumed,
                            rns_mem_t *frame);

// command_mask is 0x0F where the high nibble is a port (KISS, AX.25), 0xFF where it is not (RNode).
typedef struct {
    rns_mem_t buffer;
    size_t size;
    uint8_t command_mask;
    uint8_t command; // of this frame
    bool open, named, escape, cut;
} rns_kiss_port_t;

// MORE, FRAME, CUT, or COMMAND: *frame is then in the buffer until the next byte (a command may
// have none).
rns_framing_t rns_kiss_feed(rns_kiss_port_t *reader, uint8_t byte, rns_mem_t *frame);

#ifdef __cplusplus
}
#endif
#endif
