// msgpack.c -- see msgpack.h. Follows RNS/vendor/umsgpack.py.
#include "wire/msgpack.h"

#include "wire/seconds.h"

#define US_A_SECOND 1000000
#define MOST_S      9000000000000 // INT64_MAX is 9.2e12 of them

_Static_assert(sizeof(double) == 8 && sizeof(float) == 4, "IEEE 754 doubles and floats");

static bool fail(rnsi_reader_t *r) {
    r->ok = false;
    return false;
}

// A run of bytes below 128 is checked 8 at a time.
static size_t ascii_run(const uint8_t *s, size_t size) {
    size_t i = 0;
    for (; size - i >= 8; i += 8) {
        uint64_t word;
        memcpy(&word, s + i, 8);
        if ((word & UINT64_C(0x8080808080808080)) != 0) {
            break;
        }
    }
    while (i < size && s[i] < 0x80) {
        i++;
    }
    return i;
}

// Bytes of the character that starts with lead (128 or more), or 0; and the range of its second
// byte, which excludes overlong forms, surrogates and what lies above U+10FFFF.
static size_t utf8_lead(uint8_t lead, uint8_t *low, uint8_t *high) {
    *low = 0x80;
    *high = 0xBF;
    if (lead >= 0xC2 && lead <= 0xDF) {
        return 2;
    }
    if (lead >= 0xE0 && lead <= 0xEF) {
        *low = lead == 0xE0 ? 0xA0 : 0x80;
        *high = lead == 0xED ? 0x9F : 0xBF;
        return 3;
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
        *low = lead == 0xF0 ? 0x90 : 0x80;
        *high = lead == 0xF4 ? 0x8F : 0xBF;
        return 4;
    }
    return 0;
}

static bool is_utf8(const uint8_t *s, size_t size) {
    for (size_t i = ascii_run(s, size); i < size; i += ascii_run(s + i, size - i)) {
        uint8_t low, high;
        const size_t length = utf8_lead(s[i], &low, &high);
        if (length == 0 || size - i < length || s[i + 1] < low || s[i + 1] > high) {
            return false;
        }
        for (size_t k = 2; k < length; k++) {
            if ((s[i + k] & 0xC0U) != 0x80U) {
                return false;
            }
        }
        i += length;
    }
    return true;
}

// A big-endian size of 1 << power bytes.
static uint64_t read_sized(rnsi_reader_t *r, unsigned power) {
    switch (power) {
    case 0:
        return rnsi_read8(r);
    case 1:
        return rnsi_read16(r);
    case 2:
        return rnsi_read32(r);
    }
    return rnsi_read64(r);
}

static bool read_bytes(rnsi_reader_t *r, rnsi_msgpack_t *v, rnsi_msgpack_type_t type,
                       uint64_t size) {
    v->type = type;
    if (!r->ok || size > rnsi_read_left(r)) {
        return fail(r);
    }
    v->bytes.size = (size_t)size;
    v->bytes.data = rnsi_read_view(r, v->bytes.size);
    if (type == RNSI_MSGPACK_STR && !is_utf8(v->bytes.data, v->bytes.size)) {
        return fail(r);
    }
    return true;
}

static bool read_ext(rnsi_reader_t *r, rnsi_msgpack_t *v, uint64_t size) {
    const uint8_t type = rnsi_read8(r);
    v->ext_type = (int8_t)(type < 0x80 ? type : type - 0x100);
    return read_bytes(r, v, RNSI_MSGPACK_EXT, size);
}

// Each item takes a byte at least, so more items than bytes are refused before anyone counts on
// them.
static bool read_items(rnsi_reader_t *r, rnsi_msgpack_t *v, rnsi_msgpack_type_t type,
                       uint64_t count) {
    const uint64_t values = type == RNSI_MSGPACK_MAP ? 2 * count : count;
    v->type = type;
    v->count = (uint32_t)count;
    return r->ok && values <= rnsi_read_left(r) ? true : fail(r);
}

static bool set_uint(rnsi_reader_t *r, rnsi_msgpack_t *v, uint64_t value) {
    v->type = RNSI_MSGPACK_UINT;
    v->uint = value;
    return r->ok;
}

// value has 8 << power bits in two's complement.
static bool set_signed(rnsi_reader_t *r, rnsi_msgpack_t *v, unsigned power, uint64_t value) {
    const uint64_t sign = UINT64_C(1) << ((8U << power) - 1);
    if ((value & sign) == 0) {
        return set_uint(r, v, value);
    }
    // Minus what is missing to zero, written so that INT64_MIN does not overflow on the way.
    const uint64_t below = (~value & (sign - 1));
    v->type = RNSI_MSGPACK_NEGATIVE;
    v->negative = -(int64_t)below - 1;
    return r->ok;
}

static bool read_float32(rnsi_reader_t *r, rnsi_msgpack_t *v) {
    const uint64_t bits = rnsi_double_of_single(rnsi_read32(r));
    memcpy(&v->real, &bits, sizeof v->real);
    v->type = RNSI_MSGPACK_FLOAT;
    return r->ok;
}

static bool read_float64(rnsi_reader_t *r, rnsi_msgpack_t *v) {
    const uint64_t bits = rnsi_read64(r);
    memcpy(&v->real, &bits, sizeof v->real);
    v->type = RNSI_MSGPACK_FLOAT;
    return r->ok;
}

// The codes 0xC0 to 0xDF, where the low bits of a family say how many bytes its number has.
static bool read_long(rnsi_reader_t *r, rnsi_msgpack_t *v, uint8_t code) {
    switch (code) {
    case 0xC0:
        v->type = RNSI_MSGPACK_NIL;
        return true;
    case 0xC2:
    case 0xC3:
        v->type = RNSI_MSGPACK_BOOL;
        v->boolean = code == 0xC3;
        return true;
    case 0xC4:
    case 0xC5:
    case 0xC6:
        return read_bytes(r, v, RNSI_MSGPACK_BIN, read_sized(r, code - 0xC4U));
    case 0xC7:
    case 0xC8:
    case 0xC9:
        return read_ext(r, v, read_sized(r, code - 0xC7U));
    case 0xCA:
        return read_float32(r, v);
    case 0xCB:
        return read_float64(r, v);
    case 0xCC:
    case 0xCD:
    case 0xCE:
    case 0xCF:
        return set_uint(r, v, read_sized(r, code - 0xCCU));
    case 0xD0:
    case 0xD1:
    case 0xD2:
    case 0xD3:
        return set_signed(r, v, code - 0xD0U, read_sized(r, code - 0xD0U));
    case 0xD4:
    case 0xD5:
    case 0xD6:
    case 0xD7:
    case 0xD8:
        return read_ext(r, v, UINT64_C(1) << (code - 0xD4U));
    case 0xD9:
    case 0xDA:
    case 0xDB:
        return read_bytes(r, v, RNSI_MSGPACK_STR, read_sized(r, code - 0xD9U));
    case 0xDC:
    case 0xDD:
        return read_items(r, v, RNSI_MSGPACK_ARRAY, read_sized(r, code - 0xDBU));
    case 0xDE:
    case 0xDF:
        return read_items(r, v, RNSI_MSGPACK_MAP, read_sized(r, code - 0xDDU));
    }
    return fail(r); // 0xC1 is reserved
}

bool rnsi_msgpack_read(rnsi_reader_t *r, rnsi_msgpack_t *value) {
    *value = (rnsi_msgpack_t){.type = RNSI_MSGPACK_NIL};
    const uint8_t code = rnsi_read8(r);
    if (!r->ok) {
        return false;
    }
    if (code < 0x80) {
        return set_uint(r, value, code);
    }
    if (code < 0x90) {
        return read_items(r, value, RNSI_MSGPACK_MAP, code & 0x0FU);
    }
    if (code < 0xA0) {
        return read_items(r, value, RNSI_MSGPACK_ARRAY, code & 0x0FU);
    }
    if (code < 0xC0) {
        return read_bytes(r, value, RNSI_MSGPACK_STR, code & 0x1FU);
    }
    if (code < 0xE0) {
        return read_long(r, value, code);
    }
    return set_signed(r, value, 0, code);
}

bool rnsi_msgpack_skip(rnsi_reader_t *r) {
    // Values still to come, at whatever depth: bounded by the bytes left, so it cannot overflow.
    uint64_t due = 1;
    while (due > 0) {
        rnsi_msgpack_t v;
        if (!rnsi_msgpack_read(r, &v)) {
            return false;
        }
        due--;
        if (v.type == RNSI_MSGPACK_ARRAY) {
            due += v.count;
        } else if (v.type == RNSI_MSGPACK_MAP) {
            due += 2 * (uint64_t)v.count;
        }
        if (due > rnsi_read_left(r)) {
            return fail(r);
        }
    }
    return true;
}

static bool read_type(rnsi_reader_t *r, rnsi_msgpack_t *v, rnsi_msgpack_type_t type) {
    return rnsi_msgpack_read(r, v) && (v->type == type || fail(r));
}

bool rnsi_msgpack_read_bool(rnsi_reader_t *r, bool *value) {
    rnsi_msgpack_t v;
    const bool ok = read_type(r, &v, RNSI_MSGPACK_BOOL);
    *value = ok && v.boolean;
    return ok;
}

bool rnsi_msgpack_read_uint(rnsi_reader_t *r, uint64_t *value) {
    rnsi_msgpack_t v;
    const bool ok = read_type(r, &v, RNSI_MSGPACK_UINT);
    *value = ok ? v.uint : 0;
    return ok;
}

bool rnsi_msgpack_as_seconds(const rnsi_msgpack_t *value, int64_t *us) {
    uint64_t bits;
    switch (value->type) {
    case RNSI_MSGPACK_FLOAT:
        memcpy(&bits, &value->real, sizeof bits);
        *us = rnsi_us_of_seconds(bits);
        return true;
    case RNSI_MSGPACK_UINT:
        *us = value->uint <= MOST_S ? (int64_t)value->uint * US_A_SECOND : INT64_MAX;
        return true;
    case RNSI_MSGPACK_NEGATIVE:
        *us = value->negative >= -MOST_S ? value->negative * US_A_SECOND : INT64_MIN;
        return true;
    default:
        return false;
    }
}

bool rnsi_msgpack_read_seconds(rnsi_reader_t *r, int64_t *us) {
    rnsi_msgpack_t v;
    *us = 0;
    return rnsi_msgpack_read(r, &v) && (rnsi_msgpack_as_seconds(&v, us) || fail(r));
}

bool rnsi_msgpack_read_str(rnsi_reader_t *r, rns_bytes_t *value) {
    rnsi_msgpack_t v;
    const bool ok = read_type(r, &v, RNSI_MSGPACK_STR);
    *value = ok ? v.bytes : (rns_bytes_t){NULL, 0};
    return ok;
}

bool rnsi_msgpack_read_bin(rnsi_reader_t *r, rns_bytes_t *value) {
    rnsi_msgpack_t v;
    const bool ok = read_type(r, &v, RNSI_MSGPACK_BIN);
    *value = ok ? v.bytes : (rns_bytes_t){NULL, 0};
    return ok;
}

bool rnsi_msgpack_read_array(rnsi_reader_t *r, uint32_t *count) {
    rnsi_msgpack_t v;
    const bool ok = read_type(r, &v, RNSI_MSGPACK_ARRAY);
    *count = ok ? v.count : 0;
    return ok;
}

bool rnsi_msgpack_read_map(rnsi_reader_t *r, uint32_t *pairs) {
    rnsi_msgpack_t v;
    const bool ok = read_type(r, &v, RNSI_MSGPACK_MAP);
    *pairs = ok ? v.count : 0;
    return ok;
}

bool rnsi_msgpack_is(const rnsi_msgpack_t *value, rns_bytes_t text) {
    return value->type == RNSI_MSGPACK_STR && value->bytes.size == text.size &&
           memcmp(value->bytes.data, text.data, text.size) == 0;
}

void rnsi_msgpack_nil(rnsi_writer_t *w) {
    rnsi_write8(w, 0xC0);
}

void rnsi_msgpack_bool(rnsi_writer_t *w, bool value) {
    rnsi_write8(w, value ? 0xC3 : 0xC2);
}

// code is the one of the family's 8-bit form; those of 16, 32 and 64 bits follow it.
static void write_sized(rnsi_writer_t *w, uint8_t code, uint64_t value) {
    if (value <= UINT8_MAX) {
        rnsi_write8(w, code);
        rnsi_write8(w, (uint8_t)value);
    } else if (value <= UINT16_MAX) {
        rnsi_write8(w, (uint8_t)(code + 1U));
        rnsi_write16(w, (uint16_t)value);
    } else if (value <= UINT32_MAX) {
        rnsi_write8(w, (uint8_t)(code + 2U));
        rnsi_write32(w, (uint32_t)value);
    } else {
        rnsi_write8(w, (uint8_t)(code + 3U));
        rnsi_write64(w, value);
    }
}

void rnsi_msgpack_uint(rnsi_writer_t *w, uint64_t value) {
    if (value < 0x80) {
        rnsi_write8(w, (uint8_t)value);
        return;
    }
    write_sized(w, 0xCC, value);
}

void rnsi_msgpack_int(rnsi_writer_t *w, int64_t value) {
    const uint64_t bits = (uint64_t)value;
    if (value >= 0) {
        rnsi_msgpack_uint(w, bits);
    } else if (value >= -32) {
        rnsi_write8(w, (uint8_t)bits);
    } else if (value >= INT8_MIN) {
        rnsi_write8(w, 0xD0);
        rnsi_write8(w, (uint8_t)bits);
    } else if (value >= INT16_MIN) {
        rnsi_write8(w, 0xD1);
        rnsi_write16(w, (uint16_t)bits);
    } else if (value >= INT32_MIN) {
        rnsi_write8(w, 0xD2);
        rnsi_write32(w, (uint32_t)bits);
    } else {
        rnsi_write8(w, 0xD3);
        rnsi_write64(w, bits);
    }
}

void rnsi_msgpack_float(rnsi_writer_t *w, double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    rnsi_write8(w, 0xCB);
    rnsi_write64(w, bits);
}

void rnsi_msgpack_seconds(rnsi_writer_t *w, int64_t us) {
    rnsi_write8(w, 0xCB);
    rnsi_write64(w, rnsi_seconds_of_us(us));
}

// Strings and bytes have no size of 64 bits. (A parameter, since size_t may have 32.)
static bool check_size(rnsi_writer_t *w, uint64_t size) {
    w->ok = w->ok && size <= UINT32_MAX;
    return w->ok;
}

void rnsi_msgpack_str(rnsi_writer_t *w, rns_bytes_t text) {
    if (!check_size(w, text.size)) {
        return;
    }
    if (text.size < 32) {
        rnsi_write8(w, (uint8_t)(0xA0U | text.size));
    } else {
        write_sized(w, 0xD9, text.size);
    }
    rnsi_write(w, text.data, text.size);
}

void rnsi_msgpack_bin_head(rnsi_writer_t *w, uint32_t size) {
    write_sized(w, 0xC4, size);
}

void rnsi_msgpack_bin(rnsi_writer_t *w, rns_bytes_t bytes) {
    if (!check_size(w, bytes.size)) {
        return;
    }
    rnsi_msgpack_bin_head(w, (uint32_t)bytes.size);
    rnsi_write(w, bytes.data, bytes.size);
}

// Arrays and maps have no 8-bit form.
static void write_items(rnsi_writer_t *w, uint8_t fix, uint8_t code, uint32_t count) {
    if (count < 16) {
        rnsi_write8(w, (uint8_t)(fix | count));
    } else if (count <= UINT16_MAX) {
        rnsi_write8(w, code);
        rnsi_write16(w, (uint16_t)count);
    } else {
        rnsi_write8(w, (uint8_t)(code + 1U));
        rnsi_write32(w, count);
    }
}

void rnsi_msgpack_array(rnsi_writer_t *w, uint32_t count) {
    write_items(w, 0x90, 0xDC, count);
}

void rnsi_msgpack_map(rnsi_writer_t *w, uint32_t pairs) {
    write_items(w, 0x80, 0xDE, pairs);
}
