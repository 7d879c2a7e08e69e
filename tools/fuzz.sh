#!/usr/bin/env bash
# Runs each fuzz target that is built for a bounded time.
# usage: fuzz.sh SECONDS JOBS
# Seeds are tests/fuzz/corpus/NAME; what is found new is kept in build/fuzz/corpus/NAME.
set -eu
cd "$(dirname "$0")/.."

one() { # TARGET SECONDS
    local name log new
    name=$(basename "$1") && name=${name#fuzz_}
    log=build/logs/fuzz-$name.log new=build/fuzz/corpus/$name
    mkdir -p "$new"
    local folders=("$new")
    [ ! -d "tests/fuzz/corpus/$name" ] || folders+=("tests/fuzz/corpus/$name")
    if "$1" -max_total_time="$2" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="build/fuzz/$name-" "${folders[@]}" >"$log" 2>&1; then
        echo "[pass] $name ($(awk '/number_of_executed_units/ { print $2 }' "$log") runs)"
    else
        echo "[FAIL] $name"
        tail -n 40 "$log"
    fi
}
export -f one
find build/fuzz -maxdepth 2 -type f -name 'fuzz_*' -executable | sort |
    xargs -r -P "$2" -I{} bash -c 'one "$1" "$2"' _ {} "$1"
