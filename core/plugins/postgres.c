#include "sql_driver.h"

#include "base/text.h"
#include "data/expr_sql.h"

#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

/* The server's message in one line, without its "ERROR:  ". */
static hana_status fail(hana_error *err, hana_status status, const char *message)
{
    char line[512];
    size_t n = 0;
    if (strncmp(message, "ERROR:  ", 8) == 0) message += 8;
    for (; *message && n < sizeof line - 1; message++) {
        char c = *message == '\n' || *message == '\t' ? ' ' : *message;
        if (c == ' ' && n > 0 && line[n - 1] == ' ') continue;
        line[n++] = c;
    }
    while (n > 0 && line[n - 1] == ' ') n--;
    line[n] = '\0';
    return hana_fail(err, status, "postgres: %s", line);
}

static hana_status fail_result(hana_error *err, PGconn *db, const PGresult *result)
{
    return fail(err, PQstatus(db) == CONNECTION_OK ? HANA_BAD_ARGUMENT : HANA_IO_FAILED,
                result ? PQresultErrorMessage(result) : PQerrorMessage(db));
}

static void ignore_notice(void *context, const PGresult *result)
{
    (void)context;
    (void)result;
}

static void cancel(PGconn *db)
{
    char ignored[256];
    PGcancel *request = PQgetCancel(db);
    if (request) PQcancel(request, ignored, sizeof ignored);
    PQfreeCancel(request);
}

/* The next result, NULL behind the last; someone who wants the job to stop cancels the
   command on the server. */
static hana_status next_result(PGresult **out, PGconn *db, hana_job *job, hana_error *err)
{
    while (PQisBusy(db)) {
        struct pollfd wait = { .fd = PQsocket(db), .events = POLLIN };
        if (hana_job_check(job, err) != HANA_OK) {
            cancel(db);
            return HANA_INTERRUPTED;
        }
        if (poll(&wait, 1, 100) > 0 && !PQconsumeInput(db))
            return fail(err, HANA_IO_FAILED, PQerrorMessage(db));
    }
    *out = PQgetResult(db);
    return HANA_OK;
}

/* Waits for a command that gives no rows; sqlstate (may be NULL) gets the state of a
   failure. */
static hana_status finish(PGconn *db, hana_job *job, char sqlstate[6], hana_error *err)
{
    hana_status status = HANA_OK;
    for (;;) {
        PGresult *result;
        hana_status waited = next_result(&result, db, job, err);
        if (waited != HANA_OK) return waited;
        if (!result) return status;
        ExecStatusType kind = PQresultStatus(result);
        if (status == HANA_OK && kind == PGRES_FATAL_ERROR) {
            const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
            if (sqlstate && state) snprintf(sqlstate, 6, "%s", state);
            status = fail_result(err, db, result);
        }
        PQclear(result);
        if (kind == PGRES_COPY_IN) return status;
    }
}

static hana_status run(PGconn *db, const char *sql, hana_job *job, hana_error *err)
{
    if (!PQsendQuery(db, sql)) return fail_result(err, db, NULL);
    return finish(db, job, NULL, err);
}

static hana_status connect_to(PGconn **out, const char *url, hana_job *job,
                              hana_error *err)
{
    PGconn *db = PQconnectdb(url);
    hana_status status = HANA_OK;
    if (!db) return hana_fail_memory(err);
    if (PQstatus(db) != CONNECTION_OK)
        status = fail(err, HANA_IO_FAILED, PQerrorMessage(db));
    if (status == HANA_OK) {
        PQsetNoticeReceiver(db, ignore_notice, NULL);
        status = run(db,
                     "set client_encoding to 'UTF8'; set datestyle to 'ISO'; "
                     "set timezone to 'UTC'; set extra_float_digits to 1; "
                     "set intervalstyle to 'iso_8601'",
                     job, err);
    }
    if (status == HANA_OK) {
        *out = db;
        return HANA_OK;
    }
    PQfinish(db);
    return status;
}

/* --- parameters -------------------------------------------------------------------- */

enum {
    OID_BOOL = 16,
    OID_BYTES = 17,
    OID_INT8 = 20,
    OID_INT2 = 21,
    OID_INT4 = 23,
    OID_TEXT = 25,
    OID_OID = 26,
    OID_FLOAT4 = 700,
    OID_FLOAT8 = 701,
    OID_CHAR = 1042,
    OID_VARCHAR = 1043,
    OID_DATE = 1082,
    OID_TIMESTAMP = 1114,
    OID_TIMESTAMPTZ = 1184,
    OID_NUMERIC = 1700
};

typedef struct params {
    size_t n;
    const char **texts;
    Oid *types;
    char (*numbers)[HANA_NUMBER_SIZE];
} params;

static void params_clear(params *p)
{
    hana_free(p->texts);
    hana_free(p->types);
    hana_free(p->numbers);
}

static hana_status params_read(params *p, const hana_value *given, hana_error *err)
{
    if (!given || given->kind == HANA_VALUE_NULL) return HANA_OK;
    if (given->kind != HANA_VALUE_LIST)
        return hana_fail(err, HANA_BAD_ARGUMENT,
                         "read_sql: the parameters of PostgreSQL go by position, in a "
                         "list: $1, $2");
    const hana_value_list *list = given->as.list;
    p->n = list->n;
    p->texts = hana_alloc_zero(list->n, sizeof *p->texts);
    p->types = hana_alloc_zero(list->n, sizeof *p->types);
    p->numbers = hana_alloc(list->n, sizeof *p->numbers);
    if (!p->texts || !p->types || !p->numbers) return hana_fail_memory(err);
    for (size_t i = 0; i < list->n; i++) {
        const hana_value *v = &list->items[i];
        p->texts[i] = p->numbers[i];
        switch (v->kind) {
        case HANA_VALUE_NULL:
            p->texts[i] = NULL;
            break;
        case HANA_VALUE_BOOL:
            p->types[i] = OID_BOOL;
            p->texts[i] = v->as.boolean ? "t" : "f";
            break;
        case HANA_VALUE_INT:
            p->types[i] = v->as.integer >= INT32_MIN && v->as.integer <= INT32_MAX
                              ? OID_INT4
                              : OID_INT8;
            snprintf(p->numbers[i], sizeof p->numbers[i], "%lld",
                     (long long)v->as.integer);
            break;
        case HANA_VALUE_NUMBER:
            p->types[i] = OID_FLOAT8;
            hana_print_double(p->numbers[i], v->as.number, 0);
            break;
        case HANA_VALUE_STRING: /* of whatever type the server finds fitting */
            if (strlen(v->as.string.data) != v->as.string.length)
                return hana_fail(err, HANA_BAD_ARGUMENT,
                                 "read_sql: parameter %zu has a NUL byte", i + 1);
            p->texts[i] = v->as.string.data;
            break;
        default:
            return hana_fail(err, HANA_BAD_ARGUMENT,
                             "read_sql: parameter %zu must be a number, a string, a bool "
                             "or null, got %s",
                             i + 1, hana_value_kind_name(v));
        }
    }
    return HANA_OK;
}

/* The end of a quoted text, quoted name, comment or dollar-quoted text that begins at p;
   p where none begins. */
static const char *skip_quoted(const char *p)
{
    const char *end = NULL;
    if (*p == '\'' || *p == '"') {
        end = strchr(p + 1, *p);
        return end ? end + 1 : p + strlen(p);
    }
    if (p[0] == '-' && p[1] == '-') {
        end = strchr(p, '\n');
        return end ? end : p + strlen(p);
    }
    if (p[0] == '/' && p[1] == '*') {
        end = strstr(p + 2, "*/");
        return end ? end + 2 : p + strlen(p);
    }
    if (*p != '$' || (p[1] >= '0' && p[1] <= '9')) return p;
    const char *tag = strchr(p + 1, '$');
    size_t n = tag ? (size_t)(tag + 1 - p) : 0;
    if (n == 0 || n > 60) return p;
    for (const char *q = p + n; *q; q++)
        if (strncmp(q, p, n) == 0) return q + n;
    return p;
}

/* Placeholders written "?" become $1, $2, ... unless the query has those already. */
static void number_params(hana_text *out, const char *query)
{
    int numbered = 0, n = 0;
    for (const char *p = query; *p;) {
        const char *next = skip_quoted(p);
        if (next == p) next++;
        numbered |= *p == '$' && p[1] >= '1' && p[1] <= '9';
        p = next;
    }
    if (numbered) {
        hana_text_puts(out, query);
        return;
    }
    for (const char *p = query; *p;) {
        const char *next = skip_quoted(p);
        if (next == p) next++;
        if (*p == '?')
            hana_text_printf(out, "$%d", ++n);
        else
            hana_text_add(out, p, (size_t)(next - p));
        p = next;
    }
}

/* --- reading ----------------------------------------------------------------------- */

static hana_sql_type type_of(Oid oid)
{
    switch (oid) {
    case OID_BOOL:
        return HANA_SQL_BOOL;
    case OID_INT2:
    case OID_INT4:
    case OID_INT8:
    case OID_OID:
        return HANA_SQL_INT;
    case OID_FLOAT4:
    case OID_FLOAT8:
        return HANA_SQL_FLOAT;
    case OID_NUMERIC:
        return HANA_SQL_NUMERIC;
    case OID_DATE:
        return HANA_SQL_DATE;
    case OID_TIMESTAMP:
    case OID_TIMESTAMPTZ:
        return HANA_SQL_DATETIME;
    default:
        return HANA_SQL_TEXT;
    }
}

/* Digits that carry a value, so not leading zeros. */
static size_t count_digits(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        if (*text >= '0' && *text <= '9' && (n || *text != '0')) n++;
    return n;
}

static hana_status read_cell(hana_sql_cell *cell, const PGresult *row, int j,
                             size_t *rounded, hana_error *err)
{
    *cell = (hana_sql_cell){ 0 };
    if (PQgetisnull(row, 0, j)) return HANA_OK;
    cell->text = PQgetvalue(row, 0, j);
    cell->length = (size_t)PQgetlength(row, 0, j);
    cell->kind = HANA_SQL_TEXT_CELL;
    Oid oid = PQftype(row, j);
    switch (type_of(oid)) {
    case HANA_SQL_BOOL:
        cell->kind = HANA_SQL_BOOL_CELL;
        cell->integer = cell->text[0] == 't';
        break;
    case HANA_SQL_INT:
    case HANA_SQL_NUMERIC:
        if (hana_parse_int(cell->text, cell->length, &cell->integer)) {
            cell->kind = HANA_SQL_INT_CELL;
            break;
        }
        if (count_digits(cell->text) > 15) ++*rounded;
        if (hana_parse_double(cell->text, cell->length, &cell->number))
            cell->kind = HANA_SQL_FLOAT_CELL;
        break;
    case HANA_SQL_FLOAT:
        if (hana_parse_double(cell->text, cell->length, &cell->number))
            cell->kind = HANA_SQL_FLOAT_CELL;
        break;
    default:
        if (oid == OID_BYTES)
            return hana_fail(err, HANA_UNSUPPORTED,
                             "column '%s' is bytea; encode(%s, 'hex') in the query reads "
                             "it as text",
                             PQfname(row, j), PQfname(row, j));
    }
    return HANA_OK;
}

static hana_status take_columns(const PGresult *result, const hana_sql_rows *rows,
                                hana_error *err)
{
    int n = PQnfields(result);
    if (n == 0)
        return hana_fail(err, HANA_BAD_ARGUMENT,
                         "read_sql: the statement gives no rows to read");
    for (int j = 0; j < n; j++)
        HANA_TRY(rows->column(rows->context, PQfname(result, j),
                              type_of(PQftype(result, j)), err));
    return HANA_OK;
}

static hana_status take_row(const PGresult *row, const hana_sql_rows *rows,
                            size_t *rounded, hana_error *err)
{
    int n = PQnfields(row);
    for (int j = 0; j < n; j++) {
        hana_sql_cell cell;
        HANA_TRY(read_cell(&cell, row, j, rounded, err));
        HANA_TRY(rows->cell(rows->context, (size_t)j, &cell, err));
    }
    return rows->end_row(rows->context, err);
}

static hana_status read_rows(PGconn *db, const hana_sql_rows *rows, hana_job *job,
                             hana_error *err)
{
    size_t count = 0, rounded = 0;
    for (int first = 1;; first = 0) {
        PGresult *result;
        hana_status status = HANA_OK;
        if (count++ % HANA_SQL_POLL_ROWS == 0) HANA_TRY(hana_job_check(job, err));
        HANA_TRY(next_result(&result, db, job, err));
        if (!result) break;
        ExecStatusType kind = PQresultStatus(result);
        if (kind != PGRES_SINGLE_TUPLE && kind != PGRES_TUPLES_OK &&
            kind != PGRES_COMMAND_OK)
            status = fail_result(err, db, result);
        if (status == HANA_OK && first) status = take_columns(result, rows, err);
        if (status == HANA_OK && kind == PGRES_SINGLE_TUPLE)
            status = take_row(result, rows, &rounded, err);
        PQclear(result);
        HANA_TRY(status);
    }
    if (rounded == 0) return HANA_OK;
    char note[160];
    snprintf(
        note, sizeof note,
        "numerics with more than 15 digits (%zu) were rounded to floats; ::text in the "
        "query keeps them",
        rounded);
    return rows->note(rows->context, note, err);
}

static hana_status read_query(const char *url, const char *query, const hana_value *given,
                              const hana_sql_rows *rows, hana_job *job, hana_error *err)
{
    PGconn *db;
    params p = { 0 };
    hana_text sql = { 0 };
    HANA_TRY(connect_to(&db, url, job, err));
    hana_status status;
    HANA_GOTO(done, params_read(&p, given, err));
    if (p.n)
        number_params(&sql, query);
    else
        hana_text_puts(&sql, query);
    if (sql.failed) HANA_GOTO(done, hana_fail_memory(err));
    HANA_GOTO(done, run(db, "begin read only", job, err));
    if (!PQsendQueryParams(db, sql.data, (int)p.n, p.types, p.texts, NULL, NULL, 0) ||
        !PQsetSingleRowMode(db))
        HANA_GOTO(done, fail_result(err, db, NULL));
    status = read_rows(db, rows, job, err);
done:
    /* A connection that is closed ends its transaction. */
    PQfinish(db);
    params_clear(&p);
    hana_text_clear(&sql);
    return status;
}

/* --- writing ----------------------------------------------------------------------- */

static void add_quoted(hana_text *out, const char *name, size_t length)
{
    hana_text_putc(out, '"');
    for (size_t i = 0; i < length; i++) {
        if (name[i] == '"') hana_text_putc(out, '"');
        hana_text_putc(out, name[i]);
    }
    hana_text_putc(out, '"');
}

/* "schema.table" has its two parts quoted. */
static void add_table(hana_text *out, const char *name)
{
    const char *dot = strchr(name, '.');
    if (dot) {
        add_quoted(out, name, (size_t)(dot - name));
        hana_text_putc(out, '.');
        name = dot + 1;
    }
    add_quoted(out, name, strlen(name));
}

static const char *const type_names[] = {
    [HANA_SQL_BOOL] = "boolean",
    [HANA_SQL_INT] = "bigint",
    [HANA_SQL_FLOAT] = "double precision",
    [HANA_SQL_TEXT] = "text",
    [HANA_SQL_DATE] = "date",
    [HANA_SQL_DATETIME] = "timestamptz",
};

static hana_status make_table(PGconn *db, const hana_sql_table *table, hana_text *sql,
                              hana_job *job, hana_error *err)
{
    char state[6] = "";
    sql->length = 0;
    if (table->if_exists == HANA_SQL_REPLACE) {
        hana_text_puts(sql, "drop table if exists ");
        add_table(sql, table->name);
        if (sql->failed) return hana_fail_memory(err);
        HANA_TRY(run(db, sql->data, job, err));
        sql->length = 0;
    }
    hana_text_puts(sql, table->if_exists == HANA_SQL_APPEND
                            ? "create table if not exists "
                            : "create table ");
    add_table(sql, table->name);
    for (size_t j = 0; j < table->columns; j++) {
        hana_text_puts(sql, j ? ", " : " (");
        add_quoted(sql, table->names[j], strlen(table->names[j]));
        hana_text_printf(sql, " %s", type_names[table->types[j]]);
    }
    hana_text_puts(sql, ")");
    if (sql->failed) return hana_fail_memory(err);
    if (!PQsendQuery(db, sql->data)) return fail_result(err, db, NULL);
    hana_status status = finish(db, job, state, err);
    if (strcmp(state, "42P07") == 0)
        return hana_fail(err, HANA_BAD_ARGUMENT,
                         "postgres: table '%s' exists; if_exists = \"replace\" or "
                         "\"append\" says what is to become of it",
                         table->name);
    return status;
}

/* A cell in COPY's text format. */
static void add_cell(hana_text *out, const hana_sql_cell *cell)
{
    char plain[HANA_NUMBER_SIZE];
    switch (cell->kind) {
    case HANA_SQL_NULL_CELL:
        hana_text_puts(out, "\\N");
        return;
    case HANA_SQL_BOOL_CELL:
        hana_text_putc(out, cell->integer ? 't' : 'f');
        return;
    case HANA_SQL_INT_CELL:
        hana_text_printf(out, "%lld", (long long)cell->integer);
        return;
    case HANA_SQL_FLOAT_CELL:
        hana_text_add(out, plain, (size_t)hana_print_double(plain, cell->number, 0));
        return;
    case HANA_SQL_TEXT_CELL:
        break;
    }
    size_t done = 0;
    for (size_t i = 0; i < cell->length; i++) {
        char c = cell->text[i];
        if (c != '\\' && c != '\n' && c != '\r' && c != '\t') continue;
        hana_text_add(out, cell->text + done, i - done);
        hana_text_putc(out, '\\');
        hana_text_putc(out, (char)(c == '\n'   ? 'n'
                                   : c == '\r' ? 'r'
                                   : c == '\t' ? 't'
                                               : c));
        done = i + 1;
    }
    hana_text_add(out, cell->text + done, cell->length - done);
}

enum { COPY_BYTES = 1 << 18 };

static hana_status copy_rows(PGconn *db, const hana_sql_table *table, hana_text *buffer,
                             hana_job *job, hana_error *err)
{
    buffer->length = 0;
    for (size_t i = 0; i < table->rows; i++) {
        if (i % HANA_SQL_POLL_ROWS == 0) HANA_TRY(hana_job_at(job, i, table->rows, err));
        for (size_t j = 0; j < table->columns; j++) {
            hana_sql_cell cell;
            HANA_TRY(table->cell(table->context, i, j, &cell, err));
            if (cell.kind == HANA_SQL_TEXT_CELL && memchr(cell.text, 0, cell.length))
                return hana_fail(
                    err, HANA_BAD_DATA,
                    "column '%s', row %zu: a NUL byte, which PostgreSQL does "
                    "not store",
                    table->names[j], i + 1);
            if (j) hana_text_putc(buffer, '\t');
            add_cell(buffer, &cell);
        }
        hana_text_putc(buffer, '\n');
        if (buffer->failed) return hana_fail_memory(err);
        if (buffer->length < COPY_BYTES && i + 1 < table->rows) continue;
        if (PQputCopyData(db, buffer->data, (int)buffer->length) != 1)
            return fail_result(err, db, NULL);
        buffer->length = 0;
    }
    return HANA_OK;
}

static hana_status copy(PGconn *db, const hana_sql_table *table, hana_text *sql,
                        hana_job *job, hana_error *err)
{
    sql->length = 0;
    hana_text_puts(sql, "copy ");
    add_table(sql, table->name);
    for (size_t j = 0; j < table->columns; j++) {
        hana_text_puts(sql, j ? ", " : " (");
        add_quoted(sql, table->names[j], strlen(table->names[j]));
    }
    hana_text_puts(sql, ") from stdin");
    if (sql->failed) return hana_fail_memory(err);
    HANA_TRY(run(db, sql->data, job, err));
    HANA_TRY(copy_rows(db, table, sql, job, err));
    if (PQputCopyEnd(db, NULL) != 1) return fail_result(err, db, NULL);
    return finish(db, job, NULL, err);
}

static hana_status write_table(const char *url, const hana_sql_table *table,
                               hana_job *job, hana_error *err)
{
    PGconn *db;
    hana_text sql = { 0 };
    HANA_TRY(connect_to(&db, url, job, err));
    hana_status status = run(db, "begin", job, err);
    if (status == HANA_OK) status = make_table(db, table, &sql, job, err);
    if (status == HANA_OK) status = copy(db, table, &sql, job, err);
    if (status == HANA_OK) status = run(db, "commit", job, err);
    /* Without a commit the server forgets all of it. */
    PQfinish(db);
    hana_text_clear(&sql);
    return status;
}

/* --- what a table is --------------------------------------------------------------- */

/* One query's rows; the caller clears them. */
static hana_status query(PGresult **out, PGconn *db, const char *sql, const char *param,
                         hana_job *job, char sqlstate[6], hana_error *err)
{
    const char *texts[1] = { param };
    hana_status status = HANA_OK;
    *out = NULL;
    if (!PQsendQueryParams(db, sql, param != NULL, NULL, texts, NULL, NULL, 0))
        return fail_result(err, db, NULL);
    for (;;) {
        PGresult *result;
        hana_status waited = next_result(&result, db, job, err);
        if (waited != HANA_OK) {
            PQclear(*out);
            return waited;
        }
        if (!result) break;
        if (status == HANA_OK && PQresultStatus(result) == PGRES_FATAL_ERROR) {
            const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
            if (sqlstate && state) snprintf(sqlstate, 6, "%s", state);
            status = fail_result(err, db, result);
        }
        PQclear(*out);
        *out = result;
    }
    if (status != HANA_OK) PQclear(*out);
    return status;
}

static hana_status fail_table(PGconn *db, const char *table, hana_job *job,
                              hana_error *err)
{
    PGresult *list;
    hana_names names = { 0 };
    HANA_TRY(query(&list, db,
                   "select case when table_schema = any (current_schemas(false)) then "
                   "table_name else table_schema || '.' || table_name end from "
                   "information_schema.tables where table_schema not in ('pg_catalog', "
                   "'information_schema')",
                   NULL, job, NULL, err));
    hana_status status = HANA_OK;
    for (int i = 0; i < PQntuples(list) && status == HANA_OK; i++)
        status = hana_names_add(&names, PQgetvalue(list, i, 0), err);
    PQclear(list);
    if (status == HANA_OK)
        status = hana_fail_unknown(err, "postgres: no table", table, "",
                                   (const char *const *)names.items, names.n);
    hana_names_clear(&names);
    return status;
}

/* The SQL of a column's cell as hana's value: numbers of 64 bits (float4 by its digits,
   as it is read), texts by their bytes, times as timestamptz. */
static void add_value(hana_text *out, const char *name, Oid oid)
{
    hana_text column = { 0 };
    hana_sql_name(&column, name);
    const char *x = column.failed ? "" : column.data;
    switch (oid) {
    case OID_BOOL:
    case OID_INT8:
    case OID_FLOAT8:
    case OID_DATE:
    case OID_TIMESTAMPTZ:
        hana_text_puts(out, x);
        break;
    case OID_INT2:
    case OID_INT4:
    case OID_OID:
        hana_text_printf(out, "%s::int8", x);
        break;
    case OID_FLOAT4:
        hana_text_printf(out, "%s::text::float8", x);
        break;
    case OID_NUMERIC: /* of the type that is said */
        hana_text_printf(out, "%s::%%s", x);
        break;
    case OID_TIMESTAMP:
        hana_text_printf(out, "%s::timestamptz", x);
        break;
    case OID_TEXT:
    case OID_VARCHAR:
        hana_text_printf(out, "(%s COLLATE \"C\")", x);
        break;
    case OID_CHAR: /* its blanks at the end count */
        hana_text_printf(out, "(textin(bpcharout(%s)) COLLATE \"C\")", x);
        break;
    default:
        hana_text_printf(out, "(%s::text COLLATE \"C\")", x);
        break;
    }
    out->failed |= column.failed;
    hana_text_clear(&column);
}

static hana_status put_text(hana_value *map, const char *key, const char *text,
                            hana_error *err)
{
    hana_value value = { 0 };
    HANA_TRY(hana_value_string(&value, text, strlen(text), err));
    return hana_value_set(map, key, value, err);
}

static hana_status put_column(hana_value *list, const PGresult *rows, int j,
                              hana_error *err)
{
    static const char *const types[] = {
        [HANA_SQL_BOOL] = "bool",   [HANA_SQL_INT] = "int",
        [HANA_SQL_FLOAT] = "float", [HANA_SQL_TEXT] = "string",
        [HANA_SQL_DATE] = "date",   [HANA_SQL_DATETIME] = "datetime",
    };
    hana_value map = { 0 };
    hana_text value = { 0 };
    Oid oid = PQftype(rows, j);
    const char *type = oid == OID_BYTES ? NULL : types[type_of(oid)];
    add_value(&value, PQfname(rows, j), oid);
    hana_status status = value.failed ? hana_fail_memory(err) : HANA_OK;
    if (status == HANA_OK) status = hana_value_new_map(&map, err);
    if (status == HANA_OK) status = put_text(&map, "name", PQfname(rows, j), err);
    if (status == HANA_OK && type) status = put_text(&map, "type", type, err);
    if (status == HANA_OK) status = put_text(&map, "value", value.data, err);
    hana_text_clear(&value);
    if (status == HANA_OK) return hana_value_push(list, map, err);
    hana_value_clear(&map);
    return status;
}

/* The primary key. */
static hana_status put_order(hana_value *list, PGconn *db, const char *table,
                             hana_job *job, hana_error *err)
{
    PGresult *rows;
    HANA_TRY(query(&rows, db,
                   "select a.attname from pg_index i join pg_attribute a on a.attrelid = "
                   "i.indrelid and a.attnum = any (i.indkey) where i.indrelid = "
                   "$1::regclass and i.indisprimary order by "
                   "array_position(i.indkey::int2[], a.attnum)",
                   table, job, NULL, err));
    hana_status status = HANA_OK;
    for (int i = 0; i < PQntuples(rows) && status == HANA_OK; i++) {
        hana_value value = { 0 };
        hana_text name = { 0 };
        hana_sql_name(&name, PQgetvalue(rows, i, 0));
        status = name.failed ? hana_fail_memory(err)
                             : hana_value_string(&value, name.data, name.length, err);
        hana_text_clear(&name);
        if (status == HANA_OK) status = hana_value_push(list, value, err);
    }
    PQclear(rows);
    return status;
}

static hana_status read_about(hana_value *map, PGconn *db, const char *table,
                              hana_job *job, hana_error *err)
{
    hana_text name = { 0 }, sql = { 0 };
    hana_value columns = { 0 }, order = { 0 };
    PGresult *rows = NULL;
    char state[6] = "";
    add_table(&name, table);
    hana_text_puts(&sql, "select * from ");
    hana_text_puts(&sql, name.data ? name.data : "");
    hana_text_puts(&sql, " limit 0");
    hana_status status = name.failed || sql.failed ? hana_fail_memory(err) : HANA_OK;
    HANA_GOTO(done, status);
    status = query(&rows, db, sql.data, NULL, job, state, err);
    if (status != HANA_OK) {
        rows = NULL;
        if (strcmp(state, "42P01") == 0) status = fail_table(db, table, job, err);
        goto done;
    }
    HANA_GOTO(done, hana_value_new_list(&columns, err));
    HANA_GOTO(done, hana_value_new_list(&order, err));
    for (int j = 0; j < PQnfields(rows); j++)
        HANA_GOTO(done, put_column(&columns, rows, j, err));
    HANA_GOTO(done, put_order(&order, db, name.data, job, err));
    HANA_GOTO(done, put_text(map, "dialect", "postgres", err));
    HANA_GOTO(done, put_text(map, "table", name.data, err));
    hana_value taken = columns;
    columns = (hana_value){ 0 };
    HANA_GOTO(done, hana_value_set(map, "columns", taken, err));
    taken = order;
    order = (hana_value){ 0 };
    status = hana_value_set(map, "order", taken, err);
done:
    PQclear(rows);
    hana_value_clear(&columns);
    hana_value_clear(&order);
    hana_text_clear(&name);
    hana_text_clear(&sql);
    return status;
}

static hana_status describe(hana_value *out, const char *url, const char *table,
                            hana_job *job, hana_error *err)
{
    PGconn *db;
    hana_value map = { 0 };
    HANA_TRY(connect_to(&db, url, job, err));
    hana_status status = hana_value_new_map(&map, err);
    if (status == HANA_OK) status = read_about(&map, db, table, job, err);
    PQfinish(db);
    if (status == HANA_OK)
        *out = map;
    else
        hana_value_clear(&map);
    return status;
}

extern HANA_API const hana_sql_driver hana_plugin;
const hana_sql_driver hana_plugin = { .read = read_query,
                                      .write = write_table,
                                      .describe = describe };
