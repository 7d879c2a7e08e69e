// hash.c -- commands: hashes.
#include "bridge.h"

static json_t *sha256(call_t *call) {
    rns_mem_t data;
    if (!call_hex(call, "data", &data)) {
        return NULL;
    }
    uint8_t digest[32];
    rnsi_sha256(&call->bridge->crypto, (rns_bytes_t){data.data, data.size}, digest);
    return json_pack("{s:o}", "hash", hex_of(digest, sizeof digest));
}

const command_entry_t HASH_COMMANDS[] = {
    {"sha256", sha256},
    {NULL, NULL},
};
