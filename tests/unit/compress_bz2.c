// The bzip2 provider against Python's bz2, in arenas of the sizes that the rows have.
#include "count_allocations.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "memory/elements.h"
#include "rns/providers.h"
#include "vectors/bz2.h"

#define SEGMENT 1048575U
#define SMALL   79000U

static const rns_compress_t *const bz2 = &rns_compress_bz2;
static struct rnsi_unpack_small small_row;
static struct rnsi_unpack unpack_row;
static struct rnsi_pack pack_row;
static uint8_t plain[SEGMENT], packed[SEGMENT], out[SEGMENT];

static rns_mem_t arena_of(uint64_t *words, size_t bytes) {
    return (rns_mem_t){(uint8_t *)words, bytes};
}

#define ARENA(row) arena_of((row).arena, sizeof(row).arena)

static rns_bytes_t from_hex(const char *hex) {
    size_t size = strlen(hex) / 2;
    for (size_t i = 0; i < size; i++) {
        unsigned byte = 0;
        assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
        packed[i] = (uint8_t)byte;
    }
    return (rns_bytes_t){packed, size};
}

// The rules of tools/vectors_bz2.py.
static rns_bytes_t counted(size_t size) {
    char line[64];
    size_t at = 0;
    for (unsigned number = 0; at < size; number++) {
        int length = snprintf(line, sizeof line, "line %u of %u\n", number * number % 9973, number);
        size_t room = size - at < (size_t)length ? size - at : (size_t)length;
        memcpy(plain + at, line, room);
        at += room;
    }
    return (rns_bytes_t){plain, size};
}

static rns_bytes_t fours(size_t size) {
    for (size_t i = 0; i < size; i++) {
        plain[i] = (uint8_t)(i / 4 * 7);
    }
    return (rns_bytes_t){plain, size};
}

static rns_bytes_t rounds(size_t size) {
    for (size_t i = 0; i < size; i++) {
        plain[i] = (uint8_t)(i % 251);
    }
    return (rns_bytes_t){plain, size};
}

static rns_bytes_t text(const char *of) {
    return (rns_bytes_t){(const uint8_t *)of, strlen(of)};
}

// Unpacks with input and output in pieces. Returns how it ended; *size: bytes in out.
static rns_unpack_t unpack(rns_mem_t arena, rns_bytes_t in, size_t step, size_t room,
                           size_t *size) {
    rns_unpack_t last = RNS_UNPACK_MORE;
    size_t used = 0;
    *size = 0;
    while (last == RNS_UNPACK_MORE) {
        rns_bytes_t piece = {in.data + used, in.size - used < step ? in.size - used : step};
        rns_mem_t space = {out + *size, sizeof out - *size < room ? sizeof out - *size : room};
        const rns_bytes_t before = piece;
        const rns_mem_t space_before = space;
        last = bz2->unpack_next(arena, &piece, &space);
        used += before.size - piece.size;
        *size += space_before.size - space.size;
        if (piece.size == before.size && space.size == space_before.size) {
            break;
        }
    }
    return last;
}

static void assert_unpacks(rns_mem_t arena, const char *hex, rns_bytes_t wanted) {
    static const size_t steps[][2] = {{1, 1}, {7, 100}, {464, 8192}, {SEGMENT, SEGMENT}};
    rns_bytes_t in = from_hex(hex);
    for (size_t i = wanted.size > SMALL ? 2 : 0; i < 4; i++) {
        size_t size;
        assert_true(bz2->unpack_begin(arena, wanted.size));
        assert_int_equal(unpack(arena, in, steps[i][0], steps[i][1], &size), RNS_UNPACK_END);
        bz2->unpack_end(arena);
        assert_int_equal(size, wanted.size);
        if (size > 0) {
            assert_memory_equal(out, wanted.data, size);
        }
    }
}

static void what_python_packs_is_unpacked(void **state) {
    (void)state;
    assert_unpacks(ARENA(unpack_row), bz2_empty, (rns_bytes_t){NULL, 0});
    assert_unpacks(ARENA(unpack_row), bz2_hello, text("Hello, hello, hello, Reticulum!"));
    assert_unpacks(ARENA(unpack_row), bz2_counted_3000, counted(3000));
    assert_unpacks(ARENA(unpack_row), bz2_rounds_1048575, rounds(SEGMENT));
}

static void below_79000_bytes_the_small_row_does(void **state) {
    (void)state;
    assert_true(bz2->unpack_need(SMALL - 1) <= sizeof small_row.arena);
    assert_unpacks(ARENA(small_row), bz2_hello, text("Hello, hello, hello, Reticulum!"));
    assert_unpacks(ARENA(small_row), bz2_hello_1, text("Hello, hello, hello, Reticulum!"));
    assert_unpacks(ARENA(small_row), bz2_counted_3000, counted(3000));
    // The worst there is: 98,749 of the 99,981 bytes that a block of level 1 holds.
    assert_unpacks(ARENA(small_row), bz2_fours_78999, fours(SMALL - 1));
}

static void a_block_that_is_larger_than_was_said_is_refused(void **state) {
    (void)state;
    size_t size;
    rns_bytes_t in = from_hex(bz2_fours_80100);
    assert_true(bz2->unpack_begin(ARENA(small_row), SMALL - 1));
    assert_int_equal(unpack(ARENA(small_row), in, 464, 8192, &size), RNS_UNPACK_BAD);
    assert_int_equal(size, 0);
    // And stays refused.
    rns_mem_t space = {out, 100};
    assert_int_equal(bz2->unpack_next(ARENA(small_row), &in, &space), RNS_UNPACK_BAD);
    assert_int_equal(space.size, 100);
    bz2->unpack_end(ARENA(small_row));
}

static void a_bomb_makes_no_more_than_there_is_room_for(void **state) {
    (void)state;
    rns_bytes_t in = from_hex(bz2_zeros_5000000);
    assert_true(in.size < 100);
    assert_true(bz2->unpack_begin(ARENA(unpack_row), SEGMENT));
    memset(out, 0x55, sizeof out);
    rns_mem_t space = {out, 1000};
    assert_int_equal(bz2->unpack_next(ARENA(unpack_row), &in, &space), RNS_UNPACK_MORE);
    assert_int_equal(space.size, 0);
    assert_int_equal(out[999], 0);
    assert_int_equal(out[1000], 0x55);
    bz2->unpack_end(ARENA(unpack_row));
}

static void a_stream_that_is_cut_wants_more(void **state) {
    (void)state;
    rns_bytes_t whole = from_hex(bz2_counted_3000);
    for (size_t cut = 0; cut < whole.size; cut++) {
        size_t size;
        assert_true(bz2->unpack_begin(ARENA(small_row), 3000));
        assert_int_equal(
            unpack(ARENA(small_row), (rns_bytes_t){whole.data, cut}, 464, SEGMENT, &size),
            RNS_UNPACK_MORE);
        assert_true(size == 0 || size == 3000); // the end is what comes after the one block
        bz2->unpack_end(ARENA(small_row));
    }
}

// A few bits say nothing that the data depends on (tables that no group uses).
static void a_stream_that_is_damaged_does_not_end_with_other_data(void **state) {
    (void)state;
    size_t refused = 0;
    rns_bytes_t whole = from_hex(bz2_counted_3000);
    rns_bytes_t wanted = counted(3000);
    for (size_t bit = 0; bit < 8 * whole.size; bit++) {
        size_t size;
        packed[bit / 8] ^= (uint8_t)(1U << bit % 8);
        assert_true(bz2->unpack_begin(ARENA(small_row), 3000));
        if (unpack(ARENA(small_row), whole, 464, 8192, &size) == RNS_UNPACK_END) {
            assert_int_equal(size, 3000);
            assert_memory_equal(out, wanted.data, 3000);
        } else {
            refused++;
        }
        bz2->unpack_end(ARENA(small_row));
        packed[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    assert_true(refused > 8 * whole.size * 9 / 10);
}

static void a_level_that_does_not_exist_is_refused(void **state) {
    (void)state;
    static const char levels[] = {'0', ':', '\0', (char)0xFF};
    for (size_t i = 0; i < sizeof levels; i++) {
        size_t size;
        rns_bytes_t in = from_hex(bz2_hello);
        packed[3] = (uint8_t)levels[i];
        assert_true(bz2->unpack_begin(ARENA(unpack_row), SEGMENT));
        assert_int_equal(unpack(ARENA(unpack_row), in, 464, 8192, &size), RNS_UNPACK_BAD);
        bz2->unpack_end(ARENA(unpack_row));
    }
}

static void what_follows_the_end_is_left(void **state) {
    (void)state;
    rns_bytes_t in = from_hex(bz2_hello);
    memset(packed + in.size, 'x', 10);
    in.size += 10;
    rns_mem_t space = {out, 100};
    assert_true(bz2->unpack_begin(ARENA(small_row), 100));
    assert_int_equal(bz2->unpack_next(ARENA(small_row), &in, &space), RNS_UNPACK_END);
    assert_int_equal(in.size, 10);
    assert_int_equal(space.size, 100 - 31);
    assert_int_equal(bz2->unpack_next(ARENA(small_row), &in, &space), RNS_UNPACK_END);
    assert_int_equal(in.size, 10);
    bz2->unpack_end(ARENA(small_row));
}

static void an_arena_that_is_too_small_or_crooked_is_refused(void **state) {
    (void)state;
    rns_mem_t arena = ARENA(unpack_row);
    arena.size = bz2->unpack_need(SEGMENT) - 1;
    assert_false(bz2->unpack_begin(arena, SEGMENT));
    arena.size = bz2->unpack_need(100) - 1;
    assert_false(bz2->unpack_begin(arena, 100));
    arena = ARENA(unpack_row);
    arena.data++;
    arena.size--;
    assert_false(bz2->unpack_begin(arena, SEGMENT));
    arena = ARENA(pack_row);
    arena.size = bz2->pack_need(100) - 1;
    assert_int_equal(bz2->pack(arena, text("Hello"), (rns_mem_t){out, 1000}), 0);
}

// 5/4 of what is to come fit a block of the level; small mode takes 2.5 bytes for each of it.
static void needs_are_what_libbz2_takes(void **state) {
    (void)state;
    assert_int_equal(bz2->unpack_need(0), 64512 + 250000);
    assert_int_equal(bz2->unpack_need(SMALL - 1), 64512 + 250000);
    assert_int_equal(bz2->unpack_need(80000), 64512 + 500000);
    assert_int_equal(bz2->unpack_need(700000), 64512 + 2250000);
    assert_int_equal(bz2->unpack_need(SEGMENT), 64512 + 2250000);
    assert_int_equal(bz2->pack_need(SMALL), 318464 + 800000);
    assert_int_equal(bz2->pack_need(SEGMENT), 318464 + 7200000);
    assert_true(bz2->unpack_need(SEGMENT) <= sizeof unpack_row.arena);
    assert_true(bz2->pack_need(SEGMENT) <= sizeof pack_row.arena);
}

// At each level, in both modes, an arena of exactly the size that is asked for is enough.
static void each_level_works_in_what_it_asks_for(void **state) {
    (void)state;
    for (size_t size = 79948; size < SEGMENT; size += 80000) {
        size_t got;
        rns_bytes_t in = counted(size);
        rns_mem_t arena = ARENA(pack_row);
        arena.size = bz2->pack_need(size);
        size_t packed_size = bz2->pack(arena, in, (rns_mem_t){packed, sizeof packed});
        assert_true(packed_size > 0 && packed_size < size);
        packed[3] = '9';
        for (int mode = 0; mode < 2; mode++) {
            arena = ARENA(unpack_row);
            arena.size = mode == 0 ? bz2->unpack_need(size)
                                   : (bz2->unpack_need(size) - 64512) / 5 * 8 + 64512;
            assert_true(bz2->unpack_begin(arena, size));
            assert_int_equal(
                unpack(arena, (rns_bytes_t){packed, packed_size}, SEGMENT, SEGMENT, &got),
                RNS_UNPACK_END);
            bz2->unpack_end(arena);
            assert_int_equal(got, size);
            assert_memory_equal(out, plain, size);
        }
    }
}

static void assert_packs(rns_bytes_t in, const char *hex, char level) {
    size_t size = bz2->pack(ARENA(pack_row), in, (rns_mem_t){out, sizeof out});
    rns_bytes_t wanted = from_hex(hex);
    packed[3] = (uint8_t)level;
    assert_int_equal(size, wanted.size);
    assert_memory_equal(out, packed, size);
}

// Python's level 9 and a lower one differ in the level byte alone while all is in one block.
static void packing_gives_what_python_gives(void **state) {
    (void)state;
    assert_packs(text(""), bz2_empty, '1');
    assert_packs(text("Hello, hello, hello, Reticulum!"), bz2_hello, '1');
    assert_packs(counted(3000), bz2_counted_3000, '1');
    assert_packs(fours(78999), bz2_fours_78999, '1');
    assert_packs(fours(80100), bz2_fours_80100, '2');
    assert_packs(rounds(SEGMENT), bz2_rounds_1048575, '9');
}

static void packing_uses_the_level_that_fits(void **state) {
    (void)state;
    rns_mem_t arena = ARENA(pack_row);
    arena.size = bz2->pack_need(79000) + 800000;
    size_t size = bz2->pack(arena, counted(SEGMENT), (rns_mem_t){packed, sizeof packed});
    assert_true(size > 0);
    assert_int_equal(packed[3], '2');
    size_t got;
    assert_true(bz2->unpack_begin(ARENA(unpack_row), SEGMENT));
    assert_int_equal(unpack(ARENA(unpack_row), (rns_bytes_t){packed, size}, SEGMENT, SEGMENT, &got),
                     RNS_UNPACK_END);
    bz2->unpack_end(ARENA(unpack_row));
    assert_int_equal(got, SEGMENT);
    assert_memory_equal(out, plain, SEGMENT);
}

static void packing_stops_where_the_room_ends(void **state) {
    (void)state;
    rns_bytes_t in = counted(3000);
    size_t whole = bz2->pack(ARENA(pack_row), in, (rns_mem_t){out, sizeof out});
    assert_int_equal(bz2->pack(ARENA(pack_row), in, (rns_mem_t){out, whole}), whole);
    memset(out, 0x55, sizeof out);
    assert_int_equal(bz2->pack(ARENA(pack_row), in, (rns_mem_t){out, whole - 1}), 0);
    assert_int_equal(out[whole - 1], 0x55);
    assert_int_equal(bz2->pack(ARENA(pack_row), in, (rns_mem_t){out, 0}), 0);
}

static void nothing_is_allocated(void **state) {
    (void)state;
#ifdef SANITIZED
    skip();
#endif
    size_t got, size;
    rns_bytes_t in = counted(200000);
    size_t before = allocations;
    size = bz2->pack(ARENA(pack_row), in, (rns_mem_t){packed, sizeof packed});
    bool begun = bz2->unpack_begin(ARENA(unpack_row), 200000);
    rns_unpack_t end =
        unpack(ARENA(unpack_row), (rns_bytes_t){packed, size}, SEGMENT, SEGMENT, &got);
    bz2->unpack_end(ARENA(unpack_row));
    size_t after = allocations;
    assert_int_equal(after - before, 0);
    assert_true(begun);
    assert_int_equal(end, RNS_UNPACK_END);
    free(malloc(1));
    assert_true(allocations > after); // so the counter stands where it must
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_python_packs_is_unpacked),
        cmocka_unit_test(below_79000_bytes_the_small_row_does),
        cmocka_unit_test(a_block_that_is_larger_than_was_said_is_refused),
        cmocka_unit_test(a_bomb_makes_no_more_than_there_is_room_for),
        cmocka_unit_test(a_stream_that_is_cut_wants_more),
        cmocka_unit_test(a_stream_that_is_damaged_does_not_end_with_other_data),
        cmocka_unit_test(a_level_that_does_not_exist_is_refused),
        cmocka_unit_test(what_follows_the_end_is_left),
        cmocka_unit_test(an_arena_that_is_too_small_or_crooked_is_refused),
        cmocka_unit_test(needs_are_what_libbz2_takes),
        cmocka_unit_test(each_level_works_in_what_it_asks_for),
        cmocka_unit_test(packing_gives_what_python_gives),
        cmocka_unit_test(packing_uses_the_level_that_fits),
        cmocka_unit_test(packing_stops_where_the_room_ends),
        cmocka_unit_test(nothing_is_allocated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
