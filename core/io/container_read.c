#include "container_layout.h"

#include "base/text.h"
#include "io/crc32c.h"
#include "io/files.h"
#include "io/json.h"

#include <stdlib.h>
#include <string.h>

/* A section as it lies in the file; the name is not NUL-terminated. */
typedef struct stored {
    const char *name;
    size_t name_length;
    const char *bytes;
    size_t length;
} stored;

struct hana_reader {
    char *path;
    hana_bytes file; /* when opened by path */
    stored *sections;
    size_t n;
    hana_value header;
    hana_levels levels;
};

void hana_reader_free(hana_reader *r)
{
    if (!r) return;
    hana_free(r->path);
    hana_file_close(&r->file);
    hana_free(r->sections);
    hana_value_clear(&r->header);
    hana_text_clear(&r->levels.path);
    hana_free(r);
}

static uint32_t get_u32(const char *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static uint64_t get_u64(const char *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static hana_status damaged(const hana_reader *r, const char *what, hana_error *err)
{
    return hana_fail(err, HANA_BAD_FORMAT, "%s: %s", r->path, what);
}

static int all_zero(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i]) return 0;
    return 1;
}

/* One entry of the table, its section checked. `end` is where the section before ends;
 * moves on. */
static hana_status read_entry(hana_reader *r, const char *file, size_t length,
                              const char **entry, const char *table_end, size_t *end,
                              hana_error *err)
{
    const char *p = *entry;
    size_t left = (size_t)(table_end - p);
    if (left < HANA_CONTAINER_ENTRY)
        return damaged(r, "the section table is damaged", err);
    uint64_t offset = get_u64(p), bytes = get_u64(p + 8);
    uint32_t crc = get_u32(p + 20), name_length = get_u32(p + 24);
    if (name_length > left - HANA_CONTAINER_ENTRY ||
        offset != hana_container_aligned(*end))
        return damaged(r, "the section table is damaged", err);
    stored s = { .name = p + HANA_CONTAINER_ENTRY, .name_length = name_length };
    int shown = name_length > 200 ? 200 : (int)name_length;
    if (offset > length || bytes > length - offset)
        return hana_fail(err, HANA_BAD_FORMAT, "%s: section '%.*s' is cut short", r->path,
                         shown, s.name);
    s.bytes = file + offset;
    s.length = (size_t)bytes;
    if (hana_crc32c(0, s.bytes, s.length) != crc || !all_zero(file + *end, offset - *end))
        return hana_fail(err, HANA_BAD_FORMAT, "%s: section '%.*s' is damaged", r->path,
                         shown, s.name);
    *end = (size_t)(offset + bytes);
    *entry = s.name + name_length;
    r->sections[r->n++] = s;
    return HANA_OK;
}

static int compare_names(const char *a, size_t a_length, const char *b, size_t b_length)
{
    int order = memcmp(a, b, a_length < b_length ? a_length : b_length);
    if (order) return order;
    return (a_length > b_length) - (a_length < b_length);
}

static int compare_sections(const void *a, const void *b)
{
    const stored *s = a, *t = b;
    return compare_names(s->name, s->name_length, t->name, t->name_length);
}

static hana_status read_header(hana_reader *r, hana_error *err)
{
    const stored *s = &r->sections[0];
    if (s->name_length != 6 || memcmp(s->name, "header", 6) != 0)
        return damaged(r, "the first section is not the header", err);
    hana_status status = hana_document_read(&r->header, s->bytes, s->length, err);
    if (status != HANA_OK) return hana_fail_prefix(err, status, "%s: header: ", r->path);
    const hana_value *kind = hana_value_get(&r->header, "kind");
    const hana_value *root = hana_value_get(&r->header, "root");
    if (!kind || kind->kind != HANA_VALUE_STRING || !root || root->kind != HANA_VALUE_MAP)
        return damaged(r, "the header has no kind or no root", err);
    for (size_t i = 0; i < r->header.as.map->n; i++)
        if (&r->header.as.map->items[i] == root)
            return hana_levels_push(&r->levels, "root", &r->header.as.map->items[i], 1,
                                    err);
    return HANA_OK;
}

static hana_status parse_file(hana_reader *r, const char *file, size_t length,
                              hana_error *err)
{
    if (length < HANA_CONTAINER_FIXED ||
        memcmp(file, hana_container_magic, sizeof hana_container_magic) != 0) {
        if (length >= 4 && memcmp(file, hana_container_magic, 4) == 0)
            return damaged(r, "a file of hana, but damaged in its first bytes", err);
        return damaged(r, "not a file of hana (no such magic)", err);
    }
    uint32_t version = get_u32(file + 8), n = get_u32(file + 12);
    uint32_t table_bytes = get_u32(file + 16), table_crc = get_u32(file + 20);
    if (version != HANA_CONTAINER_VERSION)
        return hana_fail(err, HANA_UNSUPPORTED,
                         "%s: format version %u; this hana reads version %d", r->path,
                         version, HANA_CONTAINER_VERSION);
    if (table_bytes > length - HANA_CONTAINER_FIXED)
        return damaged(r, "the file is cut short", err);
    const char *entry = file + HANA_CONTAINER_FIXED, *table_end = entry + table_bytes;
    if (n == 0 || n > table_bytes / HANA_CONTAINER_ENTRY ||
        hana_crc32c(0, entry, table_bytes) != table_crc)
        return damaged(r, "the section table is damaged", err);
    r->sections = hana_alloc(n, sizeof *r->sections);
    if (!r->sections) return hana_fail_memory(err);
    size_t end = HANA_CONTAINER_FIXED + table_bytes;
    for (uint32_t i = 0; i < n; i++)
        HANA_TRY(read_entry(r, file, length, &entry, table_end, &end, err));
    if (entry != table_end) return damaged(r, "the section table is damaged", err);
    if (end != length)
        return damaged(r, "there is something after the last section", err);
    HANA_TRY(read_header(r, err));
    qsort(r->sections, r->n, sizeof *r->sections, compare_sections);
    return HANA_OK;
}

hana_status hana_reader_open(hana_reader **out, const char *path, hana_error *err)
{
    hana_reader *r = hana_alloc_zero(1, sizeof *r);
    if (!r) return hana_fail_memory(err);
    r->path = hana_strdup(path);
    hana_status status =
        r->path ? hana_file_open(&r->file, path, NULL, err) : hana_fail_memory(err);
    if (status == HANA_OK) status = parse_file(r, r->file.data, r->file.length, err);
    if (status != HANA_OK) {
        hana_reader_free(r);
        return status;
    }
    *out = r;
    return HANA_OK;
}

hana_status hana_reader_from_bytes(hana_reader **out, const void *bytes, size_t n,
                                   hana_error *err)
{
    hana_reader *r = hana_alloc_zero(1, sizeof *r);
    if (!r) return hana_fail_memory(err);
    r->path = hana_strdup("data in memory");
    hana_status status = r->path ? parse_file(r, bytes, n, err) : hana_fail_memory(err);
    if (status != HANA_OK) {
        hana_reader_free(r);
        return status;
    }
    *out = r;
    return HANA_OK;
}

const char *hana_reader_kind(const hana_reader *r)
{
    return hana_value_get(&r->header, "kind")->as.string.data;
}

static hana_status find(const hana_value **out, const hana_reader *r, const char *key,
                        hana_error *err)
{
    *out = hana_value_get(hana_levels_map(&r->levels), key);
    if (*out) return HANA_OK;
    return hana_fail(err, HANA_BAD_FORMAT, "%s: '%s%s' is missing", r->path,
                     r->levels.path.data, key);
}

static hana_status wrong_kind(const hana_reader *r, const char *key, const char *expected,
                              hana_error *err)
{
    return hana_fail(err, HANA_BAD_FORMAT, "%s: '%s%s' is not %s", r->path,
                     r->levels.path.data, key, expected);
}

hana_status hana_reader_enter(hana_reader *r, const char *key, int *version,
                              hana_error *err)
{
    const hana_value *found;
    HANA_TRY(find(&found, r, key, err));
    const hana_value *stored_version = hana_value_get(found, "@version");
    if (!stored_version || stored_version->kind != HANA_VALUE_INT)
        return wrong_kind(r, key, "a level", err);
    int64_t v = stored_version->as.integer;
    if (v < 0 || v > INT32_MAX)
        return wrong_kind(r, key, "a level of a known version", err);
    hana_value_map *parent = hana_levels_map(&r->levels)->as.map;
    HANA_TRY(hana_levels_push(&r->levels, key, &parent->items[found - parent->items],
                              (int)v, err));
    if (version) *version = (int)v;
    return HANA_OK;
}

void hana_reader_leave(hana_reader *r)
{
    hana_levels_pop(&r->levels);
}

hana_status hana_reader_fail(const hana_reader *r, hana_error *err, const char *format,
                             ...)
{
    va_list args;
    va_start(args, format);
    hana_fail_v(err, HANA_BAD_FORMAT, format, args);
    va_end(args);
    int length = (int)r->levels.path.length - 1;
    return hana_fail_prefix(err, HANA_BAD_FORMAT, "%s: '%.*s': ", r->path, length,
                            r->levels.path.data);
}

int hana_reader_has(const hana_reader *r, const char *key)
{
    return hana_value_get(hana_levels_map(&r->levels), key) != NULL;
}

/* Turns what the writer made of NaN and infinities back into numbers. */
static void unpack(hana_value *value)
{
    if (value->kind == HANA_VALUE_LIST) {
        for (size_t i = 0; i < value->as.list->n; i++) unpack(&value->as.list->items[i]);
    } else if (value->kind == HANA_VALUE_MAP) {
        const hana_value *name = hana_value_get(value, "@number");
        double x;
        if (value->as.map->n == 1 && name && name->kind == HANA_VALUE_STRING &&
            hana_parse_double(name->as.string.data, name->as.string.length, &x)) {
            hana_value_clear(value);
            *value = hana_value_number(x);
            return;
        }
        for (size_t i = 0; i < value->as.map->n; i++) unpack(&value->as.map->items[i]);
    }
}

hana_status hana_get_value(hana_reader *r, const char *key, hana_value *v,
                           hana_error *err)
{
    const hana_value *found;
    HANA_TRY(find(&found, r, key, err));
    hana_value copy = { 0 };
    HANA_TRY(hana_value_copy(&copy, found, err));
    unpack(&copy);
    *v = copy;
    return HANA_OK;
}

hana_status hana_get_number(hana_reader *r, const char *key, double *v, hana_error *err)
{
    hana_value value = { 0 };
    HANA_TRY(hana_get_value(r, key, &value, err));
    int good = hana_value_as_number(&value, v);
    hana_value_clear(&value);
    return good ? HANA_OK : wrong_kind(r, key, "a number", err);
}

hana_status hana_get_int(hana_reader *r, const char *key, int64_t *v, hana_error *err)
{
    const hana_value *found;
    HANA_TRY(find(&found, r, key, err));
    if (found->kind != HANA_VALUE_INT) return wrong_kind(r, key, "an integer", err);
    *v = found->as.integer;
    return HANA_OK;
}

hana_status hana_get_string(hana_reader *r, const char *key, char **v, hana_error *err)
{
    const hana_value *found;
    HANA_TRY(find(&found, r, key, err));
    if (found->kind == HANA_VALUE_NULL) {
        *v = NULL;
        return HANA_OK;
    }
    if (found->kind != HANA_VALUE_STRING) return wrong_kind(r, key, "a text", err);
    char *copy = hana_strndup(found->as.string.data, found->as.string.length);
    if (!copy) return hana_fail_memory(err);
    *v = copy;
    return HANA_OK;
}

hana_status hana_get_names(hana_reader *r, const char *key, hana_names *v,
                           hana_error *err)
{
    const hana_value *found;
    HANA_TRY(find(&found, r, key, err));
    if (found->kind != HANA_VALUE_LIST) return wrong_kind(r, key, "a list of names", err);
    hana_names names = { 0 };
    hana_status status = HANA_OK;
    for (size_t i = 0; i < found->as.list->n && status == HANA_OK; i++) {
        const hana_value *item = &found->as.list->items[i];
        status = item->kind == HANA_VALUE_STRING
                     ? hana_names_add(&names, item->as.string.data, err)
                     : wrong_kind(r, key, "a list of names", err);
    }
    if (status != HANA_OK) {
        hana_names_clear(&names);
        return status;
    }
    *v = names;
    return HANA_OK;
}

/* An owned copy of the array at the key, which must be of that kind. */
static hana_status get_array(hana_reader *r, const char *key, const char *kind,
                             size_t size, void **out, size_t *rows, size_t *cols,
                             hana_error *err)
{
    const hana_value *about;
    HANA_TRY(find(&about, r, key, err));
    const hana_value *name = hana_value_get(about, "@");
    int64_t n_rows = 0, n_cols = 0;
    if (!name || name->kind != HANA_VALUE_STRING ||
        strcmp(name->as.string.data, kind) != 0 || !hana_value_get(about, "rows") ||
        !hana_value_get(about, "cols") ||
        !hana_value_as_int(hana_value_get(about, "rows"), &n_rows) ||
        !hana_value_as_int(hana_value_get(about, "cols"), &n_cols) || n_rows < 0 ||
        n_cols < 0)
        return wrong_kind(r, key, "an array of the kind expected", err);
    hana_text path = { 0 };
    hana_text_printf(&path, "%s%s", r->levels.path.data, key);
    if (path.failed) return hana_fail_memory(err);
    stored wanted = { .name = path.data, .name_length = path.length };
    const stored *s = bsearch(&wanted, r->sections, r->n, sizeof *s, compare_sections);
    hana_text_clear(&path);
    size_t cells, bytes;
    if (!s || __builtin_mul_overflow((size_t)n_rows, (size_t)n_cols, &cells) ||
        __builtin_mul_overflow(cells, size, &bytes) || bytes != s->length)
        return hana_fail(err, HANA_BAD_FORMAT,
                         "%s: section '%s%s' is missing or of another length", r->path,
                         r->levels.path.data, key);
    void *copy = hana_alloc(bytes, 1);
    if (!copy) return hana_fail_memory(err);
    if (bytes) memcpy(copy, s->bytes, bytes);
    *out = copy;
    if (rows) *rows = (size_t)n_rows;
    if (cols) *cols = (size_t)n_cols;
    return HANA_OK;
}

static hana_status get_vector(hana_reader *r, const char *key, const char *kind,
                              size_t size, void **out, size_t *n, hana_error *err)
{
    size_t rows = 0, cols = 0;
    void *cells = NULL;
    HANA_TRY(get_array(r, key, kind, size, &cells, &rows, &cols, err));
    if (cols != 1) {
        hana_free(cells);
        return wrong_kind(r, key, "a vector", err);
    }
    *out = cells;
    if (n) *n = rows;
    return HANA_OK;
}

hana_status hana_get_doubles(hana_reader *r, const char *key, double **v, size_t *n,
                             hana_error *err)
{
    void *cells = NULL;
    HANA_TRY(get_vector(r, key, "f64", sizeof **v, &cells, n, err));
    *v = cells;
    return HANA_OK;
}

hana_status hana_get_ints(hana_reader *r, const char *key, int64_t **v, size_t *n,
                          hana_error *err)
{
    void *cells = NULL;
    HANA_TRY(get_vector(r, key, "i64", sizeof **v, &cells, n, err));
    *v = cells;
    return HANA_OK;
}

hana_status hana_get_codes(hana_reader *r, const char *key, int32_t **v, size_t *n,
                           hana_error *err)
{
    void *cells = NULL;
    HANA_TRY(get_vector(r, key, "i32", sizeof **v, &cells, n, err));
    *v = cells;
    return HANA_OK;
}

hana_status hana_get_bytes(hana_reader *r, const char *key, void **v, size_t *n,
                           hana_error *err)
{
    return get_vector(r, key, "bytes", 1, v, n, err);
}

hana_status hana_get_matrix(hana_reader *r, const char *key, hana_matrix *v,
                            hana_error *err)
{
    void *cells = NULL;
    size_t rows = 0, cols = 0;
    HANA_TRY(get_array(r, key, "matrix", sizeof *v->data, &cells, &rows, &cols, err));
    *v = (hana_matrix){ .data = cells, .rows = rows, .cols = cols, .stride = cols };
    return HANA_OK;
}

hana_status hana_get_each(hana_reader *r, const char *key, const hana_names *names,
                          hana_get_item *get_one, void *items, hana_error *err)
{
    HANA_TRY(hana_reader_enter(r, key, NULL, err));
    hana_status status = HANA_OK;
    for (size_t i = 0; status == HANA_OK && i < names->n; i++) {
        status = hana_reader_enter(r, names->items[i], NULL, err);
        if (status != HANA_OK) break;
        status = get_one(r, items, i, err);
        hana_reader_leave(r);
    }
    hana_reader_leave(r);
    return status;
}
