// rns/iface.h -- interfaces: what carries frames. The host adds and removes them as they come and
// go.
#ifndef RNS_IFACE_H_INCLUDED
#define RNS_IFACE_H_INCLUDED

#include "rns/node.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    RNS_MODE_FULL = 1, // also what 0 means
    RNS_MODE_POINT_TO_POINT,
    RNS_MODE_ACCESS_POINT,
    RNS_MODE_ROAMING,
    RNS_MODE_BOUNDARY,
    RNS_MODE_GATEWAY,
    RNS_MODE_INTERNAL
} rns_mode_t;

// How links may use more than 500 bytes: not at all, the interface's MTU, a fixed MTU.
typedef enum { RNS_MTU_NONE, RNS_MTU_AUTO, RNS_MTU_FIXED } rns_mtu_kind_t;

typedef enum { RNS_DEFAULT, RNS_NO, RNS_YES } rns_option_t;

// Zero means the reference's default. Everything is copied.
typedef struct {
    const char
        *name; // the reference's display string: its hash is the interface's; up to 119 bytes
    rns_iface_t parent; // a spawned child's listener; {0, 0}: none
    rns_mode_t mode;
    uint32_t bitrate; // bit/s; default 62,500
    uint32_t hw_mtu;  // bytes; 0: no limit known. Larger than the largest frame row: cut to that
    rns_mtu_kind_t mtu_kind;
    bool offline;          // starts offline
    bool receive_only;     // outgoing = no
    bool no_ingress_limit; // of its kind: radios and serial lines are never limited
    bool small_ifac;       // its kind's code is 8 bytes by default, else 16

    // Access code: none unless name or passphrase is set. size in bytes, 0: the kind's default.
    const char *network_name, *passphrase;
    uint8_t ifac_size;

    uint32_t announce_cap_ppm; // default 20,000 (2 %)
    uint32_t announce_rate_target_s, announce_rate_grace, announce_rate_penalty_s; // target 0: none
    int32_t gravity;
    rns_option_t ingress_control, egress_control; // default yes, no
    rns_option_t recursive_prs;                   // default no
    rns_option_t announces_from_internal;         // default yes
    rns_option_t announces_to_internal;           // default: not said
    // Ingress and egress control: frequencies in thousandths of a hertz, times in milliseconds.
    uint32_t ic_burst_mhz_new, ic_burst_mhz, ic_pr_burst_mhz_new, ic_pr_burst_mhz, ec_pr_mhz;
    uint32_t ic_new_ms, ic_burst_hold_ms, ic_burst_penalty_ms, ic_release_ms, ic_held_max;
} rns_iface_config_t;

// The reference's table of what a bitrate allows (Interface.optimise_mtu); 0: nothing beyond 500.
uint32_t rns_iface_mtu_of(uint32_t bitrate);

// FULL; ARG: no name, unknown mode, access code larger than 64; GONE: its parent is gone.
rns_err_t rns_iface_add(rns_node_t *node, rns_us_t now, const rns_iface_config_t *config,
                        rns_iface_t *iface);
// Frees it and all that waits on it. Paths over it are dropped when they are next looked at.
// STATE: frames are still out (rns_tx_done() first). GONE.
rns_err_t rns_iface_remove(rns_node_t *node, rns_us_t now, rns_iface_t iface);
// Offline interfaces neither take nor send; what waits on them is dropped.
rns_err_t rns_iface_online(rns_node_t *node, rns_us_t now, rns_iface_t iface, bool online);
// Sends the packet that lets the other end know this interface again after a reconnect.
rns_err_t rns_iface_tunnel(rns_node_t *node, rns_us_t now, rns_iface_t iface);

typedef struct {
    char name[120];
    uint8_t hash[32];
    rns_iface_t parent;
    uint32_t children; // interfaces spawned by this one
    rns_mode_t mode;
    bool online, has_ifac, announce_burst, ask_burst, held; // held: its output is full
    uint8_t ifac_size;
    uint8_t ifac_signature[64]; // what tools show of an access code
    uint32_t bitrate, hw_mtu;
    rns_mtu_kind_t mtu_kind;
    uint64_t rx_packets, tx_packets, rx_bytes, tx_bytes; // frames with their access codes
    uint64_t tx_dropped, tx_dropped_bytes, tx_waiting_bytes;
    uint32_t tx_waiting, queued_announces, held_announces;
    uint32_t announces_in_mhz, announces_out_mhz, asks_in_mhz, asks_out_mhz;
} rns_iface_info_t;
rns_err_t rns_iface_info(rns_node_t *node, rns_us_t now, rns_iface_t iface, rns_iface_info_t *info);
// Frames of an interface that got a verdict. 0 when it is gone.
uint32_t rns_iface_count(const rns_node_t *node, rns_iface_t iface, rns_verdict_t verdict);
// The first interface from *cursor on; false: no more. Start with 0.
bool rns_iface_each(const rns_node_t *node, uint32_t *cursor, rns_iface_t *iface);
// Throws away the announces that wait for air time, on all interfaces; returns how many.
uint32_t rns_announce_queues_drop(rns_node_t *node, rns_us_t now);

#ifdef __cplusplus
}
#endif
#endif
