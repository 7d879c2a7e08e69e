// BULK as a static array that the linker puts into external RAM (board.ld).
#include "board.h"
#include "rns/static.h"

static __attribute__((section(".bulk"))) _Alignas(
    RNS_STATIC_ALIGN) uint8_t bulk[RNS_STATIC_BULK_BYTES(MCU)];

uint8_t *board_bulk(size_t size) {
    return size <= sizeof bulk ? bulk : NULL;
}
