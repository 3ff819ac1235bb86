#ifndef HANA_PLUGINS_WORKBOOK_H
#define HANA_PLUGINS_WORKBOOK_H

#include "base/cell.h"
#include "base/error.h"

/* Reading workbooks cell by cell: .xlsx by a plugin on libzip and expat, .xls by
   io/xls.c. */

/* Where the cells of a sheet go, row by row. Rows and columns are counted from 0. Cells
   without a value are not handed on, but for formulas without a result. Texts are
   borrowed for the call. */
typedef struct hana_sheet_sink {
    void *context;
    hana_status (*cell)(void *context, size_t row, size_t column,
                        const hana_mixed_cell *cell, hana_error *err);
    hana_status (*merge)(void *context, size_t row, size_t column, size_t last_row,
                         size_t last_column, hana_error *err);
} hana_sheet_sink;

typedef struct hana_workbook hana_workbook;

typedef struct hana_workbook_reader {
    /* The bytes outlive the workbook. Messages do not name the file. */
    hana_status (*open)(hana_workbook **out, const char *bytes, size_t length,
                        hana_error *err);
    void (*close)(hana_workbook *book); /* NULL is fine */
    size_t (*count)(const hana_workbook *book);
    const char *(*name)(const hana_workbook *book, size_t sheet);
    hana_status (*read)(hana_workbook *book, size_t sheet, const hana_sheet_sink *sink,
                        hana_error *err);
} hana_workbook_reader;

#endif
