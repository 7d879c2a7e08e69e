// lines.c -- see lines.h.
#include "lines.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct line line_t;
struct line {
    line_t *next;
    char *text;
};

static struct {
    uv_mutex_t mutex;
    uv_cond_t cond;
    uv_thread_t thread;
    line_t *first, **last;
    bool is_over;
    uv_async_t *async;
} lines;

static void put(char *text) {
    line_t *line = text == NULL ? NULL : malloc(sizeof *line);
    uv_mutex_lock(&lines.mutex);
    if (line == NULL) {
        lines.is_over = true;
    } else {
        *line = (line_t){NULL, text};
        *lines.last = line;
        lines.last = &line->next;
    }
    uv_cond_signal(&lines.cond);
    if (lines.async != NULL) {
        (void)uv_async_send(lines.async);
    }
    uv_mutex_unlock(&lines.mutex);
}

static void read_all(void *unused) {
    (void)unused;
    char *text = NULL;
    size_t size = 0;
    while (getline(&text, &size, stdin) >= 0) {
        put(text);
        text = NULL;
        size = 0;
    }
    free(text);
    put(NULL);
}

bool lines_open(void) {
    lines.last = &lines.first;
    return uv_mutex_init(&lines.mutex) == 0 && uv_cond_init(&lines.cond) == 0 &&
           uv_thread_create(&lines.thread, read_all, NULL) == 0;
}

void lines_wake(uv_async_t *async) {
    uv_mutex_lock(&lines.mutex);
    lines.async = async;
    uv_mutex_unlock(&lines.mutex);
}

static char *take(void) {
    line_t *line = lines.first;
    if (line == NULL) {
        return NULL;
    }
    lines.first = line->next;
    if (lines.first == NULL) {
        lines.last = &lines.first;
    }
    char *text = line->text;
    free(line);
    return text;
}

char *lines_take(bool *is_over) {
    uv_mutex_lock(&lines.mutex);
    char *text = take();
    *is_over = text == NULL && lines.is_over;
    uv_mutex_unlock(&lines.mutex);
    return text;
}

char *lines_wait(void) {
    uv_mutex_lock(&lines.mutex);
    while (lines.first == NULL && !lines.is_over) {
        uv_cond_wait(&lines.cond, &lines.mutex);
    }
    char *text = take();
    uv_mutex_unlock(&lines.mutex);
    return text;
}
