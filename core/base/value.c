#include "value.h"

#include "memory.h"

#include <math.h>
#include <string.h>

static void clear_list(hana_value_list *list)
{
    for (size_t i = 0; i < list->n; i++) hana_value_clear(&list->items[i]);
    hana_free(list->items);
    hana_free(list);
}

static void clear_map(hana_value_map *map)
{
    for (size_t i = 0; i < map->n; i++) {
        hana_free(map->keys[i]);
        hana_value_clear(&map->items[i]);
    }
    hana_free(map->keys);
    hana_free(map->items);
    hana_free(map);
}

void hana_value_clear(hana_value *value)
{
    switch (value->kind) {
    case HANA_VALUE_STRING:
        hana_free(value->as.string.data);
        break;
    case HANA_VALUE_LIST:
        clear_list(value->as.list);
        break;
    case HANA_VALUE_MAP:
        clear_map(value->as.map);
        break;
    case HANA_VALUE_OBJECT:
        value->as.object.class->release(value->as.object.pointer);
        break;
    default:
        break;
    }
    *value = (hana_value){ 0 };
}

hana_value hana_value_bool(int boolean)
{
    return (hana_value){ .kind = HANA_VALUE_BOOL, .as.boolean = boolean != 0 };
}

hana_value hana_value_int(int64_t integer)
{
    return (hana_value){ .kind = HANA_VALUE_INT, .as.integer = integer };
}

hana_value hana_value_number(double number)
{
    return (hana_value){ .kind = HANA_VALUE_NUMBER, .as.number = number };
}

hana_status hana_value_string(hana_value *out, const char *text, size_t length,
                              hana_error *err)
{
    char *data = hana_strndup(text, length);
    if (!data) return hana_fail_memory(err);
    *out = (hana_value){ .kind = HANA_VALUE_STRING, .as.string = { data, length } };
    return HANA_OK;
}

hana_value hana_value_object(const hana_class *class, const void *pointer)
{
    class->retain(pointer);
    return (hana_value){ .kind = HANA_VALUE_OBJECT, .as.object = { class, pointer } };
}

hana_status hana_value_new_list(hana_value *out, hana_error *err)
{
    hana_value_list *list = hana_alloc_zero(1, sizeof *list);
    if (!list) return hana_fail_memory(err);
    *out = (hana_value){ .kind = HANA_VALUE_LIST, .as.list = list };
    return HANA_OK;
}

hana_status hana_value_new_map(hana_value *out, hana_error *err)
{
    hana_value_map *map = hana_alloc_zero(1, sizeof *map);
    if (!map) return hana_fail_memory(err);
    *out = (hana_value){ .kind = HANA_VALUE_MAP, .as.map = map };
    return HANA_OK;
}

hana_status hana_value_push(hana_value *list, hana_value item, hana_error *err)
{
    hana_value_list *to = list->as.list;
    if (to->n == to->capacity) {
        size_t capacity = to->capacity ? 2 * to->capacity : 8;
        hana_value *items = hana_realloc(to->items, capacity, sizeof *items);
        if (!items) {
            hana_value_clear(&item);
            return hana_fail_memory(err);
        }
        to->items = items;
        to->capacity = capacity;
    }
    to->items[to->n++] = item;
    return HANA_OK;
}

hana_status hana_value_texts(hana_value *out, char *const *texts, size_t n,
                             hana_error *err)
{
    hana_value list;
    HANA_TRY(hana_value_new_list(&list, err));
    for (size_t i = 0; i < n; i++) {
        hana_value item;
        hana_status status = hana_value_string(&item, texts[i], strlen(texts[i]), err);
        if (status == HANA_OK) status = hana_value_push(&list, item, err);
        if (status != HANA_OK) {
            hana_value_clear(&list);
            return status;
        }
    }
    *out = list;
    return HANA_OK;
}

static ptrdiff_t find_key(const hana_value_map *map, const char *key)
{
    for (size_t i = 0; i < map->n; i++) {
        if (strcmp(map->keys[i], key) == 0) return (ptrdiff_t)i;
    }
    return -1;
}

static int map_room(hana_value_map *map)
{
    if (map->n < map->capacity) return 1;
    size_t capacity = map->capacity ? 2 * map->capacity : 8;
    char **keys = hana_realloc(map->keys, capacity, sizeof *keys);
    if (!keys) return 0;
    map->keys = keys;
    hana_value *items = hana_realloc(map->items, capacity, sizeof *items);
    if (!items) return 0;
    map->items = items;
    map->capacity = capacity;
    return 1;
}

hana_status hana_value_set(hana_value *map, const char *key, hana_value item,
                           hana_error *err)
{
    hana_value_map *to = map->as.map;
    ptrdiff_t at = find_key(to, key);
    if (at >= 0) {
        hana_value_clear(&to->items[at]);
        to->items[at] = item;
        return HANA_OK;
    }
    char *copy = map_room(to) ? hana_strdup(key) : NULL;
    if (!copy) {
        hana_value_clear(&item);
        return hana_fail_memory(err);
    }
    to->keys[to->n] = copy;
    to->items[to->n++] = item;
    return HANA_OK;
}

static hana_status copy_list(hana_value *out, const hana_value_list *list,
                             hana_error *err)
{
    hana_value made;
    HANA_TRY(hana_value_new_list(&made, err));
    for (size_t i = 0; i < list->n; i++) {
        hana_value item;
        hana_status status = hana_value_copy(&item, &list->items[i], err);
        if (status == HANA_OK) status = hana_value_push(&made, item, err);
        if (status != HANA_OK) {
            hana_value_clear(&made);
            return status;
        }
    }
    *out = made;
    return HANA_OK;
}

static hana_status copy_map(hana_value *out, const hana_value_map *map, hana_error *err)
{
    hana_value made;
    HANA_TRY(hana_value_new_map(&made, err));
    for (size_t i = 0; i < map->n; i++) {
        hana_value item;
        hana_status status = hana_value_copy(&item, &map->items[i], err);
        if (status == HANA_OK) status = hana_value_set(&made, map->keys[i], item, err);
        if (status != HANA_OK) {
            hana_value_clear(&made);
            return status;
        }
    }
    *out = made;
    return HANA_OK;
}

hana_status hana_value_copy(hana_value *out, const hana_value *value, hana_error *err)
{
    switch (value->kind) {
    case HANA_VALUE_STRING:
        return hana_value_string(out, value->as.string.data, value->as.string.length,
                                 err);
    case HANA_VALUE_LIST:
        return copy_list(out, value->as.list, err);
    case HANA_VALUE_MAP:
        return copy_map(out, value->as.map, err);
    case HANA_VALUE_OBJECT:
        *out = hana_value_object(value->as.object.class, value->as.object.pointer);
        return HANA_OK;
    default:
        *out = *value;
        return HANA_OK;
    }
}

const char *hana_value_kind_name(const hana_value *value)
{
    switch (value->kind) {
    case HANA_VALUE_NULL:
        return "null";
    case HANA_VALUE_BOOL:
        return "a bool";
    case HANA_VALUE_INT:
        return "an integer";
    case HANA_VALUE_NUMBER:
        return "a number";
    case HANA_VALUE_STRING:
        return "a string";
    case HANA_VALUE_LIST:
        return "a list";
    case HANA_VALUE_MAP:
        return "a table of named values";
    case HANA_VALUE_OBJECT:
        return value->as.object.class->name;
    }
    return "a value";
}

const hana_value *hana_value_get(const hana_value *map, const char *key)
{
    if (!map || map->kind != HANA_VALUE_MAP) return NULL;
    ptrdiff_t at = find_key(map->as.map, key);
    return at < 0 ? NULL : &map->as.map->items[at];
}

const void *hana_value_pointer(const hana_value *value, const hana_class *class)
{
    if (!value || value->kind != HANA_VALUE_OBJECT || value->as.object.class != class)
        return NULL;
    return value->as.object.pointer;
}

int hana_value_as_number(const hana_value *value, double *out)
{
    if (!value) return 0;
    if (value->kind == HANA_VALUE_INT) {
        *out = (double)value->as.integer;
        return 1;
    }
    if (value->kind == HANA_VALUE_NUMBER) {
        *out = value->as.number;
        return 1;
    }
    return 0;
}

int hana_value_as_int(const hana_value *value, int64_t *out)
{
    if (!value) return 0;
    if (value->kind == HANA_VALUE_INT) {
        *out = value->as.integer;
        return 1;
    }
    if (value->kind != HANA_VALUE_NUMBER) return 0;
    double number = value->as.number;
    /* 2^63 as a double is exact; NaN fails the comparison. */
    if (!(number >= -0x1p63 && number < 0x1p63) || trunc(number) != number) return 0;
    *out = (int64_t)number;
    return 1;
}
