#ifndef HANA_LEARN_TREE_SPLIT_H
#define HANA_LEARN_TREE_SPLIT_H

#include "base/matrix.h"

#include <stdint.h>

typedef enum hana_tree_criterion {
    HANA_TREE_GINI,
    HANA_TREE_ENTROPY,
    HANA_TREE_SQUARED /* regression */
} hana_tree_criterion;

/* What a tree is grown from. Numbers may be NaN (missing); categories are codes. */
typedef struct hana_tree_data {
    size_t rows, cols;
    const double *const *columns;
    const size_t *n_levels; /* a column; 0: numbers */
    hana_tree_criterion criterion;
    size_t width;             /* classes; 1 in regression */
    const double *y;          /* regression */
    const int32_t *codes;     /* classification with hard labels */
    const hana_matrix *proba; /* with class probabilities, else NULL */
    const double *weights;    /* NULL: all 1; rows of weight 0 do not count */
} hana_tree_data;

/* Sums over the rows of a node. `sum`: weight x class shares, or of (y - centre) in
 * regression. */
typedef struct hana_tree_sums {
    double weight;
    double *sum;
    double centre;
    double spread; /* weight x impurity */
} hana_tree_sums;

typedef struct hana_tree_split {
    int found;
    double gain; /* decrease of weight x impurity */
    double threshold;
    int missing_left, missing_seen;
} hana_tree_split;

/* Quality of a set with these sums: -weight x impurity up to a constant of the node, so
   that the gain of a split is score(left) + score(right) - score(node). */
double hana_tree_score(hana_tree_criterion criterion, double weight, const double *sum,
                       size_t width);

/* The best split of the n rows of a node by one column, both sides weighing at least
   min_leaf. `order`: the rows, by ascending value with missing ones last (any order for a
   category). `mask`: words (n_levels + 64) / 64 that receive the levels on the left.
   `scratch`: hana_tree_scratch doubles. Among equals the lowest threshold wins.
   - numbers: thresholds midway between neighbours, missing values tried on either side
   - categories: levels, and missing as one more, in the order of their mean target
   (Fisher 1958; Breiman et al. 1984, theorem 4.5); with more than two classes in the
   order of the first principal component of their class shares (Coppersmith, Hong and
   Hosking 1999), which need not be the best subset. A level absent here goes with the
   heavier side. */
hana_tree_split hana_tree_split_column(const hana_tree_data *data,
                                       const hana_tree_sums *node, size_t column,
                                       const int32_t *order, size_t n, double min_leaf,
                                       uint64_t *mask, double *scratch);
size_t hana_tree_scratch(const hana_tree_data *data);

#endif
