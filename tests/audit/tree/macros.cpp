#include "link.hpp"

#include <cstdlib>

#define MAKE(type) new type()
#define SHARE(type) std::make_shared<type>()
#define BOTH(size) (std::malloc(size), std::malloc(size))
#define UNUSED_MACRO(size) std::malloc(size)
#define ONE_MORE(list)                                                                             \
    do {                                                                                           \
        list.push_back(1);                                                                         \
    } while (0)

void macros(void (*log)(void *)) {
    RNS::Part *part = MAKE(RNS::Part);   // site new unknown - RNS::Part
    auto shared = SHARE(RNS::Part);      // site make_shared unknown - RNS::Part
    void *both = BOTH(4);                // site malloc unknown - void; site malloc unknown - void
    std::vector<int> list;               // site container unknown - std::vector<int>
    ONE_MORE(list);
    log(part);
    log(both);
    log(malloc(sizeof(RNS::Part)));      // site malloc unknown - RNS::Part
}
