// world.h -- a run: two nodes, the lines between them, a link, and the load that it has to carry.
#ifndef LOSS_WORLD_H_INCLUDED
#define LOSS_WORLD_H_INCLUDED

#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "rns/rns.h"

#define SECOND   ((rns_us_t)1000000)
#define MS       ((rns_us_t)1000)
#define PER_MILL 1000U

typedef struct world world_t;
typedef struct end end_t;

typedef struct frame {
    struct frame *next;
    rns_us_t at;
    size_t size;
    uint8_t bytes[];
} frame_t;

// One direction. Probabilities in thousandths, by frame.
typedef struct {
    uint64_t rate; // bit/s
    rns_us_t delay, jitter;
    unsigned lost, doubled, late;
    rns_us_t lateness;  // of a late frame, at most: others overtake it
    rns_us_t free_at;   // the line is busy until then
    frame_t *under_way; // by arrival
    uint64_t sent, arrived;
} line_t;

struct end {
    world_t *world;
    const char *name;
    rns_node_t *node;
    rns_config_t config;
    rns_iface_t iface;
    line_t out;
    uint64_t dice;
    uint32_t count[RNS_POOL_COUNT]; // own counts of rows
    rns_link_t link;                // {0, 0}: none, or gone
    bool is_up, is_down;
    uint8_t reason;
    rns_us_t rtt_us;
    rns_us_t heard_at, down_at; // the last frame; when the link went down
    rns_us_t silence;           // before it did
};

// What a link has to carry. Everything may be NULL but name and is_done.
typedef struct {
    const char *name;
    size_t state_size;             // of world->load_state, zeroed
    void (*start)(world_t *world); // both ends of the link are up
    void (*event)(world_t *world, end_t *end, const rns_event_t *event);
    void (*work)(world_t *world);          // after each step of time
    rns_us_t (*due)(const world_t *world); // when work() has something to do
    bool (*is_done)(const world_t *world);
    void (*check)(world_t *world); // it is done, or the link is down; all of it is told by now
} load_t;

typedef struct {
    uint64_t seed;
    const load_t *load;
    bool verbose;
    // What became of it, for the sums.
    bool is_light, is_short, is_hundred, is_complete;
    bool is_closed; // the link went down before the load was done
    rns_us_t time;  // virtual
    uint64_t frames;
    unsigned setups;
    char failure[256];
} run_t;

struct world {
    run_t *run;
    end_t a, b; // a opens the link to b's destination
    rns_us_t now;
    uint64_t dice;
    rns_dest_t dest;
    rns_hash_t hash;
    bool is_light; // below 5 % loss
    void *load_state;
    rns_us_t load_at; // when the load began
    bool is_closing;  // by us: the load is over
    jmp_buf failed;
};

// ---- world.c

// Runs a seed. false: failed; run->failure says why.
bool world_run(run_t *run);
// Ends the run as failed.
_Noreturn void world_fail(world_t *world, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
// The end whose own doing it was that the link went down while there was a load; NULL: it was a
// silent peer, which is checked.
end_t *world_closer(world_t *world);
// The least that five tries of a message take on a link of this round trip time.
rns_us_t world_five_tries(rns_us_t rtt_us);
void world_say(const world_t *world, const char *format, ...) __attribute__((format(printf, 2, 3)));
static inline end_t *other_end(end_t *end) {
    return end == &end->world->a ? &end->world->b : &end->world->a;
}

// ---- Dice

uint64_t dice(uint64_t *state);
uint32_t below(world_t *world, uint32_t limit); // 0 to limit - 1
// From low to high, as many between 10 and 100 as between 100 and 1000.
uint64_t wide(world_t *world, uint64_t low, uint64_t high);

// ---- medium.c

void line_choose(world_t *world, line_t *line, uint64_t rate);
void line_clear(line_t *line);
// Sends what the line of an end takes now.
void line_take(world_t *world, end_t *from);
// When something arrives at the other end, or the line is free and something waits.
rns_us_t line_due(const end_t *from);
frame_t *line_arrived(world_t *world, line_t *line); // out of it; NULL: none yet

// ---- Loads

extern const load_t load_channel, load_stream, load_resource;

#endif
