#include "glue.h"

#include "deploy/export_c.h"

/* export_c(model, prefix) -> the C code as text */
static int export_c(lua_State *L)
{
    hana_error err;
    hana_model_box *model = hana_check_model(L, 1);
    const char *prefix = luaL_checkstring(L, 2);
    if (!model->fitted)
        hana_raise_text(L, "%s is not fitted yet: call fit(df, \"target\") first",
                        hana_spec_name(model->spec));
    hana_text *out = hana_scratch_text(L);
    hana_call *call = hana_call_begin(L);
    hana_status status = hana_export_c(out, model->fitted, prefix, &call->job, &err);
    if (status == HANA_OK)
        lua_pushlstring(L, out->data, out->length);
    else
        lua_pushnil(L);
    return hana_call_end(L, call, status, &err);
}

void hana_open_deploy(lua_State *L)
{
    static const luaL_Reg functions[] = { { "export_c", export_c }, { NULL, NULL } };
    luaL_setfuncs(L, functions, 0);
}
