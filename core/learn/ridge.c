/* Ridge regression (Hoerl and Kennard, "Ridge regression: biased estimation for
   nonorthogonal problems", Technometrics 12, 1970): least squares with a penalty lambda
   |b|^2 / 2, intercept unpenalized. */
#include "learn/least_squares.h"

#include <math.h>

typedef struct options {
    double lambda;
    int intercept;
} options;

static const options defaults = { .lambda = 1, .intercept = 1 };

static const hana_option rows[] = {
    HANA_OPTION_NUMBER(options, lambda, .help = "penalty on the squared coefficients",
                       .high = HUGE_VAL),
    HANA_OPTION_FLAG(options, intercept, .help = "fit an intercept"),
};

static hana_status fit(void *state, const void *opts, hana_problem *problem,
                       hana_fit_facts *facts, hana_job *job, hana_error *err)
{
    const options *o = opts;
    if (hana_problem_is_sparse(problem) && o->lambda > 0)
        return hana_least_squares_cg(state, o->lambda, o->intercept, problem, facts, job,
                                     err);
    return hana_least_squares_fit(state, "ridge", o->lambda, o->intercept, problem, job,
                                  err);
}

static int full_rank(const void *opts)
{
    return ((const options *)opts)->lambda <= 0;
}

const hana_learner hana_ridge = {
    .part = { .name = "ridge",
              .help = "Linear regression with a penalty on squared coefficients.",
              .kind = HANA_PART_LEARNER,
              .version = 1,
              .tags = HANA_TAG_REGRESSION | HANA_TAG_SPARSE,
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
