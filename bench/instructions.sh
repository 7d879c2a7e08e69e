#!/usr/bin/env bash
# bench/instructions.sh BENCH_TABLE: instructions that a forwarded packet costs with 100, 10,000 and
# 1,000,000 paths (callgrind). Ends with 1 when one costs over 10 % more than the first.
# PATHS="100 10000" makes it shorter, PACKETS=N changes how many are counted.
set -eu -o pipefail
program=${1:?usage: instructions.sh BENCH_TABLE}
packets=${PACKETS:-10240} # a multiple of 256
limit_percent=10
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
first=0 failed=0
for paths in ${PATHS:-100 10000 1000000}; do
    # Filling the table is not instrumented, or it would take minutes.
    valgrind --tool=callgrind --instr-atstart=no --collect-atstart=no \
        --callgrind-out-file="$out/profile" "$program" "$paths" "$packets" >"$out/stdout" 2>"$out/log" ||
        { cat "$out/log" && exit 1; }
    total=$(awk '/^(summary|totals):/ { print $2; exit }' "$out/profile")
    if [ "${total:-0}" -eq 0 ]; then
        echo "nothing was counted: was $program built with valgrind's headers?"
        exit 1
    fi
    each=$((total / packets))
    if [ "$first" -eq 0 ]; then first=$each; fi
    echo "$paths paths: $each instructions a packet ($((100 * each / first)) % of the first)"
    if [ $((100 * each)) -gt $(((100 + limit_percent) * first)) ]; then failed=1; fi
done
if [ "$failed" -eq 1 ]; then echo "the cost of a packet grows with the table"; fi
exit "$failed"
