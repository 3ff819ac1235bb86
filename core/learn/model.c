#include "learn/fitted.h"

#include "base/random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void hana_model_data_free(hana_model_data *model)
{
    if (!model) return;
    hana_roles_clear(&model->roles);
    hana_schema_clear(&model->schema);
    for (size_t i = 0; i < model->n_warnings; i++) hana_free(model->warnings[i]);
    hana_free(model->warnings);
    hana_free(model->row_ids);
    hana_free(model);
}

static uint64_t row_id(const hana_frame *frame, size_t i)
{
    return hana_hash_mix(hana_frame_origin(frame, i) +
                         hana_hash_mix((uint64_t)hana_frame_position(frame, i)));
}

static int by_id(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static hana_status keep_row_ids(hana_model_data *model, const hana_frame *frame,
                                hana_error *err)
{
    size_t n = hana_frame_rows(frame);
    model->row_ids = hana_alloc(n, sizeof *model->row_ids);
    if (!model->row_ids) return hana_fail_memory(err);
    for (size_t i = 0; i < n; i++) model->row_ids[i] = row_id(frame, i);
    qsort(model->row_ids, n, sizeof *model->row_ids, by_id);
    model->n_row_ids = n;
    return HANA_OK;
}

size_t hana_model_seen_rows(const hana_fitted *fitted, const hana_frame *frame)
{
    const hana_model_data *model = fitted->model;
    size_t seen = 0;
    if (!model || !model->n_row_ids) return 0;
    for (size_t i = 0; i < hana_frame_rows(frame); i++) {
        uint64_t id = row_id(frame, i);
        seen += bsearch(&id, model->row_ids, model->n_row_ids, sizeof id, by_id) != NULL;
    }
    return seen;
}

/* Integers and texts that differ in nearly every row are identifiers more often than
 * features. */
static hana_status find_identifiers(hana_names *out, const hana_frame *frame,
                                    const hana_names *features, hana_error *err)
{
    size_t n = hana_frame_rows(frame);
    for (size_t i = 0; i < features->n; i++) {
        const hana_column *column;
        HANA_TRY(hana_frame_get(&column, frame, features->items[i], err));
        hana_type type = hana_column_type(column);
        if (type != HANA_INT && type != HANA_STRING) continue;
        hana_column *unique;
        HANA_TRY(hana_column_unique(&unique, column, err));
        size_t distinct = hana_column_length(unique);
        hana_column_release(unique);
        if ((double)distinct >= 0.95 * (double)n)
            HANA_TRY(hana_names_add(out, features->items[i], err));
    }
    return HANA_OK;
}

/* One sentence for all of them, with the option that leaves them out. */
static hana_status say_identifiers(const hana_names *names, size_t rows, hana_job *job,
                                   hana_error *err)
{
    hana_text list = { 0 };
    char *given;
    for (size_t i = 0; i < names->n; i++)
        hana_text_printf(&list, "%s\"%s\"", i ? ", " : "", names->items[i]);
    HANA_TRY(hana_text_take(&given, &list, err));
    if (names->n == 1)
        hana_job_warn(
            job,
            "column '%s' is distinct in nearly all of the %zu rows: if it is an "
            "identifier, say ignore = { %s }",
            names->items[0], rows, given);
    else
        hana_job_warn(job,
                      "%zu columns are distinct in nearly all of the %zu rows: if they "
                      "are identifiers, say ignore = { %s }",
                      names->n, rows, given);
    hana_free(given);
    return HANA_OK;
}

static hana_status warn_identifiers(const hana_frame *frame, const hana_names *features,
                                    hana_job *job, hana_error *err)
{
    size_t rows = hana_frame_rows(frame);
    if (rows < 20) return HANA_OK;
    hana_names names = { 0 };
    hana_status status = find_identifiers(&names, frame, features, err);
    if (status == HANA_OK && names.n > 0)
        status = say_identifiers(&names, rows, job, err);
    hana_names_clear(&names);
    return status;
}

static hana_status keep_warnings(hana_model_data *model, const hana_job *job,
                                 hana_error *err)
{
    model->warnings = hana_alloc_zero(job->n_warnings, sizeof *model->warnings);
    if (!model->warnings) return hana_fail_memory(err);
    for (size_t i = 0; i < job->n_warnings; i++) {
        model->warnings[i] = hana_strdup(job->warnings[i]);
        if (!model->warnings[i]) return hana_fail_memory(err);
        model->n_warnings++;
    }
    return HANA_OK;
}

static hana_status fit(hana_fitted **out, hana_model_data *model, const hana_spec *spec,
                       const hana_frame *frame, hana_job *job, hana_error *err)
{
    unsigned tags = hana_spec_tags(spec);
    hana_names features = { 0 };
    hana_frame *inner = NULL;
    hana_task task = { .target = { .positive = -1 } };
    hana_roles roles = {
        0
    }; /* without features and ignore, which have done their work */
    const hana_fitted *fitted = NULL;
    hana_status status = hana_roles_inner(&roles, &inner, &model->roles, frame, err);
    if (status == HANA_OK) status = hana_features(&features, inner, &roles, err);
    if (status == HANA_OK)
        status = hana_task_new(&task, inner, &roles, NULL,
                               (tags & HANA_TAG_CLASSIFICATION) != 0,
                               (tags & HANA_TAG_REGRESSION) != 0, err);
    if (status == HANA_OK) status = warn_identifiers(inner, &features, job, err);
    if (status == HANA_OK)
        status = hana_schema_learn(&model->schema, inner, &features, err);
    if (status == HANA_OK) status = keep_row_ids(model, inner, err);
    if (status == HANA_OK) status = hana_fit(&fitted, spec, &task, job, err);
    model->rows = task.rows;
    model->data_hash = inner ? hana_frame_hash(inner) : 0;
    hana_task_clear(&task);
    hana_roles_clear(&roles);
    hana_frame_release(inner);
    hana_names_clear(&features);
    if (status == HANA_OK) *out = (hana_fitted *)(uintptr_t)fitted;
    return status;
}

hana_status hana_model_fit(const hana_fitted **out, const hana_spec *spec,
                           const hana_frame *frame, const hana_roles *roles,
                           hana_job *job, hana_error *err)
{
    hana_model_data *model = hana_alloc_zero(1, sizeof *model);
    if (!model) return hana_fail_memory(err);
    hana_job own; /* so that the warnings of this fit can be kept with the model */
    hana_job_child(&own, job, hana_job_seed(job), 0);
    if (job) own.progress = job->progress;
    model->seed = hana_job_seed(job);
    hana_spec_seed(spec, &model->seed);
    hana_fitted *fitted = NULL;
    hana_status status = hana_roles_copy(&model->roles, roles, err);
    if (status == HANA_OK) status = fit(&fitted, model, spec, frame, &own, err);
    if (status == HANA_OK) status = keep_warnings(model, &own, err);
    hana_job_finish(&own, job);
    if (status == HANA_OK) {
        fitted->model = model;
        *out = fitted;
        return HANA_OK;
    }
    hana_fitted_release(fitted);
    hana_model_data_free(model);
    return status;
}

/* The columns the model wants, held to its promise; a fitted part of a composition takes
 * all. */
static hana_status admit(hana_frame **out, const hana_fitted *fitted,
                         const hana_frame *frame, hana_job *job, hana_error *err)
{
    if (!fitted->model) {
        *out = (hana_frame *)(uintptr_t)hana_frame_retain(frame);
        return HANA_OK;
    }
    return hana_schema_admit(out, &fitted->model->schema,
                             fitted->model->roles.out_of_range, frame, job, err);
}

/* Codes by the threshold on the positive class: between low and high the model abstains.
 */
static void decide(hana_matrix *values, const hana_matrix *proba,
                   const hana_fitted *fitted)
{
    size_t positive = fitted->target.positive >= 0 ? (size_t)fitted->target.positive : 1;
    for (size_t i = 0; i < proba->rows; i++) {
        const double *p = proba->data + i * proba->stride;
        size_t other = positive == 0 ? 1 : 0;
        for (size_t c = 0; c < proba->cols; c++)
            if (c != positive && p[c] > p[other]) other = c;
        values->data[i] = p[positive] >= fitted->high ? (double)positive
                          : p[positive] < fitted->low ? (double)other
                                                      : (double)NAN;
    }
}

static hana_status to_column(hana_column **out, const hana_matrix *values,
                             const hana_target *target, hana_error *err)
{
    size_t n = values->rows;
    if (target->task == HANA_CLASSIFICATION) {
        size_t *rows = hana_alloc(n, sizeof *rows);
        if (!rows) return hana_fail_memory(err);
        for (size_t i = 0; i < n; i++)
            rows[i] = isnan(values->data[i]) ? HANA_NO_ROW : (size_t)values->data[i];
        hana_status status = hana_column_take(out, target->classes, rows, n, err);
        hana_free(rows);
        return status;
    }
    if (target->task == HANA_NO_TARGET) { /* clusters: whole numbers */
        hana_builder *builder;
        HANA_TRY(hana_builder_new(&builder, HANA_INT, n, err));
        hana_status status = HANA_OK;
        for (size_t i = 0; status == HANA_OK && i < n; i++)
            status = isnan(values->data[i])
                         ? hana_builder_null(builder, err)
                         : hana_builder_int(builder, (int64_t)values->data[i], err);
        if (status == HANA_OK) status = hana_builder_take(out, builder, err);
        hana_builder_free(builder);
        return status;
    }
    uint8_t *validity = hana_alloc_zero(hana_bitmap_bytes(n), 1);
    if (!validity) return hana_fail_memory(err);
    for (size_t i = 0; i < n; i++)
        if (!isnan(values->data[i])) hana_bit_set(validity, i);
    hana_status status = hana_column_from_floats(out, values->data, validity, n, err);
    hana_free(validity);
    return status;
}

hana_status hana_model_predict(hana_column **out, const hana_fitted *fitted,
                               const hana_frame *frame, hana_job *job, hana_error *err)
{
    hana_frame *inner;
    HANA_TRY(admit(&inner, fitted, frame, job, err));
    hana_matrix values = { 0 };
    hana_status status;
    if (fitted->has_threshold) {
        hana_matrix proba;
        status = hana_fitted_predict(&proba, fitted, inner, HANA_WANT_PROBA, job, err);
        if (status == HANA_OK) {
            status = hana_matrix_new(&values, proba.rows, 1, err);
            if (status == HANA_OK) decide(&values, &proba, fitted);
            hana_matrix_clear(&proba);
        }
    } else {
        status = hana_fitted_predict(&values, fitted, inner, HANA_WANT_VALUES, job, err);
    }
    if (status == HANA_OK) status = to_column(out, &values, &fitted->target, err);
    hana_matrix_clear(&values);
    hana_frame_release(inner);
    return status;
}

hana_status hana_proba_frame(hana_frame **out, const hana_matrix *proba,
                             const hana_target *target, hana_error *err)
{
    size_t k = proba->cols, n = proba->rows;
    hana_names names = { 0 };
    const hana_column **columns = hana_alloc_zero(k, sizeof *columns);
    double *values = hana_alloc(n, sizeof *values);
    hana_status status = columns && values ? HANA_OK : hana_fail_memory(err);
    for (size_t c = 0; status == HANA_OK && c < k; c++) {
        hana_text name = { 0 };
        hana_target_class_name(&name, target, c);
        status =
            name.failed ? hana_fail_memory(err) : hana_names_add(&names, name.data, err);
        hana_text_clear(&name);
        for (size_t i = 0; i < n; i++) values[i] = proba->data[i * proba->stride + c];
        hana_column *column;
        if (status == HANA_OK)
            status = hana_column_from_floats(&column, values, NULL, n, err);
        if (status == HANA_OK) columns[c] = column;
    }
    if (status == HANA_OK)
        status =
            hana_frame_new(out, (const char *const *)names.items, columns, k, n, err);
    for (size_t c = 0; columns && c < k; c++) hana_column_release(columns[c]);
    hana_free(columns);
    hana_free(values);
    hana_names_clear(&names);
    return status;
}

hana_status hana_model_predict_proba(hana_frame **out, const hana_fitted *fitted,
                                     const hana_frame *frame, hana_job *job,
                                     hana_error *err)
{
    hana_frame *inner, *made = NULL;
    hana_matrix proba = { 0 };
    HANA_TRY(admit(&inner, fitted, frame, job, err));
    hana_status status =
        hana_fitted_predict(&proba, fitted, inner, HANA_WANT_PROBA, job, err);
    if (status == HANA_OK) status = hana_proba_frame(&made, &proba, &fitted->target, err);
    if (status == HANA_OK) status = hana_frame_with_ids_of(out, made, frame, err);
    hana_frame_release(made);
    hana_matrix_clear(&proba);
    hana_frame_release(inner);
    return status;
}

hana_status hana_model_transform(hana_frame **out, const hana_fitted *fitted,
                                 const hana_frame *frame, hana_job *job, hana_error *err)
{
    hana_frame *inner;
    HANA_TRY(admit(&inner, fitted, frame, job, err));
    hana_status status = hana_fitted_transform(out, fitted, inner, job, err);
    hana_frame_release(inner);
    return status;
}

static hana_status copy_model(hana_model_data **out, const hana_fitted *fitted,
                              hana_error *err)
{
    const hana_model_data *from = fitted->model;
    if (!from) return HANA_OK;
    hana_model_data *made = hana_alloc_zero(1, sizeof *made);
    if (!made) return hana_fail_memory(err);
    *made = (hana_model_data){ .seed = from->seed,
                               .data_hash = from->data_hash,
                               .rows = from->rows };
    hana_status status = hana_roles_copy(&made->roles, &from->roles, err);
    if (status == HANA_OK) {
        made->schema.columns =
            hana_alloc_zero(from->schema.n, sizeof *made->schema.columns);
        if (!made->schema.columns) status = hana_fail_memory(err);
    }
    for (size_t i = 0; status == HANA_OK && i < from->schema.n; i++) {
        hana_schema_column *column = &made->schema.columns[i];
        *column = from->schema.columns[i];
        hana_column_retain(column->levels);
        hana_column_retain(column->block_names);
        column->name = hana_strdup(from->schema.columns[i].name);
        made->schema.n++;
        if (!column->name) status = hana_fail_memory(err);
    }
    if (status == HANA_OK && from->n_row_ids) {
        made->row_ids = hana_alloc(from->n_row_ids, sizeof *made->row_ids);
        if (!made->row_ids) {
            status = hana_fail_memory(err);
        } else {
            memcpy(made->row_ids, from->row_ids, from->n_row_ids * sizeof *made->row_ids);
            made->n_row_ids = from->n_row_ids;
        }
    }
    if (status == HANA_OK)
        *out = made;
    else
        hana_model_data_free(made);
    return status;
}

hana_status hana_model_with_threshold(const hana_fitted **out, const hana_fitted *fitted,
                                      double low, double high, hana_error *err)
{
    if (!hana_fitted_has_proba(fitted))
        return hana_fail(err, HANA_UNSUPPORTED,
                         "%s gives no class probabilities, so it takes no threshold",
                         hana_spec_name(fitted->spec));
    if (fitted->target.positive < 0 && hana_target_classes(&fitted->target) != 2)
        return hana_fail(err, HANA_BAD_ARGUMENT,
                         "a threshold needs a positive class: fit with positive = ...");
    if (!(low >= 0 && low <= high && high <= 1))
        return hana_fail(err, HANA_BAD_ARGUMENT,
                         "a threshold must be in 0 to 1 with low <= high, got %g and %g",
                         low, high);
    hana_fitted *made = hana_alloc_zero(1, sizeof *made);
    if (!made) return hana_fail_memory(err);
    const hana_fitted *base = fitted->base ? fitted->base : fitted;
    atomic_init(&made->references, 1);
    made->vtable = fitted->vtable;
    made->spec = hana_spec_retain(fitted->spec);
    made->base = hana_fitted_retain(base);
    made->state = base->state;
    made->facts = fitted->facts;
    made->has_threshold = 1;
    made->low = low;
    made->high = high;
    hana_status status = hana_target_copy(&made->target, &fitted->target, err);
    if (status == HANA_OK) status = copy_model(&made->model, fitted, err);
    if (status == HANA_OK)
        *out = made;
    else
        hana_fitted_release(made);
    return status;
}

const hana_roles *hana_model_roles(const hana_fitted *fitted)
{
    return fitted->model ? &fitted->model->roles : NULL;
}

static hana_status put_text(hana_value *map, const char *key, const char *text,
                            hana_error *err)
{
    hana_value value = { 0 };
    HANA_TRY(hana_value_string(&value, text, strlen(text), err));
    return hana_value_set(map, key, value, err);
}

static hana_status put_warnings(hana_value *map, const hana_model_data *model,
                                hana_error *err)
{
    hana_value list;
    HANA_TRY(hana_value_texts(&list, model->warnings, model->n_warnings, err));
    return hana_value_set(map, "warnings", list, err);
}

static hana_status put_classes(hana_value *map, const hana_target *target,
                               hana_error *err)
{
    hana_value list = { 0 };
    HANA_TRY(hana_value_new_list(&list, err));
    hana_status status = HANA_OK;
    for (size_t c = 0; status == HANA_OK && c < hana_target_classes(target); c++) {
        hana_value cell = { 0 };
        status = hana_column_value(&cell, target->classes, c, err);
        if (status == HANA_OK) status = hana_value_push(&list, cell, err);
    }
    if (status == HANA_OK) return hana_value_set(map, "classes", list, err);
    hana_value_clear(&list);
    return status;
}

static hana_status put_info(hana_value *map, const hana_fitted *fitted, hana_error *err)
{
    static const char *const tasks[] = { "auto", "regression", "classification",
                                         "no target" };
    hana_text text = { 0 };
    hana_spec_describe(&text, fitted->spec);
    hana_status status =
        text.failed ? hana_fail_memory(err) : put_text(map, "estimator", text.data, err);
    hana_text_clear(&text);
    HANA_TRY(status);
    HANA_TRY(put_text(map, "task", tasks[fitted->target.task], err));
    if (fitted->target.classes) HANA_TRY(put_classes(map, &fitted->target, err));
    if (fitted->target.positive >= 0)
        HANA_TRY(hana_value_set(map, "positive", hana_value_int(fitted->target.positive),
                                err));
    HANA_TRY(hana_value_set(map, "bytes",
                            hana_value_int((int64_t)hana_fitted_bytes(fitted)), err));
    HANA_TRY(hana_value_set(
        map, "keeps_rows",
        hana_value_bool((hana_spec_tags(fitted->spec) & HANA_TAG_KEEPS_ROWS) != 0), err));
    if (fitted->has_threshold) {
        HANA_TRY(
            hana_value_set(map, "threshold_low", hana_value_number(fitted->low), err));
        HANA_TRY(
            hana_value_set(map, "threshold_high", hana_value_number(fitted->high), err));
    }
    const hana_model_data *model = fitted->model;
    if (!model) return HANA_OK;
    char hash[32];
    hana_text hex = { 0 };
    hana_text_printf(&hex, "%016llx", (unsigned long long)model->data_hash);
    memcpy(hash, hex.data ? hex.data : "",
           hex.length + 1 < sizeof hash ? hex.length + 1 : 1);
    hana_text_clear(&hex);
    HANA_TRY(put_text(map, "data_hash", hash, err));
    HANA_TRY(hana_value_set(map, "rows", hana_value_int((int64_t)model->rows), err));
    HANA_TRY(hana_value_set(map, "seed", hana_value_int((int64_t)model->seed), err));
    hana_value value = { 0 };
    HANA_TRY(hana_roles_to_value(&value, &model->roles, err));
    HANA_TRY(hana_value_set(map, "roles", value, err));
    value = (hana_value){ 0 };
    HANA_TRY(hana_schema_to_value(&value, &model->schema, err));
    HANA_TRY(hana_value_set(map, "schema", value, err));
    return put_warnings(map, model, err);
}

hana_status hana_model_info(hana_value *out, const hana_fitted *fitted, hana_error *err)
{
    hana_value map = { 0 };
    HANA_TRY(hana_value_new_map(&map, err));
    hana_status status = put_info(&map, fitted, err);
    if (status == HANA_OK)
        *out = map;
    else
        hana_value_clear(&map);
    return status;
}
