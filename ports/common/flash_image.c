#include "flash_image.h"

#include <string.h>

#include "flash.h"
#include "semihost.h"

static int file;

static bool image_read(void *self, uint32_t at, rns_mem_t out) {
    return flash_has(self, at, out.size) && semihost_seek(file, at) &&
           semihost_read(file, out) == out.size;
}

static bool image_write(void *self, uint32_t at, rns_bytes_t bytes) {
    return flash_takes(self, at, bytes.size) && semihost_seek(file, at) &&
           semihost_write(file, bytes) == bytes.size;
}

static bool image_erase(void *self, uint32_t sector) {
    const board_flash_t *flash = self;
    uint8_t erased[256];
    if (sector >= flash->sectors || !semihost_seek(file, sector * flash->sector_bytes)) {
        return false;
    }
    memset(erased, 0xFF, sizeof erased);
    for (size_t done = 0; done < flash->sector_bytes; done += sizeof erased) {
        if (semihost_write(file, (rns_bytes_t){erased, sizeof erased}) != sizeof erased) {
            return false;
        }
    }
    return true;
}

const board_flash_t *flash_image_open(const char *path) {
    static board_flash_t flash = {FLASH_IMAGE_SECTORS, FLASH_IMAGE_SECTOR_BYTES,
                                  image_read,          image_write,
                                  image_erase,         &flash};
    file = semihost_open(path, SEMIHOST_UPDATE);
    return file >= 0 ? &flash : NULL;
}
