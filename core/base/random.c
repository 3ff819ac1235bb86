#include "base/random.h"

#include <math.h>
#include <string.h>

uint64_t hana_hash_mix(uint64_t x)
{
    x ^= x >> 30;
    x *= UINT64_C(0xbf58476d1ce4e5b9);
    x ^= x >> 27;
    x *= UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

uint64_t hana_hash(const void *bytes, size_t length, uint64_t seed)
{
    const unsigned char *p = bytes;
    uint64_t h = hana_hash_mix(seed ^ (length * UINT64_C(0x9e3779b97f4a7c15)));
    while (length >= 8) {
        uint64_t word;
        memcpy(&word, p, 8);
        h = (h ^ hana_hash_mix(word + UINT64_C(0x9e3779b97f4a7c15))) *
            UINT64_C(0x9fb21c651e98df25);
        h ^= h >> 32;
        p += 8;
        length -= 8;
    }
    uint64_t tail = 0;
    if (length) memcpy(&tail, p, length);
    return hana_hash_mix(h ^ hana_hash_mix(tail + length));
}

uint64_t hana_seed_child(uint64_t seed, const char *name, uint64_t index)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (; *name; name++) h = (h ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
    uint64_t mixed = hana_hash_mix(seed + UINT64_C(0x9e3779b97f4a7c15));
    mixed = hana_hash_mix(mixed ^ h);
    return hana_hash_mix(mixed + (index + 1) * UINT64_C(0x9e3779b97f4a7c15));
}

static inline uint64_t rotate(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}

static uint64_t next(uint64_t s[4])
{
    uint64_t result = rotate(s[1] * 5, 7) * 9, t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return result;
}

static void gsl_set(void *state, unsigned long seed)
{
    uint64_t *s = state, x = seed;
    for (int i = 0; i < 4; i++) {
        x += UINT64_C(0x9e3779b97f4a7c15);
        s[i] = hana_hash_mix(x);
    }
}

static unsigned long gsl_get(void *state)
{
    return next(state);
}

static double gsl_get_double(void *state)
{
    return (double)(next(state) >> 11) * 0x1p-53;
}

static const gsl_rng_type xoshiro = { .name = "xoshiro256**",
                                      .max = UINT64_MAX,
                                      .min = 0,
                                      .size = 4 * sizeof(uint64_t),
                                      .set = gsl_set,
                                      .get = gsl_get,
                                      .get_double = gsl_get_double };

void hana_stream_init(hana_stream *stream, uint64_t seed)
{
    gsl_set(stream->state, seed);
    stream->view = (gsl_rng){ .type = &xoshiro, .state = stream->state };
}

const gsl_rng *hana_stream_gsl(hana_stream *stream)
{
    return &stream->view;
}

uint64_t hana_stream_next(hana_stream *stream)
{
    return next(stream->state);
}

double hana_stream_uniform(hana_stream *stream)
{
    return gsl_get_double(stream->state);
}

uint64_t hana_stream_below(hana_stream *stream, uint64_t n)
{
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)next(stream->state) * n;
    if ((uint64_t)product < n) {
        uint64_t threshold = -n % n;
        while ((uint64_t)product < threshold) product = (wide)next(stream->state) * n;
    }
    return (uint64_t)(product >> 64);
}

double hana_stream_normal(hana_stream *stream)
{
    double u, v, s;
    do {
        u = 2 * hana_stream_uniform(stream) - 1;
        v = 2 * hana_stream_uniform(stream) - 1;
        s = u * u + v * v;
    } while (s >= 1 || s == 0);
    return u * sqrt(-2 * log(s) / s);
}

void hana_stream_shuffle(hana_stream *stream, size_t *indices, size_t n)
{
    for (size_t i = n; i > 1; i--) {
        size_t j = hana_stream_below(stream, i), keep = indices[i - 1];
        indices[i - 1] = indices[j];
        indices[j] = keep;
    }
}
