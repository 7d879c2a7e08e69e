// mock.h -- the commands behavioral_*: nodes in memory. What their interfaces send is collected,
// what they receive is handed in, and they work when a command lets them.
//
// The node's time is the system's. It works off what is due, at each deadline in turn, when a frame
// is handed in and when a command comes after a quarter of a second or more: so often the reference
// looks at its tables (Transport.job_interval). Commands tell times in Unix seconds.
#ifndef CONFORMANCE_MOCK_H_INCLUDED
#define CONFORMANCE_MOCK_H_INCLUDED

#include <uv.h>

#include "bridge.h"
#include "folder.h"
#include "host/store.h"

#define MOCK_ID 24U // bytes of what names an interface or a listener, with its NUL

// An interface. It keeps its name and what it sent when it is detached.
typedef struct mock_iface mock_iface_t;
struct mock_iface {
    mock_iface_t *next;
    char id[MOCK_ID];
    rns_iface_t handle;
    bool is_attached;
    rns_iface_info_t info; // as it was attached
    json_t *sent;          // frames, not yet asked for: hex
};

// A destination of ours.
typedef struct mock_dest mock_dest_t;
struct mock_dest {
    mock_dest_t *next;
    rns_dest_t handle;
    rns_hash_t hash;
    json_t *deliveries; // hex
};

// A listener for announces.
typedef struct mock_listener mock_listener_t;
struct mock_listener {
    mock_listener_t *next;
    char id[MOCK_ID];
    rns_handler_t handle;
    bool is_registered, wants_packet_hash;
    json_t *calls;
};

struct mock {
    mock_t *next;
    bridge_t *bridge;
    char handle[MOCK_ID];
    char directory[FOLDER_PATH]; // of its storage: its own, removed at the end
    store_t *store;
    uv_loop_t loop; // of the store
    rns_config_t config;
    rns_node_t *node;
    rns_us_t now;         // the node's
    rns_us_t worked;      // when it last worked off all that was due
    int64_t unix_at_zero; // Unix time when the monotonic clock showed 0, in microseconds
    json_t *defaults;     // parameters of interfaces that do not say otherwise
    mock_iface_t *ifaces;
    mock_dest_t *dests;
    mock_listener_t *listeners;
};

// ---- Life. config: transport and identity. NULL: it cannot, and the call fails.
mock_t *mock_open(call_t *call, const rns_config_t *config);
void mock_close(mock_t *mock);
void mock_close_all(bridge_t *bridge);

// ---- What commands name. NULL: there is none, and the call fails.
mock_t *mock_find(const bridge_t *bridge, const char *handle); // NULL is no failure
mock_t *mock_of(call_t *call);                                 // the parameter handle
mock_iface_t *mock_iface_of(call_t *call, const mock_t *mock, const char *parameter);

// ---- Time
// The node's time becomes the system's.
rns_us_t mock_now(mock_t *mock);
// Works off all that is due, and takes what is sent.
void mock_work(mock_t *mock);
json_t *mock_unix(const mock_t *mock, rns_us_t at); // Unix seconds
// The node's time of Unix seconds.
rns_us_t mock_time(const mock_t *mock, double unix_seconds);

// ---- Interfaces
// Hands in a frame, and works. What is handed to a detached interface is lost.
void mock_receive(mock_t *mock, mock_iface_t *iface, rns_mem_t frame);
void mock_take_sent(mock_t *mock); // what waits to be sent is collected at its interface
// Of an interface by the handle that an entry has: its id, or null.
json_t *mock_iface_id(const mock_t *mock, rns_iface_t handle);
const mock_iface_t *mock_iface_at(const mock_t *mock, rns_iface_t handle); // NULL: none

#endif
