// rns/errors.h -- what a call of the application may be told, and what became of a received frame.
#ifndef RNS_ERRORS_H_INCLUDED
#define RNS_ERRORS_H_INCLUDED

#ifdef __cplusplus
extern "C" {
#endif

// clang-format off
#define RNS_ERRORS(X)                                                                   \
    X(OK,        0, "success")                                                          \
    X(ARG,      -1, "invalid argument: a mistake of the caller")                        \
    X(MEMORY,   -2, "a region is smaller than rns_plan() asks for, or not aligned")     \
    X(FULL,     -3, "no slot is free: try again after rns_tx_done() or an event")       \
    X(GONE,     -4, "the object of this handle no longer exists")                       \
    X(STATE,    -5, "not possible in this state")                                       \
    X(SIZE,     -6, "too large")                                                        \
    X(NO_PATH,  -7, "no path or key is known: see rns_path_request()")                  \
    X(ENTROPY,  -8, "the entropy callback failed")                                      \
    X(TIMEOUT,  -9, "the peer did not answer in time")                                  \
    X(AUTH,    -10, "a signature, proof or key did not verify")                         \
    X(CRYPTO,  -11, "the crypto provider cannot work here")                             \
    X(EXISTS,  -12, "such an object exists already")                                    \
    X(CULLED,  -13, "dropped to make room for a newer one")                             \
    X(REFUSED, -14, "the peer refused it")                                              \
    X(CANCELLED, -15, "cancelled")                                                      \
    X(CLOSED,  -16, "its link is closed")                                               \
    X(CORRUPT, -17, "what arrived is not what was sent")

// What became of a frame. Every return on that path names one, and each is counted by interface.
// The first rows are frames that were used. The third column says which of the reference's counters a
// drop belongs to: none, protocol violation, IFAC violation, filter hit, queue drop.
#define RNS_VERDICTS(X)                                                                           \
    X(DELIVERED,     "delivered",      NONE,     "for us: delivered")                                           \
    X(FORWARDED,     "forwarded",      NONE,     "sent on for others")                                          \
    X(LEARNED,       "learned",        NONE,     "an announce or path request that changed what we know")       \
    X(QUEUED,        "queued",         NONE,     "waits for its signature check or its turn")                   \
    X(HELD,          "held",           NONE,     "an announce held back while its interface is in a burst")     \
    X(SHORT,         "short",          PROTOCOL, "shorter than any packet")                                     \
    X(LONG,          "long",           PROTOCOL, "longer than the interface may carry")                         \
    X(MALFORMED,     "malformed",      PROTOCOL, "not a packet")                                                \
    X(HOPS,          "hops",           PROTOCOL, "128 hops or more")                                            \
    X(IFAC_MISSING,  "ifac_missing",   IFAC,     "without an access code on an interface that asks for one")    \
    X(IFAC_STRAY,    "ifac_stray",     IFAC,     "with an access code on an interface that has none")           \
    X(IFAC_SHORT,    "ifac_short",     IFAC,     "too short for its access code")                               \
    X(IFAC_WRONG,    "ifac_wrong",     IFAC,     "with a wrong access code")                                    \
    X(DUPLICATE,     "duplicate",      FILTER,   "seen before")                                                 \
    X(NOT_FOR_US,    "not_for_us",     FILTER,   "addressed to another transport node")                         \
    X(TOO_FAR,       "too_far",        FILTER,   "PLAIN or GROUP from more than one hop away")                  \
    X(BAD_TYPE,      "bad_type",       FILTER,   "an announce of a PLAIN or GROUP destination")                 \
    X(NO_ROUTE,      "no_route",       NONE,     "for a destination that no path leads to")                     \
    X(NO_DEST,       "no_dest",        NONE,     "for nobody here")                                             \
    X(WRONG_IFACE,   "wrong_iface",    NONE,     "from another interface than it must come from")               \
    X(WRONG_HOPS,    "wrong_hops",     NONE,     "with another hop count than its link has")                    \
    X(UNPROVED_LINK, "unproved_link",  PROTOCOL, "for a link whose proof has not passed")                       \
    X(BAD_SIGNATURE, "bad_signature",  PROTOCOL, "an announce that its key did not sign")                       \
    X(BAD_PROOF,     "bad_proof",      PROTOCOL, "a proof that does not verify")                                \
    X(BAD_TOKEN,     "bad_token",      NONE,     "could not be decrypted")                                      \
    X(BAD_ANNOUNCE,  "bad_announce",   PROTOCOL, "an announce whose parts contradict each other or what we know")\
    X(BLACKHOLED,    "blackholed",     NONE,     "from an identity that is shut out")                           \
    X(OWN,           "own",            NONE,     "our own announce, heard back")                                \
    X(OLD,           "old",            NONE,     "an announce that is not better than what we know")            \
    X(NO_TAG,        "no_tag",         PROTOCOL, "a path request without a tag")                                \
    X(BATCHED,       "batched",        NONE,     "a path request for what is being asked for already")          \
    X(NO_PROOF,      "no_proof",       NONE,     "a proof that nobody waits for")                               \
    X(NO_LISTENER,   "no_listener",    NONE,     "link requests are not accepted here")                         \
    X(BAD_MODE,      "bad_mode",       PROTOCOL, "a link request or proof of a mode that is not enabled")        \
    X(NOT_NOW,       "not_now",        NONE,     "not expected in the state its link is in")                    \
    X(REPEATED,      "repeated",       NONE,     "known already on its link")                                   \
    X(NO_CHANNEL,    "no_channel",     NONE,     "for a channel, stream or message type that nobody opened")    \
    X(NOT_ALLOWED,   "not_allowed",    NONE,     "a request that nobody answers, or not to this peer")          \
    X(FULL,          "full",           QUEUE,    "no slot was free")                                            \
    X(OFFLINE,       "offline",        NONE,     "its interface is gone or offline")

#define RNSI_ERR(id, value, text) RNS_ERR_##id = (value),
#define RNSI_RX(id, name, drop, text) RNS_RX_##id,
typedef enum { RNS_ERRORS(RNSI_ERR) } rns_err_t;
typedef enum { RNS_VERDICTS(RNSI_RX) RNS_RX_COUNT } rns_verdict_t;
typedef enum { RNS_DROP_NONE, RNS_DROP_PROTOCOL, RNS_DROP_IFAC, RNS_DROP_FILTER, RNS_DROP_QUEUE } rns_drop_t;
#undef RNSI_ERR
#undef RNSI_RX
// clang-format on

const char *rns_err_text(rns_err_t err);             // never NULL
const char *rns_verdict_name(rns_verdict_t verdict); // lower case: "bad_signature"; never NULL
const char *rns_verdict_text(rns_verdict_t verdict);
rns_drop_t
rns_verdict_drop(rns_verdict_t verdict); // which of the reference's counters it belongs to

#ifdef __cplusplus
}
#endif
#endif
