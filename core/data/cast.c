#include "base/job.h"
#include "base/text.h"
#include "base/time.h"
#include "data/column_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define MICROS_PER_DAY INT64_C(86400000000)

enum { EXAMPLE_SIZE = 60 };

/* A cast in progress. Cells that cannot be converted are null and counted; a strict one
   shows the first of them in its error. */
typedef struct casting {
    const hana_column *from;
    hana_type to;
    const char *format; /* of text that becomes a date or datetime, or NULL */
    size_t failed;
    size_t first[HANA_CAST_EXAMPLES]; /* rows */
    hana_builder *builder;
    const hana_zone *zone; /* of a datetime column, for its dates */
} casting;

static void note_failure(casting *c, size_t i)
{
    if (c->failed < HANA_CAST_EXAMPLES) c->first[c->failed] = i;
    c->failed++;
}

static hana_status refuse(casting *c, size_t i, hana_error *err)
{
    note_failure(c, i);
    return hana_builder_null(c->builder, err);
}

static void print_example(hana_text *out, const hana_column *column, size_t i)
{
    int quoted = column->type == HANA_STRING || column->type == HANA_CATEGORY;
    hana_text cell = { 0 };
    hana_column_print_cell(column, i, 1, &cell);
    size_t length = cell.length;
    if (length > EXAMPLE_SIZE) {
        length = EXAMPLE_SIZE;
        while (length > 0 && ((unsigned char)cell.data[length] & 0xc0) == 0x80) length--;
    }
    const char *quote = quoted ? "'" : "";
    hana_text_printf(out, "row %zu: %s%.*s%s%s", i + 1, quote, (int)length,
                     cell.data ? cell.data : "", length < cell.length ? "..." : "",
                     quote);
    if (cell.failed) out->failed = 1;
    hana_text_clear(&cell);
}

hana_status hana_cast_fail(const hana_column *column, const size_t *rows, size_t failed,
                           const char *what, hana_error *err)
{
    hana_text text = { 0 };
    size_t shown = failed < HANA_CAST_EXAMPLES ? failed : HANA_CAST_EXAMPLES;
    if (failed > 1)
        hana_text_printf(&text, "%zu of %zu cells %s: ", failed, column->length, what);
    for (size_t k = 0; k < shown; k++) {
        if (k) hana_text_puts(&text, ", ");
        print_example(&text, column, rows[k]);
    }
    if (failed == 1) hana_text_printf(&text, " %s", what);
    if (failed > shown) hana_text_puts(&text, ", ...");
    hana_status status = text.failed ? hana_fail_memory(err)
                                     : hana_fail(err, HANA_BAD_DATA, "%s", text.data);
    hana_text_clear(&text);
    return status;
}

/* A text without blanks at its ends. */
static const char *trimmed(const char *text, size_t *length)
{
    while (*length > 0 && (text[0] == ' ' || text[0] == '\t')) {
        text++;
        --*length;
    }
    while (*length > 0 && (text[*length - 1] == ' ' || text[*length - 1] == '\t'))
        --*length;
    return text;
}

static int first_is_finer(const casting *c)
{
    size_t length;
    if (c->to != HANA_DATETIME || c->from->type != HANA_STRING) return 0;
    const char *text = hana_column_string(c->from, c->first[0], &length);
    text = trimmed(text, &length);
    return hana_time_is_finer(text, length, c->format);
}

static hana_status fail(const casting *c, hana_error *err)
{
    char what[200];
    snprintf(what, sizeof what, "cannot become %s%s%.100s%s%s", hana_type_name(c->to),
             c->format ? " by the format '" : "", c->format ? c->format : "",
             c->format ? "'" : "",
             first_is_finer(c) ? ", which keeps 6 digits of a second" : "");
    return hana_cast_fail(c->from, c->first, c->failed, what, err);
}

/* 1 true, 0 false, -1 neither. */
static int parse_bool(const char *text, size_t length)
{
    static const char *const words[] = { "false", "true" };
    for (int k = 0; k < 2; k++) {
        size_t i = 0;
        while (i < length && words[k][i] && (text[i] | 0x20) == words[k][i]) i++;
        if (i == length && !words[k][i]) return k;
    }
    return -1;
}

static hana_status formatted_cell(casting *c, size_t i, hana_error *err)
{
    size_t length;
    const char *text = hana_column_string(c->from, i, &length);
    int64_t micros;
    int has_offset;
    if (!hana_parse_time_format(text, length, c->format, &micros, &has_offset))
        return refuse(c, i, err);
    int64_t days = micros / MICROS_PER_DAY - (micros % MICROS_PER_DAY < 0);
    return hana_builder_int(c->builder, c->to == HANA_DATE ? days : micros, err);
}

static hana_status text_cell(casting *c, size_t i, hana_error *err)
{
    size_t length;
    const char *raw = hana_column_string(c->from, i, &length);
    const char *text = trimmed(raw, &length);
    double number;
    int64_t integer;
    int32_t days;
    int has_offset, truth;
    switch (c->to) {
    case HANA_FLOAT:
        if (hana_parse_double(text, length, &number))
            return hana_builder_float(c->builder, number, err);
        break;
    case HANA_INT:
        if (hana_parse_int(text, length, &integer))
            return hana_builder_int(c->builder, integer, err);
        break;
    case HANA_BOOL:
        truth = parse_bool(text, length);
        if (truth >= 0) return hana_builder_int(c->builder, truth, err);
        break;
    case HANA_DATE:
        if (hana_parse_date(text, length, &days))
            return hana_builder_int(c->builder, days, err);
        break;
    case HANA_DATETIME:
        if (hana_parse_datetime(text, length, &integer, &has_offset))
            return hana_builder_int(c->builder, integer, err);
        if (hana_parse_date(text, length, &days) &&
            !__builtin_mul_overflow((int64_t)days, MICROS_PER_DAY, &integer))
            return hana_builder_int(c->builder, integer, err);
        break;
    case HANA_STRING:
    case HANA_CATEGORY:
    case HANA_BLOCK:
        break;
    }
    return refuse(c, i, err);
}

static hana_status number_cell(casting *c, size_t i, hana_error *err)
{
    double x = hana_column_number(c->from, i);
    int whole = c->from->type != HANA_FLOAT;
    int64_t integer = 0;
    if (c->from->type == HANA_INT || c->from->type == HANA_DATETIME)
        integer = hana_ints_of(c->from)[i];
    else if (x >= -0x1p63 && x < 0x1p63 && x == floor(x)) {
        integer = (int64_t)x;
        whole = 1;
    }
    if (c->to == HANA_FLOAT) return hana_builder_float(c->builder, x, err);
    if (c->to == HANA_INT && whole) return hana_builder_int(c->builder, integer, err);
    if (c->to == HANA_BOOL && whole && (integer == 0 || integer == 1))
        return hana_builder_int(c->builder, integer, err);
    return refuse(c, i, err);
}

static hana_status time_cell(casting *c, size_t i, hana_error *err)
{
    int64_t value;
    if (c->from->type == HANA_DATE) {
        if (!__builtin_mul_overflow((int64_t)hana_codes_of(c->from)[i], MICROS_PER_DAY,
                                    &value))
            return hana_builder_int(c->builder, value, err);
        return refuse(c, i, err);
    }
    int64_t micros = hana_ints_of(c->from)[i];
    int64_t seconds = micros / 1000000 - (micros % 1000000 < 0);
    seconds += hana_zone_offset(c->zone, seconds);
    value = seconds / 86400 - (seconds % 86400 < 0);
    return hana_builder_int(c->builder, value, err);
}

static hana_status print_cell(casting *c, size_t i, hana_text *scratch, hana_error *err)
{
    scratch->length = 0;
    hana_column_print_cell(c->from, i, 1, scratch);
    if (scratch->failed) return hana_fail_memory(err);
    return hana_builder_string(c->builder, scratch->data ? scratch->data : "",
                               scratch->length, err);
}

static int is_text(hana_type type)
{
    return type == HANA_STRING || type == HANA_CATEGORY;
}

static int is_time(hana_type type)
{
    return type == HANA_DATE || type == HANA_DATETIME;
}

static hana_status cells(casting *c, hana_text *scratch, hana_error *err)
{
    for (size_t i = 0; i < c->from->length; i++) {
        hana_status status;
        HANA_TRY(hana_poll(i, err));
        if (hana_null_at(c->from, i))
            status = hana_builder_null(c->builder, err);
        else if (c->format)
            status = formatted_cell(c, i, err);
        else if (is_text(c->to))
            status = print_cell(c, i, scratch, err);
        else if (is_text(c->from->type))
            status = text_cell(c, i, err);
        else if (is_time(c->to))
            status = time_cell(c, i, err);
        else
            status = number_cell(c, i, err);
        if (status != HANA_OK) return status;
    }
    return HANA_OK;
}

static hana_status by_cells(hana_column **out, casting *c, hana_error *err)
{
    if (c->from->type == HANA_DATETIME && c->to == HANA_DATE)
        HANA_TRY(hana_zone_get(&c->zone, c->from->zone, err));
    HANA_TRY(hana_builder_new(&c->builder, c->to, c->from->length, err));
    hana_text scratch = { 0 };
    hana_status status = cells(c, &scratch, err);
    if (status == HANA_OK) status = hana_builder_take(out, c->builder, err);
    hana_text_clear(&scratch);
    hana_builder_free(c->builder);
    return status;
}

static hana_status convert(hana_column **out, casting *c, hana_error *err);

/* Codes as rows of the levels, HANA_NO_ROW for nulls. */
static hana_status level_rows(size_t **out, const hana_column *column, hana_error *err)
{
    size_t *rows = hana_alloc(column->length, sizeof *rows);
    if (!rows) return hana_fail_memory(err);
    for (size_t i = 0; i < column->length; i++)
        rows[i] =
            hana_null_at(column, i) ? HANA_NO_ROW : (size_t)hana_codes_of(column)[i];
    *out = rows;
    return HANA_OK;
}

/* A category by its levels: each is converted once. Levels that no cell has may fail. */
static hana_status by_levels(hana_column **out, casting *c, hana_error *err)
{
    casting inner = { .from = c->from->levels, .to = c->to, .format = c->format };
    hana_column *levels, *column = NULL;
    size_t *rows = NULL;
    HANA_TRY(convert(&levels, &inner, err));
    hana_status status = level_rows(&rows, c->from, err);
    if (status == HANA_OK) {
        status = hana_column_take(&column, levels, rows, c->from->length, err);
        hana_free(rows);
    }
    hana_column_release(levels);
    HANA_TRY(status);
    if (column->nulls > c->from->nulls)
        for (size_t i = 0; i < column->length; i++)
            if (hana_null_at(column, i) && !hana_null_at(c->from, i)) note_failure(c, i);
    *out = column;
    return HANA_OK;
}

/* Numbers and times as categories: the levels are the distinct values in ascending order.
 */
static hana_status to_levels(hana_column **out, const hana_column *column,
                             hana_error *err)
{
    hana_column *values = NULL, *levels = NULL, *texts = NULL, *category = NULL;
    hana_builder *builder = NULL;
    hana_status status = hana_column_unique(&values, column, err);
    if (status == HANA_OK)
        status = hana_column_cast(&levels, values, HANA_STRING, NULL, err);
    if (status == HANA_OK)
        status = hana_column_cast(&texts, column, HANA_STRING, NULL, err);
    if (status == HANA_OK)
        status = hana_builder_new(&builder, HANA_CATEGORY, column->length, err);
    if (status == HANA_OK) status = hana_builder_levels(builder, levels, 0, err);
    for (size_t i = 0; status == HANA_OK && i < column->length; i++) {
        size_t length;
        const char *text = hana_column_string(texts, i, &length);
        if (column->type == HANA_FLOAT && hana_floats_of(column)[i] == 0) {
            text = "0.0"; /* -0.0 is no level of its own */
            length = 3;
        }
        status = hana_null_at(texts, i) ? hana_builder_null(builder, err)
                                        : hana_builder_string(builder, text, length, err);
    }
    if (status == HANA_OK) status = hana_builder_take(&category, builder, err);
    if (status == HANA_OK) *out = category;
    hana_builder_free(builder);
    hana_column_release(texts);
    hana_column_release(levels);
    hana_column_release(values);
    return status;
}

static hana_status ints_to_floats(hana_column **out, const hana_column *column,
                                  hana_error *err)
{
    hana_column *floats;
    HANA_TRY(hana_column_make(&floats, HANA_FLOAT, column->length, err));
    hana_status status;
    void *room;
    HANA_GOTO(failed,
              hana_column_room(&room, floats, column->length, sizeof(double), err));
    HANA_GOTO(failed, hana_column_validity_copy(floats, column->validity, err));
    double *to = room;
    const int64_t *from = column->values;
    for (size_t i = 0; i < column->length; i++) {
        to[i] = (double)from[i];
        if (hana_null_at(column, i)) to[i] = NAN;
    }
    *out = floats;
    return HANA_OK;
failed:
    hana_column_release(floats);
    return status;
}

static int possible(hana_type from, hana_type to)
{
    if (from == HANA_BLOCK || to == HANA_BLOCK) return 0;
    if (is_text(from) || is_text(to)) return 1;
    if (is_time(to)) return is_time(from);
    return !is_time(from) || to != HANA_BOOL;
}

/* What can be converted as the other type, the rest counted. */
static hana_status convert(hana_column **out, casting *c, hana_error *err)
{
    const hana_column *column = c->from;
    if (column->type == c->to) return hana_column_share(out, column, err);
    if (column->type == HANA_STRING && c->to == HANA_CATEGORY)
        return hana_column_to_category(out, column, 1, err);
    if (c->to == HANA_CATEGORY) return to_levels(out, column, err);
    if (column->type == HANA_CATEGORY) return by_levels(out, c, err);
    if (column->type == HANA_INT && c->to == HANA_FLOAT)
        return ints_to_floats(out, column, err);
    return by_cells(out, c, err);
}

/* As convert; strict unless the failures are asked for. */
static hana_status cast(hana_column **out, casting *c, size_t *failed, hana_error *err)
{
    hana_column *column;
    HANA_TRY(convert(&column, c, err));
    if (c->failed && !failed) {
        hana_column_release(column);
        return fail(c, err);
    }
    *out = column;
    if (failed) *failed = c->failed;
    return HANA_OK;
}

/* Nulls alone tell no type: a list of them becomes what it is said to be. */
static int only_nulls(const hana_column *column, hana_type type)
{
    return column->nulls == column->length && column->type != type &&
           column->type != HANA_BLOCK && type != HANA_BLOCK;
}

static hana_status all_null(hana_column **out, const hana_column *column, hana_type type,
                            size_t *failed, hana_error *err)
{
    HANA_TRY(hana_column_nulls_new(out, type, column->length, NULL, err));
    if (failed) *failed = 0;
    return HANA_OK;
}

hana_status hana_column_cast(hana_column **out, const hana_column *column, hana_type type,
                             size_t *failed, hana_error *err)
{
    if (only_nulls(column, type)) return all_null(out, column, type, failed, err);
    if (!possible(column->type, type))
        return hana_fail(err, HANA_BAD_TYPE, "%s cannot become %s",
                         hana_type_name(column->type), hana_type_name(type));
    casting c = { .from = column, .to = type };
    return cast(out, &c, failed, err);
}

hana_status hana_column_cast_format(hana_column **out, const hana_column *column,
                                    hana_type type, const char *format, size_t *failed,
                                    hana_error *err)
{
    if (!is_time(type))
        return hana_fail(err, HANA_BAD_ARGUMENT,
                         "a format goes with 'date' and 'datetime' only");
    HANA_TRY(hana_format_check(format, err));
    if (only_nulls(column, type)) return all_null(out, column, type, failed, err);
    if (!is_text(column->type))
        return hana_fail(err, HANA_BAD_TYPE, "is %s: a format reads text",
                         hana_type_name(column->type));
    casting c = { .from = column, .to = type, .format = format };
    return cast(out, &c, failed, err);
}
