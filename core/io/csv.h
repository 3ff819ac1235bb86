#ifndef HANA_IO_CSV_H
#define HANA_IO_CSV_H

#include "base/job.h"
#include "base/value.h"
#include "data/frame.h"

/* How to read. Zeroed memory plus hana_csv_options_init is the default: everything
 * guessed. */
typedef struct hana_csv_options {
    char *delimiter;     /* one character of any width; NULL: guessed; "whitespace" */
    char *decimal;       /* "." */
    char *thousands;     /* NULL: none; may be several bytes */
    char quote;          /* '"'; 0 for none */
    char *comment;       /* NULL: none */
    int header;          /* 1; 0: columns are named column_1, column_2, ... */
    int64_t skip, limit; /* lines before the header; rows (-1: all) */
    char *encoding;      /* "auto" */
    hana_names null;     /* texts that are null; the default list when has_null is 0 */
    int has_null;
    hana_names null_add;
    hana_names type_columns, type_names,
        type_formats;   /* types = { zip = "string" }; format "" = none */
    hana_names columns; /* read only these, in this order; empty: all */
    char *timezone;     /* of text without an offset; NULL: UTC */
    hana_names block_names, block_patterns; /* { pixels = "pixel*" } */
    int on_error;                           /* 0 raise, 1 null, 2 skip */
    char *source; /* name of an added column with the path, or NULL */
} hana_csv_options;
HANA_API hana_status hana_csv_options_init(hana_csv_options *options, hana_error *err);
HANA_API void hana_csv_options_clear(hana_csv_options *options);

/* Reads a file (or, with path NULL, text[0..length)). Types are inferred over the whole
   file: bool (true/false), int, float, date, datetime (ISO 8601), else string; digits
   with a leading zero stay text, and seven or more of them behind a plus. `report` gets a
   map: path, rows, encoding, delimiter, columns = list of {name, type, why, nulls = {text
   = count}, failed, hint}, skipped, changed (cells rounded, records cut or filled up),
   skipped_lines or changed_lines (their lines, the first thousand; absent: none), notes =
   list of sentences. Row ids: the hash of the bytes and the record number. */
HANA_API hana_status hana_csv_read(hana_frame **out, hana_value *report, const char *path,
                                   const char *text, size_t length,
                                   const hana_csv_options *options, hana_job *job,
                                   hana_error *err);

/* Test hook: reads in stretches of that many bytes, whatever the file's size; 0 turns it
   off. The result must not depend on it. */
HANA_API void hana_csv_stretch_bytes(size_t bytes);
/* For tests: how records are found. By marks, with the widest instructions there are (the
   usual) or with none in particular, or as lines and by libcsv. The result is the same.
 */
typedef enum hana_csv_scanner {
    HANA_CSV_SCAN_WIDE,
    HANA_CSV_SCAN_PLAIN,
    HANA_CSV_SCAN_LIBRARY
} hana_csv_scanner;
HANA_API void hana_csv_scan_by(hana_csv_scanner scanner);

typedef struct hana_csv_write_options {
    const char *encoding; /* NULL: utf-8 */
    int bom;
    const char *delimiter; /* NULL: "," */
    const char *null;      /* NULL: "" (an empty string is then written quoted) */
} hana_csv_write_options;
/* Written atomically. `path` "-" is stdout. With `text` not NULL it goes there instead.
   Blocks are written as their features. */
HANA_API hana_status hana_csv_write(const hana_frame *frame, const char *path,
                                    hana_text *text,
                                    const hana_csv_write_options *options, hana_job *job,
                                    hana_error *err);

#endif
