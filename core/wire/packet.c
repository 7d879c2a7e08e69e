// packet.c -- see packet.h. Follows RNS/Packet.py (pack, unpack, get_hashable_part) and the
// rewriting in RNS/Transport.py (inbound, outbound).
#include "wire/packet.h"

#include "memory/bytes.h"
#include "rules.h"

#define LOW_FLAGS 0x0FU // destination type and packet type: what every hop leaves alone

static uint8_t header_of(uint8_t flags) {
    return flags >> 6 & 1U;
}

bool rnsi_packet_parse(rns_mem_t raw, rnsi_packet_t *p) {
    if (raw.size < RNSI_HEADER_MINSIZE + RNSI_DATA_LEAST) {
        return false;
    }
    const uint8_t flags = raw.data[0];
    const bool header_2 = header_of(flags) == RNSI_HEADER_2;
    const size_t head = header_2 ? RNSI_HEADER_MAXSIZE : RNSI_HEADER_MINSIZE;
    const bool is_far = RNSI_HOP_BYTE_IS_LIMITED && raw.data[1] > RNSI_HOPS_MAX;
    if ((flags & RNSI_FLAG_IFAC) != 0 || is_far || raw.size < head + RNSI_DATA_LEAST) {
        return false;
    }
    *p = (rnsi_packet_t){
        .raw = raw.data,
        .size = raw.size,
        .flags = flags,
        .header = header_of(flags),
        .context_flag = flags >> 5 & 1U,
        .transport = flags >> 4 & 1U,
        .dest_type = flags >> 2 & 3U,
        .type = flags & 3U,
        .hops = raw.data[1],
        .context = raw.data[head - 1],
        .transport_id = header_2 ? raw.data + 2 : NULL,
        .dest = raw.data + head - 1 - RNSI_ADDRESS_SIZE,
        .data = {raw.data + head, raw.size - head},
    };
    return true;
}

// Hashes size bytes from the packet's hashable part on. The byte before destination, context and
// data (hops, or the end of the transport id) stands in for the flags meanwhile, so that one call
// does.
static void hash_part(const rnsi_crypto_t *c, const rnsi_packet_t *p, size_t cut,
                      uint8_t hash[32]) {
    uint8_t *start = p->raw + (p->header == RNSI_HEADER_2 ? 1 + RNSI_ADDRESS_SIZE : 1);
    const size_t size = p->size - (size_t)(start - p->raw) - cut;
    const uint8_t kept = *start;
    *start = p->flags & LOW_FLAGS;
    rnsi_sha256(c, (rns_bytes_t){start, size}, hash);
    *start = kept;
}

void rnsi_packet_hash(const rnsi_crypto_t *c, const rnsi_packet_t *p, uint8_t hash[32]) {
    hash_part(c, p, 0, hash);
}

void rnsi_packet_link_id(const rnsi_crypto_t *c, const rnsi_packet_t *p, uint8_t id[16]) {
    const size_t cut = p->data.size > RNSI_ECPUBSIZE ? p->data.size - RNSI_ECPUBSIZE : 0;
    uint8_t hash[RNSI_SHA256_SIZE];
    hash_part(c, p, cut, hash);
    memcpy(id, hash, RNSI_ADDRESS_SIZE);
}

size_t rnsi_packet_head(rns_mem_t out, uint8_t flags, uint8_t hops, const uint8_t *transport_id,
                        const uint8_t dest[16], uint8_t context) {
    rnsi_writer_t w = rnsi_writer(out);
    rnsi_write8(&w, flags);
    rnsi_write8(&w, hops);
    if (header_of(flags) == RNSI_HEADER_2) {
        rnsi_write(&w, transport_id, RNSI_ADDRESS_SIZE);
    }
    rnsi_write(&w, dest, RNSI_ADDRESS_SIZE);
    rnsi_write8(&w, context);
    return w.ok ? rnsi_written(&w) : 0;
}

void rnsi_packet_set_hops(rns_mem_t raw, uint8_t hops) {
    raw.data[1] = hops;
}

void rnsi_packet_set_transport_id(rns_mem_t raw, const uint8_t transport_id[16]) {
    memcpy(raw.data + 2, transport_id, RNSI_ADDRESS_SIZE);
}

rns_mem_t rnsi_packet_strip(rns_mem_t raw) {
    uint8_t *start = raw.data + RNSI_ADDRESS_SIZE;
    start[0] = raw.data[0] & LOW_FLAGS;
    start[1] = raw.data[1];
    return (rns_mem_t){start, raw.size - RNSI_ADDRESS_SIZE};
}

rns_mem_t rnsi_packet_insert(rns_mem_t raw, const uint8_t transport_id[16]) {
    uint8_t *start = raw.data - RNSI_ADDRESS_SIZE;
    start[0] =
        (uint8_t)(RNSI_HEADER_2 << 6 | RNSI_TRANSPORT_TRANSPORT << 4 | (raw.data[0] & LOW_FLAGS));
    start[1] = raw.data[1];
    memcpy(start + 2, transport_id, RNSI_ADDRESS_SIZE);
    return (rns_mem_t){start, raw.size + RNSI_ADDRESS_SIZE};
}
