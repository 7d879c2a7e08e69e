// bench/rates.c -- see rates.h.
#include "rates.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "packets.h"

#define THREADS_MAX 64U

double rate_sign(double seconds) {
    uint8_t public_key[32], sign_key[64], signature[64], packet[419] = {0};
    size_t done = 0;
    crypto_sign_keypair(public_key, sign_key);
    int64_t start = bench_now_us(), end = start + (int64_t)(seconds * 1e6), now = start;
    for (; now < end; now = bench_now_us(), done++) {
        crypto_sign_detached(signature, NULL, packet, sizeof packet, sign_key);
        packet[0] = signature[0];
    }
    return (double)done * 1e6 / (double)(now - start);
}

typedef struct {
    target_t *target;
    int64_t end_us;
    size_t done;
} verify_job_t;

static void *verify_some(void *argument) {
    verify_job_t *job = argument;
    uint8_t message[HASH_BYTES + 84];
    memcpy(message, job->target->hash, HASH_BYTES);
    memcpy(message + HASH_BYTES, job->target->announce + 19, 84);
    for (; bench_now_us() < job->end_us; job->done++) {
        if (crypto_sign_verify_detached(job->target->announce + 103, message, sizeof message,
                                        job->target->announce + 51) != 0) {
            bench_die("a good signature was refused");
        }
    }
    return NULL;
}

double rate_verify(double seconds, size_t threads) {
    pthread_t thread[THREADS_MAX];
    verify_job_t job[THREADS_MAX];
    size_t done = 0;
    threads = threads < THREADS_MAX ? threads : THREADS_MAX;
    target_t *targets = targets_make(threads);
    int64_t start = bench_now_us();
    for (size_t i = 0; i < threads; i++) {
        job[i] = (verify_job_t){&targets[i], start + (int64_t)(seconds * 1e6), 0};
        if (pthread_create(&thread[i], NULL, verify_some, &job[i]) != 0) {
            bench_die("thread");
        }
    }
    for (size_t i = 0; i < threads; i++) {
        pthread_join(thread[i], NULL);
        done += job[i].done;
    }
    free(targets);
    return (double)done * 1e6 / (double)(bench_now_us() - start);
}

double rate_sha256(double seconds, size_t bytes) {
    uint8_t *data = bench_alloc(1, bytes);
    uint8_t digest[32];
    size_t done = 0;
    int64_t start = bench_now_us(), end = start + (int64_t)(seconds * 1e6), now = start;
    for (; now < end; now = bench_now_us()) {
        for (size_t i = 0; i < 256; i++, done++) {
            SHA256_CTX context;
            SHA256_Init(&context);
            SHA256_Update(&context, data, bytes);
            SHA256_Final(digest, &context);
            data[0] = digest[0];
        }
    }
    free(data);
    return (double)done * 1e6 / (double)(now - start);
}

double rate_x25519(double seconds) {
    uint8_t secret[32] = {1}, point[32];
    size_t done = 0;
    crypto_scalarmult_base(point, secret);
    int64_t start = bench_now_us(), end = start + (int64_t)(seconds * 1e6), now = start;
    for (; now < end; now = bench_now_us(), done++) {
        if (crypto_scalarmult(secret, secret, point) != 0) {
            bench_die("a good point was refused");
        }
    }
    return (double)done * 1e6 / (double)(now - start);
}

double rate_token(double seconds, size_t bytes) {
    uint8_t *data = bench_alloc(1, bytes), key[32] = {1}, iv[16] = {0}, digest[32];
    size_t done = 0;
    int size;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    if (context == NULL || EVP_EncryptInit_ex(context, EVP_aes_256_cbc(), NULL, key, iv) != 1) {
        bench_die("AES");
    }
    int64_t start = bench_now_us(), end = start + (int64_t)(seconds * 1e6), now = start;
    for (; now < end; now = bench_now_us(), done += bytes) {
        if (EVP_EncryptUpdate(context, data, &size, data, (int)bytes) != 1) {
            bench_die("AES");
        }
        SHA256(data, bytes, digest);
    }
    EVP_CIPHER_CTX_free(context);
    free(data);
    return (double)done * 1e6 / (double)(now - start);
}
