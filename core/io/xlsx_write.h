#ifndef HANA_IO_XLSX_WRITE_H
#define HANA_IO_XLSX_WRITE_H

#include "base/job.h"
#include "data/frame.h"

/* Writes the frame as an .xlsx file with one sheet, atomically: a bold header, columns as
   wide as their content asks, numbers as numbers (with the 16 digits that the format is
   written with), bools, dates and datetimes as dates (the latter in their zone's time, to
   the millisecond), blocks as their features. Nulls, NaN and empty texts are empty cells.
   Whole numbers beyond 2^53, dates before 1900-03-01 and infinities cannot be numbers
   there: such a column is written as text, and a warning says so. More rows, columns or
   characters than a sheet holds are an error. */
HANA_API hana_status hana_xlsx_write(const hana_frame *frame, const char *path,
                                     const char *sheet, hana_job *job, hana_error *err);

#endif
