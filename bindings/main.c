#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

/* The executable: the stand-alone interpreter as lua5.4 is, with hana inside. What
   differs: warnings are on at the start, `hana` is a global that loads on first use,
   `require "hana"` always finds the library that belongs to this executable, a first
   argument that names a subcommand runs it, and the interactive mode is
   lua/hana/repl.lua. */

int luaopen_hana_core(lua_State *L);

static const char *program = "lua";
static lua_State *running; /* the state that Ctrl-C interrupts */

/* Between two loops of several threads libgomp lets the others spin for milliseconds,
   which takes a processor from whoever else wants it; so long is worth it only between
   loops that follow each other at once. Measured: a tenth to a quarter of processor time
   is saved, and nothing lost on the clock. libgomp reads its setting when it is loaded,
   before any code of this program but what stands in .preinit_array, and then the
   environment is not yet the C library's: so the setting stands, until main begins, in
   the place of a variable that no library reads when it is loaded. */
#if defined _OPENMP && !defined __SANITIZE_ADDRESS__
extern char **environ;
static char spin_setting[] = "GOMP_SPINCOUNT=5000";
static char *displaced;

static int is_named(const char *variable, const char *name)
{
    size_t n = strlen(name);
    return strncmp(variable, name, n) == 0 && variable[n] == '=';
}

static void set_spin(int argc, char **argv, char **variables)
{
    static const char *const unread[] = { "_", "OLDPWD", "SHLVL", "PWD", "HOME", "PATH" };
    size_t best = sizeof unread / sizeof unread[0];
    char **place = NULL;
    (void)argc, (void)argv;
    for (char **v = variables; *v; v++) {
        if (is_named(*v, "GOMP_SPINCOUNT") || is_named(*v, "OMP_WAIT_POLICY")) return;
        for (size_t k = 0; k < best; k++)
            if (is_named(*v, unread[k])) {
                best = k;
                place = v;
            }
    }
    if (!place) return;
    displaced = *place;
    *place = spin_setting;
}

__attribute__((section(".preinit_array"),
               used)) static void (*const set_spin_first)(int, char **,
                                                          char **) = set_spin;

static void restore_environment(void)
{
    for (char **v = environ; displaced && v && *v; v++)
        if (*v == spin_setting) *v = displaced;
}
#else
static void restore_environment(void)
{
}
#endif

static void say(const char *name, const char *text)
{
    if (name) fprintf(stderr, "%s: ", name);
    fprintf(stderr, "%s\n", text);
    fflush(stderr);
}

static void stop(lua_State *L, lua_Debug *ar)
{
    (void)ar;
    lua_sethook(L, NULL, 0, 0);
    luaL_error(L, "interrupted!");
}

static void set_handler(int sig, void (*handler)(int))
{
    struct sigaction action = { .sa_handler = handler };
    sigemptyset(&action.sa_mask);
    sigaction(sig, &action, NULL);
}

/* A second Ctrl-C, while the hook has not run yet, ends the process. */
static void on_interrupt(int sig)
{
    set_handler(sig, SIG_DFL);
    lua_sethook(running, stop, LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE | LUA_MASKCOUNT,
                1);
}

static int add_traceback(lua_State *L)
{
    const char *text = lua_tostring(L, 1);
    if (!text) {
        if (luaL_callmeta(L, 1, "__tostring") && lua_type(L, -1) == LUA_TSTRING) return 1;
        text = lua_pushfstring(L, "(error object is a %s value)", luaL_typename(L, 1));
    }
    luaL_traceback(L, L, text, 1);
    return 1;
}

/* Calls the function below `n` arguments, with a traceback on failure and Ctrl-C at work.
 */
static int call(lua_State *L, int n, int results)
{
    int base = lua_gettop(L) - n;
    lua_pushcfunction(L, add_traceback);
    lua_insert(L, base);
    running = L;
    set_handler(SIGINT, on_interrupt);
    int status = lua_pcall(L, n, results, base);
    set_handler(SIGINT, SIG_DFL);
    lua_remove(L, base);
    return status;
}

/* Writes the error on the top of the stack, if `status` says that there is one; true for
 * success. */
static int report(lua_State *L, int status)
{
    if (status == LUA_OK) return 1;
    const char *text = lua_tostring(L, -1);
    say(program, text ? text : "(error message not a string)");
    lua_pop(L, 1);
    return 0;
}

static int run_chunk(lua_State *L, int status)
{
    if (status == LUA_OK) status = call(L, 0, 0);
    return report(L, status);
}

static int run_text(lua_State *L, const char *text, const char *name)
{
    return run_chunk(L, luaL_loadbuffer(L, text, strlen(text), name));
}

static int run_file(lua_State *L, const char *path)
{
    return run_chunk(L, luaL_loadfile(L, path));
}

/* The folder that holds hana/init.lua: share/lua/5.4 below the executable's own folder
   (build tree) or beside it (installed). */
static void push_lua_folder(lua_State *L)
{
    char path[4096];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
    if (n < 0) n = 0;
    path[n] = '\0';
    char *slash = strrchr(path, '/');
    if (slash) *slash = '\0';
    lua_pushfstring(L, "%s/share/lua/" LUA_VERSION_MAJOR "." LUA_VERSION_MINOR, path);
    const char *init = lua_pushfstring(L, "%s/hana/init.lua", lua_tostring(L, -1));
    int here = access(init, R_OK) == 0;
    lua_pop(L, 1);
    if (here) return;
    lua_pop(L, 1);
    lua_pushfstring(L, "%s/../share/lua/" LUA_VERSION_MAJOR "." LUA_VERSION_MINOR, path);
}

/* Loader of the module `hana`: upvalues are its chunk and the stand-in that the global
 * holds. */
static int load_hana(lua_State *L)
{
    int n = lua_gettop(L);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, n, 1);
    lua_pushglobaltable(L);
    lua_pushliteral(L, "hana");
    lua_rawget(L, -2);
    if (lua_rawequal(L, -1, lua_upvalueindex(2)) && !lua_isnil(L, 1)) {
        lua_pushliteral(L, "hana");
        lua_pushvalue(L, 1);
        lua_rawset(L, -4);
    }
    lua_settop(L, 1);
    return 1;
}

/* Searcher for `hana` and `hana.*`: upvalues are the folder of the Lua files and the
 * stand-in. */
static int search_hana(lua_State *L)
{
    const char *name = luaL_checkstring(L, 1);
    if (strcmp(name, "hana") != 0 && strncmp(name, "hana.", 5) != 0) return 0;
    const char *folder = lua_tostring(L, lua_upvalueindex(1));
    const char *stem = luaL_gsub(L, name, ".", "/");
    const char *path = lua_pushfstring(L, "%s/%s.lua", folder, stem);
    if (access(path, R_OK) != 0)
        path = lua_pushfstring(L, "%s/%s/init.lua", folder, stem);
    if (access(path, R_OK) != 0) {
        lua_pushfstring(L, "no file '%s/%s.lua'", folder, stem);
        return 1;
    }
    if (luaL_loadfile(L, path) != LUA_OK) {
        return luaL_error(L, "error loading module '%s' from file '%s':\n\t%s", name,
                          path, lua_tostring(L, -1));
    }
    if (strcmp(name, "hana") == 0) {
        lua_pushvalue(L, lua_upvalueindex(2));
        lua_pushcclosure(L, load_hana, 2);
    }
    lua_pushstring(L, path);
    return 2;
}

/* The stand-in's metamethods load the module (upvalue 1: require) and pass the access on.
 */
static void push_module(lua_State *L)
{
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_pushliteral(L, "hana");
    lua_call(L, 1, 1);
}

static int stand_in_index(lua_State *L)
{
    push_module(L);
    lua_pushvalue(L, 2);
    lua_gettable(L, -2);
    return 1;
}

static int stand_in_newindex(lua_State *L)
{
    push_module(L);
    lua_insert(L, 2);
    lua_settable(L, 2);
    return 0;
}

static int stand_in_pairs(lua_State *L)
{
    lua_getglobal(L, "next");
    push_module(L);
    lua_pushnil(L);
    return 3;
}

static void open_hana(lua_State *L)
{
    static const luaL_Reg metamethods[] = {
        { "__index", stand_in_index },
        { "__newindex", stand_in_newindex },
        { "__pairs", stand_in_pairs },
        { NULL, NULL },
    };
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
    lua_pushcfunction(L, luaopen_hana_core);
    lua_setfield(L, -2, "hana.core");
    lua_pop(L, 1);

    lua_newtable(L);
    luaL_newlibtable(L, metamethods);
    lua_getglobal(L, "require");
    luaL_setfuncs(L, metamethods, 1);
    lua_setmetatable(L, -2);
    lua_pushvalue(L, -1);
    lua_setglobal(L, "hana");

    lua_getglobal(L, "package");
    lua_getfield(L, -1, "searchers");
    for (lua_Integer i = luaL_len(L, -1); i >= 2; i--) {
        lua_geti(L, -1, i);
        lua_seti(L, -2, i + 1);
    }
    push_lua_folder(L);
    lua_pushvalue(L, -4);
    lua_pushcclosure(L, search_hana, 2);
    lua_seti(L, -2, 2);
    lua_pop(L, 3);
}

/* Calls the function `name` of the Lua module `module`; its arguments are on the stack.
 */
static int call_module(lua_State *L, const char *module, const char *name, int n,
                       int results)
{
    lua_getglobal(L, "require");
    lua_pushstring(L, module);
    int status = call(L, 1, 1);
    if (status != LUA_OK) return status;
    lua_getfield(L, -1, name);
    lua_replace(L, -2);
    lua_insert(L, -n - 1);
    return call(L, n, results);
}

/* Runs a subcommand where the first argument names one. True if it did; *code is its exit
 * code. */
static int run_subcommand(lua_State *L, int argc, char **argv, int *code)
{
    const char *name = argc > 1 ? argv[1] : "";
    if (*name == '\0' || name[strspn(name, "abcdefghijklmnopqrstuvwxyz")] != '\0')
        return 0;
    luaL_checkstack(L, argc + LUA_MINSTACK, "too many arguments to a subcommand");
    for (int i = 1; i < argc; i++) lua_pushstring(L, argv[i]);
    *code = EXIT_FAILURE;
    if (!report(L, call_module(L, "hana.cli", "run", argc - 1, 1))) return 1;
    int known = lua_isinteger(L, -1);
    if (known) *code = (int)lua_tointeger(L, -1);
    lua_pop(L, 1);
    /* Unlike a script's, a subcommand's output is its result. */
    if (known && (fflush(stdout) != 0 || ferror(stdout))) {
        fprintf(stderr, "hana: not everything could be written to standard output\n");
        if (*code == EXIT_SUCCESS) *code = EXIT_FAILURE;
    }
    return known;
}

typedef struct options {
    int script; /* index of the script, or argc */
    int bad;    /* index of an option that cannot be, or 0 */
    int interactive, version, execute, no_environment;
} options;

static options read_options(int argc, char **argv)
{
    options o = { .script = argc };
    for (int i = 1; i < argc; i++) {
        const char *arg = argv[i];
        o.script = i;
        if (arg[0] != '-' || arg[1] == '\0') return o;
        int alone = arg[2] == '\0';
        switch (arg[1]) {
        case '-':
            if (alone)
                o.script = i + 1;
            else
                o.bad = i;
            return o;
        case 'E':
            o.no_environment = 1;
            break;
        case 'i':
            o.interactive = o.version = 1;
            break;
        case 'v':
            o.version = 1;
            break;
        case 'W':
            break;
        case 'e':
            o.execute = 1;
            /* fall through */
        case 'l':
            if (alone && (i + 1 == argc || argv[i + 1][0] == '-')) {
                o.bad = i;
                return o;
            }
            if (alone) i++;
            alone = 1;
            break;
        default:
            alone = 0;
        }
        if (!alone) {
            o.bad = i;
            return o;
        }
    }
    o.script = argc;
    return o;
}

static void print_usage(const char *bad)
{
    fprintf(stderr, "%s: ", program);
    if (bad[1] == 'e' || bad[1] == 'l')
        fprintf(stderr, "'%s' needs argument\n", bad);
    else
        fprintf(stderr, "unrecognized option '%s'\n", bad);
    fprintf(stderr,
            "usage: %s [options] [script [args]]\n"
            "Available options are:\n"
            "  -e stat   execute string 'stat'\n"
            "  -i        enter interactive mode after executing 'script'\n"
            "  -l mod    require library 'mod' into global 'mod'\n"
            "  -l g=mod  require library 'mod' into global 'g'\n"
            "  -v        show version information\n"
            "  -E        ignore environment variables\n"
            "  -W        turn warnings on\n"
            "  --        stop handling options\n"
            "  -         stop handling options and execute stdin\n",
            program);
    fflush(stderr);
}

static void print_version(void)
{
    puts(LUA_COPYRIGHT);
    fflush(stdout);
}

/* `arg`: the script is 0, what stands before it negative, what follows positive. */
static void set_arg(lua_State *L, int argc, char **argv, int script)
{
    if (script == argc) script = 0;
    lua_createtable(L, argc - script, script + 1);
    for (int i = 0; i < argc; i++) {
        lua_pushstring(L, argv[i]);
        lua_rawseti(L, -2, i - script);
    }
    lua_setglobal(L, "arg");
}

static int run_init(lua_State *L)
{
    static const char *const names[] = { "=LUA_INIT_" LUA_VERSION_MAJOR
                                         "_" LUA_VERSION_MINOR,
                                         "=LUA_INIT" };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *init = getenv(names[i] + 1);
        if (!init) continue;
        return init[0] == '@' ? run_file(L, init + 1) : run_text(L, init, names[i]);
    }
    return 1;
}

/* `mod` or `global=mod`. */
static int run_library(lua_State *L, const char *text)
{
    const char *equals = strchr(text, '=');
    lua_getglobal(L, "require");
    lua_pushstring(L, equals ? equals + 1 : text);
    int status = call(L, 1, 1);
    if (status == LUA_OK) {
        lua_pushglobaltable(L);
        lua_pushlstring(L, text, equals ? (size_t)(equals - text) : strlen(text));
        lua_rotate(L, -3, -1);
        lua_settable(L, -3);
        lua_pop(L, 1);
    }
    return report(L, status);
}

static int run_options(lua_State *L, char **argv, int n)
{
    for (int i = 1; i < n; i++) {
        char kind = argv[i][1];
        if (kind == 'W') lua_warning(L, "@on", 0);
        if (kind != 'e' && kind != 'l') continue;
        const char *text = argv[i] + 2;
        if (*text == '\0') text = argv[++i];
        int ok =
            kind == 'e' ? run_text(L, text, "=(command line)") : run_library(L, text);
        if (!ok) return 0;
    }
    return 1;
}

static int run_script(lua_State *L, char **argv, int script)
{
    const char *path = argv[script];
    if (strcmp(path, "-") == 0 && strcmp(argv[script - 1], "--") != 0) path = NULL;
    int status = luaL_loadfile(L, path);
    if (status == LUA_OK) {
        if (lua_getglobal(L, "arg") != LUA_TTABLE) luaL_error(L, "'arg' is not a table");
        int n = (int)luaL_len(L, -1);
        luaL_checkstack(L, n + 3, "too many arguments to script");
        for (int i = 1; i <= n; i++) lua_rawgeti(L, -i, i);
        lua_remove(L, -n - 1);
        status = call(L, n, LUA_MULTRET);
    }
    return report(L, status);
}

/* (argc, argv) -> exit code. */
static int start(lua_State *L)
{
    int argc = (int)lua_tointeger(L, 1);
    char **argv = lua_touserdata(L, 2);
    options o = read_options(argc, argv);
    if (argc > 0 && argv[0][0]) program = argv[0];
    luaL_checkversion(L);
    if (o.bad) {
        print_usage(argv[o.bad]);
        return 0;
    }
    if (o.version) print_version();
    if (o.no_environment) {
        lua_pushboolean(L, 1);
        lua_setfield(L, LUA_REGISTRYINDEX, "LUA_NOENV");
    }
    luaL_openlibs(L);
    open_hana(L);
    set_arg(L, argc, argv, o.script);
    lua_warning(L, "@on", 0);
    lua_gc(L, LUA_GCGEN, 0, 0);
    if (!o.no_environment && !run_init(L)) return 0;
    int code = EXIT_SUCCESS;
    if (run_subcommand(L, argc, argv, &code)) {
        lua_pushinteger(L, code);
        return 1;
    }
    if (!run_options(L, argv, o.script)) return 0;
    if (o.script < argc && !run_script(L, argv, o.script)) return 0;
    int bare = o.script == argc && !o.execute && !o.version;
    if (o.interactive || (bare && isatty(STDIN_FILENO))) {
        if (bare) print_version();
        lua_settop(L, 0);
        if (!report(L, call_module(L, "hana.repl", "run", 0, 0))) return 0;
    } else if (bare) {
        run_file(L, NULL); /* as in lua5.4, its failure is not that of the program */
    }
    lua_pushinteger(L, EXIT_SUCCESS);
    return 1;
}

int main(int argc, char **argv)
{
    restore_environment();
    lua_State *L = luaL_newstate();
    if (!L) {
        say(argc > 0 ? argv[0] : program, "cannot create state: not enough memory");
        return EXIT_FAILURE;
    }
    lua_pushcfunction(L, start);
    lua_pushinteger(L, argc);
    lua_pushlightuserdata(L, argv);
    int status = lua_pcall(L, 2, 1, 0);
    int code = EXIT_FAILURE;
    if (report(L, status) && lua_isinteger(L, -1)) code = (int)lua_tointeger(L, -1);
    lua_close(L);
    return code;
}
