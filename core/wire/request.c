// request.c -- see request.h.
#include "wire/request.h"

#define ID_SIZE 16U // of a request, and of the hash of a path
#define NIL     0xC0U

void rnsi_request_head(int64_t unix_us, const uint8_t path[16], uint8_t out[RNSI_REQUEST_HEAD]) {
    rnsi_writer_t w = rnsi_writer((rns_mem_t){out, RNSI_REQUEST_HEAD});
    rnsi_msgpack_array(&w, 3);
    rnsi_msgpack_seconds(&w, unix_us);
    rnsi_msgpack_bin(&w, (rns_bytes_t){path, ID_SIZE});
}

void rnsi_response_head(const uint8_t request_id[16], uint8_t out[RNSI_RESPONSE_HEAD]) {
    rnsi_writer_t w = rnsi_writer((rns_mem_t){out, RNSI_RESPONSE_HEAD});
    rnsi_msgpack_array(&w, 2);
    rnsi_msgpack_bin(&w, (rns_bytes_t){request_id, ID_SIZE});
}

// Any value may stand for the time; what is no number says nothing.
static int64_t read_time(rnsi_reader_t *r) {
    rnsi_reader_t behind = *r;
    int64_t us = 0;
    const bool is_number = rnsi_msgpack_read_seconds(&behind, &us);
    (void)rnsi_msgpack_skip(r);
    return is_number && us > 0 && us != INT64_MAX ? us : 0;
}

static const uint8_t *read_id(rnsi_reader_t *r) {
    rns_bytes_t bytes;
    return rnsi_msgpack_read_bin(r, &bytes) && bytes.size == ID_SIZE ? bytes.data : NULL;
}

static bool read_value(rnsi_reader_t *r, rns_bytes_t *value) {
    value->data = r->at;
    if (!rnsi_msgpack_skip(r)) {
        return false;
    }
    value->size = (size_t)(r->at - value->data);
    return true;
}

bool rnsi_request_parse(rns_bytes_t packed, rnsi_request_in_t *request) {
    rnsi_reader_t r = rnsi_reader(packed);
    uint32_t count;
    if (!rnsi_msgpack_read_array(&r, &count) || count < 3) {
        return false;
    }
    request->unix_us = read_time(&r);
    request->path = read_id(&r);
    if (request->path == NULL || !read_value(&r, &request->data)) {
        return false;
    }
    request->has_data = request->data.data[0] != NIL;
    return true;
}

bool rnsi_response_parse(rns_bytes_t packed, rnsi_response_in_t *response) {
    rnsi_reader_t r = rnsi_reader(packed);
    uint32_t count;
    if (!rnsi_msgpack_read_array(&r, &count) || count < 2) {
        return false;
    }
    response->request_id = read_id(&r);
    return response->request_id != NULL && read_value(&r, &response->value);
}
