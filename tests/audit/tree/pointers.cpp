// Ways to hand a new object to its owner, and to hold what grows.
#include <memory>
#include <vector>
#include <map>
#include <string>
#include <functional>
#include <optional>
struct Hash { virtual ~Hash() {} }; struct SHA : Hash {};
using Ptr = std::shared_ptr<Hash>;
class H { std::unique_ptr<Hash> _hash; Ptr _p; std::shared_ptr<uint8_t> _b; std::vector<std::unique_ptr<Hash>> v; // site container - H -
  std::optional<std::string> os; // site string - H -
  std::pair<int, std::vector<int>> pv; // site container - H -
  std::vector<int> *pp; std::vector<int> &rr; std::array<std::string, 3> as; // site string - H -
  static std::map<int, int> sm;
  H(std::vector<int> &r) : rr(r) {
    _hash = std::unique_ptr<Hash>(new SHA()); // site new_unique_ptr - H -
    std::unique_ptr<Hash> b{new SHA}; // site new_unique_ptr - H -
    Ptr p(new SHA()); // site new_shared_ptr - H -
    Ptr q = Ptr(new SHA); // site new_shared_ptr - H -
    auto r2 = std::shared_ptr<uint8_t>(new uint8_t[10], [](uint8_t *x) { delete[] x; }); // site new_shared_ptr - H -
    _b.reset(new uint8_t[3], std::default_delete<uint8_t[]>()); // site new_shared_ptr - H -
    v.emplace_back(new SHA); // site new_unique_ptr - H -
    v.push_back(std::unique_ptr<Hash>(new SHA)); // site new_unique_ptr - H -
    v.push_back(std::make_unique<SHA>()); // site make_unique - H -
    Hash *raw = nullptr; raw = new SHA; // site new - H -
    p.reset(raw);
    q = std::make_shared<SHA>(); // site make_shared - H -
    auto a = std::allocate_shared<SHA>(std::allocator<SHA>()); // site make_shared - H -
    const auto &cr = *pp;
    auto copy = rr; // site container - H -
    for (auto x : rr) (void)x;
    std::string lit; // site string - H -
    auto fn = std::function<int()>([] { return 1; }); // site function - H -
    auto *arr = new std::string[4]; // site new - H -
    new H(r); // site new - H -
    struct Local { std::vector<int> lv; Local() { lv.push_back(1); } } local; // site container - H::Local -
    thread_local std::vector<int> tl; // site container - H -
    if (auto z = std::make_unique<int>(3); z) {} // site make_unique - H -
    throw new SHA; // site new - H -
  }
  static Ptr create() { return Ptr(new SHA()); } // site new_shared_ptr - H -
  static std::unique_ptr<Hash> create2() { return std::unique_ptr<Hash>{new SHA}; } // site new_unique_ptr - H -
  std::vector<int> get() const { return {1, 2, 3}; }
};
std::map<int, int> H::sm; // site container - H -
template <class T> class Pool { std::vector<T> free_; std::unique_ptr<T> make() { return std::unique_ptr<T>(new T()); } // site container - Pool -; site new_unique_ptr - Pool -
 void m() { ptr_.reset(new T); own_ = std::make_unique<T>(); auto l = [this] { return new T; }; } std::shared_ptr<T> ptr_; std::unique_ptr<T> own_; }; // site new_shared_ptr - Pool -; site make_unique - Pool -; site new - Pool -
template class Pool<int>;
extern std::vector<int> ext;
int defarg(std::string s = std::string("a long default argument for you"));
namespace { std::string anon = "x"; } // site string - - -
