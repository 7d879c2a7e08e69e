// KISS streams and ports on any bytes; see fuzz_stream.h.
#include "fuzz_stream.h"

static size_t encode_data(rns_bytes_t frame, rns_mem_t out) {
    return rns_kiss_encode(RNS_KISS_DATA, frame, out);
}

// A port and a stream reader are two ways to the same frames.
static void check_port(const uint8_t *data, size_t size) {
    static frames_t whole, fed;
    const framing_t kiss = {rns_kiss_next, encode_data, 1};
    uint8_t *buffer = malloc(size);
    REQUIRE(buffer != NULL);
    rns_kiss_port_t port = {.buffer = {buffer, size}, .command_mask = 0x0F};
    fed.size = fed.count = 0;
    for (size_t i = 2; i < size; i++) {
        rns_mem_t frame;
        if (rns_kiss_feed(&port, data[i], &frame) == RNS_FRAMING_FRAME) {
            REQUIRE(frame.data == buffer && frame.size > 0 && frame.size <= size);
            keep(&fed, frame);
        }
    }
    read_stream(&kiss, 0, size, (rns_bytes_t){data + 2, size - 2}, &whole);
    REQUIRE(whole.count == fed.count && whole.size == fed.size);
    REQUIRE(memcmp(whole.bytes, fed.bytes, fed.size) == 0);
    free(buffer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const framing_t kiss = {rns_kiss_next, encode_data, 1};
    check_stream(&kiss, data, size);
    if (size > 2 && size <= STREAM_MAX) {
        check_port(data, size);
    }
    return 0;
}
