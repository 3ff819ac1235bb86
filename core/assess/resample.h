#ifndef HANA_ASSESS_RESAMPLE_H
#define HANA_ASSESS_RESAMPLE_H

#include "learn/crossfit.h"
#include "measure/metrics.h"

/* Cross-validation: how a spec does on rows it was not fitted to. Clones are fitted; a
   fitted state is never used. Unlabeled rows are always training rows and never scored.
   With the role `by_time` the folds follow each other in time and each is predicted from
   the rows before it. */

typedef struct hana_resample_options {
    size_t folds, repeats; /* at least 2 (or, by time, 1) and 1 */
    int stratify;          /* classification: folds keep the class shares */
    uint64_t seed;
} hana_resample_options;

typedef struct hana_resampled {
    const hana_frame *frame; /* counted */
    hana_target target;
    size_t rows, folds, repeats;
    int has_proba;
    double *y; /* truth; one of these */
    int32_t *codes;
    double *weights;                       /* or NULL */
    int32_t *fold;                         /* repeats x rows; -1: not scored */
    hana_matrix out;                       /* (repeats x rows) x (1 or classes) */
    double *fit_seconds, *predict_seconds; /* repeats x folds */
    size_t *n_train, *n_test;
} hana_resampled;

HANA_API hana_status hana_resample(hana_resampled *out, const hana_spec *spec,
                                   const hana_frame *frame, const hana_roles *roles,
                                   const hana_resample_options *options, hana_job *job,
                                   hana_error *err);
HANA_API void hana_resampled_clear(hana_resampled *resampled);

/* A row a scored row and repeat, with the ids of the rows: row (from 1), repeat, fold
   (from 1), truth, prediction (null where the model abstains), and a column a class,
   p_<class>, where there are probabilities. */
HANA_API hana_status hana_resampled_predictions(hana_frame **out,
                                                const hana_resampled *resampled,
                                                hana_error *err);

typedef struct hana_resample_metric {
    const char *name;
    const char *label;      /* of its column */
    const hana_value *args; /* a map, or NULL */
} hana_resample_metric;
/* A row a fold: repeat, fold, n_train, n_test, fit_seconds, predict_seconds, then a
 * column a metric. */
HANA_API hana_status hana_resampled_folds(hana_frame **out,
                                          const hana_resampled *resampled,
                                          const hana_resample_metric *metrics, size_t n,
                                          hana_error *err);

/* Mean, standard deviation and a 95% interval of values from k folds repeated, by the
   corrected resampled t-test (Nadeau and Bengio, "Inference for the generalization
   error", Machine Learning 52, 2003): variance x (1/n + test rows / training rows). NaN
   values are left out; the interval is NaN with fewer than two. */
typedef struct hana_resample_mean {
    double mean, sd, low, high;
    size_t n;
} hana_resample_mean;
HANA_API hana_resample_mean hana_resample_summarize(const double *values, size_t n,
                                                    double test_over_train);

#endif
