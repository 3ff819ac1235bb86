#define _GNU_SOURCE /* locale_t */
#include "sheet_writer.h"

#include "base/memory.h"

#include <locale.h>
#include <string.h>
#include <xlsxwriter.h>

typedef struct writing {
    const hana_sheet_table *table;
    lxw_workbook *book;
    lxw_worksheet *sheet;
    lxw_format *bold;
    lxw_format **formats; /* of each column, or NULL */
} writing;

static hana_status fail(lxw_error code, hana_error *err)
{
    if (code == LXW_ERROR_MEMORY_MALLOC_FAILED) return hana_fail_memory(err);
    return hana_fail(err, HANA_IO_FAILED, "write_xlsx: %s", lxw_strerror(code));
}

static hana_status check(lxw_error code, hana_error *err)
{
    return code == LXW_NO_ERROR ? HANA_OK : fail(code, err);
}

static int is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* Text that looks like the escape of a character, _x0041_, is not one. */
static int looks_escaped(const char *text, size_t left)
{
    if (left < 7 || text[0] != '_' || text[1] != 'x' || text[6] != '_') return 0;
    return is_hex(text[2]) && is_hex(text[3]) && is_hex(text[4]) && is_hex(text[5]);
}

static hana_status put_text(const writing *w, size_t row, size_t column,
                            const hana_mixed_cell *cell, hana_error *err)
{
    hana_text text = { 0 };
    for (size_t i = 0; i < cell->length; i++) {
        if (looks_escaped(cell->text + i, cell->length - i))
            hana_text_puts(&text, "_x005F");
        if (cell->text[i]) hana_text_putc(&text, cell->text[i]);
    }
    hana_text_puts(&text, "");
    hana_status status = text.failed ? hana_fail_memory(err) : HANA_OK;
    if (status == HANA_OK && text.length > 0)
        status = check(worksheet_write_string(w->sheet, (lxw_row_t)row, (lxw_col_t)column,
                                              text.data, NULL),
                       err);
    hana_text_clear(&text);
    return status;
}

static hana_status put_cell(const writing *w, size_t row, size_t column, hana_error *err)
{
    hana_mixed_cell cell = { 0 };
    lxw_row_t r = (lxw_row_t)(row + 1);
    lxw_col_t c = (lxw_col_t)column;
    lxw_format *format = w->formats[column];
    HANA_TRY(w->table->cell(w->table->context, row, column, &cell, err));
    switch (cell.kind) {
    case HANA_MIXED_INT:
        return check(worksheet_write_number(w->sheet, r, c, (double)cell.integer, format),
                     err);
    case HANA_MIXED_FLOAT:
        return check(worksheet_write_number(w->sheet, r, c, cell.number, format), err);
    case HANA_MIXED_BOOL:
        return check(worksheet_write_boolean(w->sheet, r, c, cell.integer != 0, format),
                     err);
    case HANA_MIXED_STRING:
        return put_text(w, row + 1, column, &cell, err);
    default:
        return HANA_OK;
    }
}

static hana_status put_header(writing *w, hana_error *err)
{
    const hana_sheet_table *t = w->table;
    w->bold = workbook_add_format(w->book);
    if (!w->bold) return hana_fail_memory(err);
    format_set_bold(w->bold);
    for (size_t j = 0; j < t->n; j++) {
        lxw_col_t c = (lxw_col_t)j;
        if (t->columns[j].format) {
            w->formats[j] = workbook_add_format(w->book);
            if (!w->formats[j]) return hana_fail_memory(err);
            format_set_num_format(w->formats[j], t->columns[j].format);
        }
        HANA_TRY(
            check(worksheet_set_column(w->sheet, c, c, t->columns[j].width, NULL), err));
        HANA_TRY(check(
            worksheet_write_string(w->sheet, 0, c, t->columns[j].name, w->bold), err));
    }
    worksheet_freeze_panes(w->sheet, 1, 0);
    return HANA_OK;
}

static hana_status put_table(writing *w, hana_error *err)
{
    /* Adding one prints a complaint; asking does not. */
    if (workbook_validate_sheet_name(w->book, w->table->sheet) != LXW_NO_ERROR)
        return hana_fail(err, HANA_BAD_ARGUMENT,
                         "write_xlsx: '%.100s' cannot be the name of a sheet: 1 to 31 "
                         "characters without [ ] : * ? / \\",
                         w->table->sheet);
    w->sheet = workbook_add_worksheet(w->book, w->table->sheet);
    if (!w->sheet) return hana_fail_memory(err);
    HANA_TRY(put_header(w, err));
    for (size_t i = 0; i < w->table->rows; i++)
        for (size_t j = 0; j < w->table->n; j++) HANA_TRY(put_cell(w, i, j, err));
    return HANA_OK;
}

static hana_status write_book(const char *path, const hana_sheet_table *table,
                              hana_error *err)
{
    lxw_workbook_options options = { .constant_memory = LXW_TRUE };
    writing w = { .table = table };
    w.formats = hana_alloc_zero(table->n, sizeof *w.formats);
    if (!w.formats) return hana_fail_memory(err);
    w.book = workbook_new_opt(path, &options);
    hana_status status = w.book ? put_table(&w, err) : hana_fail_memory(err);
    if (w.book) {
        /* Closing writes the file; only that frees what the workbook holds. */
        lxw_error code =
            w.sheet || status == HANA_OK ? workbook_close(w.book) : LXW_NO_ERROR;
        if (!w.sheet && status != HANA_OK) lxw_workbook_free(w.book);
        if (status == HANA_OK) status = check(code, err);
    }
    hana_free(w.formats);
    return status;
}

/* The library prints numbers as the locale of the thread wants them. */
static hana_status write_plainly(const char *path, const hana_sheet_table *table,
                                 hana_error *err)
{
    locale_t plain = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0);
    if (!plain) return hana_fail_memory(err);
    locale_t before = uselocale(plain);
    hana_status status = write_book(path, table, err);
    uselocale(before);
    freelocale(plain);
    return status;
}

extern HANA_API const hana_sheet_writer hana_plugin;
const hana_sheet_writer hana_plugin = { .write = write_plainly };
