# What a node on a microcontroller is built from, for whoever builds it: ports/CMakeLists.txt, the packages,
# tools/arduino_package.sh (cmake -P). `top` is the repository, RETICULE_DEBIAN_SOURCES what
# tools/debian_sources.sh has made.
if(NOT EXISTS ${RETICULE_DEBIAN_SOURCES}/complete)
  message(FATAL_ERROR "No sources in ${RETICULE_DEBIAN_SOURCES}: tools/debian_sources.sh fetches them")
endif()

file(GLOB reticule_core ${top}/core/*.c ${top}/core/*/*.c)
list(FILTER reticule_core EXCLUDE REGEX "core/testing[a-z_]*\\.c$")
set(reticule_provider ${top}/providers/crypto_mcu.c)

# The firmware, without what only boards under an emulator or with own linker scripts need.
file(GLOB reticule_firmware ${top}/ports/common/*.c)
list(FILTER reticule_firmware EXCLUDE REGEX "(semihost|flash_image|bulk)\\.c$")

# The files of libsodium and BearSSL that the provider needs, and where they look for their headers.
set(sodium ${RETICULE_DEBIAN_SOURCES}/libsodium/src/libsodium)
set(bear ${RETICULE_DEBIAN_SOURCES}/bearssl)
set(reticule_crypto
  ${sodium}/crypto_core/ed25519/ref10/ed25519_ref10.c
  ${sodium}/crypto_hash/sha512/cp/hash_sha512_cp.c
  ${sodium}/crypto_scalarmult/curve25519/ref10/x25519_ref10.c
  ${sodium}/crypto_sign/ed25519/ref10/keypair.c
  ${sodium}/crypto_sign/ed25519/ref10/open.c
  ${sodium}/crypto_sign/ed25519/ref10/sign.c
  ${sodium}/crypto_verify/sodium/verify.c
  ${bear}/src/codec/dec32be.c
  ${bear}/src/codec/dec32le.c
  ${bear}/src/codec/enc32be.c
  ${bear}/src/codec/enc32le.c
  ${bear}/src/hash/sha2small.c
  ${bear}/src/symcipher/aes_ct.c
  ${bear}/src/symcipher/aes_ct_cbcdec.c
  ${bear}/src/symcipher/aes_ct_cbcenc.c
  ${bear}/src/symcipher/aes_ct_dec.c
  ${bear}/src/symcipher/aes_ct_enc.c)
set(reticule_crypto_definitions CONFIGURED=1) # libsodium's; it has no options here
set(reticule_crypto_includes
  ${sodium}/include/sodium ${sodium}/include/sodium/private ${sodium}/include
  ${sodium}/crypto_scalarmult/curve25519/ref10 ${bear}/inc ${bear}/src)

if(CMAKE_SCRIPT_MODE_FILE)
  foreach(source ${reticule_crypto})
    message(${source})
  endforeach()
  return()
endif()
# The base table is left out: see providers/crypto_mcu.c.
set_source_files_properties(${sodium}/crypto_core/ed25519/ref10/ed25519_ref10.c PROPERTIES
  COMPILE_DEFINITIONS ge25519_scalarmult_base=rnsi_scalarmult_base_by_table)
# libsodium's configure would make it.
file(MAKE_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/sodium)
configure_file(${sodium}/include/sodium/version.h.in ${CMAKE_CURRENT_BINARY_DIR}/sodium/version.h COPYONLY)
list(APPEND reticule_crypto_includes ${CMAKE_CURRENT_BINARY_DIR}/sodium)
