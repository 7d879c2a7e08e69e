// semihost.h -- the debugger's files (ARM and RISC-V semihosting): under an emulator they are those
// of the host. Each call stops the processor until it is done.
#ifndef PORTS_SEMIHOST_H_INCLUDED
#define PORTS_SEMIHOST_H_INCLUDED

#include "board.h"

#define SEMIHOST_READ   1U // "rb"
#define SEMIHOST_UPDATE 3U // "r+b": a file, or a terminal

// A number; below 0: it cannot be opened.
int semihost_open(const char *path, unsigned mode);
size_t semihost_read(int file, rns_mem_t out);      // bytes that came
size_t semihost_write(int file, rns_bytes_t bytes); // bytes that went
bool semihost_seek(int file, uint32_t at);
void semihost_print(const char *text);
_Noreturn void semihost_exit(unsigned code);

// The words KEY=VALUE of the command line: the value of the one that stands at *place or behind it.
// NULL: no more. *place is 0 at first; the text stays.
const char *semihost_argument(const char *key, unsigned *place);

// A terminal of the host as a serial line. Its reads must not wait (VMIN and VTIME are 0).
bool semihost_line(const char *path, board_line_t *line);
// Bytes of /dev/urandom. false: the host has none.
bool semihost_entropy(uint8_t *out, size_t size);

#endif
