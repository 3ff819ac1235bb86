#include "data/column_parts.h"

#include <math.h>
#include <string.h>

static int equal_floats(const double *a, const double *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (a[i] != b[i] && !(isnan(a[i]) && isnan(b[i]))) return 0;
    return 1;
}

static int equal_texts(const hana_column *a, const hana_column *b)
{
    for (size_t i = 0; i < a->length; i++) {
        size_t n, m;
        const char *x = hana_column_string(a, i, &n), *y = hana_column_string(b, i, &m);
        if (n != m || (n && memcmp(x, y, n) != 0)) return 0;
    }
    return 1;
}

static int equal_bits(const uint8_t *a, const uint8_t *b, size_t n)
{
    if (memcmp(a, b, n / 8) != 0) return 0;
    for (size_t i = n / 8 * 8; i < n; i++)
        if (hana_bit(a, i) != hana_bit(b, i)) return 0;
    return 1;
}

static int equal_sparse(const hana_column *a, const hana_column *b)
{
    for (size_t i = 0; i < a->length; i++) {
        size_t n = (size_t)(a->start[i + 1] - a->start[i]);
        if (n != (size_t)(b->start[i + 1] - b->start[i])) return 0;
        if (memcmp(a->index + a->start[i], b->index + b->start[i],
                   n * sizeof *a->index) != 0)
            return 0;
        if (!equal_floats(hana_floats_of(a) + a->start[i],
                          hana_floats_of(b) + b->start[i], n))
            return 0;
    }
    return 1;
}

static int equal_blocks(const hana_column *a, const hana_column *b)
{
    if (a->layout != b->layout || a->cols != b->cols ||
        !hana_column_equal(a->levels, b->levels))
        return 0;
    size_t cells = a->length * a->cols;
    if (a->layout == HANA_DENSE_F64) return equal_floats(a->values, b->values, cells);
    if (a->layout == HANA_CSR) return equal_sparse(a, b);
    const float *x = a->values, *y = b->values;
    for (size_t i = 0; i < cells; i++)
        if (x[i] != y[i] && !(isnan(x[i]) && isnan(y[i]))) return 0;
    return 1;
}

int hana_column_equal(const hana_column *a, const hana_column *b)
{
    if (a == b) return 1;
    if (a->type != b->type || a->length != b->length || a->nulls != b->nulls) return 0;
    size_t n = a->length;
    if (a->nulls > 0 && !equal_bits(a->validity, b->validity, n)) return 0;
    switch (a->type) {
    case HANA_FLOAT:
        return equal_floats(a->values, b->values, n);
    case HANA_STRING:
        return equal_texts(a, b);
    case HANA_CATEGORY:
        if (a->levels != b->levels && !hana_column_equal(a->levels, b->levels))
            return equal_texts(a, b);
        break;
    case HANA_BOOL:
        return equal_bits(a->values, b->values, n);
    case HANA_DATETIME:
    case HANA_INT:
    case HANA_DATE:
        break;
    case HANA_BLOCK:
        return equal_blocks(a, b);
    }
    return n == 0 || memcmp(a->values, b->values, n * hana_type_width(a->type)) == 0;
}
