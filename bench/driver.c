// bench/driver.c -- puts load on a node with a TCP server interface and counts what comes out.
// Prints one JSON object a line. `driver` without arguments says how it is called.
#include "pump.h"
#include "rates.h"

#include <getopt.h>
#include <poll.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STORE_PACKETS   16384U // sent in laps
#define SEALED_PACKETS  60000U // not sent in laps, so one run ends after these
#define LATENCY_PACKETS 20000U
#define STAT_UTIME      14U // its field in /proc/PID/stat; stime follows

typedef struct {
    uint16_t port;
    const char *runs; // "64,256:100000,blast,latency"
    const char *ifac_name, *ifac_passphrase;
    double seconds;
    size_t repeat, senders, receivers, destinations, payload, count, rate;
    bool bare;
    long pid; // of the node, for its CPU time and memory; 0: not looked at
} options_t;

// CPU seconds of a process, all its threads together.
static double cpu_seconds(long pid) {
    char path[64], line[1024];
    unsigned long user = 0, kernel = 0;
    (void)snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    FILE *file = pid ? fopen(path, "r") : NULL;
    if (!file) {
        return 0;
    }
    size_t size = fread(line, 1, sizeof line - 1, file);
    line[size] = 0;
    (void)fclose(file);
    char *at = strrchr(line, ')'); // the name may hold anything
    for (size_t field = 2; at && field < STAT_UTIME; field++) {
        at = strchr(at + 1, ' ');
    }
    if (!at) {
        return 0;
    }
    user = strtoul(at, &at, 10);
    kernel = strtoul(at, NULL, 10);
    return (double)(user + kernel) / (double)sysconf(_SC_CLK_TCK);
}

static size_t status_kb(long pid, const char *field) {
    char path[64], line[256];
    size_t kb = 0;
    (void)snprintf(path, sizeof path, "/proc/%ld/status", pid);
    FILE *file = pid ? fopen(path, "r") : NULL;
    while (file && fgets(line, sizeof line, file)) {
        if (strncmp(line, field, strlen(field)) == 0) {
            kb = strtoul(line + strlen(field) + 1, NULL, 10);
        }
    }
    if (file) {
        (void)fclose(file);
    }
    return kb;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void run_latency(session_t *session, const options_t *options, const char *label) {
    double *us = bench_alloc(LATENCY_PACKETS, sizeof *us);
    double before = cpu_seconds(options->pid);
    size_t done = pump_latency(session, us, LATENCY_PACKETS, (int64_t)(options->seconds * 1e6));
    if (done == 0) {
        bench_die("no packet arrived");
    }
    qsort(us, done, sizeof *us, by_value);
    printf("{\"run\": \"%s\", \"packets\": %zu, \"p50_us\": %.1f, \"p99_us\": %.1f, "
           "\"cpu_seconds\": %.2f}\n",
           label, done, us[done / 2], us[done * 99 / 100], cpu_seconds(options->pid) - before);
    free(us);
}

static void run_load(session_t *session, const options_t *options, const char *label,
                     const run_t *run) {
    result_t result;
    double before = cpu_seconds(options->pid);
    pump_run(session, run, &result);
    size_t lost = result.sent > result.received ? result.sent - result.received : 0;
    double seconds = (double)(result.elapsed_us > 0 ? result.elapsed_us : 1) / 1e6;
    printf("{\"run\": \"%s\", \"sent\": %zu, \"received\": %zu, \"lost\": %zu, \"stalls\": %zu, "
           "\"seconds\": %.3f, \"rate\": %.0f, \"longest_pause_ms\": %.1f, \"cpu_seconds\": %.2f, "
           "\"rss_anon_kb\": %zu, \"vm_rss_kb\": %zu}\n",
           label, result.sent, result.received, lost, result.stalls, seconds,
           (double)result.received / seconds, (double)result.pause_us / 1e3,
           cpu_seconds(options->pid) - before, status_kb(options->pid, "RssAnon"),
           status_kb(options->pid, "VmRSS"));
}

// A run is "WINDOW", "blast" or "latency"; ":COUNT" after it makes it end after so many packets
// instead of after --seconds.
static void run_one(session_t *session, const options_t *options, char *label) {
    run_t run = {SIZE_MAX, SIZE_MAX, (int64_t)(options->seconds * 1e6)};
    char name[32];
    (void)snprintf(name, sizeof name, "%s", label);
    char *count = strchr(name, ':');
    if (count) {
        *count = 0;
        run.count = strtoul(count + 1, NULL, 10);
        run.limit_us = INT64_MAX;
    }
    if (session->ifac.on) {
        session_fill(session, SEALED_PACKETS);
    }
    if (strcmp(name, "latency") == 0) {
        run_latency(session, options, label);
    } else {
        if (strcmp(name, "blast") != 0) {
            run.window = strtoul(name, NULL, 10);
        }
        if (run.window == 0) {
            bench_die("a run is a window, blast or latency");
        }
        run_load(session, options, label, &run);
    }
    (void)fflush(stdout);
}

static void run_all(session_t *session, const options_t *options) {
    char runs[512];
    session_fill(session, session->ifac.on ? 1 : STORE_PACKETS);
    for (size_t i = 0; i < options->repeat; i++) {
        (void)snprintf(runs, sizeof runs, "%s", options->runs);
        char *rest = NULL;
        for (char *run = strtok_r(runs, ",", &rest); run; run = strtok_r(NULL, ",", &rest)) {
            run_one(session, options, run);
        }
    }
}

static void session_open(session_t *session, const options_t *options) {
    session->senders_count = options->senders;
    session->receivers_count = options->receivers;
    session->payload = options->payload;
    session->targets_count = options->destinations;
    session->targets = targets_make(options->destinations);
    session->input = bench_alloc(1, READ_BYTES);
    if (*options->ifac_name || *options->ifac_passphrase) {
        ifac_derive(&session->ifac, options->ifac_name, options->ifac_passphrase);
    }
}

static void command_forward(session_t *session, const options_t *options) {
    session_open(session, options);
    session_connect(session, options->port);
    if (options->bare) {
        session_announce(session);
    } else {
        session_learn(session);
    }
    session_probe(session);
    printf("{\"event\": \"ready\"}\n");
    (void)fflush(stdout);
    run_all(session, options);
    session_close(session);
}

static void command_alone(session_t *session, const options_t *options) {
    session_open(session, options);
    session_loop(session);
    run_all(session, options);
    session_close(session);
}

// Announces --count destinations in one write, or --rate a second, and stays until stdin ends. The
// caller asks the node how many it took.
static void command_announce(session_t *session, const options_t *options) {
    store_t store;
    session_open(session, options);
    store_announces(&store, session->targets, session->targets_count, &session->ifac);
    session_connect(session, options->port);
    printf("{\"event\": \"ready\"}\n");
    (void)fflush(stdout);
    (void)getchar();
    int64_t start = bench_now_us();
    size_t piece = options->rate ? options->rate / 20 + 1 : store.count;
    for (size_t i = 0; i < store.count; i += piece) {
        size_t end = i + piece < store.count ? i + piece : store.count;
        session_write(session, session->receivers[0].fd, store.bytes + store.offset[i],
                      store.offset[end] - store.offset[i]);
        if (options->rate) {
            usleep(50000);
        }
        session_drain(session);
    }
    printf("{\"event\": \"written\", \"start_us\": %lld, \"end_us\": %lld}\n", (long long)start,
           (long long)bench_now_us());
    (void)fflush(stdout);
    while (!bench_wait(STDIN_FILENO, POLLIN | POLLHUP, 20)) {
        session_drain(session);
        session_write(session, session->receivers[0].fd, store.bytes, 0);
        while (bench_read(session->receivers[0].fd, session->input, READ_BYTES) > 0) {
        }
    }
    store_free(&store);
    session_close(session);
}

static void command_rates(const options_t *options) {
    size_t cores = (size_t)sysconf(_SC_NPROCESSORS_ONLN);
    for (size_t i = 0; i < options->repeat; i++) {
        printf("{\"sign\": %.0f, \"verify\": %.0f, \"verify_all\": %.0f, \"cores\": %zu, "
               "\"sha256_419\": %.0f, \"x25519\": %.0f, \"token_bytes\": %.0f}\n",
               rate_sign(options->seconds), rate_verify(options->seconds, 1),
               rate_verify(options->seconds, cores), cores, rate_sha256(options->seconds, 419),
               rate_x25519(options->seconds), rate_token(options->seconds, 16384));
        (void)fflush(stdout);
    }
}

static _Noreturn void usage(void) {
    fputs("usage: driver COMMAND [OPTION...]\n"
          "  forward   announces, learns the node, then does the --runs\n"
          "  alone     the --runs against itself: how fast the driver is\n"
          "  announce  announces --destinations; waits for a line before and for the end of stdin\n"
          "  rates     what the machine signs, verifies and hashes in a second\n"
          "options: --port N --runs 64,256:100000,blast,latency --seconds S --repeat N\n"
          "  --senders N --receivers N --destinations N --payload BYTES --rate N --bare --pid N\n"
          "  --ifac-name NAME --ifac-passphrase TEXT\n",
          stderr);
    exit(2);
}

static void parse(options_t *options, int argc, char **argv) {
    static const struct option table[] = {{"port", required_argument, NULL, 'p'},
                                          {"runs", required_argument, NULL, 'r'},
                                          {"seconds", required_argument, NULL, 's'},
                                          {"repeat", required_argument, NULL, 'n'},
                                          {"senders", required_argument, NULL, 'S'},
                                          {"receivers", required_argument, NULL, 'R'},
                                          {"destinations", required_argument, NULL, 'd'},
                                          {"payload", required_argument, NULL, 'b'},
                                          {"rate", required_argument, NULL, 'a'},
                                          {"bare", no_argument, NULL, 'B'},
                                          {"pid", required_argument, NULL, 'P'},
                                          {"ifac-name", required_argument, NULL, 'i'},
                                          {"ifac-passphrase", required_argument, NULL, 'I'},
                                          {NULL, 0, NULL, 0}};
    // clang-format off
    for (int option; (option = getopt_long(argc, argv, "", table, NULL)) != -1;) {
        switch (option) {
        case 'p': options->port = (uint16_t)strtoul(optarg, NULL, 10); break;
        case 'r': options->runs = optarg; break;
        case 's': options->seconds = strtod(optarg, NULL); break;
        case 'n': options->repeat = strtoul(optarg, NULL, 10); break;
        case 'S': options->senders = strtoul(optarg, NULL, 10); break;
        case 'R': options->receivers = strtoul(optarg, NULL, 10); break;
        case 'd': options->destinations = strtoul(optarg, NULL, 10); break;
        case 'b': options->payload = strtoul(optarg, NULL, 10); break;
        case 'a': options->rate = strtoul(optarg, NULL, 10); break;
        case 'B': options->bare = true; break;
        case 'P': options->pid = strtol(optarg, NULL, 10); break;
        case 'i': options->ifac_name = optarg; break;
        case 'I': options->ifac_passphrase = optarg; break;
        default: usage();
        }
    }
    // clang-format on
    if (!options->senders || options->senders > SOCKETS_MAX || !options->receivers ||
        options->receivers > SOCKETS_MAX || !options->destinations) {
        usage();
    }
}

int main(int argc, char **argv) {
    options_t options = {.runs = "64,256,1024,blast,latency",
                         .ifac_name = "",
                         .ifac_passphrase = "",
                         .seconds = 2,
                         .repeat = 1,
                         .senders = 1,
                         .receivers = 1,
                         .destinations = 500,
                         .payload = 400};
    session_t *session = bench_alloc(1, sizeof *session);
    if (argc < 2 || sodium_init() < 0) {
        usage();
    }
    parse(&options, argc - 1, argv + 1);
    if (strcmp(argv[1], "forward") == 0) {
        command_forward(session, &options);
    } else if (strcmp(argv[1], "alone") == 0) {
        command_alone(session, &options);
    } else if (strcmp(argv[1], "announce") == 0) {
        command_announce(session, &options);
    } else if (strcmp(argv[1], "rates") == 0) {
        command_rates(&options);
    } else {
        usage();
    }
    free(session);
    return 0;
}
