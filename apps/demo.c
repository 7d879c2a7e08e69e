// demo.c -- a node to play with: it listens on this machine, says how to join it, and shows who is
// there until Ctrl-C.
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <uv.h>

#include "host/daemon.h"
#include "host/log.h"
#include "host/options.h"
#include "host/startup.h"
#include "host/text.h"

#define DEFAULT_PORT 4242
#define HEARD_MAX    64U  // destinations that are remembered
#define SEEN_MAX     64U  // connections that are remembered, to say when they come and go
#define TEXT_MAX     100U // bytes of app data that are shown
#define REDRAW_MS    1000U
#define ROWS_DEFAULT 24U // of a terminal that does not say
#define ROWS_AROUND  10U // that are not about destinations and connections
#define CLEAR        "\x1b[H\x1b[J"

typedef struct {
    rns_hash_t destination;
    rns_us_t at;
    uint32_t count;
    uint8_t hops;
    char text[TEXT_MAX];
} heard_t;

typedef struct {
    rns_iface_t iface;
    char name[120];
    bool there;
} seen_t;

typedef struct {
    daemon_t *daemon;
    uv_timer_t timer;
    bool terminal;
    int64_t port;
    heard_t heard[HEARD_MAX];
    size_t heard_count;
    seen_t seen[SEEN_MAX];
    size_t seen_count;
    uint64_t forwarded; // as last told
    uint32_t relays;
} demo_t;

static rns_us_t now_us(void) {
    return (rns_us_t)(uv_hrtime() / 1000);
}

// ---- What is heard

static heard_t *find_heard(demo_t *demo, const rns_hash_t *destination) {
    heard_t *oldest = &demo->heard[0];
    for (size_t i = 0; i < demo->heard_count; i++) {
        if (memcmp(&demo->heard[i].destination, destination, sizeof *destination) == 0) {
            return &demo->heard[i];
        }
        oldest = demo->heard[i].at < oldest->at ? &demo->heard[i] : oldest;
    }
    if (demo->heard_count < HEARD_MAX) {
        oldest = &demo->heard[demo->heard_count++];
    }
    memset(oldest, 0, sizeof *oldest);
    oldest->destination = *destination;
    return oldest;
}

static void on_event(void *user, rns_node_t *node, const rns_event_t *event) {
    demo_t *demo = user;
    char hash[33];
    (void)node;
    if (event->type != RNS_EV_ANNOUNCE) {
        return;
    }
    heard_t *heard = find_heard(demo, &event->hash);
    heard->at = event->at;
    heard->hops = event->hops;
    heard->count++;
    (void)text_show(event->data, heard->text, sizeof heard->text);
    if (!demo->terminal) {
        text_hex(heard->destination.b, sizeof heard->destination.b, hash);
        (void)printf("announce  <%s>  %u hop%s  %s\n", hash, heard->hops,
                     heard->hops == 1 ? "" : "s", heard->text);
    }
}

// ---- Lines as things happen

static bool is_same(rns_iface_t a, rns_iface_t b) {
    return a.slot == b.slot && a.gen == b.gen;
}

static seen_t *find_seen(demo_t *demo, rns_iface_t iface) {
    for (size_t i = 0; i < demo->seen_count; i++) {
        if (is_same(demo->seen[i].iface, iface)) {
            return &demo->seen[i];
        }
    }
    return NULL;
}

static void tell_arrivals(demo_t *demo) {
    rns_node_t *node = daemon_node(demo->daemon);
    uint32_t cursor = 0;
    rns_iface_t iface;
    rns_iface_info_t info;
    for (size_t i = 0; i < demo->seen_count; i++) {
        demo->seen[i].there = false;
    }
    while (rns_iface_each(node, &cursor, &iface)) {
        seen_t *seen = find_seen(demo, iface);
        if (seen == NULL && demo->seen_count < SEEN_MAX &&
            rns_iface_info(node, now_us(), iface, &info) == RNS_ERR_OK) {
            seen = &demo->seen[demo->seen_count++];
            seen->iface = iface;
            memcpy(seen->name, info.name, sizeof seen->name);
            (void)printf("interface %s\n", seen->name);
        }
        if (seen != NULL) {
            seen->there = true;
        }
    }
}

static void tell_departures(demo_t *demo) {
    size_t kept = 0;
    for (size_t i = 0; i < demo->seen_count; i++) {
        if (demo->seen[i].there) {
            demo->seen[kept++] = demo->seen[i];
        } else {
            (void)printf("gone      %s\n", demo->seen[i].name);
        }
    }
    demo->seen_count = kept;
}

static void tell_changes(demo_t *demo) {
    rns_node_info_t info;
    tell_arrivals(demo);
    tell_departures(demo);
    rns_node_info(daemon_node(demo->daemon), &info);
    if (info.forwarded != demo->forwarded || info.relays != demo->relays) {
        (void)printf("traffic   %" PRIu64 " packets forwarded, %" PRIu32
                     " links pass through here\n",
                     info.forwarded, info.relays);
        demo->forwarded = info.forwarded;
        demo->relays = info.relays;
    }
}

// ---- The table

static void print_join(const demo_t *demo) {
    (void)printf("A transport node listens on 127.0.0.1 port %" PRId64 ".\n"
                 "To join it, put this under [interfaces] in the config of a Reticulum node:\n\n"
                 "  [[Reticule]]\n"
                 "    type = TCPClientInterface\n"
                 "    enabled = yes\n"
                 "    target_host = 127.0.0.1\n"
                 "    target_port = %" PRId64 "\n\n",
                 demo->port, demo->port);
}

static size_t terminal_rows(void) {
    struct winsize size;
    const bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0;
    const size_t rows = known ? size.ws_row : ROWS_DEFAULT;
    return rows > ROWS_AROUND + 8 ? rows - ROWS_AROUND : 8;
}

static size_t print_interfaces(const demo_t *demo, size_t most) {
    rns_node_t *node = daemon_node(demo->daemon);
    uint32_t cursor = 0;
    rns_iface_t iface;
    size_t lines = 0;
    (void)printf("%-58s %10s %10s\n", "INTERFACE", "RECEIVED", "SENT");
    while (lines < most && rns_iface_each(node, &cursor, &iface)) {
        rns_iface_info_t info;
        if (rns_iface_info(node, now_us(), iface, &info) == RNS_ERR_OK) {
            (void)printf("%-58.58s %10" PRIu64 " %10" PRIu64 "%s\n", info.name, info.rx_packets,
                         info.tx_packets, info.online ? "" : "  offline");
            lines++;
        }
    }
    return lines;
}

static int is_newer(const void *a, const void *b) {
    const heard_t *left = a, *right = b;
    return left->at < right->at ? 1 : left->at > right->at ? -1 : 0;
}

static void print_heard(demo_t *demo, size_t most) {
    const rns_us_t now = now_us();
    char hash[33];
    qsort(demo->heard, demo->heard_count, sizeof demo->heard[0], is_newer);
    (void)printf("\n%-34s %4s %7s %5s  %s\n", "DESTINATION HEARD", "HOPS", "AGO", "TIMES", "SAYS");
    for (size_t i = 0; i < demo->heard_count && i < most; i++) {
        const heard_t *heard = &demo->heard[i];
        text_hex(heard->destination.b, sizeof heard->destination.b, hash);
        (void)printf("<%s> %4u %6" PRId64 "s %5" PRIu32 "  %s\n", hash, heard->hops,
                     (int64_t)((now - heard->at) / 1000000), heard->count, heard->text);
    }
    if (demo->heard_count == 0) {
        (void)printf("nothing yet\n");
    }
}

static void redraw(demo_t *demo) {
    const size_t rows = terminal_rows();
    rns_node_info_t info;
    rns_node_info(daemon_node(demo->daemon), &info);
    (void)fputs(CLEAR, stdout);
    print_join(demo);
    (void)printf("%" PRIu32 " paths known, %" PRIu64 " announces heard, %" PRIu64
                 " packets forwarded, %" PRIu32 " links pass through here. Ctrl-C ends.\n\n",
                 info.paths, info.announces, info.forwarded, info.relays);
    const size_t used = print_interfaces(demo, rows / 2);
    print_heard(demo, rows - used);
    (void)fflush(stdout);
}

static void on_second(uv_timer_t *timer) {
    demo_t *demo = timer->data;
    if (demo->terminal) {
        redraw(demo);
    } else {
        tell_changes(demo);
    }
}

// ---- Its own configuration

// build/demo beside the build that this program stands in, so that ./run works from anywhere.
static void default_directory(char out[PATH_MAX]) {
    char program[PATH_MAX];
    size_t size = sizeof program;
    (void)snprintf(out, PATH_MAX, "build/demo");
    if (uv_exepath(program, &size) != 0) {
        return;
    }
    for (int up = 0; up < 2; up++) {
        char *slash = strrchr(program, '/');
        if (slash == NULL) {
            return;
        }
        *slash = '\0';
    }
    const char *folder = strrchr(program, '/');
    if (folder != NULL && strcmp(folder, "/build") == 0) {
        (void)snprintf(out, PATH_MAX, "%.*s/demo", PATH_MAX - 6, program);
    }
}

static bool make_folders(const char *directory) {
    char path[PATH_MAX];
    (void)snprintf(path, sizeof path, "%s", directory);
    for (char *at = strchr(path + 1, '/'); at != NULL; at = strchr(at + 1, '/')) {
        *at = '\0';
        (void)mkdir(path, 0777); // what is missing then, the next line tells
        *at = '/';
    }
    return mkdir(path, 0700) == 0 || errno == EEXIST;
}

static bool write_config(const char *directory, int64_t port) {
    char path[PATH_MAX + 8];
    (void)snprintf(path, sizeof path, "%s/config", directory);
    if (access(path, F_OK) == 0) {
        return true;
    }
    FILE *file = make_folders(directory) ? fopen(path, "w") : NULL;
    if (file == NULL) {
        (void)fprintf(stderr, "demo: %s cannot be written: %s\n", path, strerror(errno));
        return false;
    }
    (void)fprintf(file,
                  "# The node of the demo; it is written anew when this file is removed.\n"
                  "[reticulum]\nenable_transport = yes\nshare_instance = no\n\n"
                  "[logging]\nloglevel = 3\n\n"
                  "[interfaces]\n  [[Demo]]\n    type = TCPServerInterface\n    enabled = yes\n"
                  "    listen_ip = 127.0.0.1\n    listen_port = %" PRId64 "\n",
                  port);
    return fclose(file) == 0;
}

static int64_t port_of(const config_t *config) {
    for (size_t i = 0; i < config->interface_count; i++) {
        if (config->interfaces[i].type == CONFIG_TCP_SERVER && config->interfaces[i].enabled) {
            return config->interfaces[i].listen_port;
        }
    }
    return DEFAULT_PORT;
}

// ---- Life

// Lines of the log would tear the table apart.
static void move_log(const startup_t *startup) {
    char path[PATH_MAX];
    const int length = snprintf(path, sizeof path, "%s/logfile", startup->directory);
    if (length > 0 && (size_t)length < sizeof path) {
        (void)log_to_file(path);
    }
}

static int watch(demo_t *demo) {
    rns_handler_t handler;
    (void)rns_handler_add(daemon_node(demo->daemon), NULL, false, &handler);
    (void)uv_timer_init(daemon_loop(demo->daemon), &demo->timer);
    demo->timer.data = demo;
    (void)uv_timer_start(&demo->timer, on_second, 0, REDRAW_MS);
    const int code = daemon_run(demo->daemon);
    uv_close((uv_handle_t *)&demo->timer, NULL);
    return code;
}

static int run(demo_t *demo, const startup_t *startup) {
    const daemon_options_t options = {.config = &startup->config,
                                      .directory = startup->directory,
                                      .on_event = on_event,
                                      .user = demo,
                                      .with_signals = true};
    demo->daemon = daemon_open(&options);
    if (demo->daemon == NULL) {
        return DAEMON_EXIT_PANIC;
    }
    demo->port = port_of(&startup->config);
    demo->terminal = isatty(STDOUT_FILENO) == 1;
    if (demo->terminal) {
        move_log(startup);
    } else {
        (void)setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
        print_join(demo);
    }
    const int code = watch(demo);
    daemon_close(demo->daemon);
    (void)puts("\nStopped.");
    return code;
}

int demo_main(int argc, char **argv) {
    char directory[PATH_MAX];
    const char *wished = directory;
    int64_t port = DEFAULT_PORT;
    const option_t rows[] = {
        {OPTION_TEXT, 0, "config", &wished, "DIR",
         "where its configuration is, and is written if there is none"},
        {OPTION_INT, 'p', "port", &port, NULL, "the port in a configuration that is written now"},
    };
    const options_t options = {"demo", "A Reticulum node to play with, on this machine", rows,
                               sizeof rows / sizeof rows[0]};
    static demo_t demo; // too large for the stack of some systems
    startup_t startup;
    int code = 0;
    default_directory(directory);
    if (!options_parse(&options, argc, argv, stdout, stderr, &code)) {
        return code;
    }
    if (port < 1 || port > UINT16_MAX || !write_config(wished, port)) {
        (void)fprintf(stderr, "demo: see demo --help\n");
        return OPTIONS_EXIT_USAGE;
    }
    code = DAEMON_EXIT_PANIC;
    if (startup_open(&startup, wished, false, 0)) {
        code = run(&demo, &startup);
    }
    startup_close(&startup);
    return code;
}
