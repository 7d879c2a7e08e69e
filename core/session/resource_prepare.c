// resource_prepare.c -- a segment as it is sent: one token over a random prefix and the data, cut
// into parts, none of which is kept (RNS/Resource.py: __init__). A pass over the segment finds its
// hash, its HMAC, its map hashes, and of every few parts the block of ciphertext before it, from
// which parts are made again. A map hash is made again, too, when it is wanted, unless the map of
// the whole segment fits.
#include "route/tx.h"
#include "session/transfer.h"

#define TWIN_RETRIES 16U    // other random numbers for the map: more is no chance
#define READ_MOST    65536U // bytes read at once, to be packed
#define SKIP_BYTES   512U   // passed over at once, on the stack

static const struct rnsi_segment *segment_row(const rns_node_t *node,
                                              const struct rnsi_resource_out *out) {
    return rnsi_pool_at(RNSI_POOL(node, SEGMENT), out->segment_row);
}

static struct rnsi_pack *pack_row(const rns_node_t *node, const struct rnsi_resource_out *out) {
    return rnsi_pool_at(RNSI_POOL(node, PACK), out->pack_row);
}

// ---- The plain text: prefix, data of the segment, padding

static uint32_t metadata_bytes(const struct rnsi_resource_out *out) {
    const size_t size = out->metadata.bytes.size;
    return size > 0 ? (uint32_t)(RNSI_METADATA_HEAD + size) : 0;
}

// Copies what of `from`, which stands at `start`, lies in [at, at + out.size).
static void overlay(uint64_t start, rns_bytes_t from, uint64_t at, rns_mem_t out) {
    const uint64_t end = start + from.size, out_end = at + out.size;
    const uint64_t first = start > at ? start : at, last = end < out_end ? end : out_end;
    if (first < last) {
        memcpy(out.data + (first - at), from.data + (first - start), (size_t)(last - first));
    }
}

// Bytes of the whole resource: the head of its metadata, its metadata, the source's.
static bool read_resource(const struct rnsi_resource_out *out, uint64_t at, rns_mem_t mem) {
    const rns_bytes_t metadata = out->metadata.bytes;
    const uint32_t before = metadata_bytes(out);
    if (at < before) {
        uint8_t head[4];
        rnsi_put32(head, (uint32_t)metadata.size);
        overlay(0, (rns_bytes_t){head + 1, RNSI_METADATA_HEAD}, at, mem);
        overlay(RNSI_METADATA_HEAD, metadata, at, mem);
        const uint64_t done = before - at;
        if (done >= mem.size) {
            return true;
        }
        mem = (rns_mem_t){mem.data + done, mem.size - (size_t)done};
        at = before;
    }
    const rns_source_t *source = &out->source.source;
    return source->read(source->user, at - before, mem) == mem.size;
}

// Bytes of the segment, before or, if it is packed, after packing.
static bool read_segment(const rns_node_t *node, const struct rnsi_resource_out *out, uint32_t at,
                         rns_mem_t mem) {
    if (mem.size == 0) {
        return true;
    }
    if (out->segment_row != RNSI_NONE) {
        memcpy(mem.data, segment_row(node, out)->bytes + at, mem.size);
        return true;
    }
    return read_resource(out, (uint64_t)(out->segment - 1) * RNS_RESOURCE_SEGMENT + at, mem);
}

static uint32_t text_size(const struct rnsi_resource_out *out) {
    return out->transfer - RNSI_TOKEN_OVERHEAD;
}

// Bytes of the plain text. hash (may be NULL): of the data, goes on with what of it they have.
static bool read_plain(const rns_node_t *node, const struct rnsi_resource_out *out, uint32_t at,
                       rns_mem_t mem, rns_sha256_t *hash) {
    const uint32_t size = out->segment_row != RNSI_NONE ? out->packed : out->plain;
    const uint32_t data_end = RNSI_RESOURCE_RANDOM + size;
    uint32_t from = at, to = at + (uint32_t)mem.size;
    if (from < RNSI_RESOURCE_RANDOM) {
        overlay(0, (rns_bytes_t){out->prefix, sizeof out->prefix}, at, mem);
        from = RNSI_RESOURCE_RANDOM;
    }
    if (to > data_end) {
        const uint32_t first = from > data_end ? from : data_end;
        memset(mem.data + (first - at), (int)(text_size(out) - data_end), to - first);
        to = data_end;
    }
    if (from >= to) {
        return true;
    }
    const rns_mem_t data = {mem.data + (from - at), to - from};
    if (!read_segment(node, out, from - RNSI_RESOURCE_RANDOM, data)) {
        return false;
    }
    if (hash != NULL) {
        node->crypto.v->sha256_update(node->crypto.self, hash, data.data, data.size);
    }
    return true;
}

// ---- Parts

static rnsi_token_at_t token_start(const struct rnsi_resource_out *out) {
    rnsi_token_at_t at = {.part = 0};
    memcpy(at.chain, out->iv, sizeof at.chain);
    return at;
}

// What makes parts, and where it is. hash: of the data, goes on with what is read; or NULL.
typedef struct {
    const rns_node_t *node;
    const struct rnsi_link *link;
    struct rnsi_resource_out *out;
    rnsi_token_at_t *at;
    rns_sha256_t *hash;
} maker_t;

static void encrypt(const maker_t *m, uint8_t *blocks, size_t size) {
    rnsi_token_encrypt_blocks(&m->node->crypto, m->link->key_secret, m->at->chain, blocks, size);
}

// Ciphertext from `from`, where a block begins, to `to` (places in the token). The last block may
// reach beyond that: its rest is the chain's only.
static bool make_text(const maker_t *m, uint32_t from, uint32_t to, uint8_t *bytes) {
    const uint32_t tail = (to - from) % RNSI_AES_BLOCK, whole = to - from - tail;
    if (!read_plain(m->node, m->out, from - RNSI_TOKEN_IV, (rns_mem_t){bytes, whole}, m->hash)) {
        return false;
    }
    encrypt(m, bytes, whole);
    if (tail > 0) {
        uint8_t block[RNSI_AES_BLOCK];
        const rns_mem_t mem = {block, sizeof block};
        if (!read_plain(m->node, m->out, from + whole - RNSI_TOKEN_IV, mem, m->hash)) {
            return false;
        }
        encrypt(m, block, sizeof block);
        memcpy(bytes + whole, block, tail);
    }
    return true;
}

// The part before this place is made: checks the place, or in the first pass keeps it.
static bool check_place(const maker_t *m, bool first) {
    struct rnsi_resource_out *out = m->out;
    const rnsi_token_at_t *at = m->at;
    uint8_t *kept = NULL;
    if (at->part == out->parts) {
        kept = out->last;
    } else if (at->part % out->every == 0) {
        kept = out->checkpoint[at->part / out->every];
    }
    if (kept != NULL && first) {
        memcpy(kept, at->chain, sizeof at->chain);
    }
    return kept == NULL || memcmp(kept, at->chain, sizeof at->chain) == 0;
}

// The HMAC goes on with a part's bytes, and ends with the text.
static void authenticate(const maker_t *m, rns_bytes_t bytes, bool is_end) {
    const rnsi_crypto_t *c = &m->node->crypto;
    c->v->sha256_update(c->self, &m->out->mac, bytes.data, bytes.size);
    if (is_end) {
        rnsi_token_mac_end(c, &m->out->mac, m->link->key_secret, m->out->hmac);
    }
}

// The next part. first: the HMAC and the checkpoints are made with it.
static bool make_part(const maker_t *m, rns_mem_t bytes, bool first) {
    const struct rnsi_resource_out *out = m->out;
    const uint32_t start = m->at->part * out->sdu, end = start + (uint32_t)bytes.size;
    const uint32_t text_end = RNSI_TOKEN_IV + text_size(out);
    const uint32_t to = end < text_end ? end : text_end;
    uint32_t from = start;
    if (start == 0) {
        memcpy(bytes.data, out->iv, RNSI_TOKEN_IV);
        from = RNSI_TOKEN_IV;
    } else if (start < text_end && start % RNSI_AES_BLOCK != 0) {
        const uint32_t before = start % RNSI_AES_BLOCK, rest = RNSI_AES_BLOCK - before;
        from = start + rest < to ? start + rest : to;
        memcpy(bytes.data, m->at->chain + before, from - start);
    }
    if (from < to && !make_text(m, from, to, bytes.data + (from - start))) {
        return false;
    }
    if (first && start < text_end) {
        authenticate(m, (rns_bytes_t){bytes.data, to - start}, to == text_end);
    }
    overlay(text_end, (rns_bytes_t){out->hmac, sizeof out->hmac}, start, bytes);
    m->at->part++;
    return check_place(m, first);
}

// Passes over parts until the place is at this one.
static bool skip_to(const maker_t *m, uint32_t part) {
    const uint32_t text_end = RNSI_TOKEN_IV + text_size(m->out);
    uint8_t bytes[SKIP_BYTES];
    while (m->at->part < part) {
        const uint32_t start = m->at->part * m->out->sdu, end = start + m->out->sdu;
        const uint32_t to = end < text_end ? end : text_end;
        uint32_t from = start == 0 ? RNSI_TOKEN_IV
                                   : (start + RNSI_AES_BLOCK - 1) / RNSI_AES_BLOCK * RNSI_AES_BLOCK;
        for (uint32_t next; from < to; from = next) {
            next = to - from > SKIP_BYTES ? from + SKIP_BYTES : to;
            if (!make_text(m, from, next, bytes)) {
                return false;
            }
        }
        m->at->part++;
        if (!check_place(m, false)) {
            return false;
        }
    }
    return true;
}

static void map_hash(const rns_node_t *node, const struct rnsi_resource_out *out, rns_bytes_t part,
                     uint32_t *hash) {
    const rnsi_crypto_t *c = &node->crypto;
    rns_sha256_t ctx;
    uint8_t digest[RNSI_SHA256_SIZE];
    c->v->sha256_init(c->self, &ctx);
    c->v->sha256_update(c->self, &ctx, part.data, part.size);
    c->v->sha256_update(c->self, &ctx, out->random, sizeof out->random);
    c->v->sha256_final(c->self, &ctx, digest);
    memcpy(hash, digest, RNSI_MAPHASH_SIZE);
}

bool rnsi_prepare_part(rns_node_t *node, const struct rnsi_link *link,
                       struct rnsi_resource_out *out, uint32_t part, rns_mem_t bytes) {
    const uint32_t nearest = part / out->every;
    if (out->at.part > part || out->at.part < nearest * out->every) {
        if (nearest == 0) {
            out->at = token_start(out);
        } else {
            memcpy(out->at.chain, out->checkpoint[nearest], sizeof out->at.chain);
            out->at.part = nearest * out->every;
        }
    }
    const maker_t maker = {node, link, out, &out->at, NULL};
    if (!skip_to(&maker, part) || !make_part(&maker, bytes, false)) {
        out->at = token_start(out);
        return false;
    }
    // What is asked for again may have been wrong.
    const uint32_t place = part % RNSI_MAP_OUT;
    if ((out->sent[place / 64] >> place % 64 & 1) != 0 && part < out->map_end) {
        uint32_t hash;
        map_hash(node, out, (rns_bytes_t){bytes.data, bytes.size}, &hash);
        return hash == out->map[place];
    }
    return true;
}

// ---- The pass over a segment

static void restart(const rns_node_t *node, const struct rnsi_link *link,
                    struct rnsi_resource_out *out) {
    if (out->segment_row == RNSI_NONE) {
        node->crypto.v->sha256_init(node->crypto.self, &out->content);
    }
    rnsi_token_mac_begin(&node->crypto, &out->mac, link->key_secret);
    out->at = token_start(out);
    out->map_end = 0;
}

// The data is known: sizes follow, and the pass begins.
static void begin_pass(const rns_node_t *node, const struct rnsi_link *link,
                       struct rnsi_resource_out *out) {
    const uint32_t size = out->segment_row != RNSI_NONE ? out->packed : out->plain;
    out->transfer = (uint32_t)rnsi_token_size(RNSI_RESOURCE_RANDOM + size);
    out->parts = rnsi_parts_of(out->transfer, out->sdu);
    out->every = (out->parts + RNSI_CHECKPOINTS - 1) / RNSI_CHECKPOINTS;
    out->map_wanted = out->parts < RNSI_HASHMAP_MAX ? out->parts : RNSI_HASHMAP_MAX;
    out->state = RNSI_OUT_PREPARING;
    out->retries = 0;
    restart(node, link, out);
}

static void digest(const rns_node_t *node, const rns_sha256_t *content, rns_bytes_t end,
                   uint8_t hash[32]) {
    const rnsi_crypto_t *c = &node->crypto;
    rns_sha256_t ctx = *content;
    c->v->sha256_update(c->self, &ctx, end.data, end.size);
    c->v->sha256_final(c->self, &ctx, hash);
}

static void finish_pass(const rns_node_t *node, struct rnsi_resource_out *out) {
    digest(node, &out->content, (rns_bytes_t){out->random, sizeof out->random}, out->hash);
    digest(node, &out->content, (rns_bytes_t){out->hash, sizeof out->hash}, out->proof);
    if (out->segment == 1) {
        memcpy(out->original, out->hash, sizeof out->original);
    }
    if (out->parts > RNSI_MAP_OUT) { // what the map holds now was for the search for twins
        out->map_end = 0;
        out->ahead = token_start(out);
    }
}

// No two parts that stand near each other may have the same map hash.
static bool has_twin(const struct rnsi_resource_out *out, uint32_t hash) {
    const uint32_t count = out->map_end < RNSI_MAP_OUT ? out->map_end : RNSI_MAP_OUT;
    bool found = false;
    for (uint32_t i = 0; i < count; i++) {
        found = found || out->map[i] == hash;
    }
    return found;
}

static rnsi_step_t pass_step(rns_node_t *node, const struct rnsi_link *link,
                             struct rnsi_resource_out *out) {
    const uint32_t part = out->at.part;
    const uint32_t size = rnsi_part_size(out->transfer, out->sdu, part);
    const rnsi_frame_t frame = rnsi_frame_new(node, NULL, size);
    if (frame.slot == RNSI_NONE) {
        return RNSI_STEP_BLOCKED;
    }
    uint32_t hash = 0;
    const maker_t maker = {node, link, out, &out->at,
                           out->segment_row == RNSI_NONE ? &out->content : NULL};
    const bool ok = make_part(&maker, (rns_mem_t){frame.data, size}, true);
    if (ok) {
        map_hash(node, out, (rns_bytes_t){frame.data, size}, &hash);
    }
    rnsi_frame_unused(node, frame);
    if (!ok) {
        return RNSI_STEP_BAD;
    }
    if (has_twin(out, hash)) {
        if (out->retries++ == TWIN_RETRIES || !rnsi_random(node, out->random, sizeof out->random)) {
            return RNSI_STEP_BAD;
        }
        restart(node, link, out);
        return RNSI_STEP_DONE;
    }
    out->map[part % RNSI_MAP_OUT] = hash;
    out->map_end = part + 1;
    if (out->map_end == out->parts) {
        finish_pass(node, out);
    }
    return RNSI_STEP_DONE;
}

rnsi_step_t rnsi_prepare_map(rns_node_t *node, const struct rnsi_link *link,
                             struct rnsi_resource_out *out) {
    if (out->map_end >= out->map_wanted) {
        return RNSI_STEP_READY;
    }
    const uint32_t part = out->ahead.part;
    const uint32_t size = rnsi_part_size(out->transfer, out->sdu, part);
    const rnsi_frame_t frame = rnsi_frame_new(node, NULL, size);
    if (frame.slot == RNSI_NONE) {
        return RNSI_STEP_BLOCKED;
    }
    const maker_t maker = {node, link, out, &out->ahead, NULL};
    const bool ok = make_part(&maker, (rns_mem_t){frame.data, size}, false);
    if (ok) {
        map_hash(node, out, (rns_bytes_t){frame.data, size}, &out->map[part % RNSI_MAP_OUT]);
        out->map_end = part + 1;
    }
    rnsi_frame_unused(node, frame);
    return ok ? RNSI_STEP_DONE : RNSI_STEP_BAD;
}

// ---- Packing

static void give_segment(rns_node_t *node, struct rnsi_resource_out *out) {
    if (out->segment_row != RNSI_NONE) {
        rnsi_pool_t *pool = RNSI_POOL(node, SEGMENT);
        rnsi_pool_give(pool, rnsi_pool_at(pool, out->segment_row));
        out->segment_row = RNSI_NONE;
    }
}

static void give_pack(rns_node_t *node, struct rnsi_resource_out *out) {
    if (out->pack_row != RNSI_NONE) {
        rnsi_pool_t *pool = RNSI_POOL(node, PACK);
        rnsi_pool_give(pool, rnsi_pool_at(pool, out->pack_row));
        out->pack_row = RNSI_NONE;
    }
}

// Without the memory to pack it a segment goes out as it is.
static bool wants_pack(const rns_node_t *node, const struct rnsi_resource_out *out) {
    const rns_compress_t *compress = node->compress;
    if (compress == NULL || out->no_compress || out->data_size > out->compress_most) {
        return false;
    }
    const size_t need = compress->pack_need(out->plain);
    return need != 0 && need <= sizeof((struct rnsi_pack *)0)->arena;
}

// The segment is in the row: packs it, and keeps the result if that is shorter.
static void pack(rns_node_t *node, struct rnsi_resource_out *out) {
    struct rnsi_pack *row = pack_row(node, out);
    struct rnsi_segment *to = rnsi_pool_at(RNSI_POOL(node, SEGMENT), out->segment_row);
    const rns_mem_t arena = {(uint8_t *)row->arena, sizeof row->arena};
    const size_t size = node->compress->pack(arena, (rns_bytes_t){row->in, out->plain},
                                             (rns_mem_t){to->bytes, out->plain - 1});
    out->packed = (uint32_t)size;
    if (size > 0) {
        out->flags |= RNSI_ADV_COMPRESSED;
    } else {
        give_segment(node, out);
    }
    give_pack(node, out);
}

// Reads some of the segment into the row; when it is whole, packs it and begins the pass.
static rnsi_step_t pack_step(rns_node_t *node, const struct rnsi_link *link,
                             struct rnsi_resource_out *out) {
    uint8_t *to = pack_row(node, out)->in + out->packed;
    const uint32_t left = out->plain - out->packed;
    const rns_mem_t mem = {to, left < READ_MOST ? left : READ_MOST};
    const uint64_t at = (uint64_t)(out->segment - 1) * RNS_RESOURCE_SEGMENT + out->packed;
    if (!read_resource(out, at, mem)) {
        return RNSI_STEP_BAD;
    }
    node->crypto.v->sha256_update(node->crypto.self, &out->content, mem.data, mem.size);
    out->packed += (uint32_t)mem.size;
    if (out->packed == out->plain) {
        pack(node, out);
        begin_pass(node, link, out);
    }
    return RNSI_STEP_DONE;
}

// false: there is no memory to pack in: it goes as it is.
static bool begin_pack(rns_node_t *node, struct rnsi_resource_out *out) {
    rnsi_pool_t *segments = RNSI_POOL(node, SEGMENT), *packs = RNSI_POOL(node, PACK);
    const void *segment = rnsi_pool_take(segments, node->now, NULL);
    if (segment == NULL) {
        return false;
    }
    out->segment_row = rnsi_pool_slot(segments, segment);
    const void *arena = rnsi_pool_take(packs, node->now, NULL);
    if (arena == NULL) {
        give_segment(node, out);
        return false;
    }
    out->pack_row = rnsi_pool_slot(packs, arena);
    node->crypto.v->sha256_init(node->crypto.self, &out->content);
    out->state = RNSI_OUT_PACKING;
    return true;
}

// ---- A segment

rns_err_t rnsi_prepare_begin(rns_node_t *node, struct rnsi_resource_out *out) {
    const struct rnsi_link *link = rnsi_link_at(node, out->link);
    if (!rnsi_random(node, out->iv, sizeof out->iv) ||
        !rnsi_random(node, out->prefix, sizeof out->prefix) ||
        !rnsi_random(node, out->random, sizeof out->random)) {
        return RNS_ERR_ENTROPY;
    }
    give_segment(node, out); // of the segment before
    out->plain = rnsi_segment_size(out->size, out->segment);
    out->packed = 0;
    out->flags &= (uint8_t)~RNSI_ADV_COMPRESSED;
    out->low = out->map_end = out->sent_count = out->wanted_count = out->scan = 0;
    out->map_asked = false;
    memset(out->wanted, 0, sizeof out->wanted);
    memset(out->sent, 0, sizeof out->sent);
    if (out->plain <= 1 || !wants_pack(node, out) || !begin_pack(node, out)) {
        begin_pass(node, link, out);
    }
    return RNS_ERR_OK;
}

rnsi_step_t rnsi_prepare_step(rns_node_t *node, const struct rnsi_link *link,
                              struct rnsi_resource_out *out) {
    if (out->state == RNSI_OUT_PACKING) {
        return pack_step(node, link, out);
    }
    if (out->at.part < out->parts) {
        return pass_step(node, link, out);
    }
    return rnsi_prepare_map(node, link, out);
}

void rnsi_prepare_end(rns_node_t *node, struct rnsi_resource_out *out) {
    give_pack(node, out);
    give_segment(node, out);
    node->crypto.v->wipe(&out->mac, sizeof out->mac);
    node->crypto.v->wipe(&out->content, sizeof out->content);
}
