#!/usr/bin/env bash
# Nothing is left to be done later, no path of one machine, no space at the end of a line, no mark of a merge.
. "$(dirname "$0")/gates.sh"
files '*.c' '*.h' '*.def' '*.py' '*.sh' '*.md' '*.txt' '*.json' '*.in' run test .ci/run |
    grep -vx tools/gate_leftovers.sh >"$scratch/list"
found() {
    xargs -r grep -nHE "$@" <"$scratch/list" || true
}
later=$(found -w 'TODO|FIXME|XXX')
paths=$(found "(^|[^A-Za-z0-9_.~}])/(root|work)/")
marks=$(found '^(<{7}|>{7}) ')
spaces=$(found '[[:space:]]$')
[ -z "$later" ] || complain "left for later: $later"
[ -z "$paths" ] || complain "a path of one machine: $paths"
[ -z "$marks" ] || complain "a mark of a merge: $marks"
[ -z "$spaces" ] || complain "space at the end of a line: $spaces"
exit "$trouble"
