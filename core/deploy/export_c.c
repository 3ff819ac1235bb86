#include "deploy/export_c.h"

#include "deploy/c_code.h"
#include "learn/fitted.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

/* The file is written in one pass over the operations: declarations that need file scope
   (tables) go to `tables`, statements of the function to `body`. */
typedef struct writing {
    const hana_fitted *fitted;
    const char *prefix;
    hana_export *export;
    hana_c_values values;
    hana_text tables, body;
    size_t n_tables;
    hana_error *err;
} writing;

/* A column's name as a C identifier, made unique by its number where letters had to go.
 */
static void field_name(hana_text *out, const char *name, size_t number)
{
    int changed = !isalpha((unsigned char)name[0]) && name[0] != '_';
    for (const char *c = name; *c; c++) {
        int plain = isalnum((unsigned char)*c) || *c == '_';
        changed |= !plain;
    }
    static const char *const words[] = {
        "auto",    "break",   "case",     "char",   "const",    "continue", "default",
        "do",      "double",  "else",     "enum",   "extern",   "float",    "for",
        "goto",    "if",      "inline",   "int",    "long",     "register", "restrict",
        "return",  "short",   "signed",   "sizeof", "static",   "struct",   "switch",
        "typedef", "union",   "unsigned", "void",   "volatile", "while",    "NAN",
        "NULL",    "INFINITY"
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        changed |= strcmp(words[i], name) == 0;
    if (!changed) {
        hana_text_puts(out, name);
        return;
    }
    hana_text_printf(out, "c%zu_", number);
    for (const char *c = name; *c; c++)
        if (isalnum((unsigned char)*c)) hana_text_putc(out, *c);
}

static int is_text_type(hana_type type)
{
    return type == HANA_STRING || type == HANA_CATEGORY;
}

static hana_status number_value(const hana_c_value **out, writing *w, const char *name)
{
    *out = hana_c_value_find(&w->values, name);
    if (*out && !(*out)->is_text) return HANA_OK;
    return hana_fail(w->err, HANA_UNSUPPORTED,
                     "column '%s' cannot be exported as a number", name);
}

static hana_status text_value(const hana_c_value **out, writing *w, const char *name)
{
    *out = hana_c_value_find(&w->values, name);
    if (*out && (*out)->is_text) return HANA_OK;
    return hana_fail(w->err, HANA_UNSUPPORTED, "column '%s' cannot be exported as text",
                     name);
}

/* The number of the input column that a text came from, for refusals (1 and up). */
static size_t input_number(const writing *w, const char *name)
{
    const hana_schema *schema = &w->fitted->model->schema;
    for (size_t i = 0; i < schema->n; i++)
        if (strcmp(schema->columns[i].name, name) == 0) return i + 1;
    return schema->n + 1;
}

/* A table of level texts; gives its number. */
static size_t level_table(writing *w, const hana_names *levels)
{
    size_t number = w->n_tables++;
    hana_text_printf(&w->tables, "static const char *const levels_%zu[] = { ", number);
    for (size_t k = 0; k < levels->n; k++) {
        hana_c_string(&w->tables, levels->items[k], strlen(levels->items[k]));
        hana_text_puts(&w->tables, ", ");
    }
    hana_text_puts(&w->tables, "0 };\n");
    return number;
}

/* Runs of one kind become a table and a loop. */
static size_t run_length(const writing *w, size_t i)
{
    size_t n = 1;
    while (i + n < w->export->n_ops &&
           w->export->ops[i + n].kind == w->export->ops[i].kind)
        n++;
    return n;
}

static hana_status affine(writing *w, size_t i, size_t n)
{
    size_t table = w->n_tables++;
    hana_text_printf(
        &w->tables,
        "static const struct { int at; double shift, scale; } affine_%zu[] = {\n", table);
    for (size_t k = i; k < i + n; k++) {
        const hana_c_value *value;
        HANA_TRY(number_value(&value, w, w->export->ops[k].name));
        hana_text_printf(&w->tables, "    { %zu, ", value->slot);
        hana_c_number(&w->tables, w->export->ops[k].a);
        hana_text_puts(&w->tables, ", ");
        hana_c_number(&w->tables, w->export->ops[k].b);
        hana_text_printf(&w->tables, " }, /* %s */\n", "scaled");
    }
    hana_text_puts(&w->tables, "};\n");
    hana_text_printf(
        &w->body,
        "    for (i = 0; i < %zu; i++)\n        v[affine_%zu[i].at] = "
        "(v[affine_%zu[i].at] - affine_%zu[i].shift) / affine_%zu[i].scale;\n",
        n, table, table, table, table);
    return HANA_OK;
}

/* A number to put in, or a text: the two kinds of value stand in arrays of their own. */
static hana_status impute(writing *w, size_t i, size_t n)
{
    for (size_t k = i; k < i + n; k++) {
        const hana_export_op *op = &w->export->ops[k];
        const hana_c_value *value;
        if (op->text) {
            HANA_TRY(text_value(&value, w, op->name));
            hana_text_printf(&w->body, "    if (!t[%zu]) t[%zu] = ", value->slot,
                             value->slot);
            hana_c_string(&w->body, op->text, strlen(op->text));
        } else {
            HANA_TRY(number_value(&value, w, op->name));
            hana_text_printf(&w->body, "    if (isnan(v[%zu])) v[%zu] = ", value->slot,
                             value->slot);
            hana_c_number(&w->body, op->a);
        }
        hana_text_puts(&w->body, ";\n");
    }
    return HANA_OK;
}

/* v[to] = t[from] is the text (or is missing). */
static hana_status indicators(writing *w, size_t i, size_t n)
{
    size_t table = w->n_tables++;
    hana_text_printf(
        &w->tables,
        "static const struct { int to, from; const char *level; } indicate_%zu[] = {\n",
        table);
    for (size_t k = i; k < i + n; k++) {
        const hana_export_op *op = &w->export->ops[k];
        const hana_c_value *from, *to;
        HANA_TRY(text_value(&from, w, op->name));
        size_t slot = from->slot; /* adding may move the values */
        HANA_TRY(hana_c_value_add(&to, &w->values, op->output, 0, w->err));
        hana_text_printf(&w->tables, "    { %zu, %zu, ", to->slot, slot);
        if (op->text)
            hana_c_string(&w->tables, op->text, strlen(op->text));
        else
            hana_text_puts(&w->tables, "NULL");
        hana_text_puts(&w->tables, " },\n");
    }
    hana_text_puts(&w->tables, "};\n");
    hana_text_printf(
        &w->body,
        "    for (i = 0; i < %zu; i++) {\n"
        "        const char *text = t[indicate_%zu[i].from], *level = "
        "indicate_%zu[i].level;\n"
        "        v[indicate_%zu[i].to] = text && level ? strcmp(text, level) == 0 : "
        "!text && !level;\n    }\n",
        n, table, table, table);
    return HANA_OK;
}

static hana_status one(writing *w, const hana_export_op *op)
{
    const hana_c_value *value, *made;
    switch (op->kind) {
    case HANA_EXPORT_DERIVE: {
        hana_text expression = { 0 };
        hana_status status =
            hana_c_expression(&expression, hana_expr_root(op->expr), &w->values, w->err);
        if (status == HANA_OK)
            status = hana_c_value_add(&made, &w->values, op->name, 0, w->err);
        if (status == HANA_OK)
            hana_text_printf(&w->body, "    v[%zu] = %s;\n", made->slot, expression.data);
        hana_text_clear(&expression);
        return status;
    }
    case HANA_EXPORT_INDICATE: {
        HANA_TRY(hana_c_value_add(&made, &w->values, op->output, 0, w->err));
        size_t slot = made->slot;
        value = hana_c_value_find(&w->values, op->name);
        if (!value) return number_value(&value, w, op->name);
        hana_text_printf(&w->body,
                         value->is_text ? "    v[%zu] = !t[%zu];\n"
                                        : "    v[%zu] = isnan(v[%zu]) != 0;\n",
                         slot, value->slot);
        return HANA_OK;
    }
    case HANA_EXPORT_OTHER: {
        HANA_TRY(text_value(&value, w, op->name));
        size_t slot = value->slot, table = level_table(w, &op->levels);
        HANA_TRY(hana_c_value_add(&made, &w->values, op->output, 0, w->err));
        hana_text_printf(&w->body,
                         "    v[%zu] = t[%zu] && h_level(t[%zu], levels_%zu) < 0;\n",
                         made->slot, slot, slot, table);
        return HANA_OK;
    }
    case HANA_EXPORT_CHECK_LEVEL:
        HANA_TRY(text_value(&value, w, op->name));
        hana_text_printf(
            &w->body,
            op->a != 0 ? "    if (t[%zu] && h_level(t[%zu], levels_%zu) < 0) return "
                         "%zu;\n"
                       : "    if (!t[%zu] || h_level(t[%zu], levels_%zu) < 0) return "
                         "%zu;\n",
            value->slot, value->slot, level_table(w, &op->levels),
            input_number(w, op->name));
        return HANA_OK;
    case HANA_EXPORT_CODE: {
        HANA_TRY(text_value(&value, w, op->name));
        size_t slot = value->slot, table = level_table(w, &op->levels);
        HANA_TRY(hana_c_value_add(&made, &w->values, op->output, 0, w->err));
        hana_text_printf(&w->body,
                         "    v[%zu] = t[%zu] ? h_level(t[%zu], levels_%zu) : NAN;\n",
                         made->slot, slot, slot, table);
        if (op->a == HANA_LEVEL_ERROR)
            hana_text_printf(&w->body, "    if (v[%zu] < 0) return %zu;\n", made->slot,
                             input_number(w, op->name));
        else if (op->a == HANA_LEVEL_OTHER)
            hana_text_printf(&w->body, "    if (v[%zu] < 0) v[%zu] = %zu;\n", made->slot,
                             made->slot, op->levels.n);
        else
            hana_text_printf(&w->body, "    if (v[%zu] < 0) v[%zu] = NAN;\n", made->slot,
                             made->slot);
        return HANA_OK;
    }
    case HANA_EXPORT_CLIP:
        HANA_TRY(number_value(&value, w, op->name));
        hana_text_printf(&w->body, "    if (v[%zu] < ", value->slot);
        hana_c_number(&w->body, op->a);
        hana_text_printf(&w->body, ") v[%zu] = ", value->slot);
        hana_c_number(&w->body, op->a);
        hana_text_printf(&w->body, ";\n    if (v[%zu] > ", value->slot);
        hana_c_number(&w->body, op->b);
        hana_text_printf(&w->body, ") v[%zu] = ", value->slot);
        hana_c_number(&w->body, op->b);
        hana_text_puts(&w->body, ";\n");
        return HANA_OK;
    default:
        return HANA_OK; /* DROP: nobody reads it any more */
    }
}

static hana_status write_ops(writing *w)
{
    for (size_t i = 0; i < w->export->n_ops;) {
        size_t n = run_length(w, i);
        switch (w->export->ops[i].kind) {
        case HANA_EXPORT_AFFINE:
            HANA_TRY(affine(w, i, n));
            break;
        case HANA_EXPORT_IMPUTE:
            HANA_TRY(impute(w, i, n));
            break;
        case HANA_EXPORT_INDICATOR:
            HANA_TRY(indicators(w, i, n));
            break;
        default:
            for (size_t k = i; k < i + n; k++) HANA_TRY(one(w, &w->export->ops[k]));
            break;
        }
        i += n;
    }
    return HANA_OK;
}

static void number_table(hana_text *out, const char *name, const double *values, size_t n)
{
    hana_text_printf(out, "static const double %s[] = {", name);
    for (size_t i = 0; i < n; i++) {
        hana_text_puts(out, i % 4 ? " " : "\n    ");
        hana_c_number(out, values[i]);
        hana_text_puts(out, ",");
    }
    if (n == 0) hana_text_puts(out, " 0");
    hana_text_puts(out, "\n};\n");
}

/* Which slots the predictor reads, in the learner's order. */
static hana_status write_features(writing *w)
{
    hana_text_puts(&w->tables, "static const int features[] = {");
    for (size_t j = 0; j < w->export->n_features; j++) {
        const hana_c_value *value;
        HANA_TRY(number_value(&value, w, w->export->features[j]));
        hana_text_printf(&w->tables, "%s%zu,", j % 16 ? " " : "\n    ", value->slot);
    }
    if (w->export->n_features == 0) hana_text_puts(&w->tables, " 0");
    hana_text_puts(&w->tables, "\n};\n");
    return HANA_OK;
}

static void write_linear(writing *w)
{
    const hana_export *e = w->export;
    number_table(&w->tables, "coefficients", e->coef, e->n_outputs * e->n_features);
    number_table(&w->tables, "intercepts", e->intercept, e->n_outputs);
    hana_text_printf(
        &w->body,
        "    for (i = 0; i < %zu; i++)\n        if (isnan(v[features[i]])) return -1;\n"
        "    for (k = 0; k < %zu; k++) {\n        out[k] = intercepts[k];\n"
        "        for (i = 0; i < %zu; i++)\n"
        "            out[k] += coefficients[k * %zu + i] * v[features[i]];\n    }\n",
        e->n_features, e->n_outputs, e->n_features, e->n_features);
}

static void write_trees(writing *w)
{
    const hana_export *e = w->export;
    hana_text *t = &w->tables;
    hana_text_puts(
        t,
        "static const struct {\n    int feature, left, right, leaf, is_category, "
        "missing_left;\n    double threshold;\n    unsigned mask[8];\n} nodes[] = {\n");
    for (size_t i = 0; i < e->n_nodes; i++) {
        const hana_export_node *n = &e->nodes[i];
        hana_text_printf(t, "    { %d, %d, %d, %d, %d, %d, ", n->feature, n->left,
                         n->right, n->leaf, n->is_category, n->missing_left);
        hana_c_number(t, n->feature < 0 ? 0 : n->threshold);
        hana_text_puts(t, ", { ");
        for (int m = 0; m < 4; m++)
            hana_text_printf(t, "0x%xu, 0x%xu%s", (unsigned)(n->mask[m] & 0xFFFFFFFFu),
                             (unsigned)(n->mask[m] >> 32), m < 3 ? ", " : "");
        hana_text_puts(t, " } },\n");
    }
    hana_text_puts(t, "};\nstatic const int roots[] = {");
    for (size_t k = 0; k < e->n_trees; k++) hana_text_printf(t, " %d,", e->roots[k]);
    hana_text_puts(t, " };\n");
    number_table(t, "leaves", e->leaves, e->n_leaves * e->n_outputs);
    hana_text_printf(&w->body, "    for (k = 0; k < %zu; k++) out[k] = ", e->n_outputs);
    if (e->intercept) {
        number_table(t, "intercepts", e->intercept, e->n_outputs);
        hana_text_puts(&w->body, "intercepts[k];\n");
    } else {
        hana_text_puts(&w->body, "0;\n");
    }
    hana_text_printf(
        &w->body,
        "    for (i = 0; i < %zu; i++) {\n        int at = roots[i];\n"
        "        while (nodes[at].feature >= 0) {\n"
        "            double x = v[features[nodes[at].feature]];\n"
        "            int left = isnan(x) ? nodes[at].missing_left\n"
        "                       : nodes[at].is_category\n"
        "                           ? x < 256 && (nodes[at].mask[(int)x / 32] >> ((int)x "
        "%% 32) & 1)\n"
        "                           : x <= nodes[at].threshold;\n"
        "            at = left ? nodes[at].left : nodes[at].right;\n        }\n"
        "        for (k = 0; k < %zu; k++) out[k] += ",
        e->n_trees, e->n_outputs);
    hana_c_number(&w->body, e->tree_weight);
    hana_text_printf(&w->body, " * leaves[nodes[at].leaf * %zu + k];\n    }\n",
                     e->n_outputs);
}

static void write_link(writing *w)
{
    const hana_export *e = w->export;
    if (e->link == HANA_LINK_LOGISTIC)
        hana_text_puts(
            &w->body,
            "    out[1] = out[0] >= 0 ? 1 / (1 + exp(-out[0])) : exp(out[0]) / (1 "
            "+ exp(out[0]));\n    out[0] = 1 - out[1];\n");
    else if (e->link == HANA_LINK_SOFTMAX)
        hana_text_printf(
            &w->body,
            "    {\n        double most = out[0], sum = 0;\n"
            "        for (k = 1; k < %zu; k++)\n            if (out[k] > most) most = "
            "out[k];\n        for (k = 0; k < %zu; k++) sum += out[k] = exp(out[k] - "
            "most);\n        for (k = 0; k < %zu; k++) out[k] /= sum;\n    }\n",
            e->n_outputs, e->n_outputs, e->n_outputs);
}

static hana_status load_inputs(writing *w)
{
    const hana_schema *schema = &w->fitted->model->schema;
    for (size_t i = 0; i < schema->n; i++) {
        const hana_schema_column *c = &schema->columns[i];
        const hana_c_value *value;
        if (c->type == HANA_BLOCK)
            return hana_fail(w->err, HANA_UNSUPPORTED, "block '%s' cannot be exported",
                             c->name);
        HANA_TRY(
            hana_c_value_add(&value, &w->values, c->name, is_text_type(c->type), w->err));
        hana_text_printf(&w->body, "    %c[%zu] = row->", value->is_text ? 't' : 'v',
                         value->slot);
        field_name(&w->body, c->name, i + 1);
        hana_text_puts(&w->body, ";\n");
        if (c->has_range && w->fitted->model->roles.out_of_range == HANA_RANGE_CLIP) {
            hana_export_op clip = { .kind = HANA_EXPORT_CLIP,
                                    .name = c->name,
                                    .a = c->quantiles[0],
                                    .b = c->quantiles[HANA_N_QUANTILES - 1] };
            HANA_TRY(one(w, &clip));
        }
    }
    return HANA_OK;
}

static void write_row_type(hana_text *out, const writing *w)
{
    const hana_schema *schema = &w->fitted->model->schema;
    hana_text_puts(
        out,
        "/* One row of features. NAN and NULL stand for missing values; bools are 0 and "
        "1, dates days\n   since 1970-01-01, datetimes microseconds since then (UTC). "
        "*/\n");
    hana_text_printf(out, "typedef struct %s_row {\n", w->prefix);
    for (size_t i = 0; i < schema->n; i++) {
        hana_text_puts(out, is_text_type(schema->columns[i].type) ? "    const char *"
                                                                  : "    double ");
        field_name(out, schema->columns[i].name, i + 1);
        hana_text_printf(out, "; /* %s */\n", hana_type_name(schema->columns[i].type));
    }
    if (schema->n == 0) hana_text_puts(out, "    double none;\n");
    hana_text_printf(out, "} %s_row;\n\n", w->prefix);
}

static size_t n_outputs(const writing *w)
{
    size_t k = hana_target_classes(&w->fitted->target);
    return k ? k : 1;
}

static hana_status write_classes(hana_text *out, const writing *w)
{
    const hana_target *target = &w->fitted->target;
    hana_text_printf(out, "enum { %s_outputs = %zu };\n", w->prefix, n_outputs(w));
    if (!target->classes) return HANA_OK;
    hana_text_printf(out, "const char *const %s_classes[] = {", w->prefix);
    for (size_t c = 0; c < hana_target_classes(target); c++) {
        hana_text name = { 0 };
        hana_target_class_name(&name, target, c);
        hana_text_puts(out, c ? ", " : " ");
        hana_c_string(out, name.data ? name.data : "", name.length);
        hana_text_clear(&name);
    }
    hana_text_puts(out, " };\n\n");
    return HANA_OK;
}

static void write_decide(hana_text *out, const writing *w)
{
    const hana_target *target = &w->fitted->target;
    size_t k = hana_target_classes(target);
    if (!k) return;
    hana_text_printf(
        out,
        "\n/* The class that the probabilities stand for; -1 where the model abstains. "
        "*/\nint %s_decide(const double *p)\n{\n    int k, best = 0;\n",
        w->prefix);
    if (w->fitted->has_threshold) {
        size_t positive = target->positive >= 0 ? (size_t)target->positive : 1;
        hana_text_printf(out, "    if (p[%zu] >= ", positive);
        hana_c_number(out, w->fitted->high);
        hana_text_printf(out, ") return %zu;\n    if (!(p[%zu] < ", positive, positive);
        hana_c_number(out, w->fitted->low);
        hana_text_printf(out, ")) return -1;\n    best = %d;\n", positive == 0 ? 1 : 0);
        hana_text_printf(
            out,
            "    for (k = 0; k < %zu; k++)\n        if (k != %zu && p[k] > p[best]) "
            "best = k;\n",
            k, positive);
    } else {
        hana_text_printf(
            out, "    for (k = 1; k < %zu; k++)\n        if (p[k] > p[best]) best = k;\n",
            k);
    }
    hana_text_puts(out, "    return best;\n}\n");
}

/* Synthetic rows and hana's answers, checked by a main of the file's own. */
static hana_status write_test(hana_text *out, const writing *w, hana_job *job)
{
    const hana_schema *schema = &w->fitted->model->schema;
    hana_frame *probe;
    hana_matrix answers = { 0 };
    HANA_TRY(hana_schema_probe(&probe, schema, w->err));
    hana_job quiet;
    hana_job_child(&quiet, job, 0, 0);
    hana_status status = hana_fitted_predict(
        &answers, w->fitted, probe,
        hana_target_classes(&w->fitted->target) ? HANA_WANT_PROBA : HANA_WANT_VALUES,
        &quiet, NULL);
    hana_job_clear(&quiet);
    if (status != HANA_OK) { /* a part refuses synthetic rows: no self-test then */
        hana_frame_release(probe);
        return status == HANA_OUT_OF_MEMORY ? hana_fail_memory(w->err) : HANA_OK;
    }
    hana_text_puts(out, "\n#ifdef ");
    for (const char *c = w->prefix; *c; c++)
        hana_text_putc(out, (char)toupper((unsigned char)*c));
    hana_text_printf(out, "_TEST\n#include <stdio.h>\n\nstatic const %s_row rows[] = {\n",
                     w->prefix);
    for (size_t i = 0; i < answers.rows; i++) {
        hana_text_puts(out, "    {");
        for (size_t j = 0; j < schema->n; j++) {
            const hana_column *column = hana_frame_column(probe, j);
            hana_text_puts(out, j ? ", " : " ");
            if (!is_text_type(schema->columns[j].type)) {
                hana_c_number(out, hana_column_number(column, i));
            } else if (hana_column_is_null(column, i)) {
                hana_text_puts(out, "NULL");
            } else {
                size_t length;
                const char *text = hana_column_string(column, i, &length);
                hana_c_string(out, text, length);
            }
        }
        hana_text_puts(out, schema->n ? " },\n" : " 0 },\n");
    }
    hana_text_puts(out, "};\n");
    number_table(out, "answers", answers.data, answers.rows * answers.cols);
    hana_text_printf(
        out,
        "\n/* Compares with what hana answered; 0 when all agree. */\nint main(void)\n{\n"
        "    int i, k, wrong = 0;\n    for (i = 0; i < %zu; i++) {\n"
        "        double out[%zu];\n        int refused = %s_predict(&rows[i], out);\n"
        "        for (k = 0; k < %zu; k++) {\n"
        "            double wanted = answers[i * %zu + k];\n"
        "            if (refused ? !isnan(wanted) : !(fabs(out[k] - wanted) <= 1e-9 * "
        "fmax(1, fabs(wanted)))) {\n"
        "                printf(\"row %%d, output %%d: %%.17g, expected %%.17g\\n\", i + "
        "1, "
        "k + 1, out[k], wanted);\n                wrong++;\n            }\n        }\n"
        "    }\n    printf(\"%%d of %zu rows differ\\n\", wrong);\n    return wrong != "
        "0;\n}\n"
        "#endif\n",
        answers.rows, answers.cols, w->prefix, answers.cols, answers.cols, answers.rows);
    hana_matrix_clear(&answers);
    hana_frame_release(probe);
    return HANA_OK;
}

static void write_head(hana_text *out, const writing *w)
{
    hana_text about = { 0 };
    hana_spec_describe(&about, w->fitted->spec);
    hana_text_printf(
        out,
        "/* A model as C99, without libraries but the C library's mathematics; written "
        "by "
        "hana.\n   %s, fitted to %zu rows. This file belongs to whoever fitted the "
        "model. "
        "*/\n\n#include <math.h>\n#include <stddef.h>\n#include <string.h>\n\n",
        about.data ? about.data : "a model", w->fitted->model->rows);
    hana_text_clear(&about);
}

static hana_status write_all(hana_text *out, writing *w, hana_job *job)
{
    const hana_export *e = w->export;
    HANA_TRY(load_inputs(w));
    HANA_TRY(write_ops(w));
    HANA_TRY(write_features(w));
    if (e->kind == HANA_EXPORT_LINEAR)
        write_linear(w);
    else if (e->kind == HANA_EXPORT_TREES)
        write_trees(w);
    else
        return hana_fail(w->err, HANA_UNSUPPORTED, "%s cannot be exported",
                         hana_spec_name(w->fitted->spec));
    write_link(w);
    write_head(out, w);
    write_row_type(out, w);
    HANA_TRY(write_classes(out, w));
    hana_text_puts(out, hana_c_prelude);
    hana_text_puts(
        out,
        "static int h_level(const char *text, const char *const *levels)\n{\n    int "
        "k;\n    for (k = 0; levels[k]; k++)\n        if (strcmp(text, levels[k]) == 0) "
        "return k;\n    return -1;\n}\n\n");
    hana_text_add(out, w->tables.data ? w->tables.data : "", w->tables.length);
    hana_text_printf(
        out,
        "\n/* The prediction for one row into out[0 .. %zu]%s. Returns 0; the number of "
        "the "
        "column\n   (from 1, in the order of the row's fields) whose level was not seen "
        "in "
        "training; or -1\n   when a value that must not be missing is missing. */\n"
        "int %s_predict(const %s_row *row, double *out)\n{\n    double v[%zu];\n    "
        "const char "
        "*t[%zu];\n    int i, k;\n    (void)h_lt, (void)h_le, (void)h_eq, (void)h_ne, "
        "(void)h_and, (void)h_or, (void)h_not;\n    (void)h_if, (void)h_case, "
        "(void)h_first, "
        "(void)h_min, (void)h_max, (void)h_sign;\n    (void)h_mod, (void)h_pow, "
        "(void)h_round, "
        "(void)h_same, (void)h_level, (void)t, (void)v, (void)row;\n    (void)i, "
        "(void)k, "
        "(void)features;\n",
        n_outputs(w) - 1, w->fitted->target.classes ? ": a probability a class" : "",
        w->prefix, w->prefix, w->values.numbers ? w->values.numbers : 1,
        w->values.texts ? w->values.texts : 1);
    hana_text_add(out, w->body.data ? w->body.data : "", w->body.length);
    hana_text_puts(out, "    return 0;\n}\n");
    write_decide(out, w);
    return write_test(out, w, job);
}

static int is_identifier(const char *text)
{
    if (!isalpha((unsigned char)text[0]) && text[0] != '_') return 0;
    for (const char *c = text; *c; c++)
        if (!isalnum((unsigned char)*c) && *c != '_') return 0;
    return 1;
}

hana_status hana_export_c(hana_text *out, const hana_fitted *fitted, const char *prefix,
                          hana_job *job, hana_error *err)
{
    if (!is_identifier(prefix))
        return hana_fail(err, HANA_BAD_ARGUMENT, "export_c: '%s' is no C identifier",
                         prefix);
    if (!fitted->model)
        return hana_fail(err, HANA_UNSUPPORTED,
                         "a part of a model cannot be exported by itself");
    hana_export export;
    HANA_TRY(hana_fitted_export(&export, fitted, err));
    writing w = { .fitted = fitted, .prefix = prefix, .export = &export, .err = err };
    hana_text made = { 0 };
    hana_status status = write_all(&made, &w, job);
    if (status == HANA_OK && (made.failed || w.tables.failed || w.body.failed))
        status = hana_fail_memory(err);
    if (status == HANA_OK) hana_text_add(out, made.data, made.length);
    if (status == HANA_OK && out->failed) status = hana_fail_memory(err);
    hana_text_clear(&made);
    hana_text_clear(&w.tables);
    hana_text_clear(&w.body);
    hana_c_values_clear(&w.values);
    hana_export_clear(&export);
    return status;
}
