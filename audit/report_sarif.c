// audit/report_sarif.c -- SARIF 2.1.0, for code review; see report.h.
#include "report.h"

#include "version.h"

#include <jansson.h>
#include <string.h>

static json_t *text_of(const char *text) {
    json_t *string = json_string(text);
    return string == NULL ? json_string("(no UTF-8)") : string;
}

static json_t *message(const char *text) {
    json_t *it = json_object();
    json_object_set_new(it, "text", text_of(text));
    return it;
}

static const char *level(audit_severity_t severity) {
    static const char *const levels[SEVERITY_COUNT] = {"note", "warning", "error"};
    return levels[severity];
}

static json_t *rule(const char *id, const char *meaning, const char *remedy) {
    json_t *it = json_object();
    json_object_set_new(it, "id", text_of(id));
    json_object_set_new(it, "shortDescription", message(meaning));
    json_object_set_new(it, "help", message(remedy));
    return it;
}

static json_t *rules(void) {
    json_t *list = json_array();
    for (int i = 0; i < KIND_COUNT; i++) {
        json_array_append_new(list, rule(kind_names[i], report_meaning((audit_kind_t)i),
                                         report_remedy((audit_kind_t)i)));
    }
    json_array_append_new(list,
                          rule("unchecked_pool", "a fixed pool without a check when it is full",
                               "refuse the newcomer, or let the oldest entry make room"));
    return list;
}

// A path as a URI: what is no plain character is written as %XX.
static json_t *uri(const char *path) {
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/+@";
    text_t text = {0};
    text_add(&text, *path == '/' ? "file://" : "");
    for (const char *at = path; *at != 0; at++) {
        if (strchr(plain, *at) != NULL) {
            text_add_part(&text, at, 1);
        } else {
            text_print(&text, "%%%02X", (unsigned)(unsigned char)*at);
        }
    }
    json_t *it = json_string(text.at);
    text_free(&text);
    return it;
}

static json_t *location(const char *file, unsigned line, unsigned column, const char *function) {
    json_t *artifact = json_object(), *region = json_object(), *physical = json_object();
    json_object_set_new(artifact, "uri", uri(file));
    json_object_set_new(region, "startLine", json_integer(line == 0 ? 1 : line));
    json_object_set_new(region, "startColumn", json_integer(column == 0 ? 1 : column));
    json_object_set_new(physical, "artifactLocation", artifact);
    json_object_set_new(physical, "region", region);
    json_t *it = json_object();
    json_object_set_new(it, "physicalLocation", physical);
    if (function != NULL) {
        json_t *logical = json_object(), *list = json_array();
        json_object_set_new(logical, "fullyQualifiedName", text_of(function));
        json_object_set_new(logical, "kind", json_string("function"));
        json_array_append_new(list, logical);
        json_object_set_new(it, "logicalLocations", list);
    }
    return it;
}

static json_t *result(const char *id, audit_severity_t severity, const char *text, json_t *place) {
    json_t *it = json_object(), *places = json_array();
    json_array_append_new(places, place);
    json_object_set_new(it, "ruleId", text_of(id));
    json_object_set_new(it, "level", json_string(level(severity)));
    json_object_set_new(it, "message", message(text));
    json_object_set_new(it, "locations", places);
    return it;
}

static json_t *site_result(const site_t *site, bool compared) {
    const char *text = name_print("%s of %s: %s. %s.", kind_names[site->kind], site->type,
                                  report_meaning(site->kind), site->why);
    json_t *it = result(kind_names[site->kind], site->severity, text,
                        location(site->file, site->line, site->column, site->shown_function));
    json_t *prints = json_object(), *more = json_object();
    json_object_set_new(prints, "rnaudit/v1",
                        text_of(name_print("%s:%s:%s:%s", site->file,
                                           site->shown_function == NULL ? "" : site->shown_function,
                                           kind_names[site->kind], site->type)));
    json_object_set_new(it, "partialFingerprints", prints);
    json_object_set_new(more, "frequency", text_of(frequency_names[site->frequency]));
    json_object_set_new(more, "region", text_of(site->region));
    json_object_set_new(it, "properties", more);
    if (compared) {
        json_object_set_new(it, "baselineState", json_string(site->is_new ? "new" : "unchanged"));
    }
    return it;
}

static json_t *results(const audit_t *audit) {
    json_t *list = json_array();
    for (size_t i = 0; i < audit->sites.count; i++) {
        json_array_append_new(list, site_result(&audit->sites.at[i], audit->compared));
    }
    for (size_t i = 0; i < audit->pools.count; i++) {
        const pool_t *pool = &audit->pools.at[i];
        if (pool->policy == POLICY_UNCHECKED) {
            json_array_append_new(
                list, result("unchecked_pool", SEVERITY_LOW,
                             name_print("the pool %s of %s: %s", pool->name, pool->element,
                                        report_policy_meaning(pool->policy)),
                             location(pool->file, pool->line, pool->column, NULL)));
        }
    }
    return list;
}

static json_t *invocations(const audit_t *audit) {
    json_t *list = json_array(), *it = json_object(), *notes = json_array();
    json_object_set_new(it, "executionSuccessful", json_true());
    for (size_t i = 0; i < audit->unread.count; i++) {
        json_t *note = json_object(), *places = json_array();
        json_array_append_new(places, location(audit->unread.at[i].file, 1, 1, NULL));
        json_object_set_new(note, "level", json_string("error"));
        json_object_set_new(note, "message",
                            message(name_print("%s: not read: %s", audit->unread.at[i].file,
                                               audit->unread.at[i].what)));
        json_object_set_new(note, "locations", places);
        json_array_append_new(notes, note);
    }
    json_object_set_new(it, "toolExecutionNotifications", notes);
    json_array_append_new(list, it);
    return list;
}

void report_sarif(const audit_t *audit, FILE *out) {
    json_t *driver = json_object(), *tool = json_object(), *run = json_object();
    json_object_set_new(driver, "name", json_string("rnaudit"));
    json_object_set_new(driver, "version", json_string(AUDIT_VERSION));
    json_object_set_new(driver, "rules", rules());
    json_object_set_new(tool, "driver", driver);
    json_object_set_new(run, "tool", tool);
    json_object_set_new(run, "columnKind", json_string("unicodeCodePoints"));
    json_object_set_new(run, "invocations", invocations(audit));
    json_object_set_new(run, "results", results(audit));
    json_t *runs = json_array(), *root = json_object();
    json_array_append_new(runs, run);
    json_object_set_new(root, "$schema",
                        json_string("https://json.schemastore.org/sarif-2.1.0.json"));
    json_object_set_new(root, "version", json_string("2.1.0"));
    json_object_set_new(root, "runs", runs);
    json_dumpf(root, out, JSON_INDENT(1));
    fputc('\n', out);
    json_decref(root);
}
