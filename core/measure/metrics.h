#ifndef HANA_MEASURE_METRICS_H
#define HANA_MEASURE_METRICS_H

#include "base/job.h"
#include "base/matrix.h"
#include "base/value.h"
#include "data/frame.h"

/* A metric knows what it takes and which way is better. */
typedef enum hana_metric_takes {
    HANA_TAKES_NUMBERS,
    HANA_TAKES_LABELS,
    HANA_TAKES_PROBA
} hana_metric_takes;
typedef struct hana_metric {
    const char *name, *help;
    hana_metric_takes takes;
    int higher_is_better;
    const char *options; /* what its options mean, a line each, for help; NULL: none */
} hana_metric;
HANA_API const hana_metric *hana_metric_find(const char *name);
HANA_API const hana_metric *const *hana_metrics(size_t *n);

/* What metrics are computed from. Codes index the classes. Rows without a prediction
   (code -1, NaN) are left out; a null truth is an error. */
typedef struct hana_scored {
    size_t n;
    const double *truth, *predicted; /* numbers */
    const int32_t *truth_code, *predicted_code;
    const hana_matrix *proba;   /* n x classes */
    const hana_column *classes; /* typed; NULL for numbers */
    ptrdiff_t positive;         /* -1: none; two classes: the second */
    const double *weights;      /* or NULL */
} hana_scored;

/* One figure. `args` is a map of the metric's own options, or NULL; unknown ones are
   errors:
   - precision, recall, f1: average = binary (default with two classes or a positive one),
   macro (default otherwise), micro, weighted; positive
   - roc_auc, pr_auc: average = macro (default) or weighted, of one class against the rest
   - cost: fn and fp (what a missed and a false positive cost), or matrix = { truth = {
   predicted = cost } }; the mean cost of a row
   - pinball: alpha, the quantile (0.5); ece: bins (10, of equal width)
   Where a metric is not defined it is NaN, never a crash, and *why says so; *why may also
   say what a defined value leaves out, and is NULL else (static text; why itself may be
   NULL). A class that is in the truth but never predicted has precision 0 in an average,
   as in scikit-learn. */
HANA_API hana_status hana_metric_compute(double *out, const char **why, const char *name,
                                         const hana_scored *scored,
                                         const hana_value *args, hana_error *err);
/* Confusion: classes x classes counts (weights summed), rows truth, columns predicted: a
   frame with column truth, then a column a class, then `abstained` where predictions are
   missing. */
HANA_API hana_status hana_confusion(hana_frame **out, const hana_scored *scored,
                                    hana_error *err);
/* A row a class with precision, recall, f1 and support, then the rows macro and weighted.
   Undefined figures are null. Columns: class, precision, recall, f1, support. */
HANA_API hana_status hana_classification_report(hana_frame **out,
                                                const hana_scored *scored,
                                                hana_error *err);

/* For users: columns and frames as predict and predict_proba give them. `predicted` are
   labels, numbers or the probability of the positive class; or NULL with a frame `proba`,
   a column a class. Text goes with text and numbers with numbers. `positive` in args is a
   label (else the second of two), `weights` a column of row weights. */
HANA_API hana_status hana_metric_of_columns(double *out, const char **why,
                                            const char *name, const hana_column *truth,
                                            const hana_column *predicted,
                                            const hana_frame *proba,
                                            const hana_value *args, hana_error *err);
HANA_API hana_status hana_confusion_of_columns(hana_frame **out, const hana_column *truth,
                                               const hana_column *predicted,
                                               hana_error *err);
HANA_API hana_status hana_classification_report_of_columns(hana_frame **out,
                                                           const hana_column *truth,
                                                           const hana_column *predicted,
                                                           hana_error *err);

/* The mean silhouette of rows by their labels (Rousseeuw, J. Comput. Appl. Math. 20,
   1987), with Euclidean distances over the columns of the frame: near 1 where clusters
   are apart, 0 where they touch, below 0 where rows are misplaced. A row that is a
   cluster of its own counts 0; rows without a label are left out. Columns are numbers
   without nulls; there are at least 2 labels and fewer than rows. Time grows with the
   square of the rows. */
HANA_API hana_status hana_silhouette(double *out, const hana_frame *features,
                                     const hana_column *labels, hana_job *job,
                                     hana_error *err);

#endif
