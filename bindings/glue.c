#include "glue.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* --- failures -------------------------------------------------------------------- */

/* Whether a function's source is one of hana's own Lua files. */
static int is_own(lua_State *L, const lua_Debug *ar)
{
    size_t length;
    int own = 0;
    if (lua_getfield(L, LUA_REGISTRYINDEX, "hana.library") == LUA_TSTRING) {
        const char *library = lua_tolstring(L, -1, &length);
        own = length > 0 && strncmp(ar->source, library, length) == 0;
    }
    lua_pop(L, 1);
    return own;
}

/* Pushes "file:line: " of the nearest caller that is neither C nor one of hana's own Lua
   files, which hana.core.library names; else an empty text. */
static void push_where(lua_State *L)
{
    lua_Debug ar;
    luaL_checkstack(L, 4, NULL);
    for (int level = 1; lua_getstack(L, level, &ar); level++) {
        lua_getinfo(L, "Sl", &ar);
        if (ar.currentline <= 0 || is_own(L, &ar)) continue;
        lua_pushfstring(L, "%s:%d: ", ar.short_src, ar.currentline);
        return;
    }
    lua_pushliteral(L, "");
}

int hana_raise_argument(lua_State *L, int idx, const char *message)
{
    lua_Debug ar;
    luaL_checkstack(L, 4, NULL);
    if (!lua_getstack(L, 1, &ar)) return luaL_argerror(L, idx, message);
    lua_getinfo(L, "S", &ar);
    if (!is_own(L, &ar)) return luaL_argerror(L, idx, message);
    /* The outermost of our functions is the one that the script called. */
    const char *name = NULL;
    for (int level = 1; lua_getstack(L, level, &ar); level++) {
        lua_getinfo(L, "Sn", &ar);
        if (!is_own(L, &ar)) break;
        name = ar.name;
    }
    return name ? hana_raise_text(L, "%s: %s", name, message)
                : hana_raise_text(L, "%s", message);
}

/* The name in hana.core of the C function that runs, which a tail call has made nameless:
   pushed, with what it takes to find it. */
static const char *core_name(lua_State *L)
{
    lua_Debug ar;
    if (!lua_getstack(L, 0, &ar)) return NULL;
    lua_getinfo(L, "f", &ar);
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    if (lua_getfield(L, -1, "hana.core") != LUA_TTABLE) return NULL;
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1))
        if (lua_rawequal(L, -1, -5) && lua_type(L, -2) == LUA_TSTRING)
            return lua_tostring(L, -2);
    return NULL;
}

void hana_called_as(lua_State *L, char *name, size_t size)
{
    lua_Debug ar;
    const char *found = NULL;
    int top = lua_gettop(L);
    luaL_checkstack(L, 8, NULL);
    for (int level = 0; lua_getstack(L, level, &ar); level++) {
        lua_getinfo(L, "Sn", &ar);
        if (level > 0 && !is_own(L, &ar)) break;
        found = *ar.namewhat && ar.name[0] != '?' ? ar.name : NULL;
    }
    if (!found) found = core_name(L);
    snprintf(name, size, "%s", found ? found : "");
    lua_settop(L, top);
}

int hana_raise(lua_State *L, const hana_error *err)
{
    push_where(L);
    lua_pushstring(L, err->message);
    lua_concat(L, 2);
    return lua_error(L);
}

int hana_raise_text(lua_State *L, const char *format, ...)
{
    hana_error err;
    va_list args;
    va_start(args, format);
    hana_fail_v(&err, HANA_BAD_ARGUMENT, format, args);
    va_end(args);
    return hana_raise(L, &err);
}

void hana_raise_unless_ok(lua_State *L, hana_status status, const hana_error *err)
{
    if (status != HANA_OK) hana_raise(L, err);
}

/* --- scratch memory -------------------------------------------------------------- */

typedef struct scratch {
    hana_clear_fn *clear;
    max_align_t data[];
} scratch;

static int scratch_close(lua_State *L)
{
    scratch *memory = lua_touserdata(L, 1);
    hana_clear_fn *clear = memory->clear;
    memory->clear = NULL;
    if (clear) clear(memory->data);
    return 0;
}

void *hana_scratch(lua_State *L, size_t size, hana_clear_fn *clear)
{
    luaL_checkstack(L, 4, NULL);
    if (size > SIZE_MAX / 2) luaL_error(L, "out of memory");
    scratch *memory = lua_newuserdatauv(L, sizeof *memory + size, 0);
    memory->clear = NULL;
    memset(memory->data, 0, size);
    if (clear) {
        luaL_setmetatable(L, "hana.scratch");
        memory->clear = clear;
        lua_toclose(L, -1);
    }
    return memory->data;
}

static void clear_value(void *data)
{
    hana_value_clear(data);
}

static void clear_names(void *data)
{
    hana_names_clear(data);
}

static void clear_text(void *data)
{
    hana_text_clear(data);
}

hana_value *hana_scratch_value(lua_State *L)
{
    return hana_scratch(L, sizeof(hana_value), clear_value);
}

hana_names *hana_scratch_names(lua_State *L)
{
    return hana_scratch(L, sizeof(hana_names), clear_names);
}

hana_text *hana_scratch_text(lua_State *L)
{
    return hana_scratch(L, sizeof(hana_text), clear_text);
}

void *hana_scratch_array(lua_State *L, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) luaL_error(L, "out of memory");
    return hana_scratch(L, bytes, NULL);
}

/* --- boxes ----------------------------------------------------------------------- */

static int box_close(lua_State *L)
{
    const hana_class *class = lua_touserdata(L, lua_upvalueindex(1));
    hana_box *box = luaL_checkudata(L, 1, lua_tostring(L, lua_upvalueindex(2)));
    const void *pointer = box->pointer;
    box->pointer = NULL;
    if (pointer) class->release(pointer);
    return 0;
}

void hana_box_class(lua_State *L, const char *kind, const hana_class *class,
                    const luaL_Reg *metamethods, const luaL_Reg *methods)
{
    luaL_checkstack(L, 8, NULL);
    luaL_newmetatable(L, kind);
    luaL_setfuncs(L, metamethods, 0);
    if (lua_getfield(L, -1, "methods") != LUA_TTABLE) {
        lua_pop(L, 1);
        lua_newtable(L);
        lua_pushvalue(L, -1);
        lua_setfield(L, -3, "methods");
    }
    luaL_setfuncs(L, methods, 0);
    if (class) {
        lua_pushlightuserdata(L, (void *)(uintptr_t) class);
        lua_pushstring(L, kind);
        lua_pushcclosure(L, box_close, 2);
        lua_pushvalue(L, -1);
        lua_setfield(L, -4, "__gc");
        lua_setfield(L, -3, "__close");
    }
}

hana_box *hana_box_new(lua_State *L, const char *kind)
{
    luaL_checkstack(L, 4, NULL);
    hana_box *box = lua_newuserdatauv(L, sizeof *box, 1);
    box->pointer = NULL;
    luaL_setmetatable(L, kind);
    return box;
}

/* "frame" of "hana.frame". */
static const char *short_name(const char *kind)
{
    const char *dot = strchr(kind, '.');
    return dot ? dot + 1 : kind;
}

static void wrong_type(lua_State *L, int idx, const char *wanted)
{
    const char *found = lua_isnone(L, idx) ? "no value" : luaL_typename(L, idx);
    if (luaL_getmetafield(L, idx, "__name") == LUA_TSTRING)
        found = short_name(lua_tostring(L, -1));
    else if (hana_is_null(L, idx))
        found = "hana.null";
    hana_raise_argument(L, idx, lua_pushfstring(L, "%s expected, got %s", wanted, found));
}

const void *hana_box_check(lua_State *L, int idx, const char *kind)
{
    hana_box *box = luaL_testudata(L, idx, kind);
    if (!box) wrong_type(L, idx, short_name(kind));
    if (!box->pointer)
        hana_raise_argument(L, idx,
                            lua_pushfstring(L, "the %s is closed", short_name(kind)));
    return box->pointer;
}

const void *hana_box_test(lua_State *L, int idx, const char *kind)
{
    hana_box *box = luaL_testudata(L, idx, kind);
    return box ? box->pointer : NULL;
}

const hana_frame *hana_check_frame(lua_State *L, int idx)
{
    return hana_box_check(L, idx, HANA_FRAME_BOX);
}

const hana_column *hana_check_column(lua_State *L, int idx)
{
    return hana_box_check(L, idx, HANA_COLUMN_BOX);
}

void hana_push_column(lua_State *L, const hana_column *column, const char *name)
{
    hana_box *box = hana_box_new(L, HANA_COLUMN_BOX);
    box->pointer = hana_column_retain(column);
    hana_box_name(L, name);
}

void hana_push_frame_of(lua_State *L, const hana_frame *frame)
{
    hana_box *box = hana_box_new(L, HANA_FRAME_BOX);
    box->pointer = hana_frame_retain(frame);
}

void hana_box_name(lua_State *L, const char *name)
{
    if (!name) return;
    lua_pushstring(L, name);
    lua_setiuservalue(L, -2, 1);
}

static int model_close(lua_State *L)
{
    hana_model_box *model = luaL_checkudata(L, 1, HANA_MODEL_BOX);
    hana_model_box old = *model;
    *model = (hana_model_box){ 0 };
    if (old.fitted) hana_fitted_release(old.fitted);
    if (old.spec) hana_spec_release(old.spec);
    return 0;
}

hana_model_box *hana_model_box_new(lua_State *L)
{
    luaL_checkstack(L, 4, NULL);
    hana_model_box *model = lua_newuserdatauv(L, sizeof *model, 1);
    *model = (hana_model_box){ 0 };
    luaL_setmetatable(L, HANA_MODEL_BOX);
    return model;
}

hana_model_box *hana_check_model(lua_State *L, int idx)
{
    hana_model_box *model = luaL_testudata(L, idx, HANA_MODEL_BOX);
    if (!model) wrong_type(L, idx, "model");
    if (!model->spec) hana_raise_argument(L, idx, "the model is closed");
    return model;
}

hana_model_box *hana_test_model(lua_State *L, int idx)
{
    hana_model_box *model = luaL_testudata(L, idx, HANA_MODEL_BOX);
    return model && model->spec ? model : NULL;
}

/* --- arguments ------------------------------------------------------------------- */

void hana_check_table(lua_State *L, int idx)
{
    if (lua_type(L, idx) != LUA_TTABLE) wrong_type(L, idx, "table");
}

const char *hana_check_string(lua_State *L, int idx, size_t *length)
{
    size_t found;
    const char *text = lua_tolstring(L, idx, &found);
    if (!text) wrong_type(L, idx, "string");
    if (length)
        *length = found;
    else if (strlen(text) != found)
        hana_raise_argument(L, idx, "text with a NUL byte");
    return text;
}

lua_Integer hana_check_int(lua_State *L, int idx)
{
    int good;
    lua_Integer number = lua_tointegerx(L, idx, &good);
    if (good) return number;
    if (lua_isnumber(L, idx))
        hana_raise_argument(L, idx, "number has no integer representation");
    wrong_type(L, idx, "number");
    return 0;
}

double hana_check_number(lua_State *L, int idx)
{
    int good;
    double number = lua_tonumberx(L, idx, &good);
    if (!good) wrong_type(L, idx, "number");
    return number;
}

lua_Integer hana_opt_int(lua_State *L, int idx, lua_Integer otherwise)
{
    return lua_isnoneornil(L, idx) ? otherwise : hana_check_int(L, idx);
}

size_t hana_check_index(lua_State *L, int idx, size_t n, const char *what)
{
    lua_Integer i = hana_check_int(L, idx);
    if (i < 1 || (lua_Unsigned)i > n) {
        const char *text = n == 0 ? lua_pushfstring(L, "%s %I: there are none", what, i)
                                  : lua_pushfstring(L, "%s %I is out of range 1..%I",
                                                    what, i, (lua_Integer)n);
        hana_raise_argument(L, idx, text);
    }
    return (size_t)i - 1;
}

size_t *hana_check_rows(lua_State *L, int idx, size_t rows, size_t *n)
{
    const hana_column *column = hana_box_test(L, idx, HANA_COLUMN_BOX);
    if (!column) hana_check_table(L, idx);
    if (column && hana_column_type(column) != HANA_INT)
        hana_raise_argument(L, idx, "a column of row numbers must be int");
    size_t count = column ? hana_column_length(column) : (size_t)lua_rawlen(L, idx);
    size_t *out = hana_scratch_array(L, count ? count : 1, sizeof *out);
    for (size_t i = 0; i < count; i++) {
        lua_Integer row = 0;
        int good = 1;
        if (column) {
            good = !hana_column_is_null(column, i);
            row = hana_column_ints(column)[i];
        } else {
            lua_rawgeti(L, idx, (lua_Integer)i + 1);
            row = lua_tointegerx(L, -1, &good);
            lua_pop(L, 1);
        }
        if (!good)
            hana_raise_argument(
                L, idx,
                lua_pushfstring(L, "element %I is not a row number", (lua_Integer)i + 1));
        if (row < 1 || (lua_Unsigned)row > rows)
            hana_raise_argument(L, idx,
                                lua_pushfstring(L, "row %I is out of range 1..%I", row,
                                                (lua_Integer)rows));
        out[i] = (size_t)row - 1;
    }
    *n = count;
    return out;
}

/* Pushes the field; 0 (and nothing pushed) when it is not given. */
static int field(lua_State *L, int idx, const char *key)
{
    if (lua_isnoneornil(L, idx)) return 0;
    hana_check_table(L, idx);
    lua_pushstring(L, key);
    lua_rawget(L, idx);
    if (!lua_isnil(L, -1)) return 1;
    lua_pop(L, 1);
    return 0;
}

/* What the value at the top is: a number as it stands, else what sort it is of. */
static const char *found_field(lua_State *L)
{
    if (hana_is_null(L, -1)) return "hana.null";
    if (lua_type(L, -1) == LUA_TNUMBER) return luaL_tolstring(L, -1, NULL);
    if (lua_type(L, -1) == LUA_TSTRING)
        return lua_pushfstring(L, "\"%s\"", lua_tostring(L, -1));
    if (lua_type(L, -1) == LUA_TBOOLEAN) return lua_toboolean(L, -1) ? "true" : "false";
    return lua_pushfstring(L, "a %s", luaL_typename(L, -1));
}

static void bad_field(lua_State *L, const char *key, const char *wanted)
{
    hana_raise_text(L, "option '%s' must be %s, got %s", key, wanted, found_field(L));
}

const char *hana_field_string(lua_State *L, int idx, const char *key,
                              const char *otherwise)
{
    if (!field(L, idx, key)) return otherwise;
    if (lua_type(L, -1) != LUA_TSTRING) bad_field(L, key, "a string");
    size_t length;
    const char *text = lua_tolstring(L, -1, &length);
    if (strlen(text) != length) bad_field(L, key, "a string without a NUL byte");
    lua_pop(L, 1); /* the table keeps it alive */
    return text;
}

int hana_field_flag(lua_State *L, int idx, const char *key, int otherwise)
{
    if (!field(L, idx, key)) return otherwise;
    if (!lua_isboolean(L, -1)) bad_field(L, key, "true or false");
    int flag = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return flag;
}

double hana_field_number(lua_State *L, int idx, const char *key, double otherwise)
{
    if (!field(L, idx, key)) return otherwise;
    if (lua_type(L, -1) != LUA_TNUMBER) bad_field(L, key, "a number");
    double number = lua_tonumber(L, -1);
    lua_pop(L, 1);
    return number;
}

int64_t hana_field_int(lua_State *L, int idx, const char *key, int64_t otherwise)
{
    if (!field(L, idx, key)) return otherwise;
    int good;
    lua_Integer number = lua_tointegerx(L, -1, &good);
    if (!good || lua_type(L, -1) != LUA_TNUMBER) bad_field(L, key, "a whole number");
    lua_pop(L, 1);
    return number;
}

int64_t hana_field_count(lua_State *L, int idx, const char *function, const char *key,
                         int64_t otherwise)
{
    if (!field(L, idx, key)) return otherwise;
    int good;
    lua_Integer number = lua_tointegerx(L, -1, &good);
    if (!good || lua_type(L, -1) != LUA_TNUMBER || number < 0)
        hana_raise_text(L, "%s: option '%s' must be a whole number >= 0, got %s",
                        function, key, found_field(L));
    lua_pop(L, 1);
    return number;
}

void hana_check_keys(lua_State *L, int idx, const char *function, const char *const *keys)
{
    if (lua_isnoneornil(L, idx)) return;
    hana_check_table(L, idx);
    size_t n = 0;
    while (keys[n]) n++;
    const char *unknown = NULL;
    lua_pushnil(L);
    while (lua_next(L, idx)) {
        lua_pop(L, 1);
        if (lua_type(L, -1) != LUA_TSTRING)
            hana_raise_text(L, "%s: options have names, found a list element", function);
        const char *key = lua_tostring(L, -1);
        size_t k = 0;
        while (k < n && strcmp(keys[k], key) != 0) k++;
        /* The first in byte order, since tables have no order of their own. */
        if (k == n && (!unknown || strcmp(key, unknown) < 0)) unknown = key;
    }
    if (!unknown) return;
    hana_error err;
    char where[128];
    snprintf(where, sizeof where, " for %s", function);
    hana_fail_unknown(&err, "unknown option", unknown, where, keys, n);
    hana_raise(L, &err);
}

/* --- the terminal ---------------------------------------------------------------- */

size_t hana_print_width(void)
{
    struct winsize size;
    if (isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 &&
        size.ws_col > 0)
        return size.ws_col;
    const char *columns = getenv("COLUMNS");
    int64_t width;
    if (columns && hana_parse_int(columns, strlen(columns), &width) && width >= 20 &&
        width < 10000)
        return (size_t)width;
    return 80;
}

/* --- opening --------------------------------------------------------------------- */

void hana_open_state(lua_State *L)
{
    static const luaL_Reg scratch_methods[] = {
        { "__gc", scratch_close },
        { "__close", scratch_close },
        { NULL, NULL },
    };
    luaL_newmetatable(L, "hana.scratch");
    luaL_setfuncs(L, scratch_methods, 0);
    lua_pop(L, 1);
    static const luaL_Reg model_methods[] = {
        { "__gc", model_close },
        { "__close", model_close },
        { NULL, NULL },
    };
    luaL_newmetatable(L, HANA_MODEL_BOX);
    luaL_setfuncs(L, model_methods, 0);
    lua_pop(L, 1);
}
