#ifndef HANA_BASE_SORTED_H
#define HANA_BASE_SORTED_H

#include <stddef.h>
#include <stdint.h>

/* Where x stands among n ascending numbers, or -1. NaN stands nowhere. */
static inline ptrdiff_t hana_sorted_find(const double *sorted, size_t n, double x)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (sorted[middle] < x)
            low = middle + 1;
        else
            high = middle;
    }
    return low < n && sorted[low] == x ? (ptrdiff_t)low : -1;
}

static inline ptrdiff_t hana_sorted_find_int(const int64_t *sorted, size_t n, int64_t x)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (sorted[middle] < x)
            low = middle + 1;
        else
            high = middle;
    }
    return low < n && sorted[low] == x ? (ptrdiff_t)low : -1;
}

#endif
