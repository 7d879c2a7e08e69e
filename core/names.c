// names.c -- texts of errors and verdicts.
#include <stdbool.h>

#include "rns/errors.h"

const char *rns_err_text(rns_err_t err) {
    switch (err) {
#define TEXT(id, value, text)                                                                      \
    case RNS_ERR_##id:                                                                             \
        return text;
        RNS_ERRORS(TEXT)
#undef TEXT
    }
    return "unknown error";
}

static const struct {
    const char *name, *text;
    rns_drop_t drop;
} VERDICTS[RNS_RX_COUNT] = {
#define ROW(id, verdict_name, drop_kind, verdict_text)                                             \
    [RNS_RX_##id] = {verdict_name, verdict_text, RNS_DROP_##drop_kind},
    RNS_VERDICTS(ROW)
#undef ROW
};

static bool known(rns_verdict_t verdict) {
    return (unsigned)verdict < RNS_RX_COUNT;
}

const char *rns_verdict_name(rns_verdict_t verdict) {
    return known(verdict) ? VERDICTS[verdict].name : "unknown";
}

const char *rns_verdict_text(rns_verdict_t verdict) {
    return known(verdict) ? VERDICTS[verdict].text : "unknown verdict";
}

rns_drop_t rns_verdict_drop(rns_verdict_t verdict) {
    return known(verdict) ? VERDICTS[verdict].drop : RNS_DROP_NONE;
}
