#include "decide/pilot.h"

#include "base/memory.h"
#include "decide/cost.h"

#include <math.h>

/* The cost of each alternative given the input. */
typedef struct given {
    size_t n, best;
    hana_line lines[HANA_ALTERNATIVES_MAX];
} given;

static double saved(const given *g, double x)
{
    double least = INFINITY;
    for (size_t a = 0; a < g->n; a++) {
        double cost = g->lines[a].intercept + g->lines[a].slope * x;
        if (cost < least) least = cost;
    }
    return g->lines[g->best].intercept + g->lines[g->best].slope * x - least;
}

static double log_beta(double a, double b)
{
    return lgamma(a) + lgamma(b) - lgamma(a + b);
}

static double after_counts(const given *g, double a, double b, size_t n)
{
    double whole = (double)n, worth = 0;
    /* The logarithm of the probability of k = 0, then each from the one before. */
    double weight = log_beta(a, b + whole) - log_beta(a, b);
    for (size_t i = 0; i <= n; i++) {
        double k = (double)i;
        worth += exp(weight) * saved(g, (a + k) / (a + b + whole));
        if (i < n) weight += log((whole - k) / (k + 1) * (a + k) / (b + whole - k - 1));
    }
    return worth;
}

/* What the pilot says about inputs that are correlated with the observed one: their mean
   moves in proportion to its mean. */
static void follow(given *g, const hana_decision *d, const hana_inputs *at, size_t number)
{
    size_t n = d->n_correlated, row = n;
    for (size_t i = 0; i < n; i++)
        if (d->correlated[i] == number) row = i;
    if (row == n) return;
    const hana_dist *dist = hana_input_dist(d, number);
    double mean = hana_dist_mean(dist), sd = hana_dist_sd(dist);
    for (size_t j = 0; j < n; j++) {
        size_t other = d->correlated[j];
        if (j == row || hana_input_bends(d, other)) continue;
        double r = 2 * sin(acos(-1.0) / 6 * d->correlation[row * n + j]);
        double along = r * hana_dist_sd(hana_input_dist(d, other)) / sd;
        for (size_t a = 0; a < d->n; a++) {
            double moved = along * hana_inputs_line(at, d, other, &a, 1).slope;
            g->lines[a].slope += moved;
            g->lines[a].intercept -= moved * mean;
        }
    }
}

/* The midpoint rule over the quantiles of the mean after the pilot; the kink of the
   lowest cost would gain nothing from a rule of higher order. */
static double after_costs(const given *g, double mean, double sd)
{
    enum { PIECES = 2000 };
    hana_dist spread = { HANA_DIST_GAMMA, mean * mean / (sd * sd), sd * sd / mean, 0 };
    double worth = 0;
    for (int i = 0; i < PIECES; i++)
        worth += saved(g, hana_dist_quantile(&spread, (i + 0.5) / PIECES));
    return worth / PIECES;
}

static int is_loss(hana_own_input input)
{
    return input == HANA_LOSS || input == HANA_UNCOVERED_LOSS;
}

/* Whether cases would show anything about the input. */
static hana_status check_observed(const hana_decision *d, const hana_observed *o,
                                  hana_error *err)
{
    if (o->alternative >= d->n)
        return hana_fail(err, HANA_BAD_ARGUMENT, "pilot: no alternative has number %zu",
                         o->alternative);
    const char *of = d->alternatives[o->alternative].name,
               *name = hana_own_input_name(o->input);
    if (!hana_own_input_is_share(o->input) && !is_loss(o->input))
        return hana_fail(err, HANA_BAD_ARGUMENT,
                         "pilot: '%s' is no share or cost that cases would show (those "
                         "are error, loss, drop_off, coverage, uncovered)",
                         name);
    const hana_dist *dist = &d->alternatives[o->alternative].inputs[o->input];
    if (!(hana_dist_sd(dist) > 0))
        return hana_fail(err, HANA_BAD_ARGUMENT,
                         "pilot: '%s' of '%s' is given as known exactly (%.6g); give a "
                         "distribution or measured counts",
                         name, of, hana_dist_mean(dist));
    if (is_loss(o->input) && !(o->known > 0))
        return hana_fail(err, HANA_BAD_ARGUMENT,
                         "pilot: '%s' of '%s' was not measured, so that nobody knows how "
                         "far one case differs from another",
                         name, of);
    return HANA_OK;
}

static hana_status check_sizes(const size_t *n, size_t count, hana_error *err)
{
    for (size_t i = 0; i < count; i++)
        if (n[i] > HANA_PILOT_MAX)
            return hana_fail(err, HANA_BAD_ARGUMENT, "pilot: at most %d cases, got %zu",
                             HANA_PILOT_MAX, n[i]);
    return HANA_OK;
}

/* The beta distribution of a share, or the one with its mean and standard deviation. */
static void beta_shapes(double *a, double *b, const hana_dist *dist)
{
    *a = dist->a, *b = dist->b;
    if (dist->kind == HANA_DIST_BETA) return;
    double mean = hana_dist_mean(dist), sd = hana_dist_sd(dist);
    double size = mean * (1 - mean) / (sd * sd) - 1;
    *a = mean * size, *b = (1 - mean) * size;
}

hana_status hana_pilot_worth(double *worth, const hana_decision *d, size_t alternative,
                             hana_own_input input, double known, const size_t *n,
                             size_t count, hana_job *job, hana_error *err)
{
    hana_observed observed = { alternative, input, known };
    HANA_TRY(hana_decision_check(d, err));
    HANA_TRY(check_observed(d, &observed, err));
    HANA_TRY(check_sizes(n, count, err));
    const hana_dist *dist = &d->alternatives[alternative].inputs[input];
    hana_inputs at = hana_inputs_means(d);
    size_t number = hana_input_number(alternative, input);
    given g = { .n = d->n };
    double lowest = INFINITY;
    for (size_t k = 0; k < d->n; k++) {
        double cost = hana_inputs_cost(&at, &k, 1);
        if (cost < lowest) lowest = cost, g.best = k;
        g.lines[k] = hana_inputs_line(&at, d, number, &k, 1);
    }
    follow(&g, d, &at, number);
    double a, b;
    beta_shapes(&a, &b, dist);
    for (size_t i = 0; i < count; i++) {
        HANA_TRY(hana_job_check(job, err));
        double cases = (double)n[i];
        if (n[i] == 0)
            worth[i] = 0;
        else if (is_loss(input))
            worth[i] = after_costs(&g, hana_dist_mean(dist),
                                   hana_dist_sd(dist) * sqrt(cases / (cases + known)));
        else
            worth[i] = after_counts(&g, a, b, n[i]);
    }
    return HANA_OK;
}

/* How the mean of the input is spread that n cases will leave. */
static hana_dist mean_after(const hana_dist *dist, const hana_observed *o, double n)
{
    double mean = hana_dist_mean(dist), sd = hana_dist_sd(dist), a, b;
    if (is_loss(o->input)) {
        double variance = sd * sd * n / (n + o->known);
        return (hana_dist){ HANA_DIST_GAMMA, mean * mean / variance, variance / mean, 0 };
    }
    beta_shapes(&a, &b, dist);
    double size = (a + b + 1) * (a + b + n) / n - 1;
    return (hana_dist){ HANA_DIST_BETA, mean * size, (1 - mean) * size, 0 };
}

hana_status hana_pilot_together(double *worth, const hana_decision *d,
                                const hana_observed *observed, size_t observed_n,
                                size_t draws, const size_t *n, size_t count,
                                hana_job *job, hana_error *err)
{
    HANA_TRY(hana_decision_check(d, err));
    for (size_t i = 0; i < observed_n; i++)
        HANA_TRY(check_observed(d, &observed[i], err));
    HANA_TRY(check_sizes(n, count, err));
    hana_status status = HANA_OK;
    hana_verdict *verdict = hana_alloc(1, sizeof *verdict);
    hana_alternative *fixed = hana_alloc(d->n, sizeof *fixed);
    if (!verdict || !fixed) {
        status = hana_fail_memory(err);
        goto done;
    }
    /* All that the pilot does not show stands at its mean, through the factor that it
       acts through. */
    hana_inputs at = hana_inputs_means(d);
    hana_decision after = *d;
    after.alternatives = fixed;
    after.draws = draws;
    for (size_t a = 0; a < d->n; a++) fixed[a] = d->alternatives[a];
    for (size_t i = 0; i < hana_input_count(d); i++) {
        double value = *hana_input_value(&at, i);
        size_t a = hana_input_owner(d, i);
        if (i == HANA_YEARS || i == hana_input_number(a, HANA_AGE))
            value = hana_input_of_factor(&at, d, i, *hana_input_factor(&at, d, i));
        hana_dist constant = { HANA_DIST_CONSTANT, value, 0, 0 };
        if (a == d->n)
            after.shared[i] = constant;
        else
            fixed[a].inputs[i - hana_input_number(a, HANA_SETUP)] = constant;
    }
    for (size_t k = 0; k < count; k++) {
        if (n[k] == 0) {
            worth[k] = 0;
            continue;
        }
        for (size_t i = 0; i < observed_n; i++) {
            const hana_observed *o = &observed[i];
            fixed[o->alternative].inputs[o->input] = mean_after(
                &d->alternatives[o->alternative].inputs[o->input], o, (double)n[k]);
        }
        HANA_GOTO(done, hana_decide(verdict, &after, job, err));
        worth[k] = verdict->evpi;
    }
done:
    hana_free(verdict);
    hana_free(fixed);
    return status;
}
