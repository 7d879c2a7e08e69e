// What board_esp.c uses of ESP-IDF 5, written from its manual: enough to see that the calls are
// well-formed, and no more. Every header that it includes is this one (tools/check_packages.sh).
#ifndef DECLARATIONS_ESP_IDF_H_INCLUDED
#define DECLARATIONS_ESP_IDF_H_INCLUDED

#include <stddef.h>
#include <stdint.h>

#define CONFIG_RETICULE_TX_1      17
#define CONFIG_RETICULE_RX_1      18
#define CONFIG_RETICULE_TX_2      19
#define CONFIG_RETICULE_RX_2      20
#define CONFIG_RETICULE_LINES     2
#define CONFIG_RETICULE_BITRATE   115200
#define CONFIG_RETICULE_PARTITION "reticule"

typedef int esp_err_t;
#define ESP_OK 0

// driver/uart.h
typedef enum { UART_NUM_0, UART_NUM_1, UART_NUM_2 } uart_port_t;
typedef enum {
    UART_DATA_5_BITS,
    UART_DATA_6_BITS,
    UART_DATA_7_BITS,
    UART_DATA_8_BITS
} uart_word_length_t;
typedef enum { UART_STOP_BITS_1 = 1, UART_STOP_BITS_1_5, UART_STOP_BITS_2 } uart_stop_bits_t;
typedef enum { UART_PARITY_DISABLE, UART_PARITY_EVEN = 2, UART_PARITY_ODD } uart_parity_t;
typedef enum { UART_HW_FLOWCTRL_DISABLE } uart_hw_flowcontrol_t;
typedef enum { UART_SCLK_DEFAULT } uart_sclk_t;
typedef struct {
    int baud_rate;
    uart_word_length_t data_bits;
    uart_parity_t parity;
    uart_stop_bits_t stop_bits;
    uart_hw_flowcontrol_t flow_ctrl;
    uint8_t rx_flow_ctrl_thresh;
    uart_sclk_t source_clk;
} uart_config_t;
typedef struct QueueDefinition *QueueHandle_t;
typedef uint32_t TickType_t;
#define UART_PIN_NO_CHANGE (-1)
esp_err_t uart_driver_install(uart_port_t port, int rx_buffer, int tx_buffer, int queue_size,
                              QueueHandle_t *queue, int interrupt_flags);
esp_err_t uart_param_config(uart_port_t port, const uart_config_t *config);
esp_err_t uart_set_pin(uart_port_t port, int tx, int rx, int rts, int cts);
esp_err_t uart_get_tx_buffer_free_size(uart_port_t port, size_t *size);
int uart_read_bytes(uart_port_t port, void *out, uint32_t size, TickType_t ticks);
int uart_write_bytes(uart_port_t port, const void *bytes, size_t size);

// esp_partition.h
typedef enum { ESP_PARTITION_TYPE_APP, ESP_PARTITION_TYPE_DATA } esp_partition_type_t;
typedef enum { ESP_PARTITION_SUBTYPE_ANY = 0xff } esp_partition_subtype_t;
typedef struct {
    esp_partition_type_t type;
    esp_partition_subtype_t subtype;
    uint32_t address, size, erase_size;
    char label[17];
} esp_partition_t;
const esp_partition_t *esp_partition_find_first(esp_partition_type_t type,
                                                esp_partition_subtype_t subtype, const char *label);
esp_err_t esp_partition_read(const esp_partition_t *partition, size_t at, void *out, size_t size);
esp_err_t esp_partition_write(const esp_partition_t *partition, size_t at, const void *bytes,
                              size_t size);
esp_err_t esp_partition_erase_range(const esp_partition_t *partition, size_t at, size_t size);

// esp_heap_caps.h, esp_random.h, bootloader_random.h, esp_system.h, esp_timer.h, esp_task_wdt.h
#define MALLOC_CAP_SPIRAM (1U << 10)
void *heap_caps_aligned_alloc(size_t alignment, size_t size, uint32_t caps);
void esp_fill_random(void *out, size_t size);
void bootloader_random_enable(void);
_Noreturn void esp_restart(void);
int64_t esp_timer_get_time(void);
typedef struct tskTaskControlBlock *TaskHandle_t;
esp_err_t esp_task_wdt_add(TaskHandle_t task);
esp_err_t esp_task_wdt_reset(void);

// freertos/task.h, soc/soc.h
void vTaskDelay(TickType_t ticks);
#define SOC_DRAM_LOW         0x3FC88000
#define SOC_DRAM_HIGH        0x3FD00000
#define SOC_EXTRAM_DATA_LOW  0x3C000000
#define SOC_EXTRAM_DATA_HIGH 0x3E000000

#endif
