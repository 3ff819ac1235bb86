#include "base/parallel.h"
#include "data/column_parts.h"
#include "data/expr_window.h"

#include <string.h>

/* Rolling means. The sum of a window is put together from sums of 1, 2, 4, ...
   neighbours: rounding depends on the window's values alone, and a value that has left
   leaves nothing behind. */
typedef struct rolling {
    const double *x;      /* by place in the order of groups */
    const uint8_t *valid; /* a byte a place, NULL: all */
    double *means;
    uint8_t *has;
    size_t from, to, width; /* the group's places */
} rolling;

enum { ROLL_BLOCK = 1 << 14 };

HANA_KERNEL static void add_shifted(double *restrict to, const double *from, size_t n)
{
    for (size_t i = 0; i < n; i++) to[i] += from[i];
}

static void double_up(double *sums, size_t n, size_t by)
{
    for (size_t i = 0; i + by < n; i++) sums[i] += sums[i + by];
}

/* Windows that end at places [first, last): their starts are width - 1 earlier. */
static hana_status roll_block(void *context, size_t block, int worker, hana_error *err)
{
    (void)worker;
    const rolling *r = context;
    size_t w = r->width, first = r->from + w - 1 + block * ROLL_BLOCK,
           last = first + ROLL_BLOCK;
    if (last > r->to) last = r->to;
    size_t n = last - first, start = first - (w - 1), held = n + w - 1;
    double *sums = hana_alloc(held, sizeof *sums),
           *total = hana_alloc_zero(n, sizeof *total);
    if (!sums || !total) {
        hana_free(sums);
        hana_free(total);
        return hana_fail_memory(err);
    }
    size_t missing = 0, at = 0;
    for (size_t k = 0; k < held; k++) {
        int here = !r->valid || r->valid[start + k];
        sums[k] = here ? r->x[start + k] : 0;
    }
    for (size_t length = 1; length <= w; length *= 2) {
        if (w & length) {
            add_shifted(total, sums + at, n);
            at += length;
        }
        double_up(sums, held, length);
    }
    for (size_t k = 0; k < w - 1; k++) missing += r->valid && !r->valid[start + k];
    for (size_t k = 0; k < n; k++) {
        missing += r->valid && !r->valid[first + k];
        r->has[first + k] = missing == 0;
        r->means[first + k] = total[k] / (double)w;
        missing -= r->valid && !r->valid[start + k];
    }
    hana_free(sums);
    hana_free(total);
    return HANA_OK;
}

static hana_status roll_groups(const hana_window *w, rolling *r, hana_error *err)
{
    for (size_t g = 0; g < w->program->groups; g++) {
        r->from = hana_window_first(w, g);
        r->to = hana_window_end(w, g);
        size_t n = r->to - r->from;
        if (n < r->width) continue;
        size_t blocks = (n - r->width + ROLL_BLOCK) / ROLL_BLOCK;
        if (blocks > 1)
            HANA_TRY(hana_parallel(w->program->job, blocks, roll_block, r, err));
        else
            HANA_TRY(roll_block(r, 0, 0, err));
    }
    return HANA_OK;
}

hana_status hana_run_rolling_mean(hana_column **out, const hana_term *term,
                                  const hana_column *const *args,
                                  const hana_program *program, hana_error *err)
{
    hana_window w;
    void *values;
    uint8_t *bits;
    hana_column *column;
    size_t n = program->rows;
    const double *x = hana_column_floats(args[0]);
    HANA_TRY(hana_window_open(&w, term, args[0], program, err));
    HANA_TRY(hana_window_column(&column, &values, &bits, HANA_FLOAT, n, err));
    double *by_place = hana_alloc(n, sizeof *by_place),
           *means = hana_alloc(n, sizeof *means);
    uint8_t *valid = hana_alloc(n, 1), *has = hana_alloc_zero(n, 1);
    rolling r = { by_place, valid, means, has, 0, 0, (size_t)term->number };
    hana_status status =
        by_place && means && valid && has ? HANA_OK : hana_fail_memory(err);
    if (status == HANA_OK) {
        for (size_t k = 0; k < n; k++) {
            size_t i = hana_window_row(&w, k);
            by_place[k] = x[i];
            valid[k] = !hana_column_is_null(args[0], i);
        }
        if (hana_column_nulls(args[0]) == 0) r.valid = NULL;
        status = roll_groups(&w, &r, err);
    }
    for (size_t k = 0; k < n && status == HANA_OK; k++) {
        if (!has[k]) continue;
        size_t i = hana_window_row(&w, k);
        ((double *)values)[i] = means[k];
        hana_bit_set(bits, i);
    }
    hana_free(by_place);
    hana_free(means);
    hana_free(valid);
    hana_free(has);
    if (status != HANA_OK) {
        hana_column_release(column);
        return status;
    }
    hana_column_count_nulls(column);
    *out = column;
    return HANA_OK;
}
