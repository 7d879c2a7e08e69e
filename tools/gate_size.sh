#!/usr/bin/env bash
# No function over 70 lines, no file over 800, but for tables of test vectors.
. "$(dirname "$0")/gates.sh"
files '*.c' '*.h' >"$scratch/list"
long=$(ctags -L "$scratch/list" --languages=C --langmap=C:.c.h --kinds-C=f --fields=+ne -f - |
    awk -F'\t' '{
        for (i = 4; i <= NF; i++) { split($i, f, ":"); if (f[1] == "line") a = f[2]; if (f[1] == "end") b = f[2] }
        if (b - a + 1 > 70) print $2 ":" a ": " $1 "() has " b - a + 1 " lines, the end is 70"
    }')
[ -z "$long" ] || complain "$long"
long=$(files '*.c' '*.h' '*.def' '*.py' '*.sh' run test ':!tests/vectors' | xargs -r wc -l |
    awk '$2 != "total" && $1 > 800 { print $2 " has " $1 " lines, the end is 800" }')
[ -z "$long" ] || complain "$long"
exit "$trouble"
