// ifac.h -- interface access codes: a network with a name or a passphrase masks its frames and
// marks each with the tail of a signature that only members can make.
//
//   frame = flags with bit 7 set | hops | code (size bytes) | rest        all but the code masked
#ifndef RNSI_IFAC_H_INCLUDED
#define RNSI_IFAC_H_INCLUDED

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rns/crypto.h"
#include "rns/types.h"
#include "crypto/crypto.h"
#include "memory/elements.h" // rnsi_ifac_t

#define RNSI_IFAC_MIN_SIZE 1U // RNS.Reticulum.IFAC_MIN_SIZE

// Keys of a network. A name or passphrase of size 0 is not set. false: neither is set, or size is
// not 1 to RNS_IFAC_MAX. The caller wipes ifac at its end.
bool rnsi_ifac_derive(const rnsi_crypto_t *c, rns_bytes_t network_name, rns_bytes_t passphrase,
                      size_t size, rnsi_ifac_t *ifac);

// What rnstatus shows of a network: a signature over the hash of its key.
void rnsi_ifac_signature(const rnsi_crypto_t *c, const rnsi_ifac_t *ifac, uint8_t signature[64]);

// Seals a packet (3 bytes or more) in place into the frame that starts ifac->size bytes before it;
// the caller owns these bytes. One Ed25519 signature and a mask of the frame's length.
rns_mem_t rnsi_ifac_seal(const rnsi_crypto_t *c, const rnsi_ifac_t *ifac, rns_mem_t packet);

// First step of opening: unmasks in place. packet is in the frame's memory, with the code before
// it: leave the ifac->size bytes before packet and the packet itself as they are until
// rnsi_ifac_check. Costs the mask. false: too short, or the flag is missing; then frame is
// unchanged.
bool rnsi_ifac_unmask(const rnsi_crypto_t *c, const rnsi_ifac_t *ifac, rns_mem_t frame,
                      rns_mem_t *packet);

// Second step: does the code before the packet belong to it? code is ifac->size bytes. One
// signature, compared in constant time.
bool rnsi_ifac_check(const rnsi_crypto_t *c, const rnsi_ifac_t *ifac, rns_bytes_t packet,
                     const uint8_t *code);

// Where the code stands after rnsi_ifac_unmask.
static inline const uint8_t *rnsi_ifac_code(const rnsi_ifac_t *ifac, rns_mem_t packet) {
    return packet.data - ifac->size;
}

#endif
