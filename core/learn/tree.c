#include "learn/tree.h"

#include "base/memory.h"
#include "base/parallel.h"
#include "base/text.h"

#include <math.h>
#include <string.h>

enum { ROWS_PER_BLOCK = 4096, NODE_INTS = 7, EXPORT_WORDS = 4 };

void hana_tree_clear(hana_tree *tree)
{
    hana_free(tree->nodes);
    hana_free(tree->values);
    hana_free(tree->masks);
    *tree = (hana_tree){ 0 };
}

size_t hana_tree_bytes(const hana_tree *tree)
{
    return sizeof *tree + hana_block_size(tree->nodes) + hana_block_size(tree->values) +
           hana_block_size(tree->masks);
}

typedef struct walk {
    const hana_tree *tree;
    const double **columns; /* of the features that the tree asks for */
    hana_matrix *out;
} walk;

static int goes_left(const hana_tree *tree, const hana_tree_node *node, double x)
{
    if (isnan(x)) return node->missing_left;
    if (node->mask < 0) return x <= node->threshold;
    if (!(x >= 0 && x < 64.0 * node->mask_words)) return 0;
    size_t level = (size_t)x;
    return (int)(tree->masks[(size_t)node->mask + level / 64] >> (level % 64) & 1);
}

static hana_status walk_block(void *context, size_t block, int worker, hana_error *err)
{
    (void)worker, (void)err;
    const walk *w = context;
    const hana_tree *tree = w->tree;
    size_t from = block * ROWS_PER_BLOCK, to = from + ROWS_PER_BLOCK;
    if (to > w->out->rows) to = w->out->rows;
    for (size_t i = from; i < to; i++) {
        const hana_tree_node *node = tree->nodes;
        while (node->feature >= 0)
            node = tree->nodes + (goes_left(tree, node, w->columns[node->feature][i])
                                      ? node->left
                                      : node->right);
        memcpy(w->out->data + i * w->out->stride,
               tree->values + (size_t)(node - tree->nodes) * tree->width,
               tree->width * sizeof *tree->values);
    }
    return HANA_OK;
}

hana_status hana_tree_predict(const hana_tree *tree, hana_problem *x, hana_matrix *out,
                              hana_job *job, hana_error *err)
{
    walk w = { .tree = tree, .out = out };
    if (hana_problem_cols(x) != tree->n_features)
        return hana_fail(err, HANA_BAD_SHAPE, "tree: %zu features, fitted with %zu",
                         hana_problem_cols(x), tree->n_features);
    w.columns = hana_alloc_zero(tree->n_features, sizeof *w.columns);
    if (!w.columns) return hana_fail_memory(err);
    hana_status status = HANA_OK;
    for (size_t i = 0; i < tree->n_nodes; i++) {
        int32_t feature = tree->nodes[i].feature;
        if (feature >= 0 && !w.columns[feature])
            HANA_GOTO(done,
                      hana_problem_column(&w.columns[feature], x, (size_t)feature, err));
    }
    status = hana_parallel(job, (out->rows + ROWS_PER_BLOCK - 1) / ROWS_PER_BLOCK,
                           walk_block, &w, err);
done:
    hana_free(w.columns);
    return status;
}

hana_status hana_tree_save(const hana_tree *tree, hana_writer *writer, hana_error *err)
{
    size_t n = tree->n_nodes;
    int32_t *ints = hana_alloc(n * NODE_INTS, sizeof *ints);
    double *doubles = hana_alloc(n * 3, sizeof *doubles);
    hana_status status = HANA_OK;
    if (!ints || !doubles) {
        status = hana_fail_memory(err);
        goto done;
    }
    for (size_t i = 0; i < n; i++) {
        const hana_tree_node *node = &tree->nodes[i];
        const int32_t row[NODE_INTS] = { node->feature,     node->left,
                                         node->right,       node->mask,
                                         node->mask_words,  node->missing_left,
                                         node->missing_seen };
        memcpy(ints + i * NODE_INTS, row, sizeof row);
        doubles[i * 3] = node->threshold;
        doubles[i * 3 + 1] = node->weight;
        doubles[i * 3 + 2] = node->impurity;
    }
    HANA_GOTO(done, hana_put_int(writer, "features", (int64_t)tree->n_features, err));
    HANA_GOTO(done, hana_put_int(writer, "width", (int64_t)tree->width, err));
    HANA_GOTO(done, hana_put_int(writer, "classifies", tree->classifies, err));
    HANA_GOTO(done, hana_put_codes(writer, "nodes", ints, n * NODE_INTS, err));
    HANA_GOTO(done, hana_put_doubles(writer, "figures", doubles, n * 3, err));
    HANA_GOTO(done,
              hana_put_doubles(writer, "values", tree->values, n * tree->width, err));
    status = hana_put_bytes(writer, "masks", tree->masks,
                            tree->n_masks * sizeof *tree->masks, err);
done:
    hana_free(ints);
    hana_free(doubles);
    return status;
}

/* A node that predict can follow: children further down, masks and features that exist.
 */
static int node_is_sound(const hana_tree *tree, size_t i)
{
    const hana_tree_node *node = &tree->nodes[i];
    if (node->feature < 0) return 1;
    if ((size_t)node->feature >= tree->n_features) return 0;
    if (node->left <= (int32_t)i || (size_t)node->left >= tree->n_nodes) return 0;
    if (node->right <= (int32_t)i || (size_t)node->right >= tree->n_nodes) return 0;
    if (node->mask < 0) return 1;
    return node->mask_words >= 0 &&
           (size_t)node->mask + (size_t)node->mask_words <= tree->n_masks;
}

hana_status hana_tree_load(hana_tree *tree, hana_reader *reader, hana_error *err)
{
    int64_t features, width, classifies;
    int32_t *ints = NULL;
    double *doubles = NULL;
    void *masks = NULL;
    size_t n_ints, n_doubles, n_values, n_bytes;
    hana_status status = HANA_OK;
    HANA_TRY(hana_get_int(reader, "features", &features, err));
    HANA_TRY(hana_get_int(reader, "width", &width, err));
    HANA_TRY(hana_get_int(reader, "classifies", &classifies, err));
    HANA_GOTO(done, hana_get_codes(reader, "nodes", &ints, &n_ints, err));
    HANA_GOTO(done, hana_get_doubles(reader, "figures", &doubles, &n_doubles, err));
    HANA_GOTO(done, hana_get_doubles(reader, "values", &tree->values, &n_values, err));
    HANA_GOTO(done, hana_get_bytes(reader, "masks", &masks, &n_bytes, err));
    tree->masks = masks;
    size_t n = n_ints / NODE_INTS;
    int sound = n > 0 && n < INT32_MAX && n_ints % NODE_INTS == 0 && n_doubles == 3 * n &&
                width > 0 && features >= 0 && n_values / n == (size_t)width &&
                n_values % n == 0 && n_bytes % sizeof *tree->masks == 0;
    if (!sound) {
        status = hana_fail(err, HANA_BAD_FORMAT, "tree: arrays of the wrong length");
        goto done;
    }
    tree->nodes = hana_alloc(n, sizeof *tree->nodes);
    if (!tree->nodes) {
        status = hana_fail_memory(err);
        goto done;
    }
    tree->n_nodes = n;
    tree->n_masks = n_bytes / sizeof *tree->masks;
    tree->n_features = (size_t)features;
    tree->width = (size_t)width;
    tree->classifies = classifies != 0;
    for (size_t i = 0; i < n; i++) {
        const int32_t *row = ints + i * NODE_INTS;
        tree->nodes[i] = (hana_tree_node){ .feature = row[0],
                                           .left = row[1],
                                           .right = row[2],
                                           .mask = row[3],
                                           .mask_words = row[4],
                                           .missing_left = row[5],
                                           .missing_seen = row[6],
                                           .threshold = doubles[i * 3],
                                           .weight = doubles[i * 3 + 1],
                                           .impurity = doubles[i * 3 + 2] };
        if (!node_is_sound(tree, i)) {
            status = hana_fail(err, HANA_BAD_FORMAT, "tree: node %zu is broken", i);
            goto done;
        }
    }
done:
    hana_free(ints);
    hana_free(doubles);
    return status;
}

void hana_tree_importance(const hana_tree *tree, double *importance)
{
    for (size_t i = 0; i < tree->n_nodes; i++) {
        const hana_tree_node *node = &tree->nodes[i];
        if (node->feature < 0) continue;
        const hana_tree_node *left = &tree->nodes[node->left],
                             *right = &tree->nodes[node->right];
        double gain = node->weight * node->impurity - left->weight * left->impurity -
                      right->weight * right->impurity;
        if (gain > 0) importance[node->feature] += gain;
    }
}

hana_status hana_importance_frame(hana_frame **out, const double *importance,
                                  const hana_feature *features, size_t n, hana_error *err)
{
    static const char *const names[] = { "term", "importance" };
    hana_builder *terms = NULL, *values = NULL;
    hana_column *columns[2] = { 0 };
    hana_status status = HANA_OK;
    double total = 0;
    for (size_t j = 0; j < n; j++) total += importance[j];
    HANA_GOTO(done, hana_builder_new(&terms, HANA_STRING, n, err));
    HANA_GOTO(done, hana_builder_new(&values, HANA_FLOAT, n, err));
    for (size_t j = 0; j < n; j++) {
        HANA_GOTO(done, hana_builder_string(terms, features[j].name,
                                            strlen(features[j].name), err));
        HANA_GOTO(done,
                  hana_builder_float(values, total > 0 ? importance[j] / total : 0, err));
    }
    HANA_GOTO(done, hana_builder_take(&columns[0], terms, err));
    HANA_GOTO(done, hana_builder_take(&columns[1], values, err));
    status = hana_frame_new(out, names, (const hana_column *const *)columns, 2, n, err);
done:
    hana_builder_free(terms);
    hana_builder_free(values);
    hana_column_release(columns[0]);
    hana_column_release(columns[1]);
    return status;
}

typedef struct printing {
    const hana_tree *tree;
    const hana_feature *features;
    const hana_target *target;
    hana_text *out;
} printing;

/* The shortest text that reads back, so that a rule says what the tree does. */
static void put_number(hana_text *out, double value)
{
    char text[HANA_NUMBER_SIZE];
    hana_text_add(out, text, (size_t)hana_print_double(text, value, 0));
}

/* What a person needs of a mean or weight: six digits. */
static void put_rounded(hana_text *out, double value)
{
    if (value == 0 || !isfinite(value)) {
        put_number(out, value);
        return;
    }
    double digits = 5 - floor(log10(fabs(value)));
    if (digits < 0 || digits > 300) digits = digits < 0 ? 0 : 300;
    double unit = pow(10, digits);
    put_number(out, round(value * unit) / unit);
}

static void put_levels(const printing *p, const hana_tree_node *node, int side)
{
    const hana_feature *feature = &p->features[node->feature];
    const char *separator = "";
    hana_text_puts(p->out, " in {");
    for (size_t level = 0; level < feature->n_levels; level++) {
        if (goes_left(p->tree, node, (double)level) != side) continue;
        hana_text_puts(p->out, separator);
        separator = ", ";
        if (feature->levels && level >= hana_column_length(feature->levels)) {
            hana_text_puts(p->out, "other levels");
        } else if (feature->levels) {
            size_t length;
            const char *text = hana_column_string(feature->levels, level, &length);
            hana_text_add(p->out, text, length);
        } else {
            hana_text_printf(p->out, "%zu", level);
        }
    }
    hana_text_putc(p->out, '}');
}

/* 1 when the split sends what is missing one way and all that is present the other. */
static int parts_missing(const printing *p, const hana_tree_node *node)
{
    if (node->mask < 0) return node->threshold == HUGE_VAL;
    for (size_t level = 0; level < p->features[node->feature].n_levels; level++)
        if (goes_left(p->tree, node, (double)level) == (node->missing_left != 0))
            return 0;
    return 1;
}

static void put_indent(const printing *p, size_t depth)
{
    for (size_t i = 0; i < depth; i++) hana_text_puts(p->out, "  ");
}

static void put_condition(const printing *p, const hana_tree_node *node, int left)
{
    hana_text_puts(p->out, p->features[node->feature].name);
    if (parts_missing(p, node)) {
        int missing = left == (node->missing_left != 0);
        hana_text_puts(p->out, missing ? " is missing" : " is present");
        return;
    }
    if (node->mask >= 0) {
        put_levels(p, node, left);
    } else {
        hana_text_puts(p->out, left ? " <= " : " > ");
        put_number(p->out, node->threshold);
    }
    if (node->missing_seen && left == (node->missing_left != 0))
        hana_text_puts(p->out, " or missing");
}

static void put_leaf(const printing *p, const hana_tree_node *node)
{
    const double *value =
        p->tree->values + (size_t)(node - p->tree->nodes) * p->tree->width;
    hana_text_puts(p->out, "-> ");
    if (!p->tree->classifies) {
        put_rounded(p->out, value[0]);
    } else {
        size_t best = 0;
        for (size_t k = 1; k < p->tree->width; k++)
            if (value[k] > value[best]) best = k;
        hana_target_class_name(p->out, p->target, best);
        hana_text_puts(p->out, "  ");
        put_rounded(p->out, round(1000 * value[best]) / 10);
        hana_text_putc(p->out, '%');
    }
    hana_text_puts(p->out, "  (weight ");
    put_rounded(p->out, node->weight);
    hana_text_puts(p->out, ")\n");
}

hana_status hana_tree_print(const hana_tree *tree, const hana_feature *features,
                            const hana_target *target, hana_text *out, hana_error *err)
{
    printing p = { .tree = tree, .features = features, .target = target, .out = out };
    typedef struct visit {
        size_t depth;
        int32_t node, parent;
    } visit;
    visit *stack = hana_alloc(tree->n_nodes + 1, sizeof *stack);
    if (!stack) return hana_fail_memory(err);
    size_t top = 0;
    stack[top++] = (visit){ .parent = -1 };
    while (top > 0) {
        visit at = stack[--top];
        const hana_tree_node *node = &tree->nodes[at.node];
        if (at.parent >= 0) {
            const hana_tree_node *parent = &tree->nodes[at.parent];
            put_indent(&p, at.depth - 1);
            put_condition(&p, parent, parent->left == at.node);
            hana_text_putc(out, '\n');
        }
        if (node->feature < 0) {
            put_indent(&p, at.depth);
            put_leaf(&p, node);
            continue;
        }
        stack[top++] =
            (visit){ .depth = at.depth + 1, .node = node->right, .parent = at.node };
        stack[top++] =
            (visit){ .depth = at.depth + 1, .node = node->left, .parent = at.node };
    }
    hana_free(stack);
    return out->failed ? hana_fail_memory(err) : HANA_OK;
}

hana_status hana_tree_export(const hana_tree *tree, size_t n_features, hana_export *out,
                             hana_error *err)
{
    size_t n = tree->n_nodes, n_leaves = 0;
    for (size_t i = 0; i < n; i++) {
        const hana_tree_node *node = &tree->nodes[i];
        n_leaves += node->feature < 0;
        /* One bit beyond the levels stands for missing. */
        if (node->feature >= 0 && node->mask >= 0 && node->mask_words > EXPORT_WORDS + 1)
            return hana_fail(
                err, HANA_UNSUPPORTED,
                "decision_tree: a category of more than %d levels cannot be exported",
                64 * EXPORT_WORDS);
    }
    hana_export_node *nodes = hana_alloc_zero(n, sizeof *nodes);
    double *leaves = hana_alloc(n_leaves * tree->width, sizeof *leaves);
    int32_t *roots = hana_alloc_zero(1, sizeof *roots);
    if (!nodes || !leaves || !roots) {
        hana_free(nodes);
        hana_free(leaves);
        hana_free(roots);
        return hana_fail_memory(err);
    }
    int32_t leaf = 0;
    for (size_t i = 0; i < n; i++) {
        const hana_tree_node *node = &tree->nodes[i];
        nodes[i] = (hana_export_node){ .feature = node->feature,
                                       .left = node->left,
                                       .right = node->right,
                                       .leaf = -1,
                                       .is_category = node->mask >= 0,
                                       .missing_left = node->missing_left,
                                       .threshold = node->threshold };
        for (int32_t w = 0; node->mask >= 0 && w < node->mask_words && w < EXPORT_WORDS;
             w++)
            nodes[i].mask[w] = tree->masks[node->mask + w];
        if (node->feature >= 0) continue;
        memcpy(leaves + (size_t)leaf * tree->width, tree->values + i * tree->width,
               tree->width * sizeof *leaves);
        nodes[i].leaf = leaf++;
    }
    out->kind = HANA_EXPORT_TREES;
    out->link = HANA_LINK_IDENTITY;
    out->n_features = n_features;
    out->n_outputs = tree->width;
    out->nodes = nodes;
    out->n_nodes = n;
    out->roots = roots;
    out->n_trees = 1;
    out->leaves = leaves;
    out->n_leaves = n_leaves;
    out->tree_weight = 1;
    return HANA_OK;
}
