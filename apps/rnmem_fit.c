// rnmem_fit.c -- counts for a board. The profiles are marks on a scale: 0 is half of tiny (the
// least node), 1 tiny, 2 mcu, 3 router, 4 server, each further step twice as much. Between two
// marks the counts of all rows grow together, by the same share of their way. Tables (paths,
// destinations, what was heard) and the rest (interfaces, links, what stands on them) each have a
// place on it.
#include "rnmem.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FIT_TINY     1.0
#define FIT_SERVER   4.0
#define FIT_MOST     40.0 // of the scale: more than any machine has
#define FIT_STEPS    60   // of halving
#define FIT_AHEAD    1.0  // how far links may be ahead of tables, and FAST of links
#define FRAMES_LEAST 8U   // of large frames: fewer would only slow a link down
#define RELAYS_LEAST 4U   // links of others: who has room for fewer forwards nothing
#define ROW_MOST     0x7FFFFFFEU
#define IFACES_MOST  65535U // rns_open()
#define REVERSE_S    480U   // Transport.REVERSE_TIMEOUT
#define SMALL_PACKED 79000U // bytes that UNPACK_SMALL unpacks

typedef struct {
    double fast, rest, tables;
} fit_place_t;

typedef struct {
    uint64_t of[RNS_REGION_COUNT]; // what the board has
    bool has_bulk;
} fit_board_t;

// ---- How many slots a row has at a place

static bool fit_is_table(rns_pool_t id) {
    return (id >= RNS_POOL_SEEN && id <= RNS_POOL_BLACKHOLE) || id == RNS_POOL_RECORD_GONE;
}

static uint32_t fit_profile_count(rns_pool_t id, int mark) {
    rns_pool_info_t info;
    rns_pool_plan(mark == 0 ? RNS_PROFILE_TINY : (rns_profile_t)(mark - 1), NULL, id, &info);
    return mark == 0 ? info.slots / 2 + info.slots % 2 : info.slots;
}

// What would be prints on the scale below router is whole hashes from there on.
static uint32_t fit_mark(rns_pool_t id, int mark) {
    const bool is_whole = mark >= 3;
    if (id == RNS_POOL_SEEN || id == RNS_POOL_SEEN_PRINT) {
        return fit_profile_count(is_whole ? RNS_POOL_SEEN : RNS_POOL_SEEN_PRINT, mark);
    }
    return fit_profile_count(id, mark);
}

static bool fit_is_fixed(rns_pool_t id) {
    return id == RNS_POOL_NODE || id == RNS_POOL_CRYPTO || id == RNS_POOL_RATCHET_FILE ||
           id == RNS_POOL_PACK;
}

static double fit_between(double low, double high, double part) {
    return low > 0 ? low * pow(high / low, part) : high * part;
}

static uint32_t fit_count(rns_pool_t id, double place) {
    if (id == RNS_POOL_SEEN && place < 3) {
        return 0;
    }
    if (id == RNS_POOL_SEEN_PRINT && place >= 3) {
        return 0;
    }
    double count = fit_mark(id, (int)FIT_SERVER);
    if (place < FIT_SERVER) {
        const int mark = (int)place;
        count = fit_between(fit_mark(id, mark), fit_mark(id, mark + 1), place - mark);
    } else if (!fit_is_fixed(id)) {
        count *= pow(2, place - FIT_SERVER);
    }
    const double most = id == RNS_POOL_IFACE ? IFACES_MOST : ROW_MOST;
    return count < most ? (uint32_t)(count + 1e-6) : (uint32_t)most;
}

// What only a node has that forwards for others.
static bool fit_forwards(rns_pool_t id) {
    return fit_is_table(id) && fit_profile_count(id, (int)FIT_TINY) == 0 &&
           fit_profile_count(id, (int)FIT_TINY + 1) > 0;
}

static void fit_settle_forwarding(uint32_t count[RNS_POOL_COUNT]) {
    for (rns_pool_t id = 0; id < RNS_POOL_COUNT && count[RNS_POOL_RELAY] < RELAYS_LEAST; id++) {
        if (id != RNS_POOL_RELAY && fit_forwards(id)) {
            count[id] = 0;
        }
    }
    if (count[RNS_POOL_RELAY] < RELAYS_LEAST) {
        count[RNS_POOL_RELAY] = 0;
    }
}

// A compressed segment is kept to be unpacked, or while it is packed and sent.
static void fit_settle(uint32_t count[RNS_POOL_COUNT]) {
    if (count[RNS_POOL_UNPACK_SMALL] + count[RNS_POOL_UNPACK] + count[RNS_POOL_PACK] == 0) {
        count[RNS_POOL_SEGMENT] = 0;
    }
    if (count[RNS_POOL_SEGMENT] == 0) {
        count[RNS_POOL_UNPACK_SMALL] = count[RNS_POOL_UNPACK] = count[RNS_POOL_PACK] = 0;
    }
    fit_settle_forwarding(count);
    if (count[RNS_POOL_FRAME_16K] < FRAMES_LEAST) {
        count[RNS_POOL_FRAME_16K] = count[RNS_POOL_PIECE_16K] = 0;
    }
    if (count[RNS_POOL_FRAME_MAX] < FRAMES_LEAST) {
        count[RNS_POOL_FRAME_MAX] = count[RNS_POOL_PIECE_MAX] = 0;
    }
}

// ---- What that takes

static double fit_place_of(fit_place_t at, rns_pool_t id) {
    rns_pool_info_t info;
    rns_pool_plan(RNS_PROFILE_TINY, NULL, id, &info);
    return fit_is_table(id) ? at.tables : info.region == RNS_REGION_FAST ? at.fast : at.rest;
}

static void fit_counts(fit_place_t at, uint32_t own[RNS_POOL_COUNT]) {
    uint32_t count[RNS_POOL_COUNT];
    for (rns_pool_t id = 0; id < RNS_POOL_COUNT; id++) {
        count[id] = fit_count(id, fit_place_of(at, id));
    }
    fit_settle(count);
    for (rns_pool_t id = 0; id < RNS_POOL_COUNT; id++) {
        own[id] = count[id] == 0 ? RNS_COUNT_NONE : count[id];
    }
}

static void fit_need(fit_place_t at, uint64_t need[RNS_REGION_COUNT], uint64_t *rest_in_bulk) {
    uint32_t own[RNS_POOL_COUNT];
    fit_counts(at, own);
    need[RNS_REGION_FAST] = need[RNS_REGION_BULK] = *rest_in_bulk = 0;
    for (rns_pool_t id = 0; id < RNS_POOL_COUNT; id++) {
        rns_pool_info_t info;
        rns_pool_plan(RNS_PROFILE_TINY, own, id, &info);
        need[info.region] += info.bytes;
        *rest_in_bulk += info.region == RNS_REGION_BULK && !fit_is_table(id) ? info.bytes : 0;
    }
}

static bool fit_fits(const fit_board_t *board, fit_place_t at) {
    uint64_t need[RNS_REGION_COUNT], rest;
    fit_need(at, need, &rest);
    if (!board->has_bulk) {
        return need[RNS_REGION_FAST] + need[RNS_REGION_BULK] <= board->of[RNS_REGION_FAST];
    }
    return need[RNS_REGION_FAST] <= board->of[RNS_REGION_FAST] &&
           need[RNS_REGION_BULK] <= board->of[RNS_REGION_BULK];
}

// Links must not take what tables could have: half of BULK is theirs at most, and half of all.
static bool fit_leaves_half(const fit_board_t *board, fit_place_t at) {
    uint64_t need[RNS_REGION_COUNT], rest;
    fit_need(at, need, &rest);
    if (!board->has_bulk) {
        return need[RNS_REGION_FAST] + rest <= board->of[RNS_REGION_FAST] / 2;
    }
    return rest <= board->of[RNS_REGION_BULK] / 2;
}

// ---- The search

typedef bool (*fit_test_t)(const fit_board_t *board, double place, fit_place_t from);

static bool fit_all(const fit_board_t *board, double place, fit_place_t from) {
    (void)from;
    return fit_fits(board, (fit_place_t){place, place, place});
}

static bool fit_rest(const fit_board_t *board, double place, fit_place_t from) {
    const fit_place_t at = {place, place, from.tables};
    return fit_fits(board, at) && fit_leaves_half(board, at);
}

static bool fit_fast(const fit_board_t *board, double place, fit_place_t from) {
    return fit_fits(board, (fit_place_t){place, from.rest, from.tables});
}

static bool fit_tables(const fit_board_t *board, double place, fit_place_t from) {
    return fit_fits(board, (fit_place_t){from.fast, from.rest, place});
}

// The highest place from low on that passes: it does at low, or low is returned.
static double fit_search(const fit_board_t *board, fit_test_t test, double low, double high,
                         fit_place_t from) {
    if (test(board, high, from)) {
        return high;
    }
    for (int i = 0; i < FIT_STEPS; i++) {
        const double middle = (low + high) / 2;
        if (test(board, middle, from)) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

// The profile says what a single link may have.
static rns_profile_t fit_profile(double rest) {
    const int mark = rest < FIT_TINY ? 0 : rest > FIT_SERVER ? (int)FIT_SERVER - 1 : (int)rest - 1;
    return (rns_profile_t)mark;
}

bool rnmem_fit(uint64_t fast, uint64_t bulk, rnmem_fit_t *fit) {
    const fit_board_t board = {{fast, bulk}, bulk > 0};
    fit_place_t at = {0, 0, 0};
    if (!fit_fits(&board, at)) {
        return false;
    }
    at.fast = at.rest = at.tables = fit_search(&board, fit_all, 0, FIT_MOST, at);
    at.fast = at.rest = fit_search(&board, fit_rest, at.rest, at.rest + FIT_AHEAD, at);
    if (board.has_bulk) {
        at.fast = fit_search(&board, fit_fast, at.fast, at.fast + FIT_AHEAD, at);
    }
    at.tables = fit_search(&board, fit_tables, at.tables, FIT_MOST, at);
    fit->profile = fit_profile(at.rest);
    fit_counts(at, fit->own);
    return true;
}

void rnmem_fit_least(uint64_t need[RNS_REGION_COUNT]) {
    uint64_t rest;
    fit_need((fit_place_t){0, 0, 0}, need, &rest);
}

// ---- Sizes

bool rnmem_read_size(const char *text, uint64_t *bytes) {
    static const char units[] = "kmg";
    char *end = NULL;
    const unsigned long long number = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || number > UINT32_MAX * 1024ULL * 1024ULL) {
        return false;
    }
    unsigned shift = 0;
    if (*end != '\0') {
        const char unit = (char)(*end >= 'A' && *end <= 'Z' ? *end - 'A' + 'a' : *end);
        const char *found = strchr(units, unit);
        if (found == NULL || end[1] != '\0') {
            return false;
        }
        shift = 10U * ((unsigned)(found - units) + 1U);
    }
    if (number > (UINT64_MAX >> 1) >> shift) {
        return false;
    }
    *bytes = (uint64_t)number << shift;
    return true;
}

// ---- In a user's terms

static uint32_t fit_of(const rnmem_fit_t *fit, rns_pool_t id) {
    return fit->own[id] == RNS_COUNT_NONE ? 0 : fit->own[id];
}

// "1 link", "8 links"
static void fit_say(FILE *out, uint32_t count, const char *one, const char *many) {
    if (count == 0) {
        fprintf(out, "no %s", many);
    } else {
        fprintf(out, "%" PRIu32 " %s", count, count == 1 ? one : many);
    }
}

typedef struct {
    const char *before; // what stands before the count
    rns_pool_t id;
    const char *one, *many;
} fit_line_t;

static const fit_line_t FIT_LINES[] = {
    {"  ", RNS_POOL_IFACE, "interface", "interfaces"},
    {", ", RNS_POOL_NETWORK, "access code", "access codes"},
    {"\n  ", RNS_POOL_DEST, "destination of its own", "destinations of its own"},
    {", ", RNS_POOL_RATCHET_SELF, "ratchet key of theirs", "ratchet keys of theirs"},
    {", ", RNS_POOL_REQUEST_HANDLER, "request path", "request paths"},
    {"\n  ", RNS_POOL_PATH, "path to others", "paths to others"},
    {", ", RNS_POOL_KNOWN, "known destination", "known destinations"},
    {", ", RNS_POOL_RATCHET_PEER, "received ratchet", "received ratchets"},
    {", ", RNS_POOL_ANNOUNCE_CACHE, "announce to answer path requests with",
     "announces to answer path requests with"},
    {"\n  ", RNS_POOL_LINK, "link at once", "links at once"},
    {" with ", RNS_POOL_RESOURCE_IN, "resource in", "resources in"},
    {" and ", RNS_POOL_RESOURCE_OUT, "out", "out"},
    {", ", RNS_POOL_REQUEST, "request waiting for its answer",
     "requests waiting for their answers"},
    {", ", RNS_POOL_ENVELOPE, "channel message under way", "channel messages under way"},
    {"\n  ", RNS_POOL_RELAY, "link of others that it carries", "links of others that it carries"},
    {", ", RNS_POOL_REVERSE, "packet of others whose proof finds back",
     "packets of others whose proofs find back"},
};

static void fit_print_reverse(const rnmem_fit_t *fit, FILE *out) {
    const uint32_t packets = fit_of(fit, RNS_POOL_REVERSE);
    if (packets >= REVERSE_S) {
        fprintf(out, " (%" PRIu32 " a second for all of its 8 minutes)", packets / REVERSE_S);
    } else if (packets > 0) {
        fprintf(out, " (one a second for %" PRIu32 " s)", packets);
    }
}

static void fit_print_frames(const rnmem_fit_t *fit, FILE *out) {
    static const struct {
        rns_pool_t id;
        uint32_t bytes;
    } rows[] = {{RNS_POOL_FRAME_MAX, 524288},
                {RNS_POOL_FRAME_16K, 16384},
                {RNS_POOL_FRAME_2K, 2048},
                {RNS_POOL_FRAME, 500}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (fit_of(fit, rows[i].id) > 0) {
            fprintf(out, "\n  packets of up to %" PRIu32 " bytes", rows[i].bytes);
            break;
        }
    }
    const uint32_t seen = fit_of(fit, RNS_POOL_SEEN) + fit_of(fit, RNS_POOL_SEEN_PRINT);
    fprintf(out, "; the last %" PRIu32 " to %" PRIu32 " are known when they come twice\n", seen / 2,
            seen);
}

static void fit_print_packed(const rnmem_fit_t *fit, FILE *out) {
    if (fit_of(fit, RNS_POOL_UNPACK) > 0) {
        fputs("  resources of any size, ", out);
        fit_say(out, fit_of(fit, RNS_POOL_UNPACK), "compressed one at once",
                "compressed ones at once");
    } else if (fit_of(fit, RNS_POOL_UNPACK_SMALL) > 0) {
        fprintf(out, "  resources of any size, compressed ones of up to %u bytes", SMALL_PACKED);
    } else {
        fputs("  resources of any size, but none that is compressed", out);
    }
    fputs(fit_of(fit, RNS_POOL_PACK) > 0 ? "; it compresses what it sends\n"
                                         : "; it sends them as they are\n",
          out);
}

static void fit_print_settings(const rnmem_fit_t *fit, FILE *out) {
    fprintf(out,
            "\nfor the configuration of rnsd (a board sets the same in rns_config_t):\n\n[memory]\n"
            "profile = %s\n",
            rns_profile_name(fit->profile));
    for (rns_pool_t id = 0; id < RNS_POOL_COUNT; id++) {
        rns_pool_info_t info;
        rns_pool_plan(fit->profile, NULL, id, &info);
        if (info.slots != fit_of(fit, id)) {
            fprintf(out, "%s = %" PRIu32 "\n", info.name, fit_of(fit, id));
        }
    }
}

void rnmem_fit_print(const rnmem_fit_t *fit, uint64_t fast, uint64_t bulk, FILE *out) {
    inventory_t inventory;
    inventory_sum_t sum;
    inventory_plan(&inventory, fit->profile, fit->own);
    inventory_sum(&inventory, &sum);
    if (bulk > 0) {
        fprintf(out,
                "fast: %" PRIu64 " of %" PRIu64 " bytes; bulk: %" PRIu64 " of %" PRIu64 " bytes\n",
                sum.region[RNS_REGION_FAST], fast, sum.region[RNS_REGION_BULK], bulk);
    } else {
        fprintf(out, "fast: %" PRIu64 " of %" PRIu64 " bytes, without bulk\n", sum.all, fast);
    }
    fputs("\nit holds:\n", out);
    for (size_t i = 0; i < sizeof FIT_LINES / sizeof *FIT_LINES; i++) {
        const fit_line_t *line = &FIT_LINES[i];
        fputs(line->before, out);
        fit_say(out, fit_of(fit, line->id), line->one, line->many);
    }
    fit_print_reverse(fit, out);
    fit_print_frames(fit, out);
    fit_print_packed(fit, out);
    fit_print_settings(fit, out);
}
