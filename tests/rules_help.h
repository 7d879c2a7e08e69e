// rules_help.h -- for the tests of rules in which versions of the reference differ: each is built
// twice, and what it expects is said for both.
#ifndef RULES_HELP_H_INCLUDED
#define RULES_HELP_H_INCLUDED

#ifdef RNS_REFERENCE_1_3
#define SINCE(then, now) (then)
#else
#define SINCE(then, now) (now)
#endif

#endif
