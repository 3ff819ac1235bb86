#include "glue.h"

/* metric(name, truth, predicted column or frame of probabilities [, args]) -> number, and
   a sentence when it is not defined or leaves something out */
static int metric(lua_State *L)
{
    hana_error err;
    const char *name = hana_check_string(L, 1, NULL), *why = NULL;
    const hana_column *truth = hana_check_column(L, 2);
    const hana_frame *proba = hana_box_test(L, 3, HANA_FRAME_BOX);
    const hana_column *predicted = proba ? NULL : hana_check_column(L, 3);
    lua_settop(L, 4);
    hana_value *args = hana_scratch_value(L);
    if (!lua_isnil(L, 4)) hana_value_read_map(L, 4, args, NULL);
    double out;
    hana_status status = hana_metric_of_columns(&out, &why, name, truth, predicted, proba,
                                                args->kind ? args : NULL, &err);
    hana_raise_unless_ok(L, status, &err);
    lua_pushnumber(L, out);
    if (why)
        lua_pushstring(L, why);
    else
        lua_pushnil(L);
    return 2;
}

/* metrics() -> a list of { name, help, options, takes, higher_is_better } */
static int metrics(lua_State *L)
{
    static const char *const takes[] = { "numbers", "labels", "proba" };
    size_t n;
    const hana_metric *const *all = hana_metrics(&n);
    lua_createtable(L, (int)n, 0);
    for (size_t i = 0; i < n; i++) {
        lua_createtable(L, 0, 5);
        lua_pushstring(L, all[i]->name);
        lua_setfield(L, -2, "name");
        lua_pushstring(L, all[i]->help);
        lua_setfield(L, -2, "help");
        lua_pushstring(L, all[i]->options);
        lua_setfield(L, -2, "options");
        lua_pushstring(L, takes[all[i]->takes]);
        lua_setfield(L, -2, "takes");
        lua_pushboolean(L, all[i]->higher_is_better);
        lua_setfield(L, -2, "higher_is_better");
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static int confusion(lua_State *L)
{
    hana_error err;
    const hana_column *truth = hana_check_column(L, 1),
                      *predicted = hana_check_column(L, 2);
    int64_t before = hana_allocated();
    hana_box *box = hana_box_new(L, HANA_FRAME_BOX);
    hana_frame *out = NULL;
    hana_status status = hana_confusion_of_columns(&out, truth, predicted, &err);
    box->pointer = out;
    hana_raise_unless_ok(L, status, &err);
    hana_account(L, before);
    return 1;
}

static int classification_report(lua_State *L)
{
    hana_error err;
    const hana_column *truth = hana_check_column(L, 1),
                      *predicted = hana_check_column(L, 2);
    int64_t before = hana_allocated();
    hana_box *box = hana_box_new(L, HANA_FRAME_BOX);
    hana_frame *out = NULL;
    hana_status status =
        hana_classification_report_of_columns(&out, truth, predicted, &err);
    box->pointer = out;
    hana_raise_unless_ok(L, status, &err);
    hana_account(L, before);
    return 1;
}

/* silhouette(features, labels) -> number */
static int silhouette(lua_State *L)
{
    hana_error err;
    const hana_frame *features = hana_check_frame(L, 1);
    const hana_column *labels = hana_check_column(L, 2);
    double out = 0;
    hana_call *call = hana_call_begin(L);
    lua_pushnil(L);
    hana_status status = hana_silhouette(&out, features, labels, &call->job, &err);
    hana_call_end(L, call, status, &err);
    lua_pushnumber(L, out);
    return 1;
}

void hana_open_measure(lua_State *L)
{
    static const luaL_Reg functions[] = {
        { "metric", metric },         { "metrics", metrics },
        { "confusion", confusion },   { "classification_report", classification_report },
        { "silhouette", silhouette }, { NULL, NULL },
    };
    luaL_setfuncs(L, functions, 0);
}
