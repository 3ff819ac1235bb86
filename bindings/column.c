#include "glue.h"

#include <string.h>

/* --- cells ----------------------------------------------------------------------- */

/* A function of its own, so that its scratch memory does not stay below the result. */
static int block_cell(lua_State *L)
{
    hana_error err;
    const hana_column *column = lua_touserdata(L, 1);
    hana_value *value = hana_scratch_value(L);
    hana_status status =
        hana_column_value(value, column, (size_t)lua_tointeger(L, 2), &err);
    hana_raise_unless_ok(L, status, &err);
    hana_value_push_lua(L, value, 0);
    return 1;
}

void hana_push_cell(lua_State *L, const hana_column *column, size_t i)
{
    luaL_checkstack(L, 4, NULL);
    hana_type type = hana_column_type(column);
    if (type == HANA_BLOCK) {
        lua_pushcfunction(L, block_cell);
        lua_pushlightuserdata(L, (void *)(uintptr_t)column);
        lua_pushinteger(L, (lua_Integer)i);
        lua_call(L, 2, 1);
        return;
    }
    if (hana_column_is_null(column, i)) {
        lua_pushnil(L);
        return;
    }
    switch (type) {
    case HANA_FLOAT:
        lua_pushnumber(L, hana_column_floats(column)[i]);
        return;
    case HANA_INT:
        lua_pushinteger(L, hana_column_ints(column)[i]);
        return;
    case HANA_BOOL:
        lua_pushboolean(L, hana_bit(hana_column_bits(column), i));
        return;
    case HANA_STRING:
    case HANA_CATEGORY: {
        size_t length;
        const char *text = hana_column_string(column, i, &length);
        lua_pushlstring(L, text, length);
        return;
    }
    case HANA_DATE: {
        char text[48];
        hana_print_date(text, hana_column_codes(column)[i]);
        lua_pushstring(L, text);
        return;
    }
    case HANA_DATETIME: {
        char text[48];
        hana_error err;
        const hana_zone *zone;
        hana_raise_unless_ok(L, hana_zone_get(&zone, hana_column_zone(column), &err),
                             &err);
        hana_print_datetime(text, hana_column_ints(column)[i], zone);
        lua_pushstring(L, text);
        return;
    }
    case HANA_BLOCK:
        break;
    }
    lua_pushnil(L);
}

/* --- columns from Lua ------------------------------------------------------------ */

static void clear_builder(void *data)
{
    hana_builder_free(*(hana_builder **)data);
}

/* The type of the element at the top of the stack, -1 for null, -2 for what no column can
 * hold. */
static int element_type(lua_State *L)
{
    switch (lua_type(L, -1)) {
    case LUA_TBOOLEAN:
        return HANA_BOOL;
    case LUA_TNUMBER:
        return lua_isinteger(L, -1) ? HANA_INT : HANA_FLOAT;
    case LUA_TSTRING:
        return HANA_STRING;
    default:
        return hana_is_null(L, -1) ? -1 : -2;
    }
}

/* Integers among floats must not change on their way to a double. */
static void check_exact(lua_State *L, int idx, size_t n, const char *what)
{
    for (size_t i = 0; i < n; i++) {
        lua_rawgeti(L, idx, (lua_Integer)i + 1);
        if (lua_isinteger(L, -1)) {
            lua_Integer k = lua_tointeger(L, -1);
            double x = (double)k;
            if (x >= 0x1p63 || (lua_Integer)x != k)
                hana_raise_text(
                    L,
                    "column '%s': " LUA_INTEGER_FMT
                    " (row %zu) cannot stand among floats, which would round it",
                    what, k, i + 1);
        }
        lua_pop(L, 1);
    }
}

/* The common type of n elements; -1 when all are null. */
static int list_type(lua_State *L, int idx, size_t n, const char *what)
{
    int type = -1;
    size_t first = 0;
    for (size_t i = 0; i < n; i++) {
        lua_rawgeti(L, idx, (lua_Integer)i + 1);
        int found = element_type(L);
        if (lua_isnil(L, -1))
            hana_raise_text(L,
                            "column '%s' has no value at row %zu: write hana.null for a "
                            "missing value",
                            what, i + 1);
        if (found == -2)
            hana_raise_text(L, "column '%s': a cell cannot be a %s (row %zu)", what,
                            luaL_typename(L, -1), i + 1);
        if (found == HANA_STRING) {
            size_t length;
            const char *text = lua_tolstring(L, -1, &length);
            if (!hana_utf8_valid(text, length))
                hana_raise_text(L, "column '%s': the text in row %zu is not valid UTF-8",
                                what, i + 1);
        }
        lua_pop(L, 1);
        if (found < 0 || found == type) continue;
        if (type == -1) {
            type = found;
            first = i;
        } else if ((type == HANA_INT && found == HANA_FLOAT) ||
                   (type == HANA_FLOAT && found == HANA_INT)) {
            type = HANA_FLOAT;
        } else {
            hana_raise_text(L, "column '%s' mixes %s (row %zu) and %s (row %zu)", what,
                            hana_type_name((hana_type)type), first + 1,
                            hana_type_name((hana_type)found), i + 1);
        }
    }
    if (type == HANA_FLOAT) check_exact(L, idx, n, what);
    return type;
}

static hana_status build_cell(lua_State *L, hana_builder *builder, int type,
                              hana_error *err)
{
    size_t length;
    const char *text;
    if (element_type(L) < 0) return hana_builder_null(builder, err);
    switch (type) {
    case HANA_BOOL:
        return hana_builder_int(builder, lua_toboolean(L, -1), err);
    case HANA_INT:
        return hana_builder_int(builder, lua_tointeger(L, -1), err);
    case HANA_STRING:
        text = lua_tolstring(L, -1, &length);
        return hana_builder_string(builder, text, length, err);
    default:
        return hana_builder_float(builder, lua_tonumber(L, -1), err);
    }
}

/* Elements beyond a hole are not counted by the length operator: they must not be
 * dropped. */
static void check_holes(lua_State *L, int idx, size_t n, const char *what)
{
    size_t found = 0;
    lua_pushnil(L);
    while (lua_next(L, idx)) {
        lua_pop(L, 1);
        if (!lua_isinteger(L, -1))
            hana_raise_text(
                L, "column '%s': its values must be a list, found the key '%s'", what,
                lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1)
                                               : luaL_typename(L, -1));
        found++;
    }
    if (found == n) return;
    size_t hole = 1;
    while (lua_rawgeti(L, idx, (lua_Integer)hole) != LUA_TNIL) {
        lua_pop(L, 1);
        hole++;
    }
    hana_raise_text(
        L, "column '%s' has no value at row %zu: write hana.null for a missing value",
        what, hole);
}

void hana_column_read(lua_State *L, int idx, const char *what, hana_box *out)
{
    hana_error err;
    idx = lua_absindex(L, idx);
    const hana_column *given = hana_box_test(L, idx, HANA_COLUMN_BOX);
    if (given) {
        out->pointer = hana_column_retain(given);
        return;
    }
    if (lua_type(L, idx) != LUA_TTABLE)
        hana_raise_text(L, "column '%s' must be a list of values or a column, got a %s",
                        what, luaL_typename(L, idx));
    luaL_checkstack(L, 6, NULL);
    size_t n = (size_t)lua_rawlen(L, idx);
    check_holes(L, idx, n, what);
    int type = list_type(L, idx, n, what);
    if (type < 0) type = HANA_FLOAT;
    hana_builder **builder = hana_scratch(L, sizeof *builder, clear_builder);
    hana_raise_unless_ok(L, hana_builder_new(builder, (hana_type)type, n, &err), &err);
    for (size_t i = 0; i < n; i++) {
        lua_rawgeti(L, idx, (lua_Integer)i + 1);
        hana_raise_unless_ok(L, build_cell(L, *builder, type, &err), &err);
        lua_pop(L, 1);
    }
    hana_column *column = NULL;
    hana_raise_unless_ok(L, hana_builder_take(&column, *builder, &err), &err);
    out->pointer = column;
}

/* column(list [, name]) -> column */
static int new_column(lua_State *L)
{
    const char *name = luaL_optstring(L, 2, NULL);
    lua_settop(L, 2);
    hana_box *box = hana_box_new(L, HANA_COLUMN_BOX);
    int64_t before = hana_allocated();
    hana_column_read(L, 1, name ? name : "value", box);
    hana_account(L, before);
    lua_pushvalue(L, 3);
    hana_box_name(L, name);
    return 1;
}

/* constant(value, n) -> a column of n equal cells */
static int constant(lua_State *L)
{
    size_t n = (size_t)hana_check_int(L, 2);
    hana_error err;
    lua_settop(L, 2);
    hana_box *box = hana_box_new(L, HANA_COLUMN_BOX);
    lua_pushvalue(L, 1);
    int type = element_type(L);
    if (type == -2)
        return hana_raise_text(L, "a cell cannot be a %s", luaL_typename(L, 1));
    hana_builder **builder = hana_scratch(L, sizeof *builder, clear_builder);
    lua_pushvalue(L, 1);
    if (type < 0) type = HANA_FLOAT;
    hana_raise_unless_ok(L, hana_builder_new(builder, (hana_type)type, n, &err), &err);
    for (size_t i = 0; i < n; i++)
        hana_raise_unless_ok(L, build_cell(L, *builder, type, &err), &err);
    hana_column *column = NULL;
    hana_raise_unless_ok(L, hana_builder_take(&column, *builder, &err), &err);
    box->pointer = column;
    lua_pushvalue(L, 3);
    return 1;
}

/* --- reading --------------------------------------------------------------------- */

static int column_len(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)hana_column_length(hana_check_column(L, 1)));
    return 1;
}

/* Pushes the name of the column at idx, for name_failure; NULL when it has none. */
static const char *name_of(lua_State *L, int idx)
{
    if (luaL_testudata(L, idx, HANA_COLUMN_BOX)) {
        if (lua_getiuservalue(L, idx, 1) == LUA_TSTRING) return lua_tostring(L, -1);
        return NULL;
    }
    lua_pushnil(L);
    return NULL;
}

/* Puts the column's name in front of what is wrong with its cells or type. */
static void name_failure(hana_error *err, hana_status status, const char *name)
{
    if (name && (status == HANA_BAD_TYPE || status == HANA_BAD_DATA))
        hana_fail_prefix(err, status, "column '%s': ", name);
}

/* c:mean(), c:quantile(0.9), ...: upvalue 1 is the name. */
static int aggregate(lua_State *L)
{
    hana_error err;
    const hana_column *column = hana_check_column(L, 1);
    const char *name = lua_tostring(L, lua_upvalueindex(1));
    int n_args = lua_gettop(L) - 1;
    hana_value *args = hana_scratch_value(L);
    hana_raise_unless_ok(L, hana_value_new_list(args, &err), &err);
    for (int i = 0; i < n_args; i++) {
        hana_raise_unless_ok(L, hana_value_push(args, (hana_value){ 0 }, &err), &err);
        hana_value_read(L, i + 2, &args->as.list->items[i], HANA_READ_OPTIONS);
    }
    const char *of = name_of(L, 1);
    hana_call *call = hana_call_begin(L);
    hana_box *box = hana_box_new(L, HANA_COLUMN_BOX);
    hana_column *out = NULL;
    hana_status status = hana_column_aggregate(&out, name, column, args->as.list->items,
                                               args->as.list->n, &call->job, &err);
    name_failure(&err, status, of);
    box->pointer = out;
    hana_call_end(L, call, status, &err);
    hana_push_cell(L, out, 0);
    return 1;
}

static int column_index(lua_State *L)
{
    const hana_column *column = hana_check_column(L, 1);
    if (lua_type(L, 2) == LUA_TNUMBER) {
        int good;
        lua_Integer i = lua_tointegerx(L, 2, &good);
        size_t n = hana_column_length(column);
        if (good && i >= 1 && (lua_Unsigned)i == n + 1) return 0; /* where ipairs ends */
        if (!good || i < 1 || (lua_Unsigned)i > n)
            return hana_raise_text(L, "row %s is out of range 1..%zu",
                                   luaL_tolstring(L, 2, NULL), n);
        hana_push_cell(L, column, (size_t)i - 1);
        return 1;
    }
    lua_pushvalue(L, 2);
    lua_gettable(L, lua_upvalueindex(1));
    if (!lua_isnil(L, -1)) return 1;
    if (lua_type(L, 2) != LUA_TSTRING)
        return hana_raise_text(L, "a column is indexed by row numbers, got a %s",
                               luaL_typename(L, 2));
    /* Candidates for "did you mean" are the methods. */
    size_t n = 0;
    lua_pushnil(L);
    while (lua_next(L, lua_upvalueindex(1))) {
        lua_pop(L, 1);
        n++;
    }
    const char **names = hana_scratch_array(L, n + 1, sizeof *names);
    size_t k = 0;
    lua_pushnil(L);
    while (k < n && lua_next(L, lua_upvalueindex(1))) {
        lua_pop(L, 1);
        if (lua_type(L, -1) == LUA_TSTRING) names[k++] = lua_tostring(L, -1);
    }
    hana_error err;
    hana_fail_unknown(&err, "unknown method", lua_tostring(L, 2), " of a column", names,
                      k);
    return hana_raise(L, &err);
}

static int refuse_assignment(lua_State *L)
{
    return hana_raise_text(L, "columns are immutable: use df:mutate to make a new one");
}

static int next_value(lua_State *L)
{
    const hana_column *column = hana_check_column(L, 1);
    lua_Integer i = hana_check_int(L, 2) + 1;
    if (i < 1 || (lua_Unsigned)i > hana_column_length(column)) return 0;
    lua_pushinteger(L, i);
    hana_push_cell(L, column, (size_t)i - 1);
    return 2;
}

static int values(lua_State *L)
{
    hana_check_column(L, 1);
    lua_pushcfunction(L, next_value);
    lua_pushvalue(L, 1);
    lua_pushinteger(L, 0);
    return 3;
}

static int totable(lua_State *L)
{
    const hana_column *column = hana_check_column(L, 1);
    size_t n = hana_column_length(column);
    int block = hana_column_type(column) == HANA_BLOCK;
    lua_createtable(L, n < INT32_MAX ? (int)n : 0, 0);
    int list = lua_gettop(L);
    hana_push_null(L);
    for (size_t i = 0; i < n; i++) {
        int top = lua_gettop(L);
        if (!block && hana_column_is_null(column, i))
            lua_pushvalue(L, list + 1);
        else
            hana_push_cell(L, column, i);
        lua_rawseti(L, list, (lua_Integer)i + 1);
        lua_settop(L, top);
    }
    lua_pushvalue(L, list);
    return 1;
}

static int column_type(lua_State *L)
{
    lua_pushstring(L, hana_type_name(hana_column_type(hana_check_column(L, 1))));
    return 1;
}

static int column_name(lua_State *L)
{
    hana_check_column(L, 1);
    lua_getiuservalue(L, 1, 1);
    return 1;
}

static int nulls(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)hana_column_nulls(hana_check_column(L, 1)));
    return 1;
}

static int bytes(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)hana_column_bytes(hana_check_column(L, 1)));
    return 1;
}

/* Copies the name of the column at idx to the box at the top. */
static void copy_name(lua_State *L, int idx)
{
    lua_getiuservalue(L, idx, 1);
    lua_setiuservalue(L, -2, 1);
}

static int unique(lua_State *L)
{
    hana_error err;
    const hana_column *column = hana_check_column(L, 1);
    hana_call *call = hana_call_begin(L);
    hana_box *box = hana_box_new(L, HANA_COLUMN_BOX);
    copy_name(L, 1);
    hana_column *out = NULL;
    hana_status status = hana_column_unique(&out, column, &err);
    box->pointer = out;
    return hana_call_end(L, call, status, &err);
}

/* levels() -> the categories in their order */
static int levels(lua_State *L)
{
    const hana_column *column = hana_check_column(L, 1);
    if (hana_column_type(column) != HANA_CATEGORY)
        return hana_raise_text(L, "levels: the column is %s, expected category",
                               hana_type_name(hana_column_type(column)));
    hana_push_column(L, hana_column_levels(column), NULL);
    return 1;
}

/* ordered(column): whether the order of a category's levels means something */
static int ordered(lua_State *L)
{
    const hana_column *column = hana_check_column(L, 1);
    lua_pushboolean(L, hana_column_type(column) == HANA_CATEGORY &&
                           hana_column_ordered(column));
    return 1;
}

/* What a cast asks for: names the levels or the format of the third argument. */
typedef struct wanted {
    hana_type type;
    hana_names *levels;
    const char *format;
} wanted;

static wanted read_wanted(lua_State *L, const char *what)
{
    static const char *const types[] = { "float",    "int",  "bool",    "string",
                                         "category", "date", "datetime" };
    hana_error err;
    wanted w = { 0 };
    const char *type = hana_check_string(L, 2, NULL);
    if (!hana_type_from_name(type, &w.type) || w.type == HANA_BLOCK) {
        hana_fail_unknown(&err, what, type, "", types, sizeof types / sizeof *types);
        hana_raise(L, &err);
    }
    if (lua_isnil(L, 3)) return w;
    if (w.type == HANA_DATE || w.type == HANA_DATETIME) {
        w.format = hana_check_string(L, 3, NULL);
    } else if (w.type == HANA_CATEGORY) {
        w.levels = hana_scratch_names(L);
        hana_names_read(L, 3, w.levels);
    } else
        hana_raise_argument(L, 3,
                            "levels go with 'category' only, a format with 'date' and "
                            "'datetime' only");
    return w;
}

static hana_status cast_to(hana_column **out, hana_box *texts, const hana_column *column,
                           const wanted *w, size_t *failed, hana_error *err)
{
    if (w->format)
        return hana_column_cast_format(out, column, w->type, w->format, failed, err);
    if (!w->levels) return hana_column_cast(out, column, w->type, failed, err);
    hana_type kind = hana_column_type(column);
    if (kind != HANA_STRING && kind != HANA_CATEGORY) {
        hana_column *as_text;
        HANA_TRY(hana_column_cast(&as_text, column, HANA_STRING, NULL, err));
        texts->pointer = column = as_text;
    }
    return hana_column_to_levels(out, column, w->levels, 1, failed, err);
}

/* cast(column, type [, levels or format]): with levels, an ordered category */
static int cast(lua_State *L)
{
    hana_error err;
    const hana_column *column = hana_check_column(L, 1);
    lua_settop(L, 3);
    wanted w = read_wanted(L, "cast: unknown type");
    const char *name = name_of(L, 1);
    hana_call *call = hana_call_begin(L);
    hana_box *texts = hana_box_new(L, HANA_COLUMN_BOX);
    hana_box *box = hana_box_new(L, HANA_COLUMN_BOX);
    copy_name(L, 1);
    hana_column *out = NULL;
    hana_status status = cast_to(&out, texts, column, &w, NULL, &err);
    if (status == HANA_OK) box->pointer = out;
    name_failure(&err, status, name);
    return hana_call_end(L, call, status, &err);
}

/* cast_column(column, type, levels or format or nil, name, lenient) -> column, failed:
   lenient, cells that cannot be cast are null and counted */
static int cast_column(lua_State *L)
{
    hana_error err;
    const hana_column *column = hana_check_column(L, 1);
    lua_settop(L, 5);
    const char *name = hana_check_string(L, 4, NULL);
    wanted w =
        read_wanted(L, lua_pushfstring(L, "cast: column '%s': unknown type", name));
    size_t failed = 0;
    hana_call *call = hana_call_begin(L);
    hana_box *texts = hana_box_new(L, HANA_COLUMN_BOX);
    hana_box *box = hana_box_new(L, HANA_COLUMN_BOX);
    hana_column *out = NULL;
    hana_status status =
        cast_to(&out, texts, column, &w, lua_toboolean(L, 5) ? &failed : NULL, &err);
    if (status == HANA_OK)
        box->pointer = out;
    else
        hana_fail_prefix(&err, status, "cast: column '%s': ", name);
    hana_call_end(L, call, status, &err);
    lua_pushinteger(L, (lua_Integer)failed);
    return 2;
}

/* equal(other): the same type, length, nulls and values */
static int equal(lua_State *L)
{
    lua_pushboolean(L,
                    hana_column_equal(hana_check_column(L, 1), hana_check_column(L, 2)));
    return 1;
}

static int column_tostring(lua_State *L)
{
    enum { SHOWN = 10 };
    hana_error err;
    const hana_column *column = hana_check_column(L, 1);
    size_t n = hana_column_length(column);
    hana_text *text = hana_scratch_text(L);
    if (lua_getiuservalue(L, 1, 1) == LUA_TSTRING)
        hana_text_printf(text, "%s: ", lua_tostring(L, -1));
    hana_text_printf(text, "%s[%zu] ", hana_type_name(hana_column_type(column)), n);
    for (size_t i = 0; i < n && i < SHOWN; i++) {
        if (i) hana_text_puts(text, ", ");
        hana_column_print_cell(column, i, 0, text);
    }
    if (n > SHOWN) hana_text_printf(text, ", ... (%zu more)", n - SHOWN);
    if (text->failed) {
        hana_fail_memory(&err);
        return hana_raise(L, &err);
    }
    lua_pushlstring(L, text->data, text->length);
    return 1;
}

/* --- arithmetic ------------------------------------------------------------------ */

const hana_column *hana_operand_read(lua_State *L, int idx)
{
    const hana_column *column = hana_box_test(L, idx, HANA_COLUMN_BOX);
    if (column) return column;
    int type = lua_type(L, idx);
    if (type != LUA_TNUMBER && type != LUA_TSTRING && type != LUA_TBOOLEAN &&
        !hana_is_null(L, idx))
        hana_raise_text(L, "a column and a %s cannot be combined",
                        luaL_testudata(L, idx, HANA_COLUMN_BOX) ? "closed column"
                                                                : luaL_typename(L, idx));
    hana_error err;
    hana_builder **builder = hana_scratch(L, sizeof *builder, clear_builder);
    hana_box *box = hana_box_new(L, HANA_COLUMN_BOX);
    lua_pushvalue(L, idx);
    int cell = element_type(L);
    if (cell < 0) cell = HANA_FLOAT;
    hana_raise_unless_ok(L, hana_builder_new(builder, (hana_type)cell, 1, &err), &err);
    hana_raise_unless_ok(L, build_cell(L, *builder, cell, &err), &err);
    lua_pop(L, 1);
    hana_column *out = NULL;
    hana_raise_unless_ok(L, hana_builder_take(&out, *builder, &err), &err);
    box->pointer = out;
    return out;
}

static int is_number(const hana_column *column)
{
    return hana_column_type(column) == HANA_INT || hana_column_type(column) == HANA_FLOAT;
}

/* Upvalue 1: the operation. */
static int arithmetic(lua_State *L)
{
    hana_error err;
    hana_expr_op op = (hana_expr_op)lua_tointeger(L, lua_upvalueindex(1));
    const hana_column *a = hana_operand_read(L, 1);
    const hana_column *b = hana_operand_read(L, 2);
    const char *name = name_of(L, is_number(a) ? 2 : 1);
    hana_call *call = hana_call_begin(L);
    hana_box *box = hana_box_new(L, HANA_COLUMN_BOX);
    hana_column *out = NULL;
    hana_status status = hana_column_arith(&out, op, a, b, &call->job, &err);
    name_failure(&err, status, name);
    box->pointer = out;
    return hana_call_end(L, call, status, &err);
}

static int negate(lua_State *L)
{
    lua_settop(L, 1);
    lua_pushinteger(L, -1);
    lua_pushinteger(L, HANA_OP_MUL);
    lua_pushcclosure(L, arithmetic, 1);
    lua_insert(L, 1);
    lua_call(L, 2, 1);
    return 1;
}

static int refuse_comparison(lua_State *L)
{
    int idx = luaL_testudata(L, 1, HANA_COLUMN_BOX) ? 1 : 2;
    const char *name = "age";
    if (luaL_testudata(L, idx, HANA_COLUMN_BOX) &&
        lua_getiuservalue(L, idx, 1) == LUA_TSTRING)
        name = lua_tostring(L, -1);
    return hana_raise_text(
        L,
        "columns cannot be compared by < <= > >=, whose result Lua forces to one "
        "boolean (use df:filter(\"%s > 30\"))",
        name);
}

/* Identity: two boxes of one column are the same. */
static int same(lua_State *L)
{
    const void *a = hana_box_test(L, 1, HANA_COLUMN_BOX);
    const void *b = hana_box_test(L, 2, HANA_COLUMN_BOX);
    lua_pushboolean(L, a && a == b);
    return 1;
}

void hana_open_column(lua_State *L)
{
    static const luaL_Reg metamethods[] = {
        { "__len", column_len },
        { "__newindex", refuse_assignment },
        { "__tostring", column_tostring },
        { "__unm", negate },
        { "__lt", refuse_comparison },
        { "__le", refuse_comparison },
        { "__eq", same },
        { NULL, NULL },
    };
    static const luaL_Reg methods[] = {
        { "values", values },    { "totable", totable }, { "type", column_type },
        { "name", column_name }, { "nulls", nulls },     { "unique", unique },
        { "levels", levels },    { "ordered", ordered }, { "cast", cast },
        { "equal", equal },      { "bytes", bytes },     { NULL, NULL },
    };
    static const struct {
        const char *name;
        hana_expr_op op;
    } operators[] = {
        { "__add", HANA_OP_ADD },   { "__sub", HANA_OP_SUB },
        { "__mul", HANA_OP_MUL },   { "__div", HANA_OP_DIV },
        { "__idiv", HANA_OP_IDIV }, { "__mod", HANA_OP_MOD },
        { "__pow", HANA_OP_POW },   { "__concat", HANA_OP_CONCAT },
    };
    static const char *const aggregates[] = { "count",    "sum",   "mean", "median",
                                              "sd",       "var",   "min",  "max",
                                              "quantile", "first", "last", "n_unique",
                                              "mode",     "corr",  "any",  "all" };
    hana_box_class(L, HANA_COLUMN_BOX, &hana_column_class, metamethods, methods);
    for (size_t i = 0; i < sizeof aggregates / sizeof aggregates[0]; i++) {
        lua_pushstring(L, aggregates[i]);
        lua_pushcclosure(L, aggregate, 1);
        lua_setfield(L, -2, aggregates[i]);
    }
    lua_pushvalue(L, -1);
    lua_pushcclosure(L, column_index, 1);
    lua_setfield(L, -3, "__index");
    for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++) {
        lua_pushinteger(L, operators[i].op);
        lua_pushcclosure(L, arithmetic, 1);
        lua_setfield(L, -3, operators[i].name);
    }
    lua_setfield(L, -3, "column_methods");
    lua_pop(L, 1);
    static const luaL_Reg functions[] = {
        { "column", new_column },
        { "constant", constant },
        { "cast_column", cast_column },
        { NULL, NULL },
    };
    luaL_setfuncs(L, functions, 0);
}
