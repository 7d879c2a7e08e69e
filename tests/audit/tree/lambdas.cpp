#include "link.hpp"

#include <algorithm>

void set_packet_callback(std::function<void(int)> callback);
void set_other_callback(std::function<void(int)> callback);
template <typename F> void each(F function) {
    function(1);
}

class Radio {
  public:
    void setup() {
        set_packet_callback([this](int size) {
            _last = new RNS::Part; // site new per_packet Radio RNS::Part
            (void)size;
        });
        set_other_callback([](int) {
            delete new RNS::Part; // site new unknown Radio RNS::Part
        });
        auto now = [] { return new RNS::Part; }; // site new startup Radio RNS::Part
        delete now();
        int many[3] = {1, 2, 3};
        std::for_each(many, many + 3, [](int) {
            delete new RNS::Part; // site new startup Radio RNS::Part
        });
        each([](int) {
            delete new RNS::Part; // site new startup Radio RNS::Part
        });
        [] { delete new RNS::Part; }(); // site new startup Radio RNS::Part
        std::function<void()> later = [] {}; // site function startup Radio std::function<void ()>
        RNS::Part large[9];
        set_other_callback([large](int) { (void)large; }); // site function startup Radio
    }

  private:
    RNS::Part *_last = nullptr;
};

void setup() {
    Radio radio;
    radio.setup();
}
