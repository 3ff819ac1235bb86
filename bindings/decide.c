#include "glue.h"

#include "decide/alternatives.h"
#include "decide/pilot.h"

#include <math.h>
#include <string.h>

/* The distribution { kind, a, b, c } in the table at the top of the stack; pops it. */
static hana_dist read_dist(lua_State *L)
{
    hana_dist dist = { HANA_DIST_CONSTANT, 0, 0, 0 };
    luaL_checktype(L, -1, LUA_TTABLE);
    lua_getfield(L, -1, "kind");
    const char *name = luaL_checkstring(L, -1);
    int kind = hana_dist_find(name);
    if (kind < 0) hana_raise_text(L, "decide: no such distribution '%s'", name);
    lua_pop(L, 1);
    dist.kind = (hana_dist_kind)kind;
    double *parameters[] = { &dist.a, &dist.b, &dist.c };
    for (int k = 0; k < 3; k++) {
        lua_rawgeti(L, -1, k + 1);
        *parameters[k] = lua_isnil(L, -1) ? 0 : luaL_checknumber(L, -1);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return dist;
}

static void push_judged(lua_State *L, const hana_judged *judged)
{
    lua_createtable(L, 0, 7);
    lua_pushnumber(L, judged->fixed);
    lua_setfield(L, -2, "fixed");
    lua_pushnumber(L, judged->per_yearly_case);
    lua_setfield(L, -2, "per_yearly_case");
    lua_pushnumber(L, judged->mean);
    lua_setfield(L, -2, "mean");
    lua_pushnumber(L, judged->low);
    lua_setfield(L, -2, "low");
    lua_pushnumber(L, judged->high);
    lua_setfield(L, -2, "high");
    lua_pushnumber(L, judged->sd);
    lua_setfield(L, -2, "sd");
    lua_pushnumber(L, judged->probability);
    lua_setfield(L, -2, "probability");
}

/* Sets field `name` of the table at the top; NaN stands for "there is none" and is left
 * out. */
static void set_known(lua_State *L, const char *name, double value)
{
    if (isnan(value)) return;
    lua_pushnumber(L, value);
    lua_setfield(L, -2, name);
}

static void push_alternative(lua_State *L, const hana_verdict *v, size_t a)
{
    push_judged(L, &v->judged[a]);
    lua_createtable(L, 0, HANA_OWN_INPUTS);
    for (int i = 0; i < HANA_OWN_INPUTS; i++)
        set_known(L, hana_own_input_name(i), v->break_even[a][i]);
    lua_setfield(L, -2, "break_even");
    lua_createtable(L, 0, HANA_OWN_INPUTS);
    for (int i = 0; i < HANA_OWN_INPUTS; i++)
        set_known(L, hana_own_input_name(i), v->own_evpi[a][i]);
    lua_setfield(L, -2, "evpi");
    lua_createtable(L, 0, HANA_SHARED_INPUTS + HANA_OWN_INPUTS);
    for (int i = 0; i < HANA_SHARED_INPUTS + HANA_OWN_INPUTS; i++) {
        lua_createtable(L, 2, 0);
        lua_pushnumber(L, v->swing_low[a][i]);
        lua_rawseti(L, -2, 1);
        lua_pushnumber(L, v->swing_high[a][i]);
        lua_rawseti(L, -2, 2);
        lua_setfield(L, -2,
                     i < HANA_SHARED_INPUTS
                         ? hana_shared_input_name(i)
                         : hana_own_input_name(i - HANA_SHARED_INPUTS));
    }
    lua_setfield(L, -2, "swings");
    lua_createtable(L, (int)v->n, 0);
    for (size_t b = 0; b < v->n; b++) {
        lua_pushnumber(L, v->beats[a][b]);
        lua_rawseti(L, -2, (lua_Integer)b + 1);
    }
    lua_setfield(L, -2, "beats");
}

static void push_verdict(lua_State *L, const hana_verdict *v)
{
    lua_createtable(L, 0, 8);
    lua_pushinteger(L, (lua_Integer)v->best + 1);
    lua_setfield(L, -2, "best");
    lua_pushnumber(L, v->evpi);
    lua_setfield(L, -2, "evpi");
    lua_createtable(L, (int)v->n, 0);
    for (size_t a = 0; a < v->n; a++) {
        push_alternative(L, v, a);
        lua_rawseti(L, -2, (lua_Integer)a + 1);
    }
    lua_setfield(L, -2, "alternatives");
    lua_createtable(L, 0, HANA_SHARED_INPUTS);
    for (int i = 0; i < HANA_SHARED_INPUTS; i++)
        set_known(L, hana_shared_input_name(i), v->shared_break_even[i]);
    lua_setfield(L, -2, "break_even");
    lua_createtable(L, 0, HANA_SHARED_INPUTS);
    for (int i = 0; i < HANA_SHARED_INPUTS; i++)
        set_known(L, hana_shared_input_name(i), v->shared_evpi[i]);
    lua_setfield(L, -2, "shared_evpi");
    push_judged(L, &v->chain_judged);
    for (size_t k = 0; k < v->chain_length; k++) {
        lua_pushinteger(L, (lua_Integer)v->chain[k] + 1);
        lua_rawseti(L, -2, (lua_Integer)k + 1);
    }
    lua_setfield(L, -2, "chain");
}

/* An input that a correlation names: { alternative = 0 for shared ones, name = } at the
   top; pops it. */
static size_t read_input(lua_State *L, size_t alternatives)
{
    lua_getfield(L, -1, "alternative");
    lua_getfield(L, -2, "name");
    size_t of = (size_t)luaL_checkinteger(L, -2);
    const char *name = luaL_checkstring(L, -1);
    size_t number = SIZE_MAX;
    if (of == 0) {
        for (int i = 0; i < HANA_SHARED_INPUTS; i++)
            if (strcmp(hana_shared_input_name(i), name) == 0) number = (size_t)i;
    } else if (of <= alternatives) {
        for (int i = 0; i < HANA_OWN_INPUTS; i++)
            if (strcmp(hana_own_input_name(i), name) == 0)
                number = hana_input_number(of - 1, i);
    }
    if (number == SIZE_MAX) hana_raise_text(L, "decide: no such input '%s'", name);
    lua_pop(L, 3);
    return number;
}

/* correlation = { inputs = { ... }, matrix = { r11, r12, ... } } of the table at 1; its
   arrays are scratch memory, which stays on the stack. */
static void read_correlation(lua_State *L, hana_decision *d)
{
    lua_getfield(L, 1, "correlation");
    int at = lua_gettop(L);
    if (lua_isnil(L, at)) return;
    lua_getfield(L, at, "inputs");
    lua_getfield(L, at, "matrix");
    size_t n = lua_rawlen(L, at + 1);
    if (n > HANA_INPUTS_MAX) hana_raise_text(L, "decide: too many correlated inputs");
    size_t *inputs = hana_scratch_array(L, n + 1, sizeof *inputs);
    double *matrix = hana_scratch_array(L, n * n + 1, sizeof *matrix);
    for (size_t i = 0; i < n; i++) {
        lua_rawgeti(L, at + 1, (lua_Integer)i + 1);
        inputs[i] = read_input(L, d->n);
    }
    for (size_t i = 0; i < n * n; i++) {
        lua_rawgeti(L, at + 2, (lua_Integer)i + 1);
        matrix[i] = luaL_checknumber(L, -1);
        lua_pop(L, 1);
    }
    d->n_correlated = n, d->correlated = inputs, d->correlation = matrix;
}

/* The decision in the table at 1: { shared = { name = dist }, alternatives = { { name = ,
   inputs = { name = dist } } }, discount = , draws = , correlation = }. Every input must
   be there. What it points to stays on the stack. */
static void read_decision(lua_State *L, hana_decision *d)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checkstack(L, 30, "decide");
    *d = (hana_decision){ .discount = hana_field_number(L, 1, "discount", 0) };
    int64_t draws = hana_field_int(L, 1, "draws", 100000);
    if (!(draws >= 0)) hana_raise_argument(L, 1, "'draws' must not be negative");
    d->draws = (size_t)draws;
    hana_alternative *alternatives =
        hana_scratch_array(L, HANA_ALTERNATIVES_MAX, sizeof *alternatives);
    lua_getfield(L, 1, "shared");
    for (int i = 0; i < HANA_SHARED_INPUTS; i++) {
        lua_getfield(L, -1, hana_shared_input_name(i));
        d->shared[i] = read_dist(L);
    }
    lua_pop(L, 1);
    lua_getfield(L, 1, "alternatives");
    d->n = lua_rawlen(L, -1);
    d->alternatives = alternatives;
    for (size_t a = 0; a < d->n && a < HANA_ALTERNATIVES_MAX; a++) {
        lua_rawgeti(L, -1, (lua_Integer)a + 1);
        lua_getfield(L, -1, "name");
        alternatives[a].name = luaL_checkstring(L, -1); /* the table keeps it alive */
        alternatives[a].group = (int)hana_field_int(L, lua_gettop(L) - 1, "group", 0);
        lua_getfield(L, -2, "inputs");
        for (int i = 0; i < HANA_OWN_INPUTS; i++) {
            lua_getfield(L, -1, hana_own_input_name(i));
            alternatives[a].inputs[i] = read_dist(L);
        }
        lua_pop(L, 3);
    }
    lua_pop(L, 1);
    read_correlation(L, d);
}

/* decide(decision) -> what hana_decide finds, 1-based. */
static int decide(lua_State *L)
{
    hana_decision d;
    lua_settop(L, 1);
    read_decision(L, &d);
    hana_verdict *verdict = hana_scratch(L, sizeof *verdict, NULL);
    uint64_t seed = hana_call_seed(L, 1);
    hana_error err = { 0 };
    hana_call *call = hana_call_begin(L);
    call->job.seed = seed;
    hana_status status = hana_decide(verdict, &d, &call->job, &err);
    if (status == HANA_OK) {
        push_verdict(L, verdict);
        lua_pushinteger(L, (lua_Integer)seed);
        lua_setfield(L, -2, "seed");
    }
    return hana_call_end(L, call, status, &err);
}

/* The own input of that name. */
static hana_own_input check_own_input(lua_State *L, const char *name)
{
    int input = 0;
    while (input < HANA_OWN_INPUTS && strcmp(hana_own_input_name(input), name) != 0)
        input++;
    if (input == HANA_OWN_INPUTS) hana_raise_text(L, "pilot: no such input '%s'", name);
    return (hana_own_input)input;
}

/* The list of numbers of cases at idx, in scratch memory that is pushed. */
static size_t *check_sizes(lua_State *L, int idx, size_t *count)
{
    luaL_checktype(L, idx, LUA_TTABLE);
    *count = lua_rawlen(L, idx);
    size_t *n = hana_scratch_array(L, *count + 1, sizeof *n);
    for (size_t i = 0; i < *count; i++) {
        lua_rawgeti(L, idx, (lua_Integer)i + 1);
        lua_Integer cases = luaL_checkinteger(L, -1);
        if (cases < 0) hana_raise_text(L, "pilot: 'n' must not be negative");
        n[i] = (size_t)cases;
        lua_pop(L, 1);
    }
    return n;
}

static void push_numbers(lua_State *L, const double *x, size_t count)
{
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        lua_pushnumber(L, x[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

/* pilot_together(decision, { { alternative = , name = , known = }, ... }, draws, seed,
   { n, ... }) -> { worth, ... } */
static int pilot_together(lua_State *L)
{
    hana_decision d;
    lua_settop(L, 5);
    luaL_checktype(L, 2, LUA_TTABLE);
    size_t draws = (size_t)luaL_checkinteger(L, 3), count;
    lua_Integer seed = luaL_checkinteger(L, 4);
    read_decision(L, &d);
    size_t observed_n = lua_rawlen(L, 2);
    hana_observed *observed = hana_scratch_array(L, observed_n + 1, sizeof *observed);
    for (size_t i = 0; i < observed_n; i++) {
        lua_rawgeti(L, 2, (lua_Integer)i + 1);
        lua_getfield(L, -1, "name");
        observed[i].input = check_own_input(L, luaL_checkstring(L, -1));
        lua_getfield(L, -2, "alternative");
        observed[i].alternative = (size_t)luaL_checkinteger(L, -1) - 1;
        lua_getfield(L, -3, "known");
        observed[i].known = luaL_checknumber(L, -1);
        lua_pop(L, 4);
    }
    size_t *n = check_sizes(L, 5, &count);
    double *worth = hana_scratch_array(L, count + 1, sizeof *worth);
    hana_error err = { 0 };
    hana_call *call = hana_call_begin(L);
    call->job.seed = (uint64_t)seed;
    hana_status status = hana_pilot_together(worth, &d, observed, observed_n, draws, n,
                                             count, &call->job, &err);
    if (status == HANA_OK) push_numbers(L, worth, count);
    return hana_call_end(L, call, status, &err);
}

/* pilot_worth(decision, alternative, input, known, { n, ... }) -> { worth, ... } */
static int pilot_worth(lua_State *L)
{
    hana_decision d;
    lua_settop(L, 5);
    size_t alternative = (size_t)luaL_checkinteger(L, 2) - 1, count;
    hana_own_input input = check_own_input(L, luaL_checkstring(L, 3));
    double known = luaL_checknumber(L, 4);
    read_decision(L, &d);
    size_t *n = check_sizes(L, 5, &count);
    double *worth = hana_scratch_array(L, count + 1, sizeof *worth);
    hana_error err = { 0 };
    hana_call *call = hana_call_begin(L);
    hana_status status = hana_pilot_worth(worth, &d, alternative, input, known, n, count,
                                          &call->job, &err);
    if (status == HANA_OK) push_numbers(L, worth, count);
    return hana_call_end(L, call, status, &err);
}

/* dist_summary(dist) -> mean, standard deviation, 5% and 95% quantile */
static int dist_summary(lua_State *L)
{
    hana_error err = { 0 };
    lua_settop(L, 1);
    lua_pushvalue(L, 1);
    hana_dist dist = read_dist(L);
    hana_raise_unless_ok(L, hana_dist_check(&dist, &err), &err);
    lua_pushnumber(L, hana_dist_mean(&dist));
    lua_pushnumber(L, hana_dist_sd(&dist));
    lua_pushnumber(L, hana_dist_quantile(&dist, 0.05));
    lua_pushnumber(L, hana_dist_quantile(&dist, 0.95));
    return 4;
}

void hana_open_decide(lua_State *L)
{
    static const luaL_Reg functions[] = {
        { "decide", decide },
        { "pilot_worth", pilot_worth },
        { "pilot_together", pilot_together },
        { "dist_summary", dist_summary },
        { NULL, NULL },
    };
    luaL_setfuncs(L, functions, 0);
}
