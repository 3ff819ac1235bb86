#include "data/expr_aggregate.h"

#include <math.h>

/* min, max, first, last choose a row a group; the cells are then taken from the column.
 */

typedef struct chooser {
    hana_pass p;
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
    if (pick == HANA_PICK_FIRST || best == HANA_NO_ROW) return best == HANA_NO_ROW;
    if (pick == HANA_PICK_LAST) return 1;
    if (hana_column_type(x) == HANA_FLOAT) {
        const double *f = hana_column_floats(x);
        if (isnan(f[best])) return 0;
        if (isnan(f[i])) return 1;
        return pick == HANA_PICK_MIN ? f[i] < f[best] : f[i] > f[best];
    }
    int order = hana_cells_order(x, i, best);
    return pick == HANA_PICK_MIN ? order < 0 : order > 0;
}

static void best_block(hana_pass *p, size_t block, size_t from, size_t to)
{
    const chooser *c = (const chooser *)(const void *)p;
    size_t *best = p->best + block * p->stride;
    const size_t *group = p->program->group_of_row;
    const uint8_t *validity = hana_column_validity(p->x);
    if (c->pick == HANA_PICK_FIRST || c->pick == HANA_PICK_LAST) validity = NULL;
    for (size_t i = from; i < to; i++) {
        if (validity && !hana_bit(validity, i)) continue;
        size_t g = group ? group[i] : 0;
        if (better(p->x, c->pick, i, best[g])) best[g] = i;
    }
}

hana_status hana_run_choose(hana_column **out, const hana_term *term,
                            const hana_column *const *args, const hana_program *program,
                            hana_error *err)
{
    chooser c = { .pick = term->op };
    hana_pass *p = &c.p;
    hana_pass_init(p, program, args[0], NULL);
    size_t slots = p->blocks * p->stride;
    p->best = hana_alloc(slots, sizeof *p->best);
    hana_status status = p->best ? HANA_OK : hana_fail_memory(err);
    if (status == HANA_OK) {
        for (size_t i = 0; i < slots; i++) p->best[i] = HANA_NO_ROW;
        status = hana_pass_run(p, best_block, err);
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
    hana_pass_clear(p);
    return status;
}
