// address.c -- see address.h.
#include "host/address.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

static const struct addrinfo *choose(const struct addrinfo *list, address_choice_t choice) {
    const int family = choice == ADDRESS_PREFER_IPV6 ? AF_INET6 : AF_INET;
    for (const struct addrinfo *each = list; choice != ADDRESS_ANY && each != NULL;
         each = each->ai_next) {
        if (each->ai_family == family) {
            return each;
        }
    }
    return list;
}

static const char *look_up(const char *host, uint16_t port, const struct addrinfo *hints,
                           address_choice_t choice, address_t *address) {
    char service[8];
    struct addrinfo *list = NULL;
    (void)snprintf(service, sizeof service, "%u", (unsigned)port);
    const int err = getaddrinfo(host, service, hints, &list);
    if (err != 0 || list == NULL) {
        return err != 0 ? gai_strerror(err) : "no address";
    }
    const struct addrinfo *best = choose(list, choice);
    memcpy(&address->at, best->ai_addr, best->ai_addrlen);
    address->size = best->ai_addrlen;
    freeaddrinfo(list);
    return NULL;
}

const char *address_find(const char *host, uint16_t port, int type, address_choice_t choice,
                         address_t *address) {
    const struct addrinfo hints = {.ai_family = choice == ADDRESS_IPV4 ? AF_INET : AF_UNSPEC,
                                   .ai_socktype = type};
    return look_up(host, port, &hints, choice, address);
}

bool address_of_number(const char *host, uint16_t port, int type, address_t *address) {
    const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST, .ai_socktype = type};
    return look_up(host, port, &hints, ADDRESS_ANY, address) == NULL;
}

static bool number_of(const struct sockaddr *at, char text[ADDRESS_TEXT]) {
    const socklen_t size = at->sa_family == AF_INET6 ? (socklen_t)sizeof(struct sockaddr_in6)
                                                     : (socklen_t)sizeof(struct sockaddr_in);
    return getnameinfo(at, size, text, ADDRESS_TEXT, NULL, 0, NI_NUMERICHOST) == 0;
}

static const struct ifaddrs *first_of(const struct ifaddrs *list, const char *device, int family) {
    for (; list != NULL; list = list->ifa_next) {
        if (list->ifa_addr != NULL && list->ifa_addr->sa_family == family &&
            strcmp(list->ifa_name, device) == 0) {
            return list;
        }
    }
    return NULL;
}

bool address_of_device(const char *device, bool prefer_ipv6, char text[ADDRESS_TEXT]) {
    struct ifaddrs *list;
    if (getifaddrs(&list) != 0) {
        return false;
    }
    const struct ifaddrs *v4 = first_of(list, device, AF_INET);
    const struct ifaddrs *v6 = first_of(list, device, AF_INET6);
    const struct ifaddrs *best = v6 != NULL && (prefer_ipv6 || v4 == NULL) ? v6 : v4;
    const bool found = best != NULL && number_of(best->ifa_addr, text);
    freeifaddrs(list);
    return found;
}

bool address_broadcast(const char *device, char text[ADDRESS_TEXT]) {
    struct ifaddrs *list;
    if (getifaddrs(&list) != 0) {
        return false;
    }
    const struct ifaddrs *v4 = first_of(list, device, AF_INET);
    const bool found = v4 != NULL && (v4->ifa_flags & IFF_BROADCAST) != 0 &&
                       v4->ifa_broadaddr != NULL && number_of(v4->ifa_broadaddr, text);
    freeifaddrs(list);
    return found;
}

void address_text(const address_t *address, char text[ADDRESS_TEXT]) {
    if (!number_of((const struct sockaddr *)&address->at, text)) {
        (void)snprintf(text, ADDRESS_TEXT, "?");
    }
}

uint16_t address_port(const address_t *address) {
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    if (address->at.ss_family == AF_INET6) {
        memcpy(&v6, &address->at, sizeof v6);
        return ntohs(v6.sin6_port);
    }
    memcpy(&v4, &address->at, sizeof v4);
    return ntohs(v4.sin_port);
}

bool address_title(char *out, size_t size, const char *kind, const char *name, const char *host,
                   uint16_t port) {
    const bool brackets = strchr(host, ':') != NULL;
    const int length = snprintf(out, size, "%s[%s/%s%s%s:%u]", kind, name, brackets ? "[" : "",
                                host, brackets ? "]" : "", (unsigned)port);
    return length >= 0 && (size_t)length < size;
}
