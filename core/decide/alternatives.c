#include "decide/alternatives.h"

#include "base/memory.h"
#include "base/parallel.h"
#include "base/radix.h"
#include "decide/correlation.h"
#include "decide/cost.h"

#include <assert.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <string.h>

enum { BLOCK = 4096 };

/* Where two lines cross, within the range a factor may have; NaN: nowhere. */
static double crossing(hana_line p, hana_line q, double low, double high)
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

/* The cost of alternative a as a line in the input's factor, moved so that at the means
   it is the judged mean. */
static hana_line line_of(const hana_verdict *v, const hana_decision *d,
                         const hana_inputs *at, size_t input, size_t a)
{
    size_t owner = hana_input_owner(d, input);
    if (owner < d->n && owner != a) return (hana_line){ v->judged[a].mean, 0 };
    hana_line line = hana_inputs_line(at, d, input, &a, 1);
    line.intercept += v->judged[a].mean - hana_inputs_cost(at, &a, 1);
    return line;
}

static void break_evens(hana_verdict *out, const hana_decision *d, const hana_inputs *at)
{
    size_t best = out->best;
    for (size_t i = 0; i < hana_input_count(d); i++) {
        hana_inputs v = *at;
        double now = *hana_input_factor(&v, d, i), found = NAN;
        int shared = i < HANA_SHARED_INPUTS;
        double high =
            hana_input_is_share(i) || (!shared && hana_input_bends(d, i)) ? 1 : INFINITY;
        size_t owner = shared ? best : hana_input_owner(d, i);
        hana_line mine = line_of(out, d, at, i, owner);
        for (size_t a = 0; a < d->n; a++) {
            if (a == owner || (owner != best && a != best)) continue;
            hana_line theirs = line_of(out, d, at, i, a);
            found = nearer(now, found, crossing(mine, theirs, 0, high));
        }
        found = hana_input_of_factor(at, d, i, found);
        if (shared)
            out->shared_break_even[i] = found;
        else
            out->break_even[owner][(i - HANA_SHARED_INPUTS) % HANA_OWN_INPUTS] = found;
    }
}

static void swings(hana_verdict *out, const hana_decision *d, const hana_inputs *at)
{
    for (size_t a = 0; a < d->n; a++)
        for (size_t k = 0; k < HANA_SHARED_INPUTS + HANA_OWN_INPUTS; k++) {
            size_t input = k < HANA_SHARED_INPUTS ? k : k + a * HANA_OWN_INPUTS;
            const hana_dist *dist = hana_input_dist(d, input);
            double *swing[] = { &out->swing_low[a][k], &out->swing_high[a][k] };
            double shift = out->judged[a].mean - hana_inputs_cost(at, &a, 1);
            for (int side = 0; side < 2; side++) {
                hana_inputs v = *at, moved = *at;
                double *x = hana_input_value(&moved, input);
                *x = hana_dist_quantile(dist, side ? 0.95 : 0.05);
                hana_inputs_follow(&moved, d);
                *hana_input_factor(&v, d, input) = *hana_input_factor(&moved, d, input);
                *swing[side] = hana_inputs_cost(&v, &a, 1) + shift;
            }
        }
}

/* Tries every order of every subset that begins with chain[0..length). */
static void search_chain(hana_verdict *out, const hana_decision *d, const hana_inputs *at,
                         size_t *chain, size_t length)
{
    if (length) {
        double mean = hana_inputs_cost(at, chain, length);
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
    hana_inputs at;
    size_t n_open; /* inputs that are not constants */
    size_t open[HANA_INPUTS_MAX];
    /* The cost of each alternative given the input, where that is a line. */
    hana_line lines[HANA_INPUTS_MAX][HANA_ALTERNATIVES_MAX];
    size_t n_kept; /* open inputs whose draws are kept, for the partition method */
    size_t kept[HANA_INPUTS_MAX]; /* place in `open` */
    int is_kept[HANA_INPUTS_MAX]; /* by place in `open` */
    size_t n_tied;                /* open inputs that are correlated */
    size_t tied[HANA_INPUTS_MAX]; /* place in `open` */
    size_t tied_number[HANA_INPUTS_MAX];
    double *factor;       /* of the copula, n_tied x n_tied */
    int means_from_draws; /* of single alternatives */
    uint64_t seed;
    double *costs;    /* one row of draws an alternative, then one for the chain */
    double *draws;    /* one row a kept input */
    double *partials; /* per block: see `width` */
    size_t width;
} simulation;

/* Layout of a block's partial sums. */
enum {
    REGRET = 0,
    CHAIN_WINS,
    CHAIN_SQUARES,
    CHAIN_SUM,
    SUMS,
    WINS = SUMS + HANA_ALTERNATIVES_MAX,
    SQUARES = WINS + HANA_ALTERNATIVES_MAX,
    BEATS = SQUARES + HANA_ALTERNATIVES_MAX,
    KNOWN = BEATS + HANA_ALTERNATIVES_MAX * HANA_ALTERNATIVES_MAX
};

/* Draws of the correlated inputs of a block, in the order of the copula. NULL when memory
   runs out. */
static double *draw_tied(const simulation *s, size_t block, size_t rows)
{
    size_t n = s->n_tied;
    double *x = hana_alloc(n * rows, sizeof *x);
    double *scratch = hana_alloc((n + 1) * rows, sizeof *scratch);
    size_t *order = hana_alloc(rows, sizeof *order);
    if (x && scratch && order) {
        for (size_t i = 0; i < n; i++) {
            size_t input = s->open[s->tied[i]];
            hana_stream stream;
            hana_stream_init(&stream,
                             hana_seed_child(hana_seed_child(s->seed, "input", input),
                                             "block", block));
            const hana_dist *dist = hana_input_dist(s->decision, input);
            for (size_t t = 0; t < rows; t++)
                x[i * rows + t] = hana_dist_draw(dist, &stream);
        }
        hana_copula_order(x, n, rows, s->factor, s->tied_number,
                          hana_seed_child(s->seed, "block", block), scratch, order);
    } else {
        hana_free(x);
        x = NULL;
    }
    hana_free(scratch);
    hana_free(order);
    return x;
}

static void tally(double *sums, const simulation *s, const double *costs, double chain)
{
    size_t n = s->decision->n, ties = 0;
    double lowest = INFINITY;
    for (size_t a = 0; a < n; a++) {
        double off = costs[a] - s->verdict->judged[a].mean;
        sums[SUMS + a] += costs[a];
        sums[SQUARES + a] += off * off;
        if (costs[a] < lowest) lowest = costs[a];
        for (size_t b = 0; b < n; b++)
            sums[BEATS + a * HANA_ALTERNATIVES_MAX + b] +=
                costs[a] < costs[b] ? 1 : (costs[a] == costs[b] ? 0.5 : 0);
    }
    for (size_t a = 0; a < n; a++) ties += costs[a] == lowest;
    for (size_t a = 0; a < n; a++)
        if (costs[a] == lowest) sums[WINS + a] += 1 / (double)ties;
    sums[REGRET] += costs[s->verdict->best] - lowest;
    double off = chain - s->verdict->chain_judged.mean;
    sums[CHAIN_SUM] += chain;
    sums[CHAIN_SQUARES] += off * off;
    sums[CHAIN_WINS] += chain <= lowest;
}

static hana_status simulate(void *context, size_t block, int worker, hana_error *err)
{
    (void)worker;
    simulation *s = context;
    const hana_decision *d = s->decision;
    double *sums = s->partials + block * s->width;
    memset(sums, 0, s->width * sizeof *sums);
    hana_stream streams[HANA_INPUTS_MAX];
    for (size_t k = 0; k < s->n_open; k++)
        hana_stream_init(&streams[k],
                         hana_seed_child(hana_seed_child(s->seed, "input", s->open[k]),
                                         "block", block));
    size_t from = block * BLOCK, to = from + BLOCK < d->draws ? from + BLOCK : d->draws;
    double *tied = NULL;
    int tied_row[HANA_INPUTS_MAX];
    for (size_t k = 0; k < s->n_open; k++) tied_row[k] = -1;
    if (s->n_tied) {
        tied = draw_tied(s, block, to - from);
        if (!tied) return hana_fail_memory(err);
        for (size_t i = 0; i < s->n_tied; i++) tied_row[s->tied[i]] = (int)i;
    }
    hana_inputs v = s->at;
    for (size_t t = from; t < to; t++) {
        double x[HANA_INPUTS_MAX], costs[HANA_ALTERNATIVES_MAX];
        for (size_t k = 0; k < s->n_open; k++)
            *hana_input_value(&v, s->open[k]) = x[k] =
                tied_row[k] >= 0
                    ? tied[(size_t)tied_row[k] * (to - from) + (t - from)]
                    : hana_dist_draw(hana_input_dist(d, s->open[k]), &streams[k]);
        hana_inputs_follow(&v, d);
        for (size_t a = 0; a < d->n; a++)
            costs[a] = s->costs[a * d->draws + t] = hana_inputs_cost(&v, &a, 1);
        double chain = hana_inputs_cost(&v, s->verdict->chain, s->verdict->chain_length);
        s->costs[d->n * d->draws + t] = chain;
        tally(sums, s, costs, chain);
        for (size_t k = 0; k < s->n_kept; k++) s->draws[k * d->draws + t] = x[s->kept[k]];
        for (size_t k = 0; k < s->n_open; k++) {
            if (s->is_kept[k]) continue;
            double least = INFINITY;
            for (size_t a = 0; a < d->n; a++) {
                hana_line l = s->lines[k][a];
                double given = l.intercept + l.slope * x[k];
                if (given < least) least = given;
            }
            hana_line b = s->lines[k][s->verdict->best];
            sums[KNOWN + k] += b.intercept + b.slope * x[k] - least;
        }
    }
    hana_free(tied);
    return HANA_OK;
}

typedef struct ranking {
    double *costs;
    size_t draws;
    hana_judged *judged[HANA_ALTERNATIVES_MAX + 1];
} ranking;

static hana_status rank(void *context, size_t block, int worker, hana_error *err)
{
    (void)worker;
    ranking *r = context;
    double *costs = r->costs + block * r->draws;
    uint64_t *keys = hana_alloc(r->draws, sizeof *keys);
    if (!keys) return hana_fail_memory(err);
    for (size_t t = 0; t < r->draws; t++) keys[t] = hana_radix_double(costs[t]);
    hana_status status = hana_radix_sort(keys, NULL, r->draws, err);
    for (size_t t = 0; t < r->draws; t++) costs[t] = hana_radix_to_double(keys[t]);
    hana_free(keys);
    if (status) return status;
    r->judged[block]->low = gsl_stats_quantile_from_sorted_data(costs, 1, r->draws, 0.05);
    r->judged[block]->high =
        gsl_stats_quantile_from_sorted_data(costs, 1, r->draws, 0.95);
    return HANA_OK;
}

/* The partition method for one kept input; its worth goes into partials[KNOWN + ...]. */
static hana_status partition(void *context, size_t block, int worker, hana_error *err)
{
    (void)worker;
    simulation *s = context;
    size_t n = s->decision->draws, slices = n / 1000;
    slices = slices < 2 ? 2 : slices > 100 ? 100 : slices;
    size_t *order = hana_alloc(n, sizeof *order);
    uint64_t *keys = hana_alloc(n, sizeof *keys);
    hana_status status = order && keys ? HANA_OK : hana_fail_memory(err);
    if (status == HANA_OK) {
        for (size_t t = 0; t < n; t++) {
            keys[t] = hana_radix_double(s->draws[block * n + t]);
            order[t] = t;
        }
        status = hana_radix_sort(keys, order, n, err);
    }
    hana_free(keys);
    if (status) {
        hana_free(order);
        return status;
    }
    double worth = 0;
    for (size_t slice = 0; slice < slices; slice++) {
        size_t from = n * slice / slices, to = n * (slice + 1) / slices;
        double sums[HANA_ALTERNATIVES_MAX] = { 0 }, least = INFINITY;
        for (size_t a = 0; a < s->decision->n; a++) {
            for (size_t t = from; t < to; t++) sums[a] += s->costs[a * n + order[t]];
            if (sums[a] < least) least = sums[a];
        }
        worth += sums[s->verdict->best] - least;
    }
    s->partials[KNOWN + s->kept[block]] = worth;
    hana_free(order);
    return HANA_OK;
}

/* Which inputs are open, which of them are correlated and which need their draws kept. */
static void prepare(simulation *s, const hana_decision *d)
{
    for (size_t i = 0; i < hana_input_count(d); i++) {
        double low, high;
        hana_dist_support(&low, &high, hana_input_dist(d, i));
        if (low < high) s->open[s->n_open++] = i;
    }
    for (size_t c = 0; c < d->n_correlated; c++) {
        int related = 0;
        size_t i = d->correlated[c];
        for (size_t e = 0; e < d->n_correlated; e++) {
            size_t j = d->correlated[e];
            if (e == c || d->correlation[c * d->n_correlated + e] == 0) continue;
            related = 1;
            if (i < HANA_SHARED_INPUTS || j < HANA_SHARED_INPUTS ||
                hana_input_owner(d, i) == hana_input_owner(d, j))
                s->means_from_draws = 1;
        }
        for (size_t k = 0; related && k < s->n_open; k++)
            if (s->open[k] == i) s->is_kept[k] = 1;
    }
    for (size_t k = 0; k < s->n_open; k++) {
        /* In the order of inputs, so that the draws do not depend on that of pairs. */
        if (s->is_kept[k]) {
            s->tied[s->n_tied] = k;
            s->tied_number[s->n_tied++] = s->open[k];
        }
        if (s->means_from_draws || hana_input_bends(d, s->open[k])) s->is_kept[k] = 1;
        if (s->is_kept[k]) s->kept[s->n_kept++] = k;
    }
    s->width = KNOWN + s->n_open;
}

/* The factor of the copula over the tied inputs. */
static hana_status tie(simulation *s, const hana_decision *d, hana_error *err)
{
    size_t n = s->n_tied, all = d->n_correlated;
    double *part = hana_alloc(n * n + 1, sizeof *part);
    s->factor = hana_alloc(n * n + 1, sizeof *s->factor);
    if (!part || !s->factor) {
        hana_free(part);
        return hana_fail_memory(err);
    }
    size_t place[HANA_INPUTS_MAX];
    for (size_t i = 0; i < n; i++)
        for (size_t c = 0; c < all; c++)
            if (d->correlated[c] == s->tied_number[i]) place[i] = c;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            part[i * n + j] = d->correlation[place[i] * all + place[j]];
    hana_status status = hana_copula_factor(s->factor, part, n, err);
    hana_free(part);
    return status;
}

static hana_line in_cases(const hana_inputs *at, const hana_decision *d,
                          const size_t *chain, size_t length, double mean)
{
    hana_line line = hana_inputs_line(at, d, HANA_CASES_PER_YEAR, chain, length);
    double cases = at->shared[HANA_CASES_PER_YEAR],
           shift = mean - hana_inputs_cost(at, chain, length);
    if (cases > 0)
        line.slope += shift / cases;
    else
        line.intercept += shift;
    return line;
}

/* What follows from the means: the best, its lines, break-evens and swings. */
static void settle(simulation *s, hana_verdict *v, const hana_decision *d)
{
    v->best = 0;
    for (size_t a = 0; a < d->n; a++) {
        if (v->judged[a].mean < v->judged[v->best].mean) v->best = a;
        hana_line line = in_cases(&s->at, d, &a, 1, v->judged[a].mean);
        v->judged[a].fixed = line.intercept, v->judged[a].per_yearly_case = line.slope;
    }
    if (v->chain_length == 1) {
        v->chain[0] = v->best;
        v->chain_judged.mean = v->judged[v->best].mean;
    }
    hana_line line = in_cases(&s->at, d, v->chain, v->chain_length, v->chain_judged.mean);
    v->chain_judged.fixed = line.intercept, v->chain_judged.per_yearly_case = line.slope;
    break_evens(v, d, &s->at);
    swings(v, d, &s->at);
    for (size_t k = 0; k < s->n_open; k++)
        for (size_t a = 0; a < d->n; a++)
            s->lines[k][a] = line_of(v, d, &s->at, s->open[k], a);
}

static void summarize(hana_verdict *out, const simulation *s, const hana_decision *d)
{
    const double *sums = s->partials;
    double n = (double)d->draws;
    for (size_t a = 0; a < d->n; a++) {
        out->judged[a].sd = sqrt(sums[SQUARES + a] / n);
        out->judged[a].probability = sums[WINS + a] / n;
        for (size_t b = 0; b < d->n; b++)
            out->beats[a][b] = sums[BEATS + a * HANA_ALTERNATIVES_MAX + b] / n;
    }
    out->chain_judged.sd = sqrt(sums[CHAIN_SQUARES] / n);
    out->chain_judged.probability = sums[CHAIN_WINS] / n;
    out->evpi = sums[REGRET] / n;
    for (size_t k = 0; k < s->n_open; k++) {
        double worth = sums[KNOWN + k] / n;
        size_t i = s->open[k];
        if (i < HANA_SHARED_INPUTS)
            out->shared_evpi[i] = worth;
        else
            out->own_evpi[hana_input_owner(d, i)]
                         [(i - HANA_SHARED_INPUTS) % HANA_OWN_INPUTS] = worth;
    }
}

hana_status hana_decide(hana_verdict *out, const hana_decision *d, hana_job *job,
                        hana_error *err)
{
    HANA_TRY(hana_decision_check(d, err));
    hana_status status = HANA_OK;
    simulation *s = hana_alloc_zero(1, sizeof *s);
    hana_verdict *v = hana_alloc_zero(1, sizeof *v);
    if (!s || !v) {
        status = hana_fail_memory(err);
        goto done;
    }
    s->decision = d;
    s->verdict = v;
    s->at = hana_inputs_means(d);
    s->seed = hana_seed_child(hana_job_seed(job), "decide", 0);
    prepare(s, d);
    if (s->n_tied) HANA_GOTO(done, tie(s, d, err));
    v->n = d->n;
    for (size_t a = 0; a < d->n; a++) v->judged[a].mean = hana_inputs_cost(&s->at, &a, 1);
    size_t chain[HANA_ALTERNATIVES_MAX] = { 0 };
    search_chain(v, d, &s->at, chain, 0);
    settle(s, v, d);

    size_t blocks = (d->draws + BLOCK - 1) / BLOCK;
    s->costs = hana_alloc((d->n + 1) * d->draws, sizeof *s->costs);
    s->draws = hana_alloc(s->n_kept * d->draws + 1, sizeof *s->draws);
    s->partials = hana_alloc_zero(blocks * s->width, sizeof *s->partials);
    if (!s->costs || !s->draws || !s->partials) {
        status = hana_fail_memory(err);
        goto done;
    }
    HANA_GOTO(done, hana_parallel(job, blocks, simulate, s, err));
    hana_tree_sum(s->partials, blocks, s->width);
    if (s->n_tied) {
        /* The same draws again, now that the means are known that they are held
           against. */
        double n = (double)d->draws;
        for (size_t a = 0; s->means_from_draws && a < d->n; a++)
            v->judged[a].mean = s->partials[SUMS + a] / n;
        if (v->chain_length > 1) v->chain_judged.mean = s->partials[CHAIN_SUM] / n;
        settle(s, v, d);
        HANA_GOTO(done, hana_parallel(job, blocks, simulate, s, err));
        hana_tree_sum(s->partials, blocks, s->width);
    }
    HANA_GOTO(done, hana_parallel(job, s->n_kept, partition, s, err));
    summarize(v, s, d);

    ranking r = { .costs = s->costs, .draws = d->draws };
    for (size_t a = 0; a < d->n; a++) r.judged[a] = &v->judged[a];
    r.judged[d->n] = &v->chain_judged;
    HANA_GOTO(done, hana_parallel(job, d->n + 1, rank, &r, err));
    *out = *v;
done:
    if (s) {
        hana_free(s->factor);
        hana_free(s->costs);
        hana_free(s->draws);
        hana_free(s->partials);
    }
    hana_free(s);
    hana_free(v);
    return status;
}
