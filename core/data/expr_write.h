#ifndef HANA_DATA_EXPR_WRITE_H
#define HANA_DATA_EXPR_WRITE_H

#include "base/memory.h"
#include "data/expr.h"

/* An expression as text of other languages. */

/* In its own language: parameters are written as the values they were bound to, so that
   the text stands by itself. Appends to *out. */
HANA_API hana_status hana_expr_write(hana_text *out, const hana_expr_node *node,
                                     hana_error *err);

#endif
