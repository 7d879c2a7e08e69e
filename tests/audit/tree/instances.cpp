// Pools in templates have the size of their instances, where these agree.
#include "instances.hpp"
template <typename T, int N> struct Two {
  T t[N]; // pool t null overwrite Two T
  void f(T v) { t[i++ % N] = v; } int i; };
static Two<int, 4> a; static Two<int, 8> b;
template <typename T, int N> struct One {
  T o[N]; // pool o 6 overwrite One Packet
  void f(T v) { o[i++ % N] = v; } int i; };
struct H { One<Packet, 6> one; };
