// host/interface_type.h -- the reference's types of interfaces, and what those of one type have in
// common, whether the host has them or not.
#ifndef HOST_INTERFACE_TYPE_H_INCLUDED
#define HOST_INTERFACE_TYPE_H_INCLUDED

#include <stdbool.h>
#include <stdint.h>

#include "host/config.h"
#include "rns/iface.h"

// What interfaces of one type have in common (the reference's class attributes).
typedef struct {
    uint32_t bitrate; // bit/s that it guesses; 0: it knows, from its port or its radio
    uint32_t hw_mtu;  // bytes; AUTO: what the bitrate allows takes its place
    rns_mtu_kind_t mtu_kind;
    bool small_ifac, no_ingress_limit; // as of radios and serial lines (rns_iface_config_t)
} interface_kind_t;

typedef struct {
    const char *name; // the option `type` of a section
    interface_kind_t kind;
    bool built;         // false: its sections are left out with a warning
    config_type_t type; // of what is built
} interface_type_t;

// NULL: the reference has no type of this name. It compares names, of which there are 14.
const interface_type_t *interface_type_find(const char *name);

// Of the interfaces that a section of this type opens.
const interface_kind_t *interface_kind(config_type_t type);

#endif
