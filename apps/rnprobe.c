// rnprobe.c -- sends packets that ask for a proof, and tells how long it took, as
// RNS/Utilities/rnprobe.py. Exit codes: 0 all were answered (or there was nothing to do), 1 no
// path, 2 some were lost, 3 the probe is too large, 130 interrupted.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/clock.h"
#include "host/log.h"
#include "host/options.h"
#include "host/text.h"
#include "host/utility/units.h"
#include "host/utility/utility.h"

#define PROBE_BYTES     16
#define PROBE_TIMEOUT_S 12.0 // beside what the first hop takes
// What the reference counts of a probe: a header, an ephemeral key, IV and HMAC, and whole blocks.
#define HEADER_BYTES 19U
#define KEY_BYTES    32U
#define TOKEN_BYTES  48U
#define BLOCK_BYTES  16U
#define WORDS_BYTES  256U // of a piece of a line

typedef enum { PROBE_OK, PROBE_NO_PATH, PROBE_LOSS, PROBE_TOO_LARGE } probe_exit_t;

typedef struct {
    const char *config, *name, *destination;
    int64_t bytes, count;
    double timeout_s, wait_s; // timeout_s 0: by the path
    int verbose;
} wish_t;

typedef struct {
    const wish_t *wish;
    utility_t utility;
    rns_hash_t destination;
    char hash[TEXT_HASH];
    rns_receipt_t receipt;
    bool is_decided, is_answered;
    rns_us_t rtt_us;
    rns_phy_t phy; // of the proof
    int64_t sent, answered;
} probing_t;

// ---- Events

static void on_event(void *user, rns_node_t *node, const rns_event_t *event) {
    probing_t *probing = user;
    (void)node;
    if (event->type != RNS_EV_PROOF || event->receipt.gen != probing->receipt.gen ||
        event->receipt.slot != probing->receipt.slot) {
        return;
    }
    probing->is_decided = true;
    probing->is_answered = event->status == RNS_ERR_OK;
    probing->rtt_us = event->rtt_us;
    probing->phy = event->phy != NULL ? *event->phy : (rns_phy_t){0};
}

static bool is_decided(void *user) {
    return ((const probing_t *)user)->is_decided;
}

// ---- What is said

static void tell_round_trip(double seconds, char out[WORDS_BYTES]) {
    char number[UNITS_MAX];
    const bool is_long = seconds >= 1;
    units_decimal(is_long ? seconds : seconds * 1000, 3, number);
    (void)snprintf(out, WORDS_BYTES, "%s %s", number, is_long ? "seconds" : "milliseconds");
}

static void tell_signal(const rns_phy_t *phy, char out[WORDS_BYTES]) {
    char number[UNITS_MAX];
    size_t used = 0;
    out[0] = '\0';
    if (phy->has & RNS_PHY_RSSI) {
        used += (size_t)snprintf(out, UNITS_MAX, " [RSSI %d dBm]", phy->rssi_dbm);
    }
    if (phy->has & RNS_PHY_SNR) {
        units_decimal(phy->snr_qdb / 4.0, 2, number);
        used += (size_t)snprintf(out + used, UNITS_MAX, " [SNR %.16s dB]", number);
    }
    if (phy->has & RNS_PHY_QUALITY) {
        units_decimal(phy->quality_permille / 10.0, 1, number);
        (void)snprintf(out + used, UNITS_MAX, " [Link Quality %.16s%%]", number);
    }
}

static void tell_reply(probing_t *probing) {
    const uint8_t hops =
        rns_hops_to(utility_node(&probing->utility), clock_now(), &probing->destination);
    char time[WORDS_BYTES], signal[WORDS_BYTES];
    tell_round_trip((double)probing->rtt_us / 1e6, time);
    tell_signal(&probing->phy, signal);
    screen_line(&probing->utility.screen,
                "Valid reply from %s\nRound-trip time is %s over %u hop%s%s\n", probing->hash, time,
                hops, hops == 1 ? "" : "s", signal);
}

static void tell_sent(probing_t *probing) {
    rns_node_t *node = utility_node(&probing->utility);
    char way[TEXT_HASH + 160] = "";
    rns_path_t path;
    rns_iface_info_t iface;
    if (probing->wish->verbose > 0 && rns_path(node, clock_now(), &probing->destination, &path)) {
        char hop[TEXT_HASH];
        text_hash(&path.next_hop, hop);
        const bool known = rns_iface_info(node, clock_now(), path.iface, &iface) == RNS_ERR_OK;
        (void)snprintf(way, sizeof way, " via %s%s%s", hop, known ? " on " : "",
                       known ? iface.name : "");
    }
    screen_line(&probing->utility.screen, "Sent probe %lld (%lld bytes) to %s%s",
                (long long)probing->sent, (long long)probing->wish->bytes, probing->hash, way);
}

// ---- Probes

static rns_us_t reply_timeout(probing_t *probing) {
    rns_node_t *node = utility_node(&probing->utility);
    if (probing->wish->timeout_s > 0) {
        return utility_us(probing->wish->timeout_s);
    }
    const rns_us_t by_path = utility_us(PROBE_TIMEOUT_S) +
                             rns_first_hop_timeout(node, clock_now(), &probing->destination);
    const rns_us_t least = rns_medium_path_timeout(node);
    return by_path > least ? by_path : least;
}

static int refuse_size(probing_t *probing) {
    const uint64_t bytes = (uint64_t)probing->wish->bytes;
    const uint64_t packet =
        HEADER_BYTES + KEY_BYTES + TOKEN_BYTES + (bytes / BLOCK_BYTES + 1) * BLOCK_BYTES;
    if (packet > RNS_MTU) {
        screen_line(&probing->utility.screen,
                    "Error: Probe packet size of %llu bytes exceed MTU of %u bytes",
                    (unsigned long long)packet, RNS_MTU);
    } else {
        screen_line(&probing->utility.screen,
                    "Error: Probe packet size of %llu bytes is more than every path carries",
                    (unsigned long long)packet);
    }
    return PROBE_TOO_LARGE;
}

// False: *code is the exit code.
static bool send_probe(probing_t *probing, int *code) {
    rns_node_t *node = utility_node(&probing->utility);
    uint8_t payload[RNS_ENCRYPTED_MDU];
    const size_t size = (size_t)probing->wish->bytes;
    if (probing->wish->bytes > (int64_t)sizeof payload) {
        *code = refuse_size(probing);
        return false;
    }
    probing->is_decided = probing->is_answered = false;
    probing->sent++;
    tell_sent(probing);
    const rns_err_t err = !rns_random(node, payload, size)
                              ? RNS_ERR_ENTROPY
                              : rns_send(node, clock_now(), &probing->destination,
                                         (rns_bytes_t){payload, size}, &probing->receipt);
    if (err != RNS_ERR_OK) {
        log_line(LOG_LEVEL_ERROR, "The probe cannot be sent: %s", rns_err_text(err));
        return true; // it is lost
    }
    const utility_end_t end =
        utility_wait(&probing->utility, reply_timeout(probing), is_decided, probing);
    if (end == UTILITY_INTERRUPTED) {
        *code = UTILITY_EXIT_INTERRUPTED;
        return false;
    }
    if (end == UTILITY_LATE) {
        (void)rns_receipt_cancel(node, probing->receipt);
    }
    return true;
}

static int probe_all(probing_t *probing) {
    int code = PROBE_OK;
    char loss[UNITS_MAX];
    while (probing->sent < probing->wish->count) {
        if (probing->sent > 0 && probing->wish->wait_s > 0) {
            utility_linger(&probing->utility, utility_us(probing->wish->wait_s));
        }
        if (!send_probe(probing, &code)) {
            return code;
        }
        if (probing->is_answered) {
            probing->answered++;
            tell_reply(probing);
        } else {
            screen_line(&probing->utility.screen, "Probe timed out");
        }
    }
    units_decimal((1 - (double)probing->answered / (double)probing->sent) * 100, 2, loss);
    screen_line(&probing->utility.screen, "Sent %lld, received %lld, packet loss %s%%",
                (long long)probing->sent, (long long)probing->answered, loss);
    return probing->answered < probing->sent ? PROBE_LOSS : PROBE_OK;
}

// Packets go to what the name makes of the destination's identity, so both must be of one mind.
static bool is_of_name(probing_t *probing) {
    rns_node_t *node = utility_node(&probing->utility);
    rns_known_t known;
    rns_hash_t named;
    if (!rns_recall(node, &probing->destination, &known)) {
        screen_line(&probing->utility.screen, "The key of %s is not known", probing->hash);
        return false;
    }
    if (rns_destination_hash(node, probing->wish->name, &known.identity, &named) != RNS_ERR_OK ||
        memcmp(&named, &probing->destination, sizeof named) != 0) {
        screen_line(&probing->utility.screen, "%s is not the destination %s of its identity",
                    probing->hash, probing->wish->name);
        return false;
    }
    return true;
}

static int run(probing_t *probing) {
    switch (utility_find_path(&probing->utility, &probing->destination, reply_timeout(probing))) {
    case UTILITY_DONE:
        return is_of_name(probing) ? probe_all(probing) : PROBE_LOSS;
    case UTILITY_LATE:
        screen_line(&probing->utility.screen, "Path request timed out");
        return PROBE_NO_PATH;
    case UTILITY_INTERRUPTED:
        break;
    }
    return UTILITY_EXIT_INTERRUPTED;
}

static int probe(const wish_t *wish) {
    probing_t probing = {.wish = wish};
    const utility_options_t options = {.config = wish->config,
                                       .level = UTILITY_LEVEL - 1 +
                                                (wish->verbose > 0 ? wish->verbose : 0),
                                       .on_event = on_event,
                                       .user = &probing};
    if (wish->name == NULL || !utility_read_hash(wish->destination, &probing.destination)) {
        return PROBE_OK; // as the reference ends
    }
    text_hash(&probing.destination, probing.hash);
    const int code = utility_open(&probing.utility, &options) ? run(&probing) : DAEMON_EXIT_PANIC;
    utility_close(&probing.utility);
    return code;
}

// ---- The command line

int rnprobe_main(int argc, char **argv) {
    wish_t wish = {.bytes = PROBE_BYTES, .count = 1};
    const option_t rows[] = {
        {OPTION_TEXT, 0, "config", &wish.config, NULL,
         "the directory of the configuration, instead of the default one"},
        {OPTION_INT, 's', "size", &wish.bytes, NULL, "bytes of a probe"},
        {OPTION_INT, 'n', "probes", &wish.count, NULL, "how many to send"},
        {OPTION_REAL, 't', "timeout", &wish.timeout_s, "seconds", "give up after this time"},
        {OPTION_REAL, 'w', "wait", &wish.wait_s, "seconds", "time between two probes"},
        {OPTION_ARGUMENT, 0, "full_name", &wish.name, NULL,
         "the destination's name with its aspects, dotted"},
        {OPTION_ARGUMENT, 0, "destination_hash", &wish.destination, NULL,
         "hexadecimal hash of the destination"},
        {OPTION_COUNT, 'v', "verbose", &wish.verbose, NULL, "say more"},
    };
    const options_t options = {"rnprobe", "Reticulum Probe Utility", rows,
                               sizeof rows / sizeof rows[0]};
    int code = 0;
    if (!options_parse(&options, argc, argv, stdout, stderr, &code)) {
        return code;
    }
    if (wish.destination == NULL) {
        options_help(&options, stdout);
        return PROBE_OK;
    }
    if (wish.bytes < 0 || wish.count < 0) {
        (void)fprintf(stderr, "rnprobe: error: a size or a count below zero\n");
        return OPTIONS_EXIT_USAGE;
    }
    return wish.count > 0 ? probe(&wish) : PROBE_OK;
}
