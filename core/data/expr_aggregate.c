#include "data/expr_aggregate.h"
#include "base/parallel.h"
#include "data/column_parts.h"

#include <math.h>
#include <string.h>

/* Aggregates over all rows or by group: one pass with an accumulator a group. Rows are
   cut into blocks by their number alone and partial results are joined in a fixed order,
   so that the result does not depend on the threads. Nulls are left out. */

__extension__ typedef __int128 wide;

typedef struct pass pass;
typedef void pass_block(pass *p, size_t block, size_t from, size_t to);
struct pass {
    const hana_program *program;
    const hana_column *x, *y;
    pass_block *run;
    size_t rows, groups, blocks, stride;
    int64_t *counts; /* blocks x stride */
    double *sums;    /* blocks x sums a group x stride */
    wide *wides;     /* blocks x stride */
    size_t *best;    /* blocks x stride: rows */
    const double *center_x, *center_y;
};

static void pass_clear(pass *p)
{
    hana_free(p->counts);
    hana_free(p->sums);
    hana_free(p->wides);
    hana_free(p->best);
}

static void pass_init(pass *p, const hana_program *program, const hana_column *x,
                      const hana_column *y)
{
    enum { MOST_BLOCKS = 64, MOST_SLOTS = 1 << 22 };
    *p = (pass){ .program = program, .x = x, .y = y };
    p->rows = program->rows;
    p->groups = program->groups;
    p->stride = (p->groups + 7) / 8 * 8; /* no cache line for two blocks */
    p->blocks = p->rows / HANA_EXPR_BLOCK;
    if (p->blocks > MOST_BLOCKS) p->blocks = MOST_BLOCKS;
    while (p->blocks > 1 && p->blocks * p->stride > MOST_SLOTS) p->blocks /= 2;
    if (p->blocks == 0) p->blocks = 1;
}

static hana_status run_pass_block(void *context, size_t block, int worker,
                                  hana_error *err)
{
    (void)worker;
    (void)err;
    pass *p = context;
    size_t chunks = (p->rows + HANA_EXPR_CHUNK - 1) / HANA_EXPR_CHUNK;
    size_t from = chunks * block / p->blocks * HANA_EXPR_CHUNK;
    size_t to = chunks * (block + 1) / p->blocks * HANA_EXPR_CHUNK;
    p->run(p, block, from, to < p->rows ? to : p->rows);
    return HANA_OK;
}

static hana_status run_pass(pass *p, pass_block *run, hana_error *err)
{
    p->run = run;
    return hana_parallel(p->program->job, p->blocks, run_pass_block, p, err);
}

static hana_status need_counts(pass *p, hana_error *err)
{
    if (!p->counts) p->counts = hana_alloc_zero(p->blocks * p->stride, sizeof *p->counts);
    return p->counts ? HANA_OK : hana_fail_memory(err);
}

static void join_counts(pass *p)
{
    for (size_t b = 1; b < p->blocks; b++)
        for (size_t g = 0; g < p->groups; g++)
            p->counts[g] += p->counts[b * p->stride + g];
}

static size_t popcount_range(const uint8_t *bits, size_t from, size_t to)
{
    return hana_bits_count(bits + from / 8, to - from);
}

static void count_block(pass *p, size_t block, size_t from, size_t to)
{
    int64_t *counts = p->counts + block * p->stride;
    const size_t *group = p->program->group_of_row;
    const uint8_t *validity = p->x ? hana_column_validity(p->x) : NULL;
    if (!group)
        counts[0] = (int64_t)(validity ? popcount_range(validity, from, to) : to - from);
    else if (!validity)
        for (size_t i = from; i < to; i++) counts[group[i]]++;
    else
        for (size_t i = from; i < to; i++) counts[group[i]] += hana_bit(validity, i);
}

static hana_status count_values(pass *p, hana_error *err)
{
    HANA_TRY(need_counts(p, err));
    HANA_TRY(run_pass(p, count_block, err));
    join_counts(p);
    return HANA_OK;
}

static void true_block(pass *p, size_t block, size_t from, size_t to)
{
    int64_t *counts = p->counts + block * p->stride;
    const size_t *group = p->program->group_of_row;
    const uint8_t *bits = hana_column_bits(p->x);
    if (!group)
        counts[0] = (int64_t)popcount_range(bits, from, to);
    else
        for (size_t i = from; i < to; i++) counts[group[i]] += hana_bit(bits, i);
}

static hana_status count_true(pass *p, hana_error *err)
{
    HANA_TRY(need_counts(p, err));
    HANA_TRY(run_pass(p, true_block, err));
    join_counts(p);
    return HANA_OK;
}

/* A sum and what rounding took from it (Knuth's two-sum, TAOCP 2, 4.2.2), so that a mean
   of many equal values is that value. */
static inline void add_exactly(double *sum, double *rest, double x)
{
    double total = *sum + x, part = total - *sum;
    *rest += (*sum - (total - part)) + (x - part);
    *sum = total;
}

/* Eight lanes, whatever the processor: the same bits everywhere. */
enum { LANES = 8 };

HANA_KERNEL static void lanes_sum(double *restrict sum, double *restrict rest,
                                  const double *x, size_t n)
{
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (int k = 0; k < LANES; k++) add_exactly(&sum[k], &rest[k], x[i + (size_t)k]);
    for (int k = 0; i < n; i++, k++) add_exactly(&sum[k], &rest[k], x[i]);
}

static void sum_present(double *sum, double *rest, const double *x,
                        const uint8_t *validity, size_t from, size_t to)
{
    double sums[LANES] = { 0 }, rests[LANES] = { 0 }, held[HANA_EXPR_CHUNK];
    uint8_t present[HANA_EXPR_CHUNK];
    for (size_t at = from; at < to; at += HANA_EXPR_CHUNK) {
        size_t n = to - at < HANA_EXPR_CHUNK ? to - at : HANA_EXPR_CHUNK;
        if (!validity) {
            lanes_sum(sums, rests, x + at, n);
            continue;
        }
        hana_bits_spread(present, validity + at / 8, n);
        for (size_t i = 0; i < n; i++) held[i] = present[i] ? x[at + i] : 0;
        lanes_sum(sums, rests, held, n);
    }
    for (int k = 0; k < LANES; k++) {
        add_exactly(sum, rest, sums[k]);
        *rest += rests[k];
    }
}

static void sum_floats_block(pass *p, size_t block, size_t from, size_t to)
{
    double *sums = p->sums + block * 2 * p->stride, *rests = sums + p->stride;
    const size_t *group = p->program->group_of_row;
    const double *x = hana_column_floats(p->x);
    const uint8_t *validity = hana_column_validity(p->x);
    if (!group)
        sum_present(sums, rests, x, validity, from, to);
    else
        for (size_t i = from; i < to; i++)
            if (!validity || hana_bit(validity, i))
                add_exactly(&sums[group[i]], &rests[group[i]], x[i]);
}

static hana_status need_sums(pass *p, size_t each, hana_error *err)
{
    p->sums = hana_alloc_zero(p->blocks * p->stride * each, sizeof *p->sums);
    return p->sums ? HANA_OK : hana_fail_memory(err);
}

/* In p->sums, by group. */
static hana_status sum_floats(pass *p, hana_error *err)
{
    HANA_TRY(need_sums(p, 2, err));
    HANA_TRY(run_pass(p, sum_floats_block, err));
    double *sums = p->sums, *rests = sums + p->stride;
    for (size_t b = 1; b < p->blocks; b++)
        for (size_t g = 0; g < p->groups; g++) {
            const double *more = p->sums + b * 2 * p->stride + g;
            add_exactly(&sums[g], &rests[g], more[0]);
            rests[g] += more[p->stride];
        }
    for (size_t g = 0; g < p->groups; g++)
        if (isfinite(sums[g])) sums[g] += rests[g];
    return HANA_OK;
}

/* Halves of 32 bits are summed apart: exact for 2^31 rows a block, and vectorised. */
HANA_KERNEL static void halves_sum(const int64_t *x, size_t n, int64_t *high,
                                   uint64_t *low)
{
    int64_t h = 0;
    uint64_t l = 0;
    for (size_t i = 0; i < n; i++) {
        h += (int32_t)(x[i] >> 32);
        l += (uint32_t)x[i];
    }
    *high = h;
    *low = l;
}

/* Null slots hold 0. */
static void sum_ints_block(pass *p, size_t block, size_t from, size_t to)
{
    wide *sums = p->wides + block * p->stride;
    const size_t *group = p->program->group_of_row;
    const int64_t *x = hana_column_ints(p->x);
    if (group) {
        for (size_t i = from; i < to; i++) sums[group[i]] += x[i];
        return;
    }
    for (size_t at = from; at < to;) {
        size_t n = to - at < (size_t)1 << 30 ? to - at : (size_t)1 << 30;
        int64_t high;
        uint64_t low;
        halves_sum(x + at, n, &high, &low);
        sums[0] += (wide)high * ((wide)1 << 32) + (wide)low;
        at += n;
    }
}

static hana_status sum_ints(pass *p, hana_error *err)
{
    p->wides = hana_alloc_zero(p->blocks * p->stride, sizeof *p->wides);
    if (!p->wides) return hana_fail_memory(err);
    HANA_TRY(run_pass(p, sum_ints_block, err));
    for (size_t b = 1; b < p->blocks; b++)
        for (size_t g = 0; g < p->groups; g++) p->wides[g] += p->wides[b * p->stride + g];
    return HANA_OK;
}

hana_status hana_groups_of_ints(int64_t **values, hana_column **out,
                                const hana_program *program, hana_error *err)
{
    void *room;
    hana_column *column;
    HANA_TRY(hana_column_make(&column, HANA_INT, program->groups, err));
    hana_status status =
        hana_column_room(&room, column, program->groups, sizeof(int64_t), err);
    if (status != HANA_OK) {
        hana_column_release(column);
        return status;
    }
    *values = room;
    *out = column;
    return HANA_OK;
}

/* Floats that are null where has[g] is 0. */
static hana_status make_floats(hana_column **out, const hana_program *program,
                               const double *values, const uint8_t *has, hana_error *err)
{
    void *room;
    uint8_t *bits;
    hana_column *column;
    size_t n = program->groups;
    HANA_TRY(hana_column_make(&column, HANA_FLOAT, n, err));
    hana_status status = hana_column_room(&room, column, n, sizeof(double), err);
    if (status == HANA_OK) status = hana_column_validity_room(&bits, column, 0, err);
    if (status != HANA_OK) {
        hana_column_release(column);
        return status;
    }
    double *to = room;
    for (size_t g = 0; g < n; g++) {
        to[g] = has[g] ? values[g] : (double)NAN;
        if (has[g]) hana_bit_set(bits, g);
    }
    hana_column_count_nulls(column);
    *out = column;
    return HANA_OK;
}

static hana_status make_bools(hana_column **out, const hana_program *program,
                              const uint8_t *values, hana_error *err)
{
    return hana_column_from_bools(out, values, NULL, program->groups, err);
}

static hana_status run_count(hana_column **out, const hana_term *term,
                             const hana_column *const *args, const hana_program *program,
                             hana_error *err)
{
    pass p;
    int64_t *values;
    pass_init(&p, program, term->n_args ? args[0] : NULL, NULL);
    hana_status status = count_values(&p, err);
    if (status == HANA_OK) status = hana_groups_of_ints(&values, out, program, err);
    if (status == HANA_OK) memcpy(values, p.counts, p.groups * sizeof *values);
    pass_clear(&p);
    return status;
}

static hana_status sum_of_ints(hana_column **out, pass *p, const hana_term *term,
                               hana_error *err)
{
    HANA_TRY(sum_ints(p, err));
    for (size_t g = 0; g < p->groups; g++)
        if (p->wides[g] > INT64_MAX || p->wides[g] < INT64_MIN)
            return hana_term_fail(
                p->program, term, err, HANA_NUMERIC,
                "integer overflow: the sum does not fit 64 bits; sum(float(x)) "
                "gives it as a float");
    int64_t *values;
    HANA_TRY(hana_groups_of_ints(&values, out, p->program, err));
    for (size_t g = 0; g < p->groups; g++) values[g] = (int64_t)p->wides[g];
    return HANA_OK;
}

static hana_status sum_of_floats(hana_column **out, pass *p, hana_error *err)
{
    HANA_TRY(sum_floats(p, err));
    uint8_t *has = hana_alloc(p->groups, 1);
    if (!has) return hana_fail_memory(err);
    memset(has, 1, p->groups);
    hana_status status = make_floats(out, p->program, p->sums, has, err);
    hana_free(has);
    return status;
}

static hana_status run_sum(hana_column **out, const hana_term *term,
                           const hana_column *const *args, const hana_program *program,
                           hana_error *err)
{
    pass p;
    pass_init(&p, program, args[0], NULL);
    hana_status status;
    if (hana_column_type(args[0]) == HANA_INT)
        status = sum_of_ints(out, &p, term, err);
    else if (hana_column_type(args[0]) == HANA_FLOAT)
        status = sum_of_floats(out, &p, err);
    else {
        int64_t *values;
        status = count_true(&p, err);
        if (status == HANA_OK) status = hana_groups_of_ints(&values, out, program, err);
        if (status == HANA_OK) memcpy(values, p.counts, p.groups * sizeof *values);
    }
    pass_clear(&p);
    return status;
}

/* The exact sum of integers over n; one that a double cannot hold goes by quotient and
 * rest. */
static double divide(wide sum, int64_t n)
{
    const wide limit = (wide)1 << 53;
    if (sum <= limit && sum >= -limit) return (double)sum / (double)n;
    wide quotient = sum / n, rest = sum % n;
    return (double)quotient + (double)rest / (double)n;
}

/* means[g], 0 where there is no value; counts in p->counts. */
static hana_status means(double *values, pass *p, hana_error *err)
{
    hana_type type = hana_column_type(p->x);
    if (type == HANA_BOOL) {
        HANA_TRY(count_true(p, err));
        for (size_t g = 0; g < p->groups; g++) values[g] = (double)p->counts[g];
        memset(p->counts, 0, p->blocks * p->stride * sizeof *p->counts);
        HANA_TRY(count_values(p, err));
        for (size_t g = 0; g < p->groups; g++)
            values[g] = p->counts[g] ? values[g] / (double)p->counts[g] : 0;
        return HANA_OK;
    }
    HANA_TRY(count_values(p, err));
    HANA_TRY(type == HANA_INT ? sum_ints(p, err) : sum_floats(p, err));
    for (size_t g = 0; g < p->groups; g++) {
        int64_t n = p->counts[g];
        if (n == 0)
            values[g] = 0;
        else
            values[g] =
                type == HANA_INT ? divide(p->wides[g], n) : p->sums[g] / (double)n;
    }
    return HANA_OK;
}

static hana_status run_mean(hana_column **out, const hana_term *term,
                            const hana_column *const *args, const hana_program *program,
                            hana_error *err)
{
    (void)term;
    pass p;
    pass_init(&p, program, args[0], NULL);
    double *values = hana_alloc(p.groups, sizeof *values);
    uint8_t *has = hana_alloc(p.groups, 1);
    hana_status status = values && has ? means(values, &p, err) : hana_fail_memory(err);
    for (size_t g = 0; g < p.groups && status == HANA_OK; g++) has[g] = p.counts[g] > 0;
    if (status == HANA_OK) status = make_floats(out, program, values, has, err);
    hana_free(values);
    hana_free(has);
    pass_clear(&p);
    return status;
}

/* Deviations from the group's mean (for ints from the nearest integer, exactly). */
static void deviations_block(pass *p, size_t block, size_t from, size_t to)
{
    double *first = p->sums + block * 2 * p->stride, *second = first + p->stride;
    const size_t *group = p->program->group_of_row;
    const uint8_t *validity = hana_column_validity(p->x);
    const double *f = hana_column_floats(p->x);
    const int64_t *k = hana_column_ints(p->x);
    if (!group && f && !validity) {
        double lane1[LANES] = { 0 }, lane2[LANES] = { 0 }, c = p->center_x[0];
        for (size_t i = from; i < to; i++) {
            double d = f[i] - c;
            lane1[i % LANES] += d;
            lane2[i % LANES] += d * d;
        }
        for (int l = 0; l < LANES; l++) {
            first[0] += lane1[l];
            second[0] += lane2[l];
        }
        return;
    }
    for (size_t i = from; i < to; i++) {
        if (validity && !hana_bit(validity, i)) continue;
        size_t g = group ? group[i] : 0;
        double c = p->center_x[g];
        double d = f ? f[i] - c : k ? (double)((wide)k[i] - (wide)c) : 0;
        first[g] += d;
        second[g] += d * d;
    }
}

/* Two passes with the correction of Chan, Golub and LeVeque, "Algorithms for computing
   the sample variance", The American Statistician 37, 1983. */
static hana_status run_variance(hana_column **out, const hana_term *term,
                                const hana_column *const *args,
                                const hana_program *program, hana_error *err)
{
    pass p;
    pass_init(&p, program, args[0], NULL);
    double *values = hana_alloc(p.groups, sizeof *values);
    uint8_t *has = hana_alloc(p.groups, 1);
    hana_status status = values && has ? means(values, &p, err) : hana_fail_memory(err);
    if (status == HANA_OK) {
        hana_free(p.sums);
        status = need_sums(&p, 2, err);
    }
    if (status == HANA_OK) {
        int is_int = hana_column_type(args[0]) == HANA_INT;
        for (size_t g = 0; g < p.groups && is_int; g++) values[g] = round(values[g]);
        p.center_x = values;
        status = run_pass(&p, deviations_block, err);
        hana_tree_sum(p.sums, p.blocks, 2 * p.stride);
    }
    for (size_t g = 0; g < p.groups && status == HANA_OK; g++) {
        double n = (double)p.counts[g], first = p.sums[g], second = p.sums[p.stride + g];
        double v = (second - first * first / n) / (n - 1);
        has[g] = p.counts[g] > 1;
        if (v < 0) v = 0;
        values[g] = term->op ? sqrt(v) : v;
    }
    if (status == HANA_OK) status = make_floats(out, program, values, has, err);
    hana_free(values);
    hana_free(has);
    pass_clear(&p);
    return status;
}

static int both_present(const uint8_t *a, const uint8_t *b, size_t i)
{
    return (!a || hana_bit(a, i)) && (!b || hana_bit(b, i));
}

static void pair_sums_block(pass *p, size_t block, size_t from, size_t to)
{
    int64_t *counts = p->counts + block * p->stride;
    double *sx = p->sums + block * 5 * p->stride, *sy = sx + p->stride;
    const size_t *group = p->program->group_of_row;
    const uint8_t *a = hana_column_validity(p->x), *b = hana_column_validity(p->y);
    const double *x = hana_column_floats(p->x), *y = hana_column_floats(p->y);
    for (size_t i = from; i < to; i++) {
        if (!both_present(a, b, i)) continue;
        size_t g = group ? group[i] : 0;
        counts[g]++;
        sx[g] += x[i];
        sy[g] += y[i];
    }
}

static void pair_moments_block(pass *p, size_t block, size_t from, size_t to)
{
    double *xx = p->sums + (block * 5 + 2) * p->stride, *yy = xx + p->stride,
           *xy = yy + p->stride;
    const size_t *group = p->program->group_of_row;
    const uint8_t *a = hana_column_validity(p->x), *b = hana_column_validity(p->y);
    const double *x = hana_column_floats(p->x), *y = hana_column_floats(p->y);
    for (size_t i = from; i < to; i++) {
        if (!both_present(a, b, i)) continue;
        size_t g = group ? group[i] : 0;
        double dx = x[i] - p->center_x[g], dy = y[i] - p->center_y[g];
        xx[g] += dx * dx;
        yy[g] += dy * dy;
        xy[g] += dx * dy;
    }
}

/* Pearson's, over the rows where both are present. */
static hana_status run_corr(hana_column **out, const hana_term *term,
                            const hana_column *const *args, const hana_program *program,
                            hana_error *err)
{
    (void)term;
    pass p;
    pass_init(&p, program, args[0], args[1]);
    size_t n = p.groups, s = p.stride;
    double *centers = hana_alloc(2 * n, sizeof *centers);
    uint8_t *has = hana_alloc(n, 1);
    hana_status status = centers && has ? need_counts(&p, err) : hana_fail_memory(err);
    HANA_GOTO(done, status);
    HANA_GOTO(done, need_sums(&p, 5, err));
    HANA_GOTO(done, run_pass(&p, pair_sums_block, err));
    join_counts(&p);
    hana_tree_sum(p.sums, p.blocks, 5 * s);
    for (size_t g = 0; g < n; g++) {
        double count = p.counts[g] ? (double)p.counts[g] : 1;
        centers[g] = p.sums[g] / count;
        centers[n + g] = p.sums[s + g] / count;
    }
    p.center_x = centers;
    p.center_y = centers + n;
    memset(p.sums, 0, p.blocks * 5 * s * sizeof *p.sums);
    HANA_GOTO(done, run_pass(&p, pair_moments_block, err));
    hana_tree_sum(p.sums, p.blocks, 5 * s);
    for (size_t g = 0; g < n; g++) {
        double xx = p.sums[2 * s + g], yy = p.sums[3 * s + g], xy = p.sums[4 * s + g];
        has[g] = p.counts[g] > 1 && xx != 0 && yy != 0;
        double r = xy / (sqrt(xx) * sqrt(yy));
        centers[g] = r > 1 ? 1 : r < -1 ? -1 : r;
    }
    status = make_floats(out, program, centers, has, err);
done:
    hana_free(centers);
    hana_free(has);
    pass_clear(&p);
    return status;
}

static hana_status run_any_all(hana_column **out, const hana_term *term,
                               const hana_column *const *args,
                               const hana_program *program, hana_error *err)
{
    pass t, all;
    pass_init(&t, program, args[0], NULL);
    pass_init(&all, program, args[0], NULL);
    uint8_t *values = hana_alloc(t.groups, 1);
    hana_status status = values ? count_true(&t, err) : hana_fail_memory(err);
    if (status == HANA_OK) status = count_values(&all, err);
    for (size_t g = 0; g < t.groups && status == HANA_OK; g++)
        values[g] = term->op ? t.counts[g] == all.counts[g] : t.counts[g] > 0;
    if (status == HANA_OK) status = make_bools(out, program, values, err);
    hana_free(values);
    pass_clear(&t);
    pass_clear(&all);
    return status;
}

/* min, max, first, last choose a row a group; the cells are then taken from the column.
 */
enum { PICK_MIN, PICK_MAX, PICK_FIRST, PICK_LAST };

typedef struct chooser {
    pass p;
    int pick;
} chooser;

int hana_cells_order(const hana_column *x, size_t i, size_t j)
{
    switch (hana_column_type(x)) {
    case HANA_FLOAT: {
        const double *f = hana_column_floats(x);
        if (isnan(f[i]) || isnan(f[j])) return isnan(f[i]) - isnan(f[j]);
        return (f[i] > f[j]) - (f[i] < f[j]);
    }
    case HANA_INT:
    case HANA_DATETIME: {
        const int64_t *k = hana_column_ints(x);
        return (k[i] > k[j]) - (k[i] < k[j]);
    }
    case HANA_DATE:
    case HANA_CATEGORY: {
        const int32_t *c = hana_column_codes(x);
        return (c[i] > c[j]) - (c[i] < c[j]);
    }
    case HANA_BOOL:
        return hana_bit(hana_column_bits(x), i) - hana_bit(hana_column_bits(x), j);
    case HANA_STRING: {
        hana_slice a, b;
        a.data = hana_column_string(x, i, &a.length);
        b.data = hana_column_string(x, j, &b.length);
        return hana_slice_order(a, b);
    }
    case HANA_BLOCK:
        break;
    }
    return 0;
}

/* A NaN wins both ways: what was computed wrong shows. */
static int better(const hana_column *x, int pick, size_t i, size_t best)
{
    if (pick == PICK_FIRST || best == HANA_NO_ROW) return best == HANA_NO_ROW;
    if (pick == PICK_LAST) return 1;
    if (hana_column_type(x) == HANA_FLOAT) {
        const double *f = hana_column_floats(x);
        if (isnan(f[best])) return 0;
        if (isnan(f[i])) return 1;
        return pick == PICK_MIN ? f[i] < f[best] : f[i] > f[best];
    }
    int order = hana_cells_order(x, i, best);
    return pick == PICK_MIN ? order < 0 : order > 0;
}

static void best_block(pass *p, size_t block, size_t from, size_t to)
{
    const chooser *c = (const chooser *)(const void *)p;
    size_t *best = p->best + block * p->stride;
    const size_t *group = p->program->group_of_row;
    const uint8_t *validity = hana_column_validity(p->x);
    if (c->pick == PICK_FIRST || c->pick == PICK_LAST) validity = NULL;
    for (size_t i = from; i < to; i++) {
        if (validity && !hana_bit(validity, i)) continue;
        size_t g = group ? group[i] : 0;
        if (better(p->x, c->pick, i, best[g])) best[g] = i;
    }
}

static hana_status run_choose(hana_column **out, const hana_term *term,
                              const hana_column *const *args, const hana_program *program,
                              hana_error *err)
{
    chooser c = { .pick = term->op };
    pass *p = &c.p;
    pass_init(p, program, args[0], NULL);
    size_t slots = p->blocks * p->stride;
    p->best = hana_alloc(slots, sizeof *p->best);
    hana_status status = p->best ? HANA_OK : hana_fail_memory(err);
    if (status == HANA_OK) {
        for (size_t i = 0; i < slots; i++) p->best[i] = HANA_NO_ROW;
        status = run_pass(p, best_block, err);
    }
    if (status == HANA_OK) {
        for (size_t b = 1; b < p->blocks; b++)
            for (size_t g = 0; g < p->groups; g++) {
                size_t row = p->best[b * p->stride + g];
                if (row != HANA_NO_ROW && better(p->x, c.pick, row, p->best[g]))
                    p->best[g] = row;
            }
        status = hana_column_take(out, args[0], p->best, p->groups, err);
    }
    pass_clear(p);
    return status;
}

/* Checking. */

hana_status hana_term_aggregate(hana_term **out, hana_call *call, hana_type type,
                                hana_whole_kernel *run, size_t n_args, hana_error *err)
{
    hana_term *term;
    HANA_TRY(hana_term_apply(&term, call->program, type, NULL, call->args, n_args,
                             call->from, call->to, err));
    term->kind = HANA_TERM_AGGREGATE;
    term->level = HANA_LEVEL_GROUP;
    term->fallible = 0;
    term->whole = run;
    term->op = call->function->op;
    *out = term;
    return HANA_OK;
}

static hana_status want_value(const hana_call *call, hana_term *arg, hana_error *err)
{
    if (arg->untyped)
        return hana_term_fail(call->program, arg, err, HANA_BAD_TYPE,
                              "%s of nil means nothing", call->function->info.name);
    return HANA_OK;
}

static hana_status check_count(hana_term **out, hana_call *call, hana_error *err)
{
    for (size_t i = 0; i < call->n_args; i++)
        HANA_TRY(want_value(call, call->args[i], err));
    return hana_term_aggregate(out, call, HANA_INT, run_count, call->n_args, err);
}

static hana_status want_number_or_bool(hana_call *call, hana_error *err)
{
    HANA_TRY(want_value(call, call->args[0], err));
    if (call->args[0]->type == HANA_BOOL) return HANA_OK;
    return hana_want_number(call->program, call->args[0], call->function->info.name, err);
}

static hana_status check_sum(hana_term **out, hana_call *call, hana_error *err)
{
    HANA_TRY(want_number_or_bool(call, err));
    hana_type type = call->args[0]->type == HANA_FLOAT ? HANA_FLOAT : HANA_INT;
    return hana_term_aggregate(out, call, type, run_sum, 1, err);
}

static hana_status check_mean(hana_term **out, hana_call *call, hana_error *err)
{
    HANA_TRY(want_number_or_bool(call, err));
    return hana_term_aggregate(out, call, HANA_FLOAT, run_mean, 1, err);
}

static hana_status check_variance(hana_term **out, hana_call *call, hana_error *err)
{
    HANA_TRY(want_value(call, call->args[0], err));
    HANA_TRY(
        hana_want_number(call->program, call->args[0], call->function->info.name, err));
    return hana_term_aggregate(out, call, HANA_FLOAT, run_variance, 1, err);
}

static hana_status check_corr(hana_term **out, hana_call *call, hana_error *err)
{
    for (int k = 0; k < 2; k++) {
        HANA_TRY(want_value(call, call->args[k], err));
        HANA_TRY(hana_want_number(call->program, call->args[k], "corr", err));
        HANA_TRY(hana_term_convert(&call->args[k], call->program, HANA_FLOAT, err));
    }
    return hana_term_aggregate(out, call, HANA_FLOAT, run_corr, 2, err);
}

static hana_status check_any_all(hana_term **out, hana_call *call, hana_error *err)
{
    HANA_TRY(
        hana_want_bool(call->program, call->args[0], call->function->info.name, err));
    return hana_term_aggregate(out, call, HANA_BOOL, run_any_all, 1, err);
}

void hana_term_like(hana_term *term, const hana_term *arg)
{
    term->levels = hana_column_retain(arg->levels);
    term->ordered = arg->ordered;
    memcpy(term->zone, arg->zone, sizeof term->zone);
}

static hana_status check_choose(hana_term **out, hana_call *call, hana_error *err)
{
    HANA_TRY(want_value(call, call->args[0], err));
    HANA_TRY(hana_term_aggregate(out, call, call->args[0]->type, run_choose, 1, err));
    hana_term_like(*out, call->args[0]);
    return HANA_OK;
}

#define AGGREGATE(name, arguments, help, min, max, check, op)                            \
    {                                                                                    \
        { name, arguments, help }, min, max, HANA_FUNCTION_AGGREGATE, check, op, 0       \
    }

const hana_function hana_functions_aggregate[] = {
    AGGREGATE("count", "[x]", "number of rows, or of values that are not null", 0, 1,
              check_count, 0),
    AGGREGATE("sum", "x", "sum; of bools the number that are true; 0 of nothing", 1, 1,
              check_sum, 0),
    AGGREGATE("mean", "x", "arithmetic mean; of bools the share that is true", 1, 1,
              check_mean, 0),
    AGGREGATE("median", "x", "the middle value (mean of the two middle ones)", 1, 1,
              hana_check_quantile, 0),
    AGGREGATE("sd", "x", "sample standard deviation (n - 1)", 1, 1, check_variance, 1),
    AGGREGATE("var", "x", "sample variance (n - 1)", 1, 1, check_variance, 0),
    AGGREGATE("min", "x", "least value", 1, 1, check_choose, PICK_MIN),
    AGGREGATE("max", "x", "greatest value", 1, 1, check_choose, PICK_MAX),
    AGGREGATE("quantile", "x, p", "value below which a share p lies (R's type 7)", 2, 2,
              hana_check_quantile, 1),
    AGGREGATE("first", "x", "value of the first row, null or not", 1, 1, check_choose,
              PICK_FIRST),
    AGGREGATE("last", "x", "value of the last row, null or not", 1, 1, check_choose,
              PICK_LAST),
    AGGREGATE("n_unique", "x", "number of different values, null not counted", 1, 1,
              hana_check_distinct, 0),
    AGGREGATE("mode", "x", "most frequent value (of equals the least)", 1, 1,
              hana_check_distinct, 1),
    AGGREGATE("corr", "x, y", "Pearson's correlation", 2, 2, check_corr, 0),
    AGGREGATE("any", "x", "whether any is true", 1, 1, check_any_all, 0),
    AGGREGATE("all", "x", "whether all are true", 1, 1, check_any_all, 1),
    { { NULL, NULL, NULL }, 0, 0, HANA_FUNCTION_ROW, NULL, 0, 0 },
};
