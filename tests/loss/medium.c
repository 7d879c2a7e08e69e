// medium.c -- a line that loses, doubles, delays and reorders what is sent over it.
#include "world.h"

// How bad it is, in one of the classes that a seed picks for both directions.
void line_choose(world_t *world, line_t *line, uint64_t rate) {
    memset(line, 0, sizeof *line);
    line->rate = rate;
    line->delay = (rns_us_t)wide(world, 10, 500000);
    line->jitter = (rns_us_t)below(world, 1 + (uint32_t)line->delay / 2);
    line->lost = world->is_light ? below(world, 50) : below(world, 401);
    line->doubled = below(world, 2) == 0 ? 0 : below(world, 101);
    line->late = below(world, 2) == 0 ? 0 : below(world, 51);
    line->lateness = 1 + line->delay + line->jitter;
}

void line_clear(line_t *line) {
    while (line->under_way != NULL) {
        frame_t *frame = line->under_way;
        line->under_way = frame->next;
        free(frame);
    }
}

static bool happens(world_t *world, unsigned per_mill) {
    return below(world, PER_MILL) < per_mill;
}

static void put(world_t *world, line_t *line, rns_bytes_t bytes) {
    frame_t *frame = malloc(sizeof *frame + bytes.size);
    if (frame == NULL) {
        abort();
    }
    frame->size = bytes.size;
    frame->at = line->free_at + line->delay + below(world, (uint32_t)line->jitter + 1);
    if (happens(world, line->late)) {
        frame->at += below(world, (uint32_t)line->lateness);
    }
    memcpy(frame->bytes, bytes.data, bytes.size);
    frame_t **where = &line->under_way;
    while (*where != NULL && (*where)->at <= frame->at) {
        where = &(*where)->next;
    }
    frame->next = *where;
    *where = frame;
}

static void transmit(world_t *world, line_t *line, rns_bytes_t bytes) {
    line->free_at = world->now + (rns_us_t)(bytes.size * 8 * 1000000 / line->rate);
    line->sent++;
    if (!happens(world, line->lost)) {
        put(world, line, bytes);
    }
    if (happens(world, line->doubled)) {
        put(world, line, bytes);
    }
}

void line_take(world_t *world, end_t *from) {
    rns_iface_t iface;
    rns_tx_t tx;
    while (from->out.free_at <= world->now && rns_tx_ready(from->node, &iface) &&
           rns_tx_next(from->node, world->now, iface, &tx)) {
        transmit(world, &from->out, tx.frame);
        rns_tx_done(from->node, world->now, iface, &tx, true);
    }
}

rns_us_t line_due(const end_t *from) {
    rns_iface_t iface;
    rns_us_t due = from->out.under_way != NULL ? from->out.under_way->at : RNS_NEVER;
    if (rns_tx_ready(from->node, &iface) && from->out.free_at < due) {
        due = from->out.free_at;
    }
    return due;
}

frame_t *line_arrived(world_t *world, line_t *line) {
    frame_t *frame = line->under_way;
    if (frame == NULL || frame->at > world->now) {
        return NULL;
    }
    line->under_way = frame->next;
    line->arrived++;
    return frame;
}
