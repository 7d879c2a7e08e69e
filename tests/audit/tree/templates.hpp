#pragma once
#include <memory>
#include <vector>

template <typename T> class Box {
  public:
    void fill() {
        std::shared_ptr<T> one(new T()); // site new_shared_ptr per_transfer Box T
        std::unique_ptr<T> two;
        two.reset(new T());                 // site new_unique_ptr per_transfer Box T
        auto three = std::make_unique<T>(); // site make_unique per_transfer Box T
        _all.push_back(*one);
        grow();
        helper<T>();
    }
    template <typename U> void helper() {
        U *raw = new U; // site new per_transfer Box U
        delete raw;
    }

  private:
    void grow() {
        _copies.push_back(nullptr);
    }
    std::vector<T> _all;      // site container per_transfer Box std::vector<T>
    std::vector<T *> _copies; // site container per_transfer Box std::vector<T *>
};

template <typename T, int SLOTS> class Ring {
  public:
    void put(const T &value) {
        _slots[_head] = value;
        _head = (_head + 1) % SLOTS;
    }

  private:
    T _slots[SLOTS]; // pool _slots null overwrite Ring T
    int _head = 0;
};
