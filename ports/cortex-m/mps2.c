// The MPS2 boards (Cortex-M3, M4, M7) as QEMU has them. Lines, in the order of the command line:
//   line=uart0, line=uart1   the CMSDK UARTs, received by interrupt
//   line=PATH                a terminal of the host
// and flash=PATH, a file of the host.
#include <string.h>

#include "../common/board.h"
#include "../common/flash_image.h"
#include "../common/semihost.h"

#define REG(address) (*(volatile uint32_t *)(uintptr_t)(address))

#define UART(n)     (0x40004000U + 0x1000U * (n)) // data, state, control, interrupts, divider
#define UART_IRQ(n) (2U * (n))                    // of reception
#define UARTS       2U
#define RX_FULL     2U
#define TX_FULL     1U
#define RING        2048U // a power of two

#define WATCHDOG       0x40008000U
#define WATCHDOG_LOCK  0x40008C00U
#define WATCHDOG_TICKS 100000000U  // 4 s; it resets when they have passed twice
#define COUNTER        0x40028018U // 25 MHz
#define COUNTER_MHZ    25U
#define SYSTICK        0xE000E010U // control, reload, value
#define NVIC_ENABLE    0xE000E100U
#define NVIC_DISABLE   0xE000E180U
#define NVIC_PEND      0xE000E200U
#define VECTORS        0xE000ED08U
#define FAULT_STATUS   0xE000ED28U
#define IRQS           32U

#ifdef MPS2_AN500
#define EXTERNAL 0x60000000U
#else
#define EXTERNAL 0x21000000U
#endif

void arm_systick_isr(void);
void arm_nmi_isr(void);
void arm_hardfault_isr(void);
void arm_memmanage_isr(void);
void arm_busfault_isr(void);
void arm_usagefault_isr(void);

typedef struct {
    volatile uint32_t head, tail; // written by the interrupt, by the loop
    volatile uint8_t bytes[RING];
} ring_t;

static ring_t rings[UARTS];

// ---- Interrupts

static void receive(unsigned n) {
    ring_t *ring = &rings[n];
    REG(UART(n) + 12U) = 2; // the interrupt is seen
    while ((REG(UART(n) + 4U) & RX_FULL) != 0) {
        if (ring->head - ring->tail == RING) { // the sender waits, until the loop has taken some
            REG(NVIC_DISABLE) = 1U << UART_IRQ(n);
            return;
        }
        ring->bytes[ring->head % RING] = (uint8_t)REG(UART(n));
        ring->head++;
    }
}

static void uart0_isr(void) {
    receive(0);
}

static void uart1_isr(void) {
    receive(1);
}

void arm_systick_isr(void) { // only to wake the loop
}

static _Noreturn void fault(const char *what) {
    board_print(what);
    board_stop(REG(FAULT_STATUS) != 0 ? " fault" : " interrupt that nobody takes");
}

void arm_nmi_isr(void) { // the watchdog has passed once; the next time it resets
}

void arm_hardfault_isr(void) {
    fault("hard");
}

void arm_memmanage_isr(void) {
    fault("memory");
}

void arm_busfault_isr(void) {
    fault("bus");
}

void arm_usagefault_isr(void) {
    fault("usage");
}

static void stray_isr(void) {
    fault("an");
}

// The linker's table has the vectors of the processor only; those of the UARTs come behind.
static void (*vectors[16 + IRQS])(void) __attribute__((aligned(256)));

static void set_vectors(void) {
    memcpy(vectors, (const void *)(uintptr_t)REG(VECTORS), 16 * sizeof *vectors);
    for (unsigned i = 16; i < 16 + IRQS; i++) {
        vectors[i] = stray_isr;
    }
    vectors[16 + UART_IRQ(0)] = uart0_isr;
    vectors[16 + UART_IRQ(1)] = uart1_isr;
    REG(VECTORS) = (uint32_t)(uintptr_t)vectors;
    __asm__ volatile("dsb\n isb" ::: "memory");
}

// ---- UARTs

static size_t uart_read(void *self, rns_mem_t out) {
    ring_t *ring = self;
    const unsigned n = (unsigned)(ring - rings);
    size_t size = 0;
    while (size < out.size && ring->tail != ring->head) {
        out.data[size++] = ring->bytes[ring->tail % RING];
        ring->tail++;
    }
    if (size > 0) {
        REG(NVIC_ENABLE) = 1U << UART_IRQ(n);
        if ((REG(UART(n) + 4U) & RX_FULL) != 0) { // it came while the interrupt was off
            REG(NVIC_PEND) = 1U << UART_IRQ(n);
        }
    }
    return size;
}

static size_t uart_write(void *self, rns_bytes_t bytes) {
    const unsigned n = (unsigned)((ring_t *)self - rings);
    size_t size = 0;
    while (size < bytes.size && (REG(UART(n) + 4U) & TX_FULL) == 0) {
        REG(UART(n)) = bytes.data[size++];
    }
    return size;
}

static void open_uart(unsigned n, board_line_t *line) {
    static const char *const names[UARTS] = {"Uart 0", "Uart 1"};
    REG(UART(n) + 16U) = 217;  // 115,200 bit/s of 25 MHz
    REG(UART(n) + 8U) = 0x0BU; // send, receive, interrupt when something came
    REG(NVIC_ENABLE) = 1U << UART_IRQ(n);
    *line = (board_line_t){uart_read, uart_write, &rings[n], names[n], 115200};
}

// ---- The board

void board_init(void) {
    set_vectors();
    REG(SYSTICK + 4U) = COUNTER_MHZ * 1000U - 1U; // a millisecond
    REG(SYSTICK + 8U) = 0;
    REG(SYSTICK) = 7;
    REG(0xE000ED24U) |= 7U << 16; // own handlers for faults of memory, bus, usage
    REG(WATCHDOG_LOCK) = 0x1ACCE551U;
    REG(WATCHDOG) = WATCHDOG_TICKS;
    REG(WATCHDOG + 8U) = 3; // counts, and resets
}

const board_memory_t *board_memory(void) {
    static const board_memory_t memory = {BOARD_NAME, 0x20000000U, 0x400000U, EXTERNAL, 0x1000000U};
    return &memory;
}

bool board_line(board_line_t *line) {
    static unsigned place;
    const char *name = semihost_argument("line", &place);
    if (name == NULL) {
        return false;
    }
    if (strcmp(name, "uart0") == 0 || strcmp(name, "uart1") == 0) {
        open_uart((unsigned)(name[4] - '0'), line);
        return true;
    }
    if (!semihost_line(name, line)) {
        board_stop("a line cannot be opened");
    }
    return true;
}

const board_flash_t *board_flash(void) {
    unsigned place = 0;
    const char *path = semihost_argument("flash", &place);
    return path != NULL ? flash_image_open(path) : NULL;
}

rns_us_t board_now(void) {
    static uint32_t before;
    static uint64_t ticks;
    const uint32_t now = REG(COUNTER);
    ticks += now - before; // it is read far more often than it wraps
    before = now;
    return (rns_us_t)(ticks / COUNTER_MHZ);
}

void board_idle(void) {
    __asm__ volatile("wfi" ::: "memory");
}

void board_alive(void) {
    REG(WATCHDOG + 12U) = 1;
}

bool board_entropy(void *user, uint8_t *out, size_t size) {
    (void)user;
    return semihost_entropy(out, size);
}

void board_print(const char *text) {
    semihost_print(text);
}

_Noreturn void board_stop(const char *why) {
    semihost_print(why);
    semihost_print("\n");
    semihost_exit(125);
}
