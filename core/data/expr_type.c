#include "data/expr_term.h"

#include "base/text.h"

#include <math.h>
#include <string.h>

const char *hana_term_describe(const hana_term *term)
{
    static const char *const words[HANA_N_TYPES] = {
        [HANA_FLOAT] = "a float",       [HANA_INT] = "an int",
        [HANA_BOOL] = "a bool",         [HANA_STRING] = "text",
        [HANA_CATEGORY] = "a category", [HANA_DATE] = "a date",
        [HANA_DATETIME] = "a datetime", [HANA_BLOCK] = "a block"
    };
    if (term->list) return "a list";
    return term->untyped ? "nil" : words[term->type];
}

int hana_term_is_number(const hana_term *term)
{
    return term->untyped || term->type == HANA_FLOAT || term->type == HANA_INT;
}

int hana_term_is_text(const hana_term *term)
{
    return term->untyped || term->type == HANA_STRING || term->type == HANA_CATEGORY;
}

int hana_term_same_levels(const hana_term *a, const hana_term *b)
{
    return a->levels && b->levels && a->ordered == b->ordered &&
           (a->levels == b->levels || hana_column_equal(a->levels, b->levels));
}

/* What to do about a value that stands where another kind is wanted. */
static const char *number_hint(const hana_term *term)
{
    if (term->type == HANA_BOOL) return "; int(...) makes 0 and 1 of it";
    if (term->type == HANA_STRING || term->type == HANA_CATEGORY)
        return "; float(...) or int(...) reads numbers from text";
    return "";
}

hana_status hana_want_number(hana_program *program, hana_term *term, const char *what,
                             hana_error *err)
{
    if (!hana_term_is_number(term))
        return hana_term_fail(program, term, err, HANA_BAD_TYPE,
                              "%s takes numbers, this is %s%s", what,
                              hana_term_describe(term), number_hint(term));
    if (term->untyped) return hana_term_convert(&term, program, HANA_FLOAT, err);
    return HANA_OK;
}

hana_status hana_want_text(hana_program *program, hana_term **term, const char *what,
                           hana_error *err)
{
    if (!hana_term_is_text(*term))
        return hana_term_fail(program, *term, err, HANA_BAD_TYPE,
                              "%s takes text, this is %s; string(...) makes text of it",
                              what, hana_term_describe(*term));
    return hana_term_convert(term, program, HANA_STRING, err);
}

hana_status hana_want_bool(hana_program *program, hana_term *term, const char *what,
                           hana_error *err)
{
    if (!term->untyped && term->type != HANA_BOOL)
        return hana_term_fail(program, term, err, HANA_BAD_TYPE,
                              "%s takes true or false, this is %s", what,
                              hana_term_describe(term));
    return hana_term_convert(&term, program, HANA_BOOL, err);
}

hana_status hana_want_constant(double *out, hana_program *program, const hana_term *term,
                               const char *what, hana_error *err)
{
    int is_number = term->type == HANA_FLOAT || term->type == HANA_INT;
    if (term->kind != HANA_TERM_CONSTANT || term->list || term->is_null || !is_number)
        return hana_term_fail(program, term, err, HANA_BAD_TYPE,
                              "%s must be a number written out", what);
    *out = term->type == HANA_INT ? (double)term->constant.i : term->constant.f;
    return HANA_OK;
}

hana_status hana_want_whole(int64_t *out, hana_program *program, const hana_term *term,
                            const char *what, hana_error *err)
{
    double value = 0;
    HANA_TRY(hana_want_constant(&value, program, term, what, err));
    if (value != floor(value) || fabs(value) > 1e15)
        return hana_term_fail(program, term, err, HANA_BAD_ARGUMENT,
                              "%s must be a whole number", what);
    *out = (int64_t)value;
    return HANA_OK;
}

static hana_status int_to_float(hana_vector *out, const hana_term *term,
                                const hana_vector *args, hana_chunk *chunk,
                                const uint8_t *active, hana_error *err)
{
    (void)active;
    (void)err;
    double *to = hana_chunk_data(chunk, term->reg);
    const int64_t *from = args[0].at.i;
    for (size_t i = 0; i < chunk->n; i++) to[i] = (double)from[i];
    out->at.f = to;
    return HANA_OK;
}

static hana_status category_to_string(hana_vector *out, const hana_term *term,
                                      const hana_vector *args, hana_chunk *chunk,
                                      const uint8_t *active, hana_error *err)
{
    (void)active;
    (void)err;
    hana_slice *to = hana_chunk_data(chunk, term->reg);
    const hana_column *levels = term->args[0]->levels;
    const int32_t *codes = args[0].at.c;
    const int64_t *offsets = levels ? hana_column_offsets(levels) : NULL;
    const char *text = levels ? hana_column_text(levels) : NULL;
    int has_levels = levels && hana_column_length(levels) > 0;
    for (size_t i = 0; i < chunk->n; i++) {
        if (!has_levels || (out->valid && !out->valid[i])) {
            to[i] = (hana_slice){ "", 0 };
            continue;
        }
        int64_t at = offsets[codes[i]];
        to[i] =
            (hana_slice){ text ? text + at : "", (size_t)(offsets[codes[i] + 1] - at) };
    }
    out->at.s = to;
    return HANA_OK;
}

static void constant_to_float(hana_term *term)
{
    if (!term->is_null) term->constant.f = (double)term->constant.i;
    term->type = HANA_FLOAT;
}

hana_status hana_term_convert(hana_term **term, hana_program *program, hana_type type,
                              hana_error *err)
{
    hana_term *t = *term;
    if (t->untyped) {
        t->untyped = 0;
        t->type = type;
        return HANA_OK;
    }
    if (t->type == type) return HANA_OK;
    if (t->type == HANA_INT && type == HANA_FLOAT) {
        if (t->kind == HANA_TERM_CONSTANT) {
            constant_to_float(t);
            return HANA_OK;
        }
        return hana_term_apply(term, program, HANA_FLOAT, int_to_float, &t, 1, t->from,
                               t->to, err);
    }
    if (t->type == HANA_CATEGORY && type == HANA_STRING)
        return hana_term_apply(term, program, HANA_STRING, category_to_string, &t, 1,
                               t->from, t->to, err);
    if (type == HANA_DATE || type == HANA_DATETIME)
        return hana_term_to_time(term, program, type, "UTC", err);
    return hana_term_fail(program, t, err, HANA_BAD_TYPE, "this is %s, %s is wanted",
                          hana_term_describe(t), hana_type_name(type));
}

static int is_text_constant(const hana_term *term)
{
    return term->kind == HANA_TERM_CONSTANT && term->type == HANA_STRING &&
           !term->untyped;
}

/* The type that two share, or -1. */
static int common_type(const hana_term *a, const hana_term *b)
{
    hana_type s = a->type, t = b->type;
    if (s == t) {
        if (s == HANA_CATEGORY && !hana_term_same_levels(a, b)) return HANA_STRING;
        return (int)s;
    }
    if (hana_term_is_number(a) && hana_term_is_number(b)) return HANA_FLOAT;
    if (hana_term_is_text(a) && hana_term_is_text(b)) return HANA_STRING;
    int time_a = s == HANA_DATE || s == HANA_DATETIME,
        time_b = t == HANA_DATE || t == HANA_DATETIME;
    if (time_a && time_b) return HANA_DATETIME;
    if (time_a && is_text_constant(b)) return (int)s;
    if (time_b && is_text_constant(a)) return (int)t;
    return -1;
}

hana_status hana_terms_unify(hana_term **terms, size_t n, hana_program *program,
                             const char *what, hana_error *err)
{
    hana_term pattern = { 0 };
    int known = 0;
    for (size_t i = 0; i < n; i++) {
        if (terms[i]->untyped) continue;
        if (!known) {
            pattern = *terms[i];
            known = 1;
            continue;
        }
        int type = common_type(&pattern, terms[i]);
        if (type < 0)
            return hana_term_fail(program, terms[i], err, HANA_BAD_TYPE,
                                  "%s takes values of one type, this is %s beside %s",
                                  what, hana_term_describe(terms[i]),
                                  hana_term_describe(&pattern));
        /* Only a constant text turns into a time; the pattern must not stay one. */
        if (is_text_constant(&pattern)) pattern.kind = terms[i]->kind;
        if ((hana_type)type == HANA_DATETIME && terms[i]->type == HANA_DATETIME)
            memcpy(pattern.zone, terms[i]->zone, sizeof pattern.zone);
        if ((hana_type)type != pattern.type && (hana_type)type == terms[i]->type)
            pattern = *terms[i];
        pattern.type = (hana_type)type;
    }
    /* Levels that are only made with the values cannot be shared. */
    if (known && pattern.type == HANA_CATEGORY && !pattern.levels)
        pattern.type = HANA_STRING;
    if (!known)
        return hana_term_fail(program, terms[0], err, HANA_BAD_TYPE,
                              "%s needs a value that is not nil, to know the type", what);
    for (size_t i = 0; i < n; i++) {
        if (terms[i]->untyped && pattern.type == HANA_CATEGORY) {
            terms[i]->levels = hana_column_retain(pattern.levels);
            terms[i]->ordered = pattern.ordered;
        }
        if (pattern.type == HANA_DATETIME || pattern.type == HANA_DATE)
            HANA_TRY(
                hana_term_to_time(&terms[i], program, pattern.type, pattern.zone, err));
        else
            HANA_TRY(hana_term_convert(&terms[i], program, pattern.type, err));
    }
    return HANA_OK;
}

static hana_status check_literal(hana_term **out, hana_program *program,
                                 const hana_expr_node *node, hana_error *err)
{
    hana_term *term;
    HANA_TRY(hana_term_new(&term, program, HANA_TERM_CONSTANT, HANA_FLOAT, node->from,
                           node->to, err));
    const hana_value *value = &node->value;
    switch (value->kind) {
    case HANA_VALUE_NULL:
        term->untyped = term->is_null = 1;
        break;
    case HANA_VALUE_BOOL:
        term->type = HANA_BOOL;
        term->constant.i = value->as.boolean != 0;
        break;
    case HANA_VALUE_INT:
        term->type = HANA_INT;
        term->constant.i = value->as.integer;
        break;
    case HANA_VALUE_NUMBER:
        term->constant.f = value->as.number;
        break;
    case HANA_VALUE_STRING:
        term->type = HANA_STRING;
        term->constant.s = (hana_slice){ value->as.string.data, value->as.string.length };
        break;
    default:
        return hana_term_fail(program, term, err, HANA_BAD_TYPE,
                              "this cannot stand in an expression");
    }
    *out = term;
    return HANA_OK;
}

static hana_status fail_unknown_column(const hana_program *program,
                                       const hana_expr_node *node, hana_error *err)
{
    size_t n = hana_frame_cols(program->frame);
    const char **names = hana_alloc(n, sizeof *names);
    if (!names) return hana_fail_memory(err);
    for (size_t j = 0; j < n; j++) names[j] = hana_frame_name(program->frame, j);
    const char *nearest = hana_nearest(node->name, names, n);
    hana_text hint = { 0 };
    if (nearest)
        hana_text_printf(&hint, "; did you mean '%s'?", nearest);
    else if (hana_function_find(node->name))
        hana_text_printf(&hint, "; the function is written %s(...)", node->name);
    else if (strcmp(node->name, "null") == 0 || strcmp(node->name, "NULL") == 0 ||
             strcmp(node->name, "None") == 0 || strcmp(node->name, "NA") == 0)
        hana_text_puts(&hint, "; a missing value is written nil");
    hana_free(names);
    hana_status status = hana_expr_fail(
        program->text, program->length, node->from, node->to, err, HANA_NO_SUCH_NAME,
        "unknown column '%.200s'%.240s", node->name, hint.data ? hint.data : "");
    hana_text_clear(&hint);
    return status;
}

static hana_status check_column(hana_term **out, hana_program *program,
                                const hana_expr_node *node, hana_error *err)
{
    ptrdiff_t j = hana_frame_find(program->frame, node->name);
    if (j < 0) return fail_unknown_column(program, node, err);
    const hana_column *column = hana_frame_column(program->frame, (size_t)j);
    if (hana_column_type(column) == HANA_BLOCK)
        return hana_expr_fail(
            program->text, program->length, node->from, node->to, err, HANA_BAD_TYPE,
            "column '%.200s' is a block of many; expressions take single columns",
            node->name);
    HANA_TRY(hana_term_column(out, program, column, HANA_LEVEL_ROW, node->from, node->to,
                              err));
    (*out)->number = j;
    return HANA_OK;
}

hana_status hana_check_op(hana_term **out, hana_program *program, hana_expr_op op,
                          hana_term *const *args, size_t n, size_t from, size_t to,
                          hana_error *err)
{
    for (size_t i = 0; i < n; i++)
        if (args[i]->list)
            return hana_term_fail(program, args[i], err, HANA_BAD_TYPE,
                                  "a list stands only where a function takes one: "
                                  "is_in(x, { 1, 2 })");
    switch (op) {
    case HANA_OP_OR:
    case HANA_OP_AND:
    case HANA_OP_NOT:
        return hana_check_logic(out, program, op, args, from, to, err);
    case HANA_OP_LT:
    case HANA_OP_LE:
    case HANA_OP_GT:
    case HANA_OP_GE:
    case HANA_OP_EQ:
    case HANA_OP_NE:
        return hana_check_compare(out, program, op, args, from, to, err);
    case HANA_OP_CONCAT:
        return hana_check_concat(out, program, args, from, to, err);
    case HANA_OP_ADD:
    case HANA_OP_SUB:
    case HANA_OP_MUL:
    case HANA_OP_DIV:
    case HANA_OP_IDIV:
    case HANA_OP_MOD:
    case HANA_OP_POW:
        return hana_check_arith(out, program, op, args, from, to, err);
    case HANA_OP_NEG:
        return hana_check_negate(out, program, args[0], from, to, err);
    case HANA_OP_LEN:
        return hana_check_len(out, program, args[0], from, to, err);
    case HANA_OP_NONE:
        break;
    }
    return hana_fail(err, HANA_BAD_ARGUMENT, "no such operation on columns");
}

static hana_status check_arg(hana_term **out, hana_program *program,
                             const hana_expr_node *call, const hana_function *function,
                             size_t i, hana_error *err)
{
    const hana_expr_node *node = call->args[i];
    if (node->kind != HANA_EXPR_LIST) return hana_check(out, program, node, err);
    if (i >= 8 * sizeof function->lists || !(function->lists >> i & 1))
        return hana_expr_fail(program->text, program->length, node->from, node->to, err,
                              HANA_BAD_TYPE, "%s takes no list here",
                              function->info.name);
    hana_term *term;
    HANA_TRY(hana_term_new(&term, program, HANA_TERM_CONSTANT, HANA_STRING, node->from,
                           node->to, err));
    term->list = node;
    *out = term;
    return HANA_OK;
}

static hana_status check_call(hana_term **out, hana_program *program,
                              const hana_expr_node *node, hana_error *err)
{
    const hana_function *function = hana_function_find(node->name);
    hana_call call = { .program = program,
                       .function = function,
                       .n_args = node->n_args,
                       .from = node->from,
                       .to = node->to };
    call.args = hana_alloc(node->n_args, sizeof *call.args);
    if (!call.args) return hana_fail_memory(err);
    hana_status status = HANA_OK;
    for (size_t i = 0; i < node->n_args && status == HANA_OK; i++)
        status = check_arg(&call.args[i], program, node, function, i, err);
    if (status == HANA_OK) status = function->check(out, &call, err);
    hana_free(call.args);
    return status;
}

hana_status hana_check(hana_term **out, hana_program *program, const hana_expr_node *node,
                       hana_error *err)
{
    switch (node->kind) {
    case HANA_EXPR_LITERAL:
        return check_literal(out, program, node, err);
    case HANA_EXPR_COLUMN:
        return check_column(out, program, node, err);
    case HANA_EXPR_CALL:
        return check_call(out, program, node, err);
    case HANA_EXPR_UNARY:
    case HANA_EXPR_BINARY: {
        hana_term *args[2];
        for (size_t i = 0; i < node->n_args; i++) {
            if (node->args[i]->kind == HANA_EXPR_LIST)
                return hana_expr_fail(program->text, program->length, node->args[i]->from,
                                      node->args[i]->to, err, HANA_BAD_TYPE,
                                      "a list stands only where a function takes one: "
                                      "is_in(x, { 1, 2 })");
            HANA_TRY(hana_check(&args[i], program, node->args[i], err));
        }
        return hana_check_op(out, program, node->op, args, node->n_args, node->from,
                             node->to, err);
    }
    case HANA_EXPR_PARAM:
    case HANA_EXPR_LIST:
        break;
    }
    return hana_expr_fail(program->text, program->length, node->from, node->to, err,
                          HANA_BAD_TYPE, "a list stands only where a function takes one");
}
