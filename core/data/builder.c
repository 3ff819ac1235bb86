#include "data/column_parts.h"
#include "data/dictionary.h"

#include <math.h>
#include <string.h>

/* Cells in their final form. `capacity` counts cells; a text column has one offset more.
 */
struct hana_builder {
    hana_type type;
    size_t length, capacity, nulls;
    uint8_t *validity; /* from the first null on */
    void *values;
    char *text;
    size_t text_capacity;
    hana_dictionary *dictionary; /* category: texts seen, or the levels that were given */
    const hana_column *levels;
    int ordered;
    char zone[HANA_ZONE_SIZE];
};

enum { FIRST_CELLS = 64, FIRST_BYTES = 256 };

static size_t value_bytes(const hana_builder *b, size_t cells)
{
    if (b->type == HANA_BOOL) return hana_bitmap_bytes(cells);
    if (b->type == HANA_STRING) return (cells + 1) * sizeof(int64_t);
    return cells * hana_type_width(b->type);
}

static hana_status reserve(hana_builder *b, size_t cells, hana_error *err)
{
    if (cells > SIZE_MAX / 32) return hana_fail_memory(err);
    size_t had = b->values ? value_bytes(b, b->capacity) : 0,
           want = value_bytes(b, cells);
    void *values = hana_realloc(b->values, want, 1);
    if (!values) return hana_fail_memory(err);
    memset((char *)values + had, 0, want - had);
    b->values = values;
    if (b->validity) {
        size_t had_bits = hana_bitmap_bytes(b->capacity),
               want_bits = hana_bitmap_bytes(cells);
        uint8_t *validity = hana_realloc(b->validity, want_bits, 1);
        if (!validity) return hana_fail_memory(err);
        memset(validity + had_bits, 0, want_bits - had_bits);
        b->validity = validity;
    }
    b->capacity = cells;
    return HANA_OK;
}

hana_status hana_builder_new(hana_builder **out, hana_type type, size_t expected,
                             hana_error *err)
{
    if (type == HANA_BLOCK)
        return hana_fail(err, HANA_BAD_TYPE, "a block is not built by cells");
    hana_builder *b = hana_alloc_zero(1, sizeof *b);
    if (!b) return hana_fail_memory(err);
    b->type = type;
    hana_status status = reserve(b, expected ? expected : FIRST_CELLS, err);
    if (status != HANA_OK) {
        hana_builder_free(b);
        return status;
    }
    *out = b;
    return HANA_OK;
}

static void clear(hana_builder *b)
{
    hana_free(b->validity);
    hana_free(b->values);
    hana_free(b->text);
    hana_dictionary_free(b->dictionary);
    hana_column_release(b->levels);
    *b = (hana_builder){ .type = b->type };
}

void hana_builder_free(hana_builder *b)
{
    if (!b) return;
    clear(b);
    hana_free(b);
}

static inline hana_status room(hana_builder *b, hana_error *err)
{
    if (b->length < b->capacity) return HANA_OK;
    return reserve(b, b->capacity ? 2 * b->capacity : FIRST_CELLS, err);
}

/* Ends a cell whose value stands in its slot. */
static inline hana_status present(hana_builder *b)
{
    if (b->validity) hana_bit_set(b->validity, b->length);
    b->length++;
    return HANA_OK;
}

hana_status hana_builder_null(hana_builder *b, hana_error *err)
{
    HANA_TRY(room(b, err));
    if (!b->validity) {
        b->validity = hana_alloc_zero(hana_bitmap_bytes(b->capacity), 1);
        if (!b->validity) return hana_fail_memory(err);
        hana_bits_fill(b->validity, b->length);
    }
    if (b->type == HANA_FLOAT) ((double *)b->values)[b->length] = NAN;
    if (b->type == HANA_STRING) {
        int64_t *offsets = b->values;
        offsets[b->length + 1] = offsets[b->length];
    }
    b->length++;
    b->nulls++;
    return HANA_OK;
}

hana_status hana_builder_float(hana_builder *b, double value, hana_error *err)
{
    if (b->type == HANA_FLOAT) {
        HANA_TRY(room(b, err));
        ((double *)b->values)[b->length] = value;
        return present(b);
    }
    if (b->type == HANA_INT && value >= -0x1p63 && value < 0x1p63 &&
        value == floor(value))
        return hana_builder_int(b, (int64_t)value, err);
    return hana_fail(err, HANA_BAD_TYPE, "%s column got a number%s",
                     hana_type_name(b->type),
                     b->type == HANA_INT ? " that is no integer" : "");
}

static hana_status add_code(hana_builder *b, int64_t code, hana_error *err)
{
    if (!b->levels)
        return hana_fail(err, HANA_BAD_ARGUMENT, "category codes need levels first");
    if (code < 0 || (size_t)code >= b->levels->length) return hana_builder_null(b, err);
    HANA_TRY(room(b, err));
    ((int32_t *)b->values)[b->length] = (int32_t)code;
    return present(b);
}

hana_status hana_builder_int(hana_builder *b, int64_t value, hana_error *err)
{
    switch (b->type) {
    case HANA_INT:
    case HANA_DATETIME:
        HANA_TRY(room(b, err));
        ((int64_t *)b->values)[b->length] = value;
        return present(b);
    case HANA_DATE:
        if (value < INT32_MIN || value > INT32_MAX)
            return hana_fail(err, HANA_BAD_DATA, "day %lld is out of range",
                             (long long)value);
        HANA_TRY(room(b, err));
        ((int32_t *)b->values)[b->length] = (int32_t)value;
        return present(b);
    case HANA_BOOL:
        HANA_TRY(room(b, err));
        if (value) hana_bit_set(b->values, b->length);
        return present(b);
    case HANA_FLOAT:
        return hana_builder_float(b, (double)value, err);
    case HANA_CATEGORY:
        return add_code(b, value, err);
    case HANA_STRING:
    case HANA_BLOCK:
        break;
    }
    return hana_fail(err, HANA_BAD_TYPE, "%s column got an integer",
                     hana_type_name(b->type));
}

static hana_status add_level(hana_builder *b, const char *text, size_t length,
                             hana_error *err)
{
    HANA_TRY(room(b, err));
    if (!b->dictionary) {
        hana_dictionary *dictionary;
        HANA_TRY(hana_dictionary_new(&dictionary, err));
        hana_status status =
            b->levels ? hana_dictionary_add_column(dictionary, b->levels, err) : HANA_OK;
        if (status != HANA_OK) {
            hana_dictionary_free(dictionary);
            return status;
        }
        b->dictionary = dictionary;
    }
    int32_t code;
    if (b->levels) {
        code = hana_dictionary_find(b->dictionary, text, length);
        if (code < 0)
            return hana_fail(err, HANA_BAD_DATA, "'%.*s' is not one of the levels",
                             length < 80 ? (int)length : 80, text);
    } else {
        HANA_TRY(hana_dictionary_code(&code, b->dictionary, text, length, err));
    }
    ((int32_t *)b->values)[b->length] = code;
    return present(b);
}

hana_status hana_builder_string(hana_builder *b, const char *text, size_t length,
                                hana_error *err)
{
    if (b->type == HANA_CATEGORY) return add_level(b, text, length, err);
    if (b->type != HANA_STRING)
        return hana_fail(err, HANA_BAD_TYPE, "%s column got a text",
                         hana_type_name(b->type));
    HANA_TRY(room(b, err));
    int64_t *offsets = b->values;
    size_t used = (size_t)offsets[b->length];
    if (b->text_capacity - used < length) {
        if (length > SIZE_MAX / 4) return hana_fail_memory(err);
        size_t want = 2 * b->text_capacity + length + FIRST_BYTES;
        char *grown = hana_realloc(b->text, want, 1);
        if (!grown) return hana_fail_memory(err);
        b->text = grown;
        b->text_capacity = want;
    }
    if (length) memcpy(b->text + used, text, length);
    offsets[b->length + 1] = (int64_t)(used + length);
    return present(b);
}

void hana_builder_zone(hana_builder *b, const char *zone)
{
    size_t length = strlen(zone);
    if (length >= sizeof b->zone) length = sizeof b->zone - 1;
    memcpy(b->zone, zone, length);
    b->zone[length] = '\0';
}

hana_status hana_builder_levels(hana_builder *b, const hana_column *levels, int ordered,
                                hana_error *err)
{
    if (b->type != HANA_CATEGORY || b->length > 0)
        return hana_fail(err, HANA_BAD_ARGUMENT,
                         "levels are for an empty category column");
    if (levels->type != HANA_STRING || levels->nulls > 0)
        return hana_fail(err, HANA_BAD_TYPE, "levels must be texts without nulls");
    hana_column_retain(levels);
    hana_column_release(b->levels);
    b->levels = levels;
    b->ordered = ordered;
    return HANA_OK;
}

size_t hana_builder_length(const hana_builder *b)
{
    return b->length;
}

/* Levels of a category column: those given, those seen, or none. */
static hana_status take_levels(hana_column *column, hana_builder *b, hana_error *err)
{
    if (b->levels) {
        column->levels = hana_column_retain(b->levels);
        return HANA_OK;
    }
    hana_column *levels;
    if (b->dictionary)
        HANA_TRY(hana_dictionary_column(&levels, b->dictionary, err));
    else
        HANA_TRY(hana_column_nulls_new(&levels, HANA_STRING, 0, NULL, err));
    column->levels = levels;
    return HANA_OK;
}

hana_status hana_builder_take(hana_column **out, hana_builder *b, hana_error *err)
{
    hana_column *column;
    HANA_TRY(hana_column_make(&column, b->type, b->length, err));
    hana_status status;
    if (b->type == HANA_CATEGORY) HANA_GOTO(failed, take_levels(column, b, err));
    column->ordered = b->ordered;
    if (b->zone[0]) memcpy(column->zone, b->zone, sizeof column->zone);
    /* Everything that can fail comes before the first array changes hands. */
    if (!b->values) HANA_GOTO(failed, reserve(b, 1, err));
    if (b->type == HANA_STRING && !b->text) {
        b->text = hana_alloc(0, 1);
        if (!b->text) HANA_GOTO(failed, hana_fail_memory(err));
    }
    hana_buffer *held[3] = { NULL, NULL, NULL };
    status = hana_buffer_adopt(&held[0], b->values, err);
    if (status == HANA_OK && b->text) status = hana_buffer_adopt(&held[1], b->text, err);
    if (status == HANA_OK && b->validity)
        status = hana_buffer_adopt(&held[2], b->validity, err);
    if (status != HANA_OK) {
        for (int k = 0; k < 3; k++) {
            if (held[k]) held[k]->data = NULL;
            hana_buffer_release(held[k]);
        }
        goto failed;
    }
    column->values_held = held[0];
    column->values = b->values;
    column->text_held = held[1];
    column->text = b->text;
    column->validity_held = held[2];
    column->validity = b->validity;
    column->nulls = b->nulls;
    b->values = NULL;
    b->text = NULL;
    b->validity = NULL;
    clear(b);
    *out = column;
    return HANA_OK;
failed:
    hana_column_release(column);
    return status;
}
