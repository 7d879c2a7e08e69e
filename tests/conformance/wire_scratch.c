// wire_scratch.c -- see wire_scratch.h.
#include "wire_scratch.h"

#include <stdio.h>
#include <string.h>

#include "crypto/token.h"
#include "testing_link.h"

// ---- An interface

bool scratch_open(call_t *call, wire_t *wire, scratch_t *scratch) {
    const rns_iface_config_t config = {.name = "Scratch"};
    scratch->wire = wire;
    const rns_err_t err = rns_iface_add(wire->node, clock_now(), &config, &scratch->iface);
    if (err != RNS_ERR_OK) {
        (void)call_fail_err(call, "an interface", err);
    }
    return err == RNS_ERR_OK;
}

void scratch_close(scratch_t *scratch) {
    (void)rns_iface_remove(scratch->wire->node, clock_now(), scratch->iface);
    daemon_wake(scratch->wire->daemon);
}

rns_mem_t copy_frame(call_t *call, rns_mem_t frame) {
    const rns_mem_t copy = {call_alloc(call, frame.size + 1), frame.size};
    if (frame.size > 0) {
        memcpy(copy.data, frame.data, frame.size);
    }
    return copy;
}

bool scratch_take(call_t *call, scratch_t *scratch, rnsi_packet_type_t type, uint8_t context,
                  rns_mem_t *frame) {
    rns_tx_t tx;
    bool found = false;
    while (!found && rns_tx_next(scratch->wire->node, clock_now(), scratch->iface, &tx)) {
        rnsi_packet_t packet;
        *frame = copy_frame(call, (rns_mem_t){(uint8_t *)tx.frame.data, tx.frame.size});
        rns_tx_done(scratch->wire->node, clock_now(), scratch->iface, &tx, true);
        found =
            rnsi_packet_parse(*frame, &packet) && packet.type == type && packet.context == context;
    }
    return found;
}

rns_verdict_t scratch_put(scratch_t *scratch, rns_mem_t frame) {
    return rns_rx(scratch->wire->node, clock_now(), scratch->iface, frame, NULL);
}

// ---- A destination

static bool read_name(call_t *call, const char *aspect, const char **name) {
    if (call_has(call, "app_name")) {
        return call_name(call, name);
    }
    char *text = call_alloc(call, WIRE_NAME);
    (void)snprintf(text, WIRE_NAME, "conformance.%s", aspect);
    *name = text;
    return true;
}

static bool begin(call_t *call, wire_t *wire, const char *aspect, const char **name,
                  fresh_t *fresh) {
    *fresh = (fresh_t){.wire = wire};
    if (!read_name(call, aspect, name)) {
        return false;
    }
    rns_err_t err = rns_identity_new(wire->node, &fresh->secret);
    if (err == RNS_ERR_OK) {
        rns_identity_public(wire->node, &fresh->secret, fresh->pub, &fresh->identity);
        err = rns_destination_hash(wire->node, *name, &fresh->identity, &fresh->hash);
    }
    if (err != RNS_ERR_OK) {
        (void)call_fail_err(call, "a new identity", err);
    }
    return err == RNS_ERR_OK;
}

bool fresh_own(call_t *call, wire_t *wire, const char *aspect, const rns_dest_config_t *from,
               fresh_t *fresh) {
    rns_dest_config_t config = *from;
    if (!begin(call, wire, aspect, &config.name, fresh)) {
        return false;
    }
    config.identity = &fresh->secret;
    const rns_err_t err = rns_dest_add(wire->node, clock_now(), &config, &fresh->handle);
    if (err != RNS_ERR_OK) {
        (void)call_fail_err(call, "a destination", err);
    }
    return err == RNS_ERR_OK;
}

bool fresh_known(call_t *call, wire_t *wire, const char *aspect, fresh_t *fresh) {
    const char *name;
    if (!begin(call, wire, aspect, &name, fresh)) {
        return false;
    }
    const rns_err_t err = rnst_known_add(wire->node, &fresh->hash, fresh->pub);
    if (err != RNS_ERR_OK) {
        (void)call_fail_err(call, "a known destination", err);
    }
    return err == RNS_ERR_OK;
}

void fresh_close(fresh_t *fresh) {
    if (fresh->handle.gen != 0) {
        (void)rns_dest_remove(fresh->wire->node, fresh->handle);
    }
    rnst_known_drop(fresh->wire->node, &fresh->hash);
}

// ---- Frames

rns_mem_t frame_of(call_t *call, rnsi_dest_type_t dest_type, rnsi_packet_type_t type,
                   uint8_t context, const rns_hash_t *to, rns_bytes_t data) {
    const size_t size = RNSI_HEADER_MINSIZE + data.size;
    const rns_mem_t frame = {call_alloc(call, size), size};
    const uint8_t flags =
        rnsi_packet_flags(RNSI_HEADER_1, false, RNSI_TRANSPORT_BROADCAST, dest_type, type);
    (void)rnsi_packet_head(frame, flags, 0, NULL, to->b, context);
    if (data.size > 0) {
        memcpy(frame.data + RNSI_HEADER_MINSIZE, data.data, data.size);
    }
    return frame;
}

rns_mem_t link_frame(call_t *call, wire_t *wire, const session_t *session, uint8_t context,
                     rns_bytes_t plain) {
    uint8_t key_secret[RNSI_TOKEN_KEY], iv[RNSI_TOKEN_IV];
    const rns_mem_t token = {call_alloc(call, rnsi_token_size(plain.size)),
                             rnsi_token_size(plain.size)};
    const rns_err_t err = rnst_link_key(wire->node, session->handle, key_secret);
    if (err != RNS_ERR_OK || !rns_random(wire->node, iv, sizeof iv)) {
        (void)call_fail_err(call, "the link's key", err);
        return (rns_mem_t){NULL, 0};
    }
    (void)rnsi_token_encrypt(&wire->bridge->crypto, key_secret, sizeof key_secret, iv, plain,
                             token);
    wire->bridge->crypto.v->wipe(key_secret, sizeof key_secret);
    return frame_of(call, RNSI_DEST_LINK, RNSI_TYPE_DATA, context, &session->id,
                    (rns_bytes_t){token.data, token.size});
}
