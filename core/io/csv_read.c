#include "csv_parts.h"

#include "base/parallel.h"
#include "base/text.h"
#include "data/column_parts.h"
#include "io/encoding.h"
#include "io/files.h"
#include "io/foreign.h"
#include "io/inspect.h"

#include <fnmatch.h>
#include <string.h>

/* Everything that is held while one file is read. */
typedef struct reading {
    const hana_csv_options *options;
    hana_job *job;
    const char *path; /* as messages name it */
    hana_bytes file;
    hana_text decoded, replaced;
    char wide[5]; /* the delimiter as one byte and a terminator */
    const char *text;
    size_t length;
    int separator_line; /* the first line names the delimiter */
    hana_csv_style style;
    hana_csv_tokens *tokens;
    hana_names names;
    hana_csv_column *columns;
    hana_csv_layout layout;
    hana_csv_stretches all;
    hana_csv_facts facts;
    uint64_t origin; /* of the rows: the file's hash */
} reading;

static void reading_clear(reading *r)
{
    hana_csv_stretches_clear(&r->all);
    hana_free(r->columns);
    hana_names_clear(&r->names);
    hana_names_clear(&r->facts.notes);
    hana_csv_tokens_free(r->tokens);
    hana_csv_style_clear(&r->style);
    hana_text_clear(&r->decoded);
    hana_text_clear(&r->replaced);
    hana_file_close(&r->file);
}

/* "sales.csv: line 18423: <message>" */
static hana_status fail_at(const reading *r, int64_t line, const hana_error *found,
                           hana_error *err)
{
    return hana_fail(err, found->status, "%s: line %lld: %s", r->path, (long long)line,
                     found->message);
}

static int64_t line_of(const char *text, size_t at)
{
    int64_t line = 1;
    const char *p = text, *end = text + at;
    while ((p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
        line++;
        p++;
    }
    return line;
}

static const char wanted[] = "delimited text";

/* Text that is opened as CSV by mistake, unless its first line is a remark. */
static hana_status check_text(const reading *r, hana_error *err)
{
    const char *comment = r->options->comment;
    size_t n = comment ? strlen(comment) : 0;
    if (n > 0 && r->length >= n && memcmp(r->text, comment, n) == 0) return HANA_OK;
    HANA_TRY(hana_foreign_markup(r->path, r->text, r->length, wanted, err));
    return hana_foreign_json(r->path, r->text, r->length, wanted, err);
}

static hana_status fail_zero(const reading *r, const char *text, size_t at,
                             hana_error *err)
{
    hana_error found;
    hana_fail(&found, HANA_BAD_DATA, "a NUL byte, which text does not have");
    return fail_at(r, line_of(text, at), &found, err);
}

/* Western text has hardly ever what UTF-8 makes of its letters, so that both in one file
   are a sign of files of two encodings put together. */
static hana_status note_encoding(hana_csv_facts *facts, const char *bytes, size_t length,
                                 const char *name, hana_error *err)
{
    size_t utf8 = 0, first = length, step;
    for (size_t i = 0; i < length; i += step) {
        step = 1;
        if ((unsigned char)bytes[i] < 0x80) continue;
        if (hana_utf8_decode(bytes + i, length - i, &step) >= 0) {
            utf8++;
        } else {
            step = 1;
            if (first == length) first = i;
        }
    }
    if (utf8 > 0 && strcmp(name, "windows-1252") == 0)
        return hana_csv_note(facts, err,
                             "line %lld is not UTF-8, though other parts are: encodings "
                             "are mixed, and all was read as %s",
                             (long long)line_of(bytes, first), name);
    return hana_csv_note(facts, err, "the bytes are not UTF-8: read as %s", name);
}

/* Sets the text to be read: UTF-8 without a mark and without NUL bytes. */
static hana_status decode(reading *r, const char *bytes, size_t length, hana_error *err)
{
    const char *asked = r->options->encoding ? r->options->encoding : "auto", *name;
    size_t mark = length >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    int guess = strcmp(asked, "auto") == 0;
    name = guess ? "utf-8" : hana_encoding_find(asked);
    if (!name)
        return hana_fail(
            err, HANA_BAD_ARGUMENT,
            "read_csv: option 'encoding' must be auto, utf-8, utf-16, cp949, euc-kr, "
            "latin1 or windows-1252, got '%s'",
            asked);
    hana_inspection found;
    hana_job_stage(r->job, "", 0, 0.05);
    HANA_TRY(hana_inspect(&found, bytes, length, r->job, err));
    r->origin = found.hash;
    int plain = strcmp(name, "utf-8") == 0 && found.is_utf8 && !(guess && found.has_zero);
    if (guess && !plain) {
        name = hana_encoding_guess(bytes, length, NULL);
        const char *zero =
            strncmp(name, "utf-16", 6) != 0 ? memchr(bytes, 0, length) : NULL;
        if (zero) return fail_zero(r, bytes, (size_t)(zero - bytes), err);
        if (strcmp(name, "utf-8") != 0)
            HANA_TRY(note_encoding(&r->facts, bytes, length, name, err));
    }
    r->facts.encoding = name;
    if (plain) {
        r->text = bytes + mark;
        r->length = length - mark;
    } else {
        hana_status status = hana_encoding_decode(&r->decoded, bytes, length, name, err);
        if (status != HANA_OK) return hana_fail_prefix(err, status, "%s: ", r->path);
        r->text = r->decoded.data ? r->decoded.data : "";
        r->length = r->decoded.length;
    }
    if (plain && !found.has_zero) return HANA_OK;
    const char *zero = memchr(r->text, '\0', r->length);
    return zero ? fail_zero(r, r->text, (size_t)(zero - r->text), err) : HANA_OK;
}

/* The tokeniser knows delimiters of one byte: a wider one is replaced by a byte that
 * occurs nowhere. */
static hana_status narrow_delimiter(reading *r, hana_error *err)
{
    static const char spare[] = "\x1F\x1E\x1D\x1C\x01\x02\x03\x04\x05\x06";
    const char *wide = r->style.wide;
    size_t n = strlen(wide), done = 0;
    char byte = 0;
    for (size_t k = 0; !byte && spare[k]; k++)
        if (!memchr(r->text, spare[k], r->length)) byte = spare[k];
    if (!byte)
        return hana_fail(err, HANA_UNSUPPORTED,
                         "%s: a delimiter of several bytes in binary data", r->path);
    for (size_t i = 0; i + n <= r->length;) {
        if (memcmp(r->text + i, wide, n) != 0) {
            i++;
            continue;
        }
        hana_text_add(&r->replaced, r->text + done, i - done);
        hana_text_putc(&r->replaced, byte);
        i += n;
        done = i;
    }
    hana_text_add(&r->replaced, r->text + done, r->length - done);
    if (r->replaced.failed) return hana_fail_memory(err);
    r->style.delimiter = byte;
    r->text = r->replaced.data;
    r->length = r->replaced.length;
    return HANA_OK;
}

/* Spreadsheets write the delimiter into a line of its own in front of the table: "sep=;".
 */
static int names_delimiter(const reading *r, char *delimiter)
{
    if (r->length < 6 || memcmp(r->text, "sep=", 4) != 0) return 0;
    if (r->text[5] != '\n' && r->text[5] != '\r') return 0;
    *delimiter = r->text[4];
    return *delimiter != '\n' && *delimiter != '\r';
}

static hana_status set_dialect(reading *r, hana_error *err)
{
    char announced = 0;
    HANA_TRY(hana_csv_style_init(&r->style, r->options, err));
    if (!r->style.delimiter) r->separator_line = names_delimiter(r, &announced);
    if (r->separator_line) {
        r->style.delimiter = announced;
        HANA_TRY(hana_csv_note(&r->facts, err, "the first line names the delimiter: '%c'",
                               announced));
    }
    if (r->style.wide) {
        r->facts.delimiter = r->style.wide;
        return narrow_delimiter(r, err);
    }
    if (!r->style.delimiter)
        HANA_TRY(hana_csv_guess_delimiter(&r->style.delimiter, &r->style, r->text,
                                          r->length, r->options->skip, err));
    r->wide[0] = r->style.delimiter;
    r->facts.delimiter = r->style.whitespace ? "whitespace" : r->wide;
    return HANA_OK;
}

/* The next record that is not a blank line; `kind` is _END when there is none. */
static hana_status next_record(reading *r, hana_csv_record *kind, hana_error *err)
{
    int64_t line = 0;
    hana_error found;
    do {
        hana_status status = hana_csv_tokens_next(r->tokens, kind, &line, &found);
        if (status == HANA_BAD_DATA) return fail_at(r, found.position, &found, err);
        if (status != HANA_OK) return hana_fail_memory(err);
    } while (*kind == HANA_CSV_BLANK);
    if (*kind != HANA_CSV_BROKEN) return HANA_OK;
    hana_fail(&found, HANA_BAD_DATA,
              "text behind a closing quote; quotes inside quotes are doubled");
    return fail_at(r, line, &found, err);
}

/* Reads the header and leaves the tokens at the first record of data. */
static hana_status read_header(reading *r, hana_error *err)
{
    hana_csv_record kind;
    size_t n, first, at;
    int64_t line;
    HANA_TRY(hana_csv_tokens_new(&r->tokens, &r->style, r->text, r->length, err));
    hana_csv_tokens_skip_lines(r->tokens, r->options->skip + r->separator_line);
    at = hana_csv_tokens_at(r->tokens);
    line = hana_csv_tokens_line(r->tokens);
    HANA_TRY(next_record(r, &kind, err));
    if (kind == HANA_CSV_END)
        return hana_fail(err, HANA_BAD_DATA, "%s: the file is empty%s", r->path,
                         r->options->skip > 0 ? " behind the lines that are skipped"
                                              : "");
    const hana_csv_cell *cells = hana_csv_tokens_cells(r->tokens, &n);
    HANA_TRY(hana_csv_names(&r->names, cells, n, r->options->header, &r->facts, err));
    r->layout.width = n;
    if (r->options->header) {
        hana_csv_tokens_drop(r->tokens);
        at = hana_csv_tokens_at(r->tokens);
        line = hana_csv_tokens_line(r->tokens);
        if (n > 1 && r->options->on_error == 0) {
            /* What is wrong with the first record is found again, and said, when it is
             * read. */
            int64_t ignored;
            do {
                if (hana_csv_tokens_next(r->tokens, &kind, &ignored, NULL) != HANA_OK)
                    break;
            } while (kind == HANA_CSV_BLANK);
            cells = hana_csv_tokens_cells(r->tokens, &first);
            r->layout.trailing =
                first == n + 1 && cells[n].length == 0 && !cells[n].quoted;
        }
    }
    hana_csv_tokens_drop(r->tokens);
    hana_csv_tokens_seek(r->tokens, at, line);
    r->layout.width = n + (size_t)r->layout.trailing;
    r->facts.first_line = line;
    return HANA_OK;
}

static hana_status unknown_column(const reading *r, const char *name, const char *option,
                                  hana_error *err)
{
    hana_text where = { 0 };
    hana_text_printf(&where, " in option '%s' of %s", option, r->path);
    hana_status status =
        hana_fail_unknown(err, "no column", name, where.failed ? "" : where.data,
                          (const char *const *)r->names.items, r->names.n);
    hana_text_clear(&where);
    return status;
}

/* Which columns are wanted, and the types that were given. */
static hana_status set_columns(reading *r, hana_error *err)
{
    const hana_csv_options *o = r->options;
    r->columns = hana_alloc_zero(r->layout.width, sizeof *r->columns);
    if (!r->columns) return hana_fail_memory(err);
    for (size_t j = 0; j < r->names.n; j++)
        r->columns[j] =
            (hana_csv_column){ .name = r->names.items[j], .wanted = o->columns.n == 0 };
    if (r->layout.trailing) r->columns[r->names.n].name = "";
    for (size_t i = 0; i < o->columns.n; i++) {
        ptrdiff_t j = hana_names_find(&r->names, o->columns.items[i]);
        if (j < 0) return unknown_column(r, o->columns.items[i], "columns", err);
        if (r->columns[j].wanted)
            return hana_fail(err, HANA_BAD_ARGUMENT,
                             "read_csv: option 'columns' names '%s' twice",
                             o->columns.items[i]);
        r->columns[j].wanted = 1;
    }
    for (size_t i = 0; i < o->type_columns.n; i++) {
        ptrdiff_t j = hana_names_find(&r->names, o->type_columns.items[i]);
        if (j < 0) return unknown_column(r, o->type_columns.items[i], "types", err);
        hana_csv_column *c = &r->columns[j];
        if (!hana_type_from_name(o->type_names.items[i], &c->type) ||
            c->type == HANA_BLOCK)
            return hana_fail(
                err, HANA_BAD_ARGUMENT,
                "read_csv: the type of column '%s' must be float, int, bool, string, "
                "category, date or datetime, got '%s'",
                c->name, o->type_names.items[i]);
        c->given = 1;
        if (i < o->type_formats.n && *o->type_formats.items[i])
            c->format = o->type_formats.items[i];
        if (c->format && c->type != HANA_DATE && c->type != HANA_DATETIME)
            return hana_fail(err, HANA_BAD_ARGUMENT,
                             "read_csv: column '%s' of type %s takes no format", c->name,
                             hana_type_name(c->type));
    }
    for (size_t j = 0; j < r->names.n; j++)
        for (size_t k = o->block_names.n; k > 0; k--)
            if (r->columns[j].wanted &&
                fnmatch(o->block_patterns.items[k - 1], r->names.items[j], 0) == 0)
                r->columns[j].block = k;
    r->layout.style = &r->style;
    r->layout.columns = r->columns;
    return HANA_OK;
}

static hana_status read_data(reading *r, hana_error *err)
{
    hana_error found = { 0 };
    int in_file = r->file.mapped && r->text >= r->file.data &&
                  r->text <= r->file.data + r->file.length;
    r->all = (hana_csv_stretches){ .layout = &r->layout,
                                   .text = r->text,
                                   .file = in_file ? &r->file : NULL,
                                   .length = r->length,
                                   .at = hana_csv_tokens_at(r->tokens),
                                   .line = r->facts.first_line,
                                   .limit = r->options->limit < 0
                                                ? SIZE_MAX
                                                : (size_t)r->options->limit };
    hana_job_stage(r->job, "", 0.05, 0.62);
    hana_status status = hana_csv_stretches_read(&r->all, r->job, &found);
    hana_job_stage(r->job, "", 0.62, 0.67);
    if (status == HANA_OK) status = hana_csv_stretches_unify(&r->all, r->job, &found);
    if (status == HANA_BAD_DATA) return fail_at(r, found.position, &found, err);
    if (status != HANA_OK) return hana_fail(err, status, "%s", found.message);
    r->facts.rows = r->all.rows;
    r->facts.stretches = r->all.items;
    r->facts.n_stretches = r->all.n;
    return HANA_OK;
}

/* The frame while it is put together. */
typedef struct assembly {
    hana_names names;
    const hana_column **columns;
    size_t *fields; /* of the file, that they came from; of a block the first */
    size_t n;
    hana_csv_block *blocks; /* as the options list them */
    hana_value report;      /* the list of columns */
} assembly;

static void assembly_clear(assembly *a, size_t n_blocks)
{
    for (size_t i = 0; a->columns && i < a->n; i++) hana_column_release(a->columns[i]);
    for (size_t b = 0; a->blocks && b < n_blocks; b++) hana_free(a->blocks[b].fields);
    hana_free(a->blocks);
    hana_free(a->columns);
    hana_free(a->fields);
    hana_names_clear(&a->names);
    hana_value_clear(&a->report);
}

static hana_status not_numbers(const reading *r, size_t j, hana_type type,
                               hana_error *err)
{
    const hana_csv_column *about = &r->columns[j];
    int64_t line = 0;
    const hana_csv_example *e =
        about->given ? NULL : hana_csv_reason(&r->facts, j, r->all.kinds[j], &line);
    if (!e)
        return hana_fail(err, HANA_BAD_TYPE,
                         "%s: column '%s' is %s, a block holds numbers", r->path,
                         about->name, hana_type_name(type));
    return hana_fail(err, HANA_BAD_TYPE,
                     "%s: line %lld: column '%s' is %s, for '%s'; a block holds numbers",
                     r->path, (long long)line, about->name, hana_type_name(type),
                     e->text);
}

/* A block of the fields that were found for it, its cells to be filled. */
static hana_status start_block(const hana_column **out, const reading *r,
                               hana_csv_block *block, hana_error *err)
{
    hana_column *names = NULL, *column;
    const char **texts = hana_alloc(block->n, sizeof *texts);
    hana_status status;
    if (!texts) return hana_fail_memory(err);
    for (size_t k = 0; k < block->n; k++) {
        size_t j = block->fields[k];
        hana_type type = hana_csv_type(&r->columns[j], r->all.kinds[j]);
        if (type != HANA_FLOAT && type != HANA_INT && type != HANA_BOOL)
            HANA_GOTO(done, not_numbers(r, j, type, err));
        texts[k] = r->columns[j].name;
    }
    HANA_GOTO(done, hana_column_from_strings(&names, texts, block->n, err));
    HANA_GOTO(done, hana_column_dense_room(&column, &block->cells, r->facts.rows,
                                           block->n, names, err));
    *out = column;
done:
    hana_column_release(names);
    hana_free(texts);
    return status;
}

/* Names and fields of the columns; those of a block stand where its first one stood. */
static hana_status set_order(assembly *a, const reading *r, hana_error *err)
{
    const hana_names *order = &r->options->columns, *blocks = &r->options->block_names;
    size_t n = order->n ? order->n : r->names.n;
    a->columns = hana_alloc_zero(n + 1, sizeof *a->columns); /* one more for `source` */
    a->fields = hana_alloc(n, sizeof *a->fields);
    a->blocks = hana_alloc_zero(blocks->n, sizeof *a->blocks);
    if (!a->columns || !a->fields || !a->blocks) return hana_fail_memory(err);
    for (size_t i = 0; i < n; i++) {
        size_t j = order->n ? (size_t)hana_names_find(&r->names, order->items[i]) : i;
        size_t b = r->columns[j].block;
        hana_csv_block *block = b > 0 ? &a->blocks[b - 1] : NULL;
        if (!block || block->n == 0) {
            HANA_TRY(hana_names_add(
                &a->names, block ? blocks->items[b - 1] : r->columns[j].name, err));
            a->fields[a->n++] = j;
        }
        if (!block) continue;
        if (!block->fields) block->fields = hana_alloc(n, sizeof *block->fields);
        if (!block->fields) return hana_fail_memory(err);
        block->fields[block->n++] = j;
    }
    for (size_t b = 0; b < blocks->n; b++)
        if (a->blocks[b].n == 0)
            return hana_fail(err, HANA_NO_SUCH_NAME,
                             "read_csv: no column matches '%s' of block '%s'",
                             r->options->block_patterns.items[b], blocks->items[b]);
    return HANA_OK;
}

static hana_status assemble(reading *r, assembly *a, hana_error *err)
{
    HANA_TRY(set_order(a, r, err));
    const hana_column **made = hana_alloc_zero(a->n, sizeof *made);
    size_t *fields = hana_alloc(a->n, sizeof *fields), n = 0;
    hana_status status = made && fields ? HANA_OK : hana_fail_memory(err);
    for (size_t i = 0; status == HANA_OK && i < a->n; i++) {
        size_t b = r->columns[a->fields[i]].block;
        if (b > 0)
            status = start_block(&a->columns[i], r, &a->blocks[b - 1], err);
        else
            fields[n++] = a->fields[i];
    }
    hana_job_stage(r->job, "", 0.67, 1);
    if (status == HANA_OK)
        status = hana_csv_assemble(made, fields, n, a->blocks, r->options->block_names.n,
                                   r->all.items, r->all.n, r->all.kinds, &r->layout,
                                   r->job, err);
    for (size_t i = 0, k = 0; i < a->n && k < n; i++)
        if (r->columns[a->fields[i]].block == 0) a->columns[i] = made[k++];
    hana_free(made);
    hana_free(fields);
    return status;
}

static hana_status report_block(reading *r, assembly *a, size_t b, hana_error *err)
{
    return hana_csv_report_block(
        &a->report, &r->facts, r->options->block_names.items[b - 1],
        a->blocks[b - 1].fields, a->blocks[b - 1].n, r->columns, &r->style, err);
}

static hana_status report_columns(reading *r, assembly *a, hana_error *err)
{
    HANA_TRY(hana_value_new_list(&a->report, err));
    for (size_t i = 0; i < a->n; i++) {
        size_t j = a->fields[i], b = r->columns[j].block;
        if (b > 0)
            HANA_TRY(report_block(r, a, b, err));
        else
            HANA_TRY(hana_csv_report_column(&a->report, &r->facts, j, r->all.kinds[j],
                                            &r->columns[j], &r->style, a->columns[i],
                                            err));
    }
    return HANA_OK;
}

static hana_status add_source(const reading *r, assembly *a, hana_error *err)
{
    const char *name = r->options->source;
    if (hana_names_find(&a->names, name) >= 0)
        return hana_fail(
            err, HANA_BAD_ARGUMENT,
            "read_csv: option 'source' names a column '%s' that %s has already", name,
            r->path);
    const char **texts = hana_alloc(r->facts.rows, sizeof *texts);
    if (!texts) return hana_fail_memory(err);
    for (size_t i = 0; i < r->facts.rows; i++) texts[i] = r->path;
    hana_column *column = NULL;
    hana_status status = hana_column_from_strings(&column, texts, r->facts.rows, err);
    hana_free(texts);
    HANA_TRY(status);
    a->columns[a->n++] = column;
    return hana_names_add(&a->names, name, err);
}

/* The records' numbers, where some were skipped; NULL: they are 0, 1, ... */
static hana_status positions_of(int64_t **out, const reading *r, hana_error *err)
{
    int skipped = 0;
    *out = NULL;
    for (size_t k = 0; k < r->all.n; k++) skipped |= r->all.items[k].skipped > 0;
    if (!skipped) return HANA_OK;
    int64_t *positions = hana_alloc(r->facts.rows, sizeof *positions), base = 0;
    if (!positions) return hana_fail_memory(err);
    for (size_t k = 0, row = 0; k < r->all.n; k++) {
        const hana_csv_stretch *s = &r->all.items[k];
        for (size_t i = 0; i < s->rows; i++)
            positions[row++] = base + (s->positions ? s->positions[i] : (int64_t)i);
        base += s->records;
    }
    *out = positions;
    return HANA_OK;
}

static hana_status make_frame(hana_frame **out, const reading *r, const assembly *a,
                              uint64_t origin, hana_error *err)
{
    int64_t *positions;
    hana_frame *plain = NULL;
    HANA_TRY(positions_of(&positions, r, err));
    hana_status status = hana_frame_new(&plain, (const char *const *)a->names.items,
                                        a->columns, a->n, r->facts.rows, err);
    if (status == HANA_OK)
        status = hana_frame_with_ids(out, plain, origin, positions, err);
    hana_frame_release(plain);
    hana_free(positions);
    return status;
}

static hana_status build(hana_frame **out, hana_value *report, reading *r,
                         hana_error *err)
{
    assembly a = { 0 };
    hana_frame *frame = NULL;
    hana_status status;
    HANA_GOTO(done, assemble(r, &a, err));
    HANA_GOTO(done, report_columns(r, &a, err));
    if (r->options->source) HANA_GOTO(done, add_source(r, &a, err));
    HANA_GOTO(done, make_frame(&frame, r, &a, r->origin, err));
    if (r->layout.trailing)
        HANA_GOTO(
            done,
            hana_csv_note(&r->facts, err,
                          "each row ends in a delimiter more than the header: the empty "
                          "column behind it was dropped"));
    if (report) {
        hana_value columns = a.report;
        a.report = (hana_value){ 0 };
        HANA_GOTO(done, hana_csv_report(report, &r->facts, columns, err));
    }
    *out = frame;
    frame = NULL;
done:
    hana_frame_release(frame);
    assembly_clear(&a, r->options->block_names.n);
    return status;
}

hana_status hana_csv_read(hana_frame **out, hana_value *report, const char *path,
                          const char *text, size_t length,
                          const hana_csv_options *options, hana_job *job, hana_error *err)
{
    reading r = { .options = options, .job = job, .path = path ? path : "text" };
    r.facts.path = r.path;
    hana_status status;
    if (path) {
        HANA_GOTO(done, hana_file_open(&r.file, path, r.job, err));
        text = r.file.data;
        length = r.file.length;
    }
    HANA_GOTO(done, hana_foreign_binary(r.path, text, length, wanted, err));
    HANA_GOTO(done, decode(&r, text, length, err));
    HANA_GOTO(done, check_text(&r, err));
    HANA_GOTO(done, set_dialect(&r, err));
    HANA_GOTO(done, read_header(&r, err));
    HANA_GOTO(done, set_columns(&r, err));
    HANA_GOTO(done, read_data(&r, err));
    status = build(out, report, &r, err);
done:
    reading_clear(&r);
    return status;
}
