#include "data/expr_aggregate.h"
#include "data/column_parts.h"

#include <string.h>

/* The aggregates: counts, sums, any and all; and the table of all of them. Nulls are left
 * out. */

static hana_status make_bools(hana_column **out, const hana_program *program,
                              const uint8_t *values, hana_error *err)
{
    return hana_column_from_bools(out, values, NULL, program->groups, err);
}

static hana_status run_count(hana_column **out, const hana_term *term,
                             const hana_column *const *args, const hana_program *program,
                             hana_error *err)
{
    hana_pass p;
    int64_t *values;
    hana_pass_init(&p, program, term->n_args ? args[0] : NULL, NULL);
    hana_status status = hana_pass_count(&p, err);
    if (status == HANA_OK) status = hana_groups_of_ints(&values, out, program, err);
    if (status == HANA_OK) memcpy(values, p.counts, p.groups * sizeof *values);
    hana_pass_clear(&p);
    return status;
}

static hana_status sum_of_ints(hana_column **out, hana_pass *p, const hana_term *term,
                               hana_error *err)
{
    HANA_TRY(hana_pass_sum_ints(p, err));
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

static hana_status sum_of_floats(hana_column **out, hana_pass *p, hana_error *err)
{
    HANA_TRY(hana_pass_sum_floats(p, err));
    uint8_t *has = hana_alloc(p->groups, 1);
    if (!has) return hana_fail_memory(err);
    memset(has, 1, p->groups);
    hana_status status = hana_groups_of_floats(out, p->program, p->sums, has, err);
    hana_free(has);
    return status;
}

static hana_status run_sum(hana_column **out, const hana_term *term,
                           const hana_column *const *args, const hana_program *program,
                           hana_error *err)
{
    hana_pass p;
    hana_pass_init(&p, program, args[0], NULL);
    hana_status status;
    if (hana_column_type(args[0]) == HANA_INT)
        status = sum_of_ints(out, &p, term, err);
    else if (hana_column_type(args[0]) == HANA_FLOAT)
        status = sum_of_floats(out, &p, err);
    else {
        int64_t *values;
        status = hana_pass_count_true(&p, err);
        if (status == HANA_OK) status = hana_groups_of_ints(&values, out, program, err);
        if (status == HANA_OK) memcpy(values, p.counts, p.groups * sizeof *values);
    }
    hana_pass_clear(&p);
    return status;
}

static hana_status run_any_all(hana_column **out, const hana_term *term,
                               const hana_column *const *args,
                               const hana_program *program, hana_error *err)
{
    hana_pass t, all;
    hana_pass_init(&t, program, args[0], NULL);
    hana_pass_init(&all, program, args[0], NULL);
    uint8_t *values = hana_alloc(t.groups, 1);
    hana_status status = values ? hana_pass_count_true(&t, err) : hana_fail_memory(err);
    if (status == HANA_OK) status = hana_pass_count(&all, err);
    for (size_t g = 0; g < t.groups && status == HANA_OK; g++)
        values[g] = term->op ? t.counts[g] == all.counts[g] : t.counts[g] > 0;
    if (status == HANA_OK) status = make_bools(out, program, values, err);
    hana_free(values);
    hana_pass_clear(&t);
    hana_pass_clear(&all);
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
    return hana_term_aggregate(out, call, HANA_FLOAT, hana_run_mean, 1, err);
}

static hana_status check_variance(hana_term **out, hana_call *call, hana_error *err)
{
    HANA_TRY(want_value(call, call->args[0], err));
    HANA_TRY(
        hana_want_number(call->program, call->args[0], call->function->info.name, err));
    return hana_term_aggregate(out, call, HANA_FLOAT, hana_run_variance, 1, err);
}

static hana_status check_corr(hana_term **out, hana_call *call, hana_error *err)
{
    for (int k = 0; k < 2; k++) {
        HANA_TRY(want_value(call, call->args[k], err));
        HANA_TRY(hana_want_number(call->program, call->args[k], "corr", err));
        HANA_TRY(hana_term_convert(&call->args[k], call->program, HANA_FLOAT, err));
    }
    return hana_term_aggregate(out, call, HANA_FLOAT, hana_run_corr, 2, err);
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
    HANA_TRY(
        hana_term_aggregate(out, call, call->args[0]->type, hana_run_choose, 1, err));
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
    AGGREGATE("min", "x", "least value", 1, 1, check_choose, HANA_PICK_MIN),
    AGGREGATE("max", "x", "greatest value", 1, 1, check_choose, HANA_PICK_MAX),
    AGGREGATE("quantile", "x, p", "value below which a share p lies (R's type 7)", 2, 2,
              hana_check_quantile, 1),
    AGGREGATE("first", "x", "value of the first row, null or not", 1, 1, check_choose,
              HANA_PICK_FIRST),
    AGGREGATE("last", "x", "value of the last row, null or not", 1, 1, check_choose,
              HANA_PICK_LAST),
    AGGREGATE("n_unique", "x", "number of different values, null not counted", 1, 1,
              hana_check_distinct, 0),
    AGGREGATE("mode", "x", "most frequent value (of equals the least)", 1, 1,
              hana_check_distinct, 1),
    AGGREGATE("corr", "x, y", "Pearson's correlation", 2, 2, check_corr, 0),
    AGGREGATE("any", "x", "whether any is true", 1, 1, check_any_all, 0),
    AGGREGATE("all", "x", "whether all are true", 1, 1, check_any_all, 1),
    { { NULL, NULL, NULL }, 0, 0, HANA_FUNCTION_ROW, NULL, 0, 0 },
};
