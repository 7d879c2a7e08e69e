#include "wire/resource.h"

#include "wire/msgpack.h"

// ---- Advertisement (ResourceAdvertisement.pack, unpack)

#define ADV_PAIRS 11U

static void put_key(rnsi_writer_t *w, char key) {
    rnsi_msgpack_str(w, (rns_bytes_t){(const uint8_t *)&key, 1});
}

static void put_uint(rnsi_writer_t *w, char key, uint64_t value) {
    put_key(w, key);
    rnsi_msgpack_uint(w, value);
}

static void put_bin(rnsi_writer_t *w, char key, const uint8_t *data, size_t size) {
    put_key(w, key);
    rnsi_msgpack_bin(w, (rns_bytes_t){data, size});
}

size_t rnsi_adv_write(rns_mem_t out, const rnsi_adv_t *adv) {
    rnsi_writer_t w = rnsi_writer(out);
    rnsi_msgpack_map(&w, ADV_PAIRS);
    put_uint(&w, 't', adv->transfer);
    put_uint(&w, 'd', adv->size);
    put_uint(&w, 'n', adv->parts);
    put_bin(&w, 'h', adv->hash, RNSI_RESOURCE_HASH);
    put_bin(&w, 'r', adv->random, RNSI_RESOURCE_RANDOM);
    put_bin(&w, 'o', adv->original, RNSI_RESOURCE_HASH);
    put_uint(&w, 'i', adv->segment);
    put_uint(&w, 'l', adv->segments);
    if (adv->request_id != NULL) {
        put_bin(&w, 'q', adv->request_id, sizeof((rns_hash_t *)0)->b);
    } else {
        put_key(&w, 'q');
        rnsi_msgpack_nil(&w);
    }
    put_uint(&w, 'f', adv->flags);
    put_bin(&w, 'm', adv->map.data, adv->map.size);
    return w.ok ? rnsi_written(&w) : 0;
}

static bool get_uint(const rnsi_msgpack_t *value, uint64_t most, uint64_t *out) {
    *out = value->uint;
    return value->type == RNSI_MSGPACK_UINT && value->uint <= most;
}

static bool get_uint32(const rnsi_msgpack_t *value, uint32_t most, uint32_t *out) {
    uint64_t wide;
    const bool ok = get_uint(value, most, &wide);
    *out = (uint32_t)wide;
    return ok;
}

static bool get_bin(const rnsi_msgpack_t *value, size_t size, const uint8_t **out) {
    *out = value->bytes.data;
    return value->type == RNSI_MSGPACK_BIN && value->bytes.size == size;
}

static bool get_flags(const rnsi_msgpack_t *value, uint8_t *flags) {
    uint64_t wide;
    const bool ok = get_uint(value, UINT8_MAX, &wide);
    *flags = (uint8_t)wide;
    return ok;
}

// The value of one key; false: it is not what it must be.
static bool get_value(rnsi_adv_t *adv, uint8_t key, const rnsi_msgpack_t *value) {
    switch (key) {
    case 't':
        return get_uint32(value, RNSI_RESOURCE_TRANSFER, &adv->transfer);
    case 'd':
        return get_uint(value, UINT64_MAX, &adv->size);
    case 'n':
        return get_uint32(value, UINT32_MAX, &adv->parts);
    case 'h':
        return get_bin(value, RNSI_RESOURCE_HASH, &adv->hash);
    case 'r':
        return get_bin(value, RNSI_RESOURCE_RANDOM, &adv->random);
    case 'o':
        return get_bin(value, RNSI_RESOURCE_HASH, &adv->original);
    case 'i':
        return get_uint32(value, UINT32_MAX, &adv->segment);
    case 'l':
        return get_uint32(value, UINT32_MAX, &adv->segments);
    case 'q':
        return value->type == RNSI_MSGPACK_NIL ||
               get_bin(value, sizeof((rns_hash_t *)0)->b, &adv->request_id);
    case 'f':
        return get_flags(value, &adv->flags);
    case 'm':
        adv->map = value->bytes;
        return value->type == RNSI_MSGPACK_BIN;
    default:
        return true;
    }
}

static const uint8_t KEYS[ADV_PAIRS] = {'t', 'd', 'n', 'h', 'r', 'o', 'i', 'l', 'q', 'f', 'm'};

// Its bit; 0: unknown.
static uint32_t bit_of(uint8_t key) {
    for (uint32_t i = 0; i < ADV_PAIRS; i++) {
        if (KEYS[i] == key) {
            return UINT32_C(1) << i;
        }
    }
    return 0;
}

bool rnsi_adv_read(rns_bytes_t in, rnsi_adv_t *adv) {
    rnsi_reader_t r = rnsi_reader(in);
    uint32_t pairs, have = 0;
    *adv = (rnsi_adv_t){.size = 0};
    if (!rnsi_msgpack_read_map(&r, &pairs)) {
        return false;
    }
    for (uint32_t i = 0; i < pairs; i++) {
        rnsi_msgpack_t key, value;
        if (!rnsi_msgpack_read(&r, &key) || key.type != RNSI_MSGPACK_STR || key.bytes.size != 1) {
            return false;
        }
        const uint32_t bit = bit_of(key.bytes.data[0]);
        if (bit == 0) {
            if (!rnsi_msgpack_skip(&r)) {
                return false;
            }
            continue;
        }
        if (!rnsi_msgpack_read(&r, &value) || !get_value(adv, key.bytes.data[0], &value)) {
            return false;
        }
        have |= bit;
    }
    return have == (UINT32_C(1) << ADV_PAIRS) - 1;
}

// ---- Request for parts (Resource.request_next, request)

size_t rnsi_req_write(rns_mem_t out, const uint8_t *last, const uint8_t hash[32]) {
    rnsi_writer_t w = rnsi_writer(out);
    rnsi_write8(&w, last != NULL ? RNSI_REQ_EXHAUSTED : RNSI_REQ_NOT_EXHAUSTED);
    if (last != NULL) {
        rnsi_write(&w, last, RNSI_MAPHASH_SIZE);
    }
    rnsi_write(&w, hash, RNSI_RESOURCE_HASH);
    return w.ok ? rnsi_written(&w) : 0;
}

bool rnsi_req_read(rns_bytes_t in, rnsi_req_t *req) {
    rnsi_reader_t r = rnsi_reader(in);
    req->last = NULL;
    if (rnsi_read8(&r) == RNSI_REQ_EXHAUSTED) {
        req->last = rnsi_read_view(&r, RNSI_MAPHASH_SIZE);
    }
    req->hash = rnsi_read_view(&r, RNSI_RESOURCE_HASH);
    const size_t left = r.ok ? rnsi_read_left(&r) : 0;
    req->map = (rns_bytes_t){r.at, left - left % RNSI_MAPHASH_SIZE};
    return r.ok;
}

// ---- More map hashes (Resource.request, hashmap_update_packet)

size_t rnsi_hmu_write(rns_mem_t out, const rnsi_hmu_t *hmu) {
    rnsi_writer_t w = rnsi_writer(out);
    rnsi_write(&w, hmu->hash, RNSI_RESOURCE_HASH);
    rnsi_msgpack_array(&w, 2);
    rnsi_msgpack_uint(&w, hmu->number);
    rnsi_msgpack_bin(&w, hmu->map);
    return w.ok ? rnsi_written(&w) : 0;
}

bool rnsi_hmu_read(rns_bytes_t in, rnsi_hmu_t *hmu) {
    rnsi_reader_t r = rnsi_reader(in);
    uint32_t count;
    uint64_t number;
    hmu->hash = rnsi_read_view(&r, RNSI_RESOURCE_HASH);
    if (!rnsi_msgpack_read_array(&r, &count) || count < 2 || !rnsi_msgpack_read_uint(&r, &number) ||
        number > UINT32_MAX || !rnsi_msgpack_read_bin(&r, &hmu->map)) {
        return false;
    }
    hmu->number = (uint32_t)number;
    return true;
}
