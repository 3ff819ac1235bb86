#include "data/expr_sql_parts.h"

#include "base/text.h"
#include "base/time.h"
#include "data/expr_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The walk over the tree, and what both dialects write alike. */

void hana_sql_name(hana_text *out, const char *name)
{
    hana_text_putc(out, '"');
    for (; *name; name++) {
        if (*name == '"') hana_text_putc(out, '"');
        hana_text_putc(out, *name);
    }
    hana_text_putc(out, '"');
}

void hana_sql_quote(hana_text *out, const char *text, size_t length)
{
    hana_text_putc(out, '\'');
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\'') hana_text_putc(out, '\'');
        hana_text_putc(out, text[i]);
    }
    hana_text_putc(out, '\'');
}

static int is_lite(const hana_sql_writer *w)
{
    return w->context->dialect == HANA_SQL_LITE;
}

hana_status hana_sql_refuse(hana_sql_writer *w, const hana_expr_node *node,
                            hana_error *err, const char *format, ...)
{
    char sentence[400];
    va_list args;
    va_start(args, format);
    vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    return hana_expr_fail(w->program.text, w->program.length, node->from, node->to, err,
                          HANA_UNSUPPORTED, "%s; collect() first", sentence);
}

int hana_sql_open(hana_sql_writer *w, int mine, int level)
{
    if (mine < level) hana_text_putc(w->out, '(');
    return mine < level;
}

void hana_sql_close(hana_sql_writer *w, int opened)
{
    if (opened) hana_text_putc(w->out, ')');
}

void hana_sql_param(hana_sql_writer *w, const char *text, size_t length)
{
    hana_value value = { 0 };
    if (hana_value_string(&value, text, length, NULL) != HANA_OK ||
        hana_value_push(w->params, value, NULL) != HANA_OK) {
        w->out->failed = 1;
        return;
    }
    hana_text_printf(w->out, "\001%zu\001", w->params->as.list->n);
    if (!is_lite(w)) hana_text_puts(w->out, "::text");
}

int hana_sql_is_aggregate(const hana_expr_node *node)
{
    const hana_function *f =
        node->kind == HANA_EXPR_CALL ? hana_function_find(node->name) : NULL;
    return f && f->kind == HANA_FUNCTION_AGGREGATE;
}

int hana_sql_is_window(const hana_expr_node *node)
{
    const hana_function *f =
        node->kind == HANA_EXPR_CALL ? hana_function_find(node->name) : NULL;
    return f && f->kind == HANA_FUNCTION_WINDOW;
}

hana_status hana_sql_refuse_order(hana_sql_writer *w, const hana_expr_node *node,
                                  hana_error *err)
{
    return hana_sql_refuse(w, node, err,
                           "%s needs the order of the rows, which a table has none of",
                           node->name);
}

int hana_sql_is_constant(const hana_expr_node *node)
{
    if (node->kind == HANA_EXPR_COLUMN || node->kind == HANA_EXPR_LIST ||
        hana_sql_is_aggregate(node) || hana_sql_is_window(node))
        return 0;
    if (node->kind == HANA_EXPR_CALL && strcmp(node->name, "category") == 0) return 0;
    for (size_t i = 0; i < node->n_args; i++)
        if (node->args[i]->kind != HANA_EXPR_LIST && !hana_sql_is_constant(node->args[i]))
            return 0;
    return 1;
}

int hana_sql_number(const hana_expr_node *node, double *out)
{
    if (node->kind == HANA_EXPR_LITERAL) return hana_value_as_number(&node->value, out);
    if (node->kind != HANA_EXPR_UNARY || node->op != HANA_OP_NEG) return 0;
    int is_number = hana_sql_number(node->args[0], out);
    if (is_number) *out = -*out;
    return is_number;
}

int hana_sql_may_fail(const hana_expr_node *node)
{
    static const char *const safe[] = { "is_null",   "coalesce", "if_else",
                                        "case_when", "between",  "is_in",
                                        "contains",  "len",      "starts_with",
                                        "ends_with", "is_nan" };
    if (hana_sql_is_constant(node) || hana_sql_is_aggregate(node)) return 0;
    if (node->kind == HANA_EXPR_CALL) {
        size_t k = 0, n = sizeof safe / sizeof *safe;
        while (k < n && strcmp(safe[k], node->name) != 0) k++;
        if (k == n) return 1;
    }
    if (node->kind == HANA_EXPR_UNARY && node->op == HANA_OP_NEG) return 1;
    if (node->kind == HANA_EXPR_BINARY && node->op >= HANA_OP_ADD) return 1;
    for (size_t i = 0; i < node->n_args; i++)
        if (hana_sql_may_fail(node->args[i])) return 1;
    return 0;
}

hana_status hana_sql_type_of(hana_type *out, hana_sql_writer *w,
                             const hana_expr_node *node, hana_error *err)
{
    hana_term *term;
    HANA_TRY(hana_check(&term, &w->program, node, err));
    *out = term->untyped ? HANA_SQL_OWN : term->type;
    return HANA_OK;
}

hana_status hana_sql_common(hana_type *out, hana_sql_writer *w,
                            const hana_expr_node *node, size_t from, size_t step,
                            hana_error *err)
{
    hana_term **terms = hana_alloc(node->n_args + 1, sizeof *terms);
    if (!terms) return hana_fail_memory(err);
    size_t n = 0;
    hana_status status = HANA_OK;
    for (size_t i = from; i < node->n_args && status == HANA_OK; i += step)
        status = hana_check(&terms[n++], &w->program, node->args[i], err);
    if (status == HANA_OK)
        status = hana_terms_unify(terms, n, &w->program, node->name ? node->name : "this",
                                  err);
    if (status == HANA_OK) *out = terms[0]->type;
    hana_free(terms);
    return status;
}

/* --- constants --------------------------------------------------------------------- */

static const char *const postgres_types[HANA_N_TYPES] = {
    [HANA_FLOAT] = "float8",  [HANA_INT] = "int8",   [HANA_BOOL] = "bool",
    [HANA_STRING] = "text",   [HANA_DATE] = "date",  [HANA_DATETIME] = "timestamptz",
    [HANA_CATEGORY] = "text", [HANA_BLOCK] = "text",
};

static void put_float(hana_sql_writer *w, double value, int level)
{
    char digits[HANA_NUMBER_SIZE];
    int opened = hana_sql_open(w, signbit(value) ? HANA_SQL_SIGN : HANA_SQL_ATOM, level);
    if (is_lite(w) && isinf(value))
        hana_text_puts(w->out, value > 0 ? "9e999" : "-9e999");
    else if (isinf(value) || isnan(value))
        hana_text_puts(w->out, isnan(value) ? "'NaN'::float8"
                               : value > 0  ? "'Infinity'::float8"
                                            : "'-Infinity'::float8");
    else {
        hana_print_double(digits, value, 1);
        hana_text_puts(w->out, digits);
        if (!is_lite(w)) hana_text_puts(w->out, "::float8");
    }
    hana_sql_close(w, opened);
}

static hana_status put_time(hana_sql_writer *w, const hana_column *cell, hana_error *err)
{
    char text[64];
    int is_date = hana_column_type(cell) == HANA_DATE;
    if (is_date) {
        hana_print_date(text, hana_column_codes(cell)[0]);
    } else {
        const hana_zone *utc;
        HANA_TRY(hana_zone_get(&utc, "UTC", err));
        hana_print_datetime(text, hana_column_ints(cell)[0], utc);
    }
    if (is_lite(w))
        hana_text_printf(w->out, is_date ? "hana_date('%s')" : "hana_datetime('%s')",
                         text);
    else
        hana_text_printf(w->out, is_date ? "date '%s'" : "timestamptz '%s'", text);
    return HANA_OK;
}

static hana_status put_cell(hana_sql_writer *w, const hana_expr_node *node,
                            const hana_column *cell, int level, hana_error *err)
{
    hana_type type = hana_column_type(cell);
    if (hana_column_is_null(cell, 0)) {
        hana_text_puts(w->out, "NULL");
        if (!is_lite(w)) hana_text_printf(w->out, "::%s", postgres_types[type]);
        return HANA_OK;
    }
    switch (type) {
    case HANA_FLOAT:
        if (is_lite(w) && isnan(hana_column_floats(cell)[0]))
            return hana_sql_refuse(w, node, err, "SQLite has no NaN");
        put_float(w, hana_column_floats(cell)[0], level);
        break;
    case HANA_INT: {
        long long value = hana_column_ints(cell)[0];
        int opened = hana_sql_open(w, value < 0 ? HANA_SQL_SIGN : HANA_SQL_ATOM, level);
        /* The least integer is no literal: its digits without the sign do not fit. */
        if (value == INT64_MIN)
            hana_text_puts(w->out, "(-9223372036854775807 - 1)");
        else
            hana_text_printf(w->out, "%lld", value);
        hana_sql_close(w, opened);
        break;
    }
    case HANA_BOOL: {
        int yes = hana_bit(hana_column_bits(cell), 0);
        hana_text_puts(w->out, is_lite(w) ? (yes ? "1" : "0") : (yes ? "true" : "false"));
        break;
    }
    case HANA_STRING: {
        size_t length;
        const char *text = hana_column_string(cell, 0, &length);
        hana_sql_param(w, text, length);
        break;
    }
    case HANA_DATE:
    case HANA_DATETIME:
        return put_time(w, cell, err);
    default:
        return hana_sql_refuse(w, node, err, "a database has no categories");
    }
    return HANA_OK;
}

static hana_status put_constant(hana_sql_writer *w, const hana_expr_node *node,
                                hana_type want, int level, hana_error *err)
{
    hana_term *term;
    hana_column *cell = NULL;
    HANA_TRY(hana_check(&term, &w->program, node, err));
    if (want == HANA_SQL_OWN) want = term->untyped ? HANA_FLOAT : term->type;
    /* A text that stands for a time is one only where nothing was computed of it. */
    HANA_TRY(hana_term_convert(&term, &w->program, want, err));
    HANA_TRY(hana_program_settle(&w->program, term, err));
    HANA_TRY(hana_program_column(&cell, &w->program, term, 1, err));
    hana_status status = put_cell(w, node, cell, level, err);
    hana_column_release(cell);
    return status;
}

/* --- choosing ---------------------------------------------------------------------- */

hana_status hana_sql_case_when(hana_sql_writer *w, const hana_expr_node *node,
                               hana_error *err)
{
    hana_type type;
    int strict = strcmp(node->name, "if_else") == 0;
    hana_term *term;
    HANA_TRY(hana_check(&term, &w->program, node, err));
    type = term->type;
    if (strict) {
        /* null where the condition is null */
        hana_text_puts(w->out, "CASE ");
        HANA_TRY(hana_sql_emit(w, node->args[0], HANA_BOOL, HANA_SQL_ATOM, err));
        hana_text_puts(w->out, is_lite(w) ? " WHEN 1 THEN " : " WHEN true THEN ");
        HANA_TRY(hana_sql_emit(w, node->args[1], type, HANA_SQL_ANY_LEVEL, err));
        hana_text_puts(w->out, is_lite(w) ? " WHEN 0 THEN " : " WHEN false THEN ");
        HANA_TRY(hana_sql_emit(w, node->args[2], type, HANA_SQL_ANY_LEVEL, err));
        hana_text_puts(w->out, " END");
        return HANA_OK;
    }
    hana_text_puts(w->out, "CASE");
    for (size_t i = 0; i + 1 < node->n_args; i += 2) {
        hana_text_puts(w->out, " WHEN ");
        HANA_TRY(hana_sql_emit(w, node->args[i], HANA_BOOL, HANA_SQL_ANY_LEVEL, err));
        hana_text_puts(w->out, " THEN ");
        HANA_TRY(hana_sql_emit(w, node->args[i + 1], type, HANA_SQL_ANY_LEVEL, err));
    }
    if (node->n_args % 2) {
        hana_text_puts(w->out, " ELSE ");
        HANA_TRY(hana_sql_emit(w, node->args[node->n_args - 1], type, HANA_SQL_ANY_LEVEL,
                               err));
    }
    hana_text_puts(w->out, " END");
    return HANA_OK;
}

hana_status hana_sql_coalesce(hana_sql_writer *w, const hana_expr_node *node,
                              hana_error *err)
{
    hana_type type;
    HANA_TRY(hana_sql_common(&type, w, node, 0, 1, err));
    if (node->n_args == 1)
        return hana_sql_emit(w, node->args[0], type, HANA_SQL_ATOM, err);
    hana_text_puts(w->out, "coalesce(");
    for (size_t i = 0; i < node->n_args; i++) {
        if (i) hana_text_puts(w->out, ", ");
        HANA_TRY(hana_sql_emit(w, node->args[i], type, HANA_SQL_ANY_LEVEL, err));
    }
    hana_text_putc(w->out, ')');
    return HANA_OK;
}

/* Of null neither is known whether it lies in a list, not even in an empty one. */
static hana_status put_is_in(hana_sql_writer *w, const hana_expr_node *node, int level,
                             hana_error *err)
{
    hana_type type;
    const hana_expr_node *list = node->args[1];
    HANA_TRY(hana_sql_type_of(&type, w, node->args[0], err));
    size_t kept = 0;
    for (size_t i = 0; i < list->n_args; i++) {
        double number;
        int64_t whole;
        const hana_value *v = &list->args[i]->value;
        int is_number = hana_value_as_number(v, &number);
        if ((type == HANA_INT && !hana_value_as_int(v, &whole)) ||
            (type == HANA_FLOAT && is_number && isnan(number)))
            continue; /* it equals none */
        if (kept++ == 0) {
            int opened = hana_sql_open(w, HANA_SQL_COMPARE, level);
            level = opened;
            HANA_TRY(hana_sql_emit(w, node->args[0], type, HANA_SQL_SUM, err));
            hana_text_puts(w->out, " IN (");
        } else
            hana_text_puts(w->out, ", ");
        if (type == HANA_INT)
            hana_text_printf(w->out, "%lld", (long long)whole);
        else
            HANA_TRY(put_constant(w, list->args[i], type, HANA_SQL_ANY_LEVEL, err));
    }
    if (kept) {
        hana_text_putc(w->out, ')');
        hana_sql_close(w, level);
        return HANA_OK;
    }
    hana_text_puts(w->out, "CASE WHEN ");
    HANA_TRY(hana_sql_emit(w, node->args[0], type, HANA_SQL_SUM, err));
    hana_text_puts(w->out, is_lite(w) ? " IS NOT NULL THEN 0 END"
                                      : " IS NOT NULL THEN false END");
    return HANA_OK;
}

static hana_status put_is_null(hana_sql_writer *w, const hana_expr_node *node, int level,
                               hana_error *err)
{
    hana_type type;
    HANA_TRY(hana_sql_type_of(&type, w, node->args[0], err));
    int opened = hana_sql_open(w, HANA_SQL_COMPARE, level);
    HANA_TRY(hana_sql_emit(w, node->args[0], type, HANA_SQL_SUM, err));
    hana_text_puts(w->out, " IS NULL");
    hana_sql_close(w, opened);
    return HANA_OK;
}

/* x between constants of its type: both limits are known, so null comes from x alone. */
static hana_status put_between(hana_sql_writer *w, const hana_expr_node *node,
                               hana_type type, int level, hana_error *err)
{
    int opened = hana_sql_open(w, HANA_SQL_COMPARE, level);
    HANA_TRY(hana_sql_emit(w, node->args[0], type, HANA_SQL_ATOM, err));
    if (type == HANA_STRING && !is_lite(w)) hana_text_puts(w->out, " COLLATE \"C\"");
    hana_text_puts(w->out, " BETWEEN ");
    HANA_TRY(hana_sql_emit(w, node->args[1], type, HANA_SQL_SUM, err));
    hana_text_puts(w->out, " AND ");
    HANA_TRY(hana_sql_emit(w, node->args[2], type, HANA_SQL_SUM, err));
    hana_sql_close(w, opened);
    return HANA_OK;
}

static int is_limit(const hana_expr_node *node)
{
    double number;
    if (node->kind == HANA_EXPR_LITERAL && node->value.kind == HANA_VALUE_STRING)
        return 1;
    return hana_sql_number(node, &number) && isfinite(number);
}

/* --- the walk ---------------------------------------------------------------------- */

static hana_status put_connective(hana_sql_writer *w, const hana_expr_node *node,
                                  int level, hana_error *err)
{
    int is_or = node->op == HANA_OP_OR;
    int mine = is_or ? HANA_SQL_OR_LEVEL : HANA_SQL_AND_LEVEL;
    if (hana_sql_may_fail(node->args[1])) {
        /* A database evaluates both sides in the order that it likes; a right side that
           the left one decides must not fail. */
        if (is_lite(w)) return hana_sqlite_by_hana(w, node, err);
        hana_text_puts(w->out, is_or ? "CASE WHEN " : "CASE WHEN NOT ");
        HANA_TRY(hana_sql_emit(w, node->args[0], HANA_BOOL, HANA_SQL_ATOM, err));
        hana_text_puts(w->out, is_or ? " THEN true ELSE " : " THEN false ELSE ");
        HANA_TRY(hana_sql_emit(w, node->args[0], HANA_BOOL, mine, err));
        hana_text_puts(w->out, is_or ? " OR " : " AND ");
        HANA_TRY(hana_sql_emit(w, node->args[1], HANA_BOOL, mine + 1, err));
        hana_text_puts(w->out, " END");
        return HANA_OK;
    }
    int opened = hana_sql_open(w, mine, level);
    HANA_TRY(hana_sql_emit(w, node->args[0], HANA_BOOL, mine, err));
    hana_text_puts(w->out, is_or ? " OR " : " AND ");
    HANA_TRY(hana_sql_emit(w, node->args[1], HANA_BOOL, mine + 1, err));
    hana_sql_close(w, opened);
    return HANA_OK;
}

static hana_status put_operator(hana_sql_writer *w, const hana_expr_node *node, int level,
                                hana_error *err)
{
    if (node->op == HANA_OP_OR || node->op == HANA_OP_AND)
        return put_connective(w, node, level, err);
    if (node->op == HANA_OP_NOT) {
        int opened = hana_sql_open(w, HANA_SQL_NOT_LEVEL, level);
        hana_text_puts(w->out, "NOT ");
        HANA_TRY(hana_sql_emit(w, node->args[0], HANA_BOOL, HANA_SQL_COMPARE, err));
        hana_sql_close(w, opened);
        return HANA_OK;
    }
    return is_lite(w) ? hana_sqlite_operator(w, node, level, err)
                      : hana_postgres_operator(w, node, level, err);
}

static hana_status put_call(hana_sql_writer *w, const hana_expr_node *node, int level,
                            hana_error *err)
{
    if (hana_sql_is_aggregate(node)) {
        if (w->within)
            return hana_sql_refuse(w, node, err,
                                   "an aggregate within an aggregate is two queries");
        w->within = 1;
        HANA_TRY(is_lite(w) ? hana_sqlite_aggregate(w, node, level, err)
                            : hana_postgres_aggregate(w, node, level, err));
        w->within = 0;
        return HANA_OK;
    }
    if (hana_sql_is_window(node)) return hana_sql_refuse_order(w, node, err);
    if (strcmp(node->name, "is_null") == 0) return put_is_null(w, node, level, err);
    if (strcmp(node->name, "is_in") == 0) return put_is_in(w, node, level, err);
    if (strcmp(node->name, "coalesce") == 0) return hana_sql_coalesce(w, node, err);
    if (strcmp(node->name, "if_else") == 0 || strcmp(node->name, "case_when") == 0)
        return hana_sql_case_when(w, node, err);
    if (strcmp(node->name, "between") == 0 && is_limit(node->args[1]) &&
        is_limit(node->args[2])) {
        hana_type type, own;
        HANA_TRY(hana_sql_common(&type, w, node, 0, 1, err));
        HANA_TRY(hana_sql_type_of(&own, w, node->args[0], err));
        if (type == own) return put_between(w, node, type, level, err);
    }
    return is_lite(w) ? hana_sqlite_function(w, node, level, err)
                      : hana_postgres_function(w, node, level, err);
}

/* What is written as it stands, in its own type. */
static hana_status put_node(hana_sql_writer *w, const hana_expr_node *node, int level,
                            hana_error *err)
{
    switch (node->kind) {
    case HANA_EXPR_COLUMN:
        hana_text_puts(
            w->out, w->context->columns[hana_frame_find(w->context->schema, node->name)]);
        return HANA_OK;
    case HANA_EXPR_UNARY:
    case HANA_EXPR_BINARY:
        return put_operator(w, node, level, err);
    case HANA_EXPR_CALL:
        return put_call(w, node, level, err);
    default:
        return hana_sql_refuse(w, node, err, "this has no counterpart in SQL");
    }
}

hana_status hana_sql_emit(hana_sql_writer *w, const hana_expr_node *node, hana_type want,
                          int level, hana_error *err)
{
    enum { LONGEST = 200000 };
    if (w->out->length > LONGEST)
        return hana_sql_refuse(w, node, err, "the SQL of this is over %d bytes",
                               (int)LONGEST);
    if (hana_sql_is_constant(node)) return put_constant(w, node, want, level, err);
    hana_term *term;
    HANA_TRY(hana_check(&term, &w->program, node, err));
    if (term->type == HANA_CATEGORY)
        return hana_sql_refuse(w, node, err, "a database has no categories");
    if (term->type == HANA_DATETIME && strcmp(term->zone, "UTC") != 0)
        return hana_sql_refuse(w, node, err,
                               "datetimes of a database are in UTC, this is in %s",
                               term->zone);
    if (want == HANA_SQL_OWN || want == term->type) return put_node(w, node, level, err);
    if (term->type == HANA_INT && want == HANA_FLOAT) {
        hana_text_puts(w->out, is_lite(w) ? "CAST(" : "");
        HANA_TRY(put_node(w, node, is_lite(w) ? HANA_SQL_ANY_LEVEL : HANA_SQL_ATOM, err));
        hana_text_puts(w->out, is_lite(w) ? " AS REAL)" : "::float8");
        return HANA_OK;
    }
    if (term->type == HANA_DATE && want == HANA_DATETIME) {
        if (is_lite(w)) hana_text_puts(w->out, "hana('datetime(d1)', ");
        HANA_TRY(put_node(w, node, is_lite(w) ? HANA_SQL_ANY_LEVEL : HANA_SQL_ATOM, err));
        hana_text_puts(w->out, is_lite(w) ? ")" : "::timestamptz");
        return HANA_OK;
    }
    return hana_sql_refuse(w, node, err, "%s cannot be read as %s here",
                           hana_term_describe(term), hana_type_name(want));
}

hana_status hana_sql_over(hana_sql_writer *w, const hana_expr_node *node, hana_error *err)
{
    if (w->context->aggregates) return HANA_OK;
    if (!w->context->over)
        return hana_sql_refuse(w, node, err, "%s beside rows is not translated",
                               node->name);
    hana_text_printf(w->out, " OVER (%s)", w->context->over);
    return HANA_OK;
}

hana_status hana_expr_sql(hana_text *out, hana_value *params, int *may_fail,
                          const hana_expr *expr, const hana_sql_context *context,
                          hana_error *err)
{
    size_t before = out->length;
    hana_sql_writer w = { .out = out, .params = params, .context = context };
    /* The types are those of the frame verbs, and so are the errors. */
    hana_status status =
        hana_program_compile(&w.program, expr, context->schema, NULL, err);
    if (status == HANA_OK) {
        w.program.rows = 1;
        status = hana_sql_emit(&w, expr->root, HANA_SQL_OWN, HANA_SQL_ANY_LEVEL, err);
    }
    hana_program_clear(&w.program);
    if (status == HANA_OK && out->failed) status = hana_fail_memory(err);
    if (status != HANA_OK) {
        if (out->data) out->data[out->length = before] = '\0';
        return status;
    }
    if (may_fail) *may_fail = hana_sql_may_fail(expr->root);
    return HANA_OK;
}
