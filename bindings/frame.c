#include "glue.h"

#include <string.h>

/* --- making frames --------------------------------------------------------------- */

/* Columns that are being put together, with their names borrowed from the Lua table. */
typedef struct parts {
    size_t n;
    const char **names;
    hana_box *columns;
} parts;

static void clear_parts(void *data)
{
    parts *p = data;
    for (size_t i = 0; i < p->n; i++) hana_column_release(p->columns[i].pointer);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The column at the top of the stack, as the type at idx type_idx (nil: as it is). */
static void read_part(lua_State *L, parts *p, size_t i)
{
    int values = lua_gettop(L);
    hana_column_read(L, values, p->names[i], &p->columns[i]);
    lua_settop(L, values);
}

static void cast_part(lua_State *L, parts *p, size_t i)
{
    hana_error err;
    hana_type type;
    const char *name = lua_tostring(L, -1);
    if (!name || !hana_type_from_name(name, &type))
        hana_raise_text(L, "column '%s': unknown type '%s'", p->names[i],
                        name ? name : luaL_typename(L, -1));
    hana_column *out = NULL;
    hana_status status = hana_column_cast(&out, p->columns[i].pointer, type, NULL, &err);
    if (status != HANA_OK) hana_fail_prefix(&err, status, "column '%s': ", p->names[i]);
    hana_raise_unless_ok(L, status, &err);
    hana_column_release(p->columns[i].pointer);
    p->columns[i].pointer = out;
}

static void read_pairs(lua_State *L, parts *p)
{
    for (size_t i = 0; i < p->n; i++) {
        if (lua_rawgeti(L, 1, (lua_Integer)i + 1) != LUA_TTABLE)
            hana_raise_text(L, "frame: element %zu must be { name, values }, got a %s",
                            i + 1, luaL_typename(L, -1));
        int pair = lua_gettop(L);
        if (lua_rawgeti(L, pair, 1) != LUA_TSTRING)
            hana_raise_text(
                L, "frame: element %zu must be { name, values }: its name is a %s", i + 1,
                luaL_typename(L, -1));
        p->names[i] = hana_name_at(L, -1);
        lua_rawgeti(L, pair, 2);
        read_part(L, p, i);
        if (lua_rawgeti(L, pair, 3) != LUA_TNIL) cast_part(L, p, i);
        lua_settop(L, pair - 1);
    }
}

static void read_keyed(lua_State *L, parts *p)
{
    size_t k = 0;
    lua_pushnil(L);
    while (lua_next(L, 1)) {
        lua_pop(L, 1);
        if (lua_type(L, -1) != LUA_TSTRING)
            hana_raise_text(L, "frame: columns are { {name, values}, ... } or { name = "
                               "values }, not both");
        p->names[k++] = hana_name_at(L, -1);
    }
    qsort(p->names, p->n, sizeof *p->names, by_name);
    for (size_t i = 0; i < p->n; i++) {
        lua_pushstring(L, p->names[i]);
        lua_rawget(L, 1);
        read_part(L, p, i);
        lua_pop(L, 1);
    }
}

/* frame{ {name, values [, type]}, ... } or frame{ name = values, ... } */
static int new_frame(lua_State *L)
{
    hana_error err;
    hana_check_table(L, 1);
    lua_settop(L, 1);
    int64_t before = hana_allocated();
    size_t n = (size_t)lua_rawlen(L, 1);
    int keyed = n == 0;
    if (keyed) {
        lua_pushnil(L);
        while (lua_next(L, 1)) {
            lua_pop(L, 1);
            n++;
        }
    }
    const char **names = hana_scratch_array(L, n + 1, sizeof *names);
    hana_box *columns = hana_scratch_array(L, n + 1, sizeof *columns);
    parts *p = hana_scratch(L, sizeof *p, clear_parts);
    *p = (parts){ .n = n, .names = names, .columns = columns };
    if (keyed)
        read_keyed(L, p);
    else
        read_pairs(L, p);
    const hana_column **all = hana_scratch_array(L, n + 1, sizeof(hana_column *));
    for (size_t i = 0; i < n; i++) all[i] = columns[i].pointer;
    hana_box *box = hana_box_new(L, HANA_FRAME_BOX);
    hana_frame *out = NULL;
    size_t rows = n ? hana_column_length(all[0]) : 0;
    for (size_t i = 1; i < n; i++)
        if (hana_column_length(all[i]) != rows)
            return hana_raise_text(
                L,
                "column '%s' has %zu rows, '%s' has %zu: write hana.null "
                "for a missing value",
                names[i], hana_column_length(all[i]), names[0], rows);
    hana_status status = hana_frame_new(&out, names, all, n, rows, &err);
    box->pointer = out;
    hana_raise_unless_ok(L, status, &err);
    hana_account(L, before);
    return 1;
}

/* --- looking --------------------------------------------------------------------- */

static int rows_of(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)hana_frame_rows(hana_check_frame(L, 1)));
    return 1;
}

static int cols_of(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)hana_frame_cols(hana_check_frame(L, 1)));
    return 1;
}

static int names(lua_State *L)
{
    const hana_frame *frame = hana_check_frame(L, 1);
    size_t n = hana_frame_cols(frame);
    lua_createtable(L, (int)n, 0);
    for (size_t j = 0; j < n; j++) {
        lua_pushstring(L, hana_frame_name(frame, j));
        lua_rawseti(L, -2, (lua_Integer)j + 1);
    }
    return 1;
}

/* types() -> { name = type }; t[j] is the type of column j. */
static int types(lua_State *L)
{
    const hana_frame *frame = hana_check_frame(L, 1);
    size_t n = hana_frame_cols(frame);
    lua_createtable(L, 0, (int)n);
    lua_createtable(L, 0, 1);
    lua_createtable(L, (int)n, 0);
    for (size_t j = 0; j < n; j++) {
        lua_pushstring(L, hana_type_name(hana_column_type(hana_frame_column(frame, j))));
        lua_pushvalue(L, -1);
        lua_setfield(L, -5, hana_frame_name(frame, j));
        lua_rawseti(L, -2, (lua_Integer)j + 1);
    }
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
    return 1;
}

static void push_row(lua_State *L, const hana_frame *frame, size_t i)
{
    size_t n = hana_frame_cols(frame);
    lua_createtable(L, 0, (int)n);
    for (size_t j = 0; j < n; j++) {
        lua_pushstring(L, hana_frame_name(frame, j));
        hana_push_cell(L, hana_frame_column(frame, j), i);
        lua_rawset(L, -3);
    }
}

static int row(lua_State *L)
{
    const hana_frame *frame = hana_check_frame(L, 1);
    push_row(L, frame, hana_check_index(L, 2, hana_frame_rows(frame), "row"));
    return 1;
}

static int next_row(lua_State *L)
{
    const hana_frame *frame = hana_check_frame(L, 1);
    lua_Integer i = hana_check_int(L, 2) + 1;
    if (i < 1 || (lua_Unsigned)i > hana_frame_rows(frame)) return 0;
    lua_pushinteger(L, i);
    push_row(L, frame, (size_t)i - 1);
    return 2;
}

static int rows(lua_State *L)
{
    hana_check_frame(L, 1);
    lua_pushcfunction(L, next_row);
    lua_pushvalue(L, 1);
    lua_pushinteger(L, 0);
    return 3;
}

static int col(lua_State *L)
{
    hana_error err;
    const hana_frame *frame = hana_check_frame(L, 1);
    const hana_column *column;
    const char *name;
    if (lua_isinteger(L, 2)) {
        size_t j = hana_check_index(L, 2, hana_frame_cols(frame), "column");
        column = hana_frame_column(frame, j);
        name = hana_frame_name(frame, j);
    } else {
        name = hana_check_string(L, 2, NULL);
        hana_raise_unless_ok(L, hana_frame_get(&column, frame, name, &err), &err);
    }
    hana_push_column(L, column, name);
    return 1;
}

/* has(name) -> whether there is such a column */
static int has(lua_State *L)
{
    const hana_frame *frame = hana_check_frame(L, 1);
    lua_pushboolean(L, hana_frame_find(frame, hana_check_string(L, 2, NULL)) >= 0);
    return 1;
}

/* No such column or method: names the nearest of both. */
static int unknown_name(lua_State *L, const hana_frame *frame)
{
    size_t n = hana_frame_cols(frame), methods = 0;
    lua_pushnil(L);
    while (lua_next(L, lua_upvalueindex(1))) {
        lua_pop(L, 1);
        methods++;
    }
    const char **known = hana_scratch_array(L, n + methods + 1, sizeof *known);
    for (size_t j = 0; j < n; j++) known[j] = hana_frame_name(frame, j);
    lua_pushnil(L);
    while (n < hana_frame_cols(frame) + methods && lua_next(L, lua_upvalueindex(1))) {
        lua_pop(L, 1);
        if (lua_type(L, -1) == LUA_TSTRING) known[n++] = lua_tostring(L, -1);
    }
    hana_error err;
    hana_fail_unknown(&err, "no column", lua_tostring(L, 2), "", known, n);
    return hana_raise(L, &err);
}

static int frame_index(lua_State *L)
{
    const hana_frame *frame = hana_check_frame(L, 1);
    if (lua_type(L, 2) != LUA_TSTRING)
        return hana_raise_text(
            L, "a frame is indexed by column names, got a %s (use df:row(i))",
            luaL_typename(L, 2));
    lua_pushvalue(L, 2);
    if (lua_gettable(L, lua_upvalueindex(1)) != LUA_TNIL) return 1;
    const char *name = lua_tostring(L, 2);
    ptrdiff_t j = hana_frame_find(frame, name);
    if (j < 0) return unknown_name(L, frame);
    hana_push_column(L, hana_frame_column(frame, (size_t)j), name);
    return 1;
}

static int refuse_assignment(lua_State *L)
{
    return hana_raise_text(L, "frames are immutable: use df:mutate to make a new one");
}

static int frame_tostring(lua_State *L)
{
    enum { SHOWN = 10 };
    hana_error err;
    const hana_frame *frame = hana_check_frame(L, 1);
    hana_text *text = hana_scratch_text(L);
    hana_raise_unless_ok(
        L, hana_frame_print(text, frame, SHOWN, hana_print_width(), &err), &err);
    size_t n = text->length;
    while (n > 0 && text->data[n - 1] == '\n') n--;
    lua_pushlstring(L, text->data ? text->data : "", n);
    return 1;
}

/* format([rows [, width]]) -> the table as text */
static int format(lua_State *L)
{
    hana_error err;
    const hana_frame *frame = hana_check_frame(L, 1);
    lua_Integer shown = hana_opt_int(L, 2, (lua_Integer)hana_frame_rows(frame));
    lua_Integer width = hana_opt_int(L, 3, (lua_Integer)hana_print_width());
    if (!(shown >= 0)) hana_raise_argument(L, 2, "must be >= 0");
    if (!(width >= 1)) hana_raise_argument(L, 3, "must be >= 1");
    hana_text *text = hana_scratch_text(L);
    hana_status status =
        hana_frame_print(text, frame, (size_t)shown, (size_t)width, &err);
    hana_raise_unless_ok(L, status, &err);
    lua_pushlstring(L, text->data ? text->data : "", text->length);
    return 1;
}

static int same(lua_State *L)
{
    const void *a = hana_box_test(L, 1, HANA_FRAME_BOX),
               *b = hana_box_test(L, 2, HANA_FRAME_BOX);
    lua_pushboolean(L, a && a == b);
    return 1;
}

/* equal(other): the same names in the same order, and equal columns */
static int equal(lua_State *L)
{
    const hana_frame *a = hana_check_frame(L, 1), *b = hana_check_frame(L, 2);
    size_t n = hana_frame_cols(a);
    int alike = n == hana_frame_cols(b) && hana_frame_rows(a) == hana_frame_rows(b);
    for (size_t j = 0; alike && j < n; j++)
        alike = strcmp(hana_frame_name(a, j), hana_frame_name(b, j)) == 0 &&
                hana_column_equal(hana_frame_column(a, j), hana_frame_column(b, j));
    lua_pushboolean(L, alike);
    return 1;
}

static int bytes(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)hana_frame_bytes(hana_check_frame(L, 1)));
    return 1;
}

static void push_hash(lua_State *L, uint64_t hash)
{
    lua_pushfstring(L, "%s", "");
    char text[17];
    static const char digits[] = "0123456789abcdef";
    for (int i = 0; i < 16; i++) text[i] = digits[(hash >> (60 - 4 * i)) & 15];
    lua_pop(L, 1);
    lua_pushlstring(L, text, 16);
}

/* hash() -> 16 hexadecimal digits of names, types and values */
static int hash(lua_State *L)
{
    push_hash(L, hana_frame_hash(hana_check_frame(L, 1)));
    return 1;
}

/* row_ids(df) -> a list of "origin:position", one a row */
static int row_ids(lua_State *L)
{
    const hana_frame *frame = hana_check_frame(L, 1);
    size_t n = hana_frame_rows(frame);
    lua_createtable(L, n < INT32_MAX ? (int)n : 0, 0);
    for (size_t i = 0; i < n; i++) {
        push_hash(L, hana_frame_origin(frame, i));
        lua_pushfstring(L, "%s:%I", lua_tostring(L, -1),
                        (lua_Integer)hana_frame_position(frame, i));
        lua_rawseti(L, -3, (lua_Integer)i + 1);
        lua_pop(L, 1);
    }
    return 1;
}

/* with_ids_of(df, other) -> the columns of df with the row ids of other */
static int with_ids_of(lua_State *L)
{
    hana_error err;
    const hana_frame *frame = hana_check_frame(L, 1), *ids = hana_check_frame(L, 2);
    hana_box *box = hana_box_new(L, HANA_FRAME_BOX);
    hana_frame *out = NULL;
    hana_status status = hana_frame_with_ids_of(&out, frame, ids, &err);
    box->pointer = out;
    hana_raise_unless_ok(L, status, &err);
    return 1;
}

static int read_report(lua_State *L)
{
    hana_check_frame(L, 1);
    lua_getiuservalue(L, 1, 1);
    return 1;
}

/* set_report(df, report) */
static int set_report(lua_State *L)
{
    hana_check_frame(L, 1);
    lua_settop(L, 2);
    lua_setiuservalue(L, 1, 1);
    return 0;
}

void hana_open_frame(lua_State *L)
{
    static const luaL_Reg metamethods[] = {
        { "__len", rows_of },
        { "__newindex", refuse_assignment },
        { "__tostring", frame_tostring },
        { "__eq", same },
        { NULL, NULL },
    };
    static const luaL_Reg methods[] = {
        { "nrow", rows_of },
        { "ncol", cols_of },
        { "names", names },
        { "types", types },
        { "row", row },
        { "rows", rows },
        { "col", col },
        { "has", has },
        { "format", format },
        { "equal", equal },
        { "bytes", bytes },
        { "hash", hash },
        { "read_report", read_report },
        { NULL, NULL },
    };
    static const luaL_Reg functions[] = {
        { "frame", new_frame },
        { "row_ids", row_ids },
        { "with_ids_of", with_ids_of },
        { "set_report", set_report },
        { NULL, NULL },
    };
    hana_box_class(L, HANA_FRAME_BOX, &hana_frame_class, metamethods, methods);
    lua_pushvalue(L, -1);
    lua_pushcclosure(L, frame_index, 1);
    lua_setfield(L, -3, "__index");
    lua_setfield(L, -3, "frame_methods");
    lua_pop(L, 1);
    luaL_setfuncs(L, functions, 0);
}
