// bench/pump.h -- one run: packets into a node and out again, on one thread.
#ifndef BENCH_PUMP_H
#define BENCH_PUMP_H

#include "session.h"

typedef struct {
    size_t window;    // packets under way at most; SIZE_MAX: as fast as the sockets take them
    size_t count;     // packets to send at most
    int64_t limit_us; // sending ends after this, too
} run_t;

typedef struct {
    size_t sent, received;
    size_t stalls;      // times that nothing came for three seconds: what was under way is lost
    int64_t elapsed_us; // from the first write to the last arrival
    int64_t pause_us;   // the longest time without an arrival
} result_t;

// Empties the connections, then sends and counts; ends when all has arrived or nothing comes.
void pump_run(session_t *session, const run_t *run, result_t *result);

// One packet at a time; stores the way of each in microseconds, returns how many.
size_t pump_latency(session_t *session, double *us, size_t count, int64_t limit_us);

#endif
