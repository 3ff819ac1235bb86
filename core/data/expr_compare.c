#include "data/expr_term.h"

#include <math.h>
#include <string.h>

/* == ~= < <= > >= over numbers, texts (by bytes), bools, dates and datetimes, and
   between(). Int against float compares the exact values, as Lua does. */

static const char *const signs[HANA_N_OPS] = {
    [HANA_OP_LT] = "'<'",  [HANA_OP_LE] = "'<='", [HANA_OP_GT] = "'>'",
    [HANA_OP_GE] = "'>='", [HANA_OP_EQ] = "'=='", [HANA_OP_NE] = "'~='"
};

#define COMPARE(name, type, sign)                                                        \
    HANA_KERNEL static void name(uint8_t *restrict out, const type *a, const type *b,    \
                                 size_t n)                                               \
    {                                                                                    \
        for (size_t i = 0; i < n; i++) out[i] = a[i] sign b[i];                          \
    }
#define COMPARE_ALL(suffix, type)                                                        \
    COMPARE(lt_##suffix, type, <)                                                        \
    COMPARE(le_##suffix, type, <=)                                                       \
    COMPARE(eq_##suffix, type, ==)                                                       \
    COMPARE(ne_##suffix, type, !=)                                                       \
    static void compare_##suffix(uint8_t *out, int op, const type *a, const type *b,     \
                                 size_t n)                                               \
    {                                                                                    \
        switch (op) {                                                                    \
        case HANA_OP_LT:                                                                 \
            lt_##suffix(out, a, b, n);                                                   \
            break;                                                                       \
        case HANA_OP_LE:                                                                 \
            le_##suffix(out, a, b, n);                                                   \
            break;                                                                       \
        case HANA_OP_GT:                                                                 \
            lt_##suffix(out, b, a, n);                                                   \
            break;                                                                       \
        case HANA_OP_GE:                                                                 \
            le_##suffix(out, b, a, n);                                                   \
            break;                                                                       \
        case HANA_OP_EQ:                                                                 \
            eq_##suffix(out, a, b, n);                                                   \
            break;                                                                       \
        default:                                                                         \
            ne_##suffix(out, a, b, n);                                                   \
            break;                                                                       \
        }                                                                                \
    }

COMPARE_ALL(floats, double)
COMPARE_ALL(ints, int64_t)
COMPARE_ALL(codes, int32_t)
COMPARE_ALL(bools, uint8_t)

/* -1, 0, 1; 2 when the float is NaN. */
static int order_mixed(int64_t a, double b)
{
    if (isnan(b)) return 2;
    if (b >= 0x1p63) return -1;
    if (b < -0x1p63) return 1;
    int64_t whole = (int64_t)floor(b);
    if (a != whole) return a < whole ? -1 : 1;
    return b > floor(b) ? -1 : 0;
}

int hana_slice_order(hana_slice a, hana_slice b)
{
    size_t n = a.length < b.length ? a.length : b.length;
    int order = n ? memcmp(a.data, b.data, n) : 0;
    if (order) return order < 0 ? -1 : 1;
    return a.length == b.length ? 0 : a.length < b.length ? -1 : 1;
}

static uint8_t holds(int op, int order)
{
    switch (op) {
    case HANA_OP_LT:
        return order == -1;
    case HANA_OP_LE:
        return order == -1 || order == 0;
    case HANA_OP_GT:
        return order == 1;
    case HANA_OP_GE:
        return order == 1 || order == 0;
    case HANA_OP_EQ:
        return order == 0;
    default:
        return order != 0;
    }
}

static void compare_mixed(uint8_t *out, int op, const int64_t *a, const double *b,
                          size_t n)
{
    for (size_t i = 0; i < n; i++) out[i] = holds(op, order_mixed(a[i], b[i]));
}

static void compare_texts(uint8_t *out, int op, const hana_slice *a, const hana_slice *b,
                          size_t n)
{
    if (op == HANA_OP_EQ || op == HANA_OP_NE) {
        uint8_t other = op == HANA_OP_NE;
        for (size_t i = 0; i < n; i++) {
            int same =
                a[i].length == b[i].length &&
                (a[i].length == 0 || memcmp(a[i].data, b[i].data, a[i].length) == 0);
            out[i] = (uint8_t)same ^ other;
        }
        return;
    }
    for (size_t i = 0; i < n; i++) out[i] = holds(op, hana_slice_order(a[i], b[i]));
}

static void compare(uint8_t *out, int op, const hana_term *const *terms,
                    const hana_vector *a, const hana_vector *b, size_t n)
{
    switch (terms[0]->type) {
    case HANA_FLOAT:
        compare_floats(out, op, a->at.f, b->at.f, n);
        break;
    case HANA_INT:
        if (terms[1]->type == HANA_FLOAT)
            compare_mixed(out, op, a->at.i, b->at.f, n);
        else
            compare_ints(out, op, a->at.i, b->at.i, n);
        break;
    case HANA_DATETIME:
        compare_ints(out, op, a->at.i, b->at.i, n);
        break;
    case HANA_DATE:
    case HANA_CATEGORY:
        compare_codes(out, op, a->at.c, b->at.c, n);
        break;
    case HANA_BOOL:
        compare_bools(out, op, a->at.b, b->at.b, n);
        break;
    case HANA_STRING:
        compare_texts(out, op, a->at.s, b->at.s, n);
        break;
    case HANA_BLOCK:
        break;
    }
}

static hana_status run_compare(hana_vector *out, const hana_term *term,
                               const hana_vector *args, hana_chunk *chunk,
                               const uint8_t *active, hana_error *err)
{
    (void)active;
    (void)err;
    uint8_t *to = hana_chunk_data(chunk, term->reg);
    const hana_term *terms[2] = { term->args[0], term->args[1] };
    compare(to, term->op, terms, &args[0], &args[1], chunk->n);
    out->at.b = to;
    return HANA_OK;
}

/* A category against a text: a table says for each level what the answer is. */
hana_status hana_kernel_levels(hana_vector *out, const hana_term *term,
                               const hana_vector *args, hana_chunk *chunk,
                               const uint8_t *active, hana_error *err)
{
    (void)active;
    (void)err;
    uint8_t *to = hana_chunk_data(chunk, term->reg);
    const uint8_t *table = term->state;
    const int32_t *codes = args[0].at.c;
    for (size_t i = 0; i < chunk->n; i++) to[i] = table[codes[i]];
    out->at.b = to;
    return HANA_OK;
}

HANA_KERNEL static void codes_equal(uint8_t *restrict out, const int32_t *codes,
                                    int32_t code, uint8_t other, size_t n)
{
    for (size_t i = 0; i < n; i++) out[i] = (codes[i] == code) ^ other;
}

static hana_status run_code(hana_vector *out, const hana_term *term,
                            const hana_vector *args, hana_chunk *chunk,
                            const uint8_t *active, hana_error *err)
{
    (void)active;
    (void)err;
    uint8_t *to = hana_chunk_data(chunk, term->reg);
    codes_equal(to, args[0].at.c, (int32_t)term->number, term->op == HANA_OP_NE,
                chunk->n);
    out->at.b = to;
    return HANA_OK;
}

static hana_expr_op turned(hana_expr_op op)
{
    switch (op) {
    case HANA_OP_LT:
        return HANA_OP_GT;
    case HANA_OP_LE:
        return HANA_OP_GE;
    case HANA_OP_GT:
        return HANA_OP_LT;
    case HANA_OP_GE:
        return HANA_OP_LE;
    default:
        return op;
    }
}

static int is_text_constant(const hana_term *term)
{
    return term->kind == HANA_TERM_CONSTANT && term->type == HANA_STRING &&
           !term->untyped && !term->is_null;
}

static hana_slice level_text(const hana_column *levels, size_t k)
{
    hana_slice s;
    s.data = hana_column_string(levels, k, &s.length);
    return s;
}

/* Equality compares codes; order is the levels' where the category is ordered, else the
 * texts'. */
static hana_status against_level(hana_term **out, hana_program *program, hana_expr_op op,
                                 hana_term *category, const hana_term *text, size_t from,
                                 size_t to, hana_error *err)
{
    const hana_column *levels = category->levels;
    hana_slice wanted = text->constant.s;
    size_t n = levels ? hana_column_length(levels) : 0;
    ptrdiff_t code =
        levels ? hana_column_find_string(levels, wanted.data, wanted.length) : -1;
    int equality = op == HANA_OP_EQ || op == HANA_OP_NE;
    hana_term *term;
    HANA_TRY(hana_term_apply(&term, program, HANA_BOOL,
                             equality ? run_code : hana_kernel_levels, &category, 1, from,
                             to, err));
    term->op = op;
    term->number = code;
    *out = term;
    if (equality) return HANA_OK;
    if (category->ordered && code < 0)
        return hana_term_fail(program, text, err, HANA_BAD_ARGUMENT,
                              "'%.*s' is no level of this ordered category",
                              (int)(wanted.length < 100 ? wanted.length : 100),
                              wanted.data);
    uint8_t *table = hana_alloc_zero(n + 1, 1);
    if (!table) return hana_fail_memory(err);
    term->state = table;
    term->state_free = hana_free;
    for (size_t k = 0; k < n; k++) {
        int order = category->ordered ? (ptrdiff_t)k < code ? -1 : (ptrdiff_t)k > code
                                      : hana_slice_order(level_text(levels, k), wanted);
        table[k] = holds(op, order);
    }
    return HANA_OK;
}

static hana_status refuse_nil(hana_program *program, hana_expr_op op, const hana_term *a,
                              const hana_term *b, hana_error *err)
{
    if (!a->untyped && !b->untyped) return HANA_OK;
    const char *hint = op == HANA_OP_EQ   ? "use is_null(x)"
                       : op == HANA_OP_NE ? "use not is_null(x)"
                                          : "nil is neither more nor less than anything";
    return hana_term_fail(program, b->untyped ? b : a, err, HANA_BAD_TYPE,
                          "a comparison with nil is never true; %s", hint);
}

static hana_status fail_clash(hana_program *program, const char *sign, const hana_term *a,
                              const hana_term *b, hana_error *err)
{
    const char *hint = "";
    if (a->type == HANA_BOOL && hana_term_is_number(b) && a->kind == HANA_TERM_APPLY)
        hint = "; use between(x, low, high) or `and` for a range, and parentheses after "
               "`not`";
    else if (hana_term_is_number(a) && hana_term_is_text(b))
        hint = "; write the number without quotes, or string(...) on the left";
    return hana_term_fail(program, b, err, HANA_BAD_TYPE,
                          "%s cannot compare %s with %s%s", sign, hana_term_describe(a),
                          hana_term_describe(b), hint);
}

static int is_ordered(const hana_term *term)
{
    return term->type == HANA_CATEGORY && !term->untyped && term->ordered;
}

/* The order of levels is that of one category, not of texts. */
static hana_status refuse_other_levels(hana_program *program, const hana_term *a,
                                       const hana_term *b, hana_error *err)
{
    if ((!is_ordered(a) && !is_ordered(b)) || hana_term_same_levels(a, b)) return HANA_OK;
    const hana_term *other = is_ordered(a) ? b : a;
    if (!hana_term_is_text(other)) return HANA_OK;
    return hana_term_fail(
        program, other, err, HANA_BAD_TYPE,
        "this is %s, not of the same ordered levels; string(...) on both "
        "sides compares texts",
        hana_term_describe(other));
}

/* A float constant without a fraction against an int column is an int. */
static void sharpen(hana_term *constant, const hana_term *other)
{
    if (constant->kind != HANA_TERM_CONSTANT || constant->type != HANA_FLOAT ||
        constant->is_null || other->type != HANA_INT)
        return;
    double f = constant->constant.f;
    if (f != floor(f) || fabs(f) > 0x1p62) return;
    constant->type = HANA_INT;
    constant->constant.i = (int64_t)f;
}

static int exact_in_double(const hana_term *term)
{
    int64_t limit = (int64_t)1 << 53;
    return term->kind == HANA_TERM_CONSTANT && term->type == HANA_INT &&
           term->constant.i <= limit && term->constant.i >= -limit;
}

static hana_status check_pair(hana_term **out, hana_program *program, hana_expr_op op,
                              hana_term *a, hana_term *b, size_t from, size_t to,
                              hana_error *err)
{
    const char *sign = signs[op];
    HANA_TRY(refuse_nil(program, op, a, b, err));
    if (a->levels && is_text_constant(b))
        return against_level(out, program, op, a, b, from, to, err);
    if (b->levels && is_text_constant(a))
        return against_level(out, program, turned(op), b, a, from, to, err);
    if (op != HANA_OP_EQ && op != HANA_OP_NE)
        HANA_TRY(refuse_other_levels(program, a, b, err));
    hana_term *pair[2] = { a, b };
    if (hana_term_is_number(a) && hana_term_is_number(b)) {
        sharpen(b, a);
        sharpen(a, b);
        if (a->type != b->type) {
            if (exact_in_double(a))
                HANA_TRY(hana_term_convert(&pair[0], program, HANA_FLOAT, err));
            else if (exact_in_double(b))
                HANA_TRY(hana_term_convert(&pair[1], program, HANA_FLOAT, err));
            else if (a->type == HANA_FLOAT) {
                pair[0] = b;
                pair[1] = a;
                op = turned(op);
            }
        }
    } else {
        int same = a->type == b->type,
            texts = hana_term_is_text(a) && hana_term_is_text(b);
        int times =
            (a->type == HANA_DATE || a->type == HANA_DATETIME || is_text_constant(a)) &&
            (b->type == HANA_DATE || b->type == HANA_DATETIME || is_text_constant(b));
        if (!same && !texts && !times) return fail_clash(program, sign, a, b, err);
        int by_code = same && hana_term_same_levels(a, b) &&
                      (op == HANA_OP_EQ || op == HANA_OP_NE || a->ordered);
        if (same && a->type == HANA_CATEGORY && !by_code) {
            HANA_TRY(hana_term_convert(&pair[0], program, HANA_STRING, err));
            HANA_TRY(hana_term_convert(&pair[1], program, HANA_STRING, err));
        } else
            HANA_TRY(hana_terms_unify(pair, 2, program, sign, err));
    }
    hana_term *term;
    HANA_TRY(
        hana_term_apply(&term, program, HANA_BOOL, run_compare, pair, 2, from, to, err));
    term->op = op;
    *out = term;
    return HANA_OK;
}

hana_status hana_check_compare(hana_term **out, hana_program *program, hana_expr_op op,
                               hana_term *const *args, size_t from, size_t to,
                               hana_error *err)
{
    return check_pair(out, program, op, args[0], args[1], from, to, err);
}

static hana_status run_between(hana_vector *out, const hana_term *term,
                               const hana_vector *args, hana_chunk *chunk,
                               const uint8_t *active, hana_error *err)
{
    (void)active;
    (void)err;
    uint8_t *to = hana_chunk_data(chunk, term->reg);
    uint8_t *below = hana_chunk_data(chunk, term->scratch[0]);
    const hana_term *terms[2] = { term->args[0], term->args[1] };
    compare(to, HANA_OP_GE, terms, &args[0], &args[1], chunk->n);
    compare(below, HANA_OP_LE, terms, &args[0], &args[2], chunk->n);
    for (size_t i = 0; i < chunk->n; i++) to[i] &= below[i];
    out->at.b = to;
    return HANA_OK;
}

static hana_status run_both(hana_vector *out, const hana_term *term,
                            const hana_vector *args, hana_chunk *chunk,
                            const uint8_t *active, hana_error *err)
{
    (void)active;
    (void)err;
    uint8_t *to = hana_chunk_data(chunk, term->reg);
    for (size_t i = 0; i < chunk->n; i++) to[i] = args[0].at.b[i] & args[1].at.b[i];
    out->at.b = to;
    return HANA_OK;
}

hana_status hana_check_between(hana_term **out, hana_call *call, hana_error *err)
{
    hana_term *args[3] = { call->args[0], call->args[1], call->args[2] };
    if ((is_ordered(args[0]) || is_ordered(args[1]) || is_ordered(args[2])) &&
        !args[0]->untyped && !args[1]->untyped && !args[2]->untyped) {
        hana_term *ends[2];
        HANA_TRY(check_pair(&ends[0], call->program, HANA_OP_GE, args[0], args[1],
                            call->from, call->to, err));
        HANA_TRY(check_pair(&ends[1], call->program, HANA_OP_LE, args[0], args[2],
                            call->from, call->to, err));
        return hana_term_apply(out, call->program, HANA_BOOL, run_both, ends, 2,
                               call->from, call->to, err);
    }
    HANA_TRY(hana_terms_unify(args, 3, call->program, "between", err));
    if (args[0]->type == HANA_CATEGORY && !args[0]->ordered)
        for (int k = 0; k < 3; k++)
            HANA_TRY(hana_term_convert(&args[k], call->program, HANA_STRING, err));
    HANA_TRY(hana_term_apply(out, call->program, HANA_BOOL, run_between, args, 3,
                             call->from, call->to, err));
    (*out)->scratches = 1;
    return HANA_OK;
}
