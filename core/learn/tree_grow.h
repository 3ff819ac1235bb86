#ifndef HANA_LEARN_TREE_GROW_H
#define HANA_LEARN_TREE_GROW_H

#include "learn/tree.h"
#include "learn/tree_split.h"

typedef struct hana_tree_limits {
    int64_t max_depth;  /* 0: none; a root alone has depth 0 */
    int64_t max_leaves; /* 0: none; else the split with the largest gain comes first */
    double min_leaf;    /* smallest weight of a leaf; up to 1: one row is enough */
    double min_split;   /* smallest weight of a node that is split; up to 2: likewise */
    double prune; /* weakest-link pruning: a split must lower weight share x impurity by
                     this much a leaf (Breiman et al. 1984, chapter 3) */
} hana_tree_limits;

/* Grows a tree on exact splits (Breiman, Friedman, Olshen and Stone, Classification and
   Regression Trees, 1984) with columns sorted once (Mehta, Agrawal and Rissanen, "SLIQ",
   EDBT 1996). Among equal splits the lowest column wins. Into an empty *out; same bits
   for any number of threads. */
hana_status hana_tree_grow(hana_tree *out, const hana_tree_data *data,
                           const hana_tree_limits *limits, hana_job *job,
                           hana_error *err);

#endif
