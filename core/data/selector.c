#include "data/selector.h"

#include "base/text.h"

#include <string.h>

void hana_columns_clear(hana_columns *columns)
{
    hana_names_clear(&columns->names);
    hana_names_clear(&columns->except);
    hana_free(columns->type);
    hana_free(columns->matches);
    for (size_t k = 0; k < columns->n_parts; k++) hana_columns_clear(&columns->parts[k]);
    hana_free(columns->parts);
    *columns = (hana_columns){ 0 };
}

static hana_status copy_text(char **out, const char *text, hana_error *err)
{
    if (!text) return HANA_OK;
    *out = hana_strdup(text);
    return *out ? HANA_OK : hana_fail_memory(err);
}

static hana_status parts_new(hana_columns *columns, size_t n, hana_error *err)
{
    columns->parts = hana_alloc_zero(n, sizeof *columns->parts);
    if (!columns->parts) return hana_fail_memory(err);
    columns->n_parts = n;
    return HANA_OK;
}

hana_status hana_columns_copy(hana_columns *out, const hana_columns *columns,
                              hana_error *err)
{
    hana_columns copy = { .given = columns->given, .by_name = columns->by_name };
    hana_status status;
    HANA_GOTO(failed, hana_names_copy(&copy.names, &columns->names, err));
    HANA_GOTO(failed, hana_names_copy(&copy.except, &columns->except, err));
    HANA_GOTO(failed, copy_text(&copy.type, columns->type, err));
    HANA_GOTO(failed, copy_text(&copy.matches, columns->matches, err));
    if (columns->n_parts) HANA_GOTO(failed, parts_new(&copy, columns->n_parts, err));
    for (size_t k = 0; k < columns->n_parts; k++)
        HANA_GOTO(failed, hana_columns_copy(&copy.parts[k], &columns->parts[k], err));
    *out = copy;
    return HANA_OK;
failed:
    hana_columns_clear(&copy);
    return status;
}

hana_status hana_columns_by_name(hana_columns *out, const hana_names *names,
                                 hana_error *err)
{
    hana_columns columns = { .given = 1, .by_name = 1 };
    HANA_TRY(hana_names_copy(&columns.names, names, err));
    *out = columns;
    return HANA_OK;
}

static hana_status add_names(hana_names *out, const hana_value *value, const char *what,
                             hana_error *err)
{
    if (value->kind == HANA_VALUE_STRING)
        return hana_names_add(out, value->as.string.data, err);
    /* An empty table of the host may arrive as a map. */
    if (value->kind == HANA_VALUE_MAP && value->as.map->n == 0) return HANA_OK;
    if (value->kind != HANA_VALUE_LIST)
        return hana_fail(err, HANA_BAD_ARGUMENT, "%s must be names of columns, got %s",
                         what, hana_value_kind_name(value));
    for (size_t k = 0; k < value->as.list->n; k++) {
        const hana_value *item = &value->as.list->items[k];
        if (item->kind != HANA_VALUE_STRING)
            return hana_fail(err, HANA_BAD_ARGUMENT,
                             "%s must be names of columns, got %s at %zu", what,
                             hana_value_kind_name(item), k + 1);
        HANA_TRY(hana_names_add(out, item->as.string.data, err));
    }
    return HANA_OK;
}

static const char *const type_words[] = { "number", "text",     "any",    "float",
                                          "int",    "bool",     "string", "category",
                                          "date",   "datetime", "block" };
enum { N_TYPE_WORDS = sizeof type_words / sizeof *type_words };

static hana_status set_type(hana_columns *columns, const hana_value *value,
                            hana_error *err)
{
    if (value->kind != HANA_VALUE_STRING)
        return hana_fail(err, HANA_BAD_ARGUMENT,
                         "type must be a name such as 'number', got %s",
                         hana_value_kind_name(value));
    const char *type = value->as.string.data;
    for (size_t k = 0; k < N_TYPE_WORDS; k++)
        if (strcmp(type, type_words[k]) == 0) return copy_text(&columns->type, type, err);
    return hana_fail_unknown(err, "unknown type", type, "", type_words, N_TYPE_WORDS);
}

static hana_status set_matches(hana_columns *columns, const hana_value *value,
                               hana_error *err)
{
    if (value->kind != HANA_VALUE_STRING)
        return hana_fail(err, HANA_BAD_ARGUMENT, "matches must be a pattern, got %s",
                         hana_value_kind_name(value));
    hana_pattern *pattern;
    HANA_TRY(
        hana_pattern_new(&pattern, value->as.string.data, value->as.string.length, err));
    hana_pattern_free(pattern);
    return copy_text(&columns->matches, value->as.string.data, err);
}

static hana_status set_test(hana_columns *columns, const char *key,
                            const hana_value *value, hana_error *err)
{
    static const char *const keys[] = { "type", "matches", "except", "names" };
    if (value->kind == HANA_VALUE_NULL) return HANA_OK;
    if (strcmp(key, "type") == 0) return set_type(columns, value, err);
    if (strcmp(key, "matches") == 0) return set_matches(columns, value, err);
    if (strcmp(key, "except") == 0)
        return add_names(&columns->except, value, "except", err);
    if (strcmp(key, "names") == 0) {
        columns->by_name = 1;
        return add_names(&columns->names, value, "names", err);
    }
    return hana_fail_unknown(err, "unknown key", key, " in a selection of columns", keys,
                             4);
}

/* Whether a list holds selections beside names. */
static int is_mixed(const hana_value *value)
{
    if (value->kind != HANA_VALUE_LIST) return 0;
    for (size_t k = 0; k < value->as.list->n; k++)
        if (value->as.list->items[k].kind == HANA_VALUE_MAP) return 1;
    return 0;
}

static hana_status set_parts(hana_columns *columns, const hana_value_list *list,
                             hana_error *err)
{
    HANA_TRY(parts_new(columns, list->n, err));
    for (size_t k = 0; k < list->n; k++) {
        const hana_value *item = &list->items[k];
        if (item->kind != HANA_VALUE_MAP && item->kind != HANA_VALUE_STRING)
            return hana_fail(err, HANA_BAD_ARGUMENT,
                             "columns must be names or selections of columns, got %s at "
                             "%zu",
                             hana_value_kind_name(item), k + 1);
        HANA_TRY(hana_columns_from_value(&columns->parts[k], item, err));
    }
    return HANA_OK;
}

hana_status hana_columns_from_value(hana_columns *out, const hana_value *value,
                                    hana_error *err)
{
    hana_columns columns = { .given = 1 };
    hana_status status = HANA_OK;
    if (is_mixed(value)) {
        status = set_parts(&columns, value->as.list, err);
    } else if (value->kind == HANA_VALUE_NULL) {
        columns.given = 0;
    } else if (value->kind == HANA_VALUE_MAP && value->as.map->n > 0) {
        const hana_value_map *map = value->as.map;
        for (size_t k = 0; k < map->n && status == HANA_OK; k++)
            status = set_test(&columns, map->keys[k], &map->items[k], err);
    } else {
        columns.by_name = 1;
        status = add_names(&columns.names, value, "columns", err);
    }
    if (status != HANA_OK) {
        hana_columns_clear(&columns);
        return status;
    }
    *out = columns;
    return HANA_OK;
}

static hana_status set_text(hana_value *map, const char *key, const char *text,
                            hana_error *err)
{
    if (!text) return HANA_OK;
    hana_value item;
    HANA_TRY(hana_value_string(&item, text, strlen(text), err));
    return hana_value_set(map, key, item, err);
}

static hana_status set_names(hana_value *map, const char *key, const hana_names *names,
                             hana_error *err)
{
    hana_value item;
    HANA_TRY(hana_value_texts(&item, names->items, names->n, err));
    return hana_value_set(map, key, item, err);
}

static hana_status fill_map(hana_value *map, const hana_columns *columns, hana_error *err)
{
    HANA_TRY(set_text(map, "type", columns->type, err));
    HANA_TRY(set_text(map, "matches", columns->matches, err));
    if (columns->except.n) HANA_TRY(set_names(map, "except", &columns->except, err));
    if (columns->by_name) HANA_TRY(set_names(map, "names", &columns->names, err));
    /* An empty map would read back as no columns at all. */
    if (map->as.map->n == 0) return set_text(map, "type", "any", err);
    return HANA_OK;
}

static hana_status parts_to_value(hana_value *out, const hana_columns *columns,
                                  hana_error *err)
{
    hana_value list;
    HANA_TRY(hana_value_new_list(&list, err));
    for (size_t k = 0; k < columns->n_parts; k++) {
        const hana_columns *part = &columns->parts[k];
        hana_value item = { 0 };
        hana_status status = part->by_name && part->names.n == 1
                                 ? hana_value_string(&item, part->names.items[0],
                                                     strlen(part->names.items[0]), err)
                                 : hana_columns_to_value(&item, part, err);
        if (status == HANA_OK) status = hana_value_push(&list, item, err);
        if (status != HANA_OK) {
            hana_value_clear(&list);
            return status;
        }
    }
    *out = list;
    return HANA_OK;
}

hana_status hana_columns_to_value(hana_value *out, const hana_columns *columns,
                                  hana_error *err)
{
    if (!columns->given) {
        *out = (hana_value){ 0 };
        return HANA_OK;
    }
    if (columns->n_parts) return parts_to_value(out, columns, err);
    int plain =
        columns->by_name && !columns->type && !columns->matches && columns->except.n == 0;
    if (plain) return hana_value_texts(out, columns->names.items, columns->names.n, err);
    hana_value map;
    HANA_TRY(hana_value_new_map(&map, err));
    hana_status status = fill_map(&map, columns, err);
    if (status != HANA_OK) {
        hana_value_clear(&map);
        return status;
    }
    *out = map;
    return HANA_OK;
}

static int has_type(const char *word, hana_type type)
{
    if (!word || strcmp(word, "any") == 0) return 1;
    if (strcmp(word, "number") == 0) return type == HANA_FLOAT || type == HANA_INT;
    if (strcmp(word, "text") == 0) return type == HANA_STRING || type == HANA_CATEGORY;
    return strcmp(word, hana_type_name(type)) == 0;
}

static hana_status passes(int *out, const hana_columns *columns,
                          const hana_pattern *pattern, const char *name, hana_type type,
                          hana_error *err)
{
    *out = has_type(columns->type, type) && hana_names_find(&columns->except, name) < 0;
    if (!*out || !pattern) return HANA_OK;
    size_t offsets[2];
    return hana_pattern_match(pattern, name, strlen(name), 0, offsets, 1, out, err);
}

static hana_status resolve(hana_names *out, const hana_columns *columns,
                           const hana_pattern *pattern, const hana_frame *frame,
                           const hana_names *among, hana_error *err)
{
    size_t j, n = columns->by_name ? columns->names.n : hana_frame_cols(frame);
    for (size_t k = 0; k < n; k++) {
        const char *name =
            columns->by_name ? columns->names.items[k] : hana_frame_name(frame, k);
        HANA_TRY(hana_frame_index(&j, frame, name, err));
        if (!columns->by_name && among && hana_names_find(among, name) < 0) continue;
        int keep;
        hana_type type = hana_column_type(hana_frame_column(frame, j));
        HANA_TRY(passes(&keep, columns, pattern, name, type, err));
        if (keep) HANA_TRY(hana_names_add(out, name, err));
    }
    return HANA_OK;
}

int hana_columns_named(const hana_columns *columns, const char *name)
{
    if (columns->by_name && hana_names_find(&columns->names, name) >= 0) return 1;
    for (size_t k = 0; k < columns->n_parts; k++)
        if (hana_columns_named(&columns->parts[k], name)) return 1;
    return 0;
}

static hana_status resolve_parts(hana_names *out, const hana_columns *columns,
                                 const hana_frame *frame, const hana_names *among,
                                 hana_error *err)
{
    hana_names all = { 0 };
    hana_status status = HANA_OK;
    for (size_t k = 0; k < columns->n_parts && status == HANA_OK; k++) {
        hana_names names = { 0 };
        status = hana_columns_resolve(&names, &columns->parts[k], frame, among, err);
        for (size_t i = 0; i < names.n && status == HANA_OK; i++)
            if (hana_names_find(&all, names.items[i]) < 0)
                status = hana_names_add(&all, names.items[i], err);
        hana_names_clear(&names);
    }
    if (status == HANA_OK)
        *out = all;
    else
        hana_names_clear(&all);
    return status;
}

hana_status hana_columns_resolve(hana_names *out, const hana_columns *columns,
                                 const hana_frame *frame, const hana_names *among,
                                 hana_error *err)
{
    if (columns->n_parts) return resolve_parts(out, columns, frame, among, err);
    hana_pattern *pattern = NULL;
    if (columns->matches)
        HANA_TRY(
            hana_pattern_new(&pattern, columns->matches, strlen(columns->matches), err));
    hana_names names = { 0 };
    hana_status status = resolve(&names, columns, pattern, frame, among, err);
    hana_pattern_free(pattern);
    if (status != HANA_OK) {
        hana_names_clear(&names);
        return status;
    }
    *out = names;
    return HANA_OK;
}
