#include "net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define CONNECT_TRIES    1000
#define CONNECT_PAUSE_US 10000

_Noreturn void bench_die(const char *what) {
    fprintf(stderr, "bench: %s%s%s\n", what, errno ? ": " : "", errno ? strerror(errno) : "");
    exit(1);
}

void *bench_alloc(size_t count, size_t size) {
    void *memory = calloc(count, size);
    if (!memory) {
        bench_die("out of memory");
    }
    return memory;
}

int64_t bench_now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static struct sockaddr_in loopback(uint16_t port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static int prepare(int fd) {
    int on = 1;
    if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0 ||
        fcntl(fd, F_SETFL, O_NONBLOCK) != 0) {
        bench_die("socket option");
    }
    return fd;
}

int bench_connect(uint16_t port) {
    struct sockaddr_in address = loopback(port);
    for (int i = 0; i < CONNECT_TRIES; i++) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0) {
            bench_die("socket");
        }
        if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0) {
            return prepare(fd);
        }
        close(fd);
        usleep(CONNECT_PAUSE_US);
    }
    bench_die("connect");
}

int bench_listen(uint16_t *port) {
    struct sockaddr_in address = loopback(*port);
    socklen_t size = sizeof address;
    int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(fd, (const struct sockaddr *)&address, sizeof address) != 0 || listen(fd, 16) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) != 0) {
        bench_die("listen");
    }
    *port = ntohs(address.sin_port);
    return fd;
}

int bench_accept(int listener) {
    int fd = accept(listener, NULL, NULL);
    if (fd < 0) {
        bench_die("accept");
    }
    return prepare(fd);
}

size_t bench_read(int fd, uint8_t *into, size_t size) {
    ssize_t got = read(fd, into, size);
    if (got > 0) {
        return (size_t)got;
    }
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        return 0;
    }
    bench_die("the peer closed the connection");
}

size_t bench_write(int fd, const uint8_t *from, size_t size) {
    ssize_t put = send(fd, from, size, MSG_NOSIGNAL);
    if (put >= 0) {
        return (size_t)put;
    }
    if (errno == EAGAIN || errno == EINTR) {
        return 0;
    }
    bench_die("the peer closed the connection");
}

bool bench_wait(int fd, short events, int timeout_ms) {
    struct pollfd poll_fd = {.fd = fd, .events = events};
    return poll(&poll_fd, 1, timeout_ms) > 0;
}

// Copies up to the next byte that needs an escape; returns the bytes copied.
static size_t copy_plain(uint8_t *to, const uint8_t *from, size_t size) {
    size_t i = 0;
#ifdef __SSE2__
    const __m128i flag = _mm_set1_epi8((char)HDLC_FLAG);
    const __m128i escape = _mm_set1_epi8((char)HDLC_ESCAPE);
    for (; i + 16 <= size; i += 16) {
        __m128i block = _mm_loadu_si128((const __m128i *)(const void *)(from + i));
        __m128i found = _mm_or_si128(_mm_cmpeq_epi8(block, flag), _mm_cmpeq_epi8(block, escape));
        // The whole block may be stored: there is always room, and what is past a hit is replaced.
        _mm_storeu_si128((__m128i *)(void *)(to + i), block);
        unsigned mask = (unsigned)_mm_movemask_epi8(found);
        if (mask) {
            return i + (size_t)__builtin_ctz(mask);
        }
    }
#endif
    for (; i < size && from[i] != HDLC_FLAG && from[i] != HDLC_ESCAPE; i++) {
        to[i] = from[i];
    }
    return i;
}

size_t hdlc_encode(uint8_t *to, const uint8_t *from, size_t size) {
    size_t out = 0;
    to[out++] = HDLC_FLAG;
    for (size_t in = 0; in < size;) {
        size_t plain = copy_plain(to + out, from + in, size - in);
        in += plain;
        out += plain;
        if (in < size) {
            to[out++] = HDLC_ESCAPE;
            to[out++] = (uint8_t)(from[in++] ^ HDLC_FLIP);
        }
    }
    to[out++] = HDLC_FLAG;
    return out;
}

size_t hdlc_decode(uint8_t *to, const uint8_t *from, size_t size) {
    size_t out = 0;
    while (size > 0) {
        const uint8_t *escape = memchr(from, (int)HDLC_ESCAPE, size);
        size_t plain = escape ? (size_t)(escape - from) : size;
        memmove(to + out, from, plain);
        out += plain;
        from += plain;
        size -= plain;
        if (size >= 2) {
            to[out++] = (uint8_t)(from[1] ^ HDLC_FLIP);
            from += 2;
            size -= 2;
        } else {
            break;
        }
    }
    return out;
}

size_t hdlc_count(hdlc_counter_t *counter, const uint8_t *data, size_t size, size_t least) {
    size_t frames = 0;
    while (size > 0) {
        const uint8_t *flag = memchr(data, (int)HDLC_FLAG, size);
        if (!flag) {
            counter->partial += size;
            break;
        }
        size_t part = (size_t)(flag - data);
        frames += counter->partial + part >= least;
        counter->partial = 0;
        data += part + 1;
        size -= part + 1;
    }
    return frames;
}

void hdlc_feed(hdlc_stream_t *stream, const uint8_t *data, size_t size, hdlc_frame_fn on_frame,
               void *user) {
    while (size > 0) {
        const uint8_t *flag = memchr(data, (int)HDLC_FLAG, size);
        size_t part = flag ? (size_t)(flag - data) : size;
        size_t room = sizeof stream->raw - stream->size;
        memcpy(stream->raw + stream->size, data, part < room ? part : room);
        stream->size += part < room ? part : room;
        if (!flag) {
            return;
        }
        if (stream->size > 0 && stream->size < sizeof stream->raw) {
            on_frame(user, stream->raw, hdlc_decode(stream->raw, stream->raw, stream->size));
        }
        stream->size = 0;
        data += part + 1;
        size -= part + 1;
    }
}
