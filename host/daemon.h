// host/daemon.h -- a node as a program of its own: memory, clocks, entropy, interfaces, signals.
#ifndef HOST_DAEMON_H_INCLUDED
#define HOST_DAEMON_H_INCLUDED

#include <stdbool.h>

#include <uv.h>

#include "host/config.h"
#include "rns/rns.h"

#define DAEMON_EXIT_PANIC 255 // what the reference ends with when it cannot go on

typedef struct daemon daemon_t;

typedef struct {
    const config_t *config; // both are borrowed for as long as the daemon lives
    const char *directory;  // of the configuration; status.json goes there
    // What the node has to say. May be NULL. The rules of rns_config_t.on_event hold.
    void (*on_event)(void *user, rns_node_t *node, const rns_event_t *event);
    void *user;
    bool with_signals; // SIGINT, SIGTERM and SIGHUP end it, SIGUSR1 writes status.json and
                       // storage/rnmem.json
    bool is_only;      // is refused while another such daemon serves this directory (pidfile.h)
    bool is_still;     // opens no interface and stores nothing: for programs that look at keys
} daemon_options_t;

// Opens the node and its interfaces. NULL: it cannot, the log says why, and nothing is left open.
daemon_t *daemon_open(const daemon_options_t *options);

// Runs until daemon_stop() or a signal. Returns the exit code.
int daemon_run(daemon_t *daemon);

// The same in pieces, for programs that do one thing after the other: waits for what comes next,
// and works it off. False: daemon_stop() was called, or a signal came.
bool daemon_turn(daemon_t *daemon);

// Ends daemon_run() after this turn, with this exit code. From the loop's thread.
void daemon_stop(daemon_t *daemon, int exit_code);

// Closes the interfaces and the node and frees everything. Takes NULL.
void daemon_close(daemon_t *daemon);

// Writes what is to be written, now. False: not all could be written, the log says why.
bool daemon_save(daemon_t *daemon);

rns_node_t *daemon_node(daemon_t *daemon);
uv_loop_t *daemon_loop(daemon_t *daemon);

// Call it after using the node elsewhere than in on_event: what it has to send goes out.
void daemon_wake(daemon_t *daemon);

#endif
