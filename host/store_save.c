// store_save.c -- rounds of saving: the loop gathers records from the node into one buffer, a
// worker writes it out, in turn, stage after stage. The final round does the same without a worker.
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/wire/msgpack.h"
#include "host/clock.h"
#include "host/log.h"
#include "host/store_parts.h"

#define SLICE       256U // elements looked at in one turn of the loop
#define SLICE_MS    1U   // between two
#define CLEAN_SLICE 512U // files looked at by one call of the worker
#define HASH_SIZE   32U
#define LIVE_BITS   (STORE_LIVE_BYTES * 8U)
#define LIVE_PROBES 4U
#define PLAIN_MODE  0644U
#define US_A_SECOND ((rns_us_t)1000000)

_Static_assert((LIVE_BITS & (LIVE_BITS - 1)) == 0, "a mask cuts to the filter");

static const rns_record_t KIND[STORE_STAGES + 1] = {
    [STORE_BLACKHOLES] = RNS_RECORD_BLACKHOLE, [STORE_KNOWN] = RNS_RECORD_KNOWN,
    [STORE_ANNOUNCES] = RNS_RECORD_ANNOUNCE,   [STORE_PATHS] = RNS_RECORD_PATH,
    [STORE_TUNNELS] = RNS_RECORD_TUNNEL,       [STORE_SEEN] = RNS_RECORD_SEEN,
    [STORE_CLEAN] = RNS_RECORD_ANNOUNCE,       [STORE_STAGES] = RNS_RECORD_COUNT,
};

static bool is_map(store_stage_t stage) {
    return stage == STORE_BLACKHOLES || stage == STORE_KNOWN;
}

static const rns_bytes_t NO_KEY = {NULL, 0};

// ---- Announces that are needed: a filter that may say so of a few too many, of others each round

static uint32_t live_bit(const store_round_t *round, const uint8_t *hash, uint32_t probe) {
    const uint32_t at = (round->salt + probe * 7U) % (HASH_SIZE - 3U);
    return rnsi_get32(hash + at) & (LIVE_BITS - 1U);
}

static void note_live(store_t *store, const uint8_t *hash) {
    for (uint32_t probe = 0; probe < LIVE_PROBES; probe++) {
        const uint32_t bit = live_bit(&store->round, hash, probe);
        store->live[bit / 8] |= (uint8_t)(1U << bit % 8);
    }
}

static bool is_live(const store_t *store, const uint8_t *hash) {
    bool all = true;
    for (uint32_t probe = 0; probe < LIVE_PROBES; probe++) {
        const uint32_t bit = live_bit(&store->round, hash, probe);
        all = all && (store->live[bit / 8] >> bit % 8 & 1U) != 0;
    }
    return all;
}

// The hash of its announce is the last item of a path.
static void note_path(store_t *store, rns_bytes_t path) {
    if (path.size >= HASH_SIZE) {
        note_live(store, path.data + path.size - HASH_SIZE);
    }
}

static void note_tunnel(store_t *store, rns_bytes_t tunnel) {
    rnsi_reader_t r = rnsi_reader(tunnel);
    uint32_t items, paths = 0;
    const bool ok = rnsi_msgpack_read_array(&r, &items) && rnsi_msgpack_skip(&r) &&
                    rnsi_msgpack_skip(&r) && rnsi_msgpack_read_array(&r, &paths);
    for (uint32_t i = 0; ok && i < paths; i++) {
        const uint8_t *start = r.at;
        if (!rnsi_msgpack_skip(&r)) {
            return;
        }
        note_path(store, (rns_bytes_t){start, (size_t)(r.at - start)});
    }
}

// ---- Gathering, on the loop

static bool append(store_t *store, rns_bytes_t head, rns_bytes_t key, rns_bytes_t value) {
    store_round_t *round = &store->round;
    rnsi_writer_t w =
        rnsi_writer((rns_mem_t){store->buffer + round->used, sizeof store->buffer - round->used});
    rnsi_write(&w, head.data, head.size);
    rnsi_write(&w, key.data, key.size);
    rnsi_write(&w, value.data, value.size);
    round->used += w.ok ? rnsi_written(&w) : 0;
    return w.ok;
}

static bool append_pair(store_t *store, rns_bytes_t key, rns_bytes_t value) {
    uint8_t head[STORE_HEAD];
    rnsi_writer_t w = rnsi_writer((rns_mem_t){head, sizeof head});
    rnsi_msgpack_bin_head(&w, (uint32_t)key.size);
    return append(store, (rns_bytes_t){head, rnsi_written(&w)}, key, value);
}

// In the buffer an announce is its hash, its size, its file.
static bool append_announce(store_t *store, rns_bytes_t key, rns_bytes_t value) {
    uint8_t size[4];
    rnsi_put32(size, (uint32_t)value.size);
    return append(store, key, (rns_bytes_t){size, sizeof size}, value);
}

// Too large for the buffer, and seldom: written from where it stands. What may take long, the sync,
// is the worker's.
static bool write_seen(store_t *store, rns_bytes_t value) {
    char path[STORE_PATH_MAX];
    store_round_t *round = &store->round;
    if (!store_place(store, RNS_RECORD_SEEN, NO_KEY, path) ||
        (round->descriptor = store_file_begin(path, PLAIN_MODE)) < 0 ||
        !store_file_append(round->descriptor, value)) {
        round->error = errno;
    }
    return true;
}

bool store_gather(store_t *store, rns_record_t kind, rns_bytes_t key, rns_bytes_t value) {
    const store_round_t *round = &store->round;
    if (!round->runs || round->at_worker || KIND[round->stage] != kind) {
        return false;
    }
    switch (round->stage) {
    case STORE_BLACKHOLES:
    case STORE_KNOWN:
        return append_pair(store, key, value);
    case STORE_ANNOUNCES:
        return key.size == HASH_SIZE && append_announce(store, key, value);
    case STORE_PATHS:
        note_path(store, value);
        return append(store, NO_KEY, NO_KEY, value);
    case STORE_TUNNELS:
        note_tunnel(store, value);
        return append(store, NO_KEY, NO_KEY, value);
    case STORE_SEEN:
        return write_seen(store, value);
    case STORE_CLEAN:
    case STORE_STAGES:
        break;
    }
    return false;
}

// The next slice. True: the worker has something to do.
static bool gather(store_t *store) {
    store_round_t *round = &store->round;
    if (round->stage == STORE_CLEAN) {
        return true;
    }
    const uint32_t before = round->cursor;
    const size_t count =
        rns_save(store->node, clock_now(), KIND[round->stage], &round->cursor, SLICE);
    round->count += (uint32_t)count;
    round->ended = round->cursor == UINT32_MAX;
    const bool is_full = sizeof store->buffer - round->used < RNS_RECORD_MAX + STORE_HEAD;
    return round->ended || is_full || (round->cursor == before && count == 0);
}

// ---- Writing, at the worker

// The head of a map or array in its smallest form, so that it ends where `end` is.
static uint8_t *head_before(uint8_t *end, store_stage_t stage, uint32_t count) {
    uint8_t head[STORE_HEAD];
    rnsi_writer_t w = rnsi_writer((rns_mem_t){head, sizeof head});
    if (is_map(stage)) {
        rnsi_msgpack_map(&w, count);
    } else {
        rnsi_msgpack_array(&w, count);
    }
    return memcpy(end - rnsi_written(&w), head, rnsi_written(&w));
}

// How many there will be is not known yet when the first of several buffers is written.
static void long_head(uint8_t head[STORE_HEAD], store_stage_t stage, uint32_t count) {
    head[0] = is_map(stage) ? 0xDF : 0xDD;
    rnsi_put32(head + 1, count);
}

static bool write_first(store_t *store, const char *path) {
    store_round_t *round = &store->round;
    uint8_t *start = store->buffer;
    if (round->ended) {
        start = head_before(start + STORE_HEAD, round->stage, round->count);
    } else {
        long_head(start, round->stage, 0);
    }
    round->descriptor = store_file_begin(path, PLAIN_MODE);
    const rns_bytes_t data = {start, (size_t)(store->buffer + round->used - start)};
    return round->descriptor >= 0 && store_file_append(round->descriptor, data);
}

static bool write_last_head(const store_round_t *round) {
    uint8_t head[STORE_HEAD];
    long_head(head, round->stage, round->count);
    return pwrite(round->descriptor, head, sizeof head, 0) == (ssize_t)sizeof head;
}

static bool end_file(store_round_t *round, const char *path) {
    const int descriptor = round->descriptor;
    round->descriptor = -1;
    return store_file_end(descriptor, path, true);
}

static bool write_whole(store_t *store, const char *path) {
    store_round_t *round = &store->round;
    const bool is_first = round->descriptor < 0;
    const rns_bytes_t data = {store->buffer, round->used};
    if (is_first ? !write_first(store, path) : !store_file_append(round->descriptor, data)) {
        return false;
    }
    return !round->ended || ((is_first || write_last_head(round)) && end_file(round, path));
}

static bool write_announces(store_t *store) {
    rnsi_reader_t r = rnsi_reader((rns_bytes_t){store->buffer, store->round.used});
    bool ok = true;
    while (rnsi_read_left(&r) > 0) {
        const uint8_t *hash = rnsi_read_view(&r, HASH_SIZE);
        const uint32_t size = rnsi_read32(&r);
        const uint8_t *file = rnsi_read_view(&r, size);
        char path[STORE_PATH_MAX];
        if (file == NULL) {
            break;
        }
        ok = store_place(store, RNS_RECORD_ANNOUNCE, (rns_bytes_t){hash, HASH_SIZE}, path) &&
             store_file_write(path, PLAIN_MODE, false, (rns_bytes_t){file, size}) && ok;
    }
    return ok;
}

static bool is_hash(const char *name, uint8_t hash[HASH_SIZE]) {
    static const char DIGITS[] = "0123456789abcdef";
    for (size_t i = 0; i < 2 * (size_t)HASH_SIZE; i++) {
        const char *digit = name[i] != '\0' ? strchr(DIGITS, name[i]) : NULL;
        if (digit == NULL) {
            return false;
        }
        const unsigned value = (unsigned)(digit - DIGITS);
        hash[i / 2] = (uint8_t)(i % 2 == 0 ? value << 4 : hash[i / 2] | value);
    }
    return name[2 * (size_t)HASH_SIZE] == '\0';
}

// Transport.clean_announce_cache.
static bool clean_some(store_t *store, const char *folder) {
    store_round_t *round = &store->round;
    if (round->folder == NULL && (round->folder = opendir(folder)) == NULL) {
        return false;
    }
    for (unsigned i = 0; i < CLEAN_SLICE; i++) {
        const struct dirent *entry = readdir(round->folder);
        uint8_t hash[HASH_SIZE];
        char path[STORE_PATH_MAX];
        if (entry == NULL) {
            round->ended = true;
            return true;
        }
        if (is_hash(entry->d_name, hash) && !is_live(store, hash) &&
            store_path(path, folder, entry->d_name)) {
            (void)unlink(path);
        }
    }
    return true;
}

static bool write_stage(store_t *store, const char *path) {
    switch (store->round.stage) {
    case STORE_BLACKHOLES:
    case STORE_KNOWN:
    case STORE_PATHS:
    case STORE_TUNNELS:
        return write_whole(store, path);
    case STORE_ANNOUNCES:
        return write_announces(store);
    case STORE_SEEN:
        return store->round.descriptor < 0 || end_file(&store->round, path);
    case STORE_CLEAN:
        return clean_some(store, path);
    case STORE_STAGES:
        break;
    }
    return true;
}

static void write_out(store_t *store) {
    char path[STORE_PATH_MAX];
    store_round_t *round = &store->round;
    if (round->error != 0) {
        return;
    }
    errno = 0;
    if (!store_place(store, KIND[round->stage], NO_KEY, path) || !write_stage(store, path)) {
        round->error = errno != 0 ? errno : EIO;
    }
}

// ---- From stage to stage, on the loop

static void release(store_t *store) {
    store_round_t *round = &store->round;
    char path[STORE_PATH_MAX];
    if (round->descriptor >= 0 && store_place(store, KIND[round->stage], NO_KEY, path)) {
        store_file_cancel(round->descriptor, path);
    }
    round->descriptor = -1;
    if (round->folder != NULL) {
        (void)closedir(round->folder);
        round->folder = NULL;
    }
}

static void begin_buffer(store_round_t *round) {
    const bool has_head = round->descriptor < 0 && round->stage != STORE_ANNOUNCES;
    round->used = has_head ? STORE_HEAD : 0;
}

// What is not known to be needed stays: all that need announces must have told so.
static bool may_clean(const store_round_t *round) {
    return round->wanted[STORE_PATHS] && round->wanted[STORE_TUNNELS] &&
           !round->again[STORE_ANNOUNCES] && !round->again[STORE_PATHS] &&
           !round->again[STORE_TUNNELS];
}

// The first wanted stage from this one on, or the end.
static void enter_stage(store_t *store, unsigned stage) {
    store_round_t *round = &store->round;
    while (stage < STORE_STAGES &&
           (!round->wanted[stage] || (stage == STORE_CLEAN && !may_clean(round)))) {
        stage++;
    }
    round->runs = stage < STORE_STAGES;
    if (round->runs) {
        round->stage = (store_stage_t)stage;
        round->cursor = round->count = 0;
        round->ended = false;
        round->error = 0;
        begin_buffer(round);
    }
}

static void written(store_t *store) {
    store_round_t *round = &store->round;
    round->again[round->stage] = round->error != 0;
    if (round->error != 0) {
        log_line(LOG_LEVEL_ERROR, "The store cannot write in %s: %s", store->folder,
                 strerror(round->error));
    }
    if (round->error != 0 || round->ended) {
        release(store);
        enter_stage(store, (unsigned)round->stage + 1U);
    } else {
        begin_buffer(round);
    }
}

static void begin(store_t *store) {
    memset(store->live, 0, sizeof store->live);
    store->round.salt++;
    enter_stage(store, 0);
}

// ---- In the background

static void on_slice(uv_timer_t *timer);

static void at_worker(uv_work_t *work) {
    write_out(work->data);
}

static void after_worker(uv_work_t *work, int status) {
    store_t *store = work->data;
    (void)status; // nothing is ever cancelled
    store->round.at_worker = false;
    written(store);
    if (store->round.runs && store->node != NULL) {
        (void)uv_timer_start(&store->slice, on_slice, SLICE_MS, 0);
    }
}

static void on_slice(uv_timer_t *timer) {
    store_t *store = timer->data;
    if (!gather(store)) {
        (void)uv_timer_start(&store->slice, on_slice, SLICE_MS, 0);
        return;
    }
    store->round.at_worker = true;
    if (uv_queue_work(store->loop, &store->work, at_worker, after_worker) != 0) {
        store->round.at_worker = false;
        store->round.error = EAGAIN;
        written(store);
    }
}

static bool is_due(const store_t *store, store_stage_t stage) {
    return store->round.again[stage] || rns_changes(store->node, KIND[stage]) > 0;
}

static void want_routes(bool wanted[STORE_STAGES]) {
    wanted[STORE_ANNOUNCES] = wanted[STORE_PATHS] = wanted[STORE_TUNNELS] = true;
}

void store_look(store_t *store) {
    const rns_us_t now = clock_now();
    bool *wanted = store->round.wanted;
    if (store->round.runs) {
        return;
    }
    memset(wanted, 0, sizeof store->round.wanted);
    // Somebody decided it: it shall hold after a crash, too.
    wanted[STORE_BLACKHOLES] = is_due(store, STORE_BLACKHOLES);
    if (now >= store->round_at) {
        store->round_at = now + STORE_ROUND_EVERY_S * US_A_SECOND;
        wanted[STORE_KNOWN] = is_due(store, STORE_KNOWN);
        if (is_due(store, STORE_ANNOUNCES) || is_due(store, STORE_PATHS) ||
            is_due(store, STORE_TUNNELS)) {
            want_routes(wanted);
            wanted[STORE_CLEAN] = true;
        }
    }
    if (store->transport && now >= store->seen_at) {
        store->seen_at = now + STORE_SEEN_EVERY_S * US_A_SECOND;
        wanted[STORE_SEEN] = true;
    }
    begin(store);
    if (store->round.runs) {
        (void)uv_timer_start(&store->slice, on_slice, SLICE_MS, 0);
    }
}

// ---- At the end

// What a running round has not written yet is still to be written.
static void abandon(store_t *store) {
    store_round_t *round = &store->round;
    while (round->at_worker) {
        (void)uv_run(store->loop, UV_RUN_ONCE);
    }
    (void)uv_timer_stop(&store->slice);
    if (round->runs) {
        for (unsigned stage = round->stage; stage < STORE_STAGES; stage++) {
            round->again[stage] = round->again[stage] || round->wanted[stage];
        }
        release(store);
        round->runs = false;
    }
}

static bool save_single_files(store_t *store) {
    static const rns_record_t SINGLE[] = {RNS_RECORD_IDENTITY, RNS_RECORD_RATCHET,
                                          RNS_RECORD_RATCHET_SELF, RNS_RECORD_MARK};
    bool ok = true;
    for (size_t i = 0; i < sizeof SINGLE / sizeof *SINGLE; i++) {
        uint32_t cursor = 0;
        (void)rns_save(store->node, clock_now(), SINGLE[i], &cursor, SIZE_MAX);
        ok = ok && cursor == UINT32_MAX;
    }
    return ok;
}

bool store_save(store_t *store) {
    store_round_t *round = &store->round;
    if (store->node == NULL) {
        return false;
    }
    abandon(store);
    bool ok = save_single_files(store);
    memset(round->wanted, 0, sizeof round->wanted);
    round->wanted[STORE_BLACKHOLES] = is_due(store, STORE_BLACKHOLES);
    round->wanted[STORE_KNOWN] = is_due(store, STORE_KNOWN);
    want_routes(round->wanted); // the times of last use change unseen
    round->wanted[STORE_SEEN] = store->transport;
    for (begin(store); round->runs;) {
        if (gather(store)) {
            write_out(store);
            written(store);
        }
    }
    for (unsigned stage = 0; stage < STORE_CLEAN; stage++) {
        ok = ok && !round->again[stage];
    }
    return ok;
}
