#ifndef HANA_LEARN_CROSSFIT_H
#define HANA_LEARN_CROSSFIT_H

#include "learn/estimator.h"

/* Out-of-fold predictions: every labelled row is predicted by a clone of the spec that
   was fitted without its fold; unlabelled rows are always training rows of specs that use
   them (their predictions are NaN). What stacking, calibration, distillation and
   cross-validation need. Folds run in parallel unless the spec has HANA_TAG_HOST. */
typedef struct hana_crossfit {
    hana_matrix out;            /* rows x 1 or rows x classes */
    int32_t *fold;              /* of each row; -1 for unlabelled rows */
    const hana_fitted **fitted; /* a model a fold, kept when asked for */
    size_t folds;
} hana_crossfit;
HANA_API hana_status hana_crossfit_run(hana_crossfit *out, const hana_spec *spec,
                                       const hana_task *task, size_t folds,
                                       hana_want want, int keep_models, hana_job *job,
                                       hana_error *err);
/* The same over folds that are given (each 0 .. folds - 1, or -1: only ever trained on).
 */
HANA_API hana_status hana_crossfit_over(hana_crossfit *out, const hana_spec *spec,
                                        const hana_task *task, const int32_t *fold,
                                        size_t folds, hana_want want, int keep_models,
                                        hana_job *job, hana_error *err);
/* Fold numbers for a task's rows into fold[0..rows): stratified by class when asked, rows
   of one group together, -1 for unlabelled rows. */
HANA_API hana_status hana_task_folds(int32_t *fold, const hana_task *task, size_t folds,
                                     int stratify, uint64_t seed, hana_error *err);
HANA_API void hana_crossfit_clear(hana_crossfit *crossfit);

#endif
