#include "sqlite_parts.h"

#include <ctype.h>
#include <math.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

hana_status hana_sqlite_fail(hana_error *err, const char *path, sqlite3 *db, int code)
{
    if (code == SQLITE_NOMEM) return hana_fail_memory(err);
    if (code == SQLITE_INTERRUPT) return hana_fail(err, HANA_INTERRUPTED, "interrupted");
    hana_status status = code == SQLITE_NOTADB || code == SQLITE_CORRUPT ? HANA_BAD_FORMAT
                         : code == SQLITE_ERROR || code == SQLITE_CONSTRAINT
                             ? HANA_BAD_ARGUMENT
                             : HANA_IO_FAILED;
    return hana_fail(err, status, "%s: %s", path,
                     db ? sqlite3_errmsg(db) : sqlite3_errstr(code));
}

static int stop(void *job)
{
    return hana_job_check(job, NULL) != HANA_OK;
}

static hana_status open_database(sqlite3 **out, const char *path, int flags,
                                 hana_job *job, hana_error *err)
{
    sqlite3 *db = NULL;
    int code = sqlite3_open_v2(path, &db, flags, NULL);
    if (code != SQLITE_OK) {
        hana_status status = hana_sqlite_fail(err, path, db, code);
        sqlite3_close(db);
        return status;
    }
    sqlite3_busy_timeout(db, 10000);
    sqlite3_progress_handler(db, 10000, stop, job);
    *out = db;
    return HANA_OK;
}

/* --- reading ----------------------------------------------------------------------- */

/* A word of a declared type: "double precision" has the word "double". */
static int has_word(const char *declared, const char *word)
{
    size_t n = strlen(word);
    for (const char *p = declared; *p; p++) {
        if (p > declared && isalpha((unsigned char)p[-1])) continue;
        if (strncasecmp(p, word, n) == 0 && !isalpha((unsigned char)p[n])) return 1;
    }
    return 0;
}

hana_sql_type hana_sqlite_declared(const char *declared)
{
    static const struct {
        const char *word;
        hana_sql_type type;
    } words[] = {
        { "datetime", HANA_SQL_DATETIME },
        { "timestamp", HANA_SQL_DATETIME },
        { "timestamptz", HANA_SQL_DATETIME },
        { "date", HANA_SQL_DATE },
        { "bool", HANA_SQL_BOOL },
        { "boolean", HANA_SQL_BOOL },
        { "real", HANA_SQL_FLOAT },
        { "float", HANA_SQL_FLOAT },
        { "double", HANA_SQL_FLOAT },
        { "text", HANA_SQL_TEXT },
        { "clob", HANA_SQL_TEXT },
        { "char", HANA_SQL_TEXT },
        { "character", HANA_SQL_TEXT },
        { "varchar", HANA_SQL_TEXT },
        { "nvarchar", HANA_SQL_TEXT },
        { "nchar", HANA_SQL_TEXT },
    };
    if (!declared) return HANA_SQL_ANY;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (has_word(declared, words[i].word)) return words[i].type;
    if (has_word(declared, "numeric") || has_word(declared, "decimal"))
        return strchr(declared, ',') ? HANA_SQL_FLOAT : HANA_SQL_NUMERIC;
    /* As SQLite itself tells integers: "int", "BIGINT", "int8", "INTEGER". */
    for (const char *p = declared; *p; p++)
        if (strncasecmp(p, "int", 3) == 0) return HANA_SQL_INT;
    return HANA_SQL_ANY;
}

static int bind_value(sqlite3_stmt *statement, int i, const hana_value *value)
{
    switch (value->kind) {
    case HANA_VALUE_NULL:
        return sqlite3_bind_null(statement, i);
    case HANA_VALUE_BOOL:
        return sqlite3_bind_int(statement, i, value->as.boolean);
    case HANA_VALUE_INT:
        return sqlite3_bind_int64(statement, i, value->as.integer);
    case HANA_VALUE_NUMBER:
        return sqlite3_bind_double(statement, i, value->as.number);
    case HANA_VALUE_STRING:
        return sqlite3_bind_text64(statement, i, value->as.string.data,
                                   value->as.string.length, SQLITE_STATIC, SQLITE_UTF8);
    default:
        return SQLITE_MISMATCH;
    }
}

/* The parameter that stands at place i: "?3" and "$3" are the third, ":name" is by name.
 */
static const hana_value *parameter(const char *name, int i, const hana_value *params,
                                   size_t *used)
{
    if (params->kind == HANA_VALUE_MAP)
        return name ? hana_value_get(params, name + 1) : NULL;
    size_t k = (size_t)i - 1;
    if (name && isdigit((unsigned char)name[1])) {
        k = 0;
        for (const char *p = name + 1; isdigit((unsigned char)*p) && k < 100000; p++)
            k = 10 * k + (size_t)(*p - '0');
        k--;
    }
    if (params->kind != HANA_VALUE_LIST || k >= params->as.list->n) return NULL;
    if (k + 1 > *used) *used = k + 1;
    return &params->as.list->items[k];
}

static hana_status bind_params(sqlite3_stmt *statement, const char *path,
                               const hana_value *params, hana_error *err)
{
    static const hana_value none = { 0 };
    if (!params) params = &none;
    int n = sqlite3_bind_parameter_count(statement);
    size_t given = params->kind == HANA_VALUE_LIST  ? params->as.list->n
                   : params->kind == HANA_VALUE_MAP ? params->as.map->n
                                                    : 0,
           used = 0;
    for (int i = 1; i <= n; i++) {
        const char *name = sqlite3_bind_parameter_name(statement, i);
        const hana_value *value = parameter(name, i, params, &used);
        if (!value && params->kind == HANA_VALUE_MAP && name)
            return hana_fail(err, HANA_BAD_ARGUMENT,
                             "read_sql: the query's parameter %s has no value", name);
        if (!value)
            return hana_fail(
                err, HANA_BAD_ARGUMENT,
                "read_sql: the query has %d parameters, %zu values were given", n, given);
        int code = bind_value(statement, i, value);
        if (code == SQLITE_MISMATCH)
            return hana_fail(
                err, HANA_BAD_ARGUMENT,
                "read_sql: parameter %d must be a number, a string, a bool or "
                "null, got %s",
                i, hana_value_kind_name(value));
        if (code != SQLITE_OK)
            return hana_sqlite_fail(err, path, sqlite3_db_handle(statement), code);
    }
    if (params->kind == HANA_VALUE_LIST && used < given)
        return hana_fail(err, HANA_BAD_ARGUMENT,
                         "read_sql: the query has %d parameters, %zu values were given",
                         n, given);
    return HANA_OK;
}

static hana_status read_cell(hana_sql_cell *cell, sqlite3_stmt *statement, int j,
                             size_t row, hana_error *err)
{
    *cell = (hana_sql_cell){ 0 };
    switch (sqlite3_column_type(statement, j)) {
    case SQLITE_NULL:
        return HANA_OK;
    case SQLITE_INTEGER:
        cell->kind = HANA_SQL_INT_CELL;
        cell->integer = sqlite3_column_int64(statement, j);
        return HANA_OK;
    case SQLITE_FLOAT:
        cell->kind = HANA_SQL_FLOAT_CELL;
        cell->number = sqlite3_column_double(statement, j);
        return HANA_OK;
    case SQLITE_BLOB:
        return hana_fail(
            err, HANA_UNSUPPORTED,
            "column '%s', row %zu: a blob of %d bytes; hex(...) in the query "
            "reads it as text",
            sqlite3_column_name(statement, j), row + 1,
            sqlite3_column_bytes(statement, j));
    default:
        cell->kind = HANA_SQL_TEXT_CELL;
        cell->text = (const char *)sqlite3_column_text(statement, j);
        cell->length = (size_t)sqlite3_column_bytes(statement, j);
        return cell->text ? HANA_OK : hana_fail_memory(err);
    }
}

static hana_status read_rows(sqlite3 *db, sqlite3_stmt *statement, const char *path,
                             const hana_sql_rows *rows, hana_job *job, hana_error *err)
{
    int n = sqlite3_column_count(statement);
    for (int j = 0; j < n; j++)
        HANA_TRY(rows->column(rows->context, sqlite3_column_name(statement, j),
                              hana_sqlite_declared(sqlite3_column_decltype(statement, j)),
                              err));
    for (size_t row = 0;; row++) {
        if (row % HANA_SQL_POLL_ROWS == 0) HANA_TRY(hana_job_check(job, err));
        int code = sqlite3_step(statement);
        if (code == SQLITE_DONE) return HANA_OK;
        if (code != SQLITE_ROW) return hana_sqlite_fail(err, path, db, code);
        for (int j = 0; j < n; j++) {
            hana_sql_cell cell;
            HANA_TRY(read_cell(&cell, statement, j, row, err));
            HANA_TRY(rows->cell(rows->context, (size_t)j, &cell, err));
        }
        HANA_TRY(rows->end_row(rows->context, err));
    }
}

static hana_status open_to_read(sqlite3 **db, const char *path, hana_job *job,
                                hana_error *err)
{
    if (strcmp(path, ":memory:") != 0 && access(path, F_OK) != 0)
        return hana_fail(err, HANA_IO_FAILED, "%s: no such file", path);
    HANA_TRY(open_database(db, path, SQLITE_OPEN_READWRITE, job, err));
    hana_status status = hana_sqlite_functions(*db, err);
    if (status != HANA_OK) sqlite3_close(*db);
    return status;
}

static hana_status read_query(const char *path, const char *query,
                              const hana_value *params, const hana_sql_rows *rows,
                              hana_job *job, hana_error *err)
{
    sqlite3 *db;
    sqlite3_stmt *statement = NULL;
    const char *rest = NULL;
    HANA_TRY(open_to_read(&db, path, job, err));
    hana_status status = HANA_OK;
    int code = sqlite3_prepare_v2(db, query, -1, &statement, &rest);
    if (code != SQLITE_OK) HANA_GOTO(done, hana_sqlite_fail(err, path, db, code));
    while (rest && (isspace((unsigned char)*rest) || *rest == ';')) rest++;
    if (!statement || (rest && *rest && strncmp(rest, "--", 2) != 0))
        HANA_GOTO(done, hana_fail(err, HANA_BAD_ARGUMENT,
                                  "read_sql: one statement is expected, got %s",
                                  statement ? "several" : "none"));
    if (!sqlite3_stmt_readonly(statement) || sqlite3_column_count(statement) == 0)
        HANA_GOTO(done, hana_fail(err, HANA_BAD_ARGUMENT,
                                  "read_sql: the statement gives no rows to read or "
                                  "changes the database"));
    HANA_GOTO(done, bind_params(statement, path, params, err));
    status = read_rows(db, statement, path, rows, job, err);
done:
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return status;
}

/* --- writing ----------------------------------------------------------------------- */

static void add_name(hana_text *out, const char *name)
{
    hana_text_putc(out, '"');
    for (; *name; name++) {
        if (*name == '"') hana_text_putc(out, '"');
        hana_text_putc(out, *name);
    }
    hana_text_putc(out, '"');
}

static const char *const type_names[] = {
    [HANA_SQL_BOOL] = "BOOLEAN", [HANA_SQL_INT] = "INTEGER",
    [HANA_SQL_FLOAT] = "REAL",   [HANA_SQL_TEXT] = "TEXT",
    [HANA_SQL_DATE] = "DATE",    [HANA_SQL_DATETIME] = "DATETIME",
};

static hana_status run(sqlite3 *db, const char *path, hana_text *sql, hana_error *err)
{
    if (sql->failed) return hana_fail_memory(err);
    int code = sqlite3_exec(db, sql->data, NULL, NULL, NULL);
    sql->length = 0;
    return code == SQLITE_OK ? HANA_OK : hana_sqlite_fail(err, path, db, code);
}

static hana_status exists(int *out, sqlite3 *db, const char *path, const char *name,
                          hana_error *err)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(db,
                                  "select 1 from sqlite_master where lower(name) = "
                                  "lower(?) and type in ('table', 'view')",
                                  -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
    if (code == SQLITE_OK) code = sqlite3_step(statement);
    *out = code == SQLITE_ROW;
    hana_status status = code == SQLITE_ROW || code == SQLITE_DONE
                             ? HANA_OK
                             : hana_sqlite_fail(err, path, db, code);
    sqlite3_finalize(statement);
    return status;
}

static hana_status make_table(sqlite3 *db, const char *path, const hana_sql_table *table,
                              hana_text *sql, hana_error *err)
{
    int there;
    HANA_TRY(exists(&there, db, path, table->name, err));
    if (there && table->if_exists == HANA_SQL_RAISE)
        return hana_fail(err, HANA_BAD_ARGUMENT,
                         "%s: table '%s' exists; if_exists = \"replace\" or \"append\" "
                         "says what is to become of it",
                         path, table->name);
    if (there && table->if_exists == HANA_SQL_APPEND) return HANA_OK;
    if (there) {
        hana_text_puts(sql, "drop table ");
        add_name(sql, table->name);
        HANA_TRY(run(db, path, sql, err));
    }
    hana_text_puts(sql, "create table ");
    add_name(sql, table->name);
    for (size_t j = 0; j < table->columns; j++) {
        hana_text_puts(sql, j ? ", " : " (");
        add_name(sql, table->names[j]);
        hana_text_printf(sql, " %s", type_names[table->types[j]]);
    }
    hana_text_puts(sql, ")");
    return run(db, path, sql, err);
}

static hana_status bind_cell(sqlite3_stmt *statement, const char *path,
                             const hana_sql_table *table, size_t row, size_t j,
                             hana_error *err)
{
    hana_sql_cell cell;
    int i = (int)j + 1, code = SQLITE_OK;
    HANA_TRY(table->cell(table->context, row, j, &cell, err));
    switch (cell.kind) {
    case HANA_SQL_NULL_CELL:
        code = sqlite3_bind_null(statement, i);
        break;
    case HANA_SQL_BOOL_CELL:
    case HANA_SQL_INT_CELL:
        code = sqlite3_bind_int64(statement, i, cell.integer);
        break;
    case HANA_SQL_FLOAT_CELL:
        if (isnan(cell.number))
            return hana_fail(err, HANA_BAD_DATA,
                             "column '%s', row %zu: NaN, which SQLite would make null; "
                             "replace it first",
                             table->names[j], row + 1);
        code = sqlite3_bind_double(statement, i, cell.number);
        break;
    case HANA_SQL_TEXT_CELL:
        code = sqlite3_bind_text64(statement, i, cell.text ? cell.text : "", cell.length,
                                   SQLITE_TRANSIENT, SQLITE_UTF8);
        break;
    }
    if (code == SQLITE_OK) return HANA_OK;
    return hana_sqlite_fail(err, path, sqlite3_db_handle(statement), code);
}

static hana_status insert(sqlite3 *db, const char *path, const hana_sql_table *table,
                          hana_text *sql, hana_job *job, hana_error *err)
{
    sqlite3_stmt *statement = NULL;
    hana_text_puts(sql, "insert into ");
    add_name(sql, table->name);
    for (size_t j = 0; j < table->columns; j++) {
        hana_text_puts(sql, j ? ", " : " (");
        add_name(sql, table->names[j]);
    }
    for (size_t j = 0; j < table->columns; j++)
        hana_text_puts(sql, j ? ", ?" : ") values (?");
    hana_text_puts(sql, ")");
    if (sql->failed) return hana_fail_memory(err);
    int code = sqlite3_prepare_v2(db, sql->data, -1, &statement, NULL);
    hana_status status =
        code == SQLITE_OK ? HANA_OK : hana_sqlite_fail(err, path, db, code);
    for (size_t i = 0; status == HANA_OK && i < table->rows; i++) {
        if (i % HANA_SQL_POLL_ROWS == 0)
            HANA_GOTO(done, hana_job_at(job, i, table->rows, err));
        for (size_t j = 0; j < table->columns; j++)
            HANA_GOTO(done, bind_cell(statement, path, table, i, j, err));
        code = sqlite3_step(statement);
        if (code != SQLITE_DONE) {
            status = hana_sqlite_fail(err, path, db, code);
            if (err && status != HANA_INTERRUPTED && status != HANA_OUT_OF_MEMORY)
                hana_fail_prefix(err, status, "row %zu: ", i + 1);
            goto done;
        }
        sqlite3_reset(statement);
    }
done:
    sqlite3_finalize(statement);
    return status;
}

static hana_status write_table(const char *path, const hana_sql_table *table,
                               hana_job *job, hana_error *err)
{
    sqlite3 *db;
    hana_text sql = { 0 };
    int was_there = access(path, F_OK) == 0;
    HANA_TRY(
        open_database(&db, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, job, err));
    hana_text_puts(&sql, "begin immediate");
    hana_status status = run(db, path, &sql, err);
    if (status == HANA_OK) {
        status = make_table(db, path, table, &sql, err);
        if (status == HANA_OK) status = insert(db, path, table, &sql, job, err);
        if (status == HANA_OK) {
            sql.length = 0;
            hana_text_puts(&sql, "commit");
            status = run(db, path, &sql, err);
        }
        if (status != HANA_OK) {
            sqlite3_progress_handler(db, 0, NULL, NULL);
            sqlite3_exec(db, "rollback", NULL, NULL, NULL);
        }
    }
    hana_text_clear(&sql);
    sqlite3_close(db);
    if (status != HANA_OK && !was_there) unlink(path);
    return status;
}

static hana_status describe(hana_value *out, const char *path, const char *table,
                            hana_job *job, hana_error *err)
{
    sqlite3 *db;
    HANA_TRY(open_to_read(&db, path, job, err));
    hana_status status = hana_sqlite_describe(out, db, path, table, err);
    sqlite3_close(db);
    return status;
}

extern HANA_API const hana_sql_driver hana_plugin;
const hana_sql_driver hana_plugin = { .read = read_query,
                                      .write = write_table,
                                      .describe = describe };
