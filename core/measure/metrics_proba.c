#include "base/radix.h"
#include "base/text.h"
#include "measure/metric.h"

#include <float.h>
#include <math.h>

static const double *row_of(const hana_scored *s, size_t i)
{
    return s->proba->data + i * s->proba->stride;
}

static int abstains(const hana_scored *s, size_t i)
{
    const double *row = row_of(s, i);
    for (size_t k = 0; k < s->proba->cols; k++)
        if (isnan(row[k])) return 1;
    return 0;
}

/* One class against the rest: the weight on either side of the rows with one score. */
typedef struct point {
    double positive, negative;
} point;

typedef struct trade {
    point *points;
    size_t n;
    double positives, negatives;
} trade;

/* Fills room for s->n points with those of class c, highest score first, equal scores
 * joined. */
static hana_status trace(trade *curve, const hana_scored *s, size_t c, hana_error *err)
{
    hana_status status = HANA_OK;
    size_t n = 0, *rows = hana_alloc(s->n, sizeof *rows);
    uint64_t *keys = hana_alloc(s->n, sizeof *keys);
    if (!rows || !keys) HANA_GOTO(done, hana_fail_memory(err));
    for (size_t i = 0; i < s->n; i++) {
        if (abstains(s, i)) continue;
        keys[n] = ~hana_radix_double(row_of(s, i)[c] + 0.0);
        rows[n++] = i;
    }
    HANA_GOTO(done, hana_radix_sort(keys, rows, n, err));
    *curve = (trade){ .points = curve->points };
    for (size_t k = 0; k < n; k++) {
        int positive = (size_t)s->truth_code[rows[k]] == c;
        double w = hana_weight(s, rows[k]);
        if (k == 0 || keys[k] != keys[k - 1]) curve->points[curve->n++] = (point){ 0 };
        point *p = &curve->points[curve->n - 1];
        *(positive ? &p->positive : &p->negative) += w;
        *(positive ? &curve->positives : &curve->negatives) += w;
    }
done:
    hana_free(keys);
    hana_free(rows);
    return status;
}

/* The probability that a positive ranks above a negative, ties counting one half. */
static double area_roc(const trade *curve)
{
    double area = 0, above = 0;
    for (size_t k = 0; k < curve->n; k++) {
        const point *p = &curve->points[k];
        area += p->negative * (above + p->positive / 2);
        above += p->positive;
    }
    return area / (curve->positives * curve->negatives);
}

/* Average precision: the precision at each score, weighted by the recall that it adds. */
static double area_pr(const trade *curve)
{
    double area = 0, positives = 0, all = 0;
    for (size_t k = 0; k < curve->n; k++) {
        const point *p = &curve->points[k];
        positives += p->positive;
        all += p->positive + p->negative;
        if (p->positive > 0) area += p->positive / curve->positives * positives / all;
    }
    return area;
}

/* The area for the positive class, or the mean over classes, each against the rest. */
static hana_status area(double *out, const char **why, const hana_scored *s,
                        const hana_metric_options *o, double (*of)(const trade *),
                        int needs_negatives, hana_error *err)
{
    size_t classes = s->proba->cols;
    int binary = o->average == HANA_AVERAGE_BINARY ||
                 (o->average == HANA_AVERAGE_AUTO && (classes == 2 || o->positive >= 0));
    if (binary && o->positive < 0 && !o->positive_absent)
        return hana_fail(err, HANA_BAD_ARGUMENT,
                         "average = 'binary' of %zu classes needs positive", classes);
    *out = NAN;
    if (binary && o->positive_absent) {
        *why = "the positive class is not among the classes";
        return HANA_OK;
    }
    trade curve = { .points = hana_alloc(s->n, sizeof *curve.points) };
    if (!curve.points) return hana_fail_memory(err);
    double sum = 0, weights = 0;
    for (size_t c = 0; c < classes; c++) {
        if (binary && c != (size_t)o->positive) continue;
        hana_status status = trace(&curve, s, c, err);
        if (status != HANA_OK) {
            hana_free(curve.points);
            return status;
        }
        if (curve.positives == 0 || (needs_negatives && curve.negatives == 0)) {
            *why = "a class has no row in the truth, or all: it is left out";
            continue;
        }
        double weight = o->average == HANA_AVERAGE_WEIGHTED ? curve.positives : 1;
        sum += weight * of(&curve);
        weights += weight;
    }
    hana_free(curve.points);
    if (weights > 0)
        *out = sum / weights;
    else
        *why = needs_negatives ? "the truth has one class only"
                               : "the truth has no row of the positive class";
    return HANA_OK;
}

hana_status hana_metric_roc_auc(double *out, const char **why, const hana_scored *s,
                                const hana_metric_options *o, hana_error *err)
{
    return area(out, why, s, o, area_roc, 1, err);
}

hana_status hana_metric_pr_auc(double *out, const char **why, const hana_scored *s,
                               const hana_metric_options *o, hana_error *err)
{
    return area(out, why, s, o, area_pr, 0, err);
}

/* Scores that only rank are fine for areas, not for the figures below. */
static hana_status check_range(const char *name, const hana_scored *s, hana_error *err)
{
    for (size_t i = 0; i < s->n; i++)
        for (size_t k = 0; k < s->proba->cols; k++) {
            double p = row_of(s, i)[k];
            if (!(p < -1e-9 || p > 1 + 1e-9)) continue;
            char text[HANA_NUMBER_SIZE];
            hana_print_double(text, p, 0);
            return hana_fail(err, HANA_BAD_DATA, "%s: %s in row %zu is not a probability",
                             name, text, i + 1);
        }
    return HANA_OK;
}

/* Probabilities are kept DBL_EPSILON away from 0 and 1, as scikit-learn does. */
hana_status hana_metric_log_loss(double *out, const char **why, const hana_scored *s,
                                 const hana_metric_options *o, hana_error *err)
{
    (void)o;
    HANA_TRY(check_range("log_loss", s, err));
    double sum = 0, weights = 0;
    for (size_t i = 0; i < s->n; i++) {
        if (abstains(s, i)) continue;
        double p = row_of(s, i)[s->truth_code[i]], w = hana_weight(s, i);
        if (p <= 0) *why = "the truth had probability 0: it counts as 2.2e-16";
        if (p < DBL_EPSILON) p = DBL_EPSILON;
        if (p > 1 - DBL_EPSILON) p = 1 - DBL_EPSILON;
        sum -= w * log(p);
        weights += w;
    }
    *out = sum / weights;
    return HANA_OK;
}

/* Two classes: (p - y)^2 of the positive one (Brier's half); more: the sum over all
 * classes. */
hana_status hana_metric_brier(double *out, const char **why, const hana_scored *s,
                              const hana_metric_options *o, hana_error *err)
{
    (void)why;
    HANA_TRY(check_range("brier", s, err));
    size_t classes = s->proba->cols;
    double sum = 0, weights = 0;
    for (size_t i = 0; i < s->n; i++) {
        if (abstains(s, i)) continue;
        double w = hana_weight(s, i);
        for (size_t c = 0; c < classes; c++) {
            if (classes == 2 && o->positive >= 0 && c != (size_t)o->positive) continue;
            double miss = row_of(s, i)[c] - ((size_t)s->truth_code[i] == c);
            sum += w * miss * miss;
        }
        weights += w;
    }
    *out = sum / weights;
    return HANA_OK;
}

static size_t top_class(const double *row, size_t classes)
{
    size_t best = 0;
    for (size_t c = 1; c < classes; c++)
        if (row[c] > row[best]) best = c;
    return best;
}

/* Guo et al., "On calibration of modern neural networks", ICML 2017, over equal-width
   bins, 1 in the last: of the positive class's probability with two classes, else of the
   top class's. */
hana_status hana_metric_ece(double *out, const char **why, const hana_scored *s,
                            const hana_metric_options *o, hana_error *err)
{
    (void)why;
    HANA_TRY(check_range("ece", s, err));
    double *gap = hana_alloc_zero(o->bins, sizeof *gap), weights = 0, sum = 0;
    if (!gap) return hana_fail_memory(err);
    for (size_t i = 0; i < s->n; i++) {
        if (abstains(s, i)) continue;
        const double *row = row_of(s, i);
        size_t c = s->proba->cols == 2 && o->positive >= 0
                       ? (size_t)o->positive
                       : top_class(row, s->proba->cols);
        double p = row[c] < 0 ? 0 : row[c], w = hana_weight(s, i);
        size_t bin = p < 1 ? (size_t)(p * (double)o->bins) : o->bins - 1;
        if (bin >= o->bins) bin = o->bins - 1;
        gap[bin] += w * (((size_t)s->truth_code[i] == c) - p);
        weights += w;
    }
    for (size_t k = 0; k < o->bins; k++) sum += fabs(gap[k]);
    *out = sum / weights;
    hana_free(gap);
    return HANA_OK;
}
