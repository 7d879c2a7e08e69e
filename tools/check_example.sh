#!/usr/bin/env bash
# The README's C program is under 40 lines, compiles without a warning, and runs.
# usage: check_example.sh [FLAGS...]     (how to compile and link; by default with build/release)
. "$(dirname "$0")/gates.sh"
awk '/^```c$/ { on = 1; next } /^```$/ { if (on) exit } on' README.md >"$scratch/example.c"
lines=$(wc -l <"$scratch/example.c")
[ "$lines" -gt 0 ] || { complain "README.md has no \`\`\`c block" && exit 1; }
[ "$lines" -lt 40 ] || complain "the README's program has $lines lines, it is to stay under 40"
if [ $# -eq 0 ]; then
    # shellcheck disable=SC2046 # a list of words
    set -- -Iinclude build/release/librns_crypto_host.a build/release/librns.a \
        $(pkg-config --cflags --libs libsodium libcrypto)
fi
gcc -std=c11 -Wall -Wextra -Werror "$scratch/example.c" "$@" -o "$scratch/example" || exit 1
timeout 20 "$scratch/example" </dev/null || complain "the README's program ended with $?"
exit "$trouble"
