// announce.c -- see announce.h. Follows RNS/Identity.py:validate_announce,
// RNS/Destination.py:announce, hash, and RNS/Transport.py:announce_emitted.
#include "wire/announce.h"

#include "crypto/identity.h"
#include "memory/bytes.h"

#define NOISE_SIZE 5U // of the random blob; the time follows

bool rnsi_announce_parse(const rnsi_packet_t *p, rnsi_announce_t *a) {
    if (p->type != RNSI_TYPE_ANNOUNCE || p->size > RNS_MTU) {
        return false;
    }
    rnsi_reader_t r = rnsi_reader(p->data);
    a->dest = p->dest;
    a->keys = rnsi_read_view(&r, RNSI_KEYS_SIZE);
    a->name_hash = rnsi_read_view(&r, RNSI_NAME_HASH_SIZE);
    a->random = rnsi_read_view(&r, RNSI_RANDOM_BLOB_SIZE);
    a->ratchet = p->context_flag ? rnsi_read_view(&r, RNSI_RATCHET_SIZE) : NULL;
    a->signature = rnsi_read_view(&r, RNSI_SIGNATURE_SIZE);
    // The reference tells none from empty by the size without a ratchet: with one, none is empty.
    const bool none = p->data.size <= RNSI_ANNOUNCE_MINSIZE;
    a->app_data = (rns_bytes_t){none ? NULL : r.at, rnsi_read_left(&r)};
    return r.ok;
}

uint64_t rnsi_announce_emitted(const uint8_t random[10]) {
    return (uint64_t)random[NOISE_SIZE] << 32 | rnsi_get32(random + NOISE_SIZE + 1);
}

void rnsi_announce_random(uint8_t random[10], const uint8_t noise[5], uint64_t emitted_s) {
    memcpy(random, noise, NOISE_SIZE);
    random[NOISE_SIZE] = (uint8_t)(emitted_s >> 32);
    rnsi_put32(random + NOISE_SIZE + 1, (uint32_t)emitted_s);
}

// What stands before the signature, in the data as in the signed bytes.
static void write_front(rnsi_writer_t *w, const rnsi_announce_t *a) {
    rnsi_write(w, a->keys, RNSI_KEYS_SIZE);
    rnsi_write(w, a->name_hash, RNSI_NAME_HASH_SIZE);
    rnsi_write(w, a->random, RNSI_RANDOM_BLOB_SIZE);
    if (a->ratchet != NULL) {
        rnsi_write(w, a->ratchet, RNSI_RATCHET_SIZE);
    }
}

size_t rnsi_announce_signed(const rnsi_announce_t *a, rns_mem_t out) {
    rnsi_writer_t w = rnsi_writer(out);
    rnsi_write(&w, a->dest, RNSI_ADDRESS_SIZE);
    write_front(&w, a);
    rnsi_write(&w, a->app_data.data, a->app_data.size);
    return w.ok ? rnsi_written(&w) : 0;
}

bool rnsi_announce_verify(const rnsi_crypto_t *c, const rnsi_announce_t *a) {
    uint8_t message[RNSI_ANNOUNCE_SIGNED_MAX];
    const size_t size = rnsi_announce_signed(a, (rns_mem_t){message, sizeof message});
    return size > 0 && rnsi_identity_verify(c, a->keys, (rns_bytes_t){message, size}, a->signature);
}

bool rnsi_announce_fits_dest(const rnsi_crypto_t *c, const rnsi_announce_t *a) {
    const rns_hash_t identity = rnsi_truncated_hash(c, (rns_bytes_t){a->keys, RNSI_KEYS_SIZE});
    uint8_t dest[RNSI_ADDRESS_SIZE];
    rnsi_destination_hash(c, a->name_hash, identity.b, dest);
    return memcmp(dest, a->dest, sizeof dest) == 0;
}

size_t rnsi_announce_build(const rnsi_crypto_t *c, const rns_signer_t *signer,
                           const rnsi_announce_t *a, rns_mem_t out) {
    uint8_t message[RNSI_ANNOUNCE_SIGNED_MAX];
    const size_t size = rnsi_announce_signed(a, (rns_mem_t){message, sizeof message});
    if (size == 0) {
        return 0;
    }
    rnsi_writer_t w = rnsi_writer(out);
    write_front(&w, a);
    uint8_t *signature = rnsi_write_space(&w, RNSI_SIGNATURE_SIZE);
    rnsi_write(&w, a->app_data.data, a->app_data.size);
    if (!w.ok) {
        return 0;
    }
    rnsi_identity_sign(c, signer, (rns_bytes_t){message, size}, signature);
    return rnsi_written(&w);
}

void rnsi_destination_name_hash(const rnsi_crypto_t *c, rns_bytes_t name, uint8_t hash[10]) {
    uint8_t full[RNSI_SHA256_SIZE];
    rnsi_sha256(c, name, full);
    memcpy(hash, full, RNSI_NAME_HASH_SIZE);
}

void rnsi_destination_hash(const rnsi_crypto_t *c, const uint8_t name_hash[10],
                           const uint8_t *identity_hash, uint8_t hash[16]) {
    uint8_t material[RNSI_NAME_HASH_SIZE + RNSI_ADDRESS_SIZE];
    size_t size = RNSI_NAME_HASH_SIZE;
    memcpy(material, name_hash, RNSI_NAME_HASH_SIZE);
    if (identity_hash != NULL) {
        memcpy(material + size, identity_hash, RNSI_ADDRESS_SIZE);
        size += RNSI_ADDRESS_SIZE;
    }
    const rns_hash_t full = rnsi_truncated_hash(c, (rns_bytes_t){material, size});
    memcpy(hash, full.b, RNSI_ADDRESS_SIZE);
}
