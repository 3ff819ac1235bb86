#include "glue.h"

#include "assess/resample.h"

#include <string.h>

/* A cross-validation and what it holds while host code may close its boxes. */
typedef struct run {
    const hana_spec *spec;
    const hana_frame *frame;
    hana_resampled resampled;
} run;

static void clear_run(void *data)
{
    run *r = data;
    hana_spec_release(r->spec);
    hana_frame_release(r->frame);
    hana_resampled_clear(&r->resampled);
}

/* What is computed when nothing was asked for. */
static const hana_resample_metric of_numbers[] = { { .name = "mae", .label = "mae" },
                                                   { .name = "rmse", .label = "rmse" },
                                                   { .name = "r2", .label = "r2" } };
static const hana_resample_metric of_classes[] = {
    { .name = "accuracy", .label = "accuracy" },
    { .name = "log_loss", .label = "log_loss" },
    { .name = "roc_auc", .label = "roc_auc" }
};

/* The list of { name, label, args } at idx as metrics, in scratch memory; nil: NULL. */
static const hana_resample_metric *read_metrics(lua_State *L, int idx, size_t *n)
{
    *n = 0;
    if (lua_isnil(L, idx)) return NULL;
    hana_check_table(L, idx);
    *n = (size_t)lua_rawlen(L, idx);
    hana_resample_metric *metrics = hana_scratch_array(L, *n, sizeof *metrics);
    for (size_t i = 0; i < *n; i++) {
        lua_rawgeti(L, idx, (lua_Integer)i + 1);
        int entry = lua_gettop(L);
        /* Names stay alive in the caller's table. */
        metrics[i].name = hana_field_string(L, entry, "name", NULL);
        metrics[i].label = hana_field_string(L, entry, "label", metrics[i].name);
        if (lua_getfield(L, entry, "args") == LUA_TTABLE) {
            int at = lua_gettop(L);
            hana_value *args = hana_scratch_value(L);
            hana_value_read_map(L, at, args, NULL);
            metrics[i].args = args;
        }
    }
    return metrics;
}

/* cross_validate(model, frame, roles, { folds, repeats, stratify, seed }, metrics)
   -> folds frame, predictions frame, { task, positive, has_proba, classes, seed, metrics,
   warnings } */
static int cross_validate(lua_State *L)
{
    hana_error err;
    hana_model_box *model = hana_check_model(L, 1);
    const hana_frame *frame = hana_check_frame(L, 2);
    lua_settop(L, 5);
    hana_roles *roles = hana_roles_read(L, 3);
    hana_resample_options options = {
        .folds = (size_t)hana_field_int(L, 4, "folds", 5),
        .repeats = (size_t)hana_field_int(L, 4, "repeats", 1),
        .stratify = hana_field_flag(L, 4, "stratify", 1),
        .seed = hana_call_seed(L, 4),
    };
    size_t n;
    const hana_resample_metric *metrics = read_metrics(L, 5, &n);
    run *r = hana_scratch(L, sizeof *r, clear_run);
    r->resampled.target.positive = -1;
    r->spec = hana_spec_retain(model->spec);
    r->frame = hana_frame_retain(frame);
    hana_call *call = hana_call_begin(L);
    hana_box *folds = hana_box_new(L, HANA_FRAME_BOX);
    hana_box *predictions = hana_box_new(L, HANA_FRAME_BOX);
    int top = lua_gettop(L);
    hana_frame *made = NULL;
    hana_status status = hana_resample(&r->resampled, r->spec, r->frame, roles, &options,
                                       &call->job, &err);
    if (status == HANA_OK && !metrics) {
        metrics = r->resampled.codes ? of_classes : of_numbers;
        n = r->resampled.codes && !r->resampled.has_proba ? 1 : 3;
    }
    if (status == HANA_OK)
        status = hana_resampled_folds(&made, &r->resampled, metrics, n, &err);
    if (status == HANA_OK) folds->pointer = made;
    if (status == HANA_OK)
        status = hana_resampled_predictions(&made, &r->resampled, &err);
    if (status == HANA_OK) predictions->pointer = made;
    if (status == HANA_OK) {
        lua_createtable(L, 0, 5);
        lua_pushstring(L, r->resampled.target.task == HANA_REGRESSION ? "regression"
                                                                      : "classification");
        lua_setfield(L, -2, "task");
        lua_pushboolean(L, r->resampled.has_proba);
        lua_setfield(L, -2, "has_proba");
        lua_pushinteger(L, (lua_Integer)options.seed);
        lua_setfield(L, -2, "seed");
        lua_createtable(L, (int)n, 0);
        for (size_t m = 0; m < n; m++) {
            lua_pushstring(L, metrics[m].name);
            lua_rawseti(L, -2, (lua_Integer)m + 1);
        }
        lua_setfield(L, -2, "metrics");
        hana_push_warnings(L, &call->job);
        lua_setfield(L, -2, "warnings");
        size_t k = hana_target_classes(&r->resampled.target);
        lua_createtable(L, (int)k, 0);
        for (size_t c = 0; c < k; c++) {
            hana_push_cell(L, r->resampled.target.classes, c);
            lua_rawseti(L, -2, (lua_Integer)c + 1);
        }
        lua_setfield(L, -2, "classes");
        if (r->resampled.target.positive >= 0) {
            hana_push_cell(L, r->resampled.target.classes,
                           (size_t)r->resampled.target.positive);
            lua_setfield(L, -2, "positive");
        }
    }
    hana_call_end(L, call, status, &err);
    lua_pushvalue(L, top - 1);
    lua_pushvalue(L, top);
    lua_pushvalue(L, top + 1);
    return 3;
}

/* corrected_mean(list of numbers, test rows / training rows) -> mean, sd, low, high, n */
static int corrected_mean(lua_State *L)
{
    hana_check_table(L, 1);
    size_t n = (size_t)lua_rawlen(L, 1);
    double ratio = hana_check_number(L, 2);
    double *values = hana_scratch_array(L, n, sizeof *values);
    for (size_t i = 0; i < n; i++) {
        lua_rawgeti(L, 1, (lua_Integer)i + 1);
        values[i] = hana_check_number(L, -1);
        lua_pop(L, 1);
    }
    hana_resample_mean mean = hana_resample_summarize(values, n, ratio);
    lua_pushnumber(L, mean.mean);
    lua_pushnumber(L, mean.sd);
    lua_pushnumber(L, mean.low);
    lua_pushnumber(L, mean.high);
    lua_pushinteger(L, (lua_Integer)mean.n);
    return 5;
}

void hana_open_assess(lua_State *L)
{
    static const luaL_Reg functions[] = { { "cross_validate", cross_validate },
                                          { "corrected_mean", corrected_mean },
                                          { NULL, NULL } };
    luaL_setfuncs(L, functions, 0);
}
