// wire_resource.c -- commands: transfers.
#include "wire_resource.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/msgpack.h"
#include "wire/resource.h"

#define APP_MOST      4096U // bytes that a listener takes which asks its application
#define METADATA_MOST 1048576U

// ---- Where a transfer stands

resource_status_t resource_status_of(rns_err_t status, bool is_incoming) {
    switch (status) {
    case RNS_ERR_OK:
        return RESOURCE_COMPLETE;
    case RNS_ERR_REFUSED:
        return RESOURCE_REJECTED;
    case RNS_ERR_CORRUPT:
        return is_incoming ? RESOURCE_CORRUPT : RESOURCE_FAILED;
    default:
        return RESOURCE_FAILED;
    }
}

const char *resource_status_name(resource_status_t status) {
    static const char *const NAMES[] = {
        [RESOURCE_NONE] = "NONE",
        [RESOURCE_QUEUED] = "QUEUED",
        [RESOURCE_ADVERTISED] = "ADVERTISED",
        [RESOURCE_TRANSFERRING] = "TRANSFERRING",
        [RESOURCE_AWAITING_PROOF] = "AWAITING_PROOF",
        [RESOURCE_ASSEMBLING] = "ASSEMBLING",
        [RESOURCE_COMPLETE] = "COMPLETE",
        [RESOURCE_FAILED] = "FAILED",
        [RESOURCE_CORRUPT] = "CORRUPT",
    };
    return status == RESOURCE_REJECTED ? "REJECTED" : NAMES[status];
}

// The map hashes that an advertisement has.
static uint32_t first_map(uint32_t parts) {
    return parts < RNSI_HASHMAP_MAX ? parts : RNSI_HASHMAP_MAX;
}

resource_status_t resource_look(rns_node_t *node, transfer_t *transfer) {
    static const resource_status_t STATES[] = {
        [RNS_TRANSFER_QUEUED] = RESOURCE_QUEUED,
        [RNS_TRANSFER_PREPARING] = RESOURCE_QUEUED,
        [RNS_TRANSFER_ADVERTISED] = RESOURCE_ADVERTISED,
        [RNS_TRANSFER_TRANSFERRING] = RESOURCE_TRANSFERRING,
        [RNS_TRANSFER_AWAITING_PROOF] = RESOURCE_AWAITING_PROOF,
        [RNS_TRANSFER_ASSEMBLING] = RESOURCE_ASSEMBLING,
    };
    if (transfer->is_over) {
        return resource_status_of(transfer->status, transfer->own != NULL);
    }
    rns_inspect_transfer_t now;
    rns_resource_info_t info;
    if (rns_resource_info(node, transfer->handle, &info) == RNS_ERR_OK &&
        rns_inspect_transfer(node, transfer->handle, &now) == RNS_ERR_OK) {
        const uint32_t before = transfer->info.segment == info.segment
                                    ? transfer->inspect.map_height
                                    : first_map(info.parts);
        transfer->map_asks += now.waits_for_map && !transfer->inspect.waits_for_map;
        transfer->map_updates += now.map_height > before;
        transfer->info = info;
        transfer->inspect = now;
    }
    return STATES[transfer->inspect.state];
}

static transfer_t *transfer_at(const wire_t *wire, rns_resource_t handle) {
    transfer_t *transfer = wire->transfers;
    while (transfer != NULL && (transfer->is_over || transfer->handle.slot != handle.slot ||
                                transfer->handle.gen != handle.gen)) {
        transfer = transfer->next;
    }
    return transfer;
}

static transfer_t *transfer_add(wire_t *wire) {
    transfer_t *transfer = calloc(1, sizeof *transfer);
    if (transfer == NULL) {
        abort();
    }
    (void)snprintf(transfer->id, sizeof transfer->id, "resource-%u", ++wire->bridge->handles);
    transfer->next = wire->transfers;
    wire->transfers = transfer;
    return transfer;
}

static uint8_t *reserve(size_t size) {
    uint8_t *bytes = malloc(size + 1);
    if (bytes == NULL) {
        abort();
    }
    return bytes;
}

void resource_wire_free(wire_t *wire) {
    while (wire->transfers != NULL) {
        transfer_t *transfer = wire->transfers;
        wire->transfers = transfer->next;
        free(transfer->data.data);
        free(transfer->metadata.data);
        free(transfer);
    }
}

// ---- What a listener takes

void resource_on_link(wire_t *wire, session_t *session) {
    if (session->own != NULL && session->own->listen.resources != RNS_ACCEPT_NONE) {
        (void)rns_link_accept(wire->node, session->handle, RNS_ACCEPT_ASK, NULL,
                              (rns_mem_t){NULL, 0});
    }
}

static bool write_data(void *user, rns_bytes_t data) {
    transfer_t *transfer = user;
    memcpy(transfer->data.data + transfer->got, data.data, data.size); // never more than was said
    transfer->got += data.size;
    return true;
}

static bool commit_data(void *user) {
    transfer_t *transfer = user;
    transfer->committed = transfer->got;
    return true;
}

void resource_on_offer(wire_t *wire, const rns_event_t *event) {
    const session_t *session = session_at(wire, event->link);
    if (session == NULL || session->own == NULL) {
        return;
    }
    if (session->own->listen.resources == RNS_ACCEPT_ASK && event->size > APP_MOST) {
        (void)rns_resource_reject(wire->node, clock_now(), event->resource);
        return;
    }
    transfer_t *transfer = transfer_add(wire);
    transfer->own = session->own;
    transfer->handle = event->resource;
    (void)resource_look(wire->node, transfer);
    transfer->data.data = reserve((size_t)event->size);
    transfer->metadata = (rns_mem_t){reserve(METADATA_MOST), METADATA_MOST};
    (void)rns_resource_unpack_most(wire->node, event->resource, RESOURCE_UNPACK_MOST);
    const rns_sink_t sink = {write_data, commit_data, NULL, transfer};
    (void)rns_resource_accept(wire->node, clock_now(), event->resource, &sink, transfer->metadata);
    (void)resource_look(wire->node, transfer);
}

void resource_on_progress(wire_t *wire, const rns_event_t *event) {
    transfer_t *transfer = transfer_at(wire, event->resource);
    if (transfer != NULL) {
        (void)resource_look(wire->node, transfer);
    }
}

void resource_on_done(wire_t *wire, const rns_event_t *event) {
    transfer_t *transfer = transfer_at(wire, event->resource);
    if (transfer == NULL) {
        return;
    }
    transfer->is_over = true;
    transfer->status = event->status;
    if (transfer->own != NULL) {
        transfer->data.size = event->status == RNS_ERR_OK ? transfer->committed : 0;
        transfer->metadata.size = event->metadata.size;
    }
}

// ---- Sending

bool resource_metadata(call_t *call, rns_mem_t *packed) {
    rns_mem_t bytes = {NULL, 0};
    *packed = bytes;
    if (!call_maybe_hex(call, "metadata", &bytes)) {
        return false;
    }
    if (bytes.size > 0) {
        packed->data = call_alloc(call, bytes.size + 8);
        rnsi_writer_t w = rnsi_writer((rns_mem_t){packed->data, bytes.size + 8});
        rnsi_msgpack_bin(&w, (rns_bytes_t){bytes.data, bytes.size});
        packed->size = rnsi_written(&w);
    }
    return true;
}

static size_t read_source(void *user, uint64_t offset, rns_mem_t out) {
    const transfer_t *transfer = user;
    memcpy(out.data, transfer->data.data + offset, out.size);
    return out.size;
}

// Begins to send a copy of the bytes. NULL: it cannot, and the call fails.
static transfer_t *send_copy(call_t *call, wire_t *wire, const session_t *session,
                             rns_bytes_t data) {
    rns_mem_t metadata;
    if (!resource_metadata(call, &metadata)) {
        return NULL;
    }
    transfer_t *transfer = transfer_add(wire);
    transfer->metadata = (rns_mem_t){reserve(metadata.size), metadata.size};
    if (metadata.size > 0) {
        memcpy(transfer->metadata.data, metadata.data, metadata.size);
    }
    transfer->data = (rns_mem_t){reserve(data.size), data.size};
    if (data.size > 0) {
        memcpy(transfer->data.data, data.data, data.size);
    }
    const rns_source_t source = {read_source, transfer};
    const rns_resource_options_t options = {.metadata = {transfer->metadata.data, metadata.size}};
    const rns_err_t err = rns_resource_send(wire->node, clock_now(), session->handle, &source,
                                            data.size, &options, &transfer->handle);
    daemon_wake(wire->daemon);
    if (err != RNS_ERR_OK) {
        transfer->is_over = true;
        transfer->status = err;
        return call_fail_err(call, "the resource", err);
    }
    (void)resource_look(wire->node, transfer);
    return transfer;
}

typedef struct {
    wire_t *wire;
    transfer_t *transfer;
} transfer_wait_t;

static bool is_advertised(void *user) {
    const transfer_wait_t *wait = user;
    return resource_look(wait->wire->node, wait->transfer) >= RESOURCE_ADVERTISED ||
           wait->transfer->is_over || wait->transfer->inspect.state == RNS_TRANSFER_QUEUED;
}

static bool is_over(void *user) {
    const transfer_wait_t *wait = user;
    (void)resource_look(wait->wire->node, wait->transfer);
    return wait->transfer->is_over;
}

static void describe(json_t *result, const transfer_t *transfer) {
    const rns_resource_info_t *info = &transfer->info;
    (void)json_object_set_new(result, "resource_id", json_string(transfer->id));
    (void)json_object_set_new(result, "size", json_integer((json_int_t)transfer->data.size));
    (void)json_object_set_new(result, "hash", hex_of(info->hash, sizeof info->hash));
    (void)json_object_set_new(result, "original_hash",
                              hex_of(info->original_hash, sizeof info->original_hash));
    (void)json_object_set_new(result, "total_segments", json_integer(info->segments));
    (void)json_object_set_new(result, "segment_index", json_integer(info->segment));
    (void)json_object_set_new(result, "parts", json_integer(info->parts));
    (void)json_object_set_new(result, "compressed", json_boolean(info->compressed));
    (void)json_object_set_new(result, "split", json_boolean(info->segments > 1));
    (void)json_object_set_new(result, "has_metadata", json_boolean(info->has_metadata));
}

static json_t *concluded(wire_t *wire, transfer_t *transfer, int64_t timeout_ms) {
    transfer_wait_t wait = {wire, transfer};
    const bool in_time = wire_wait(wire, timeout_ms, is_over, &wait);
    if (!in_time) {
        (void)rns_resource_cancel(wire->node, clock_now(), transfer->handle);
        daemon_wake(wire->daemon);
    }
    const resource_status_t status = resource_look(wire->node, transfer);
    json_t *result = json_pack("{s:b, s:i, s:b}", "success", status == RESOURCE_COMPLETE, "status",
                               (int)status, "timed_out", !in_time);
    describe(result, transfer);
    return result;
}

static json_t *resource_send(call_t *call) {
    wire_t *wire = wire_of(call);
    const session_t *session = wire == NULL ? NULL : session_of(call, wire);
    rns_mem_t data = {NULL, 0};
    int64_t timeout_ms = 30000;
    bool waits = true;
    if (session == NULL || !call_maybe_hex(call, "data", &data) ||
        !call_maybe_int(call, "timeout_ms", 0, INT32_MAX, &timeout_ms) ||
        !call_maybe_flag(call, "wait", &waits)) {
        return NULL;
    }
    transfer_t *transfer = send_copy(call, wire, session, (rns_bytes_t){data.data, data.size});
    if (transfer == NULL) {
        return NULL;
    }
    if (waits) {
        return concluded(wire, transfer, timeout_ms);
    }
    transfer_wait_t wait = {wire, transfer};
    (void)wire_wait(wire, timeout_ms, is_advertised, &wait);
    json_t *result = json_pack("{s:b}", "started", 1);
    describe(result, transfer);
    return result;
}

static json_t *resource_send_bomb(call_t *call) {
    wire_t *wire = wire_of(call);
    const session_t *session = wire == NULL ? NULL : session_of(call, wire);
    int64_t size = 1310720, timeout_ms = 30000;
    const int64_t least = RESOURCE_UNPACK_MOST + 1, most = 2 * RESOURCE_UNPACK_MOST;
    if (session == NULL || !call_maybe_int(call, "decompressed_size", 0, INT32_MAX, &size) ||
        !call_maybe_int(call, "timeout_ms", 0, INT32_MAX, &timeout_ms)) {
        return NULL;
    }
    size = size < least ? least : size > most ? most : size; // one segment, beyond the bound
    const uint8_t *zeros = call_alloc(call, (size_t)size);
    transfer_t *transfer = send_copy(call, wire, session, (rns_bytes_t){zeros, (size_t)size});
    return transfer == NULL ? NULL : concluded(wire, transfer, timeout_ms);
}

static json_t *resource_cancel(call_t *call) {
    const char *id;
    wire_t *wire = wire_of(call);
    if (wire == NULL || !call_text(call, "resource_id", &id)) {
        return NULL;
    }
    transfer_t *transfer = wire->transfers;
    while (transfer != NULL && strcmp(transfer->id, id) != 0) {
        transfer = transfer->next;
    }
    if (transfer == NULL || transfer->own != NULL) {
        return call_fail(call, "there is no resource '%s'", id);
    }
    const rns_err_t err = rns_resource_cancel(wire->node, clock_now(), transfer->handle);
    daemon_wake(wire->daemon);
    return json_pack("{s:b, s:s, s:i}", "cancelled", err == RNS_ERR_OK, "resource_id", transfer->id,
                     "status", (int)resource_look(wire->node, transfer));
}

// ---- Receiving

typedef struct {
    wire_t *wire;
    const own_t *own;
} inbound_t;

static transfer_t *oldest_unpolled(const inbound_t *inbound) {
    transfer_t *found = NULL;
    for (transfer_t *t = inbound->wire->transfers; t != NULL; t = t->next) {
        if (t->own == inbound->own && t->is_over && t->status == RNS_ERR_OK && !t->is_polled) {
            found = t;
        }
    }
    return found;
}

static bool has_unpolled(void *user) {
    return oldest_unpolled(user) != NULL;
}

static json_t *resource_poll(call_t *call) {
    inbound_t inbound = {.wire = wire_of(call)};
    inbound.own = inbound.wire == NULL ? NULL : own_of(call, inbound.wire);
    int64_t timeout_ms = 30000;
    if (inbound.own == NULL || !call_maybe_int(call, "timeout_ms", 0, INT32_MAX, &timeout_ms)) {
        return NULL;
    }
    (void)wire_wait(inbound.wire, timeout_ms, has_unpolled, &inbound);
    json_t *list = json_array();
    transfer_t *transfer;
    while ((transfer = oldest_unpolled(&inbound)) != NULL) {
        transfer->is_polled = true;
        (void)json_array_append_new(list, hex_of_mem(transfer->data));
    }
    return json_pack("{s:o}", "resources", list);
}

static transfer_t *newest(const inbound_t *inbound) {
    transfer_t *transfer = inbound->wire->transfers;
    while (transfer != NULL && transfer->own != inbound->own) {
        transfer = transfer->next;
    }
    return transfer;
}

static bool has_ended(void *user) {
    const transfer_t *transfer = newest(user);
    return transfer != NULL && transfer->is_over;
}

static unsigned count_of(const inbound_t *inbound) {
    unsigned count = 0;
    for (const transfer_t *t = inbound->wire->transfers; t != NULL; t = t->next) {
        count += t->own == inbound->own;
    }
    return count;
}

// The bytes of metadata that are bytes; else null.
static json_t *metadata_of(const transfer_t *transfer) {
    rnsi_reader_t r = rnsi_reader((rns_bytes_t){transfer->metadata.data, transfer->metadata.size});
    rns_bytes_t bytes;
    return transfer->is_over && transfer->metadata.size > 0 && rnsi_msgpack_read_bin(&r, &bytes)
               ? hex_of(bytes.data, bytes.size)
               : json_null();
}

static json_t *resource_receiver_status(call_t *call) {
    inbound_t inbound = {.wire = wire_of(call)};
    inbound.own = inbound.wire == NULL ? NULL : own_of(call, inbound.wire);
    int64_t timeout_ms = 0;
    if (inbound.own == NULL || !call_maybe_int(call, "timeout_ms", 0, INT32_MAX, &timeout_ms)) {
        return NULL;
    }
    (void)wire_wait(inbound.wire, timeout_ms, has_ended, &inbound);
    transfer_t *transfer = newest(&inbound);
    if (transfer == NULL) {
        return json_pack("{s:b, s:i}", "found", 0, "resource_count", 0);
    }
    const resource_status_t status = resource_look(inbound.wire->node, transfer);
    json_t *result = json_pack(
        "{s:b, s:i, s:i, s:s, s:b, s:i, s:i, s:i, s:i, s:b, s:b, s:o, s:o}", "found", 1,
        "resource_count", (int)count_of(&inbound), "status", (int)status, "status_name",
        resource_status_name(status), "corrupt", status == RESOURCE_CORRUPT, "hmu_requests_sent",
        (int)transfer->map_asks, "hashmap_updates_received", (int)transfer->map_updates,
        "hashmap_height", (int)transfer->inspect.map_height, "max_decompressed_size",
        (int)transfer->inspect.pack_most, "compressed", transfer->info.compressed, "has_metadata",
        transfer->info.has_metadata, "metadata", metadata_of(transfer), "data",
        status == RESOURCE_COMPLETE ? hex_of_mem(transfer->data) : json_null());
    return result;
}

const command_entry_t WIRE_RESOURCE_COMMANDS[] = {
    {"wire_resource_send", resource_send},
    {"wire_resource_send_bomb", resource_send_bomb},
    {"wire_resource_cancel", resource_cancel},
    {"wire_resource_poll", resource_poll},
    {"wire_resource_receiver_status", resource_receiver_status},
    {NULL, NULL},
};
