#include "base/limits.h"

#include <lauxlib.h>
#include <lua.h>

HANA_API int luaopen_hana_core(lua_State *L);

/* version() -> { hana, lua, gsl, blas, threads } */
static int version(lua_State *L)
{
    lua_createtable(L, 0, 5);
    lua_pushstring(L, hana_version());
    lua_setfield(L, -2, "hana");
    lua_getglobal(L, "_VERSION");
    lua_setfield(L, -2, "lua");
    lua_pushstring(L, hana_gsl_version());
    lua_setfield(L, -2, "gsl");
    lua_pushstring(L, hana_blas_name());
    lua_setfield(L, -2, "blas");
    lua_pushinteger(L, hana_threads());
    lua_setfield(L, -2, "threads");
    return 1;
}

int luaopen_hana_core(lua_State *L)
{
    static const luaL_Reg functions[] = {
        { "version", version },
        { NULL, NULL },
    };
    hana_start();
    luaL_newlib(L, functions);
    return 1;
}
