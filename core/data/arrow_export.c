#include "data/arrow.h"
#include "data/column_parts.h"

#include <stdio.h>
#include <string.h>

/* --- schemas ----------------------------------------------------------------------- */

typedef struct schema_data {
    char *format, *name;
    struct ArrowSchema **children; /* into the block behind */
    struct ArrowSchema *items;     /* the children, then the dictionary */
} schema_data;

static void schema_release(struct ArrowSchema *schema)
{
    schema_data *data = schema->private_data;
    for (int64_t i = 0; i < schema->n_children; i++)
        if (schema->children[i]->release)
            schema->children[i]->release(schema->children[i]);
    if (schema->dictionary && schema->dictionary->release)
        schema->dictionary->release(schema->dictionary);
    hana_free(data->format);
    hana_free(data->name);
    hana_free(data->children);
    hana_free(data->items);
    hana_free(data);
    schema->release = NULL;
}

/* An empty schema with room for n children and a dictionary. */
static hana_status schema_make(struct ArrowSchema *out, const char *format,
                               const char *name, size_t n, hana_error *err)
{
    schema_data *data = hana_alloc_zero(1, sizeof *data);
    if (!data) return hana_fail_memory(err);
    *out = (struct ArrowSchema){ .flags = ARROW_FLAG_NULLABLE,
                                 .private_data = data,
                                 .release = schema_release };
    data->format = hana_strdup(format);
    data->name = hana_strdup(name);
    data->children = hana_alloc_zero(n, sizeof *data->children);
    data->items = hana_alloc_zero(n + 1, sizeof *data->items);
    if (!data->format || !data->name || !data->children || !data->items) {
        schema_release(out);
        return hana_fail_memory(err);
    }
    out->format = data->format;
    out->name = data->name;
    out->children = data->children;
    for (size_t i = 0; i < n; i++) data->children[i] = &data->items[i];
    return HANA_OK;
}

static hana_status column_schema(struct ArrowSchema *out, const char *name,
                                 const hana_column *column, hana_error *err)
{
    static const char *const formats[HANA_N_TYPES] = {
        [HANA_FLOAT] = "g",       [HANA_INT] = "l",      [HANA_BOOL] = "b",
        [HANA_STRING] = "U",      [HANA_CATEGORY] = "i", [HANA_DATE] = "tdD",
        [HANA_DATETIME] = "tsu:",
    };
    char format[HANA_ZONE_SIZE + 8];
    snprintf(format, sizeof format, "%s%s", formats[column->type],
             column->type == HANA_DATETIME ? hana_column_zone(column) : "");
    HANA_TRY(schema_make(out, format, name, 0, err));
    if (column->type != HANA_CATEGORY) return HANA_OK;
    if (column->ordered) out->flags |= ARROW_FLAG_DICTIONARY_ORDERED;
    struct ArrowSchema *levels = ((schema_data *)out->private_data)->items;
    hana_status status = column_schema(levels, "", column->levels, err);
    if (status == HANA_OK)
        out->dictionary = levels;
    else
        schema_release(out);
    return status;
}

/* --- arrays ------------------------------------------------------------------------ */

typedef struct array_data {
    const hana_column *column; /* NULL for the frame's own */
    const void *buffers[3];
    struct ArrowArray **children;
    struct ArrowArray *items; /* the children, then the dictionary */
} array_data;

static void array_release(struct ArrowArray *array)
{
    array_data *data = array->private_data;
    for (int64_t i = 0; i < array->n_children; i++)
        if (array->children[i]->release) array->children[i]->release(array->children[i]);
    if (array->dictionary && array->dictionary->release)
        array->dictionary->release(array->dictionary);
    hana_column_release(data->column);
    hana_free(data->children);
    hana_free(data->items);
    hana_free(data);
    array->release = NULL;
}

static hana_status array_make(struct ArrowArray *out, size_t length, size_t n_children,
                              hana_error *err)
{
    array_data *data = hana_alloc_zero(1, sizeof *data);
    if (!data) return hana_fail_memory(err);
    *out = (struct ArrowArray){ .length = (int64_t)length,
                                .n_buffers = 1,
                                .buffers = data->buffers,
                                .private_data = data,
                                .release = array_release };
    data->children = hana_alloc_zero(n_children, sizeof *data->children);
    data->items = hana_alloc_zero(n_children + 1, sizeof *data->items);
    if (!data->children || !data->items) {
        array_release(out);
        return hana_fail_memory(err);
    }
    out->children = data->children;
    for (size_t i = 0; i < n_children; i++) data->children[i] = &data->items[i];
    return HANA_OK;
}

static hana_status column_array(struct ArrowArray *out, const hana_column *column,
                                hana_error *err)
{
    HANA_TRY(array_make(out, column->length, 0, err));
    array_data *data = out->private_data;
    data->column = hana_column_retain(column);
    data->buffers[0] = column->nulls ? column->validity : NULL;
    data->buffers[1] = column->values;
    data->buffers[2] = column->text;
    out->null_count = (int64_t)column->nulls;
    out->n_buffers = column->type == HANA_STRING ? 3 : 2;
    if (column->type != HANA_CATEGORY) return HANA_OK;
    hana_status status = column_array(data->items, column->levels, err);
    if (status == HANA_OK)
        out->dictionary = data->items;
    else
        array_release(out);
    return status;
}

hana_status hana_frame_to_arrow(struct ArrowSchema *schema, struct ArrowArray *array,
                                const hana_frame *frame, hana_error *err)
{
    size_t n = hana_frame_cols(frame);
    struct ArrowSchema s;
    struct ArrowArray a;
    for (size_t j = 0; j < n; j++)
        if (hana_column_type(hana_frame_column(frame, j)) == HANA_BLOCK)
            return hana_fail(err, HANA_BAD_TYPE,
                             "to_arrow: column '%s' is a block, for which Arrow has no "
                             "type; drop it",
                             hana_frame_name(frame, j));
    HANA_TRY(schema_make(&s, "+s", "", n, err));
    hana_status status = array_make(&a, hana_frame_rows(frame), n, err);
    if (status != HANA_OK) {
        schema_release(&s);
        return status;
    }
    for (size_t j = 0; j < n; j++) {
        const hana_column *column = hana_frame_column(frame, j);
        HANA_GOTO(failed,
                  column_schema(s.children[j], hana_frame_name(frame, j), column, err));
        s.n_children++;
        HANA_GOTO(failed, column_array(a.children[j], column, err));
        a.n_children++;
    }
    s.flags = 0;
    *schema = s;
    *array = a;
    return HANA_OK;
failed:
    schema_release(&s);
    array_release(&a);
    return status;
}
