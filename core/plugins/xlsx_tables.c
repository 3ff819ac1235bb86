#include "xlsx_parts.h"

#include "base/text.h"

#include <string.h>

void hana_xlsx_unescape(hana_text *out, const char *text, size_t length)
{
    size_t done = 0;
    for (size_t i = 0; i + 7 <= length; i++) {
        int32_t code = 0;
        if (text[i] != '_' || text[i + 1] != 'x' || text[i + 6] != '_') continue;
        for (size_t k = i + 2; k < i + 6 && code >= 0; k++) {
            const char *digits = "0123456789abcdefABCDEF";
            const char *at = text[k] ? strchr(digits, text[k]) : NULL;
            int digit = at ? (int)(at - digits) : -1;
            code = digit < 0 ? -1 : code * 16 + (digit > 15 ? digit - 6 : digit);
        }
        if (code < 0 || (code >= 0xD800 && code < 0xE000)) continue;
        char bytes[4];
        hana_text_add(out, text + done, i - done);
        hana_text_add(out, bytes, (size_t)hana_utf8_encode(bytes, code));
        done = i + 7;
        i += 6;
    }
    hana_text_add(out, text + done, length - done);
}

/* --- shared strings ---------------------------------------------------------------- */

typedef struct strings {
    hana_workbook *book;
    hana_text current;
    int inside, phonetic; /* <t>; inside <rPh> or <phoneticPr> */
} strings;

static hana_status string_start(void *context, const char *name, const char **attributes,
                                hana_error *err)
{
    (void)attributes;
    (void)err;
    strings *s = context;
    if (strcmp(name, "si") == 0) s->current.length = 0;
    if (strcmp(name, "rPh") == 0) s->phonetic = 1;
    if (strcmp(name, "t") == 0) s->inside = !s->phonetic;
    return HANA_OK;
}

static hana_status string_text(void *context, const char *text, size_t length,
                               hana_error *err)
{
    (void)err;
    strings *s = context;
    if (s->inside) hana_text_add(&s->current, text, length);
    return HANA_OK;
}

static hana_status string_end(void *context, const char *name, hana_error *err)
{
    strings *s = context;
    hana_workbook *book = s->book;
    if (strcmp(name, "t") == 0) s->inside = 0;
    if (strcmp(name, "rPh") == 0) s->phonetic = 0;
    if (strcmp(name, "si") != 0) return HANA_OK;
    if (book->n_strings == book->strings_capacity) {
        size_t capacity = book->strings_capacity ? book->strings_capacity * 2 : 256;
        size_t *ends = hana_realloc(book->string_ends, capacity, sizeof *ends);
        if (!ends) return hana_fail_memory(err);
        book->string_ends = ends;
        book->strings_capacity = capacity;
    }
    hana_xlsx_unescape(&book->strings, s->current.data ? s->current.data : "",
                       s->current.length);
    if (s->current.failed || book->strings.failed) return hana_fail_memory(err);
    book->string_ends[book->n_strings++] = book->strings.length;
    return HANA_OK;
}

const char *hana_xlsx_string(const hana_workbook *book, size_t i, size_t *length)
{
    size_t from = i ? book->string_ends[i - 1] : 0;
    *length = book->string_ends[i] - from;
    return book->strings.data + from;
}

/* --- number formats ---------------------------------------------------------------- */

typedef struct custom_format {
    int64_t id;
    hana_number_format shows;
} custom_format;

typedef struct styles {
    hana_workbook *book;
    custom_format *custom;
    size_t n, capacity;
    int inside; /* <cellXfs> */
} styles;

static int64_t number_of(const char *text)
{
    int64_t value = -1;
    return text && hana_parse_int(text, strlen(text), &value) ? value : -1;
}

static hana_status add_custom(styles *s, const char **attributes, hana_error *err)
{
    const char *code = hana_xml_attribute(attributes, "formatCode");
    int64_t id = number_of(hana_xml_attribute(attributes, "numFmtId"));
    if (!code || id < 0) return HANA_OK;
    if (s->n == s->capacity) {
        size_t capacity = s->capacity ? s->capacity * 2 : 16;
        custom_format *grown = hana_realloc(s->custom, capacity, sizeof *grown);
        if (!grown) return hana_fail_memory(err);
        s->custom = grown;
        s->capacity = capacity;
    }
    s->custom[s->n++] = (custom_format){ id, hana_number_format_of_code(code) };
    return HANA_OK;
}

static hana_status add_style(styles *s, const char **attributes, hana_error *err)
{
    hana_workbook *book = s->book;
    int64_t id = number_of(hana_xml_attribute(attributes, "numFmtId"));
    hana_number_format shows = hana_number_format_of_id(id);
    for (size_t i = 0; i < s->n; i++)
        if (s->custom[i].id == id) shows = s->custom[i].shows;
    if (book->n_formats == book->formats_capacity) {
        size_t capacity = book->formats_capacity ? book->formats_capacity * 2 : 64;
        uint8_t *grown = hana_realloc(book->formats, capacity, 1);
        if (!grown) return hana_fail_memory(err);
        book->formats = grown;
        book->formats_capacity = capacity;
    }
    book->formats[book->n_formats++] = (uint8_t)shows;
    return HANA_OK;
}

static hana_status style_start(void *context, const char *name, const char **attributes,
                               hana_error *err)
{
    styles *s = context;
    if (strcmp(name, "numFmt") == 0) return add_custom(s, attributes, err);
    if (strcmp(name, "cellXfs") == 0) s->inside = 1;
    if (s->inside && strcmp(name, "xf") == 0) return add_style(s, attributes, err);
    return HANA_OK;
}

static hana_status style_end(void *context, const char *name, hana_error *err)
{
    (void)err;
    styles *s = context;
    if (strcmp(name, "cellXfs") == 0) s->inside = 0;
    return HANA_OK;
}

hana_status hana_xlsx_tables(hana_workbook *book, hana_error *err)
{
    static const hana_xml_handlers of_strings = { string_start, string_end, string_text },
                                   of_styles = { style_start, style_end, NULL };
    if (book->has_tables) return HANA_OK;
    book->has_tables = 1;
    if (book->strings_part) {
        strings s = { .book = book };
        hana_status status =
            hana_xlsx_parse(book, book->strings_part, &of_strings, &s, err);
        hana_text_clear(&s.current);
        HANA_TRY(status);
    }
    if (!book->styles_part) return HANA_OK;
    styles s = { .book = book };
    hana_status status = hana_xlsx_parse(book, book->styles_part, &of_styles, &s, err);
    hana_free(s.custom);
    return status;
}
