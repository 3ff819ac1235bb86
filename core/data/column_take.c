#include "base/parallel.h"
#include "data/column_parts.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* A multiple of 8, so that no two blocks write into one byte of a bitmap. */
enum { BLOCK_ROWS = 1 << 16 };

static hana_status slice_bits(const uint8_t **bits, hana_buffer **held,
                              const uint8_t *from_bits, size_t from, size_t n,
                              hana_error *err)
{
    hana_buffer *fresh;
    HANA_TRY(hana_buffer_new(&fresh, hana_bitmap_bytes(n), 1, err));
    hana_bits_copy(fresh->data, from_bits, from, n);
    hana_buffer_release(*held);
    *held = fresh;
    *bits = fresh->data;
    return HANA_OK;
}

hana_status hana_column_slice(hana_column **out, const hana_column *column, size_t from,
                              size_t n, hana_error *err)
{
    assert(from <= column->length && n <= column->length - from);
    hana_column *slice;
    HANA_TRY(column->type == HANA_BLOCK ? hana_block_slice(&slice, column, from, n, err)
                                        : hana_column_share(&slice, column, err));
    hana_status status;
    slice->length = n;
    if (column->validity && (from > 0 || n < column->length)) {
        HANA_GOTO(failed, slice_bits(&slice->validity, &slice->validity_held,
                                     column->validity, from, n, err));
        hana_column_count_nulls(slice);
    }
    switch (column->type) {
    case HANA_FLOAT:
        slice->values = hana_floats_of(column) + from;
        break;
    case HANA_STRING:
    case HANA_INT:
    case HANA_DATETIME:
        slice->values = hana_ints_of(column) + from;
        break;
    case HANA_CATEGORY:
    case HANA_DATE:
        slice->values = hana_codes_of(column) + from;
        break;
    case HANA_BOOL: {
        const uint8_t *bits = column->values;
        HANA_GOTO(failed,
                  slice_bits(&bits, &slice->values_held, column->values, from, n, err));
        slice->values = bits;
        break;
    }
    case HANA_BLOCK:
        break;
    }
    *out = slice;
    return HANA_OK;
failed:
    hana_column_release(slice);
    return status;
}

typedef struct taking {
    const hana_column *from;
    const size_t *rows;
    size_t n;
    void *values;
    uint8_t *validity; /* NULL: nothing missing */
    char *text;
    int missing; /* some rows are HANA_NO_ROW */
} taking;

static size_t block_end(const taking *t, size_t begin)
{
    return t->n - begin < BLOCK_ROWS ? t->n : begin + BLOCK_ROWS;
}

/* Rows outside the column are HANA_NO_ROW and get the value of a null slot. */
static hana_status take_8(void *context, size_t block, int worker, hana_error *err)
{
    (void)worker, (void)err;
    taking *t = context;
    const double absent_float = NAN;
    const int64_t absent_int = 0;
    const void *absent =
        t->from->type == HANA_FLOAT ? (const void *)&absent_float : &absent_int;
    const char *from = t->from->values;
    char *to = t->values;
    size_t length = t->from->length, begin = block * BLOCK_ROWS,
           end = block_end(t, begin);
    for (size_t i = begin; i < end; i++) {
        size_t r = t->rows[i];
        assert(r < length || r == HANA_NO_ROW);
        memcpy(to + i * 8, r < length ? from + r * 8 : absent, 8);
    }
    return HANA_OK;
}

static hana_status take_4(void *context, size_t block, int worker, hana_error *err)
{
    (void)worker, (void)err;
    taking *t = context;
    const int32_t *from = t->from->values;
    int32_t *to = t->values;
    size_t length = t->from->length, begin = block * BLOCK_ROWS,
           end = block_end(t, begin);
    for (size_t i = begin; i < end; i++) {
        size_t r = t->rows[i];
        assert(r < length || r == HANA_NO_ROW);
        to[i] = r < length ? from[r] : 0;
    }
    return HANA_OK;
}

/* to[i] = from[rows[i]], 0 where there is no row; from NULL is all ones. */
static void take_bits(uint8_t *to, const uint8_t *from, size_t length, const size_t *rows,
                      size_t begin, size_t end)
{
    for (size_t i = begin; i < end; i += 8) {
        size_t stop = end - i < 8 ? end - i : 8;
        unsigned byte = 0;
        for (size_t k = 0; k < stop; k++) {
            size_t r = rows[i + k];
            assert(r < length || r == HANA_NO_ROW);
            unsigned bit = r < length && (!from || hana_bit(from, r));
            byte |= bit << k;
        }
        to[i / 8] = (uint8_t)byte;
    }
}

static hana_status take_bools(void *context, size_t block, int worker, hana_error *err)
{
    (void)worker, (void)err;
    taking *t = context;
    size_t begin = block * BLOCK_ROWS;
    take_bits(t->values, t->from->values, t->from->length, t->rows, begin,
              block_end(t, begin));
    return HANA_OK;
}

static hana_status take_validity(void *context, size_t block, int worker, hana_error *err)
{
    (void)worker, (void)err;
    taking *t = context;
    size_t begin = block * BLOCK_ROWS;
    take_bits(t->validity, t->from->validity, t->from->length, t->rows, begin,
              block_end(t, begin));
    return HANA_OK;
}

/* Lengths first, into offsets[1..]; the sums come between the passes. */
static hana_status take_lengths(void *context, size_t block, int worker, hana_error *err)
{
    (void)worker, (void)err;
    taking *t = context;
    const int64_t *from = t->from->values;
    int64_t *to = t->values;
    size_t length = t->from->length, begin = block * BLOCK_ROWS,
           end = block_end(t, begin);
    for (size_t i = begin; i < end; i++) {
        size_t r = t->rows[i];
        assert(r < length || r == HANA_NO_ROW);
        to[i + 1] = r < length ? from[r + 1] - from[r] : 0;
    }
    return HANA_OK;
}

static hana_status take_texts(void *context, size_t block, int worker, hana_error *err)
{
    (void)worker, (void)err;
    taking *t = context;
    const int64_t *from = t->from->values, *to = t->values;
    size_t begin = block * BLOCK_ROWS, end = block_end(t, begin);
    for (size_t i = begin; i < end; i++) {
        size_t bytes = (size_t)(to[i + 1] - to[i]);
        if (bytes) memcpy(t->text + to[i], t->from->text + from[t->rows[i]], bytes);
    }
    return HANA_OK;
}

static hana_status take_strings(hana_column *column, taking *t, size_t blocks,
                                hana_error *err)
{
    HANA_TRY(hana_column_room(&t->values, column, t->n + 1, sizeof(int64_t), err));
    int64_t *offsets = t->values;
    offsets[0] = 0;
    HANA_TRY(hana_parallel(hana_job_current(), blocks, take_lengths, t, err));
    for (size_t i = 0; i < t->n; i++) offsets[i + 1] += offsets[i];
    HANA_TRY(hana_column_text_room(&t->text, column, (size_t)offsets[t->n], err));
    return hana_parallel(hana_job_current(), blocks, take_texts, t, err);
}

static int has_no_row(const size_t *rows, size_t n)
{
    int any = 0;
    for (size_t i = 0; i < n; i++) any |= rows[i] == HANA_NO_ROW;
    return any;
}

static hana_status take_values(hana_column *column, taking *t, hana_error *err)
{
    size_t blocks = (t->n + BLOCK_ROWS - 1) / BLOCK_ROWS,
           width = hana_type_width(column->type);
    if (t->from->validity || t->missing) {
        HANA_TRY(hana_column_validity_room(&t->validity, column, 0, err));
        HANA_TRY(hana_parallel(hana_job_current(), blocks, take_validity, t, err));
        hana_column_count_nulls(column);
    }
    if (column->type == HANA_STRING) return take_strings(column, t, blocks, err);
    if (column->type == HANA_BOOL) {
        HANA_TRY(hana_column_room(&t->values, column, hana_bitmap_bytes(t->n), 1, err));
        return hana_parallel(hana_job_current(), blocks, take_bools, t, err);
    }
    HANA_TRY(hana_column_room(&t->values, column, t->n, width, err));
    return hana_parallel(hana_job_current(), blocks, width == 8 ? take_8 : take_4, t,
                         err);
}

hana_status hana_column_take_known(hana_column **out, const hana_column *column,
                                   const size_t *rows, size_t n, int missing,
                                   hana_error *err)
{
    if (column->type == HANA_BLOCK) return hana_block_take(out, column, rows, n, err);
    hana_column *taken;
    HANA_TRY(hana_column_make(&taken, column->type, n, err));
    taken->levels = hana_column_retain(column->levels);
    taken->ordered = column->ordered;
    memcpy(taken->zone, column->zone, sizeof taken->zone);
    taking t = { .from = column, .rows = rows, .n = n, .missing = missing };
    hana_status status = take_values(taken, &t, err);
    if (status != HANA_OK) {
        hana_column_release(taken);
        return status;
    }
    *out = taken;
    return HANA_OK;
}

hana_status hana_column_take(hana_column **out, const hana_column *column,
                             const size_t *rows, size_t n, hana_error *err)
{
    int missing = !column->validity && has_no_row(rows, n);
    return hana_column_take_known(out, column, rows, n, missing, err);
}
