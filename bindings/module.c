#include "glue.h"

HANA_API int luaopen_hana_core(lua_State *L);

/* hana.core: the functions that lua/hana/ is written on. */
int luaopen_hana_core(lua_State *L)
{
    hana_start();
    lua_newtable(L);
    hana_open_state(L);
    hana_open_calls(L);
    hana_open_column(L);
    hana_open_frame(L);
    hana_open_verbs(L);
    hana_open_reshape(L);
    hana_open_files(L);
    hana_open_formats(L);
    hana_open_stores(L);
    hana_open_scan(L);
    hana_open_arrow(L);
    hana_open_host(L);
    hana_open_model(L);
    hana_open_measure(L);
    hana_open_assess(L);
    hana_open_deploy(L);
    hana_open_functions(L);
    hana_open_decide(L);
    hana_open_project(L);
    hana_open_console(L);
    return 1;
}
