// Code that does not compile: unknown types and classes, a missing brace, a call without a function.
#include "not_there.h"
#include <memory>
#include <string>
#include <vector>

class Known {
  public:
    void handle();

  private:
    Missing _missing;
    std::vector<Missing> _unknown_elements; // site container - Known std::vector<Missing>
    std::shared_ptr<Missing> _pointer;
    std::string _good;                      // site string - Known std::string
};

void Known::handle() {
    undeclared.call(new Missing(1)); // site new - Known Missing
    Missing value = make(std::make_shared<Missing>()); // site make_shared - Known Missing
    _pointer.reset(new Missing);     // site new_shared_ptr - Known Missing
    std::vector<Missing> list;       // site container - Known std::vector<Missing>
    unknown_call(malloc(10));        // site malloc - Known void
}

void Unknown::handle_packet() {
    auto *part = new Missing[3];     // site new per_packet Unknown Missing[]
    std::unique_ptr<Missing> owner(new Missing); // site new_unique_ptr per_packet Unknown Missing
    helper_of_broken();
    std::string name("x");           // site string per_packet Unknown std::string
    (void)part;
}

static void helper_of_broken() {
    free(malloc(1));                 // site malloc per_packet - void
}

#if 0
static void left_out() {
    free(malloc(1));
}
#endif

void unbalanced() {
    if (true) {
        free(malloc(2));             // site malloc - - void
}
