#include "deploy/c_code.h"

#include "base/text.h"

#include <math.h>
#include <string.h>

void hana_c_values_clear(hana_c_values *values)
{
    for (size_t i = 0; i < values->n; i++) hana_free(values->items[i].name);
    hana_free(values->items);
    *values = (hana_c_values){ 0 };
}

const hana_c_value *hana_c_value_find(const hana_c_values *values, const char *name)
{
    for (size_t i = values->n; i > 0; i--)
        if (strcmp(values->items[i - 1].name, name) == 0) return &values->items[i - 1];
    return NULL;
}

hana_status hana_c_value_add(const hana_c_value **out, hana_c_values *values,
                             const char *name, int is_text, hana_error *err)
{
    char *copy = hana_strdup(name);
    hana_c_value *items =
        copy ? hana_realloc(values->items, values->n + 1, sizeof *items) : NULL;
    if (!items) {
        hana_free(copy);
        return hana_fail_memory(err);
    }
    values->items = items;
    items[values->n] =
        (hana_c_value){ .name = copy,
                        .is_text = is_text,
                        .slot = is_text ? values->texts++ : values->numbers++ };
    *out = &items[values->n++];
    return HANA_OK;
}

void hana_c_string(hana_text *out, const char *text, size_t length)
{
    hana_text_putc(out, '"');
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\')
            hana_text_printf(out, "\\%c", c);
        else if (c < 0x20 || c == 0x7F || c == '?')
            hana_text_printf(out, "\\%03o", c); /* '?' too: no trigraphs */
        else
            hana_text_putc(out, (char)c);
    }
    hana_text_putc(out, '"');
}

void hana_c_number(hana_text *out, double value)
{
    char text[HANA_NUMBER_SIZE];
    if (isnan(value)) {
        hana_text_puts(out, "NAN");
    } else if (isinf(value)) {
        hana_text_puts(out, value > 0 ? "INFINITY" : "-INFINITY");
    } else {
        hana_print_double(text, value, 1);
        hana_text_puts(out, text);
    }
}

const char *const hana_c_prelude =
    "static double h_bool(double a, double b, int is) { return isnan(a) || isnan(b) ? "
    "NAN : is; }\n"
    "static double h_lt(double a, double b) { return h_bool(a, b, a < b); }\n"
    "static double h_le(double a, double b) { return h_bool(a, b, a <= b); }\n"
    "static double h_eq(double a, double b) { return h_bool(a, b, a == b); }\n"
    "static double h_ne(double a, double b) { return h_bool(a, b, a != b); }\n"
    "static double h_not(double a) { return isnan(a) ? NAN : a == 0; }\n"
    "static double h_and(double a, double b)\n"
    "{\n    return a == 0 || b == 0 ? 0 : isnan(a) || isnan(b) ? NAN : 1;\n}\n"
    "static double h_or(double a, double b)\n"
    "{\n    return (!isnan(a) && a != 0) || (!isnan(b) && b != 0) ? 1\n"
    "         : isnan(a) || isnan(b)                             ? NAN : 0;\n}\n"
    "static double h_if(double c, double a, double b) { return isnan(c) ? NAN : c != 0 ? "
    "a : b; }\n"
    "static double h_case(double c, double a, double b)\n"
    "{\n    return !isnan(c) && c != 0 ? a : b;\n}\n"
    "static double h_first(double a, double b) { return isnan(a) ? b : a; }\n"
    "static double h_min(double a, double b) { return h_bool(a, b, 1) == 1 ? (a < b ? a "
    ": b) : NAN; }\n"
    "static double h_max(double a, double b) { return h_bool(a, b, 1) == 1 ? (a > b ? a "
    ": b) : NAN; }\n"
    "static double h_sign(double a) { return isnan(a) ? NAN : (a > 0) - (a < 0); }\n"
    "static double h_mod(double a, double b)\n"
    "{\n    double m = fmod(a, b);\n    return (m > 0 ? b < 0 : m < 0 && b > 0) ? m + b "
    ": m;\n}\n"
    "static double h_pow(double a, double b)\n"
    "{\n    return isnan(a) || isnan(b) ? NAN : b == 2 ? a * a : pow(a, b);\n}\n"
    "static double h_round(double a, double digits)\n"
    "{\n    double power = pow(10, fabs(digits)), scaled, low, high;\n"
    "    if (digits == 0) return round(a);\n"
    "    scaled = digits > 0 ? a * power : a / power;\n"
    "    if (isnan(scaled) || fabs(scaled) >= 4503599627370496.0) return a;\n"
    "    low = digits > 0 ? floor(scaled) / power : floor(scaled) * power;\n"
    "    high = digits > 0 ? ceil(scaled) / power : ceil(scaled) * power;\n"
    "    if (a - low == high - a) return a < 0 ? low : high;\n"
    "    return a - low < high - a ? low : high;\n}\n"
    "static double h_same(const char *a, const char *b)\n"
    "{\n    return !a || !b ? NAN : strcmp(a, b) == 0;\n}\n";

/* What is being written, so that refusals can name the part. */
static hana_status refuse(const char *what, hana_error *err)
{
    return hana_fail(err, HANA_UNSUPPORTED, "'%s' cannot be written in C", what);
}

static int is_text(const hana_expr_node *node, const hana_c_values *values)
{
    if (node->kind == HANA_EXPR_LITERAL) return node->value.kind == HANA_VALUE_STRING;
    if (node->kind != HANA_EXPR_COLUMN) return 0;
    const hana_c_value *value = hana_c_value_find(values, node->name);
    return value && value->is_text;
}

static hana_status write_text(hana_text *out, const hana_expr_node *node,
                              const hana_c_values *values, hana_error *err)
{
    if (node->kind == HANA_EXPR_LITERAL) {
        if (node->value.kind != HANA_VALUE_STRING)
            return refuse("text against a number", err);
        hana_c_string(out, node->value.as.string.data, node->value.as.string.length);
        return HANA_OK;
    }
    if (node->kind != HANA_EXPR_COLUMN)
        return refuse(node->name ? node->name : "a text", err);
    const hana_c_value *value = hana_c_value_find(values, node->name);
    if (!value || !value->is_text) return refuse(node->name, err);
    hana_text_printf(out, "t[%zu]", value->slot);
    return HANA_OK;
}

/* name(args...) with the arguments as numbers. */
static hana_status call(hana_text *out, const char *name, hana_expr_node *const *args,
                        size_t n, const hana_c_values *values, hana_error *err)
{
    hana_text_printf(out, "%s(", name);
    for (size_t i = 0; i < n; i++) {
        if (i) hana_text_puts(out, ", ");
        HANA_TRY(hana_c_expression(out, args[i], values, err));
    }
    hana_text_puts(out, ")");
    return HANA_OK;
}

/* f(a, f(b, c)): functions of two arguments over a list. */
static hana_status fold(hana_text *out, const char *name, hana_expr_node *const *args,
                        size_t n, const hana_c_values *values, hana_error *err)
{
    for (size_t i = 0; i + 1 < n; i++) {
        hana_text_printf(out, "%s(", name);
        HANA_TRY(hana_c_expression(out, args[i], values, err));
        hana_text_puts(out, ", ");
    }
    HANA_TRY(hana_c_expression(out, args[n - 1], values, err));
    for (size_t i = 0; i + 1 < n; i++) hana_text_puts(out, ")");
    return HANA_OK;
}

static hana_status compare_text(hana_text *out, const hana_expr_node *node,
                                const hana_c_values *values, hana_error *err)
{
    if (node->op != HANA_OP_EQ && node->op != HANA_OP_NE)
        return refuse("an order of texts", err);
    hana_text_puts(out, node->op == HANA_OP_NE ? "h_not(h_same(" : "h_same(");
    HANA_TRY(write_text(out, node->args[0], values, err));
    hana_text_puts(out, ", ");
    HANA_TRY(write_text(out, node->args[1], values, err));
    hana_text_puts(out, node->op == HANA_OP_NE ? "))" : ")");
    return HANA_OK;
}

static hana_status binary(hana_text *out, const hana_expr_node *node,
                          const hana_c_values *values, hana_error *err)
{
    hana_expr_node *swapped[2] = { node->args[1], node->args[0] };
    if (is_text(node->args[0], values) || is_text(node->args[1], values))
        return compare_text(out, node, values, err);
    switch (node->op) {
    case HANA_OP_LT:
        return call(out, "h_lt", node->args, 2, values, err);
    case HANA_OP_LE:
        return call(out, "h_le", node->args, 2, values, err);
    case HANA_OP_GT:
        return call(out, "h_lt", swapped, 2, values, err);
    case HANA_OP_GE:
        return call(out, "h_le", swapped, 2, values, err);
    case HANA_OP_EQ:
        return call(out, "h_eq", node->args, 2, values, err);
    case HANA_OP_NE:
        return call(out, "h_ne", node->args, 2, values, err);
    case HANA_OP_AND:
        return call(out, "h_and", node->args, 2, values, err);
    case HANA_OP_OR:
        return call(out, "h_or", node->args, 2, values, err);
    case HANA_OP_MOD:
        return call(out, "h_mod", node->args, 2, values, err);
    case HANA_OP_POW:
        return call(out, "h_pow", node->args, 2, values, err);
    default:
        break;
    }
    const char *sign = node->op == HANA_OP_ADD                               ? " + "
                       : node->op == HANA_OP_SUB                             ? " - "
                       : node->op == HANA_OP_MUL                             ? " * "
                       : node->op == HANA_OP_DIV || node->op == HANA_OP_IDIV ? " / "
                                                                             : NULL;
    if (!sign) return refuse("..", err);
    hana_text_puts(out, node->op == HANA_OP_IDIV ? "floor(" : "(");
    HANA_TRY(hana_c_expression(out, node->args[0], values, err));
    hana_text_puts(out, sign);
    HANA_TRY(hana_c_expression(out, node->args[1], values, err));
    hana_text_puts(out, ")");
    return HANA_OK;
}

static hana_status is_in(hana_text *out, const hana_expr_node *node,
                         const hana_c_values *values, hana_error *err)
{
    const hana_expr_node *list = node->args[1];
    int text = is_text(node->args[0], values);
    if (list->n_args == 0) return refuse("is_in an empty list", err);
    for (size_t i = 0; i < list->n_args; i++) {
        if (i + 1 < list->n_args) hana_text_puts(out, "h_or(");
        hana_text_puts(out, text ? "h_same(" : "h_eq(");
        HANA_TRY(text ? write_text(out, node->args[0], values, err)
                      : hana_c_expression(out, node->args[0], values, err));
        hana_text_puts(out, ", ");
        HANA_TRY(text ? write_text(out, list->args[i], values, err)
                      : hana_c_expression(out, list->args[i], values, err));
        hana_text_puts(out, i + 1 < list->n_args ? "), " : ")");
    }
    for (size_t i = 0; i + 1 < list->n_args; i++) hana_text_puts(out, ")");
    return HANA_OK;
}

static hana_status case_when(hana_text *out, const hana_expr_node *node,
                             const hana_c_values *values, hana_error *err)
{
    size_t n = node->n_args, open = 0;
    for (size_t i = 0; i + 1 < n; i += 2, open++) {
        hana_text_puts(out, "h_case(");
        HANA_TRY(hana_c_expression(out, node->args[i], values, err));
        hana_text_puts(out, ", ");
        HANA_TRY(hana_c_expression(out, node->args[i + 1], values, err));
        hana_text_puts(out, ", ");
    }
    if (n % 2)
        HANA_TRY(hana_c_expression(out, node->args[n - 1], values, err));
    else
        hana_text_puts(out, "NAN");
    for (size_t i = 0; i < open; i++) hana_text_puts(out, ")");
    return HANA_OK;
}

static int is_nil(const hana_expr_node *node)
{
    return node->kind == HANA_EXPR_LITERAL && node->value.kind == HANA_VALUE_NULL;
}

/* A limit that is nil is none. */
static hana_status clip(hana_text *out, hana_expr_node *const *args,
                        const hana_c_values *values, hana_error *err)
{
    int low = !is_nil(args[1]), high = !is_nil(args[2]);
    if (high) hana_text_puts(out, "h_min(");
    if (low) hana_text_puts(out, "h_max(");
    HANA_TRY(hana_c_expression(out, args[0], values, err));
    for (int k = 1; k <= 2; k++) {
        if (is_nil(args[k])) continue;
        hana_text_puts(out, ", ");
        HANA_TRY(hana_c_expression(out, args[k], values, err));
        hana_text_puts(out, ")");
    }
    return HANA_OK;
}

static hana_status function(hana_text *out, const hana_expr_node *node,
                            const hana_c_values *values, hana_error *err)
{
    static const char *const plain[][2] = { { "abs", "fabs" },    { "sqrt", "sqrt" },
                                            { "exp", "exp" },     { "log", "log" },
                                            { "log10", "log10" }, { "log1p", "log1p" },
                                            { "floor", "floor" }, { "ceil", "ceil" },
                                            { "pow", "h_pow" },   { "sign", "h_sign" },
                                            { "if_else", "h_if" } };
    const char *name = node->name;
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
        if (strcmp(name, plain[i][0]) == 0)
            return call(out, plain[i][1], node->args, node->n_args, values, err);
    if (strcmp(name, "least") == 0)
        return fold(out, "h_min", node->args, node->n_args, values, err);
    if (strcmp(name, "greatest") == 0)
        return fold(out, "h_max", node->args, node->n_args, values, err);
    if (strcmp(name, "coalesce") == 0)
        return fold(out, "h_first", node->args, node->n_args, values, err);
    if (strcmp(name, "case_when") == 0) return case_when(out, node, values, err);
    if (strcmp(name, "is_in") == 0) return is_in(out, node, values, err);
    if (strcmp(name, "float") == 0 && !is_text(node->args[0], values))
        return hana_c_expression(out, node->args[0], values, err);
    if (strcmp(name, "int") == 0 && !is_text(node->args[0], values))
        return call(out, "trunc", node->args, 1, values, err);
    if (strcmp(name, "round") == 0) {
        hana_text_puts(out, "h_round(");
        HANA_TRY(hana_c_expression(out, node->args[0], values, err));
        hana_text_puts(out, ", ");
        if (node->n_args > 1)
            HANA_TRY(hana_c_expression(out, node->args[1], values, err));
        else
            hana_text_puts(out, "0");
        hana_text_puts(out, ")");
        return HANA_OK;
    }
    if (strcmp(name, "is_null") == 0) {
        int text = is_text(node->args[0], values);
        hana_text_puts(out, text ? "(" : "(double)isnan(");
        HANA_TRY(text ? write_text(out, node->args[0], values, err)
                      : hana_c_expression(out, node->args[0], values, err));
        hana_text_puts(out, text ? " == NULL)" : ")");
        return HANA_OK;
    }
    if (strcmp(name, "between") == 0) {
        hana_expr_node *low[2] = { node->args[1], node->args[0] };
        hana_expr_node *high[2] = { node->args[0], node->args[2] };
        hana_text_puts(out, "h_and(");
        HANA_TRY(call(out, "h_le", low, 2, values, err));
        hana_text_puts(out, ", ");
        HANA_TRY(call(out, "h_le", high, 2, values, err));
        hana_text_puts(out, ")");
        return HANA_OK;
    }
    if (strcmp(name, "clip") == 0) return clip(out, node->args, values, err);
    return refuse(name, err);
}

hana_status hana_c_expression(hana_text *out, const hana_expr_node *node,
                              const hana_c_values *values, hana_error *err)
{
    double number;
    switch (node->kind) {
    case HANA_EXPR_LITERAL:
        if (node->value.kind == HANA_VALUE_NULL) {
            hana_text_puts(out, "NAN");
        } else if (node->value.kind == HANA_VALUE_BOOL) {
            hana_text_puts(out, node->value.as.boolean ? "1.0" : "0.0");
        } else if (hana_value_as_number(&node->value, &number)) {
            hana_c_number(out, number);
        } else {
            return refuse("a text as a result", err);
        }
        return HANA_OK;
    case HANA_EXPR_COLUMN: {
        const hana_c_value *value = hana_c_value_find(values, node->name);
        if (!value || value->is_text) return refuse(node->name, err);
        hana_text_printf(out, "v[%zu]", value->slot);
        return HANA_OK;
    }
    case HANA_EXPR_UNARY:
        if (node->op == HANA_OP_NOT)
            return call(out, "h_not", node->args, 1, values, err);
        if (node->op != HANA_OP_NEG) return refuse("#", err);
        return call(out, "-", node->args, 1, values, err);
    case HANA_EXPR_BINARY:
        return binary(out, node, values, err);
    case HANA_EXPR_CALL:
        return function(out, node, values, err);
    case HANA_EXPR_PARAM:
    case HANA_EXPR_LIST:
        break;
    }
    return refuse(node->name ? node->name : "a list", err);
}
