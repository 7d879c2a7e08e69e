// piece.h -- parts and messages that wait, in the smallest row that holds them.
#ifndef RNSI_PIECE_H_INCLUDED
#define RNSI_PIECE_H_INCLUDED

#include "node.h"

// Row and slot in one: an element keeps it. RNSI_NONE: none.
// A piece of this size, whose bytes the caller writes. RNSI_NONE: no slot is free.
uint32_t rnsi_piece_new(rns_node_t *node, size_t size);
// Copies head and body (either may be empty) into one piece. RNSI_NONE: no slot is free.
uint32_t rnsi_piece_put(rns_node_t *node, rns_bytes_t head, rns_bytes_t body);
void rnsi_piece_cut(const rns_node_t *node, uint32_t piece, size_t size); // to fewer bytes
// How many of this size there is room for now.
uint32_t rnsi_piece_room(const rns_node_t *node, size_t size);
rns_mem_t rnsi_piece_at(const rns_node_t *node, uint32_t piece);
void rnsi_piece_give(rns_node_t *node, uint32_t piece); // RNSI_NONE: nothing

#endif
