#include "csv.h"

#include "base/text.h"
#include "base/time.h"
#include "io/encoding.h"
#include "io/files.h"
#include "io/print_rows.h"

#include <string.h>

enum { PLAIN_BYTES = 64, CELL_BYTES = 12 /* a usual number or time */ };

/* A column as its cells are printed. */
typedef struct source {
    const hana_column *column;
    hana_type type;
    const uint8_t *validity;
    const hana_zone *zone;
    hana_block_view block;
} source;

typedef struct printer {
    const char *delimiter, *null, *encoding;
    size_t delimiter_length, null_length;
    int plain_is_safe;      /* numbers and times need no quotes */
    hana_text text;         /* what is printed, UTF-8 */
    hana_text *target;      /* where it goes, or */
    hana_file_writer *file; /* where it goes */
} printer;

static int must_quote(const printer *p, const char *text, size_t length)
{
    if (length == 0 || (length == p->null_length && memcmp(text, p->null, length) == 0))
        return 1;
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        if (c == '"' || c == '\n' || c == '\r') return 1;
        if (c == *p->delimiter && length - i >= p->delimiter_length &&
            memcmp(text + i, p->delimiter, p->delimiter_length) == 0)
            return 1;
    }
    return 0;
}

static void put_text(printer *p, const char *text, size_t length)
{
    if (!must_quote(p, text, length)) {
        hana_text_add(&p->text, text, length);
        return;
    }
    hana_text_putc(&p->text, '"');
    size_t done = 0;
    for (size_t i = 0; i < length; i++) {
        if (text[i] != '"') continue;
        hana_text_add(&p->text, text + done, i + 1 - done);
        done = i;
    }
    hana_text_add(&p->text, text + done, length - done);
    hana_text_putc(&p->text, '"');
}

/* Room for a number or time, to be printed where it will stand. */
static char *plain_room(printer *p, char *elsewhere)
{
    hana_text *t = &p->text;
    int fits = t->capacity > t->length && t->capacity - t->length > PLAIN_BYTES;
    return p->plain_is_safe && fits ? t->data + t->length : elsewhere;
}

/* A number or time, which is quoted too where the delimiter stands in it. */
static void put_plain(printer *p, const char *text, int length)
{
    if (p->text.data && text == p->text.data + p->text.length)
        p->text.length += (size_t)length;
    else if (p->plain_is_safe)
        hana_text_add(&p->text, text, (size_t)length);
    else
        put_text(p, text, (size_t)length);
}

static void put_cell(printer *p, const source *s, size_t i)
{
    char elsewhere[PLAIN_BYTES], *plain;
    size_t length;
    const char *text;
    if (s->validity && !hana_bit(s->validity, i)) {
        hana_text_add(&p->text, p->null, p->null_length);
        return;
    }
    switch (s->type) {
    case HANA_FLOAT:
        plain = plain_room(p, elsewhere);
        put_plain(p, plain,
                  hana_print_double(plain, hana_column_floats(s->column)[i], 1));
        break;
    case HANA_INT:
        plain = plain_room(p, elsewhere);
        put_plain(p, plain, hana_print_int(plain, hana_column_ints(s->column)[i]));
        break;
    case HANA_BOOL:
        hana_text_puts(&p->text,
                       hana_bit(hana_column_bits(s->column), i) ? "true" : "false");
        break;
    case HANA_DATE:
        plain = plain_room(p, elsewhere);
        put_plain(p, plain, hana_print_date(plain, hana_column_codes(s->column)[i]));
        break;
    case HANA_DATETIME:
        plain = plain_room(p, elsewhere);
        put_plain(p, plain,
                  hana_print_datetime(plain, hana_column_ints(s->column)[i], s->zone));
        break;
    case HANA_STRING:
    case HANA_CATEGORY:
        text = hana_column_string(s->column, i, &length);
        put_text(p, text, length);
        break;
    case HANA_BLOCK:
        break;
    }
}

static void put_number(printer *p, double value)
{
    char plain[HANA_NUMBER_SIZE];
    if (value != value)
        hana_text_add(&p->text, p->null, p->null_length);
    else
        put_plain(p, plain, hana_print_double(plain, value, 0));
}

/* A block's row: its features, one field each. */
static void put_block(printer *p, const hana_block_view *b, int null, size_t i)
{
    int64_t at = b->layout == HANA_CSR ? b->start[i] : 0;
    for (size_t k = 0; k < b->cols; k++) {
        if (k) hana_text_add(&p->text, p->delimiter, p->delimiter_length);
        if (null) {
            hana_text_add(&p->text, p->null, p->null_length);
        } else if (b->layout == HANA_DENSE_F64) {
            put_number(p, b->f64[i * b->cols + k]);
        } else if (b->layout == HANA_DENSE_F32) {
            put_number(p, (double)b->f32[i * b->cols + k]);
        } else if (at < b->start[i + 1] && (size_t)b->index[at] == k) {
            put_number(p, b->f64[at++]);
        } else {
            hana_text_putc(&p->text, '0');
        }
    }
}

static hana_status hand_on(const printer *p, const hana_text *text, hana_error *err)
{
    hana_text encoded = { 0 };
    const hana_text *from = text;
    hana_status status = HANA_OK;
    if (strcmp(p->encoding, "utf-8") != 0) {
        status =
            hana_encoding_encode(&encoded, text->data, text->length, p->encoding, err);
        from = &encoded;
    }
    if (status == HANA_OK && p->file) {
        status = hana_file_write(p->file, from->data, from->length, err);
    } else if (status == HANA_OK) {
        hana_text_add(p->target, from->data, from->length);
        if (p->target->failed) status = hana_fail_memory(err);
    }
    hana_text_clear(&encoded);
    return status;
}

static void put_header(printer *p, const hana_frame *frame)
{
    for (size_t j = 0; j < hana_frame_cols(frame); j++) {
        hana_block_view b;
        const char *name = hana_frame_name(frame, j);
        if (j) hana_text_add(&p->text, p->delimiter, p->delimiter_length);
        if (!hana_column_block(hana_frame_column(frame, j), &b)) {
            put_text(p, name, strlen(name));
            continue;
        }
        for (size_t k = 0; k < b.cols; k++) {
            size_t length;
            const char *feature = hana_column_string(b.names, k, &length);
            if (k) hana_text_add(&p->text, p->delimiter, p->delimiter_length);
            put_text(p, feature, length);
        }
    }
    hana_text_putc(&p->text, '\n');
}

typedef struct printing {
    printer *printer;
    const source *sources;
    size_t cols;
} printing;

static hana_status print_rows(void *context, hana_text *out, size_t from, size_t to,
                              hana_error *err)
{
    const printing *g = context;
    printer own = *g->printer, *p = &own;
    own.text = *out;
    for (size_t i = from; i < to; i++) {
        for (size_t j = 0; j < g->cols; j++) {
            const source *s = &g->sources[j];
            if (j && p->delimiter_length == 1)
                hana_text_putc(&p->text, *p->delimiter);
            else if (j)
                hana_text_add(&p->text, p->delimiter, p->delimiter_length);
            if (s->type == HANA_BLOCK)
                put_block(p, &s->block, s->validity && !hana_bit(s->validity, i), i);
            else
                put_cell(p, s, i);
        }
        hana_text_putc(&p->text, '\n');
    }
    *out = own.text;
    return out->failed ? hana_fail_memory(err) : HANA_OK;
}

static hana_status hand_rows_on(void *context, const hana_text *rows, hana_error *err)
{
    const printing *g = context;
    return hand_on(g->printer, rows, err);
}

static hana_status put_all(printer *p, const hana_frame *frame, hana_job *job,
                           hana_error *err)
{
    size_t cols = hana_frame_cols(frame);
    source *sources = hana_alloc_zero(cols, sizeof *sources);
    if (!sources) return hana_fail_memory(err);
    hana_status status = HANA_OK;
    printing g = { .printer = p, .sources = sources, .cols = cols };
    hana_row_printer rows = { .frame = frame,
                              .row_bytes = 1,
                              .context = &g,
                              .print = print_rows,
                              .hand_on = hand_rows_on };
    for (size_t j = 0; j < cols && status == HANA_OK; j++) {
        source *s = &sources[j];
        s->column = hana_frame_column(frame, j);
        s->type = hana_column_type(s->column);
        s->validity = hana_column_validity(s->column);
        hana_column_block(s->column, &s->block);
        rows.row_bytes += CELL_BYTES * (s->type == HANA_BLOCK ? s->block.cols : 1);
        if (s->type == HANA_DATETIME)
            status = hana_zone_get(&s->zone, hana_column_zone(s->column), err);
    }
    if (status == HANA_OK) {
        put_header(p, frame);
        status = p->text.failed ? hana_fail_memory(err) : hand_on(p, &p->text, err);
    }
    if (status == HANA_OK) status = hana_print_rows(&rows, job, err);
    hana_free(sources);
    return status;
}

hana_status hana_csv_write(const hana_frame *frame, const char *path, hana_text *text,
                           const hana_csv_write_options *options, hana_job *job,
                           hana_error *err)
{
    static const hana_csv_write_options usual = { 0 };
    if (!options) options = &usual;
    printer p = { .delimiter = options->delimiter ? options->delimiter : ",",
                  .null = options->null ? options->null : "",
                  .encoding =
                      hana_encoding_find(options->encoding ? options->encoding : "utf-8"),
                  .target = text };
    p.delimiter_length = strlen(p.delimiter);
    p.null_length = strlen(p.null);
    p.plain_is_safe = p.null_length == 0 && p.delimiter_length == 1 &&
                      strchr(",;\t|", *p.delimiter) != NULL;
    if (!p.encoding)
        return hana_fail(err, HANA_BAD_ARGUMENT,
                         "write_csv: option 'encoding' must be utf-8, utf-16, cp949, "
                         "euc-kr, latin1 or "
                         "windows-1252, got '%s'",
                         options->encoding);
    if (options->bom && strncmp(p.encoding, "utf", 3) != 0 &&
        strcmp(p.encoding, "gb18030") != 0)
        return hana_fail(err, HANA_BAD_ARGUMENT,
                         "write_csv: option 'bom' is for utf-8 and utf-16: %s has no "
                         "byte-order mark",
                         p.encoding);
    if (hana_utf8_length(p.delimiter, p.delimiter_length) != 1 ||
        strpbrk(p.delimiter, "\"\r\n"))
        return hana_fail(err, HANA_BAD_ARGUMENT,
                         "write_csv: option 'delimiter' must be one character other than "
                         "the quote, got "
                         "'%.20s'",
                         p.delimiter);
    if (must_quote(&(printer){ .delimiter = p.delimiter,
                               .delimiter_length = p.delimiter_length,
                               .null = "",
                               .null_length = SIZE_MAX },
                   p.null, p.null_length) &&
        p.null_length > 0)
        return hana_fail(err, HANA_BAD_ARGUMENT,
                         "write_csv: option 'null' must hold neither quotes, line ends "
                         "nor the delimiter");
    size_t before = text ? text->length : 0;
    if (!text) HANA_TRY(hana_file_create_packed(&p.file, path, err));
    if (options->bom || strcmp(p.encoding, "utf-16") == 0)
        hana_text_puts(&p.text, "\xEF\xBB\xBF");
    hana_status status = put_all(&p, frame, job, err);
    hana_text_clear(&p.text);
    if (p.file && status == HANA_BAD_DATA) hana_fail_prefix(err, status, "%s: ", path);
    if (p.file && status == HANA_OK) return hana_file_commit(p.file, err);
    hana_file_abort(p.file);
    if (text && status != HANA_OK) text->length = before;
    return status;
}
