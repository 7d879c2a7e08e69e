# shellcheck shell=bash
# shellcheck disable=SC2034 # those who source it use them
# Sourced by each gate: what they have in common. A gate runs from the project's root, prints what is
# wrong, and ends with 0 (good) or 1.
set -eu -o pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trouble=0
nl=$'\n'

# complain TEXT...: something is wrong; the gate goes on to find the rest.
complain() {
    echo "$*"
    trouble=1
}

# files PATTERN...: the project's own files of these names, whether committed yet or not.
files() {
    git ls-files --cached --others --exclude-standard -- "$@" | while read -r file; do
        [ ! -f "$file" ] || echo "$file"
    done
}

core_sources() {
    files 'core/*.c' | grep -v '^core/testing[a-z_]*\.c$'
}

need_release() {
    [ -e build/release/build.ninja ] || cmake --preset release >/dev/null
    cmake --build build/release >"$scratch/release" || {
        tail -n 20 "$scratch/release"
        exit 1
    }
}
