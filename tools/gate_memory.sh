#!/usr/bin/env bash
# docs/MEMORY.md is what rnmem prints of the table.
. "$(dirname "$0")/gates.sh"
need_release
rnmem=build/release/rnmem
[ -x $rnmem ] || { complain "$rnmem does not exist" && exit 1; }
$rnmem --markdown >"$scratch/MEMORY.md"
diff -u docs/MEMORY.md "$scratch/MEMORY.md" ||
    complain "docs/MEMORY.md differs from the table: $rnmem --markdown >docs/MEMORY.md"
exit "$trouble"
