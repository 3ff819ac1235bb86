#ifndef HANA_DATA_EXPR_SQL_H
#define HANA_DATA_EXPR_SQL_H

#include "base/memory.h"
#include "data/expr.h"

/* Expressions as SQL that means the same: floor division, null in three values, texts by
   their bytes, NaN and infinity, overflow as an error. What a database computes in
   another way, and cannot be made to compute as hana does, is refused (HANA_UNSUPPORTED,
   with a caret and the way out), never written.

   SQLite is given hana's own functions (plugins/sqlite_functions.c), which stand in the
   text where it has no operator of the same meaning: hana('lower(s1)', "name"). */
typedef enum hana_sql_dialect { HANA_SQL_LITE, HANA_SQL_POSTGRES } hana_sql_dialect;

/* What an expression may read and be. `columns` has, for each column of `schema`, the SQL
   of its value (a name or a call: nothing that wants parentheses). Values of dates and
   datetimes are days and microseconds in SQLite, date and timestamptz in PostgreSQL.
   `aggregates`: one value a group is written, for select ... group by; else aggregates
   are written with the window `over` ("partition by ..."; NULL: refused) behind them.
   `order` (NULL: none) is the order of the rows, for lag, row_number and the like. */
typedef struct hana_sql_context {
    hana_sql_dialect dialect;
    const hana_frame *schema;
    const char *const *columns;
    int aggregates;
    const char *over;
    const char *order;
} hana_sql_context;

/* Appends the SQL to *out. Texts become parameters: the byte 1, the number of the
   parameter and the byte 1 in the SQL, the value in the list *params. `may_fail` (may be
   NULL) says whether some rows may end in an error, so that rows which were filtered out
   must not get there. */
HANA_API hana_status hana_expr_sql(hana_text *out, hana_value *params, int *may_fail,
                                   const hana_expr *expr, const hana_sql_context *context,
                                   hana_error *err);

/* A name in double quotes, as both dialects write it. */
HANA_API void hana_sql_name(hana_text *out, const char *name);
/* A text in single quotes. */
HANA_API void hana_sql_quote(hana_text *out, const char *text, size_t length);

#endif
