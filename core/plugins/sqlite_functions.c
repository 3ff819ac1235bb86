#include "sqlite_parts.h"

#include "base/text.h"
#include "base/time.h"
#include "data/expr_aggregate.h"
#include "data/expr_row.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void fail(sqlite3_context *at, const hana_error *err)
{
    sqlite3_result_error(at, err->message, -1);
}

/* --- values ------------------------------------------------------------------------ */

static void result(sqlite3_context *at, const hana_mixed_cell *cell)
{
    switch (cell->kind) {
    case HANA_MIXED_NULL:
        sqlite3_result_null(at);
        break;
    case HANA_MIXED_FLOAT:
        if (isnan(cell->number))
            sqlite3_result_error(at,
                                 "the result is NaN, which SQLite would make null; "
                                 "collect() first",
                                 -1);
        else
            sqlite3_result_double(at, cell->number);
        break;
    case HANA_MIXED_STRING:
        sqlite3_result_text64(at, cell->text, cell->length, SQLITE_TRANSIENT,
                              SQLITE_UTF8);
        break;
    default:
        sqlite3_result_int64(at, cell->integer);
        break;
    }
}

static hana_status read_value(hana_mixed_cell *out, hana_type type, sqlite3_value *value,
                              hana_error *err)
{
    static const hana_mixed_kind kinds[HANA_N_TYPES] = {
        [HANA_FLOAT] = HANA_MIXED_FLOAT,       [HANA_INT] = HANA_MIXED_INT,
        [HANA_BOOL] = HANA_MIXED_BOOL,         [HANA_DATE] = HANA_MIXED_DATE,
        [HANA_DATETIME] = HANA_MIXED_DATETIME, [HANA_STRING] = HANA_MIXED_STRING,
    };
    int kind = sqlite3_value_type(value);
    *out = (hana_mixed_cell){ 0 };
    if (kind == SQLITE_NULL) return HANA_OK;
    int wanted = type == HANA_STRING  ? kind == SQLITE_TEXT
                 : type == HANA_FLOAT ? kind == SQLITE_FLOAT || kind == SQLITE_INTEGER
                                      : kind == SQLITE_INTEGER;
    if (!wanted)
        return hana_fail(err, HANA_BAD_TYPE, "a value that is no %s",
                         hana_type_name(type));
    out->kind = kinds[type];
    if (type == HANA_STRING) {
        out->text = (const char *)sqlite3_value_text(value);
        if (!out->text) return hana_fail_memory(err);
        out->length = (size_t)sqlite3_value_bytes(value);
        if (!hana_utf8_valid(out->text, out->length))
            return hana_fail(err, HANA_BAD_DATA, "text that is not UTF-8");
    } else if (type == HANA_FLOAT)
        out->number = sqlite3_value_double(value);
    else
        out->integer = sqlite3_value_int64(value);
    return HANA_OK;
}

/* --- expressions ------------------------------------------------------------------- */

enum { MOST_LEAVES = 127 }; /* SQLite's own limit of arguments */

typedef struct leaves {
    hana_names names;
    hana_type types[MOST_LEAVES];
} leaves;

/* "f2" is the second argument, a float. */
static hana_status read_leaves(leaves *l, const hana_expr *expr, size_t n,
                               hana_error *err)
{
    static const char letters[] = "fibsdt";
    static const hana_type types[] = { HANA_FLOAT,  HANA_INT,  HANA_BOOL,
                                       HANA_STRING, HANA_DATE, HANA_DATETIME };
    hana_names used = { 0 };
    HANA_TRY(hana_expr_columns(&used, expr, err));
    hana_status status = HANA_OK;
    for (size_t k = 1; k <= n && status == HANA_OK; k++) {
        const char *found = NULL;
        for (size_t i = 0; i < used.n && !found; i++)
            if (strchr(letters, used.items[i][0]) &&
                strtoul(used.items[i] + 1, NULL, 10) == k)
                found = used.items[i];
        if (!found)
            status = hana_fail(err, HANA_BAD_ARGUMENT,
                               "hana('%.100s', ...) has no name for argument %zu, such "
                               "as f%zu",
                               hana_expr_text(expr), k, k);
        else {
            l->types[k - 1] = types[strchr(letters, *found) - letters];
            status = hana_names_add(&l->names, found, err);
        }
    }
    if (status == HANA_OK && used.n != n)
        status = hana_fail(err, HANA_BAD_ARGUMENT, "hana('%.100s', ...) wants %zu values",
                           hana_expr_text(expr), used.n);
    hana_names_clear(&used);
    return status;
}

static hana_status read_program(hana_expr **expr, leaves *l, sqlite3_value *text,
                                size_t n, hana_error *err)
{
    const char *data = (const char *)sqlite3_value_text(text);
    if (!data || n > MOST_LEAVES)
        return hana_fail(err, HANA_BAD_ARGUMENT,
                         "hana(...) takes an expression and its values");
    HANA_TRY(hana_expr_parse(expr, data, (size_t)sqlite3_value_bytes(text), NULL, err));
    return read_leaves(l, *expr, n, err);
}

typedef struct row_program {
    hana_expr_row *row;
    hana_type *types;
    hana_mixed_cell *cells;
} row_program;

static void row_program_free(void *data)
{
    row_program *p = data;
    if (!p) return;
    hana_expr_row_free(p->row);
    hana_free(p->types);
    hana_free(p->cells);
    hana_free(p);
}

static hana_status row_program_new(row_program **out, sqlite3_value *text, size_t n,
                                   hana_error *err)
{
    leaves l = { 0 };
    hana_expr *expr = NULL;
    row_program *p = hana_alloc_zero(1, sizeof *p);
    hana_status status = p ? HANA_OK : hana_fail_memory(err);
    if (p) {
        p->types = hana_alloc(n + 1, sizeof *p->types);
        p->cells = hana_alloc(n + 1, sizeof *p->cells);
        if (!p->types || !p->cells) status = hana_fail_memory(err);
    }
    if (status == HANA_OK) status = read_program(&expr, &l, text, n, err);
    if (status == HANA_OK) {
        memcpy(p->types, l.types, n * sizeof *p->types);
        status = hana_expr_row_new(&p->row, expr, (const char *const *)l.names.items,
                                   p->types, n, err);
    }
    hana_names_clear(&l.names);
    hana_expr_release(expr);
    if (status != HANA_OK) {
        row_program_free(p);
        return status;
    }
    *out = p;
    return HANA_OK;
}

/* hana(expression, values...): the expression is read once a statement. */
static void by_row(sqlite3_context *at, int n, sqlite3_value **values)
{
    hana_error err = { 0 };
    row_program *p = n ? sqlite3_get_auxdata(at, 0) : NULL, *made = NULL;
    hana_mixed_cell out;
    size_t args = n ? (size_t)n - 1 : 0;
    hana_status status = HANA_OK;
    if (!n)
        status = hana_fail(&err, HANA_BAD_ARGUMENT, "hana() takes an expression");
    else if (!p) {
        status = row_program_new(&made, values[0], args, &err);
        p = made;
    }
    for (size_t k = 0; k < args && status == HANA_OK; k++)
        status = read_value(&p->cells[k], p->types[k], values[k + 1], &err);
    if (status == HANA_OK) status = hana_expr_row_eval(&out, p->row, p->cells, &err);
    if (status == HANA_OK)
        result(at, &out);
    else
        fail(at, &err);
    /* The program may be freed by this call: it comes last. */
    if (made) sqlite3_set_auxdata(at, 0, made, row_program_free);
}

/* --- aggregates over all values ---------------------------------------------------- */

typedef struct all_rows {
    hana_expr *expr;
    leaves *l;
    hana_builder **builders;
    size_t n, rows;
    hana_column *answer; /* kept: a window asks once a row */
    int failed;
    hana_error err;
} all_rows;

static void all_clear(all_rows *a)
{
    for (size_t k = 0; a->builders && k < a->n; k++) hana_builder_free(a->builders[k]);
    hana_free(a->builders);
    if (a->l) hana_names_clear(&a->l->names);
    hana_free(a->l);
    hana_expr_release(a->expr);
    hana_column_release(a->answer);
    *a = (all_rows){ 0 };
}

static hana_status all_open(all_rows *a, sqlite3_value *text, size_t n)
{
    hana_error *err = &a->err;
    a->l = hana_alloc_zero(1, sizeof *a->l);
    a->builders = hana_alloc_zero(n + 1, sizeof(hana_builder *));
    a->n = n;
    if (!a->l || !a->builders) return hana_fail_memory(err);
    HANA_TRY(read_program(&a->expr, a->l, text, n, err));
    for (size_t k = 0; k < n; k++)
        HANA_TRY(hana_builder_new(&a->builders[k], a->l->types[k], 0, err));
    return HANA_OK;
}

static hana_status all_put(all_rows *a, sqlite3_value **values)
{
    hana_error *err = &a->err;
    for (size_t k = 0; k < a->n; k++) {
        hana_mixed_cell cell;
        HANA_TRY(read_value(&cell, a->l->types[k], values[k], err));
        if (cell.kind == HANA_MIXED_NULL)
            HANA_TRY(hana_builder_null(a->builders[k], err));
        else if (cell.kind == HANA_MIXED_FLOAT)
            HANA_TRY(hana_builder_float(a->builders[k], cell.number, err));
        else if (cell.kind == HANA_MIXED_STRING)
            HANA_TRY(hana_builder_string(a->builders[k], cell.text, cell.length, err));
        else
            HANA_TRY(hana_builder_int(a->builders[k], cell.integer, err));
    }
    a->rows++;
    return HANA_OK;
}

static void all_step(sqlite3_context *at, int n, sqlite3_value **values)
{
    all_rows *a = sqlite3_aggregate_context(at, sizeof *a);
    if (!a || a->failed || n < 1) return;
    hana_status status = a->l ? HANA_OK : all_open(a, values[0], (size_t)n - 1);
    if (status == HANA_OK) status = all_put(a, values + 1);
    a->failed = status != HANA_OK;
}

static hana_status all_compute(all_rows *a)
{
    hana_error *err = &a->err;
    hana_frame *frame = NULL;
    const hana_column **columns = hana_alloc_zero(a->n + 1, sizeof(const hana_column *));
    hana_status status = columns ? HANA_OK : hana_fail_memory(err);
    for (size_t k = 0; k < a->n && status == HANA_OK; k++) {
        hana_column *column = NULL;
        status = hana_builder_take(&column, a->builders[k], err);
        columns[k] = column;
    }
    if (status == HANA_OK)
        status = hana_frame_new(&frame, (const char *const *)a->l->names.items, columns,
                                a->n, a->rows, err);
    if (status == HANA_OK)
        status = hana_expr_eval_scalar(&a->answer, a->expr, frame, NULL, err);
    hana_frame_release(frame);
    for (size_t k = 0; columns && k < a->n; k++) hana_column_release(columns[k]);
    hana_free(columns);
    return status;
}

static void all_value(sqlite3_context *at)
{
    all_rows *a = sqlite3_aggregate_context(at, 0);
    hana_mixed_cell cell = { 0 };
    if (!a || !a->l) return;
    if (!a->failed && !a->answer) a->failed = all_compute(a) != HANA_OK;
    if (a->failed) {
        fail(at, &a->err);
        return;
    }
    const hana_column *c = a->answer;
    if (!hana_column_is_null(c, 0)) {
        cell.kind = HANA_MIXED_INT;
        switch (hana_column_type(c)) {
        case HANA_FLOAT:
            cell.kind = HANA_MIXED_FLOAT;
            cell.number = hana_column_floats(c)[0];
            break;
        case HANA_STRING:
            cell.kind = HANA_MIXED_STRING;
            cell.text = hana_column_string(c, 0, &cell.length);
            break;
        case HANA_BOOL:
            cell.integer = hana_bit(hana_column_bits(c), 0);
            break;
        case HANA_DATE:
            cell.integer = hana_column_codes(c)[0];
            break;
        default:
            cell.integer = hana_column_ints(c)[0];
            break;
        }
    }
    result(at, &cell);
}

static void all_final(sqlite3_context *at)
{
    all_rows *a = sqlite3_aggregate_context(at, 0);
    all_value(at);
    if (a) all_clear(a);
}

/* Windows over a whole partition never take a row back. */
static void no_inverse(sqlite3_context *at, int n, sqlite3_value **values)
{
    (void)n;
    (void)values;
    sqlite3_result_error(at, "hana's aggregates take windows of whole partitions", -1);
}

/* --- aggregates that keep sums ----------------------------------------------------- */

typedef enum moment_kind { SUM, MEAN, VAR, SD } moment_kind;

/* Ints are summed exactly; floats with what rounding takes from them; squares from the
   running mean (Welford, "Note on a method for calculating corrected sums of squares and
   products", Technometrics 4, 1962). */
typedef struct moments {
    int64_t n;
    int floats;
    hana_wide whole;
    double sum, rest, size; /* size: of the finite ones, without their signs */
    long double mean, squares;
} moments;

/* SQLite's own memory is not aligned for them. */
static moments *moments_of(sqlite3_context *at)
{
    moments **m = sqlite3_aggregate_context(at, sizeof *m);
    if (m && !*m) *m = hana_alloc_zero(1, sizeof **m);
    return m ? *m : NULL;
}

static void moments_step(sqlite3_context *at, int n, sqlite3_value **values)
{
    (void)n;
    int kind = sqlite3_value_type(values[0]);
    if (kind == SQLITE_NULL) return;
    moments *m = moments_of(at);
    if (!m) {
        sqlite3_result_error_nomem(at);
        return;
    }
    double x = sqlite3_value_double(values[0]);
    m->n++;
    if (kind == SQLITE_INTEGER)
        m->whole += sqlite3_value_int64(values[0]);
    else {
        m->floats = 1;
        hana_add_exactly(&m->sum, &m->rest, x);
        if (isfinite(x)) m->size += fabs(x);
    }
    long double away = (long double)x - m->mean;
    m->mean += away / (long double)m->n;
    m->squares += away * ((long double)x - m->mean);
}

static void moments_value(sqlite3_context *at)
{
    static const moments none = { 0 };
    moment_kind kind = *(const moment_kind *)sqlite3_user_data(at);
    moments *const *made = sqlite3_aggregate_context(at, 0);
    const moments *m = made && *made ? *made : &none;
    hana_mixed_cell out = { .kind = HANA_MIXED_FLOAT };
    double sum =
        m->floats ? (isfinite(m->sum) ? m->sum + m->rest : m->sum) : (double)m->whole;
    if (isinf(m->size)) {
        /* Which sums overflow on the way depends on the order of the rows. */
        sqlite3_result_error(at,
                             "the floats add up to more than a float holds; collect() "
                             "first",
                             -1);
        return;
    }
    switch (kind) {
    case SUM:
        out.number = sum;
        break;
    case MEAN:
        if (m->n == 0) out.kind = HANA_MIXED_NULL;
        out.number = m->n ? sum / (double)m->n : 0;
        break;
    default:
        if (m->n < 2) out.kind = HANA_MIXED_NULL;
        out.number = m->n > 1 ? (double)(m->squares / (long double)(m->n - 1)) : 0;
        if (kind == SD) out.number = sqrt(out.number);
        /* Squares that overflow in a double are no number on a frame either. */
        if (m->n > 1 && !(m->squares < 1e300L)) out.number = (double)NAN;
        break;
    }
    result(at, &out);
}

static void moments_final(sqlite3_context *at)
{
    moments **m = sqlite3_aggregate_context(at, 0);
    moments_value(at);
    if (m) hana_free(*m);
}

/* --- cells of columns -------------------------------------------------------------- */

static void fail_cell(sqlite3_context *at, int n, sqlite3_value **values,
                      const char *what)
{
    hana_error err = { 0 };
    const char *text = sqlite3_value_type(values[0]) == SQLITE_BLOB
                           ? "a blob"
                           : (const char *)sqlite3_value_text(values[0]);
    const char *column = n > 1 ? (const char *)sqlite3_value_text(values[1]) : NULL;
    if (column)
        hana_fail(
            &err, HANA_BAD_DATA,
            "column '%.200s' is declared %s, but '%.60s' is none; read_sql reads it "
            "as its cells are",
            column, what, text ? text : "");
    else
        hana_fail(&err, HANA_BAD_DATA, "'%.60s' is no %s", text ? text : "", what);
    fail(at, &err);
}

static void to_int(sqlite3_context *at, int n, sqlite3_value **values)
{
    int kind = sqlite3_value_type(values[0]);
    double x = kind == SQLITE_FLOAT ? sqlite3_value_double(values[0]) : 0;
    if (kind == SQLITE_INTEGER || kind == SQLITE_NULL)
        sqlite3_result_value(at, values[0]);
    else if (kind == SQLITE_FLOAT && n == 1)
        sqlite3_result_error(at, "integer overflow; float(...) avoids it", -1);
    else if (kind == SQLITE_FLOAT && x == floor(x) && fabs(x) < 0x1p63)
        sqlite3_result_int64(at, (int64_t)x);
    else
        fail_cell(at, n, values, "int");
}

static void to_float(sqlite3_context *at, int n, sqlite3_value **values)
{
    int kind = sqlite3_value_type(values[0]);
    if (kind == SQLITE_NULL || kind == SQLITE_FLOAT)
        sqlite3_result_value(at, values[0]);
    else if (kind == SQLITE_INTEGER)
        sqlite3_result_double(at, sqlite3_value_double(values[0]));
    else
        fail_cell(at, n, values, "float");
}

static void to_bool(sqlite3_context *at, int n, sqlite3_value **values)
{
    int kind = sqlite3_value_type(values[0]);
    sqlite3_int64 x = kind == SQLITE_INTEGER ? sqlite3_value_int64(values[0]) : 2;
    if (kind == SQLITE_NULL || x == 0 || x == 1)
        sqlite3_result_value(at, values[0]);
    else
        fail_cell(at, n, values, "bool");
}

static void to_time(sqlite3_context *at, int n, sqlite3_value **values)
{
    int is_date = *(const int *)sqlite3_user_data(at);
    int kind = sqlite3_value_type(values[0]), has_offset;
    int64_t micros = 0;
    int32_t days = 0;
    if (kind == SQLITE_NULL) return;
    const char *text =
        kind == SQLITE_TEXT ? (const char *)sqlite3_value_text(values[0]) : NULL;
    size_t length = text ? (size_t)sqlite3_value_bytes(values[0]) : 0;
    if (text && is_date && hana_parse_date(text, length, &days))
        sqlite3_result_int64(at, days);
    else if (text && !is_date && hana_parse_datetime(text, length, &micros, &has_offset))
        sqlite3_result_int64(at, micros);
    else
        fail_cell(at, n, values, is_date ? "date" : "datetime");
}

static void from_time(sqlite3_context *at, int n, sqlite3_value **values)
{
    (void)n;
    int is_date = *(const int *)sqlite3_user_data(at);
    const hana_zone *utc;
    char text[64];
    if (sqlite3_value_type(values[0]) == SQLITE_NULL) return;
    int64_t x = sqlite3_value_int64(values[0]);
    if (hana_zone_get(&utc, "UTC", NULL) != HANA_OK) return;
    int length =
        is_date ? hana_print_date(text, (int32_t)x) : hana_print_datetime(text, x, utc);
    sqlite3_result_text(at, text, length, SQLITE_TRANSIENT);
}

/* --- all of them ------------------------------------------------------------------- */

typedef void scalar(sqlite3_context *at, int n, sqlite3_value **values);

hana_status hana_sqlite_functions(sqlite3 *db, hana_error *err)
{
    static const int yes = 1, no = 0;
    static const moment_kind kinds[] = { SUM, MEAN, VAR, SD };
    static const struct {
        const char *name;
        int args;
        scalar *run;
        const int *data;
    } scalars[] = {
        { "hana", -1, by_row, NULL },
        { "hana_int", 1, to_int, NULL },
        { "hana_int", 2, to_int, NULL },
        { "hana_float", 2, to_float, NULL },
        { "hana_bool", 2, to_bool, NULL },
        { "hana_date", 1, to_time, &yes },
        { "hana_date", 2, to_time, &yes },
        { "hana_datetime", 1, to_time, &no },
        { "hana_datetime", 2, to_time, &no },
        { "hana_date_text", 1, from_time, &yes },
        { "hana_datetime_text", 1, from_time, &no },
    };
    static const char *const sums[] = { "hana_sum", "hana_mean", "hana_var", "hana_sd" };
    enum { FLAGS = SQLITE_UTF8 | SQLITE_DETERMINISTIC };
    int code = SQLITE_OK;
    for (size_t k = 0; k < sizeof scalars / sizeof *scalars && code == SQLITE_OK; k++)
        code = sqlite3_create_function_v2(db, scalars[k].name, scalars[k].args, FLAGS,
                                          (void *)(uintptr_t)scalars[k].data,
                                          scalars[k].run, NULL, NULL, NULL);
    for (size_t k = 0; k < sizeof sums / sizeof *sums && code == SQLITE_OK; k++)
        code = sqlite3_create_window_function(
            db, sums[k], 1, FLAGS, (void *)(uintptr_t)&kinds[k], moments_step,
            moments_final, moments_value, no_inverse, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_create_window_function(db, "hana_all", -1, FLAGS, NULL, all_step,
                                              all_final, all_value, no_inverse, NULL);
    if (code == SQLITE_OK) return HANA_OK;
    return hana_fail(err, HANA_IO_FAILED, "SQLite: %s", sqlite3_errmsg(db));
}
