// bench/net.h -- sockets, clocks and HDLC framing for the programs of bench/. Written apart from
// the core on purpose: a bench that used the core's framing would move together with it.
#ifndef BENCH_NET_H
#define BENCH_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HDLC_FLAG       0x7eU
#define HDLC_ESCAPE     0x7dU
#define HDLC_FLIP       0x20U
#define HDLC_ENCODED(n) ((size_t)2 * (n) + 2) // bytes that a frame of n bytes takes at most
#define FRAME_BYTES     2048U                 // the longest frame that these programs take whole
#define READ_BYTES      262144U

// Prints a message (and errno when it is set) and ends the program.
_Noreturn void bench_die(const char *what);
void *bench_alloc(size_t count, size_t size); // zeroed; ends the program when there is none

int64_t bench_now_us(void); // CLOCK_MONOTONIC, the clock of Python's time.monotonic()

int bench_connect(uint16_t port); // to 127.0.0.1; waits up to 10 s for a listener; non-blocking
int bench_listen(uint16_t *port); // on 127.0.0.1; 0 takes a free port and stores it
int bench_accept(int listener);   // non-blocking

// 1: something was read, 0: nothing there now. Ends the program when the peer has closed.
size_t bench_read(int fd, uint8_t *into, size_t size);
// Bytes that were taken, 0 when the socket is full. Ends the program when the peer has closed.
size_t bench_write(int fd, const uint8_t *from, size_t size);
bool bench_wait(int fd, short events, int timeout_ms);

// Flags and escaped bytes; `to` holds HDLC_ENCODED(size). Returns the bytes written.
size_t hdlc_encode(uint8_t *to, const uint8_t *from, size_t size);
// Undoes the escapes of what stands between two flags; to may be from. Returns the bytes written.
size_t hdlc_decode(uint8_t *to, const uint8_t *from, size_t size);

// Counts frames of at least `least` bytes (as they stand on the wire) without looking into them.
typedef struct {
    size_t partial; // bytes since the last flag
} hdlc_counter_t;
size_t hdlc_count(hdlc_counter_t *counter, const uint8_t *data, size_t size, size_t least);

// Takes frames whole. Feeds on one byte stream; what is longer than FRAME_BYTES is left out.
typedef struct {
    uint8_t raw[HDLC_ENCODED(FRAME_BYTES)];
    size_t size;
} hdlc_stream_t;
typedef void (*hdlc_frame_fn)(void *user, uint8_t *frame, size_t size);
void hdlc_feed(hdlc_stream_t *stream, const uint8_t *data, size_t size, hdlc_frame_fn on_frame,
               void *user);

#endif
