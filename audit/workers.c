// audit/workers.c -- forks, hands out files, gathers facts; see workers.h.
#include "workers.h"

#include "unit.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WORKERS_MAX 16
#define PATIENCE    120 // seconds that one file may take

typedef struct {
    pid_t process; // 0: there is none
    int ask, answer;
    size_t file; // at work on; SIZE_MAX: idle
    time_t since;
    text_t reply;
} worker_t;

typedef struct {
    audit_t *audit;
    const flags_t *flags;
    worker_t at[WORKERS_MAX];
    int count;
    LIST(size_t) files;
    size_t next, done;
    bool progress;
} workers_t;

static bool write_all(int file, const void *data, size_t size) {
    const char *at = data;
    while (size > 0) {
        ssize_t sent = write(file, at, size);
        if (sent < 0 && errno == EINTR) {
            continue;
        }
        if (sent <= 0) {
            return false;
        }
        at += sent;
        size -= (size_t)sent;
    }
    return true;
}

// The life of a worker: a number comes in, its facts go out, with their size before them.
static void work(const workers_t *workers, int ask, int answer) {
    CXIndex index = clang_createIndex(1, 0);
    clean_t clean = {memory_new(workers->audit->tree->files.count * sizeof(bool))};
    text_t out = {0};
    size_t file;
    while (read(ask, &file, sizeof file) == (ssize_t)sizeof file) {
        text_clear(&out);
        unit_walk(workers->audit->tree, workers->audit->rules, workers->flags, index, file, &clean,
                  &out);
        if (!write_all(answer, &out.size, sizeof out.size) ||
            !write_all(answer, out.at, out.size)) {
            break;
        }
    }
    _exit(0);
}

static void start(workers_t *workers, worker_t *worker) {
    int ask[2], answer[2];
    fflush(NULL);
    if (pipe(ask) != 0 || pipe(answer) != 0) {
        fail("no pipe: %s", strerror(errno));
    }
    pid_t process = fork();
    if (process < 0) {
        fail("no process: %s", strerror(errno));
    }
    if (process == 0) {
        flags_forget_signals();
        for (int i = 0; i < workers->count; i++) {
            if (workers->at[i].process != 0 && &workers->at[i] != worker) {
                close(workers->at[i].ask);
                close(workers->at[i].answer);
            }
        }
        close(ask[1]);
        close(answer[0]);
        work(workers, ask[0], answer[1]);
    }
    close(ask[0]);
    close(answer[1]);
    text_free(&worker->reply);
    *worker = (worker_t){.process = process, .ask = ask[1], .answer = answer[0], .file = SIZE_MAX};
}

static void stop(worker_t *worker) {
    if (worker->process != 0) {
        close(worker->ask);
        close(worker->answer);
        waitpid(worker->process, NULL, 0);
        worker->process = 0;
    }
    text_free(&worker->reply);
}

static void give_up(workers_t *workers, worker_t *worker, const char *why) {
    kill(worker->process, SIGKILL);
    *LIST_ADD(workers->audit->unread) =
        (trouble_t){.file = workers->audit->tree->files.at[worker->file].shown, .what = why};
    stop(worker);
    workers->done++;
}

static void show_progress(const workers_t *workers, size_t file) {
    char bar[31];
    size_t all = workers->files.count == 0 ? 1 : workers->files.count;
    size_t full = workers->done * 30 / all;
    if (!workers->progress) {
        return;
    }
    for (size_t i = 0; i < 30; i++) {
        bar[i] = i < full ? '#' : '.';
    }
    bar[30] = 0;
    fprintf(stderr, "\r[%s] %zu/%zu %.40s\033[K", bar, workers->done, workers->files.count,
            file == SIZE_MAX ? "" : workers->audit->tree->files.at[file].shown);
    fflush(stderr);
}

static void hand_out(workers_t *workers, worker_t *worker) {
    if (workers->next == workers->files.count) {
        return;
    }
    if (worker->process == 0) {
        start(workers, worker);
    }
    worker->file = workers->files.at[workers->next++];
    worker->since = time(NULL);
    text_clear(&worker->reply);
    show_progress(workers, worker->file);
    if (!write_all(worker->ask, &worker->file, sizeof worker->file)) {
        give_up(workers, worker, "the parser fell over it");
    }
}

static bool is_whole(const text_t *reply) {
    size_t size;
    if (reply->size < sizeof size) {
        return false;
    }
    memcpy(&size, reply->at, sizeof size);
    return reply->size == size + sizeof size;
}

static void hear(workers_t *workers, worker_t *worker) {
    char part[65536];
    ssize_t got = read(worker->answer, part, sizeof part);
    if (got < 0 && errno == EINTR) {
        return;
    }
    if (got <= 0) {
        give_up(workers, worker, "the parser fell over it");
        return;
    }
    text_add_part(&worker->reply, part, (size_t)got);
    if (is_whole(&worker->reply)) {
        facts_read(workers->audit, worker->reply.at + sizeof(size_t),
                   worker->reply.size - sizeof(size_t));
        worker->file = SIZE_MAX;
        workers->done++;
    }
}

static int wait_for(workers_t *workers) {
    struct pollfd polls[WORKERS_MAX];
    int busy = 0;
    for (int i = 0; i < workers->count; i++) {
        bool waits = workers->at[i].process != 0 && workers->at[i].file != SIZE_MAX;
        polls[i] = (struct pollfd){.fd = waits ? workers->at[i].answer : -1, .events = POLLIN};
        busy += waits ? 1 : 0;
    }
    if (busy == 0) {
        return 0;
    }
    int ready = poll(polls, (nfds_t)workers->count, 1000);
    flags_check(workers->flags);
    for (int i = 0; i < workers->count; i++) {
        if (ready > 0 && polls[i].fd >= 0 && polls[i].revents != 0) {
            hear(workers, &workers->at[i]);
        } else if (polls[i].fd >= 0 && time(NULL) - workers->at[i].since > PATIENCE) {
            give_up(workers, &workers->at[i], "the parser took longer than two minutes");
        }
    }
    return busy;
}

static void run(workers_t *workers) {
    int busy;
    do {
        for (int i = 0; i < workers->count; i++) {
            if (workers->at[i].process == 0 || workers->at[i].file == SIZE_MAX) {
                workers->at[i].file = SIZE_MAX;
                hand_out(workers, &workers->at[i]);
            }
        }
        busy = wait_for(workers);
    } while (busy > 0 || workers->next < workers->files.count);
}

// The large files first, so that none of them is left alone at the end.
static const tree_t *sorted_tree;

static int by_size(const void *a, const void *b) {
    size_t left = sorted_tree->files.at[*(const size_t *)a].size;
    size_t right = sorted_tree->files.at[*(const size_t *)b].size;
    return left < right   ? 1
           : left > right ? -1
                          : (*(const size_t *)a > *(const size_t *)b ? 1 : -1);
}

static void queue_files(workers_t *workers, bool sources) {
    const tree_t *tree = workers->audit->tree;
    size_t first = workers->files.count;
    for (size_t i = 0; i < tree->files.count; i++) {
        const file_t *file = &tree->files.at[i];
        bool wanted = sources ? file->source : !file->source && (!file->included || file->table);
        if (wanted && file->trouble == NULL) {
            *LIST_ADD(workers->files) = i;
        }
    }
    sorted_tree = tree;
    if (workers->files.count > first + 1) {
        qsort(workers->files.at + first, workers->files.count - first, sizeof *workers->files.at,
              by_size);
    }
}

void workers_run(audit_t *audit, const flags_t *flags, int jobs, bool progress) {
    workers_t workers = {.audit = audit, .flags = flags, .progress = progress};
    workers.count = jobs < 1 ? 1 : jobs > WORKERS_MAX ? WORKERS_MAX : jobs;
    for (int i = 0; i < workers.count; i++) {
        workers.at[i].file = SIZE_MAX;
    }
    signal(SIGPIPE, SIG_IGN);
    queue_files(&workers, true);
    run(&workers);
    queue_files(&workers, false);
    run(&workers);
    for (int i = 0; i < workers.count; i++) {
        stop(&workers.at[i]);
    }
    if (progress) {
        fputs("\r\033[K", stderr);
    }
    free(workers.files.at);
}
