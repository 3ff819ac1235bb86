#include "base/text.h"
#include "base/time.h"
#include "data/column_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const char *hana_column_string(const hana_column *column, size_t i, size_t *length)
{
    *length = 0;
    if (hana_null_at(column, i)) return "";
    if (column->type == HANA_CATEGORY)
        return hana_column_string(column->levels, (size_t)hana_codes_of(column)[i],
                                  length);
    if (column->type != HANA_STRING) return "";
    const int64_t *offsets = column->values;
    *length = (size_t)(offsets[i + 1] - offsets[i]);
    return column->text + offsets[i];
}

ptrdiff_t hana_column_find_string(const hana_column *strings, const char *text,
                                  size_t length)
{
    for (size_t i = 0; i < strings->length; i++) {
        size_t have;
        const char *cell = hana_column_string(strings, i, &have);
        if (have == length && (length == 0 || memcmp(cell, text, length) == 0) &&
            !hana_null_at(strings, i))
            return (ptrdiff_t)i;
    }
    return -1;
}

/* Puts `digits` (the significant ones, d.ddd x 10^exponent) with a point in its place. */
static void put_plain(hana_text *out, const char *digits, size_t n, int exponent)
{
    if (exponent < 0) {
        hana_text_puts(out, "0.");
        for (int k = -1; k > exponent; k--) hana_text_putc(out, '0');
        hana_text_add(out, digits, n);
        return;
    }
    for (size_t k = 0; k < n || (int)k <= exponent; k++) {
        if ((int)k == exponent + 1) hana_text_putc(out, '.');
        hana_text_putc(out, k < n ? digits[k] : '0');
    }
}

/* Six significant digits, whole numbers up to 15 digits in full. The locale's decimal
   mark never shows, because only digits are taken from what printf writes. */
static void print_short(hana_text *out, double value)
{
    if (!isfinite(value)) {
        hana_text_puts(out, isnan(value) ? "nan" : value < 0 ? "-inf" : "inf");
        return;
    }
    double size = fabs(value);
    if (size >= 1e6 && size < 1e15) {
        hana_text_printf(out, "%lld", (long long)llround(value));
        return;
    }
    char raw[40], digits[40];
    snprintf(raw, sizeof raw, "%.5e", size);
    size_t n = 0;
    const char *at = raw;
    for (; *at && *at != 'e'; at++)
        if (*at >= '0' && *at <= '9') digits[n++] = *at;
    int exponent = 0;
    if (*at == 'e') {
        for (const char *e = at + 2; *e >= '0' && *e <= '9'; e++)
            exponent = exponent * 10 + (*e - '0');
        if (at[1] == '-') exponent = -exponent;
    }
    while (n > 1 && digits[n - 1] == '0') n--;
    if (value < 0) hana_text_putc(out, '-');
    if (exponent >= -5 && exponent < 15) {
        put_plain(out, digits, n, exponent);
        return;
    }
    put_plain(out, digits, n, 0);
    hana_text_printf(out, "e%+03d", exponent);
}

static const hana_zone *zone_of(const hana_column *column)
{
    const hana_zone *zone = NULL;
    if (hana_zone_get(&zone, column->zone, NULL) != HANA_OK)
        hana_zone_get(&zone, "UTC", NULL);
    return zone;
}

static void print_block_row(const hana_column *column, size_t i, hana_text *out)
{
    size_t stored = column->layout == HANA_CSR
                        ? (size_t)(column->start[i + 1] - column->start[i])
                        : column->cols;
    if (column->layout == HANA_CSR)
        hana_text_printf(out, "<%zu of %zu>", stored, column->cols);
    else
        hana_text_printf(out, "<%zu>", stored);
}

/* A date, datetime, float or int as full text; 0 for other types. */
static int print_scalar(char *out, const hana_column *column, size_t i)
{
    switch (column->type) {
    case HANA_FLOAT:
        return hana_print_double(out, hana_floats_of(column)[i], 1);
    case HANA_INT:
        return snprintf(out, 48, "%lld", (long long)hana_ints_of(column)[i]);
    case HANA_DATE:
        return hana_print_date(out, hana_codes_of(column)[i]);
    case HANA_DATETIME:
        return hana_print_datetime(out, hana_ints_of(column)[i], zone_of(column));
    case HANA_BOOL:
    case HANA_STRING:
    case HANA_CATEGORY:
    case HANA_BLOCK:
        break;
    }
    return 0;
}

void hana_column_print_cell(const hana_column *column, size_t i, int full, hana_text *out)
{
    if (hana_null_at(column, i)) {
        hana_text_puts(out, "null");
        return;
    }
    char text[64];
    size_t length;
    switch (column->type) {
    case HANA_BOOL:
        hana_text_puts(out, hana_bit(hana_bits_of(column), i) ? "true" : "false");
        return;
    case HANA_STRING:
    case HANA_CATEGORY: {
        const char *cell = hana_column_string(column, i, &length);
        hana_text_add(out, cell, length);
        return;
    }
    case HANA_BLOCK:
        print_block_row(column, i, out);
        return;
    case HANA_FLOAT:
        if (!full) {
            print_short(out, hana_floats_of(column)[i]);
            return;
        }
        break;
    case HANA_INT:
    case HANA_DATE:
    case HANA_DATETIME:
        break;
    }
    int n = print_scalar(text, column, i);
    if (n > 0) hana_text_add(out, text, (size_t)n);
}

/* A block's row as a list of numbers. */
static hana_status block_value(hana_value *out, const hana_column *column, size_t i,
                               hana_error *err)
{
    hana_value list;
    HANA_TRY(hana_value_new_list(&list, err));
    int64_t at = column->layout == HANA_CSR ? column->start[i] : 0;
    for (size_t j = 0; j < column->cols; j++) {
        double x = 0;
        if (column->layout == HANA_DENSE_F64)
            x = hana_floats_of(column)[i * column->cols + j];
        else if (column->layout == HANA_DENSE_F32)
            x = (double)((const float *)column->values)[i * column->cols + j];
        else if (at < column->start[i + 1] && (size_t)column->index[at] == j)
            x = hana_floats_of(column)[at++];
        hana_status status = hana_value_push(&list, hana_value_number(x), err);
        if (status != HANA_OK) {
            hana_value_clear(&list);
            return status;
        }
    }
    *out = list;
    return HANA_OK;
}

hana_status hana_column_value(hana_value *out, const hana_column *column, size_t i,
                              hana_error *err)
{
    if (hana_null_at(column, i)) {
        *out = (hana_value){ 0 };
        return HANA_OK;
    }
    char text[64];
    size_t length;
    switch (column->type) {
    case HANA_FLOAT:
        *out = hana_value_number(hana_floats_of(column)[i]);
        return HANA_OK;
    case HANA_INT:
        *out = hana_value_int(hana_ints_of(column)[i]);
        return HANA_OK;
    case HANA_BOOL:
        *out = hana_value_bool(hana_bit(hana_bits_of(column), i));
        return HANA_OK;
    case HANA_STRING:
    case HANA_CATEGORY: {
        const char *cell = hana_column_string(column, i, &length);
        return hana_value_string(out, cell, length, err);
    }
    case HANA_DATE:
    case HANA_DATETIME: {
        int n = print_scalar(text, column, i);
        return hana_value_string(out, text, (size_t)n, err);
    }
    case HANA_BLOCK:
        break;
    }
    return block_value(out, column, i, err);
}
