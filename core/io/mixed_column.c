#include "mixed.h"

#include "base/text.h"
#include "csv_parts.h"

#include <math.h>
#include <string.h>

#define DAY INT64_C(86400000000)

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

void hana_mixed_print(hana_text *out, const hana_mixed_cell *cell)
{
    char plain[64];
    switch (cell->kind) {
    case HANA_MIXED_NULL:
        return;
    case HANA_MIXED_BOOL:
        hana_text_puts(out, cell->integer ? "true" : "false");
        return;
    case HANA_MIXED_INT:
        hana_text_printf(out, "%lld", (long long)cell->integer);
        return;
    case HANA_MIXED_FLOAT:
        hana_text_add(out, plain, (size_t)hana_print_double(plain, cell->number, 0));
        return;
    case HANA_MIXED_DATE:
        hana_text_add(out, plain, (size_t)hana_print_date(plain, (int32_t)cell->integer));
        return;
    case HANA_MIXED_DATETIME:
        /* Local: without the zone that UTC would print. */
        hana_format_time(
            out, cell->integer, 0,
            cell->integer % 1000000 ? "%Y-%m-%dT%H:%M:%S.%f" : "%Y-%m-%dT%H:%M:%S", NULL);
        return;
    case HANA_MIXED_STRING:
    case HANA_MIXED_NESTED:
    case HANA_MIXED_ERROR:
        hana_text_add(out, cell->text, cell->length);
    }
}

static int is_null_text(const hana_csv_style *style, int empties,
                        const hana_mixed_cell *cell)
{
    if (cell->length == 0) return empties;
    if (cell->length > style->longest_null ||
        !style->null_starts[(unsigned char)*cell->text])
        return 0;
    for (size_t k = 0; k < style->n_nulls; k++)
        if (strlen(style->nulls[k]) == cell->length &&
            memcmp(style->nulls[k], cell->text, cell->length) == 0)
            return 1;
    return 0;
}

/* More texts than these are counted together, as "...": dates out of range may all
 * differ. */
enum { MOST_NULL_TEXTS = 50 };

static hana_status count_null(hana_value *nulls, const hana_mixed_cell *cell,
                              hana_error *err)
{
    hana_text key = { 0 };
    hana_text_add(&key, cell->text, cell->length);
    if (key.failed) return hana_fail_memory(err);
    hana_status status = HANA_OK;
    if (nulls->kind == HANA_VALUE_NULL) status = hana_value_new_map(nulls, err);
    if (status == HANA_OK) {
        const char *name = key.data;
        const hana_value *known = hana_value_get(nulls, name);
        if (!known && nulls->as.map->n >= MOST_NULL_TEXTS)
            known = hana_value_get(nulls, name = "...");
        int64_t n = known ? known->as.integer + 1 : 1;
        status = hana_value_set(nulls, name, hana_value_int(n), err);
    }
    hana_text_clear(&key);
    return status;
}

static hana_type infer(const hana_mixed_counts *counts)
{
    size_t bools = counts->of[HANA_MIXED_BOOL], ints = counts->of[HANA_MIXED_INT],
           floats = counts->of[HANA_MIXED_FLOAT], dates = counts->of[HANA_MIXED_DATE],
           times = counts->of[HANA_MIXED_DATETIME],
           texts = counts->of[HANA_MIXED_STRING] + counts->of[HANA_MIXED_NESTED];
    int sorts = (bools > 0) + (ints + floats > 0) + (dates + times > 0) + (texts > 0);
    if (sorts > 1 || texts) return HANA_STRING;
    if (bools) return HANA_BOOL;
    if (times) return HANA_DATETIME;
    if (dates) return HANA_DATE;
    return ints && !floats ? HANA_INT : HANA_FLOAT;
}

hana_status hana_mixed_infer(hana_mixed_column *about, hana_mixed *cells,
                             const hana_csv_style *style, int empties, hana_error *err)
{
    hana_mixed_cursor cursor = { .of = cells };
    hana_mixed_cell cell;
    hana_mixed_counts *counts = &about->counts;
    int64_t absent = 0;
    while (hana_mixed_next(&cursor, &cell)) {
        absent += cell.kind == HANA_MIXED_NULL;
        int null = cell.kind == HANA_MIXED_STRING && is_null_text(style, empties, &cell);
        if (null || cell.kind == HANA_MIXED_ERROR)
            HANA_TRY(count_null(&about->nulls, &cell, err));
        if (null) {
            cells->kinds[cursor.i - 1] = HANA_MIXED_NULL;
            cell.kind = HANA_MIXED_NULL;
        }
        if (counts->of[cell.kind]++ == 0) counts->first[cell.kind] = cursor.i;
    }
    if (!about->given) about->type = infer(counts);
    if (about->nulls.kind == HANA_VALUE_NULL)
        HANA_TRY(hana_value_new_map(&about->nulls, err));
    if (absent == 0) return HANA_OK;
    const char *key = empties ? "" : "null";
    const hana_value *known = hana_value_get(&about->nulls, key);
    absent += known ? known->as.integer : 0;
    HANA_TRY(hana_value_set(&about->nulls, key, hana_value_int(absent), err));
    return HANA_OK;
}

static void to_utc(const hana_csv_style *style, int64_t local, int64_t *out, int *clock)
{
    int64_t seconds = floor_div(local, 1000000);
    *out = hana_zone_to_utc(style->zone, seconds, clock) * 1000000 +
           (local - seconds * 1000000);
}

static int from_text(const hana_csv_style *style, hana_type type, const char *format,
                     const hana_mixed_cell *cell, int64_t *integer, double *number,
                     int *clock)
{
    hana_csv_value value = { 0 };
    if (!hana_csv_parse_as(style, type, format, cell->text, cell->length, &value))
        return 0;
    *integer = value.integer;
    *number = value.number;
    *clock = value.clock;
    return 1;
}

int hana_mixed_convert(const hana_csv_style *style, hana_type type, const char *format,
                       const hana_mixed_cell *cell, int64_t *integer, double *number,
                       int *clock)
{
    hana_mixed_kind kind = cell->kind;
    *integer = cell->integer;
    *number = kind == HANA_MIXED_FLOAT ? cell->number : (double)cell->integer;
    *clock = 0;
    if (type == HANA_STRING || type == HANA_CATEGORY) return 1;
    if (kind == HANA_MIXED_STRING)
        return from_text(style, type, format, cell, integer, number, clock);
    switch (type) {
    case HANA_FLOAT:
        return kind == HANA_MIXED_INT || kind == HANA_MIXED_FLOAT;
    case HANA_INT:
        if (kind == HANA_MIXED_FLOAT && cell->number == floor(cell->number) &&
            fabs(cell->number) < 0x1p63) {
            *integer = (int64_t)cell->number;
            return 1;
        }
        return kind == HANA_MIXED_INT;
    case HANA_BOOL:
        return kind == HANA_MIXED_BOOL ||
               (kind == HANA_MIXED_INT && (cell->integer == 0 || cell->integer == 1));
    case HANA_DATE:
        if (kind == HANA_MIXED_DATETIME && cell->integer % DAY == 0) {
            *integer = cell->integer / DAY;
            return 1;
        }
        return kind == HANA_MIXED_DATE;
    case HANA_DATETIME:
        if (kind == HANA_MIXED_DATE)
            to_utc(style, cell->integer * DAY, integer, clock);
        else if (kind == HANA_MIXED_DATETIME)
            to_utc(style, cell->integer, integer, clock);
        return kind == HANA_MIXED_DATE || kind == HANA_MIXED_DATETIME;
    case HANA_STRING:
    case HANA_CATEGORY:
    case HANA_BLOCK:
        break;
    }
    return 0;
}

static hana_status add_text(hana_builder *builder, hana_text *scratch,
                            const hana_mixed_cell *cell, hana_error *err)
{
    if (cell->kind >= HANA_MIXED_STRING)
        return hana_builder_string(builder, cell->text, cell->length, err);
    scratch->length = 0;
    hana_mixed_print(scratch, cell);
    if (scratch->failed) return hana_fail_memory(err);
    return hana_builder_string(builder, scratch->data, scratch->length, err);
}

static hana_status add_cell(hana_builder *builder, hana_mixed_column *about, size_t i,
                            const hana_mixed_cell *cell, const hana_csv_style *style,
                            hana_error *err)
{
    hana_mixed_counts *counts = &about->counts;
    int64_t integer;
    double number;
    int clock;
    if (!hana_mixed_convert(style, about->type, about->format, cell, &integer, &number,
                            &clock)) {
        if (counts->failed++ == 0) counts->first_failed = i + 1;
        return hana_builder_null(builder, err);
    }
    if (about->type == HANA_DATETIME && clock == 1) {
        if (counts->gaps++ == 0) counts->first_gap = i + 1;
        return hana_builder_null(builder, err);
    }
    if (about->type == HANA_DATETIME && clock == 2 && counts->doubled++ == 0)
        counts->first_doubled = i + 1;
    if (about->type != HANA_FLOAT) return hana_builder_int(builder, integer, err);
    if (cell->kind == HANA_MIXED_INT &&
        (number >= 0x1p63 || (int64_t)number != cell->integer))
        counts->rounded++;
    return hana_builder_float(builder, number, err);
}

hana_status hana_mixed_build(hana_column **out, hana_mixed_column *about,
                             const hana_mixed *cells, const uint8_t *dropped,
                             const hana_csv_style *style, hana_error *err)
{
    hana_builder *builder = NULL;
    hana_text scratch = { 0 };
    hana_mixed_cursor cursor = { .of = cells };
    hana_mixed_cell cell;
    int texts = about->type == HANA_STRING || about->type == HANA_CATEGORY;
    HANA_TRY(hana_builder_new(&builder, about->type, cells->n, err));
    if (about->type == HANA_DATETIME)
        hana_builder_zone(builder, hana_zone_name(style->zone));
    hana_status status = HANA_OK;
    while (hana_mixed_next(&cursor, &cell)) {
        size_t i = cursor.i - 1;
        if (dropped && dropped[i]) continue;
        if (cell.kind == HANA_MIXED_NULL || cell.kind == HANA_MIXED_ERROR)
            HANA_GOTO(done, hana_builder_null(builder, err));
        else if (texts)
            HANA_GOTO(done, add_text(builder, &scratch, &cell, err));
        else
            HANA_GOTO(done, add_cell(builder, about, i, &cell, style, err));
    }
    status = hana_builder_take(out, builder, err);
done:
    hana_text_clear(&scratch);
    hana_builder_free(builder);
    return status;
}
