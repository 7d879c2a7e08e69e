// load_resource.c -- resources of up to 64 KiB, some at once, some cancelled or refused: each is
// complete or fails cleanly, and is told of once at either end.
#include "world.h"

#define TRANSFERS 6U
#define SLOTS     8U // a size says whose it is: its remainder by this
#define SIZE_MOST 65536U
#define META_MOST 255U

typedef enum { WAITS, GOES, ENDED } state_of_t;

typedef struct {
    end_t *from;
    uint32_t size;
    uint8_t metadata[META_MOST + 2]; // one msgpack value; empty: none
    size_t metadata_size;
    rns_us_t cancel_at, reject_at; // RNS_NEVER: not

    state_of_t sending;
    rns_resource_t out;
    rns_err_t out_status;

    // At the receiver.
    state_of_t receiving;
    rns_resource_t in;
    rns_err_t in_status;
    rns_us_t answer_at; // when the offer is answered
    bool is_answered;
    world_t *world;
    uint32_t written;
    bool is_committed, is_aborted;
    uint8_t metadata_in[META_MOST + 2];
} transfer_t;

typedef struct {
    transfer_t transfers[TRANSFERS];
    unsigned count;
} state_t;

static state_t *state_of(const world_t *world) {
    return world->load_state;
}

// ---- What is sent

static uint8_t byte_at(const transfer_t *t, uint64_t at) {
    uint64_t state = t->size + at;
    return at / 3000 % 2 == 0 ? (uint8_t)("a resource, "[at % 12]) : (uint8_t)dice(&state);
}

static size_t source_read(void *user, uint64_t offset, rns_mem_t out) {
    const transfer_t *t = user;
    const uint64_t left = offset < t->size ? t->size - offset : 0;
    const size_t size = left < out.size ? (size_t)left : out.size;
    for (size_t i = 0; i < size; i++) {
        out.data[i] = byte_at(t, offset + i);
    }
    return size;
}

// Full now and then.
static bool sink_write(void *user, rns_bytes_t data) {
    transfer_t *t = user;
    if (below(t->world, 50) == 0) {
        return false;
    }
    if (t->is_committed || t->is_aborted || data.size > t->size - t->written) {
        world_fail(t->world, "%zu bytes more after %u of %u", data.size, t->written, t->size);
    }
    for (size_t i = 0; i < data.size; i++) {
        if (data.data[i] != byte_at(t, t->written + i)) {
            world_fail(t->world, "byte %zu is not what was sent", t->written + i);
        }
    }
    t->written += (uint32_t)data.size;
    return true;
}

static bool sink_commit(void *user) {
    transfer_t *t = user;
    if (t->is_committed || t->is_aborted || t->written != t->size) {
        world_fail(t->world, "committed after %u of %u bytes", t->written, t->size);
    }
    t->is_committed = true;
    return true;
}

static void sink_abort(void *user) {
    transfer_t *t = user;
    if (t->is_aborted) {
        world_fail(t->world, "aborted twice");
    }
    t->is_aborted = true;
}

// ---- Life

static void choose_metadata(world_t *world, transfer_t *t) {
    if (below(world, 2) == 0) {
        return;
    }
    const unsigned size = 3 + SLOTS * below(world, 31); // with its head of 2, and of 3: whole slots
    t->metadata[0] = 0xC4;
    t->metadata[1] = (uint8_t)size;
    for (unsigned i = 0; i < size; i++) {
        t->metadata[2 + i] = (uint8_t)below(world, 256);
    }
    t->metadata_size = size + 2;
}

static rns_us_t sometime(world_t *world, unsigned one_in, rns_us_t most) {
    return below(world, one_in) != 0 ? RNS_NEVER
                                     : world->now + (rns_us_t)wide(world, 100, (uint64_t)most);
}

static void start(world_t *world) {
    state_t *state = state_of(world);
    const unsigned which = below(world, 3);
    state->count = 1 + below(world, TRANSFERS);
    for (unsigned i = 0; i < state->count; i++) {
        transfer_t *t = &state->transfers[i];
        t->world = world;
        t->from = which == 0 || (which == 2 && i % 2 == 0) ? &world->a : &world->b;
        t->size = (uint32_t)wide(world, 1, SIZE_MOST / SLOTS - 1) * SLOTS + i;
        if (below(world, 8) == 0) {
            t->size = i;
        }
        choose_metadata(world, t);
        t->cancel_at = sometime(world, 8, 100 * SECOND);
        t->reject_at = RNS_NEVER;
        t->answer_at = RNS_NEVER;
    }
    if (rns_link_accept(world->a.node, world->a.link, RNS_ACCEPT_ASK, NULL, (rns_mem_t){NULL, 0}) !=
            RNS_ERR_OK ||
        rns_link_accept(world->b.node, world->b.link, RNS_ACCEPT_ASK, NULL, (rns_mem_t){NULL, 0}) !=
            RNS_ERR_OK) {
        world_fail(world, "no strategy");
    }
}

static void offer(world_t *world, transfer_t *t) {
    const rns_source_t source = {source_read, t};
    const rns_resource_options_t options = {.metadata = {t->metadata, t->metadata_size}};
    if (t->sending != WAITS || t->from->is_down) {
        return;
    }
    const rns_err_t err = rns_resource_send(t->from->node, world->now, t->from->link, &source,
                                            t->size, &options, &t->out);
    if (err == RNS_ERR_OK) {
        t->sending = GOES;
    } else if (err != RNS_ERR_FULL) {
        world_fail(world, "%s: sending says %d", t->from->name, (int)err);
    }
}

// The application takes its time for an answer. One in eight is refused.
static void answer(world_t *world, transfer_t *t) {
    end_t *to = other_end(t->from);
    if (t->answer_at > world->now || t->receiving != GOES) {
        return;
    }
    t->answer_at = RNS_NEVER;
    t->is_answered = true;
    if (below(world, 8) == 0) {
        rns_resource_reject(to->node, world->now, t->in);
        return;
    }
    const rns_sink_t sink = {sink_write, sink_commit, sink_abort, t};
    const rns_err_t err = rns_resource_accept(to->node, world->now, t->in, &sink,
                                              (rns_mem_t){t->metadata_in, sizeof t->metadata_in});
    if (err != RNS_ERR_OK && err != RNS_ERR_FULL) {
        world_fail(world, "%s: accepting says %d", to->name, (int)err);
    }
    t->reject_at = sometime(world, 8, 100 * SECOND);
}

static void cancel(world_t *world, transfer_t *t) {
    if (t->cancel_at <= world->now) {
        t->cancel_at = RNS_NEVER;
        if (t->sending == GOES &&
            rns_resource_cancel(t->from->node, world->now, t->out) != RNS_ERR_OK) {
            world_fail(world, "%s: cannot be cancelled", t->from->name);
        }
    }
    if (t->reject_at <= world->now) {
        end_t *to = other_end(t->from);
        t->reject_at = RNS_NEVER;
        if (t->receiving == GOES &&
            rns_resource_cancel(to->node, world->now, t->in) != RNS_ERR_OK) {
            world_fail(world, "%s: cannot be cancelled", to->name);
        }
    }
}

static void work(world_t *world) {
    state_t *state = state_of(world);
    for (unsigned i = 0; i < state->count && !world->is_closing; i++) {
        offer(world, &state->transfers[i]);
        answer(world, &state->transfers[i]);
        cancel(world, &state->transfers[i]);
    }
}

static rns_us_t due(const world_t *world) {
    const state_t *state = state_of(world);
    rns_us_t first = RNS_NEVER;
    for (unsigned i = 0; i < state->count && !world->is_closing; i++) {
        const transfer_t *t = &state->transfers[i];
        const rns_us_t times[] = {t->answer_at, t->cancel_at, t->reject_at};
        for (unsigned n = 0; n < 3; n++) {
            first = times[n] < first ? times[n] : first;
        }
    }
    return first;
}

// ---- Events

static bool is_same(rns_resource_t a, rns_resource_t b) {
    return a.slot == b.slot && a.gen == b.gen;
}

// The transfer that a handle of an end names. NULL: none.
static transfer_t *find(const world_t *world, const end_t *end, rns_resource_t resource,
                        bool is_incoming) {
    state_t *state = state_of(world);
    for (unsigned i = 0; i < state->count; i++) {
        transfer_t *t = &state->transfers[i];
        if (is_incoming ? t->from != end && t->receiving != WAITS && is_same(t->in, resource)
                        : t->from == end && t->sending != WAITS && is_same(t->out, resource)) {
            return t;
        }
    }
    return NULL;
}

// The same may be offered again, after its end here was not heard of there.
static void hear_offer(world_t *world, end_t *end, const rns_event_t *event) {
    state_t *state = state_of(world);
    const unsigned number = (unsigned)(event->size % SLOTS);
    transfer_t *t = &state->transfers[number];
    if (number >= state->count || t->from == end) {
        world_fail(world, "%s: an offer of %llu bytes", end->name, (unsigned long long)event->size);
    }
    if (t->receiving == GOES) {
        world_fail(world, "%s: offered twice", end->name);
    }
    t->receiving = GOES;
    t->in = event->resource;
    t->is_answered = t->is_committed = t->is_aborted = false;
    t->written = 0;
    t->answer_at = world->now + (below(world, 2) == 0 ? 0 : below(world, (uint32_t)end->rtt_us));
}

static void check_received(world_t *world, const transfer_t *t, const rns_event_t *event) {
    const char *name = other_end(t->from)->name;
    if (event->status != RNS_ERR_OK) {
        if (t->is_committed || (t->written > 0 && !t->is_aborted)) {
            world_fail(world, "%s: ended with %d, but its bytes were kept", name,
                       (int)event->status);
        }
        return;
    }
    if (!t->is_committed || t->is_aborted) {
        world_fail(world, "%s: complete, but not kept", name);
    }
    if (event->metadata.size != t->metadata_size ||
        (t->metadata_size > 0 &&
         memcmp(event->metadata.data, t->metadata, t->metadata_size) != 0)) {
        world_fail(world, "%s: metadata is not what was sent", name);
    }
}

static void hear_end(world_t *world, end_t *end, const rns_event_t *event) {
    transfer_t *t = find(world, end, event->resource, event->is_incoming);
    if (t == NULL || (event->is_incoming ? t->receiving : t->sending) != GOES) {
        world_fail(world, "%s: the end of what does not go", end->name);
    }
    world_say(world, "%s: %s of %u bytes ended with %d", end->name,
              event->is_incoming ? "receiving" : "sending", t->size, (int)event->status);
    if (event->is_incoming) {
        t->receiving = ENDED;
        t->in_status = event->status;
        t->answer_at = t->reject_at = RNS_NEVER;
        check_received(world, t, event);
        return;
    }
    t->sending = ENDED;
    t->out_status = event->status;
    t->cancel_at = RNS_NEVER;
    if (event->status == RNS_ERR_OK && (t->receiving != ENDED || t->in_status != RNS_ERR_OK)) {
        world_fail(world, "%s: sent, but it did not arrive", end->name);
    }
}

static void on_event(world_t *world, end_t *end, const rns_event_t *event) {
    const transfer_t *t;
    switch (event->type) {
    case RNS_EV_RESOURCE_OFFER:
        hear_offer(world, end, event);
        break;
    case RNS_EV_RESOURCE_PROGRESS:
        t = find(world, end, event->resource, true);
        t = t != NULL ? t : find(world, end, event->resource, false);
        if (t == NULL || event->progress_ppm > 1000000) {
            world_fail(world, "%s: progress of nothing", end->name);
        }
        break;
    case RNS_EV_RESOURCE_DONE:
        hear_end(world, end, event);
        break;
    default:
        break;
    }
}

static bool is_done(const world_t *world) {
    const state_t *state = state_of(world);
    for (unsigned i = 0; i < state->count; i++) {
        if (state->transfers[i].sending != ENDED || state->transfers[i].receiving == GOES) {
            return false;
        }
    }
    return true;
}

// A link closes under transfers only when it is silent: they do not end it.
static void check(world_t *world) {
    const state_t *state = state_of(world);
    const end_t *closer = world->run->is_closed ? world_closer(world) : NULL;
    if (closer != NULL) {
        world_fail(world, "%s: closed the link", closer->name);
    }
    world->run->is_complete = true;
    for (unsigned i = 0; i < state->count; i++) {
        const transfer_t *t = &state->transfers[i];
        if (t->sending == GOES || t->receiving == GOES) {
            world_fail(world, "a transfer has no end");
        }
        world->run->is_complete &= t->sending == ENDED && t->out_status == RNS_ERR_OK;
    }
}

const load_t load_resource = {
    .name = "resource",
    .state_size = sizeof(state_t),
    .start = start,
    .event = on_event,
    .work = work,
    .due = due,
    .is_done = is_done,
    .check = check,
};
