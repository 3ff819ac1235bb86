#ifndef HANA_IO_JSON_H
#define HANA_IO_JSON_H

#include "base/memory.h"
#include "base/value.h"

/* Data: our own reader and printer. Integers keep all digits (beyond 64 bits: an error),
   floats are shortest round trip (a float without fraction prints as 3.0 and reads back
   as a float), NUL bytes in strings are kept, duplicate keys refused, depth at most 200;
   NaN and infinities are errors. Errors carry line and column. `indent` 0 is one line;
   keys are printed sorted when `sorted`. */
HANA_API hana_status hana_json_decode(hana_value *out, const char *text, size_t length,
                                      hana_error *err);
HANA_API hana_status hana_json_encode(hana_text *out, const hana_value *value, int indent,
                                      int sorted, hana_error *err);

/* Documents of our own (model headers, schemas, project files), on cJSON. Numbers are put
   in as shortest round-trip text, so that nothing is lost; maps keep their order. */
HANA_API hana_status hana_document_read(hana_value *out, const char *text, size_t length,
                                        hana_error *err);
HANA_API hana_status hana_document_write(hana_text *out, const hana_value *value,
                                         int pretty, hana_error *err);

#endif
