// tcp.c -- see tcp.h. Follows RNS/Interfaces/TCPInterface.py.
#include "host/interfaces/tcp.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

// Seconds, but for probes.
typedef struct {
    int user_timeout, probe_after, probe_interval, probes;
} patience_t;

static const patience_t direct = {24, 5, 2, 12};   // TCP_USER_TIMEOUT, TCP_PROBE_*
static const patience_t over_i2p = {45, 10, 9, 5}; // I2P_USER_TIMEOUT, I2P_PROBE_*

int tcp_socket(int family) {
    const int fd = socket(family, SOCK_STREAM, 0);
    if (fd < 0) {
        return -1;
    }
    const int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 ||
        fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

// A system without an option does without it, as the reference does.
static void set(int fd, int level, int name, int value) {
    (void)setsockopt(fd, level, name, &value, sizeof value);
}

void tcp_tune(int fd, bool i2p_tunneled) {
    const patience_t *patience = i2p_tunneled ? &over_i2p : &direct;
    set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
#if defined(TCP_USER_TIMEOUT)
    set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, patience->user_timeout * 1000);
#endif
#if defined(TCP_KEEPIDLE)
    set(fd, IPPROTO_TCP, TCP_KEEPIDLE, patience->probe_after);
    set(fd, IPPROTO_TCP, TCP_KEEPINTVL, patience->probe_interval);
    set(fd, IPPROTO_TCP, TCP_KEEPCNT, patience->probes);
#elif defined(TCP_KEEPALIVE)
    set(fd, IPPROTO_TCP, TCP_KEEPALIVE, patience->probe_after);
#endif
}
