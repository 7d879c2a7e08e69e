#include "host/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define STAMP_MAX 32 // bytes of "[YYYY-MM-DD HH:MM:SS] "

typedef enum { TO_STDOUT, TO_FILE, TO_CALLBACK } target_t;

static const char *const names[] = {"[Critical]", "[Error]   ", "[Warning] ",
                                    "[Notice]  ", "[Info]    ", "[Verbose] ",
                                    "[Debug]   ", "[Pathing] ", "[Extra]   "};

// The level is asked before each line, so it stands outside the lock.
static atomic_int current_level = LOG_LEVEL_NOTICE;

static struct {
    pthread_mutex_t lock;
    target_t target;
    bool no_stamps;
    char *path;
    FILE *file;
    void (*call)(void *context, const char *line);
    void *context;
} sink = {.lock = PTHREAD_MUTEX_INITIALIZER};

// With the lock held.
static void switch_to(target_t target) {
    if (sink.file != NULL) {
        fclose(sink.file);
    }
    free(sink.path);
    sink.file = NULL;
    sink.path = NULL;
    sink.target = target;
}

void log_to_stdout(void) {
    pthread_mutex_lock(&sink.lock);
    switch_to(TO_STDOUT);
    pthread_mutex_unlock(&sink.lock);
}

bool log_to_file(const char *path) {
    FILE *file = fopen(path, "ae");
    char *copy = file == NULL ? NULL : strdup(path);

    if (copy == NULL) {
        if (file != NULL) {
            fclose(file);
            errno = ENOMEM;
        }
        return false;
    }
    pthread_mutex_lock(&sink.lock);
    switch_to(TO_FILE);
    sink.file = file;
    sink.path = copy;
    pthread_mutex_unlock(&sink.lock);
    return true;
}

void log_to_callback(void (*call)(void *context, const char *line), void *context) {
    pthread_mutex_lock(&sink.lock);
    switch_to(TO_CALLBACK);
    sink.call = call;
    sink.context = context;
    pthread_mutex_unlock(&sink.lock);
}

void log_set_level(int level) {
    level = level < LOG_LEVEL_CRITICAL ? LOG_LEVEL_CRITICAL : level;
    level = level > LOG_LEVEL_EXTREME ? LOG_LEVEL_EXTREME : level;
    atomic_store_explicit(&current_level, level, memory_order_relaxed);
}

log_level_t log_get_level(void) {
    return (log_level_t)atomic_load_explicit(&current_level, memory_order_relaxed);
}

bool log_is_on(log_level_t level) {
    return level <= log_get_level();
}

void log_set_timestamps(bool on) {
    pthread_mutex_lock(&sink.lock);
    sink.no_stamps = !on;
    pthread_mutex_unlock(&sink.lock);
}

// The file is past its size: it becomes FILE.1 in place of the one before.
static bool rotate(void) {
    size_t size = strlen(sink.path) + 3;
    char *older = malloc(size);
    bool good = older != NULL;

    if (good) {
        snprintf(older, size, "%s.1", sink.path);
        good = rename(sink.path, older) == 0;
        free(older);
    }
    fclose(sink.file);
    sink.file = good ? fopen(sink.path, "ae") : NULL;
    return sink.file != NULL;
}

static bool write_file(const char *line) {
    struct stat info;

    if (fputs(line, sink.file) < 0 || fputc('\n', sink.file) == EOF || fflush(sink.file) != 0 ||
        fstat(fileno(sink.file), &info) != 0) {
        return false;
    }
    return info.st_size <= LOG_FILE_MAX || rotate();
}

// With the lock held.
static void write_line(const char *line) {
    switch (sink.target) {
    case TO_FILE:
        if (write_file(line)) {
            return;
        }
        printf("%s the log file cannot be written (%s), writing here from now on\n",
               names[LOG_LEVEL_CRITICAL], strerror(errno));
        switch_to(TO_STDOUT);
        puts(line);
        fflush(stdout);
        return;
    case TO_CALLBACK:
        sink.call(sink.context, line);
        return;
    case TO_STDOUT:
        puts(line);
        fflush(stdout);
        return;
    }
}

static size_t write_stamp(char *out, size_t size) {
    time_t now = time(NULL);
    struct tm local;

    return localtime_r(&now, &local) == NULL ? 0
                                             : strftime(out, size, "[%Y-%m-%d %H:%M:%S] ", &local);
}

void log_line(log_level_t level, const char *format, ...) {
    char line[STAMP_MAX + LOG_LINE_MAX];
    size_t used;
    va_list args;

    if (!log_is_on(level)) {
        return;
    }
    pthread_mutex_lock(&sink.lock);
    used = sink.no_stamps ? 0 : write_stamp(line, STAMP_MAX);
    used += (size_t)snprintf(line + used, sizeof line - used, "%s ", names[level]);
    va_start(args, format);
    vsnprintf(line + used, sizeof line - used, format, args);
    va_end(args);
    for (char *c = line + used; *c != '\0'; c++) {
        if (((unsigned char)*c < ' ' && *c != '\t' && *c != '\n') || *c == 0x7F) {
            *c = '?';
        }
    }
    write_line(line);
    pthread_mutex_unlock(&sink.lock);
}
