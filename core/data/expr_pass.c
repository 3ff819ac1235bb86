#include "base/parallel.h"
#include "data/column_parts.h"
#include "data/expr_aggregate.h"

#include <math.h>
#include <string.h>

void hana_pass_clear(hana_pass *p)
{
    hana_free(p->counts);
    hana_free(p->sums);
    hana_free(p->wides);
}

void hana_pass_init(hana_pass *p, const hana_program *program, const hana_column *x,
                    const hana_column *y)
{
    enum { MOST_BLOCKS = 64, MOST_SLOTS = 1 << 20 };
    *p = (hana_pass){ .program = program, .x = x, .y = y };
    p->rows = program->rows;
    p->groups = program->groups;
    p->stride = (p->groups + 7) / 8 * 8; /* no cache line for two blocks */
    p->blocks = p->rows / HANA_EXPR_BLOCK;
    if (p->blocks > MOST_BLOCKS) p->blocks = MOST_BLOCKS;
    while (p->blocks > 1 && p->blocks * p->stride > MOST_SLOTS) p->blocks /= 2;
    if (p->blocks == 0) p->blocks = 1;
}

void hana_pass_range(const hana_pass *p, size_t block, size_t *from, size_t *to)
{
    size_t chunks = (p->rows + HANA_EXPR_CHUNK - 1) / HANA_EXPR_CHUNK;
    size_t end = chunks * (block + 1) / p->blocks * HANA_EXPR_CHUNK;
    *from = chunks * block / p->blocks * HANA_EXPR_CHUNK;
    *to = end < p->rows ? end : p->rows;
}

static hana_status run_pass_block(void *context, size_t block, int worker,
                                  hana_error *err)
{
    (void)worker;
    (void)err;
    hana_pass *p = context;
    size_t from, to;
    hana_pass_range(p, block, &from, &to);
    p->run(p, block, from, to);
    return HANA_OK;
}

hana_status hana_pass_run(hana_pass *p, hana_pass_block *run, hana_error *err)
{
    p->run = run;
    return hana_parallel(p->program->job, p->blocks, run_pass_block, p, err);
}

hana_status hana_pass_need_counts(hana_pass *p, hana_error *err)
{
    if (!p->counts) p->counts = hana_alloc_zero(p->blocks * p->stride, sizeof *p->counts);
    return p->counts ? HANA_OK : hana_fail_memory(err);
}

void hana_pass_join_counts(hana_pass *p)
{
    for (size_t b = 1; b < p->blocks; b++)
        for (size_t g = 0; g < p->groups; g++)
            p->counts[g] += p->counts[b * p->stride + g];
}

static size_t popcount_range(const uint8_t *bits, size_t from, size_t to)
{
    return hana_bits_count(bits + from / 8, to - from);
}

static void count_block(hana_pass *p, size_t block, size_t from, size_t to)
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

hana_status hana_pass_count(hana_pass *p, hana_error *err)
{
    HANA_TRY(hana_pass_need_counts(p, err));
    HANA_TRY(hana_pass_run(p, count_block, err));
    hana_pass_join_counts(p);
    return HANA_OK;
}

static void true_block(hana_pass *p, size_t block, size_t from, size_t to)
{
    int64_t *counts = p->counts + block * p->stride;
    const size_t *group = p->program->group_of_row;
    const uint8_t *bits = hana_column_bits(p->x);
    if (!group)
        counts[0] = (int64_t)popcount_range(bits, from, to);
    else
        for (size_t i = from; i < to; i++) counts[group[i]] += hana_bit(bits, i);
}

hana_status hana_pass_count_true(hana_pass *p, hana_error *err)
{
    HANA_TRY(hana_pass_need_counts(p, err));
    HANA_TRY(hana_pass_run(p, true_block, err));
    hana_pass_join_counts(p);
    return HANA_OK;
}

HANA_KERNEL static void lanes_sum(double *restrict sum, double *restrict rest,
                                  const double *x, size_t n)
{
    size_t i = 0;
    for (; i + HANA_LANES <= n; i += HANA_LANES)
        for (int k = 0; k < HANA_LANES; k++)
            hana_add_exactly(&sum[k], &rest[k], x[i + (size_t)k]);
    for (int k = 0; i < n; i++, k++) hana_add_exactly(&sum[k], &rest[k], x[i]);
}

static void sum_present(double *sum, double *rest, const double *x,
                        const uint8_t *validity, size_t from, size_t to)
{
    double sums[HANA_LANES] = { 0 }, rests[HANA_LANES] = { 0 }, held[HANA_EXPR_CHUNK];
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
    for (int k = 0; k < HANA_LANES; k++) {
        hana_add_exactly(sum, rest, sums[k]);
        *rest += rests[k];
    }
}

static void sum_floats_block(hana_pass *p, size_t block, size_t from, size_t to)
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
                hana_add_exactly(&sums[group[i]], &rests[group[i]], x[i]);
}

hana_status hana_pass_need_sums(hana_pass *p, size_t each, hana_error *err)
{
    p->sums = hana_alloc_zero(p->blocks * p->stride * each, sizeof *p->sums);
    return p->sums ? HANA_OK : hana_fail_memory(err);
}

/* In p->sums, by group. */
hana_status hana_pass_sum_floats(hana_pass *p, hana_error *err)
{
    HANA_TRY(hana_pass_need_sums(p, 2, err));
    HANA_TRY(hana_pass_run(p, sum_floats_block, err));
    double *sums = p->sums, *rests = sums + p->stride;
    for (size_t b = 1; b < p->blocks; b++)
        for (size_t g = 0; g < p->groups; g++) {
            const double *more = p->sums + b * 2 * p->stride + g;
            hana_add_exactly(&sums[g], &rests[g], more[0]);
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
static void sum_ints_block(hana_pass *p, size_t block, size_t from, size_t to)
{
    hana_wide *sums = p->wides + block * p->stride;
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
        sums[0] += (hana_wide)high * ((hana_wide)1 << 32) + (hana_wide)low;
        at += n;
    }
}

hana_status hana_pass_sum_ints(hana_pass *p, hana_error *err)
{
    p->wides = hana_alloc_zero(p->blocks * p->stride, sizeof *p->wides);
    if (!p->wides) return hana_fail_memory(err);
    HANA_TRY(hana_pass_run(p, sum_ints_block, err));
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
hana_status hana_groups_of_floats(hana_column **out, const hana_program *program,
                                  const double *values, const uint8_t *has,
                                  hana_error *err)
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
