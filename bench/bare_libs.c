// bench/bare_libs.c -- initialises the libraries that the daemon stands on and does nothing: the
// memory that a node cannot go below.
#include <openssl/evp.h>
#include <sodium.h>
#include <stdio.h>
#include <uv.h>

int main(void) {
    uv_loop_t loop;
    uv_timer_t timer;
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
    static const unsigned char key[32], iv[16];
    if (sodium_init() < 0 || uv_loop_init(&loop) != 0 || uv_timer_init(&loop, &timer) != 0 ||
        !hash || !cipher || EVP_DigestInit_ex(hash, EVP_sha256(), NULL) != 1 ||
        EVP_EncryptInit_ex(cipher, EVP_aes_256_cbc(), NULL, key, iv) != 1) {
        return 1;
    }
    puts("ready");
    (void)fflush(stdout);
    (void)getchar(); // until whoever measures closes stdin
    EVP_CIPHER_CTX_free(cipher);
    EVP_MD_CTX_free(hash);
    return 0;
}
