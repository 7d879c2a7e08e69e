#include "packets.h"

#include <openssl/sha.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FLAGS_ANNOUNCE  0x01U // HEADER_1, broadcast, SINGLE, ANNOUNCE
#define FLAGS_TRANSPORT 0x50U // HEADER_2, transport, SINGLE, DATA
#define FLAG_IFAC       0x80U
#define NAME_HASH_BYTES 10U
#define NAME            "reticule.bench"
#define BLOCK           64U // of SHA-256
#define SEALED_MAX      (FRAME_BYTES + IFAC_BYTES)

// HMAC with the two states after the key; HKDF asks for many blocks under one key.
typedef struct {
    SHA256_CTX inner, outer;
} hmac_t;

static void hmac_key(hmac_t *hmac, const uint8_t *key, size_t size) {
    uint8_t pad[BLOCK] = {0};
    memcpy(pad, key, size); // keys here are 64 bytes at most
    for (size_t i = 0; i < BLOCK; i++) {
        pad[i] ^= 0x36U;
    }
    SHA256_Init(&hmac->inner);
    SHA256_Update(&hmac->inner, pad, BLOCK);
    for (size_t i = 0; i < BLOCK; i++) {
        pad[i] ^= 0x36U ^ 0x5cU;
    }
    SHA256_Init(&hmac->outer);
    SHA256_Update(&hmac->outer, pad, BLOCK);
}

static void hmac_finish(const hmac_t *hmac, SHA256_CTX *inner, uint8_t tag[32]) {
    SHA256_CTX outer = hmac->outer;
    SHA256_Final(tag, inner);
    SHA256_Update(&outer, tag, 32);
    SHA256_Final(tag, &outer);
}

static void hkdf(uint8_t *out, size_t size, const uint8_t *ikm, size_t ikm_size,
                 const uint8_t *salt, size_t salt_size) {
    hmac_t hmac;
    uint8_t block[32];
    hmac_key(&hmac, salt, salt_size);
    SHA256_CTX inner = hmac.inner;
    SHA256_Update(&inner, ikm, ikm_size);
    hmac_finish(&hmac, &inner, block);
    hmac_key(&hmac, block, sizeof block);
    uint8_t counter = 0;
    for (size_t done = 0; done < size;) {
        inner = hmac.inner;
        if (done > 0) {
            SHA256_Update(&inner, block, sizeof block);
        }
        counter++;
        SHA256_Update(&inner, &counter, 1);
        hmac_finish(&hmac, &inner, block);
        size_t part = size - done < sizeof block ? size - done : sizeof block;
        memcpy(out + done, block, part);
        done += part;
    }
}

void ifac_derive(ifac_t *ifac, const char *name, const char *passphrase) {
    static const uint8_t salt[32] = {0xad, 0xf5, 0x4d, 0x88, 0x2c, 0x9a, 0x9b, 0x80,
                                     0x77, 0x1e, 0xb4, 0x99, 0x5d, 0x70, 0x2d, 0x4a,
                                     0x3e, 0x73, 0x33, 0x91, 0xb2, 0xa0, 0xf5, 0x3f,
                                     0x41, 0x6d, 0x9f, 0x90, 0x7e, 0x55, 0xcf, 0xf8};
    uint8_t origin[64], digest[32], public_key[32];
    size_t size = 0;
    const char *parts[] = {name, passphrase};
    for (size_t i = 0; i < 2; i++) {
        if (*parts[i]) {
            SHA256((const uint8_t *)parts[i], strlen(parts[i]), origin + size);
            size += 32;
        }
    }
    SHA256(origin, size, digest);
    hkdf(ifac->key, sizeof ifac->key, digest, sizeof digest, salt, sizeof salt);
    // As an identity is stored: X25519 first, then the Ed25519 seed.
    crypto_sign_seed_keypair(public_key, ifac->sign_key, ifac->key + 32);
    ifac->on = true;
}

static void ifac_code(const ifac_t *ifac, uint8_t code[IFAC_BYTES], const uint8_t *packet,
                      size_t size) {
    uint8_t signature[64];
    crypto_sign_detached(signature, NULL, packet, size, ifac->sign_key);
    memcpy(code, signature + sizeof signature - IFAC_BYTES, IFAC_BYTES);
}

size_t ifac_seal(const ifac_t *ifac, uint8_t *out, const uint8_t *packet, size_t size) {
    uint8_t mask[SEALED_MAX], code[IFAC_BYTES];
    size_t sealed = size + IFAC_BYTES;
    ifac_code(ifac, code, packet, size);
    hkdf(mask, sealed, code, sizeof code, ifac->key, sizeof ifac->key);
    out[0] = (uint8_t)((packet[0] ^ mask[0]) | FLAG_IFAC);
    out[1] = packet[1] ^ mask[1];
    memcpy(out + 2, code, IFAC_BYTES);
    for (size_t i = 2 + IFAC_BYTES; i < sealed; i++) {
        out[i] = packet[i - IFAC_BYTES] ^ mask[i];
    }
    return sealed;
}

bool ifac_unseal(const ifac_t *ifac, uint8_t *out, const uint8_t *sealed, size_t size) {
    uint8_t mask[SEALED_MAX], code[IFAC_BYTES], expected[IFAC_BYTES];
    if (size <= 2 + IFAC_BYTES || size > SEALED_MAX || !(sealed[0] & FLAG_IFAC)) {
        return false;
    }
    memcpy(code, sealed + 2, IFAC_BYTES);
    hkdf(mask, size, code, sizeof code, ifac->key, sizeof ifac->key);
    out[0] = (uint8_t)((sealed[0] ^ mask[0]) & ~FLAG_IFAC);
    out[1] = sealed[1] ^ mask[1];
    for (size_t i = 2 + IFAC_BYTES; i < size; i++) {
        out[i - IFAC_BYTES] = sealed[i] ^ mask[i];
    }
    ifac_code(ifac, expected, out, size - IFAC_BYTES);
    return memcmp(code, expected, IFAC_BYTES) == 0;
}

static void target_make(target_t *target, const uint8_t name_hash[NAME_HASH_BYTES]) {
    uint8_t public_key[64], sign_key[64], digest[32], material[NAME_HASH_BYTES + HASH_BYTES];
    // Nothing is encrypted here, so any 32 bytes do for the X25519 half.
    randombytes_buf(public_key, 32);
    crypto_sign_keypair(public_key + 32, sign_key);
    SHA256(public_key, sizeof public_key, digest);
    memcpy(material, name_hash, NAME_HASH_BYTES);
    memcpy(material + NAME_HASH_BYTES, digest, HASH_BYTES);
    SHA256(material, sizeof material, digest);
    memcpy(target->hash, digest, HASH_BYTES);

    uint8_t *packet = target->announce; // flags, hops, destination, context, then the body
    uint8_t signed_part[HASH_BYTES + 84];
    uint8_t *body = packet + 19;
    uint64_t emitted = (uint64_t)time(NULL);
    packet[0] = FLAGS_ANNOUNCE;
    packet[1] = 0;
    memcpy(packet + 2, target->hash, HASH_BYTES);
    packet[18] = 0;
    memcpy(body, public_key, 64);
    memcpy(body + 64, name_hash, NAME_HASH_BYTES);
    randombytes_buf(body + 74, 5);
    for (size_t i = 0; i < 5; i++) {
        body[79 + i] = (uint8_t)(emitted >> (8 * (4 - i)));
    }
    memcpy(signed_part, target->hash, HASH_BYTES);
    memcpy(signed_part + HASH_BYTES, body, 84);
    crypto_sign_detached(body + 84, NULL, signed_part, sizeof signed_part, sign_key);
}

target_t *targets_make(size_t count) {
    uint8_t digest[32];
    target_t *targets = bench_alloc(count, sizeof *targets);
    SHA256((const uint8_t *)NAME, strlen(NAME), digest);
    for (size_t i = 0; i < count; i++) {
        target_make(&targets[i], digest);
    }
    return targets;
}

static void store_open(store_t *store, size_t count, size_t packet_max) {
    store->bytes = bench_alloc(count, HDLC_ENCODED(packet_max + IFAC_BYTES));
    store->offset = bench_alloc(count + 1, sizeof *store->offset);
    store->lap_field = bench_alloc(count, sizeof *store->lap_field);
    store->count = 0;
}

static void store_add(store_t *store, const uint8_t *packet, size_t size, const ifac_t *ifac) {
    uint8_t sealed[SEALED_MAX];
    uint32_t at = store->offset[store->count];
    if (ifac->on) {
        size = ifac_seal(ifac, sealed, packet, size);
        packet = sealed;
    }
    store->count++;
    store->offset[store->count] = at + (uint32_t)hdlc_encode(store->bytes + at, packet, size);
}

void store_announces(store_t *store, const target_t *targets, size_t count, const ifac_t *ifac) {
    store_open(store, count, ANNOUNCE_BYTES);
    for (size_t i = 0; i < count; i++) {
        store_add(store, targets[i].announce, ANNOUNCE_BYTES, ifac);
    }
}

void store_data(store_t *store, const target_t *targets, size_t targets_count,
                const uint8_t transport_id[HASH_BYTES], size_t payload, size_t count,
                const ifac_t *ifac) {
    uint8_t packet[FRAME_BYTES] = {FLAGS_TRANSPORT};
    uint8_t head[HDLC_ENCODED(DATA_HEADER)];
    if (payload < PAYLOAD_MIN || payload > FRAME_BYTES - DATA_HEADER) {
        bench_die("payload size");
    }
    store_open(store, count, DATA_HEADER + payload);
    memcpy(packet + 2, transport_id, HASH_BYTES);
    for (size_t i = 0; i < count; i++) {
        memcpy(packet + 18, targets[i % targets_count].hash, HASH_BYTES);
        randombytes_buf(packet + DATA_HEADER, payload);
        memset(packet + DATA_HEADER, 'A', 4);
        // The head and its flag, without the closing flag: there the lap field begins.
        store->lap_field[i] = (uint16_t)(hdlc_encode(head, packet, DATA_HEADER) - 1);
        store_add(store, packet, DATA_HEADER + payload, ifac);
    }
}

void store_set_lap(store_t *store, size_t first, size_t count, uint32_t lap) {
    for (size_t i = first; i < first + count; i++) {
        uint8_t *field = store->bytes + store->offset[i] + store->lap_field[i];
        for (size_t digit = 0; digit < 4; digit++) {
            field[digit] = (uint8_t)('A' + ((lap >> (4 * digit)) & 15U)); // never a flag or escape
        }
    }
}

void store_free(store_t *store) {
    free(store->bytes);
    free(store->offset);
    free(store->lap_field);
    *store = (store_t){0};
}
