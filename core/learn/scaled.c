#include "learn/scaled.h"

#include "base/dot.h"
#include "base/lapack.h"
#include "base/memory.h"
#include "base/parallel.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { MOST_BLOCKS = 64, LEAST_ROWS = 256, PARTIALS_ROOM = 1 << 22 };

void hana_scaled_clear(hana_scaled *z)
{
    hana_free(z->mean);
    hana_free(z->scale);
    hana_free(z->constant);
    *z = (hana_scaled){ 0 };
}

/* Cuts the rows so that partial results of `width` doubles a block take bounded room. */
static hana_row_blocks cut_rows(const hana_scaled *z, size_t width)
{
    size_t most = PARTIALS_ROOM / (width + 1);
    if (most > MOST_BLOCKS) most = MOST_BLOCKS;
    return hana_row_blocks_cut(z->rows, LEAST_ROWS, most < 2 ? 2 : most);
}

typedef struct spread_work {
    const hana_scaled *z;
    const double *w;
    hana_row_blocks cut;
    double *partials; /* cols + 1 a block; the sum of weights last */
    int squares;      /* 0: sums of w x, 1: of w (x - mean)^2 */
} spread_work;

static hana_status spread_block(void *context, size_t block, int worker, hana_error *err)
{
    (void)worker, (void)err;
    const spread_work *k = context;
    const hana_scaled *z = k->z;
    double *sum = k->partials + block * (z->cols + 1);
    for (size_t i = hana_row_blocks_from(&k->cut, block);
         i < hana_row_blocks_to(&k->cut, block); i++) {
        double w = k->w ? k->w[i] : 1;
        sum[z->cols] += w;
        if (z->sparse) {
            for (int64_t at = z->sparse->start[i]; at < z->sparse->start[i + 1]; at++) {
                int32_t j = z->sparse->index[at];
                double x = z->sparse->values[at], d = x - z->mean[j];
                /* What the zeros add is put in for all rows at the end, so it is taken
                 * out here. */
                sum[j] += k->squares ? w * (d * d - z->mean[j] * z->mean[j]) : w * x;
            }
            continue;
        }
        const double *x = z->dense->data + i * z->dense->stride;
        if (!k->squares)
            for (size_t j = 0; j < z->cols; j++) sum[j] += w * x[j];
        else
            for (size_t j = 0; j < z->cols; j++)
                sum[j] += w * (x[j] - z->mean[j]) * (x[j] - z->mean[j]);
    }
    return HANA_OK;
}

static hana_status spread_pass(spread_work *k, hana_job *job, hana_error *err)
{
    size_t width = k->z->cols + 1;
    memset(k->partials, 0, k->cut.n * width * sizeof *k->partials);
    HANA_TRY(hana_parallel(job, k->cut.n, spread_block, k, err));
    hana_tree_sum(k->partials, k->cut.n, width);
    return HANA_OK;
}

hana_status hana_scaled_new(hana_scaled *out, hana_problem *problem, int intercept,
                            hana_job *job, hana_error *err)
{
    hana_scaled z = { .rows = hana_problem_rows(problem),
                      .cols = hana_problem_cols(problem),
                      .intercept = intercept };
    spread_work k = { .z = &z, .w = hana_problem_weights(problem) };
    hana_status status = HANA_OK;
    if (hana_problem_is_sparse(problem))
        HANA_TRY(hana_problem_sparse(&z.sparse, problem, err));
    else
        HANA_TRY(hana_problem_matrix(&z.dense, problem, err));
    k.cut = cut_rows(&z, z.cols + 1);
    z.mean = hana_alloc_zero(z.cols, sizeof *z.mean);
    z.scale = hana_alloc(z.cols, sizeof *z.scale);
    z.constant = hana_alloc_zero(z.cols, sizeof *z.constant);
    k.partials = hana_alloc(k.cut.n * (z.cols + 1), sizeof *k.partials);
    if (!z.mean || !z.scale || !z.constant || !k.partials) {
        status = hana_fail_memory(err);
        goto done;
    }
    HANA_GOTO(done, spread_pass(&k, job, err));
    z.weight = k.partials[z.cols];
    if (intercept)
        for (size_t j = 0; j < z.cols; j++) z.mean[j] = k.partials[j] / z.weight;
    k.squares = 1;
    HANA_GOTO(done, spread_pass(&k, job, err));
    for (size_t j = 0; j < z.cols; j++) {
        double mean = z.mean[j],
               square = k.partials[j] / z.weight + (z.sparse ? mean * mean : 0);
        if (!isfinite(square)) {
            status = hana_fail(err, HANA_NUMERIC,
                               "column '%s' is too large for doubles; rescale it",
                               hana_problem_feature(problem, j)->name);
            goto done;
        }
        double rounding = 8 * DBL_EPSILON * sqrt((double)z.rows) * fabs(mean);
        z.constant[j] = !(square > rounding * rounding) || square < DBL_MIN;
        z.scale[j] = z.constant[j] ? 1 : sqrt(square);
    }
    *out = z;
    z = (hana_scaled){ 0 };
done:
    hana_free(k.partials);
    hana_scaled_clear(&z);
    return status;
}

size_t hana_scaled_chunk_rows(const hana_scaled *z)
{
    size_t rows = 65536 / (z->cols + 1);
    return rows > 256 ? 256 : rows < 16 ? 16 : rows;
}

void hana_scaled_chunk(double *out, const hana_scaled *z, size_t from, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const double *x = z->dense->data + (from + i) * z->dense->stride;
        double *to = out + i * (z->cols + 1);
        for (size_t j = 0; j < z->cols; j++)
            to[j] = z->constant[j] ? 0 : (x[j] - z->mean[j]) / z->scale[j];
        to[z->cols] = z->intercept ? 1 : 0;
    }
}

typedef struct pass {
    const hana_scaled *z;
    size_t k;
    hana_row_blocks cut;
    const double *in; /* theta, or r */
    double *out;      /* rows x k, or the partial sums */
    double *chunks;   /* dense: a chunk a worker */
    double *weights;  /* sparse forward: theta / scale, cols x k, then k offsets */
} pass;

static hana_status forward_block(void *context, size_t block, int worker, hana_error *err)
{
    (void)err;
    const pass *p = context;
    const hana_scaled *z = p->z;
    size_t from = hana_row_blocks_from(&p->cut, block),
           to = hana_row_blocks_to(&p->cut, block);
    if (z->sparse) {
        const double *offset = p->weights + z->cols * p->k;
        for (size_t i = from; i < to; i++) {
            double *out = p->out + i * p->k;
            memcpy(out, offset, p->k * sizeof *out);
            for (int64_t at = z->sparse->start[i]; at < z->sparse->start[i + 1]; at++) {
                const double *weight = p->weights + (size_t)z->sparse->index[at] * p->k;
                for (size_t k = 0; k < p->k; k++)
                    out[k] += z->sparse->values[at] * weight[k];
            }
        }
        return HANA_OK;
    }
    size_t width = z->cols + 1, most = hana_scaled_chunk_rows(z);
    double *chunk = p->chunks + (size_t)worker * most * width;
    for (; from < to; from += most) {
        size_t n = to - from < most ? to - from : most;
        hana_scaled_chunk(chunk, z, from, n);
        cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)n, (int)p->k,
                    (int)width, 1, chunk, (int)width, p->in, (int)width, 0,
                    p->out + from * p->k, (int)p->k);
    }
    return HANA_OK;
}

static hana_status adjoint_block(void *context, size_t block, int worker, hana_error *err)
{
    (void)err;
    const pass *p = context;
    const hana_scaled *z = p->z;
    size_t from = hana_row_blocks_from(&p->cut, block),
           to = hana_row_blocks_to(&p->cut, block);
    size_t width = z->cols + 1;
    double *out = p->out + block * p->k * width;
    memset(out, 0, p->k * width * sizeof *out);
    if (z->sparse) {
        /* Features by classes here, transposed when the blocks have been summed. */
        for (size_t i = from; i < to; i++) {
            const double *r = p->in + i * p->k;
            for (size_t k = 0; k < p->k; k++) out[z->cols * p->k + k] += r[k];
            for (int64_t at = z->sparse->start[i]; at < z->sparse->start[i + 1]; at++) {
                double *sum = out + (size_t)z->sparse->index[at] * p->k;
                for (size_t k = 0; k < p->k; k++) sum[k] += z->sparse->values[at] * r[k];
            }
        }
        return HANA_OK;
    }
    size_t most = hana_scaled_chunk_rows(z);
    double *chunk = p->chunks + (size_t)worker * most * width;
    for (; from < to; from += most) {
        size_t n = to - from < most ? to - from : most;
        hana_scaled_chunk(chunk, z, from, n);
        cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int)p->k, (int)width,
                    (int)n, 1, p->in + from * p->k, (int)p->k, chunk, (int)width, 1, out,
                    (int)width);
    }
    return HANA_OK;
}

static hana_status alloc_chunks(pass *p, hana_job *job, hana_error *err)
{
    if (p->z->sparse) return HANA_OK;
    size_t room = hana_scaled_chunk_rows(p->z) * (p->z->cols + 1);
    p->chunks = hana_alloc((size_t)hana_job_threads(job) * room, sizeof *p->chunks);
    return p->chunks ? HANA_OK : hana_fail_memory(err);
}

hana_status hana_scaled_forward(double *out, const hana_scaled *z, const double *theta,
                                size_t k, hana_job *job, hana_error *err)
{
    pass p = { .z = z, .k = k, .in = theta, .out = out, .cut = cut_rows(z, 0) };
    size_t width = z->cols + 1;
    HANA_TRY(alloc_chunks(&p, job, err));
    if (z->sparse) {
        p.weights = hana_alloc(width * k, sizeof *p.weights);
        if (!p.weights) return hana_fail_memory(err);
        for (size_t c = 0; c < k; c++) {
            double offset = z->intercept ? theta[c * width + z->cols] : 0;
            for (size_t j = 0; j < z->cols; j++) {
                double weight = z->constant[j] ? 0 : theta[c * width + j] / z->scale[j];
                p.weights[j * k + c] = weight;
                offset -= z->mean[j] * weight;
            }
            p.weights[z->cols * k + c] = offset;
        }
    }
    hana_status status = hana_parallel(job, p.cut.n, forward_block, &p, err);
    hana_free(p.chunks);
    hana_free(p.weights);
    return status;
}

hana_status hana_scaled_adjoint(double *out, const hana_scaled *z, const double *r,
                                size_t k, hana_job *job, hana_error *err)
{
    size_t width = z->cols + 1;
    pass p = { .z = z, .k = k, .in = r, .cut = cut_rows(z, k * width) };
    hana_status status = alloc_chunks(&p, job, err);
    if (status != HANA_OK) return status;
    p.out = hana_alloc(p.cut.n * k * width, sizeof *p.out);
    if (!p.out) {
        status = hana_fail_memory(err);
        goto done;
    }
    HANA_GOTO(done, hana_parallel(job, p.cut.n, adjoint_block, &p, err));
    hana_tree_sum(p.out, p.cut.n, k * width);
    if (!z->sparse) {
        memcpy(out, p.out, k * width * sizeof *out);
        goto done;
    }
    for (size_t c = 0; c < k; c++) {
        double total = p.out[z->cols * k + c];
        for (size_t j = 0; j < z->cols; j++)
            out[c * width + j] =
                z->constant[j] ? 0
                               : (p.out[j * k + c] - z->mean[j] * total) / z->scale[j];
        out[c * width + z->cols] = z->intercept ? total : 0;
    }
done:
    hana_free(p.out);
    hana_free(p.chunks);
    return status;
}

void hana_scaled_restore(double *coef, double *intercept, const hana_scaled *z,
                         const double *theta, size_t k)
{
    size_t width = z->cols + 1;
    for (size_t c = 0; c < k; c++) {
        for (size_t j = 0; j < z->cols; j++)
            coef[c * z->cols + j] =
                z->constant[j] ? 0 : theta[c * width + j] / z->scale[j];
        intercept[c] = 0;
        if (z->intercept)
            intercept[c] = theta[c * width + z->cols] -
                           hana_dot(coef + c * z->cols, z->mean, z->cols);
    }
}
