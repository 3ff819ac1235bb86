#ifndef HANA_BASE_RANDOM_H
#define HANA_BASE_RANDOM_H

#include "error.h"

#include <gsl/gsl_rng.h>
#include <stddef.h>
#include <stdint.h>

/* The seed of a part of a computation, from the seed of the whole: hana_seed_child(seed,
   "fold", 3). Different names or indices give unrelated seeds (SplitMix64 finaliser over
   an FNV-1a hash). */
HANA_API uint64_t hana_seed_child(uint64_t seed, const char *name, uint64_t index);

/* A stream of random numbers on the stack: xoshiro256** (Blackman and Vigna, "Scrambled
   linear pseudorandom number generators", ACM TOMS 47, 2021). Not for several threads at
   once. Must not be copied after hana_stream_init: `view` points into it. */
typedef struct hana_stream {
    uint64_t state[4];
    gsl_rng view;
} hana_stream;

HANA_API void hana_stream_init(hana_stream *stream, uint64_t seed);
HANA_API uint64_t hana_stream_next(hana_stream *stream);
/* Uniform in [0, 1) with 53 bits. */
HANA_API double hana_stream_uniform(hana_stream *stream);
/* Uniform integer in [0, n), n > 0, without bias (Lemire, ACM TOMACS 29, 2019). */
HANA_API uint64_t hana_stream_below(hana_stream *stream, uint64_t n);
/* Standard normal (Marsaglia's polar method, no state kept between calls). */
HANA_API double hana_stream_normal(hana_stream *stream);
/* The stream as a GSL generator, for GSL's distributions. Borrowed, lives as long as the
 * stream. */
HANA_API const gsl_rng *hana_stream_gsl(hana_stream *stream);
/* Shuffles n indices in place (Fisher and Yates). */
HANA_API void hana_stream_shuffle(hana_stream *stream, size_t *indices, size_t n);

/* 64-bit hash of bytes, for row origins and hash tables; seeded, not cryptographic. */
HANA_API uint64_t hana_hash(const void *bytes, size_t length, uint64_t seed);
HANA_API uint64_t hana_hash_mix(uint64_t value);

#endif
