#ifndef HANA_IO_FOREIGN_H
#define HANA_IO_FOREIGN_H

#include "base/error.h"

#include <stddef.h>

/* Files that are handed to the wrong reader. What is found is HANA_BAD_FORMAT, one
   sentence that says what it is and what reads it: "sales.csv: not delimited text but a
   Parquet file, ...". `wanted` is what the reader reads, `path` the file as messages name
   it. */

/* By the first bytes: archives, databases, pictures, programs. No text is taken for one,
   unless it begins as a PDF document does. `length` bytes are the whole file. */
hana_status hana_foreign_binary(const char *path, const char *bytes, size_t length,
                                const char *wanted, hana_error *err);

/* HTML and XML, in UTF-8: a tag that another one follows at once and that is closed
   later. A table whose first cell is a tag has a delimiter behind it. */
hana_status hana_foreign_markup(const char *path, const char *text, size_t length,
                                const char *wanted, hana_error *err);

/* JSON and JSON Lines, in UTF-8: an object with a key, or a list of such objects, alone
   in its lines. */
hana_status hana_foreign_json(const char *path, const char *text, size_t length,
                              const char *wanted, hana_error *err);

#endif
