// rncp.h -- what the files of rncp share.
#ifndef APPS_RNCP_H_INCLUDED
#define APPS_RNCP_H_INCLUDED

#include "host/options.h"
#include "host/text.h"
#include "host/utility/progress.h"
#include "host/utility/utility.h"

#define RNCP_NAME          "rncp"
#define RNCP_DESTINATION   "rncp.receive"
#define RNCP_FETCH_PATH    "fetch_file"
#define RNCP_NOT_ALLOWED   0xF0U // an answer to a request for a file
#define RNCP_METADATA_MOST 4096U // bytes
#define RNCP_NAME_BYTES    512U  // of the metadata that names a file

typedef enum {
    RNCP_EXIT_OK,
    RNCP_EXIT_FAILED,
    RNCP_EXIT_IDENTITY,
    RNCP_EXIT_NO_FOLDER,
    RNCP_EXIT_NOT_WRITABLE
} rncp_exit_t;

typedef struct {
    const char *config, *identity, *save, *jail, *file, *destination;
    int verbose, quiet;
    bool silent, listen, no_compress, allow_fetch, fetch, overwrite, no_auth, print_identity,
        phy_rates;
    int64_t announce_s;
    double wait_s;
    options_texts_t allowed;
} rncp_wish_t;

int rncp_listen(const rncp_wish_t *wish);
int rncp_send(const rncp_wish_t *wish);
int rncp_fetch(const rncp_wish_t *wish);

// The folder to save in: what -s says, or this one. False: *code is the exit code.
bool rncp_save_folder(const rncp_wish_t *wish, char folder[], int *code);

// A file that is sent, and its name as metadata.
typedef struct {
    int descriptor;
    uint64_t size;
    uint8_t metadata[RNCP_NAME_BYTES];
    size_t metadata_size;
} rncp_file_t;

// A plain file. False: errno says why.
bool rncp_file_open(rncp_file_t *file, const char *path);
void rncp_file_close(rncp_file_t *file);
// Offers it over the link; file must stay until the transfer has ended.
rns_err_t rncp_file_send(rncp_file_t *file, rns_node_t *node, rns_link_t link, bool no_compress,
                         rns_resource_t *resource);

// One end of a transfer that a user waits for.
typedef struct {
    const rncp_wish_t *wish;
    utility_t utility;
    rns_hash_t destination;
    char hash[TEXT_HASH];
    rns_link_t link;
    rns_resource_t resource;
    bool has_started, has_ended, link_is_down;
    rns_err_t status; // at the end
    progress_t progress;
    rns_us_t sampled;
} rncp_client_t;

// Reads the destination, opens the node, finds the path, opens the link and identifies. False:
// *code is the exit code; the user was told. Call rncp_client_close() in either case.
bool rncp_client_open(rncp_client_t *client, const rncp_wish_t *wish,
                      void (*on_event)(void *user, rns_node_t *node, const rns_event_t *event),
                      void *user, int *code);
void rncp_client_close(rncp_client_t *client);

// Shows how far the transfer is, from time to time.
void rncp_client_progress(rncp_client_t *client, rns_node_t *node, rns_us_t now);
// Waits until the transfer has ended; an interrupt cancels it. False: *code is the exit code.
bool rncp_client_wait(rncp_client_t *client, bool (*done)(void *user), void *user, int *code);
// The line for a transfer that is complete.
void rncp_client_complete(rncp_client_t *client, rns_us_t now);

#endif
