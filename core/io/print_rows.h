#ifndef HANA_IO_PRINT_ROWS_H
#define HANA_IO_PRINT_ROWS_H

#include "base/job.h"
#include "base/memory.h"
#include "data/frame.h"

/* How a frame becomes a text, row by row: blocks of rows are printed by several threads,
   some at once, and handed on one after the other while the next ones are printed. A
   block takes about a megabyte, however long the texts are, or is one row. */
typedef struct hana_row_printer {
    const hana_frame *frame;
    size_t row_bytes; /* what a row takes, roughly, without the cells of string columns */
    void *context;
    /* Appends rows from .. to - 1. Any thread. */
    hana_status (*print)(void *context, hana_text *out, size_t from, size_t to,
                         hana_error *err);
    /* Takes the next rows, printed. Any thread, one block after the other. */
    hana_status (*hand_on)(void *context, const hana_text *rows, hana_error *err);
} hana_row_printer;

/* Fails as if the rows were printed and handed on one by one. */
hana_status hana_print_rows(const hana_row_printer *printer, hana_job *job,
                            hana_error *err);

/* Test hook: blocks of so many bytes; 0 turns it off. What is printed must not depend on
   it. */
HANA_API void hana_print_rows_bytes(size_t bytes);

#endif
