// lines.h -- lines of any length from stdin, read on a thread of their own so that the node goes
// on.
#ifndef CONFORMANCE_LINES_H_INCLUDED
#define CONFORMANCE_LINES_H_INCLUDED

#include <stdbool.h>

#include <uv.h>

// Starts the thread. False: it cannot.
bool lines_open(void);

// While set, each line that comes wakes this up.
void lines_wake(uv_async_t *async);

// The next line, the caller's to free; NULL: none has come yet, or *is_over.
char *lines_take(bool *is_over);
// The same, waiting for one; NULL: there are no more.
char *lines_wait(void);

#endif
