#include "glue.h"

#include <pthread.h>
#include <string.h>

/* Host code. The core knows a Lua value as a token: an index into a process-wide table of
   counts, whose value lies in a table of the Lua state that made it. Giving up the last
   reference may happen on any thread and only queues the token; the owner drops the
   values before it makes the next one. */

typedef struct owner { /* a Lua state */
    size_t tokens;     /* not yet given back */
    uint64_t dead;     /* head of the queue of tokens without references; 0: none */
    int closed;
} owner;

typedef struct entry {
    owner *owner;
    size_t count;
    uint64_t next; /* in the queue of dead tokens, or among the free ones */
} entry;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static entry *entries; /* token t is entries[t - 1] */
static size_t n_entries;
static uint64_t free_token;

static const char values_key, owner_key, names_key;

static void give_back(uint64_t token)
{
    entries[token - 1].next = free_token;
    free_token = token;
}

static void retain(uint64_t token)
{
    if (!token) return;
    pthread_mutex_lock(&lock);
    entries[token - 1].count++;
    pthread_mutex_unlock(&lock);
}

static void release(uint64_t token)
{
    owner *gone = NULL;
    if (!token) return;
    pthread_mutex_lock(&lock);
    entry *e = &entries[token - 1];
    if (--e->count == 0) {
        owner *of = e->owner;
        if (of->closed) {
            give_back(token);
            if (--of->tokens == 0) gone = of;
        } else {
            e->next = of->dead;
            of->dead = token;
        }
    }
    pthread_mutex_unlock(&lock);
    hana_free(gone);
}

/* A free token with one reference, or 0. */
static uint64_t acquire(owner *of)
{
    uint64_t token = 0;
    pthread_mutex_lock(&lock);
    if (!free_token) {
        size_t grown = n_entries ? n_entries * 2 : 64;
        entry *more = hana_realloc(entries, grown, sizeof *more);
        if (more) {
            entries = more;
            for (size_t i = grown; i > n_entries; i--) give_back(i);
            n_entries = grown;
        }
    }
    if (free_token) {
        token = free_token;
        free_token = entries[token - 1].next;
        entries[token - 1] = (entry){ .owner = of, .count = 1 };
        of->tokens++;
    }
    pthread_mutex_unlock(&lock);
    return token;
}

/* The next dead token of the owner, which is then free; 0: none. */
static uint64_t next_dead(owner *of)
{
    pthread_mutex_lock(&lock);
    uint64_t token = of->dead;
    if (token) of->dead = entries[token - 1].next;
    pthread_mutex_unlock(&lock);
    return token;
}

static int close_owner(lua_State *L)
{
    owner **slot = lua_touserdata(L, 1);
    owner *of = *slot, *gone = NULL;
    *slot = NULL;
    if (!of) return 0;
    pthread_mutex_lock(&lock);
    of->closed = 1;
    while (of->dead) {
        uint64_t token = of->dead;
        of->dead = entries[token - 1].next;
        give_back(token);
        of->tokens--;
    }
    if (of->tokens == 0) gone = of;
    pthread_mutex_unlock(&lock);
    hana_free(gone);
    return 0;
}

static owner *this_owner(lua_State *L)
{
    luaL_checkstack(L, 4, NULL);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &owner_key);
    owner **slot = lua_touserdata(L, -1);
    lua_pop(L, 1);
    return slot ? *slot : NULL;
}

/* Drops the values of tokens that nobody holds any more. The values table is at the top.
 */
static void drain(lua_State *L, owner *of)
{
    uint64_t token;
    while ((token = next_dead(of)) != 0) {
        lua_pushnil(L);
        lua_rawseti(L, -2, (lua_Integer)token);
        pthread_mutex_lock(&lock);
        give_back(token);
        of->tokens--;
        pthread_mutex_unlock(&lock);
    }
}

typedef struct held {
    uint64_t token;
} held;

static void clear_held(void *data)
{
    release(((held *)data)->token);
}

/* A token with one reference for the value at idx. */
static uint64_t token_for(lua_State *L, int idx)
{
    hana_error err;
    idx = lua_absindex(L, idx);
    owner *of = this_owner(L);
    held *h = hana_scratch(L, sizeof *h, clear_held);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &values_key);
    drain(L, of);
    h->token = acquire(of);
    if (!h->token) hana_raise_unless_ok(L, hana_fail_memory(&err), &err);
    lua_pushvalue(L, idx);
    lua_rawseti(L, -2, (lua_Integer)h->token);
    uint64_t token = h->token;
    h->token = 0;
    lua_pop(L, 2);
    return token;
}

void hana_host_push(lua_State *L, uint64_t token)
{
    luaL_checkstack(L, 3, NULL);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &values_key);
    lua_rawgeti(L, -1, (lua_Integer)token);
    lua_remove(L, -2);
}

void hana_host_read(lua_State *L, int idx, hana_value *out)
{
    hana_error err;
    idx = lua_absindex(L, idx);
    held *h = hana_scratch(L, sizeof *h, clear_held);
    h->token = token_for(L, idx);
    hana_raise_unless_ok(L, hana_host_value(out, &hana_lua_ops, h->token, &err), &err);
    lua_pop(L, 1); /* closes: gives up the reference that token_for made */
}

/* --- calls ----------------------------------------------------------------------- */

/* One call into Lua, run protected. */
typedef struct request {
    uint64_t token;
    const hana_value *args;
    size_t n_args;
    hana_value *result;      /* where a value goes */
    uint64_t *kept;          /* or the token of what was returned */
    const hana_value *value; /* a value to be kept */
    const char *name;
} request;

static void move_value(hana_value *to, hana_value *from)
{
    *to = *from;
    *from = (hana_value){ 0 };
}

static int do_call(lua_State *L)
{
    request *r = lua_touserdata(L, 1);
    hana_host_push(L, r->token);
    luaL_checkstack(L, (int)r->n_args + 4, "too many arguments");
    for (size_t i = 0; i < r->n_args; i++) hana_value_push_lua(L, &r->args[i], 0);
    lua_call(L, (int)r->n_args, 1);
    if (r->kept) {
        *r->kept = token_for(L, -1);
        return 0;
    }
    int top = lua_gettop(L);
    hana_value *value = hana_scratch_value(L);
    hana_value_read(L, top, value, HANA_READ_OPTIONS);
    move_value(r->result, value);
    return 0;
}

static int do_to_value(lua_State *L)
{
    request *r = lua_touserdata(L, 1);
    hana_host_push(L, r->token);
    int top = lua_gettop(L);
    hana_value *value = hana_scratch_value(L);
    hana_value_read(L, top, value, HANA_READ_JSON);
    move_value(r->result, value);
    return 0;
}

static int do_from_value(lua_State *L)
{
    request *r = lua_touserdata(L, 1);
    hana_value_push_lua(L, r->value, 1);
    *r->kept = token_for(L, -1);
    return 0;
}

/* "mine.fit": what is registered under that name, or the field `fit` of what is under
 * "mine". */
static int do_find(lua_State *L)
{
    request *r = lua_touserdata(L, 1);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &names_key);
    lua_pushstring(L, r->name);
    if (lua_rawget(L, -2) == LUA_TNIL) {
        const char *dot = strrchr(r->name, '.');
        if (!dot) return 0;
        lua_pop(L, 1);
        lua_pushlstring(L, r->name, (size_t)(dot - r->name));
        if (lua_rawget(L, -2) != LUA_TTABLE) return 0;
        lua_pushstring(L, dot + 1);
        if (lua_rawget(L, -2) == LUA_TNIL) return 0;
    }
    *r->kept = token_for(L, -1);
    return 0;
}

static hana_status protected_call(void *host, lua_CFunction run, request *r,
                                  hana_error *err)
{
    lua_State *L = host;
    if (!L) return hana_fail(err, HANA_UNSUPPORTED, "lua code cannot run here");
    if (!lua_checkstack(L, 4)) return hana_fail_memory(err);
    lua_pushcfunction(L, run);
    lua_pushlightuserdata(L, r);
    lua_State *before = hana_host_running(L);
    int status = lua_pcall(L, 1, 0, 0);
    hana_host_running(before);
    if (hana_interrupted()) lua_sethook(L, NULL, 0, 0);
    if (status == LUA_OK) return HANA_OK;
    hana_status failure = HANA_HOST_FAILED;
    if (hana_interrupted())
        failure = hana_fail(err, HANA_INTERRUPTED, "interrupted");
    else if (lua_type(L, -1) == LUA_TSTRING)
        hana_fail(err, HANA_HOST_FAILED, "%s", lua_tostring(L, -1));
    else
        hana_fail(err, HANA_HOST_FAILED, "lua code raised a %s", luaL_typename(L, -1));
    lua_pop(L, 1);
    return failure;
}

static hana_status call(void *host, uint64_t token, const hana_value *args, size_t n_args,
                        hana_value *result, hana_error *err)
{
    request r = { .token = token, .args = args, .n_args = n_args, .result = result };
    return protected_call(host, do_call, &r, err);
}

static hana_status call_keep(void *host, uint64_t token, const hana_value *args,
                             size_t n_args, uint64_t *result, hana_error *err)
{
    uint64_t kept = 0;
    request r = { .token = token, .args = args, .n_args = n_args, .kept = &kept };
    HANA_TRY(protected_call(host, do_call, &r, err));
    *result = kept;
    return HANA_OK;
}

static hana_status to_value(void *host, uint64_t token, hana_value *out, hana_error *err)
{
    request r = { .token = token, .result = out };
    return protected_call(host, do_to_value, &r, err);
}

static hana_status from_value(void *host, const hana_value *value, uint64_t *token,
                              hana_error *err)
{
    uint64_t kept = 0;
    request r = { .value = value, .kept = &kept };
    HANA_TRY(protected_call(host, do_from_value, &r, err));
    *token = kept;
    return HANA_OK;
}

static hana_status find(void *host, const char *name, uint64_t *token, hana_error *err)
{
    uint64_t kept = 0;
    request r = { .name = name, .kept = &kept };
    HANA_TRY(protected_call(host, do_find, &r, err));
    if (!kept)
        return hana_fail(err, HANA_NO_SUCH_NAME,
                         "no Lua code is registered as '%s': call hana.register first",
                         name);
    *token = kept;
    return HANA_OK;
}

const hana_host_ops hana_lua_ops = {
    .call = call,
    .call_keep = call_keep,
    .to_value = to_value,
    .from_value = from_value,
    .find = find,
    .retain = retain,
    .release = release,
};

/* register(name, value): what a saved model finds its Lua code by. Pushes nothing. */
static int register_name(lua_State *L)
{
    hana_check_string(L, 1, NULL);
    luaL_checkany(L, 2);
    lua_settop(L, 2);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &names_key);
    lua_insert(L, 1);
    lua_rawset(L, 1);
    return 0;
}

void hana_open_host(lua_State *L)
{
    static const luaL_Reg functions[] = {
        { "register", register_name },
        { NULL, NULL },
    };
    hana_host_register(&hana_lua_ops);
    luaL_setfuncs(L, functions, 0);
    hana_host_register(&hana_lua_ops);
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &owner_key) == LUA_TNIL) {
        owner **slot = lua_newuserdatauv(L, sizeof *slot, 0);
        *slot = NULL;
        lua_createtable(L, 0, 1);
        lua_pushcfunction(L, close_owner);
        lua_setfield(L, -2, "__gc");
        lua_setmetatable(L, -2);
        *slot = hana_alloc_zero(1, sizeof **slot);
        if (!*slot) luaL_error(L, "out of memory");
        lua_rawsetp(L, LUA_REGISTRYINDEX, &owner_key);
        lua_newtable(L);
        lua_rawsetp(L, LUA_REGISTRYINDEX, &values_key);
        lua_newtable(L);
        lua_rawsetp(L, LUA_REGISTRYINDEX, &names_key);
    }
    lua_pop(L, 1);
}
