#include "csv_parts.h"

#include "base/text.h"

#include <string.h>

hana_status hana_csv_options_init(hana_csv_options *options, hana_error *err)
{
    *options = (hana_csv_options){ .quote = '"', .header = 1, .limit = -1 };
    options->decimal = hana_strdup(".");
    options->encoding = hana_strdup("auto");
    if (options->decimal && options->encoding) return HANA_OK;
    hana_csv_options_clear(options);
    return hana_fail_memory(err);
}

void hana_csv_options_clear(hana_csv_options *options)
{
    hana_free(options->delimiter);
    hana_free(options->decimal);
    hana_free(options->thousands);
    hana_free(options->comment);
    hana_free(options->encoding);
    hana_free(options->timezone);
    hana_free(options->source);
    hana_names_clear(&options->null);
    hana_names_clear(&options->null_add);
    hana_names_clear(&options->type_columns);
    hana_names_clear(&options->type_names);
    hana_names_clear(&options->type_formats);
    hana_names_clear(&options->columns);
    hana_names_clear(&options->block_names);
    hana_names_clear(&options->block_patterns);
    *options = (hana_csv_options){ 0 };
}

static hana_status bad_option(hana_error *err, const char *option, const char *value,
                              const char *expected)
{
    hana_csv_example got;
    hana_csv_example_set(&got, 0, value, strlen(value));
    return hana_fail(err, HANA_BAD_ARGUMENT, "read_csv: option '%s' must be %s, got '%s'",
                     option, expected, got.text);
}

static void add_null(hana_csv_style *style, const char *text)
{
    size_t length = strlen(text);
    if (length == 0) return; /* an empty field is null in any case */
    for (size_t k = 0; k < style->n_nulls; k++)
        if (strcmp(style->nulls[k], text) == 0) return;
    style->nulls[style->n_nulls++] = text;
    style->null_starts[(unsigned char)*text] = 1;
    if (length > style->longest_null) style->longest_null = length;
}

static hana_status set_nulls(hana_csv_style *style, const hana_csv_options *options,
                             hana_error *err)
{
    static const char *const usual[] = { "NA", "N/A", "NaN", "null", "NULL", "None" };
    enum { N_USUAL = sizeof usual / sizeof *usual };
    style->nulls =
        hana_alloc(options->null.n + options->null_add.n + N_USUAL, sizeof *style->nulls);
    if (!style->nulls) return hana_fail_memory(err);
    if (options->has_null)
        for (size_t i = 0; i < options->null.n; i++)
            add_null(style, options->null.items[i]);
    else
        for (size_t i = 0; i < N_USUAL; i++) add_null(style, usual[i]);
    for (size_t i = 0; i < options->null_add.n; i++)
        add_null(style, options->null_add.items[i]);
    return HANA_OK;
}

static hana_status set_delimiter(hana_csv_style *style, const hana_csv_options *options,
                                 hana_error *err)
{
    const char *d = options->delimiter;
    if (!d) return HANA_OK;
    if (strcmp(d, "whitespace") == 0) {
        style->whitespace = 1;
        style->delimiter = ' ';
        return HANA_OK;
    }
    size_t length = strlen(d), bytes = 1;
    if (length == 0 || hana_utf8_decode(d, length, &bytes) < 0 || bytes != length ||
        *d == '\n' || *d == '\r' || *d == style->quote)
        return bad_option(err, "delimiter", d,
                          "one character other than the quote, or 'whitespace'");
    style->delimiter = *d;
    if (length > 1) style->wide = d;
    return HANA_OK;
}

hana_status hana_csv_style_init(hana_csv_style *out, const hana_csv_options *options,
                                hana_error *err)
{
    hana_csv_style style = { .quote = options->quote, .on_error = options->on_error };
    const char *decimal = options->decimal ? options->decimal : ".";
    if (strlen(decimal) != 1 || (*decimal >= '0' && *decimal <= '9') ||
        strchr("+-eE \n\r", *decimal))
        return bad_option(err, "decimal", decimal, "one character, such as '.' or ','");
    style.decimal = *decimal;
    if (options->thousands) {
        if (!*options->thousands || strcmp(options->thousands, decimal) == 0)
            return bad_option(err, "thousands", options->thousands,
                              "another mark than 'decimal'");
        style.thousands = options->thousands;
        style.thousands_length = strlen(options->thousands);
    }
    if (options->comment && *options->comment) {
        style.comment = options->comment;
        style.comment_length = strlen(options->comment);
    }
    HANA_TRY(set_delimiter(&style, options, err));
    HANA_TRY(
        hana_zone_get(&style.zone, options->timezone ? options->timezone : "UTC", err));
    style.is_utc = strcmp(hana_zone_name(style.zone), "UTC") == 0;
    HANA_TRY(set_nulls(&style, options, err));
    *out = style;
    return HANA_OK;
}

void hana_csv_style_clear(hana_csv_style *style)
{
    hana_free(style->nulls);
    *style = (hana_csv_style){ 0 };
}
