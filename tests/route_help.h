// route_help.h -- a node in virtual time for tests of core/route/: what it sends is taken from it
// frame by frame, what it says is kept.
#ifndef ROUTE_HELP_H_INCLUDED
#define ROUTE_HELP_H_INCLUDED

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "node.h"
#include "rns/providers.h"
#include "route/cache.h"
#include "route/iface.h"

#define SECOND ((rns_us_t)1000000)
#define HOUR   (3600 * SECOND)

typedef struct {
    rns_node_t *node;
    rns_config_t config;
    uint8_t entropy;
    uint32_t tunnel_events;
    rns_iface_t tunnel_iface;
    uint32_t path_events;
    rns_event_t path;         // the last of them
    bool drops_iface_on_path; // what the application does then
} bench_t;

static inline bool bench_entropy(void *user, uint8_t *out, size_t size) {
    bench_t *bench = user;
    for (size_t i = 0; i < size; i++) {
        out[i] = bench->entropy++;
    }
    return true;
}

static inline void bench_event(void *user, rns_node_t *node, const rns_event_t *event) {
    bench_t *bench = user;
    if (event->type == RNS_EV_TUNNEL) {
        bench->tunnel_events++;
        bench->tunnel_iface = event->iface;
    }
    if (event->type == RNS_EV_PATH) {
        bench->path_events++;
        bench->path = *event;
        if (bench->drops_iface_on_path) {
            assert_int_equal(rns_iface_remove(node, event->at, event->iface), RNS_ERR_OK);
        }
    }
}

// A router's counts unless the test sets bench->config.count before.
static inline bench_t *bench_new(void) {
    bench_t *bench = calloc(1, sizeof *bench);
    bench->config.profile = RNS_PROFILE_ROUTER;
    bench->config.crypto = &rns_crypto_host;
    bench->config.entropy = bench_entropy;
    bench->config.on_event = bench_event;
    bench->config.user = bench;
    bench->config.transport = true;
    return bench;
}

static inline void bench_open(bench_t *bench, rns_us_t now) {
    size_t need[RNS_REGION_COUNT];
    static uint8_t some;
    bench->config.mem[RNS_REGION_BULK].data = &some; // there will be one
    rns_plan(&bench->config, need);
    for (int region = 0; region < RNS_REGION_COUNT; region++) {
        bench->config.mem[region] = (rns_mem_t){calloc(1, need[region]), need[region]};
        bench->config.zeroed[region] = true;
    }
    assert_int_equal(rns_open(&bench->config, now, &bench->node), RNS_ERR_OK);
}

static inline void bench_free(bench_t *bench) {
    rns_close(bench->node);
    for (int region = 0; region < RNS_REGION_COUNT; region++) {
        free(bench->config.mem[region].data);
    }
    free(bench);
}

static inline struct rnsi_iface *bench_iface(bench_t *bench, const rns_iface_config_t *config) {
    rns_iface_t handle;
    assert_int_equal(rns_iface_add(bench->node, bench->node->now, config, &handle), RNS_ERR_OK);
    return rnsi_iface_get(bench->node, handle);
}

// Takes the next frame that waits on an interface; its size, 0: none.
static inline size_t bench_sent(bench_t *bench, struct rnsi_iface *iface, uint8_t out[600]) {
    rns_tx_t tx;
    const rns_iface_t handle = rnsi_iface_handle(bench->node, iface);
    if (!rns_tx_next(bench->node, bench->node->now, handle, &tx)) {
        return 0;
    }
    const size_t size = tx.frame.size;
    assert_true(size <= 600);
    memcpy(out, tx.frame.data, size);
    rns_tx_done(bench->node, bench->node->now, handle, &tx, true);
    return size;
}

static inline void bench_dest(uint8_t dest[16], uint32_t number) {
    memset(dest, 0, 16);
    memcpy(dest, &number, sizeof number);
}

// The start of an announce packet in the cache: HEADER_1, destination, and `size` bytes in all. It
// is pinned once, as by one that sends it on.
static inline uint32_t bench_cached(bench_t *bench, const uint8_t dest[16], size_t size) {
    uint8_t raw[RNS_MTU] = {0x01};
    uint8_t hash[32] = {0};
    memcpy(raw + 2, dest, 16);
    memcpy(hash, dest, 16);
    const uint32_t slot =
        rnsi_cache_put(bench->node, (rns_bytes_t){raw, size}, hash, rnsi_no_iface());
    assert_int_not_equal(slot, RNSI_NONE);
    rnsi_cache_pin(bench->node, slot);
    return slot;
}

#endif
