// load_stream.c -- streams both ways, read late and in pieces: byte by byte what was written, and
// the end after them, or the link closes.
#include "world.h"

#define BYTES_MOST 30000U
#define RING_MOST  40000U
#define STREAM     3U

// One direction.
typedef struct {
    rns_buffer_t writer, reader;
    uint32_t total, written, read;
    uint32_t piece; // at most so many bytes are written at once
    bool is_closed, has_end;
    bool waits;       // for READY
    rns_us_t read_at; // the reader looks again; RNS_NEVER: when something comes
    uint8_t ring[RING_MOST];
} way_t;

typedef struct {
    way_t a, b;
} state_t;

static way_t *way_of(const world_t *world, const end_t *from) {
    state_t *state = world->load_state;
    return from == &world->a ? &state->a : &state->b;
}

// Text that packs, and noise in between.
static uint8_t byte_at(const world_t *world, uint32_t at) {
    uint64_t state = world->run->seed + at;
    return at / 2000 % 2 == 0 ? (uint8_t)("a stream of bytes, "[at % 19]) : (uint8_t)dice(&state);
}

static void start_way(world_t *world, end_t *from) {
    end_t *to = other_end(from);
    way_t *way = way_of(world, from);
    const uint32_t mdu = rns_channel_mdu(from->node, from->link);
    const uint32_t least = to->config.compress != NULL ? 16384 : mdu;
    way->total = below(world, 3) == 0 ? 0 : below(world, BYTES_MOST);
    way->piece = 1 + below(world, below(world, 2) == 0 ? 100 : 20000);
    way->read_at = RNS_NEVER;
    const rns_mem_t ring = {way->ring, least + below(world, RING_MOST - least)};
    if (rns_buffer_writer(from->node, world->now, from->link, STREAM, &way->writer) != RNS_ERR_OK ||
        rns_buffer_reader(to->node, world->now, to->link, STREAM, ring, &way->reader) !=
            RNS_ERR_OK) {
        world_fail(world, "%s: no stream", from->name);
    }
}

static void start(world_t *world) {
    if (rns_channel_open(world->a.node, world->now, world->a.link) != RNS_ERR_OK ||
        rns_channel_open(world->b.node, world->now, world->b.link) != RNS_ERR_OK) {
        world_fail(world, "no channel");
    }
    start_way(world, &world->a);
    if (world->a.config.profile != RNS_PROFILE_TINY &&
        world->b.config.profile != RNS_PROFILE_TINY) {
        start_way(world, &world->b); // tiny has one end of a stream
    } else {
        way_of(world, &world->b)->has_end = true;
    }
}

static void write_some(world_t *world, end_t *from) {
    static uint8_t bytes[BYTES_MOST];
    way_t *way = way_of(world, from);
    if (way->writer.gen == 0 || from->is_down || way->is_closed) {
        return;
    }
    while (!way->waits && way->written < way->total) {
        const uint32_t left = way->total - way->written;
        const uint32_t size = left < way->piece ? left : way->piece;
        for (uint32_t i = 0; i < size; i++) {
            bytes[i] = byte_at(world, way->written + i);
        }
        const size_t taken =
            rns_buffer_write(from->node, world->now, way->writer, (rns_bytes_t){bytes, size});
        way->written += (uint32_t)taken;
        way->waits = taken < size;
    }
    if (way->written == way->total) {
        way->is_closed = true;
        if (rns_buffer_close(from->node, world->now, way->writer) != RNS_ERR_OK) {
            world_fail(world, "%s: a writer does not close", from->name);
        }
    }
}

static void read_some(world_t *world, end_t *to) {
    static uint8_t bytes[RING_MOST];
    way_t *way = way_of(world, other_end(to));
    if (way->read_at > world->now || to->is_down) {
        return;
    }
    way->read_at = RNS_NEVER;
    bool eof;
    size_t size;
    const size_t most = 1 + below(world, RING_MOST);
    do {
        size = rns_buffer_read(to->node, world->now, way->reader, (rns_mem_t){bytes, most}, &eof);
        for (size_t i = 0; i < size; i++) {
            if (way->read >= way->written || bytes[i] != byte_at(world, way->read)) {
                world_fail(world, "%s: byte %u is not what was written", to->name, way->read);
            }
            way->read++;
        }
    } while (size > 0);
    if (eof && (!way->is_closed || way->read != way->total)) {
        world_fail(world, "%s: the end after %u of %u bytes", to->name, way->read, way->total);
    }
    way->has_end |= eof;
}

static void work(world_t *world) {
    end_t *const ends[] = {&world->a, &world->b};
    for (int i = 0; i < 2 && !world->is_closing; i++) {
        write_some(world, ends[i]);
        read_some(world, ends[i]);
    }
}

static void on_event(world_t *world, end_t *end, const rns_event_t *event) {
    way_t *in = way_of(world, other_end(end));
    switch (event->type) {
    case RNS_EV_CHANNEL_READY:
        way_of(world, end)->waits = false;
        break;
    case RNS_EV_BUFFER:
        if (event->number != STREAM || event->buffer.slot != in->reader.slot) {
            world_fail(world, "%s: bytes of another stream", end->name);
        }
        if (in->read_at == RNS_NEVER) {
            in->read_at = world->now + below(world, 1 + (uint32_t)end->rtt_us);
        }
        break;
    case RNS_EV_CHANNEL:
        world_fail(world, "%s: a message of type %u", end->name, event->number);
    default:
        break;
    }
}

static rns_us_t due(const world_t *world) {
    const state_t *state = world->load_state;
    return world->is_closing                     ? RNS_NEVER
           : state->a.read_at < state->b.read_at ? state->a.read_at
                                                 : state->b.read_at;
}

static bool is_done(const world_t *world) {
    const state_t *state = world->load_state;
    return state->a.has_end && state->b.has_end;
}

static void check(world_t *world) {
    const end_t *closer = world->run->is_closed ? world_closer(world) : NULL;
    if (closer != NULL && closer->down_at - world->load_at < world_five_tries(closer->rtt_us)) {
        world_fail(world, "%s: closed the link, but not after five tries", closer->name);
    }
    world->run->is_complete = is_done(world);
}

const load_t load_stream = {
    .name = "stream",
    .state_size = sizeof(state_t),
    .start = start,
    .event = on_event,
    .work = work,
    .due = due,
    .is_done = is_done,
    .check = check,
};
