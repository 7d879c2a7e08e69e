// %(name)s in a value: the value of that key here, in [DEFAULT], or in the sections around
// (ConfigObj.InterpolationEngine). References nest; frames stand in for the reference's recursion.
#include "host/configobj_text.h"

#include <string.h>

typedef struct {
    const char *name;    // of the key
    const char *section; // the name of its section, NULL for the root
    const char *rest;    // of its value, not yet written
    const configobj_entry_t *home;
} frame_t;

typedef struct {
    frame_t frames[CONFIGOBJ_CHAIN_MAX];
    size_t depth, steps, used;
    char out[CONFIGOBJ_VALUE_MAX];
} expansion_t;

static const configobj_entry_t *find_value(const configobj_entry_t *section, const char *name) {
    const configobj_entry_t *entry = configobj_find(section, name);

    return entry != NULL && entry->kind != CONFIGOBJ_SECTION ? entry : NULL;
}

// The value that `name` means in `section`; *home is the section where it was found.
static const configobj_entry_t *look_up(const configobj_entry_t *section, const char *name,
                                        const configobj_entry_t **home) {
    for (; section != NULL; section = section->parent) {
        const configobj_entry_t *defaults = configobj_find(section, "DEFAULT");
        const configobj_entry_t *entry = find_value(section, name);

        if (entry == NULL && defaults != NULL && defaults->kind == CONFIGOBJ_SECTION) {
            entry = find_value(defaults, name);
        }
        if (entry != NULL) {
            *home = section;
            return entry;
        }
    }
    return NULL;
}

static bool is_same(const char *a, const char *b) {
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static const char *push(expansion_t *x, const char *name, const configobj_entry_t *home,
                        const char *value) {
    for (size_t i = 0; i < x->depth; i++) {
        if (strcmp(x->frames[i].name, name) == 0 && is_same(x->frames[i].section, home->name)) {
            return "refers to itself";
        }
    }
    if (x->depth == CONFIGOBJ_CHAIN_MAX || x->steps == CONFIGOBJ_STEPS_MAX) {
        return "refers to too many other values";
    }
    x->steps++;
    x->frames[x->depth++] = (frame_t){name, home->name, value, home};
    return NULL;
}

static const char *append(expansion_t *x, const char *text, size_t size) {
    if (size > CONFIGOBJ_VALUE_MAX - x->used) {
        return "is too long";
    }
    memcpy(x->out + x->used, text, size);
    x->used += size;
    return NULL;
}

// The next %(name)s in `text`, or NULL; *name and *size are what stands in the brackets.
static const char *find_reference(const char *text, const char **name, size_t *size) {
    for (const char *at = strstr(text, "%("); at != NULL; at = strstr(at + 1, "%(")) {
        const char *end = strchr(at + 2, ')');

        if (end == NULL) {
            return NULL;
        }
        if (end[1] == 's') {
            *name = at + 2;
            *size = (size_t)(end - at) - 2;
            return at;
        }
    }
    return NULL;
}

// Writes the next piece of the innermost value.
static const char *step(arena_t *arena, expansion_t *x) {
    frame_t *frame = &x->frames[x->depth - 1];
    const configobj_entry_t *home = NULL, *entry;
    const char *rest = frame->rest, *name, *fault;
    size_t size;
    const char *at = find_reference(rest, &name, &size);

    if (at == NULL) {
        x->depth--;
        return append(x, rest, strlen(rest));
    }
    name = arena_text(arena, name, size);
    frame->rest = at + size + 4;
    entry = look_up(frame->home, name, &home);
    fault = append(x, rest, (size_t)(at - rest));
    if (fault != NULL) {
        return fault;
    }
    if (entry == NULL) {
        return arena_format(arena, "refers to \"%s\", which is not set", name);
    }
    if (entry->kind != CONFIGOBJ_TEXT) {
        return arena_format(arena, "refers to \"%s\", which is a list", name);
    }
    return push(x, name, home, entry->raw[0]);
}

void configobj_interpolate(arena_t *arena, configobj_entry_t *entry) {
    const char **values = NULL;
    expansion_t x;

    for (size_t i = 0; i < entry->value_count; i++) {
        if (strstr(entry->raw[i], "%(") == NULL) {
            continue;
        }
        if (values == NULL) {
            values = arena_take(arena, entry->value_count * sizeof *values);
            memcpy(values, entry->raw, entry->value_count * sizeof *values);
            entry->values = values;
        }
        x.depth = x.steps = x.used = 0;
        entry->fault = push(&x, entry->name, entry->parent, entry->raw[i]);
        while (x.depth > 0 && entry->fault == NULL) {
            entry->fault = step(arena, &x);
        }
        if (entry->fault != NULL) {
            break;
        }
        values[i] = arena_text(arena, x.out, x.used);
    }
    explicit_bzero(x.out, sizeof x.out);
}
