#include "text.h"

#include <string.h>
#include <utf8proc.h>

static int is_continuation(unsigned char c)
{
    return (c & 0xC0) == 0x80;
}

int32_t hana_utf8_decode(const char *text, size_t length, size_t *bytes)
{
    const unsigned char *s = (const unsigned char *)text;
    *bytes = 1;
    if (length == 0) return -1;
    if (s[0] < 0x80) return s[0];
    if (s[0] < 0xC2 || s[0] > 0xF4) return -1;
    size_t n = s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 4;
    if (length < n) return -1;
    int32_t c = s[0] & (0x7F >> n);
    for (size_t i = 1; i < n; i++) {
        if (!is_continuation(s[i])) return -1;
        c = c << 6 | (s[i] & 0x3F);
    }
    static const int32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
    if (c < smallest[n] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) return -1;
    *bytes = n;
    return c;
}

int hana_utf8_encode(char *out, int32_t code_point)
{
    unsigned c = (unsigned)code_point;
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xC0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3F));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xE0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3F));
        out[2] = (char)(0x80 | (c & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3F));
    out[2] = (char)(0x80 | (c >> 6 & 0x3F));
    out[3] = (char)(0x80 | (c & 0x3F));
    return 4;
}

/* Bytes at the start that are ASCII, eight at a time. */
static size_t ascii_prefix(const char *text, size_t length)
{
    size_t i = 0;
    for (; i + 8 <= length; i += 8) {
        uint64_t word;
        memcpy(&word, text + i, sizeof word);
        if (word & UINT64_C(0x8080808080808080)) break;
    }
    while (i < length && (unsigned char)text[i] < 0x80) i++;
    return i;
}

/* Three bytes that are a code point, as all of Hangul are. */
static int is_three(const unsigned char *s)
{
    unsigned bits = (s[0] & 0xFu) << 6 | (s[1] & 0x3Fu); /* those above the lowest six */
    return (s[0] & 0xF0) == 0xE0 && is_continuation(s[1]) && is_continuation(s[2]) &&
           bits >= 0x800 >> 6 && bits - (0xD800 >> 6) >= 0x800 >> 6;
}

int hana_utf8_valid(const char *text, size_t length)
{
    const unsigned char *s = (const unsigned char *)text;
    size_t i = 0, bytes;
    while (i < length) {
        if (s[i] < 0x80) {
            i += ascii_prefix(text + i, length - i);
        } else if (length - i >= 3 && is_three(s + i)) {
            i += 3;
        } else {
            if (hana_utf8_decode(text + i, length - i, &bytes) < 0) return 0;
            i += bytes;
        }
    }
    return 1;
}

size_t hana_utf8_length(const char *text, size_t length)
{
    size_t n = 0, bytes;
    for (size_t i = 0; i < length; i += bytes, n++) {
        hana_utf8_decode(text + i, length - i, &bytes);
    }
    return n;
}

/* Vowels and final consonants of decomposed Hangul stand in the cells of the consonant
   before them, whatever utf8proc says of each alone. */
static int joins_syllable(int32_t c)
{
    return (c >= 0x1160 && c <= 0x11FF) || (c >= 0xD7B0 && c <= 0xD7FB);
}

size_t hana_utf8_width(const char *text, size_t length)
{
    size_t width = 0, bytes;
    for (size_t i = 0; i < length; i += bytes) {
        int32_t c = hana_utf8_decode(text + i, length - i, &bytes);
        /* A malformed byte is shown as one replacement character. */
        width += c < 0 ? 1 : joins_syllable(c) ? 0 : (size_t)utf8proc_charwidth(c);
    }
    return width;
}

size_t hana_utf8_offset(const char *text, size_t length, size_t k)
{
    size_t i = 0, bytes;
    for (; k > 0 && i < length; k--, i += bytes)
        hana_utf8_decode(text + i, length - i, &bytes);
    return i;
}

static hana_status each_code_point(hana_text *out, const char *text, size_t length,
                                   int32_t (*map)(int32_t), hana_error *err)
{
    char encoded[4];
    size_t bytes;
    for (size_t i = 0; i < length; i += bytes) {
        int32_t c = hana_utf8_decode(text + i, length - i, &bytes);
        if (c < 0) {
            hana_text_add(out, text + i, bytes);
        } else {
            hana_text_add(out, encoded, (size_t)hana_utf8_encode(encoded, map(c)));
        }
    }
    return out->failed ? hana_fail_memory(err) : HANA_OK;
}

hana_status hana_utf8_lower(hana_text *out, const char *text, size_t length,
                            hana_error *err)
{
    return each_code_point(out, text, length, utf8proc_tolower, err);
}

hana_status hana_utf8_upper(hana_text *out, const char *text, size_t length,
                            hana_error *err)
{
    return each_code_point(out, text, length, utf8proc_toupper, err);
}

static int32_t half_width(int32_t c)
{
    if (c >= 0xFF01 && c <= 0xFF5E) return c - 0xFF01 + '!';
    return c == 0x3000 ? ' ' : c;
}

/* Decomposes into code points with full-width forms folded; *points is the caller's. */
static hana_status decompose(int32_t **points, utf8proc_ssize_t *n, const char *text,
                             size_t length, hana_error *err)
{
    /* No code point has a canonical decomposition of more than 4, and each takes a byte.
     */
    utf8proc_ssize_t room = (utf8proc_ssize_t)length * 4;
    int32_t *buffer = hana_alloc((size_t)room + 1, sizeof *buffer);
    if (!buffer) return hana_fail_memory(err);
    utf8proc_ssize_t used = 0;
    size_t bytes;
    for (size_t i = 0; i < length; i += bytes) {
        int32_t c = hana_utf8_decode(text + i, length - i, &bytes);
        int boundary = 0;
        if (c >= 0) {
            used += utf8proc_decompose_char(half_width(c), buffer + used, room - used,
                                            UTF8PROC_DECOMPOSE, &boundary);
            continue;
        }
        hana_free(buffer);
        return hana_fail(err, HANA_BAD_DATA, "text is not valid UTF-8 at byte %zu",
                         i + 1);
    }
    *points = buffer;
    *n = used;
    return HANA_OK;
}

/* Sorts runs of combining marks by their class, stably: the canonical order. */
static void order_marks(int32_t *points, utf8proc_ssize_t n)
{
    for (utf8proc_ssize_t i = 1; i < n; i++) {
        int class = utf8proc_get_property(points[i])->combining_class;
        if (class == 0) continue;
        int32_t moved = points[i];
        utf8proc_ssize_t j = i;
        for (; j > 0 && utf8proc_get_property(points[j - 1])->combining_class > class;
             j--) {
            points[j] = points[j - 1];
        }
        points[j] = moved;
    }
}

hana_status hana_utf8_normalize(hana_text *out, const char *text, size_t length,
                                hana_error *err)
{
    if (ascii_prefix(text, length) == length) {
        hana_text_add(out, text, length);
        return out->failed ? hana_fail_memory(err) : HANA_OK;
    }
    int32_t *points = NULL;
    utf8proc_ssize_t n = 0;
    HANA_TRY(decompose(&points, &n, text, length, err));
    order_marks(points, n);
    n = utf8proc_normalize_utf32(points, n, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    char encoded[4];
    for (utf8proc_ssize_t i = 0; i < n; i++) {
        hana_text_add(out, encoded, (size_t)hana_utf8_encode(encoded, points[i]));
    }
    hana_free(points);
    return out->failed ? hana_fail_memory(err) : HANA_OK;
}

int hana_utf8_is_letter(int32_t code_point)
{
    if (code_point < 0x80)
        return (code_point | 0x20) >= 'a' && (code_point | 0x20) <= 'z';
    switch (utf8proc_category(code_point)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
        return 1;
    default:
        return 0;
    }
}

int hana_utf8_is_space(int32_t code_point)
{
    if (code_point < 0x80)
        return code_point == ' ' || (code_point >= 9 && code_point <= 13);
    if (code_point == 0x85) return 1;
    utf8proc_category_t category = utf8proc_category(code_point);
    return category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL ||
           category == UTF8PROC_CATEGORY_ZP;
}
