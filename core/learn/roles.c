#include "learn/task.h"

#include <string.h>

void hana_roles_clear(hana_roles *roles)
{
    hana_free(roles->target);
    hana_free(roles->positive);
    hana_columns_clear(&roles->features);
    hana_columns_clear(&roles->ignore);
    hana_free(roles->weights);
    hana_free(roles->group);
    hana_free(roles->by_time);
    hana_frame_release(roles->target_proba);
    *roles = (hana_roles){ 0 };
}

static hana_status copy_text(char **out, const char *text, hana_error *err)
{
    if (!text) return HANA_OK;
    *out = hana_strdup(text);
    return *out ? HANA_OK : hana_fail_memory(err);
}

static hana_status copy_into(hana_roles *made, const hana_roles *roles, hana_error *err)
{
    HANA_TRY(copy_text(&made->target, roles->target, err));
    HANA_TRY(copy_text(&made->positive, roles->positive, err));
    HANA_TRY(copy_text(&made->weights, roles->weights, err));
    HANA_TRY(copy_text(&made->group, roles->group, err));
    HANA_TRY(copy_text(&made->by_time, roles->by_time, err));
    HANA_TRY(hana_columns_copy(&made->features, &roles->features, err));
    HANA_TRY(hana_columns_copy(&made->ignore, &roles->ignore, err));
    made->target_proba = hana_frame_retain(roles->target_proba);
    made->task = roles->task;
    made->new_level = roles->new_level;
    made->out_of_range = roles->out_of_range;
    return HANA_OK;
}

hana_status hana_roles_copy(hana_roles *out, const hana_roles *roles, hana_error *err)
{
    hana_roles made = { 0 };
    hana_status status = copy_into(&made, roles, err);
    if (status == HANA_OK)
        *out = made;
    else
        hana_roles_clear(&made);
    return status;
}

static const char *const keys[] = { "target",    "positive",    "task",
                                    "features",  "ignore",      "weights",
                                    "group",     "by_time",     "target_proba",
                                    "new_level", "out_of_range" };
enum { N_KEYS = sizeof keys / sizeof keys[0] };
static const char *const tasks[] = { "auto", "regression", "classification", NULL };
static const char *const levels[] = { "error", "other", "missing", NULL };
static const char *const ranges[] = { "warn", "ignore", "clip", "error", NULL };

static hana_status text_role(char **out, const char *key, const hana_value *value,
                             hana_error *err)
{
    if (value->kind != HANA_VALUE_STRING)
        return hana_fail(err, HANA_BAD_ARGUMENT,
                         "role '%s' must be a column name, got %s", key,
                         hana_value_kind_name(value));
    return copy_text(out, value->as.string.data, err);
}

/* The positive class may be given as the target's own type. */
static hana_status positive_role(char **out, const hana_value *value, hana_error *err)
{
    hana_text text = { 0 };
    if (value->kind == HANA_VALUE_STRING)
        hana_text_add(&text, value->as.string.data, value->as.string.length);
    else if (value->kind == HANA_VALUE_BOOL)
        hana_text_puts(&text, value->as.boolean ? "true" : "false");
    else if (value->kind == HANA_VALUE_INT)
        hana_text_printf(&text, "%lld", (long long)value->as.integer);
    else
        return hana_fail(err, HANA_BAD_ARGUMENT,
                         "role 'positive' must be a class, got %s",
                         hana_value_kind_name(value));
    return hana_text_take(out, &text, err);
}

static hana_status choice_role(int *out, const char *key, const char *const *choices,
                               const hana_value *value, hana_error *err)
{
    const char *given = value->kind == HANA_VALUE_STRING ? value->as.string.data : NULL;
    for (int i = 0; given && choices[i]; i++)
        if (strcmp(choices[i], given) == 0) {
            *out = i;
            return HANA_OK;
        }
    hana_text known = { 0 };
    for (int i = 0; choices[i]; i++)
        hana_text_printf(&known, "%s'%s'", i ? ", " : "", choices[i]);
    hana_status status =
        hana_fail(err, HANA_BAD_ARGUMENT, "'%s' must be one of %s, got %s%s%s", key,
                  known.data ? known.data : "", given ? "'" : "",
                  given ? given : hana_value_kind_name(value), given ? "'" : "");
    hana_text_clear(&known);
    return status;
}

static hana_status set_role(hana_roles *roles, const char *key, const hana_value *value,
                            hana_error *err)
{
    int choice = 0;
    if (strcmp(key, "target") == 0) return text_role(&roles->target, key, value, err);
    if (strcmp(key, "weights") == 0) return text_role(&roles->weights, key, value, err);
    if (strcmp(key, "group") == 0) return text_role(&roles->group, key, value, err);
    if (strcmp(key, "by_time") == 0) return text_role(&roles->by_time, key, value, err);
    if (strcmp(key, "positive") == 0) return positive_role(&roles->positive, value, err);
    if (strcmp(key, "features") == 0)
        return hana_columns_from_value(&roles->features, value, err);
    if (strcmp(key, "ignore") == 0)
        return hana_columns_from_value(&roles->ignore, value, err);
    if (strcmp(key, "task") == 0) {
        HANA_TRY(choice_role(&choice, key, tasks, value, err));
        roles->task = (hana_task_kind)choice;
        return HANA_OK;
    }
    if (strcmp(key, "new_level") == 0) {
        HANA_TRY(choice_role(&choice, key, levels, value, err));
        roles->new_level = (hana_new_level)choice;
        return HANA_OK;
    }
    if (strcmp(key, "out_of_range") == 0) {
        HANA_TRY(choice_role(&choice, key, ranges, value, err));
        roles->out_of_range = (hana_out_of_range)choice;
        return HANA_OK;
    }
    if (strcmp(key, "target_proba") == 0) {
        const hana_frame *frame = hana_value_pointer(value, &hana_frame_class);
        if (!frame)
            return hana_fail(
                err, HANA_BAD_ARGUMENT,
                "role 'target_proba' must be a frame with a column a class, got %s",
                hana_value_kind_name(value));
        roles->target_proba = hana_frame_retain(frame);
        return HANA_OK;
    }
    return hana_fail_unknown(err, "unknown role", key, "", keys, N_KEYS);
}

const char *const *hana_role_names(size_t *n)
{
    *n = N_KEYS;
    return keys;
}

hana_status hana_roles_from_value(hana_roles *out, const hana_value *value,
                                  hana_error *err)
{
    hana_roles made = { 0 };
    hana_status status = HANA_OK;
    if (value->kind == HANA_VALUE_STRING)
        status = text_role(&made.target, "target", value, err);
    else if (value->kind == HANA_VALUE_MAP)
        for (size_t i = 0; status == HANA_OK && i < value->as.map->n; i++)
            status =
                set_role(&made, value->as.map->keys[i], &value->as.map->items[i], err);
    else if (value->kind == HANA_VALUE_LIST && value->as.list->n > 0)
        status = hana_fail(err, HANA_BAD_ARGUMENT,
                           "roles must be a target's name or a table { target = ... }");
    else if (value->kind != HANA_VALUE_NULL && value->kind != HANA_VALUE_LIST)
        status =
            hana_fail(err, HANA_BAD_ARGUMENT,
                      "roles must be a target's name or a table { target = ... }, got %s",
                      hana_value_kind_name(value));
    if (status == HANA_OK)
        *out = made;
    else
        hana_roles_clear(&made);
    return status;
}

static hana_status put(hana_value *map, const char *key, const char *text,
                       hana_error *err)
{
    if (!text) return HANA_OK;
    hana_value value = { 0 };
    HANA_TRY(hana_value_string(&value, text, strlen(text), err));
    return hana_value_set(map, key, value, err);
}

static hana_status put_columns(hana_value *map, const char *key,
                               const hana_columns *columns, hana_error *err)
{
    if (!columns->given) return HANA_OK;
    hana_value value = { 0 };
    HANA_TRY(hana_columns_to_value(&value, columns, err));
    return hana_value_set(map, key, value, err);
}

static hana_status put_all(hana_value *map, const hana_roles *roles, hana_error *err)
{
    HANA_TRY(put(map, "target", roles->target, err));
    HANA_TRY(put(map, "positive", roles->positive, err));
    HANA_TRY(put(map, "weights", roles->weights, err));
    HANA_TRY(put(map, "group", roles->group, err));
    HANA_TRY(put(map, "by_time", roles->by_time, err));
    HANA_TRY(put_columns(map, "features", &roles->features, err));
    HANA_TRY(put_columns(map, "ignore", &roles->ignore, err));
    if (roles->task == HANA_REGRESSION || roles->task == HANA_CLASSIFICATION)
        HANA_TRY(put(map, "task", tasks[roles->task], err));
    HANA_TRY(put(map, "new_level", levels[roles->new_level], err));
    return put(map, "out_of_range", ranges[roles->out_of_range], err);
}

hana_status hana_roles_to_value(hana_value *out, const hana_roles *roles, hana_error *err)
{
    hana_value map = { 0 };
    HANA_TRY(hana_value_new_map(&map, err));
    hana_status status = put_all(&map, roles, err);
    if (status == HANA_OK)
        *out = map;
    else
        hana_value_clear(&map);
    return status;
}

static int is_role(const hana_roles *roles, const char *name)
{
    const char *const taken[] = { roles->target, roles->weights, roles->group,
                                  roles->by_time };
    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++)
        if (taken[i] && strcmp(taken[i], name) == 0) return 1;
    return 0;
}

static hana_status features(hana_names *out, const hana_names *ignored,
                            const hana_frame *frame, const hana_roles *roles,
                            hana_error *err)
{
    if (!roles->features.given) {
        for (size_t j = 0; j < hana_frame_cols(frame); j++) {
            const char *name = hana_frame_name(frame, j);
            if (!is_role(roles, name) && hana_names_find(ignored, name) < 0)
                HANA_TRY(hana_names_add(out, name, err));
        }
        return HANA_OK;
    }
    hana_names chosen = { 0 };
    hana_status status =
        hana_columns_resolve(&chosen, &roles->features, frame, NULL, err);
    for (size_t i = 0; status == HANA_OK && i < chosen.n; i++) {
        const char *name = chosen.items[i];
        if (is_role(roles, name)) {
            if (hana_columns_named(&roles->features, name))
                status = hana_fail(err, HANA_BAD_ARGUMENT,
                                   "column '%s' has another role and cannot be a feature",
                                   name);
        } else if (hana_names_find(ignored, name) < 0) {
            status = hana_names_add(out, name, err);
        }
    }
    hana_names_clear(&chosen);
    return status;
}

hana_status hana_features(hana_names *out, const hana_frame *frame,
                          const hana_roles *roles, hana_error *err)
{
    hana_names ignored = { 0 }, made = { 0 };
    hana_status status = HANA_OK;
    if (roles->ignore.given)
        status = hana_columns_resolve(&ignored, &roles->ignore, frame, NULL, err);
    if (status == HANA_OK) status = features(&made, &ignored, frame, roles, err);
    hana_names_clear(&ignored);
    if (status == HANA_OK)
        *out = made;
    else
        hana_names_clear(&made);
    return status;
}

static hana_status narrow_to(hana_frame **out, const hana_frame *frame,
                             const hana_roles *roles, hana_error *err)
{
    hana_names names = { 0 };
    hana_status status = hana_features(&names, frame, roles, err);
    const char *const others[] = { roles->target, roles->weights, roles->group,
                                   roles->by_time };
    for (size_t i = 0; status == HANA_OK && i < sizeof others / sizeof others[0]; i++)
        if (others[i] && hana_names_find(&names, others[i]) < 0)
            status = hana_names_add(&names, others[i], err);
    if (status == HANA_OK) status = hana_frame_select(out, frame, &names, err);
    hana_names_clear(&names);
    return status;
}

hana_status hana_roles_inner(hana_roles *out, hana_frame **narrow,
                             const hana_roles *roles, const hana_frame *frame,
                             hana_error *err)
{
    hana_roles made = { 0 };
    hana_frame *narrowed = NULL;
    hana_status status = hana_roles_copy(&made, roles, err);
    if (status == HANA_OK) status = narrow_to(&narrowed, frame, roles, err);
    if (status != HANA_OK) {
        hana_roles_clear(&made);
        return status;
    }
    hana_columns_clear(&made.features);
    hana_columns_clear(&made.ignore);
    *out = made;
    *narrow = narrowed;
    return HANA_OK;
}
