// The configuration file: any text gives a configuration or notes, and leaks nothing.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "host/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static config_t config;
    bool good = config_parse(&config, "config", (const char *)data, size);

    if (good != (config.error_count == 0) || config.note_count > CONFIG_NOTES_MAX) {
        abort();
    }
    for (size_t i = 0; i < config.interface_count; i++) {
        const config_interface_t *iface = &config.interfaces[i];

        if (iface->name == NULL || iface->mode < CONFIG_MODE_FULL ||
            iface->mode > CONFIG_MODE_INTERNAL || iface->announce_cap <= 0 ||
            iface->listen_port > 65535 || iface->ifac_bytes > 64) {
            abort();
        }
    }
    config_close(&config);
    return 0;
}
