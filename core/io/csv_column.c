#include "csv_parts.h"

#include "base/job.h"
#include "data/column_parts.h"
#include "data/dictionary.h"

#include <math.h>
#include <string.h>

static size_t total_rows(const hana_csv_stretch *s, size_t n)
{
    size_t rows = 0;
    for (size_t k = 0; k < n; k++) rows += s[k].rows;
    return rows;
}

static hana_status add_validity(hana_column *column, const hana_csv_stretch *s, size_t n,
                                size_t j, hana_error *err)
{
    size_t nulls = 0, row = 0;
    uint8_t *bits;
    for (size_t k = 0; k < n; k++) nulls += s[k].parts[j].nulls;
    if (nulls == 0) return HANA_OK;
    HANA_TRY(hana_column_validity_room(&bits, column, 0, err));
    for (size_t k = 0; k < n; k++) {
        hana_bits_append(bits, row, s[k].parts[j].validity, s[k].rows);
        row += s[k].rows;
    }
    hana_column_count_nulls(column);
    return HANA_OK;
}

/* Cells of a fixed width, one stretch after the other; a stretch of nulls has none. */
static hana_status fixed(hana_column *column, const hana_csv_stretch *s, size_t n,
                         size_t j, hana_error *err)
{
    size_t size = hana_type_width(hana_column_type(column)), row = 0;
    void *values;
    HANA_TRY(hana_column_room(&values, column, column->length, size, err));
    for (size_t k = 0; k < n; k++) {
        const hana_csv_part *p = &s[k].parts[j];
        char *to = (char *)values + row * size;
        if (p->values) {
            memcpy(to, p->values, s[k].rows * size);
        } else if (column->type == HANA_FLOAT) {
            for (size_t i = 0; i < s[k].rows; i++) ((double *)values)[row + i] = NAN;
        } else if (s[k].rows) {
            memset(to, 0, s[k].rows * size);
        }
        row += s[k].rows;
    }
    return HANA_OK;
}

static hana_status bools(hana_column *column, const hana_csv_stretch *s, size_t n,
                         size_t j, hana_error *err)
{
    size_t row = 0;
    void *bits;
    HANA_TRY(hana_column_room(&bits, column, hana_bitmap_bytes(column->length), 1, err));
    memset(bits, 0, hana_bitmap_bytes(column->length));
    for (size_t k = 0; k < n; k++) {
        const uint8_t *values = s[k].parts[j].values;
        for (size_t i = 0; values && i < s[k].rows; i++)
            if (values[i]) hana_bit_set(bits, row + i);
        row += s[k].rows;
    }
    return HANA_OK;
}

static hana_status texts(hana_column *column, const hana_csv_stretch *s, size_t n,
                         size_t j, hana_error *err)
{
    size_t bytes = 0, row = 0;
    char *text;
    void *room;
    for (size_t k = 0; k < n; k++) bytes += s[k].parts[j].text_length;
    HANA_TRY(hana_column_room(&room, column, column->length + 1, sizeof(int64_t), err));
    HANA_TRY(hana_column_text_room(&text, column, bytes, err));
    int64_t *offsets = room, base = 0;
    offsets[0] = 0;
    for (size_t k = 0; k < n; k++) {
        const hana_csv_part *p = &s[k].parts[j];
        const int64_t *from = p->values;
        for (size_t i = 1; i <= s[k].rows; i++)
            offsets[row + i] = base + (from ? from[i] : 0);
        if (p->text_length) memcpy(text + base, p->text, p->text_length);
        base += (int64_t)p->text_length;
        row += s[k].rows;
    }
    return HANA_OK;
}

static hana_status category(hana_column **out, const hana_csv_stretch *s, size_t n,
                            size_t j, hana_error *err)
{
    hana_dictionary *dictionary = NULL;
    hana_column *levels = NULL;
    size_t rows = total_rows(s, n), row = 0;
    int32_t *codes = hana_alloc(rows, sizeof *codes);
    hana_status status;
    if (!codes) return hana_fail_memory(err);
    HANA_GOTO(done, hana_dictionary_new(&dictionary, err));
    for (size_t k = 0; k < n; k++) {
        const hana_csv_part *p = &s[k].parts[j];
        const int64_t *offsets = p->values;
        for (size_t i = 0; i < s[k].rows; i++, row++) {
            codes[row] = -1;
            HANA_GOTO(done, hana_poll(i, err));
            if (p->validity && !hana_bit(p->validity, i)) continue;
            HANA_GOTO(done,
                      hana_dictionary_code(&codes[row], dictionary, p->text + offsets[i],
                                           (size_t)(offsets[i + 1] - offsets[i]), err));
        }
    }
    HANA_GOTO(done, hana_dictionary_column(&levels, dictionary, err));
    status = hana_column_from_codes(out, codes, rows, levels, 0, err);
done:
    hana_column_release(levels);
    hana_dictionary_free(dictionary);
    hana_free(codes);
    return status;
}

static hana_type type_of(hana_csv_kind kind)
{
    switch (kind) {
    case HANA_CSV_BOOL:
        return HANA_BOOL;
    case HANA_CSV_INT:
        return HANA_INT;
    case HANA_CSV_NONE:
    case HANA_CSV_FLOAT:
        return HANA_FLOAT;
    case HANA_CSV_DATE:
        return HANA_DATE;
    case HANA_CSV_DATETIME:
        return HANA_DATETIME;
    case HANA_CSV_EMPTY:
    case HANA_CSV_BIG:
    case HANA_CSV_STRING:
        break;
    }
    return HANA_STRING;
}

hana_status hana_csv_assemble(hana_column **out, const hana_csv_stretch *stretches,
                              size_t n, size_t j, hana_csv_kind kind,
                              const hana_csv_column *about, const hana_csv_style *style,
                              hana_error *err)
{
    hana_type type = about->given ? about->type : type_of(kind);
    if (type == HANA_CATEGORY) return category(out, stretches, n, j, err);
    hana_column *column = NULL;
    HANA_TRY(hana_column_make(&column, type, total_rows(stretches, n), err));
    hana_status status = add_validity(column, stretches, n, j, err);
    if (status == HANA_OK)
        status = type == HANA_BOOL     ? bools(column, stretches, n, j, err)
                 : type == HANA_STRING ? texts(column, stretches, n, j, err)
                                       : fixed(column, stretches, n, j, err);
    if (status != HANA_OK) {
        hana_column_release(column);
        return status;
    }
    if (type == HANA_DATETIME) {
        const char *zone = hana_zone_name(style->zone);
        size_t length = strlen(zone);
        if (length >= sizeof column->zone) length = sizeof column->zone - 1;
        memcpy(column->zone, zone, length);
        column->zone[length] = '\0';
    }
    *out = column;
    return HANA_OK;
}
