#include "learn/tree_grow.h"

#include "base/memory.h"
#include "base/parallel.h"
#include "base/radix.h"

#include <math.h>
#include <string.h>

/* A node whose best split is known and that waits to be split. */
typedef struct pending {
    size_t node, from, n, depth;
    hana_tree_split split;
    size_t column;
    uint64_t *mask; /* owned; NULL for a number */
} pending;

typedef struct grower {
    const hana_tree_data *data;
    const hana_tree_limits *limits;
    hana_job *job;
    hana_tree tree;
    size_t capacity, masks_capacity;

    size_t n;           /* rows that count */
    int32_t *orders;    /* (cols + 1) x n: rows by each column, by themselves last */
    int32_t *moved;     /* n a worker */
    uint8_t *goes_left; /* a row */

    double *scratch; /* scratch_size a worker */
    size_t scratch_size;
    double *sum; /* of the node being searched */
    hana_tree_sums sums;
    size_t *mask_at; /* first word of a column's mask; cols + 1 */
    uint64_t *masks;
    hana_tree_split *found; /* a column */
    size_t from, length;    /* the node being searched or split */

    pending *heap;
    size_t n_heap, heap_capacity, n_leaves;
    double root_impurity;
} grower;

static int32_t *order_of(const grower *g, size_t column)
{
    int numeric = column < g->data->cols && g->data->n_levels[column] == 0;
    return g->orders + (numeric ? column : g->data->cols) * g->n;
}

/* Rows by ascending value, missing ones last, ties by row. */
static hana_status sort_column(void *context, size_t column, int worker, hana_error *err)
{
    (void)worker;
    grower *g = context;
    if (g->data->n_levels[column] > 0) return HANA_OK;
    int32_t *order = order_of(g, column);
    const int32_t *rows = order_of(g, g->data->cols);
    uint64_t *keys = hana_alloc(g->n, sizeof *keys);
    size_t *items = hana_alloc(g->n, sizeof *items);
    hana_status status = keys && items ? HANA_OK : hana_fail_memory(err);
    for (size_t i = 0; status == HANA_OK && i < g->n; i++) {
        double x = g->data->columns[column][rows[i]];
        /* Adding 0 makes -0 the 0 that it is equal to. */
        keys[i] = isnan(x) ? UINT64_MAX : hana_radix_double(x + 0.0);
        items[i] = (size_t)rows[i];
    }
    if (status == HANA_OK) status = hana_radix_sort(keys, items, g->n, err);
    for (size_t i = 0; status == HANA_OK && i < g->n; i++) order[i] = (int32_t)items[i];
    hana_free(keys);
    hana_free(items);
    return status;
}

static hana_status add_node(grower *g, size_t *out, hana_error *err)
{
    hana_tree *t = &g->tree;
    if (t->n_nodes == g->capacity) {
        size_t capacity = g->capacity ? 2 * g->capacity : 64;
        hana_tree_node *nodes = hana_realloc(t->nodes, capacity, sizeof *nodes);
        if (!nodes) return hana_fail_memory(err);
        t->nodes = nodes;
        double *values = hana_realloc(t->values, capacity * t->width, sizeof *values);
        if (!values) return hana_fail_memory(err);
        t->values = values;
        g->capacity = capacity;
    }
    *out = t->n_nodes++;
    t->nodes[*out] =
        (hana_tree_node){ .feature = -1, .left = -1, .right = -1, .mask = -1 };
    return HANA_OK;
}

/* Sums over the node's rows in row order; sets its weight, value and impurity. */
static void sum_node(grower *g, size_t node)
{
    const hana_tree_data *d = g->data;
    const int32_t *rows = order_of(g, d->cols) + g->from;
    size_t width = d->width;
    double weight = 0, spread = 0, centre = 0, *value = g->tree.values + node * width;
    memset(g->sum, 0, width * sizeof *g->sum);
    for (size_t i = 0; i < g->length; i++) {
        double w = d->weights ? d->weights[rows[i]] : 1;
        weight += w;
        if (d->criterion == HANA_TREE_SQUARED) {
            g->sum[0] += w * d->y[rows[i]];
        } else if (!d->proba) {
            g->sum[d->codes[rows[i]]] += w;
        } else {
            const double *p = d->proba->data + (size_t)rows[i] * d->proba->stride;
            for (size_t k = 0; k < width; k++) g->sum[k] += w * p[k];
        }
    }
    for (size_t k = 0; k < width; k++) value[k] = g->sum[k] / weight;
    if (d->criterion == HANA_TREE_SQUARED) {
        centre = value[0];
        g->sum[0] = 0;
        for (size_t i = 0; i < g->length; i++) {
            double w = d->weights ? d->weights[rows[i]] : 1, y = d->y[rows[i]] - centre;
            g->sum[0] += w * y;
            spread += w * y * y;
        }
    } else {
        spread = -hana_tree_score(d->criterion, weight, g->sum, width);
        if (d->criterion == HANA_TREE_GINI) spread += weight;
        if (spread < 0) spread = 0;
    }
    g->sums = (hana_tree_sums){
        .weight = weight, .sum = g->sum, .centre = centre, .spread = spread
    };
    g->tree.nodes[node].weight = weight;
    g->tree.nodes[node].impurity = spread / weight;
}

static hana_status search_column(void *context, size_t column, int worker,
                                 hana_error *err)
{
    (void)err;
    grower *g = context;
    g->found[column] = hana_tree_split_column(
        g->data, &g->sums, column, order_of(g, column) + g->from, g->length,
        g->limits->min_leaf > 1 ? g->limits->min_leaf : 0, g->masks + g->mask_at[column],
        g->scratch + (size_t)worker * g->scratch_size);
    return HANA_OK;
}

/* Runs over the columns, in parallel where the node is large. */
static hana_status each_column(grower *g, size_t n, hana_block_fn *run, hana_error *err)
{
    return hana_parallel_steps(g->job, n, g->length * n, run, g, err);
}

/* Ranks what is split next: the largest gain when leaves are rationed, ties by age. */
static int before(const grower *g, const pending *a, const pending *b)
{
    if (g->limits->max_leaves > 0 && a->split.gain != b->split.gain)
        return a->split.gain > b->split.gain;
    return a->node < b->node;
}

static hana_status push(grower *g, pending item, hana_error *err)
{
    if (g->n_heap == g->heap_capacity) {
        size_t capacity = g->heap_capacity ? 2 * g->heap_capacity : 64;
        pending *heap = hana_realloc(g->heap, capacity, sizeof *heap);
        if (!heap) {
            hana_free(item.mask);
            return hana_fail_memory(err);
        }
        g->heap = heap;
        g->heap_capacity = capacity;
    }
    size_t at = g->n_heap++;
    for (; at > 0 && before(g, &item, &g->heap[(at - 1) / 2]); at = (at - 1) / 2)
        g->heap[at] = g->heap[(at - 1) / 2];
    g->heap[at] = item;
    return HANA_OK;
}

static pending pop(grower *g)
{
    pending top = g->heap[0], last = g->heap[--g->n_heap];
    size_t at = 0;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= g->n_heap) break;
        if (child + 1 < g->n_heap && before(g, &g->heap[child + 1], &g->heap[child]))
            child++;
        if (!before(g, &g->heap[child], &last)) break;
        g->heap[at] = g->heap[child];
        at = child;
    }
    g->heap[at] = last;
    return top;
}

/* Makes the node over rows [from, from + n); when it may be split, its best split waits
 * in the heap. */
static hana_status make_node(grower *g, size_t *out, size_t from, size_t n, size_t depth,
                             hana_error *err)
{
    HANA_TRY(add_node(g, out, err));
    g->n_leaves++;
    g->from = from;
    g->length = n;
    sum_node(g, *out);
    const hana_tree_limits *limits = g->limits;
    double impurity = g->tree.nodes[*out].impurity;
    if (*out == 0) g->root_impurity = impurity;
    if (n < 2 || !(impurity > 1e-14 * g->root_impurity)) return HANA_OK;
    if (limits->max_depth > 0 && depth >= (size_t)limits->max_depth) return HANA_OK;
    if (limits->min_split > 2 && g->sums.weight < limits->min_split) return HANA_OK;
    HANA_TRY(each_column(g, g->data->cols, search_column, err));
    pending item = { .node = *out, .from = from, .n = n, .depth = depth };
    double tie = 1e-11 * g->sums.spread;
    for (size_t j = 0; j < g->data->cols; j++) {
        if (!g->found[j].found) continue;
        if (item.split.found && !(g->found[j].gain > item.split.gain + tie)) continue;
        item.split = g->found[j];
        item.column = j;
    }
    if (!item.split.found) return HANA_OK;
    size_t words = g->mask_at[item.column + 1] - g->mask_at[item.column];
    if (words > 0) {
        item.mask = hana_alloc(words, sizeof *item.mask);
        if (!item.mask) return hana_fail_memory(err);
        memcpy(item.mask, g->masks + g->mask_at[item.column], words * sizeof *item.mask);
    }
    return push(g, item, err);
}

/* Parts a column's order in two, each side in the old order. */
static hana_status part_column(void *context, size_t column, int worker, hana_error *err)
{
    (void)err;
    grower *g = context;
    if (column < g->data->cols && g->data->n_levels[column] > 0) return HANA_OK;
    int32_t *order = order_of(g, column) + g->from,
            *right = g->moved + (size_t)worker * g->n;
    size_t n_left = 0, n_right = 0;
    for (size_t i = 0; i < g->length; i++) {
        int32_t row = order[i];
        int left = g->goes_left[row];
        order[n_left] = row;
        right[n_right] = row;
        n_left += (size_t)left;
        n_right += (size_t)!left;
    }
    memcpy(order + n_left, right, n_right * sizeof *order);
    return HANA_OK;
}

static hana_status keep_mask(grower *g, hana_tree_node *node, const pending *item,
                             hana_error *err)
{
    size_t words = g->mask_at[item->column + 1] - g->mask_at[item->column];
    hana_tree *t = &g->tree;
    if (words == 0) return HANA_OK;
    if (t->n_masks + words > g->masks_capacity) {
        size_t capacity = 2 * (t->n_masks + words);
        uint64_t *masks = hana_realloc(t->masks, capacity, sizeof *masks);
        if (!masks) return hana_fail_memory(err);
        t->masks = masks;
        g->masks_capacity = capacity;
    }
    memcpy(t->masks + t->n_masks, item->mask, words * sizeof *t->masks);
    node->mask = (int32_t)t->n_masks;
    node->mask_words = (int32_t)words;
    t->n_masks += words;
    return HANA_OK;
}

static hana_status split_node(grower *g, const pending *item, hana_error *err)
{
    const double *x = g->data->columns[item->column];
    const int32_t *rows = order_of(g, g->data->cols) + item->from;
    hana_tree_node *node = &g->tree.nodes[item->node];
    node->feature = (int32_t)item->column;
    node->threshold = item->split.threshold;
    node->missing_left = item->split.missing_left;
    node->missing_seen = item->split.missing_seen;
    HANA_TRY(keep_mask(g, node, item, err));
    size_t n_left = 0;
    for (size_t i = 0; i < item->n; i++) {
        double value = x[rows[i]];
        int left;
        if (isnan(value))
            left = item->split.missing_left;
        else if (item->mask)
            left = (int)(item->mask[(size_t)value / 64] >> ((size_t)value % 64) & 1);
        else
            left = value <= item->split.threshold;
        g->goes_left[rows[i]] = (uint8_t)left;
        n_left += (size_t)left;
    }
    g->from = item->from;
    g->length = item->n;
    HANA_TRY(each_column(g, g->data->cols + 1, part_column, err));
    size_t left, right;
    g->n_leaves--;
    HANA_TRY(make_node(g, &left, item->from, n_left, item->depth + 1, err));
    HANA_TRY(make_node(g, &right, item->from + n_left, item->n - n_left, item->depth + 1,
                       err));
    g->tree.nodes[item->node].left = (int32_t)left;
    g->tree.nodes[item->node].right = (int32_t)right;
    return HANA_OK;
}

/* Weakest-link pruning with the risk weight / total x impurity. Children come after their
 * parents. */
static hana_status prune(hana_tree *t, double alpha, hana_job *job, hana_error *err)
{
    size_t n = t->n_nodes;
    double *risk = hana_alloc(n, sizeof *risk);
    size_t *leaves = hana_alloc(n, sizeof *leaves);
    hana_status status = HANA_OK;
    if (!risk || !leaves) {
        status = hana_fail_memory(err);
        goto done;
    }
    for (;;) {
        HANA_GOTO(done, hana_job_check(job, err));
        size_t weakest = n;
        double least = HUGE_VAL;
        for (size_t i = n; i-- > 0;) {
            const hana_tree_node *node = &t->nodes[i];
            double own = node->weight / t->nodes[0].weight * node->impurity;
            risk[i] = own;
            leaves[i] = 1;
            if (node->feature < 0) continue;
            risk[i] = risk[node->left] + risk[node->right];
            leaves[i] = leaves[node->left] + leaves[node->right];
            double link = (own - risk[i]) / (double)(leaves[i] - 1);
            if (link > least) continue;
            least = link;
            weakest = i;
        }
        if (weakest == n || least > alpha) break;
        t->nodes[weakest].feature = -1;
    }
done:
    hana_free(risk);
    hana_free(leaves);
    return status;
}

/* The tree that is still reachable, in preorder, in arrays of its size. */
static hana_status compact(hana_tree *out, const hana_tree *t, hana_error *err)
{
    hana_tree to = { .n_features = t->n_features,
                     .width = t->width,
                     .classifies = t->classifies };
    int32_t *stack =
        hana_alloc(2 * t->n_nodes + 1, sizeof *stack); /* node, then where it hangs */
    to.nodes = hana_alloc(t->n_nodes, sizeof *to.nodes);
    to.values = hana_alloc(t->n_nodes * t->width, sizeof *to.values);
    to.masks = hana_alloc(t->n_masks, sizeof *to.masks);
    if (!stack || !to.nodes || !to.values || !to.masks) {
        hana_free(stack);
        hana_tree_clear(&to);
        return hana_fail_memory(err);
    }
    size_t top = 0;
    stack[top++] = -1;
    stack[top++] = 0;
    while (top > 0) {
        int32_t from = stack[--top], parent = stack[--top], at = (int32_t)to.n_nodes++;
        const hana_tree_node *node = &t->nodes[from];
        to.nodes[at] = *node;
        memcpy(to.values + (size_t)at * t->width, t->values + (size_t)from * t->width,
               t->width * sizeof *to.values);
        if (parent >= 0) to.nodes[parent].right = at;
        if (node->feature < 0) {
            to.nodes[at].left = to.nodes[at].right = to.nodes[at].mask = -1;
            to.nodes[at].mask_words = 0;
            continue;
        }
        if (node->mask >= 0) {
            to.nodes[at].mask = (int32_t)to.n_masks;
            memcpy(to.masks + to.n_masks, t->masks + node->mask,
                   (size_t)node->mask_words * sizeof *to.masks);
            to.n_masks += (size_t)node->mask_words;
        }
        to.nodes[at].left = at + 1;
        stack[top++] = at;
        stack[top++] = node->right;
        stack[top++] = -1;
        stack[top++] = node->left;
    }
    hana_free(stack);
    *out = to;
    return HANA_OK;
}

static hana_status set_up(grower *g, hana_error *err)
{
    const hana_tree_data *d = g->data;
    size_t workers = (size_t)hana_job_threads(g->job);
    for (size_t i = 0; i < d->rows; i++) g->n += !d->weights || d->weights[i] > 0;
    g->tree.n_features = d->cols;
    g->tree.width = d->width;
    g->tree.classifies = d->criterion != HANA_TREE_SQUARED;
    g->scratch_size = hana_tree_scratch(d);
    g->orders = hana_alloc((d->cols + 1) * g->n, sizeof *g->orders);
    g->moved = hana_alloc(workers * g->n + 1, sizeof *g->moved);
    g->goes_left = hana_alloc(d->rows, sizeof *g->goes_left);
    g->scratch = hana_alloc(workers * g->scratch_size, sizeof *g->scratch);
    g->sum = hana_alloc(d->width, sizeof *g->sum);
    g->mask_at = hana_alloc_zero(d->cols + 1, sizeof *g->mask_at);
    g->found = hana_alloc(d->cols, sizeof *g->found);
    if (!g->orders || !g->moved || !g->goes_left || !g->scratch || !g->sum ||
        !g->mask_at || !g->found)
        return hana_fail_memory(err);
    for (size_t j = 0; j < d->cols; j++)
        g->mask_at[j + 1] =
            g->mask_at[j] + (d->n_levels[j] > 0 ? (d->n_levels[j] + 64) / 64 : 0);
    g->masks = hana_alloc(g->mask_at[d->cols], sizeof *g->masks);
    if (!g->masks) return hana_fail_memory(err);
    int32_t *rows = order_of(g, d->cols);
    for (size_t i = 0; i < d->rows; i++)
        if (!d->weights || d->weights[i] > 0) *rows++ = (int32_t)i;
    return hana_parallel_steps(g->job, d->cols, 16 * d->rows * d->cols, sort_column, g,
                               err);
}

static hana_status grow(grower *g, hana_tree *out, hana_error *err)
{
    HANA_TRY(set_up(g, err));
    size_t root;
    HANA_TRY(make_node(g, &root, 0, g->n, 0, err));
    while (g->n_heap > 0) {
        if (g->limits->max_leaves > 0 && g->n_leaves >= (size_t)g->limits->max_leaves)
            break;
        pending item = pop(g);
        hana_status status = split_node(g, &item, err);
        hana_free(item.mask);
        if (status != HANA_OK) return status;
    }
    if (g->limits->prune > 0) HANA_TRY(prune(&g->tree, g->limits->prune, g->job, err));
    return compact(out, &g->tree, err);
}

hana_status hana_tree_grow(hana_tree *out, const hana_tree_data *data,
                           const hana_tree_limits *limits, hana_job *job, hana_error *err)
{
    if (data->rows >= INT32_MAX)
        return hana_fail(err, HANA_UNSUPPORTED,
                         "a tree takes up to 2147483646 rows, got %zu", data->rows);
    grower g = { .data = data, .limits = limits, .job = job };
    hana_status status = grow(&g, out, err);
    for (size_t i = 0; i < g.n_heap; i++) hana_free(g.heap[i].mask);
    hana_tree_clear(&g.tree);
    hana_free(g.orders);
    hana_free(g.moved);
    hana_free(g.goes_left);
    hana_free(g.scratch);
    hana_free(g.sum);
    hana_free(g.mask_at);
    hana_free(g.masks);
    hana_free(g.found);
    hana_free(g.heap);
    return status;
}
