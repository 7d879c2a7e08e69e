#include "flash_image.h"

#include <string.h>

#include "semihost.h"

#define SIZE (FLASH_IMAGE_SECTORS * FLASH_IMAGE_SECTOR_BYTES)

static bool inside(uint32_t at, size_t size) {
    return at <= SIZE && size <= SIZE - at;
}

static bool image_read(void *self, uint32_t at, rns_mem_t out) {
    const int file = *(const int *)self;
    return inside(at, out.size) && semihost_seek(file, at) && semihost_read(file, out) == out.size;
}

static bool is_erased(void *self, uint32_t at, size_t size) {
    uint8_t unit[BOARD_FLASH_UNIT];
    for (size_t done = 0; done < size; done += sizeof unit) {
        if (!image_read(self, at + (uint32_t)done, (rns_mem_t){unit, sizeof unit})) {
            return false;
        }
        for (size_t i = 0; i < sizeof unit; i++) {
            if (unit[i] != 0xFF) {
                return false;
            }
        }
    }
    return true;
}

static bool image_write(void *self, uint32_t at, rns_bytes_t bytes) {
    const int file = *(const int *)self;
    if (!inside(at, bytes.size) || at % BOARD_FLASH_UNIT != 0 ||
        bytes.size % BOARD_FLASH_UNIT != 0 || !is_erased(self, at, bytes.size)) {
        return false;
    }
    return semihost_seek(file, at) && semihost_write(file, bytes) == bytes.size;
}

static bool image_erase(void *self, uint32_t sector) {
    const int file = *(const int *)self;
    uint8_t erased[256];
    if (sector >= FLASH_IMAGE_SECTORS || !semihost_seek(file, sector * FLASH_IMAGE_SECTOR_BYTES)) {
        return false;
    }
    memset(erased, 0xFF, sizeof erased);
    for (size_t done = 0; done < FLASH_IMAGE_SECTOR_BYTES; done += sizeof erased) {
        if (semihost_write(file, (rns_bytes_t){erased, sizeof erased}) != sizeof erased) {
            return false;
        }
    }
    return true;
}

const board_flash_t *flash_image_open(const char *path) {
    static int file;
    static board_flash_t flash = {
        FLASH_IMAGE_SECTORS, FLASH_IMAGE_SECTOR_BYTES, image_read, image_write, image_erase, &file};
    file = semihost_open(path, SEMIHOST_UPDATE);
    return file >= 0 ? &flash : NULL;
}
