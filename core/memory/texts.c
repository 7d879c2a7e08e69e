// texts.c -- pools.def as people read it.
#include "memory/elements.h"
#include "memory/pool.h"

#define RNS_POOL(id, element, key, timer, reg, cls, when_full, tiny, mcu, router, server, text)    \
    [RNS_POOL_##id] = {.name = #id, .what = (text)},
const rnsi_text_t rnsi_texts[RNS_POOL_COUNT] = {
#include "memory/pools.def"
};
