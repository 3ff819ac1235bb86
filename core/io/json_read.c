#include "json_frame.h"

#include "base/random.h"
#include "data/dictionary.h"
#include "io/files.h"
#include "io/json_parts.h"

#include <string.h>

/* The values of one key: rows ascend, what is missing between them is null. */
typedef struct key_values {
    size_t n, capacity;
    size_t *rows;
    hana_value *values;
    unsigned kinds; /* bit k: a value of hana_value_kind k */
    size_t rounded; /* integers that a float does not hold */
} key_values;

typedef struct reading {
    const char *path;
    const char *text;
    size_t length, rows;
    hana_dictionary *keys;
    key_values *columns;
    size_t capacity;
    hana_names notes;
} reading;

static void reading_clear(reading *r)
{
    size_t n = r->keys ? hana_dictionary_size(r->keys) : 0;
    for (size_t j = 0; j < n && j < r->capacity; j++) {
        for (size_t i = 0; i < r->columns[j].n; i++)
            hana_value_clear(&r->columns[j].values[i]);
        hana_free(r->columns[j].values);
        hana_free(r->columns[j].rows);
    }
    hana_free(r->columns);
    hana_dictionary_free(r->keys);
    hana_names_clear(&r->notes);
}

static hana_status room_for_column(reading *r, size_t j, hana_error *err)
{
    if (j < r->capacity) return HANA_OK;
    size_t capacity = r->capacity ? r->capacity * 2 : 16;
    key_values *grown = hana_realloc(r->columns, capacity, sizeof *grown);
    if (!grown) return hana_fail_memory(err);
    memset(grown + r->capacity, 0, (capacity - r->capacity) * sizeof *grown);
    r->columns = grown;
    r->capacity = capacity;
    return HANA_OK;
}

/* Moves the value out of its place. */
static hana_status keep(key_values *c, size_t row, hana_value *value, hana_error *err)
{
    if (c->n == c->capacity) {
        size_t capacity = c->capacity ? c->capacity * 2 : 64;
        size_t *rows = hana_realloc(c->rows, capacity, sizeof *rows);
        if (rows) c->rows = rows;
        hana_value *values =
            rows ? hana_realloc(c->values, capacity, sizeof *values) : NULL;
        if (!values) return hana_fail_memory(err);
        c->values = values;
        c->capacity = capacity;
    }
    c->kinds |= 1u << value->kind;
    c->rows[c->n] = row;
    c->values[c->n++] = *value;
    *value = (hana_value){ 0 };
    return HANA_OK;
}

static hana_status add_row(reading *r, hana_value *object, hana_error *err)
{
    hana_value_map *map = object->as.map;
    for (size_t i = 0; i < map->n; i++) {
        int32_t j = 0;
        size_t known = hana_dictionary_size(r->keys);
        HANA_TRY(room_for_column(r, known, err));
        HANA_TRY(
            hana_dictionary_code(&j, r->keys, map->keys[i], strlen(map->keys[i]), err));
        if (map->items[i].kind != HANA_VALUE_NULL)
            HANA_TRY(keep(&r->columns[j], r->rows, &map->items[i], err));
    }
    r->rows++;
    return HANA_OK;
}

static int64_t line_of(const reading *r, size_t at)
{
    int64_t line = 1;
    for (size_t i = 0; i < at; i++) line += r->text[i] == '\n';
    return line;
}

static hana_status read_object(reading *r, size_t *at, size_t end, hana_error *err)
{
    hana_value value = { 0 };
    size_t start = *at;
    hana_status status = hana_json_next(&value, r->text, end, at, err);
    if (status == HANA_BAD_FORMAT) return hana_fail_prefix(err, status, "%s: ", r->path);
    HANA_TRY(status);
    if (value.kind == HANA_VALUE_MAP)
        status = add_row(r, &value, err);
    else
        status = hana_fail(err, HANA_BAD_FORMAT,
                           "%s: line %lld: expected an object, found %s", r->path,
                           (long long)line_of(r, start), hana_value_kind_name(&value));
    hana_value_clear(&value);
    return status;
}

static void skip_blanks(const reading *r, size_t *at, size_t end)
{
    while (*at < end && strchr(" \t\r\n", r->text[*at]) && r->text[*at]) ++*at;
}

static hana_status unexpected(const reading *r, size_t at, const char *expected,
                              hana_error *err)
{
    return hana_fail(err, HANA_BAD_FORMAT, "%s: line %lld: expected %s", r->path,
                     (long long)line_of(r, at), expected);
}

static hana_status read_array(reading *r, size_t at, hana_job *job, hana_error *err)
{
    at++;
    skip_blanks(r, &at, r->length);
    while (at < r->length && r->text[at] != ']') {
        if (r->rows % 1024 == 0) HANA_TRY(hana_job_check(job, err));
        HANA_TRY(read_object(r, &at, r->length, err));
        skip_blanks(r, &at, r->length);
        if (at == r->length || r->text[at] != ',') break;
        at++;
        skip_blanks(r, &at, r->length);
        if (at < r->length && r->text[at] == ']')
            return unexpected(r, at, "an object", err);
    }
    if (at == r->length || r->text[at] != ']')
        return unexpected(r, at, "',' or ']'", err);
    at++;
    skip_blanks(r, &at, r->length);
    return at == r->length ? HANA_OK : unexpected(r, at, "the end behind ']'", err);
}

static hana_status read_lines(reading *r, size_t at, hana_job *job, hana_error *err)
{
    while (at < r->length) {
        const char *stop = memchr(r->text + at, '\n', r->length - at);
        size_t end = stop ? (size_t)(stop - r->text) : r->length;
        if (r->rows % 1024 == 0) HANA_TRY(hana_job_check(job, err));
        skip_blanks(r, &at, end);
        if (at < end) {
            HANA_TRY(read_object(r, &at, end, err));
            skip_blanks(r, &at, end);
            if (at < end)
                return unexpected(r, at, "the end of the line behind the object", err);
        }
        at = end + 1;
    }
    return HANA_OK;
}

static hana_status note(reading *r, const char *name, const char *what, hana_error *err)
{
    hana_text text = { 0 };
    hana_text_printf(&text, "column '%s': %s", name, what);
    hana_status status =
        text.failed ? hana_fail_memory(err) : hana_names_add(&r->notes, text.data, err);
    hana_text_clear(&text);
    return status;
}

/* The type of the column; `as_text` when its values must be written out. */
static hana_type type_of(const key_values *c, int *as_text)
{
    unsigned bools = 1u << HANA_VALUE_BOOL, ints = 1u << HANA_VALUE_INT,
             floats = 1u << HANA_VALUE_NUMBER, strings = 1u << HANA_VALUE_STRING;
    *as_text = 0;
    if (c->kinds == bools) return HANA_BOOL;
    if (c->kinds == ints) return HANA_INT;
    if ((c->kinds & ~(ints | floats)) == 0) return HANA_FLOAT;
    *as_text = c->kinds != strings;
    return HANA_STRING;
}

static hana_status put_text(hana_builder *builder, const hana_value *value,
                            hana_error *err)
{
    if (value->kind == HANA_VALUE_STRING)
        return hana_builder_string(builder, value->as.string.data,
                                   value->as.string.length, err);
    hana_text text = { 0 };
    hana_status status = hana_json_encode(&text, value, 0, 0, err);
    if (status == HANA_OK)
        status = hana_builder_string(builder, text.data, text.length, err);
    hana_text_clear(&text);
    return status;
}

static hana_status put_cell(hana_builder *builder, key_values *c, hana_type type,
                            const hana_value *value, hana_error *err)
{
    double number = 0;
    if (type == HANA_STRING) return put_text(builder, value, err);
    if (type == HANA_BOOL) return hana_builder_int(builder, value->as.boolean, err);
    if (type == HANA_INT) return hana_builder_int(builder, value->as.integer, err);
    hana_value_as_number(value, &number);
    if (value->kind == HANA_VALUE_INT)
        c->rounded += number >= 0x1p63 || (int64_t)number != value->as.integer;
    return hana_builder_float(builder, number, err);
}

static hana_status make_column(hana_column **out, reading *r, size_t j, const char *name,
                               hana_error *err)
{
    key_values *c = &r->columns[j];
    int as_text;
    hana_type type = type_of(c, &as_text);
    hana_builder *builder = NULL;
    hana_status status;
    HANA_TRY(hana_builder_new(&builder, type, r->rows, err));
    for (size_t row = 0, i = 0; row < r->rows; row++) {
        if (i == c->n || c->rows[i] != row) {
            HANA_GOTO(done, hana_builder_null(builder, err));
        } else {
            HANA_GOTO(done, put_cell(builder, c, type, &c->values[i], err));
            hana_value_clear(&c->values[i++]);
        }
    }
    if (as_text)
        HANA_GOTO(
            done,
            note(r, name, "values of several sorts are kept as their JSON texts", err));
    if (c->rounded)
        HANA_GOTO(done,
                  note(r, name,
                       "integers with more digits than a float holds were rounded", err));
    status = hana_builder_take(out, builder, err);
done:
    hana_builder_free(builder);
    return status;
}

static hana_status set_string(hana_value *map, const char *key, const char *text,
                              hana_error *err)
{
    hana_value value = { 0 };
    HANA_TRY(hana_value_string(&value, text, strlen(text), err));
    return hana_value_set(map, key, value, err);
}

static hana_status set_count(hana_value *map, const char *key, size_t n, hana_error *err)
{
    return hana_value_set(map, key, hana_value_int((int64_t)n), err);
}

static hana_status describe_column(hana_value *list, const char *name,
                                   const hana_column *column, hana_error *err)
{
    hana_value map = { 0 }, nulls = { 0 };
    hana_status status;
    HANA_GOTO(fail, hana_value_new_map(&map, err));
    HANA_GOTO(fail, set_string(&map, "name", name, err));
    HANA_GOTO(fail,
              set_string(&map, "type", hana_type_name(hana_column_type(column)), err));
    HANA_GOTO(fail, hana_value_new_map(&nulls, err));
    if (hana_column_nulls(column))
        HANA_GOTO(fail, set_count(&nulls, "null", hana_column_nulls(column), err));
    status = hana_value_set(&map, "nulls", nulls, err);
    nulls = (hana_value){ 0 };
    if (status != HANA_OK) goto fail;
    HANA_GOTO(fail, set_count(&map, "failed", 0, err));
    return hana_value_push(list, map, err);
fail:
    hana_value_clear(&map);
    hana_value_clear(&nulls);
    return status;
}

static hana_status describe(hana_value *out, const reading *r, const hana_frame *frame,
                            hana_error *err)
{
    hana_value map = { 0 }, columns = { 0 }, notes = { 0 };
    hana_status status;
    HANA_GOTO(fail, hana_value_new_map(&map, err));
    HANA_GOTO(fail, set_string(&map, "path", r->path, err));
    HANA_GOTO(fail, set_count(&map, "rows", r->rows, err));
    HANA_GOTO(fail, hana_value_new_list(&columns, err));
    for (size_t j = 0; j < hana_frame_cols(frame); j++)
        HANA_GOTO(fail, describe_column(&columns, hana_frame_name(frame, j),
                                        hana_frame_column(frame, j), err));
    status = hana_value_set(&map, "columns", columns, err);
    columns = (hana_value){ 0 };
    if (status != HANA_OK) goto fail;
    HANA_GOTO(fail, set_count(&map, "skipped", 0, err));
    HANA_GOTO(fail, hana_value_new_list(&notes, err));
    for (size_t i = 0; i < r->notes.n; i++) {
        hana_value text = { 0 };
        HANA_GOTO(fail, hana_value_string(&text, r->notes.items[i],
                                          strlen(r->notes.items[i]), err));
        HANA_GOTO(fail, hana_value_push(&notes, text, err));
    }
    status = hana_value_set(&map, "notes", notes, err);
    notes = (hana_value){ 0 };
    if (status != HANA_OK) goto fail;
    *out = map;
    return HANA_OK;
fail:
    hana_value_clear(&map);
    hana_value_clear(&columns);
    hana_value_clear(&notes);
    return status;
}

static hana_status build(hana_frame **out, hana_value *report, reading *r,
                         uint64_t origin, hana_error *err)
{
    size_t n = hana_dictionary_size(r->keys);
    hana_names names = { 0 };
    hana_column **columns = hana_alloc_zero(n, sizeof *columns);
    hana_frame *plain = NULL, *frame = NULL;
    hana_status status = HANA_OK;
    if (!columns) return hana_fail_memory(err);
    for (size_t j = 0; j < n; j++) {
        size_t length;
        const char *key = hana_dictionary_text(r->keys, (int32_t)j, &length);
        hana_text name = { 0 };
        hana_text_add(&name, key, length);
        status =
            name.failed ? hana_fail_memory(err) : hana_names_add(&names, name.data, err);
        hana_text_clear(&name);
        if (status != HANA_OK) goto done;
        HANA_GOTO(done, make_column(&columns[j], r, j, names.items[j], err));
    }
    HANA_GOTO(done, hana_frame_new(&plain, (const char *const *)names.items,
                                   (const hana_column *const *)columns, n, r->rows, err));
    HANA_GOTO(done, hana_frame_with_ids(&frame, plain, origin, NULL, err));
    if (report) HANA_GOTO(done, describe(report, r, frame, err));
    *out = frame;
    frame = NULL;
done:
    for (size_t j = 0; j < n; j++) hana_column_release(columns[j]);
    hana_free(columns);
    hana_names_clear(&names);
    hana_frame_release(plain);
    hana_frame_release(frame);
    return status;
}

hana_status hana_json_read(hana_frame **out, hana_value *report, const char *path,
                           const char *text, size_t length, hana_job *job,
                           hana_error *err)
{
    hana_bytes file = { 0 };
    reading r = { .path = path ? path : "text", .text = text, .length = length };
    hana_status status;
    if (path) {
        HANA_TRY(hana_file_open(&file, path, err));
        r.text = file.data;
        r.length = file.length;
    }
    size_t at = r.length >= 3 && memcmp(r.text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    HANA_GOTO(done, hana_dictionary_new(&r.keys, err));
    skip_blanks(&r, &at, r.length);
    if (at == r.length)
        HANA_GOTO(done, hana_fail(err, HANA_BAD_DATA, "%s: the file is empty", r.path));
    if (r.text[at] == '[')
        HANA_GOTO(done, read_array(&r, at, job, err));
    else
        HANA_GOTO(done, read_lines(&r, at, job, err));
    status = build(out, report, &r, hana_hash(r.text, r.length, 0), err);
done:
    reading_clear(&r);
    hana_file_close(&file);
    return status;
}
