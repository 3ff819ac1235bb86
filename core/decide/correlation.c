#include "decide/correlation.h"

#include <gsl/gsl_sort.h>
#include <math.h>
#include <string.h>

hana_status hana_copula_factor(double *out, const double *rank_correlation, size_t n,
                               hana_error *err)
{
    double third = acos(-1.0) / 6;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++) {
            double sum = i == j ? 1 : 2 * sin(third * rank_correlation[i * n + j]);
            for (size_t k = 0; k < j; k++) sum -= out[i * n + k] * out[j * n + k];
            if (i == j) {
                /* Perfectly correlated inputs are singular, but can be. */
                if (sum < -1e-9)
                    return hana_fail(err, HANA_BAD_ARGUMENT,
                                     "decide: no inputs can have these correlations (the "
                                     "matrix is not positive definite)");
                out[i * n + i] = sum > 1e-12 ? sqrt(sum) : 0;
            } else {
                if (out[j * n + j] == 0 && fabs(sum) > 1e-6)
                    return hana_fail(err, HANA_BAD_ARGUMENT,
                                     "decide: no inputs can have these correlations (the "
                                     "matrix is not positive definite)");
                out[i * n + j] = out[j * n + j] > 0 ? sum / out[j * n + j] : 0;
                out[j * n + i] = 0;
            }
        }
    return HANA_OK;
}

void hana_copula_order(double *x, size_t n, size_t rows, const double *factor,
                       const size_t *numbers, uint64_t seed, double *scratch,
                       size_t *order)
{
    double *mixed = scratch + n * rows;
    for (size_t i = 0; i < n; i++) {
        hana_stream stream;
        hana_stream_init(&stream, hana_seed_child(seed, "copula", numbers[i]));
        for (size_t t = 0; t < rows; t++)
            scratch[i * rows + t] = hana_stream_normal(&stream);
    }
    for (size_t i = 0; i < n; i++) {
        memset(mixed, 0, rows * sizeof *mixed);
        for (size_t k = 0; k <= i; k++) {
            double weight = factor[i * n + k];
            for (size_t t = 0; t < rows; t++) mixed[t] += weight * scratch[k * rows + t];
        }
        gsl_sort_index(order, mixed, 1, rows);
        gsl_sort(x + i * rows, 1, rows);
        for (size_t t = 0; t < rows; t++) mixed[order[t]] = x[i * rows + t];
        memcpy(x + i * rows, mixed, rows * sizeof *mixed);
    }
}
