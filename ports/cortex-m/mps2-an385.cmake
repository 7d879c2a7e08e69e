# Cortex-M3; the external RAM (PSRAM) is at 0x21000000.
set(port_cpu "-mcpu=cortex-m3")
set(port_bulk 0x21000000)
include(${CMAKE_CURRENT_LIST_DIR}/arm.cmake)
