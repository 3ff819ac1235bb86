#include "glue.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_DEPTH = 200 };
static const char null_key, array_key;

/* --- hana.null and arrays -------------------------------------------------------- */

static int null_tostring(lua_State *L)
{
    lua_pushliteral(L, "null");
    return 1;
}

void hana_push_null(lua_State *L)
{
    luaL_checkstack(L, 4, NULL);
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &null_key) != LUA_TNIL) return;
    lua_pop(L, 1);
    lua_newuserdatauv(L, 1, 0);
    lua_createtable(L, 0, 2);
    lua_pushcfunction(L, null_tostring);
    lua_setfield(L, -2, "__tostring");
    lua_pushliteral(L, "hana.null");
    lua_setfield(L, -2, "__name");
    lua_setmetatable(L, -2);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &null_key);
}

int hana_is_null(lua_State *L, int idx)
{
    if (lua_type(L, idx) != LUA_TUSERDATA) return 0;
    idx = lua_absindex(L, idx);
    luaL_checkstack(L, 2, NULL);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &null_key);
    int same = lua_rawequal(L, idx, -1);
    lua_pop(L, 1);
    return same;
}

void hana_push_array_mark(lua_State *L)
{
    luaL_checkstack(L, 3, NULL);
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &array_key) != LUA_TNIL) return;
    lua_pop(L, 1);
    lua_createtable(L, 0, 1);
    lua_pushliteral(L, "hana.json.array");
    lua_setfield(L, -2, "__name");
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &array_key);
}

static int is_marked_array(lua_State *L, int idx)
{
    if (!lua_getmetatable(L, idx)) return 0;
    hana_push_array_mark(L);
    int same = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return same;
}

/* --- from Lua -------------------------------------------------------------------- */

static void read_value(lua_State *L, int idx, hana_value *out, int mode, int depth);

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* What a table holds: the number of elements 1 .. n and of string keys. Raises on other
   keys and on holes. */
static void survey(lua_State *L, int idx, size_t *elements, size_t *keys)
{
    size_t n = 0, strings = 0;
    lua_Integer highest = 0;
    luaL_checkstack(L, 4, NULL);
    lua_pushnil(L);
    while (lua_next(L, idx)) {
        lua_pop(L, 1);
        if (lua_isinteger(L, -1)) {
            lua_Integer i = lua_tointeger(L, -1);
            if (i < 1)
                hana_raise_text(L, "a table has the key %lld: lists begin at 1",
                                (long long)i);
            if (i > highest) highest = i;
            n++;
        } else if (lua_type(L, -1) == LUA_TSTRING) {
            size_t length;
            const char *key = lua_tolstring(L, -1, &length);
            if (strlen(key) != length) hana_raise_text(L, "a key contains a NUL byte");
            strings++;
        } else {
            hana_raise_text(L,
                            "a table key must be a string or a list position, got a %s",
                            luaL_typename(L, -1));
        }
    }
    if ((lua_Unsigned)highest != n) {
        lua_Integer hole = 1;
        while (lua_rawgeti(L, idx, hole) != LUA_TNIL) {
            lua_pop(L, 1);
            hole++;
        }
        hana_raise_text(
            L, "a list has a hole at element %lld: write hana.null for a missing value",
            (long long)hole);
    }
    *elements = n;
    *keys = strings;
}

static void read_list(lua_State *L, int idx, hana_value *out, size_t n, int mode,
                      int depth)
{
    hana_error err;
    hana_raise_unless_ok(L, hana_value_new_list(out, &err), &err);
    for (size_t i = 0; i < n; i++) {
        hana_raise_unless_ok(L, hana_value_push(out, (hana_value){ 0 }, &err), &err);
        lua_rawgeti(L, idx, (lua_Integer)i + 1);
        read_value(L, lua_gettop(L), &out->as.list->items[i], mode, depth + 1);
        lua_pop(L, 1);
    }
}

/* The string keys in sorted order, added to a map. */
static void read_keys(lua_State *L, int idx, hana_value *out, size_t n, int mode,
                      int depth)
{
    hana_error err;
    const char **keys = hana_scratch_array(L, n ? n : 1, sizeof *keys);
    size_t k = 0;
    lua_pushnil(L);
    while (lua_next(L, idx)) {
        lua_pop(L, 1);
        if (lua_type(L, -1) == LUA_TSTRING) keys[k++] = lua_tostring(L, -1);
    }
    qsort(keys, n, sizeof *keys, by_bytes);
    for (size_t i = 0; i < n; i++) {
        hana_raise_unless_ok(L, hana_value_set(out, keys[i], (hana_value){ 0 }, &err),
                             &err);
        lua_pushstring(L, keys[i]);
        lua_rawget(L, idx);
        read_value(L, lua_gettop(L), &out->as.map->items[out->as.map->n - 1], mode,
                   depth + 1);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

static void read_table(lua_State *L, int idx, hana_value *out, int mode, int depth)
{
    hana_error err;
    size_t elements, keys;
    if (depth > MAX_DEPTH)
        hana_raise_text(L, "tables are nested deeper than %d", MAX_DEPTH);
    survey(L, idx, &elements, &keys);
    if (elements && keys)
        hana_raise_text(L, "a table has list elements and names: use one of the two");
    int list = elements > 0 || is_marked_array(L, idx) ||
               (keys == 0 && mode == HANA_READ_OPTIONS);
    if (list && keys) hana_raise_text(L, "an array has names");
    if (list) {
        read_list(L, idx, out, elements, mode, depth);
        return;
    }
    hana_raise_unless_ok(L, hana_value_new_map(out, &err), &err);
    read_keys(L, idx, out, keys, mode, depth);
}

static int read_object(lua_State *L, int idx, hana_value *out)
{
    const void *pointer;
    if ((pointer = hana_box_test(L, idx, HANA_FRAME_BOX)) != NULL) {
        *out = hana_value_object(&hana_frame_class, pointer);
    } else if ((pointer = hana_box_test(L, idx, HANA_COLUMN_BOX)) != NULL) {
        *out = hana_value_object(&hana_column_class, pointer);
    } else {
        hana_model_box *model = hana_test_model(L, idx);
        if (!model) return 0;
        *out = model->fitted ? hana_value_object(&hana_fitted_class, model->fitted)
                             : hana_value_object(&hana_spec_class, model->spec);
    }
    return 1;
}

static void read_value(lua_State *L, int idx, hana_value *out, int mode, int depth)
{
    hana_error err;
    luaL_checkstack(L, 8, "value");
    switch (lua_type(L, idx)) {
    case LUA_TNIL:
    case LUA_TNONE:
        return;
    case LUA_TBOOLEAN:
        *out = hana_value_bool(lua_toboolean(L, idx));
        return;
    case LUA_TNUMBER:
        *out = lua_isinteger(L, idx) ? hana_value_int(lua_tointeger(L, idx))
                                     : hana_value_number(lua_tonumber(L, idx));
        return;
    case LUA_TSTRING: {
        size_t length;
        const char *text = lua_tolstring(L, idx, &length);
        hana_raise_unless_ok(L, hana_value_string(out, text, length, &err), &err);
        return;
    }
    case LUA_TTABLE:
        read_table(L, idx, out, mode, depth);
        return;
    case LUA_TFUNCTION:
        if (mode == HANA_READ_JSON) break;
        hana_host_read(L, idx, out);
        return;
    default:
        if (hana_is_null(L, idx)) return;
        if (mode == HANA_READ_OPTIONS && read_object(L, idx, out)) return;
        break;
    }
    const char *name = luaL_typename(L, idx);
    if (luaL_getmetafield(L, idx, "__name") == LUA_TSTRING) name = lua_tostring(L, -1);
    if (mode == HANA_READ_JSON) hana_raise_text(L, "json cannot hold a %s", name);
    static const char *const boxes[] = { HANA_FRAME_BOX, HANA_COLUMN_BOX,
                                         HANA_MODEL_BOX };
    for (int i = 0; i < 3; i++)
        if (luaL_testudata(L, idx, boxes[i]))
            hana_raise_text(L, "a %s that is closed cannot be used",
                            strchr(name, '.') + 1);
    hana_raise_text(L, "a %s cannot be used here", name);
}

void hana_value_read(lua_State *L, int idx, hana_value *out, int mode)
{
    read_value(L, lua_absindex(L, idx), out, mode, 0);
}

void hana_value_read_map(lua_State *L, int idx, hana_value *out, const char *rest)
{
    hana_error err;
    size_t elements, keys;
    idx = lua_absindex(L, idx);
    hana_check_table(L, idx);
    survey(L, idx, &elements, &keys);
    if (elements && !rest)
        hana_raise_text(L, "options have names, found %d list element%s", (int)elements,
                        elements == 1 ? "" : "s");
    hana_raise_unless_ok(L, hana_value_new_map(out, &err), &err);
    read_keys(L, idx, out, keys, HANA_READ_OPTIONS, 0);
    if (!elements) return;
    if (hana_value_get(out, rest))
        hana_raise_text(L, "'%s' is given by name and as list elements", rest);
    hana_raise_unless_ok(L, hana_value_set(out, rest, (hana_value){ 0 }, &err), &err);
    read_list(L, idx, &out->as.map->items[out->as.map->n - 1], elements,
              HANA_READ_OPTIONS, 0);
}

/* --- to Lua ---------------------------------------------------------------------- */

static void push_object(lua_State *L, const hana_value *value)
{
    const void *pointer = value->as.object.pointer;
    const hana_class *class = value->as.object.class;
    if (class == &hana_frame_class) {
        hana_push_frame_of(L, pointer);
    } else if (class == &hana_column_class) {
        hana_push_column(L, pointer, NULL);
    } else if (class == &hana_spec_class) {
        hana_model_box *model = hana_model_box_new(L);
        model->spec = hana_spec_retain(pointer);
    } else if (class == &hana_fitted_class) {
        hana_model_box *model = hana_model_box_new(L);
        model->fitted = hana_fitted_retain(pointer);
        model->spec = hana_spec_retain(hana_fitted_spec(pointer));
    } else if (class == &hana_host_class) {
        const hana_host *host = pointer;
        if (host->ops == &hana_lua_ops)
            hana_host_push(L, host->token);
        else
            lua_pushnil(L);
    } else if (class == &hana_expr_class) {
        lua_pushstring(L, hana_expr_text(pointer));
    } else {
        lua_pushnil(L);
    }
}

void hana_value_push_lua(lua_State *L, const hana_value *value, int keep_nulls)
{
    luaL_checkstack(L, 8, "value");
    switch (value->kind) {
    case HANA_VALUE_NULL:
        if (keep_nulls)
            hana_push_null(L);
        else
            lua_pushnil(L);
        return;
    case HANA_VALUE_BOOL:
        lua_pushboolean(L, value->as.boolean);
        return;
    case HANA_VALUE_INT:
        lua_pushinteger(L, value->as.integer);
        return;
    case HANA_VALUE_NUMBER:
        lua_pushnumber(L, value->as.number);
        return;
    case HANA_VALUE_STRING:
        lua_pushlstring(L, value->as.string.data, value->as.string.length);
        return;
    case HANA_VALUE_LIST: {
        const hana_value_list *list = value->as.list;
        lua_createtable(L, list->n < INT32_MAX ? (int)list->n : 0, 0);
        if (list->n == 0) {
            hana_push_array_mark(L);
            lua_setmetatable(L, -2);
        }
        for (size_t i = 0; i < list->n; i++) {
            const hana_value *item = &list->items[i];
            if (item->kind == HANA_VALUE_NULL)
                hana_push_null(L);
            else
                hana_value_push_lua(L, item, keep_nulls);
            lua_rawseti(L, -2, (lua_Integer)i + 1);
        }
        return;
    }
    case HANA_VALUE_MAP: {
        const hana_value_map *map = value->as.map;
        lua_createtable(L, 0, map->n < INT32_MAX ? (int)map->n : 0);
        for (size_t i = 0; i < map->n; i++) {
            lua_pushstring(L, map->keys[i]);
            hana_value_push_lua(L, &map->items[i], keep_nulls);
            lua_rawset(L, -3);
        }
        return;
    }
    case HANA_VALUE_OBJECT:
        push_object(L, value);
        return;
    }
    lua_pushnil(L);
}

/* --- names ----------------------------------------------------------------------- */

const char *hana_name_at(lua_State *L, int idx)
{
    size_t length;
    const char *name = lua_tolstring(L, idx, &length);
    if (strlen(name) != length)
        hana_raise_text(L, "the name '%s' contains a NUL byte", name);
    return name;
}

void hana_names_read(lua_State *L, int idx, hana_names *out)
{
    hana_error err;
    idx = lua_absindex(L, idx);
    if (lua_type(L, idx) == LUA_TSTRING) {
        hana_raise_unless_ok(L, hana_names_add(out, hana_name_at(L, idx), &err), &err);
        return;
    }
    if (lua_type(L, idx) != LUA_TTABLE)
        hana_raise_argument(L, idx,
                            lua_pushfstring(L,
                                            "a name or a list of names expected, got %s",
                                            luaL_typename(L, idx)));
    size_t elements, keys;
    survey(L, idx, &elements, &keys);
    if (keys) hana_raise_argument(L, idx, "a list of names expected, got named fields");
    for (size_t i = 0; i < elements; i++) {
        if (lua_rawgeti(L, idx, (lua_Integer)i + 1) != LUA_TSTRING)
            hana_raise_argument(L, idx,
                                lua_pushfstring(L, "element %I must be a name, got %s",
                                                (lua_Integer)i + 1,
                                                luaL_typename(L, -1)));
        hana_raise_unless_ok(L, hana_names_add(out, hana_name_at(L, -1), &err), &err);
        lua_pop(L, 1);
    }
}

static void clear_columns(void *data)
{
    hana_columns_clear(data);
}

/* Whether the value at idx selects columns by what they are. */
static int is_selector(lua_State *L, int idx)
{
    int selector = 0;
    if (lua_type(L, idx) != LUA_TTABLE) return 0;
    idx = lua_absindex(L, idx);
    lua_pushnil(L);
    if (lua_next(L, idx)) {
        selector = lua_type(L, -2) == LUA_TSTRING;
        lua_pop(L, 2);
    }
    if (luaL_getmetafield(L, idx, "__name") != LUA_TNIL) {
        selector |= lua_type(L, -1) == LUA_TSTRING &&
                    strcmp(lua_tostring(L, -1), "hana.cols") == 0;
        lua_pop(L, 1);
    }
    return selector;
}

int hana_is_selection(lua_State *L, int idx)
{
    if (is_selector(L, idx)) return 1;
    if (lua_type(L, idx) != LUA_TTABLE) return 0;
    idx = lua_absindex(L, idx);
    int found = 0;
    for (lua_Integer i = 1, n = (lua_Integer)lua_rawlen(L, idx); i <= n && !found; i++) {
        lua_rawgeti(L, idx, i);
        found = is_selector(L, -1);
        lua_pop(L, 1);
    }
    return found;
}

void hana_columns_read(lua_State *L, int idx, const hana_frame *frame, hana_names *out)
{
    hana_error err;
    idx = lua_absindex(L, idx);
    if (!hana_is_selection(L, idx)) {
        hana_names_read(L, idx, out);
        size_t j;
        for (size_t i = 0; i < out->n; i++)
            hana_raise_unless_ok(L, hana_frame_index(&j, frame, out->items[i], &err),
                                 &err);
        return;
    }
    hana_value *value = hana_scratch_value(L);
    if (is_selector(L, idx))
        hana_value_read_map(L, idx, value, NULL);
    else
        hana_value_read(L, idx, value, HANA_READ_OPTIONS);
    hana_columns *columns = hana_scratch(L, sizeof *columns, clear_columns);
    hana_raise_unless_ok(L, hana_columns_from_value(columns, value, &err), &err);
    hana_raise_unless_ok(L, hana_columns_resolve(out, columns, frame, NULL, &err), &err);
}

void hana_names_push(lua_State *L, const hana_names *names)
{
    luaL_checkstack(L, 3, NULL);
    lua_createtable(L, (int)names->n, 0);
    for (size_t i = 0; i < names->n; i++) {
        lua_pushstring(L, names->items[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}
