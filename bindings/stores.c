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
