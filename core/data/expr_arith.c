#include "data/expr_term.h"

#include <math.h>

/* + - * / // % ^ and unary minus, with Lua's rules: / and ^ are float; // and % round
   towards minus infinity; int with int stays int. Unlike in Lua, integers do not wrap
   around: that is an error. */

static const char *const signs[HANA_N_OPS] = {
    [HANA_OP_ADD] = "'+'", [HANA_OP_SUB] = "'-'",   [HANA_OP_MUL] = "'*'",
    [HANA_OP_DIV] = "'/'", [HANA_OP_IDIV] = "'//'", [HANA_OP_MOD] = "'%'",
    [HANA_OP_POW] = "'^'", [HANA_OP_NEG] = "'-'"
};

HANA_KERNEL static void add_floats(double *restrict out, const double *a, const double *b,
                                   size_t n)
{
    for (size_t i = 0; i < n; i++) out[i] = a[i] + b[i];
}

HANA_KERNEL static void sub_floats(double *restrict out, const double *a, const double *b,
                                   size_t n)
{
    for (size_t i = 0; i < n; i++) out[i] = a[i] - b[i];
}

HANA_KERNEL static void mul_floats(double *restrict out, const double *a, const double *b,
                                   size_t n)
{
    for (size_t i = 0; i < n; i++) out[i] = a[i] * b[i];
}

HANA_KERNEL static void div_floats(double *restrict out, const double *a, const double *b,
                                   size_t n)
{
    for (size_t i = 0; i < n; i++) out[i] = a[i] / b[i];
}

HANA_KERNEL static void idiv_floats(double *restrict out, const double *a,
                                    const double *b, size_t n)
{
    for (size_t i = 0; i < n; i++) out[i] = floor(a[i] / b[i]);
}

static void mod_floats(double *restrict out, const double *a, const double *b, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        double m = fmod(a[i], b[i]);
        if (m > 0 ? b[i] < 0 : m < 0 && b[i] > 0) m += b[i];
        out[i] = m;
    }
}

/* x ^ 2 is x * x, as in Lua. */
static void pow_floats(double *restrict out, const double *a, const double *b, size_t n)
{
    for (size_t i = 0; i < n; i++) out[i] = b[i] == 2 ? a[i] * a[i] : pow(a[i], b[i]);
}

static hana_status float_op(hana_vector *out, const hana_term *term,
                            const hana_vector *args, hana_chunk *chunk,
                            const uint8_t *active, hana_error *err)
{
    (void)active;
    (void)err;
    double *to = hana_chunk_data(chunk, term->reg);
    const double *a = args[0].at.f, *b = args[1].at.f;
    size_t n = chunk->n;
    out->at.f = to;
    switch ((hana_expr_op)term->op) {
    case HANA_OP_ADD:
        add_floats(to, a, b, n);
        break;
    case HANA_OP_SUB:
        sub_floats(to, a, b, n);
        break;
    case HANA_OP_MUL:
        mul_floats(to, a, b, n);
        break;
    case HANA_OP_DIV:
        div_floats(to, a, b, n);
        break;
    case HANA_OP_IDIV:
        idiv_floats(to, a, b, n);
        break;
    case HANA_OP_MOD:
        mod_floats(to, a, b, n);
        break;
    default:
        pow_floats(to, a, b, n);
        break;
    }
    return HANA_OK;
}

/* The integer kernels wrap around and say whether any row did, by the sign of what they
 * return. */
HANA_KERNEL static int64_t add_ints(int64_t *restrict out, const int64_t *a,
                                    const int64_t *b, size_t n)
{
    int64_t over = 0;
    for (size_t i = 0; i < n; i++) {
        int64_t r = (int64_t)((uint64_t)a[i] + (uint64_t)b[i]);
        over |= (a[i] ^ r) & (b[i] ^ r);
        out[i] = r;
    }
    return over;
}

HANA_KERNEL static int64_t sub_ints(int64_t *restrict out, const int64_t *a,
                                    const int64_t *b, size_t n)
{
    int64_t over = 0;
    for (size_t i = 0; i < n; i++) {
        int64_t r = (int64_t)((uint64_t)a[i] - (uint64_t)b[i]);
        over |= (a[i] ^ b[i]) & (a[i] ^ r);
        out[i] = r;
    }
    return over;
}

static int64_t mul_ints(int64_t *restrict out, const int64_t *a, const int64_t *b,
                        size_t n)
{
    int over = 0;
    for (size_t i = 0; i < n; i++) over |= __builtin_mul_overflow(a[i], b[i], &out[i]);
    return -over;
}

/* Where it fails (by 0, and the least integer by -1) the result is 0. */
static int64_t idiv_ints(int64_t *restrict out, const int64_t *a, const int64_t *b,
                         size_t n)
{
    int bad = 0;
    for (size_t i = 0; i < n; i++) {
        if (b[i] == 0 || (b[i] == -1 && a[i] == INT64_MIN)) {
            out[i] = 0;
            bad = 1;
            continue;
        }
        int64_t q = a[i] / b[i];
        out[i] = q - ((a[i] ^ b[i]) < 0 && q * b[i] != a[i]);
    }
    return -bad;
}

static int64_t mod_ints(int64_t *restrict out, const int64_t *a, const int64_t *b,
                        size_t n)
{
    int bad = 0;
    for (size_t i = 0; i < n; i++) {
        if (b[i] == 0 || b[i] == -1) {
            out[i] = 0;
            bad |= b[i] == 0;
            continue;
        }
        int64_t m = a[i] % b[i];
        out[i] = m + (m != 0 && (m ^ b[i]) < 0 ? b[i] : 0);
    }
    return -bad;
}

static int fails(hana_expr_op op, int64_t a, int64_t b)
{
    int64_t r;
    switch (op) {
    case HANA_OP_ADD:
        return __builtin_add_overflow(a, b, &r);
    case HANA_OP_SUB:
        return __builtin_sub_overflow(a, b, &r);
    case HANA_OP_MUL:
        return __builtin_mul_overflow(a, b, &r);
    case HANA_OP_IDIV:
        return b == 0 || (b == -1 && a == INT64_MIN);
    default:
        return b == 0;
    }
}

/* Some row failed: is it one that counts? */
static hana_status find_failure(const hana_vector *out, const hana_term *term,
                                const hana_vector *args, const hana_chunk *chunk,
                                const uint8_t *active, hana_error *err)
{
    const int64_t *a = args[0].at.i, *b = args[1].at.i;
    hana_expr_op op = (hana_expr_op)term->op;
    for (size_t i = 0; i < chunk->n; i++) {
        if (!hana_vector_has(out, active, i) || !fails(op, a[i], b[i])) continue;
        char where[HANA_WHERE_SIZE];
        hana_chunk_where(where, term, chunk, i);
        if ((op == HANA_OP_IDIV || op == HANA_OP_MOD) && b[i] == 0)
            return hana_term_fail(
                chunk->program, term->args[1], err, HANA_NUMERIC,
                "%s by the integer 0%s; with a float divisor it is float", signs[op],
                where);
        return hana_term_fail(chunk->program, term, err, HANA_NUMERIC,
                              "integer overflow%s: %lld %.*s %lld; float(...) avoids it",
                              where, (long long)a[i], op == HANA_OP_IDIV ? 2 : 1,
                              signs[op] + 1, (long long)b[i]);
    }
    return HANA_OK;
}

static hana_status int_op(hana_vector *out, const hana_term *term,
                          const hana_vector *args, hana_chunk *chunk,
                          const uint8_t *active, hana_error *err)
{
    int64_t *to = hana_chunk_data(chunk, term->reg);
    const int64_t *a = args[0].at.i, *b = args[1].at.i;
    size_t n = chunk->n;
    int64_t over = 0;
    out->at.i = to;
    switch ((hana_expr_op)term->op) {
    case HANA_OP_ADD:
        over = add_ints(to, a, b, n);
        break;
    case HANA_OP_SUB:
        over = sub_ints(to, a, b, n);
        break;
    case HANA_OP_MUL:
        over = mul_ints(to, a, b, n);
        break;
    case HANA_OP_IDIV:
        over = idiv_ints(to, a, b, n);
        break;
    default:
        over = mod_ints(to, a, b, n);
        break;
    }
    return over < 0 ? find_failure(out, term, args, chunk, active, err) : HANA_OK;
}

static hana_status binary(hana_term **out, hana_program *program, hana_type type,
                          hana_kernel *run, hana_expr_op op, hana_term *const *args,
                          size_t from, size_t to, hana_error *err)
{
    hana_term *term;
    HANA_TRY(hana_term_apply(&term, program, type, run, args, 2, from, to, err));
    term->op = op;
    *out = term;
    return HANA_OK;
}

hana_status hana_check_arith(hana_term **out, hana_program *program, hana_expr_op op,
                             hana_term *const *args, size_t from, size_t to,
                             hana_error *err)
{
    hana_term *a[2] = { args[0], args[1] };
    if (hana_is_time_arith(op, a[0], a[1]))
        return hana_check_time_arith(out, program, op, a, from, to, err);
    for (int k = 0; k < 2; k++) {
        if (op == HANA_OP_ADD && hana_term_is_text(a[k]) && !a[k]->untyped)
            return hana_term_fail(
                program, a[k], err, HANA_BAD_TYPE,
                "'+' takes numbers, this is %s; texts are joined by '..'",
                hana_term_describe(a[k]));
        if (!hana_term_is_number(a[k]))
            HANA_TRY(hana_want_number(program, a[k], signs[op], err));
    }
    int whole = op != HANA_OP_DIV && op != HANA_OP_POW;
    for (int k = 0; k < 2; k++)
        if (!a[k]->untyped && a[k]->type == HANA_FLOAT) whole = 0;
    hana_type type = whole ? HANA_INT : HANA_FLOAT;
    for (int k = 0; k < 2; k++) HANA_TRY(hana_term_convert(&a[k], program, type, err));
    HANA_TRY(binary(out, program, type, whole ? int_op : float_op, op, a, from, to, err));
    if (whole) (*out)->fallible = 1;
    return HANA_OK;
}

static hana_status negate_floats(hana_vector *out, const hana_term *term,
                                 const hana_vector *args, hana_chunk *chunk,
                                 const uint8_t *active, hana_error *err)
{
    (void)active;
    (void)err;
    double *to = hana_chunk_data(chunk, term->reg);
    for (size_t i = 0; i < chunk->n; i++) to[i] = -args[0].at.f[i];
    out->at.f = to;
    return HANA_OK;
}

static hana_status negate_ints(hana_vector *out, const hana_term *term,
                               const hana_vector *args, hana_chunk *chunk,
                               const uint8_t *active, hana_error *err)
{
    int64_t *to = hana_chunk_data(chunk, term->reg);
    for (size_t i = 0; i < chunk->n; i++) {
        int64_t v = args[0].at.i[i];
        to[i] = (int64_t)(0 - (uint64_t)v);
        if (v != INT64_MIN || !hana_vector_has(out, active, i)) continue;
        char where[HANA_WHERE_SIZE];
        return hana_term_fail(chunk->program, term, err, HANA_NUMERIC,
                              "integer overflow%s: the least integer has no negative",
                              hana_chunk_where(where, term, chunk, i));
    }
    out->at.i = to;
    return HANA_OK;
}

hana_status hana_check_negate(hana_term **out, hana_program *program, hana_term *arg,
                              size_t from, size_t to, hana_error *err)
{
    HANA_TRY(hana_want_number(program, arg, "'-'", err));
    int whole = arg->type == HANA_INT;
    HANA_TRY(hana_term_apply(out, program, arg->type, whole ? negate_ints : negate_floats,
                             &arg, 1, from, to, err));
    if (whole) (*out)->fallible = 1;
    return HANA_OK;
}
