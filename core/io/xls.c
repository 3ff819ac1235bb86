#include "xls.h"

#include "base/number_format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Records (MS-XLS 2.3). */
enum {
    FORMULA = 0x06,
    END = 0x0A,
    DATE_MODE = 0x22,
    FILE_PASS = 0x2F,
    CODE_PAGE = 0x42,
    BOUND_SHEET = 0x85,
    MUL_RK = 0xBD,
    RICH_STRING = 0xD6,
    XF = 0xE0,
    MERGED_CELLS = 0xE5,
    SST = 0xFC,
    LABEL_SST = 0xFD,
    NUMBER = 0x203,
    LABEL = 0x204,
    BOOL_ERR = 0x205,
    STRING = 0x207,
    RK = 0x27E,
    FORMAT = 0x41E,
    BEGIN = 0x809
};

typedef struct sheet {
    char *name;
    size_t at; /* where its records begin */
} sheet;

typedef struct custom_format {
    uint32_t id;
    hana_number_format shows;
} custom_format;

struct hana_workbook {
    hana_text stream;
    const char *encoding; /* of texts before Excel 97; NULL: they are UTF-16 */
    int date1904;
    sheet *sheets;
    size_t n_sheets;
    hana_text strings; /* the shared strings, one behind the other */
    size_t *string_ends;
    size_t n_strings;
    custom_format *custom;
    size_t n_custom;
    uint8_t *formats; /* hana_number_format of each style */
    size_t n_formats;
};

static void close_book(hana_workbook *book)
{
    if (!book) return;
    for (size_t i = 0; i < book->n_sheets; i++) hana_free(book->sheets[i].name);
    hana_free(book->sheets);
    hana_text_clear(&book->stream);
    hana_text_clear(&book->strings);
    hana_free(book->string_ends);
    hana_free(book->custom);
    hana_free(book->formats);
    hana_free(book);
}

/* The record at *at, which moves behind it; 0 at the end of the stream. */
static int next_record(const hana_workbook *book, size_t *at, uint32_t *id,
                       hana_xls_record *out)
{
    const char *data = book->stream.data;
    size_t length = book->stream.length;
    if (*at > length || length - *at < 4) return 0;
    *id = hana_u16_at(data + *at);
    size_t n = hana_u16_at(data + *at + 2);
    if (length - *at - 4 < n) n = length - *at - 4;
    out->at = data + *at + 4;
    out->end = out->next = out->at + n;
    out->all = data + length;
    *at += 4 + n;
    return 1;
}

static size_t left(const hana_xls_record *r)
{
    return (size_t)(r->end - r->at);
}

static hana_status cut_off(hana_error *err)
{
    return hana_fail(err, HANA_BAD_FORMAT,
                     "not a whole Excel workbook: a record is cut off");
}

/* --- what holds for all sheets ----------------------------------------------------- */

static hana_status add_sheet(hana_workbook *book, hana_xls_record *r, hana_error *err)
{
    hana_text name = { 0 };
    if (left(r) < 8) return cut_off(err);
    size_t at = hana_u32_at(r->at);
    int is_sheet = r->at[5] == 0; /* else a chart, a macro */
    r->at += 6;
    if (!is_sheet) return HANA_OK;
    sheet *grown = hana_realloc(book->sheets, book->n_sheets + 1, sizeof *grown);
    if (!grown) return hana_fail_memory(err);
    book->sheets = grown;
    hana_text_puts(&name, "");
    if (!hana_xls_string(&name, r, 1, book->encoding)) {
        hana_text_clear(&name);
        return cut_off(err);
    }
    book->sheets[book->n_sheets].at = at;
    HANA_TRY(hana_text_take(&book->sheets[book->n_sheets].name, &name, err));
    book->n_sheets++;
    return HANA_OK;
}

static hana_status add_format(hana_workbook *book, hana_xls_record *r, hana_error *err)
{
    hana_text code = { 0 };
    if (left(r) < 4) return cut_off(err);
    uint32_t id = hana_u16_at(r->at);
    r->at += 2;
    custom_format *grown = hana_realloc(book->custom, book->n_custom + 1, sizeof *grown);
    if (!grown) return hana_fail_memory(err);
    book->custom = grown;
    hana_text_puts(&code, "");
    int whole = hana_xls_string(&code, r, book->encoding ? 1 : 2, book->encoding);
    if (whole && !code.failed)
        book->custom[book->n_custom++] =
            (custom_format){ id, hana_number_format_of_code(code.data) };
    hana_status status = code.failed ? hana_fail_memory(err) : HANA_OK;
    hana_text_clear(&code);
    return status;
}

static hana_status add_style(hana_workbook *book, const hana_xls_record *r,
                             hana_error *err)
{
    if (left(r) < 4) return cut_off(err);
    uint32_t id = hana_u16_at(r->at + 2);
    hana_number_format shows = hana_number_format_of_id(id);
    for (size_t i = 0; i < book->n_custom; i++)
        if (book->custom[i].id == id) shows = book->custom[i].shows;
    uint8_t *grown = hana_realloc(book->formats, book->n_formats + 1, 1);
    if (!grown) return hana_fail_memory(err);
    book->formats = grown;
    book->formats[book->n_formats++] = (uint8_t)shows;
    return HANA_OK;
}

static hana_status add_strings(hana_workbook *book, hana_xls_record *r, hana_error *err)
{
    if (left(r) < 8) return cut_off(err);
    size_t n = hana_u32_at(r->at + 4);
    r->at += 8;
    if (book->string_ends) return HANA_OK;
    if (n > book->stream.length / 3) n = book->stream.length / 3; /* three bytes each */
    book->string_ends = hana_alloc(n, sizeof *book->string_ends);
    if (!book->string_ends) return hana_fail_memory(err);
    hana_text_puts(&book->strings, "");
    while (book->n_strings < n) {
        if (!hana_xls_string(&book->strings, r, 2, NULL)) break;
        book->string_ends[book->n_strings++] = book->strings.length;
    }
    return book->strings.failed ? hana_fail_memory(err) : HANA_OK;
}

static hana_status set_version(hana_workbook *book, const hana_xls_record *r,
                               hana_error *err)
{
    uint32_t version = left(r) >= 2 ? hana_u16_at(r->at) : 0;
    if (version == 0x600) return HANA_OK;
    if (version != 0x500)
        return hana_fail(err, HANA_UNSUPPORTED,
                         "a workbook of Excel 4 or older: save it as .xlsx or CSV");
    book->encoding = "windows-1252";
    return HANA_OK;
}

static hana_status read_globals(hana_workbook *book, hana_error *err)
{
    size_t at = 0;
    uint32_t id;
    hana_xls_record r;
    if (!next_record(book, &at, &id, &r) || id != BEGIN)
        return hana_fail(err, HANA_UNSUPPORTED,
                         "a workbook of Excel 4 or older: save it as .xlsx or CSV");
    HANA_TRY(set_version(book, &r, err));
    while (next_record(book, &at, &id, &r) && id != END) {
        switch (id) {
        case FILE_PASS:
            return hana_fail(err, HANA_UNSUPPORTED,
                             "the workbook is encrypted with a password: save it without "
                             "one");
        case CODE_PAGE:
            if (book->encoding && left(&r) >= 2 && hana_u16_at(r.at) == 949)
                book->encoding = "cp949";
            break;
        case DATE_MODE:
            book->date1904 = left(&r) >= 2 && hana_u16_at(r.at) == 1;
            break;
        case BOUND_SHEET:
            HANA_TRY(add_sheet(book, &r, err));
            break;
        case FORMAT:
            HANA_TRY(add_format(book, &r, err));
            break;
        case XF:
            HANA_TRY(add_style(book, &r, err));
            break;
        case SST:
            HANA_TRY(add_strings(book, &r, err));
            break;
        default:
            break;
        }
    }
    return HANA_OK;
}

static hana_status open_book(hana_workbook **out, const char *bytes, size_t length,
                             hana_error *err)
{
    hana_workbook *book = hana_alloc_zero(1, sizeof *book);
    if (!book) return hana_fail_memory(err);
    hana_status status = hana_xls_stream(&book->stream, bytes, length, err);
    if (status == HANA_OK) status = read_globals(book, err);
    if (status != HANA_OK) {
        close_book(book);
        return status;
    }
    *out = book;
    return HANA_OK;
}

static size_t count(const hana_workbook *book)
{
    return book->n_sheets;
}

static const char *name_of(const hana_workbook *book, size_t i)
{
    return book->sheets[i].name;
}

/* --- a sheet ----------------------------------------------------------------------- */

/* Cells are collected first: not all programs write them in order. */
typedef struct found_cell {
    uint32_t row, column;
    size_t order;
    hana_mixed_cell cell;
    size_t text; /* where its text begins in `texts`; SIZE_MAX: it is borrowed */
} found_cell;

typedef struct reading {
    const hana_workbook *book;
    found_cell *cells;
    size_t n, capacity;
    hana_text texts;
    int waiting; /* the last cell is a formula whose text comes in a record of its own */
} reading;

static hana_status add_cell(reading *s, uint32_t row, uint32_t column,
                            const hana_mixed_cell *cell, hana_error *err)
{
    if (s->n == s->capacity) {
        size_t capacity = s->capacity ? s->capacity * 2 : 256;
        found_cell *grown = hana_realloc(s->cells, capacity, sizeof *grown);
        if (!grown) return hana_fail_memory(err);
        s->cells = grown;
        s->capacity = capacity;
    }
    s->cells[s->n] = (found_cell){ row, column, s->n, *cell, SIZE_MAX };
    s->n++;
    return HANA_OK;
}

/* Makes the text that was appended to `texts` from `from` on that of the last cell. */
static hana_status own_text(reading *s, size_t from, hana_error *err)
{
    if (s->texts.failed) return hana_fail_memory(err);
    found_cell *c = &s->cells[s->n - 1];
    c->text = from;
    c->cell.length = s->texts.length - from;
    return HANA_OK;
}

static hana_status add_number(reading *s, uint32_t row, uint32_t column, uint32_t style,
                              double number, hana_error *err)
{
    const hana_workbook *book = s->book;
    hana_mixed_cell cell = { .kind = HANA_MIXED_FLOAT, .number = number };
    char scratch[40];
    hana_number_format shows = style < book->n_formats
                                   ? (hana_number_format)book->formats[style]
                                   : HANA_SHOWS_NUMBER;
    if (number - number != 0) return HANA_OK;
    if (shows != HANA_SHOWS_NUMBER) {
        hana_serial_cell(&cell, number, shows, book->date1904, scratch);
    } else if (number >= -0x1p53 && number <= 0x1p53 &&
               (double)(int64_t)number == number) {
        cell.kind = HANA_MIXED_INT;
        cell.integer = (int64_t)number;
    }
    size_t from = s->texts.length;
    if (cell.text) hana_text_add(&s->texts, cell.text, cell.length);
    HANA_TRY(add_cell(s, row, column, &cell, err));
    return cell.text ? own_text(s, from, err) : HANA_OK;
}

/* 30 bits of a number, as a whole or as the upper part of a double, or a hundredth of
   it. */
static double rk_number(uint32_t rk)
{
    double number;
    if (rk & 2) {
        number = (double)((int32_t)(rk & ~3u) / 4);
    } else {
        uint64_t bits = (uint64_t)(rk & ~3u) << 32;
        memcpy(&number, &bits, sizeof number);
    }
    return rk & 1 ? number / 100 : number;
}

static double double_at(const char *bytes)
{
    uint64_t bits = hana_u32_at(bytes) | (uint64_t)hana_u32_at(bytes + 4) << 32;
    double number;
    memcpy(&number, &bits, sizeof number);
    return number;
}

static hana_status add_bool_or_error(reading *s, uint32_t row, uint32_t column, int value,
                                     int is_error, hana_error *err)
{
    static const struct {
        int code;
        const char *text;
    } errors[] = { { 0, "#NULL!" }, { 7, "#DIV/0!" },       { 15, "#VALUE!" },
                   { 23, "#REF!" }, { 29, "#NAME?" },       { 36, "#NUM!" },
                   { 42, "#N/A" },  { 43, "#GETTING_DATA" } };
    hana_mixed_cell cell = { .kind = HANA_MIXED_BOOL, .integer = value != 0 };
    if (is_error) {
        cell =
            (hana_mixed_cell){ .kind = HANA_MIXED_ERROR, .text = "#ERROR!", .length = 7 };
        for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
            if (errors[i].code == value) cell.text = errors[i].text;
        cell.length = strlen(cell.text);
    }
    return add_cell(s, row, column, &cell, err);
}

static hana_status add_formula(reading *s, uint32_t row, uint32_t column, uint32_t style,
                               const char *result, hana_error *err)
{
    static const hana_mixed_cell text = { .kind = HANA_MIXED_STRING };
    if (hana_u16_at(result + 6) != 0xFFFF)
        return add_number(s, row, column, style, double_at(result), err);
    switch (result[0]) {
    case 0:
        s->waiting = 1;
        return add_cell(s, row, column, &text, err);
    case 1:
    case 2:
        return add_bool_or_error(s, row, column, (unsigned char)result[2], result[0] == 2,
                                 err);
    default:
        return HANA_OK; /* an empty text */
    }
}

static hana_status add_shared(reading *s, uint32_t row, uint32_t column, size_t i,
                              hana_error *err)
{
    const hana_workbook *book = s->book;
    if (i >= book->n_strings)
        return hana_fail(err, HANA_BAD_DATA, "row %u, column %u: no shared string %zu",
                         row + 1, column + 1, i);
    size_t from = i ? book->string_ends[i - 1] : 0;
    hana_mixed_cell cell = { .kind = HANA_MIXED_STRING,
                             .text = book->strings.data + from,
                             .length = book->string_ends[i] - from };
    return add_cell(s, row, column, &cell, err);
}

static hana_status add_label(reading *s, uint32_t row, uint32_t column,
                             hana_xls_record *r, hana_error *err)
{
    static const hana_mixed_cell text = { .kind = HANA_MIXED_STRING };
    size_t from = s->texts.length;
    if (!hana_xls_string(&s->texts, r, 2, s->book->encoding)) return cut_off(err);
    HANA_TRY(add_cell(s, row, column, &text, err));
    return own_text(s, from, err);
}

/* A record that begins with row, column and style. */
static hana_status take_cell(reading *s, uint32_t id, hana_xls_record *r, hana_error *err)
{
    if (left(r) < 6) return cut_off(err);
    uint32_t row = hana_u16_at(r->at), column = hana_u16_at(r->at + 2),
             style = hana_u16_at(r->at + 4);
    const char *at = r->at += 6;
    size_t n = left(r), need = id == NUMBER || id == FORMULA ? 8
                               : id == BOOL_ERR              ? 2
                               : id == MUL_RK                ? 0
                                                             : 4;
    if (id == LABEL || id == RICH_STRING) return add_label(s, row, column, r, err);
    if (n < need) return cut_off(err);
    switch (id) {
    case NUMBER:
        return add_number(s, row, column, style, double_at(at), err);
    case FORMULA:
        return add_formula(s, row, column, style, at, err);
    case RK:
        return add_number(s, row, column, style, rk_number(hana_u32_at(at)), err);
    case LABEL_SST:
        return add_shared(s, row, column, hana_u32_at(at), err);
    case BOOL_ERR:
        return add_bool_or_error(s, row, column, (unsigned char)at[0], at[1] != 0, err);
    default: /* MUL_RK: (style, number) of one column after the other, then the last */
        for (at -= 2, n += 2; n >= 8; at += 6, n -= 6)
            HANA_TRY(add_number(s, row, column++, hana_u16_at(at),
                                rk_number(hana_u32_at(at + 2)), err));
        return HANA_OK;
    }
}

static hana_status take_text(reading *s, hana_xls_record *r, hana_error *err)
{
    if (!s->waiting) return HANA_OK;
    s->waiting = 0;
    size_t from = s->texts.length;
    if (!hana_xls_string(&s->texts, r, 2, s->book->encoding)) return cut_off(err);
    return own_text(s, from, err);
}

static int by_place(const void *a, const void *b)
{
    const found_cell *x = a, *y = b;
    if (x->row != y->row) return x->row < y->row ? -1 : 1;
    if (x->column != y->column) return x->column < y->column ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

static hana_status hand_on(reading *s, const hana_sheet_sink *sink, hana_error *err)
{
    int sorted = 1;
    for (size_t i = 1; i < s->n && sorted; i++)
        sorted = by_place(&s->cells[i - 1], &s->cells[i]) < 0;
    if (!sorted) qsort(s->cells, s->n, sizeof *s->cells, by_place);
    for (size_t i = 0; i < s->n; i++) {
        found_cell *c = &s->cells[i];
        int again = i + 1 < s->n && c->row == s->cells[i + 1].row &&
                    c->column == s->cells[i + 1].column;
        if (again) continue; /* the last that was written counts */
        if (c->text != SIZE_MAX) c->cell.text = s->texts.data + c->text;
        HANA_TRY(sink->cell(sink->context, c->row, c->column, &c->cell, err));
    }
    return HANA_OK;
}

static hana_status merges(const hana_xls_record *r, const hana_sheet_sink *sink,
                          hana_error *err)
{
    for (const char *at = r->at + 2; r->end - at >= 8; at += 8)
        HANA_TRY(sink->merge(sink->context, hana_u16_at(at), hana_u16_at(at + 4),
                             hana_u16_at(at + 2), hana_u16_at(at + 6), err));
    return HANA_OK;
}

/* Calls for the records of the sheet, which may hold charts with records of their own;
   `merged` chooses the merged cells, which are told once the cells are. */
static hana_status read_records(reading *s, size_t at, int merged,
                                const hana_sheet_sink *sink, hana_error *err)
{
    uint32_t id;
    hana_xls_record r;
    size_t depth = 0;
    while (next_record(s->book, &at, &id, &r)) {
        if (id == BEGIN) depth++;
        if (id == END && --depth == 0) return HANA_OK;
        if (depth == 0)
            return hana_fail(err, HANA_BAD_FORMAT,
                             "its records do not begin where they should");
        if (depth > 1) continue;
        switch (id) {
        case FORMULA:
        case MUL_RK:
        case RICH_STRING:
        case LABEL_SST:
        case NUMBER:
        case LABEL:
        case BOOL_ERR:
        case RK:
            if (!merged) HANA_TRY(take_cell(s, id, &r, err));
            break;
        case STRING:
            if (!merged) HANA_TRY(take_text(s, &r, err));
            break;
        case MERGED_CELLS:
            if (merged) HANA_TRY(merges(&r, sink, err));
            break;
        default:
            break;
        }
    }
    return cut_off(err);
}

static hana_status read_sheet(hana_workbook *book, size_t i, const hana_sheet_sink *sink,
                              hana_error *err)
{
    reading s = { .book = book };
    hana_text_puts(&s.texts, "");
    hana_status status = read_records(&s, book->sheets[i].at, 0, sink, err);
    if (status == HANA_OK) status = hand_on(&s, sink, err);
    if (status == HANA_OK) status = read_records(&s, book->sheets[i].at, 1, sink, err);
    hana_free(s.cells);
    hana_text_clear(&s.texts);
    return status;
}

const hana_workbook_reader hana_xls_reader = { .open = open_book,
                                               .close = close_book,
                                               .count = count,
                                               .name = name_of,
                                               .read = read_sheet };
