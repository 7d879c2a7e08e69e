// host/memory.h -- the memory of a node on a system with virtual memory.
#ifndef HOST_MEMORY_H_INCLUDED
#define HOST_MEMORY_H_INCLUDED

#include <stdbool.h>

#include "rns/node.h"

// Maps the regions that rns_plan() asks for (profile and count must be set) and puts them into the
// config, as zeroed. They are address space only: a page takes memory when it is first written.
// False: the system refuses, errno says why; nothing is mapped.
bool memory_open(rns_config_t *config);

// Gives the regions back, after rns_close(). What was not mapped is left alone.
void memory_close(rns_config_t *config);

#endif
