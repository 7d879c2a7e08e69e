// The firmware: a transport node on serial lines, in the memory of the profile mcu, and what it
// offers (service.h). It never returns and takes no memory from a heap.
#include "board.h"
#include "rns/providers.h"
#include "rns/rns.h"
#include "rns/static.h"
#include "serial.h"
#include "service.h"
#include "text.h"

#define LINES_MAX   4U
#define RECORDS_MAX 192U

#define BIT(kind) ((uint64_t)1 << (kind))
// Of what can be learned again, only the keys of others are kept: paths change too often for flash.
#define CACHES (BIT(RNS_RECORD_KNOWN) | BIT(RNS_RECORD_RATCHET))
#define KINDS                                                                                      \
    (CACHES | BIT(RNS_RECORD_IDENTITY) | BIT(RNS_RECORD_RATCHET_SELF) |                            \
     BIT(RNS_RECORD_BLACKHOLE) | BIT(RNS_RECORD_MARK) | BIT(STORE_OWN))

static _Alignas(RNS_STATIC_ALIGN) uint8_t fast[RNS_STATIC_FAST_BYTES(MCU)];
static rns_mem_t bulk;

static serial_t lines[LINES_MAX];
static size_t line_count;
static store_entry_t entries[RECORDS_MAX];
static uint8_t record[STORE_RECORD_MOST];
static store_t store;
static service_t service;
static char about[160];

static void on_event(void *user, rns_node_t *node, const rns_event_t *event) {
    (void)node;
    service_event(user, event);
}

// ---- Memory

static bool is_inside(const void *data, size_t size, uintptr_t start, uintptr_t bytes) {
    const uintptr_t at = (uintptr_t)data;
    return at >= start && at - start <= bytes && size <= bytes - (at - start);
}

static void add_region(text_t *text, const char *name, const void *data, size_t size) {
    text_add(text, name);
    text_address(text, (uintptr_t)data);
    text_add(text, " ");
    text_number(text, size);
}

static void take_bulk(void) {
    bulk = (rns_mem_t){board_bulk(RNS_STATIC_BULK_BYTES(MCU)), RNS_STATIC_BULK_BYTES(MCU)};
    if (bulk.data == NULL) {
        board_stop("there is no external RAM for BULK");
    }
}

// Whether the linker has put things where the board has memory for them.
static void check_memory(void) {
    const board_memory_t *memory = board_memory();
    text_t text = {about, sizeof about, 0};
    text_add(&text, memory->name);
    add_region(&text, ": fast ", fast, sizeof fast);
    add_region(&text, " bulk ", bulk.data, bulk.size);
    text_add(&text, "\n");
    board_print(about);
    if (!is_inside(fast, sizeof fast, memory->sram, memory->sram_bytes)) {
        board_stop("FAST is not in the SRAM");
    }
    if (!is_inside(bulk.data, bulk.size, memory->external, memory->external_bytes)) {
        board_stop("BULK is not in the external RAM");
    }
}

// ---- Opening

static store_t *open_store(void) {
    const board_flash_t *flash = board_flash();
    if (flash == NULL) {
        board_print("no flash: nothing is kept\n");
        return NULL;
    }
    store = (store_t){.flash = flash,
                      .kinds = KINDS,
                      .caches = CACHES,
                      .entries = entries,
                      .entry_most = RECORDS_MAX,
                      .buffer = record};
    if (!store_open(&store)) {
        board_stop("the flash cannot be used");
    }
    return &store;
}

static void must(rns_err_t error) {
    if (error != RNS_ERR_OK) {
        board_stop(rns_err_text(error));
    }
}

// So that whoever watches can ask for it.
static void print_address(rns_node_t *node, const char *name, rns_dest_t dest) {
    char words[80];
    text_t text = {words, sizeof words, 0};
    rns_hash_t hash;
    must(rns_dest_hash(node, dest, &hash));
    text_add(&text, name);
    text_add(&text, " ");
    text_hex(&text, hash.b, sizeof hash.b);
    text_add(&text, "\n");
    board_print(words);
}

static rns_node_t *open_node(rns_us_t now, store_t *kept) {
    rns_config_t config = {.mem = {{fast, sizeof fast}, bulk},
                           .profile = RNS_PROFILE_MCU,
                           .crypto = &rns_crypto_mcu,
                           .entropy = board_entropy,
                           .on_event = on_event,
                           .user = &service,
                           .transport = true};
    rns_node_t *node = NULL;
    if (kept != NULL) {
        config.store = store_of_node(kept);
    }
    must(rns_open(&config, now, &node));
    board_line_t line;
    while (line_count < LINES_MAX && board_line(&line)) {
        must(serial_open(&lines[line_count], node, now, &line));
        line_count++;
    }
    return node;
}

// ---- The loop. No turn takes longer than a few signatures.

static bool turn(rns_node_t *node) {
    const rns_us_t now = board_now();
    bool moved = false;
    for (size_t i = 0; i < line_count; i++) {
        moved = serial_turn(&lines[i], node, now) || moved;
    }
    if (moved || rns_next_due(node) <= now) {
        rns_tick(node, now);
    }
    service_turn(&service, now);
    board_alive();
    return moved;
}

int main(void) {
    board_init();
    take_bulk();
    check_memory();
    const rns_us_t now = board_now();
    store_t *kept = open_store();
    rns_node_t *node = open_node(now, kept);
    service = (service_t){.node = node, .crypto = &rns_crypto_mcu, .store = kept, .about = about};
    must(service_open(&service, now));
    print_address(node, "reticule.echo", service.echo);
    print_address(node, "nomadnetwork.node", service.page);
    board_print("ready\n");
    for (;;) {
        if (!turn(node) && (kept == NULL || !store_work(kept))) {
            board_idle();
        }
    }
}
