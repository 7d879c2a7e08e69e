// bridge.c -- see bridge.h. The lines in and out, and the loop between them.
#include "bridge.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/clock.h"
#include "host/log.h"
#include "lab.h"
#include "lines.h"
#include "mock.h"
#include "rns/providers.h"
#include "wire.h"

void bridge_random(void *out, size_t size) {
    if (!clock_entropy(NULL, out, size)) {
        abort();
    }
}

// ---- Answers

static void write_line(json_t *line) {
    (void)json_dumpf(line, stdout, JSON_COMPACT);
    (void)putchar('\n');
    (void)fflush(stdout);
    json_decref(line);
}

static void answer(const json_t *request, json_t *result, const char *error) {
    json_t *line = json_object();
    json_t *id = json_object_get(request, "id");
    (void)json_object_set(line, "id", id == NULL ? json_null() : id);
    (void)json_object_set_new(line, "success", json_boolean(result != NULL));
    if (result != NULL) {
        (void)json_object_set_new(line, "result", result);
    } else {
        (void)json_object_set_new(line, "error", json_string(error));
    }
    write_line(line);
}

static const char *unbuilt_feature(const char *name) {
    for (const unbuilt_t *entry = UNBUILT; entry->name != NULL; entry++) {
        if (strcmp(entry->name, name) == 0) {
            return entry->feature;
        }
    }
    return NULL;
}

static json_t *run(call_t *call, const char *name) {
    const command_t command = command_find(name);
    if (command != NULL) {
        return command(call);
    }
    const char *feature = unbuilt_feature(name);
    return feature != NULL ? call_fail(call, "not built: %s", feature)
                           : call_fail(call, "Unknown command: %s", name);
}

static void do_request(bridge_t *bridge, const json_t *request) {
    const char *name = json_string_value(json_object_get(request, "command"));
    json_t *params = json_object_get(request, "params");
    if (name == NULL || (params != NULL && !json_is_null(params) && !json_is_object(params))) {
        answer(request, NULL, "a request has a command, a text, and params, an object");
        return;
    }
    call_t call = {.bridge = bridge, .error = "failed"};
    call.params = json_is_object(params) ? json_incref(params) : json_object();
    answer(request, run(&call, name), call.error);
    call_free_all(&call);
    json_decref(call.params);
}

static void do_line(bridge_t *bridge, const char *text) {
    json_error_t why;
    json_t *request = json_loads(text, JSON_REJECT_DUPLICATES, &why);
    if (json_is_object(request)) {
        do_request(bridge, request);
    } else {
        answer(NULL, NULL, request == NULL ? why.text : "a request is an object");
    }
    json_decref(request);
}

// The next line; the node goes on meanwhile. NULL: there are no more.
static char *next_line(bridge_t *bridge) {
    while (bridge->wire != NULL) {
        bool is_over;
        char *text = lines_take(&is_over);
        if (text != NULL || is_over) {
            return text;
        }
        wire_turn(bridge->wire);
    }
    return lines_wait();
}

// ---- Life

static void log_to_stderr(void *unused, const char *line) {
    (void)unused;
    (void)fprintf(stderr, "%s\n", line);
}

static bool open_crypto(bridge_t *bridge) {
    bridge->crypto.v = &rns_crypto_host;
    bridge->crypto.self = calloc(1, rns_crypto_host.state_size);
    return bridge->crypto.self != NULL && rns_crypto_host.open(bridge->crypto.self);
}

static void serve(bridge_t *bridge) {
    char *text;
    while ((text = next_line(bridge)) != NULL) {
        do_line(bridge, text);
        free(text);
    }
}

static int usage(FILE *to, int code) {
    (void)fputs(
        "usage: reticule-bridge [--reference VERSION]\n\n"
        "Answers the requests of the Reticulum conformance suite: one JSON object a line on\n"
        "standard input, one on standard output. The library follows the reference's rules\n"
        "of today; with --reference 1.3 a second build follows those of 1.3.\n",
        to);
    return code;
}

// Goes on as the build for another version of the reference, which stands beside this one.
static int become(const char *program, const char *version) {
    char path[4096];
    const int size = snprintf(path, sizeof path, "%s-%s", program, version);
    if (size > 0 && (size_t)size < sizeof path) {
        (void)execl(path, path, (char *)NULL);
    }
    (void)fprintf(stderr, "reticule-bridge: error: %s cannot be run\n", path);
    return 1;
}

int main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        return usage(stdout, 0);
    }
    if (argc == 3 && strcmp(argv[1], "--reference") == 0 && strcmp(argv[2], "1.3") == 0) {
        char self[4096];
        const ssize_t size = readlink("/proc/self/exe", self, sizeof self - 1);
        self[size > 0 ? size : 0] = '\0';
        return become(self, argv[2]);
    }
    if (argc != 1) {
        return usage(stderr, 2);
    }
    (void)signal(SIGPIPE, SIG_IGN);
    log_to_callback(log_to_stderr, NULL);
    bridge_t bridge = {0};
    if (!open_crypto(&bridge) || !lines_open()) {
        (void)fputs("reticule-bridge: error: no memory\n", stderr);
        return 1;
    }
    (void)puts("READY");
    (void)fflush(stdout);
    serve(&bridge);
    wire_close(&bridge);
    lab_close(&bridge);
    mock_close_all(&bridge);
    rns_crypto_host.close(bridge.crypto.self);
    free(bridge.crypto.self);
    return 0;
}
