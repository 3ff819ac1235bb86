#ifndef HANA_LEARN_TASK_H
#define HANA_LEARN_TASK_H

#include "base/matrix.h"
#include "data/frame.h"
#include "data/selector.h"

/* What a column is for. One set of roles wherever data and target meet. */
typedef enum hana_task_kind {
    HANA_AUTO = 0,
    HANA_REGRESSION,
    HANA_CLASSIFICATION,
    HANA_NO_TARGET /* clustering, decomposition, anomaly: learns from the features alone
                    */
} hana_task_kind;

typedef enum hana_new_level {
    HANA_LEVEL_ERROR = 0,
    HANA_LEVEL_OTHER,
    HANA_LEVEL_MISSING
} hana_new_level;
typedef enum hana_out_of_range {
    HANA_RANGE_WARN = 0,
    HANA_RANGE_IGNORE,
    HANA_RANGE_CLIP,
    HANA_RANGE_ERROR
} hana_out_of_range;

typedef struct hana_roles {
    char *target;   /* NULL: none */
    char *positive; /* the positive class as text, or NULL */
    hana_task_kind task;
    hana_columns features; /* not given: all columns without another role */
    hana_columns ignore;
    char *weights, *group, *by_time;
    const hana_frame
        *target_proba; /* a column a class, rows aligned with the data; or NULL */
    hana_new_level new_level;
    hana_out_of_range out_of_range;
} hana_roles;
HANA_API void hana_roles_clear(hana_roles *roles);
HANA_API hana_status hana_roles_copy(hana_roles *out, const hana_roles *roles,
                                     hana_error *err);
/* From a map { target = , positive = , task = "regression"|"classification", ... } or a
   string (the target). Unknown keys are errors with the nearest. */
/* The keys that hana_roles_from_value takes, static. */
HANA_API const char *const *hana_role_names(size_t *n);
HANA_API hana_status hana_roles_from_value(hana_roles *out, const hana_value *value,
                                           hana_error *err);
HANA_API hana_status hana_roles_to_value(hana_value *out, const hana_roles *roles,
                                         hana_error *err);

/* What is predicted. `classes` is a column of the target's own type: one cell a class,
   ascending (false before true, texts by bytes, categories in the order of their levels);
   codes index it. */
typedef struct hana_target {
    hana_task_kind task;
    hana_type type;
    const hana_column *classes; /* counted reference; NULL in regression */
    ptrdiff_t positive;         /* index into classes, or -1 */
} hana_target;
HANA_API void hana_target_clear(hana_target *target);
HANA_API hana_status hana_target_copy(hana_target *out, const hana_target *target,
                                      hana_error *err);
static inline size_t hana_target_classes(const hana_target *target)
{
    return target->classes ? hana_column_length(target->classes) : 0;
}
/* The class's text, e.g. as a column name of predict_proba. Appended to out. */
HANA_API void hana_target_class_name(hana_text *out, const hana_target *target, size_t k);

/* A task: rows to learn from, resolved once at the top and handed down. All arrays have
   one entry a row. Rows without a label have y = NaN and code -1. With `proba` (rows x
   classes), class probabilities take the place of codes (codes are their argmax); a row
   of NaN is unlabeled. */
typedef struct hana_task {
    const hana_frame *frame; /* counted reference */
    const hana_roles *roles; /* borrowed; outlives the task */
    hana_target target;
    size_t rows;
    double *y;
    int32_t *codes;
    hana_matrix proba; /* data NULL when there are none */
    double *weights;   /* NULL: all 1 */
    size_t unlabeled;  /* rows without a label */
    int full_rank; /* for encoders: what learns in the end needs independent columns */
} hana_task;
/* `known` (may be NULL) fixes the classes, so that folds agree. `tasks` says which kinds
   the estimator can do: it decides what an int target means, and refuses one that fits
   both: "target 'grade' is int: say task = \"classification\" or task = \"regression\"".
   Negative, NaN or all-zero weights, an all-null target, a single class are errors. */
HANA_API hana_status hana_task_new(hana_task *out, const hana_frame *frame,
                                   const hana_roles *roles, const hana_target *known,
                                   int can_classify, int can_regress, hana_error *err);
HANA_API void hana_task_clear(hana_task *task);
/* The rows rows[0..n) (repeats allowed) as a task of its own. */
HANA_API hana_status hana_task_take(hana_task *out, const hana_task *task,
                                    const size_t *rows, size_t n, hana_error *err);
/* The same rows with other columns (after a step): copies the arrays. */
HANA_API hana_status hana_task_with_frame(hana_task *out, const hana_task *task,
                                          const hana_frame *frame, hana_error *err);
/* The labelled rows only, or the task itself copied when all are labelled. */
HANA_API hana_status hana_task_labeled(hana_task *out, const hana_task *task,
                                       hana_error *err);
/* Names of the feature columns of a frame under these roles, into an empty *out: role
   columns and ignored ones are never features. */
HANA_API hana_status hana_features(hana_names *out, const hana_frame *frame,
                                   const hana_roles *roles, hana_error *err);

/* What goes inside a composition: the frame with the features and the role columns alone,
   and the roles without `features` and `ignore`, which have then done their work. Into
   unset *out and *narrow. */
HANA_API hana_status hana_roles_inner(hana_roles *out, hana_frame **narrow,
                                      const hana_roles *roles, const hana_frame *frame,
                                      hana_error *err);

#endif
