// records.h -- what of the node outlives it: which records are dirty, and how each is read and
// written.
//
// An element carries a bit for each of its kinds while its record waits to be put; the node counts
// them and rns_tick() looks for them in bounded slices. Records that are to be deleted stand in the
// row RECORD_GONE until the store has deleted them.
#ifndef RNSI_RECORDS_H_INCLUDED
#define RNSI_RECORDS_H_INCLUDED

#include "node.h"

// The element's record changed: it is put from rns_tick(), unless its kind is rewritten as a whole.
// IDENTITY has no element: NULL.
void rnsi_record_dirty(rns_node_t *node, rns_record_t kind, rnsi_slot_t *slot);
// The element goes, and its record is deleted from rns_tick(). key: where it stands in the element,
// which still holds its slot.
void rnsi_record_gone(rns_node_t *node, rns_record_t kind, const void *key);
// The element goes, and its record stays as it was put last.
void rnsi_record_left(rns_node_t *node, rns_record_t kind, rnsi_slot_t *slot);
void rnsi_records_load(rns_node_t *node); // from rns_open(): all but paths
// Paths name interfaces by the hash of their display string: those of an interface are loaded when
// it is added. Spawned children have names that change with each connection, so none is looked for.
void rnsi_records_iface(rns_node_t *node, struct rnsi_iface *iface);
void rnsi_records_tick(rns_node_t *node); // a bounded number of puts and deletes
// When the store is to be asked next: node->now, or a second after it said "later".
rns_us_t rnsi_records_due(const rns_node_t *node);

#endif
