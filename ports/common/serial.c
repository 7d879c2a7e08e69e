#include "serial.h"

#include "text.h"

#define SILENCE_US 1000000 // a frame that has not gone on for so long is given up
#define QUIET_US   300000  // the reference gives it up after 100 ms, and looks each 80

rns_err_t serial_open(serial_t *s, rns_node_t *node, rns_us_t now, const board_line_t *line) {
    char name[64];
    text_t text = {name, sizeof name, 0};
    text_add(&text, "SerialInterface[");
    text_add(&text, line->name);
    text_add(&text, "]");
    *s = (serial_t){.line = *line, .heard = now};
    s->reader.buffer = (rns_mem_t){s->frame, sizeof s->frame};
    const rns_iface_config_t config = {.name = name,
                                       .bitrate = line->bitrate,
                                       .hw_mtu = SERIAL_MTU,
                                       .no_ingress_limit = true,
                                       .small_ifac = true};
    return rns_iface_add(node, now, &config, &s->iface);
}

static bool receive(serial_t *s, rns_node_t *node, rns_us_t now) {
    rns_mem_t frame;
    if (s->in_used == s->in_size) {
        s->in_used = 0;
        s->in_size = s->line.read(s->line.self, (rns_mem_t){s->in, sizeof s->in});
        if (s->in_size > 0) {
            s->heard = now;
        } else if (now - s->heard > SILENCE_US) {
            s->reader = (rns_hdlc_port_t){.buffer = s->reader.buffer};
            s->heard = now;
        }
    }
    const size_t before = s->in_used;
    while (s->in_used < s->in_size && rns_rx_ready(node, s->iface)) {
        if (rns_hdlc_feed(&s->reader, s->in[s->in_used++], &frame) == RNS_FRAMING_FRAME) {
            (void)rns_rx(node, now, s->iface, frame, NULL);
        }
    }
    return s->in_used > before;
}

// The peer's reader may have the start of a frame that a power cut has cut short. The reference
// forgets one that does not go on, but not a flag with nothing behind it, after which it takes gaps
// for frames for good: so a byte that says nothing, and silence.
static void begin(serial_t *s, rns_us_t now) {
    const uint8_t nothing = 0;
    (void)s->line.write(s->line.self, (rns_bytes_t){&nothing, 1}); // there is room for the first
    s->quiet_until = now + QUIET_US;
}

static bool next_frame(serial_t *s, rns_node_t *node, rns_us_t now) {
    rns_tx_t tx;
    if (!rns_tx_next(node, now, s->iface, &tx)) {
        return false;
    }
    s->out_sent = 0;
    s->out_size = rns_hdlc_encode(tx.frame, (rns_mem_t){s->out, sizeof s->out});
    rns_tx_done(node, now, s->iface, &tx, s->out_size > 0);
    return s->out_size > 0;
}

static bool send(serial_t *s, rns_node_t *node, rns_us_t now) {
    if (s->quiet_until == 0) {
        begin(s, now);
    }
    if (now < s->quiet_until) {
        return false;
    }
    if (s->out_sent == s->out_size && !next_frame(s, node, now)) {
        return false;
    }
    const rns_bytes_t rest = {s->out + s->out_sent, s->out_size - s->out_sent};
    const size_t went = s->line.write(s->line.self, rest);
    s->out_sent += went;
    const bool is_full = went < rest.size;
    if (is_full != s->held || (is_full && went > 0)) { // said again whenever something went out
        rns_tx_hold(node, now, s->iface, is_full);
        s->held = is_full;
    }
    return went > 0;
}

bool serial_turn(serial_t *s, rns_node_t *node, rns_us_t now) {
    const bool received = receive(s, node, now);
    return send(s, node, now) || received;
}
