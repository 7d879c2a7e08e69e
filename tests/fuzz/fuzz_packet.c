// Any bytes as a packet: views lie inside, hashing and rewriting leave what they must leave.
#include <stdlib.h>
#include <string.h>

#include "wire/packet.h"
#include "fuzz.h"

static void check_views(const rnsi_packet_t *p) {
    const size_t head = p->header == RNSI_HEADER_2 ? RNSI_HEADER_MAXSIZE : RNSI_HEADER_MINSIZE;
    REQUIRE(p->data.size > 0 && p->data.data == p->raw + head);
    REQUIRE(p->data.size + head == p->size);
    REQUIRE(p->dest == p->raw + head - 17);
    REQUIRE((p->transport_id != NULL) == (p->header == RNSI_HEADER_2));
    REQUIRE(p->hops <= RNSI_HOPS_MAX && (p->flags & RNSI_FLAG_IFAC) == 0);
    REQUIRE(p->flags == rnsi_packet_flags((rnsi_header_type_t)p->header, p->context_flag != 0,
                                          (rnsi_transport_type_t)p->transport,
                                          (rnsi_dest_type_t)p->dest_type,
                                          (rnsi_packet_type_t)p->type));
}

static void check_head(const rnsi_packet_t *p) {
    uint8_t head[RNSI_HEADER_MAXSIZE];
    const size_t size = rnsi_packet_head((rns_mem_t){head, sizeof head}, p->flags, p->hops,
                                         p->transport_id, p->dest, p->context);
    REQUIRE(size == p->size - p->data.size && memcmp(head, p->raw, size) == 0);
}

// What a forwarding node does must not change the hash.
static void check_forwarding(rnsi_packet_t p) {
    static const uint8_t next_hop[16] = {1, 2, 3};
    uint8_t before[32], after[32];
    rnsi_packet_hash(fuzz_crypto(), &p, before);
    rns_mem_t raw = {p.raw, p.size};
    rnsi_packet_set_hops(raw, 5);
    if (p.header == RNSI_HEADER_2) {
        rnsi_packet_set_transport_id(raw, next_hop);
        raw = rnsi_packet_strip(raw);
    }
    raw = rnsi_packet_insert(raw, next_hop);
    REQUIRE(rnsi_packet_parse(raw, &p));
    REQUIRE(p.hops == 5 && memcmp(p.transport_id, next_hop, 16) == 0);
    rnsi_packet_hash(fuzz_crypto(), &p, after);
    REQUIRE(memcmp(before, after, sizeof before) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    uint8_t *memory = malloc(16 + size);
    REQUIRE(memory != NULL);
    memcpy(memory + 16, data, size);
    rnsi_packet_t p;
    if (rnsi_packet_parse((rns_mem_t){memory + 16, size}, &p)) {
        uint8_t id[16];
        check_views(&p);
        check_head(&p);
        rnsi_packet_link_id(fuzz_crypto(), &p, id);
        REQUIRE(memcmp(memory + 16, data, size) == 0);
        check_forwarding(p);
    }
    free(memory);
    return 0;
}
