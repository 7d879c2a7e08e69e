// An ESP32 with external RAM under ESP-IDF, as ports/common/board.h asks for it: lines are UARTs,
// flash is a partition, BULK is external RAM, taken once at start.
#include <stdio.h>
#include <string.h>

#include <bootloader_random.h>
#include <driver/uart.h>
#include <esp_heap_caps.h>
#include <esp_partition.h>
#include <esp_random.h>
#include <esp_system.h>
#include <esp_task_wdt.h>
#include <esp_timer.h>
#include <freertos/FreeRTOS.h>
#include <freertos/task.h>
#include <sdkconfig.h>
#include <soc/soc.h>

#include "ports/common/board.h"

#define RING 4096 // bytes that a UART keeps while the loop is elsewhere

typedef struct {
    uart_port_t port;
    int tx, rx;
    const char *name;
} uart_line_t;

static const uart_line_t UARTS[] = {
    {UART_NUM_1, CONFIG_RETICULE_TX_1, CONFIG_RETICULE_RX_1, "Uart 1"},
#if CONFIG_RETICULE_LINES == 2
    {UART_NUM_2, CONFIG_RETICULE_TX_2, CONFIG_RETICULE_RX_2, "Uart 2"},
#endif
};

int firmware_main(void);

// ---- Lines

static size_t uart_read(void *self, rns_mem_t out) {
    const uart_line_t *line = self;
    const int size = uart_read_bytes(line->port, out.data, out.size, 0);
    return size > 0 ? (size_t)size : 0;
}

static size_t uart_write(void *self, rns_bytes_t bytes) {
    const uart_line_t *line = self;
    size_t room = 0;
    if (uart_get_tx_buffer_free_size(line->port, &room) != ESP_OK || room == 0) {
        return 0;
    }
    const size_t size = bytes.size < room ? bytes.size : room;
    const int sent = uart_write_bytes(line->port, bytes.data, size);
    return sent > 0 ? (size_t)sent : 0;
}

bool board_line(board_line_t *line) {
    static size_t next;
    if (next == sizeof UARTS / sizeof *UARTS) {
        return false;
    }
    const uart_line_t *uart = &UARTS[next++];
    const uart_config_t config = {.baud_rate = CONFIG_RETICULE_BITRATE,
                                  .data_bits = UART_DATA_8_BITS,
                                  .parity = UART_PARITY_DISABLE,
                                  .stop_bits = UART_STOP_BITS_1,
                                  .source_clk = UART_SCLK_DEFAULT};
    if (uart_driver_install(uart->port, RING, RING, 0, NULL, 0) != ESP_OK ||
        uart_param_config(uart->port, &config) != ESP_OK ||
        uart_set_pin(uart->port, uart->tx, uart->rx, UART_PIN_NO_CHANGE, UART_PIN_NO_CHANGE) !=
            ESP_OK) {
        board_stop("a UART cannot be opened");
    }
    *line =
        (board_line_t){uart_read, uart_write, (void *)uart, uart->name, CONFIG_RETICULE_BITRATE};
    return true;
}

// ---- Flash

static bool partition_read(void *self, uint32_t at, rns_mem_t out) {
    return esp_partition_read(self, at, out.data, out.size) == ESP_OK;
}

static bool partition_write(void *self, uint32_t at, rns_bytes_t bytes) {
    return esp_partition_write(self, at, bytes.data, bytes.size) == ESP_OK;
}

static bool partition_erase(void *self, uint32_t sector) {
    const esp_partition_t *partition = self;
    return esp_partition_erase_range(partition, sector * partition->erase_size,
                                     partition->erase_size) == ESP_OK;
}

const board_flash_t *board_flash(void) {
    static board_flash_t flash;
    const esp_partition_t *partition = esp_partition_find_first(
        ESP_PARTITION_TYPE_DATA, ESP_PARTITION_SUBTYPE_ANY, CONFIG_RETICULE_PARTITION);
    if (partition == NULL) {
        return NULL;
    }
    flash = (board_flash_t){.sectors = partition->size / partition->erase_size,
                            .sector_bytes = partition->erase_size,
                            .read = partition_read,
                            .write = partition_write,
                            .erase = partition_erase,
                            .self = (void *)partition};
    return &flash;
}

// ---- The board

void board_init(void) {
    bootloader_random_enable(); // without a radio the generator has no other source
    (void)esp_task_wdt_add(NULL);
}

const board_memory_t *board_memory(void) {
    static const board_memory_t memory = {BOARD_NAME, SOC_DRAM_LOW, SOC_DRAM_HIGH - SOC_DRAM_LOW,
                                          SOC_EXTRAM_DATA_LOW,
                                          SOC_EXTRAM_DATA_HIGH - SOC_EXTRAM_DATA_LOW};
    return &memory;
}

uint8_t *board_bulk(size_t size) {
    return heap_caps_aligned_alloc(16, size, MALLOC_CAP_SPIRAM);
}

rns_us_t board_now(void) {
    return esp_timer_get_time();
}

void board_idle(void) {
    vTaskDelay(1);
}

void board_alive(void) {
    (void)esp_task_wdt_reset();
}

bool board_entropy(void *user, uint8_t *out, size_t size) {
    (void)user;
    esp_fill_random(out, size);
    return true;
}

void board_print(const char *text) {
    (void)fputs(text, stdout);
    (void)fflush(stdout);
}

void board_stop(const char *why) {
    (void)printf("stopped: %s\n", why);
    (void)fflush(stdout);
    esp_restart();
}

void app_main(void) {
    (void)firmware_main();
}
