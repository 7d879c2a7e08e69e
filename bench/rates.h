// bench/rates.h -- what the machine does in a second, with the libraries that the nodes use.
#ifndef BENCH_RATES_H
#define BENCH_RATES_H

#include <stddef.h>

double rate_sign(double seconds);
double rate_verify(double seconds, size_t threads); // all threads together
double rate_sha256(double seconds, size_t bytes);
double rate_x25519(double seconds);              // multiplications
double rate_token(double seconds, size_t bytes); // bytes of AES-256-CBC and HMAC-SHA256 together

#endif
