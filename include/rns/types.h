// rns/types.h -- the small values that cross the API: time, views, hashes, handles.
#ifndef RNS_TYPES_H_INCLUDED
#define RNS_TYPES_H_INCLUDED

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RNS_MTU                                                                                    \
    500U // bytes of a packet on any interface; links may agree on more (RNS.Reticulum.MTU)
#define RNS_MDU            464U // plain payload that every path carries (RNS.Reticulum.MDU)
#define RNS_ENCRYPTED_MDU  383U // payload to a SINGLE destination (RNS.Packet.ENCRYPTED_MDU)
#define RNS_HOPS_UNKNOWN   128U // hops to a destination without a path (RNS.Transport.PATHFINDER_M)
#define RNS_IFAC_MIN       1U   // bytes of the shortest interface access code
#define RNS_IFAC_MAX       64U  // of the longest
#define RNS_IFAC_DEFAULT   16U  // of most kinds of interface
#define RNS_IFAC_SMALL     8U   // of radios and serial lines
#define RNS_FRAME_MAX(mtu) ((mtu) + RNS_IFAC_MAX) // bytes of a receive buffer

#define RNS_PHY_RSSI    1U
#define RNS_PHY_SNR     2U
#define RNS_PHY_QUALITY 4U

typedef int64_t rns_us_t; // monotonic microseconds from the caller; never decreasing
#define RNS_NEVER INT64_MAX

// clang-format off
typedef struct { uint8_t b[16]; } rns_hash_t;                     // of a destination, a link, an identity
typedef struct { const uint8_t *data; size_t size; } rns_bytes_t; // borrowed until the call returns
typedef struct { uint8_t *data; size_t size; } rns_mem_t;         // lent until given back

// Handles: slot and generation, one type per kind. A stale one yields RNS_ERR_GONE, never another
// object. {0, 0} is no object.
typedef struct { uint32_t slot, gen; } rns_iface_t;
typedef struct { uint32_t slot, gen; } rns_dest_t;
typedef struct { uint32_t slot, gen; } rns_receipt_t;
typedef struct { uint32_t slot, gen; } rns_handler_t;
typedef struct { uint32_t slot, gen; } rns_ask_t; // a question of the node that waits for an answer
typedef struct { uint32_t slot, gen; } rns_link_t;
typedef struct { uint32_t slot, gen; } rns_buffer_t;   // one end of a stream
typedef struct { uint32_t slot, gen; } rns_request_t;  // a request of ours
typedef struct { uint32_t slot, gen; } rns_query_t;    // a request of the peer
typedef struct { uint32_t slot, gen; } rns_resource_t; // a transfer, in or out

// What a radio knows of a frame; `has` says which fields are set (RNS_PHY_).
typedef struct { int16_t rssi_dbm; int16_t snr_qdb; uint16_t quality_permille; uint8_t has; } rns_phy_t;
// clang-format on

#endif
