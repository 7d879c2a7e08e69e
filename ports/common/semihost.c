#include "semihost.h"

#include <string.h>

enum { SYS_OPEN = 1, SYS_WRITE0 = 4, SYS_WRITE = 5, SYS_READ = 6, SYS_SEEK = 10 };
enum { SYS_GET_CMDLINE = 0x15, SYS_EXIT = 0x18, SYS_EXIT_EXTENDED = 0x20 };
#define STOPPED_BY_APPLICATION 0x20026U

#define WORDS_MAX 16U
#define LINES_MAX 2U

static intptr_t call(uintptr_t operation, const void *argument) {
#if defined __arm__
    register uintptr_t r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return (intptr_t)r0;
#else
    register uintptr_t a0 __asm__("a0") = operation;
    register const void *a1 __asm__("a1") = argument;
    __asm__ volatile(".option push\n.option norvc\n.balign 16\n"
                     "slli zero, zero, 0x1f\nebreak\nsrai zero, zero, 7\n.option pop"
                     : "+r"(a0)
                     : "r"(a1)
                     : "memory");
    return (intptr_t)a0;
#endif
}

int semihost_open(const char *path, unsigned mode) {
    const uintptr_t block[3] = {(uintptr_t)path, mode, strlen(path)};
    return (int)call(SYS_OPEN, block);
}

// Both return how many bytes are left.
static size_t moved(intptr_t left, size_t size) {
    return left < 0 || (size_t)left > size ? 0 : size - (size_t)left;
}

size_t semihost_read(int file, rns_mem_t out) {
    const uintptr_t block[3] = {(uintptr_t)file, (uintptr_t)out.data, out.size};
    return moved(call(SYS_READ, block), out.size);
}

size_t semihost_write(int file, rns_bytes_t bytes) {
    const uintptr_t block[3] = {(uintptr_t)file, (uintptr_t)bytes.data, bytes.size};
    return moved(call(SYS_WRITE, block), bytes.size);
}

bool semihost_seek(int file, uint32_t at) {
    const uintptr_t block[2] = {(uintptr_t)file, at};
    return call(SYS_SEEK, block) == 0;
}

void semihost_print(const char *text) {
    (void)call(SYS_WRITE0, text);
}

_Noreturn void semihost_exit(unsigned code) {
    const uintptr_t block[2] = {STOPPED_BY_APPLICATION, code};
    for (;;) {
        (void)call(SYS_EXIT_EXTENDED, block);
    }
}

// ---- The command line, cut into words once

static char command_line[512];
static const char *words[WORDS_MAX];
static unsigned word_count;

static void read_words(void) {
    const uintptr_t block[2] = {(uintptr_t)command_line, sizeof command_line};
    if (word_count > 0 || call(SYS_GET_CMDLINE, block) != 0) {
        return;
    }
    command_line[sizeof command_line - 1] = '\0';
    bool inside = false;
    for (char *at = command_line; *at != '\0'; at++) {
        if (*at == ' ') {
            *at = '\0';
            inside = false;
        } else if (!inside && word_count < WORDS_MAX) {
            words[word_count++] = at;
            inside = true;
        }
    }
}

const char *semihost_argument(const char *key, unsigned *place) {
    const size_t size = strlen(key);
    read_words();
    while (*place < word_count) {
        const char *word = words[(*place)++];
        if (strncmp(word, key, size) == 0 && word[size] == '=') {
            return word + size + 1;
        }
    }
    return NULL;
}

// ---- Lines and entropy

static size_t line_read(void *self, rns_mem_t out) {
    return semihost_read(*(const int *)self, out);
}

static size_t line_write(void *self, rns_bytes_t bytes) {
    return semihost_write(*(const int *)self, bytes);
}

bool semihost_line(const char *path, board_line_t *line) {
    static int files[LINES_MAX];
    static unsigned count;
    if (count == LINES_MAX) {
        return false;
    }
    files[count] = semihost_open(path, SEMIHOST_UPDATE);
    if (files[count] < 0) {
        return false;
    }
    *line = (board_line_t){line_read, line_write, &files[count], "Terminal", 1000000};
    count++;
    return true;
}

bool semihost_entropy(uint8_t *out, size_t size) {
    static int file = -1;
    if (file < 0) {
        file = semihost_open("/dev/urandom", SEMIHOST_READ);
    }
    return file >= 0 && semihost_read(file, (rns_mem_t){out, size}) == size;
}
