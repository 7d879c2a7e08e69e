// main.c -- runs seeds and adds up what became of them. See README.md.
#include <stdio.h>

#include "world.h"

#define LOADS     (sizeof LOAD / sizeof *LOAD)
#define HUNDREDTH 100 // of the runs of 100 messages with little loss, one may fail
#define ENOUGH    100 // such runs, for that to mean something

static const load_t *const LOAD[] = {&load_channel, &load_resource, &load_channel, &load_stream};

typedef struct {
    unsigned runs, complete, closed, light, light_complete, setups;
    uint64_t frames;
    double hours;
} sums_t;

typedef struct {
    uint64_t first, seeds;
    bool verbose;
    const load_t *load; // NULL: each seed picks one
} options_t;

static int usage(void) {
    fprintf(stderr, "usage: loss [--seeds N] [--first S] [--load NAME] [--verbose]\n");
    return 2;
}

static bool find_load(const char *name, const load_t **load) {
    for (size_t i = 0; i < LOADS; i++) {
        if (strcmp(LOAD[i]->name, name) == 0) {
            *load = LOAD[i];
            return true;
        }
    }
    return false;
}

static bool parse(int argc, char **argv, options_t *options) {
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (strcmp(argv[i], "--verbose") == 0) {
            options->verbose = true;
            continue;
        }
        if (strcmp(argv[i], "--seeds") == 0) {
            options->seeds = strtoull(value, NULL, 10);
        } else if (strcmp(argv[i], "--first") == 0) {
            options->first = strtoull(value, NULL, 10);
        } else if (strcmp(argv[i], "--load") != 0 || !find_load(value, &options->load)) {
            return false;
        }
        i++;
    }
    return options->seeds > 0;
}

static void add(sums_t *sums, const run_t *run) {
    sums->runs++;
    sums->complete += run->is_complete;
    sums->closed += run->is_closed;
    const bool is_counted = run->is_light && run->is_hundred && !run->is_short;
    sums->light += is_counted;
    sums->light_complete += is_counted && run->is_complete;
    sums->setups += run->setups;
    sums->frames += run->frames;
    sums->hours += (double)run->time / 3.6e9;
}

static bool is_good(const sums_t *sums) {
    const unsigned missing = sums->light - sums->light_complete;
    if (sums->light < ENOUGH || missing * HUNDREDTH <= sums->light) {
        return true;
    }
    printf("[FAIL] %u of %u runs of 100 messages below 5 %% loss were not complete\n", missing,
           sums->light);
    return false;
}

int main(int argc, char **argv) {
    options_t options = {.first = 1, .seeds = 100};
    sums_t sums = {0};
    bool is_failed = false;
    if (!parse(argc, argv, &options)) {
        return usage();
    }
    for (uint64_t seed = options.first; seed < options.first + options.seeds; seed++) {
        run_t run = {.seed = seed,
                     .load = options.load != NULL ? options.load : LOAD[seed % LOADS],
                     .verbose = options.verbose};
        if (!world_run(&run)) {
            printf("[FAIL] seed %llu, load %s: %s\n", (unsigned long long)seed, run.load->name,
                   run.failure);
            is_failed = true;
        }
        if (options.verbose) {
            printf("seed %llu: %s%s\n", (unsigned long long)seed, run.is_light ? "light, " : "",
                   run.is_complete ? "complete" : "not complete");
        }
        add(&sums, &run);
    }
    printf("%u runs, %u complete, %u closed; below 5 %% loss %u of %u complete; %u set-ups, %llu "
           "frames, %.0f hours\n",
           sums.runs, sums.complete, sums.closed, sums.light_complete, sums.light, sums.setups,
           (unsigned long long)sums.frames, sums.hours);
    return is_failed || !is_good(&sums) ? 1 : 0;
}
