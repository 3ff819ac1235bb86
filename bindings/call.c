#define _POSIX_C_SOURCE 200809L
#include "glue.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Ctrl-C: one flag for the process; the handler stands while at least one job runs. */
static atomic_int interrupted;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards the next two */
static int running;
static struct sigaction previous;
static lua_State *_Atomic host_state;

static void stop_host(lua_State *L, lua_Debug *ar)
{
    (void)ar;
    lua_sethook(L, NULL, 0, 0);
    luaL_error(L, "interrupted");
}

static void on_interrupt(int signal_number)
{
    (void)signal_number;
    atomic_store(&interrupted, 1);
    lua_State *L = atomic_load(&host_state);
    if (L)
        lua_sethook(L, stop_host,
                    LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE | LUA_MASKCOUNT, 1);
}

int hana_interrupted(void)
{
    return atomic_load(&interrupted);
}

lua_State *hana_host_running(lua_State *L)
{
    return atomic_exchange(&host_state, L);
}

static void start(void)
{
    pthread_mutex_lock(&lock);
    if (running++ == 0) {
        atomic_store(&interrupted, 0);
        struct sigaction action = { .sa_handler = on_interrupt };
        sigemptyset(&action.sa_mask);
        sigaction(SIGINT, &action, &previous);
    }
    pthread_mutex_unlock(&lock);
}

/* A Ctrl-C that no part of the job noticed came just after it, for all that anyone can
   tell: it goes to the handler that stands then. */
static void stop(int noticed)
{
    int missed = 0;
    pthread_mutex_lock(&lock);
    if (--running == 0) {
        sigaction(SIGINT, &previous, NULL);
        missed = atomic_exchange(&interrupted, 0) && !noticed;
    }
    pthread_mutex_unlock(&lock);
    if (missed) raise(SIGINT);
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* One line on a terminal, redrawn; only for what takes longer than a second, which a loop
   of Lua's over many calls (core.loop) may be too. */
static struct {
    int depth;     /* calls and loops that run */
    int in_loop;   /* whose calls are parts of it: how far they are says little */
    char name[48]; /* of the outermost, as the script called it */
    double since, drawn;
    int visible;
    const char *what;
    double share;
} progress;

enum { BAR = 24 };

static void draw(double now)
{
    char line[160];
    int n = snprintf(line, sizeof line, "%s%s%s", progress.name,
                     *progress.name && *progress.what ? ": " : "", progress.what);
    if (progress.share >= 0) {
        double share = progress.share > 1 ? 1 : progress.share;
        int filled = (int)(BAR * share);
        n += snprintf(line + n, sizeof line - (size_t)n, "  [%.*s%*s] %3d%%", filled,
                      "########################", BAR - filled, "", (int)(100 * share));
    }
    snprintf(line + n, sizeof line - (size_t)n, "  %d s", (int)(now - progress.since));
    fprintf(stderr, "\r%s\033[K", line);
    fflush(stderr);
    progress.visible = 1;
}

static void show_progress(void *host, const char *what, double share)
{
    (void)host;
    if (what && !progress.in_loop) {
        progress.what = what;
        progress.share = share;
    }
    double now = seconds();
    if (now - progress.since < 1 || now - progress.drawn < 0.1) return;
    progress.drawn = now;
    draw(now);
}

static void progress_begin(lua_State *L)
{
    if (progress.depth++ > 0) return;
    hana_called_as(L, progress.name, sizeof progress.name);
    progress.since = seconds();
    progress.what = "";
    progress.share = -1;
}

static void progress_hide(void)
{
    if (!progress.visible) return;
    fputs("\r\033[K", stderr);
    fflush(stderr);
    progress.visible = 0;
}

static void progress_end(void)
{
    if (--progress.depth == 0) progress_hide();
}

static void finish(hana_call *call, int noticed)
{
    if (!call->running) return;
    call->running = 0;
    hana_job_set_current(call->outer);
    if (call->job.progress) progress_end();
    stop(noticed);
}

static void clear_call(void *data)
{
    hana_call *call = data;
    finish(call, 0);
    if (call->job.size) hana_job_clear(&call->job);
}

hana_call *hana_call_begin(lua_State *L)
{
    hana_call *call = hana_scratch(L, sizeof *call, clear_call);
    hana_job_init(&call->job);
    call->job.cancel = &interrupted;
    call->job.host = L;
    if (isatty(STDERR_FILENO)) {
        call->job.progress = show_progress;
        progress_begin(L);
    }
    call->allocated = hana_allocated();
    call->running = 1;
    call->outer = hana_job_set_current(&call->job);
    start();
    return call;
}

int hana_call_end(lua_State *L, hana_call *call, hana_status status,
                  const hana_error *err)
{
    finish(call, status == HANA_INTERRUPTED);
    hana_raise_unless_ok(L, status, err);
    for (size_t i = 0; i < call->job.n_warnings; i++)
        lua_warning(L, call->job.warnings[i], 0);
    hana_account(L, call->allocated);
    return 1;
}

/* A loop of Lua's over calls that are one to whoever waits. */
typedef struct loop {
    int running, outermost;
} loop;

static void clear_loop(void *data)
{
    loop *t = data;
    if (!t->running) return;
    t->running = 0;
    if (t->outermost) progress.in_loop = 0;
    progress_end();
}

static int close_loop(lua_State *L)
{
    clear_loop(lua_touserdata(L, 1));
    return 0;
}

/* loop(name) -> what is to be closed (`<close>`) behind the loop */
static int new_loop(lua_State *L)
{
    const char *name = hana_check_string(L, 1, NULL);
    loop *t = lua_newuserdatauv(L, sizeof *t, 0);
    *t = (loop){ 0 };
    luaL_setmetatable(L, "hana.loop");
    if (isatty(STDERR_FILENO)) {
        t->running = 1;
        t->outermost = progress.depth == 0;
        progress_begin(L);
        if (t->outermost) {
            progress.in_loop = 1;
            snprintf(progress.name, sizeof progress.name, "%s", name);
        }
    }
    return 1;
}

/* loop_share(loop, share): how much of it is done, unless it is a part of another */
static int loop_share(lua_State *L)
{
    const loop *t = luaL_checkudata(L, 1, "hana.loop");
    double share = luaL_checknumber(L, 2);
    if (!t->running || !t->outermost) return 0;
    progress.share = share;
    show_progress(NULL, NULL, -1);
    return 0;
}

/* --- the collector --------------------------------------------------------------- */

int64_t hana_allocated(void)
{
    return hana_memory_now().total;
}

void hana_account(lua_State *L, int64_t before)
{
    /* Small calls add up; a step for each would cost more than they do. */
    static _Thread_local int64_t owed;
    owed += hana_memory_now().total - before;
    if (owed < 64 * 1024) return;
    int64_t kib = owed / 1024;
    owed = 0;
    if (!lua_gc(L, LUA_GCISRUNNING)) return;
    /* Steps are enough for an incremental collector. A generational one keeps what two of
       its young collections found alive, as a temporary that the next call replaces is;
       so everything is collected once our bytes have doubled since the last time. */
    static _Thread_local int64_t limit = INT64_C(32) << 20;
    if (hana_memory_now().bytes < limit) {
        lua_gc(L, LUA_GCSTEP, kib > 1 << 20 ? 1 << 20 : (int)kib);
        return;
    }
    lua_gc(L, LUA_GCCOLLECT);
    limit = 2 * hana_memory_now().bytes + (INT64_C(32) << 20);
}

/* --- seeds ----------------------------------------------------------------------- */

static const char seed_key;

/* The session's seed and how many children were taken, one pair a Lua state. */
typedef struct seeds {
    uint64_t seed, taken;
} seeds;

static seeds *session(lua_State *L)
{
    luaL_checkstack(L, 3, NULL);
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &seed_key) == LUA_TNIL) {
        seeds *fresh = lua_newuserdatauv(L, sizeof *fresh, 0);
        *fresh = (seeds){ .seed = 1 };
        lua_pushvalue(L, -1);
        lua_rawsetp(L, LUA_REGISTRYINDEX, &seed_key);
        lua_remove(L, -2);
    }
    seeds *s = lua_touserdata(L, -1);
    lua_pop(L, 1);
    return s;
}

uint64_t hana_next_seed(lua_State *L)
{
    seeds *s = session(L);
    /* 53 bits: it is recorded, and reads back the same from any JSON. */
    return hana_seed_child(s->seed, "call", s->taken++) >> 11;
}

uint64_t hana_call_seed(lua_State *L, int idx)
{
    if (!lua_isnoneornil(L, idx)) {
        hana_check_table(L, idx);
        lua_pushliteral(L, "seed");
        int given = lua_rawget(L, idx) != LUA_TNIL;
        lua_pop(L, 1);
        if (given) return (uint64_t)hana_field_int(L, idx, "seed", 0);
    }
    return hana_next_seed(L);
}

/* seed([n]) -> the session's seed; n sets it and starts its stream anew. */
static int seed(lua_State *L)
{
    seeds *s = session(L);
    if (!lua_isnoneornil(L, 1)) *s = (seeds){ .seed = (uint64_t)hana_check_int(L, 1) };
    lua_pushinteger(L, (lua_Integer)s->seed);
    return 1;
}

/* next_seed() -> what a call without a seed takes. */
static int next_seed(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)hana_next_seed(L));
    return 1;
}

/* seed_child(seed, name, index) -> the seed of a part of a computation. */
static int seed_child(lua_State *L)
{
    uint64_t parent = (uint64_t)hana_check_int(L, 1);
    const char *name = hana_check_string(L, 2, NULL);
    uint64_t index = (uint64_t)hana_opt_int(L, 3, 0);
    lua_pushinteger(L, (lua_Integer)(hana_seed_child(parent, name, index) >> 11));
    return 1;
}

void hana_open_calls(lua_State *L)
{
    static const luaL_Reg functions[] = {
        { "seed", seed },     { "next_seed", next_seed },   { "seed_child", seed_child },
        { "loop", new_loop }, { "loop_share", loop_share }, { NULL, NULL },
    };
    static const luaL_Reg closing[] = {
        { "__gc", close_loop },
        { "__close", close_loop },
        { NULL, NULL },
    };
    luaL_newmetatable(L, "hana.loop");
    luaL_setfuncs(L, closing, 0);
    lua_pop(L, 1);
    luaL_setfuncs(L, functions, 0);
}
