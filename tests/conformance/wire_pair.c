// wire_pair.c -- see wire_pair.h.
#include "wire_pair.h"

#include <stdlib.h>
#include <string.h>

#include "rns/providers.h"

#define NAME    "conformance.pair"
#define SECOND  1000000
#define DELAY   (10 * SECOND / 1000) // of the wire, while both sides run
#define FRAMES  512U                 // bytes of a packet
#define REQUEST 262144U              // bytes of a request that comes as a resource

// ---- Events

static transfer_t *find(const pair_side_t *side, rns_resource_t handle) {
    transfer_t *transfer = side->transfers;
    while (transfer != NULL && (transfer->is_over || transfer->handle.slot != handle.slot ||
                                transfer->handle.gen != handle.gen)) {
        transfer = transfer->next;
    }
    return transfer;
}

static transfer_t *add(pair_side_t *side, size_t size) {
    transfer_t *transfer = calloc(1, sizeof *transfer);
    uint8_t *bytes = malloc(size + 1);
    if (transfer == NULL || bytes == NULL) {
        abort();
    }
    transfer->data = (rns_mem_t){bytes, size};
    transfer->next = side->transfers;
    side->transfers = transfer;
    return transfer;
}

static bool write_data(void *user, rns_bytes_t data) {
    transfer_t *transfer = user;
    memcpy(transfer->data.data + transfer->got, data.data, data.size); // never more than was said
    transfer->got += data.size;
    return true;
}

static void accept_offer(pair_side_t *side, const rns_event_t *event) {
    static const own_t IS_INCOMING;
    transfer_t *transfer = add(side, (size_t)event->size);
    transfer->own = &IS_INCOMING;
    transfer->handle = event->resource;
    const rns_sink_t sink = {write_data, NULL, NULL, transfer};
    (void)rns_resource_accept(side->node, side->pair->now, event->resource, &sink,
                              (rns_mem_t){NULL, 0});
    (void)resource_look(side->node, transfer);
}

static void on_transfer(pair_side_t *side, const rns_event_t *event) {
    transfer_t *transfer = find(side, event->resource);
    if (transfer == NULL) {
        return;
    }
    if (event->type == RNS_EV_RESOURCE_DONE) {
        transfer->is_over = true;
        transfer->status = event->status;
    } else {
        side->progress++;
        (void)resource_look(side->node, transfer);
    }
}

static void on_event(void *user, rns_node_t *node, const rns_event_t *event) {
    pair_side_t *side = user;
    switch (event->type) {
    case RNS_EV_LINK_UP:
        side->link = event->link;
        break;
    case RNS_EV_LINK_DOWN:
        side->is_down = true;
        break;
    case RNS_EV_CHANNEL_SENT:
        side->proved++;
        break;
    case RNS_EV_RESOURCE_OFFER:
        accept_offer(side, event);
        break;
    case RNS_EV_RESOURCE_PROGRESS:
    case RNS_EV_RESOURCE_DONE:
        on_transfer(side, event);
        break;
    case RNS_EV_REQUEST_OFFER:
        (void)rns_request_take(node, side->pair->now, event->resource, side->request);
        break;
    default:
        break;
    }
}

// ---- Packets

static void note(pair_side_t *side, rns_bytes_t raw) {
    caught_t *caught = calloc(1, sizeof *caught + 2 * raw.size);
    if (caught == NULL) {
        abort();
    }
    memcpy(caught->bytes, raw.data, raw.size);
    caught->raw = (rns_bytes_t){caught->bytes, raw.size};
    caught->is_of_link =
        rnst_link_read(side->node, side->link, caught->raw,
                       (rns_mem_t){caught->bytes + raw.size, raw.size}, &caught->packet);
    *side->last = caught;
    side->last = &caught->next;
}

static bool drain(pair_side_t *side) {
    rns_iface_t iface;
    rns_tx_t tx;
    bool any = false;
    while (rns_tx_ready(side->node, &iface) &&
           rns_tx_next(side->node, side->pair->now, iface, &tx)) {
        note(side, tx.frame);
        rns_tx_done(side->node, side->pair->now, iface, &tx, true);
        any = true;
    }
    return any;
}

void pair_work(pair_side_t *side) {
    const rns_us_t now = side->pair->now;
    do {
        rns_tick(side->node, now);
    } while (drain(side) || rns_next_due(side->node) <= now);
}

void pair_wait(pair_side_t *side, rns_us_t span) {
    const rns_us_t until = side->pair->now + span;
    for (rns_us_t due; (due = rns_next_due(side->node)) <= until;) {
        side->pair->now = due > side->pair->now ? due : side->pair->now;
        pair_work(side);
    }
    side->pair->now = until;
}

rns_verdict_t pair_feed(pair_side_t *side, rns_bytes_t raw) {
    uint8_t frame[RNS_FRAME_MAX(FRAMES)];
    if (raw.size > sizeof frame) {
        return RNS_RX_LONG;
    }
    memcpy(frame, raw.data, raw.size);
    const rns_verdict_t verdict =
        rns_rx(side->node, side->pair->now, side->wire, (rns_mem_t){frame, raw.size}, NULL);
    pair_work(side);
    return verdict;
}

rns_bytes_t pair_make(call_t *call, pair_side_t *side, rnsi_packet_type_t type,
                      rnsi_context_t context, rns_bytes_t data) {
    const rns_mem_t out = {call_alloc(call, FRAMES), FRAMES};
    const rnst_link_packet_t packet = {.type = type,
                                       .context = context,
                                       .is_encrypted = rnst_link_encrypts(type, (uint8_t)context),
                                       .data = data};
    return (rns_bytes_t){out.data, rnst_link_write(side->node, side->link, &packet, out)};
}

void pair_forget(pair_side_t *side) {
    while (side->caught != NULL) {
        caught_t *caught = side->caught;
        side->caught = caught->next;
        free(caught);
    }
    side->last = &side->caught;
}

// Hands over all that a side has sent.
static bool deliver(pair_side_t *from, pair_side_t *to) {
    const bool any = from->caught != NULL;
    for (caught_t *caught; (caught = from->caught) != NULL; free(caught)) {
        from->caught = caught->next;
        if (from->caught == NULL) {
            from->last = &from->caught;
        }
        (void)pair_feed(to, caught->raw);
    }
    return any;
}

void pair_run(pair_t *pair, rns_us_t span) {
    rns_us_t until = pair->now + span;
    while (pair->now <= until) {
        pair_work(&pair->a);
        pair_work(&pair->b);
        pair->now += DELAY;
        const bool from_a = deliver(&pair->a, &pair->b), from_b = deliver(&pair->b, &pair->a);
        if (from_a || from_b) {
            until = pair->now + span;
        }
    }
}

const caught_t *pair_next(const caught_t *from, rnsi_context_t context) {
    while (from != NULL && (!from->is_of_link || from->packet.context != context)) {
        from = from->next;
    }
    return from;
}

const caught_t *pair_first(const pair_side_t *side, rnsi_context_t context) {
    return pair_next(side->caught, context);
}

unsigned pair_count(const pair_side_t *side, rnsi_context_t context) {
    unsigned count = 0;
    for (const caught_t *c = pair_first(side, context); c != NULL;
         c = pair_next(c->next, context)) {
        count++;
    }
    return count;
}

// ---- Life

static bool entropy(void *user, uint8_t *out, size_t size) {
    (void)user;
    bridge_random(out, size);
    return true;
}

static rns_secret_t new_secret(void) {
    rns_secret_t secret;
    bridge_random(&secret, sizeof secret);
    return secret;
}

static void open_side(pair_t *pair, pair_side_t *side, const rns_crypto_t *crypto) {
    const rns_secret_t secret = new_secret();
    side->pair = pair;
    side->last = &side->caught;
    side->config = (rns_config_t){.profile = RNS_PROFILE_MCU,
                                  .crypto = crypto != NULL ? crypto : &rns_crypto_host,
                                  .entropy = entropy,
                                  .on_event = on_event,
                                  .user = side,
                                  .identity = &secret,
                                  .unix_us = clock_unix_us()};
    size_t need[RNS_REGION_COUNT];
    static uint8_t mark;
    side->config.mem[RNS_REGION_BULK].data = &mark; // there will be one
    rns_plan(&side->config, need);
    for (int i = 0; i < RNS_REGION_COUNT; i++) {
        side->config.mem[i] = (rns_mem_t){calloc(need[i] + 1, 1), need[i]};
        side->config.zeroed[i] = true;
        if (side->config.mem[i].data == NULL) {
            abort();
        }
    }
    side->request = (rns_mem_t){malloc(REQUEST), REQUEST};
    const rns_iface_config_t wire = {
        .name = "Pair", .bitrate = 10000000, .hw_mtu = PAIR_MTU, .ingress_control = RNS_NO};
    if (side->request.data == NULL ||
        rns_open(&side->config, pair->now, &side->node) != RNS_ERR_OK ||
        rns_iface_add(side->node, pair->now, &wire, &side->wire) != RNS_ERR_OK) {
        abort(); // its memory is what it asked for
    }
}

static bool open_link(pair_t *pair) {
    const rns_secret_t secret = new_secret();
    const rns_dest_config_t config = {.name = NAME, .type = RNS_DEST_SINGLE, .identity = &secret};
    if (rns_dest_add(pair->b.node, pair->now, &config, &pair->dest) != RNS_ERR_OK ||
        rns_dest_hash(pair->b.node, pair->dest, &pair->hash) != RNS_ERR_OK ||
        rns_announce(pair->b.node, pair->now, pair->dest, (rns_bytes_t){NULL, 0},
                     (rns_iface_t){0, 0}) != RNS_ERR_OK) {
        return false;
    }
    pair_run(pair, SECOND);
    rns_link_t link;
    if (rns_link_open(pair->a.node, pair->now, &pair->hash, &link) != RNS_ERR_OK) {
        return false;
    }
    pair_run(pair, SECOND);
    return pair->a.link.gen != 0 && pair->b.link.gen != 0;
}

static void close_side(pair_side_t *side) {
    rns_close(side->node);
    pair_forget(side);
    while (side->transfers != NULL) {
        transfer_t *transfer = side->transfers;
        side->transfers = transfer->next;
        free(transfer->data.data);
        free(transfer);
    }
    for (int i = 0; i < RNS_REGION_COUNT; i++) {
        free(side->config.mem[i].data);
    }
    free(side->request.data);
}

void pair_close(pair_t *pair) {
    close_side(&pair->a);
    close_side(&pair->b);
    free(pair);
}

pair_t *pair_open(call_t *call, const rns_crypto_t *crypto) {
    pair_t *pair = calloc(1, sizeof *pair);
    if (pair == NULL) {
        abort();
    }
    pair->now = clock_now();
    open_side(pair, &pair->a, crypto);
    open_side(pair, &pair->b, NULL);
    if (!open_link(pair)) {
        pair_close(pair);
        return call_fail(call, "two nodes in memory found no link");
    }
    pair_accept(pair, RNS_ACCEPT_ASK);
    return pair;
}

// ---- Transfers

void pair_accept(pair_t *pair, rns_accept_t strategy) {
    (void)rns_link_accept(pair->b.node, pair->b.link, strategy, NULL, (rns_mem_t){NULL, 0});
}

static size_t read_source(void *user, uint64_t offset, rns_mem_t out) {
    const transfer_t *transfer = user;
    memcpy(out.data, transfer->data.data + offset, out.size);
    return out.size;
}

transfer_t *pair_begin(call_t *call, pair_t *pair, uint32_t parts) {
    pair_side_t *a = &pair->a;
    rns_link_info_t info;
    (void)rns_link_info(a->node, a->link, &info);
    const uint32_t sdu = info.mtu - RNSI_HEADER_MAXSIZE - 1;
    transfer_t *transfer = add(a, (size_t)(parts - 1) * sdu + sdu / 4);
    bridge_random(transfer->data.data, transfer->data.size);
    const rns_source_t source = {read_source, transfer};
    const rns_err_t err = rns_resource_send(a->node, pair->now, a->link, &source,
                                            transfer->data.size, NULL, &transfer->handle);
    if (err != RNS_ERR_OK) {
        transfer->is_over = true;
        return call_fail_err(call, "a resource between two nodes in memory", err);
    }
    return transfer;
}

transfer_t *pair_send(call_t *call, pair_t *pair, uint32_t parts) {
    transfer_t *transfer = pair_begin(call, pair, parts);
    if (transfer != NULL) {
        pair_work(&pair->a);
        (void)resource_look(pair->a.node, transfer);
    }
    return transfer;
}

bool pair_read_offer(call_t *call, pair_t *pair, pair_offer_t *offer) {
    const caught_t *caught = pair_first(&pair->a, RNSI_CONTEXT_RESOURCE_ADV);
    if (caught == NULL) {
        (void)call_fail(call, "the resource was not offered");
        return false;
    }
    // A copy, which outlives what was caught.
    rns_mem_t raw = {call_alloc(call, caught->raw.size), caught->raw.size};
    rns_mem_t plain = {call_alloc(call, caught->packet.data.size), caught->packet.data.size};
    memcpy(raw.data, caught->raw.data, raw.size);
    memcpy(plain.data, caught->packet.data.data, plain.size);
    offer->offer = (rns_bytes_t){raw.data, raw.size};
    if (!rnsi_adv_read((rns_bytes_t){plain.data, plain.size}, &offer->adv)) {
        (void)call_fail(call, "the offer cannot be read");
        return false;
    }
    offer->count = (uint32_t)(offer->adv.map.size / RNSI_MAPHASH_SIZE);
    return true;
}

rns_bytes_t pair_ask(call_t *call, pair_t *pair, const uint8_t *hash, const uint8_t *map,
                     size_t count, const uint8_t *last) {
    uint8_t *plain = call_alloc(call, RNSI_RESOURCE_REQ_MOST);
    const size_t head = rnsi_req_write((rns_mem_t){plain, RNSI_RESOURCE_REQ_MOST}, last, hash);
    if (count > 0) {
        memcpy(plain + head, map, count * RNSI_MAPHASH_SIZE);
    }
    return pair_make(call, &pair->b, RNSI_TYPE_DATA, RNSI_CONTEXT_RESOURCE_REQ,
                     (rns_bytes_t){plain, head + count * RNSI_MAPHASH_SIZE});
}

bool pair_fetch(call_t *call, pair_t *pair, pair_offer_t *offer) {
    pair_forget(&pair->a);
    (void)pair_feed(&pair->a,
                    pair_ask(call, pair, offer->adv.hash, offer->adv.map.data, offer->count, NULL));
    uint32_t count = 0;
    const caught_t *c = pair_first(&pair->a, RNSI_CONTEXT_RESOURCE);
    for (; c != NULL && count < offer->count; c = pair_next(c->next, RNSI_CONTEXT_RESOURCE)) {
        uint8_t *raw = call_alloc(call, c->raw.size);
        memcpy(raw, c->raw.data, c->raw.size);
        offer->part[count++] = (rns_bytes_t){raw, c->raw.size};
    }
    pair_forget(&pair->a);
    if (count != offer->count) {
        (void)call_fail(call, "the resource has other parts than its offer says");
    }
    return count == offer->count;
}

// ---- What commands begin with

bool probe_has_link(call_t *call) {
    wire_t *wire = wire_of(call);
    session_t *session = wire == NULL ? NULL : session_of(call, wire);
    if (session == NULL) {
        return false;
    }
    if (session_look(wire, session)->state != RNS_LINK_ACTIVE) {
        (void)call_fail(call, "the link is not active");
        return false;
    }
    return true;
}

bool probe_open(call_t *call, probe_t *probe, uint32_t parts) {
    *probe = (probe_t){.pair = probe_has_link(call) ? pair_open(call, NULL) : NULL};
    if (probe->pair == NULL) {
        return false;
    }
    probe->out = pair_send(call, probe->pair, parts);
    if (probe->out == NULL || !pair_read_offer(call, probe->pair, &probe->offer) ||
        !pair_fetch(call, probe->pair, &probe->offer)) {
        pair_close(probe->pair);
        return false;
    }
    return true;
}

json_t *probe_done(const probe_t *probe, json_t *result) {
    pair_close(probe->pair);
    return result;
}

json_t *probe_fail(call_t *call, const probe_t *probe, const char *why) {
    pair_close(probe->pair);
    return call_fail(call, "%s", why);
}

bool probe_variant(call_t *call, const char *const *variants, unsigned *variant) {
    const char *name;
    if (!call_text(call, "variant", &name)) {
        return false;
    }
    for (*variant = 0; variants[*variant] != NULL; (*variant)++) {
        if (strcmp(name, variants[*variant]) == 0) {
            return true;
        }
    }
    (void)call_fail(call, "there is no variant '%s'", name);
    return false;
}

rns_bytes_t probe_damaged(call_t *call, rns_bytes_t raw) {
    uint8_t *copy = call_alloc(call, raw.size);
    memcpy(copy, raw.data, raw.size);
    copy[raw.size - 1] ^= 1;
    return (rns_bytes_t){copy, raw.size};
}

rns_bytes_t probe_fetch_map(call_t *call, const probe_t *probe, const uint8_t *last) {
    pair_side_t *a = &probe->pair->a;
    pair_forget(a);
    (void)pair_feed(a, pair_ask(call, probe->pair, probe->offer.adv.hash, NULL, 0, last));
    const caught_t *caught = pair_first(a, RNSI_CONTEXT_RESOURCE_HMU);
    if (caught == NULL) {
        return (rns_bytes_t){NULL, 0};
    }
    uint8_t *copy = call_alloc(call, caught->raw.size);
    memcpy(copy, caught->raw.data, caught->raw.size);
    return (rns_bytes_t){copy, caught->raw.size};
}
