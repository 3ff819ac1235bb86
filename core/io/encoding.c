#include "encoding.h"

#include "base/job.h"
#include "base/text.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>

typedef struct spelling {
    const char *alias, *name;
} spelling;

static const spelling spellings[] = {
    { "utf-8", "utf-8" },
    { "utf8", "utf-8" },
    { "utf-8-sig", "utf-8" },
    { "ascii", "utf-8" },
    { "us-ascii", "utf-8" },
    { "utf-16", "utf-16" },
    { "utf16", "utf-16" },
    { "utf-16le", "utf-16le" },
    { "utf16le", "utf-16le" },
    { "utf-16be", "utf-16be" },
    { "utf16be", "utf-16be" },
    { "cp949", "cp949" },
    { "ms949", "cp949" },
    { "uhc", "cp949" },
    { "euc-kr", "cp949" },
    { "euckr", "cp949" },
    { "ks_c_5601-1987", "cp949" },
    { "latin1", "latin1" },
    { "latin-1", "latin1" },
    { "iso-8859-1", "latin1" },
    { "iso8859-1", "latin1" },
    { "windows-1252", "windows-1252" },
    { "windows1252", "windows-1252" },
    { "cp1252", "windows-1252" },
    { "gb18030", "gb18030" },
};

static int same_word(const char *a, const char *b)
{
    for (; *a && *b; a++, b++) {
        char c = *a >= 'A' && *a <= 'Z' ? (char)(*a + 'a' - 'A') : *a;
        if (c != *b) return 0;
    }
    return *a == *b;
}

const char *hana_encoding_find(const char *name)
{
    for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++)
        if (same_word(name, spellings[i].alias)) return spellings[i].name;
    return NULL;
}

/* What iconv calls it. */
static const char *library_name(const char *name)
{
    if (strcmp(name, "utf-16le") == 0) return "UTF-16LE";
    if (strcmp(name, "utf-16be") == 0) return "UTF-16BE";
    if (strcmp(name, "cp949") == 0) return "CP949";
    if (strcmp(name, "latin1") == 0) return "ISO-8859-1";
    if (strcmp(name, "windows-1252") == 0) return "CP1252";
    if (strcmp(name, "gb18030") == 0) return "GB18030";
    return "UTF-8";
}

typedef struct byte_mark {
    const char *name, *bytes;
    size_t length;
} byte_mark;

static const byte_mark marks[] = {
    { "utf-8", "\xEF\xBB\xBF", 3 },
    { "utf-16le", "\xFF\xFE", 2 },
    { "utf-16be", "\xFE\xFF", 2 },
    { "gb18030", "\x84\x31\x95\x33", 4 },
};

static size_t mark_of(const char *bytes, size_t length, const char **name)
{
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        if (length < marks[i].length ||
            memcmp(bytes, marks[i].bytes, marks[i].length) != 0)
            continue;
        *name = marks[i].name;
        return marks[i].length;
    }
    return 0;
}

/* Text that is mostly ASCII has a zero in most pairs of UTF-16, always on the same side.
 */
static const char *guess_wide(const char *bytes, size_t length)
{
    size_t zeros[2] = { 0, 0 };
    if (length % 2) return NULL;
    for (size_t i = 0; i < length; i++) zeros[i & 1] += bytes[i] == 0;
    if (zeros[0] == 0 && zeros[1] > length / 5) return "utf-16le";
    if (zeros[1] == 0 && zeros[0] > length / 5) return "utf-16be";
    return NULL;
}

/* How many of the last bytes are a character of UTF-8 that is cut off. */
static size_t cut_off(const char *bytes, size_t length)
{
    for (size_t n = 1; n <= 3 && n <= length; n++) {
        unsigned char first = (unsigned char)bytes[length - n];
        if (first < 0x80) return 0;
        if (first < 0xC0) continue;
        return n < (first < 0xE0 ? 2u : first < 0xF0 ? 3u : 4u) ? n : 0;
    }
    return 0;
}

/* UTF-8 with a few broken places must not pass for something else: it is refused where it
 * breaks. */
static int mostly_utf8(const char *bytes, size_t length)
{
    size_t good = 0, bad = 0, step;
    for (size_t i = 0; i < length; i += step) {
        step = 1;
        if ((unsigned char)bytes[i] < 0x80) continue;
        if (hana_utf8_decode(bytes + i, length - i, &step) < 0) {
            bad++;
            step = 1;
        } else {
            good++;
        }
    }
    return good > 10 * bad;
}

/* Pairs of KS X 1001's Hangul, which Korean text is made of, against pairs of the
   extension, which letters with accents in other encodings form with the ASCII letter
   after them. */
static int looks_korean(const char *bytes, size_t length)
{
    size_t common = 0, extended = 0;
    for (size_t i = 0; i < length; i++) {
        unsigned char a = (unsigned char)bytes[i];
        if (a < 0x80) continue;
        if (i + 1 == length) return 0;
        unsigned char b = (unsigned char)bytes[++i];
        if (a >= 0xB0 && a <= 0xC8 && b >= 0xA1)
            common++;
        else if (a <= 0xC6 && b < 0xA1)
            extended++;
    }
    if (common == 0 || common < extended) return 0;
    hana_text text = { 0 };
    int good = hana_encoding_decode(&text, bytes, length, "cp949", NULL) == HANA_OK;
    hana_text_clear(&text);
    return good;
}

const char *hana_encoding_guess(const char *bytes, size_t length, size_t *mark)
{
    const char *name = NULL;
    size_t skipped = mark_of(bytes, length, &name);
    if (mark) *mark = skipped;
    if (skipped) return name;
    if (memchr(bytes, 0, length)) {
        name = guess_wide(bytes, length);
        if (name) return name;
    }
    if (hana_utf8_valid(bytes, length) || mostly_utf8(bytes, length)) return "utf-8";
    if (looks_korean(bytes, length)) return "cp949";
    size_t cut = cut_off(bytes, length);
    return cut && mostly_utf8(bytes, length - cut) ? "utf-8" : "windows-1252";
}

static hana_status fail_byte(hana_error *err, const char *bytes, size_t at,
                             const char *encoding)
{
    size_t line = 1;
    for (const char *p = bytes; (p = memchr(p, '\n', (size_t)(bytes + at - p))) != NULL;
         p++)
        line++;
    hana_status status =
        hana_fail(err, HANA_BAD_DATA, "line %zu: byte 0x%02X is not valid %s", line,
                  (unsigned char)bytes[at], encoding);
    if (err) err->position = at < INT32_MAX ? (int)at + 1 : INT32_MAX;
    return status;
}

static size_t first_invalid(const char *bytes, size_t length)
{
    size_t i = 0, step;
    while (i < length) {
        step = 1;
        if ((unsigned char)bytes[i] >= 0x80 &&
            hana_utf8_decode(bytes + i, length - i, &step) < 0)
            return i;
        i += step;
    }
    return length;
}

/* Runs iconv over all of the input; `at` gets the offset of what it could not convert. */
static hana_status convert(hana_text *out, const char *from, const char *to,
                           const char *bytes, size_t length, size_t *at, hana_error *err)
{
    iconv_t converter = iconv_open(to, from);
    if (converter == (iconv_t)-1)
        return hana_fail(err, HANA_UNSUPPORTED, "this system cannot convert %s to %s",
                         from, to);
    hana_status status = HANA_OK;
    char buffer[8192];
    union {
        const char *const_bytes;
        char *bytes;
    } in = { .const_bytes =
                 bytes }; /* iconv's input is not const, but it does not write to it */
    size_t left = length, steps = 0;
    while (status == HANA_OK && left > 0) {
        char *target = buffer;
        size_t room = sizeof buffer;
        status = hana_poll(steps++ * 8192, err);
        if (status != HANA_OK) break;
        size_t code = iconv(converter, &in.bytes, &left, &target, &room);
        int why = errno;
        hana_text_add(out, buffer, sizeof buffer - room);
        if (out->failed) status = hana_fail_memory(err);
        if (code == (size_t)-1 && why != E2BIG && status == HANA_OK) {
            *at = length - left;
            status = HANA_BAD_DATA;
        }
    }
    iconv_close(converter);
    return status;
}

hana_status hana_encoding_decode(hana_text *out, const char *bytes, size_t length,
                                 const char *encoding, hana_error *err)
{
    const char *name = hana_encoding_find(encoding), *marked = NULL;
    if (!name)
        return hana_fail(err, HANA_BAD_ARGUMENT, "unknown encoding '%s'", encoding);
    size_t before = out->length, mark = mark_of(bytes, length, &marked), at = 0;
    if (strcmp(name, "utf-16") == 0)
        name = mark && strcmp(marked, "utf-16be") == 0 ? "utf-16be" : "utf-16le";
    if (mark && strcmp(name, marked) != 0) mark = 0;
    if (strcmp(name, "utf-8") == 0) {
        if (!hana_utf8_valid(bytes + mark, length - mark))
            return fail_byte(err, bytes, first_invalid(bytes, length), name);
        hana_text_add(out, bytes + mark, length - mark);
        return out->failed ? hana_fail_memory(err) : HANA_OK;
    }
    hana_status status =
        convert(out, library_name(name), "UTF-8", bytes + mark, length - mark, &at, err);
    if (status == HANA_OK) return HANA_OK;
    out->length = before;
    return status == HANA_BAD_DATA ? fail_byte(err, bytes, mark + at, name) : status;
}

hana_status hana_encoding_encode(hana_text *out, const char *text, size_t length,
                                 const char *encoding, hana_error *err)
{
    const char *name = hana_encoding_find(encoding);
    if (!name)
        return hana_fail(err, HANA_BAD_ARGUMENT, "unknown encoding '%s'", encoding);
    if (!hana_utf8_valid(text, length))
        return fail_byte(err, text, first_invalid(text, length), "utf-8");
    if (strcmp(name, "utf-16") == 0) name = "utf-16le";
    if (strcmp(name, "utf-8") == 0) {
        hana_text_add(out, text, length);
        return out->failed ? hana_fail_memory(err) : HANA_OK;
    }
    size_t before = out->length, at = 0;
    hana_status status =
        convert(out, "UTF-8", library_name(name), text, length, &at, err);
    if (status == HANA_OK) return HANA_OK;
    out->length = before;
    if (status != HANA_BAD_DATA) return status;
    size_t bytes = 1;
    int32_t point = hana_utf8_decode(text + at, length - at, &bytes);
    status = hana_fail(err, HANA_BAD_DATA, "'%.*s' (U+%04X) is not in %s", (int)bytes,
                       text + at, (unsigned)point, name);
    if (err) err->position = at < INT32_MAX ? (int)at + 1 : INT32_MAX;
    return status;
}

hana_status hana_encoding_open(const char **text, size_t *text_length, const char **name,
                               hana_text *decoded, const char *bytes, size_t length,
                               const hana_inspection *found, const char *asked,
                               const char *function, hana_error *err)
{
    size_t mark = length >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    int guess = !asked || strcmp(asked, "auto") == 0;
    int is_utf8 = found ? found->is_utf8 : hana_utf8_valid(bytes, length);
    /* Zero bytes may be halves of wide characters. */
    *name = !guess ? hana_encoding_find(asked)
            : found && is_utf8 && !found->has_zero
                ? "utf-8"
                : hana_encoding_guess(bytes, length, NULL);
    if (!*name)
        return hana_fail(err, HANA_BAD_ARGUMENT,
                         "%s: option 'encoding' must be auto, utf-8, utf-16, cp949, "
                         "euc-kr, latin1 or windows-1252, got '%s'",
                         function, asked);
    if (strcmp(*name, "utf-8") == 0 && is_utf8) {
        *text = bytes ? bytes + mark : "";
        *text_length = length - mark;
        return HANA_OK;
    }
    HANA_TRY(hana_encoding_decode(decoded, bytes, length, *name, err));
    *text = decoded->data ? decoded->data : "";
    *text_length = decoded->length;
    return HANA_OK;
}
