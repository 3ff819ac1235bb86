#include "decide/distribution.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <string.h>

static const char *const names[HANA_DIST_KINDS] = {
    [HANA_DIST_CONSTANT] = "constant",
    [HANA_DIST_UNIFORM] = "uniform",
    [HANA_DIST_LOG_UNIFORM] = "log_uniform",
    [HANA_DIST_NORMAL] = "normal",
    [HANA_DIST_LOG_NORMAL] = "log_normal",
    [HANA_DIST_TRIANGULAR] = "triangular",
    [HANA_DIST_PERT] = "pert",
    [HANA_DIST_BETA] = "beta",
    [HANA_DIST_GAMMA] = "gamma",
};

const char *hana_dist_name(hana_dist_kind kind)
{
    return names[kind];
}

int hana_dist_find(const char *name)
{
    for (int k = 0; k < HANA_DIST_KINDS; k++)
        if (strcmp(names[k], name) == 0) return k;
    return -1;
}

static hana_status refuse(const hana_dist *d, const char *rule, hana_error *err)
{
    return hana_fail(err, HANA_BAD_ARGUMENT, "distribution %s: %s, got %.6g, %.6g, %.6g",
                     names[d->kind], rule, d->a, d->b, d->c);
}

hana_status hana_dist_check(const hana_dist *d, hana_error *err)
{
    if (!isfinite(d->a) || !isfinite(d->b) || !isfinite(d->c))
        return refuse(d, "parameters must be finite numbers", err);
    switch (d->kind) {
    case HANA_DIST_CONSTANT:
        return HANA_OK;
    case HANA_DIST_UNIFORM:
        return d->a <= d->b ? HANA_OK : refuse(d, "low must be <= high", err);
    case HANA_DIST_LOG_UNIFORM:
        return d->a > 0 && d->a <= d->b ? HANA_OK
                                        : refuse(d, "it must be 0 < low <= high", err);
    case HANA_DIST_NORMAL:
    case HANA_DIST_LOG_NORMAL:
        return d->b >= 0 ? HANA_OK : refuse(d, "sd must be >= 0", err);
    case HANA_DIST_TRIANGULAR:
    case HANA_DIST_PERT:
        return d->a <= d->b && d->b <= d->c
                   ? HANA_OK
                   : refuse(d, "it must be low <= mode <= high", err);
    case HANA_DIST_BETA:
    case HANA_DIST_GAMMA:
        return d->a > 0 && d->b > 0 ? HANA_OK
                                    : refuse(d, "both parameters must be > 0", err);
    case HANA_DIST_KINDS:
        break;
    }
    return hana_fail(err, HANA_BAD_ARGUMENT, "no such distribution");
}

static void pert_shapes(double *alpha, double *beta, const hana_dist *d)
{
    double width = d->c - d->a;
    *alpha = 1 + 4 * (d->b - d->a) / width;
    *beta = 1 + 4 * (d->c - d->b) / width;
}

double hana_dist_mean(const hana_dist *d)
{
    switch (d->kind) {
    case HANA_DIST_CONSTANT:
    case HANA_DIST_NORMAL:
        return d->a;
    case HANA_DIST_UNIFORM:
        return (d->a + d->b) / 2;
    case HANA_DIST_LOG_UNIFORM:
        return d->a < d->b ? (d->b - d->a) / log(d->b / d->a) : d->a;
    case HANA_DIST_LOG_NORMAL:
        return exp(d->a + d->b * d->b / 2);
    case HANA_DIST_TRIANGULAR:
        return (d->a + d->b + d->c) / 3;
    case HANA_DIST_PERT:
        return (d->a + 4 * d->b + d->c) / 6;
    case HANA_DIST_BETA:
        return d->a / (d->a + d->b);
    case HANA_DIST_GAMMA:
        return d->a * d->b;
    case HANA_DIST_KINDS:
        break;
    }
    return NAN;
}

static double beta_variance(double a, double b)
{
    return a * b / ((a + b) * (a + b) * (a + b + 1));
}

double hana_dist_sd(const hana_dist *d)
{
    double a, b, mean = hana_dist_mean(d);
    switch (d->kind) {
    case HANA_DIST_CONSTANT:
        return 0;
    case HANA_DIST_NORMAL:
        return d->b;
    case HANA_DIST_UNIFORM:
        return (d->b - d->a) / sqrt(12);
    case HANA_DIST_LOG_UNIFORM:
        if (d->a == d->b) return 0;
        return sqrt((d->b * d->b - d->a * d->a) / (2 * log(d->b / d->a)) - mean * mean);
    case HANA_DIST_LOG_NORMAL:
        return mean * sqrt(expm1(d->b * d->b));
    case HANA_DIST_TRIANGULAR:
        return sqrt((d->a * d->a + d->b * d->b + d->c * d->c - d->a * d->b - d->a * d->c -
                     d->b * d->c) /
                    18);
    case HANA_DIST_PERT:
        if (d->a == d->c) return 0;
        pert_shapes(&a, &b, d);
        return (d->c - d->a) * sqrt(beta_variance(a, b));
    case HANA_DIST_BETA:
        return sqrt(beta_variance(d->a, d->b));
    case HANA_DIST_GAMMA:
        return d->b * sqrt(d->a);
    case HANA_DIST_KINDS:
        break;
    }
    return NAN;
}

void hana_dist_support(double *low, double *high, const hana_dist *d)
{
    *low = -INFINITY, *high = INFINITY;
    switch (d->kind) {
    case HANA_DIST_CONSTANT:
        *low = *high = d->a;
        break;
    case HANA_DIST_UNIFORM:
    case HANA_DIST_LOG_UNIFORM:
        *low = d->a, *high = d->b;
        break;
    case HANA_DIST_NORMAL:
        if (d->b == 0) *low = *high = d->a;
        break;
    case HANA_DIST_TRIANGULAR:
    case HANA_DIST_PERT:
        *low = d->a, *high = d->c;
        break;
    case HANA_DIST_BETA:
        *low = 0, *high = 1;
        break;
    case HANA_DIST_LOG_NORMAL:
    case HANA_DIST_GAMMA:
        *low = 0;
        break;
    case HANA_DIST_KINDS:
        break;
    }
}

double hana_dist_quantile(const hana_dist *d, double p)
{
    double a, b;
    switch (d->kind) {
    case HANA_DIST_CONSTANT:
        return d->a;
    case HANA_DIST_UNIFORM:
        return d->a + p * (d->b - d->a);
    case HANA_DIST_LOG_UNIFORM:
        return d->a * pow(d->b / d->a, p);
    case HANA_DIST_NORMAL:
        return d->a + (d->b > 0 ? gsl_cdf_gaussian_Pinv(p, d->b) : 0);
    case HANA_DIST_LOG_NORMAL:
        return exp(d->a + (d->b > 0 ? gsl_cdf_gaussian_Pinv(p, d->b) : 0));
    case HANA_DIST_TRIANGULAR: {
        double width = d->c - d->a;
        if (width == 0) return d->a;
        double turn = (d->b - d->a) / width;
        return p < turn ? d->a + sqrt(p * width * (d->b - d->a))
                        : d->c - sqrt((1 - p) * width * (d->c - d->b));
    }
    case HANA_DIST_PERT:
        if (d->a == d->c) return d->a;
        pert_shapes(&a, &b, d);
        return d->a + (d->c - d->a) * gsl_cdf_beta_Pinv(p, a, b);
    case HANA_DIST_BETA:
        return gsl_cdf_beta_Pinv(p, d->a, d->b);
    case HANA_DIST_GAMMA:
        return gsl_cdf_gamma_Pinv(p, d->a, d->b);
    case HANA_DIST_KINDS:
        break;
    }
    return NAN;
}

double hana_dist_draw(const hana_dist *d, hana_stream *stream)
{
    const gsl_rng *rng = hana_stream_gsl(stream);
    double a, b;
    switch (d->kind) {
    case HANA_DIST_CONSTANT:
        return d->a;
    case HANA_DIST_UNIFORM:
    case HANA_DIST_LOG_UNIFORM:
    case HANA_DIST_TRIANGULAR:
        return hana_dist_quantile(d, hana_stream_uniform(stream));
    case HANA_DIST_NORMAL:
        return d->a + d->b * hana_stream_normal(stream);
    case HANA_DIST_LOG_NORMAL:
        return exp(d->a + d->b * hana_stream_normal(stream));
    case HANA_DIST_PERT:
        if (d->a == d->c) return d->a;
        pert_shapes(&a, &b, d);
        return d->a + (d->c - d->a) * gsl_ran_beta(rng, a, b);
    case HANA_DIST_BETA:
        return gsl_ran_beta(rng, d->a, d->b);
    case HANA_DIST_GAMMA:
        return gsl_ran_gamma(rng, d->a, d->b);
    case HANA_DIST_KINDS:
        break;
    }
    return NAN;
}
