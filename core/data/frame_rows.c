#include "base/job.h"
#include "data/column_parts.h"
#include "data/frame_parts.h"

hana_status hana_frame_slice(hana_frame **out, const hana_frame *frame, size_t from,
                             size_t n, hana_error *err)
{
    if (from > frame->rows || n > frame->rows - from)
        return hana_fail(err, HANA_BAD_ARGUMENT, "rows %zu to %zu of a frame of %zu rows",
                         from + 1, from + n, frame->rows);
    hana_frame *slice;
    HANA_TRY(hana_frame_make(&slice, frame->schema, n, err));
    for (size_t j = 0; j < frame->schema->n; j++) {
        hana_column *column;
        hana_status status = hana_column_slice(&column, frame->columns[j], from, n, err);
        if (status != HANA_OK) {
            hana_frame_release(slice);
            return status;
        }
        slice->columns[j] = column;
    }
    hana_ids_slice(slice, frame, from);
    *out = slice;
    return HANA_OK;
}

hana_status hana_frame_take(hana_frame **out, const hana_frame *frame, const size_t *rows,
                            size_t n, hana_error *err)
{
    int missing = 0;
    for (size_t i = 0; i < n; i++) {
        if (rows[i] < frame->rows) continue;
        if (rows[i] != HANA_NO_ROW)
            return hana_fail(err, HANA_BAD_ARGUMENT, "row %zu of a frame of %zu rows",
                             rows[i] + 1, frame->rows);
        missing = 1;
    }
    hana_frame *taken;
    HANA_TRY(hana_frame_make(&taken, frame->schema, n, err));
    hana_status status = HANA_OK;
    for (size_t j = 0; j < frame->schema->n && status == HANA_OK; j++) {
        hana_column *column;
        hana_job_stage(hana_job_current(), "rows", (double)j / (double)frame->schema->n,
                       (double)(j + 1) / (double)frame->schema->n);
        status =
            hana_column_take_known(&column, frame->columns[j], rows, n, missing, err);
        if (status == HANA_OK) taken->columns[j] = column;
    }
    if (status == HANA_OK) status = hana_ids_take(taken, frame, rows, n, missing, err);
    hana_job_stage(hana_job_current(), "", 0, 0);
    if (status != HANA_OK) {
        hana_frame_release(taken);
        return status;
    }
    *out = taken;
    return HANA_OK;
}

/* The names of all parts in order of appearance; more than the first frame's only with
 * `fill`. */
static hana_status united_names(hana_names *out, const hana_frame *const *frames,
                                size_t n, int fill, hana_error *err)
{
    for (size_t j = 0; j < frames[0]->schema->n; j++)
        HANA_TRY(hana_names_add(out, frames[0]->schema->names[j], err));
    for (size_t f = 1; f < n; f++) {
        for (size_t j = 0; j < frames[f]->schema->n; j++) {
            const char *name = frames[f]->schema->names[j];
            if (hana_frame_find(frames[0], name) >= 0) continue;
            if (!fill)
                return hana_fail(err, HANA_BAD_SHAPE,
                                 "column '%s' is in frame %zu, not in frame 1; "
                                 "fill = true makes it null there",
                                 name, f + 1);
            if (hana_names_find(out, name) < 0) HANA_TRY(hana_names_add(out, name, err));
        }
        for (size_t j = 0; j < frames[0]->schema->n && !fill; j++)
            if (hana_frame_find(frames[f], frames[0]->schema->names[j]) < 0)
                return hana_fail(err, HANA_BAD_SHAPE,
                                 "column '%s' is in frame 1, not in frame %zu; "
                                 "fill = true makes it null there",
                                 frames[0]->schema->names[j], f + 1);
    }
    return HANA_OK;
}

/* A column of which nothing is known: reading gives float to a column without a value. */
static int says_nothing(const hana_column *column)
{
    return hana_column_type(column) == HANA_FLOAT &&
           hana_column_nulls(column) == hana_column_length(column);
}

/* parts[f] = the column of that name in frame f, or nulls like the first one that has
 * values; references. */
static hana_status collect_parts(const hana_column **parts,
                                 const hana_frame *const *frames, size_t n,
                                 const char *name, hana_error *err)
{
    const hana_column *model = NULL;
    for (size_t f = 0; f < n; f++) {
        ptrdiff_t j = hana_frame_find(frames[f], name);
        if (j < 0) continue;
        parts[f] = hana_column_retain(frames[f]->columns[j]);
        if (!model || (says_nothing(model) && !says_nothing(parts[f]))) model = parts[f];
    }
    for (size_t f = 0; f < n; f++) {
        if (parts[f] && (parts[f]->type == model->type || !says_nothing(parts[f])))
            continue;
        hana_column *nulls;
        HANA_TRY(hana_column_nulls_new(&nulls, model->type, frames[f]->rows,
                                       hana_column_levels(model), err));
        hana_column_release(parts[f]);
        parts[f] = nulls;
    }
    return HANA_OK;
}

static hana_status concat_column(hana_column **out, const hana_frame *const *frames,
                                 size_t n, const char *name, hana_error *err)
{
    const hana_column **parts = hana_alloc_zero(n, sizeof *parts);
    if (!parts) return hana_fail_memory(err);
    hana_status status = collect_parts(parts, frames, n, name, err);
    if (status == HANA_OK) status = hana_column_concat(out, parts, n, err);
    for (size_t f = 0; f < n; f++) hana_column_release(parts[f]);
    hana_free(parts);
    if (status != HANA_OK && status != HANA_OUT_OF_MEMORY)
        hana_fail_prefix(err, status, "column '%s': ", name);
    return status;
}

static hana_status concat_all(hana_frame **out, const hana_names *names,
                              const hana_frame *const *frames, size_t n, hana_error *err)
{
    size_t rows = 0;
    for (size_t f = 0; f < n; f++) rows += frames[f]->rows;
    hana_schema *schema;
    HANA_TRY(hana_schema_new(&schema, (const char *const *)names->items, names->n, err));
    hana_frame *whole;
    hana_status status = hana_frame_make(&whole, schema, rows, err);
    hana_schema_release(schema);
    HANA_TRY(status);
    for (size_t j = 0; j < names->n && status == HANA_OK; j++) {
        hana_column *column;
        hana_job_stage(hana_job_current(), "", (double)j / (double)names->n,
                       (double)(j + 1) / (double)names->n);
        status = hana_job_check(hana_job_current(), err);
        if (status == HANA_OK)
            status = concat_column(&column, frames, n, names->items[j], err);
        if (status == HANA_OK) whole->columns[j] = column;
    }
    if (status == HANA_OK) status = hana_ids_concat(whole, frames, n, err);
    if (status != HANA_OK) {
        hana_frame_release(whole);
        return status;
    }
    *out = whole;
    return HANA_OK;
}

hana_status hana_frame_concat(hana_frame **out, const hana_frame *const *frames, size_t n,
                              int fill, hana_error *err)
{
    if (n == 0) return hana_fail(err, HANA_BAD_ARGUMENT, "no frames to stack");
    hana_names names = { 0 };
    hana_status status = united_names(&names, frames, n, fill, err);
    if (status == HANA_OK) status = concat_all(out, &names, frames, n, err);
    hana_names_clear(&names);
    return status;
}
