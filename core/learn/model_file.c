#include "learn/fitted.h"

#include <math.h>
#include <string.h>

/* A model file is a container of kind "model": the fitted (spec, target, state), what the
   user's fit recorded (roles, schema, seed, data hash), the threshold, and a few
   synthetic rows with what the model says of them, checked again on load. */

static const double probe_tolerance = 1e-9;

/* What the model says of the probe rows: its probabilities, or else its numbers. */
static hana_status answer(hana_matrix *out, const hana_fitted *fitted,
                          const hana_frame *probe, hana_job *job, hana_error *err)
{
    hana_job own; /* warnings about synthetic rows are nobody's business */
    hana_job_child(&own, job, hana_job_seed(job), 0);
    hana_status status = hana_fitted_predict(
        out, fitted, probe,
        hana_fitted_has_proba(fitted) ? HANA_WANT_PROBA : HANA_WANT_VALUES, &own, err);
    hana_job_clear(&own);
    return status;
}

static hana_status save_probe(const hana_fitted *fitted, hana_writer *writer,
                              hana_job *job, hana_error *err)
{
    hana_frame *probe;
    hana_matrix answers = { 0 };
    HANA_TRY(hana_schema_probe(&probe, &fitted->model->schema, err));
    hana_status status = HANA_OK;
    /* A model that cannot answer for synthetic rows (a part refuses them) goes without.
     */
    if (fitted->vtable->predict &&
        answer(&answers, fitted, probe, job, NULL) == HANA_OK) {
        status = hana_put_frame(writer, "probe", probe, err);
        if (status == HANA_OK)
            status = hana_put_matrix(writer, "probe_answers", &answers, err);
    }
    hana_matrix_clear(&answers);
    hana_frame_release(probe);
    return status;
}

static hana_status check_probe(const hana_fitted *fitted, hana_reader *reader,
                               hana_job *job, hana_error *err)
{
    if (!hana_reader_has(reader, "probe")) return HANA_OK;
    const hana_frame *probe;
    hana_matrix saved = { 0 }, now = { 0 };
    HANA_TRY(hana_get_frame(reader, "probe", &probe, err));
    hana_status status = hana_get_matrix(reader, "probe_answers", &saved, err);
    if (status == HANA_OK) status = answer(&now, fitted, probe, job, err);
    if (status == HANA_OK && (now.rows != saved.rows || now.cols != saved.cols))
        status = hana_fail(err, HANA_BAD_FORMAT, "the model's probe rows are damaged");
    for (size_t i = 0; status == HANA_OK && i < now.rows; i++)
        for (size_t j = 0; status == HANA_OK && j < now.cols; j++) {
            double a = saved.data[i * saved.stride + j], b = now.data[i * now.stride + j];
            if (isnan(a) && isnan(b)) continue;
            if (!(fabs(a - b) <= probe_tolerance * fmax(1, fabs(a))))
                status = hana_fail(
                    err, HANA_BAD_FORMAT,
                    "the model answers %.17g where it answered %.17g when it was "
                    "saved (probe row %zu): it cannot be trusted here",
                    b, a, i + 1);
        }
    hana_matrix_clear(&saved);
    hana_matrix_clear(&now);
    hana_frame_release(probe);
    return status;
}

static hana_status save_model(const hana_fitted *fitted, hana_writer *writer,
                              hana_job *job, hana_error *err)
{
    const hana_model_data *model = fitted->model;
    hana_value roles = { 0 };
    HANA_TRY(hana_put_string(writer, "written_by", "hana", err));
    HANA_TRY(hana_roles_to_value(&roles, &model->roles, err));
    hana_status status = hana_put_value(writer, "roles", &roles, err);
    hana_value_clear(&roles);
    HANA_TRY(status);
    HANA_TRY(hana_put_int(writer, "seed", (int64_t)model->seed, err));
    HANA_TRY(hana_put_int(writer, "data_hash", (int64_t)model->data_hash, err));
    HANA_TRY(hana_put_int(writer, "rows", (int64_t)model->rows, err));
    HANA_TRY(hana_put_int(writer, "has_threshold", fitted->has_threshold, err));
    HANA_TRY(hana_put_number(writer, "low", fitted->low, err));
    HANA_TRY(hana_put_number(writer, "high", fitted->high, err));
    hana_names warnings = { .n = model->n_warnings, .items = model->warnings };
    HANA_TRY(hana_put_names(writer, "warnings", &warnings, err));
    HANA_TRY(hana_schema_save(&model->schema, writer, err));
    HANA_TRY(hana_fitted_save(fitted, writer, "fitted", job, err));
    return save_probe(fitted, writer, job, err);
}

hana_status hana_model_save(const hana_fitted *fitted, const char *path, hana_job *job,
                            hana_error *err)
{
    if (!fitted->model)
        return hana_fail(err, HANA_UNSUPPORTED,
                         "a part of a model cannot be saved by itself");
    hana_writer *writer;
    HANA_TRY(hana_writer_new(&writer, "model", err));
    hana_status status = save_model(fitted, writer, job, err);
    if (status == HANA_OK) status = hana_writer_save(writer, path, err);
    hana_writer_free(writer);
    return status;
}

static hana_status load_model(hana_fitted *fitted, hana_reader *reader, hana_error *err)
{
    hana_model_data *model = hana_alloc_zero(1, sizeof *model);
    if (!model) return hana_fail_memory(err);
    fitted->model = model;
    hana_value roles = { 0 };
    HANA_TRY(hana_get_value(reader, "roles", &roles, err));
    hana_status status = hana_roles_from_value(&model->roles, &roles, err);
    hana_value_clear(&roles);
    HANA_TRY(status);
    int64_t seed, hash, rows, has_threshold;
    HANA_TRY(hana_get_int(reader, "seed", &seed, err));
    HANA_TRY(hana_get_int(reader, "data_hash", &hash, err));
    HANA_TRY(hana_get_int(reader, "rows", &rows, err));
    HANA_TRY(hana_get_int(reader, "has_threshold", &has_threshold, err));
    HANA_TRY(hana_get_number(reader, "low", &fitted->low, err));
    HANA_TRY(hana_get_number(reader, "high", &fitted->high, err));
    model->seed = (uint64_t)seed;
    model->data_hash = (uint64_t)hash;
    model->rows = (size_t)rows;
    fitted->has_threshold = has_threshold != 0;
    hana_names warnings = { 0 };
    HANA_TRY(hana_get_names(reader, "warnings", &warnings, err));
    model->warnings = warnings.items;
    model->n_warnings = warnings.n;
    return hana_schema_load(&model->schema, reader, err);
}

hana_status hana_model_load(const hana_fitted **out, const char *path, hana_job *job,
                            hana_error *err)
{
    hana_reader *reader;
    HANA_TRY(hana_reader_open(&reader, path, err));
    const hana_fitted *loaded = NULL;
    hana_status status = HANA_OK;
    if (strcmp(hana_reader_kind(reader), "model") != 0)
        status = hana_fail(err, HANA_BAD_FORMAT, "%s: holds a %s, not a model", path,
                           hana_reader_kind(reader));
    if (status == HANA_OK) status = hana_fitted_load(&loaded, reader, "fitted", job, err);
    if (status == HANA_OK)
        status = load_model((hana_fitted *)(uintptr_t)loaded, reader, err);
    if (status == HANA_OK) status = check_probe(loaded, reader, job, err);
    hana_reader_free(reader);
    if (status == HANA_OK) {
        *out = loaded;
        return HANA_OK;
    }
    hana_fitted_release(loaded);
    /* The reader names the file already. */
    if (status == HANA_BAD_FORMAT && err &&
        strncmp(err->message, path, strlen(path)) != 0)
        return hana_fail_prefix(err, status, "%s: ", path);
    return status;
}
