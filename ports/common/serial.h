// serial.h -- a serial line as an interface of the node: the reference's SerialInterface, HDLC
// frames of up to 564 bytes.
#ifndef PORTS_SERIAL_H_INCLUDED
#define PORTS_SERIAL_H_INCLUDED

#include "board.h"
#include "rns/framing.h"
#include "rns/iface.h"

#define SERIAL_MTU 564U // SerialInterface.HW_MTU

typedef struct {
    board_line_t line;
    rns_iface_t iface;
    rns_hdlc_port_t reader;
    rns_us_t heard;       // when bytes came last
    rns_us_t quiet_until; // nothing is sent before; 0: it has not begun
    size_t in_size, in_used, out_size, out_sent;
    bool held;
    uint8_t frame[SERIAL_MTU], in[256], out[RNS_HDLC_MAX(SERIAL_MTU)];
} serial_t;

// line is copied. As rns_iface_add().
rns_err_t serial_open(serial_t *serial, rns_node_t *node, rns_us_t now, const board_line_t *line);
// Moves what there is, one piece each way at most. false: nothing moved.
bool serial_turn(serial_t *serial, rns_node_t *node, rns_us_t now);

#endif
