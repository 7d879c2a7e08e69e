// host/interfaces/tcp.h -- what both ends of a TCP connection share.
#ifndef HOST_INTERFACES_TCP_H_INCLUDED
#define HOST_INTERFACES_TCP_H_INCLUDED

#include <stdbool.h>

#include "host/interface.h"

// A non-blocking socket that is not handed to child processes. -1: errno says why.
int tcp_socket(int family);

// Options of a connected socket: no delay, and how soon a dead peer is noticed.
void tcp_tune(int fd, bool i2p_tunneled);

#endif
