// host/utility/utility.h -- what programs that do one thing have in common: a node of their own,
// and waiting for what it does.
//
// The node is the one of the configuration, with the interfaces that rnsd would open. A program
// calls these from its main line; while it waits, events come to its on_event.
#ifndef HOST_UTILITY_UTILITY_H_INCLUDED
#define HOST_UTILITY_UTILITY_H_INCLUDED

#include <stdbool.h>

#include "host/daemon.h"
#include "host/startup.h"
#include "host/utility/screen.h"
#include "rns/rns.h"

#define UTILITY_LEVEL            3      // of the log, without -v and -q
#define UTILITY_PATH_TIMEOUT_S   15.0   // Transport.PATH_REQUEST_TIMEOUT
#define UTILITY_EXIT_INTERRUPTED 130    // as shells have it
#define UTILITY_INTERFACES_MOST  256U   // that are told apart
#define UTILITY_LINGER_US        150000 // that what was sent last may need to get out

typedef struct {
    startup_t startup;
    daemon_t *daemon;
    screen_t screen;
    uv_timer_t beat; // ends each wait for events, to look at the time
    bool has_beat;
} utility_t;

typedef struct {
    const char *config; // the directory; NULL: the default one
    int level;          // of the log
    bool is_still;      // opens no interface: for a program that only looks at keys
    bool is_silent;     // no progress on the screen
    bool is_quiet;      // where it is no terminal, not a word of what goes on
    // May be NULL. The rules of rns_config_t.on_event hold.
    void (*on_event)(void *user, rns_node_t *node, const rns_event_t *event);
    void *user;
} utility_options_t;

// False: it cannot, and the log has said why. Call utility_close() in either case.
bool utility_open(utility_t *utility, const utility_options_t *options);
void utility_close(utility_t *utility);

rns_node_t *utility_node(utility_t *utility);

// "DIRECTORY/storage/identities/PROGRAM", or `path` if that is not NULL.
const char *utility_identity_path(utility_t *utility, const char *program, const char *path);

// ---- Waiting

typedef enum { UTILITY_DONE, UTILITY_LATE, UTILITY_INTERRUPTED } utility_end_t;

// Runs the node until done() is true, asked after each turn, or the time is over (0: never).
utility_end_t utility_wait(utility_t *utility, rns_us_t timeout_us, bool (*done)(void *user),
                           void *user);

// Runs a listener's node until it is interrupted or turn(), which is called twice a second at
// least, is true.
void utility_serve(utility_t *utility, bool (*turn)(void *user), void *user);

// Runs it for so long, or until it is interrupted.
void utility_linger(utility_t *utility, rns_us_t time_us);

rns_us_t utility_us(double seconds); // cut to a year

// ---- Interfaces that came online

typedef struct {
    rns_iface_t at[UTILITY_INTERFACES_MOST];
    size_t count;
} utility_seen_t; // zero has seen none

// The next interface that is online and was not seen before; it is now. False: there is none.
bool utility_next_new(utility_t *utility, utility_seen_t *seen, rns_iface_t *iface);

// ---- Towards a destination

// 32 hexadecimal digits. False: the user was told what is wrong.
bool utility_read_hash(const char *text, rns_hash_t *hash);

// Finds a path, and says so on the screen: asks each interface once, as it comes online. LATE: none
// was found in timeout_us, or in what the slowest interface needs if that is longer.
utility_end_t utility_find_path(utility_t *utility, const rns_hash_t *destination,
                                rns_us_t timeout_us);

// Opens a link, and says so on the screen. LATE: it could not be.
utility_end_t utility_open_link(utility_t *utility, const rns_hash_t *destination,
                                rns_link_t *link);

// Closes it, or all there are, and gives the last packets time to get out.
void utility_close_link(utility_t *utility, rns_link_t link);
void utility_close_links(utility_t *utility);

// Whether it is active; not when it is gone.
bool utility_is_active(utility_t *utility, rns_link_t link);

#endif
