#include "json_frame.h"

#include "base/text.h"
#include "io/files.h"
#include "io/json_parts.h"

#include <string.h>

enum { FLUSH_BYTES = 1 << 20 };

typedef struct printer {
    const hana_frame *frame;
    hana_text text;
    hana_text *target;      /* where it goes, or */
    hana_file_writer *file; /* where it goes */
    const char *joint;      /* between two members */
} printer;

static hana_status put_key(printer *p, const char *name, size_t length, hana_error *err)
{
    hana_text_puts(&p->text, p->joint);
    p->joint = ",";
    HANA_TRY(hana_json_put_string(&p->text, name, length, err));
    hana_text_putc(&p->text, ':');
    return HANA_OK;
}

static hana_status put_number(printer *p, const char *name, size_t row, double value,
                              int as_float, hana_error *err)
{
    char plain[HANA_NUMBER_SIZE];
    if (value - value != 0)
        return hana_fail(err, HANA_BAD_DATA, "column '%s', row %zu: %s has no JSON form",
                         name, row + 1, value != value ? "NaN" : "an infinite number");
    hana_text_add(&p->text, plain, (size_t)hana_print_double(plain, value, as_float));
    return HANA_OK;
}

static hana_status put_block(printer *p, const hana_block_view *b, size_t row,
                             hana_error *err)
{
    int64_t at = b->layout == HANA_CSR ? b->start[row] : 0;
    for (size_t k = 0; k < b->cols; k++) {
        size_t length;
        const char *name = hana_column_string(b->names, k, &length);
        double value = 0;
        HANA_TRY(put_key(p, name, length, err));
        if (b->layout == HANA_DENSE_F64)
            value = b->f64[row * b->cols + k];
        else if (b->layout == HANA_DENSE_F32)
            value = (double)b->f32[row * b->cols + k];
        else if (at < b->start[row + 1] && (size_t)b->index[at] == k)
            value = b->f64[at++];
        if (value != value)
            hana_text_puts(&p->text, "null");
        else
            HANA_TRY(put_number(p, "of a block", row, value, 0, err));
    }
    return HANA_OK;
}

static hana_status put_cell(printer *p, const hana_column *column, const char *name,
                            size_t row, hana_error *err)
{
    hana_value value = { 0 };
    if (hana_column_is_null(column, row)) {
        hana_text_puts(&p->text, "null");
        return HANA_OK;
    }
    if (hana_column_type(column) == HANA_FLOAT)
        return put_number(p, name, row, hana_column_floats(column)[row], 1, err);
    if (hana_column_type(column) == HANA_STRING ||
        hana_column_type(column) == HANA_CATEGORY) {
        size_t length;
        const char *text = hana_column_string(column, row, &length);
        return hana_json_put_string(&p->text, text, length, err);
    }
    HANA_TRY(hana_column_value(&value, column, row, err));
    hana_status status = hana_json_encode(&p->text, &value, 0, 0, err);
    hana_value_clear(&value);
    return status;
}

static hana_status put_row(printer *p, size_t row, hana_error *err)
{
    hana_text_putc(&p->text, '{');
    p->joint = "";
    for (size_t j = 0; j < hana_frame_cols(p->frame); j++) {
        const hana_column *column = hana_frame_column(p->frame, j);
        const char *name = hana_frame_name(p->frame, j);
        hana_block_view b;
        if (hana_column_block(column, &b)) {
            HANA_TRY(put_block(p, &b, row, err));
            continue;
        }
        HANA_TRY(put_key(p, name, strlen(name), err));
        HANA_TRY(put_cell(p, column, name, row, err));
    }
    hana_text_putc(&p->text, '}');
    return HANA_OK;
}

static hana_status hand_on(printer *p, hana_error *err)
{
    if (p->text.failed) return hana_fail_memory(err);
    if (p->file) {
        HANA_TRY(hana_file_write(p->file, p->text.data, p->text.length, err));
    } else {
        hana_text_add(p->target, p->text.data, p->text.length);
        if (p->target->failed) return hana_fail_memory(err);
    }
    p->text.length = 0;
    return HANA_OK;
}

static hana_status put_rows(printer *p, int as_array, hana_job *job, hana_error *err)
{
    size_t rows = hana_frame_rows(p->frame);
    hana_text_puts(&p->text, as_array ? "[\n" : "");
    hana_job_stage(job, "", 0, 1);
    for (size_t i = 0; i < rows; i++) {
        HANA_TRY(put_row(p, i, err));
        hana_text_puts(&p->text, as_array && i + 1 < rows ? ",\n" : "\n");
        if (p->text.length <= FLUSH_BYTES) continue;
        HANA_TRY(hana_job_at(job, i, rows, err));
        HANA_TRY(hand_on(p, err));
    }
    hana_text_puts(&p->text, as_array ? "]\n" : "");
    return hand_on(p, err);
}

hana_status hana_json_write(const hana_frame *frame, const char *path, hana_text *text,
                            hana_job *job, hana_error *err)
{
    printer p = { .frame = frame, .target = text };
    size_t before = text ? text->length : 0, n = path ? strlen(path) : 0;
    if (n > 3 && strcmp(path + n - 3, ".gz") == 0) n -= 3;
    int as_array = !text && n >= 5 && memcmp(path + n - 5, ".json", 5) == 0;
    if (!text) HANA_TRY(hana_file_create_packed(&p.file, path, err));
    hana_status status = put_rows(&p, as_array, job, err);
    hana_text_clear(&p.text);
    if (p.file && status == HANA_OK) return hana_file_commit(p.file, err);
    hana_file_abort(p.file);
    if (text && status != HANA_OK) text->length = before;
    return status;
}
