// host/store_parts.h -- what the files of the store share: its state, and where each kind stands.
#ifndef HOST_STORE_PARTS_H_INCLUDED
#define HOST_STORE_PARTS_H_INCLUDED

#include <dirent.h>

#include "host/store.h"
#include "host/store_file.h"

#define STORE_BUFFER     262144U // bytes of whole files, or of announces, gathered at once
#define STORE_HEAD       5U      // bytes of the largest head of a map or array
#define STORE_LIVE_BYTES 131072U // of the filter of announces that are needed
#define STORE_HASH_MAX   32U

// What a round does, one after the other. ANNOUNCES, PATHS, TUNNELS and CLEAN go together: the
// announces are there before what names them, and only those that nothing names are removed.
typedef enum {
    STORE_BLACKHOLES,
    STORE_KNOWN,
    STORE_ANNOUNCES,
    STORE_PATHS,
    STORE_TUNNELS,
    STORE_SEEN,
    STORE_CLEAN,
    STORE_STAGES
} store_stage_t;

// A round of saving. The loop fills the buffer, a worker writes it, in turn.
typedef struct {
    bool runs, at_worker, ended; // ended: the stage's last record is in the buffer
    bool wanted[STORE_STAGES];   // in this round
    bool again[STORE_STAGES];    // it failed: in the next round in any case
    store_stage_t stage;
    uint32_t cursor, count; // rns_save()'s; records of this stage
    int descriptor;         // of the temporary file; -1: none yet
    DIR *folder;            // CLEAN: where it is
    size_t used;            // bytes in the buffer
    int error;              // errno of the worker; 0: none
    uint32_t salt;          // of the filter, another one each round
} store_round_t;

struct store {
    char folder[STORE_PATH_MAX]; // DIRECTORY/storage
    bool transport;
    rns_node_t *node; // NULL: not started
    uv_loop_t *loop;
    uv_timer_t look, slice;
    uv_work_t work;
    rns_us_t round_at, seen_at; // when the next are due
    bool is_failing;            // said once that a small file cannot be written
    store_round_t round;
    uint8_t live[STORE_LIVE_BYTES];
    uint8_t buffer[STORE_BUFFER];
};

// "storage/NAME", and for kinds with a file for each record "storage/NAME/HASH". false: too long.
bool store_place(const store_t *store, rns_record_t kind, rns_bytes_t key,
                 char out[STORE_PATH_MAX]);

// store_load.c: the functions of rns_store_t that read.
size_t store_get(void *user, rns_record_t kind, rns_bytes_t key, rns_mem_t out);
void store_each(void *user, rns_record_t kind, void *context,
                void (*take)(void *context, rns_bytes_t key, rns_bytes_t value));

// store_save.c: a record of a kind that is rewritten as a whole; false: the buffer is full.
bool store_gather(store_t *store, rns_record_t kind, rns_bytes_t key, rns_bytes_t value);
void store_look(store_t *store); // begins a round if one is due

#endif
