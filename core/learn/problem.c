#include "learn/design.h"

#include <math.h>
#include <string.h>

size_t hana_problem_rows(const hana_problem *p)
{
    return p->rows;
}

size_t hana_problem_cols(const hana_problem *p)
{
    return p->cols;
}

const hana_feature *hana_problem_feature(const hana_problem *p, size_t j)
{
    return &p->features[j];
}

int hana_problem_is_sparse(const hana_problem *p)
{
    return p->is_sparse;
}

hana_task_kind hana_problem_task(const hana_problem *p)
{
    return p->task;
}

const double *hana_problem_y(const hana_problem *p)
{
    return p->y;
}

size_t hana_problem_classes(const hana_problem *p)
{
    return p->n_classes;
}

const int32_t *hana_problem_codes(const hana_problem *p)
{
    return p->codes;
}

const hana_matrix *hana_problem_proba(const hana_problem *p)
{
    return p->proba.data ? &p->proba : NULL;
}

const double *hana_problem_weights(const hana_problem *p)
{
    return p->weights;
}

void hana_problem_free(hana_problem *p)
{
    if (!p) return;
    for (size_t i = 0; i < p->n_sources; i++) {
        hana_column_release(p->sources[i].column);
        hana_free(p->sources[i].own);
        hana_free(p->sources[i].codes);
    }
    hana_free(p->sources);
    for (size_t j = 0; p->columns && j < p->cols; j++) hana_free(p->columns[j]);
    hana_free(p->columns);
    for (size_t j = 0; p->own_features && j < p->cols; j++)
        hana_free(p->own_features[j].name);
    hana_free(p->own_features);
    hana_matrix_clear(&p->matrix);
    hana_sparse_clear(&p->sparse);
    hana_free(p->y);
    hana_free(p->codes);
    hana_matrix_clear(&p->proba);
    hana_free(p->weights);
    hana_free(p);
}

static hana_status name_features(hana_problem *p, hana_error *err)
{
    p->own_features = hana_alloc_zero(p->cols, sizeof *p->own_features);
    if (!p->own_features) return hana_fail_memory(err);
    p->features = p->own_features;
    for (size_t j = 0; j < p->cols; j++) {
        hana_text name = { 0 };
        hana_text_printf(&name, "x%zu", j + 1);
        HANA_TRY(hana_text_take(&p->own_features[j].name, &name, err));
    }
    return HANA_OK;
}

hana_status hana_problem_from_matrix(hana_problem **out, const hana_matrix *x,
                                     hana_error *err)
{
    hana_problem *p = hana_alloc_zero(1, sizeof *p);
    if (!p) return hana_fail_memory(err);
    p->rows = x->rows;
    p->cols = x->cols;
    p->task = HANA_NO_TARGET;
    p->columns = hana_alloc_zero(p->cols, sizeof *p->columns);
    hana_status status = p->columns ? HANA_OK : hana_fail_memory(err);
    if (status == HANA_OK) status = hana_matrix_new(&p->matrix, x->rows, x->cols, err);
    if (status == HANA_OK) status = name_features(p, err);
    if (status != HANA_OK) {
        hana_problem_free(p);
        return status;
    }
    for (size_t i = 0; i < x->rows; i++)
        memcpy(p->matrix.data + i * x->cols, x->data + i * x->stride,
               x->cols * sizeof(double));
    *out = p;
    return HANA_OK;
}

/* The value of feature k of a source in row i. */
static double one_hot(const hana_problem *p, const hana_source *s, size_t i, size_t k)
{
    int32_t code = s->codes[i];
    return code >= 0 && (size_t)code == k + (size_t)p->drop_first ? 1 : 0;
}

static double code_value(const hana_source *s, size_t i)
{
    return s->codes[i] < 0 ? (double)NAN : s->codes[i];
}

/* Writes the source's features, feature k of row i at out[i * row_step + k]. */
static void spread(const hana_problem *p, const hana_source *s, double *out,
                   size_t row_step)
{
    size_t n = p->rows, cols = s->input->cols;
    switch (s->input->kind) {
    case HANA_INPUT_NUMBER:
        for (size_t i = 0; i < n; i++) out[i * row_step] = s->values[i];
        return;
    case HANA_INPUT_CODES:
        for (size_t i = 0; i < n; i++) out[i * row_step] = code_value(s, i);
        return;
    case HANA_INPUT_ONE_HOT:
        for (size_t i = 0; i < n; i++) {
            size_t code = (size_t)s->codes[i] - (size_t)p->drop_first;
            for (size_t k = 0; k < cols; k++) out[i * row_step + k] = 0;
            if (s->codes[i] >= p->drop_first && code < cols) out[i * row_step + code] = 1;
        }
        return;
    case HANA_INPUT_BLOCK:
        break;
    }
    const hana_block_view *b = &s->block;
    for (size_t i = 0; i < n; i++) {
        double *row = out + i * row_step;
        if (b->layout == HANA_DENSE_F64) {
            memcpy(row, b->f64 + i * cols, cols * sizeof *row);
        } else if (b->layout == HANA_DENSE_F32) {
            for (size_t k = 0; k < cols; k++) row[k] = (double)b->f32[i * cols + k];
        } else {
            for (size_t k = 0; k < cols; k++) row[k] = 0;
            for (int64_t e = b->start[i]; e < b->start[i + 1]; e++)
                row[b->index[e]] = b->f64[e];
        }
    }
}

hana_status hana_problem_matrix(const hana_matrix **out, hana_problem *p, hana_error *err)
{
    if (!p->matrix.data) {
        hana_matrix made;
        HANA_TRY(hana_matrix_new(&made, p->rows, p->cols, err));
        for (size_t i = 0; i < p->n_sources; i++)
            spread(p, &p->sources[i], made.data + p->sources[i].input->from, p->cols);
        p->matrix = made;
    }
    *out = &p->matrix;
    return HANA_OK;
}

static const hana_source *source_of(const hana_problem *p, size_t j)
{
    size_t low = 0, high = p->n_sources;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (p->sources[middle].input->from <= j)
            low = middle;
        else
            high = middle;
    }
    return &p->sources[low];
}

/* Column k of a block, or of a row-major matrix. */
static void gather_block(const hana_block_view *b, size_t k, double *out)
{
    if (b->layout == HANA_CSR) {
        for (size_t i = 0; i < b->rows; i++) {
            int64_t low = b->start[i], high = b->start[i + 1];
            while (low < high) {
                int64_t middle = low + (high - low) / 2;
                if ((size_t)b->index[middle] < k)
                    low = middle + 1;
                else
                    high = middle;
            }
            int found = low < b->start[i + 1] && (size_t)b->index[low] == k;
            out[i] = found ? b->f64[low] : 0;
        }
        return;
    }
    for (size_t i = 0; i < b->rows; i++)
        out[i] = b->layout == HANA_DENSE_F64 ? b->f64[i * b->cols + k]
                                             : (double)b->f32[i * b->cols + k];
}

hana_status hana_problem_column(const double **out, hana_problem *p, size_t j,
                                hana_error *err)
{
    const hana_source *s = p->n_sources ? source_of(p, j) : NULL;
    if (s && s->input->kind == HANA_INPUT_NUMBER) {
        *out = s->values;
        return HANA_OK;
    }
    if (!p->columns[j]) {
        double *made = hana_alloc(p->rows, sizeof *made);
        if (!made) return hana_fail_memory(err);
        size_t k = s ? j - s->input->from : j;
        if (!s) {
            for (size_t i = 0; i < p->rows; i++)
                made[i] = p->matrix.data[i * p->cols + j];
        } else if (s->input->kind == HANA_INPUT_BLOCK) {
            gather_block(&s->block, k, made);
        } else {
            for (size_t i = 0; i < p->rows; i++)
                made[i] = s->input->kind == HANA_INPUT_CODES ? code_value(s, i)
                                                             : one_hot(p, s, i, k);
        }
        p->columns[j] = made;
    }
    *out = p->columns[j];
    return HANA_OK;
}

/* Appends the entries of one source in one row; counts only when `values` is NULL. */
static size_t sparse_row(const hana_problem *p, const hana_source *s, size_t i,
                         int32_t *index, double *values)
{
    size_t n = 0, from = s->input->from, cols = s->input->cols;
    if (s->input->kind == HANA_INPUT_BLOCK && s->block.layout == HANA_CSR) {
        for (int64_t e = s->block.start[i]; e < s->block.start[i + 1]; e++, n++)
            if (values) {
                index[n] = (int32_t)from + s->block.index[e];
                values[n] = s->block.f64[e];
            }
        return n;
    }
    if (s->input->kind == HANA_INPUT_ONE_HOT) {
        size_t code = (size_t)s->codes[i] - (size_t)p->drop_first;
        if (s->codes[i] < p->drop_first || code >= cols) return 0;
        if (values) {
            index[0] = (int32_t)(from + code);
            values[0] = 1;
        }
        return 1;
    }
    for (size_t k = 0; k < cols; k++) {
        double x = s->input->kind == HANA_INPUT_NUMBER  ? s->values[i]
                   : s->input->kind == HANA_INPUT_CODES ? code_value(s, i)
                   : s->block.layout == HANA_DENSE_F64
                       ? s->block.f64[i * cols + k]
                       : (double)s->block.f32[i * cols + k];
        if (x == 0) continue;
        if (values) {
            index[n] = (int32_t)(from + k);
            values[n] = x;
        }
        n++;
    }
    return n;
}

static hana_status sparse_from_matrix(hana_problem *p, hana_error *err)
{
    size_t nonzeros = 0, cells = p->rows * p->cols;
    for (size_t c = 0; c < cells; c++) nonzeros += p->matrix.data[c] != 0;
    hana_sparse made;
    HANA_TRY(hana_sparse_new(&made, p->rows, p->cols, nonzeros, err));
    int64_t at = 0;
    made.start[0] = 0;
    for (size_t i = 0; i < p->rows; i++) {
        for (size_t j = 0; j < p->cols; j++) {
            double x = p->matrix.data[i * p->cols + j];
            if (x == 0) continue;
            made.index[at] = (int32_t)j;
            made.values[at++] = x;
        }
        made.start[i + 1] = at;
    }
    p->sparse = made;
    return HANA_OK;
}

hana_status hana_problem_sparse(const hana_sparse **out, hana_problem *p, hana_error *err)
{
    if (!p->sparse.start && p->n_sources == 0) HANA_TRY(sparse_from_matrix(p, err));
    if (!p->sparse.start) {
        size_t nonzeros = 0;
        for (size_t i = 0; i < p->rows; i++)
            for (size_t k = 0; k < p->n_sources; k++)
                nonzeros += sparse_row(p, &p->sources[k], i, NULL, NULL);
        hana_sparse made;
        HANA_TRY(hana_sparse_new(&made, p->rows, p->cols, nonzeros, err));
        size_t at = 0;
        made.start[0] = 0;
        for (size_t i = 0; i < p->rows; i++) {
            for (size_t k = 0; k < p->n_sources; k++)
                at += sparse_row(p, &p->sources[k], i, made.index + at, made.values + at);
            made.start[i + 1] = (int64_t)at;
        }
        p->sparse = made;
    }
    *out = &p->sparse;
    return HANA_OK;
}
