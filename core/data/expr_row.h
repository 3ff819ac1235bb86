#ifndef HANA_DATA_EXPR_ROW_H
#define HANA_DATA_EXPR_ROW_H

#include "base/cell.h"
#include "data/expr.h"

/* An expression computed for one row at a time, for hosts that have rows and not columns
   (the functions that databases are given): checked once, then run cell by cell with the
   kernels of hana_expr_eval, so that it means the same. */
typedef struct hana_expr_row hana_expr_row;

/* Column names[k] holds types[k]; datetimes are in UTC. The expression must depend on its
   own row alone and give no category. `expr` is held. Free with _free; NULL is fine. */
HANA_API hana_status hana_expr_row_new(hana_expr_row **out, const hana_expr *expr,
                                       const char *const *names, const hana_type *types,
                                       size_t n, hana_error *err);
HANA_API void hana_expr_row_free(hana_expr_row *row);
HANA_API hana_type hana_expr_row_type(const hana_expr_row *row);
/* cells[k] is of type types[k] (FLOAT, INT, BOOL, STRING, DATE, DATETIME) or null. A text
   that is given back lives until the next call. */
HANA_API hana_status hana_expr_row_eval(hana_mixed_cell *out, hana_expr_row *row,
                                        const hana_mixed_cell *cells, hana_error *err);

#endif
