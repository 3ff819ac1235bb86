#include "learn/row_qr.h"

#include "base/lapack.h"
#include "base/memory.h"
#include "base/parallel.h"

enum { MOST_BLOCKS = 64, LEAST_ROWS = 1024, PANEL = 64 };

typedef struct work {
    const hana_moments *moments;
    const hana_matrix *x;
    const double *y, *w;
    hana_row_blocks cut;
    size_t width;    /* cols + 1 */
    size_t height;   /* rows of a worker's matrix: the larger of a block, 2 width */
    size_t step;     /* distance of the factors that the tree joins */
    double *factors; /* width x width a block, column-major */
    double *matrix;  /* height x width a worker, column-major */
    double *row, *tau, *room; /* width, width and width x PANEL a worker */
} work;

/* Decomposes a worker's matrix of `rows` rows in place and copies the triangle to
 * `factor`. */
static hana_status decompose(const work *k, int worker, size_t rows, double *factor,
                             hana_error *err)
{
    double *a = k->matrix + (size_t)worker * k->height * k->width;
    int m = (int)rows, n = (int)k->width, lda = (int)k->height, room = n * PANEL,
        info = 0;
    dgeqrf_(&m, &n, a, &lda, k->tau + (size_t)worker * k->width,
            k->room + (size_t)worker * k->width * PANEL, &room, &info);
    if (info != 0)
        return hana_fail(err, HANA_NUMERIC, "qr decomposition failed (info %d)", info);
    for (size_t j = 0; j < k->width; j++)
        for (size_t i = 0; i < k->width; i++)
            factor[j * k->width + i] = i <= j && i < rows ? a[j * k->height + i] : 0;
    return HANA_OK;
}

static hana_status leaf(void *context, size_t block, int worker, hana_error *err)
{
    const work *k = context;
    size_t from = hana_row_blocks_from(&k->cut, block),
           to = hana_row_blocks_to(&k->cut, block);
    double *a = k->matrix + (size_t)worker * k->height * k->width;
    double *row = k->row + (size_t)worker * k->width;
    for (size_t i = from; i < to; i++) {
        hana_moments_rows(row, k->width, k->moments, k->x, k->y, k->w, i, 1);
        for (size_t j = 0; j < k->width; j++) a[j * k->height + i - from] = row[j];
    }
    return decompose(k, worker, to - from, k->factors + block * k->width * k->width, err);
}

static hana_status join(void *context, size_t pair, int worker, hana_error *err)
{
    const work *k = context;
    size_t into = pair * 2 * k->step, from = into + k->step, square = k->width * k->width;
    if (from >= k->cut.n) return HANA_OK;
    double *a = k->matrix + (size_t)worker * k->height * k->width;
    for (size_t j = 0; j < k->width; j++)
        for (size_t i = 0; i < k->width; i++) {
            a[j * k->height + i] = k->factors[into * square + j * k->width + i];
            a[j * k->height + k->width + i] =
                k->factors[from * square + j * k->width + i];
        }
    return decompose(k, worker, 2 * k->width, k->factors + into * square, err);
}

hana_status hana_row_qr(double **out, const hana_moments *moments, const hana_matrix *x,
                        const double *y, const double *w, hana_job *job, hana_error *err)
{
    size_t width = moments->cols + 1, workers = (size_t)hana_job_threads(job);
    size_t least = 4 * width > LEAST_ROWS ? 4 * width : LEAST_ROWS;
    work k = { .moments = moments, .x = x, .y = y, .w = w, .width = width };
    hana_status status = HANA_OK;
    k.cut = hana_row_blocks_cut(x->rows, least, MOST_BLOCKS);
    k.height = k.cut.per_block > 2 * width ? k.cut.per_block : 2 * width;
    k.factors = hana_alloc(k.cut.n * width * width, sizeof *k.factors);
    k.matrix = hana_alloc(workers * k.height * width, sizeof *k.matrix);
    k.row = hana_alloc(workers * width, sizeof *k.row);
    k.tau = hana_alloc(workers * width, sizeof *k.tau);
    k.room = hana_alloc(workers * width * PANEL, sizeof *k.room);
    if (!k.factors || !k.matrix || !k.row || !k.tau || !k.room) {
        status = hana_fail_memory(err);
        goto done;
    }
    HANA_GOTO(done, hana_parallel(job, k.cut.n, leaf, &k, err));
    for (k.step = 1; k.step < k.cut.n; k.step *= 2)
        HANA_GOTO(done, hana_parallel(job, (k.cut.n + 2 * k.step - 1) / (2 * k.step),
                                      join, &k, err));
    *out = k.factors;
    k.factors = NULL;
done:
    hana_free(k.factors);
    hana_free(k.matrix);
    hana_free(k.row);
    hana_free(k.tau);
    hana_free(k.room);
    return status;
}
