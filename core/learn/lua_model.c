#include "learn/estimator.h"

#include <math.h>
#include <string.h>

/* A model written in the host language: functions fit(x, y, weights) -> state,
   predict(state, x) and predict_proba(state, x). x is a frame of the features; y a column
   of the target's type. The state stays in the host; a saved model holds it as JSON and
   finds its functions by its name. */

enum { ANY, REGRESSION, CLASSIFICATION };
static const char *const tasks[] = { "any", "regression", "classification", NULL };

typedef struct options {
    hana_host fit, predict, predict_proba;
    int task;
} options;

static const hana_option rows[] = {
    HANA_OPTION_HOST(options, fit, .help = "function(x, y, weights) that gives a state",
                     .flags = HANA_REQUIRED),
    HANA_OPTION_HOST(
        options, predict,
        .help = "function(state, x) that gives a list or column of numbers or classes"),
    HANA_OPTION_HOST(
        options, predict_proba,
        .help = "function(state, x) that gives { class = list of probabilities }"),
    HANA_OPTION_CHOICE(options, task, .choices = tasks, .help = "what it can predict"),
};

typedef struct state {
    const hana_host_ops *ops;
    uint64_t token;
    const hana_spec *spec;
} state;

static unsigned tags(const hana_spec *spec)
{
    const options *o = hana_spec_options(spec);
    unsigned both = HANA_TAG_REGRESSION | HANA_TAG_CLASSIFICATION;
    unsigned can = o->task == REGRESSION       ? HANA_TAG_REGRESSION
                   : o->task == CLASSIFICATION ? HANA_TAG_CLASSIFICATION
                                               : both;
    return can | HANA_TAG_HOST | HANA_TAG_MISSING |
           (o->predict_proba.token ? HANA_TAG_PROBA : 0);
}

static hana_status check(const hana_spec *spec, hana_error *err)
{
    const options *o = hana_spec_options(spec);
    if (!o->predict.token && !o->predict_proba.token)
        return hana_fail(err, HANA_BAD_ARGUMENT,
                         "lua_model: needs option 'predict' or 'predict_proba'");
    return HANA_OK;
}

static void clear(void *pointer)
{
    state *s = pointer;
    if (s->token) s->ops->release(s->token);
    hana_spec_release(s->spec);
}

/* The features alone, as the functions see them. */
static hana_status features(hana_frame **out, const hana_task *task, hana_error *err)
{
    hana_names names = { 0 };
    HANA_TRY(hana_features(&names, task->frame, task->roles, err));
    hana_status status = hana_frame_select(out, task->frame, &names, err);
    hana_names_clear(&names);
    return status;
}

static hana_status target_column(hana_column **out, const hana_task *task,
                                 hana_error *err)
{
    size_t n = task->rows;
    if (task->target.task == HANA_REGRESSION)
        return hana_column_from_floats(out, task->y, NULL, n, err);
    size_t *codes = hana_alloc(n, sizeof *codes);
    if (!codes) return hana_fail_memory(err);
    for (size_t i = 0; i < n; i++)
        codes[i] = task->codes[i] < 0 ? HANA_NO_ROW : (size_t)task->codes[i];
    hana_status status = hana_column_take(out, task->target.classes, codes, n, err);
    hana_free(codes);
    return status;
}

static hana_status fit(void *pointer, const hana_spec *spec, const hana_task *task,
                       hana_fit_facts *facts, hana_job *job, hana_error *err)
{
    (void)facts;
    state *s = pointer;
    const options *o = hana_spec_options(spec);
    if (!job || !job->host)
        return hana_fail(err, HANA_UNSUPPORTED, "lua_model: there is no script to call");
    if (task->unlabeled)
        return hana_fail(
            err, HANA_BAD_DATA,
            "target '%s' is null in %zu of %zu rows, and %s learns from labeled rows",
            task->roles->target, task->unlabeled, task->rows, hana_spec_name(spec));
    hana_frame *x = NULL;
    hana_column *y = NULL, *weights = NULL;
    hana_value args[3] = { 0 };
    size_t n_args = 1;
    s->ops = o->fit.ops;
    s->spec = hana_spec_retain(spec);
    hana_status status = features(&x, task, err);
    if (status == HANA_OK && task->target.task != HANA_NO_TARGET)
        status = target_column(&y, task, err);
    if (status == HANA_OK && task->weights)
        status = hana_column_from_floats(&weights, task->weights, NULL, task->rows, err);
    if (status == HANA_OK) {
        args[0] = hana_value_object(&hana_frame_class, x);
        if (y) args[n_args++] = hana_value_object(&hana_column_class, y);
        if (weights) args[n_args++] = hana_value_object(&hana_column_class, weights);
        status = s->ops->call_keep(job->host, o->fit.token, args, n_args, &s->token, err);
    }
    for (size_t i = 0; i < 3; i++) hana_value_clear(&args[i]);
    hana_frame_release(x);
    hana_column_release(y);
    hana_column_release(weights);
    return status;
}

/* Cell i of what a function gave: a column or a list. */
static hana_status cell(hana_value *out, const hana_value *given, size_t i,
                        hana_error *err)
{
    const hana_column *column = hana_value_pointer(given, &hana_column_class);
    if (column) return hana_column_value(out, column, i, err);
    return hana_value_copy(out, &given->as.list->items[i], err);
}

static hana_status check_length(const char *name, const char *function,
                                const hana_value *given, size_t n, hana_error *err)
{
    const hana_column *column = hana_value_pointer(given, &hana_column_class);
    if (!column && given->kind != HANA_VALUE_LIST)
        return hana_fail(err, HANA_HOST_FAILED,
                         "%s: %s gave %s, expected a column or a list", name, function,
                         hana_value_kind_name(given));
    size_t length = column ? hana_column_length(column) : given->as.list->n;
    if (length != n)
        return hana_fail(err, HANA_HOST_FAILED, "%s: %s gave %zu values for %zu rows",
                         name, function, length, n);
    return HANA_OK;
}

static int is_class(const hana_target *target, size_t k, const hana_value *cell_value)
{
    hana_value class = { 0 };
    double a, b;
    int same = 0;
    if (hana_column_value(&class, target->classes, k, NULL) != HANA_OK) return 0;
    if (class.kind == HANA_VALUE_STRING && cell_value->kind == HANA_VALUE_STRING)
        same = class.as.string.length == cell_value->as.string.length &&
               memcmp(class.as.string.data, cell_value->as.string.data,
                      class.as.string.length) == 0;
    else if (class.kind == HANA_VALUE_BOOL && cell_value->kind == HANA_VALUE_BOOL)
        same = class.as.boolean == cell_value->as.boolean;
    else if (hana_value_as_number(&class, &a) && hana_value_as_number(cell_value, &b))
        same = a == b;
    hana_value_clear(&class);
    return same;
}

static hana_status to_number(double *out, const hana_value *given, size_t i,
                             const hana_target *target, const char *name, hana_error *err)
{
    hana_value value = { 0 };
    HANA_TRY(cell(&value, given, i, err));
    hana_status status = HANA_OK;
    *out = (double)NAN;
    if (value.kind == HANA_VALUE_NULL) return HANA_OK;
    if (!target->classes) {
        if (!hana_value_as_number(&value, out))
            status = hana_fail(err, HANA_HOST_FAILED,
                               "%s: predict gave %s in row %zu, expected a "
                               "number",
                               name, hana_value_kind_name(&value), i + 1);
    } else {
        size_t k = 0, n = hana_target_classes(target);
        while (k < n && !is_class(target, k, &value)) k++;
        if (k < n)
            *out = (double)k;
        else
            status = hana_fail(
                err, HANA_HOST_FAILED,
                "%s: predict gave %s in row %zu, which is no class of the target", name,
                value.kind == HANA_VALUE_STRING ? value.as.string.data
                                                : hana_value_kind_name(&value),
                i + 1);
    }
    hana_value_clear(&value);
    return status;
}

/* Probabilities come as a frame with a column a class, or as { class = list }. */
static hana_status to_proba(hana_matrix *out, const hana_value *given,
                            const hana_target *target, const char *name, hana_error *err)
{
    const hana_frame *frame = hana_value_pointer(given, &hana_frame_class);
    hana_text class = { 0 };
    hana_status status = HANA_OK;
    for (size_t k = 0; status == HANA_OK && k < out->cols; k++) {
        hana_value column = { 0 };
        class.length = 0;
        hana_target_class_name(&class, target, k);
        const char *key = class.data ? class.data : "";
        if (frame) {
            ptrdiff_t j = hana_frame_find(frame, key);
            if (j >= 0)
                column = hana_value_object(&hana_column_class,
                                           hana_frame_column(frame, (size_t)j));
        } else if (hana_value_get(given, key)) {
            status = hana_value_copy(&column, hana_value_get(given, key), err);
        }
        if (status == HANA_OK && column.kind == HANA_VALUE_NULL)
            status =
                hana_fail(err, HANA_HOST_FAILED,
                          "%s: predict_proba gave no column for class '%s'", name, key);
        if (status == HANA_OK)
            status = check_length(name, "predict_proba", &column, out->rows, err);
        for (size_t i = 0; status == HANA_OK && i < out->rows; i++) {
            hana_value value = { 0 };
            double p;
            status = cell(&value, &column, i, err);
            if (status == HANA_OK &&
                (!hana_value_as_number(&value, &p) || !(p >= 0 && p <= 1)))
                status = hana_fail(
                    err, HANA_HOST_FAILED,
                    "%s: predict_proba gave no probability in row %zu of class '%s'",
                    name, i + 1, key);
            else if (status == HANA_OK)
                out->data[i * out->stride + k] = p;
            hana_value_clear(&value);
        }
        hana_value_clear(&column);
    }
    hana_text_clear(&class);
    return status;
}

static hana_status predict(const hana_fitted *fitted, const hana_frame *frame,
                           hana_want want, hana_matrix *out, hana_job *job,
                           hana_error *err)
{
    const state *s = hana_fitted_state(fitted);
    const options *o = hana_spec_options(s->spec);
    const hana_target *target = hana_fitted_target(fitted);
    const char *name = hana_spec_name(s->spec);
    const hana_host *function = want == HANA_WANT_PROBA ? &o->predict_proba : &o->predict;
    if (!job || !job->host)
        return hana_fail(err, HANA_UNSUPPORTED, "%s: there is no script to call", name);
    hana_value args[2] = { 0 }, given = { 0 };
    hana_status status = hana_host_value(&args[0], s->ops, s->token, err);
    if (status == HANA_OK) {
        args[1] = hana_value_object(&hana_frame_class, frame);
        status = s->ops->call(job->host, function->token, args, 2, &given, err);
    }
    if (status == HANA_OK && want == HANA_WANT_PROBA)
        status = to_proba(out, &given, target, name, err);
    if (status == HANA_OK && want == HANA_WANT_VALUES) {
        status = check_length(name, "predict", &given, out->rows, err);
        for (size_t i = 0; status == HANA_OK && i < out->rows; i++)
            status = to_number(&out->data[i], &given, i, target, name, err);
    }
    hana_value_clear(&args[0]);
    hana_value_clear(&args[1]);
    hana_value_clear(&given);
    return status;
}

static int has_proba(const hana_fitted *fitted)
{
    const state *s = hana_fitted_state(fitted);
    return ((const options *)hana_spec_options(s->spec))->predict_proba.token != 0;
}

static hana_status save(const hana_fitted *fitted, hana_writer *writer, hana_job *job,
                        hana_error *err)
{
    const state *s = hana_fitted_state(fitted);
    hana_value value = { 0 };
    if (!job || !job->host)
        return hana_fail(err, HANA_UNSUPPORTED, "lua_model: there is no script to ask");
    HANA_TRY(s->ops->to_value(job->host, s->token, &value, err));
    hana_status status = hana_put_value(writer, "state", &value, err);
    hana_value_clear(&value);
    return status;
}

static hana_status load(void *pointer, const hana_spec *spec, hana_reader *reader,
                        hana_job *job, hana_error *err)
{
    state *s = pointer;
    const hana_host_ops *ops = hana_host_registered();
    hana_value value = { 0 };
    if (!ops || !job || !job->host)
        return hana_fail(
            err, HANA_UNSUPPORTED,
            "lua_model: this model needs functions of a script, and there is none");
    HANA_TRY(hana_get_value(reader, "state", &value, err));
    s->ops = ops;
    s->spec = hana_spec_retain(spec);
    hana_status status = ops->from_value(job->host, &value, &s->token, err);
    hana_value_clear(&value);
    return status;
}

const hana_estimator hana_lua_model = {
    .part = { .name = "lua_model",
              .help = "A model written in Lua: functions fit, predict and predict_proba.",
              .kind = HANA_PART_ESTIMATOR,
              .version = 1,
              .tags = HANA_TAG_REGRESSION | HANA_TAG_CLASSIFICATION | HANA_TAG_HOST |
                      HANA_TAG_MISSING,
              .options = { .size = sizeof(options), HANA_ROWS(rows) } },
    .state_size = sizeof(state),
    .tags = tags,
    .check = check,
    .fit = fit,
    .predict = predict,
    .has_proba = has_proba,
    .save = save,
    .load = load,
    .clear = clear
};
