// audit/scan.h -- what is read of a file's lines before any parsing: whether it is text, what it
// includes, the comments that speak to rnaudit.
#ifndef AUDIT_SCAN_H_INCLUDED
#define AUDIT_SCAN_H_INCLUDED

#include "tree.h"

typedef struct {
    const char *from; // real path of the file that includes
    const char *path; // what stands between the quotes
    bool angle;
} scan_include_t;

typedef struct {
    const rules_t *rules;
    LIST(scan_include_t) includes;
    bool own_std;     // some file defines a container of namespace std itself
    bool cxx_headers; // a header is C++ by what stands in it
} scan_t;

extern const char *const scan_std_headers[];
extern const size_t scan_std_header_count;

void scan_file(scan_t *scan, file_t *file);

#endif
