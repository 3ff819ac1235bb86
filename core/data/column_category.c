#include "data/column_parts.h"

#include "base/job.h"
#include "data/dictionary.h"
#include "data/text_order.h"

#include <string.h>

/* The texts of `levels` in byte order, and in rank[k] the new number of old number k. */
static hana_status sort_levels(hana_column **out, int32_t **rank,
                               const hana_column *levels, hana_error *err)
{
    size_t n = levels->length, *rows = NULL;
    hana_column *sorted = NULL;
    HANA_TRY(hana_text_order(&rows, levels->text, hana_ints_of(levels), n, err));
    hana_status status = hana_column_take(&sorted, levels, rows, n, err);
    int32_t *to = hana_alloc(n, sizeof *to);
    if (status == HANA_OK && !to) status = hana_fail_memory(err);
    for (size_t k = 0; status == HANA_OK && k < n; k++) to[rows[k]] = (int32_t)k;
    hana_free(rows);
    if (status != HANA_OK) {
        hana_column_release(sorted);
        hana_free(to);
        return status;
    }
    *out = sorted;
    *rank = to;
    return HANA_OK;
}

/* Gives a category column, not shared yet, its levels in byte order. */
static hana_status sort_own_levels(hana_column *column, int32_t *codes, hana_error *err)
{
    hana_column *sorted;
    int32_t *rank;
    HANA_TRY(sort_levels(&sorted, &rank, column->levels, err));
    for (size_t i = 0; i < column->length; i++)
        if (!hana_null_at(column, i)) codes[i] = rank[codes[i]];
    hana_column_release(column->levels);
    column->levels = sorted;
    hana_free(rank);
    return HANA_OK;
}

static hana_status encode(hana_column *to, int32_t *codes, hana_dictionary *seen,
                          const hana_column *strings, hana_error *err)
{
    for (size_t i = 0; i < strings->length; i++) {
        HANA_TRY(hana_poll(i, err));
        codes[i] = 0;
        if (hana_null_at(strings, i)) continue;
        size_t length;
        const char *text = hana_column_string(strings, i, &length);
        HANA_TRY(hana_dictionary_code(&codes[i], seen, text, length, err));
    }
    hana_column *levels;
    HANA_TRY(hana_dictionary_column(&levels, seen, err));
    to->levels = levels;
    return HANA_OK;
}

static hana_status fill(hana_column *to, const hana_column *from, int sorted,
                        hana_error *err)
{
    void *codes;
    HANA_TRY(hana_column_room(&codes, to, to->length, sizeof(int32_t), err));
    HANA_TRY(hana_column_validity_copy(to, from->validity, err));
    if (from->type == HANA_CATEGORY) {
        if (to->length) memcpy(codes, from->values, to->length * sizeof(int32_t));
        to->levels = hana_column_retain(from->levels);
    } else {
        hana_dictionary *seen;
        HANA_TRY(hana_dictionary_new(&seen, err));
        hana_status status = encode(to, codes, seen, from, err);
        hana_dictionary_free(seen);
        HANA_TRY(status);
    }
    return sorted ? sort_own_levels(to, codes, err) : HANA_OK;
}

hana_status hana_column_to_category(hana_column **out, const hana_column *column,
                                    int sorted, hana_error *err)
{
    if (column->type != HANA_STRING && column->type != HANA_CATEGORY)
        return hana_fail(err, HANA_BAD_TYPE, "column is %s, expected string or category",
                         hana_type_name(column->type));
    if (column->type == HANA_CATEGORY && !sorted)
        return hana_column_share(out, column, err);
    hana_column *category;
    HANA_TRY(hana_column_make(&category, HANA_CATEGORY, column->length, err));
    hana_status status = fill(category, column, sorted, err);
    if (status != HANA_OK) {
        hana_column_release(category);
        return status;
    }
    *out = category;
    return HANA_OK;
}

hana_status hana_column_as_category(const hana_column **out, const hana_column *column,
                                    int sorted, hana_error *err)
{
    if (column->type == HANA_CATEGORY) {
        *out = hana_column_retain(column);
        return HANA_OK;
    }
    hana_column *made;
    HANA_TRY(hana_column_to_category(&made, column, sorted, err));
    *out = made;
    return HANA_OK;
}

static hana_status add_levels(hana_dictionary *known, const hana_names *levels,
                              hana_error *err)
{
    for (size_t k = 0; k < levels->n; k++) {
        int32_t code;
        HANA_TRY(hana_dictionary_code(&code, known, levels->items[k],
                                      strlen(levels->items[k]), err));
        if ((size_t)code != k)
            return hana_fail(err, HANA_BAD_ARGUMENT, "the level '%s' stands there twice",
                             levels->items[k]);
    }
    return HANA_OK;
}

/* Codes of the cells among the known levels, -1 for null and what is none of them. */
static hana_status find_levels(int32_t *codes, size_t *rows, size_t *failed,
                               const hana_column *from, hana_dictionary *known,
                               hana_error *err)
{
    *failed = 0;
    for (size_t i = 0; i < from->length; i++) {
        HANA_TRY(hana_poll(i, err));
        codes[i] = -1;
        if (hana_null_at(from, i)) continue;
        size_t length;
        const char *text = hana_column_string(from, i, &length);
        codes[i] = hana_dictionary_find(known, text, length);
        if (codes[i] >= 0) continue;
        if (*failed < HANA_CAST_EXAMPLES) rows[*failed] = i;
        ++*failed;
    }
    return HANA_OK;
}

hana_status hana_column_to_levels(hana_column **out, const hana_column *column,
                                  const hana_names *levels, int ordered, size_t *failed,
                                  hana_error *err)
{
    if (column->type != HANA_STRING && column->type != HANA_CATEGORY)
        return hana_fail(err, HANA_BAD_TYPE, "column is %s, expected string or category",
                         hana_type_name(column->type));
    hana_column *texts = NULL;
    hana_dictionary *known;
    size_t rows[HANA_CAST_EXAMPLES], lost = 0;
    HANA_TRY(hana_dictionary_new(&known, err));
    int32_t *codes = hana_alloc(column->length, sizeof *codes);
    hana_status status = codes ? HANA_OK : hana_fail_memory(err);
    if (status == HANA_OK) status = add_levels(known, levels, err);
    if (status == HANA_OK) status = find_levels(codes, rows, &lost, column, known, err);
    if (status == HANA_OK && lost && !failed)
        status = hana_cast_fail(column, rows, lost,
                                lost > 1 ? "are no level" : "is no level", err);
    if (status == HANA_OK) status = hana_dictionary_column(&texts, known, err);
    if (status == HANA_OK)
        status = hana_column_from_codes(out, codes, column->length, texts, ordered, err);
    if (status == HANA_OK && failed) *failed = lost;
    hana_column_release(texts);
    hana_dictionary_free(known);
    hana_free(codes);
    return status;
}
