#ifndef HANA_IO_CSV_CHUNKS_H
#define HANA_IO_CSV_CHUNKS_H

#include "io/csv.h"

/* A delimited file read part by part, for files that are larger than memory. Memory is a
   few times the part, whatever the file's length. */
typedef struct hana_csv_chunks hana_csv_chunks;

/* Parts of about `part_bytes` of text each (0: 32 MiB). A gzip or zstd file is unpacked
   on the way. */
HANA_API hana_status hana_csv_chunks_open(hana_csv_chunks **out, const char *path,
                                          size_t part_bytes, hana_error *err);
HANA_API void hana_csv_chunks_close(hana_csv_chunks *scan); /* NULL is fine */

/* How much of the file was read (0..1); negative where its length is not known. */
HANA_API double hana_csv_chunks_share(const hana_csv_chunks *scan);

/* The names of the columns that are read, into *out, which is empty; before the first
   part, of which nothing is used up. */
HANA_API hana_status hana_csv_chunks_names(hana_names *out, hana_csv_chunks *scan,
                                           const hana_csv_options *options, hana_job *job,
                                           hana_error *err);

/* The next part's rows into *out; NULL behind the last (a file without rows gives one
   part of none). The types are those that hana_csv_read would choose over the whole file
   as far as it was read: where a part shows that a type must be wider, *again is set,
   *out is NULL, and the parts come from the beginning once more, so that all parts of the
   last pass have the types of their columns. `options` must be the same for every call;
   blocks and `source` are not for parts. UTF-16 is refused. `report` gets that of the
   part, whose lines count from line_base + 1. Row ids: the hash of the first part and the
   row's number. */
HANA_API hana_status hana_csv_chunks_next(hana_frame **out, int *again,
                                          hana_value *report, hana_csv_chunks *scan,
                                          const hana_csv_options *options, hana_job *job,
                                          hana_error *err);

#endif
