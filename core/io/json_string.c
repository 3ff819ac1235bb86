#include "json_parts.h"

#include "base/text.h"

#include <string.h>

/* Texts are looked at in steps of eight bytes, a word. */
enum { STEP = 8 };
#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))
#define HIGH_BITS EACH(0x80)

static uint64_t load(const char *text)
{
    uint64_t word;
    memcpy(&word, text, STEP);
    return word;
}

/* 1 to 7 bytes, some of them twice or more. */
static uint64_t load_few(const char *text, size_t length)
{
    if (length < 4) {
        uint64_t first = (unsigned char)text[0], middle = (unsigned char)text[length / 2],
                 last = (unsigned char)text[length - 1];
        return EACH(first) ^ (first ^ middle) << 8 ^ (first ^ last) << 16;
    }
    uint32_t first, last;
    memcpy(&first, text, sizeof first);
    memcpy(&last, text + length - sizeof last, sizeof last);
    return first | (uint64_t)last << 32;
}

/* Not 0 where one of the ASCII bytes needs an escape, and now and then where none does.
 */
static uint64_t may_need_escape(uint64_t word)
{
    uint64_t low = word & ~HIGH_BITS;
    uint64_t control = low - EACH(' '), quote = (low ^ EACH('"')) - EACH(1),
             backslash = (low ^ EACH('\\')) - EACH(1);
    return (control | quote | backslash) & ~word & HIGH_BITS;
}

static int stands_as_it_is(uint64_t word)
{
    return ((word & HIGH_BITS) | may_need_escape(word)) == 0;
}

/* Copies text that is ASCII and needs no escape; 0 for any other. */
static int copy_plain(char *out, const char *text, size_t length)
{
    if (length < STEP) {
        if (length > 0 && !stands_as_it_is(load_few(text, length))) return 0;
        for (size_t i = 0; i < length; i++) out[i] = text[i];
        return 1;
    }
    for (size_t i = 0; i < length; i += STEP) {
        size_t at = i + STEP <= length ? i : length - STEP;
        uint64_t word = load(text + at);
        if (!stands_as_it_is(word)) return 0;
        memcpy(out + at, &word, STEP);
    }
    return 1;
}

enum { ESCAPE_BYTES = 6 };

/* 0 where the byte needs none. */
static size_t print_escape(char *out, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    static const char letters[] = "btn\0fr"; /* of 8 to 13; 11 has none */
    if (c >= 0x20 && c != '"' && c != '\\') return 0;
    out[0] = '\\';
    out[1] = c >= 0x20 ? (char)c : c >= '\b' && c <= '\r' ? letters[c - '\b'] : '\0';
    if (out[1]) return 2;
    memcpy(out + 1, "u00", 3);
    out[4] = hex[c >> 4];
    out[5] = hex[c & 15];
    return ESCAPE_BYTES;
}

/* Appends the text, escaped. There is room for all of it and a quote, unescaped. */
static void put_escaped(hana_text *out, const char *text, size_t length)
{
    char *at = out->data + out->length;
    for (size_t i = 0; i < length;) {
        uint64_t word = i + STEP <= length ? load(text + i) : 0;
        if (word && !may_need_escape(word)) {
            memcpy(at, &word, STEP);
            at += STEP;
            i += STEP;
            continue;
        }
        char escape[ESCAPE_BYTES];
        size_t n = print_escape(escape, (unsigned char)text[i]);
        if (n == 0) {
            *at++ = text[i++];
            continue;
        }
        out->length = (size_t)(at - out->data);
        at = hana_text_room(out, length - i + ESCAPE_BYTES);
        if (!at) return;
        memcpy(at, escape, n);
        at += n;
        i++;
    }
    out->length = (size_t)(at - out->data);
}

hana_status hana_json_put_string(hana_text *out, const char *text, size_t length,
                                 hana_error *err)
{
    char *at = hana_text_room(out, length + 2);
    if (!at) return hana_fail_memory(err);
    *at = '"';
    out->length++;
    if (copy_plain(at + 1, text, length)) {
        out->length += length;
    } else if (hana_utf8_valid(text, length)) {
        put_escaped(out, text, length);
        if (out->failed) return hana_fail_memory(err);
    } else {
        out->data[--out->length] = '\0';
        return hana_fail(err, HANA_BAD_DATA,
                         "a string that is not valid UTF-8 has no JSON form");
    }
    out->data[out->length++] = '"';
    out->data[out->length] = '\0';
    return HANA_OK;
}
