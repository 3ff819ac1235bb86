#include "glue.h"

#include "base/plugin.h"
#include "plugins/line_editor.h"
#include "plugins/markdown.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

/* What the interactive session needs of its terminal (core.console), and Markdown: the
   parts of hana.core that plugins do. */

static lua_State *interruptible;

static void stop(lua_State *L, lua_Debug *ar)
{
    (void)ar;
    lua_sethook(L, NULL, 0, 0);
    luaL_error(L, "interrupted!");
}

static void on_interrupt(int signal_number)
{
    (void)signal_number;
    lua_sethook(interruptible, stop,
                LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE | LUA_MASKCOUNT, 1);
}

static void handle_interrupt(void (*handler)(int), struct sigaction *previous)
{
    struct sigaction action = { .sa_handler = handler };
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, previous);
}

static int console_call(lua_State *L);

/* The message with a traceback that ends where console.call began. */
static int add_traceback(lua_State *L)
{
    if (!lua_isstring(L, 1)) {
        if (luaL_callmeta(L, 1, "__tostring") && lua_type(L, -1) == LUA_TSTRING) return 1;
        lua_pushfstring(L, "(error object is a %s value)", luaL_typename(L, 1));
        lua_replace(L, 1);
        lua_settop(L, 1);
    }
    lua_Debug ar;
    int inner = 0, all;
    for (int found = 0; !found && lua_getstack(L, inner, &ar); inner++) {
        lua_getinfo(L, "f", &ar);
        found = lua_tocfunction(L, -1) == console_call;
        lua_pop(L, 1);
    }
    for (all = inner; lua_getstack(L, all, &ar); all++) {
    }
    luaL_traceback(L, L, lua_tostring(L, 1), 1);
    size_t length;
    const char *text = lua_tolstring(L, -1, &length);
    for (int outer = all - inner + 1; outer > 0 && length > 0;)
        if (text[--length] == '\n') outer--;
    lua_pushlstring(L, text, length);
    lua_pushliteral(L, "\n\t[C]: in ?");
    lua_concat(L, 2);
    return 1;
}

/* call(f, ...) -> true and its results, or false and a message; Ctrl-C stops it. */
static int console_call(lua_State *L)
{
    luaL_checkany(L, 1);
    lua_pushcfunction(L, add_traceback);
    lua_insert(L, 1);
    struct sigaction previous;
    lua_State *outer = interruptible;
    interruptible = L;
    handle_interrupt(on_interrupt, &previous);
    int status = lua_pcall(L, lua_gettop(L) - 2, LUA_MULTRET, 1);
    sigaction(SIGINT, &previous, NULL);
    lua_sethook(L, NULL, 0, 0);
    interruptible = outer;
    lua_pushboolean(L, status == LUA_OK);
    lua_replace(L, 1);
    return lua_gettop(L);
}

/* shield(f): calls it; Ctrl-C does nothing but where `call` and `read` let it. */
static int console_shield(lua_State *L)
{
    struct sigaction previous;
    lua_settop(L, 1);
    handle_interrupt(SIG_IGN, &previous);
    int status = lua_pcall(L, 0, 0, 0);
    sigaction(SIGINT, &previous, NULL);
    return status == LUA_OK ? 0 : lua_error(L);
}

static const hana_line_editor *editor(lua_State *L)
{
    static const hana_plugin plugin = { .name = "readline",
                                        .purpose = "line editing",
                                        .package = "libreadline8",
                                        .build_package = "libreadline-dev" };
    static const void *table;
    hana_error err;
    if (!table) hana_raise_unless_ok(L, hana_plugin_open(&table, &plugin, &err), &err);
    return table;
}

/* open(): raises when there is no line editor. */
static int console_open(lua_State *L)
{
    editor(L);
    return 0;
}

/* complete(line, start, end) -> list of texts, whether file names serve; the function is
   argument 2 of console.read. It must not fail, so that readline is never left by a jump.
 */
static int call_completer(lua_State *L)
{
    hana_text *out = lua_touserdata(L, 3);
    lua_pushvalue(L, 2);
    lua_pushvalue(L, 1);
    lua_pushvalue(L, 4);
    lua_pushvalue(L, 5);
    lua_call(L, 3, 2);
    int files = lua_toboolean(L, -1);
    lua_pop(L, 1);
    lua_Integer n = luaL_len(L, -1);
    for (lua_Integer i = 1; i <= n; i++) {
        lua_geti(L, -1, i);
        const char *item = luaL_checkstring(L, -1);
        hana_text_add(out, item, strlen(item) + 1);
        lua_pop(L, 1);
    }
    lua_pushboolean(L, files);
    return 1;
}

static int complete(void *context, const char *line, size_t start, size_t end,
                    hana_text *out)
{
    lua_State *L = context;
    int top = lua_gettop(L), files = 0;
    if (!lua_checkstack(L, 8)) return 0;
    lua_pushcfunction(L, call_completer);
    lua_pushstring(L, line);
    lua_pushvalue(L, 2);
    lua_pushlightuserdata(L, out);
    lua_pushinteger(L, (lua_Integer)start);
    lua_pushinteger(L, (lua_Integer)end);
    if (lua_pcall(L, 5, 1, 0) == LUA_OK) files = lua_toboolean(L, -1);
    lua_settop(L, top);
    return files;
}

/* read(prompt, complete) -> the line; nil at the end; false after Ctrl-C. */
static int console_read(lua_State *L)
{
    const char *prompt = luaL_checkstring(L, 1);
    luaL_checktype(L, 2, LUA_TFUNCTION);
    const hana_line_editor *line_editor = editor(L);
    hana_text *text = hana_scratch_text(L);
    switch (line_editor->read(text, prompt, complete, L)) {
    case HANA_LINE_END:
        lua_pushnil(L);
        return 1;
    case HANA_LINE_INTERRUPTED:
        lua_pushboolean(L, 0);
        return 1;
    case HANA_LINE_READ:
        break;
    }
    if (text->failed) return hana_raise_text(L, "out of memory");
    lua_pushlstring(L, text->data ? text->data : "", text->length);
    return 1;
}

static int console_history_add(lua_State *L)
{
    editor(L)->history_add(luaL_checkstring(L, 1));
    return 0;
}

static int console_history_load(lua_State *L)
{
    editor(L)->history_load(luaL_checkstring(L, 1));
    return 0;
}

static int console_history_save(lua_State *L)
{
    hana_error err;
    const char *path = luaL_checkstring(L, 1);
    hana_raise_unless_ok(L, editor(L)->history_save(path, &err), &err);
    return 0;
}

/* terminal() -> whether stdin is one. */
static int console_terminal(lua_State *L)
{
    lua_pushboolean(L, isatty(STDIN_FILENO));
    return 1;
}

/* markdown(text[, raw]) -> HTML; HTML inside the text is left out unless raw. */
static int markdown(lua_State *L)
{
    static const hana_plugin plugin = {
        .name = "markdown",
        .purpose = "Markdown",
        .package = "libcmark-gfm-extensions0.29.0.gfm.6",
        .build_package = "libcmark-gfm-extensions-dev",
    };
    static const void *table;
    size_t length;
    const char *text = luaL_checklstring(L, 1, &length);
    int raw = lua_toboolean(L, 2);
    hana_error err;
    if (!table) hana_raise_unless_ok(L, hana_plugin_open(&table, &plugin, &err), &err);
    hana_text *out = hana_scratch_text(L);
    const hana_markdown *converter = table;
    hana_raise_unless_ok(L, converter->html(out, text, length, raw, &err), &err);
    lua_pushlstring(L, out->data ? out->data : "", out->length);
    return 1;
}

void hana_open_console(lua_State *L)
{
    static const luaL_Reg console[] = {
        { "call", console_call },
        { "shield", console_shield },
        { "open", console_open },
        { "read", console_read },
        { "history_add", console_history_add },
        { "history_load", console_history_load },
        { "history_save", console_history_save },
        { "terminal", console_terminal },
        { NULL, NULL },
    };
    luaL_newlib(L, console);
    lua_setfield(L, -2, "console");
    lua_pushcfunction(L, markdown);
    lua_setfield(L, -2, "markdown");
}
