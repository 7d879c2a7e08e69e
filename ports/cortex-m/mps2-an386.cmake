# Cortex-M4 with its floating point unit; the external RAM (PSRAM) is at 0x21000000.
set(port_cpu "-mcpu=cortex-m4 -mfloat-abi=hard -mfpu=fpv4-sp-d16")
set(port_bulk 0x21000000)
include(${CMAKE_CURRENT_LIST_DIR}/arm.cmake)
