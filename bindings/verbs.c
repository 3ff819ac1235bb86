#include "glue.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The verbs of frames: each gives a new frame. Boxed here, put beside each other in
   core.frame_methods. */

/* Takes the frame over into the box that was pushed for it. */
static int give(lua_State *L, hana_box *box, hana_frame *out, hana_status status,
                const hana_error *err, int64_t before)
{
    box->pointer = out;
    hana_raise_unless_ok(L, status, err);
    hana_account(L, before);
    return 1;
}

/* --- columns --------------------------------------------------------------------- */

/* Columns come as one name, one list or one selector; a second argument would be lost. */
static void check_one_list(lua_State *L, const char *verb)
{
    if (lua_gettop(L) > 2 && !lua_isnil(L, 3))
        hana_raise_text(L, "%s: several columns go into one table: %s{ \"a\", \"b\" }",
                        verb, verb);
}

static int pick(lua_State *L, hana_status (*verb)(hana_frame **, const hana_frame *,
                                                  const hana_names *, hana_error *))
{
    hana_error err;
    const hana_frame *frame = hana_check_frame(L, 1);
    luaL_checkany(L, 2);
    hana_names *names = hana_scratch_names(L);
    hana_columns_read(L, 2, frame, names);
    int64_t before = hana_allocated();
    hana_box *box = hana_box_new(L, HANA_FRAME_BOX);
    hana_frame *out = NULL;
    hana_status status = verb(&out, frame, names, &err);
    return give(L, box, out, status, &err, before);
}

static int select_columns(lua_State *L)
{
    check_one_list(L, "select");
    return pick(L, hana_frame_select);
}

static int drop_columns(lua_State *L)
{
    check_one_list(L, "drop");
    return pick(L, hana_frame_drop);
}

/* column_names(df, columns) -> the names that a list or a selector means */
static int column_names(lua_State *L)
{
    const hana_frame *frame = hana_check_frame(L, 1);
    hana_names *names = hana_scratch_names(L);
    hana_columns_read(L, 2, frame, names);
    hana_names_push(L, names);
    return 1;
}

/* is_selection(value) -> whether it is a selector or a list with one */
static int is_selection(lua_State *L)
{
    luaL_checkany(L, 1);
    lua_pushboolean(L, hana_is_selection(L, 1));
    return 1;
}

/* rename(df, from, to): two lists of names */
static int rename_columns(lua_State *L)
{
    hana_error err;
    const hana_frame *frame = hana_check_frame(L, 1);
    hana_names *from = hana_scratch_names(L);
    hana_names_read(L, 2, from);
    hana_names *to = hana_scratch_names(L);
    hana_names_read(L, 3, to);
    if (!(from->n == to->n))
        hana_raise_argument(L, 3, "as many names as in the first list expected");
    int64_t before = hana_allocated();
    hana_box *box = hana_box_new(L, HANA_FRAME_BOX);
    hana_frame *out = NULL;
    hana_status status = hana_frame_rename(&out, frame, from, to, &err);
    return give(L, box, out, status, &err, before);
}

/* set(df, name, column) -> with that column added or replaced; a column of one cell is
 * repeated */
static int set_column(lua_State *L)
{
    hana_error err;
    const hana_frame *frame = hana_check_frame(L, 1);
    const char *name = hana_check_string(L, 2, NULL);
    const hana_column *column = hana_check_column(L, 3);
    int64_t before = hana_allocated();
    hana_box *box = hana_box_new(L, HANA_FRAME_BOX);
    hana_frame *out = NULL;
    hana_status status = hana_frame_set(&out, frame, name, column, &err);
    return give(L, box, out, status, &err, before);
}

/* set_all(df, names, columns): the same for several, whose names differ */
static int set_columns(lua_State *L)
{
    hana_error err;
    const hana_frame *frame = hana_check_frame(L, 1);
    hana_names *names = hana_scratch_names(L);
    hana_names_read(L, 2, names);
    hana_check_table(L, 3);
    const hana_column **columns =
        hana_scratch_array(L, names->n + 1, sizeof(hana_column *));
    for (size_t i = 0; i < names->n; i++) {
        lua_rawgeti(L, 3, (lua_Integer)i + 1);
        columns[i] = hana_check_column(L, lua_gettop(L));
        lua_pop(L, 1);
    }
    int64_t before = hana_allocated();
    hana_box *box = hana_box_new(L, HANA_FRAME_BOX);
    hana_frame *out = NULL;
    hana_status status = hana_frame_set_all(&out, frame, names, columns, &err);
    return give(L, box, out, status, &err, before);
}

/* The frames of the list at idx, borrowed, in scratch memory. */
static const hana_frame **read_frames(lua_State *L, int idx, size_t *n)
{
    hana_check_table(L, idx);
    *n = (size_t)lua_rawlen(L, idx);
    if (!(*n > 0)) hana_raise_argument(L, idx, "a list of at least one frame expected");
    const hana_frame **frames = hana_scratch_array(L, *n, sizeof(hana_frame *));
    for (size_t i = 0; i < *n; i++) {
        lua_rawgeti(L, idx, (lua_Integer)i + 1);
        frames[i] = hana_box_test(L, -1, HANA_FRAME_BOX);
        if (!frames[i])
            hana_raise_argument(L, idx,
                                lua_pushfstring(L, "element %I must be a frame, got %s",
                                                (lua_Integer)i + 1,
                                                luaL_typename(L, -1)));
        lua_pop(L, 1);
    }
    return frames;
}

/* concat(frames [, { fill = true }]) */
static int concat(lua_State *L)
{
    static const char *const keys[] = { "fill", NULL };
    hana_error err;
    size_t n;
    lua_settop(L, 2);
    const hana_frame **frames = read_frames(L, 1, &n);
    hana_check_keys(L, 2, "concat", keys);
    int fill = hana_field_flag(L, 2, "fill", 0);
    hana_call *call = hana_call_begin(L);
    hana_box *box = hana_box_new(L, HANA_FRAME_BOX);
    hana_frame *out = NULL;
    hana_status status = hana_frame_concat(&out, frames, n, fill, &err);
    box->pointer = out;
    return hana_call_end(L, call, status, &err);
}

static int bind_columns(lua_State *L)
{
    hana_error err;
    size_t n;
    const hana_frame **frames = read_frames(L, 1, &n);
    int64_t before = hana_allocated();
    hana_box *box = hana_box_new(L, HANA_FRAME_BOX);
    hana_frame *out = NULL;
    hana_status status = hana_frame_bind_columns(&out, frames, n, &err);
    return give(L, box, out, status, &err, before);
}

/* --- rows ------------------------------------------------------------------------ */

static int slice_rows(lua_State *L, const hana_frame *frame, size_t from, size_t n)
{
    hana_error err;
    int64_t before = hana_allocated();
    hana_box *box = hana_box_new(L, HANA_FRAME_BOX);
    hana_frame *out = NULL;
    hana_status status = hana_frame_slice(&out, frame, from, n, &err);
    return give(L, box, out, status, &err, before);
}

static size_t count_argument(lua_State *L, const hana_frame *frame)
{
    lua_Integer n = hana_opt_int(L, 2, 5);
    if (!(n >= 0)) hana_raise_argument(L, 2, "must be >= 0");
    size_t all = hana_frame_rows(frame);
    return (lua_Unsigned)n < all ? (size_t)n : all;
}

static int head(lua_State *L)
{
    const hana_frame *frame = hana_check_frame(L, 1);
    return slice_rows(L, frame, 0, count_argument(L, frame));
}

static int tail(lua_State *L)
{
    const hana_frame *frame = hana_check_frame(L, 1);
    size_t n = count_argument(L, frame);
    return slice_rows(L, frame, hana_frame_rows(frame) - n, n);
}

/* slice(from, to): both included; what is beyond the end is left out */
static int slice(lua_State *L)
{
    const hana_frame *frame = hana_check_frame(L, 1);
    size_t n = hana_frame_rows(frame);
    lua_Integer from = hana_check_int(L, 2), to = hana_opt_int(L, 3, (lua_Integer)n);
    if (!(from >= 1)) hana_raise_argument(L, 2, "must be >= 1");
    if (!(to >= from - 1)) hana_raise_argument(L, 3, "must not be before the first row");
    if (to > (lua_Integer)n) to = (lua_Integer)n;
    if (from > to) return slice_rows(L, frame, 0, 0);
    return slice_rows(L, frame, (size_t)from - 1, (size_t)(to - from + 1));
}

static int take_rows(lua_State *L, const hana_frame *frame, const size_t *rows, size_t n)
{
    hana_error err;
    hana_call *call = hana_call_begin(L);
    hana_box *box = hana_box_new(L, HANA_FRAME_BOX);
    hana_frame *out = NULL;
    hana_status status = hana_frame_take(&out, frame, rows, n, &err);
    box->pointer = out;
    return hana_call_end(L, call, status, &err);
}

static int take(lua_State *L)
{
    const hana_frame *frame = hana_check_frame(L, 1);
    size_t n;
    size_t *rows = hana_check_rows(L, 2, hana_frame_rows(frame), &n);
    return take_rows(L, frame, rows, n);
}

static int without(lua_State *L)
{
    const hana_frame *frame = hana_check_frame(L, 1);
    size_t n, all = hana_frame_rows(frame), kept = 0;
    size_t *rows = hana_check_rows(L, 2, all, &n);
    unsigned char *gone = hana_scratch_array(L, all + 1, 1);
    for (size_t i = 0; i < n; i++) gone[rows[i]] = 1;
    size_t *rest = hana_scratch_array(L, all + 1, sizeof *rest);
    for (size_t i = 0; i < all; i++)
        if (!gone[i]) rest[kept++] = i;
    return take_rows(L, frame, rest, kept);
}

/* --- expressions ----------------------------------------------------------------- */

static void clear_expr(void *data)
{
    hana_expr_release(*(const hana_expr **)data);
}

const hana_expr *hana_expr_read(lua_State *L, int idx, int params_idx)
{
    hana_error err;
    size_t length;
    const char *text = hana_check_string(L, idx, &length);
    hana_value *params = NULL;
    if (params_idx && !lua_isnoneornil(L, params_idx)) {
        hana_check_table(L, params_idx);
        params = hana_scratch_value(L);
        hana_value_read_map(L, params_idx, params, NULL);
    }
    hana_expr **hold = hana_scratch(L, sizeof *hold, clear_expr);
    hana_raise_unless_ok(L, hana_expr_parse(hold, text, length, params, &err), &err);
    return *hold;
}

static void clear_exprs(void *data)
{
    hana_named_exprs *e = data;
    for (size_t i = 0; e->exprs && i < e->names.n; i++)
        if (e->exprs[i]) hana_expr_release(e->exprs[i]);
    hana_names_clear(&e->names);
    hana_free(e->exprs);
}

/* Names at idx and expression texts at idx + 1, two lists of one length; parameters at
 * idx + 2. */
static hana_named_exprs *read_exprs(lua_State *L, int idx)
{
    hana_error err;
    hana_value *params = hana_scratch_value(L);
    if (!lua_isnoneornil(L, idx + 2)) hana_value_read_map(L, idx + 2, params, NULL);
    hana_named_exprs *e = hana_scratch(L, sizeof *e, clear_exprs);
    hana_names_read(L, idx, &e->names);
    hana_check_table(L, idx + 1);
    e->exprs = hana_alloc_zero(e->names.n + 1, sizeof *e->exprs);
    if (!e->exprs) hana_raise_unless_ok(L, hana_fail_memory(&err), &err);
    for (size_t i = 0; i < e->names.n; i++) {
        size_t length;
        lua_rawgeti(L, idx + 1, (lua_Integer)i + 1);
        const char *text =
            lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &length) : NULL;
        if (!text)
            hana_raise_text(L, "'%s' must be an expression, got a %s", e->names.items[i],
                            luaL_typename(L, -1));
        hana_expr *expr = NULL;
        hana_status status =
            hana_expr_parse(&expr, text, length, params->kind ? params : NULL, &err);
        e->exprs[i] = expr;
        hana_raise_unless_ok(L, status, &err);
        lua_pop(L, 1);
    }
    return e;
}

/* filter(expression [, params]) */
static int filter(lua_State *L)
{
    hana_error err;
    const hana_frame *frame = hana_check_frame(L, 1);
    lua_settop(L, 3);
    const hana_expr *where = hana_expr_read(L, 2, 3);
    hana_check_params(L, "filter", 2, 3);
    hana_call *call = hana_call_begin(L);
    hana_box *box = hana_box_new(L, HANA_FRAME_BOX);
    hana_frame *out = NULL;
    hana_status status = hana_frame_filter(&out, frame, where, &call->job, &err);
    box->pointer = out;
    return hana_call_end(L, call, status, &err);
}

/* mutate(df, names, expressions, params or nil, in order) */
static int mutate(lua_State *L)
{
    hana_error err;
    const hana_frame *frame = hana_check_frame(L, 1);
    lua_settop(L, 5);
    int in_order = lua_toboolean(L, 5);
    hana_named_exprs *e = read_exprs(L, 2);
    hana_call *call = hana_call_begin(L);
    hana_box *box = hana_box_new(L, HANA_FRAME_BOX);
    hana_frame *out = NULL;
    hana_status status =
        hana_frame_mutate(&out, frame, &e->names, e->exprs, in_order, &call->job, &err);
    box->pointer = out;
    return hana_call_end(L, call, status, &err);
}

/* eval(df, expression [, params]) -> a column */
static int eval(lua_State *L)
{
    hana_error err;
    const hana_frame *frame = hana_check_frame(L, 1);
    lua_settop(L, 3);
    const hana_expr *expr = hana_expr_read(L, 2, 3);
    hana_call *call = hana_call_begin(L);
    hana_box *box = hana_box_new(L, HANA_COLUMN_BOX);
    hana_column *out = NULL;
    hana_status status = hana_expr_eval(&out, expr, frame, &call->job, &err);
    box->pointer = out;
    return hana_call_end(L, call, status, &err);
}

/* expression_info(text) -> { columns, rowwise } */
static int expression_info(lua_State *L)
{
    hana_error err;
    lua_settop(L, 2);
    const hana_expr *expr = hana_expr_read(L, 1, 2);
    hana_names *names = hana_scratch_names(L);
    hana_raise_unless_ok(L, hana_expr_columns(names, expr, &err), &err);
    lua_createtable(L, 0, 2);
    hana_names_push(L, names);
    lua_setfield(L, -2, "columns");
    lua_pushboolean(L, hana_expr_is_rowwise(expr));
    lua_setfield(L, -2, "rowwise");
    return 1;
}

/* expression_functions() -> a list of { name, arguments, help } */
static int expression_functions(lua_State *L)
{
    lua_newtable(L);
    lua_Integer i = 0;
    for (const hana_function_info *f = hana_expr_functions(); f && f->name; f++) {
        lua_createtable(L, 0, 3);
        lua_pushstring(L, f->name);
        lua_setfield(L, -2, "name");
        lua_pushstring(L, f->arguments);
        lua_setfield(L, -2, "arguments");
        lua_pushstring(L, f->help);
        lua_setfield(L, -2, "help");
        lua_rawseti(L, -2, ++i);
    }
    return 1;
}

/* --- order and groups ------------------------------------------------------------ */

/* Whether the key at the top, { columns, "desc" } or columns alone, descends; leaves its
   columns at the top. */
static int read_key(lua_State *L, size_t i)
{
    if (lua_type(L, -1) == LUA_TTABLE && !hana_is_selection(L, -1)) {
        lua_rawgeti(L, -1, 2);
        lua_rawgeti(L, -2, 1);
    } else if (lua_type(L, -1) == LUA_TTABLE && lua_rawlen(L, -1) > 0) {
        lua_rawgeti(L, -1, 2); /* { hana.cols{...}, "desc" } */
        lua_rawgeti(L, -2, 1);
    } else {
        lua_pushnil(L);
        lua_pushvalue(L, -2);
    }
    const char *way = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "asc";
    if (strcmp(way, "desc") != 0 && strcmp(way, "asc") != 0)
        hana_raise_text(L, "sort: the order must be \"asc\" or \"desc\", got \"%s\"",
                        way);
    if (lua_type(L, -1) != LUA_TSTRING && !hana_is_selection(L, -1))
        hana_raise_text(L, "sort: key %zu must be a name or { name, \"desc\" }, got a %s",
                        i, luaL_typename(L, -1));
    return strcmp(way, "desc") == 0;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* { age = "desc" } at index 2 becomes { { "age", "desc" } }, in sorted order; a table
   that is not of columns with orders stays as it is. */
static void read_ways(lua_State *L, const hana_frame *frame)
{
    size_t n = 0;
    if (lua_type(L, 2) != LUA_TTABLE || lua_rawlen(L, 2) > 0) return;
    for (lua_pushnil(L); lua_next(L, 2); lua_pop(L, 1), n++) {
        const char *way = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
        if (lua_type(L, -2) != LUA_TSTRING ||
            hana_frame_find(frame, lua_tostring(L, -2)) < 0 ||
            (strcmp(way, "asc") != 0 && strcmp(way, "desc") != 0)) {
            lua_settop(L, 2);
            return;
        }
    }
    if (n == 0) return;
    const char **names = hana_scratch_array(L, n, sizeof *names);
    int scratch = lua_gettop(L);
    n = 0;
    for (lua_pushnil(L); lua_next(L, 2); lua_pop(L, 1)) names[n++] = lua_tostring(L, -2);
    qsort(names, n, sizeof *names, compare_names);
    lua_createtable(L, (int)n, 0);
    for (size_t i = 0; i < n; i++) {
        lua_createtable(L, 2, 0);
        lua_pushstring(L, names[i]);
        lua_rawseti(L, -2, 1);
        lua_getfield(L, 2, names[i]);
        lua_rawseti(L, -2, 2);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_replace(L, 2);
    lua_settop(L, scratch);
}

/* sort{ "city", { "age", "desc" } } or sort{ age = "desc" }; a selector stands where a
   name does */
static int sort(lua_State *L)
{
    hana_error err;
    const hana_frame *frame = hana_check_frame(L, 1);
    check_one_list(L, "sort");
    lua_settop(L, 2);
    read_ways(L, frame);
    int alone =
        lua_type(L, 2) == LUA_TTABLE && lua_rawlen(L, 2) == 0 && hana_is_selection(L, 2);
    if (lua_type(L, 2) == LUA_TSTRING || alone) {
        lua_createtable(L, 1, 0);
        lua_pushvalue(L, 2);
        lua_rawseti(L, -2, 1);
        lua_replace(L, 2);
    }
    hana_check_table(L, 2);
    size_t n = (size_t)lua_rawlen(L, 2);
    if (!(n > 0)) hana_raise_argument(L, 2, "at least one column expected");
    hana_names *keys = hana_scratch_names(L);
    int *descending =
        hana_scratch_array(L, hana_frame_cols(frame) + 1, sizeof *descending);
    for (size_t i = 0; i < n; i++) {
        int top = lua_gettop(L);
        lua_rawgeti(L, 2, (lua_Integer)i + 1);
        int down = read_key(L, i + 1), of = lua_gettop(L);
        hana_names *names = hana_scratch_names(L);
        hana_columns_read(L, of, frame, names);
        for (size_t k = 0; k < names->n; k++) {
            /* Rows that a key leaves equal stay so by the same key again. */
            if (hana_names_find(keys, names->items[k]) >= 0) continue;
            descending[keys->n] = down;
            hana_raise_unless_ok(L, hana_names_add(keys, names->items[k], &err), &err);
        }
        lua_settop(L, top);
    }
    hana_call *call = hana_call_begin(L);
    hana_box *box = hana_box_new(L, HANA_FRAME_BOX);
    hana_frame *out = NULL;
    hana_status status = hana_frame_sort(&out, frame, keys, descending, &call->job, &err);
    box->pointer = out;
    return hana_call_end(L, call, status, &err);
}

/* distinct([columns]) */
static int distinct(lua_State *L)
{
    hana_error err;
    const hana_frame *frame = hana_check_frame(L, 1);
    check_one_list(L, "distinct");
    lua_settop(L, 2);
    hana_names *keys = hana_scratch_names(L);
    int given = !lua_isnil(L, 2);
    if (given) hana_columns_read(L, 2, frame, keys);
    hana_call *call = hana_call_begin(L);
    hana_box *box = hana_box_new(L, HANA_FRAME_BOX);
    hana_frame *out = NULL;
    hana_status status = hana_frame_distinct(&out, frame, given && keys->n ? keys : NULL,
                                             &call->job, &err);
    box->pointer = out;
    return hana_call_end(L, call, status, &err);
}

/* summarize(df, keys, names, expressions [, params]) */
static int summarize(lua_State *L)
{
    hana_error err;
    const hana_frame *frame = hana_check_frame(L, 1);
    lua_settop(L, 5);
    hana_names *keys = hana_scratch_names(L);
    hana_names_read(L, 2, keys);
    hana_named_exprs *e = read_exprs(L, 3);
    hana_call *call = hana_call_begin(L);
    hana_box *box = hana_box_new(L, HANA_FRAME_BOX);
    hana_frame *out = NULL;
    hana_status status =
        hana_frame_summarize(&out, frame, keys, &e->names, e->exprs, &call->job, &err);
    box->pointer = out;
    return hana_call_end(L, call, status, &err);
}

/* mutate_within(df, keys, names, expressions, params or nil, in order): group by group */
static int mutate_within(lua_State *L)
{
    hana_error err;
    const hana_frame *frame = hana_check_frame(L, 1);
    lua_settop(L, 6);
    int in_order = lua_toboolean(L, 6);
    hana_names *keys = hana_scratch_names(L);
    hana_names_read(L, 2, keys);
    hana_named_exprs *e = read_exprs(L, 3);
    hana_call *call = hana_call_begin(L);
    hana_box *box = hana_box_new(L, HANA_FRAME_BOX);
    hana_frame *out = NULL;
    hana_status status = hana_frame_mutate_within(&out, frame, keys, &e->names, e->exprs,
                                                  in_order, &call->job, &err);
    box->pointer = out;
    return hana_call_end(L, call, status, &err);
}

/* filter_within(df, keys, expression [, params]): group by group */
static int filter_within(lua_State *L)
{
    hana_error err;
    const hana_frame *frame = hana_check_frame(L, 1);
    lua_settop(L, 4);
    hana_names *keys = hana_scratch_names(L);
    hana_names_read(L, 2, keys);
    const hana_expr *where = hana_expr_read(L, 3, 4);
    hana_check_params(L, "filter", 3, 4);
    hana_call *call = hana_call_begin(L);
    hana_box *box = hana_box_new(L, HANA_FRAME_BOX);
    hana_frame *out = NULL;
    hana_status status =
        hana_frame_filter_within(&out, frame, keys, where, &call->job, &err);
    box->pointer = out;
    return hana_call_end(L, call, status, &err);
}

typedef struct groups {
    size_t *of_row, *first;
    size_t n;
} groups;

static void clear_groups(void *data)
{
    groups *g = data;
    hana_free(g->of_row);
    hana_free(g->first);
}

/* groups(df, keys) -> for each group, in key order, the list of its rows */
static int group_rows(lua_State *L)
{
    hana_error err;
    const hana_frame *frame = hana_check_frame(L, 1);
    hana_names *keys = hana_scratch_names(L);
    hana_names_read(L, 2, keys);
    groups *g = hana_scratch(L, sizeof *g, clear_groups);
    hana_call *call = hana_call_begin(L);
    hana_status status =
        hana_frame_groups(&g->of_row, &g->first, &g->n, frame, keys, &call->job, &err);
    lua_pushnil(L);
    hana_call_end(L, call, status, &err);
    size_t rows = hana_frame_rows(frame);
    size_t *filled = hana_scratch_array(L, g->n + 1, sizeof *filled);
    lua_createtable(L, g->n < INT32_MAX ? (int)g->n : 0, 0);
    for (size_t i = 0; i < g->n; i++) {
        lua_newtable(L);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    for (size_t i = 0; i < rows; i++) {
        lua_rawgeti(L, -1, (lua_Integer)g->of_row[i] + 1);
        lua_pushinteger(L, (lua_Integer)i + 1);
        lua_rawseti(L, -2, (lua_Integer)++filled[g->of_row[i]]);
        lua_pop(L, 1);
    }
    return 1;
}

/* join(left, right, left keys, right keys, how, suffix) */
static int join(lua_State *L)
{
    static const char *const kinds[] = { "inner", "left", "right", "full",
                                         "semi",  "anti", NULL };
    hana_error err;
    const hana_frame *left = hana_check_frame(L, 1), *right = hana_check_frame(L, 2);
    hana_names *left_on = hana_scratch_names(L);
    hana_names_read(L, 3, left_on);
    hana_names *right_on = hana_scratch_names(L);
    hana_names_read(L, 4, right_on);
    const char *name = hana_check_string(L, 5, NULL);
    hana_check_string(L, 6, NULL);
    const char *suffix = hana_name_at(L, 6);
    int how = 0;
    while (kinds[how] && strcmp(kinds[how], name) != 0) how++;
    if (!kinds[how]) {
        hana_fail_unknown(&err, "join: unknown kind", name, "", kinds, 6);
        return hana_raise(L, &err);
    }
    hana_call *call = hana_call_begin(L);
    hana_box *box = hana_box_new(L, HANA_FRAME_BOX);
    hana_frame *out = NULL;
    hana_status status = hana_frame_join(&out, left, right, left_on, right_on,
                                         (hana_join_kind)how, suffix, &call->job, &err);
    box->pointer = out;
    return hana_call_end(L, call, status, &err);
}

/* --- sampling and looking -------------------------------------------------------- */

/* sample{ n = rows or share, frac = share, seed =, stratify = } */
static int sample(lua_State *L)
{
    static const char *const keys[] = { "n", "frac", "seed", "stratify", NULL };
    hana_error err;
    const hana_frame *frame = hana_check_frame(L, 1);
    hana_check_table(L, 2);
    hana_check_keys(L, 2, "sample", keys);
    double n = hana_field_number(L, 2, "n", -1);
    double share = hana_field_number(L, 2, "frac", -1);
    size_t rows = hana_frame_rows(frame);
    if (n != -1 && share != -1)
        return hana_raise_text(L, "sample: option 'n' or option 'frac', not both");
    if (share != -1 && !(share > 0 && share <= 1))
        return hana_raise_text(L, "sample: option 'frac' must be a number from 0 to 1");
    if (share == -1 && !(n > 0))
        return hana_raise_text(L, "sample: option 'n' (rows, or a share below 1) or "
                                  "option 'frac' must be a number > 0");
    if (n > 1 && n != floor(n))
        return hana_raise_text(L,
                               "sample: option 'n' must be a whole number of rows or a "
                               "share below 1");
    if (share == -1 && n < 1) share = n;
    size_t count = (size_t)(share != -1 ? round(share * (double)rows) : n);
    if (n > (double)rows) {
        char given[HANA_NUMBER_SIZE];
        hana_print_double(given, n, 0);
        return hana_raise_text(L, "sample: n is %s, the frame has %zu rows", given, rows);
    }
    const char *stratify = hana_field_string(L, 2, "stratify", NULL);
    uint64_t seed = hana_call_seed(L, 2);
    hana_call *call = hana_call_begin(L);
    hana_box *box = hana_box_new(L, HANA_FRAME_BOX);
    hana_frame *out = NULL;
    hana_status status = hana_frame_sample(&out, frame, count, stratify, seed, &err);
    box->pointer = out;
    return hana_call_end(L, call, status, &err);
}

/* split{ test =, valid =, stratify =, group =, by_time =, seed = } -> train, [valid,]
 * test */
static int split(lua_State *L)
{
    static const char *const keys[] = { "test",    "valid", "stratify", "group",
                                        "by_time", "seed",  NULL };
    hana_error err;
    const hana_frame *frame = hana_check_frame(L, 1);
    hana_check_table(L, 2);
    hana_check_keys(L, 2, "split", keys);
    hana_split_options options = {
        .test = hana_field_number(L, 2, "test", 0.2),
        .valid = hana_field_number(L, 2, "valid", 0),
        .stratify = hana_field_string(L, 2, "stratify", NULL),
        .group = hana_field_string(L, 2, "group", NULL),
        .by_time = hana_field_string(L, 2, "by_time", NULL),
        .seed = hana_call_seed(L, 2),
    };
    hana_call *call = hana_call_begin(L);
    hana_box *train = hana_box_new(L, HANA_FRAME_BOX);
    hana_box *valid = options.valid > 0 ? hana_box_new(L, HANA_FRAME_BOX) : NULL;
    hana_box *test = hana_box_new(L, HANA_FRAME_BOX);
    hana_frame *a = NULL, *b = NULL, *c = NULL;
    hana_status status = hana_frame_split(&a, &b, &c, frame, &options, &err);
    train->pointer = a;
    if (valid)
        valid->pointer = b;
    else if (b)
        hana_frame_release(b);
    test->pointer = c;
    hana_call_end(L, call, status, &err);
    return valid ? 3 : 2;
}

static int describe(lua_State *L)
{
    hana_error err;
    const hana_frame *frame = hana_check_frame(L, 1);
    hana_call *call = hana_call_begin(L);
    hana_box *box = hana_box_new(L, HANA_FRAME_BOX);
    hana_frame *out = NULL;
    hana_status status = hana_frame_describe(&out, frame, &call->job, &err);
    box->pointer = out;
    return hana_call_end(L, call, status, &err);
}

void hana_open_verbs(lua_State *L)
{
    static const luaL_Reg methods[] = {
        { "select", select_columns },
        { "drop", drop_columns },
        { "head", head },
        { "tail", tail },
        { "slice", slice },
        { "take", take },
        { "without", without },
        { "filter", filter },
        { "sort", sort },
        { "distinct", distinct },
        { "sample", sample },
        { "split", split },
        { "describe", describe },
        { NULL, NULL },
    };
    static const luaL_Reg functions[] = {
        { "column_names", column_names },
        { "is_selection", is_selection },
        { "rename", rename_columns },
        { "set", set_column },
        { "set_all", set_columns },
        { "concat", concat },
        { "bind_columns", bind_columns },
        { "mutate", mutate },
        { "eval", eval },
        { "expression_info", expression_info },
        { "expression_functions", expression_functions },
        { "summarize", summarize },
        { "mutate_within", mutate_within },
        { "filter_within", filter_within },
        { "groups", group_rows },
        { "join", join },
        { NULL, NULL },
    };
    luaL_setfuncs(L, functions, 0);
    lua_getfield(L, -1, "frame_methods");
    luaL_setfuncs(L, methods, 0);
    lua_pop(L, 1);
}
