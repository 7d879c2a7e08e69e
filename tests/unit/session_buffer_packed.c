// Streams between two nodes: what is compressed, streams that nobody reads, handles, ends.
#include "stream_help.h"
// ---- Compression

static void what_packs_takes_fewer_messages(void **state) {
    (void)state;
    static uint8_t data[16384];
    bed_t bed;
    open_packing(&bed);
    for (size_t i = 0; i < sizeof data; i++) {
        data[i] = (uint8_t)("All work and no play. "[i % 22]);
    }
    assert_int_equal(write_some(&bed, data, sizeof data), sizeof data); // in one message
    pair_run(bed.p, SECOND);
    assert_int_equal(bed.frames, 1);
    assert_int_equal(read_some(&bed, sizeof data), sizeof data);
    assert_memory_equal(bed.got, data, sizeof data);
    close_bed(&bed);
}

static void only_16384_bytes_go_into_one_message(void **state) {
    (void)state;
    static uint8_t data[16385];
    bed_t bed;
    open_packing(&bed);
    assert_int_equal(write_some(&bed, data, sizeof data), sizeof data);
    pair_run(bed.p, SECOND);
    assert_int_equal(bed.frames, 2);
    assert_int_equal(waiting(&bed), 16385);
    close_bed(&bed);
}

// Half of it is noise: the whole, and a half, are too long for a message; a third is zeros.
static void a_half_or_a_third_is_packed_where_the_whole_is_too_long(void **state) {
    (void)state;
    static uint8_t data[3000];
    bed_t bed;
    open_packing(&bed);
    noise(data + 1000, 2000);
    channel_of(&bed.p->a, bed.a)->window = 1;
    assert_int_equal(write_some(&bed, data, sizeof data), 1000);
    pair_run(bed.p, SECOND);
    assert_int_equal(bed.frames, 1);
    assert_true(bed.bytes < 200);
    assert_int_equal(read_some(&bed, 3000), 1000);
    assert_memory_equal(bed.got, data, 1000);
    close_bed(&bed);
}

static void what_does_not_pack_is_sent_as_it_is(void **state) {
    (void)state;
    static uint8_t data[10000];
    bed_t bed;
    open_packing(&bed);
    noise(data, sizeof data);
    write_all(&bed, data, sizeof data);
    assert_int_equal(bed.frames, 24); // of 423 bytes
    assert_int_equal(read_some(&bed, sizeof data), sizeof data);
    assert_memory_equal(bed.got, data, sizeof data);
    assert_int_equal(pair_used(&bed.p->a, RNS_POOL_PACK), 0);
    close_bed(&bed);
}

static void up_to_32_bytes_are_not_packed(void **state) {
    (void)state;
    static uint8_t data[200];
    bed_t bed;
    open_packing(&bed);
    assert_int_equal(write_some(&bed, data, 32), 32);
    pair_run(bed.p, SECOND);
    assert_int_equal(bed.bytes, 19 + 16 + 48 + 32); // 6 + 2 + 32 bytes in three blocks
    assert_int_equal(write_some(&bed, data, 200), 200);
    pair_run(bed.p, SECOND);
    assert_true(bed.bytes - 115 < 19 + 16 + 96 + 32); // bzip2 makes 38 of 200
    close_bed(&bed);
}

static void packed_chunk_of_the_reference_is_read(void **state) {
    (void)state;
    bed_t bed;
    open_packing(&bed);
    assert_int_equal(craft_packed(&bed, 0, HELLO), RNS_RX_DELIVERED);
    assert_int_equal(read_some(&bed, 1000), 600);
    for (size_t i = 0; i < 600; i++) {
        assert_int_equal(bed.got[i], "hello "[i % 6]);
    }
    assert_int_equal(craft_packed(&bed, 1, ZEROS), RNS_RX_DELIVERED);
    assert_int_equal(read_some(&bed, RING), 16384);
    close_bed(&bed);
}

static void chunk_that_unpacks_to_more_than_16384_is_refused(void **state) {
    (void)state;
    bed_t bed;
    open_packing(&bed);
    assert_int_equal(craft_packed(&bed, 0, TOO_MANY_ZEROS), RNS_RX_MALFORMED);
    assert_int_equal(bed.proofs, 0);
    assert_int_equal(pair_count(&bed.p->b, RNS_EV_BUFFER), 1); // the application hears of it
    assert_int_equal(pair_last(&bed.p->b, RNS_EV_BUFFER)->event.status, RNS_ERR_CORRUPT);
    assert_int_equal(waiting(&bed), 0);
    close_bed(&bed);
}

static void chunk_that_does_not_unpack_is_refused(void **state) {
    (void)state;
    bed_t bed;
    open_packing(&bed);
    assert_int_equal(craft_packed(&bed, 0, "425a68"), RNS_RX_MALFORMED);
    assert_int_equal(craft_packed(&bed, 0, "00112233445566"), RNS_RX_MALFORMED);
    assert_int_equal(craft_packed(&bed, 0, ""), RNS_RX_MALFORMED);
    assert_int_equal(bed.proofs, 0);
    assert_int_equal(craft_packed(&bed, 0, HELLO), RNS_RX_DELIVERED);
    close_bed(&bed);
}

static void packed_chunk_waits_for_room_for_what_it_unpacks_to(void **state) {
    (void)state;
    static uint8_t data[423];
    bed_t bed;
    open_with(&bed, (pair_setup_t){.count = PACKS, .compress = &rns_compress_bz2}, 1000);
    assert_int_equal(craft_chunk(&bed, 0, false, data, 401), RNS_RX_DELIVERED);
    assert_int_equal(craft_packed(&bed, 1, HELLO), RNS_RX_FULL); // one byte too many
    assert_int_equal(read_some(&bed, 1), 1);
    assert_int_equal(craft_packed(&bed, 1, HELLO), RNS_RX_DELIVERED); // around the ring's end
    assert_int_equal(waiting(&bed), 1000);
    assert_int_equal(read_some(&bed, 1000), 1000);
    for (size_t i = 0; i < 600; i++) {
        assert_int_equal(bed.got[401 + i], "hello "[i % 6]);
    }
    close_bed(&bed);
}

static void without_memory_to_unpack_nothing_packed_is_proved(void **state) {
    (void)state;
    bed_t bed;
    open_bed(&bed);
    assert_int_equal(craft_packed(&bed, 0, HELLO), RNS_RX_FULL);
    assert_int_equal(craft_packed(&bed, 1, HELLO), RNS_RX_FULL); // not stored either
    assert_int_equal(bed.proofs, 0);
    close_bed(&bed);
}

static void packed_chunk_that_waits_goes_on_when_memory_is_free(void **state) {
    (void)state;
    bed_t bed;
    open_packing(&bed);
    rnsi_pool_t *arenas = RNSI_POOL(bed.p->b.node, UNPACK_SMALL);
    void *arena = rnsi_pool_take(arenas, bed.p->now, NULL);
    assert_int_equal(craft_packed(&bed, 0, HELLO), RNS_RX_FULL);
    assert_int_equal(craft_packed(&bed, 1, HELLO), RNS_RX_QUEUED);
    assert_int_equal(craft_chunk(&bed, 0, false, "x", 1), RNS_RX_DELIVERED);
    pair_run(bed.p, SECOND);
    assert_int_equal(waiting(&bed), 1);
    rnsi_pool_give(arenas, arena);
    pair_run(bed.p, 100 * MS);
    assert_int_equal(waiting(&bed), 601);
    close_bed(&bed);
}

static void larger_memory_serves_where_the_smaller_is_taken(void **state) {
    (void)state;
    const uint32_t count[RNS_POOL_COUNT] = {[RNS_POOL_UNPACK] = 1};
    bed_t bed;
    open_with(&bed, (pair_setup_t){.count = count, .compress = &rns_compress_bz2}, RING);
    assert_int_equal(craft_packed(&bed, 0, HELLO), RNS_RX_DELIVERED);
    assert_int_equal(waiting(&bed), 600);
    close_bed(&bed);
}

static void bad_chunk_that_was_stored_ends_the_link(void **state) {
    (void)state;
    bed_t bed;
    open_packing(&bed);
    assert_int_equal(craft_packed(&bed, 1, TOO_MANY_ZEROS), RNS_RX_QUEUED);
    assert_int_equal(craft_chunk(&bed, 0, false, "x", 1), RNS_RX_DELIVERED);
    assert_int_equal(pair_last(&bed.p->b, RNS_EV_LINK_DOWN)->event.reason,
                     RNS_LINK_DESTINATION_CLOSED);
    close_bed(&bed);
}

static void writer_whose_memory_is_taken_sends_as_it_is(void **state) {
    (void)state;
    static uint8_t data[1000];
    bed_t bed;
    open_packing(&bed);
    rnsi_pool_t *arenas = RNSI_POOL(bed.p->a.node, PACK);
    void *arena = rnsi_pool_take(arenas, bed.p->now, NULL);
    assert_int_equal(write_some(&bed, data, 423), 423);
    rnsi_pool_give(arenas, arena);
    pair_run(bed.p, SECOND);
    assert_true(bed.bytes > 423);
    assert_int_equal(waiting(&bed), 423);
    close_bed(&bed);
}

// ---- Streams that nobody reads, and chunks that are none

static void stream_without_a_reader_is_lost(void **state) {
    (void)state;
    bed_t bed;
    open_bed(&bed);
    assert_int_equal(rns_buffer_close(bed.p->b.node, bed.p->now, bed.reader), RNS_ERR_OK);
    assert_int_equal(craft_chunk(&bed, 0, false, "x", 1), RNS_RX_NO_CHANNEL);
    assert_int_equal(bed.proofs, 1);
    assert_int_equal(pair_count(&bed.p->b, RNS_EV_BUFFER), 0);
    assert_int_equal(rns_buffer_close(bed.p->b.node, bed.p->now, bed.reader), RNS_ERR_GONE);
    close_bed(&bed);
}

static void chunk_without_a_whole_head_is_malformed(void **state) {
    (void)state;
    bed_t bed;
    open_bed(&bed);
    assert_int_equal(craft(&bed, 0, pair_text("x")), RNS_RX_MALFORMED);
    assert_int_equal(craft(&bed, 1, pair_text("x")), RNS_RX_MALFORMED); // not stored either
    assert_int_equal(bed.proofs, 0);
    close_bed(&bed);
}

static void what_waits_for_a_reader_is_lost_when_it_closes(void **state) {
    (void)state;
    static uint8_t data[423];
    bed_t bed;
    open_with(&bed, (pair_setup_t){0}, 423);
    assert_int_equal(craft_chunk(&bed, 1, false, "b", 1), RNS_RX_QUEUED);
    assert_int_equal(craft_chunk(&bed, 0, false, data, 423), RNS_RX_DELIVERED);
    assert_int_equal(pair_used(&bed.p->b, RNS_POOL_ENVELOPE), 1);
    assert_int_equal(rns_buffer_close(bed.p->b.node, bed.p->now, bed.reader), RNS_ERR_OK);
    assert_int_equal(pair_used(&bed.p->b, RNS_POOL_ENVELOPE), 0);
    assert_int_equal(channel_of(&bed.p->b, bed.b)->next_rx, 2);
    close_bed(&bed);
}

// ---- Handles

static void readers_and_writers_are_checked(void **state) {
    (void)state;
    static uint8_t ring[423];
    const rns_mem_t memory = {ring, sizeof ring};
    bed_t bed;
    rns_buffer_t any;
    rns_link_t a2, b2;
    open_bed(&bed);
    rns_node_t *b = bed.p->b.node;
    const rns_us_t now = bed.p->now;
    assert_int_equal(rns_buffer_reader(b, now, bed.b, STREAM, memory, &any), RNS_ERR_EXISTS);
    assert_int_equal(rns_buffer_reader(b, now, bed.b, 0x4000, memory, &any), RNS_ERR_ARG);
    assert_int_equal(rns_buffer_reader(b, now, bed.b, 1, (rns_mem_t){NULL, 500}, &any),
                     RNS_ERR_ARG);
    assert_int_equal(rns_buffer_reader(b, now, bed.b, 1, (rns_mem_t){ring, 422}, &any),
                     RNS_ERR_ARG);
    assert_int_equal(rns_buffer_writer(b, now, bed.b, 0x4000, &any), RNS_ERR_ARG);
    assert_int_equal(rns_buffer_reader(b, now, bed.b, 0x3FFF, memory, &any), RNS_ERR_OK);
    pair_link(bed.p, &a2, &b2);
    assert_int_equal(rns_buffer_reader(b, now, b2, 1, memory, &any), RNS_ERR_STATE);
    assert_int_equal(rns_buffer_writer(b, now, b2, 1, &any), RNS_ERR_STATE);
    rns_link_close(b, bed.p->now, b2);
    assert_int_equal(rns_buffer_reader(b, now, b2, 1, memory, &any), RNS_ERR_GONE);
    assert_int_equal(rns_buffer_writer(b, now, b2, 1, &any), RNS_ERR_GONE);
    pair_run(bed.p, SECOND);
    close_bed(&bed);
}

static void same_number_on_another_link_is_another_stream(void **state) {
    (void)state;
    static uint8_t ring[423];
    bed_t bed;
    rns_buffer_t reader;
    rns_link_t a2, b2;
    open_bed(&bed);
    pair_link(bed.p, &a2, &b2);
    rns_node_t *b = bed.p->b.node;
    assert_int_equal(rns_channel_open(b, bed.p->now, b2), RNS_ERR_OK);
    assert_int_equal(
        rns_buffer_reader(b, bed.p->now, b2, STREAM, (rns_mem_t){ring, sizeof ring}, &reader),
        RNS_ERR_OK);
    assert_int_equal(craft_chunk(&bed, 0, false, "x", 1), RNS_RX_DELIVERED);
    assert_int_equal(waiting(&bed), 1);
    assert_int_equal(rns_buffer_waiting(b, reader), 0);
    rns_link_close(b, bed.p->now, b2);
    close_bed(&bed);
}

static void no_slot_for_an_end_of_a_stream_is_said(void **state) {
    (void)state;
    static uint8_t ring[423];
    const uint32_t count[RNS_POOL_COUNT] = {[RNS_POOL_BUFFER] = 1};
    bed_t bed;
    rns_buffer_t any;
    open_with(&bed, (pair_setup_t){.count = count}, RING);
    rns_node_t *b = bed.p->b.node;
    const rns_mem_t memory = {ring, sizeof ring};
    assert_int_equal(rns_buffer_writer(b, bed.p->now, bed.b, 1, &any), RNS_ERR_FULL);
    assert_int_equal(rns_buffer_reader(b, bed.p->now, bed.b, 1, memory, &any), RNS_ERR_FULL);
    close_bed(&bed);
}

static void handles_of_the_wrong_end_do_nothing(void **state) {
    (void)state;
    uint8_t byte;
    bool eof = true;
    bed_t bed;
    open_bed(&bed);
    assert_int_equal(
        rns_buffer_read(bed.p->a.node, bed.p->now, bed.writer, (rns_mem_t){&byte, 1}, &eof), 0);
    assert_false(eof);
    assert_int_equal(rns_buffer_write(bed.p->b.node, bed.p->now, bed.reader, pair_text("x")), 0);
    rns_link_close(bed.p->a.node, bed.p->now, bed.a);
    assert_int_equal(write_some(&bed, "x", 1), 0);
    pair_run(bed.p, SECOND);
    assert_int_equal(read_some(&bed, 1), 0);
    assert_int_equal(waiting(&bed), 0);
    assert_int_equal(rns_buffer_close(bed.p->b.node, bed.p->now, bed.reader), RNS_ERR_GONE);
    close_bed(&bed);
}

// ---- Ends

static void writer_that_closes_says_so_when_the_window_has_room(void **state) {
    (void)state;
    static uint8_t data[2000];
    bed_t bed;
    open_bed(&bed);
    rns_node_t *a = bed.p->a.node;
    assert_int_equal(write_some(&bed, data, sizeof data), 846);
    assert_int_equal(rns_buffer_close(a, bed.p->now, bed.writer), RNS_ERR_OK);
    assert_int_equal(rns_buffer_close(a, bed.p->now, bed.writer), RNS_ERR_GONE);
    assert_int_equal(write_some(&bed, data, 1), 0);
    assert_int_equal(pair_used(&bed.p->a, RNS_POOL_BUFFER), 1);
    pair_run(bed.p, SECOND);
    assert_int_equal(pair_used(&bed.p->a, RNS_POOL_BUFFER), 0);
    assert_int_equal(channel_of(&bed.p->a, bed.a)->ending, 0);
    assert_int_equal(read_some(&bed, 1000), 846);
    assert_true(bed.ended);
    close_bed(&bed);
}

static void two_writers_that_wait_both_say_their_end(void **state) {
    (void)state;
    static uint8_t ring[423], data[2000];
    bed_t bed;
    rns_buffer_t second, reader;
    bool eof;
    open_bed(&bed);
    rns_node_t *a = bed.p->a.node, *b = bed.p->b.node;
    assert_int_equal(rns_buffer_writer(a, bed.p->now, bed.a, 8, &second), RNS_ERR_OK);
    assert_int_equal(
        rns_buffer_reader(b, bed.p->now, bed.b, 8, (rns_mem_t){ring, sizeof ring}, &reader),
        RNS_ERR_OK);
    channel_of(&bed.p->a, bed.a)->window = 1;
    channel_of(&bed.p->a, bed.a)->window_max = 1;
    assert_int_equal(write_some(&bed, data, sizeof data), 423);
    rns_buffer_close(a, bed.p->now, bed.writer);
    rns_buffer_close(a, bed.p->now, second);
    pair_run(bed.p, SECOND);
    read_some(&bed, 1000);
    assert_true(bed.ended);
    rns_buffer_read(b, bed.p->now, reader, (rns_mem_t){ring, 1}, &eof);
    assert_true(eof);
    close_bed(&bed);
}

static void end_that_finds_no_slot_is_said_later(void **state) {
    (void)state;
    const uint32_t count[RNS_POOL_COUNT] = {[RNS_POOL_PIECE] = 1};
    bed_t bed;
    open_with(&bed, (pair_setup_t){.count = count}, RING);
    rnsi_pool_t *pieces = RNSI_POOL(bed.p->a.node, PIECE);
    void *piece = rnsi_pool_take(pieces, bed.p->now, NULL);
    assert_int_equal(rns_buffer_close(bed.p->a.node, bed.p->now, bed.writer), RNS_ERR_OK);
    pair_run(bed.p, SECOND);
    rnsi_pool_give(pieces, piece);
    pair_run(bed.p, SECOND);
    read_some(&bed, 1);
    assert_true(bed.ended);
    close_bed(&bed);
}

static void link_that_closes_takes_writers_with_it(void **state) {
    (void)state;
    static uint8_t data[2000];
    bed_t bed;
    open_bed(&bed);
    bed.lose_all = true;
    write_some(&bed, data, sizeof data);
    rns_buffer_close(bed.p->a.node, bed.p->now, bed.writer); // waits for room that never comes
    pair_run(bed.p, 5 * SECOND);
    assert_int_equal(pair_count(&bed.p->a, RNS_EV_LINK_DOWN), 1);
    close_bed(&bed);
}

static void close_in_event(side_t *side, const rns_event_t *event) {
    if (event->type == RNS_EV_BUFFER) {
        rns_buffer_close(side->node, side->pair->now, event->buffer);
    }
}

static void close_link_in_event(side_t *side, const rns_event_t *event) {
    if (event->type == RNS_EV_BUFFER) {
        rns_link_close(side->node, side->pair->now, event->link);
    }
}

static void reader_and_link_may_be_closed_in_the_event(void **state) {
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        bed_t bed;
        open_bed(&bed);
        bed.p->b.react = i == 0 ? close_in_event : close_link_in_event;
        assert_int_equal(craft_chunk(&bed, 1, false, "b", 1), RNS_RX_QUEUED);
        assert_int_equal(craft_chunk(&bed, 0, false, "a", 1), RNS_RX_DELIVERED);
        assert_int_equal(pair_count(&bed.p->b, RNS_EV_BUFFER), 1);
        close_bed(&bed);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_packs_takes_fewer_messages),
        cmocka_unit_test(only_16384_bytes_go_into_one_message),
        cmocka_unit_test(a_half_or_a_third_is_packed_where_the_whole_is_too_long),
        cmocka_unit_test(what_does_not_pack_is_sent_as_it_is),
        cmocka_unit_test(up_to_32_bytes_are_not_packed),
        cmocka_unit_test(packed_chunk_of_the_reference_is_read),
        cmocka_unit_test(chunk_that_unpacks_to_more_than_16384_is_refused),
        cmocka_unit_test(chunk_that_does_not_unpack_is_refused),
        cmocka_unit_test(packed_chunk_waits_for_room_for_what_it_unpacks_to),
        cmocka_unit_test(without_memory_to_unpack_nothing_packed_is_proved),
        cmocka_unit_test(packed_chunk_that_waits_goes_on_when_memory_is_free),
        cmocka_unit_test(larger_memory_serves_where_the_smaller_is_taken),
        cmocka_unit_test(bad_chunk_that_was_stored_ends_the_link),
        cmocka_unit_test(writer_whose_memory_is_taken_sends_as_it_is),
        cmocka_unit_test(stream_without_a_reader_is_lost),
        cmocka_unit_test(chunk_without_a_whole_head_is_malformed),
        cmocka_unit_test(what_waits_for_a_reader_is_lost_when_it_closes),
        cmocka_unit_test(readers_and_writers_are_checked),
        cmocka_unit_test(same_number_on_another_link_is_another_stream),
        cmocka_unit_test(no_slot_for_an_end_of_a_stream_is_said),
        cmocka_unit_test(handles_of_the_wrong_end_do_nothing),
        cmocka_unit_test(writer_that_closes_says_so_when_the_window_has_room),
        cmocka_unit_test(two_writers_that_wait_both_say_their_end),
        cmocka_unit_test(end_that_finds_no_slot_is_said_later),
        cmocka_unit_test(link_that_closes_takes_writers_with_it),
        cmocka_unit_test(reader_and_link_may_be_closed_in_the_event),
    };
    return cmocka_run_group_tests_name("session buffer packed", tests, NULL, NULL);
}
