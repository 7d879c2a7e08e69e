#pragma once
#include <memory>
#include <string>
#include <vector>
#include <map>
#include <functional>
namespace app { namespace net {
class Session {
public:
  struct Options { std::string name; std::vector<int> ports; }; // site string - app::net::Session::Options std::string; site container startup app::net::Session::Options std::vector<int>
  explicit Session(const Options &o);
  ~Session();
  void on_packet(const uint8_t *data, size_t n);
  void start(); void transfer(size_t n);
  template <typename F> void each(F &&f) { for (auto &p : parts_) f(p); }
protected:
  virtual void deliver(int x) = 0;
private:
  class Impl; std::unique_ptr<Impl> impl_;
  std::vector<int> parts_; // site container startup app::net::Session std::vector<int>
  std::map<std::string, std::function<void(int)>> handlers_; // site container per_packet app::net::Session
};
class Tcp : public Session { public: using Session::Session; void deliver(int x) override; private: std::vector<char> out_; }; // site container per_packet app::net::Tcp
}}
