// testnode_fields.h -- the fields of commands, read and written.
#ifndef TESTNODE_FIELDS_H_INCLUDED
#define TESTNODE_FIELDS_H_INCLUDED

#include "testnode.h"

extern json_error_t fields_wrong; // what jansson says of the fields of a command

// Like json_unpack(), and nothing else may be there.
#define UNPACK(fields, error, ...)                                                                 \
    (json_unpack_ex((fields), &fields_wrong, JSON_STRICT, __VA_ARGS__) == 0 ||                     \
     (*(error) = fields_wrong.text, false))

// NULL, for the command to return.
json_t *refuse(const char **error, const char *why);
// An empty reply, or NULL and why.
json_t *reply_of(rns_err_t err, const char **error);

bool read_hex(const char *text, uint8_t *out, size_t most, size_t *size);
bool read_exactly(const char *text, void *out, size_t size);
// Of any size, in memory that is the caller's to free (data NULL: it is no hex).
rns_mem_t read_bytes(const char *text);
// The identity of a key, or a new one for NULL.
bool read_identity(agent_t *agent, const char *private_key, rns_secret_t *secret);

// A destination of ours by its hash; NULL: none, and *error says so.
own_t *own_of(agent_t *agent, const char *hash, const char **error);
target_t *target_of(agent_t *agent, const uint8_t hash[16]); // NULL: none
// A link by its id; NULL: none, and *error says so.
session_t *session_of(agent_t *agent, const char *id, const char **error);

// A new file for what arrives, under a name of its own in the agent's folder. -1: it cannot be.
int file_new(agent_t *agent, uint32_t number, char path[PATH_BYTES]);
int file_open(const char *path, uint64_t *size); // to be read; -1: it cannot be

// Watches over a receipt, whose timeout is the stack's for NULL: its reply.
json_t *receipt_watch(agent_t *agent, rns_receipt_t receipt, const double *timeout_s,
                      const char **error);

#endif
