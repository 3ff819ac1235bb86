#include "learn/tree_split.h"

#include "base/lapack.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Gains closer than this share of a node's impurity are equal: rounding must not choose
   between splits that part the rows alike. */
#define TIE 1e-11

static double x_log2_x(double x)
{
    return x > 0 ? x * log2(x) : 0;
}

double hana_tree_score(hana_tree_criterion criterion, double weight, const double *sum,
                       size_t width)
{
    if (!(weight > 0)) return 0;
    double total = 0;
    if (criterion == HANA_TREE_ENTROPY) {
        for (size_t k = 0; k < width; k++) total += x_log2_x(sum[k]);
        return total - x_log2_x(weight);
    }
    for (size_t k = 0; k < width; k++) total += sum[k] * sum[k];
    return total / weight;
}

/* The two sides while rows move from right to left. With hard labels `left_q` and
   `right_q` follow the sums of squares (gini) or of x log x (entropy). */
typedef struct sides {
    const hana_tree_data *data;
    size_t width;
    double left_weight, right_weight;
    double *left, *right;
    double left_q, right_q;
    double centre;
    int hard;
} sides;

static double quality(const sides *s, double x)
{
    return s->data->criterion == HANA_TREE_GINI ? x * x : x_log2_x(x);
}

static void start(sides *s, const hana_tree_data *data, const hana_tree_sums *node,
                  double *scratch)
{
    size_t width = data->width;
    *s = (sides){ .data = data,
                  .width = width,
                  .right_weight = node->weight,
                  .left = scratch,
                  .right = scratch + width,
                  .centre = node->centre,
                  .hard = data->criterion != HANA_TREE_SQUARED && !data->proba };
    memset(s->left, 0, width * sizeof *s->left);
    memcpy(s->right, node->sum, width * sizeof *s->right);
    if (s->hard)
        for (size_t k = 0; k < width; k++) s->right_q += quality(s, s->right[k]);
}

static void move_row(sides *s, int32_t row)
{
    const hana_tree_data *data = s->data;
    double w = data->weights ? data->weights[row] : 1;
    s->left_weight += w;
    s->right_weight -= w;
    if (s->hard) {
        int32_t k = data->codes[row];
        double left = s->left[k], right = s->right[k];
        s->left[k] = left + w;
        s->right[k] = right - w;
        s->left_q += quality(s, left + w) - quality(s, left);
        s->right_q += quality(s, right - w) - quality(s, right);
    } else if (data->proba) {
        const double *p = data->proba->data + (size_t)row * data->proba->stride;
        for (size_t k = 0; k < s->width; k++) {
            s->left[k] += w * p[k];
            s->right[k] -= w * p[k];
        }
    } else {
        double y = w * (data->y[row] - s->centre);
        s->left[0] += y;
        s->right[0] -= y;
    }
}

static double score_sides(const sides *s)
{
    if (s->data->criterion == HANA_TREE_SQUARED)
        return s->left[0] * s->left[0] / s->left_weight +
               s->right[0] * s->right[0] / s->right_weight;
    if (!s->hard)
        return hana_tree_score(s->data->criterion, s->left_weight, s->left, s->width) +
               hana_tree_score(s->data->criterion, s->right_weight, s->right, s->width);
    if (s->data->criterion == HANA_TREE_GINI)
        return s->left_q / s->left_weight + s->right_q / s->right_weight;
    return s->left_q - x_log2_x(s->left_weight) + s->right_q - x_log2_x(s->right_weight);
}

/* What a candidate has to beat, and the smallest weights it may have. */
typedef struct search {
    double node_score, tie, min_leaf;
    hana_tree_split best;
} search;

/* 1 when the present sides are the best split so far. */
static int consider(search *found, const sides *s)
{
    double tiny = 1e-14 * (s->left_weight + s->right_weight);
    double least = found->min_leaf > tiny ? found->min_leaf : tiny;
    if (s->left_weight < least || s->right_weight < least) return 0;
    double gain = score_sides(s) - found->node_score;
    if (found->best.found && !(gain > found->best.gain + found->tie)) return 0;
    found->best.found = 1;
    found->best.gain = gain;
    return 1;
}

static double midpoint(double a, double b)
{
    double middle = a / 2 + b / 2;
    return middle < b && middle >= a ? middle : a;
}

static hana_tree_split split_numbers(const hana_tree_data *data,
                                     const hana_tree_sums *node, const double *x,
                                     const int32_t *order, size_t n, search found,
                                     double *scratch)
{
    size_t present = n;
    while (present > 0 && isnan(x[order[present - 1]])) present--;
    found.best.missing_seen = present < n;
    if (present == 0 || (present == n && x[order[0]] == x[order[n - 1]]))
        return found.best;
    for (int missing_left = 0; missing_left <= (present < n); missing_left++) {
        sides s;
        start(&s, data, node, scratch);
        if (missing_left)
            for (size_t i = present; i < n; i++) move_row(&s, order[i]);
        double value = x[order[0]];
        for (size_t i = 0; i + 1 < present; i++) {
            move_row(&s, order[i]);
            double next = x[order[i + 1]];
            if (next > value && consider(&found, &s)) {
                found.best.threshold = midpoint(value, next);
                found.best.missing_left =
                    present < n ? missing_left : s.left_weight >= s.right_weight;
            }
            value = next;
        }
        if (missing_left || present == n) continue;
        move_row(&s, order[present - 1]);
        if (consider(&found, &s)) {
            found.best.threshold = HUGE_VAL;
            found.best.missing_left = 0;
        }
    }
    return found.best;
}

typedef struct keyed_level {
    double key;
    int32_t level;
} keyed_level;

/* A number per level by which to order them, into levels[n].key: the share of class 1,
   the mean target, or the first principal component of the class shares. `room`: width *
   (width + 5). */
static void key_levels(keyed_level *levels, size_t n, const hana_tree_data *data,
                       const double *weight, const double *sum, double *room)
{
    size_t width = data->width;
    if (width <= 2) {
        for (size_t i = 0; i < n; i++)
            levels[i].key = sum[(size_t)levels[i].level * width + width - 1] /
                            weight[levels[i].level];
        return;
    }
    double *mean = room, *eigen = mean + width, *work = eigen + width,
           *cov = work + 3 * width;
    double total = 0;
    memset(mean, 0, width * sizeof *mean);
    memset(cov, 0, width * width * sizeof *cov);
    for (size_t i = 0; i < n; i++) {
        total += weight[levels[i].level];
        for (size_t k = 0; k < width; k++)
            mean[k] += sum[(size_t)levels[i].level * width + k];
    }
    for (size_t k = 0; k < width; k++) mean[k] /= total;
    for (size_t i = 0; i < n; i++) {
        const double *v = sum + (size_t)levels[i].level * width;
        double w = weight[levels[i].level];
        for (size_t a = 0; a < width; a++)
            for (size_t b = 0; b <= a; b++)
                cov[b * width + a] += w * (v[a] / w - mean[a]) * (v[b] / w - mean[b]);
    }
    int order = (int)width, n_work = 3 * order, info = 0;
    dsyev_("V", "L", &order, cov, &order, eigen, work, &n_work, &info, 1, 1);
    const double *axis = cov + (width - 1) * width;
    for (size_t i = 0; i < n; i++) {
        const double *v = sum + (size_t)levels[i].level * width;
        double w = weight[levels[i].level];
        levels[i].key = 0;
        for (size_t k = 0; k < width; k++)
            levels[i].key += axis[k] * (v[k] / w - mean[k]);
    }
}

static int compare_levels(const void *left, const void *right)
{
    const keyed_level *a = left, *b = right;
    if (a->key != b->key) return a->key < b->key ? -1 : 1;
    return (a->level > b->level) - (a->level < b->level);
}

static void move_level(sides *s, double weight, const double *sum)
{
    s->left_weight += weight;
    s->right_weight -= weight;
    for (size_t k = 0; k < s->width; k++) {
        s->left[k] += sum[k];
        s->right[k] -= sum[k];
    }
}

static void sum_levels(const hana_tree_data *data, const hana_tree_sums *node,
                       const double *x, size_t n_levels, const int32_t *order, size_t n,
                       double *weight, double *sum)
{
    size_t width = data->width;
    memset(weight, 0, (n_levels + 1) * sizeof *weight);
    memset(sum, 0, (n_levels + 1) * width * sizeof *sum);
    for (size_t i = 0; i < n; i++) {
        int32_t row = order[i];
        size_t level = isnan(x[row]) ? n_levels : (size_t)x[row];
        double w = data->weights ? data->weights[row] : 1;
        double *to = sum + level * width;
        weight[level] += w;
        if (data->criterion == HANA_TREE_SQUARED) {
            to[0] += w * (data->y[row] - node->centre);
        } else if (!data->proba) {
            to[data->codes[row]] += w;
        } else {
            const double *p = data->proba->data + (size_t)row * data->proba->stride;
            for (size_t k = 0; k < width; k++) to[k] += w * p[k];
        }
    }
}

static hana_tree_split split_levels(const hana_tree_data *data,
                                    const hana_tree_sums *node, const double *x,
                                    size_t n_levels, const int32_t *order, size_t n,
                                    search found, uint64_t *mask, double *scratch)
{
    size_t width = data->width;
    double *weight = scratch + 2 * width, *sum = weight + n_levels + 1;
    double *room = sum + (n_levels + 1) * width;
    keyed_level *levels = (keyed_level *)(void *)(room + width * (width + 5));
    sum_levels(data, node, x, n_levels, order, n, weight, sum);
    size_t present = 0, best = 0;
    for (size_t level = 0; level <= n_levels; level++)
        if (weight[level] > 0) levels[present++].level = (int32_t)level;
    if (present < 2) return found.best;
    key_levels(levels, present, data, weight, sum, room);
    qsort(levels, present, sizeof *levels, compare_levels);
    sides s;
    int heavier_left = 0;
    start(&s, data, node, scratch);
    s.hard = 0;
    for (size_t i = 0; i + 1 < present; i++) {
        size_t level = (size_t)levels[i].level;
        move_level(&s, weight[level], sum + level * width);
        if (!consider(&found, &s)) continue;
        best = i + 1;
        heavier_left = s.left_weight >= s.right_weight;
    }
    if (!found.best.found) return found.best;
    memset(mask, heavier_left ? 0xff : 0, (n_levels + 64) / 64 * sizeof *mask);
    for (size_t i = 0; i < present; i++) {
        uint64_t bit = (uint64_t)1 << (levels[i].level % 64),
                 *word = mask + levels[i].level / 64;
        *word = i < best ? *word | bit : *word & ~bit;
    }
    found.best.missing_seen = weight[n_levels] > 0;
    found.best.missing_left = (int)(mask[n_levels / 64] >> (n_levels % 64) & 1);
    return found.best;
}

hana_tree_split hana_tree_split_column(const hana_tree_data *data,
                                       const hana_tree_sums *node, size_t column,
                                       const int32_t *order, size_t n, double min_leaf,
                                       uint64_t *mask, double *scratch)
{
    const double *x = data->columns[column];
    search found = { .node_score = hana_tree_score(data->criterion, node->weight,
                                                   node->sum, data->width),
                     .min_leaf = min_leaf };
    found.tie = TIE * node->spread;
    if (data->n_levels[column] > 0)
        return split_levels(data, node, x, data->n_levels[column], order, n, found, mask,
                            scratch);
    return split_numbers(data, node, x, order, n, found, scratch);
}

size_t hana_tree_scratch(const hana_tree_data *data)
{
    size_t most = 0, width = data->width;
    for (size_t j = 0; j < data->cols; j++)
        if (data->n_levels[j] > most) most = data->n_levels[j];
    return 2 * width + (most + 1) * (width + 3) + width * (width + 5) + 16;
}
