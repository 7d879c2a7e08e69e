// rns/compress.h -- what a compression provider supplies: bzip2, the reference's format. It works
// in memory that is lent for each use and allocates nothing.
#ifndef RNS_COMPRESS_H_INCLUDED
#define RNS_COMPRESS_H_INCLUDED

#include "rns/types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    RNS_UNPACK_MORE, // made some output, or wants more input
    RNS_UNPACK_END,  // the end of the stream was reached
    RNS_UNPACK_BAD   // not such a stream, or the arena is too small
} rns_unpack_t;

typedef struct {
    const char *name;
    // Bytes of an arena, aligned to 8: to pack size bytes as well as can be (less does, and packs
    // less well; the least is what 0 bytes need); the least to unpack what was packed of
    // at most size bytes. 0: it cannot.
    size_t (*pack_need)(size_t size);
    size_t (*unpack_need)(size_t size);

    // Packs all of in at once. Returns the size; 0: longer than out, or the arena is too small.
    size_t (*pack)(rns_mem_t arena, rns_bytes_t in, rns_mem_t out);

    // Unpacks piece by piece. begin: false if the arena is too small for what is at most size bytes
    // unpacked. next moves in and out past what it used. The arena's state is gone with end().
    bool (*unpack_begin)(rns_mem_t arena, size_t size);
    rns_unpack_t (*unpack_next)(rns_mem_t arena, rns_bytes_t *in, rns_mem_t *out);
    void (*unpack_end)(rns_mem_t arena);
} rns_compress_t;

#ifdef __cplusplus
}
#endif
#endif
