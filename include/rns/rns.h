// rns.h -- the Reticulum stack as a sans-I/O library: no heap, no globals, no clock, no sockets.
#ifndef RNS_H_INCLUDED
#define RNS_H_INCLUDED

#include "rns/types.h"
#include "rns/errors.h"
#include "rns/memory.h"
#include "rns/crypto.h"
#include "rns/store.h"
#include "rns/event.h"
#include "rns/node.h"
#include "rns/iface.h"
#include "rns/identity.h"
#include "rns/destination.h"
#include "rns/path.h"
#include "rns/compress.h"
#include "rns/resource.h"
#include "rns/link.h"
#include "rns/channel.h"
#include "rns/request.h"
#include "rns/inspect.h"
#include "rns/inspect_link.h"
#include "rns/inspect_destination.h"

#endif
