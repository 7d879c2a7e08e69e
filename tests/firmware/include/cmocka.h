// cmocka.h -- what the unit tests use of cmocka, for programs on a bare processor, where there is
// no cmocka: the same files of tests/unit run there. A test that fails ends the program with 1.
#ifndef FIRMWARE_CMOCKA_H_INCLUDED
#define FIRMWARE_CMOCKA_H_INCLUDED

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRMWARE_ALIGN 16U

// What malloc() gave, and how much was asked for, stand before what is given.
typedef struct {
    void *all;
    size_t size;
} firmware_block_t;

static inline void *firmware_malloc(size_t size) {
    char *all = (malloc)(size + 2U * FIRMWARE_ALIGN);
    if (all == NULL) {
        return NULL;
    }
    const firmware_block_t block = {all, size};
    char *given = all + 2U * FIRMWARE_ALIGN - (uintptr_t)all % FIRMWARE_ALIGN;
    memcpy(given - sizeof block, &block, sizeof block);
    return given;
}

static inline void *firmware_calloc(size_t count, size_t size) {
    void *given = firmware_malloc(count * size);
    return given != NULL ? memset(given, 0, count * size) : NULL;
}

static inline void firmware_free(void *given) {
    firmware_block_t block = {NULL, 0};
    if (given != NULL) {
        memcpy(&block, (char *)given - sizeof block, sizeof block);
    }
    (free)(block.all);
}

static inline void *firmware_realloc(void *old, size_t size) {
    firmware_block_t block = {NULL, 0};
    void *given = firmware_malloc(size);
    if (given != NULL && old != NULL) {
        memcpy(&block, (char *)old - sizeof block, sizeof block);
        memcpy(given, old, block.size < size ? block.size : size);
        firmware_free(old);
    }
    return given;
}

struct CMUnitTest {
    const char *name;
    void (*test)(void **state);
    int (*setup)(void **state);
    int (*teardown)(void **state);
};

#define cmocka_unit_test(f)                                                                        \
    { #f, f, NULL, NULL }
#define cmocka_unit_test_setup_teardown(f, before, after)                                          \
    { #f, f, before, after }
#define cmocka_unit_test_teardown(f, after)                                                        \
    { #f, f, NULL, after }
#define cmocka_unit_test_setup(f, before)                                                          \
    { #f, f, before, NULL }
#define cmocka_run_group_tests(tests, before, after)                                               \
    firmware_run_tests(tests, sizeof(tests) / sizeof *(tests), before, after)
#define cmocka_run_group_tests_name(name, tests, before, after)                                    \
    cmocka_run_group_tests(tests, before, after)
// A node's memory is aligned for all types; picolibc's malloc() aligns it for 8 bytes only.
#define malloc        firmware_malloc
#define calloc        firmware_calloc
#define realloc       firmware_realloc
#define free          firmware_free
#define test_malloc   firmware_malloc
#define test_calloc   firmware_calloc
#define test_free     firmware_free
#define print_message printf

#define FIRMWARE_ASSERT(good) firmware_assert((good), #good, __FILE__, __LINE__)
#define assert_true(a)        FIRMWARE_ASSERT((a) != 0)
#define assert_false(a)       FIRMWARE_ASSERT((a) == 0)
#define assert_null(a)        FIRMWARE_ASSERT((a) == NULL)
#define assert_non_null(a)    FIRMWARE_ASSERT((a) != NULL)
#define assert_ptr_equal(a, b)                                                                     \
    FIRMWARE_ASSERT((uintptr_t)(const volatile void *)(a) == (uintptr_t)(const volatile void *)(b))
#define assert_ptr_not_equal(a, b)                                                                 \
    FIRMWARE_ASSERT((uintptr_t)(const volatile void *)(a) != (uintptr_t)(const volatile void *)(b))
#define assert_int_equal(a, b)              FIRMWARE_ASSERT((uint64_t)(a) == (uint64_t)(b))
#define assert_int_not_equal(a, b)          FIRMWARE_ASSERT((uint64_t)(a) != (uint64_t)(b))
#define assert_string_equal(a, b)           FIRMWARE_ASSERT(strcmp(a, b) == 0)
#define assert_memory_equal(a, b, size)     FIRMWARE_ASSERT(memcmp(a, b, size) == 0)
#define assert_memory_not_equal(a, b, size) FIRMWARE_ASSERT(memcmp(a, b, size) != 0)
#define assert_in_range(value, first, last)                                                        \
    FIRMWARE_ASSERT((uint64_t)(value) >= (uint64_t)(first) && (uint64_t)(value) <= (uint64_t)(last))
#define fail_msg(...) (printf(__VA_ARGS__), firmware_assert(0, "fail_msg", __FILE__, __LINE__))
#define fail()        firmware_assert(0, "fail", __FILE__, __LINE__)

static inline void firmware_assert(int good, const char *what, const char *file, int line) {
    if (!good) {
        printf("[FAIL] %s:%d: %s\n", file, line, what);
        exit(1);
    }
}

static inline int firmware_run_tests(const struct CMUnitTest *tests, size_t count,
                                     int (*before)(void **), int (*after)(void **)) {
    void *group = NULL;
    firmware_assert(before == NULL || before(&group) == 0, "set-up", __FILE__, __LINE__);
    for (size_t i = 0; i < count; i++) {
        void *state = group;
        firmware_assert(tests[i].setup == NULL || tests[i].setup(&state) == 0, "set-up",
                        tests[i].name, __LINE__);
        tests[i].test(&state);
        firmware_assert(tests[i].teardown == NULL || tests[i].teardown(&state) == 0, "tear-down",
                        tests[i].name, __LINE__);
        printf("[pass] %s\n", tests[i].name);
    }
    firmware_assert(after == NULL || after(&group) == 0, "tear-down", __FILE__, __LINE__);
    return 0;
}

#endif
