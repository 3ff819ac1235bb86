#include "measure/codes.h"

#include "base/text.h"
#include "data/dictionary.h"

#include <math.h>
#include <string.h>

static int is_text(const hana_column *column)
{
    hana_type type = hana_column_type(column);
    return type == HANA_STRING || type == HANA_CATEGORY;
}

static hana_status text_codes(int32_t *codes, const hana_column *column,
                              const hana_column *classes, hana_error *err)
{
    hana_dictionary *dictionary;
    HANA_TRY(hana_dictionary_new(&dictionary, err));
    hana_status status = hana_dictionary_add_column(dictionary, classes, err);
    for (size_t i = 0; status == HANA_OK && i < hana_column_length(column); i++) {
        size_t length;
        const char *text = hana_column_string(column, i, &length);
        codes[i] = hana_column_is_null(column, i)
                       ? -1
                       : hana_dictionary_find(dictionary, text, length);
    }
    hana_dictionary_free(dictionary);
    return status;
}

/* Order of two cells of number types; NaN stands behind all numbers and equals itself. */
static int order(const hana_column *a, size_t i, const hana_column *b, size_t j)
{
    const int64_t *x = hana_column_ints(a), *y = hana_column_ints(b);
    if (x && y) return (x[i] > y[j]) - (x[i] < y[j]);
    double u = hana_column_number(a, i), v = hana_column_number(b, j);
    if (isnan(u) || isnan(v)) return isnan(u) - isnan(v);
    return (u > v) - (u < v);
}

/* Codes of a category: those of its levels. */
static hana_status category_codes(int32_t *codes, const hana_column *column,
                                  const hana_column *classes, hana_error *err)
{
    const hana_column *levels = hana_column_levels(column);
    int32_t *of_level = hana_alloc(hana_column_length(levels), sizeof *of_level);
    if (!of_level) return hana_fail_memory(err);
    hana_status status = text_codes(of_level, levels, classes, err);
    const int32_t *own = hana_column_codes(column);
    for (size_t i = 0; status == HANA_OK && i < hana_column_length(column); i++)
        codes[i] = hana_column_is_null(column, i) ? -1 : of_level[own[i]];
    hana_free(of_level);
    return status;
}

/* The class of a cell; `guess` is tried first. */
static int32_t search(const hana_column *column, size_t i, const hana_column *classes,
                      int32_t guess)
{
    size_t low = 0, n = hana_column_length(classes), high = n;
    if (guess >= 0 && order(classes, (size_t)guess, column, i) == 0) return guess;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (order(classes, middle, column, i) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < n && order(classes, low, column, i) == 0 ? (int32_t)low : -1;
}

static void bool_codes(int32_t *codes, const hana_column *column,
                       const hana_column *classes)
{
    int32_t of[2] = { -1, -1 };
    for (size_t k = 0; k < hana_column_length(classes); k++) {
        double value = hana_column_number(classes, k);
        if (value == 0 || value == 1) of[value == 1] = (int32_t)k;
    }
    const uint8_t *bits = hana_column_bits(column),
                  *validity = hana_column_validity(column);
    for (size_t i = 0; i < hana_column_length(column); i++)
        codes[i] = validity && !hana_bit(validity, i) ? -1 : of[hana_bit(bits, i)];
}

hana_status hana_codes_in(int32_t *codes, const hana_column *column,
                          const hana_column *classes, hana_error *err)
{
    if (is_text(column) != is_text(classes))
        return hana_fail(err, HANA_BAD_TYPE, "%s and %s labels cannot be compared",
                         hana_type_name(hana_column_type(column)),
                         hana_type_name(hana_column_type(classes)));
    if (hana_column_type(column) == HANA_CATEGORY)
        return category_codes(codes, column, classes, err);
    if (is_text(column)) return text_codes(codes, column, classes, err);
    if (hana_column_type(column) == HANA_BOOL) {
        bool_codes(codes, column, classes);
        return HANA_OK;
    }
    int32_t last = -1;
    for (size_t i = 0; i < hana_column_length(column); i++) {
        if (!hana_column_is_null(column, i)) last = search(column, i, classes, last);
        codes[i] = hana_column_is_null(column, i) ? -1 : last;
    }
    return HANA_OK;
}

hana_status hana_common_classes(hana_column **out, const hana_column *a,
                                const hana_column *b, hana_error *err)
{
    hana_column *own[2] = { NULL, NULL }, *both = NULL;
    hana_status status;
    HANA_GOTO(done, hana_column_unique(&own[0], a, err));
    if (!b) {
        *out = own[0];
        return HANA_OK;
    }
    HANA_GOTO(done, hana_column_unique(&own[1], b, err));
    const hana_column *parts[2] = { own[0], own[1] };
    status = hana_column_concat(&both, parts, 2, err);
    if (status == HANA_BAD_TYPE)
        hana_fail(err, status, "%s and %s labels cannot be compared",
                  hana_type_name(hana_column_type(a)),
                  hana_type_name(hana_column_type(b)));
    if (status != HANA_OK) goto done;
    HANA_GOTO(done, hana_column_unique(out, both, err));
done:
    hana_column_release(own[0]);
    hana_column_release(own[1]);
    hana_column_release(both);
    return status;
}

static ptrdiff_t find_text(const hana_column *classes, const char *text, size_t length)
{
    if (is_text(classes)) return hana_column_find_string(classes, text, length);
    hana_text cell = { 0 };
    ptrdiff_t found = -1;
    for (size_t k = 0; found < 0 && k < hana_column_length(classes); k++) {
        cell.length = 0;
        hana_column_print_cell(classes, k, 1, &cell);
        if (!cell.failed && cell.length == length && memcmp(cell.data, text, length) == 0)
            found = (ptrdiff_t)k;
    }
    hana_text_clear(&cell);
    return found;
}

/* A number among texts, as integers or as floats are printed. */
static ptrdiff_t find_number_text(const hana_column *classes, double number)
{
    char text[HANA_NUMBER_SIZE];
    ptrdiff_t found = -1;
    for (int as_float = 0; as_float < 2 && found < 0; as_float++) {
        int length = hana_print_double(text, number, as_float);
        found = hana_column_find_string(classes, text, (size_t)length);
    }
    return found;
}

ptrdiff_t hana_class_find(const hana_column *classes, const hana_value *name)
{
    if (name->kind == HANA_VALUE_STRING)
        return find_text(classes, name->as.string.data, name->as.string.length);
    if (name->kind == HANA_VALUE_BOOL) {
        const char *word = name->as.boolean ? "true" : "false";
        return find_text(classes, word, strlen(word));
    }
    double number;
    if (!hana_value_as_number(name, &number)) return -1;
    if (is_text(classes)) return find_number_text(classes, number);
    for (size_t k = 0; k < hana_column_length(classes); k++)
        if (hana_column_number(classes, k) == number) return (ptrdiff_t)k;
    return -1;
}
