#ifndef HANA_LEARN_EXPORT_H
#define HANA_LEARN_EXPORT_H

#include "base/matrix.h"
#include "data/expr.h"

/* A neutral description of a fitted model, from which C, SQL and Lua are written: a list
   of operations on named values, then one predictor. Filled by the parts' `export` slots
   in pipeline order. All texts and arrays are copied; hana_export_clear frees. Start from
   {0}. */
typedef enum hana_export_op_kind {
    HANA_EXPORT_DERIVE,    /* name = expr (counted) */
    HANA_EXPORT_IMPUTE,    /* name: null -> number, or text when it is a text column */
    HANA_EXPORT_INDICATE,  /* output = 1 when name is null, else 0 */
    HANA_EXPORT_INDICATOR, /* output = 1 when name equals level `text` (is null when text
                              is NULL) else 0 */
    HANA_EXPORT_OTHER,     /* output = 1 when name is none of the levels */
    HANA_EXPORT_CHECK_LEVEL, /* name must be one of the levels, else the row is refused */
    HANA_EXPORT_CODE, /* output = index of name among the levels; else by a: 0 refused, 1
                         their number, 2 missing */
    HANA_EXPORT_AFFINE, /* name = (name - shift) / scale */
    HANA_EXPORT_CLIP,   /* name = min(max(name, low), high) */
    HANA_EXPORT_DROP    /* name is gone */
} hana_export_op_kind;

typedef struct hana_export_op {
    hana_export_op_kind kind;
    char *name, *output, *text;
    double a, b; /* number; shift and scale; low and high */
    hana_names levels;
    const hana_expr *expr;
} hana_export_op;

typedef enum hana_export_link {
    HANA_LINK_IDENTITY,
    HANA_LINK_LOGISTIC,
    HANA_LINK_SOFTMAX
} hana_export_link;
typedef enum hana_export_kind {
    HANA_EXPORT_NONE,
    HANA_EXPORT_LINEAR,
    HANA_EXPORT_TREES
} hana_export_kind;

/* A node; children are indices into the forest's node array. Leaves have feature -1 and
   value = row of `leaves`. Numeric: x <= threshold goes left; category codes: bit `code`
   of mask set goes left (codes >= 64 words * n_mask go right). NaN goes left when
   missing_left. */
typedef struct hana_export_node {
    int32_t feature, left, right;
    int32_t leaf;
    int32_t is_category, missing_left;
    double threshold;
    uint64_t mask[4]; /* up to 256 levels */
} hana_export_node;

typedef struct hana_export {
    hana_export_op *ops;
    size_t n_ops;

    hana_export_kind kind;
    hana_export_link link; /* LOGISTIC: one score, two classes: p(class 1) */
    size_t n_features, n_outputs;
    char **features; /* n_features value names, in the learner's order */
    /* The encodings that `design` made: ops that produce the features come before. */
    double *coef;      /* LINEAR: n_outputs x n_features */
    double *intercept; /* n_outputs */
    hana_export_node *nodes;
    size_t n_nodes;
    int32_t *roots; /* first node of each tree */
    size_t n_trees;
    double *leaves; /* n_leaves x n_outputs; trees are averaged with tree_weight */
    size_t n_leaves;
    double tree_weight; /* each tree's contribution, e.g. 1 / n_trees */
} hana_export;

HANA_API void hana_export_clear(hana_export *export);
/* Appends a zeroed operation whose name is a copy; fill in the rest through *op. */
HANA_API hana_status hana_export_add(hana_export_op **op, hana_export *export,
                                     hana_export_op_kind kind, const char *name,
                                     hana_error *err);

#endif
