# Cortex-M7 with its floating point unit; the external RAM (PSRAM) is at 0x60000000.
set(port_cpu "-mcpu=cortex-m7 -mfloat-abi=hard -mfpu=fpv5-d16")
set(port_bulk 0x60000000)
include(${CMAKE_CURRENT_LIST_DIR}/arm.cmake)
