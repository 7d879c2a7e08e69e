#include <stdlib.h>
#include <string.h>

struct item {
    int number;
};

typedef struct {
    void *(*take)(size_t size);
    void (*send)(int size);
} driver_t;

static void *take(size_t size) {
    return malloc(size); // site malloc per_packet - void
}

static void send_it(int size) {
    char *text = strdup("text"); // site malloc per_packet - char
    (void)size;
    free(text);
}

static const driver_t driver = {.take = take, .send = send_it};

void on_packet(int size) {
    free(driver.take((size_t)size));
    driver.send(size);
}

void alloc_in_c(int size) {
    struct item *items = calloc((size_t)size, sizeof *items); // site malloc per_transfer - item
    items = realloc(items, 10 * sizeof(struct item));         // site malloc per_transfer - item
    void *aligned = NULL;
    if (posix_memalign(&aligned, 64, 128) == 0) { // site malloc per_transfer -
        free(aligned);
    }
    free(items);
}

// rnaudit: per_link
void annotated(void) {
    free(malloc(1)); // site malloc per_link -
}

void annotated_site(void) {
    // rnaudit: startup
    free(malloc(2)); // site malloc startup -
    free(malloc(3)); // site malloc unknown -
}
