#include "learn/crossfit.h"

#include <math.h>
#include <string.h>

/* Knowledge distillation (Hinton, Vinyals and Dean, "Distilling the knowledge in a neural
   network", 2015): a small student learns the teacher's class probabilities, softened by
   a temperature. The target of a row is alpha x teacher + (1 - alpha) x label; cross
   entropy is linear in the target, so that one fit minimizes the paper's weighted sum
   (without its factor of T squared on the soft part, which only rescales alpha). In
   regression the teacher's number takes the place of probabilities. Rows without a label
   learn from the teacher alone. */

typedef struct options {
    hana_model_ref teacher;
    const hana_spec *student;
    double temperature, alpha;
    int64_t folds;
} options;

static const options defaults = { .temperature = 1, .alpha = 1, .folds = 5 };

static const hana_option rows[] = {
    HANA_OPTION_MODEL(options, teacher,
                      .help = "a fitted model, or an estimator that is then cross-fitted",
                      .flags = HANA_REQUIRED),
    HANA_OPTION_ESTIMATOR(options, student,
                          .help = "the estimator that learns from the teacher",
                          .flags = HANA_REQUIRED),
    HANA_OPTION_NUMBER(
        options, temperature, .low = 0, .high = 1000, .flags = HANA_LOW_OPEN,
        .help = "softens the teacher's probabilities: p^(1/T), normalized"),
    HANA_OPTION_NUMBER(options, alpha, .low = 0, .high = 1,
                       .help =
                           "share of the teacher in the target; the rest is the label"),
    HANA_OPTION_INTEGER(
        options, folds, .low = 2, .high = 1000,
        .help = "folds by which an unfitted teacher judges rows it has not seen"),
};

typedef struct state {
    const hana_fitted *student;
    const hana_fitted *teacher; /* for reports; not saved */
} state;

static unsigned tags(const hana_spec *spec)
{
    const options *o = hana_spec_options(spec);
    unsigned student = hana_spec_tags(o->student),
             teacher = hana_spec_tags(o->teacher.spec);
    return student | (teacher & (HANA_TAG_HOST | HANA_TAG_RANDOM)) | HANA_TAG_UNLABELED |
           HANA_TAG_META;
}

static void clear(void *pointer)
{
    state *s = pointer;
    hana_fitted_release(s->student);
    hana_fitted_release(s->teacher);
}

/* The teacher's classes must be the task's: they are the columns of what it says. */
static hana_status check_teacher(const hana_fitted *teacher, const hana_task *task,
                                 hana_error *err)
{
    const hana_target *target = hana_fitted_target(teacher);
    if (target->task != task->target.task ||
        (target->classes && !hana_column_equal(target->classes, task->target.classes)))
        return hana_fail(
            err, HANA_BAD_DATA,
            "distill: the teacher was fitted to another target or other classes");
    return HANA_OK;
}

/* What the teacher says of the rows: out of fold where it has to be fitted first. */
static hana_status ask(hana_matrix *out, state *s, const options *o,
                       const hana_task *task, hana_job *job, hana_error *err)
{
    hana_want want =
        task->target.task == HANA_CLASSIFICATION ? HANA_WANT_PROBA : HANA_WANT_VALUES;
    if (o->teacher.fitted) {
        s->teacher = hana_fitted_retain(o->teacher.fitted);
        HANA_TRY(check_teacher(s->teacher, task, err));
        size_t seen = hana_model_seen_rows(s->teacher, task->frame);
        if (seen)
            hana_job_warn(
                job,
                "distill: the teacher has seen %zu of these %zu rows in its own "
                "training; an unfitted teacher would be cross-fitted",
                seen, task->rows);
        return hana_fitted_predict(out, s->teacher, task->frame, want, job, err);
    }
    hana_task labeled;
    HANA_TRY(hana_task_labeled(&labeled, task, err));
    hana_crossfit crossfit = { 0 };
    hana_status status = hana_fit(&s->teacher, o->teacher.spec, &labeled, job, err);
    hana_task_clear(&labeled);
    if (status == HANA_OK)
        status = hana_crossfit_run(&crossfit, o->teacher.spec, task, (size_t)o->folds,
                                   want, 0, job, err);
    if (status == HANA_OK &&
        task->unlabeled) { /* no fold holds these: all of it judges them */
        hana_matrix whole;
        status = hana_fitted_predict(&whole, s->teacher, task->frame, want, job, err);
        for (size_t i = 0; status == HANA_OK && i < task->rows; i++)
            if (crossfit.fold[i] < 0)
                memcpy(crossfit.out.data + i * crossfit.out.stride,
                       whole.data + i * whole.stride, whole.cols * sizeof(double));
        if (status == HANA_OK) hana_matrix_clear(&whole);
    }
    if (status == HANA_OK) {
        *out = crossfit.out;
        crossfit.out = (hana_matrix){ 0 };
    }
    hana_crossfit_clear(&crossfit);
    return status;
}

/* p^(1/T), normalized, mixed with the label. */
static void soften(hana_matrix *proba, const hana_task *task, const options *o)
{
    size_t k = proba->cols;
    for (size_t i = 0; i < proba->rows; i++) {
        double *p = proba->data + i * proba->stride, sum = 0;
        for (size_t c = 0; c < k; c++) {
            if (o->temperature != 1) p[c] = pow(p[c], 1 / o->temperature);
            sum += p[c];
        }
        for (size_t c = 0; c < k; c++) p[c] /= sum;
        if (task->codes[i] < 0) continue;
        for (size_t c = 0; c < k; c++) {
            double label = task->proba.data ? task->proba.data[i * k + c]
                                            : c == (size_t)task->codes[i];
            p[c] = o->alpha * p[c] + (1 - o->alpha) * label;
        }
    }
}

/* The same rows with the teacher's target; takes `taught` over. */
static hana_status teach(hana_task *out, const hana_task *task, hana_matrix *taught,
                         const options *o, hana_error *err)
{
    HANA_TRY(hana_task_with_frame(out, task, task->frame, err));
    size_t k = taught->cols;
    if (task->target.task == HANA_REGRESSION) {
        for (size_t i = 0; i < task->rows; i++)
            out->y[i] = isnan(task->y[i])
                            ? taught->data[i]
                            : o->alpha * taught->data[i] + (1 - o->alpha) * task->y[i];
    } else {
        soften(taught, task, o);
        hana_matrix_clear(&out->proba);
        out->proba = *taught;
        *taught = (hana_matrix){ 0 };
        for (size_t i = 0; i < task->rows; i++) {
            const double *p = out->proba.data + i * k;
            size_t best = 0;
            for (size_t c = 1; c < k; c++)
                if (p[c] > p[best]) best = c;
            out->codes[i] = (int32_t)best;
        }
    }
    out->unlabeled = 0;
    return HANA_OK;
}

static hana_status fit(void *pointer, const hana_spec *spec, const hana_task *task,
                       hana_fit_facts *facts, hana_job *job, hana_error *err)
{
    state *s = pointer;
    const options *o = hana_spec_options(spec);
    if (task->target.task == HANA_NO_TARGET)
        return hana_fail(err, HANA_BAD_ARGUMENT,
                         "distill needs a target: fit(df, \"column\")");
    if (task->target.task == HANA_REGRESSION && o->temperature != 1)
        return hana_fail(
            err, HANA_BAD_ARGUMENT,
            "distill: temperature softens class probabilities, and target '%s' is a "
            "number",
            task->roles->target);
    hana_matrix taught;
    hana_task now;
    HANA_TRY(ask(&taught, s, o, task, job, err));
    hana_status status = teach(&now, task, &taught, o, err);
    hana_matrix_clear(&taught);
    HANA_TRY(status);
    status = hana_fit(&s->student, o->student, &now, job, err);
    hana_task_clear(&now);
    if (status == HANA_OK) *facts = *hana_fitted_facts(s->student);
    return status;
}

static size_t bytes(const void *pointer)
{
    const state *s = pointer;
    return sizeof *s + hana_fitted_bytes(s->student);
}

static hana_status save(const hana_fitted *fitted, hana_writer *writer, hana_job *job,
                        hana_error *err)
{
    const state *s = hana_fitted_state(fitted);
    return hana_fitted_save(s->student, writer, "student", job, err);
}

static hana_status load(void *pointer, const hana_spec *spec, hana_reader *reader,
                        hana_job *job, hana_error *err)
{
    (void)spec;
    state *s = pointer;
    return hana_fitted_load(&s->student, reader, "student", job, err);
}

static const hana_fitted *child(const hana_fitted *fitted, size_t i, const char **name)
{
    const state *s = hana_fitted_state(fitted);
    if (i > 1) return NULL;
    if (name) *name = i == 0 ? "student" : "teacher";
    return i == 0 ? s->student : s->teacher;
}

const hana_estimator hana_distill = {
    .part = { .name = "distill",
              .help = "A small student learns what a large teacher says.",
              .kind = HANA_PART_ESTIMATOR,
              .version = 1,
              .tags = HANA_TAG_META | HANA_TAG_REGRESSION | HANA_TAG_CLASSIFICATION |
                      HANA_TAG_UNLABELED,
              .options = { .size = sizeof(options),
                           .defaults = &defaults,
                           HANA_ROWS(rows) } },
    .state_size = sizeof(state),
    .tags = tags,
    .fit = fit,
    .predict = hana_child_predict,
    .has_proba = hana_child_has_proba,
    .summary = hana_child_summary,
    .print = hana_child_print,
    .export = hana_child_export,
    .bytes = bytes,
    .save = save,
    .load = load,
    .clear = clear,
    .child = child
};
