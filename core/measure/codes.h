#ifndef HANA_MEASURE_CODES_H
#define HANA_MEASURE_CODES_H

#include "data/column.h"

/* The cells of a column as indices into `classes`, a column of distinct ascending values
   as hana_column_unique gives them (text types go together, and number types). Nulls and
   values that are no class get -1. */
hana_status hana_codes_in(int32_t *codes, const hana_column *column,
                          const hana_column *classes, hana_error *err);

/* The distinct non-null values of two columns together, ascending; b may be NULL.
   HANA_BAD_TYPE when their types do not go together. */
hana_status hana_common_classes(hana_column **out, const hana_column *a,
                                const hana_column *b, hana_error *err);

/* The class that an option names, by its text or number; -1 when there is none. */
ptrdiff_t hana_class_find(const hana_column *classes, const hana_value *name);

#endif
