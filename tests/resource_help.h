// resource_help.h -- sources and sinks of any size without their bytes in memory: what stands at a
// place of the data follows from the place.
#ifndef RESOURCE_HELP_H_INCLUDED
#define RESOURCE_HELP_H_INCLUDED

#include "pair_help.h"
#include "session/resource.h"

typedef struct {
    uint64_t size;
    uint64_t seed;
    bool dull;           // the data can be packed
    uint64_t lies_after; // reads that begin after so many bytes were read give something else
    uint64_t read;       // bytes so far
    bool is_short;       // ... or nothing
} tape_t;

static inline uint8_t tape_byte(const tape_t *tape, uint64_t at) {
    uint64_t state = tape->seed + at / 8;
    return (uint8_t)(tape->dull ? at / 97 % 7 + 'a' : pair_dice(&state) >> at % 8 * 8);
}

static inline void tape_fill(const tape_t *tape, uint64_t at, rns_mem_t out) {
    for (size_t i = 0; i < out.size; i++) {
        out.data[i] = tape_byte(tape, at + i);
    }
}

static inline size_t tape_read(void *user, uint64_t offset, rns_mem_t out) {
    tape_t *tape = user;
    const uint64_t left = offset < tape->size ? tape->size - offset : 0;
    const size_t size = left < out.size ? (size_t)left : out.size;
    tape_fill(tape, offset, (rns_mem_t){out.data, size});
    if (tape->lies_after != 0 && tape->read >= tape->lies_after && size > 0) {
        if (tape->is_short) {
            return size - 1;
        }
        out.data[0] ^= 1;
    }
    tape->read += size;
    return size;
}

// Compares what comes with a tape.
typedef struct {
    tape_t tape;
    uint64_t got, committed; // bytes
    unsigned commits, aborts, refusals;
    unsigned refuses;      // so many of the next writes
    unsigned refuse_every; // and each such one
    unsigned writes;
    bool fails; // commit does
    bool wrong; // something else came
} reel_t;

static inline bool reel_write(void *user, rns_bytes_t data) {
    reel_t *reel = user;
    reel->writes++;
    if (reel->refuses > 0 || (reel->refuse_every != 0 && reel->writes % reel->refuse_every == 0)) {
        reel->refuses -= reel->refuses > 0;
        reel->refusals++;
        return false;
    }
    for (size_t i = 0; i < data.size; i++) {
        reel->wrong = reel->wrong || data.data[i] != tape_byte(&reel->tape, reel->got + i);
    }
    reel->got += data.size;
    return true;
}

static inline bool reel_commit(void *user) {
    reel_t *reel = user;
    reel->commits++;
    reel->committed = reel->got;
    return !reel->fails;
}

static inline void reel_abort(void *user) {
    reel_t *reel = user;
    reel->aborts++;
    reel->got = reel->committed;
}

static inline rns_source_t source_of(tape_t *tape) {
    return (rns_source_t){tape_read, tape};
}

static inline rns_sink_t sink_of(reel_t *reel) {
    return (rns_sink_t){reel_write, reel_commit, reel_abort, reel};
}

#endif
