#include "data/column_parts.h"

#include <assert.h>
#include <string.h>

int hana_column_block(const hana_column *column, hana_block_view *out)
{
    if (column->type != HANA_BLOCK) return 0;
    *out = (hana_block_view){
        .layout = column->layout,
        .rows = column->length,
        .cols = column->cols,
        .f64 = column->layout == HANA_DENSE_F32 ? NULL : column->values,
        .f32 = column->layout == HANA_DENSE_F32 ? column->values : NULL,
        .start = column->start,
        .index = column->index,
        .names = column->levels
    };
    return 1;
}

static size_t cell_width(hana_block_layout layout)
{
    return layout == HANA_DENSE_F32 ? sizeof(float) : sizeof(double);
}

static hana_status make(hana_column **out, hana_block_layout layout, size_t rows,
                        size_t cols, const hana_column *names, hana_error *err)
{
    if (!names || names->type != HANA_STRING || names->length != cols || names->nulls > 0)
        return hana_fail(err, HANA_BAD_SHAPE,
                         "a block of %zu columns needs as many names, got %zu", cols,
                         names ? names->length - names->nulls : 0);
    hana_column *column;
    HANA_TRY(hana_column_make(&column, HANA_BLOCK, rows, err));
    column->layout = layout;
    column->cols = cols;
    column->levels = hana_column_retain(names);
    *out = column;
    return HANA_OK;
}

/* Room for rows x cols dense cells. */
static hana_status dense_room(void **values, hana_column *column, hana_error *err)
{
    size_t cells;
    if (__builtin_mul_overflow(column->length, column->cols, &cells))
        return hana_fail_memory(err);
    return hana_column_room(values, column, cells, cell_width(column->layout), err);
}

static hana_status make_dense(hana_column **out, void **values, hana_block_layout layout,
                              size_t rows, size_t cols, const hana_column *names,
                              hana_error *err)
{
    hana_column *column = NULL;
    HANA_TRY(make(&column, layout, rows, cols, names, err));
    hana_status status = dense_room(values, column, err);
    if (status != HANA_OK) {
        hana_column_release(column);
        return status;
    }
    *out = column;
    return HANA_OK;
}

hana_status hana_column_dense_room(hana_column **out, double **cells, size_t rows,
                                   size_t cols, const hana_column *names, hana_error *err)
{
    void *values;
    HANA_TRY(make_dense(out, &values, HANA_DENSE_F64, rows, cols, names, err));
    *cells = values;
    return HANA_OK;
}

hana_status hana_column_from_matrix(hana_column **out, const hana_matrix *matrix,
                                    const hana_column *names, hana_error *err)
{
    void *values;
    HANA_TRY(
        make_dense(out, &values, HANA_DENSE_F64, matrix->rows, matrix->cols, names, err));
    double *to = values;
    for (size_t i = 0; i < matrix->rows && matrix->cols > 0; i++)
        memcpy(to + i * matrix->cols, matrix->data + i * matrix->stride,
               matrix->cols * sizeof *to);
    return HANA_OK;
}

hana_status hana_column_from_singles(hana_column **out, const float *cells, size_t rows,
                                     size_t cols, const hana_column *names,
                                     hana_error *err)
{
    void *values;
    HANA_TRY(make_dense(out, &values, HANA_DENSE_F32, rows, cols, names, err));
    if (rows && cols) memcpy(values, cells, rows * cols * sizeof *cells);
    return HANA_OK;
}

hana_status hana_column_from_sparse(hana_column **out, hana_sparse *sparse,
                                    const hana_column *names, hana_error *err)
{
    hana_column *column;
    HANA_TRY(make(&column, HANA_CSR, sparse->rows, sparse->cols, names, err));
    hana_status status;
    HANA_GOTO(failed, hana_buffer_adopt(&column->start_held, sparse->start, err));
    HANA_GOTO(failed, hana_buffer_adopt(&column->index_held, sparse->index, err));
    HANA_GOTO(failed, hana_buffer_adopt(&column->values_held, sparse->values, err));
    column->start = sparse->start;
    column->index = sparse->index;
    column->values = sparse->values;
    *sparse = (hana_sparse){ 0 };
    *out = column;
    return HANA_OK;
failed:
    /* The arrays stay the caller's. */
    if (column->start_held) column->start_held->data = NULL;
    if (column->index_held) column->index_held->data = NULL;
    hana_column_release(column);
    return status;
}

hana_status hana_block_slice(hana_column **out, const hana_column *column, size_t from,
                             size_t n, hana_error *err)
{
    hana_column *slice;
    HANA_TRY(hana_column_share(&slice, column, err));
    slice->length = n;
    if (column->layout == HANA_CSR)
        slice->start = column->start + from;
    else
        slice->values = (const char *)column->values +
                        from * column->cols * cell_width(column->layout);
    *out = slice;
    return HANA_OK;
}

/* Room for the CSR arrays of a column. */
static hana_status sparse_room(hana_column *column, size_t nonzeros, int64_t **start,
                               int32_t **index, double **values, hana_error *err)
{
    HANA_TRY(
        hana_buffer_new(&column->start_held, column->length + 1, sizeof **start, err));
    HANA_TRY(hana_buffer_new(&column->index_held, nonzeros, sizeof **index, err));
    HANA_TRY(hana_buffer_new(&column->values_held, nonzeros, sizeof **values, err));
    *start = column->start_held->data;
    *index = column->index_held->data;
    *values = column->values_held->data;
    column->start = *start;
    column->index = *index;
    column->values = *values;
    return HANA_OK;
}

/* Copies row r of a CSR block behind position `at`; returns the new end. */
static int64_t copy_sparse_row(const hana_column *from, size_t r, int64_t at,
                               int32_t *index, double *values)
{
    int64_t begin = from->start[r];
    size_t count = (size_t)(from->start[r + 1] - begin);
    memcpy(index + at, from->index + begin, count * sizeof *index);
    memcpy(values + at, hana_floats_of(from) + begin, count * sizeof *values);
    return at + (int64_t)count;
}

static hana_status take_sparse(hana_column *to, const hana_column *from,
                               const size_t *rows, size_t n, hana_error *err)
{
    size_t nonzeros = 0;
    for (size_t i = 0; i < n; i++)
        if (rows[i] < from->length)
            nonzeros += (size_t)(from->start[rows[i] + 1] - from->start[rows[i]]);
    int64_t *start;
    int32_t *index;
    double *values;
    HANA_TRY(sparse_room(to, nonzeros, &start, &index, &values, err));
    start[0] = 0;
    for (size_t i = 0; i < n; i++) {
        assert(rows[i] < from->length || rows[i] == HANA_NO_ROW);
        start[i + 1] = rows[i] < from->length
                           ? copy_sparse_row(from, rows[i], start[i], index, values)
                           : start[i];
    }
    return HANA_OK;
}

static hana_status take_dense(hana_column *to, const hana_column *from,
                              const size_t *rows, size_t n, hana_error *err)
{
    void *values;
    HANA_TRY(dense_room(&values, to, err));
    size_t bytes = from->cols * cell_width(from->layout);
    for (size_t i = 0; i < n && bytes > 0; i++) {
        char *row = (char *)values + i * bytes;
        assert(rows[i] < from->length || rows[i] == HANA_NO_ROW);
        if (rows[i] < from->length)
            memcpy(row, (const char *)from->values + rows[i] * bytes, bytes);
        else
            memset(row, 0, bytes);
    }
    return HANA_OK;
}

hana_status hana_block_take(hana_column **out, const hana_column *column,
                            const size_t *rows, size_t n, hana_error *err)
{
    hana_column *taken;
    HANA_TRY(make(&taken, column->layout, n, column->cols, column->levels, err));
    hana_status status = column->layout == HANA_CSR
                             ? take_sparse(taken, column, rows, n, err)
                             : take_dense(taken, column, rows, n, err);
    if (status != HANA_OK) {
        hana_column_release(taken);
        return status;
    }
    *out = taken;
    return HANA_OK;
}

static hana_status concat_sparse(hana_column *to, const hana_column *const *parts,
                                 size_t n, hana_error *err)
{
    size_t nonzeros = 0;
    for (size_t p = 0; p < n; p++)
        nonzeros += (size_t)(parts[p]->start[parts[p]->length] - parts[p]->start[0]);
    int64_t *start;
    int32_t *index;
    double *values;
    HANA_TRY(sparse_room(to, nonzeros, &start, &index, &values, err));
    size_t i = 0;
    start[0] = 0;
    for (size_t p = 0; p < n; p++)
        for (size_t r = 0; r < parts[p]->length; r++, i++)
            start[i + 1] = copy_sparse_row(parts[p], r, start[i], index, values);
    return HANA_OK;
}

/* Writes a block of any layout as doubles. */
static void widen(double *to, const hana_column *from)
{
    size_t cells = from->length * from->cols;
    if (from->layout == HANA_DENSE_F64) {
        if (cells) memcpy(to, from->values, cells * sizeof *to);
    } else if (from->layout == HANA_DENSE_F32) {
        const float *cell = from->values;
        for (size_t k = 0; k < cells; k++) to[k] = (double)cell[k];
    } else {
        memset(to, 0, cells * sizeof *to);
        for (size_t r = 0; r < from->length; r++)
            for (int64_t k = from->start[r]; k < from->start[r + 1]; k++)
                to[r * from->cols + (size_t)from->index[k]] = hana_floats_of(from)[k];
    }
}

static hana_status concat_dense(hana_column *to, const hana_column *const *parts,
                                size_t n, hana_error *err)
{
    void *values;
    HANA_TRY(dense_room(&values, to, err));
    char *at = values;
    for (size_t p = 0; p < n; p++) {
        size_t bytes = parts[p]->length * to->cols * cell_width(to->layout);
        if (to->layout == HANA_DENSE_F64)
            widen((double *)(void *)at, parts[p]);
        else if (bytes)
            memcpy(at, parts[p]->values, bytes);
        at += bytes;
    }
    return HANA_OK;
}

hana_status hana_block_concat(hana_column **out, const hana_column *const *columns,
                              size_t n, hana_error *err)
{
    hana_block_layout layout = columns[0]->layout;
    size_t rows = 0;
    for (size_t p = 0; p < n; p++) {
        if (columns[p]->cols != columns[0]->cols ||
            !hana_column_equal(columns[p]->levels, columns[0]->levels))
            return hana_fail(err, HANA_BAD_SHAPE,
                             "blocks with different names cannot be stacked");
        if (columns[p]->layout != layout) layout = HANA_DENSE_F64;
        rows += columns[p]->length;
    }
    hana_column *whole;
    HANA_TRY(make(&whole, layout, rows, columns[0]->cols, columns[0]->levels, err));
    hana_status status = layout == HANA_CSR ? concat_sparse(whole, columns, n, err)
                                            : concat_dense(whole, columns, n, err);
    if (status != HANA_OK) {
        hana_column_release(whole);
        return status;
    }
    *out = whole;
    return HANA_OK;
}
