// Pools of a class of a table and of slots that are found by a pointer.
#include <stdint.h>
#include <stddef.h>
#include <string.h>
#define CONFIG_MAX_NODES 16
#define EXT_RAM          __attribute__((section(".ext_ram.bss")))
typedef struct {
    uint8_t used;
    uint32_t id;
} node_t;
static node_t nodes[CONFIG_MAX_NODES]; // pool nodes 16 reject - node_t
EXT_RAM static node_t
    big_nodes[CONFIG_MAX_NODES * 4];     // pool big_nodes 64 reject - node_t @external
static node_t grid[4][CONFIG_MAX_NODES]; // pool grid 4 unchecked - node_t[16]
extern node_t elsewhere[CONFIG_MAX_NODES];
static volatile uint8_t flags[CONFIG_MAX_NODES];
node_t *node_new(uint32_t id) {
    node_t *n = NULL;
    for (node_t *p = nodes; p < nodes + CONFIG_MAX_NODES; p++)
        if (!p->used) {
            n = p;
            break;
        }
    if (n == NULL)
        return NULL;
    n->used = 1;
    n->id = id;
    return n;
}
int big_add(uint32_t id) {
    int i;
    for (i = 0; i < CONFIG_MAX_NODES * 4; i++)
        if (big_nodes[i].used == 0)
            break;
    if (i == CONFIG_MAX_NODES * 4)
        return -1;
    big_nodes[i].id = id;
    big_nodes[i].used = 1;
    return i;
}
void flag(unsigned i) {
    if (i < CONFIG_MAX_NODES)
        flags[i] = 1;
}
