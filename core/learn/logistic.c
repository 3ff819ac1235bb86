#include "learn/logistic.h"

#include "base/dot.h"
#include "base/lapack.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "learn/least_squares.h"
#include "learn/scaled.h"

#include <math.h>
#include <string.h>

/* Up to this many coefficients the Hessian is formed and factored. */
enum { MOST_NEWTON = 500, MOST_CG = 1000, ROWS_PER_BLOCK = 1024 };

typedef enum outcome { GOES_ON, CONVERGED, SEPARATED, QUASI_SEPARATED, STALLED } outcome;

typedef struct fitting {
    const hana_logistic_options *options;
    hana_problem *problem;
    hana_job *job;
    hana_scaled z;
    size_t k, width, dim; /* outputs, features + 1, k * width */
    const int32_t *codes;
    const hana_matrix *proba;
    const double *w;
    int dense; /* Cholesky of the Hessian */

    double *theta, *step, *gradient; /* dim */
    double *eta, *eta_step, *p,
        *r;          /* rows x k: scores, their change, probabilities, w (p - t) */
    double *penalty; /* lambda / scale^2 a column of Z */
    double *hessian; /* dim x dim, upper triangle by rows; factored in place */
    double gauge;
    double *cg; /* 4 x dim */
} fitting;

double hana_sigmoid(double score)
{
    if (score >= 0) return 1 / (1 + exp(-score));
    double e = exp(score);
    return e / (1 + e);
}

void hana_softmax(double *scores, size_t n)
{
    double top = scores[0], total = 0;
    for (size_t k = 1; k < n; k++)
        if (scores[k] > top) top = scores[k];
    /* Beyond the range of doubles: the classes at the top share. */
    if (!isfinite(top))
        for (size_t k = 0; k < n; k++) scores[k] = scores[k] == top ? 0 : -HUGE_VAL;
    if (!isfinite(top)) top = 0;
    for (size_t k = 0; k < n; k++) total += scores[k] = exp(scores[k] - top);
    for (size_t k = 0; k < n; k++) scores[k] /= total;
}

static double target(const fitting *f, size_t i, size_t k)
{
    size_t class = f->k == 1 ? 1 : k;
    if (f->proba) return f->proba->data[i * f->proba->stride + class];
    return f->codes[i] == (int32_t) class ? 1 : 0;
}

static double weight_of(const fitting *f, size_t i)
{
    return f->w ? f->w[i] : 1;
}

typedef struct loss_work {
    const fitting *f;
    double t;         /* at eta + t eta_step */
    int with_slopes;  /* sets p and r too */
    double *partials; /* a block */
} loss_work;

/* Loss of row i; scores[k] come in and probabilities go out. */
static double row_loss(const fitting *f, size_t i, double *scores)
{
    if (f->k == 1) {
        double s = scores[0];
        scores[0] = hana_sigmoid(s);
        return (s > 0 ? s + log1p(exp(-s)) : log1p(exp(s))) - target(f, i, 0) * s;
    }
    double top = scores[0], total = 0, own = 0, weight = 0;
    for (size_t k = 1; k < f->k; k++)
        if (scores[k] > top) top = scores[k];
    for (size_t k = 0; k < f->k; k++) {
        double t = target(f, i, k);
        own += t * (scores[k] - top);
        weight += t;
        total += scores[k] = exp(scores[k] - top);
    }
    for (size_t k = 0; k < f->k; k++) scores[k] /= total;
    return weight * log(total) - own;
}

static hana_status loss_block(void *context, size_t block, int worker, hana_error *err)
{
    (void)worker, (void)err;
    const loss_work *l = context;
    const fitting *f = l->f;
    size_t from = block * ROWS_PER_BLOCK, to = from + ROWS_PER_BLOCK;
    if (to > f->z.rows) to = f->z.rows;
    double sum = 0;
    for (size_t i = from; i < to; i++) {
        double *p = f->p + i * f->k, w = weight_of(f, i);
        for (size_t k = 0; k < f->k; k++)
            p[k] = f->eta[i * f->k + k] + l->t * f->eta_step[i * f->k + k];
        if (w > 0) sum += w * row_loss(f, i, p);
        if (!l->with_slopes) continue;
        for (size_t k = 0; k < f->k; k++)
            f->r[i * f->k + k] = w > 0 ? w * (p[k] - target(f, i, k)) : 0;
    }
    l->partials[block] = sum;
    return HANA_OK;
}

/* Loss and penalty at theta + t step. */
static hana_status objective(double *out, fitting *f, double t, int with_slopes,
                             hana_error *err)
{
    size_t blocks = (f->z.rows + ROWS_PER_BLOCK - 1) / ROWS_PER_BLOCK;
    loss_work l = { .f = f, .t = t, .with_slopes = with_slopes };
    l.partials = hana_alloc(blocks, sizeof *l.partials);
    if (!l.partials) return hana_fail_memory(err);
    hana_status status = hana_parallel(f->job, blocks, loss_block, &l, err);
    if (status == HANA_OK) {
        hana_tree_sum(l.partials, blocks, 1);
        double penalty = 0;
        for (size_t k = 0; k < f->k; k++)
            for (size_t j = 0; j < f->width; j++) {
                double b = f->theta[k * f->width + j] + t * f->step[k * f->width + j];
                penalty += f->penalty[j] * b * b;
            }
        *out = l.partials[0] + penalty / 2;
    }
    hana_free(l.partials);
    return status;
}

typedef struct hessian_work {
    const fitting *f;
    hana_row_blocks cut;
    double *partials; /* dim x dim a block */
    double *chunks;   /* rows x (width + width + dim) a worker */
} hessian_work;

/* Z' diag(w p) Z on the diagonal blocks, less U'U with rows sqrt(w) p (x) z. */
static void add_softmax(const fitting *f, double *hessian, const double *z,
                        double *scaled, double *u, size_t from, size_t n)
{
    size_t width = f->width, dim = f->dim;
    for (size_t k = 0; k < f->k; k++) {
        for (size_t i = 0; i < n; i++) {
            double w = weight_of(f, from + i), p = f->p[(from + i) * f->k + k];
            double root = sqrt(w * p), other = sqrt(w) * p;
            for (size_t j = 0; j < width; j++) {
                scaled[i * width + j] = root * z[i * width + j];
                u[i * dim + k * width + j] = other * z[i * width + j];
            }
        }
        cblas_dsyrk(CblasRowMajor, CblasUpper, CblasTrans, (int)width, (int)n, 1, scaled,
                    (int)width, 1, hessian + k * width * dim + k * width, (int)dim);
    }
    cblas_dsyrk(CblasRowMajor, CblasUpper, CblasTrans, (int)dim, (int)n, -1, u, (int)dim,
                1, hessian, (int)dim);
}

static hana_status hessian_block(void *context, size_t block, int worker, hana_error *err)
{
    (void)err;
    const hessian_work *h = context;
    const fitting *f = h->f;
    size_t most = hana_scaled_chunk_rows(&f->z), width = f->width;
    double *z = h->chunks + (size_t)worker * most * (2 * width + f->dim);
    double *scaled = z + most * width, *u = scaled + most * width;
    double *hessian = h->partials + block * f->dim * f->dim;
    size_t to = hana_row_blocks_to(&h->cut, block);
    for (size_t from = hana_row_blocks_from(&h->cut, block); from < to; from += most) {
        size_t n = to - from < most ? to - from : most;
        hana_scaled_chunk(z, &f->z, from, n);
        if (f->k > 1) {
            add_softmax(f, hessian, z, scaled, u, from, n);
            continue;
        }
        for (size_t i = 0; i < n; i++) {
            double p = f->p[from + i], root = sqrt(weight_of(f, from + i) * p * (1 - p));
            for (size_t j = 0; j < width; j++)
                scaled[i * width + j] = root * z[i * width + j];
        }
        cblas_dsyrk(CblasRowMajor, CblasUpper, CblasTrans, (int)width, (int)n, 1, scaled,
                    (int)width, 1, hessian, (int)width);
    }
    return HANA_OK;
}

static hana_status form_hessian(fitting *f, hana_error *err)
{
    size_t square = f->dim * f->dim, most = ((size_t)1 << 22) / square;
    hessian_work h = { .f = f };
    hana_status status = HANA_OK;
    h.cut = hana_row_blocks_cut(f->z.rows, 256, most > 64 ? 64 : most < 2 ? 2 : most);
    h.partials = hana_alloc_zero(h.cut.n * square, sizeof *h.partials);
    h.chunks = hana_alloc((size_t)hana_job_threads(f->job) *
                              hana_scaled_chunk_rows(&f->z) * (2 * f->width + f->dim),
                          sizeof *h.chunks);
    if (!h.partials || !h.chunks)
        status = hana_fail_memory(err);
    else
        status = hana_parallel(f->job, h.cut.n, hessian_block, &h, err);
    if (status == HANA_OK) {
        hana_tree_sum(h.partials, h.cut.n, square);
        memcpy(f->hessian, h.partials, square * sizeof *f->hessian);
    }
    hana_free(h.partials);
    hana_free(h.chunks);
    return status;
}

/* Penalty, gauge and the unused entries on the Hessian. The loss does not change along
   equal shifts of all classes; the gauge gives that direction a curvature without
   touching the step, which has no part in it. */
static void complete_hessian(fitting *f)
{
    size_t dim = f->dim, width = f->width;
    double trace = 0;
    for (size_t a = 0; a < dim; a++) trace += f->hessian[a * dim + a];
    f->gauge = f->k > 1 ? (trace + 1e-300) / (double)(dim * f->k) : 0;
    for (size_t k = 0; k < f->k; k++)
        for (size_t j = 0; j < width; j++) {
            size_t a = k * width + j;
            f->hessian[a * dim + a] += f->penalty[j];
            for (size_t l = k; f->k > 1 && l < f->k; l++)
                f->hessian[a * dim + l * width + j] += f->gauge;
            int unused = j < f->z.cols ? f->z.constant[j] : !f->z.intercept;
            if (unused) f->hessian[a * dim + a] += 1;
        }
}

/* step = -H^-1 gradient. A Hessian that rounding has made singular gets a growing
 * multiple of I. */
static hana_status newton_step(fitting *f, hana_error *err)
{
    size_t dim = f->dim;
    int n = (int)dim, one = 1, info = 1;
    HANA_TRY(form_hessian(f, err));
    complete_hessian(f);
    double top = 0;
    for (size_t a = 0; a < dim; a++) top = fmax(top, f->hessian[a * dim + a]);
    for (size_t a = 0; a < dim; a++)
        for (size_t b = 0; b < a; b++) f->hessian[a * dim + b] = f->hessian[b * dim + a];
    double *kept = hana_alloc(dim, sizeof *kept);
    if (!kept) return hana_fail_memory(err);
    for (size_t a = 0; a < dim; a++) kept[a] = f->hessian[a * dim + a];
    for (double shift = 0; shift<1; shift = shift> 0 ? shift * 100 : 1e-12) {
        for (size_t a = 0; a < dim; a++) {
            f->hessian[a * dim + a] = kept[a] + shift * top;
            /* The lower triangle by rows is the copy that survives the factorization. */
            for (size_t b = a + 1; b < dim; b++)
                f->hessian[a * dim + b] = f->hessian[b * dim + a];
        }
        dpotrf_("L", &n, f->hessian, &n, &info, 1);
        if (info == 0) break;
    }
    hana_free(kept);
    if (info != 0)
        return hana_fail(err, HANA_NUMERIC, "%s: the Hessian is not positive definite",
                         f->options->name);
    for (size_t a = 0; a < dim; a++) f->step[a] = -f->gradient[a];
    dpotrs_("L", &n, &one, f->hessian, &n, f->step, &n, &info, 1);
    return HANA_OK;
}

/* out = H v. Uses eta_step and r as scratch. */
static hana_status apply_hessian(double *out, fitting *f, const double *v,
                                 hana_error *err)
{
    HANA_TRY(hana_scaled_forward(f->eta_step, &f->z, v, f->k, f->job, err));
    for (size_t i = 0; i < f->z.rows; i++) {
        const double *p = f->p + i * f->k, *q = f->eta_step + i * f->k;
        double *r = f->r + i * f->k, w = weight_of(f, i), mean = 0;
        if (f->k == 1) {
            r[0] = w * p[0] * (1 - p[0]) * q[0];
            continue;
        }
        for (size_t k = 0; k < f->k; k++) mean += p[k] * q[k];
        for (size_t k = 0; k < f->k; k++) r[k] = w * p[k] * (q[k] - mean);
    }
    HANA_TRY(hana_scaled_adjoint(out, &f->z, f->r, f->k, f->job, err));
    for (size_t k = 0; k < f->k; k++)
        for (size_t j = 0; j < f->width; j++)
            out[k * f->width + j] += f->penalty[j] * v[k * f->width + j];
    return HANA_OK;
}

/* Preconditioned by the diagonal that the Hessian has when the features are independent
   of the probabilities. The tolerance falls with the gradient, so that the outer steps
   converge superlinearly (Dembo, Eisenstat and Steihaug 1982). */
static hana_status cg_step(fitting *f, double gradient_size, hana_error *err)
{
    size_t dim = f->dim;
    double *res = f->cg, *dir = res + dim, *image = dir + dim, *diagonal = image + dim;
    for (size_t k = 0; k < f->k; k++) {
        double curvature = 0;
        for (size_t i = 0; i < f->z.rows; i++) {
            double p = f->p[i * f->k + k];
            curvature += weight_of(f, i) * p * (1 - p);
        }
        for (size_t j = 0; j < f->width; j++)
            diagonal[k * f->width + j] = curvature + f->penalty[j] + 1e-300;
    }
    double norm2 = 0;
    for (size_t a = 0; a < dim; a++) {
        f->step[a] = 0;
        res[a] = -f->gradient[a];
        dir[a] = res[a] / diagonal[a];
        norm2 += res[a] * dir[a];
    }
    double share = fmin(0.1, sqrt(gradient_size)), goal = share * share * norm2;
    for (int i = 0; i < MOST_CG && norm2 > goal; i++) {
        HANA_TRY(hana_job_check(f->job, err));
        HANA_TRY(apply_hessian(image, f, dir, err));
        double curvature = hana_dot(dir, image, dim);
        if (!(curvature > 0)) break;
        double alpha = norm2 / curvature, next = 0;
        for (size_t a = 0; a < dim; a++) {
            f->step[a] += alpha * dir[a];
            res[a] -= alpha * image[a];
            next += res[a] * res[a] / diagonal[a];
        }
        for (size_t a = 0; a < dim; a++)
            dir[a] = res[a] / diagonal[a] + next / norm2 * dir[a];
        norm2 = next;
    }
    return HANA_OK;
}

/* 1 when the scores put every row that counts strictly on the side of its class. */
static int separates(const fitting *f)
{
    for (size_t i = 0; i < f->z.rows; i++) {
        if (weight_of(f, i) <= 0) continue;
        const double *eta = f->eta + i * f->k;
        if (f->k == 1) {
            double t = target(f, i, 0);
            if ((t != 0 && t != 1) || !((2 * t - 1) * eta[0] > 0)) return 0;
            continue;
        }
        size_t own = f->k;
        for (size_t k = 0; k < f->k; k++)
            if (target(f, i, k) == 1) own = k;
        if (own == f->k) return 0;
        for (size_t k = 0; k < f->k; k++)
            if (k != own && !(eta[own] > eta[k])) return 0;
    }
    return 1;
}

static double largest_move(const fitting *f)
{
    double most = 0;
    for (size_t i = 0; i < f->z.rows; i++)
        if (weight_of(f, i) > 0)
            for (size_t k = 0; k < f->k; k++)
                most = fmax(most, fabs(f->eta_step[i * f->k + k]));
    return most;
}

static void advance(fitting *f, double t)
{
    for (size_t a = 0; a < f->dim; a++) f->theta[a] += t * f->step[a];
    for (size_t a = 0; a < f->z.rows * f->k; a++) f->eta[a] += t * f->eta_step[a];
}

static hana_status iterate(outcome *out, fitting *f, hana_error *err)
{
    double value, trial, size = 0;
    *out = GOES_ON;
    memset(f->step, 0, f->dim * sizeof *f->step);
    memset(f->eta_step, 0, f->z.rows * f->k * sizeof *f->eta_step);
    HANA_TRY(objective(&value, f, 0, 1, err));
    if (!isfinite(value))
        return hana_fail(
            err, HANA_NUMERIC,
            "%s: the features are too large or too small for doubles; rescale them",
            f->options->name);
    HANA_TRY(hana_scaled_adjoint(f->gradient, &f->z, f->r, f->k, f->job, err));
    for (size_t k = 0; k < f->k; k++)
        for (size_t j = 0; j < f->width; j++) {
            size_t a = k * f->width + j;
            f->gradient[a] += f->penalty[j] * f->theta[a];
            size = fmax(size, fabs(f->gradient[a]) / f->z.weight);
        }
    HANA_TRY(f->dense ? newton_step(f, err) : cg_step(f, size, err));
    HANA_TRY(hana_scaled_forward(f->eta_step, &f->z, f->step, f->k, f->job, err));
    double move = largest_move(f), slope = hana_dot(f->gradient, f->step, f->dim);
    if (size <= f->options->tol && move <= 1e-3) {
        advance(f, 1);
        *out = CONVERGED;
        return HANA_OK;
    }
    if (size <= f->options->tol && move > 0.1 && f->options->lambda <= 0) {
        *out = QUASI_SEPARATED;
        return HANA_OK;
    }
    double t = 1, slack = 1e-13 * fabs(value);
    for (int halvings = 0;; halvings++, t /= 2) {
        HANA_TRY(objective(&trial, f, t, 0, err));
        if (trial <= value + 1e-4 * t * slope + slack) break;
        if (halvings == 40) {
            *out = size <= 1e-6 ? CONVERGED : STALLED;
            return HANA_OK;
        }
    }
    advance(f, t);
    if (f->options->lambda <= 0 && separates(f)) *out = SEPARATED;
    return HANA_OK;
}

/* Wald standard errors from the inverse of the Hessian at the estimates. */
static hana_status set_std_errors(fitting *f, hana_linear_model *model, hana_error *err)
{
    size_t dim = f->dim, width = f->width, cols = f->z.cols;
    int n = (int)dim, info = 0;
    double value;
    memset(f->step, 0, dim * sizeof *f->step);
    memset(f->eta_step, 0, f->z.rows * f->k * sizeof *f->eta_step);
    HANA_TRY(objective(&value, f, 0, 1, err));
    HANA_TRY(newton_step(f, err));
    dpotri_("L", &n, f->hessian, &n, &info, 1);
    if (info != 0) return HANA_OK;
    double *row = hana_alloc(width, sizeof *row);
    if (!row) return hana_fail_memory(err);
    for (size_t j = 0; j < cols; j++)
        row[j] = f->z.constant[j] ? 0 : -f->z.mean[j] / f->z.scale[j];
    row[cols] = 1;
    /* What the gauge added to the inverse, in each pair of equal features. */
    double excess = f->k > 1 ? 1 / (f->gauge * (double)(f->k * f->k)) : 0;
    for (size_t k = 0; k < f->k; k++) {
        const double *block = f->hessian + k * width * dim + k * width;
        double *out = model->std_error + k * width, of_intercept = 0;
        for (size_t a = 0; a < width; a++) {
            of_intercept += row[a] * row[a] * (block[a * dim + a] - excess);
            for (size_t b = a + 1; b < width; b++)
                of_intercept += 2 * row[a] * row[b] * block[a * dim + b];
        }
        for (size_t j = 0; j < cols; j++)
            if (!f->z.constant[j])
                out[1 + j] = sqrt(block[j * dim + j] - excess) / f->z.scale[j];
        if (f->z.intercept) out[0] = sqrt(of_intercept);
    }
    hana_free(row);
    return HANA_OK;
}

/* Columns that depend on others have no estimates of their own without a penalty: the
   least-squares fit of the same columns names them. */
static hana_status check_rank(fitting *f, hana_error *err)
{
    hana_linear_model unused = { 0 };
    double *y = hana_alloc_zero(f->z.rows, sizeof *y);
    if (!y) return hana_fail_memory(err);
    hana_status status =
        hana_least_squares_solve(&unused, f->options->name, 0, f->z.intercept, f->problem,
                                 f->z.dense, y, f->w, f->job, err);
    hana_free(y);
    hana_linear_model_clear(&unused);
    return status;
}

static hana_status set_up(fitting *f, hana_error *err)
{
    HANA_TRY(hana_scaled_new(&f->z, f->problem, f->options->intercept, f->job, err));
    f->width = f->z.cols + 1;
    f->dim = f->k * f->width;
    f->dense = !f->z.sparse && f->dim <= MOST_NEWTON;
    size_t n = f->z.rows * f->k, dim = f->dim;
    f->theta = hana_alloc_zero(dim, sizeof *f->theta);
    f->step = hana_alloc(dim, sizeof *f->step);
    f->gradient = hana_alloc(dim, sizeof *f->gradient);
    f->eta = hana_alloc_zero(n, sizeof *f->eta);
    f->eta_step = hana_alloc(n, sizeof *f->eta_step);
    f->p = hana_alloc(n, sizeof *f->p);
    f->r = hana_alloc(n, sizeof *f->r);
    f->penalty = hana_alloc_zero(f->width, sizeof *f->penalty);
    f->hessian = hana_alloc(f->dense ? dim * dim : 1, sizeof *f->hessian);
    f->cg = hana_alloc(f->dense ? 1 : 4 * dim, sizeof *f->cg);
    if (!f->theta || !f->step || !f->gradient || !f->eta || !f->eta_step || !f->p ||
        !f->r || !f->penalty || !f->hessian || !f->cg)
        return hana_fail_memory(err);
    for (size_t j = 0; j < f->z.cols; j++)
        f->penalty[j] = f->options->lambda / f->z.scale[j] / f->z.scale[j];
    if (f->options->lambda <= 0 && !f->z.sparse) return check_rank(f, err);
    return HANA_OK;
}

static void fitting_clear(fitting *f)
{
    hana_scaled_clear(&f->z);
    hana_free(f->theta);
    hana_free(f->step);
    hana_free(f->gradient);
    hana_free(f->eta);
    hana_free(f->eta_step);
    hana_free(f->p);
    hana_free(f->r);
    hana_free(f->penalty);
    hana_free(f->hessian);
    hana_free(f->cg);
}

static hana_status run(fitting *f, hana_linear_model *model, hana_fit_facts *facts,
                       hana_error *err)
{
    const hana_logistic_options *o = f->options;
    outcome how = GOES_ON;
    int64_t iterations = 0;
    HANA_TRY(set_up(f, err));
    while (how == GOES_ON && iterations < o->max_iter) {
        HANA_TRY(hana_job_check(f->job, err));
        HANA_TRY(iterate(&how, f, err));
        iterations++;
    }
    int with_errors = o->lambda <= 0 && f->dense && how == CONVERGED;
    HANA_TRY(hana_linear_model_alloc(model, f->k, f->z.cols, with_errors, err));
    model->has_intercept = o->intercept;
    hana_scaled_restore(model->coef, model->intercept, &f->z, f->theta, f->k);
    if (with_errors) HANA_TRY(set_std_errors(f, model, err));
    int separated = how == SEPARATED || how == QUASI_SEPARATED;
    if (separated)
        hana_job_warn(f->job,
                      "%s: the classes are %s by the features, so that the coefficients "
                      "grow without "
                      "end; say lambda > 0",
                      o->name, how == SEPARATED ? "separated" : "partly separated");
    *facts = (hana_fit_facts){ .has_iterations = 1,
                               .iterations = iterations,
                               .has_converged = 1,
                               .converged = how == CONVERGED,
                               .explained = separated };
    return HANA_OK;
}

hana_status hana_logistic_fit(hana_linear_model *model,
                              const hana_logistic_options *options, hana_problem *problem,
                              hana_fit_facts *facts, hana_job *job, hana_error *err)
{
    size_t classes = hana_problem_classes(problem);
    fitting f = { .options = options,
                  .problem = problem,
                  .job = job,
                  .k = classes > 2 ? classes : 1,
                  .codes = hana_problem_codes(problem),
                  .proba = hana_problem_proba(problem),
                  .w = hana_problem_weights(problem) };
    hana_status status = run(&f, model, facts, err);
    fitting_clear(&f);
    return status;
}
