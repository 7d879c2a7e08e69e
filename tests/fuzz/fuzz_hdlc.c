// HDLC streams and ports on any bytes; see fuzz_stream.h.
#include "fuzz_stream.h"

static void check_port(const uint8_t *data, size_t size) {
    uint8_t *buffer = malloc((size_t)data[1] + 1);
    REQUIRE(buffer != NULL);
    rns_hdlc_port_t port = {.buffer = {buffer, data[1]}};
    for (size_t i = 2; i < size; i++) {
        rns_mem_t frame;
        const rns_framing_t verdict = rns_hdlc_feed(&port, data[i], &frame);
        REQUIRE(port.size <= data[1]);
        if (verdict == RNS_FRAMING_FRAME || verdict == RNS_FRAMING_CUT) {
            REQUIRE(data[i] == 0x7E && frame.data == buffer);
            REQUIRE(frame.size > 0 && frame.size <= data[1]);
            REQUIRE(verdict == RNS_FRAMING_FRAME || frame.size == data[1]);
        }
    }
    free(buffer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const framing_t hdlc = {rns_hdlc_next, rns_hdlc_encode, 20};
    check_stream(&hdlc, data, size);
    if (size >= 2) {
        check_port(data, size);
    }
    return 0;
}
