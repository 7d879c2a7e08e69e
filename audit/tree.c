// audit/tree.c -- walks the paths of the command line; see tree.h. Links are followed; a folder or
// file that was met before, by whatever name, is not entered again, so circles end.
#include "tree.h"

#include "scan.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define INDEX_MAX 50000 // files of the project that are looked through for headers

static const char *const c_sources[] = {".c"};
static const char *const cxx_sources[] = {".cc", ".cpp", ".cxx", ".c++", ".C", ".ino"};
static const char *const headers[] = {".h",   ".hh",  ".hpp", ".hxx", ".h++",
                                      ".inc", ".ipp", ".tpp", ".def", ".inl"};

typedef LIST(const char *) paths_t;

typedef struct {
    tree_t *tree;
    const rules_t *rules;
    paths_t folders; // still to be entered, as shown
    map_t seen;      // real paths
} walk_t;

static bool ends_with_one(const char *path, const char *const ends[], size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (text_ends(path, ends[i])) {
            return true;
        }
    }
    return false;
}

#define ENDS(path, list) ends_with_one(path, list, sizeof(list) / sizeof *(list))

static const char *real_of(const char *path) {
    char *real = realpath(path, NULL);
    const char *name = name_of(real);
    free(real);
    return name;
}

static const char *join(const char *folder, const char *name) {
    if (strcmp(folder, ".") == 0) {
        return name_of(name);
    }
    return name_print("%s%s%s", folder, text_ends(folder, "/") ? "" : "/", name);
}

static bool excluded(const walk_t *walk, const char *path) {
    const char *last = strrchr(path, '/');
    last = last == NULL ? path : last + 1;
    for (size_t i = 0; i < walk->rules->excludes.count; i++) {
        const char *pattern = walk->rules->excludes.at[i];
        if (fnmatch(pattern, path, 0) == 0 || fnmatch(pattern, last, 0) == 0) {
            return true;
        }
    }
    return false;
}

static bool fresh(walk_t *walk, const char *real) {
    bool added;
    map_take(&walk->seen, real, 0, &added);
    return added;
}

// A file that was named itself is looked at whatever its name.
static void add_file(walk_t *walk, const char *path, bool named) {
    bool source = ENDS(path, c_sources) || ENDS(path, cxx_sources);
    bool header = ENDS(path, headers);
    const char *real = real_of(path);
    if (real == NULL || (!source && !header && !named) || !fresh(walk, real)) {
        return;
    }
    map_take(&walk->tree->by_real, real, walk->tree->files.count, NULL);
    file_t *file = LIST_ADD(walk->tree->files);
    *file = (file_t){.shown = path, .real = real, .source = source || !header};
    file->language = ENDS(path, cxx_sources) ? LANGUAGE_CXX : LANGUAGE_C;
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add_entry(walk_t *walk, const char *path) {
    struct stat info;
    if (stat(path, &info) != 0 || excluded(walk, path)) {
        return; // a link that leads nowhere or in a circle
    }
    if (S_ISDIR(info.st_mode)) {
        *LIST_ADD(walk->folders) = path;
    } else if (S_ISREG(info.st_mode)) {
        add_file(walk, path, false);
    }
}

static void read_folder(walk_t *walk, const char *path) {
    const char *real = real_of(path);
    if (real == NULL || !fresh(walk, real)) {
        return;
    }
    DIR *folder = opendir(path);
    if (folder == NULL) {
        *LIST_ADD(walk->tree->closed) = (closed_t){path, name_of(strerror(errno))};
        return;
    }
    paths_t names = {0};
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        if (entry->d_name[0] != '.') {
            *LIST_ADD(names) = join(path, entry->d_name);
        }
    }
    closedir(folder);
    if (names.count > 0) {
        qsort(names.at, names.count, sizeof *names.at, by_name);
    }
    for (size_t i = 0; i < names.count; i++) {
        add_entry(walk, names.at[i]);
    }
    free(names.at);
}

static const char *without_slash(const char *path) {
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/') {
        length--;
    }
    while (length > 2 && path[0] == '.' && path[1] == '/') {
        path += 2;
        length -= 2;
    }
    return name_of_part(path, length);
}

static void add_path(walk_t *walk, const char *path) {
    struct stat info;
    path = without_slash(path);
    if (stat(path, &info) != 0) {
        fail("%s: %s", path, strerror(errno));
    }
    if (!S_ISDIR(info.st_mode) && !S_ISREG(info.st_mode)) {
        fail("%s: neither a file nor a folder", path);
    }
    if (S_ISREG(info.st_mode)) {
        add_file(walk, path, true);
        return;
    }
    *LIST_ADD(walk->folders) = path;
    while (walk->folders.count > 0) {
        read_folder(walk, walk->folders.at[--walk->folders.count]);
    }
}

// The folder above that looks like the top of a project; else the path itself.
static const char *project_root(const char *real) {
    static const char *const marks[] = {".git",         "CMakeLists.txt", "platformio.ini",
                                        "library.json", "configure",      "idf_component.yml"};
    const char *best = NULL;
    for (const char *at = real; strlen(at) > 1;) {
        for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
            struct stat info;
            if (stat(join(at, marks[i]), &info) == 0) {
                best = at;
            }
        }
        if (best == at && stat(join(at, ".git"), &(struct stat){0}) == 0) {
            break;
        }
        at = name_of_part(at, (size_t)(strrchr(at, '/') - at));
    }
    struct stat info;
    if (best == NULL && stat(real, &info) == 0 && !S_ISDIR(info.st_mode)) {
        best = name_of_part(real, (size_t)(strrchr(real, '/') - real));
    }
    return best == NULL ? real : best;
}

// Headers by their last name: all real paths that end so, from the tree and from the project.
typedef struct {
    map_t heads;
    LIST(struct header {
        const char *path;
        size_t next;
    })
    chain;
} index_t;

static void index_add(index_t *index, const char *real) {
    size_t *head = map_take(&index->heads, name_of(strrchr(real, '/') + 1), SIZE_MAX, NULL);
    struct header *entry = LIST_ADD(index->chain);
    *entry = (struct header){.path = real, .next = *head};
    *head = index->chain.count - 1;
}

static void index_project(walk_t *walk, index_t *index) {
    tree_t headers_only = {0};
    walk_t other = {.tree = &headers_only, .rules = walk->rules};
    *LIST_ADD(other.folders) = walk->tree->root;
    while (other.folders.count > 0 && headers_only.files.count < INDEX_MAX) {
        read_folder(&other, other.folders.at[--other.folders.count]);
    }
    for (size_t i = 0; i < headers_only.files.count; i++) {
        if (!headers_only.files.at[i].source) {
            index_add(index, headers_only.files.at[i].real);
        }
    }
    free(other.folders.at);
    map_free(&other.seen);
    tree_free(&headers_only);
}

static bool in_system(const char *include) {
    struct stat info;
    return stat(name_print("/usr/include/%s", include), &info) == 0 ||
           text_has_word(scan_std_headers, scan_std_header_count, include);
}

// Where an include that its folder does not answer is found: a folder to search, or NULL.
static const char *include_dir(const index_t *index, const scan_include_t *include) {
    const char *folder =
        name_of_part(include->from, (size_t)(strrchr(include->from, '/') - include->from));
    struct stat info;
    if (!include->angle && stat(join(folder, include->path), &info) == 0) {
        return NULL;
    }
    if (strchr(include->path, '/') == NULL && include->angle && in_system(include->path)) {
        return NULL;
    }
    const char *last = strrchr(include->path, '/');
    const size_t *head = map_find(&index->heads, name_of(last == NULL ? include->path : last + 1));
    const char *end = name_print("/%s", include->path), *best = NULL;
    for (size_t i = head == NULL ? SIZE_MAX : *head; i != SIZE_MAX; i = index->chain.at[i].next) {
        const char *path = index->chain.at[i].path;
        if (text_ends(path, end) && (best == NULL || strlen(path) < strlen(best))) {
            best = path;
        }
    }
    return best == NULL ? NULL : name_of_part(best, strlen(best) - strlen(end));
}

typedef struct {
    const char *folder;
    size_t uses;
} dir_use_t;

static int by_uses(const void *a, const void *b) {
    const dir_use_t *left = a, *right = b;
    if (left->uses != right->uses) {
        return left->uses < right->uses ? 1 : -1;
    }
    return strcmp(left->folder, right->folder);
}

static void guess_include_dirs(walk_t *walk, const scan_t *scan) {
    index_t index = {0};
    for (size_t i = 0; i < walk->tree->files.count; i++) {
        index_add(&index, walk->tree->files.at[i].real);
    }
    index_project(walk, &index);
    map_t uses = {0};
    for (size_t i = 0; i < scan->includes.count; i++) {
        const char *folder = include_dir(&index, &scan->includes.at[i]);
        if (folder != NULL) {
            ++*map_take(&uses, folder, 0, NULL);
        }
    }
    LIST(dir_use_t) sorted = {0};
    for (size_t i = 0; i < uses.room; i++) {
        if (uses.cells[i].key != NULL) {
            *LIST_ADD(sorted) = (dir_use_t){uses.cells[i].key, uses.cells[i].value};
        }
    }
    if (sorted.count > 0) {
        qsort(sorted.at, sorted.count, sizeof *sorted.at, by_uses);
    }
    for (size_t i = 0; i < sorted.count; i++) {
        *LIST_ADD(walk->tree->include_dirs) = sorted.at[i].folder;
    }
    free(sorted.at);
    map_free(&uses);
    map_free(&index.heads);
    free(index.chain.at);
}

// Headers speak the language of the sources around them.
static void settle_languages(tree_t *tree, const scan_t *scan) {
    bool cxx = scan->cxx_headers;
    for (size_t i = 0; i < tree->files.count; i++) {
        cxx = cxx || tree->files.at[i].language == LANGUAGE_CXX;
    }
    for (size_t i = 0; i < tree->files.count; i++) {
        file_t *file = &tree->files.at[i];
        if (!file->source && cxx && !text_ends(file->shown, ".def")) {
            file->language = LANGUAGE_CXX;
        }
    }
}

void tree_read(tree_t *tree, char *const paths[], int count, const rules_t *rules) {
    walk_t walk = {.tree = tree, .rules = rules};
    for (int i = 0; i < count; i++) {
        add_path(&walk, paths[i]);
    }
    tree->root = project_root(real_of(without_slash(paths[0])));
    scan_t scan = {.rules = rules};
    for (size_t i = 0; i < tree->files.count; i++) {
        scan_file(&scan, &tree->files.at[i]);
    }
    tree->own_std = scan.own_std;
    settle_languages(tree, &scan);
    guess_include_dirs(&walk, &scan);
    free(scan.includes.at);
    free(walk.folders.at);
    map_free(&walk.seen);
}

long tree_find(const tree_t *tree, const char *real) {
    const size_t *found = map_find(&tree->by_real, real);
    return found == NULL ? -1 : (long)*found;
}

void tree_free(tree_t *tree) {
    for (size_t i = 0; i < tree->files.count; i++) {
        free(tree->files.at[i].notes.at);
    }
    free(tree->files.at);
    free(tree->closed.at);
    free(tree->include_dirs.at);
    map_free(&tree->by_real);
    *tree = (tree_t){0};
}
