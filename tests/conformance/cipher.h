// cipher.h -- what commands about ciphers share.
#ifndef CONFORMANCE_CIPHER_H_INCLUDED
#define CONFORMANCE_CIPHER_H_INCLUDED

#include "bridge.h"

#define AES_128_KEY 16U // bytes
#define AES_256_KEY 32U

// The parameter mode, AES_128_CBC or AES_256_CBC (the default). False: another one, which is said
// to be no `what`, and the call fails.
bool aes_mode(call_t *call, const char *what, size_t *key_size);

// Encrypts the parameter plaintext, of whole blocks, with key and iv.
json_t *cbc_encrypt(call_t *call, const char *result);

#endif
