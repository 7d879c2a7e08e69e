// elements.c -- pins the sizes of elements: the same on every machine, and changed only on purpose,
// since they decide how much memory each profile takes (docs/MEMORY.md).
#include "memory/elements.h"

#include <stddef.h>

#define PIN(element, bytes)                                                                        \
    _Static_assert(sizeof(struct rnsi_##element) == (bytes), "size of struct rnsi_" #element)

PIN(node_bytes, 7168);
PIN(crypto_bytes, 512);
PIN(iface, 1056);
PIN(network, 240);
PIN(dest, 392);
PIN(ratchet_self, 72);
PIN(ratchet_try, 568);
PIN(ratchet_file, 17688);
PIN(handler, 40);
PIN(frame, 608);
PIN(frame_2k, 2152);
PIN(frame_16k, 16488);
PIN(frame_max, 524392);
PIN(txref, 40);
PIN(inbox_announce, 568);
PIN(inbox_ask, 80);
PIN(hash32, 32);
PIN(print, 16);
PIN(known, 160);
PIN(app_data, 384);
PIN(ratchet_peer, 80);
PIN(path, 128);
PIN(path_blob, 104);
PIN(announce_cache, 568);
PIN(announce, 72);
PIN(announce_queue, 88);
PIN(held, 600);
PIN(rate, 128);
PIN(ask, 88);
PIN(asker, 32);
PIN(reverse, 48);
PIN(relay, 120);
PIN(tunnel, 120);
PIN(tunnel_path, 144);
PIN(blackhole, 168);
PIN(receipt, 104);
PIN(prove_ask, 72);
PIN(record_gone, 64);
PIN(link, 672);
PIN(channel, 88);
PIN(message_type, 48);
PIN(envelope, 88);
PIN(buffer, 80);
PIN(piece, 504);
PIN(piece_2k, 2080);
PIN(piece_16k, 16416);
PIN(piece_max, 524320);
PIN(request_handler, 72);
PIN(request, 200);
PIN(query, 120);
PIN(resource_in, 1568);
PIN(resource_out, 2272);
PIN(segment, 1048856);
PIN(unpack_small, 322728);
PIN(unpack, 3672728);
PIN(pack, 8567064);

// Cells and 64-bit members behind an element must be aligned, and rnsi_pool_slot() needs a size
// that fits 32 bits; pools find their head at the start.
#define RNS_POOL(id, element, key, timer, region, per, full, tiny, mcu, router, server, what)      \
    _Static_assert(sizeof(struct rnsi_##element) % 8 == 0, #id);
#include "memory/pools.def"
#undef RNS_POOL

_Static_assert(sizeof(rnsi_slot_t) == 24, "head of an element");
_Static_assert(sizeof(rnsi_cell_t) == 8, "a cell of an index");
_Static_assert(sizeof(rnsi_deadline_t) == 16, "an entry of the timer heap");
