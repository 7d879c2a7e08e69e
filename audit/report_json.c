// audit/report_json.c -- the JSON report, and the baseline, which is one of before; see report.h.
#include "report.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

// Paths and types of other people's code may be no UTF-8; JSON must be.
static json_t *text_json(const char *text) {
    if (text == NULL) {
        return json_null();
    }
    json_t *string = json_string(text);
    if (string != NULL) {
        return string;
    }
    char *copy = memory_text(text, strlen(text));
    for (char *at = copy; *at != 0; at++) {
        *at = (char)((unsigned char)*at < 0x80 ? *at : '?');
    }
    string = json_string(copy);
    free(copy);
    return string;
}

static json_t *number_json(long long number) {
    return number < 0 ? json_null() : json_integer(number);
}

static json_t *site_json(const site_t *site) {
    json_t *it = json_object();
    json_object_set_new(it, "file", text_json(site->file));
    json_object_set_new(it, "line", json_integer(site->line));
    json_object_set_new(it, "function", text_json(site->shown_function));
    json_object_set_new(it, "class", text_json(site->class));
    json_object_set_new(it, "kind", text_json(kind_names[site->kind]));
    json_object_set_new(it, "type", text_json(site->type));
    json_object_set_new(it, "frequency", text_json(frequency_names[site->frequency]));
    json_object_set_new(it, "region", text_json(site->region));
    json_object_set_new(it, "severity", text_json(severity_names[site->severity]));
    json_object_set_new(it, "why", text_json(site->why));
    return it;
}

static json_t *pool_json(const pool_t *pool) {
    json_t *it = json_object();
    json_object_set_new(it, "file", text_json(pool->file));
    json_object_set_new(it, "line", json_integer(pool->line));
    json_object_set_new(it, "name", text_json(pool->name));
    json_object_set_new(it, "class", text_json(pool->class));
    json_object_set_new(it, "slots", number_json(pool->slots));
    json_object_set_new(it, "element", text_json(pool->element));
    json_object_set_new(it, "bytes", number_json(pool->bytes));
    json_object_set_new(it, "region", text_json(pool->region));
    json_object_set_new(it, "policy", text_json(policy_names[pool->policy]));
    return it;
}

static json_t *counts_json(const size_t counts[], const char *const names[], int count) {
    json_t *it = json_object();
    for (int i = 0; i < count; i++) {
        json_object_set_new(it, names[i], json_integer((json_int_t)counts[i]));
    }
    return it;
}

static json_t *unread_json(const audit_t *audit) {
    json_t *list = json_array();
    for (size_t i = 0; i < audit->unread.count; i++) {
        json_t *it = json_object();
        json_object_set_new(it, "file", text_json(audit->unread.at[i].file));
        json_object_set_new(it, "why", text_json(audit->unread.at[i].what));
        json_array_append_new(list, it);
    }
    return list;
}

void report_json(const audit_t *audit, FILE *out) {
    totals_t totals = report_totals(audit);
    json_t *root = json_object(), *sites = json_array(), *pools = json_array(),
           *sums = json_object();
    for (size_t i = 0; i < audit->sites.count; i++) {
        json_array_append_new(sites, site_json(&audit->sites.at[i]));
    }
    for (size_t i = 0; i < audit->pools.count; i++) {
        json_array_append_new(pools, pool_json(&audit->pools.at[i]));
    }
    json_object_set_new(sums, "kind", counts_json(totals.kind, kind_names, KIND_COUNT));
    json_object_set_new(sums, "frequency",
                        counts_json(totals.frequency, frequency_names, FREQUENCY_COUNT));
    json_object_set_new(root, "sites", sites);
    json_object_set_new(root, "pools", pools);
    json_object_set_new(root, "totals", sums);
    json_object_set_new(root, "unread", unread_json(audit));
    json_dumpf(root, out, JSON_INDENT(1));
    fputc('\n', out);
    json_decref(root);
}

// What makes two sites the same, whatever lines were added above them.
static const char *site_key(const char *file, const char *class, const char *function,
                            const char *kind, const char *type) {
    return name_print("%s\t%s\t%s\t%s\t%s", file, class == NULL ? "" : class,
                      function == NULL ? "" : function, kind, type);
}

static const char *member(const json_t *it, const char *key) {
    return json_string_value(json_object_get(it, key));
}

// How many sites of each key, and of each frequency below, the baseline holds.
static void count_old(map_t *old, const json_t *site) {
    const char *frequency = member(site, "frequency"), *file = member(site, "file");
    const char *kind = member(site, "kind"), *type = member(site, "type");
    int found = frequency == NULL ? -1 : word_find(frequency_names, FREQUENCY_COUNT, frequency);
    if (file == NULL || kind == NULL || type == NULL || found < 0) {
        return;
    }
    const char *key = site_key(file, member(site, "class"), member(site, "function"), kind, type);
    ++*map_take(old, name_print("%d\t%s", found, key), 0, NULL);
}

// An old site covers one that runs as often or less often; those of the same frequency go first.
static bool take_old(const map_t *old, const char *key, audit_frequency_t frequency) {
    for (int i = (int)frequency; i < FREQUENCY_COUNT; i++) {
        size_t *left = map_find(old, name_print("%d\t%s", i, key));
        if (left != NULL && *left > 0) {
            --*left;
            return true;
        }
    }
    return false;
}

void baseline_read(audit_t *audit, const char *path) {
    json_error_t error;
    json_t *root = json_load_file(path, 0, &error);
    if (root == NULL) {
        if (error.line <= 0) {
            fail("%s: %s", path, error.text);
        }
        fail("%s:%d: %s", path, error.line, error.text);
    }
    const json_t *sites = json_object_get(root, "sites");
    if (!json_is_array(sites)) {
        fail("%s: this is no report of rnaudit --format json", path);
    }
    audit->compared = true;
    map_t old = {0};
    size_t index;
    json_t *site;
    json_array_foreach(sites, index, site) {
        count_old(&old, site);
    }
    for (int frequency = FREQUENCY_COUNT - 1; frequency >= 0; frequency--) {
        for (size_t i = 0; i < audit->sites.count; i++) {
            site_t *it = &audit->sites.at[i];
            if ((int)it->frequency == frequency) {
                it->is_new = !take_old(&old,
                                       site_key(it->file, it->class, it->shown_function,
                                                kind_names[it->kind], it->type),
                                       it->frequency);
            }
        }
    }
    map_free(&old);
    json_decref(root);
}
