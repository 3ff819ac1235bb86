#ifndef HANA_DATA_SELECTOR_H
#define HANA_DATA_SELECTOR_H

#include "data/frame.h"

/* Columns by name or by what they are (hana.cols): wherever a list of columns is asked
   for. Zeroed memory says nothing was given (`given` 0): the caller's default holds. */
typedef struct hana_columns {
    int given;
    int by_name; /* names count, in their order; else all columns that pass the tests
                    below */
    hana_names names;
    char *type; /* a type's name, "number" (float, int), "text" (string, category), "any"
                   or NULL */
    char *matches; /* PCRE2 pattern on the name, or NULL */
    hana_names except;
    struct hana_columns *parts; /* a list of names and selections: what each of them
                                   means, one behind the other, a column once; nothing
                                   above but `given` counts then */
    size_t n_parts;
} hana_columns;

HANA_API void hana_columns_clear(hana_columns *columns);
HANA_API hana_status hana_columns_copy(hana_columns *out, const hana_columns *columns,
                                       hana_error *err);
HANA_API hana_status hana_columns_by_name(hana_columns *out, const hana_names *names,
                                          hana_error *err);
/* From a value: a string (one name), a map { type, matches, except }, or a list of
   such. */
HANA_API hana_status hana_columns_from_value(hana_columns *out, const hana_value *value,
                                             hana_error *err);
/* Whether the column is asked for by its name, not by what it is. */
HANA_API int hana_columns_named(const hana_columns *columns, const char *name);
HANA_API hana_status hana_columns_to_value(hana_value *out, const hana_columns *columns,
                                           hana_error *err);
/* The names it means in this frame, into an empty *out. Names that the frame lacks are
   errors, those of `except` are not; `among` (may be NULL) limits a selection that is not
   by name. */
HANA_API hana_status hana_columns_resolve(hana_names *out, const hana_columns *columns,
                                          const hana_frame *frame,
                                          const hana_names *among, hana_error *err);

#endif
