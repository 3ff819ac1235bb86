#ifndef HANA_DATA_COLUMN_PARTS_H
#define HANA_DATA_COLUMN_PARTS_H

/* The inside of a column, for the files that make columns. */

#include "data/bits.h"
#include "data/buffer.h"
#include "data/column.h"

#include <stdatomic.h>

enum { HANA_ZONE_SIZE = 64 };

/* Pointers may point into the middle of the buffers that are held: a slice shares them.
 */
struct hana_column {
    atomic_size_t references;
    hana_type type;
    int ordered; /* category */
    size_t length, nulls;
    const uint8_t *validity;
    const void *values; /* f64, i64, i32, bits; string: offsets; block: f64 or f32 */
    const char *text;   /* string */
    const hana_column *levels; /* category: its texts; block: its names */
    hana_block_layout layout;
    size_t cols;
    const int64_t *start; /* CSR */
    const int32_t *index; /* CSR */
    hana_buffer *validity_held, *values_held, *text_held, *start_held, *index_held;
    char zone[HANA_ZONE_SIZE]; /* datetime */
};

/* A column of a type and a length without storage yet, held once. Release it on failure:
   whatever is set by then is freed. */
hana_status hana_column_make(hana_column **out, hana_type type, size_t length,
                             hana_error *err);
/* Bytes of a value of a fixed-width type; 0 for bool, string and block. */
size_t hana_type_width(hana_type type);
/* Room for count values of `size` bytes, held by the column and returned for filling. */
hana_status hana_column_room(void **values, hana_column *column, size_t count,
                             size_t size, hana_error *err);
/* Room for the column's validity, all 0 or all 1. */
hana_status hana_column_validity_room(uint8_t **bits, hana_column *column, int ones,
                                      hana_error *err);
/* Room for the column's text (string). */
hana_status hana_column_text_room(char **text, hana_column *column, size_t bytes,
                                  hana_error *err);
/* A block of rows x cols doubles under names, its cells to be filled. */
hana_status hana_column_dense_room(hana_column **out, double **cells, size_t rows,
                                   size_t cols, const hana_column *names,
                                   hana_error *err);
/* Copies validity (NULL: nothing missing) into the column and counts its nulls. */
hana_status hana_column_validity_copy(hana_column *column, const uint8_t *validity,
                                      hana_error *err);
/* Counts the nulls once the validity is filled; drops a bitmap of ones. */
void hana_column_count_nulls(hana_column *column);
/* The column as new ones are given away: a shallow copy that shares all storage. */
hana_status hana_column_share(hana_column **out, const hana_column *column,
                              hana_error *err);

/* hana_column_take by one who knows whether HANA_NO_ROW is among the rows. */
hana_status hana_column_take_known(hana_column **out, const hana_column *column,
                                   const size_t *rows, size_t n, int missing,
                                   hana_error *err);

/* HANA_BAD_DATA of a cast: how many cells failed and the first of them, whose rows are
   given (up to HANA_CAST_EXAMPLES); `what` ends the sentence "row 2: 'x' ...". */
enum { HANA_CAST_EXAMPLES = 3 };
hana_status hana_cast_fail(const hana_column *column, const size_t *rows, size_t failed,
                           const char *what, hana_error *err);

/* Parts of take, slice and concat that are for blocks. */
hana_status hana_block_slice(hana_column **out, const hana_column *column, size_t from,
                             size_t n, hana_error *err);
hana_status hana_block_take(hana_column **out, const hana_column *column,
                            const size_t *rows, size_t n, hana_error *err);
hana_status hana_block_concat(hana_column **out, const hana_column *const *columns,
                              size_t n, hana_error *err);

/* Hash of the type and all values: equal for columns that hana_column_equal calls equal.
 */
uint64_t hana_column_hash(const hana_column *column);

static inline const double *hana_floats_of(const hana_column *column)
{
    return column->values;
}
static inline const int64_t *hana_ints_of(const hana_column *column)
{
    return column->values;
}
static inline const int32_t *hana_codes_of(const hana_column *column)
{
    return column->values;
}
static inline const uint8_t *hana_bits_of(const hana_column *column)
{
    return column->values;
}
static inline int hana_null_at(const hana_column *column, size_t i)
{
    return column->validity && !hana_bit(column->validity, i);
}

#endif
