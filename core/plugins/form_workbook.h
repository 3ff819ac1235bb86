#ifndef HANA_PLUGINS_FORM_WORKBOOK_H
#define HANA_PLUGINS_FORM_WORKBOOK_H

#include "base/error.h"

#include <stddef.h>

/* An empty table to be filled in with Excel, whose cells take only what they should;
   written by libxlsxwriter. */

typedef enum hana_form_kind {
    HANA_FORM_ANY,
    HANA_FORM_TEXT, /* cells are text: leading zeros stay */
    HANA_FORM_INT,
    HANA_FORM_FLOAT,
    HANA_FORM_DATE,
    HANA_FORM_CHOICE, /* a drop-down list of `choices` */
} hana_form_kind;

typedef struct hana_form_column {
    const char *name; /* the header */
    hana_form_kind kind;
    int required;    /* its header stands out */
    double min, max; /* of numbers; NaN: no limit */
    double max_length;
    const char *const *choices;
    size_t choice_count;
    /* What a selected cell shows and what a refused entry says; at most 255 characters.
     */
    const char *hint, *refusal;
} hana_form_column;

/* A sheet of instructions: rows of `columns` texts, the first row being the headings. */
typedef struct hana_form_guide {
    const char *sheet, *title;
    const char *const *cells;
    size_t rows, columns;
} hana_form_guide;

typedef struct hana_form_workbook {
    /* Writes the file anew: the sheet `sheet` with one column each and `rows` rows that
       are checked, the instructions behind it. */
    hana_status (*write)(const char *path, const char *sheet,
                         const hana_form_column *columns, size_t count, size_t rows,
                         const hana_form_guide *guide, hana_error *err);
} hana_form_workbook;

#endif
