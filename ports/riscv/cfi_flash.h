// cfi_flash.h -- the flash of QEMU's virt: two chips of 16 bits side by side, with Intel's command
// set, as on many boards.
#ifndef PORTS_CFI_FLASH_H_INCLUDED
#define PORTS_CFI_FLASH_H_INCLUDED

#include "../common/board.h"

// NULL: there is none at this address. One only; the first sectors of it are used.
const board_flash_t *cfi_flash_open(uintptr_t base);

#endif
