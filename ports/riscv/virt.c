// QEMU's virt with one RV32IMC processor. Lines, in the order of the command line:
//   line=uart0   the 16550 UART, received by interrupt
//   line=PATH    a terminal of the host
// Records are kept in the second bank of its flash.
#include <string.h>

#include "../common/board.h"
#include "../common/semihost.h"
#include "cfi_flash.h"

#define REG8(address)  (*(volatile uint8_t *)(uintptr_t)(address))
#define REG32(address) (*(volatile uint32_t *)(uintptr_t)(address))

#define UART       0x10000000U // data, interrupts, FIFO, format, modem, state
#define RX_FULL    0x01U
#define TX_EMPTY   0x20U
#define UART_FIFO  16U
#define UART_IRQ   10U
#define RING       2048U // a power of two
#define PLIC       0x0C000000U
#define PLIC_ON    (PLIC + 0x2000U)   // bits of the interrupts that are on
#define PLIC_LEAST (PLIC + 0x200000U) // priority that does not pass
#define PLIC_CLAIM (PLIC + 0x200004U)
#define TIME       0x0200BFF8U // 10 MHz, 64 bits
#define TIME_NEXT  0x02004000U
#define TIME_MHZ   10U
#define FLASH      0x22000000U
#define FINISHER   0x00100000U // of QEMU: ends or resets the machine
#define RESET      0x7777U

#define CAUSE_TIMER    0x80000007U
#define CAUSE_EXTERNAL 0x8000000BU
#define MIE            0x880U // timer and external interrupts
#define MSTATUS_MIE    8U

#define SILENT_MOST_MS 8000U // without board_alive()

#define READ_CSR(name, value)                                                                      \
    __asm__ volatile(".option push\n.option arch, +zicsr\ncsrr %0, " name "\n.option pop"          \
                     : "=r"(value))
#define WRITE_CSR(name, value)                                                                     \
    __asm__ volatile(".option push\n.option arch, +zicsr\ncsrw " name                              \
                     ", %0\n.option pop" ::"r"(value)                                              \
                     : "memory")
#define SET_CSR(name, value)                                                                       \
    __asm__ volatile(".option push\n.option arch, +zicsr\ncsrs " name                              \
                     ", %0\n.option pop" ::"r"(value)                                              \
                     : "memory")

static volatile struct {
    uint32_t head, tail; // written by the interrupt, by the loop
    uint8_t bytes[RING];
} ring;

static volatile uint32_t alive_ms; // when board_alive() was called last

// ---- Interrupts

static void receive(void) {
    while ((REG8(UART + 5U) & RX_FULL) != 0) {
        if (ring.head - ring.tail == RING) { // the sender waits, until the loop has taken some
            REG8(UART + 1U) = 0;
            return;
        }
        ring.bytes[ring.head % RING] = REG8(UART);
        ring.head++;
    }
}

static uint64_t time_now(void) {
    uint32_t high, low;
    do {
        high = REG32(TIME + 4U);
        low = REG32(TIME);
    } while (high != REG32(TIME + 4U));
    return (uint64_t)high << 32 | low;
}

static void set_timer(uint64_t at) {
    REG32(TIME_NEXT + 4U) = UINT32_MAX; // so that no half of it is believed
    REG32(TIME_NEXT) = (uint32_t)at;
    REG32(TIME_NEXT + 4U) = (uint32_t)(at >> 32);
}

static uint32_t milliseconds(uint64_t time) {
    return (uint32_t)(time / (1000U * TIME_MHZ));
}

// The machine has no watchdog; the timer's interrupt is one.
static void millisecond(void) {
    const uint64_t now = time_now();
    set_timer(now + 1000U * TIME_MHZ);
    if (milliseconds(now) - alive_ms > SILENT_MOST_MS) {
        REG32(FINISHER) = RESET;
    }
}

static void __attribute__((interrupt("machine"), aligned(4))) trap(void) {
    uint32_t cause;
    READ_CSR("mcause", cause);
    if (cause == CAUSE_TIMER) {
        millisecond();
        return;
    }
    if (cause != CAUSE_EXTERNAL) {
        board_stop("fault");
    }
    const uint32_t irq = REG32(PLIC_CLAIM);
    if (irq == UART_IRQ) {
        receive();
    }
    REG32(PLIC_CLAIM) = irq;
}

// ---- UART

static size_t uart_read(void *self, rns_mem_t out) {
    size_t size = 0;
    (void)self;
    while (size < out.size && ring.tail != ring.head) {
        out.data[size++] = ring.bytes[ring.tail % RING];
        ring.tail++;
    }
    if (size > 0) {
        REG8(UART + 1U) = 1; // the interrupt is on again, and comes if something waits
    }
    return size;
}

static size_t uart_write(void *self, rns_bytes_t bytes) {
    (void)self;
    if ((REG8(UART + 5U) & TX_EMPTY) == 0) {
        return 0;
    }
    size_t size = 0;
    while (size < bytes.size && size < UART_FIFO) {
        REG8(UART) = bytes.data[size++];
    }
    return size;
}

static void open_uart(board_line_t *line) {
    REG8(UART + 3U) = 0x83; // the divider is shown: 115,200 bit/s of 3.6864 MHz
    REG8(UART) = 2;
    REG8(UART + 1U) = 0;
    REG8(UART + 3U) = 3;    // eight bits
    REG8(UART + 2U) = 0x07; // empty FIFOs, interrupt at the first byte
    REG8(UART + 1U) = 1;    // when something came
    REG32(PLIC + 4U * UART_IRQ) = 1;
    REG32(PLIC_ON) = 1U << UART_IRQ;
    REG32(PLIC_LEAST) = 0;
    *line = (board_line_t){uart_read, uart_write, NULL, "Uart 0", 115200};
}

// ---- The board

void board_init(void) {
    WRITE_CSR("mtvec", (uintptr_t)trap);
    board_alive();
    set_timer(time_now() + 1000U * TIME_MHZ);
    SET_CSR("mie", MIE);
    SET_CSR("mstatus", MSTATUS_MIE);
}

const board_memory_t *board_memory(void) {
    static const board_memory_t memory = {BOARD_NAME, 0x80400000U, 0x400000U, 0x81000000U,
                                          0x1000000U};
    return &memory;
}

bool board_line(board_line_t *line) {
    static unsigned place;
    const char *name = semihost_argument("line", &place);
    if (name == NULL) {
        return false;
    }
    if (strcmp(name, "uart0") == 0) {
        open_uart(line);
        return true;
    }
    if (!semihost_line(name, line)) {
        board_stop("a line cannot be opened");
    }
    return true;
}

const board_flash_t *board_flash(void) {
    return cfi_flash_open(FLASH);
}

rns_us_t board_now(void) {
    return (rns_us_t)(time_now() / TIME_MHZ);
}

void board_idle(void) {
    __asm__ volatile("wfi" ::: "memory");
}

void board_alive(void) {
    alive_ms = milliseconds(time_now());
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
