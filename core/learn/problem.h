#ifndef HANA_LEARN_PROBLEM_H
#define HANA_LEARN_PROBLEM_H

#include "base/job.h"
#include "base/matrix.h"
#include "learn/task.h"

/* A feature as a learner sees it. */
typedef struct hana_feature {
    char *name;                /* "age", "city=Seoul", "text=free" */
    size_t n_levels;           /* > 0: category codes 0 .. n_levels - 1 (only with
                                  HANA_TAG_CATEGORIES) */
    const hana_column *levels; /* their texts, borrowed; NULL: not known */
} hana_feature;

/* A task in numbers: what learners fit and predict from. Made by `design`; the features
   come as views on request, each built once and kept in the problem. Missing values are
   NaN (codes: NaN in the matrix and column views too), present only where the learner has
   HANA_TAG_MISSING. Not for several threads at once, except that views already built may
   be read by all. */
typedef struct hana_problem hana_problem;

HANA_API size_t hana_problem_rows(const hana_problem *p);
HANA_API size_t hana_problem_cols(const hana_problem *p);
HANA_API const hana_feature *hana_problem_feature(const hana_problem *p, size_t j);
HANA_API int hana_problem_is_sparse(const hana_problem *p); /* CSR is its natural view */

/* rows x cols, row-major; category codes as numbers. Borrowed from the problem. */
HANA_API hana_status hana_problem_matrix(const hana_matrix **out, hana_problem *p,
                                         hana_error *err);
/* Column j, contiguous (no copy for a float column without nulls beyond the NaN it
 * holds). */
HANA_API hana_status hana_problem_column(const double **out, hana_problem *p, size_t j,
                                         hana_error *err);
HANA_API hana_status hana_problem_sparse(const hana_sparse **out, hana_problem *p,
                                         hana_error *err);

/* The target; unset (HANA_NO_TARGET) at prediction. Every class has at least one row with
   weight. All rows are labelled unless the learner has HANA_TAG_UNLABELED. */
HANA_API hana_task_kind hana_problem_task(const hana_problem *p);
HANA_API const double *hana_problem_y(const hana_problem *p); /* regression */
HANA_API size_t hana_problem_classes(const hana_problem *p);
HANA_API const int32_t *
hana_problem_codes(const hana_problem *p); /* classification; -1 unlabeled */
HANA_API const hana_matrix *
hana_problem_proba(const hana_problem *p); /* NULL: hard labels; only with
                                          HANA_TAG_SOFT_TARGETS */
HANA_API const double *hana_problem_weights(const hana_problem *p); /* NULL: all 1 */

/* For tests and host models: a problem over a matrix (copied) with a target. */
HANA_API hana_status hana_problem_from_matrix(hana_problem **out, const hana_matrix *x,
                                              hana_error *err);
HANA_API void hana_problem_free(hana_problem *p);

#endif
