#ifndef HANA_IO_CSV_PARTS_H
#define HANA_IO_CSV_PARTS_H

/* The inside of the CSV reader, for its own files. */

#include "base/time.h"
#include "io/csv.h"
#include "io/files.h"
#include "io/lines.h"

/* How the text is to be taken apart and its cells to be read; fixed while a file is read.
 */
typedef struct hana_csv_style {
    char delimiter; /* one byte; a wider one has been replaced in the text by this byte */
    int whitespace; /* runs of blanks and tabs separate */
    const char *wide;    /* what `delimiter` stands for, or NULL */
    char quote;          /* 0: none */
    const char *comment; /* lines that begin with it are no data; NULL: none */
    size_t comment_length;
    char decimal;
    const char *thousands; /* NULL: none */
    size_t thousands_length;
    const char **nulls; /* non-empty texts that are null */
    size_t n_nulls, longest_null;
    uint8_t null_starts[256]; /* 1 for their first bytes */
    const hana_zone *zone;    /* of times without an offset */
    int is_utc;               /* which it is */
    int on_error;             /* as in hana_csv_options */
} hana_csv_style;

/* A field. `quoted` is set for quoted empty fields (and may be for others). */
typedef struct hana_csv_cell {
    const char *text;
    uint32_t length;
    uint32_t quoted;
} hana_csv_cell;

/* --- csv_options.c
 * ------------------------------------------------------------------------------- */

/* The style that the options ask for; the delimiter is left 0 where it is to be guessed.
   What it points to lives in the options, but for `nulls`, which _style_clear frees. */
hana_status hana_csv_style_init(hana_csv_style *out, const hana_csv_options *options,
                                hana_error *err);
void hana_csv_style_clear(hana_csv_style *style);

/* --- csv_tokens.c: records of fields, one after the other
 * ---------------------------------------- */

typedef struct hana_csv_tokens hana_csv_tokens;

typedef enum hana_csv_record {
    HANA_CSV_END,
    HANA_CSV_BLANK,  /* an empty line */
    HANA_CSV_FIELDS, /* a record */
    HANA_CSV_BROKEN  /* text behind a closing quote: the fields are not to be trusted */
} hana_csv_record;

/* Reads text[0..length), which outlives the tokens, as does the style. Lines are counted
 * from 1. */
hana_status hana_csv_tokens_new(hana_csv_tokens **out, const hana_csv_style *style,
                                const char *text, size_t length, hana_error *err);
void hana_csv_tokens_free(hana_csv_tokens *tokens);
/* What is read. */
const char *hana_csv_tokens_text(const hana_csv_tokens *tokens, size_t *length);
/* Where the next record begins (an offset), and in which line. */
size_t hana_csv_tokens_at(const hana_csv_tokens *tokens);
int64_t hana_csv_tokens_line(const hana_csv_tokens *tokens);
void hana_csv_tokens_seek(hana_csv_tokens *tokens, size_t at, int64_t line);
/* Sets where the text ends. */
void hana_csv_tokens_end(hana_csv_tokens *tokens, size_t length);
/* Steps over n lines as they are. */
void hana_csv_tokens_skip_lines(hana_csv_tokens *tokens, int64_t n);
/* The fields are appended to those that are held (hana_csv_tokens_cells); `line` gets the
   line in which the record begins. A quote that is never closed is HANA_BAD_DATA with
   err->position set to the line in which it opened. */
hana_status hana_csv_tokens_next(hana_csv_tokens *tokens, hana_csv_record *kind,
                                 int64_t *line, hana_error *err);
/* All fields held, borrowed until the next call; their texts live until _drop. */
hana_csv_cell *hana_csv_tokens_cells(hana_csv_tokens *tokens, size_t *n);
/* Appends empty fields or forgets the last ones, so that n are held. */
hana_status hana_csv_tokens_resize(hana_csv_tokens *tokens, size_t n, hana_error *err);
/* Forgets all fields and their texts. */
void hana_csv_tokens_drop(hana_csv_tokens *tokens);

/* --- csv_scan.c
 * ----------------------------------------------------------------------------------- */

/* Where the delimiter, the quote, line feeds and carriage returns stand in text[0..n),
   ascending; out has room for n. No delimiter or quote is 0. Gives their number. */
size_t hana_csv_scan(uint32_t *out, const char *text, size_t n, char delimiter,
                     char quote);

/* What hana_csv_scan_by asked for. */
hana_csv_scanner hana_csv_scan_way(void);

/* --- csv_dialect.c
 * -------------------------------------------------------------------------------- */

/* The delimiter (',', ';', '\t' or '|') that cuts the first records of text most evenly;
   ',' when none does. style gives quote, comment and decimal; its delimiter is ignored.
 */
hana_status hana_csv_guess_delimiter(char *out, const hana_csv_style *style,
                                     const char *text, size_t length, int64_t skip,
                                     hana_error *err);

/* --- csv_types.c: what a cell is
 * ------------------------------------------------------------------- */

/* In this order, so that the types of numbers widen upwards. */
typedef enum hana_csv_kind {
    HANA_CSV_NONE,  /* only nulls so far */
    HANA_CSV_EMPTY, /* and quoted empty fields */
    HANA_CSV_BOOL,
    HANA_CSV_INT,
    HANA_CSV_BIG, /* an integer beyond 64 bits: text unless there are fractions */
    HANA_CSV_FLOAT,
    HANA_CSV_DATE,
    HANA_CSV_DATETIME,
    HANA_CSV_STRING
} hana_csv_kind;

/* The narrowest kind that holds both. */
hana_csv_kind hana_csv_join(hana_csv_kind a, hana_csv_kind b);

typedef struct hana_csv_value {
    int64_t integer; /* bool, int, date, datetime */
    double number;   /* float */
    int clock;       /* datetime: 1 no such local time, 2 there were two */
    int rounded;     /* float: an integer that a double does not hold exactly */
    int plus;        /* int, float: its sign is written, and is not kept */
} hana_csv_value;

/* The kind of a cell that is not null. */
hana_csv_kind hana_csv_classify(const hana_csv_style *style, const char *text,
                                size_t length);
/* Reads a cell as inference does: 0 when it is of no kind that joins into `kind`. */
int hana_csv_parse(const hana_csv_style *style, hana_csv_kind kind, const char *text,
                   size_t length, hana_csv_value *out);
/* Reads a cell as a type that was asked for, which takes more spellings: codes with
   leading zeros or a plus as numbers, yes/no, 1/0, y/n, t/f as bool, dates by format
   (NULL: ISO 8601). */
int hana_csv_parse_as(const hana_csv_style *style, hana_type type, const char *format,
                      const char *text, size_t length, hana_csv_value *out);
/* Why a text that made its column one is no number, date or the like: a phrase; NULL when
   nothing is known. `text` ends in a NUL byte. */
const char *hana_csv_reason_of(const hana_csv_style *style, const char *text,
                               size_t length);
/* What would have read the texts of a string column, in words; empty when nothing is
 * known. */
hana_status hana_csv_hint(hana_text *out, const hana_csv_style *style, const char *name,
                          const hana_column *column, hana_error *err);

/* --- csv_room.c: memory of stretches
 * -------------------------------------------------------------- */

typedef struct hana_csv_room hana_csv_room;

/* A room with as many bytes left: *current, or a new one in its stead. Both *current
   (NULL at first) and *out are released by whoever holds them. A room is taken from by
   one thread. */
hana_status hana_csv_room_share(hana_csv_room **out, hana_csv_room **current,
                                size_t bytes, hana_error *err);
void hana_csv_room_release(hana_csv_room *room); /* NULL is fine */
/* What a taking of `bytes` uses up. */
size_t hana_csv_room_need(size_t bytes);
/* Zeroed bytes that live as long as the room; NULL when there are not as many (or no
   room). */
void *hana_csv_room_take(hana_csv_room *room, size_t bytes);

/* --- csv_part.c: a stretch of the file, converted
 * ------------------------------------------------- */

/* What a column of the file becomes. */
typedef struct hana_csv_column {
    const char *name; /* borrowed */
    int wanted;       /* 0: not asked for, not converted */
    int given;        /* its type was given */
    hana_type type;
    const char *format; /* of dates; NULL: none */
    size_t block;       /* 1 + the number of the block that it goes into; 0: none */
} hana_csv_column;

/* The first cell of its sort, for messages and the report. */
typedef struct hana_csv_example {
    int64_t line; /* 0: there is none */
    char text[64];
} hana_csv_example;

/* A sentence about a record. */
typedef struct hana_csv_remark {
    int64_t line; /* 0: there is none */
    char text[192];
} hana_csv_remark;

/* The cells of one column in one stretch. */
typedef struct hana_csv_part {
    hana_csv_kind kind;
    void *values; /* uint8_t for bool, int32_t for date, double, int64_t; for string
                     offsets */
    char *text;   /* string; text_length bytes */
    int lent;     /* values and text lie in the stretch's room */
    size_t text_length;
    uint8_t *validity; /* NULL: nothing missing */
    size_t nulls;
    size_t *null_counts; /* per null text, then unquoted empty, then quoted empty; NULL:
                            no nulls */
    size_t failed, doubled, gaps, rounded, pluses;
    hana_csv_example failure, why, gap, overlap;
} hana_csv_part;

typedef struct hana_csv_stretch {
    size_t from, to; /* offsets: whole records */
    int64_t line;    /* of its first record, counted from 1 at the start of the stretch */
    int64_t lines;   /* lines in it */
    int64_t records; /* with those that were skipped */
    size_t rows;
    int64_t *positions; /* of the rows within the records; NULL: none was skipped */
    size_t short_rows, long_rows, broken_rows, skipped;
    hana_csv_remark trouble; /* about the first of those */
    hana_lines troubles;     /* the lines of them all */
    hana_csv_part *parts;    /* one a column of the file */
    hana_csv_room *room;     /* NULL: none */
    hana_status status; /* a failure of the stretch, its line in failed_line (0: none) */
    int64_t failed_line;
    hana_error error;
} hana_csv_stretch;

typedef struct hana_csv_layout {
    const hana_csv_style *style;
    const hana_csv_column *columns;
    size_t width; /* fields of a record */
    int trailing; /* the last field is the empty one behind a trailing delimiter */
} hana_csv_layout;

/* Reads records from tokens until one begins at or behind `stop`, or `limit` rows are
   there, and converts all wanted columns, into *room if there is one (may be NULL). hints
   (may be NULL) are kinds to begin with. What is wrong with the data is left in the
   stretch; only running out of memory fails. */
hana_status hana_csv_stretch_read(hana_csv_stretch *out, hana_csv_tokens *tokens,
                                  const hana_csv_layout *layout,
                                  const hana_csv_kind *hints, size_t stop, size_t limit,
                                  hana_csv_room **room, hana_error *err);
/* Reads the stretch once more for those columns whose part is not of the kind wanted[j].
 */
hana_status hana_csv_stretch_convert(hana_csv_stretch *stretch, hana_csv_tokens *tokens,
                                     const hana_csv_layout *layout,
                                     const hana_csv_kind *wanted, hana_error *err);
void hana_csv_stretch_clear(hana_csv_stretch *stretch, size_t width);
/* Frees the values and texts, but not what the report sums up. */
void hana_csv_stretch_empty(hana_csv_stretch *stretch, size_t width);
/* The same two for a stretch whose cells were found otherwise: its rows x width, row by
   row, with the line of each row. Its rows, lines and records are set by the caller. */
hana_status hana_csv_cells_read(hana_csv_stretch *stretch, const hana_csv_layout *layout,
                                const hana_csv_cell *cells, const int64_t *lines,
                                hana_error *err);
hana_status hana_csv_cells_convert(hana_csv_stretch *stretch,
                                   const hana_csv_layout *layout,
                                   const hana_csv_cell *cells, const int64_t *lines,
                                   const hana_csv_kind *wanted, hana_error *err);
/* Whether a cell, well formed otherwise, is an integer that the doubles of its column's
   block do not hold exactly; not so where a float was asked for. */
int hana_csv_inexact(const hana_csv_style *style, const hana_csv_column *about,
                     const char *text, size_t length);
/* Whether all cells of a record fit the types that were given; else the first column that
   does not. */
int hana_csv_record_fits(const hana_csv_layout *layout, const hana_csv_cell *cells,
                         size_t *column);
/* What is wrong with that column's cell, as an error. */
void hana_csv_say_misfit(hana_error *out, const hana_csv_style *style,
                         const hana_csv_column *about, const hana_csv_cell *cell);
/* Keep as much of a text as there is room for, cut at a character, in one line. */
void hana_csv_example_set(hana_csv_example *example, int64_t line, const char *text,
                          size_t length);
void hana_csv_remark_set(hana_csv_remark *remark, int64_t line, const char *text,
                         size_t length);

/* --- csv_stretches.c: all of the file
 * -------------------------------------------------------------- */

typedef struct hana_csv_stretches {
    const hana_csv_layout *layout;
    const char *text;
    const hana_bytes *file; /* that the text stands in; NULL: none, or not mapped */
    size_t length, at;      /* the data begin at `at`, in `line` */
    int64_t line;
    size_t limit; /* rows at most */
    hana_csv_stretch *items;
    size_t n, capacity, rows;
    hana_csv_kind *kinds; /* of each field, over all stretches */
} hana_csv_stretches;

/* Reads the stretches, on the threads of the job: each begins at a line, as if no quote
   were open there; where the one before turns out to end elsewhere, it is read again. The
   result does not depend on where they begin. What is wrong with the data is
   HANA_BAD_DATA with err->position set to its line. */
hana_status hana_csv_stretches_read(hana_csv_stretches *all, hana_job *job,
                                    hana_error *err);
/* Brings the parts of each column to one kind. */
hana_status hana_csv_stretches_unify(hana_csv_stretches *all, hana_job *job,
                                     hana_error *err);
void hana_csv_stretches_clear(hana_csv_stretches *all);

/* --- csv_column.c: parts put together
 * --------------------------------------------------------------- */

/* The type of the column that a field of the kind becomes. */
hana_type hana_csv_type(const hana_csv_column *about, hana_csv_kind kind);

/* Fields of numbers that become one block: rows x n cells, NaN where nothing stands. */
typedef struct hana_csv_block {
    size_t *fields, n;
    double *cells;
} hana_csv_block;

/* columns[i] from the parts fields[i] of all stretches, which are all of the kind
   kinds[fields[i]] or NONE, and the cells of blocks likewise; empties the stretches on
   the way. On failure some columns may be there, the others are NULL. */
hana_status hana_csv_assemble(const hana_column **columns, const size_t *fields,
                              size_t n_fields, const hana_csv_block *blocks,
                              size_t n_blocks, hana_csv_stretch *stretches, size_t n,
                              const hana_csv_kind *kinds, const hana_csv_layout *layout,
                              hana_job *job, hana_error *err);

/* --- csv_report.c
 * --------------------------------------------------------------------------------- */

/* What there is to say about the whole file. */
typedef struct hana_csv_facts {
    const char *path, *encoding, *delimiter; /* NULL: there are none */
    size_t rows, changed;                    /* cells rounded, records cut or filled up */
    int64_t first_line;                      /* of the first stretch */
    const hana_csv_stretch *stretches;
    size_t n_stretches;
    hana_names notes;
} hana_csv_facts;

hana_status hana_csv_note(hana_csv_facts *facts, hana_error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Appends { name, type, why, nulls, failed, hint } of a column to the list. */
hana_status hana_csv_report_column(hana_value *columns, hana_csv_facts *facts, size_t j,
                                   hana_csv_kind kind, const hana_csv_column *about,
                                   const hana_csv_style *style, const hana_column *column,
                                   hana_error *err);
/* The first cell that made column j what it is, and its line; NULL: none is known. */
const hana_csv_example *hana_csv_reason(const hana_csv_facts *facts, size_t j,
                                        hana_csv_kind kind, int64_t *line);
/* Appends the same of a block, whose columns are fields[0..n) of the file. */
hana_status hana_csv_report_block(hana_value *columns, hana_csv_facts *facts,
                                  const char *name, const size_t *fields, size_t n,
                                  const hana_csv_column *about,
                                  const hana_csv_style *style, hana_error *err);
/* The whole report; takes `columns` over, also on failure. */
hana_status hana_csv_report(hana_value *out, hana_csv_facts *facts, hana_value columns,
                            hana_error *err);

/* --- csv_names.c
 * ---------------------------------------------------------------------------------- */

/* Names of the columns: those of the header, an empty one made column_N, one that stood
   before made name_2, name_3, ... (both are noted); without a header column_1, column_2,
   ... */
hana_status hana_csv_names(hana_names *out, const hana_csv_cell *cells, size_t n,
                           int header, hana_csv_facts *facts, hana_error *err);

#endif
