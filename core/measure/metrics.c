#include "measure/metrics.h"

#include "base/text.h"
#include "measure/codes.h"
#include "measure/metric.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MAX_OPTIONS = 4 };

typedef struct entry {
    hana_metric metric;
    hana_metric_fn *compute;
    const char *options[MAX_OPTIONS];
} entry;

#define POSITIVE                                                                         \
    "positive: the label that counts as positive (default: the second of two)"
#define AVERAGE                                                                          \
    "average: binary (default with two classes or a positive one), macro (default "      \
    "otherwise), "                                                                       \
    "micro or weighted"
#define AVERAGE_AREA "average: macro (default) or weighted, each class against the rest"

static const entry table[] = {
    { { "accuracy", "share of labels predicted right", HANA_TAKES_LABELS, 1, NULL },
      hana_metric_accuracy,
      { NULL } },
    { { "balanced_accuracy", "mean over classes of the share found", HANA_TAKES_LABELS, 1,
        NULL },
      hana_metric_balanced_accuracy,
      { NULL } },
    { { "precision", "share right among those predicted positive", HANA_TAKES_LABELS, 1,
        POSITIVE "\n" AVERAGE },
      hana_metric_precision,
      { "positive", "average" } },
    { { "recall", "share found among the positives", HANA_TAKES_LABELS, 1,
        POSITIVE "\n" AVERAGE },
      hana_metric_recall,
      { "positive", "average" } },
    { { "f1", "harmonic mean of precision and recall", HANA_TAKES_LABELS, 1,
        POSITIVE "\n" AVERAGE },
      hana_metric_f1,
      { "positive", "average" } },
    { { "matthews", "correlation of truth and prediction", HANA_TAKES_LABELS, 1, NULL },
      hana_metric_matthews,
      { NULL } },
    { { "cohen_kappa", "agreement beyond chance", HANA_TAKES_LABELS, 1, NULL },
      hana_metric_cohen_kappa,
      { NULL } },
    { { "cost", "mean cost of a row, from the prices of errors", HANA_TAKES_LABELS, 0,
        POSITIVE "\nfn: cost of a missed positive\nfp: cost of a false positive\n"
                 "matrix: { truth = { predicted = cost } }, instead of fn and fp" },
      hana_metric_cost,
      { "positive", "fn", "fp", "matrix" } },
    { { "adjusted_rand", "agreement of two clusterings beyond chance", HANA_TAKES_LABELS,
        1, NULL },
      hana_metric_adjusted_rand,
      { NULL } },
    { { "roc_auc", "probability that a positive ranks above a negative", HANA_TAKES_PROBA,
        1, POSITIVE "\n" AVERAGE_AREA },
      hana_metric_roc_auc,
      { "positive", "average" } },
    { { "pr_auc", "average precision over all thresholds", HANA_TAKES_PROBA, 1,
        POSITIVE "\n" AVERAGE_AREA },
      hana_metric_pr_auc,
      { "positive", "average" } },
    { { "log_loss", "mean of -log of the probability of the truth", HANA_TAKES_PROBA, 0,
        POSITIVE },
      hana_metric_log_loss,
      { "positive" } },
    { { "brier", "mean squared error of the probabilities", HANA_TAKES_PROBA, 0,
        POSITIVE },
      hana_metric_brier,
      { "positive" } },
    { { "ece", "expected calibration error over equal-width bins", HANA_TAKES_PROBA, 0,
        POSITIVE "\nbins: number of bins of equal width (10)" },
      hana_metric_ece,
      { "positive", "bins" } },
    { { "rmse", "root of the mean squared error", HANA_TAKES_NUMBERS, 0, NULL },
      hana_metric_rmse,
      { NULL } },
    { { "mae", "mean absolute error", HANA_TAKES_NUMBERS, 0, NULL },
      hana_metric_mae,
      { NULL } },
    { { "mape", "mean of absolute error / absolute truth", HANA_TAKES_NUMBERS, 0, NULL },
      hana_metric_mape,
      { NULL } },
    { { "r2", "share of the variance explained", HANA_TAKES_NUMBERS, 1, NULL },
      hana_metric_r2,
      { NULL } },
    { { "median_ae", "median absolute error", HANA_TAKES_NUMBERS, 0, NULL },
      hana_metric_median_ae,
      { NULL } },
    { { "pinball", "quantile loss", HANA_TAKES_NUMBERS, 0, "alpha: the quantile (0.5)" },
      hana_metric_pinball,
      { "alpha" } },
    { { "poisson_deviance", "mean deviance of counts", HANA_TAKES_NUMBERS, 0, NULL },
      hana_metric_poisson_deviance,
      { NULL } },
};
enum { N_METRICS = sizeof table / sizeof *table };

static const hana_metric *const all[N_METRICS] = {
    &table[0].metric,  &table[1].metric,  &table[2].metric,  &table[3].metric,
    &table[4].metric,  &table[5].metric,  &table[6].metric,  &table[7].metric,
    &table[8].metric,  &table[9].metric,  &table[10].metric, &table[11].metric,
    &table[12].metric, &table[13].metric, &table[14].metric, &table[15].metric,
    &table[16].metric, &table[17].metric, &table[18].metric, &table[19].metric,
    &table[20].metric
};

const hana_metric *const *hana_metrics(size_t *n)
{
    *n = N_METRICS;
    return all;
}

static const entry *find(const char *name)
{
    for (size_t k = 0; k < N_METRICS; k++)
        if (strcmp(name, table[k].metric.name) == 0) return &table[k];
    return NULL;
}

const hana_metric *hana_metric_find(const char *name)
{
    const entry *e = find(name);
    return e ? &e->metric : NULL;
}

size_t hana_scored_classes(const hana_scored *s)
{
    if (s->classes) return hana_column_length(s->classes);
    return s->proba ? s->proba->cols : 0;
}

static hana_status want_number(double *out, const char *metric, const char *name,
                               const hana_value *value, double low, double high,
                               hana_error *err)
{
    if (hana_value_as_number(value, out) && *out >= low && *out <= high) return HANA_OK;
    char from[HANA_NUMBER_SIZE], to[HANA_NUMBER_SIZE];
    hana_print_double(from, low, 0);
    hana_print_double(to, high, 0);
    return hana_fail(err, HANA_BAD_ARGUMENT,
                     isinf(high) ? "%s: option '%s' must be a number >= %s"
                                 : "%s: option '%s' must be a number from %s to %s",
                     metric, name, from, to);
}

static hana_status want_average(hana_average *out, const char *metric,
                                const hana_value *value, hana_error *err)
{
    static const char *const names[] = { "binary", "macro", "micro", "weighted" };
    static const hana_average averages[] = { HANA_AVERAGE_BINARY, HANA_AVERAGE_MACRO,
                                             HANA_AVERAGE_MICRO, HANA_AVERAGE_WEIGHTED };
    int auc = strcmp(metric, "roc_auc") == 0 || strcmp(metric, "pr_auc") == 0;
    for (size_t k = 0; k < 4 && value->kind == HANA_VALUE_STRING; k++) {
        if (strcmp(value->as.string.data, names[k]) != 0) continue;
        if (auc && averages[k] == HANA_AVERAGE_MICRO) break;
        *out = averages[k];
        return HANA_OK;
    }
    return hana_fail(err, HANA_BAD_ARGUMENT,
                     "%s: option 'average' must be binary, macro%s or weighted", metric,
                     auc ? "" : ", micro");
}

static hana_status set_option(hana_metric_options *o, const char *metric,
                              const hana_scored *s, const char *key,
                              const hana_value *value, hana_error *err)
{
    double bins;
    if (strcmp(key, "average") == 0) return want_average(&o->average, metric, value, err);
    if (strcmp(key, "alpha") == 0)
        return want_number(&o->alpha, metric, key, value, 0, 1, err);
    if (strcmp(key, "bins") == 0) {
        HANA_TRY(want_number(&bins, metric, key, value, 1, 100000, err));
        o->bins = (size_t)bins;
    } else if (strcmp(key, "positive") == 0) {
        if (!s->classes) return HANA_OK;
        o->positive = hana_class_find(s->classes, value);
        o->positive_absent = o->positive < 0;
    } else if (strcmp(key, "matrix") == 0) {
        if (value->kind != HANA_VALUE_MAP)
            return hana_fail(
                err, HANA_BAD_ARGUMENT,
                "%s: option 'matrix' must be { truth = { predicted = cost } }", metric);
        o->matrix = value;
    } else {
        double *cost = strcmp(key, "fn") == 0 ? &o->fn : &o->fp;
        o->has_costs = 1;
        return want_number(cost, metric, key, value, -INFINITY, INFINITY, err);
    }
    return HANA_OK;
}

static size_t count_options(const entry *e)
{
    size_t n = 0;
    while (n < MAX_OPTIONS && e->options[n]) n++;
    return n;
}

static hana_status read_options(hana_metric_options *o, const entry *e,
                                const hana_scored *s, const hana_value *args,
                                hana_error *err)
{
    size_t n = count_options(e);
    const hana_value_map *map =
        args && args->kind == HANA_VALUE_MAP ? args->as.map : NULL;
    for (size_t k = 0; map && k < map->n; k++) {
        const char *key = map->keys[k];
        size_t j = 0;
        while (j < n && strcmp(key, e->options[j]) != 0) j++;
        /* Roles may be given to every metric; the weights have been read by the caller.
         */
        if (strcmp(key, "weights") == 0) continue;
        int role = strcmp(key, "positive") == 0;
        if (j == n && !role) {
            char where[64];
            snprintf(where, sizeof where, " for %s", e->metric.name);
            return hana_fail_unknown(err, "unknown option", key, where, e->options, n);
        }
        if (map->items[k].kind == HANA_VALUE_NULL) continue;
        HANA_TRY(set_option(o, e->metric.name, s, key, &map->items[k], err));
    }
    if (o->positive < 0 && !o->positive_absent) o->positive = s->positive;
    if (o->positive < 0 && !o->positive_absent && hana_scored_classes(s) == 2)
        o->positive = 1;
    return HANA_OK;
}

static hana_status check_truth(const entry *e, const hana_scored *s, hana_error *err)
{
    static const char *const kinds[] = { "numbers", "labels", "probabilities" };
    hana_metric_takes takes = e->metric.takes;
    int given = takes == HANA_TAKES_NUMBERS  ? s->truth && s->predicted
                : takes == HANA_TAKES_LABELS ? s->truth_code && s->predicted_code
                                             : s->truth_code && s->proba;
    if (!given)
        return hana_fail(err, HANA_BAD_TYPE, "%s takes %s", e->metric.name, kinds[takes]);
    for (size_t i = 0; i < s->n; i++) {
        int missing =
            takes == HANA_TAKES_NUMBERS ? isnan(s->truth[i]) : s->truth_code[i] < 0;
        if (missing)
            return hana_fail(err, HANA_BAD_DATA, "%s: the truth of row %zu is missing",
                             e->metric.name, i + 1);
    }
    return HANA_OK;
}

static int abstained(const entry *e, const hana_scored *s, size_t i)
{
    if (e->metric.takes == HANA_TAKES_NUMBERS) return isnan(s->predicted[i]);
    if (e->metric.takes == HANA_TAKES_LABELS) return s->predicted_code[i] < 0;
    for (size_t k = 0; k < s->proba->cols; k++)
        if (isnan(s->proba->data[i * s->proba->stride + k])) return 1;
    return 0;
}

hana_status hana_metric_compute(double *out, const char **why, const char *name,
                                const hana_scored *scored, const hana_value *args,
                                hana_error *err)
{
    const entry *e = find(name);
    if (!e) {
        const char *names[N_METRICS];
        for (size_t k = 0; k < N_METRICS; k++) names[k] = table[k].metric.name;
        return hana_fail_unknown(err, "unknown metric", name, "", names, N_METRICS);
    }
    hana_metric_options o = { .positive = -1, .alpha = 0.5, .bins = 10 };
    HANA_TRY(read_options(&o, e, scored, args, err));
    HANA_TRY(check_truth(e, scored, err));
    double value = NAN;
    const char *reason = NULL;
    int any = 0;
    for (size_t i = 0; i < scored->n && !any; i++)
        any = !abstained(e, scored, i) && hana_weight(scored, i) > 0;
    if (any)
        HANA_TRY(e->compute(&value, &reason, scored, &o, err));
    else
        reason = scored->n ? "no row has a prediction" : "there are no rows";
    *out = value;
    if (why) *why = reason;
    return HANA_OK;
}
