// auto_token.c -- see auto_token.h. Follows AutoInterface.peer_announce and discovery_handler.
#include "host/interfaces/auto_token.h"

#include <string.h>

void auto_token(const rns_crypto_t *crypto, void *self, rns_bytes_t group_id, const char *address,
                uint8_t token[AUTO_TOKEN]) {
    rns_sha256_t hash;
    crypto->sha256_init(self, &hash);
    crypto->sha256_update(self, &hash, group_id.data, group_id.size);
    crypto->sha256_update(self, &hash, address, strlen(address));
    crypto->sha256_final(self, &hash, token);
}
