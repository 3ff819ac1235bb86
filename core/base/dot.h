#ifndef HANA_BASE_DOT_H
#define HANA_BASE_DOT_H

#include <stddef.h>
#include <string.h>

/* Inner products with fixed lanes: the sum of a row does not depend on its neighbours, as
   it may in a BLAS call over many rows. So a prediction has the same bits in any batch.
 */
static inline double hana_dot(const double *a, const double *b, size_t n)
{
    typedef double pair __attribute__((vector_size(16)));
    pair sum[4] = { { 0 } };
    size_t j = 0;
    for (; j + 8 <= n; j += 8)
        for (size_t k = 0; k < 4; k++) {
            pair x, y;
            memcpy(&x, a + j + 2 * k, sizeof x);
            memcpy(&y, b + j + 2 * k, sizeof y);
            sum[k] += x * y;
        }
    pair all = (sum[0] + sum[1]) + (sum[2] + sum[3]);
    double total = all[0] + all[1];
    for (; j < n; j++) total += a[j] * b[j];
    return total;
}

/* Sum of squared differences, with the same lanes. */
static inline double hana_distance2(const double *a, const double *b, size_t n)
{
    typedef double pair __attribute__((vector_size(16)));
    pair sum[4] = { { 0 } };
    size_t j = 0;
    for (; j + 8 <= n; j += 8)
        for (size_t k = 0; k < 4; k++) {
            pair x, y;
            memcpy(&x, a + j + 2 * k, sizeof x);
            memcpy(&y, b + j + 2 * k, sizeof y);
            sum[k] += (x - y) * (x - y);
        }
    pair all = (sum[0] + sum[1]) + (sum[2] + sum[3]);
    double total = all[0] + all[1];
    for (; j < n; j++) total += (a[j] - b[j]) * (a[j] - b[j]);
    return total;
}

#endif
