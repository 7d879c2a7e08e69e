// testing_session.h -- what only tests do to sessions: packets of a link made and read with its
// keys, and stages driven directly. Part of the archive rns_testing, not of the library.
#ifndef RNS_TESTING_SESSION_H_INCLUDED
#define RNS_TESTING_SESSION_H_INCLUDED

#include "rns/inspect.h"
#include "wire/packet.h"

// ---- Packets of a link. Both ends have the same keys, so either makes what the other could send.

typedef struct {
    rnsi_packet_type_t type; // DATA or PROOF
    rnsi_context_t context;
    bool is_encrypted;
    rns_bytes_t data; // before it is encrypted
} rnst_link_packet_t;

// Whether packets of this type and context are encrypted with the link's keys.
bool rnst_link_encrypts(rnsi_packet_type_t type, uint8_t context);
// A whole packet, without an access code. Returns its size; 0: the link is gone, out is too small,
// or there is no entropy.
size_t rnst_link_write(rns_node_t *node, rns_link_t link, const rnst_link_packet_t *packet,
                       rns_mem_t out);
// What a packet of the link carries, decrypted into out, which is as large as the packet. false:
// it is no packet of this link, or does not decrypt.
bool rnst_link_read(const rns_node_t *node, rns_link_t link, rns_bytes_t raw, rns_mem_t out,
                    rnst_link_packet_t *packet);
// Hands a packet to the node as if it had come over an interface, with that one's access code. raw,
// up to 16 KiB, is not changed. phy: the signal values that it came with; NULL: none.
rns_verdict_t rnst_feed(rns_node_t *node, rns_us_t now, rns_iface_t iface, rns_bytes_t raw,
                        const rns_phy_t *phy);
// The same over the link's interface.
rns_verdict_t rnst_link_feed(rns_node_t *node, rns_us_t now, rns_link_t link, rns_bytes_t raw);

// Proves a packet of the peer that has this hash, whether it came or not.
void rnst_link_prove(rns_node_t *node, rns_link_t link, const uint8_t packet_hash[32]);
// From now on no proof of the peer is valid on this link, or they are again (the key that they are
// checked with is damaged, or whole). false: it is gone.
bool rnst_link_doubt(rns_node_t *node, rns_link_t link);
// Nothing goes out or comes in over the link's interface, or it does again. false: it is gone.
bool rnst_link_mute(rns_node_t *node, rns_link_t link, bool mute);

// ---- Channels

// rns_channel_send(), also of types that are reserved.
rns_err_t rnst_channel_send(rns_node_t *node, rns_us_t now, rns_link_t link, uint16_t type,
                            rns_bytes_t data, uint16_t *sequence);
// The newest message under way. false: there is none.
bool rnst_channel_newest(const rns_node_t *node, rns_link_t link, rns_bytes_t *data);
// Sends one message of a stream, or as little as fits one; returns how many bytes went into it; 0:
// no room.
size_t rnst_buffer_write(rns_node_t *node, rns_us_t now, rns_buffer_t buffer, rns_bytes_t data);
// A writer goes and says nothing.
void rnst_buffer_drop(rns_node_t *node, rns_buffer_t buffer);
// The window of a channel that opens on a link of this round trip.
void rnst_channel_profile(rns_us_t rtt, rns_inspect_channel_t *channel);
// Seconds that a message has until its proof must be here.
double rnst_channel_timeout(rns_us_t rtt, unsigned tries, unsigned ring);

// ---- Transfers

// The map hash of a part, a packet, of a segment with these random bytes.
void rnst_resource_map_hash(const rns_node_t *node, rns_bytes_t raw, const uint8_t random[4],
                            uint8_t hash[4]);
// How many requests of the peer are remembered, and whether that packet is one of them.
unsigned rnst_resource_asks(const rns_node_t *node, rns_resource_t resource,
                            const uint8_t packet_hash[32], bool *has);
// The hash of a packet.
void rnst_packet_hash(const rns_node_t *node, rns_bytes_t raw, uint8_t hash[32]);

// The first segment of a resource as it would be offered.
typedef struct {
    uint8_t hash[32], original[32], random[4], proof[32];
    uint8_t flags; // of the advertisement
    uint64_t size; // of the whole, with metadata
    uint32_t transfer, parts, sdu, segment, segments;
} rnst_prepared_t;
// Called for each part in order: its packet and its map hash.
typedef void (*rnst_part_t)(void *user, rns_bytes_t raw, const uint8_t hash[4]);

// What is to be prepared.
typedef struct {
    rns_source_t source;
    uint64_t size;
    rns_resource_options_t options;
    uint32_t sdu; // bytes of a part; 0: what the link has
    rnst_part_t part;
    void *user; // of part
} rnst_prepare_t;

// Prepares a resource and drops it: nothing goes out. GONE, STATE, SIZE, FULL, ENTROPY; CORRUPT:
// the source.
rns_err_t rnst_resource_prepare(rns_node_t *node, rns_us_t now, rns_link_t link,
                                const rnst_prepare_t *prepare, rnst_prepared_t *prepared);

#endif
