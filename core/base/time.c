#include "time.h"

#include <string.h>

enum { SECONDS_A_DAY = 86400 };
static const int64_t MICROS = 1000000;
static const int64_t MICROS_A_DAY = INT64_C(86400) * 1000000;

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Howard Hinnant, "chrono-compatible low-level date algorithms": the year begins in
   March, an era has 400 years. */
int64_t hana_days_from_civil(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era = floor_div(year, 400);
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

void hana_civil_from_days(int64_t days, int64_t *year, int *month, int *day)
{
    days += 719468;
    int64_t era = floor_div(days, 146097);
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int shifted = (int)((5 * day_of_year + 2) / 153);
    *day = (int)(day_of_year - (153 * shifted + 2) / 5 + 1);
    *month = shifted < 10 ? shifted + 3 : shifted - 9;
    *year = year_of_era + era * 400 + (*month <= 2);
}

int hana_weekday(int64_t days)
{
    int64_t since_monday = (days + 3) % 7;
    return (int)(since_monday < 0 ? since_monday + 8 : since_monday + 1);
}

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static int month_length(int64_t year, int month)
{
    static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    int leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return lengths[month - 1] + (month == 2 && leap);
}

/* Text that is read from the left. */
typedef struct cursor {
    const char *at, *end;
    int loose; /* digits beyond those of a microsecond are passed over */
} cursor;

static int skip(cursor *c, char expected)
{
    if (c->at == c->end || *c->at != expected) return 0;
    c->at++;
    return 1;
}

/* From `least` to `most` digits. */
static int number(cursor *c, int least, int most, int *out)
{
    int n = 0, value = 0;
    for (; n < most && c->at < c->end && is_digit(*c->at); n++) {
        value = value * 10 + (*c->at++ - '0');
    }
    if (n < least) return 0;
    *out = value;
    return 1;
}

/* The digits of a second's fraction. */
static int fraction(cursor *c, int most, int64_t *micros)
{
    int n = 0;
    int64_t value = 0;
    for (; c->at < c->end && is_digit(*c->at) && n < most; n++) {
        int digit = *c->at++ - '0';
        if (n >= 6 && digit != 0 && !c->loose) return 0;
        if (n < 6) value = value * 10 + digit;
    }
    if (n == 0) return 0;
    for (; n < 6; n++) value *= 10;
    *micros = value;
    return 1;
}

/* Z, +09, +0900, +09:00, +09:00:30 */
static int offset(cursor *c, int64_t *seconds)
{
    if (skip(c, 'Z') || skip(c, 'z')) {
        *seconds = 0;
        return 1;
    }
    int negative = c->at < c->end && *c->at == '-';
    if (!skip(c, '+') && !skip(c, '-')) return 0;
    int hours, minutes = 0, rest = 0;
    if (!number(c, 2, 2, &hours)) return 0;
    int colon = skip(c, ':');
    if (colon || (c->at < c->end && is_digit(*c->at))) {
        if (!number(c, 2, 2, &minutes)) return 0;
        if (colon && skip(c, ':') && !number(c, 2, 2, &rest)) return 0;
    }
    if (hours > 23 || minutes > 59 || rest > 59) return 0;
    *seconds = hours * INT64_C(3600) + minutes * 60 + rest;
    if (negative) *seconds = -*seconds;
    return 1;
}

/* What was read, field by field. */
typedef struct fields {
    int64_t year, micros, offset;
    int month, day, day_of_year, hour, minute, second;
    int afternoon; /* -1: %p was not there */
    int twelve;    /* the hour is one of %I */
    int has_offset;
} fields;

static const fields nothing = { .year = 1970, .month = 1, .day = 1, .afternoon = -1 };

static int join_days(const fields *f, int64_t *days)
{
    if (f->day_of_year > 0) {
        int64_t start = hana_days_from_civil(f->year, 1, 1);
        if (f->day_of_year > hana_days_from_civil(f->year + 1, 1, 1) - start) return 0;
        *days = start + f->day_of_year - 1;
        return 1;
    }
    if (f->month < 1 || f->month > 12) return 0;
    if (f->day < 1 || f->day > month_length(f->year, f->month)) return 0;
    *days = hana_days_from_civil(f->year, f->month, f->day);
    return 1;
}

static int join(const fields *f, int64_t *micros)
{
    int64_t days;
    int hour = f->hour;
    if (!join_days(f, &days)) return 0;
    if (f->twelve) {
        if (hour < 1 || hour > 12) return 0;
        hour = hour % 12 + (f->afternoon == 1 ? 12 : 0);
    }
    if (hour > 23 || f->minute > 59 || f->second > 59) return 0;
    int64_t seconds = hour * INT64_C(3600) + f->minute * 60 + f->second - f->offset;
    int64_t total;
    if (__builtin_mul_overflow(days, MICROS_A_DAY, &total)) return 0;
    return !__builtin_add_overflow(total, seconds * MICROS + f->micros, micros);
}

/* Four digits, or a sign and up to six. */
static int iso_date(cursor *c, fields *f)
{
    int negative = c->at < c->end && *c->at == '-';
    int sign = skip(c, '+') || skip(c, '-');
    int year;
    if (!number(c, 4, sign ? 6 : 4, &year)) return 0;
    f->year = negative ? -year : year;
    return skip(c, '-') && number(c, 2, 2, &f->month) && skip(c, '-') &&
           number(c, 2, 2, &f->day);
}

static int iso_time(cursor *c, fields *f)
{
    if (!number(c, 2, 2, &f->hour) || !skip(c, ':') || !number(c, 2, 2, &f->minute))
        return 0;
    if (skip(c, ':')) {
        if (!number(c, 2, 2, &f->second)) return 0;
        if ((skip(c, '.') || skip(c, ',')) && !fraction(c, 18, &f->micros)) return 0;
    }
    if (c->at == c->end) return 1;
    f->has_offset = 1;
    return offset(c, &f->offset);
}

int hana_parse_date(const char *text, size_t length, int32_t *days)
{
    cursor c = { .at = text, .end = text + length };
    fields f = nothing;
    int64_t found;
    if (!iso_date(&c, &f) || c.at != c.end || !join_days(&f, &found)) return 0;
    if (found < INT32_MIN || found > INT32_MAX) return 0;
    *days = (int32_t)found;
    return 1;
}

static int iso_datetime(cursor *c, fields *f)
{
    if (!iso_date(c, f)) return 0;
    if (c->at == c->end) return 1;
    return (skip(c, 'T') || skip(c, 't') || skip(c, ' ')) && iso_time(c, f);
}

int hana_parse_datetime(const char *text, size_t length, int64_t *micros, int *has_offset)
{
    cursor c = { .at = text, .end = text + length };
    fields f = nothing;
    if (!iso_datetime(&c, &f) || c.at != c.end || !join(&f, micros)) return 0;
    *has_offset = f.has_offset;
    return 1;
}

static const char *const month_names[] = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"
};
static const char *const weekday_names[] = { "Monday",   "Tuesday", "Wednesday",
                                             "Thursday", "Friday",  "Saturday",
                                             "Sunday" };

/* Letters of `word` that the text goes on with, in any case. */
static size_t common(const cursor *c, const char *word)
{
    size_t n = 0;
    while (word[n] && c->at + n < c->end && (c->at[n] | 0x20) == (word[n] | 0x20)) n++;
    return n;
}

/* A name in full or its first three letters; 1-based, 0 for none. */
static int name(cursor *c, const char *const *names, int n)
{
    for (int i = 0; i < n; i++) {
        size_t matched = common(c, names[i]);
        if (matched < 3) continue;
        c->at += matched == strlen(names[i]) ? matched : 3;
        return i + 1;
    }
    return 0;
}

static int zone_word(cursor *c)
{
    static const char *const words[] = { "UTC", "GMT", "Z" };
    for (int i = 0; i < 3; i++) {
        size_t n = strlen(words[i]);
        if (common(c, words[i]) < n) continue;
        c->at += n;
        return 1;
    }
    return 0;
}

static int parse_fields(cursor *c, const char *format, fields *f);

static int parse_directive(cursor *c, char directive, fields *f)
{
    int value;
    switch (directive) {
    case 'Y':
        if (!number(c, 4, 4, &value)) return 0;
        f->year = value;
        return 1;
    case 'y':
        if (!number(c, 2, 2, &value)) return 0;
        f->year = value + (value >= 69 ? 1900 : 2000);
        return 1;
    case 'm':
        return number(c, 1, 2, &f->month);
    case 'e':
        while (c->at < c->end && is_blank(*c->at)) c->at++;
        return number(c, 1, 2, &f->day);
    case 'd':
        return number(c, 1, 2, &f->day);
    case 'j':
        return number(c, 1, 3, &f->day_of_year) && f->day_of_year > 0;
    case 'H':
        return number(c, 1, 2, &f->hour);
    case 'I':
        f->twelve = 1;
        return number(c, 1, 2, &f->hour);
    case 'M':
        return number(c, 1, 2, &f->minute);
    case 'S':
        return number(c, 1, 2, &f->second);
    case 'p':
        f->afternoon = common(c, "pm") == 2;
        if (!f->afternoon && common(c, "am") != 2) return 0;
        c->at += 2;
        return 1;
    case 'b':
    case 'B':
        return (f->month = name(c, month_names, 12)) > 0;
    case 'a':
    case 'A':
        return name(c, weekday_names, 7) > 0;
    case 'z':
        f->has_offset = 1;
        return offset(c, &f->offset);
    case 'Z':
        f->has_offset = 1;
        return zone_word(c);
    case 'F':
        return parse_fields(c, "%Y-%m-%d", f);
    case 'T':
        return parse_fields(c, "%H:%M:%S", f);
    case '%':
        return skip(c, '%');
    default:
        return 0;
    }
}

static int parse_fields(cursor *c, const char *format, fields *f)
{
    for (; *format; format++) {
        if (is_blank(*format)) {
            while (c->at < c->end && is_blank(*c->at)) c->at++;
        } else if (*format != '%') {
            if (!skip(c, *format)) return 0;
        } else if (format[1] == 'f') {
            format++;
            if (!fraction(c, is_digit(format[1]) ? 6 : 18, &f->micros)) return 0;
        } else if (!parse_directive(c, *++format, f)) {
            return 0;
        }
    }
    return 1;
}

int hana_parse_time_format(const char *text, size_t length, const char *format,
                           int64_t *micros, int *has_offset)
{
    cursor c = { .at = text, .end = text + length };
    fields f = nothing;
    if (!parse_fields(&c, format, &f) || c.at != c.end || !join(&f, micros)) return 0;
    *has_offset = f.has_offset;
    return 1;
}

int hana_time_is_finer(const char *text, size_t length, const char *format)
{
    const char *end = text + length;
    while (text < end && is_blank(*text)) text++;
    while (text < end && is_blank(end[-1])) end--;
    cursor strict = { .at = text, .end = end }, c = strict;
    fields f = nothing, exact = nothing;
    int64_t micros;
    c.loose = 1;
    if (format ? parse_fields(&strict, format, &exact) : iso_datetime(&strict, &exact))
        return 0;
    return (format ? parse_fields(&c, format, &f) : iso_datetime(&c, &f)) &&
           c.at == c.end && join(&f, &micros);
}

int hana_format_has_time(const char *format)
{
    for (; *format; format++) {
        if (*format == '%' && *++format == '\0') break;
        if (format[-1] == '%' && strchr("HIMSfpT", *format)) return 1;
    }
    return 0;
}

hana_status hana_format_check(const char *format, hana_error *err)
{
    const char *start = format;
    for (; *format; format++) {
        if (*format != '%') continue;
        if (*++format == '\0') {
            return hana_fail(err, HANA_BAD_ARGUMENT, "format '%s' ends in a single '%%'",
                             start);
        }
        if (strchr("YymdeHIMSfpbBjzZaAFT%", *format)) continue;
        return hana_fail(err, HANA_BAD_ARGUMENT, "format '%s': '%%%c' is not known",
                         start, *format);
    }
    return HANA_OK;
}

/* `value` with at least `width` digits; returns how many bytes. */
static int put_number(char *out, int64_t value, int width, char fill)
{
    if (width == 2 && fill == '0' && value >= 0 && value < 100) {
        out[0] = (char)('0' + value / 10);
        out[1] = (char)('0' + value % 10);
        return 2;
    }
    char reversed[20];
    int n = 0, length = 0;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    for (; rest; rest /= 10) reversed[n++] = (char)('0' + rest % 10);
    if (n == 0) reversed[n++] = '0';
    while (n < width) reversed[n++] = fill;
    if (value < 0) out[length++] = '-';
    while (n) out[length++] = reversed[--n];
    return length;
}

static int put_offset(char *out, int32_t seconds, int colon)
{
    int length = 0;
    out[length++] = seconds < 0 ? '-' : '+';
    if (seconds < 0) seconds = -seconds;
    length += put_number(out + length, seconds / 3600, 2, '0');
    if (colon) out[length++] = ':';
    length += put_number(out + length, seconds / 60 % 60, 2, '0');
    if (seconds % 60) {
        if (colon) out[length++] = ':';
        length += put_number(out + length, seconds % 60, 2, '0');
    }
    return length;
}

static int put_civil(char *out, int64_t days)
{
    int64_t year;
    int month, day, length = 0;
    hana_civil_from_days(days, &year, &month, &day);
    if (year >= 0 && year <= 9999) {
        put_number(out, year / 100, 2, '0');
        put_number(out + 2, year % 100, 2, '0');
        length = 4;
    } else {
        if (year > 9999) out[length++] = '+';
        length += put_number(out + length, year, 4, '0');
    }
    out[length++] = '-';
    length += put_number(out + length, month, 2, '0');
    out[length++] = '-';
    return length + put_number(out + length, day, 2, '0');
}

static int put_clock(char *out, int64_t seconds)
{
    int length = put_number(out, seconds / 3600, 2, '0');
    out[length++] = ':';
    length += put_number(out + length, seconds / 60 % 60, 2, '0');
    out[length++] = ':';
    return length + put_number(out + length, seconds % 60, 2, '0');
}

/* One directive into out (at least 48 bytes); 0 for one that is not known. */
static int put_directive(char *out, char directive, int64_t days, int64_t micros_of_day,
                         int32_t offset_seconds)
{
    int64_t year, seconds = micros_of_day / MICROS;
    int month, day, hour = (int)(seconds / 3600);
    hana_civil_from_days(days, &year, &month, &day);
    const char *word = NULL;
    int letters = 64;
    switch (directive) {
    case 'Y':
        return put_number(out, year, 4, '0');
    case 'y':
        return put_number(out, (year % 100 + 100) % 100, 2, '0');
    case 'm':
        return put_number(out, month, 2, '0');
    case 'd':
        return put_number(out, day, 2, '0');
    case 'e':
        return put_number(out, day, 2, ' ');
    case 'j':
        return put_number(out, days - hana_days_from_civil(year, 1, 1) + 1, 3, '0');
    case 'H':
        return put_number(out, hour, 2, '0');
    case 'I':
        return put_number(out, hour % 12 ? hour % 12 : 12, 2, '0');
    case 'M':
        return put_number(out, seconds / 60 % 60, 2, '0');
    case 'S':
        return put_number(out, seconds % 60, 2, '0');
    case 'f':
        return put_number(out, micros_of_day % MICROS, 6, '0');
    case 'F':
        return put_civil(out, days);
    case 'T':
        return put_clock(out, seconds);
    case 'z':
        return put_offset(out, offset_seconds, 0);
    case 'Z':
        if (offset_seconds) return put_offset(out, offset_seconds, 1);
        word = "UTC";
        break;
    case 'p':
        word = hour < 12 ? "AM" : "PM";
        break;
    case 'b':
        letters = 3; /* fall through */
    case 'B':
        word = month_names[month - 1];
        break;
    case 'a':
        letters = 3; /* fall through */
    case 'A':
        word = weekday_names[hana_weekday(days) - 1];
        break;
    case '%':
        word = "%";
        break;
    default:
        return 0;
    }
    int length = 0;
    for (; word[length] && length < letters; length++) out[length] = word[length];
    return length;
}

hana_status hana_format_time(hana_text *out, int64_t local_micros, int32_t offset_seconds,
                             const char *format, hana_error *err)
{
    HANA_TRY(hana_format_check(format, err));
    int64_t days = floor_div(local_micros, MICROS_A_DAY);
    int64_t rest = local_micros - days * MICROS_A_DAY;
    char piece[48];
    for (; *format; format++) {
        if (*format != '%') {
            hana_text_putc(out, *format);
            continue;
        }
        int n = put_directive(piece, *++format, days, rest, offset_seconds);
        hana_text_add(out, piece, (size_t)n);
    }
    return out->failed ? hana_fail_memory(err) : HANA_OK;
}

int hana_print_date(char *out, int32_t days)
{
    int length = put_civil(out, days);
    out[length] = '\0';
    return length;
}

int hana_print_datetime(char *out, int64_t micros, const hana_zone *zone)
{
    int64_t utc = floor_div(micros, MICROS);
    int32_t shift = zone ? hana_zone_offset(zone, utc) : 0;
    int64_t local = utc + shift, days = floor_div(local, SECONDS_A_DAY);
    int length = put_civil(out, days);
    out[length++] = 'T';
    length += put_clock(out + length, local - days * SECONDS_A_DAY);
    if (micros != utc * MICROS) {
        out[length++] = '.';
        length += put_number(out + length, micros - utc * MICROS, 6, '0');
    }
    if (!zone || strcmp(hana_zone_name(zone), "UTC") == 0) {
        out[length++] = 'Z';
    } else {
        length += put_offset(out + length, shift, 1);
    }
    out[length] = '\0';
    return length;
}
