// cipher.c -- commands: padding, AES-CBC and bzip2.
#include "cipher.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/pkcs7.h"
#include "rns/providers.h"

// ---- Padding

static rns_mem_t pad(call_t *call, rns_mem_t text) {
    rns_mem_t padded = {call_alloc(call, rnsi_pkcs7_size(text.size)), 0};
    memcpy(padded.data, text.data, text.size);
    padded.size = rnsi_pkcs7_pad(padded.data, text.size);
    return padded;
}

static bool unpad(call_t *call, rns_mem_t *text) {
    if (rnsi_pkcs7_unpad(text->data, &text->size)) {
        return true;
    }
    (void)call_fail(call, "the padding is not a number of bytes up to %u that are there",
                    RNSI_AES_BLOCK);
    return false;
}

static json_t *pkcs7_pad(call_t *call) {
    rns_mem_t data;
    if (!call_hex(call, "data", &data)) {
        return NULL;
    }
    return json_pack("{s:o}", "padded", hex_of_mem(pad(call, data)));
}

static json_t *pkcs7_unpad(call_t *call) {
    rns_mem_t data;
    if (!call_hex(call, "data", &data) || !unpad(call, &data)) {
        return NULL;
    }
    return json_pack("{s:o}", "unpadded", hex_of_mem(data));
}

// ---- AES-CBC

typedef struct {
    rns_mem_t text, key;
    uint8_t iv[RNSI_AES_BLOCK];
} cbc_t;

static bool read_cbc(call_t *call, const char *text, size_t key_size, cbc_t *cbc) {
    cbc->key = (rns_mem_t){call_alloc(call, key_size), key_size};
    return call_hex(call, text, &cbc->text) && call_hex_of(call, "key", cbc->key.data, key_size) &&
           call_hex_of(call, "iv", cbc->iv, sizeof cbc->iv);
}

static bool is_whole(call_t *call, rns_mem_t text) {
    if (text.size % RNSI_AES_BLOCK == 0) {
        return true;
    }
    (void)call_fail(call, "%zu bytes are no whole blocks of %u", text.size, RNSI_AES_BLOCK);
    return false;
}

static void encrypt(call_t *call, cbc_t *cbc) {
    const rnsi_crypto_t *c = &call->bridge->crypto;
    c->v->aes_cbc_encrypt(c->self, cbc->key.data, cbc->key.size, cbc->iv, cbc->text.data,
                          cbc->text.data, cbc->text.size);
}

static void decrypt(call_t *call, cbc_t *cbc) {
    const rnsi_crypto_t *c = &call->bridge->crypto;
    c->v->aes_cbc_decrypt(c->self, cbc->key.data, cbc->key.size, cbc->iv, cbc->text.data,
                          cbc->text.data, cbc->text.size);
}

json_t *cbc_encrypt(call_t *call, const char *result) {
    cbc_t cbc;
    if (!read_cbc(call, "plaintext", AES_256_KEY, &cbc) || !is_whole(call, cbc.text)) {
        return NULL;
    }
    encrypt(call, &cbc);
    return json_pack("{s:o}", result, hex_of_mem(cbc.text));
}

static json_t *aes_256_cbc_encrypt(call_t *call) {
    return cbc_encrypt(call, "ciphertext");
}

static json_t *aes_256_cbc_decrypt(call_t *call) {
    cbc_t cbc;
    if (!read_cbc(call, "ciphertext", AES_256_KEY, &cbc) || !is_whole(call, cbc.text)) {
        return NULL;
    }
    decrypt(call, &cbc);
    return json_pack("{s:o}", "plaintext", hex_of_mem(cbc.text));
}

bool aes_mode(call_t *call, const char *what, size_t *key_size) {
    const char *mode = "AES_256_CBC";
    if (!call_maybe_text(call, "mode", &mode)) {
        return false;
    }
    *key_size = strcmp(mode, "AES_128_CBC") == 0   ? AES_128_KEY
                : strcmp(mode, "AES_256_CBC") == 0 ? AES_256_KEY
                                                   : 0;
    if (*key_size == 0) {
        (void)call_fail(call, "there is no %s \"%s\"", what, mode);
    }
    return *key_size > 0;
}

static json_t *aes_encrypt(call_t *call) {
    cbc_t cbc;
    size_t key_size;
    if (!aes_mode(call, "mode", &key_size) || !read_cbc(call, "plaintext", key_size, &cbc)) {
        return NULL;
    }
    cbc.text = pad(call, cbc.text);
    encrypt(call, &cbc);
    return json_pack("{s:o}", "ciphertext", hex_of_mem(cbc.text));
}

static json_t *aes_decrypt(call_t *call) {
    cbc_t cbc;
    size_t key_size;
    if (!aes_mode(call, "mode", &key_size) || !read_cbc(call, "ciphertext", key_size, &cbc) ||
        !is_whole(call, cbc.text)) {
        return NULL;
    }
    decrypt(call, &cbc);
    if (!unpad(call, &cbc.text)) {
        return NULL;
    }
    return json_pack("{s:o}", "plaintext", hex_of_mem(cbc.text));
}

// ---- bzip2

#define UNPACKED_MOST     (64U << 20)                   // bytes
#define PACKED_MOST(size) ((size) + (size) / 100 + 600) // what libbz2 asks for

static rns_mem_t arena(call_t *call, size_t size) {
    return (rns_mem_t){call_alloc(call, size), size};
}

static json_t *bz2_compress(call_t *call) {
    rns_mem_t data;
    if (!call_hex(call, "data", &data)) {
        return NULL;
    }
    const rns_compress_t *bz2 = &rns_compress_bz2;
    rns_mem_t out = arena(call, PACKED_MOST(data.size));
    out.size =
        bz2->pack(arena(call, bz2->pack_need(data.size)), (rns_bytes_t){data.data, data.size}, out);
    if (out.size == 0) {
        return call_fail(call, "it could not be compressed");
    }
    return json_pack("{s:o, s:I, s:I, s:f}", "compressed", hex_of_mem(out), "original_size",
                     (json_int_t)data.size, "compressed_size", (json_int_t)out.size, "ratio",
                     data.size == 0 ? 0.0 : (double)out.size / (double)data.size);
}

// All that a stream holds, the caller's to free. NULL: it is none, or too much.
static uint8_t *unpack_all(rns_mem_t arena, rns_bytes_t in, size_t *size) {
    size_t room = 1U << 16;
    uint8_t *all = malloc(room);
    rns_unpack_t state = RNS_UNPACK_MORE;
    for (*size = 0; all != NULL && state == RNS_UNPACK_MORE;) {
        if (*size == room) {
            room *= 2;
            uint8_t *larger = room <= UNPACKED_MOST ? realloc(all, room) : NULL;
            if (larger == NULL) {
                break;
            }
            all = larger;
        }
        rns_mem_t out = {all + *size, room - *size};
        state = rns_compress_bz2.unpack_next(arena, &in, &out);
        const size_t made = room - *size - out.size;
        *size += made;
        if (state == RNS_UNPACK_MORE && made == 0 && in.size == 0) {
            break; // it ends in the middle
        }
    }
    if (state != RNS_UNPACK_END) {
        free(all);
        return NULL;
    }
    return all;
}

static json_t *bz2_decompress(call_t *call) {
    rns_mem_t packed;
    if (!call_hex(call, "compressed", &packed)) {
        return NULL;
    }
    const rns_compress_t *bz2 = &rns_compress_bz2;
    const rns_mem_t lent = arena(call, bz2->unpack_need(UNPACKED_MOST));
    if (!bz2->unpack_begin(lent, UNPACKED_MOST)) {
        return call_fail(call, "no memory");
    }
    size_t size;
    uint8_t *all = unpack_all(lent, (rns_bytes_t){packed.data, packed.size}, &size);
    bz2->unpack_end(lent);
    if (all == NULL) {
        return call_fail(call, "it is not a whole stream of bzip2, or more than %u bytes",
                         UNPACKED_MOST);
    }
    json_t *result =
        json_pack("{s:o, s:I}", "decompressed", hex_of(all, size), "size", (json_int_t)size);
    free(all);
    return result;
}

const command_entry_t CIPHER_COMMANDS[] = {
    {"pkcs7_pad", pkcs7_pad},
    {"pkcs7_unpad", pkcs7_unpad},
    {"aes_encrypt", aes_encrypt},
    {"aes_decrypt", aes_decrypt},
    {"aes_256_cbc_encrypt", aes_256_cbc_encrypt},
    {"aes_256_cbc_decrypt", aes_256_cbc_decrypt},
    {"bz2_compress", bz2_compress},
    {"bz2_decompress", bz2_decompress},
    {NULL, NULL},
};
