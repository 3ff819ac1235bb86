#ifndef HANA_DATA_COLUMN_H
#define HANA_DATA_COLUMN_H

#include "base/error.h"
#include "base/matrix.h"
#include "base/memory.h"
#include "base/value.h"

#include <stddef.h>
#include <stdint.h>

/* A column: immutable, reference-counted, laid out as Apache Arrow lays it out.
   - float: f64 values; int: i64; date: i32 days; datetime: i64 microseconds UTC
   - bool: bits, least significant first; string: i64 offsets and bytes (UTF-8)
   - category: i32 codes into `levels`, a string column without nulls or duplicates
   - block: a matrix, dense (f32 or f64) or CSR, with a name per feature
   Validity is a bitmap (1 = present), NULL when nothing is missing. Null slots hold NaN,
   0 or an empty text. There is no offset: bit 0 of every bitmap is row 0. */
typedef struct hana_column hana_column;

typedef enum hana_type {
    HANA_FLOAT,
    HANA_INT,
    HANA_BOOL,
    HANA_STRING,
    HANA_CATEGORY,
    HANA_DATE,
    HANA_DATETIME,
    HANA_BLOCK
} hana_type;
enum { HANA_N_TYPES = HANA_BLOCK + 1 };

extern HANA_API const hana_class hana_column_class;

HANA_API const hana_column *
hana_column_retain(const hana_column *column);                /* NULL is fine */
HANA_API void hana_column_release(const hana_column *column); /* NULL is fine */

HANA_API const char *hana_type_name(hana_type type); /* "float", "int", ... */
HANA_API int hana_type_from_name(const char *name, hana_type *out);

HANA_API hana_type hana_column_type(const hana_column *column);
HANA_API size_t hana_column_length(const hana_column *column);
HANA_API size_t hana_column_nulls(const hana_column *column);
HANA_API size_t
hana_column_bytes(const hana_column *column); /* memory held, shared parts included */

/* Borrowed storage; NULL where the type has none of that kind. */
HANA_API const uint8_t *hana_column_validity(const hana_column *column);
HANA_API const double *hana_column_floats(const hana_column *column);
HANA_API const int64_t *
hana_column_ints(const hana_column *column); /* int and datetime */
HANA_API const int32_t *
hana_column_codes(const hana_column *column); /* category and date */
HANA_API const uint8_t *hana_column_bits(const hana_column *column); /* bool */
HANA_API const int64_t *
hana_column_offsets(const hana_column *column);                   /* string: length + 1 */
HANA_API const char *hana_column_text(const hana_column *column); /* string: the bytes */
HANA_API const hana_column *hana_column_levels(const hana_column *column); /* category */
HANA_API int hana_column_ordered(const hana_column *column);               /* category */
HANA_API const char *
hana_column_zone(const hana_column *column); /* datetime; "UTC" by default */

static inline int hana_bit(const uint8_t *bits, size_t i)
{
    return (bits[i >> 3] >> (i & 7)) & 1;
}
static inline void hana_bit_set(uint8_t *bits, size_t i)
{
    bits[i >> 3] = (uint8_t)(bits[i >> 3] | 1u << (i & 7));
}
static inline void hana_bit_clear(uint8_t *bits, size_t i)
{
    bits[i >> 3] = (uint8_t)(bits[i >> 3] & ~(1u << (i & 7)));
}
static inline size_t hana_bitmap_bytes(size_t n)
{
    return (n + 7) / 8;
}
static inline int hana_column_is_null(const hana_column *column, size_t i)
{
    const uint8_t *validity = hana_column_validity(column);
    return validity && !hana_bit(validity, i);
}
/* Text of a string or category cell (borrowed, not NUL-terminated); empty for null. */
HANA_API const char *hana_column_string(const hana_column *column, size_t i,
                                        size_t *length);
/* Any number, bool (0/1), date or datetime cell as a double, NaN for null. */
HANA_API double hana_column_number(const hana_column *column, size_t i);

/* Blocks. */
typedef enum hana_block_layout {
    HANA_DENSE_F64,
    HANA_DENSE_F32,
    HANA_CSR
} hana_block_layout;
typedef struct hana_block_view {
    hana_block_layout layout;
    size_t rows, cols;
    const double *f64;        /* dense: rows x cols, row-major; CSR: the values */
    const float *f32;         /* dense f32 */
    const int64_t *start;     /* CSR: rows + 1, start[0] need not be 0 */
    const int32_t *index;     /* CSR */
    const hana_column *names; /* string column of cols names */
} hana_block_view;
HANA_API int hana_column_block(const hana_column *column,
                               hana_block_view *out); /* 0: no block */

/* Making columns. The arrays are copied; validity may be NULL. Bools come as bytes 0/1.
 */
HANA_API hana_status hana_column_from_floats(hana_column **out, const double *values,
                                             const uint8_t *validity, size_t n,
                                             hana_error *err);
HANA_API hana_status hana_column_from_ints(hana_column **out, const int64_t *values,
                                           const uint8_t *validity, size_t n,
                                           hana_error *err);
HANA_API hana_status hana_column_from_bools(hana_column **out, const uint8_t *values,
                                            const uint8_t *validity, size_t n,
                                            hana_error *err);
/* NULL among the texts is null. */
HANA_API hana_status hana_column_from_strings(hana_column **out, const char *const *texts,
                                              size_t n, hana_error *err);
/* Codes outside 0 .. levels - 1 are null; takes a reference to levels. */
HANA_API hana_status hana_column_from_codes(hana_column **out, const int32_t *codes,
                                            size_t n, const hana_column *levels,
                                            int ordered, hana_error *err);
/* Copies the matrix; names: string column of cols. Blocks have no nulls: cells may be
 * NaN. */
HANA_API hana_status hana_column_from_matrix(hana_column **out, const hana_matrix *matrix,
                                             const hana_column *names, hana_error *err);
/* The same from rows x cols floats, kept as floats. */
HANA_API hana_status hana_column_from_singles(hana_column **out, const float *cells,
                                              size_t rows, size_t cols,
                                              const hana_column *names, hana_error *err);
/* Takes the sparse arrays over (it is emptied) on success. */
HANA_API hana_status hana_column_from_sparse(hana_column **out, hana_sparse *sparse,
                                             const hana_column *names, hana_error *err);
/* n nulls of a type (category: levels may be NULL for none). */
HANA_API hana_status hana_column_nulls_new(hana_column **out, hana_type type, size_t n,
                                           const hana_column *levels, hana_error *err);

/* A builder takes cells in order and gives a column. Text columns hold their bytes once;
   with type HANA_CATEGORY, texts become levels in order of first appearance. */
typedef struct hana_builder hana_builder;
HANA_API hana_status hana_builder_new(hana_builder **out, hana_type type, size_t expected,
                                      hana_error *err);
HANA_API void hana_builder_free(hana_builder *builder); /* NULL is fine */
HANA_API hana_status hana_builder_null(hana_builder *builder, hana_error *err);
HANA_API hana_status hana_builder_float(hana_builder *builder, double value,
                                        hana_error *err);
HANA_API hana_status hana_builder_int(hana_builder *builder, int64_t value,
                                      hana_error *err); /* int,
datetime, date, category code, and bool 0/1 */
HANA_API hana_status hana_builder_string(hana_builder *builder, const char *text,
                                         size_t length, hana_error *err);
HANA_API void hana_builder_zone(hana_builder *builder,
                                const char *zone); /* datetime; at most 63 bytes */
HANA_API hana_status hana_builder_levels(hana_builder *builder, const hana_column *levels,
                                         int ordered,
                                         hana_error *err); /* category, before any cell */
HANA_API size_t hana_builder_length(const hana_builder *builder);
/* Gives the column and empties the builder (free it all the same). */
HANA_API hana_status hana_builder_take(hana_column **out, hana_builder *builder,
                                       hana_error *err);

/* Rows [from, from + n): shares storage. */
HANA_API hana_status hana_column_slice(hana_column **out, const hana_column *column,
                                       size_t from, size_t n, hana_error *err);
/* Cells at rows[0..n); HANA_NO_ROW gives null (an all-zero row for blocks). */
#define HANA_NO_ROW ((size_t)-1)
HANA_API hana_status hana_column_take(hana_column **out, const hana_column *column,
                                      const size_t *rows, size_t n, hana_error *err);
/* One after the other. Same type; int with float gives float unless an integer would lose
   digits; categories unite their levels; category with string gives string; the zone is
   that of the first with values. All else is HANA_BAD_TYPE. */
HANA_API hana_status hana_column_concat(hana_column **out,
                                        const hana_column *const *columns, size_t n,
                                        hana_error *err);
/* The same values as another type. Strict: cells that cannot be converted are an error
   with their count and the first three, row and value; `failed` (may be NULL) asks for
   null instead and gets the count. */
HANA_API hana_status hana_column_cast(hana_column **out, const hana_column *column,
                                      hana_type type, size_t *failed, hana_error *err);
/* The same for text that is a date or datetime by a format of hana_parse_time_format; a
   time without an offset is UTC. */
HANA_API hana_status hana_column_cast_format(hana_column **out, const hana_column *column,
                                             hana_type type, const char *format,
                                             size_t *failed, hana_error *err);
/* A string or category column as category: levels in byte order (sorted = 1) or of
 * appearance. */
HANA_API hana_status hana_column_to_category(hana_column **out, const hana_column *column,
                                             int sorted, hana_error *err);
/* The same, where a category is the column itself, counted once more. */
HANA_API hana_status hana_column_as_category(const hana_column **out,
                                             const hana_column *column, int sorted,
                                             hana_error *err);
/* A string or category column as a category with these levels, distinct texts, in their
   order; `ordered` says that the order means something. Texts that are no level are an
   error or null, as in hana_column_cast. */
HANA_API hana_status hana_column_to_levels(hana_column **out, const hana_column *column,
                                           const hana_names *levels, int ordered,
                                           size_t *failed, hana_error *err);
/* The distinct non-null values in ascending order (strings in byte order), as a column.
 */
HANA_API hana_status hana_column_unique(hana_column **out, const hana_column *column,
                                        hana_error *err);
/* -1 when absent; levels or unique values looked up by text. */
HANA_API ptrdiff_t hana_column_find_string(const hana_column *strings, const char *text,
                                           size_t length);
/* Same type, length, nulls and values (NaN equals NaN). */
HANA_API int hana_column_equal(const hana_column *a, const hana_column *b);
/* One cell as people read it: appended to `out` ("null" for null; 6 significant digits
   unless `full`, which is the shortest round trip). */
HANA_API void hana_column_print_cell(const hana_column *column, size_t i, int full,
                                     hana_text *out);
/* The cell as a value: int, float, bool as they are, text and category as string, dates
   as ISO 8601 strings, null as null. */
HANA_API hana_status hana_column_value(hana_value *out, const hana_column *column,
                                       size_t i, hana_error *err);

#endif
