// The applet rnmem, run with its output in a file.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "apps/rnmem.c"
#include "apps/rnmem_fit.c"
#include "apps/rnmem_markdown.c"
#include "apps/rnmem_running.c"
#include "apps/rnmem_svg.c"
#include "apps/rnmem_table.c"

#define KIB 1024ULL
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)

static char text[131072];

// Runs it with words; what it printed to a stream is in text.
static int run(FILE *stream, const char *line) {
    char words[512], *argv[16] = {words};
    int argc = 1;
    snprintf(words, sizeof words, "rnmem %s", line);
    for (char *c = words; *c != 0; c++) {
        if (*c == ' ') {
            *c = 0;
            argv[argc++] = c + 1;
        }
    }
    FILE *file = tmpfile();
    fflush(stream);
    int old = dup(fileno(stream));
    dup2(fileno(file), fileno(stream));
    int code = rnmem_main(argc, argv);
    fflush(stream);
    dup2(old, fileno(stream));
    close(old);
    rewind(file);
    text[fread(text, 1, sizeof text - 1, file)] = 0;
    fclose(file);
    return code;
}

static void assert_says(const char *what) {
    if (strstr(text, what) == NULL) {
        print_error("no '%s' in:\n%s\n", what, text);
        fail();
    }
}

// What the core itself says.
static void plan(rns_profile_t profile, const uint32_t *own, bool has_bulk,
                 size_t need[RNS_REGION_COUNT]) {
    static uint8_t mark;
    rns_config_t config = {.profile = profile};
    if (own != NULL) {
        memcpy(config.count, own, sizeof config.count);
    }
    config.mem[RNS_REGION_BULK].data = has_bulk ? &mark : NULL;
    rns_plan(&config, need);
}

// ---- A profile, and own counts

// reverse: 48 bytes and two cells of 8.
static void counts_are_set_row_by_row(void **state) {
    (void)state;
    assert_int_equal(run(stdout, "--profile tiny --set reverse=10 --set PATH=0 --json"), 0);
    assert_says("{\"profile\": \"tiny\", \"regions\": {\"fast\": ");
    assert_says("{\"name\": \"reverse\", \"slots\": 10, \"slot_bytes\": 48, \"bytes\": 640, "
                "\"region\": \"bulk\", \"class\": \"packet\", \"policy\": \"cull\", \"used\": 0, "
                "\"peak\": 0, \"culled\": 0, \"rejected\": 0}");
    assert_says("{\"name\": \"path\", \"slots\": 0, ");
    assert_says("\"class\": \"startup\", \"policy\": \"reject\"");
    assert_int_equal(run(stdout, "--set reverse=1 relay=2"), 0);
    assert_says("profile server\n");
    assert_says("\nreverse                 1       48          64  bulk    packet    cull    ");
}

static void regions_are_what_the_plan_says(void **state) {
    (void)state;
    for (rns_profile_t profile = 0; profile < RNS_PROFILE_COUNT; profile++) {
        char line[64], regions[96];
        size_t need[RNS_REGION_COUNT];
        plan(profile, NULL, true, need);
        snprintf(line, sizeof line, "--json --profile %s", rns_profile_name(profile));
        snprintf(regions, sizeof regions, "\"regions\": {\"fast\": %zu, \"bulk\": %zu}", need[0],
                 need[1]);
        assert_int_equal(run(stdout, line), 0);
        assert_says(regions);
    }
}

// By hand, of rows with one slot each: node 7168, crypto 512; link 672 + 16 + 16 for its cells and
// its deadline; request 200 + 16 + 16, up to 16; reverse 48 + 16.
static void classes_are_summed(void **state) {
    (void)state;
    char line[512] = "--profile tiny --json";
    inventory_t inventory;
    inventory_sum_t sum;
    uint32_t own[RNS_POOL_COUNT];
    for (int i = 0; i < RNS_POOL_COUNT; i++) {
        own[i] = RNS_COUNT_NONE;
    }
    own[RNS_POOL_CRYPTO] = own[RNS_POOL_LINK] = own[RNS_POOL_REQUEST] = own[RNS_POOL_REVERSE] = 1;
    inventory_plan(&inventory, RNS_PROFILE_TINY, own);
    inventory_sum(&inventory, &sum);
    assert_int_equal(sum.per[RNS_PER_STARTUP], 7168 + 512);
    assert_int_equal(sum.per[RNS_PER_LINK], 704);
    assert_int_equal(sum.per[RNS_PER_TRANSFER], 240);
    assert_int_equal(sum.per[RNS_PER_PACKET], 64);
    assert_int_equal(sum.all, 7168 + 512 + 704 + 240 + 64);
    assert_int_equal(sum.region[RNS_REGION_BULK], 64);
    assert_int_equal(run(stdout, line), 0);
    assert_says("\"classes\": {\"startup\": ");
}

static void the_page_has_a_line_for_each_row(void **state) {
    (void)state;
    assert_int_equal(run(stdout, "--markdown"), 0);
    for (rns_pool_t id = 0; id < RNS_POOL_COUNT; id++) {
        char line[64];
        rns_pool_info_t info;
        rns_pool_plan(RNS_PROFILE_TINY, NULL, id, &info);
        snprintf(line, sizeof line, "\n| %s | %s |", info.name, info.what);
        assert_says(line);
    }
    assert_says("| router | 16384 | 480, all | 480, all | 163 | 16 | 1 | 0.16 |");
}

// What the audit of a port found, which our mcu is to hold.
static void mcu_is_the_audited_inventory(void **state) {
    (void)state;
    const struct {
        rns_pool_t id;
        uint32_t slots;
    } rows[] = {
        {RNS_POOL_KNOWN, 192},  {RNS_POOL_RATCHET_PEER, 128}, {RNS_POOL_RATCHET_SELF, 8 * 32},
        {RNS_POOL_DEST, 8},     {RNS_POOL_RESOURCE_IN, 16},   {RNS_POOL_RESOURCE_OUT, 16},
        {RNS_POOL_REQUEST, 16}, {RNS_POOL_ENVELOPE, 64},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        rns_pool_info_t info;
        rns_pool_plan(RNS_PROFILE_MCU, NULL, rows[i].id, &info);
        assert_int_equal(info.slots, rows[i].slots);
    }
    inventory_t inventory;
    inventory_sum_t sum;
    inventory_plan(&inventory, RNS_PROFILE_MCU, NULL);
    inventory_sum(&inventory, &sum);
    assert_true(sum.region[RNS_REGION_FAST] <= 96 * KIB);
    assert_true(sum.region[RNS_REGION_BULK] <= 512 * KIB);
    for (rns_pool_t id = 0; id < RNS_POOL_COUNT; id++) { // large tables are in external memory
        const rns_pool_info_t *row = &inventory.rows[id];
        assert_true(row->region == RNS_REGION_BULK || row->bytes < 10 * KIB);
    }
}

// ---- What is read back

static FILE *file_of(const char *content) {
    FILE *file = tmpfile();
    assert_non_null(file);
    fputs(content, file);
    rewind(file);
    return file;
}

static bool reads(const char *content, inventory_t *inventory) {
    FILE *file = file_of(content);
    const bool good = inventory_read(inventory, file);
    fclose(file);
    return good;
}

static void what_is_written_is_read_back(void **state) {
    (void)state;
    inventory_t before, after;
    inventory_plan(&before, RNS_PROFILE_ROUTER, NULL);
    before.is_live = true;
    before.pid = 4711;
    before.uptime_s = 12.5;
    for (uint32_t i = 0; i < before.count; i++) {
        before.rows[i].used = i;
        before.rows[i].peak = UINT32_MAX - i;
        before.rows[i].culled = 1ULL << 40;
        before.rows[i].rejected = 3 * i;
    }
    FILE *file = tmpfile();
    inventory_json(&before, file);
    rewind(file);
    assert_true(inventory_read(&after, file));
    fclose(file);
    assert_int_equal(after.count, RNS_POOL_COUNT);
    assert_true(after.is_live);
    assert_int_equal(after.pid, 4711);
    assert_true(fabs(after.uptime_s - 12.5) < 0.001);
    assert_string_equal(after.profile, "router");
    for (size_t i = 0; i < before.count; i++) {
        const rns_pool_info_t *a = &before.rows[i], *b = &after.rows[i];
        assert_string_equal(a->name, b->name);
        assert_string_equal(a->what, b->what);
        assert_true(a->region == b->region && a->per == b->per && a->full == b->full);
        assert_true(a->slots == b->slots && a->slot_bytes == b->slot_bytes && a->bytes == b->bytes);
        assert_true(a->used == b->used && a->peak == b->peak);
        assert_true(a->culled == b->culled && a->rejected == b->rejected);
    }
}

static void another_versions_rows_are_shown(void **state) {
    (void)state;
    inventory_t inventory;
    assert_true(
        reads("{\"profile\": \"huge\", \"pid\": 1, \"mood\": \"good\", \"sums\": {\"a\": 1,"
              " \"b\": \"c\"}, \"pools\": [{\"name\": \"later\", \"slots\": 2, \"age\": 3}]}",
              &inventory));
    assert_int_equal(inventory.count, 1);
    assert_string_equal(inventory.rows[0].name, "later");
    assert_int_equal(inventory.rows[0].slots, 2);
    assert_string_equal(inventory.rows[0].what, "");
}

static void what_is_no_inventory_is_refused(void **state) {
    (void)state;
    static const char *const bad[] = {
        "",
        "{}",
        "[]",
        "{\"pools\": []}",
        "{\"pools\": [{}]}",
        "{\"pools\": [{\"name\": \"path\"}]",
        "{\"pools\": [{\"name\": \"path\"}]} more",
        "{\"pools\": [{\"name\": \"path\"},]}",
        "{\"pools\": [{\"name\": \"path\", \"slots\": -1}]}",
        "{\"pools\": [{\"name\": \"path\", \"slots\": 4294967296}]}",
        "{\"pools\": [{\"name\": \"path\", \"slots\": nan}]}",
        "{\"pools\": [{\"name\": \"path\", \"region\": \"slow\"}]}",
        "{\"pools\": [{\"name\": \"pa\\u0074h\"}]}",
        "{\"pools\": [{\"name\": \"path}]}",
        "{\"pools\": [{\"name\": [1]}]}",
        "{\"profile\"; 1, \"pools\": [{\"name\": \"path\"}]}",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        inventory_t inventory;
        if (reads(bad[i], &inventory)) {
            fail_msg("this was taken: %s", bad[i]);
        }
    }
}

static void more_rows_than_there_is_room_for_are_refused(void **state) {
    (void)state;
    inventory_t inventory;
    char content[INVENTORY_ROWS_MAX * 20 + 200] = "{\"pools\": [{\"name\": \"a\"}";
    for (unsigned i = 1; i < INVENTORY_ROWS_MAX; i++) {
        strcat(content, ", {\"name\": \"b\"}");
    }
    strcat(content, "]}");
    assert_true(reads(content, &inventory));
    content[strlen(content) - 2] = 0;
    strcat(content, ", {\"name\": \"c\"}]}");
    assert_false(reads(content, &inventory));
}

// ---- What fits

// The proposal is planned by the core itself, for the regions that are there.
static void assert_fits(uint64_t fast, uint64_t bulk, rnmem_fit_t *fit) {
    size_t need[RNS_REGION_COUNT];
    assert_true(rnmem_fit(fast, bulk, fit));
    plan(fit->profile, fit->own, bulk > 0, need);
    if (need[RNS_REGION_FAST] > fast || need[RNS_REGION_BULK] > bulk) {
        fail_msg("%zu of %llu, %zu of %llu", need[0], (unsigned long long)fast, need[1],
                 (unsigned long long)bulk);
    }
}

static void a_proposal_fits_whatever_the_board(void **state) {
    (void)state;
    static const uint64_t sizes[] = {16000,     20 * KIB,  33 * KIB, 64 * KIB,  96 * KIB,
                                     320 * KIB, 512 * KIB, 2 * MIB,  8 * MIB,   64 * MIB,
                                     1 * GIB,   7 * GIB,   64 * GIB, 4096 * GIB};
    const size_t count = sizeof sizes / sizeof *sizes;
    rnmem_fit_t fit;
    for (size_t f = 0; f < count; f++) {
        for (size_t b = 0; b < count; b++) {
            assert_fits(sizes[f], sizes[b], &fit);
        }
        if (sizes[f] >= 22480) {
            assert_fits(sizes[f], 0, &fit);
        }
    }
}

static void the_least_node_is_where_the_sizes_end(void **state) {
    (void)state;
    uint64_t least[RNS_REGION_COUNT];
    rnmem_fit_t fit;
    rnmem_fit_least(least);
    assert_fits(least[0], least[1], &fit);
    assert_fits(least[0] + least[1], 0, &fit);
    assert_false(rnmem_fit(least[0] - 1, least[1], &fit));
    assert_false(rnmem_fit(least[0], least[1] - 1, &fit));
    assert_false(rnmem_fit(least[0] + least[1] - 1, 0, &fit));
    assert_false(rnmem_fit(0, 0, &fit));
    assert_false(rnmem_fit(0, GIB, &fit));
}

static void twice_the_memory_holds_no_less(void **state) {
    (void)state;
    static const rns_pool_t ROWS[] = {RNS_POOL_PATH, RNS_POOL_KNOWN, RNS_POOL_LINK,
                                      RNS_POOL_RESOURCE_IN};
    rnmem_fit_t before = {0}, fit;
    for (uint64_t size = 24 * KIB; size < 4 * GIB; size *= 2) {
        assert_fits(size, 0, &fit);
        for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
            assert_true(fit.own[ROWS[i]] >= before.own[ROWS[i]]);
        }
        before = fit;
    }
    assert_int_equal(before.profile, RNS_PROFILE_SERVER);
}

static void what_has_the_memory_of_a_profile_gets_it(void **state) {
    (void)state;
    for (rns_profile_t profile = RNS_PROFILE_TINY; profile <= RNS_PROFILE_SERVER; profile++) {
        inventory_t inventory;
        inventory_sum_t sum;
        rnmem_fit_t fit;
        inventory_plan(&inventory, profile, NULL);
        inventory_sum(&inventory, &sum);
        assert_fits(sum.region[0], sum.region[1], &fit);
        assert_int_equal(fit.profile, profile);
        for (rns_pool_t id = 0; id < RNS_POOL_COUNT; id++) {
            const uint32_t slots = inventory.rows[id].slots;
            assert_int_equal(fit.own[id], slots == 0 ? RNS_COUNT_NONE : slots);
        }
    }
}

static void sizes_are_bytes_with_k_m_and_g(void **state) {
    (void)state;
    uint64_t bytes = 0;
    assert_true(rnmem_read_size("98304", &bytes) && bytes == 98304);
    assert_true(rnmem_read_size("96k", &bytes) && bytes == 98304);
    assert_true(rnmem_read_size("8M", &bytes) && bytes == 8388608);
    assert_true(rnmem_read_size("2g", &bytes) && bytes == 2147483648U);
    assert_true(rnmem_read_size("0", &bytes) && bytes == 0);
    static const char *const bad[] = {
        "", "k", "-1", "1.5k", "1kb", "1x", " 1", "1 k", "kk", "1t", "99999999999999999999"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(rnmem_read_size(bad[i], &bytes));
    }
}

static void a_proposal_is_told_in_users_terms(void **state) {
    (void)state;
    assert_int_equal(run(stdout, "--fit 58848 392k"), 0);
    assert_says(" 8 links at once with 16 resources in and 16 out, ");
    assert_says("\n[memory]\nprofile = mcu\n");
    assert_says("paths to others, ");
    assert_says("fast: 58848 of 58848 bytes; bulk: ");
    assert_int_equal(run(stdout, "--fit 32k 0"), 0);
    assert_says("bytes, without bulk\n");
    assert_says(
        "  no links of others that it carries, no packets of others whose proofs find back");
    assert_int_equal(run(stdout, "--json --fit 96k 8m"), 0);
    assert_int_equal(strncmp(text, "{\"profile\": \"mcu\", \"regions\": {\"fast\": ", 37), 0);
    assert_int_equal(run(stderr, "--fit 20k 1k"), 1);
    assert_says("rnmem: error: that is too small: the least node takes ");
}

// ---- The picture

// The widths of boxes with a class's pattern, times their heights, add up to their panels.
static void the_boxes_fill_their_panels(void **state) {
    (void)state;
    for (rns_profile_t profile = 0; profile < RNS_PROFILE_COUNT; profile++) {
        picture_t *p = test_calloc(1, sizeof *p);
        inventory_t inventory;
        inventory_plan(&inventory, profile, NULL);
        p->inventory = &inventory;
        for (rns_region_t region = 0; region < RNS_REGION_COUNT; region++) {
            const box_t panel = {10, 20, 800, 500};
            double area = 0;
            svg_gather(p, region);
            svg_place(p, panel);
            for (size_t i = 0; i < p->count; i++) {
                const box_t *box = &p->cells[i].box;
                const double share = (double)p->cells[i].row->bytes / (double)p->bytes;
                area += box->width * box->height;
                assert_true(fabs(box->width * box->height / (800 * 500.0) - share) < 1e-6);
                assert_true(box->x > 9.999 && box->x + box->width < 810.001);
                assert_true(box->y > 19.999 && box->y + box->height < 520.001);
            }
            assert_true(fabs(area - 800 * 500.0) < 0.01);
        }
        test_free(p);
    }
}

static void the_picture_names_each_row(void **state) {
    (void)state;
    assert_int_equal(run(stdout, "--profile mcu --svg -"), 0);
    assert_int_equal(strncmp(text, "<svg ", 5), 0);
    assert_says("</svg>\n");
    for (rns_pool_t id = 0; id < RNS_POOL_COUNT; id++) {
        rns_pool_info_t info;
        char in_box[48], in_list[48];
        rns_pool_plan(RNS_PROFILE_MCU, NULL, id, &info);
        snprintf(in_box, sizeof in_box, ">%s</text>", info.name);
        snprintf(in_list, sizeof in_list, "  %s: ", info.name);
        if (info.slots > 0 && strstr(text, in_box) == NULL && strstr(text, in_list) == NULL) {
            fail_msg("%s is not there", info.name);
        }
    }
}

static void a_picture_that_cannot_be_written_is_told(void **state) {
    (void)state;
    assert_int_equal(run(stderr, "--svg /nowhere/at/all.svg"), 1);
    assert_says("rnmem: error: /nowhere/at/all.svg cannot be written: No such file");
    assert_int_equal(run(stderr, "--svg /dev/full"), 1);
    assert_says("rnmem: error: /dev/full cannot be written: No space left");
}

// ---- Bad usage

static void bad_usage_ends_with_2_and_a_reason(void **state) {
    (void)state;
    assert_int_equal(run(stderr, "--profile huge"), 2);
    assert_says("there is no profile 'huge'; there are tiny, mcu, router, server\n");
    assert_int_equal(run(stderr, "--set nothing=1"), 2);
    assert_says("there is no row 'nothing'");
    assert_int_equal(run(stderr, "--set a_name_that_is_longer_than_any_row=1"), 2);
    assert_says("there is no row 'a_name_that_is_longer_than_any_row'");
    assert_int_equal(run(stderr, "--set path"), 2);
    assert_int_equal(run(stderr, "--set path="), 2);
    assert_int_equal(run(stderr, "--set path=-1"), 2);
    assert_int_equal(run(stderr, "--set path=1x"), 2);
    assert_int_equal(run(stderr, "--set path=2147483647"), 2);
    assert_says("'path=2147483647': a row is set as name=count");
    assert_int_equal(run(stderr, "--json --markdown"), 2);
    assert_int_equal(run(stderr, "--json --svg x"), 2);
    assert_int_equal(run(stderr, "--config x --profile mcu"), 2);
    assert_int_equal(run(stderr, "--config x --fit 1m 1m"), 2);
    assert_says("exclude each other\n");
    assert_int_equal(run(stderr, "--fit 96k"), 2);
    assert_says("--fit takes two sizes");
    assert_int_equal(run(stderr, "--fit 96k 512q"), 2);
    assert_says("'512q' is no size");
    assert_int_equal(run(stderr, "--fit 96k 512k path=1"), 2);
    assert_int_equal(run(stderr, "--nonsense"), 2);
}

static void without_an_rnsd_it_ends_with_1_and_one_line(void **state) {
    (void)state;
    assert_int_equal(run(stderr, "--config /nowhere/at/all"), 1);
    assert_string_equal(text, "rnmem: error: no rnsd serves the directory /nowhere/at/all\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_are_set_row_by_row),
        cmocka_unit_test(regions_are_what_the_plan_says),
        cmocka_unit_test(classes_are_summed),
        cmocka_unit_test(the_page_has_a_line_for_each_row),
        cmocka_unit_test(mcu_is_the_audited_inventory),
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(another_versions_rows_are_shown),
        cmocka_unit_test(what_is_no_inventory_is_refused),
        cmocka_unit_test(more_rows_than_there_is_room_for_are_refused),
        cmocka_unit_test(a_proposal_fits_whatever_the_board),
        cmocka_unit_test(the_least_node_is_where_the_sizes_end),
        cmocka_unit_test(twice_the_memory_holds_no_less),
        cmocka_unit_test(what_has_the_memory_of_a_profile_gets_it),
        cmocka_unit_test(sizes_are_bytes_with_k_m_and_g),
        cmocka_unit_test(a_proposal_is_told_in_users_terms),
        cmocka_unit_test(the_boxes_fill_their_panels),
        cmocka_unit_test(the_picture_names_each_row),
        cmocka_unit_test(a_picture_that_cannot_be_written_is_told),
        cmocka_unit_test(bad_usage_ends_with_2_and_a_reason),
        cmocka_unit_test(without_an_rnsd_it_ends_with_1_and_one_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
