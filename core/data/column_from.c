#include "data/column_parts.h"

#include <math.h>
#include <string.h>

hana_status hana_column_from_floats(hana_column **out, const double *values,
                                    const uint8_t *validity, size_t n, hana_error *err)
{
    hana_column *column;
    HANA_TRY(hana_column_make(&column, HANA_FLOAT, n, err));
    hana_status status;
    void *room;
    HANA_GOTO(failed, hana_column_room(&room, column, n, sizeof(double), err));
    HANA_GOTO(failed, hana_column_validity_copy(column, validity, err));
    double *to = room;
    if (n) memcpy(to, values, n * sizeof *to);
    if (column->validity)
        for (size_t i = 0; i < n; i++)
            if (!hana_bit(column->validity, i)) to[i] = NAN;
    *out = column;
    return HANA_OK;
failed:
    hana_column_release(column);
    return status;
}

hana_status hana_column_from_ints(hana_column **out, const int64_t *values,
                                  const uint8_t *validity, size_t n, hana_error *err)
{
    hana_column *column;
    HANA_TRY(hana_column_make(&column, HANA_INT, n, err));
    hana_status status;
    void *room;
    HANA_GOTO(failed, hana_column_room(&room, column, n, sizeof(int64_t), err));
    HANA_GOTO(failed, hana_column_validity_copy(column, validity, err));
    int64_t *to = room;
    if (n) memcpy(to, values, n * sizeof *to);
    if (column->validity)
        for (size_t i = 0; i < n; i++)
            if (!hana_bit(column->validity, i)) to[i] = 0;
    *out = column;
    return HANA_OK;
failed:
    hana_column_release(column);
    return status;
}

hana_status hana_column_from_bools(hana_column **out, const uint8_t *values,
                                   const uint8_t *validity, size_t n, hana_error *err)
{
    hana_column *column;
    HANA_TRY(hana_column_make(&column, HANA_BOOL, n, err));
    hana_status status;
    void *room;
    HANA_GOTO(failed, hana_column_room(&room, column, hana_bitmap_bytes(n), 1, err));
    HANA_GOTO(failed, hana_column_validity_copy(column, validity, err));
    uint8_t *to = room;
    memset(to, 0, hana_bitmap_bytes(n));
    for (size_t i = 0; i < n; i++)
        if (values[i] && !hana_null_at(column, i)) hana_bit_set(to, i);
    *out = column;
    return HANA_OK;
failed:
    hana_column_release(column);
    return status;
}

hana_status hana_column_from_strings(hana_column **out, const char *const *texts,
                                     size_t n, hana_error *err)
{
    hana_builder *builder;
    HANA_TRY(hana_builder_new(&builder, HANA_STRING, n, err));
    hana_status status = HANA_OK;
    for (size_t i = 0; i < n && status == HANA_OK; i++)
        status = texts[i] ? hana_builder_string(builder, texts[i], strlen(texts[i]), err)
                          : hana_builder_null(builder, err);
    if (status == HANA_OK) status = hana_builder_take(out, builder, err);
    hana_builder_free(builder);
    return status;
}

hana_status hana_column_from_codes(hana_column **out, const int32_t *codes, size_t n,
                                   const hana_column *levels, int ordered,
                                   hana_error *err)
{
    if (!levels || levels->type != HANA_STRING)
        return hana_fail(err, HANA_BAD_TYPE, "levels are %s, expected string",
                         levels ? hana_type_name(levels->type) : "absent");
    hana_column *column;
    HANA_TRY(hana_column_make(&column, HANA_CATEGORY, n, err));
    hana_status status;
    void *room;
    uint8_t *bits;
    HANA_GOTO(failed, hana_column_room(&room, column, n, sizeof(int32_t), err));
    HANA_GOTO(failed, hana_column_validity_room(&bits, column, 1, err));
    int32_t *to = room;
    for (size_t i = 0; i < n; i++) {
        int known = codes[i] >= 0 && (size_t)codes[i] < levels->length;
        to[i] = known ? codes[i] : 0;
        if (!known) hana_bit_clear(bits, i);
    }
    hana_column_count_nulls(column);
    column->levels = hana_column_retain(levels);
    column->ordered = ordered;
    *out = column;
    return HANA_OK;
failed:
    hana_column_release(column);
    return status;
}

hana_status hana_column_nulls_new(hana_column **out, hana_type type, size_t n,
                                  const hana_column *levels, hana_error *err)
{
    if (type == HANA_BLOCK)
        return hana_fail(err, HANA_BAD_TYPE, "a block column cannot be null");
    hana_column *column;
    HANA_TRY(hana_column_make(&column, type, n, err));
    hana_status status;
    void *room;
    char *text;
    uint8_t *bits;
    size_t count = type == HANA_STRING ? n + 1
                   : type == HANA_BOOL ? hana_bitmap_bytes(n)
                                       : n;
    size_t width = type == HANA_STRING ? sizeof(int64_t)
                   : type == HANA_BOOL ? 1
                                       : hana_type_width(type);
    HANA_GOTO(failed, hana_column_room(&room, column, count, width, err));
    memset(room, 0, count * width);
    if (type == HANA_FLOAT) {
        double *to = room;
        for (size_t i = 0; i < n; i++) to[i] = NAN;
    }
    if (type == HANA_STRING)
        HANA_GOTO(failed, hana_column_text_room(&text, column, 0, err));
    if (type == HANA_CATEGORY && levels) column->levels = hana_column_retain(levels);
    if (type == HANA_CATEGORY && !levels) {
        hana_column *none;
        HANA_GOTO(failed, hana_column_nulls_new(&none, HANA_STRING, 0, NULL, err));
        column->levels = none;
    }
    HANA_GOTO(failed, hana_column_validity_room(&bits, column, 0, err));
    hana_column_count_nulls(column);
    *out = column;
    return HANA_OK;
failed:
    hana_column_release(column);
    return status;
}
