#include "glue.h"

#include <string.h>

/* Frames in databases. */

/* read_sql(url, query, params or nil, options) -> frame, report */
static int read_sql(lua_State *L)
{
    static const char *const keys[] = { "types",    "columns", "null", "null_add",
                                        "timezone", "quiet",   NULL };
    hana_error err;
    const char *url = hana_check_string(L, 1, NULL);
    const char *query = hana_check_string(L, 2, NULL);
    lua_settop(L, 4);
    hana_value *params = hana_scratch_value(L);
    if (!lua_isnil(L, 3)) {
        hana_check_table(L, 3);
        hana_value_read(L, 3, params, HANA_READ_OPTIONS);
    }
    hana_csv_options *options = hana_read_options(L, 4, "read_sql", keys);
    hana_value *report = hana_scratch_value(L);
    hana_call *call = hana_call_begin(L);
    hana_box *box = hana_box_new(L, HANA_FRAME_BOX);
    hana_frame *out = NULL;
    hana_status status =
        hana_sql_read(&out, report, url, query, params, options, &call->job, &err);
    box->pointer = out;
    hana_call_end(L, call, status, &err);
    hana_value_push_lua(L, report, 0);
    return 2;
}

/* sql_table(url, table) -> what it is: { dialect, table, order, columns } */
static int sql_table(lua_State *L)
{
    hana_error err;
    const char *url = hana_check_string(L, 1, NULL);
    const char *table = hana_check_string(L, 2, NULL);
    hana_value *about = hana_scratch_value(L);
    hana_call *call = hana_call_begin(L);
    hana_status status = hana_sql_describe(about, url, table, &call->job, &err);
    lua_pushnil(L);
    hana_call_end(L, call, status, &err);
    hana_value_push_lua(L, about, 0);
    return 1;
}

/* sql_expression(schema, values, expression, params or nil, { dialect, aggregates, over,
   order }) -> SQL, the list of its texts, whether a row may fail. values: the SQL of each
   column of the schema, a frame. */
static int sql_expression(lua_State *L)
{
    static const char *const keys[] = { "dialect", "aggregates", "over", "order", NULL };
    hana_error err;
    const hana_frame *schema = hana_check_frame(L, 1);
    hana_names *values = hana_scratch_names(L);
    hana_names_read(L, 2, values);
    const hana_expr *expr = hana_expr_read(L, 3, 4);
    hana_check_keys(L, 5, "sql_expression", keys);
    const char *dialect = hana_field_string(L, 5, "dialect", "sqlite");
    hana_sql_context context = {
        .dialect = strcmp(dialect, "sqlite") == 0 ? HANA_SQL_LITE : HANA_SQL_POSTGRES,
        .schema = schema,
        .columns = (const char *const *)values->items,
        .aggregates = hana_field_flag(L, 5, "aggregates", 0),
        .over = hana_field_string(L, 5, "over", NULL),
        .order = hana_field_string(L, 5, "order", NULL),
    };
    if (values->n != hana_frame_cols(schema))
        return hana_raise_text(L, "sql_expression: %zu values for %zu columns", values->n,
                               hana_frame_cols(schema));
    hana_text *sql = hana_scratch_text(L);
    hana_value *texts = hana_scratch_value(L);
    int may_fail = 0;
    hana_raise_unless_ok(L, hana_value_new_list(texts, &err), &err);
    hana_raise_unless_ok(L, hana_expr_sql(sql, texts, &may_fail, expr, &context, &err),
                         &err);
    lua_pushlstring(L, sql->data, sql->length);
    hana_value_push_lua(L, texts, 0);
    lua_pushboolean(L, may_fail);
    return 3;
}

/* df:write_sql(url, table [, { if_exists }]) -> df */
static int write_sql(lua_State *L)
{
    static const char *const keys[] = { "if_exists", NULL };
    static const char *const ways[] = { "raise", "replace", "append" };
    hana_error err;
    const hana_frame *frame = hana_check_frame(L, 1);
    const char *url = hana_check_string(L, 2, NULL);
    const char *table = hana_check_string(L, 3, NULL);
    lua_settop(L, 4);
    hana_check_keys(L, 4, "write_sql", keys);
    const char *way = hana_field_string(L, 4, "if_exists", "raise");
    int if_exists = 0;
    while (if_exists < 3 && strcmp(way, ways[if_exists]) != 0) if_exists++;
    if (if_exists == 3)
        hana_raise_text(L,
                        "write_sql: option 'if_exists' must be \"raise\", \"replace\" or "
                        "\"append\", got \"%s\"",
                        way);
    hana_call *call = hana_call_begin(L);
    hana_status status = hana_sql_write(frame, url, table, if_exists, &call->job, &err);
    hana_call_end(L, call, status, &err);
    lua_settop(L, 1);
    return 1;
}

void hana_open_stores(lua_State *L)
{
    static const luaL_Reg functions[] = {
        { "read_sql", read_sql },
        { "sql_table", sql_table },
        { "sql_expression", sql_expression },
        { NULL, NULL },
    };
    static const luaL_Reg methods[] = {
        { "write_sql", write_sql },
        { NULL, NULL },
    };
    luaL_setfuncs(L, functions, 0);
    lua_getfield(L, -1, "frame_methods");
    luaL_setfuncs(L, methods, 0);
    lua_pop(L, 1);
}
