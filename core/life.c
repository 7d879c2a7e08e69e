// life.c -- opening and closing a node, its clock, its randomness, its statistics.
#include "node.h"

#include "records.h"
#include "route/announce.h"
#include "route/ask.h"
#include "route/cache.h"
#include "route/known.h"
#include "route/path.h"
#include "route/relay.h"
#include "route/tunnel.h"
#include "route/tx.h"
#include "rules.h"
#include "session/destination.h"
#include "session/link.h"
#include "wire/announce.h"

#define ALIGNMENT         16U                // of regions: that of max_align_t where it is largest
#define ENTROPY_SIZE      48U                // seed and nonce
#define MANAGED_FIRST     (15 * RNSI_SECOND) // Transport.mgmt_announce_interval, first after 15 s
#define PATH_REQUEST      "rnstransport.path.request"
#define TUNNEL_SYNTHESIZE "rnstransport.tunnel.synthesize"

_Static_assert(sizeof(struct rns_node) <= RNSI_NODE_BYTES, "the row NODE holds the node");

#define TRANSPORT(drop) (RNS_WITH_TRANSPORT ? (drop) : NULL)

// What hangs on a slot that makes room.
static const rnsi_drop_t DROP[RNS_POOL_COUNT] = {
    [RNS_POOL_KNOWN] = rnsi_known_culled,
    [RNS_POOL_APP_DATA] = rnsi_app_data_culled,
    [RNS_POOL_RATCHET_PEER] = rnsi_ratchet_culled,
    [RNS_POOL_PATH] = rnsi_path_culled,
    [RNS_POOL_PATH_BLOB] = rnsi_blob_culled,
    [RNS_POOL_ANNOUNCE_CACHE] = TRANSPORT(rnsi_cache_culled),
    [RNS_POOL_ANNOUNCE] = TRANSPORT(rnsi_announce_culled),
    [RNS_POOL_ASK] = rnsi_ask_culled,
    [RNS_POOL_RELAY] = TRANSPORT(rnsi_relay_culled),
    [RNS_POOL_TUNNEL] = TRANSPORT(rnsi_tunnel_culled),
    [RNS_POOL_TUNNEL_PATH] = TRANSPORT(rnsi_tunnel_path_culled),
    [RNS_POOL_LINK] = rnsi_link_culled,
};

void rns_plan(const rns_config_t *config, size_t need[RNS_REGION_COUNT]) {
    rnsi_layout_need(config->profile, config->count, need);
    if (config->mem[RNS_REGION_BULK].data == NULL) {
        need[RNS_REGION_FAST] += need[RNS_REGION_BULK];
        need[RNS_REGION_BULK] = 0;
    }
}

// ---- Opening

static uint32_t count_of(const rns_config_t *config, rns_pool_t id) {
    return rnsi_layout_count(config->profile, config->count, id);
}

static bool has_frames(const rns_config_t *config) {
    return count_of(config, RNS_POOL_FRAME) > 0 || count_of(config, RNS_POOL_FRAME_2K) > 0 ||
           count_of(config, RNS_POOL_FRAME_16K) > 0 || count_of(config, RNS_POOL_FRAME_MAX) > 0;
}

// Interfaces are referred to by 16 bits, the provider's state needs its row, and the MTU of an
// interface is bounded by what a frame holds.
static bool counts_fit(const rns_config_t *config) {
    return count_of(config, RNS_POOL_IFACE) <= RNSI_NO_IFACE && has_frames(config) &&
           (config->crypto->state_size == 0 || count_of(config, RNS_POOL_CRYPTO) > 0);
}

static rns_err_t check_memory(const rns_config_t *config) {
    size_t need[RNS_REGION_COUNT];
    rns_plan(config, need);
    for (int i = 0; i < RNS_REGION_COUNT; i++) {
        const rns_mem_t mem = config->mem[i];
        if (mem.size < need[i] || (uintptr_t)mem.data % ALIGNMENT != 0) {
            return RNS_ERR_MEMORY;
        }
    }
    return RNS_ERR_OK;
}

static bool seed(rns_node_t *node, bool again) {
    uint8_t entropy_secret[ENTROPY_SIZE];
    const rns_bytes_t entropy = {entropy_secret, sizeof entropy_secret}, none = {NULL, 0};
    const bool ok = node->entropy(node->user, entropy_secret, sizeof entropy_secret);
    if (ok && again) {
        rnsi_drbg_reseed(&node->crypto, &node->drbg, entropy, none);
    } else if (ok) {
        rnsi_drbg_seed(&node->crypto, &node->drbg, entropy, none);
    }
    node->crypto.v->wipe(entropy_secret, sizeof entropy_secret);
    return ok;
}

// Rings are 48 where memory allows: the window of the reference (Channel.WINDOW_MAX); so are 512
// ratchets (Destination.RATCHET_COUNT).
static const rnsi_limits_t LIMITS[RNS_PROFILE_COUNT] = {
    [RNS_PROFILE_TINY] =
        {.resources_in = 1, .resources_out = 1, .requests = 1, .ring = 4, .ratchets = 8},
    [RNS_PROFILE_MCU] =
        {.resources_in = 8, .resources_out = 8, .requests = 8, .ring = 16, .ratchets = 32},
    [RNS_PROFILE_ROUTER] =
        {.resources_in = 16, .resources_out = 16, .requests = 32, .ring = 48, .ratchets = 512},
    [RNS_PROFILE_SERVER] =
        {.resources_in = 64, .resources_out = 64, .requests = 64, .ring = 48, .ratchets = 512},
};

static void set_options(rns_node_t *node, const rns_config_t *config) {
    node->compress = config->compress;
    node->limits = LIMITS[config->profile];
    node->store = config->store;
    if (node->store.user == NULL) {
        node->store.user = config->user;
    }
    node->entropy = config->entropy;
    node->on_event = config->on_event;
    node->user = config->user;
    node->transport = config->transport;
    node->explicit_proof = config->explicit_proof;
    node->link_mtu = !config->no_link_mtu;
}

static void set_start(rns_node_t *node, const rns_config_t *config, rns_us_t now) {
    node->now = node->opened = now;
    node->unix_at_zero = config->unix_us != 0 ? config->unix_us - now : 0;
    node->ready = RNSI_NO_IFACE;
    node->inbox_check = node->ask_first = node->ask_last = RNSI_NONE;
    node->sender = node->unpacker = RNSI_NONE;
    node->ask_queue_at = RNS_NEVER;
    node->tables_at = node->blackholes_at = now;
    node->managed_at = now + MANAGED_FIRST;
    node->frame_mtu = rnsi_frame_limit(node);
}

static void set_control_destinations(rns_node_t *node) {
    static const char *const NAMES[] = {PATH_REQUEST, TUNNEL_SYNTHESIZE};
    uint8_t *const hashes[] = {node->path_request_dest, node->tunnel_dest};
    const size_t sizes[] = {sizeof PATH_REQUEST - 1, sizeof TUNNEL_SYNTHESIZE - 1};
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        uint8_t name_hash[10];
        rnsi_destination_name_hash(&node->crypto,
                                   (rns_bytes_t){(const uint8_t *)NAMES[i], sizes[i]}, name_hash);
        rnsi_destination_hash(&node->crypto, name_hash, NULL, hashes[i]);
    }
}

// The identity by which others know this node in transport: given, stored, or new. Without
// transport it is another one each time, unless the config says otherwise.
static bool set_identity(rns_node_t *node, const rns_config_t *config) {
    rns_secret_t *secret = &node->identity_secret;
    const rns_mem_t out = {(uint8_t *)secret, sizeof *secret};
    const rns_bytes_t no_key = {NULL, 0};
    const bool keeps = config->transport || config->static_identity || !RNSI_IDENTITY_CHANGES;
    bool stored = false;
    if (config->identity != NULL) {
        *secret = *config->identity;
        stored = true;
    } else if (node->store.get != NULL) {
        stored =
            node->store.get(node->store.user, RNS_RECORD_IDENTITY, no_key, out) == sizeof *secret;
    }
    if (!stored) {
        if (!rnsi_random_key(node, (uint8_t *)secret, sizeof *secret)) {
            return false;
        }
        rnsi_record_dirty(node, RNS_RECORD_IDENTITY, NULL);
    } else if (!keeps && config->identity == NULL &&
               !rnsi_random_key(node, (uint8_t *)secret, sizeof *secret)) {
        return false;
    }
    rnsi_identity_from_secret(&node->crypto, &node->identity, &node->signer_secret, secret);
    return true;
}

static rns_err_t add_probe(rns_node_t *node) {
    const rns_dest_config_t probe = {.name = "rnstransport.probe",
                                     .type = RNS_DEST_SINGLE,
                                     .prove = RNS_PROVE_ALL,
                                     .identity = &node->identity_secret,
                                     .no_links = true};
    const rns_err_t err = rns_dest_add(node, node->now, &probe, &node->probe);
    if (err == RNS_ERR_OK) {
        struct rnsi_dest *dest =
            rnsi_pool_get(RNSI_POOL(node, DEST), node->probe.slot, node->probe.gen);
        dest->flags |= RNSI_DEST_MANAGED;
    }
    return err;
}

static rns_err_t start(rns_node_t *node, const rns_config_t *config) {
    node->crypto = (rnsi_crypto_t){config->crypto, node->memory.crypto};
    if (config->crypto->open != NULL && !config->crypto->open(node->crypto.self)) {
        node->crypto.v = NULL; // it is not to be closed, and there are no keys yet
        return RNS_ERR_CRYPTO;
    }
    if (!seed(node, false) ||
        !rnsi_random(node, (uint8_t *)node->memory.key, sizeof node->memory.key) ||
        !set_identity(node, config)) {
        return RNS_ERR_ENTROPY;
    }
    set_control_destinations(node);
    rnsi_records_load(node);
    return config->transport && config->respond_to_probes ? add_probe(node) : RNS_ERR_OK;
}

rns_err_t rns_open(const rns_config_t *config, rns_us_t now, rns_node_t **out) {
    if (config->crypto == NULL || config->entropy == NULL || now < 0 ||
        config->profile >= RNS_PROFILE_COUNT || !counts_fit(config)) {
        return RNS_ERR_ARG;
    }
    if (config->crypto->state_size > RNSI_CRYPTO_BYTES) {
        return RNS_ERR_CRYPTO;
    }
    if (config->transport && !RNS_WITH_TRANSPORT) {
        return RNS_ERR_STATE;
    }
    const rns_err_t err = check_memory(config);
    if (err != RNS_ERR_OK) {
        return err;
    }
    rns_node_t *node = rnsi_layout_node(config->mem);
    memset(node, 0, sizeof *node);
    node->memory.drop = DROP;
    node->memory.context = node;
    rnsi_layout_open(&node->memory, config->profile, config->count, config->mem, config->zeroed);
    set_options(node, config);
    set_start(node, config, now);
    const rns_err_t started = start(node, config);
    if (started == RNS_ERR_OK) {
        *out = node;
    } else {
        rns_close(node);
    }
    return started;
}

static void wipe_rows(rns_node_t *node) {
    static const rns_pool_t SECRET[] = {RNS_POOL_NETWORK,      RNS_POOL_DEST,
                                        RNS_POOL_RATCHET_SELF, RNS_POOL_LINK,
                                        RNS_POOL_RESOURCE_IN,  RNS_POOL_RESOURCE_OUT};
    for (size_t i = 0; i < sizeof SECRET / sizeof *SECRET; i++) {
        const rnsi_pool_t *pool = &node->memory.pools[SECRET[i]];
        node->crypto.v->wipe(pool->slots, (size_t)pool->bump * rnsi_rows[SECRET[i]].size);
    }
}

void rns_close(rns_node_t *node) {
    const rns_crypto_t *v = node->crypto.v;
    if (v == NULL) {
        return;
    }
    wipe_rows(node);
    if (v->close != NULL) {
        v->close(node->crypto.self);
    }
    v->wipe(node, sizeof *node);
}

// ---- Randomness and time

bool rnsi_random(rns_node_t *node, uint8_t *out, size_t size) {
    if (rnsi_drbg_due(&node->drbg) && !seed(node, true)) {
        return false;
    }
    rnsi_drbg_generate(&node->crypto, &node->drbg, (rns_mem_t){out, size});
    return true;
}

bool rnsi_random_key(rns_node_t *node, uint8_t *out, size_t size) {
    return seed(node, true) && rnsi_random(node, out, size);
}

bool rns_random(rns_node_t *node, uint8_t *out, size_t size) {
    return rnsi_random(node, out, size);
}

bool rns_reseed(rns_node_t *node) {
    return seed(node, true);
}

int64_t rnsi_unix_us(const rns_node_t *node) {
    return node->unix_at_zero != 0 ? node->unix_at_zero + node->now : 0;
}

void rns_set_clock(rns_node_t *node, rns_us_t now, int64_t unix_us) {
    node->now = now;
    node->unix_at_zero = unix_us != 0 ? unix_us - now : 0;
}

// ---- Statistics

void rns_pool_info(const rns_node_t *node, rns_pool_t pool, rns_pool_info_t *info) {
    rnsi_layout_info(&node->memory, pool, info);
}

static uint32_t count_validated(const rns_node_t *node) {
    uint32_t cursor = 0, count = 0;
    while (cursor != RNSI_NONE) {
        const struct rnsi_relay *relay =
            rnsi_pool_walk(RNSI_POOL(node, RELAY), &cursor, UINT32_MAX);
        count += relay != NULL && relay->validated;
    }
    return count;
}

void rns_node_info(const rns_node_t *node, rns_node_info_t *info) {
    *info = (rns_node_info_t){
        .announces = node->announces,
        .asks = node->asks,
        .forwarded = node->forwarded,
        .paths = RNSI_POOL(node, PATH)->used,
        .relays = RNSI_POOL(node, RELAY)->used,
        .relays_validated = count_validated(node),
        .known = RNSI_POOL(node, KNOWN)->used,
        .destinations = RNSI_POOL(node, DEST)->used,
        .inbox_announces = RNSI_POOL(node, INBOX_ANNOUNCE)->used,
        .inbox_asks = RNSI_POOL(node, INBOX_ASK)->used,
        .inbox_limited = RNSI_POOL(node, INBOX_LIMITED)->used,
        .records_skipped = node->records_skipped,
        .since = node->opened,
        .rx_packets = node->rx_packets,
    };
    uint32_t cursor = 0;
    const struct rnsi_iface *iface;
    while ((iface = rnsi_pool_walk(RNSI_POOL(node, IFACE), &cursor, UINT32_MAX)) != NULL) {
        info->rx_bytes += iface->rx_bytes;
        info->tx_packets += iface->tx_packets;
        info->tx_bytes += iface->tx_bytes_sent;
    }
}

rns_hash_t rns_node_identity(const rns_node_t *node, uint8_t pub[64]) {
    if (pub != NULL) {
        memcpy(pub, node->identity.pub, sizeof node->identity.pub);
    }
    return node->identity.hash;
}
