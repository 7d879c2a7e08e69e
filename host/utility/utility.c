// utility.c -- see utility.h.
#include "host/utility/utility.h"

#include <string.h>

#include "host/clock.h"
#include "host/log.h"
#include "host/text.h"

#define BEAT_MS     50U  // while somebody waits
#define SERVE_MS    500U // while a listener serves
#define YEAR_S      31536000.0
#define US_A_SECOND 1e6

// ---- Life

static void on_beat(uv_timer_t *timer) {
    (void)timer; // a turn has ended
}

bool utility_open(utility_t *utility, const utility_options_t *options) {
    memset(utility, 0, sizeof *utility);
    screen_open(&utility->screen, stdout, options->is_silent);
    utility->screen.is_quiet = options->is_quiet;
    if (!startup_open_at(&utility->startup, options->config, options->level)) {
        return false;
    }
    const daemon_options_t wanted = {.config = &utility->startup.config,
                                     .directory = utility->startup.directory,
                                     .on_event = options->on_event,
                                     .user = options->user,
                                     .with_signals = true,
                                     .is_still = options->is_still};
    utility->daemon = daemon_open(&wanted);
    if (utility->daemon == NULL) {
        return false;
    }
    utility->has_beat = uv_timer_init(daemon_loop(utility->daemon), &utility->beat) == 0;
    return utility->has_beat;
}

void utility_close(utility_t *utility) {
    screen_clear(&utility->screen);
    if (utility->has_beat) {
        uv_close((uv_handle_t *)&utility->beat, NULL);
    }
    daemon_close(utility->daemon);
    startup_close(&utility->startup);
}

rns_node_t *utility_node(utility_t *utility) {
    return daemon_node(utility->daemon);
}

const char *utility_identity_path(utility_t *utility, const char *program, const char *path) {
    return path != NULL ? path
                        : arena_format(&utility->startup.arena, "%s/storage/identities/%s",
                                       utility->startup.directory, program);
}

// ---- Waiting

static utility_end_t run(utility_t *utility, uint64_t beat_ms, rns_us_t timeout_us,
                         bool (*done)(void *user), void *user) {
    const rns_us_t end = timeout_us > 0 ? clock_now() + timeout_us : RNS_NEVER;
    utility_end_t result = UTILITY_DONE;
    daemon_wake(utility->daemon);
    (void)uv_timer_start(&utility->beat, on_beat, beat_ms, beat_ms);
    while (!done(user)) {
        const rns_us_t now = clock_now();
        if (now >= end) {
            result = UTILITY_LATE;
            break;
        }
        screen_turn(&utility->screen, now);
        if (!daemon_turn(utility->daemon)) {
            result = UTILITY_INTERRUPTED;
            break;
        }
    }
    (void)uv_timer_stop(&utility->beat);
    return result;
}

utility_end_t utility_wait(utility_t *utility, rns_us_t timeout_us, bool (*done)(void *user),
                           void *user) {
    return run(utility, BEAT_MS, timeout_us, done, user);
}

void utility_serve(utility_t *utility, bool (*turn)(void *user), void *user) {
    (void)run(utility, SERVE_MS, 0, turn, user);
}

static bool never(void *user) {
    (void)user;
    return false;
}

void utility_linger(utility_t *utility, rns_us_t time_us) {
    (void)utility_wait(utility, time_us, never, NULL);
}

rns_us_t utility_us(double seconds) {
    return (rns_us_t)((seconds < 0 ? 0 : seconds > YEAR_S ? YEAR_S : seconds) * US_A_SECOND);
}

// ---- Interfaces

static bool is_seen(const utility_seen_t *seen, rns_iface_t iface) {
    for (size_t i = 0; i < seen->count; i++) {
        if (seen->at[i].slot == iface.slot && seen->at[i].gen == iface.gen) {
            return true;
        }
    }
    return false;
}

bool utility_next_new(utility_t *utility, utility_seen_t *seen, rns_iface_t *iface) {
    rns_node_t *node = utility_node(utility);
    rns_iface_info_t info;
    uint32_t cursor = 0;
    while (seen->count < UTILITY_INTERFACES_MOST && rns_iface_each(node, &cursor, iface)) {
        if (!is_seen(seen, *iface) &&
            rns_iface_info(node, clock_now(), *iface, &info) == RNS_ERR_OK && info.online) {
            seen->at[seen->count++] = *iface;
            return true;
        }
    }
    return false;
}

// ---- Towards a destination

bool utility_read_hash(const char *text, rns_hash_t *hash) {
    const size_t size = strlen(text);
    if (size != 2 * sizeof *hash) {
        (void)printf("Destination length is invalid, must be %zu hexadecimal characters (%zu "
                     "bytes).\n",
                     2 * sizeof *hash, sizeof *hash);
        return false;
    }
    if (!text_unhex(text, size, hash->b)) {
        (void)printf("Invalid destination entered: it is not hexadecimal.\n");
        return false;
    }
    return true;
}

typedef struct {
    utility_t *utility;
    const rns_hash_t *destination;
    utility_seen_t asked;
} search_t;

static bool has_path(void *user) {
    search_t *search = user;
    rns_node_t *node = utility_node(search->utility);
    rns_path_t path;
    rns_iface_t iface;
    if (rns_path(node, clock_now(), search->destination, &path)) {
        return true;
    }
    while (utility_next_new(search->utility, &search->asked, &iface)) {
        (void)rns_path_request(node, clock_now(), search->destination, iface);
        daemon_wake(search->utility->daemon);
    }
    return false;
}

utility_end_t utility_find_path(utility_t *utility, const rns_hash_t *destination,
                                rns_us_t timeout_us) {
    search_t search = {.utility = utility, .destination = destination};
    char hash[TEXT_HASH];
    if (has_path(&search)) {
        return UTILITY_DONE;
    }
    text_hash(destination, hash);
    screen_state(&utility->screen, "Path to %s requested", hash);
    const rns_us_t least = rns_medium_path_timeout(utility_node(utility));
    return utility_wait(utility, timeout_us > least ? timeout_us : least, has_path, &search);
}

bool utility_is_active(utility_t *utility, rns_link_t link) {
    rns_link_info_t info;
    return rns_link_info(utility_node(utility), link, &info) == RNS_ERR_OK &&
           info.state == RNS_LINK_ACTIVE;
}

typedef struct {
    rns_node_t *node;
    rns_link_t link;
} opening_t;

static bool is_decided(void *user) {
    const opening_t *opening = user;
    rns_link_info_t info;
    return rns_link_info(opening->node, opening->link, &info) != RNS_ERR_OK ||
           info.state == RNS_LINK_ACTIVE || info.state == RNS_LINK_CLOSED;
}

utility_end_t utility_open_link(utility_t *utility, const rns_hash_t *destination,
                                rns_link_t *link) {
    opening_t opening = {.node = utility_node(utility)};
    char hash[TEXT_HASH];
    text_hash(destination, hash);
    screen_state(&utility->screen, "Establishing link with %s", hash);
    const rns_err_t err = rns_link_open(opening.node, clock_now(), destination, &opening.link);
    if (err != RNS_ERR_OK) {
        log_line(LOG_LEVEL_ERROR, "A link cannot be asked for: %s", rns_err_text(err));
        return UTILITY_LATE;
    }
    *link = opening.link;
    const utility_end_t end = utility_wait(utility, 0, is_decided, &opening);
    return end != UTILITY_DONE || utility_is_active(utility, *link) ? end : UTILITY_LATE;
}

void utility_close_link(utility_t *utility, rns_link_t link) {
    (void)rns_link_close(utility_node(utility), clock_now(), link);
    utility_linger(utility, UTILITY_LINGER_US);
}

void utility_close_links(utility_t *utility) {
    rns_node_t *node = utility_node(utility);
    rns_link_t link;
    uint32_t cursor = 0;
    bool any = false;
    while (rns_link_each(node, &cursor, &link)) {
        any |= rns_link_close(node, clock_now(), link) == RNS_ERR_OK;
    }
    if (any) {
        utility_linger(utility, UTILITY_LINGER_US);
    }
}
