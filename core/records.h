// records.h -- what of the node outlives it: which records are dirty, and how each is read and
// written.
#ifndef RNSI_RECORDS_H_INCLUDED
#define RNSI_RECORDS_H_INCLUDED

#include "node.h"

// The element's record changed: it is put from rns_tick(), unless its kind is rewritten as a whole.
void rnsi_record_dirty(rns_node_t *node, rns_record_t kind, rnsi_slot_t *slot);
// The element goes: its record is deleted from rns_tick().
void rnsi_record_gone(rns_node_t *node, rns_record_t kind, const void *key);
void rnsi_records_load(rns_node_t *node); // from rns_open(): all but paths and tunnels
// Paths and tunnels name interfaces by the hash of their display string: those of an interface are
// loaded when it is added.
void rnsi_records_iface(rns_node_t *node, struct rnsi_iface *iface);
void rnsi_records_tick(rns_node_t *node);       // a bounded number of puts and deletes
bool rnsi_records_wait(const rns_node_t *node); // can the store be asked again at once?

#endif
