#include "json.h"

#include "base/text.h"

#include <cjson/cJSON.h>
#include <string.h>

enum { MAX_DEPTH = 200 };

/* cJSON keeps numbers as doubles only. Their texts are taken from the source instead: the
   walk over the tree meets them in the order in which they stand there. */
typedef struct walk {
    const char *at, *end;
    hana_error *err;
} walk;

static hana_status next_number(walk *w, hana_value *out)
{
    const char *p = w->at;
    while (p < w->end && *p != '-' && !(*p >= '0' && *p <= '9')) {
        if (*p == '"') {
            for (p++; p < w->end && *p != '"'; p++)
                if (*p == '\\') p++;
        }
        p++;
    }
    const char *start = p;
    int whole = 1;
    while (p < w->end && strchr("+-.0123456789eE", *p) && *p) {
        if (*p == '.' || *p == 'e' || *p == 'E') whole = 0;
        p++;
    }
    w->at = p;
    size_t n = (size_t)(p - start);
    int64_t integer;
    double number;
    if (whole && hana_parse_int(start, n, &integer)) {
        *out = hana_value_int(integer);
        return HANA_OK;
    }
    if (whole || !hana_parse_double(start, n, &number) || number - number != 0)
        return hana_fail(w->err, HANA_BAD_FORMAT, "'%.*s' is no number that can be kept",
                         n > 60 ? 60 : (int)n, start);
    *out = hana_value_number(number);
    return HANA_OK;
}

static hana_status build(walk *w, const cJSON *node, int depth, hana_value *out)
{
    if (cJSON_IsNumber(node)) return next_number(w, out);
    if (cJSON_IsBool(node)) {
        *out = hana_value_bool(cJSON_IsTrue(node));
        return HANA_OK;
    }
    if (cJSON_IsString(node)) {
        size_t length = strlen(node->valuestring);
        if (!hana_utf8_valid(node->valuestring, length))
            return hana_fail(w->err, HANA_BAD_FORMAT, "a string is not valid UTF-8");
        return hana_value_string(out, node->valuestring, length, w->err);
    }
    if (!cJSON_IsArray(node) && !cJSON_IsObject(node)) {
        *out = (hana_value){ 0 };
        return HANA_OK;
    }
    if (depth == MAX_DEPTH)
        return hana_fail(w->err, HANA_BAD_FORMAT, "nested too deeply");
    hana_value whole = { 0 };
    int is_map = cJSON_IsObject(node);
    HANA_TRY(is_map ? hana_value_new_map(&whole, w->err)
                    : hana_value_new_list(&whole, w->err));
    hana_status status = HANA_OK;
    for (const cJSON *child = node->child; child && status == HANA_OK;
         child = child->next) {
        hana_value item = { 0 };
        if (is_map && hana_value_get(&whole, child->string))
            status =
                hana_fail(w->err, HANA_BAD_FORMAT,
                          "the key '%.100s' stands twice in one object", child->string);
        if (status == HANA_OK) status = build(w, child, depth + 1, &item);
        if (status != HANA_OK) break;
        status = is_map ? hana_value_set(&whole, child->string, item, w->err)
                        : hana_value_push(&whole, item, w->err);
    }
    if (status != HANA_OK) {
        hana_value_clear(&whole);
        return status;
    }
    *out = whole;
    return HANA_OK;
}

hana_status hana_document_read(hana_value *out, const char *text, size_t length,
                               hana_error *err)
{
    if (memchr(text, '\0', length))
        return hana_fail(err, HANA_BAD_FORMAT, "a NUL byte in a JSON document");
    /* cJSON wants the terminator, so that trailing garbage is told from the end. */
    char *copy = hana_strndup(text, length);
    if (!copy) return hana_fail_memory(err);
    const char *end = NULL;
    cJSON *tree = cJSON_ParseWithLengthOpts(copy, length + 1, &end, 1);
    hana_status status = HANA_OK;
    if (tree) {
        walk w = { .at = copy, .end = copy + length, .err = err };
        hana_value value = { 0 };
        status = build(&w, tree, 0, &value);
        if (status == HANA_OK) *out = value;
        cJSON_Delete(tree);
    } else {
        /* Malformed, or out of memory: our own reader knows which, and says where. */
        hana_value value = { 0 };
        status = hana_json_decode(&value, text, length, err);
        if (status == HANA_OK) {
            hana_value_clear(&value);
            status = hana_fail_memory(err);
        }
    }
    hana_free(copy);
    return status;
}

static hana_status to_tree(cJSON **out, const hana_value *value, int depth,
                           hana_error *err);

static hana_status add_members(cJSON *tree, const hana_value *value, int depth,
                               hana_error *err)
{
    int is_map = value->kind == HANA_VALUE_MAP;
    size_t n = is_map ? value->as.map->n : value->as.list->n;
    for (size_t i = 0; i < n; i++) {
        cJSON *child = NULL;
        const char *key = is_map ? value->as.map->keys[i] : NULL;
        if (key && !hana_utf8_valid(key, strlen(key)))
            return hana_fail(err, HANA_BAD_DATA, "a key is not valid UTF-8");
        HANA_TRY(to_tree(&child,
                         is_map ? &value->as.map->items[i] : &value->as.list->items[i],
                         depth + 1, err));
        int added = is_map ? cJSON_AddItemToObject(tree, key, child)
                           : cJSON_AddItemToArray(tree, child);
        if (!added) {
            cJSON_Delete(child);
            return hana_fail_memory(err);
        }
    }
    return HANA_OK;
}

static hana_status to_tree(cJSON **out, const hana_value *value, int depth,
                           hana_error *err)
{
    char number[HANA_NUMBER_SIZE];
    cJSON *tree = NULL;
    if (depth == MAX_DEPTH)
        return hana_fail(err, HANA_BAD_DATA, "nested too deeply for JSON");
    switch (value->kind) {
    case HANA_VALUE_NULL:
        tree = cJSON_CreateNull();
        break;
    case HANA_VALUE_BOOL:
        tree = cJSON_CreateBool(value->as.boolean);
        break;
    case HANA_VALUE_INT: {
        hana_text digits = { 0 };
        hana_text_printf(&digits, "%lld", (long long)value->as.integer);
        tree = digits.failed ? NULL : cJSON_CreateRaw(digits.data);
        hana_text_clear(&digits);
        break;
    }
    case HANA_VALUE_NUMBER:
        if (value->as.number - value->as.number != 0)
            return hana_fail(err, HANA_BAD_DATA, "%s has no JSON form",
                             value->as.number != value->as.number ? "NaN"
                                                                  : "an infinite number");
        number[hana_print_double(number, value->as.number, 1)] = '\0';
        tree = cJSON_CreateRaw(number);
        break;
    case HANA_VALUE_STRING:
        if (memchr(value->as.string.data, '\0', value->as.string.length))
            return hana_fail(err, HANA_BAD_DATA,
                             "a text with a NUL byte cannot stand in a document");
        if (!hana_utf8_valid(value->as.string.data, value->as.string.length))
            return hana_fail(err, HANA_BAD_DATA,
                             "a text that is not valid UTF-8 has no JSON form");
        tree = cJSON_CreateString(value->as.string.data);
        break;
    case HANA_VALUE_LIST:
    case HANA_VALUE_MAP:
        tree =
            value->kind == HANA_VALUE_LIST ? cJSON_CreateArray() : cJSON_CreateObject();
        if (tree) {
            hana_status status = add_members(tree, value, depth, err);
            if (status != HANA_OK) {
                cJSON_Delete(tree);
                return status;
            }
        }
        break;
    case HANA_VALUE_OBJECT:
        return hana_fail(err, HANA_BAD_TYPE, "%s has no JSON form",
                         hana_value_kind_name(value));
    }
    if (!tree) return hana_fail_memory(err);
    *out = tree;
    return HANA_OK;
}

hana_status hana_document_write(hana_text *out, const hana_value *value, int pretty,
                                hana_error *err)
{
    cJSON *tree = NULL;
    HANA_TRY(to_tree(&tree, value, 0, err));
    char *text = pretty ? cJSON_Print(tree) : cJSON_PrintUnformatted(tree);
    cJSON_Delete(tree);
    if (!text) return hana_fail_memory(err);
    size_t before = out->length;
    hana_text_puts(out, text);
    cJSON_free(text);
    if (!out->failed) return HANA_OK;
    out->length = before;
    return hana_fail_memory(err);
}
