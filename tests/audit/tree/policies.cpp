// Ways to be full, as they are found in firmware.
#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>

#define SIZE 8

struct Slot {
    bool in_use = false;
    int key = 0;
    double timestamp = 0;
};

class Destination {
    class Object {
        friend class Destination;
        static constexpr size_t RATCHETS = 128;
        int _head = 0, _count = 0;
        Slot _ratchets[RATCHETS]; // pool _ratchets 128 overwrite Destination::Object Slot
        static constexpr size_t HANDLERS = 8;
        Slot _handlers[HANDLERS]; // pool _handlers 8 reject Destination::Object Slot
    };
    std::shared_ptr<Object> _object;

    void ratchets_add(const Slot &ratchet) {
        if (_object->_count < Object::RATCHETS) {
            size_t index = (_object->_head + _object->_count) % Object::RATCHETS;
            _object->_ratchets[index] = ratchet;
            _object->_count++;
        } else {
            _object->_ratchets[_object->_head] = ratchet;
            _object->_head = (_object->_head + 1) % Object::RATCHETS;
        }
    }
    bool add_handler(int key) {
        for (size_t i = 0; i < Object::HANDLERS; i++) {
            if (_object->_handlers[i].in_use && _object->_handlers[i].key == key) {
                _object->_handlers[i].timestamp = 1;
                return true;
            }
        }
        for (size_t i = 0; i < Object::HANDLERS; i++) {
            if (!_object->_handlers[i].in_use) {
                _object->_handlers[i].in_use = true;
                _object->_handlers[i].key = key;
                return true;
            }
        }
        return false;
    }
};

static Slot oldest_goes[SIZE]; // pool oldest_goes 8 cull - Slot
void remember(int key, double now) {
    int found = 0;
    for (int i = 0; i < SIZE; ++i) {
        if (!oldest_goes[i].in_use) {
            oldest_goes[i].in_use = true;
            oldest_goes[i].key = key;
            return;
        }
        if (oldest_goes[i].timestamp < oldest_goes[found].timestamp) {
            found = i;
        }
    }
    oldest_goes[found].key = key;
    oldest_goes[found].timestamp = now;
}

static Slot shifted[SIZE]; // pool shifted 8 cull - Slot
static size_t shifted_count;
void shift_in(const Slot &slot) {
    if (shifted_count == SIZE) {
        for (size_t i = 1; i < SIZE; i++) {
            shifted[i - 1] = shifted[i];
        }
        shifted_count--;
    }
    shifted[shifted_count++] = slot;
}

static Slot evicted[SIZE]; // pool evicted 8 cull - Slot
static void evict_one() {
    evicted[0].in_use = false;
}
Slot *take_evicted() {
    for (int turn = 0; turn < 2; turn++) {
        for (int i = 0; i < SIZE; i++) {
            if (!evicted[i].in_use) {
                return &evicted[i];
            }
        }
        evict_one();
    }
    return nullptr;
}

static int modulo[SIZE]; // pool modulo 8 overwrite - int
static unsigned modulo_at;
void put_modulo(int value) {
    modulo[modulo_at++ % SIZE] = value;
}

static int masked[SIZE]; // pool masked 8 overwrite - int
static unsigned masked_at;
void put_masked(int value) {
    masked[masked_at & (SIZE - 1)] = value;
    masked_at++;
}

static int again[SIZE]; // pool again 8 overwrite - int
static unsigned again_at;
void put_again(int value) {
    again[again_at] = value;
    if (++again_at >= SIZE) {
        again_at = 0;
    }
}

static int queue[SIZE]; // pool queue 8 reject - int
static unsigned head, tail;
bool put_queue(int value) {
    unsigned next = (head + 1) % SIZE;
    if (next == tail) {
        return false;
    }
    queue[head] = value;
    head = next;
    return true;
}
bool get_queue(int *value) {
    if (head == tail) {
        return false;
    }
    *value = queue[tail];
    tail = (tail + 1) % SIZE;
    return true;
}

static uint8_t serial[SIZE]; // pool serial 8 reject - uint8_t
static unsigned serial_head, serial_tail;
void store(uint8_t byte) {
    unsigned i = (serial_head + 1) % SIZE;
    if (i != serial_tail) {
        serial[serial_head] = byte;
        serial_head = i;
    }
}

static Slot *pointers[SIZE]; // pool pointers 8 reject - Slot *
static int pointer_count;
int add_pointer(Slot *slot) {
    if (pointer_count < SIZE) {
        pointers[pointer_count++] = slot;
        return 0;
    }
    return -1;
}

static std::array<Slot, SIZE> array; // pool array 8 reject - Slot
Slot *take_of_array() {
    for (auto &slot : array) {
        if (!slot.in_use) {
            slot.in_use = true;
            return &slot;
        }
    }
    return nullptr;
}

static uint8_t arena[SIZE * 64]; // pool arena 512 reject - uint8_t
static size_t arena_used;
void *bump(size_t size) {
    if (arena_used + size > sizeof(arena)) {
        return nullptr;
    }
    void *memory = &arena[arena_used];
    arena_used += size;
    return memory;
}

struct Table {
    Slot slots[SIZE]; // pool slots 8 reject Table Slot
    int count;
};
Slot *add_to_table(Table *table) {
    if (table->count == SIZE) {
        return nullptr;
    }
    Slot *slot = &table->slots[table->count++];
    slot->in_use = true;
    return slot;
}

static Slot throwing[SIZE]; // pool throwing 8 reject - Slot
static int throwing_count;
void put_or_throw(const Slot &slot) {
    if (throwing_count >= SIZE) {
        throw 1;
    }
    throwing[throwing_count++] = slot;
}

static Slot listed[SIZE]; // pool listed 8 reject - Slot
static int next_free[SIZE];
static int first_free;
Slot *take_listed() {
    if (first_free < 0) {
        return nullptr;
    }
    Slot *slot = &listed[first_free];
    first_free = next_free[first_free];
    return slot;
}

static Slot asserted[SIZE]; // pool asserted 8 unchecked - Slot
static int asserted_count;
void put_asserted(const Slot &slot) {
    assert(asserted_count < SIZE);
    asserted[asserted_count++] = slot;
}

static Slot wrongly[SIZE]; // pool wrongly 8 unchecked - Slot
static int wrongly_count;
void put_wrongly(const Slot &slot) {
    if (wrongly_count > 100) {
        return;
    }
    wrongly[wrongly_count++] = slot;
}
