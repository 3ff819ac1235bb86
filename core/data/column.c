#include "data/column_parts.h"

#include <math.h>
#include <string.h>

static void retain_object(const void *object)
{
    hana_column_retain(object);
}

static void release_object(const void *object)
{
    hana_column_release(object);
}

const hana_class hana_column_class = { .name = "column",
                                       .retain = retain_object,
                                       .release = release_object };

/* Counting references is the one change that a const column allows. */
static hana_column *counted(const hana_column *column)
{
    union {
        const hana_column *fixed;
        hana_column *open;
    } access = { .fixed = column };
    return access.open;
}

const hana_column *hana_column_retain(const hana_column *column)
{
    if (column)
        atomic_fetch_add_explicit(&counted(column)->references, 1, memory_order_relaxed);
    return column;
}

void hana_column_release(const hana_column *column)
{
    if (!column) return;
    hana_column *own = counted(column);
    if (atomic_fetch_sub_explicit(&own->references, 1, memory_order_acq_rel) > 1) return;
    hana_buffer_release(own->validity_held);
    hana_buffer_release(own->values_held);
    hana_buffer_release(own->text_held);
    hana_buffer_release(own->start_held);
    hana_buffer_release(own->index_held);
    hana_column_release(own->levels);
    hana_free(own);
}

static const char *const type_names[HANA_N_TYPES] = {
    [HANA_FLOAT] = "float",       [HANA_INT] = "int",           [HANA_BOOL] = "bool",
    [HANA_STRING] = "string",     [HANA_CATEGORY] = "category", [HANA_DATE] = "date",
    [HANA_DATETIME] = "datetime", [HANA_BLOCK] = "block"
};

const char *hana_type_name(hana_type type)
{
    return type_names[type];
}

int hana_type_from_name(const char *name, hana_type *out)
{
    for (int t = 0; t < HANA_N_TYPES; t++) {
        if (strcmp(name, type_names[t]) != 0) continue;
        *out = (hana_type)t;
        return 1;
    }
    return 0;
}

size_t hana_type_width(hana_type type)
{
    switch (type) {
    case HANA_FLOAT:
        return sizeof(double);
    case HANA_INT:
    case HANA_DATETIME:
        return sizeof(int64_t);
    case HANA_CATEGORY:
    case HANA_DATE:
        return sizeof(int32_t);
    case HANA_BOOL:
    case HANA_STRING:
    case HANA_BLOCK:
        break;
    }
    return 0;
}

hana_type hana_column_type(const hana_column *column)
{
    return column->type;
}

size_t hana_column_length(const hana_column *column)
{
    return column->length;
}

size_t hana_column_nulls(const hana_column *column)
{
    return column->nulls;
}

static size_t held_bytes(const hana_buffer *buffer)
{
    return buffer ? hana_block_size(buffer->data) : 0;
}

size_t hana_column_bytes(const hana_column *column)
{
    return sizeof *column + held_bytes(column->validity_held) +
           held_bytes(column->values_held) + held_bytes(column->text_held) +
           held_bytes(column->start_held) + held_bytes(column->index_held) +
           (column->levels ? hana_column_bytes(column->levels) : 0);
}

const uint8_t *hana_column_validity(const hana_column *column)
{
    return column->validity;
}

const double *hana_column_floats(const hana_column *column)
{
    return column->type == HANA_FLOAT ? column->values : NULL;
}

const int64_t *hana_column_ints(const hana_column *column)
{
    int fits = column->type == HANA_INT || column->type == HANA_DATETIME;
    return fits ? column->values : NULL;
}

const int32_t *hana_column_codes(const hana_column *column)
{
    int fits = column->type == HANA_CATEGORY || column->type == HANA_DATE;
    return fits ? column->values : NULL;
}

const uint8_t *hana_column_bits(const hana_column *column)
{
    return column->type == HANA_BOOL ? column->values : NULL;
}

const int64_t *hana_column_offsets(const hana_column *column)
{
    return column->type == HANA_STRING ? column->values : NULL;
}

const char *hana_column_text(const hana_column *column)
{
    return column->text;
}

const hana_column *hana_column_levels(const hana_column *column)
{
    return column->type == HANA_CATEGORY ? column->levels : NULL;
}

int hana_column_ordered(const hana_column *column)
{
    return column->ordered;
}

const char *hana_column_zone(const hana_column *column)
{
    return column->type == HANA_DATETIME ? column->zone : NULL;
}

double hana_column_number(const hana_column *column, size_t i)
{
    if (hana_null_at(column, i)) return NAN;
    switch (column->type) {
    case HANA_FLOAT:
        return hana_floats_of(column)[i];
    case HANA_INT:
    case HANA_DATETIME:
        return (double)hana_ints_of(column)[i];
    case HANA_DATE:
        return hana_codes_of(column)[i];
    case HANA_BOOL:
        return hana_bit(hana_bits_of(column), i);
    case HANA_STRING:
    case HANA_CATEGORY:
    case HANA_BLOCK:
        break;
    }
    return NAN;
}

hana_status hana_column_make(hana_column **out, hana_type type, size_t length,
                             hana_error *err)
{
    hana_column *column = hana_alloc_zero(1, sizeof *column);
    if (!column) return hana_fail_memory(err);
    atomic_init(&column->references, 1);
    column->type = type;
    column->length = length;
    if (type == HANA_DATETIME) strcpy(column->zone, "UTC");
    *out = column;
    return HANA_OK;
}

hana_status hana_column_room(void **values, hana_column *column, size_t count,
                             size_t size, hana_error *err)
{
    HANA_TRY(hana_buffer_new(&column->values_held, count, size, err));
    *values = column->values_held->data;
    column->values = *values;
    return HANA_OK;
}

hana_status hana_column_validity_room(uint8_t **bits, hana_column *column, int ones,
                                      hana_error *err)
{
    size_t bytes = hana_bitmap_bytes(column->length);
    HANA_TRY(hana_buffer_new(&column->validity_held, bytes, 1, err));
    *bits = column->validity_held->data;
    if (ones)
        hana_bits_fill(*bits, column->length);
    else
        memset(*bits, 0, bytes);
    column->validity = *bits;
    return HANA_OK;
}

hana_status hana_column_text_room(char **text, hana_column *column, size_t bytes,
                                  hana_error *err)
{
    HANA_TRY(hana_buffer_new(&column->text_held, bytes, 1, err));
    *text = column->text_held->data;
    column->text = *text;
    return HANA_OK;
}

void hana_column_count_nulls(hana_column *column)
{
    column->nulls = 0;
    if (!column->validity) return;
    column->nulls = column->length - hana_bits_count(column->validity, column->length);
    if (column->nulls > 0) return;
    column->validity = NULL;
    hana_buffer_release(column->validity_held);
    column->validity_held = NULL;
}

hana_status hana_column_validity_copy(hana_column *column, const uint8_t *validity,
                                      hana_error *err)
{
    if (!validity) return HANA_OK;
    uint8_t *bits;
    HANA_TRY(hana_column_validity_room(&bits, column, 0, err));
    hana_bits_copy(bits, validity, 0, column->length);
    hana_column_count_nulls(column);
    return HANA_OK;
}

hana_status hana_column_share(hana_column **out, const hana_column *column,
                              hana_error *err)
{
    hana_column *copy = hana_alloc(1, sizeof *copy);
    if (!copy) return hana_fail_memory(err);
    memcpy(copy, column, sizeof *copy);
    atomic_init(&copy->references, 1);
    hana_buffer_retain(copy->validity_held);
    hana_buffer_retain(copy->values_held);
    hana_buffer_retain(copy->text_held);
    hana_buffer_retain(copy->start_held);
    hana_buffer_retain(copy->index_held);
    hana_column_retain(copy->levels);
    *out = copy;
    return HANA_OK;
}
