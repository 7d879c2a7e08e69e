// What packets cost a node on a Cortex-M3: emulated instructions, counted by the board's 25 MHz
// counter while QEMU gives each instruction a nanosecond (-icount shift=0). Once with the provider
// that computes nothing, which leaves the core's own part, and once with the real one.
//     NAME PROVIDER INSTRUCTIONS
// for each; tools/footprint.py makes a table of them.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rns/providers.h"
#include "rns/rns.h"
#include "rns/static.h"

extern const rns_crypto_t rns_crypto_mcu;

#define COUNTER      (*(volatile const uint32_t *)0x40028018U) // FPGAIO, 25 MHz
#define PER_TICK     40U                                       // instructions
#define ROUNDS       32U
#define PAYLOAD      400U
#define LINK_PAYLOAD 431U
#define NAME         "reticule.bench.echo"

// Three nodes in a row: left - middle - right; the middle one forwards.
enum { LEFT, MIDDLE, RIGHT, NODES };

static _Alignas(RNS_STATIC_ALIGN) uint8_t memory[NODES][RNS_STATIC_BYTES(MCU)];
static rns_node_t *nodes[NODES];
static rns_iface_t wires[NODES][2]; // to the left, to the right
static rns_us_t now;
static uint64_t dice;
static rns_link_t link_up;
static bool is_up;

static bool entropy(void *user, uint8_t *out, size_t size) {
    (void)user;
    for (size_t i = 0; i < size; i++) {
        dice = dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        out[i] = (uint8_t)(dice >> 56);
    }
    return true;
}

static void on_event(void *user, rns_node_t *node, const rns_event_t *event) {
    (void)user;
    if (event->type == RNS_EV_LINK_UP && node == nodes[LEFT]) {
        link_up = event->link;
        is_up = true;
    }
}

static void check(bool good, const char *what) {
    if (!good) {
        printf("failed: %s\n", what);
        exit(1);
    }
}

static void open_nodes(const rns_crypto_t *crypto) {
    memset(memory, 0, sizeof memory);
    now = 1000000000;
    is_up = false;
    for (int i = 0; i < NODES; i++) {
        const rns_config_t config = {.mem = {{memory[i], sizeof memory[i]}},
                                     .zeroed = {true},
                                     .profile = RNS_PROFILE_MCU,
                                     .crypto = crypto,
                                     .entropy = entropy,
                                     .on_event = on_event,
                                     .unix_us = INT64_C(1800000000000000),
                                     .transport = i == MIDDLE};
        check(rns_open(&config, now, &nodes[i]) == RNS_ERR_OK, "open");
        for (int side = 0; side < 2; side++) {
            const rns_iface_config_t wire = {.name = side == 0 ? "Left" : "Right",
                                             .bitrate = 1000000000,
                                             .announce_cap_ppm = 1000000,
                                             .ingress_control = RNS_NO};
            check(rns_iface_add(nodes[i], now, &wire, &wires[i][side]) == RNS_ERR_OK, "wire");
        }
    }
}

// ---- Counting

static uint32_t counted; // ticks
static uint32_t begin(void) {
    return COUNTER;
}

static void end(uint32_t from) {
    counted += COUNTER - from;
}

// ---- Moving frames

// The next frame of a node on a wire, copied; 0: none.
static size_t take(int node, int side, uint8_t out[RNS_FRAME_MAX(RNS_MTU)], bool counts) {
    rns_tx_t tx;
    const uint32_t from = begin();
    if (!rns_tx_next(nodes[node], now, wires[node][side], &tx)) {
        return 0;
    }
    const size_t size = tx.frame.size;
    memcpy(out, tx.frame.data, size);
    rns_tx_done(nodes[node], now, wires[node][side], &tx, true);
    if (counts) {
        end(from);
    }
    return size;
}

static void give(int node, int side, uint8_t *frame, size_t size, bool counts) {
    const uint32_t from = begin();
    (void)rns_rx(nodes[node], now, wires[node][side], (rns_mem_t){frame, size}, NULL);
    if (counts) {
        end(from);
    }
}

// All that waits moves on by a wire; who is counted pays for its ticks, too.
static void settle(int counted_node, rns_us_t span) {
    uint8_t frame[RNS_FRAME_MAX(RNS_MTU)];
    size_t size;
    for (const rns_us_t until = now + span; now < until; now += 10000) {
        for (int i = 0; i < NODES; i++) {
            const uint32_t from = begin();
            if (rns_next_due(nodes[i]) <= now) {
                rns_tick(nodes[i], now);
                counted += i == counted_node ? COUNTER - from : 0;
            }
            for (int side = 0; side < 2; side++) {
                const int to = side == 0 ? i - 1 : i + 1;
                while ((size = take(i, side, frame, i == counted_node)) > 0) {
                    if (to >= 0 && to < NODES) {
                        give(to, !side, frame, size, to == counted_node);
                    }
                }
            }
        }
    }
}

// ---- What is measured

static void tell(const char *what, const rns_crypto_t *crypto) {
    printf("%s %s %lu\n", what, crypto == &rns_crypto_fake ? "none" : "mcu",
           (unsigned long)(counted * PER_TICK / ROUNDS));
    counted = 0;
}

static rns_dest_t add_destination(void) {
    rns_secret_t secret;
    rns_dest_t dest;
    check(rns_identity_new(nodes[RIGHT], &secret) == RNS_ERR_OK, "identity");
    const rns_dest_config_t config = {.name = NAME, .identity = &secret};
    check(rns_dest_add(nodes[RIGHT], now, &config, &dest) == RNS_ERR_OK, "destination");
    return dest;
}

static rns_hash_t announce(int counted_node) {
    const rns_dest_t dest = add_destination();
    rns_hash_t hash;
    check(rns_announce(nodes[RIGHT], now, dest, (rns_bytes_t){NULL, 0}, (rns_iface_t){0, 0}) ==
              RNS_ERR_OK,
          "announce");
    (void)rns_dest_hash(nodes[RIGHT], dest, &hash);
    settle(counted_node, 2000000);
    (void)rns_dest_remove(nodes[RIGHT], dest);
    return hash;
}

static void measure_announce(const rns_crypto_t *crypto) {
    for (unsigned i = 0; i < ROUNDS; i++) {
        (void)announce(MIDDLE);
    }
    tell("announce", crypto);
}

static void measure_forward(const rns_crypto_t *crypto, const rns_hash_t *hash) {
    static uint8_t payload[RNS_ENCRYPTED_MDU];
    uint8_t frame[RNS_FRAME_MAX(RNS_MTU)];
    for (unsigned i = 0; i < ROUNDS; i++) {
        check(rns_send(nodes[LEFT], now, hash, (rns_bytes_t){payload, 300}, NULL) == RNS_ERR_OK,
              "send");
        const size_t size = take(LEFT, 1, frame, false);
        give(MIDDLE, 0, frame, size, true);
        check(take(MIDDLE, 1, frame, true) == size - 16, "forwarded");
    }
    tell("forward", crypto);
}

static void measure_link(const rns_crypto_t *crypto, const rns_hash_t *hash) {
    static uint8_t payload[LINK_PAYLOAD];
    uint8_t frame[RNS_FRAME_MAX(RNS_MTU)];
    rns_link_t link;
    check(rns_link_open(nodes[LEFT], now, hash, &link) == RNS_ERR_OK, "link");
    settle(NODES, 500000);
    check(is_up, "link is up");
    for (int counts_sender = 1; counts_sender >= 0; counts_sender--) {
        for (unsigned i = 0; i < ROUNDS; i++) {
            const uint32_t from = begin();
            check(rns_link_send(nodes[LEFT], now, link_up, (rns_bytes_t){payload, sizeof payload},
                                NULL) == RNS_ERR_OK,
                  "message");
            if (counts_sender != 0) {
                end(from);
            }
            size_t size = take(LEFT, 1, frame, counts_sender != 0);
            give(MIDDLE, 0, frame, size, false);
            size = take(MIDDLE, 1, frame, false);
            give(RIGHT, 0, frame, size, counts_sender == 0);
        }
        tell(counts_sender != 0 ? "link-send" : "link-receive", crypto);
    }
}

static void measure(const rns_crypto_t *crypto) {
    open_nodes(crypto);
    measure_announce(crypto);
    const rns_dest_t dest = add_destination();
    rns_hash_t hash;
    (void)rns_dest_hash(nodes[RIGHT], dest, &hash);
    check(rns_announce(nodes[RIGHT], now, dest, (rns_bytes_t){NULL, 0}, (rns_iface_t){0, 0}) ==
              RNS_ERR_OK,
          "announce");
    settle(NODES, 2000000);
    measure_forward(crypto, &hash);
    measure_link(crypto, &hash);
    for (int i = 0; i < NODES; i++) {
        rns_close(nodes[i]);
    }
}

int main(void) {
    measure(&rns_crypto_fake);
    measure(&rns_crypto_mcu);
    return 0;
}
