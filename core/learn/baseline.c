#include "base/weighted.h"
#include "learn/learner.h"

#include <math.h>
#include <string.h>

/* Predicts without looking at the features: what every other model must beat. This file
   is the template of a learner: options, state, slots, one table at the end, one line in
   list.h. */

enum { AUTO, MEAN, MEDIAN, MOST_FREQUENT, PRIOR, CONSTANT };
static const char *const strategies[] = { "auto",  "mean",     "median", "most_frequent",
                                          "prior", "constant", NULL };

typedef struct options {
    int strategy;
    double value;
} options;

static const hana_option rows[] = {
    HANA_OPTION_CHOICE(options, strategy, .choices = strategies,
                       .help =
                           "auto: the mean in regression, the class shares (prior) in "
                           "classification"),
    HANA_OPTION_NUMBER(options, value, .help = "what strategy = \"constant\" predicts"),
};

typedef struct state {
    double value;  /* regression */
    double *share; /* classification: one a class */
    size_t n_classes;
} state;

static void clear(void *pointer)
{
    state *s = pointer;
    hana_free(s->share);
}

static hana_status median(double *out, const double *y, const double *w, size_t n,
                          hana_error *err)
{
    hana_weighted *values = hana_alloc(n, sizeof *values);
    if (!values) return hana_fail_memory(err);
    for (size_t i = 0; i < n; i++)
        values[i] = (hana_weighted){ .value = y[i], .weight = w ? w[i] : 1 };
    hana_weighted_sort(values, n);
    *out = hana_weighted_median(values, n);
    hana_free(values);
    return HANA_OK;
}

static hana_status fit_number(state *s, const options *o, const hana_problem *p,
                              hana_error *err)
{
    const double *y = hana_problem_y(p), *w = hana_problem_weights(p);
    size_t n = hana_problem_rows(p);
    if (o->strategy == MOST_FREQUENT || o->strategy == PRIOR)
        return hana_fail(
            err, HANA_BAD_ARGUMENT,
            "baseline: strategy '%s' is for classes, and the target is a number",
            strategies[o->strategy]);
    if (o->strategy == CONSTANT) {
        s->value = o->value;
        return HANA_OK;
    }
    if (o->strategy == MEDIAN) return median(&s->value, y, w, n, err);
    double sum = 0, total = 0;
    for (size_t i = 0; i < n; i++) {
        sum += (w ? w[i] : 1) * y[i];
        total += w ? w[i] : 1;
    }
    s->value = sum / total;
    return HANA_OK;
}

static hana_status fit(void *pointer, const void *given, hana_problem *p,
                       hana_fit_facts *facts, hana_job *job, hana_error *err)
{
    (void)facts, (void)job;
    state *s = pointer;
    const options *o = given;
    if (hana_problem_task(p) == HANA_REGRESSION) return fit_number(s, o, p, err);
    if (o->strategy == MEAN || o->strategy == MEDIAN || o->strategy == CONSTANT)
        return hana_fail(
            err, HANA_BAD_ARGUMENT,
            "baseline: strategy '%s' is for numbers, and the target has classes",
            strategies[o->strategy]);
    const int32_t *codes = hana_problem_codes(p);
    const hana_matrix *proba = hana_problem_proba(p);
    const double *w = hana_problem_weights(p);
    size_t k = hana_problem_classes(p);
    s->n_classes = k;
    s->share = hana_alloc_zero(k, sizeof *s->share);
    if (!s->share) return hana_fail_memory(err);
    double total = 0;
    for (size_t i = 0; i < hana_problem_rows(p); i++) {
        double weight = w ? w[i] : 1;
        total += weight;
        for (size_t c = 0; proba && c < k; c++)
            s->share[c] += weight * proba->data[i * proba->stride + c];
        if (!proba) s->share[codes[i]] += weight;
    }
    size_t best = 0;
    for (size_t c = 0; c < k; c++) {
        s->share[c] /= total;
        if (s->share[c] > s->share[best]) best = c;
    }
    for (size_t c = 0; o->strategy == MOST_FREQUENT && c < k; c++)
        s->share[c] = c == best;
    return HANA_OK;
}

static hana_status predict(const void *pointer, hana_problem *x, double *out,
                           hana_job *job, hana_error *err)
{
    (void)job, (void)err;
    const state *s = pointer;
    for (size_t i = 0; i < hana_problem_rows(x); i++) out[i] = s->value;
    return HANA_OK;
}

static hana_status predict_proba(const void *pointer, hana_problem *x, hana_matrix *out,
                                 hana_job *job, hana_error *err)
{
    (void)job, (void)err;
    const state *s = pointer;
    for (size_t i = 0; i < hana_problem_rows(x); i++)
        memcpy(out->data + i * out->stride, s->share, s->n_classes * sizeof *s->share);
    return HANA_OK;
}

/* A linear model without slopes. */
static hana_status export(const void *pointer, size_t n_features, hana_export *out,
                          hana_error *err)
{
    const state *s = pointer;
    size_t k = s->n_classes ? s->n_classes : 1;
    out->kind = HANA_EXPORT_LINEAR;
    out->link = s->n_classes ? HANA_LINK_SOFTMAX : HANA_LINK_IDENTITY;
    out->n_outputs = k;
    out->coef = hana_alloc_zero(k * n_features, sizeof *out->coef);
    out->intercept = hana_alloc_zero(k, sizeof *out->intercept);
    if (!out->coef || !out->intercept) return hana_fail_memory(err);
    for (size_t c = 0; c < k; c++)
        out->intercept[c] = s->n_classes ? log(s->share[c]) : s->value;
    return HANA_OK;
}

static size_t bytes(const void *pointer)
{
    const state *s = pointer;
    return sizeof *s + s->n_classes * sizeof *s->share;
}

static hana_status save(const void *pointer, hana_writer *writer, hana_error *err)
{
    const state *s = pointer;
    HANA_TRY(hana_put_number(writer, "value", s->value, err));
    return hana_put_doubles(writer, "share", s->share, s->n_classes, err);
}

static hana_status load(void *pointer, hana_reader *reader, hana_error *err)
{
    state *s = pointer;
    HANA_TRY(hana_get_number(reader, "value", &s->value, err));
    return hana_get_doubles(reader, "share", &s->share, &s->n_classes, err);
}

const hana_learner hana_baseline = {
    .part = { .name = "baseline",
              .help = "Predicts the mean, the median or the class shares: what a model "
                      "must beat.",
              .kind = HANA_PART_LEARNER,
              .version = 1,
              .tags = HANA_TAG_REGRESSION | HANA_TAG_CLASSIFICATION | HANA_TAG_MISSING |
                      HANA_TAG_SOFT_TARGETS | HANA_TAG_NO_FEATURES,
              .options = { .size = sizeof(options), HANA_ROWS(rows) } },
    .state_size = sizeof(state),
    .fit = fit,
    .predict = predict,
    .predict_proba = predict_proba,
    .export = export,
    .bytes = bytes,
    .save = save,
    .load = load,
    .clear = clear
};
