// Specialisations, packs, captures, exceptions: what else C++ holds.
#include <vector>
#include <string>
#include <memory>
#include <functional>
class Base { public: virtual ~Base() = default; };
struct Big { int a[100]; };
enum class E { A };
// nested template + specialisation
template <typename T> struct Holder { std::vector<T> items; void add(T t) { items.emplace_back(std::move(t)); } }; // site container per_packet Holder -
template <> struct Holder<int> { std::vector<int> ints; void add(int t) { ints.push_back(t); } }; // site container per_packet Holder -
template <typename T, typename... Args> std::shared_ptr<T> build(Args &&...args) { return std::shared_ptr<T>(new T(std::forward<Args>(args)...)); } // site new_shared_ptr per_packet - T
template <typename T> T *raw() { return static_cast<T *>(malloc(sizeof(T))); } // site malloc per_packet - T
struct Worker {
  std::function<void()> task; // site function per_packet Worker -
  Worker(std::function<void()> t) : task(std::move(t)) {}
};
class Machine {
  Holder<std::string> h; Holder<int> hi;
  std::unique_ptr<Worker> w;
  std::vector<std::unique_ptr<Base>> bases; // site container per_packet Machine -
  Big *bigs[4];
public:
  void handle_packet(const char *p) {
    h.add(p); hi.add(3); // site string per_packet Machine -
    auto b = build<Big>();
    w.reset(new Worker([this, b]() { bases.push_back(std::make_unique<Base>()); })); // site new_unique_ptr per_packet Machine -; site function per_packet Machine -; site make_unique per_packet Machine -
    bases.emplace_back(std::make_unique<Base>()); // site make_unique per_packet Machine -
    for (int i = 0; i < 4; i++) bigs[i] = raw<Big>();
    delete[] reinterpret_cast<char *>(realloc(nullptr, 3)); // site malloc per_packet Machine -
    std::string out; out.reserve(10); out.append(p); // site string per_packet Machine -
    std::vector<std::string> parts{"a", "b"}; // site container per_packet Machine std::vector<std::string>
    auto lam = [parts](int x) mutable { parts.push_back("c"); return new Big(); }; // site new per_packet Machine Big
    lam(1);
    switch (p[0]) { case 'a': { auto z = new Base; delete z; } break; default: throw std::string("x"); } // site new per_packet Machine Base
    try { auto q = std::make_unique<Big[]>(3); } catch (...) { char *e = strdup(p); free(e); } // site make_unique per_packet Machine -; site malloc per_packet Machine -
    static std::vector<int> cache; cache.push_back(1); // site container per_packet Machine -
    ([&] { bases.clear(); })();
  }
};
