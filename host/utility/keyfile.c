// keyfile.c -- see keyfile.h.
#include "host/utility/keyfile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/log.h"
#include "host/store_file.h"
#include "rns/providers.h"

#define KEYFILE_BYTES 64U

static void wipe(void *secret, size_t size) {
    rns_crypto_host.wipe(secret, size);
}

void keyfile_wipe(rns_secret_t *secret) {
    wipe(secret, sizeof *secret);
}

bool keyfile_write(const char *path, const rns_secret_t *secret) {
    uint8_t bytes_secret[KEYFILE_BYTES];
    memcpy(bytes_secret, secret->x25519, sizeof secret->x25519);
    memcpy(bytes_secret + sizeof secret->x25519, secret->ed25519, sizeof secret->ed25519);
    const bool good =
        store_file_write(path, 0600, true, (rns_bytes_t){bytes_secret, sizeof bytes_secret});
    wipe(bytes_secret, sizeof bytes_secret);
    return good;
}

keyfile_t keyfile_read(const char *path, rns_secret_t *secret) {
    uint8_t *bytes_secret = NULL;
    size_t size = 0;
    switch (store_file_read(path, KEYFILE_BYTES, &bytes_secret, &size)) {
    case STORE_FILE_READ:
        break;
    case STORE_FILE_ABSENT:
        return KEYFILE_ABSENT;
    case STORE_FILE_TOO_LARGE:
        return KEYFILE_BAD;
    case STORE_FILE_FAILED:
        return KEYFILE_FAILED;
    }
    const bool good = size == KEYFILE_BYTES;
    if (good) {
        memcpy(secret->x25519, bytes_secret, sizeof secret->x25519);
        memcpy(secret->ed25519, bytes_secret + sizeof secret->x25519, sizeof secret->ed25519);
    }
    wipe(bytes_secret, size);
    free(bytes_secret);
    return good ? KEYFILE_LOADED : KEYFILE_BAD;
}

keyfile_t keyfile_open(rns_node_t *node, const char *path, rns_secret_t *secret) {
    const keyfile_t read = keyfile_read(path, secret);
    if (read != KEYFILE_ABSENT) {
        return read;
    }
    if (rns_identity_new(node, secret) != RNS_ERR_OK) {
        errno = EIO;
        return KEYFILE_FAILED;
    }
    return keyfile_write(path, secret) ? KEYFILE_MADE : KEYFILE_FAILED;
}

bool keyfile_open_loudly(rns_node_t *node, const char *program, const char *path,
                         rns_secret_t *secret) {
    switch (keyfile_open(node, path, secret)) {
    case KEYFILE_LOADED:
        return true;
    case KEYFILE_MADE:
        log_line(LOG_LEVEL_INFO, "There was no identity for %s, so a new one was made in %s",
                 program, path);
        return true;
    case KEYFILE_BAD:
        log_line(LOG_LEVEL_ERROR,
                 "Could not load identity for %s: the file %s does not hold one (64 bytes)",
                 program, path);
        return false;
    case KEYFILE_ABSENT:
    case KEYFILE_FAILED:
        break;
    }
    log_line(LOG_LEVEL_ERROR, "Could not load identity for %s: the file %s: %s", program, path,
             strerror(errno));
    return false;
}
