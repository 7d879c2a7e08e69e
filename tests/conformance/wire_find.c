// wire_find.c -- see wire.h. What commands name.
#include <stdlib.h>
#include <string.h>

#include "wire.h"

#define INBOUND_MS 3000 // that a command waits for a link of the other side

wire_t *wire_of(call_t *call) {
    const char *handle;
    if (!call_text(call, "handle", &handle)) {
        return NULL;
    }
    wire_t *wire = call->bridge->wire;
    if (wire == NULL || strcmp(wire->handle, handle) != 0) {
        return call_fail(call, "there is no handle '%s'", handle);
    }
    return wire;
}

wire_t *wire_maybe_of(call_t *call) {
    if (call_has(call, "handle")) {
        return wire_of(call);
    }
    return call->bridge->wire != NULL ? call->bridge->wire : call_fail(call, "there is no node");
}

// ---- Destinations of ours

own_t *own_add(wire_t *wire) {
    own_t *own = calloc(1, sizeof *own);
    if (own == NULL) {
        abort();
    }
    own->packets = json_array();
    own->opportunistic = json_array();
    own->proofs = json_array();
    own->next = wire->owns;
    wire->owns = own;
    return own;
}

void own_free(own_t *own) {
    json_decref(own->packets);
    json_decref(own->opportunistic);
    json_decref(own->proofs);
    responders_free(own);
    free(own);
}

own_t *own_at(wire_t *wire, rns_dest_t handle) {
    own_t *own = wire->owns;
    while (own != NULL && (own->handle.slot != handle.slot || own->handle.gen != handle.gen)) {
        own = own->next;
    }
    return own;
}

own_t *own_by_hash(wire_t *wire, const uint8_t hash[16]) {
    own_t *own = wire->owns;
    while (own != NULL && memcmp(own->hash.b, hash, sizeof own->hash.b) != 0) {
        own = own->next;
    }
    return own;
}

own_t *own_of(call_t *call, wire_t *wire) {
    rns_hash_t hash;
    if (!call_hex_of(call, "destination_hash", hash.b, sizeof hash.b)) {
        return NULL;
    }
    own_t *own = own_by_hash(wire, hash.b);
    return own != NULL ? own : call_fail(call, "the destination is none of ours");
}

// ---- Links

session_t *session_at(wire_t *wire, rns_link_t handle) {
    session_t *session = wire->sessions;
    while (session != NULL &&
           (session->handle.slot != handle.slot || session->handle.gen != handle.gen)) {
        session = session->next;
    }
    return session;
}

const rns_link_info_t *session_look(wire_t *wire, session_t *session) {
    rns_link_info_t info;
    if (rns_link_info(wire->node, session->handle, &info) == RNS_ERR_OK) {
        session->info = info;
    }
    return &session->info;
}

session_t *session_add(wire_t *wire, rns_link_t handle) {
    session_t *session = calloc(1, sizeof *session);
    if (session == NULL) {
        abort();
    }
    session->handle = handle;
    session->keepalive = -1;
    session->id = session_look(wire, session)->id;
    session->next = wire->sessions;
    wire->sessions = session;
    return session;
}

void session_drop(wire_t *wire, const rns_hash_t *id) {
    session_t **at = &wire->sessions;
    while (*at != NULL && memcmp((*at)->id.b, id->b, sizeof id->b) != 0) {
        at = &(*at)->next;
    }
    session_t *session = *at;
    if (session != NULL) {
        *at = session->next;
        json_decref(session->pristine);
        free(session);
    }
}

session_t *session_by_id(wire_t *wire, const uint8_t id[16]) {
    session_t *session = wire->sessions;
    while (session != NULL && memcmp(session->id.b, id, sizeof session->id.b) != 0) {
        session = session->next;
    }
    return session;
}

session_t *session_of(call_t *call, wire_t *wire) {
    rns_hash_t id;
    if (!call_hex_of(call, "link_id", id.b, sizeof id.b)) {
        return NULL;
    }
    session_t *session = session_by_id(wire, id.b);
    return session != NULL && session->own == NULL ? session
                                                   : call_fail(call, "we opened no such link");
}

typedef struct {
    wire_t *wire;
    rns_hash_t id;
} search_t;

static bool is_found(void *user) {
    const search_t *search = user;
    return session_by_id(search->wire, search->id.b) != NULL;
}

session_t *any_session_of(call_t *call, wire_t *wire) {
    search_t search = {.wire = wire};
    if (!call_hex_of(call, "link_id", search.id.b, sizeof search.id.b)) {
        return NULL;
    }
    return wire_wait(wire, INBOUND_MS, is_found, &search) ? session_by_id(wire, search.id.b)
                                                          : call_fail(call, "no such link");
}
