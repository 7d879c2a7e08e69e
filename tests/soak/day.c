// day.c -- 24 hours of mixed traffic in virtual time, with rows that are too small on purpose: two
// endpoints with sessions over a transport node, which strangers flood. Every hour:
//
//   - resident memory is the same to the page, once all rows were used
//   - no slot is lost: what is taken, what is free and what was never used make up each row
//   - what was refused, and what made room, is what the node counts
//   - as much arrives as in the hours before
//
// and in the end everything that began has ended once, and every frame had its verdict.
#include "node_help.h"

#define HOURS       24U
#define WARM        3U // hours until all rows were full once
#define COMPARED    8U // hours, the first and the last ones
#define HOUR        (3600 * SECOND)
#define BEAT        (1 * SECOND)
#define DELAY       (5 * MS)
#define DRIFT       5U    // percent
#define FLIGHT      8192U // frames under way
#define FRAME_BYTES 1100U
#define STRANGERS   300U
#define FLOOD_KINDS 40U
#define LENT        64U // memories for answers, in turn
#define LENT_BYTES  4096U
#define QUIET       (4 * HOUR)

enum { A, T, B, NODES }; // the endpoints, and the transport node between them
enum { LEFT, RIGHT, FLOOD, PORTS };

typedef struct {
    rns_node_t *node;
    rns_config_t config;
    rns_iface_t port[PORTS];
    bool has_port[PORTS];
    uint64_t dice, received;
    uint64_t early; // messages that wait for their turn, for which there is no second verdict
    uint64_t refused[RNS_POOL_COUNT], made_room[RNS_POOL_COUNT]; // as seen from outside
    // What began, and what ended.
    uint64_t links, downs, receipts, proofs, requests, responses, sends, dones, ups;
    uint64_t receipts_culled, queries_culled;
    uint64_t refusals; // calls that found no room
    rns_link_t link;
    bool has_link;
} side_t;

typedef struct {
    rns_us_t at;
    uint8_t to, port;
    uint16_t size;
    uint8_t bytes[FRAME_BYTES];
} flight_t;

static struct {
    rns_us_t now;
    side_t side[NODES];
    flight_t flight[FLIGHT]; // in the order of arrival: all take as long
    uint32_t first, count;
    uint64_t dice, delivered; // bytes
    rns_dest_t dest;
    rns_hash_t hash;
    uint64_t emitted; // of strangers' announces
    bool is_over;
} w;

static bed_t strangers; // of the help: only its crypto is used
static uint8_t answers[LENT][LENT_BYTES], metadata[LENT][64];
static unsigned lent;
static uint8_t text[60000], value[1503];
static rns_bytes_t all_text = {text, sizeof text}, all_value = {value, sizeof value};

// ---- What rows do, seen from outside: the linker sends all takes through here

void *__real_rnsi_pool_take(rnsi_pool_t *pool, rns_us_t now, const void *key);
void *__wrap_rnsi_pool_take(rnsi_pool_t *pool, rns_us_t now, const void *key);
void *__real_rnsi_pool_take_print(rnsi_pool_t *pool, rns_us_t now, const void *key, uint64_t print);
void *__wrap_rnsi_pool_take_print(rnsi_pool_t *pool, rns_us_t now, const void *key, uint64_t print);

static void *note(const rnsi_pool_t *pool, bool was_full, void *taken) {
    for (int i = 0; i < NODES; i++) {
        side_t *side = &w.side[i];
        if (side->node != NULL && pool->memory == &side->node->memory) {
            side->refused[pool->id] += taken == NULL;
            side->made_room[pool->id] += taken != NULL && was_full;
        }
    }
    return taken;
}

void *__wrap_rnsi_pool_take(rnsi_pool_t *pool, rns_us_t now, const void *key) {
    const bool was_full = pool->used == pool->count;
    return note(pool, was_full, __real_rnsi_pool_take(pool, now, key));
}

void *__wrap_rnsi_pool_take_print(rnsi_pool_t *pool, rns_us_t now, const void *key,
                                  uint64_t print) {
    const bool was_full = pool->used == pool->count;
    return note(pool, was_full, __real_rnsi_pool_take_print(pool, now, key, print));
}

// ---- The wires: A - T - B, and the flood into T

static void fly(uint8_t to, uint8_t port, rns_bytes_t frame) {
    assert_true(w.count < FLIGHT && frame.size <= FRAME_BYTES);
    flight_t *f = &w.flight[(w.first + w.count++) % FLIGHT];
    f->at = w.now + DELAY;
    f->to = to;
    f->port = port;
    f->size = (uint16_t)frame.size;
    memcpy(f->bytes, frame.data, frame.size);
}

// Where what a node sends on a port comes in; NODES: nowhere.
static uint8_t other_end(uint8_t from, uint8_t port, uint8_t *at) {
    *at = from == T ? port : from == A ? LEFT : RIGHT;
    return from != T ? T : port == LEFT ? A : port == RIGHT ? B : NODES;
}

static void send_all(uint8_t from) {
    side_t *side = &w.side[from];
    rns_iface_t iface;
    rns_tx_t tx;
    while (rns_tx_ready(side->node, &iface)) {
        while (rns_tx_next(side->node, w.now, iface, &tx)) {
            for (uint8_t port = 0; port < PORTS; port++) {
                uint8_t at;
                const uint8_t to = other_end(from, port, &at);
                if (side->has_port[port] && side->port[port].slot == iface.slot && to != NODES) {
                    fly(to, at, tx.frame);
                }
            }
            rns_tx_done(side->node, w.now, iface, &tx, true);
        }
    }
}

static void receive(uint8_t to, uint8_t port, uint8_t *bytes, size_t size) {
    side_t *side = &w.side[to];
    const uint8_t context = size < 35 ? 0 : bytes[0] & 0x40 ? bytes[34] : bytes[18];
    const rns_verdict_t verdict =
        rns_rx(side->node, w.now, side->port[port], (rns_mem_t){bytes, size}, NULL);
    side->received++;
    side->early += verdict == RNS_RX_QUEUED && context == RNSI_CONTEXT_CHANNEL;
}

static void land(void) {
    flight_t *f = &w.flight[w.first];
    w.first = (w.first + 1) % FLIGHT;
    w.count--;
    receive(f->to, f->port, f->bytes, f->size);
}

static rns_us_t next_due(void) {
    rns_us_t due = w.count > 0 ? w.flight[w.first].at : RNS_NEVER;
    for (int i = 0; i < NODES; i++) {
        const rns_us_t of_node = rns_next_due(w.side[i].node);
        due = of_node < due ? of_node : due;
    }
    return due > w.now ? due : w.now;
}

static void turn(void) {
    while (w.count > 0 && w.flight[w.first].at <= w.now) {
        land();
    }
    for (uint8_t i = 0; i < NODES; i++) {
        rns_tick(w.side[i].node, w.now);
        send_all(i);
    }
}

static void pass(rns_us_t span) {
    const rns_us_t until = w.now + span;
    unsigned turns = 0;
    for (uint8_t i = 0; i < NODES; i++) {
        send_all(i);
    }
    for (rns_us_t due; (due = next_due()) <= until; turns++) {
        turns = due > w.now ? 0 : turns;
        assert_true(turns < BED_BUSY);
        w.now = due;
        turn();
    }
    w.now = until;
    turn();
}

// ---- The applications

static bool take_bytes(void *user, rns_bytes_t data) {
    (void)user;
    w.delivered += data.size;
    return true;
}

static void accept_link(side_t *side, rns_link_t link) {
    const rns_sink_t sink = {.write = take_bytes};
    (void)rns_link_accept(side->node, link, RNS_ACCEPT_ALL, &sink, (rns_mem_t){NULL, 0});
    (void)rns_channel_open(side->node, w.now, link);
    side->ups++;
}

static void on_event(void *user, rns_node_t *node, const rns_event_t *event) {
    side_t *side = user;
    switch (event->type) {
    case RNS_EV_LINK_UP:
        accept_link(side, event->link);
        break;
    case RNS_EV_LINK_DOWN:
        side->downs++;
        if (side->has_link && event->link.slot == side->link.slot &&
            event->link.gen == side->link.gen) {
            side->has_link = false;
        }
        break;
    case RNS_EV_PROOF:
        side->proofs++;
        side->receipts_culled += event->status == RNS_ERR_CULLED;
        break;
    case RNS_EV_QUERY_DONE:
        side->queries_culled += event->status == RNS_ERR_CULLED;
        break;
    case RNS_EV_RESPONSE:
        side->responses++;
        w.delivered += event->data.size;
        break;
    case RNS_EV_RESOURCE_DONE:
        side->dones += !event->is_incoming;
        break;
    case RNS_EV_REQUEST_OFFER:
        (void)rns_request_take(node, w.now, event->resource,
                               (rns_mem_t){answers[lent++ % LENT], LENT_BYTES});
        break;
    case RNS_EV_REQUEST:
        if (below(&w.dice, 8) > 0) { // others are never answered
            (void)rns_respond(node, w.now, event->query,
                              event->data.size > 8 ? all_value : event->data);
        }
        break;
    case RNS_EV_PACKET:
    case RNS_EV_LINK_PACKET:
    case RNS_EV_CHANNEL:
        w.delivered += event->data.size;
        break;
    default:
        break;
    }
}

static void count(side_t *side, uint64_t *began, rns_err_t err) {
    *began += err == RNS_ERR_OK;
    side->refusals += err == RNS_ERR_FULL;
}

static void act_on_link(side_t *side) {
    static const uint8_t small[] = {0xA2, 'h', 'i'};
    const rns_source_t source = rns_source_of(&all_text);
    const rns_request_options_t wants = {.memory = {answers[lent % LENT], LENT_BYTES},
                                         .metadata = {metadata[lent % LENT], sizeof metadata[0]}};
    uint64_t messages = 0;
    rns_receipt_t receipt;
    rns_request_t request;
    rns_resource_t resource;
    lent++;
    switch (below(&w.dice, 6)) {
    case 0:
        for (unsigned i = 0; i < 12; i++) {
            count(
                side, &messages,
                rns_channel_send(side->node, w.now, side->link, 7, (rns_bytes_t){text, 100}, NULL));
        }
        break;
    case 1:
        for (unsigned i = 0; i < 6; i++) {
            count(side, &side->receipts,
                  rns_link_send(side->node, w.now, side->link, (rns_bytes_t){text, 200}, &receipt));
        }
        break;
    case 2:
        for (unsigned i = 0; i < 4; i++) {
            count(side, &side->requests,
                  rns_request(side->node, w.now, side->link, "p",
                              (rns_bytes_t){small, sizeof small}, &wants, &request));
        }
        break;
    case 3:
        count(side, &side->requests,
              rns_request(side->node, w.now, side->link, "p", all_value, &wants, &request));
        break;
    default:
        count(side, &side->sends,
              rns_resource_send(side->node, w.now, side->link, &source,
                                5000 + below(&w.dice, 50000), NULL, &resource));
        break;
    }
}

// A keeps a link to B, opens others beside it, and sends packets without one.
static void act(void) {
    side_t *a = &w.side[A];
    const rns_iface_t all = {0, 0};
    rns_link_t link;
    rns_receipt_t receipt;
    const unsigned roll = below(&w.dice, 10);
    if (!a->has_link || roll == 0) {
        (void)rns_announce(w.side[B].node, w.now, w.dest, (rns_bytes_t){NULL, 0}, all);
        pass(BEAT);
    }
    if (!a->has_link) {
        const rns_err_t err = rns_link_open(a->node, w.now, &w.hash, &a->link);
        count(a, &a->links, err);
        a->has_link = err == RNS_ERR_OK;
        pass(BEAT);
    } else if (roll == 1) {
        count(a, &a->links, rns_link_open(a->node, w.now, &w.hash, &link));
        pass(SECOND);
        (void)rns_link_close(a->node, w.now, link);
    } else if (roll == 2) {
        count(a, &a->receipts,
              rns_send(a->node, w.now, &w.hash, (rns_bytes_t){text, 300}, &receipt));
    } else if (roll == 3 && below(&w.dice, 8) == 0) {
        (void)rns_link_close(a->node, w.now, a->link);
    } else {
        act_on_link(a);
    }
}

// ---- The flood

static void flood_with(const packet_t *packet) {
    fly(T, FLOOD, (rns_bytes_t){packet->b, packet->size});
}

static void flood(void) {
    const unsigned who = 10 + below(&w.dice, STRANGERS);
    const rns_hash_t dest = peer(&strangers, who).dest, via = self(&strangers);
    packet_t p = {.size = 0};
    switch (below(&w.dice, FLOOD_KINDS)) {
    case 0: // rare: a link that was proved stays with the relay for 15 minutes
        p = link_request(&via, &w.hash, below(&w.dice, 256), 0);
        break;
    case 1:
        put_many(&p, below(&w.dice, 256), below(&w.dice, 200));
        break;
    case 2:
    case 3:
    case 4:
    case 5:
    case 6:
    case 7:
        p = announce(&strangers, (announcement_t){.who = who,
                                                  .emitted = ++w.emitted,
                                                  .noise = below(&w.dice, 200),
                                                  .hops = below(&w.dice, 6),
                                                  .ratchet = below(&w.dice, 2) == 0,
                                                  .app_data = below(&w.dice, 150)});
        break;
    case 8:
    case 9:
    case 10:
        p = ask(&strangers, &dest, &via, below(&w.dice, 256), 16);
        break;
    default:
        p = data_to(&via, &w.hash, 1, below(&w.dice, 256));
        put8(&p, below(&w.dice, 256));
        break;
    }
    flood_with(&p);
}

// ---- What must be true

// Pages of this process, exactly. A sanitizer keeps what was given back: 0.
static unsigned long resident(void) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__linux__)
    return 0;
#else
    char line[128];
    unsigned long kilobytes = 0;
    FILE *file = fopen("/proc/self/smaps_rollup", "re");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        if (sscanf(line, "Anonymous: %lu", &kilobytes) == 1) {
            break;
        }
    }
    (void)fclose(file);
    return kilobytes / 4;
#endif
}

static void check_slots(const side_t *side, rns_pool_t id) {
    const rnsi_pool_t *pool = &side->node->memory.pools[id];
    uint32_t taken = 0, unused = 0, cursor = 0;
    if (rnsi_row_is_array(id)) {
        return;
    }
    while (cursor != RNSI_NONE && rnsi_pool_walk(pool, &cursor, UINT32_MAX) != NULL) {
        taken++;
    }
    for (uint32_t slot = pool->free_oldest; slot != RNSI_NONE; unused++) {
        slot = ((const rnsi_slot_t *)rnsi_pool_at(pool, slot))->younger;
    }
    assert_int_equal(taken, pool->used);
    assert_int_equal(taken + unused + (pool->count - pool->bump), pool->count);
}

// A node makes room by itself, before it takes, where somebody is to be told of it or where not the
// oldest goes but the one that was not used for longest. Who was told has counted too.
static void check_counts(const side_t *side, rns_pool_t id) {
    rns_pool_info_t info;
    rns_pool_info(side->node, id, &info);
    const uint64_t told = id == RNS_POOL_RECEIPT ? side->receipts_culled
                          : id == RNS_POOL_QUERY ? side->queries_culled
                                                 : 0;
    const bool culled = id == RNS_POOL_KNOWN || rnsi_row_is_array(id)
                            ? info.culled >= side->made_room[id]
                            : info.culled == side->made_room[id] + told;
    const bool asks_first =
        id == RNS_POOL_QUERY || id == RNS_POOL_REQUEST || id == RNS_POOL_ANNOUNCE_QUEUE;
    const bool rejected =
        asks_first ? info.rejected >= side->refused[id] : info.rejected == side->refused[id];
    if (!culled || !rejected) {
        fail_msg("%s: %lu made room, %lu were refused; the node counts %lu and %lu", info.name,
                 (unsigned long)side->made_room[id], (unsigned long)side->refused[id],
                 (unsigned long)info.culled, (unsigned long)info.rejected);
    }
    assert_true(info.peak <= info.slots);
}

static void check_rows(void) {
    for (int i = 0; i < NODES; i++) {
        for (rns_pool_t id = 0; id < RNS_POOL_COUNT; id++) {
            check_slots(&w.side[i], id);
            check_counts(&w.side[i], id);
        }
    }
}

static void check_verdicts(const side_t *side) {
    uint64_t sum = side->early;
    for (int port = 0; port < PORTS; port++) {
        for (int verdict = 0; side->has_port[port] && verdict < RNS_RX_COUNT; verdict++) {
            sum += verdict == RNS_RX_QUEUED || verdict == RNS_RX_HELD
                       ? 0 // has another in the end
                       : rns_iface_count(side->node, side->port[port], (rns_verdict_t)verdict);
        }
    }
    if (sum != side->received) {
        fail_msg("%lu frames came, %lu have their verdict", (unsigned long)side->received,
                 (unsigned long)sum);
    }
}

static void check_ends(void) {
    for (int i = 0; i < NODES; i++) {
        const side_t *side = &w.side[i];
        assert_int_equal(i == A ? side->links : side->ups, side->downs);
        assert_int_equal(side->receipts, side->proofs);
        assert_int_equal(side->requests, side->responses);
        assert_int_equal(side->sends, side->dones);
        check_verdicts(side);
    }
}

static void tell_counts(const char *name, const side_t *side) {
    print_message("%s:", name);
    for (rns_pool_t id = 0; id < RNS_POOL_COUNT; id++) {
        rns_pool_info_t info;
        rns_pool_info(side->node, id, &info);
        if (info.culled + info.rejected > 0) {
            print_message(" %s %lu+%lu", info.name, (unsigned long)info.culled,
                          (unsigned long)info.rejected);
        }
    }
    print_message(" (made room + refused)\n");
}

// ---- The day

static bool entropy(void *user, uint8_t *out, size_t size) {
    side_t *side = user;
    for (size_t i = 0; i < size; i++) {
        out[i] = (uint8_t)dice(&side->dice);
    }
    return true;
}

static void open_port(side_t *side, unsigned port, rns_mode_t mode) {
    static const char *const names[PORTS] = {"Left", "Right", "Flood"};
    const rns_iface_config_t config = {.name = names[port],
                                       .mode = mode,
                                       .bitrate = 10000000,
                                       .hw_mtu = 1064,
                                       .mtu_kind = RNS_MTU_FIXED,
                                       .ingress_control = RNS_NO,
                                       .announce_rate_target_s = 3600,
                                       .announce_rate_grace = 5};
    assert_int_equal(rns_iface_add(side->node, w.now, &config, &side->port[port]), RNS_ERR_OK);
    side->has_port[port] = true;
}

static void open_side(unsigned i, const uint32_t counts[RNS_POOL_COUNT]) {
    side_t *side = &w.side[i];
    const rns_secret_t secret = secret_of(i == T ? 0 : i);
    side->dice = i;
    side->config = (rns_config_t){.profile = RNS_PROFILE_MCU,
                                  .crypto = &rns_crypto_fake,
                                  .entropy = entropy,
                                  .on_event = on_event,
                                  .user = side,
                                  .identity = &secret,
                                  .transport = i == T,
                                  .unix_us = 1800000000000000};
    memcpy(side->config.count, counts, sizeof side->config.count);
    bed_memory(&side->config);
    assert_int_equal(rns_open(&side->config, w.now, &side->node), RNS_ERR_OK);
}

// Too few of nearly everything.
static const uint32_t FEW_AT_THE_ENDS[RNS_POOL_COUNT] = {
    [RNS_POOL_KNOWN] = 8,        [RNS_POOL_PATH] = 8,           [RNS_POOL_APP_DATA] = 4,
    [RNS_POOL_RATCHET_PEER] = 4, [RNS_POOL_LINK] = 2,           [RNS_POOL_CHANNEL] = 2,
    [RNS_POOL_ENVELOPE] = 6,     [RNS_POOL_PIECE] = 10,         [RNS_POOL_REQUEST] = 3,
    [RNS_POOL_QUERY] = 2,        [RNS_POOL_RESOURCE_IN] = 2,    [RNS_POOL_RESOURCE_OUT] = 2,
    [RNS_POOL_RECEIPT] = 4,      [RNS_POOL_INBOX_ANNOUNCE] = 4, [RNS_POOL_SEEN_PRINT] = 64,
    [RNS_POOL_ASK] = 4,          [RNS_POOL_FRAME] = 12,         [RNS_POOL_TXREF] = 16,
};
static const uint32_t FEW_BETWEEN[RNS_POOL_COUNT] = {
    [RNS_POOL_KNOWN] = 24,         [RNS_POOL_PATH] = 24,     [RNS_POOL_APP_DATA] = 8,
    [RNS_POOL_RATCHET_PEER] = 8,   [RNS_POOL_PATH_BLOB] = 8, [RNS_POOL_ANNOUNCE_CACHE] = 12,
    [RNS_POOL_ANNOUNCE] = 4,       [RNS_POOL_RATE] = 8,      [RNS_POOL_ASK] = 4,
    [RNS_POOL_ASKER] = 4,          [RNS_POOL_REVERSE] = 8,   [RNS_POOL_RELAY] = 48,
    [RNS_POOL_SEEN_PRINT] = 128,   [RNS_POOL_ASK_TAG] = 16,  [RNS_POOL_INBOX_ANNOUNCE] = 4,
    [RNS_POOL_INBOX_ASK] = 4,      [RNS_POOL_FRAME] = 16,    [RNS_POOL_TXREF] = 24,
    [RNS_POOL_ANNOUNCE_QUEUE] = 2,
};

static void open_world(void) {
    const rns_secret_t secret = secret_of(7);
    const rns_dest_config_t config = {
        .name = "test.day", .type = RNS_DEST_SINGLE, .identity = &secret, .prove = RNS_PROVE_ALL};
    w.now = START;
    w.emitted = 1000;
    memset(w.flight, 0xA5, sizeof w.flight); // so that our own pages are there from the start
    memset(answers, 0xA5, sizeof answers);
    memset(metadata, 0xA5, sizeof metadata);
    memset(text, 'x', sizeof text);
    for (size_t i = 0; i < sizeof text; i++) { // no two parts alike: the fake cipher would show it
        text[i] = (uint8_t)('a' + i / 464);
    }
    value[0] = 0xC5, value[1] = 1500 >> 8, value[2] = 1500 & 255;
    open_side(A, FEW_AT_THE_ENDS);
    open_side(T, FEW_BETWEEN);
    open_side(B, FEW_AT_THE_ENDS);
    open_port(&w.side[A], LEFT, RNS_MODE_FULL);
    open_port(&w.side[B], RIGHT, RNS_MODE_FULL);
    open_port(&w.side[T], LEFT, RNS_MODE_FULL);
    open_port(&w.side[T], RIGHT, RNS_MODE_FULL);
    open_port(&w.side[T], FLOOD, RNS_MODE_GATEWAY);
    strangers.node = w.side[T].node;
    assert_int_equal(rns_dest_add(w.side[B].node, w.now, &config, &w.dest), RNS_ERR_OK);
    assert_int_equal(rns_dest_hash(w.side[B].node, w.dest, &w.hash), RNS_ERR_OK);
    assert_int_equal(rns_request_handler(w.side[B].node, w.dest, "p", RNS_ALLOW_ALL, NULL, 0),
                     RNS_ERR_OK);
}

static uint64_t live_an_hour(void) {
    const rns_us_t until = w.now + HOUR;
    const uint64_t before = w.delivered;
    w.dice = 1; // each hour is as the one before
    while (w.now < until) {
        for (unsigned i = below(&w.dice, 8); i > 0; i--) {
            flood();
        }
        act();
        pass(BEAT);
    }
    return w.delivered - before;
}

static void end_world(void) {
    if (w.side[A].has_link) {
        (void)rns_link_close(w.side[A].node, w.now, w.side[A].link);
    }
    pass(QUIET);
    check_rows();
    check_ends();
    for (int i = 0; i < NODES; i++) {
        for (rns_pool_t id = 0; id < RNS_POOL_COUNT; id++) {
            rns_pool_info_t info;
            rns_pool_info(w.side[i].node, id, &info);
            const bool stays = id == RNS_POOL_NODE || id == RNS_POOL_CRYPTO ||
                               id == RNS_POOL_IFACE || id == RNS_POOL_DEST ||
                               id == RNS_POOL_REQUEST_HANDLER;
            if (info.full == RNS_FULL_REJECT && !stays && info.used > 0) {
                fail_msg("%s of node %d: %u left", info.name, i, info.used);
            }
        }
    }
}

// What arrived in so many hours from one on.
static uint64_t sum_from(const uint64_t by_hour[HOURS + 1], unsigned hour) {
    uint64_t sum = 0;
    for (unsigned i = hour; i < hour + COMPARED; i++) {
        sum += by_hour[i];
    }
    return sum;
}

static void a_day_passes_with_rows_that_are_too_small(void **state) {
    (void)state;
    unsigned long pages = 0;
    uint64_t by_hour[HOURS + 1] = {0};
    open_world();
    for (unsigned hour = 1; hour <= HOURS; hour++) {
        by_hour[hour] = live_an_hour();
        print_message("hour %u: %lu bytes\n", hour, (unsigned long)by_hour[hour]);
        check_rows();
        if (hour == WARM) {
            pages = resident();
        } else if (hour > WARM) {
            assert_int_equal(resident(), pages);
        }
    }
    const uint64_t first = sum_from(by_hour, 1), last = sum_from(by_hour, HOURS - COMPARED + 1);
    print_message("%lu bytes in the first %u hours, %lu in the last; %lu pages in each\n",
                  (unsigned long)first, COMPARED, (unsigned long)last, pages);
    tell_counts("an end", &w.side[A]);
    tell_counts("between", &w.side[T]);
    tell_counts("the other end", &w.side[B]);
    assert_true(last * 100 >= first * (100 - DRIFT));
    assert_true(first > 0 && w.side[A].refusals > 0);
    end_world();
    for (int i = 0; i < NODES; i++) {
        rns_close(w.side[i].node);
        free(w.side[i].config.mem[0].data);
        free(w.side[i].config.mem[1].data);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_day_passes_with_rows_that_are_too_small),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
