#include "base/random.h"
#include "data/column_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A set of 64-bit keys by open addressing, at most half full; key 0 stands beside the
 * table. */
typedef struct key_set {
    uint64_t *slots;
    size_t mask, n;
    int has_zero;
} key_set;

static hana_status set_grow(key_set *set, hana_error *err)
{
    size_t size = set->slots ? 4 * (set->mask + 1) : 256;
    uint64_t *slots = hana_alloc_zero(size, sizeof *slots);
    if (!slots) return hana_fail_memory(err);
    for (size_t k = 0; set->slots && k <= set->mask; k++) {
        if (!set->slots[k]) continue;
        size_t i = hana_hash_mix(set->slots[k]) & (size - 1);
        while (slots[i]) i = (i + 1) & (size - 1);
        slots[i] = set->slots[k];
    }
    hana_free(set->slots);
    set->slots = slots;
    set->mask = size - 1;
    return HANA_OK;
}

static inline hana_status set_add(key_set *set, uint64_t key, hana_error *err)
{
    if (key == 0) {
        set->has_zero = 1;
        return HANA_OK;
    }
    size_t i = hana_hash_mix(key) & set->mask;
    for (; set->slots[i]; i = (i + 1) & set->mask)
        if (set->slots[i] == key) return HANA_OK;
    set->slots[i] = key;
    set->n++;
    return 2 * set->n > set->mask ? set_grow(set, err) : HANA_OK;
}

/* The bits of a double, equal for equal numbers: one zero, one NaN. */
static uint64_t float_key(double x)
{
    if (x == 0) x = 0;
    if (isnan(x)) x = NAN;
    uint64_t key;
    memcpy(&key, &x, sizeof key);
    return key;
}

static int64_t int_at(const hana_column *column, size_t i)
{
    return hana_type_width(column->type) == 4 ? hana_codes_of(column)[i]
                                              : hana_ints_of(column)[i];
}

static hana_status collect(key_set *set, const hana_column *column, hana_error *err)
{
    HANA_TRY(set_grow(set, err));
    int is_float = column->type == HANA_FLOAT;
    uint64_t last = 0;
    int first = 1;
    for (size_t i = 0; i < column->length; i++) {
        if (hana_null_at(column, i)) continue;
        uint64_t key =
            is_float ? float_key(hana_floats_of(column)[i]) : (uint64_t)int_at(column, i);
        if (!first && key == last) continue;
        HANA_TRY(set_add(set, key, err));
        last = key;
        first = 0;
    }
    return HANA_OK;
}

static int by_float(const void *a, const void *b)
{
    double x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    if (isnan(x) || isnan(y)) return isnan(x) - isnan(y);
    return (x > y) - (x < y);
}

static int by_int(const void *a, const void *b)
{
    int64_t x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

/* The keys of the set in order, packed at the front of its own table. */
static size_t sort_keys(key_set *set, int is_float)
{
    size_t n = 0;
    for (size_t k = 0; k <= set->mask; k++)
        if (set->slots[k]) set->slots[n++] = set->slots[k];
    if (set->has_zero) set->slots[n++] = 0;
    qsort(set->slots, n, sizeof *set->slots, is_float ? by_float : by_int);
    return n;
}

static hana_status unique_fixed(hana_column **out, const hana_column *column,
                                key_set *set, hana_error *err)
{
    HANA_TRY(collect(set, column, err));
    size_t n = sort_keys(set, column->type == HANA_FLOAT);
    hana_column *unique;
    HANA_TRY(hana_column_make(&unique, column->type, n, err));
    void *values;
    size_t width = hana_type_width(column->type);
    hana_status status = hana_column_room(&values, unique, n, width, err);
    if (status != HANA_OK) {
        hana_column_release(unique);
        return status;
    }
    if (width == 4)
        for (size_t k = 0; k < n; k++)
            ((int32_t *)values)[k] = (int32_t)(int64_t)set->slots[k];
    else
        memcpy(values, set->slots, n * width);
    unique->levels = hana_column_retain(column->levels);
    unique->ordered = column->ordered;
    memcpy(unique->zone, column->zone, sizeof unique->zone);
    *out = unique;
    return HANA_OK;
}

static hana_status unique_bools(hana_column **out, const hana_column *column,
                                hana_error *err)
{
    int seen[2] = { 0, 0 };
    for (size_t i = 0; i < column->length && !(seen[0] && seen[1]); i++)
        if (!hana_null_at(column, i)) seen[hana_bit(hana_bits_of(column), i)] = 1;
    uint8_t values[2];
    size_t n = 0;
    for (int k = 0; k < 2; k++)
        if (seen[k]) values[n++] = (uint8_t)k;
    return hana_column_from_bools(out, values, NULL, n, err);
}

hana_status hana_column_unique(hana_column **out, const hana_column *column,
                               hana_error *err)
{
    if (column->type == HANA_BLOCK)
        return hana_fail(err, HANA_BAD_TYPE, "a block has no unique values");
    if (column->type == HANA_BOOL) return unique_bools(out, column, err);
    if (column->type == HANA_STRING) {
        hana_column *category;
        HANA_TRY(hana_column_to_category(&category, column, 1, err));
        hana_status status = hana_column_share(out, category->levels, err);
        hana_column_release(category);
        return status;
    }
    key_set set = { 0 };
    hana_status status = unique_fixed(out, column, &set, err);
    hana_free(set.slots);
    return status;
}
