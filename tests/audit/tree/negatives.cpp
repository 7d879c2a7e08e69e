// Nothing here allocates, and nothing is a pool.
#include <array>
#include <memory>
#include <new>
#include <string>
#include <vector>

struct Item {
    int value = 0;
};

struct Own {
    static void *operator new(std::size_t size);
    static void operator delete(void *memory);
    int value = 0;
};

class Arena {
  public:
    void *malloc(std::size_t size) { return _bytes + size; }
    Item *make(std::size_t) { return nullptr; }

  private:
    char _bytes[64];
};

alignas(Item) static char storage[sizeof(Item)];

// malloc(10); new Item; std::vector<int> in a comment
static const char *const text = "malloc(10) new Item std::make_shared<Item>()";

Item *placed() {
    return new (storage) Item;
}

Own *own_memory() {
    return new Own;
}

void arena(Arena &memory, const std::vector<int> &by_reference, std::string &name) {
    memory.malloc(3);
    std::vector<int> &same = const_cast<std::vector<int> &>(by_reference);
    const std::vector<int> *pointer = &same;
    std::string &alias = name;
    std::array<int, 4> fixed = {1, 2, 3, 4};
    std::unique_ptr<Item> empty;
    std::shared_ptr<Item> copy(nullptr);
    std::vector<int>::const_iterator it = pointer->begin();
    using Items = std::vector<Item>;
    typedef std::string Name;
    (void)sizeof(Items);
    (void)sizeof(Name);
    (void)alias;
    (void)fixed;
    (void)it;
}

const char *use_text() {
    return text;
}
