// pump.c -- see pump.h.
#include "host/pump.h"

#include <stdlib.h>
#include <string.h>

#include "host/clock.h"
#include "host/log.h"
#include "rns/framing.h"

#define READ_BUFFER  (PUMP_CARRY_MOST + PUMP_READ_MOST)
#define WRITE_BUFFER (PUMP_WRITE_MOST + RNS_HDLC_MAX(PUMP_FRAME_MOST) + 1)

#define CHECKS_BESIDE_FRAMES 1U // signatures a turn that this thread checks, with frames coming in
#define CHECKS_ALONE         8U // ... and without: half a millisecond

// What frames lead to goes out after this time, though more wait to be taken: peers whose packets
// take signatures work meanwhile.
#define DRAIN_EVERY_US 250

#define OUTPUTS_EVERY_MS 100U // well below what the node gives to an output that does not move

#define WALL_CHECK_US 1000000 // how often the wall clock is compared, at most
#define WALL_STEP_US  500000  // what it may be off before the node is told

// ---- Wall time

static void check_wall_clock(pump_t *pump, rns_us_t now) {
    if (now - pump->wall_checked < WALL_CHECK_US) {
        return;
    }
    pump->wall_checked = now;
    const int64_t unix_us = clock_unix_us();
    const int64_t step = unix_us - now - pump->wall_offset;
    if (step < WALL_STEP_US && step > -WALL_STEP_US) {
        return;
    }
    log_line(LOG_LEVEL_NOTICE, "The clock was set %s by %.1f seconds",
             step < 0 ? "back" : "forward", (double)(step < 0 ? -step : step) / 1e6);
    pump->wall_offset = unix_us - now;
    rns_set_clock(pump->node, now, unix_us);
    (void)rns_reseed(pump->node);
}

// ---- A turn

static void drain(pump_t *pump) {
    rns_iface_t iface;
    while (rns_tx_ready(pump->node, &iface)) {
        port_t *port = iface.slot < pump->slots ? pump->by_slot[iface.slot] : NULL;
        if (port == NULL) {
            rns_tx_hold(pump->node, clock_now(), iface,
                        true); // of another owner, who must look after it
            continue;
        }
        port->kind->drain(port);
    }
    pump->drained_at = clock_now();
}

// Takes the next port that may go on from the list. A port that is resumed may close others.
static port_t *take_ready(pump_t *pump) {
    port_t **at = &pump->stalled;
    while (*at != NULL && !rns_rx_ready(pump->node, (*at)->iface)) {
        at = &(*at)->next_stalled;
    }
    port_t *port = *at;
    if (port != NULL) {
        *at = port->next_stalled;
        port->stalled = false;
    }
    return port;
}

// It ends: each port takes a frame at least, and none reads from its socket.
static void resume(pump_t *pump) {
    for (port_t *port = take_ready(pump); port != NULL; port = take_ready(pump)) {
        port->kind->resume(port);
        drain(pump);
    }
}

// True: more signatures wait than the workers hold, so this thread goes on in the next turn.
static bool check_signatures(pump_t *pump) {
    const bool frames = pump->frames;
    pump->frames = false;
    if (pump->verify == NULL) {
        return false;
    }
    const size_t most = frames ? CHECKS_BESIDE_FRAMES : CHECKS_ALONE;
    const size_t checked = verify_feed(pump->verify, pump->node)
                               ? verify_here(pump->verify, pump->node, most)
                               : verify_help(pump->verify, pump->node, most);
    pump->took = pump->took || checked > 0;
    return checked == most;
}

static void on_timer(uv_timer_t *timer);
static void on_idle(uv_idle_t *idle) {
    (void)idle; // it keeps the loop from sleeping
}

// What is due at once waits for the next turn, not for a timer: libuv would run that again and
// again before it looks at a socket.
static void arm(pump_t *pump, bool again) {
    const rns_us_t due = rns_next_due(pump->node), left = due - clock_now();
    if (again || pump->took || left <= 0) {
        (void)uv_idle_start(&pump->idle, on_idle);
    } else {
        (void)uv_idle_stop(&pump->idle);
    }
    if (due == pump->armed && uv_is_active((uv_handle_t *)&pump->timer)) {
        return;
    }
    pump->armed = due;
    if (due == RNS_NEVER || left <= 0) {
        (void)uv_timer_stop(&pump->timer);
        return;
    }
    uv_update_time(pump->loop);
    (void)uv_timer_start(&pump->timer, on_timer, (uint64_t)(left + 999) / 1000, 0);
}

static void turn(pump_t *pump) {
    const rns_us_t now = clock_now();
    check_wall_clock(pump, now);
    if (pump->verify != NULL && verify_collect(pump->verify, pump->node, now) > 0) {
        pump->took = true;
    }
    if (pump->took || rns_next_due(pump->node) <= now) {
        pump->took = false;
        rns_tick(pump->node, now);
    }
    const bool again = check_signatures(pump);
    drain(pump);
    resume(pump);
    arm(pump, again);
}

static void on_outputs(uv_timer_t *timer) {
    const pump_t *pump = timer->data;
    bool waits = false;
    for (port_t *port = pump->ports; port != NULL; port = port->next) {
        waits |= port->kind->waits != NULL && port->kind->waits(port);
    }
    if (!waits) {
        (void)uv_timer_stop(timer);
    }
}

static void on_check(uv_check_t *check) {
    turn(check->data);
}

static void on_timer(uv_timer_t *timer) {
    turn(timer->data);
}

// ---- Life

bool pump_open(pump_t *pump, uv_loop_t *loop, rns_node_t *node, const rns_crypto_t *crypto,
               unsigned threads) {
    *pump = (pump_t){.loop = loop, .node = node, .armed = RNS_NEVER};
    rns_pool_info_t ifaces;
    rns_pool_info(node, RNS_POOL_IFACE, &ifaces);
    pump->slots = (size_t)ifaces.slots + 1;
    pump->by_slot = calloc(pump->slots, sizeof(port_t *));
    pump->read_buffer = malloc(READ_BUFFER);
    pump->write_buffer = malloc(WRITE_BUFFER);
    if (pump->by_slot == NULL || pump->read_buffer == NULL || pump->write_buffer == NULL) {
        pump_free(pump);
        return false;
    }
    (void)uv_check_init(loop, &pump->check);
    (void)uv_timer_init(loop, &pump->timer);
    (void)uv_timer_init(loop, &pump->outputs);
    (void)uv_idle_init(loop, &pump->idle);
    pump->check.data = pump->timer.data = pump->outputs.data = pump->idle.data = pump;
    (void)uv_check_start(&pump->check, on_check);
    pump->verify = threads > 0 ? verify_open(loop, crypto, threads) : NULL;
    rns_job_mode(node, pump->verify != NULL);
    pump->wall_checked = clock_now();
    pump->wall_offset = clock_unix_us() - pump->wall_checked;
    pump_wake(pump);
    return true;
}

void pump_wake(pump_t *pump) {
    pump->took = true;
    (void)uv_idle_start(&pump->idle, on_idle);
}

void pump_close(pump_t *pump) {
    drain(pump);
    while (pump->ports != NULL) {
        pump->ports->kind->close(pump->ports);
    }
    uv_close((uv_handle_t *)&pump->check, NULL);
    uv_close((uv_handle_t *)&pump->timer, NULL);
    uv_close((uv_handle_t *)&pump->outputs, NULL);
    uv_close((uv_handle_t *)&pump->idle, NULL);
    verify_close(pump->verify);
}

void pump_free(pump_t *pump) {
    verify_free(pump->verify);
    free(pump->by_slot);
    free(pump->read_buffer);
    free(pump->write_buffer);
    pump->verify = NULL;
    pump->by_slot = NULL;
    pump->read_buffer = pump->write_buffer = NULL;
}

rns_mem_t pump_read_buffer(pump_t *pump) {
    return (rns_mem_t){pump->read_buffer, READ_BUFFER};
}

rns_mem_t pump_write_buffer(pump_t *pump) {
    return (rns_mem_t){pump->write_buffer, WRITE_BUFFER};
}

// ---- Ports

const port_t *pump_port(const pump_t *pump, rns_iface_t iface) {
    const port_t *port = iface.slot < pump->slots ? pump->by_slot[iface.slot] : NULL;
    return port != NULL && port->iface.gen == iface.gen ? port : NULL;
}

// What the interface really takes: its MTU may be cut to the node's largest frame.
static size_t frame_most(const port_t *port, const rns_iface_config_t *config) {
    rns_iface_info_t info;
    if (rns_iface_info(port->pump->node, clock_now(), port->iface, &info) != RNS_ERR_OK ||
        info.hw_mtu == 0) {
        return PUMP_FRAME_MOST;
    }
    const size_t code = info.has_ifac        ? info.ifac_size
                        : config->small_ifac ? RNS_IFAC_SMALL
                                             : RNS_IFAC_DEFAULT;
    const size_t most = info.hw_mtu + code;
    return most < PUMP_FRAME_MOST ? most : PUMP_FRAME_MOST;
}

rns_err_t port_add(port_t *port, const rns_iface_config_t *config) {
    pump_t *pump = port->pump;
    rns_iface_t iface;
    const rns_err_t err = rns_iface_add(pump->node, clock_now(), config, &iface);
    if (err != RNS_ERR_OK) {
        return err;
    }
    if (iface.slot >= pump->slots) {
        (void)rns_iface_remove(pump->node, clock_now(), iface);
        return RNS_ERR_FULL;
    }
    port->iface = iface;
    strncpy(port->name, config->name, sizeof port->name - 1);
    port->name[sizeof port->name - 1] = '\0';
    port->frame_most = frame_most(port, config);
    port->next = pump->ports;
    port->prior = NULL;
    if (pump->ports != NULL) {
        pump->ports->prior = port;
    }
    pump->ports = port;
    pump->by_slot[iface.slot] = port;
    pump_wake(pump);
    return RNS_ERR_OK;
}

static void forget_stall(port_t *port) {
    port_t **at = &port->pump->stalled;
    while (*at != NULL && *at != port) {
        at = &(*at)->next_stalled;
    }
    if (*at == port) {
        *at = port->next_stalled;
    }
    port->stalled = false;
}

void port_remove(port_t *port) {
    pump_t *pump = port->pump;
    if (port->iface.gen == 0) {
        return;
    }
    forget_stall(port);
    if (port->next != NULL) {
        port->next->prior = port->prior;
    }
    if (port->prior != NULL) {
        port->prior->next = port->next;
    } else {
        pump->ports = port->next;
    }
    pump->by_slot[port->iface.slot] = NULL;
    (void)rns_iface_remove(pump->node, clock_now(), port->iface);
    port->iface = (rns_iface_t){0, 0};
    pump_wake(pump);
}

void port_online(port_t *port, bool online) {
    if (port->iface.gen != 0) {
        (void)rns_iface_online(port->pump->node, clock_now(), port->iface, online);
        pump_wake(port->pump);
    }
}

void port_hold(port_t *port, bool held) {
    rns_tx_hold(port->pump->node, clock_now(), port->iface, held);
}

void port_waits(port_t *port) {
    uv_timer_t *outputs = &port->pump->outputs;
    if (!uv_is_active((uv_handle_t *)outputs)) {
        (void)uv_timer_start(outputs, on_outputs, OUTPUTS_EVERY_MS, OUTPUTS_EVERY_MS);
    }
}

void port_failed(port_t *port) {
    if (port->pump->failed != NULL) {
        port->pump->failed(port->pump->user, port);
    }
}

void port_take(port_t *port, rns_us_t now, rns_mem_t frame) {
    (void)rns_rx(port->pump->node, now, port->iface, frame, NULL);
    port->pump->took = port->pump->frames = true;
}

void port_take_batch(port_t *port, rns_us_t now, const rns_mem_t *frames, size_t count) {
    if (count > 0) {
        rns_rx_batch(port->pump->node, now, port->iface, frames, count);
        port->pump->took = port->pump->frames = true;
    }
}

bool port_ready(port_t *port) {
    pump_t *pump = port->pump;
    const bool is_late = clock_now() - pump->drained_at > DRAIN_EVERY_US;
    if (!is_late && rns_rx_ready(pump->node, port->iface)) {
        return true;
    }
    drain(pump);
    if (rns_rx_ready(pump->node, port->iface)) {
        return true;
    }
    if (port->iface.gen != 0 && !port->stalled) {
        port->stalled = true;
        port->next_stalled = pump->stalled;
        pump->stalled = port;
    }
    return false;
}
