// Announces made by the reference are read and verified; ours are byte for byte what it makes.
#include "wire_help.h"

#include "crypto/identity.h"
#include "wire/announce.h"

static void parse(rns_mem_t raw, rnsi_announce_t *a) {
    rnsi_packet_t p;
    assert_true(rnsi_packet_parse(raw, &p));
    assert_true(rnsi_announce_parse(&p, a));
}

static void reference_announces_verify_and_fit_their_address(void **state) {
    (void)state;
    for (size_t i = 0; i < ITEMS(WIRE_ANNOUNCES); i++) {
        const wire_announce_t *v = &WIRE_ANNOUNCES[i];
        const rns_mem_t raw = unhex(v->raw);
        rnsi_announce_t a;
        parse(raw, &a);
        assert_true(rnsi_announce_verify(provider(), &a));
        assert_true(rnsi_announce_fits_dest(provider(), &a));
        assert_int_equal(rnsi_announce_emitted(a.random), WIRE_EMITTED_S);
        assert_hex(a.ratchet, a.ratchet != NULL ? 32 : 0, v->ratchet);
        free(raw.data);
    }
}

static void app_data_is_none_or_empty_as_the_reference_stores_it(void **state) {
    (void)state;
    for (size_t i = 0; i < ITEMS(WIRE_ANNOUNCES); i++) {
        const wire_announce_t *v = &WIRE_ANNOUNCES[i];
        const rns_mem_t raw = unhex(v->raw);
        rnsi_announce_t a;
        parse(raw, &a);
        if (v->app_data == NULL) {
            assert_null(a.app_data.data);
            assert_int_equal(a.app_data.size, 0);
        } else {
            assert_non_null(a.app_data.data);
            assert_hex(a.app_data.data, a.app_data.size, v->app_data);
        }
        free(raw.data);
    }
}

static void one_changed_bit_anywhere_in_what_is_signed_is_found(void **state) {
    (void)state;
    const rns_mem_t raw = unhex(WIRE_ANNOUNCES[3].raw); // with ratchet and app_data
    for (size_t i = 2; i < raw.size; i++) {
        rnsi_announce_t a;
        raw.data[i] ^= 1;
        parse(raw, &a);
        // The context byte is not signed: a path response is the same announce.
        assert_int_equal(rnsi_announce_verify(provider(), &a), i == 18);
        raw.data[i] ^= 1;
    }
    free(raw.data);
}

static void address_of_another_name_does_not_fit(void **state) {
    (void)state;
    const rns_mem_t raw = unhex(WIRE_ANNOUNCES[0].raw);
    rnsi_announce_t a;
    raw.data[2] ^= 0x80;
    parse(raw, &a);
    assert_false(rnsi_announce_fits_dest(provider(), &a));
    free(raw.data);
}

static void announces_too_short_for_their_parts_are_refused(void **state) {
    (void)state;
    const struct {
        const char *raw;
        size_t least;
    } cases[] = {{WIRE_ANNOUNCES[1].raw, 19 + 148}, {WIRE_ANNOUNCES[3].raw, 19 + 180}};
    for (size_t i = 0; i < ITEMS(cases); i++) {
        const rns_mem_t whole = unhex(cases[i].raw);
        for (size_t size = 20; size <= whole.size; size++) {
            uint8_t *cut = malloc(size);
            assert_non_null(cut);
            memcpy(cut, whole.data, size);
            rnsi_packet_t p;
            rnsi_announce_t a;
            assert_true(rnsi_packet_parse((rns_mem_t){cut, size}, &p));
            assert_int_equal(rnsi_announce_parse(&p, &a), size >= cases[i].least);
            free(cut);
        }
        free(whole.data);
    }
}

static void announce_of_500_bytes_is_taken_and_of_501_refused(void **state) {
    (void)state;
    const rns_mem_t longest = unhex(WIRE_ANNOUNCES[5].raw);
    rnsi_packet_t p;
    rnsi_announce_t a;
    uint8_t raw[501] = {0};
    assert_int_equal(longest.size, 500);
    memcpy(raw, longest.data, longest.size);
    assert_true(rnsi_packet_parse((rns_mem_t){raw, 500}, &p));
    assert_true(rnsi_announce_parse(&p, &a));
    assert_true(rnsi_announce_verify(provider(), &a));
    assert_true(rnsi_packet_parse((rns_mem_t){raw, 501}, &p));
    assert_false(rnsi_announce_parse(&p, &a));
    free(longest.data);
}

static void other_packet_types_are_not_announces(void **state) {
    (void)state;
    const rns_mem_t raw = unhex(WIRE_ANNOUNCES[0].raw);
    rnsi_packet_t p;
    rnsi_announce_t a;
    raw.data[0] = 0x00;
    assert_true(rnsi_packet_parse(raw, &p));
    assert_false(rnsi_announce_parse(&p, &a));
    free(raw.data);
}

static void built_announce_is_the_references_byte_for_byte(void **state) {
    (void)state;
    const uint8_t noise[5] = {0xE0, 0xE7, 0xEE, 0xF5, 0xFC};
    for (size_t i = 0; i < ITEMS(WIRE_ANNOUNCES); i++) {
        const wire_announce_t *v = &WIRE_ANNOUNCES[i];
        const rns_mem_t raw = unhex(v->raw), secret = unhex(v->identity_secret);
        const rns_mem_t ratchet = unhex(v->ratchet);
        const rns_mem_t app_data = unhex(v->app_data != NULL ? v->app_data : "");
        rns_secret_t keys;
        rnsi_identity_t id;
        rns_signer_t signer;
        memcpy(keys.x25519, secret.data, 32);
        memcpy(keys.ed25519, secret.data + 32, 32);
        rnsi_identity_from_secret(provider(), &id, &signer, &keys);

        uint8_t name_hash[10], dest[16], random[10], out[RNSI_ANNOUNCE_DATA_MAX];
        rnsi_destination_name_hash(provider(), text(v->dest_name), name_hash);
        rnsi_destination_hash(provider(), name_hash, id.hash.b, dest);
        rnsi_announce_random(random, noise, WIRE_EMITTED_S);
        const rnsi_announce_t a = {.dest = dest,
                                   .keys = id.pub,
                                   .name_hash = name_hash,
                                   .random = random,
                                   .ratchet = ratchet.size > 0 ? ratchet.data : NULL,
                                   .app_data = view(app_data)};
        const size_t size = rnsi_announce_build(provider(), &signer, &a, (rns_mem_t){out, 481});
        assert_memory_equal(dest, raw.data + 2, 16);
        assert_int_equal(size, raw.size - 19);
        assert_memory_equal(out, raw.data + 19, size);
        assert_int_equal(rnsi_announce_build(provider(), &signer, &a, (rns_mem_t){out, size - 1}),
                         0);
        free(raw.data);
        free(secret.data);
        free(ratchet.data);
        free(app_data.data);
    }
}

static void announce_longer_than_a_packet_is_not_built(void **state) {
    (void)state;
    static const uint8_t zeros[500];
    const rns_signer_t signer = {{0}};
    uint8_t out[1000];
    const rnsi_announce_t a = {.dest = zeros,
                               .keys = zeros,
                               .name_hash = zeros,
                               .random = zeros,
                               .app_data = {zeros, 481 - 148 + 1}};
    assert_int_equal(rnsi_announce_build(provider(), &signer, &a, (rns_mem_t){out, sizeof out}), 0);
}

static void emission_time_has_40_bits(void **state) {
    (void)state;
    const uint8_t noise[5] = {1, 2, 3, 4, 5};
    uint8_t random[10];
    rnsi_announce_random(random, noise, UINT64_C(0xFFA1B2C3D4));
    assert_hex(random, sizeof random, "0102030405ffa1b2c3d4");
    assert_true(rnsi_announce_emitted(random) == UINT64_C(0xFFA1B2C3D4));
}

static void names_hash_to_the_well_known_addresses(void **state) {
    (void)state;
    for (size_t i = 0; i < ITEMS(WIRE_NAMES); i++) {
        uint8_t name_hash[10], dest[16];
        rnsi_destination_name_hash(provider(), text(WIRE_NAMES[i].name), name_hash);
        rnsi_destination_hash(provider(), name_hash, NULL, dest);
        assert_hex(name_hash, sizeof name_hash, WIRE_NAMES[i].name_hash);
        assert_hex(dest, sizeof dest, WIRE_NAMES[i].dest);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reference_announces_verify_and_fit_their_address),
        cmocka_unit_test(app_data_is_none_or_empty_as_the_reference_stores_it),
        cmocka_unit_test(one_changed_bit_anywhere_in_what_is_signed_is_found),
        cmocka_unit_test(address_of_another_name_does_not_fit),
        cmocka_unit_test(announces_too_short_for_their_parts_are_refused),
        cmocka_unit_test(announce_of_500_bytes_is_taken_and_of_501_refused),
        cmocka_unit_test(other_packet_types_are_not_announces),
        cmocka_unit_test(built_announce_is_the_references_byte_for_byte),
        cmocka_unit_test(announce_longer_than_a_packet_is_not_built),
        cmocka_unit_test(emission_time_has_40_bits),
        cmocka_unit_test(names_hash_to_the_well_known_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, close_provider);
}
