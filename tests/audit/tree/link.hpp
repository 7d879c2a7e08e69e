// Session objects as ports make them: a handle around a shared_ptr, nested classes, members that
// grow.
#pragma once
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace RNS {

class Part {
  public:
    int number = 0;
};

class Link {
  public:
    class Object {
      public:
        class Timer {
          public:
            Timer() : _ticks(new int(0)) {} // site new_unique_ptr per_link RNS::Link::Object::Timer int
          private:
            std::unique_ptr<int> _ticks;
            std::list<int> _no_list_here();
        };
        Object() = default;
        void add(int part);

      private:
        static constexpr std::size_t REQUESTS = 8;
        std::vector<Part> _parts; // site container per_packet RNS::Link::Object std::vector<Part>
        std::map<int, Part> _by_number;     // site container per_packet RNS::Link::Object
        std::set<int> _never_used;          // site container per_link RNS::Link::Object
        std::string _name;                  // site string per_link RNS::Link::Object
        std::function<void(int)> _callback; // site function startup RNS::Link::Object
        std::shared_ptr<Part> _shared;
        const std::vector<Part> *_pointer = nullptr;
        Part _requests[REQUESTS]; // pool _requests 8 reject RNS::Link::Object RNS::Part
        std::size_t _request_count = 0;
        Timer _timer;
        Part *_first = new Part; // site new per_link RNS::Link::Object RNS::Part
        friend class Link;
    };

    Link();
    Link(const Link &other) : _object(other._object) {
    }
    void receive(int part);
    void name(const char *text) {
        _object->_name = text;
    }
    void on_data(std::function<void(int)> callback) {
        _object->_callback = callback;
    }
    bool request(const Part &part);

  private:
    std::shared_ptr<Object> _object;
};

} // namespace RNS
