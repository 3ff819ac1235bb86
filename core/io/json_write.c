#include "json_frame.h"

#include "base/text.h"
#include "base/time.h"
#include "io/files.h"
#include "io/json_parts.h"
#include "io/print_rows.h"

#include <string.h>

/* Names are copied in one step of so many bytes, what they have more apart. A number, a
   time or a word takes at most so many. */
enum { NAME_STEP = 32, PLAIN_BYTES = 64 };

/* A column as its cells are printed. */
typedef struct source {
    const hana_column *column;
    hana_type type;
    const uint8_t *validity;
    const hana_zone *zone;
    const int32_t *codes;   /* category */
    const int64_t *offsets; /* string; category: of the levels */
    const char *text;       /* likewise */
    hana_block_view block;
    const char *name;
    size_t first, members; /* its names: so many from the first */
    size_t room;           /* a row's part takes no more, but for text */
} source;

typedef struct printer {
    const hana_frame *frame;
    source *sources;
    size_t cols;     /* that are printed */
    hana_text names; /* `,"name":` of each member, `,"name":0` in a sparse block */
    size_t *start;   /* of each in `names`, and of the end */
    int as_array;
    hana_text *target;      /* where it goes, or */
    hana_file_writer *file; /* where it goes */
} printer;

static void put_name(const printer *p, hana_text *out, size_t member, size_t less)
{
    const char *name = p->names.data + p->start[member];
    char *at = out->data + out->length;
    size_t length = p->start[member + 1] - p->start[member] - less;
    memcpy(at, name, NAME_STEP);
    if (length > NAME_STEP) memcpy(at + NAME_STEP, name + NAME_STEP, length - NAME_STEP);
    out->length += length;
}

static hana_status put_number(hana_text *out, double value, int as_float,
                              const char *name, size_t length, size_t row,
                              hana_error *err)
{
    if (value - value != 0)
        return hana_fail(err, HANA_BAD_DATA,
                         "column '%.*s', row %zu: %s has no JSON form", (int)length, name,
                         row + 1, value != value ? "NaN" : "an infinite number");
    out->length += (size_t)hana_print_double(out->data + out->length, value, as_float);
    return HANA_OK;
}

static void put_word(hana_text *out, const char *word, size_t length)
{
    memcpy(out->data + out->length, word, length);
    out->length += length;
}

/* The number of feature k of a block, null where it is NaN. */
static hana_status put_feature(hana_text *out, const source *s, size_t k, double value,
                               size_t row, hana_error *err)
{
    size_t length;
    if (value != value) {
        put_word(out, "null", 4);
        return HANA_OK;
    }
    const char *name = hana_column_string(s->block.names, k, &length);
    return put_number(out, value, 0, name, length, row, err);
}

/* Features from .. to - 1 of a sparse row, which are 0. */
static void put_zeros(const printer *p, const source *s, hana_text *out, size_t from,
                      size_t to)
{
    size_t at = p->start[s->first + from];
    put_word(out, p->names.data + at, p->start[s->first + to] - at);
}

static hana_status put_block(const printer *p, const source *s, hana_text *out,
                             size_t row, hana_error *err)
{
    const hana_block_view *b = &s->block;
    if (b->layout != HANA_CSR) {
        for (size_t k = 0; k < s->members; k++) {
            size_t at = row * b->cols + k;
            put_name(p, out, s->first + k, 0);
            HANA_TRY(put_feature(
                out, s, k, b->layout == HANA_DENSE_F64 ? b->f64[at] : (double)b->f32[at],
                row, err));
        }
        return HANA_OK;
    }
    size_t done = 0;
    for (int64_t at = b->start[row]; at < b->start[row + 1]; at++) {
        size_t k = (size_t)b->index[at];
        if (k >= s->members) break;
        put_zeros(p, s, out, done, k);
        put_name(p, out, s->first + k, 1);
        HANA_TRY(put_feature(out, s, k, b->f64[at], row, err));
        done = k + 1;
    }
    put_zeros(p, s, out, done, s->members);
    return HANA_OK;
}

static hana_status put_cell(const source *s, hana_text *out, size_t row, hana_error *err)
{
    char *at = out->data + out->length;
    size_t k = row;
    if (s->validity && !hana_bit(s->validity, row)) {
        put_word(out, "null", 4);
        return HANA_OK;
    }
    switch (s->type) {
    case HANA_FLOAT:
        return put_number(out, hana_column_floats(s->column)[row], 1, s->name,
                          strlen(s->name), row, err);
    case HANA_INT:
        out->length += (size_t)hana_print_int(at, hana_column_ints(s->column)[row]);
        break;
    case HANA_BOOL:
        if (hana_bit(hana_column_bits(s->column), row))
            put_word(out, "true", 4);
        else
            put_word(out, "false", 5);
        break;
    case HANA_DATE:
        *at = '"';
        out->length +=
            1 + (size_t)hana_print_date(at + 1, hana_column_codes(s->column)[row]);
        out->data[out->length++] = '"';
        break;
    case HANA_DATETIME:
        *at = '"';
        out->length += 1 + (size_t)hana_print_datetime(
                               at + 1, hana_column_ints(s->column)[row], s->zone);
        out->data[out->length++] = '"';
        break;
    case HANA_CATEGORY:
        k = (size_t)s->codes[row]; /* fall through */
    case HANA_STRING:
        return hana_json_put_string(out, s->text + s->offsets[k],
                                    (size_t)(s->offsets[k + 1] - s->offsets[k]), err);
    case HANA_BLOCK:
        break;
    }
    return HANA_OK;
}

static int has_room(hana_text *out, size_t more)
{
    return out->capacity - out->length > more || hana_text_room(out, more) != NULL;
}

static hana_status put_row(const printer *p, hana_text *out, size_t row, hana_error *err)
{
    size_t start = out->length;
    for (size_t j = 0; j < p->cols; j++) {
        const source *s = &p->sources[j];
        if (!has_room(out, s->room)) return hana_fail_memory(err);
        if (s->type == HANA_BLOCK) {
            HANA_TRY(put_block(p, s, out, row, err));
        } else {
            put_name(p, out, s->first, 0);
            HANA_TRY(put_cell(s, out, row, err));
        }
    }
    if (!has_room(out, PLAIN_BYTES)) return hana_fail_memory(err);
    if (out->length == start) out->length++;
    out->data[start] = '{'; /* in place of the first name's comma */
    put_word(out, "},\n", 3);
    if (p->as_array && row + 1 < hana_frame_rows(p->frame)) return HANA_OK;
    out->length -= 2;
    put_word(out, "\n", 1);
    return HANA_OK;
}

static hana_status print(void *context, hana_text *out, size_t from, size_t to,
                         hana_error *err)
{
    for (size_t i = from; i < to; i++) HANA_TRY(put_row(context, out, i, err));
    return HANA_OK;
}

static hana_status hand_on(void *context, const hana_text *text, hana_error *err)
{
    const printer *p = context;
    if (p->file) return hana_file_write(p->file, text->data, text->length, err);
    hana_text_add(p->target, text->data, text->length);
    return p->target->failed ? hana_fail_memory(err) : HANA_OK;
}

static hana_status add_name(printer *p, source *s, const char *name, size_t length,
                            hana_error *err)
{
    hana_text_putc(&p->names, ',');
    HANA_TRY(hana_json_put_string(&p->names, name, length, err));
    hana_text_puts(&p->names,
                   s->type == HANA_BLOCK && s->block.layout == HANA_CSR ? ":0" : ":");
    s->members++;
    p->start[s->first + s->members] = p->names.length;
    return HANA_OK;
}

static hana_status add_names(printer *p, source *s, hana_error *err)
{
    if (s->type != HANA_BLOCK) return add_name(p, s, s->name, strlen(s->name), err);
    for (size_t k = 0; k < s->block.cols; k++) {
        size_t length;
        const char *name = hana_column_string(s->block.names, k, &length);
        HANA_TRY(add_name(p, s, name, length, err));
    }
    return HANA_OK;
}

static void open_source(source *s, const hana_frame *frame, size_t j)
{
    const hana_column *column = hana_frame_column(frame, j), *texts = column;
    s->column = column;
    s->name = hana_frame_name(frame, j);
    s->type = hana_column_type(column);
    s->validity = hana_column_validity(column);
    s->codes = hana_column_codes(column);
    if (s->type == HANA_CATEGORY) texts = hana_column_levels(column);
    if (s->type == HANA_CATEGORY || s->type == HANA_STRING) {
        s->offsets = hana_column_offsets(texts);
        s->text = hana_column_text(texts);
    }
    hana_column_block(column, &s->block);
    if (s->type == HANA_DATETIME &&
        hana_zone_get(&s->zone, hana_column_zone(column), NULL) != HANA_OK)
        hana_zone_get(&s->zone, "UTC", NULL);
}

/* Prints what stands before a name that is not UTF-8: a failure there comes first. */
static hana_status fail_name(const printer *p, hana_status status, hana_error *err)
{
    hana_text row = { 0 };
    if (hana_frame_rows(p->frame) == 0) return HANA_OK;
    hana_status before = put_row(p, &row, 0, err);
    hana_text_clear(&row);
    return before != HANA_OK ? before : status;
}

static hana_status prepare(printer *p, hana_error *err)
{
    size_t cols = hana_frame_cols(p->frame), members = 0;
    p->sources = hana_alloc_zero(cols, sizeof *p->sources);
    if (!p->sources) return hana_fail_memory(err);
    for (size_t j = 0; j < cols; j++) {
        source *s = &p->sources[j];
        open_source(s, p->frame, j);
        s->first = members;
        members += s->type == HANA_BLOCK ? s->block.cols : 1;
    }
    p->start = hana_alloc_zero(members + 1, sizeof *p->start);
    if (!p->start) return hana_fail_memory(err);
    hana_status status = HANA_OK;
    for (size_t j = 0; j < cols && status == HANA_OK; j++) {
        source *s = &p->sources[j];
        status = add_names(p, s, err);
        s->room = p->start[s->first + s->members] - p->start[s->first] +
                  s->members * PLAIN_BYTES + NAME_STEP;
        p->cols += status == HANA_OK || s->members > 0;
    }
    for (int i = 0; i < NAME_STEP; i++) hana_text_putc(&p->names, ' ');
    if (p->names.failed) return hana_fail_memory(err);
    return status == HANA_BAD_DATA ? fail_name(p, status, err) : status;
}

static hana_status put_all(printer *p, hana_job *job, hana_error *err)
{
    hana_row_printer rows = { .frame = p->frame,
                              .row_bytes = strlen("{},\n"),
                              .context = p,
                              .print = print,
                              .hand_on = hand_on };
    HANA_TRY(prepare(p, err));
    for (size_t j = 0; j < p->cols; j++) rows.row_bytes += p->sources[j].room - NAME_STEP;
    /* Only a file is an array. */
    if (p->as_array) HANA_TRY(hana_file_write(p->file, "[\n", 2, err));
    HANA_TRY(hana_print_rows(&rows, job, err));
    return p->as_array ? hana_file_write(p->file, "]\n", 2, err) : HANA_OK;
}

hana_status hana_json_write(const hana_frame *frame, const char *path, hana_text *text,
                            hana_job *job, hana_error *err)
{
    printer p = { .frame = frame, .target = text };
    size_t before = text ? text->length : 0, n = path ? strlen(path) : 0;
    if (n > 3 && strcmp(path + n - 3, ".gz") == 0) n -= 3;
    p.as_array = !text && n >= 5 && memcmp(path + n - 5, ".json", 5) == 0;
    if (!text) HANA_TRY(hana_file_create_packed(&p.file, path, err));
    hana_status status = put_all(&p, job, err);
    hana_free(p.sources);
    hana_free(p.start);
    hana_text_clear(&p.names);
    if (p.file && status == HANA_OK) return hana_file_commit(p.file, err);
    hana_file_abort(p.file);
    if (text && status != HANA_OK) text->length = before;
    return status;
}
