#include "decide/alternatives.h"

#include "base/memory.h"
#include "base/parallel.h"

#include <assert.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <string.h>

enum {
    BLOCK = 4096,
    INPUTS_MAX = HANA_SHARED_INPUTS + HANA_ALTERNATIVES_MAX * HANA_OWN_INPUTS
};

static const char *const shared_names[HANA_SHARED_INPUTS] = {
    [HANA_CASES_PER_YEAR] = "cases_per_year",
    [HANA_YEARS] = "years",
    [HANA_HOURLY] = "hourly",
    [HANA_COST_OF_ERROR] = "cost_of_error",
};

static const char *const own_names[HANA_OWN_INPUTS] = {
    [HANA_SETUP] = "setup",       [HANA_PER_CASE] = "per_case",
    [HANA_PER_YEAR] = "per_year", [HANA_HOURS] = "hours",
    [HANA_LABELS] = "labels",     [HANA_PER_LABEL] = "per_label",
    [HANA_DROP_OFF] = "drop_off", [HANA_MARGIN] = "margin",
    [HANA_COVERAGE] = "coverage", [HANA_UNCOVERED] = "uncovered",
    [HANA_ERROR] = "error",
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

/* One draw of everything, or the means of everything. */
typedef struct values {
    double shared[HANA_SHARED_INPUTS];
    double own[HANA_ALTERNATIVES_MAX][HANA_OWN_INPUTS];
} values;

/* Inputs are numbered: the shared ones, then those of the first alternative, and so on.
 */
static const hana_dist *input_dist(const hana_decision *d, size_t input)
{
    if (input < HANA_SHARED_INPUTS) return &d->shared[input];
    input -= HANA_SHARED_INPUTS;
    return &d->alternatives[input / HANA_OWN_INPUTS].inputs[input % HANA_OWN_INPUTS];
}

static double *input_value(values *v, size_t input)
{
    if (input < HANA_SHARED_INPUTS) return &v->shared[input];
    input -= HANA_SHARED_INPUTS;
    return &v->own[input / HANA_OWN_INPUTS][input % HANA_OWN_INPUTS];
}

static size_t input_count(const hana_decision *d)
{
    return HANA_SHARED_INPUTS + d->n * HANA_OWN_INPUTS;
}

/* Whether the cost of alternative `a` depends on the input. */
static int depends(size_t input, size_t a)
{
    return input < HANA_SHARED_INPUTS ||
           (input - HANA_SHARED_INPUTS) / HANA_OWN_INPUTS == a;
}

static values means(const hana_decision *d)
{
    values v;
    memset(&v, 0, sizeof v);
    for (size_t i = 0; i < input_count(d); i++)
        *input_value(&v, i) = hana_dist_mean(input_dist(d, i));
    return v;
}

static double horizon(double years, double discount)
{
    if (discount == 0) return years;
    double whole = floor(years), q = 1 / (1 + discount);
    return (1 - pow(q, whole)) / (1 - q) + (years - whole) * pow(q, whole);
}

static double cost(const values *v, double discount, const size_t *chain, size_t length)
{
    double span = horizon(v->shared[HANA_YEARS], discount),
           price = v->shared[HANA_COST_OF_ERROR];
    double fixed = 0, per_case = 0, reach = 1;
    for (size_t k = 0; k < length; k++) {
        const double *x = v->own[chain[k]];
        fixed += x[HANA_SETUP] + x[HANA_HOURS] * v->shared[HANA_HOURLY] +
                 x[HANA_LABELS] * x[HANA_PER_LABEL] + x[HANA_PER_YEAR] * span;
        per_case += reach * (x[HANA_PER_CASE] + x[HANA_DROP_OFF] * x[HANA_MARGIN]);
        reach *= 1 - x[HANA_DROP_OFF];
        per_case += reach * x[HANA_COVERAGE] * x[HANA_ERROR] * price;
        reach *= 1 - x[HANA_COVERAGE];
    }
    per_case += reach * v->own[chain[length - 1]][HANA_UNCOVERED] * price;
    return fixed + v->shared[HANA_CASES_PER_YEAR] * span * per_case;
}

double hana_expected_cost(const hana_decision *decision, const size_t *chain,
                          size_t length)
{
    values v = means(decision);
    return cost(&v, decision->discount, chain, length);
}

static hana_status check_input(const hana_decision *d, size_t input, hana_error *err)
{
    const hana_dist *dist = input_dist(d, input);
    int shared = input < HANA_SHARED_INPUTS;
    size_t own = shared ? 0 : (input - HANA_SHARED_INPUTS) % HANA_OWN_INPUTS;
    const char *name = shared ? shared_names[input] : own_names[own];
    const char *of =
        shared ? "decide"
               : d->alternatives[(input - HANA_SHARED_INPUTS) / HANA_OWN_INPUTS].name;
    hana_status status = hana_dist_check(dist, err);
    if (status) return hana_fail_prefix(err, status, "%s: %s: ", of, name);
    double low, high;
    hana_dist_support(&low, &high, dist);
    if (!shared && hana_own_input_is_share((hana_own_input)own)) {
        if (low < 0 || high > 1)
            return hana_fail(
                err, HANA_BAD_ARGUMENT,
                "%s: '%s' is a share of cases and must stay in 0..1, got %s %.6g..%.6g%s",
                of, name, hana_dist_name(dist->kind), low, high,
                isinf(low) || isinf(high) ? " (use a beta or pert distribution)" : "");
    } else if (low < 0 && dist->kind != HANA_DIST_NORMAL) {
        return hana_fail(err, HANA_BAD_ARGUMENT, "%s: '%s' must be >= 0, got %.6g", of,
                         name, low);
    }
    if (shared && input == HANA_YEARS) {
        if (low <= 0)
            return hana_fail(err, HANA_BAD_ARGUMENT,
                             "decide: 'years' must be > 0, got %.6g", low);
        if (d->discount > 0 && dist->kind != HANA_DIST_CONSTANT)
            return hana_fail(err, HANA_BAD_ARGUMENT,
                             "decide: with 'discount', 'years' must be a number");
    }
    return HANA_OK;
}

static hana_status check(const hana_decision *d, hana_error *err)
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
    for (size_t i = 0; i < input_count(d); i++) HANA_TRY(check_input(d, i, err));
    return HANA_OK;
}

/* A cost as a function of one input, all others at their means. */
typedef struct line {
    double intercept, slope;
} line;

static line line_of(const hana_decision *d, const values *at, size_t input, size_t a)
{
    values v = *at;
    double *x = input_value(&v, input);
    *x = 0;
    double zero = cost(&v, d->discount, &a, 1);
    *x = 1;
    return (line){ zero, cost(&v, d->discount, &a, 1) - zero };
}

/* Where two lines cross, within the range an input may have; NaN: nowhere. */
static double crossing(line p, line q, double low, double high)
{
    double slope = p.slope - q.slope, gap = q.intercept - p.intercept;
    if (slope == 0) return NAN;
    double x = gap / slope;
    return x >= low && x <= high ? x : (double)NAN;
}

static double nearer(double from, double a, double b)
{
    if (isnan(a)) return b;
    if (isnan(b)) return a;
    return fabs(b - from) < fabs(a - from) ? b : a;
}

static void break_evens(hana_verdict *out, const hana_decision *d, const values *at)
{
    size_t best = out->best;
    for (size_t i = 0; i < input_count(d); i++) {
        int shared = i < HANA_SHARED_INPUTS;
        size_t owner = shared ? best : (i - HANA_SHARED_INPUTS) / HANA_OWN_INPUTS;
        size_t own = shared ? 0 : (i - HANA_SHARED_INPUTS) % HANA_OWN_INPUTS;
        double high =
            !shared && hana_own_input_is_share((hana_own_input)own) ? 1 : INFINITY;
        double now = hana_dist_mean(input_dist(d, i)), found = NAN;
        line mine = line_of(d, at, i, owner);
        for (size_t a = 0; a < d->n; a++) {
            if (a == owner || (owner != best && a != best)) continue;
            line theirs =
                shared ? line_of(d, at, i, a) : (line){ out->judged[a].mean, 0 };
            found = nearer(now, found, crossing(mine, theirs, 0, high));
        }
        /* A discounted horizon is no straight line in the years. */
        if (shared && i == HANA_YEARS && d->discount > 0) found = NAN;
        if (shared)
            out->shared_break_even[i] = found;
        else
            out->break_even[owner][own] = found;
    }
}

static void swings(hana_verdict *out, const hana_decision *d, const values *at)
{
    for (size_t a = 0; a < d->n; a++)
        for (size_t k = 0; k < HANA_SHARED_INPUTS + HANA_OWN_INPUTS; k++) {
            size_t input = k < HANA_SHARED_INPUTS ? k : k + a * HANA_OWN_INPUTS;
            const hana_dist *dist = input_dist(d, input);
            values v = *at;
            *input_value(&v, input) = hana_dist_quantile(dist, 0.05);
            out->swing_low[a][k] = cost(&v, d->discount, &a, 1);
            *input_value(&v, input) = hana_dist_quantile(dist, 0.95);
            out->swing_high[a][k] = cost(&v, d->discount, &a, 1);
        }
}

/* Tries every order of every subset that begins with chain[0..length). */
static void search_chain(hana_verdict *out, const hana_decision *d, const values *at,
                         size_t *chain, size_t length)
{
    if (length) {
        double mean = cost(at, d->discount, chain, length);
        if (out->chain_length == 0 || mean < out->chain_judged.mean * (1 - 1e-12)) {
            out->chain_judged.mean = mean;
            out->chain_length = length;
            memcpy(out->chain, chain, length * sizeof *chain);
        }
    }
    for (size_t a = 0; a < d->n; a++) {
        size_t k = 0;
        int group = d->alternatives[a].group;
        while (k < length && chain[k] != a &&
               !(group > 0 && d->alternatives[chain[k]].group == group))
            k++;
        if (k < length) continue;
        chain[length] = a;
        search_chain(out, d, at, chain, length + 1);
    }
}

typedef struct simulation {
    const hana_decision *decision;
    const hana_verdict *verdict;
    values at;
    size_t n_open; /* inputs that are not constants */
    size_t open[INPUTS_MAX];
    line lines[INPUTS_MAX]
              [HANA_ALTERNATIVES_MAX]; /* cost of each alternative given the input */
    uint64_t seed;
    double *costs;    /* one row of draws an alternative, then one for the chain */
    double *partials; /* per block: see `width` */
    size_t width;
} simulation;

/* Layout of a block's partial sums. */
enum {
    REGRET = 0,
    CHAIN_WINS = 1,
    WINS = 2,
    SQUARES = WINS + HANA_ALTERNATIVES_MAX,
    CHAIN_SQUARES = SQUARES + HANA_ALTERNATIVES_MAX,
    KNOWN
};

static hana_status simulate(void *context, size_t block, int worker, hana_error *err)
{
    (void)worker, (void)err;
    simulation *s = context;
    const hana_decision *d = s->decision;
    double *sums = s->partials + block * s->width;
    hana_stream streams[INPUTS_MAX];
    for (size_t k = 0; k < s->n_open; k++)
        hana_stream_init(&streams[k],
                         hana_seed_child(hana_seed_child(s->seed, "input", s->open[k]),
                                         "block", block));
    size_t from = block * BLOCK, to = from + BLOCK < d->draws ? from + BLOCK : d->draws;
    values v = s->at;
    for (size_t t = from; t < to; t++) {
        double x[INPUTS_MAX];
        for (size_t k = 0; k < s->n_open; k++)
            *input_value(&v, s->open[k]) = x[k] =
                hana_dist_draw(input_dist(d, s->open[k]), &streams[k]);
        double costs[HANA_ALTERNATIVES_MAX], lowest = INFINITY;
        for (size_t a = 0; a < d->n; a++) {
            costs[a] = cost(&v, d->discount, &a, 1);
            s->costs[a * d->draws + t] = costs[a];
            double off = costs[a] - s->verdict->judged[a].mean;
            sums[SQUARES + a] += off * off;
            if (costs[a] < lowest) lowest = costs[a];
        }
        size_t ties = 0;
        for (size_t a = 0; a < d->n; a++) ties += costs[a] == lowest;
        for (size_t a = 0; a < d->n; a++)
            if (costs[a] == lowest) sums[WINS + a] += 1 / (double)ties;
        sums[REGRET] += costs[s->verdict->best] - lowest;
        double chain = cost(&v, d->discount, s->verdict->chain, s->verdict->chain_length);
        s->costs[d->n * d->draws + t] = chain;
        double off = chain - s->verdict->chain_judged.mean;
        sums[CHAIN_SQUARES] += off * off;
        sums[CHAIN_WINS] += chain <= lowest;
        for (size_t k = 0; k < s->n_open; k++) {
            double least = INFINITY;
            for (size_t a = 0; a < d->n; a++) {
                line l = s->lines[k][a];
                double given = l.intercept + l.slope * x[k];
                if (given < least) least = given;
            }
            line b = s->lines[k][s->verdict->best];
            sums[KNOWN + k] += b.intercept + b.slope * x[k] - least;
        }
    }
    return HANA_OK;
}

typedef struct ranking {
    double *costs;
    size_t draws;
    hana_judged *judged[HANA_ALTERNATIVES_MAX + 1];
} ranking;

static hana_status rank(void *context, size_t block, int worker, hana_error *err)
{
    (void)worker, (void)err;
    ranking *r = context;
    double *costs = r->costs + block * r->draws;
    gsl_sort(costs, 1, r->draws);
    r->judged[block]->low = gsl_stats_quantile_from_sorted_data(costs, 1, r->draws, 0.05);
    r->judged[block]->high =
        gsl_stats_quantile_from_sorted_data(costs, 1, r->draws, 0.95);
    return HANA_OK;
}

static void prepare(simulation *s, const hana_verdict *out, const hana_decision *d)
{
    for (size_t i = 0; i < input_count(d); i++) {
        const hana_dist *dist = input_dist(d, i);
        double low, high;
        hana_dist_support(&low, &high, dist);
        if (low == high) continue;
        size_t k = s->n_open++;
        s->open[k] = i;
        for (size_t a = 0; a < d->n; a++)
            s->lines[k][a] = depends(i, a) ? line_of(d, &s->at, i, a)
                                           : (line){ out->judged[a].mean, 0 };
    }
    s->width = KNOWN + s->n_open;
}

static void summarize(hana_verdict *out, const simulation *s, const hana_decision *d)
{
    const double *sums = s->partials;
    double n = (double)d->draws;
    for (size_t a = 0; a < d->n; a++) {
        out->judged[a].sd = sqrt(sums[SQUARES + a] / n);
        out->judged[a].probability = sums[WINS + a] / n;
    }
    out->chain_judged.sd = sqrt(sums[CHAIN_SQUARES] / n);
    out->chain_judged.probability = sums[CHAIN_WINS] / n;
    out->evpi = sums[REGRET] / n;
    for (size_t k = 0; k < s->n_open; k++) {
        double worth = sums[KNOWN + k] / n;
        size_t i = s->open[k];
        if (i < HANA_SHARED_INPUTS) {
            out->shared_evpi[i] = worth;
        } else {
            i -= HANA_SHARED_INPUTS;
            out->own_evpi[i / HANA_OWN_INPUTS][i % HANA_OWN_INPUTS] = worth;
        }
    }
}

hana_status hana_decide(hana_verdict *out, const hana_decision *d, hana_job *job,
                        hana_error *err)
{
    HANA_TRY(check(d, err));
    hana_status status = HANA_OK;
    simulation *s = hana_alloc_zero(1, sizeof *s);
    hana_verdict *v = hana_alloc_zero(1, sizeof *v);
    if (!s || !v) {
        status = hana_fail_memory(err);
        goto done;
    }
    s->decision = d;
    s->verdict = v;
    s->at = means(d);
    s->seed = hana_seed_child(hana_job_seed(job), "decide", 0);
    v->n = d->n;
    for (size_t a = 0; a < d->n; a++) {
        v->judged[a].mean = cost(&s->at, d->discount, &a, 1);
        if (v->judged[a].mean < v->judged[v->best].mean) v->best = a;
    }
    break_evens(v, d, &s->at);
    swings(v, d, &s->at);
    size_t chain[HANA_ALTERNATIVES_MAX] = { 0 };
    search_chain(v, d, &s->at, chain, 0);
    prepare(s, v, d);

    size_t blocks = (d->draws + BLOCK - 1) / BLOCK;
    s->costs = hana_alloc((d->n + 1) * d->draws, sizeof *s->costs);
    s->partials = hana_alloc_zero(blocks * s->width, sizeof *s->partials);
    if (!s->costs || !s->partials) {
        status = hana_fail_memory(err);
        goto done;
    }
    HANA_GOTO(done, hana_parallel(job, blocks, simulate, s, err));
    hana_tree_sum(s->partials, blocks, s->width);
    summarize(v, s, d);

    ranking r = { .costs = s->costs, .draws = d->draws };
    for (size_t a = 0; a < d->n; a++) r.judged[a] = &v->judged[a];
    r.judged[d->n] = &v->chain_judged;
    HANA_GOTO(done, hana_parallel(job, d->n + 1, rank, &r, err));
    *out = *v;
done:
    if (s) {
        hana_free(s->costs);
        hana_free(s->partials);
    }
    hana_free(s);
    hana_free(v);
    return status;
}
