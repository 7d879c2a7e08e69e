// host/interfaces/auto_token.h -- by what nodes on one network know each other's AutoInterface.
#ifndef HOST_INTERFACES_AUTO_TOKEN_H_INCLUDED
#define HOST_INTERFACES_AUTO_TOKEN_H_INCLUDED

#include "rns/crypto.h"
#include "rns/types.h"

#define AUTO_TOKEN 32U // bytes

// What an AutoInterface sends to the multicast group of its network, and to a peer that it has not
// reached for a while: SHA-256 of the group's name and of its own link-local address as text.
// Whoever gets one makes it anew from the address that it came from, and takes the sender for a
// peer if both are the same. So the text has to be that of inet_ntop(), as the receiver's system
// writes it: lower case, zeros left out, without a scope (%eth0).
void auto_token(const rns_crypto_t *crypto, void *self, rns_bytes_t group_id, const char *address,
                uint8_t token[AUTO_TOKEN]);

#endif
