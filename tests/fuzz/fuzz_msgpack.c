// Any bytes as MessagePack. Each value read is written again, in the smallest form, and must read
// the same; skip must end where reading value by value ends.
#include <stdlib.h>
#include <string.h>

#include "wire/msgpack.h"
#include "fuzz.h"

static void write_again(rnsi_writer_t *w, const rnsi_msgpack_t *v) {
    switch (v->type) {
    case RNSI_MSGPACK_NIL:
        rnsi_msgpack_nil(w);
        break;
    case RNSI_MSGPACK_BOOL:
        rnsi_msgpack_bool(w, v->boolean);
        break;
    case RNSI_MSGPACK_UINT:
        rnsi_msgpack_uint(w, v->uint);
        break;
    case RNSI_MSGPACK_NEGATIVE:
        REQUIRE(v->negative < 0);
        rnsi_msgpack_int(w, v->negative);
        break;
    case RNSI_MSGPACK_FLOAT:
        rnsi_msgpack_float(w, v->real);
        break;
    case RNSI_MSGPACK_STR:
        rnsi_msgpack_str(w, v->bytes);
        break;
    case RNSI_MSGPACK_BIN:
        rnsi_msgpack_bin(w, v->bytes);
        break;
    case RNSI_MSGPACK_ARRAY:
        rnsi_msgpack_array(w, v->count);
        break;
    case RNSI_MSGPACK_MAP:
        rnsi_msgpack_map(w, v->count);
        break;
    case RNSI_MSGPACK_EXT: // has no writer: nothing we send uses it
        rnsi_msgpack_bin(w, v->bytes);
        break;
    }
}

// NaNs too must come back bit by bit.
static uint64_t bits_of(double real) {
    uint64_t bits;
    memcpy(&bits, &real, sizeof bits);
    return bits;
}

static bool same(const rnsi_msgpack_t *a, const rnsi_msgpack_t *b) {
    return a->type == b->type && a->boolean == b->boolean && a->uint == b->uint &&
           a->negative == b->negative && bits_of(a->real) == bits_of(b->real) &&
           a->count == b->count && a->bytes.size == b->bytes.size &&
           (a->bytes.size == 0 || memcmp(a->bytes.data, b->bytes.data, a->bytes.size) == 0);
}

static void check_value(const rnsi_msgpack_t *v, size_t took) {
    const size_t room = v->bytes.size + 9 + 2 * (size_t)v->count;
    uint8_t *out = calloc(1, room);
    REQUIRE(out != NULL);
    rnsi_writer_t w = rnsi_writer((rns_mem_t){out, room});
    write_again(&w, v);
    REQUIRE(w.ok);
    // A float of 32 bits is written with 64; everything else takes no more bytes than it had.
    REQUIRE(rnsi_written(&w) <= took || v->type == RNSI_MSGPACK_FLOAT);
    rnsi_reader_t r = rnsi_reader((rns_bytes_t){out, room});
    rnsi_msgpack_t again;
    REQUIRE(rnsi_msgpack_read(&r, &again) && r.at == w.at);
    if (v->type != RNSI_MSGPACK_EXT) {
        REQUIRE(same(v, &again));
    }
    free(out);
}

// One value with all that is in it.
static bool read_whole(rnsi_reader_t *r, rns_bytes_t in) {
    for (uint64_t due = 1; due > 0; due--) {
        const uint8_t *start = r->at;
        rnsi_msgpack_t v;
        if (!rnsi_msgpack_read(r, &v)) {
            return false;
        }
        REQUIRE(r->at > start && r->at <= in.data + in.size);
        REQUIRE(v.bytes.size == 0 ||
                (v.bytes.data > start && v.bytes.data + v.bytes.size == r->at));
        check_value(&v, (size_t)(r->at - start));
        due += v.type == RNSI_MSGPACK_MAP ? 2 * (uint64_t)v.count : v.count;
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const rns_bytes_t in = {data, size};
    rnsi_reader_t reading = rnsi_reader(in), skipping = rnsi_reader(in);
    const bool whole = read_whole(&reading, in);
    REQUIRE(rnsi_msgpack_skip(&skipping) == whole);
    REQUIRE(!whole || reading.at == skipping.at);
    REQUIRE(reading.ok == whole && skipping.ok == whole);
    return 0;
}
