// testnode_counters.c -- see testnode.h. What the node has counted, and what is in its memory.
#include <string.h>

#include "node.h"
#include "testnode_fields.h"

static uint32_t pinned(rnsi_pool_t *pool) {
    uint32_t cursor = 0, count = 0;
    const rnsi_slot_t *slot;
    while ((slot = rnsi_pool_walk(pool, &cursor, UINT32_MAX)) != NULL) {
        count += slot->pins > 0;
    }
    return count;
}

static json_t *pools(agent_t *agent, json_t *fields, const char **error) {
    if (!UNPACK(fields, error, "{}")) {
        return NULL;
    }
    json_t *list = json_array();
    for (int id = 0; id < RNS_POOL_COUNT; id++) {
        rns_pool_info_t info;
        rns_pool_info(agent->node, (rns_pool_t)id, &info);
        (void)json_array_append_new(
            list, json_pack("{s:s, s:b, s:I, s:I, s:I, s:I, s:I}", "name", info.name, "cull",
                            info.full == RNS_FULL_CULL, "slots", (json_int_t)info.slots, "used",
                            (json_int_t)info.used, "pinned",
                            (json_int_t)pinned(&agent->node->memory.pools[id]), "culled",
                            (json_int_t)info.culled, "rejected", (json_int_t)info.rejected));
    }
    return json_pack("{s:o}", "pools", list);
}

static json_t *verdicts(agent_t *agent, json_t *fields, const char **error) {
    if (!UNPACK(fields, error, "{}")) {
        return NULL;
    }
    json_t *counts = json_object();
    for (int verdict = 0; verdict < RNS_RX_COUNT; verdict++) {
        json_int_t count = 0;
        uint32_t cursor = 0;
        rns_iface_t iface;
        while (rns_iface_each(agent->node, &cursor, &iface)) {
            count += rns_iface_count(agent->node, iface, (rns_verdict_t)verdict);
        }
        (void)json_object_set_new(counts, rns_verdict_name((rns_verdict_t)verdict),
                                  json_integer(count));
    }
    return json_pack("{s:o}", "verdicts", counts);
}

const entry_t COUNTER_COMMANDS[] = {{"pools", pools}, {"verdicts", verdicts}, {NULL, NULL}};
