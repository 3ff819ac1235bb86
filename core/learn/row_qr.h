#ifndef HANA_LEARN_ROW_QR_H
#define HANA_LEARN_ROW_QR_H

#include "learn/moments.h"

/* The triangular factor of the QR decomposition of sqrt(w) [X - mean, y - mean], (cols +
   1) square, column-major, zero below the diagonal; an owned block. Row blocks are
   decomposed in parallel and their factors in a fixed tree. */
hana_status hana_row_qr(double **out, const hana_moments *moments, const hana_matrix *x,
                        const double *y, const double *w, hana_job *job, hana_error *err);

#endif
