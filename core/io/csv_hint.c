#include "csv_parts.h"

#include <string.h>

enum { SAMPLE = 5000 };

static const struct {
    char decimal;
    const char *thousands, *shown;
} number_marks[] = {
    { '.', NULL, "" },
    { ',', NULL, "" },
    { '.', ",", "," },
    { ',', ".", "." },
    { '.', " ", " " },
    { ',', " ", " " },
    { '.', "\xC2\xA0", "\\u{A0}" },
    { ',', "\xC2\xA0", "\\u{A0}" },
    { '.', "\xE2\x80\xAF", "\\u{202F}" },
    { ',', "\xE2\x80\xAF", "\\u{202F}" },
    { '.', "'", "'" },
};

/* "1,234" is number 1 and 2, "1.234" number 0 and 3, a thousand times apart. */
static const struct {
    size_t decimal, groups;
} twins[] = { { 1, 2 }, { 0, 3 } };

static const char *const date_formats[] = {
    "%d.%m.%Y",       "%d/%m/%Y",       "%m/%d/%Y",         "%Y/%m/%d",
    "%Y.%m.%d",       "%Y. %m. %d.",    "%d-%m-%Y",         "%d.%m.%Y %H:%M",
    "%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M", "%d.%m.%Y %H:%M:%S"
};

enum {
    N_MARKS = sizeof number_marks / sizeof *number_marks,
    N_TWINS = sizeof twins / sizeof *twins,
    N_FORMATS = sizeof date_formats / sizeof *date_formats
};

/* What still fits after all cells so far. */
typedef struct candidates {
    int marks[N_MARKS], formats[N_FORMATS];
    int codes, pluses; /* all are integers, were they not taken for codes; some with +  */
    size_t cells, numbers;
    const char *odd; /* the one text that is no number */
    size_t odd_length;
    int several; /* there are several such texts */
} candidates;

static hana_csv_style with_marks(const hana_csv_style *style, size_t k)
{
    hana_csv_style trial = *style;
    trial.decimal = number_marks[k].decimal;
    trial.thousands = number_marks[k].thousands;
    trial.thousands_length = trial.thousands ? strlen(trial.thousands) : 0;
    return trial;
}

const char *hana_csv_reason_of(const hana_csv_style *style, const char *text,
                               size_t length)
{
    static const char *const kinds[] = {
        [HANA_CSV_BOOL] = "true or false beside other values",
        [HANA_CSV_INT] = "a number beside other values",
        [HANA_CSV_BIG] = "a number beside other values",
        [HANA_CSV_FLOAT] = "a number beside other values",
        [HANA_CSV_DATE] = "a date beside other values",
        [HANA_CSV_DATETIME] = "a datetime beside other values",
        [HANA_CSV_STRING] = NULL,
    };
    hana_csv_value value = { 0 };
    hana_csv_kind kind = hana_csv_classify(style, text, length);
    if (kind != HANA_CSV_STRING) return kinds[kind];
    if (hana_csv_parse_as(style, HANA_FLOAT, NULL, text, length, &value))
        return value.plus ? "digits behind a plus, as telephone numbers have"
                          : "leading zeros, which numbers do not keep";
    if (hana_time_is_finer(text, length, NULL)) return HANA_TIMES_ARE_FINER;
    int comma = 0, point = 0, groups = 0, both = 0;
    for (size_t k = 0; k < N_MARKS; k++) {
        hana_csv_style trial = with_marks(style, k);
        if (!hana_csv_parse(&trial, HANA_CSV_FLOAT, text, length, &value)) continue;
        int grouped = trial.thousands && strstr(text, trial.thousands) != NULL,
            marked = trial.decimal != style->decimal &&
                     memchr(text, trial.decimal, length) != NULL;
        both |= grouped && marked;
        groups |= grouped && !marked;
        comma |= marked && !grouped && trial.decimal == ',';
        point |= marked && !grouped && trial.decimal == '.';
    }
    if (groups && (comma || point))
        return comma ? "numbers with thousands marks or a decimal comma"
                     : "numbers with thousands marks or a decimal point";
    return groups  ? "numbers with thousands marks"
           : comma ? "numbers with a decimal comma"
           : point ? "numbers with a decimal point"
           : both  ? "numbers with thousands marks and another decimal mark"
                   : NULL;
}

/* The options that read such numbers, beside those that were given. */
static void say_marks(hana_text *out, const hana_csv_style *style, size_t k)
{
    char decimal = number_marks[k].decimal;
    const char *joint = "";
    if (decimal != style->decimal) {
        hana_text_printf(out, "decimal = \"%c\"", decimal);
        joint = ", ";
    }
    if (number_marks[k].thousands)
        hana_text_printf(out, "%sthousands = \"%s\"", joint, number_marks[k].shown);
}

static void look(candidates *c, const hana_csv_style *style, const char *text,
                 size_t length)
{
    hana_csv_value value;
    c->cells++;
    c->codes = c->codes && hana_csv_parse_as(style, HANA_INT, NULL, text, length, &value);
    c->pluses |= c->codes && value.plus;
    for (size_t k = 0; k < N_MARKS; k++) {
        if (!c->marks[k]) continue;
        hana_csv_style trial = with_marks(style, k);
        c->marks[k] = hana_csv_parse(&trial, HANA_CSV_FLOAT, text, length, &value);
    }
    for (size_t k = 0; k < N_FORMATS; k++) {
        int64_t micros;
        int has_offset;
        c->formats[k] =
            c->formats[k] &&
            hana_parse_time_format(text, length, date_formats[k], &micros, &has_offset);
    }
    if (hana_csv_parse(style, HANA_CSV_FLOAT, text, length, &value)) {
        c->numbers++;
    } else if (!c->odd) {
        c->odd = text;
        c->odd_length = length;
    } else if (length != c->odd_length || memcmp(text, c->odd, length) != 0) {
        c->several = 1;
    }
}

static int still_open(const candidates *c)
{
    if (!c->several || c->codes) return 1;
    for (size_t k = 0; k < N_MARKS; k++)
        if (c->marks[k]) return 1;
    for (size_t k = 0; k < N_FORMATS; k++)
        if (c->formats[k]) return 1;
    return 0;
}

/* One text without a digit among numbers: "-", "unknown". */
static int stands_for_null(const candidates *c)
{
    if (c->several || !c->odd || c->odd_length == 0 || c->odd_length > 20) return 0;
    for (size_t i = 0; i < c->odd_length; i++)
        if (c->odd[i] >= '0' && c->odd[i] <= '9') return 0;
    return 1;
}

static void say_formats(hana_text *out, const candidates *c)
{
    const char *joint = "";
    for (size_t k = 0; k < N_FORMATS; k++) {
        if (!c->formats[k]) continue;
        hana_text_printf(out, "%s'%s'", joint, date_formats[k]);
        joint = " or ";
    }
    if (*joint) hana_text_puts(out, " as the format of its type reads it as times");
}

hana_status hana_csv_hint(hana_text *out, const hana_csv_style *style, const char *name,
                          const hana_column *column, hana_error *err)
{
    candidates c = { .codes = 1 };
    for (size_t k = 0; k < N_MARKS; k++) c.marks[k] = 1;
    for (size_t k = 0; k < N_FORMATS; k++) c.formats[k] = 1;
    size_t n = hana_column_length(column);
    for (size_t i = 0; i < n && c.cells < SAMPLE && still_open(&c); i++) {
        size_t length;
        const char *text = hana_column_string(column, i, &length);
        if (!hana_column_is_null(column, i)) look(&c, style, text, length);
    }
    if (c.cells == 0 || !still_open(&c)) return HANA_OK;
    if (c.codes && c.pluses) {
        hana_text_printf(out,
                         "types = { [\"%s\"] = \"int\" } reads it as numbers, without "
                         "the plus signs",
                         name);
        return out->failed ? hana_fail_memory(err) : HANA_OK;
    }
    for (size_t t = 0; t < N_TWINS; t++) {
        if (!c.marks[twins[t].decimal] || !c.marks[twins[t].groups]) continue;
        say_marks(out, style, twins[t].groups);
        hana_text_puts(out, " or ");
        say_marks(out, style, twins[t].decimal);
        hana_text_puts(out, " reads it as numbers, a thousand times apart");
        return out->failed ? hana_fail_memory(err) : HANA_OK;
    }
    for (size_t k = 0; k < N_MARKS; k++) {
        if (!c.marks[k]) continue;
        say_marks(out, style, k);
        hana_text_puts(out, " reads it as numbers");
        return out->failed ? hana_fail_memory(err) : HANA_OK;
    }
    if (c.numbers > 0 && stands_for_null(&c))
        hana_text_printf(out, "null_add = { \"%.*s\" } reads it as numbers",
                         (int)c.odd_length, c.odd);
    else
        say_formats(out, &c);
    return out->failed ? hana_fail_memory(err) : HANA_OK;
}
