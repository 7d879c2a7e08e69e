#!/usr/bin/env bash
# Runs the unit tests that are built for a board under QEMU: tests/firmware/units.sh BOARD.
set -u
board=${1:?board}
folder=$(dirname "$0")/../../build/firmware/$board
console=(-nographic -monitor none -serial none -semihosting-config "enable=on,target=native")
case $board in
    mps2-*) emulator=(qemu-system-arm -M "$board") ;;
    virt) emulator=(qemu-system-riscv32 -M virt -cpu "rv32,a=false,f=false,d=false" -bios none) ;;
    *) echo "No board $board" >&2 && exit 1 ;;
esac
count=0 failed=0
while read -r unit; do
    image=$folder/unit_$unit.elf name="$board $unit"
    count=$((count + 1))
    if output=$(timeout 120 "${emulator[@]}" "${console[@]}" -kernel "$image" </dev/null 2>&1); then
        echo "[pass] $name: $(grep -c '^\[pass\]' <<<"$output") tests"
    else
        echo "$output"
        echo "[FAIL] $name"
        failed=1
    fi
done <"$folder/units"
[ "$count" -gt 0 ] || { echo "[FAIL] no unit tests for $board" && exit 1; }
exit "$failed"
