// scan.h -- what HDLC and KISS share: finding bytes fast, escaping, and cutting a stream at its
// flags.
#ifndef RNSI_SCAN_H_INCLUDED
#define RNSI_SCAN_H_INCLUDED

#include <stddef.h>
#include <stdint.h>

#include "rns/framing.h"
#include "rns/types.h"
#include "memory/bytes.h"

// The two bytes that a frame must not contain, and what stands for each after an escape.
typedef struct {
    uint8_t flag, escape;
    uint8_t escaped_flag, escaped_escape;
} rnsi_escapes_t;

// Index of the first such byte, or size. About 16 bytes a step.
size_t rnsi_find(const uint8_t *s, size_t size, uint8_t byte);

void rnsi_escape(rnsi_writer_t *w, const rnsi_escapes_t *escapes, rns_bytes_t in);

// The next bytes between two flags, as they arrived and never empty: FRAME sets *body. Else MORE,
// NOISE or OVERRUN. *consumed as in rns_hdlc_next.
rns_framing_t rnsi_stream_next(rns_framing_stream_t *reader, uint8_t flag, rns_mem_t stream,
                               size_t *consumed, rns_mem_t *body);

#endif
