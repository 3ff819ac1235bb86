#include "base/random.h"
#include "data/column_parts.h"
#include "data/frame_parts.h"

#include <string.h>

static void retain_object(const void *object)
{
    hana_frame_retain(object);
}

static void release_object(const void *object)
{
    hana_frame_release(object);
}

const hana_class hana_frame_class = { .name = "frame",
                                      .retain = retain_object,
                                      .release = release_object };

static hana_frame *counted(const hana_frame *frame)
{
    union {
        const hana_frame *fixed;
        hana_frame *open;
    } access = { .fixed = frame };
    return access.open;
}

const hana_frame *hana_frame_retain(const hana_frame *frame)
{
    if (frame)
        atomic_fetch_add_explicit(&counted(frame)->references, 1, memory_order_relaxed);
    return frame;
}

void hana_frame_release(const hana_frame *frame)
{
    if (!frame) return;
    hana_frame *own = counted(frame);
    if (atomic_fetch_sub_explicit(&own->references, 1, memory_order_acq_rel) > 1) return;
    for (size_t j = 0; own->columns && j < own->schema->n; j++)
        hana_column_release(own->columns[j]);
    hana_free(own->columns);
    hana_schema_release(own->schema);
    hana_ids_clear(&own->ids);
    hana_free(own);
}

hana_status hana_frame_make(hana_frame **out, hana_schema *schema, size_t rows,
                            hana_error *err)
{
    hana_frame *frame = hana_alloc_zero(1, sizeof *frame);
    if (!frame) return hana_fail_memory(err);
    atomic_init(&frame->references, 1);
    frame->schema = hana_schema_retain(schema);
    frame->rows = rows;
    frame->columns = hana_alloc_zero(schema->n, sizeof *frame->columns);
    if (!frame->columns) {
        hana_frame_release(frame);
        return hana_fail_memory(err);
    }
    *out = frame;
    return HANA_OK;
}

hana_status hana_frame_copy(hana_frame **out, const hana_frame *frame, hana_error *err)
{
    hana_frame *copy;
    HANA_TRY(hana_frame_make(&copy, frame->schema, frame->rows, err));
    for (size_t j = 0; j < frame->schema->n; j++)
        copy->columns[j] = hana_column_retain(frame->columns[j]);
    /* Ids that are not known yet stay so: the contents are the same. */
    if (atomic_load(&frame->ids.known)) hana_ids_share(copy, frame);
    *out = copy;
    return HANA_OK;
}

hana_status hana_frame_new(hana_frame **out, const char *const *names,
                           const hana_column *const *columns, size_t n, size_t rows,
                           hana_error *err)
{
    hana_schema *schema;
    HANA_TRY(hana_schema_new(&schema, names, n, err));
    hana_frame *frame;
    hana_status status =
        hana_frame_make(&frame, schema, n ? columns[0]->length : rows, err);
    hana_schema_release(schema);
    HANA_TRY(status);
    for (size_t j = 0; j < n; j++) {
        if (columns[j]->length != frame->rows) {
            status =
                hana_fail(err, HANA_BAD_SHAPE, "column '%s' has %zu row%s, '%s' has %zu",
                          names[j], columns[j]->length,
                          columns[j]->length == 1 ? "" : "s", names[0], frame->rows);
            hana_frame_release(frame);
            return status;
        }
        frame->columns[j] = hana_column_retain(columns[j]);
    }
    *out = frame;
    return HANA_OK;
}

size_t hana_frame_rows(const hana_frame *frame)
{
    return frame->rows;
}

size_t hana_frame_cols(const hana_frame *frame)
{
    return frame->schema->n;
}

const char *hana_frame_name(const hana_frame *frame, size_t j)
{
    return frame->schema->names[j];
}

const hana_column *hana_frame_column(const hana_frame *frame, size_t j)
{
    return frame->columns[j];
}

ptrdiff_t hana_frame_find(const hana_frame *frame, const char *name)
{
    return hana_schema_find(frame->schema, name);
}

hana_status hana_frame_index(size_t *out, const hana_frame *frame, const char *name,
                             hana_error *err)
{
    ptrdiff_t j = hana_frame_find(frame, name);
    if (j < 0)
        return hana_fail_unknown(err, "no column", name, "",
                                 (const char *const *)frame->schema->names,
                                 frame->schema->n);
    *out = (size_t)j;
    return HANA_OK;
}

hana_status hana_frame_get(const hana_column **out, const hana_frame *frame,
                           const char *name, hana_error *err)
{
    size_t j;
    HANA_TRY(hana_frame_index(&j, frame, name, err));
    *out = frame->columns[j];
    return HANA_OK;
}

size_t hana_frame_bytes(const hana_frame *frame)
{
    size_t bytes = sizeof *frame;
    for (size_t j = 0; j < frame->schema->n; j++)
        bytes += hana_column_bytes(frame->columns[j]);
    if (frame->ids.origins_held) bytes += hana_block_size(frame->ids.origins_held->data);
    if (frame->ids.positions_held)
        bytes += hana_block_size(frame->ids.positions_held->data);
    return bytes;
}

uint64_t hana_frame_hash(const hana_frame *frame)
{
    uint64_t h = hana_hash_mix(frame->rows);
    for (size_t j = 0; j < frame->schema->n; j++) {
        const char *name = frame->schema->names[j];
        h = hana_hash(name, strlen(name), h);
        uint64_t column = hana_column_hash(frame->columns[j]);
        h = hana_hash(&column, sizeof column, h);
    }
    return h;
}
