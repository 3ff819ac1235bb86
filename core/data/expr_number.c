#include "data/expr_term.h"

#include <math.h>
#include <string.h>

/* Functions of numbers. abs, sign, floor, ceil, round, least, greatest and clip keep ints
 * ints. */

enum { F_SQRT, F_EXP, F_LOG, F_LOG10, F_LOG1P, F_ABS, F_SIGN, F_FLOOR, F_CEIL };

HANA_KERNEL static void abs_floats(double *restrict out, const double *x, size_t n)
{
    for (size_t i = 0; i < n; i++) out[i] = fabs(x[i]);
}

HANA_KERNEL static void sqrt_floats(double *restrict out, const double *x, size_t n)
{
    for (size_t i = 0; i < n; i++) out[i] = sqrt(x[i]);
}

HANA_KERNEL static void floor_floats(double *restrict out, const double *x, size_t n)
{
    for (size_t i = 0; i < n; i++) out[i] = floor(x[i]);
}

HANA_KERNEL static void ceil_floats(double *restrict out, const double *x, size_t n)
{
    for (size_t i = 0; i < n; i++) out[i] = ceil(x[i]);
}

static double sign(double x)
{
    return x > 0 ? 1 : x < 0 ? -1 : x;
}

static hana_status run_float(hana_vector *out, const hana_term *term,
                             const hana_vector *args, hana_chunk *chunk,
                             const uint8_t *active, hana_error *err)
{
    (void)active;
    (void)err;
    double *to = hana_chunk_data(chunk, term->reg);
    const double *x = args[0].at.f;
    size_t n = chunk->n;
    out->at.f = to;
    switch (term->op) {
    case F_SQRT:
        sqrt_floats(to, x, n);
        break;
    case F_EXP:
        for (size_t i = 0; i < n; i++) to[i] = exp(x[i]);
        break;
    case F_LOG:
        for (size_t i = 0; i < n; i++) to[i] = log(x[i]);
        break;
    case F_LOG10:
        for (size_t i = 0; i < n; i++) to[i] = log10(x[i]);
        break;
    case F_LOG1P:
        for (size_t i = 0; i < n; i++) to[i] = log1p(x[i]);
        break;
    case F_ABS:
        abs_floats(to, x, n);
        break;
    case F_SIGN:
        for (size_t i = 0; i < n; i++) to[i] = sign(x[i]);
        break;
    case F_FLOOR:
        floor_floats(to, x, n);
        break;
    default:
        ceil_floats(to, x, n);
        break;
    }
    return HANA_OK;
}

static hana_status check_float(hana_term **out, hana_call *call, hana_error *err)
{
    hana_term *arg = call->args[0];
    HANA_TRY(hana_want_number(call->program, arg, call->function->info.name, err));
    HANA_TRY(hana_term_convert(&arg, call->program, HANA_FLOAT, err));
    HANA_TRY(hana_term_apply(out, call->program, HANA_FLOAT, run_float, &arg, 1,
                             call->from, call->to, err));
    (*out)->op = call->function->op;
    return HANA_OK;
}

static hana_status run_int(hana_vector *out, const hana_term *term,
                           const hana_vector *args, hana_chunk *chunk,
                           const uint8_t *active, hana_error *err)
{
    int64_t *to = hana_chunk_data(chunk, term->reg);
    const int64_t *x = args[0].at.i;
    out->at.i = to;
    if (term->op == F_SIGN) {
        for (size_t i = 0; i < chunk->n; i++) to[i] = (x[i] > 0) - (x[i] < 0);
        return HANA_OK;
    }
    for (size_t i = 0; i < chunk->n; i++) {
        to[i] = x[i] < 0 ? (int64_t)(0 - (uint64_t)x[i]) : x[i];
        if (x[i] != INT64_MIN || !hana_vector_has(out, active, i)) continue;
        char where[HANA_WHERE_SIZE];
        return hana_term_fail(chunk->program, term, err, HANA_NUMERIC,
                              "integer overflow%s: the least integer has no positive",
                              hana_chunk_where(where, term, chunk, i));
    }
    return HANA_OK;
}

/* abs, sign, floor, ceil. */
static hana_status check_keeping(hana_term **out, hana_call *call, hana_error *err)
{
    hana_term *arg = call->args[0];
    int op = call->function->op;
    HANA_TRY(hana_want_number(call->program, arg, call->function->info.name, err));
    if (arg->type == HANA_FLOAT) return check_float(out, call, err);
    if (op == F_FLOOR || op == F_CEIL) {
        *out = arg;
        return HANA_OK;
    }
    HANA_TRY(hana_term_apply(out, call->program, HANA_INT, run_int, &arg, 1, call->from,
                             call->to, err));
    (*out)->op = op;
    (*out)->fallible |= op == F_ABS;
    return HANA_OK;
}

static hana_status check_pow(hana_term **out, hana_call *call, hana_error *err)
{
    for (int k = 0; k < 2; k++)
        HANA_TRY(hana_want_number(call->program, call->args[k], "pow", err));
    return hana_check_arith(out, call->program, HANA_OP_POW, call->args, call->from,
                            call->to, err);
}

/* The decimal number with that many digits that lies nearest to x; of two, the one away
 * from 0. */
static inline double round_to(double x, double power, int digits)
{
    if (digits == 0) return round(x);
    double scaled = digits > 0 ? x * power : x / power;
    if (!isfinite(scaled) || fabs(scaled) >= 0x1p52) return x;
    double low = floor(scaled), high = ceil(scaled);
    double below = digits > 0 ? low / power : low * power;
    double above = digits > 0 ? high / power : high * power;
    double to_low = x - below, to_high = above - x;
    if (to_low == to_high) return x < 0 ? below : above;
    return to_low < to_high ? below : above;
}

HANA_KERNEL static void round_floats(double *restrict out, const double *x, double power,
                                     int digits, size_t n)
{
    for (size_t i = 0; i < n; i++) out[i] = round_to(x[i], power, digits);
}

static hana_status run_round(hana_vector *out, const hana_term *term,
                             const hana_vector *args, hana_chunk *chunk,
                             const uint8_t *active, hana_error *err)
{
    (void)active;
    (void)err;
    double *to = hana_chunk_data(chunk, term->reg);
    round_floats(to, args[0].at.f, term->share, (int)term->number, chunk->n);
    out->at.f = to;
    return HANA_OK;
}

static hana_status run_round_int(hana_vector *out, const hana_term *term,
                                 const hana_vector *args, hana_chunk *chunk,
                                 const uint8_t *active, hana_error *err)
{
    int64_t *to = hana_chunk_data(chunk, term->reg);
    const int64_t *x = args[0].at.i;
    int64_t unit = 1;
    for (int64_t k = term->number; k < 0; k++) unit *= 10;
    out->at.i = to;
    for (size_t i = 0; i < chunk->n; i++) {
        int64_t rest = x[i] % unit, down = x[i] - rest;
        int64_t step = rest >= unit - unit / 2   ? unit
                       : rest <= unit / 2 - unit ? -unit
                                                 : 0;
        if (!__builtin_add_overflow(down, step, &to[i]) ||
            !hana_vector_has(out, active, i))
            continue;
        char where[HANA_WHERE_SIZE];
        return hana_term_fail(chunk->program, term, err, HANA_NUMERIC,
                              "integer overflow%s",
                              hana_chunk_where(where, term, chunk, i));
    }
    return HANA_OK;
}

static hana_status check_round(hana_term **out, hana_call *call, hana_error *err)
{
    hana_term *arg = call->args[0];
    int64_t digits = 0;
    HANA_TRY(hana_want_number(call->program, arg, "round", err));
    if (call->n_args > 1) {
        const hana_term *given = call->args[1];
        HANA_TRY(
            hana_want_whole(&digits, call->program, given, "the number of digits", err));
        if (digits > 300 || digits < -300)
            return hana_term_fail(call->program, given, err, HANA_BAD_ARGUMENT,
                                  "the number of digits lies between -300 and 300");
    }
    int whole = arg->type == HANA_INT;
    if (whole && digits >= 0) {
        *out = arg;
        return HANA_OK;
    }
    if (whole && digits < -18) digits = -18;
    HANA_TRY(hana_term_apply(out, call->program, arg->type,
                             whole ? run_round_int : run_round, &arg, 1, call->from,
                             call->to, err));
    (*out)->number = digits;
    (*out)->share = pow(10, (double)(digits < 0 ? -digits : digits));
    (*out)->fallible |= whole;
    return HANA_OK;
}

/* The lesser or greater of two; NaN wins. */
static hana_status run_extreme(hana_vector *out, const hana_term *term,
                               const hana_vector *args, hana_chunk *chunk,
                               const uint8_t *active, hana_error *err)
{
    (void)active;
    (void)err;
    void *data = hana_chunk_data(chunk, term->reg);
    size_t n = chunk->n;
    int greatest = term->op;
    out->at.any = data;
    switch (term->type) {
    case HANA_FLOAT: {
        double *to = data;
        const double *a = args[0].at.f, *b = args[1].at.f;
        for (size_t i = 0; i < n; i++) {
            int first = isnan(a[i]) || (greatest ? a[i] > b[i] : a[i] < b[i]);
            to[i] = first ? a[i] : b[i];
        }
        break;
    }
    case HANA_INT:
    case HANA_DATETIME: {
        int64_t *to = data;
        const int64_t *a = args[0].at.i, *b = args[1].at.i;
        for (size_t i = 0; i < n; i++)
            to[i] = (greatest ? a[i] > b[i] : a[i] < b[i]) ? a[i] : b[i];
        break;
    }
    case HANA_DATE: {
        int32_t *to = data;
        const int32_t *a = args[0].at.c, *b = args[1].at.c;
        for (size_t i = 0; i < n; i++)
            to[i] = (greatest ? a[i] > b[i] : a[i] < b[i]) ? a[i] : b[i];
        break;
    }
    default: {
        hana_slice *to = data;
        const hana_slice *a = args[0].at.s, *b = args[1].at.s;
        for (size_t i = 0; i < n; i++) {
            int order = hana_slice_order(a[i], b[i]);
            to[i] = (greatest ? order > 0 : order < 0) ? a[i] : b[i];
        }
        break;
    }
    }
    return HANA_OK;
}

static hana_status extreme(hana_term **out, hana_call *call, hana_term *a, hana_term *b,
                           int greatest, hana_error *err)
{
    hana_term *args[2] = { a, b }, *term;
    HANA_TRY(hana_term_apply(&term, call->program, a->type, run_extreme, args, 2,
                             call->from, call->to, err));
    term->op = greatest;
    memcpy(term->zone, a->zone, sizeof term->zone);
    *out = term;
    return HANA_OK;
}

static hana_status check_extreme(hana_term **out, hana_call *call, hana_error *err)
{
    hana_program *program = call->program;
    const char *name = call->function->info.name;
    for (size_t k = 0; k < call->n_args; k++)
        if (call->args[k]->type == HANA_CATEGORY && call->args[k]->ordered)
            return hana_term_fail(
                program, call->args[k], err, HANA_BAD_TYPE,
                "%s goes by bytes, this is an ordered category; if_else(x < y, x, y) "
                "goes by its levels, string(x) by bytes",
                name);
    HANA_TRY(hana_terms_unify(call->args, call->n_args, program, name, err));
    for (size_t k = 0; k < call->n_args; k++) {
        if (call->args[k]->type == HANA_CATEGORY)
            HANA_TRY(hana_term_convert(&call->args[k], program, HANA_STRING, err));
        if (call->args[k]->type == HANA_BOOL)
            return hana_term_fail(
                program, call->args[k], err, HANA_BAD_TYPE,
                "%s takes numbers, texts or times, this is a bool; use `and`, "
                "`or`",
                name);
    }
    hana_term *result = call->args[0];
    for (size_t k = 1; k < call->n_args; k++)
        HANA_TRY(extreme(&result, call, result, call->args[k], call->function->op, err));
    *out = result;
    return HANA_OK;
}

/* clip(x, low, high) is least(greatest(x, low), high); a null limit is none. */
static hana_status check_clip(hana_term **out, hana_call *call, hana_error *err)
{
    hana_program *program = call->program;
    int open[3];
    for (int k = 0; k < 3; k++) open[k] = call->args[k]->untyped;
    if (open[0])
        return hana_term_fail(program, call->args[0], err, HANA_BAD_TYPE,
                              "clip of nil means nothing");
    HANA_TRY(hana_terms_unify(call->args, 3, program, "clip", err));
    if (call->args[0]->type == HANA_BOOL || hana_term_is_text(call->args[0]))
        return hana_term_fail(program, call->args[0], err, HANA_BAD_TYPE,
                              "clip takes numbers or times, this is %s",
                              hana_term_describe(call->args[0]));
    hana_term *result = call->args[0];
    if (!open[1]) HANA_TRY(extreme(&result, call, result, call->args[1], 1, err));
    if (!open[2]) HANA_TRY(extreme(&result, call, result, call->args[2], 0, err));
    *out = result;
    return HANA_OK;
}

static hana_status run_is_nan(hana_vector *out, const hana_term *term,
                              const hana_vector *args, hana_chunk *chunk,
                              const uint8_t *active, hana_error *err)
{
    (void)active;
    (void)err;
    uint8_t *to = hana_chunk_data(chunk, term->reg);
    for (size_t i = 0; i < chunk->n; i++) to[i] = args[0].at.f[i] != args[0].at.f[i];
    out->at.b = to;
    return HANA_OK;
}

static hana_status check_is_nan(hana_term **out, hana_call *call, hana_error *err)
{
    hana_term *arg = call->args[0];
    HANA_TRY(hana_want_number(call->program, arg, "is_nan", err));
    HANA_TRY(hana_term_convert(&arg, call->program, HANA_FLOAT, err));
    return hana_term_apply(out, call->program, HANA_BOOL, run_is_nan, &arg, 1, call->from,
                           call->to, err);
}

#define ROW(name, arguments, help, min, max, check, op)                                  \
    {                                                                                    \
        { name, arguments, help }, min, max, HANA_FUNCTION_ROW, check, op, 0             \
    }

const hana_function hana_functions_number[] = {
    ROW("abs", "x", "absolute value", 1, 1, check_keeping, F_ABS),
    ROW("sqrt", "x", "square root", 1, 1, check_float, F_SQRT),
    ROW("exp", "x", "e to the power x", 1, 1, check_float, F_EXP),
    ROW("log", "x", "natural logarithm", 1, 1, check_float, F_LOG),
    ROW("log10", "x", "logarithm to base 10", 1, 1, check_float, F_LOG10),
    ROW("log1p", "x", "log(1 + x), exact for small x", 1, 1, check_float, F_LOG1P),
    ROW("floor", "x", "greatest whole number not above x", 1, 1, check_keeping, F_FLOOR),
    ROW("ceil", "x", "least whole number not below x", 1, 1, check_keeping, F_CEIL),
    ROW("round", "x [, digits]",
        "nearest number with that many digits; halves away from 0", 1, 2, check_round, 0),
    ROW("least", "x, y, ...", "the least of them; null where one is null", 1, -1,
        check_extreme, 0),
    ROW("greatest", "x, y, ...", "the greatest of them; null where one is null", 1, -1,
        check_extreme, 1),
    ROW("pow", "x, y", "x to the power y, as x ^ y", 2, 2, check_pow, 0),
    ROW("sign", "x", "-1, 0 or 1", 1, 1, check_keeping, F_SIGN),
    ROW("is_nan", "x", "true where x is a number that is none (0/0), which is not null",
        1, 1, check_is_nan, 0),
    ROW("clip", "x, low, high", "x, but not below low nor above high; nil is no limit", 3,
        3, check_clip, 0),
    { { "cut", "x, { breaks } [, { labels }]",
        "the interval (a, b] that x lies in, as an ordered category; null outside" },
      2,
      3,
      HANA_FUNCTION_ROW,
      hana_check_cut,
      0,
      6 },
    { { NULL, NULL, NULL }, 0, 0, HANA_FUNCTION_ROW, NULL, 0, 0 },
};
