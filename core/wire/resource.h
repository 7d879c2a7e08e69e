// resource.h -- what two ends of a transfer say to each other (RNS/Resource.py). All but proofs and
// parts goes encrypted; here it is bare.
//
//   RESOURCE_ADV  map {t, d, n, h, r, o, i, l, q, f, m}
//   RESOURCE_REQ  00 | hash 32 | map hashes, or FF | last known map hash 4 | hash 32 | map hashes
//   RESOURCE_HMU  hash 32 | [number of the packet of map hashes, map hashes]
//   RESOURCE_ICL, RESOURCE_RCL   hash 32
//   RESOURCE_PRF  hash 32 | SHA-256 of the data and the hash
#ifndef RNSI_WIRE_RESOURCE_H_INCLUDED
#define RNSI_WIRE_RESOURCE_H_INCLUDED

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "memory/bytes.h"
#include "memory/elements.h"
#include "rns/types.h"

#define RNSI_MAPHASH_SIZE    ((size_t)4) // Resource.MAPHASH_LEN
#define RNSI_RESOURCE_RANDOM 4U          // Resource.RANDOM_HASH_SIZE
#define RNSI_RESOURCE_HASH   32U         // of the resource, and of its proof
#define RNSI_RESOURCE_PROOF  64U         // Bytes of RESOURCE_PRF
#define RNSI_RESOURCE_TRANSFER                                                                     \
    3145725U                        // bytes of the longest segment (ResourceAdvertisement.unpack)
#define RNSI_RESOURCE_ADV_MOST 442U // bytes of the longest advertisement (of at most 65,535 parts)
#define RNSI_RESOURCE_REQ_MOST (1U + RNSI_MAPHASH_SIZE + 32U + RNSI_WINDOW_MAX * RNSI_MAPHASH_SIZE)
#define RNSI_RESOURCE_HMU_MOST (32U + 1U + 5U + 3U + RNSI_HASHMAP_MAX * RNSI_MAPHASH_SIZE)
#define RNSI_METADATA_HEAD     3U        // bytes that say how long metadata is
#define RNSI_METADATA_MOST     0xFFFFFFU // that they can say (Resource.METADATA_MAX_SIZE)

#define RNSI_REQ_NOT_EXHAUSTED 0x00U // first byte of a request (Resource.HASHMAP_IS_NOT_EXHAUSTED)
#define RNSI_REQ_EXHAUSTED     0xFFU // ... that asks for more map hashes

// Bits of an advertisement's flags.
enum {
    RNSI_ADV_ENCRYPTED = 1,
    RNSI_ADV_COMPRESSED = 2,
    RNSI_ADV_SPLIT = 4,
    RNSI_ADV_REQUEST = 8,
    RNSI_ADV_RESPONSE = 16,
    RNSI_ADV_METADATA = 32,
};

typedef struct {
    uint64_t size;                               // d: bytes of all segments, uncompressed
    uint32_t transfer, parts, segment, segments; // t: bytes of this one, encrypted; n, i, l
    const uint8_t *hash, *original;              // 32 each: h, o
    const uint8_t *random;                       // 4: r
    const uint8_t *request_id;                   // 16, or NULL: q
    uint8_t flags;                               // f
    rns_bytes_t map;                             // m: the first map hashes
} rnsi_adv_t;

// Returns the size; 0: out is too small.
size_t rnsi_adv_write(rns_mem_t out, const rnsi_adv_t *adv);
// Keys in any order; unknown ones are passed over. false: a key is missing or of a wrong type or
// size, a number is out of range, or t is above RNSI_RESOURCE_TRANSFER. How the numbers fit each
// other is not looked at.
bool rnsi_adv_read(rns_bytes_t in, rnsi_adv_t *adv);

typedef struct {
    const uint8_t *last; // 4: the last map hash that is known: more are wanted; NULL: they are not
    const uint8_t *hash; // 32
    rns_bytes_t map;     // of the parts that are wanted
} rnsi_req_t;

// The head of a request, before its map hashes.
size_t rnsi_req_write(rns_mem_t out, const uint8_t *last, const uint8_t hash[32]);
bool rnsi_req_read(rns_bytes_t in, rnsi_req_t *req); // false: too short; an odd rest is cut off

typedef struct {
    const uint8_t *hash; // 32
    uint32_t number;     // of 74 map hashes each
    rns_bytes_t map;
} rnsi_hmu_t;

size_t rnsi_hmu_write(rns_mem_t out, const rnsi_hmu_t *hmu);
bool rnsi_hmu_read(rns_bytes_t in, rnsi_hmu_t *hmu);

#endif
