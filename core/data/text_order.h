#ifndef HANA_DATA_TEXT_ORDER_H
#define HANA_DATA_TEXT_ORDER_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

/* The places of n texts in the order of their bytes, equal ones as they stand: text k is
   text[offsets[k] .. offsets[k + 1]). The caller frees *order. */
hana_status hana_text_order(size_t **order, const char *text, const int64_t *offsets,
                            size_t n, hana_error *err);

#endif
