// audit/model.h -- the words of the report: kinds, frequencies, policies, severities.
#ifndef AUDIT_MODEL_H_INCLUDED
#define AUDIT_MODEL_H_INCLUDED

#include <stdbool.h>

typedef enum {
    KIND_MALLOC,
    KIND_NEW,
    KIND_NEW_SHARED_PTR,
    KIND_NEW_UNIQUE_PTR,
    KIND_MAKE_SHARED,
    KIND_MAKE_UNIQUE,
    KIND_CONTAINER,
    KIND_STRING,
    KIND_FUNCTION,
    KIND_PLATFORM,
    KIND_COUNT,
    KIND_NONE = KIND_COUNT
} audit_kind_t;

// From the rarest to the most frequent; unknown is reached by no root.
typedef enum {
    FREQUENCY_UNKNOWN,
    FREQUENCY_STARTUP,
    FREQUENCY_LINK,
    FREQUENCY_TRANSFER,
    FREQUENCY_PACKET,
    FREQUENCY_COUNT
} audit_frequency_t;

typedef enum {
    POLICY_CULL,
    POLICY_REJECT,
    POLICY_OVERWRITE,
    POLICY_UNCHECKED,
    POLICY_COUNT
} audit_policy_t;

typedef enum { SEVERITY_LOW, SEVERITY_MEDIUM, SEVERITY_HIGH, SEVERITY_COUNT } audit_severity_t;

extern const char *const kind_names[KIND_COUNT];
extern const char *const frequency_names[FREQUENCY_COUNT];
extern const char *const policy_names[POLICY_COUNT];
extern const char *const severity_names[SEVERITY_COUNT];

// The number of a word among names, or -1.
int word_find(const char *const names[], int count, const char *word);

#endif
