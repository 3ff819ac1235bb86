#include "csv_chunks.h"

#include "base/random.h"
#include "base/text.h"
#include "io/csv_parts.h"
#include "io/encoding.h"
#include "io/files.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GUESS_BYTES = 1 << 18 };

/* What is known of a column from the parts so far. */
typedef struct column {
    hana_type type;
    int known;  /* a part had values */
    int forced; /* it became text, which inference in a part alone would not say */
} column;

struct hana_csv_chunks {
    char *path;
    hana_stream *file;
    size_t part_bytes;
    char *text; /* the header's record, then what is to be read */
    size_t capacity, length;
    size_t header; /* bytes of the header's record, once it is known */
    int header_lines;
    int at_end;    /* of the file */
    int started;   /* the first part was read */
    int delivered; /* parts of this pass were given away */
    int exact;     /* line breaks stand in quotes: ends of parts are found by records */
    int64_t lines; /* in the file before the text behind the header */
    int64_t rows;
    uint64_t origin;
    char *delimiter, *encoding; /* from the first part's report */
    hana_names names;
    column *columns;
};

hana_status hana_csv_chunks_open(hana_csv_chunks **out, const char *path,
                                 size_t part_bytes, hana_error *err)
{
    hana_csv_chunks *s = hana_alloc_zero(1, sizeof *s);
    if (!s) return hana_fail_memory(err);
    s->path = hana_strdup(path);
    s->part_bytes = part_bytes ? part_bytes : (size_t)32 << 20;
    hana_status status = s->path ? HANA_OK : hana_fail_memory(err);
    if (status == HANA_OK) status = hana_stream_open(&s->file, path, err);
    if (status != HANA_OK) {
        hana_csv_chunks_close(s);
        return status;
    }
    *out = s;
    return HANA_OK;
}

void hana_csv_chunks_close(hana_csv_chunks *s)
{
    if (!s) return;
    hana_stream_close(s->file);
    hana_free(s->path);
    hana_free(s->text);
    hana_free(s->delimiter);
    hana_free(s->encoding);
    hana_free(s->columns);
    hana_names_clear(&s->names);
    hana_free(s);
}

/* From the beginning; what is known of columns stays. */
static hana_status rewind_scan(hana_csv_chunks *s, hana_error *err)
{
    hana_status status = hana_stream_rewind(s->file, err);
    if (status == HANA_UNSUPPORTED)
        return hana_fail(err, HANA_IO_FAILED,
                         "%s: cannot be read a second time, which its types need; "
                         "types = says what they are",
                         s->path);
    if (status != HANA_OK) return status;
    s->length = 0;
    s->header = 0;
    s->header_lines = 0;
    s->at_end = s->started = s->delivered = 0;
    s->lines = s->rows = 0;
    return HANA_OK;
}

static hana_status fill(hana_csv_chunks *s, size_t want, hana_error *err)
{
    if (s->capacity < want + 1) {
        char *grown = hana_realloc(s->text, want + 1, 1);
        if (!grown) return hana_fail_memory(err);
        s->text = grown;
        s->capacity = want + 1;
    }
    while (s->length < want && !s->at_end) {
        size_t n;
        HANA_TRY(
            hana_stream_read(&n, s->file, s->text + s->length, want - s->length, err));
        s->length += n;
        s->at_end = n == 0;
    }
    return HANA_OK;
}

/* --- where records end ------------------------------------------------------------- */

typedef struct dialect {
    const char *delimiter; /* "" for none */
    size_t delimiter_length;
    int whitespace;
    char quote;
    const char *comment;
    size_t comment_length;
} dialect;

static dialect dialect_of(const hana_csv_chunks *s, const hana_csv_options *o)
{
    const char *delimiter = s->delimiter ? s->delimiter : o->delimiter;
    dialect d = { .quote = o->quote, .comment = o->comment };
    d.whitespace = delimiter && strcmp(delimiter, "whitespace") == 0;
    d.delimiter = delimiter && !d.whitespace ? delimiter : "";
    d.delimiter_length = strlen(d.delimiter);
    d.comment_length = d.comment ? strlen(d.comment) : 0;
    return d;
}

/* Behind the line break at i; 0 when the text ends where it might go on. */
static size_t behind_break(const char *text, size_t n, size_t i)
{
    if (text[i] == '\n') return i + 1;
    if (i + 1 == n) return 0;
    return text[i + 1] == '\n' ? i + 2 : i + 1;
}

/* Behind the record that begins at i; 0 when it does not end in text[0..n). */
static size_t record_end(const dialect *d, const char *text, size_t n, size_t i)
{
    if (d->comment_length && n - i >= d->comment_length &&
        memcmp(text + i, d->comment, d->comment_length) == 0) {
        while (i < n && text[i] != '\n' && text[i] != '\r') i++;
        return i < n ? behind_break(text, n, i) : 0;
    }
    char first = d->whitespace ? ' ' : d->delimiter[0];
    for (;;) {
        if (d->whitespace)
            while (i < n && (text[i] == ' ' || text[i] == '\t')) i++;
        if (i < n && d->quote && text[i] == d->quote) {
            for (i++;;) {
                const char *close = memchr(text + i, d->quote, n - i);
                if (!close) return 0;
                i = (size_t)(close - text) + 1;
                if (i == n) return 0;
                if (text[i] != d->quote) break;
                i++;
            }
        }
        for (;; i++) {
            if (i >= n) return 0;
            char c = text[i];
            if (c == '\n' || c == '\r') return behind_break(text, n, i);
            if (c == first || (c == '\t' && d->whitespace)) {
                if (d->whitespace || d->delimiter_length == 1) break;
                if (d->delimiter_length && n - i >= d->delimiter_length &&
                    memcmp(text + i, d->delimiter, d->delimiter_length) == 0)
                    break;
            }
        }
        i += d->whitespace ? 1 : d->delimiter_length;
    }
}

/* Behind the last line feed of text[from..n); `from` when there is none. */
static size_t last_line_end(const char *text, size_t from, size_t n)
{
    while (n > from && text[n - 1] != '\n') n--;
    return n;
}

/* Behind the last record that ends in text[from..n), which begins with a record; `from`
   when none does. */
static size_t last_record_end(const dialect *d, const char *text, size_t from, size_t n)
{
    size_t end = from;
    if (!d->quote || !memchr(text + from, d->quote, n - from))
        end = last_line_end(text, from, n);
    if (end > from) return end;
    for (;;) {
        size_t next = end < n ? record_end(d, text, n, end) : 0;
        if (!next) return end;
        end = next;
    }
}

/* Ends of lines, "\r\n" being one. */
static int count_lines(const char *text, size_t n)
{
    int lines = 0;
    const char *p, *end = text + n;
    for (p = text; (p = memchr(p, '\n', (size_t)(end - p))) != NULL; p++) lines++;
    for (p = text; (p = memchr(p, '\r', (size_t)(end - p))) != NULL; p++)
        if (p + 1 == end || p[1] != '\n') lines++;
    return lines;
}

/* Finds the header's record in the first part's text and keeps its bytes in front. Gives
   where it begins. */
static size_t find_header(const hana_csv_chunks *s, const hana_csv_options *o, size_t n,
                          size_t *end)
{
    dialect d = dialect_of(s, o);
    size_t i = n >= 3 && memcmp(s->text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    int64_t skip = o->skip;
    if (!o->delimiter && n - i >= 6 && memcmp(s->text + i, "sep=", 4) == 0) skip++;
    for (; skip > 0 && i < n; skip--) {
        while (i < n && s->text[i] != '\n' && s->text[i] != '\r') i++;
        size_t next = i < n ? behind_break(s->text, n, i) : 0;
        i = next ? next : n;
    }
    for (;;) {
        size_t next = i < n ? record_end(&d, s->text, n, i) : 0;
        if (!next) {
            *end = n;
            return i;
        }
        int blank = s->text[i] == '\n' || s->text[i] == '\r';
        int comment =
            d.comment_length && strncmp(s->text + i, d.comment, d.comment_length) == 0;
        if (!blank && !comment) {
            *end = next;
            return i;
        }
        i = next;
    }
}

/* --- types ------------------------------------------------------------------------- */

static hana_type wider(hana_type a, hana_type b)
{
    if (a == b) return a;
    if ((a == HANA_INT && b == HANA_FLOAT) || (a == HANA_FLOAT && b == HANA_INT))
        return HANA_FLOAT;
    if ((a == HANA_DATE && b == HANA_DATETIME) || (a == HANA_DATETIME && b == HANA_DATE))
        return HANA_DATETIME;
    return HANA_STRING;
}

/* Nothing but nulls and, in texts, quoted empty fields: what any type takes. */
static int says_nothing(const hana_column *c)
{
    if (hana_column_nulls(c) == hana_column_length(c)) return 1;
    if (hana_column_type(c) != HANA_STRING) return 0;
    const int64_t *offsets = hana_column_offsets(c);
    return offsets[hana_column_length(c)] == offsets[0];
}

static hana_status start_columns(hana_csv_chunks *s, const hana_csv_options *o,
                                 const hana_frame *frame, hana_error *err)
{
    size_t n = hana_frame_cols(frame);
    if (s->columns) return HANA_OK;
    column *columns = hana_alloc_zero(n, sizeof *columns);
    if (!columns) return hana_fail_memory(err);
    for (size_t j = 0; j < n; j++) {
        const char *name = hana_frame_name(frame, j);
        hana_status status = hana_names_add(&s->names, name, err);
        if (status != HANA_OK) {
            hana_names_clear(&s->names);
            hana_free(columns);
            return status;
        }
        columns[j].type = hana_column_type(hana_frame_column(frame, j));
        columns[j].known = hana_names_find(&o->type_columns, name) >= 0;
    }
    s->columns = columns;
    return HANA_OK;
}

/* Learns from a part; *widened is set when parts that were given away have the wrong
   type. */
static void learn(hana_csv_chunks *s, const hana_frame *frame, int *widened)
{
    for (size_t j = 0; j < s->names.n; j++) {
        const hana_column *c = hana_frame_column(frame, j);
        column *k = &s->columns[j];
        hana_type type = hana_column_type(c);
        if (says_nothing(c)) {
            /* Quoted empty fields are texts while nothing else is known. */
            if (k->known || type == k->type || type != HANA_STRING) continue;
            k->type = type;
            if (s->delivered) *widened = 1;
            continue;
        }
        hana_type joined = k->known ? wider(k->type, type) : type;
        if (joined != k->type) {
            if (s->delivered) *widened = 1;
            if (joined == HANA_STRING) k->forced = 1;
        }
        k->type = joined;
        k->known = 1;
    }
}

/* --- one part ---------------------------------------------------------------------- */

typedef struct part {
    hana_csv_options options; /* a shallow copy, with names of its own */
    hana_names columns, types, formats;
    hana_frame *frame;
    hana_value report;
} part;

static void part_clear(part *p)
{
    hana_names_clear(&p->columns);
    hana_names_clear(&p->types);
    hana_names_clear(&p->formats);
    hana_frame_release(p->frame);
    hana_value_clear(&p->report);
    *p = (part){ 0 };
}

static hana_status force(part *p, const char *name, hana_type type, hana_error *err)
{
    if (hana_names_find(&p->columns, name) >= 0) return HANA_OK;
    HANA_TRY(hana_names_add(&p->columns, name, err));
    HANA_TRY(hana_names_add(&p->types, hana_type_name(type), err));
    return hana_names_add(&p->formats, "", err);
}

static hana_status set_options(part *p, const hana_csv_chunks *s,
                               const hana_csv_options *given, hana_error *err)
{
    p->options = *given;
    HANA_TRY(hana_names_copy(&p->columns, &given->type_columns, err));
    HANA_TRY(hana_names_copy(&p->types, &given->type_names, err));
    HANA_TRY(hana_names_copy(&p->formats, &given->type_formats, err));
    for (size_t j = 0; j < s->names.n; j++)
        if (s->columns[j].forced) HANA_TRY(force(p, s->names.items[j], HANA_STRING, err));
    if (s->encoding) p->options.encoding = s->encoding;
    if (s->delimiter) p->options.delimiter = s->delimiter;
    if (!s->started) return HANA_OK;
    p->options.skip = 0;
    if (given->limit >= 0) p->options.limit = given->limit - s->rows;
    return HANA_OK;
}

/* What is added to the lines of a part. */
static int64_t line_base(const hana_csv_chunks *s)
{
    return s->started ? s->lines - s->header_lines : 0;
}

/* The message of a part, "text: line 12: ...", with the file's name and line. */
static hana_status fail_part(const hana_csv_chunks *s, const hana_error *found,
                             hana_error *err)
{
    const char *m = found->message;
    char *rest;
    if (strncmp(m, "text: ", 6) != 0) return hana_fail(err, found->status, "%s", m);
    if (found->status != HANA_BAD_DATA || strncmp(m, "text: line ", 11) != 0)
        return hana_fail(err, found->status, "%s: %s", s->path, m + 6);
    long long line = strtoll(m + 11, &rest, 10);
    line += line_base(s);
    return hana_fail(err, found->status, "%s: line %lld%s", s->path, line, rest);
}

static hana_status read_part(part *p, const hana_csv_chunks *s, size_t end, hana_job *job,
                             hana_error *err)
{
    hana_error found = { 0 };
    hana_csv_options o = p->options;
    o.type_columns = p->columns;
    o.type_names = p->types;
    o.type_formats = p->formats;
    hana_frame_release(p->frame);
    p->frame = NULL;
    hana_value_clear(&p->report);
    hana_status status =
        hana_csv_read(&p->frame, &p->report, NULL, s->text, end, &o, job, &found);
    return status == HANA_OK ? HANA_OK : fail_part(s, &found, err);
}

static hana_status keep_text(char **out, const hana_value *report, const char *key,
                             hana_error *err)
{
    const hana_value *value = hana_value_get(report, key);
    if (!value || value->kind != HANA_VALUE_STRING) return HANA_OK;
    *out = hana_strdup(value->as.string.data);
    return *out ? HANA_OK : hana_fail_memory(err);
}

/* The columns of a part with the types of the pass. */
static hana_status conform(hana_frame **out, const hana_csv_chunks *s, part *p,
                           size_t end, hana_job *job, hana_error *err)
{
    int reread = 0;
    for (size_t j = 0; j < s->names.n; j++) {
        const hana_column *c = hana_frame_column(p->frame, j);
        hana_type type = hana_column_type(c);
        if (type == s->columns[j].type || says_nothing(c)) continue;
        reread = 1;
        HANA_TRY(force(p, s->names.items[j], s->columns[j].type, err));
    }
    if (reread) HANA_TRY(read_part(p, s, end, job, err));
    const hana_frame *frame = hana_frame_retain(p->frame);
    hana_status status = HANA_OK;
    for (size_t j = 0; status == HANA_OK && j < s->names.n; j++) {
        const hana_column *c = hana_frame_column(frame, j);
        if (hana_column_type(c) == s->columns[j].type) continue;
        hana_column *nulls = NULL;
        hana_frame *next = NULL;
        status = hana_column_nulls_new(&nulls, s->columns[j].type, hana_column_length(c),
                                       NULL, err);
        if (status == HANA_OK)
            status = hana_frame_set(&next, frame, s->names.items[j], nulls, err);
        hana_column_release(nulls);
        if (status != HANA_OK) break;
        hana_frame_release(frame);
        frame = next;
    }
    hana_frame *whole = NULL;
    int64_t n = (int64_t)hana_frame_rows(frame),
            *positions = hana_alloc((size_t)n, sizeof *positions);
    if (status == HANA_OK && !positions) status = hana_fail_memory(err);
    for (int64_t i = 0; status == HANA_OK && i < n; i++) positions[i] = s->rows + i;
    if (status == HANA_OK)
        status = hana_frame_with_ids(&whole, frame, s->origin, positions, err);
    hana_free(positions);
    hana_frame_release(frame);
    if (status == HANA_OK) *out = whole;
    return status;
}

static int same_names(const hana_csv_chunks *s, const hana_frame *frame)
{
    if (hana_frame_cols(frame) != s->names.n) return 0;
    for (size_t j = 0; j < s->names.n; j++)
        if (strcmp(hana_frame_name(frame, j), s->names.items[j]) != 0) return 0;
    return 1;
}

/* The delimiter that read_csv would guess: from more text than a part may have. */
static hana_status guess_delimiter(hana_csv_chunks *s, const hana_csv_options *o,
                                   hana_error *err)
{
    hana_csv_style style;
    char found;
    if (o->delimiter || s->delimiter) return HANA_OK;
    HANA_TRY(fill(s, GUESS_BYTES, err));
    size_t mark = s->length >= 3 && memcmp(s->text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    if (s->length - mark >= 4 && memcmp(s->text + mark, "sep=", 4) == 0) return HANA_OK;
    HANA_TRY(hana_csv_style_init(&style, o, err));
    hana_status status = hana_csv_guess_delimiter(&found, &style, s->text + mark,
                                                  s->length - mark, o->skip, err);
    hana_csv_style_clear(&style);
    if (status != HANA_OK) return status;
    s->delimiter = hana_strndup(&found, 1);
    return s->delimiter ? HANA_OK : hana_fail_memory(err);
}

/* Fills the text with at least one whole record (or all that is left) and gives its end,
   which is `guessed` where it is the end of a line that may stand in quotes. */
static hana_status gather(size_t *end, int *guessed, hana_csv_chunks *s,
                          const hana_csv_options *o, hana_error *err)
{
    *guessed = 0;
    for (size_t want = s->header + s->part_bytes;; want *= 2) {
        HANA_TRY(fill(s, want, err));
        size_t n = s->length < want ? s->length : want;
        if (s->at_end && n == s->length) {
            *end = n;
            return HANA_OK;
        }
        if (s->started && !s->exact && o->on_error == 0) {
            *end = last_line_end(s->text, s->header, n);
            *guessed = *end > s->header;
            if (*guessed) return HANA_OK;
        }
        dialect d = dialect_of(s, o);
        *end = last_record_end(&d, s->text, s->header, n);
        /* The first part has the header and a row. */
        size_t need = s->header;
        if (!s->started) find_header(s, o, n, &need);
        if (*end > need) return HANA_OK;
        if (want > SIZE_MAX / 4) return hana_fail_memory(err);
    }
}

/* The encoding is guessed from the first part; where a later one shows that the guess was
   wrong, all is read again. */
static hana_status check_encoding(hana_csv_chunks *s, const hana_csv_options *o,
                                  size_t end, int *again, hana_error *err)
{
    int guess = !o->encoding || strcmp(o->encoding, "auto") == 0;
    const char *asked = s->encoding ? s->encoding : guess ? "utf-8" : o->encoding;
    const char *name = hana_encoding_find(asked);
    if (guess && name && strcmp(name, "utf-8") == 0 &&
        (!hana_utf8_valid(s->text, end) || memchr(s->text, 0, end)))
        name = hana_encoding_guess(s->text, end, NULL);
    if (name && strncmp(name, "utf-16", 6) == 0)
        return hana_fail(
            err, HANA_UNSUPPORTED,
            "%s: scan_csv does not read UTF-16: read_csv does, or write it as "
            "UTF-8 first",
            s->path);
    if (!guess || !name || (s->encoding && strcmp(s->encoding, name) == 0))
        return HANA_OK;
    char *copy = hana_strdup(name);
    if (!copy) return hana_fail_memory(err);
    hana_free(s->encoding);
    s->encoding = copy;
    *again = s->delivered;
    return HANA_OK;
}

/* Reads the next records into p->frame (NULL behind the last), up to *end. The end of a
   line that turns out to stand in quotes leaves them open, and the text is bad: it is cut
   by records then, from now on. */
static hana_status read_records(part *p, size_t *end, int *again, hana_csv_chunks *s,
                                const hana_csv_options *o, hana_job *job, hana_error *err)
{
    for (;;) {
        int guessed;
        hana_error found = { 0 };
        HANA_TRY(gather(end, &guessed, s, o, err));
        if (s->delivered && *end == s->header) return HANA_OK;
        HANA_TRY(check_encoding(s, o, *end, again, err));
        if (*again) return HANA_OK;
        HANA_TRY(set_options(p, s, o, err));
        hana_status status = read_part(p, s, *end, job, &found);
        if (status == HANA_OK) return HANA_OK;
        if (status != HANA_BAD_DATA || !guessed) {
            if (err) *err = found;
            return status;
        }
        s->exact = 1;
        part_clear(p);
    }
}

/* What the first part tells of the file. */
static hana_status start(hana_csv_chunks *s, const hana_csv_options *o, const part *p,
                         size_t end, hana_error *err)
{
    s->origin = hana_hash(s->text, end, 0);
    if (!s->delimiter) HANA_TRY(keep_text(&s->delimiter, &p->report, "delimiter", err));
    return start_columns(s, o, p->frame, err);
}

/* Drops the text that was read, but for the header. */
static void move_on(hana_csv_chunks *s, const hana_csv_options *o, size_t end)
{
    size_t header = s->header;
    s->lines += count_lines(s->text + header, end - header);
    if (!s->started && o->header) {
        size_t to, from = find_header(s, o, end, &to);
        header = to - from;
        memmove(s->text, s->text + from, header);
        s->header_lines = count_lines(s->text, header);
    }
    memmove(s->text + header, s->text + end, s->length - end);
    s->length = header + (s->length - end);
    s->header = header;
    s->started = 1;
}

hana_status hana_csv_chunks_names(hana_names *out, hana_csv_chunks *s,
                                  const hana_csv_options *options, hana_job *job,
                                  hana_error *err)
{
    size_t end;
    int guessed, repeat = 0;
    part p = { 0 };
    hana_names names = { 0 };
    hana_status status;
    assert(!s->started);
    HANA_TRY(guess_delimiter(s, options, err));
    HANA_TRY(gather(&end, &guessed, s, options, err));
    HANA_TRY(check_encoding(s, options, end, &repeat, err));
    HANA_GOTO(done, set_options(&p, s, options, err));
    p.options.limit = 0;
    HANA_GOTO(done, read_part(&p, s, end, job, err));
    for (size_t j = 0; j < hana_frame_cols(p.frame); j++)
        HANA_GOTO(done, hana_names_add(&names, hana_frame_name(p.frame, j), err));
    *out = names;
    names = (hana_names){ 0 };
done:
    hana_names_clear(&names);
    part_clear(&p);
    return status;
}

double hana_csv_chunks_share(const hana_csv_chunks *s)
{
    return hana_stream_share(s->file);
}

hana_status hana_csv_chunks_next(hana_frame **out, int *again, hana_value *report,
                                 hana_csv_chunks *s, const hana_csv_options *options,
                                 hana_job *job, hana_error *err)
{
    size_t end;
    int repeat = 0;
    part p = { 0 };
    hana_frame *frame = NULL;
    hana_status status;
    *again = 0;
    if (options->block_names.n || options->source)
        return hana_fail(err, HANA_UNSUPPORTED, "scan_csv: option '%s' is for read_csv",
                         options->source ? "source" : "blocks");
    if (s->delivered && options->limit >= 0 && s->rows >= options->limit) return HANA_OK;
    HANA_GOTO(done, guess_delimiter(s, options, err));
    HANA_GOTO(done, read_records(&p, &end, &repeat, s, options, job, err));
    if (!repeat && !p.frame) goto done;
    if (!repeat) {
        if (!s->started) HANA_GOTO(done, start(s, options, &p, end, err));
        if (!same_names(s, p.frame))
            HANA_GOTO(done,
                      hana_fail(err, HANA_BAD_DATA,
                                "%s: line %lld: a record of %zu fields, expected %zu",
                                s->path, (long long)s->lines + 1,
                                hana_frame_cols(p.frame), s->names.n));
        learn(s, p.frame, &repeat);
    }
    if (repeat) {
        HANA_GOTO(done, rewind_scan(s, err));
        *again = 1;
        goto done;
    }
    HANA_GOTO(done, conform(&frame, s, &p, end, job, err));
    HANA_GOTO(done,
              hana_value_set(&p.report, "line_base", hana_value_int(line_base(s)), err));
    s->rows += (int64_t)hana_frame_rows(frame);
    move_on(s, options, end);
    s->delivered = 1;
    *out = frame;
    hana_value_clear(report);
    *report = p.report;
    p.report = (hana_value){ 0 };
done:
    if (status != HANA_OK) hana_frame_release(frame);
    part_clear(&p);
    return status;
}
