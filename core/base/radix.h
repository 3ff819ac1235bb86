#ifndef HANA_BASE_RADIX_H
#define HANA_BASE_RADIX_H

#include "job.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Sorts keys[0..n) in ascending order, least significant digit first; stable. items (may
   be NULL) are moved along. */
hana_status hana_radix_sort(uint64_t *keys, size_t *items, size_t n, hana_error *err);

/* The places of keys[0..n) in ascending order of the keys, equal ones as they stand; by
   the threads of the job. The keys are taken over: on success (*order)[0..n) is the
   caller's in their stead, on failure they are still the caller's, but lost. */
hana_status hana_radix_order(size_t **order, uint64_t *keys, size_t n, hana_job *job,
                             hana_error *err);

/* Numbers whose order as unsigned integers is the order of the values. Doubles: -0.0
   before 0.0, NaN with its sign bit clear last. */
static inline uint64_t hana_radix_double(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}
static inline double hana_radix_to_double(uint64_t key)
{
    uint64_t bits = key >> 63 ? key & ~(UINT64_C(1) << 63) : ~key;
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}
static inline uint64_t hana_radix_int(int64_t x)
{
    return (uint64_t)x ^ UINT64_C(1) << 63;
}
static inline int64_t hana_radix_to_int(uint64_t key)
{
    return (int64_t)(key ^ UINT64_C(1) << 63);
}

#endif
