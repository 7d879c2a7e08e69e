// piece.c -- see piece.h.
#include "session/piece.h"

#define ROW_SHIFT 28U // the row stands above, the slot below
#define SLOT_MASK ((UINT32_C(1) << ROW_SHIFT) - 1)

static const struct {
    rns_pool_t pool;
    size_t size;
} ROWS[] = {
    {RNS_POOL_PIECE, sizeof((struct rnsi_piece *)0)->data},
    {RNS_POOL_PIECE_2K, sizeof((struct rnsi_piece_2k *)0)->data},
    {RNS_POOL_PIECE_16K, sizeof((struct rnsi_piece_16k *)0)->data},
    {RNS_POOL_PIECE_MAX, sizeof((struct rnsi_piece_max *)0)->data},
};
#define ROW_COUNT (sizeof ROWS / sizeof *ROWS)

static rnsi_pool_t *row(const rns_node_t *node, size_t i) {
    return (rnsi_pool_t *)&node->memory.pools[ROWS[i].pool];
}

static struct rnsi_piece_head *head_of(const rns_node_t *node, uint32_t piece) {
    return rnsi_pool_at(row(node, piece >> ROW_SHIFT), piece & SLOT_MASK);
}

// The bytes of a piece stand behind its head in every row.
static uint8_t *data_of(struct rnsi_piece_head *head) {
    return ((struct rnsi_piece *)(void *)head)->data;
}

uint32_t rnsi_piece_new(rns_node_t *node, size_t size) {
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (size > ROWS[i].size || row(node, i)->count == 0) {
            continue;
        }
        struct rnsi_piece_head *piece = rnsi_pool_take(row(node, i), node->now, NULL);
        if (piece == NULL) {
            return RNSI_NONE;
        }
        piece->size = (uint32_t)size;
        return (uint32_t)i << ROW_SHIFT | rnsi_pool_slot(row(node, i), piece);
    }
    return RNSI_NONE;
}

static void copy(uint8_t *to, rns_bytes_t from) {
    if (from.size > 0) {
        memcpy(to, from.data, from.size);
    }
}

uint32_t rnsi_piece_put(rns_node_t *node, rns_bytes_t head, rns_bytes_t body) {
    const uint32_t piece = rnsi_piece_new(node, head.size + body.size);
    if (piece != RNSI_NONE) {
        uint8_t *data = rnsi_piece_at(node, piece).data;
        copy(data, head);
        copy(data + head.size, body);
    }
    return piece;
}

void rnsi_piece_cut(const rns_node_t *node, uint32_t piece, size_t size) {
    head_of(node, piece)->size = (uint32_t)size;
}

rns_mem_t rnsi_piece_at(const rns_node_t *node, uint32_t piece) {
    struct rnsi_piece_head *head = head_of(node, piece);
    return (rns_mem_t){data_of(head), head->size};
}

void rnsi_piece_give(rns_node_t *node, uint32_t piece) {
    if (piece != RNSI_NONE) {
        rnsi_pool_give(row(node, piece >> ROW_SHIFT), head_of(node, piece));
    }
}

uint32_t rnsi_piece_room(const rns_node_t *node, size_t size) {
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (size <= ROWS[i].size && row(node, i)->count > 0) {
            return row(node, i)->count - row(node, i)->used;
        }
    }
    return 0;
}
