#include "data/coding.h"

#include "base/parallel.h"
#include "base/radix.h"
#include "data/dictionary.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static hana_status room(hana_coding *out, size_t n, hana_error *err)
{
    *out = (hana_coding){ .codes = hana_alloc(n, sizeof *out->codes) };
    return out->codes ? HANA_OK : hana_fail_memory(err);
}

enum { BLOCK_ROWS = 1 << 16 };

/* Codes that follow from each value alone. */
typedef struct filling filling;
typedef void fill_fn(const filling *f, size_t from, size_t to);
struct filling {
    fill_fn *run;
    const void *values;
    const uint8_t *validity;
    size_t n;
    int64_t least;
    uint64_t *codes;
};

static hana_status fill_block(void *context, size_t block, int worker, hana_error *err)
{
    (void)worker, (void)err;
    const filling *f = context;
    size_t from = block * BLOCK_ROWS,
           to = f->n - from < BLOCK_ROWS ? f->n : from + BLOCK_ROWS;
    f->run(f, from, to);
    for (size_t i = from; f->validity && i < to; i++)
        if (!hana_bit(f->validity, i)) f->codes[i] = HANA_CODE_NULL;
    return HANA_OK;
}

static hana_status fill(hana_coding *out, const hana_column *column, const void *values,
                        int64_t least, fill_fn *run, hana_error *err)
{
    size_t n = hana_column_length(column);
    HANA_TRY(room(out, n, err));
    filling f = { .run = run,
                  .values = values,
                  .validity = hana_column_validity(column),
                  .n = n,
                  .least = least,
                  .codes = out->codes };
    return hana_parallel(hana_job_current(), (n + BLOCK_ROWS - 1) / BLOCK_ROWS,
                         fill_block, &f, err);
}

/* Floating numbers as unsigned ones in the same order: the bits of a negative number are
   turned, a positive one gets the upper bit. -0.0 is 0.0. */
static uint64_t float_code(double value)
{
    if (isnan(value)) return HANA_CODE_NAN;
    if (value == 0) value = 0;
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

static void fill_floats(const filling *f, size_t from, size_t to)
{
    const double *values = f->values;
    for (size_t i = from; i < to; i++) f->codes[i] = float_code(values[i]);
}

static hana_status code_floats(hana_coding *out, const hana_column *column,
                               hana_error *err)
{
    HANA_TRY(fill(out, column, hana_column_floats(column), 0, fill_floats, err));
    out->top = float_code(INFINITY);
    return HANA_OK;
}

typedef struct range {
    int64_t least, most;
    int any;
} range;

static void widen(range *r, const hana_column *column)
{
    size_t n = hana_column_length(column);
    const int64_t *values = hana_column_ints(column);
    const uint8_t *validity = hana_column_validity(column);
    range own = { .least = INT64_MAX, .most = INT64_MIN };
    for (size_t i = 0; i < n; i++) {
        if (validity && !hana_bit(validity, i)) continue;
        own.least = values[i] < own.least ? values[i] : own.least;
        own.most = values[i] > own.most ? values[i] : own.most;
        own.any = 1;
    }
    if (!own.any) return;
    if (!r->any || own.least < r->least) r->least = own.least;
    if (!r->any || own.most > r->most) r->most = own.most;
    r->any = 1;
}

/* Nearly all 64-bit numbers occur, so that none is left for null: numbered through. */
static hana_status code_widest(hana_coding *out, const hana_column *column,
                               const hana_column *sorted, hana_error *err)
{
    size_t n = hana_column_length(column), m = hana_column_length(sorted);
    const int64_t *values = hana_column_ints(column), *known = hana_column_ints(sorted);
    HANA_TRY(room(out, n, err));
    for (size_t i = 0; i < n; i++) {
        size_t low = 0, high = m;
        while (low < high) {
            size_t middle = low + (high - low) / 2;
            if (known[middle] < values[i])
                low = middle + 1;
            else
                high = middle;
        }
        int absent =
            hana_column_is_null(column, i) || low == m || known[low] != values[i];
        out->codes[i] = absent ? HANA_CODE_NULL : low;
    }
    out->top = m;
    return HANA_OK;
}

static void fill_ints(const filling *f, size_t from, size_t to)
{
    const int64_t *values = f->values;
    for (size_t i = from; i < to; i++)
        f->codes[i] = (uint64_t)values[i] - (uint64_t)f->least;
}

static hana_status code_ints_between(hana_coding *out, const hana_column *column, range r,
                                     hana_error *err)
{
    HANA_TRY(fill(out, column, hana_column_ints(column), r.least, fill_ints, err));
    out->top = (uint64_t)r.most - (uint64_t)r.least;
    return HANA_OK;
}

static hana_status code_ints(hana_coding *out, const hana_column *column, hana_error *err)
{
    range r = { 0 };
    widen(&r, column);
    if ((uint64_t)r.most - (uint64_t)r.least < UINT64_MAX - 2) {
        return code_ints_between(out, column, r, err);
    }
    hana_column *sorted;
    HANA_TRY(hana_column_unique(&sorted, column, err));
    hana_status status = code_widest(out, column, sorted, err);
    hana_column_release(sorted);
    return status;
}

static void fill_bools(const filling *f, size_t from, size_t to)
{
    const uint8_t *bits = f->values;
    for (size_t i = from; i < to; i++) f->codes[i] = (uint64_t)hana_bit(bits, i);
}

static hana_status code_bools(hana_coding *out, const hana_column *column,
                              hana_error *err)
{
    HANA_TRY(fill(out, column, hana_column_bits(column), 0, fill_bools, err));
    out->top = 1;
    return HANA_OK;
}

/* Days and levels. */
static void fill_codes(const filling *f, size_t from, size_t to)
{
    const int32_t *values = f->values;
    for (size_t i = from; i < to; i++)
        f->codes[i] = (uint64_t)((int64_t)values[i] - f->least);
}

/* Dates; their order is kept by the offset. */
static hana_status code_dates(hana_coding *out, const hana_column *column,
                              hana_error *err)
{
    HANA_TRY(fill(out, column, hana_column_codes(column), INT32_MIN, fill_codes, err));
    out->top = UINT32_MAX;
    return HANA_OK;
}

static hana_status code_levels(hana_coding *out, const hana_column *column,
                               hana_error *err)
{
    HANA_TRY(fill(out, column, hana_column_codes(column), 0, fill_codes, err));
    size_t levels = hana_column_length(hana_column_levels(column));
    out->top = levels ? levels - 1 : 0;
    return HANA_OK;
}

/* A text behind the first eight bytes that it shares with others. */
/* rank[code] of each text of the dictionary in byte order; the caller's. */
static hana_status rank_texts(uint64_t **out, const hana_dictionary *dictionary,
                              hana_error *err)
{
    size_t n = hana_dictionary_size(dictionary), *codes;
    HANA_TRY(hana_dictionary_order(&codes, dictionary, err));
    uint64_t *rank = hana_alloc(n, sizeof *rank);
    for (size_t k = 0; rank && k < n; k++) rank[codes[k]] = k;
    hana_free(codes);
    if (!rank) return hana_fail_memory(err);
    *out = rank;
    return HANA_OK;
}

/* Numbers the cells of a text column by the dictionary; texts that it lacks are added
   when `add`, else null. */
static hana_status number_texts(hana_coding *out, hana_dictionary *dictionary,
                                const hana_column *column, int add, hana_error *err)
{
    size_t n = hana_column_length(column);
    HANA_TRY(room(out, n, err));
    for (size_t i = 0; i < n; i++) {
        int32_t code = -1;
        HANA_TRY(hana_poll(i, err));
        if (!hana_column_is_null(column, i)) {
            size_t length;
            const char *text = hana_column_string(column, i, &length);
            if (add)
                HANA_TRY(hana_dictionary_code(&code, dictionary, text, length, err));
            else
                code = hana_dictionary_find(dictionary, text, length);
        }
        out->codes[i] = code < 0 ? HANA_CODE_NULL : (uint64_t)code;
    }
    return HANA_OK;
}

/* The same for a category, level by level. */
static hana_status number_levels(hana_coding *out, hana_dictionary *dictionary,
                                 const hana_column *column, int add, hana_error *err)
{
    hana_coding levels = { 0 };
    hana_status status =
        number_texts(&levels, dictionary, hana_column_levels(column), add, err);
    if (status == HANA_OK) status = code_levels(out, column, err);
    for (size_t i = 0; status == HANA_OK && i < hana_column_length(column); i++) {
        if (out->codes[i] != HANA_CODE_NULL) out->codes[i] = levels.codes[out->codes[i]];
    }
    hana_free(levels.codes);
    return status;
}

/* Texts numbered by several threads: rows are cut into segments by their number, each
   with a dictionary of its own, which are put together in their order. So texts are
   numbered as they appear. */
enum { SEGMENTS = 4, SEGMENT_ROWS = 1 << 15 };

typedef struct numbering {
    const hana_column *column;
    size_t segments;
    hana_dictionary *parts[SEGMENTS];
    int32_t *place[SEGMENTS]; /* of the part's texts in the first one; NULL there */
    const uint64_t *rank;     /* of those; NULL: none */
    uint64_t *codes;
} numbering;

static void segment_rows(const numbering *n, size_t segment, size_t *from, size_t *to)
{
    size_t rows = hana_column_length(n->column), each = rows / n->segments;
    *from = segment * each;
    *to = segment + 1 == n->segments ? rows : *from + each;
}

/* The numbers stand in the upper halves of the codes' places, in one row. */
static int32_t *segment_numbers(const numbering *n, size_t from, size_t to)
{
    return (int32_t *)(n->codes + from) + (to - from);
}

static hana_status number_segment(void *context, size_t segment, int worker,
                                  hana_error *err)
{
    (void)worker;
    numbering *n = context;
    size_t from, to;
    segment_rows(n, segment, &from, &to);
    HANA_TRY(hana_dictionary_new(&n->parts[segment], err));
    return hana_dictionary_codes(segment_numbers(n, from, to), n->parts[segment],
                                 n->column, from, to, err);
}

/* Into the first one. */
static hana_status unite_parts(numbering *n, hana_error *err)
{
    for (size_t s = 1; s < n->segments; s++) {
        size_t texts = hana_dictionary_size(n->parts[s]);
        n->place[s] = hana_alloc(texts, sizeof *n->place[s]);
        if (!n->place[s]) return hana_fail_memory(err);
        HANA_TRY(hana_dictionary_unite(n->place[s], n->parts[0], n->parts[s], err));
    }
    return HANA_OK;
}

/* Upwards, so that no number is overwritten before it is read. */
static hana_status place_segment(void *context, size_t segment, int worker,
                                 hana_error *err)
{
    (void)worker;
    const numbering *n = context;
    size_t from, to;
    segment_rows(n, segment, &from, &to);
    const int32_t *numbers = segment_numbers(n, from, to), *place = n->place[segment];
    for (size_t i = from; i < to; i++) {
        int32_t number = numbers[i - from];
        HANA_TRY(hana_poll(i - from, err));
        uint64_t code = HANA_CODE_NULL;
        if (number >= 0) code = (uint64_t)(place ? place[number] : number);
        if (number >= 0 && n->rank) code = n->rank[code];
        memcpy(&n->codes[i], &code, sizeof code);
    }
    return HANA_OK;
}

static hana_status code_strings(hana_coding *out, const hana_column *column, int ordered,
                                hana_error *err)
{
    size_t rows = hana_column_length(column);
    numbering n = { .column = column, .segments = rows / SEGMENT_ROWS };
    if (n.segments > SEGMENTS) n.segments = SEGMENTS;
    if (n.segments == 0) n.segments = 1;
    uint64_t *rank = NULL;
    hana_status status;
    HANA_GOTO(done, room(out, rows, err));
    n.codes = out->codes;
    HANA_GOTO(done,
              hana_parallel(hana_job_current(), n.segments, number_segment, &n, err));
    HANA_GOTO(done, unite_parts(&n, err));
    if (ordered) HANA_GOTO(done, rank_texts(&rank, n.parts[0], err));
    n.rank = rank;
    status = hana_parallel(hana_job_current(), n.segments, place_segment, &n, err);
    size_t distinct = hana_dictionary_size(n.parts[0]);
    out->top = distinct ? distinct - 1 : 0;
done:
    for (size_t s = 0; s < n.segments; s++) {
        hana_dictionary_free(n.parts[s]);
        hana_free(n.place[s]);
    }
    hana_free(rank);
    return status;
}

static hana_status refuse_block(const char *name, hana_error *err)
{
    return hana_fail(err, HANA_BAD_TYPE, "column '%s' is a block, which cannot be a key",
                     name);
}

hana_status hana_coding_make(hana_coding *out, const hana_column *column,
                             const char *name, int ordered, hana_error *err)
{
    switch (hana_column_type(column)) {
    case HANA_FLOAT:
        return code_floats(out, column, err);
    case HANA_INT:
    case HANA_DATETIME:
        return code_ints(out, column, err);
    case HANA_BOOL:
        return code_bools(out, column, err);
    case HANA_STRING:
        return code_strings(out, column, ordered, err);
    case HANA_CATEGORY:
        return code_levels(out, column, err);
    case HANA_DATE:
        return code_dates(out, column, err);
    case HANA_BLOCK:
        break;
    }
    return refuse_block(name, err);
}

static int is_text(hana_type type)
{
    return type == HANA_STRING || type == HANA_CATEGORY;
}

static hana_status pair_texts(hana_coding *a, hana_coding *b, const hana_column *left,
                              const hana_column *right, hana_error *err)
{
    hana_dictionary *dictionary;
    HANA_TRY(hana_dictionary_new(&dictionary, err));
    hana_status status = hana_column_type(left) == HANA_CATEGORY
                             ? number_levels(a, dictionary, left, 1, err)
                             : number_texts(a, dictionary, left, 1, err);
    if (status == HANA_OK) {
        status = hana_column_type(right) == HANA_CATEGORY
                     ? number_levels(b, dictionary, right, 0, err)
                     : number_texts(b, dictionary, right, 0, err);
    }
    size_t distinct = hana_dictionary_size(dictionary);
    a->top = b->top = distinct ? distinct - 1 : 0;
    hana_dictionary_free(dictionary);
    return status;
}

static hana_status pair_ints(hana_coding *a, hana_coding *b, const hana_column *left,
                             const hana_column *right, hana_error *err)
{
    range r = { 0 };
    widen(&r, left);
    widen(&r, right);
    if ((uint64_t)r.most - (uint64_t)r.least < UINT64_MAX - 2) {
        HANA_TRY(code_ints_between(a, left, r, err));
        return code_ints_between(b, right, r, err);
    }
    hana_column *sorted;
    HANA_TRY(hana_column_unique(&sorted, left, err));
    hana_status status = code_widest(a, left, sorted, err);
    if (status == HANA_OK) status = code_widest(b, right, sorted, err);
    hana_column_release(sorted);
    return status;
}

/* A floating column beside a whole one: as whole numbers, null where it is none (and
 * cannot match). */
static hana_status whole(hana_column **out, const hana_column *floats, hana_error *err)
{
    size_t n = hana_column_length(floats);
    const double *values = hana_column_floats(floats);
    int64_t *ints = hana_alloc(n, sizeof *ints);
    uint8_t *validity = hana_alloc_zero(hana_bitmap_bytes(n), 1);
    hana_status status = ints && validity ? HANA_OK : hana_fail_memory(err);
    for (size_t i = 0; status == HANA_OK && i < n; i++) {
        /* 2^63 as a double is exact; NaN fails the comparison. */
        int fits =
            values[i] >= -0x1p63 && values[i] < 0x1p63 && trunc(values[i]) == values[i];
        ints[i] = fits ? (int64_t)values[i] : 0;
        if (fits && !hana_column_is_null(floats, i)) hana_bit_set(validity, i);
    }
    if (status == HANA_OK) status = hana_column_from_ints(out, ints, validity, n, err);
    hana_free(ints);
    hana_free(validity);
    return status;
}

static hana_status pair_mixed(hana_coding *int_out, hana_coding *float_out,
                              const hana_column *ints, const hana_column *floats,
                              hana_error *err)
{
    hana_column *converted;
    HANA_TRY(whole(&converted, floats, err));
    hana_status status = pair_ints(int_out, float_out, ints, converted, err);
    hana_column_release(converted);
    return status;
}

hana_status hana_coding_make_pair(hana_coding *left_out, hana_coding *right_out,
                                  const hana_column *left, const hana_column *right,
                                  const char *left_name, const char *right_name,
                                  hana_error *err)
{
    hana_type x = hana_column_type(left), y = hana_column_type(right);
    if (x == HANA_BLOCK) return refuse_block(left_name, err);
    if (y == HANA_BLOCK) return refuse_block(right_name, err);
    if (is_text(x) && is_text(y))
        return pair_texts(left_out, right_out, left, right, err);
    if (x == HANA_INT && y == HANA_FLOAT)
        return pair_mixed(left_out, right_out, left, right, err);
    if (x == HANA_FLOAT && y == HANA_INT)
        return pair_mixed(right_out, left_out, right, left, err);
    if (x != y) {
        return hana_fail(err, HANA_BAD_TYPE,
                         "join: column '%s' is %s, column '%s' of the right frame is %s",
                         left_name, hana_type_name(x), right_name, hana_type_name(y));
    }
    if (x == HANA_INT || x == HANA_DATETIME)
        return pair_ints(left_out, right_out, left, right, err);
    HANA_TRY(hana_coding_make(left_out, left, left_name, 0, err));
    return hana_coding_make(right_out, right, right_name, 0, err);
}
