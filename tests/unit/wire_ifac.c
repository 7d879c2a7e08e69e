// Interface access codes: keys and frames are the reference's; what is not of the network is
// refused.
#include "wire_help.h"

#include "wire/ifac.h"

static rnsi_ifac_t network_of(const wire_ifac_t *v) {
    rnsi_ifac_t ifac;
    assert_true(rnsi_ifac_derive(provider(), text(v->name), text(v->passphrase), v->size, &ifac));
    return ifac;
}

// The packet that the vectors seal, behind room bytes.
static rns_mem_t packet_of(size_t size, size_t room) {
    uint8_t *memory = malloc(room + size);
    assert_non_null(memory);
    rns_mem_t packet = {memory + room, size};
    packet.data[0] = 0x08;
    packet.data[1] = 0x03;
    for (size_t i = 2; i < size; i++) {
        packet.data[i] = (uint8_t)((i - 2) * 7 + 0x21);
    }
    return packet;
}

static void keys_and_signature_of_a_network_are_the_references(void **state) {
    (void)state;
    for (size_t i = 0; i < ITEMS(WIRE_IFAC); i++) {
        const rnsi_ifac_t ifac = network_of(&WIRE_IFAC[i]);
        uint8_t signature[64];
        assert_hex(ifac.key_secret, sizeof ifac.key_secret, WIRE_IFAC[i].key);
        rnsi_ifac_signature(provider(), &ifac, signature);
        assert_hex(signature, sizeof signature, WIRE_IFAC[i].signature);
    }
}

static void sealed_frame_is_the_references_byte_for_byte(void **state) {
    (void)state;
    for (size_t i = 0; i < ITEMS(WIRE_IFAC); i++) {
        const wire_ifac_t *v = &WIRE_IFAC[i];
        const rnsi_ifac_t ifac = network_of(v);
        const rns_mem_t packet = packet_of(v->packet_size, v->size);
        const rns_mem_t frame = rnsi_ifac_seal(provider(), &ifac, packet);
        const size_t shown = strlen(v->frame) / 2;
        uint8_t hash[32];
        assert_ptr_equal(frame.data, packet.data - v->size);
        assert_int_equal(frame.size, v->packet_size + v->size);
        assert_hex(frame.data, shown < frame.size ? shown : frame.size, v->frame);
        rnsi_sha256(provider(), view(frame), hash);
        assert_hex(hash, sizeof hash, v->frame_hash);
        free(frame.data);
    }
}

static void sealed_frame_opens_to_its_packet_and_checks(void **state) {
    (void)state;
    for (size_t i = 0; i < ITEMS(WIRE_IFAC); i++) {
        const wire_ifac_t *v = &WIRE_IFAC[i];
        if (strlen(v->frame) / 2 != v->packet_size + v->size) {
            continue;
        }
        const rnsi_ifac_t ifac = network_of(v);
        const rns_mem_t frame = unhex(v->frame), wanted = packet_of(v->packet_size, 0);
        rns_mem_t packet;
        assert_true(rnsi_ifac_unmask(provider(), &ifac, frame, &packet));
        assert_int_equal(packet.size, wanted.size);
        assert_memory_equal(packet.data, wanted.data, wanted.size);
        assert_true(
            rnsi_ifac_check(provider(), &ifac, view(packet), rnsi_ifac_code(&ifac, packet)));
        free(frame.data);
        free(wanted.data);
    }
}

static void one_changed_bit_anywhere_fails_the_check(void **state) {
    (void)state;
    const wire_ifac_t *v = &WIRE_IFAC[0];
    const rnsi_ifac_t ifac = network_of(v);
    for (size_t i = 0; i < v->packet_size + v->size; i++) {
        const rns_mem_t frame = unhex(v->frame);
        rns_mem_t packet;
        frame.data[i] ^= i == 0 ? 0x40 : 0x01;
        assert_true(rnsi_ifac_unmask(provider(), &ifac, frame, &packet));
        assert_false(
            rnsi_ifac_check(provider(), &ifac, view(packet), rnsi_ifac_code(&ifac, packet)));
        free(frame.data);
    }
}

static void frame_of_another_network_fails_the_check(void **state) {
    (void)state;
    rnsi_ifac_t ifac = network_of(&WIRE_IFAC[4]);
    ifac.size = 16;
    const rns_mem_t frame = unhex(WIRE_IFAC[0].frame);
    rns_mem_t packet;
    assert_true(rnsi_ifac_unmask(provider(), &ifac, frame, &packet));
    assert_false(rnsi_ifac_check(provider(), &ifac, view(packet), rnsi_ifac_code(&ifac, packet)));
    free(frame.data);
}

static void short_and_unflagged_frames_are_refused_unchanged(void **state) {
    (void)state;
    const wire_ifac_t *v = &WIRE_IFAC[0];
    const rnsi_ifac_t ifac = network_of(v);
    for (size_t size = 0; size <= 2 + v->size + 1; size++) {
        const rns_mem_t frame = unhex(v->frame);
        uint8_t *cut = malloc(size > 0 ? size : 1);
        assert_non_null(cut);
        memcpy(cut, frame.data, size);
        rns_mem_t packet;
        const bool opened = rnsi_ifac_unmask(provider(), &ifac, (rns_mem_t){cut, size}, &packet);
        assert_int_equal(opened, size > 2 + v->size);
        if (!opened) {
            assert_memory_equal(cut, frame.data, size);
        }
        free(cut);
        free(frame.data);
    }
    const rns_mem_t frame = unhex(v->frame);
    rns_mem_t packet;
    frame.data[0] &= 0x7F;
    assert_false(rnsi_ifac_unmask(provider(), &ifac, frame, &packet));
    free(frame.data);
}

static void network_needs_a_name_or_passphrase_and_a_size_of_1_to_64(void **state) {
    (void)state;
    rnsi_ifac_t ifac;
    assert_false(rnsi_ifac_derive(provider(), text(NULL), text(NULL), 16, &ifac));
    assert_false(rnsi_ifac_derive(provider(), text(""), text(""), 16, &ifac));
    assert_false(rnsi_ifac_derive(provider(), text("net"), text(NULL), 0, &ifac));
    assert_false(rnsi_ifac_derive(provider(), text("net"), text(NULL), 65, &ifac));
    assert_true(rnsi_ifac_derive(provider(), text("net"), text(""), 64, &ifac));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_and_signature_of_a_network_are_the_references),
        cmocka_unit_test(sealed_frame_is_the_references_byte_for_byte),
        cmocka_unit_test(sealed_frame_opens_to_its_packet_and_checks),
        cmocka_unit_test(one_changed_bit_anywhere_fails_the_check),
        cmocka_unit_test(frame_of_another_network_fails_the_check),
        cmocka_unit_test(short_and_unflagged_frames_are_refused_unchanged),
        cmocka_unit_test(network_needs_a_name_or_passphrase_and_a_size_of_1_to_64),
    };
    return cmocka_run_group_tests(tests, NULL, close_provider);
}
