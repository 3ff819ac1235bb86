#include "xlsx_write.h"

#include "base/plugin.h"
#include "base/text.h"
#include "base/time.h"
#include "io/files.h"
#include "plugins/sheet_writer.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    MOST_ROWS = 1048576,
    MOST_COLUMNS = 16384,
    MOST_CHARACTERS = 32767,
    SAMPLE = 1000
};
#define DAY INT64_C(86400000000)
/* Days from 1899-12-30 to 1970-01-01: from 1900-03-01 on serial numbers count from there.
 */
#define SERIAL_1970 25569
#define FIRST_DATE (61 - SERIAL_1970)
#define LAST_DATE (2958465 - SERIAL_1970)

static const hana_plugin writer_plugin = { .name = "xlsx_writer",
                                           .purpose = "writing .xlsx files",
                                           .package = "libxlsxwriter4",
                                           .build_package = "libxlsxwriter-dev" };

/* One column of the sheet: a column of the frame, or a feature of a block. */
typedef struct source {
    const hana_column *column;
    const hana_zone *zone; /* datetime */
    int as_text;
    hana_block_view block;
    size_t feature;
} source;

typedef struct writing {
    const hana_frame *frame;
    hana_job *job;
    source *sources;
    hana_sheet_column *columns;
    size_t n;
    hana_text text;
} writing;

static void writing_clear(writing *w)
{
    for (size_t k = 0; w->columns && k < w->n; k++) {
        const char *name = w->columns[k].name;
        hana_free((char *)(uintptr_t)name);
    }
    hana_free(w->sources);
    hana_free(w->columns);
    hana_text_clear(&w->text);
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Wall-clock microseconds of a datetime. */
static int64_t local_time(const source *s, size_t i)
{
    int64_t micros = hana_column_ints(s->column)[i];
    return micros +
           hana_zone_offset(s->zone, floor_div(micros, 1000000)) * INT64_C(1000000);
}

/* Whether the cell cannot be the number that it is in the frame. */
static int misfits(const source *s, size_t i)
{
    double number;
    int64_t integer, days;
    switch (hana_column_type(s->column)) {
    case HANA_FLOAT:
        number = hana_column_floats(s->column)[i];
        return isinf(number);
    case HANA_INT:
        integer = hana_column_ints(s->column)[i];
        return integer > INT64_C(1) << 53 || integer < -(INT64_C(1) << 53);
    case HANA_DATE:
        days = hana_column_codes(s->column)[i];
        return days < FIRST_DATE || days > LAST_DATE;
    case HANA_DATETIME:
        days = floor_div(local_time(s, i), DAY);
        return days < FIRST_DATE || days > LAST_DATE;
    default:
        return 0;
    }
}

/* The feature of a block in its row i. */
static double block_cell(const source *s, size_t i)
{
    const hana_block_view *b = &s->block;
    if (b->layout == HANA_DENSE_F64) return b->f64[i * b->cols + s->feature];
    if (b->layout == HANA_DENSE_F32) return (double)b->f32[i * b->cols + s->feature];
    for (int64_t at = b->start[i]; at < b->start[i + 1]; at++)
        if ((size_t)b->index[at] == s->feature) return b->f64[at];
    return 0;
}

static hana_status print_cell(writing *w, const source *s, size_t i, hana_mixed_cell *out,
                              hana_error *err)
{
    w->text.length = 0;
    hana_column_print_cell(s->column, i, 1, &w->text);
    if (w->text.failed) return hana_fail_memory(err);
    *out = (hana_mixed_cell){ .kind = HANA_MIXED_STRING,
                              .text = w->text.data,
                              .length = w->text.length };
    return HANA_OK;
}

static hana_status text_cell(const writing *w, size_t i, size_t k, hana_mixed_cell *out,
                             hana_error *err)
{
    out->kind = HANA_MIXED_STRING;
    out->text = hana_column_string(w->sources[k].column, i, &out->length);
    if (out->length <= MOST_CHARACTERS ||
        hana_utf8_length(out->text, out->length) <= MOST_CHARACTERS)
        return HANA_OK;
    return hana_fail(err, HANA_BAD_DATA,
                     "write_xlsx: column '%s', row %zu: a text of %zu characters, a cell "
                     "holds %d",
                     w->columns[k].name, i + 1, hana_utf8_length(out->text, out->length),
                     MOST_CHARACTERS);
}

static void set_number(hana_mixed_cell *out, double number)
{
    if (number - number != 0) return; /* NaN: an empty cell */
    out->kind = HANA_MIXED_FLOAT;
    out->number = number;
}

static hana_status get_cell(void *context, size_t i, size_t k, hana_mixed_cell *out,
                            hana_error *err)
{
    writing *w = context;
    const source *s = &w->sources[k];
    if (k == 0 && i % 1024 == 0)
        HANA_TRY(hana_job_at(w->job, i, hana_frame_rows(w->frame), err));
    if (hana_column_is_null(s->column, i)) return HANA_OK;
    if (s->as_text) return print_cell(w, s, i, out, err);
    switch (hana_column_type(s->column)) {
    case HANA_FLOAT:
        set_number(out, hana_column_floats(s->column)[i]);
        break;
    case HANA_INT:
        out->kind = HANA_MIXED_INT;
        out->integer = hana_column_ints(s->column)[i];
        break;
    case HANA_BOOL:
        out->kind = HANA_MIXED_BOOL;
        out->integer = hana_bit(hana_column_bits(s->column), i);
        break;
    case HANA_DATE:
        out->kind = HANA_MIXED_INT;
        out->integer = hana_column_codes(s->column)[i] + SERIAL_1970;
        break;
    case HANA_DATETIME:
        set_number(out, (double)local_time(s, i) / (double)DAY + SERIAL_1970);
        break;
    case HANA_BLOCK:
        set_number(out, block_cell(s, i));
        break;
    case HANA_STRING:
    case HANA_CATEGORY:
        return text_cell(w, i, k, out, err);
    }
    return HANA_OK;
}

static hana_status add_source(writing *w, const char *name, size_t length,
                              const source *s, hana_error *err)
{
    char *copy = hana_strndup(name, length);
    if (!copy) return hana_fail_memory(err);
    w->sources[w->n] = *s;
    w->columns[w->n++] = (hana_sheet_column){ .name = copy };
    return HANA_OK;
}

static hana_status add_column(writing *w, size_t j, hana_error *err)
{
    source s = { .column = hana_frame_column(w->frame, j) };
    const char *name = hana_frame_name(w->frame, j);
    if (!hana_column_block(s.column, &s.block)) {
        if (hana_column_type(s.column) == HANA_DATETIME)
            HANA_TRY(hana_zone_get(&s.zone, hana_column_zone(s.column), err));
        return add_source(w, name, strlen(name), &s, err);
    }
    for (s.feature = 0; s.feature < s.block.cols; s.feature++) {
        size_t length;
        const char *feature = hana_column_string(s.block.names, s.feature, &length);
        HANA_TRY(add_source(w, feature, length, &s, err));
    }
    return HANA_OK;
}

static hana_status add_columns(writing *w, hana_error *err)
{
    size_t n = 0;
    for (size_t j = 0; j < hana_frame_cols(w->frame); j++) {
        hana_block_view b;
        n += hana_column_block(hana_frame_column(w->frame, j), &b) ? b.cols : 1;
    }
    if (n > MOST_COLUMNS || hana_frame_rows(w->frame) > MOST_ROWS - 1)
        return hana_fail(err, HANA_BAD_SHAPE,
                         "write_xlsx: %zu rows and %zu columns, a sheet holds %d (one is "
                         "the header) and %d",
                         hana_frame_rows(w->frame), n, MOST_ROWS, MOST_COLUMNS);
    w->sources = hana_alloc_zero(n, sizeof *w->sources);
    w->columns = hana_alloc_zero(n, sizeof *w->columns);
    if (!w->sources || !w->columns) return hana_fail_memory(err);
    for (size_t j = 0; j < hana_frame_cols(w->frame); j++)
        HANA_TRY(add_column(w, j, err));
    return HANA_OK;
}

/* Formats, widths, and what must be text. */
static hana_status set_columns(writing *w, hana_error *err)
{
    size_t rows = hana_frame_rows(w->frame);
    for (size_t k = 0; k < w->n; k++) {
        source *s = &w->sources[k];
        hana_sheet_column *c = &w->columns[k];
        hana_type type = hana_column_type(s->column);
        for (size_t i = 0; i < rows && !s->as_text; i++)
            s->as_text = !hana_column_is_null(s->column, i) && misfits(s, i);
        if (s->as_text)
            hana_job_warn(
                w->job,
                "write_xlsx: column '%s' is written as text: not all its values "
                "can be numbers of a sheet",
                c->name);
        else if (type == HANA_DATE)
            c->format = "yyyy-mm-dd";
        else if (type == HANA_DATETIME)
            c->format = "yyyy-mm-dd hh:mm:ss";
        size_t width = hana_utf8_width(c->name, strlen(c->name)) + 1;
        for (size_t i = 0; i < rows && i < SAMPLE && type != HANA_BLOCK; i++) {
            w->text.length = 0;
            hana_column_print_cell(s->column, i, 0, &w->text);
            if (w->text.failed) return hana_fail_memory(err);
            size_t cell = hana_utf8_width(w->text.data, w->text.length);
            if (type == HANA_DATETIME && !s->as_text) cell = 19;
            if (!hana_column_is_null(s->column, i) && cell > width) width = cell;
        }
        c->width = width < 8 ? 8.43 : width > 60 ? 60 : (double)width + 1;
    }
    return HANA_OK;
}

/* The library writes to a file of its own, whose bytes then go where they belong. */
static hana_status write_by(const hana_sheet_writer *writer, const char *path,
                            const hana_sheet_table *table, hana_error *err)
{
    char made[] = "/tmp/hana-xlsx-XXXXXX";
    hana_bytes bytes = { 0 };
    int file = mkstemp(made);
    if (file < 0)
        return hana_fail(err, HANA_IO_FAILED, "write_xlsx: %s: %s", made,
                         strerror(errno));
    close(file);
    hana_status status = writer->write(made, table, err);
    if (status == HANA_OK) status = hana_file_open(&bytes, made, NULL, err);
    if (status == HANA_OK) {
        status = hana_file_put(path, bytes.data, bytes.length, err);
        hana_file_close(&bytes);
    }
    unlink(made);
    return status;
}

hana_status hana_xlsx_write(const hana_frame *frame, const char *path, const char *sheet,
                            hana_job *job, hana_error *err)
{
    writing w = { .frame = frame, .job = job };
    const void *writer = NULL;
    HANA_TRY(hana_plugin_open(&writer, &writer_plugin, err));
    hana_status status = add_columns(&w, err);
    if (status == HANA_OK) status = set_columns(&w, err);
    if (status == HANA_OK) {
        hana_sheet_table table = { .sheet = sheet,
                                   .columns = w.columns,
                                   .rows = hana_frame_rows(frame),
                                   .n = w.n,
                                   .cell = get_cell,
                                   .context = &w };
        hana_job_stage(job, "", 0, 1);
        status = write_by(writer, path, &table, err);
    }
    writing_clear(&w);
    return status;
}
