// link.h -- the packets that open a link (RNS/Link.py): request, proof, identification. All of
// fixed sizes, but for the 3 bytes of signalling that older nodes leave out.
#ifndef RNSI_WIRE_LINK_H_INCLUDED
#define RNSI_WIRE_LINK_H_INCLUDED

#include "rns/types.h"

#define RNSI_LINK_MODE_AES256 1U        // Link.MODE_AES256_CBC, the one that is enabled
#define RNSI_LINK_MTU_MASK    0x1FFFFFU // Link.MTU_BYTEMASK: of the 3 bytes of signalling
#define RNSI_LINK_MODE_MASK   0xE0U     // Link.MODE_BYTEMASK: of the first of them
#define RNSI_SIGNALLING       3U        // Link.LINK_MTU_SIZE
#define RNSI_LINK_REQUEST     67U       // X25519 key, Ed25519 key, signalling
#define RNSI_LINK_PROOF       99U       // signature, X25519 key, signalling
#define RNSI_LINK_SIGNED      83U  // what it signs: link id, both keys of the responder, signalling
#define RNSI_LINK_IDENTITY    128U // public key, signature
#define RNSI_LINK_PEER_SIGNED 80U  // what it signs: link id, public key
#define RNSI_LINK_RTT         9U   // a msgpack float

// The MTU in the lower 21 bits, the mode in the upper 3.
typedef struct {
    uint32_t mtu;
    uint8_t mode;
    bool is_given; // without: 500 bytes, AES-256
} rnsi_signalling_t;

// Whether links may be of this mode (Link.ENABLED_MODES).
static inline bool rnsi_link_mode_enabled(uint8_t mode) {
    return mode == RNSI_LINK_MODE_AES256;
}

rnsi_signalling_t rnsi_signalling_get(const uint8_t *bytes);
void rnsi_signalling_put(uint8_t *bytes, uint32_t mtu, uint8_t mode);

// Views of the packet's data.
typedef struct {
    const uint8_t *x25519, *ed25519; // 32, 32
    rnsi_signalling_t signalling;
} rnsi_link_request_t;

typedef struct {
    const uint8_t *signature, *x25519; // 64, 32
    rnsi_signalling_t signalling;
} rnsi_link_proof_t;

bool rnsi_link_request_parse(rns_bytes_t data, rnsi_link_request_t *request); // false: its size
bool rnsi_link_proof_parse(rns_bytes_t data, rnsi_link_proof_t *proof);       // false: its size

// What the responder signs. Returns its size: without signalling 3 bytes less.
size_t rnsi_link_signed(uint8_t out[RNSI_LINK_SIGNED], const uint8_t link_id[16],
                        const uint8_t x25519[32], const uint8_t ed25519[32],
                        rnsi_signalling_t signalling);

// Round trip times, in seconds on the wire. Reading: false: no number, below zero or over a day.
void rnsi_link_rtt_put(uint8_t out[RNSI_LINK_RTT], rns_us_t rtt);
bool rnsi_link_rtt_get(rns_bytes_t in, rns_us_t *rtt);

#endif
