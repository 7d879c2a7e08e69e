// send.c -- packets of our own (RNS/Packet.py: pack, send).
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

// Encrypts to the newest ratchet of a known destination, or else to its key.
static rns_err_t encrypt(rns_node_t *node, const struct rnsi_known *known, rns_bytes_t plain,
                         draft_t *draft) {
    uint8_t ephemeral_secret[32], iv[RNSI_TOKEN_IV];
    rns_err_t err = RNS_ERR_ENTROPY;
    if (rnsi_random(node, ephemeral_secret, sizeof ephemeral_secret) &&
        rnsi_random(node, iv, sizeof iv)) {
        const rns_hash_t identity =
            rnsi_truncated_hash(&node->crypto, (rns_bytes_t){known->pub, sizeof known->pub});
        const uint8_t *ratchet = rnsi_ratchet_of(node, known->hash);
        const size_t size =
            rnsi_identity_encrypt(&node->crypto, ratchet != NULL ? ratchet : known->pub, &identity,
                                  ephemeral_secret, iv, plain, draft->body);
        draft->raw.size += size;
        err = size > 0 ? RNS_ERR_OK : RNS_ERR_AUTH;
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
    rns_err_t err = encrypt(node, known, data, &draft);
    if (err != RNS_ERR_OK) {
        return err;
    }
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

static rns_err_t fill_group(rns_node_t *node, rns_bytes_t key, rns_bytes_t data, draft_t *draft) {
    uint8_t iv[RNSI_TOKEN_IV];
    if (rnsi_token_size(data.size) > draft->body.size) {
        return RNS_ERR_SIZE;
    }
    if (!rnsi_random(node, iv, sizeof iv)) {
        return RNS_ERR_ENTROPY;
    }
    draft->raw.size += rnsi_token_encrypt(&node->crypto, key.data, key.size, iv, data, draft->body);
    return RNS_ERR_OK;
}

static rns_err_t fill_plain(rns_bytes_t data, draft_t *draft) {
    if (data.size == 0) {
        return RNS_ERR_ARG; // nobody takes a packet without data
    }
    if (data.size > draft->body.size) {
        return RNS_ERR_SIZE;
    }
    memcpy(draft->body.data, data.data, data.size);
    draft->raw.size += data.size;
    return RNS_ERR_OK;
}

rns_err_t rns_broadcast(rns_node_t *node, rns_us_t now, const char *name,
                        const rns_hash_t *identity, rns_bytes_t key, rns_bytes_t data) {
    const bool group = key.data != NULL;
    const bool key_fits = key.size == RNSI_TOKEN_KEY || key.size == RNSI_TOKEN_KEY_128;
    rns_hash_t dest;
    if (group ? !key_fits : identity != NULL) {
        return RNS_ERR_ARG;
    }
    rns_err_t err = rns_destination_hash(node, name, identity, &dest);
    if (err != RNS_ERR_OK) {
        return err;
    }
    node->now = now;
    draft_t draft;
    begin(&draft, group ? RNSI_DEST_GROUP : RNSI_DEST_PLAIN, dest.b);
    err = group ? fill_group(node, key, data, &draft) : fill_plain(data, &draft);
    if (err != RNS_ERR_OK) {
        return err;
    }
    return rnsi_send(node, draft.raw, NULL) ? RNS_ERR_OK : RNS_ERR_FULL;
}
