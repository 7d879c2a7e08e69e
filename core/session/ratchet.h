// ratchet.h -- ratchet keys of our own destinations: X25519 keys that are changed while announcing,
// so that a stolen identity does not open what was sent before (RNS.Destination.rotate_ratchets).
#ifndef RNSI_RATCHET_H_INCLUDED
#define RNSI_RATCHET_H_INCLUDED

#include "node.h"

#define RNSI_RATCHET_INTERVAL_S 1800U // Destination.RATCHET_INTERVAL
#define RNSI_RATCHET_SLICE      8U    // keys tried at once
#define RNSI_RATCHETS_SMALL     8U    // kept where there is no row to put the file together in
#define RNSI_RATCHET_SMALL      512U  // bytes of their file

// Where a ratchet file is put together or read: a slot of RATCHET_FILE, or a small buffer if that
// row has no slots. Secret.
typedef struct {
    rns_mem_t mem;
    struct rnsi_ratchet_file *row;
    uint8_t small_secret[RNSI_RATCHET_SMALL];
} rnsi_ratchet_bench_t;

bool rnsi_ratchet_bench_open(rns_node_t *node, rnsi_ratchet_bench_t *bench); // false: taken
void rnsi_ratchet_bench_close(rns_node_t *node, rnsi_ratchet_bench_t *bench);

// Takes the stored ratchets of a new destination and says how many are kept (0: as many as can be).
// FULL: no room for a single one, or for the file; AUTH: the file is damaged or not ours. Nothing
// is held then.
rns_err_t rnsi_ratchet_open(rns_node_t *node, struct rnsi_dest *dest, uint32_t retained);
// As many are kept from now on, at least 1; older ones are wiped.
void rnsi_ratchet_keep(rns_node_t *node, struct rnsi_dest *dest, uint32_t retained);
void rnsi_ratchet_close(rns_node_t *node, struct rnsi_dest *dest); // wipes

// A new newest key, if it is due: the first time, and when the interval has passed. FULL, ENTROPY.
rns_err_t rnsi_ratchet_rotate(rns_node_t *node, struct rnsi_dest *dest);
// Puts a key in front; when there is no room the destination's own oldest goes. FULL.
rns_err_t rnsi_ratchet_push(rns_node_t *node, struct rnsi_dest *dest, const uint8_t key_secret[32]);
// The public half of the newest. false: there is none.
bool rnsi_ratchet_public(const rns_node_t *node, const struct rnsi_dest *dest, uint8_t pub[32]);
// The id of one of the list, 0 is the newest. false: there is none. Costs a walk to it.
bool rnsi_ratchet_id_at(const rns_node_t *node, const struct rnsi_dest *dest, uint32_t index,
                        uint8_t id[10]);

// Tries at most RNSI_RATCHET_SLICE keys, passing over the *tried newest; adds to *tried. true: the
// plain text is in out (see rnsi_identity_decrypt), id is the ratchet's.
bool rnsi_ratchet_decrypt(rns_node_t *node, const struct rnsi_dest *dest, uint32_t *tried,
                          rns_bytes_t blob, rns_mem_t out, size_t *size, uint8_t id[10]);
// Another process may have rotated: reads the file again. true: it has keys that we had not.
bool rnsi_ratchet_reload(rns_node_t *node, struct rnsi_dest *dest);

// The bytes of the file, signed. 0: out is too small. One Ed25519 signature.
size_t rnsi_ratchet_record(const rns_node_t *node, const struct rnsi_dest *dest, rns_mem_t out);

#endif
