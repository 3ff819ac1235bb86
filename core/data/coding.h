#ifndef HANA_DATA_CODING_H
#define HANA_DATA_CODING_H

#include "data/column.h"

/* One key column as whole numbers in the order of its values: 0 .. top, and two that
   stand for NaN and for null. */
typedef struct hana_coding {
    uint64_t *codes;
    uint64_t top;
} hana_coding;

#define HANA_CODE_NULL UINT64_MAX
#define HANA_CODE_NAN (UINT64_MAX - 1)

/* `name` is for messages. With `ordered` 0, texts are numbered as they appear. */
hana_status hana_coding_make(hana_coding *out, const hana_column *column,
                             const char *name, int ordered, hana_error *err);
/* Codes of two columns that can be compared with each other for equality; a value that
   only one side can have, is null. */
hana_status hana_coding_make_pair(hana_coding *left_out, hana_coding *right_out,
                                  const hana_column *left, const hana_column *right,
                                  const char *left_name, const char *right_name,
                                  hana_error *err);

#endif
