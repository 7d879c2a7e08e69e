// host/utility/service.h -- what programs that listen share: an identity from its file, one
// destination, and who may use it.
#ifndef HOST_UTILITY_SERVICE_H_INCLUDED
#define HOST_UTILITY_SERVICE_H_INCLUDED

#include "host/utility/allowed.h"
#include "host/utility/utility.h"

typedef struct {
    utility_t *utility;
    const char *program, *name; // of the program's files; of its destination
    bool no_auth;               // anybody may
    rns_secret_t secret;
    rns_hash_t identity, destination;
    rns_dest_t dest;   // once it is added
    allowed_t allowed; // empty without no_auth: nobody may
} service_t;

// Reads the program's identity, or makes it; file NULL: where it usually is. False: it cannot, and
// the user was told.
bool service_open(service_t *service, const char *file);
void service_print(const service_t *service); // what -p shows

// Collects what -a said and the program's file. False: something is wrong with them, and the user
// was told.
bool service_collect(service_t *service, const char *const *texts, size_t count);
bool service_allows_nobody(const service_t *service);
bool service_allows(const service_t *service, const rns_hash_t *identity);

// Adds the destination, and a handler for requests (path NULL: none) of those who may. False: it
// cannot, the log says why.
bool service_add(service_t *service, const char *path);

void service_close(service_t *service); // wipes the secret
#endif
