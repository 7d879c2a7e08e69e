// service.c -- see service.h.
#include "host/utility/service.h"

#include <stdio.h>

#include "host/clock.h"
#include "host/log.h"
#include "host/text.h"
#include "host/utility/keyfile.h"

bool service_open(service_t *service, const char *file) {
    rns_node_t *node = utility_node(service->utility);
    const char *path = utility_identity_path(service->utility, service->program, file);
    uint8_t pub[64];
    if (!keyfile_open_loudly(node, service->program, path, &service->secret)) {
        return false;
    }
    rns_identity_public(node, &service->secret, pub, &service->identity);
    return rns_destination_hash(node, service->name, &service->identity, &service->destination) ==
           RNS_ERR_OK;
}

void service_print(const service_t *service) {
    char identity[TEXT_HASH], destination[TEXT_HASH];
    text_hash(&service->identity, identity);
    text_hash(&service->destination, destination);
    (void)printf("Identity     : %s\nListening on : %s\n", identity, destination);
}

bool service_collect(service_t *service, const char *const *texts, size_t count) {
    return service->no_auth || allowed_collect(&service->allowed, service->program, texts, count);
}

bool service_allows_nobody(const service_t *service) {
    return !service->no_auth && service->allowed.count == 0;
}

bool service_allows(const service_t *service, const rns_hash_t *identity) {
    return service->no_auth || allowed_has(&service->allowed, identity);
}

static rns_err_t add_handler(const service_t *service, const char *path) {
    const rns_allow_t who = service->no_auth                 ? RNS_ALLOW_ALL
                            : service_allows_nobody(service) ? RNS_ALLOW_NONE
                                                             : RNS_ALLOW_LIST;
    return rns_request_handler(utility_node(service->utility), service->dest, path, who,
                               service->allowed.at, service->allowed.count);
}

bool service_add(service_t *service, const char *path) {
    const rns_dest_config_t config = {
        .name = service->name, .type = RNS_DEST_SINGLE, .identity = &service->secret};
    rns_err_t err =
        rns_dest_add(utility_node(service->utility), clock_now(), &config, &service->dest);
    if (err == RNS_ERR_OK && path != NULL) {
        err = add_handler(service, path);
    }
    if (err != RNS_ERR_OK) {
        log_line(LOG_LEVEL_CRITICAL, "%s cannot listen: %s", service->program, rns_err_text(err));
    }
    return err == RNS_ERR_OK;
}

void service_close(service_t *service) {
    allowed_free(&service->allowed);
    keyfile_wipe(&service->secret);
}
