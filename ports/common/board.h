// board.h -- what the firmware asks of a board, and a board of nobody. Each port implements it in
// one file; nothing here is called from an interrupt.
#ifndef PORTS_BOARD_H_INCLUDED
#define PORTS_BOARD_H_INCLUDED

#include "rns/types.h"

// A serial line. Neither call waits: they take or give what is there, or what fits, now.
typedef struct {
    size_t (*read)(void *self, rns_mem_t out);
    size_t (*write)(void *self, rns_bytes_t bytes);
    void *self;
    const char *name; // as interfaces are named
    uint32_t bitrate;
} board_line_t;

// Flash in sectors that are erased whole (to 0xFF). A write begins and ends on a unit, and each
// unit is written once after it was erased: the driver refuses anything else. false: refused, or
// the flash has failed. A power cut leaves what was being written or erased in any state.
#define BOARD_FLASH_UNIT 16U
typedef struct {
    uint32_t sectors, sector_bytes;
    bool (*read)(void *self, uint32_t at, rns_mem_t out);
    bool (*write)(void *self, uint32_t at, rns_bytes_t bytes);
    bool (*erase)(void *self, uint32_t sector);
    void *self;
} board_flash_t;

// Where the board has its memory, from its manual: FAST belongs into the first, BULK into the
// second.
typedef struct {
    const char *name;
    uintptr_t sram, sram_bytes, external, external_bytes;
} board_memory_t;

// Clock, interrupts, watchdog. Called once.
void board_init(void);
const board_memory_t *board_memory(void);
// Memory in external RAM, aligned to 16 bytes, taken once; it need not be cleared. NULL: there is
// not so much. bulk.c is for boards where the linker places it.
uint8_t *board_bulk(size_t size);
// Opens the next line, in the order in which the board has them. false: there are no more.
bool board_line(board_line_t *line);
// NULL: the board keeps nothing.
const board_flash_t *board_flash(void);
rns_us_t board_now(void);
// Sleeps until an interrupt or, as some lines have none, a millisecond at most.
void board_idle(void);
// Called in each turn of the loop: without it the board is reset after some seconds.
void board_alive(void);
bool board_entropy(void *user, uint8_t *out, size_t size);
// Shows a text to whoever watches the board.
void board_print(const char *text);
// The firmware cannot go on: whoever watches the board is told, and it stops or starts again.
_Noreturn void board_stop(const char *why);

#endif
