#include "learn/moments.h"

#include "base/lapack.h"
#include "base/memory.h"
#include "base/parallel.h"

#include <math.h>

enum { CHUNK_ROWS = 256, MOST_BLOCKS = 64, PARTIALS_ROOM = 1 << 24 };

hana_row_blocks hana_row_blocks_cut(size_t rows, size_t least, size_t most)
{
    size_t n = rows / least;
    if (n > most) n = most;
    if (n < 1) n = 1;
    size_t per_block = (rows + n - 1) / n;
    if (per_block < 1) per_block = 1;
    return (hana_row_blocks){ .rows = rows,
                              .n = rows == 0 ? 0 : (rows + per_block - 1) / per_block,
                              .per_block = per_block };
}

void hana_moments_rows(double *out, size_t stride, const hana_moments *moments,
                       const hana_matrix *x, const double *y, const double *w,
                       size_t from, size_t n)
{
    size_t p = moments->cols;
    const double *mean = moments->mean;
    for (size_t i = 0; i < n; i++) {
        const double *row = x->data + (from + i) * x->stride;
        double root = w ? sqrt(w[from + i]) : 1;
        double *to = out + i * stride;
        for (size_t j = 0; j < p; j++) to[j] = root * (row[j] - mean[j]);
        to[p] = root * (y[from + i] - mean[p]);
    }
}

typedef struct work {
    const hana_matrix *x;
    const double *y, *w;
    const hana_moments *moments;
    hana_row_blocks cut;
    double *partials;
    double *scratch; /* CHUNK_ROWS x (cols + 2) a worker */
} work;

/* Sums of w, w x and w y over a block. */
static hana_status sum_block(void *context, size_t block, int worker, hana_error *err)
{
    (void)worker, (void)err;
    const work *k = context;
    size_t p = k->moments->cols;
    double *sum = k->partials + block * (p + 2);
    for (size_t i = hana_row_blocks_from(&k->cut, block);
         i < hana_row_blocks_to(&k->cut, block); i++) {
        const double *row = k->x->data + i * k->x->stride;
        double w = k->w ? k->w[i] : 1;
        for (size_t j = 0; j < p; j++) sum[j] += w * row[j];
        sum[p] += w * k->y[i];
        sum[p + 1] += w;
    }
    return HANA_OK;
}

/* Cross products of sqrt(w) [X - mean, y - mean, 1] over a block; the last column gives
   what the means are off by. */
static hana_status cross_block(void *context, size_t block, int worker, hana_error *err)
{
    (void)err;
    const work *k = context;
    size_t p = k->moments->cols, width = p + 2;
    double *chunk = k->scratch + (size_t)worker * CHUNK_ROWS * width;
    double *cross = k->partials + block * width * width;
    size_t to = hana_row_blocks_to(&k->cut, block);
    for (size_t from = hana_row_blocks_from(&k->cut, block); from < to;
         from += CHUNK_ROWS) {
        size_t n = to - from < CHUNK_ROWS ? to - from : CHUNK_ROWS;
        hana_moments_rows(chunk, width, k->moments, k->x, k->y, k->w, from, n);
        for (size_t i = 0; i < n; i++)
            chunk[i * width + p + 1] = k->w ? sqrt(k->w[from + i]) : 1;
        cblas_dsyrk(CblasRowMajor, CblasUpper, CblasTrans, (int)width, (int)n, 1, chunk,
                    (int)width, 1, cross, (int)width);
    }
    return HANA_OK;
}

/* Takes the upper triangle of the sums apart: corrects the means and fills
 * moments->cross. */
static void finish(hana_moments *moments, const double *sums, int centre)
{
    size_t p = moments->cols, width = p + 2;
    double weight = sums[width * width - 1];
    for (size_t a = 0; a <= p; a++)
        for (size_t b = a; b <= p; b++) {
            double value = sums[a * width + b];
            if (centre)
                value -= sums[a * width + p + 1] * (sums[b * width + p + 1] / weight);
            moments->cross[a * (p + 1) + b] = moments->cross[b * (p + 1) + a] = value;
        }
    if (centre)
        for (size_t a = 0; a <= p; a++)
            moments->mean[a] += sums[a * width + p + 1] / weight;
    moments->weight = weight;
}

hana_status hana_moments_new(hana_moments *out, const hana_matrix *x, const double *y,
                             const double *w, int centre, hana_job *job, hana_error *err)
{
    size_t p = x->cols, width = p + 2;
    size_t most = PARTIALS_ROOM / width / width;
    if (most > MOST_BLOCKS) most = MOST_BLOCKS;
    if (most < 2) most = 2;
    hana_moments m = { .cols = p };
    work k = { .x = x, .y = y, .w = w, .moments = &m };
    hana_status status = HANA_OK;
    k.cut = hana_row_blocks_cut(x->rows, CHUNK_ROWS, most);
    m.mean = hana_alloc_zero(p + 1, sizeof *m.mean);
    m.cross = hana_alloc_zero((p + 1) * (p + 1), sizeof *m.cross);
    k.partials = hana_alloc_zero(k.cut.n * width * width, sizeof *k.partials);
    k.scratch =
        hana_alloc((size_t)hana_job_threads(job) * CHUNK_ROWS * width, sizeof *k.scratch);
    if (!m.mean || !m.cross || !k.partials || !k.scratch) {
        status = hana_fail_memory(err);
        goto done;
    }
    if (centre) {
        HANA_GOTO(done, hana_parallel(job, k.cut.n, sum_block, &k, err));
        hana_tree_sum(k.partials, k.cut.n, width);
        for (size_t j = 0; j <= p; j++) m.mean[j] = k.partials[j] / k.partials[p + 1];
        for (size_t j = 0; j < k.cut.n * width; j++) k.partials[j] = 0;
    }
    HANA_GOTO(done, hana_parallel(job, k.cut.n, cross_block, &k, err));
    hana_tree_sum(k.partials, k.cut.n, width * width);
    finish(&m, k.partials, centre);
    *out = m;
    m = (hana_moments){ 0 };
done:
    hana_moments_clear(&m);
    hana_free(k.partials);
    hana_free(k.scratch);
    return status;
}

void hana_moments_clear(hana_moments *moments)
{
    hana_free(moments->mean);
    hana_free(moments->cross);
    *moments = (hana_moments){ 0 };
}
