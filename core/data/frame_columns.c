#include "data/column_parts.h"
#include "data/frame_parts.h"

/* A frame of the columns cols[0..n) of `frame`, under names of their own. Keeps the ids.
 */
static hana_status pick(hana_frame **out, const hana_frame *frame,
                        const char *const *names, const size_t *cols, size_t n,
                        hana_error *err)
{
    hana_schema *schema;
    HANA_TRY(hana_schema_new(&schema, names, n, err));
    hana_frame *picked;
    hana_status status = hana_frame_make(&picked, schema, frame->rows, err);
    hana_schema_release(schema);
    HANA_TRY(status);
    for (size_t k = 0; k < n; k++)
        picked->columns[k] = hana_column_retain(frame->columns[cols[k]]);
    hana_ids_share(picked, frame);
    *out = picked;
    return HANA_OK;
}

hana_status hana_frame_select(hana_frame **out, const hana_frame *frame,
                              const hana_names *names, hana_error *err)
{
    size_t *cols = hana_alloc(names->n, sizeof *cols);
    if (!cols) return hana_fail_memory(err);
    hana_status status = HANA_OK;
    for (size_t k = 0; k < names->n && status == HANA_OK; k++)
        status = hana_frame_index(&cols[k], frame, names->items[k], err);
    if (status == HANA_OK)
        status = pick(out, frame, (const char *const *)names->items, cols, names->n, err);
    hana_free(cols);
    return status;
}

hana_status hana_frame_drop(hana_frame **out, const hana_frame *frame,
                            const hana_names *names, hana_error *err)
{
    size_t n = frame->schema->n, kept = 0;
    hana_status status = HANA_OK;
    char *dropped = hana_alloc_zero(n, 1);
    size_t *cols = hana_alloc(n, sizeof *cols);
    const char **kept_names = hana_alloc(n, sizeof *kept_names);
    if (!dropped || !cols || !kept_names) HANA_GOTO(done, hana_fail_memory(err));
    for (size_t k = 0; k < names->n; k++) {
        size_t j;
        HANA_GOTO(done, hana_frame_index(&j, frame, names->items[k], err));
        dropped[j] = 1;
    }
    for (size_t j = 0; j < n; j++) {
        if (dropped[j]) continue;
        kept_names[kept] = frame->schema->names[j];
        cols[kept++] = j;
    }
    status = pick(out, frame, kept_names, cols, kept, err);
done:
    hana_free(dropped);
    hana_free(cols);
    hana_free(kept_names);
    return status;
}

hana_status hana_frame_rename(hana_frame **out, const hana_frame *frame,
                              const hana_names *from, const hana_names *to,
                              hana_error *err)
{
    if (from->n != to->n)
        return hana_fail(err, HANA_BAD_SHAPE, "%zu new names for %zu columns", to->n,
                         from->n);
    size_t n = frame->schema->n;
    hana_status status = HANA_OK;
    size_t *cols = hana_alloc(n, sizeof *cols);
    const char **names = hana_alloc(n, sizeof *names);
    if (!cols || !names) HANA_GOTO(done, hana_fail_memory(err));
    for (size_t j = 0; j < n; j++) {
        cols[j] = j;
        names[j] = frame->schema->names[j];
    }
    for (size_t k = 0; k < from->n; k++) {
        size_t j;
        HANA_GOTO(done, hana_frame_index(&j, frame, from->items[k], err));
        names[j] = to->items[k];
    }
    status = pick(out, frame, names, cols, n, err);
done:
    hana_free(cols);
    hana_free(names);
    return status;
}

/* A copy with room for one more column, whose name is checked with the others. */
static hana_status widened(hana_frame **out, const hana_frame *frame, const char *name,
                           hana_error *err)
{
    size_t n = frame->schema->n;
    const char **names = hana_alloc(n + 1, sizeof *names);
    if (!names) return hana_fail_memory(err);
    for (size_t j = 0; j < n; j++) names[j] = frame->schema->names[j];
    names[n] = name;
    hana_schema *schema;
    hana_status status = hana_schema_new(&schema, names, n + 1, err);
    hana_free(names);
    HANA_TRY(status);
    hana_frame *wide;
    status = hana_frame_make(&wide, schema, frame->rows, err);
    hana_schema_release(schema);
    HANA_TRY(status);
    for (size_t j = 0; j < n; j++)
        wide->columns[j] = hana_column_retain(frame->columns[j]);
    *out = wide;
    return HANA_OK;
}

hana_status hana_frame_set(hana_frame **out, const hana_frame *frame, const char *name,
                           const hana_column *column, hana_error *err)
{
    if (column->length != frame->rows)
        return hana_fail(err, HANA_BAD_SHAPE,
                         "column '%s' has %zu rows, the frame has %zu", name,
                         column->length, frame->rows);
    ptrdiff_t j = hana_frame_find(frame, name);
    hana_frame *copy;
    if (j >= 0) {
        HANA_TRY(hana_frame_copy(&copy, frame, err));
        hana_ids_clear(&copy->ids);
        hana_column_release(copy->columns[j]);
    } else {
        HANA_TRY(widened(&copy, frame, name, err));
        j = (ptrdiff_t)frame->schema->n;
    }
    copy->columns[j] = hana_column_retain(column);
    hana_ids_share(copy, frame);
    *out = copy;
    return HANA_OK;
}

hana_status hana_frame_set_all(hana_frame **out, const hana_frame *frame,
                               const hana_names *names, const hana_column *const *columns,
                               hana_error *err)
{
    size_t n = frame->schema->n, total = n;
    for (size_t k = 0; k < names->n; k++)
        if (columns[k]->length != frame->rows)
            return hana_fail(err, HANA_BAD_SHAPE,
                             "column '%s' has %zu rows, the frame has %zu",
                             names->items[k], columns[k]->length, frame->rows);
    const char **all = hana_alloc(n + names->n, sizeof *all);
    const hana_column **from = hana_alloc(n + names->n, sizeof *from);
    hana_schema *schema = NULL;
    hana_frame *made;
    hana_status status = all && from ? HANA_OK : hana_fail_memory(err);
    if (status != HANA_OK) goto done;
    for (size_t j = 0; j < n; j++) {
        all[j] = frame->schema->names[j];
        from[j] = frame->columns[j];
    }
    for (size_t k = 0; k < names->n; k++) {
        ptrdiff_t j = hana_frame_find(frame, names->items[k]);
        size_t at = j >= 0 ? (size_t)j : total++;
        all[at] = names->items[k];
        from[at] = columns[k];
    }
    HANA_GOTO(done, hana_schema_new(&schema, all, total, err));
    HANA_GOTO(done, hana_frame_make(&made, schema, frame->rows, err));
    for (size_t j = 0; j < total; j++) made->columns[j] = hana_column_retain(from[j]);
    hana_ids_share(made, frame);
    *out = made;
done:
    hana_schema_release(schema);
    hana_free(all);
    hana_free(from);
    return status;
}

static hana_status bind_schema(hana_schema **out, const hana_frame *const *frames,
                               size_t n, hana_error *err)
{
    size_t total = 0, k = 0;
    for (size_t f = 0; f < n; f++) total += frames[f]->schema->n;
    const char **names = hana_alloc(total, sizeof *names);
    if (!names) return hana_fail_memory(err);
    for (size_t f = 0; f < n; f++)
        for (size_t j = 0; j < frames[f]->schema->n; j++)
            names[k++] = frames[f]->schema->names[j];
    hana_status status = hana_schema_new(out, names, total, err);
    hana_free(names);
    return status;
}

hana_status hana_frame_bind_columns(hana_frame **out, const hana_frame *const *frames,
                                    size_t n, hana_error *err)
{
    if (n == 0) return hana_fail(err, HANA_BAD_ARGUMENT, "no frames to bind");
    for (size_t f = 1; f < n; f++)
        if (frames[f]->rows != frames[0]->rows)
            return hana_fail(err, HANA_BAD_SHAPE,
                             "frame %zu has %zu rows, frame 1 has %zu", f + 1,
                             frames[f]->rows, frames[0]->rows);
    hana_schema *schema;
    HANA_TRY(bind_schema(&schema, frames, n, err));
    hana_frame *bound;
    hana_status status = hana_frame_make(&bound, schema, frames[0]->rows, err);
    hana_schema_release(schema);
    HANA_TRY(status);
    size_t k = 0;
    for (size_t f = 0; f < n; f++)
        for (size_t j = 0; j < frames[f]->schema->n; j++)
            bound->columns[k++] = hana_column_retain(frames[f]->columns[j]);
    hana_ids_share(bound, frames[0]);
    *out = bound;
    return HANA_OK;
}
