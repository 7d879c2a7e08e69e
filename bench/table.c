// bench/table.c -- what a forwarded packet costs with many paths in the table: in one process,
// without sockets, through the public API, with the provider whose verify says yes.
//     bench_table PATHS [PACKETS]
// prints one JSON object. Under callgrind only the packets are collected (instructions.sh).
#include <rns/providers.h>
#include <rns/rns.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#ifdef BENCH_CALLGRIND
#include <valgrind/callgrind.h>
#else
#define CALLGRIND_START_INSTRUMENTATION
#define CALLGRIND_TOGGLE_COLLECT
#endif

#define PACKETS_DEFAULT 2000000U
#define WARM_UP         4096U // packets before the clock starts
#define BATCH           256U  // packets made, then forwarded and timed
#define PAYLOAD         400U
#define PACKET_BYTES    (35U + PAYLOAD)
#define ANNOUNCE_BYTES  167U
#define STEP_US         100      // between two announces
#define SETTLE_US       60000000 // after the last one: all retransmissions are over
#define SETTLE_STEP_US  50000
#define NEVER_IDLE      100000U // ticks that one announce may take
#define BITRATE         1000000000U
#define ALL_AIR_TIME    1000000U // parts per million
#define SPARE_PATHS     64U

typedef struct {
    rns_node_t *node;
    rns_us_t now;
    rns_iface_t sender, receiver;
    rns_hash_t identity;
    rns_hash_t *destinations;
    size_t paths, announced, forwarded;
    uint64_t seed;
    uint8_t frames[BATCH][RNS_FRAME_MAX(RNS_MTU)];
} bench_t;

static _Noreturn void die(const char *what) {
    fprintf(stderr, "bench_table: %s\n", what);
    exit(1);
}

static int64_t clock_ns(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static uint64_t next_random(bench_t *bench) { // splitmix64
    uint64_t x = bench->seed += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

static void fill_random(bench_t *bench, uint8_t *out, size_t size) {
    for (size_t i = 0; i < size; i += 8) {
        uint64_t word = next_random(bench);
        memcpy(out + i, &word, size - i < 8 ? size - i : 8);
    }
}

static bool entropy(void *user, uint8_t *out, size_t size) {
    fill_random(user, out, size);
    return true;
}

static void open_node(bench_t *bench) {
    static const rns_iface_config_t common = {
        .bitrate = BITRATE, .announce_cap_ppm = ALL_AIR_TIME, .ingress_control = RNS_NO};
    rns_config_t config = {.profile = RNS_PROFILE_SERVER,
                           .crypto = &rns_crypto_fake,
                           .entropy = entropy,
                           .user = bench,
                           .unix_us = (int64_t)time(NULL) * 1000000,
                           .transport = true};
    size_t need[RNS_REGION_COUNT];
    // Only the paths differ between runs: all other rows are those of the profile.
    config.count[RNS_POOL_PATH] = (uint32_t)(bench->paths + SPARE_PATHS);
    rns_plan(&config, need); // without BULK: all in one region
    void *memory = mmap(NULL, need[RNS_REGION_FAST], PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
        die("no memory");
    }
    config.mem[RNS_REGION_FAST] = (rns_mem_t){memory, need[RNS_REGION_FAST]};
    config.zeroed[RNS_REGION_FAST] = true;
    rns_iface_config_t sender = common, receiver = common;
    sender.name = "TCPInterface[sender/127.0.0.1:1]";
    receiver.name = "TCPInterface[receiver/127.0.0.1:2]";
    if (rns_open(&config, bench->now, &bench->node) != RNS_ERR_OK ||
        rns_iface_add(bench->node, bench->now, &sender, &bench->sender) != RNS_ERR_OK ||
        rns_iface_add(bench->node, bench->now, &receiver, &bench->receiver) != RNS_ERR_OK) {
        die("the node does not open");
    }
    bench->identity = rns_node_identity(bench->node, (uint8_t[64]){0});
}

// Takes all that the node wants to send; returns how many frames went to the receiver.
static size_t drain(bench_t *bench) {
    rns_iface_t iface;
    rns_tx_t tx;
    size_t count = 0;
    while (rns_tx_ready(bench->node, &iface)) {
        while (rns_tx_next(bench->node, bench->now, iface, &tx)) {
            count += iface.slot == bench->receiver.slot;
            rns_tx_done(bench->node, bench->now, iface, &tx, true);
        }
    }
    return count;
}

static void run_due(bench_t *bench) {
    if (rns_next_due(bench->node) <= bench->now) {
        rns_tick(bench->node, bench->now);
        drain(bench);
    }
}

// A destination named "bench" of a new identity; the hashes are the fake provider's.
static size_t make_announce(bench_t *bench, uint8_t *packet, rns_hash_t *destination) {
    uint8_t digest[32], material[26];
    uint8_t *body = packet + 19;
    uint64_t emitted = (uint64_t)time(NULL);
    memset(packet, 0, ANNOUNCE_BYTES);
    packet[0] = 0x01; // HEADER_1, broadcast, SINGLE, ANNOUNCE
    fill_random(bench, body, 64);
    rns_crypto_fake.sha256(NULL, "bench", 5, digest);
    memcpy(body + 64, digest, 10);
    memcpy(material, digest, 10);
    fill_random(bench, body + 74, 5);
    for (size_t i = 0; i < 5; i++) {
        body[79 + i] = (uint8_t)(emitted >> (8 * (4 - i)));
    }
    fill_random(bench, body + 84, 64); // the signature: it verifies whatever it is
    rns_crypto_fake.sha256(NULL, body, 64, digest);
    memcpy(material + 10, digest, 16);
    rns_crypto_fake.sha256(NULL, material, sizeof material, digest);
    memcpy(destination->b, digest, sizeof destination->b);
    memcpy(packet + 2, digest, sizeof destination->b);
    return ANNOUNCE_BYTES;
}

static void announce_one(bench_t *bench) {
    uint8_t frame[RNS_FRAME_MAX(RNS_MTU)];
    size_t size = make_announce(bench, frame, &bench->destinations[bench->announced]);
    for (size_t i = 0; !rns_rx_ready(bench->node, bench->receiver); i++) {
        if (i == NEVER_IDLE) {
            die("the node takes no more announces");
        }
        bench->now += STEP_US;
        rns_tick(bench->node, bench->now);
        drain(bench);
    }
    rns_verdict_t verdict =
        rns_rx(bench->node, bench->now, bench->receiver, (rns_mem_t){frame, size}, NULL);
    if (verdict != RNS_RX_QUEUED && verdict != RNS_RX_LEARNED) {
        die(rns_verdict_text(verdict));
    }
    bench->announced++;
    bench->now += STEP_US;
    run_due(bench);
}

static void fill(bench_t *bench) {
    rns_node_info_t info;
    while (bench->announced < bench->paths) {
        announce_one(bench);
    }
    for (rns_us_t end = bench->now + SETTLE_US; bench->now < end; bench->now += SETTLE_STEP_US) {
        run_due(bench);
    }
    rns_node_info(bench->node, &info);
    if (info.paths != bench->paths) {
        die("not every announce became a path");
    }
}

static void make_packets(bench_t *bench) {
    for (size_t i = 0; i < BATCH; i++) {
        uint8_t *packet = bench->frames[i];
        const rns_hash_t *to = &bench->destinations[next_random(bench) % bench->paths];
        packet[0] = 0x50; // HEADER_2, transport, SINGLE, DATA
        packet[1] = 0;
        memcpy(packet + 2, bench->identity.b, 16);
        memcpy(packet + 18, to->b, 16);
        packet[34] = 0;
        fill_random(bench, packet + 35, PAYLOAD);
    }
}

static void forward_batch(bench_t *bench) {
    for (size_t i = 0; i < BATCH; i++) {
        rns_mem_t frame = {bench->frames[i], PACKET_BYTES};
        (void)rns_rx(bench->node, bench->now, bench->sender, frame, NULL);
        bench->forwarded += drain(bench);
    }
}

// Nanoseconds that forwarding took, without making the packets.
static int64_t forward(bench_t *bench, size_t packets) {
    int64_t spent = 0;
    bench->forwarded = 0;
    for (size_t done = 0; done < packets; done += BATCH) {
        make_packets(bench);
        int64_t start = clock_ns();
        CALLGRIND_TOGGLE_COLLECT;
        forward_batch(bench);
        CALLGRIND_TOGGLE_COLLECT;
        spent += clock_ns() - start;
        bench->now += STEP_US;
        run_due(bench);
    }
    if (bench->forwarded != packets) {
        die("not every packet was forwarded");
    }
    return spent;
}

int main(int argc, char **argv) {
    bench_t *bench = calloc(1, sizeof *bench);
    size_t paths = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
    size_t packets = argc > 2 ? strtoul(argv[2], NULL, 10) : PACKETS_DEFAULT;
    packets = packets / BATCH * BATCH;
    if (!bench || paths == 0 || paths > UINT32_MAX / 2 || packets == 0) {
        die("usage: bench_table PATHS [PACKETS]");
    }
    bench->paths = paths;
    bench->seed = paths;
    bench->now = 1000000;
    bench->destinations = calloc(paths, sizeof *bench->destinations);
    if (!bench->destinations) {
        die("no memory");
    }
    open_node(bench);
    fill(bench);
    (void)forward(bench, WARM_UP);
    CALLGRIND_START_INSTRUMENTATION;
    int64_t spent = forward(bench, packets);
    printf("{\"paths\": %zu, \"packets\": %zu, \"ns\": %.1f}\n", paths, packets,
           (double)spent / (double)packets);
    rns_close(bench->node);
    free(bench->destinations);
    free(bench);
    return 0;
}
