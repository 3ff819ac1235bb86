#include "glue.h"

#include "io/print_rows.h"

#include <string.h>
#include <unistd.h>

/* Plain functions: JSON, versions, threads, and what tests look at. */

/* json_encode(value [, indent]) */
static int json_encode(lua_State *L)
{
    hana_error err;
    luaL_checkany(L, 1);
    int indent = (int)hana_opt_int(L, 2, 0);
    if (!(indent >= 0 && indent <= 16)) hana_raise_argument(L, 2, "must be in 0..16");
    hana_value *value = hana_scratch_value(L);
    hana_value_read(L, 1, value, HANA_READ_JSON);
    hana_text *text = hana_scratch_text(L);
    hana_raise_unless_ok(L, hana_json_encode(text, value, indent, 1, &err), &err);
    lua_pushlstring(L, text->data, text->length);
    return 1;
}

static int json_decode(lua_State *L)
{
    hana_error err;
    size_t length;
    const char *text = hana_check_string(L, 1, &length);
    hana_value *value = hana_scratch_value(L);
    hana_raise_unless_ok(L, hana_json_decode(value, text, length, &err), &err);
    hana_value_push_lua(L, value, 1);
    return 1;
}

/* json_array(list) -> the list, marked as an array even when it is empty */
static int json_array(lua_State *L)
{
    if (lua_isnoneornil(L, 1)) {
        lua_settop(L, 0);
        lua_newtable(L);
    }
    hana_check_table(L, 1);
    lua_settop(L, 1);
    hana_push_array_mark(L);
    lua_setmetatable(L, 1);
    return 1;
}

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

/* threads([n]) -> how many are used; n sets it, 0 goes back to the default */
static int threads(lua_State *L)
{
    if (!lua_isnoneornil(L, 1)) {
        lua_Integer n = hana_check_int(L, 1);
        if (!(n >= 0 && n <= 4096)) hana_raise_argument(L, 1, "must be in 0..4096");
        hana_threads_set((int)n);
    }
    lua_pushinteger(L, hana_threads());
    return 1;
}

/* raise(message): an error with the position of the caller outside hana's own files */
static int raise(lua_State *L)
{
    return hana_raise_text(L, "%s", hana_check_string(L, 1, NULL));
}

/* unknown(what, name, where, candidates): the error of an unknown name, with the nearest
 */
static int unknown(lua_State *L)
{
    hana_error err;
    const char *what = hana_check_string(L, 1, NULL),
               *name = hana_check_string(L, 2, NULL);
    const char *where = hana_check_string(L, 3, NULL);
    hana_names *known = hana_scratch_names(L);
    hana_names_read(L, 4, known);
    hana_fail_unknown(&err, what, name, where, (const char *const *)known->items,
                      known->n);
    return hana_raise(L, &err);
}

/* Adds the $names of the value at the top, if it is a string, and takes it off. */
static void add_params(lua_State *L, hana_names *names)
{
    hana_error err;
    if (lua_type(L, -1) == LUA_TSTRING) {
        size_t length;
        const char *text = lua_tolstring(L, -1, &length);
        hana_raise_unless_ok(L, hana_expr_params(names, text, length, &err), &err);
    }
    lua_pop(L, 1);
}

void hana_check_params(lua_State *L, const char *verb, int idx, int params_idx)
{
    if (lua_type(L, params_idx) != LUA_TTABLE) return;
    hana_names *names = hana_scratch_names(L);
    if (lua_type(L, idx) == LUA_TTABLE) {
        for (lua_Integer i = 1, n = (lua_Integer)lua_rawlen(L, idx); i <= n; i++) {
            lua_rawgeti(L, idx, i);
            add_params(L, names);
        }
    } else {
        lua_pushvalue(L, idx);
        add_params(L, names);
    }
    hana_value *params = hana_scratch_value(L);
    hana_value_read_map(L, params_idx, params, NULL);
    const hana_value_map *map = params->as.map;
    for (size_t k = 0; k < map->n; k++) {
        if (hana_names_find(names, map->keys[k]) >= 0) continue;
        hana_error err;
        const char *what =
            lua_pushfstring(L, "%s: no expression has the parameter", verb);
        hana_fail_unknown(&err, what, map->keys[k], "", (const char *const *)names->items,
                          names->n);
        hana_raise(L, &err);
    }
}

/* check_params(verb, expression or list of them, params) */
static int check_params(lua_State *L)
{
    lua_settop(L, 3);
    hana_check_params(L, hana_check_string(L, 1, NULL), 2, 3);
    return 0;
}

/* set_library(prefix): sources that begin with it are hana's own Lua files */
static int set_library(lua_State *L)
{
    hana_check_string(L, 1, NULL);
    lua_settop(L, 1);
    lua_setfield(L, LUA_REGISTRYINDEX, "hana.library");
    return 0;
}

/* utf8_width(text) -> terminal cells */
static int utf8_width(lua_State *L)
{
    size_t length;
    const char *text = hana_check_string(L, 1, &length);
    lua_pushinteger(L, (lua_Integer)hana_utf8_width(text, length));
    return 1;
}

/* print_number(x [, full]) -> as people read it: shortest round trip */
static int print_number(lua_State *L)
{
    char text[HANA_NUMBER_SIZE];
    int as_float = lua_toboolean(L, 2);
    hana_print_double(text, hana_check_number(L, 1), as_float);
    lua_pushstring(L, text);
    return 1;
}

/* hash(text) -> 16 hexadecimal digits */
static int hash(lua_State *L)
{
    static const char digits[] = "0123456789abcdef";
    size_t length;
    const char *text = hana_check_string(L, 1, &length);
    uint64_t h = hana_hash(text, length, 0);
    char out[16];
    for (int i = 0; i < 16; i++) out[i] = digits[(h >> (60 - 4 * i)) & 15];
    lua_pushlstring(L, out, sizeof out);
    return 1;
}

static int print_width(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)hana_print_width());
    return 1;
}

/* is_terminal() -> whether reports and progress on stderr are seen by a person */
static int is_terminal(lua_State *L)
{
    lua_pushboolean(L, isatty(STDERR_FILENO));
    return 1;
}

/* --- for tests ------------------------------------------------------------------- */

/* memory() -> { blocks, bytes, total } */
static int memory(lua_State *L)
{
    hana_memory_use use = hana_memory_now();
    lua_createtable(L, 0, 3);
    lua_pushinteger(L, use.blocks);
    lua_setfield(L, -2, "blocks");
    lua_pushinteger(L, use.bytes);
    lua_setfield(L, -2, "bytes");
    lua_pushinteger(L, use.total);
    lua_setfield(L, -2, "total");
    return 1;
}

/* fail_from(k) -> how many allocations of the library were counted since it was set; the
   k-th from now on and all later ones fail, 0: none. */
static int fail_from(lua_State *L)
{
    lua_pushinteger(L, hana_memory_fail_from(hana_check_int(L, 1)));
    return 1;
}

/* stop_from(k) -> how many checks for Ctrl-C were counted since it was set; the k-th from
   now on and all later ones find it, 0: none. */
static int stop_from(lua_State *L)
{
    lua_pushinteger(L, hana_job_stop_from(hana_check_int(L, 1)));
    return 1;
}

/* print_rows_bytes(n): frames are printed in blocks of so many bytes, 0: of the usual. */
static int print_rows_bytes(lua_State *L)
{
    hana_print_rows_bytes((size_t)hana_check_int(L, 1));
    return 0;
}

/* Lua's own allocator behind a counter, while lua_fail_from is on. */
typedef struct allocator {
    lua_Alloc next;
    void *context;
    int64_t counted, from;
} allocator;
static allocator lua_allocator;

static void *failing(void *context, void *block, size_t old, size_t size)
{
    (void)context;
    /* Shrinking must not fail: Lua counts on it. */
    if (size > 0 && (!block || size > old) && lua_allocator.from > 0 &&
        ++lua_allocator.counted >= lua_allocator.from)
        return NULL;
    return lua_allocator.next(lua_allocator.context, block, old, size);
}

/* lua_fail_from(k, f): calls f with Lua's k-th allocation from here on and all later ones
   failing;
   -> whether it succeeded, its error, how many were counted. */
static int lua_fail_from(lua_State *L)
{
    lua_Integer k = hana_check_int(L, 1);
    luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_settop(L, 2);
    if (lua_allocator.next) return luaL_error(L, "already on");
    luaL_checkstack(L, 10, NULL);
    lua_pushboolean(L, 0);
    lua_pushvalue(L, 2);
    lua_allocator.next = lua_getallocf(L, &lua_allocator.context);
    lua_allocator.counted = 0;
    lua_allocator.from = k;
    lua_setallocf(L, failing, NULL);
    int status = lua_pcall(L, 0, 0, 0);
    lua_setallocf(L, lua_allocator.next, lua_allocator.context);
    int64_t counted = lua_allocator.counted;
    lua_allocator = (allocator){ 0 };
    lua_pushboolean(L, status == LUA_OK);
    lua_replace(L, 3);
    if (status == LUA_OK) lua_pushnil(L);
    lua_pushinteger(L, counted);
    return 3;
}

void hana_open_functions(lua_State *L)
{
    static const luaL_Reg functions[] = {
        { "json_encode", json_encode },
        { "json_decode", json_decode },
        { "json_array", json_array },
        { "version", version },
        { "threads", threads },
        { "raise", raise },
        { "unknown", unknown },
        { "check_params", check_params },
        { "set_library", set_library },
        { "utf8_width", utf8_width },
        { "print_number", print_number },
        { "hash", hash },
        { "print_width", print_width },
        { "is_terminal", is_terminal },
        { NULL, NULL },
    };
    static const luaL_Reg debug[] = {
        { "memory", memory },
        { "fail_from", fail_from },
        { "stop_from", stop_from },
        { "print_rows_bytes", print_rows_bytes },
        { "lua_fail_from", lua_fail_from },
        { NULL, NULL },
    };
    luaL_setfuncs(L, functions, 0);
    luaL_newlib(L, debug);
    lua_setfield(L, -2, "debug");
    hana_push_null(L);
    lua_setfield(L, -2, "null");
}
