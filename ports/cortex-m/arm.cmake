# What the boards of this folder have in common; each has a toolchain file of its own beside this.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR arm)
set(CMAKE_C_COMPILER arm-none-eabi-gcc)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_EXECUTABLE_SUFFIX_C .elf)
set(port_folder ${CMAKE_CURRENT_LIST_DIR})
set(CMAKE_C_FLAGS_INIT "-mthumb ${port_cpu} --specs=picolibc.specs")
set(CMAKE_EXE_LINKER_FLAGS_INIT "-L ${port_folder}/../common -T board.ld --oslib=semihost \
-Wl,--defsym=__flash=0 -Wl,--defsym=__flash_size=0x400000 -Wl,--defsym=__ram=0x20000000 \
-Wl,--defsym=__bulk=${port_bulk}")
