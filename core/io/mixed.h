#ifndef HANA_IO_MIXED_H
#define HANA_IO_MIXED_H

/* Tables whose cells come with a type each, not a type a column: from JSON, from sheets.
 */

#include "base/cell.h"
#include "data/dictionary.h"
#include "io/csv.h"
#include "io/lines.h"

/* The cells of one column, one byte and eight each; texts stand one behind the other. */
typedef struct hana_mixed {
    size_t n, capacity;
    uint8_t *kinds;
    int64_t *values; /* the bits of a FLOAT; where a text ends */
    hana_text text;
    size_t text_kept; /* of the rows that were ended */
    int used;         /* a row that was ended had a cell */
} hana_mixed;

/* Reads the cells of a column in order. Start from { .of = column }. */
typedef struct hana_mixed_cursor {
    const hana_mixed *of;
    size_t i, at;
} hana_mixed_cursor;
/* 0 at the end. Texts are borrowed. */
int hana_mixed_next(hana_mixed_cursor *cursor, hana_mixed_cell *out);

/* Rows while they are read. Zeroed memory is the empty table. */
typedef struct hana_mixed_table {
    hana_names names;
    hana_dictionary *known; /* the names, by number */
    hana_mixed *columns;
    size_t n, capacity;
    size_t rows, rows_capacity;
    size_t cells;     /* that were put */
    int64_t *places;  /* of each row: its line in the text, or its row in the sheet */
    int64_t *records; /* of each row: its number among all records */
    size_t skipped;
    size_t broken;       /* records that became a row of nulls */
    char trouble[256];   /* what is said of the first of both */
    hana_lines troubles; /* where they stand */
    hana_names notes;
} hana_mixed_table;

void hana_mixed_table_clear(hana_mixed_table *table);
/* Column number j gets the name; a column that comes late has nulls in the rows so far.
 */
hana_status hana_mixed_table_column(size_t *j, hana_mixed_table *table, const char *name,
                                    size_t length, hana_error *err);
/* Puts the next row's cell of column j, which the row must not have yet. */
hana_status hana_mixed_table_put(hana_mixed_table *table, size_t j,
                                 const hana_mixed_cell *cell, hana_error *err);
/* Whether the row that is being read has a cell in column j. */
int hana_mixed_table_has(const hana_mixed_table *table, size_t j);
/* Ends the row; columns that got no cell get a null. Few cells in very many rows and
   columns are HANA_UNSUPPORTED: a small file must not ask for gigabytes of nulls. */
hana_status hana_mixed_table_end_row(hana_mixed_table *table, int64_t place,
                                     int64_t record, hana_error *err);
/* Rows that were read apart: their records are numbered from `record` on. */
typedef struct hana_mixed_rows {
    const hana_mixed_table *table;
    int64_t record;
} hana_mixed_rows;
/* Appends the rows of n other tables, one after the other. */
hana_status hana_mixed_table_append(hana_mixed_table *table, const hana_mixed_rows *rows,
                                    size_t n, hana_job *job, hana_error *err);
/* Takes the cells of a row that was not ended back. */
void hana_mixed_table_drop_row(hana_mixed_table *table);
hana_status hana_mixed_table_note(hana_mixed_table *table, hana_error *err,
                                  const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* What is known of the source beside its cells. */
typedef struct hana_mixed_source {
    const char *path;     /* as messages name it */
    const char *function; /* "read_json" */
    const char *format;   /* "JSON Lines" */
    const char *encoding; /* NULL: none to speak of */
    /* types, columns, null, null_add, timezone and on_error count */
    const hana_csv_options *options;
    int sheet;           /* places are rows of a sheet; empty texts are null */
    size_t first_column; /* of the sheet, from 0 */
    uint64_t origin;     /* hash of the content */
} hana_mixed_source;

/* The frame and its report (map: path, format, rows, encoding, columns, skipped, broken,
   notes; see hana_csv_read). A column of one sort of cells has its type; int and float
   give float, date and datetime datetime; all else is text, and noted. Empties the table
   of its notes.
 */
hana_status hana_mixed_frame(hana_frame **out, hana_value *report,
                             hana_mixed_table *table, const hana_mixed_source *source,
                             hana_job *job, hana_error *err);

/* --- mixed_column.c: one column ---------------------------------------------------- */

typedef struct hana_csv_style hana_csv_style;

/* What became of a column's cells. `first` is 1 + the row of the first of its sort. */
typedef struct hana_mixed_counts {
    size_t of[HANA_N_MIXED],
        first[HANA_N_MIXED]; /* cells that are not null by their text */
    size_t failed, first_failed, gaps, first_gap, doubled, first_doubled, rounded;
} hana_mixed_counts;

typedef struct hana_mixed_column {
    const char *name;
    int given; /* its type was given, else it is set by _infer */
    hana_type type;
    const char *format;
    hana_mixed_counts counts;
    hana_value nulls; /* map: text = count */
} hana_mixed_column;

/* Turns cells that are null by their text (see the style; empty ones where `empties`)
   into nulls, counts all cells, and chooses the type unless it is given. */
hana_status hana_mixed_infer(hana_mixed_column *about, hana_mixed *cells,
                             const hana_csv_style *style, int empties, hana_error *err);
/* Converts one cell; 0 when it is not of the type. clock as in hana_csv_value. */
int hana_mixed_convert(const hana_csv_style *style, hana_type type, const char *format,
                       const hana_mixed_cell *cell, int64_t *integer, double *number,
                       int *clock);
/* The column, without the rows that are marked in `dropped` (bytes; NULL: none). Cells
   that cannot be converted are null and counted. */
hana_status hana_mixed_build(hana_column **out, hana_mixed_column *about,
                             const hana_mixed *cells, const uint8_t *dropped,
                             const hana_csv_style *style, hana_error *err);
/* The cell as it stands in a text column. */
void hana_mixed_print(hana_text *out, const hana_mixed_cell *cell);

/* --- mixed_sorts.c: what is said of cells of several sorts ------------------------- */

/* Appends the start of a cell's text, in one line. */
hana_status hana_mixed_show(hana_text *out, const hana_mixed *cells, size_t row,
                            hana_error *err);

enum { HANA_MIXED_PLACE = 64 };
/* Writes where a cell of column j stands: "line 17", "cell C17". */
typedef void hana_mixed_place(const void *context, char *out, size_t row, size_t j);
/* Appends "true or false (39, the first is ...), numbers (1, the first is '812' in cell
   C41)" for column j; gives how many sorts there are. Out of memory is out->failed. */
int hana_mixed_sorts(hana_text *out, const hana_mixed *cells,
                     const hana_mixed_counts *counts, size_t j, hana_mixed_place *place,
                     const void *context);

#endif
