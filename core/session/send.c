// send.c -- packets of our own (RNS/Packet.py: pack, send); see send.h.
#include "session/send.h"

#include "route/known.h"
#include "route/outbound.h"
#include "session/identity.h"
#include "session/receipt.h"
#include "wire/announce.h"

// A HEADER_1 packet, with room before it for the transport id that outbound inserts.
typedef struct {
    uint8_t bytes[RNSI_ADDRESS_SIZE + RNS_MTU];
    rns_mem_t raw, body; // the packet so far; where its data goes
} draft_t;

static void begin(draft_t *draft, rnsi_dest_type_t type, const uint8_t dest[16]) {
    draft->raw = (rns_mem_t){draft->bytes + RNSI_ADDRESS_SIZE, RNS_MTU};
    const uint8_t flags =
        rnsi_packet_flags(RNSI_HEADER_1, false, RNSI_TRANSPORT_BROADCAST, type, RNSI_TYPE_DATA);
    draft->raw.size = rnsi_packet_head(draft->raw, flags, 0, NULL, dest, RNSI_CONTEXT_NONE);
    draft->body = (rns_mem_t){draft->raw.data + draft->raw.size, RNS_MTU - draft->raw.size};
}

// ---- SINGLE

rns_err_t rnsi_seal_single(rns_node_t *node, const struct rnsi_known *known, rns_bytes_t plain,
                           rns_mem_t out, size_t *size) {
    uint8_t ephemeral_secret[32], iv[RNSI_TOKEN_IV];
    rns_err_t err = RNS_ERR_ENTROPY;
    if (rnsi_random(node, ephemeral_secret, sizeof ephemeral_secret) &&
        rnsi_random(node, iv, sizeof iv)) {
        const rns_hash_t identity =
            rnsi_truncated_hash(&node->crypto, (rns_bytes_t){known->pub, sizeof known->pub});
        const uint8_t *ratchet = rnsi_ratchet_of(node, known->hash);
        *size = rnsi_identity_encrypt(&node->crypto, ratchet != NULL ? ratchet : known->pub,
                                      &identity, ephemeral_secret, iv, plain, out);
        err = *size > 0 ? RNS_ERR_OK : RNS_ERR_AUTH;
    }
    node->crypto.v->wipe(ephemeral_secret, sizeof ephemeral_secret);
    return err;
}

// How long the proof may take (PacketReceipt.__init__).
static rns_us_t proof_timeout(const rns_node_t *node, const rns_hash_t *destination) {
    return rns_first_hop_timeout(node, node->now, destination) +
           RNSI_PER_HOP_TIMEOUT * rns_hops_to(node, node->now, destination);
}

static rns_err_t open_receipt(rns_node_t *node, const draft_t *draft, const uint8_t signer[32],
                              rns_us_t timeout, rns_receipt_t *receipt) {
    rnsi_packet_t packet;
    uint8_t hash[32];
    rnsi_packet_parse(draft->raw, &packet); // it is our own: it parses
    rnsi_packet_hash(&node->crypto, &packet, hash);
    const struct rnsi_receipt *r = rnsi_receipt_open(node, hash, signer, timeout);
    if (r == NULL) {
        return RNS_ERR_FULL;
    }
    *receipt = (rns_receipt_t){rnsi_pool_slot(RNSI_POOL(node, RECEIPT), r), r->slot.gen};
    return RNS_ERR_OK;
}

rns_err_t rns_send(rns_node_t *node, rns_us_t now, const rns_hash_t *destination, rns_bytes_t data,
                   rns_receipt_t *receipt) {
    const struct rnsi_known *known = rnsi_known_find(node, destination->b);
    if (known == NULL) {
        return RNS_ERR_NO_PATH;
    }
    if (data.size > RNS_ENCRYPTED_MDU) {
        return RNS_ERR_SIZE;
    }
    node->now = now;
    draft_t draft;
    begin(&draft, RNSI_DEST_SINGLE, destination->b);
    size_t size;
    rns_err_t err = rnsi_seal_single(node, known, data, draft.body, &size);
    if (err != RNS_ERR_OK) {
        return err;
    }
    draft.raw.size += size;
    rnsi_known_used(node, destination->b);
    uint8_t signer[32]; // a receipt that ends for ours lets the application change what is known
    memcpy(signer, known->pub + 32, sizeof signer);
    if (receipt != NULL) {
        err = open_receipt(node, &draft, signer, proof_timeout(node, destination), receipt);
        if (err != RNS_ERR_OK) {
            return err;
        }
    }
    if (!rnsi_send(node, draft.raw, NULL)) {
        if (receipt != NULL) {
            rns_receipt_cancel(node, *receipt);
        }
        return RNS_ERR_FULL;
    }
    return RNS_ERR_OK;
}

// ---- PLAIN and GROUP

rns_err_t rnsi_seal_group(rns_node_t *node, rns_bytes_t key, rns_bytes_t plain, rns_mem_t out,
                          size_t *size) {
    uint8_t iv[RNSI_TOKEN_IV];
    if (rnsi_token_size(plain.size) > out.size) {
        return RNS_ERR_SIZE;
    }
    if (!rnsi_random(node, iv, sizeof iv)) {
        return RNS_ERR_ENTROPY;
    }
    *size = rnsi_token_encrypt(&node->crypto, key.data, key.size, iv, plain, out);
    return RNS_ERR_OK;
}

rns_err_t rnsi_seal_plain(rns_bytes_t plain, rns_mem_t out, size_t *size) {
    if (plain.size > out.size) {
        return RNS_ERR_SIZE;
    }
    if (plain.size > 0) {
        memcpy(out.data, plain.data, plain.size);
    }
    *size = plain.size;
    return RNS_ERR_OK;
}

rns_err_t rns_broadcast(rns_node_t *node, rns_us_t now, const char *name,
                        const rns_hash_t *identity, rns_bytes_t key, rns_bytes_t data) {
    const bool group = key.data != NULL;
    const bool key_fits = key.size == RNSI_TOKEN_KEY || key.size == RNSI_TOKEN_KEY_128;
    rns_hash_t dest;
    const bool is_empty = !group && data.size == 0; // nobody takes a packet without data
    if (is_empty || (group ? !key_fits : identity != NULL)) {
        return RNS_ERR_ARG;
    }
    rns_err_t err = rns_destination_hash(node, name, identity, &dest);
    if (err != RNS_ERR_OK) {
        return err;
    }
    node->now = now;
    draft_t draft;
    begin(&draft, group ? RNSI_DEST_GROUP : RNSI_DEST_PLAIN, dest.b);
    size_t size;
    err = group ? rnsi_seal_group(node, key, data, draft.body, &size)
                : rnsi_seal_plain(data, draft.body, &size);
    if (err != RNS_ERR_OK) {
        return err;
    }
    draft.raw.size += size;
    return rnsi_send(node, draft.raw, NULL) ? RNS_ERR_OK : RNS_ERR_FULL;
}
