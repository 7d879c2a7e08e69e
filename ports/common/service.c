#include "service.h"

#include <string.h>

#include "text.h"

#define ANNOUNCE_EVERY_US ((rns_us_t)30 * 60 * 1000000)
#define ECHO_MOST         RNS_MDU // bytes of a value that is echoed
#define BIN8              0xC4U   // msgpack: bytes with their count in one byte, in two
#define BIN16             0xC5U
#define HEAD              3U // of an answer: BIN16 and the count

static const char page_text[] = "`c`!Reticule`!\n\n`aA node on a microcontroller, without a heap.\n"
                                "Its destination `*reticule.echo`* answers whatever you send.\n";

static rns_hash_t hash_of(const service_t *s, const char *path) {
    uint8_t digest[32];
    rns_hash_t hash;
    s->crypto->sha256(NULL, path, strlen(path), digest);
    memcpy(hash.b, digest, sizeof hash.b);
    return hash;
}

static bool is_hash(const rns_hash_t *a, const rns_hash_t *b) {
    return memcmp(a->b, b->b, sizeof a->b) == 0;
}

// ---- Opening

// The identity of the store, or a new one, which is stored before it is used.
static rns_err_t identity_of(service_t *s, rns_secret_t *secret) {
    const rns_bytes_t no_key = {NULL, 0}, bytes = {(const uint8_t *)secret, sizeof *secret};
    const rns_mem_t out = {(uint8_t *)secret, sizeof *secret};
    if (s->store != NULL && store_get(s->store, STORE_OWN, no_key, out) == sizeof *secret) {
        return RNS_ERR_OK;
    }
    const rns_err_t error = rns_identity_new(s->node, secret);
    while (error == RNS_ERR_OK && s->store != NULL &&
           !store_put(s->store, STORE_OWN, no_key, bytes)) {
        if (!store_work(s->store)) {
            return RNS_ERR_STATE;
        }
    }
    return error;
}

// What is answered on which path; false: not, and who asks hears nothing.
static bool answer_echo(service_t *s, const rns_event_t *e);
static bool answer_send(service_t *s, const rns_event_t *e);
static bool answer_state(service_t *s, const rns_event_t *e);
static bool answer_page(service_t *s, const rns_event_t *e);

static const struct {
    const char *path;
    bool (*answer)(service_t *s, const rns_event_t *e);
    bool is_page; // of the page's destination, else of the echo's
} requests[SERVICE_REQUESTS] = {{"/echo", answer_echo, false},
                                {"/send", answer_send, false},
                                {"/state", answer_state, false},
                                {"/page/index.mu", answer_page, true}};

static rns_err_t add_handlers(service_t *s) {
    for (size_t i = 0; i < SERVICE_REQUESTS; i++) {
        const rns_dest_t dest = requests[i].is_page ? s->page : s->echo;
        s->paths[i] = hash_of(s, requests[i].path);
        const rns_err_t error =
            rns_request_handler(s->node, dest, requests[i].path, RNS_ALLOW_ALL, NULL, 0);
        if (error != RNS_ERR_OK) {
            return error;
        }
    }
    return RNS_ERR_OK;
}

rns_err_t service_open(service_t *s, rns_us_t now) {
    static const uint8_t name[] = "Reticule";
    rns_secret_t secret;
    rns_err_t error = identity_of(s, &secret);
    if (error == RNS_ERR_OK) {
        error =
            rns_dest_add(s->node, now,
                         &(rns_dest_config_t){
                             .name = "reticule.echo", .identity = &secret, .prove = RNS_PROVE_ALL},
                         &s->echo);
    }
    if (error == RNS_ERR_OK) {
        error = rns_dest_add(s->node, now,
                             &(rns_dest_config_t){.name = "nomadnetwork.node",
                                                  .identity = &secret,
                                                  .app_data = {name, sizeof name - 1}},
                             &s->page);
    }
    s->crypto->wipe(&secret, sizeof secret);
    s->announce_at = now;
    return error == RNS_ERR_OK ? add_handlers(s) : error;
}

void service_turn(service_t *s, rns_us_t now) {
    // Without a clock an announce counts on from a mark; it must not go out before that is stored,
    // or after a power cut peers would hear of a time that they know already.
    if (now < s->announce_at || rns_dirty(s->node) > 0) {
        return;
    }
    s->announce_at = now + ANNOUNCE_EVERY_US;
    (void)rns_announce(s->node, now, s->echo, (rns_bytes_t){NULL, 0}, (rns_iface_t){0, 0});
    (void)rns_announce(s->node, now, s->page, (rns_bytes_t){NULL, 0}, (rns_iface_t){0, 0});
}

// ---- Resources out

uint8_t service_byte(uint64_t offset) {
    return (uint8_t)((uint32_t)offset * 2654435761U >> 24);
}

static size_t read_pattern(void *user, uint64_t offset, rns_mem_t out) {
    (void)user;
    for (size_t i = 0; i < out.size; i++) {
        out.data[i] = service_byte(offset + i);
    }
    return out.size;
}

static bool read_decimal(rns_bytes_t value, uint64_t *number) {
    *number = 0;
    if (value.size < 3 || value.size > 12 || value.data[0] != BIN8 ||
        value.data[1] != value.size - 2) {
        return false;
    }
    for (size_t i = 2; i < value.size; i++) {
        if (value.data[i] < '0' || value.data[i] > '9') {
            return false;
        }
        *number = *number * 10U + (uint64_t)(value.data[i] - '0');
    }
    return true;
}

// ---- Resources in: their hash is kept, and nothing else

static bool sink_write(void *user, rns_bytes_t data) {
    service_t *s = user;
    s->crypto->sha256_update(NULL, &s->in.hash, data.data, data.size);
    return true;
}

static bool sink_commit(void *user) {
    service_t *s = user;
    s->in.committed_hash = s->in.hash;
    return true;
}

static void sink_abort(void *user) {
    service_t *s = user;
    s->in.hash = s->in.committed_hash;
}

static void take_resource(service_t *s, const rns_event_t *e) {
    const rns_sink_t sink = {sink_write, sink_commit, sink_abort, s};
    if (s->in.is_taken) {
        (void)rns_resource_reject(s->node, e->at, e->resource);
        return;
    }
    s->in.is_taken = true;
    s->in.resource = e->resource;
    s->crypto->sha256_init(NULL, &s->in.hash);
    s->in.committed_hash = s->in.hash;
    const rns_err_t error =
        rns_resource_accept(s->node, e->at, e->resource, &sink, (rns_mem_t){NULL, 0});
    if (error != RNS_ERR_OK && error != RNS_ERR_FULL) { // FULL: its end was told already
        s->in.is_taken = false;
    }
}

static void resource_ended(service_t *s, const rns_event_t *e) {
    if (!e->is_incoming || !s->in.is_taken || e->resource.slot != s->in.resource.slot ||
        e->resource.gen != s->in.resource.gen) {
        return;
    }
    s->in.is_taken = false;
    if (e->status != RNS_ERR_OK) {
        return;
    }
    uint8_t digest[32];
    char words[128];
    text_t text = {words, sizeof words, 0};
    s->crypto->sha256_final(NULL, &s->in.hash, digest);
    text_add(&text, "received ");
    text_number(&text, e->size);
    text_add(&text, " ");
    text_hex(&text, digest, sizeof digest);
    (void)rns_link_send(s->node, e->at, e->link, (rns_bytes_t){(const uint8_t *)words, text.used},
                        NULL);
}

// ---- Requests

// The value in the answer's memory, which is lent until RNS_EV_QUERY_DONE.
static bool respond(service_t *s, const rns_event_t *e, size_t size) {
    s->answer.query = e->query;
    s->answer.is_lent = true; // that event may come within the call
    if (rns_respond(s->node, e->at, e->query, (rns_bytes_t){s->answer.bytes, size}) == RNS_ERR_OK) {
        return true;
    }
    s->answer.is_lent = false;
    return false;
}

// Bytes as a msgpack value; they stand behind its head already.
static bool respond_bytes(service_t *s, const rns_event_t *e, size_t size) {
    s->answer.bytes[0] = BIN16;
    s->answer.bytes[1] = (uint8_t)(size >> 8);
    s->answer.bytes[2] = (uint8_t)size;
    return respond(s, e, HEAD + size);
}

static bool answer_echo(service_t *s, const rns_event_t *e) {
    if (e->data.size == 0 || e->data.size > ECHO_MOST) {
        return false;
    }
    memcpy(s->answer.bytes, e->data.data, e->data.size);
    return respond(s, e, e->data.size);
}

static bool answer_send(service_t *s, const rns_event_t *e) {
    const rns_source_t source = {read_pattern, NULL};
    const rns_resource_options_t options = {.no_compress = true};
    uint64_t size;
    rns_resource_t resource;
    return read_decimal(e->data, &size) &&
           rns_resource_send(s->node, e->at, e->link, &source, size, &options, &resource) ==
               RNS_ERR_OK &&
           respond_bytes(s, e, 0);
}

static void add_store(text_t *text, const store_t *store) {
    const char *const names[] = {"store records ", " sectors ", " damaged "};
    const uint32_t numbers[] = {store->entry_count, store->head, store->damaged};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        text_add(text, names[i]);
        text_number(text, numbers[i]);
    }
    text_add(text, "\n");
}

static void add_pool(text_t *text, const rns_pool_info_t *info) {
    const uint64_t numbers[] = {info->slots, info->slot_bytes, info->used,
                                info->peak,  info->culled,     info->rejected};
    text_add(text, info->name);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        text_add(text, " ");
        text_number(text, numbers[i]);
    }
    text_add(text, "\n");
}

static bool answer_state(service_t *s, const rns_event_t *e) {
    text_t text = {(char *)s->answer.bytes + HEAD, sizeof s->answer.bytes - HEAD, 0};
    text_add(&text, s->about);
    if (s->store != NULL) {
        add_store(&text, s->store);
    }
    for (int pool = 0; pool < RNS_POOL_COUNT; pool++) {
        rns_pool_info_t info;
        rns_pool_info(s->node, (rns_pool_t)pool, &info);
        add_pool(&text, &info);
    }
    return respond_bytes(s, e, text.used);
}

static bool answer_page(service_t *s, const rns_event_t *e) {
    memcpy(s->answer.bytes + HEAD, page_text, sizeof page_text - 1);
    return respond_bytes(s, e, sizeof page_text - 1);
}

// One answer at a time is under way; who asks meanwhile hears nothing and asks again.
static void request(service_t *s, const rns_event_t *e) {
    for (size_t i = 0; i < SERVICE_REQUESTS && !s->answer.is_lent; i++) {
        if (is_hash(&e->hash, &s->paths[i]) && requests[i].answer(s, e)) {
            return;
        }
    }
    (void)rns_query_drop(s->node, e->query);
}

static void query_ended(service_t *s, const rns_event_t *e) {
    if (e->query.slot == s->answer.query.slot && e->query.gen == s->answer.query.gen) {
        s->answer.is_lent = false;
    }
}

void service_event(service_t *s, const rns_event_t *e) {
    switch (e->type) {
    case RNS_EV_LINK_UP:
        (void)rns_link_accept(s->node, e->link, RNS_ACCEPT_ASK, NULL, (rns_mem_t){NULL, 0});
        break;
    case RNS_EV_LINK_PACKET:
        (void)rns_link_send(s->node, e->at, e->link, e->data, NULL);
        break;
    case RNS_EV_REQUEST:
        request(s, e);
        break;
    case RNS_EV_QUERY_DONE:
        query_ended(s, e);
        break;
    case RNS_EV_RESOURCE_OFFER:
        take_resource(s, e);
        break;
    case RNS_EV_RESOURCE_DONE:
        resource_ended(s, e);
        break;
    default:
        break;
    }
}
