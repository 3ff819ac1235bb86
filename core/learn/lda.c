#include "base/dot.h"
#include "base/lapack.h"
#include "learn/learner.h"

#include <math.h>
#include <string.h>

/* Linear discriminant analysis: normal classes of one covariance (Hastie, Tibshirani and
   Friedman, The Elements of Statistical Learning, section 4.3). The covariance is the
   weighted one within the classes with divisor n, as scikit-learn's lsqr solver has it,
   shrunk towards the mean variance times the identity by `shrinkage`. */

typedef struct options {
    double shrinkage;
} options;

static const hana_option rows[] = {
    HANA_OPTION_NUMBER(
        options, shrinkage, .low = 0, .high = 1,
        .help = "share of the mean variance times the identity in the covariance"),
};

typedef struct state {
    size_t n_classes, n_features;
    double *coef;      /* n_classes x n_features */
    double *intercept; /* n_classes */
} state;

static void clear(void *pointer)
{
    state *s = pointer;
    hana_free(s->coef);
    hana_free(s->intercept);
}

/* What is learned on the way: means of the classes and their shares. */
typedef struct work {
    size_t n, p, k;
    const double *x, *weights;
    const int32_t *codes;
    double *mean, *share; /* k x p, k */
    double *covariance;   /* p x p, symmetric */
    double *rows;         /* a block of centred rows */
    double total;
} work;

enum { BLOCK = 256 };

static void find_means(work *w)
{
    for (size_t i = 0; i < w->n; i++) {
        double weight = w->weights ? w->weights[i] : 1;
        size_t c = (size_t)w->codes[i];
        w->share[c] += weight;
        for (size_t j = 0; j < w->p; j++)
            w->mean[c * w->p + j] += weight * w->x[i * w->p + j];
    }
    for (size_t c = 0; c < w->k; c++) {
        for (size_t j = 0; j < w->p; j++) w->mean[c * w->p + j] /= w->share[c];
        w->total += w->share[c];
    }
    for (size_t c = 0; c < w->k; c++) w->share[c] /= w->total;
}

static hana_status find_covariance(work *w, double shrinkage, hana_job *job,
                                   hana_error *err)
{
    size_t p = w->p;
    for (size_t from = 0; from < w->n; from += BLOCK) {
        size_t m = w->n - from < BLOCK ? w->n - from : BLOCK;
        HANA_TRY(hana_job_check(job, err));
        for (size_t i = 0; i < m; i++) {
            size_t row = from + i, c = (size_t)w->codes[row];
            double scale = sqrt((w->weights ? w->weights[row] : 1) / w->total);
            for (size_t j = 0; j < p; j++)
                w->rows[i * p + j] = scale * (w->x[row * p + j] - w->mean[c * p + j]);
        }
        cblas_dsyrk(CblasRowMajor, CblasLower, CblasTrans, (int)p, (int)m, 1, w->rows,
                    (int)p, 1, w->covariance, (int)p);
    }
    double variance = 0;
    for (size_t j = 0; j < p; j++) variance += w->covariance[j * p + j] / (double)p;
    for (size_t i = 0; i < p; i++)
        for (size_t j = 0; j <= i; j++)
            w->covariance[i * p + j] = (1 - shrinkage) * w->covariance[i * p + j] +
                                       (i == j ? shrinkage * variance : 0);
    return HANA_OK;
}

/* coef = mean x inverse covariance, intercept = log share - mean . coef / 2. */
static hana_status solve(state *s, work *w, hana_error *err)
{
    int p = (int)w->p, k = (int)w->k, info;
    memcpy(s->coef, w->mean, w->k * w->p * sizeof *s->coef);
    /* Lower by rows is upper by columns, which is how LAPACK looks at it. */
    dpotrf_("U", &p, w->covariance, &p, &info, 1);
    double least = INFINITY, most = 0;
    for (size_t j = 0; info == 0 && j < w->p; j++) {
        least = fmin(least, w->covariance[j * w->p + j]);
        most = fmax(most, w->covariance[j * w->p + j]);
    }
    if (info != 0 || !(least > 1e-8 * most))
        return hana_fail(
            err, HANA_NUMERIC,
            "lda: the features are collinear or constant within the classes: drop "
            "some, or say shrinkage = 0.1");
    dpotrs_("U", &p, &k, w->covariance, &p, s->coef, &p, &info, 1);
    for (size_t c = 0; c < w->k; c++)
        s->intercept[c] =
            log(w->share[c]) - hana_dot(w->mean + c * w->p, s->coef + c * w->p, w->p) / 2;
    return HANA_OK;
}

static hana_status fit(void *pointer, const void *given, hana_problem *p,
                       hana_fit_facts *facts, hana_job *job, hana_error *err)
{
    (void)facts;
    state *s = pointer;
    const options *o = given;
    const hana_matrix *x;
    HANA_TRY(hana_problem_matrix(&x, p, err));
    work w = { .n = x->rows,
               .p = x->cols,
               .k = hana_problem_classes(p),
               .x = x->data,
               .weights = hana_problem_weights(p),
               .codes = hana_problem_codes(p) };
    s->n_classes = w.k;
    s->n_features = w.p;
    s->coef = hana_alloc(w.k * w.p, sizeof *s->coef);
    s->intercept = hana_alloc(w.k, sizeof *s->intercept);
    w.mean = hana_alloc_zero(w.k * w.p, sizeof *w.mean);
    w.share = hana_alloc_zero(w.k, sizeof *w.share);
    w.covariance = hana_alloc_zero(w.p * w.p, sizeof *w.covariance);
    w.rows = hana_alloc(BLOCK * w.p, sizeof *w.rows);
    hana_status status = HANA_OK;
    if (!s->coef || !s->intercept || !w.mean || !w.share || !w.covariance || !w.rows)
        status = hana_fail_memory(err);
    if (status == HANA_OK) {
        find_means(&w);
        status = find_covariance(&w, o->shrinkage, job, err);
    }
    if (status == HANA_OK) status = solve(s, &w, err);
    hana_free(w.mean);
    hana_free(w.share);
    hana_free(w.covariance);
    hana_free(w.rows);
    return status;
}

static hana_status predict_proba(const void *pointer, hana_problem *p, hana_matrix *out,
                                 hana_job *job, hana_error *err)
{
    (void)job;
    const state *s = pointer;
    const hana_matrix *x;
    HANA_TRY(hana_problem_matrix(&x, p, err));
    for (size_t i = 0; i < x->rows; i++) {
        double *to = out->data + i * out->stride, most = -INFINITY, sum = 0;
        for (size_t c = 0; c < s->n_classes; c++) {
            to[c] =
                s->intercept[c] + hana_dot(x->data + i * x->stride,
                                           s->coef + c * s->n_features, s->n_features);
            most = fmax(most, to[c]);
        }
        for (size_t c = 0; c < s->n_classes; c++) sum += to[c] = exp(to[c] - most);
        for (size_t c = 0; c < s->n_classes; c++) to[c] /= sum;
    }
    return HANA_OK;
}

static hana_status export(const void *pointer, size_t n_features, hana_export *out,
                          hana_error *err)
{
    const state *s = pointer;
    out->kind = HANA_EXPORT_LINEAR;
    out->link = HANA_LINK_SOFTMAX;
    out->n_outputs = s->n_classes;
    out->coef = hana_alloc(s->n_classes * n_features, sizeof *out->coef);
    out->intercept = hana_alloc(s->n_classes, sizeof *out->intercept);
    if (!out->coef || !out->intercept) return hana_fail_memory(err);
    memcpy(out->coef, s->coef, s->n_classes * n_features * sizeof *out->coef);
    memcpy(out->intercept, s->intercept, s->n_classes * sizeof *out->intercept);
    return HANA_OK;
}

static size_t bytes(const void *pointer)
{
    const state *s = pointer;
    return sizeof *s + s->n_classes * (s->n_features + 1) * sizeof *s->coef;
}

static hana_status save(const void *pointer, hana_writer *writer, hana_error *err)
{
    const state *s = pointer;
    HANA_TRY(hana_put_int(writer, "features", (int64_t)s->n_features, err));
    HANA_TRY(
        hana_put_doubles(writer, "coef", s->coef, s->n_classes * s->n_features, err));
    return hana_put_doubles(writer, "intercept", s->intercept, s->n_classes, err);
}

static hana_status load(void *pointer, hana_reader *reader, hana_error *err)
{
    state *s = pointer;
    int64_t features;
    size_t n = 0;
    HANA_TRY(hana_get_int(reader, "features", &features, err));
    HANA_TRY(hana_get_doubles(reader, "coef", &s->coef, &n, err));
    HANA_TRY(hana_get_doubles(reader, "intercept", &s->intercept, &s->n_classes, err));
    if (features < 1 || s->n_classes < 2 || n / (size_t)features != s->n_classes ||
        n % (size_t)features)
        return hana_fail(err, HANA_BAD_FORMAT, "lda: the saved coefficients are damaged");
    s->n_features = (size_t)features;
    return HANA_OK;
}

/* Without shrinkage the covariance must be of full rank. */
static int full_rank(const void *given)
{
    return ((const options *)given)->shrinkage == 0;
}

const hana_learner hana_lda = {
    .part = { .name = "lda",
              .help = "Linear discriminant analysis: normal classes of one covariance.",
              .kind = HANA_PART_LEARNER,
              .version = 1,
              .tags = HANA_TAG_CLASSIFICATION,
              .options = { .size = sizeof(options), HANA_ROWS(rows) } },
    .state_size = sizeof(state),
    .fit = fit,
    .predict_proba = predict_proba,
    .export = export,
    .bytes = bytes,
    .save = save,
    .load = load,
    .clear = clear,
    .full_rank = full_rank
};
