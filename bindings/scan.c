#include "glue.h"

/* Files that are read part by part, and what it takes to compute over parts. */

#define SCAN_BOX "hana.csv_scan"

static void keep(const void *scan)
{
    (void)scan; /* one box holds a scan */
}

static void close_scan(const void *scan)
{
    hana_csv_chunks_close((hana_csv_chunks *)(uintptr_t)scan);
}

static const hana_class scan_class = { "scan", keep, close_scan };

/* csv_scan(path [, bytes of a part]) -> a reader; it has __close */
static int csv_scan(lua_State *L)
{
    hana_error err;
    const char *path = hana_check_string(L, 1, NULL);
    lua_Integer bytes = hana_opt_int(L, 2, 0);
    if (bytes < 0) return hana_raise_argument(L, 2, "bytes must be >= 0");
    hana_box *box = hana_box_new(L, SCAN_BOX);
    hana_csv_chunks *scan = NULL;
    hana_status status = hana_csv_chunks_open(&scan, path, (size_t)bytes, &err);
    box->pointer = scan;
    hana_raise_unless_ok(L, status, &err);
    return 1;
}

static const char *const keys[] = { "delimiter", "decimal",  "thousands", "quote",
                                    "comment",   "header",   "skip",      "limit",
                                    "encoding",  "null_add", "null",      "types",
                                    "columns",   "timezone", "on_error",  "part_bytes",
                                    "quiet",     NULL };

/* csv_scan_names(reader, options) -> the names of the columns; before the first part */
static int csv_scan_names(lua_State *L)
{
    hana_error err;
    hana_csv_chunks *scan = (hana_csv_chunks *)(uintptr_t)hana_box_check(L, 1, SCAN_BOX);
    lua_settop(L, 2);
    hana_csv_options *options = hana_read_options(L, 2, "scan_csv", keys);
    hana_names *names = hana_scratch_names(L);
    hana_call *call = hana_call_begin(L);
    hana_status status = hana_csv_chunks_names(names, scan, options, &call->job, &err);
    hana_call_end(L, call, status, &err);
    hana_names_push(L, names);
    return 1;
}

/* csv_scan_next(reader, options) -> a frame and its report; nil at the end; nil, true:
   all parts come once more, with wider types */
static int csv_scan_next(lua_State *L)
{
    hana_error err;
    hana_csv_chunks *scan = (hana_csv_chunks *)(uintptr_t)hana_box_check(L, 1, SCAN_BOX);
    lua_settop(L, 2);
    hana_csv_options *options = hana_read_options(L, 2, "scan_csv", keys);
    hana_value *report = hana_scratch_value(L);
    hana_call *call = hana_call_begin(L);
    hana_box *box = hana_box_new(L, HANA_FRAME_BOX);
    hana_frame *out = NULL;
    int again = 0;
    hana_status status =
        hana_csv_chunks_next(&out, &again, report, scan, options, &call->job, &err);
    box->pointer = out;
    hana_call_end(L, call, status, &err);
    if (!out) {
        lua_pushnil(L);
        lua_pushboolean(L, again);
        return 2;
    }
    hana_value_push_lua(L, report, 0);
    return 2;
}

/* csv_scan_share(reader) -> how much of the file was read, 0 to 1; negative: unknown */
static int csv_scan_share(lua_State *L)
{
    const hana_csv_chunks *scan = hana_box_check(L, 1, SCAN_BOX);
    lua_pushnumber(L, hana_csv_chunks_share(scan));
    return 1;
}

static void push_range(lua_State *L, const hana_expr_node *node)
{
    lua_pushinteger(L, (lua_Integer)node->from + 1);
    lua_setfield(L, -2, "from");
    lua_pushinteger(L, (lua_Integer)node->to);
    lua_setfield(L, -2, "to");
}

/* Appends the calls in the tree to the list at the top: outer ones first. */
static void push_calls(lua_State *L, const hana_expr_node *node)
{
    luaL_checkstack(L, 4, NULL);
    if (node->kind == HANA_EXPR_CALL) {
        lua_createtable(L, 0, 4);
        lua_pushstring(L, node->name);
        lua_setfield(L, -2, "name");
        push_range(L, node);
        lua_createtable(L, (int)node->n_args, 0);
        for (size_t i = 0; i < node->n_args; i++) {
            lua_createtable(L, 0, 2);
            push_range(L, node->args[i]);
            lua_rawseti(L, -2, (lua_Integer)i + 1);
        }
        lua_setfield(L, -2, "args");
        lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
    }
    for (size_t i = 0; i < node->n_args; i++) push_calls(L, node->args[i]);
}

/* expression_calls(text, params) -> the calls in it: { name, from, to, args = { { from,
   to } } }, places in the text as string.sub takes them */
static int expression_calls(lua_State *L)
{
    lua_settop(L, 2);
    const hana_expr *expr = hana_expr_read(L, 1, 2);
    lua_newtable(L);
    push_calls(L, hana_expr_root(expr));
    return 1;
}

void hana_open_scan(lua_State *L)
{
    static const luaL_Reg none[] = { { NULL, NULL } };
    static const luaL_Reg functions[] = {
        { "csv_scan", csv_scan },
        { "csv_scan_names", csv_scan_names },
        { "csv_scan_next", csv_scan_next },
        { "csv_scan_share", csv_scan_share },
        { "expression_calls", expression_calls },
        { NULL, NULL },
    };
    hana_box_class(L, SCAN_BOX, &scan_class, none, none);
    lua_pop(L, 2);
    luaL_setfuncs(L, functions, 0);
}
