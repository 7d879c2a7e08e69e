// scan.c -- see scan.h.
#include "wire/scan.h"

#ifdef __SSE2__
#include <emmintrin.h>

#define STEP 16U

// As rnsi_find, for the first of two bytes.
static size_t find_either(const uint8_t *s, size_t size, uint8_t a, uint8_t b) {
    const __m128i all_a = _mm_set1_epi8((char)a), all_b = _mm_set1_epi8((char)b);
    size_t i = 0;
    for (; size - i >= STEP; i += STEP) {
        const __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(s + i));
        const __m128i hits =
            _mm_or_si128(_mm_cmpeq_epi8(bytes, all_a), _mm_cmpeq_epi8(bytes, all_b));
        const unsigned mask = (unsigned)_mm_movemask_epi8(hits);
        if (mask != 0) {
            return i + (size_t)__builtin_ctz(mask);
        }
    }
    while (i < size && s[i] != a && s[i] != b) {
        i++;
    }
    return i;
}

size_t rnsi_find(const uint8_t *s, size_t size, uint8_t byte) {
    return find_either(s, size, byte, byte);
}
#else
#define EACH_BYTE UINT64_C(0x0101010101010101)

// Not zero exactly when one of the word's bytes is zero.
static uint64_t zero_byte(uint64_t word) {
    return (word - EACH_BYTE) & ~word & (EACH_BYTE << 7);
}

static uint64_t load(const uint8_t *s) {
    uint64_t word;
    memcpy(&word, s, sizeof word);
    return word;
}

size_t rnsi_find(const uint8_t *s, size_t size, uint8_t byte) {
    const uint64_t wanted = EACH_BYTE * byte;
    size_t i = 0;
    for (; size - i >= 16; i += 16) {
        const uint64_t first = zero_byte(load(s + i) ^ wanted);
        if ((first | zero_byte(load(s + i + 8) ^ wanted)) != 0) {
            i += first == 0 ? 8 : 0;
            break;
        }
    }
    while (i < size && s[i] != byte) {
        i++;
    }
    return i;
}

// As rnsi_find, for the first of two bytes.
static size_t find_either(const uint8_t *s, size_t size, uint8_t a, uint8_t b) {
    const uint64_t wanted_a = EACH_BYTE * a, wanted_b = EACH_BYTE * b;
    size_t i = 0;
    for (; size - i >= 8; i += 8) {
        const uint64_t word = load(s + i);
        if ((zero_byte(word ^ wanted_a) | zero_byte(word ^ wanted_b)) != 0) {
            break;
        }
    }
    while (i < size && s[i] != a && s[i] != b) {
        i++;
    }
    return i;
}
#endif

void rnsi_escape(rnsi_writer_t *w, const rnsi_escapes_t *escapes, rns_bytes_t in) {
    size_t at = 0;
    while (at < in.size) {
        const size_t run = find_either(in.data + at, in.size - at, escapes->flag, escapes->escape);
        rnsi_write(w, in.data + at, run);
        at += run;
        if (at < in.size) {
            const bool is_flag = in.data[at++] == escapes->flag;
            rnsi_write8(w, escapes->escape);
            rnsi_write8(w, is_flag ? escapes->escaped_flag : escapes->escaped_escape);
        }
    }
}

// Outside of a frame: everything up to the first flag is noise.
static rns_framing_t enter(rns_framing_stream_t *reader, uint8_t flag, rns_mem_t stream,
                           size_t *consumed) {
    const size_t noise = rnsi_find(stream.data, stream.size, flag);
    reader->open = noise < stream.size;
    reader->scanned = 0;
    *consumed = noise + (reader->open ? 1 : 0);
    return noise > 0 ? RNS_FRAMING_NOISE : RNS_FRAMING_MORE;
}

rns_framing_t rnsi_stream_next(rns_framing_stream_t *reader, uint8_t flag, rns_mem_t stream,
                               size_t *consumed, rns_mem_t *body) {
    size_t start = 0;
    *consumed = 0;
    *body = (rns_mem_t){NULL, 0};
    if (!reader->open) {
        const rns_framing_t verdict = enter(reader, flag, stream, consumed);
        if (verdict == RNS_FRAMING_NOISE || !reader->open) {
            return verdict;
        }
        start = *consumed;
    }
    // Flags in a row enclose nothing. Only the first frame of a call can have been scanned before.
    while (reader->scanned == 0 && start < stream.size && stream.data[start] == flag) {
        start++;
    }
    const size_t left = stream.size - start;
    const size_t scanned = reader->scanned < left ? reader->scanned : left;
    const size_t size = scanned + rnsi_find(stream.data + start + scanned, left - scanned, flag);
    if (size < left) {
        reader->scanned = 0;
        *consumed = start + size + 1;
        *body = (rns_mem_t){stream.data + start, size};
        return RNS_FRAMING_FRAME;
    }
    // No frame within the limit takes more than twice its bytes, and a command (KISS).
    if (reader->max_frame > 0 && left > 2 * reader->max_frame + 1) {
        reader->scanned = 0;
        reader->open = false;
        *consumed = stream.size;
        return RNS_FRAMING_OVERRUN;
    }
    reader->scanned = left;
    *consumed = start;
    return RNS_FRAMING_MORE;
}
