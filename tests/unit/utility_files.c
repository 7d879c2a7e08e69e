// Files of utilities: paths, jails, keys, allow lists, and files that arrive.
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/log.h"
#include "host/memory.h"
#include "host/clock.h"
#include "host/utility/allowed.h"
#include "host/utility/keyfile.h"
#include "host/utility/paths.h"
#include "host/utility/saving.h"
#include "rns/providers.h"

static char folder[] = "/tmp/reticule-utility-XXXXXX";

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *walk) {
    (void)info;
    (void)kind;
    (void)walk;
    return remove(path);
}

static void drop_line(void *context, const char *line) {
    (void)context;
    (void)line;
}

static int enter(void **state) {
    (void)state;
    memcpy(folder + sizeof folder - 7, "XXXXXX", 6);
    log_to_callback(drop_line, NULL);
    return mkdtemp(folder) != NULL && chdir(folder) == 0 && setenv("HOME", folder, 1) == 0 ? 0 : -1;
}

static int leave(void **state) {
    (void)state;
    return chdir("/") == 0 ? nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS) : -1;
}

static void write_file(const char *path, const char *text) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void assert_holds(const char *path, const char *text) {
    char bytes[256] = "";
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    bytes[fread(bytes, 1, sizeof bytes - 1, file)] = '\0';
    fclose(file);
    assert_string_equal(bytes, text);
}

static unsigned count_files(void) {
    unsigned count = 0;
    DIR *open = opendir(".");
    for (struct dirent *entry = readdir(open); entry != NULL; entry = readdir(open)) {
        count += entry->d_type == DT_REG ? 1 : 0;
    }
    closedir(open);
    return count;
}

// ---- Paths

static void home_stands_for_a_tilde(void **state) {
    char out[PATH_MAX], expected[PATH_MAX];
    (void)state;
    assert_true(paths_expand("~/a/b", out));
    snprintf(expected, sizeof expected, "%s/a/b", folder);
    assert_string_equal(out, expected);
    assert_true(paths_expand("~", out));
    assert_string_equal(out, folder);
    assert_true(paths_expand("~daemon/x", out));
    assert_string_equal(out, "/usr/sbin/x");
    assert_true(paths_expand("~nobody-of-this-name/x", out));
    assert_string_equal(out, "~nobody-of-this-name/x");
    assert_true(paths_expand("a~/b", out));
    assert_string_equal(out, "a~/b");
    assert_false(paths_expand("", out));
}

static void absolute_path_has_no_dots(void **state) {
    char out[PATH_MAX], expected[PATH_MAX];
    (void)state;
    assert_true(paths_absolute("/a/./b//c/../d/", out));
    assert_string_equal(out, "/a/b/d");
    assert_true(paths_absolute("/../..", out));
    assert_string_equal(out, "/");
    assert_true(paths_absolute("x/../y", out));
    snprintf(expected, sizeof expected, "%s/y", folder);
    assert_string_equal(out, expected);
    assert_true(paths_absolute("/...", out));
    assert_string_equal(out, "/...");
}

static void too_long_a_path_is_refused(void **state) {
    static char path[PATH_MAX + 10], out[PATH_MAX];
    (void)state;
    memset(path, 'a', sizeof path - 1);
    path[0] = '/';
    assert_false(paths_absolute(path, out));
    path[0] = 'b';
    assert_false(paths_absolute(path, out));
    path[PATH_MAX - 1] = '\0'; // fits, but not behind this folder
    assert_false(paths_absolute(path, out));
}

// ---- Jails

static char jail[PATH_MAX], real_jail[PATH_MAX], got[PATH_MAX];

static void build_jail(void) {
    assert_int_equal(mkdir("jail", 0700), 0);
    assert_int_equal(mkdir("jail/deep", 0700), 0);
    assert_int_equal(mkdir("jailor", 0700), 0);
    write_file("jail/file", "in");
    write_file("jail/deep/file", "in deep");
    write_file("secret", "out");
    write_file("jailor/file", "out");
    assert_int_equal(symlink("../secret", "jail/way_out"), 0);
    assert_int_equal(symlink("..", "jail/up"), 0);
    assert_int_equal(symlink("deep/file", "jail/way_in"), 0);
    assert_int_equal(symlink("jail", "link_to_jail"), 0);
    assert_true(paths_absolute("jail", jail));
    assert_non_null(realpath("jail", real_jail));
}

static void assert_found(const char *asked, const char *rest) {
    char expected[2 * PATH_MAX];
    assert_int_equal(paths_find(jail, asked, got), PATHS_FOUND);
    snprintf(expected, sizeof expected, "%s/%s", real_jail, rest);
    assert_string_equal(got, expected);
}

static void jail_gives_what_is_in_it(void **state) {
    char asked[2 * PATH_MAX];
    (void)state;
    build_jail();
    assert_found("file", "file");
    assert_found("deep/file", "deep/file");
    assert_found("deep/../file", "file");
    assert_found("/file", "file");
    assert_found("way_in", "deep/file");
    snprintf(asked, sizeof asked, "%s/deep/file", jail);
    assert_found(asked, "deep/file");
}

static void nobody_leaves_the_jail(void **state) {
    char asked[2 * PATH_MAX];
    (void)state;
    build_jail();
    assert_int_equal(paths_find(jail, "../secret", got), PATHS_OUTSIDE);
    assert_int_equal(paths_find(jail, "deep/../../secret", got), PATHS_OUTSIDE);
    assert_int_equal(paths_find(jail, "../jailor/file", got), PATHS_OUTSIDE);
    assert_int_equal(paths_find(jail, "../nothing", got), PATHS_OUTSIDE); // there or not
    assert_int_equal(paths_find(jail, "way_out", got), PATHS_OUTSIDE);
    assert_int_equal(paths_find(jail, "up/secret", got), PATHS_OUTSIDE);
    assert_int_equal(paths_find(jail, ".", got), PATHS_OUTSIDE);
    assert_int_equal(paths_find(jail, "", got), PATHS_OUTSIDE);
    snprintf(asked, sizeof asked, "%s/../secret", jail);
    assert_int_equal(paths_find(jail, asked, got), PATHS_OUTSIDE);
    assert_int_equal(paths_find(jail, "/etc/passwd", got), PATHS_MISSING);
    assert_int_equal(paths_find(jail, "~/secret", got), PATHS_MISSING);
    assert_int_equal(paths_find(jail, "nothing", got), PATHS_MISSING);
    assert_int_equal(paths_find(jail, "deep", got), PATHS_MISSING);
}

static void jail_may_be_a_link_itself(void **state) {
    char asked[2 * PATH_MAX];
    (void)state;
    build_jail();
    assert_true(paths_absolute("link_to_jail", jail));
    assert_found("file", "file");
    snprintf(asked, sizeof asked, "%s/file", jail);
    assert_found(asked, "file");
    snprintf(asked, sizeof asked, "%s/file", real_jail);
    assert_found(asked, "file");
    assert_int_equal(paths_find(jail, "way_out", got), PATHS_OUTSIDE);
}

static void root_as_a_jail_holds_everything(void **state) {
    (void)state;
    build_jail();
    assert_int_equal(paths_find("/", jail, got), PATHS_MISSING); // a folder
    assert_int_equal(paths_find("/", "/etc/passwd", got), PATHS_FOUND);
    assert_string_equal(got, "/etc/passwd");
    assert_int_equal(paths_find("/", "etc/passwd", got), PATHS_FOUND);
}

static void without_a_jail_any_file_is_found(void **state) {
    (void)state;
    build_jail();
    assert_int_equal(paths_find(NULL, "~/secret", got), PATHS_FOUND);
    assert_int_equal(paths_find(NULL, "jail/way_out", got), PATHS_FOUND);
    assert_int_equal(paths_find(NULL, "jail", got), PATHS_MISSING);
    assert_int_equal(paths_find(NULL, "/nothing/here", got), PATHS_MISSING);
}

// ---- Files that arrive

static const uint8_t text_plain[] = "contents";

static void arrive(saving_t *saving, const char *text) {
    assert_true(saving_begin(saving, ".", 1));
    const rns_sink_t sink = saving_sink(saving);
    assert_true(sink.write(sink.user, (rns_bytes_t){(const uint8_t *)text, strlen(text)}));
    assert_true(sink.commit(sink.user));
}

static void file_gets_its_name_at_the_end(void **state) {
    saving_t saving;
    char path[PATH_MAX];
    struct stat info;
    (void)state;
    arrive(&saving, "contents");
    assert_false(paths_is_file("name"));
    assert_true(saving_end(&saving, "name", false, path));
    assert_string_equal(path, "./name");
    assert_holds("name", "contents");
    assert_int_equal(count_files(), 1);
    const mode_t mask = umask(0);
    umask(mask);
    assert_int_equal(stat("name", &info), 0);
    assert_int_equal(info.st_mode & 0777U, 0666U & ~mask);
    saving_cancel(&saving);
    assert_int_equal(count_files(), 1);
}

static void names_are_numbered_where_one_is_taken(void **state) {
    saving_t saving;
    char path[PATH_MAX];
    (void)state;
    write_file("name", "old");
    assert_int_equal(symlink("nowhere", "name.1"), 0); // also by what leads to nothing
    assert_int_equal(mkdir("name.2", 0700), 0);
    arrive(&saving, "new");
    assert_true(saving_end(&saving, "name", false, path));
    assert_string_equal(path, "./name.3");
    assert_holds("name", "old");
    assert_holds("name.3", "new");
}

static void overwriting_replaces_files_and_only_those(void **state) {
    saving_t saving;
    char path[PATH_MAX];
    (void)state;
    write_file("name", "old");
    write_file("far", "far");
    assert_int_equal(symlink("far", "link"), 0);
    assert_int_equal(mkdir("folder", 0700), 0);
    arrive(&saving, "new");
    assert_true(saving_end(&saving, "name", true, path));
    assert_string_equal(path, "./name");
    assert_holds("name", "new");
    arrive(&saving, "newer");
    assert_true(saving_end(&saving, "link", true, path));
    assert_holds("link", "newer");
    assert_holds("far", "far"); // the link was replaced, not what it led to
    arrive(&saving, "third");
    assert_true(saving_end(&saving, "folder", true, path));
    assert_string_equal(path, "./folder.1");
    assert_int_equal(mkfifo("pipe", 0600), 0);
    arrive(&saving, "fourth");
    assert_true(saving_end(&saving, "pipe", true, path));
    assert_string_equal(path, "./pipe.1");
}

static void cancelled_file_leaves_nothing(void **state) {
    saving_t saving;
    (void)state;
    arrive(&saving, "half of it");
    saving_cancel(&saving);
    assert_int_equal(count_files(), 0);
}

static void file_that_cannot_be_written_fails_its_segment(void **state) {
    saving_t saving;
    char path[PATH_MAX];
    (void)state;
    arrive(&saving, "good");
    const rns_sink_t sink = saving_sink(&saving);
    close(saving.descriptor);
    saving.descriptor = open("/dev/full", O_WRONLY);
    assert_true(sink.write(sink.user, (rns_bytes_t){text_plain, sizeof text_plain}));
    assert_false(sink.commit(sink.user));
    assert_false(saving_end(&saving, "name", false, path));
    assert_int_equal(errno, ENOSPC);
    assert_int_equal(count_files(), 0);
}

static void file_in_no_folder_cannot_begin(void **state) {
    saving_t saving;
    (void)state;
    assert_false(saving_begin(&saving, "nothing", 1));
    assert_int_equal(errno, ENOENT);
    saving_cancel(&saving);
}

#define BYTES(text) ((rns_bytes_t){(const uint8_t *)(text), sizeof(text) - 1})

static void name_is_what_follows_the_last_slash(void **state) {
    char name[SAVING_NAME_MAX];
    (void)state;
    assert_true(saving_name(BYTES("\x81\xa4name\xc4\x05hello"), name));
    assert_string_equal(name, "hello");
    assert_true(saving_name(BYTES("\x81\xa4name\xc4\x09/etc/a\xff b"), name));
    assert_string_equal(name, "a\xff b");
    assert_true(saving_name(BYTES("\x81\xa4name\xc4\x07../../x"), name));
    assert_string_equal(name, "x");
    // Others may stand before it, with whatever in them.
    assert_true(saving_name(BYTES("\x82\xa4size\x92\x01\x81\xa1k\xc0\xa4name\xc4\x01x"), name));
    assert_string_equal(name, "x");
}

static void names_that_no_file_can_have_are_refused(void **state) {
    char name[SAVING_NAME_MAX], longest[300] = "\x81\xa4name\xc5\x01";
    (void)state;
    assert_false(saving_name(BYTES(""), name));
    assert_false(saving_name(BYTES("\xc0"), name));
    assert_false(saving_name(BYTES("\x80"), name));
    assert_false(saving_name(BYTES("\x81\xa4name\xc4"), name));
    assert_false(saving_name(BYTES("\x81\xa4name\xa1x"), name)); // text, not bytes
    assert_false(saving_name(BYTES("\x81\xa4name\xc4\x00"), name));
    assert_false(saving_name(BYTES("\x81\xa4name\xc4\x01."), name));
    assert_false(saving_name(BYTES("\x81\xa4name\xc4\x04x/.."), name));
    assert_false(saving_name(BYTES("\x81\xa4name\xc4\x02x/"), name));
    assert_false(saving_name(BYTES("\x81\xa4name\xc4\x03x\0y"), name));
    assert_false(saving_name(BYTES("\x81\xa4nome\xc4\x01x"), name));
    memset(longest + 9, 'n', 256);
    longest[8] = 0;
    assert_false(saving_name((rns_bytes_t){(const uint8_t *)longest, 9 + 256}, name));
}

static void metadata_names_the_file_without_its_folder(void **state) {
    uint8_t out[32];
    (void)state;
    assert_int_equal(saving_metadata("/a/b/hello", (rns_mem_t){out, sizeof out}), 13);
    assert_memory_equal(out, "\x81\xa4name\xc4\x05hello", 13);
    assert_int_equal(saving_metadata("hello", (rns_mem_t){out, 12}), 0);
}

// ---- Allow lists

#define FIRST  "00112233445566778899aabbccddeeff"
#define SECOND "ffeeddccbbaa99887766554433221100"

static void allow_list_takes_lines_of_thirty_two_digits(void **state) {
    static const char text[] = "# people\n" FIRST "\r\n\n  " SECOND "\n" SECOND;
    const rns_hash_t second = {{0xff, 0xee, 0xdd, 0xcc, 0xbb, 0xaa, 0x99, 0x88, 0x77, 0x66, 0x55,
                                0x44, 0x33, 0x22, 0x11, 0x00}};
    rns_hash_t other = second;
    allowed_t allowed = {0};
    (void)state;
    assert_int_equal(allowed_parse(&allowed, text, sizeof text - 1), ALLOWED_OK);
    assert_int_equal(allowed.count, 2);
    assert_true(allowed_has(&allowed, &second));
    other.b[15] = 1;
    assert_false(allowed_has(&allowed, &other));
    allowed_free(&allowed);
}

static void allow_list_refuses_what_is_no_hash(void **state) {
    static const char text[] = "0011223344556677889 aabbccddeeff\n";
    allowed_t allowed = {0};
    (void)state;
    assert_int_equal(allowed_add(&allowed, "0011"), ALLOWED_LENGTH);
    assert_int_equal(allowed_add(&allowed, "0011223344556677889xaabbccddeeff"), ALLOWED_DIGITS);
    assert_int_equal(allowed_parse(&allowed, text, sizeof text - 1), ALLOWED_DIGITS);
    assert_int_equal(allowed.count, 0);
    allowed_free(&allowed);
}

static void allow_list_grows_to_its_limit(void **state) {
    allowed_t allowed = {0};
    (void)state;
    for (unsigned i = 0; i < ALLOWED_MOST; i++) {
        assert_int_equal(allowed_add(&allowed, FIRST), ALLOWED_OK);
    }
    assert_int_equal(allowed_add(&allowed, FIRST), ALLOWED_FULL);
    allowed_free(&allowed);
}

static void allow_list_is_the_first_file_there_is(void **state) {
    const char *const texts[] = {FIRST};
    allowed_t allowed = {0};
    (void)state;
    assert_true(allowed_collect(&allowed, "rnnone", texts, 1));
    assert_int_equal(allowed.count, 1);
    mkdir(".rnnone", 0700);
    write_file(".rnnone/allowed_identities", FIRST "\n" SECOND "\n");
    allowed_free(&allowed);
    assert_true(allowed_collect(&allowed, "rnnone", texts, 1));
    assert_int_equal(allowed.count, 3);
    mkdir(".config", 0700);
    mkdir(".config/rnnone", 0700);
    write_file(".config/rnnone/allowed_identities", SECOND "\n");
    allowed_free(&allowed);
    assert_true(allowed_collect(&allowed, "rnnone", texts, 1));
    assert_int_equal(allowed.count, 2);
    write_file(".config/rnnone/allowed_identities", "0011223344556677889xaabbccddeeff\n");
    allowed_free(&allowed);
    assert_false(allowed_collect(&allowed, "rnnone", texts, 1));
    allowed_free(&allowed);
}

// ---- Keys

static rns_node_t *open_node(rns_config_t *config) {
    rns_node_t *node = NULL;
    *config = (rns_config_t){.crypto = &rns_crypto_host, .entropy = clock_entropy};
    assert_true(memory_open(config));
    assert_int_equal(rns_open(config, 1, &node), RNS_ERR_OK);
    return node;
}

static void close_node(rns_config_t *config, rns_node_t *node) {
    rns_close(node);
    memory_close(config);
}

static void key_file_is_made_once_and_for_its_owner(void **state) {
    rns_config_t config;
    rns_node_t *node = open_node(&config);
    rns_secret_t made, loaded;
    struct stat info;
    (void)state;
    assert_int_equal(keyfile_open(node, "key", &made), KEYFILE_MADE);
    assert_int_equal(stat("key", &info), 0);
    assert_int_equal(info.st_size, 64);
    assert_int_equal(info.st_mode & 0777U, 0600);
    assert_int_equal(keyfile_open(node, "key", &loaded), KEYFILE_LOADED);
    assert_memory_equal(&made, &loaded, sizeof made);
    close_node(&config, node);
}

static void key_file_is_x25519_then_ed25519(void **state) {
    rns_config_t config;
    rns_node_t *node = open_node(&config);
    rns_secret_t secret;
    uint8_t first[32], second[32];
    (void)state;
    memset(first, 'x', sizeof first);
    memset(second, 'e', sizeof second);
    write_file("key", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee");
    assert_true(keyfile_open_loudly(node, "rncp", "key", &secret));
    assert_memory_equal(secret.x25519, first, sizeof first);
    assert_memory_equal(secret.ed25519, second, sizeof second);
    keyfile_wipe(&secret);
    memset(first, 0, sizeof first);
    assert_memory_equal(secret.x25519, first, sizeof first);
    close_node(&config, node);
}

static void key_file_is_written_over_and_read_without_making_one(void **state) {
    rns_secret_t secret, loaded;
    (void)state;
    assert_int_equal(keyfile_read("absent", &secret), KEYFILE_ABSENT);
    assert_int_equal(keyfile_read("absent", &secret), KEYFILE_ABSENT);
    memset(secret.x25519, 'x', sizeof secret.x25519);
    memset(secret.ed25519, 'e', sizeof secret.ed25519);
    write_file("key", "older");
    assert_int_equal(keyfile_read("key", &loaded), KEYFILE_BAD);
    assert_true(keyfile_write("key", &secret));
    assert_holds("key", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee");
    assert_int_equal(keyfile_read("key", &loaded), KEYFILE_LOADED);
    assert_memory_equal(&loaded, &secret, sizeof secret);
    assert_false(keyfile_write("nothing/key", &secret));
}

static void key_file_of_another_size_is_left_alone(void **state) {
    rns_config_t config;
    rns_node_t *node = open_node(&config);
    rns_secret_t secret;
    (void)state;
    write_file("key", "short");
    assert_int_equal(keyfile_open(node, "key", &secret), KEYFILE_BAD);
    assert_false(keyfile_open_loudly(node, "rncp", "key", &secret));
    assert_holds("key", "short");
    write_file("key", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee");
    assert_int_equal(keyfile_open(node, "key", &secret), KEYFILE_BAD);
    assert_int_equal(keyfile_open(node, "nothing/key", &secret), KEYFILE_FAILED);
    assert_int_equal(keyfile_open(node, ".", &secret), KEYFILE_FAILED);
    close_node(&config, node);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(home_stands_for_a_tilde),
        TEST(absolute_path_has_no_dots),
        TEST(too_long_a_path_is_refused),
        TEST(jail_gives_what_is_in_it),
        TEST(nobody_leaves_the_jail),
        TEST(jail_may_be_a_link_itself),
        TEST(root_as_a_jail_holds_everything),
        TEST(without_a_jail_any_file_is_found),
        TEST(file_gets_its_name_at_the_end),
        TEST(names_are_numbered_where_one_is_taken),
        TEST(overwriting_replaces_files_and_only_those),
        TEST(cancelled_file_leaves_nothing),
        TEST(file_that_cannot_be_written_fails_its_segment),
        TEST(file_in_no_folder_cannot_begin),
        TEST(name_is_what_follows_the_last_slash),
        TEST(names_that_no_file_can_have_are_refused),
        TEST(metadata_names_the_file_without_its_folder),
        TEST(allow_list_takes_lines_of_thirty_two_digits),
        TEST(allow_list_refuses_what_is_no_hash),
        TEST(allow_list_grows_to_its_limit),
        TEST(allow_list_is_the_first_file_there_is),
        TEST(key_file_is_made_once_and_for_its_owner),
        TEST(key_file_is_x25519_then_ed25519),
        TEST(key_file_is_written_over_and_read_without_making_one),
        TEST(key_file_of_another_size_is_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
