#ifndef HANA_IO_XLS_H
#define HANA_IO_XLS_H

#include "base/memory.h"
#include "plugins/workbook.h"

/* The old workbooks, .xls of Excel 95 to 2003: BIFF records (MS-XLS) in a stream of a
   compound file (MS-CFB). Read here and not by FreeXL, which leaves out the cells that
   have a formula and errors, and makes numbers of true and false. */
extern const hana_workbook_reader hana_xls_reader;

/* --- xls_container.c --------------------------------------------------------------- */

/* The bytes of the stream "Workbook" (or "Book") of a compound file, owned by the caller.
 */
hana_status hana_xls_stream(hana_text *out, const char *bytes, size_t length,
                            hana_error *err);

static inline uint32_t hana_u16_at(const char *bytes)
{
    const unsigned char *b = (const unsigned char *)bytes;
    return (uint32_t)(b[0] | b[1] << 8);
}
static inline uint32_t hana_u32_at(const char *bytes)
{
    return hana_u16_at(bytes) | hana_u16_at(bytes + 2) << 16;
}

/* --- xls_strings.c ----------------------------------------------------------------- */

/* A record and those that continue it. */
typedef struct hana_xls_record {
    const char *at, *end;   /* what is left of the current piece */
    const char *next, *all; /* the records behind it; the end of the stream */
} hana_xls_record;

/* Both give 0 where the record ends too early. A piece of a string begins with a byte
   that says how its characters are stored. */
int hana_xls_bytes(hana_xls_record *record, char *out, size_t n); /* out may be NULL */
int hana_xls_characters(hana_text *out, hana_xls_record *record, size_t n, int wide,
                        const char *encoding);
/* A string with its length in `length_bytes` (1 or 2) bytes and, in BIFF8 (encoding
   NULL), its flags; older ones are bytes in an encoding. */
int hana_xls_string(hana_text *out, hana_xls_record *record, int length_bytes,
                    const char *encoding);

#endif
