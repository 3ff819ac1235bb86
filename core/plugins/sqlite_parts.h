#ifndef HANA_PLUGINS_SQLITE_PARTS_H
#define HANA_PLUGINS_SQLITE_PARTS_H

#include "sql_driver.h"

#include <sqlite3.h>

/* What the files of the SQLite plugin share. */

/* Gives the connection hana's own functions, for what SQLite has no operator of the same
   meaning (data/expr_sql_sqlite.c writes the calls):

   hana('lower(s1)', x, ...)         an expression over its arguments, whose names say
                                     their types: f float, i int, b bool, s text, d date
                                     (days), t datetime (microseconds)
   hana_all('median(f1)', x, ...)    the same over all rows of a group: an aggregate
   hana_sum, hana_mean, hana_var, hana_sd   aggregates that keep sums, not values
   hana_int(x [, 'column'])          x, which must be an int, float, ... (a cell of a
   hana_float, hana_bool,            column may hold anything in SQLite); dates and
   hana_date, hana_datetime          datetimes from their ISO 8601 text
   hana_date_text(d), hana_datetime_text(t)   and back

   They end the query in an error where hana has one, and where the result would be NaN,
   which SQLite makes null. */
hana_status hana_sqlite_functions(sqlite3 *db, hana_error *err);
/* driver->describe. */
hana_status hana_sqlite_describe(hana_value *out, sqlite3 *db, const char *path,
                                 const char *table, hana_error *err);

/* SQLite's message with the database's path in front. */
hana_status hana_sqlite_fail(hana_error *err, const char *path, sqlite3 *db, int code);
hana_sql_type hana_sqlite_declared(const char *declared);

#endif
