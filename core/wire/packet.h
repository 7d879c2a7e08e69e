// packet.h -- the frame every node agrees on: 19 or 35 bytes of header, then data. Views and
// in-place rewriting; nothing here copies a packet.
//
//   HEADER_1   flags 1 | hops 1 | destination 16 | context 1 | data
//   HEADER_2   flags 1 | hops 1 | transport id 16 | destination 16 | context 1 | data
//   flags      ifac 1 bit | header 1 | context flag 1 | transport 1 | destination type 2 | type 2
#ifndef RNSI_PACKET_H_INCLUDED
#define RNSI_PACKET_H_INCLUDED

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rns/types.h"
#include "crypto/crypto.h"

#define RNSI_ADDRESS_SIZE   16U // RNS.Reticulum.TRUNCATED_HASHLENGTH / 8
#define RNSI_HEADER_MINSIZE 19U // RNS.Reticulum.HEADER_MINSIZE: of HEADER_1
#define RNSI_HEADER_MAXSIZE 35U // RNS.Reticulum.HEADER_MAXSIZE: of HEADER_2
#define RNSI_HOPS_MAX       127U
#define RNSI_ECPUBSIZE      64U // RNS.Link.ECPUBSIZE: data of a link request without signalling

#define RNSI_FLAG_IFAC 0x80U

typedef enum {
    RNSI_TYPE_DATA = 0,
    RNSI_TYPE_ANNOUNCE = 1,
    RNSI_TYPE_LINKREQUEST = 2,
    RNSI_TYPE_PROOF = 3,
} rnsi_packet_type_t;

typedef enum {
    RNSI_DEST_SINGLE = 0,
    RNSI_DEST_GROUP = 1,
    RNSI_DEST_PLAIN = 2,
    RNSI_DEST_LINK = 3,
} rnsi_dest_type_t;

typedef enum {
    RNSI_HEADER_1 = 0,
    RNSI_HEADER_2 = 1,
} rnsi_header_type_t;

typedef enum {
    RNSI_TRANSPORT_BROADCAST = 0,
    RNSI_TRANSPORT_TRANSPORT = 1,
} rnsi_transport_type_t;

typedef enum {
    RNSI_CONTEXT_NONE = 0x00,
    RNSI_CONTEXT_RESOURCE = 0x01,
    RNSI_CONTEXT_RESOURCE_ADV = 0x02,
    RNSI_CONTEXT_RESOURCE_REQ = 0x03,
    RNSI_CONTEXT_RESOURCE_HMU = 0x04,
    RNSI_CONTEXT_RESOURCE_PRF = 0x05,
    RNSI_CONTEXT_RESOURCE_ICL = 0x06,
    RNSI_CONTEXT_RESOURCE_RCL = 0x07,
    RNSI_CONTEXT_CACHE_REQUEST = 0x08,
    RNSI_CONTEXT_REQUEST = 0x09,
    RNSI_CONTEXT_RESPONSE = 0x0A,
    RNSI_CONTEXT_PATH_RESPONSE = 0x0B,
    RNSI_CONTEXT_COMMAND = 0x0C,
    RNSI_CONTEXT_COMMAND_STATUS = 0x0D,
    RNSI_CONTEXT_CHANNEL = 0x0E,
    RNSI_CONTEXT_KEEPALIVE = 0xFA,
    RNSI_CONTEXT_LINKIDENTIFY = 0xFB,
    RNSI_CONTEXT_LINKCLOSE = 0xFC,
    RNSI_CONTEXT_LINKPROOF = 0xFD,
    RNSI_CONTEXT_LRRTT = 0xFE,
    RNSI_CONTEXT_LRPROOF = 0xFF,
} rnsi_context_t;

// A view of a packet; lives as long as the bytes it was parsed from.
typedef struct {
    uint8_t *raw;
    size_t size;
    uint8_t flags; // raw[0]
    uint8_t header, context_flag, transport, dest_type, type, hops, context;
    const uint8_t *transport_id; // 16 bytes; NULL for HEADER_1
    const uint8_t *dest;         // 16 bytes
    rns_bytes_t data;            // never empty
} rnsi_packet_t;

// false: shorter than its header, no data, 128 hops or more, or the IFAC flag still set.
bool rnsi_packet_parse(rns_mem_t raw, rnsi_packet_t *p);

// SHA-256 over what stays the same along the path. Writes one byte of the packet for the time of
// the call (no copy), so the packet must not be shared with another thread.
void rnsi_packet_hash(const rnsi_crypto_t *c, const rnsi_packet_t *p, uint8_t hash[32]);

// The link's address, from its request; signalling bytes after the keys do not count.
void rnsi_packet_link_id(const rnsi_crypto_t *c, const rnsi_packet_t *p, uint8_t id[16]);

static inline uint8_t rnsi_packet_flags(rnsi_header_type_t header, bool context_flag,
                                        rnsi_transport_type_t transport, rnsi_dest_type_t dest_type,
                                        rnsi_packet_type_t type) {
    return (uint8_t)((unsigned)header << 6 | (unsigned)context_flag << 5 |
                     (unsigned)transport << 4 | (unsigned)dest_type << 2 | (unsigned)type);
}

// Writes a header: HEADER_2 exactly when flags say so, transport_id is then 16 bytes. Returns its
// size (19 or 35), or 0 if out is too small.
size_t rnsi_packet_head(rns_mem_t out, uint8_t flags, uint8_t hops, const uint8_t *transport_id,
                        const uint8_t dest[16], uint8_t context);

// Rewriting in place, for forwarding. Each wants a packet that parsed; views of it are stale after
// strip and insert (parse again). Cost: the header's few bytes, whatever the data's size.
void rnsi_packet_set_hops(rns_mem_t raw, uint8_t hops);
void rnsi_packet_set_transport_id(rns_mem_t raw, const uint8_t transport_id[16]); // of HEADER_2

// HEADER_2 to HEADER_1: the packet starts 16 bytes later. Of the flags the low four bits remain.
rns_mem_t rnsi_packet_strip(rns_mem_t raw);

// HEADER_1 to HEADER_2 in transport: the packet starts 16 bytes earlier, which the caller owns. Of
// the flags the low four bits remain.
rns_mem_t rnsi_packet_insert(rns_mem_t raw, const uint8_t transport_id[16]);

#endif
