// announce.h -- the announce: who is there, proved by a signature. And the names of destinations,
// since an announce binds name and identity to an address.
//
//   data = public keys 64 | name hash 10 | random 10 | [ratchet 32] | signature 64 | app_data
//
// The ratchet is there when the packet's context flag is set. The random bytes are 5 of noise and 5
// of the time of emission. The signature covers address, keys, name hash, random, ratchet and
// app_data.
#ifndef RNSI_ANNOUNCE_H_INCLUDED
#define RNSI_ANNOUNCE_H_INCLUDED

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rns/types.h"
#include "crypto/crypto.h"
#include "wire/packet.h"

#define RNSI_KEYS_SIZE        64U // RNS.Identity.KEYSIZE / 8
#define RNSI_NAME_HASH_SIZE   10U // RNS.Identity.NAME_HASH_LENGTH / 8
#define RNSI_RANDOM_BLOB_SIZE 10U
#define RNSI_RATCHET_SIZE     32U // RNS.Identity.RATCHETSIZE / 8
#define RNSI_SIGNATURE_SIZE   64U // RNS.Identity.SIGLENGTH / 8

#define RNSI_ANNOUNCE_MINSIZE  148U // data without ratchet and app_data
#define RNSI_ANNOUNCE_DATA_MAX (RNS_MTU - RNSI_HEADER_MINSIZE)
#define RNSI_ANNOUNCE_SIGNED_MAX                                                                   \
    (RNSI_ADDRESS_SIZE + RNSI_ANNOUNCE_DATA_MAX - RNSI_SIGNATURE_SIZE) // 433

// Views; they live as long as the packet, or as what the builder lent.
typedef struct {
    const uint8_t *dest;      // 16
    const uint8_t *keys;      // 64: X25519, then Ed25519
    const uint8_t *name_hash; // 10
    const uint8_t *random;    // 10
    const uint8_t *ratchet;   // 32, or NULL
    const uint8_t *signature; // 64
    rns_bytes_t app_data; // data NULL: none; data set and size 0: empty, as the reference has it
} rnsi_announce_t;

// false: not an announce, too short for its parts, or longer than RNS_MTU with its header.
bool rnsi_announce_parse(const rnsi_packet_t *p, rnsi_announce_t *a);

// Unix seconds of emission, 40 bits: the time base of all replay decisions.
uint64_t rnsi_announce_emitted(const uint8_t random[10]);
void rnsi_announce_random(uint8_t random[10], const uint8_t noise[5], uint64_t emitted_s);

// Gathers what the signature covers, at most RNSI_ANNOUNCE_SIGNED_MAX bytes; for a verification
// that is done elsewhere. Returns the size, or 0 if out is too small.
size_t rnsi_announce_signed(const rnsi_announce_t *a, rns_mem_t out);

// Signature only. Takes RNSI_ANNOUNCE_SIGNED_MAX bytes of stack; one Ed25519 verification.
bool rnsi_announce_verify(const rnsi_crypto_t *c, const rnsi_announce_t *a);

// Whether the address is the one of this name and these keys. Two SHA-256.
bool rnsi_announce_fits_dest(const rnsi_crypto_t *c, const rnsi_announce_t *a);

// Writes the announce's data into out, signed by the signer of a->keys; a->signature is not read.
// Returns the size, or 0 if it exceeds out or RNSI_ANNOUNCE_DATA_MAX. One Ed25519 signature.
size_t rnsi_announce_build(const rnsi_crypto_t *c, const rns_signer_t *signer,
                           const rnsi_announce_t *a, rns_mem_t out);

// The hash of "app.aspect.aspect", UTF-8, without identity.
void rnsi_destination_name_hash(const rnsi_crypto_t *c, rns_bytes_t name, uint8_t hash[10]);

// The address of a destination. identity_hash is NULL for PLAIN.
void rnsi_destination_hash(const rnsi_crypto_t *c, const uint8_t name_hash[10],
                           const uint8_t *identity_hash, uint8_t hash[16]);

#endif
