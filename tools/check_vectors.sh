#!/usr/bin/env bash
# usage: check_vectors.sh PYTHON -- tests/vectors and the seeds of tests/fuzz/corpus are what the reference
# says today: PYTHON is one that has it (`./test interop` makes build/venv-1.5.7).
python=$(realpath -s "$1")
. "$(dirname "$0")/gates.sh"
for script in $(files 'tools/vectors_*.py'); do
    name=${script#tools/vectors_}
    header=tests/vectors/${name%.py}.h
    if [ "$name" = options.py ] && ! "$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))'; then
        echo "$header is argparse's of Python 3.11: not compared" # it differs between versions
        continue
    fi
    "$python" "$script" >"$scratch/header" 2>"$scratch/err" || complain "$script fails:$nl$(tail "$scratch/err")"
    diff -u "$header" "$scratch/header" >"$scratch/diff" ||
        complain "$header is not what $script prints:$nl$(head -n 20 "$scratch/diff" | cut -c 1-120)"
done
"$python" tools/corpus.py "$scratch/corpus"
for folder in "$scratch"/corpus/*; do
    diff -rq "$folder" "tests/fuzz/corpus/$(basename "$folder")" || complain "tools/corpus.py makes other seeds"
done
exit "$trouble"
