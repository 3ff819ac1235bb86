#include "glue.h"

#include <string.h>

/* Frames handed to and taken from other libraries, by the Arrow C data interface. */

#define ARROW_BOX "hana.arrow"

/* Both structures, until someone takes them. */
typedef struct arrow {
    struct ArrowSchema schema;
    struct ArrowArray array;
} arrow;

static int arrow_close(lua_State *L)
{
    arrow *a = luaL_checkudata(L, 1, ARROW_BOX);
    if (a->schema.release) a->schema.release(&a->schema);
    if (a->array.release) a->array.release(&a->array);
    return 0;
}

/* x.schema, x.array: addresses; x.released: whether they were taken */
static int arrow_index(lua_State *L)
{
    arrow *a = luaL_checkudata(L, 1, ARROW_BOX);
    const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
    if (strcmp(name, "schema") == 0)
        lua_pushinteger(L, (lua_Integer)(intptr_t)&a->schema);
    else if (strcmp(name, "array") == 0)
        lua_pushinteger(L, (lua_Integer)(intptr_t)&a->array);
    else if (strcmp(name, "released") == 0)
        lua_pushboolean(L, !a->array.release);
    else
        return hana_raise_text(
            L, "an Arrow array has schema, array and released, no '%s'", name);
    return 1;
}

/* df:to_arrow() -> { schema = address, array = address }, which live as long as it does
 */
static int to_arrow(lua_State *L)
{
    hana_error err;
    const hana_frame *frame = hana_check_frame(L, 1);
    arrow *a = lua_newuserdatauv(L, sizeof *a, 0);
    memset(a, 0, sizeof *a);
    luaL_setmetatable(L, ARROW_BOX);
    hana_raise_unless_ok(L, hana_frame_to_arrow(&a->schema, &a->array, frame, &err),
                         &err);
    return 1;
}

static void *address(lua_State *L, const char *key)
{
    lua_Integer integer = 0;
    lua_pushstring(L, key);
    if (lua_gettable(L, 1) == LUA_TLIGHTUSERDATA)
        integer = (lua_Integer)(intptr_t)lua_touserdata(L, -1);
    else
        integer = lua_tointeger(L, -1);
    lua_pop(L, 1);
    if (!integer) hana_raise_text(L, "from_arrow: '%s' must be an address", key);
    return (void *)(intptr_t)integer;
}

/* from_arrow({ schema = address, array = address }) -> a frame */
static int from_arrow(lua_State *L)
{
    hana_error err;
    if (!luaL_testudata(L, 1, ARROW_BOX)) hana_check_table(L, 1);
    lua_settop(L, 1);
    struct ArrowSchema *schema = address(L, "schema");
    struct ArrowArray *array = address(L, "array");
    int64_t before = hana_allocated();
    hana_box *box = hana_box_new(L, HANA_FRAME_BOX);
    hana_frame *out = NULL;
    hana_status status = hana_frame_from_arrow(&out, schema, array, &err);
    box->pointer = out;
    hana_raise_unless_ok(L, status, &err);
    hana_account(L, before);
    return 1;
}

void hana_open_arrow(lua_State *L)
{
    static const luaL_Reg metamethods[] = {
        { "__gc", arrow_close },
        { "__close", arrow_close },
        { "__index", arrow_index },
        { NULL, NULL },
    };
    static const luaL_Reg functions[] = {
        { "from_arrow", from_arrow },
        { NULL, NULL },
    };
    static const luaL_Reg methods[] = {
        { "to_arrow", to_arrow },
        { NULL, NULL },
    };
    luaL_newmetatable(L, ARROW_BOX);
    luaL_setfuncs(L, metamethods, 0);
    lua_pop(L, 1);
    luaL_setfuncs(L, functions, 0);
    lua_getfield(L, -1, "frame_methods");
    luaL_setfuncs(L, methods, 0);
    lua_pop(L, 1);
}
