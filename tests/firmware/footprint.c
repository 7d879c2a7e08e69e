// What tools/footprint.py links to see how much flash a node takes: a program that calls what a
// firmware calls, with the parts that WITH_* name. What is not the core's is left undefined.
#include "rns/providers.h"
#include "rns/rns.h"

extern const rns_crypto_t provider;
extern rns_mem_t region;
extern bool entropy(void *user, uint8_t *out, size_t size);
extern void on_event(void *user, rns_node_t *node, const rns_event_t *event);
extern size_t store_get(void *user, rns_record_t kind, rns_bytes_t key, rns_mem_t out);
extern bool store_put(void *user, rns_record_t kind, rns_bytes_t key, rns_bytes_t value);
extern const rns_channel_handler_t handlers[];
extern void use(int value);

static const rns_bytes_t NOTHING = {NULL, 0};

static void speak(rns_node_t *node, rns_dest_t dest, const rns_secret_t *secret) {
    rns_hash_t hash;
    rns_link_t link;
    rns_receipt_t receipt;
    rns_request_t request;
    rns_handler_t handler;
    const rns_iface_t all = {0, 0};
    (void)rns_dest_hash(node, dest, &hash);
    (void)rns_announce(node, 1, dest, NOTHING, all);
    (void)rns_handler_add(node, "some.name", false, &handler);
    (void)rns_path_request(node, 1, &hash, all);
    (void)rns_send(node, 1, &hash, NOTHING, &receipt);
    (void)rns_prove(node, 1, (rns_ask_t){0, 0}, true);
    (void)rns_link_open(node, 1, &hash, &link);
    (void)rns_link_identify(node, 1, link, secret);
    (void)rns_link_send(node, 1, link, NOTHING, &receipt);
    (void)rns_request_handler(node, dest, "/path", RNS_ALLOW_ALL, NULL, 0);
    (void)rns_request(node, 1, link, "/path", NOTHING, NULL, &request);
    (void)rns_respond(node, 1, (rns_query_t){0, 0}, NOTHING);
    (void)rns_link_close(node, 1, link);
#if WITH_SESSIONS
    rns_resource_t resource;
    rns_buffer_t buffer;
    uint16_t sequence;
    (void)rns_channel_open(node, 1, link);
    (void)rns_channel_register(node, link, 1);
    (void)rns_channel_handler_add(node, link, &handlers[0]);
    (void)rns_channel_handler_remove(node, link, &handlers[0]);
    (void)rns_channel_send(node, 1, link, 1, NOTHING, &sequence);
    (void)rns_buffer_reader(node, 1, link, 0, region, &buffer);
    (void)rns_buffer_read(node, 1, buffer, region, NULL);
    (void)rns_buffer_writer(node, 1, link, 0, &buffer);
    (void)rns_buffer_write(node, 1, buffer, NOTHING);
    (void)rns_buffer_close(node, 1, buffer);
    (void)rns_link_accept(node, link, RNS_ACCEPT_ALL, &(rns_sink_t){0}, region);
    (void)rns_resource_send(node, 1, link, &(rns_source_t){0}, 1, NULL, &resource);
    (void)rns_resource_accept(node, 1, resource, &(rns_sink_t){0}, region);
    (void)rns_resource_cancel(node, 1, resource);
#endif
}

int main(void) {
    rns_node_t *node;
    rns_iface_t iface;
    rns_dest_t dest;
    rns_secret_t secret;
    rns_tx_t tx;
    const rns_config_t config = {
        .mem = {region},
        .profile = RNS_PROFILE_MCU,
        .crypto = &provider,
#if WITH_BZ2
        .compress = &rns_compress_bz2,
#endif
        .store = {.get = store_get, .put = store_put},
        .entropy = entropy,
        .on_event = on_event,
        .transport = WITH_TRANSPORT
    };
    (void)rns_open(&config, 1, &node);
    (void)rns_iface_add(node, 1, &(rns_iface_config_t){.name = "Serial"}, &iface);
    (void)rns_identity_new(node, &secret);
    (void)rns_dest_add(node, 1, &(rns_dest_config_t){.name = "a.b", .identity = &secret}, &dest);
    speak(node, dest, &secret);
    for (;;) {
        (void)rns_rx(node, 1, iface, region, NULL);
        rns_tick(node, 1);
        use((int)rns_next_due(node));
        while (rns_tx_next(node, 1, iface, &tx)) {
            rns_tx_done(node, 1, iface, &tx, true);
        }
    }
}
