// link.c -- see link.h.
#include "wire/link.h"

#include "wire/msgpack.h"

#define MODE_SHIFT 5U
#define KEYS       64U // Link.ECPUBSIZE
#define SIGNATURE  64U
#define DAY_US     INT64_C(86400000000)

rnsi_signalling_t rnsi_signalling_get(const uint8_t *bytes) {
    const uint32_t value = (uint32_t)bytes[0] << 16 | (uint32_t)bytes[1] << 8 | bytes[2];
    const rnsi_signalling_t s = {value & RNSI_LINK_MTU_MASK,
                                 (uint8_t)((bytes[0] & RNSI_LINK_MODE_MASK) >> MODE_SHIFT), true};
    return s;
}

void rnsi_signalling_put(uint8_t *bytes, uint32_t mtu, uint8_t mode) {
    const uint32_t value = mtu & RNSI_LINK_MTU_MASK;
    bytes[0] = (uint8_t)(value >> 16 | ((unsigned)mode << MODE_SHIFT & RNSI_LINK_MODE_MASK));
    bytes[1] = (uint8_t)(value >> 8);
    bytes[2] = (uint8_t)value;
}

// What stands behind size bytes of keys and signatures. false: neither nothing nor signalling.
static bool get_end(rns_bytes_t data, size_t size, rnsi_signalling_t *s) {
    *s = (rnsi_signalling_t){RNS_MTU, RNSI_LINK_MODE_AES256, false};
    if (data.size == size + RNSI_SIGNALLING) {
        *s = rnsi_signalling_get(data.data + size);
    }
    return data.size == size || data.size == size + RNSI_SIGNALLING;
}

bool rnsi_link_request_parse(rns_bytes_t data, rnsi_link_request_t *request) {
    if (!get_end(data, KEYS, &request->signalling)) {
        return false;
    }
    request->x25519 = data.data;
    request->ed25519 = data.data + 32;
    return true;
}

bool rnsi_link_proof_parse(rns_bytes_t data, rnsi_link_proof_t *proof) {
    if (!get_end(data, SIGNATURE + 32, &proof->signalling)) {
        return false;
    }
    proof->signature = data.data;
    proof->x25519 = data.data + SIGNATURE;
    return true;
}

size_t rnsi_link_signed(uint8_t out[RNSI_LINK_SIGNED], const uint8_t link_id[16],
                        const uint8_t x25519[32], const uint8_t ed25519[32],
                        rnsi_signalling_t signalling) {
    memcpy(out, link_id, 16);
    memcpy(out + 16, x25519, 32);
    memcpy(out + 48, ed25519, 32);
    if (!signalling.is_given) {
        return RNSI_LINK_SIGNED - RNSI_SIGNALLING;
    }
    rnsi_signalling_put(out + 80, signalling.mtu, signalling.mode);
    return RNSI_LINK_SIGNED;
}

void rnsi_link_rtt_put(uint8_t out[RNSI_LINK_RTT], rns_us_t rtt) {
    rnsi_writer_t w = rnsi_writer((rns_mem_t){out, RNSI_LINK_RTT});
    rnsi_msgpack_seconds(&w, rtt);
}

bool rnsi_link_rtt_get(rns_bytes_t in, rns_us_t *rtt) {
    rnsi_reader_t r = rnsi_reader(in);
    return rnsi_msgpack_read_seconds(&r, rtt) && *rtt >= 0 && *rtt <= DAY_US;
}
