// host/config_interface.h -- inside host/config: the section [interfaces].
#ifndef HOST_CONFIG_INTERFACE_H_INCLUDED
#define HOST_CONFIG_INTERFACE_H_INCLUDED

#include "host/setting.h"

void config_read_interfaces(config_t *config, const configobj_entry_t *section);

#endif
