// flash.h -- what each driver of flash asks before it writes or reads.
#ifndef PORTS_FLASH_H_INCLUDED
#define PORTS_FLASH_H_INCLUDED

#include "board.h"

bool flash_has(const board_flash_t *flash, uint32_t at, size_t size);
// Whether these are whole units of the flash, all erased.
bool flash_takes(const board_flash_t *flash, uint32_t at, size_t size);

#endif
