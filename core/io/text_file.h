#ifndef HANA_IO_TEXT_FILE_H
#define HANA_IO_TEXT_FILE_H

#include "io/csv.h"

/* Reads lines of a file (or, with path NULL, of text[0..length)). Without a pattern: one
   string column `line`. With one (PCRE2): a row for each line that it matches somewhere,
   a column for each of its groups, named by `names`, else by the group's name, else
   column_N; the types are found as in CSV. A group that took no part is null, one that
   matched nothing an empty string. Blank lines that do not match are passed over; other
   lines that do not match are HANA_BAD_DATA with file and line, or null or left out as
   on_error says. Of the options count encoding, skip, limit, decimal, thousands, null,
   null_add, types, columns, timezone, on_error. The report is that of hana_csv_read
   without delimiter. Row ids: the hash of the bytes and the number of the line among
   those that are not passed over. */
HANA_API hana_status hana_text_file_read(hana_frame **out, hana_value *report,
                                         const char *path, const char *text,
                                         size_t length, const char *pattern,
                                         const hana_names *names,
                                         const hana_csv_options *options, hana_job *job,
                                         hana_error *err);

#endif
