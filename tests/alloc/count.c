// count.c -- linked into a program of ours: counts every allocation of the process, those of its
// libraries too, by call stack and by phase. A phase ends when the process gets SIGRTMIN; then what
// was counted in it is written to the folder that COUNT_ALLOCATIONS names, as phase-N:
//
//     malloc 3 192 0x401234 libuv.so.1 0x405678      function, calls, bytes, stack from the inside
//
// Addresses are those of the program, which is linked to a fixed place; frames of libraries have
// their file's name. tests/interop/allocations.py reads it.
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <unwind.h>

#define SITES_MAX 8192U // different stacks
#define DEPTH_MAX 40U   // frames of a stack that are looked at
#define SKIP      2U    // our own

typedef enum { MALLOC, CALLOC, REALLOC, ALIGNED, MMAP, MREMAP, FUNCTIONS } function_t;
static const char *const NAMES[FUNCTIONS] = {"malloc",        "calloc", "realloc",
                                             "aligned_alloc", "mmap",   "mremap"};

typedef struct {
    function_t function;
    uint32_t depth;
    uint64_t calls, bytes; // in this phase
    uintptr_t stack[DEPTH_MAX];
} site_t;

// NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl*): glibc names its own so
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
// NOLINTEND(bugprone-reserved-identifier,cert-dcl*)

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static site_t sites[SITES_MAX];
static uint32_t site_count;
static uint64_t not_counted; // there was no room for their stacks
static unsigned phase;
static _Thread_local bool is_counting; // what the counting itself allocates is not counted

// ---- Counting

typedef struct {
    uintptr_t *stack;
    uint32_t depth, skip;
} walk_t;

static _Unwind_Reason_Code step(struct _Unwind_Context *context, void *user) {
    walk_t *walk = user;
    if (walk->skip > 0) {
        walk->skip--;
        return _URC_NO_REASON;
    }
    if (walk->depth == DEPTH_MAX) {
        return _URC_END_OF_STACK;
    }
    const uintptr_t at = _Unwind_GetIP(context);
    if (at != 0) {
        walk->stack[walk->depth++] = at - 1; // inside of the call
    }
    return _URC_NO_REASON;
}

static site_t *site_of(function_t function, const uintptr_t *stack, uint32_t depth) {
    for (uint32_t i = 0; i < site_count; i++) {
        if (sites[i].function == function && sites[i].depth == depth &&
            memcmp(sites[i].stack, stack, depth * sizeof *stack) == 0) {
            return &sites[i];
        }
    }
    if (site_count == SITES_MAX) {
        return NULL;
    }
    site_t *site = &sites[site_count++];
    *site = (site_t){.function = function, .depth = depth};
    memcpy(site->stack, stack, depth * sizeof *stack);
    return site;
}

__attribute__((noinline)) static void count(function_t function, size_t bytes) {
    if (is_counting) {
        return;
    }
    is_counting = true;
    const int err = errno;
    uintptr_t stack[DEPTH_MAX];
    walk_t walk = {stack, 0, SKIP};
    (void)_Unwind_Backtrace(step, &walk);
    (void)pthread_mutex_lock(&lock);
    site_t *site = site_of(function, stack, walk.depth);
    if (site != NULL) {
        site->calls++;
        site->bytes += bytes;
    } else {
        not_counted++;
    }
    (void)pthread_mutex_unlock(&lock);
    errno = err;
    is_counting = false;
}

// ---- The functions

void *malloc(size_t size) {
    count(MALLOC, size);
    return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
    count(CALLOC, number * size);
    return __libc_calloc(number, size);
}

void *realloc(void *old, size_t size) {
    count(REALLOC, size);
    return __libc_realloc(old, size);
}

void *reallocarray(void *old, size_t number, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(number, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    count(REALLOC, bytes);
    return __libc_realloc(old, bytes);
}

void *aligned_alloc(size_t alignment, size_t size) {
    count(ALIGNED, size);
    return __libc_memalign(alignment, size);
}

void *memalign(size_t alignment, size_t size);
void *memalign(size_t alignment, size_t size) {
    count(ALIGNED, size);
    return __libc_memalign(alignment, size);
}

void *valloc(size_t size) {
    count(ALIGNED, size);
    return __libc_memalign((size_t)sysconf(_SC_PAGESIZE), size);
}

int posix_memalign(void **out, size_t alignment, size_t size) {
    count(ALIGNED, size);
    *out = __libc_memalign(alignment, size);
    return *out == NULL ? ENOMEM : 0;
}

// Of glibc's own calls of the next two, those of malloc() among them, none comes here.
void *mmap(void *start, size_t size, int protection, int flags, int fd, off_t offset) {
    if ((flags & MAP_ANONYMOUS) != 0) {
        count(MMAP, size);
    }
    return (void *)syscall(SYS_mmap, start, size, protection, flags, fd, offset);
}

void *mremap(void *old, size_t old_size, size_t size, int flags, ...) {
    count(MREMAP, size);
    return (void *)syscall(SYS_mremap, old, old_size, size, flags, NULL);
}

// ---- The end of a phase

extern const char __executable_start, etext; // of the linker: the program itself

static void write_frame(FILE *out, uintptr_t at) {
    Dl_info info;
    if (at >= (uintptr_t)&__executable_start && at < (uintptr_t)&etext) {
        (void)fprintf(out, " %#lx", (unsigned long)at);
    } else if (dladdr((void *)at, &info) != 0 && info.dli_fname != NULL) { // NOLINT(performance-*)
        const char *slash = strrchr(info.dli_fname, '/');
        (void)fprintf(out, " %s", slash != NULL ? slash + 1 : info.dli_fname);
    } else {
        (void)fputs(" ?", out);
    }
}

static void write_sites(FILE *out) {
    (void)fprintf(out, "lost %lu\n", (unsigned long)not_counted);
    for (uint32_t i = 0; i < site_count; i++) {
        site_t *site = &sites[i];
        if (site->calls == 0) {
            continue;
        }
        (void)fprintf(out, "%s %lu %lu", NAMES[site->function], (unsigned long)site->calls,
                      (unsigned long)site->bytes);
        for (uint32_t k = 0; k < site->depth; k++) {
            write_frame(out, site->stack[k]);
        }
        (void)fputc('\n', out);
        site->calls = site->bytes = 0;
    }
}

static void end_phase(const char *folder) {
    char path[PATH_MAX], beside[PATH_MAX];
    (void)snprintf(path, sizeof path, "%s/phase-%u", folder, phase);
    (void)snprintf(beside, sizeof beside, "%s/phase.new", folder);
    FILE *out = fopen(beside, "w");
    if (out == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&lock);
    write_sites(out);
    phase++;
    (void)pthread_mutex_unlock(&lock);
    if (fclose(out) == 0) {
        (void)rename(beside, path);
    }
}

static void *watch(void *folder) {
    sigset_t set;
    int number;
    is_counting = true; // of this thread nothing is counted
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGRTMIN);
    while (sigwait(&set, &number) == 0) {
        end_phase(folder);
    }
    return NULL;
}

// Before main(): all threads are to leave the signal to the one that waits for it.
__attribute__((constructor)) static void begin(void) {
    char *folder = getenv("COUNT_ALLOCATIONS");
    sigset_t set;
    pthread_t thread;
    if (folder == NULL) {
        return;
    }
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGRTMIN);
    (void)pthread_sigmask(SIG_BLOCK, &set, NULL);
    is_counting = true;
    if (pthread_create(&thread, NULL, watch, folder) != 0) {
        abort();
    }
    (void)pthread_detach(thread);
    is_counting = false;
}
