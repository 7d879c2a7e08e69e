// rate.c -- see rate.h. The rule is the one of Transport.inbound for announces that were accepted.
#include "route/rate.h"

static rnsi_pool_t *pool_of(const rns_node_t *node) {
    return (rnsi_pool_t *)RNSI_POOL(node, RATE);
}

// The last times of a destination, in a ring.
static void remember(const rns_node_t *node, struct rnsi_rate *rate) {
    if (rate->count == RNSI_RATE_SAMPLES) {
        rate->head = (uint8_t)((rate->head + 1U) % RNSI_RATE_SAMPLES);
        rate->count--;
    }
    const uint32_t at_s = (uint32_t)((node->now - node->opened) / RNSI_SECOND);
    rate->at_s[(rate->head + rate->count) % RNSI_RATE_SAMPLES] = at_s;
    rate->count++;
}

static void open_rate(rns_node_t *node, const uint8_t dest[16]) {
    struct rnsi_rate *rate = rnsi_pool_take(pool_of(node), node->now, dest);
    if (rate != NULL) {
        rate->last = node->now;
        rate->blocked_until = node->now - 1;
        remember(node, rate);
    }
}

static void judge(struct rnsi_rate *rate, rns_us_t now, rns_us_t target) {
    if (now - rate->last < target) {
        rate->violations++;
    } else if (rate->violations > 0) {
        rate->violations--;
    }
}

bool rnsi_rate_blocks(rns_node_t *node, const struct rnsi_iface *iface, const uint8_t dest[16]) {
    const rns_us_t target = iface->rate_target_s * RNSI_SECOND;
    if (target == 0) {
        return false;
    }
    struct rnsi_rate *rate = rnsi_pool_find(pool_of(node), dest);
    if (rate == NULL) {
        open_rate(node, dest);
        return false;
    }
    rnsi_pool_touch(pool_of(node), rate, node->now);
    remember(node, rate);
    if (node->now <= rate->blocked_until) {
        return true;
    }
    judge(rate, node->now, target);
    if (rate->violations > iface->rate_grace) {
        rate->blocked_until = rate->last + target + iface->rate_penalty_s * RNSI_SECOND;
        return true;
    }
    rate->last = node->now;
    return false;
}
