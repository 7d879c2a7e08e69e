#!/usr/bin/env bash
# The packages of ports/: the library for Arduino compiles as Arduino would build it, its sketch and the
# boards of ESP-IDF and Zephyr compile against declarations (tests/firmware/declarations), and the tools
# of each read its metadata. check_packages.sh PYTHON: one with tests/firmware/requirements-packages.txt.
. "$(dirname "$0")/gates.sh"
python=${1:?python}
strict=(-Wall -Wextra -Wpedantic -Wshadow -Werror)
arm=(arm-none-eabi-gcc -mthumb -mcpu=cortex-m4 --specs=picolibc.specs)
riscv=(riscv64-unknown-elf-gcc -march=rv32imc -mabi=ilp32 --specs=picolibc.specs)

# ---- Arduino, PlatformIO
package=$(tools/arduino_package.sh | tail -n 1)
export package scratch
compile_all() { # COMPILER...: every C file with nothing but src to look into
    find "$package/src" -name '*.c' -print0 |
        xargs -0 -P "${JOBS:-2}" -I '{}' "$@" -std=gnu11 -Os -w "-I$package/src" -fsyntax-only '{}' ||
        complain "the package does not compile: $1"
}
compile_all "${arm[@]}"
compile_all "${riscv[@]}"
headers() { # FOLDER DECLARATIONS NAME...: headers of these names that are the declarations
    local folder=$1 declarations=$PWD/tests/firmware/declarations/$2 name
    shift 2
    for name in "$@"; do
        mkdir -p "$folder/$(dirname "$name")"
        echo "#include \"$declarations\"" >"$folder/$name"
    done
}
headers "$scratch/arduino" arduino.h Preferences.h esp_random.h EEPROM.h
for board in ESP32 ARDUINO_ARCH_RP2040; do
    g++ -std=c++17 "${strict[@]}" -Wno-missing-field-initializers "-D$board" "-I$scratch/arduino" "-I$package/src" \
        -include tests/firmware/declarations/arduino.h -x c++ -fsyntax-only "$package/examples/Echo/Echo.ino" ||
        complain "the sketch does not compile for $board"
done

# ---- ESP-IDF, Zephyr: their boards
board() { # FOLDER DECLARATIONS SOURCE
    local names
    names=$(sed -n 's/^#include <\(.*\)>$/\1/p' "$3" | grep -vxE 'stdio.h|string.h')
    # shellcheck disable=SC2086 # a list of words
    headers "$scratch/$1" "$2" $names
    "${arm[@]}" -std=gnu11 "${strict[@]}" -DBOARD_NAME='"board"' -DCONFIG_RETICULE_EXTERNAL_RAM "-I$scratch/$1" -I. -Iinclude -Icore \
        -fsyntax-only "$3" || complain "$3 does not compile"
}
board esp esp_idf.h ports/esp-idf/reticule/board_esp.c
board zephyr zephyr.h ports/zephyr/board_zephyr.c
"$python" tests/firmware/metadata.py || complain "metadata"
exit "$trouble"
