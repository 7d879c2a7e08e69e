// testnode.h -- our node as the agent that PROTOCOL.md describes.
#ifndef TESTNODE_H_INCLUDED
#define TESTNODE_H_INCLUDED

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "host/daemon.h"
#include "host/startup.h"
#include "rns/rns.h"

#define OWN_MOST      512U  // destinations of ours
#define TARGET_MOST   512U  // destinations that we send to
#define FILTER_MOST   64U   // announce filters
#define RECEIPT_MOST  4096U // receipts that are open at once
#define SESSION_MOST  1024U // links that are open at once
#define TRANSFER_MOST 256U  // resources that are under way at once
#define STREAM_MOST   64U   // ends of streams
#define HANDLING_MOST 256U  // paths that requests may name
#define ALLOWED_MOST  16U   // identities that may ask for one
#define QUERY_MOST    256U  // requests of peers that are being answered
#define OFFERED_MOST  64U   // requests of peers that come as resources
#define ASKED_MOST    256U  // requests of ours
#define PATH_BYTES    4096U
#define NAME_BYTES    256U // of "app.aspect.aspect", with its NUL
#define GROUP_KEY     64U

// A destination of ours. The pointers of config are into the struct.
typedef struct {
    rns_dest_t handle;
    rns_hash_t hash;
    rns_dest_config_t config;
    rns_secret_t identity;
    char name[NAME_BYTES];
    uint8_t key[GROUP_KEY], app_data[RNS_MTU];
    bool prove; // what an application that is asked says
} own_t;

// A destination that we send to.
typedef struct {
    rns_hash_t hash, identity;
    rns_dest_type_t type;
    char name[NAME_BYTES];
    uint8_t key[GROUP_KEY];
} target_t;

typedef struct {
    rns_handler_t handle;
    uint32_t number;
} filter_t;

typedef struct {
    rns_receipt_t handle; // gen 0: free
    uint32_t number;
} receipt_t;

// A resource that goes out of a file or comes into one.
typedef struct {
    bool is_taken;
    rns_resource_t handle; // gen 0: not known yet
    rns_hash_t link;
    uint32_t number;
    int file;
    char path[PATH_BYTES];
    uint64_t written, committed; // incoming
    rns_mem_t metadata;          // lent to the node
    double cancel_at;            // progress, 0 to 1; above: not
} transfer_t;

// What becomes of the resources that a peer offers.
typedef struct {
    rns_accept_t strategy;
    bool answer;      // ASK: what is said
    double cancel_at; // as in transfer_t
    json_int_t metadata_most;
} taking_t;

// A link, from when it is opened or asked for to its end.
typedef struct {
    rns_link_t handle; // gen 0: free
    rns_hash_t id;
    taking_t taking;
    transfer_t *next_in; // strategy ALL: where the next resource goes
} session_t;

// One end of a stream, between a file and a link.
typedef struct {
    bool is_taken, is_writer;
    rns_buffer_t handle;
    rns_hash_t link;
    uint16_t number;
    int file;
    char path[PATH_BYTES];
    uint64_t at;     // bytes written, or read
    uint8_t *memory; // of a reader, lent to the node
} stream_t;

typedef enum { ANSWER_REVERSE, ANSWER_NONE, ANSWER_BYTES, ANSWER_FILE } answer_t;

// How requests for a path are answered.
typedef struct {
    rns_dest_t dest;
    rns_hash_t hash; // of the path
    char path[NAME_BYTES], file[PATH_BYTES];
    rns_allow_t allow;
    rns_hash_t allowed[ALLOWED_MOST];
    size_t allowed_count;
    answer_t answer;
    bool compress;
    uint8_t metadata[RNS_MTU];
    size_t metadata_size;
} handling_t;

// A request of a peer that is being answered.
typedef struct {
    bool is_taken;
    rns_query_t handle;
    rns_hash_t link;
    rns_mem_t memory;
    int file;
} query_t;

// A request of a peer that comes as a resource.
typedef struct {
    rns_resource_t handle; // gen 0: free
    uint8_t *memory;       // lent to the node
} offered_t;

// A request of ours.
typedef struct {
    bool is_taken;
    rns_request_t handle;
    rns_hash_t link;
    uint32_t number;
    rns_mem_t data, memory, metadata; // lent to the node
    int file;
    char path[PATH_BYTES];
    uint64_t written;
} asked_t;

typedef struct {
    startup_t startup;
    daemon_t *daemon; // NULL until the command start
    rns_node_t *node;
    own_t own[OWN_MOST];
    target_t targets[TARGET_MOST];
    filter_t filters[FILTER_MOST];
    receipt_t receipts[RECEIPT_MOST];
    session_t sessions[SESSION_MOST];
    transfer_t transfers[TRANSFER_MOST];
    stream_t streams[STREAM_MOST];
    handling_t handlings[HANDLING_MOST];
    query_t queries[QUERY_MOST];
    offered_t offered[OFFERED_MOST];
    asked_t asked[ASKED_MOST];
    size_t own_count, target_count, filter_count, handling_count;
    uint32_t numbers; // given out
} agent_t;

// Does a command and returns the members of its reply. NULL: *error says why not, static or until
// the next command.
typedef json_t *(*command_t)(agent_t *agent, json_t *fields, const char **error);

typedef struct {
    const char *name; // NULL: the end
    command_t run;
} entry_t;

extern const entry_t NODE_COMMANDS[], COUNTER_COMMANDS[], LINK_COMMANDS[], CHANNEL_COMMANDS[],
    REQUEST_COMMANDS[], RESOURCE_COMMANDS[];

json_t *command_run(agent_t *agent, const char *name, json_t *fields, const char **error);

// What the node has to say; user is the agent.
void event_tell(void *user, rns_node_t *node, const rns_event_t *event);
void link_tell(agent_t *agent, const rns_event_t *event);
void channel_tell(agent_t *agent, session_t *session, const rns_event_t *event);
void request_tell(agent_t *agent, const session_t *session, const rns_event_t *event);
// The transfer of a request has ended; false: it was none.
bool request_offer_ended(agent_t *agent, rns_resource_t handle);
void resource_tell(agent_t *agent, session_t *session, const rns_event_t *event);

// A link is up, or down: what stands on it begins, or is let go.
void channel_begin(agent_t *agent, const session_t *session);
void channel_end(agent_t *agent, const session_t *session);
void resource_begin(agent_t *agent, session_t *session);
void resource_end(agent_t *agent, session_t *session);

// Lets so many seconds pass at once, on both of the node's clocks.
void clock_skip(uint32_t seconds);

// Writes one line.
void line_write(const json_t *line);
// The same, and lets go of it.
void line_emit(json_t *line);

// A string of digits; null where data is NULL.
json_t *json_hex(const void *data, size_t size);
json_t *json_hash(const rns_hash_t *hash);

#endif
