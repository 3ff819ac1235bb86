#include "form_workbook.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <xlsxwriter.h>

enum { hint_limit = 255 };

static lxw_col_t col_of(size_t i)
{
    return (lxw_col_t)i;
}
static lxw_row_t row_of(size_t i)
{
    return (lxw_row_t)i;
}

static const lxw_datetime first_day = { .year = 1900, .month = 1, .day = 1 };

/* A number with one, two or no limits; whole when it must be. */
static void limits(lxw_data_validation *v, const hana_form_column *c)
{
    int whole = c->kind == HANA_FORM_INT, low = !isnan(c->min), high = !isnan(c->max);
    v->validate = whole ? LXW_VALIDATION_TYPE_INTEGER : LXW_VALIDATION_TYPE_DECIMAL;
    v->criteria = LXW_VALIDATION_CRITERIA_BETWEEN;
    v->minimum_number = low ? c->min : whole ? -2147483647.0 : -1e300;
    v->maximum_number = high ? c->max : whole ? 2147483647.0 : 1e300;
}

static lxw_error check(lxw_worksheet *sheet, const hana_form_column *c, size_t j,
                       size_t rows, const char *list)
{
    char hint[hint_limit * 4 + 1], refusal[hint_limit * 4 + 1];
    snprintf(hint, sizeof hint, "%s", c->hint ? c->hint : "");
    snprintf(refusal, sizeof refusal, "%s", c->refusal ? c->refusal : "");
    lxw_data_validation v = {
        .ignore_blank = c->required ? LXW_VALIDATION_OFF : LXW_VALIDATION_ON,
        .error_type = LXW_VALIDATION_ERROR_TYPE_STOP,
        .input_message = *hint ? hint : NULL,
        .error_message = *refusal ? refusal : NULL,
    };
    char formula[160];
    switch (c->kind) {
    case HANA_FORM_INT:
    case HANA_FORM_FLOAT:
        limits(&v, c);
        break;
    case HANA_FORM_DATE:
        v.validate = LXW_VALIDATION_TYPE_DATE;
        v.criteria = LXW_VALIDATION_CRITERIA_GREATER_THAN_OR_EQUAL_TO;
        v.value_datetime = first_day;
        break;
    case HANA_FORM_CHOICE:
        snprintf(formula, sizeof formula, "%s", list);
        v.validate = LXW_VALIDATION_TYPE_LIST_FORMULA;
        v.value_formula = formula;
        break;
    case HANA_FORM_ANY:
    case HANA_FORM_TEXT:
        if (isnan(c->max_length)) {
            v.validate = LXW_VALIDATION_TYPE_ANY;
        } else {
            v.validate = LXW_VALIDATION_TYPE_LENGTH;
            v.criteria = LXW_VALIDATION_CRITERIA_LESS_THAN_OR_EQUAL_TO;
            v.value_number = c->max_length;
        }
        break;
    }
    return worksheet_data_validation_range(sheet, 1, col_of(j), row_of(rows), col_of(j),
                                           &v);
}

static lxw_format *plain(lxw_workbook *book, const char *number)
{
    lxw_format *format = workbook_add_format(book);
    if (format && number) format_set_num_format(format, number);
    return format;
}

static lxw_format *heading(lxw_workbook *book, uint32_t color)
{
    lxw_format *format = workbook_add_format(book);
    if (!format) return NULL;
    format_set_bold(format);
    format_set_bg_color(format, color);
    format_set_bottom(format, LXW_BORDER_THIN);
    return format;
}

static lxw_error write_guide(lxw_workbook *book, const hana_form_guide *guide)
{
    lxw_worksheet *sheet = workbook_add_worksheet(book, guide->sheet);
    lxw_format *bold = heading(book, 0xE8EFF9), *wrap = workbook_add_format(book);
    if (!sheet || !bold || !wrap) return LXW_ERROR_MEMORY_MALLOC_FAILED;
    format_set_text_wrap(wrap);
    format_set_align(wrap, LXW_ALIGN_VERTICAL_TOP);
    lxw_error failed = worksheet_write_string(sheet, 0, 0, guide->title, NULL);
    for (size_t i = 0; i < guide->rows && !failed; i++)
        for (size_t j = 0; j < guide->columns && !failed; j++)
            failed = worksheet_write_string(sheet, row_of(i + 2), col_of(j),
                                            guide->cells[i * guide->columns + j],
                                            i == 0 ? bold : wrap);
    if (!failed && guide->columns > 0)
        failed = worksheet_set_column(sheet, 0, col_of(guide->columns - 1), 22, NULL);
    return failed;
}

/* The choices of column j of the form, in column j of the sheet of lists. */
static lxw_error write_choices(lxw_worksheet *lists, const hana_form_column *c, size_t j,
                               char *formula, size_t size)
{
    lxw_error failed = LXW_NO_ERROR;
    for (size_t k = 0; k < c->choice_count && !failed; k++)
        failed = worksheet_write_string(lists, row_of(k), col_of(j), c->choices[k], NULL);
    char range[LXW_MAX_CELL_RANGE_LENGTH];
    lxw_rowcol_to_range_abs(range, 0, col_of(j), row_of(c->choice_count - 1), col_of(j));
    snprintf(formula, size, "=_lists!%s", range);
    return failed;
}

static lxw_error fill(lxw_workbook *book, const char *name,
                      const hana_form_column *columns, size_t count, size_t rows,
                      const hana_form_guide *guide)
{
    lxw_worksheet *sheet = workbook_add_worksheet(book, name), *lists = NULL;
    lxw_format *must = heading(book, 0xFDF2DF), *may = heading(book, 0xF1F2F5),
               *text = plain(book, "@"), *day = plain(book, "yyyy-mm-dd");
    if (!sheet || !must || !may || !text || !day) return LXW_ERROR_MEMORY_MALLOC_FAILED;
    lxw_error failed = write_guide(book, guide);
    for (size_t j = 0; j < count && !failed; j++) {
        const hana_form_column *c = &columns[j];
        char formula[160] = "";
        lxw_format *cells = c->kind == HANA_FORM_DATE   ? day
                            : c->kind == HANA_FORM_TEXT ? text
                                                        : NULL;
        failed = worksheet_set_column(sheet, col_of(j), col_of(j), 18, cells);
        if (!failed)
            failed = worksheet_write_string(sheet, 0, col_of(j), c->name,
                                            c->required ? must : may);
        if (!failed && c->kind == HANA_FORM_CHOICE) {
            if (!lists) {
                lists = workbook_add_worksheet(book, "_lists");
                if (!lists) return LXW_ERROR_MEMORY_MALLOC_FAILED;
                worksheet_hide(lists);
            }
            failed = write_choices(lists, c, j, formula, sizeof formula);
        }
        if (!failed &&
            (c->kind > HANA_FORM_TEXT || !isnan(c->max_length) || (c->hint && *c->hint)))
            failed = check(sheet, c, j, rows, formula);
    }
    worksheet_freeze_panes(sheet, 1, 0);
    worksheet_activate(sheet);
    return failed;
}

static hana_status write(const char *path, const char *sheet,
                         const hana_form_column *columns, size_t count, size_t rows,
                         const hana_form_guide *guide, hana_error *err)
{
    char part[4096];
    int length = snprintf(part, sizeof part, "%s.part", path);
    if (length < 0 || (size_t)length >= sizeof part)
        return hana_fail(err, HANA_BAD_ARGUMENT, "%s: the name is too long", path);
    lxw_workbook *book = workbook_new(part);
    if (!book) return hana_fail_memory(err);
    lxw_error failed = fill(book, sheet, columns, count, rows, guide);
    lxw_error closed = workbook_close(book);
    if (!failed) failed = closed;
    if (!failed && rename(part, path) == 0) return HANA_OK;
    remove(part);
    return hana_fail(err, HANA_IO_FAILED, "%s: the workbook cannot be written%s%s", path,
                     failed ? ": " : "", failed ? lxw_strerror(failed) : "");
}

extern HANA_API const hana_form_workbook hana_plugin;
const hana_form_workbook hana_plugin = { .write = write };
