// Inherited constructors, virtual calls, a hidden implementation, what a lambda makes.
#include "inherit.hpp"
namespace app::net {
class Session::Impl { public: std::vector<uint8_t> buf; int *raw = new int[4]; }; // site container per_packet app::net::Session::Impl std::vector<uint8_t>; site new startup app::net::Session::Impl int[]
Session::Session(const Options &o) : impl_(new Impl), parts_(o.ports) { parts_.reserve(16); } // site new_unique_ptr startup app::net::Session app::net::Session::Impl
Session::~Session() = default;
void Session::on_packet(const uint8_t *data, size_t n) {
  impl_->buf.assign(data, data + n);
  deliver(3);
  each([&](int p) { handlers_["x"](p); auto s = std::make_shared<std::string>("abc"); }); // site make_shared per_packet app::net::Session std::string
}
void Tcp::deliver(int x) { out_.push_back((char)x); }
void Session::transfer(size_t n) { for (size_t i = 0; i < n; i++) { auto *b = (char *)malloc(n); free(b); } } // site malloc per_transfer app::net::Session char
}
static app::net::Tcp *g;
extern "C" void setup() { g = new app::net::Tcp(app::net::Session::Options{"n", {1}}); } // site new startup - app::net::Tcp
extern "C" void loop() { uint8_t b[4]; g->on_packet(b, 4); }
extern "C" void start_transfer() { g->transfer(3); }
