// host/pump.h -- what joins a node and its interfaces in a libuv loop.
//
// A turn of the loop feeds what was read, ticks the node when that is due or frames were taken, and
// then lets each interface that has something to send write once. All of it is one thread; worker
// threads see nothing but signatures to check (host/verify.h).
#ifndef HOST_PUMP_H_INCLUDED
#define HOST_PUMP_H_INCLUDED

#include <stdbool.h>
#include <stddef.h>

#include <uv.h>

#include "host/verify.h"
#include "rns/rns.h"

#define PUMP_READ_MOST  262144U // bytes that one call takes from a socket
#define PUMP_WRITE_MOST 262144U // bytes of frames that are gathered for one write
#define PUMP_FRAME_MOST 524352U // bytes of the longest frame: the largest row and an access code
#define PUMP_CARRY_MOST 4096U   // bytes of an unfinished frame that are moved before a read

typedef struct pump pump_t;
typedef struct port port_t;

// What the pump asks of an interface. Each may close the port.
typedef struct {
    void (*drain)(port_t *port);  // send what the node has for it, or hold it
    void (*resume)(port_t *port); // the node takes frames again: go on where you stopped
    void (*close)(port_t *port);  // the end: close all handles and remove the port
    // Does its output wait for the system? May be NULL. If some of it has gone out since the last
    // time, it has held the port again: the node waits for what moves.
    bool (*waits)(port_t *port);
} port_kind_t;

// Bytes that never became a frame for the node, by reason (rns/framing.h).
typedef struct {
    uint64_t noise, too_short, too_long, overrun;
} port_drops_t;

// One interface of the node. It stands at the start of what drives it, which sets kind and pump.
struct port {
    const port_kind_t *kind;
    pump_t *pump;
    rns_iface_t iface; // {0, 0} until port_add()
    char name[120];    // the reference's display string
    size_t frame_most; // bytes of the longest frame, with its access code
    port_drops_t drops;
    port_t *next, *prior; // all ports of the pump
    port_t *next_stalled;
    bool stalled; // the node does not take its frames now
};

struct pump {
    uv_loop_t *loop;
    rns_node_t *node;
    verify_t *verify; // NULL: the node checks signatures in its ticks
    uv_check_t check;
    uv_timer_t timer;
    uv_timer_t outputs; // runs while one waits
    uv_idle_t idle;
    rns_us_t armed;   // what the timer is set to
    bool took;        // frames or answers since the last tick
    bool frames;      // since the last turn
    port_t *ports;    // all
    port_t *stalled;  // those that wait for the node
    port_t **by_slot; // of the interface's handle
    size_t slots;
    uint8_t *read_buffer, *write_buffer; // see below
    int64_t wall_offset;                 // wall time less monotonic time, as the node knows it
    rns_us_t drained_at;                 // when what was to be sent went out last
    rns_us_t wall_checked;
    void (*failed)(void *user, const port_t *port); // an interface is given up; may be NULL
    void *user;
};

// Joins the node to the loop. threads: workers that check signatures. False: no memory.
bool pump_open(pump_t *pump, uv_loop_t *loop, rns_node_t *node, const rns_crypto_t *crypto,
               unsigned threads);

// Does a turn's work in the next turn of the loop: call it after using the node from elsewhere than
// its callback or a port.
void pump_wake(pump_t *pump);

// Lets the interfaces send what waits, once, and closes all ports and handles; then run the loop
// until it has none left, and call pump_free().
void pump_close(pump_t *pump);
void pump_free(pump_t *pump);

// The port of an interface, NULL if it has none.
const port_t *pump_port(const pump_t *pump, rns_iface_t iface);

// ---- For those who drive interfaces, from the loop's thread.

// Adds an interface to the node and its port to the pump. Errors are the caller's to tell.
rns_err_t port_add(port_t *port, const rns_iface_config_t *config);
// The opposite; nothing happens to a port that was not added. What the node still has for it is
// dropped.
void port_remove(port_t *port);
void port_online(port_t *port, bool online);
// The output is full, or free again; also true each time that some of a full one has gone out.
void port_hold(port_t *port, bool held);
// The port's output waits for the system: its waits() is asked from time to time.
void port_waits(port_t *port);
// The interface can never work again: the daemon is told.
void port_failed(port_t *port);

// Gives a frame to the node, in place.
void port_take(port_t *port, rns_us_t now, rns_mem_t frame);
void port_take_batch(port_t *port, rns_us_t now, const rns_mem_t *frames, size_t count);
// False: the node takes no frames of this stream now, even after all was sent that could be.
// resume() is called when it does.
bool port_ready(port_t *port);

// Shared by all ports, for the length of a call: where bytes are read (PUMP_CARRY_MOST and
// PUMP_READ_MOST) and where frames are put together (PUMP_WRITE_MOST and the longest frame,
// framed).
rns_mem_t pump_read_buffer(pump_t *pump);
rns_mem_t pump_write_buffer(pump_t *pump);

#endif
