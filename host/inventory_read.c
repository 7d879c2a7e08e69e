// inventory_read.c -- reads what inventory_json() writes (inventory.h): one object with an array of
// flat ones in it. Members that are not known are passed over, so that another version's file can
// be shown, too; what is not JSON of this form is refused.
#include "host/inventory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MOST 65536U // bytes: far more than the rows take

typedef struct {
    const char *at;
    bool is_bad;
} reader_t;

typedef struct {
    char text[RNS_POOL_NAME_MAX]; // of a string, cut
    double number;
    bool is_text;
} value_t;

// ---- Tokens

static void skip_space(reader_t *r) {
    r->at += strspn(r->at, " \t\r\n");
}

// Takes this character, if it is what comes.
static bool take(reader_t *r, char c) {
    skip_space(r);
    if (r->is_bad || *r->at != c) {
        return false;
    }
    r->at++;
    return true;
}

static void need(reader_t *r, char c) {
    if (!take(r, c)) {
        r->is_bad = true;
    }
}

// Names and words of ours need no escapes.
static void read_text(reader_t *r, value_t *value) {
    const size_t size = strcspn(r->at, "\"\\");
    value->is_text = true;
    (void)snprintf(value->text, sizeof value->text, "%.*s", (int)size, r->at);
    r->at += size;
    need(r, '"');
}

static void read_scalar(reader_t *r, value_t *value) {
    char *end;
    *value = (value_t){.is_text = false};
    if (take(r, '"')) {
        read_text(r, value);
        return;
    }
    value->number = strtod(r->at, &end);
    if (end == r->at || !isfinite(value->number) || value->number < 0) {
        r->is_bad = true;
        return;
    }
    r->at = end;
}

// The next member's name. False: there is none, and the object has ended.
static bool read_name(reader_t *r, bool is_first, value_t *name) {
    if (take(r, '}')) {
        return false;
    }
    if (!is_first) {
        need(r, ',');
    }
    need(r, '"');
    if (!r->is_bad) {
        read_text(r, name);
    }
    need(r, ':');
    return !r->is_bad;
}

// ---- Rows

static bool one_of(const char *text, const char *(*name)(int), int count, int *at) {
    for (*at = 0; *at < count; ++*at) {
        if (strcmp(text, name(*at)) == 0) {
            return true;
        }
    }
    return false;
}

static const char *region_name(int i) {
    return inventory_region((rns_region_t)i);
}

static const char *class_name(int i) {
    return inventory_class((rns_per_t)i);
}

static const char *policy_name(int i) {
    return inventory_policy((rns_full_t)i);
}

static bool set_text(rns_pool_info_t *row, const char *name, const char *text) {
    int at = 0;
    bool good = true;
    if (strcmp(name, "name") == 0) {
        (void)snprintf(row->name, sizeof row->name, "%s", text);
    } else if (strcmp(name, "region") == 0) {
        good = one_of(text, region_name, RNS_REGION_COUNT, &at);
        row->region = (rns_region_t)at;
    } else if (strcmp(name, "class") == 0) {
        good = one_of(text, class_name, RNS_PER_COUNT, &at);
        row->per = (rns_per_t)at;
    } else if (strcmp(name, "policy") == 0) {
        good = one_of(text, policy_name, RNS_FULL_CULL + 1, &at);
        row->full = (rns_full_t)at;
    }
    return good;
}

static bool set_number(rns_pool_info_t *row, const char *name, double number) {
    const struct {
        const char *name;
        uint32_t *small;
        uint64_t *large;
    } members[] = {
        {"slots", &row->slots, NULL},       {"slot_bytes", &row->slot_bytes, NULL},
        {"used", &row->used, NULL},         {"peak", &row->peak, NULL},
        {"bytes", NULL, &row->bytes},       {"culled", NULL, &row->culled},
        {"rejected", NULL, &row->rejected},
    };
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        if (strcmp(name, members[i].name) != 0) {
            continue;
        }
        if (number > (members[i].small != NULL ? (double)UINT32_MAX : 9e18)) {
            return false;
        }
        if (members[i].small != NULL) {
            *members[i].small = (uint32_t)number;
        } else {
            *members[i].large = (uint64_t)number;
        }
    }
    return true;
}

static void read_row(reader_t *r, rns_pool_info_t *row) {
    value_t name, value;
    memset(row, 0, sizeof *row);
    need(r, '{');
    for (bool is_first = true; read_name(r, is_first, &name); is_first = false) {
        read_scalar(r, &value);
        if (!(value.is_text ? set_text(row, name.text, value.text)
                            : set_number(row, name.text, value.number))) {
            r->is_bad = true;
        }
    }
    rns_pool_info_t known;
    rns_pool_plan(RNS_PROFILE_TINY, NULL, rns_pool_of(row->name), &known);
    row->what = known.what != NULL ? known.what : "";
    r->is_bad |= row->name[0] == '\0';
}

static void read_rows(reader_t *r, inventory_t *inventory) {
    need(r, '[');
    if (take(r, ']')) {
        return;
    }
    do {
        if (inventory->count == INVENTORY_ROWS_MAX) {
            r->is_bad = true;
            return;
        }
        read_row(r, &inventory->rows[inventory->count++]);
    } while (!r->is_bad && take(r, ','));
    need(r, ']');
}

// ---- The whole

static void skip_object(reader_t *r) {
    value_t name, value;
    for (bool is_first = true; read_name(r, is_first, &name); is_first = false) {
        read_scalar(r, &value);
    }
}

static void read_member(reader_t *r, inventory_t *inventory, const char *name) {
    value_t value;
    if (strcmp(name, "pools") == 0) {
        read_rows(r, inventory);
    } else if (take(r, '{')) {
        skip_object(r); // sums, which are made anew
    } else {
        read_scalar(r, &value);
        if (strcmp(name, "profile") == 0 && value.is_text) {
            (void)snprintf(inventory->profile, sizeof inventory->profile, "%.15s", value.text);
        } else if (strcmp(name, "pid") == 0 && value.number < 9e15) {
            inventory->is_live = true;
            inventory->pid = (long)value.number;
        } else if (strcmp(name, "uptime") == 0) {
            inventory->uptime_s = value.number;
        }
    }
}

bool inventory_read(inventory_t *inventory, FILE *in) {
    char *bytes = malloc(FILE_MOST + 1);
    memset(inventory, 0, sizeof *inventory);
    if (bytes == NULL) {
        return false;
    }
    const size_t size = fread(bytes, 1, FILE_MOST, in);
    bytes[size] = '\0';
    reader_t r = {bytes, false};
    value_t name;
    need(&r, '{');
    for (bool is_first = true; read_name(&r, is_first, &name); is_first = false) {
        read_member(&r, inventory, name.text);
    }
    skip_space(&r);
    const bool is_good = !r.is_bad && *r.at == '\0' && inventory->count > 0;
    free(bytes);
    return is_good;
}
