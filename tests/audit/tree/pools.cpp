#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#define LINKS 4
#define HASH 32
enum { PATHS = 12, TAGS = 16 };
constexpr size_t QUEUE = 10;

struct Slot {
    bool used;
    uint32_t touched;
    uint8_t hash[HASH]; // a value: it is copied as a whole
    void set(const uint8_t *from) { memcpy(hash, from, HASH); }
};

static Slot links[LINKS]; // pool links 4 reject - Slot

Slot *take_link() {
    for (size_t i = 0; i < LINKS; i++) {
        if (!links[i].used) {
            links[i].used = true;
            return &links[i];
        }
    }
    return nullptr;
}

class Paths {
  public:
    void remember(uint32_t now) {
        Slot *slot = find_free();
        if (slot == nullptr) {
            cull_oldest();
            slot = find_free();
        }
        slot->used = true;
        slot->touched = now;
    }
    const Slot *find(uint32_t touched) const {
        for (const auto &slot : _paths) {
            if (slot.used && slot.touched == touched) {
                return &slot;
            }
        }
        return nullptr;
    }

  private:
    Slot *find_free() {
        for (auto &slot : _paths) {
            if (!slot.used) {
                return &slot;
            }
        }
        return nullptr;
    }
    void cull_oldest() {
        Slot *oldest = &_paths[0];
        for (auto &slot : _paths) {
            if (slot.touched < oldest->touched) {
                oldest = &slot;
            }
        }
        oldest->used = false;
    }
    Slot _paths[PATHS]; // pool _paths 12 cull Paths Slot
};

class Tags {
  public:
    void add(uint32_t tag) {
        _tags[_head] = tag;
        _head = (_head + 1) % TAGS;
        if (_count < TAGS) {
            _count++;
        }
    }
    bool has(uint32_t tag) const {
        for (size_t i = 0; i < _count; i++) {
            if (_tags[i] == tag) {
                return true;
            }
        }
        return false;
    }

  private:
    uint32_t _tags[TAGS]; // pool _tags 16 overwrite Tags uint32_t
    size_t _head = 0, _count = 0;
};

class Queue {
  public:
    bool push(const Slot &slot) {
        if (_count == QUEUE) {
            return false;
        }
        _slots[(_head + _count++) % QUEUE] = slot;
        return true;
    }
    Slot pop() {
        Slot slot = _slots[_head];
        _slots[_head].used = false;
        _head = (_head + 1) % QUEUE;
        _count--;
        return slot;
    }

  private:
    std::array<Slot, QUEUE> _slots; // pool _slots 10 reject Queue Slot
    size_t _head = 0, _count = 0;
};

static Slot log_entries[TAGS]; // pool log_entries 16 unchecked - Slot
static size_t log_count;

void log_entry(const Slot &slot) {
    log_entries[log_count++] = slot;
}

class Window {
  public:
    void put(const Slot &slot) {
        if (_count == LINKS) {
            memmove(&_slots[0], &_slots[1], sizeof(Slot) * (LINKS - 1));
            _count--;
        }
        _slots[_count++] = slot;
    }
    bool put_byte(uint8_t byte) {
        if (_length < sizeof(_bytes)) {
            _bytes[_length++] = byte;
            return true;
        }
        return false;
    }

  private:
    Slot _slots[LINKS];           // pool _slots 4 cull Window Slot
    uint8_t _bytes[HASH * LINKS]; // pool _bytes 128 reject Window uint8_t
    size_t _count = 0, _length = 0;
};

class Static {
  public:
    static Slot *take();

  private:
    static Slot _all[PATHS];
    static const Slot _none[LINKS];
};

Slot Static::_all[PATHS]; // pool _all 12 reject Static Slot

Slot *Static::take() {
    size_t i = 0;
    while (i < PATHS && _all[i].used) {
        i++;
    }
    if (i == PATHS) {
        return nullptr;
    }
    _all[i].used = true;
    return &_all[i];
}

// rnaudit: overwrite
static Slot by_comment[LINKS]; // pool by_comment 4 overwrite - Slot

void no_pools() {
    Slot on_the_stack[LINKS];
    int literal[8];
    memset(on_the_stack, 0, sizeof on_the_stack);
    memset(literal, 0, sizeof literal);
    by_comment[1].used = true;
}

static int literal_size[8];
static const int constants[LINKS] = {1, 2, 3, 4};

int use_arrays(int i) {
    return literal_size[i & 7] + constants[i & 3];
}
