// The log. A sector begins with a head (its number in the sequence, and the oldest number that
// counted when it was begun), then come records. Each begins on a unit and has two checksums: of
// its own head, so that its length can be believed, and of what it holds.
//
// The oldest sector is emptied by copying what still counts of it to the end of the log; then a
// MARK says that it does not count any more, and only then it is erased. One sector is always kept
// free for that, so if none is free at start, power went while the oldest was copied, and all that
// the newest holds are copies: it is erased and the copying starts again.
#include "store.h"

#include <string.h>

#define UNIT         BOARD_FLASH_UNIT
#define SECTOR_MAGIC 0x4C4E5352U
#define RECORD_MAGIC 0x5AU
#define SECTORS_MIN  6U
#define SECTOR_MIN   512U
#define MARK_BYTES   (2U * UNIT)
#define CHUNK        64U // bytes that are read at once where no buffer is needed

enum { VALUE, DELETED, MARK }; // what a record is

typedef struct {
    uint8_t what, kind, key_size;
    uint16_t value_size;
    uint32_t check; // of key and value
} head_t;

static uint32_t crc32(uint32_t crc, const uint8_t *bytes, size_t size) {
    static const uint32_t table[16] = {0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC,
                                       0x76DC4190, 0x6B6B51F4, 0x4DB26158, 0x5005713C,
                                       0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C,
                                       0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C};
    crc = ~crc;
    for (size_t i = 0; i < size; i++) {
        crc = table[(crc ^ bytes[i]) & 15U] ^ (crc >> 4);
        crc = table[(crc ^ (uint32_t)(bytes[i] >> 4)) & 15U] ^ (crc >> 4);
    }
    return ~crc;
}

static void put32(uint8_t *out, uint32_t value) {
    for (unsigned i = 0; i < 4; i++) {
        out[i] = (uint8_t)(value >> (8 * i));
    }
}

static uint32_t get32(const uint8_t *in) {
    return (uint32_t)in[0] | (uint32_t)in[1] << 8 | (uint32_t)in[2] << 16 | (uint32_t)in[3] << 24;
}

static uint32_t up(uint32_t size) {
    return (size + UNIT - 1U) / UNIT * UNIT;
}

static uint32_t record_bytes(const head_t *head) {
    return UNIT + up((uint32_t)head->key_size + head->value_size);
}

uint32_t store_record_max(const board_flash_t *flash) {
    const uint32_t most = (flash->sector_bytes / 2U - 2U * UNIT) / UNIT * UNIT;
    return most < STORE_RECORD_MOST ? most : STORE_RECORD_MOST;
}

// What may count at most, so that there always is something to be left behind: see store_work().
static uint32_t live_most(const store_t *s) {
    const uint32_t filled = s->flash->sector_bytes - UNIT - MARK_BYTES - store_record_max(s->flash);
    return (s->flash->sectors - 4U) * filled;
}

static uint32_t free_sectors(const store_t *s) {
    return s->flash->sectors - (s->head - s->tail + 1U);
}

static uint32_t sector_of(const store_t *s, uint32_t sequence) {
    return sequence % s->flash->sectors;
}

static uint32_t address(const store_t *s, uint32_t sequence, uint32_t at) {
    return sector_of(s, sequence) * s->flash->sector_bytes + at;
}

static bool read_at(const store_t *s, uint32_t at, uint8_t *out, size_t size) {
    return s->flash->read(s->flash->self, at, (rns_mem_t){out, size});
}

static bool is_blank(const uint8_t *bytes, size_t size) {
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != 0xFF) {
            return false;
        }
    }
    return true;
}

static bool is_kept(const store_t *s, unsigned kind) {
    return kind < 64U && (s->kinds >> kind & 1U) != 0;
}

static bool is_cache(const store_t *s, unsigned kind) {
    return (s->caches >> kind & 1U) != 0;
}

// ---- Heads

static void write_record_head(uint8_t out[UNIT], const head_t *head) {
    memset(out, 0, UNIT);
    out[0] = RECORD_MAGIC;
    out[1] = head->what;
    out[2] = head->kind;
    out[3] = head->key_size;
    out[4] = (uint8_t)head->value_size;
    out[5] = (uint8_t)(head->value_size >> 8);
    put32(out + 8, head->check);
    put32(out + 12, crc32(0, out, 12));
}

static bool read_record_head(const uint8_t in[UNIT], head_t *head) {
    *head = (head_t){in[1], in[2], in[3], (uint16_t)(in[4] | in[5] << 8), get32(in + 8)};
    return in[0] == RECORD_MAGIC && get32(in + 12) == crc32(0, in, 12);
}

static bool read_sector_head(const store_t *s, uint32_t sector, uint32_t *sequence,
                             uint32_t *tail) {
    uint8_t in[UNIT];
    if (!read_at(s, sector * s->flash->sector_bytes, in, sizeof in) || get32(in) != SECTOR_MAGIC ||
        get32(in + 12) != crc32(0, in, 12)) {
        return false;
    }
    *sequence = get32(in + 4);
    *tail = get32(in + 8);
    return *sequence > 0 && *tail > 0 && *tail <= *sequence && sector_of(s, *sequence) == sector;
}

// ---- The index

static uint32_t hash_of(unsigned kind, rns_bytes_t key) {
    const uint8_t first = (uint8_t)kind;
    return crc32(crc32(0, &first, 1), key.data, key.size);
}

static bool read_head(const store_t *s, uint32_t at, head_t *head) {
    uint8_t in[UNIT];
    return read_at(s, at, in, sizeof in) && read_record_head(in, head);
}

static bool has_key(const store_t *s, const store_entry_t *entry, rns_bytes_t key, head_t *head) {
    uint8_t stored[STORE_KEY_MAX];
    return read_head(s, entry->at, head) && head->key_size == key.size &&
           read_at(s, entry->at + UNIT, stored, key.size) &&
           (key.size == 0 || memcmp(stored, key.data, key.size) == 0);
}

static store_entry_t *find(const store_t *s, unsigned kind, rns_bytes_t key, head_t *head) {
    const uint32_t hash = hash_of(kind, key);
    for (uint32_t i = 0; i < s->entry_count; i++) {
        store_entry_t *entry = &s->entries[i];
        if (entry->hash == hash && entry->kind == kind && has_key(s, entry, key, head)) {
            return entry;
        }
    }
    return NULL;
}

static void forget(store_t *s, store_entry_t *entry, uint32_t bytes) {
    s->live_bytes -= bytes;
    s->entry_count--;
    *entry = s->entries[s->entry_count];
}

// How far back in the log it stands.
static uint32_t age(const store_t *s, uint32_t at) {
    const uint32_t size = s->flash->sectors * s->flash->sector_bytes;
    const uint32_t end = address(s, s->head, 0) + s->flash->sector_bytes;
    return (end + size - at) % size;
}

// Makes room for so many bytes and, if it is a new one, an entry, from what may be dropped. What is
// dropped is still in the log, and may be there again after the next start.
static bool make_room(store_t *s, uint32_t bytes, bool is_new) {
    while (s->live_bytes + bytes > live_most(s) || (is_new && s->entry_count == s->entry_most)) {
        store_entry_t *oldest = NULL;
        for (uint32_t i = 0; i < s->entry_count; i++) {
            store_entry_t *entry = &s->entries[i];
            if (is_cache(s, entry->kind) &&
                (oldest == NULL || age(s, entry->at) > age(s, oldest->at))) {
                oldest = entry;
            }
        }
        head_t head;
        if (oldest == NULL || !read_head(s, oldest->at, &head)) {
            return false;
        }
        forget(s, oldest, record_bytes(&head));
        s->dropped++;
    }
    return true;
}

// ---- The end of the log

static bool erase(store_t *s, uint32_t sequence) {
    return s->flash->erase(s->flash->self, sector_of(s, sequence));
}

// The next sector becomes the newest; it is erased.
static bool begin_sector(store_t *s) {
    uint8_t out[UNIT];
    put32(out, SECTOR_MAGIC);
    put32(out + 4, s->head + 1U);
    put32(out + 8, s->tail);
    put32(out + 12, crc32(0, out, 12));
    s->erased = 0;
    if (!s->flash->write(s->flash->self, address(s, s->head + 1U, 0),
                         (rns_bytes_t){out, sizeof out})) {
        return false;
    }
    s->head++;
    s->write_at = UNIT;
    return true;
}

// Whether a record of so many bytes can be written now. The end of a sector is kept for the MARK of
// a copying that has filled it.
static bool ready(store_t *s, uint32_t bytes, uint32_t free_least) {
    const uint32_t end = s->flash->sector_bytes - MARK_BYTES;
    if (s->write_at + bytes <= end) {
        return true;
    }
    return s->erased == s->head + 1U && free_sectors(s) >= free_least && begin_sector(s);
}

// The record is in the buffer, but for its head.
static bool append(store_t *s, const head_t *head, uint32_t *at) {
    const uint32_t bytes = record_bytes(head);
    write_record_head(s->buffer, head);
    *at = address(s, s->head, s->write_at);
    const bool good = s->flash->write(s->flash->self, *at, (rns_bytes_t){s->buffer, bytes});
    s->write_at += bytes; // what was begun is not written again
    return good;
}

static uint32_t fill(store_t *s, rns_bytes_t key, rns_bytes_t value) {
    uint8_t *at = s->buffer + UNIT;
    memset(at, 0xFF, up((uint32_t)(key.size + value.size)));
    if (key.size > 0) {
        memcpy(at, key.data, key.size);
    }
    if (value.size > 0) {
        memcpy(at + key.size, value.data, value.size);
    }
    return crc32(0, at, key.size + value.size);
}

// ---- Reading the log at start

// What a record says becomes part of the index.
static void apply(store_t *s, const head_t *head, uint32_t at) {
    const rns_bytes_t key = {s->buffer + UNIT, head->key_size};
    head_t old;
    if (head->what == MARK) {
        return;
    }
    store_entry_t *entry = find(s, head->kind, key, &old);
    if (entry != NULL) {
        forget(s, entry, record_bytes(&old));
    }
    if (head->what != VALUE || !is_kept(s, head->kind)) {
        return;
    }
    if (!make_room(s, record_bytes(head), true)) {
        s->refused++;
        return;
    }
    s->entries[s->entry_count++] = (store_entry_t){hash_of(head->kind, key), at, head->kind};
    s->live_bytes += record_bytes(head);
}

// Reads one record of a sector into the buffer. false: there is none, and *at stays; if what stands
// there cannot be read, it is not whole, and *at is the end of the sector.
static bool next_record(store_t *s, uint32_t sequence, uint32_t *at, head_t *head, bool *whole) {
    const uint32_t from = address(s, sequence, *at), left = s->flash->sector_bytes - *at;
    *whole = true;
    if (left < UNIT || !read_at(s, from, s->buffer, UNIT) || is_blank(s->buffer, UNIT)) {
        return false;
    }
    if (!read_record_head(s->buffer, head) || head->key_size > STORE_KEY_MAX ||
        record_bytes(head) > left || record_bytes(head) > store_record_max(s->flash)) {
        *at = s->flash->sector_bytes;
        *whole = false;
        return false;
    }
    const size_t size = (size_t)head->key_size + head->value_size;
    *at += record_bytes(head);
    memset(s->buffer + record_bytes(head) - UNIT, 0xFF, UNIT);
    *whole = read_at(s, from + UNIT, s->buffer + UNIT, size) &&
             crc32(0, s->buffer + UNIT, size) == head->check;
    return true;
}

static bool rest_is_blank(const store_t *s, uint32_t sequence, uint32_t at) {
    uint8_t unit[UNIT];
    for (; at < s->flash->sector_bytes; at += UNIT) {
        if (!read_at(s, address(s, sequence, at), unit, UNIT) || !is_blank(unit, UNIT)) {
            return false;
        }
    }
    return true;
}

// A MARK in the newest sectors says that older ones do not count any more.
static void read_marks(store_t *s) {
    for (uint32_t sequence = s->tail; sequence <= s->head; sequence++) {
        uint32_t at = UNIT;
        head_t head;
        bool whole;
        while (next_record(s, sequence, &at, &head, &whole)) {
            const uint32_t tail = get32(s->buffer + UNIT);
            if (whole && head.what == MARK && head.value_size == 4 && tail > s->tail &&
                tail <= s->head) {
                s->tail = tail;
            }
        }
        sequence = sequence < s->tail ? s->tail - 1U : sequence;
    }
}

static void read_log(store_t *s) {
    for (uint32_t sequence = s->tail; sequence <= s->head; sequence++) {
        uint32_t at = UNIT;
        head_t head;
        bool whole;
        for (uint32_t from = at; next_record(s, sequence, &at, &head, &whole); from = at) {
            if (whole) {
                apply(s, &head, address(s, sequence, from));
            } else {
                s->damaged++;
            }
        }
        s->damaged += !whole;
        // Behind what was cut off nothing is written any more.
        if (sequence == s->head) {
            s->write_at = rest_is_blank(s, sequence, at) ? at : s->flash->sector_bytes;
        }
    }
}

// The newest sector, and the oldest that counts.
static void find_ends(store_t *s) {
    uint32_t sequence, tail;
    for (uint32_t sector = 0; sector < s->flash->sectors; sector++) {
        if (read_sector_head(s, sector, &sequence, &tail) && sequence > s->head) {
            s->head = sequence;
            s->tail = tail;
        }
    }
}

bool store_open(store_t *s) {
    if (s->flash->sectors < SECTORS_MIN || s->flash->sector_bytes < SECTOR_MIN) {
        return false;
    }
    s->copy_at = UNIT;
    find_ends(s);
    if (s->head == 0) { // nothing was ever written
        s->tail = 1;
        return erase(s, 1) && begin_sector(s);
    }
    read_marks(s);
    if (free_sectors(s) == 0) { // what it holds are copies
        if (!erase(s, s->head)) {
            return false;
        }
        s->head--;
    }
    read_log(s);
    return true;
}

// ---- Records

size_t store_get(store_t *s, unsigned kind, rns_bytes_t key, rns_mem_t out) {
    head_t head;
    const store_entry_t *entry = find(s, kind, key, &head);
    if (entry == NULL) {
        return 0;
    }
    const size_t size = head.value_size < out.size ? head.value_size : out.size;
    return read_at(s, entry->at + UNIT + head.key_size, out.data, size) ? head.value_size : 0;
}

static bool is_same(const store_t *s, const store_entry_t *entry, const head_t *head,
                    rns_bytes_t value) {
    uint8_t chunk[CHUNK];
    if (head->value_size != value.size) {
        return false;
    }
    for (size_t done = 0; done < value.size; done += CHUNK) {
        const size_t size = value.size - done < CHUNK ? value.size - done : CHUNK;
        if (!read_at(s, entry->at + UNIT + head->key_size + (uint32_t)done, chunk, size) ||
            memcmp(chunk, value.data + done, size) != 0) {
            return false;
        }
    }
    return true;
}

bool store_put(store_t *s, unsigned kind, rns_bytes_t key, rns_bytes_t value) {
    head_t old, head = {VALUE, (uint8_t)kind, (uint8_t)key.size, (uint16_t)value.size, 0};
    if (!is_kept(s, kind)) {
        return true; // forgotten
    }
    if (key.size > STORE_KEY_MAX || value.size > UINT16_MAX ||
        record_bytes(&head) > store_record_max(s->flash)) {
        s->refused++;
        return true; // it will never fit
    }
    store_entry_t *entry = find(s, kind, key, &old);
    if (entry != NULL && is_same(s, entry, &old, value)) {
        return true;
    }
    if (free_sectors(s) == 0 || !ready(s, record_bytes(&head), 2)) {
        return false;
    }
    const uint32_t bytes = record_bytes(&head), before = entry != NULL ? record_bytes(&old) : 0;
    if (!make_room(s, bytes > before ? bytes - before : 0, entry == NULL)) {
        s->refused++;
        return is_cache(s, kind);
    }
    entry = find(s, kind, key, &old); // what made room may have moved it
    uint32_t at;
    head.check = fill(s, key, value);
    if (!append(s, &head, &at)) {
        return false;
    }
    if (entry != NULL) {
        forget(s, entry, record_bytes(&old));
    }
    s->entries[s->entry_count++] = (store_entry_t){hash_of(kind, key), at, (uint8_t)kind};
    s->live_bytes += record_bytes(&head);
    return true;
}

bool store_del(store_t *s, unsigned kind, rns_bytes_t key) {
    head_t old, head = {DELETED, (uint8_t)kind, (uint8_t)key.size, 0, 0};
    store_entry_t *entry = find(s, kind, key, &old);
    if (entry == NULL) {
        return true;
    }
    if (free_sectors(s) == 0 || !ready(s, record_bytes(&head), 2)) {
        return false;
    }
    uint32_t at;
    head.check = fill(s, key, (rns_bytes_t){NULL, 0});
    if (!append(s, &head, &at)) {
        return false;
    }
    forget(s, entry, record_bytes(&old));
    return true;
}

void store_each(store_t *s, unsigned kind, void *context,
                void (*take)(void *context, rns_bytes_t key, rns_bytes_t value)) {
    for (uint32_t i = 0; i < s->entry_count; i++) {
        const store_entry_t *entry = &s->entries[i];
        head_t head;
        if (entry->kind != kind || !read_head(s, entry->at, &head) ||
            !read_at(s, entry->at + UNIT, s->buffer, (size_t)head.key_size + head.value_size)) {
            continue;
        }
        take(context, (rns_bytes_t){s->buffer, head.key_size},
             (rns_bytes_t){s->buffer + head.key_size, head.value_size});
    }
}

// ---- Making room

static store_entry_t *entry_at(const store_t *s, uint32_t at) {
    for (uint32_t i = 0; i < s->entry_count; i++) {
        if (s->entries[i].at == at) {
            return &s->entries[i];
        }
    }
    return NULL;
}

// The oldest sector is copied: it counts no more.
static bool leave_oldest(store_t *s) {
    head_t head = {MARK, 0, 0, 4, 0};
    uint8_t tail[4];
    uint32_t at;
    put32(tail, s->tail + 1U);
    head.check = fill(s, (rns_bytes_t){NULL, 0}, (rns_bytes_t){tail, sizeof tail});
    if (s->write_at + record_bytes(&head) > s->flash->sector_bytes) {
        return s->erased == s->head + 1U && begin_sector(s);
    }
    if (!append(s, &head, &at)) {
        return false;
    }
    s->tail++;
    s->copy_at = UNIT;
    return true;
}

static bool copy(store_t *s, const head_t *head, store_entry_t *entry) {
    uint32_t at;
    if (!append(s, head, &at)) {
        return false;
    }
    entry->at = at;
    return true;
}

// Copies the next record of the oldest sector that counts.
static bool copy_one(store_t *s) {
    head_t head;
    bool whole;
    for (uint32_t from = s->copy_at; next_record(s, s->tail, &s->copy_at, &head, &whole);
         from = s->copy_at) {
        store_entry_t *entry = entry_at(s, address(s, s->tail, from));
        if (entry == NULL) {
            continue;
        }
        if (!whole) { // it was, when it was written
            forget(s, entry, record_bytes(&head));
            s->damaged++;
            continue;
        }
        if (!ready(s, record_bytes(&head), 1)) {
            s->copy_at = from;
            return false;
        }
        return copy(s, &head, entry);
    }
    return leave_oldest(s);
}

bool store_work(store_t *s) {
    if (s->erased != s->head + 1U && free_sectors(s) > 0) {
        if (!erase(s, s->head + 1U)) {
            return false;
        }
        s->erased = s->head + 1U;
        return true;
    }
    // What counts fits into all but four sectors, however badly they are filled, so this ends.
    return free_sectors(s) < 3U && copy_one(s);
}

// ---- What the node is given

static size_t node_get(void *user, rns_record_t kind, rns_bytes_t key, rns_mem_t out) {
    return store_get(user, kind, key, out);
}

static bool node_put(void *user, rns_record_t kind, rns_bytes_t key, rns_bytes_t value) {
    return store_put(user, kind, key, value);
}

static bool node_del(void *user, rns_record_t kind, rns_bytes_t key) {
    return store_del(user, kind, key);
}

static void node_each(void *user, rns_record_t kind, void *context,
                      void (*take)(void *context, rns_bytes_t key, rns_bytes_t value)) {
    store_each(user, kind, context, take);
}

rns_store_t store_of_node(store_t *store) {
    return (rns_store_t){node_get, node_put, node_del, node_each, 0, store};
}
