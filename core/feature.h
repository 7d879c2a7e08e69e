// feature.h -- what a firmware may leave out of the core to save flash, as -DRNS_WITH_NAME=0.
//
// All is there by default, and nothing is in an #if: the constants stand in conditions, so that
// every build compiles every line, and the linker (-ffunction-sections, --gc-sections) drops what
// cannot be reached. What is left out is refused with RNS_ERR_STATE where the application asks for
// it, and counted as RNS_RX_NOT_NOW where it comes from the network. docs/FOOTPRINT.md has the
// sizes.
#ifndef RNSI_FEATURE_H_INCLUDED
#define RNSI_FEATURE_H_INCLUDED

// Packets, links and announces are sent on for others; path requests of others are answered.
#ifndef RNS_WITH_TRANSPORT
#define RNS_WITH_TRANSPORT 1
#endif

// Channels, and the streams of bytes that run over them.
#ifndef RNS_WITH_CHANNELS
#define RNS_WITH_CHANNELS 1
#endif

// Resources: what is larger than a packet, also requests and their answers.
#ifndef RNS_WITH_RESOURCES
#define RNS_WITH_RESOURCES 1
#endif

#endif
