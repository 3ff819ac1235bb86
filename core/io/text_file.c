#include "text_file.h"

#include "base/parallel.h"
#include "base/text.h"
#include "csv_parts.h"
#include "io/encoding.h"
#include "io/files.h"
#include "io/foreign.h"

#include <stdio.h>
#include <string.h>

enum { BLOCK_BYTES = 1 << 20 };

/* Lines of one stretch of the file, matched. */
typedef struct block {
    hana_csv_stretch stretch;
    hana_csv_cell *cells; /* stretch.rows x width */
    int64_t *lines;       /* of each row */
    size_t capacity;
    size_t unmatched;
} block;

/* Everything that is held while one file is read. */
typedef struct reading {
    const char *path;
    const hana_csv_options *options;
    hana_job *job;
    hana_pattern *pattern; /* NULL: whole lines */
    hana_text decoded;
    const char *text;
    size_t length, at; /* the lines begin at `at` */
    hana_csv_style style;
    hana_names names;
    hana_csv_column *columns;
    hana_csv_layout layout;
    block *blocks;
    size_t n;
    hana_csv_stretch *stretches; /* those of the blocks, which own them until then */
    hana_csv_kind *kinds;
    hana_csv_facts facts;
    const hana_column **made;
    const char **made_names;
    size_t n_made;
} reading;

static void reading_clear(reading *r)
{
    for (size_t k = 0; r->blocks && k < r->n; k++) {
        hana_csv_stretch_clear(&r->blocks[k].stretch, r->layout.width);
        hana_free(r->blocks[k].cells);
        hana_free(r->blocks[k].lines);
    }
    for (size_t i = 0; i < r->n_made; i++) hana_column_release(r->made[i]);
    hana_free(r->made);
    hana_free(r->made_names);
    hana_free(r->blocks);
    hana_free(r->stretches);
    hana_free(r->kinds);
    hana_free(r->columns);
    hana_names_clear(&r->names);
    hana_names_clear(&r->facts.notes);
    hana_csv_style_clear(&r->style);
    hana_pattern_free(r->pattern);
    hana_text_clear(&r->decoded);
}

static hana_status set_names(reading *r, const hana_names *names, hana_error *err)
{
    size_t groups = r->pattern ? (size_t)hana_pattern_groups(r->pattern) : 0;
    if (!r->pattern) {
        if (names->n > 1)
            return hana_fail(err, HANA_BAD_ARGUMENT,
                             "read_text: option 'names' has %zu names, but without a "
                             "pattern there is one column",
                             names->n);
        return hana_names_add(&r->names, names->n ? names->items[0] : "line", err);
    }
    if (groups == 0)
        return hana_fail(err, HANA_BAD_ARGUMENT,
                         "read_text: the pattern has no groups: what stands in "
                         "parentheses becomes a column");
    if (names->n > 0 && names->n != groups)
        return hana_fail(err, HANA_BAD_ARGUMENT,
                         "read_text: option 'names' has %zu names, the pattern %zu "
                         "groups; (?:...) groups without making a column",
                         names->n, groups);
    for (size_t g = 0; g < groups; g++) {
        char made[32];
        const char *name =
            names->n ? names->items[g] : hana_pattern_group_name(r->pattern, (int)g + 1);
        snprintf(made, sizeof made, "column_%zu", g + 1);
        if (!name) name = made;
        if (hana_names_find(&r->names, name) >= 0)
            return hana_fail(err, HANA_BAD_ARGUMENT,
                             "read_text: two columns would be called '%s'", name);
        HANA_TRY(hana_names_add(&r->names, name, err));
    }
    return HANA_OK;
}

static hana_status unknown_column(const reading *r, const char *name, const char *option,
                                  hana_error *err)
{
    char where[64];
    snprintf(where, sizeof where, " in option '%s' of read_text", option);
    return hana_fail_unknown(err, "no column", name, where,
                             (const char *const *)r->names.items, r->names.n);
}

static hana_status set_columns(reading *r, hana_error *err)
{
    const hana_csv_options *o = r->options;
    r->layout = (hana_csv_layout){ .style = &r->style, .width = r->names.n };
    r->columns = hana_alloc_zero(r->names.n, sizeof *r->columns);
    r->kinds = hana_alloc_zero(r->names.n, sizeof *r->kinds);
    if (!r->columns || !r->kinds) return hana_fail_memory(err);
    r->layout.columns = r->columns;
    for (size_t j = 0; j < r->names.n; j++)
        r->columns[j] = (hana_csv_column){ .name = r->names.items[j],
                                           .wanted = o->columns.n == 0,
                                           .given = !r->pattern,
                                           .type = HANA_STRING };
    for (size_t i = 0; i < o->columns.n; i++) {
        ptrdiff_t j = hana_names_find(&r->names, o->columns.items[i]);
        if (j < 0) return unknown_column(r, o->columns.items[i], "columns", err);
        r->columns[j].wanted = 1;
    }
    for (size_t i = 0; i < o->type_columns.n; i++) {
        ptrdiff_t j = hana_names_find(&r->names, o->type_columns.items[i]);
        if (j < 0) return unknown_column(r, o->type_columns.items[i], "types", err);
        hana_csv_column *c = &r->columns[j];
        if (!hana_type_from_name(o->type_names.items[i], &c->type) ||
            c->type == HANA_BLOCK)
            return hana_fail(err, HANA_BAD_ARGUMENT,
                             "read_text: the type of column '%s' must be float, int, "
                             "bool, string, category, date or datetime, got '%s'",
                             c->name, o->type_names.items[i]);
        c->given = 1;
        c->format = NULL;
        if (i < o->type_formats.n && *o->type_formats.items[i])
            c->format = o->type_formats.items[i];
        if (c->format && c->type != HANA_DATE && c->type != HANA_DATETIME)
            return hana_fail(err, HANA_BAD_ARGUMENT,
                             "read_text: column '%s' of type %s takes no format", c->name,
                             hana_type_name(c->type));
    }
    return HANA_OK;
}

static hana_status room_for_row(block *b, size_t width, int positions, hana_error *err)
{
    if (b->stretch.rows < b->capacity) return HANA_OK;
    size_t capacity = b->capacity ? b->capacity * 2 : 256;
    hana_csv_cell *cells = hana_realloc(b->cells, capacity, width * sizeof *cells);
    if (!cells) return hana_fail_memory(err);
    b->cells = cells;
    int64_t *lines = hana_realloc(b->lines, capacity, sizeof *lines);
    if (!lines) return hana_fail_memory(err);
    b->lines = lines;
    if (positions) {
        int64_t *grown =
            hana_realloc(b->stretch.positions, capacity, sizeof *b->stretch.positions);
        if (!grown) return hana_fail_memory(err);
        b->stretch.positions = grown;
    }
    b->capacity = capacity;
    return HANA_OK;
}

/* The cells of a line; found is 0 when it does not match. */
static hana_status match_line(const reading *r, const char *line, size_t length,
                              hana_csv_cell *cells, size_t *offsets, int *found,
                              hana_error *err)
{
    *found = 1;
    if (!r->pattern) {
        cells[0] = (hana_csv_cell){ line, (uint32_t)length, 1 };
        return HANA_OK;
    }
    HANA_TRY(hana_pattern_match(r->pattern, line, length, 0, offsets, r->layout.width + 1,
                                found, err));
    for (size_t j = 0; *found && j < r->layout.width; j++) {
        size_t from = offsets[2 * j + 2], to = offsets[2 * j + 3];
        int absent = from == (size_t)-1;
        cells[j] = (hana_csv_cell){ absent ? "" : line + from,
                                    absent ? 0 : (uint32_t)(to - from), !absent };
    }
    return HANA_OK;
}

static int is_blank(const char *line, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (line[i] != ' ' && line[i] != '\t') return 0;
    return 1;
}

/* A line that does not match: the failure of the stretch, a row of nulls, or left out.
   Gives whether it is a row. */
static int take_misfit(const reading *r, block *b, const char *line, size_t length,
                       int64_t number, hana_csv_cell *cells)
{
    hana_csv_stretch *s = &b->stretch;
    hana_csv_example example;
    hana_csv_example_set(&example, number, line, length);
    if (r->style.on_error == 0) {
        s->status = hana_fail(&s->error, HANA_BAD_DATA,
                              "the line does not match the pattern: '%s'", example.text);
        s->failed_line = number;
        return 0;
    }
    if (s->trouble.line == 0) hana_csv_remark_set(&s->trouble, number, line, length);
    if (r->style.on_error == 2) {
        s->skipped++;
        return 0;
    }
    b->unmatched++;
    for (size_t j = 0; j < r->layout.width; j++) cells[j] = (hana_csv_cell){ "", 0, 0 };
    return 1;
}

static hana_status take_line(const reading *r, block *b, const char *line, size_t length,
                             int64_t number, size_t *offsets, hana_error *err)
{
    hana_csv_stretch *s = &b->stretch;
    size_t width = r->layout.width, column = 0;
    int found;
    if (length > UINT32_MAX)
        return hana_fail(err, HANA_UNSUPPORTED, "%s: a line of more than 4 GiB", r->path);
    HANA_TRY(room_for_row(b, width, r->style.on_error == 2, err));
    hana_csv_cell *cells = b->cells + s->rows * width;
    HANA_TRY(match_line(r, line, length, cells, offsets, &found, err));
    if (!found && is_blank(line, length)) return HANA_OK;
    s->records++;
    if (!found && r->style.on_error > 0)
        HANA_TRY(hana_lines_add(&s->troubles, number, number, err));
    if (!found && !take_misfit(r, b, line, length, number, cells)) return HANA_OK;
    if (found && r->style.on_error == 2 &&
        !hana_csv_record_fits(&r->layout, cells, &column)) {
        hana_error local = { 0 };
        hana_csv_say_misfit(&local, &r->style, &r->columns[column], &cells[column]);
        if (s->trouble.line == 0)
            hana_csv_remark_set(&s->trouble, number, local.message,
                                strlen(local.message));
        HANA_TRY(hana_lines_add(&s->troubles, number, number, err));
        s->skipped++;
        return HANA_OK;
    }
    b->lines[s->rows] = number;
    if (s->positions) s->positions[s->rows] = s->records - 1;
    s->rows++;
    return HANA_OK;
}

static hana_status read_block(const reading *r, block *b, size_t limit, hana_error *err)
{
    hana_csv_stretch *s = &b->stretch;
    size_t *offsets = hana_alloc(r->layout.width + 1, 2 * sizeof *offsets);
    if (!offsets) return hana_fail_memory(err);
    hana_status status = HANA_OK;
    for (size_t at = s->from; at < s->to && s->rows < limit && s->status == HANA_OK;) {
        const char *line = r->text + at;
        const char *end = memchr(line, '\n', s->to - at);
        size_t length = end ? (size_t)(end - line) : s->to - at;
        at += length + 1;
        s->lines++;
        if (length && line[length - 1] == '\r') length--;
        HANA_GOTO(done, take_line(r, b, line, length, s->lines, offsets, err));
    }
    status = hana_csv_cells_read(s, &r->layout, b->cells, b->lines, err);
done:
    hana_free(offsets);
    return status;
}

static hana_status read_whole_block(void *context, size_t k, int worker, hana_error *err)
{
    (void)worker;
    const reading *r = context;
    return read_block(r, &r->blocks[k], SIZE_MAX, err);
}

static hana_status convert_block(void *context, size_t k, int worker, hana_error *err)
{
    (void)worker;
    const reading *r = context;
    block *b = &r->blocks[k];
    return hana_csv_cells_convert(&b->stretch, &r->layout, b->cells, b->lines, r->kinds,
                                  err);
}

/* Blocks of whole lines. */
static hana_status cut(reading *r, hana_error *err)
{
    size_t most = (r->length - r->at) / BLOCK_BYTES + 1, at = r->at;
    r->blocks = hana_alloc_zero(most, sizeof *r->blocks);
    if (!r->blocks) return hana_fail_memory(err);
    while (at < r->length) {
        size_t stop = r->length;
        if (r->length - at > BLOCK_BYTES) {
            const char *end =
                memchr(r->text + at + BLOCK_BYTES, '\n', r->length - at - BLOCK_BYTES);
            if (end) stop = (size_t)(end + 1 - r->text);
        }
        r->blocks[r->n].stretch.from = at;
        r->blocks[r->n++].stretch.to = stop;
        at = stop;
    }
    return HANA_OK;
}

static hana_status read_blocks(reading *r, hana_error *err)
{
    if (r->options->limit < 0)
        return hana_parallel(r->job, r->n, read_whole_block, r, err);
    size_t left = (size_t)r->options->limit;
    for (size_t k = 0; k < r->n; k++) {
        HANA_TRY(hana_job_check(r->job, err));
        HANA_TRY(read_block(r, &r->blocks[k], left, err));
        left -= r->blocks[k].stretch.rows;
        if (r->blocks[k].stretch.status != HANA_OK) break;
    }
    return HANA_OK;
}

/* Looks through the blocks in order: the first failure, the kinds, what was counted. */
static hana_status accept(reading *r, hana_error *err)
{
    int64_t line = r->facts.first_line - 1;
    size_t unmatched = 0;
    for (size_t k = 0; k < r->n; k++) {
        const hana_csv_stretch *s = &r->blocks[k].stretch;
        if (s->status != HANA_OK) {
            long long at = (long long)(line + s->failed_line);
            return hana_fail(err, s->status, "%s: line %lld: %s", r->path, at,
                             s->error.message);
        }
        unmatched += r->blocks[k].unmatched;
        for (size_t j = 0; s->parts && j < r->layout.width; j++)
            r->kinds[j] = hana_csv_join(r->kinds[j], s->parts[j].kind);
        line += s->lines;
        r->facts.rows += s->rows;
    }
    for (size_t j = 0; j < r->layout.width; j++)
        if (r->kinds[j] == HANA_CSV_EMPTY) r->kinds[j] = HANA_CSV_STRING;
    if (unmatched == 0) return HANA_OK;
    return hana_csv_note(&r->facts, err,
                         "lines that do not match the pattern, all null now: %zu",
                         unmatched);
}

/* Times that their zone leaves out fail here, once the column is known to hold times. */
static hana_status check_gaps(const reading *r, hana_error *err)
{
    int64_t line = r->facts.first_line - 1;
    for (size_t k = 0; k < r->n && r->style.on_error == 0; k++) {
        const hana_csv_stretch *s = &r->blocks[k].stretch;
        for (size_t j = 0; j < r->layout.width; j++) {
            const hana_csv_part *p = &s->parts[j];
            if (r->kinds[j] != HANA_CSV_DATETIME || p->gaps == 0) continue;
            long long at = (long long)(line + p->gap.line);
            return hana_fail(err, HANA_BAD_DATA,
                             "%s: line %lld: column '%s': '%s' does not exist in %s: "
                             "clocks were put forward",
                             r->path, at, r->columns[j].name, p->gap.text,
                             hana_zone_name(r->style.zone));
        }
        line += s->lines;
    }
    return HANA_OK;
}

static hana_status read_lines(reading *r, hana_error *err)
{
    r->facts.first_line = 1;
    for (int64_t k = 0; k < r->options->skip && r->at < r->length; k++) {
        const char *end = memchr(r->text + r->at, '\n', r->length - r->at);
        r->at = end ? (size_t)(end + 1 - r->text) : r->length;
        r->facts.first_line++;
    }
    HANA_TRY(cut(r, err));
    hana_job_stage(r->job, "", 0, 0.6);
    HANA_TRY(read_blocks(r, err));
    HANA_TRY(accept(r, err));
    while (r->n > 0 && !r->blocks[r->n - 1].stretch.parts) r->n--; /* behind the limit */
    hana_job_stage(r->job, "", 0.6, 1);
    HANA_TRY(hana_parallel(r->job, r->n, convert_block, r, err));
    HANA_TRY(check_gaps(r, err));
    r->stretches = hana_alloc(r->n, sizeof *r->stretches);
    if (!r->stretches) return hana_fail_memory(err);
    for (size_t k = 0; k < r->n; k++) r->stretches[k] = r->blocks[k].stretch;
    r->facts.stretches = r->stretches;
    r->facts.n_stretches = r->n;
    return HANA_OK;
}

static hana_status make_columns(reading *r, hana_value *list, hana_error *err)
{
    const hana_names *order = &r->options->columns;
    size_t n = order->n ? order->n : r->names.n;
    size_t *fields = hana_alloc(n, sizeof *fields);
    r->made = hana_alloc_zero(n, sizeof *r->made);
    r->made_names = hana_alloc(n, sizeof *r->made_names);
    hana_status status =
        fields && r->made && r->made_names ? HANA_OK : hana_fail_memory(err);
    HANA_GOTO(done, status);
    for (size_t i = 0; i < n; i++) {
        fields[i] = order->n ? (size_t)hana_names_find(&r->names, order->items[i]) : i;
        r->made_names[i] = r->columns[fields[i]].name;
    }
    r->n_made = n;
    HANA_GOTO(done, hana_value_new_list(list, err));
    HANA_GOTO(done, hana_csv_assemble(r->made, fields, n, NULL, 0, r->stretches, r->n,
                                      r->kinds, &r->layout, r->job, err));
    for (size_t i = 0; i < n; i++)
        HANA_GOTO(done, hana_csv_report_column(
                            list, &r->facts, fields[i], r->kinds[fields[i]],
                            &r->columns[fields[i]], &r->style, r->made[i], err));
done:
    hana_free(fields);
    return status;
}

static hana_status make_frame(hana_frame **out, const reading *r, uint64_t origin,
                              hana_error *err)
{
    hana_frame *plain = NULL;
    int64_t *positions = hana_alloc(r->facts.rows, sizeof *positions), base = 0;
    if (!positions) return hana_fail_memory(err);
    for (size_t k = 0, row = 0; k < r->n; k++) {
        const hana_csv_stretch *s = &r->stretches[k];
        for (size_t i = 0; i < s->rows; i++)
            positions[row++] = base + (s->positions ? s->positions[i] : (int64_t)i);
        base += s->records;
    }
    hana_status status =
        hana_frame_new(&plain, r->made_names, r->made, r->n_made, r->facts.rows, err);
    if (status == HANA_OK)
        status = hana_frame_with_ids(out, plain, origin, positions, err);
    hana_frame_release(plain);
    hana_free(positions);
    return status;
}

static hana_status read_all(hana_frame **out, hana_value *report, reading *r,
                            const char *pattern, const hana_names *names,
                            const char *bytes, size_t length, hana_error *err)
{
    hana_value list = { 0 };
    hana_frame *frame = NULL;
    hana_csv_options plain = *r->options;
    plain.has_null |= pattern == NULL; /* a line "NA" is a line */
    HANA_TRY(hana_foreign_binary(r->path, bytes, length, "text", err));
    hana_inspection found;
    HANA_TRY(hana_inspect(&found, bytes, length, r->job, err));
    hana_status status =
        hana_encoding_open(&r->text, &r->length, &r->facts.encoding, &r->decoded, bytes,
                           length, &found, r->options->encoding, "read_text", err);
    if (status == HANA_BAD_ARGUMENT) return status;
    if (status != HANA_OK) return hana_fail_prefix(err, status, "%s: ", r->path);
    if (strcmp(r->facts.encoding, "utf-8") != 0)
        HANA_TRY(hana_csv_note(&r->facts, err, "the bytes are not UTF-8: read as %s",
                               r->facts.encoding));
    if (pattern) HANA_TRY(hana_pattern_new(&r->pattern, pattern, strlen(pattern), err));
    HANA_TRY(hana_csv_style_init(&r->style, &plain, err));
    HANA_TRY(set_names(r, names, err));
    HANA_TRY(set_columns(r, err));
    HANA_TRY(read_lines(r, err));
    HANA_GOTO(done, make_columns(r, &list, err));
    HANA_GOTO(done, make_frame(&frame, r, found.hash, err));
    if (report) {
        hana_value columns = list;
        list = (hana_value){ 0 };
        HANA_GOTO(done, hana_csv_report(report, &r->facts, columns, err));
    }
    *out = frame;
    frame = NULL;
done:
    hana_frame_release(frame);
    hana_value_clear(&list);
    return status;
}

hana_status hana_text_file_read(hana_frame **out, hana_value *report, const char *path,
                                const char *text, size_t length, const char *pattern,
                                const hana_names *names, const hana_csv_options *options,
                                hana_job *job, hana_error *err)
{
    reading r = { .path = path ? path : "text", .options = options, .job = job };
    r.facts.path = r.path;
    hana_bytes file = { 0 };
    if (path) {
        HANA_TRY(hana_file_open(&file, path, job, err));
        text = file.data;
        length = file.length;
    }
    hana_status status = read_all(out, report, &r, pattern, names, text, length, err);
    reading_clear(&r);
    if (path) hana_file_close(&file);
    return status;
}
