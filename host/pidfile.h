// host/pidfile.h -- storage/rnsd.pid: which rnsd serves a configuration directory. What counts is
// the lock on the file, which the system takes away with the process; the number in it is for
// people.
#ifndef HOST_PIDFILE_H_INCLUDED
#define HOST_PIDFILE_H_INCLUDED

#include <stdbool.h>
#include <sys/types.h>

typedef enum {
    PIDFILE_OURS,  // the lock is held
    PIDFILE_TAKEN, // by another process
    PIDFILE_NONE,  // there can be no such lock here: errno says why
} pidfile_lock_t;

typedef struct {
    int fd; // -1: none
} pidfile_t;

// Takes the lock of DIRECTORY and writes our process number into the file. TAKEN: *holder is the
// other process; 0: one that we cannot see, on another machine or outside of our container.
pidfile_lock_t pidfile_take(pidfile_t *file, const char *directory, pid_t *holder);
void pidfile_give(pidfile_t *file); // what was not taken is left alone

// Who holds the lock of DIRECTORY. False: nobody. As above, *holder may be 0.
bool pidfile_holder(const char *directory, pid_t *holder);

// Sends a signal to the holder, and to nobody else: 0, ESRCH when it holds the lock no more, or
// errno.
int pidfile_signal(const char *directory, pid_t holder, int number);

#endif
