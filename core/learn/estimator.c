#include "learn/fitted.h"

#include <math.h>
#include <string.h>

static void free_fitted(hana_fitted *fitted)
{
    if (fitted->base) {
        hana_fitted_release(fitted->base);
    } else if (fitted->state) {
        if (fitted->vtable->clear) fitted->vtable->clear(fitted->state);
        hana_free(fitted->state);
    }
    hana_model_data_free(fitted->model);
    hana_target_clear(&fitted->target);
    hana_spec_release(fitted->spec);
    hana_free(fitted);
}

const hana_fitted *hana_fitted_retain(const hana_fitted *fitted)
{
    if (fitted) atomic_fetch_add(&((hana_fitted *)(uintptr_t)fitted)->references, 1);
    return fitted;
}

void hana_fitted_release(const hana_fitted *fitted)
{
    hana_fitted *mine = (hana_fitted *)(uintptr_t)fitted;
    if (mine && atomic_fetch_sub(&mine->references, 1) == 1) free_fitted(mine);
}

static void retain_object(const void *object)
{
    hana_fitted_retain(object);
}

static void release_object(const void *object)
{
    hana_fitted_release(object);
}

const hana_class hana_fitted_class = { .name = "model",
                                       .retain = retain_object,
                                       .release = release_object };

hana_status hana_fitted_new(hana_fitted **out, const hana_spec *spec, hana_error *err)
{
    const hana_part *part = hana_spec_part(spec);
    if (part->kind == HANA_PART_STEP)
        return hana_fail(
            err, HANA_UNSUPPORTED,
            "%s is a preparation step: put it into a pipeline before an estimator",
            part->name);
    hana_fitted *made = hana_alloc_zero(1, sizeof *made);
    if (!made) return hana_fail_memory(err);
    atomic_init(&made->references, 1);
    made->vtable =
        part->kind == HANA_PART_LEARNER ? &hana_driver : (const hana_estimator *)part;
    made->spec = hana_spec_retain(spec);
    made->target.positive = -1;
    made->state =
        hana_alloc_zero(1, made->vtable->state_size ? made->vtable->state_size : 1);
    if (!made->state) {
        hana_fitted_release(made);
        return hana_fail_memory(err);
    }
    *out = made;
    return HANA_OK;
}

static int64_t spec_threads(const hana_spec *spec)
{
    hana_value params = { 0 };
    int64_t threads = 0;
    if (hana_spec_params(&params, spec, 1, NULL) == HANA_OK) {
        const hana_value *given = hana_value_get(&params, "threads");
        if (given) hana_value_as_int(given, &threads);
    }
    hana_value_clear(&params);
    return threads;
}

hana_status hana_fit(const hana_fitted **out, const hana_spec *spec,
                     const hana_task *task, hana_job *job, hana_error *err)
{
    HANA_TRY(hana_job_check(job, err));
    hana_fitted *made;
    HANA_TRY(hana_fitted_new(&made, spec, err));
    uint64_t seed = hana_job_seed(job);
    hana_spec_seed(spec, &seed);
    hana_job own;
    hana_job_child(&own, job, seed, 0);
    int64_t threads = spec_threads(spec);
    if (threads > 0) own.threads = (int)(threads < 1024 ? threads : 1024);
    if (job && job->nested == 0) own.progress = job->progress;
    hana_status status = hana_target_copy(&made->target, &task->target, err);
    if (status == HANA_OK)
        status = made->vtable->fit(made->state, spec, task, &made->facts, &own, err);
    /* A composition's child has warned already. */
    if (status == HANA_OK && made->vtable == &hana_driver && made->facts.has_converged &&
        !made->facts.converged && !made->facts.explained)
        hana_job_warn(&own,
                      "%s did not converge in %lld iterations: raise max_iter, or "
                      "standardize the features",
                      hana_spec_name(spec), (long long)made->facts.iterations);
    hana_job_finish(&own, job);
    if (status == HANA_OK)
        *out = made;
    else
        hana_fitted_release(made);
    return status;
}

int hana_fitted_has_proba(const hana_fitted *fitted)
{
    if (fitted->target.task != HANA_CLASSIFICATION) return 0;
    return fitted->vtable->has_proba ? fitted->vtable->has_proba(fitted) : 1;
}

/* The class with the highest probability, the first of equals; NaN where all are NaN. */
static void argmax(hana_matrix *out, const hana_matrix *proba)
{
    for (size_t i = 0; i < proba->rows; i++) {
        const double *p = proba->data + i * proba->stride;
        size_t best = 0;
        for (size_t c = 1; c < proba->cols; c++)
            if (p[c] > p[best]) best = c;
        out->data[i] = isnan(p[best]) ? (double)NAN : (double)best;
    }
}

hana_status hana_fitted_predict(hana_matrix *out, const hana_fitted *fitted,
                                const hana_frame *frame, hana_want want, hana_job *job,
                                hana_error *err)
{
    const char *name = hana_spec_name(fitted->spec);
    int has_proba = hana_fitted_has_proba(fitted);
    if (!fitted->vtable->predict)
        return hana_fail(err, HANA_UNSUPPORTED, "%s does not predict", name);
    if (want == HANA_WANT_PROBA && !has_proba)
        return hana_fail(err, HANA_UNSUPPORTED,
                         fitted->target.task == HANA_CLASSIFICATION
                             ? "%s gives no probabilities: wrap it in calibrated{}"
                             : "%s is no classifier: it has no class probabilities",
                         name);
    size_t rows = hana_frame_rows(frame);
    hana_matrix made;
    HANA_TRY(hana_matrix_new(&made, rows,
                             has_proba ? hana_target_classes(&fitted->target) : 1, err));
    hana_status status = HANA_OK;
    if (rows)
        status = fitted->vtable->predict(fitted, frame,
                                         has_proba ? HANA_WANT_PROBA : HANA_WANT_VALUES,
                                         &made, job, err);
    if (status == HANA_OK && has_proba && want == HANA_WANT_VALUES) {
        hana_matrix values;
        status = hana_matrix_new(&values, rows, 1, err);
        if (status == HANA_OK) {
            argmax(&values, &made);
            hana_matrix_clear(&made);
            made = values;
        }
    }
    if (status == HANA_OK)
        *out = made;
    else
        hana_matrix_clear(&made);
    return status;
}

hana_status hana_fitted_predict_into(hana_matrix *out, const hana_fitted *fitted,
                                     const hana_frame *frame, hana_want want,
                                     hana_job *job, hana_error *err)
{
    hana_matrix made;
    HANA_TRY(hana_fitted_predict(&made, fitted, frame, want, job, err));
    hana_status status = HANA_OK;
    if (made.rows != out->rows || made.cols != out->cols)
        status = hana_fail(
            err, HANA_BAD_SHAPE, "%s predicts %zu x %zu, expected %zu x %zu",
            hana_spec_name(fitted->spec), made.rows, made.cols, out->rows, out->cols);
    for (size_t i = 0; status == HANA_OK && i < out->rows; i++)
        memcpy(out->data + i * out->stride, made.data + i * made.stride,
               out->cols * sizeof(double));
    hana_matrix_clear(&made);
    return status;
}

hana_status hana_fitted_transform(hana_frame **out, const hana_fitted *fitted,
                                  const hana_frame *frame, hana_job *job, hana_error *err)
{
    if (!fitted->vtable->transform)
        return hana_fail(err, HANA_UNSUPPORTED, "%s does not transform",
                         hana_spec_name(fitted->spec));
    return fitted->vtable->transform(fitted, frame, out, job, err);
}

const hana_spec *hana_fitted_spec(const hana_fitted *fitted)
{
    return fitted->spec;
}

const hana_target *hana_fitted_target(const hana_fitted *fitted)
{
    return &fitted->target;
}

const void *hana_fitted_state(const hana_fitted *fitted)
{
    return fitted->state;
}

const hana_fit_facts *hana_fitted_facts(const hana_fitted *fitted)
{
    return &fitted->facts;
}

size_t hana_fitted_bytes(const hana_fitted *fitted)
{
    return fitted->vtable->bytes ? fitted->vtable->bytes(fitted->state) : 0;
}

const hana_fitted *hana_fitted_child(const hana_fitted *fitted, size_t i,
                                     const char **name)
{
    return fitted->vtable->child ? fitted->vtable->child(fitted, i, name) : NULL;
}

hana_status hana_fitted_summary(hana_frame **out, const hana_fitted *fitted,
                                hana_error *err)
{
    if (!fitted->vtable->summary)
        return hana_fail(err, HANA_UNSUPPORTED, "%s has no summary",
                         hana_spec_name(fitted->spec));
    return fitted->vtable->summary(fitted, out, err);
}

hana_status hana_fitted_print(hana_text *out, const hana_fitted *fitted, hana_error *err)
{
    if (!fitted->vtable->print)
        return hana_fail(err, HANA_UNSUPPORTED, "%s cannot be written as rules",
                         hana_spec_name(fitted->spec));
    return fitted->vtable->print(fitted, out, err);
}

hana_status hana_fitted_export_into(hana_export *out, const hana_fitted *fitted,
                                    hana_error *err)
{
    if (!fitted->vtable->export)
        return hana_fail(err, HANA_UNSUPPORTED, "%s cannot be exported",
                         hana_spec_name(fitted->spec));
    return fitted->vtable->export(fitted, out, err);
}

hana_status hana_fitted_export(hana_export *out, const hana_fitted *fitted,
                               hana_error *err)
{
    hana_export made = { 0 };
    hana_status status = hana_fitted_export_into(&made, fitted, err);
    if (status == HANA_OK)
        *out = made;
    else
        hana_export_clear(&made);
    return status;
}

hana_status hana_child_predict(const hana_fitted *fitted, const hana_frame *frame,
                               hana_want want, hana_matrix *out, hana_job *job,
                               hana_error *err)
{
    return hana_fitted_predict_into(out, hana_fitted_child(fitted, 0, NULL), frame, want,
                                    job, err);
}

int hana_child_has_proba(const hana_fitted *fitted)
{
    return hana_fitted_has_proba(hana_fitted_child(fitted, 0, NULL));
}

hana_status hana_child_summary(const hana_fitted *fitted, hana_frame **out,
                               hana_error *err)
{
    return hana_fitted_summary(out, hana_fitted_child(fitted, 0, NULL), err);
}

hana_status hana_child_print(const hana_fitted *fitted, hana_text *out, hana_error *err)
{
    return hana_fitted_print(out, hana_fitted_child(fitted, 0, NULL), err);
}

hana_status hana_child_export(const hana_fitted *fitted, hana_export *out,
                              hana_error *err)
{
    return hana_fitted_export_into(out, hana_fitted_child(fitted, 0, NULL), err);
}

static hana_status save_target(const hana_target *target, hana_writer *writer,
                               hana_error *err)
{
    HANA_TRY(hana_writer_enter(writer, "target", 1, err));
    hana_status status = hana_put_int(writer, "task", target->task, err);
    if (status == HANA_OK)
        status = hana_put_string(writer, "type", hana_type_name(target->type), err);
    if (status == HANA_OK)
        status = hana_put_column(writer, "classes", target->classes, err);
    if (status == HANA_OK)
        status = hana_put_int(writer, "positive", target->positive, err);
    hana_writer_leave(writer);
    return status;
}

static hana_status load_target(hana_target *target, hana_reader *reader, hana_error *err)
{
    int64_t task = 0, positive = -1;
    char *type = NULL;
    HANA_TRY(hana_reader_enter(reader, "target", NULL, err));
    hana_status status = hana_get_int(reader, "task", &task, err);
    if (status == HANA_OK) status = hana_get_string(reader, "type", &type, err);
    if (status == HANA_OK)
        status = hana_get_column(reader, "classes", &target->classes, err);
    if (status == HANA_OK) status = hana_get_int(reader, "positive", &positive, err);
    hana_reader_leave(reader);
    if (status == HANA_OK) {
        int64_t k = (int64_t)hana_target_classes(target);
        if (task < HANA_REGRESSION || task > HANA_NO_TARGET || !type ||
            !hana_type_from_name(type, &target->type) || positive < -1 || positive >= k ||
            (task == HANA_CLASSIFICATION) != (k > 0))
            status = hana_fail(err, HANA_BAD_FORMAT, "the model's target is damaged");
    }
    hana_free(type);
    target->task = (hana_task_kind)task;
    target->positive = (ptrdiff_t)positive;
    return status;
}

static hana_status save_facts(const hana_fit_facts *facts, hana_writer *writer,
                              hana_error *err)
{
    HANA_TRY(hana_put_int(writer, "iterations",
                          facts->has_iterations ? facts->iterations : -1, err));
    return hana_put_int(writer, "converged", facts->has_converged ? facts->converged : -1,
                        err);
}

static hana_status load_facts(hana_fit_facts *facts, hana_reader *reader, hana_error *err)
{
    int64_t iterations, converged;
    HANA_TRY(hana_get_int(reader, "iterations", &iterations, err));
    HANA_TRY(hana_get_int(reader, "converged", &converged, err));
    *facts = (hana_fit_facts){ .has_iterations = iterations >= 0,
                               .iterations = iterations,
                               .has_converged = converged >= 0,
                               .converged = converged > 0 };
    return HANA_OK;
}

hana_status hana_fitted_save(const hana_fitted *fitted, hana_writer *writer,
                             const char *key, hana_job *job, hana_error *err)
{
    if (!fitted->vtable->save)
        return hana_fail(err, HANA_UNSUPPORTED, "%s cannot be saved",
                         hana_spec_name(fitted->spec));
    HANA_TRY(hana_writer_enter(writer, key, 1, err));
    hana_status status = hana_spec_save(fitted->spec, writer, "spec", job, err);
    if (status == HANA_OK) status = save_target(&fitted->target, writer, err);
    if (status == HANA_OK) status = save_facts(&fitted->facts, writer, err);
    if (status == HANA_OK)
        status = hana_writer_enter(writer, "state", hana_spec_part(fitted->spec)->version,
                                   err);
    if (status == HANA_OK) {
        status = fitted->vtable->save(fitted, writer, job, err);
        hana_writer_leave(writer);
    }
    hana_writer_leave(writer);
    return status;
}

static hana_status load_state(hana_fitted *made, hana_reader *reader, hana_job *job,
                              hana_error *err)
{
    int version;
    HANA_TRY(hana_reader_enter(reader, "state", &version, err));
    hana_status status = HANA_OK;
    const hana_part *part = hana_spec_part(made->spec);
    if (version > part->version)
        status = hana_fail(
            err, HANA_BAD_FORMAT,
            "%s: the model was saved by a newer hana (format %d, known up to %d)",
            part->name, version, part->version);
    else if (!made->vtable->load)
        status = hana_fail(err, HANA_UNSUPPORTED, "%s cannot be loaded", part->name);
    if (status == HANA_OK)
        status = made->vtable->load(made->state, made->spec, reader, job, err);
    hana_reader_leave(reader);
    return status;
}

hana_status hana_fitted_load(const hana_fitted **out, hana_reader *reader,
                             const char *key, hana_job *job, hana_error *err)
{
    HANA_TRY(hana_reader_enter(reader, key, NULL, err));
    hana_spec *spec;
    hana_fitted *made = NULL;
    hana_status status = hana_spec_load(&spec, reader, "spec", job, err);
    if (status == HANA_OK) {
        status = hana_fitted_new(&made, spec, err);
        hana_spec_release(spec);
    }
    if (status == HANA_OK) status = load_target(&made->target, reader, err);
    if (status == HANA_OK) status = load_facts(&made->facts, reader, err);
    if (status == HANA_OK) status = load_state(made, reader, job, err);
    hana_reader_leave(reader);
    if (status == HANA_OK)
        *out = made;
    else
        hana_fitted_release(made);
    return status;
}
