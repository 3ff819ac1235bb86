#ifndef HANA_BASE_MATRIX_H
#define HANA_BASE_MATRIX_H

#include "error.h"

#include <stddef.h>
#include <stdint.h>

/* Row-major, like gsl_matrix: element (i, j) is data[i * stride + j]. Zeroed memory is
 * empty. */
typedef struct hana_matrix {
    double *data;
    size_t rows, cols, stride;
} hana_matrix;

/* Zero-filled rows x cols, stride = cols; owned. */
HANA_API hana_status hana_matrix_new(hana_matrix *out, size_t rows, size_t cols,
                                     hana_error *err);
HANA_API void hana_matrix_clear(hana_matrix *matrix);

/* Compressed sparse rows: row i holds values[start[i] .. start[i+1]) in columns
   index[...], which ascend within a row. rows + 1 starts. */
typedef struct hana_sparse {
    size_t rows, cols;
    int64_t *start;
    int32_t *index;
    double *values;
} hana_sparse;
HANA_API hana_status hana_sparse_new(hana_sparse *out, size_t rows, size_t cols,
                                     size_t nonzeros, hana_error *err);
HANA_API void hana_sparse_clear(hana_sparse *sparse);

#endif
