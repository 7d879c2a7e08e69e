#include "session/request.h"

rns_verdict_t rnsi_request_offered(rns_node_t *node, struct rnsi_link *link,
                                   struct rnsi_resource_in *in) {
    (void)link;
    rnsi_resource_in_drop(node, in);
    return RNS_RX_NOT_ALLOWED;
}
void rnsi_request_arrived(rns_node_t *node, rnsi_kind_t kind, uint32_t owner, rns_err_t status,
                          rns_bytes_t metadata, bool has_metadata, uint64_t size) {
    (void)node, (void)kind, (void)owner, (void)status, (void)metadata, (void)has_metadata,
        (void)size;
}
void rnsi_request_progress(rns_node_t *node, uint32_t owner, uint64_t done, uint64_t size) {
    (void)node, (void)owner, (void)done, (void)size;
}
void rnsi_request_sent(rns_node_t *node, rnsi_kind_t kind, uint32_t owner, rns_err_t status) {
    (void)node, (void)kind, (void)owner, (void)status;
}
