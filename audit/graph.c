// audit/graph.c -- goes down the call graph from the roots, the most frequent first; see graph.h.
#include "graph.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    size_t function, parent;
    audit_frequency_t frequency;
} waiting_t;

typedef struct {
    audit_t *audit;
    LIST(size_t) queue;
    size_t at;
    LIST(waiting_t) waiting; // functions that run no more often than this, but were reached
} graph_t;

static const char *last_name(const char *name) {
    const char *last = name;
    for (const char *at = strstr(name, "::"); at != NULL; at = strstr(at + 2, "::")) {
        last = at + 2;
    }
    return last;
}

static void add_call(audit_t *audit, size_t from, size_t to) {
    edge_t *edge = LIST_ADD(audit->functions.at[from].edges);
    *edge = (edge_t){.to = to, .via = SIZE_MAX, .name = "", .how = EDGE_CALL};
}

// All functions by the last part of their name.
typedef struct {
    map_t heads;
    size_t *next;
} names_index_t;

static names_index_t index_names(const audit_t *audit) {
    names_index_t index = {.next = memory_new((audit->functions.count + 1) * sizeof(size_t))};
    for (size_t i = 0; i < audit->functions.count; i++) {
        const function_t *function = &audit->functions.at[i];
        index.next[i] = SIZE_MAX;
        if (*function->name != 0 && function->flag != 'l' && function->flag != 'i') {
            size_t *head =
                map_take(&index.heads, name_of(last_name(function->name)), SIZE_MAX, NULL);
            index.next[i] = *head;
            *head = i;
        }
    }
    return index;
}

static bool name_fits(const char *name, const char *call) {
    return strcmp(name, call) == 0 ||
           (text_ends(name, call) &&
            text_ends(name_of_part(name, strlen(name) - strlen(call)), "::"));
}

// A call on an object is one of a method; a plain one is of a function, or of the caller's class.
static bool call_fits(const audit_t *audit, const named_call_t *call, const function_t *to) {
    bool method = *to->class != 0;
    bool reachable =
        call->member ? method : !method || to->class == audit->functions.at[call->from].class;
    return name_fits(to->name, call->name) && (reachable || strstr(call->name, "::") != NULL);
}

// Calls of which only the name is known may be calls of any function of that name.
static void link_names(audit_t *audit) {
    names_index_t index = index_names(audit);
    for (size_t i = 0; i < audit->named_calls.count; i++) {
        const named_call_t *call = &audit->named_calls.at[i];
        const size_t *head = map_find(&index.heads, name_of(last_name(call->name)));
        for (size_t to = head == NULL ? SIZE_MAX : *head; to != SIZE_MAX; to = index.next[to]) {
            if (call_fits(audit, call, &audit->functions.at[to])) {
                add_call(audit, call->from, to);
            }
        }
    }
    // A function that is nowhere defined may be one whose definition the parser knows otherwise.
    for (size_t i = 0; i < audit->functions.count; i++) {
        const char *name = audit->functions.at[i].name;
        const size_t *head = map_find(&index.heads, name_of(last_name(name)));
        for (size_t to = head == NULL ? SIZE_MAX : *head;
             to != SIZE_MAX && !audit->functions.at[i].defined; to = index.next[to]) {
            if (audit->functions.at[to].defined && audit->functions.at[to].name == name) {
                add_call(audit, i, to);
            }
        }
    }
    map_free(&index.heads);
    free(index.next);
}

// What is called through a member may be any function that the member is given.
static void link_fields(audit_t *audit) {
    for (size_t i = 0; i < audit->field_calls.count; i++) {
        const field_call_t *call = &audit->field_calls.at[i];
        for (size_t k = 0; k < audit->field_calls.count && !call->holds; k++) {
            const field_call_t *held = &audit->field_calls.at[k];
            if (held->holds && held->field == call->field) {
                add_call(audit, call->function, held->function);
            }
        }
    }
}

// The functions of each class that are made along with an object: constructors, initial values.
static names_index_t index_classes(const audit_t *audit) {
    names_index_t index = {.next = memory_new((audit->functions.count + 1) * sizeof(size_t))};
    for (size_t i = 0; i < audit->functions.count; i++) {
        const function_t *function = &audit->functions.at[i];
        index.next[i] = SIZE_MAX;
        if (*function->class != 0 && strchr("cCdi", function->flag) != NULL &&
            function->flag != 0) {
            size_t *head = map_take(&index.heads, function->class, SIZE_MAX, NULL);
            index.next[i] = *head;
            *head = i;
        }
    }
    return index;
}

static size_t first_of(const names_index_t *index, const char *class) {
    const size_t *head = map_find(&index->heads, class);
    return head == NULL ? SIZE_MAX : *head;
}

// From the functions of `class` with one of the flags `from` to those of `other` with one of `to`.
static void link_flags(audit_t *audit, const names_index_t *index, const char *class,
                       const char *from, const char *other, const char *to) {
    for (size_t i = first_of(index, class); i != SIZE_MAX; i = index->next[i]) {
        for (size_t k = first_of(index, other); k != SIZE_MAX; k = index->next[k]) {
            if (strchr(from, audit->functions.at[i].flag) != NULL &&
                strchr(to, audit->functions.at[k].flag) != NULL) {
                add_call(audit, i, k);
            }
        }
    }
}

// A constructor that is inherited, or written by the compiler, is one of the base.
static void link_inherited(audit_t *audit, const names_index_t *index, const part_t *part) {
    for (size_t i = first_of(index, part->whole); i != SIZE_MAX; i = index->next[i]) {
        for (size_t k = first_of(index, part->part); k != SIZE_MAX; k = index->next[k]) {
            char from = audit->functions.at[i].flag, to = audit->functions.at[k].flag;
            if (!audit->functions.at[i].defined && (from == 'c' || from == 'C') &&
                (to == 'c' || to == 'C')) {
                add_call(audit, i, k);
            }
        }
    }
}

// Constructors run the initial values of members; whoever makes an object destroys it as often, and
// makes what it holds.
static void link_classes(audit_t *audit) {
    names_index_t index = index_classes(audit);
    for (size_t i = 0; i < index.heads.room; i++) {
        const char *class = index.heads.cells[i].key;
        if (class != NULL) {
            link_flags(audit, &index, class, "cC", class, "id");
        }
    }
    for (size_t i = 0; i < audit->parts.count; i++) {
        link_flags(audit, &index, audit->parts.at[i].whole, "i", audit->parts.at[i].part, "Ci");
        if (audit->parts.at[i].base) {
            link_inherited(audit, &index, &audit->parts.at[i]);
        }
    }
    map_free(&index.heads);
    free(index.next);
}

static void take_roots(audit_t *audit) {
    for (size_t i = 0; i < audit->functions.count; i++) {
        function_t *function = &audit->functions.at[i];
        if (*function->name == 0 || function->flag == 'l' || function->flag == 'i') {
            continue;
        }
        const rule_t *only = rules_find(audit->rules, RULE_ONLY, function->name);
        const rule_t *root = rules_find(audit->rules, RULE_ROOT, function->name);
        if (only != NULL && function->cap == FREQUENCY_UNKNOWN && function->reason == NULL) {
            function->cap = only->frequency;
        }
        const rule_t *rule = function->cap != FREQUENCY_UNKNOWN ? only : root;
        if (rule != NULL && rule->frequency > function->frequency) {
            function->frequency = rule->frequency;
            function->reason = rule->where;
        }
    }
}

// What is handed to a function that a rule names is called as often as the rule says.
static void take_callbacks(audit_t *audit) {
    for (size_t i = 0; i < audit->functions.count; i++) {
        for (size_t k = 0; k < audit->functions.at[i].edges.count; k++) {
            const edge_t *edge = &audit->functions.at[i].edges.at[k];
            const rule_t *rule = edge->how == EDGE_CALL || *edge->name == 0
                                     ? NULL
                                     : rules_find(audit->rules, RULE_CALLBACK, edge->name);
            function_t *function = &audit->functions.at[edge->to];
            if (rule != NULL && rule->frequency > function->frequency) {
                function->frequency = rule->frequency;
                function->reason = name_print("handed to %s, %s", edge->name, rule->where);
            }
        }
    }
}

// A callback that is registered at start-up runs later, nobody knows how often.
static bool passes(const audit_t *audit, const edge_t *edge, audit_frequency_t frequency) {
    bool direct = edge->how == EDGE_CALL ||
                  (edge->how == EDGE_VIA && audit->functions.at[edge->via].calls_parameter);
    return direct || frequency > FREQUENCY_STARTUP;
}

static void reach(graph_t *graph, size_t from, const edge_t *edge, audit_frequency_t frequency) {
    function_t *to = &graph->audit->functions.at[edge->to];
    if (to->frequency >= frequency || !passes(graph->audit, edge, frequency)) {
        return;
    }
    if (to->cap != FREQUENCY_UNKNOWN && to->cap < frequency) {
        *LIST_ADD(graph->waiting) = (waiting_t){edge->to, from, to->cap};
        return;
    }
    to->frequency = frequency;
    to->parent = from;
    to->reason = NULL;
    *LIST_ADD(graph->queue) = edge->to;
}

static void go_down(graph_t *graph, audit_frequency_t frequency) {
    audit_t *audit = graph->audit;
    graph->queue.count = graph->at = 0;
    for (size_t i = 0; i < audit->functions.count; i++) {
        if (audit->functions.at[i].frequency == frequency) {
            *LIST_ADD(graph->queue) = i;
        }
    }
    for (size_t i = 0; i < graph->waiting.count; i++) {
        const waiting_t *waiting = &graph->waiting.at[i];
        function_t *function = &audit->functions.at[waiting->function];
        if (waiting->frequency == frequency && function->frequency <= frequency) {
            if (function->frequency < frequency) {
                function->frequency = frequency;
                *LIST_ADD(graph->queue) = waiting->function;
            }
            function->parent = waiting->parent;
        }
    }
    while (graph->at < graph->queue.count) {
        size_t from = graph->queue.at[graph->at++];
        for (size_t i = 0; i < audit->functions.at[from].edges.count; i++) {
            reach(graph, from, &audit->functions.at[from].edges.at[i], frequency);
        }
    }
}

// "loop -> Link::receive -> Link::decrypt"; long chains lose their middle.
static const char *chain_of(const audit_t *audit, size_t function) {
    LIST(const char *) names = {0};
    size_t root = function;
    for (size_t at = function; at != SIZE_MAX && names.count < 100;
         at = audit->functions.at[at].parent) {
        const function_t *step = &audit->functions.at[at];
        const char *name = *step->name == 0 ? "a function that is declared elsewhere" : step->name;
        *LIST_ADD(names) = step->flag == 'l' ? name_print("%s (lambda)", name) : name;
        root = at;
    }
    text_t text = {0};
    for (size_t i = names.count; i > 0; i--) {
        if (names.count > 8 && i == names.count - 4) {
            text_add(&text, " -> ...");
            i = 4;
        }
        text_add(&text, i == names.count ? "" : " -> ");
        text_add(&text, names.at[i - 1]);
    }
    if (audit->functions.at[root].reason != NULL) {
        text_print(&text, " (%s)", audit->functions.at[root].reason);
    }
    const char *chain = name_of(text.at);
    text_free(&text);
    free(names.at);
    return chain;
}

typedef struct {
    audit_frequency_t frequency;
    const char *why;
} answer_t;

static answer_t of_function(const audit_t *audit, size_t function) {
    if (function == SIZE_MAX) {
        return (answer_t){FREQUENCY_UNKNOWN, "it stands outside of functions"};
    }
    const function_t *it = &audit->functions.at[function];
    if (it->frequency == FREQUENCY_UNKNOWN) {
        return (answer_t){FREQUENCY_UNKNOWN, name_print("no root leads to %s", it->name)};
    }
    return (answer_t){it->frequency, chain_of(audit, function)};
}

static void at_least(answer_t *answer, answer_t other) {
    if (other.frequency > answer->frequency) {
        *answer = other;
    }
}

typedef struct {
    const char *growth; // how and where it grows most often, or NULL
    bool by_reserve, reserved;
    answer_t grows, used;
} growth_t;

static void take_use(const audit_t *audit, const use_t *use, growth_t *growth) {
    answer_t there = of_function(audit, use->function);
    growth->reserved = growth->reserved || strcmp(use->use, "reserve") == 0;
    if (strcmp(use->use, "use") != 0) {
        bool reserve = strcmp(use->use, "reserve") == 0;
        if (growth->growth == NULL || (growth->by_reserve && !reserve) ||
            there.frequency > growth->grows.frequency) {
            growth->by_reserve = reserve;
            growth->growth =
                use->function == SIZE_MAX
                    ? use->name
                    : name_print("%s in %s", use->name, audit->functions.at[use->function].name);
        }
        growth->grows.why = growth->grows.why == NULL ? there.why : growth->grows.why;
        at_least(&growth->grows, there);
    }
    growth->used.why = growth->used.why == NULL ? there.why : growth->used.why;
    at_least(&growth->used, there);
}

// A member or variable that grows: as often as those who make it grow; if nobody is seen to, as
// those who use it or make its object.
static growth_t of_owner(const audit_t *audit, const site_t *site) {
    growth_t growth = {0};
    for (size_t i = 0; i < audit->uses.count; i++) {
        if (audit->uses.at[i].owner == site->owner) {
            take_use(audit, &audit->uses.at[i], &growth);
        }
    }
    for (size_t i = 0; i < audit->functions.count && growth.growth == NULL && site->class != NULL;
         i++) {
        const function_t *function = &audit->functions.at[i];
        if ((function->flag == 'c' || function->flag == 'C') && function->class == site->class) {
            at_least(&growth.used, of_function(audit, i));
        }
    }
    return growth;
}

static answer_t answer_for(const audit_t *audit, const site_t *site, text_t *detail) {
    answer_t answer = of_function(audit, site->function);
    if (strcmp(site->once, "static") == 0) {
        answer = (answer_t){FREQUENCY_STARTUP, "a static of its function: made once"};
    } else if (strcmp(site->once, "global") == 0) {
        answer = (answer_t){FREQUENCY_STARTUP, "outside of functions: made before main"};
    }
    if (*site->owner == 0) {
        return answer;
    }
    growth_t growth = of_owner(audit, site);
    answer_t owner = growth.growth != NULL ? growth.grows : growth.used;
    bool member = site->function == SIZE_MAX && *site->once == 0;
    if (member && owner.why != NULL) {
        answer = owner;
    } else if (member) {
        answer.why = "nothing is seen to use it";
    } else {
        at_least(&answer, owner);
    }
    if (growth.growth != NULL && strcmp(site->once, "") != 0 &&
        owner.frequency == FREQUENCY_UNKNOWN) {
        answer = owner;
    }
    text_add(detail, growth.growth == NULL ? "; not seen to grow"
                                           : name_print("; grows by %s", growth.growth));
    if (site->kind == KIND_CONTAINER) {
        text_add(detail, growth.reserved ? "; reserved" : "; no reserve");
    }
    return answer;
}

// What a comment beside the site says goes before the graph.
static bool noted(const audit_t *audit, site_t *site) {
    for (size_t i = 0; i < audit->tree->files.count; i++) {
        const file_t *file = &audit->tree->files.at[i];
        if (file->shown != site->file) {
            continue;
        }
        for (size_t k = 0; k < file->notes.count; k++) {
            if (file->notes.at[k].line == site->line && file->notes.at[k].frequency >= 0) {
                site->frequency = (audit_frequency_t)file->notes.at[k].frequency;
                return true;
            }
        }
    }
    return false;
}

static audit_severity_t severity_of(const site_t *site) {
    switch (site->frequency) {
    case FREQUENCY_PACKET:
        return SEVERITY_HIGH;
    case FREQUENCY_TRANSFER:
    case FREQUENCY_LINK:
        return SEVERITY_MEDIUM;
    case FREQUENCY_UNKNOWN:
        return site->kind == KIND_STRING || site->kind == KIND_FUNCTION ? SEVERITY_LOW
                                                                        : SEVERITY_MEDIUM;
    default:
        return SEVERITY_LOW;
    }
}

static void classify(const audit_t *audit, site_t *site) {
    text_t detail = {0};
    text_add(&detail, site->detail);
    answer_t answer = answer_for(audit, site, &detail);
    site->frequency = answer.frequency;
    if (noted(audit, site)) {
        answer.why = "a comment beside it";
    }
    site->severity = severity_of(site);
    site->why = name_print("%s: %s [%s%s]", frequency_names[site->frequency], answer.why, detail.at,
                           site->by_tokens ? "; in code that the parser gave up on" : "");
    if (site->function != SIZE_MAX && audit->functions.at[site->function].flag == 'i') {
        site->shown_function = NULL;
    }
    text_free(&detail);
}

void graph_classify(audit_t *audit) {
    graph_t graph = {.audit = audit};
    link_classes(audit);
    link_names(audit);
    link_fields(audit);
    take_roots(audit);
    take_callbacks(audit);
    for (int i = FREQUENCY_PACKET; i >= FREQUENCY_STARTUP; i--) {
        go_down(&graph, (audit_frequency_t)i);
    }
    for (size_t i = 0; i < audit->sites.count; i++) {
        classify(audit, &audit->sites.at[i]);
    }
    free(graph.queue.at);
    free(graph.waiting.at);
}
