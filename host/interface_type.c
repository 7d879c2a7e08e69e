// interface_type.c -- see interface_type.h.
#include "host/interface_type.h"

#include <string.h>

#include "core/rules.h"

#define MBIT 1000000U

#define TCP_BITRATE     (10 * MBIT) // TCPServerInterface.BITRATE_GUESS, and of the client
#define TCP_HW_MTU      262144U     // TCPInterface.HW_MTU
#define BACKBONE_HW_MTU 1048576U    // BackboneInterface.HW_MTU

// Bytes of the access code by default, and whether bursts of announces are held.
#define LARGE   .small_ifac = false
#define SMALL   .small_ifac = true
#define LIMITED .no_ingress_limit = false
#define FREE    .no_ingress_limit = true

#define BUILT(type, name, ...) [type] = {name, {__VA_ARGS__}, true, type}
#define LATER(name, ...)                                                                           \
    { name, {__VA_ARGS__}, false, (config_type_t)0 }

// clang-format off
static const interface_type_t TYPES[] = {
    BUILT(CONFIG_TCP_SERVER, "TCPServerInterface",
          TCP_BITRATE, TCP_HW_MTU, RNS_MTU_AUTO, LARGE, LIMITED),
    BUILT(CONFIG_TCP_CLIENT, "TCPClientInterface",
          TCP_BITRATE, TCP_HW_MTU, RNS_MTU_AUTO, LARGE, LIMITED),
    BUILT(CONFIG_UDP, "UDPInterface", 10 * MBIT, 1064, RNS_MTU_NONE, LARGE, LIMITED),
    LATER("AutoInterface",       10 * MBIT, 1196, RNS_MTU_FIXED, LARGE, LIMITED),
    LATER("BackboneInterface",
          RNSI_BACKBONE_BITRATE, BACKBONE_HW_MTU, RNS_MTU_AUTO, LARGE, LIMITED),
    LATER("BackboneClientInterface",
          100 * MBIT, BACKBONE_HW_MTU, RNS_MTU_AUTO, LARGE, LIMITED),
    LATER("I2PInterface",        256000, 1064, RNS_MTU_NONE,  LARGE, LIMITED),
    LATER("SerialInterface",     0,      564,  RNS_MTU_NONE,  SMALL, FREE),
    LATER("PipeInterface",       MBIT,   1064, RNS_MTU_NONE,  SMALL, LIMITED),
    LATER("KISSInterface",       1200,   564,  RNS_MTU_NONE,  SMALL, FREE),
    LATER("AX25KISSInterface",   1200,   564,  RNS_MTU_NONE,  SMALL, FREE),
    LATER("RNodeInterface",      0,      508,  RNS_MTU_NONE,  SMALL, FREE),
    LATER("RNodeMultiInterface", 0,      508,  RNS_MTU_NONE,  SMALL, FREE), // not so its parts
    LATER("WeaveInterface",      250000, 1024, RNS_MTU_FIXED, LARGE, LIMITED),
};
// clang-format on
#define COUNT (sizeof TYPES / sizeof TYPES[0])

const interface_type_t *interface_type_find(const char *name) {
    for (size_t i = 0; i < COUNT; i++) {
        if (strcmp(TYPES[i].name, name) == 0) {
            return &TYPES[i];
        }
    }
    return NULL;
}

const interface_kind_t *interface_kind(config_type_t type) {
    return &TYPES[type].kind;
}
