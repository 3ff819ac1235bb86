#include "base/text.h"
#include "base/time.h"
#include "data/arrow.h"
#include "data/column_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An array that columns share, given back with the last of them. */
typedef struct holder {
    struct ArrowArray array;
    int kept; /* it was taken over */
} holder;

static void holder_release(void *data)
{
    holder *h = data;
    if (h->kept && h->array.release) h->array.release(&h->array);
    hana_free(h);
}

/* One array while a column is made of it. */
typedef struct import {
    const struct ArrowSchema *schema;
    const struct ArrowArray *array;
    const char *name;
    size_t offset, n;
    hana_buffer *owner;
    hana_column *column;
} import;

static hana_status refuse(const import *m, const char *what, hana_error *err)
{
    return hana_fail(err, HANA_UNSUPPORTED,
                     "from_arrow: column '%s' %s (Arrow's \"%.20s\")", m->name, what,
                     m->schema->format);
}

static hana_status bad(const import *m, const char *what, hana_error *err)
{
    return hana_fail(err, HANA_BAD_FORMAT, "from_arrow: column '%s': %s", m->name, what);
}

static hana_status begin(import *m, hana_type type, hana_error *err)
{
    HANA_TRY(hana_column_make(&m->column, type, m->n, err));
    const uint8_t *validity = m->array->n_buffers > 0 ? m->array->buffers[0] : NULL;
    if (!validity || m->array->null_count == 0 || m->n == 0) return HANA_OK;
    uint8_t *bits;
    HANA_TRY(hana_column_validity_room(&bits, m->column, 0, err));
    hana_bits_copy(bits, validity, m->offset, m->n);
    hana_column_count_nulls(m->column);
    return HANA_OK;
}

/* The values as they are, if a column's are laid out so. */
static int share(import *m, size_t width)
{
    hana_column *c = m->column;
    const char *values = (const char *)m->array->buffers[1] + m->offset * width;
    if (c->nulls > 0 || m->n == 0 || (uintptr_t)values % 8 != 0) return 0;
    c->values = values;
    c->values_held = hana_buffer_retain(m->owner);
    return 1;
}

/* Value i, whatever its width; 0 for an unsigned one beyond 63 bits. */
static int read_int(const import *m, char kind, size_t i, int64_t *out)
{
    const void *values = m->array->buffers[1];
    i += m->offset;
    switch (kind) {
    case 'c':
        *out = ((const int8_t *)values)[i];
        return 1;
    case 'C':
        *out = ((const uint8_t *)values)[i];
        return 1;
    case 's':
        *out = ((const int16_t *)values)[i];
        return 1;
    case 'S':
        *out = ((const uint16_t *)values)[i];
        return 1;
    case 'i':
        *out = ((const int32_t *)values)[i];
        return 1;
    case 'I':
        *out = ((const uint32_t *)values)[i];
        return 1;
    default:
        *out = ((const int64_t *)values)[i];
        return kind == 'l' || *out >= 0;
    }
}

static int is_int(const char *format)
{
    return *format && strchr("cCsSiIlL", *format) && !format[1];
}

/* Integers times `up`, or divided by `down` where nothing remains, into an int, datetime
   or date column. */
static hana_status take_ints(import *m, hana_type type, char kind, int64_t up,
                             int64_t down, hana_error *err)
{
    void *room;
    HANA_TRY(begin(m, type, err));
    size_t width = hana_type_width(type);
    if (up == 1 && down == 1 && kind == (type == HANA_DATE ? 'i' : 'l') &&
        share(m, width))
        return HANA_OK;
    HANA_TRY(hana_column_room(&room, m->column, m->n, width, err));
    for (size_t i = 0; i < m->n; i++) {
        int64_t value = 0;
        if (!hana_null_at(m->column, i)) {
            if (!read_int(m, kind, i, &value) ||
                (up > 1 && (value > INT64_MAX / up || value < INT64_MIN / up)))
                return hana_fail(
                    err, HANA_BAD_DATA,
                    "from_arrow: column '%s', row %zu: a value beyond 64 bits", m->name,
                    i + 1);
            if (value % down != 0)
                return hana_fail(
                    err, HANA_BAD_DATA,
                    "from_arrow: column '%s', row %zu: %lld would lose digits", m->name,
                    i + 1, (long long)value);
            value = value * up / down;
        }
        if (type == HANA_DATE)
            ((int32_t *)room)[i] = (int32_t)value;
        else
            ((int64_t *)room)[i] = value;
    }
    return HANA_OK;
}

static hana_status take_floats(import *m, char kind, hana_error *err)
{
    void *room;
    HANA_TRY(begin(m, HANA_FLOAT, err));
    if (kind == 'g' && share(m, sizeof(double))) return HANA_OK;
    HANA_TRY(hana_column_room(&room, m->column, m->n, sizeof(double), err));
    const void *values = m->array->buffers[1];
    double *out = room;
    for (size_t i = 0; i < m->n; i++) {
        size_t k = m->offset + i;
        if (hana_null_at(m->column, i))
            out[i] = (double)NAN;
        else if (kind == 'g')
            out[i] = ((const double *)values)[k];
        else
            out[i] = (double)((const float *)values)[k];
    }
    return HANA_OK;
}

static hana_status take_bools(import *m, hana_error *err)
{
    void *room;
    HANA_TRY(begin(m, HANA_BOOL, err));
    size_t bytes = hana_bitmap_bytes(m->n);
    HANA_TRY(hana_column_room(&room, m->column, bytes, 1, err));
    if (m->n == 0) return HANA_OK;
    hana_bits_copy(room, m->array->buffers[1], m->offset, m->n);
    for (size_t i = 0; m->column->nulls && i < bytes; i++)
        ((uint8_t *)room)[i] &= m->column->validity[i];
    return HANA_OK;
}

static int64_t offset_at(const import *m, int large, size_t i)
{
    const void *offsets = m->array->buffers[1];
    return large ? ((const int64_t *)offsets)[m->offset + i]
                 : ((const int32_t *)offsets)[m->offset + i];
}

static hana_status take_texts(import *m, int large, hana_error *err)
{
    HANA_TRY(begin(m, HANA_STRING, err));
    hana_column *c = m->column;
    const char *text = m->array->buffers[2] ? m->array->buffers[2] : "";
    int as_it_is = large && m->n > 0 && (uintptr_t)m->array->buffers[1] % 8 == 0;
    int64_t bytes = 0;
    for (size_t i = 0; i < m->n; i++) {
        int64_t from = offset_at(m, large, i), to = offset_at(m, large, i + 1);
        if (from < 0 || to < from) return bad(m, "offsets that run back", err);
        if (hana_null_at(c, i)) {
            as_it_is &= from == to;
            continue;
        }
        if (!hana_utf8_valid(text + from, (size_t)(to - from)))
            return hana_fail(err, HANA_BAD_DATA,
                             "from_arrow: column '%s', row %zu: text that is not UTF-8",
                             m->name, i + 1);
        bytes += to - from;
    }
    if (as_it_is) {
        c->values = (const int64_t *)m->array->buffers[1] + m->offset;
        c->values_held = hana_buffer_retain(m->owner);
        c->text = text;
        c->text_held = hana_buffer_retain(m->owner);
        return HANA_OK;
    }
    void *room;
    char *copy;
    HANA_TRY(hana_column_room(&room, c, m->n + 1, sizeof(int64_t), err));
    HANA_TRY(hana_column_text_room(&copy, c, (size_t)bytes, err));
    int64_t *offsets = room;
    offsets[0] = 0;
    for (size_t i = 0; i < m->n; i++) {
        int64_t from = offset_at(m, large, i), to = offset_at(m, large, i + 1);
        if (hana_null_at(c, i)) to = from;
        if (to > from) memcpy(copy + offsets[i], text + from, (size_t)(to - from));
        offsets[i + 1] = offsets[i] + (to - from);
    }
    return HANA_OK;
}

/* Strings of 16 bytes, short ones inside, longer ones in buffers of their own. */
static hana_status take_views(import *m, hana_error *err)
{
    hana_builder *builder = NULL;
    const struct ArrowArray *a = m->array;
    const uint8_t *validity = a->null_count == 0 ? NULL : a->buffers[0];
    HANA_TRY(hana_builder_new(&builder, HANA_STRING, m->n, err));
    hana_status status = HANA_OK;
    for (size_t i = 0; i < m->n; i++) {
        const char *view = (const char *)a->buffers[1] + 16 * (m->offset + i), *text;
        int32_t length, buffer, at;
        if (validity && !hana_bit(validity, m->offset + i)) {
            HANA_GOTO(done, hana_builder_null(builder, err));
            continue;
        }
        memcpy(&length, view, 4);
        memcpy(&buffer, view + 8, 4);
        memcpy(&at, view + 12, 4);
        if (length < 0 || (length > 12 && (buffer < 0 || buffer + 3 >= a->n_buffers)))
            HANA_GOTO(done, bad(m, "a view outside its buffers", err));
        text = length <= 12 ? view + 4 : (const char *)a->buffers[2 + buffer] + at;
        if (!hana_utf8_valid(text, (size_t)length))
            HANA_GOTO(
                done,
                hana_fail(err, HANA_BAD_DATA,
                          "from_arrow: column '%s', row %zu: text that is not UTF-8",
                          m->name, i + 1));
        HANA_GOTO(done, hana_builder_string(builder, text, (size_t)length, err));
    }
    status = hana_builder_take(&m->column, builder, err);
done:
    hana_builder_free(builder);
    return status;
}

static hana_status take_nulls(import *m, hana_error *err)
{
    return hana_column_nulls_new(&m->column, HANA_FLOAT, m->n, NULL, err);
}

static hana_status take_timestamps(import *m, hana_error *err)
{
    const char *format = m->schema->format, *zone = format + 4;
    const hana_zone *known;
    int64_t up = format[2] == 's'   ? 1000000
                 : format[2] == 'm' ? 1000
                                    : 1,
            down = format[2] == 'n' ? 1000 : 1;
    HANA_TRY(take_ints(m, HANA_DATETIME, 'l', up, down, err));
    /* A zone that is an offset or unknown here does not change the instants. */
    if (*zone && strlen(zone) < HANA_ZONE_SIZE &&
        hana_zone_get(&known, zone, NULL) == HANA_OK)
        snprintf(m->column->zone, HANA_ZONE_SIZE, "%s", zone);
    return HANA_OK;
}

static hana_status take(import *m, hana_error *err);

/* Whether texts can be the levels of a category: all there, none twice. */
static hana_status are_levels(int *out, const hana_column *texts, hana_error *err)
{
    hana_column *distinct;
    *out = 0;
    if (texts->type != HANA_STRING || texts->nulls) return HANA_OK;
    HANA_TRY(hana_column_unique(&distinct, texts, err));
    *out = distinct->length == texts->length;
    hana_column_release(distinct);
    return HANA_OK;
}

/* Each row's value by its number in the dictionary. */
static hana_status take_values(import *m, const hana_column *values, char kind,
                               hana_error *err)
{
    size_t *rows = hana_alloc(m->n, sizeof *rows);
    hana_column *plain = NULL;
    if (!rows) return hana_fail_memory(err);
    for (size_t i = 0; i < m->n; i++) {
        int64_t code = -1;
        if (!hana_null_at(m->column, i)) read_int(m, kind, i, &code);
        rows[i] = code < 0 ? HANA_NO_ROW : (size_t)code;
    }
    hana_status status = hana_column_take(&plain, values, rows, m->n, err);
    hana_free(rows);
    if (status == HANA_OK && values->type == HANA_STRING) {
        hana_column *category = NULL;
        status = hana_column_to_category(&category, plain, 0, err);
        hana_column_release(plain);
        plain = category;
    }
    if (status != HANA_OK) return status;
    hana_column_release(m->column);
    m->column = plain;
    return HANA_OK;
}

static hana_status take_dictionary(import *m, hana_error *err)
{
    char kind = *m->schema->format;
import d = {.schema = m->schema->dictionary, .array = m->array->dictionary, .name = m->name, .owner = m->owner };
    if (!is_int(m->schema->format) || !d.array)
        return bad(m, "a dictionary without codes", err);
    d.offset = (size_t)d.array->offset;
    d.n = (size_t)d.array->length;
    hana_status status;
    int fit = 0;
    HANA_GOTO(done, take(&d, err));
    HANA_GOTO(done, begin(m, HANA_CATEGORY, err));
    for (size_t i = 0; i < m->n; i++) {
        int64_t code = 0;
        if (hana_null_at(m->column, i)) continue;
        if (!read_int(m, kind, i, &code) || code < 0 || (size_t)code >= d.n)
            HANA_GOTO(done, bad(m, "a code outside its dictionary", err));
    }
    HANA_GOTO(done, are_levels(&fit, d.column, err));
    if (!fit) {
        status = take_values(m, d.column, kind, err);
        goto done;
    }
    m->column->levels = hana_column_retain(d.column);
    m->column->ordered = (m->schema->flags & ARROW_FLAG_DICTIONARY_ORDERED) != 0;
    if (kind == 'i' && share(m, sizeof(int32_t))) goto done;
    void *room;
    HANA_GOTO(done, hana_column_room(&room, m->column, m->n, sizeof(int32_t), err));
    for (size_t i = 0; i < m->n; i++) {
        int64_t code = 0;
        if (!hana_null_at(m->column, i)) read_int(m, kind, i, &code);
        ((int32_t *)room)[i] = (int32_t)code;
    }
done:
    hana_column_release(d.column);
    return status;
}

/* How many buffers an array of the format has at least; -1 for a type that a frame does
   not have. */
static int buffers_of(const char *format)
{
    if (strcmp(format, "n") == 0) return 0;
    if (strcmp(format, "u") == 0 || strcmp(format, "U") == 0) return 3;
    if (strcmp(format, "vu") == 0) return 3;
    if (is_int(format) || strcmp(format, "b") == 0 || strcmp(format, "f") == 0 ||
        strcmp(format, "g") == 0 || strcmp(format, "tdD") == 0 ||
        strcmp(format, "tdm") == 0)
        return 2;
    if (strncmp(format, "ts", 2) == 0 && format[2] && strchr("smun", format[2]) &&
        format[3] == ':')
        return 2;
    return -1;
}

static const char *what_is(const char *format)
{
    if (*format == 'd') return "is a decimal; cast it to float64 or to text first";
    if (*format == 'z' || *format == 'Z' || *format == 'w' || strcmp(format, "vz") == 0)
        return "holds bytes, which a frame does not";
    if (*format == '+') return "is nested; flatten it first";
    if (strncmp(format, "tt", 2) == 0) return "is a time of day; cast it to text first";
    if (strncmp(format, "tD", 2) == 0) return "is a duration; cast it to int64 first";
    return "is of a type that a frame does not have";
}

static hana_status take(import *m, hana_error *err)
{
    const char *format = m->schema->format;
    int buffers = buffers_of(format);
    if (buffers < 0) return refuse(m, what_is(format), err);
    if (m->array->n_buffers < buffers || m->array->length < 0 || m->array->offset < 0)
        return bad(m, "an array that is not of its type", err);
    if (m->schema->dictionary) return take_dictionary(m, err);
    switch (*format) {
    case 'n':
        return take_nulls(m, err);
    case 'b':
        return take_bools(m, err);
    case 'f':
    case 'g':
        return take_floats(m, *format, err);
    case 'u':
    case 'U':
        return take_texts(m, *format == 'U', err);
    case 'v':
        return take_views(m, err);
    case 't':
        if (format[1] == 's') return take_timestamps(m, err);
        return format[2] == 'D' ? take_ints(m, HANA_DATE, 'i', 1, 1, err)
                                : take_ints(m, HANA_DATE, 'l', 1, INT64_C(86400000), err);
    default:
        return take_ints(m, HANA_INT, *format, 1, 1, err);
    }
}

static hana_status take_columns(hana_frame **out, const struct ArrowSchema *schema,
                                const struct ArrowArray *array, hana_buffer *owner,
                                hana_error *err)
{
    size_t n = (size_t)schema->n_children;
    const hana_column **columns = hana_alloc_zero(n, sizeof *columns);
    const char **names = hana_alloc_zero(n, sizeof *names);
    hana_status status = columns && names ? HANA_OK : hana_fail_memory(err);
    for (size_t j = 0; status == HANA_OK && j < n; j++) {
import m = {.schema = schema->children[j], .array = array->children[j], .owner = owner, .n =(size_t) array->length };
        m.name = names[j] = m.schema->name ? m.schema->name : "";
        m.offset = (size_t)(m.array->offset + array->offset);
        if (m.array->length < array->offset + array->length)
            status = bad(&m, "fewer values than rows", err);
        else
            status = take(&m, err);
        if (status == HANA_OK)
            columns[j] = m.column;
        else
            hana_column_release(m.column);
    }
    if (status == HANA_OK)
        status = hana_frame_new(out, names, columns, n, (size_t)array->length, err);
    for (size_t j = 0; columns && j < n; j++) hana_column_release(columns[j]);
    hana_free(columns);
    hana_free(names);
    return status;
}

hana_status hana_frame_from_arrow(hana_frame **out, struct ArrowSchema *schema,
                                  struct ArrowArray *array, hana_error *err)
{
    if (!schema->release || !array->release)
        return hana_fail(err, HANA_BAD_ARGUMENT,
                         "from_arrow: the array was taken or released before");
    if (strcmp(schema->format, "+s") != 0)
        return hana_fail(err, HANA_UNSUPPORTED,
                         "from_arrow: a record batch (a struct array) is expected, got "
                         "Arrow's \"%.20s\"",
                         schema->format);
    if (schema->n_children != array->n_children || array->null_count > 0)
        return hana_fail(err, HANA_BAD_FORMAT,
                         "from_arrow: a record batch whose columns are not those of its "
                         "schema, or that has null rows");
    holder *h = hana_alloc_zero(1, sizeof *h);
    if (!h) return hana_fail_memory(err);
    h->array = *array;
    hana_buffer *owner = NULL;
    hana_status status = hana_buffer_wrap(&owner, h, holder_release, err);
    if (status != HANA_OK) {
        hana_free(h);
        return status;
    }
    status = take_columns(out, schema, &h->array, owner, err);
    if (status == HANA_OK) {
        h->kept = 1;
        array->release = NULL;
        schema->release(schema);
    }
    hana_buffer_release(owner);
    return status;
}
