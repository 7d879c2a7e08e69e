#include "link.hpp"
#include "templates.hpp"

using namespace RNS;

void alloc_in_c(int size);
void platform_memory();
void strings_of_a_packet(const std::string &name);

static std::vector<Link> links; // site container per_link - std::vector<Link>
static std::unique_ptr<Part> first(new Part); // site new_unique_ptr startup - RNS::Part

static Part &instance() {
    static Part *only = new Part; // site new startup - RNS::Part
    return *only;
}

void open_link() {
    links.push_back(Link());
}

void handle_packet(int part) {
    for (Link &link : links) {
        link.receive(part);
    }
    instance();
    strings_of_a_packet("name");
    Part *again = new Part[2]; // site new per_packet - RNS::Part[]
    delete[] again;
}

void start_transfer() {
    Box<Part> box;
    box.fill();
    alloc_in_c(100);
}

void nobody_calls_this() {
    Part *lost = new Part; // site new unknown - RNS::Part
    delete lost;
}

int main() {
    platform_memory();
    Link first_link;
    first_link.on_data(nullptr);
    first_link.request(Part());
    return 0;
}
