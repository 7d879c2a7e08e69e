// behavioral_blackhole.c -- commands: identities that are shut out, and the files that keep them.
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mock.h"
#include "testing.h"

#define US         1000000
#define UNTIL_MOST 9e12 // seconds: what is later is for ever

// ---- The table

static bool read_until(call_t *call, int64_t *until_us) {
    double until = 0;
    if (!call_maybe_real(call, "until", &until)) {
        return false;
    }
    if (until < 0 || until > UNTIL_MOST) {
        (void)call_fail(call, "the parameter 'until' is no time");
        return false;
    }
    *until_us = llround(until * US);
    return true;
}

// The reference writes its file at once.
static bool keep(call_t *call, mock_t *mock) {
    if (!store_save(mock->store)) {
        (void)call_fail(call, "the list cannot be written");
        return false;
    }
    return true;
}

static mock_t *mock_and_identity(call_t *call, rns_hash_t *identity) {
    mock_t *mock = mock_of(call);
    return mock != NULL && call_hex_of(call, "identity_hash", identity->b, sizeof identity->b)
               ? mock
               : NULL;
}

static json_t *blackhole_identity(call_t *call) {
    rns_hash_t identity;
    mock_t *mock = mock_and_identity(call, &identity);
    const char *reason = NULL;
    int64_t until_us;
    if (mock == NULL || !read_until(call, &until_us) || !call_maybe_text(call, "reason", &reason)) {
        return NULL;
    }
    const rns_err_t err = rns_blackhole(mock->node, mock_now(mock), &identity, until_us, reason);
    if (err != RNS_ERR_OK && err != RNS_ERR_EXISTS) {
        return call_fail_err(call, "the identity", err);
    }
    return keep(call, mock) ? json_pack("{s:b}", "blackholed", err == RNS_ERR_OK) : NULL;
}

static json_t *unblackhole_identity(call_t *call) {
    rns_hash_t identity;
    mock_t *mock = mock_and_identity(call, &identity);
    if (mock == NULL) {
        return NULL;
    }
    const bool lifted = rns_unblackhole(mock->node, &identity) == RNS_ERR_OK;
    return keep(call, mock) ? json_pack("{s:b}", "lifted", lifted) : NULL;
}

static json_t *view(const rns_inspect_blackhole_t *hole) {
    return json_pack("{s:o, s:o, s:o, s:o}", "identity_hash", hex_of_hash(&hole->identity),
                     "source", hex_of_hash(&hole->source), "until",
                     hole->until_unix_us != 0 ? json_real((double)hole->until_unix_us / US)
                                              : json_null(),
                     "reason", hole->has_reason ? json_string(hole->reason) : json_null());
}

static json_t *entries_of(const mock_t *mock) {
    json_t *entries = json_array();
    rns_inspect_blackhole_t hole;
    uint32_t cursor = 0;
    while (rns_inspect_blackhole_each(mock->node, &cursor, &hole)) {
        (void)json_array_append_new(entries, view(&hole));
    }
    return entries;
}

static json_t *read_blackhole_table(call_t *call) {
    const mock_t *mock = mock_of(call);
    if (mock == NULL) {
        return NULL;
    }
    json_t *entries = entries_of(mock);
    return json_pack("{s:i, s:o}", "count", (int)json_array_size(entries), "entries", entries);
}

static json_t *blackhole_clear(call_t *call) {
    mock_t *mock = mock_of(call);
    if (mock == NULL) {
        return NULL;
    }
    rnst_blackhole_clear(mock->node);
    return json_pack("{s:b}", "cleared", 1);
}

static json_t *blackhole_reload(call_t *call) {
    mock_t *mock = mock_of(call);
    if (mock == NULL) {
        return NULL;
    }
    rns_blackhole_reload(mock->node, mock_now(mock));
    json_t *entries = entries_of(mock);
    const int count = (int)json_array_size(entries);
    json_decref(entries);
    return json_pack("{s:i}", "count", count);
}

// ---- The files

static void folder_of(const mock_t *mock, char path[PATH_MAX]) {
    (void)snprintf(path, PATH_MAX, "%s/storage/blackhole", mock->directory);
}

typedef void (*visit_t)(void *user, const char *path, const char *name, const struct stat *stat);

// Each file of the folder.
static bool each_file(call_t *call, const mock_t *mock, visit_t visit, void *user) {
    char folder[PATH_MAX], path[PATH_MAX];
    folder_of(mock, folder);
    DIR *open = opendir(folder);
    if (open == NULL) {
        (void)call_fail(call, "%s: %s", folder, strerror(errno));
        return false;
    }
    const struct dirent *entry;
    while ((entry = readdir(open)) != NULL) {
        struct stat found;
        const int size = snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (size > 0 && (size_t)size < sizeof path && stat(path, &found) == 0 &&
            S_ISREG(found.st_mode)) {
            visit(user, path, entry->d_name, &found);
        }
    }
    (void)closedir(open);
    return true;
}

// Into its place by name.
static void list_file(void *user, const char *path, const char *name, const struct stat *stat) {
    (void)path;
    json_t *files = user;
    size_t at = 0;
    while (at < json_array_size(files) &&
           strcmp(json_string_value(json_object_get(json_array_get(files, at), "name")), name) <
               0) {
        at++;
    }
    (void)json_array_insert_new(
        files, at, json_pack("{s:s, s:I}", "name", name, "size", (json_int_t)stat->st_size));
}

static json_t *blackhole_storage_files(call_t *call) {
    const mock_t *mock = mock_of(call);
    json_t *files = json_array();
    if (mock == NULL || !each_file(call, mock, list_file, files)) {
        json_decref(files);
        return NULL;
    }
    char folder[PATH_MAX];
    folder_of(mock, folder);
    return json_pack("{s:s, s:o}", "dir", folder, "files", files);
}

static void remove_file(void *user, const char *path, const char *name, const struct stat *stat) {
    (void)name;
    (void)stat;
    int *removed = user;
    *removed += unlink(path) == 0;
}

static json_t *blackhole_clear_storage(call_t *call) {
    const mock_t *mock = mock_of(call);
    int removed = 0;
    if (mock == NULL || !each_file(call, mock, remove_file, &removed)) {
        return NULL;
    }
    return json_pack("{s:i}", "removed", removed);
}

// "FOLDER/NAME" of a name that leads nowhere else.
static bool read_name(call_t *call, const mock_t *mock, const char *parameter,
                      char path[PATH_MAX]) {
    const char *name;
    char folder[PATH_MAX];
    if (!call_text(call, parameter, &name)) {
        return false;
    }
    folder_of(mock, folder);
    const int size = snprintf(path, PATH_MAX, "%s/%s", folder, name);
    if (name[0] == '\0' || name[0] == '.' || strchr(name, '/') != NULL || size < 0 ||
        size >= PATH_MAX) {
        (void)call_fail(call, "the parameter '%s' is no name of a file", parameter);
        return false;
    }
    return true;
}

static json_t *blackhole_rename_storage(call_t *call) {
    const mock_t *mock = mock_of(call);
    char from[PATH_MAX], to[PATH_MAX];
    if (mock == NULL || !read_name(call, mock, "src", from) || !read_name(call, mock, "dst", to)) {
        return NULL;
    }
    if (rename(from, to) != 0) {
        return call_fail(call, "%s: %s", from, strerror(errno));
    }
    return json_pack("{s:b}", "renamed", 1);
}

const command_entry_t BEHAVIORAL_BLACKHOLE_COMMANDS[] = {
    {"behavioral_blackhole_identity", blackhole_identity},
    {"behavioral_unblackhole_identity", unblackhole_identity},
    {"behavioral_read_blackhole_table", read_blackhole_table},
    {"behavioral_blackhole_clear", blackhole_clear},
    {"behavioral_blackhole_reload", blackhole_reload},
    {"behavioral_blackhole_storage_files", blackhole_storage_files},
    {"behavioral_blackhole_clear_storage", blackhole_clear_storage},
    {"behavioral_blackhole_rename_storage", blackhole_rename_storage},
    {NULL, NULL},
};
