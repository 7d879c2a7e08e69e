// bench/peer.c -- one end of a session, for the figures of links, messages, requests and resources:
// `bench_peer listen --config DIR` answers whoever comes, `bench_peer FIGURE --config DIR ...` asks
// and prints what it measured as one JSON object. peer.py is the same with the reference.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "host/clock.h"
#include "host/daemon.h"
#include "host/startup.h"
#include "host/text.h"

#define NAME       "bench.sessions"
#define PATH       "echo"
#define PAYLOAD    32U      // bytes of a message and of a request's data
#define BLOCK      1048576U // of what a resource is made of
#define ASK_EVERY  1000     // ms between requests for the path
#define WINDOW_MAX 64U

typedef enum { LISTEN, LINKS, MESSAGES, REQUESTS, RESOURCE } figure_t;

static const char *const FIGURES[] = {"listen", "links", "messages", "requests", "resource"};

typedef struct {
    figure_t figure;
    const char *directory;
    rns_hash_t destination;
    unsigned window;
    double seconds;
    uint64_t size; // of a resource
} wish_t;

typedef struct {
    wish_t wish;
    startup_t startup;
    daemon_t *daemon;
    rns_node_t *node;
    rns_dest_t dest;
    uv_timer_t ask;
    bool began, is_over;
    rns_link_t link;
    rns_us_t start, end; // measured
    uint64_t done, failed;
    unsigned under_way;
    uint8_t payload[PAYLOAD + 2];
    uint8_t *block;
} peer_t;

// ---- Command line

static bool read_option(wish_t *wish, const char *name, const char *value) {
    if (strcmp(name, "--config") == 0) {
        wish->directory = value;
    } else if (strcmp(name, "--destination") == 0) {
        return strlen(value) == 2 * sizeof wish->destination.b &&
               text_unhex(value, 2 * sizeof wish->destination.b, wish->destination.b);
    } else if (strcmp(name, "--window") == 0) {
        wish->window = (unsigned)strtoul(value, NULL, 10);
    } else if (strcmp(name, "--seconds") == 0) {
        wish->seconds = strtod(value, NULL);
    } else if (strcmp(name, "--size") == 0) {
        wish->size = strtoull(value, NULL, 10);
    } else {
        return false;
    }
    return true;
}

static bool read_wish(wish_t *wish, int argc, char **argv) {
    *wish = (wish_t){.window = 1, .seconds = 1, .size = BLOCK};
    for (figure_t i = LISTEN; argc > 1 && i <= RESOURCE; i++) {
        if (strcmp(argv[1], FIGURES[i]) == 0) {
            wish->figure = i;
            bool ok = argc % 2 == 0;
            for (int at = 2; ok && at + 1 < argc; at += 2) {
                ok = read_option(wish, argv[at], argv[at + 1]);
            }
            return ok && wish->directory != NULL && wish->window > 0 && wish->window <= WINDOW_MAX;
        }
    }
    return false;
}

// ---- What is asked, again and again until the time is over

static size_t read_block(void *user, uint64_t offset, rns_mem_t out) {
    const peer_t *peer = user;
    size_t filled = 0;
    while (filled < out.size) {
        const size_t at = (size_t)((offset + filled) % BLOCK);
        const size_t size = BLOCK - at < out.size - filled ? BLOCK - at : out.size - filled;
        memcpy(out.data + filled, peer->block + at, size);
        filled += size;
    }
    return filled;
}

static rns_err_t ask_once(peer_t *peer) {
    const rns_us_t now = clock_now();
    const rns_bytes_t payload = {peer->payload, sizeof peer->payload};
    const rns_source_t source = {read_block, peer};
    const rns_resource_options_t plain = {.no_compress = true};
    rns_link_t link;
    rns_receipt_t receipt;
    rns_request_t request;
    rns_resource_t resource;
    switch (peer->wish.figure) {
    case LINKS:
        return rns_link_open(peer->node, now, &peer->wish.destination, &link);
    case MESSAGES:
        return rns_link_send(peer->node, now, peer->link, payload, &receipt);
    case REQUESTS:
        return rns_request(peer->node, now, peer->link, PATH, payload, NULL, &request);
    case RESOURCE:
        return rns_resource_send(peer->node, now, peer->link, &source, peer->wish.size, &plain,
                                 &resource);
    case LISTEN:
        break;
    }
    return RNS_ERR_ARG;
}

static void finish(peer_t *peer) {
    if (!peer->is_over) {
        peer->is_over = true;
        peer->end = clock_now();
        daemon_stop(peer->daemon, 0);
    }
}

static void go_on(peer_t *peer) {
    if ((double)(clock_now() - peer->start) >= peer->wish.seconds * 1e6) {
        if (peer->under_way == 0) { // what was begun counts, with its time
            finish(peer);
        }
        return;
    }
    while (peer->under_way < peer->wish.window && ask_once(peer) == RNS_ERR_OK) {
        peer->under_way++;
    }
}

static void ended(peer_t *peer, bool ok) {
    peer->under_way--;
    peer->done += ok;
    peer->failed += !ok;
    go_on(peer);
}

static void start(peer_t *peer) {
    peer->start = clock_now();
    go_on(peer);
}

static void begin(peer_t *peer) {
    if (peer->began) {
        return;
    }
    peer->began = true;
    if (peer->wish.figure == LINKS) {
        start(peer);
    } else if (rns_link_open(peer->node, clock_now(), &peer->wish.destination, &peer->link) !=
               RNS_ERR_OK) {
        daemon_stop(peer->daemon, 1);
    }
}

// ---- Events

static void on_asker(peer_t *peer, const rns_event_t *event) {
    switch (event->type) {
    case RNS_EV_PATH:
        if (memcmp(event->hash.b, peer->wish.destination.b, sizeof event->hash.b) == 0) {
            begin(peer);
        }
        break;
    case RNS_EV_LINK_UP:
        if (peer->wish.figure == LINKS) {
            (void)rns_link_close(peer->node, clock_now(), event->link);
            ended(peer, true);
        } else {
            start(peer);
        }
        break;
    case RNS_EV_LINK_DOWN:
        if (peer->wish.figure != LINKS) {
            daemon_stop(peer->daemon, 1);
        } else if (event->reason == RNS_LINK_TIMEOUT) {
            ended(peer, false);
        }
        break;
    case RNS_EV_PROOF:
    case RNS_EV_RESPONSE:
    case RNS_EV_RESOURCE_DONE:
        ended(peer, event->status == RNS_ERR_OK);
        break;
    default:
        break;
    }
}

static bool take_all(void *user, rns_bytes_t data) {
    (void)user, (void)data;
    return true;
}

static void on_listener(peer_t *peer, const rns_event_t *event) {
    const rns_sink_t sink = {take_all, NULL, NULL, NULL};
    if (event->type == RNS_EV_LINK_UP) {
        (void)rns_link_accept(peer->node, event->link, RNS_ACCEPT_ALL, &sink, (rns_mem_t){NULL, 0});
    } else if (event->type == RNS_EV_REQUEST) {
        (void)rns_respond(peer->node, clock_now(), event->query, event->data);
    }
}

static void on_event(void *user, rns_node_t *node, const rns_event_t *event) {
    peer_t *peer = user;
    (void)node;
    if (peer->node == NULL) {
        return;
    }
    if (peer->wish.figure == LISTEN) {
        on_listener(peer, event);
    } else {
        on_asker(peer, event);
    }
}

// ---- Roles

static bool listen_here(peer_t *peer) {
    rns_secret_t identity;
    rns_hash_t hash;
    if (rns_identity_new(peer->node, &identity) != RNS_ERR_OK) {
        return false;
    }
    const rns_dest_config_t config = {
        .name = NAME, .type = RNS_DEST_SINGLE, .prove = RNS_PROVE_ALL, .identity = &identity};
    if (rns_dest_add(peer->node, clock_now(), &config, &peer->dest) != RNS_ERR_OK ||
        rns_request_handler(peer->node, peer->dest, PATH, RNS_ALLOW_ALL, NULL, 0) != RNS_ERR_OK ||
        rns_dest_hash(peer->node, peer->dest, &hash) != RNS_ERR_OK) {
        return false;
    }
    for (size_t i = 0; i < sizeof hash.b; i++) {
        (void)printf("%02x", hash.b[i]);
    }
    (void)printf("\n");
    (void)fflush(stdout);
    return true;
}

static void on_ask(uv_timer_t *timer) {
    peer_t *peer = timer->data;
    const rns_iface_t all = {0, 0};
    if (!peer->began) {
        (void)rns_path_request(peer->node, clock_now(), &peer->wish.destination, all);
        daemon_wake(peer->daemon);
    } else if (peer->start != 0) {
        go_on(peer); // should it have stopped for want of a slot
        daemon_wake(peer->daemon);
    }
}

static bool ask_there(peer_t *peer) {
    peer->block = malloc(BLOCK);
    if (peer->block == NULL || !rns_random(peer->node, peer->block, BLOCK)) {
        return false;
    }
    peer->payload[0] = 0xC4; // msgpack: PAYLOAD bytes
    peer->payload[1] = PAYLOAD;
    (void)uv_timer_init(daemon_loop(peer->daemon), &peer->ask);
    peer->ask.data = peer;
    return uv_timer_start(&peer->ask, on_ask, 50, ASK_EVERY) == 0;
}

static void report(const peer_t *peer) {
    struct rusage usage;
    (void)getrusage(RUSAGE_SELF, &usage);
    const double cpu = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    (void)printf("{\"done\": %llu, \"failed\": %llu, \"seconds\": %.6f, \"cpu_seconds\": %.6f, "
                 "\"peak_kb\": %ld}\n",
                 (unsigned long long)peer->done, (unsigned long long)peer->failed,
                 (double)(peer->end - peer->start) / 1e6, cpu, usage.ru_maxrss);
}

static int run(peer_t *peer) {
    const daemon_options_t options = {.config = &peer->startup.config,
                                      .directory = peer->startup.directory,
                                      .on_event = on_event,
                                      .user = peer,
                                      .with_signals = true};
    peer->daemon = daemon_open(&options);
    if (peer->daemon == NULL) {
        return 1;
    }
    peer->node = daemon_node(peer->daemon);
    int code = 1;
    if (peer->wish.figure == LISTEN ? listen_here(peer) : ask_there(peer)) {
        code = daemon_run(peer->daemon);
    }
    if (peer->ask.data != NULL) {
        uv_close((uv_handle_t *)&peer->ask, NULL);
    }
    peer->node = NULL;
    daemon_close(peer->daemon);
    return code;
}

int main(int argc, char **argv) {
    peer_t *peer = calloc(1, sizeof *peer);
    if (peer == NULL || !read_wish(&peer->wish, argc, argv)) {
        (void)fprintf(stderr, "usage: bench_peer listen|links|messages|requests|resource "
                              "--config DIR [--destination HASH] [--window N] [--seconds S] "
                              "[--size BYTES]\n");
        free(peer);
        return 2;
    }
    int code = 1;
    if (startup_open(&peer->startup, peer->wish.directory, false, 0)) {
        code = run(peer);
    }
    startup_close(&peer->startup);
    if (code == 0 && peer->is_over) {
        report(peer);
    }
    free(peer->block);
    free(peer);
    return code;
}
