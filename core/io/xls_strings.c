#include "xls.h"

#include "base/text.h"
#include "io/encoding.h"

#include <string.h>

enum { CONTINUE = 0x3C };

/* Goes on to the record that continues this one; 0 when none does. */
static int go_on(hana_xls_record *r)
{
    if (r->all - r->next < 4 || hana_u16_at(r->next) != CONTINUE) return 0;
    size_t length = hana_u16_at(r->next + 2);
    if ((size_t)(r->all - r->next - 4) < length) return 0;
    r->at = r->next + 4;
    r->end = r->next = r->at + length;
    return 1;
}

int hana_xls_bytes(hana_xls_record *r, char *out, size_t n)
{
    while (n > 0) {
        size_t left = (size_t)(r->end - r->at), take = n < left ? n : left;
        if (take == 0) {
            if (!go_on(r)) return 0;
            continue;
        }
        if (out) {
            memcpy(out, r->at, take);
            out += take;
        }
        r->at += take;
        n -= take;
    }
    return 1;
}

static void add_unit(hana_text *out, uint32_t unit, uint32_t *high)
{
    char bytes[4];
    int32_t code = (int32_t)unit;
    if (*high && unit >= 0xDC00 && unit < 0xE000)
        code = (int32_t)(0x10000 + ((*high - 0xD800) << 10) + (unit - 0xDC00));
    else if (*high || (unit >= 0xDC00 && unit < 0xE000))
        code = 0xFFFD; /* half a pair */
    *high = 0;
    hana_text_add(out, bytes, (size_t)hana_utf8_encode(bytes, code));
}

int hana_xls_characters(hana_text *out, hana_xls_record *r, size_t n, int wide,
                        const char *encoding)
{
    uint32_t high = 0;
    hana_text plain = { 0 };
    while (n > 0) {
        char unit[2] = { 0 };
        if (r->at == r->end) {
            char flags = 0;
            if (!go_on(r)) break;
            if (!encoding) {
                if (!hana_xls_bytes(r, &flags, 1)) break;
                wide = flags & 1;
            }
            continue;
        }
        if (!hana_xls_bytes(r, unit, wide ? 2 : 1)) break;
        n--;
        if (encoding) {
            hana_text_putc(&plain, unit[0]);
            continue;
        }
        uint32_t code = hana_u16_at(unit);
        if (!high && code >= 0xD800 && code < 0xDC00)
            high = code;
        else
            add_unit(out, code, &high);
    }
    if (encoding && plain.length) {
        hana_text decoded = { 0 };
        if (hana_encoding_decode(&decoded, plain.data, plain.length, encoding, NULL) ==
            HANA_OK)
            hana_text_add(out, decoded.data, decoded.length);
        hana_text_clear(&decoded);
    }
    hana_text_clear(&plain);
    return n == 0;
}

int hana_xls_string(hana_text *out, hana_xls_record *r, int length_bytes,
                    const char *encoding)
{
    char length[2] = { 0 }, flags = 0, runs[2] = { 0 }, extra[4] = { 0 };
    if (!hana_xls_bytes(r, length, (size_t)length_bytes)) return 0;
    if (!encoding && !hana_xls_bytes(r, &flags, 1)) return 0;
    if ((flags & 8) && !hana_xls_bytes(r, runs, 2)) return 0;
    if ((flags & 4) && !hana_xls_bytes(r, extra, 4)) return 0;
    return hana_xls_characters(out, r, hana_u16_at(length), flags & 1, encoding) &&
           hana_xls_bytes(r, NULL, 4 * (size_t)hana_u16_at(runs)) &&
           hana_xls_bytes(r, NULL, hana_u32_at(extra));
}
