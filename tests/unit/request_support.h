// request_support.h -- what the tests of long requests share: two nodes, a link between them, and b
// doing what `plan` says.
#ifndef REQUEST_SUPPORT_H_INCLUDED
#define REQUEST_SUPPORT_H_INCLUDED

#include "pair_help.h"
#include "session/request.h"
#include "wire/resource.h"

#define PATH "/test"
#define LONG 5000U

static const rns_bytes_t NONE = {NULL, 0};
static const uint8_t WORLD[] = {0xA5, 'w', 'o', 'r', 'l', 'd'};            // msgpack of "world"
static const uint8_t NAME[] = {0x81, 0xA4, 'n', 'a', 'm', 'e', 0xA1, 'x'}; // {"name": "x"}

#define BYTES(array) ((rns_bytes_t){(array), sizeof(array)})

typedef struct {
    pair_t *p;
    rns_link_t a, b;
} bed_t;

// What a side does when it is asked, and the memory that it lends.
typedef struct {
    rns_bytes_t value; // the answer; empty: none, unless it is a file
    const rns_source_t *file;
    uint64_t file_size;
    rns_bytes_t metadata;
    rns_mem_t memory; // for requests
    rns_err_t said;   // of the last call
} plan_t;

static uint8_t asked[2 * LONG], given[2 * LONG], answered[2 * LONG], about[64]; // lent
static plan_t plan;

// A bin of LONG bytes, and something in it that does not compress.
static inline rns_bytes_t long_value(uint8_t *out, uint64_t seed) {
    const uint8_t head[] = {0xC5, LONG >> 8, LONG & 0xFF};
    memcpy(out, head, sizeof head);
    for (size_t i = 0; i < LONG; i++) {
        out[sizeof head + i] = (uint8_t)pair_dice(&seed);
    }
    return (rns_bytes_t){out, sizeof head + LONG};
}

static inline void act(side_t *side, const rns_event_t *event) {
    const rns_us_t now = side->pair->now;
    if (event->type == RNS_EV_REQUEST_OFFER && plan.memory.data != NULL) {
        plan.said = rns_request_take(side->node, now, event->resource, plan.memory);
    } else if (event->type == RNS_EV_REQUEST && plan.file != NULL) {
        plan.said = rns_respond_file(side->node, now, event->query, plan.file, plan.file_size,
                                     plan.metadata, false);
    } else if (event->type == RNS_EV_REQUEST && plan.value.size > 0) {
        plan.said = rns_respond(side->node, now, event->query, plan.value);
    }
}

static inline bed_t open_with(pair_setup_t setup) {
    bed_t bed = {.p = pair_open(setup)};
    pair_link(bed.p, &bed.a, &bed.b);
    assert_int_equal(rns_request_handler(bed.p->b.node, bed.p->dest, PATH, RNS_ALLOW_ALL, NULL, 0),
                     RNS_ERR_OK);
    pair_forget(&bed.p->a);
    pair_forget(&bed.p->b);
    plan = (plan_t){.value = BYTES(WORLD), .memory = {given, sizeof given}};
    bed.p->b.react = act;
    return bed;
}

static inline bed_t open_bed(void) {
    return open_with((pair_setup_t){0});
}

static inline void close_bed(bed_t bed) {
    rns_link_close(bed.p->a.node, bed.p->now, bed.a);
    pair_run(bed.p, SECOND);
    pair_assert_idle(&bed.p->a);
    pair_assert_idle(&bed.p->b);
    pair_close(bed.p);
}

static inline rns_request_t ask(bed_t bed, rns_bytes_t data, rns_request_options_t options) {
    rns_request_t request;
    assert_int_equal(rns_request(bed.p->a.node, bed.p->now, bed.a, PATH, data, &options, &request),
                     RNS_ERR_OK);
    return request;
}

static inline rns_request_options_t into_memory(void) {
    return (rns_request_options_t){.memory = {answered, sizeof answered},
                                   .metadata = {about, sizeof about}};
}

static inline const rns_event_t *ended(const side_t *side, rns_event_type_t type,
                                       rns_err_t status) {
    assert_int_equal(pair_count(side, type), 1);
    const rns_event_t *event = &pair_last(side, type)->event;
    assert_int_equal(event->status, status);
    return event;
}

static inline void assert_view(rns_bytes_t view, rns_bytes_t wanted) {
    assert_int_equal(view.size, wanted.size);
    assert_memory_equal(view.data, wanted.data, wanted.size);
}

static inline size_t read_file(void *user, uint64_t offset, rns_mem_t out) {
    (void)user;
    for (size_t i = 0; i < out.size; i++) {
        out.data[i] = (uint8_t)((offset + i) * 7);
    }
    return out.size;
}

static const rns_source_t FILE_OF = {read_file, NULL};

#endif
