#ifndef HANA_MEASURE_METRIC_H
#define HANA_MEASURE_METRIC_H

/* The inside of the metrics: how one is entered in the table, and what its options come
 * to. */

#include "measure/metrics.h"

typedef enum hana_average {
    HANA_AVERAGE_AUTO = 0,
    HANA_AVERAGE_BINARY,
    HANA_AVERAGE_MACRO,
    HANA_AVERAGE_MICRO,
    HANA_AVERAGE_WEIGHTED
} hana_average;

typedef struct hana_metric_options {
    hana_average average;
    ptrdiff_t positive;  /* resolved: the option, else the scored one, else the second of
                            two, else -1 */
    int positive_absent; /* the option named a label that is no class */
    double fn, fp, alpha;
    int has_costs;
    size_t bins;
    const hana_value *matrix; /* borrowed, or NULL */
} hana_metric_options;

typedef hana_status hana_metric_fn(double *out, const char **why, const hana_scored *s,
                                   const hana_metric_options *o, hana_error *err);

static inline double hana_weight(const hana_scored *s, size_t i)
{
    return s->weights ? s->weights[i] : 1;
}
/* Number of classes. */
size_t hana_scored_classes(const hana_scored *s);
/* classes x classes sums of weights, rows truth, columns predicted; the caller frees
 * them. */
hana_status hana_confusion_counts(double **out, const hana_scored *s, hana_error *err);

hana_metric_fn hana_metric_accuracy, hana_metric_balanced_accuracy, hana_metric_precision,
    hana_metric_recall, hana_metric_f1, hana_metric_matthews, hana_metric_cohen_kappa,
    hana_metric_cost, hana_metric_adjusted_rand;
hana_metric_fn hana_metric_roc_auc, hana_metric_pr_auc, hana_metric_log_loss,
    hana_metric_brier, hana_metric_ece;
hana_metric_fn hana_metric_rmse, hana_metric_mae, hana_metric_mape, hana_metric_r2,
    hana_metric_median_ae, hana_metric_pinball, hana_metric_poisson_deviance;

#endif
