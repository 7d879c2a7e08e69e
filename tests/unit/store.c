// Unit tests of host/store*.c: the reference's folder is taken over and given back, and files that
// are damaged, missing or not to be written cost nothing else.
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <dirent.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "host/clock.h"
#include "host/log.h"
#include "host/memory.h"
#include "host/store.h"
#include "host/store_file.h"
#include "host/store_parts.h"
#include "rns/providers.h"
#include "rns/rns.h"
#include "vectors/records.h"

#define FILE_MAX 65536

static struct {
    char folder[64];
    uv_loop_t loop;
    store_t *store;
    rns_config_t config;
    rns_node_t *node;
    unsigned errors; // lines of the log
} bed;

// ---- Files

typedef struct {
    uint8_t b[FILE_MAX];
    size_t size;
} bytes_t;

static bytes_t unhex(const char *text) {
    bytes_t h = {.size = strlen(text) / 2};
    assert_true(h.size <= sizeof h.b);
    for (size_t i = 0; i < h.size; i++) {
        const char digits[3] = {text[2 * i], text[2 * i + 1], '\0'};
        h.b[i] = (uint8_t)strtoul(digits, NULL, 16);
    }
    return h;
}

static const char *place(const char *name) {
    static char path[512];
    assert_true(snprintf(path, sizeof path, "%s/storage/%s", bed.folder, name) < (int)sizeof path);
    return path;
}

static void write_file(const char *name, const void *data, size_t size) {
    FILE *file = fopen(place(name), "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static void write_hex(const char *name, const char *hex) {
    const bytes_t data = unhex(hex);
    write_file(name, data.b, data.size);
}

static bytes_t read_file(const char *name) {
    bytes_t data;
    FILE *file = fopen(place(name), "rb");
    assert_non_null(file);
    data.size = fread(data.b, 1, sizeof data.b, file);
    (void)fclose(file);
    return data;
}

static void assert_file(const char *name, const char *hex) {
    const bytes_t is = read_file(name), expected = unhex(hex);
    assert_int_equal(is.size, expected.size);
    assert_memory_equal(is.b, expected.b, expected.size);
}

static bool exists(const char *name) {
    return access(place(name), F_OK) == 0;
}

static unsigned mode_of(const char *name) {
    struct stat info;
    assert_int_equal(stat(place(name), &info), 0);
    return (unsigned)info.st_mode & 0777U;
}

// How many files of a folder begin like this.
static unsigned count_files(const char *folder, const char *start) {
    unsigned count = 0;
    DIR *open = opendir(place(folder));
    assert_non_null(open);
    for (const struct dirent *entry; (entry = readdir(open)) != NULL;) {
        count += strncmp(entry->d_name, start, strlen(start)) == 0;
    }
    (void)closedir(open);
    return count;
}

static const char *announce_file(const char *hash) {
    static char name[128];
    assert_true(snprintf(name, sizeof name, "cache/announces/%s", hash) < (int)sizeof name);
    return name;
}

// As the reference left it.
static void fill_folder(void) {
    char name[128];
    write_hex("transport_identity", RECORDS_FILE_TRANSPORT_IDENTITY);
    write_hex("known_destinations", RECORDS_FILE_KNOWN_DESTINATIONS);
    write_hex("destination_table", RECORDS_FILE_DESTINATION_TABLE);
    write_hex("tunnels", RECORDS_FILE_TUNNELS);
    write_hex("packet_hashlist.raw", RECORDS_FILE_PACKET_HASHLIST);
    write_hex("blackhole/local", RECORDS_FILE_BLACKHOLE);
    write_hex(announce_file(RECORDS_A_PACKET), RECORDS_A_ANNOUNCE);
    write_hex(announce_file(RECORDS_B_PACKET), RECORDS_B_ANNOUNCE);
    write_hex(announce_file(RECORDS_C_PACKET), RECORDS_C_ANNOUNCE);
    (void)snprintf(name, sizeof name, "ratchets/%s", RECORDS_A);
    write_hex(name, RECORDS_A_RATCHET);
}

// ---- The node

static void on_line(void *context, const char *line) {
    (void)context, (void)line;
    bed.errors++;
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *at) {
    (void)info, (void)kind, (void)at;
    return remove(path);
}

static int set_up(void **state) {
    (void)state;
    memset(&bed, 0, sizeof bed);
    (void)strcpy(bed.folder, "/tmp/unit_store_XXXXXX");
    assert_non_null(mkdtemp(bed.folder));
    log_to_callback(on_line, NULL);
    log_set_level(LOG_LEVEL_ERROR);
    assert_int_equal(uv_loop_init(&bed.loop), 0);
    bed.store = store_open(bed.folder, true);
    assert_non_null(bed.store);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    store_stop(bed.store);
    (void)uv_run(&bed.loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&bed.loop), 0);
    if (bed.node != NULL) {
        rns_close(bed.node);
        memory_close(&bed.config);
    }
    store_free(bed.store);
    (void)chmod(place(""), 0755);
    (void)nftw(bed.folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return 0;
}

static void add_iface(const char *name) {
    const rns_iface_config_t config = {.name = name};
    rns_iface_t iface;
    assert_int_equal(rns_iface_add(bed.node, clock_now(), &config, &iface), RNS_ERR_OK);
}

static void open_node(void) {
    bed.config = (rns_config_t){
        .profile = RNS_PROFILE_ROUTER,
        .crypto = &rns_crypto_host,
        .entropy = clock_entropy,
        .store = store_rns(bed.store),
        .transport = true,
        .unix_us = (int64_t)RECORDS_UNIX_S * 1000000,
    };
    assert_true(memory_open(&bed.config));
    assert_int_equal(rns_open(&bed.config, clock_now(), &bed.node), RNS_ERR_OK);
    add_iface(RECORDS_NEAR);
    add_iface(RECORDS_FAR);
    assert_true(store_start(bed.store, &bed.loop, bed.node));
}

static rns_hash_t hash_of(const char *hex) {
    rns_hash_t hash;
    memcpy(hash.b, unhex(hex).b, sizeof hash.b);
    return hash;
}

static bool has_path(const char *dest) {
    const rns_hash_t hash = hash_of(dest);
    rns_path_t path;
    return rns_path(bed.node, clock_now(), &hash, &path);
}

static bool is_known(const char *dest) {
    const rns_hash_t hash = hash_of(dest);
    rns_known_t known;
    return rns_recall(bed.node, &hash, &known);
}

static void shut_out(uint8_t first) {
    const rns_hash_t hash = {{first}};
    assert_int_equal(rns_blackhole(bed.node, clock_now(), &hash, 0, NULL), RNS_ERR_OK);
}

// Lets the background run until no round runs any more.
static void run_round(void) {
    bed.store->round_at = 0;
    store_look(bed.store);
    for (unsigned i = 0; i < 100000 && bed.store->round.runs; i++) {
        (void)uv_run(&bed.loop, UV_RUN_ONCE);
    }
    assert_false(bed.store->round.runs);
}

// ---- The reference's folder

static void the_references_folder_is_taken_over(void **state) {
    (void)state;
    fill_folder();
    open_node();
    const rns_hash_t own = rns_node_identity(bed.node, NULL), bad = hash_of(RECORDS_BAD),
                     identity = hash_of(RECORDS_IDENTITY_HASH);
    assert_memory_equal(own.b, identity.b, sizeof own.b);
    assert_true(has_path(RECORDS_A) && has_path(RECORDS_B));
    assert_true(is_known(RECORDS_A) && is_known(RECORDS_B) && is_known(RECORDS_C));
    assert_true(rns_is_blackholed(bed.node, &bad));
    assert_int_equal(bed.errors, 0);
}

static void the_final_save_gives_it_back(void **state) {
    (void)state;
    fill_folder();
    open_node();
    (void)remove(place("tunnels"));
    assert_true(store_save(bed.store));
    assert_file("transport_identity", RECORDS_FILE_TRANSPORT_IDENTITY);
    assert_file("known_destinations", RECORDS_FILE_KNOWN_DESTINATIONS);
    assert_file("packet_hashlist.raw", RECORDS_FILE_PACKET_HASHLIST);
    assert_file("blackhole/local", RECORDS_FILE_BLACKHOLE);
    // The clock of the test runs: all but the last digits of the times is the same.
    const bytes_t tunnels = read_file("tunnels"), paths = read_file("destination_table");
    assert_int_equal(tunnels.size, unhex(RECORDS_FILE_TUNNELS).size);
    assert_int_equal(paths.size, unhex(RECORDS_FILE_DESTINATION_TABLE).size);
    assert_int_equal(count_files("", "destination_table"), 1);
    assert_int_equal(count_files("cache/announces", ""), 2 + 3);
    assert_int_equal(bed.errors, 0);
}

static void a_round_in_the_background_writes_what_changed(void **state) {
    (void)state;
    fill_folder();
    open_node();
    const rns_hash_t a = hash_of(RECORDS_A);
    run_round();
    assert_file("destination_table", RECORDS_FILE_DESTINATION_TABLE); // nothing had changed
    assert_int_equal(rns_path_drop(bed.node, clock_now(), &a), RNS_ERR_OK);
    run_round();
    // Without A: its 117 bytes, three blobs of 12 each less.
    assert_int_equal(read_file("destination_table").size,
                     unhex(RECORDS_FILE_DESTINATION_TABLE).size - unhex(RECORDS_A_PATH).size);
    assert_file("known_destinations", RECORDS_FILE_KNOWN_DESTINATIONS);
    assert_int_equal(count_files("", "destination_table"), 1);
}

static void announces_that_nothing_needs_are_removed(void **state) {
    (void)state;
    fill_folder();
    write_hex("cache/announces/note", "00");
    open_node();
    const rns_hash_t a = hash_of(RECORDS_A);
    assert_int_equal(rns_path_drop(bed.node, clock_now(), &a), RNS_ERR_OK);
    run_round();
    assert_false(exists(announce_file(RECORDS_A_PACKET)));
    assert_true(exists(announce_file(RECORDS_B_PACKET))); // of a path
    assert_true(exists(announce_file(RECORDS_C_PACKET))); // of a tunnel
    assert_true(exists("cache/announces/note"));
}

static void who_is_shut_out_is_written_at_once(void **state) {
    (void)state;
    open_node();
    shut_out(7);
    store_look(bed.store);
    while (bed.store->round.runs) {
        (void)uv_run(&bed.loop, UV_RUN_ONCE);
    }
    const bytes_t file = read_file("blackhole/local");
    assert_true(file.size > 20);
    assert_int_equal(file.b[0], 0x81); // a map of one, whose key is 16 bytes
    assert_int_equal(file.b[1], 0xC4);
    assert_int_equal(file.b[2], 16);
    assert_int_equal(file.b[3], 7);
}

static void a_save_while_a_round_runs_begins_anew(void **state) {
    (void)state;
    fill_folder();
    open_node();
    shut_out(7);
    store_look(bed.store);
    assert_true(bed.store->round.runs);
    assert_true(store_save(bed.store));
    assert_int_equal(read_file("blackhole/local").b[0], 0x83);
    assert_false(bed.store->round.runs);
}

// More than the buffer holds: 16,000 of 17 + about 50 bytes.
static void a_file_larger_than_the_buffer_has_its_count_in_front(void **state) {
    (void)state;
    bed.config = (rns_config_t){.profile = RNS_PROFILE_SERVER,
                                .crypto = &rns_crypto_host,
                                .entropy = clock_entropy,
                                .store = store_rns(bed.store),
                                .unix_us = (int64_t)RECORDS_UNIX_S * 1000000};
    assert_true(memory_open(&bed.config));
    assert_int_equal(rns_open(&bed.config, clock_now(), &bed.node), RNS_ERR_OK);
    assert_true(store_start(bed.store, &bed.loop, bed.node));
    for (uint32_t i = 0; i < 10000; i++) {
        const rns_hash_t hash = {{(uint8_t)i, (uint8_t)(i >> 8), 1}};
        assert_int_equal(rns_blackhole(bed.node, clock_now(), &hash, 0, "of no use"), RNS_ERR_OK);
    }
    store_look(bed.store);
    while (bed.store->round.runs) {
        (void)uv_run(&bed.loop, UV_RUN_ONCE);
    }
    struct stat info;
    assert_int_equal(stat(place("blackhole/local"), &info), 0);
    // 18 of the key, 1 of the map, 7 + 18 source, 6 + 1 until, 7 + 10 reason.
    assert_int_equal(info.st_size, 5 + 10000 * (18 + 1 + 25 + 7 + 17));
    const bytes_t start = read_file("blackhole/local");
    assert_memory_equal(start.b, "\xDF\x00\x00\x27\x10\xC4\x10", 7);
    assert_int_equal(count_files("blackhole", "local"), 1);
}

// ---- Secrets

static void a_new_identity_is_written_for_the_owner_alone(void **state) {
    (void)state;
    open_node();
    rns_tick(bed.node, clock_now());
    assert_int_equal(read_file("transport_identity").size, 64);
    assert_int_equal(mode_of("transport_identity"), 0600);
    assert_int_equal(mode_of("own_ratchets"), 0700);
    assert_int_equal(count_files("", "transport_identity"), 1);
}

// ---- Damage

static const char *const WHOLE_FILES[] = {"known_destinations", "destination_table", "tunnels",
                                          "blackhole/local"};
static const char *const WHOLE_HEX[] = {RECORDS_FILE_KNOWN_DESTINATIONS,
                                        RECORDS_FILE_DESTINATION_TABLE, RECORDS_FILE_TUNNELS,
                                        RECORDS_FILE_BLACKHOLE};
#define WHOLE_COUNT (sizeof WHOLE_FILES / sizeof *WHOLE_FILES)

static unsigned set_aside(const char *name) {
    char start[128];
    const char *slash = strrchr(name, '/');
    (void)snprintf(start, sizeof start, "%s.damaged-", slash != NULL ? slash + 1 : name);
    return count_files(slash != NULL ? "blackhole" : "", start);
}

static void a_damaged_file_is_set_aside_and_costs_nothing_else(void **state) {
    (void)state;
    fill_folder();
    write_file("destination_table", "\x9Fgarbage", 8);
    open_node();
    assert_false(has_path(RECORDS_A));
    assert_true(is_known(RECORDS_A));
    assert_int_equal(set_aside("destination_table"), 1);
    assert_false(exists("destination_table"));
    assert_int_equal(bed.errors, 1);
    assert_true(store_save(bed.store));
    assert_file("destination_table", "90");
}

static void what_stands_before_the_damage_is_taken(void **state) {
    (void)state;
    fill_folder();
    const bytes_t file = unhex(RECORDS_FILE_KNOWN_DESTINATIONS);
    write_file("known_destinations", file.b, file.size - 1);
    open_node();
    assert_true(is_known(RECORDS_A) && is_known(RECORDS_B));
    assert_false(is_known(RECORDS_C));
    assert_int_equal(set_aside("known_destinations"), 1);
}

static void an_empty_file_is_damaged(void **state) {
    (void)state;
    fill_folder();
    for (size_t i = 0; i < WHOLE_COUNT; i++) {
        write_file(WHOLE_FILES[i], "", 0);
    }
    open_node();
    for (size_t i = 0; i < WHOLE_COUNT; i++) {
        assert_int_equal(set_aside(WHOLE_FILES[i]), 1);
    }
}

static void take_nothing(void *context, rns_bytes_t key, rns_bytes_t value) {
    (void)key;
    *(size_t *)context += value.size;
}

static void each_cut_file_is_read_safely(void **state) {
    static const rns_record_t KINDS[] = {RNS_RECORD_KNOWN, RNS_RECORD_PATH, RNS_RECORD_TUNNEL,
                                         RNS_RECORD_BLACKHOLE};
    (void)state;
    const rns_store_t rns = store_rns(bed.store);
    for (size_t i = 0; i < WHOLE_COUNT; i++) {
        const bytes_t file = unhex(WHOLE_HEX[i]);
        for (size_t size = 0; size < file.size; size += 7) {
            size_t bytes = 0;
            write_file(WHOLE_FILES[i], file.b, size);
            rns.each(rns.user, KINDS[i], &bytes, take_nothing);
            assert_true(bytes <= size);
            assert_false(exists(WHOLE_FILES[i]));
        }
    }
}

static void a_file_of_the_wrong_shape_is_set_aside(void **state) {
    (void)state;
    fill_folder();
    write_hex("known_destinations", RECORDS_FILE_DESTINATION_TABLE);
    write_hex("tunnels", RECORDS_FILE_BLACKHOLE);
    open_node();
    assert_int_equal(set_aside("known_destinations"), 1);
    assert_int_equal(set_aside("tunnels"), 1);
}

static void an_identity_of_another_size_is_replaced_and_set_aside(void **state) {
    (void)state;
    write_file("transport_identity", "0123456789", 10);
    open_node();
    rns_tick(bed.node, clock_now());
    assert_int_equal(set_aside("transport_identity"), 1);
    assert_int_equal(read_file("transport_identity").size, 64);
}

static void a_damaged_ratchet_costs_only_itself(void **state) {
    (void)state;
    fill_folder();
    write_hex("ratchets/00112233445566778899aabbccddeeff", "82a7");
    write_hex("ratchets/notes.txt", "82a7");
    open_node();
    assert_int_equal(count_files("ratchets", "00112233445566778899aabbccddeeff.damaged-"), 1);
    assert_true(exists("ratchets/notes.txt"));
    assert_int_equal(bed.errors, 1);
}

static void a_folder_in_the_place_of_a_file_is_not_read(void **state) {
    (void)state;
    assert_int_equal(mkdir(place("known_destinations"), 0755), 0);
    open_node();
    assert_int_equal(bed.errors, 1);
    assert_int_equal(set_aside("known_destinations"), 0);
}

static void a_piece_of_a_hash_at_the_end_of_the_list_is_passed_over(void **state) {
    (void)state;
    const bytes_t list = unhex(RECORDS_FILE_PACKET_HASHLIST);
    const rns_store_t rns = store_rns(bed.store);
    size_t bytes = 0;
    write_file("packet_hashlist.raw", list.b, list.size - 1);
    rns.each(rns.user, RNS_RECORD_SEEN, &bytes, take_nothing);
    assert_int_equal(bytes, 32);
}

// ---- Writing

static void what_cannot_be_written_stays_to_be_written(void **state) {
    (void)state;
    open_node();
    rns_tick(bed.node, clock_now());
    // A folder that is not empty cannot be replaced, by nobody.
    assert_int_equal(mkdir(place("blackhole/local"), 0755), 0);
    write_hex("blackhole/local/file", "00");
    shut_out(7);
    assert_false(store_save(bed.store));
    assert_int_equal(bed.errors, 1);
    assert_int_equal(count_files("blackhole", "local"), 1); // no temporary file is left
    assert_int_equal(remove(place("blackhole/local/file")), 0);
    assert_int_equal(rmdir(place("blackhole/local")), 0);
    store_look(bed.store); // though nothing has changed since
    while (bed.store->round.runs) {
        (void)uv_run(&bed.loop, UV_RUN_ONCE);
    }
    assert_int_equal(read_file("blackhole/local").b[0], 0x81);
}

static void a_small_file_that_cannot_be_written_is_tried_again(void **state) {
    (void)state;
    assert_int_equal(mkdir(place("transport_identity"), 0755), 0);
    write_hex("transport_identity/file", "00");
    open_node();
    const rns_us_t now = clock_now();
    rns_tick(bed.node, now);
    assert_int_equal(rns_dirty(bed.node), 1);
    assert_int_equal(remove(place("transport_identity/file")), 0);
    assert_int_equal(rmdir(place("transport_identity")), 0);
    rns_tick(bed.node, now + 1000001);
    assert_int_equal(rns_dirty(bed.node), 0);
    assert_int_equal(read_file("transport_identity").size, 64);
}

static void a_file_is_replaced_at_once_or_not_at_all(void **state) {
    (void)state;
    char path[512];
    const rns_bytes_t half = {(const uint8_t *)"half", 4}, whole = {(const uint8_t *)"whole", 5};
    (void)snprintf(path, sizeof path, "%s", place("file"));
    write_file("file", "old", 3);
    const int descriptor = store_file_begin(path, 0644);
    assert_true(descriptor >= 0);
    assert_true(store_file_append(descriptor, half));
    assert_int_equal(read_file("file").size, 3);
    store_file_cancel(descriptor, path);
    assert_int_equal(read_file("file").size, 3);
    assert_false(exists("file.tmp"));
    assert_true(store_file_write(path, 0600, true, whole));
    assert_memory_equal(read_file("file").b, "whole", 5);
    assert_int_equal(mode_of("file"), 0600);
    assert_false(exists("file.tmp"));
}

static void a_temporary_file_that_was_left_is_not_written_through(void **state) {
    (void)state;
    char path[512];
    const rns_bytes_t data = {(const uint8_t *)"data", 4};
    write_file("victim", "mine", 4);
    (void)snprintf(path, sizeof path, "%s", place("victim"));
    assert_int_equal(symlink(path, place("file.tmp")), 0);
    (void)snprintf(path, sizeof path, "%s", place("file"));
    assert_true(store_file_write(path, 0644, false, data));
    assert_memory_equal(read_file("victim").b, "mine", 4);
    assert_memory_equal(read_file("file").b, "data", 4);
}

static void a_file_over_the_limit_is_not_read(void **state) {
    (void)state;
    uint8_t *data;
    size_t size;
    write_file("file", "12345", 5);
    assert_int_equal(store_file_read(place("file"), 4, &data, &size), STORE_FILE_TOO_LARGE);
    assert_null(data);
    assert_int_equal(store_file_read(place("file"), 5, &data, &size), STORE_FILE_READ);
    assert_int_equal(size, 5);
    free(data);
    assert_int_equal(store_file_read(place("none"), 5, &data, &size), STORE_FILE_ABSENT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_references_folder_is_taken_over),
        TEST(the_final_save_gives_it_back),
        TEST(a_round_in_the_background_writes_what_changed),
        TEST(announces_that_nothing_needs_are_removed),
        TEST(who_is_shut_out_is_written_at_once),
        TEST(a_save_while_a_round_runs_begins_anew),
        TEST(a_file_larger_than_the_buffer_has_its_count_in_front),
        TEST(a_new_identity_is_written_for_the_owner_alone),
        TEST(a_damaged_file_is_set_aside_and_costs_nothing_else),
        TEST(what_stands_before_the_damage_is_taken),
        TEST(an_empty_file_is_damaged),
        TEST(each_cut_file_is_read_safely),
        TEST(a_file_of_the_wrong_shape_is_set_aside),
        TEST(an_identity_of_another_size_is_replaced_and_set_aside),
        TEST(a_damaged_ratchet_costs_only_itself),
        TEST(a_folder_in_the_place_of_a_file_is_not_read),
        TEST(a_piece_of_a_hash_at_the_end_of_the_list_is_passed_over),
        TEST(what_cannot_be_written_stays_to_be_written),
        TEST(a_small_file_that_cannot_be_written_is_tried_again),
        TEST(a_file_is_replaced_at_once_or_not_at_all),
        TEST(a_temporary_file_that_was_left_is_not_written_through),
        TEST(a_file_over_the_limit_is_not_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
