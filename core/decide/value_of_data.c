#include "decide/value_of_data.h"

#include "base/memory.h"
#include "base/random.h"

#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { POWER, EXPONENTIAL, FLAT, N_FAMILIES };
enum { SHAPES = 40 }; /* values of the one nonlinear parameter that are tried */

/* y = a + b f(n, shape). */
typedef struct curve_fit {
    double a, b, shape, misfit;
} curve_fit;

static double basis(int family, double n, double shape)
{
    return family == POWER ? pow(n, -shape) : exp(-n / shape);
}

static double evaluate(const curve_fit *fit, int family, double n)
{
    return family == FLAT ? fit->a : fit->a + fit->b * basis(family, n, fit->shape);
}

typedef struct points {
    size_t m;
    const double *n, *y, *w; /* rows, mean metric, weight (1 / variance) */
    int higher_is_better;
} points;

static curve_fit fit_flat(const points *p)
{
    double sum = 0, total = 0;
    curve_fit fit = { 0 };
    for (size_t i = 0; i < p->m; i++) {
        sum += p->w[i] * p->y[i];
        total += p->w[i];
    }
    fit.a = sum / total;
    for (size_t i = 0; i < p->m; i++)
        fit.misfit += p->w[i] * (p->y[i] - fit.a) * (p->y[i] - fit.a);
    return fit;
}

/* a and b by weighted least squares for a shape. More data must not hurt: a slope that
   says so gives an infinite misfit. */
static curve_fit fit_shape(const points *p, int family, double shape)
{
    double s = 0, sf = 0, sff = 0, sy = 0, sfy = 0;
    for (size_t i = 0; i < p->m; i++) {
        double f = basis(family, p->n[i], shape), w = p->w[i];
        s += w;
        sf += w * f;
        sff += w * f * f;
        sy += w * p->y[i];
        sfy += w * f * p->y[i];
    }
    double det = s * sff - sf * sf;
    curve_fit fit = { .shape = shape, .misfit = INFINITY };
    if (!(fabs(det) > 1e-14 * s * sff)) return fit;
    fit.a = (sff * sy - sf * sfy) / det;
    fit.b = (s * sfy - sf * sy) / det;
    if (p->higher_is_better ? fit.b > 0 : fit.b < 0) return fit;
    fit.misfit = 0;
    for (size_t i = 0; i < p->m; i++) {
        double d = p->y[i] - evaluate(&fit, family, p->n[i]);
        fit.misfit += p->w[i] * d * d;
    }
    return fit;
}

/* Shape number k of those that are tried, k need not be whole. */
static double shape_at(const points *p, int family, double k)
{
    double first = p->n[0], last = p->n[p->m - 1], share = k / (SHAPES - 1);
    return family == POWER ? 0.05 * pow(40, share)
                           : first / 3 * pow(9 * last / first, share);
}

/* The best shape: a coarse look at all, then a golden section around the best. */
static curve_fit fit_family(const points *p, int family)
{
    curve_fit best = fit_flat(p);
    if (family == FLAT) return best;
    int at = -1;
    for (int k = 0; k < SHAPES; k++) {
        curve_fit fit = fit_shape(p, family, shape_at(p, family, k));
        if (fit.misfit < best.misfit) {
            best = fit;
            at = k;
        }
    }
    if (at < 0) return best;
    const double golden = 0.6180339887498949;
    double low = at - 1, high = at + 1;
    for (int i = 0; i < 20; i++) {
        double left = high - golden * (high - low), right = low + golden * (high - low);
        curve_fit a = fit_shape(p, family, shape_at(p, family, left));
        curve_fit b = fit_shape(p, family, shape_at(p, family, right));
        if (a.misfit < b.misfit)
            high = right;
        else
            low = left;
        if (a.misfit < best.misfit) best = a;
        if (b.misfit < best.misfit) best = b;
    }
    return best;
}

/* Means and spreads of the sizes. */
typedef struct summary {
    size_t m;
    double *n, *mean, *sd, *w, *y;
    double ratio; /* test rows / training rows: what repeats share */
} summary;

static void clear(summary *s)
{
    hana_free(s->n);
    hana_free(s->mean);
    hana_free(s->sd);
    hana_free(s->w);
    hana_free(s->y);
}

static hana_status summarize(summary *s, const hana_curve *curve, hana_error *err)
{
    size_t m = curve->n_sizes, repeats = curve->repeats;
    s->m = m;
    s->n = hana_alloc(m, sizeof *s->n);
    s->mean = hana_alloc_zero(m, sizeof *s->mean);
    s->sd = hana_alloc_zero(m, sizeof *s->sd);
    s->w = hana_alloc(m, sizeof *s->w);
    s->y = hana_alloc(m, sizeof *s->y);
    if (!s->n || !s->mean || !s->sd || !s->w || !s->y) return hana_fail_memory(err);
    double spread = 0;
    for (size_t i = 0; i < m; i++) {
        s->n[i] = (double)curve->sizes[i];
        for (size_t r = 0; r < repeats; r++) {
            double value = curve->values[r * m + i];
            if (isnan(value))
                return hana_fail(
                    err, HANA_BAD_DATA,
                    "the curve has no value at %zu rows: the metric is not defined",
                    curve->sizes[i]);
            s->mean[i] += value / (double)repeats;
        }
        for (size_t r = 0; r < repeats; r++) {
            double d = curve->values[r * m + i] - s->mean[i];
            s->sd[i] += d * d / (double)(repeats - 1);
        }
        s->sd[i] = sqrt(s->sd[i]);
        spread += s->sd[i] / (double)m;
    }
    for (size_t i = 0; i < m; i++) {
        double sd = fmax(s->sd[i], fmax(0.1 * spread, 1e-12));
        s->w[i] = (double)repeats / (sd * sd);
    }
    s->ratio = (double)curve->n_test / s->n[m - 1];
    return HANA_OK;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double quantile(const double *sorted, size_t n, double share)
{
    double at = share * (double)(n - 1);
    size_t low = (size_t)at, high = low + 1 < n ? low + 1 : low;
    return sorted[low] + (at - (double)low) * (sorted[high] - sorted[low]);
}

static double pooled_sd(const summary *s)
{
    double squares = 0;
    for (size_t i = 0; i < s->m; i++) squares += s->sd[i] * s->sd[i] / (double)s->m;
    return sqrt(squares);
}

/* Draws of the curve on the grid: draws x HANA_DATA_GRID. */
static void draw_curves(double *draws, const hana_data_value *out, summary *s,
                        const hana_curve *curve, const hana_data_value_options *o)
{
    hana_stream stream;
    hana_stream_init(&stream, hana_seed_child(o->seed, "value_of_data", 0));
    /* The level of the curve is known as well as the rows at hand allow: few repeats tell
       their own spread badly (Student's t), and the sizes share it. */
    double level_sd = s->sd[s->m - 1], freedom = (double)curve->repeats - 1;
    level_sd = fmax(level_sd, pooled_sd(s));
    for (size_t d = 0; d < o->draws; d++) {
        memset(s->y, 0, s->m * sizeof *s->y);
        for (size_t r = 0; r < curve->repeats; r++) {
            size_t pick = hana_stream_below(&stream, curve->repeats);
            for (size_t i = 0; i < s->m; i++)
                s->y[i] += curve->values[pick * s->m + i] / (double)curve->repeats;
        }
        double shift =
            gsl_ran_tdist(hana_stream_gsl(&stream), freedom) * level_sd * sqrt(s->ratio);
        double u = hana_stream_uniform(&stream);
        int family = u < out->weight[POWER]                              ? POWER
                     : u < out->weight[POWER] + out->weight[EXPONENTIAL] ? EXPONENTIAL
                                                                         : FLAT;
        points p = { .m = s->m,
                     .n = s->n,
                     .y = s->y,
                     .w = s->w,
                     .higher_is_better = curve->higher_is_better };
        curve_fit fit = fit_family(&p, family);
        for (size_t g = 0; g < HANA_DATA_GRID; g++)
            draws[d * HANA_DATA_GRID + g] = evaluate(&fit, family, out->rows[g]) + shift;
    }
}

static void weigh_families(hana_data_value *out, const summary *s, int higher_is_better)
{
    points p = { .m = s->m,
                 .n = s->n,
                 .y = s->mean,
                 .w = s->w,
                 .higher_is_better = higher_is_better };
    double aic[N_FAMILIES], least = INFINITY, total = 0;
    for (int f = 0; f < N_FAMILIES; f++) {
        aic[f] = fit_family(&p, f).misfit + 2 * (f == FLAT ? 1 : 3);
        least = fmin(least, aic[f]);
    }
    for (int f = 0; f < N_FAMILIES; f++)
        total += out->weight[f] = exp(-(aic[f] - least) / 2);
    for (int f = 0; f < N_FAMILIES; f++) out->weight[f] /= total;
}

/* What going to grid point g is worth in a draw, against staying. */
static double net_of(const double *draw, const hana_data_value *out, size_t g,
                     double sign, const hana_data_value_options *o)
{
    return sign * (draw[g] - draw[0]) * o->per_unit -
           (out->rows[g] - out->rows[0]) * o->per_label;
}

static void judge(hana_data_value *out, const double *draws, double *column, double sign,
                  const hana_data_value_options *o)
{
    size_t best = 0, pays = 0;
    for (size_t g = 0; g < HANA_DATA_GRID; g++) {
        out->net[g] = out->value[g] = 0;
        for (size_t d = 0; d < o->draws; d++) {
            const double *draw = draws + d * HANA_DATA_GRID;
            column[d] = draw[g];
            out->value[g] += draw[g] / (double)o->draws;
            out->net[g] += net_of(draw, out, g, sign, o) / (double)o->draws;
        }
        qsort(column, o->draws, sizeof *column, by_value);
        out->low[g] = quantile(column, o->draws, 0.05);
        out->high[g] = quantile(column, o->draws, 0.95);
        if (out->net[g] > out->net[best]) best = g;
    }
    out->labels = out->rows[best] - out->rows[0];
    out->gain = out->net[best];
    for (size_t d = 0; d < o->draws; d++) {
        const double *draw = draws + d * HANA_DATA_GRID;
        size_t own = 0;
        for (size_t g = 1; g < HANA_DATA_GRID; g++)
            if (net_of(draw, out, g, sign, o) > net_of(draw, out, own, sign, o)) own = g;
        column[d] = out->rows[own] - out->rows[0];
        /* With nothing to buy, the question is whether any purchase would have paid. */
        pays += best ? net_of(draw, out, best, sign, o) > 0 : own > 0;
    }
    qsort(column, o->draws, sizeof *column, by_value);
    out->labels_low = quantile(column, o->draws, 0.05);
    out->labels_high = quantile(column, o->draws, 0.95);
    for (size_t d = 0; d < o->draws; d++)
        column[d] = net_of(draws + d * HANA_DATA_GRID, out, best, sign, o);
    qsort(column, o->draws, sizeof *column, by_value);
    out->gain_low = quantile(column, o->draws, 0.05);
    out->gain_high = quantile(column, o->draws, 0.95);
    out->probability = (double)pays / (double)o->draws;
    out->marginal = sign * (out->value[1] - out->value[0]) /
                    (out->rows[1] - out->rows[0]) * o->per_unit;
    out->verdict = best > 0 && out->probability >= 0.9    ? HANA_DATA_BUY
                   : best == 0 && out->probability <= 0.1 ? HANA_DATA_STOP
                                                          : HANA_DATA_CANNOT_TELL;
}

static hana_status check(const hana_curve *curve, const hana_data_value_options *o,
                         hana_error *err)
{
    if (curve->n_sizes < 4)
        return hana_fail(
            err, HANA_BAD_DATA,
            "a curve of %zu sizes says nothing about what lies beyond: give at "
            "least 4",
            curve->n_sizes);
    if (curve->repeats < 3)
        return hana_fail(
            err, HANA_BAD_DATA,
            "a curve of %zu repeats does not show its spread: give at least 3",
            curve->repeats);
    if (!(o->most > 1 && o->most <= 4))
        return hana_fail(err, HANA_BAD_ARGUMENT,
                         "option 'most' is %g: nothing is said beyond 4 times the data",
                         o->most);
    if (!(o->per_label >= 0) || !(o->per_unit > 0) || o->draws < 10)
        return hana_fail(err, HANA_BAD_ARGUMENT,
                         "per_label must be >= 0, value_per_point > 0 and draws >= 10");
    return HANA_OK;
}

hana_status hana_value_of_data(hana_data_value *out, const hana_curve *curve,
                               const hana_data_value_options *o, hana_job *job,
                               hana_error *err)
{
    HANA_TRY(check(curve, o, err));
    HANA_TRY(hana_job_check(job, err));
    hana_data_value made = { .verdict = HANA_DATA_CANNOT_TELL };
    summary s = { 0 };
    double *draws = hana_alloc(o->draws * HANA_DATA_GRID, sizeof *draws);
    double *column = hana_alloc(o->draws, sizeof *column);
    hana_status status =
        draws && column ? summarize(&s, curve, err) : hana_fail_memory(err);
    if (status == HANA_OK) {
        double now = s.n[s.m - 1];
        for (size_t g = 0; g < HANA_DATA_GRID; g++)
            made.rows[g] = round(now * pow(o->most, (double)g / (HANA_DATA_GRID - 1)));
        weigh_families(&made, &s, curve->higher_is_better);
        draw_curves(draws, &made, &s, curve, o);
        judge(&made, draws, column, curve->higher_is_better ? 1 : -1, o);
        *out = made;
    }
    clear(&s);
    hana_free(draws);
    hana_free(column);
    return status;
}
