// store.c -- see store.h.
#include "host/store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/clock.h"
#include "host/log.h"
#include "host/store_parts.h"
#include "host/text.h"

#define BIT(kind)   (1U << RNS_RECORD_##kind)
#define MODE_SECRET 0600U
#define MODE_PLAIN  0644U
#define FOLDER_MODE 0755U
#define FOLDER_OURS 0700U
#define US_A_SECOND ((rns_us_t)1000000)
#define LOOK_MS     (UINT64_C(1000) * STORE_LOOK_EVERY_S)

static const struct {
    const char *name;
    bool is_folder; // with a file for each record
    unsigned mode;
    bool sync;
} PLACES[RNS_RECORD_COUNT] = {
    [RNS_RECORD_IDENTITY] = {"transport_identity", false, MODE_SECRET, true},
    [RNS_RECORD_KNOWN] = {"known_destinations", false, MODE_PLAIN, true},
    [RNS_RECORD_PATH] = {"destination_table", false, MODE_PLAIN, true},
    [RNS_RECORD_ANNOUNCE] = {"cache/announces", true, MODE_PLAIN, false},
    [RNS_RECORD_TUNNEL] = {"tunnels", false, MODE_PLAIN, true},
    [RNS_RECORD_RATCHET] = {"ratchets", true, MODE_PLAIN, false},
    [RNS_RECORD_RATCHET_SELF] = {"own_ratchets", true, MODE_SECRET, false},
    [RNS_RECORD_SEEN] = {"packet_hashlist.raw", false, MODE_PLAIN, true},
    [RNS_RECORD_BLACKHOLE] = {"blackhole/local", false, MODE_PLAIN, true},
    [RNS_RECORD_MARK] = {"marks", true, MODE_PLAIN, false},
};

static const uint32_t WHOLE =
    BIT(KNOWN) | BIT(PATH) | BIT(ANNOUNCE) | BIT(TUNNEL) | BIT(SEEN) | BIT(BLACKHOLE);

bool store_place(const store_t *store, rns_record_t kind, rns_bytes_t key,
                 char out[STORE_PATH_MAX]) {
    char hash[2 * STORE_HASH_MAX + 1], name[STORE_PATH_MAX];
    if (!PLACES[kind].is_folder || key.size == 0) {
        return store_path(out, store->folder, PLACES[kind].name);
    }
    if (key.size > STORE_HASH_MAX) {
        return false;
    }
    text_hex(key.data, key.size, hash);
    return store_path(name, PLACES[kind].name, hash) && store_path(out, store->folder, name);
}

// ---- Records with a file of their own

static void say_failed(store_t *store, const char *path) {
    if (!store->is_failing) {
        log_line(LOG_LEVEL_ERROR, "%s cannot be written: %s", path, strerror(errno));
    }
    store->is_failing = true;
}

static bool put(void *user, rns_record_t kind, rns_bytes_t key, rns_bytes_t value) {
    store_t *store = user;
    char path[STORE_PATH_MAX];
    if ((WHOLE >> (unsigned)kind & 1U) != 0) {
        return store_gather(store, kind, key, value);
    }
    if (!store_place(store, kind, key, path) ||
        !store_file_write(path, PLACES[kind].mode, PLACES[kind].sync, value)) {
        say_failed(store, path);
        return false;
    }
    store->is_failing = false;
    return true;
}

static bool del(void *user, rns_record_t kind, rns_bytes_t key) {
    const store_t *store = user;
    char path[STORE_PATH_MAX];
    if (store_place(store, kind, key, path) && unlink(path) != 0 && errno != ENOENT) {
        log_line(LOG_LEVEL_WARNING, "%s cannot be removed: %s", path, strerror(errno));
    }
    return true; // one that stays is read again next time, and found too old
}

rns_store_t store_rns(store_t *store) {
    return (rns_store_t){
        .get = store_get,
        .put = put,
        .del = del,
        .each = store_each,
        .whole = WHOLE,
        .user = store,
    };
}

// ---- Life

static void make_folder(const store_t *store, const char *name, unsigned mode) {
    char path[STORE_PATH_MAX];
    if (!store_path(path, store->folder, name) ||
        (mkdir(path, (mode_t)mode) != 0 && errno != EEXIST)) {
        log_line(LOG_LEVEL_ERROR, "The folder %s cannot be made: %s", path, strerror(errno));
    }
}

static void make_folders(const store_t *store) {
    static const struct {
        const char *name;
        unsigned mode;
    } FOLDERS[] = {
        {"", FOLDER_MODE},          {"cache", FOLDER_MODE},        {"cache/announces", FOLDER_MODE},
        {"ratchets", FOLDER_MODE},  {"own_ratchets", FOLDER_OURS}, {"marks", FOLDER_MODE},
        {"blackhole", FOLDER_MODE},
    };
    for (size_t i = 0; i < sizeof FOLDERS / sizeof *FOLDERS; i++) {
        make_folder(store, FOLDERS[i].name, FOLDERS[i].mode);
    }
}

store_t *store_open(const char *directory, bool transport) {
    store_t *store = calloc(1, sizeof *store);
    if (store == NULL || !store_path(store->folder, directory, "storage")) {
        free(store);
        return NULL;
    }
    store->transport = transport;
    store->round.descriptor = -1;
    make_folders(store);
    return store;
}

static void on_look(uv_timer_t *timer) {
    store_look(timer->data);
}

bool store_start(store_t *store, uv_loop_t *loop, rns_node_t *node) {
    const rns_us_t now = clock_now();
    if (uv_timer_init(loop, &store->look) != 0 || uv_timer_init(loop, &store->slice) != 0) {
        return false;
    }
    store->loop = loop;
    store->node = node;
    store->look.data = store->slice.data = store->work.data = store;
    store->round_at = now + STORE_ROUND_EVERY_S * US_A_SECOND;
    store->seen_at = now + STORE_SEEN_EVERY_S * US_A_SECOND;
    return uv_timer_start(&store->look, on_look, LOOK_MS, LOOK_MS) == 0;
}

void store_stop(store_t *store) {
    if (store->node != NULL) {
        uv_close((uv_handle_t *)&store->look, NULL);
        uv_close((uv_handle_t *)&store->slice, NULL);
        store->node = NULL;
    }
}

void store_free(store_t *store) {
    free(store);
}
