#include "learn/step_columns.h"

#include <math.h>

/* Numbers to mean 0 and standard deviation 1 (of the training rows, divisor n, as
   scikit-learn's StandardScaler has it). */

typedef struct options {
    hana_columns columns;
    int center, scale;
} options;

static const options defaults = { .center = 1, .scale = 1 };

static const hana_option rows[] = {
    HANA_OPTION_COLUMNS(options, columns,
                        .help = "the columns; default: all float and int ones"),
    HANA_OPTION_FLAG(options, center, .help = "subtract the mean"),
    HANA_OPTION_FLAG(options, scale, .help = "divide by the standard deviation"),
};

typedef struct state {
    hana_names names;
    double *mean, *sd;
} state;

static void clear(void *pointer)
{
    state *s = pointer;
    hana_names_clear(&s->names);
    hana_free(s->mean);
    hana_free(s->sd);
}

/* Two passes over the present values with their weights. A spread that rounding of the
   mean alone explains counts as none: the scale is then 1. */
static void moments(double *mean, double *sd, const hana_column *column,
                    const double *weights)
{
    size_t n = hana_column_length(column);
    double total = 0, sum = 0, squares = 0, largest = 0;
    for (size_t i = 0; i < n; i++) {
        double x = hana_column_number(column, i), w = weights ? weights[i] : 1;
        if (isnan(x)) continue;
        total += w;
        sum += w * x;
        if (fabs(x) > largest) largest = fabs(x);
    }
    *mean = total > 0 ? sum / total : 0;
    for (size_t i = 0; i < n; i++) {
        double x = hana_column_number(column, i), w = weights ? weights[i] : 1;
        if (isnan(x)) continue;
        squares += w * (x - *mean) * (x - *mean);
    }
    *sd = total > 0 ? sqrt(squares / total) : 0;
    if (*sd <= 1e-13 * largest * sqrt((double)n)) *sd = 0;
}

static hana_status fit(void *pointer, const void *given, const hana_task *task,
                       hana_job *job, hana_error *err)
{
    state *s = pointer;
    const options *o = given;
    HANA_TRY(hana_step_columns(&s->names, &o->columns, task, "standardize",
                               HANA_TYPES_NUMBER, err));
    s->mean = hana_alloc(s->names.n, sizeof *s->mean);
    s->sd = hana_alloc(s->names.n, sizeof *s->sd);
    if (!s->mean || !s->sd) return hana_fail_memory(err);
    for (size_t j = 0; j < s->names.n; j++) {
        const hana_column *column;
        HANA_TRY(hana_job_check(job, err));
        HANA_TRY(hana_frame_get(&column, task->frame, s->names.items[j], err));
        moments(&s->mean[j], &s->sd[j], column, task->weights);
        if (o->scale && s->sd[j] == 0)
            hana_job_warn(job, "standardize: column '%s' is constant, and only centered",
                          s->names.items[j]);
        if (!o->center) s->mean[j] = 0;
        if (!o->scale || s->sd[j] == 0) s->sd[j] = 1;
    }
    return HANA_OK;
}

static hana_status scaled(hana_column **out, const hana_column *column, double mean,
                          double sd, hana_error *err)
{
    size_t n = hana_column_length(column);
    double *values = hana_alloc(n, sizeof *values);
    if (!values) return hana_fail_memory(err);
    for (size_t i = 0; i < n; i++)
        values[i] = (hana_column_number(column, i) - mean) / sd;
    hana_status status =
        hana_column_from_floats(out, values, hana_column_validity(column), n, err);
    hana_free(values);
    return status;
}

static hana_status transform(const void *pointer, const void *given, const hana_frame *in,
                             hana_frame **out, hana_job *job, hana_error *err)
{
    (void)given;
    const state *s = pointer;
    hana_frame_edit edit;
    HANA_TRY(hana_frame_edit_begin(&edit, in, err));
    hana_status status = HANA_OK;
    for (size_t j = 0; status == HANA_OK && j < s->names.n; j++) {
        const hana_column *column;
        hana_column *made;
        status = hana_job_check(job, err);
        if (status == HANA_OK)
            status = hana_step_column(&column, in, s->names.items[j], "standardize",
                                      HANA_TYPES_NUMBER, err);
        if (status == HANA_OK) status = scaled(&made, column, s->mean[j], s->sd[j], err);
        if (status == HANA_OK)
            status = hana_frame_edit_replace(&edit, s->names.items[j], made, err);
    }
    if (status == HANA_OK) status = hana_frame_edit_finish(out, &edit, err);
    hana_frame_edit_clear(&edit);
    return status;
}

static hana_status export(const void *pointer, const void *given, hana_export *out,
                          hana_error *err)
{
    (void)given;
    const state *s = pointer;
    for (size_t j = 0; j < s->names.n; j++) {
        hana_export_op *op;
        HANA_TRY(hana_export_add(&op, out, HANA_EXPORT_AFFINE, s->names.items[j], err));
        op->a = s->mean[j];
        op->b = s->sd[j];
    }
    return HANA_OK;
}

static size_t bytes(const void *pointer)
{
    const state *s = pointer;
    return sizeof *s + s->names.n * (sizeof(char *) + 2 * sizeof(double));
}

static hana_status save(const void *pointer, hana_writer *writer, hana_job *job,
                        hana_error *err)
{
    (void)job;
    const state *s = pointer;
    HANA_TRY(hana_put_names(writer, "names", &s->names, err));
    HANA_TRY(hana_put_doubles(writer, "mean", s->mean, s->names.n, err));
    return hana_put_doubles(writer, "sd", s->sd, s->names.n, err);
}

static hana_status load(void *pointer, hana_reader *reader, hana_job *job,
                        hana_error *err)
{
    (void)job;
    state *s = pointer;
    size_t n = 0, m = 0;
    HANA_TRY(hana_get_names(reader, "names", &s->names, err));
    HANA_TRY(hana_get_doubles(reader, "mean", &s->mean, &n, err));
    HANA_TRY(hana_get_doubles(reader, "sd", &s->sd, &m, err));
    if (n != s->names.n || m != n)
        return hana_fail(err, HANA_BAD_FORMAT, "standardize: the saved state is damaged");
    return HANA_OK;
}

const hana_step hana_step_standardize = {
    .part = { .name = "standardize",
              .help = "Numbers to mean 0 and standard deviation 1.",
              .kind = HANA_PART_STEP,
              .version = 1,
              .options = { .size = sizeof(options),
                           .defaults = &defaults,
                           HANA_ROWS(rows) } },
    .state_size = sizeof(state),
    .fit = fit,
    .transform = transform,
    .export = export,
    .bytes = bytes,
    .save = save,
    .load = load,
    .clear = clear
};
