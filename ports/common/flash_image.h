// flash_image.h -- flash for boards whose emulator keeps none: a file of the host, as large as the
// flash, behind the same driver. Erase before write is enforced, not assumed.
#ifndef PORTS_FLASH_IMAGE_H_INCLUDED
#define PORTS_FLASH_IMAGE_H_INCLUDED

#include "board.h"

#define FLASH_IMAGE_SECTORS      16U
#define FLASH_IMAGE_SECTOR_BYTES 4096U

// NULL: the file cannot be opened. One only.
const board_flash_t *flash_image_open(const char *path);

#endif
