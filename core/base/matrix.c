#include "matrix.h"

#include "memory.h"

static hana_status too_large(size_t rows, size_t cols, hana_error *err)
{
    return hana_fail(err, HANA_BAD_SHAPE, "a matrix of %zu x %zu is too large", rows,
                     cols);
}

hana_status hana_matrix_new(hana_matrix *out, size_t rows, size_t cols, hana_error *err)
{
    size_t cells;
    if (__builtin_mul_overflow(rows, cols, &cells)) return too_large(rows, cols, err);
    double *data = hana_alloc_zero(cells, sizeof *data);
    if (!data) return hana_fail_memory(err);
    *out = (hana_matrix){ .data = data, .rows = rows, .cols = cols, .stride = cols };
    return HANA_OK;
}

void hana_matrix_clear(hana_matrix *matrix)
{
    hana_free(matrix->data);
    *matrix = (hana_matrix){ 0 };
}

hana_status hana_sparse_new(hana_sparse *out, size_t rows, size_t cols, size_t nonzeros,
                            hana_error *err)
{
    if (rows == SIZE_MAX || cols > INT32_MAX) return too_large(rows, cols, err);
    hana_sparse made = { .rows = rows, .cols = cols };
    made.start = hana_alloc_zero(rows + 1, sizeof *made.start);
    made.index = hana_alloc_zero(nonzeros, sizeof *made.index);
    made.values = hana_alloc_zero(nonzeros, sizeof *made.values);
    if (!made.start || !made.index || !made.values) {
        hana_sparse_clear(&made);
        return hana_fail_memory(err);
    }
    *out = made;
    return HANA_OK;
}

void hana_sparse_clear(hana_sparse *sparse)
{
    hana_free(sparse->start);
    hana_free(sparse->index);
    hana_free(sparse->values);
    *sparse = (hana_sparse){ 0 };
}
