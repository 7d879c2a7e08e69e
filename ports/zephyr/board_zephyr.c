// Any board of Zephyr, as ports/common/board.h asks for it: lines are the devicetree aliases
// reticule-uart0 and reticule-uart1, flash is the fixed partition reticule_partition.
#include <string.h>

#include <zephyr/device.h>
#include <zephyr/devicetree.h>
#include <zephyr/drivers/flash.h>
#include <zephyr/drivers/uart.h>
#include <zephyr/drivers/watchdog.h>
#include <zephyr/kernel.h>
#include <zephyr/random/random.h>
#include <zephyr/storage/flash_map.h>
#include <zephyr/sys/printk.h>
#include <zephyr/sys/reboot.h>
#include <zephyr/sys/ring_buffer.h>
#ifdef CONFIG_RETICULE_EXTERNAL_RAM
#include <zephyr/multi_heap/shared_multi_heap.h>
#endif

#include "ports/common/board.h"
#include "rns/static.h"

#define RING        2048U
#define WATCHDOG_MS 8000U

typedef struct {
    const struct device *uart;
    const char *name;
    uint32_t bitrate;
    struct ring_buf in;
    uint8_t bytes[RING];
} uart_line_t;

static uart_line_t uarts[] = {
    {.uart = DEVICE_DT_GET(DT_ALIAS(reticule_uart0)),
     .name = "Uart 0",
     .bitrate = DT_PROP(DT_ALIAS(reticule_uart0), current_speed)},
#if DT_NODE_EXISTS(DT_ALIAS(reticule_uart1))
    {.uart = DEVICE_DT_GET(DT_ALIAS(reticule_uart1)),
     .name = "Uart 1",
     .bitrate = DT_PROP(DT_ALIAS(reticule_uart1), current_speed)},
#endif
};

// ---- Lines

static void on_uart(const struct device *uart, void *user) {
    uart_line_t *line = user;
    uint8_t *room;
    while (uart_irq_update(uart) > 0 && uart_irq_rx_ready(uart) > 0) {
        const uint32_t size = ring_buf_put_claim(&line->in, &room, RING);
        if (size == 0) { // until the loop has taken some
            uart_irq_rx_disable(uart);
            return;
        }
        const int got = uart_fifo_read(uart, room, (int)size);
        (void)ring_buf_put_finish(&line->in, got > 0 ? (uint32_t)got : 0);
    }
}

static size_t uart_take(void *self, rns_mem_t out) {
    uart_line_t *line = self;
    const uint32_t size = ring_buf_get(&line->in, out.data, (uint32_t)out.size);
    if (size > 0) {
        uart_irq_rx_enable(line->uart);
    }
    return size;
}

// As much as its fifo takes.
static size_t uart_give(void *self, rns_bytes_t bytes) {
    const uart_line_t *line = self;
    const int size = uart_fifo_fill(line->uart, bytes.data, (int)bytes.size);
    return size > 0 ? (size_t)size : 0;
}

bool board_line(board_line_t *out) {
    static size_t next;
    if (next == ARRAY_SIZE(uarts)) {
        return false;
    }
    uart_line_t *line = &uarts[next++];
    if (!device_is_ready(line->uart)) {
        board_stop("a UART is not ready");
    }
    ring_buf_init(&line->in, RING, line->bytes);
    (void)uart_irq_callback_user_data_set(line->uart, on_uart, line);
    uart_irq_rx_enable(line->uart);
    *out = (board_line_t){uart_take, uart_give, line, line->name, line->bitrate};
    return true;
}

// ---- Flash

#if FIXED_PARTITION_EXISTS(reticule_partition)
static const struct flash_area *area;
static board_flash_t flash;

static bool area_read(void *self, uint32_t at, rns_mem_t out) {
    (void)self;
    return flash_area_read(area, (off_t)at, out.data, out.size) == 0;
}

static bool area_write(void *self, uint32_t at, rns_bytes_t bytes) {
    (void)self;
    return flash_area_write(area, (off_t)at, bytes.data, bytes.size) == 0;
}

static bool area_erase(void *self, uint32_t sector) {
    (void)self;
    return flash_area_erase(area, (off_t)(sector * flash.sector_bytes), flash.sector_bytes) == 0;
}

const board_flash_t *board_flash(void) {
    struct flash_pages_info page;
    if (flash_area_open(FIXED_PARTITION_ID(reticule_partition), &area) != 0 ||
        flash_get_page_info_by_offs(flash_area_get_device(area), area->fa_off, &page) != 0) {
        return NULL;
    }
    flash = (board_flash_t){.sectors = (uint32_t)(area->fa_size / page.size),
                            .sector_bytes = (uint32_t)page.size,
                            .read = area_read,
                            .write = area_write,
                            .erase = area_erase};
    return &flash;
}
#else
const board_flash_t *board_flash(void) {
    return NULL;
}
#endif

// ---- Watchdog

#if DT_NODE_EXISTS(DT_ALIAS(watchdog0))
static const struct device *const watchdog = DEVICE_DT_GET(DT_ALIAS(watchdog0));
static int channel = -1;

static void start_watchdog(void) {
    const struct wdt_timeout_cfg timeout = {.window = {.min = 0, .max = WATCHDOG_MS},
                                            .flags = WDT_FLAG_RESET_SOC};
    channel = wdt_install_timeout(watchdog, &timeout);
    if (channel >= 0) {
        (void)wdt_setup(watchdog, WDT_OPT_PAUSE_HALTED_BY_DBG);
    }
}

void board_alive(void) {
    if (channel >= 0) {
        (void)wdt_feed(watchdog, channel);
    }
}
#else
static void start_watchdog(void) {
}

void board_alive(void) {
}
#endif

// ---- The board

void board_init(void) {
    start_watchdog();
}

// Where the linker puts things is the devicetree's business: the check is not made here.
const board_memory_t *board_memory(void) {
    static const board_memory_t memory = {BOARD_NAME, 0, UINTPTR_MAX, 0, UINTPTR_MAX};
    return &memory;
}

uint8_t *board_bulk(size_t size) {
#ifdef CONFIG_RETICULE_EXTERNAL_RAM
    return shared_multi_heap_aligned_alloc(SMH_REG_ATTR_EXTERNAL, RNS_STATIC_ALIGN, size);
#else
    static _Alignas(RNS_STATIC_ALIGN) uint8_t bulk[RNS_STATIC_BULK_BYTES(MCU)];
    return size <= sizeof bulk ? bulk : NULL;
#endif
}

rns_us_t board_now(void) {
    return (rns_us_t)k_ticks_to_us_floor64(k_uptime_ticks());
}

void board_idle(void) {
    (void)k_msleep(1);
}

bool board_entropy(void *user, uint8_t *out, size_t size) {
    (void)user;
    return sys_csrand_get(out, size) == 0;
}

void board_print(const char *text) {
    printk("%s", text);
}

void board_stop(const char *why) {
    printk("stopped: %s\n", why);
    sys_reboot(SYS_REBOOT_COLD);
    CODE_UNREACHABLE;
}
