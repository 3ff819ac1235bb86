#ifndef HANA_PLUGINS_SHEET_WRITER_H
#define HANA_PLUGINS_SHEET_WRITER_H

#include "base/cell.h"
#include "base/error.h"

/* Writing .xlsx files by libxlsxwriter. */

typedef struct hana_sheet_column {
    const char *name;
    double width;       /* in characters */
    const char *format; /* code of a number format, or NULL */
} hana_sheet_column;

typedef struct hana_sheet_table {
    const char *sheet; /* its name */
    const hana_sheet_column *columns;
    size_t rows, n;
    /* The cell: INT and FLOAT numbers, dates as serial numbers among them; BOOL, STRING
       or NULL. Its text is borrowed until the next call. */
    hana_status (*cell)(void *context, size_t row, size_t column, hana_mixed_cell *out,
                        hana_error *err);
    void *context;
} hana_sheet_table;

typedef struct hana_sheet_writer {
    /* One sheet with a bold header that stays in view. Numbers keep 16 digits. */
    hana_status (*write)(const char *path, const hana_sheet_table *table,
                         hana_error *err);
} hana_sheet_writer;

#endif
