// request.h -- requests and answers as they travel (RNS/Link.py: request, handle_request): arrays
// of MessagePack whose last item is the application's. What stands before it is made here.
//
//   request   [time, hash of the path, data]
//   answer    [request id, value]
#ifndef RNSI_WIRE_REQUEST_H_INCLUDED
#define RNSI_WIRE_REQUEST_H_INCLUDED

#include "wire/msgpack.h"

#define RNSI_REQUEST_HEAD  28U // bytes before the data
#define RNSI_RESPONSE_HEAD 19U // bytes before the value

// Views of the packet.
typedef struct {
    int64_t unix_us;     // when it was asked; 0: no such number
    const uint8_t *path; // 16
    rns_bytes_t data;    // one value
    bool has_data;       // it is not nil
} rnsi_request_in_t;

typedef struct {
    const uint8_t *request_id; // 16
    rns_bytes_t value;         // one value
} rnsi_response_in_t;

void rnsi_request_head(int64_t unix_us, const uint8_t path[16], uint8_t out[RNSI_REQUEST_HEAD]);
void rnsi_response_head(const uint8_t request_id[16], uint8_t out[RNSI_RESPONSE_HEAD]);

// false: not such an array. As in the reference, it may have more items, and bytes may follow it.
bool rnsi_request_parse(rns_bytes_t packed, rnsi_request_in_t *request);
bool rnsi_response_parse(rns_bytes_t packed, rnsi_response_in_t *response);

#endif
