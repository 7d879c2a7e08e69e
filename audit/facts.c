// audit/facts.c -- reads lines of facts; see facts.h.
#include "facts.h"

#include <stdlib.h>
#include <string.h>

#define FIELDS_MAX 16

typedef struct {
    audit_t *audit;
    const char *field[FIELDS_MAX]; // names; field[0] is the letter
    int count;
} fact_t;

static size_t function_number(audit_t *audit, const char *id) {
    if (*id == 0) {
        return SIZE_MAX;
    }
    bool added;
    size_t number = *map_take(&audit->function_by_id, id, audit->functions.count, &added);
    if (added) {
        function_t *function = LIST_ADD(audit->functions);
        *function = (function_t){.id = id, .name = "", .class = "", .parent = SIZE_MAX};
    }
    return number;
}

static function_t *function_of(audit_t *audit, const char *id) {
    size_t number = function_number(audit, id); // may move the list
    return &audit->functions.at[number];
}

static const char *or_null(const char *text) {
    return *text == 0 ? NULL : text;
}

static void read_function(fact_t *fact) {
    if (*fact->field[1] == 0) {
        return;
    }
    function_t *function = function_of(fact->audit, fact->field[1]);
    if (!function->defined) {
        function->name = fact->field[2];
        function->class = fact->field[3];
        function->flag = fact->field[6][0];
        function->defined = true;
    }
}

static void read_called(fact_t *fact) {
    function_t *function = function_of(fact->audit, fact->field[1]);
    if (!function->defined) {
        function->name = fact->field[2];
        function->class = fact->field[3];
        function->flag = fact->field[4][0];
    }
}

static void read_edge(fact_t *fact) {
    audit_t *audit = fact->audit;
    const char *how = fact->field[3];
    size_t from = function_number(audit, fact->field[1]);
    size_t to = function_number(audit, fact->field[2]);
    size_t via = function_number(audit, fact->field[5]);
    if (from == SIZE_MAX || to == SIZE_MAX) {
        return;
    }
    edge_t *edge = LIST_ADD(audit->functions.at[from].edges);
    *edge = (edge_t){.to = to, .via = via, .name = fact->field[4], .how = EDGE_HAND};
    if (strcmp(how, "call") == 0) {
        edge->how = EDGE_CALL;
    } else if (strcmp(how, "via") == 0 && via != SIZE_MAX) {
        edge->how = EDGE_VIA;
    }
}

static void read_named(fact_t *fact) {
    size_t from = function_number(fact->audit, fact->field[1]);
    if (from != SIZE_MAX && *fact->field[2] != 0) {
        *LIST_ADD(fact->audit->named_calls) =
            (named_call_t){from, fact->field[2], strcmp(fact->field[3], "member") == 0};
    }
}

static void read_part(fact_t *fact) {
    *LIST_ADD(fact->audit->parts) =
        (part_t){fact->field[1], fact->field[2], strcmp(fact->field[3], "base") == 0};
}

static void read_parameter(fact_t *fact) {
    if (*fact->field[1] != 0) {
        function_of(fact->audit, fact->field[1])->calls_parameter = true;
    }
}

static void read_holds(fact_t *fact) {
    *LIST_ADD(fact->audit->field_calls) =
        (field_call_t){fact->field[1], function_number(fact->audit, fact->field[2]), true};
}

static void read_field_call(fact_t *fact) {
    size_t from = function_number(fact->audit, fact->field[1]);
    if (from != SIZE_MAX) {
        *LIST_ADD(fact->audit->field_calls) = (field_call_t){fact->field[2], from, false};
    }
}

static void read_override(fact_t *fact) {
    size_t from = function_number(fact->audit, fact->field[1]);
    size_t to = function_number(fact->audit, fact->field[2]);
    if (from != SIZE_MAX && to != SIZE_MAX) {
        edge_t *edge = LIST_ADD(fact->audit->functions.at[from].edges);
        *edge = (edge_t){.to = to, .via = SIZE_MAX, .name = "", .how = EDGE_CALL};
    }
}

static void read_note(fact_t *fact) {
    function_t *function = function_of(fact->audit, fact->field[1]);
    int frequency = word_find(frequency_names, FREQUENCY_COUNT, fact->field[2]);
    const char *where = name_print("a comment at %s:%s", fact->field[4], fact->field[5]);
    if (frequency < 0) {
        return;
    }
    if (strcmp(fact->field[3], "only") == 0) {
        function->cap = (audit_frequency_t)frequency;
    }
    if ((audit_frequency_t)frequency > function->frequency) {
        function->frequency = (audit_frequency_t)frequency;
        function->reason = where;
    }
}

static void read_site(fact_t *fact) {
    audit_t *audit = fact->audit;
    const char *const *field = fact->field;
    int kind = word_find(kind_names, KIND_COUNT, field[5]);
    if (kind < 0) {
        return;
    }
    bool by_tokens = *field[14] != 0;
    bool added;
    size_t number = *map_take(&audit->site_by_place,
                              name_print("%s:%s:%s:%s", field[1], field[2], field[3], field[4]),
                              audit->sites.count, &added);
    site_t *site = added ? LIST_ADD(audit->sites) : &audit->sites.at[number];
    if (!added && (!site->by_tokens || by_tokens)) {
        return;
    }
    *site = (site_t){.file = field[1],
                     .line = (unsigned)strtoul(field[2], NULL, 10),
                     .column = (unsigned)strtoul(field[3], NULL, 10),
                     .kind = (audit_kind_t)kind,
                     .function = function_number(audit, field[6]),
                     .shown_function = or_null(field[7]),
                     .class = or_null(field[8]),
                     .type = field[9],
                     .region = field[10],
                     .once = field[11],
                     .owner = field[12],
                     .detail = field[13],
                     .by_tokens = by_tokens};
}

static void read_use(fact_t *fact) {
    *LIST_ADD(fact->audit->uses) = (use_t){.owner = fact->field[1],
                                           .function = function_number(fact->audit, fact->field[2]),
                                           .use = fact->field[3],
                                           .name = fact->field[4]};
}

static long long number_or_none(const char *text) {
    char *end;
    long long number = strtoll(text, &end, 0);
    while (*end == 'u' || *end == 'U' || *end == 'l' || *end == 'L') {
        end++;
    }
    return end == text || *end != 0 ? -1 : number;
}

static pool_t *pool_of(audit_t *audit, const char *id) {
    bool added;
    size_t number = *map_take(&audit->pool_by_id, id, audit->pools.count, &added);
    if (added) {
        pool_t *pool = LIST_ADD(audit->pools);
        *pool = (pool_t){.id = id, .policy = POLICY_UNCHECKED};
    }
    return &audit->pools.at[number];
}

static void read_pool(fact_t *fact) {
    pool_t *pool = pool_of(fact->audit, fact->field[1]);
    bool definition = fact->field[11][0] == '1';
    if (pool->file != NULL && (pool->definition || !definition)) {
        return;
    }
    pool->name = fact->field[2];
    pool->class = or_null(fact->field[3]);
    pool->file = fact->field[4];
    pool->line = (unsigned)strtoul(fact->field[5], NULL, 10);
    pool->column = (unsigned)strtoul(fact->field[6], NULL, 10);
    pool->slots = number_or_none(fact->field[7]);
    pool->element = fact->field[8];
    pool->bytes = number_or_none(fact->field[9]);
    pool->region = strcmp(fact->field[10], "external") == 0 || pool->region == NULL
                       ? fact->field[10]
                       : pool->region;
    pool->definition = definition;
    pool->scalar = *fact->field[12] != 0;
}

static void read_instance(fact_t *fact) {
    pool_t *pool = pool_of(fact->audit, fact->field[1]);
    bool first = pool->instance.slots == NULL;
    pool->instance.differ =
        !first && (pool->instance.slots != fact->field[2] ||
                   pool->instance.element != fact->field[3] || pool->instance.differ);
    pool->instance.slots = fact->field[2];
    pool->instance.element = fact->field[3];
    pool->instance.bytes = fact->field[4];
}

// Of what several functions do, what counts: a cull anywhere makes it a cache; a comment decides.
static int weight(const char *policy) {
    static const char *const order[] = {"", "value", "unchecked", "reject", "overwrite", "cull"};
    for (int i = 0; i < 6; i++) {
        if (strcmp(order[i], policy) == 0) {
            return i;
        }
    }
    return 0;
}

static void read_judgement(fact_t *fact) {
    pool_t *pool = pool_of(fact->audit, fact->field[1]);
    bool comment = *fact->field[2] == 0;
    int mine = comment ? 100 : weight(fact->field[3]);
    if (mine > pool->weight) {
        int policy = word_find(policy_names, POLICY_COUNT, fact->field[3]);
        pool->weight = mine;
        pool->policy = policy < 0 ? POLICY_OVERWRITE : (audit_policy_t)policy;
    }
}

static void read_row(fact_t *fact) {
    const char *const *field = fact->field;
    pool_t *pool = pool_of(fact->audit, name_print("row %s:%s:%s", field[1], field[2], field[3]));
    int policy = word_find(policy_names, POLICY_COUNT, field[10]);
    *pool = (pool_t){.id = pool->id,
                     .file = field[1],
                     .line = (unsigned)strtoul(field[2], NULL, 10),
                     .column = (unsigned)strtoul(field[3], NULL, 10),
                     .name = field[4],
                     .class = or_null(field[5]),
                     .slots = -1,
                     .bytes = number_or_none(field[8]),
                     .element = field[7],
                     .region = *field[9] == 0 ? "internal" : field[9],
                     .policy = policy < 0 ? POLICY_UNCHECKED : (audit_policy_t)policy,
                     .definition = true,
                     .slots_text = field[6]};
}

static void read_record(fact_t *fact) {
    *map_take(&fact->audit->records, fact->field[1], 0, NULL) =
        (size_t)strtoull(fact->field[2], NULL, 10);
}

static void read_value(fact_t *fact) {
    *map_take(&fact->audit->values, fact->field[1], 0, NULL) =
        (size_t)strtoull(fact->field[2], NULL, 10);
}

static void read_walked(fact_t *fact) {
    for (size_t i = 0; i < fact->audit->tree->files.count; i++) {
        if (fact->audit->tree->files.at[i].shown == fact->field[1]) {
            fact->audit->tree->files.at[i].included = true;
        }
    }
}

static void read_missing(fact_t *fact) {
    bool added;
    map_take(&fact->audit->missing_seen, fact->field[2], 0, &added);
    if (added) {
        *LIST_ADD(fact->audit->missing) =
            (trouble_t){.file = fact->field[1], .what = fact->field[2]};
    }
}

static void read_error(fact_t *fact) {
    bool added;
    map_take(&fact->audit->errors_seen, fact->field[1], 0, &added);
    if (added && *fact->field[1] != 0) {
        *LIST_ADD(fact->audit->errors) =
            (trouble_t){.file = fact->field[1],
                        .line = (unsigned)strtoul(fact->field[2], NULL, 10),
                        .what = fact->field[3]};
    }
}

static void read_unreadable(fact_t *fact) {
    *LIST_ADD(fact->audit->unread) = (trouble_t){.file = fact->field[1], .what = fact->field[2]};
}

static void read_fact(fact_t *fact) {
    static const struct {
        char letter;
        int fields;
        void (*read)(fact_t *fact);
    } readers[] = {{'F', 7, read_function},  {'K', 5, read_called},     {'E', 6, read_edge},
                   {'N', 4, read_named},     {'I', 4, read_part},       {'M', 2, read_parameter},
                   {'B', 3, read_holds},     {'G', 3, read_field_call}, {'O', 3, read_override},
                   {'A', 6, read_note},      {'S', 15, read_site},      {'U', 5, read_use},
                   {'P', 13, read_pool},     {'Q', 4, read_judgement},  {'L', 5, read_instance},
                   {'T', 11, read_row},      {'Z', 3, read_record},     {'W', 3, read_value},
                   {'V', 2, read_walked},    {'H', 3, read_missing},    {'Y', 4, read_error},
                   {'X', 3, read_unreadable}};
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++) {
        if (readers[i].letter == fact->field[0][0] && readers[i].fields <= fact->count) {
            readers[i].read(fact);
        }
    }
}

static void read_line(audit_t *audit, const char *line, size_t length) {
    bool added;
    map_take(&audit->seen, name_of_part(line, length), 0, &added);
    if (!added) {
        return;
    }
    fact_t fact = {.audit = audit, .field = {""}};
    const char *end = line + length;
    while (line <= end && fact.count < FIELDS_MAX) {
        const char *stop = memchr(line, '\t', (size_t)(end - line));
        stop = stop == NULL ? end : stop;
        fact.field[fact.count++] = name_of_part(line, (size_t)(stop - line));
        line = stop + 1;
    }
    read_fact(&fact);
}

void facts_open(audit_t *audit, const rules_t *rules, tree_t *tree) {
    *audit = (audit_t){.rules = rules, .tree = tree};
    for (size_t i = 0; i < tree->closed.count; i++) {
        *LIST_ADD(audit->unread) =
            (trouble_t){.file = tree->closed.at[i].shown, .what = tree->closed.at[i].why};
    }
    for (size_t i = 0; i < tree->files.count; i++) {
        if (tree->files.at[i].trouble != NULL) {
            *LIST_ADD(audit->unread) =
                (trouble_t){.file = tree->files.at[i].shown, .what = tree->files.at[i].trouble};
        }
    }
}

void facts_read(audit_t *audit, const char *text, size_t size) {
    for (const char *at = text, *end = text + size; at < end;) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        stop = stop == NULL ? end : stop;
        read_line(audit, at, (size_t)(stop - at));
        at = stop + 1;
    }
}

// What the slots of a row are called, now that all constants are known.
static void finish_row(audit_t *audit, pool_t *pool) {
    const size_t *value = map_find(&audit->values, pool->slots_text);
    const size_t *bytes = map_find(&audit->records, pool->element);
    pool->slots = number_or_none(pool->slots_text);
    if (pool->slots < 0 && value != NULL) {
        pool->slots = (long long)*value;
    }
    if (pool->slots < 0) {
        pool->bytes = -1;
    } else if (pool->bytes < 0 && bytes != NULL && *bytes > 0) {
        pool->bytes = (long long)*bytes * pool->slots;
    }
}

static int by_file(const char *file, unsigned line, unsigned column, const char *other_file,
                   unsigned other_line, unsigned other_column) {
    if (file != other_file) {
        return strcmp(file, other_file);
    }
    if (line != other_line) {
        return line < other_line ? -1 : 1;
    }
    return column < other_column ? -1 : column > other_column;
}

static int by_site(const void *a, const void *b) {
    const site_t *left = a, *right = b;
    int order =
        by_file(left->file, left->line, left->column, right->file, right->line, right->column);
    return order != 0 ? order : (int)left->kind - (int)right->kind;
}

static int by_pool(const void *a, const void *b) {
    const pool_t *left = a, *right = b;
    return by_file(left->file, left->line, left->column, right->file, right->line, right->column);
}

static int by_trouble(const void *a, const void *b) {
    const trouble_t *left = a, *right = b;
    int order = strcmp(left->file, right->file);
    return order != 0 ? order : strcmp(left->what, right->what);
}

static void sort(void *at, size_t count, size_t size, int (*order)(const void *, const void *)) {
    if (count > 1) {
        qsort(at, count, size, order);
    }
}

void facts_finish(audit_t *audit) {
    size_t kept = 0;
    for (size_t i = 0; i < audit->pools.count; i++) {
        pool_t *pool = &audit->pools.at[i];
        if (pool->slots_text != NULL) {
            finish_row(audit, pool);
        }
        if (pool->slots < 0 && pool->instance.slots != NULL && !pool->instance.differ) {
            pool->slots = number_or_none(pool->instance.slots);
            pool->bytes = number_or_none(pool->instance.bytes);
            pool->element = pool->instance.element;
        }
        bool value = pool->scalar && pool->weight == weight("value");
        if (pool->file != NULL && !value) { // else only used here, and declared elsewhere
            audit->pools.at[kept++] = *pool;
        }
    }
    audit->pools.count = kept;
    sort(audit->pools.at, audit->pools.count, sizeof *audit->pools.at, by_pool);
    sort(audit->sites.at, audit->sites.count, sizeof *audit->sites.at, by_site);
    sort(audit->unread.at, audit->unread.count, sizeof *audit->unread.at, by_trouble);
    sort(audit->missing.at, audit->missing.count, sizeof *audit->missing.at, by_trouble);
    sort(audit->errors.at, audit->errors.count, sizeof *audit->errors.at, by_trouble);
}

void facts_free(audit_t *audit) {
    for (size_t i = 0; i < audit->functions.count; i++) {
        free(audit->functions.at[i].edges.at);
    }
    free(audit->functions.at);
    free(audit->sites.at);
    free(audit->pools.at);
    free(audit->uses.at);
    free(audit->unread.at);
    free(audit->missing.at);
    free(audit->errors.at);
    free(audit->parts.at);
    free(audit->named_calls.at);
    free(audit->field_calls.at);
    map_free(&audit->function_by_id);
    map_free(&audit->pool_by_id);
    map_free(&audit->site_by_place);
    map_free(&audit->missing_seen);
    map_free(&audit->errors_seen);
    map_free(&audit->seen);
    map_free(&audit->records);
    map_free(&audit->values);
}
