#ifndef HANA_IO_ENCODING_H
#define HANA_IO_ENCODING_H

#include "base/error.h"
#include "base/memory.h"
#include "io/inspect.h"

/* Names: "utf-8", "utf-16le", "utf-16be", "cp949", "latin1", "windows-1252", "gb18030";
   also "utf-16" (by its mark), "euc-kr" (read as cp949). NULL when unknown: the canonical
   spelling otherwise. */
HANA_API const char *hana_encoding_find(const char *name);
/* Guesses from all bytes: a mark, else valid UTF-8, else UTF-16 by its zero bytes, else
   CP949 when it decodes wholly and has Hangul, else windows-1252. `mark` gets the length
   of the byte-order mark. */
HANA_API const char *hana_encoding_guess(const char *bytes, size_t length, size_t *mark);
/* To UTF-8. A byte that cannot be decoded is an error with its offset (err->position) and
 * line. */
HANA_API hana_status hana_encoding_decode(hana_text *out, const char *bytes,
                                          size_t length, const char *encoding,
                                          hana_error *err);
/* From UTF-8. A character the encoding lacks is an error that names it. */
HANA_API hana_status hana_encoding_encode(hana_text *out, const char *text, size_t length,
                                          const char *encoding, hana_error *err);

/* Bytes as UTF-8 without a mark: *text points into them where they are that already, else
   into `decoded`. `found` is what hana_inspect says of the bytes; NULL: they are looked
   at here. `asked` is an encoding's name or "auto" (or NULL); *name gets the one that was
   taken. `function` is whose option messages speak of. */
HANA_API hana_status hana_encoding_open(const char **text, size_t *text_length,
                                        const char **name, hana_text *decoded,
                                        const char *bytes, size_t length,
                                        const hana_inspection *found, const char *asked,
                                        const char *function, hana_error *err);

#endif
