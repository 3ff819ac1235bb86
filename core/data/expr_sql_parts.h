#ifndef HANA_DATA_EXPR_SQL_PARTS_H
#define HANA_DATA_EXPR_SQL_PARTS_H

/* For the files that write expressions as SQL. */

#include "data/expr_sql.h"
#include "data/expr_term.h"

/* How tightly what is written binds: an operand that binds less tightly than its place
   wants stands in parentheses. */
enum {
    HANA_SQL_ANY_LEVEL,
    HANA_SQL_OR_LEVEL,
    HANA_SQL_AND_LEVEL,
    HANA_SQL_NOT_LEVEL,
    HANA_SQL_COMPARE,
    HANA_SQL_JOIN, /* || */
    HANA_SQL_SUM,
    HANA_SQL_PRODUCT,
    HANA_SQL_SIGN,
    HANA_SQL_ATOM
};

/* A value's own type, whatever it is; the type of nil alone. (No expression is a block.)
 */
#define HANA_SQL_OWN HANA_BLOCK

typedef struct hana_sql_writer {
    hana_text *out;
    hana_value *params;
    const hana_sql_context *context;
    hana_program program; /* to ask for types */
    int within;           /* an aggregate's arguments are being written */
} hana_sql_writer;

typedef hana_status hana_sql_put(hana_sql_writer *w, const hana_expr_node *node,
                                 hana_error *err);

/* --- expr_sql.c --- */
/* The node as a value of type `want`. */
hana_status hana_sql_emit(hana_sql_writer *w, const hana_expr_node *node, hana_type want,
                          int level, hana_error *err);
/* The node's type; HANA_SQL_OWN for nil alone. */
hana_status hana_sql_type_of(hana_type *out, hana_sql_writer *w,
                             const hana_expr_node *node, hana_error *err);
/* The type in which values are compared or chosen from: args[from], args[from + step] ...
 */
hana_status hana_sql_common(hana_type *out, hana_sql_writer *w,
                            const hana_expr_node *node, size_t from, size_t step,
                            hana_error *err);
/* "%s ...": with a caret under the node and the way out behind it. */
hana_status hana_sql_refuse(hana_sql_writer *w, const hana_expr_node *node,
                            hana_error *err, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* The refusal of a call that needs the order of the rows. */
hana_status hana_sql_refuse_order(hana_sql_writer *w, const hana_expr_node *node,
                                  hana_error *err);
int hana_sql_is_window(const hana_expr_node *node);
int hana_sql_is_constant(const hana_expr_node *node);
/* A constant's number. */
int hana_sql_number(const hana_expr_node *node, double *out);
int hana_sql_is_aggregate(const hana_expr_node *node);
/* Whether evaluating it may end in an error. */
int hana_sql_may_fail(const hana_expr_node *node);
int hana_sql_open(hana_sql_writer *w, int mine, int level);
void hana_sql_close(hana_sql_writer *w, int opened);
void hana_sql_param(hana_sql_writer *w, const char *text, size_t length);
/* " over (...)" behind an aggregate where it stands beside rows. */
hana_status hana_sql_over(hana_sql_writer *w, const hana_expr_node *node,
                          hana_error *err);
/* "then" pairs, the same in both dialects. */
hana_sql_put hana_sql_case_when, hana_sql_coalesce;

/* --- the dialects: operators and functions of a node that is no constant, column or
   what is the same everywhere --- */
typedef hana_status hana_sql_dialect_put(hana_sql_writer *w, const hana_expr_node *node,
                                         int level, hana_error *err);
hana_sql_dialect_put hana_sqlite_operator, hana_sqlite_function, hana_sqlite_aggregate;
hana_sql_dialect_put hana_postgres_operator, hana_postgres_function,
    hana_postgres_aggregate;
/* The row-wise node computed by hana's own engine: hana('text', columns). */
hana_sql_put hana_sqlite_by_hana;

#endif
