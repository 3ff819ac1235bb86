#ifndef HANA_IO_JSON_FRAME_H
#define HANA_IO_JSON_FRAME_H

#include "base/job.h"
#include "data/frame.h"

/* Frames as JSON: objects line by line (JSON Lines), or one array of objects. */

/* Reads a file (or, with path NULL, text[0..length)). Each key seen in any object is a
   column, in order of first appearance; where an object lacks it, the cell is null.
   Types: bool, int, float (also ints beside floats), string; a key with values of several
   sorts, with lists or objects, becomes a string column of their JSON texts, which is
   noted; only nulls: float. A line that is no object is HANA_BAD_FORMAT that names it.
   `report` (may be NULL) gets a map: path, rows, columns = list of { name, type, nulls,
   failed }, skipped, notes. Row ids: the hash of the bytes and the object's number. */
HANA_API hana_status hana_json_read(hana_frame **out, hana_value *report,
                                    const char *path, const char *text, size_t length,
                                    hana_job *job, hana_error *err);

/* Written atomically, keys in the order of the columns, nulls as null, dates as ISO 8601,
   blocks as their features: one object a line, or one array when the path ends in
   ".json". With `text` not NULL it goes there instead, as lines. NaN and infinities are
   HANA_BAD_DATA. */
HANA_API hana_status hana_json_write(const hana_frame *frame, const char *path,
                                     hana_text *text, hana_error *err);

#endif
