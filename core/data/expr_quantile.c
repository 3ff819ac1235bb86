#include "base/parallel.h"
#include "data/column_parts.h"
#include "data/expr_aggregate.h"

#include <math.h>

/* Quantiles of type 7 (Hyndman and Fan, "Sample quantiles in statistical packages", The
   American Statistician 50, 1996): linear between the order statistics around (n - 1) p.
 */

typedef struct quantiles {
    const hana_program *program;
    const hana_column *x;
    const size_t *order, *starts;
    double p;
    double *values; /* the rows' values, by group */
    double *results;
    uint8_t *has;
} quantiles;

static void swap(double *a, double *b)
{
    double t = *a;
    *a = *b;
    *b = t;
}

static void sift(double *x, size_t root, size_t n)
{
    for (size_t child; (child = 2 * root + 1) < n; root = child) {
        if (child + 1 < n && x[child] < x[child + 1]) child++;
        if (x[root] >= x[child]) return;
        swap(&x[root], &x[child]);
    }
}

static void heap_sort(double *x, size_t n)
{
    for (size_t i = n / 2; i-- > 0;) sift(x, i, n);
    for (size_t i = n; i-- > 1;) {
        swap(&x[0], &x[i]);
        sift(x, 0, i);
    }
}

/* Puts the k-th smallest at x[k], no larger ones before and no smaller ones after it. No
   NaN. Median of three of nine; falls back to a heap sort when the pivots are bad. */
static void select_nth(double *x, size_t n, size_t k)
{
    size_t low = 0, high = n;
    for (int tries = 0; high - low > 16; tries++) {
        if (tries > 100) {
            heap_sort(x + low, high - low);
            return;
        }
        double three[3];
        size_t step = (high - low) / 9;
        for (size_t t = 0; t < 3; t++) {
            double *a = &x[low + (3 * t) * step], *b = a + step, *c = b + step;
            three[t] = fmax(fmin(*a, *b), fmin(fmax(*a, *b), *c));
        }
        double pivot =
            fmax(fmin(three[0], three[1]), fmin(fmax(three[0], three[1]), three[2]));
        size_t i = low, j = high;
        for (;;) {
            while (x[i] < pivot) i++;
            do j--;
            while (x[j] > pivot);
            if (i >= j) break;
            swap(&x[i++], &x[j]);
        }
        size_t middle = j + 1;
        if (middle == high) middle--;
        if (k < middle)
            high = middle;
        else
            low = middle;
    }
    for (size_t i = low + 1; i < high; i++)
        for (size_t j = i; j > low && x[j - 1] > x[j]; j--) swap(&x[j - 1], &x[j]);
}

static double quantile_of(double *x, size_t n, double p)
{
    for (size_t i = 0; i < n; i++)
        if (isnan(x[i])) return NAN;
    double h = (double)(n - 1) * p;
    size_t k = (size_t)floor(h);
    select_nth(x, n, k);
    double low = x[k], share = h - (double)k;
    if (share <= 0 || k + 1 >= n) return low;
    double high = x[k + 1];
    for (size_t i = k + 2; i < n; i++)
        if (x[i] < high) high = x[i];
    return low == high ? low : low + share * (high - low);
}

static hana_status run_group(void *context, size_t g, int worker, hana_error *err)
{
    (void)worker;
    (void)err;
    quantiles *q = context;
    size_t from = q->order ? q->starts[g] : 0,
           to = q->order ? q->starts[g + 1] : q->program->rows;
    const uint8_t *validity = hana_column_validity(q->x);
    const double *f = hana_column_floats(q->x);
    const int64_t *k = hana_column_ints(q->x);
    double *values = q->values + from;
    size_t n = 0;
    for (size_t r = from; r < to; r++) {
        size_t i = q->order ? q->order[r] : r;
        if (validity && !hana_bit(validity, i)) continue;
        values[n++] = f ? f[i] : (double)k[i];
    }
    q->has[g] = n > 0;
    q->results[g] = n ? quantile_of(values, n, q->p) : (double)NAN;
    return HANA_OK;
}

static hana_status run_quantile(hana_column **out, const hana_term *term,
                                const hana_column *const *args,
                                const hana_program *program, hana_error *err)
{
    quantiles q = { .program = program, .x = args[0], .p = term->share };
    size_t n = program->groups;
    uint8_t *bits = NULL;
    HANA_TRY(hana_program_order(&q.order, &q.starts, program, err));
    q.values = hana_alloc(program->rows, sizeof *q.values);
    q.results = hana_alloc(n, sizeof *q.results);
    q.has = hana_alloc(n, 1);
    bits = hana_alloc_zero(hana_bitmap_bytes(n), 1);
    hana_status status =
        q.values && q.results && q.has && bits ? HANA_OK : hana_fail_memory(err);
    if (status == HANA_OK)
        status =
            hana_parallel_steps(program->job, n, 4 * program->rows, run_group, &q, err);
    if (status == HANA_OK) {
        hana_bits_pack(bits, q.has, n);
        status = hana_column_from_floats(out, q.results, bits, n, err);
    }
    hana_free(q.values);
    hana_free(q.results);
    hana_free(q.has);
    hana_free(bits);
    return status;
}

hana_status hana_check_quantile(hana_term **out, hana_call *call, hana_error *err)
{
    hana_term *arg = call->args[0];
    double p = 0.5;
    if (arg->untyped)
        return hana_term_fail(call->program, arg, err, HANA_BAD_TYPE,
                              "%s of nil means nothing", call->function->info.name);
    HANA_TRY(hana_want_number(call->program, arg, call->function->info.name, err));
    if (call->n_args > 1) {
        HANA_TRY(hana_want_constant(&p, call->program, call->args[1],
                                    "the share of a quantile", err));
        if (!(p >= 0 && p <= 1))
            return hana_term_fail(call->program, call->args[1], err, HANA_BAD_ARGUMENT,
                                  "the share of a quantile lies between 0 and 1");
    }
    HANA_TRY(hana_term_aggregate(out, call, HANA_FLOAT, run_quantile, 1, err));
    (*out)->by_order = 1;
    (*out)->share = p;
    return HANA_OK;
}
