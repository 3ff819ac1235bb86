#include "base/job.h"
#include "base/radix.h"
#include "base/random.h"
#include "data/column_parts.h"

#include <math.h>
#include <string.h>

enum { MANY = 1 << 17 };

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

static uint64_t key_at(const hana_column *column, size_t i)
{
    if (column->type == HANA_FLOAT) return float_key(hana_floats_of(column)[i]);
    return (uint64_t)int_at(column, i);
}

/* Gathers the distinct keys, or gives up (full) when there are so many that sorting is
 * faster. */
static hana_status collect(key_set *set, int *full, const hana_column *column,
                           hana_error *err)
{
    HANA_TRY(set_grow(set, err));
    uint64_t last = 0;
    int first = 1;
    for (size_t i = 0; i < column->length; i++) {
        HANA_TRY(hana_poll(i, err));
        if (hana_null_at(column, i)) continue;
        uint64_t key = key_at(column, i);
        if (!first && key == last) continue;
        HANA_TRY(set_add(set, key, err));
        last = key;
        first = 0;
        if (set->n > MANY) {
            *full = 1;
            return HANA_OK;
        }
    }
    return HANA_OK;
}

/* Keys as numbers in the order of the values, and back. */
static uint64_t to_order(uint64_t key, int is_float)
{
    if (!is_float) return hana_radix_int((int64_t)key);
    double x;
    memcpy(&x, &key, sizeof x);
    return hana_radix_double(x);
}

static uint64_t from_order(uint64_t ordered, int is_float)
{
    if (!is_float) return (uint64_t)hana_radix_to_int(ordered);
    return float_key(hana_radix_to_double(ordered));
}

static hana_status sort_keys(uint64_t *keys, size_t n, int is_float, hana_error *err)
{
    for (size_t k = 0; k < n; k++) keys[k] = to_order(keys[k], is_float);
    HANA_TRY(hana_radix_sort(keys, NULL, n, err));
    for (size_t k = 0; k < n; k++) keys[k] = from_order(keys[k], is_float);
    return HANA_OK;
}

/* The keys of the set, packed at the front of its own table. */
static size_t pack(key_set *set)
{
    size_t n = 0;
    for (size_t k = 0; k <= set->mask; k++)
        if (set->slots[k]) set->slots[n++] = set->slots[k];
    if (set->has_zero) set->slots[n++] = 0;
    return n;
}

/* All keys of the column, sorted, each once, in a table of its own. */
static hana_status sort_all(uint64_t **out, size_t *n_out, const hana_column *column,
                            hana_error *err)
{
    uint64_t *keys = hana_alloc(column->length, sizeof *keys);
    if (!keys) return hana_fail_memory(err);
    int is_float = column->type == HANA_FLOAT;
    size_t n = 0, distinct = 0;
    for (size_t i = 0; i < column->length; i++)
        if (!hana_null_at(column, i)) keys[n++] = key_at(column, i);
    hana_status status = sort_keys(keys, n, is_float, err);
    if (status != HANA_OK) {
        hana_free(keys);
        return status;
    }
    for (size_t k = 0; k < n; k++)
        if (k == 0 || keys[k] != keys[k - 1]) keys[distinct++] = keys[k];
    *out = keys;
    *n_out = distinct;
    return HANA_OK;
}

static hana_status unique_keys(uint64_t **out, size_t *n, const hana_column *column,
                               hana_error *err)
{
    key_set set = { 0 };
    int full = 0;
    hana_status status = collect(&set, &full, column, err);
    if (status == HANA_OK && full) {
        status = sort_all(out, n, column, err);
    } else if (status == HANA_OK) {
        *n = pack(&set);
        status = sort_keys(set.slots, *n, column->type == HANA_FLOAT, err);
        if (status == HANA_OK) {
            *out = set.slots;
            set.slots = NULL;
        }
    }
    hana_free(set.slots);
    return status;
}

static hana_status unique_fixed(hana_column **out, const hana_column *column,
                                hana_error *err)
{
    uint64_t *keys = NULL;
    size_t n = 0, width = hana_type_width(column->type);
    HANA_TRY(unique_keys(&keys, &n, column, err));
    void *values;
    hana_column *unique = NULL;
    hana_status status = hana_column_make(&unique, column->type, n, err);
    if (status == HANA_OK) status = hana_column_room(&values, unique, n, width, err);
    if (status != HANA_OK) {
        hana_free(keys);
        hana_column_release(unique);
        return status;
    }
    if (width == 4)
        for (size_t k = 0; k < n; k++) ((int32_t *)values)[k] = (int32_t)(int64_t)keys[k];
    else
        memcpy(values, keys, n * width);
    hana_free(keys);
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
    return unique_fixed(out, column, err);
}
