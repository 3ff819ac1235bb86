#include "sqlite_parts.h"

#include "data/expr_sql.h"

#include <string.h>
#include <strings.h>

/* What a table or view is: its columns, as they are declared, and what puts its rows in
   order. */

typedef struct about {
    sqlite3 *db;
    const char *path, *table;
    char *kind, *sql; /* "table" or "view", and its statement */
    int strict, keys, integer_key;
    const char *row_id; /* NULL: it has none */
} about;

static hana_status prepare(sqlite3_stmt **out, const about *a, const char *sql,
                           hana_error *err)
{
    int code = sqlite3_prepare_v2(a->db, sql, -1, out, NULL);
    if (code == SQLITE_OK) code = sqlite3_bind_text(*out, 1, a->table, -1, SQLITE_STATIC);
    if (code == SQLITE_OK) return HANA_OK;
    hana_status status = hana_sqlite_fail(err, a->path, a->db, code);
    sqlite3_finalize(*out);
    return status;
}

static hana_status fail_table(const about *a, hana_error *err)
{
    sqlite3_stmt *list;
    hana_names names = { 0 };
    char where[300];
    HANA_TRY(prepare(&list, a,
                     "select name from sqlite_master where type in ('table', 'view') and "
                     "name not like 'sqlite\\_%' escape '\\' and ?1 <> ''",
                     err));
    hana_status status = HANA_OK;
    while (status == HANA_OK && sqlite3_step(list) == SQLITE_ROW)
        status = hana_names_add(&names, (const char *)sqlite3_column_text(list, 0), err);
    sqlite3_finalize(list);
    sqlite3_snprintf(sizeof where, where, " in %.250s", a->path);
    if (status == HANA_OK)
        status = hana_fail_unknown(err, "no table", a->table, where,
                                   (const char *const *)names.items, names.n);
    hana_names_clear(&names);
    return status;
}

static hana_status find_table(about *a, hana_error *err)
{
    sqlite3_stmt *row;
    HANA_TRY(prepare(&row, a,
                     "select type, sql from sqlite_master where name = ?1 collate nocase "
                     "and type in ('table', 'view')",
                     err));
    int there = sqlite3_step(row) == SQLITE_ROW;
    if (there) {
        const char *sql = (const char *)sqlite3_column_text(row, 1);
        a->kind = hana_strdup((const char *)sqlite3_column_text(row, 0));
        a->sql = hana_strdup(sql ? sql : "");
    }
    sqlite3_finalize(row);
    if (!there) return fail_table(a, err);
    return a->kind && a->sql ? HANA_OK : hana_fail_memory(err);
}

/* Strict tables hold what is declared; older SQLite than 3.37 has none. */
static void find_strict(about *a)
{
    sqlite3_stmt *row;
    if (prepare(&row, a, "select strict from pragma_table_list(?1) where schema = 'main'",
                NULL) != HANA_OK)
        return;
    if (sqlite3_step(row) == SQLITE_ROW) a->strict = sqlite3_column_int(row, 0);
    sqlite3_finalize(row);
}

/* A name of the row id that no column has taken. */
static void find_row_id(about *a)
{
    static const char *const names[] = { "rowid", "_rowid_", "oid" };
    if (strcmp(a->kind, "table") != 0) return;
    for (size_t k = 0; k < 3 && !a->row_id; k++) {
        sqlite3_stmt *row = NULL;
        hana_text sql = { 0 };
        if (sqlite3_table_column_metadata(a->db, NULL, a->table, names[k], NULL, NULL,
                                          NULL, NULL, NULL) != SQLITE_OK)
            continue;
        hana_text_printf(&sql, "select %s from ", names[k]);
        hana_sql_name(&sql, a->table);
        int code = sql.failed ? SQLITE_NOMEM
                              : sqlite3_prepare_v2(a->db, sql.data, -1, &row, NULL);
        /* A column of that name has an origin of that name; the row id too, unless it is
           another column's alias: both are what the name says. */
        if (code == SQLITE_OK) a->row_id = names[k];
        sqlite3_finalize(row);
        hana_text_clear(&sql);
    }
}

static hana_status put_text(hana_value *map, const char *key, const char *text,
                            hana_error *err)
{
    hana_value value = { 0 };
    HANA_TRY(hana_value_string(&value, text, strlen(text), err));
    return hana_value_set(map, key, value, err);
}

/* hana_int("x", 'x'): cells are what they like unless the table is strict; texts compare
   by their bytes. */
static hana_status put_value(hana_value *map, const about *a, const char *name,
                             hana_sql_type type, hana_error *err)
{
    static const char *const functions[] = {
        [HANA_SQL_ANY] = "%s",
        [HANA_SQL_BOOL] = "bool",
        [HANA_SQL_INT] = "int",
        [HANA_SQL_FLOAT] = "float",
        [HANA_SQL_NUMERIC] = "%s",
        [HANA_SQL_DATE] = "date",
        [HANA_SQL_DATETIME] = "datetime",
    };
    const char *declared = NULL, *collation = NULL;
    int key = 0,
        known = sqlite3_table_column_metadata(a->db, NULL, a->table, name, &declared,
                                              &collation, NULL, &key, NULL) == SQLITE_OK;
    hana_text sql = { 0 };
    int alias = known && key && a->integer_key && declared &&
                strcasecmp(declared, "integer") == 0;
    int certain =
        alias || (a->strict && (type == HANA_SQL_INT || type == HANA_SQL_FLOAT));
    int plain = type == HANA_SQL_TEXT && known && collation &&
                strcasecmp(collation, "binary") == 0;
    if (certain || plain)
        hana_sql_name(&sql, name);
    else if (type == HANA_SQL_TEXT) {
        hana_text_putc(&sql, '(');
        hana_sql_name(&sql, name);
        hana_text_puts(&sql, " COLLATE BINARY)");
    } else {
        hana_text_printf(&sql, "hana_%s(", functions[type]);
        hana_sql_name(&sql, name);
        hana_text_puts(&sql, ", ");
        hana_sql_quote(&sql, name, strlen(name));
        hana_text_putc(&sql, ')');
    }
    hana_status status =
        sql.failed ? hana_fail_memory(err) : put_text(map, "value", sql.data, err);
    hana_text_clear(&sql);
    return status;
}

static hana_status put_columns(hana_value *list, about *a, hana_error *err)
{
    static const char *const types[] = {
        [HANA_SQL_BOOL] = "bool",   [HANA_SQL_INT] = "int",
        [HANA_SQL_FLOAT] = "float", [HANA_SQL_TEXT] = "string",
        [HANA_SQL_DATE] = "date",   [HANA_SQL_DATETIME] = "datetime",
    };
    sqlite3_stmt *rows = NULL;
    hana_text sql = { 0 };
    hana_text_puts(&sql, "select * from ");
    hana_sql_name(&sql, a->table);
    hana_status status = sql.failed ? hana_fail_memory(err) : HANA_OK;
    int code =
        sql.failed ? SQLITE_NOMEM : sqlite3_prepare_v2(a->db, sql.data, -1, &rows, NULL);
    if (status == HANA_OK && code != SQLITE_OK)
        status = hana_sqlite_fail(err, a->path, a->db, code);
    for (int j = 0; status == HANA_OK && j < sqlite3_column_count(rows); j++) {
        hana_value map = { 0 };
        const char *name = sqlite3_column_name(rows, j);
        hana_sql_type type = hana_sqlite_declared(sqlite3_column_decltype(rows, j));
        status = hana_value_new_map(&map, err);
        if (status == HANA_OK) status = put_text(&map, "name", name, err);
        if (status == HANA_OK && types[type])
            status = put_text(&map, "type", types[type], err);
        if (status == HANA_OK) status = put_value(&map, a, name, type, err);
        if (status == HANA_OK)
            status = hana_value_push(list, map, err);
        else
            hana_value_clear(&map);
    }
    sqlite3_finalize(rows);
    hana_text_clear(&sql);
    return status;
}

static int has_desc(const char *sql)
{
    for (; *sql; sql++)
        if (strncasecmp(sql, "desc", 4) == 0) return 1;
    return 0;
}

/* The row id; without one the primary key. */
static hana_status put_order(hana_value *list, about *a, hana_error *err)
{
    hana_value value = { 0 };
    sqlite3_stmt *rows;
    HANA_TRY(prepare(&rows, a,
                     "select name, type from pragma_table_info(?1) where pk > 0 order by "
                     "pk",
                     err));
    hana_status status = HANA_OK;
    int whole = 0;
    while (status == HANA_OK && sqlite3_step(rows) == SQLITE_ROW) {
        const char *type = (const char *)sqlite3_column_text(rows, 1);
        hana_text name = { 0 };
        whole = type && strcasecmp(type, "integer") == 0;
        a->keys++;
        hana_sql_name(&name, (const char *)sqlite3_column_text(rows, 0));
        if (name.failed)
            status = hana_fail_memory(err);
        else if (!a->row_id) {
            status = hana_value_string(&value, name.data, name.length, err);
            if (status == HANA_OK) status = hana_value_push(list, value, err);
        }
        hana_text_clear(&name);
    }
    sqlite3_finalize(rows);
    HANA_TRY(status);
    /* "integer primary key desc" is an ordinary column. */
    a->integer_key = a->row_id && a->keys == 1 && whole && !has_desc(a->sql);
    if (!a->row_id) return HANA_OK;
    HANA_TRY(hana_value_string(&value, a->row_id, strlen(a->row_id), err));
    return hana_value_push(list, value, err);
}

hana_status hana_sqlite_describe(hana_value *out, sqlite3 *db, const char *path,
                                 const char *table, hana_error *err)
{
    about a = { .db = db, .path = path, .table = table };
    hana_value map = { 0 }, columns = { 0 }, order = { 0 };
    hana_text name = { 0 };
    hana_status status;
    HANA_GOTO(done, find_table(&a, err));
    find_strict(&a);
    find_row_id(&a);
    hana_sql_name(&name, table);
    HANA_GOTO(done, name.failed ? hana_fail_memory(err) : HANA_OK);
    HANA_GOTO(done, hana_value_new_map(&map, err));
    HANA_GOTO(done, hana_value_new_list(&columns, err));
    HANA_GOTO(done, hana_value_new_list(&order, err));
    HANA_GOTO(done, put_order(&order, &a, err));
    HANA_GOTO(done, put_columns(&columns, &a, err));
    HANA_GOTO(done, put_text(&map, "dialect", "sqlite", err));
    HANA_GOTO(done, put_text(&map, "table", name.data, err));
    hana_value taken = columns;
    columns = (hana_value){ 0 };
    HANA_GOTO(done, hana_value_set(&map, "columns", taken, err));
    taken = order;
    order = (hana_value){ 0 };
    HANA_GOTO(done, hana_value_set(&map, "order", taken, err));
    *out = map;
    map = (hana_value){ 0 };
done:
    hana_value_clear(&map);
    hana_value_clear(&columns);
    hana_value_clear(&order);
    hana_text_clear(&name);
    hana_free(a.kind);
    hana_free(a.sql);
    return status;
}
