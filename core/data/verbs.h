#ifndef HANA_DATA_VERBS_H
#define HANA_DATA_VERBS_H

#include "data/expr.h"
#include "data/frame.h"

/* Keeps the rows where the expression is true (a bool expression; null is not true). */
HANA_API hana_status hana_frame_filter(hana_frame **out, const hana_frame *frame,
                                       const hana_expr *where, hana_job *job,
                                       hana_error *err);

/* names[i] = exprs[i]. In order: later ones see earlier new columns; else all see the
 * original. */
HANA_API hana_status hana_frame_mutate(hana_frame **out, const hana_frame *frame,
                                       const hana_names *names,
                                       const hana_expr *const *exprs, int in_order,
                                       hana_job *job, hana_error *err);

/* Stable sort; nulls last and NaN before them in both directions; strings by bytes,
   categories by level order. descending[i] per key. Gives the permutation;
   hana_frame_sort applies it. */
HANA_API hana_status hana_frame_order(size_t **rows, const hana_frame *frame,
                                      const hana_names *keys, const int *descending,
                                      hana_job *job, hana_error *err);
HANA_API hana_status hana_frame_sort(hana_frame **out, const hana_frame *frame,
                                     const hana_names *keys, const int *descending,
                                     hana_job *job, hana_error *err);

/* Group numbers 0 .. *n_groups - 1 per row in key order (nulls last, NaN one group), and
   the first row of each group. Arrays are owned by the caller (hana_free). */
HANA_API hana_status hana_frame_groups(size_t **group_of_row, size_t **first_row,
                                       size_t *n_groups, const hana_frame *frame,
                                       const hana_names *keys, hana_job *job,
                                       hana_error *err);
/* One row a group in key order: the keys, then names[i] = exprs[i] (aggregates). No keys:
 * one row. */
HANA_API hana_status hana_frame_summarize(hana_frame **out, const hana_frame *frame,
                                          const hana_names *keys, const hana_names *names,
                                          const hana_expr *const *exprs, hana_job *job,
                                          hana_error *err);
/* As mutate and filter, but aggregates, lags and ranks see the rows of their own group
   only. Rows stay in their order. */
HANA_API hana_status hana_frame_mutate_within(hana_frame **out, const hana_frame *frame,
                                              const hana_names *keys,
                                              const hana_names *names,
                                              const hana_expr *const *exprs, int in_order,
                                              hana_job *job, hana_error *err);
HANA_API hana_status hana_frame_filter_within(hana_frame **out, const hana_frame *frame,
                                              const hana_names *keys,
                                              const hana_expr *where, hana_job *job,
                                              hana_error *err);
/* The first row of each combination of values, in the frame's order; all columns are
 * kept. */
HANA_API hana_status hana_frame_distinct(hana_frame **out, const hana_frame *frame,
                                         const hana_names *keys /* NULL: all */,
                                         hana_job *job, hana_error *err);

typedef enum hana_join_kind {
    HANA_JOIN_INNER,
    HANA_JOIN_LEFT,
    HANA_JOIN_RIGHT,
    HANA_JOIN_FULL,
    HANA_JOIN_SEMI,
    HANA_JOIN_ANTI
} hana_join_kind;
/* left_on[i] = right_on[i]; null keys match nothing; rows in the order of the left frame
   (right frame's unmatched last). Right keys are not repeated; other equal names get
   `suffix` on the right. Keeps the left ids. */
HANA_API hana_status hana_frame_join(hana_frame **out, const hana_frame *left,
                                     const hana_frame *right, const hana_names *left_on,
                                     const hana_names *right_on, hana_join_kind how,
                                     const char *suffix, hana_job *job, hana_error *err);

/* Columns become rows: every row gives one for each of `columns`, in their order. `name`
   is a category whose levels are the columns in their order, `value` has their cells
   (types unite as in hana_column_concat); the other columns are repeated. The rows are
   new ones. */
HANA_API hana_status hana_frame_pivot_longer(hana_frame **out, const hana_frame *frame,
                                             const hana_names *columns, const char *name,
                                             const char *value, hana_error *err);
/* Rows become columns: one new column per value of column `name` (a category's in the
   order of its levels, others as they appear) with the cells of column `value`; one row
   per combination of `ids` (NULL: all other columns), as they appear. Cells that no row
   fills are null; two rows for one cell are HANA_BAD_DATA. The rows are new ones. */
HANA_API hana_status hana_frame_pivot_wider(hana_frame **out, const hana_frame *frame,
                                            const hana_names *ids, const char *name,
                                            const char *value, hana_job *job,
                                            hana_error *err);
/* The rows without a null in `columns` (NULL: in any column). */
HANA_API hana_status hana_frame_drop_null(hana_frame **out, const hana_frame *frame,
                                          const hana_names *columns /* NULL: all */,
                                          hana_error *err);

/* n rows without replacement, in the frame's order; `stratify` (may be NULL) keeps the
   shares of that column's values (largest remainders). */
HANA_API hana_status hana_frame_sample(hana_frame **out, const hana_frame *frame,
                                       size_t n, const char *stratify, uint64_t seed,
                                       hana_error *err);

/* A row per column: name, type, n, nulls, distinct, mean, sd, min, q25, median, q75, max,
   top (the most frequent value of texts), earliest and latest (of times, as texts). */
HANA_API hana_status hana_frame_describe(hana_frame **out, const hana_frame *frame,
                                         hana_job *job, hana_error *err);

/* The table as text: at most `rows` rows and what fits into `width` terminal cells, with
   types under the names, nulls as `null`, wide characters aligned, and what is not shown
   said at the end. */
HANA_API hana_status hana_frame_print(hana_text *out, const hana_frame *frame,
                                      size_t rows, size_t width, hana_error *err);

#endif
