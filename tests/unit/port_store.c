// The store of the ports: records in flash that is erased by sectors and written once, while the
// power goes at every single unit that is written and every sector that is erased.
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "ports/common/store.h"

#define SECTORS      8U
#define SECTOR_BYTES 512U
#define SIZE         (SECTORS * SECTOR_BYTES)
#define KEYS         6U
#define KIND         5U // kept
#define CACHE        7U // kept, and may be dropped
#define ENTRIES      40U
#define STEPS        260U // of the work that is cut
#define NEVER        UINT32_MAX

typedef struct {
    uint8_t bytes[SIZE];
    uint32_t steps_left; // units written and sectors erased until the power goes
    uint32_t steps, dice;
    uint32_t rewrites; // units that were to be written without being erased
    bool is_off;
} chip_t;

static chip_t chip;

static uint32_t roll(uint32_t sides) {
    chip.dice = chip.dice * 1664525U + 1013904223U;
    return (chip.dice >> 8) % sides;
}

static bool chip_read(void *self, uint32_t at, rns_mem_t out) {
    (void)self;
    assert_true(at <= SIZE && out.size <= SIZE - at);
    memcpy(out.data, chip.bytes + at, out.size);
    return !chip.is_off;
}

static bool power_goes(void) {
    chip.steps++;
    if (chip.steps_left == 0) {
        chip.is_off = true;
    } else if (chip.steps_left != NEVER) {
        chip.steps_left--;
    }
    return chip.is_off;
}

static bool chip_write(void *self, uint32_t at, rns_bytes_t bytes) {
    (void)self;
    assert_true(at % BOARD_FLASH_UNIT == 0 && bytes.size % BOARD_FLASH_UNIT == 0);
    assert_true(at <= SIZE && bytes.size <= SIZE - at);
    for (size_t done = 0; done < bytes.size && !chip.is_off; done += BOARD_FLASH_UNIT) {
        uint8_t *unit = chip.bytes + at + done;
        for (size_t i = 0; i < BOARD_FLASH_UNIT; i++) {
            chip.rewrites += unit[i] != 0xFF;
        }
        if (power_goes()) { // some of its bytes are written, of one some bits
            const uint32_t whole = roll(BOARD_FLASH_UNIT);
            memcpy(unit, bytes.data + done, whole);
            unit[whole] = (uint8_t)(bytes.data[done + whole] | roll(256));
        } else {
            memcpy(unit, bytes.data + done, BOARD_FLASH_UNIT);
        }
    }
    return !chip.is_off;
}

static bool chip_erase(void *self, uint32_t sector) {
    (void)self;
    assert_true(sector < SECTORS);
    if (chip.is_off) {
        return false;
    }
    uint8_t *start = chip.bytes + sector * SECTOR_BYTES;
    if (!power_goes()) {
        memset(start, 0xFF, SECTOR_BYTES);
        return true;
    }
    // Half erased: from some byte on, or up to it, with bits that are neither.
    const uint32_t at = roll(SECTOR_BYTES);
    const bool is_end = roll(2) == 0;
    memset(is_end ? start + at : start, 0xFF, is_end ? SECTOR_BYTES - at : at);
    for (uint32_t i = at; i < SECTOR_BYTES && i < at + 8U; i++) {
        start[i] |= (uint8_t)roll(256);
    }
    return false;
}

static const board_flash_t flash = {SECTORS, SECTOR_BYTES, chip_read, chip_write, chip_erase, NULL};

typedef struct {
    store_t store;
    store_entry_t entries[ENTRIES];
    uint8_t buffer[SECTOR_BYTES];
} bed_t;

static bed_t bed;

static bool start(void) {
    memset(&bed, 0xA5, sizeof bed);
    chip.is_off = false;
    bed.store = (store_t){.flash = &flash,
                          .kinds = 1U << KIND | 1U << CACHE,
                          .caches = 1U << CACHE,
                          .entries = bed.entries,
                          .entry_most = ENTRIES,
                          .buffer = bed.buffer};
    return store_open(&bed.store);
}

static void new_chip(uint8_t filled_with) {
    memset(&chip, 0, sizeof chip);
    memset(chip.bytes, filled_with, SIZE);
    chip.steps_left = NEVER;
    chip.dice = 1;
}

static rns_bytes_t key_of(const uint8_t *number) {
    return (rns_bytes_t){number, 1};
}

// The value of a key in a generation, of a size that depends on both.
static rns_bytes_t value_of(uint8_t key, uint32_t generation, uint8_t out[128]) {
    const size_t size = 1U + (key * 37U + generation * 11U) % 100U;
    for (size_t i = 0; i < size; i++) {
        out[i] = (uint8_t)(key * 50U + generation * 7U + i);
    }
    return (rns_bytes_t){out, size};
}

// What the records must be: a generation each, 0 for none.
static uint32_t expected[KEYS];
static uint8_t pending_key; // while it is written, either will do
static uint32_t pending;
static bool is_pending;

static bool holds(uint8_t key, uint32_t generation) {
    uint8_t want[128], got[128];
    const size_t size = store_get(&bed.store, KIND, key_of(&key), (rns_mem_t){got, sizeof got});
    if (generation == 0) {
        return size == 0;
    }
    const rns_bytes_t value = value_of(key, generation, want);
    return size == value.size && memcmp(got, value.data, size) == 0;
}

static void settle(void) {
    if (is_pending && holds(pending_key, pending)) {
        expected[pending_key] = pending;
    }
    is_pending = false;
}

static void check_records(void) {
    for (uint8_t key = 0; key < KEYS; key++) {
        assert_true(holds(key, expected[key]));
    }
    assert_int_equal(chip.rewrites, 0);
}

// Puts or deletes, making room where that has to be done first. false: the power has gone.
static bool change(uint8_t key, uint32_t generation) {
    uint8_t out[128];
    pending_key = key;
    pending = generation;
    is_pending = true;
    for (;;) {
        const bool done = generation == 0 ? store_del(&bed.store, KIND, key_of(&key))
                                          : store_put(&bed.store, KIND, key_of(&key),
                                                      value_of(key, generation, out));
        if (chip.is_off) {
            return false;
        }
        if (done) {
            break;
        }
        const bool worked = store_work(&bed.store);
        if (chip.is_off) {
            return false;
        }
        assert_true(worked);
    }
    expected[key] = generation;
    is_pending = false;
    return true;
}

// Work from a step on; returns the step that was not done any more.
static uint32_t work(uint32_t step) {
    for (; step < STEPS; step++) {
        const uint32_t mix = (step + 1U) * 2654435761U;
        const uint32_t generation = (mix >> 28) == 0 ? 0 : step + 1U;
        if (!change((uint8_t)((mix >> 16) % KEYS), generation)) {
            return step + 1U; // done or not, it is not repeated
        }
        if (mix >> 30 == 0 && store_work(&bed.store) && chip.is_off) {
            return step + 1U;
        }
    }
    return step;
}

static void reset_expected(void) {
    memset(expected, 0, sizeof expected);
    is_pending = false;
}

static void records_survive_without_cuts(void **state) {
    (void)state;
    new_chip(0xFF);
    reset_expected();
    assert_true(start());
    assert_int_equal(work(0), STEPS);
    check_records();
    assert_true(start());
    check_records();
    assert_true(bed.store.head > 3 * SECTORS); // round several times
    assert_int_equal(bed.store.damaged, 0);
}

// The power goes at each point, then the rest of the work is done.
static void records_survive_a_cut_at_every_point(void **state) {
    (void)state;
    uint32_t points = 0;
    for (uint32_t cut = 0;; cut++) {
        new_chip(0xFF);
        chip.dice = cut;
        chip.steps_left = cut;
        reset_expected();
        uint32_t step = start() ? work(0) : 0;
        if (!chip.is_off) {
            break;
        }
        chip.steps_left = NEVER;
        assert_true(start());
        settle();
        check_records();
        assert_int_equal(work(step), STEPS);
        check_records();
        assert_true(start());
        check_records();
        points++;
    }
    assert_true(points > 1000);
}

// The power goes again and again, a few units after it was back.
static void records_survive_cuts_while_it_recovers(void **state) {
    (void)state;
    for (uint32_t seed = 0; seed < 400; seed++) {
        new_chip(0xFF);
        chip.dice = seed;
        reset_expected();
        for (uint32_t step = 0, cuts = 0; step < STEPS; cuts++) {
            chip.steps_left = cuts < 300 ? roll(24) : NEVER;
            if (start()) {
                settle();
                check_records();
                step = work(step);
            }
        }
        chip.steps_left = NEVER;
        assert_true(start());
        settle();
        check_records();
    }
}

// Making room where that has to be done first.
static void put(unsigned kind, uint8_t key, rns_bytes_t value) {
    while (!store_put(&bed.store, kind, key_of(&key), value)) {
        assert_true(store_work(&bed.store));
    }
}

static void what_stands_in_flash_that_was_never_ours_is_overwritten(void **state) {
    (void)state;
    for (uint32_t filling = 0; filling < 256; filling += 51) {
        new_chip((uint8_t)filling);
        reset_expected();
        assert_true(start());
        uint8_t out[128];
        put(KIND, 1, value_of(1, 1, out));
        assert_true(start());
        assert_true(holds(1, 1));
    }
}

static void the_same_value_again_is_not_written(void **state) {
    (void)state;
    new_chip(0xFF);
    reset_expected();
    assert_true(start());
    assert_true(change(2, 9));
    const uint32_t steps = chip.steps;
    assert_true(change(2, 9));
    assert_int_equal(chip.steps, steps);
    assert_true(change(3, 0)); // it was never there
    assert_int_equal(chip.steps, steps);
}

static void count_one(void *context, rns_bytes_t key, rns_bytes_t value) {
    uint32_t *seen = context;
    uint8_t want[128];
    assert_int_equal(key.size, 1);
    const rns_bytes_t wanted = value_of(key.data[0], expected[key.data[0]], want);
    assert_int_equal(value.size, wanted.size);
    assert_memory_equal(value.data, wanted.data, value.size);
    *seen += 1U << key.data[0];
}

static void each_record_of_a_kind_is_handed_out_once(void **state) {
    (void)state;
    uint32_t seen = 0;
    const uint8_t other = 1;
    new_chip(0xFF);
    reset_expected();
    assert_true(start());
    assert_true(change(1, 3) && change(2, 4) && change(1, 5) && change(4, 6) && change(4, 0));
    assert_true(store_put(&bed.store, CACHE, key_of(&other), (rns_bytes_t){&other, 1}));
    store_each(&bed.store, KIND, &seen, count_one);
    assert_int_equal(seen, 1U << 1 | 1U << 2);
}

static void caches_make_room_and_others_stay(void **state) {
    (void)state;
    uint8_t number = 1, out[128], value[128] = {0};
    new_chip(0xFF);
    reset_expected();
    assert_true(start());
    assert_true(change(0, 1) && change(5, 2));
    for (number = 1; number < 200; number++) {
        value[0] = number;
        put(CACHE, number, (rns_bytes_t){value, 100});
    }
    assert_true(bed.store.dropped > 100);
    check_records();
    number = 199; // the newest is there, the oldest is not
    assert_int_equal(store_get(&bed.store, CACHE, key_of(&number), (rns_mem_t){out, 128}), 100);
    assert_int_equal(out[0], 199);
    number = 1;
    assert_int_equal(store_get(&bed.store, CACHE, key_of(&number), (rns_mem_t){out, 128}), 0);
    assert_true(start());
    check_records();
}

static void what_must_stay_is_refused_when_it_does_not_fit(void **state) {
    (void)state;
    uint8_t value[128] = {0};
    uint32_t kept = 0;
    new_chip(0xFF);
    assert_true(start());
    for (uint8_t number = 0; number < 100; number++) {
        bool done;
        while (!(done = store_put(&bed.store, KIND, key_of(&number), (rns_bytes_t){value, 100})) &&
               store_work(&bed.store)) {
        }
        if (!done) {
            break;
        }
        kept++;
    }
    assert_true(kept >= 5 && kept < 100 && bed.store.refused > 0);
    assert_true(start());
    assert_int_equal(bed.store.entry_count, kept);
}

static void what_is_not_kept_or_never_fits_is_forgotten(void **state) {
    (void)state;
    uint8_t key = 1, large[SECTOR_BYTES] = {0};
    new_chip(0xFF);
    assert_true(start());
    const uint32_t steps = chip.steps;
    assert_true(store_put(&bed.store, 9, key_of(&key), (rns_bytes_t){large, 5}));
    assert_true(store_put(&bed.store, KIND, key_of(&key), (rns_bytes_t){large, sizeof large}));
    assert_int_equal(chip.steps, steps);
    assert_int_equal(bed.store.refused, 1);
    assert_int_equal(bed.store.entry_count, 0);
}

static void too_little_flash_is_refused(void **state) {
    (void)state;
    new_chip(0xFF);
    board_flash_t small = flash;
    store_t store = {.flash = &small, .buffer = bed.buffer, .entries = bed.entries};
    small.sectors = 5;
    assert_false(store_open(&store));
    small.sectors = SECTORS;
    small.sector_bytes = 256;
    assert_false(store_open(&store));
}

// Where the first record of the first sector stands.
#define FIRST (SECTOR_BYTES + BOARD_FLASH_UNIT)

static void a_record_whose_head_has_changed_is_not_believed(void **state) {
    (void)state;
    uint8_t key = 1, out[128];
    new_chip(0xFF);
    reset_expected();
    assert_true(start());
    assert_true(change(1, 3));
    assert_int_equal(chip.bytes[FIRST + 2U], KIND);
    chip.bytes[FIRST + 2U] = CACHE;
    assert_true(start());
    assert_int_equal(store_get(&bed.store, CACHE, key_of(&key), (rns_mem_t){out, sizeof out}), 0);
    assert_int_equal(bed.store.damaged, 1);
}

static void nothing_is_written_where_the_rest_of_a_sector_is_not_blank(void **state) {
    (void)state;
    new_chip(0xFF);
    reset_expected();
    assert_true(start());
    assert_true(change(1, 3));
    const uint32_t next = FIRST + (uint32_t)bed.store.live_bytes;
    chip.bytes[next + BOARD_FLASH_UNIT] = 0; // the unit that is looked at first is blank
    assert_true(start());
    check_records();
    assert_int_equal(work(0), STEPS);
    check_records();
    assert_true(start());
    check_records();
}

// Ten records of 48 bytes are what a sector holds behind its head, to the last unit but one: copied
// they must leave room for the mark that says so.
static void a_sector_full_of_records_that_count_can_be_left(void **state) {
    (void)state;
    uint8_t value[31] = {0};
    new_chip(0xFF);
    assert_true(start());
    for (uint32_t step = 0; step < 400; step++) {
        value[0] = (uint8_t)step;
        put(KIND, step < 10 ? (uint8_t)step : 10, (rns_bytes_t){value, sizeof value});
    }
    assert_true(start());
    assert_int_equal(bed.store.entry_count, 11);
    assert_int_equal(bed.store.damaged, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_survive_without_cuts),
        cmocka_unit_test(records_survive_a_cut_at_every_point),
        cmocka_unit_test(records_survive_cuts_while_it_recovers),
        cmocka_unit_test(what_stands_in_flash_that_was_never_ours_is_overwritten),
        cmocka_unit_test(the_same_value_again_is_not_written),
        cmocka_unit_test(each_record_of_a_kind_is_handed_out_once),
        cmocka_unit_test(caches_make_room_and_others_stay),
        cmocka_unit_test(what_must_stay_is_refused_when_it_does_not_fit),
        cmocka_unit_test(what_is_not_kept_or_never_fits_is_forgotten),
        cmocka_unit_test(too_little_flash_is_refused),
        cmocka_unit_test(a_record_whose_head_has_changed_is_not_believed),
        cmocka_unit_test(nothing_is_written_where_the_rest_of_a_sector_is_not_blank),
        cmocka_unit_test(a_sector_full_of_records_that_count_can_be_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
