// A peer that holds the keys of an open link and says whatever it likes on it: any plain text in
// any context, parts and proofs, real transfers whose packets are changed on their way, and time
// between. Whatever comes, the other node stays in one piece, ends everything once, and gives all
// slots back.
#include "fuzz.h"
#include "pair_help.h"

#include "wire/packet.h"

#define OPS_MOST   64U
#define SINK_BYTES 4096U
#define QUIET      (60 * SECOND) // after that nothing of a session may be left

typedef struct {
    const uint8_t *at, *end;
} input_t;

typedef struct {
    rns_memory_sink_t memory;
    uint8_t bytes[SINK_BYTES], metadata[64], ring[32768], request[512], answer[512];
    unsigned refuse; // times that the sink says no
    rns_link_t link;
    rns_query_t late[4];
    rns_resource_t offer;
    size_t late_count;
    unsigned mood; // what the application does with what it is asked
    rns_channel_handler_t handlers[3];
    // What began and what ended.
    unsigned up, down, offers, offers_done;
} app_t;

static app_t app_of_a, app_of_b;
static uint8_t source_bytes[3000];

static uint8_t take(input_t *in) {
    return in->at < in->end ? *in->at++ : 0;
}

static rns_bytes_t take_bytes(input_t *in, size_t most) {
    const size_t left = (size_t)(in->end - in->at), size = most < left ? most : left;
    const rns_bytes_t bytes = {in->at, size};
    in->at += size;
    return bytes;
}

// ---- The application of the node that is attacked

static bool write_some(void *user, rns_bytes_t data) {
    app_t *app = user;
    const rns_sink_t sink = rns_sink_to(&app->memory);
    if (app->refuse > 0) {
        app->refuse--;
        return false;
    }
    return sink.write(sink.user, data);
}

static bool commit_some(void *user) {
    app_t *app = user;
    const rns_sink_t sink = rns_sink_to(&app->memory);
    return sink.commit == NULL || sink.commit(sink.user);
}

static void answer_offer(side_t *side, app_t *app, rns_resource_t offer) {
    const rns_sink_t sink = {write_some, commit_some, NULL, app};
    const rns_mem_t metadata = {app->metadata, sizeof app->metadata};
    switch (app->mood % 4) {
    case 0:
        (void)rns_resource_accept(side->node, side->pair->now, offer, &sink, metadata);
        break;
    case 1:
        (void)rns_resource_reject(side->node, side->pair->now, offer);
        break;
    case 2:
        app->refuse = 3;
        (void)rns_resource_accept(side->node, side->pair->now, offer, &sink, metadata);
        break;
    default:
        app->offer = offer; // later
        break;
    }
}

static void answer_query(side_t *side, app_t *app, rns_query_t query) {
    static const uint8_t small[] = {0xC3};
    static const uint8_t large[900] = {0xC5, 0x03, 0x81}; // a bin of 897 bytes
    switch (app->mood % 5) {
    case 0:
        (void)rns_respond(side->node, side->pair->now, query, (rns_bytes_t){small, sizeof small});
        break;
    case 1:
        (void)rns_respond(side->node, side->pair->now, query, (rns_bytes_t){large, sizeof large});
        break;
    case 2:
        (void)rns_query_drop(side->node, query);
        break;
    case 3:
        (void)rns_link_close(side->node, side->pair->now, app->link);
        break;
    default:
        app->late[app->late_count++ % 4] = query;
        break;
    }
}

static bool take_message(void *user, rns_node_t *node, const rns_event_t *message) {
    app_t *app = user;
    const rns_channel_handler_t *one = &app->handlers[app->mood % 3];
    switch ((app->mood + message->sequence) % 6) {
    case 0:
        (void)rns_channel_handler_add(node, message->link, one);
        break;
    case 1:
        (void)rns_channel_handler_remove(node, message->link, one);
        break;
    case 2:
        (void)rns_channel_send(node, message->at, message->link, 9, message->data, NULL);
        break;
    case 3:
        if (app->mood > 250) {
            (void)rns_link_close(node, message->at, message->link);
        }
        break;
    default:
        break;
    }
    app->mood++;
    return app->mood % 8 == 0;
}

static void react(side_t *side, const rns_event_t *event) {
    app_t *app = side->user;
    switch (event->type) {
    case RNS_EV_LINK_UP:
        app->up++;
        app->link = event->link;
        break;
    case RNS_EV_LINK_DOWN:
        app->down++;
        break;
    case RNS_EV_RESOURCE_OFFER:
        answer_offer(side, app, event->resource);
        break;
    case RNS_EV_REQUEST_OFFER:
        (void)rns_request_take(side->node, side->pair->now, event->resource,
                               (rns_mem_t){app->request, sizeof app->request});
        break;
    case RNS_EV_REQUEST:
        answer_query(side, app, event->query);
        break;
    default:
        break;
    }
}

// ---- What the attacker does

static bool spoil(pair_t *pair, bool to_b, rns_mem_t frame) {
    input_t *in = pair->user;
    const uint8_t what = take(in);
    if (!to_b || what < 200 || frame.size < 20) {
        return true;
    }
    frame.data[19 + take(in) % (frame.size - 19)] ^= what;
    return what < 250;
}

static const uint8_t CONTEXTS[] = {
    RNSI_CONTEXT_NONE,         RNSI_CONTEXT_RESOURCE,     RNSI_CONTEXT_RESOURCE_ADV,
    RNSI_CONTEXT_RESOURCE_REQ, RNSI_CONTEXT_RESOURCE_HMU, RNSI_CONTEXT_RESOURCE_PRF,
    RNSI_CONTEXT_RESOURCE_ICL, RNSI_CONTEXT_RESOURCE_RCL, RNSI_CONTEXT_CACHE_REQUEST,
    RNSI_CONTEXT_REQUEST,      RNSI_CONTEXT_RESPONSE,     RNSI_CONTEXT_CHANNEL,
    RNSI_CONTEXT_KEEPALIVE,    RNSI_CONTEXT_LINKIDENTIFY, RNSI_CONTEXT_LINKCLOSE,
    RNSI_CONTEXT_LRRTT,        RNSI_CONTEXT_LRPROOF,
};

static void say(pair_t *pair, input_t *in, bool encrypted) {
    struct rnsi_link *link = rnsi_link_get(pair->a.node, app_of_a.link);
    const rnsi_context_t context = CONTEXTS[take(in) % sizeof CONTEXTS];
    const uint8_t type = take(in);
    const rns_bytes_t bytes = take_bytes(in, (size_t)take(in) * 2);
    if (link == NULL || bytes.size == 0) {
        return;
    }
    if (encrypted) {
        (void)rnsi_link_send(pair->a.node, link, context, (rnsi_out_t){{NULL, 0}, bytes}, NULL);
    } else {
        (void)rnsi_link_send_bare(pair->a.node, link, (rnsi_packet_type_t)(type & 3), context,
                                  bytes);
    }
}

static void ask(pair_t *pair, input_t *in, side_t *side, app_t *app) {
    static rns_bytes_t all = {source_bytes, sizeof source_bytes};
    static const uint8_t text[] = {0xA2, 'h', 'i'};
    const rns_source_t source = rns_source_of(&all);
    const rns_resource_options_t options = {.metadata = {text, sizeof text}};
    const rns_request_options_t wants = {.memory = {app->answer, sizeof app->answer},
                                         .metadata = {app->metadata, sizeof app->metadata}};
    const rns_us_t now = pair->now;
    const uint8_t how = take(in);
    rns_resource_t resource;
    rns_request_t request;
    rns_buffer_t buffer;
    switch (how % 6) {
    case 0:
        (void)rns_resource_send(side->node, now, app->link, &source, how * 10U,
                                how & 64 ? &options : NULL, &resource);
        break;
    case 1:
        (void)rns_request(side->node, now, app->link, "p",
                          (rns_bytes_t){source_bytes, how & 64 ? 600 : 3}, &wants, &request);
        break;
    case 2:
        (void)rns_channel_send(side->node, now, app->link, how, (rns_bytes_t){text, sizeof text},
                               NULL);
        break;
    case 3:
        if (rns_buffer_writer(side->node, now, app->link, how & 1, &buffer) == RNS_ERR_OK) {
            (void)rns_buffer_write(side->node, now, buffer, (rns_bytes_t){source_bytes, how});
            (void)rns_buffer_close(side->node, now, buffer);
        }
        break;
    case 4:
        if (app->late_count > 0) {
            (void)rns_respond(side->node, now, app->late[how % 4], (rns_bytes_t){text, 3});
        }
        break;
    default:
        (void)rns_resource_cancel(side->node, now, app->offer);
        break;
    }
}

static void step(pair_t *pair, input_t *in) {
    const uint8_t op = take(in);
    switch (op % 8) {
    case 0:
    case 1:
    case 2:
        say(pair, in, true);
        break;
    case 3:
        say(pair, in, false);
        break;
    case 4:
        ask(pair, in, &pair->a, &app_of_a);
        break;
    case 5:
        ask(pair, in, &pair->b, &app_of_b);
        break;
    case 6:
        app_of_b.mood = take(in);
        break;
    default:
        pair_run(pair, (rns_us_t)take(in) * 50 * MS);
        break;
    }
    pair_run(pair, 25 * MS);
}

static void open_all(pair_t *pair) {
    rns_link_t a, b;
    rns_buffer_t reader;
    app_t *const apps[] = {&app_of_a, &app_of_b};
    side_t *const sides[] = {&pair->a, &pair->b};
    for (int i = 0; i < 2; i++) {
        memset(apps[i], 0, sizeof *apps[i]);
        apps[i]->memory.mem = (rns_mem_t){apps[i]->bytes, sizeof apps[i]->bytes};
        sides[i]->user = apps[i];
        sides[i]->react = react;
    }
    REQUIRE(rns_request_handler(pair->b.node, pair->dest, "p", RNS_ALLOW_ALL, NULL, 0) ==
            RNS_ERR_OK);
    pair_link(pair, &a, &b);
    for (int i = 0; i < 2; i++) {
        const rns_link_t link = i == 0 ? a : b;
        REQUIRE(rns_link_accept(sides[i]->node, link, RNS_ACCEPT_ASK, NULL, (rns_mem_t){NULL, 0}) ==
                RNS_ERR_OK);
        REQUIRE(rns_channel_open(sides[i]->node, pair->now, link) == RNS_ERR_OK);
        for (unsigned j = 0; j < 3; j++) {
            apps[i]->handlers[j] =
                (rns_channel_handler_t){RNS_CHANNEL_ANY, NULL, take_message, apps[i]};
            REQUIRE(rns_channel_handler_add(sides[i]->node, link, &apps[i]->handlers[j]) ==
                    RNS_ERR_OK);
        }
        REQUIRE(rns_buffer_reader(sides[i]->node, pair->now, link, 1,
                                  (rns_mem_t){apps[i]->ring, sizeof apps[i]->ring},
                                  &reader) == RNS_ERR_OK);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    input_t in = {data, data + size};
    pair_t *pair = pair_open((pair_setup_t){.crypto = &rns_crypto_fake,
                                            .compress = &rns_compress_bz2,
                                            .hw_mtu = take(&in) & 1 ? 1064 : 0});
    memset(source_bytes, 0xA1, sizeof source_bytes);
    source_bytes[0] = 0xC5, source_bytes[1] = 2, source_bytes[2] = 0x55; // a bin of 597 bytes
    open_all(pair);
    pair->hook = spoil;
    pair->user = &in;
    for (unsigned i = 0; i < OPS_MOST && in.at < in.end; i++) {
        step(pair, &in);
    }
    pair->hook = NULL;
    (void)rns_link_close(pair->a.node, pair->now, app_of_a.link);
    pair_run(pair, QUIET);
    REQUIRE(app_of_a.up == app_of_a.down && app_of_b.up == app_of_b.down);
    pair_assert_idle(&pair->a);
    pair_assert_idle(&pair->b);
    pair_close(pair);
    return 0;
}
