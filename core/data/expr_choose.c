#include "data/expr_aggregate.h"

#include <math.h>

/* min, max, first, last choose a row a group; the cells are then taken from the column.
 */

/* The best row of a group and, of numbers, its value, on one line of the cache. */
typedef struct best_cell {
    size_t row;
    union {
        double f;
        int64_t k;
    } value;
} best_cell;

typedef struct chooser {
    hana_pass p;
    int pick, by_value;
    best_cell *cells; /* blocks x stride */
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
static int float_wins(int least, double own, double best)
{
    return (least ? own < best : own > best) || (isnan(own) && !isnan(best));
}

static int int_wins(int least, int64_t own, int64_t best)
{
    return least ? own < best : own > best;
}

static int better(const hana_column *x, int pick, size_t i, size_t best)
{
    if (pick == HANA_PICK_FIRST || best == HANA_NO_ROW) return best == HANA_NO_ROW;
    if (pick == HANA_PICK_LAST) return 1;
    int order = hana_cells_order(x, i, best);
    return pick == HANA_PICK_MIN ? order < 0 : order > 0;
}

static void best_floats(const chooser *c, best_cell *cells, size_t from, size_t to)
{
    const double *x = hana_column_floats(c->p.x);
    const uint8_t *validity = hana_column_validity(c->p.x);
    const size_t *group = c->p.program->group_of_row;
    int least = c->pick == HANA_PICK_MIN;
    for (size_t i = from; i < to; i++) {
        if (validity && !hana_bit(validity, i)) continue;
        best_cell *cell = &cells[group ? group[i] : 0];
        if (cell->row == HANA_NO_ROW || float_wins(least, x[i], cell->value.f))
            *cell = (best_cell){ .row = i, .value.f = x[i] };
    }
}

static void best_ints(const chooser *c, best_cell *cells, size_t from, size_t to)
{
    const int64_t *x = hana_column_ints(c->p.x);
    const uint8_t *validity = hana_column_validity(c->p.x);
    const size_t *group = c->p.program->group_of_row;
    int least = c->pick == HANA_PICK_MIN;
    for (size_t i = from; i < to; i++) {
        if (validity && !hana_bit(validity, i)) continue;
        best_cell *cell = &cells[group ? group[i] : 0];
        if (cell->row == HANA_NO_ROW || int_wins(least, x[i], cell->value.k))
            *cell = (best_cell){ .row = i, .value.k = x[i] };
    }
}

static void best_cells(const chooser *c, best_cell *cells, size_t from, size_t to)
{
    const uint8_t *validity = hana_column_validity(c->p.x);
    const size_t *group = c->p.program->group_of_row;
    if (c->pick == HANA_PICK_FIRST || c->pick == HANA_PICK_LAST) validity = NULL;
    for (size_t i = from; i < to; i++) {
        if (validity && !hana_bit(validity, i)) continue;
        best_cell *cell = &cells[group ? group[i] : 0];
        if (better(c->p.x, c->pick, i, cell->row)) cell->row = i;
    }
}

static int by_floats(const chooser *c)
{
    return hana_column_type(c->p.x) == HANA_FLOAT && c->by_value;
}

static int by_ints(const chooser *c)
{
    hana_type type = hana_column_type(c->p.x);
    return (type == HANA_INT || type == HANA_DATETIME) && c->by_value;
}

static void best_block(hana_pass *p, size_t block, size_t from, size_t to)
{
    const chooser *c = (const chooser *)(const void *)p;
    best_cell *cells = c->cells + block * p->stride;
    for (size_t g = 0; g < p->stride; g++) cells[g] = (best_cell){ .row = HANA_NO_ROW };
    if (by_floats(c))
        best_floats(c, cells, from, to);
    else if (by_ints(c))
        best_ints(c, cells, from, to);
    else
        best_cells(c, cells, from, to);
}

/* Rows of later blocks come later, so that of equal values the first one stays. */
static void join_cells(const chooser *c, size_t *rows)
{
    const hana_pass *p = &c->p;
    int least = c->pick == HANA_PICK_MIN, floats = by_floats(c), ints = by_ints(c);
    for (size_t g = 0; g < p->groups; g++) {
        best_cell best = c->cells[g];
        for (size_t b = 1; b < p->blocks; b++) {
            best_cell own = c->cells[b * p->stride + g];
            if (own.row == HANA_NO_ROW) continue;
            if (best.row == HANA_NO_ROW ||
                (floats ? float_wins(least, own.value.f, best.value.f)
                 : ints ? int_wins(least, own.value.k, best.value.k)
                        : better(p->x, c->pick, own.row, best.row)))
                best = own;
        }
        rows[g] = best.row;
    }
}

hana_status hana_run_choose(hana_column **out, const hana_term *term,
                            const hana_column *const *args, const hana_program *program,
                            hana_error *err)
{
    chooser c = { .pick = term->op };
    c.by_value = c.pick == HANA_PICK_MIN || c.pick == HANA_PICK_MAX;
    hana_pass *p = &c.p;
    hana_pass_init(p, program, args[0], NULL);
    c.cells = hana_alloc(p->blocks * p->stride, sizeof *c.cells);
    size_t *rows = hana_alloc(p->groups, sizeof *rows);
    hana_status status = c.cells && rows ? HANA_OK : hana_fail_memory(err);
    if (status == HANA_OK) status = hana_pass_run(p, best_block, err);
    if (status == HANA_OK) {
        join_cells(&c, rows);
        status = hana_column_take(out, args[0], rows, p->groups, err);
    }
    hana_free(c.cells);
    hana_free(rows);
    hana_pass_clear(p);
    return status;
}
