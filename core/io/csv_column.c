#include "csv_parts.h"

#include "base/parallel.h"
#include "data/column_parts.h"
#include "data/dictionary.h"

#include <math.h>
#include <string.h>

static size_t total_rows(const hana_csv_stretch *s, size_t n)
{
    size_t rows = 0;
    for (size_t k = 0; k < n; k++) rows += s[k].rows;
    return rows;
}

static hana_status add_validity(hana_column *column, const hana_csv_stretch *s, size_t n,
                                size_t j, hana_error *err)
{
    size_t nulls = 0, row = 0;
    uint8_t *bits;
    for (size_t k = 0; k < n; k++) nulls += s[k].parts[j].nulls;
    if (nulls == 0) return HANA_OK;
    HANA_TRY(hana_column_validity_room(&bits, column, 0, err));
    for (size_t k = 0; k < n; k++) {
        hana_bits_append(bits, row, s[k].parts[j].validity, s[k].rows);
        row += s[k].rows;
    }
    hana_column_count_nulls(column);
    return HANA_OK;
}

static hana_status bools(hana_column *column, const hana_csv_stretch *s, size_t n,
                         size_t j, hana_error *err)
{
    size_t row = 0;
    void *bits;
    HANA_TRY(hana_column_room(&bits, column, hana_bitmap_bytes(column->length), 1, err));
    memset(bits, 0, hana_bitmap_bytes(column->length));
    for (size_t k = 0; k < n; k++) {
        const uint8_t *values = s[k].parts[j].values;
        for (size_t i = 0; values && i < s[k].rows; i++)
            if (values[i]) hana_bit_set(bits, row + i);
        row += s[k].rows;
    }
    return HANA_OK;
}

static hana_status category(hana_column **out, const hana_csv_stretch *s, size_t n,
                            size_t j, hana_error *err)
{
    hana_dictionary *dictionary = NULL;
    hana_column *levels = NULL;
    size_t rows = total_rows(s, n), row = 0;
    int32_t *codes = hana_alloc(rows, sizeof *codes);
    hana_status status;
    if (!codes) return hana_fail_memory(err);
    HANA_GOTO(done, hana_dictionary_new(&dictionary, err));
    for (size_t k = 0; k < n; k++) {
        const hana_csv_part *p = &s[k].parts[j];
        const int64_t *offsets = p->values;
        for (size_t i = 0; i < s[k].rows; i++, row++) {
            codes[row] = -1;
            HANA_GOTO(done, hana_poll(i, err));
            if (p->validity && !hana_bit(p->validity, i)) continue;
            HANA_GOTO(done,
                      hana_dictionary_code(&codes[row], dictionary, p->text + offsets[i],
                                           (size_t)(offsets[i + 1] - offsets[i]), err));
        }
    }
    HANA_GOTO(done, hana_dictionary_column(&levels, dictionary, err));
    status = hana_column_from_codes(out, codes, rows, levels, 0, err);
done:
    hana_column_release(levels);
    hana_dictionary_free(dictionary);
    hana_free(codes);
    return status;
}

static hana_type type_of(hana_csv_kind kind)
{
    switch (kind) {
    case HANA_CSV_BOOL:
        return HANA_BOOL;
    case HANA_CSV_INT:
        return HANA_INT;
    case HANA_CSV_NONE:
    case HANA_CSV_FLOAT:
        return HANA_FLOAT;
    case HANA_CSV_DATE:
        return HANA_DATE;
    case HANA_CSV_DATETIME:
        return HANA_DATETIME;
    case HANA_CSV_EMPTY:
    case HANA_CSV_BIG:
    case HANA_CSV_STRING:
        break;
    }
    return HANA_STRING;
}

/* All columns while they are filled, stretch by stretch. */
typedef struct assembling {
    const hana_column **columns;
    const size_t *fields;
    size_t n_fields;
    const hana_csv_block *blocks;
    size_t n_blocks;
    hana_csv_stretch *stretches;
    size_t n;
    const hana_csv_kind *kinds;
    const hana_csv_layout *layout;
    void **values; /* of each column; NULL: it is filled already */
    char **texts;
    size_t *rows;  /* before each stretch */
    size_t *bytes; /* of text, n_fields a stretch, likewise */
} assembling;

static hana_status make_room(assembling *a, size_t i, hana_column *column,
                             hana_error *err)
{
    size_t j = a->fields[i], bytes = 0, length = column->length;
    hana_type type = column->type;
    HANA_TRY(add_validity(column, a->stretches, a->n, j, err));
    if (type == HANA_BOOL) return bools(column, a->stretches, a->n, j, err);
    if (type != HANA_STRING)
        return hana_column_room(&a->values[i], column, length, hana_type_width(type),
                                err);
    for (size_t k = 0; k < a->n; k++) {
        a->bytes[k * a->n_fields + i] = bytes;
        bytes += a->stretches[k].parts[j].text_length;
    }
    HANA_TRY(hana_column_text_room(&a->texts[i], column, bytes, err));
    HANA_TRY(hana_column_room(&a->values[i], column, length + 1, sizeof(int64_t), err));
    *(int64_t *)a->values[i] = 0;
    return HANA_OK;
}

hana_type hana_csv_type(const hana_csv_column *about, hana_csv_kind kind)
{
    return about->given ? about->type : type_of(kind);
}

static hana_status start_column(void *context, size_t i, int worker, hana_error *err)
{
    (void)worker;
    assembling *a = context;
    size_t j = a->fields[i];
    const hana_csv_column *about = &a->layout->columns[j];
    hana_type type = hana_csv_type(about, a->kinds[j]);
    hana_column *column;
    if (type == HANA_CATEGORY) {
        HANA_TRY(category(&column, a->stretches, a->n, j, err));
        a->columns[i] = column;
        return HANA_OK;
    }
    HANA_TRY(hana_column_make(&column, type, total_rows(a->stretches, a->n), err));
    a->columns[i] = column;
    HANA_TRY(make_room(a, i, column, err));
    if (type == HANA_DATETIME) {
        const char *zone = hana_zone_name(a->layout->style->zone);
        size_t length = strlen(zone);
        if (length >= sizeof column->zone) length = sizeof column->zone - 1;
        memcpy(column->zone, zone, length);
        column->zone[length] = '\0';
    }
    return HANA_OK;
}

/* Cells of a fixed width; a stretch of nulls has none. */
static void fill_fixed(char *to, hana_type type, const hana_csv_part *p, size_t rows)
{
    size_t size = hana_type_width(type);
    if (p->values)
        memcpy(to, p->values, rows * size);
    else if (type == HANA_FLOAT)
        for (size_t i = 0; i < rows; i++) ((double *)(void *)to)[i] = NAN;
    else if (rows)
        memset(to, 0, rows * size);
}

static void fill_texts(int64_t *offsets, char *text, const hana_csv_part *p, size_t base,
                       size_t rows)
{
    const int64_t *from = p->values;
    for (size_t i = 1; i <= rows; i++) offsets[i] = (int64_t)base + (from ? from[i] : 0);
    if (p->text_length) memcpy(text + base, p->text, p->text_length);
}

/* The cells from .. to - 1 of a part into every n-th cell. */
static void fill_numbers(double *cells, size_t n, const hana_csv_part *p, size_t from,
                         size_t to)
{
    for (size_t i = from; i < to; i++) {
        double x = NAN;
        if (p->values && (!p->validity || hana_bit(p->validity, i)))
            x = p->kind == HANA_CSV_INT     ? (double)((int64_t *)p->values)[i]
                : p->kind == HANA_CSV_FLOAT ? ((double *)p->values)[i]
                                            : ((uint8_t *)p->values)[i];
        cells[(i - from) * n] = x;
    }
}

/* Some rows at a time, which stay in the cache while column after column is put in. */
static void fill_block(const hana_csv_block *block, const hana_csv_stretch *s, size_t row)
{
    enum { ROWS = 64 };
    for (size_t from = 0; from < s->rows; from += ROWS) {
        size_t to = s->rows - from < ROWS ? s->rows : from + ROWS;
        double *cells = block->cells + (row + from) * block->n;
        for (size_t c = 0; c < block->n; c++)
            fill_numbers(cells + c, block->n, &s->parts[block->fields[c]], from, to);
    }
}

static hana_status fill_stretch(void *context, size_t k, int worker, hana_error *err)
{
    (void)worker, (void)err;
    assembling *a = context;
    hana_csv_stretch *s = &a->stretches[k];
    for (size_t i = 0; i < a->n_fields; i++) {
        const hana_csv_part *p = &s->parts[a->fields[i]];
        hana_type type = hana_column_type(a->columns[i]);
        if (!a->values[i]) continue;
        if (type == HANA_STRING)
            fill_texts((int64_t *)a->values[i] + a->rows[k], a->texts[i], p,
                       a->bytes[k * a->n_fields + i], s->rows);
        else
            fill_fixed((char *)a->values[i] + a->rows[k] * hana_type_width(type), type, p,
                       s->rows);
    }
    for (size_t b = 0; b < a->n_blocks; b++) fill_block(&a->blocks[b], s, a->rows[k]);
    hana_csv_stretch_empty(s, a->layout->width);
    return HANA_OK;
}

hana_status hana_csv_assemble(const hana_column **columns, const size_t *fields,
                              size_t n_fields, const hana_csv_block *blocks,
                              size_t n_blocks, hana_csv_stretch *stretches, size_t n,
                              const hana_csv_kind *kinds, const hana_csv_layout *layout,
                              hana_job *job, hana_error *err)
{
    assembling a = { .columns = columns,
                     .fields = fields,
                     .n_fields = n_fields,
                     .blocks = blocks,
                     .n_blocks = n_blocks,
                     .stretches = stretches,
                     .n = n,
                     .kinds = kinds,
                     .layout = layout };
    a.values = hana_alloc_zero(n_fields, sizeof *a.values);
    a.texts = hana_alloc_zero(n_fields, sizeof *a.texts);
    a.rows = hana_alloc(n, sizeof *a.rows);
    a.bytes = hana_alloc_zero(n * n_fields, sizeof *a.bytes);
    hana_status status =
        a.values && a.texts && a.rows && a.bytes ? HANA_OK : hana_fail_memory(err);
    size_t rows = 0, width = n_fields;
    for (size_t b = 0; b < n_blocks; b++) width += blocks[b].n;
    for (size_t k = 0; status == HANA_OK && k < n; k++) {
        a.rows[k] = rows;
        rows += stretches[k].rows;
    }
    if (status == HANA_OK)
        status =
            hana_parallel_steps(job, n_fields, n_fields * rows, start_column, &a, err);
    if (status == HANA_OK)
        status = hana_parallel_steps(job, n, width * rows, fill_stretch, &a, err);
    hana_free(a.values);
    hana_free(a.texts);
    hana_free(a.rows);
    hana_free(a.bytes);
    return status;
}
