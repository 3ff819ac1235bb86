#include "base/parallel.h"
#include "base/random.h"
#include "data/column_parts.h"

#include <math.h>
#include <string.h>

/* A column is hashed in blocks of rows, so that threads can share the work; the block
   size is part of the hash and of everything stored with it. */
enum { BLOCK_ROWS = 1 << 16, CHUNK = 512, GROUP = 64 };

/* Doubles with one zero and one NaN, so that equal columns hash equally. */
static uint64_t hash_floats(const double *x, size_t n, uint64_t h)
{
    double chunk[CHUNK];
    for (size_t i = 0; i < n; i += CHUNK) {
        size_t m = n - i < CHUNK ? n - i : CHUNK;
        for (size_t k = 0; k < m; k++) {
            double v = x[i + k] + 0.0;
            chunk[k] = v == v ? v : (double)NAN;
        }
        h = hana_hash(chunk, m * sizeof *chunk, h);
    }
    return h;
}

static uint64_t hash_singles(const float *x, size_t n, uint64_t h)
{
    double chunk[CHUNK];
    for (size_t i = 0; i < n; i += CHUNK) {
        size_t m = n - i < CHUNK ? n - i : CHUNK;
        for (size_t k = 0; k < m; k++) chunk[k] = (double)x[i + k];
        h = hash_floats(chunk, m, h);
    }
    return h;
}

static uint64_t hash_bits(const uint8_t *bits, size_t begin, size_t end, uint64_t h)
{
    uint8_t chunk[BLOCK_ROWS / 8];
    hana_bits_copy(chunk, bits, begin, end - begin);
    return hana_hash(chunk, hana_bitmap_bytes(end - begin), h);
}

static uint64_t hash_strings(const hana_column *column, size_t begin, size_t end,
                             uint64_t h)
{
    const int64_t *offsets = column->values;
    int64_t lengths[CHUNK];
    for (size_t i = begin; i < end; i += CHUNK) {
        size_t m = end - i < CHUNK ? end - i : CHUNK;
        for (size_t k = 0; k < m; k++) lengths[k] = offsets[i + k + 1] - offsets[i + k];
        h = hana_hash(lengths, m * sizeof *lengths, h);
    }
    size_t bytes = (size_t)(offsets[end] - offsets[begin]);
    return hana_hash(bytes ? column->text + offsets[begin] : "", bytes, h);
}

/* Categories by the texts of their cells: the numbering of the levels does not matter. */
static uint64_t hash_codes(const hana_column *column, const uint64_t *level_hash,
                           size_t begin, size_t end, uint64_t h)
{
    const int32_t *codes = column->values;
    uint64_t chunk[CHUNK];
    for (size_t i = begin; i < end; i += CHUNK) {
        size_t m = end - i < CHUNK ? end - i : CHUNK;
        for (size_t k = 0; k < m; k++) {
            if (hana_null_at(column, i + k)) {
                chunk[k] = 0;
            } else if (level_hash) {
                chunk[k] = level_hash[codes[i + k]];
            } else {
                size_t length;
                const char *text = hana_column_string(column, i + k, &length);
                chunk[k] = hana_hash(text, length, 1);
            }
        }
        h = hana_hash(chunk, m * sizeof *chunk, h);
    }
    return h;
}

static uint64_t hash_block_rows(const hana_column *column, size_t begin, size_t end,
                                uint64_t h)
{
    size_t cols = column->cols;
    if (column->layout == HANA_DENSE_F64)
        return hash_floats(hana_floats_of(column) + begin * cols, (end - begin) * cols,
                           h);
    if (column->layout == HANA_DENSE_F32)
        return hash_singles((const float *)column->values + begin * cols,
                            (end - begin) * cols, h);
    for (size_t i = begin; i < end; i++) {
        int64_t from = column->start[i];
        size_t n = (size_t)(column->start[i + 1] - from);
        h = hana_hash(column->index + from, n * sizeof *column->index, h);
        h = hash_floats(hana_floats_of(column) + from, n, h);
    }
    return h;
}

typedef struct hashing {
    const hana_column *column;
    const uint64_t *level_hash;
    size_t first_block;
    uint64_t partial[GROUP];
} hashing;

static hana_status hash_block(void *context, size_t k, int worker, hana_error *err)
{
    (void)worker, (void)err;
    hashing *job = context;
    const hana_column *column = job->column;
    size_t begin = (job->first_block + k) * BLOCK_ROWS, end = begin + BLOCK_ROWS;
    if (end > column->length) end = column->length;
    uint64_t h = job->first_block + k;
    if (column->validity) h = hash_bits(column->validity, begin, end, h);
    size_t width = hana_type_width(column->type);
    switch (column->type) {
    case HANA_FLOAT:
        h = hash_floats(hana_floats_of(column) + begin, end - begin, h);
        break;
    case HANA_BOOL:
        h = hash_bits(column->values, begin, end, h);
        break;
    case HANA_STRING:
        h = hash_strings(column, begin, end, h);
        break;
    case HANA_CATEGORY:
        h = hash_codes(column, job->level_hash, begin, end, h);
        break;
    case HANA_BLOCK:
        h = hash_block_rows(column, begin, end, h);
        break;
    case HANA_INT:
    case HANA_DATETIME:
    case HANA_DATE:
        h = hana_hash((const char *)column->values + begin * width, (end - begin) * width,
                      h);
        break;
    }
    job->partial[k] = h;
    return HANA_OK;
}

uint64_t hana_column_hash(const hana_column *column)
{
    hashing job = { .column = column };
    uint64_t *level_hash = NULL;
    if (column->type == HANA_CATEGORY) {
        /* Without memory for the table, each cell's text is hashed anew: the same result.
         */
        size_t n = column->levels->length;
        level_hash = hana_alloc(n, sizeof *level_hash);
        for (size_t k = 0; level_hash && k < n; k++) {
            size_t length;
            const char *text = hana_column_string(column->levels, k, &length);
            level_hash[k] = hana_hash(text, length, 1);
        }
        job.level_hash = level_hash;
    }
    uint64_t h = hana_hash_mix(column->length * HANA_N_TYPES + column->type);
    if (column->type == HANA_BLOCK || column->ordered)
        h ^= hana_column_hash(column->levels);
    if (column->type == HANA_DATETIME)
        h ^= hana_hash(column->zone, strlen(column->zone), 2);
    size_t blocks = (column->length + BLOCK_ROWS - 1) / BLOCK_ROWS;
    for (size_t b = 0; b < blocks; b += GROUP) {
        size_t n = blocks - b < GROUP ? blocks - b : GROUP;
        job.first_block = b;
        hana_parallel(NULL, n, hash_block, &job, NULL);
        h = hana_hash(job.partial, n * sizeof *job.partial, h);
    }
    hana_free(level_hash);
    return h;
}
