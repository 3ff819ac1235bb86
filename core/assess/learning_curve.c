#include "assess/learning_curve.h"

#include "base/parallel.h"
#include "base/random.h"

#include <math.h>
#include <string.h>

void hana_curve_clear(hana_curve *curve)
{
    hana_free(curve->sizes);
    hana_free(curve->values);
    *curve = (hana_curve){ 0 };
}

typedef struct run {
    hana_curve *out;
    const hana_spec *spec;
    const hana_task *task; /* labelled rows */
    const hana_curve_options *options;
    size_t *order;   /* repeats x rows: training rows in random order, then test rows */
    size_t *n_train; /* of each repeat */
    int want_proba;
} run;

/* Training rows shuffled, then the test rows: one fold of a stratified or grouped
 * division. */
static hana_status make_order(run *r, size_t repeat, hana_error *err)
{
    size_t n = r->task->rows, *order = r->order + repeat * n, train = 0, at = 0;
    uint64_t seed = hana_seed_child(r->options->seed, "repeat", repeat);
    size_t folds = (size_t)fmax(2, round(1 / r->options->test));
    int32_t *fold = hana_alloc(n, sizeof *fold);
    if (!fold) return hana_fail_memory(err);
    hana_status status = hana_task_folds(fold, r->task, folds, 1, seed, err);
    for (size_t i = 0; status == HANA_OK && i < n; i++)
        if (fold[i] != 0) order[train++] = i;
    for (size_t i = 0; status == HANA_OK && i < n; i++)
        if (fold[i] == 0) order[train + at++] = i;
    hana_free(fold);
    if (status != HANA_OK) return status;
    hana_stream stream;
    hana_stream_init(&stream, hana_seed_child(seed, "order", 0));
    hana_stream_shuffle(&stream, order, train);
    r->n_train[repeat] = train;
    return HANA_OK;
}

/* Codes as cells of the classes; a negative code is null. */
static hana_status class_column(hana_column **out, const hana_column *classes,
                                const int32_t *codes, size_t n, hana_error *err)
{
    size_t *rows = hana_alloc(n, sizeof *rows);
    if (!rows) return hana_fail_memory(err);
    for (size_t i = 0; i < n; i++)
        rows[i] = codes[i] < 0 ? HANA_NO_ROW : (size_t)codes[i];
    hana_status status = hana_column_take(out, classes, rows, n, err);
    hana_free(rows);
    return status;
}

static hana_status proba_frame(hana_frame **out, const hana_scored *s, hana_error *err)
{
    hana_target target = { .task = HANA_CLASSIFICATION, .classes = s->classes };
    return hana_proba_frame(out, s->proba, &target, err);
}

/* A metric of the script: it gets columns, and probabilities where there are some. */
static hana_status host_score(double *out, const run *r, const hana_scored *s,
                              hana_job *job, hana_error *err)
{
    const hana_host *host = r->options->host_metric;
    hana_column *truth = NULL, *predicted = NULL;
    hana_frame *proba = NULL;
    hana_value args[3] = { 0 }, result = { 0 };
    size_t n_args = 2;
    hana_status status = s->truth
                             ? hana_column_from_floats(&truth, s->truth, NULL, s->n, err)
                             : class_column(&truth, s->classes, s->truth_code, s->n, err);
    if (status == HANA_OK)
        status = s->truth
                     ? hana_column_from_floats(&predicted, s->predicted, NULL, s->n, err)
                     : class_column(&predicted, s->classes, s->predicted_code, s->n, err);
    if (status == HANA_OK && s->proba) status = proba_frame(&proba, s, err);
    if (status == HANA_OK) {
        args[0] = hana_value_object(&hana_column_class, truth);
        args[1] = hana_value_object(&hana_column_class, predicted);
        if (proba) args[n_args++] = hana_value_object(&hana_frame_class, proba);
        status = host->ops->call(job ? job->host : NULL, host->token, args, n_args,
                                 &result, err);
    }
    if (status == HANA_OK && !hana_value_as_number(&result, out))
        status = hana_fail(err, HANA_HOST_FAILED,
                           "learning_curve: metric '%s' gave %s, expected a number",
                           r->options->metric, hana_value_kind_name(&result));
    for (size_t i = 0; i < 3; i++) hana_value_clear(&args[i]);
    hana_value_clear(&result);
    hana_column_release(truth);
    hana_column_release(predicted);
    hana_frame_release(proba);
    return status;
}

/* The metric of predictions for rows of the task. */
static hana_status score(double *out, const run *r, const hana_task *test,
                         const hana_matrix *made, hana_job *job, hana_error *err)
{
    size_t n = test->rows;
    int32_t *predicted = hana_alloc(n, sizeof *predicted);
    if (!predicted) return hana_fail_memory(err);
    for (size_t i = 0; test->codes && i < n; i++) {
        const double *p = made->data + i * made->stride;
        size_t best = 0;
        for (size_t c = 1; r->want_proba && c < made->cols; c++)
            if (p[c] > p[best]) best = c;
        predicted[i] = isnan(p[best])  ? -1
                       : r->want_proba ? (int32_t)best
                                       : (int32_t)p[0];
    }
    hana_scored scored = { .n = n,
                           .truth = test->y,
                           .predicted = test->y ? made->data : NULL,
                           .truth_code = test->codes,
                           .predicted_code = test->codes ? predicted : NULL,
                           .proba = r->want_proba ? made : NULL,
                           .classes = test->target.classes,
                           .positive = test->target.positive,
                           .weights = test->weights };
    hana_status status = r->options->host_metric
                             ? host_score(out, r, &scored, job, err)
                             : hana_metric_compute(out, NULL, r->options->metric, &scored,
                                                   r->options->args, err);
    hana_free(predicted);
    return status;
}

static hana_status one_unit(void *context, size_t unit, hana_job *job, hana_error *err)
{
    run *r = context;
    size_t repeat = unit / r->out->n_sizes, size = unit % r->out->n_sizes;
    const size_t *order = r->order + repeat * r->task->rows;
    size_t n_train = r->n_train[repeat], take = r->out->sizes[size];
    if (take > n_train) take = n_train;
    hana_task train = { .target = { .positive = -1 } },
              test = { .target = { .positive = -1 } };
    const hana_fitted *fitted = NULL;
    hana_matrix made = { 0 };
    hana_status status = hana_task_take(&train, r->task, order, take, err);
    if (status == HANA_OK)
        status =
            hana_task_take(&test, r->task, order + n_train, r->task->rows - n_train, err);
    if (status == HANA_OK) status = hana_fit(&fitted, r->spec, &train, job, err);
    if (status == HANA_OK)
        status = hana_fitted_predict(&made, fitted, test.frame,
                                     r->want_proba ? HANA_WANT_PROBA : HANA_WANT_VALUES,
                                     job, err);
    if (status == HANA_OK)
        status = score(&r->out->values[unit], r, &test, &made, job, err);
    hana_task_clear(&train);
    hana_task_clear(&test);
    hana_fitted_release(fitted);
    hana_matrix_clear(&made);
    return status;
}

/* Shares become rows of the smallest training set of all repeats. */
static hana_status find_sizes(run *r, hana_error *err)
{
    size_t most = r->n_train[0];
    for (size_t k = 1; k < r->options->repeats; k++)
        if (r->n_train[k] < most) most = r->n_train[k];
    r->out->n_test = r->task->rows - most;
    for (size_t s = 0; s < r->options->n_sizes; s++) {
        double size = r->options->sizes[s];
        size_t rows = size <= 1 ? (size_t)round(size * (double)most) : (size_t)size;
        if (!(size > 0) || rows < 2 || rows > most)
            return hana_fail(
                err, HANA_BAD_ARGUMENT,
                "learning_curve: size %g means %zu training rows; there are 2 to %zu",
                size, rows, most);
        if (s && rows <= r->out->sizes[s - 1])
            return hana_fail(err, HANA_BAD_ARGUMENT, "learning_curve: sizes must ascend");
        r->out->sizes[s] = rows;
    }
    return HANA_OK;
}

static hana_status check(const hana_curve_options *o, const hana_roles *roles,
                         hana_error *err)
{
    if (!roles->target)
        return hana_fail(err, HANA_BAD_ARGUMENT, "learning_curve needs a target");
    if (o->n_sizes == 0 || o->repeats == 0)
        return hana_fail(err, HANA_BAD_ARGUMENT,
                         "learning_curve needs at least one size and one repeat");
    if (!(o->test > 0 && o->test <= 0.5))
        return hana_fail(err, HANA_BAD_ARGUMENT,
                         "learning_curve: option 'test' must be a share > 0 and <= 0.5");
    return HANA_OK;
}

static hana_status fill(run *r, hana_job *job, hana_error *err)
{
    const hana_curve_options *o = r->options;
    size_t n = r->task->rows;
    r->out->n_sizes = o->n_sizes;
    r->out->repeats = o->repeats;
    r->out->sizes = hana_alloc_zero(o->n_sizes, sizeof *r->out->sizes);
    r->out->values = hana_alloc_zero(o->repeats * o->n_sizes, sizeof *r->out->values);
    r->order = hana_alloc(o->repeats * n, sizeof *r->order);
    r->n_train = hana_alloc_zero(o->repeats, sizeof *r->n_train);
    if (!r->out->sizes || !r->out->values || !r->order || !r->n_train)
        return hana_fail_memory(err);
    for (size_t k = 0; k < o->repeats; k++) HANA_TRY(make_order(r, k, err));
    HANA_TRY(find_sizes(r, err));
    int host = o->host_metric || (hana_spec_tags(r->spec) & HANA_TAG_HOST) != 0;
    return hana_units(job, o->repeats * o->n_sizes, "size", host, one_unit, r, err);
}

hana_status hana_learning_curve(hana_curve *out, const hana_spec *spec,
                                const hana_frame *frame, const hana_roles *roles,
                                const hana_curve_options *options, hana_job *job,
                                hana_error *err)
{
    HANA_TRY(check(options, roles, err));
    const hana_metric *metric = hana_metric_find(options->metric);
    if (!metric && !options->host_metric)
        return hana_fail(err, HANA_NO_SUCH_NAME, "unknown metric '%s'", options->metric);
    unsigned tags = hana_spec_tags(spec);
    hana_curve made = { .higher_is_better = options->host_metric
                                                ? options->host_higher_is_better
                                                : metric->higher_is_better };
    hana_roles inner = { 0 };
    hana_frame *narrow = NULL;
    hana_task all = { .target = { .positive = -1 } },
              task = { .target = { .positive = -1 } };
    hana_status status = hana_roles_inner(&inner, &narrow, roles, frame, err);
    if (status == HANA_OK && inner.new_level == HANA_LEVEL_ERROR)
        inner.new_level = HANA_LEVEL_OTHER; /* a subset may lack a level of the whole */
    if (status == HANA_OK)
        status = hana_task_new(&all, narrow, &inner, NULL,
                               (tags & HANA_TAG_CLASSIFICATION) != 0,
                               (tags & HANA_TAG_REGRESSION) != 0, err);
    if (status == HANA_OK) status = hana_task_labeled(&task, &all, err);
    run r = { .out = &made,
              .spec = spec,
              .task = &task,
              .options = options,
              .want_proba = task.codes && (tags & HANA_TAG_PROBA) };
    if (status == HANA_OK) status = fill(&r, job, err);
    hana_free(r.order);
    hana_free(r.n_train);
    hana_task_clear(&all);
    hana_task_clear(&task);
    hana_roles_clear(&inner);
    hana_frame_release(narrow);
    if (status == HANA_OK)
        *out = made;
    else
        hana_curve_clear(&made);
    return status;
}
