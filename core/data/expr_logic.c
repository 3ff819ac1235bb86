#include "data/expr_term.h"

#include <string.h>

/* and, or, not in three values (false and null is false, true or null is true), and what
   chooses between values: if_else, case_when, coalesce, is_null. What is not chosen
   cannot fail. */

/* mask[i] = active and the vector's value is (not) known to be `unless`. */
static const uint8_t *where_open(uint8_t *mask, const hana_vector *v, uint8_t unless,
                                 const uint8_t *active, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint8_t decided = (uint8_t)(v->at.b[i] == unless) & (v->valid ? v->valid[i] : 1);
        mask[i] = (uint8_t)!decided & (active ? active[i] : 1);
    }
    return mask;
}

HANA_KERNEL static void and_bytes(uint8_t *restrict out, const uint8_t *a,
                                  const uint8_t *b, size_t n)
{
    for (size_t i = 0; i < n; i++) out[i] = a[i] & b[i];
}

HANA_KERNEL static void or_bytes(uint8_t *restrict out, const uint8_t *a,
                                 const uint8_t *b, size_t n)
{
    for (size_t i = 0; i < n; i++) out[i] = a[i] | b[i];
}

static hana_status run_connective(hana_vector *out, const hana_term *term,
                                  hana_chunk *chunk, const uint8_t *active,
                                  hana_error *err)
{
    hana_vector a, b;
    uint8_t *to = hana_chunk_data(chunk, term->reg);
    size_t n = chunk->n;
    uint8_t decides = term->op == HANA_OP_OR;
    HANA_TRY(hana_term_run(&a, term->args[0], chunk, active, err));
    const uint8_t *open = active;
    if (term->args[1]->fallible)
        open =
            where_open(hana_chunk_data(chunk, term->scratch[0]), &a, decides, active, n);
    HANA_TRY(hana_term_run(&b, term->args[1], chunk, open, err));
    out->at.b = to;
    out->valid = NULL;
    if (!a.valid && !b.valid) {
        if (decides)
            or_bytes(to, a.at.b, b.at.b, n);
        else
            and_bytes(to, a.at.b, b.at.b, n);
        return HANA_OK;
    }
    uint8_t *valid = hana_chunk_valid(chunk, term->reg);
    for (size_t i = 0; i < n; i++) {
        uint8_t has_a = a.valid ? a.valid[i] : 1, has_b = b.valid ? b.valid[i] : 1;
        uint8_t settled_a = has_a & (a.at.b[i] == decides);
        uint8_t settled_b = has_b & (b.at.b[i] == decides);
        uint8_t settled = settled_a | settled_b;
        to[i] = settled ? decides : !decides;
        valid[i] = settled | (has_a & has_b);
    }
    out->valid = valid;
    return HANA_OK;
}

static hana_status run_not(hana_vector *out, const hana_term *term,
                           const hana_vector *args, hana_chunk *chunk,
                           const uint8_t *active, hana_error *err)
{
    (void)active;
    (void)err;
    uint8_t *to = hana_chunk_data(chunk, term->reg);
    for (size_t i = 0; i < chunk->n; i++) to[i] = args[0].at.b[i] ^ 1;
    out->at.b = to;
    return HANA_OK;
}

hana_status hana_check_logic(hana_term **out, hana_program *program, hana_expr_op op,
                             hana_term *const *args, size_t from, size_t to,
                             hana_error *err)
{
    if (op == HANA_OP_NOT) {
        HANA_TRY(hana_want_bool(program, args[0], "`not`", err));
        return hana_term_apply(out, program, HANA_BOOL, run_not, args, 1, from, to, err);
    }
    for (int k = 0; k < 2; k++) {
        hana_term *arg = args[k];
        if (op == HANA_OP_OR && k == 0 && !arg->untyped && arg->type != HANA_BOOL)
            return hana_term_fail(
                program, arg, err, HANA_BAD_TYPE,
                "`or` takes true or false, this is %s; a default for nulls is "
                "coalesce(x, default)",
                hana_term_describe(arg));
        HANA_TRY(hana_want_bool(program, arg, op == HANA_OP_OR ? "`or`" : "`and`", err));
    }
    hana_term *term;
    HANA_TRY(hana_term_apply(&term, program, HANA_BOOL, NULL, args, 2, from, to, err));
    term->lazy = run_connective;
    term->op = op;
    term->scratches = 1;
    *out = term;
    return HANA_OK;
}

static hana_status run_is_null(hana_vector *out, const hana_term *term,
                               const hana_vector *args, hana_chunk *chunk,
                               const uint8_t *active, hana_error *err)
{
    (void)active;
    (void)err;
    uint8_t *to = hana_chunk_data(chunk, term->reg);
    if (args[0].valid)
        for (size_t i = 0; i < chunk->n; i++) to[i] = args[0].valid[i] ^ 1;
    else
        memset(to, 0, chunk->n);
    out->at.b = to;
    out->valid = NULL;
    return HANA_OK;
}

static hana_status check_is_null(hana_term **out, hana_call *call, hana_error *err)
{
    hana_term *arg = call->args[0];
    if (arg->untyped) HANA_TRY(hana_term_convert(&arg, call->program, HANA_FLOAT, err));
    HANA_TRY(hana_term_apply(out, call->program, HANA_BOOL, run_is_null, &arg, 1,
                             call->from, call->to, err));
    (*out)->lax = 1;
    return HANA_OK;
}

#define PICK(name, type)                                                                 \
    HANA_KERNEL static void name(type *restrict out, const uint8_t *first,               \
                                 const type *a, const type *b, size_t n)                 \
    {                                                                                    \
        for (size_t i = 0; i < n; i++) out[i] = first[i] ? a[i] : b[i];                  \
    }
PICK(pick_8, int64_t)
PICK(pick_4, int32_t)
PICK(pick_1, uint8_t)

static void pick_slices(hana_slice *restrict out, const uint8_t *first,
                        const hana_slice *a, const hana_slice *b, size_t n)
{
    for (size_t i = 0; i < n; i++) out[i] = first[i] ? a[i] : b[i];
}

/* Values are moved, never looked at: floats go as their bits. */
static void pick(hana_vector *out, const hana_term *term, hana_chunk *chunk,
                 const uint8_t *first, const hana_vector *a, const hana_vector *b)
{
    void *to = hana_chunk_data(chunk, term->reg);
    size_t n = chunk->n;
    switch (term->type) {
    case HANA_FLOAT:
    case HANA_INT:
    case HANA_DATETIME:
        pick_8(to, first, a->at.any, b->at.any, n);
        break;
    case HANA_DATE:
    case HANA_CATEGORY:
        pick_4(to, first, a->at.c, b->at.c, n);
        break;
    case HANA_BOOL:
        pick_1(to, first, a->at.b, b->at.b, n);
        break;
    case HANA_STRING:
        pick_slices(to, first, a->at.s, b->at.s, n);
        break;
    case HANA_BLOCK:
        break;
    }
    out->at.any = to;
    out->valid = NULL;
    if (!a->valid && !b->valid) return;
    uint8_t *valid = hana_chunk_valid(chunk, term->reg);
    for (size_t i = 0; i < n; i++) {
        const hana_vector *v = first[i] ? a : b;
        valid[i] = v->valid ? v->valid[i] : 1;
    }
    out->valid = valid;
}

static hana_status run_if_else(hana_vector *out, const hana_term *term, hana_chunk *chunk,
                               const uint8_t *active, hana_error *err)
{
    hana_vector c, a, b;
    size_t n = chunk->n;
    HANA_TRY(hana_term_run(&c, term->args[0], chunk, active, err));
    uint8_t *first = hana_chunk_data(chunk, term->scratch[0]);
    if (c.valid)
        and_bytes(first, c.at.b, c.valid, n);
    else
        memcpy(first, c.at.b, n);
    const uint8_t *open[2] = { active, active };
    if (term->fallible) {
        uint8_t *yes = hana_chunk_valid(chunk, term->scratch[0]);
        uint8_t *no = hana_chunk_valid(chunk, term->scratch[1]);
        for (size_t i = 0; i < n; i++) {
            uint8_t on = active ? active[i] : 1;
            yes[i] = first[i] & on;
            no[i] = (first[i] ^ 1) & on;
        }
        open[0] = yes;
        open[1] = no;
    }
    HANA_TRY(hana_term_run(&a, term->args[1], chunk, open[0], err));
    HANA_TRY(hana_term_run(&b, term->args[2], chunk, open[1], err));
    pick(out, term, chunk, first, &a, &b);
    if (!c.valid || !term->op) return HANA_OK;
    /* if_else: an unknown condition gives null; case_when goes on to the next one. */
    uint8_t *valid = hana_chunk_valid(chunk, term->reg);
    for (size_t i = 0; i < n; i++)
        valid[i] = c.valid[i] & (out->valid ? out->valid[i] : 1);
    out->valid = valid;
    return HANA_OK;
}

static void keep_category(hana_term *term, const hana_term *arg)
{
    term->levels = hana_column_retain(arg->levels);
    term->ordered = arg->ordered;
    memcpy(term->zone, arg->zone, sizeof term->zone);
}

static hana_status choose(hana_term **out, hana_program *program, hana_term *const *args,
                          int strict, size_t from, size_t to, hana_error *err)
{
    hana_term *term;
    HANA_TRY(
        hana_term_apply(&term, program, args[1]->type, NULL, args, 3, from, to, err));
    term->lazy = run_if_else;
    term->op = strict;
    term->scratches = 2;
    keep_category(term, args[1]);
    *out = term;
    return HANA_OK;
}

static hana_status check_if_else(hana_term **out, hana_call *call, hana_error *err)
{
    hana_term *args[3] = { call->args[0], call->args[1], call->args[2] };
    HANA_TRY(hana_want_bool(call->program, args[0], "if_else's condition", err));
    HANA_TRY(hana_terms_unify(args + 1, 2, call->program, "if_else", err));
    return choose(out, call->program, args, 1, call->from, call->to, err);
}

/* case_when(c1, v1, c2, v2, else) is if_else(c1, v1, if_else(c2, v2, else)). */
static hana_status check_case_when(hana_term **out, hana_call *call, hana_error *err)
{
    hana_program *program = call->program;
    size_t cases = call->n_args / 2;
    hana_term *other = NULL;
    hana_term **values = hana_alloc(cases + 1, sizeof *values);
    if (!values) return hana_fail_memory(err);
    hana_status status = HANA_OK;
    for (size_t k = 0; k < cases; k++) {
        values[k] = call->args[2 * k + 1];
        HANA_GOTO(done, hana_want_bool(program, call->args[2 * k],
                                       "case_when's condition", err));
    }
    if (call->n_args % 2)
        values[cases] = call->args[call->n_args - 1];
    else {
        HANA_GOTO(done, hana_term_new(&values[cases], program, HANA_TERM_CONSTANT,
                                      HANA_FLOAT, call->from, call->to, err));
        values[cases]->untyped = values[cases]->is_null = 1;
    }
    HANA_GOTO(done, hana_terms_unify(values, cases + 1, program, "case_when", err));
    other = values[cases];
    for (size_t k = cases; k-- > 0;) {
        hana_term *args[3] = { call->args[2 * k], values[k], other };
        HANA_GOTO(done, choose(&other, program, args, 0, call->from, call->to, err));
    }
    *out = other;
done:
    hana_free(values);
    return status;
}

static hana_status run_coalesce(hana_vector *out, const hana_term *term,
                                hana_chunk *chunk, const uint8_t *active, hana_error *err)
{
    hana_vector a, b;
    size_t n = chunk->n;
    HANA_TRY(hana_term_run(&a, term->args[0], chunk, active, err));
    uint8_t *first = hana_chunk_data(chunk, term->scratch[0]);
    if (a.valid)
        memcpy(first, a.valid, n);
    else
        memset(first, 1, n);
    const uint8_t *open = active;
    if (term->args[1]->fallible) {
        uint8_t *mask = hana_chunk_valid(chunk, term->scratch[0]);
        for (size_t i = 0; i < n; i++)
            mask[i] = (first[i] ^ 1) & (active ? active[i] : 1);
        open = mask;
    }
    HANA_TRY(hana_term_run(&b, term->args[1], chunk, open, err));
    pick(out, term, chunk, first, &a, &b);
    return HANA_OK;
}

static hana_status check_coalesce(hana_term **out, hana_call *call, hana_error *err)
{
    HANA_TRY(hana_terms_unify(call->args, call->n_args, call->program, "coalesce", err));
    hana_term *result = call->args[call->n_args - 1];
    for (size_t k = call->n_args - 1; k-- > 0;) {
        hana_term *args[2] = { call->args[k], result };
        HANA_TRY(hana_term_apply(&result, call->program, args[0]->type, NULL, args, 2,
                                 call->from, call->to, err));
        result->lazy = run_coalesce;
        result->scratches = 1;
        keep_category(result, args[0]);
    }
    *out = result;
    return HANA_OK;
}

const hana_function hana_functions_logic[] = {
    { { "is_null", "x", "true where x is missing" },
      1,
      1,
      HANA_FUNCTION_ROW,
      check_is_null,
      0,
      0 },
    { { "coalesce", "x, y, ...", "the first of them that is not null" },
      1,
      -1,
      HANA_FUNCTION_ROW,
      check_coalesce,
      0,
      0 },
    { { "if_else", "condition, x, y",
        "x where the condition is true, y where it is false, null "
        "where it is null; what is not chosen cannot fail" },
      3,
      3,
      HANA_FUNCTION_ROW,
      check_if_else,
      0,
      0 },
    { { "case_when", "c1, v1, c2, v2, ..., else",
        "the value after the first true condition; without a last value null" },
      2,
      -1,
      HANA_FUNCTION_ROW,
      check_case_when,
      0,
      0 },
    { { "between", "x, low, high", "low <= x and x <= high" },
      3,
      3,
      HANA_FUNCTION_ROW,
      hana_check_between,
      0,
      0 },
    { { "is_in", "x, { a, b, ... }", "true where x is one of the list's values" },
      2,
      2,
      HANA_FUNCTION_ROW,
      hana_check_is_in,
      0,
      2 },
    { { NULL, NULL, NULL }, 0, 0, HANA_FUNCTION_ROW, NULL, 0, 0 },
};
