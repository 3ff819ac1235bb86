#include "csv_parts.h"

#include "base/text.h"

#include <math.h>
#include <string.h>

#define DAY INT64_C(86400000000)
#define EXACT (INT64_C(1) << 53) /* doubles hold all integers up to here */

hana_csv_kind hana_csv_join(hana_csv_kind a, hana_csv_kind b)
{
    if (a > b) {
        hana_csv_kind lower = b;
        b = a;
        a = lower;
    }
    if (a == b || a <= HANA_CSV_EMPTY) return b;
    int numbers = a >= HANA_CSV_INT && b <= HANA_CSV_FLOAT;
    int times = a >= HANA_CSV_DATE && b <= HANA_CSV_DATETIME;
    return numbers || times ? b : HANA_CSV_STRING;
}

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Numbers and dates may stand between blanks; text keeps its own. */
static void trim(const char **text, size_t *length)
{
    while (*length && (**text == ' ' || **text == '\t')) {
        ++*text;
        --*length;
    }
    while (*length && ((*text)[*length - 1] == ' ' || (*text)[*length - 1] == '\t'))
        --*length;
}

enum { PLAIN_SIZE = 128 };

/* A number with the style's marks as one with a point and without groups. Groups must be
   right: one to three digits, then threes (or twos, with a three at the end). 0 when the
   text is no such number or needs no rewriting that fits. */
static size_t plain_number(const hana_csv_style *s, const char *text, size_t n, char *out)
{
    size_t used = 0, i = 0, since = 0;
    int grouped = 0;
    if (n == 0 || n >= PLAIN_SIZE) return 0;
    if (text[0] == '-' || text[0] == '+') out[used++] = text[i++];
    while (i < n) {
        if (is_digit(text[i])) {
            out[used++] = text[i++];
            since++;
        } else if (s->thousands && n - i > s->thousands_length &&
                   memcmp(text + i, s->thousands, s->thousands_length) == 0 &&
                   since > 0 && is_digit(text[i + s->thousands_length])) {
            if (since > 3 || (grouped && since < 2)) return 0;
            grouped = 1;
            since = 0;
            i += s->thousands_length;
        } else {
            break;
        }
    }
    if (grouped && since != 3) return 0;
    if (i < n && text[i] == s->decimal) {
        out[used++] = '.';
        i++;
    }
    while (i < n) {
        if (text[i] == '.' || text[i] == ',') return 0;
        out[used++] = text[i++];
    }
    return used;
}

/* Digits with a zero in front are codes, not numbers. */
static int leading_zero(const char *text, size_t n)
{
    size_t i = n > 0 && (text[0] == '-' || text[0] == '+');
    return n > i + 1 && text[i] == '0' && is_digit(text[i + 1]);
}

/* So are many digits behind a plus: telephone numbers, which no integer gives back. */
static int plus_code(const char *text, size_t n)
{
    enum { SHORTEST = 7 };
    size_t i = 1;
    if (n <= SHORTEST || text[0] != '+') return 0;
    while (i < n && is_digit(text[i])) i++;
    return i == n;
}

static int all_digits(const char *text, size_t n)
{
    size_t i = n > 0 && (text[0] == '-' || text[0] == '+');
    if (i == n) return 0;
    for (; i < n; i++)
        if (!is_digit(text[i])) return 0;
    return 1;
}

static int quick_int(const char *text, size_t n, int64_t *out)
{
    size_t i = text[0] == '-' || text[0] == '+';
    if (n - i > 18 || n == i) return hana_parse_int(text, n, out);
    int64_t value = 0;
    for (size_t k = i; k < n; k++) {
        unsigned digit = (unsigned)text[k] - '0';
        if (digit > 9) return 0;
        value = value * 10 + digit;
    }
    *out = text[0] == '-' ? -value : value;
    return 1;
}

/* INT, BIG or FLOAT; STRING when the text is no number, or one of the codes unless they
   are asked for. */
static hana_csv_kind read_number(const hana_csv_style *s, const char *text, size_t n,
                                 int codes, hana_csv_value *out)
{
    char plain[PLAIN_SIZE];
    if (s->thousands || s->decimal != '.') {
        n = plain_number(s, text, n, plain);
        text = plain;
    }
    if (n == 0 || (!codes && (leading_zero(text, n) || plus_code(text, n))))
        return HANA_CSV_STRING;
    out->plus = text[0] == '+';
    if (quick_int(text, n, &out->integer)) {
        out->number = (double)out->integer;
        out->rounded = (out->integer > EXACT || out->integer < -EXACT) &&
                       (out->number >= 0x1p63 || (int64_t)out->number != out->integer);
        return HANA_CSV_INT;
    }
    if (!hana_parse_double(text, n, &out->number)) return HANA_CSV_STRING;
    /* Digits that no double holds are not infinity. */
    if (isinf(out->number) && (is_digit(text[n - 1]) || text[n - 1] == '.'))
        return HANA_CSV_STRING;
    out->rounded = all_digits(text, n);
    return out->rounded ? HANA_CSV_BIG : HANA_CSV_FLOAT;
}

/* Four digits at once, the first in the lowest byte; -1 when there is another character.
 */
static inline int four_digits(const char *text)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    uint32_t word;
    memcpy(&word, text, sizeof word);
    uint32_t upper = (word & UINT32_C(0xF0F0F0F0)) |
                     ((word + UINT32_C(0x06060606)) & UINT32_C(0xF0F0F0F0)) >> 4;
    if (upper != UINT32_C(0x33333333)) return -1;
    word &= UINT32_C(0x0F0F0F0F);
    word = word * 10 + (word >> 8);
    return (int)((word & 0xFF) * 100 + (word >> 16 & 0xFF));
#else
    int value = 0;
    for (int i = 0; i < 4; i++) {
        if (!is_digit(text[i])) return -1;
        value = value * 10 + (text[i] - '0');
    }
    return value;
#endif
}

/* A number as nearly all are written: digits, with a point among them, few enough that
   value and power of ten are exact and one rounding is all there is (Clinger, PLDI 1990).
   0: it has to be read with more care. Signs come as they like, and so without a branch.
 */
static int quick_number(hana_csv_kind kind, const char *text, size_t n,
                        hana_csv_value *out)
{
    enum { MOST_DIGITS = 18 };
    static const double tens[] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,
                                   1e7,  1e8,  1e9,  1e10, 1e11, 1e12, 1e13,
                                   1e14, 1e15, 1e16, 1e17, 1e18 };
    static const double signs[] = { 1, -1 };
    const char *end = text + n;
    int negative = *text == '-';
    text += negative;
    size_t digits = (size_t)(end - text);
    if (digits == 0 || digits > MOST_DIGITS) return 0;
    if (*text == '0' && digits > 1 && is_digit(text[1])) return 0;
    int64_t value = 0;
    for (; text < end && is_digit(*text); text++) value = value * 10 + (*text - '0');
    out->rounded = 0;
    if (text == end) {
        if (value > EXACT) return 0;
        out->integer = (value ^ -(int64_t)negative) + negative;
        out->number = (double)out->integer;
        return 1;
    }
    if (*text != '.' || kind != HANA_CSV_FLOAT || digits == 1) return 0;
    const char *fraction = ++text;
    for (; end - text >= 4; text += 4) {
        int four = four_digits(text);
        if (four < 0) return 0;
        value = value * 10000 + four;
    }
    for (; text < end; text++) {
        if (!is_digit(*text)) return 0;
        value = value * 10 + (*text - '0');
    }
    if (value > EXACT) return 0;
    out->number = (double)value / tens[end - fraction] * signs[negative];
    return 1;
}

static int same_word(const char *text, size_t n, const char *word)
{
    return strlen(word) == n && memcmp(text, word, n) == 0;
}

static int read_bool(const char *text, size_t n, int64_t *out)
{
    if (n < 4 || n > 5) return 0;
    *out = n == 4;
    return n == 4 ? same_word(text, n, "true") || same_word(text, n, "True") ||
                        same_word(text, n, "TRUE")
                  : same_word(text, n, "false") || same_word(text, n, "False") ||
                        same_word(text, n, "FALSE");
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static void to_utc(const hana_csv_style *s, int64_t local, hana_csv_value *out)
{
    int64_t seconds = floor_div(local, 1000000);
    int kind = 0;
    if (s->is_utc) {
        out->integer = local;
        out->clock = 0;
        return;
    }
    out->integer =
        hana_zone_to_utc(s->zone, seconds, &kind) * 1000000 + (local - seconds * 1000000);
    out->clock = kind;
}

/* An ISO 8601 date (also as the midnight that begins it) or datetime. */
static hana_csv_kind read_time(const hana_csv_style *s, const char *text, size_t n,
                               int want_clock, hana_csv_value *out)
{
    int32_t days;
    out->clock = 0;
    if (n < 8) return HANA_CSV_STRING;
    if (hana_parse_date(text, n, &days)) {
        out->integer = days;
        if (want_clock) to_utc(s, days * DAY, out);
        return HANA_CSV_DATE;
    }
    int has_offset;
    int64_t micros;
    if (!hana_parse_datetime(text, n, &micros, &has_offset)) return HANA_CSV_STRING;
    if (has_offset)
        out->integer = micros;
    else
        to_utc(s, micros, out);
    return HANA_CSV_DATETIME;
}

hana_csv_kind hana_csv_classify(const hana_csv_style *s, const char *text, size_t length)
{
    hana_csv_value value;
    trim(&text, &length);
    if (length == 0) return HANA_CSV_STRING;
    hana_csv_kind kind = read_number(s, text, length, 0, &value);
    if (kind != HANA_CSV_STRING) return kind;
    if (is_digit(text[0])) return read_time(s, text, length, 0, &value);
    return read_bool(text, length, &value.integer) ? HANA_CSV_BOOL : HANA_CSV_STRING;
}

/* Two digits; above 99 when they are none. */
static unsigned two_digits(const char *text)
{
    unsigned tens = (unsigned char)text[0] - (unsigned)'0',
             ones = (unsigned char)text[1] - (unsigned)'0';
    return tens > 9 || ones > 9 ? 100 : tens * 10 + ones;
}

/* YYYY-MM-DD hh:mm:ss as UTC, up to the 28th of a month. 0: it has to be read with more
   care. */
static int quick_time(const char *c, size_t n, int64_t *out)
{
    if (n != 19 || c[4] != '-' || c[7] != '-' || (c[10] != ' ' && c[10] != 'T') ||
        c[13] != ':' || c[16] != ':')
        return 0;
    unsigned century = two_digits(c), year = two_digits(c + 2), month = two_digits(c + 5),
             day = two_digits(c + 8), hour = two_digits(c + 11),
             minute = two_digits(c + 14), second = two_digits(c + 17);
    if (century > 99 || year > 99 || month - 1 > 11 || day - 1 > 27 || hour > 23 ||
        minute > 59 || second > 59)
        return 0;
    int64_t days =
        hana_days_from_civil((int)(century * 100 + year), (int)month, (int)day);
    *out = days * DAY + (int64_t)((hour * 60 + minute) * 60 + second) * INT64_C(1000000);
    return 1;
}

static int quick(const hana_csv_style *s, hana_csv_kind kind, const char *text,
                 size_t length, hana_csv_value *out)
{
    if (kind == HANA_CSV_INT || kind == HANA_CSV_FLOAT)
        return s->decimal == '.' && !s->thousands &&
               quick_number(kind, text, length, out);
    if (kind != HANA_CSV_DATETIME || !s->is_utc) return 0;
    out->clock = 0;
    return quick_time(text, length, &out->integer);
}

int hana_csv_parse(const hana_csv_style *s, hana_csv_kind kind, const char *text,
                   size_t length, hana_csv_value *out)
{
    if (length > 0 && quick(s, kind, text, length, out)) return 1;
    trim(&text, &length);
    if (length == 0) return 0;
    switch (kind) {
    case HANA_CSV_BOOL:
        return read_bool(text, length, &out->integer);
    case HANA_CSV_INT:
        return read_number(s, text, length, 0, out) == HANA_CSV_INT;
    case HANA_CSV_FLOAT:
        return read_number(s, text, length, 0, out) != HANA_CSV_STRING;
    case HANA_CSV_DATE:
        return read_time(s, text, length, 0, out) == HANA_CSV_DATE;
    case HANA_CSV_DATETIME:
        return read_time(s, text, length, 1, out) != HANA_CSV_STRING;
    case HANA_CSV_NONE:
    case HANA_CSV_EMPTY:
    case HANA_CSV_BIG:
    case HANA_CSV_STRING:
        break;
    }
    return 0;
}

static int spelled_bool(const char *text, size_t n, int64_t *out)
{
    static const char *const yes[] = { "true", "t", "yes", "y", "1" };
    static const char *const no[] = { "false", "f", "no", "n", "0" };
    char lower[6];
    if (n == 0 || n >= sizeof lower) return 0;
    for (size_t i = 0; i < n; i++)
        lower[i] =
            text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] + 'a' - 'A') : text[i];
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
        *out = same_word(lower, n, yes[i]);
        if (*out || same_word(lower, n, no[i])) return 1;
    }
    return 0;
}

static int formatted_time(const hana_csv_style *s, hana_type type, const char *format,
                          const char *text, size_t n, hana_csv_value *out)
{
    int64_t micros;
    int has_offset = 0;
    out->clock = 0;
    if (!hana_parse_time_format(text, n, format, &micros, &has_offset)) return 0;
    if (type == HANA_DATE)
        out->integer = floor_div(micros, DAY);
    else if (has_offset)
        out->integer = micros;
    else
        to_utc(s, micros, out);
    return 1;
}

int hana_csv_parse_as(const hana_csv_style *s, hana_type type, const char *format,
                      const char *text, size_t length, hana_csv_value *out)
{
    trim(&text, &length);
    if (length == 0) return 0;
    switch (type) {
    case HANA_BOOL:
        return spelled_bool(text, length, &out->integer);
    case HANA_INT:
        return read_number(s, text, length, 1, out) == HANA_CSV_INT;
    case HANA_FLOAT:
        return read_number(s, text, length, 1, out) != HANA_CSV_STRING;
    case HANA_DATE:
        return format ? formatted_time(s, type, format, text, length, out)
                      : read_time(s, text, length, 0, out) == HANA_CSV_DATE;
    case HANA_DATETIME:
        return format ? formatted_time(s, type, format, text, length, out)
                      : read_time(s, text, length, 1, out) != HANA_CSV_STRING;
    case HANA_STRING:
    case HANA_CATEGORY:
    case HANA_BLOCK:
        break;
    }
    return 0;
}
