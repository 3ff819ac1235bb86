#include "glue.h"

/* Frames in files of other forms: JSON, lines of text, workbooks. */

/* read_json(path or nil, text or nil, options) -> frame, report */
static int read_json(lua_State *L)
{
    static const char *const keys[] = { "limit", "encoding", "null_add", "null",
                                        "types", "columns",  "timezone", "on_error",
                                        "quiet", NULL };
    hana_error err;
    size_t length = 0;
    const char *path = luaL_optstring(L, 1, NULL);
    const char *text = luaL_optlstring(L, 2, NULL, &length);
    lua_settop(L, 3);
    hana_csv_options *options = hana_read_options(L, 3, "read_json", keys);
    hana_value *report = hana_scratch_value(L);
    hana_call *call = hana_call_begin(L);
    hana_box *box = hana_box_new(L, HANA_FRAME_BOX);
    hana_frame *out = NULL;
    hana_status status =
        hana_json_read(&out, report, path, text, length, options, &call->job, &err);
    box->pointer = out;
    hana_call_end(L, call, status, &err);
    hana_value_push_lua(L, report, 0);
    return 2;
}

/* read_text(path or nil, text or nil, options) -> frame, report */
static int read_text(lua_State *L)
{
    static const char *const keys[] = { "pattern",  "names",   "encoding",  "skip",
                                        "limit",    "decimal", "thousands", "null_add",
                                        "null",     "types",   "columns",   "timezone",
                                        "on_error", "quiet",   NULL };
    hana_error err;
    size_t length = 0;
    const char *path = luaL_optstring(L, 1, NULL);
    const char *text = luaL_optlstring(L, 2, NULL, &length);
    lua_settop(L, 3);
    hana_csv_options *options = hana_read_options(L, 3, "read_text", keys);
    const char *pattern = hana_field_string(L, 3, "pattern", NULL);
    hana_names *names = hana_scratch_names(L);
    hana_read_name_list(L, 3, "read_text", "names", names);
    hana_value *report = hana_scratch_value(L);
    hana_call *call = hana_call_begin(L);
    hana_box *box = hana_box_new(L, HANA_FRAME_BOX);
    hana_frame *out = NULL;
    hana_status status = hana_text_file_read(&out, report, path, text, length, pattern,
                                             names, options, &call->job, &err);
    box->pointer = out;
    hana_call_end(L, call, status, &err);
    hana_value_push_lua(L, report, 0);
    return 2;
}

/* Which sheet, and what of it, the table at idx asks for. */
static void read_sheet_options(lua_State *L, int idx, hana_sheet_options *out)
{
    *out = (hana_sheet_options){ .number = 1, .header_rows = 1 };
    if (lua_isnoneornil(L, idx)) return;
    if (lua_getfield(L, idx, "sheet") == LUA_TSTRING)
        out->name = lua_tostring(L, -1);
    else if (lua_isinteger(L, -1))
        out->number = lua_tointeger(L, -1);
    else if (!lua_isnil(L, -1))
        hana_raise_text(
            L, "read_xlsx: option 'sheet' must be a name or a whole number, got %s",
            luaL_tolstring(L, -1, NULL));
    lua_pop(L, 1);
    out->range = hana_field_string(L, idx, "range", NULL);
    out->skip = hana_field_count(L, idx, "read_xlsx", "skip", 0);
    out->header_rows = hana_field_count(L, idx, "read_xlsx", "header_rows", 1);
    if (out->header_rows < 0 || out->header_rows > 100)
        hana_raise_text(L, "read_xlsx: option 'header_rows' must be in 0 .. 100");
    if (!hana_field_flag(L, idx, "header", 1)) out->header_rows = 0;
}

/* read_xlsx(path or nil, text or nil, options) -> frame, report */
static int read_xlsx(lua_State *L)
{
    static const char *const keys[] = { "sheet",       "range",   "skip",     "header",
                                        "header_rows", "limit",   "null_add", "null",
                                        "types",       "columns", "timezone", "on_error",
                                        "quiet",       NULL };
    hana_error err;
    hana_sheet_options sheet;
    size_t length = 0;
    const char *path = luaL_optstring(L, 1, NULL);
    const char *text = luaL_optlstring(L, 2, NULL, &length);
    lua_settop(L, 3);
    hana_csv_options *options = hana_read_options(L, 3, "read_xlsx", keys);
    read_sheet_options(L, 3, &sheet);
    hana_value *report = hana_scratch_value(L);
    hana_call *call = hana_call_begin(L);
    hana_box *box = hana_box_new(L, HANA_FRAME_BOX);
    hana_frame *out = NULL;
    hana_status status = hana_sheet_read(&out, report, path, text, length, &sheet,
                                         options, &call->job, &err);
    box->pointer = out;
    hana_call_end(L, call, status, &err);
    hana_value_push_lua(L, report, 0);
    return 2;
}

/* sheets(path) -> the names of a workbook's sheets */
static int sheets(lua_State *L)
{
    hana_error err;
    const char *path = hana_check_string(L, 1, NULL);
    hana_names *names = hana_scratch_names(L);
    hana_raise_unless_ok(L, hana_sheet_names(names, path, &err), &err);
    hana_names_push(L, names);
    return 1;
}

/* df:write_xlsx(path [, { sheet }]) -> df */
static int write_xlsx(lua_State *L)
{
    static const char *const keys[] = { "sheet", NULL };
    hana_error err;
    const hana_frame *frame = hana_check_frame(L, 1);
    const char *path = hana_check_string(L, 2, NULL);
    lua_settop(L, 3);
    hana_check_keys(L, 3, "write_xlsx", keys);
    const char *sheet = hana_field_string(L, 3, "sheet", "Sheet1");
    hana_call *call = hana_call_begin(L);
    lua_pushvalue(L, 1);
    return hana_call_end(L, call, hana_xlsx_write(frame, path, sheet, &call->job, &err),
                         &err);
}

/* df:write_json(path) -> df */
static int write_json(lua_State *L)
{
    hana_error err;
    const hana_frame *frame = hana_check_frame(L, 1);
    const char *path = hana_check_string(L, 2, NULL);
    hana_call *call = hana_call_begin(L);
    lua_pushvalue(L, 1);
    return hana_call_end(L, call, hana_json_write(frame, path, NULL, &call->job, &err),
                         &err);
}

void hana_open_formats(lua_State *L)
{
    static const luaL_Reg functions[] = {
        { "read_json", read_json },
        { "read_text", read_text },
        { "read_xlsx", read_xlsx },
        { "sheets", sheets },
        { NULL, NULL },
    };
    static const luaL_Reg methods[] = {
        { "write_json", write_json },
        { "write_xlsx", write_xlsx },
        { NULL, NULL },
    };
    luaL_setfuncs(L, functions, 0);
    lua_getfield(L, -1, "frame_methods");
    luaL_setfuncs(L, methods, 0);
    lua_pop(L, 1);
}
