#include "base/parallel.h"
#include "data/expr_aggregate.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* mean, var, sd, corr. */

/* The exact sum of integers over n; one that a double cannot hold goes by quotient and
 * rest. */
static double divide(hana_wide sum, int64_t n)
{
    const hana_wide limit = (hana_wide)1 << 53;
    if (sum <= limit && sum >= -limit) return (double)sum / (double)n;
    hana_wide quotient = sum / n, rest = sum % n;
    return (double)quotient + (double)rest / (double)n;
}

/* What the mean of a group needs lies together: one line of the cache a row. */
typedef struct sum_cell {
    double sum, rest;
    int64_t count, spare;
} sum_cell;

typedef struct cell_pass {
    const hana_pass *pass;
    sum_cell *cells; /* blocks x stride */
} cell_pass;

static hana_status sum_cells(void *context, size_t block, int worker, hana_error *err)
{
    (void)worker, (void)err;
    const cell_pass *c = context;
    const hana_pass *p = c->pass;
    size_t from, to;
    hana_pass_range(p, block, &from, &to);
    sum_cell *cells = c->cells + block * p->stride;
    const size_t *group = p->program->group_of_row;
    const double *x = hana_column_floats(p->x);
    const uint8_t *validity = hana_column_validity(p->x);
    memset(cells, 0, p->stride * sizeof *cells);
    for (size_t i = from; i < to; i++) {
        if (validity && !hana_bit(validity, i)) continue;
        sum_cell *cell = &cells[group[i]];
        hana_add_exactly(&cell->sum, &cell->rest, x[i]);
        cell->count++;
    }
    return HANA_OK;
}

/* The same as hana_pass_count and hana_pass_sum_floats, in one pass; counts are left in
   p->counts. */
static hana_status means_by_group(double *values, hana_pass *p, hana_error *err)
{
    cell_pass c = { .pass = p };
    p->counts = hana_alloc_zero(p->stride, sizeof *p->counts);
    c.cells = hana_alloc(p->blocks * p->stride, sizeof *c.cells);
    hana_status status = p->counts && c.cells ? HANA_OK : hana_fail_memory(err);
    if (status == HANA_OK)
        status = hana_parallel(p->program->job, p->blocks, sum_cells, &c, err);
    for (size_t g = 0; g < p->groups && status == HANA_OK; g++) {
        sum_cell total = c.cells[g];
        for (size_t b = 1; b < p->blocks; b++) {
            const sum_cell *more = &c.cells[b * p->stride + g];
            hana_add_exactly(&total.sum, &total.rest, more->sum);
            total.rest += more->rest;
            total.count += more->count;
        }
        if (isfinite(total.sum)) total.sum += total.rest;
        p->counts[g] = total.count;
        values[g] = total.count ? total.sum / (double)total.count : 0;
    }
    hana_free(c.cells);
    return status;
}

/* means[g], 0 where there is no value; counts in p->counts. */
static hana_status means(double *values, hana_pass *p, hana_error *err)
{
    hana_type type = hana_column_type(p->x);
    if (type == HANA_BOOL) {
        HANA_TRY(hana_pass_count_true(p, err));
        for (size_t g = 0; g < p->groups; g++) values[g] = (double)p->counts[g];
        memset(p->counts, 0, p->blocks * p->stride * sizeof *p->counts);
        HANA_TRY(hana_pass_count(p, err));
        for (size_t g = 0; g < p->groups; g++)
            values[g] = p->counts[g] ? values[g] / (double)p->counts[g] : 0;
        return HANA_OK;
    }
    if (type == HANA_FLOAT && p->program->group_of_row)
        return means_by_group(values, p, err);
    HANA_TRY(hana_pass_count(p, err));
    HANA_TRY(type == HANA_INT ? hana_pass_sum_ints(p, err)
                              : hana_pass_sum_floats(p, err));
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

hana_status hana_run_mean(hana_column **out, const hana_term *term,
                          const hana_column *const *args, const hana_program *program,
                          hana_error *err)
{
    (void)term;
    hana_pass p;
    hana_pass_init(&p, program, args[0], NULL);
    double *values = hana_alloc(p.groups, sizeof *values);
    uint8_t *has = hana_alloc(p.groups, 1);
    hana_status status = values && has ? means(values, &p, err) : hana_fail_memory(err);
    for (size_t g = 0; g < p.groups && status == HANA_OK; g++) has[g] = p.counts[g] > 0;
    if (status == HANA_OK) status = hana_groups_of_floats(out, program, values, has, err);
    hana_free(values);
    hana_free(has);
    hana_pass_clear(&p);
    return status;
}

/* Sums of the deviations from the group's mean (for ints from the nearest integer,
   exactly) and of their squares; a group's lie together. */
typedef struct deviations {
    double center, first, second, spare;
} deviations;
enum { DEVIATIONS = sizeof(deviations) / sizeof(double) };

static void deviate_lanes(deviations *cell, const double *x, size_t from, size_t to)
{
    double lane1[HANA_LANES] = { 0 }, lane2[HANA_LANES] = { 0 };
    for (size_t i = from; i < to; i++) {
        double d = x[i] - cell->center;
        lane1[i % HANA_LANES] += d;
        lane2[i % HANA_LANES] += d * d;
    }
    for (int l = 0; l < HANA_LANES; l++) {
        cell->first += lane1[l];
        cell->second += lane2[l];
    }
}

static void deviations_block(hana_pass *p, size_t block, size_t from, size_t to)
{
    deviations *cells = (deviations *)(void *)p->sums + block * p->stride;
    const size_t *group = p->program->group_of_row;
    const uint8_t *validity = hana_column_validity(p->x);
    const double *f = hana_column_floats(p->x);
    const int64_t *k = hana_column_ints(p->x);
    for (size_t g = 0; g < p->groups; g++)
        cells[g] = (deviations){ .center = p->center_x[g] };
    if (!group && f && !validity) {
        deviate_lanes(cells, f, from, to);
        return;
    }
    for (size_t i = from; i < to; i++) {
        if (validity && !hana_bit(validity, i)) continue;
        deviations *cell = &cells[group ? group[i] : 0];
        double d = f   ? f[i] - cell->center
                   : k ? (double)((hana_wide)k[i] - (hana_wide)cell->center)
                       : 0;
        cell->first += d;
        cell->second += d * d;
    }
}

/* Two passes with the correction of Chan, Golub and LeVeque, "Algorithms for computing
   the sample variance", The American Statistician 37, 1983. */
hana_status hana_run_variance(hana_column **out, const hana_term *term,
                              const hana_column *const *args, const hana_program *program,
                              hana_error *err)
{
    hana_pass p;
    hana_pass_init(&p, program, args[0], NULL);
    double *values = hana_alloc(p.groups, sizeof *values);
    uint8_t *has = hana_alloc(p.groups, 1);
    hana_status status = values && has ? means(values, &p, err) : hana_fail_memory(err);
    if (status == HANA_OK) {
        hana_free(p.sums);
        status = hana_pass_need_sums(&p, DEVIATIONS, err);
    }
    if (status == HANA_OK) {
        int is_int = hana_column_type(args[0]) == HANA_INT;
        for (size_t g = 0; g < p.groups && is_int; g++) values[g] = round(values[g]);
        p.center_x = values;
        status = hana_pass_run(&p, deviations_block, err);
        hana_tree_sum(p.sums, p.blocks, DEVIATIONS * p.stride);
    }
    const deviations *total = (const deviations *)(const void *)p.sums;
    for (size_t g = 0; g < p.groups && status == HANA_OK; g++) {
        double n = (double)p.counts[g], first = total[g].first, second = total[g].second;
        double v = (second - first * first / n) / (n - 1);
        has[g] = p.counts[g] > 1;
        if (v < 0) v = 0;
        values[g] = term->op ? sqrt(v) : v;
    }
    if (status == HANA_OK) status = hana_groups_of_floats(out, program, values, has, err);
    hana_free(values);
    hana_free(has);
    hana_pass_clear(&p);
    return status;
}

static int both_present(const uint8_t *a, const uint8_t *b, size_t i)
{
    return (!a || hana_bit(a, i)) && (!b || hana_bit(b, i));
}

/* Sums of x and y with their rests; then the sums of what is above the means, and squares
 * and products of that. */
enum { PAIR_SUMS = 7 };

static void pair_sums_block(hana_pass *p, size_t block, size_t from, size_t to)
{
    int64_t *counts = p->counts + block * p->stride;
    double *sx = p->sums + block * PAIR_SUMS * p->stride, *rx = sx + p->stride;
    double *sy = rx + p->stride, *ry = sy + p->stride;
    const size_t *group = p->program->group_of_row;
    const uint8_t *a = hana_column_validity(p->x), *b = hana_column_validity(p->y);
    const double *x = hana_column_floats(p->x), *y = hana_column_floats(p->y);
    for (size_t i = from; i < to; i++) {
        if (!both_present(a, b, i)) continue;
        size_t g = group ? group[i] : 0;
        counts[g]++;
        hana_add_exactly(&sx[g], &rx[g], x[i]);
        hana_add_exactly(&sy[g], &ry[g], y[i]);
    }
}

static void pair_moments_block(hana_pass *p, size_t block, size_t from, size_t to)
{
    double *first_x = p->sums + block * PAIR_SUMS * p->stride;
    double *first_y = first_x + p->stride, *xx = first_x + 4 * p->stride;
    double *yy = xx + p->stride, *xy = yy + p->stride;
    const size_t *group = p->program->group_of_row;
    const uint8_t *a = hana_column_validity(p->x), *b = hana_column_validity(p->y);
    const double *x = hana_column_floats(p->x), *y = hana_column_floats(p->y);
    for (size_t i = from; i < to; i++) {
        if (!both_present(a, b, i)) continue;
        size_t g = group ? group[i] : 0;
        double dx = x[i] - p->center_x[g], dy = y[i] - p->center_y[g];
        first_x[g] += dx;
        first_y[g] += dy;
        xx[g] += dx * dx;
        yy[g] += dy * dy;
        xy[g] += dx * dy;
    }
}

/* The mean of a sum in two parts, rounded so that equal numbers have themselves for it.
 */
static double mean_of(double sum, double rest, double n)
{
    double mean = (sum + rest) / n;
    return mean + (fma(-mean, n, sum) + rest) / n;
}

/* Pearson's, over the rows where both are present. */
hana_status hana_run_corr(hana_column **out, const hana_term *term,
                          const hana_column *const *args, const hana_program *program,
                          hana_error *err)
{
    (void)term;
    hana_pass p;
    hana_pass_init(&p, program, args[0], args[1]);
    size_t n = p.groups, s = p.stride;
    double *centers = hana_alloc(2 * n, sizeof *centers);
    uint8_t *has = hana_alloc(n, 1);
    hana_status status =
        centers && has ? hana_pass_need_counts(&p, err) : hana_fail_memory(err);
    HANA_GOTO(done, status);
    HANA_GOTO(done, hana_pass_need_sums(&p, PAIR_SUMS, err));
    HANA_GOTO(done, hana_pass_run(&p, pair_sums_block, err));
    hana_pass_join_counts(&p);
    hana_tree_sum(p.sums, p.blocks, PAIR_SUMS * s);
    for (size_t g = 0; g < n; g++) {
        double count = p.counts[g] ? (double)p.counts[g] : 1;
        centers[g] = mean_of(p.sums[g], p.sums[s + g], count);
        centers[n + g] = mean_of(p.sums[2 * s + g], p.sums[3 * s + g], count);
    }
    p.center_x = centers;
    p.center_y = centers + n;
    memset(p.sums, 0, p.blocks * PAIR_SUMS * s * sizeof *p.sums);
    HANA_GOTO(done, hana_pass_run(&p, pair_moments_block, err));
    hana_tree_sum(p.sums, p.blocks, PAIR_SUMS * s);
    for (size_t g = 0; g < n; g++) {
        double count = p.counts[g] ? (double)p.counts[g] : 1;
        double first_x = p.sums[g], first_y = p.sums[s + g];
        double xx = p.sums[4 * s + g] - first_x * first_x / count;
        double yy = p.sums[5 * s + g] - first_y * first_y / count;
        double xy = p.sums[6 * s + g] - first_x * first_y / count;
        has[g] = p.counts[g] > 1 && !(xx <= 0) && !(yy <= 0);
        double r = xy / (sqrt(xx) * sqrt(yy));
        centers[g] = r > 1 ? 1 : r < -1 ? -1 : r;
    }
    status = hana_groups_of_floats(out, program, centers, has, err);
done:
    hana_free(centers);
    hana_free(has);
    hana_pass_clear(&p);
    return status;
}
