#ifndef HANA_DECIDE_CORRELATION_H
#define HANA_DECIDE_CORRELATION_H

#include "base/error.h"
#include "base/random.h"

#include <stddef.h>

/* Rank correlations, for the other files of this folder. */

/* The lower Cholesky factor, n x n row by row, of the Gaussian copula that has these rank
   correlations (Spearman): Pearson's is 2 sin(pi r / 6) (Kruskal, JASA 53, 1958). Fails
   when that matrix is not positive definite. */
hana_status hana_copula_factor(double *out, const double *rank_correlation, size_t n,
                               hana_error *err);

/* Puts n independent samples of `rows` draws each (one after the other in x) into the
   order of draws of the copula; each keeps its values. `scratch` has room for
   rows x (n + 1) doubles, `order` for rows. The normal draws come from a stream per
   input, numbers[i] of seed. */
void hana_copula_order(double *x, size_t n, size_t rows, const double *factor,
                       const size_t *numbers, uint64_t seed, double *scratch,
                       size_t *order);

#endif
