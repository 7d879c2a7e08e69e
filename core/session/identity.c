// identity.c -- see rns/identity.h. What an application does with identities of its own.
#include "session/identity.h"

#include "wire/announce.h"

// Bytes of a name; 0: an empty part, or too long.
static size_t name_size(const char *name) {
    size_t size = 0, part = 0;
    for (; name[size] != 0; size++) {
        if (size == RNSI_DEST_NAME_MAX || (name[size] == '.' && part == 0)) {
            return 0;
        }
        part = name[size] == '.' ? 0 : part + 1;
    }
    return part > 0 ? size : 0;
}

bool rnsi_name_hash(const rns_node_t *node, const char *name, uint8_t hash[10]) {
    const size_t size = name != NULL ? name_size(name) : 0;
    if (size == 0) {
        return false;
    }
    rnsi_destination_name_hash(&node->crypto, (rns_bytes_t){(const uint8_t *)name, size}, hash);
    return true;
}

rns_err_t rns_identity_new(rns_node_t *node, rns_secret_t *secret) {
    if (rnsi_random_key(node, secret->x25519, sizeof secret->x25519) &&
        rnsi_random_key(node, secret->ed25519, sizeof secret->ed25519)) {
        return RNS_ERR_OK;
    }
    node->crypto.v->wipe(secret, sizeof *secret);
    return RNS_ERR_ENTROPY;
}

void rns_identity_public(rns_node_t *node, const rns_secret_t *secret, uint8_t pub[64],
                         rns_hash_t *hash) {
    rnsi_identity_t id;
    rns_signer_t signer_secret;
    rnsi_identity_from_secret(&node->crypto, &id, &signer_secret, secret);
    node->crypto.v->wipe(&signer_secret, sizeof signer_secret);
    memcpy(pub, id.pub, sizeof id.pub);
    *hash = id.hash;
}

void rns_identity_hash(rns_node_t *node, const uint8_t pub[64], rns_hash_t *hash) {
    *hash = rnsi_truncated_hash(&node->crypto, (rns_bytes_t){pub, RNSI_IDENTITY_PUB});
}

void rns_identity_sign(rns_node_t *node, const rns_secret_t *secret, rns_bytes_t message,
                       uint8_t signature[64]) {
    const rnsi_crypto_t *c = &node->crypto;
    uint8_t pub[32];
    rns_signer_t signer_secret;
    c->v->ed25519_expand(c->self, &signer_secret, secret->ed25519, pub);
    rnsi_identity_sign(c, &signer_secret, message, signature);
    c->v->wipe(&signer_secret, sizeof signer_secret);
}

bool rns_identity_verify(rns_node_t *node, const uint8_t pub[64], rns_bytes_t message,
                         const uint8_t signature[64]) {
    return rnsi_identity_verify(&node->crypto, pub, message, signature);
}

rns_err_t rns_destination_hash(rns_node_t *node, const char *name, const rns_hash_t *identity,
                               rns_hash_t *hash) {
    uint8_t name_hash[RNSI_NAME_HASH_SIZE];
    if (!rnsi_name_hash(node, name, name_hash)) {
        return RNS_ERR_ARG;
    }
    rnsi_destination_hash(&node->crypto, name_hash, identity != NULL ? identity->b : NULL, hash->b);
    return RNS_ERR_OK;
}
