#include "glue.h"

/* The verbs that turn columns into rows and back, and those for nulls. */

/* pivot_longer{ columns =, name =, value = } */
static int pivot_longer(lua_State *L)
{
    static const char *const keys[] = { "columns", "name", "value", NULL };
    hana_error err;
    const hana_frame *frame = hana_check_frame(L, 1);
    hana_check_table(L, 2);
    lua_settop(L, 2);
    hana_check_keys(L, 2, "pivot_longer", keys);
    const char *name = hana_field_string(L, 2, "name", "name");
    const char *value = hana_field_string(L, 2, "value", "value");
    hana_names *columns = hana_scratch_names(L);
    if (lua_getfield(L, 2, "columns") == LUA_TNIL)
        return hana_raise_text(L, "pivot_longer: option 'columns' is missing");
    hana_columns_read(L, lua_gettop(L), frame, columns);
    hana_call *call = hana_call_begin(L);
    hana_box *box = hana_box_new(L, HANA_FRAME_BOX);
    hana_frame *out = NULL;
    hana_status status = hana_frame_pivot_longer(&out, frame, columns, name, value, &err);
    box->pointer = out;
    return hana_call_end(L, call, status, &err);
}

/* The column that an option of pivot_wider names; by default what pivot_longer calls it.
 */
static const char *wider_column(lua_State *L, const hana_frame *frame, const char *option,
                                const char *use)
{
    const char *column = hana_field_string(L, 2, option, NULL);
    if (column) return column;
    if (hana_frame_find(frame, option) < 0)
        hana_raise_text(L,
                        "pivot_wider: option '%s' is missing: the column whose values %s",
                        option, use);
    return option;
}

/* pivot_wider(df, { name =, value =, id = }) */
static int pivot_wider(lua_State *L)
{
    static const char *const keys[] = { "name", "value", "id", NULL };
    hana_error err;
    const hana_frame *frame = hana_check_frame(L, 1);
    hana_check_table(L, 2);
    lua_settop(L, 2);
    hana_check_keys(L, 2, "pivot_wider", keys);
    const char *name = wider_column(L, frame, "name", "name the new columns");
    const char *value = wider_column(L, frame, "value", "fill the new columns");
    hana_names *ids = hana_scratch_names(L);
    int given = lua_getfield(L, 2, "id") != LUA_TNIL;
    if (given) hana_columns_read(L, lua_gettop(L), frame, ids);
    hana_call *call = hana_call_begin(L);
    hana_box *box = hana_box_new(L, HANA_FRAME_BOX);
    hana_frame *out = NULL;
    hana_status status = hana_frame_pivot_wider(&out, frame, given ? ids : NULL, name,
                                                value, &call->job, &err);
    box->pointer = out;
    return hana_call_end(L, call, status, &err);
}

/* drop_null([columns]): rows without a null in any of them */
static int drop_null(lua_State *L)
{
    hana_error err;
    const hana_frame *frame = hana_check_frame(L, 1);
    lua_settop(L, 2);
    hana_names *columns = hana_scratch_names(L);
    int given = !lua_isnil(L, 2);
    if (given) hana_columns_read(L, 2, frame, columns);
    hana_call *call = hana_call_begin(L);
    hana_box *box = hana_box_new(L, HANA_FRAME_BOX);
    hana_frame *out = NULL;
    hana_status status = hana_frame_drop_null(&out, frame, given ? columns : NULL, &err);
    box->pointer = out;
    return hana_call_end(L, call, status, &err);
}

void hana_open_reshape(lua_State *L)
{
    static const luaL_Reg methods[] = {
        { "pivot_longer", pivot_longer },
        { "drop_null", drop_null },
        { NULL, NULL },
    };
    lua_getfield(L, -1, "frame_methods");
    luaL_setfuncs(L, methods, 0);
    lua_pop(L, 1);
    lua_pushcfunction(L, pivot_wider);
    lua_setfield(L, -2, "pivot_wider");
}
