#!/usr/bin/env bash
# Builds the firmware, and the unit tests for a bare processor, for all boards or for those named:
# tools/firmware.sh [BOARD...]. What comes out is build/firmware/BOARD/*.elf, and the firmware itself
# also build/firmware/BOARD.elf.
set -eu -o pipefail
cd "$(dirname "$0")/.."
jobs=${JOBS:-2}
[ $# -gt 0 ] || set -- mps2-an385 mps2-an386 mps2-an500 virt
tools/debian_sources.sh build/debian
for board in "$@"; do
    toolchain=$(find "$PWD/ports" -name "$board.cmake")
    [ -n "$toolchain" ] || { echo "No board $board" >&2 && exit 1; }
    folder=build/firmware/$board
    cmake -S ports -B "$folder" -G Ninja -DCMAKE_TOOLCHAIN_FILE="$toolchain"
    cmake --build "$folder" -j "$jobs"
done
