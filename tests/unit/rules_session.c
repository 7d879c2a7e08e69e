// Rules of core/rules.h that sessions follow: as with the reference 1.3, and as with today's. What
// is expected was read from RNS 1.3.1 and 1.5.7.
#include "resource_bed.h"
#include "rules_help.h"

#include "rules.h"
#include "session/channel.h"
#include "session/window.h"
#include "wire/channel.h"
#include "wire/request.h"

#define PING 0xFF
#define PONG 0xFE

// ---- What goes over the wire

typedef struct {
    unsigned pings, pongs; // keepalives to b, to a
    unsigned messages;     // of channels, to b
    unsigned parts;        // of resources, to b; those from lose_from up to lose_to are lost
    unsigned lose_from, lose_to;
    unsigned refusals;              // RESOURCE_RCL, to a
    uint8_t proof_hops, proof_mode; // of proofs of links
} seen_t;

static bool look(pair_t *pair, bool to_b, rns_mem_t frame) {
    bed_t *bed = pair->user;
    seen_t *seen = bed->user;
    const uint8_t context = frame.data[18];
    if (context == RNSI_CONTEXT_KEEPALIVE) {
        seen->pings += to_b && frame.data[19] == PING;
        seen->pongs += !to_b && frame.data[19] == PONG;
    }
    seen->messages += to_b && context == RNSI_CONTEXT_CHANNEL;
    seen->refusals += !to_b && context == RNSI_CONTEXT_RESOURCE_RCL;
    if (context == RNSI_CONTEXT_LRPROOF) {
        frame.data[1] = seen->proof_hops;
        frame.data[115] ^= (uint8_t)(seen->proof_mode << 5);
    }
    if (!to_b || context != RNSI_CONTEXT_RESOURCE) {
        return true;
    }
    const unsigned number = seen->parts++;
    return number < seen->lose_from || number >= seen->lose_to;
}

static bed_t *open_seen(seen_t *seen, pair_setup_t setup, rns_accept_t accept) {
    bed_t *bed = bed_open(setup, accept);
    memset(seen, 0, sizeof *seen);
    bed->user = seen;
    bed->pair->hook = look;
    return bed;
}

static struct rnsi_link *link_a(const bed_t *bed) {
    return rnsi_link_get(bed->pair->a.node, bed->a);
}

static struct rnsi_link *link_b(const bed_t *bed) {
    return rnsi_link_get(bed->pair->b.node, bed->b);
}

// ---- Links

static void each_keepalive_is_answered(void **state) {
    (void)state;
    seen_t seen;
    bed_t *bed = open_seen(&seen, (pair_setup_t){0}, RNS_ACCEPT_NONE);
    pair_t *p = bed->pair;
    const uint8_t ping = PING;
    assert_int_equal(rns_link_send(p->b.node, p->now, bed->b, pair_text("busy"), NULL), RNS_ERR_OK);
    pair_run(p, SECOND);
    assert_true(rnsi_link_send_bare(p->a.node, link_a(bed), RNSI_TYPE_DATA, RNSI_CONTEXT_KEEPALIVE,
                                    (rns_bytes_t){&ping, 1}));
    pair_run(p, SECOND);
    assert_int_equal(seen.pings, 1);
    assert_int_equal(seen.pongs, SINCE(1, 0));
    bed_close(bed);
}

// Over 20 ms a keepalive is due each 5 s.
static void who_hears_something_sends_no_keepalive(void **state) {
    (void)state;
    seen_t seen;
    bed_t *bed = open_seen(&seen, (pair_setup_t){0}, RNS_ACCEPT_NONE);
    pair_t *p = bed->pair;
    for (unsigned i = 0; i < 12; i++) {
        assert_int_equal(rns_link_send(p->b.node, p->now, bed->b, pair_text("busy"), NULL),
                         RNS_ERR_OK);
        pair_run(p, SECOND);
    }
    assert_int_equal(seen.pings, SINCE(0, 2));
    bed_close(bed);
}

static void a_peer_may_identify_itself_anew(void **state) {
    (void)state;
    seen_t seen;
    bed_t *bed = open_seen(&seen, (pair_setup_t){0}, RNS_ACCEPT_NONE);
    pair_t *p = bed->pair;
    for (unsigned who = 7; who < 9; who++) {
        const rns_secret_t secret = pair_secret(who);
        assert_int_equal(rns_link_identify(p->a.node, p->now, bed->a, &secret), RNS_ERR_OK);
        pair_run(p, SECOND);
    }
    assert_int_equal(pair_count(&p->b, RNS_EV_LINK_PEER), SINCE(2, 1));
    bed_close(bed);
}

static void a_peer_that_is_shut_out_keeps_its_link(void **state) {
    (void)state;
    seen_t seen;
    bed_t *bed = open_seen(&seen, (pair_setup_t){0}, RNS_ACCEPT_NONE);
    pair_t *p = bed->pair;
    const rns_secret_t secret = pair_secret(7);
    uint8_t pub[64];
    rns_hash_t hash;
    rns_identity_public(p->a.node, &secret, pub, &hash);
    assert_int_equal(rns_blackhole(p->b.node, p->now, &hash, 0, NULL), RNS_ERR_OK);
    assert_int_equal(rns_link_identify(p->a.node, p->now, bed->a, &secret), RNS_ERR_OK);
    pair_run(p, SECOND);
    assert_int_equal(pair_count(&p->b, RNS_EV_LINK_PEER), SINCE(1, 0));
    assert_int_equal(link_b(bed) != NULL, SINCE(1, 0));
    bed_close(bed);
}

// Two hops were to be; three came. Nothing but the path says how many there are.
static void a_proof_over_other_hops_opens_no_link(void **state) {
    (void)state;
    seen_t seen;
    bed_t *bed = open_seen(&seen, (pair_setup_t){0}, RNS_ACCEPT_NONE);
    pair_t *p = bed->pair;
    rns_link_t link;
    rns_link_info_t info;
    seen.proof_hops = 3;
    assert_int_equal(rns_link_open(p->a.node, p->now, &p->hash, &link), RNS_ERR_OK);
    pair_run(p, SECOND);
    assert_int_equal(rns_link_info(p->a.node, link, &info), RNS_ERR_OK);
    assert_int_equal(info.state, SINCE(RNS_LINK_PENDING, RNS_LINK_ACTIVE));
    assert_int_equal(info.hops, SINCE(1, 4));
    assert_int_equal(rns_link_close(p->a.node, p->now, link), RNS_ERR_OK);
    pair_run(p, 400 * SECOND); // b waits for the initiator
    bed_close(bed);
}

// Only over the right number of hops does a proof of another mode end it, with either.
static void a_proof_of_another_mode_over_other_hops_ends_no_link(void **state) {
    (void)state;
    seen_t seen;
    bed_t *bed = open_seen(&seen, (pair_setup_t){0}, RNS_ACCEPT_NONE);
    pair_t *p = bed->pair;
    rns_link_t link;
    rns_link_info_t info;
    seen.proof_mode = 3; // 1 becomes 2
    for (seen.proof_hops = 0; seen.proof_hops < 2; seen.proof_hops++) {
        assert_int_equal(rns_link_open(p->a.node, p->now, &p->hash, &link), RNS_ERR_OK);
        pair_run(p, SECOND);
        assert_int_equal(rns_link_info(p->a.node, link, &info),
                         seen.proof_hops == 0 ? RNS_ERR_GONE : RNS_ERR_OK);
    }
    assert_int_equal(info.state, RNS_LINK_PENDING);
    assert_int_equal(pair_verdicts(&p->a, RNS_RX_WRONG_HOPS), 1);
    assert_int_equal(rns_link_close(p->a.node, p->now, link), RNS_ERR_OK);
    pair_run(p, 400 * SECOND); // b waits for the initiator
    bed_close(bed);
}

// ---- Channels

static void a_message_far_ahead_waits(void **state) {
    (void)state;
    seen_t seen;
    bed_t *bed = open_seen(&seen, (pair_setup_t){0}, RNS_ACCEPT_NONE);
    pair_t *p = bed->pair;
    uint8_t message[RNSI_MESSAGE_HEAD + 1] = {0};
    assert_int_equal(rns_channel_open(p->a.node, p->now, bed->a), RNS_ERR_OK);
    assert_int_equal(rns_channel_open(p->b.node, p->now, bed->b), RNS_ERR_OK);
    rnsi_message_head(message, 0x0101, 48, 1);
    assert_int_equal(
        bed_say(bed, true, RNSI_CONTEXT_CHANNEL, (rns_bytes_t){message, sizeof message}),
        RNS_RX_QUEUED);
    pair_run(p, SECOND);
    rnsi_message_head(message, 0x0101, 49, 1);
    assert_int_equal(
        bed_say(bed, true, RNSI_CONTEXT_CHANNEL, (rns_bytes_t){message, sizeof message}),
        SINCE(RNS_RX_QUEUED, RNS_RX_NOT_NOW));
    rns_link_close(p->b.node, p->now, bed->b); // what waits goes with it
    bed_close(bed);
}

// 1,000 bytes are 423 + 423 + 154, though one message of 2,048 holds them.
static void a_stream_goes_in_small_pieces(void **state) {
    (void)state;
    seen_t seen;
    bed_t *bed = open_seen(&seen, (pair_setup_t){.hw_mtu = 2048}, RNS_ACCEPT_NONE);
    pair_t *p = bed->pair;
    static uint8_t ring[4096], bytes[1000];
    rns_buffer_t reader, writer;
    assert_int_equal(rns_channel_open(p->a.node, p->now, bed->a), RNS_ERR_OK);
    assert_int_equal(rns_channel_open(p->b.node, p->now, bed->b), RNS_ERR_OK);
    assert_int_equal(
        rns_buffer_reader(p->b.node, p->now, bed->b, 0, (rns_mem_t){ring, sizeof ring}, &reader),
        RNS_ERR_OK);
    assert_int_equal(rns_buffer_writer(p->a.node, p->now, bed->a, 0, &writer), RNS_ERR_OK);
    size_t written = 0;
    for (unsigned i = 0; i < 9 && written < sizeof bytes; i++) {
        written += rns_buffer_write(p->a.node, p->now, writer,
                                    (rns_bytes_t){bytes + written, sizeof bytes - written});
        pair_run(p, SECOND);
    }
    assert_int_equal(rns_buffer_waiting(p->b.node, reader), sizeof bytes);
    assert_int_equal(seen.messages, SINCE(3, 1));
    bed_close(bed);
}

// ---- Requests and resources

static void a_request_is_taken_where_nothing_answers(void **state) {
    (void)state;
    seen_t seen;
    bed_t *bed = open_seen(&seen, (pair_setup_t){0}, RNS_ACCEPT_NONE);
    pair_t *p = bed->pair;
    uint8_t value[603] = {0xC5, 600 >> 8, 600 & 0xFF};
    const rns_request_options_t options = {.timeout_us = 2 * SECOND};
    rns_request_t request;
    assert_int_equal(rns_request(p->a.node, p->now, bed->a, "/nothing",
                                 (rns_bytes_t){value, sizeof value}, &options, &request),
                     RNS_ERR_OK);
    pair_run(p, SECOND);
    assert_int_equal(pair_count(&p->b, RNS_EV_REQUEST_OFFER), SINCE(1, 0));
    assert_int_equal(seen.refusals, SINCE(0, 1));
    pair_run(p, 60 * SECOND);
    bed_close(bed);
}

static void an_offer_that_cannot_be_read_is_dropped(void **state) {
    (void)state;
    seen_t seen;
    bed_t *bed = open_seen(&seen, (pair_setup_t){0}, RNS_ACCEPT_ALL);
    const rns_bytes_t garbage = pair_text("no map");
    assert_int_equal(bed_say(bed, true, RNSI_CONTEXT_RESOURCE_ADV, garbage), RNS_RX_MALFORMED);
    assert_int_equal(link_b(bed) != NULL, SINCE(1, 0));
    bed_close(bed);
}

// A segment of 80 parts: 74 map hashes come with the offer, six are to be asked for.
static struct rnsi_resource_in *offered(bed_t *bed) {
    bed_send(bed, 80 * 464 - 100, NULL);
    for (unsigned i = 0; i < 1000 && bed_in(bed) == NULL; i++) {
        pair_run(bed->pair, MS);
    }
    assert_non_null(bed_in(bed));
    assert_int_equal(bed_in(bed)->parts, 80);
    return bed_in(bed);
}

static void map_hashes_may_come_unasked(void **state) {
    (void)state;
    seen_t seen;
    bed_t *bed = open_seen(&seen, (pair_setup_t){0}, RNS_ACCEPT_ALL);
    const struct rnsi_resource_in *in = offered(bed);
    uint8_t plain[RNSI_RESOURCE_HMU_MOST + 24];
    static const uint8_t map[24] = {1, 2, 3};
    const rnsi_hmu_t hmu = {.hash = in->hash, .number = 1, .map = {map, sizeof map}};
    const size_t size = rnsi_hmu_write((rns_mem_t){plain, sizeof plain}, &hmu);
    assert_int_equal(in->map_height, 74);
    assert_int_equal(bed_say(bed, true, RNSI_CONTEXT_RESOURCE_HMU, (rns_bytes_t){plain, size}),
                     SINCE(RNS_RX_DELIVERED, RNS_RX_REPEATED));
    assert_int_equal(in->map_height, SINCE(80, 74));
    assert_int_equal(bed_say(bed, true, RNSI_CONTEXT_RESOURCE_HMU, (rns_bytes_t){plain, size}),
                     RNS_RX_REPEATED); // no more for it
    assert_int_equal(rns_resource_cancel(bed->pair->b.node, bed->pair->now,
                                         rnsi_resource_in_handle(bed->pair->b.node, bed_in(bed))),
                     RNS_ERR_OK);
    pair_run(bed->pair, 60 * SECOND);
    rns_link_close(bed->pair->a.node, bed->pair->now, bed->a);
    bed_close(bed);
}

// Four parts come; of the next five, 4 to 8, only the last.
static void the_window_begins_at_the_last_part_that_came(void **state) {
    (void)state;
    seen_t seen;
    bed_t *bed = open_seen(&seen, (pair_setup_t){0}, RNS_ACCEPT_ALL);
    seen.lose_from = 4;
    seen.lose_to = 8;
    const struct rnsi_resource_in *in = offered(bed);
    pair_run(bed->pair, 80 * MS);
    assert_int_equal(seen.parts, 9);
    assert_int_equal(in->height, 4);
    assert_int_equal(in->early_count, SINCE(0, 1));
    pair_run(bed->pair, 60 * SECOND);
    bed_whole(bed, 80 * 464 - 100);
    bed_close(bed);
}

static void a_receiver_gives_up_silently(void **state) {
    (void)state;
    seen_t seen;
    bed_t *bed = open_seen(&seen, (pair_setup_t){0}, RNS_ACCEPT_ALL);
    pair_t *p = bed->pair;
    const struct rnsi_resource_in *in = offered(bed);
    assert_int_equal(rns_resource_cancel(p->b.node, p->now, rnsi_resource_in_handle(p->b.node, in)),
                     RNS_ERR_OK);
    pair_run(p, SECOND);
    assert_int_equal(seen.refusals, SINCE(0, 1));
    assert_int_equal(bed_end(&p->a), SINCE(1, RNS_ERR_REFUSED)); // 1: it goes on
    pair_run(p, 600 * SECOND);
    bed_close(bed);
}

// ---- Ratchets

static void more_ratchets_are_kept_than_are_to_be_retained(void **state) {
    (void)state;
    pair_t *p = pair_open((pair_setup_t){0});
    const rns_secret_t secret = pair_secret(5);
    const rns_dest_config_t config = {.name = "reticule.test.ratchets",
                                      .identity = &secret,
                                      .ratchets = true,
                                      .retained_ratchets = 2};
    rns_dest_t dest;
    assert_int_equal(rns_dest_add(p->b.node, p->now, &config, &dest), RNS_ERR_OK);
    for (unsigned i = 0; i < 5; i++) {
        assert_int_equal(
            rns_announce(p->b.node, p->now, dest, (rns_bytes_t){NULL, 0}, (rns_iface_t){0, 0}),
            RNS_ERR_OK);
        pair_run(p, 1801 * SECOND);
    }
    const struct rnsi_dest *of_b = rnsi_pool_get(RNSI_POOL(p->b.node, DEST), dest.slot, dest.gen);
    assert_int_equal(of_b->ratchet_count, SINCE(5, 2));
    pair_close(p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_keepalive_is_answered),
        cmocka_unit_test(who_hears_something_sends_no_keepalive),
        cmocka_unit_test(a_peer_may_identify_itself_anew),
        cmocka_unit_test(a_peer_that_is_shut_out_keeps_its_link),
        cmocka_unit_test(a_proof_over_other_hops_opens_no_link),
        cmocka_unit_test(a_proof_of_another_mode_over_other_hops_ends_no_link),
        cmocka_unit_test(a_message_far_ahead_waits),
        cmocka_unit_test(a_stream_goes_in_small_pieces),
        cmocka_unit_test(a_request_is_taken_where_nothing_answers),
        cmocka_unit_test(an_offer_that_cannot_be_read_is_dropped),
        cmocka_unit_test(map_hashes_may_come_unasked),
        cmocka_unit_test(the_window_begins_at_the_last_part_that_came),
        cmocka_unit_test(a_receiver_gives_up_silently),
        cmocka_unit_test(more_ratchets_are_kept_than_are_to_be_retained),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
