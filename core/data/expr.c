#include "data/expr_parts.h"

#include "base/text.h"
#include "data/expr_term.h"

#include <string.h>

void hana_expr_node_free(hana_expr_node *node)
{
    if (!node) return;
    for (size_t i = 0; i < node->n_args; i++) hana_expr_node_free(node->args[i]);
    hana_free(node->args);
    hana_free(node->name);
    hana_value_clear(&node->value);
    hana_free(node);
}

hana_status hana_expr_node_new(hana_expr_node **out, hana_expr_kind kind, size_t from,
                               size_t to, hana_error *err)
{
    hana_expr_node *node = hana_alloc_zero(1, sizeof *node);
    if (!node) return hana_fail_memory(err);
    node->kind = kind;
    node->from = from;
    node->to = to;
    *out = node;
    return HANA_OK;
}

hana_status hana_expr_node_push(hana_expr_node *node, hana_expr_node *arg,
                                hana_error *err)
{
    hana_expr_node **args = hana_realloc(node->args, node->n_args + 1, sizeof *args);
    if (!args) {
        hana_expr_node_free(arg);
        return hana_fail_memory(err);
    }
    node->args = args;
    node->args[node->n_args++] = arg;
    return HANA_OK;
}

hana_status hana_expr_node_copy(hana_expr_node **out, const hana_expr_node *node,
                                hana_error *err)
{
    hana_expr_node *copy = NULL;
    HANA_TRY(hana_expr_node_new(&copy, node->kind, node->from, node->to, err));
    hana_status status = HANA_OK;
    copy->op = node->op;
    if (node->name && !(copy->name = hana_strdup(node->name))) {
        status = hana_fail_memory(err);
        goto fail;
    }
    HANA_GOTO(fail, hana_value_copy(&copy->value, &node->value, err));
    for (size_t i = 0; i < node->n_args; i++) {
        hana_expr_node *arg;
        HANA_GOTO(fail, hana_expr_node_copy(&arg, node->args[i], err));
        HANA_GOTO(fail, hana_expr_node_push(copy, arg, err));
    }
    *out = copy;
    return HANA_OK;
fail:
    hana_expr_node_free(copy);
    return status;
}

hana_status hana_expr_make(hana_expr **out, const char *text, size_t length,
                           hana_expr_node *root, hana_error *err)
{
    hana_expr *expr = hana_alloc_zero(1, sizeof *expr);
    if (!expr || !(expr->text = hana_strndup(text, length))) {
        hana_free(expr);
        return hana_fail_memory(err);
    }
    atomic_init(&expr->references, 1);
    expr->length = length;
    expr->root = root;
    *out = expr;
    return HANA_OK;
}

/* Counting references is the one change that a const expression allows. */
static hana_expr *counted(const hana_expr *expr)
{
    union {
        const hana_expr *fixed;
        hana_expr *open;
    } access = { .fixed = expr };
    return access.open;
}

const hana_expr *hana_expr_retain(const hana_expr *expr)
{
    if (expr)
        atomic_fetch_add_explicit(&counted(expr)->references, 1, memory_order_relaxed);
    return expr;
}

void hana_expr_release(const hana_expr *expr)
{
    if (!expr) return;
    hana_expr *own = counted(expr);
    if (atomic_fetch_sub_explicit(&own->references, 1, memory_order_acq_rel) > 1) return;
    hana_expr_node_free(own->root);
    hana_free(own->text);
    hana_free(own);
}

static void retain_object(const void *object)
{
    hana_expr_retain(object);
}

static void release_object(const void *object)
{
    hana_expr_release(object);
}

const hana_class hana_expr_class = { .name = "expression",
                                     .retain = retain_object,
                                     .release = release_object };

const char *hana_expr_text(const hana_expr *expr)
{
    return expr->text;
}

const hana_expr_node *hana_expr_root(const hana_expr *expr)
{
    return expr->root;
}

static hana_status add_columns(hana_names *out, const hana_expr_node *node,
                               hana_error *err)
{
    if (node->kind == HANA_EXPR_COLUMN && hana_names_find(out, node->name) < 0)
        HANA_TRY(hana_names_add(out, node->name, err));
    for (size_t i = 0; i < node->n_args; i++)
        HANA_TRY(add_columns(out, node->args[i], err));
    return HANA_OK;
}

hana_status hana_expr_columns(hana_names *out, const hana_expr *expr, hana_error *err)
{
    hana_names names = { 0 };
    hana_status status = add_columns(&names, expr->root, err);
    if (status != HANA_OK) {
        hana_names_clear(&names);
        return status;
    }
    *out = names;
    return HANA_OK;
}

static int is_rowwise(const hana_expr_node *node)
{
    if (node->kind == HANA_EXPR_CALL) {
        const hana_function *function = hana_function_find(node->name);
        if (!function || function->kind != HANA_FUNCTION_ROW) return 0;
    }
    for (size_t i = 0; i < node->n_args; i++)
        if (!is_rowwise(node->args[i])) return 0;
    return 1;
}

int hana_expr_is_rowwise(const hana_expr *expr)
{
    return is_rowwise(expr->root);
}

/* The line around a place in the text and what of it fits on a terminal line. */
typedef struct window {
    size_t from, to;
    int cut_left, cut_right;
} window;

static size_t char_before(const char *text, size_t at)
{
    do at--;
    while (at > 0 && ((unsigned char)text[at] & 0xC0) == 0x80);
    return at;
}

static size_t char_after(const char *text, size_t length, size_t at)
{
    do at++;
    while (at < length && ((unsigned char)text[at] & 0xC0) == 0x80);
    return at;
}

static window find_window(const char *text, size_t length, size_t from)
{
    enum { BEFORE = 40, AFTER = 38 };
    window w = { .from = from, .to = from };
    for (int k = 0; w.from > 0 && text[w.from - 1] != '\n'; k++) {
        if (k == BEFORE) {
            w.cut_left = 1;
            break;
        }
        w.from = char_before(text, w.from);
    }
    for (int k = 0; w.to < length && text[w.to] != '\n'; k++) {
        if (k == AFTER) {
            w.cut_right = 1;
            break;
        }
        w.to = char_after(text, length, w.to);
    }
    return w;
}

/* Control characters would move the cursor away from the caret. */
static void add_visible(char *out, size_t *n, const char *text, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        out[(*n)++] = (unsigned char)text[i] < 0x20 || text[i] == 0x7F ? ' ' : text[i];
}

hana_status hana_expr_fail_v(const char *text, size_t length, size_t from, size_t to,
                             hana_error *err, hana_status status, const char *format,
                             va_list args)
{
    hana_fail_v(err, status, format, args);
    if (!err || !text) return status;
    enum { ROOM = 480 };
    size_t used = strlen(err->message);
    if (used > sizeof err->message - ROOM - 1) return status;
    if (from > length) from = length;
    window w = find_window(text, length, from);
    if (to > w.to) to = w.to;
    char shown[ROOM / 2 + 90] = { 0 };
    size_t n = 0;
    const char *left = w.cut_left ? "..." : "", *right = w.cut_right ? "..." : "";
    add_visible(shown, &n, text, w.from, w.to);
    size_t pad = strlen(left) + hana_utf8_width(shown, from - w.from);
    size_t carets = to > from ? hana_utf8_width(shown + (from - w.from), to - from) : 0;
    if (carets == 0) carets = 1;
    hana_text more = { 0 };
    hana_text_puts(&more, "\n  ");
    hana_text_puts(&more, left);
    hana_text_add(&more, shown, n);
    hana_text_puts(&more, right);
    hana_text_puts(&more, "\n  ");
    for (size_t i = 0; i < pad; i++) hana_text_putc(&more, ' ');
    for (size_t i = 0; i < carets; i++) hana_text_putc(&more, '^');
    if (!more.failed && used + more.length < sizeof err->message)
        memcpy(err->message + used, more.data, more.length + 1);
    hana_text_clear(&more);
    err->position = (int)from + 1;
    return status;
}

hana_status hana_expr_fail(const char *text, size_t length, size_t from, size_t to,
                           hana_error *err, hana_status status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    hana_expr_fail_v(text, length, from, to, err, status, format, args);
    va_end(args);
    return status;
}
