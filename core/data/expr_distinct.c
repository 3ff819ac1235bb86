#include "base/random.h"
#include "data/column_parts.h"
#include "data/expr_aggregate.h"

#include <math.h>
#include <string.h>

/* n_unique and mode: a hash table of (group, value) with the row where each was first
   seen. NaN is one value, and 0 and -0 are one. */

typedef struct table {
    size_t *rows; /* 1 + row of the first; 0: free */
    int64_t *counts;
    size_t capacity, n;
} table;

static uint64_t cell_bits(const hana_column *x, size_t i)
{
    switch (hana_column_type(x)) {
    case HANA_FLOAT: {
        double f = hana_column_floats(x)[i];
        uint64_t bits;
        if (isnan(f)) return UINT64_MAX;
        if (f == 0) f = 0;
        memcpy(&bits, &f, sizeof bits);
        return f == 0 ? 0 : bits;
    }
    case HANA_INT:
    case HANA_DATETIME:
        return (uint64_t)hana_column_ints(x)[i];
    case HANA_DATE:
    case HANA_CATEGORY:
        return (uint64_t)hana_column_codes(x)[i];
    case HANA_BOOL:
        return (uint64_t)hana_bit(hana_column_bits(x), i);
    default:
        return 0;
    }
}

static hana_status grow(table *t, const hana_column *x, const size_t *group,
                        hana_error *err)
{
    size_t capacity = t->capacity ? 2 * t->capacity : 1024;
    table next = { .rows = hana_alloc_zero(capacity, sizeof *t->rows),
                   .counts = hana_alloc_zero(capacity, sizeof *t->counts),
                   .capacity = capacity,
                   .n = t->n };
    if (!next.rows || !next.counts) {
        hana_free(next.rows);
        hana_free(next.counts);
        return hana_fail_memory(err);
    }
    for (size_t s = 0; s < t->capacity; s++) {
        hana_status status = hana_poll(s, err);
        if (status != HANA_OK) {
            hana_free(next.rows);
            hana_free(next.counts);
            return status;
        }
        if (!t->rows[s]) continue;
        size_t i = t->rows[s] - 1;
        uint64_t hash =
            hana_hash_mix(cell_bits(x, i) ^ hana_hash_mix(group ? group[i] + 1 : 1));
        size_t at = hash & (capacity - 1);
        while (next.rows[at]) at = (at + 1) & (capacity - 1);
        next.rows[at] = t->rows[s];
        next.counts[at] = t->counts[s];
    }
    hana_free(t->rows);
    hana_free(t->counts);
    *t = next;
    return HANA_OK;
}

static hana_status fill(table *t, const hana_column *x, const hana_program *program,
                        hana_error *err)
{
    const size_t *group = program->group_of_row;
    for (size_t i = 0; i < program->rows; i++) {
        if (i % HANA_EXPR_BLOCK == 0) HANA_TRY(hana_job_check(program->job, err));
        if (hana_column_is_null(x, i)) continue;
        if (t->n * 2 >= t->capacity) HANA_TRY(grow(t, x, group, err));
        uint64_t bits = cell_bits(x, i), g = group ? group[i] : 0;
        size_t at = hana_hash_mix(bits ^ hana_hash_mix(g + 1)) & (t->capacity - 1);
        for (; t->rows[at]; at = (at + 1) & (t->capacity - 1)) {
            size_t seen = t->rows[at] - 1;
            if (cell_bits(x, seen) == bits && (!group || group[seen] == g)) break;
        }
        if (!t->rows[at]) {
            t->rows[at] = i + 1;
            t->n++;
        }
        t->counts[at]++;
    }
    return HANA_OK;
}

static hana_status count_unique(hana_column **out, const table *t,
                                const hana_program *program, hana_error *err)
{
    int64_t *values;
    HANA_TRY(hana_groups_of_ints(&values, out, program, err));
    memset(values, 0, program->groups * sizeof *values);
    for (size_t s = 0; s < t->capacity; s++)
        if (t->rows[s])
            values[program->group_of_row ? program->group_of_row[t->rows[s] - 1] : 0]++;
    return HANA_OK;
}

static hana_status most_frequent(hana_column **out, const table *t,
                                 const hana_column *coded, const hana_column *x,
                                 const hana_program *program, hana_error *err)
{
    size_t *best = hana_alloc(program->groups, sizeof *best);
    int64_t *most = hana_alloc_zero(program->groups, sizeof *most);
    hana_status status = best && most ? HANA_OK : hana_fail_memory(err);
    if (status == HANA_OK) {
        for (size_t g = 0; g < program->groups; g++) best[g] = HANA_NO_ROW;
        for (size_t s = 0; status == HANA_OK && s < t->capacity; s++) {
            status = hana_poll(s, err);
            if (!t->rows[s]) continue;
            size_t i = t->rows[s] - 1,
                   g = program->group_of_row ? program->group_of_row[i] : 0;
            if (t->counts[s] < most[g]) continue;
            if (t->counts[s] == most[g] && hana_cells_order(coded, i, best[g]) > 0)
                continue;
            best[g] = i;
            most[g] = t->counts[s];
        }
        if (status == HANA_OK)
            status = hana_column_take(out, x, best, program->groups, err);
    }
    hana_free(best);
    hana_free(most);
    return status;
}

static hana_status run_distinct(hana_column **out, const hana_term *term,
                                const hana_column *const *args,
                                const hana_program *program, hana_error *err)
{
    const hana_column *x = args[0], *coded = x;
    hana_column *made = NULL;
    if (hana_column_type(x) == HANA_STRING) {
        HANA_TRY(hana_column_to_category(&made, x, 1, err));
        coded = made;
    }
    table t = { 0 };
    hana_status status = fill(&t, coded, program, err);
    if (status == HANA_OK)
        status = term->op ? most_frequent(out, &t, coded, x, program, err)
                          : count_unique(out, &t, program, err);
    hana_free(t.rows);
    hana_free(t.counts);
    hana_column_release(made);
    return status;
}

hana_status hana_check_distinct(hana_term **out, hana_call *call, hana_error *err)
{
    hana_term *arg = call->args[0];
    if (arg->untyped)
        return hana_term_fail(call->program, arg, err, HANA_BAD_TYPE,
                              "%s of nil means nothing", call->function->info.name);
    int is_mode = call->function->op;
    HANA_TRY(hana_term_aggregate(out, call, is_mode ? arg->type : HANA_INT, run_distinct,
                                 1, err));
    if (is_mode) hana_term_like(*out, arg);
    return HANA_OK;
}
