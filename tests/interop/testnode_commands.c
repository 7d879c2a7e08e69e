// testnode_commands.c -- see testnode.h. What PROTOCOL.md names, done through rns/*.h.
#include <stdio.h>
#include <string.h>

#include "host/clock.h"
#include "testnode_fields.h"

#define REFERENCE_VERSION "1.5.7" // whose behaviour our node has
#define RATCHET_ID        10U

static bool read_type(const char *text, rns_dest_type_t *type) {
    static const char *const NAMES[] = {
        [RNS_DEST_SINGLE] = "single", [RNS_DEST_GROUP] = "group", [RNS_DEST_PLAIN] = "plain"};
    for (int i = 0; i <= RNS_DEST_PLAIN; i++) {
        if (strcmp(text, NAMES[i]) == 0) {
            *type = (rns_dest_type_t)i;
            return true;
        }
    }
    return false;
}

static bool read_prove(const char *text, rns_prove_t *prove) {
    static const char *const NAMES[] = {
        [RNS_PROVE_NONE] = "none", [RNS_PROVE_APP] = "app", [RNS_PROVE_ALL] = "all"};
    for (int i = 0; i <= RNS_PROVE_ALL; i++) {
        if (strcmp(text, NAMES[i]) == 0) {
            *prove = (rns_prove_t)i;
            return true;
        }
    }
    return false;
}

// "app.aspect.aspect"
static bool read_name(const char *app, const json_t *aspects, char name[NAME_BYTES]) {
    size_t index, used = (size_t)snprintf(name, NAME_BYTES, "%s", app);
    json_t *aspect;
    json_array_foreach(aspects, index, aspect) {
        if (!json_is_string(aspect) || used >= NAME_BYTES) {
            return false;
        }
        used += (size_t)snprintf(name + used, NAME_BYTES - used, ".%s", json_string_value(aspect));
    }
    return used < NAME_BYTES;
}

// ---- The node

static json_t *start(agent_t *agent, json_t *fields, const char **error) {
    const char *folder;
    if (!UNPACK(fields, error, "{s:s}", "config", &folder)) {
        return NULL;
    }
    if (!startup_open(&agent->startup, folder, true, 0)) {
        startup_close(&agent->startup);
        return refuse(error, "the configuration cannot be used; the log says why");
    }
    const daemon_options_t options = {.config = &agent->startup.config,
                                      .directory = agent->startup.directory,
                                      .on_event = event_tell,
                                      .user = agent,
                                      .with_signals = true};
    agent->daemon = daemon_open(&options);
    if (agent->daemon == NULL) {
        startup_close(&agent->startup);
        return refuse(error, "the node cannot start; the log says why");
    }
    agent->node = daemon_node(agent->daemon);
    rns_handler_t all;
    const rns_err_t err = rns_handler_add(agent->node, NULL, true, &all);
    if (err != RNS_ERR_OK) {
        return reply_of(err, error);
    }
    const rns_hash_t id = rns_node_identity(agent->node, NULL);
    return json_pack("{s:s, s:o}", "version", REFERENCE_VERSION, "transport_id",
                     json_hex(id.b, sizeof id.b));
}

// The name in the configuration: the display string is "Type[name/address]".
static json_t *configured_name(const char *display) {
    const char *from = strchr(display, '['), *to = strrchr(display, '/');
    return from != NULL && to != NULL && from < to ? json_stringn(from + 1, (size_t)(to - from - 1))
                                                   : json_string(display);
}

static json_t *interfaces(agent_t *agent, json_t *fields, const char **error) {
    if (!UNPACK(fields, error, "{}")) {
        return NULL;
    }
    json_t *list = json_array();
    uint32_t cursor = 0;
    rns_iface_t iface;
    while (rns_iface_each(agent->node, &cursor, &iface)) {
        rns_iface_info_t info;
        if (rns_iface_info(agent->node, clock_now(), iface, &info) != RNS_ERR_OK) {
            continue;
        }
        json_t *mtu = info.hw_mtu > 0 ? json_integer(info.hw_mtu) : json_null();
        (void)json_array_append_new(
            list, json_pack("{s:o, s:b, s:o, s:I, s:I}", "name", configured_name(info.name),
                            "online", info.online, "mtu", mtu, "rxb", (json_int_t)info.rx_bytes,
                            "txb", (json_int_t)info.tx_bytes));
    }
    return json_pack("{s:o}", "interfaces", list);
}

// ---- Destinations of ours

static json_t *describe(agent_t *agent, const own_t *own) {
    if (own->config.type == RNS_DEST_PLAIN) {
        return json_pack("{s:o, s:n, s:n, s:n}", "dest", json_hex(own->hash.b, sizeof own->hash.b),
                         "identity", "public", "private");
    }
    uint8_t pub[64];
    rns_hash_t identity;
    rns_identity_public(agent->node, &own->identity, pub, &identity);
    return json_pack("{s:o, s:o, s:o, s:o}", "dest", json_hex(own->hash.b, sizeof own->hash.b),
                     "identity", json_hex(identity.b, sizeof identity.b), "public",
                     json_hex(pub, sizeof pub), "private",
                     json_hex(&own->identity, sizeof own->identity));
}

static bool fill_secrets(agent_t *agent, own_t *own, const char *private_key, const char *key) {
    if (own->config.type != RNS_DEST_PLAIN) {
        own->config.identity = &own->identity;
        if (!read_identity(agent, private_key, &own->identity)) {
            return false;
        }
    }
    if (key != NULL) {
        own->config.group_key = (rns_bytes_t){own->key, sizeof own->key};
        return read_exactly(key, own->key, sizeof own->key);
    }
    return true;
}

static bool fill_app_data(own_t *own, const char *app_data) {
    if (app_data == NULL) {
        return true;
    }
    own->config.app_data.data = own->app_data;
    return read_hex(app_data, own->app_data, sizeof own->app_data, &own->config.app_data.size);
}

static json_t *dest_in(agent_t *agent, json_t *fields, const char **error) {
    const char *type, *app, *private_key = NULL, *key = NULL, *proof = "none", *app_data = NULL;
    json_t *aspects;
    int prove = true, ratchets = false, enforce = false;
    if (!UNPACK(fields, error, "{s:s, s:s, s:o, s?:s, s?:s, s?:s, s?:b, s?:s, s?:b, s?:b}", "type",
                &type, "app", &app, "aspects", &aspects, "private", &private_key, "key", &key,
                "proof", &proof, "prove", &prove, "app_data", &app_data, "ratchets", &ratchets,
                "enforce", &enforce)) {
        return NULL;
    }
    if (agent->own_count == OWN_MOST) {
        return refuse(error, "too many destinations");
    }
    own_t *own = &agent->own[agent->own_count];
    memset(own, 0, sizeof *own);
    own->prove = prove;
    own->config.name = own->name;
    own->config.ratchets = ratchets;
    own->config.enforce_ratchets = ratchets && enforce;
    if (!read_type(type, &own->config.type) || !read_prove(proof, &own->config.prove) ||
        !read_name(app, aspects, own->name) || !fill_secrets(agent, own, private_key, key) ||
        !fill_app_data(own, app_data)) {
        return refuse(error, "a field has a value that it cannot have");
    }
    rns_err_t err = rns_dest_add(agent->node, clock_now(), &own->config, &own->handle);
    if (err == RNS_ERR_OK) {
        err = rns_dest_hash(agent->node, own->handle, &own->hash);
    }
    if (err != RNS_ERR_OK) {
        return reply_of(err, error);
    }
    agent->own_count++;
    return describe(agent, own);
}

// Ratchets are a property that a destination is made with, so it is made again.
static json_t *dest_ratchets(agent_t *agent, json_t *fields, const char **error) {
    const char *hash;
    int enforce = false;
    if (!UNPACK(fields, error, "{s:s, s?:b}", "dest", &hash, "enforce", &enforce)) {
        return NULL;
    }
    own_t *own = own_of(agent, hash, error);
    if (own == NULL) {
        return NULL;
    }
    own->config.ratchets = true;
    own->config.enforce_ratchets = enforce;
    rns_err_t err = rns_dest_remove(agent->node, own->handle);
    if (err == RNS_ERR_OK) {
        err = rns_dest_add(agent->node, clock_now(), &own->config, &own->handle);
    }
    return reply_of(err, error);
}

static json_t *announce(agent_t *agent, json_t *fields, const char **error) {
    const char *hash, *app_data = NULL;
    if (!UNPACK(fields, error, "{s:s, s?:s}", "dest", &hash, "app_data", &app_data)) {
        return NULL;
    }
    const own_t *own = own_of(agent, hash, error);
    if (own == NULL) {
        return NULL;
    }
    uint8_t bytes[RNS_MTU];
    rns_bytes_t data = {NULL, 0};
    if (app_data != NULL) {
        data.data = bytes;
        if (!read_hex(app_data, bytes, sizeof bytes, &data.size)) {
            return refuse(error, "app_data is not hex, or too long");
        }
    }
    const rns_iface_t everywhere = {0, 0};
    return reply_of(rns_announce(agent->node, clock_now(), own->handle, data, everywhere), error);
}

// ---- Destinations of others

static bool fill_target(agent_t *agent, target_t *target, const char *dest, const char *private_key,
                        const char *key, const char **error) {
    rns_hash_t wanted;
    rns_known_t known;
    rns_secret_t secret;
    uint8_t pub[64];
    *error = "a field is missing or has a value that it cannot have";
    switch (target->type) {
    case RNS_DEST_SINGLE:
        if (dest == NULL || !read_exactly(dest, wanted.b, sizeof wanted.b)) {
            return false;
        }
        *error = "no identity is known for this destination";
        if (!rns_recall(agent->node, &wanted, &known)) {
            return false;
        }
        target->identity = known.identity;
        return true;
    case RNS_DEST_GROUP:
        if (key == NULL || !read_exactly(key, target->key, sizeof target->key) ||
            !read_identity(agent, private_key, &secret)) {
            return false;
        }
        rns_identity_public(agent->node, &secret, pub, &target->identity);
        return true;
    case RNS_DEST_PLAIN:
        break;
    }
    return true;
}

static const rns_hash_t *identity_in(const target_t *target) {
    return target->type == RNS_DEST_PLAIN ? NULL : &target->identity;
}

static json_t *dest_out(agent_t *agent, json_t *fields, const char **error) {
    const char *type, *app, *dest = NULL, *private_key = NULL, *key = NULL;
    json_t *aspects;
    target_t made = {.type = RNS_DEST_PLAIN};
    if (!UNPACK(fields, error, "{s:s, s:s, s:o, s?:s, s?:s, s?:s}", "type", &type, "app", &app,
                "aspects", &aspects, "dest", &dest, "private", &private_key, "key", &key)) {
        return NULL;
    }
    if (!read_type(type, &made.type) || !read_name(app, aspects, made.name)) {
        return refuse(error, "no such type, or a bad name");
    }
    if (!fill_target(agent, &made, dest, private_key, key, error)) {
        return NULL;
    }
    const rns_err_t err =
        rns_destination_hash(agent->node, made.name, identity_in(&made), &made.hash);
    if (err != RNS_ERR_OK) {
        return reply_of(err, error);
    }
    target_t *target = target_of(agent, made.hash.b);
    if (target == NULL && agent->target_count < TARGET_MOST) {
        target = &agent->targets[agent->target_count++];
    }
    if (target == NULL) {
        return refuse(error, "too many destinations");
    }
    *target = made;
    return json_pack("{s:o}", "dest", json_hex(made.hash.b, sizeof made.hash.b));
}

static json_t *announce_filter(agent_t *agent, json_t *fields, const char **error) {
    const char *aspects;
    if (!UNPACK(fields, error, "{s:s}", "aspects", &aspects)) {
        return NULL;
    }
    if (agent->filter_count == FILTER_MOST) {
        return refuse(error, "too many filters");
    }
    filter_t *filter = &agent->filters[agent->filter_count];
    const rns_err_t err = rns_handler_add(agent->node, aspects, true, &filter->handle);
    if (err != RNS_ERR_OK) {
        return reply_of(err, error);
    }
    agent->filter_count++;
    filter->number = ++agent->numbers;
    return json_pack("{s:I}", "filter", (json_int_t)filter->number);
}

static bool read_dest(json_t *fields, rns_hash_t *hash, const char **error) {
    const char *text;
    if (!UNPACK(fields, error, "{s:s}", "dest", &text)) {
        return false;
    }
    *error = "dest is no hash";
    return read_exactly(text, hash->b, sizeof hash->b);
}

static json_t *recall(agent_t *agent, json_t *fields, const char **error) {
    rns_hash_t dest;
    rns_known_t known;
    if (!read_dest(fields, &dest, error)) {
        return NULL;
    }
    if (!rns_recall(agent->node, &dest, &known)) {
        return json_pack("{s:b, s:n, s:n, s:n, s:n}", "known", false, "identity", "public",
                         "app_data", "ratchet");
    }
    const uint8_t *app_data = known.app_data.size > 0 ? known.app_data.data : NULL;
    return json_pack("{s:b, s:o, s:o, s:o, s:o}", "known", true, "identity",
                     json_hex(known.identity.b, sizeof known.identity.b), "public",
                     json_hex(known.pub, sizeof known.pub), "app_data",
                     json_hex(app_data, known.app_data.size), "ratchet",
                     json_hex(known.has_ratchet ? known.ratchet_id : NULL, RATCHET_ID));
}

static json_t *has_path(agent_t *agent, json_t *fields, const char **error) {
    rns_hash_t dest;
    rns_path_t path;
    if (!read_dest(fields, &dest, error)) {
        return NULL;
    }
    const rns_us_t now = clock_now();
    const bool found = rns_path(agent->node, now, &dest, &path);
    return json_pack("{s:b, s:i, s:o}", "path", found, "hops",
                     (int)rns_hops_to(agent->node, now, &dest), "next_hop",
                     json_hex(found ? path.next_hop.b : NULL, sizeof path.next_hop.b));
}

static json_t *request_path(agent_t *agent, json_t *fields, const char **error) {
    rns_hash_t dest;
    const rns_iface_t everywhere = {0, 0};
    if (!read_dest(fields, &dest, error)) {
        return NULL;
    }
    return reply_of(rns_path_request(agent->node, clock_now(), &dest, everywhere), error);
}

// ---- Packets

static json_t *send_single(agent_t *agent, const target_t *target, rns_bytes_t data,
                           const double *timeout_s, const char **error) {
    rns_receipt_t receipt;
    const rns_err_t err = rns_send(agent->node, clock_now(), &target->hash, data, &receipt);
    return err == RNS_ERR_OK ? receipt_watch(agent, receipt, timeout_s, error)
                             : reply_of(err, error);
}

static json_t *send_around(agent_t *agent, const target_t *target, rns_bytes_t data,
                           const char **error) {
    rns_bytes_t key = {NULL, 0};
    if (target->type == RNS_DEST_GROUP) {
        key = (rns_bytes_t){target->key, sizeof target->key};
    }
    const rns_err_t err =
        rns_broadcast(agent->node, clock_now(), target->name, identity_in(target), key, data);
    if (err != RNS_ERR_OK) {
        return reply_of(err, error);
    }
    return json_pack("{s:n, s:n}", "receipt", "packet");
}

static json_t *send_packet(agent_t *agent, json_t *fields, const char **error) {
    const char *dest, *text;
    uint8_t hash[16], bytes[RNS_MTU];
    rns_bytes_t data = {bytes, 0};
    double timeout_s = -1;
    if (!UNPACK(fields, error, "{s:s, s:s, s?:F}", "dest", &dest, "data", &text, "timeout",
                &timeout_s)) {
        return NULL;
    }
    const target_t *target = read_exactly(dest, hash, sizeof hash) ? target_of(agent, hash) : NULL;
    if (target == NULL) {
        return refuse(error, "no such destination");
    }
    if (!read_hex(text, bytes, sizeof bytes, &data.size)) {
        return refuse(error, "data is not hex, or too long");
    }
    if (target->type != RNS_DEST_SINGLE) {
        return send_around(agent, target, data, error);
    }
    return send_single(agent, target, data, timeout_s >= 0 ? &timeout_s : NULL, error);
}

// ---- Time

static json_t *skip(agent_t *agent, json_t *fields, const char **error) {
    int seconds;
    (void)agent;
    if (!UNPACK(fields, error, "{s:i}", "seconds", &seconds)) {
        return NULL;
    }
    if (seconds < 0) {
        return refuse(error, "time does not go back");
    }
    clock_skip((uint32_t)seconds);
    return json_object();
}

// ---- All commands

const entry_t NODE_COMMANDS[] = {
    {"start", start},
    {"interfaces", interfaces},
    {"dest_in", dest_in},
    {"dest_out", dest_out},
    {"dest_ratchets", dest_ratchets},
    {"announce", announce},
    {"announce_filter", announce_filter},
    {"recall", recall},
    {"has_path", has_path},
    {"request_path", request_path},
    {"send", send_packet},
    {"skip", skip},
    {NULL, NULL},
};

static command_t command_of(const char *name) {
    static const entry_t *const LISTS[] = {NODE_COMMANDS,    COUNTER_COMMANDS, LINK_COMMANDS,
                                           CHANNEL_COMMANDS, REQUEST_COMMANDS, RESOURCE_COMMANDS};
    for (size_t i = 0; i < sizeof LISTS / sizeof *LISTS; i++) {
        for (const entry_t *entry = LISTS[i]; entry->name != NULL; entry++) {
            if (strcmp(name, entry->name) == 0) {
                return entry->run;
            }
        }
    }
    return NULL;
}

json_t *command_run(agent_t *agent, const char *name, json_t *fields, const char **error) {
    const command_t run = command_of(name);
    if (run == NULL) {
        return refuse(error, "no such command");
    }
    if ((agent->daemon != NULL) == (run == start)) {
        return refuse(error, run == start ? "started already" : "not started");
    }
    return run(agent, fields, error);
}
