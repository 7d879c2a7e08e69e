// rncp.c -- copies files over Reticulum, as RNS/Utilities/rncp.py. Exit codes: 0 done, also where a
// fetch was refused; 1 it failed; 2 the command line or the identity file cannot be used; 3 and 4
// the folder to save in is not there or not writable; 130 interrupted.
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/clock.h"
#include "host/log.h"
#include "host/text.h"
#include "host/utility/keyfile.h"
#include "host/utility/paths.h"
#include "host/utility/saving.h"

#include "rncp.h"

#define SAMPLE_EVERY_US 100000

// ---- Files

bool rncp_save_folder(const rncp_wish_t *wish, char folder[], int *code) {
    if (!paths_absolute(wish->save != NULL ? wish->save : ".", folder) ||
        !paths_is_folder(folder)) {
        log_line(LOG_LEVEL_ERROR, "Output directory not found");
        *code = RNCP_EXIT_NO_FOLDER;
        return false;
    }
    if (access(folder, W_OK) != 0) {
        log_line(LOG_LEVEL_ERROR, "Output directory not writable");
        *code = RNCP_EXIT_NOT_WRITABLE;
        return false;
    }
    return true;
}

bool rncp_file_open(rncp_file_t *file, const char *path) {
    struct stat info;
    file->descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file->descriptor < 0) {
        return false;
    }
    file->metadata_size = saving_metadata(path, (rns_mem_t){file->metadata, sizeof file->metadata});
    if (fstat(file->descriptor, &info) != 0 || !S_ISREG(info.st_mode) || file->metadata_size == 0) {
        rncp_file_close(file);
        errno = EINVAL;
        return false;
    }
    file->size = (uint64_t)info.st_size;
    return true;
}

void rncp_file_close(rncp_file_t *file) {
    if (file->descriptor >= 0) {
        (void)close(file->descriptor);
        file->descriptor = -1;
    }
}

static size_t read_file(void *user, uint64_t offset, rns_mem_t out) {
    const rncp_file_t *file = user;
    size_t done = 0;
    while (done < out.size) {
        const ssize_t got =
            pread(file->descriptor, out.data + done, out.size - done, (off_t)(offset + done));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            break;
        }
        done += (size_t)got;
    }
    return done;
}

rns_err_t rncp_file_send(rncp_file_t *file, rns_node_t *node, rns_link_t link, bool no_compress,
                         rns_resource_t *resource) {
    const rns_source_t source = {read_file, file};
    const rns_resource_options_t options = {.metadata = {file->metadata, file->metadata_size},
                                            .no_compress = no_compress};
    return rns_resource_send(node, clock_now(), link, &source, file->size, &options, resource);
}

// ---- A client's way to the other end

static bool identify(rncp_client_t *client, int *code) {
    rns_node_t *node = utility_node(&client->utility);
    const char *path = utility_identity_path(&client->utility, RNCP_NAME, client->wish->identity);
    rns_secret_t secret;
    if (!keyfile_open_loudly(node, RNCP_NAME, path, &secret)) {
        *code = RNCP_EXIT_IDENTITY;
        return false;
    }
    const rns_err_t err = client->link.gen == 0
                              ? RNS_ERR_OK
                              : rns_link_identify(node, clock_now(), client->link, &secret);
    keyfile_wipe(&secret);
    if (err != RNS_ERR_OK) {
        screen_line(&client->utility.screen, "Could not identify: %s", rns_err_text(err));
    }
    return err == RNS_ERR_OK;
}

static bool tell(rncp_client_t *client, utility_end_t end, const char *text, int *code) {
    if (end == UTILITY_INTERRUPTED) {
        *code = UTILITY_EXIT_INTERRUPTED;
    } else if (end == UTILITY_LATE) {
        screen_line(&client->utility.screen, "%s", text);
    }
    return end == UTILITY_DONE;
}

static bool find_path(rncp_client_t *client, int *code) {
    const utility_end_t end =
        utility_find_path(&client->utility, &client->destination, utility_us(client->wish->wait_s));
    return tell(client, end, "Path not found", code);
}

static bool open_link(rncp_client_t *client, int *code) {
    const utility_end_t end =
        utility_open_link(&client->utility, &client->destination, &client->link);
    char text[128];
    (void)snprintf(text, sizeof text,
                   client->wish->fetch ? "Could not establish link with %s"
                                       : "Link establishment with %s timed out",
                   client->hash);
    return tell(client, end, text, code);
}

bool rncp_client_open(rncp_client_t *client, const rncp_wish_t *wish,
                      void (*on_event)(void *user, rns_node_t *node, const rns_event_t *event),
                      void *user, int *code) {
    const utility_options_t options = {.config = wish->config,
                                       .level = UTILITY_LEVEL + wish->verbose - wish->quiet,
                                       .is_silent = wish->silent,
                                       .on_event = on_event,
                                       .user = user};
    client->wish = wish;
    *code = RNCP_EXIT_FAILED;
    if (!utility_open(&client->utility, &options)) {
        *code = DAEMON_EXIT_PANIC;
        return false;
    }
    text_hash(&client->destination, client->hash);
    // The key is looked at first, so that a bad one is told before the network is asked.
    return identify(client, code) && find_path(client, code) && open_link(client, code) &&
           identify(client, code);
}

void rncp_client_close(rncp_client_t *client) {
    if (client->utility.has_beat && client->link.gen != 0) {
        utility_close_link(&client->utility, client->link);
    }
    utility_close(&client->utility);
}

// ---- Its transfer

void rncp_client_progress(rncp_client_t *client, rns_node_t *node, rns_us_t now) {
    rns_resource_info_t info;
    char text[PROGRESS_TEXT];
    if (client->has_started && now - client->sampled < SAMPLE_EVERY_US) {
        return;
    }
    client->has_started = true;
    client->sampled = now;
    if (rns_resource_info(node, client->resource, &info) == RNS_ERR_OK) {
        progress_take(&client->progress, now, &info);
        progress_text(&client->progress, client->wish->phy_rates, text);
        screen_progress(&client->utility.screen, "Transferring file  %s", text);
    }
}

bool rncp_client_wait(rncp_client_t *client, bool (*done)(void *user), void *user, int *code) {
    if (utility_wait(&client->utility, 0, done, user) != UTILITY_INTERRUPTED) {
        return true;
    }
    rns_node_t *node = utility_node(&client->utility);
    (void)rns_resource_cancel(node, clock_now(), client->resource);
    screen_line(&client->utility.screen, "Interrupted");
    *code = UTILITY_EXIT_INTERRUPTED;
    return false;
}

void rncp_client_complete(rncp_client_t *client, rns_us_t now) {
    char text[PROGRESS_TEXT];
    if (!client->wish->silent) {
        progress_end_text(&client->progress, now, text);
        screen_line(&client->utility.screen, "Transfer complete  %s", text);
    }
}

// ---- The command line

static const options_t *describe(rncp_wish_t *wish) {
    static option_t rows[20];
    static options_t options = {RNCP_NAME, "Reticulum File Transfer Utility", rows, 0};
    const option_t wanted[] = {
        {OPTION_ARGUMENT, 0, "file", &wish->file, NULL, "file to be transferred"},
        {OPTION_ARGUMENT, 0, "destination", &wish->destination, NULL,
         "hexadecimal hash of the receiver"},
        {OPTION_TEXT, 0, "config", &wish->config, "path",
         "the directory of the configuration, instead of the default one"},
        {OPTION_COUNT, 'v', "verbose", &wish->verbose, NULL, "log more"},
        {OPTION_COUNT, 'q', "quiet", &wish->quiet, NULL, "log less"},
        {OPTION_FLAG, 'S', "silent", &wish->silent, NULL, "show no progress"},
        {OPTION_FLAG, 'l', "listen", &wish->listen, NULL, "listen for incoming transfers"},
        {OPTION_FLAG, 'C', "no-compress", &wish->no_compress, NULL, "do not compress"},
        {OPTION_FLAG, 'F', "allow-fetch", &wish->allow_fetch, NULL,
         "let allowed clients fetch files"},
        {OPTION_FLAG, 'f', "fetch", &wish->fetch, NULL, "fetch the file from a remote listener"},
        {OPTION_TEXT, 'j', "jail", &wish->jail, "path", "only files under this path are fetched"},
        {OPTION_TEXT, 's', "save", &wish->save, "path", "save received files in this folder"},
        {OPTION_FLAG, 'O', "overwrite", &wish->overwrite, NULL,
         "replace files of the same name, instead of numbering"},
        {OPTION_INT, 'b', NULL, &wish->announce_s, "seconds",
         "announce so often; 0: once, at the start"},
        {OPTION_TEXTS, 'a', NULL, &wish->allowed, "allowed_hash",
         "allow this identity (also: ~/.rncp/allowed_identities)"},
        {OPTION_FLAG, 'n', "no-auth", &wish->no_auth, NULL, "accept requests from anyone"},
        {OPTION_FLAG, 'p', "print-identity", &wish->print_identity, NULL,
         "print the identity and the destination, and exit"},
        {OPTION_TEXT, 'i', NULL, &wish->identity, "identity", "the file of the identity to use"},
        {OPTION_REAL, 'w', NULL, &wish->wait_s, "seconds", "give up after this time"},
        {OPTION_FLAG, 'P', "phy-rates", &wish->phy_rates, NULL,
         "show the rate on the physical layer"},
    };
    _Static_assert(sizeof wanted == sizeof rows, "one row each");
    memcpy(rows, wanted, sizeof rows);
    options.count = sizeof rows / sizeof rows[0];
    return &options;
}

int rncp_main(int argc, char **argv) {
    rncp_wish_t wish = {.announce_s = -1, .wait_s = UTILITY_PATH_TIMEOUT_S};
    const options_t *options = describe(&wish);
    int code = 0;
    if (!options_parse(options, argc, argv, stdout, stderr, &code)) {
        return code;
    }
    if (wish.listen || wish.print_identity) {
        return rncp_listen(&wish);
    }
    if (wish.file != NULL && wish.destination != NULL) {
        return wish.fetch ? rncp_fetch(&wish) : rncp_send(&wish);
    }
    options_help(options, stdout);
    return RNCP_EXIT_OK;
}
