// host/options.h -- the command line of an applet, from a table; behaves as Python's argparse does.
//
//     --long VALUE, --long=VALUE, unambiguous beginnings of long names, -s VALUE, -sVALUE, -vvq,
//     `--` before arguments that start with a dash; -h/--help and --version are there by
//     themselves.
#ifndef HOST_OPTIONS_H_INCLUDED
#define HOST_OPTIONS_H_INCLUDED

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define OPTIONS_EXIT_USAGE 2 // exit code for a command line that cannot be meant

typedef enum {        // target
    OPTION_FLAG,      // bool: becomes true
    OPTION_COUNT,     // int: one more each time
    OPTION_TEXT,      // const char *
    OPTION_TEXTS,     // options_texts_t: one more each time
    OPTION_INT,       // int64_t
    OPTION_REAL,      // double
    OPTION_ARGUMENT,  // const char *: without a dash; may be left out
    OPTION_REQUIRED,  // const char *: without a dash; must be there
    OPTION_ARGUMENTS, // options_rest_t: all that is left
} option_kind_t;

typedef struct {
    char **at;
    size_t count;
} options_rest_t;

#define OPTIONS_TEXTS_MAX 64

typedef struct {
    const char *at[OPTIONS_TEXTS_MAX];
    size_t count;
} options_texts_t;

typedef struct {
    option_kind_t kind;
    char letter;         // of -l, or 0
    const char *name;    // of --name, or of the argument; NULL: there is only the letter
    void *target;        // written when the option is there: put defaults into it before
    const char *metavar; // what stands for the value in the help; NULL: the name in capitals
    const char *help;
} option_t;

typedef struct {
    const char *program; // "rnsd"
    const char *about;   // one line
    const option_t *rows;
    size_t count;
} options_t;

// Reads argv[1] to argv[argc - 1]; argv may be reordered. True: go on. False: leave with *code:
// help and version were printed to `out` (0), or what is wrong to `err` (2).
bool options_parse(const options_t *options, int argc, char **argv, FILE *out, FILE *err,
                   int *code);

// "usage: ..." as the help has it.
void options_usage(const options_t *options, FILE *out);

// All of what --help prints.
void options_help(const options_t *options, FILE *out);

#endif
