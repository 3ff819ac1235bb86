#ifndef HANA_PLUGINS_SQL_DRIVER_H
#define HANA_PLUGINS_SQL_DRIVER_H

#include "base/job.h"
#include "base/memory.h"
#include "base/value.h"

/* What a database must be able to do for hana: give the rows of a query, and take a
   table. */

/* What a column is declared to hold. */
typedef enum hana_sql_type {
    HANA_SQL_ANY, /* nothing is declared: what the cells are */
    HANA_SQL_BOOL,
    HANA_SQL_INT,
    HANA_SQL_FLOAT,
    HANA_SQL_NUMERIC, /* whole numbers where all cells are, else fractions */
    HANA_SQL_TEXT,
    HANA_SQL_DATE,
    HANA_SQL_DATETIME
} hana_sql_type;

typedef enum hana_sql_kind {
    HANA_SQL_NULL_CELL,
    HANA_SQL_BOOL_CELL,
    HANA_SQL_INT_CELL,
    HANA_SQL_FLOAT_CELL,
    HANA_SQL_TEXT_CELL /* also dates and times, in ISO 8601 */
} hana_sql_kind;

typedef struct hana_sql_cell {
    hana_sql_kind kind;
    int64_t integer; /* BOOL, INT */
    double number;   /* FLOAT */
    const char *text;
    size_t length;
} hana_sql_cell;

/* Where a query's rows go: the columns first, then row by row a cell of each. */
typedef struct hana_sql_rows {
    void *context;
    hana_status (*column)(void *context, const char *name, hana_sql_type type,
                          hana_error *err);
    hana_status (*cell)(void *context, size_t column, const hana_sql_cell *cell,
                        hana_error *err);
    hana_status (*end_row)(void *context, hana_error *err);
    /* A sentence for the report. */
    hana_status (*note)(void *context, const char *sentence, hana_error *err);
} hana_sql_rows;

/* A table to be written. Texts of cells are borrowed until the next call. */
typedef struct hana_sql_table {
    const char *name;
    enum { HANA_SQL_RAISE, HANA_SQL_REPLACE, HANA_SQL_APPEND } if_exists;
    size_t columns, rows;
    const char *const *names;
    const hana_sql_type *types;
    void *context;
    hana_status (*cell)(void *context, size_t row, size_t column, hana_sql_cell *cell,
                        hana_error *err);
} hana_sql_table;

typedef struct hana_sql_driver {
    /* `location` is what stands behind the scheme, or the whole URL where the library
       reads it. `params` is a list (by position), a map (by name) or null. The statement
       may only read. */
    hana_status (*read)(const char *location, const char *query, const hana_value *params,
                        const hana_sql_rows *rows, hana_job *job, hana_error *err);
    /* In one transaction: a failure leaves the database as it was. */
    hana_status (*write)(const char *location, const hana_sql_table *table, hana_job *job,
                         hana_error *err);
    /* What a table or view is, without reading its rows, as a map: `dialect`, "sqlite" or
       "postgres"; `table`, its quoted name; `order`, the list of SQL expressions that put
       its rows in one order (the row id, the primary key; empty: there is none); and
       `columns`, a list of maps {name, type (absent: nothing is declared that all cells
       must be), value}. `value` is the SQL of the cell as a value of the type, "%s"
       standing for the type where none is declared (data/expr_sql.h). An unknown table is
       HANA_NO_SUCH_NAME with the nearest name. */
    hana_status (*describe)(hana_value *out, const char *location, const char *table,
                            hana_job *job, hana_error *err);
} hana_sql_driver;

/* Every so many rows a driver looks whether someone wants it to stop. */
enum { HANA_SQL_POLL_ROWS = 1024 };

#endif
