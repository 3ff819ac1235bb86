/* Linear regression by weighted least squares, with standard errors (Hastie, Tibshirani
   and Friedman, The Elements of Statistical Learning, 2nd ed., section 3.2). A weight of
   k is k equal rows. */
#include "learn/least_squares.h"

typedef struct options {
    int intercept;
} options;

static const options defaults = { .intercept = 1 };

static const hana_option rows[] = {
    HANA_OPTION_FLAG(options, intercept, .help = "fit an intercept"),
};

static hana_status fit(void *state, const void *opts, hana_problem *problem,
                       hana_fit_facts *facts, hana_job *job, hana_error *err)
{
    const options *o = opts;
    (void)facts;
    return hana_least_squares_fit(state, "linear_regression", 0, o->intercept, problem,
                                  job, err);
}

static int full_rank(const void *opts)
{
    (void)opts;
    return 1;
}

const hana_learner hana_linear_regression = {
    .part = { .name = "linear_regression",
              .help = "Linear regression by least squares, with standard errors.",
              .kind = HANA_PART_LEARNER,
              .version = 1,
              .tags = HANA_TAG_REGRESSION,
              .options = { .size = sizeof(options),
                           .defaults = &defaults,
                           HANA_ROWS(rows) } },
    .state_size = sizeof(hana_linear_model),
    .fit = fit,
    .predict = hana_linear_model_predict,
    .summary = hana_linear_model_summary,
    .export = hana_linear_model_export_scores,
    .bytes = hana_linear_model_bytes,
    .save = hana_linear_model_save,
    .load = hana_linear_model_load,
    .clear = hana_linear_model_clear,
    .full_rank = full_rank,
};
