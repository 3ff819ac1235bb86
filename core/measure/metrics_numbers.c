#include "base/weighted.h"
#include "measure/metric.h"

#include <math.h>

/* The weighted mean of loss(truth, predicted) over the rows that have a prediction. */
static double mean_loss(const hana_scored *s, double (*loss)(double, double, double),
                        double alpha)
{
    double sum = 0, weights = 0;
    for (size_t i = 0; i < s->n; i++) {
        if (isnan(s->predicted[i])) continue;
        double w = hana_weight(s, i);
        sum += w * loss(s->truth[i], s->predicted[i], alpha);
        weights += w;
    }
    return sum / weights;
}

static double squared(double truth, double predicted, double alpha)
{
    (void)alpha;
    return (truth - predicted) * (truth - predicted);
}

static double absolute(double truth, double predicted, double alpha)
{
    (void)alpha;
    return fabs(truth - predicted);
}

static double relative(double truth, double predicted, double alpha)
{
    (void)alpha;
    return fabs(truth - predicted) / fabs(truth);
}

static double quantile(double truth, double predicted, double alpha)
{
    double rest = truth - predicted;
    return rest >= 0 ? alpha * rest : (alpha - 1) * rest;
}

static double deviance(double truth, double predicted, double alpha)
{
    (void)alpha;
    double log_term = truth > 0 ? truth * log(truth / predicted) : 0;
    return 2 * (log_term - truth + predicted);
}

hana_status hana_metric_rmse(double *out, const char **why, const hana_scored *s,
                             const hana_metric_options *o, hana_error *err)
{
    (void)why, (void)o, (void)err;
    *out = sqrt(mean_loss(s, squared, 0));
    return HANA_OK;
}

hana_status hana_metric_mae(double *out, const char **why, const hana_scored *s,
                            const hana_metric_options *o, hana_error *err)
{
    (void)why, (void)o, (void)err;
    *out = mean_loss(s, absolute, 0);
    return HANA_OK;
}

hana_status hana_metric_mape(double *out, const char **why, const hana_scored *s,
                             const hana_metric_options *o, hana_error *err)
{
    (void)o, (void)err;
    *out = mean_loss(s, relative, 0);
    for (size_t i = 0; i < s->n; i++) {
        if (s->truth[i] != 0 || isnan(s->predicted[i])) continue;
        *out = NAN;
        *why = "a true value is 0: relative errors are not defined";
    }
    return HANA_OK;
}

hana_status hana_metric_pinball(double *out, const char **why, const hana_scored *s,
                                const hana_metric_options *o, hana_error *err)
{
    (void)why, (void)err;
    *out = mean_loss(s, quantile, o->alpha);
    return HANA_OK;
}

hana_status hana_metric_poisson_deviance(double *out, const char **why,
                                         const hana_scored *s,
                                         const hana_metric_options *o, hana_error *err)
{
    (void)o, (void)err;
    *out = mean_loss(s, deviance, 0);
    for (size_t i = 0; i < s->n; i++) {
        if (isnan(s->predicted[i]) || (s->truth[i] >= 0 && s->predicted[i] > 0)) continue;
        *out = NAN;
        *why = s->truth[i] < 0 ? "a true count is below 0"
                               : "a predicted mean is not above 0";
    }
    return HANA_OK;
}

hana_status hana_metric_r2(double *out, const char **why, const hana_scored *s,
                           const hana_metric_options *o, hana_error *err)
{
    (void)o, (void)err;
    double sum = 0, weights = 0, rest = 0, all = 0;
    size_t rows = 0;
    for (size_t i = 0; i < s->n; i++) {
        if (isnan(s->predicted[i])) continue;
        sum += hana_weight(s, i) * s->truth[i];
        weights += hana_weight(s, i);
        rows++;
    }
    for (size_t i = 0; i < s->n; i++) {
        if (isnan(s->predicted[i])) continue;
        rest += hana_weight(s, i) * squared(s->truth[i], s->predicted[i], 0);
        all += hana_weight(s, i) * squared(s->truth[i], sum / weights, 0);
    }
    if (rows >= 2 && all > 0) {
        *out = 1 - rest / all;
    } else {
        *out = NAN;
        *why = rows < 2 ? "fewer than two rows" : "the truth is one value throughout";
    }
    return HANA_OK;
}

hana_status hana_metric_median_ae(double *out, const char **why, const hana_scored *s,
                                  const hana_metric_options *o, hana_error *err)
{
    (void)why, (void)o;
    hana_weighted *errors = hana_alloc(s->n, sizeof *errors);
    if (!errors) return hana_fail_memory(err);
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++) {
        if (isnan(s->predicted[i]) || hana_weight(s, i) <= 0) continue;
        errors[n++] = (hana_weighted){ .value = fabs(s->truth[i] - s->predicted[i]),
                                       .weight = hana_weight(s, i) };
    }
    hana_weighted_sort(errors, n);
    *out = hana_weighted_median(errors, n);
    hana_free(errors);
    return HANA_OK;
}
