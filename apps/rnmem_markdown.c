// rnmem_markdown.c -- docs/MEMORY.md from the table.
#include "rnmem.h"

#include <inttypes.h>

#define REVERSE_LIFE_S 480U // Transport.REVERSE_TIMEOUT

// What a full row means to those outside. A row without a line says what its policy does.
static const char *const when_full[RNS_POOL_COUNT] = {
    [RNS_POOL_NODE] = "there is one, taken by opening the node",
    [RNS_POOL_CRYPTO] = "there is one, taken by opening the node",
    [RNS_POOL_IFACE] = "no further interface can be added; a server refuses the connection",
    [RNS_POOL_NETWORK] = "an interface with one more access code cannot be added",
    [RNS_POOL_DEST] = "no further destination can be made",
    [RNS_POOL_RATCHET_SELF] = "a destination forgets its older ratchets sooner",
    [RNS_POOL_RATCHET_FILE] = "the file is written later",
    [RNS_POOL_RATCHET_TRY] = "dropped and counted, unless one of the newest ratchets fits",
    [RNS_POOL_HANDLER] = "no further listener can be added",
    [RNS_POOL_FRAME] = "the frame is not sent, and counted; inputs are paused before",
    [RNS_POOL_FRAME_2K] = "the frame is not sent, and counted; inputs are paused before",
    [RNS_POOL_FRAME_16K] = "the frame is not sent, and counted; inputs are paused before",
    [RNS_POOL_FRAME_MAX] = "the frame is not sent, and counted; inputs are paused before",
    [RNS_POOL_TXREF] =
        "the frame is not sent on this interface, and counted; inputs are paused before",
    [RNS_POOL_INBOX_ANNOUNCE] =
        "dropped and counted (byte streams are paused before); the next one is heard",
    [RNS_POOL_INBOX_ASK] =
        "dropped and counted (byte streams are paused before); whoever asked asks again",
    [RNS_POOL_INBOX_LIMITED] = "the request is dropped and counted",
    [RNS_POOL_SEEN] = "the older half is forgotten at once: a late copy is taken for new",
    [RNS_POOL_SEEN_PRINT] = "the older half is forgotten at once: a late copy is taken for new",
    [RNS_POOL_ASK_TAG] = "the older half is forgotten at once: a late copy is answered again",
    [RNS_POOL_KNOWN] = "the one not used for longest is forgotten, until it announces again",
    [RNS_POOL_APP_DATA] = "the oldest is forgotten; its destination stays known",
    [RNS_POOL_RATCHET_PEER] =
        "the oldest is forgotten; until it announces, the key of its identity serves",
    [RNS_POOL_PATH] =
        "the nearest to its expiry is forgotten and asked for again; open links keep theirs",
    [RNS_POOL_PATH_BLOB] =
        "the oldest are forgotten; replays are told by their emission time alone",
    [RNS_POOL_ANNOUNCE_CACHE] =
        "the oldest is forgotten: path requests for it are not answered here",
    [RNS_POOL_ANNOUNCE] = "the oldest is not sent on again",
    [RNS_POOL_ANNOUNCE_QUEUE] = "the announce is not sent on that interface",
    [RNS_POOL_HELD] = "the announce is dropped, and heard again with the next one",
    [RNS_POOL_RATE] = "the oldest is forgotten: its destination may announce as a new one",
    [RNS_POOL_ASK] = "the oldest search is given up",
    [RNS_POOL_ASKER] = "the interface gets no answer from the search of another",
    [RNS_POOL_REVERSE] = "the oldest is forgotten: the proof for its packet does not come back",
    [RNS_POOL_RELAY] = "the link that was silent for longest breaks; proved ones stay",
    [RNS_POOL_TUNNEL] = "the one nearest to its expiry is forgotten, with its routes",
    [RNS_POOL_TUNNEL_PATH] = "the oldest does not come back with its tunnel",
    [RNS_POOL_BLACKHOLE] = "no further identity can be shut out",
    [RNS_POOL_RECEIPT] = "the oldest is given up as if its time were over",
    [RNS_POOL_PROVE_ASK] = "the oldest question lapses: its packet is not proved",
    [RNS_POOL_RECORD_GONE] =
        "the oldest is forgotten: its record stays in the store, and is loaded again",
    [RNS_POOL_LINK] = "a peer's oldest link that is not proved yet makes room; open ones stay",
    [RNS_POOL_CHANNEL] = "no further channel can be opened; a peer's messages are not proved",
    [RNS_POOL_MESSAGE_TYPE] = "no further type can be registered, no further handler added",
    [RNS_POOL_ENVELOPE] =
        "the sender waits and is told; what comes is not proved, so its peer repeats it",
    [RNS_POOL_BUFFER] = "no further end of a stream can be opened",
    [RNS_POOL_PIECE] = "what came early is dropped, and comes again; what is to be sent waits",
    [RNS_POOL_PIECE_2K] = "what came early is dropped, and comes again; what is to be sent waits",
    [RNS_POOL_PIECE_16K] = "what came early is dropped, and comes again; what is to be sent waits",
    [RNS_POOL_PIECE_MAX] = "what came early is dropped, and comes again; what is to be sent waits",
    [RNS_POOL_REQUEST_HANDLER] = "no further request path can be added",
    [RNS_POOL_REQUEST] = "no further request can be made until one has ended",
    [RNS_POOL_QUERY] = "the oldest that waits for the application is given up, and it is told",
    [RNS_POOL_RESOURCE_IN] = "the offer is refused, and its sender told",
    [RNS_POOL_RESOURCE_OUT] = "no further resource can be sent until one has ended",
    [RNS_POOL_SEGMENT] = "a compressed offer is refused; ours are sent uncompressed",
    [RNS_POOL_UNPACK_SMALL] = "the larger row serves; without it a compressed offer is refused",
    [RNS_POOL_UNPACK] = "a compressed offer is refused",
    [RNS_POOL_PACK] = "what is sent meanwhile goes uncompressed",
};

static const char *const policy_text[] = {
    [RNS_FULL_REJECT] = "the newcomer is refused, and counted",
    [RNS_FULL_CULL] = "the oldest one that is not pinned makes room",
};

static void print_intro(FILE *out) {
    fputs(
        "# Memory\n\n"
        "All memory of a node is the table `core/memory/pools.def`, and this page is made of it:\n"
        "`rnmem --markdown`. A node takes nothing beside it, and nothing from a heap. "
        "`rns_plan()` says how\n"
        "many bytes a configuration needs, `rns/static.h` says it at compile time, and `rnmem "
        "--profile NAME\n"
        "--set ROW=COUNT ...` prints it for counts of your own.\n\n"
        "- **Regions**: *fast* is internal RAM, *bulk* may be slow external RAM. Without bulk, "
        "all rows are in\n"
        "  fast, and it needs the sum of both.\n"
        "- **Class**: how often a slot is taken: at *startup*, per *link*, per *transfer*, per "
        "*packet*.\n"
        "- **Policy**: what happens when no slot is free. *cull*: the slot nearest to its expiry "
        "makes room, or\n"
        "  where nothing expires the oldest; pinned ones stay. *reject*: the newcomer is "
        "refused, with\n"
        "  `RNS_ERR_FULL` to a caller and a counter for what came from the network.\n"
        "- **A slot**: bytes of an element, the same on every machine. A row with a key has two "
        "cells of 8 bytes\n"
        "  a slot beside it, a row with deadlines 16 bytes in the timer heap; each row is rounded "
        "up to 16.\n"
        "- Memory that was never needed is never touched: a server that reserves room for 100,000 "
        "paths takes\n"
        "  pages of RAM only for those that it has.\n"
        "- What is said here of full rows is shown by a test for each row, named after it: "
        "`tests/unit/pool_full.c`;\n  what it means to those outside, by `full_routes.c` and "
        "`full_sessions.c` beside it.\n"
        "- A running daemon tells how its rows are used: `rnmem --config DIR`. Counts for a board: "
        "`rnmem --fit\n"
        "  FAST BULK`. A picture: `--svg FILE`.\n\n",
        out);
}

static void print_profiles(FILE *out) {
    fputs("## Profiles\n\nBytes by region, and the same by class.\n\n"
          "| profile | fast | bulk | both | startup | link | transfer | packet |\n"
          "|---|---:|---:|---:|---:|---:|---:|---:|\n",
          out);
    for (rns_profile_t profile = 0; profile < RNS_PROFILE_COUNT; profile++) {
        inventory_t inventory;
        inventory_sum_t sum;
        inventory_plan(&inventory, profile, NULL);
        inventory_sum(&inventory, &sum);
        fprintf(out, "| %s | %" PRIu64 " | %" PRIu64 " | %" PRIu64 " |", inventory.profile,
                sum.region[RNS_REGION_FAST], sum.region[RNS_REGION_BULK], sum.all);
        for (rns_per_t per = 0; per < RNS_PER_COUNT; per++) {
            fprintf(out, " %" PRIu64 " |", sum.per[per]);
        }
        fputc('\n', out);
    }
}

static void print_rows(FILE *out) {
    fputs("\n## Rows\n\n"
          "| row | what | when it is full | a slot | region | class | policy |\n"
          "|---|---|---|---:|---|---|---|\n",
          out);
    for (rns_pool_t id = 0; id < RNS_POOL_COUNT; id++) {
        rns_pool_info_t info;
        rns_pool_plan(RNS_PROFILE_TINY, NULL, id, &info);
        fprintf(out, "| %s | %s | %s | %" PRIu32 " | %s | %s | %s |\n", info.name, info.what,
                when_full[id] != NULL ? when_full[id] : policy_text[info.full], info.slot_bytes,
                inventory_region(info.region), inventory_class(info.per),
                inventory_policy(info.full));
    }
}

// A row of four cells for each profile: slots, then bytes.
static void print_counts(FILE *out) {
    fputs("\n## Slots and bytes\n\n| row |", out);
    for (rns_profile_t profile = 0; profile < RNS_PROFILE_COUNT; profile++) {
        fprintf(out, " %s | bytes |", rns_profile_name(profile));
    }
    fputs("\n|---|---:|---:|---:|---:|---:|---:|---:|---:|\n", out);
    for (rns_pool_t id = 0; id < RNS_POOL_COUNT; id++) {
        rns_pool_info_t info;
        for (rns_profile_t profile = 0; profile < RNS_PROFILE_COUNT; profile++) {
            rns_pool_plan(profile, NULL, id, &info);
            if (profile == 0) {
                fprintf(out, "| %s |", info.name);
            }
            fprintf(out, " %" PRIu32 " | %" PRIu64 " |", info.slots, info.bytes);
        }
        fputc('\n', out);
    }
}

static void print_covered(FILE *out, uint32_t slots, uint32_t rate) {
    if (slots / rate >= REVERSE_LIFE_S) {
        fprintf(out, " %u, all |", REVERSE_LIFE_S);
    } else if (slots >= rate) {
        fprintf(out, " %" PRIu32 " |", slots / rate);
    } else {
        fprintf(out, " 0.%02" PRIu32 " |", slots * 100 / rate);
    }
}

static void print_reverse(FILE *out) {
    static const uint32_t rates[] = {1, 10, 100, 1000, 10000, 100000};
    fprintf(out,
            "\n## How long proofs find their way back\n\n"
            "A forwarded packet takes a slot of *reverse* for at most %u seconds; then, or when "
            "newer packets need\nthe slot, its proof is not forwarded any more. Seconds that a "
            "row covers, by packets forwarded a second:\n\n| profile | slots |",
            REVERSE_LIFE_S);
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        fprintf(out, " %" PRIu32 "/s |", rates[i]);
    }
    fputs("\n|---|---:|---:|---:|---:|---:|---:|---:|\n", out);
    for (rns_profile_t profile = 0; profile < RNS_PROFILE_COUNT; profile++) {
        rns_pool_info_t info;
        rns_pool_plan(profile, NULL, RNS_POOL_REVERSE, &info);
        if (info.slots == 0) {
            continue;
        }
        fprintf(out, "| %s | %" PRIu32 " |", rns_profile_name(profile), info.slots);
        for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
            print_covered(out, info.slots, rates[i]);
        }
        fputc('\n', out);
    }
    fputs("\nA profile that is not listed has no such row: it forwards nothing for others.\n", out);
}

void rnmem_markdown(FILE *out) {
    print_intro(out);
    print_profiles(out);
    print_rows(out);
    print_counts(out);
    print_reverse(out);
}
