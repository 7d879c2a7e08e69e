// naming.c -- commands: names and addresses of destinations.
#include <string.h>

#include "keys.h"

static json_t *address(call_t *call, const char *name) {
    rns_hash_t identity, hash;
    lab_t *lab =
        call_hex_of(call, "identity_hash", identity.b, sizeof identity.b) ? lab_of(call) : NULL;
    if (lab == NULL) {
        return NULL;
    }
    const rns_err_t err = rns_destination_hash(lab->near.node, name, &identity, &hash);
    if (err != RNS_ERR_OK) {
        return call_fail_err(call, name, err);
    }
    return json_pack("{s:o}", "destination_hash", hex_of_hash(&hash));
}

static json_t *destination_hash(call_t *call) {
    const char *name;
    return call_name(call, &name) ? address(call, name) : NULL;
}

static json_t *hash_from_name_and_identity(call_t *call) {
    const char *name;
    return call_text(call, "full_name", &name) ? address(call, name) : NULL;
}

static json_t *app_and_aspects_from_name(call_t *call) {
    const char *name;
    if (!call_text(call, "full_name", &name)) {
        return NULL;
    }
    const size_t app = strcspn(name, ".");
    json_t *aspects = json_array();
    for (const char *at = name + app; *at == '.';) {
        const size_t length = strcspn(++at, ".");
        (void)json_array_append_new(aspects, json_stringn(at, length));
        at += length;
    }
    return json_pack("{s:s%, s:o}", "app_name", name, app, "aspects", aspects);
}

static json_t *destination_expand_name(call_t *call) {
    const char *name;
    rns_secret_t secret;
    if (!call_name(call, &name)) {
        return NULL;
    }
    if (!call_has(call, "identity_private_key")) {
        return json_pack("{s:s}", "name", name);
    }
    if (!keys_secret(call, "identity_private_key", &secret)) {
        return NULL;
    }
    const rnsi_identity_t id = keys_public(call, &secret);
    json_t *hash = hex_of_hash(&id.hash);
    json_t *full = json_sprintf("%s.%s", name, json_string_value(hash));
    return json_pack("{s:o, s:o}", "name", full, "identity_hexhash", hash);
}

const command_entry_t NAMING_COMMANDS[] = {
    {"destination_hash", destination_hash},
    {"hash_from_name_and_identity", hash_from_name_and_identity},
    {"app_and_aspects_from_name", app_and_aspects_from_name},
    {"destination_expand_name", destination_expand_name},
    {NULL, NULL},
};
