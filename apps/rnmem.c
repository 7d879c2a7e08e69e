// rnmem -- how much memory a node takes, row by row of the table core/memory/pools.def: of a
// profile, of own counts, of a running rnsd, or of what would fit a board.
#include "rnmem.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "host/options.h"

#define EXIT_CANNOT 1

typedef struct {
    const char *profile, *config, *fast, *bulk, *svg;
    options_texts_t sets;
    options_rest_t more;
    bool json, markdown;
    rns_profile_t of; // what profile names
    uint32_t own[RNS_POOL_COUNT];
    uint64_t board[RNS_REGION_COUNT];
} wish_t;

static bool read_profile(const char *name, rns_profile_t *profile) {
    for (rns_profile_t p = 0; p < RNS_PROFILE_COUNT; p++) {
        if (strcmp(name, rns_profile_name(p)) == 0) {
            *profile = p;
            return true;
        }
    }
    fprintf(stderr, "rnmem: error: there is no profile '%s'; there are", name);
    for (rns_profile_t p = 0; p < RNS_PROFILE_COUNT; p++) {
        fprintf(stderr, "%s %s", p == 0 ? "" : ",", rns_profile_name(p));
    }
    fputc('\n', stderr);
    return false;
}

// "path=100" into own[]; 0 is no slot at all.
static bool read_count(const char *text, uint32_t own[RNS_POOL_COUNT]) {
    char name[RNS_POOL_NAME_MAX];
    const char *equals = strchr(text, '=');
    size_t size = equals != NULL ? (size_t)(equals - text) : strlen(text);
    snprintf(name, sizeof name, "%.*s", (int)(size < sizeof name ? size : sizeof name), text);
    rns_pool_t id = size < sizeof name ? rns_pool_of(name) : RNS_POOL_COUNT;
    if (id == RNS_POOL_COUNT) {
        fprintf(stderr, "rnmem: error: there is no row '%.*s'; rnmem without --set names them\n",
                (int)size, text);
        return false;
    }
    const char *digits = equals != NULL ? equals + 1 : "";
    char *end = NULL;
    errno = 0;
    unsigned long long count = strtoull(digits, &end, 10);
    bool number = *digits >= '0' && *digits <= '9' && *end == '\0' && errno == 0;
    if (!number || count >= INT32_MAX) {
        fprintf(stderr, "rnmem: error: '%s': a row is set as name=count, with a count below %d\n",
                text, INT32_MAX);
        return false;
    }
    own[id] = count == 0 ? RNS_COUNT_NONE : (uint32_t)count;
    return true;
}

// ---- The command line

static bool refuse(const char *why) {
    fprintf(stderr, "rnmem: error: %s\n", why);
    return false;
}

static bool read_board(wish_t *wish) {
    const char *const texts[RNS_REGION_COUNT] = {wish->fast, wish->bulk};
    if (wish->bulk == NULL) {
        return refuse("--fit takes two sizes, of FAST and of BULK (0: there is none)");
    }
    for (int i = 0; i < RNS_REGION_COUNT; i++) {
        if (!rnmem_read_size(texts[i], &wish->board[i])) {
            fprintf(stderr, "rnmem: error: '%s' is no size: bytes, or with k, m or g behind\n",
                    texts[i]);
            return false;
        }
    }
    return true;
}

static bool read_counts(wish_t *wish) {
    bool good = true;
    for (size_t i = 0; good && i < wish->sets.count; i++) {
        good = read_count(wish->sets.at[i], wish->own);
    }
    for (size_t i = 0; good && i < wish->more.count; i++) {
        good = read_count(wish->more.at[i], wish->own);
    }
    return good;
}

// Of --fit, the second size comes as the first argument.
static void take_bulk(wish_t *wish) {
    if (wish->fast != NULL && wish->more.count > 0) {
        wish->bulk = wish->more.at[0];
        wish->more.at++;
        wish->more.count--;
    }
}

static bool check_wish(wish_t *wish) {
    const bool plans = wish->profile != NULL || wish->sets.count > 0 || wish->more.count > 0;
    if (plans + (wish->config != NULL) + (wish->fast != NULL) + wish->markdown > 1) {
        return refuse("a profile with its counts, --config, --fit and --markdown exclude each "
                      "other");
    }
    if (wish->json + wish->markdown + (wish->svg != NULL) > 1) {
        return refuse("--json, --svg and --markdown exclude each other");
    }
    if (wish->fast != NULL) {
        return read_board(wish);
    }
    wish->of = RNS_PROFILE_SERVER;
    return (wish->profile == NULL || read_profile(wish->profile, &wish->of)) && read_counts(wish);
}

static bool read_wish(wish_t *wish, int argc, char **argv, int *code) {
    const option_t rows[] = {
        {OPTION_TEXT, 'p', "profile", &wish->profile, "NAME",
         "tiny, mcu, router or server (default)"},
        {OPTION_TEXTS, 's', "set", &wish->sets, "ROW=COUNT", "another count of a row; 0: none"},
        {OPTION_TEXT, 0, "config", &wish->config, "DIR",
         "of the rnsd that runs with this configuration directory"},
        {OPTION_TEXT, 0, "fit", &wish->fast, "FAST BULK",
         "counts for a board with so many bytes (k, m, g: times 1024)"},
        {OPTION_FLAG, 'j', "json", &wish->json, NULL, "print JSON"},
        {OPTION_TEXT, 0, "svg", &wish->svg, "FILE", "draw a treemap into a file; -: print it"},
        {OPTION_FLAG, 0, "markdown", &wish->markdown, NULL,
         "print docs/MEMORY.md, with all profiles"},
        {OPTION_ARGUMENTS, 0, "row=count", &wish->more, NULL, "more of what --set takes"},
    };
    const options_t options = {"rnmem", "The memory of a node, row by row.", rows,
                               sizeof rows / sizeof *rows};
    if (!options_parse(&options, argc, argv, stdout, stderr, code)) {
        return false;
    }
    take_bulk(wish);
    *code = OPTIONS_EXIT_USAGE;
    return check_wish(wish);
}

// ---- What is asked for

static int draw(const inventory_t *inventory, const char *path) {
    FILE *out = strcmp(path, "-") == 0 ? stdout : fopen(path, "we");
    bool good = out != NULL;
    if (good) {
        rnmem_svg(inventory, out);
        good = fflush(out) == 0 && ferror(out) == 0;
    }
    const int err = errno;
    if (out != NULL && out != stdout && fclose(out) != 0) {
        good = false;
    }
    if (!good) {
        fprintf(stderr, "rnmem: error: %s cannot be written: %s\n", path, strerror(err));
    }
    return good ? 0 : EXIT_CANNOT;
}

static int show(const wish_t *wish, const inventory_t *inventory) {
    if (wish->svg != NULL) {
        return draw(inventory, wish->svg);
    }
    if (wish->json) {
        inventory_json(inventory, stdout);
    } else {
        rnmem_table(inventory, stdout);
    }
    return 0;
}

static int fit_board(const wish_t *wish, inventory_t *inventory) {
    const uint64_t fast = wish->board[RNS_REGION_FAST], bulk = wish->board[RNS_REGION_BULK];
    rnmem_fit_t fit;
    if (!rnmem_fit(fast, bulk, &fit)) {
        uint64_t least[RNS_REGION_COUNT];
        rnmem_fit_least(least);
        fprintf(stderr,
                "rnmem: error: that is too small: the least node takes %" PRIu64
                " bytes of FAST and %" PRIu64 " of BULK, or %" PRIu64 " of FAST alone\n",
                least[RNS_REGION_FAST], least[RNS_REGION_BULK],
                least[RNS_REGION_FAST] + least[RNS_REGION_BULK]);
        return EXIT_CANNOT;
    }
    inventory_plan(inventory, fit.profile, fit.own);
    if (!wish->json && wish->svg == NULL) {
        rnmem_fit_print(&fit, fast, bulk, stdout);
        fputc('\n', stdout);
    }
    return show(wish, inventory);
}

int rnmem_main(int argc, char **argv) {
    wish_t wish = {.profile = NULL};
    inventory_t inventory;
    int code = 0;
    if (!read_wish(&wish, argc, argv, &code)) {
        return code;
    }
    if (wish.markdown) {
        rnmem_markdown(stdout);
        return 0;
    }
    if (wish.fast != NULL) {
        return fit_board(&wish, &inventory);
    }
    if (wish.config != NULL) {
        return rnmem_running(wish.config, &inventory) ? show(&wish, &inventory) : EXIT_CANNOT;
    }
    inventory_plan(&inventory, wish.of, wish.own);
    return show(&wish, &inventory);
}
