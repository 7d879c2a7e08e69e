#include "host/options.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define REFERENCE_VERSION "1.5.7" // of the Python implementation whose behaviour this is
#define USAGE_WIDTH       78      // columns
#define HELP_COLUMN       24      // where the help of an option begins
#define WORD_MAX          128     // bytes of an option in the usage; longer ones are cut
#define UNKNOWN_MAX       512     // bytes of the list of arguments that nobody takes

static const option_t help_row = {OPTION_FLAG, 'h',  "help",
                                  NULL,        NULL, "show this help message and exit"};
static const option_t version_row = {OPTION_FLAG, 0,    "version",
                                     NULL,        NULL, "show the version and exit"};

typedef struct {
    const options_t *options;
    FILE *out, *err;
    int argc, at; // what is read now
    char **argv;
    int code;
    bool done;        // leave with the code
    size_t arguments; // taken by rows of their own
    options_rest_t rest;
    char unknown[UNKNOWN_MAX]; // with a space before each
} reader_t;

static bool is_argument(const option_t *row) {
    return row->kind == OPTION_ARGUMENT || row->kind == OPTION_REQUIRED ||
           row->kind == OPTION_ARGUMENTS;
}

static bool takes_value(const option_t *row) {
    return row->kind == OPTION_TEXT || row->kind == OPTION_TEXTS || row->kind == OPTION_INT ||
           row->kind == OPTION_REAL;
}

// The table with help before it and version behind it; NULL: no more.
static const option_t *row_at(const options_t *options, size_t i) {
    if (i == 0) {
        return &help_row;
    }
    if (i <= options->count) {
        return &options->rows[i - 1];
    }
    return i == options->count + 1 ? &version_row : NULL;
}

static void write_value_name(const option_t *row, char *out, size_t size) {
    const char *name = row->metavar != NULL ? row->metavar
                       : row->name != NULL  ? row->name
                                            : "VALUE";
    size_t used = 0;

    for (; name[used] != '\0' && used + 1 < size; used++) {
        char c = name[used];

        if (row->metavar == NULL) {
            c = (char)(c == '-' ? '_' : c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
        }
        out[used] = c;
    }
    out[used] = '\0';
}

static void write_usage_word(const option_t *row, char out[WORD_MAX]) {
    char value[WORD_MAX / 2] = "", name[WORD_MAX / 4];

    switch (row->kind) {
    case OPTION_ARGUMENT:
        snprintf(out, WORD_MAX, "[%s]", row->name);
        return;
    case OPTION_REQUIRED:
        snprintf(out, WORD_MAX, "%s", row->name);
        return;
    case OPTION_ARGUMENTS:
        snprintf(out, WORD_MAX, "[%s ...]", row->name);
        return;
    case OPTION_FLAG:
    case OPTION_COUNT:
    case OPTION_TEXT:
    case OPTION_TEXTS:
    case OPTION_INT:
    case OPTION_REAL:
        break;
    }
    if (row->letter != 0) {
        snprintf(name, sizeof name, "-%c", row->letter);
    } else {
        snprintf(name, sizeof name, "--%s", row->name);
    }
    if (takes_value(row)) {
        value[0] = ' ';
        write_value_name(row, value + 1, sizeof value - 1);
    }
    snprintf(out, WORD_MAX, "[%s%s]", name, value);
}

void options_usage(const options_t *options, FILE *out) {
    size_t indent = strlen("usage: ") + strlen(options->program), column = indent;

    fprintf(out, "usage: %s", options->program);
    for (int arguments = 0; arguments < 2; arguments++) { // these stand last
        const option_t *row;

        for (size_t i = 0; (row = row_at(options, i)) != NULL; i++) {
            char word[WORD_MAX];

            if (is_argument(row) != (arguments == 1)) {
                continue;
            }
            write_usage_word(row, word);
            if (column + 1 + strlen(word) > USAGE_WIDTH && column > indent) {
                fprintf(out, "\n%*s", (int)indent, "");
                column = indent;
            }
            fprintf(out, " %s", word);
            column += 1 + strlen(word);
        }
    }
    fputc('\n', out);
}

static void write_help_line(const option_t *row, FILE *out) {
    char value[WORD_MAX / 2] = "", words[2 * WORD_MAX];

    if (takes_value(row)) {
        value[0] = ' ';
        write_value_name(row, value + 1, sizeof value - 1);
    }
    if (is_argument(row)) {
        snprintf(words, sizeof words, "  %s", row->name);
    } else if (row->letter == 0) {
        snprintf(words, sizeof words, "  --%s%s", row->name, value);
    } else if (row->name == NULL) {
        snprintf(words, sizeof words, "  -%c%s", row->letter, value);
    } else {
        snprintf(words, sizeof words, "  -%c%s, --%s%s", row->letter, value, row->name, value);
    }
    if (row->help == NULL) {
        fprintf(out, "%s\n", words);
    } else if (strlen(words) + 2 > HELP_COLUMN) {
        fprintf(out, "%s\n%*s%s\n", words, HELP_COLUMN, "", row->help);
    } else {
        fprintf(out, "%-*s%s\n", HELP_COLUMN, words, row->help);
    }
}

void options_help(const options_t *options, FILE *out) {
    const option_t *row;
    bool titled = false;

    options_usage(options, out);
    fprintf(out, "\n%s\n", options->about);
    for (size_t i = 0; (row = row_at(options, i)) != NULL; i++) {
        if (is_argument(row)) {
            fputs(titled ? "" : "\npositional arguments:\n", out);
            titled = true;
            write_help_line(row, out);
        }
    }
    fputs("\noptions:\n", out);
    for (size_t i = 0; (row = row_at(options, i)) != NULL; i++) {
        if (!is_argument(row)) {
            write_help_line(row, out);
        }
    }
}

static void leave(reader_t *reader, int code) {
    reader->code = code;
    reader->done = true;
}

__attribute__((format(printf, 2, 3))) static void fail(reader_t *reader, const char *format, ...) {
    va_list args;

    if (reader->done) {
        return;
    }
    options_usage(reader->options, reader->err);
    fprintf(reader->err, "%s: error: ", reader->options->program);
    va_start(args, format);
    vfprintf(reader->err, format, args);
    va_end(args);
    fputc('\n', reader->err);
    leave(reader, OPTIONS_EXIT_USAGE);
}

// "-w/--wait", as messages call an option.
static const char *call_row(const option_t *row, char out[WORD_MAX]) {
    if (row->letter == 0) {
        snprintf(out, WORD_MAX, "--%s", row->name);
    } else if (row->name == NULL) {
        snprintf(out, WORD_MAX, "-%c", row->letter);
    } else {
        snprintf(out, WORD_MAX, "-%c/--%s", row->letter, row->name);
    }
    return out;
}

static void add_text(reader_t *reader, const option_t *row, const char *value) {
    options_texts_t *texts = row->target;
    char word[WORD_MAX];

    if (texts->count == OPTIONS_TEXTS_MAX) {
        fail(reader, "argument %s: given too often", call_row(row, word));
        return;
    }
    texts->at[texts->count++] = value;
}

static void set_value(reader_t *reader, const option_t *row, const char *value) {
    char word[WORD_MAX], *end = NULL;
    bool good = true;

    if (row->kind == OPTION_TEXT) {
        *(const char **)row->target = value;
    } else if (row->kind == OPTION_TEXTS) {
        add_text(reader, row, value);
    } else if (row->kind == OPTION_INT) {
        int64_t number;

        errno = 0;
        number = strtoll(value, &end, 10);
        good = end != value && *end == '\0' && errno == 0;
        *(int64_t *)row->target = good ? number : *(int64_t *)row->target;
    } else {
        double number = strtod(value, &end);

        good = end != value && *end == '\0' && !isnan(number);
        *(double *)row->target = good ? number : *(double *)row->target;
    }
    if (!good) {
        fail(reader, "argument %s: invalid %s value: '%s'", call_row(row, word),
             row->kind == OPTION_INT ? "int" : "float", value);
    }
}

static void set_flag(reader_t *reader, const option_t *row) {
    if (row == &help_row) {
        options_help(reader->options, reader->out);
        leave(reader, 0);
    } else if (row == &version_row) {
        fprintf(reader->out, "%s %s (reticule %s)\n", reader->options->program, REFERENCE_VERSION,
                RETICULE_VERSION);
        leave(reader, 0);
    } else if (row->kind == OPTION_COUNT) {
        ++*(int *)row->target;
    } else {
        *(bool *)row->target = true;
    }
}

static const option_t *find_letter(const options_t *options, char letter) {
    const option_t *row;

    for (size_t i = 0; (row = row_at(options, i)) != NULL; i++) {
        if (!is_argument(row) && letter != 0 && row->letter == letter) {
            return row;
        }
    }
    return NULL;
}

static bool has_digit_options(const options_t *options) {
    for (const char *digit = "0123456789"; *digit != '\0'; digit++) {
        if (find_letter(options, *digit) != NULL) {
            return true;
        }
    }
    return false;
}

static bool is_negative_number(const char *text) {
    size_t digits = strspn(text + 1, "0123456789");
    size_t point = text[1 + digits] == '.' ? 1 : 0;
    size_t decimals = point == 1 ? strspn(text + 2 + digits, "0123456789") : 0;

    return text[0] == '-' && digits + decimals > 0 && (point == 0 || decimals > 0) &&
           text[1 + digits + point + decimals] == '\0';
}

// What argparse takes for an option: it starts with a dash and is not a lone dash, a number or text
// with spaces that is no option.
static bool looks_like_option(const options_t *options, const char *text) {
    if (text[0] != '-' || text[1] == '\0') {
        return false;
    }
    if (text[1] != '-' && find_letter(options, text[1]) != NULL) {
        return true;
    }
    if (is_negative_number(text)) {
        return has_digit_options(options);
    }
    return strchr(text, ' ') == NULL || (text[1] == '-' && strchr(text, '=') != NULL);
}

static void not_known(reader_t *reader, const char *text) {
    size_t used = strlen(reader->unknown);

    snprintf(reader->unknown + used, sizeof reader->unknown - used, " %s", text);
}

// The value that stands in the next argument.
static void take_next(reader_t *reader, const option_t *row) {
    char word[WORD_MAX];

    if (reader->at + 1 == reader->argc ||
        looks_like_option(reader->options, reader->argv[reader->at + 1])) {
        fail(reader, "argument %s: expected one argument", call_row(row, word));
        return;
    }
    set_value(reader, row, reader->argv[++reader->at]);
}

// The option that `text` names up to `size`, in full or by an unambiguous beginning. NULL: none, or
// several, and then the reader has failed.
static const option_t *find_long(reader_t *reader, const char *text, size_t size) {
    const option_t *row, *found = NULL;
    char names[UNKNOWN_MAX] = "";
    size_t count = 0;

    for (size_t i = 0; (row = row_at(reader->options, i)) != NULL; i++) {
        size_t used = strlen(names);

        if (is_argument(row) || row->name == NULL || strncmp(row->name, text, size) != 0) {
            continue;
        }
        if (row->name[size] == '\0') {
            return row;
        }
        found = row;
        snprintf(names + used, sizeof names - used, "%s--%s", count++ > 0 ? ", " : "", row->name);
    }
    if (count > 1) {
        fail(reader, "ambiguous option: --%.*s could match %s", (int)size, text, names);
    }
    return count == 1 ? found : NULL;
}

static void read_long(reader_t *reader, const char *text) {
    const char *equals = strchr(text, '=');
    size_t size = equals == NULL ? strlen(text) : (size_t)(equals - text);
    const option_t *row = find_long(reader, text + 2, size - 2);
    char word[WORD_MAX];

    if (row == NULL) {
        not_known(reader, text);
    } else if (takes_value(row)) {
        if (equals != NULL) {
            set_value(reader, row, equals + 1);
        } else {
            take_next(reader, row);
        }
    } else if (equals != NULL) {
        fail(reader, "argument %s: ignored explicit argument '%s'", call_row(row, word),
             equals + 1);
    } else {
        set_flag(reader, row);
    }
}

// -v, -vvq, -w5, -w=5
static void read_letters(reader_t *reader, const char *text) {
    const option_t *before = NULL;
    char word[WORD_MAX];

    for (const char *c = text + 1; *c != '\0' && !reader->done; c++) {
        const option_t *row = find_letter(reader->options, *c);

        if (row == NULL && before == NULL) {
            not_known(reader, text);
            return;
        }
        if (row == NULL) {
            fail(reader, "argument %s: ignored explicit argument '%s'", call_row(before, word),
                 c + (c == text + 2 && *c == '=' ? 1 : 0));
            return;
        }
        if (takes_value(row)) {
            if (c[1] == '\0') {
                take_next(reader, row);
            } else {
                set_value(reader, row, c + (before == NULL && c[1] == '=' ? 2 : 1));
            }
            return;
        }
        set_flag(reader, row);
        before = row;
    }
}

static void read_argument(reader_t *reader, char *text) {
    size_t seen = 0;

    for (size_t i = 0; i < reader->options->count; i++) {
        const option_t *row = &reader->options->rows[i];

        if (row->kind == OPTION_ARGUMENTS) {
            reader->rest.at = reader->argv + 1;
            reader->rest.at[reader->rest.count++] = text;
            *(options_rest_t *)row->target = reader->rest;
            return;
        }
        if (is_argument(row) && seen++ == reader->arguments) {
            *(const char **)row->target = text;
            reader->arguments++;
            return;
        }
    }
    not_known(reader, text);
}

static void check_required(reader_t *reader) {
    char missing[UNKNOWN_MAX] = "";
    size_t seen = 0;

    for (size_t i = 0; i < reader->options->count; i++) {
        const option_t *row = &reader->options->rows[i];

        if (row->kind != OPTION_REQUIRED && row->kind != OPTION_ARGUMENT) {
            continue;
        }
        if (seen++ >= reader->arguments && row->kind == OPTION_REQUIRED) {
            size_t used = strlen(missing);

            snprintf(missing + used, sizeof missing - used, "%s%s", used > 0 ? ", " : "",
                     row->name);
        }
    }
    if (missing[0] != '\0') {
        fail(reader, "the following arguments are required: %s", missing);
    }
    if (reader->unknown[0] != '\0') {
        fail(reader, "unrecognized arguments:%s", reader->unknown);
    }
}

bool options_parse(const options_t *options, int argc, char **argv, FILE *out, FILE *err,
                   int *code) {
    reader_t reader = {.options = options, .out = out, .err = err, .argc = argc, .argv = argv};
    bool only_arguments = false;

    for (reader.at = 1; reader.at < argc && !reader.done; reader.at++) {
        char *text = argv[reader.at];

        if (only_arguments || !looks_like_option(options, text)) {
            read_argument(&reader, text);
        } else if (strcmp(text, "--") == 0) {
            only_arguments = true;
        } else if (text[1] == '-') {
            read_long(&reader, text);
        } else {
            read_letters(&reader, text);
        }
    }
    if (!reader.done) {
        check_required(&reader);
    }
    *code = reader.code;
    return !reader.done;
}
