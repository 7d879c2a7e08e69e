// What board_zephyr.c uses of Zephyr 3.7, written from its manual: enough to see that the calls are
// well-formed, and no more. Every header that it includes is this one (tools/check_packages.sh).
#ifndef DECLARATIONS_ZEPHYR_H_INCLUDED
#define DECLARATIONS_ZEPHYR_H_INCLUDED

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct device;
extern const struct device a_device;
bool device_is_ready(const struct device *device);

// Devicetree: two aliases of lines, one of the watchdog.
#define DT_ALIAS(name)            name
#define DEVICE_DT_GET(name)       (&a_device)
#define DT_PROP(name, property)   115200
#define DT_NODE_EXISTS(name)      1
#define FIXED_PARTITION_EXISTS(p) 1
#define FIXED_PARTITION_ID(p)     0

#define ARRAY_SIZE(array) (sizeof(array) / sizeof *(array))
#define CODE_UNREACHABLE  __builtin_unreachable()

// drivers/uart.h
typedef void (*uart_irq_callback_user_data_t)(const struct device *uart, void *user);
int uart_irq_callback_user_data_set(const struct device *uart, uart_irq_callback_user_data_t call,
                                    void *user);
int uart_irq_update(const struct device *uart);
int uart_irq_rx_ready(const struct device *uart);
void uart_irq_rx_enable(const struct device *uart);
void uart_irq_rx_disable(const struct device *uart);
int uart_fifo_read(const struct device *uart, uint8_t *out, const int size);
int uart_fifo_fill(const struct device *uart, const uint8_t *bytes, int size);

// sys/ring_buffer.h
struct ring_buf {
    uint8_t *buffer;
    uint32_t size;
};
void ring_buf_init(struct ring_buf *ring, uint32_t size, uint8_t *bytes);
uint32_t ring_buf_put_claim(struct ring_buf *ring, uint8_t **room, uint32_t size);
int ring_buf_put_finish(struct ring_buf *ring, uint32_t size);
uint32_t ring_buf_get(struct ring_buf *ring, uint8_t *out, uint32_t size);

// storage/flash_map.h, drivers/flash.h
struct flash_area {
    uint8_t fa_id;
    off_t fa_off;
    size_t fa_size;
};
struct flash_pages_info {
    off_t start_offset;
    size_t size;
    uint32_t index;
};
int flash_area_open(uint8_t id, const struct flash_area **area);
int flash_area_read(const struct flash_area *area, off_t at, void *out, size_t size);
int flash_area_write(const struct flash_area *area, off_t at, const void *bytes, size_t size);
int flash_area_erase(const struct flash_area *area, off_t at, size_t size);
const struct device *flash_area_get_device(const struct flash_area *area);
int flash_get_page_info_by_offs(const struct device *device, off_t at,
                                struct flash_pages_info *page);

// drivers/watchdog.h
struct wdt_window {
    uint32_t min, max;
};
struct wdt_timeout_cfg {
    struct wdt_window window;
    void (*callback)(const struct device *device, int channel);
    uint8_t flags;
};
#define WDT_FLAG_RESET_SOC          2
#define WDT_OPT_PAUSE_HALTED_BY_DBG 2
int wdt_install_timeout(const struct device *device, const struct wdt_timeout_cfg *config);
int wdt_setup(const struct device *device, uint8_t options);
int wdt_feed(const struct device *device, int channel);

// kernel.h, random/random.h, sys/printk.h, sys/reboot.h, multi_heap/shared_multi_heap.h
int64_t k_uptime_ticks(void);
uint64_t k_ticks_to_us_floor64(uint64_t ticks);
int32_t k_msleep(int32_t ms);
int sys_csrand_get(void *out, size_t size);
void printk(const char *format, ...) __attribute__((format(printf, 1, 2)));
#define SYS_REBOOT_COLD 1
void sys_reboot(int type);
#define SMH_REG_ATTR_EXTERNAL 2
void *shared_multi_heap_aligned_alloc(unsigned attribute, size_t alignment, size_t size);

#endif
