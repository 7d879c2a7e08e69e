// pkcs7.h -- padding to whole AES blocks, as the reference reads it (RNS.Cryptography.PKCS7).
#ifndef RNSI_PKCS7_H_INCLUDED
#define RNSI_PKCS7_H_INCLUDED

#include <string.h>

#include "crypto/crypto.h"

// Bytes of a text of this size (up to SIZE_MAX - 16) with its padding, of which there is always
// some.
static inline size_t rnsi_pkcs7_size(size_t size) {
    return (size / RNSI_AES_BLOCK + 1) * RNSI_AES_BLOCK;
}

// Writes the padding behind a text, up to rnsi_pkcs7_size(size), which it returns.
static inline size_t rnsi_pkcs7_pad(uint8_t *text, size_t size) {
    const size_t padded = rnsi_pkcs7_size(size);
    memset(text + size, (int)(padded - size), padded - size);
    return padded;
}

// The last byte says how many to take off; 0 takes none, and the other bytes are not looked at.
// false: over 16, or there is no byte; *size then stays.
static inline bool rnsi_pkcs7_unpad(const uint8_t *text, size_t *size) {
    const uint8_t pad = *size > 0 ? text[*size - 1] : UINT8_MAX;
    if (pad > RNSI_AES_BLOCK || pad > *size) {
        return false;
    }
    *size -= pad;
    return true;
}

#endif
