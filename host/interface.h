// host/interface.h -- from a section of the configuration to a running interface.
#ifndef HOST_INTERFACE_H_INCLUDED
#define HOST_INTERFACE_H_INCLUDED

#include <stdbool.h>

#include "host/config.h"
#include "host/interface_type.h"
#include "host/pump.h"

#define INTERFACE_NAME 120U // bytes of a display string, with its NUL

// Fills config from the options that all interfaces share. name and settings are borrowed.
void interface_config(const config_interface_t *settings, const interface_kind_t *kind,
                      const char *name, rns_iface_config_t *config);

// The same for what an interface spawns: a connection of a listener.
void interface_spawned_config(const config_interface_t *settings, const interface_kind_t *kind,
                              const char *name, rns_iface_config_t *config);

// Opens the interface of a section; it lives until the pump is closed. settings is borrowed for
// that long. False: it cannot be opened, the log says why.
bool interface_open(pump_t *pump, const config_interface_t *settings);

// What interface_open() stands on, one for each type.
bool tcp_server_open(pump_t *pump, const config_interface_t *settings);
bool tcp_client_open(pump_t *pump, const config_interface_t *settings);
bool udp_open(pump_t *pump, const config_interface_t *settings);

// For these: logs why an interface cannot be opened, and returns false.
bool interface_refuse(const config_interface_t *settings, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
