// resource_memory.c -- a source over bytes in memory, and a sink into memory.
#include <string.h>

#include "rns/resource.h"

static size_t read_memory(void *user, uint64_t offset, rns_mem_t out) {
    const rns_bytes_t *memory = user;
    if (offset >= memory->size) {
        return 0;
    }
    const size_t left = memory->size - (size_t)offset;
    const size_t size = left < out.size ? left : out.size;
    memcpy(out.data, memory->data + offset, size);
    return size;
}

rns_source_t rns_source_of(rns_bytes_t *memory) {
    return (rns_source_t){read_memory, memory};
}

static bool write_memory(void *user, rns_bytes_t data) {
    rns_memory_sink_t *memory = user;
    if (data.size > memory->mem.size - memory->used) {
        return false;
    }
    if (data.size > 0) {
        memcpy(memory->mem.data + memory->used, data.data, data.size);
    }
    memory->used += data.size;
    return true;
}

static bool commit_memory(void *user) {
    rns_memory_sink_t *memory = user;
    memory->committed = memory->used;
    return true;
}

static void abort_memory(void *user) {
    rns_memory_sink_t *memory = user;
    memory->used = memory->committed;
}

rns_sink_t rns_sink_to(rns_memory_sink_t *memory) {
    return (rns_sink_t){write_memory, commit_memory, abort_memory, memory};
}
