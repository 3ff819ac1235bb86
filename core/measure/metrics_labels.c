#include "measure/metric.h"

#include <math.h>

enum { MAX_CLASSES = 20000 };

hana_status hana_confusion_counts(double **out, const hana_scored *s, hana_error *err)
{
    size_t k = hana_scored_classes(s);
    if (k > MAX_CLASSES)
        return hana_fail(err, HANA_UNSUPPORTED,
                         "%zu different labels, at most %d can be compared", k,
                         MAX_CLASSES);
    double *counts = hana_alloc_zero(k * k, sizeof *counts);
    if (!counts) return hana_fail_memory(err);
    for (size_t i = 0; i < s->n; i++)
        if (s->predicted_code[i] >= 0)
            counts[(size_t)s->truth_code[i] * k + (size_t)s->predicted_code[i]] +=
                hana_weight(s, i);
    *out = counts;
    return HANA_OK;
}

/* Sums of the confusion matrix: what most figures are made of. */
typedef struct sums {
    size_t k;
    double *counts, *truth, *predicted, total, right;
} sums;

static void sums_clear(sums *m)
{
    hana_free(m->counts);
    hana_free(m->truth);
    hana_free(m->predicted);
}

static hana_status sums_of(sums *m, const hana_scored *s, hana_error *err)
{
    *m = (sums){ .k = hana_scored_classes(s) };
    HANA_TRY(hana_confusion_counts(&m->counts, s, err));
    m->truth = hana_alloc_zero(m->k, sizeof *m->truth);
    m->predicted = hana_alloc_zero(m->k, sizeof *m->predicted);
    if (!m->truth || !m->predicted) {
        sums_clear(m);
        return hana_fail_memory(err);
    }
    for (size_t t = 0; t < m->k; t++)
        for (size_t p = 0; p < m->k; p++) {
            double count = m->counts[t * m->k + p];
            m->truth[t] += count;
            m->predicted[p] += count;
            m->total += count;
            if (t == p) m->right += count;
        }
    return HANA_OK;
}

hana_status hana_metric_accuracy(double *out, const char **why, const hana_scored *s,
                                 const hana_metric_options *o, hana_error *err)
{
    (void)why, (void)o, (void)err;
    double right = 0, total = 0;
    for (size_t i = 0; i < s->n; i++) {
        if (s->predicted_code[i] < 0) continue;
        total += hana_weight(s, i);
        if (s->predicted_code[i] == s->truth_code[i]) right += hana_weight(s, i);
    }
    *out = right / total;
    return HANA_OK;
}

hana_status hana_metric_balanced_accuracy(double *out, const char **why,
                                          const hana_scored *s,
                                          const hana_metric_options *o, hana_error *err)
{
    (void)o;
    sums m;
    HANA_TRY(sums_of(&m, s, err));
    double sum = 0, classes = 0;
    for (size_t c = 0; c < m.k; c++) {
        if (m.truth[c] > 0) {
            sum += m.counts[c * m.k + c] / m.truth[c];
            classes++;
        } else if (m.predicted[c] > 0) {
            *why = "a class is predicted that the truth does not have: it is left out";
        }
    }
    *out = sum / classes;
    sums_clear(&m);
    return HANA_OK;
}

typedef enum ratio { PRECISION, RECALL, F1 } ratio;

/* Of the counts true positive, all predicted positive, all positive in truth. */
static double ratio_of(ratio which, double right, double predicted, double truth)
{
    if (which == PRECISION) return predicted > 0 ? right / predicted : (double)NAN;
    if (which == RECALL) return truth > 0 ? right / truth : (double)NAN;
    return predicted + truth > 0 ? 2 * right / (predicted + truth) : (double)NAN;
}

static const char *reason(ratio which, const hana_metric_options *o)
{
    if (o->positive_absent)
        return "the positive class occurs neither in the truth nor in the predictions";
    if (which == PRECISION) return "nothing is predicted positive";
    if (which == RECALL) return "nothing is positive in the truth";
    return "nothing is positive, neither in the truth nor in the predictions";
}

static void average(double *out, const char **why, ratio which, const sums *m,
                    int by_support)
{
    double sum = 0, weights = 0;
    for (size_t c = 0; c < m->k; c++) {
        if (m->truth[c] == 0 && m->predicted[c] == 0) continue;
        double value =
            ratio_of(which, m->counts[c * m->k + c], m->predicted[c], m->truth[c]);
        if (isnan(value)) {
            *why = which == PRECISION
                       ? "a class is never predicted: its precision counts as 0"
                       : "a class is not in the truth: its recall counts as 0";
            value = 0;
        }
        double weight = by_support ? m->truth[c] : 1;
        sum += weight * value;
        weights += weight;
    }
    *out = sum / weights;
}

static hana_status averaged(double *out, const char **why, ratio which,
                            const hana_scored *s, const hana_metric_options *o,
                            hana_error *err)
{
    static const char *const names[] = { "precision", "recall", "f1" };
    size_t k = hana_scored_classes(s);
    int binary = o->average == HANA_AVERAGE_BINARY ||
                 (o->average == HANA_AVERAGE_AUTO && (o->positive >= 0 || k <= 2));
    if (binary && o->positive < 0 && (o->positive_absent || k <= 1)) {
        *why = o->positive_absent ? reason(which, o)
                                  : "there is one class only: say which is positive";
        *out = NAN;
        return HANA_OK;
    }
    if (binary && o->positive < 0)
        return hana_fail(err, HANA_BAD_ARGUMENT,
                         "%s of %zu classes needs positive, or average", names[which], k);
    sums m;
    HANA_TRY(sums_of(&m, s, err));
    if (binary) {
        size_t c = (size_t)o->positive;
        *out = ratio_of(which, m.counts[c * m.k + c], m.predicted[c], m.truth[c]);
        if (isnan(*out)) *why = reason(which, o);
    } else if (o->average == HANA_AVERAGE_MICRO) {
        *out = m.right / m.total;
    } else {
        average(out, why, which, &m, o->average == HANA_AVERAGE_WEIGHTED);
    }
    sums_clear(&m);
    return HANA_OK;
}

hana_status hana_metric_precision(double *out, const char **why, const hana_scored *s,
                                  const hana_metric_options *o, hana_error *err)
{
    return averaged(out, why, PRECISION, s, o, err);
}

hana_status hana_metric_recall(double *out, const char **why, const hana_scored *s,
                               const hana_metric_options *o, hana_error *err)
{
    return averaged(out, why, RECALL, s, o, err);
}

hana_status hana_metric_f1(double *out, const char **why, const hana_scored *s,
                           const hana_metric_options *o, hana_error *err)
{
    return averaged(out, why, F1, s, o, err);
}

/* Matthews' coefficient for any number of classes (Gorodkin, Comput. Biol. Chem. 28,
 * 2004). */
hana_status hana_metric_matthews(double *out, const char **why, const hana_scored *s,
                                 const hana_metric_options *o, hana_error *err)
{
    (void)o;
    sums m;
    HANA_TRY(sums_of(&m, s, err));
    double both = 0, truth = 0, predicted = 0;
    for (size_t c = 0; c < m.k; c++) {
        both += m.truth[c] * m.predicted[c];
        truth += m.truth[c] * m.truth[c];
        predicted += m.predicted[c] * m.predicted[c];
    }
    double total = m.total * m.total;
    if (truth >= total) {
        *out = NAN;
        *why = "the truth has one class only";
    } else if (predicted >= total) {
        *out = 0;
        *why = "one class is predicted throughout: the coefficient is set to its limit 0";
    } else {
        *out = (m.right * m.total - both) / sqrt((total - predicted) * (total - truth));
    }
    sums_clear(&m);
    return HANA_OK;
}

hana_status hana_metric_cohen_kappa(double *out, const char **why, const hana_scored *s,
                                    const hana_metric_options *o, hana_error *err)
{
    (void)o;
    sums m;
    HANA_TRY(sums_of(&m, s, err));
    double chance = 0;
    for (size_t c = 0; c < m.k; c++)
        chance += (m.truth[c] / m.total) * (m.predicted[c] / m.total);
    if (chance >= 1) {
        *out = NAN;
        *why = "truth and predictions have one and the same class only";
    } else {
        *out = (m.right / m.total - chance) / (1 - chance);
    }
    sums_clear(&m);
    return HANA_OK;
}

static hana_status class_name(hana_text *out, const hana_scored *s, size_t k,
                              hana_error *err)
{
    out->length = 0;
    if (s->classes)
        hana_column_print_cell(s->classes, k, 1, out);
    else
        hana_text_printf(out, "%zu", k + 1);
    return out->failed ? hana_fail_memory(err) : HANA_OK;
}

/* matrix[truth][predicted]; a right prediction that is not priced costs nothing. */
static hana_status priced(double *out, const hana_scored *s, const hana_value *matrix,
                          size_t t, size_t p, hana_text *names, hana_error *err)
{
    HANA_TRY(class_name(&names[0], s, t, err));
    HANA_TRY(class_name(&names[1], s, p, err));
    const hana_value *row = hana_value_get(matrix, names[0].data);
    const hana_value *cell = row ? hana_value_get(row, names[1].data) : NULL;
    *out = 0;
    if (!cell && t == p) return HANA_OK;
    if (cell && hana_value_as_number(cell, out)) return HANA_OK;
    return hana_fail(err, HANA_BAD_ARGUMENT,
                     "cost: matrix has no number for truth '%s', predicted '%s'",
                     names[0].data, names[1].data);
}

static hana_status cost_by_matrix(double *out, const hana_scored *s, const sums *m,
                                  const hana_value *matrix, hana_error *err)
{
    hana_text names[2] = { { 0 }, { 0 } };
    hana_status status = HANA_OK;
    double total = 0;
    for (size_t t = 0; t < m->k && status == HANA_OK; t++)
        for (size_t p = 0; p < m->k && status == HANA_OK; p++) {
            if (m->counts[t * m->k + p] == 0) continue;
            double cost = 0;
            status = priced(&cost, s, matrix, t, p, names, err);
            total += cost * m->counts[t * m->k + p];
        }
    hana_text_clear(&names[0]);
    hana_text_clear(&names[1]);
    if (status == HANA_OK) *out = total / m->total;
    return status;
}

hana_status hana_metric_cost(double *out, const char **why, const hana_scored *s,
                             const hana_metric_options *o, hana_error *err)
{
    if (!o->matrix && !o->has_costs)
        return hana_fail(err, HANA_BAD_ARGUMENT, "cost needs fn and fp, or matrix");
    if (!o->matrix && o->positive < 0 && !o->positive_absent)
        return hana_fail(err, HANA_BAD_ARGUMENT, "cost by fn and fp needs positive");
    sums m;
    HANA_TRY(sums_of(&m, s, err));
    hana_status status = HANA_OK;
    if (o->matrix) {
        status = cost_by_matrix(out, s, &m, o->matrix, err);
    } else if (o->positive_absent) {
        *out = 0;
        *why = "the positive class occurs neither in the truth nor in the predictions";
    } else {
        size_t c = (size_t)o->positive;
        double hit = m.counts[c * m.k + c];
        *out = (o->fn * (m.truth[c] - hit) + o->fp * (m.predicted[c] - hit)) / m.total;
    }
    sums_clear(&m);
    return status;
}

static double pairs(double n)
{
    return n * (n - 1) / 2;
}

/* Hubert and Arabie, "Comparing partitions", J. Classification 2, 1985. */
hana_status hana_metric_adjusted_rand(double *out, const char **why, const hana_scored *s,
                                      const hana_metric_options *o, hana_error *err)
{
    (void)o;
    sums m;
    HANA_TRY(sums_of(&m, s, err));
    double both = 0, truth = 0, predicted = 0;
    for (size_t c = 0; c < m.k * m.k; c++) both += pairs(m.counts[c]);
    for (size_t c = 0; c < m.k; c++) {
        truth += pairs(m.truth[c]);
        predicted += pairs(m.predicted[c]);
    }
    double all = pairs(m.total), most = (truth + predicted) / 2;
    double chance = all > 0 ? truth * predicted / all : 0;
    if (most - chance == 0) {
        *out = 1;
        *why = "both put all rows together, or each row alone";
    } else {
        *out = (both - chance) / (most - chance);
    }
    sums_clear(&m);
    return HANA_OK;
}
