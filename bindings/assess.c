#include "glue.h"

#include "assess/learning_curve.h"
#include "assess/resample.h"
#include "decide/value_of_data.h"

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

/* The list of numbers at idx in scratch memory. */
static double *read_numbers(lua_State *L, int idx, size_t *n)
{
    luaL_checktype(L, idx, LUA_TTABLE);
    *n = (size_t)lua_rawlen(L, idx);
    double *values = hana_scratch_array(L, *n, sizeof *values);
    for (size_t i = 0; i < *n; i++) {
        lua_rawgeti(L, idx, (lua_Integer)i + 1);
        values[i] = luaL_checknumber(L, -1);
        lua_pop(L, 1);
    }
    return values;
}

/* corrected_mean(list of numbers, test rows / training rows) -> mean, sd, low, high, n */
static int corrected_mean(lua_State *L)
{
    size_t n;
    double ratio = hana_check_number(L, 2);
    const double *values = read_numbers(L, 1, &n);
    hana_resample_mean mean = hana_resample_summarize(values, n, ratio);
    lua_pushnumber(L, mean.mean);
    lua_pushnumber(L, mean.sd);
    lua_pushnumber(L, mean.low);
    lua_pushnumber(L, mean.high);
    lua_pushinteger(L, (lua_Integer)mean.n);
    return 5;
}

static void clear_curve(void *data)
{
    hana_curve_clear(data);
}

static void push_numbers(lua_State *L, const double *values, size_t n)
{
    lua_createtable(L, (int)n, 0);
    for (size_t i = 0; i < n; i++) {
        lua_pushnumber(L, values[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

/* learning_curve(model, frame, roles, { sizes, repeats, test, seed, metric, args })
   -> { sizes, values (repeat by repeat), repeats, n_test, higher_is_better, seed } */
static int learning_curve(lua_State *L)
{
    hana_error err;
    hana_model_box *model = hana_check_model(L, 1);
    const hana_frame *frame = hana_check_frame(L, 2);
    lua_settop(L, 4);
    hana_roles *roles = hana_roles_read(L, 3);
    hana_curve_options options = { .repeats = (size_t)hana_field_int(L, 4, "repeats", 5),
                                   .test = hana_field_number(L, 4, "test", 0.2),
                                   .seed = hana_call_seed(L, 4),
                                   .metric = hana_field_string(L, 4, "metric", NULL) };
    lua_getfield(L, 4, "sizes");
    options.sizes = read_numbers(L, lua_gettop(L), &options.n_sizes);
    if (lua_getfield(L, 4, "args") == LUA_TTABLE) {
        int at = lua_gettop(L);
        hana_value *args = hana_scratch_value(L);
        hana_value_read_map(L, at, args, NULL);
        options.args = args;
    }
    if (lua_getfield(L, 4, "fn") == LUA_TFUNCTION) {
        int at = lua_gettop(L);
        hana_value *function = hana_scratch_value(L);
        hana_host_read(L, at, function);
        options.host_metric = hana_value_pointer(function, &hana_host_class);
        options.host_higher_is_better = hana_field_flag(L, 4, "higher", 0);
    }
    run *r = hana_scratch(L, sizeof *r, clear_run);
    r->resampled.target.positive = -1;
    r->spec = hana_spec_retain(model->spec);
    r->frame = hana_frame_retain(frame);
    hana_curve *curve = hana_scratch(L, sizeof *curve, clear_curve);
    hana_call *call = hana_call_begin(L);
    hana_status status =
        hana_learning_curve(curve, r->spec, r->frame, roles, &options, &call->job, &err);
    lua_createtable(L, 0, 6);
    if (status == HANA_OK) {
        lua_createtable(L, (int)curve->n_sizes, 0);
        for (size_t i = 0; i < curve->n_sizes; i++) {
            lua_pushinteger(L, (lua_Integer)curve->sizes[i]);
            lua_rawseti(L, -2, (lua_Integer)i + 1);
        }
        lua_setfield(L, -2, "sizes");
        push_numbers(L, curve->values, curve->repeats * curve->n_sizes);
        lua_setfield(L, -2, "values");
        lua_pushinteger(L, (lua_Integer)curve->repeats);
        lua_setfield(L, -2, "repeats");
        lua_pushinteger(L, (lua_Integer)curve->n_test);
        lua_setfield(L, -2, "n_test");
        lua_pushboolean(L, curve->higher_is_better);
        lua_setfield(L, -2, "higher_is_better");
        lua_pushinteger(L, (lua_Integer)options.seed);
        lua_setfield(L, -2, "seed");
    }
    return hana_call_end(L, call, status, &err);
}

static void set_number(lua_State *L, const char *name, double value)
{
    lua_pushnumber(L, value);
    lua_setfield(L, -2, name);
}

static void set_numbers(lua_State *L, const char *name, const double *values)
{
    push_numbers(L, values, HANA_DATA_GRID);
    lua_setfield(L, -2, name);
}

/* value_of_data(curve as above, { per_label, per_unit, most, draws, seed }) -> its fields
 */
static int value_of_data(lua_State *L)
{
    static const char *const verdicts[] = { "buy", "stop", "cannot_tell" };
    hana_error err;
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 2);
    hana_curve curve = { 0 };
    size_t n_values;
    lua_getfield(L, 1, "sizes");
    double *sizes = read_numbers(L, lua_gettop(L), &curve.n_sizes);
    lua_getfield(L, 1, "values");
    curve.values = read_numbers(L, lua_gettop(L), &n_values);
    curve.sizes = hana_scratch_array(L, curve.n_sizes, sizeof *curve.sizes);
    for (size_t i = 0; i < curve.n_sizes; i++) curve.sizes[i] = (size_t)sizes[i];
    curve.repeats = (size_t)hana_field_int(L, 1, "repeats", 0);
    curve.n_test = (size_t)hana_field_int(L, 1, "n_test", 0);
    curve.higher_is_better = hana_field_flag(L, 1, "higher_is_better", 0);
    if (curve.repeats * curve.n_sizes != n_values)
        hana_raise_text(L, "value_of_data: the curve is not one of learning_curve");
    hana_data_value_options options = {
        .per_label = hana_field_number(L, 2, "per_label", 0),
        .per_unit = hana_field_number(L, 2, "per_unit", 0),
        .most = hana_field_number(L, 2, "most", 4),
        .draws = (size_t)hana_field_int(L, 2, "draws", 2000),
        .seed = hana_call_seed(L, 2),
    };
    hana_data_value out;
    hana_raise_unless_ok(L, hana_value_of_data(&out, &curve, &options, NULL, &err), &err);
    lua_createtable(L, 0, 16);
    set_numbers(L, "rows", out.rows);
    set_numbers(L, "value", out.value);
    set_numbers(L, "low", out.low);
    set_numbers(L, "high", out.high);
    set_numbers(L, "net", out.net);
    set_number(L, "labels", out.labels);
    set_number(L, "labels_low", out.labels_low);
    set_number(L, "labels_high", out.labels_high);
    set_number(L, "gain", out.gain);
    set_number(L, "gain_low", out.gain_low);
    set_number(L, "gain_high", out.gain_high);
    set_number(L, "probability", out.probability);
    set_number(L, "marginal", out.marginal);
    set_number(L, "power_law", out.weight[0]);
    set_number(L, "exponential", out.weight[1]);
    set_number(L, "flat", out.weight[2]);
    lua_pushstring(L, verdicts[out.verdict]);
    lua_setfield(L, -2, "verdict");
    return 1;
}

void hana_open_assess(lua_State *L)
{
    static const luaL_Reg functions[] = { { "cross_validate", cross_validate },
                                          { "corrected_mean", corrected_mean },
                                          { "learning_curve", learning_curve },
                                          { "value_of_data", value_of_data },
                                          { NULL, NULL } };
    luaL_setfuncs(L, functions, 0);
}
