// iface.c -- see iface.h and rns/iface.h.
#include "route/iface.h"

#include "route/airtime.h"
#include "route/ingress.h"
#include "route/tx.h"
#include "route/tunnel.h"
#include "records.h"
#include "rules.h"
#include "wire/ifac.h"

#define BITRATE_GUESS   62500U            // Interface.bitrate
#define JOBS_INTERVAL   (5 * RNSI_SECOND) // Transport.interface_jobs_interval
#define SECRET_TEXT_MAX 4096U             // bytes of a network name or passphrase

// Defaults of ingress and egress control (Interface.IC_*, EC_*).
#define BURST_MHZ_NEW    3000U
#define BURST_MHZ        10000U
#define PR_BURST_MHZ_NEW 3000U
#define PR_BURST_MHZ     8000U
#define EC_PR_MHZ        5000U
#define NEW_MS           7200000U
#define BURST_HOLD_MS    15000U
#define BURST_PENALTY_MS 15000U
#define RELEASE_MS       5000U
#define HELD_MAX         256U

static const struct {
    uint32_t bitrate, mtu;
} MTU_OF[] = {
    {1000000000, 524288}, {750000000, 262144}, {400000000, 131072}, {200000000, 65536},
    {100000000, 32768},   {10000000, 16384},   {5000000, 8192},     {2000000, 4096},
    {1000000, 2048},      {62500, 1024},
};

uint32_t rns_iface_mtu_of(uint32_t bitrate) {
    for (size_t i = 0; i < sizeof MTU_OF / sizeof *MTU_OF; i++) {
        if (bitrate >= MTU_OF[i].bitrate + (i > 0 ? RNSI_MTU_STEP : 0)) {
            return MTU_OF[i].mtu;
        }
    }
    return 0;
}

// ---- Finding

struct rnsi_iface *rnsi_iface_at(const rns_node_t *node, rnsi_iface_ref_t ref) {
    const rnsi_pool_t *pool = RNSI_POOL(node, IFACE);
    if (ref.slot >= pool->bump) {
        return NULL;
    }
    struct rnsi_iface *iface = rnsi_pool_at(pool, ref.slot);
    return (uint16_t)iface->slot.gen == ref.gen && (iface->slot.gen & 1U) != 0 ? iface : NULL;
}

struct rnsi_iface *rnsi_iface_get(const rns_node_t *node, rns_iface_t handle) {
    return rnsi_pool_get(RNSI_POOL(node, IFACE), handle.slot, handle.gen);
}

rnsi_iface_ref_t rnsi_iface_ref(const rns_node_t *node, const struct rnsi_iface *iface) {
    if (iface == NULL) {
        return rnsi_no_iface();
    }
    const rnsi_iface_ref_t ref = {(uint16_t)rnsi_pool_slot(RNSI_POOL(node, IFACE), iface),
                                  (uint16_t)iface->slot.gen};
    return ref;
}

rns_iface_t rnsi_iface_handle(const rns_node_t *node, const struct rnsi_iface *iface) {
    const rns_iface_t none = {0, 0};
    if (iface == NULL) {
        return none;
    }
    const rns_iface_t handle = {rnsi_pool_slot(RNSI_POOL(node, IFACE), iface), iface->slot.gen};
    return handle;
}

struct rnsi_iface *rnsi_iface_next(const rns_node_t *node, uint32_t *cursor) {
    return *cursor == RNSI_NONE ? NULL : rnsi_pool_walk(RNSI_POOL(node, IFACE), cursor, UINT32_MAX);
}

struct rnsi_iface *rnsi_iface_of_hash(const rns_node_t *node, const uint8_t hash[32]) {
    uint32_t cursor = 0;
    struct rnsi_iface *iface;
    while ((iface = rnsi_iface_next(node, &cursor)) != NULL) {
        if (memcmp(iface->hash, hash, sizeof iface->hash) == 0) {
            return iface;
        }
    }
    return NULL;
}

struct rnsi_network *rnsi_iface_network(const rns_node_t *node, const struct rnsi_iface *iface) {
    return iface->network == RNSI_NONE ? NULL
                                       : rnsi_pool_at(RNSI_POOL(node, NETWORK), iface->network);
}

// ---- Timers

static rns_us_t stall_due(const struct rnsi_iface *iface) {
    const bool waits = (iface->flags & RNSI_IFACE_FULL) != 0 && iface->tx_count > 0;
    return waits ? iface->progress_at + RNSI_STALL_AFTER : RNS_NEVER;
}

static rns_us_t earlier(rns_us_t a, rns_us_t b) {
    return a < b ? a : b;
}

void rnsi_iface_schedule(rns_node_t *node, struct rnsi_iface *iface) {
    rns_us_t due = iface->jobs_at;
    due = earlier(due, stall_due(iface));
    if (RNS_WITH_TRANSPORT) {
        due = earlier(due, earlier(rnsi_airtime_due(node, iface), rnsi_tunnel_due(node, iface)));
    }
    rnsi_timer_set(RNSI_POOL(node, IFACE), iface, due);
}

// Interface jobs of Transport.jobs: the checks that end bursts. Held announces are released by the
// node's own slice, which looks at this interface again.
static void jobs(rns_node_t *node, struct rnsi_iface *iface) {
    iface->jobs_at = node->now + JOBS_INTERVAL;
    rnsi_ingress_limits(node, iface);
    rnsi_ingress_limits_asks(node, iface);
}

void rnsi_iface_due(rns_node_t *node, struct rnsi_iface *iface) {
    if (node->now >= stall_due(iface)) {
        rnsi_tx_drop_all(node, iface);
    }
    if (RNS_WITH_TRANSPORT && node->now >= rnsi_airtime_due(node, iface)) {
        rnsi_airtime_release(node, iface);
    }
    if (node->now >= iface->jobs_at) {
        jobs(node, iface);
    }
    const rns_iface_t handle = rnsi_iface_handle(node, iface);
    if (RNS_WITH_TRANSPORT) {
        rnsi_tunnel_restore(node, iface);
    }
    if (rnsi_iface_get(node, handle) != NULL) { // an event may have removed it
        rnsi_iface_schedule(node, iface);
    }
}

// ---- Coming and going

// A text of the config, NULL or up to its end.
static rns_bytes_t text_of(const char *text) {
    size_t size = 0;
    while (text != NULL && size < SECRET_TEXT_MAX && text[size] != 0) {
        size++;
    }
    return (rns_bytes_t){(const uint8_t *)text, size};
}

// The network of a name and passphrase; interfaces of one network share its keys and sealed frames.
static struct rnsi_network *network_take(rns_node_t *node, const rns_iface_config_t *config) {
    const rns_bytes_t name = text_of(config->network_name);
    const rns_bytes_t passphrase = text_of(config->passphrase);
    const size_t size = config->ifac_size    ? config->ifac_size
                        : config->small_ifac ? RNS_IFAC_SMALL
                                             : RNS_IFAC_DEFAULT;
    rnsi_ifac_t ifac;
    if (!rnsi_ifac_derive(&node->crypto, name, passphrase, size, &ifac)) {
        return NULL;
    }
    rnsi_pool_t *pool = RNSI_POOL(node, NETWORK);
    struct rnsi_network *network = NULL;
    for (uint32_t cursor = 0; cursor != RNSI_NONE;) {
        struct rnsi_network *n = rnsi_pool_walk(pool, &cursor, UINT32_MAX);
        if (n != NULL && n->ifac.size == ifac.size &&
            node->crypto.v->equal(n->ifac.key_secret, ifac.key_secret, sizeof ifac.key_secret)) {
            network = n;
            break;
        }
    }
    if (network == NULL && (network = rnsi_pool_take(pool, node->now, NULL)) != NULL) {
        network->ifac = ifac;
    }
    node->crypto.v->wipe(&ifac, sizeof ifac);
    if (network != NULL) {
        network->uses++;
    }
    return network;
}

static void network_give(rns_node_t *node, struct rnsi_iface *iface) {
    struct rnsi_network *network = rnsi_iface_network(node, iface);
    if (network != NULL && --network->uses == 0) {
        node->crypto.v->wipe(&network->ifac, sizeof network->ifac);
        rnsi_pool_give(RNSI_POOL(node, NETWORK), network);
    }
}

static uint32_t or_default(uint32_t value, uint32_t otherwise) {
    return value != 0 ? value : otherwise;
}

static uint32_t flag(bool set, uint32_t bit) {
    return set ? bit : 0;
}

static uint32_t flags_of(const rns_iface_config_t *c) {
    return flag(!c->offline, RNSI_IFACE_ONLINE) | flag(!c->receive_only, RNSI_IFACE_OUT) |
           flag(c->ingress_control != RNS_NO, RNSI_IFACE_INGRESS) |
           flag(c->egress_control == RNS_YES, RNSI_IFACE_EGRESS) |
           flag(c->no_ingress_limit, RNSI_IFACE_UNLIMITED) |
           flag(c->recursive_prs == RNS_YES, RNSI_IFACE_RECURSIVE) |
           flag(c->announces_from_internal != RNS_NO, RNSI_IFACE_FROM_INTERNAL) |
           flag(c->announces_to_internal == RNS_YES, RNSI_IFACE_TO_INTERNAL);
}

static void set_limits(struct rnsi_iface *iface, const rns_iface_config_t *c) {
    iface->cap_ppm = or_default(c->announce_cap_ppm, RNSI_ANNOUNCE_CAP_PPM);
    iface->rate_target_s = c->announce_rate_target_s;
    iface->rate_grace = c->announce_rate_grace;
    iface->rate_penalty_s = c->announce_rate_penalty_s;
    iface->ic_burst_mhz_new = or_default(c->ic_burst_mhz_new, BURST_MHZ_NEW);
    iface->ic_burst_mhz = or_default(c->ic_burst_mhz, BURST_MHZ);
    iface->ic_pr_burst_mhz_new = or_default(c->ic_pr_burst_mhz_new, PR_BURST_MHZ_NEW);
    iface->ic_pr_burst_mhz = or_default(c->ic_pr_burst_mhz, PR_BURST_MHZ);
    iface->ec_pr_mhz = or_default(c->ec_pr_mhz, EC_PR_MHZ);
    iface->ic_new_ms = or_default(c->ic_new_ms, NEW_MS);
    iface->ic_burst_hold_ms = or_default(c->ic_burst_hold_ms, BURST_HOLD_MS);
    iface->ic_burst_penalty_ms = or_default(c->ic_burst_penalty_ms, BURST_PENALTY_MS);
    iface->ic_release_ms = or_default(c->ic_release_ms, RELEASE_MS);
    iface->ic_held_max = or_default(c->ic_held_max, HELD_MAX);
}

// false: the name is missing or too long.
static bool set_name(rns_node_t *node, struct rnsi_iface *iface, const char *name) {
    size_t size = 0;
    while (size < RNSI_NAME_MAX && name[size] != 0) {
        size++;
    }
    if (size == 0 || size == RNSI_NAME_MAX) {
        return false;
    }
    memcpy(iface->name, name, size + 1);
    rnsi_sha256(&node->crypto, (rns_bytes_t){(const uint8_t *)name, size}, iface->hash);
    return true;
}

static void set_medium(rns_node_t *node, struct rnsi_iface *iface, const rns_iface_config_t *c) {
    iface->mode = (uint8_t)(c->mode ? c->mode : RNS_MODE_FULL);
    iface->bitrate = or_default(c->bitrate, BITRATE_GUESS);
    iface->hw_mtu = c->hw_mtu > node->frame_mtu ? node->frame_mtu : c->hw_mtu;
    iface->mtu_kind = (uint8_t)c->mtu_kind;
    iface->ifac_size = c->ifac_size    ? c->ifac_size
                       : c->small_ifac ? RNS_IFAC_SMALL
                                       : RNS_IFAC_DEFAULT;
    iface->gravity = c->gravity;
}

static void set_nothing_waits(struct rnsi_iface *iface, rns_us_t now) {
    iface->tx_oldest = iface->tx_youngest = RNSI_NONE;
    iface->queue_root = iface->held_first = RNSI_NONE;
    iface->tunnel = iface->network = RNSI_NONE;
    iface->parent = iface->next_ready = iface->prev_ready = rnsi_no_iface();
    iface->created = iface->progress_at = now;
    iface->jobs_at = now + JOBS_INTERVAL;
}

// Lowest bitrate of those that are online (Transport.prioritize_interfaces): the old value stays
// when none is.
static void find_lowest_bitrate(rns_node_t *node) {
    uint32_t cursor = 0, lowest = UINT32_MAX;
    const struct rnsi_iface *iface;
    while ((iface = rnsi_iface_next(node, &cursor)) != NULL) {
        if (rnsi_iface_online(iface) && iface->bitrate < lowest) {
            lowest = iface->bitrate;
        }
    }
    if (lowest != UINT32_MAX) {
        node->lowest_bitrate = lowest;
    }
}

static rns_err_t fill_in(rns_node_t *node, struct rnsi_iface *iface, const rns_iface_config_t *c) {
    if (!set_name(node, iface, c->name)) {
        return RNS_ERR_ARG;
    }
    set_medium(node, iface, c);
    set_limits(iface, c);
    iface->flags = flags_of(c);
    const bool has_ifac =
        (c->network_name && *c->network_name) || (c->passphrase && *c->passphrase);
    if (!has_ifac) {
        return RNS_ERR_OK;
    }
    struct rnsi_network *network = network_take(node, c);
    if (network == NULL) {
        return RNS_ERR_FULL;
    }
    iface->network = rnsi_pool_slot(RNSI_POOL(node, NETWORK), network);
    return RNS_ERR_OK;
}

rns_err_t rns_iface_add(rns_node_t *node, rns_us_t now, const rns_iface_config_t *config,
                        rns_iface_t *out) {
    if (config->name == NULL || config->mode > RNS_MODE_INTERNAL ||
        config->ifac_size > RNS_IFAC_MAX || config->mtu_kind > RNS_MTU_FIXED) {
        return RNS_ERR_ARG;
    }
    node->now = now;
    struct rnsi_iface *parent = rnsi_iface_get(node, config->parent);
    if (config->parent.gen != 0 && parent == NULL) {
        return RNS_ERR_GONE;
    }
    rnsi_pool_t *pool = RNSI_POOL(node, IFACE);
    struct rnsi_iface *iface = rnsi_pool_take(pool, now, NULL);
    if (iface == NULL) {
        return RNS_ERR_FULL;
    }
    set_nothing_waits(iface, now);
    const rns_err_t err = fill_in(node, iface, config);
    if (err != RNS_ERR_OK) {
        rnsi_pool_give(pool, iface);
        return err;
    }
    if (parent != NULL) {
        iface->parent = rnsi_iface_ref(node, parent);
        parent->children++;
    }
    find_lowest_bitrate(node);
    rnsi_iface_schedule(node, iface);
    rnsi_records_iface(node, iface);
    *out = rnsi_iface_handle(node, iface);
    return RNS_ERR_OK;
}

// What waits to go out on it.
static void drop_waiting(rns_node_t *node, struct rnsi_iface *iface) {
    rnsi_tx_drop_all(node, iface);
    if (RNS_WITH_TRANSPORT) {
        rnsi_airtime_drop_all(node, iface);
        rnsi_tunnel_void(node, iface);
    }
}

rns_err_t rns_iface_remove(rns_node_t *node, rns_us_t now, rns_iface_t handle) {
    struct rnsi_iface *iface = rnsi_iface_get(node, handle);
    if (iface == NULL) {
        return RNS_ERR_GONE;
    }
    if (iface->tx_out > 0) {
        return RNS_ERR_STATE;
    }
    node->now = now;
    rnsi_held_drop_all(node, iface);
    drop_waiting(node, iface);
    network_give(node, iface);
    struct rnsi_iface *parent = rnsi_iface_at(node, iface->parent);
    if (parent != NULL) {
        parent->children--;
    }
    rnsi_pool_give(RNSI_POOL(node, IFACE), iface);
    find_lowest_bitrate(node);
    return RNS_ERR_OK;
}

rns_err_t rns_iface_online(rns_node_t *node, rns_us_t now, rns_iface_t handle, bool online) {
    struct rnsi_iface *iface = rnsi_iface_get(node, handle);
    if (iface == NULL) {
        return RNS_ERR_GONE;
    }
    node->now = now;
    if (online) {
        iface->flags |= RNSI_IFACE_ONLINE;
    } else {
        iface->flags &= ~(uint32_t)(RNSI_IFACE_ONLINE | RNSI_IFACE_FULL);
        drop_waiting(node, iface);
    }
    find_lowest_bitrate(node);
    rnsi_iface_schedule(node, iface);
    return RNS_ERR_OK;
}

// ---- Shares

static const rns_pool_t SHARED[RNSI_SHARE_COUNT] = {
    [RNSI_SHARE_FRAME] = RNS_POOL_FRAME,
    [RNSI_SHARE_FRAME_2K] = RNS_POOL_FRAME_2K,
    [RNSI_SHARE_FRAME_16K] = RNS_POOL_FRAME_16K,
    [RNSI_SHARE_FRAME_MAX] = RNS_POOL_FRAME_MAX,
    [RNSI_SHARE_ANNOUNCE] = RNS_POOL_INBOX_ANNOUNCE,
    [RNSI_SHARE_ASK] = RNS_POOL_INBOX_ASK,
    [RNSI_SHARE_LIMITED] = RNS_POOL_INBOX_LIMITED,
    [RNSI_SHARE_RATCHET_TRY] = RNS_POOL_RATCHET_TRY,
};

// A quarter of the row, but at least one slot.
static uint32_t share_of(const rns_node_t *node, rnsi_share_t share) {
    const uint32_t quarter = node->memory.pools[SHARED[share]].count / 4;
    return quarter > 0 ? quarter : 1;
}

bool rnsi_share_take(rns_node_t *node, struct rnsi_iface *iface, rnsi_share_t share) {
    if (iface == NULL) {
        return true;
    }
    const uint32_t most = share_of(node, share);
    if (iface->share[share] >= most) {
        return false;
    }
    iface->share[share]++;
    if (iface->share[share] * 3U > most * 2U) {
        iface->throttled |= (uint8_t)(1U << share);
    }
    return true;
}

void rnsi_share_give(rns_node_t *node, rnsi_iface_ref_t from, rnsi_share_t share) {
    struct rnsi_iface *iface = rnsi_iface_at(node, from);
    if (iface == NULL || iface->share[share] == 0) {
        return;
    }
    iface->share[share]--;
    if (iface->share[share] * 10U <= share_of(node, share)) {
        iface->throttled &= (uint8_t) ~(1U << share);
    }
}

// Rows that a batch may fill. The limited path requests and the packets that wait for old ratchets
// are dropped by design when there are too many; of the largest frames a batch holds one.
static const rnsi_share_t BATCHED[] = {RNSI_SHARE_FRAME, RNSI_SHARE_FRAME_2K, RNSI_SHARE_FRAME_16K,
                                       RNSI_SHARE_ANNOUNCE, RNSI_SHARE_ASK};

uint32_t rns_rx_room(const rns_node_t *node, rns_iface_t handle) {
    const struct rnsi_iface *iface = rnsi_iface_get(node, handle);
    if (iface == NULL || iface->throttled != 0) {
        return 0;
    }
    uint32_t room = UINT32_MAX;
    for (size_t i = 0; i < sizeof BATCHED / sizeof *BATCHED; i++) {
        const uint32_t left = share_of(node, BATCHED[i]) - iface->share[BATCHED[i]];
        room = left < room ? left : room;
    }
    return room;
}

bool rns_rx_ready(const rns_node_t *node, rns_iface_t handle) {
    const struct rnsi_iface *iface = rnsi_iface_get(node, handle);
    return iface != NULL && iface->throttled == 0;
}

// ---- Statistics

static void info_limits(rns_node_t *node, struct rnsi_iface *iface, rns_iface_info_t *info) {
    info->announces_in_mhz = rnsi_flow_mhz(node, iface, RNSI_FLOW_ANNOUNCE_IN);
    info->announces_out_mhz = rnsi_flow_mhz(node, iface, RNSI_FLOW_ANNOUNCE_OUT);
    info->asks_in_mhz = rnsi_flow_mhz(node, iface, RNSI_FLOW_ASK_IN);
    info->asks_out_mhz = rnsi_flow_mhz(node, iface, RNSI_FLOW_ASK_OUT);
    info->announce_burst = iface->announce_burst.active != 0;
    info->ask_burst = iface->ask_burst.active != 0;
    info->queued_announces = iface->queue_count;
    info->held_announces = iface->held_count;
}

static void info_traffic(const struct rnsi_iface *iface, rns_iface_info_t *info) {
    info->rx_packets = iface->rx_packets;
    info->tx_packets = iface->tx_packets;
    info->rx_bytes = iface->rx_bytes;
    info->tx_bytes = iface->tx_bytes_sent;
    info->tx_dropped = iface->tx_dropped;
    info->tx_dropped_bytes = iface->tx_dropped_bytes;
    info->tx_waiting = iface->tx_count;
    info->tx_waiting_bytes = iface->tx_bytes;
    info->held = (iface->flags & RNSI_IFACE_FULL) != 0;
}

rns_err_t rns_iface_info(rns_node_t *node, rns_us_t now, rns_iface_t handle,
                         rns_iface_info_t *info) {
    struct rnsi_iface *iface = rnsi_iface_get(node, handle);
    if (iface == NULL) {
        return RNS_ERR_GONE;
    }
    node->now = now;
    memset(info, 0, sizeof *info);
    memcpy(info->name, iface->name, sizeof info->name);
    memcpy(info->hash, iface->hash, sizeof info->hash);
    info->parent = rnsi_iface_handle(node, rnsi_iface_at(node, iface->parent));
    info->children = iface->children;
    info->mode = (rns_mode_t)iface->mode;
    info->online = rnsi_iface_online(iface);
    info->ifac_size = iface->ifac_size;
    info->bitrate = iface->bitrate;
    info->hw_mtu = iface->hw_mtu;
    info->mtu_kind = (rns_mtu_kind_t)iface->mtu_kind;
    const struct rnsi_network *network = rnsi_iface_network(node, iface);
    if (network != NULL) {
        info->has_ifac = true;
        rnsi_ifac_signature(&node->crypto, &network->ifac, info->ifac_signature);
    }
    info_traffic(iface, info);
    info_limits(node, iface, info);
    return RNS_ERR_OK;
}

uint32_t rns_iface_count(const rns_node_t *node, rns_iface_t handle, rns_verdict_t verdict) {
    const struct rnsi_iface *iface = rnsi_iface_get(node, handle);
    return iface != NULL && (unsigned)verdict < RNS_RX_COUNT ? iface->verdicts[verdict] : 0;
}

bool rns_iface_each(const rns_node_t *node, uint32_t *cursor, rns_iface_t *out) {
    const struct rnsi_iface *iface = rnsi_iface_next(node, cursor);
    *out = rnsi_iface_handle(node, iface);
    return iface != NULL;
}
