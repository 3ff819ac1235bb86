/* Logistic regression, binary and multinomial (Hastie, Tibshirani and Friedman, The
   Elements of Statistical Learning, 2nd ed., section 4.4), with a penalty lambda |b|^2 /
   2, intercept unpenalized: scikit-learn's C = 1 / lambda. */
#include "base/memory.h"
#include "learn/logistic.h"

#include <math.h>

typedef struct options {
    double lambda;
    int intercept;
    int64_t max_iter;
    double tol;
} options;

static const options defaults = {
    .lambda = 1, .intercept = 1, .max_iter = 100, .tol = 1e-8
};

static const hana_option rows[] = {
    HANA_OPTION_NUMBER(options, lambda,
                       .help = "penalty on the squared coefficients; 0: none",
                       .high = HUGE_VAL),
    HANA_OPTION_FLAG(options, intercept, .help = "fit an intercept"),
    HANA_OPTION_INTEGER(options, max_iter, .help = "most Newton steps", .low = 1,
                        .high = HUGE_VAL),
    HANA_OPTION_NUMBER(
        options, tol,
        .help = "largest mean gradient at the end, features in units of their spread",
        .flags = HANA_LOW_OPEN, .high = HUGE_VAL),
};

static hana_status fit(void *state, const void *opts, hana_problem *problem,
                       hana_fit_facts *facts, hana_job *job, hana_error *err)
{
    const options *o = opts;
    hana_logistic_options fitting = { .name = "logistic_regression",
                                      .lambda = o->lambda,
                                      .tol = o->tol,
                                      .max_iter = o->max_iter,
                                      .intercept = o->intercept };
    return hana_logistic_fit(state, &fitting, problem, facts, job, err);
}

static hana_status predict_proba(const void *state, hana_problem *x, hana_matrix *out,
                                 hana_job *job, hana_error *err)
{
    const hana_linear_model *model = state;
    if (model->outputs > 1) {
        HANA_TRY(hana_linear_model_scores(model, x, out, job, err));
        for (size_t i = 0; i < out->rows; i++)
            hana_softmax(out->data + i * out->stride, out->cols);
        return HANA_OK;
    }
    /* The scores go to the second column, seen as a matrix of its own. */
    hana_matrix second = {
        .data = out->data + 1, .rows = out->rows, .cols = 1, .stride = out->stride
    };
    HANA_TRY(hana_linear_model_scores(model, x, &second, job, err));
    for (size_t i = 0; i < out->rows; i++) {
        double *p = out->data + i * out->stride, score = p[1];
        p[1] = hana_sigmoid(score);
        p[0] = hana_sigmoid(-score);
    }
    return HANA_OK;
}

static hana_status export(const void *state, size_t n_features, hana_export *out,
                          hana_error *err)
{
    const hana_linear_model *model = state;
    return hana_linear_model_export(
        model, model->outputs > 1 ? HANA_LINK_SOFTMAX : HANA_LINK_LOGISTIC, n_features,
        out, err);
}

static int full_rank(const void *opts)
{
    return ((const options *)opts)->lambda <= 0;
}

const hana_learner hana_logistic_regression = {
    .part = { .name = "logistic_regression",
              .help = "Class probabilities from a linear score, with a penalty on "
                      "squared coefficients.",
              .kind = HANA_PART_LEARNER,
              .version = 1,
              .tags = HANA_TAG_CLASSIFICATION | HANA_TAG_SPARSE | HANA_TAG_SOFT_TARGETS,
              .options = { .size = sizeof(options),
                           .defaults = &defaults,
                           HANA_ROWS(rows) } },
    .state_size = sizeof(hana_linear_model),
    .fit = fit,
    .predict_proba = predict_proba,
    .summary = hana_linear_model_summary,
    .export = export,
    .bytes = hana_linear_model_bytes,
    .save = hana_linear_model_save,
    .load = hana_linear_model_load,
    .clear = hana_linear_model_clear,
    .full_rank = full_rank,
};
