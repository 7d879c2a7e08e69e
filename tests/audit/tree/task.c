// Tasks of an RTOS of which every header is missing.
#include "board.h"
#include <FreeRTOS.h>
static item_t *items[MAX_ITEMS];
void task(void *arg) {
    msg_t *m = pvPortMalloc(sizeof(msg_t)); // site platform - - -
    for (;;) {
        if (xQueueReceive(q, &m, portMAX_DELAY) == pdTRUE) {
            buf_t *b = (buf_t *)malloc(m->len); // site malloc - - buf_t
            process(b);
        }
    }
}
ISR(TIMER_vect) {
    char *p = calloc(1, 2); // site malloc - - char
}
int main(void) {
    HAL_Init();
    task(0);
    while (1) {
        __WFI();
    }
}
