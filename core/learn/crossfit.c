#include "learn/crossfit.h"

#include "base/parallel.h"
#include "base/random.h"
#include "learn/level_guard.h"
#include "measure/split.h"

#include <math.h>
#include <string.h>

void hana_crossfit_clear(hana_crossfit *crossfit)
{
    hana_matrix_clear(&crossfit->out);
    hana_free(crossfit->fold);
    for (size_t f = 0; crossfit->fitted && f < crossfit->folds; f++)
        hana_fitted_release(crossfit->fitted[f]);
    hana_free(crossfit->fitted);
    *crossfit = (hana_crossfit){ 0 };
}

/* What the blocks of the parallel run share; each fold writes rows and slots of its own.
 */
typedef struct run {
    hana_crossfit *out;
    const hana_spec *spec;
    const hana_task *task;
    hana_want want;
    int keep_models;
    int unlabeled; /* the spec learns from rows without a label */
} run;

static size_t rows_of(size_t *rows, const run *r, size_t fold, int inside)
{
    size_t n = 0;
    for (size_t i = 0; i < r->task->rows; i++) {
        if (!inside && r->out->fold[i] < 0 && !r->unlabeled) continue;
        if ((r->out->fold[i] == (int32_t)fold) == inside) rows[n++] = i;
    }
    return n;
}

static hana_status one_fold(run *r, size_t fold, hana_job *job, hana_error *err)
{
    const hana_task *task = r->task;
    size_t *rows = hana_alloc(task->rows, sizeof *rows);
    if (!rows) return hana_fail_memory(err);
    hana_task train = { .target = { .positive = -1 } };
    hana_frame *held_out = NULL;
    const hana_fitted *fitted = NULL;
    hana_matrix made = { 0 };
    size_t n = rows_of(rows, r, fold, 0);
    hana_status status = hana_task_take(&train, task, rows, n, err);
    if (status == HANA_OK) status = hana_fit(&fitted, r->spec, &train, job, err);
    n = rows_of(rows, r, fold, 1);
    if (status == HANA_OK) status = hana_frame_take(&held_out, task->frame, rows, n, err);
    if (status == HANA_OK)
        status = hana_fitted_predict(&made, fitted, held_out, r->want, job, err);
    if (status == HANA_OK && made.cols != r->out->out.cols)
        status = hana_fail(err, HANA_BAD_SHAPE, "%s predicts %zu columns, expected %zu",
                           hana_spec_name(r->spec), made.cols, r->out->out.cols);
    for (size_t i = 0; status == HANA_OK && i < n; i++)
        memcpy(r->out->out.data + rows[i] * r->out->out.stride,
               made.data + i * made.stride, made.cols * sizeof(double));
    hana_task_clear(&train);
    hana_frame_release(held_out);
    hana_matrix_clear(&made);
    hana_free(rows);
    if (status == HANA_OK && r->keep_models)
        r->out->fitted[fold] = fitted;
    else
        hana_fitted_release(fitted);
    return status;
}

static hana_status unit(void *context, size_t fold, hana_job *job, hana_error *err)
{
    return one_fold(context, fold, job, err);
}

hana_status hana_crossfit_over(hana_crossfit *out, const hana_spec *spec,
                               const hana_task *task, const int32_t *fold, size_t folds,
                               hana_want want, int keep_models, hana_job *job,
                               hana_error *err)
{
    hana_crossfit made = { .folds = folds };
    size_t cols = want == HANA_WANT_PROBA ? hana_target_classes(&task->target) : 1;
    /* Every level is known to the whole; a fold that lacks one must not refuse it. */
    hana_level_guard guard;
    HANA_TRY(hana_level_guard_learn(&guard, task, err));
    hana_task seen = hana_level_guard_task(&guard, task);
    run r = { .out = &made,
              .spec = spec,
              .task = &seen,
              .want = want,
              .keep_models = keep_models,
              .unlabeled = (hana_spec_tags(spec) & HANA_TAG_UNLABELED) != 0 };
    hana_status status = hana_matrix_new(&made.out, task->rows, cols, err);
    if (status == HANA_OK) {
        made.fold = hana_alloc(task->rows, sizeof *made.fold);
        if (keep_models) made.fitted = hana_alloc_zero(folds, sizeof *made.fitted);
        if (!made.fold || (keep_models && !made.fitted)) status = hana_fail_memory(err);
    }
    if (status == HANA_OK) {
        memcpy(made.fold, fold, task->rows * sizeof *made.fold);
        for (size_t i = 0; i < task->rows * cols; i++) made.out.data[i] = (double)NAN;
        status = hana_units(job, folds, "fold",
                            (hana_spec_tags(spec) & HANA_TAG_HOST) != 0, unit, &r, err);
    }
    hana_level_guard_clear(&guard);
    if (status == HANA_OK)
        *out = made;
    else
        hana_crossfit_clear(&made);
    return status;
}

/* Folds for a task: stratified by class, grouped by its group column; unlabelled rows get
 * -1. */
hana_status hana_task_folds(int32_t *fold, const hana_task *task, size_t folds,
                            int stratify, uint64_t seed, hana_error *err)
{
    int32_t *codes = hana_alloc(task->rows, sizeof *codes);
    int64_t *groups = NULL;
    hana_status status = codes ? HANA_OK : hana_fail_memory(err);
    for (size_t i = 0; status == HANA_OK && i < task->rows; i++)
        codes[i] = task->codes ? (stratify || task->codes[i] < 0 ? task->codes[i] : 0)
                   : task->y   ? (isnan(task->y[i]) ? -1 : 0)
                               : 0;
    if (status == HANA_OK && task->roles->group) {
        const hana_column *column;
        size_t n_groups;
        groups = hana_alloc(task->rows, sizeof *groups);
        status = groups ? hana_frame_get(&column, task->frame, task->roles->group, err)
                        : hana_fail_memory(err);
        if (status == HANA_OK) status = hana_group_codes(groups, &n_groups, column, err);
    }
    if (status == HANA_OK)
        status = hana_folds(fold, task->rows, folds, codes, groups, seed, err);
    hana_free(codes);
    hana_free(groups);
    return status;
}

hana_status hana_crossfit_run(hana_crossfit *out, const hana_spec *spec,
                              const hana_task *task, size_t folds, hana_want want,
                              int keep_models, hana_job *job, hana_error *err)
{
    int32_t *fold = hana_alloc(task->rows, sizeof *fold);
    if (!fold) return hana_fail_memory(err);
    hana_status status = hana_task_folds(
        fold, task, folds, 1, hana_seed_child(hana_job_seed(job), "crossfit", 0), err);
    if (status == HANA_OK)
        status =
            hana_crossfit_over(out, spec, task, fold, folds, want, keep_models, job, err);
    hana_free(fold);
    return status;
}
