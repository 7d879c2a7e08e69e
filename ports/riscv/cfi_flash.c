#include "cfi_flash.h"

#include <string.h>

#include "../common/flash.h"

#define SECTORS      16U
#define SECTOR_BYTES 0x40000U // of both chips together
#define WORD         4U

// Each command goes to both chips.
#define BOTH(value)   ((value)*0x00010001U)
#define READ_ARRAY    BOTH(0xFFU)
#define QUERY         BOTH(0x98U)
#define QUERY_AT      0x55U
#define QUERY_ANSWER  BOTH((uint32_t)'Q')
#define ANSWER_AT     0x10U
#define CLEAR_STATUS  BOTH(0x50U)
#define PROGRAM       BOTH(0x40U)
#define ERASE         BOTH(0x20U)
#define ERASE_CONFIRM BOTH(0xD0U)
#define READY         BOTH(0x80U)
#define FAILED        BOTH(0x3AU) // erase, program, voltage, lock
#define POLLS_MOST    10000000U

static volatile uint32_t *flash_base;

static volatile uint32_t *word_at(uint32_t at) {
    return flash_base + at / WORD;
}

// Waits for the end of a command; then the chips show what they hold again.
static bool finished(uint32_t at) {
    uint32_t status = 0;
    for (uint32_t polls = 0; (status & READY) != READY && polls < POLLS_MOST; polls++) {
        status = *word_at(at);
    }
    *word_at(at) = CLEAR_STATUS;
    *word_at(at) = READ_ARRAY;
    return (status & READY) == READY && (status & FAILED) == 0;
}

static bool cfi_read(void *self, uint32_t at, rns_mem_t out) {
    const volatile uint8_t *bytes = (const volatile uint8_t *)flash_base + at;
    if (!flash_has(self, at, out.size)) {
        return false;
    }
    for (size_t i = 0; i < out.size; i++) {
        out.data[i] = bytes[i];
    }
    return true;
}

static bool cfi_write(void *self, uint32_t at, rns_bytes_t bytes) {
    if (!flash_takes(self, at, bytes.size)) {
        return false;
    }
    for (uint32_t done = 0; done < bytes.size; done += WORD) {
        uint32_t word;
        memcpy(&word, bytes.data + done, WORD);
        *word_at(at + done) = PROGRAM;
        *word_at(at + done) = word;
        if (!finished(at + done)) {
            return false;
        }
    }
    return true;
}

static bool cfi_erase(void *self, uint32_t sector) {
    const board_flash_t *flash = self;
    if (sector >= flash->sectors) {
        return false;
    }
    *word_at(sector * flash->sector_bytes) = ERASE;
    *word_at(sector * flash->sector_bytes) = ERASE_CONFIRM;
    return finished(sector * flash->sector_bytes);
}

const board_flash_t *cfi_flash_open(uintptr_t base) {
    static board_flash_t flash = {SECTORS, SECTOR_BYTES, cfi_read, cfi_write, cfi_erase, &flash};
    flash_base = (volatile uint32_t *)base;
    flash_base[QUERY_AT] = QUERY;
    const uint32_t answer = flash_base[ANSWER_AT];
    *flash_base = READ_ARRAY;
    return answer == QUERY_ANSWER ? &flash : NULL;
}
