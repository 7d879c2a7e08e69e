// host/config.h -- the configuration of the daemon: the reference's file, read into one typed
// record.
//
// Defaults and limits are those of the reference (rns 1.5.7). What the reference knows and we do
// not serve yet, and what nobody knows, is a warning; a value that cannot be meant is an error.
#ifndef HOST_CONFIG_H_INCLUDED
#define HOST_CONFIG_H_INCLUDED

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "host/arena.h"
#include "rns/types.h"

#define CONFIG_INTERFACES_MAX 4096U // [[interfaces]] in one file
#define CONFIG_NOTES_MAX      256U  // errors and warnings that are kept
#define CONFIG_COUNTS_MAX     128U  // rows in [memory]
#define CONFIG_EXIT_PANIC     255   // exit code of the daemon when the configuration has an error
#define CONFIG_BITRATE_MIN    5     // bit/s; less is not believed (Reticulum.MINIMUM_BITRATE)
#define CONFIG_UNSET          (-1)  // of a switch, a rate or a limit that was not given

typedef enum { CONFIG_NOTICE, CONFIG_WARNING, CONFIG_ERROR } config_severity_t;
typedef struct {
    config_severity_t severity;
    unsigned line;    // of the file, 0: none in particular
    const char *text; // with the place in it: "... (/etc/reticulum/config:41)"
} config_note_t;

typedef enum { // the reference's numbers (Interface.MODE_*)
    CONFIG_MODE_FULL = 1,
    CONFIG_MODE_POINT_TO_POINT,
    CONFIG_MODE_ACCESS_POINT,
    CONFIG_MODE_ROAMING,
    CONFIG_MODE_BOUNDARY,
    CONFIG_MODE_GATEWAY,
    CONFIG_MODE_INTERNAL
} config_mode_t;

typedef enum { CONFIG_TCP_SERVER, CONFIG_TCP_CLIENT, CONFIG_UDP } config_type_t;

typedef struct {
    const uint8_t *data; // NULL: not given
    size_t size;
} config_bytes_t;

typedef struct {
    const rns_hash_t *at;
    size_t count;
} config_hashes_t;

// Limits of announces and path requests on an interface.
typedef struct {
    int64_t max_held_announces;
    double burst_hold_s, burst_freq_new_hz, burst_freq_hz, pr_burst_freq_new_hz, pr_burst_freq_hz;
    double new_time_s, burst_penalty_s, held_release_interval_s, egress_pr_freq_hz;
    bool egress_control;
} config_limits_t;

typedef struct {
    bool encrypt, publish_ifac;
    int64_t announce_interval_s,
        stamp_value; // stamp_value: CONFIG_UNSET is the reference's default
    int64_t frequency_hz, bandwidth_hz, modulation; // CONFIG_UNSET: none
    const char *name, *reachable_on, *location_cmd; // NULL: none
    double latitude, longitude, height_m;           // NAN: none
    config_bytes_t lxmf_address;                    // 16 bytes
} config_discovery_t;

typedef struct {
    const char *name, *type_name;
    unsigned line; // where its section begins
    config_type_t type;
    bool enabled;

    config_mode_t mode;
    bool outgoing, bootstrap_only, recursive_prs, announces_from_internal, ingress_control;
    int8_t announces_to_internal; // 1, 0 or CONFIG_UNSET
    int64_t gravity;
    int64_t bitrate_bps; // 0: what this type of interface guesses
    int64_t ifac_bytes;  // length of the access code; 0: the default of this type
    const char *network_name, *passphrase_secret; // of the access code; NULL: none
    double announce_cap;                          // share of the bitrate, above 0 and up to 1
    int64_t announce_rate_target_s;               // 0: announces are not rate limited
    int64_t announce_rate_grace, announce_rate_penalty_s;
    config_limits_t limits;
    bool discoverable;
    config_discovery_t discovery; // set when discoverable

    const char *device, *listen_ip; // TCP server, UDP; NULL: none
    int64_t listen_port;            // CONFIG_UNSET: none
    bool prefer_ipv6;               // TCP server
    const char *target_host;        // TCP client
    int64_t target_port;
    bool kiss_framing, i2p_tunneled; // TCP client; i2p_tunneled also of the server
    int64_t connect_timeout_s, max_reconnect_tries,
        fixed_mtu;          // CONFIG_UNSET: default, no end, none
    const char *forward_ip; // UDP
    int64_t forward_port;
} config_interface_t;

// A number of slots for one row of the pool table.
typedef struct {
    const char *row;
    int64_t count;
    unsigned line;
} config_count_t;

typedef struct {
    arena_t arena;
    const char *file; // its name, for messages
    bool created;     // there was none, the default one was written

    int64_t log_level; // 0 to 8
    bool log_timestamps;

    bool enable_transport, static_transport_identity, local_hops_delta, link_mtu_discovery;
    bool use_implicit_proof, respond_to_probes, panic_on_interface_error;
    bool enable_remote_management, enable_interface_management;
    config_hashes_t remote_management_allowed;
    const char *network_identity; // path, NULL: none
    bool share_instance;
    const char *instance_name, *shared_instance_type; // type: "unix" or "tcp"
    int64_t shared_instance_port, instance_control_port;
    int64_t force_shared_instance_bitrate_bps; // CONFIG_UNSET: none
    config_bytes_t rpc_key_secret;             // data NULL: derived from the identity
    bool discover_interfaces, autoconnect_unverified_implementations;
    int64_t required_discovery_value, autoconnect_discovered_interfaces;
    config_mode_t autoconnect_interface_mode; // 0: not given
    int64_t autoconnect_interface_gravity;    // 0: not given
    bool autoconnect_announces_to_internal;
    config_hashes_t interface_discovery_sources;
    bool publish_blackhole;
    config_hashes_t blackhole_sources;
    double blackhole_update_interval_min;
    int64_t default_gravity;
    int64_t default_ar_target_s, default_ar_penalty_s, default_ar_grace; // on transport nodes
    config_limits_t limits;
    int64_t queue_data, queue_announce, queue_path_request, queue_ingress_limited; // frames

    config_interface_t *interfaces; // in the order of the file, also those not enabled
    size_t interface_count;

    // [memory] and [reticule] are ours; the reference ignores sections it does not know.
    const char *profile; // "server" (the default), "router", "mcu" or "tiny"
    config_count_t counts[CONFIG_COUNTS_MAX];
    size_t count_count;
    int64_t verify_threads; // 0: in the loop; CONFIG_UNSET: as many as the daemon likes

    config_note_t notes[CONFIG_NOTES_MAX]; // by line
    size_t note_count, error_count;
} config_t;

// Reads `size` bytes of text; `file` is its name. False: it has errors, see the notes. Free with
// config_close() in either case. `config` need not be initialised.
bool config_parse(config_t *config, const char *file, const char *text, size_t size);

// The same from the file `config` in a directory that exists; where there is no such file, the
// default one is written.
bool config_load(config_t *config, const char *directory);

// Checks the rows of [memory]: row() gives the index of a row, SIZE_MAX when there is none of that
// name. False: errors were added to the notes.
bool config_check_rows(config_t *config, size_t (*row)(const char *name));

// Wipes and frees everything that the configuration holds.
void config_close(config_t *config);

// The directory: `argument`, or the first of /etc/reticulum and ~/.config/reticulum that holds a
// file `config`, or else ~/.reticulum. It lives in the arena.
const char *config_find_directory(arena_t *arena, const char *argument);

// Makes the directory and the folders within it that a node keeps its files in, readable for their
// owner alone. False: one cannot be made, *failed is its path in the arena and errno says why.
bool config_make_directories(arena_t *arena, const char *directory, const char **failed);

// What is written where there is no file.
extern const char config_default_text[];

// What --exampleconfig prints. It is a configuration itself. False: `out` took not all of it.
bool config_print_example(FILE *out);

#endif
