#include "data/expr_lex.h"
#include "data/expr_parts.h"
#include "data/expr_term.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

/* Operator precedence parsing with Lua's own table of left and right priorities
 * (lparser.c). */

enum { MAX_NESTING = 200, MAX_HEIGHT = 1000, UNARY_PRIORITY = 12 };

typedef struct parser {
    const char *text;
    size_t length;
    const hana_value *params;
    hana_token token; /* the one to be read next */
    int nesting;
} parser;

typedef struct part {
    hana_expr_node *node;
    int height;
} part;

static const struct {
    unsigned char left, right;
} priority[HANA_N_OPS] = {
    [HANA_OP_OR] = { 1, 1 },    [HANA_OP_AND] = { 2, 2 },    [HANA_OP_LT] = { 3, 3 },
    [HANA_OP_LE] = { 3, 3 },    [HANA_OP_GT] = { 3, 3 },     [HANA_OP_GE] = { 3, 3 },
    [HANA_OP_EQ] = { 3, 3 },    [HANA_OP_NE] = { 3, 3 },     [HANA_OP_CONCAT] = { 9, 8 },
    [HANA_OP_ADD] = { 10, 10 }, [HANA_OP_SUB] = { 10, 10 },  [HANA_OP_MUL] = { 11, 11 },
    [HANA_OP_DIV] = { 11, 11 }, [HANA_OP_IDIV] = { 11, 11 }, [HANA_OP_MOD] = { 11, 11 },
    [HANA_OP_POW] = { 14, 13 },
};

static hana_status parse_binary(part *out, parser *p, int limit, hana_error *err);

static hana_status fail_at(const parser *p, size_t from, size_t to, hana_error *err,
                           const char *message)
{
    return hana_expr_fail(p->text, p->length, from, to, err, HANA_BAD_FORMAT, "%s",
                          message);
}

static hana_status advance(parser *p, hana_error *err)
{
    size_t at = p->token.to;
    hana_token_clear(&p->token);
    p->token.from = p->token.to = at;
    return hana_token_read(&p->token, p->text, p->length, at, err);
}

/* "expected a value after '+', found ')'" */
static hana_status fail_unexpected(const parser *p, const char *expected, hana_error *err)
{
    const hana_token *t = &p->token;
    if (t->kind == HANA_TOKEN_END)
        return hana_expr_fail(p->text, p->length, t->from, t->from, err, HANA_BAD_FORMAT,
                              "expected %s, found the end of the expression", expected);
    size_t n = t->to - t->from;
    return hana_expr_fail(p->text, p->length, t->from, t->to, err, HANA_BAD_FORMAT,
                          "expected %s, found '%.*s'%s", expected, (int)(n < 40 ? n : 40),
                          p->text + t->from, n < 40 ? "" : "...");
}

static hana_status check_height(const parser *p, int height, hana_error *err)
{
    if (height <= MAX_HEIGHT) return HANA_OK;
    return hana_fail(
        err, HANA_BAD_FORMAT,
        "the expression has more than %d operators in a row or within each other "
        "(at byte %zu)",
        MAX_HEIGHT, p->token.from + 1);
}

static int takes_value(hana_value_kind kind)
{
    return kind <= HANA_VALUE_STRING;
}

/* A literal from a parameter. */
static hana_status literal_of(hana_expr_node **out, const parser *p, const hana_token *at,
                              const hana_value *value, hana_error *err)
{
    if (!takes_value(value->kind))
        return hana_expr_fail(
            p->text, p->length, at->from, at->to, err, HANA_BAD_TYPE,
            "parameter '$%s' is %s, expected a number, text, true, false or a "
            "list of them",
            at->name, hana_value_kind_name(value));
    if (value->kind == HANA_VALUE_STRING &&
        !hana_utf8_valid(value->as.string.data, value->as.string.length))
        return hana_expr_fail(p->text, p->length, at->from, at->to, err, HANA_BAD_DATA,
                              "parameter '$%s' is not UTF-8", at->name);
    hana_expr_node *node;
    HANA_TRY(hana_expr_node_new(&node, HANA_EXPR_LITERAL, at->from, at->to, err));
    hana_status status = hana_value_copy(&node->value, value, err);
    if (status != HANA_OK) {
        hana_expr_node_free(node);
        return status;
    }
    *out = node;
    return HANA_OK;
}

static hana_status parse_param(part *out, parser *p, hana_error *err)
{
    const hana_token *t = &p->token;
    const hana_value *value = p->params ? hana_value_get(p->params, t->name) : NULL;
    if (!value) {
        const hana_value_map *map =
            p->params && p->params->kind == HANA_VALUE_MAP ? p->params->as.map : NULL;
        const char *nearest =
            map ? hana_nearest(t->name, (const char *const *)map->keys, map->n) : NULL;
        return hana_expr_fail(p->text, p->length, t->from, t->to, err, HANA_NO_SUCH_NAME,
                              "parameter '$%s' was given no value%s%s%s", t->name,
                              nearest ? "; did you mean '$" : "", nearest ? nearest : "",
                              nearest ? "'?" : "");
    }
    hana_expr_node *node = NULL;
    if (value->kind != HANA_VALUE_LIST)
        HANA_TRY(literal_of(&node, p, t, value, err));
    else {
        HANA_TRY(hana_expr_node_new(&node, HANA_EXPR_LIST, t->from, t->to, err));
        const hana_value_list *list = value->as.list;
        hana_status status = HANA_OK;
        for (size_t i = 0; i < list->n && status == HANA_OK; i++) {
            hana_expr_node *item;
            status = literal_of(&item, p, t, &list->items[i], err);
            if (status == HANA_OK) status = hana_expr_node_push(node, item, err);
        }
        if (status != HANA_OK) {
            hana_expr_node_free(node);
            return status;
        }
    }
    *out = (part){ node, 1 };
    return HANA_OK;
}

static hana_status fail_unknown_function(const parser *p, const char *name, size_t from,
                                         size_t to, hana_error *err)
{
    const char *names[256];
    size_t n = 0;
    for (const hana_function_info *info = hana_expr_functions(); info->name && n < 256;
         info++)
        names[n++] = info->name;
    const char *nearest = hana_nearest(name, names, n);
    return hana_expr_fail(p->text, p->length, from, to, err, HANA_NO_SUCH_NAME,
                          "unknown function '%s'%s%s%s", name,
                          nearest ? "; did you mean '" : "", nearest ? nearest : "",
                          nearest ? "'?" : "");
}

static hana_status check_count(const parser *p, const hana_function *f,
                               const hana_expr_node *call, hana_error *err)
{
    size_t n = call->n_args;
    if (n >= (size_t)f->min && (f->max < 0 || n <= (size_t)f->max)) return HANA_OK;
    char wanted[40];
    const char *plural = f->min == 1 && f->max == 1 ? "" : "s";
    if (f->max < 0)
        snprintf(wanted, sizeof wanted, "at least %d", f->min);
    else if (f->min == f->max)
        snprintf(wanted, sizeof wanted, f->min ? "%d" : "no", f->min);
    else
        snprintf(wanted, sizeof wanted, "%d to %d", f->min, f->max);
    return hana_expr_fail(p->text, p->length, call->from, call->to, err,
                          HANA_BAD_ARGUMENT, "%s(%s) takes %s argument%s, got %zu",
                          f->info.name, f->info.arguments, wanted, plural, n);
}

static hana_status parse_call(part *out, parser *p, char *name, size_t from, size_t to,
                              hana_error *err)
{
    const hana_function *function = hana_function_find(name);
    if (!function) {
        hana_status status = fail_unknown_function(p, name, from, to, err);
        hana_free(name);
        return status;
    }
    hana_expr_node *call;
    hana_status status = hana_expr_node_new(&call, HANA_EXPR_CALL, from, to, err);
    if (status != HANA_OK) {
        hana_free(name);
        return status;
    }
    call->name = name;
    int height = 0;
    HANA_GOTO(fail, advance(p, err));
    while (p->token.kind != HANA_TOKEN_CLOSE) {
        part arg;
        HANA_GOTO(fail, parse_binary(&arg, p, 0, err));
        if (arg.height > height) height = arg.height;
        HANA_GOTO(fail, hana_expr_node_push(call, arg.node, err));
        if (p->token.kind == HANA_TOKEN_CLOSE) break;
        if (p->token.kind != HANA_TOKEN_COMMA) {
            status = fail_unexpected(p, "',' or ')'", err);
            goto fail;
        }
        HANA_GOTO(fail, advance(p, err));
        if (p->token.kind == HANA_TOKEN_CLOSE) {
            status = fail_unexpected(p, "an argument after ','", err);
            goto fail;
        }
    }
    call->to = p->token.to;
    HANA_GOTO(fail, check_height(p, height + 1, err));
    HANA_GOTO(fail, check_count(p, function, call, err));
    HANA_GOTO(fail, advance(p, err));
    *out = (part){ call, height + 1 };
    return HANA_OK;
fail:
    hana_expr_node_free(call);
    return status;
}

static hana_status parse_name(part *out, parser *p, hana_error *err)
{
    hana_token t = p->token;
    p->token.name = NULL;
    hana_status status = advance(p, err);
    if (status == HANA_OK && p->token.kind == HANA_TOKEN_OPEN && !t.quoted)
        return parse_call(out, p, t.name, t.from, t.to, err);
    hana_expr_node *node;
    if (status == HANA_OK)
        status = hana_expr_node_new(&node, HANA_EXPR_COLUMN, t.from, t.to, err);
    if (status != HANA_OK) {
        hana_free(t.name);
        return status;
    }
    node->name = t.name;
    *out = (part){ node, 1 };
    return HANA_OK;
}

static hana_status parse_list(part *out, parser *p, hana_error *err)
{
    hana_expr_node *list;
    HANA_TRY(hana_expr_node_new(&list, HANA_EXPR_LIST, p->token.from, p->token.to, err));
    hana_status status = HANA_OK;
    HANA_GOTO(fail, advance(p, err));
    while (p->token.kind != HANA_TOKEN_CLOSE_LIST) {
        part item;
        HANA_GOTO(fail, parse_binary(&item, p, 0, err));
        if (item.node->kind != HANA_EXPR_LITERAL) {
            status = fail_at(p, item.node->from, item.node->to, err,
                             "a list holds only literals: numbers, texts, true, false");
            hana_expr_node_free(item.node);
            goto fail;
        }
        HANA_GOTO(fail, hana_expr_node_push(list, item.node, err));
        if (p->token.kind == HANA_TOKEN_CLOSE_LIST) break;
        if (p->token.kind != HANA_TOKEN_COMMA) {
            status = fail_unexpected(p, "',' or '}'", err);
            goto fail;
        }
        HANA_GOTO(fail, advance(p, err));
    }
    list->to = p->token.to;
    HANA_GOTO(fail, advance(p, err));
    *out = (part){ list, 1 };
    return HANA_OK;
fail:
    hana_expr_node_free(list);
    return status;
}

static hana_status parse_value(part *out, parser *p, hana_error *err)
{
    switch (p->token.kind) {
    case HANA_TOKEN_LITERAL: {
        hana_expr_node *node;
        HANA_TRY(hana_expr_node_new(&node, HANA_EXPR_LITERAL, p->token.from, p->token.to,
                                    err));
        node->value = p->token.value;
        p->token.value = (hana_value){ 0 };
        hana_status status = advance(p, err);
        if (status != HANA_OK) {
            hana_expr_node_free(node);
            return status;
        }
        *out = (part){ node, 1 };
        return HANA_OK;
    }
    case HANA_TOKEN_NAME:
        return parse_name(out, p, err);
    case HANA_TOKEN_PARAM: {
        HANA_TRY(parse_param(out, p, err));
        hana_status status = advance(p, err);
        if (status != HANA_OK) hana_expr_node_free(out->node);
        return status;
    }
    case HANA_TOKEN_OPEN_LIST:
        return parse_list(out, p, err);
    case HANA_TOKEN_OPEN: {
        size_t from = p->token.from;
        part inner;
        HANA_TRY(advance(p, err));
        HANA_TRY(parse_binary(&inner, p, 0, err));
        hana_status status;
        if (p->token.kind != HANA_TOKEN_CLOSE)
            status = fail_unexpected(p, "')'", err);
        else {
            inner.node->from = from;
            inner.node->to = p->token.to;
            status = advance(p, err);
        }
        if (status != HANA_OK) {
            hana_expr_node_free(inner.node);
            return status;
        }
        *out = inner;
        return HANA_OK;
    }
    default:
        return fail_unexpected(p, "a value", err);
    }
}

/* -1 is a literal, so that lists and options may hold it. */
static int fold_minus(hana_expr_node *node, size_t from)
{
    if (node->kind != HANA_EXPR_LITERAL) return 0;
    if (node->value.kind == HANA_VALUE_NUMBER)
        node->value.as.number = -node->value.as.number;
    else if (node->value.kind == HANA_VALUE_INT && node->value.as.integer != INT64_MIN)
        node->value.as.integer = -node->value.as.integer;
    else
        return 0;
    node->from = from;
    return 1;
}

static hana_status parse_unary(part *out, parser *p, hana_error *err)
{
    hana_expr_op op = p->token.op == HANA_OP_SUB ? HANA_OP_NEG : p->token.op;
    size_t from = p->token.from;
    part arg;
    HANA_TRY(advance(p, err));
    HANA_TRY(parse_binary(&arg, p, UNARY_PRIORITY, err));
    if (op == HANA_OP_NEG && fold_minus(arg.node, from)) {
        *out = arg;
        return HANA_OK;
    }
    hana_expr_node *node = NULL;
    hana_status status = check_height(p, arg.height + 1, err);
    if (status == HANA_OK)
        status = hana_expr_node_new(&node, HANA_EXPR_UNARY, from, arg.node->to, err);
    if (status != HANA_OK) {
        hana_expr_node_free(arg.node);
        return status;
    }
    node->op = op;
    status = hana_expr_node_push(node, arg.node, err);
    if (status != HANA_OK) {
        hana_expr_node_free(node);
        return status;
    }
    *out = (part){ node, arg.height + 1 };
    return HANA_OK;
}

static int is_unary(const hana_token *t)
{
    return t->kind == HANA_TOKEN_OP &&
           (t->op == HANA_OP_SUB || t->op == HANA_OP_NOT || t->op == HANA_OP_LEN);
}

static hana_status join(part *left, parser *p, hana_expr_op op, part right,
                        hana_error *err)
{
    int height = (left->height > right.height ? left->height : right.height) + 1;
    hana_expr_node *node = NULL;
    hana_status status = check_height(p, height, err);
    if (status == HANA_OK)
        status = hana_expr_node_new(&node, HANA_EXPR_BINARY, left->node->from,
                                    right.node->to, err);
    if (status != HANA_OK) {
        hana_expr_node_free(right.node);
        return status;
    }
    node->op = op;
    node->args = hana_alloc(2, sizeof(hana_expr_node *));
    if (!node->args) {
        hana_expr_node_free(node);
        hana_expr_node_free(right.node);
        return hana_fail_memory(err);
    }
    node->args[0] = left->node;
    node->args[1] = right.node;
    node->n_args = 2;
    *left = (part){ node, height };
    return HANA_OK;
}

static hana_status parse_binary(part *out, parser *p, int limit, hana_error *err)
{
    if (p->nesting >= MAX_NESTING)
        return hana_expr_fail(p->text, p->length, p->token.from, p->token.to, err,
                              HANA_BAD_FORMAT,
                              "the expression is nested more than %d deep", MAX_NESTING);
    p->nesting++;
    part left;
    HANA_TRY(is_unary(&p->token) ? parse_unary(&left, p, err)
                                 : parse_value(&left, p, err));
    hana_status status = HANA_OK;
    while (p->token.kind == HANA_TOKEN_OP && priority[p->token.op].left > limit) {
        hana_expr_op op = p->token.op;
        part right;
        HANA_GOTO(fail, advance(p, err));
        HANA_GOTO(fail, parse_binary(&right, p, priority[op].right, err));
        HANA_GOTO(fail, join(&left, p, op, right, err));
    }
    p->nesting--;
    *out = left;
    return HANA_OK;
fail:
    hana_expr_node_free(left.node);
    return status;
}

hana_status hana_expr_parse(hana_expr **out, const char *text, size_t length,
                            const hana_value *params, hana_error *err)
{
    if (!hana_utf8_valid(text, length))
        return hana_fail(err, HANA_BAD_FORMAT, "the expression is not UTF-8 text");
    parser p = { .text = text, .length = length, .params = params };
    part root = { 0 };
    hana_status status = hana_token_read(&p.token, text, length, 0, err);
    if (status == HANA_OK && p.token.kind == HANA_TOKEN_END)
        status = hana_fail(err, HANA_BAD_FORMAT, "the expression is empty");
    if (status == HANA_OK) status = parse_binary(&root, &p, 0, err);
    if (status == HANA_OK && p.token.kind != HANA_TOKEN_END)
        status = fail_unexpected(&p, "an operator or the end", err);
    if (status == HANA_OK && root.node->kind == HANA_EXPR_LIST)
        status =
            fail_at(&p, root.node->from, root.node->to, err,
                    "a list stands only where a function takes one: is_in(x, { 1, 2 })");
    if (status == HANA_OK) status = hana_expr_make(out, text, length, root.node, err);
    if (status != HANA_OK) hana_expr_node_free(root.node);
    hana_token_clear(&p.token);
    return status;
}

hana_status hana_expr_params(hana_names *out, const char *text, size_t length,
                             hana_error *err)
{
    hana_token token = { 0 };
    hana_error ignored;
    size_t at = 0;
    hana_status status = HANA_OK;
    while (status == HANA_OK) {
        hana_status read = hana_token_read(&token, text, length, at, &ignored);
        if (read == HANA_OUT_OF_MEMORY) status = hana_fail_memory(err);
        if (read != HANA_OK || token.kind == HANA_TOKEN_END) break;
        if (token.kind == HANA_TOKEN_PARAM && hana_names_find(out, token.name) < 0)
            status = hana_names_add(out, token.name, err);
        at = token.to;
        hana_token_clear(&token);
        token = (hana_token){ 0 };
    }
    hana_token_clear(&token);
    return status;
}
