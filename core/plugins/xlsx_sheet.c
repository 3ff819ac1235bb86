#include "xlsx_parts.h"

#include "base/text.h"
#include "base/time.h"

#include <stdio.h>
#include <string.h>

enum { MOST_ROWS = 1048576, MOST_COLUMNS = 16384, REFERENCE_SIZE = 24 };

/* The cell that is being read. */
typedef struct sheet {
    hana_workbook *book;
    const hana_sheet_sink *sink;
    size_t row, column; /* of the next cell, where it does not say */
    char type;          /* s: shared, i: inline, t: formula's text, b, e, d, n */
    size_t style;
    hana_text value, plain;
    int in_value, in_text, phonetic, in_cell, formula;
} sheet;

/* "AB12" as numbers from 0; 0 when it is none. Stops at ':' and the end. */
static int parse_reference(const char **text, size_t *row, size_t *column)
{
    const char *p = *text;
    size_t r = 0, c = 0;
    for (; *p >= 'A' && *p <= 'Z' && c <= MOST_COLUMNS; p++)
        c = c * 26 + (size_t)(*p - 'A' + 1);
    for (; *p >= '0' && *p <= '9' && r <= MOST_ROWS; p++) r = r * 10 + (size_t)(*p - '0');
    if (r == 0 || c == 0 || r > MOST_ROWS || c > MOST_COLUMNS || (*p && *p != ':'))
        return 0;
    *row = r - 1;
    *column = c - 1;
    *text = *p ? p + 1 : p;
    return 1;
}

static void print_reference(const sheet *s, char *out)
{
    char letters[8];
    int n = 0;
    for (size_t c = s->column + 1; c > 0; c = (c - 1) / 26)
        letters[n++] = (char)('A' + (c - 1) % 26);
    while (n > 0) *out++ = letters[--n];
    snprintf(out, 12, "%zu", s->row + 1);
}

static hana_status bad_cell(const sheet *s, const char *what, hana_error *err)
{
    char cell[REFERENCE_SIZE];
    print_reference(s, cell);
    return hana_fail(err, HANA_BAD_DATA, "cell %s: '%.60s' %s", cell,
                     s->value.data ? s->value.data : "", what);
}

static hana_status begin_cell(sheet *s, const char **attributes, hana_error *err)
{
    const char *where = hana_xml_attribute(attributes, "r"),
               *type = hana_xml_attribute(attributes, "t"),
               *style = hana_xml_attribute(attributes, "s");
    int64_t number;
    if (where) {
        size_t row, column;
        const char *at = where;
        if (!parse_reference(&at, &row, &column) || *at)
            return hana_fail(err, HANA_BAD_DATA, "'%.40s' is not the place of a cell",
                             where);
        s->row = row;
        s->column = column;
    }
    if (s->column >= MOST_COLUMNS || s->row >= MOST_ROWS)
        return hana_fail(err, HANA_BAD_DATA, "a cell beyond the end of the sheet");
    s->type = !type                            ? 'n'
              : strcmp(type, "inlineStr") == 0 ? 'i'
              : strcmp(type, "str") == 0       ? 't'
                                               : *type;
    s->style = style && hana_parse_int(style, strlen(style), &number) && number >= 0
                   ? (size_t)number
                   : SIZE_MAX;
    s->value.length = 0;
    if (s->value.data) s->value.data[0] = '\0';
    s->in_cell = 1;
    s->formula = 0;
    return HANA_OK;
}

static hana_status begin_merge(const sheet *s, const char **attributes, hana_error *err)
{
    size_t row, column, last_row, last_column;
    const char *area = hana_xml_attribute(attributes, "ref");
    if (!area || !parse_reference(&area, &row, &column)) return HANA_OK;
    if (!*area || !parse_reference(&area, &last_row, &last_column)) return HANA_OK;
    if (last_row < row || last_column < column) return HANA_OK;
    return s->sink->merge(s->sink->context, row, column, last_row, last_column, err);
}

static hana_status on_start(void *context, const char *name, const char **attributes,
                            hana_error *err)
{
    sheet *s = context;
    if (strcmp(name, "c") == 0) return begin_cell(s, attributes, err);
    if (strcmp(name, "v") == 0) {
        s->in_value = s->in_cell;
    } else if (strcmp(name, "f") == 0) {
        s->formula = s->in_cell;
    } else if (strcmp(name, "t") == 0) {
        s->in_text = s->in_cell && s->type == 'i' && !s->phonetic;
    } else if (strcmp(name, "rPh") == 0) {
        s->phonetic = 1;
    } else if (strcmp(name, "row") == 0) {
        const char *number = hana_xml_attribute(attributes, "r");
        int64_t row;
        if (number && hana_parse_int(number, strlen(number), &row)) {
            if (row < 1 || row > MOST_ROWS)
                return hana_fail(err, HANA_BAD_DATA, "a row numbered '%.40s'", number);
            s->row = (size_t)row - 1;
        }
        s->column = 0;
    } else if (strcmp(name, "mergeCell") == 0) {
        return begin_merge(s, attributes, err);
    }
    return HANA_OK;
}

static hana_status on_text(void *context, const char *text, size_t length,
                           hana_error *err)
{
    (void)err;
    sheet *s = context;
    if (s->in_value || s->in_text) hana_text_add(&s->value, text, length);
    return HANA_OK;
}

static hana_status number_cell(const sheet *s, hana_mixed_cell *cell, char *scratch,
                               hana_error *err)
{
    const hana_workbook *book = s->book;
    double number;
    hana_number_format shows = s->style < book->n_formats
                                   ? (hana_number_format)book->formats[s->style]
                                   : HANA_SHOWS_NUMBER;
    if (shows == HANA_SHOWS_NUMBER &&
        hana_parse_int(s->value.data, s->value.length, &cell->integer)) {
        cell->kind = HANA_MIXED_INT;
        return HANA_OK;
    }
    if (!hana_parse_double(s->value.data, s->value.length, &number) ||
        number - number != 0)
        return bad_cell(s, "is not a number", err);
    if (shows != HANA_SHOWS_NUMBER) {
        hana_serial_cell(cell, number, shows, book->date1904, scratch);
        return HANA_OK;
    }
    cell->kind = HANA_MIXED_FLOAT;
    cell->number = number;
    /* Written as 1E3 or 7.0, and still whole. */
    if (number >= -0x1p53 && number <= 0x1p53 && (double)(int64_t)number == number) {
        cell->kind = HANA_MIXED_INT;
        cell->integer = (int64_t)number;
    }
    return HANA_OK;
}

/* t="d": ISO 8601. */
static hana_status date_cell(const sheet *s, hana_mixed_cell *cell, hana_error *err)
{
    int32_t days;
    int64_t micros;
    int has_offset;
    if (hana_parse_date(s->value.data, s->value.length, &days)) {
        *cell = (hana_mixed_cell){ .kind = HANA_MIXED_DATE, .integer = days };
    } else if (hana_parse_datetime(s->value.data, s->value.length, &micros,
                                   &has_offset)) {
        *cell = (hana_mixed_cell){ .kind = HANA_MIXED_DATETIME, .integer = micros };
    } else {
        return bad_cell(s, "is not a date", err);
    }
    return HANA_OK;
}

static hana_status text_cell(sheet *s, hana_mixed_cell *cell, hana_error *err)
{
    s->plain.length = 0;
    hana_xlsx_unescape(&s->plain, s->value.data ? s->value.data : "", s->value.length);
    if (s->plain.failed) return hana_fail_memory(err);
    *cell = (hana_mixed_cell){ .kind = HANA_MIXED_STRING,
                               .text = s->plain.data,
                               .length = s->plain.length };
    return HANA_OK;
}

static hana_status shared_cell(const sheet *s, hana_mixed_cell *cell, hana_error *err)
{
    int64_t i;
    if (!hana_parse_int(s->value.data, s->value.length, &i) || i < 0 ||
        (uint64_t)i >= s->book->n_strings)
        return bad_cell(s, "is the number of no shared string", err);
    cell->kind = HANA_MIXED_STRING;
    cell->text = hana_xlsx_string(s->book, (size_t)i, &cell->length);
    return HANA_OK;
}

/* Values other than texts may stand between blanks (xsd:double collapses them). */
static void trim(hana_text *value)
{
    size_t lead = 0;
    while (value->length && (unsigned char)value->data[value->length - 1] <= ' ')
        value->length--;
    while (lead < value->length && (unsigned char)value->data[lead] <= ' ') lead++;
    memmove(value->data, value->data + lead, value->length - lead);
    value->length -= lead;
    value->data[value->length] = '\0';
}

static hana_status end_cell(sheet *s, hana_error *err)
{
    hana_mixed_cell cell = { 0 };
    char scratch[40];
    s->in_cell = 0;
    if (s->value.failed) return hana_fail_memory(err);
    if (s->value.length > 0 && s->type != 'i' && s->type != 't') trim(&s->value);
    if (s->value.length > 0) {
        switch (s->type) {
        case 's':
            HANA_TRY(shared_cell(s, &cell, err));
            break;
        case 'i':
        case 't':
            HANA_TRY(text_cell(s, &cell, err));
            break;
        case 'b':
            cell.kind = HANA_MIXED_BOOL;
            cell.integer = hana_xml_true(s->value.data);
            break;
        case 'e':
            cell.kind = HANA_MIXED_ERROR;
            cell.text = s->value.data;
            cell.length = s->value.length;
            break;
        case 'd':
            HANA_TRY(date_cell(s, &cell, err));
            break;
        default:
            HANA_TRY(number_cell(s, &cell, scratch, err));
        }
        HANA_TRY(s->sink->cell(s->sink->context, s->row, s->column, &cell, err));
    } else if (s->formula && s->type != 't') {
        cell.unsolved = 1;
        HANA_TRY(s->sink->cell(s->sink->context, s->row, s->column, &cell, err));
    }
    s->column++;
    return HANA_OK;
}

static hana_status on_end(void *context, const char *name, hana_error *err)
{
    sheet *s = context;
    if (strcmp(name, "c") == 0) return end_cell(s, err);
    if (strcmp(name, "v") == 0) s->in_value = 0;
    if (strcmp(name, "t") == 0) s->in_text = 0;
    if (strcmp(name, "rPh") == 0) s->phonetic = 0;
    if (strcmp(name, "row") == 0) s->row++;
    return HANA_OK;
}

hana_status hana_xlsx_read_sheet(hana_workbook *book, size_t i,
                                 const hana_sheet_sink *sink, hana_error *err)
{
    static const hana_xml_handlers handlers = { on_start, on_end, on_text };
    sheet s = { .book = book, .sink = sink };
    HANA_TRY(hana_xlsx_tables(book, err));
    hana_status status = hana_xlsx_parse(book, book->sheets[i].part, &handlers, &s, err);
    hana_text_clear(&s.value);
    hana_text_clear(&s.plain);
    return status;
}
