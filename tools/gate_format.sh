#!/usr/bin/env bash
# clang-format decides; no tabs in C; shellcheck for the scripts.
. "$(dirname "$0")/gates.sh"
files '*.c' '*.h' | xargs -r clang-format --dry-run -Werror 2>"$scratch/format" ||
    complain "$(grep -E 'error:' "$scratch/format" | head -n 20)"
tabs=$(files '*.c' '*.h' '*.def' | xargs -r grep -nP '\t' || true)
[ -z "$tabs" ] || complain "a tab in C: $tabs"
files '*.sh' run test .ci/run | xargs -r shellcheck -x || trouble=1
exit "$trouble"
