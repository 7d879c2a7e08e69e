// tunnel.c -- see tunnel.h. Follows Transport.synthesize_tunnel, tunnel_synthesize_handler,
// handle_tunnel and the culling in Transport.jobs.
//
//   data = public keys 64 | hash of the sender's interface 32 | random 16 | signature 64
//
// The tunnel's id is the hash of keys and interface; the signature covers all before it.
#include "route/tunnel.h"

#include "records.h"
#include "route/cache.h"
#include "route/iface.h"
#include "route/outbound.h"

#define ID_SIZE        96U  // of data: what the id is the hash of
#define SIGNED_SIZE    112U // of data: what is signed
#define SYNTHESIS_SIZE (SIGNED_SIZE + RNSI_IDENTITY_SIG)
#define TIMEOUT        (RNSI_SECOND * 3600 * 8) // Transport.TUNNEL_TIMEOUT, TUNNEL_PATH_TIMEOUT
#define RESTORE_SLICE  32U                      // paths that are restored at once
#define EXPIRE_MOST    32U
#define CLEAN_SLICE    64U // paths that are compared with the live ones in one rnsi_tunnel_clean()

static rnsi_pool_t *tunnels(const rns_node_t *node) {
    return (rnsi_pool_t *)RNSI_POOL(node, TUNNEL);
}

static rnsi_pool_t *tunnel_paths(const rns_node_t *node) {
    return (rnsi_pool_t *)RNSI_POOL(node, TUNNEL_PATH);
}

static struct rnsi_tunnel *tunnel_at(const rns_node_t *node, uint32_t slot) {
    return slot == RNSI_NONE ? NULL : rnsi_pool_at(tunnels(node), slot);
}

static struct rnsi_tunnel_path *path_at(const rns_node_t *node, uint32_t slot) {
    return slot == RNSI_NONE ? NULL : rnsi_pool_at(tunnel_paths(node), slot);
}

// ---- Paths of a tunnel

static void path_key(uint8_t key[20], const uint8_t dest[16], uint32_t tunnel) {
    memcpy(key, dest, 16);
    memcpy(key + 16, &tunnel, sizeof tunnel);
}

static struct rnsi_tunnel *owner_of(const rns_node_t *node, const struct rnsi_tunnel_path *path) {
    uint32_t slot;
    memcpy(&slot, path->key + 16, sizeof slot);
    return tunnel_at(node, slot);
}

static void link_path(rns_node_t *node, struct rnsi_tunnel *tunnel, struct rnsi_tunnel_path *path) {
    const uint32_t slot = rnsi_pool_slot(tunnel_paths(node), path);
    struct rnsi_tunnel_path *newest = path_at(node, tunnel->paths);
    *(newest != NULL ? &newest->prev : &tunnel->oldest) = slot;
    path->prev = RNSI_NONE;
    path->next = tunnel->paths;
    tunnel->paths = slot;
    tunnel->count++;
}

static void unlink_path(rns_node_t *node, struct rnsi_tunnel *tunnel,
                        const struct rnsi_tunnel_path *path) {
    struct rnsi_tunnel_path *next = path_at(node, path->next), *prev = path_at(node, path->prev);
    if (tunnel->restore == rnsi_pool_slot(tunnel_paths(node), path)) {
        tunnel->restore = path->next;
    }
    *(prev != NULL ? &prev->next : &tunnel->paths) = path->next;
    *(next != NULL ? &next->prev : &tunnel->oldest) = path->prev;
    tunnel->count--;
}

static void unpin_cache(rns_node_t *node, uint32_t cache) {
    if (cache != RNSI_NONE) {
        rnsi_cache_unpin(node, cache);
    }
}

void rnsi_tunnel_path_culled(void *context, void *element) {
    rns_node_t *node = context;
    const struct rnsi_tunnel_path *path = element;
    unlink_path(node, owner_of(node, path), path);
    unpin_cache(node, path->cache);
}

static void drop_path(rns_node_t *node, struct rnsi_tunnel_path *path) {
    rnsi_tunnel_path_culled(node, path);
    rnsi_pool_give(tunnel_paths(node), path);
}

static struct rnsi_tunnel_path *new_path(rns_node_t *node, struct rnsi_tunnel *tunnel,
                                         const uint8_t key[20]) {
    const uint32_t quarter = tunnel_paths(node)->count / 4, share = quarter > 0 ? quarter : 1;
    if (tunnel->count >= share) {
        drop_path(node, rnsi_pool_at(tunnel_paths(node), tunnel->oldest));
    }
    struct rnsi_tunnel_path *path = rnsi_pool_take(tunnel_paths(node), node->now, key);
    if (path != NULL) {
        path->cache = RNSI_NONE;
    }
    return path;
}

bool rnsi_tunnel_load_path(rns_node_t *node, struct rnsi_tunnel *tunnel, const uint8_t dest[16],
                           const struct rnsi_tunnel_path *values) {
    uint8_t key[20];
    path_key(key, dest, rnsi_pool_slot(tunnels(node), tunnel));
    struct rnsi_tunnel_path *path = rnsi_pool_find(tunnel_paths(node), key);
    if (path != NULL) {
        unlink_path(node, tunnel, path);
        rnsi_pool_age(tunnel_paths(node), path, 0, node->now);
    } else if ((path = new_path(node, tunnel, key)) == NULL) {
        return false;
    }
    link_path(node, tunnel, path);
    if (values->cache != RNSI_NONE) {
        rnsi_cache_pin(node, values->cache);
    }
    unpin_cache(node, path->cache);
    path->cache = values->cache;
    memcpy(path->next_hop, values->next_hop, sizeof path->next_hop);
    memcpy(path->signer, values->signer, sizeof path->signer);
    memcpy(path->blob, values->blob, sizeof path->blob);
    path->hops = values->hops;
    path->emission_s = values->emission_s;
    path->learned = values->learned;
    path->expires = values->expires;
    return true;
}

void rnsi_tunnel_learn(rns_node_t *node, struct rnsi_iface *iface, const struct rnsi_path *path) {
    struct rnsi_tunnel *tunnel = tunnel_at(node, iface->tunnel);
    if (tunnel == NULL) {
        return;
    }
    struct rnsi_tunnel_path values = {.cache = path->cache,
                                      .hops = path->hops,
                                      .emission_s = path->emission_s,
                                      .learned = node->now,
                                      .expires = path->expires};
    memcpy(values.next_hop, path->next_hop, sizeof values.next_hop);
    memcpy(values.signer, path->signer, sizeof values.signer);
    memcpy(values.blob, path->blob, sizeof values.blob);
    rnsi_tunnel_load_path(node, tunnel, path->hash, &values);
    tunnel->expires = node->now + TIMEOUT;
    rnsi_record_dirty(node, RNS_RECORD_TUNNEL, &tunnel->slot);
}

// ---- Tunnels: pinned while they are on an interface

void rnsi_tunnel_culled(void *context, void *element) {
    rns_node_t *node = context;
    struct rnsi_tunnel *tunnel = element;
    while (tunnel->paths != RNSI_NONE) {
        drop_path(node, path_at(node, tunnel->paths));
    }
    rnsi_record_gone(node, RNS_RECORD_TUNNEL, tunnel->hash);
}

static void forget(rns_node_t *node, struct rnsi_tunnel *tunnel) {
    rnsi_tunnel_culled(node, tunnel);
    rnsi_pool_give(tunnels(node), tunnel);
}

// Takes it off its interface. Without paths there is nothing to remember of it, so that one
// neighbour that makes up tunnels holds one slot.
static void detach(rns_node_t *node, struct rnsi_tunnel *tunnel) {
    struct rnsi_iface *iface = rnsi_iface_at(node, tunnel->iface);
    if (iface == NULL) {
        return;
    }
    iface->tunnel = RNSI_NONE;
    tunnel->iface = rnsi_no_iface();
    tunnel->restore = RNSI_NONE;
    rnsi_pool_unpin(tunnels(node), tunnel, node->now);
    if (tunnel->paths == RNSI_NONE) {
        forget(node, tunnel);
    }
}

void rnsi_tunnel_void(rns_node_t *node, struct rnsi_iface *iface) {
    struct rnsi_tunnel *tunnel = tunnel_at(node, iface->tunnel);
    if (tunnel != NULL) {
        detach(node, tunnel);
    }
}

static void attach(rns_node_t *node, struct rnsi_tunnel *tunnel, struct rnsi_iface *iface) {
    rnsi_pool_pin(tunnels(node), tunnel); // also keeps it when it has no paths yet
    struct rnsi_iface *other = rnsi_iface_at(node, tunnel->iface);
    if (other != NULL) {
        other->tunnel = RNSI_NONE;
        rnsi_pool_unpin(tunnels(node), tunnel, node->now);
    }
    rnsi_tunnel_void(node, iface);
    iface->tunnel = rnsi_pool_slot(tunnels(node), tunnel);
    tunnel->iface = rnsi_iface_ref(node, iface);
    tunnel->restore = tunnel->paths;
    memcpy(tunnel->iface_hash, iface->hash, sizeof tunnel->iface_hash);
}

static struct rnsi_tunnel *new_tunnel(rns_node_t *node, const uint8_t id[32]) {
    struct rnsi_tunnel *tunnel = rnsi_pool_take(tunnels(node), node->now, id);
    if (tunnel != NULL) {
        tunnel->iface = rnsi_no_iface();
        tunnel->paths = tunnel->oldest = tunnel->restore = RNSI_NONE;
    }
    return tunnel;
}

struct rnsi_tunnel *rnsi_tunnel_load(rns_node_t *node, const uint8_t id[32],
                                     const uint8_t iface_hash[32], rns_us_t expires) {
    if (rnsi_pool_find(tunnels(node), id) != NULL) {
        return NULL;
    }
    struct rnsi_tunnel *tunnel = new_tunnel(node, id);
    if (tunnel != NULL) {
        memcpy(tunnel->iface_hash, iface_hash, sizeof tunnel->iface_hash);
        tunnel->expires = expires;
    }
    return tunnel;
}

// ---- Restoring

// As handle_tunnel() has it: the way is shorter or the known one is over, and not older.
static bool is_better(rns_node_t *node, const struct rnsi_tunnel_path *path) {
    if (node->now - path->learned > TIMEOUT) {
        return false;
    }
    const struct rnsi_path *known = rnsi_path_find(node, path->key);
    if (known == NULL) {
        return node->now < path->expires;
    }
    const bool shorter = path->hops <= known->hops || node->now > known->expires;
    return shorter && path->emission_s >= known->emission_s;
}

// A path that is restored keeps its own expiry, and the state it had.
static void restore(rns_node_t *node, struct rnsi_iface *iface,
                    const struct rnsi_tunnel_path *path) {
    const struct rnsi_path *known = rnsi_path_find(node, path->key);
    const uint8_t state = known != NULL ? known->state : RNS_PATH_UNKNOWN;
    const rnsi_path_news_t news = {.dest = path->key,
                                   .next_hop = path->next_hop,
                                   .signer = path->signer,
                                   .blob = path->blob,
                                   .emission_s = path->emission_s,
                                   .hops = path->hops,
                                   .iface = iface};
    struct rnsi_path *restored = rnsi_path_learn(node, &news, path->cache);
    if (restored == NULL) {
        return;
    }
    restored->expires = path->expires;
    restored->state = state;
    rns_event_t event = {
        .type = RNS_EV_PATH, .iface = rnsi_iface_handle(node, iface), .hops = restored->hops};
    memcpy(event.hash.b, restored->hash, sizeof event.hash.b);
    rnsi_event(node, &event);
}

// The next that is to be restored. NULL: none; an event may have removed the interface.
static struct rnsi_tunnel_path *next_to_restore(const rns_node_t *node,
                                                const struct rnsi_iface *iface) {
    struct rnsi_tunnel *tunnel = tunnel_at(node, iface->tunnel);
    struct rnsi_tunnel_path *path = tunnel != NULL ? path_at(node, tunnel->restore) : NULL;
    if (path != NULL) {
        tunnel->restore = path->next;
    }
    return path;
}

void rnsi_tunnel_restore(rns_node_t *node, struct rnsi_iface *iface) {
    struct rnsi_tunnel_path *path;
    for (uint32_t i = 0; i < RESTORE_SLICE && (path = next_to_restore(node, iface)) != NULL; i++) {
        if (is_better(node, path)) {
            restore(node, iface, path);
        } else {
            drop_path(node, path);
        }
    }
}

rns_us_t rnsi_tunnel_due(const rns_node_t *node, const struct rnsi_iface *iface) {
    const struct rnsi_tunnel *tunnel = tunnel_at(node, iface->tunnel);
    return tunnel != NULL && tunnel->restore != RNSI_NONE ? node->now : RNS_NEVER;
}

// ---- Receiving

// NULL: not known, or no longer.
static struct rnsi_tunnel *find(rns_node_t *node, const uint8_t id[32]) {
    struct rnsi_tunnel *tunnel = rnsi_pool_find(tunnels(node), id);
    if (tunnel == NULL || tunnel->slot.pins > 0 || node->now <= tunnel->expires) {
        return tunnel;
    }
    forget(node, tunnel);
    return NULL;
}

// It may have been on this interface all along: then there is nothing to restore.
static rns_verdict_t found(rns_node_t *node, const uint8_t id[32], struct rnsi_iface *iface) {
    struct rnsi_tunnel *tunnel = find(node, id);
    const bool known = tunnel != NULL;
    if (!known && (tunnel = new_tunnel(node, id)) == NULL) {
        return RNS_RX_FULL;
    }
    tunnel->expires = node->now + TIMEOUT;
    rnsi_record_dirty(node, RNS_RECORD_TUNNEL, &tunnel->slot);
    if (tunnel_at(node, iface->tunnel) == tunnel) {
        return RNS_RX_LEARNED;
    }
    const rns_iface_t handle = rnsi_iface_handle(node, iface);
    attach(node, tunnel, iface);
    if (known) {
        rns_event_t event = {.type = RNS_EV_TUNNEL, .iface = handle};
        rnsi_event(node, &event);
    }
    rnsi_tunnel_restore(node, iface);
    if (rnsi_iface_get(node, handle) != NULL) { // an event may have removed it
        rnsi_iface_schedule(node, iface);
    }
    return RNS_RX_LEARNED;
}

rns_verdict_t rnsi_tunnel_receive(rns_node_t *node, rnsi_rx_t *rx) {
    const rns_bytes_t data = rx->packet.data;
    if (data.size != SYNTHESIS_SIZE) {
        return RNS_RX_MALFORMED;
    }
    if (tunnels(node)->count == 0) {
        return RNS_RX_NO_DEST;
    }
    const rns_bytes_t message = {data.data, SIGNED_SIZE};
    if (!rnsi_identity_verify(&node->crypto, data.data, message, data.data + SIGNED_SIZE)) {
        return RNS_RX_BAD_SIGNATURE;
    }
    uint8_t id[32];
    rnsi_sha256(&node->crypto, (rns_bytes_t){data.data, ID_SIZE}, id);
    return found(node, id, rx->iface);
}

// ---- Sending

rns_err_t rns_iface_tunnel(rns_node_t *node, rns_us_t now, rns_iface_t handle) {
    struct rnsi_iface *iface = rnsi_iface_get(node, handle);
    if (iface == NULL) {
        return RNS_ERR_GONE;
    }
    if (!rnsi_iface_sends(iface)) {
        return RNS_ERR_STATE;
    }
    node->now = now;
    uint8_t raw[RNSI_HEADER_MINSIZE + SYNTHESIS_SIZE], *data = raw + RNSI_HEADER_MINSIZE;
    const uint8_t flags = rnsi_packet_flags(RNSI_HEADER_1, false, RNSI_TRANSPORT_BROADCAST,
                                            RNSI_DEST_PLAIN, RNSI_TYPE_DATA);
    rnsi_packet_head((rns_mem_t){raw, sizeof raw}, flags, 0, NULL, node->tunnel_dest,
                     RNSI_CONTEXT_NONE);
    memcpy(data, node->identity.pub, RNSI_IDENTITY_PUB);
    memcpy(data + RNSI_IDENTITY_PUB, iface->hash, sizeof iface->hash);
    if (!rnsi_random(node, data + ID_SIZE, SIGNED_SIZE - ID_SIZE)) {
        return RNS_ERR_ENTROPY;
    }
    rnsi_identity_sign(&node->crypto, &node->signer_secret, (rns_bytes_t){data, SIGNED_SIZE},
                       data + SIGNED_SIZE);
    return rnsi_send(node, (rns_mem_t){raw, sizeof raw}, iface) ? RNS_ERR_OK : RNS_ERR_FULL;
}

// ---- Time

// A live path with a newer announce makes a tunnel's needless. They are looked at in turn.
static void compare_with_live(rns_node_t *node) {
    for (uint32_t i = 0; i < CLEAN_SLICE; i++) {
        struct rnsi_tunnel_path *path = rnsi_pool_walk(tunnel_paths(node), &node->tunnel_cursor, 1);
        if (node->tunnel_cursor == RNSI_NONE) {
            node->tunnel_cursor = 0;
            return;
        }
        const struct rnsi_path *live =
            path != NULL ? rnsi_path_peek(node, node->now, path->key) : NULL;
        if (live != NULL && live->emission_s > path->emission_s) {
            drop_path(node, path);
        }
    }
}

void rnsi_tunnel_clean(rns_node_t *node) {
    rnsi_pool_expire(tunnel_paths(node), node->now, EXPIRE_MOST);
    rnsi_pool_expire(tunnels(node), node->now, EXPIRE_MOST);
    compare_with_live(node);
}
