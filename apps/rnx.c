// rnx.c -- runs commands on other systems over Reticulum, as RNS/Utilities/rnx.py. Exit codes: 0
// done (with -m that of the command), 1 it cannot listen, 2 the command line or the identity file
// cannot be used, 130 interrupted; and from 240 on: no exit code to mirror, the destination is
// none, no path, no link, the request failed, no result, the result did not come, it is none, the
// command was not executed, no response.
#include <string.h>

#include "rnx.h"

static const options_t *describe(rnx_wish_t *wish) {
    static option_t rows[20];
    static options_t options = {RNX_NAME, "Reticulum Remote Execution Utility", rows, 0};
    const option_t wanted[] = {
        {OPTION_ARGUMENT, 0, "destination", &wish->destination, NULL,
         "hexadecimal hash of the listener"},
        {OPTION_ARGUMENT, 0, "command", &wish->command, NULL, "command to be executed"},
        {OPTION_TEXT, 0, "config", &wish->config, "path",
         "the directory of the configuration, instead of the default one"},
        {OPTION_COUNT, 'v', "verbose", &wish->verbose, NULL, "log more"},
        {OPTION_COUNT, 'q', "quiet", &wish->quiet, NULL, "log less"},
        {OPTION_FLAG, 'p', "print-identity", &wish->print_identity, NULL,
         "print the identity and the destination, and exit"},
        {OPTION_FLAG, 'l', "listen", &wish->listen, NULL, "listen for commands"},
        {OPTION_TEXT, 'i', NULL, &wish->identity, "identity", "the file of the identity to use"},
        {OPTION_FLAG, 'x', "interactive", &wish->interactive, NULL,
         "take commands from standard input"},
        {OPTION_FLAG, 'b', "no-announce", &wish->no_announce, NULL, "do not announce at the start"},
        {OPTION_TEXTS, 'a', NULL, &wish->allowed, "allowed_hash",
         "accept from this identity (also: ~/.rnx/allowed_identities)"},
        {OPTION_FLAG, 'n', "noauth", &wish->no_auth, NULL, "accept commands from anyone"},
        {OPTION_FLAG, 'N', "noid", &wish->no_id, NULL, "do not identify to the listener"},
        {OPTION_FLAG, 'd', "detailed", &wish->detailed, NULL, "tell more of the result"},
        {OPTION_FLAG, 'm', NULL, &wish->mirror, NULL, "end with the exit code of the command"},
        {OPTION_REAL, 'w', NULL, &wish->wait_s, "seconds",
         "give up to connect, and the command, after this time"},
        {OPTION_REAL, 'W', NULL, &wish->result_s, "seconds",
         "give up to receive the result after this time"},
        {OPTION_TEXT, 0, "stdin", &wish->input, NULL, "input of the command"},
        {OPTION_INT, 0, "stdout", &wish->out_most, NULL, "bytes to return of stdout, at most"},
        {OPTION_INT, 0, "stderr", &wish->err_most, NULL, "bytes to return of stderr, at most"},
    };
    _Static_assert(sizeof wanted == sizeof rows, "one row each");
    memcpy(rows, wanted, sizeof rows);
    options.count = sizeof rows / sizeof rows[0];
    return &options;
}

int rnx_main(int argc, char **argv) {
    rnx_wish_t wish = {
        .wait_s = UTILITY_PATH_TIMEOUT_S, .out_most = RNX_UNSET, .err_most = RNX_UNSET};
    const options_t *options = describe(&wish);
    int code = 0;
    if (!options_parse(options, argc, argv, stdout, stderr, &code)) {
        return code;
    }
    if (wish.listen || wish.print_identity) {
        return rnx_listen(&wish);
    }
    if (wish.destination != NULL && (wish.command != NULL || wish.interactive)) {
        return rnx_execute(&wish);
    }
    options_help(options, stdout);
    return RNX_EXIT_OK;
}
