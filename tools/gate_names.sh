#!/usr/bin/env bash
# What the archives show begins with rns_ or rnsi_; what is public is declared in include/rns, and what
# is declared there exists.
. "$(dirname "$0")/gates.sh"
need_release
archives=$(find build/release -maxdepth 1 -name 'librns*.a' ! -name '*_host.a' ! -name '*_testing.a' ! -name '*_1_3.a')
[ ! -e build/release/librns_crypto_host.a ] || archives="$archives build/release/librns_crypto_host.a"
# shellcheck disable=SC2086 # a list of words
nm -g --defined-only $archives | awk 'NF == 3 { print $3 }' | sort -u >"$scratch/defined"
odd=$(grep -Ev '^rnsi?_[a-z]' "$scratch/defined" || true)
[ -z "$odd" ] || complain "names that begin with neither rns_ nor rnsi_:" "${odd//$nl/ }"

files 'include/rns/*.h' >"$scratch/headers"
ctags -L "$scratch/headers" --languages=C --langmap=C:.h --kinds-C=px -f - | cut -f 1 | sort -u >"$scratch/declared"
grep '^rns_' "$scratch/defined" >"$scratch/public" || true
undeclared=$(comm -23 "$scratch/public" "$scratch/declared")
# What is built for boards only (ports/) is in none of these archives.
undefined=$(comm -13 "$scratch/public" "$scratch/declared" | grep -vx rns_crypto_mcu || true)
[ -z "$undeclared" ] || complain "public, but not declared in include/rns:" "${undeclared//$nl/ }"
[ -z "$undefined" ] || complain "declared in include/rns, but not defined:" "${undefined//$nl/ }"
exit "$trouble"
