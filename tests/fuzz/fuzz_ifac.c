// Byte 0 chooses the size of the code, the rest is a frame: opening it and sealing what is in it
// again. What checks must be the frame that sealing makes; and what was sealed must open.
#include <stdlib.h>
#include <string.h>

#include "wire/ifac.h"
#include "fuzz.h"

static rnsi_ifac_t network(uint8_t size) {
    static const uint8_t name[] = "reticule net", passphrase[] = "open sesame";
    rnsi_ifac_t ifac;
    REQUIRE(rnsi_ifac_derive(fuzz_crypto(), (rns_bytes_t){name, sizeof name - 1},
                             (rns_bytes_t){passphrase, sizeof passphrase - 1}, size, &ifac));
    return ifac;
}

static void check_opening(const rnsi_ifac_t *ifac, const uint8_t *data, size_t size) {
    uint8_t *memory = malloc(size > 0 ? size : 1);
    REQUIRE(memory != NULL);
    memcpy(memory, data, size);
    rns_mem_t packet;
    if (!rnsi_ifac_unmask(fuzz_crypto(), ifac, (rns_mem_t){memory, size}, &packet)) {
        REQUIRE(memcmp(memory, data, size) == 0);
    } else {
        REQUIRE(packet.data == memory + ifac->size && packet.size + ifac->size == size);
        REQUIRE((packet.data[0] & 0x80) == 0);
        const rns_bytes_t view = {packet.data, packet.size};
        if (rnsi_ifac_check(fuzz_crypto(), ifac, view, rnsi_ifac_code(ifac, packet))) {
            const rns_mem_t frame = rnsi_ifac_seal(fuzz_crypto(), ifac, packet);
            REQUIRE(frame.data == memory && frame.size == size && memcmp(memory, data, size) == 0);
        }
    }
    free(memory);
}

static void check_sealing(const rnsi_ifac_t *ifac, const uint8_t *data, size_t size) {
    uint8_t *memory = malloc(ifac->size + size);
    REQUIRE(memory != NULL);
    rns_mem_t packet = {memory + ifac->size, size};
    memcpy(packet.data, data, size);
    packet.data[0] &= 0x7F;
    const rns_mem_t frame = rnsi_ifac_seal(fuzz_crypto(), ifac, packet);
    REQUIRE(frame.data == memory && frame.size == size + ifac->size && frame.data[0] >= 0x80);
    REQUIRE(rnsi_ifac_unmask(fuzz_crypto(), ifac, frame, &packet));
    REQUIRE(packet.size == size && packet.data[0] == (data[0] & 0x7F));
    REQUIRE(memcmp(packet.data + 1, data + 1, size - 1) == 0);
    REQUIRE(rnsi_ifac_check(fuzz_crypto(), ifac, (rns_bytes_t){packet.data, packet.size},
                            rnsi_ifac_code(ifac, packet)));
    free(memory);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) {
        return 0;
    }
    const rnsi_ifac_t ifac = network((uint8_t)(data[0] % 64 + 1));
    check_opening(&ifac, data + 1, size - 1);
    if (size > 3) {
        check_sealing(&ifac, data + 1, size - 1);
    }
    return 0;
}
