#include "glue.h"

#include <string.h>

/* One binding for all learners, steps and estimators: it walks the registry and the
 * option rows. */

/* --- parts ----------------------------------------------------------------------- */

static const struct {
    unsigned tag;
    const char *name;
} tag_names[] = {
    { HANA_TAG_REGRESSION, "regression" },
    { HANA_TAG_CLASSIFICATION, "classification" },
    { HANA_TAG_NO_TARGET, "no_target" },
    { HANA_TAG_MISSING, "missing" },
    { HANA_TAG_CATEGORIES, "categories" },
    { HANA_TAG_SPARSE, "sparse" },
    { HANA_TAG_SOFT_TARGETS, "soft_targets" },
    { HANA_TAG_KEEPS_ROWS, "keeps_rows" },
    { HANA_TAG_UNLABELED, "unlabeled" },
    { HANA_TAG_RANDOM, "random" },
    { HANA_TAG_HOST, "host" },
    { HANA_TAG_READS_TARGET, "reads_target" },
    { HANA_TAG_META, "meta" },
    { HANA_TAG_NO_FEATURES, "no_features" },
    { HANA_TAG_PROBA, "proba" },
};

static void push_tags(lua_State *L, unsigned tags)
{
    lua_newtable(L);
    lua_Integer n = 0;
    for (size_t i = 0; i < sizeof tag_names / sizeof tag_names[0]; i++)
        if (tags & tag_names[i].tag) {
            lua_pushstring(L, tag_names[i].name);
            lua_rawseti(L, -2, ++n);
        }
}

static const char *kind_name(hana_part_kind kind)
{
    return kind == HANA_PART_LEARNER ? "learner"
           : kind == HANA_PART_STEP  ? "step"
                                     : "estimator";
}

/* Pushes the default of an option as text; nil where there is none. */
static int push_default(lua_State *L)
{
    hana_error err;
    const hana_options *table = lua_touserdata(L, 1);
    const hana_option *row = lua_touserdata(L, 2);
    void *zeroes = hana_scratch_array(L, table->size ? table->size : 1, 1);
    hana_value *value = hana_scratch_value(L);
    hana_text *text = hana_scratch_text(L);
    const void *options = table->defaults ? table->defaults : zeroes;
    hana_raise_unless_ok(L, hana_option_get(value, options, row, &err), &err);
    if (value->kind == HANA_VALUE_NULL || value->kind == HANA_VALUE_OBJECT ||
        (value->kind == HANA_VALUE_LIST && value->as.list->n == 0) ||
        (value->kind == HANA_VALUE_MAP && value->as.map->n == 0))
        return 0;
    if (value->kind == HANA_VALUE_NUMBER) {
        char number[HANA_NUMBER_SIZE];
        hana_print_double(number, value->as.number, 0);
        lua_pushstring(L, number);
        return 1;
    }
    hana_raise_unless_ok(L, hana_json_encode(text, value, 0, 1, &err), &err);
    lua_pushlstring(L, text->data, text->length);
    return 1;
}

/* What the option accepts, as text. */
static int push_accepts(lua_State *L)
{
    hana_error err;
    hana_text *text = hana_scratch_text(L);
    hana_option_describe(text, lua_touserdata(L, 1));
    if (text->failed) hana_raise_unless_ok(L, hana_fail_memory(&err), &err);
    lua_pushlstring(L, text->data ? text->data : "", text->length);
    return 1;
}

static void push_options(lua_State *L, const hana_options *table)
{
    lua_newtable(L);
    lua_Integer n = 0;
    for (size_t i = 0; i < table->n; i++) {
        const hana_option *row = &table->rows[i];
        if (row->flags & HANA_HIDDEN) continue;
        lua_createtable(L, 0, 6);
        lua_pushstring(L, row->name);
        lua_setfield(L, -2, "name");
        lua_pushstring(L, row->help);
        lua_setfield(L, -2, "help");
        lua_pushcfunction(L, push_accepts);
        lua_pushlightuserdata(L, (void *)(uintptr_t)row);
        lua_call(L, 1, 1);
        lua_setfield(L, -2, "kind");
        lua_pushcfunction(L, push_default);
        lua_pushlightuserdata(L, (void *)(uintptr_t)table);
        lua_pushlightuserdata(L, (void *)(uintptr_t)row);
        lua_call(L, 2, 1);
        lua_setfield(L, -2, "default");
        lua_pushboolean(L, (row->flags & HANA_REQUIRED) != 0);
        lua_setfield(L, -2, "required");
        lua_pushboolean(L, (row->flags & HANA_POSITIONAL) != 0);
        lua_setfield(L, -2, "positional");
        lua_rawseti(L, -2, ++n);
    }
}

/* parts() -> a list of { name, kind, help, tags, version, options }, in order of names */
static int parts(lua_State *L)
{
    size_t n;
    const hana_part *const *all = hana_parts(&n);
    lua_createtable(L, (int)n, 0);
    for (size_t i = 0; i < n; i++) {
        lua_createtable(L, 0, 6);
        lua_pushstring(L, all[i]->name);
        lua_setfield(L, -2, "name");
        lua_pushstring(L, kind_name(all[i]->kind));
        lua_setfield(L, -2, "kind");
        lua_pushstring(L, all[i]->help);
        lua_setfield(L, -2, "help");
        lua_pushinteger(L, all[i]->version);
        lua_setfield(L, -2, "version");
        push_tags(L, all[i]->tags);
        lua_setfield(L, -2, "tags");
        push_options(L, &all[i]->options);
        lua_setfield(L, -2, "options");
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

/* part_names() -> the names alone */
static int part_names(lua_State *L)
{
    size_t n;
    const hana_part *const *all = hana_parts(&n);
    lua_createtable(L, (int)n, 0);
    for (size_t i = 0; i < n; i++) {
        lua_pushstring(L, all[i]->name);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

/* --- making ---------------------------------------------------------------------- */

/* model(name [, options]) -> an unfitted model */
static int new_model(lua_State *L)
{
    hana_error err;
    const char *name = hana_check_string(L, 1, NULL);
    lua_settop(L, 2);
    const hana_part *part = hana_part_find(name);
    const char *rest = NULL;
    for (size_t i = 0; part && i < part->options.n; i++)
        if (part->options.rows[i].flags & HANA_POSITIONAL)
            rest = part->options.rows[i].name;
    hana_value *options = hana_scratch_value(L);
    if (!lua_isnil(L, 2)) {
        if (lua_type(L, 2) != LUA_TTABLE)
            return hana_raise_text(L, "%s: a table of options expected, got a %s", name,
                                   luaL_typename(L, 2));
        if (!rest && lua_rawlen(L, 2) > 0)
            return hana_raise_text(L, "%s: options have names, found a list element",
                                   name);
        hana_value_read_map(L, 2, options, rest);
    }
    hana_model_box *model = hana_model_box_new(L);
    hana_spec *spec = NULL;
    hana_status status = hana_spec_new(&spec, name, options->kind ? options : NULL, &err);
    model->spec = spec;
    hana_raise_unless_ok(L, status, &err);
    return 1;
}

/* with(model, path, value) -> an unfitted model with one option changed */
static int with(lua_State *L)
{
    hana_error err;
    hana_model_box *from = hana_check_model(L, 1);
    const char *path = hana_check_string(L, 2, NULL);
    luaL_checkany(L, 3);
    hana_value *value = hana_scratch_value(L);
    hana_value_read(L, 3, value, HANA_READ_OPTIONS);
    hana_model_box *model = hana_model_box_new(L);
    hana_spec *spec = NULL;
    hana_status status = hana_spec_with(&spec, from->spec, path, value, &err);
    model->spec = spec;
    hana_raise_unless_ok(L, status, &err);
    return 1;
}

static int clone(lua_State *L)
{
    hana_model_box *from = hana_check_model(L, 1);
    hana_model_box *model = hana_model_box_new(L);
    model->spec = hana_spec_retain(from->spec);
    return 1;
}

static void push_fitted(lua_State *L, const hana_fitted *fitted)
{
    hana_model_box *model = hana_model_box_new(L);
    model->fitted = hana_fitted_retain(fitted);
    model->spec = hana_spec_retain(hana_fitted_spec(fitted));
}

/* --- fitting --------------------------------------------------------------------- */

static const hana_fitted *check_fitted(lua_State *L, int idx)
{
    hana_model_box *model = hana_check_model(L, idx);
    if (!model->fitted)
        hana_raise_text(L, "%s is not fitted yet: call fit first",
                        hana_spec_name(model->spec));
    return model->fitted;
}

/* What a call holds while host code may close its boxes. */
typedef struct pins {
    const hana_frame *frame;
    const hana_spec *spec;
    const hana_fitted *fitted;
} pins;

static void clear_pins(void *data)
{
    pins *p = data;
    if (p->frame) hana_frame_release(p->frame);
    if (p->spec) hana_spec_release(p->spec);
    if (p->fitted) hana_fitted_release(p->fitted);
}

static void clear_roles(void *data)
{
    hana_roles_clear(data);
}

/* Roles from the table or string at idx; nil: none. */
hana_roles *hana_roles_read(lua_State *L, int idx)
{
    hana_error err;
    hana_value *value = hana_scratch_value(L);
    hana_roles *roles = hana_scratch(L, sizeof *roles, clear_roles);
    if (lua_isnoneornil(L, idx)) return roles;
    if (lua_type(L, idx) == LUA_TSTRING)
        hana_value_read(L, idx, value, HANA_READ_OPTIONS);
    else
        hana_value_read_map(L, idx, value, NULL);
    hana_raise_unless_ok(L, hana_roles_from_value(roles, value, &err), &err);
    return roles;
}

void hana_push_warnings(lua_State *L, const hana_job *job)
{
    lua_createtable(L, (int)job->n_warnings, 0);
    for (size_t i = 0; i < job->n_warnings; i++) {
        lua_pushstring(L, job->warnings[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

/* model:fit(df, roles) -> model */
static int fit(lua_State *L)
{
    hana_error err;
    hana_model_box *model = hana_check_model(L, 1);
    const hana_frame *frame = hana_check_frame(L, 2);
    lua_settop(L, 3);
    hana_roles *roles = hana_roles_read(L, 3);
    pins *p = hana_scratch(L, sizeof *p, clear_pins);
    p->frame = hana_frame_retain(frame);
    p->spec = hana_spec_retain(model->spec);
    hana_call *call = hana_call_begin(L);
    call->job.seed = hana_next_seed(L);
    hana_status status =
        hana_model_fit(&p->fitted, p->spec, frame, roles, &call->job, &err);
    if (status == HANA_OK) status = hana_job_check(&call->job, &err);
    if (status == HANA_OK) {
        hana_push_warnings(L, &call->job);
        lua_setiuservalue(L, 1, 1);
        const hana_fitted *old = model->fitted;
        model->fitted = p->fitted;
        p->fitted = old;
    }
    lua_pushvalue(L, 1);
    return hana_call_end(L, call, status, &err);
}

static pins *pin(lua_State *L, const hana_fitted *fitted, const hana_frame *frame)
{
    pins *p = hana_scratch(L, sizeof *p, clear_pins);
    p->fitted = hana_fitted_retain(fitted);
    p->frame = hana_frame_retain(frame);
    return p;
}

static int predict(lua_State *L)
{
    hana_error err;
    const hana_fitted *fitted = check_fitted(L, 1);
    const hana_frame *frame = hana_check_frame(L, 2);
    pin(L, fitted, frame);
    hana_call *call = hana_call_begin(L);
    hana_box *box = hana_box_new(L, HANA_COLUMN_BOX);
    const hana_roles *roles = hana_model_roles(fitted);
    hana_box_name(L, roles ? roles->target : NULL);
    hana_column *out = NULL;
    hana_status status = hana_model_predict(&out, fitted, frame, &call->job, &err);
    box->pointer = out;
    return hana_call_end(L, call, status, &err);
}

static int to_frame(lua_State *L,
                    hana_status (*run)(hana_frame **, const hana_fitted *,
                                       const hana_frame *, hana_job *, hana_error *))
{
    hana_error err;
    const hana_fitted *fitted = check_fitted(L, 1);
    const hana_frame *frame = hana_check_frame(L, 2);
    pin(L, fitted, frame);
    hana_call *call = hana_call_begin(L);
    hana_box *box = hana_box_new(L, HANA_FRAME_BOX);
    hana_frame *out = NULL;
    hana_status status = run(&out, fitted, frame, &call->job, &err);
    box->pointer = out;
    return hana_call_end(L, call, status, &err);
}

static int predict_proba(lua_State *L)
{
    return to_frame(L, hana_model_predict_proba);
}

static int transform(lua_State *L)
{
    return to_frame(L, hana_model_transform);
}

/* --- looking --------------------------------------------------------------------- */

/* summary(model) -> a frame */
static int summary(lua_State *L)
{
    hana_error err;
    const hana_fitted *fitted = check_fitted(L, 1);
    hana_box *box = hana_box_new(L, HANA_FRAME_BOX);
    hana_frame *out = NULL;
    hana_status status = hana_fitted_summary(&out, fitted, &err);
    box->pointer = out;
    hana_raise_unless_ok(L, status, &err);
    return 1;
}

static int rules(lua_State *L)
{
    hana_error err;
    const hana_fitted *fitted = check_fitted(L, 1);
    hana_text *text = hana_scratch_text(L);
    hana_raise_unless_ok(L, hana_fitted_print(text, fitted, &err), &err);
    lua_pushlstring(L, text->data ? text->data : "", text->length);
    return 1;
}

static int size(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)hana_fitted_bytes(check_fitted(L, 1)));
    return 1;
}

/* params(model [, given]) -> its own options by name; only those that were given when
 * true */
static int params(lua_State *L)
{
    hana_error err;
    hana_model_box *model = hana_check_model(L, 1);
    int given = lua_toboolean(L, 2);
    hana_value *value = hana_scratch_value(L);
    hana_raise_unless_ok(L, hana_spec_params(value, model->spec, given, &err), &err);
    hana_value_push_lua(L, value, 0);
    return 1;
}

static int info(lua_State *L)
{
    hana_error err;
    const hana_fitted *fitted = check_fitted(L, 1);
    hana_value *value = hana_scratch_value(L);
    hana_raise_unless_ok(L, hana_model_info(value, fitted, &err), &err);
    hana_value_push_lua(L, value, 0);
    return 1;
}

/* warnings() -> those of its fit, a list */
static int warnings(lua_State *L)
{
    hana_error err;
    const hana_fitted *fitted = check_fitted(L, 1);
    if (lua_getiuservalue(L, 1, 1) == LUA_TTABLE) return 1;
    hana_value *value = hana_scratch_value(L);
    hana_raise_unless_ok(L, hana_model_info(value, fitted, &err), &err);
    const hana_value *kept = hana_value_get(value, "warnings");
    if (kept && kept->kind == HANA_VALUE_LIST)
        hana_value_push_lua(L, kept, 0);
    else
        lua_newtable(L);
    return 1;
}

static int save(lua_State *L)
{
    hana_error err;
    const hana_fitted *fitted = check_fitted(L, 1);
    const char *path = hana_check_string(L, 2, NULL);
    hana_call *call = hana_call_begin(L);
    hana_status status = hana_model_save(fitted, path, &call->job, &err);
    lua_pushvalue(L, 1);
    return hana_call_end(L, call, status, &err);
}

/* load_model(path) -> a fitted model */
static int load_model(lua_State *L)
{
    hana_error err;
    const char *path = hana_check_string(L, 1, NULL);
    hana_call *call = hana_call_begin(L);
    hana_model_box *model = hana_model_box_new(L);
    hana_status status = hana_model_load(&model->fitted, path, &call->job, &err);
    if (status == HANA_OK)
        model->spec = hana_spec_retain(hana_fitted_spec(model->fitted));
    return hana_call_end(L, call, status, &err);
}

/* with_threshold(model, low, high) -> the same fitted state, deciding by these */
static int with_threshold(lua_State *L)
{
    hana_error err;
    const hana_fitted *fitted = check_fitted(L, 1);
    double low = hana_check_number(L, 2), high = hana_check_number(L, 3);
    hana_model_box *model = hana_model_box_new(L);
    hana_status status =
        hana_model_with_threshold(&model->fitted, fitted, low, high, &err);
    if (status == HANA_OK)
        model->spec = hana_spec_retain(hana_fitted_spec(model->fitted));
    hana_raise_unless_ok(L, status, &err);
    return 1;
}

/* fitted_children(model) -> a list of { name, model } */
static int fitted_children(lua_State *L)
{
    const hana_fitted *fitted = check_fitted(L, 1), *child;
    const char *name = NULL;
    lua_newtable(L);
    for (size_t i = 0; (child = hana_fitted_child(fitted, i, &name)) != NULL; i++) {
        lua_createtable(L, 2, 0);
        lua_pushstring(L, name ? name : "");
        lua_rawseti(L, -2, 1);
        push_fitted(L, child);
        lua_rawseti(L, -2, 2);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

/* children(model) -> a list of { path name, unfitted model } */
static int children(lua_State *L)
{
    hana_model_box *model = hana_check_model(L, 1);
    const char *name = NULL;
    size_t n = hana_spec_children(model->spec);
    lua_createtable(L, (int)n, 0);
    for (size_t i = 0; i < n; i++) {
        const hana_spec *child = hana_spec_child(model->spec, i, &name);
        lua_createtable(L, 2, 0);
        lua_pushstring(L, name ? name : "");
        lua_rawseti(L, -2, 1);
        hana_model_box *box = hana_model_box_new(L);
        box->spec = hana_spec_retain(child);
        lua_rawseti(L, -2, 2);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

/* seen_rows(model, df) -> how many of these rows it was fitted on */
static int seen_rows(lua_State *L)
{
    const hana_fitted *fitted = check_fitted(L, 1);
    const hana_frame *frame = hana_check_frame(L, 2);
    lua_pushinteger(L, (lua_Integer)hana_model_seen_rows(fitted, frame));
    return 1;
}

/* roles(model) -> the roles it was fitted with, as a table */
static int roles_of(lua_State *L)
{
    hana_error err;
    const hana_fitted *fitted = check_fitted(L, 1);
    hana_value *value = hana_scratch_value(L);
    hana_raise_unless_ok(L, hana_roles_to_value(value, hana_model_roles(fitted), &err),
                         &err);
    hana_value_push_lua(L, value, 0);
    return 1;
}

/* tags(model) -> a list of names, with what children contribute */
static int tags(lua_State *L)
{
    push_tags(L, hana_spec_tags(hana_check_model(L, 1)->spec));
    return 1;
}

/* task(model) -> "regression", "classification" or "no_target" */
static int task(lua_State *L)
{
    const hana_target *target = hana_fitted_target(check_fitted(L, 1));
    lua_pushstring(L, target->task == HANA_REGRESSION       ? "regression"
                      : target->task == HANA_CLASSIFICATION ? "classification"
                                                            : "no_target");
    return 1;
}

static int describe(lua_State *L)
{
    hana_error err;
    hana_model_box *model = hana_check_model(L, 1);
    hana_text *text = hana_scratch_text(L);
    hana_spec_describe(text, model->spec);
    if (text->failed) hana_raise_unless_ok(L, hana_fail_memory(&err), &err);
    lua_pushlstring(L, text->data ? text->data : "", text->length);
    return 1;
}

static int model_tostring(lua_State *L)
{
    hana_error err;
    hana_model_box *model = hana_check_model(L, 1);
    hana_text *text = hana_scratch_text(L);
    hana_spec_describe(text, model->spec);
    hana_text_puts(text, model->fitted ? ", fitted" : ", not fitted");
    const hana_roles *roles = model->fitted ? hana_model_roles(model->fitted) : NULL;
    if (roles && roles->target) hana_text_printf(text, " to predict %s", roles->target);
    if (text->failed) hana_raise_unless_ok(L, hana_fail_memory(&err), &err);
    lua_pushlstring(L, text->data, text->length);
    return 1;
}

static void push_classes(lua_State *L, const hana_fitted *fitted)
{
    const hana_target *target = hana_fitted_target(fitted);
    size_t n = hana_target_classes(target);
    if (!n) {
        lua_pushnil(L);
        return;
    }
    lua_createtable(L, (int)n, 0);
    for (size_t k = 0; k < n; k++) {
        hana_push_cell(L, target->classes, k);
        lua_rawseti(L, -2, (lua_Integer)k + 1);
    }
}

/* Fields; 0 when there is none of that name. Facts of a fit are nil before it. */
static int push_field(lua_State *L, const hana_model_box *model, const char *name)
{
    const hana_fit_facts *facts = model->fitted ? hana_fitted_facts(model->fitted) : NULL;
    if (strcmp(name, "fitted") == 0) {
        lua_pushboolean(L, model->fitted != NULL);
    } else if (strcmp(name, "name") == 0) {
        lua_pushstring(L, hana_spec_name(model->spec));
    } else if (strcmp(name, "kind") == 0) {
        lua_pushstring(L, hana_spec_part(model->spec)->name);
    } else if (strcmp(name, "converged") == 0) {
        if (facts && facts->has_converged)
            lua_pushboolean(L, facts->converged);
        else
            lua_pushnil(L);
    } else if (strcmp(name, "iterations") == 0) {
        if (facts && facts->has_iterations)
            lua_pushinteger(L, facts->iterations);
        else
            lua_pushnil(L);
    } else if (strcmp(name, "classes") == 0) {
        if (model->fitted)
            push_classes(L, model->fitted);
        else
            lua_pushnil(L);
    } else {
        return 0;
    }
    return 1;
}

static int model_index(lua_State *L)
{
    static const char *const fields[] = { "fitted",    "name",       "kind",
                                          "converged", "iterations", "classes" };
    enum { N_FIELDS = sizeof fields / sizeof fields[0] };
    hana_model_box *model = hana_check_model(L, 1);
    const char *name = hana_check_string(L, 2, NULL);
    lua_pushvalue(L, 2);
    if (lua_gettable(L, lua_upvalueindex(1)) != LUA_TNIL) return 1;
    if (push_field(L, model, name)) return 1;
    size_t n = N_FIELDS, methods = 0;
    lua_pushnil(L);
    while (lua_next(L, lua_upvalueindex(1))) {
        lua_pop(L, 1);
        methods++;
    }
    const char **known = hana_scratch_array(L, n + methods, sizeof *known);
    for (size_t i = 0; i < n; i++) known[i] = fields[i];
    lua_pushnil(L);
    while (n < N_FIELDS + methods && lua_next(L, lua_upvalueindex(1))) {
        lua_pop(L, 1);
        if (lua_type(L, -1) == LUA_TSTRING) known[n++] = lua_tostring(L, -1);
    }
    hana_error err;
    hana_fail_unknown(&err, "unknown method or field", name, " of a model", known, n);
    return hana_raise(L, &err);
}

static int refuse_assignment(lua_State *L)
{
    return hana_raise_text(L, "the fields of a model cannot be set");
}

/* role_names() -> the keys of roles */
static int role_names(lua_State *L)
{
    size_t n;
    const char *const *names = hana_role_names(&n);
    lua_createtable(L, (int)n, 0);
    for (size_t i = 0; i < n; i++) {
        lua_pushstring(L, names[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

void hana_open_model(lua_State *L)
{
    static const luaL_Reg metamethods[] = {
        { "__tostring", model_tostring },
        { "__newindex", refuse_assignment },
        { NULL, NULL },
    };
    static const luaL_Reg methods[] = {
        { "fit", fit },
        { "predict", predict },
        { "predict_proba", predict_proba },
        { "transform", transform },
        { "rules", rules },
        { "size", size },
        { "clone", clone },
        { "warnings", warnings },
        { "save", save },
        { "info", info },
        { "describe", describe },
        { NULL, NULL },
    };
    static const luaL_Reg functions[] = {
        { "parts", parts },
        { "part_names", part_names },
        { "model", new_model },
        { "with", with },
        { "summary", summary },
        { "params", params },
        { "load_model", load_model },
        { "with_threshold", with_threshold },
        { "fitted_children", fitted_children },
        { "children", children },
        { "seen_rows", seen_rows },
        { "roles", roles_of },
        { "role_names", role_names },
        { "tags", tags },
        { "task", task },
        { NULL, NULL },
    };
    hana_box_class(L, HANA_MODEL_BOX, NULL, metamethods, methods);
    lua_pushvalue(L, -1);
    lua_pushcclosure(L, model_index, 1);
    lua_setfield(L, -3, "__index");
    lua_setfield(L, -3, "model_methods");
    lua_pop(L, 1);
    luaL_setfuncs(L, functions, 0);
}
