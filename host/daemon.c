// daemon.c -- see daemon.h.
#include "host/daemon.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "host/clock.h"
#include "host/interface.h"
#include "host/inventory.h"
#include "host/log.h"
#include "host/memory.h"
#include "host/pidfile.h"
#include "host/pump.h"
#include "host/status.h"
#include "host/store.h"
#include "host/text.h"
#include "rns/providers.h"

#define SIGNALS  4
#define LEAVE_MS 150 // Transport.detach_interfaces: for the ends of links to reach their peers

struct daemon {
    daemon_options_t options;
    pidfile_t pidfile;
    uv_loop_t loop;
    rns_config_t config;
    rns_node_t *node;
    store_t *store;
    bool is_open; // all that the configuration says is there: what is gone now is gone
    pump_t pump;
    uv_signal_t signal[SIGNALS];
    unsigned signals; // that are watched
    uv_timer_t leaving;
    bool has_left; // the ends of links have had their time
    bool is_stopped;
    int exit_code;
};

// ---- The node

static void on_event(void *user, rns_node_t *node, const rns_event_t *event) {
    daemon_t *daemon = user;
    if (daemon->options.on_event != NULL) {
        daemon->options.on_event(daemon->options.user, node, event);
    }
}

static rns_profile_t profile_of(const char *name) {
    for (int profile = 0; profile < RNS_PROFILE_COUNT; profile++) {
        if (strcmp(rns_profile_name((rns_profile_t)profile), name) == 0) {
            return (rns_profile_t)profile;
        }
    }
    return RNS_PROFILE_SERVER;
}

static void set_counts(const config_t *from, rns_config_t *config) {
    config->profile = profile_of(from->profile);
    for (size_t i = 0; i < from->count_count; i++) {
        const rns_pool_t pool = rns_pool_of(from->counts[i].row);
        const int64_t count = from->counts[i].count;
        if (pool < RNS_POOL_COUNT) {
            config->count[pool] = count <= 0            ? RNS_COUNT_NONE
                                  : count >= UINT32_MAX ? UINT32_MAX - 1
                                                        : (uint32_t)count;
        }
    }
}

static bool open_node(daemon_t *daemon) {
    const config_t *from = daemon->options.config;
    daemon->store = store_open(daemon->options.directory, from->enable_transport);
    if (daemon->store == NULL) {
        log_line(LOG_LEVEL_CRITICAL, "There is no memory for the store");
        return false;
    }
    daemon->config = (rns_config_t){
        .crypto = &rns_crypto_host,
        .compress = &rns_compress_bz2,
        .store = store_rns(daemon->store),
        .entropy = clock_entropy,
        .on_event = on_event,
        .user = daemon,
        .unix_us = clock_unix_us(),
        .transport = from->enable_transport,
        .explicit_proof = !from->use_implicit_proof,
        .static_identity = from->static_transport_identity,
        .no_link_mtu = !from->link_mtu_discovery,
        .respond_to_probes = from->respond_to_probes,
    };
    set_counts(from, &daemon->config);
    if (!memory_open(&daemon->config)) {
        log_line(LOG_LEVEL_CRITICAL, "The node's memory cannot be reserved: %s", strerror(errno));
        store_free(daemon->store);
        return false;
    }
    const rns_err_t err = rns_open(&daemon->config, clock_now(), &daemon->node);
    if (err != RNS_ERR_OK) {
        log_line(LOG_LEVEL_CRITICAL, "The node cannot be opened: %s", rns_err_text(err));
        memory_close(&daemon->config);
        store_free(daemon->store);
        return false;
    }
    return true;
}

static void close_node(daemon_t *daemon) {
    rns_close(daemon->node);
    memory_close(&daemon->config);
    store_free(daemon->store);
}

// Like the reference, so that a user knows what to give to rnprobe.
static void tell_probe(const daemon_t *daemon) {
    char identity[33], hash[33];
    rns_hash_t probe;
    const rns_hash_t own = rns_node_identity(daemon->node, NULL);
    if (!daemon->config.transport || !daemon->config.respond_to_probes ||
        rns_destination_hash(daemon->node, "rnstransport.probe", &own, &probe) != RNS_ERR_OK) {
        return;
    }
    text_hex(own.b, sizeof own.b, identity);
    text_hex(probe.b, sizeof probe.b, hash);
    log_line(LOG_LEVEL_NOTICE,
             "Transport Instance will respond to probe requests on <rnstransport.probe.%s:%s>",
             identity, hash);
}

// ---- Interfaces

static void on_interface_failed(void *user, const port_t *port) {
    daemon_t *daemon = user;
    if (daemon->options.config->panic_on_interface_error) {
        log_line(LOG_LEVEL_CRITICAL, "%s has failed, and panic_on_interface_error is set",
                 port->name);
        daemon_stop(daemon, DAEMON_EXIT_PANIC);
    }
}

static bool open_interfaces(daemon_t *daemon) {
    const config_t *config = daemon->options.config;
    log_line(LOG_LEVEL_VERBOSE, "Opening interfaces");
    for (size_t i = 0; i < config->interface_count; i++) {
        const config_interface_t *settings = &config->interfaces[i];
        if (!settings->enabled) {
            log_line(LOG_LEVEL_DEBUG, "The interface \"%s\" is not enabled", settings->name);
        } else if (!interface_open(&daemon->pump, settings)) {
            return false;
        }
    }
    log_line(LOG_LEVEL_VERBOSE, "All interfaces are open");
    return true;
}

static unsigned verify_threads(const config_t *config) {
    const int64_t wanted = config->verify_threads;
    if (wanted == CONFIG_UNSET) {
        return verify_default_threads();
    }
    return wanted < VERIFY_THREADS_MAX ? (unsigned)wanted : VERIFY_THREADS_MAX;
}

// ---- Signals

static void write_status(const daemon_t *daemon) {
    if (!status_write(&daemon->pump, clock_now(), daemon->options.directory)) {
        log_line(LOG_LEVEL_ERROR, "status.json cannot be written in %s: %s",
                 daemon->options.directory, strerror(errno));
    }
}

static void write_inventory(const daemon_t *daemon) {
    inventory_t inventory;
    inventory_node(&inventory, daemon->node, daemon->config.profile, clock_now());
    if (!inventory_write(&inventory, daemon->options.directory)) {
        log_line(LOG_LEVEL_ERROR, "%s cannot be written in %s/storage: %s", INVENTORY_FILE,
                 daemon->options.directory, strerror(errno));
    }
}

static void on_signal(uv_signal_t *handle, int number) {
    daemon_t *daemon = handle->data;
    if (number == SIGUSR1) {
        write_status(daemon);
        write_inventory(daemon);
        return;
    }
    log_line(LOG_LEVEL_VERBOSE, "Stopping on signal %d", number);
    daemon_stop(daemon, 0);
}

static void watch_signal(daemon_t *daemon, int number) {
    uv_signal_t *handle = &daemon->signal[daemon->signals];
    if (uv_signal_init(&daemon->loop, handle) != 0) {
        return;
    }
    handle->data = daemon;
    (void)uv_signal_start(handle, on_signal, number);
    daemon->signals++;
}

static void ignore_signal(int number) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = SIG_IGN;
    (void)sigaction(number, &action, NULL);
}

static bool is_ignored(int number) {
    struct sigaction action;
    return sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

static void watch_signals(daemon_t *daemon) {
    ignore_signal(SIGPIPE);
    watch_signal(daemon, SIGINT);
    watch_signal(daemon, SIGTERM);
    watch_signal(daemon, SIGUSR1);
    if (!is_ignored(SIGHUP)) { // nohup asks to live on
        watch_signal(daemon, SIGHUP);
    }
}

// ---- The directory

// Whoever sees the lock may send SIGUSR1, which must not end a daemon that does not listen yet.
static bool take_directory(daemon_t *daemon) {
    const char *directory = daemon->options.directory;
    pid_t holder = 0;
    ignore_signal(SIGUSR1);
    switch (pidfile_take(&daemon->pidfile, directory, &holder)) {
    case PIDFILE_OURS:
        return true;
    case PIDFILE_TAKEN:
        break;
    case PIDFILE_NONE:
        log_line(LOG_LEVEL_WARNING,
                 "%s/storage/rnsd.pid cannot be locked: %s. Nothing keeps a second rnsd away, and "
                 "rnmem does not find this one",
                 directory, strerror(errno));
        return true;
    }
    if (holder > 0) {
        log_line(LOG_LEVEL_CRITICAL,
                 "Another rnsd, process %ld, serves the directory %s: end that one first, or give "
                 "this one a directory of its own with --config",
                 (long)holder, directory);
    } else {
        log_line(LOG_LEVEL_CRITICAL,
                 "Another rnsd, on another system, serves the directory %s: give this one a "
                 "directory of its own with --config",
                 directory);
    }
    return false;
}

// ---- Life

// A listener with many peers needs more descriptors than systems give by default.
static void raise_open_files(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

// A call of daemon_stop() that nobody ran after may end the first round at once.
static void run_until_closed(daemon_t *daemon) {
    while (uv_loop_close(&daemon->loop) == UV_EBUSY) {
        (void)uv_run(&daemon->loop, UV_RUN_DEFAULT);
    }
}

static void give_up(daemon_t *daemon) {
    pidfile_give(&daemon->pidfile);
    run_until_closed(daemon);
    free(daemon);
}

daemon_t *daemon_open(const daemon_options_t *options) {
    daemon_t *daemon = calloc(1, sizeof *daemon);
    if (daemon == NULL || uv_loop_init(&daemon->loop) != 0) {
        log_line(LOG_LEVEL_CRITICAL, "The event loop cannot be opened");
        free(daemon);
        return NULL;
    }
    daemon->options = *options;
    daemon->pidfile.fd = -1;
    raise_open_files();
    if ((options->is_only && !take_directory(daemon)) || !open_node(daemon)) {
        give_up(daemon);
        return NULL;
    }
    if (!pump_open(&daemon->pump, &daemon->loop, daemon->node, &rns_crypto_host,
                   verify_threads(options->config))) {
        log_line(LOG_LEVEL_CRITICAL, "There is no memory for the event loop");
        close_node(daemon);
        give_up(daemon);
        return NULL;
    }
    daemon->pump.failed = on_interface_failed;
    daemon->pump.user = daemon;
    if (options->with_signals) {
        watch_signals(daemon);
    }
    if (options->is_still) {
        return daemon;
    }
    if (!open_interfaces(daemon) || !store_start(daemon->store, &daemon->loop, daemon->node)) {
        daemon_close(daemon);
        return NULL;
    }
    daemon->is_open = true;
    tell_probe(daemon);
    return daemon;
}

int daemon_run(daemon_t *daemon) {
    (void)uv_run(&daemon->loop, UV_RUN_DEFAULT);
    return daemon->exit_code;
}

bool daemon_turn(daemon_t *daemon) {
    if (!daemon->is_stopped) {
        (void)uv_run(&daemon->loop, UV_RUN_ONCE);
    }
    const bool goes_on = !daemon->is_stopped;
    daemon->is_stopped = false;
    return goes_on;
}

void daemon_stop(daemon_t *daemon, int exit_code) {
    daemon->is_stopped = true;
    daemon->exit_code = exit_code;
    uv_stop(&daemon->loop);
}

static void on_left(uv_timer_t *timer) {
    daemon_t *daemon = timer->data;
    daemon->has_left = true;
}

// Peers hear that we go, and need not wait for a timeout; for the time that the reference gives
// them, since what comes just before the end of a connection may be lost with it. The application
// goes too: it hears no more.
static void close_links(daemon_t *daemon) {
    uint32_t cursor = 0;
    rns_link_t link;
    daemon->options.on_event = NULL;
    if (!rns_link_each(daemon->node, &cursor, &link)) {
        return;
    }
    do {
        (void)rns_link_close(daemon->node, clock_now(), link);
    } while (rns_link_each(daemon->node, &cursor, &link));
    (void)uv_timer_init(&daemon->loop, &daemon->leaving);
    daemon->leaving.data = daemon;
    (void)uv_timer_start(&daemon->leaving, on_left, LEAVE_MS, 0);
    pump_wake(&daemon->pump);
    while (!daemon->has_left) {
        (void)uv_run(&daemon->loop, UV_RUN_ONCE);
    }
    uv_close((uv_handle_t *)&daemon->leaving, NULL);
}

void daemon_close(daemon_t *daemon) {
    if (daemon == NULL) {
        return;
    }
    close_links(daemon);
    if (daemon->is_open) {
        (void)store_save(daemon->store);
    }
    store_stop(daemon->store);
    pump_close(&daemon->pump);
    pidfile_give(&daemon->pidfile); // before SIGUSR1 would end the process
    for (unsigned i = 0; i < daemon->signals; i++) {
        uv_close((uv_handle_t *)&daemon->signal[i], NULL);
    }
    run_until_closed(daemon);
    pump_free(&daemon->pump);
    close_node(daemon);
    free(daemon);
}

bool daemon_save(daemon_t *daemon) {
    return store_save(daemon->store);
}

rns_node_t *daemon_node(daemon_t *daemon) {
    return daemon->node;
}

uv_loop_t *daemon_loop(daemon_t *daemon) {
    return &daemon->loop;
}

void daemon_wake(daemon_t *daemon) {
    pump_wake(&daemon->pump);
}
