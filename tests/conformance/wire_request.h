// wire_request.h -- a request that a command waits for.
#ifndef CONFORMANCE_WIRE_REQUEST_H_INCLUDED
#define CONFORMANCE_WIRE_REQUEST_H_INCLUDED

#include "wire_link.h"

typedef struct asking {
    wire_t *wire;
    rns_request_t handle;
    rns_mem_t memory, metadata; // lent to the node while it is open
    bool is_open;
    rns_err_t status;                     // of one that is not open
    json_t *response, *response_metadata; // new; NULL: not yet
    rns_us_t asked, answered;
} asking_t;

// Asks by the parameters path, data and timeout_ms, whose default is given (0: the link's).
// NULL: the call fails. Lives as long as the call, and ends with asking_close().
asking_t *asking_open(call_t *call, wire_t *wire, session_t *session, int64_t *timeout_ms);
// Waits for its end; its status, response, response_metadata and response_time_s as an object.
json_t *asking_wait(asking_t *asking, int64_t timeout_ms);
void asking_close(asking_t *asking);

void asking_note(wire_t *wire, const rns_event_t *event); // RNS_EV_RESPONSE

#endif
