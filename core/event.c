// event.c -- the one way in which the node speaks to the application.
#include "node.h"

void rnsi_event(rns_node_t *node, rns_event_t *event) {
    if (node->on_event == NULL) {
        return;
    }
    event->at = node->now;
    node->on_event(node->user, node, event);
}
