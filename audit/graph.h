// audit/graph.h -- how often each function runs, from the roots down; and what follows for sites.
#ifndef AUDIT_GRAPH_H_INCLUDED
#define AUDIT_GRAPH_H_INCLUDED

#include "facts.h"

// Call after facts_finish: fills frequency, severity and why of all sites.
void graph_classify(audit_t *audit);

#endif
