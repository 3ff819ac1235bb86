#include "learn/estimator.h"

/* Steps in order, then an estimator; or steps alone, which transform. Each step is fitted
   on what the steps before it made of the training rows. */

typedef struct options {
    hana_specs parts;
} options;

static const hana_option rows[] = {
    HANA_OPTION_ESTIMATORS(options, parts, .help = "steps in order, then an estimator",
                           .flags = HANA_REQUIRED | HANA_POSITIONAL),
};

typedef struct fitted_step {
    const hana_step *step;
    const void *options; /* of the spec, which the state holds a reference to */
    void *state;
} fitted_step;

typedef struct state {
    const hana_spec *spec;
    size_t n_steps;
    fitted_step *steps;
    const hana_fitted *last; /* NULL when all parts are steps */
} state;

static const hana_specs *parts_of(const hana_spec *spec)
{
    return &((const options *)hana_spec_options(spec))->parts;
}

static int is_step(const hana_spec *spec)
{
    return hana_spec_part(spec)->kind == HANA_PART_STEP;
}

static size_t count_steps(const hana_specs *parts)
{
    return is_step(parts->items[parts->n - 1]) ? parts->n : parts->n - 1;
}

static unsigned tags(const hana_spec *spec)
{
    const hana_specs *parts = parts_of(spec);
    unsigned of_last =
        is_step(parts->items[parts->n - 1])
            ? HANA_TAG_NO_TARGET | HANA_TAG_REGRESSION | HANA_TAG_CLASSIFICATION
            : hana_spec_tags(parts->items[parts->n - 1]);
    unsigned all = of_last & ~(unsigned)(HANA_TAG_SPARSE | HANA_TAG_CATEGORIES);
    for (size_t i = 0; i < parts->n; i++)
        all |= hana_spec_tags(parts->items[i]) &
               (HANA_TAG_HOST | HANA_TAG_RANDOM | HANA_TAG_KEEPS_ROWS);
    return all | HANA_TAG_META;
}

static hana_status check(const hana_spec *spec, hana_error *err)
{
    const hana_specs *parts = parts_of(spec);
    for (size_t i = 0; i + 1 < parts->n; i++)
        if (!is_step(parts->items[i]))
            return hana_fail(
                err, HANA_BAD_ARGUMENT,
                "pipeline: part %zu, '%s', is an estimator; only the last may be one",
                i + 1, parts->names.items[i]);
    return HANA_OK;
}

static void clear(void *pointer)
{
    state *s = pointer;
    for (size_t i = 0; i < s->n_steps; i++) {
        if (s->steps[i].state && s->steps[i].step->clear)
            s->steps[i].step->clear(s->steps[i].state);
        hana_free(s->steps[i].state);
    }
    hana_free(s->steps);
    hana_fitted_release(s->last);
    hana_spec_release(s->spec);
}

/* Room for the steps' states, which fit or load fills. */
static hana_status prepare(state *s, const hana_spec *spec, hana_error *err)
{
    const hana_specs *parts = parts_of(spec);
    size_t n = count_steps(parts);
    s->spec = hana_spec_retain(spec);
    s->steps = hana_alloc_zero(n, sizeof *s->steps);
    if (!s->steps) return hana_fail_memory(err);
    for (size_t i = 0; i < n; i++) {
        fitted_step *f = &s->steps[i];
        f->step = (const hana_step *)hana_spec_part(parts->items[i]);
        f->options = hana_spec_options(parts->items[i]);
        f->state = hana_alloc_zero(1, f->step->state_size ? f->step->state_size : 1);
        if (!f->state) return hana_fail_memory(err);
        s->n_steps++;
    }
    return HANA_OK;
}

/* Fits step i on the task and gives what it makes of the training rows. */
static hana_status fit_step(hana_frame **out, state *s, size_t i, const hana_task *task,
                            hana_job *job, hana_error *err)
{
    fitted_step *f = &s->steps[i];
    const hana_spec *spec = parts_of(s->spec)->items[i];
    hana_job own;
    uint64_t seed = hana_job_seed(job);
    hana_spec_seed(spec, &seed);
    hana_job_child(&own, job, seed, 0);
    hana_status status;
    if (f->step->fit_transform) {
        status = f->step->fit_transform(f->state, f->options, task, out, &own, err);
    } else {
        status = f->step->fit(f->state, f->options, task, &own, err);
        if (status == HANA_OK)
            status =
                f->step->transform(f->state, f->options, task->frame, out, &own, err);
    }
    hana_job_finish(&own, job);
    return status;
}

static hana_status fit(void *pointer, const hana_spec *spec, const hana_task *task,
                       hana_fit_facts *facts, hana_job *job, hana_error *err)
{
    state *s = pointer;
    const hana_specs *parts = parts_of(spec);
    HANA_TRY(prepare(s, spec, err));
    hana_task now;
    HANA_TRY(hana_task_with_frame(&now, task, task->frame, err));
    if (s->n_steps < parts->n)
        now.full_rank = hana_spec_full_rank(parts->items[s->n_steps]);
    hana_status status = HANA_OK;
    for (size_t i = 0; status == HANA_OK && i < s->n_steps; i++) {
        hana_frame *made;
        status = hana_job_check(job, err);
        if (status == HANA_OK) status = fit_step(&made, s, i, &now, job, err);
        if (status != HANA_OK) break;
        hana_frame_release(now.frame);
        now.frame = made;
    }
    if (status == HANA_OK && s->n_steps < parts->n) {
        status = hana_fit(&s->last, parts->items[parts->n - 1], &now, job, err);
        if (status == HANA_OK) *facts = *hana_fitted_facts(s->last);
    }
    hana_task_clear(&now);
    return status;
}

/* The frame after all steps; owned. */
static hana_status prepared(const hana_frame **out, const state *s,
                            const hana_frame *frame, hana_job *job, hana_error *err)
{
    const hana_frame *now = hana_frame_retain(frame);
    for (size_t i = 0; i < s->n_steps; i++) {
        const fitted_step *f = &s->steps[i];
        hana_frame *made;
        hana_status status = hana_job_check(job, err);
        if (status == HANA_OK)
            status = f->step->transform(f->state, f->options, now, &made, job, err);
        hana_frame_release(now);
        if (status != HANA_OK) return status;
        now = made;
    }
    *out = now;
    return HANA_OK;
}

static hana_status predict(const hana_fitted *fitted, const hana_frame *frame,
                           hana_want want, hana_matrix *out, hana_job *job,
                           hana_error *err)
{
    const state *s = hana_fitted_state(fitted);
    if (!s->last)
        return hana_fail(
            err, HANA_UNSUPPORTED,
            "pipeline: its last part is a step, so it transforms and does not predict");
    const hana_frame *ready;
    HANA_TRY(prepared(&ready, s, frame, job, err));
    hana_status status = hana_fitted_predict_into(out, s->last, ready, want, job, err);
    hana_frame_release(ready);
    return status;
}

static int has_proba(const hana_fitted *fitted)
{
    const state *s = hana_fitted_state(fitted);
    return s->last && hana_fitted_has_proba(s->last);
}

static hana_status transform(const hana_fitted *fitted, const hana_frame *frame,
                             hana_frame **out, hana_job *job, hana_error *err)
{
    const state *s = hana_fitted_state(fitted);
    const hana_frame *ready;
    HANA_TRY(prepared(&ready, s, frame, job, err));
    if (!s->last) {
        *out = (hana_frame *)(uintptr_t)ready;
        return HANA_OK;
    }
    hana_status status = hana_fitted_transform(out, s->last, ready, job, err);
    if (status ==
        HANA_UNSUPPORTED) { /* an estimator that predicts only: what the steps made */
        *out = (hana_frame *)(uintptr_t)ready;
        return HANA_OK;
    }
    hana_frame_release(ready);
    return status;
}

static hana_status last_of(const hana_fitted **out, const hana_fitted *fitted,
                           const char *what, hana_error *err)
{
    const state *s = hana_fitted_state(fitted);
    if (!s->last)
        return hana_fail(err, HANA_UNSUPPORTED, "pipeline: steps alone have no %s", what);
    *out = s->last;
    return HANA_OK;
}

static hana_status summary(const hana_fitted *fitted, hana_frame **out, hana_error *err)
{
    const hana_fitted *last = NULL;
    HANA_TRY(last_of(&last, fitted, "summary", err));
    return hana_fitted_summary(out, last, err);
}

static hana_status print(const hana_fitted *fitted, hana_text *out, hana_error *err)
{
    const hana_fitted *last = NULL;
    HANA_TRY(last_of(&last, fitted, "rules", err));
    return hana_fitted_print(out, last, err);
}

/* Operations of the steps come first, then those that the estimator's design needs. */
static hana_status export(const hana_fitted *fitted, hana_export *out, hana_error *err)
{
    const state *s = hana_fitted_state(fitted);
    const hana_fitted *last = NULL;
    HANA_TRY(last_of(&last, fitted, "export", err));
    for (size_t i = 0; i < s->n_steps; i++) {
        const fitted_step *f = &s->steps[i];
        if (!f->step->export)
            return hana_fail(err, HANA_UNSUPPORTED, "%s cannot be exported",
                             f->step->part.name);
        HANA_TRY(f->step->export(f->state, f->options, out, err));
    }
    return hana_fitted_export_into(out, last, err);
}

static size_t bytes(const void *pointer)
{
    const state *s = pointer;
    size_t n = s->last ? hana_fitted_bytes(s->last) : 0;
    for (size_t i = 0; i < s->n_steps; i++)
        if (s->steps[i].step->bytes) n += s->steps[i].step->bytes(s->steps[i].state);
    return n;
}

static hana_status save(const hana_fitted *fitted, hana_writer *writer, hana_job *job,
                        hana_error *err)
{
    const state *s = hana_fitted_state(fitted);
    const hana_specs *parts = parts_of(s->spec);
    for (size_t i = 0; i < s->n_steps; i++) {
        const hana_step *step = s->steps[i].step;
        if (!step->save)
            return hana_fail(err, HANA_UNSUPPORTED, "%s cannot be saved",
                             step->part.name);
        HANA_TRY(
            hana_writer_enter(writer, parts->names.items[i], step->part.version, err));
        hana_status status = step->save(s->steps[i].state, writer, job, err);
        hana_writer_leave(writer);
        HANA_TRY(status);
    }
    if (!s->last) return HANA_OK;
    return hana_fitted_save(s->last, writer, parts->names.items[s->n_steps], job, err);
}

static hana_status load(void *pointer, const hana_spec *spec, hana_reader *reader,
                        hana_job *job, hana_error *err)
{
    state *s = pointer;
    const hana_specs *parts = parts_of(spec);
    HANA_TRY(prepare(s, spec, err));
    for (size_t i = 0; i < s->n_steps; i++) {
        const hana_step *step = s->steps[i].step;
        int version;
        HANA_TRY(hana_reader_enter(reader, parts->names.items[i], &version, err));
        hana_status status =
            version > step->part.version
                ? hana_fail(err, HANA_BAD_FORMAT, "%s: saved by a newer hana (format %d)",
                            step->part.name, version)
                : step->load(s->steps[i].state, reader, job, err);
        hana_reader_leave(reader);
        HANA_TRY(status);
    }
    if (s->n_steps == parts->n) return HANA_OK;
    return hana_fitted_load(&s->last, reader, parts->names.items[s->n_steps], job, err);
}

static const hana_fitted *child(const hana_fitted *fitted, size_t i, const char **name)
{
    const state *s = hana_fitted_state(fitted);
    if (i > 0 || !s->last) return NULL;
    if (name) *name = parts_of(s->spec)->names.items[s->n_steps];
    return s->last;
}

const hana_estimator hana_pipeline = {
    .part = { .name = "pipeline",
              .help = "Preparation steps in order, then an estimator, fitted and used as "
                      "one.",
              .kind = HANA_PART_ESTIMATOR,
              .version = 1,
              .tags = HANA_TAG_META | HANA_TAG_REGRESSION | HANA_TAG_CLASSIFICATION,
              .options = { .size = sizeof(options), HANA_ROWS(rows) } },
    .state_size = sizeof(state),
    .tags = tags,
    .check = check,
    .fit = fit,
    .predict = predict,
    .has_proba = has_proba,
    .transform = transform,
    .summary = summary,
    .print = print,
    .export = export,
    .bytes = bytes,
    .save = save,
    .load = load,
    .clear = clear,
    .child = child
};
