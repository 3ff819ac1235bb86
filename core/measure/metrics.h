#ifndef HANA_MEASURE_METRICS_H
#define HANA_MEASURE_METRICS_H

#include "base/matrix.h"
#include "base/value.h"
#include "data/frame.h"

/* A metric knows what it takes and which way is better. */
typedef enum hana_metric_takes { HANA_TAKES_NUMBERS, HANA_TAKES_LABELS, HANA_TAKES_PROBA } hana_metric_takes;
typedef struct hana_metric {
    const char *name, *help;
    hana_metric_takes takes;
    int higher_is_better;
} hana_metric;
HANA_API const hana_metric *hana_metric_find(const char *name);
HANA_API const hana_metric *const *hana_metrics(size_t *n);

/* What metrics are computed from. Codes index the classes; null predictions (code -1, NaN) are left
   out and counted in `abstained`; a null truth is an error. */
typedef struct hana_scored {
    size_t n;
    const double *truth, *predicted;         /* numbers */
    const int32_t *truth_code, *predicted_code;
    const hana_matrix *proba;                /* n x classes */
    const hana_column *classes;              /* typed; NULL for numbers */
    ptrdiff_t positive;                      /* -1: none; two classes: the second */
    const double *weights;                   /* or NULL */
} hana_scored;
/* args: a map of the metric's own options { average = , positive = , fn = , fp = , alpha = }, or NULL. NaN,
   never a crash, where it is not defined (and *why says so, borrowed static text; why may be NULL). */
HANA_API hana_status hana_metric_compute(double *out, const char **why, const char *name,
                                         const hana_scored *scored, const hana_value *args,
                                         hana_error *err);
/* Confusion: classes x classes counts (weights summed), rows truth, columns predicted: a frame with
   columns truth, then a column a class. */
HANA_API hana_status hana_confusion(hana_frame **out, const hana_scored *scored, hana_error *err);

/* For users: columns and frames as predict and predict_proba give them. `truth` and `predicted`
   columns (predicted may be a frame of probabilities or the positive class's column). */
HANA_API hana_status hana_metric_of_columns(double *out, const char **why, const char *name,
                                            const hana_column *truth, const hana_column *predicted,
                                            const hana_frame *proba, const hana_value *args,
                                            hana_error *err);

#endif
