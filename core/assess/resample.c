#include "assess/resample.h"

#include "base/parallel.h"
#include "base/random.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void hana_resampled_clear(hana_resampled *r)
{
    hana_frame_release(r->frame);
    hana_target_clear(&r->target);
    hana_free(r->y);
    hana_free(r->codes);
    hana_free(r->weights);
    hana_free(r->fold);
    hana_matrix_clear(&r->out);
    hana_free(r->fit_seconds);
    hana_free(r->predict_seconds);
    hana_free(r->n_train);
    hana_free(r->n_test);
    *r = (hana_resampled){ .target = { .positive = -1 } };
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

typedef struct run {
    hana_resampled *out;
    const hana_spec *spec;
    const hana_task *task;
    int by_time;
} run;

/* In time order a fold is trained on what came before it; else on all other folds. */
static int trains(const run *r, int32_t fold_of_row, size_t fold)
{
    return r->by_time ? fold_of_row < (int32_t)fold : fold_of_row != (int32_t)fold;
}

static hana_status keep(run *r, size_t repeat, const size_t *rows, size_t n,
                        const hana_matrix *made, hana_error *err)
{
    hana_matrix *out = &r->out->out;
    if (made->cols != out->cols)
        return hana_fail(err, HANA_BAD_SHAPE, "%s predicts %zu columns, expected %zu",
                         hana_spec_name(r->spec), made->cols, out->cols);
    for (size_t i = 0; i < n; i++)
        memcpy(out->data + (repeat * r->task->rows + rows[i]) * out->stride,
               made->data + i * made->stride, made->cols * sizeof(double));
    return HANA_OK;
}

static hana_status one_unit(void *context, size_t unit, hana_job *job, hana_error *err)
{
    run *r = context;
    const hana_task *task = r->task;
    size_t repeat = unit / r->out->folds, fold = unit % r->out->folds, n = 0;
    const int32_t *fold_of = r->out->fold + repeat * task->rows;
    size_t *rows = hana_alloc(task->rows, sizeof *rows);
    if (!rows) return hana_fail_memory(err);
    hana_task train = { .target = { .positive = -1 } };
    const hana_fitted *fitted = NULL;
    hana_frame *held_out = NULL;
    hana_matrix made = { 0 };
    for (size_t i = 0; i < task->rows; i++)
        if (trains(r, fold_of[i], fold)) rows[n++] = i;
    r->out->n_train[unit] = n;
    hana_status status = hana_task_take(&train, task, rows, n, err);
    double start = seconds();
    if (status == HANA_OK) status = hana_fit(&fitted, r->spec, &train, job, err);
    r->out->fit_seconds[unit] = seconds() - start;
    n = 0;
    for (size_t i = 0; i < task->rows; i++)
        if (fold_of[i] == (int32_t)fold) rows[n++] = i;
    r->out->n_test[unit] = n;
    if (status == HANA_OK) status = hana_frame_take(&held_out, task->frame, rows, n, err);
    start = seconds();
    if (status == HANA_OK)
        status = hana_fitted_predict(
            &made, fitted, held_out,
            r->out->has_proba ? HANA_WANT_PROBA : HANA_WANT_VALUES, job, err);
    r->out->predict_seconds[unit] = seconds() - start;
    if (status == HANA_OK) status = keep(r, repeat, rows, n, &made, err);
    hana_task_clear(&train);
    hana_fitted_release(fitted);
    hana_frame_release(held_out);
    hana_matrix_clear(&made);
    hana_free(rows);
    return status;
}

typedef struct moment {
    double when;
    size_t row;
} moment;

static int by_when(const void *a, const void *b)
{
    const moment *x = a, *y = b;
    if (x->when != y->when) return x->when < y->when ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

/* folds + 1 stretches of time with equally many rows; the first is only ever trained on
   (-1). Rows of one moment stay together. */
static hana_status folds_in_time(int32_t *fold, const hana_task *task, size_t folds,
                                 hana_error *err)
{
    const hana_column *column;
    HANA_TRY(hana_frame_get(&column, task->frame, task->roles->by_time, err));
    moment *order = hana_alloc(task->rows, sizeof *order);
    if (!order) return hana_fail_memory(err);
    hana_status status = HANA_OK;
    for (size_t i = 0; status == HANA_OK && i < task->rows; i++) {
        order[i] = (moment){ .when = hana_column_number(column, i), .row = i };
        if (isnan(order[i].when))
            status =
                hana_fail(err, HANA_BAD_DATA, "column '%s' (by_time) is null in row %zu",
                          task->roles->by_time, i + 1);
    }
    if (status == HANA_OK && task->rows < folds + 1)
        status = hana_fail(err, HANA_BAD_SHAPE,
                           "%zu folds in time need at least %zu rows, got %zu", folds,
                           folds + 1, task->rows);
    if (status == HANA_OK) qsort(order, task->rows, sizeof *order, by_when);
    for (size_t i = 0; status == HANA_OK && i < task->rows; i++) {
        int32_t stretch = (int32_t)(i * (folds + 1) / task->rows) - 1;
        int same = i > 0 && order[i].when == order[i - 1].when;
        fold[order[i].row] = same ? fold[order[i - 1].row] : stretch;
    }
    hana_free(order);
    return status;
}

/* Unlabeled rows are never scored. */
static void leave_out_unlabeled(int32_t *fold, const hana_task *task)
{
    for (size_t i = 0; i < task->rows; i++)
        if (task->codes ? task->codes[i] < 0 : task->y && isnan(task->y[i])) fold[i] = -1;
}

static hana_status make_folds(run *r, const hana_resample_options *o, hana_error *err)
{
    for (size_t repeat = 0; repeat < o->repeats; repeat++) {
        int32_t *fold = r->out->fold + repeat * r->task->rows;
        if (r->by_time) {
            HANA_TRY(folds_in_time(fold, r->task, o->folds, err));
            leave_out_unlabeled(fold, r->task);
        } else {
            HANA_TRY(hana_task_folds(fold, r->task, o->folds, o->stratify,
                                     hana_seed_child(o->seed, "repeat", repeat), err));
        }
    }
    return HANA_OK;
}

/* A teacher or other fitted part that has seen these rows would leak their labels into
 * every fold. */
static hana_status refuse_leaks(const hana_spec *spec, const hana_frame *frame,
                                hana_error *err)
{
    const hana_options *table = &hana_spec_part(spec)->options;
    for (size_t i = 0; i < table->n; i++) {
        const hana_option *row = &table->rows[i];
        if (row->kind != HANA_MODEL) continue;
        const hana_model_ref *ref =
            (const hana_model_ref *)((const char *)hana_spec_options(spec) + row->offset);
        size_t seen = ref->fitted ? hana_model_seen_rows(ref->fitted, frame) : 0;
        if (seen)
            return hana_fail(
                err, HANA_BAD_DATA,
                "%s: option '%s' is a model that was fitted to %zu of these rows, "
                "which would leak into every fold: give it unfitted (clone())",
                hana_spec_name(spec), row->name, seen);
    }
    for (size_t i = 0; i < hana_spec_children(spec); i++)
        HANA_TRY(refuse_leaks(hana_spec_child(spec, i, NULL), frame, err));
    return HANA_OK;
}

/* Copies of what the judging of the predictions needs. */
static hana_status keep_truth(hana_resampled *out, const hana_task *task, hana_error *err)
{
    size_t n = task->rows;
    out->rows = n;
    HANA_TRY(hana_target_copy(&out->target, &task->target, err));
    if (task->codes) out->codes = hana_alloc(n, sizeof *out->codes);
    if (task->y) out->y = hana_alloc(n, sizeof *out->y);
    if (task->weights) out->weights = hana_alloc(n, sizeof *out->weights);
    if ((task->codes && !out->codes) || (task->y && !out->y) ||
        (task->weights && !out->weights))
        return hana_fail_memory(err);
    if (task->codes) memcpy(out->codes, task->codes, n * sizeof *out->codes);
    if (task->y) memcpy(out->y, task->y, n * sizeof *out->y);
    if (task->weights) memcpy(out->weights, task->weights, n * sizeof *out->weights);
    return HANA_OK;
}

static hana_status prepare(run *r, const hana_resample_options *o, hana_error *err)
{
    hana_resampled *out = r->out;
    size_t n = r->task->rows, units = o->folds * o->repeats;
    HANA_TRY(keep_truth(out, r->task, err));
    out->folds = o->folds;
    out->repeats = o->repeats;
    out->fold = hana_alloc(n * o->repeats, sizeof *out->fold);
    out->fit_seconds = hana_alloc_zero(units, sizeof *out->fit_seconds);
    out->predict_seconds = hana_alloc_zero(units, sizeof *out->predict_seconds);
    out->n_train = hana_alloc_zero(units, sizeof *out->n_train);
    out->n_test = hana_alloc_zero(units, sizeof *out->n_test);
    if (!out->fold || !out->fit_seconds || !out->predict_seconds || !out->n_train ||
        !out->n_test)
        return hana_fail_memory(err);
    HANA_TRY(make_folds(r, o, err));
    out->has_proba = out->codes && (hana_spec_tags(r->spec) & HANA_TAG_PROBA);
    size_t cols = out->has_proba ? hana_target_classes(&out->target) : 1;
    HANA_TRY(hana_matrix_new(&out->out, n * o->repeats, cols, err));
    for (size_t i = 0; i < out->out.rows * cols; i++) out->out.data[i] = (double)NAN;
    return HANA_OK;
}

static hana_status check(const hana_resample_options *o, const hana_roles *roles,
                         hana_error *err)
{
    if (!roles->target)
        return hana_fail(err, HANA_BAD_ARGUMENT, "cross_validate needs a target");
    size_t least = roles->by_time ? 1 : 2;
    if (o->folds < least)
        return hana_fail(err, HANA_BAD_ARGUMENT,
                         "option 'folds' must be at least %zu, got %zu", least, o->folds);
    if (o->repeats < 1)
        return hana_fail(err, HANA_BAD_ARGUMENT, "option 'repeats' must be at least 1");
    if (roles->by_time && o->repeats > 1)
        return hana_fail(err, HANA_BAD_ARGUMENT,
                         "folds in time are always the same: repeats must be 1");
    return HANA_OK;
}

static hana_status resample(hana_resampled *out, const hana_spec *spec,
                            const hana_frame *frame, const hana_roles *roles,
                            const hana_resample_options *o, hana_job *job,
                            hana_error *err)
{
    unsigned tags = hana_spec_tags(spec);
    hana_task task = { .target = { .positive = -1 } };
    hana_roles inner = { 0 };
    hana_frame *narrow = NULL;
    hana_status status = hana_roles_inner(&inner, &narrow, roles, frame, err);
    if (status == HANA_OK)
        status = hana_task_new(&task, narrow, &inner, NULL,
                               (tags & HANA_TAG_CLASSIFICATION) != 0,
                               (tags & HANA_TAG_REGRESSION) != 0, err);
    /* Every level is known to the whole: a fold that lacks one does not refuse it. */
    if (inner.new_level == HANA_LEVEL_ERROR) inner.new_level = HANA_LEVEL_OTHER;
    run r = {
        .out = out, .spec = spec, .task = &task, .by_time = roles->by_time != NULL
    };
    if (status == HANA_OK) status = prepare(&r, o, err);
    if (status == HANA_OK)
        status = hana_units(job, o->folds * o->repeats, "fold",
                            (tags & HANA_TAG_HOST) != 0, one_unit, &r, err);
    if (status == HANA_OK) out->frame = hana_frame_retain(frame);
    hana_task_clear(&task);
    hana_roles_clear(&inner);
    hana_frame_release(narrow);
    return status;
}

hana_status hana_resample(hana_resampled *out, const hana_spec *spec,
                          const hana_frame *frame, const hana_roles *roles,
                          const hana_resample_options *options, hana_job *job,
                          hana_error *err)
{
    HANA_TRY(check(options, roles, err));
    HANA_TRY(refuse_leaks(spec, frame, err));
    hana_resampled made = { .target = { .positive = -1 } };
    hana_job own;
    hana_job_child(&own, job, options->seed, 0);
    if (job) own.progress = job->progress;
    hana_status status = resample(&made, spec, frame, roles, options, &own, err);
    hana_job_finish(&own, job);
    if (status == HANA_OK)
        *out = made;
    else
        hana_resampled_clear(&made);
    return status;
}

hana_resample_mean hana_resample_summarize(const double *values, size_t n,
                                           double test_over_train)
{
    hana_resample_mean out = { .sd = (double)NAN,
                               .low = (double)NAN,
                               .high = (double)NAN };
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++)
        if (!isnan(values[i])) {
            sum += values[i];
            out.n++;
        }
    out.mean = out.n ? sum / (double)out.n : (double)NAN;
    if (out.n < 2) return out;
    for (size_t i = 0; i < n; i++)
        if (!isnan(values[i])) squares += (values[i] - out.mean) * (values[i] - out.mean);
    double variance = squares / (double)(out.n - 1);
    double half = gsl_cdf_tdist_Pinv(0.975, (double)(out.n - 1)) *
                  sqrt(variance * (1 / (double)out.n + test_over_train));
    out.sd = sqrt(variance);
    out.low = out.mean - half;
    out.high = out.mean + half;
    return out;
}
