#include "json_frame.h"

#include "base/parallel.h"
#include "base/text.h"
#include "io/encoding.h"
#include "io/files.h"
#include "io/foreign.h"
#include "io/json_parts.h"
#include "io/mixed.h"

#include <stdatomic.h>
#include <string.h>

/* Everything that is held while one file is read. */
typedef struct reading {
    const char *path, *encoding;
    const hana_csv_options *options;
    hana_job *job;
    uint64_t origin; /* of the rows: the file's hash */
    hana_text decoded;
    const char *text;
    size_t length, at, line_start;
    int64_t line, records;
    int lines; /* an object a line, else anywhere */
    hana_mixed_table table;
    size_t next; /* the column that the next member is likely to be of */
} reading;

static hana_status decode(reading *r, const char *bytes, size_t length, hana_error *err)
{
    hana_inspection found;
    HANA_TRY(hana_inspect(&found, bytes, length, r->job, err));
    r->origin = found.hash;
    hana_status status =
        hana_encoding_open(&r->text, &r->length, &r->encoding, &r->decoded, bytes, length,
                           &found, r->options->encoding, "read_json", err);
    if (status == HANA_BAD_ARGUMENT) return status;
    if (status != HANA_OK) return hana_fail_prefix(err, status, "%s: ", r->path);
    if (strcmp(r->encoding, "utf-8") == 0) return HANA_OK;
    return hana_mixed_table_note(&r->table, err, "the bytes are not UTF-8: read as %s",
                                 r->encoding);
}

static hana_status take_member(void *context, const char *key, size_t key_length,
                               const hana_value *value, const char *text, size_t length,
                               hana_error *err)
{
    reading *r = context;
    hana_mixed_table *t = &r->table;
    size_t j = r->next;
    const char *likely = j < t->n ? t->names.items[j] : "";
    if (key_length == 0)
        return hana_fail(err, HANA_BAD_DATA, "a key that is empty cannot name a column");
    if (strncmp(likely, key, key_length) != 0 || likely[key_length] != '\0')
        HANA_TRY(hana_mixed_table_column(&j, t, key, key_length, err));
    r->next = j + 1;
    if (hana_mixed_table_has(t, j))
        return hana_fail(err, HANA_BAD_DATA, "the key '%.*s' stands twice in one object",
                         key_length < 100 ? (int)key_length : 100, key);
    hana_mixed_cell cell = { 0 };
    hana_text nested = { 0 };
    hana_status status = HANA_OK;
    if (text) {
        cell = (hana_mixed_cell){ .kind = HANA_MIXED_STRING,
                                  .text = text,
                                  .length = length };
        return hana_mixed_table_put(t, j, &cell, err);
    }
    switch (value->kind) {
    case HANA_VALUE_BOOL:
        cell.kind = HANA_MIXED_BOOL;
        cell.integer = value->as.boolean;
        break;
    case HANA_VALUE_INT:
        cell.kind = HANA_MIXED_INT;
        cell.integer = value->as.integer;
        break;
    case HANA_VALUE_NUMBER:
        cell.kind = HANA_MIXED_FLOAT;
        cell.number = value->as.number;
        break;
    case HANA_VALUE_LIST:
    case HANA_VALUE_MAP:
        status = hana_json_encode(&nested, value, 0, 0, err);
        cell.kind = HANA_MIXED_NESTED;
        cell.text = nested.data;
        cell.length = nested.length;
        break;
    case HANA_VALUE_NULL:
    case HANA_VALUE_STRING:
    case HANA_VALUE_OBJECT:
        break;
    }
    if (status == HANA_OK) status = hana_mixed_table_put(t, j, &cell, err);
    hana_text_clear(&nested);
    return status;
}

static void count_line(reading *r, size_t newline)
{
    r->line++;
    r->line_start = newline + 1;
}

static void skip_blanks(reading *r)
{
    while (r->at < r->length) {
        char c = r->text[r->at];
        if (c != ' ' && c != '\t' && c != '\n' && c != '\r') break;
        if (c == '\n') count_line(r, r->at);
        r->at++;
    }
}

static size_t line_end(const reading *r, size_t at)
{
    const char *end = memchr(r->text + at, '\n', r->length - at);
    return end ? (size_t)(end - r->text) : r->length;
}

static hana_status misfit(const reading *r, size_t stop, const char *expected,
                          hana_error *err)
{
    return hana_json_misfit(r->text + r->line_start, stop - r->line_start,
                            r->at - r->line_start, r->line, expected, err);
}

/* The record at r->at, which ends at or before `stop`; r->at then stands behind it. */
static hana_status read_object(reading *r, size_t stop, hana_error *err)
{
    size_t start = r->line_start, from = r->at, at = r->at - start;
    r->next = 0;
    HANA_TRY(hana_json_object(r->text + start, stop - start, &at, r->line, take_member, r,
                              err));
    r->at = start + at;
    if (!r->lines) {
        for (size_t i = from; i < r->at; i++)
            if (r->text[i] == '\n') count_line(r, i);
        return HANA_OK;
    }
    while (r->at < stop && strchr(" \t\r", r->text[r->at])) r->at++;
    if (r->at == stop) return HANA_OK;
    return misfit(r, stop, "expected the end of the line behind the object", err);
}

/* A record that could not be read: an error, a row of nulls, or left out. */
static hana_status give_up(reading *r, int64_t line, const hana_error *found,
                           hana_error *err)
{
    hana_mixed_table *t = &r->table;
    if (found->status != HANA_BAD_FORMAT)
        return hana_fail(err, found->status, "%s", found->message);
    if (r->options->on_error == 0 || !r->lines)
        return hana_fail(err, HANA_BAD_DATA, "%s: %s%s", r->path, found->message,
                         r->options->on_error == 0
                             ? ""
                             : "; on_error works for JSON Lines, an object a line");
    if (t->skipped + t->broken == 0) {
        hana_error cut;
        hana_fail(&cut, HANA_OK, "%.200s", found->message);
        memcpy(t->trouble, cut.message, strlen(cut.message) + 1);
    }
    HANA_TRY(hana_lines_add(&t->troubles, line, line, err));
    hana_mixed_table_drop_row(t);
    r->at = line_end(r, r->at);
    if (r->options->on_error == 2) {
        t->skipped++;
        return HANA_OK;
    }
    t->broken++;
    return hana_mixed_table_end_row(t, line, r->records, err);
}

/* Whether the first object ends in the line in which it begins: then all do. */
static int object_a_line(const reading *r)
{
    hana_value value = { 0 };
    hana_error found;
    size_t stop = line_end(r, r->at), length = stop - r->at;
    hana_status status = hana_json_decode(&value, r->text + r->at, length, &found);
    hana_value_clear(&value);
    /* What is wrong at the very end is not complete. */
    return status == HANA_OK || stop == r->length ||
           (found.position > 0 && (size_t)found.position <= length &&
            strstr(found.message, "never closed") == NULL);
}

static hana_status read_records(reading *r, hana_error *err)
{
    size_t limit = r->options->limit < 0 ? SIZE_MAX : (size_t)r->options->limit;
    for (;;) {
        skip_blanks(r);
        if (r->at >= r->length || r->table.rows >= limit) return HANA_OK;
        if (r->job && r->records % 4096 == 0)
            HANA_TRY(hana_job_at(r->job, r->at, r->length, err));
        hana_error found = { 0 };
        int64_t line = r->line;
        size_t start = r->at, stop = r->lines ? line_end(r, r->at) : r->length;
        hana_status status = read_object(r, stop, &found);
        if (status == HANA_OK) {
            HANA_TRY(hana_mixed_table_end_row(&r->table, line, r->records, err));
        } else {
            r->at = start;
            HANA_TRY(give_up(r, line, &found, err));
        }
        r->records++;
    }
}

/* --- parts of a file of lines, side by side ---------------------------------------- */

static atomic_size_t forced_bytes;

void hana_json_part_bytes(size_t bytes)
{
    atomic_store(&forced_bytes, bytes);
}

enum { PART_BYTES = 1 << 19, PARTS_AT_ONCE = 64 };

static int64_t count_breaks(const char *text, size_t n)
{
    int64_t breaks = 0;
    const char *end = text + n;
    while ((text = memchr(text, '\n', (size_t)(end - text))) != NULL) breaks++, text++;
    return breaks;
}

/* Cuts the next lines into parts that are readings of their own. Gives their number. */
static size_t cut_parts(reading *parts, reading *r, size_t bytes)
{
    size_t n = 0;
    for (; n < PARTS_AT_ONCE && r->at < r->length; n++) {
        size_t from = r->at, to = r->length - from < bytes ? r->length : from + bytes;
        if (to < r->length) to = line_end(r, to - 1);
        if (to < r->length) to++;
        parts[n] = (reading){ .path = r->path,
                              .options = r->options,
                              .text = r->text,
                              .length = to,
                              .at = from,
                              .line_start = from,
                              .line = r->line,
                              .lines = 1 };
        r->line += count_breaks(r->text + from, to - from);
        r->line_start = r->at = to;
    }
    return n;
}

static hana_status read_part(void *context, size_t k, int worker, hana_error *err)
{
    (void)worker;
    return read_records((reading *)context + k, err);
}

static hana_status read_parts(reading *r, size_t bytes, hana_error *err)
{
    reading *parts = hana_alloc_zero(PARTS_AT_ONCE, sizeof *parts);
    hana_mixed_rows rows[PARTS_AT_ONCE];
    hana_status status = HANA_OK;
    if (!parts) return hana_fail_memory(err);
    /* The line where the first record begins. */
    r->at = r->line_start;
    while (status == HANA_OK && r->at < r->length) {
        size_t n = cut_parts(parts, r, bytes);
        hana_job_stage(r->job, "", 0.7 * (double)parts[0].at / (double)r->length,
                       0.7 * (double)r->at / (double)r->length);
        status = hana_parallel(r->job, n, read_part, parts, err);
        for (size_t k = 0; k < n; k++) {
            rows[k] = (hana_mixed_rows){ &parts[k].table, r->records };
            r->records += parts[k].records;
        }
        if (status == HANA_OK)
            status = hana_mixed_table_append(&r->table, rows, n, r->job, err);
        for (size_t k = 0; k < n; k++) hana_mixed_table_clear(&parts[k].table);
    }
    hana_free(parts);
    return status;
}

/* Lines that are few, or of which not all are wanted, are read one after the other. */
static hana_status read_lines(reading *r, hana_error *err)
{
    size_t forced = atomic_load(&forced_bytes), left = r->length - r->at;
    if (forced && r->options->limit < 0) return read_parts(r, forced, err);
    if (hana_job_threads(r->job) > 1 && left > 2 * PART_BYTES && r->options->limit < 0)
        return read_parts(r, PART_BYTES, err);
    return read_records(r, err);
}

static hana_status fail_here(const reading *r, const char *expected, hana_error *err)
{
    hana_error found;
    misfit(r, r->length, expected, &found);
    return hana_fail(err, HANA_BAD_DATA, "%s: %s", r->path, found.message);
}

static hana_status read_array(reading *r, hana_error *err)
{
    size_t limit = r->options->limit < 0 ? SIZE_MAX : (size_t)r->options->limit;
    r->at++;
    skip_blanks(r);
    if (r->at < r->length && r->text[r->at] == ']') goto closed;
    while (r->table.rows < limit) {
        hana_error found = { 0 };
        int64_t line = r->line;
        if (r->records % 4096 == 0) HANA_TRY(hana_job_at(r->job, r->at, r->length, err));
        if (read_object(r, r->length, &found) != HANA_OK)
            return give_up(r, line, &found, err);
        HANA_TRY(hana_mixed_table_end_row(&r->table, line, r->records++, err));
        skip_blanks(r);
        if (r->at >= r->length || r->text[r->at] != ',') goto closed;
        r->at++;
        skip_blanks(r);
    }
    return HANA_OK;
closed:
    if (r->at >= r->length || r->text[r->at] != ']')
        return fail_here(r, "expected ',' or ']'", err);
    r->at++;
    skip_blanks(r);
    return r->at < r->length ? fail_here(r, "expected the end behind the array", err)
                             : HANA_OK;
}

static hana_status read_bytes(hana_frame **out, hana_value *report, reading *r,
                              const char *bytes, size_t length, hana_error *err)
{
    hana_csv_options plain = *r->options;
    plain.has_null = 1; /* JSON has a null of its own */
    HANA_TRY(hana_foreign_binary(r->path, bytes, length, "JSON", err));
    HANA_TRY(decode(r, bytes, length, err));
    HANA_TRY(hana_foreign_markup(r->path, r->text, r->length, "JSON", err));
    skip_blanks(r);
    if (r->at == r->length)
        return hana_fail(err, HANA_BAD_DATA, "%s: the file is empty", r->path);
    int array = r->text[r->at] == '[';
    r->lines = !array && object_a_line(r);
    hana_job_stage(r->job, "", 0, 0.7);
    hana_status status = array      ? read_array(r, err)
                         : r->lines ? read_lines(r, err)
                                    : read_records(r, err);
    if (status == HANA_UNSUPPORTED) return hana_fail_prefix(err, status, "%s: ", r->path);
    HANA_TRY(status);
    hana_mixed_source source = { .path = r->path,
                                 .encoding = r->encoding,
                                 .function = "read_json",
                                 .format = array      ? "a JSON array"
                                           : r->lines ? "JSON Lines"
                                                      : "JSON objects",
                                 .options = &plain,
                                 .origin = r->origin };
    hana_job_stage(r->job, "", 0.7, 1);
    return hana_mixed_frame(out, report, &r->table, &source, r->job, err);
}

hana_status hana_json_read(hana_frame **out, hana_value *report, const char *path,
                           const char *text, size_t length,
                           const hana_csv_options *options, hana_job *job,
                           hana_error *err)
{
    static const hana_csv_options usual = { .limit = -1 };
    reading r = { .path = path ? path : "text",
                  .options = options ? options : &usual,
                  .job = job,
                  .line = 1 };
    hana_bytes file = { 0 };
    if (path) {
        HANA_TRY(hana_file_open(&file, path, job, err));
        text = file.data;
        length = file.length;
    }
    hana_status status = read_bytes(out, report, &r, text, length, err);
    hana_mixed_table_clear(&r.table);
    hana_text_clear(&r.decoded);
    if (path) hana_file_close(&file);
    return status;
}
