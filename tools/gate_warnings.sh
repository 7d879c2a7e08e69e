#!/usr/bin/env bash
# gcc and clang have nothing to say about the code, nor, alone and as C11 and as C++17, about a header.
. "$(dirname "$0")/gates.sh"
warnings="-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -Iinclude -fsyntax-only"
for compiler in gcc clang; do
    { cmake --preset strict-$compiler && cmake --build build/strict-$compiler -j 2 -- -k 0; } \
        >"$scratch/build" 2>&1 ||
        complain "$(grep -E 'error|warning' "$scratch/build" || tail -n 20 "$scratch/build")"
done
for header in $(files 'include/rns/*.h'); do
    for language in "gcc -x c -std=c11" "clang -x c -std=c11" "g++ -x c++ -std=c++17" "clang++ -x c++ -std=c++17"; do
        # shellcheck disable=SC2086 # lists of words
        echo "#include \"${header#include/}\"" | $language $warnings - ||
            complain "$header alone: $language"
    done
done
exit "$trouble"
