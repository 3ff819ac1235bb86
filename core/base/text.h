#ifndef HANA_BASE_TEXT_H
#define HANA_BASE_TEXT_H

#include "error.h"
#include "memory.h"

#include <stddef.h>
#include <stdint.h>

/* Text, numbers and patterns, none of which depend on the locale. */

/* Parses all of text[0..length) as a decimal floating number (optional sign, digits, '.',
   exponent; "inf", "infinity", "nan" in any case), correctly rounded. Returns 0 when it
   is not one. */
HANA_API int hana_parse_double(const char *text, size_t length, double *out);
/* All of it as a signed 64-bit integer; 0 when it is none or does not fit. */
HANA_API int hana_parse_int(const char *text, size_t length, int64_t *out);

enum { HANA_NUMBER_SIZE = 32 };
/* Shortest text that reads back to the same bits ("0.1", "1e+300", "5e-324", "-0.0",
   "3.0" when `as_float`, else "3"; "inf", "-inf", "nan"). Returns the length; `out` has
   HANA_NUMBER_SIZE. */
HANA_API int hana_print_double(char *out, double value, int as_float);
/* The same for an integer. */
HANA_API int hana_print_int(char *out, int64_t value);

/* UTF-8 (utf8proc's tables). */
HANA_API int hana_utf8_valid(const char *text,
                             size_t length); /* no surrogates, no overlong forms */
HANA_API size_t hana_utf8_length(const char *text, size_t length); /* code points */
HANA_API size_t hana_utf8_width(const char *text, size_t length);  /* terminal cells */
/* Byte offset of code point k (k <= length in code points, else the byte length). */
HANA_API size_t hana_utf8_offset(const char *text, size_t length, size_t k);
/* Decodes the code point at text; sets its byte length (>= 1); -1 when it is malformed.
 */
HANA_API int32_t hana_utf8_decode(const char *text, size_t length, size_t *bytes);
HANA_API int hana_utf8_encode(char *out /* 4 */, int32_t code_point);
HANA_API hana_status hana_utf8_lower(hana_text *out, const char *text, size_t length,
                                     hana_error *err);
HANA_API hana_status hana_utf8_upper(hana_text *out, const char *text, size_t length,
                                     hana_error *err);
/* NFC, and full-width forms to half-width (NFKC for those only: U+FF01..U+FF5E, U+3000).
 */
HANA_API hana_status hana_utf8_normalize(hana_text *out, const char *text, size_t length,
                                         hana_error *err);
HANA_API int hana_utf8_is_letter(int32_t code_point); /* any Unicode letter or mark */
HANA_API int hana_utf8_is_space(int32_t code_point);

/* PCRE2 patterns in UTF mode, with match limits. Compiled once, used by several threads.
 */
typedef struct hana_pattern hana_pattern;
HANA_API hana_status hana_pattern_new(hana_pattern **out, const char *pattern,
                                      size_t length, hana_error *err);
HANA_API void hana_pattern_free(hana_pattern *pattern);
HANA_API int hana_pattern_groups(const hana_pattern *pattern);
/* The name that the pattern gives to group 1 .. groups, or NULL. Borrowed. */
HANA_API const char *hana_pattern_group_name(const hana_pattern *pattern, int group);
/* Searches from `start`; offsets[2g], offsets[2g+1] are the byte range of group g = 0 ..
   n_groups - 1 (group 0 is the whole match), (size_t)-1 when it took no part. `found` is
   0 or 1; where it is 0 the offsets are untouched. Fails when the match limit is reached.
 */
HANA_API hana_status hana_pattern_match(const hana_pattern *pattern, const char *text,
                                        size_t length, size_t start, size_t *offsets,
                                        size_t n_groups, int *found, hana_error *err);

#endif
