// Streams between two nodes: bytes in order, compression, full readers, ends.
#include "stream_help.h"

// ---- The usual

static void bytes_arrive_in_order_and_the_end_after_them(void **state) {
    (void)state;
    static uint8_t data[50000];
    bed_t bed;
    open_bed(&bed);
    noise(data, sizeof data);
    for (size_t at = 0; at < sizeof data;) {
        at += write_some(&bed, data + at, sizeof data - at);
        pair_run(bed.p, 5 * MS);
        read_some(&bed, 777);
    }
    assert_int_equal(rns_buffer_close(bed.p->a.node, bed.p->now, bed.writer), RNS_ERR_OK);
    while (!bed.ended) {
        pair_run(bed.p, 5 * MS);
        read_some(&bed, 777);
    }
    assert_int_equal(bed.got_size, sizeof data);
    assert_memory_equal(bed.got, data, sizeof data);
    const heard_t *last = pair_last(&bed.p->b, RNS_EV_BUFFER);
    assert_true(last->event.is_end);
    assert_int_equal(last->event.number, STREAM);
    assert_int_equal(last->event.buffer.slot, bed.reader.slot);
    close_bed(&bed);
}

static void event_says_how_much_waits(void **state) {
    (void)state;
    bed_t bed;
    open_bed(&bed);
    assert_int_equal(write_some(&bed, "hello", 5), 5);
    assert_int_equal(write_some(&bed, " you", 4), 4);
    pair_run(bed.p, SECOND);
    assert_int_equal(pair_count(&bed.p->b, RNS_EV_BUFFER), 2);
    assert_int_equal(pair_last(&bed.p->b, RNS_EV_BUFFER)->event.size, 9);
    assert_false(pair_last(&bed.p->b, RNS_EV_BUFFER)->event.is_end);
    assert_int_equal(waiting(&bed), 9);
    assert_int_equal(read_some(&bed, 3), 3);
    assert_int_equal(read_some(&bed, 100), 6);
    assert_memory_equal(bed.got, "hello you", 9);
    assert_int_equal(read_some(&bed, 100), 0);
    assert_false(bed.ended);
    close_bed(&bed);
}

static void a_message_carries_423_bytes_at_mtu_500(void **state) {
    (void)state;
    static uint8_t data[1000];
    bed_t bed;
    open_bed(&bed);
    assert_int_equal(write_some(&bed, data, sizeof data), 2 * 423); // the window is two
    assert_int_equal(write_some(&bed, data, sizeof data), 0);
    pair_run(bed.p, SECOND);
    assert_int_equal(waiting(&bed), 2 * 423);
    assert_int_equal(pair_count(&bed.p->a, RNS_EV_CHANNEL_READY), 1);
    close_bed(&bed);
}

static void a_number_is_one_stream_in_each_direction(void **state) {
    (void)state;
    static uint8_t ring[1000];
    bed_t bed;
    rns_buffer_t back, reader;
    uint8_t got[10];
    open_bed(&bed);
    rns_node_t *a = bed.p->a.node, *b = bed.p->b.node;
    assert_int_equal(rns_buffer_writer(b, bed.p->now, bed.b, STREAM, &back), RNS_ERR_OK);
    assert_int_equal(
        rns_buffer_reader(a, bed.p->now, bed.a, STREAM, (rns_mem_t){ring, sizeof ring}, &reader),
        RNS_ERR_OK);
    assert_int_equal(write_some(&bed, "there", 5), 5);
    assert_int_equal(rns_buffer_write(b, bed.p->now, back, pair_text("back")), 4);
    pair_run(bed.p, SECOND);
    assert_int_equal(read_some(&bed, 10), 5);
    assert_int_equal(rns_buffer_read(a, bed.p->now, reader, (rns_mem_t){got, 10}, NULL), 4);
    assert_memory_equal(got, "back", 4);
    close_bed(&bed);
}

// The reference writes what its buffer holds with the end, too.
static void the_end_may_come_with_bytes(void **state) {
    (void)state;
    bed_t bed;
    open_bed(&bed);
    assert_int_equal(craft_chunk(&bed, 0, true, "last", 4), RNS_RX_DELIVERED);
    assert_int_equal(read_some(&bed, 2), 2);
    assert_false(bed.ended);
    assert_int_equal(read_some(&bed, 2), 2);
    assert_true(bed.ended);
    close_bed(&bed);
}

// ---- Full readers

static void full_reader_takes_no_more_until_it_is_read(void **state) {
    (void)state;
    static uint8_t data[1269];
    bed_t bed;
    noise(data, sizeof data);
    open_with(&bed, (pair_setup_t){0}, 1000);
    rns_node_t *b = bed.p->b.node;
    assert_int_equal(write_some(&bed, data, 846), 846);
    pair_run(bed.p, 100 * MS);
    assert_int_equal(bed.proofs, 2);
    assert_int_equal(write_some(&bed, data + 846, 423), 423);
    pair_run(bed.p, 400 * MS); // tries at 0, 125, 312 ms
    assert_int_equal(pair_verdicts(&bed.p->b, RNS_RX_FULL), 3);
    assert_int_equal(bed.proofs, 2);
    assert_int_equal(read_some(&bed, 269), 269); // now it fits exactly
    pair_run(bed.p, SECOND);
    assert_int_equal(rns_buffer_waiting(b, bed.reader), 1000);
    assert_int_equal(read_some(&bed, 2000), 1000);
    assert_memory_equal(bed.got, data, sizeof data);
    close_bed(&bed);
}

static void reader_that_nobody_reads_costs_the_link(void **state) {
    (void)state;
    static uint8_t data[900];
    bed_t bed;
    open_with(&bed, (pair_setup_t){0}, 425);
    write_some(&bed, data, sizeof data);
    pair_run(bed.p, 6 * SECOND);
    assert_int_equal(pair_count(&bed.p->a, RNS_EV_LINK_DOWN), 1);
    assert_int_equal(pair_count(&bed.p->b, RNS_EV_LINK_DOWN), 1);
    close_bed(&bed);
}

static void what_came_early_for_a_full_reader_waits_for_it(void **state) {
    (void)state;
    static uint8_t data[423];
    bed_t bed;
    open_with(&bed, (pair_setup_t){0}, 423);
    memset(data, 'x', sizeof data);
    assert_int_equal(craft_chunk(&bed, 1, false, "b", 1), RNS_RX_QUEUED);
    assert_int_equal(craft_chunk(&bed, 2, false, "c", 1), RNS_RX_QUEUED);
    assert_int_equal(craft_chunk(&bed, 0, false, data, 423), RNS_RX_DELIVERED);
    assert_int_equal(craft_chunk(&bed, 1, false, "b", 1), RNS_RX_REPEATED); // kept, so proved
    assert_int_equal(bed.proofs, 4);
    assert_int_equal(waiting(&bed), 423);
    assert_int_equal(read_some(&bed, 1), 1);
    assert_int_equal(waiting(&bed), 423); // one more
    assert_int_equal(read_some(&bed, 423), 423);
    assert_int_equal(read_some(&bed, 10), 1);
    assert_memory_equal(bed.got + 422, "xbc", 3);
    assert_int_equal(pair_count(&bed.p->b, RNS_EV_BUFFER), 3);
    assert_int_equal(craft_chunk(&bed, 3, false, "d", 1), RNS_RX_DELIVERED);
    close_bed(&bed);
}

static void read_in_event(side_t *side, const rns_event_t *event) {
    bed_t *bed = side->user;
    if (event->type == RNS_EV_BUFFER) {
        read_some(bed, bed->read_most != 0 ? bed->read_most : 1000);
    }
}

static void reading_in_the_event_goes_on_with_what_waits(void **state) {
    (void)state;
    bed_t bed;
    char text[3] = "b";
    open_with(&bed, (pair_setup_t){0}, 425);
    bed.p->b.react = read_in_event;
    bed.p->b.user = &bed;
    for (unsigned i = 1; i < 10; i++, text[0]++) {
        assert_int_equal(craft_chunk(&bed, i, false, text, 1), RNS_RX_QUEUED);
    }
    assert_int_equal(craft_chunk(&bed, 0, false, "a", 1), RNS_RX_DELIVERED);
    assert_int_equal(bed.got_size, 10);
    assert_memory_equal(bed.got, "abcdefghij", 10);
    close_bed(&bed);
}

static void ring_wraps_around_at_every_place(void **state) {
    (void)state;
    static uint8_t data[30000];
    bed_t bed;
    noise(data, sizeof data);
    open_with(&bed, (pair_setup_t){0}, 431);
    bed.p->b.react = read_in_event;
    bed.p->b.user = &bed;
    bed.read_most = 419;
    for (size_t at = 0, step = 0; at < sizeof data; step++) {
        const size_t size = 1 + step * 31 % 423, left = sizeof data - at;
        at += write_some(&bed, data + at, size < left ? size : left);
        pair_run(bed.p, 20 * MS);
        while (waiting(&bed) > 0) {
            read_some(&bed, 1 + step % 17);
        }
    }
    pair_run(bed.p, SECOND);
    read_some(&bed, 1000);
    assert_int_equal(bed.got_size, sizeof data);
    assert_memory_equal(bed.got, data, sizeof data);
    close_bed(&bed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_arrive_in_order_and_the_end_after_them),
        cmocka_unit_test(event_says_how_much_waits),
        cmocka_unit_test(a_message_carries_423_bytes_at_mtu_500),
        cmocka_unit_test(a_number_is_one_stream_in_each_direction),
        cmocka_unit_test(the_end_may_come_with_bytes),
        cmocka_unit_test(full_reader_takes_no_more_until_it_is_read),
        cmocka_unit_test(reader_that_nobody_reads_costs_the_link),
        cmocka_unit_test(what_came_early_for_a_full_reader_waits_for_it),
        cmocka_unit_test(reading_in_the_event_goes_on_with_what_waits),
        cmocka_unit_test(ring_wraps_around_at_every_place),
    };
    return cmocka_run_group_tests_name("session buffer", tests, NULL, NULL);
}
