#!/usr/bin/env bash
# Makes the library for Arduino and PlatformIO: build/arduino/Reticule (ports/arduino/README.md). These
# tools give a library one include path, its src: the core's folders stand in there, and the headers of
# libsodium and BearSSL. What headers of include/rns name by ../../core stands beside it.
set -eu -o pipefail
cd "$(dirname "$0")/.."
sources=$PWD/build/debian out=$PWD/build/arduino/Reticule
tools/debian_sources.sh "$sources"
sodium=$sources/libsodium/src/libsodium bear=$sources/bearssl
rm -rf "$out"
mkdir -p "$out/src/private" "$out/core/memory"
cp -r ports/arduino/library.properties ports/arduino/library.json ports/arduino/README.md ports/arduino/examples "$out"
cp LICENSE "$out"
cp "$sources/libsodium/LICENSE" "$out/LICENSE.libsodium"
cp "$bear/LICENSE.txt" "$out/LICENSE.BearSSL"

cp -r core/. include/rns "$out/src"
rm -f "$out"/src/testing*
cp core/memory/*.h core/memory/pools.def "$out/core/memory"

cp "$sodium"/include/sodium/*.h "$bear"/inc/*.h "$bear"/src/*.h "$out/src"
cp "$sodium"/include/sodium/private/*.h "$out/src/private"
cp "$sodium/include/sodium/version.h.in" "$out/src/version.h"
list=$(cmake -D "top=$PWD" -D "RETICULE_DEBIAN_SOURCES=$sources" -P ports/sources.cmake 2>&1)
for source in $list; do
    folder=$out/src/${source#"$sources"/}
    folder=${folder%/*}
    mkdir -p "$folder"
    [[ $source == *bearssl* ]] || cp -r "$(dirname "$source")"/. "$folder" # with the headers beside it
done
# The folders have more sources than the provider needs.
find "$out/src/libsodium" -name '*.c' -delete
for source in $list; do cp "$source" "$out/src/${source#"$sources"/}"; done
cp "$sodium"/crypto_scalarmult/curve25519/*.h "$out/src/libsodium/src/libsodium/crypto_scalarmult/curve25519"
sed 's|<x25519_ref10.h>|"libsodium/src/libsodium/crypto_scalarmult/curve25519/ref10/x25519_ref10.h"|' \
    providers/crypto_mcu.c >"$out/src/crypto_mcu.c"

# What a build would say by -D.
find "$out/src/crypto_mcu.c" "$out/src/libsodium" -name '*.c' -exec sed -i '1i #define CONFIGURED 1' {} +
sed -i '1i #define ge25519_scalarmult_base rnsi_scalarmult_base_by_table' \
    "$out/src/libsodium/src/libsodium/crypto_core/ed25519/ref10/ed25519_ref10.c"
echo "$out"
