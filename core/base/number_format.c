#include "number_format.h"

#include "text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define DAY INT64_C(86400000000)

/* What was seen of the letters of a code. */
typedef struct letters {
    int date, time, elapsed;
    int months;    /* an m that may be months or minutes */
    char previous; /* the letter before: an m behind h is minutes */
} letters;

static int lower(char c)
{
    return c >= 'A' && c <= 'Z' ? c + 'a' - 'A' : c;
}

static int same_letters(const char *text, const char *word)
{
    for (; *word; text++, word++)
        if (lower(*text) != *word) return 0;
    return 1;
}

/* Behind what is in brackets: colours, conditions and locales, or elapsed time. */
static const char *bracket(const char *code, letters *seen)
{
    const char *end = strchr(code, ']');
    if (!end) return code + strlen(code);
    size_t n = 0;
    int letter = lower(code[1]);
    while (lower(code[1 + n]) == letter) n++;
    if (code + 1 + n == end && strchr("hms", letter)) {
        seen->elapsed = 1;
        seen->previous = (char)letter;
    }
    return end + 1;
}

static void letter(letters *seen, int c)
{
    switch (c) {
    case 'y':
    case 'd':
        seen->date = 1;
        break;
    case 'h':
        seen->time = 1;
        break;
    case 's':
        seen->time = 1;
        if (seen->previous == 'm') seen->months = 0; /* they were minutes */
        break;
    case 'm':
        if (seen->previous == 'm') return;
        if (seen->previous != 'h' && seen->previous != 's') seen->months = 1;
        break;
    default:
        return;
    }
    seen->previous = (char)c;
}

hana_number_format hana_number_format_of_code(const char *code)
{
    letters seen = { 0 };
    if (same_letters(code, "general")) return HANA_SHOWS_NUMBER;
    while (*code && *code != ';') {
        if (*code == '"') {
            const char *end = strchr(code + 1, '"');
            if (!end) break;
            code = end + 1;
        } else if (*code == '[') {
            code = bracket(code, &seen);
        } else if ((*code == '\\' || *code == '_' || *code == '*') && code[1]) {
            code += 2;
        } else if (same_letters(code, "am/pm")) {
            seen.time = 1;
            code += 5;
        } else if (same_letters(code, "a/p")) {
            seen.time = 1;
            code += 3;
        } else {
            letter(&seen, lower(*code));
            code++;
        }
    }
    if (seen.elapsed && !seen.date) return HANA_SHOWS_ELAPSED;
    int date = seen.date || seen.months;
    if (seen.time || seen.elapsed) return date ? HANA_SHOWS_DATETIME : HANA_SHOWS_TIME;
    return date ? HANA_SHOWS_DATE : HANA_SHOWS_NUMBER;
}

hana_number_format hana_number_format_of_id(int64_t id)
{
    if (id == 22) return HANA_SHOWS_DATETIME;
    if (id == 46) return HANA_SHOWS_ELAPSED;
    if ((id >= 18 && id <= 21) || id == 45 || id == 47) return HANA_SHOWS_TIME;
    if (id == 32 || id == 33 || id == 55 || id == 56) return HANA_SHOWS_TIME;
    if ((id >= 14 && id <= 17) || (id >= 27 && id <= 36) || (id >= 50 && id <= 58))
        return HANA_SHOWS_DATE;
    return HANA_SHOWS_NUMBER;
}

static void set_text(hana_mixed_cell *out, hana_mixed_kind kind, const char *text)
{
    *out = (hana_mixed_cell){ .kind = kind, .text = text, .length = strlen(text) };
}

static void time_of_day(hana_mixed_cell *out, int64_t micros, char *scratch)
{
    int millis = (int)(micros / 1000 % 1000), seconds = (int)(micros / 1000000);
    int n = snprintf(scratch, 40, "%02d:%02d:%02d", seconds / 3600, seconds / 60 % 60,
                     seconds % 60);
    if (millis) snprintf(scratch + n, 40 - (size_t)n, ".%03d", millis);
    set_text(out, HANA_MIXED_STRING, scratch);
    out->clock = 1;
}

void hana_serial_cell(hana_mixed_cell *out, double serial, hana_number_format format,
                      int date1904, char *scratch)
{
    enum { LAST = 2958465, FROM_1904 = 1462, EPOCH_1900 = -25568, EPOCH_1904 = -24107 };
    double day = floor(serial);
    int64_t micros = (int64_t)round((serial - day) * 86400000) * 1000;
    if (format == HANA_SHOWS_ELAPSED) {
        *out = (hana_mixed_cell){ .kind = HANA_MIXED_FLOAT,
                                  .number = round(serial * 86400000) / 1000,
                                  .clock = 2 };
        return;
    }
    if (!(day >= 0 && day <= (date1904 ? LAST - FROM_1904 : LAST))) {
        scratch[hana_print_double(scratch, serial, 0)] = '\0';
        set_text(out, HANA_MIXED_ERROR, scratch);
        return;
    }
    if (format == HANA_SHOWS_TIME && day == 0) {
        time_of_day(out, micros, scratch);
        return;
    }
    int64_t days = (int64_t)day;
    if (!date1904 && days == 60) {
        set_text(out, HANA_MIXED_ERROR, "1900-02-29");
        return;
    }
    days += date1904 ? EPOCH_1904 : EPOCH_1900 - (days > 60);
    if (micros == 0 && format == HANA_SHOWS_DATE)
        *out = (hana_mixed_cell){ .kind = HANA_MIXED_DATE, .integer = days };
    else
        *out = (hana_mixed_cell){ .kind = HANA_MIXED_DATETIME,
                                  .integer = days * DAY + micros };
}
