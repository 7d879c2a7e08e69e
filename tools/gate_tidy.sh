#!/usr/bin/env bash
# clang-tidy with .clang-tidy: gate_tidy.sh [PATTERN...]. A file that was clean and has not changed since,
# headers included, is not looked at again.
. "$(dirname "$0")/gates.sh"
need_release
clean=build/tidy
mkdir -p $clean
commands=build/release/compile_commands.json
if [ -d bench ]; then # that of a build with the programs of bench/ has all
    commands=build/bench-programs/compile_commands.json
    cmake -S . -B build/bench-programs -G Ninja -DCMAKE_BUILD_TYPE=Release -DRETICULE_BENCH=ON >"$scratch/cmake" ||
        { cat "$scratch/cmake" && exit 1; }
fi
# A file that is compiled twice is looked at once, as the library has it: the analyser's check of va_list cries wolf the second time.
python3 - $commands >$clean/compile_commands.json <<'END'
import json, sys
entries = reversed(json.load(open(sys.argv[1])))  # the library's own come first
print(json.dumps(list({entry["file"]: entry for entry in entries}.values())))
END
clang_headers=() # for audit/, where its parser is installed
for folder in /usr/lib/llvm-*/include; do
    [ ! -d "$folder/clang-c" ] || clang_headers=("-isystem$folder")
done
[ $# -gt 0 ] || set -- 'core/*.c' 'lxmf/*.c' 'providers/*.c' 'host/*.c' 'apps/*.c' 'audit/*.c' 'bench/*.c'
for source in $(files "$@"); do
    grep -q "/$source\"" $commands || continue
    key=$({ cat .clang-tidy && clang-tidy --version && clang -E -D_GNU_SOURCE -DRETICULE_VERSION='""' \
        -Iinclude -Icore -I. "${clang_headers[@]}" "$source"; } | sha256sum | cut -c 1-32)
    [ -e "$clean/$key" ] || echo "$key $source"
done | xargs -r -P 2 -L 1 sh -c '
    clang-tidy --quiet -p "'$clean'" "$2" >"$0.$1" 2>/dev/null && : >"'$clean'/$1" || grep " error: " "$0.$1" || cat "$0.$1"' \
    "$scratch/tidy" >"$scratch/found"
[ ! -s "$scratch/found" ] || complain "$(cat "$scratch/found")"
exit "$trouble"
