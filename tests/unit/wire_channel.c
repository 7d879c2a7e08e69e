// Messages of channels and chunks of streams: their bytes are the reference's.
#include "wire_help.h"

#include "vectors/channel.h"
#include "wire/channel.h"

static void message_is_read_as_the_reference_packs_it(void **state) {
    (void)state;
    for (size_t i = 0; i < ITEMS(CHANNEL_MESSAGES); i++) {
        const channel_message_t *v = &CHANNEL_MESSAGES[i];
        const rns_mem_t raw = unhex(v->raw);
        rnsi_message_t m;
        assert_true(rnsi_message_parse(view(raw), &m));
        assert_int_equal(m.type, v->type);
        assert_int_equal(m.sequence, v->sequence);
        assert_hex(m.data.data, m.data.size, v->data);
        free(raw.data);
    }
}

static void message_head_is_the_one_that_the_reference_packs(void **state) {
    (void)state;
    for (size_t i = 0; i < ITEMS(CHANNEL_MESSAGES); i++) {
        const channel_message_t *v = &CHANNEL_MESSAGES[i];
        const rns_mem_t raw = unhex(v->raw);
        uint8_t head[RNSI_MESSAGE_HEAD];
        rnsi_message_head(head, (uint16_t)v->type, (uint16_t)v->sequence, strlen(v->data) / 2);
        assert_memory_equal(head, raw.data, sizeof head);
        free(raw.data);
    }
}

static void size_in_a_message_is_not_believed(void **state) {
    (void)state;
    const rns_mem_t raw = unhex("00010002ffff616263");
    rnsi_message_t m;
    assert_true(rnsi_message_parse(view(raw), &m));
    assert_hex(m.data.data, m.data.size, "616263");
    free(raw.data);
}

static void message_without_a_whole_head_is_refused(void **state) {
    (void)state;
    rnsi_message_t m;
    for (size_t size = 0; size < RNSI_MESSAGE_HEAD; size++) {
        const rns_mem_t raw = {calloc(1, size + 1), size};
        assert_false(rnsi_message_parse(view(raw), &m));
        free(raw.data);
    }
}

static void chunk_is_read_as_the_reference_packs_it(void **state) {
    (void)state;
    for (size_t i = 0; i < ITEMS(CHANNEL_CHUNKS); i++) {
        const channel_chunk_t *v = &CHANNEL_CHUNKS[i];
        const rns_mem_t raw = unhex(v->raw);
        rnsi_chunk_t c;
        assert_true(rnsi_chunk_parse(view(raw), &c));
        assert_int_equal(c.stream, v->stream);
        assert_int_equal(c.is_end, v->is_end);
        assert_int_equal(c.is_compressed, v->is_compressed);
        assert_hex(c.data.data, c.data.size, v->data);
        free(raw.data);
    }
}

static void chunk_head_is_the_one_that_the_reference_packs(void **state) {
    (void)state;
    for (size_t i = 0; i < ITEMS(CHANNEL_CHUNKS); i++) {
        const channel_chunk_t *v = &CHANNEL_CHUNKS[i];
        const rns_mem_t raw = unhex(v->raw);
        uint8_t head[RNSI_CHUNK_HEAD];
        rnsi_chunk_head(head, (uint16_t)v->stream, v->is_end, v->is_compressed);
        assert_memory_equal(head, raw.data, sizeof head);
        free(raw.data);
    }
}

static void chunk_without_a_whole_head_is_refused(void **state) {
    (void)state;
    const uint8_t one = 0x40;
    rnsi_chunk_t c;
    assert_false(rnsi_chunk_parse((rns_bytes_t){&one, 0}, &c));
    assert_false(rnsi_chunk_parse((rns_bytes_t){&one, 1}, &c));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(message_is_read_as_the_reference_packs_it),
        cmocka_unit_test(message_head_is_the_one_that_the_reference_packs),
        cmocka_unit_test(size_in_a_message_is_not_believed),
        cmocka_unit_test(message_without_a_whole_head_is_refused),
        cmocka_unit_test(chunk_is_read_as_the_reference_packs_it),
        cmocka_unit_test(chunk_head_is_the_one_that_the_reference_packs),
        cmocka_unit_test(chunk_without_a_whole_head_is_refused),
    };
    return cmocka_run_group_tests_name("wire channel", tests, NULL, NULL);
}
