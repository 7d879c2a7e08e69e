// host/verify.h -- worker threads that check signatures for a node.
//
// The node stays on its one thread: that thread hands out jobs and takes the answers, a fixed
// number of jobs is under way at most, and nothing is allocated after verify_open().
#ifndef HOST_VERIFY_H_INCLUDED
#define HOST_VERIFY_H_INCLUDED

#include <stdbool.h>
#include <stddef.h>

#include <uv.h>

#include "rns/node.h"

#define VERIFY_THREADS_MAX 16U
#define VERIFY_JOBS        64U // under way at most

typedef struct verify verify_t;

// Starts `threads` workers, 1 to VERIFY_THREADS_MAX. A worker with answers wakes the loop. The
// crypto provider must allow several threads (self_is_shared). NULL: it does not, or the system
// refuses.
verify_t *verify_open(uv_loop_t *loop, const rns_crypto_t *crypto, unsigned threads);

// How many workers a machine of so many cores gets: all but the one that the loop runs on.
unsigned verify_default_threads(void);

// Hands jobs of the node to the workers. True: they have all they can take, and more may wait.
bool verify_feed(verify_t *verify, rns_node_t *node);

// Hands the answers that are there to the node. Returns how many.
size_t verify_collect(verify_t *verify, rns_node_t *node, rns_us_t now);

// Checks up to `most` jobs of the node on this thread. Returns how many it found.
size_t verify_here(verify_t *verify, rns_node_t *node, size_t most);

// Takes up to `most` jobs back that no worker has begun, and checks them on this thread. Returns
// how many.
size_t verify_help(verify_t *verify, rns_node_t *node, size_t most);

// Ends the workers; what is under way is given up. Afterwards the loop must run until its handles
// are closed; then call verify_free(). Both take NULL.
void verify_close(verify_t *verify);
void verify_free(verify_t *verify);

#endif
