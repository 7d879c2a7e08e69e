// keys.h -- identities as parameters, and what commands about identities and ratchets share.
#ifndef CONFORMANCE_KEYS_H_INCLUDED
#define CONFORMANCE_KEYS_H_INCLUDED

#include "crypto/identity.h"
#include "lab.h"

#define KEYS_SECRET 64U // bytes of the keys of an identity

// A parameter of 64 bytes. False: it is none, and the call fails.
bool keys_secret(call_t *call, const char *name, rns_secret_t *secret);
bool keys_identity(call_t *call, const char *name, rnsi_identity_t *id); // the public keys

rnsi_identity_t keys_public(call_t *call, const rns_secret_t *secret);

// The result of encrypting to an X25519 key.
json_t *keys_encrypt(call_t *call, const uint8_t target[32], const rns_hash_t *salt,
                     rns_mem_t plain);

#endif
