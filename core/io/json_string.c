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

/* Copies fewer bytes than a step; gives them, with some twice or letters beside. */
static uint64_t copy_few(char *out, const char *text, size_t length)
{
    if (length >= 4) {
        uint32_t first, last;
        memcpy(&first, text, sizeof first);
        memcpy(&last, text + length - sizeof last, sizeof last);
        memcpy(out, &first, sizeof first);
        memcpy(out + length - sizeof last, &last, sizeof last);
        return first | (uint64_t)last << 32;
    }
    uint64_t seen = EACH('a');
    for (size_t i = 0; i < length; i++) {
        out[i] = text[i];
        seen = seen << 8 | (unsigned char)text[i];
    }
    return seen;
}

/* The high bits of the bytes that need an escape. */
static uint64_t to_escape(uint64_t word)
{
    uint64_t high = word | HIGH_BITS; /* nothing is borrowed from the next byte */
    uint64_t printable = high - EACH(' '), no_quote = (high ^ EACH('"')) - EACH(1),
             no_backslash = (high ^ EACH('\\')) - EACH(1);
    return ~(word | (printable & no_quote & no_backslash)) & HIGH_BITS;
}

/* Copies text that needs no escape; 0 for any other. `seen` is all of its bytes. */
static int copy_plain(char *out, const char *text, size_t length, uint64_t *seen)
{
    uint64_t escapes = 0;
    if (length < STEP) {
        *seen = copy_few(out, text, length);
        return to_escape(*seen) == 0;
    }
    *seen = 0;
    for (size_t i = 0; i < length && escapes == 0; i += STEP) {
        size_t at = i + STEP <= length ? i : length - STEP;
        uint64_t word = load(text + at);
        memcpy(out + at, &word, STEP);
        *seen |= word;
        escapes = to_escape(word);
    }
    return escapes == 0;
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
        if (word && !to_escape(word)) {
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
    uint64_t seen;
    int plain = copy_plain(at + 1, text, length, &seen);
    if ((!plain || (seen & HIGH_BITS)) && !hana_utf8_valid(text, length)) {
        out->data[--out->length] = '\0';
        return hana_fail(err, HANA_BAD_DATA,
                         "a string that is not valid UTF-8 has no JSON form");
    }
    if (plain)
        out->length += length;
    else
        put_escaped(out, text, length);
    if (out->failed) return hana_fail_memory(err);
    out->data[out->length++] = '"';
    out->data[out->length] = '\0';
    return HANA_OK;
}
