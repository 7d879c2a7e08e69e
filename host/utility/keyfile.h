// host/utility/keyfile.h -- identities in files: 64 bytes, as the reference writes them.
#ifndef HOST_UTILITY_KEYFILE_H_INCLUDED
#define HOST_UTILITY_KEYFILE_H_INCLUDED

#include "rns/identity.h"

typedef enum {
    KEYFILE_LOADED,
    KEYFILE_MADE,   // there was none: a new identity was written, for its owner's eyes only
    KEYFILE_BAD,    // not 64 bytes
    KEYFILE_FAILED, // errno says why
    KEYFILE_ABSENT, // of keyfile_read() alone
} keyfile_t;

// LOADED, ABSENT, BAD or FAILED. Wipe the secret when it is not needed any more (keyfile_wipe()).
keyfile_t keyfile_read(const char *path, rns_secret_t *secret);
// For its owner's eyes only; an older file is replaced. False: errno says why.
bool keyfile_write(const char *path, const rns_secret_t *secret);

// Makes an identity where there is no file; never ABSENT.
keyfile_t keyfile_open(rns_node_t *node, const char *path, rns_secret_t *secret);

// The same with lines for the user about all but LOADED; program is its name. False: it cannot go
// on.
bool keyfile_open_loudly(rns_node_t *node, const char *program, const char *path,
                         rns_secret_t *secret);

void keyfile_wipe(rns_secret_t *secret);

#endif
