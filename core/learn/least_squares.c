#include "learn/least_squares.h"

#include "base/dot.h"
#include "base/lapack.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "learn/moments.h"
#include "learn/row_qr.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* Below this reciprocal condition of the scaled cross products Cholesky may lose the
 * ninth digit. */
#define CHOLESKY_RCOND 1e-5
enum { MOST_FEATURES = 30000, PANEL = 64, NAMES_SHOWN = 4 };

/* One fit. `active` lists the columns that are solved for (all but the constant ones). */
typedef struct solver {
    const char *name;
    double lambda;
    int intercept;
    const hana_problem *problem; /* for the names of its columns */
    const hana_matrix *x;
    const double *y, *w;
    hana_moments moments;
    size_t n_active;
    size_t *active;
    double *scale;  /* of each active column: sqrt(cross + lambda) */
    double *factor; /* upper triangle R with R'R = scaled cross products, column-major,
                       pivoted */
    int *pivot;     /* factor's column k is active column pivot[k] - 1 */
    double *coef;   /* of active columns */
} solver;

static void solver_clear(solver *s)
{
    hana_moments_clear(&s->moments);
    hana_free(s->active);
    hana_free(s->scale);
    hana_free(s->factor);
    hana_free(s->pivot);
    hana_free(s->coef);
}

static double cross(const solver *s, size_t a, size_t b)
{
    return s->moments.cross[a * (s->moments.cols + 1) + b];
}

/* 1 when the rows that count all hold the same value (0 without an intercept). */
static int is_constant(const solver *s, size_t j, double *value)
{
    double mean = s->moments.mean[j];
    if (cross(s, j, j) > 1e-18 * s->moments.weight * mean * mean &&
        cross(s, j, j) > DBL_MIN)
        return 0;
    int seen = !s->intercept;
    *value = 0;
    for (size_t i = 0; i < s->x->rows; i++) {
        if (s->w && s->w[i] <= 0) continue;
        double x = s->x->data[i * s->x->stride + j];
        if (!seen) *value = x;
        seen = 1;
        if (x != *value) return 0;
    }
    return 1;
}

static hana_status choose_columns(solver *s, hana_job *job, hana_error *err)
{
    size_t p = s->moments.cols;
    s->active = hana_alloc(p, sizeof *s->active);
    s->scale = hana_alloc(p, sizeof *s->scale);
    s->coef = hana_alloc_zero(p, sizeof *s->coef);
    s->factor = hana_alloc(p * p, sizeof *s->factor);
    s->pivot = hana_alloc_zero(p, sizeof *s->pivot);
    if (!s->active || !s->scale || !s->coef || !s->factor || !s->pivot)
        return hana_fail_memory(err);
    for (size_t j = 0; j < p; j++) {
        double value;
        if (is_constant(s, j, &value)) {
            s->moments.mean[j] = value;
            if (s->lambda <= 0)
                hana_job_warn(job, "%s: column '%s' is %s: its coefficient is 0", s->name,
                              hana_problem_feature(s->problem, j)->name,
                              s->intercept ? "constant" : "0 in all rows");
            continue;
        }
        double size = cross(s, j, j) + s->lambda;
        if (!isfinite(size) || size < DBL_MIN)
            return hana_fail(err, HANA_NUMERIC,
                             "%s: column '%s' is too %s for doubles; rescale it", s->name,
                             hana_problem_feature(s->problem, j)->name,
                             size < 1 ? "small" : "large");
        s->scale[s->n_active] = sqrt(size);
        s->active[s->n_active++] = j;
    }
    size_t rows = s->x->rows;
    if (s->lambda <= 0 && s->n_active + (s->intercept != 0) > rows)
        return hana_fail(err, HANA_BAD_SHAPE,
                         "%s: %zu coefficients cannot be told from %zu rows; use fewer "
                         "columns, or a penalty (ridge, lambda > 0)",
                         s->name, s->n_active + (s->intercept != 0), rows);
    return HANA_OK;
}

/* Solves by Cholesky; *good = 0 when the condition is too poor (the factor is then of no
 * use). */
static hana_status solve_cholesky(solver *s, int *good, hana_error *err)
{
    int n = (int)s->n_active, info = 0, one = 1;
    double norm = 0, rcond = 0;
    *good = 0;
    for (size_t b = 0; b < s->n_active; b++) {
        double sum = 0;
        for (size_t a = 0; a < s->n_active; a++) {
            double value =
                a == b ? 1
                       : cross(s, s->active[a], s->active[b]) / s->scale[a] / s->scale[b];
            s->factor[b * s->n_active + a] = value;
            sum += fabs(value);
        }
        if (sum > norm) norm = sum;
    }
    dpotrf_("U", &n, s->factor, &n, &info, 1);
    if (info != 0) return HANA_OK;
    double *work = hana_alloc(3 * s->n_active, sizeof *work);
    int *iwork = hana_alloc(s->n_active, sizeof *iwork);
    if (!work || !iwork) {
        hana_free(work);
        hana_free(iwork);
        return hana_fail_memory(err);
    }
    dpocon_("U", &n, s->factor, &n, &norm, &rcond, work, iwork, &info, 1);
    hana_free(work);
    hana_free(iwork);
    if (info != 0 || !(rcond > CHOLESKY_RCOND)) return HANA_OK;
    for (size_t a = 0; a < s->n_active; a++) {
        s->coef[a] = cross(s, s->active[a], s->moments.cols) / s->scale[a];
        s->pivot[a] = (int)a + 1;
    }
    dpotrs_("U", &n, &one, s->factor, &n, s->coef, &n, &info, 1);
    for (size_t a = 0; a < s->n_active; a++) s->coef[a] /= s->scale[a];
    *good = 1;
    return HANA_OK;
}

/* Column `k` of the pivoted factor depends on those before it: names them. */
static hana_status fail_collinear(const solver *s, const double *r, int ldr, size_t k,
                                  double *part, hana_error *err)
{
    memcpy(part, r + k * (size_t)ldr, k * sizeof *part);
    if (k > 0)
        cblas_dtrsv(CblasColMajor, CblasUpper, CblasNoTrans, CblasNonUnit, (int)k, r, ldr,
                    part, 1);
    hana_text names = { 0 };
    size_t shown = 0, more = 0;
    for (size_t j = 0; j < k; j++) {
        if (fabs(part[j]) < 1e-6) continue;
        if (shown == NAMES_SHOWN) {
            more++;
            continue;
        }
        hana_text_printf(
            &names, "%s'%s'", shown++ > 0 ? ", " : "",
            hana_problem_feature(s->problem, s->active[s->pivot[j] - 1])->name);
    }
    if (more > 0) hana_text_printf(&names, " and %zu more", more);
    const char *column =
        hana_problem_feature(s->problem, s->active[s->pivot[k] - 1])->name;
    hana_status status =
        hana_fail(err, HANA_NUMERIC,
                  "%s: column '%s' is a linear combination of %s; drop one of them, or "
                  "use a penalty (ridge, lambda > 0)",
                  s->name, column, names.failed || !names.data ? "others" : names.data);
    hana_text_clear(&names);
    return status;
}

/* What rounding of the data and of the centring may leave of a dependent column, relative
   to the largest pivot. */
static double rank_tolerance(const solver *s)
{
    double offset = 1;
    for (size_t a = 0; a < s->n_active; a++) {
        double ratio =
            fabs(s->moments.mean[s->active[a]]) * sqrt(s->moments.weight) / s->scale[a];
        if (ratio > offset) offset = ratio;
    }
    double tolerance = 8 * DBL_EPSILON * (offset + sqrt((double)s->x->rows));
    return tolerance > 1e-12 ? tolerance : 1e-12;
}

/* Solves by QR of the data, the rows sqrt(lambda) I below them. */
static hana_status solve_qr(solver *s, hana_job *job, hana_error *err)
{
    size_t n = s->n_active, width = s->moments.cols + 1;
    size_t rows = width + (s->lambda > 0 ? n : 0);
    double *data = NULL, *a = NULL, *rhs = NULL, *tau = NULL, *room = NULL;
    hana_status status = hana_row_qr(&data, &s->moments, s->x, s->y, s->w, job, err);
    if (status != HANA_OK) return status;
    int m = (int)rows, cols = (int)n, one = 1, info = 0,
        n_room = (int)(width + n) * PANEL + m + 64;
    a = hana_alloc_zero(rows * n, sizeof *a);
    rhs = hana_alloc_zero(rows, sizeof *rhs);
    tau = hana_alloc(n + 1, sizeof *tau);
    room = hana_alloc((size_t)n_room, sizeof *room);
    if (!a || !rhs || !tau || !room) {
        status = hana_fail_memory(err);
        goto done;
    }
    for (size_t k = 0; k < n; k++) {
        for (size_t i = 0; i < width; i++)
            a[k * rows + i] = data[s->active[k] * width + i] / s->scale[k];
        if (s->lambda > 0) a[k * rows + width + k] = sqrt(s->lambda) / s->scale[k];
        s->pivot[k] = 0;
    }
    memcpy(rhs, data + (width - 1) * width, width * sizeof *rhs);
    dgeqp3_(&m, &cols, a, &m, s->pivot, tau, room, &n_room, &info);
    if (info == 0)
        dormqr_("L", "T", &m, &one, &cols, a, &m, tau, rhs, &m, room, &n_room, &info, 1,
                1);
    if (info != 0) {
        status = hana_fail(err, HANA_NUMERIC, "%s: qr decomposition failed (info %d)",
                           s->name, info);
        goto done;
    }
    double tolerance = rank_tolerance(s);
    for (size_t k = 0; k < n; k++)
        if (!(fabs(a[k * rows + k]) >
              (s->lambda > 0 ? DBL_MIN : tolerance * fabs(a[0])))) {
            status = fail_collinear(s, a, m, k, room, err);
            goto done;
        }
    cblas_dtrsv(CblasColMajor, CblasUpper, CblasNoTrans, CblasNonUnit, cols, a, m, rhs,
                1);
    for (size_t k = 0; k < n; k++) {
        size_t to = (size_t)s->pivot[k] - 1;
        s->coef[to] = rhs[k] / s->scale[to];
        memcpy(s->factor + k * n, a + k * rows, n * sizeof *a);
    }
done:
    hana_free(data);
    hana_free(a);
    hana_free(rhs);
    hana_free(tau);
    hana_free(room);
    return status;
}

/* One step of refinement with the factor that QR left (Bjorck's corrected seminormal
   equations): the residuals come from the data as they are, so that the rounding of the
   factor cancels. */
static hana_status refine(solver *s, hana_error *err)
{
    size_t n = s->n_active, cols = s->moments.cols;
    double *gradient = hana_alloc_zero(n + cols + 1, sizeof *gradient);
    if (!gradient) return hana_fail_memory(err);
    double *row = gradient + n;
    for (size_t i = 0; i < s->x->rows; i++) {
        hana_moments_rows(row, cols + 1, &s->moments, s->x, s->y, s->w, i, 1);
        double residual = row[cols];
        for (size_t a = 0; a < n; a++) residual -= s->coef[a] * row[s->active[a]];
        for (size_t k = 0; k < n; k++) {
            size_t a = (size_t)s->pivot[k] - 1;
            gradient[k] += residual * (row[s->active[a]] / s->scale[a]);
        }
    }
    int order = (int)n;
    for (size_t k = 0; k < n; k++) {
        size_t a = (size_t)s->pivot[k] - 1;
        gradient[k] -= s->lambda * s->coef[a] / s->scale[a];
    }
    cblas_dtrsv(CblasColMajor, CblasUpper, CblasTrans, CblasNonUnit, order, s->factor,
                order, gradient, 1);
    cblas_dtrsv(CblasColMajor, CblasUpper, CblasNoTrans, CblasNonUnit, order, s->factor,
                order, gradient, 1);
    for (size_t k = 0; k < n; k++) {
        size_t a = (size_t)s->pivot[k] - 1;
        s->coef[a] += gradient[k] / s->scale[a];
    }
    hana_free(gradient);
    return HANA_OK;
}

/* Residual sum of squares by a pass over the data: yy - b'xy cancels where the fit is
 * close. */
static double residual_square(const solver *s, const hana_linear_model *model)
{
    double sum = 0;
    for (size_t i = 0; i < s->x->rows; i++) {
        double residual = s->y[i] - s->moments.mean[s->moments.cols];
        for (size_t a = 0; a < s->n_active; a++) {
            size_t j = s->active[a];
            residual -=
                model->coef[j] * (s->x->data[i * s->x->stride + j] - s->moments.mean[j]);
        }
        sum += (s->w ? s->w[i] : 1) * residual * residual;
    }
    return sum;
}

/* Standard errors from the inverse of the factor, which is overwritten. */
static hana_status set_std_errors(solver *s, hana_linear_model *model, hana_error *err)
{
    size_t n = s->n_active;
    int order = (int)n, info = 0;
    model->freedom = s->moments.weight - (double)n - (s->intercept ? 1 : 0);
    if (!(model->freedom > 0)) return HANA_OK;
    if (n > 0) dtrtri_("U", "N", &order, s->factor, &order, &info, 1, 1);
    if (info != 0) return hana_fail(err, HANA_NUMERIC, "%s: singular factor", s->name);
    double sigma2 = residual_square(s, model) / model->freedom;
    double mean_part = 0;
    for (size_t k = 0; k < n; k++) {
        double u = 0;
        for (size_t i = 0; i <= k; i++) {
            size_t a = (size_t)s->pivot[i] - 1;
            u += s->factor[k * n + i] * (s->moments.mean[s->active[a]] / s->scale[a]);
        }
        mean_part += u * u;
    }
    for (size_t i = 0; i < n; i++) {
        size_t a = (size_t)s->pivot[i] - 1;
        double sum = 0;
        for (size_t k = i; k < n; k++) sum += s->factor[k * n + i] * s->factor[k * n + i];
        model->std_error[1 + s->active[a]] = sqrt(sigma2 * sum) / s->scale[a];
    }
    if (s->intercept)
        model->std_error[0] = sqrt(sigma2 * (1 / s->moments.weight + mean_part));
    return HANA_OK;
}

static hana_status fit_tall(solver *s, hana_linear_model *model, hana_job *job,
                            hana_error *err)
{
    HANA_TRY(hana_moments_new(&s->moments, s->x, s->y, s->w, s->intercept, job, err));
    HANA_TRY(choose_columns(s, job, err));
    int good = s->n_active == 0;
    if (!good) HANA_TRY(solve_cholesky(s, &good, err));
    if (!good) {
        HANA_TRY(solve_qr(s, job, err));
        HANA_TRY(refine(s, err));
    }
    double offset = 0;
    for (size_t a = 0; a < s->n_active; a++) {
        model->coef[s->active[a]] = s->coef[a];
        offset += s->coef[a] * s->moments.mean[s->active[a]];
    }
    if (s->intercept) model->intercept[0] = s->moments.mean[s->moments.cols] - offset;
    if (model->std_error) HANA_TRY(set_std_errors(s, model, err));
    return HANA_OK;
}

typedef struct panels {
    const double *z;
    double *kernel;
    size_t rows, cols;
} panels;

/* Rows [PANEL block, ...) of Z Z', up to the diagonal. */
static hana_status kernel_panel(void *context, size_t block, int worker, hana_error *err)
{
    (void)worker, (void)err;
    const panels *k = context;
    size_t from = block * PANEL, to = from + PANEL < k->rows ? from + PANEL : k->rows;
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)(to - from), (int)to,
                (int)k->cols, 1, k->z + from * k->cols, (int)k->cols, k->z, (int)k->cols,
                0, k->kernel + from * k->rows, (int)k->rows);
    return HANA_OK;
}

/* b = Z' (Z Z' + lambda I)^-1 r with Z = sqrt(w) (X - mean), r = sqrt(w) (y - mean).
   Centring makes sqrt(w) a null vector of Z'; a multiple of its square keeps the
   condition free of lambda there. */
static hana_status fit_wide(solver *s, hana_linear_model *model, hana_job *job,
                            hana_error *err)
{
    size_t n = s->x->rows, p = s->x->cols;
    double *z = hana_alloc(n * (p + 1), sizeof *z),
           *kernel = hana_alloc(n * n, sizeof *kernel);
    double *alpha = hana_alloc(n, sizeof *alpha);
    hana_moments *m = &s->moments;
    hana_status status = HANA_OK;
    m->cols = p;
    m->mean = hana_alloc_zero(p + 1, sizeof *m->mean);
    if (!z || !kernel || !alpha || !m->mean) {
        status = hana_fail_memory(err);
        goto done;
    }
    for (size_t i = 0; i < n; i++) {
        double w = s->w ? s->w[i] : 1;
        m->weight += w;
        for (size_t j = 0; j < p; j++) m->mean[j] += w * s->x->data[i * s->x->stride + j];
        m->mean[p] += w * s->y[i];
    }
    for (size_t j = 0; j <= p; j++)
        m->mean[j] = s->intercept ? m->mean[j] / m->weight : 0;
    for (size_t i = 0; i < n; i++) {
        hana_moments_rows(z + i * p, p, m, s->x, s->y, s->w, i,
                          1); /* y spills into the next row */
        alpha[i] = z[i * p + p];
    }
    panels k = { .z = z, .kernel = kernel, .rows = n, .cols = p };
    HANA_GOTO(done, hana_parallel(job, (n + PANEL - 1) / PANEL, kernel_panel, &k, err));
    double gauge = 0;
    for (size_t i = 0; i < n; i++) gauge += kernel[i * n + i] / (double)n;
    for (size_t i = 0; i < n; i++) {
        if (s->intercept)
            for (size_t j = 0; j <= i; j++)
                kernel[i * n + j] +=
                    gauge / m->weight * sqrt((s->w ? s->w[i] : 1) * (s->w ? s->w[j] : 1));
        kernel[i * n + i] += s->lambda;
    }
    int order = (int)n, one = 1, info = 0;
    dpotrf_("U", &order, kernel, &order, &info, 1);
    if (info != 0) {
        status =
            hana_fail(err, HANA_NUMERIC,
                      "%s: lambda is too small for %zu columns on %zu rows; raise it",
                      s->name, p, n);
        goto done;
    }
    dpotrs_("U", &order, &one, kernel, &order, alpha, &order, &info, 1);
    cblas_dgemv(CblasRowMajor, CblasTrans, (int)n, (int)p, 1, z, (int)p, alpha, 1, 0,
                model->coef, 1);
    if (s->intercept)
        model->intercept[0] = m->mean[p] - hana_dot(model->coef, m->mean, p);
done:
    hana_free(z);
    hana_free(kernel);
    hana_free(alpha);
    return status;
}

hana_status hana_least_squares_solve(hana_linear_model *model, const char *name,
                                     double lambda, int intercept,
                                     const hana_problem *problem, const hana_matrix *x,
                                     const double *y, const double *w, hana_job *job,
                                     hana_error *err)
{
    solver s = { .name = name,
                 .lambda = lambda,
                 .intercept = intercept,
                 .problem = problem,
                 .x = x,
                 .y = y,
                 .w = w };
    HANA_TRY(hana_linear_model_alloc(model, 1, x->cols, lambda <= 0, err));
    model->has_intercept = intercept;
    int wide = x->cols > x->rows && lambda > 0;
    if (!wide && x->cols > MOST_FEATURES)
        return hana_fail(err, HANA_UNSUPPORTED,
                         "%s: %zu columns are more than %d; use fewer", name, x->cols,
                         MOST_FEATURES);
    hana_status status =
        wide ? fit_wide(&s, model, job, err) : fit_tall(&s, model, job, err);
    solver_clear(&s);
    return status;
}

hana_status hana_least_squares_fit(hana_linear_model *model, const char *name,
                                   double lambda, int intercept, hana_problem *problem,
                                   hana_job *job, hana_error *err)
{
    const hana_matrix *x;
    HANA_TRY(hana_problem_matrix(&x, problem, err));
    return hana_least_squares_solve(model, name, lambda, intercept, problem, x,
                                    hana_problem_y(problem),
                                    hana_problem_weights(problem), job, err);
}
