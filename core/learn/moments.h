#ifndef HANA_LEARN_MOMENTS_H
#define HANA_LEARN_MOMENTS_H

#include "base/job.h"
#include "base/matrix.h"

/* Weighted means and centred cross products of the columns of [X y]: what least squares
   needs to know about the data. Without centring the means are 0 and the products are
   about 0. */
typedef struct hana_moments {
    size_t cols;   /* of X */
    double weight; /* sum of the weights */
    double *mean;  /* cols + 1: y last */
    double *cross; /* (cols + 1) x (cols + 1), symmetric, y last: sum w (a - mean a)(b -
                      mean b) */
} hana_moments;

/* One pass for the means, one for the products (dsyrk over fixed row blocks, summed in a
   fixed tree), with the rounding of the means corrected after Chan, Golub and LeVeque
   ("Algorithms for computing the sample variance", American Statistician 37, 1983). w may
   be NULL. Into an empty *out; same bits for any number of threads. */
hana_status hana_moments_new(hana_moments *out, const hana_matrix *x, const double *y,
                             const double *w, int centre, hana_job *job, hana_error *err);
void hana_moments_clear(hana_moments *moments);

/* Writes rows [from, from + n) of sqrt(w) [X - mean, y - mean] to `out`, row-major,
 * `stride` apart. */
void hana_moments_rows(double *out, size_t stride, const hana_moments *moments,
                       const hana_matrix *x, const double *y, const double *w,
                       size_t from, size_t n);

/* How the rows are cut into blocks, as a function of the shape alone. */
typedef struct hana_row_blocks {
    size_t rows, n, per_block;
} hana_row_blocks;
/* At most `most` blocks of at least `least` rows. */
hana_row_blocks hana_row_blocks_cut(size_t rows, size_t least, size_t most);
static inline size_t hana_row_blocks_from(const hana_row_blocks *cut, size_t block)
{
    return block * cut->per_block;
}
static inline size_t hana_row_blocks_to(const hana_row_blocks *cut, size_t block)
{
    size_t to = (block + 1) * cut->per_block;
    return to < cut->rows ? to : cut->rows;
}

#endif
