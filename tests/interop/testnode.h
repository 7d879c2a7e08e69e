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

#define OWN_MOST     512U  // destinations of ours
#define TARGET_MOST  512U  // destinations that we send to
#define FILTER_MOST  64U   // announce filters
#define RECEIPT_MOST 4096U // receipts that are open at once
#define SESSION_MOST 1024U // links that are open at once
#define NAME_BYTES   256U  // of "app.aspect.aspect", with its NUL
#define GROUP_KEY    64U

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

// A link, from when it is opened or asked for to its end.
typedef struct {
    rns_link_t handle; // gen 0: free
    rns_hash_t id;
} session_t;

typedef struct {
    startup_t startup;
    daemon_t *daemon; // NULL until the command start
    rns_node_t *node;
    own_t own[OWN_MOST];
    target_t targets[TARGET_MOST];
    filter_t filters[FILTER_MOST];
    receipt_t receipts[RECEIPT_MOST];
    session_t sessions[SESSION_MOST];
    size_t own_count, target_count, filter_count;
    uint32_t numbers; // given out
} agent_t;

// Does a command and returns the members of its reply. NULL: *error says why not, static or until
// the next command.
typedef json_t *(*command_t)(agent_t *agent, json_t *fields, const char **error);

typedef struct {
    const char *name; // NULL: the end
    command_t run;
} entry_t;

extern const entry_t NODE_COMMANDS[], LINK_COMMANDS[], COUNTER_COMMANDS[];

json_t *command_run(agent_t *agent, const char *name, json_t *fields, const char **error);

// What the node has to say; user is the agent.
void event_tell(void *user, rns_node_t *node, const rns_event_t *event);
void link_tell(agent_t *agent, const rns_event_t *event);

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
