#ifndef HANA_IO_JSON_FRAME_H
#define HANA_IO_JSON_FRAME_H

#include "io/csv.h"

/* Frames as JSON: objects line by line (JSON Lines), or one array of objects. */

/* Reads a file (or, with path NULL, text[0..length)): objects, a row each, a line each or
   one behind the other, or one array of objects. Each key is a column, in order of first
   appearance, however late it comes; where an object lacks it, the cell is null. Of the
   options (NULL: the default) count limit, encoding, types, columns, null and null_add
   (JSON has a null of its own: no text is null unless they say so), timezone and
   on_error. Types: bool, int, float (also ints beside floats), string; lists and objects
   become their JSON text and values of several sorts text, which is noted; only nulls:
   float. The report is that of hana_csv_read, with `format` in place of `delimiter`. A
   record that cannot be read is HANA_BAD_DATA with its line, or null or left out as
   on_error says. Row ids: the hash of the bytes and the object's number. */
HANA_API hana_status hana_json_read(hana_frame **out, hana_value *report,
                                    const char *path, const char *text, size_t length,
                                    const hana_csv_options *options, hana_job *job,
                                    hana_error *err);

/* Test hook: JSON Lines are read in parts of that many bytes, whatever the file's size; 0
   turns it off. The result must not depend on it. */
HANA_API void hana_json_part_bytes(size_t bytes);

/* Written atomically, keys in the order of the columns, nulls as null, dates as ISO 8601,
   blocks as their features: one object a line, or one array when the path ends in
   ".json". With `text` not NULL it goes there instead, as lines. NaN and infinities are
   HANA_BAD_DATA. */
HANA_API hana_status hana_json_write(const hana_frame *frame, const char *path,
                                     hana_text *text, hana_job *job, hana_error *err);

#endif
