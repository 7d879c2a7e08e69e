// Unit tests of the node's time: when it asks to be called, and that it does not ask without end.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rns/providers.h"
#include "rns/rns.h"

#define SECOND ((rns_us_t)1000000)

static bool entropy(void *user, uint8_t *out, size_t size) {
    (void)user;
    memset(out, 0x5A, size);
    return true;
}

static rns_node_t *open_node(rns_config_t *config) {
    size_t need[RNS_REGION_COUNT];
    rns_node_t *node = NULL;
    *config = (rns_config_t){.crypto = &rns_crypto_fake, .entropy = entropy, .transport = true};
    config->profile = RNS_PROFILE_MCU;
    config->respond_to_probes = true;
    rns_plan(config, need);
    config->mem[RNS_REGION_FAST] =
        (rns_mem_t){malloc(need[RNS_REGION_FAST]), need[RNS_REGION_FAST]};
    assert_non_null(config->mem[RNS_REGION_FAST].data);
    assert_int_equal(rns_open(config, 0, &node), RNS_ERR_OK);
    return node;
}

// Three hours, called whenever it asks to be: it may look at its tables every five seconds.
static void a_node_with_nothing_to_do_sleeps_between_its_ticks(void **state) {
    rns_config_t config;
    rns_node_t *node = open_node(&config);
    rns_us_t now = 0;
    unsigned ticks = 0;
    (void)state;
    while (now < 3 * 3600 * SECOND) {
        rns_tick(node, now);
        ticks++;
        const rns_us_t due = rns_next_due(node);
        assert_true(due > now);
        now = due;
    }
    assert_in_range(ticks, 2, 2200);
    rns_close(node);
    free(config.mem[RNS_REGION_FAST].data);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_node_with_nothing_to_do_sleeps_between_its_ticks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
