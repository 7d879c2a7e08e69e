// pidfile.c -- see pidfile.h.
#include "host/pidfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/syscall.h>
#endif

static struct flock whole_file(void) {
    return (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET};
}

static int open_file(const char *directory, int flags) {
    char path[PATH_MAX];
    const int size = snprintf(path, sizeof path, "%s/storage/rnsd.pid", directory);
    if (size < 0 || (size_t)size >= sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    return open(path, flags | O_CLOEXEC, 0644);
}

// Whether another process has the lock.
static bool find_holder(int fd, pid_t *holder) {
    struct flock lock = whole_file();
    if (fcntl(fd, F_GETLK, &lock) != 0 || lock.l_type == F_UNLCK) {
        return false;
    }
    *holder = lock.l_pid > 0 ? lock.l_pid : 0;
    return true;
}

// ---- The daemon's side

static void write_number(int fd) {
    char text[24];
    const int size = snprintf(text, sizeof text, "%ld\n", (long)getpid());
    // The lock is what counts: a full disk does not keep the daemon away.
    (void)(ftruncate(fd, 0) == 0 && pwrite(fd, text, (size_t)size, 0) == size);
}

pidfile_lock_t pidfile_take(pidfile_t *file, const char *directory, pid_t *holder) {
    struct flock lock = whole_file();
    *holder = 0;
    file->fd = open_file(directory, O_RDWR | O_CREAT);
    if (file->fd < 0) {
        return PIDFILE_NONE;
    }
    if (fcntl(file->fd, F_SETLK, &lock) == 0) {
        write_number(file->fd);
        return PIDFILE_OURS;
    }
    const int err = errno;
    const bool is_taken = err == EACCES || err == EAGAIN;
    if (is_taken) {
        (void)find_holder(file->fd, holder);
    }
    (void)close(file->fd);
    file->fd = -1;
    errno = err;
    return is_taken ? PIDFILE_TAKEN : PIDFILE_NONE;
}

void pidfile_give(pidfile_t *file) {
    if (file->fd >= 0) {
        (void)(ftruncate(file->fd, 0) == 0);
        (void)close(file->fd); // the lock goes with it
    }
    file->fd = -1;
}

// ---- The other side

bool pidfile_holder(const char *directory, pid_t *holder) {
    const int fd = open_file(directory, O_RDONLY);
    if (fd < 0) {
        return false;
    }
    const bool is_held = find_holder(fd, holder);
    (void)close(fd);
    return is_held;
}

static bool still_holds(const char *directory, pid_t holder) {
    pid_t now = 0;
    return pidfile_holder(directory, &now) && now == holder;
}

static int send(const char *directory, pid_t holder, int number) {
    if (!still_holds(directory, holder)) {
        return ESRCH;
    }
    return kill(holder, number) == 0 ? 0 : errno;
}

#if defined(SYS_pidfd_open) && defined(SYS_pidfd_send_signal)
// A number may be given to another process at any time, but not behind a descriptor.
int pidfile_signal(const char *directory, pid_t holder, int number) {
    const int fd = (int)syscall(SYS_pidfd_open, holder, 0U);
    if (fd < 0) {
        return errno == ESRCH ? ESRCH : send(directory, holder, number);
    }
    int err = ESRCH;
    if (still_holds(directory, holder)) {
        err = syscall(SYS_pidfd_send_signal, fd, number, NULL, 0U) == 0 ? 0 : errno;
    }
    (void)close(fd);
    return err;
}
#else
int pidfile_signal(const char *directory, pid_t holder, int number) {
    return send(directory, holder, number);
}
#endif
