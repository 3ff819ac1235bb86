#include "data/expr_sql_parts.h"

#include "base/text.h"

#include <math.h>
#include <string.h>

/* PostgreSQL has most of what hana has; where it differs (NaN equals itself and is above
   all numbers, x / 0.0 is an error, integer division rounds towards 0) the SQL says what
   hana means, and where that cannot be said the function is refused. Overflow and domain
   errors end the query, where hana has an error too, or inf and NaN: never another
   value. */

static const char *const signs[HANA_N_OPS] = {
    [HANA_OP_LT] = " < ",  [HANA_OP_LE] = " <= ", [HANA_OP_GT] = " > ",
    [HANA_OP_GE] = " >= ", [HANA_OP_EQ] = " = ",  [HANA_OP_NE] = " <> ",
    [HANA_OP_ADD] = " + ", [HANA_OP_SUB] = " - ", [HANA_OP_MUL] = " * ",
};

/* Writes a template: $1 .. $4 are the node's arguments as values of `types`, bound like
   atoms. */
static hana_status fill(hana_sql_writer *w, const hana_expr_node *node, const char *text,
                        const hana_type *types, hana_error *err)
{
    for (; *text; text++) {
        if (*text != '$') {
            hana_text_putc(w->out, *text);
            continue;
        }
        size_t k = (size_t)(*++text - '1');
        HANA_TRY(hana_sql_emit(w, node->args[k], types[k], HANA_SQL_ATOM, err));
    }
    return HANA_OK;
}

static int is_number(hana_type type)
{
    return type == HANA_INT || type == HANA_FLOAT;
}

static int is_time(hana_type type)
{
    return type == HANA_DATE || type == HANA_DATETIME;
}

/* --- comparison -------------------------------------------------------------------- */

static int may_be_nan(hana_sql_writer *w, const hana_expr_node *node)
{
    double number;
    hana_type type;
    if (hana_sql_number(node, &number)) return isnan(number);
    return hana_sql_type_of(&type, w, node, NULL) != HANA_OK || type != HANA_INT;
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

/* a op b of two floats. PostgreSQL's NaN is above all and equal to itself; where b is
   NaN the answer is false (but for ~=, true) unless a is null: a <> a says that. */
static hana_status put_floats(hana_sql_writer *w, hana_expr_op op,
                              const hana_expr_node *a, const hana_expr_node *b, int level,
                              hana_error *err)
{
    typedef union {
        const hana_expr_node *fixed;
        hana_expr_node *open;
    } operand;
    static const hana_type floats[2] = { HANA_FLOAT, HANA_FLOAT };
    operand first = { .fixed = a }, second = { .fixed = b };
    /* NaN on the left makes < and <= and = false here too, as PostgreSQL has it above
       all numbers. */
    if (may_be_nan(w, b) && !may_be_nan(w, a)) {
        first.fixed = b;
        second.fixed = a;
        op = turned(op);
    }
    hana_expr_node *args[2] = { first.open, second.open };
    hana_expr_node pair = {
        .kind = HANA_EXPR_BINARY, .op = op, .args = args, .n_args = 2
    };
    int by_nan = may_be_nan(w, args[1]);
    int left_nan = may_be_nan(w, args[0]) && (op == HANA_OP_GT || op == HANA_OP_GE);
    if (!by_nan && !left_nan) {
        int opened = hana_sql_open(w, HANA_SQL_COMPARE, level);
        HANA_TRY(fill(w, &pair, "$1", floats, err));
        hana_text_puts(w->out, signs[op]);
        HANA_TRY(fill(w, &pair, "$2", floats, err));
        hana_sql_close(w, opened);
        return HANA_OK;
    }
    HANA_TRY(
        fill(w, &pair,
             by_nan && left_nan ? "CASE WHEN $1 = 'NaN' OR $2 = 'NaN' THEN $1 <> $1 OR "
                                  "$2 <> $2 ELSE $1"
             : by_nan ? (op == HANA_OP_NE ? "CASE WHEN $2 = 'NaN' THEN $1 = $1 ELSE $1"
                                          : "CASE WHEN $2 = 'NaN' THEN $1 <> $1 ELSE $1")
                      : "CASE WHEN $1 = 'NaN' THEN false ELSE $1",
             floats, err));
    hana_text_puts(w->out, signs[op]);
    return fill(w, &pair, "$2 END", floats, err);
}

/* Whether an int and a float can be compared without rounding: one is written out. */
static hana_status put_mixed(hana_sql_writer *w, const hana_expr_node *node, int is_left,
                             int level, hana_error *err)
{
    const hana_expr_node *whole = node->args[!is_left], *real = node->args[is_left];
    double number;
    if (hana_sql_number(whole, &number) && fabs(number) <= 0x1p53)
        return put_floats(w, node->op, node->args[0], node->args[1], level, err);
    if (!hana_sql_number(real, &number) || !isfinite(number))
        return hana_sql_refuse(w, node, err,
                               "PostgreSQL rounds an int that it compares with a float; "
                               "float(...) around the int says so");
    int opened = hana_sql_open(w, HANA_SQL_COMPARE, level);
    for (int k = 0; k < 2; k++) {
        if (k) hana_text_puts(w->out, signs[node->op]);
        char digits[HANA_NUMBER_SIZE];
        if (node->args[k] == whole) {
            HANA_TRY(hana_sql_emit(w, whole, HANA_INT, HANA_SQL_ATOM, err));
            continue;
        }
        hana_print_double(digits, number, 0);
        hana_text_printf(w->out, number < 0 ? "(%s)" : "%s", digits);
    }
    hana_sql_close(w, opened);
    return HANA_OK;
}

static hana_status put_compare(hana_sql_writer *w, const hana_expr_node *node, int level,
                               hana_error *err)
{
    hana_type a, b;
    HANA_TRY(hana_sql_type_of(&a, w, node->args[0], err));
    HANA_TRY(hana_sql_type_of(&b, w, node->args[1], err));
    if (is_number(a) && is_number(b)) {
        if (a == HANA_FLOAT && b == HANA_FLOAT)
            return put_floats(w, node->op, node->args[0], node->args[1], level, err);
        if (a != b) return put_mixed(w, node, a == HANA_INT, level, err);
    } else {
        HANA_TRY(hana_sql_common(&a, w, node, 0, 1, err));
    }
    int opened = hana_sql_open(w, HANA_SQL_COMPARE, level);
    int by_bytes = a == HANA_STRING && node->op != HANA_OP_EQ && node->op != HANA_OP_NE;
    HANA_TRY(hana_sql_emit(w, node->args[0], a, HANA_SQL_SUM, err));
    hana_text_puts(w->out, signs[node->op]);
    HANA_TRY(
        hana_sql_emit(w, node->args[1], a, by_bytes ? HANA_SQL_ATOM : HANA_SQL_SUM, err));
    if (by_bytes) hana_text_puts(w->out, " COLLATE \"C\"");
    hana_sql_close(w, opened);
    return HANA_OK;
}

/* --- arithmetic -------------------------------------------------------------------- */

static hana_status put_times(hana_sql_writer *w, const hana_expr_node *node, hana_type a,
                             hana_type b, hana_error *err)
{
    hana_type types[2] = { a, b };
    if (node->op == HANA_OP_SUB && (is_time(b) || b == HANA_STRING)) {
        HANA_TRY(hana_sql_common(&types[0], w, node, 0, 1, err));
        types[1] = types[0];
        return fill(w, node,
                    types[0] == HANA_DATE ? "($1 - $2)::int8"
                                          : "(extract(epoch FROM $1 - $2))::float8",
                    types, err);
    }
    int date_first = is_time(a);
    hana_type time = date_first ? a : b, by = date_first ? b : a;
    if (by != HANA_INT)
        return hana_sql_refuse(w, node, err,
                               "PostgreSQL rounds fractions of seconds in another way");
    const char *text =
        time == HANA_DATE
            ? (date_first
                   ? (node->op == HANA_OP_ADD ? "($1 + $2::int4)" : "($1 - $2::int4)")
                   : "($2 + $1::int4)")
            : (date_first ? (node->op == HANA_OP_ADD
                                 ? "($1 + make_interval(secs => $2::float8))"
                                 : "($1 - make_interval(secs => $2::float8))")
                          : "($2 + make_interval(secs => $1::float8))");
    return fill(w, node, text, types, err);
}

/* The quotient of floats. x / 0 is an error there; hana gives inf with both signs, and
   NaN for 0 / 0. */
static hana_status put_quotient(hana_sql_writer *w, const hana_expr_node *node,
                                hana_error *err)
{
    static const hana_type floats[2] = { HANA_FLOAT, HANA_FLOAT };
    double by;
    if (hana_sql_number(node->args[1], &by) && by != 0)
        return fill(w, node, "($1 / $2)", floats, err);
    return fill(w, node,
                "CASE WHEN $2 <> 0 THEN $1 / $2 WHEN $2 = 0 THEN CASE WHEN $1 = 0 OR $1 "
                "= 'NaN' THEN 'NaN'::float8 WHEN ($1 > 0) = ($2::text <> '-0') THEN "
                "'Infinity'::float8 WHEN $1 <> 0 THEN '-Infinity'::float8 END END",
                floats, err);
}

static hana_status put_whole_division(hana_sql_writer *w, const hana_expr_node *node,
                                      hana_error *err)
{
    static const hana_type ints[2] = { HANA_INT, HANA_INT };
    double by;
    int positive = hana_sql_number(node->args[1], &by) && by > 0;
    if (node->op == HANA_OP_IDIV)
        return fill(w, node,
                    positive ? "($1 / $2 - ($1 % $2 < 0)::int)"
                             : "($1 / $2 - ($1 % $2 <> 0 AND ($1 < 0) <> ($2 < 0))::int)",
                    ints, err);
    return fill(w, node,
                positive ? "(($1 % $2 + $2) % $2)"
                         : "($1 % $2 + CASE WHEN $1 % $2 <> 0 AND ($1 < 0) <> ($2 < 0) "
                           "THEN $2 ELSE 0 END)",
                ints, err);
}

static hana_status put_arithmetic(hana_sql_writer *w, const hana_expr_node *node,
                                  int level, hana_error *err)
{
    hana_type type, a, b, floats[2] = { HANA_FLOAT, HANA_FLOAT };
    HANA_TRY(hana_sql_type_of(&type, w, node, err));
    HANA_TRY(hana_sql_type_of(&a, w, node->args[0], err));
    HANA_TRY(hana_sql_type_of(&b, w, node->args[1], err));
    if (is_time(a) || is_time(b)) return put_times(w, node, a, b, err);
    switch (node->op) {
    case HANA_OP_DIV:
        return put_quotient(w, node, err);
    case HANA_OP_POW:
        return fill(w, node, "power($1, $2)", floats, err);
    case HANA_OP_IDIV:
    case HANA_OP_MOD:
        if (type == HANA_INT) return put_whole_division(w, node, err);
        if (node->op == HANA_OP_MOD)
            return hana_sql_refuse(w, node, err, "PostgreSQL has no %% of floats");
        hana_text_puts(w->out, "floor(");
        HANA_TRY(put_quotient(w, node, err));
        hana_text_putc(w->out, ')');
        return HANA_OK;
    default:
        break;
    }
    int mine = node->op == HANA_OP_MUL ? HANA_SQL_PRODUCT : HANA_SQL_SUM;
    int opened = hana_sql_open(w, mine, level);
    HANA_TRY(hana_sql_emit(w, node->args[0], type, mine, err));
    hana_text_puts(w->out, signs[node->op]);
    HANA_TRY(hana_sql_emit(w, node->args[1], type, mine + 1, err));
    hana_sql_close(w, opened);
    return HANA_OK;
}

/* A number in full, or text as it is; what of floats would be written otherwise. */
static hana_status put_text(hana_sql_writer *w, const hana_expr_node *node,
                            hana_error *err)
{
    hana_type type;
    if (hana_sql_is_constant(node))
        return hana_sql_emit(w, node, HANA_STRING, HANA_SQL_ATOM, err);
    HANA_TRY(hana_sql_type_of(&type, w, node, err));
    if (type == HANA_FLOAT || type == HANA_DATETIME)
        return hana_sql_refuse(w, node, err, "PostgreSQL writes a %s in another way",
                               hana_type_name(type));
    HANA_TRY(hana_sql_emit(w, node, type, HANA_SQL_ATOM, err));
    if (type != HANA_STRING) hana_text_puts(w->out, "::text");
    return HANA_OK;
}

static int is_text_constant(const hana_expr_node *node)
{
    return node->kind == HANA_EXPR_LITERAL && node->value.kind == HANA_VALUE_STRING;
}

hana_status hana_postgres_operator(hana_sql_writer *w, const hana_expr_node *node,
                                   int level, hana_error *err)
{
    static const hana_type texts[1] = { HANA_STRING };
    hana_type type;
    switch (node->op) {
    case HANA_OP_LT:
    case HANA_OP_LE:
    case HANA_OP_GT:
    case HANA_OP_GE:
    case HANA_OP_EQ:
    case HANA_OP_NE:
        return put_compare(w, node, level, err);
    case HANA_OP_CONCAT:
        hana_text_putc(w->out, '(');
        for (size_t k = 0; k < 2; k++) {
            if (k) hana_text_puts(w->out, " || ");
            if (hana_sql_is_constant(node->args[k]) && !is_text_constant(node->args[k]))
                return hana_sql_refuse(w, node->args[k], err,
                                       "write this as text, in quotes");
            HANA_TRY(put_text(w, node->args[k], err));
        }
        hana_text_putc(w->out, ')');
        return HANA_OK;
    case HANA_OP_NEG:
        HANA_TRY(hana_sql_type_of(&type, w, node, err));
        return fill(w, node, "(-$1)", &type, err);
    case HANA_OP_LEN:
        return fill(w, node, "char_length($1)::int8", texts, err);
    default:
        return put_arithmetic(w, node, level, err);
    }
}

/* --- functions --------------------------------------------------------------------- */

/* One line a function: the SQL of its arguments (letters: f float, s text, . as it is),
   or why there is none. */
static const struct {
    const char *name, *types, *text, *why;
} functions[] = {
    { "sqrt", "f", "sqrt($1)", NULL },
    { "exp", "f", "exp($1)", NULL },
    { "log", "f", "ln($1)", NULL },
    { "log10", "f", "log($1)", NULL },
    { "log1p", "f", NULL, "PostgreSQL has no log1p" },
    { "abs", ".", "abs($1)", NULL },
    { "pow", "ff", "power($1, $2)", NULL },
    { "is_nan", "f", "($1 = 'NaN')", NULL },
    { "len", "s", "char_length($1)::int8", NULL },
    { "contains", "ss", "(position($2 IN $1) > 0)", NULL },
    { "starts_with", "ss", "(left($1, char_length($2)) = $2)", NULL },
    { "ends_with", "ss", "(right($1, char_length($2)) = $2)", NULL },
    { "replace", "sss", "replace($1, $2, $3)", NULL },
    { "lower", "s", NULL, "PostgreSQL lowers letters by the server's locale" },
    { "upper", "s", NULL, "PostgreSQL raises letters by the server's locale" },
    { "trim", "s", NULL, "PostgreSQL trims spaces alone" },
    { "normalize", "s", NULL, "PostgreSQL has no forms of half width" },
    { "matches", "s", NULL, "PostgreSQL's patterns are not PCRE2" },
    { "extract", "s", NULL, "PostgreSQL's patterns are not PCRE2" },
    { "split_part", "s", NULL, "PostgreSQL gives an empty text for a part that is none" },
    { "format", ".", NULL, "PostgreSQL's formats of times are others" },
    { "cut", ".", NULL, "a database has no categories" },
    { "category", ".", NULL, "a database has no categories" },
    { "year", ".", "extract(year FROM $1)::int8", NULL },
    { "month", ".", "extract(month FROM $1)::int8", NULL },
    { "day", ".", "extract(day FROM $1)::int8", NULL },
    { "hour", ".", "extract(hour FROM $1)::int8", NULL },
    { "minute", ".", "extract(minute FROM $1)::int8", NULL },
    { "weekday", ".", "extract(isodow FROM $1)::int8", NULL },
};
enum { N_FUNCTIONS = sizeof functions / sizeof *functions };

static hana_status put_round(hana_sql_writer *w, const hana_expr_node *node, int level,
                             hana_error *err)
{
    double digits = 0;
    hana_type type;
    HANA_TRY(hana_sql_type_of(&type, w, node->args[0], err));
    if (node->n_args > 1) hana_sql_number(node->args[1], &digits);
    if (type == HANA_INT && digits >= 0)
        return hana_sql_emit(w, node->args[0], type, level, err);
    if (digits != 0 || type == HANA_INT)
        return hana_sql_refuse(w, node, err,
                               "PostgreSQL rounds floats to digits in another way");
    /* halves away from 0 */
    return fill(w, node,
                "(trunc($1) + CASE WHEN abs($1 - trunc($1)) >= 0.5 AND abs($1) < "
                "'Infinity' THEN sign($1) ELSE 0 END)",
                &type, err);
}

static hana_status put_extreme(hana_sql_writer *w, const hana_expr_node *node,
                               int greatest, hana_error *err)
{
    hana_type type;
    HANA_TRY(hana_sql_common(&type, w, node, 0, 1, err));
    if (type == HANA_FLOAT && !greatest)
        return hana_sql_refuse(w, node, err, "PostgreSQL's least leaves NaN out");
    hana_text_puts(w->out, "CASE WHEN ");
    for (size_t k = 0; k < node->n_args; k++) {
        if (k) hana_text_puts(w->out, " AND ");
        HANA_TRY(hana_sql_emit(w, node->args[k], type, HANA_SQL_SUM, err));
        hana_text_puts(w->out, " IS NOT NULL");
    }
    hana_text_puts(w->out, greatest ? " THEN greatest(" : " THEN least(");
    for (size_t k = 0; k < node->n_args; k++) {
        if (k) hana_text_puts(w->out, ", ");
        HANA_TRY(hana_sql_emit(w, node->args[k], type, HANA_SQL_ATOM, err));
        if (type == HANA_STRING) hana_text_puts(w->out, " COLLATE \"C\"");
    }
    hana_text_puts(w->out, ") END");
    return HANA_OK;
}

/* Positions that are written out; characters. */
static hana_status put_sub(hana_sql_writer *w, const hana_expr_node *node,
                           hana_error *err)
{
    static const hana_type types[1] = { HANA_STRING };
    double from = 0, to = -1;
    int known = hana_sql_number(node->args[1], &from) &&
                (node->n_args < 3 || hana_sql_number(node->args[2], &to)) &&
                fabs(from) < 1e9 && fabs(to) < 1e9;
    if (known && from == 0) from = 1;
    if (!known || (from < 0 && to != -1) || (from > 0 && to < 0 && to != -1))
        return hana_sql_refuse(w, node, err,
                               "PostgreSQL counts these positions in another way");
    hana_text_puts(w->out, from < 0 ? "right(" : "substr(");
    HANA_TRY(fill(w, node, "$1", types, err));
    if (from < 0)
        hana_text_printf(w->out, ", %d)", (int)-from);
    else if (to == -1)
        hana_text_printf(w->out, ", %d)", (int)from);
    else
        hana_text_printf(w->out, ", %d, %d)", (int)from,
                         to < from ? 0 : (int)(to - from + 1));
    return HANA_OK;
}

static hana_status put_between(hana_sql_writer *w, const hana_expr_node *node,
                               hana_error *err)
{
    hana_type type[3];
    HANA_TRY(hana_sql_common(&type[0], w, node, 0, 1, err));
    type[1] = type[2] = type[0];
    if (type[0] == HANA_FLOAT)
        return hana_sql_refuse(w, node, err,
                               "between floats that are not written out meets NaN, which "
                               "PostgreSQL has above all numbers; write two comparisons");
    return fill(w, node,
                type[0] == HANA_STRING
                    ? "CASE WHEN $1 IS NOT NULL AND $2 IS NOT NULL AND $3 IS NOT NULL "
                      "THEN $1 COLLATE \"C\" BETWEEN $2 AND $3 END"
                    : "CASE WHEN $1 IS NOT NULL AND $2 IS NOT NULL AND $3 IS NOT NULL "
                      "THEN $1 BETWEEN $2 AND $3 END",
                type, err);
}

static hana_status put_cast(hana_sql_writer *w, const hana_expr_node *node, int level,
                            hana_error *err)
{
    hana_type from, to;
    HANA_TRY(hana_sql_type_of(&to, w, node, err));
    HANA_TRY(hana_sql_type_of(&from, w, node->args[0], err));
    if (to == HANA_STRING) return put_text(w, node->args[0], err);
    if (from == to || (from == HANA_INT && to == HANA_FLOAT))
        return hana_sql_emit(w, node->args[0], to, level, err);
    static const struct {
        hana_type from, to;
        const char *text;
    } casts[] = {
        { HANA_BOOL, HANA_INT, "$1::int::int8" },
        { HANA_BOOL, HANA_FLOAT, "$1::int::float8" },
        { HANA_INT, HANA_BOOL, "($1 <> 0)" },
        { HANA_FLOAT, HANA_BOOL, "($1 <> 0)" },
        { HANA_FLOAT, HANA_INT, "trunc($1)::int8" },
        { HANA_DATETIME, HANA_DATE, "$1::date" },
        { HANA_DATE, HANA_DATETIME, "$1::timestamptz" },
    };
    for (size_t k = 0; k < sizeof casts / sizeof *casts; k++)
        if (casts[k].from == from && casts[k].to == to && node->n_args == 1)
            return fill(w, node, casts[k].text, &from, err);
    return hana_sql_refuse(w, node, err, "PostgreSQL reads texts in another way");
}

static hana_status put_trunc(hana_sql_writer *w, const hana_expr_node *node,
                             hana_error *err)
{
    hana_type type;
    HANA_TRY(hana_sql_type_of(&type, w, node, err));
    /* The units are the same words. */
    hana_text_printf(w->out, "date_trunc('%s', ", node->args[1]->value.as.string.data);
    HANA_TRY(hana_sql_emit(w, node->args[0], HANA_DATETIME, HANA_SQL_ANY_LEVEL, err));
    hana_text_puts(w->out, type == HANA_DATE ? ")::date" : ")");
    return HANA_OK;
}

static hana_status put_days_between(hana_sql_writer *w, const hana_expr_node *node,
                                    hana_error *err)
{
    hana_text_putc(w->out, '(');
    for (size_t k = 2; k-- > 0;) {
        hana_type type;
        HANA_TRY(hana_sql_type_of(&type, w, node->args[k], err));
        HANA_TRY(hana_sql_emit(w, node->args[k], is_time(type) ? type : HANA_DATE,
                               HANA_SQL_ATOM, err));
        if (type == HANA_DATETIME) hana_text_puts(w->out, "::date");
        hana_text_puts(w->out, k ? " - " : ")::int8");
    }
    return HANA_OK;
}

static int is_one_of(const char *name, const char *const *names)
{
    for (; *names; names++)
        if (strcmp(name, *names) == 0) return 1;
    return 0;
}

hana_status hana_postgres_function(hana_sql_writer *w, const hana_expr_node *node,
                                   int level, hana_error *err)
{
    static const char *const casts[] = { "int",  "float",    "bool", "string",
                                         "date", "datetime", NULL };
    const char *name = node->name;
    hana_type type;
    if (is_one_of(name, casts)) return put_cast(w, node, level, err);
    if (strcmp(name, "round") == 0) return put_round(w, node, level, err);
    if (strcmp(name, "least") == 0 || strcmp(name, "greatest") == 0)
        return put_extreme(w, node, *name == 'g', err);
    if (strcmp(name, "sub") == 0) return put_sub(w, node, err);
    if (strcmp(name, "between") == 0) return put_between(w, node, err);
    if (strcmp(name, "date_trunc") == 0) return put_trunc(w, node, err);
    if (strcmp(name, "days_between") == 0) return put_days_between(w, node, err);
    HANA_TRY(hana_sql_type_of(&type, w, node->args[0], err));
    if (strcmp(name, "floor") == 0 || strcmp(name, "ceil") == 0) {
        if (type == HANA_INT) return hana_sql_emit(w, node->args[0], type, level, err);
        return fill(w, node, *name == 'f' ? "floor($1)" : "ceil($1)", &type, err);
    }
    if (strcmp(name, "sign") == 0)
        return fill(w, node,
                    type == HANA_INT ? "sign($1)::int8"
                                     : "CASE WHEN $1 = 'NaN' THEN $1 ELSE sign($1) END",
                    &type, err);
    for (size_t k = 0; k < N_FUNCTIONS; k++) {
        if (strcmp(functions[k].name, name) != 0) continue;
        if (!functions[k].text)
            return hana_sql_refuse(w, node, err, "%s", functions[k].why);
        hana_type types[4] = { type, type, type, type };
        for (size_t i = 0; functions[k].types[i]; i++)
            types[i] = functions[k].types[i] == 'f'   ? HANA_FLOAT
                       : functions[k].types[i] == 's' ? HANA_STRING
                                                      : type;
        return fill(w, node, functions[k].text, types, err);
    }
    return hana_sql_refuse(w, node, err, "%s is not translated for PostgreSQL", name);
}

/* --- aggregates -------------------------------------------------------------------- */

/* @ is where a window goes; '-' in its place: there can be none. */
static const struct {
    const char *name;
    hana_type type; /* of the argument; HANA_SQL_OWN: any other */
    const char *text;
} aggregates[] = {
    { "count", HANA_SQL_OWN, "count(%)@" },
    { "sum", HANA_INT, "coalesce(sum(%)@, 0)::int8" },
    { "sum", HANA_BOOL, "count(*) FILTER (WHERE %)@" },
    { "sum", HANA_FLOAT, "coalesce(sum(%)@, 0)" },
    { "mean", HANA_INT, "(sum(%)@::float8 / count(%)@)" },
    { "mean", HANA_BOOL, "(sum(%::int)@::float8 / count(%)@)" },
    { "mean", HANA_FLOAT, "avg(%)@" },
    { "var", HANA_SQL_OWN, "var_samp(%::float8)@" },
    { "sd", HANA_SQL_OWN, "stddev_samp(%::float8)@" },
    { "min", HANA_FLOAT,
      "CASE WHEN bool_or(% = 'NaN')@ THEN 'NaN'::float8 ELSE min(%)@ END" },
    { "min", HANA_BOOL, "bool_and(%)@" },
    { "max", HANA_BOOL, "bool_or(%)@" },
    { "min", HANA_STRING, "min(% COLLATE \"C\")@" },
    { "max", HANA_STRING, "max(% COLLATE \"C\")@" },
    { "mode", HANA_STRING, "mode() WITHIN GROUP (ORDER BY % COLLATE \"C\")-" },
    { "min", HANA_SQL_OWN, "min(%)@" },
    { "max", HANA_SQL_OWN, "max(%)@" },
    { "any", HANA_BOOL, "coalesce(bool_or(%)@, false)" },
    { "all", HANA_BOOL, "coalesce(bool_and(%)@, true)" },
    { "n_unique", HANA_SQL_OWN, "count(DISTINCT %)-" },
    { "mode", HANA_SQL_OWN, "mode() WITHIN GROUP (ORDER BY %)-" },
};
enum { N_AGGREGATES = sizeof aggregates / sizeof *aggregates };

static hana_status put_aggregate(hana_sql_writer *w, const hana_expr_node *node,
                                 const char *text, hana_error *err)
{
    for (; *text; text++) {
        if (*text == '-' && !w->context->aggregates)
            return hana_sql_refuse(w, node, err, "PostgreSQL has no %s beside rows",
                                   node->name);
        if (*text == '@')
            HANA_TRY(hana_sql_over(w, node, err));
        else if (*text == '%' && node->n_args == 0)
            hana_text_putc(w->out, '*');
        else if (*text == '%')
            HANA_TRY(hana_sql_emit(w, node->args[0], HANA_SQL_OWN, HANA_SQL_ATOM, err));
        else if (*text != '-')
            hana_text_putc(w->out, *text);
    }
    return HANA_OK;
}

/* Between two infinities PostgreSQL would compute inf - inf: that ends the query. */
static hana_status put_quantile(hana_sql_writer *w, const hana_expr_node *node,
                                hana_error *err)
{
    double p = 0.5;
    hana_type type;
    char digits[HANA_NUMBER_SIZE];
    HANA_TRY(hana_sql_type_of(&type, w, node->args[0], err));
    if (node->n_args > 1) hana_sql_number(node->args[1], &p);
    if (!w->context->aggregates)
        return hana_sql_refuse(w, node, err, "PostgreSQL has no %s beside rows",
                               node->name);
    hana_print_double(digits, p, 1);
    if (type == HANA_FLOAT)
        HANA_TRY(fill(w, node,
                      "CASE WHEN bool_or($1 = 'NaN') THEN 'NaN'::float8 WHEN "
                      "bool_or(abs($1) = 'Infinity') THEN 1 / (count(*) * 0) ELSE ",
                      &type, err));
    hana_text_printf(w->out, "percentile_cont(%s) WITHIN GROUP (ORDER BY ", digits);
    HANA_TRY(hana_sql_emit(w, node->args[0], HANA_FLOAT, HANA_SQL_ANY_LEVEL, err));
    hana_text_puts(w->out, type == HANA_FLOAT ? ") END" : ")");
    return HANA_OK;
}

hana_status hana_postgres_aggregate(hana_sql_writer *w, const hana_expr_node *node,
                                    int level, hana_error *err)
{
    static const hana_type floats[2] = { HANA_FLOAT, HANA_FLOAT };
    hana_type type = HANA_SQL_OWN;
    (void)level;
    if (node->n_args) HANA_TRY(hana_sql_type_of(&type, w, node->args[0], err));
    if (strcmp(node->name, "median") == 0 || strcmp(node->name, "quantile") == 0)
        return put_quantile(w, node, err);
    if (strcmp(node->name, "corr") == 0) {
        HANA_TRY(fill(w, node, "corr($1, $2)", floats, err));
        return hana_sql_over(w, node, err);
    }
    if (strcmp(node->name, "first") == 0 || strcmp(node->name, "last") == 0)
        return hana_sql_refuse_order(w, node, err);
    for (size_t k = 0; k < N_AGGREGATES; k++)
        if (strcmp(aggregates[k].name, node->name) == 0 &&
            (aggregates[k].type == HANA_SQL_OWN || aggregates[k].type == type))
            return put_aggregate(w, node, aggregates[k].text, err);
    return hana_sql_refuse(w, node, err, "%s is not translated for PostgreSQL",
                           node->name);
}
