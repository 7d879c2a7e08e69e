// bytes.h -- big-endian integers and bounded reading and writing. The only file of the core that
// touches raw indices of untrusted bytes.
#ifndef RNSI_BYTES_H_INCLUDED
#define RNSI_BYTES_H_INCLUDED

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "rns/types.h"

static inline uint16_t rnsi_get16(const uint8_t *p) {
    return (uint16_t)((unsigned)p[0] << 8 | p[1]);
}

static inline uint32_t rnsi_get32(const uint8_t *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline uint64_t rnsi_get64(const uint8_t *p) {
    return (uint64_t)rnsi_get32(p) << 32 | rnsi_get32(p + 4);
}

static inline void rnsi_put16(uint8_t *p, uint16_t v) {
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static inline void rnsi_put32(uint8_t *p, uint32_t v) {
    rnsi_put16(p, (uint16_t)(v >> 16));
    rnsi_put16(p + 2, (uint16_t)v);
}

static inline void rnsi_put64(uint8_t *p, uint64_t v) {
    rnsi_put32(p, (uint32_t)(v >> 32));
    rnsi_put32(p + 4, (uint32_t)v);
}

// Reads forward through a view. A read past the end clears ok, returns zeros and stays there, so a
// parser may check once at its end.
typedef struct {
    const uint8_t *at, *end;
    bool ok;
} rnsi_reader_t;

static inline rnsi_reader_t rnsi_reader(rns_bytes_t in) {
    rnsi_reader_t r = {in.data, in.data + in.size, true};
    return r;
}

static inline size_t rnsi_read_left(const rnsi_reader_t *r) {
    return (size_t)(r->end - r->at);
}

// NULL if fewer than size bytes are left; the bytes stay the view's.
static inline const uint8_t *rnsi_read_view(rnsi_reader_t *r, size_t size) {
    if (!r->ok || rnsi_read_left(r) < size) {
        r->ok = false;
        return NULL;
    }
    const uint8_t *p = r->at;
    r->at += size;
    return p;
}

static inline bool rnsi_read_copy(rnsi_reader_t *r, void *out, size_t size) {
    const uint8_t *p = rnsi_read_view(r, size);
    if (p == NULL) {
        memset(out, 0, size);
        return false;
    }
    memcpy(out, p, size);
    return true;
}

static inline uint8_t rnsi_read8(rnsi_reader_t *r) {
    const uint8_t *p = rnsi_read_view(r, 1);
    return p ? p[0] : 0;
}

static inline uint16_t rnsi_read16(rnsi_reader_t *r) {
    const uint8_t *p = rnsi_read_view(r, 2);
    return p ? rnsi_get16(p) : 0;
}

static inline uint32_t rnsi_read32(rnsi_reader_t *r) {
    const uint8_t *p = rnsi_read_view(r, 4);
    return p ? rnsi_get32(p) : 0;
}

static inline uint64_t rnsi_read64(rnsi_reader_t *r) {
    const uint8_t *p = rnsi_read_view(r, 8);
    return p ? rnsi_get64(p) : 0;
}

// Writes forward into lent memory. A write past the end clears ok and writes nothing more.
typedef struct {
    uint8_t *start, *at, *end;
    bool ok;
} rnsi_writer_t;

static inline rnsi_writer_t rnsi_writer(rns_mem_t out) {
    rnsi_writer_t w = {out.data, out.data, out.data + out.size, true};
    return w;
}

static inline size_t rnsi_written(const rnsi_writer_t *w) {
    return (size_t)(w->at - w->start);
}

static inline uint8_t *rnsi_write_space(rnsi_writer_t *w, size_t size) {
    if (!w->ok || (size_t)(w->end - w->at) < size) {
        w->ok = false;
        return NULL;
    }
    uint8_t *p = w->at;
    w->at += size;
    return p;
}

static inline void rnsi_write(rnsi_writer_t *w, const void *data, size_t size) {
    uint8_t *p = rnsi_write_space(w, size);
    if (p != NULL && size > 0) {
        memcpy(p, data, size);
    }
}

static inline void rnsi_write8(rnsi_writer_t *w, uint8_t v) {
    rnsi_write(w, &v, 1);
}

static inline void rnsi_write16(rnsi_writer_t *w, uint16_t v) {
    uint8_t b[2];
    rnsi_put16(b, v);
    rnsi_write(w, b, sizeof b);
}

static inline void rnsi_write32(rnsi_writer_t *w, uint32_t v) {
    uint8_t b[4];
    rnsi_put32(b, v);
    rnsi_write(w, b, sizeof b);
}

static inline void rnsi_write64(rnsi_writer_t *w, uint64_t v) {
    uint8_t b[8];
    rnsi_put64(b, v);
    rnsi_write(w, b, sizeof b);
}

#endif
