#ifndef HANA_IO_WORKBOOK_H
#define HANA_IO_WORKBOOK_H

#include "io/files.h"
#include "plugins/workbook.h"

/* A workbook of either kind that was opened. Zeroed memory is none. */
typedef struct hana_opened_workbook {
    hana_bytes file;
    int has_file;
    const char *bytes;
    size_t length;
    const hana_workbook_reader *reader;
    hana_workbook *book;
} hana_opened_workbook;

/* Tells by the content what the file is (with path NULL: bytes[0..length), which outlive
   it), and opens it. What is no workbook is
   HANA_BAD_FORMAT in a sentence that says what it is instead. */
hana_status hana_workbook_open(hana_opened_workbook *out, const char *path,
                               const char *bytes, size_t length, hana_error *err);
void hana_workbook_close(hana_opened_workbook *workbook);

#endif
