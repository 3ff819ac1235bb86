#include "container_layout.h"

#include "base/job.h"
#include "io/crc32c.h"
#include "io/files.h"
#include "io/json.h"

#include <string.h>

typedef struct section {
    char *name;
    uint32_t version;
    char *bytes;
    size_t length;
} section;

hana_status hana_levels_push(hana_levels *l, const char *key, hana_value *map,
                             int version, hana_error *err)
{
    if (l->n == HANA_CONTAINER_LEVELS)
        return hana_fail(err, HANA_UNSUPPORTED, "models nested more than %d levels deep",
                         HANA_CONTAINER_LEVELS);
    size_t before = l->path.length;
    hana_text_puts(&l->path, key);
    hana_text_putc(&l->path, '/');
    if (l->path.failed) return hana_fail_memory(err);
    l->maps[l->n] = map;
    l->path_lengths[l->n] = before;
    l->versions[l->n++] = (uint32_t)version;
    return HANA_OK;
}

void hana_levels_pop(hana_levels *l)
{
    if (l->n < 2) return;
    l->path.length = l->path_lengths[--l->n];
    l->path.data[l->path.length] = '\0';
}

struct hana_writer {
    hana_value header; /* { kind, root } */
    hana_levels levels;
    section *sections;
    size_t n, capacity;
};

hana_status hana_writer_new(hana_writer **out, const char *kind, hana_error *err)
{
    hana_writer *w = hana_alloc_zero(1, sizeof *w);
    if (!w) return hana_fail_memory(err);
    hana_value text = { 0 }, root = { 0 };
    hana_status status;
    HANA_GOTO(fail, hana_value_new_map(&w->header, err));
    HANA_GOTO(fail, hana_value_string(&text, kind, strlen(kind), err));
    HANA_GOTO(fail, hana_value_set(&w->header, "kind", text, err));
    HANA_GOTO(fail, hana_value_new_map(&root, err));
    HANA_GOTO(fail, hana_value_set(&w->header, "root", root, err));
    HANA_GOTO(fail,
              hana_levels_push(&w->levels, "root", &w->header.as.map->items[1], 1, err));
    *out = w;
    return HANA_OK;
fail:
    hana_writer_free(w);
    return status;
}

void hana_writer_free(hana_writer *w)
{
    if (!w) return;
    for (size_t i = 0; i < w->n; i++) {
        hana_free(w->sections[i].name);
        hana_free(w->sections[i].bytes);
    }
    hana_free(w->sections);
    hana_value_clear(&w->header);
    hana_text_clear(&w->levels.path);
    hana_free(w);
}

/* Takes the value over. */
static hana_status put(hana_writer *w, const char *key, hana_value value, hana_error *err)
{
    hana_value *map = hana_levels_map(&w->levels);
    if (strchr(key, '/') || *key == '@' || hana_value_get(map, key)) {
        hana_value_clear(&value);
        return hana_fail(err, HANA_BAD_ARGUMENT, "'%s%s' is written twice or is no key",
                         w->levels.path.data, key);
    }
    return hana_value_set(map, key, value, err);
}

hana_status hana_writer_enter(hana_writer *w, const char *key, int version,
                              hana_error *err)
{
    hana_value map = { 0 };
    HANA_TRY(hana_value_new_map(&map, err));
    hana_status status = hana_value_set(&map, "@version", hana_value_int(version), err);
    if (status != HANA_OK) {
        hana_value_clear(&map);
        return status;
    }
    HANA_TRY(put(w, key, map, err));
    hana_value_map *parent = hana_levels_map(&w->levels)->as.map;
    return hana_levels_push(&w->levels, key, &parent->items[parent->n - 1], version, err);
}

void hana_writer_leave(hana_writer *w)
{
    hana_levels_pop(&w->levels);
}

/* JSON has no NaN and no infinity: such numbers become { "@number": "nan" }. */
static hana_status pack(hana_value *value, hana_error *err)
{
    if (value->kind == HANA_VALUE_NUMBER && value->as.number - value->as.number != 0) {
        double x = value->as.number;
        const char *name = x != x ? "nan" : x > 0 ? "inf" : "-inf";
        hana_value map = { 0 }, text = { 0 };
        HANA_TRY(hana_value_new_map(&map, err));
        hana_status status = hana_value_string(&text, name, strlen(name), err);
        if (status == HANA_OK) status = hana_value_set(&map, "@number", text, err);
        if (status != HANA_OK) {
            hana_value_clear(&map);
            return status;
        }
        *value = map;
    } else if (value->kind == HANA_VALUE_LIST) {
        for (size_t i = 0; i < value->as.list->n; i++)
            HANA_TRY(pack(&value->as.list->items[i], err));
    } else if (value->kind == HANA_VALUE_MAP) {
        for (size_t i = 0; i < value->as.map->n; i++)
            HANA_TRY(pack(&value->as.map->items[i], err));
    }
    return HANA_OK;
}

hana_status hana_put_value(hana_writer *w, const char *key, const hana_value *v,
                           hana_error *err)
{
    hana_value copy = { 0 };
    HANA_TRY(hana_value_copy(&copy, v, err));
    hana_status status = pack(&copy, err);
    if (status != HANA_OK) {
        hana_value_clear(&copy);
        return status;
    }
    return put(w, key, copy, err);
}

hana_status hana_put_number(hana_writer *w, const char *key, double v, hana_error *err)
{
    hana_value value = hana_value_number(v);
    return hana_put_value(w, key, &value, err);
}

hana_status hana_put_int(hana_writer *w, const char *key, int64_t v, hana_error *err)
{
    return put(w, key, hana_value_int(v), err);
}

hana_status hana_put_string(hana_writer *w, const char *key, const char *v,
                            hana_error *err)
{
    hana_value value = { 0 };
    if (v) HANA_TRY(hana_value_string(&value, v, strlen(v), err));
    return put(w, key, value, err);
}

hana_status hana_put_names(hana_writer *w, const char *key, const hana_names *v,
                           hana_error *err)
{
    hana_value list;
    HANA_TRY(hana_value_texts(&list, v->items, v->n, err));
    return put(w, key, list, err);
}

static hana_status add_section(hana_writer *w, const char *key, char *bytes,
                               size_t length, hana_error *err)
{
    if (w->n == w->capacity) {
        size_t capacity = w->capacity ? w->capacity * 2 : 16;
        section *grown = hana_realloc(w->sections, capacity, sizeof *grown);
        if (!grown) return hana_fail_memory(err);
        w->sections = grown;
        w->capacity = capacity;
    }
    hana_text name = { 0 };
    hana_text_printf(&name, "%s%s", w->levels.path.data, key);
    section new = { .version = w->levels.versions[w->levels.n - 1], .length = length };
    HANA_TRY(hana_text_take(&new.name, &name, err));
    new.bytes = bytes;
    w->sections[w->n++] = new;
    return HANA_OK;
}

static hana_status set_int(hana_value *map, const char *key, size_t n, hana_error *err)
{
    return hana_value_set(map, key, hana_value_int((int64_t)n), err);
}

/* The array goes into a section; at its key stands what it is: { "@": "f64", rows, cols
   }. Rows of `cols` cells lie `stride` cells apart. */
static hana_status put_array(hana_writer *w, const char *key, const char *kind,
                             size_t size, const void *cells, size_t rows, size_t cols,
                             size_t stride, hana_error *err)
{
    hana_value about = { 0 }, text = { 0 };
    hana_status status;
    char *bytes = NULL;
    HANA_GOTO(fail, hana_value_new_map(&about, err));
    HANA_GOTO(fail, hana_value_string(&text, kind, strlen(kind), err));
    HANA_GOTO(fail, hana_value_set(&about, "@", text, err));
    HANA_GOTO(fail, set_int(&about, "rows", rows, err));
    HANA_GOTO(fail, set_int(&about, "cols", cols, err));
    if (!(bytes = hana_alloc(rows, cols * size))) HANA_GOTO(fail, hana_fail_memory(err));
    for (size_t i = 0; i < rows && cols > 0 && stride > cols; i++)
        memcpy(bytes + i * cols * size, (const char *)cells + i * stride * size,
               cols * size);
    if (rows > 0 && cols > 0 && stride <= cols) memcpy(bytes, cells, rows * cols * size);
    status = put(w, key, about, err);
    about = (hana_value){ 0 };
    if (status != HANA_OK) goto fail;
    HANA_GOTO(fail, add_section(w, key, bytes, rows * cols * size, err));
    return HANA_OK;
fail:
    hana_value_clear(&about);
    hana_free(bytes);
    return status;
}

hana_status hana_put_doubles(hana_writer *w, const char *key, const double *v, size_t n,
                             hana_error *err)
{
    return put_array(w, key, "f64", sizeof *v, v, n, 1, 1, err);
}

hana_status hana_put_ints(hana_writer *w, const char *key, const int64_t *v, size_t n,
                          hana_error *err)
{
    return put_array(w, key, "i64", sizeof *v, v, n, 1, 1, err);
}

hana_status hana_put_codes(hana_writer *w, const char *key, const int32_t *v, size_t n,
                           hana_error *err)
{
    return put_array(w, key, "i32", sizeof *v, v, n, 1, 1, err);
}

hana_status hana_put_bytes(hana_writer *w, const char *key, const void *v, size_t n,
                           hana_error *err)
{
    return put_array(w, key, "bytes", 1, v, n, 1, 1, err);
}

hana_status hana_put_matrix(hana_writer *w, const char *key, const hana_matrix *v,
                            hana_error *err)
{
    return put_array(w, key, "matrix", sizeof *v->data, v->data, v->rows, v->cols,
                     v->stride, err);
}

typedef hana_status sink(void *to, const void *bytes, size_t n, hana_error *err);

static hana_status to_text(void *to, const void *bytes, size_t n, hana_error *err)
{
    hana_text_add(to, bytes, n);
    return ((hana_text *)to)->failed ? hana_fail_memory(err) : HANA_OK;
}

static hana_status to_file(void *to, const void *bytes, size_t n, hana_error *err)
{
    return hana_file_write(to, bytes, n, err);
}

static void add_u32(hana_text *text, size_t value)
{
    uint32_t v = (uint32_t)value;
    hana_text_add(text, (const char *)&v, sizeof v);
}

static void add_u64(hana_text *text, size_t value)
{
    uint64_t v = value;
    hana_text_add(text, (const char *)&v, sizeof v);
}

static void add_entry(hana_text *table, const section *s, size_t offset)
{
    add_u64(table, offset);
    add_u64(table, s->length);
    add_u32(table, s->version);
    add_u32(table, hana_crc32c(0, s->bytes, s->length));
    add_u32(table, strlen(s->name));
    hana_text_puts(table, s->name);
}

static hana_status emit(hana_writer *w, sink *write, void *to, hana_error *err)
{
    static const char zeros[HANA_CONTAINER_ALIGNMENT];
    char header_name[] = "header";
    hana_text header = { 0 }, table = { 0 }, front = { 0 };
    hana_status status;
    HANA_GOTO(done, hana_document_write(&header, &w->header, 0, err));
    section first = { header_name, HANA_CONTAINER_VERSION, header.data, header.length };
    size_t table_bytes = HANA_CONTAINER_ENTRY + strlen(first.name);
    for (size_t i = 0; i < w->n; i++)
        table_bytes += HANA_CONTAINER_ENTRY + strlen(w->sections[i].name);
    if (table_bytes > UINT32_MAX)
        HANA_GOTO(done, hana_fail(err, HANA_UNSUPPORTED, "too many arrays for one file"));
    size_t offset = hana_container_aligned(HANA_CONTAINER_FIXED + table_bytes);
    for (size_t i = 0; i <= w->n; i++) {
        const section *s = i == 0 ? &first : &w->sections[i - 1];
        HANA_GOTO(done, hana_poll_job(err));
        add_entry(&table, s, offset);
        offset = hana_container_aligned(offset + s->length);
    }
    hana_text_add(&front, hana_container_magic, sizeof hana_container_magic);
    add_u32(&front, HANA_CONTAINER_VERSION);
    add_u32(&front, w->n + 1);
    add_u32(&front, table_bytes);
    add_u32(&front, table.failed ? 0 : hana_crc32c(0, table.data, table.length));
    if (front.failed || table.failed) HANA_GOTO(done, hana_fail_memory(err));
    HANA_GOTO(done, write(to, front.data, front.length, err));
    HANA_GOTO(done, write(to, table.data, table.length, err));
    size_t at = HANA_CONTAINER_FIXED + table_bytes;
    for (size_t i = 0; i <= w->n; i++) {
        const section *s = i == 0 ? &first : &w->sections[i - 1];
        hana_job_stage(hana_job_current(), "", 0, 1);
        hana_job_progress(hana_job_current(), (double)i / (double)(w->n + 1));
        HANA_GOTO(done, write(to, zeros, hana_container_aligned(at) - at, err));
        HANA_GOTO(done, write(to, s->bytes, s->length, err));
        at = hana_container_aligned(at) + s->length;
    }
done:
    hana_text_clear(&header);
    hana_text_clear(&table);
    hana_text_clear(&front);
    return status;
}

hana_status hana_writer_save(hana_writer *w, const char *path, hana_error *err)
{
    hana_file_writer *file = NULL;
    HANA_TRY(hana_file_create(&file, path, err));
    hana_status status = emit(w, to_file, file, err);
    if (status != HANA_OK) {
        hana_file_abort(file);
        return status;
    }
    return hana_file_commit(file, err);
}

hana_status hana_writer_bytes(hana_text *out, hana_writer *w, hana_error *err)
{
    hana_text text = { 0 };
    hana_status status = emit(w, to_text, &text, err);
    if (status == HANA_OK) {
        hana_text_add(out, text.data, text.length);
        if (out->failed) status = hana_fail_memory(err);
    }
    hana_text_clear(&text);
    return status;
}

hana_status hana_put_each(hana_writer *w, const char *key, const hana_names *names,
                          hana_put_item *put_one, const void *items, hana_error *err)
{
    HANA_TRY(hana_writer_enter(w, key, 1, err));
    hana_status status = HANA_OK;
    for (size_t i = 0; status == HANA_OK && i < names->n; i++) {
        status = hana_writer_enter(w, names->items[i], 1, err);
        if (status != HANA_OK) break;
        status = put_one(w, items, i, err);
        hana_writer_leave(w);
    }
    hana_writer_leave(w);
    return status;
}
