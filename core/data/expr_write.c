#include "data/expr_write.h"
#include "data/expr_parts.h"

#include "base/text.h"

#include <math.h>
#include <string.h>

/* An expression in its own language, with no more parentheses than it needs. */

static const char *const signs[HANA_N_OPS] = {
    [HANA_OP_OR] = " or ", [HANA_OP_AND] = " and ", [HANA_OP_LT] = " < ",
    [HANA_OP_LE] = " <= ", [HANA_OP_GT] = " > ",    [HANA_OP_GE] = " >= ",
    [HANA_OP_EQ] = " == ", [HANA_OP_NE] = " ~= ",   [HANA_OP_CONCAT] = " .. ",
    [HANA_OP_ADD] = " + ", [HANA_OP_SUB] = " - ",   [HANA_OP_MUL] = " * ",
    [HANA_OP_DIV] = " / ", [HANA_OP_IDIV] = " // ", [HANA_OP_MOD] = " % ",
    [HANA_OP_POW] = " ^ ", [HANA_OP_NEG] = "-",     [HANA_OP_NOT] = "not ",
    [HANA_OP_LEN] = "#"
};

enum { UNARY = 12, POWER = 14, ATOM = 20 };

static int binds(const hana_expr_node *node)
{
    if (node->kind == HANA_EXPR_UNARY) return UNARY;
    if (node->kind == HANA_EXPR_LITERAL) {
        const hana_value *v = &node->value;
        int negative = (v->kind == HANA_VALUE_INT && v->as.integer < 0) ||
                       (v->kind == HANA_VALUE_NUMBER &&
                        (signbit(v->as.number) || !isfinite(v->as.number)));
        return negative ? UNARY : ATOM;
    }
    if (node->kind != HANA_EXPR_BINARY) return ATOM;
    switch (node->op) {
    case HANA_OP_OR:
        return 1;
    case HANA_OP_AND:
        return 2;
    case HANA_OP_CONCAT:
        return 9;
    case HANA_OP_ADD:
    case HANA_OP_SUB:
        return 10;
    case HANA_OP_MUL:
    case HANA_OP_DIV:
    case HANA_OP_IDIV:
    case HANA_OP_MOD:
        return 11;
    case HANA_OP_POW:
        return POWER;
    default:
        return 3;
    }
}

static int is_plain_name(const char *name)
{
    static const char *const reserved[] = { "and", "or", "not", "true", "false", "nil" };
    for (size_t k = 0; k < sizeof reserved / sizeof *reserved; k++)
        if (strcmp(name, reserved[k]) == 0) return 0;
    size_t length = strlen(name);
    for (size_t at = 0, bytes = 1; at < length; at += bytes) {
        unsigned char c = (unsigned char)name[at];
        bytes = 1;
        if (c >= 0x80) {
            int32_t code = hana_utf8_decode(name + at, length - at, &bytes);
            if (code < 0 || !hana_utf8_is_letter(code)) return 0;
            continue;
        }
        int letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!letter && (at == 0 || c < '0' || c > '9')) return 0;
    }
    return length > 0;
}

static void write_name(hana_text *out, const char *name)
{
    if (is_plain_name(name) || strcmp(name, ".x") == 0) {
        hana_text_puts(out, name);
        return;
    }
    hana_text_putc(out, '`');
    for (const char *c = name; *c; c++) {
        if (*c == '`') hana_text_putc(out, '`');
        hana_text_putc(out, *c);
    }
    hana_text_putc(out, '`');
}

static void write_string(hana_text *out, const char *text, size_t length)
{
    hana_text_putc(out, '\'');
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '\'' || c == '\\')
            hana_text_printf(out, "\\%c", c);
        else if (c == '\n')
            hana_text_puts(out, "\\n");
        else if (c < 0x20 || c == 0x7F)
            hana_text_printf(out, "\\x%02x", c);
        else
            hana_text_putc(out, (char)c);
    }
    hana_text_putc(out, '\'');
}

static void write_number(hana_text *out, double number)
{
    char digits[HANA_NUMBER_SIZE];
    if (isnan(number))
        hana_text_puts(out, "(0.0 / 0.0)");
    else if (isinf(number))
        hana_text_puts(out, number > 0 ? "1e999" : "-1e999");
    else {
        hana_print_double(digits, number, 1);
        hana_text_puts(out, digits);
    }
}

static void write_value(hana_text *out, const hana_value *value)
{
    switch (value->kind) {
    case HANA_VALUE_BOOL:
        hana_text_puts(out, value->as.boolean ? "true" : "false");
        break;
    case HANA_VALUE_INT:
        if (value->as.integer == INT64_MIN)
            hana_text_puts(out, "0x8000000000000000");
        else
            hana_text_printf(out, "%lld", (long long)value->as.integer);
        break;
    case HANA_VALUE_NUMBER:
        write_number(out, value->as.number);
        break;
    case HANA_VALUE_STRING:
        write_string(out, value->as.string.data, value->as.string.length);
        break;
    default:
        hana_text_puts(out, "nil");
        break;
    }
}

static void write_node(hana_text *out, const hana_expr_node *node);

static void write_within(hana_text *out, const hana_expr_node *node, int least)
{
    int open = binds(node) < least;
    if (open) hana_text_putc(out, '(');
    write_node(out, node);
    if (open) hana_text_putc(out, ')');
}

static void write_args(hana_text *out, const hana_expr_node *node)
{
    for (size_t i = 0; i < node->n_args; i++) {
        if (i) hana_text_puts(out, ", ");
        write_node(out, node->args[i]);
    }
}

static void write_node(hana_text *out, const hana_expr_node *node)
{
    int level = binds(node);
    switch (node->kind) {
    case HANA_EXPR_LITERAL:
        write_value(out, &node->value);
        break;
    case HANA_EXPR_COLUMN:
        write_name(out, node->name);
        break;
    case HANA_EXPR_PARAM:
        hana_text_putc(out, '$');
        hana_text_puts(out, node->name);
        break;
    case HANA_EXPR_LIST:
        hana_text_puts(out, "{ ");
        write_args(out, node);
        hana_text_puts(out, " }");
        break;
    case HANA_EXPR_CALL:
        hana_text_puts(out, node->name);
        hana_text_putc(out, '(');
        write_args(out, node);
        hana_text_putc(out, ')');
        break;
    case HANA_EXPR_UNARY:
        hana_text_puts(out, signs[node->op]);
        /* "--" would begin a comment. */
        write_within(out, node->args[0],
                     node->op == HANA_OP_NEG && binds(node->args[0]) == UNARY ? ATOM
                                                                              : UNARY);
        break;
    case HANA_EXPR_BINARY: {
        int right_first = node->op == HANA_OP_POW || node->op == HANA_OP_CONCAT;
        write_within(out, node->args[0], right_first ? level + 1 : level);
        hana_text_puts(out, signs[node->op]);
        /* A unary operator needs no parentheses to the right of ^. */
        write_within(out, node->args[1],
                     node->op == HANA_OP_POW ? UNARY
                     : right_first           ? level
                                             : level + 1);
        break;
    }
    }
}

hana_status hana_expr_write(hana_text *out, const hana_expr_node *node, hana_error *err)
{
    write_node(out, node);
    return out->failed ? hana_fail_memory(err) : HANA_OK;
}

static hana_status rename_in(hana_expr_node *node, const char *from, const char *to,
                             hana_error *err)
{
    if (node->kind == HANA_EXPR_COLUMN && strcmp(node->name, from) == 0) {
        char *name = hana_strdup(to);
        if (!name) return hana_fail_memory(err);
        hana_free(node->name);
        node->name = name;
    }
    for (size_t i = 0; i < node->n_args; i++)
        HANA_TRY(rename_in(node->args[i], from, to, err));
    return HANA_OK;
}

hana_status hana_expr_rename(hana_expr **out, const hana_expr *expr, const char *from,
                             const char *to, hana_error *err)
{
    hana_expr_node *root;
    hana_text text = { 0 };
    HANA_TRY(hana_expr_node_copy(&root, expr->root, err));
    hana_status status = rename_in(root, from, to, err);
    if (status == HANA_OK) status = hana_expr_write(&text, root, err);
    hana_expr_node_free(root);
    /* Parsed again, so that carets stand right. */
    if (status == HANA_OK)
        status = hana_expr_parse(out, text.data, text.length, NULL, err);
    hana_text_clear(&text);
    return status;
}
