// ifac.c -- see ifac.h. Follows RNS/Reticulum.py:_add_interface for the keys and RNS/Transport.py:
// handle_outgoing_ifac, handle_ifac for the frames.
#include "wire/ifac.h"

#include "crypto/hkdf.h"
#include "memory/bytes.h"
#include "wire/packet.h"

#define HEAD 2U // flags and hops stand before the code

static const uint8_t IFAC_SALT[32] = {
    0xad, 0xf5, 0x4d, 0x88, 0x2c, 0x9a, 0x9b, 0x80, 0x77, 0x1e, 0xb4, 0x99, 0x5d, 0x70, 0x2d, 0x4a,
    0x3e, 0x73, 0x33, 0x91, 0xb2, 0xa0, 0xf5, 0x3f, 0x41, 0x6d, 0x9f, 0x90, 0x7e, 0x55, 0xcf, 0xf8};

bool rnsi_ifac_derive(const rnsi_crypto_t *c, rns_bytes_t network_name, rns_bytes_t passphrase,
                      size_t size, rnsi_ifac_t *ifac) {
    uint8_t origin_secret[2 * RNSI_SHA256_SIZE], hash_secret[RNSI_SHA256_SIZE];
    size_t used = 0;
    if (size < RNSI_IFAC_MIN_SIZE || size > RNS_IFAC_MAX) {
        return false;
    }
    if (network_name.size > 0) {
        rnsi_sha256(c, network_name, origin_secret);
        used += RNSI_SHA256_SIZE;
    }
    if (passphrase.size > 0) {
        rnsi_sha256(c, passphrase, origin_secret + used);
        used += RNSI_SHA256_SIZE;
    }
    if (used == 0) {
        return false;
    }
    rnsi_sha256(c, (rns_bytes_t){origin_secret, used}, hash_secret);
    const bool ok = rnsi_hkdf(c, (rns_bytes_t){hash_secret, sizeof hash_secret},
                              (rns_bytes_t){IFAC_SALT, sizeof IFAC_SALT}, (rns_bytes_t){NULL, 0},
                              (rns_mem_t){ifac->key_secret, sizeof ifac->key_secret});
    // The key is an identity's private form: X25519, which nobody uses here, then the Ed25519 seed.
    c->v->ed25519_expand(c->self, &ifac->signer_secret, ifac->key_secret + 32, ifac->pub);
    ifac->size = (uint8_t)size;
    c->v->wipe(origin_secret, sizeof origin_secret);
    c->v->wipe(hash_secret, sizeof hash_secret);
    return ok;
}

void rnsi_ifac_signature(const rnsi_crypto_t *c, const rnsi_ifac_t *ifac, uint8_t signature[64]) {
    uint8_t hash[RNSI_SHA256_SIZE];
    rnsi_sha256(c, (rns_bytes_t){ifac->key_secret, sizeof ifac->key_secret}, hash);
    c->v->ed25519_sign(c->self, signature, &ifac->signer_secret, hash, sizeof hash);
}

static void xor_bytes(uint8_t *data, const uint8_t *mask, size_t size) {
    size_t i = 0;
    for (; size - i >= 8; i += 8) {
        uint64_t d, m;
        memcpy(&d, data + i, 8);
        memcpy(&m, mask + i, 8);
        d ^= m;
        memcpy(data + i, &d, 8);
    }
    for (; i < size; i++) {
        data[i] ^= mask[i];
    }
}

// Masks a frame whose code stands in its place, or unmasks it. The mask runs on under the code,
// which stays bare: it is put back at the end.
static void mask_frame(const rnsi_crypto_t *c, const rnsi_ifac_t *ifac, rns_mem_t frame) {
    uint8_t code[RNS_IFAC_MAX], block_secret[32];
    rnsi_hkdf_t stream;
    memcpy(code, frame.data + HEAD, ifac->size);
    (void)rnsi_hkdf_init(c, &stream, (rns_bytes_t){code, ifac->size},
                         (rns_bytes_t){ifac->key_secret, sizeof ifac->key_secret},
                         (rns_bytes_t){NULL, 0});
    for (size_t at = 0; at < frame.size; at += sizeof block_secret) {
        const size_t left = frame.size - at;
        rnsi_hkdf_next(c, &stream, block_secret);
        xor_bytes(frame.data + at, block_secret,
                  left < sizeof block_secret ? left : sizeof block_secret);
    }
    memcpy(frame.data + HEAD, code, ifac->size);
    rnsi_hkdf_wipe(c, &stream);
    c->v->wipe(block_secret, sizeof block_secret);
}

rns_mem_t rnsi_ifac_seal(const rnsi_crypto_t *c, const rnsi_ifac_t *ifac, rns_mem_t packet) {
    const size_t n = ifac->size;
    const rns_mem_t frame = {packet.data - n, packet.size + n};
    uint8_t signature[64];
    c->v->ed25519_sign(c->self, signature, &ifac->signer_secret, packet.data, packet.size);
    memmove(frame.data, packet.data, HEAD);
    memcpy(frame.data + HEAD, signature + sizeof signature - n, n);
    mask_frame(c, ifac, frame);
    frame.data[0] |= RNSI_FLAG_IFAC;
    c->v->wipe(signature, sizeof signature);
    return frame;
}

bool rnsi_ifac_unmask(const rnsi_crypto_t *c, const rnsi_ifac_t *ifac, rns_mem_t frame,
                      rns_mem_t *packet) {
    const size_t n = ifac->size;
    if (frame.size <= HEAD + n || (frame.data[0] & RNSI_FLAG_IFAC) == 0) {
        return false;
    }
    mask_frame(c, ifac, frame);
    const uint8_t flags = frame.data[0] & (uint8_t)~RNSI_FLAG_IFAC, hops = frame.data[1];
    memmove(frame.data, frame.data + HEAD, n);
    *packet = (rns_mem_t){frame.data + n, frame.size - n};
    packet->data[0] = flags;
    packet->data[1] = hops;
    return true;
}

bool rnsi_ifac_check(const rnsi_crypto_t *c, const rnsi_ifac_t *ifac, rns_bytes_t packet,
                     const uint8_t *code) {
    uint8_t signature[64];
    c->v->ed25519_sign(c->self, signature, &ifac->signer_secret, packet.data, packet.size);
    const bool fits = c->v->equal(signature + sizeof signature - ifac->size, code, ifac->size);
    c->v->wipe(signature, sizeof signature);
    return fits;
}
