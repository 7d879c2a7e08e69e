// Worker threads that check signatures: the queue of a node is played by this file.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <uv.h>

#include "host/verify.h"

#define JOBS 1000U

static unsigned taken, answered, right;
static uint8_t answers[JOBS];
static rns_node_t *const node = NULL; // nobody looks into it

bool rns_job_take(rns_node_t *of, rns_job_t *job) {
    assert_ptr_equal(of, node);
    if (taken == JOBS) {
        return false;
    }
    memset(job, 0, sizeof *job);
    job->slot = taken++;
    job->space[0] = job->slot % 3 == 0; // whether it is valid
    job->signature = job->pub = job->space;
    job->message = (rns_bytes_t){job->space, sizeof job->space};
    return true;
}

void rns_job_done(rns_node_t *of, rns_us_t now, const rns_job_t *job, bool valid) {
    assert_ptr_equal(of, node);
    (void)now;
    answered++;
    answers[job->slot]++;
    right += valid == (job->slot % 3 == 0);
}

static bool open_crypto(void *self) {
    (void)self;
    return true;
}

static void close_crypto(void *self) {
    (void)self;
}

static bool check(void *self, const uint8_t sig[64], const uint8_t pub[32], const void *m,
                  size_t size) {
    unsigned long sum = 0;
    (void)self;
    (void)pub;
    for (size_t round = 0; round < 20; round++) { // some work, so that the threads meet
        for (size_t i = 0; i < size; i++) {
            sum += ((const uint8_t *)m)[i];
        }
    }
    return sig[0] == 1 && sum == 20;
}

static const rns_crypto_t crypto = {
    .open = open_crypto, .close = close_crypto, .ed25519_verify = check, .self_is_shared = true};
static const rns_crypto_t lonely = {
    .open = open_crypto, .close = close_crypto, .ed25519_verify = check, .self_is_shared = false};

static void start(uv_loop_t *loop) {
    taken = answered = right = 0;
    memset(answers, 0, sizeof answers);
    assert_int_equal(uv_loop_init(loop), 0);
}

static void stop(uv_loop_t *loop, verify_t *verify) {
    verify_close(verify);
    (void)uv_run(loop, UV_RUN_DEFAULT);
    verify_free(verify);
    assert_int_equal(uv_loop_close(loop), 0);
}

static void on_alarm(uv_timer_t *timer) {
    (void)timer;
    fail_msg("not all jobs were answered");
}

// The loop is kept alive and from hanging by a timer; only the workers wake it.
static void run_jobs(unsigned threads, size_t here) {
    uv_loop_t loop;
    uv_timer_t alarm;
    start(&loop);
    verify_t *verify = verify_open(&loop, &crypto, threads);
    assert_non_null(verify);
    assert_int_equal(uv_timer_init(&loop, &alarm), 0);
    assert_int_equal(uv_timer_start(&alarm, on_alarm, 20000, 0), 0);
    while (answered < JOBS) {
        const bool more = verify_feed(verify, node);
        const size_t checked = more ? verify_here(verify, node, here) : 0;
        if (verify_collect(verify, node, 0) == 0 && checked == 0) {
            (void)uv_run(&loop, UV_RUN_ONCE);
        }
    }
    uv_close((uv_handle_t *)&alarm, NULL);
    stop(&loop, verify);
    assert_int_equal(right, JOBS);
    for (unsigned i = 0; i < JOBS; i++) {
        assert_int_equal(answers[i], 1);
    }
}

static void each_job_gets_its_answer_once(void **state) {
    (void)state;
    run_jobs(1, 0);
    run_jobs(4, 0);
}

static void the_loop_may_check_beside_the_workers(void **state) {
    (void)state;
    run_jobs(2, 3);
}

static void it_ends_with_jobs_under_way(void **state) {
    uv_loop_t loop;
    (void)state;
    start(&loop);
    verify_t *verify = verify_open(&loop, &crypto, 2);
    assert_non_null(verify);
    assert_true(verify_feed(verify, node));
    stop(&loop, verify);
    assert_int_equal(answered, 0);
}

static void a_provider_for_one_thread_gets_no_workers(void **state) {
    uv_loop_t loop;
    (void)state;
    start(&loop);
    assert_null(verify_open(&loop, &lonely, 2));
    assert_int_equal(uv_loop_close(&loop), 0);
}

static void no_more_jobs_are_under_way_than_there_is_room_for(void **state) {
    uv_loop_t loop;
    (void)state;
    start(&loop);
    verify_t *verify = verify_open(&loop, &crypto, 1);
    assert_non_null(verify);
    assert_true(verify_feed(verify, node));
    assert_int_equal(taken, VERIFY_JOBS);
    assert_true(verify_feed(verify, node));
    assert_int_equal(taken, VERIFY_JOBS);
    stop(&loop, verify);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_job_gets_its_answer_once),
        cmocka_unit_test(the_loop_may_check_beside_the_workers),
        cmocka_unit_test(it_ends_with_jobs_under_way),
        cmocka_unit_test(a_provider_for_one_thread_gets_no_workers),
        cmocka_unit_test(no_more_jobs_are_under_way_than_there_is_room_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
