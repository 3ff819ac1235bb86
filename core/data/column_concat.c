#include "data/column_parts.h"
#include "data/dictionary.h"

#include <inttypes.h>
#include <string.h>

/* The type of the whole, or HANA_N_TYPES when the parts do not go together. */
static hana_type common_type(const hana_column *const *parts, size_t n)
{
    hana_type type = parts[0]->type;
    for (size_t p = 1; p < n; p++) {
        hana_type other = parts[p]->type;
        if (other == type) continue;
        int numbers = (type == HANA_INT || type == HANA_FLOAT) &&
                      (other == HANA_INT || other == HANA_FLOAT);
        int texts = (type == HANA_STRING || type == HANA_CATEGORY) &&
                    (other == HANA_STRING || other == HANA_CATEGORY);
        if (!numbers && !texts) return (hana_type)HANA_N_TYPES;
        type = numbers ? HANA_FLOAT : HANA_STRING;
    }
    return type;
}

static hana_status concat_validity(hana_column *whole, const hana_column *const *parts,
                                   size_t n, hana_error *err)
{
    int any = 0;
    for (size_t p = 0; p < n; p++) any |= parts[p]->validity != NULL;
    if (!any) return HANA_OK;
    uint8_t *bits;
    HANA_TRY(hana_column_validity_room(&bits, whole, 0, err));
    size_t at = 0;
    for (size_t p = 0; p < n; p++) {
        hana_bits_append(bits, at, parts[p]->validity, parts[p]->length);
        at += parts[p]->length;
    }
    hana_column_count_nulls(whole);
    return HANA_OK;
}

static hana_status concat_bools(hana_column *whole, const hana_column *const *parts,
                                size_t n, hana_error *err)
{
    void *room;
    size_t bytes = hana_bitmap_bytes(whole->length), at = 0;
    HANA_TRY(hana_column_room(&room, whole, bytes, 1, err));
    memset(room, 0, bytes);
    for (size_t p = 0; p < n; p++) {
        hana_bits_append(room, at, parts[p]->values, parts[p]->length);
        at += parts[p]->length;
    }
    return HANA_OK;
}

/* Refuses an integer whose digits a float would lose. */
static hana_status ints_as_floats(double *to, const hana_column *part, hana_error *err)
{
    static const int64_t exact = INT64_C(1) << 53;
    const int64_t *from = part->values;
    for (size_t i = 0; i < part->length; i++) {
        to[i] = hana_column_number(part, i);
        int wide = from[i] > exact || from[i] < -exact;
        if (wide && (to[i] >= 0x1p63 || (int64_t)to[i] != from[i]))
            return hana_fail(err, HANA_BAD_TYPE,
                             "int and float are stacked as float, which cannot hold "
                             "%" PRId64 ": cast one of them",
                             from[i]);
    }
    return HANA_OK;
}

static hana_status concat_floats(hana_column *whole, const hana_column *const *parts,
                                 size_t n, hana_error *err)
{
    void *room;
    HANA_TRY(hana_column_room(&room, whole, whole->length, sizeof(double), err));
    double *to = room;
    for (size_t p = 0; p < n; p++) {
        size_t length = parts[p]->length;
        if (parts[p]->type == HANA_FLOAT) {
            if (length) memcpy(to, parts[p]->values, length * sizeof *to);
        } else {
            HANA_TRY(ints_as_floats(to, parts[p], err));
        }
        to += length;
    }
    return HANA_OK;
}

static hana_status concat_fixed(hana_column *whole, const hana_column *const *parts,
                                size_t n, hana_error *err)
{
    void *room;
    size_t width = hana_type_width(whole->type);
    HANA_TRY(hana_column_room(&room, whole, whole->length, width, err));
    char *to = room;
    for (size_t p = 0; p < n; p++) {
        size_t bytes = parts[p]->length * width;
        if (bytes) memcpy(to, parts[p]->values, bytes);
        to += bytes;
    }
    return HANA_OK;
}

static size_t text_bytes(const hana_column *part)
{
    if (part->type == HANA_STRING)
        return (size_t)(hana_ints_of(part)[part->length] - hana_ints_of(part)[0]);
    size_t bytes = 0, length;
    for (size_t i = 0; i < part->length; i++) {
        hana_column_string(part, i, &length);
        bytes += length;
    }
    return bytes;
}

/* Appends the texts of a part behind byte `used`, its ends from offsets[1] on. */
static size_t append_texts(char *text, int64_t *offsets, size_t used,
                           const hana_column *part)
{
    if (part->type == HANA_STRING) {
        const int64_t *from = part->values;
        size_t bytes = (size_t)(from[part->length] - from[0]);
        if (bytes) memcpy(text + used, part->text + from[0], bytes);
        for (size_t i = 1; i <= part->length; i++)
            offsets[i] = (int64_t)used + from[i] - from[0];
        return used + bytes;
    }
    for (size_t i = 0; i < part->length; i++) {
        size_t length;
        const char *cell = hana_column_string(part, i, &length);
        if (length) memcpy(text + used, cell, length);
        used += length;
        offsets[i + 1] = (int64_t)used;
    }
    return used;
}

static hana_status concat_texts(hana_column *whole, const hana_column *const *parts,
                                size_t n, hana_error *err)
{
    void *room;
    char *text;
    size_t bytes = 0;
    for (size_t p = 0; p < n; p++) bytes += text_bytes(parts[p]);
    HANA_TRY(hana_column_room(&room, whole, whole->length + 1, sizeof(int64_t), err));
    HANA_TRY(hana_column_text_room(&text, whole, bytes, err));
    int64_t *offsets = room;
    offsets[0] = 0;
    size_t used = 0;
    for (size_t p = 0; p < n; p++) {
        used = append_texts(text, offsets, used, parts[p]);
        offsets += parts[p]->length;
    }
    return HANA_OK;
}

static int same_levels(const hana_column *const *parts, size_t n)
{
    for (size_t p = 1; p < n; p++)
        if (parts[p]->levels != parts[0]->levels &&
            !hana_column_equal(parts[p]->levels, parts[0]->levels))
            return 0;
    return 1;
}

/* Codes of one part renamed to the united levels. */
static hana_status append_codes(int32_t *to, hana_dictionary *united,
                                const hana_column *part, hana_error *err)
{
    size_t n_levels = part->levels->length;
    int32_t *name = hana_alloc(n_levels, sizeof *name);
    if (!name) return hana_fail_memory(err);
    for (size_t k = 0; k < n_levels; k++) {
        size_t length;
        const char *text = hana_column_string(part->levels, k, &length);
        hana_status status = hana_dictionary_code(&name[k], united, text, length, err);
        if (status != HANA_OK) {
            hana_free(name);
            return status;
        }
    }
    const int32_t *from = part->values;
    for (size_t i = 0; i < part->length; i++)
        to[i] = hana_null_at(part, i) ? 0 : name[from[i]];
    hana_free(name);
    return HANA_OK;
}

static hana_status unite(hana_column *whole, hana_dictionary *united,
                         const hana_column *const *parts, size_t n, hana_error *err)
{
    void *room;
    HANA_TRY(hana_column_room(&room, whole, whole->length, sizeof(int32_t), err));
    int32_t *to = room;
    for (size_t p = 0; p < n; p++) {
        HANA_TRY(append_codes(to, united, parts[p], err));
        to += parts[p]->length;
    }
    hana_column *levels;
    HANA_TRY(hana_dictionary_column(&levels, united, err));
    whole->levels = levels;
    return HANA_OK;
}

static hana_status concat_categories(hana_column *whole, const hana_column *const *parts,
                                     size_t n, hana_error *err)
{
    if (same_levels(parts, n)) {
        whole->levels = hana_column_retain(parts[0]->levels);
        whole->ordered = parts[0]->ordered;
        return concat_fixed(whole, parts, n, err);
    }
    hana_dictionary *united;
    HANA_TRY(hana_dictionary_new(&united, err));
    hana_status status = unite(whole, united, parts, n, err);
    hana_dictionary_free(united);
    return status;
}

static const hana_column *first_with_values(const hana_column *const *parts, size_t n)
{
    for (size_t p = 0; p < n; p++)
        if (hana_column_nulls(parts[p]) < parts[p]->length) return parts[p];
    return parts[0];
}

static hana_status concat_values(hana_column *whole, const hana_column *const *parts,
                                 size_t n, hana_error *err)
{
    switch (whole->type) {
    case HANA_FLOAT:
        return concat_floats(whole, parts, n, err);
    case HANA_BOOL:
        return concat_bools(whole, parts, n, err);
    case HANA_STRING:
        return concat_texts(whole, parts, n, err);
    case HANA_CATEGORY:
        return concat_categories(whole, parts, n, err);
    case HANA_DATETIME:
        memcpy(whole->zone, first_with_values(parts, n)->zone, sizeof whole->zone);
        break;
    case HANA_INT:
    case HANA_DATE:
    case HANA_BLOCK:
        break;
    }
    return concat_fixed(whole, parts, n, err);
}

hana_status hana_column_concat(hana_column **out, const hana_column *const *columns,
                               size_t n, hana_error *err)
{
    if (n == 0) return hana_fail(err, HANA_BAD_ARGUMENT, "no columns to stack");
    if (n == 1) return hana_column_share(out, columns[0], err);
    hana_type type = common_type(columns, n);
    if ((int)type == HANA_N_TYPES) {
        size_t p = 1;
        while ((int)common_type(columns, p + 1) != HANA_N_TYPES) p++;
        return hana_fail(err, HANA_BAD_TYPE, "%s and %s cannot be stacked",
                         hana_type_name(common_type(columns, p)),
                         hana_type_name(columns[p]->type));
    }
    if (type == HANA_BLOCK) return hana_block_concat(out, columns, n, err);
    size_t length = 0;
    for (size_t p = 0; p < n; p++) length += columns[p]->length;
    hana_column *whole;
    HANA_TRY(hana_column_make(&whole, type, length, err));
    hana_status status = concat_validity(whole, columns, n, err);
    if (status == HANA_OK) status = concat_values(whole, columns, n, err);
    if (status != HANA_OK) {
        hana_column_release(whole);
        return status;
    }
    *out = whole;
    return HANA_OK;
}
