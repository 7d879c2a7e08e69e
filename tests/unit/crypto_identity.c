// Identities, what is encrypted to them, and signatures, as the reference makes them.
#include "crypto_support.h"

#include "crypto/identity.h"
#include "vectors/crypto.h"

static rns_secret_t vector_secret(void) {
    rns_secret_t secret;
    memcpy(secret.x25519, vector_identity_secret, 32);
    memcpy(secret.ed25519, vector_identity_secret + 32, 32);
    return secret;
}

static rns_hash_t vector_salt(void) {
    rns_hash_t salt;
    memcpy(salt.b, vector_identity_hash, sizeof salt.b);
    return salt;
}

static bool decrypt(const uint8_t secret[32], rns_bytes_t blob, rns_mem_t out, size_t *size) {
    rns_hash_t salt = vector_salt();
    return rnsi_identity_decrypt(host, secret, &salt, blob, out, size);
}

static void identity_has_the_references_keys_and_hash(void **state) {
    (void)state;
    rnsi_identity_t id;
    rns_signer_t signer;
    rns_secret_t secret = vector_secret();
    rnsi_identity_from_secret(host, &id, &signer, &secret);
    assert_memory_equal(id.pub, vector_identity_pub, 64);
    assert_memory_equal(id.hash.b, vector_identity_hash, 16);
    memset(&id, 0, sizeof id);
    rnsi_identity_from_public(host, &id, vector_identity_pub);
    assert_memory_equal(id.pub, vector_identity_pub, 64);
    assert_memory_equal(id.hash.b, vector_identity_hash, 16);
}

static void signature_is_the_references_byte_for_byte(void **state) {
    (void)state;
    rnsi_identity_t id;
    rns_signer_t signer;
    rns_secret_t secret = vector_secret();
    rnsi_identity_from_secret(host, &id, &signer, &secret);
    const uint8_t *expected[] = {vector_signature_0, vector_signature_32, vector_signature_383};
    const size_t size[] = {0, 32, 383};
    for (int i = 0; i < 3; i++) {
        uint8_t sig[64];
        rns_bytes_t message = {vector_plain, size[i]};
        rnsi_identity_sign(host, &signer, message, sig);
        assert_memory_equal(sig, expected[i], 64);
        assert_true(rnsi_identity_verify(host, vector_identity_pub, message, sig));
    }
}

static void signature_fails_for_another_message_or_key(void **state) {
    (void)state;
    uint8_t pub[64], sig[64];
    rns_bytes_t message = {vector_plain, 32};
    for (size_t at = 0; at < 64; at++) {
        memcpy(sig, vector_signature_32, 64);
        sig[at] ^= 1;
        assert_false(rnsi_identity_verify(host, vector_identity_pub, message, sig));
        memcpy(pub, vector_identity_pub, 64);
        pub[at] ^= 1;
        assert_int_equal(rnsi_identity_verify(host, pub, message, vector_signature_32), at < 32);
    }
    message.size = 31;
    assert_false(rnsi_identity_verify(host, vector_identity_pub, message, vector_signature_32));
}

static void blob_of_the_reference_decrypts(void **state) {
    (void)state;
    uint8_t out[256];
    size_t size = 0;
    rns_mem_t mem = {out, sizeof out};
    rns_bytes_t blob = {vector_blob_to_identity, sizeof vector_blob_to_identity};
    assert_true(decrypt(vector_identity_secret, blob, mem, &size));
    assert_int_equal(size, 200);
    assert_memory_equal(out, vector_plain, 200);
    memset(out, 0, sizeof out);
    blob = (rns_bytes_t){vector_blob_to_ratchet, sizeof vector_blob_to_ratchet};
    assert_true(decrypt(vector_ratchet_secret, blob, mem, &size));
    assert_int_equal(size, 200);
    assert_memory_equal(out, vector_plain, 200);
}

static void blob_is_the_references_byte_for_byte(void **state) {
    (void)state;
    uint8_t out[sizeof vector_blob_to_identity];
    rns_hash_t salt = vector_salt();
    rns_bytes_t plain = {vector_plain, 200};
    rns_mem_t mem = {out, sizeof out};
    assert_int_equal(rnsi_identity_encrypted_size(200), sizeof out);
    assert_int_equal(rnsi_identity_encrypt(host, vector_identity_pub, &salt,
                                           vector_ephemeral_to_identity, vector_iv_to_identity,
                                           plain, mem),
                     sizeof out);
    assert_memory_equal(out, vector_blob_to_identity, sizeof out);
    memcpy(out + 48, vector_plain, 200); // in place
    plain.data = out + 48;
    assert_int_equal(rnsi_identity_encrypt(host, vector_ratchet_pub, &salt,
                                           vector_ephemeral_to_ratchet, vector_iv_to_ratchet, plain,
                                           mem),
                     sizeof out);
    assert_memory_equal(out, vector_blob_to_ratchet, sizeof out);
}

static void blob_stays_whole_until_the_right_secret_comes(void **state) {
    (void)state;
    uint8_t blob[sizeof vector_blob_to_ratchet];
    size_t size = 9999;
    memcpy(blob, vector_blob_to_ratchet, sizeof blob);
    rns_mem_t in_place = {blob + 48, sizeof blob - 80};
    rns_bytes_t bytes = {blob, sizeof blob};
    assert_int_equal(VECTOR_WRONG_SECRET_REFUSED, 1);
    assert_false(decrypt(vector_identity_secret, bytes, in_place, &size));
    assert_memory_equal(blob, vector_blob_to_ratchet, sizeof blob);
    assert_int_equal(size, 9999);
    assert_true(decrypt(vector_ratchet_secret, bytes, in_place, &size));
    assert_memory_equal(blob + 48, vector_plain, 200);
}

static void blob_with_any_byte_changed_fails(void **state) {
    (void)state;
    for (size_t at = 0; at < sizeof vector_blob_to_identity; at++) {
        uint8_t blob[sizeof vector_blob_to_identity], out[256];
        size_t size;
        memcpy(blob, vector_blob_to_identity, sizeof blob);
        blob[at] ^= 1;
        assert_false(decrypt(vector_identity_secret, (rns_bytes_t){blob, sizeof blob},
                             (rns_mem_t){out, sizeof out}, &size));
    }
}

static void blob_cut_fails_at_each_size(void **state) {
    (void)state;
    uint8_t out[256];
    size_t plain_size;
    for (size_t size = 0; size < sizeof vector_blob_to_identity; size++) {
        assert_false(decrypt(vector_identity_secret, (rns_bytes_t){vector_blob_to_identity, size},
                             (rns_mem_t){out, sizeof out}, &plain_size));
    }
}

static void blob_of_another_identity_fails(void **state) {
    (void)state;
    uint8_t out[256];
    size_t size;
    rns_hash_t salt = vector_salt();
    salt.b[15] ^= 1;
    rns_bytes_t blob = {vector_blob_to_identity, sizeof vector_blob_to_identity};
    assert_false(rnsi_identity_decrypt(host, vector_identity_secret, &salt, blob,
                                       (rns_mem_t){out, sizeof out}, &size));
}

static void points_of_small_order_are_refused(void **state) {
    (void)state;
    rns_hash_t salt = vector_salt();
    for (size_t at = 0; at < sizeof vector_small_order; at += 32) {
        uint8_t blob[sizeof vector_blob_to_identity], out[sizeof blob];
        size_t size;
        memcpy(blob, vector_blob_to_identity, sizeof blob);
        memcpy(blob, vector_small_order + at, 32);
        assert_false(decrypt(vector_identity_secret, (rns_bytes_t){blob, sizeof blob},
                             (rns_mem_t){out, sizeof out}, &size));
        memset(out, 7, sizeof out);
        assert_int_equal(rnsi_identity_encrypt(host, vector_small_order + at, &salt,
                                               vector_ephemeral_to_identity, vector_iv_to_identity,
                                               (rns_bytes_t){vector_plain, 200},
                                               (rns_mem_t){out, sizeof out}),
                         0);
        assert_true(is_all(out, sizeof out, 7));
    }
}

static void blob_needs_room_for_all_of_it(void **state) {
    (void)state;
    uint8_t out[sizeof vector_blob_to_identity];
    rns_hash_t salt = vector_salt();
    memset(out, 7, sizeof out);
    for (size_t room = 0; room < sizeof out; room++) {
        assert_int_equal(rnsi_identity_encrypt(host, vector_identity_pub, &salt,
                                               vector_ephemeral_to_identity, vector_iv_to_identity,
                                               (rns_bytes_t){vector_plain, 200},
                                               (rns_mem_t){out, room}),
                         0);
    }
    assert_true(is_all(out, sizeof out, 7));
}

static void ratchet_id_is_the_references(void **state) {
    (void)state;
    uint8_t id[RNSI_RATCHET_ID], pub[32];
    host->v->x25519_public(host->self, pub, vector_ratchet_secret);
    assert_memory_equal(pub, vector_ratchet_pub, 32);
    rnsi_ratchet_id(host, pub, id);
    assert_memory_equal(id, vector_ratchet_id, sizeof vector_ratchet_id);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(identity_has_the_references_keys_and_hash),
        cmocka_unit_test(signature_is_the_references_byte_for_byte),
        cmocka_unit_test(signature_fails_for_another_message_or_key),
        cmocka_unit_test(blob_of_the_reference_decrypts),
        cmocka_unit_test(blob_is_the_references_byte_for_byte),
        cmocka_unit_test(blob_stays_whole_until_the_right_secret_comes),
        cmocka_unit_test(blob_with_any_byte_changed_fails),
        cmocka_unit_test(blob_cut_fails_at_each_size),
        cmocka_unit_test(blob_of_another_identity_fails),
        cmocka_unit_test(points_of_small_order_are_refused),
        cmocka_unit_test(blob_needs_room_for_all_of_it),
        cmocka_unit_test(ratchet_id_is_the_references),
    };
    return cmocka_run_group_tests(tests, open_host, close_host);
}
