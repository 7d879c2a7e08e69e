#!/usr/bin/env bash
# What cmake --install puts into a prefix is enough to build against, and its programs run.
. "$(dirname "$0")/gates.sh"
prefix=$scratch/prefix
cmake --install build/release --prefix "$prefix" >"$scratch/log" || { cat "$scratch/log" && exit 1; }
PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name rns.pc)")
export PKG_CONFIG_PATH
flags=$(pkg-config --cflags rns)
for header in "$prefix"/include/reticule/include/rns/*.h; do
    for language in "gcc -x c -std=c11" "g++ -x c++ -std=c++17"; do
        # shellcheck disable=SC2086 # lists of words
        echo "#include \"rns/$(basename "$header")\"" | (cd "$scratch" && $language $flags -fsyntax-only -) ||
            complain "$(basename "$header"), installed: $language"
    done
done
# shellcheck disable=SC2046 # a list of words
tools/check_example.sh $(pkg-config --cflags --libs rns-crypto-host) || trouble=1
echo '#include "rns/providers.h"
int main(void) { return rns_compress_bz2.pack_need(1) == 0; }' >"$scratch/packs.c"
# shellcheck disable=SC2046 # a list of words
{ gcc "$scratch/packs.c" $(pkg-config --cflags --libs rns-compress-bz2) -o "$scratch/packs" && "$scratch/packs"; } ||
    complain "a program with rns-compress-bz2"
"$prefix/bin/rnsd" --version | grep -E '^rnsd [0-9.]+ \(reticule [0-9.]+\)$' || complain "rnsd --version"
# A page tells of each option that its program has.
for page in "$prefix"/share/man/man1/*.1; do
    name=$(basename "$page" .1)
    [ -x "$prefix/bin/$name" ] || continue # rnaudit, unless it was built
    for option in $("$prefix/bin/$name" --help | grep -Eo -- '--[a-z-]+' | sort -u); do
        [ "$option" = --help ] || sed 's/\\-/-/g' "$page" | grep -q -e "$option" || complain "$name.1 has no $option"
    done
done
exit "$trouble"
