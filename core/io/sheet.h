#ifndef HANA_IO_SHEET_H
#define HANA_IO_SHEET_H

#include "io/csv.h"

/* Which part of a workbook is a table. */
typedef struct hana_sheet_options {
    const char *name;  /* of the sheet; NULL: its number counts */
    int64_t number;    /* from 1 */
    const char *range; /* "A3:F200", "B:D", "3:200"; NULL: all that is filled */
    int64_t skip;      /* rows in front of the table */
    int64_t
        header_rows; /* their texts, joined by a blank, name the columns; 0: none do */
} hana_sheet_options;

/* Reads a sheet of an Excel workbook: a file or, with path NULL, text[0..length) (.xlsx
   or .xls, told apart by their content). The table begins in the first row that is not
   empty and ends behind the last. Of the other options count limit, types, columns, null,
   null_add, timezone and on_error. Types come from the cells: bool, int (whole numbers),
   float, date and datetime (numbers that a format shows as such, in both date systems),
   else string; a column with cells of several sorts is text, which is noted. Error cells
   are null and counted with their text, whatever on_error says; times of day are text and
   elapsed times seconds, which is noted; of merged cells the first has the value, in
   headers all. The report is that of hana_csv_read, with `format` in place of
   `delimiter`. What is no workbook is HANA_BAD_FORMAT that says what it is. Row ids: the
   hash of the bytes and the sheet's number, and the row of the table. */
HANA_API hana_status hana_sheet_read(hana_frame **out, hana_value *report,
                                     const char *path, const char *text, size_t length,
                                     const hana_sheet_options *sheet,
                                     const hana_csv_options *options, hana_job *job,
                                     hana_error *err);

/* The names of the sheets. */
HANA_API hana_status hana_sheet_names(hana_names *out, const char *path, hana_error *err);

#endif
