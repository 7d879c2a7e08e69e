# QEMU's virt with a processor like the ESP32-C3's: RV32IMC. All its RAM is one; the first 4 MB are
# taken for flash, the next for what is on chip, and BULK begins at 0x81000000.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR riscv32)
set(CMAKE_C_COMPILER riscv64-unknown-elf-gcc)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_EXECUTABLE_SUFFIX_C .elf)
set(port_folder ${CMAKE_CURRENT_LIST_DIR})
set(CMAKE_C_FLAGS_INIT "-march=rv32imc -mabi=ilp32 --specs=picolibc.specs")
set(CMAKE_EXE_LINKER_FLAGS_INIT "-L ${port_folder}/../common -T board.ld --oslib=semihost \
-Wl,--defsym=__flash=0x80000000 -Wl,--defsym=__flash_size=0x400000 -Wl,--defsym=__ram=0x80400000 \
-Wl,--defsym=__bulk=0x81000000")
