// audit/workers.h -- parses the files in processes of their own, several at a time. A file that
// takes the parser down, or keeps it for too long, is named and the rest goes on.
#ifndef AUDIT_WORKERS_H_INCLUDED
#define AUDIT_WORKERS_H_INCLUDED

#include "facts.h"
#include "flags.h"

// Parses every source, then the headers that no source includes. `jobs` processes at a time.
void workers_run(audit_t *audit, const flags_t *flags, int jobs, bool progress);

#endif
