// lab.c -- see lab.h.
#include "lab.h"

#include <stdlib.h>
#include <string.h>

#include "host/clock.h"
#include "rns/providers.h"

#define ROUNDS_MOST 100U // of frames to and fro

// ---- Events

static void on_packet(lab_side_t *side, const rns_event_t *event) {
    side->has_packet = true;
    side->size = event->data.size;
    memcpy(side->data, event->data.data, event->data.size);
    side->has_ratchet = event->ratchet_id != NULL;
    if (side->has_ratchet) {
        memcpy(side->ratchet_id, event->ratchet_id, sizeof side->ratchet_id);
    }
}

static void on_event(void *user, rns_node_t *node, const rns_event_t *event) {
    lab_side_t *side = user;
    if (event->type == RNS_EV_PACKET) {
        on_packet(side, event);
    } else if (event->type == RNS_EV_APP_DATA && side->app_data.data != NULL) {
        (void)rns_dest_app_data(node, event->dest, side->app_data);
    }
}

// ---- Life

static bool open_side(lab_side_t *side, rns_us_t now, const char *name) {
    rns_config_t config = {.profile = RNS_PROFILE_MCU,
                           .crypto = &rns_crypto_host,
                           .entropy = clock_entropy,
                           .on_event = on_event,
                           .user = side,
                           .unix_us = clock_unix_us()};
    const rns_iface_config_t iface = {
        .name = name, .bitrate = 1000000000, .ingress_control = RNS_NO};
    size_t need[RNS_REGION_COUNT];
    config.mem[RNS_REGION_BULK].data = (uint8_t *)""; // there is some
    rns_plan(&config, need);
    for (size_t i = 0; i < RNS_REGION_COUNT; i++) {
        side->memory[i] = calloc(1, need[i] + 1);
        config.mem[i] = (rns_mem_t){side->memory[i], need[i]};
        config.zeroed[i] = true;
        if (side->memory[i] == NULL) {
            return false;
        }
    }
    return rns_open(&config, now, &side->node) == RNS_ERR_OK &&
           rns_iface_add(side->node, now, &iface, &side->iface) == RNS_ERR_OK;
}

static void close_side(lab_side_t *side) {
    if (side->node != NULL) {
        rns_close(side->node);
    }
    for (size_t i = 0; i < RNS_REGION_COUNT; i++) {
        free(side->memory[i]);
    }
}

void lab_close(bridge_t *bridge) {
    lab_t *lab = bridge->lab;
    if (lab == NULL) {
        return;
    }
    bridge->lab = NULL;
    close_side(&lab->near);
    close_side(&lab->far);
    free(lab);
}

static lab_t *open_lab(call_t *call) {
    lab_t *lab = calloc(1, sizeof *lab);
    if (lab == NULL) {
        return call_fail(call, "no memory");
    }
    call->bridge->lab = lab;
    lab->now = clock_now();
    if (!open_side(&lab->near, lab->now, "near") || !open_side(&lab->far, lab->now, "far")) {
        lab_close(call->bridge);
        return call_fail(call, "the nodes in memory cannot be opened");
    }
    return lab;
}

static void clean(call_t *call, lab_t *lab, lab_side_t *side) {
    rns_mem_t frame;
    rns_tick(side->node, lab->now);
    while (lab_sent(call, lab, side, &frame)) {
    }
    side->has_packet = false;
    side->app_data = (rns_bytes_t){NULL, 0};
}

lab_t *lab_of(call_t *call) {
    lab_t *lab = call->bridge->lab != NULL ? call->bridge->lab : open_lab(call);
    if (lab == NULL) {
        return NULL;
    }
    lab->now = clock_now() > lab->now ? clock_now() : lab->now + 1;
    lab_set_clock(lab, clock_unix_us());
    clean(call, lab, &lab->near);
    clean(call, lab, &lab->far);
    return lab;
}

void lab_set_clock(lab_t *lab, int64_t unix_us) {
    rns_set_clock(lab->near.node, lab->now, unix_us);
    rns_set_clock(lab->far.node, lab->now, unix_us);
}

// ---- The wire

bool lab_sent(call_t *call, lab_t *lab, lab_side_t *side, rns_mem_t *frame) {
    rns_tx_t tx;
    if (!rns_tx_next(side->node, lab->now, side->iface, &tx)) {
        return false;
    }
    *frame = (rns_mem_t){call_alloc(call, tx.frame.size), tx.frame.size};
    memcpy(frame->data, tx.frame.data, tx.frame.size);
    rns_tx_done(side->node, lab->now, side->iface, &tx, true);
    return true;
}

bool lab_sent_packet(call_t *call, lab_t *lab, lab_side_t *side, rnsi_packet_t *packet) {
    rns_mem_t frame;
    if (lab_sent(call, lab, side, &frame) && rnsi_packet_parse(frame, packet)) {
        return true;
    }
    (void)call_fail(call, "the node has sent nothing");
    return false;
}

rns_verdict_t lab_give(lab_t *lab, lab_side_t *side, rns_mem_t frame) {
    const rns_verdict_t verdict = rns_rx(side->node, lab->now, side->iface, frame, NULL);
    rns_tick(side->node, lab->now);
    return verdict;
}

static bool carry(call_t *call, lab_t *lab, lab_side_t *from, lab_side_t *to) {
    rns_mem_t frame;
    rns_tick(from->node, lab->now);
    if (!lab_sent(call, lab, from, &frame)) {
        return false;
    }
    (void)lab_give(lab, to, frame);
    return true;
}

void lab_settle(call_t *call, lab_t *lab) {
    bool moved = true;
    for (unsigned round = 0; moved && round < ROUNDS_MOST; round++) {
        moved = carry(call, lab, &lab->near, &lab->far);
        moved = carry(call, lab, &lab->far, &lab->near) || moved;
    }
}
