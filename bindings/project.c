#define _POSIX_C_SOURCE 200809L
#include "glue.h"

#include "base/plugin.h"
#include "base/process.h"
#include "plugins/form_workbook.h"

#include <math.h>
#include <string.h>
#include <time.h>

/* process({ program, argument, ... }, { input = , seconds = , missing = }) -> exit code,
   stdout, stderr. `missing` is the message when the program cannot be started. */
static int process(lua_State *L)
{
    static const char *const keys[] = { "input", "seconds", "missing", NULL };
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 2);
    hana_check_keys(L, 2, "process", keys);
    const char *missing = hana_field_string(L, 2, "missing", NULL);
    double seconds = hana_field_number(L, 2, "seconds", 60);
    hana_names *arguments = hana_scratch_names(L);
    hana_names_read(L, 1, arguments);
    if (!(arguments->n > 0)) hana_raise_argument(L, 1, "a program is needed");
    const char **argv = hana_scratch_array(L, arguments->n + 1, sizeof *argv);
    for (size_t i = 0; i < arguments->n; i++) argv[i] = arguments->items[i];
    size_t length = 0;
    const char *input = NULL;
    if (lua_istable(L, 2)) {
        lua_getfield(L, 2, "input");
        if (!lua_isnil(L, -1)) input = luaL_checklstring(L, -1, &length);
    }
    hana_text *out = hana_scratch_text(L), *complaint = hana_scratch_text(L);
    int code = 0;
    hana_error err = { 0 };
    hana_call *call = hana_call_begin(L);
    hana_status status = hana_process_run(&code, out, complaint, argv, input, length,
                                          seconds, &call->job, &err);
    if (missing && strncmp(err.message, "cannot start", 12) == 0)
        hana_fail(&err, status, "%s", missing);
    lua_pushnil(L);
    hana_call_end(L, call, status, &err);
    lua_pushinteger(L, code);
    lua_pushlstring(L, out->data ? out->data : "", out->length);
    lua_pushlstring(L, complaint->data ? complaint->data : "", complaint->length);
    return 3;
}

/* clock() -> seconds of a clock that never jumps */
static int steady(lua_State *L)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    lua_pushnumber(L, (lua_Number)now.tv_sec + 1e-9 * (lua_Number)now.tv_nsec);
    return 1;
}

/* The texts of the list at idx, borrowed from it. */
static const char *const *texts(lua_State *L, int idx, size_t *count)
{
    idx = lua_absindex(L, idx);
    *count = lua_rawlen(L, idx);
    const char **out = hana_scratch_array(L, *count + 1, sizeof *out);
    for (size_t i = 0; i < *count; i++) {
        lua_rawgeti(L, idx, (lua_Integer)i + 1);
        if (lua_type(L, -1) != LUA_TSTRING)
            hana_raise_text(L, "form_workbook: expected texts");
        out[i] = lua_tostring(L, -1);
        lua_pop(L, 1);
    }
    return out;
}

/* form_workbook(path, { sheet = , rows = , columns = { { name, kind, required, min, max,
   max_length, choices, hint, refusal }, ... }, guide = { sheet, title, columns, cells }
   }): writes an empty Excel table whose cells are checked as they are filled in. */
static int form_workbook(lua_State *L)
{
    static const hana_plugin plugin = {
        .name = "form_workbook",
        .purpose = "writing Excel forms",
        .package = "libxlsxwriter4",
        .build_package = "libxlsxwriter-dev",
    };
    static const char *const kinds[] = { "any",  "text",   "int", "float",
                                         "date", "choice", NULL };
    static const void *table;
    const char *path = hana_check_string(L, 1, NULL);
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    lua_getfield(L, 2, "columns");
    luaL_checktype(L, 3, LUA_TTABLE);
    size_t count = lua_rawlen(L, 3);
    hana_form_column *columns = hana_scratch_array(L, count + 1, sizeof *columns);
    for (size_t j = 0; j < count; j++) {
        hana_form_column *c = &columns[j];
        lua_rawgeti(L, 3, (lua_Integer)j + 1);
        int at = lua_gettop(L);
        c->name = hana_field_string(L, at, "name", "");
        lua_getfield(L, at, "kind");
        c->kind = (hana_form_kind)luaL_checkoption(L, -1, "any", kinds);
        c->required = hana_field_flag(L, at, "required", 0);
        c->min = hana_field_number(L, at, "min", NAN);
        c->max = hana_field_number(L, at, "max", NAN);
        c->max_length = hana_field_number(L, at, "max_length", NAN);
        c->hint = hana_field_string(L, at, "hint", NULL);
        c->refusal = hana_field_string(L, at, "refusal", NULL);
        lua_getfield(L, at, "choices");
        c->choices = NULL;
        c->choice_count = 0;
        luaL_checkstack(L, 8, NULL);
        if (lua_istable(L, -1)) c->choices = texts(L, -1, &c->choice_count);
    }
    lua_getfield(L, 2, "guide");
    int at = lua_gettop(L);
    luaL_checktype(L, at, LUA_TTABLE);
    hana_form_guide guide = {
        .sheet = hana_field_string(L, at, "sheet", "Guide"),
        .title = hana_field_string(L, at, "title", ""),
        .columns = (size_t)hana_field_int(L, at, "columns", 1),
    };
    lua_getfield(L, at, "cells");
    size_t cells = 0;
    guide.cells = texts(L, -1, &cells);
    if (!(guide.columns > 0)) hana_raise_text(L, "form_workbook: 'columns' must be >= 1");
    guide.rows = cells / guide.columns;
    hana_error err;
    if (!table) hana_raise_unless_ok(L, hana_plugin_open(&table, &plugin, &err), &err);
    const hana_form_workbook *writer = table;
    hana_raise_unless_ok(
        L,
        writer->write(path, hana_field_string(L, 2, "sheet", "Data"), columns, count,
                      (size_t)hana_field_int(L, 2, "rows", 1000), &guide, &err),
        &err);
    return 0;
}

void hana_open_project(lua_State *L)
{
    static const luaL_Reg functions[] = {
        { "process", process },
        { "clock", steady },
        { "form_workbook", form_workbook },
        { NULL, NULL },
    };
    luaL_setfuncs(L, functions, 0);
}
