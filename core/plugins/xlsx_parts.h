#ifndef HANA_PLUGINS_XLSX_PARTS_H
#define HANA_PLUGINS_XLSX_PARTS_H

/* The inside of the reader of .xlsx files, for its own files. */

#include "base/memory.h"
#include "base/number_format.h"
#include "workbook.h"

#include <expat.h>
#include <zip.h>

typedef struct hana_xlsx_sheet {
    char *name, *relation, *part;
} hana_xlsx_sheet;

struct hana_workbook {
    zip_t *zip;
    size_t size;     /* of the file */
    size_t unpacked; /* bytes read so far */
    size_t allowed;  /* bytes that may be read: more is a bomb */
    int date1904;
    char *main, *strings_part, *styles_part;
    hana_xlsx_sheet *sheets;
    size_t n_sheets;
    int has_tables;      /* strings and formats have been read */
    hana_text strings;   /* the shared strings, one behind the other */
    size_t *string_ends; /* where each ends */
    size_t n_strings, strings_capacity;
    uint8_t *formats; /* hana_number_format of each style */
    size_t n_formats, formats_capacity;
};

/* What is told of a part while it is parsed. Names come without their prefix. A handler
   fails by leaving a message in its context and returning its status. */
typedef struct hana_xml_handlers {
    hana_status (*start)(void *context, const char *name, const char **attributes,
                         hana_error *err);
    hana_status (*end)(void *context, const char *name, hana_error *err);
    hana_status (*text)(void *context, const char *text, size_t length, hana_error *err);
} hana_xml_handlers;

/* Parses a part of the package. A missing part is HANA_BAD_FORMAT. Handlers may be NULL.
 */
hana_status hana_xlsx_parse(hana_workbook *book, const char *part,
                            const hana_xml_handlers *handlers, void *context,
                            hana_error *err);
/* The attribute's value (its name without prefix), or NULL. */
const char *hana_xml_attribute(const char **attributes, const char *name);
int hana_xml_true(const char *value); /* "1" or "true" */
/* Appends text, with _xHHHH_ as the character that it stands for. */
void hana_xlsx_unescape(hana_text *out, const char *text, size_t length);

/* Shared strings and number formats, read once. */
hana_status hana_xlsx_tables(hana_workbook *book, hana_error *err);
const char *hana_xlsx_string(const hana_workbook *book, size_t i, size_t *length);

/* --- xlsx_sheet.c ------------------------------------------------------------------ */
hana_status hana_xlsx_read_sheet(hana_workbook *book, size_t sheet,
                                 const hana_sheet_sink *sink, hana_error *err);

#endif
