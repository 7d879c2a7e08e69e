// host/address.h -- addresses of sockets, and how the reference writes them.
#ifndef HOST_ADDRESS_H_INCLUDED
#define HOST_ADDRESS_H_INCLUDED

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sys/socket.h>

#define ADDRESS_TEXT 80U // bytes of a numeric address with its scope, and its NUL

typedef struct {
    struct sockaddr_storage at;
    socklen_t size;
} address_t;

typedef enum {
    ADDRESS_ANY,
    ADDRESS_IPV4,
    ADDRESS_PREFER_IPV4,
    ADDRESS_PREFER_IPV6
} address_choice_t;

// The address of a host name or number; it may ask a name server, and waits for the answer. `type`
// is SOCK_STREAM or SOCK_DGRAM. NULL, or why there is none (static).
const char *address_find(const char *host, uint16_t port, int type, address_choice_t choice,
                         address_t *address);

// True: host is a number, address is set; no name server is asked.
bool address_of_number(const char *host, uint16_t port, int type, address_t *address);

// The first address of a network device as text, with a scope if it needs one (IPv4 unless there is
// none or IPv6 is preferred), and its IPv4 broadcast address. False: it has none.
bool address_of_device(const char *device, bool prefer_ipv6, char text[ADDRESS_TEXT]);
bool address_broadcast(const char *device, char text[ADDRESS_TEXT]);

void address_text(const address_t *address, char text[ADDRESS_TEXT]);
uint16_t address_port(const address_t *address);

// "KIND[NAME/HOST:PORT]", the reference's display string. False: longer than size.
bool address_title(char *out, size_t size, const char *kind, const char *name, const char *host,
                   uint16_t port);

#endif
