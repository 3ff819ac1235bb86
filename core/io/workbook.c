#include "workbook.h"

#include "base/plugin.h"
#include "base/text.h"
#include "io/encoding.h"
#include "io/foreign.h"
#include "xls.h"

#include <string.h>
#include <strings.h>

static const hana_plugin xlsx = { .name = "xlsx",
                                  .purpose = "reading .xlsx files",
                                  .package = "libzip4 or libexpat1",
                                  .build_package = "libzip-dev and libexpat1-dev" };
static int begins(const hana_opened_workbook *w, const char *magic, size_t length)
{
    return w->length >= length && memcmp(w->bytes, magic, length) == 0;
}

static int holds(const char *text, size_t length, const char *word, size_t n)
{
    for (size_t i = 0; i + n <= length; i++)
        if (memcmp(text + i, word, n) == 0) return 1;
    return 0;
}

static int holds_word(const char *text, size_t length, const char *word)
{
    size_t n = strlen(word);
    for (size_t i = 0; i + n <= length; i++)
        if (strncasecmp(text + i, word, n) == 0) return 1;
    return 0;
}

/* A file that is no workbook, whatever its name says. */
static hana_status fail_other(const char *path, const hana_opened_workbook *w,
                              hana_error *err)
{
    static const char wanted[] = "an Excel workbook";
    enum { LOOK = 4096 };
    hana_text decoded = { 0 };
    const char *text = "", *encoding = "";
    size_t n = w->length < LOOK ? w->length : LOOK, length = 0;
    /* The cut may split a character: what cannot be decoded is looked at as it is. */
    if (hana_encoding_open(&text, &length, &encoding, &decoded, w->bytes, n, NULL, NULL,
                           "", NULL) != HANA_OK) {
        text = w->bytes;
        length = n;
    }
    hana_status status = hana_foreign_binary(path, w->bytes, w->length, wanted, err);
    if (status == HANA_OK) status = hana_foreign_json(path, text, length, wanted, err);
    if (status != HANA_OK) goto done;
    if (n == 0)
        status = hana_fail(err, HANA_BAD_DATA, "%s: the file is empty", path);
    else if (holds_word(text, length, "schemas-microsoft-com:office:spreadsheet") &&
             !holds_word(text, length, "<html"))
        status =
            hana_fail(err, HANA_BAD_FORMAT,
                      "%s: an XML spreadsheet of Excel 2003, not a workbook: open it in "
                      "a spreadsheet program and save it as .xlsx or CSV",
                      path);
    else if (holds_word(text, length, "<html") || holds_word(text, length, "<table") ||
             holds_word(text, length, "<!doctype html"))
        status =
            hana_fail(err, HANA_BAD_FORMAT,
                      "%s: HTML, not a workbook, whatever its name says: open it in a "
                      "spreadsheet program and save it as .xlsx or CSV",
                      path);
    else if (!memchr(text, '\0', length))
        status =
            hana_fail(err, HANA_BAD_FORMAT,
                      "%s: text such as CSV, not a workbook, whatever its name says: "
                      "hana.read_csv reads it",
                      path);
    else
        status = hana_fail(err, HANA_BAD_FORMAT, "%s: not an Excel workbook", path);
done:
    hana_text_clear(&decoded);
    return status;
}

/* An .xlsx with a password is an .xls container around bytes that nobody can read. */
static int is_encrypted(const hana_opened_workbook *w)
{
    static const char name[] = "E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e";
    return holds(w->bytes, w->length, name, sizeof name - 1);
}

hana_status hana_workbook_open(hana_opened_workbook *out, const char *path,
                               const char *bytes, size_t length, hana_error *err)
{
    static const char ole[] = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";
    hana_opened_workbook w = { .bytes = bytes, .length = length };
    const char *name = path ? path : "text";
    const void *table = NULL;
    if (path) {
        HANA_TRY(hana_file_open(&w.file, path, NULL, err));
        w.has_file = 1;
        w.bytes = w.file.data;
        w.length = w.file.length;
    }
    hana_status status = HANA_OK;
    if (begins(&w, "PK\x03\x04", 4) || begins(&w, "PK\x05\x06", 4))
        status = hana_plugin_open(&table, &xlsx, err);
    else if (begins(&w, ole, 8) && is_encrypted(&w))
        status = hana_fail(err, HANA_UNSUPPORTED,
                           "%s: the workbook is encrypted with a password: save it "
                           "without one",
                           name);
    else if (begins(&w, ole, 8))
        table = &hana_xls_reader;
    else
        status = fail_other(name, &w, err);
    if (status == HANA_OK) {
        w.reader = table;
        status = w.reader->open(&w.book, w.bytes, w.length, err);
        if (status != HANA_OK) status = hana_fail_prefix(err, status, "%s: ", name);
    }
    if (status != HANA_OK) {
        hana_workbook_close(&w);
        return status;
    }
    *out = w;
    return HANA_OK;
}

void hana_workbook_close(hana_opened_workbook *workbook)
{
    if (workbook->book) workbook->reader->close(workbook->book);
    if (workbook->has_file) hana_file_close(&workbook->file);
    *workbook = (hana_opened_workbook){ 0 };
}
