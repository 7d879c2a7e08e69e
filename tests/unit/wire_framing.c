// HDLC and KISS: frames as the reference makes and reads them, however the stream is cut.
#include "wire_help.h"

#include "rns/framing.h"

#define NOTHING ((rns_framing_t)-1)

typedef rns_framing_t next_fn(rns_framing_stream_t *reader, rns_mem_t stream, size_t *consumed,
                              rns_mem_t *frame);

static void encoded_frames_are_the_references(void **state) {
    (void)state;
    for (size_t i = 0; i < ITEMS(WIRE_FRAMES); i++) {
        const rns_mem_t frame = unhex(WIRE_FRAMES[i].frame);
        uint8_t out[1024];
        size_t size = rns_hdlc_encode(view(frame), (rns_mem_t){out, sizeof out});
        assert_hex(out, size, WIRE_FRAMES[i].hdlc);
        assert_true(size <= RNS_HDLC_MAX(frame.size));
        assert_int_equal(rns_hdlc_encode(view(frame), (rns_mem_t){out, size}), size);
        assert_int_equal(rns_hdlc_encode(view(frame), (rns_mem_t){out, size - 1}), 0);
        size = rns_kiss_encode(RNS_KISS_DATA, view(frame), (rns_mem_t){out, sizeof out});
        assert_hex(out, size, WIRE_FRAMES[i].kiss);
        assert_true(size <= RNS_KISS_MAX(frame.size));
        assert_int_equal(rns_kiss_encode(0, view(frame), (rns_mem_t){out, size - 1}), 0);
        free(frame.data);
    }
}

// What a host does: appends what arrives, takes frames, keeps the rest.
typedef struct {
    rns_framing_stream_t reader;
    next_fn *next;
    uint8_t buffer[4096];
    size_t size;
} host_t;

static rns_framing_t take(host_t *h, rns_mem_t *frame) {
    static uint8_t last[4096];
    size_t consumed = 0;
    const rns_framing_t verdict =
        h->next(&h->reader, (rns_mem_t){h->buffer, h->size}, &consumed, frame);
    assert_true(consumed <= h->size);
    if (frame->data != NULL) {
        assert_true(frame->data >= h->buffer && frame->data + frame->size <= h->buffer + consumed);
        memcpy(last, frame->data, frame->size);
        frame->data = last;
    }
    memmove(h->buffer, h->buffer + consumed, h->size - consumed);
    h->size -= consumed;
    return verdict;
}

static void append(host_t *h, const void *bytes, size_t size) {
    assert_true(h->size + size <= sizeof h->buffer);
    memcpy(h->buffer + h->size, bytes, size);
    h->size += size;
}

static void append_hex(host_t *h, const char *hex) {
    const rns_mem_t bytes = unhex(hex);
    append(h, bytes.data, bytes.size);
    free(bytes.data);
}

static void expect(host_t *h, rns_framing_t verdict, const char *hex) {
    rns_mem_t frame;
    assert_int_equal(take(h, &frame), verdict);
    if (hex != NULL) {
        assert_hex(frame.data, frame.size, hex);
    }
}

static void whole_stream_in_pieces(next_fn *next, bool kiss, size_t piece) {
    host_t h = {.reader = {.max_frame = 564}, .next = next};
    size_t frames = 0;
    for (size_t i = 0; i < ITEMS(WIRE_FRAMES); i++) {
        const rns_mem_t bytes = unhex(kiss ? WIRE_FRAMES[i].kiss : WIRE_FRAMES[i].hdlc);
        for (size_t at = 0; at < bytes.size; at += piece) {
            const size_t size = bytes.size - at < piece ? bytes.size - at : piece;
            append(&h, bytes.data + at, size);
            rns_mem_t frame;
            for (rns_framing_t v = take(&h, &frame); v != RNS_FRAMING_MORE; v = take(&h, &frame)) {
                assert_int_equal(v, RNS_FRAMING_FRAME);
                assert_hex(frame.data, frame.size, WIRE_FRAMES[frames++].frame);
            }
        }
        free(bytes.data);
    }
    assert_int_equal(frames, ITEMS(WIRE_FRAMES));
    assert_int_equal(h.size, 0);
}

static void stream_gives_the_same_frames_however_it_is_cut(void **state) {
    (void)state;
    const size_t pieces[] = {1, 2, 3, 7, 8, 15, 16, 17, 64, 1000};
    for (size_t i = 0; i < ITEMS(pieces); i++) {
        whole_stream_in_pieces(rns_hdlc_next, false, pieces[i]);
        whole_stream_in_pieces(rns_kiss_next, true, pieces[i]);
    }
}

static void strange_escapes_are_read_as_by_the_reference(void **state) {
    (void)state;
    for (size_t i = 0; i < ITEMS(WIRE_HDLC_BODIES); i++) {
        host_t h = {.next = rns_hdlc_next};
        append_hex(&h, "7e");
        append_hex(&h, WIRE_HDLC_BODIES[i].body);
        append_hex(&h, "7e");
        expect(&h, RNS_FRAMING_FRAME, WIRE_HDLC_BODIES[i].frame);
    }
}

#define TWENTY   "000102030405060708090a0b0c0d0e0f10111213"
#define NINETEEN "000102030405060708090a0b0c0d0e0f101112"

static void end_of_one_frame_starts_the_next(void **state) {
    (void)state;
    host_t h = {.next = rns_hdlc_next};
    append_hex(&h, "7e" TWENTY "7e" TWENTY "7e7e7e" TWENTY "7e");
    expect(&h, RNS_FRAMING_FRAME, TWENTY);
    expect(&h, RNS_FRAMING_FRAME, TWENTY);
    expect(&h, RNS_FRAMING_FRAME, TWENTY);
    expect(&h, RNS_FRAMING_MORE, NULL);
    assert_int_equal(h.size, 0);
}

static void frames_of_19_bytes_are_dropped_with_their_reason(void **state) {
    (void)state;
    host_t h = {.next = rns_hdlc_next};
    append_hex(&h, "7e" NINETEEN "7e"
                   "01"
                   "7e" TWENTY "7e");
    expect(&h, RNS_FRAMING_SHORT, NULL);
    expect(&h, RNS_FRAMING_SHORT, NULL);
    expect(&h, RNS_FRAMING_FRAME, TWENTY);
}

static void size_limit_counts_unescaped_bytes(void **state) {
    (void)state;
    host_t h = {.reader = {.max_frame = 20}, .next = rns_hdlc_next};
    append_hex(&h, "7e"
                   "7d5e7d5e7d5e7d5e7d5e7d5e7d5e7d5e7d5e7d5e"
                   "7d5e7d5e7d5e7d5e7d5e7d5e7d5e7d5e7d5e7d5e"
                   "7e");
    expect(&h, RNS_FRAMING_FRAME, "7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e");
    append_hex(&h, TWENTY "14"
                          "7e" TWENTY "7e");
    expect(&h, RNS_FRAMING_LONG, NULL);
    expect(&h, RNS_FRAMING_FRAME, TWENTY);
}

static void bytes_before_the_first_flag_are_noise(void **state) {
    (void)state;
    host_t h = {.next = rns_hdlc_next};
    append_hex(&h, "0102030405060708090a0b0c0d0e0f1011121314");
    expect(&h, RNS_FRAMING_NOISE, NULL);
    expect(&h, RNS_FRAMING_MORE, NULL);
    assert_int_equal(h.size, 0);
    append_hex(&h, "01"
                   "7e" TWENTY "7e");
    expect(&h, RNS_FRAMING_NOISE, NULL);
    expect(&h, RNS_FRAMING_FRAME, TWENTY);
}

static void endless_frame_is_dropped_and_the_next_one_found(void **state) {
    (void)state;
    host_t h = {.reader = {.max_frame = 20}, .next = rns_hdlc_next};
    const uint8_t letter = 'x';
    append_hex(&h, "7e");
    for (size_t i = 0; i < 41; i++) {
        append(&h, &letter, 1);
        expect(&h, RNS_FRAMING_MORE, NULL);
    }
    assert_int_equal(h.size + 1, RNS_HDLC_MAX(20));
    append(&h, &letter, 1);
    expect(&h, RNS_FRAMING_OVERRUN, NULL);
    assert_int_equal(h.size, 0);
    append_hex(&h, "7878"
                   "7e"
                   "7e" TWENTY "7e");
    expect(&h, RNS_FRAMING_NOISE, NULL);
    expect(&h, RNS_FRAMING_FRAME, TWENTY);
}

static void long_stream_is_scanned_once(void **state) {
    (void)state;
    host_t h = {.next = rns_hdlc_next};
    append_hex(&h, "7e" TWENTY);
    expect(&h, RNS_FRAMING_MORE, NULL);
    assert_int_equal(h.reader.scanned, 20);
    // A flag put where it was looked for already is not seen: nothing looks there again.
    h.buffer[3] = 0x7E;
    append_hex(&h, "7e");
    expect(&h, RNS_FRAMING_FRAME, "0001027e0405060708090a0b0c0d0e0f10111213");
}

static void kiss_commands_are_told_apart_and_ports_ignored(void **state) {
    (void)state;
    host_t h = {.reader = {.max_frame = 64}, .next = rns_kiss_next};
    append_hex(&h, "c000" TWENTY "c0"
                   "c050"
                   "0102"
                   "c0"
                   "0f01"
                   "c0"
                   "c000c0"
                   "c00003c0");
    expect(&h, RNS_FRAMING_FRAME, TWENTY);
    expect(&h, RNS_FRAMING_FRAME, "0102");
    expect(&h, RNS_FRAMING_COMMAND, "01");
    assert_int_equal(h.reader.command, RNS_KISS_READY);
    expect(&h, RNS_FRAMING_SHORT, NULL);
    expect(&h, RNS_FRAMING_FRAME, "03");
    expect(&h, RNS_FRAMING_MORE, NULL);
}

static void kiss_escape_is_dropped_whatever_follows(void **state) {
    (void)state;
    host_t h = {.next = rns_kiss_next};
    append_hex(&h, "c000"
                   "db01"
                   "dbdbdc"
                   "dbdd"
                   "dc"
                   "db"
                   "c0");
    expect(&h, RNS_FRAMING_FRAME, "01c0dbdc");
}

static void kiss_frame_beyond_the_limit_is_cut(void **state) {
    (void)state;
    host_t h = {.reader = {.max_frame = 4}, .next = rns_kiss_next};
    append_hex(&h, "c000"
                   "dbdcdbdcdbdcdbdc"
                   "c0"
                   "000102030405"
                   "c0"
                   "0f0102030405"
                   "c0");
    expect(&h, RNS_FRAMING_FRAME, "c0c0c0c0");
    expect(&h, RNS_FRAMING_CUT, "01020304");
    expect(&h, RNS_FRAMING_COMMAND, "01020304");
}

static rns_framing_t feed_hdlc(rns_hdlc_port_t *port, const char *hex, rns_mem_t *frame) {
    const rns_mem_t bytes = unhex(hex);
    rns_framing_t last = NOTHING;
    *frame = (rns_mem_t){NULL, 0};
    for (size_t i = 0; i < bytes.size; i++) {
        last = rns_hdlc_feed(port, bytes.data[i], frame);
    }
    free(bytes.data);
    return last;
}

static rns_framing_t feed_kiss(rns_kiss_port_t *port, const char *hex, rns_mem_t *frame) {
    const rns_mem_t bytes = unhex(hex);
    rns_framing_t last = NOTHING;
    *frame = (rns_mem_t){NULL, 0};
    for (size_t i = 0; i < bytes.size; i++) {
        last = rns_kiss_feed(port, bytes.data[i], frame);
    }
    free(bytes.data);
    return last;
}

static void port_readers_gather_the_references_frames(void **state) {
    (void)state;
    uint8_t buffer[564];
    rns_hdlc_port_t hdlc = {.buffer = {buffer, sizeof buffer}};
    rns_kiss_port_t kiss = {.buffer = {buffer, sizeof buffer}, .command_mask = 0x0F};
    rns_mem_t frame;
    for (size_t i = 0; i < ITEMS(WIRE_FRAMES); i++) {
        assert_int_equal(feed_hdlc(&hdlc, WIRE_FRAMES[i].hdlc, &frame), RNS_FRAMING_FRAME);
        assert_hex(frame.data, frame.size, WIRE_FRAMES[i].frame);
        assert_int_equal(feed_kiss(&kiss, WIRE_FRAMES[i].kiss, &frame), RNS_FRAMING_FRAME);
        assert_hex(frame.data, frame.size, WIRE_FRAMES[i].frame);
    }
}

static void hdlc_port_needs_a_start_and_an_end_of_its_own(void **state) {
    (void)state;
    uint8_t buffer[8];
    rns_hdlc_port_t port = {.buffer = {buffer, sizeof buffer}};
    rns_mem_t frame;
    assert_int_equal(feed_hdlc(&port, "01", &frame), RNS_FRAMING_NOISE);
    assert_int_equal(feed_hdlc(&port, "7e01027e", &frame), RNS_FRAMING_FRAME);
    assert_hex(frame.data, frame.size, "0102");
    assert_int_equal(feed_hdlc(&port, "03", &frame), RNS_FRAMING_NOISE);
    assert_int_equal(feed_hdlc(&port, "7e", &frame), RNS_FRAMING_MORE);
    assert_int_equal(feed_hdlc(&port, "047e", &frame), RNS_FRAMING_FRAME);
    assert_hex(frame.data, frame.size, "04");
}

static void hdlc_port_finds_its_way_back_after_a_lost_flag(void **state) {
    (void)state;
    uint8_t buffer[8];
    rns_hdlc_port_t port = {.buffer = {buffer, sizeof buffer}};
    rns_mem_t frame;
    // The end of the first frame is lost: it and the start of the second enclose it.
    assert_int_equal(feed_hdlc(&port,
                               "7e01"
                               "7e",
                               &frame),
                     RNS_FRAMING_FRAME);
    assert_int_equal(feed_hdlc(&port, "027e", &frame), RNS_FRAMING_MORE);
    assert_int_equal(feed_hdlc(&port, "7e037e", &frame), RNS_FRAMING_FRAME);
    assert_hex(frame.data, frame.size, "03");
}

static void port_cuts_what_is_beyond_its_buffer_and_says_so(void **state) {
    (void)state;
    uint8_t buffer[4];
    rns_hdlc_port_t hdlc = {.buffer = {buffer, sizeof buffer}};
    rns_kiss_port_t kiss = {.buffer = {buffer, sizeof buffer}, .command_mask = 0x0F};
    rns_mem_t frame;
    assert_int_equal(feed_hdlc(&hdlc,
                               "7e01020304"
                               "7e",
                               &frame),
                     RNS_FRAMING_FRAME);
    assert_int_equal(feed_hdlc(&hdlc,
                               "7e0102030405"
                               "7e",
                               &frame),
                     RNS_FRAMING_CUT);
    assert_hex(frame.data, frame.size, "01020304");
    assert_int_equal(feed_hdlc(&hdlc,
                               "7e06"
                               "7e",
                               &frame),
                     RNS_FRAMING_FRAME);
    assert_int_equal(feed_kiss(&kiss,
                               "c0000102030405"
                               "c0",
                               &frame),
                     RNS_FRAMING_CUT);
    assert_hex(frame.data, frame.size, "01020304");
    assert_int_equal(feed_kiss(&kiss,
                               "0006"
                               "c0",
                               &frame),
                     RNS_FRAMING_FRAME);
    assert_hex(frame.data, frame.size, "06");
}

static void kiss_port_masks_the_command_as_told(void **state) {
    (void)state;
    uint8_t buffer[8];
    rns_kiss_port_t tnc = {.buffer = {buffer, sizeof buffer}, .command_mask = 0x0F};
    rns_kiss_port_t rnode = {.buffer = {buffer, sizeof buffer}, .command_mask = 0xFF};
    rns_mem_t frame;
    assert_int_equal(feed_kiss(&tnc, "01", &frame), RNS_FRAMING_NOISE);
    assert_int_equal(feed_kiss(&tnc, "c05001c0", &frame), RNS_FRAMING_FRAME);
    assert_int_equal(feed_kiss(&rnode, "c05001c0", &frame), RNS_FRAMING_COMMAND);
    assert_int_equal(rnode.command, 0x50);
    assert_hex(frame.data, frame.size, "01");
    assert_int_equal(feed_kiss(&tnc, "c0c0", &frame), RNS_FRAMING_MORE);
    assert_int_equal(feed_kiss(&tnc, "00c0", &frame), RNS_FRAMING_SHORT);
    assert_int_equal(feed_kiss(&tnc, "0fc0", &frame), RNS_FRAMING_COMMAND);
    assert_int_equal(frame.size, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encoded_frames_are_the_references),
        cmocka_unit_test(stream_gives_the_same_frames_however_it_is_cut),
        cmocka_unit_test(strange_escapes_are_read_as_by_the_reference),
        cmocka_unit_test(end_of_one_frame_starts_the_next),
        cmocka_unit_test(frames_of_19_bytes_are_dropped_with_their_reason),
        cmocka_unit_test(size_limit_counts_unescaped_bytes),
        cmocka_unit_test(bytes_before_the_first_flag_are_noise),
        cmocka_unit_test(endless_frame_is_dropped_and_the_next_one_found),
        cmocka_unit_test(long_stream_is_scanned_once),
        cmocka_unit_test(kiss_commands_are_told_apart_and_ports_ignored),
        cmocka_unit_test(kiss_escape_is_dropped_whatever_follows),
        cmocka_unit_test(kiss_frame_beyond_the_limit_is_cut),
        cmocka_unit_test(port_readers_gather_the_references_frames),
        cmocka_unit_test(hdlc_port_needs_a_start_and_an_end_of_its_own),
        cmocka_unit_test(hdlc_port_finds_its_way_back_after_a_lost_flag),
        cmocka_unit_test(port_cuts_what_is_beyond_its_buffer_and_says_so),
        cmocka_unit_test(kiss_port_masks_the_command_as_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
