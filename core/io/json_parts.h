#ifndef HANA_IO_JSON_PARTS_H
#define HANA_IO_JSON_PARTS_H

#include "io/json.h"

/* Parts of the JSON reader and printer that tables use. */

/* The object that begins at text[*at], one member after the other; *at then stands behind
   it. The text begins in line `line`, counted from 1, for messages. Of a string the
   function gets its bytes, borrowed, of all else a value (then text is NULL). What it
   refuses with HANA_BAD_DATA gets line and column. Duplicate keys are for it to refuse.
 */
typedef hana_status hana_json_member_fn(void *context, const char *key, size_t key_length,
                                        const hana_value *value, const char *text,
                                        size_t length, hana_error *err);
hana_status hana_json_object(const char *text, size_t length, size_t *at, int64_t line,
                             hana_json_member_fn *member, void *context, hana_error *err);
/* Fails with HANA_BAD_FORMAT: "line 4, column 1: <expected>, found 'x'". */
hana_status hana_json_misfit(const char *text, size_t length, size_t at, int64_t line,
                             const char *expected, hana_error *err);
/* Appends the text in quotes, escaped. Text that is not UTF-8 is HANA_BAD_DATA. */
hana_status hana_json_put_string(hana_text *out, const char *text, size_t length,
                                 hana_error *err);

#endif
