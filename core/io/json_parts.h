#ifndef HANA_IO_JSON_PARTS_H
#define HANA_IO_JSON_PARTS_H

#include "io/json.h"

/* Parts of the JSON reader and printer that tables use. */

/* Reads the value that begins at text[*at] (blanks before it are skipped) and moves *at
   behind it; it must end before `end`. Lines of messages are counted from the start of
   the text. */
hana_status hana_json_next(hana_value *out, const char *text, size_t end, size_t *at,
                           hana_error *err);
/* Appends the text in quotes, escaped. Text that is not UTF-8 is HANA_BAD_DATA. */
hana_status hana_json_put_string(hana_text *out, const char *text, size_t length,
                                 hana_error *err);

#endif
