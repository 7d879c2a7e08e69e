// rns/providers.h -- the providers that come with the library. Each is an archive of its own, so
// that a program links only what it names.
#ifndef RNS_PROVIDERS_H_INCLUDED
#define RNS_PROVIDERS_H_INCLUDED

#include "rns/compress.h"
#include "rns/crypto.h"

#ifdef __cplusplus
extern "C" {
#endif

// For hosts: libsodium for X25519 and Ed25519, OpenSSL 3 for AES and SHA-256. open() allocates what
// OpenSSL needs and close() gives it back; nothing in between allocates. self belongs to one thread
// at a time for AES; everything else may be called from several. It refuses more than RFC 8032
// asks: public keys and R of small order, and public keys that are not reduced, never verify.
// The last AES key of each size and direction stays in OpenSSL's contexts until the next or
// close(). A failure inside OpenSSL (never seen; it could leave plaintext on the wire) aborts the
// program.
extern const rns_crypto_t rns_crypto_host;

// For microcontrollers: libsodium's curves without their 30 KB table, BearSSL's AES and SHA-256,
// all in constant time where a multiplication of 32 bits is. About 40 KB of flash and no state; a
// signature takes twice as long as with the table, and up to 5 KB of stack. It refuses what
// rns_crypto_host refuses. Built for boards only, from Debian's sources (ports/CMakeLists.txt).
extern const rns_crypto_t rns_crypto_mcu;

// For simulations and benches of tables only, never for a network: it protects nothing. The hash is
// a fast mix that is well distributed but not one-way, the cipher an XOR, the secret key is seen in
// the public key, and every signature verifies. Sizes, determinism and agreement of shared keys are
// those of the real thing. state_size is 0.
extern const rns_crypto_t rns_crypto_fake;

// bzip2 by libbz2, its allocator pointed at the arena. Packs at the level that fits the arena, 9 at
// most. What is below 79,000 bytes unpacked needs a tenth of the memory of what is larger.
extern const rns_compress_t rns_compress_bz2;

#ifdef __cplusplus
}
#endif
#endif
