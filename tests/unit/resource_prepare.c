// What the pass over a segment finds, and the parts that are made again from it: all of it is what
// the reference makes of the same bytes.
#include "resource_help.h"

#include "session/transfer.h"
#include "vectors/resource.h"

#define ITEMS(array) (sizeof(array) / sizeof *(array))

static void unhex(uint8_t *out, const char *hex) {
    for (size_t i = 0; hex[2 * i] != '\0'; i++) {
        const char digits[3] = {hex[2 * i], hex[2 * i + 1], '\0'};
        out[i] = (uint8_t)strtoul(digits, NULL, 16);
    }
}

static void assert_hex(const uint8_t *bytes, const char *hex) {
    uint8_t wanted[64];
    unhex(wanted, hex);
    assert_memory_equal(bytes, wanted, strlen(hex) / 2);
}

// The data of the vectors, in memory.
typedef struct {
    uint8_t *data;
    rns_bytes_t bytes;
    uint8_t metadata[300];
} text_t;

static text_t *text_open(uint32_t size) {
    text_t *text = calloc(1, sizeof *text);
    assert_non_null(text);
    text->data = malloc(size + 1);
    assert_non_null(text->data);
    for (uint32_t i = 0; i < size; i++) {
        text->data[i] = (uint8_t)(i * UINT32_C(2654435761) >> 13);
    }
    text->bytes = (rns_bytes_t){text->data, size};
    return text;
}

static void text_close(text_t *text) {
    free(text->data);
    free(text);
}

typedef struct {
    pair_t *pair;
    text_t *text;
    struct rnsi_link *link;
    struct rnsi_resource_out *out;
} prepared_t;

// A transfer whose random bytes are those that the reference drew.
static prepared_t prepare(const resource_segment_t *v) {
    prepared_t p = {.pair = pair_open((pair_setup_t){
                        .profile = RNS_PROFILE_ROUTER, .hw_mtu = v->mtu, .bitrate = 1000000000}),
                    .text = text_open(v->size)};
    rns_link_t a, b;
    pair_link(p.pair, &a, &b);
    rns_node_t *node = p.pair->a.node;
    p.link = rnsi_link_get(node, a);
    unhex(p.link->key_secret, VECTOR_RESOURCE_KEY);
    unhex(p.text->metadata, v->metadata);
    const rns_source_t source = rns_source_of(&p.text->bytes);
    const rns_resource_options_t options = {
        .metadata = {p.text->metadata, strlen(v->metadata) / 2}};
    rns_resource_t resource;
    assert_int_equal(rns_resource_send(node, p.pair->now, a, &source, v->size, &options, &resource),
                     RNS_ERR_OK);
    p.out = rnsi_pool_at(RNSI_POOL(node, RESOURCE_OUT), p.link->resources_out);
    unhex(p.out->iv, v->iv);
    unhex(p.out->prefix, v->prefix);
    unhex(p.out->random, v->random);
    unhex(p.out->at.chain, v->iv);
    while (p.out->state != RNSI_OUT_ADVERTISED) {
        assert_true(rns_next_due(node) <= p.pair->now);
        rns_tick(node, p.pair->now);
    }
    return p;
}

static void done(prepared_t p) {
    pair_close(p.pair);
    text_close(p.text);
}

static void a_segment_is_what_the_reference_makes_of_it(void **state) {
    (void)state;
    for (size_t i = 0; i < ITEMS(RESOURCE_SEGMENTS); i++) {
        const resource_segment_t *v = &RESOURCE_SEGMENTS[i];
        const prepared_t p = prepare(v);
        assert_int_equal(p.out->transfer, v->transfer);
        assert_int_equal(p.out->parts, v->parts);
        assert_hex(p.out->hash, v->hash);
        assert_hex(p.out->original, v->hash);
        assert_hex(p.out->proof, v->proof);
        done(p);
    }
}

static void make(const prepared_t *p, uint8_t *token, uint32_t part) {
    const uint32_t size = rnsi_part_size(p->out->transfer, p->out->sdu, part);
    assert_true(rnsi_prepare_part(p->pair->a.node, p->link, p->out, part,
                                  (rns_mem_t){token + part * p->out->sdu, size}));
}

// order: forwards, backwards, here and there.
static void make_all(const prepared_t *p, uint8_t *token, unsigned order) {
    for (uint32_t i = 0; i < p->out->parts; i++) {
        const uint32_t last = p->out->parts - 1;
        const uint32_t part = order == 0   ? i
                              : order == 1 ? last - i
                                           : (uint32_t)((uint64_t)i * 7919 % p->out->parts);
        make(p, token, part);
    }
}

static void parts_are_the_reference_s_in_any_order(void **state) {
    (void)state;
    for (size_t i = 0; i < ITEMS(RESOURCE_SEGMENTS); i++) {
        const resource_segment_t *v = &RESOURCE_SEGMENTS[i];
        const prepared_t p = prepare(v);
        uint8_t *token = malloc(v->transfer);
        assert_non_null(token);
        for (unsigned order = 0; order < 3; order++) { // 7919 is prime to all numbers of parts
            uint8_t sha[32];
            memset(token, 0, v->transfer);
            make_all(&p, token, order);
            rnsi_sha256(&p.pair->a.node->crypto, (rns_bytes_t){token, v->transfer}, sha);
            assert_hex(sha, v->token_sha);
        }
        free(token);
        done(p);
    }
}

static void map_hashes_are_the_reference_s_when_they_are_made_again(void **state) {
    (void)state;
    for (size_t i = 0; i < ITEMS(RESOURCE_SEGMENTS); i++) {
        const resource_segment_t *v = &RESOURCE_SEGMENTS[i];
        const prepared_t p = prepare(v);
        uint32_t *map = malloc(v->parts * sizeof *map);
        assert_non_null(map);
        for (uint32_t part = 0; part < v->parts; part++) {
            p.out->map_wanted = part + 1;
            while (p.out->map_end < p.out->map_wanted) {
                assert_int_equal(rnsi_prepare_map(p.pair->a.node, p.link, p.out), RNSI_STEP_DONE);
            }
            map[part] = p.out->map[part % RNSI_MAP_OUT];
        }
        uint8_t sha[32];
        rnsi_sha256(&p.pair->a.node->crypto,
                    (rns_bytes_t){(const uint8_t *)map, v->parts * sizeof *map}, sha);
        assert_hex(sha, v->map_sha);
        free(map);
        done(p);
    }
}

// The reference gives two parts of one map hash another random hash. The second part's hash is made
// that of the first by hand.
static void parts_that_look_alike_get_another_random_hash(void **state) {
    (void)state;
    const prepared_t p = prepare(&RESOURCE_SEGMENTS[4]); // three parts
    struct rnsi_resource_out *out = p.out;
    rns_node_t *node = p.pair->a.node;
    uint8_t random[4], hash[32];
    memcpy(random, out->random, sizeof random);
    memcpy(hash, out->hash, sizeof hash);
    const uint32_t second = out->map[1];
    out->state = RNSI_OUT_PREPARING; // the pass once more, after its first part
    memcpy(out->at.chain, out->iv, sizeof out->at.chain);
    out->at.part = out->map_end = 0;
    node->crypto.v->sha256_init(node->crypto.self, &out->content);
    rnsi_token_mac_begin(&node->crypto, &out->mac, p.link->key_secret);
    assert_int_equal(rnsi_prepare_step(node, p.link, out), RNSI_STEP_DONE);
    assert_int_equal(out->map_end, 1);
    out->map[0] = second;
    assert_int_equal(rnsi_prepare_step(node, p.link, out), RNSI_STEP_DONE);
    assert_int_equal(out->map_end, 0);
    assert_memory_not_equal(out->random, random, sizeof random);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(rnsi_prepare_step(node, p.link, out), RNSI_STEP_DONE);
    }
    assert_int_equal(rnsi_prepare_step(node, p.link, out), RNSI_STEP_READY);
    assert_memory_not_equal(out->hash, hash, sizeof hash);
    done(p);
}

// Between two places that are kept nothing shows that the source has changed, until the peer asks
// for the part again.
static void a_part_that_is_sent_again_must_have_its_map_hash(void **state) {
    (void)state;
    const resource_segment_t *v = &RESOURCE_SEGMENTS[28]; // 74 parts, a place every three of them
    const prepared_t p = prepare(v);
    rns_node_t *node = p.pair->a.node;
    uint8_t bytes[464];
    const rns_mem_t mem = {bytes, sizeof bytes};
    assert_int_equal(p.out->every, 3);
    p.text->data[10 * 464] ^= 1; // of part 10
    assert_true(rnsi_prepare_part(node, p.link, p.out, 10, mem));
    assert_false(rnsi_prepare_part(node, p.link, p.out, 11, mem)); // the next place is checked
    p.out->sent[0] = UINT64_C(1) << 10;
    assert_false(rnsi_prepare_part(node, p.link, p.out, 10, mem));
    p.text->data[10 * 464] ^= 1;
    assert_true(rnsi_prepare_part(node, p.link, p.out, 10, mem));
    done(p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_segment_is_what_the_reference_makes_of_it),
        cmocka_unit_test(parts_are_the_reference_s_in_any_order),
        cmocka_unit_test(map_hashes_are_the_reference_s_when_they_are_made_again),
        cmocka_unit_test(a_part_that_is_sent_again_must_have_its_map_hash),
        cmocka_unit_test(parts_that_look_alike_get_another_random_hash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
