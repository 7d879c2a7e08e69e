#include "flash.h"

bool flash_has(const board_flash_t *flash, uint32_t at, size_t size) {
    const uint32_t most = flash->sectors * flash->sector_bytes;
    return at <= most && size <= most - at;
}

bool flash_takes(const board_flash_t *flash, uint32_t at, size_t size) {
    uint8_t unit[BOARD_FLASH_UNIT];
    if (!flash_has(flash, at, size) || at % sizeof unit != 0 || size % sizeof unit != 0) {
        return false;
    }
    for (size_t done = 0; done < size; done += sizeof unit) {
        if (!flash->read(flash->self, at + (uint32_t)done, (rns_mem_t){unit, sizeof unit})) {
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
