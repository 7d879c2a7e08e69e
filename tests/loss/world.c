// world.c -- the life of a run: nodes, set-ups, load, end, and what must be true after it.
#include "world.h"

#include <stdarg.h>
#include <stdio.h>

#include "rns/providers.h"

#define NAME       "reticule.test.loss"
#define BUSY       20000U               // turns at one time: more is a node that never rests
#define SETUPS     500U                 // tries
#define LOAD_TIME  (48 * 3600 * SECOND) // a load that takes longer hangs
#define AFTERWARDS (1000 * SECOND)      // until half-open links are gone
#define REAL_EVERY 16U                  // seeds of which one has real cryptography

// ---- Trouble

void world_fail(world_t *world, const char *format, ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(world->run->failure, sizeof world->run->failure, format, args);
    va_end(args);
    longjmp(world->failed, 1);
}

void world_say(const world_t *world, const char *format, ...) {
    if (!world->run->verbose) {
        return;
    }
    va_list args;
    va_start(args, format);
    printf("%12.6f  ", (double)world->now / 1e6);
    vprintf(format, args);
    putchar('\n');
    va_end(args);
}

// ---- Dice

uint64_t dice(uint64_t *state) { // SplitMix64
    uint64_t z = *state += 0x9e3779b97f4a7c15U;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
    z = (z ^ z >> 27) * 0x94d049bb133111ebU;
    return z ^ z >> 31;
}

uint32_t below(world_t *world, uint32_t limit) {
    return (uint32_t)(dice(&world->dice) % limit);
}

// Doubles low as often as dice say, and puts the result somewhere in between.
uint64_t wide(world_t *world, uint64_t low, uint64_t high) {
    unsigned doublings = 0;
    while (low << doublings < high) {
        doublings++;
    }
    const uint64_t from = low << below(world, doublings);
    const uint64_t value = from + dice(&world->dice) % from;
    return value < high ? value : high;
}

// ---- Events

static bool is_link(const end_t *end, rns_link_t link) {
    return end->link.gen != 0 && link.slot == end->link.slot && link.gen == end->link.gen;
}

// b takes the link that it hears of last: older ones were given up by a.
static void note_up(end_t *end, const rns_event_t *event) {
    end->link = event->link;
    end->is_up = true;
    end->is_down = false;
    end->rtt_us = event->rtt_us;
}

static void on_event(void *user, rns_node_t *node, const rns_event_t *event) {
    end_t *end = user;
    world_t *world = end->world;
    (void)node;
    switch (event->type) {
    case RNS_EV_LINK_UP:
        world_say(world, "%s: link up", end->name);
        if (end == &world->b || is_link(end, event->link)) {
            note_up(end, event);
        }
        break;
    case RNS_EV_LINK_DOWN:
        world_say(world, "%s: link down, reason %u", end->name, event->reason);
        if (is_link(end, event->link)) {
            if (end->is_down) {
                world_fail(world, "%s: a link went down twice", end->name);
            }
            end->is_down = true;
            end->reason = event->reason;
            end->down_at = world->now;
            end->silence = world->now - end->heard_at;
        }
        break;
    default:
        if (event->link.gen != 0 && is_link(end, event->link) && end->is_down) {
            world_fail(world, "%s: event %d of a link that is down", end->name, (int)event->type);
        }
        break;
    }
    if (world->load_state != NULL && world->run->load->event != NULL) {
        world->run->load->event(world, end, event);
    }
}

static bool entropy(void *user, uint8_t *out, size_t size) {
    end_t *end = user;
    for (size_t i = 0; i < size; i++) {
        out[i] = (uint8_t)dice(&end->dice);
    }
    return true;
}

// ---- Time

static void receive(world_t *world, end_t *end) {
    frame_t *frame;
    while ((frame = line_arrived(world, &other_end(end)->out)) != NULL) {
        end->heard_at = world->now;
        rns_rx(end->node, world->now, end->iface, (rns_mem_t){frame->bytes, frame->size}, NULL);
        free(frame);
    }
}

static rns_us_t earlier(rns_us_t a, rns_us_t b) {
    return a < b ? a : b;
}

static void turn(world_t *world) {
    end_t *const ends[] = {&world->a, &world->b};
    for (int i = 0; i < 2; i++) {
        receive(world, ends[i]);
        rns_tick(ends[i]->node, world->now);
    }
    if (world->load_state != NULL && world->run->load->work != NULL) {
        world->run->load->work(world);
    }
    line_take(world, &world->a);
    line_take(world, &world->b);
}

static rns_us_t next_due(const world_t *world) {
    rns_us_t due = earlier(rns_next_due(world->a.node), rns_next_due(world->b.node));
    due = earlier(due, earlier(line_due(&world->a), line_due(&world->b)));
    if (world->load_state != NULL && world->run->load->due != NULL) {
        due = earlier(due, world->run->load->due(world));
    }
    return due > world->now ? due : world->now;
}

// Lets time pass until is_over() says so. false: `until` came first.
static bool run_until(world_t *world, rns_us_t until, bool (*is_over)(const world_t *world)) {
    unsigned turns = 0;
    turn(world);
    for (rns_us_t due; is_over == NULL || !is_over(world); turns++) {
        due = next_due(world);
        if (due > until) {
            world->now = until;
            return false;
        }
        turns = due > world->now ? 0 : turns;
        if (turns > BUSY) {
            world_fail(world, "a node never rests");
        }
        world->now = due;
        turn(world);
    }
    return true;
}

// ---- Life

static void open_end(world_t *world, end_t *end, const char *name, rns_profile_t profile,
                     bool packs) {
    static uint8_t mark;
    end->world = world;
    end->name = name;
    end->dice = dice(&world->dice);
    end->config = (rns_config_t){
        .profile = profile,
        .crypto = world->run->seed % REAL_EVERY == 0 ? &rns_crypto_host : &rns_crypto_fake,
        .compress = packs ? &rns_compress_bz2 : NULL,
        .entropy = entropy,
        .on_event = on_event,
        .user = end,
        .unix_us = 1800000000 * SECOND,
        .mem[RNS_REGION_BULK].data = &mark, // there will be one
    };
    memcpy(end->config.count, end->count, sizeof end->config.count);
    size_t need[RNS_REGION_COUNT];
    rns_plan(&end->config, need);
    for (int i = 0; i < RNS_REGION_COUNT; i++) {
        end->config.mem[i] = (rns_mem_t){calloc(need[i] + 1, 1), need[i]};
        end->config.zeroed[i] = true;
    }
    if (end->config.mem[0].data == NULL || end->config.mem[1].data == NULL ||
        rns_open(&end->config, world->now, &end->node) != RNS_ERR_OK) {
        world_fail(world, "%s: does not open", name);
    }
}

static void add_iface(world_t *world, end_t *end, uint32_t hw_mtu) {
    const uint64_t rate = end->out.rate;
    const rns_iface_config_t config = {.name = "Line",
                                       .bitrate = (uint32_t)rate,
                                       .hw_mtu = hw_mtu,
                                       .mtu_kind = hw_mtu > 500 ? RNS_MTU_FIXED : RNS_MTU_NONE,
                                       .ingress_control = RNS_NO};
    if (rns_iface_add(end->node, world->now, &config, &end->iface) != RNS_ERR_OK) {
        world_fail(world, "%s: no interface", end->name);
    }
}

static bool has_path(const world_t *world) {
    rns_path_t path;
    return rns_path(world->a.node, world->now, &world->hash, &path);
}

static void announce(world_t *world) {
    const rns_bytes_t none = {NULL, 0};
    const rns_iface_t all = {0, 0};
    rns_secret_t secret;
    entropy(&world->b, (uint8_t *)&secret, sizeof secret);
    const rns_dest_config_t config = {.name = NAME, .type = RNS_DEST_SINGLE, .identity = &secret};
    if (rns_dest_add(world->b.node, world->now, &config, &world->dest) != RNS_ERR_OK ||
        rns_dest_hash(world->b.node, world->dest, &world->hash) != RNS_ERR_OK) {
        world_fail(world, "no destination");
    }
    for (unsigned i = 0; i < SETUPS; i++) {
        rns_announce(world->b.node, world->now, world->dest, none, all);
        if (run_until(world, world->now + 10 * SECOND, has_path)) {
            return;
        }
    }
    world_fail(world, "no announce came through");
}

// One run in four has a row of very few slots at one end or both.
static void shorten(world_t *world) {
    static const rns_pool_t ROWS[] = {RNS_POOL_FRAME,       RNS_POOL_TXREF,       RNS_POOL_LINK,
                                      RNS_POOL_ENVELOPE,    RNS_POOL_PIECE,       RNS_POOL_PIECE_2K,
                                      RNS_POOL_RESOURCE_IN, RNS_POOL_RESOURCE_OUT};
    if (below(world, 4) != 0) {
        return;
    }
    const rns_pool_t row = ROWS[below(world, sizeof ROWS / sizeof *ROWS)];
    const unsigned which = 1 + below(world, 3);
    world->run->is_short = true;
    world->a.count[row] = which != 2 ? 1 + below(world, 3) : 0;
    world->b.count[row] = which != 1 ? 1 + below(world, 3) : 0;
    rns_pool_info_t info;
    rns_pool_plan(RNS_PROFILE_TINY, NULL, row, &info);
    world_say(world, "%s: %u and %u", info.name, world->a.count[row], world->b.count[row]);
}

static void open_world(world_t *world) {
    static const rns_profile_t PROFILES[] = {RNS_PROFILE_TINY, RNS_PROFILE_MCU, RNS_PROFILE_MCU,
                                             RNS_PROFILE_ROUTER};
    static const uint32_t MTUS[] = {500, 500, 1064, 2048, 8192};
    const uint64_t rate = wide(world, 1200, 1000000000);
    const uint32_t hw_mtu = rate < 100000 ? 500 : MTUS[below(world, 5)];
    line_choose(world, &world->a.out, rate);
    line_choose(world, &world->b.out, rate);
    shorten(world);
    // Others never take what is packed: they have no memory to unpack it.
    const rns_profile_t a = PROFILES[below(world, 4)], b = PROFILES[below(world, 4)];
    const bool packs = a == RNS_PROFILE_ROUTER && b == RNS_PROFILE_ROUTER && below(world, 2) == 0;
    open_end(world, &world->a, "a", a, packs);
    open_end(world, &world->b, "b", b, packs);
    add_iface(world, &world->a, hw_mtu);
    add_iface(world, &world->b, hw_mtu);
    world_say(world,
              "%s, %llu bit/s, %lld us, %s and %s, MTU %u, lost %u and %u, doubled %u and %u, late "
              "%u and %u",
              world->run->load->name, (unsigned long long)rate,
              (long long)(world->a.out.delay + world->b.out.delay),
              rns_profile_name(world->a.config.profile), rns_profile_name(world->b.config.profile),
              hw_mtu, world->a.out.lost, world->b.out.lost, world->a.out.doubled,
              world->b.out.doubled, world->a.out.late, world->b.out.late);
    announce(world);
}

static bool holds_or_is_down(const world_t *world) {
    return world->a.is_down || (world->a.is_up && world->b.is_up);
}

// As often as it takes: each of three packets may be lost.
static void set_up(world_t *world) {
    for (unsigned i = 0; i < SETUPS; i++) {
        world->a.is_up = world->a.is_down = world->b.is_up = world->b.is_down = false;
        world->run->setups++;
        const rns_err_t err =
            rns_link_open(world->a.node, world->now, &world->hash, &world->a.link);
        if (err == RNS_ERR_OK && run_until(world, world->now + 30 * SECOND, holds_or_is_down) &&
            world->a.is_up && world->b.is_up && !world->b.is_down) {
            return;
        }
        if (err == RNS_ERR_OK && !world->a.is_down) {
            rns_link_close(world->a.node, world->now, world->a.link);
        }
        run_until(world, world->now + 5 * SECOND, NULL);
    }
    world_fail(world, "no link held");
}

static bool is_over(const world_t *world) {
    return world->a.is_down || world->b.is_down || world->run->load->is_done(world);
}

static bool is_down_on_both(const world_t *world) {
    return world->a.is_down && world->b.is_down;
}

end_t *world_closer(world_t *world) {
    end_t *first = world->a.down_at < world->b.down_at ? &world->a : &world->b;
    switch ((rns_link_reason_t)first->reason) {
    case RNS_LINK_TIMEOUT: // two keepalive intervals, and the time for an answer
        if (first->silence < 10 * SECOND) {
            world_fail(world, "%s: timeout after %lld us of silence", first->name,
                       (long long)first->silence);
        }
        return NULL;
    case RNS_LINK_INITIATOR_CLOSED:
        return &world->a;
    case RNS_LINK_DESTINATION_CLOSED:
        return &world->b;
    }
    world_fail(world, "%s: down for reason %u", first->name, first->reason);
}

rns_us_t world_five_tries(rns_us_t rtt_us) {
    const double base = (double)rtt_us * 2.5 > 25000 ? (double)rtt_us * 2.5 : 25000;
    return (rns_us_t)(base * 2.5 * (1 + 1.5 + 2.25 + 3.375 + 5.0625)) -
           10; // each is cut to whole us
}

static void say_verdicts(const world_t *world, const end_t *end) {
    for (rns_verdict_t v = 0; v < RNS_RX_COUNT; v++) {
        const uint32_t count = rns_iface_count(end->node, end->iface, v);
        if (count > 0) {
            world_say(world, "%s: %u %s", end->name, count, rns_verdict_name(v));
        }
    }
}

static void carry(world_t *world) {
    const load_t *load = world->run->load;
    world->load_state = calloc(1, load->state_size + 1);
    if (world->load_state == NULL) {
        abort();
    }
    world->load_at = world->now;
    load->start(world);
    if (!run_until(world, world->now + LOAD_TIME, is_over)) {
        world_fail(world, "hangs");
    }
    world->run->is_closed = !load->is_done(world);
    world->is_closing = true;
    world_say(world, "%s", world->run->is_closed ? "closed" : "done");
    // The other end hears of it, or of nothing more.
    run_until(world, world->now + 5 * SECOND, is_down_on_both);
    rns_link_close(world->a.node, world->now, world->a.link);
    rns_link_close(world->b.node, world->now, world->b.link);
    if (!is_down_on_both(world)) {
        world_fail(world, "a link that is closed did not go down");
    }
    run_until(world, world->now + AFTERWARDS, NULL);
    say_verdicts(world, &world->a);
    say_verdicts(world, &world->b);
    load->check(world);
}

static void check_idle(world_t *world, const end_t *end) {
    for (rns_pool_t id = 0; id < RNS_POOL_COUNT; id++) {
        rns_pool_info_t info;
        rns_pool_info(end->node, id, &info);
        const bool is_session = (id >= RNS_POOL_LINK && id != RNS_POOL_REQUEST_HANDLER) ||
                                id == RNS_POOL_RECEIPT || id == RNS_POOL_PROVE_ASK ||
                                (id >= RNS_POOL_FRAME && id <= RNS_POOL_TXREF);
        if (is_session && info.used != 0) {
            world_fail(world, "%s: %u slots of %s are still taken", end->name, info.used,
                       info.name);
        }
    }
}

static void close_end(end_t *end) {
    line_clear(&end->out);
    if (end->node != NULL) {
        rns_close(end->node);
    }
    for (int i = 0; i < RNS_REGION_COUNT; i++) {
        if (end->config.zeroed[i]) {
            free(end->config.mem[i].data);
        }
    }
}

bool world_run(run_t *run) {
    world_t *world = calloc(1, sizeof *world);
    if (world == NULL) {
        abort();
    }
    world->run = run;
    world->now = 1000 * SECOND;
    world->dice = run->seed;
    world->is_light = run->is_light = below(world, 2) == 0;
    if (setjmp(world->failed) == 0) {
        open_world(world);
        set_up(world);
        carry(world);
        check_idle(world, &world->a);
        check_idle(world, &world->b);
    }
    run->time = world->now;
    run->frames = world->a.out.sent + world->b.out.sent;
    close_end(&world->a);
    close_end(&world->b);
    free(world->load_state);
    free(world);
    return run->failure[0] == '\0';
}
