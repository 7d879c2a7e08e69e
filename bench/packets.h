// bench/packets.h -- what the driver sends: signed announces, data packets, and both sealed with an
// interface access code. All of it is made before a clock starts.
#ifndef BENCH_PACKETS_H
#define BENCH_PACKETS_H

#include "net.h"

#define HASH_BYTES     16U
#define IFAC_BYTES     16U // the reference's default on TCP
#define ANNOUNCE_BYTES 167U
#define DATA_HEADER    35U // HEADER_2
#define PAYLOAD_MIN    8U

typedef struct {
    bool on;
    uint8_t key[64];
    uint8_t sign_key[64]; // seed and public key, as libsodium has it
} ifac_t;

typedef struct {
    uint8_t hash[HASH_BYTES];
    uint8_t announce[ANNOUNCE_BYTES];
} target_t;

// Frames one after the other as they go onto the wire.
typedef struct {
    uint8_t *bytes;
    uint32_t *offset;    // of frame i; offset[count] is the end
    uint16_t *lap_field; // within frame i: 4 bytes that make it unique in each lap
    size_t count;
} store_t;

// The access code of the reference's network_name and passphrase; empty parts are left out.
void ifac_derive(ifac_t *ifac, const char *name, const char *passphrase);
// Adds the code to the packet and masks it: out holds size + IFAC_BYTES, which is returned.
size_t ifac_seal(const ifac_t *ifac, uint8_t *out, const uint8_t *packet, size_t size);
// Undoes it; false: not of this network. out may be in.
bool ifac_unseal(const ifac_t *ifac, uint8_t *out, const uint8_t *sealed, size_t size);

// `count` destinations, each of a new identity, with a signed announce.
target_t *targets_make(size_t count);
// The announces as frames.
void store_announces(store_t *store, const target_t *targets, size_t count, const ifac_t *ifac);
// Unique data packets to the targets in turn, by way of the transport node.
void store_data(store_t *store, const target_t *targets, size_t targets_count,
                const uint8_t transport_id[HASH_BYTES], size_t payload, size_t count,
                const ifac_t *ifac);
// Writes the lap into `count` frames from `first` on; the lengths stay as they are.
void store_set_lap(store_t *store, size_t first, size_t count, uint32_t lap);
void store_free(store_t *store);

#endif
