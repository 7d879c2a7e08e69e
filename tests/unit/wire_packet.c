// Packets: what the reference packs is read as it reads it, and rewritten as it rewrites it.
#include "wire_help.h"

#include "wire/packet.h"

static void every_type_and_context_is_read_as_the_reference_reads_it(void **state) {
    (void)state;
    for (size_t i = 0; i < ITEMS(WIRE_PACKETS); i++) {
        const wire_packet_t *v = &WIRE_PACKETS[i];
        const rns_mem_t raw = unhex(v->raw);
        rnsi_packet_t p;
        assert_true(rnsi_packet_parse(raw, &p));
        assert_ptr_equal(p.raw, raw.data);
        assert_int_equal(p.size, raw.size);
        assert_int_equal(p.flags, raw.data[0]);
        assert_int_equal(p.header, v->header);
        assert_int_equal(p.context_flag, v->context_flag);
        assert_int_equal(p.transport, v->transport);
        assert_int_equal(p.dest_type, v->dest_type);
        assert_int_equal(p.type, v->type);
        assert_int_equal(p.hops, v->hops);
        assert_int_equal(p.context, v->context);
        assert_hex(p.transport_id, p.transport_id != NULL ? 16 : 0, v->transport_id);
        assert_hex(p.dest, 16, v->dest);
        assert_hex(p.data.data, p.data.size, v->data);
        free(raw.data);
    }
}

static void hash_is_the_references_and_leaves_the_packet_as_it_was(void **state) {
    (void)state;
    for (size_t i = 0; i < ITEMS(WIRE_PACKETS); i++) {
        const rns_mem_t raw = unhex(WIRE_PACKETS[i].raw);
        rnsi_packet_t p;
        uint8_t hash[32];
        assert_true(rnsi_packet_parse(raw, &p));
        rnsi_packet_hash(provider(), &p, hash);
        assert_hex(hash, sizeof hash, WIRE_PACKETS[i].hash);
        assert_hex(raw.data, raw.size, WIRE_PACKETS[i].raw);
        free(raw.data);
    }
}

static void link_id_ignores_signalling_and_the_way_of_the_request(void **state) {
    (void)state;
    for (size_t i = 0; i < ITEMS(WIRE_LINK_IDS); i++) {
        const rns_mem_t raw = unhex(WIRE_LINK_IDS[i].raw);
        rnsi_packet_t p;
        uint8_t id[16];
        assert_true(rnsi_packet_parse(raw, &p));
        rnsi_packet_link_id(provider(), &p, id);
        assert_hex(id, sizeof id, WIRE_LINK_IDS[i].id);
        assert_hex(raw.data, raw.size, WIRE_LINK_IDS[i].raw);
        free(raw.data);
    }
}

static void header_written_is_the_header_that_the_reference_packs(void **state) {
    (void)state;
    for (size_t i = 0; i < ITEMS(WIRE_PACKETS); i++) {
        const wire_packet_t *v = &WIRE_PACKETS[i];
        const rns_mem_t raw = unhex(v->raw), id = unhex(v->transport_id), dest = unhex(v->dest);
        const uint8_t flags =
            rnsi_packet_flags((rnsi_header_type_t)v->header, v->context_flag != 0,
                              (rnsi_transport_type_t)v->transport, (rnsi_dest_type_t)v->dest_type,
                              (rnsi_packet_type_t)v->type);
        const size_t head = raw.size - strlen(v->data) / 2;
        uint8_t out[RNSI_HEADER_MAXSIZE];
        assert_int_equal(rnsi_packet_head((rns_mem_t){out, head}, flags, v->hops, id.data,
                                          dest.data, v->context),
                         head);
        assert_memory_equal(out, raw.data, head);
        assert_int_equal(rnsi_packet_head((rns_mem_t){out, head - 1}, flags, v->hops, id.data,
                                          dest.data, v->context),
                         0);
        free(raw.data);
        free(id.data);
        free(dest.data);
    }
}

static void each_length_is_refused_or_taken_as_by_the_reference(void **state) {
    (void)state;
    const uint8_t flags[] = {0x08, 0x58};
    const char *const verdicts[] = {WIRE_UNPACKS_HEADER_1, WIRE_UNPACKS_HEADER_2};
    for (size_t header = 0; header < 2; header++) {
        for (size_t size = 0; size <= 40; size++) {
            uint8_t *bytes = calloc(1, size > 0 ? size : 1);
            assert_non_null(bytes);
            bytes[0] = flags[header];
            rnsi_packet_t p;
            assert_int_equal(rnsi_packet_parse((rns_mem_t){bytes, size}, &p),
                             verdicts[header][size] == '1');
            free(bytes);
        }
    }
}

static void hops_of_128_and_more_are_refused(void **state) {
    (void)state;
    uint8_t bytes[20] = {0x08};
    rnsi_packet_t p;
    for (unsigned hops = 126; hops <= 130; hops++) {
        bytes[1] = (uint8_t)hops;
        assert_int_equal(rnsi_packet_parse((rns_mem_t){bytes, sizeof bytes}, &p),
                         WIRE_UNPACKS_HOPS_126[hops - 126] == '1');
    }
    bytes[1] = 255;
    assert_false(rnsi_packet_parse((rns_mem_t){bytes, sizeof bytes}, &p));
}

static void ifac_flag_is_refused(void **state) {
    (void)state;
    uint8_t bytes[40] = {0x88};
    rnsi_packet_t p;
    assert_false(rnsi_packet_parse((rns_mem_t){bytes, sizeof bytes}, &p));
    bytes[0] = 0xC8;
    assert_false(rnsi_packet_parse((rns_mem_t){bytes, sizeof bytes}, &p));
}

// flags 7C: HEADER_2, context flag, transport, LINK, DATA.
#define FORWARDED                                                                                  \
    "7c03"                                                                                         \
    "11111111111111111111111111111111"                                                             \
    "22222222222222222222222222222222"                                                             \
    "0e"                                                                                           \
    "deadbeef"

static void next_hop_replaces_the_transport_id_only(void **state) {
    (void)state;
    const rns_mem_t raw = unhex(FORWARDED), id = unhex("33333333333333333333333333333333");
    rnsi_packet_set_hops(raw, 4);
    rnsi_packet_set_transport_id(raw, id.data);
    assert_hex(raw.data, raw.size,
               "7c04333333333333333333333333333333332222222222222222222222222222222"
               "20edeadbeef");
    free(raw.data);
    free(id.data);
}

static void last_hop_strips_the_transport_header_and_the_high_flags(void **state) {
    (void)state;
    const rns_mem_t raw = unhex(FORWARDED);
    const rns_mem_t out = rnsi_packet_strip(raw);
    assert_ptr_equal(out.data, raw.data + 16);
    assert_hex(out.data, out.size, "0c03222222222222222222222222222222220edeadbeef");
    free(raw.data);
}

static void insertion_puts_the_next_hop_before_the_destination(void **state) {
    (void)state;
    uint8_t buffer[16 + 23];
    const rns_mem_t plain = unhex("2103222222222222222222222222222222220edeadbeef");
    const rns_mem_t id = unhex("44444444444444444444444444444444");
    memcpy(buffer + 16, plain.data, plain.size);
    const rns_mem_t out = rnsi_packet_insert((rns_mem_t){buffer + 16, plain.size}, id.data);
    assert_ptr_equal(out.data, buffer);
    assert_hex(out.data, out.size,
               "51034444444444444444444444444444444422222222222222222222222222222222"
               "0edeadbeef");
    free(plain.data);
    free(id.data);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_and_context_is_read_as_the_reference_reads_it),
        cmocka_unit_test(hash_is_the_references_and_leaves_the_packet_as_it_was),
        cmocka_unit_test(link_id_ignores_signalling_and_the_way_of_the_request),
        cmocka_unit_test(header_written_is_the_header_that_the_reference_packs),
        cmocka_unit_test(each_length_is_refused_or_taken_as_by_the_reference),
        cmocka_unit_test(hops_of_128_and_more_are_refused),
        cmocka_unit_test(ifac_flag_is_refused),
        cmocka_unit_test(next_hop_replaces_the_transport_id_only),
        cmocka_unit_test(last_hop_strips_the_transport_header_and_the_high_flags),
        cmocka_unit_test(insertion_puts_the_next_hop_before_the_destination),
    };
    return cmocka_run_group_tests(tests, NULL, close_provider);
}
