// audit/model.c -- the words of the report; see model.h.
#include "model.h"

#include <string.h>

const char *const kind_names[KIND_COUNT] = {
    "malloc",      "new",       "new_shared_ptr", "new_unique_ptr", "make_shared",
    "make_unique", "container", "string",         "function",       "platform"};
const char *const frequency_names[FREQUENCY_COUNT] = {"unknown", "startup", "per_link",
                                                      "per_transfer", "per_packet"};
const char *const policy_names[POLICY_COUNT] = {"cull", "reject", "overwrite", "unchecked"};
const char *const severity_names[SEVERITY_COUNT] = {"low", "medium", "high"};

int word_find(const char *const names[], int count, const char *word) {
    for (int i = 0; i < count; i++) {
        if (strcmp(names[i], word) == 0) {
            return i;
        }
    }
    return -1;
}
