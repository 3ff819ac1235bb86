#define _POSIX_C_SOURCE 200809L
#include "glue.h"

#include "base/process.h"

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

void hana_open_project(lua_State *L)
{
    static const luaL_Reg functions[] = {
        { "process", process },
        { "clock", steady },
        { NULL, NULL },
    };
    luaL_setfuncs(L, functions, 0);
}
