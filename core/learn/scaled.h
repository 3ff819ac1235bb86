#ifndef HANA_LEARN_SCALED_H
#define HANA_LEARN_SCALED_H

#include "learn/moments.h"
#include "learn/problem.h"

/* The features of a problem, centred and scaled to unit spread, with a column of ones
   last, as an operator: Z = [(X - mean) / scale, 1], rows x (cols + 1). Nothing of that
   size is stored; a CSR problem stays sparse. Without an intercept the mean is 0 and so
   is the last column. */
typedef struct hana_scaled {
    const hana_matrix *dense;
    const hana_sparse *sparse; /* one of the two */
    size_t rows, cols;
    int intercept;
    double weight;        /* sum of the weights */
    double *mean, *scale; /* cols; scale 1 where a column is constant */
    uint8_t
        *constant; /* cols: 1 when no row departs from the mean; its column of Z is 0 */
} hana_scaled;

hana_status hana_scaled_new(hana_scaled *out, hana_problem *problem, int intercept,
                            hana_job *job, hana_error *err);
void hana_scaled_clear(hana_scaled *z);

/* Rows that a chunk of a dense design holds so that it stays in the cache. */
size_t hana_scaled_chunk_rows(const hana_scaled *z);
/* Rows [from, from + n) of a dense Z, row-major without gaps. */
void hana_scaled_chunk(double *out, const hana_scaled *z, size_t from, size_t n);

/* out (rows x k) = Z theta', theta (k x (cols + 1)). */
hana_status hana_scaled_forward(double *out, const hana_scaled *z, const double *theta,
                                size_t k, hana_job *job, hana_error *err);
/* out (k x (cols + 1)) = r' Z, r (rows x k). Same bits for any number of threads. */
hana_status hana_scaled_adjoint(double *out, const hana_scaled *z, const double *r,
                                size_t k, hana_job *job, hana_error *err);
/* Coefficients of Z as coefficients of X, into coef (k x cols) and intercept (k). */
void hana_scaled_restore(double *coef, double *intercept, const hana_scaled *z,
                         const double *theta, size_t k);

#endif
