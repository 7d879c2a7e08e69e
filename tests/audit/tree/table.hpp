#pragma once
#define COUNT_OF_PATHS 20
struct tree_Slot {
    int number;
};
#define TREE_POOL(id, element, slots, where, policy) TREE_##id,
enum tree_pools {
#include "table.def"
    TREE_POOLS
};
#undef TREE_POOL
// clang-format off
#define LIST_OF_POOLS(X) \
    X(FIRST, 3)          /* pool FIRST 3 unchecked - */ \
    X(SECOND, COUNT_OF_PATHS) /* pool SECOND 20 unchecked - */
// clang-format on
