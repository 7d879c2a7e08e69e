// HMAC-DRBG against NIST's CAVP vectors (drbgvectors, HMAC_DRBG.rsp, [SHA-256]): each generates
// twice, and the second output is the expected one.
#include "crypto_support.h"

#include "crypto/drbg.h"

static const rns_bytes_t none = {NULL, 0};

typedef struct {
    const char *seed, *reseed, *personal, *expected; // seed: entropy input and nonce
} cavp_t;

static const cavp_t cavp[] = {
    // [PredictionResistance = False], no reseed, COUNT = 0 and 1
    {"ca851911349384bffe89de1cbdc46e6831e44d34a4fb935ee285dd14b71a7488"
     "659ba96c601dc69fc902940805ec0ca8",
     "", "",
     "e528e9abf2dece54d47c7e75e5fe302149f817ea9fb4bee6f4199697d04d5b89"
     "d54fbb978a15b5c443c9ec21036d2460b6f73ebad0dc2aba6e624abf07745bc1"
     "07694bb7547bb0995f70de25d6b29e2d3011bb19d27676c07162c8b5ccde0668"
     "961df86803482cb37ed6d5c0bb8d50cf1f50d476aa0458bdaba806f48be9dcb8"},
    {"79737479ba4e7642a221fcfd1b820b134e9e3540a35bb48ffae29c20f5418ea3"
     "3593259c092bef4129bc2c6c9e19f343",
     "", "",
     "cf5ad5984f9e43917aa9087380dac46e410ddc8a7731859c84e9d0f31bd43655"
     "b924159413e2293b17610f211e09f770f172b8fb693a35b85d3b9e5e63b1dc25"
     "2ac0e115002e9bedfb4b5b6fd43f33b8e0eafb2d072e1a6fee1f159df9b51e6c"
     "8da737e60d5032dd30544ec51558c6f080bdbdab1de8a939e961e06b5f1aca37"},
    // with a personalization string of 256 bits, COUNT = 0
    {"5cacc68165a2e2ee20812f35ec73a79dbf30fd475476ac0c44fc6174cdac2b55"
     "6f885496c1e63af620becd9e71ecb824",
     "", "e72dd8590d4ed5295515c35ed6199e9d211b8f069b3058caa6670b96ef1208d0",
     "f1012cf543f94533df27fedfbf58e5b79a3dc517a9c402bdbfc9a0c0f721f9d5"
     "3faf4aafdc4b8f7a1b580fcaa52338d4bd95f58966a243cdcd3f446ed4bc546d"
     "9f607b190dd69954450d16cd0e2d6437067d8b44d19a6af7a7cfa8794e5fbd72"
     "8e8fb2f2e8db5dd4ff1aa275f35886098e80ff844886060da8b1e7137846b23b"},
    // with a reseed, COUNT = 0 and 1
    {"06032cd5eed33f39265f49ecb142c511da9aff2af71203bffaf34a9ca5bd9c0d"
     "0e66f71edc43e42a45ad3c6fc6cdc4df",
     "01920a4e669ed3a85ae8a33b35a74ad7fb2a6bb4cf395ce00334a9c9a5a5d552", "",
     "76fc79fe9b50beccc991a11b5635783a83536add03c157fb30645e611c2898bb"
     "2b1bc215000209208cd506cb28da2a51bdb03826aaf2bd2335d576d519160842"
     "e7158ad0949d1a9ec3e66ea1b1a064b005de914eac2e9d4f2d72a8616a802254"
     "22918250ff66a41bd2f864a6a38cc5b6499dc43f7f2bd09e1e0f8f5885935124"},
    {"aadcf337788bb8ac01976640726bc51635d417777fe6939eded9ccc8a378c76a"
     "9ccc9d80c89ac55a8cfe0f99942f5a4d",
     "03a57792547e0c98ea1776e4ba80c007346296a56a270a35fd9ea2845c7e81e2", "",
     "17d09f40a43771f4a2f0db327df637dea972bfff30c98ebc8842dc7a9e3d681c"
     "61902f71bffaf5093607fbfba9674a70d048e562ee88f027f630a78522ec6f70"
     "6bb44ae130e05c8d7eac668bf6980d99b4c0242946452399cb032cc6f9fd9628"
     "4709bd2fa565b9eb9f2004be6c9ea9ff9128c3f93b60dc30c5fc8587a10de68c"},
};

static void drbg_agrees_with_nist(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof cavp / sizeof cavp[0]; i++) {
        rnsi_drbg_t d;
        uint8_t out[128];
        hex_t seed = hex(cavp[i].seed), reseed = hex(cavp[i].reseed);
        hex_t personal = hex(cavp[i].personal);
        rnsi_drbg_seed(host, &d, view(&seed), view(&personal));
        if (reseed.size > 0) {
            rnsi_drbg_reseed(host, &d, view(&reseed), none);
        }
        rnsi_drbg_generate(host, &d, (rns_mem_t){out, sizeof out});
        rnsi_drbg_generate(host, &d, (rns_mem_t){out, sizeof out});
        assert_hex(out, sizeof out, cavp[i].expected);
    }
}

static void drbg_is_due_after_65536_outputs_and_not_after_a_reseed(void **state) {
    (void)state;
    rnsi_drbg_t d;
    uint8_t out[1];
    rnsi_drbg_seed(host, &d, text_view("any"), none);
    for (int i = 0; i < 65535; i++) {
        rnsi_drbg_generate(host, &d, (rns_mem_t){out, sizeof out});
    }
    assert_false(rnsi_drbg_due(&d));
    rnsi_drbg_generate(host, &d, (rns_mem_t){out, sizeof out});
    assert_true(rnsi_drbg_due(&d));
    rnsi_drbg_generate(host, &d, (rns_mem_t){out, sizeof out});
    assert_int_equal(d.outputs, 65536);
    rnsi_drbg_reseed(host, &d, text_view("more"), none);
    assert_false(rnsi_drbg_due(&d));
}

// A request over the limit is what two requests give.
static void drbg_splits_a_long_request(void **state) {
    (void)state;
    static uint8_t whole[65536 + 40], parts[65536 + 40];
    rnsi_drbg_t a, b;
    rnsi_drbg_seed(host, &a, text_view("any"), none);
    b = a;
    rnsi_drbg_generate(host, &a, (rns_mem_t){whole, sizeof whole});
    rnsi_drbg_generate(host, &b, (rns_mem_t){parts, 65536});
    rnsi_drbg_generate(host, &b, (rns_mem_t){parts + 65536, 40});
    assert_memory_equal(whole, parts, sizeof whole);
    assert_int_equal(a.outputs, 2);
}

static void drbg_goes_another_way_after_a_reseed_and_for_each_person(void **state) {
    (void)state;
    rnsi_drbg_t same, reseeded, other;
    uint8_t out[3][32];
    rnsi_drbg_seed(host, &same, text_view("any"), text_view("a"));
    reseeded = same;
    rnsi_drbg_reseed(host, &reseeded, text_view("entropy"), text_view("x"));
    rnsi_drbg_seed(host, &other, text_view("any"), text_view("b"));
    rnsi_drbg_generate(host, &same, (rns_mem_t){out[0], 32});
    rnsi_drbg_generate(host, &reseeded, (rns_mem_t){out[1], 32});
    rnsi_drbg_generate(host, &other, (rns_mem_t){out[2], 32});
    assert_memory_not_equal(out[0], out[1], 32);
    assert_memory_not_equal(out[0], out[2], 32);
    assert_memory_not_equal(out[1], out[2], 32);
    rnsi_drbg_wipe(host, &same);
    assert_true(is_all((const uint8_t *)&same, sizeof same, 0));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(drbg_agrees_with_nist),
        cmocka_unit_test(drbg_is_due_after_65536_outputs_and_not_after_a_reseed),
        cmocka_unit_test(drbg_splits_a_long_request),
        cmocka_unit_test(drbg_goes_another_way_after_a_reseed_and_for_each_person),
    };
    return cmocka_run_group_tests(tests, open_host, close_host);
}
