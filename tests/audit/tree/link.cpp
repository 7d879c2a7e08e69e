#include "link.hpp"

namespace RNS {

Link::Link() : _object(new Object()) { // site new_shared_ptr per_link RNS::Link RNS::Link::Object
    name("link");
}

void Link::Object::add(int part) {
    _parts.push_back(Part());
    _by_number[part] = Part();
    _shared.reset(new Part); // site new_shared_ptr per_packet RNS::Link::Object RNS::Part
}

void Link::receive(int part) {
    _object->add(part);
    auto copy = std::make_shared<Part>(); // site make_shared per_packet RNS::Link RNS::Part
    std::vector<int> numbers;             // site container per_packet RNS::Link std::vector<int>
    numbers.reserve(4);
    numbers.push_back(part);
    for (const auto &number : numbers) {
        (void)number;
    }
}

bool Link::request(const Part &part) {
    if (_object->_request_count >= Object::REQUESTS) {
        return false;
    }
    _object->_requests[_object->_request_count++] = part;
    return true;
}

} // namespace RNS
