#pragma once
#include <cstddef>
template <typename T, size_t N> class ObjectPool {
 public:
  T *acquire() { for (size_t i = 0; i < N; i++) { if (!_used[i]) { _used[i] = true; return &_items[i]; } } return nullptr; }
  void release(T *t) { _used[t - _items] = false; }
 private:
  T _items[N]; // pool _items 24 reject ObjectPool Packet
  bool _used[N] = {};
};
struct Packet { char b[500]; };
class Transport {
  static constexpr int PATHS = 4; static const int LINKS = 5;
  struct Path { int hops; unsigned long seen; } _paths[PATHS]; // pool _paths 4 cull Transport Path
  ObjectPool<Packet, 24> _pool;
  static struct Link { int id; } _links[LINKS]; // pool _links 5 unchecked Transport Link
  int _n = 0;
 public:
  void add(int hops, unsigned long now) {
    if (_n >= PATHS) {
      int w = 0; for (int i = 1; i < PATHS; i++) if (_paths[i].seen < _paths[w].seen) w = i;
      _paths[w] = {hops, now}; return;
    }
    _paths[_n++] = {hops, now};
  }
};
