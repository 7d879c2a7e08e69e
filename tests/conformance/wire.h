// wire.h -- the commands wire_*: a real node with real interfaces, and what is known of its
// sessions.
//
// A command that waits runs the loop (wire_wait), so that the node goes on; between commands the
// bridge does. Events are noted where they belong (own_t, session_t) and asked for later.
#ifndef CONFORMANCE_WIRE_H_INCLUDED
#define CONFORMANCE_WIRE_H_INCLUDED

#include "bridge.h"
#include "folder.h"
#include "host/clock.h"
#include "host/daemon.h"
#include "host/startup.h"
#include "wire/packet.h"

#define WIRE_NAME       256U // bytes of "app.aspect.aspect" with its NUL
#define WIRE_STREAMS    16U  // numbers of streams that a listener reads
#define WIRE_FOREVER_MS (INT64_C(1) << 40)

typedef struct own own_t;
typedef struct session session_t;
typedef struct responder responder_t;     // wire_respond.c
typedef struct channel_log channel_log_t; // wire_channel.h
typedef struct transfer transfer_t;       // wire_resource.h

// What a listener does with a link that comes in (wire_listen).
typedef struct {
    rns_accept_t resources; // ASK: takes those of at most 4096 bytes
    bool opens_channel;
    uint16_t streams[WIRE_STREAMS]; // that it reads; 0 is the first
    size_t stream_count;
} listen_t;

// A destination of ours.
struct own {
    own_t *next;
    rns_dest_t handle;
    rns_hash_t hash, identity;
    rns_secret_t secret;
    char name[WIRE_NAME];
    bool is_listener;
    listen_t listen;       // of a listener
    json_t *packets;       // of links, not yet asked for: hex
    json_t *opportunistic; // to the destination itself
    json_t *proofs;        // the context of each packet that was proved
    uint8_t key[64];       // of a GROUP
    uint8_t key_size;      // 0: no GROUP
    bool has_latest;       // a ratchet has decrypted, and the base key not since then
    uint8_t latest[10];    // ... its id
    responder_t *responders;
};

// A link, from when it is opened or asked for until the node is closed.
struct session {
    session_t *next;
    rns_link_t handle;
    rns_hash_t id;
    own_t *own;             // that it leads to; NULL: outbound
    rns_link_info_t info;   // as last seen; state is CLOSED once it is down
    uint8_t reason;         // rns_link_reason_t; 0: not down
    bool is_up;             // it was, once
    uint32_t delivered;     // packets that came over it
    uint32_t closes;        // frames that said it is closed, as they went out
    uint64_t tx_bytes;      // of all its frames that went out
    int keepalive;          // byte of the last one that went out; -1: none
    json_t *pristine;       // packet that was injected last, and may be replayed; NULL: none
    channel_log_t *channel; // NULL: nobody asked for it
};

// A packet on its way between the node and an interface (wire_tap.c), without the access code that
// its frame may have.
typedef struct {
    const rnsi_packet_t *packet;
    rns_tx_t *tx; // of one that goes out, whose bytes and size may be changed; NULL: it comes in
} passing_t;

struct wire {
    bridge_t *bridge;
    char handle[32];
    char directory[FOLDER_PATH]; // of its configuration: its own, removed at the end
    startup_t startup;
    daemon_t *daemon;
    rns_node_t *node;
    uv_async_t line; // a request has come
    uv_timer_t beat; // ends each wait for events, to look at the time
    uint16_t port;   // it listens on; 0: none
    own_t *owns;
    session_t *sessions;
    uint8_t packet[32];   // hash of the packet that was told of last
    uint8_t packet_first; // first byte of what it carried; 0: nothing
    void (*watch)(void *user, const passing_t *passing); // sees each packet; may be NULL
    void *watch_user;
    struct receipt *receipts; // the newest first (wire_receipt.c)
    struct asking *asking;    // a request that a command waits for (wire_request.c)
    uv_timer_t quiet;         // ends the time that answers are held back (wire_tap.c)
    rns_iface_t held;         // of this interface; {0, 0}: of none
    struct lent *lent;        // memory of requests that come as resources (wire_respond.c)
    transfer_t *transfers;    // the newest first
    struct frame_log *log;    // of the frames that came in (wire_log.c)
};

// ---- The frames that came in (wire_log.c)

void frames_open(wire_t *wire);
void frames_close(wire_t *wire);
// packet: in the frame, or behind its access code; NULL: there is none.
void frames_note(wire_t *wire, rns_iface_t iface, rns_mem_t frame, const rnsi_packet_t *packet);

// ---- The instance (wire.c)

// Opens the node of a configuration. NULL: it cannot, and the call fails.
wire_t *wire_open(call_t *call, const char *config);
void wire_close(bridge_t *bridge); // if there is one
// Waits for what comes next and works it off.
void wire_turn(wire_t *wire);
// Runs the node until done() is true or so much time has passed; whether it is true.
bool wire_wait(wire_t *wire, int64_t timeout_ms, bool (*done)(void *user), void *user);

// Waits for a list of a destination of ours to hold something, as long as timeout_ms says, and
// hands it over as `field` of a result. offset: of the list (json_t *) in own_t.
json_t *wire_drain(call_t *call, size_t offset, int64_t timeout_ms, const char *field);

// A new identity and its destination: name, and what `from` says but for those two.
own_t *own_open(call_t *call, wire_t *wire, const rns_dest_config_t *from); // wire_announce.c
// Announces it; app_data.data NULL: with none. False: the call fails.
bool own_announce(call_t *call, wire_t *wire, const own_t *own, rns_bytes_t app_data);
// Adds what the result of an announce says of its ratchets, if asked to.
json_t *own_with_ratchets(wire_t *wire, const own_t *own, bool asked, json_t *result);
json_t *own_ratchet_id(wire_t *wire, const own_t *own, uint32_t index); // null: there is none

// The reference's number of a strategy (RNS.Destination.PROVE_*).
int wire_proof_number(rns_prove_t prove);
// A time of the node as seconds since the epoch.
double wire_epoch_s(rns_us_t at);
// The interface that was configured, not those that it spawned.
rns_iface_t wire_iface(wire_t *wire);
// Gives a frame to an interface and waits until the node has judged it.
void wire_inject(wire_t *wire, rns_iface_t iface, rns_mem_t frame); // wire_inject.c

// ---- Events that other files note

void proofs_watch(wire_t *wire); // wire_proof.c; NULL: no longer
void proof_note_packet(wire_t *wire, const rns_event_t *event);
void proof_note_asked(wire_t *wire, const rns_event_t *event);

void responder_note_request(wire_t *wire, const rns_event_t *event); // wire_respond.c
void responder_note_offer(wire_t *wire, const rns_event_t *event);
void responder_note_done(wire_t *wire, const rns_event_t *event);
void responders_free(own_t *own);
void responders_close(wire_t *wire); // after the node

void channel_on_link(wire_t *wire, session_t *session); // wire_channel.c: it is up
void channel_on_sent(wire_t *wire, const rns_event_t *event);
void channel_session_free(session_t *session);
void buffer_on_data(wire_t *wire, const rns_event_t *event); // wire_buffer.c
void resource_on_link(wire_t *wire, session_t *session);     // wire_resource.c: it is up
void resource_on_offer(wire_t *wire, const rns_event_t *event);
void resource_on_progress(wire_t *wire, const rns_event_t *event);
void resource_on_done(wire_t *wire, const rns_event_t *event);
void resource_wire_free(wire_t *wire);

// ---- What commands name (wire_find.c). NULL: there is none, and the call fails.

wire_t *wire_of(call_t *call);                         // the parameter handle
wire_t *wire_maybe_of(call_t *call);                   // the same; without it the only one
own_t *own_of(call_t *call, wire_t *wire);             // destination_hash
session_t *session_of(call_t *call, wire_t *wire);     // link_id, of a link that we opened
session_t *any_session_of(call_t *call, wire_t *wire); // of either side; waits for it, up to 3 s

own_t *own_at(wire_t *wire, rns_dest_t handle); // NULL: none
own_t *own_by_hash(wire_t *wire, const uint8_t hash[16]);
session_t *session_by_id(wire_t *wire, const uint8_t id[16]);
session_t *session_at(wire_t *wire, rns_link_t handle);  // NULL: none
session_t *session_add(wire_t *wire, rns_link_t handle); // of a link that is there
void session_drop(wire_t *wire, const rns_hash_t *id);   // it was a command's own
own_t *own_add(wire_t *wire);
void own_free(own_t *own);
// Brings session->info up to date.
const rns_link_info_t *session_look(wire_t *wire, session_t *session);

// ---- Frames (wire_tap.c)

void tap_set(wire_t *wire); // NULL: none

// Lets the clocks of this process go on at once (clock.c).
void clock_skip(int64_t us);

#endif
