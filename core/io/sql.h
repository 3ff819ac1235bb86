#ifndef HANA_IO_SQL_H
#define HANA_IO_SQL_H

#include "io/csv.h"

/* Frames from and to databases. A store is a URL: "sqlite:shop.db",
   "postgres://user@host/shop"; the library of each is a plugin, opened on first use. */

/* The rows of a query that reads. `params` (may be NULL) is a list of values for its
   placeholders, or a map for named ones where the database has them. A column has the
   type that is declared where all its cells are of it, else (noted) what the cells are;
   dates are ISO 8601 text there; blobs are refused. Of the options (NULL: the default)
   count types, columns, null, null_add and timezone. The report is that of
   hana_csv_read. Row ids: the hash of query and result, and the row's number. */
HANA_API hana_status hana_sql_read(hana_frame **out, hana_value *report, const char *url,
                                   const char *query, const hana_value *params,
                                   const hana_csv_options *options, hana_job *job,
                                   hana_error *err);

/* if_exists: 0 raise, 1 replace, 2 append (by the names of the columns). In one
   transaction: a failure leaves the store as it was. Category is written as text,
   datetime in UTC; blocks are refused. */
HANA_API hana_status hana_sql_write(const hana_frame *frame, const char *url,
                                    const char *table, int if_exists, hana_job *job,
                                    hana_error *err);

/* What a table or view is, without reading its rows: a map, see hana_sql_driver's
   `describe`. */
HANA_API hana_status hana_sql_describe(hana_value *out, const char *url,
                                       const char *table, hana_job *job, hana_error *err);

#endif
