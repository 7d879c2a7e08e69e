// verify.c -- see verify.h.
#include "host/verify.h"

#include <stdlib.h>

#include "host/clock.h"

#define THREAD_STACK 262144U // bytes
#define WAKE_EACH    16U     // answers, while more jobs wait: a wake-up costs a turn of the loop

_Static_assert((VERIFY_JOBS & (VERIFY_JOBS - 1)) == 0, "the rings wrap around by a mask");

// Numbers of jobs. It has room for all there are.
typedef struct {
    uint8_t number[VERIFY_JOBS];
    unsigned head, tail; // head is next to be taken, tail next to be put
} ring_t;

struct verify {
    const rns_crypto_t *crypto;
    void *self; // of the provider, for all workers
    uv_async_t wake;
    uv_thread_t thread[VERIFY_THREADS_MAX];
    unsigned threads;

    uv_mutex_t lock; // what follows is shared
    uv_cond_t work;
    ring_t waiting, answered;
    bool ends;
    bool valid[VERIFY_JOBS];    // the worker's until it is answered
    rns_job_t job[VERIFY_JOBS]; // the worker's while it waits and until it is answered
    ring_t idle;                // the loop's alone
};

static bool is_empty(const ring_t *ring) {
    return ring->head == ring->tail;
}

static void put(ring_t *ring, uint8_t number) {
    ring->number[ring->tail++ & (VERIFY_JOBS - 1)] = number;
}

static uint8_t take(ring_t *ring) {
    return ring->number[ring->head++ & (VERIFY_JOBS - 1)];
}

static bool check(const verify_t *verify, const rns_job_t *job) {
    return verify->crypto->ed25519_verify(verify->self, job->signature, job->pub, job->message.data,
                                          job->message.size);
}

// With the lock. True: the loop should hear of it.
static bool answer(verify_t *verify, uint8_t number) {
    put(&verify->answered, number);
    const unsigned answers = verify->answered.tail - verify->answered.head;
    return is_empty(&verify->waiting) || answers % WAKE_EACH == 0;
}

static void work(void *argument) {
    verify_t *verify = argument;
    uv_mutex_lock(&verify->lock);
    while (!verify->ends) {
        if (is_empty(&verify->waiting)) {
            uv_cond_wait(&verify->work, &verify->lock);
            continue;
        }
        const uint8_t number = take(&verify->waiting);
        uv_mutex_unlock(&verify->lock);
        const bool valid = check(verify, &verify->job[number]);
        uv_mutex_lock(&verify->lock);
        verify->valid[number] = valid;
        if (answer(verify, number)) {
            (void)uv_async_send(&verify->wake);
        }
    }
    uv_mutex_unlock(&verify->lock);
}

// The turn of the loop that this wakes collects the answers.
static void on_wake(uv_async_t *wake) {
    (void)wake;
}

static bool open_crypto(verify_t *verify, const rns_crypto_t *crypto) {
    verify->crypto = crypto;
    if (crypto->state_size > 0) {
        verify->self = calloc(1, crypto->state_size);
        if (verify->self == NULL) {
            return false;
        }
    }
    return crypto->open(verify->self);
}

static bool open_lock(verify_t *verify) {
    if (uv_mutex_init(&verify->lock) != 0) {
        return false;
    }
    if (uv_cond_init(&verify->work) != 0) {
        uv_mutex_destroy(&verify->lock);
        return false;
    }
    return true;
}

static void start_threads(verify_t *verify, unsigned threads) {
    const uv_thread_options_t options = {UV_THREAD_HAS_STACK_SIZE, THREAD_STACK};
    while (verify->threads < threads && verify->threads < VERIFY_THREADS_MAX &&
           uv_thread_create_ex(&verify->thread[verify->threads], &options, work, verify) == 0) {
        verify->threads++;
    }
}

verify_t *verify_open(uv_loop_t *loop, const rns_crypto_t *crypto, unsigned threads) {
    verify_t *verify = crypto->self_is_shared ? calloc(1, sizeof *verify) : NULL;
    if (verify == NULL) {
        return NULL;
    }
    if (!open_crypto(verify, crypto)) {
        free(verify->self);
        free(verify);
        return NULL;
    }
    if (!open_lock(verify)) {
        crypto->close(verify->self);
        free(verify->self);
        free(verify);
        return NULL;
    }
    for (unsigned number = 0; number < VERIFY_JOBS; number++) {
        put(&verify->idle, (uint8_t)number);
    }
    if (uv_async_init(loop, &verify->wake, on_wake) != 0) {
        verify_free(verify);
        return NULL;
    }
    uv_unref((uv_handle_t *)&verify->wake);
    start_threads(verify, threads);
    return verify;
}

unsigned verify_default_threads(void) {
    const unsigned cores = uv_available_parallelism();
    return cores - 1 < VERIFY_THREADS_MAX ? cores - 1 : VERIFY_THREADS_MAX;
}

bool verify_feed(verify_t *verify, rns_node_t *node) {
    unsigned fed = 0;
    bool more = true;
    while (!is_empty(&verify->idle)) {
        const uint8_t number = verify->idle.number[verify->idle.head & (VERIFY_JOBS - 1)];
        more = rns_job_take(node, &verify->job[number]);
        if (!more) {
            break;
        }
        uv_mutex_lock(&verify->lock);
        put(&verify->waiting, take(&verify->idle));
        uv_mutex_unlock(&verify->lock);
        fed++;
    }
    if (fed > 1) {
        uv_cond_broadcast(&verify->work);
    } else if (fed == 1) {
        uv_cond_signal(&verify->work);
    }
    return more;
}

size_t verify_collect(verify_t *verify, rns_node_t *node, rns_us_t now) {
    ring_t answered;
    uv_mutex_lock(&verify->lock);
    answered = verify->answered;
    verify->answered.head = verify->answered.tail;
    uv_mutex_unlock(&verify->lock);
    const size_t count = answered.tail - answered.head;
    while (!is_empty(&answered)) {
        const uint8_t number = take(&answered);
        rns_job_done(node, now, &verify->job[number], verify->valid[number]);
        put(&verify->idle, number);
    }
    return count;
}

size_t verify_here(verify_t *verify, rns_node_t *node, size_t most) {
    rns_job_t job;
    size_t count = 0;
    while (count < most && rns_job_take(node, &job)) {
        rns_job_done(node, clock_now(), &job, check(verify, &job));
        count++;
    }
    return count;
}

// A job that no worker has begun; VERIFY_JOBS: there is none.
static unsigned take_back(verify_t *verify) {
    uv_mutex_lock(&verify->lock);
    const unsigned number = is_empty(&verify->waiting) ? VERIFY_JOBS : take(&verify->waiting);
    uv_mutex_unlock(&verify->lock);
    return number;
}

size_t verify_help(verify_t *verify, rns_node_t *node, size_t most) {
    size_t count = 0;
    unsigned number;
    while (count < most && (number = take_back(verify)) < VERIFY_JOBS) {
        rns_job_t *job = &verify->job[number];
        rns_job_done(node, clock_now(), job, check(verify, job));
        put(&verify->idle, (uint8_t)number);
        count++;
    }
    return count;
}

void verify_close(verify_t *verify) {
    if (verify == NULL) {
        return;
    }
    uv_mutex_lock(&verify->lock);
    verify->ends = true;
    uv_cond_broadcast(&verify->work);
    uv_mutex_unlock(&verify->lock);
    for (unsigned i = 0; i < verify->threads; i++) {
        (void)uv_thread_join(&verify->thread[i]);
    }
    uv_close((uv_handle_t *)&verify->wake, NULL);
}

void verify_free(verify_t *verify) {
    if (verify == NULL) {
        return;
    }
    verify->crypto->close(verify->self);
    uv_cond_destroy(&verify->work);
    uv_mutex_destroy(&verify->lock);
    free(verify->self);
    free(verify);
}
