#ifndef HANA_LEARN_TREE_H
#define HANA_LEARN_TREE_H

#include "learn/learner.h"

/* A fitted decision tree. Nodes are in preorder: the root first, the left child right
 * after its parent. */
typedef struct hana_tree_node {
    int32_t feature; /* -1: leaf */
    int32_t left, right;
    int32_t mask;       /* category: index of its first word in masks; -1: number */
    int32_t mask_words; /* a level beyond them goes right */
    int32_t missing_left, missing_seen; /* seen: training rows here lacked the value */
    double threshold;                   /* x <= threshold goes left */
    double weight;                      /* sum of the training weights here */
    double impurity; /* mean impurity here: gini, entropy (bits) or variance */
} hana_tree_node;

typedef struct hana_tree {
    size_t n_nodes, n_masks;
    size_t n_features;
    size_t width; /* 1: the mean in regression; else the shares of the classes */
    int classifies;
    hana_tree_node *nodes;
    double *values;  /* n_nodes x width */
    uint64_t *masks; /* bit `code` set: that level goes left */
} hana_tree;

/* Zeroed memory is empty; clear leaves it so. */
void hana_tree_clear(hana_tree *tree);
size_t hana_tree_bytes(const hana_tree *tree);
/* The values of each row's leaf: rows x width, `out` of that shape. */
hana_status hana_tree_predict(const hana_tree *tree, hana_problem *x, hana_matrix *out,
                              hana_job *job, hana_error *err);
hana_status hana_tree_save(const hana_tree *tree, hana_writer *writer, hana_error *err);
hana_status hana_tree_load(hana_tree *tree, hana_reader *reader, hana_error *err);
/* Adds each feature's decrease of impurity x weight to importance[n_features]. */
void hana_tree_importance(const hana_tree *tree, double *importance);
/* A frame of term and importance (sums to 1, or all 0). */
hana_status hana_importance_frame(hana_frame **out, const double *importance,
                                  const hana_feature *features, size_t n,
                                  hana_error *err);
/* Indented rules, one line a condition and a leaf. */
hana_status hana_tree_print(const hana_tree *tree, const hana_feature *features,
                            const hana_target *target, hana_text *out, hana_error *err);
/* One tree, outputs = width. Refuses features with more than 256 levels. */
hana_status hana_tree_export(const hana_tree *tree, size_t n_features, hana_export *out,
                             hana_error *err);

#endif
