// load_channel.c -- messages over a channel: in order, once, without a gap, and all of them, or the
// link closes by the five-try rule.
#include "world.h"

#include "session/channel.h"

#define MESSAGES  100U
#define TYPES     7U
#define SIZE_MAX_ 8200U
#define TRIES     5

// One direction.
typedef struct {
    unsigned total, sent, proved, heard;
    uint16_t first; // sequence number of the first
    bool is_proved[MESSAGES];
    rns_us_t sent_at[MESSAGES];
    bool waits; // for READY
    uint32_t size_most;
} way_t;

typedef struct {
    way_t a, b; // of what a sends, and b
} state_t;

static way_t *way_of(const world_t *world, const end_t *from) {
    state_t *state = world->load_state;
    return from == &world->a ? &state->a : &state->b;
}

// ---- What a message says follows from its number

static size_t size_of(const world_t *world, const way_t *way, unsigned number) {
    uint64_t state = world->run->seed * 7919 + number;
    return dice(&state) % (way->size_most + 1);
}

static void fill(const world_t *world, unsigned number, uint8_t *out, size_t size) {
    uint64_t state = world->run->seed * 104729 + number;
    for (size_t i = 0; i < size; i++) {
        out[i] = (uint8_t)dice(&state);
    }
}

// ---- Life

// Sequence numbers start anywhere, often so that they wrap around.
static void shift(world_t *world, end_t *from, way_t *way) {
    way->first = (uint16_t)(below(world, 2) == 0 ? 65536 - below(world, MESSAGES) : 0);
    end_t *to = other_end(from);
    rnsi_channel_of(from->node, rnsi_link_get(from->node, from->link))->next_tx = way->first;
    rnsi_channel_of(to->node, rnsi_link_get(to->node, to->link))->next_rx = way->first;
}

static void start_way(world_t *world, end_t *from, unsigned total) {
    way_t *way = way_of(world, from);
    const uint32_t mdu = rns_channel_mdu(from->node, from->link);
    way->total = total;
    way->size_most = below(world, 2) == 0 ? 40 : mdu;
    shift(world, from, way);
}

static void start(world_t *world) {
    end_t *const ends[] = {&world->a, &world->b};
    for (int i = 0; i < 2; i++) {
        if (rns_channel_open(ends[i]->node, world->now, ends[i]->link) != RNS_ERR_OK) {
            world_fail(world, "%s: no channel", ends[i]->name);
        }
    }
    world->run->is_hundred = true;
    const unsigned which = below(world, 3);
    start_way(world, &world->a, which != 1 ? MESSAGES : 0);
    start_way(world, &world->b, which != 0 ? MESSAGES : 0);
}

static void send(world_t *world, end_t *from) {
    static uint8_t bytes[SIZE_MAX_];
    way_t *way = way_of(world, from);
    while (!from->is_down && !way->waits && way->sent < way->total) {
        uint16_t sequence = 0;
        const size_t size = size_of(world, way, way->sent);
        fill(world, way->sent, bytes, size);
        const rns_err_t err =
            rns_channel_send(from->node, world->now, from->link, (uint16_t)(way->sent % TYPES),
                             (rns_bytes_t){bytes, size}, &sequence);
        if (err == RNS_ERR_FULL) {
            way->waits = true;
            return;
        }
        if (err != RNS_ERR_OK) {
            world_fail(world, "%s: sending says %d", from->name, (int)err);
        }
        if (sequence != (uint16_t)(way->first + way->sent)) {
            world_fail(world, "%s: sequence %u is not next", from->name, sequence);
        }
        way->sent_at[way->sent++] = world->now;
    }
}

// What a channel says of itself must be true at any time.
static void check_channel(world_t *world, const end_t *end) {
    const struct rnsi_link *link = rnsi_link_get(end->node, end->link);
    if (link == NULL) {
        return;
    }
    const struct rnsi_channel *channel = rnsi_channel_of(end->node, link);
    rnsi_pool_t *pool = RNSI_POOL(end->node, ENVELOPE);
    unsigned sent = 0, early = 0, ahead = 0;
    for (uint32_t slot = channel->tx_oldest; slot != RNSI_NONE; sent++) {
        const struct rnsi_envelope *e = rnsi_pool_at(pool, slot);
        if (e->timer == 0 || e->tries < 1 || e->tries > 5 || rnsi_pool_find(pool, e->hash) != e) {
            world_fail(world, "%s: a message under way is not waited for", end->name);
        }
        slot = e->next;
    }
    for (uint32_t slot = channel->rx_first; slot != RNSI_NONE; early++) {
        const struct rnsi_envelope *e = rnsi_pool_at(pool, slot);
        const unsigned now = (uint16_t)(e->sequence - channel->next_rx);
        if (now <= ahead || now > 48 || e->timer != 0) {
            world_fail(world, "%s: messages that came early are not sorted", end->name);
        }
        ahead = now;
        slot = e->next;
    }
    if (sent != channel->tx_count || early != channel->rx_count || pool->used != sent + early) {
        world_fail(world, "%s: %u and %u messages are counted as %u and %u, of %u", end->name, sent,
                   early, channel->tx_count, channel->rx_count, pool->used);
    }
}

static void work(world_t *world) {
    check_channel(world, &world->a);
    check_channel(world, &world->b);
    if (!world->is_closing) {
        send(world, &world->a);
        send(world, &world->b);
    }
}

// ---- Events

static void hear(world_t *world, end_t *end, const rns_event_t *event) {
    static uint8_t bytes[SIZE_MAX_];
    way_t *way = way_of(world, other_end(end));
    const size_t size = size_of(world, way, way->heard);
    fill(world, way->heard, bytes, size);
    if (way->heard >= way->sent || event->sequence != (uint16_t)(way->first + way->heard) ||
        event->number != way->heard % TYPES) {
        world_fail(world, "%s: message %u, but %u is next", end->name, event->sequence, way->heard);
    }
    if (event->data.size != size || memcmp(event->data.data, bytes, size) != 0) {
        world_fail(world, "%s: message %u is not what was sent", end->name, way->heard);
    }
    way->heard++;
}

static void note_proved(world_t *world, const end_t *end, const rns_event_t *event) {
    way_t *way = way_of(world, end);
    const unsigned number = (uint16_t)(event->sequence - way->first);
    if (number >= way->sent || way->is_proved[number]) {
        world_fail(world, "%s: message %u is proved twice, or was never sent", end->name, number);
    }
    way->is_proved[number] = true;
    way->proved++;
}

static void on_event(world_t *world, end_t *end, const rns_event_t *event) {
    switch (event->type) {
    case RNS_EV_CHANNEL:
        hear(world, end, event);
        break;
    case RNS_EV_CHANNEL_SENT:
        note_proved(world, end, event);
        break;
    case RNS_EV_CHANNEL_READY:
        if (!way_of(world, end)->waits) {
            world_fail(world, "%s: ready, but nobody waits", end->name);
        }
        way_of(world, end)->waits = false;
        break;
    default:
        break;
    }
}

static bool is_proved(const way_t *way) {
    return way->proved == way->total;
}

static bool is_done(const world_t *world) {
    const state_t *state = world->load_state;
    return is_proved(&state->a) && is_proved(&state->b);
}

// ---- Afterwards

// What comes early is proved when it is stored: it is lost if the link closes before its turn.
static unsigned first_unproved(const way_t *way) {
    unsigned number = 0;
    while (number < way->sent && way->is_proved[number]) {
        number++;
    }
    return number;
}

// Whether this end closed the link because a message of its was sent five times for nothing.
static bool gave_up(const world_t *world, const end_t *end) {
    const way_t *way = way_of(world, end);
    const unsigned oldest = first_unproved(way);
    return oldest < way->sent &&
           end->down_at - way->sent_at[oldest] >= world_five_tries(end->rtt_us);
}

static void check_way(world_t *world, const end_t *from) {
    const way_t *way = way_of(world, from);
    if (way->heard < first_unproved(way)) {
        world_fail(world, "%s: all up to %u are proved, %u were delivered", from->name,
                   first_unproved(way), way->heard);
    }
    if (!world->run->is_closed && way->heard != way->total) {
        world_fail(world, "%s: done, but %u of %u were delivered", from->name, way->heard,
                   way->total);
    }
}

static void check(world_t *world) {
    const state_t *state = world->load_state;
    check_way(world, &world->a);
    check_way(world, &world->b);
    const end_t *closer = world->run->is_closed ? world_closer(world) : NULL;
    if (closer != NULL && !gave_up(world, closer)) {
        const way_t *way = way_of(world, closer);
        world_fail(world,
                   "%s: closed the link, but not after five tries: %u of %u are proved, the "
                   "oldest waited for %lld us",
                   closer->name, first_unproved(way), way->sent,
                   (long long)(closer->down_at - way->sent_at[first_unproved(way)]));
    }
    world->run->is_complete = is_proved(&state->a) && is_proved(&state->b);
}

const load_t load_channel = {
    .name = "channel",
    .state_size = sizeof(state_t),
    .start = start,
    .event = on_event,
    .work = work,
    .is_done = is_done,
    .check = check,
};
