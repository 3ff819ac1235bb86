#include "base/parallel.h"
#include "measure/codes.h"
#include "measure/metrics.h"

#include <math.h>

enum { BLOCK_ROWS = 16 };

/* Labeled rows, their features row by row, and the silhouette of each. */
typedef struct silhouette {
    hana_matrix x;
    int32_t *code;
    size_t *size; /* rows of each cluster */
    size_t n_clusters;
    double *sums;  /* a row of cluster sums for each worker */
    double *value; /* of each row */
} silhouette;

static void silhouette_clear(silhouette *s)
{
    hana_matrix_clear(&s->x);
    hana_free(s->code);
    hana_free(s->size);
    hana_free(s->sums);
    hana_free(s->value);
}

static double distance(const double *a, const double *b, size_t n)
{
    double sum = 0;
    for (size_t j = 0; j < n; j++) sum += (a[j] - b[j]) * (a[j] - b[j]);
    return sqrt(sum);
}

static double of_row(const silhouette *s, size_t i, double *sums)
{
    size_t own = (size_t)s->code[i];
    if (s->size[own] == 1) return 0;
    for (size_t c = 0; c < s->n_clusters; c++) sums[c] = 0;
    const double *row = s->x.data + i * s->x.stride;
    for (size_t k = 0; k < s->x.rows; k++)
        sums[s->code[k]] += distance(row, s->x.data + k * s->x.stride, s->x.cols);
    double within = sums[own] / (double)(s->size[own] - 1), nearest = INFINITY;
    for (size_t c = 0; c < s->n_clusters; c++)
        if (c != own) nearest = fmin(nearest, sums[c] / (double)s->size[c]);
    double wider = fmax(within, nearest);
    return wider > 0 ? (nearest - within) / wider : 0;
}

static hana_status run_block(void *context, size_t block, int worker, hana_error *err)
{
    (void)err;
    silhouette *s = context;
    size_t from = block * BLOCK_ROWS, to = from + BLOCK_ROWS;
    if (to > s->x.rows) to = s->x.rows;
    for (size_t i = from; i < to; i++)
        s->value[i] = of_row(s, i, s->sums + (size_t)worker * s->n_clusters);
    return HANA_OK;
}

/* Keeps the codes of labeled rows, and in rows[] where they are. */
static hana_status read_labels(silhouette *s, size_t *rows, size_t *n,
                               const hana_column *labels, hana_error *err)
{
    hana_column *classes;
    HANA_TRY(hana_common_classes(&classes, labels, NULL, err));
    s->n_clusters = hana_column_length(classes);
    hana_status status = hana_codes_in(s->code, labels, classes, err);
    hana_column_release(classes);
    HANA_TRY(status);
    size_t kept = 0;
    for (size_t i = 0; i < hana_column_length(labels); i++) {
        if (s->code[i] < 0) continue;
        rows[kept] = i;
        s->code[kept++] = s->code[i];
    }
    if (s->n_clusters < 2 || s->n_clusters >= kept)
        return hana_fail(err, HANA_BAD_DATA,
                         "silhouette: %zu cluster%s of %zu rows: at least 2, and fewer "
                         "than rows, are needed",
                         s->n_clusters, s->n_clusters == 1 ? "" : "s", kept);
    s->size = hana_alloc_zero(s->n_clusters, sizeof *s->size);
    if (!s->size) return hana_fail_memory(err);
    for (size_t i = 0; i < kept; i++) s->size[s->code[i]]++;
    *n = kept;
    return HANA_OK;
}

static hana_status read_features(silhouette *s, const hana_frame *features,
                                 const size_t *rows, size_t n, hana_error *err)
{
    size_t cols = hana_frame_cols(features);
    if (cols == 0) return hana_fail(err, HANA_BAD_SHAPE, "silhouette: no columns");
    HANA_TRY(hana_matrix_new(&s->x, n, cols, err));
    for (size_t j = 0; j < cols; j++) {
        const hana_column *column = hana_frame_column(features, j);
        hana_type type = hana_column_type(column);
        if (type != HANA_FLOAT && type != HANA_INT && type != HANA_BOOL)
            return hana_fail(err, HANA_BAD_TYPE,
                             "silhouette: column '%s' is %s, expected numbers",
                             hana_frame_name(features, j), hana_type_name(type));
        for (size_t i = 0; i < n; i++) {
            double cell = hana_column_number(column, rows[i]);
            if (!isfinite(cell))
                return hana_fail(err, HANA_BAD_DATA,
                                 "silhouette: column '%s' has no finite value in row %zu",
                                 hana_frame_name(features, j), rows[i] + 1);
            s->x.data[i * s->x.stride + j] = cell;
        }
    }
    return HANA_OK;
}

static hana_status measure(double *out, silhouette *s, size_t *rows,
                           const hana_frame *features, const hana_column *labels,
                           hana_job *job, hana_error *err)
{
    size_t n = 0;
    HANA_TRY(read_labels(s, rows, &n, labels, err));
    HANA_TRY(read_features(s, features, rows, n, err));
    s->value = hana_alloc(n, sizeof *s->value);
    s->sums = hana_alloc((size_t)hana_job_threads(job) * s->n_clusters, sizeof *s->sums);
    if (!s->value || !s->sums) return hana_fail_memory(err);
    HANA_TRY(hana_parallel(job, (n + BLOCK_ROWS - 1) / BLOCK_ROWS, run_block, s, err));
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += s->value[i];
    *out = sum / (double)n;
    return HANA_OK;
}

hana_status hana_silhouette(double *out, const hana_frame *features,
                            const hana_column *labels, hana_job *job, hana_error *err)
{
    size_t n = hana_column_length(labels);
    if (hana_frame_rows(features) != n)
        return hana_fail(err, HANA_BAD_SHAPE, "silhouette: %zu labels for %zu rows", n,
                         hana_frame_rows(features));
    silhouette s = { .code = hana_alloc(n, sizeof *s.code) };
    size_t *rows = hana_alloc(n, sizeof *rows);
    hana_status status = s.code && rows
                             ? measure(out, &s, rows, features, labels, job, err)
                             : hana_fail_memory(err);
    hana_free(rows);
    silhouette_clear(&s);
    return status;
}
