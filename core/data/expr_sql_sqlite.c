#include "data/expr_sql_parts.h"

#include "data/expr_parts.h"
#include "data/expr_write.h"

#include <math.h>
#include <string.h>

/* SQLite has few operators that mean what hana's mean: integers that overflow turn into
   floats, NaN turns into null, % and division round towards 0, case is ASCII's. What it
   has is written as it stands; all else is one call of hana's own engine, which the
   connection is given. */

/* --- by hana's own engine ---------------------------------------------------------- */

typedef struct leaves {
    const hana_expr_node **nodes;
    size_t n;
} leaves;

static int same_column(const hana_expr_node *a, const hana_expr_node *b)
{
    return a->kind == HANA_EXPR_COLUMN && b->kind == HANA_EXPR_COLUMN &&
           strcmp(a->name, b->name) == 0;
}

/* The copy of a node becomes a name that says its type and place: s1, f2. */
static hana_status become_leaf(hana_sql_writer *w, hana_expr_node *copy,
                               const hana_expr_node *node, size_t k, hana_error *err)
{
    static const char letters[HANA_N_TYPES] = {
        [HANA_FLOAT] = 'f',  [HANA_INT] = 'i',  [HANA_BOOL] = 'b',
        [HANA_STRING] = 's', [HANA_DATE] = 'd', [HANA_DATETIME] = 't'
    };
    hana_term *term;
    hana_text name = { 0 };
    HANA_TRY(hana_check(&term, &w->program, node, err));
    if (!letters[term->type] || term->untyped ||
        (term->type == HANA_DATETIME && strcmp(term->zone, "UTC") != 0))
        return hana_sql_refuse(w, node, err, "this is no value that SQLite holds");
    hana_text_printf(&name, "%c%zu", letters[term->type], k);
    if (name.failed) return hana_fail_memory(err);
    hana_free(copy->name);
    copy->name = name.data;
    copy->kind = HANA_EXPR_COLUMN;
    for (size_t i = 0; i < copy->n_args; i++) hana_expr_node_free(copy->args[i]);
    copy->n_args = 0;
    return HANA_OK;
}

/* Columns and aggregates below the node become leaves. */
static hana_status name_leaves(hana_sql_writer *w, hana_expr_node *copy,
                               const hana_expr_node *node, leaves *l, hana_error *err)
{
    if (hana_sql_is_window(node)) return hana_sql_refuse_order(w, node, err);
    if (node->kind != HANA_EXPR_COLUMN && !hana_sql_is_aggregate(node)) {
        for (size_t i = 0; i < node->n_args; i++)
            HANA_TRY(name_leaves(w, copy->args[i], node->args[i], l, err));
        return HANA_OK;
    }
    size_t k = 0;
    while (k < l->n && !same_column(l->nodes[k], node)) k++;
    if (k == l->n) {
        const hana_expr_node **nodes =
            hana_realloc(l->nodes, l->n + 1, sizeof(const hana_expr_node *));
        if (!nodes) return hana_fail_memory(err);
        l->nodes = nodes;
        l->nodes[l->n++] = node;
    }
    return become_leaf(w, copy, node, k + 1, err);
}

/* A text that is plain stands in the statement, so that it can be read. */
static void put_program(hana_sql_writer *w, const hana_text *text)
{
    int plain = text->length < 200;
    for (size_t i = 0; i < text->length; i++)
        plain &= text->data[i] >= ' ' && text->data[i] < 0x7F && text->data[i] != '\'';
    if (plain)
        hana_sql_quote(w->out, text->data, text->length);
    else
        hana_sql_param(w, text->data, text->length);
}

/* hana('lower(s1)', "name"). */
static hana_status put_by_hana(hana_sql_writer *w, const char *function,
                               const hana_expr_node *copy, const leaves *l,
                               hana_error *err)
{
    hana_text text = { 0 };
    hana_status status = hana_expr_write(&text, copy, err);
    hana_text_printf(w->out, "%s(", function);
    if (status == HANA_OK) put_program(w, &text);
    hana_text_clear(&text);
    for (size_t k = 0; k < l->n && status == HANA_OK; k++) {
        hana_text_puts(w->out, ", ");
        status = hana_sql_emit(w, l->nodes[k], HANA_SQL_OWN, HANA_SQL_ANY_LEVEL, err);
    }
    hana_text_putc(w->out, ')');
    return status;
}

hana_status hana_sqlite_by_hana(hana_sql_writer *w, const hana_expr_node *node,
                                hana_error *err)
{
    hana_expr_node *copy;
    leaves l = { 0 };
    HANA_TRY(hana_expr_node_copy(&copy, node, err));
    hana_status status = name_leaves(w, copy, node, &l, err);
    if (status == HANA_OK) status = put_by_hana(w, "hana", copy, &l, err);
    hana_expr_node_free(copy);
    hana_free(l.nodes);
    return status;
}

/* --- operators --------------------------------------------------------------------- */

static const char *const signs[HANA_N_OPS] = {
    [HANA_OP_LT] = " < ",  [HANA_OP_LE] = " <= ", [HANA_OP_GT] = " > ",
    [HANA_OP_GE] = " >= ", [HANA_OP_EQ] = " = ",  [HANA_OP_NE] = " <> ",
    [HANA_OP_ADD] = " + ", [HANA_OP_SUB] = " - ", [HANA_OP_MUL] = " * ",
    [HANA_OP_DIV] = " / ", [HANA_OP_MOD] = " % ",
};

static hana_status put_pair(hana_sql_writer *w, const hana_expr_node *node, hana_type a,
                            hana_type b, int mine, int level, hana_error *err)
{
    int opened = hana_sql_open(w, mine, level);
    int operand = mine == HANA_SQL_COMPARE ? HANA_SQL_SUM : mine;
    HANA_TRY(hana_sql_emit(w, node->args[0], a, operand, err));
    hana_text_puts(w->out, signs[node->op]);
    HANA_TRY(
        hana_sql_emit(w, node->args[1], b, operand + (mine != HANA_SQL_COMPARE), err));
    hana_sql_close(w, opened);
    return HANA_OK;
}

static int is_number(hana_type type)
{
    return type == HANA_INT || type == HANA_FLOAT;
}

static hana_status put_compare(hana_sql_writer *w, const hana_expr_node *node, int level,
                               hana_error *err)
{
    hana_type a, b;
    HANA_TRY(hana_sql_type_of(&a, w, node->args[0], err));
    HANA_TRY(hana_sql_type_of(&b, w, node->args[1], err));
    if (!is_number(a) || !is_number(b)) {
        HANA_TRY(hana_sql_common(&a, w, node, 0, 1, err));
        b = a;
    }
    if (a == HANA_CATEGORY) return hana_sqlite_by_hana(w, node, err);
    /* SQLite compares an integer with a float by their exact values, as hana does. */
    return put_pair(w, node, a, b, HANA_SQL_COMPARE, level, err);
}

static int is_int_sum(hana_sql_writer *w, const hana_expr_node *node)
{
    hana_type type;
    if (hana_sql_is_constant(node)) return 0;
    int sum =
        node->kind == HANA_EXPR_BINARY &&
        (node->op == HANA_OP_ADD || node->op == HANA_OP_SUB || node->op == HANA_OP_MUL);
    int sign = node->kind == HANA_EXPR_UNARY && node->op == HANA_OP_NEG;
    if (!sum && !sign) return 0;
    return hana_sql_type_of(&type, w, node, NULL) == HANA_OK && type == HANA_INT;
}

/* Sums and products of integers: one that overflows is a float from there on, so that
   one look at the end (hana_int) finds it. */
static hana_status put_int_sum(hana_sql_writer *w, const hana_expr_node *node, int level,
                               hana_error *err)
{
    if (!is_int_sum(w, node)) return hana_sql_emit(w, node, HANA_INT, level, err);
    if (node->kind == HANA_EXPR_UNARY) {
        int opened = hana_sql_open(w, HANA_SQL_SIGN, level);
        hana_text_putc(w->out, '-');
        HANA_TRY(put_int_sum(w, node->args[0], HANA_SQL_ATOM, err));
        hana_sql_close(w, opened);
        return HANA_OK;
    }
    hana_type a, b;
    HANA_TRY(hana_sql_type_of(&a, w, node->args[0], err));
    HANA_TRY(hana_sql_type_of(&b, w, node->args[1], err));
    /* date - date is an int, but no sum of ints */
    if ((!is_number(a) && a != HANA_SQL_OWN) || (!is_number(b) && b != HANA_SQL_OWN))
        return hana_sqlite_by_hana(w, node, err);
    int mine = node->op == HANA_OP_MUL ? HANA_SQL_PRODUCT : HANA_SQL_SUM;
    int opened = hana_sql_open(w, mine, level);
    HANA_TRY(put_int_sum(w, node->args[0], mine, err));
    hana_text_puts(w->out, signs[node->op]);
    HANA_TRY(put_int_sum(w, node->args[1], mine + 1, err));
    hana_sql_close(w, opened);
    return HANA_OK;
}

static int is_finite(hana_sql_writer *w, const hana_expr_node *node)
{
    double number;
    hana_type type;
    if (hana_sql_number(node, &number)) return isfinite(number);
    return hana_sql_type_of(&type, w, node, NULL) == HANA_OK && type == HANA_INT;
}

static int is_factor(const hana_expr_node *node)
{
    double number;
    return hana_sql_number(node, &number) && isfinite(number) && number != 0;
}

/* Whether floats that are none cannot come of it: SQLite would make them null. */
static int cannot_be_nan(hana_sql_writer *w, const hana_expr_node *node)
{
    const hana_expr_node *a = node->args[0], *b = node->args[1];
    switch (node->op) {
    case HANA_OP_ADD:
    case HANA_OP_SUB:
        return is_finite(w, a) || is_finite(w, b);
    case HANA_OP_MUL:
        return is_factor(a) || is_factor(b) || (is_finite(w, a) && is_finite(w, b));
    case HANA_OP_DIV:
        return is_factor(b);
    default:
        return 0;
    }
}

/* a % b for an integer b written out: SQLite's remainder has the sign of a. */
static hana_status put_remainder(hana_sql_writer *w, const hana_expr_node *node,
                                 long long by, int level, hana_error *err)
{
    int opened = hana_sql_open(w, HANA_SQL_PRODUCT, level);
    hana_text_putc(w->out, '(');
    HANA_TRY(hana_sql_emit(w, node->args[0], HANA_INT, HANA_SQL_PRODUCT, err));
    hana_text_printf(w->out, " %% %lld + %lld) %% %lld", by, by, by);
    hana_sql_close(w, opened);
    return HANA_OK;
}

static hana_status put_arithmetic(hana_sql_writer *w, const hana_expr_node *node,
                                  int level, hana_error *err)
{
    hana_type type, a, b;
    HANA_TRY(hana_sql_type_of(&type, w, node, err));
    HANA_TRY(hana_sql_type_of(&a, w, node->args[0], err));
    HANA_TRY(hana_sql_type_of(&b, w, node->args[1], err));
    if (!is_number(a) || !is_number(b)) return hana_sqlite_by_hana(w, node, err);
    if (type == HANA_INT && is_int_sum(w, node)) {
        hana_text_puts(w->out, "hana_int(");
        HANA_TRY(put_int_sum(w, node, HANA_SQL_ANY_LEVEL, err));
        hana_text_putc(w->out, ')');
        return HANA_OK;
    }
    double by;
    if (type == HANA_INT && node->op == HANA_OP_MOD &&
        hana_sql_number(node->args[1], &by) && by > 0 && by < 0x1p53)
        return put_remainder(w, node, (long long)by, level, err);
    if (type == HANA_FLOAT && cannot_be_nan(w, node)) {
        int sum = node->op == HANA_OP_ADD || node->op == HANA_OP_SUB;
        return put_pair(w, node, HANA_FLOAT, HANA_FLOAT,
                        sum ? HANA_SQL_SUM : HANA_SQL_PRODUCT, level, err);
    }
    return hana_sqlite_by_hana(w, node, err);
}

hana_status hana_sqlite_operator(hana_sql_writer *w, const hana_expr_node *node,
                                 int level, hana_error *err)
{
    hana_type type;
    switch (node->op) {
    case HANA_OP_LT:
    case HANA_OP_LE:
    case HANA_OP_GT:
    case HANA_OP_GE:
    case HANA_OP_EQ:
    case HANA_OP_NE:
        return put_compare(w, node, level, err);
    case HANA_OP_CONCAT: {
        hana_type a, b;
        HANA_TRY(hana_sql_type_of(&a, w, node->args[0], err));
        HANA_TRY(hana_sql_type_of(&b, w, node->args[1], err));
        if (a != HANA_STRING || b != HANA_STRING) break;
        int opened = hana_sql_open(w, HANA_SQL_JOIN, level);
        HANA_TRY(hana_sql_emit(w, node->args[0], a, HANA_SQL_ATOM, err));
        hana_text_puts(w->out, " || ");
        HANA_TRY(hana_sql_emit(w, node->args[1], b, HANA_SQL_JOIN, err));
        hana_sql_close(w, opened);
        return HANA_OK;
    }
    case HANA_OP_NEG:
        HANA_TRY(hana_sql_type_of(&type, w, node, err));
        if (type == HANA_INT) {
            hana_text_puts(w->out, "hana_int(");
            HANA_TRY(put_int_sum(w, node, HANA_SQL_ANY_LEVEL, err));
            hana_text_putc(w->out, ')');
            return HANA_OK;
        }
        int opened = hana_sql_open(w, HANA_SQL_SIGN, level);
        hana_text_putc(w->out, '-');
        HANA_TRY(hana_sql_emit(w, node->args[0], type, HANA_SQL_ATOM, err));
        hana_sql_close(w, opened);
        return HANA_OK;
    case HANA_OP_LEN:
        break;
    default:
        return put_arithmetic(w, node, level, err);
    }
    return hana_sqlite_by_hana(w, node, err);
}

hana_status hana_sqlite_function(hana_sql_writer *w, const hana_expr_node *node,
                                 int level, hana_error *err)
{
    hana_type type;
    if (strcmp(node->name, "float") == 0 || strcmp(node->name, "int") == 0) {
        HANA_TRY(hana_sql_type_of(&type, w, node->args[0], err));
        int to_float = *node->name == 'f';
        if (type == (to_float ? HANA_FLOAT : HANA_INT) ||
            (type == HANA_BOOL && !to_float))
            return hana_sql_emit(w, node->args[0], type, level, err);
        if (type == HANA_INT)
            return hana_sql_emit(w, node->args[0], HANA_FLOAT, level, err);
    }
    return hana_sqlite_by_hana(w, node, err);
}

/* --- aggregates -------------------------------------------------------------------- */

/* As SQLite has it, or one of hana's that keeps sums and not values. */
static const struct {
    const char *name, *text, *floats;
    int beside_rows; /* SQLite can put a window behind it */
} aggregates[] = {
    { "count", "count(%)", NULL, 1 },
    { "sum", "coalesce(sum(%)@, 0)", "hana_sum(%)", 1 },
    { "mean", "hana_mean(%)", NULL, 1 },
    { "var", "hana_var(%)", NULL, 1 },
    { "sd", "hana_sd(%)", NULL, 1 },
    { "min", "min(%)", NULL, 1 },
    { "max", "max(%)", NULL, 1 },
    { "any", "coalesce(max(%)@, 0)", NULL, 1 },
    { "all", "coalesce(min(%)@, 1)", NULL, 1 },
    { "n_unique", "count(DISTINCT %)", NULL, 0 },
};
enum { N_AGGREGATES = sizeof aggregates / sizeof *aggregates };

static hana_status put_aggregate(hana_sql_writer *w, const hana_expr_node *node,
                                 const char *text, hana_error *err)
{
    int windowed = strchr(text, '@') != NULL;
    for (; *text; text++) {
        if (*text == '@')
            HANA_TRY(hana_sql_over(w, node, err));
        else if (*text != '%')
            hana_text_putc(w->out, *text);
        else if (node->n_args == 0)
            hana_text_putc(w->out, '*');
        else
            HANA_TRY(
                hana_sql_emit(w, node->args[0], HANA_SQL_OWN, HANA_SQL_ANY_LEVEL, err));
    }
    return windowed ? HANA_OK : hana_sql_over(w, node, err);
}

/* All values at once, by hana's own engine: hana_all('quantile(f1, 0.9)', "price"). */
static hana_status put_all(hana_sql_writer *w, const hana_expr_node *node,
                           hana_error *err)
{
    hana_expr_node *copy;
    leaves l = { .nodes = hana_alloc(node->n_args + 1, sizeof(const hana_expr_node *)) };
    if (!l.nodes) return hana_fail_memory(err);
    hana_status status = hana_expr_node_copy(&copy, node, err);
    if (status != HANA_OK) {
        hana_free(l.nodes);
        return status;
    }
    for (size_t i = 0; i < node->n_args && status == HANA_OK; i++) {
        if (hana_sql_is_constant(node->args[i])) continue;
        l.nodes[l.n++] = node->args[i];
        status = become_leaf(w, copy->args[i], node->args[i], l.n, err);
    }
    if (status == HANA_OK) status = put_by_hana(w, "hana_all", copy, &l, err);
    if (status == HANA_OK) status = hana_sql_over(w, node, err);
    hana_expr_node_free(copy);
    hana_free(l.nodes);
    return status;
}

hana_status hana_sqlite_aggregate(hana_sql_writer *w, const hana_expr_node *node,
                                  int level, hana_error *err)
{
    (void)level;
    hana_type type = HANA_INT;
    if (strcmp(node->name, "first") == 0 || strcmp(node->name, "last") == 0)
        return hana_sql_refuse(w, node, err,
                               "%s needs the order of the rows, which a group in SQLite "
                               "has none of",
                               node->name);
    if (node->n_args) HANA_TRY(hana_sql_type_of(&type, w, node->args[0], err));
    for (size_t k = 0; k < N_AGGREGATES; k++) {
        if (strcmp(aggregates[k].name, node->name) != 0) continue;
        if (!w->context->aggregates && !aggregates[k].beside_rows) break;
        return put_aggregate(w, node,
                             type == HANA_FLOAT && aggregates[k].floats
                                 ? aggregates[k].floats
                                 : aggregates[k].text,
                             err);
    }
    return put_all(w, node, err);
}
