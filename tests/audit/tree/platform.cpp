// The headers of the platform are missing here, as they are on a build server.
#include "esp_heap_caps.h"
#include <Arduino.h>
#include <cstdint>

struct Sample {
    int value;
};

#define SAMPLES 16
EXT_RAM_BSS_ATTR static Sample samples[SAMPLES]; // pool samples 16 unchecked - Sample @external
static Sample *table;

void platform_memory() {
    table = (Sample *)heap_caps_malloc(sizeof(Sample) * 8, MALLOC_CAP_SPIRAM); // site platform startup - Sample @external
    void *inner = heap_caps_malloc(64, 0);       // site platform startup - void @internal
    void *outer = ps_malloc(64);                 // site platform startup - void @external
    void *os = pvPortMalloc(64);                 // site platform startup - void
    auto *kernel = static_cast<Sample *>(k_malloc(sizeof(Sample))); // site platform startup - Sample
    Serial.println(heap_caps_get_free_size(0));
    samples[0].value = 1;
    use(inner, outer, os, kernel);
}
