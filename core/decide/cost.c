#include "decide/cost.h"

#include <math.h>
#include <string.h>

static const char *const shared_names[HANA_SHARED_INPUTS] = {
    [HANA_CASES_PER_YEAR] = "cases_per_year",
    [HANA_YEARS] = "years",
    [HANA_HOURLY] = "hourly",
    [HANA_COST_OF_ERROR] = "cost_of_error",
};

static const char *const own_names[HANA_OWN_INPUTS] = {
    [HANA_SETUP] = "setup",
    [HANA_PER_CASE] = "per_case",
    [HANA_PER_YEAR] = "per_year",
    [HANA_HOURS] = "hours",
    [HANA_LABELS] = "labels",
    [HANA_PER_LABEL] = "per_label",
    [HANA_DROP_OFF] = "drop_off",
    [HANA_MARGIN] = "margin",
    [HANA_COVERAGE] = "coverage",
    [HANA_UNCOVERED] = "uncovered",
    [HANA_UNCOVERED_LOSS] = "uncovered_loss",
    [HANA_ERROR] = "error",
    [HANA_LOSS] = "loss",
    [HANA_AGE] = "age",
    [HANA_HALF_LIFE] = "half_life",
};

const char *hana_shared_input_name(hana_shared_input input)
{
    return shared_names[input];
}

const char *hana_own_input_name(hana_own_input input)
{
    return own_names[input];
}

int hana_own_input_is_share(hana_own_input input)
{
    return input == HANA_DROP_OFF || input == HANA_COVERAGE || input == HANA_UNCOVERED ||
           input == HANA_ERROR;
}

size_t hana_input_number(size_t alternative, hana_own_input input)
{
    return HANA_SHARED_INPUTS + alternative * HANA_OWN_INPUTS + (size_t)input;
}

size_t hana_input_count(const hana_decision *d)
{
    return HANA_SHARED_INPUTS + d->n * HANA_OWN_INPUTS;
}

static size_t own_of(size_t input)
{
    return (input - HANA_SHARED_INPUTS) % HANA_OWN_INPUTS;
}

size_t hana_input_owner(const hana_decision *d, size_t input)
{
    return input < HANA_SHARED_INPUTS ? d->n
                                      : (input - HANA_SHARED_INPUTS) / HANA_OWN_INPUTS;
}

const hana_dist *hana_input_dist(const hana_decision *d, size_t input)
{
    if (input < HANA_SHARED_INPUTS) return &d->shared[input];
    return &d->alternatives[hana_input_owner(d, input)].inputs[own_of(input)];
}

int hana_input_is_share(size_t input)
{
    return input >= HANA_SHARED_INPUTS &&
           hana_own_input_is_share((hana_own_input)own_of(input));
}

static int ages(size_t input)
{
    return input >= HANA_SHARED_INPUTS &&
           (own_of(input) == HANA_AGE || own_of(input) == HANA_HALF_LIFE);
}

int hana_input_bends(const hana_decision *d, size_t input)
{
    return ages(input) || (input == HANA_YEARS && d->discount > 0);
}

double *hana_input_value(hana_inputs *v, size_t input)
{
    if (input < HANA_SHARED_INPUTS) return &v->shared[input];
    return &v->own[(input - HANA_SHARED_INPUTS) / HANA_OWN_INPUTS][own_of(input)];
}

double *hana_input_factor(hana_inputs *v, const hana_decision *d, size_t input)
{
    if (input == HANA_YEARS) return &v->span;
    if (ages(input)) return &v->fresh[hana_input_owner(d, input)];
    return hana_input_value(v, input);
}

/* The present value of 1 a year, paid at the start of each year. */
static double horizon(double years, double discount)
{
    if (discount == 0) return years;
    double whole = floor(years), q = 1 / (1 + discount);
    return (1 - pow(q, whole)) / (1 - q) + (years - whole) * pow(q, whole);
}

static double years_of(double span, double discount)
{
    if (discount == 0) return span;
    double q = 1 / (1 + discount), left = 1 - span * (1 - q);
    if (!(left > 0)) return NAN;
    /* A value that is a whole number but for rounding must not lose its last year. */
    double whole = floor(log(left) / log(q) + 1e-9);
    return whole + (span - (1 - pow(q, whole)) / (1 - q)) / pow(q, whole);
}

double hana_input_of_factor(const hana_inputs *at, const hana_decision *d, size_t input,
                            double factor)
{
    if (input == HANA_YEARS) return years_of(factor, d->discount);
    if (!ages(input)) return factor;
    if (!(factor > 0 && factor <= 1)) return NAN;
    const double *own = at->own[hana_input_owner(d, input)];
    if (own_of(input) == HANA_AGE) return -own[HANA_HALF_LIFE] * log2(factor);
    return factor < 1 && own[HANA_AGE] > 0 ? -own[HANA_AGE] / log2(factor) : (double)NAN;
}

static double still_fresh(double age, double half_life)
{
    return age > 0 ? exp2(-age / half_life) : 1;
}

void hana_inputs_follow(hana_inputs *v, const hana_decision *d)
{
    v->span = horizon(v->shared[HANA_YEARS], d->discount);
    for (size_t a = 0; a < d->n; a++)
        v->fresh[a] = still_fresh(v->own[a][HANA_AGE], v->own[a][HANA_HALF_LIFE]);
}

static int is_open(const hana_dist *dist)
{
    double low, high;
    hana_dist_support(&low, &high, dist);
    return low != high;
}

enum { NODES = 64 };

/* Fills x and w with values of a distribution and their weights: the Gauss-Legendre rule
   over its quantiles. Returns how many (1 for a constant). */
static size_t nodes(double *x, double *w, const hana_dist *dist)
{
    if (!is_open(dist)) {
        x[0] = hana_dist_mean(dist), w[0] = 1;
        return 1;
    }
    /* The nodes are computed here rather than taken from GSL's tables, which would be an
       allocation that may fail: Newton's method on the Legendre polynomial. */
    for (size_t i = 0; i < NODES; i++) {
        double z = cos(acos(-1.0) * ((double)i + 0.75) / (NODES + 0.5)), slope = 1;
        for (int step = 0; step < 20; step++) {
            double p = 1, before = 0;
            for (int k = 1; k <= NODES; k++) {
                double next = ((2 * k - 1) * z * p - (k - 1) * before) / k;
                before = p, p = next;
            }
            slope = NODES * (z * p - before) / (z * z - 1);
            double move = p / slope;
            z -= move;
            if (fabs(move) < 1e-15) break;
        }
        x[i] = hana_dist_quantile(dist, (1 + z) / 2);
        w[i] = 1 / ((1 - z * z) * slope * slope);
    }
    return NODES;
}

hana_inputs hana_inputs_means(const hana_decision *d)
{
    hana_inputs v;
    memset(&v, 0, sizeof v);
    for (size_t i = 0; i < hana_input_count(d); i++)
        *hana_input_value(&v, i) = hana_dist_mean(hana_input_dist(d, i));
    hana_inputs_follow(&v, d);
    double x[NODES], wx[NODES], y[NODES], wy[NODES];
    if (d->discount > 0 && is_open(&d->shared[HANA_YEARS])) {
        size_t n = nodes(x, wx, &d->shared[HANA_YEARS]);
        v.span = 0;
        for (size_t i = 0; i < n; i++) v.span += wx[i] * horizon(x[i], d->discount);
    }
    for (size_t a = 0; a < d->n; a++) {
        const hana_dist *age = &d->alternatives[a].inputs[HANA_AGE],
                        *half_life = &d->alternatives[a].inputs[HANA_HALF_LIFE];
        if (!is_open(age) && !is_open(half_life)) continue;
        size_t n = nodes(x, wx, age), m = nodes(y, wy, half_life);
        v.fresh[a] = 0;
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < m; j++)
                v.fresh[a] += wx[i] * wy[j] * still_fresh(x[i], y[j]);
    }
    return v;
}

double hana_inputs_cost(const hana_inputs *v, const size_t *chain, size_t length)
{
    double span = v->span, price = v->shared[HANA_COST_OF_ERROR];
    double fixed = 0, per_case = 0, reach = 1;
    for (size_t k = 0; k < length; k++) {
        const double *x = v->own[chain[k]];
        double fresh = v->fresh[chain[k]];
        fixed += x[HANA_SETUP] + x[HANA_HOURS] * v->shared[HANA_HOURLY] +
                 x[HANA_LABELS] * x[HANA_PER_LABEL] + x[HANA_PER_YEAR] * span;
        per_case += reach * (x[HANA_PER_CASE] + x[HANA_DROP_OFF] * x[HANA_MARGIN]);
        reach *= 1 - x[HANA_DROP_OFF];
        double miss =
            fresh * (x[HANA_ERROR] * price + x[HANA_LOSS]) + (1 - fresh) * price;
        per_case += reach * x[HANA_COVERAGE] * miss;
        reach *= 1 - x[HANA_COVERAGE];
    }
    const double *last = v->own[chain[length - 1]];
    per_case += reach * (last[HANA_UNCOVERED] * price + last[HANA_UNCOVERED_LOSS]);
    return fixed + v->shared[HANA_CASES_PER_YEAR] * span * per_case;
}

double hana_expected_cost(const hana_decision *decision, const size_t *chain,
                          size_t length)
{
    hana_inputs v = hana_inputs_means(decision);
    return hana_inputs_cost(&v, chain, length);
}

hana_line hana_inputs_line(const hana_inputs *at, const hana_decision *d, size_t input,
                           const size_t *chain, size_t length)
{
    hana_inputs v = *at;
    double *x = hana_input_factor(&v, d, input);
    *x = 0;
    double zero = hana_inputs_cost(&v, chain, length);
    *x = 1;
    return (hana_line){ zero, hana_inputs_cost(&v, chain, length) - zero };
}

static const char *input_name(size_t input)
{
    return input < HANA_SHARED_INPUTS ? shared_names[input] : own_names[own_of(input)];
}

static hana_status check_input(const hana_decision *d, size_t input, hana_error *err)
{
    const hana_dist *dist = hana_input_dist(d, input);
    const char *name = input_name(input);
    const char *of = input < HANA_SHARED_INPUTS
                         ? "decide"
                         : d->alternatives[hana_input_owner(d, input)].name;
    hana_status status = hana_dist_check(dist, err);
    if (status) return hana_fail_prefix(err, status, "%s: %s: ", of, name);
    double low, high;
    hana_dist_support(&low, &high, dist);
    if (hana_input_is_share(input)) {
        if (low < 0 || high > 1)
            return hana_fail(
                err, HANA_BAD_ARGUMENT,
                "%s: '%s' is a share of cases and must stay in 0..1, got %s %.6g..%.6g%s",
                of, name, hana_dist_name(dist->kind), low, high,
                isinf(low) || isinf(high) ? " (use a beta or pert distribution)" : "");
    } else if (input == HANA_YEARS || (ages(input) && own_of(input) == HANA_HALF_LIFE)) {
        int above = low > 0 || (low == 0 && high > 0 && dist->kind != HANA_DIST_UNIFORM);
        if (!above)
            return hana_fail(err, HANA_BAD_ARGUMENT, "%s: '%s' must be > 0, got %.6g", of,
                             name, low);
    } else if (low < 0 && dist->kind != HANA_DIST_NORMAL) {
        return hana_fail(err, HANA_BAD_ARGUMENT, "%s: '%s' must be >= 0, got %.6g", of,
                         name, low);
    }
    return HANA_OK;
}

static hana_status check_correlation(const hana_decision *d, hana_error *err)
{
    size_t n = d->n_correlated;
    if (n > hana_input_count(d))
        return hana_fail(err, HANA_BAD_ARGUMENT,
                         "decide: %zu correlated inputs of %zu inputs", n,
                         hana_input_count(d));
    for (size_t i = 0; i < n; i++) {
        size_t input = d->correlated[i];
        if (input >= hana_input_count(d))
            return hana_fail(err, HANA_BAD_ARGUMENT, "decide: no input has number %zu",
                             input);
        for (size_t j = 0; j < i; j++)
            if (d->correlated[j] == input)
                return hana_fail(err, HANA_BAD_ARGUMENT,
                                 "decide: input '%s' stands twice among the correlated",
                                 input_name(input));
        for (size_t j = 0; j < n; j++) {
            double r = d->correlation[i * n + j];
            if (!(fabs(r) <= 1) || r != d->correlation[j * n + i] || (i == j && r != 1))
                return hana_fail(
                    err, HANA_BAD_ARGUMENT,
                    "decide: rank correlations must lie in -1..1, with 1 on the diagonal "
                    "and the same below it as above, got %.6g for '%s' and '%s'",
                    r, input_name(input), input_name(d->correlated[j]));
        }
    }
    return HANA_OK;
}

hana_status hana_decision_check(const hana_decision *d, hana_error *err)
{
    if (d->n < 1 || d->n > HANA_ALTERNATIVES_MAX)
        return hana_fail(err, HANA_BAD_ARGUMENT, "decide: 1 to %d alternatives, got %zu",
                         HANA_ALTERNATIVES_MAX, d->n);
    if (d->draws < 100)
        return hana_fail(err, HANA_BAD_ARGUMENT,
                         "decide: 'draws' must be >= 100, got %zu", d->draws);
    if (!(d->discount >= 0 && d->discount < 1))
        return hana_fail(err, HANA_BAD_ARGUMENT,
                         "decide: 'discount' must be a yearly rate in 0..1, got %.6g",
                         d->discount);
    for (size_t i = 0; i < hana_input_count(d); i++) HANA_TRY(check_input(d, i, err));
    return check_correlation(d, err);
}
