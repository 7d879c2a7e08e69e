// What peers send to utilities: names of files, commands and results of rnx, command lines. Byte 0
// says which.
#include "fuzz.h"

#include <string.h>

#include "apps/rnx_wire.c"
#include "host/utility/saving.h"
#include "host/utility/words.h"

static void name(rns_bytes_t in) {
    char out[SAVING_NAME_MAX];
    if (saving_name(in, out)) {
        REQUIRE(out[0] != '\0' && strchr(out, '/') == NULL && strlen(out) < sizeof out);
        REQUIRE(strcmp(out, ".") != 0 && strcmp(out, "..") != 0);
    }
}

// What was read is read again from what is written of it.
static void command(rns_bytes_t in) {
    rnx_command_t read, again;
    if (!rnx_command_read(in, &read)) {
        return;
    }
    const size_t room = in.size + 64;
    uint8_t *out = malloc(room);
    const size_t size = rnx_command_write(&read, (rns_mem_t){out, room});
    REQUIRE(size > 0 && rnx_command_read((rns_bytes_t){out, size}, &again));
    REQUIRE(again.command.size == read.command.size && again.most[0] == read.most[0] &&
            again.has_timeout == read.has_timeout && again.has_input == read.has_input);
    free(out);
}

static void result(rns_bytes_t in) {
    rnx_result_t read, again;
    if (!rnx_result_read(in, &read)) {
        return;
    }
    const size_t room = in.size + 64;
    uint8_t *out = malloc(room);
    const size_t size = rnx_result_write(&read, (rns_mem_t){out, room});
    REQUIRE(size > 0 && rnx_result_read((rns_bytes_t){out, size}, &again));
    REQUIRE(again.code == read.code && again.output[0].size == read.output[0].size &&
            again.total[1] == read.total[1]);
    free(out);
}

static void line(rns_bytes_t in) {
    words_t words;
    if (words_split(in, &words) == WORDS_OK) {
        size_t total = 0;
        for (size_t i = 0; i < words.count; i++) {
            total += strlen(words.at[i]) + 1;
        }
        REQUIRE(words.at[words.count] == NULL && total <= in.size + 1);
    }
    words_free(&words);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static void (*const of[])(rns_bytes_t in) = {name, command, result, line};
    if (size > 0) {
        of[data[0] % 4]((rns_bytes_t){data + 1, size - 1});
    }
    return 0;
}
