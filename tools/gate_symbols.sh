#!/usr/bin/env bash
# The core needs nothing but four functions of string.h and what the compiler itself calls, and has
# no variables: no bytes in .data or .bss.
. "$(dirname "$0")/gates.sh"

allowed='^(mem(cpy|move|set|cmp)|__(u?(div|mod|divmod)|mul|ashl|ashr|lshr|neg|u?cmp|popcount|clz|ctz|bswap)[sdt]i[234]?|_GLOBAL_OFFSET_TABLE_)$'
# Without fortify and the stack protector, whose helpers the platform adds; clang's bcmp is memcmp.
flags="-std=c11 -O2 -Iinclude -Icore -U_FORTIFY_SOURCE -fno-stack-protector -fno-builtin-bcmp"

for compiler in gcc clang; do
    rm -rf "$scratch/o" && mkdir "$scratch/o"
    # shellcheck disable=SC2086 # a list of words
    core_sources | xargs -P 2 -I{} sh -c 'c=$1 s=$2 o=$3; shift 3
        $c "$@" -c "$s" -o "$o/$(echo "$s" | tr / _).o"' _ "$compiler" {} "$scratch/o" $flags
    ar rcs "$scratch/core.a" "$scratch/o"/*.o
    nm -g --defined-only "$scratch/core.a" | awk 'NF == 3 { print $3 }' | sort -u >"$scratch/has"
    nm -g --undefined-only "$scratch/core.a" | awk 'NF == 2 { print $2 }' | sort -u >"$scratch/needs"
    outside=$(comm -23 "$scratch/needs" "$scratch/has" | grep -Ev "$allowed" || true)
    [ -z "$outside" ] || complain "$compiler: the core needs a symbol from outside:" "${outside//$nl/ }"
    size -A "$scratch"/o/*.o | awk -v compiler="$compiler" '
        $2 == ":" { object = $1 }
        $1 ~ /^\.t?(data|bss)/ && $1 !~ /^\.data\.rel\.ro/ && $2 > 0 {
            sub(/.*\//, "", object)
            print compiler ": variables in the core: " $2 " bytes of " $1 " in " object
        }' >"$scratch/variables"
    [ ! -s "$scratch/variables" ] || complain "$(cat "$scratch/variables")"
    rm "$scratch/core.a"
done
exit "$trouble"
