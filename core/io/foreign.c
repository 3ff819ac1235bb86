#include "foreign.h"

#include "base/memory.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static hana_status fail_foreign(const char *path, const char *wanted, const char *what,
                                hana_error *err)
{
    return hana_fail(err, HANA_BAD_FORMAT, "%s: not %s but %s", path, wanted, what);
}

/* --- bytes that are no text -------------------------------------------------------- */

static const struct {
    const char *magic;
    size_t n;
    int also; /* text may begin so: a control character must follow soon */
    const char *what;
} binaries[] = {
    { "PK\x03\x04", 4, 0,
      "a zip archive, as .xlsx files are: hana.read_xlsx reads those" },
    { "PK\x05\x06", 4, 0, "a zip archive with nothing in it" },
    { "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8, 0,
      "an old Office file, as .xls files are: hana.read_xlsx reads those" },
    { "\x1F\x8B\x08", 3, 0,
      "bytes packed by gzip: given as a path, the file is unpacked" },
    { "\x28\xB5\x2F\xFD", 4, 0,
      "bytes packed by zstd: given as a path, the file is unpacked" },
    { "BZh91AY&SY", 10, 0, "a file packed by bzip2: unpack it first" },
    { "\xFD"
      "7zXZ",
      5, 0, "a file packed by xz: unpack it first" },
    { "7z\xBC\xAF\x27\x1C", 6, 0, "a 7z archive: unpack it first" },
    { "Rar!\x1A\x07", 6, 0, "a RAR archive: unpack it first" },
    { "SQLite format 3", 16, 0,
      "an SQLite database: hana.read_sql(\"sqlite:PATH\", query) reads those" },
    { "PAR1", 4, 1, "a Parquet file, which hana does not read: write it as CSV first" },
    { "ARROW1", 6, 1, "an Arrow file, which hana does not read: write it as CSV first" },
    { "ORC", 3, 1, "an ORC file, which hana does not read: write it as CSV first" },
    { "Obj\x01", 4, 0, "an Avro file, which hana does not read: write it as CSV first" },
    { "\x89HDF\r\n\x1A\n", 8, 0,
      "an HDF5 file, which hana does not read: write it as CSV first" },
    { "$FL2@(#)", 8, 1, "an SPSS file, which hana does not read: write it as CSV first" },
    { "HANA\r\n\x1A\n", 8, 0, "a file that hana saved: hana.load reads it" },
    { "%PDF-", 5, 0, "a PDF document" },
    { "\x89PNG", 4, 0, "a picture" },
    { "\xFF\xD8\xFF", 3, 0, "a picture" },
    { "GIF8", 4, 1, "a picture" },
    { "\x7F"
      "ELF",
      4, 0, "a program" },
};

static int has_control(const char *bytes, size_t length)
{
    enum { LOOK = 512 };
    for (size_t i = 0; i < length && i < LOOK; i++)
        if ((unsigned char)bytes[i] < 0x09) return 1;
    return 0;
}

hana_status hana_foreign_binary(const char *path, const char *bytes, size_t length,
                                const char *wanted, hana_error *err)
{
    for (size_t i = 0; i < sizeof binaries / sizeof *binaries; i++) {
        size_t n = binaries[i].n;
        if (length < n || memcmp(bytes, binaries[i].magic, n) != 0) continue;
        if (binaries[i].also && !has_control(bytes, length)) continue;
        return fail_foreign(path, wanted, binaries[i].what, err);
    }
    return HANA_OK;
}

/* --- markup ------------------------------------------------------------------------ */

typedef struct place {
    const char *at, *end;
} place;

static void skip_blanks(place *p)
{
    while (p->at < p->end && memchr(" \t\r\n", *p->at, 4)) p->at++;
}

static const char *find(const char *text, const char *end, const char *word)
{
    size_t n = strlen(word);
    for (; (size_t)(end - text) >= n; text++)
        if (strncasecmp(text, word, n) == 0) return text;
    return NULL;
}

/* Blanks and <!-- remarks -->. */
static void skip_remarks(place *p)
{
    skip_blanks(p);
    while (p->end - p->at > 4 && memcmp(p->at, "<!--", 4) == 0) {
        const char *close = find(p->at, p->end, "-->");
        if (!close) return;
        p->at = close + 3;
        skip_blanks(p);
    }
}

/* Whether <word or <word ...> stands here, and steps behind it. */
static int take_tag(place *p, const char *word)
{
    size_t n = strlen(word);
    const char *begin = p->at + 1;
    if ((size_t)(p->end - p->at) < n + 2 || strncasecmp(begin, word, n) != 0) return 0;
    if (!memchr("> \t\r\n", begin[n], 5)) return 0;
    const char *close = memchr(begin, '>', (size_t)(p->end - begin));
    if (!close) return 0;
    p->at = close + 1;
    return 1;
}

/* A tag that is no whole cell: the next stands right behind it. */
static int tag_follows(place p)
{
    skip_remarks(&p);
    return p.end - p.at > 1 && *p.at == '<' &&
           (isalpha((unsigned char)p.at[1]) || memchr("!/?", p.at[1], 3));
}

/* What is looked at: the rest, or as much of it. */
static place beginning(place p)
{
    enum { LOOK = 1 << 16 };
    if (p.end - p.at > LOOK) p.end = p.at + LOOK;
    return p;
}

static int is_html(place p)
{
    static const char *const tags[] = { "html", "head",   "body",  "table",
                                        "div",  "script", "style", "meta" };
    if (take_tag(&p, "!doctype html")) return p.at == p.end || tag_follows(p);
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
        place behind = p;
        if (take_tag(&behind, tags[i]))
            return tag_follows(behind) && find(behind.at, p.end, "</") != NULL;
    }
    return 0;
}

/* <name ...> that another tag follows, and </name> at the end of all. */
static int is_wrapped(place p)
{
    char name[64];
    size_t n = 0;
    const char *begin = p.at + 1, *last = p.end;
    while (begin + n < p.end && n < sizeof name - 1 &&
           (isalnum((unsigned char)begin[n]) || memchr(":_-.", begin[n], 4)))
        n++;
    memcpy(name, begin, n);
    name[n] = '\0';
    if (n == 0 || !take_tag(&p, name) || !tag_follows(p)) return 0;
    while (last > p.at && memchr(" \t\r\n", last[-1], 4)) last--;
    return (size_t)(last - p.at) >= n + 3 && last[-1] == '>' &&
           memcmp(last - n - 1, name, n) == 0 && memcmp(last - n - 3, "</", 2) == 0;
}

/* What stands between <title> and </title>, in one line. */
static void add_title(hana_text *out, const char *text, size_t length)
{
    enum { LOOK = 1 << 16, LONGEST = 60 };
    const char *end = text + (length < LOOK ? length : LOOK);
    const char *open = find(text, end, "<title"),
               *from = open ? memchr(open, '>', (size_t)(end - open)) : NULL,
               *to = from ? find(from, end, "</title") : NULL;
    if (!to) return;
    place p = { from + 1, to };
    skip_blanks(&p);
    while (to > p.at && memchr(" \t\r\n", to[-1], 4)) to--;
    size_t n = (size_t)(to - p.at);
    if (n == 0) return;
    int cut = n > LONGEST;
    for (n = cut ? LONGEST : n; cut && n > 0 && ((unsigned char)p.at[n] & 0xC0) == 0x80;)
        n--;
    hana_text_puts(out, " '");
    for (size_t i = 0; i < n; i++)
        hana_text_putc(out, (unsigned char)p.at[i] < 0x20 ? ' ' : p.at[i]);
    hana_text_puts(out, cut ? "...'" : "'");
}

static hana_status fail_html(const char *path, const char *text, size_t length,
                             const char *wanted, hana_error *err)
{
    hana_text title = { 0 };
    add_title(&title, text, length);
    hana_status status = hana_fail(
        err, HANA_BAD_FORMAT,
        "%s: not %s but an HTML page%s, as a download that failed leaves behind", path,
        wanted, title.length && !title.failed ? title.data : "");
    hana_text_clear(&title);
    return status;
}

hana_status hana_foreign_markup(const char *path, const char *text, size_t length,
                                const char *wanted, hana_error *err)
{
    place p = { text, text + length };
    skip_remarks(&p);
    if (p.at == p.end || *p.at != '<') return HANA_OK;
    if (is_html(beginning(p))) return fail_html(path, text, length, wanted, err);
    int declared = take_tag(&p, "?xml");
    if (declared) skip_remarks(&p);
    if (declared && tag_follows(p)) {
        place near = beginning(p);
        if (take_tag(&near, "!doctype html") || take_tag(&near, "html"))
            return fail_html(path, text, length, wanted, err);
        if (find(near.at, near.end, "schemas-microsoft-com:office:spreadsheet"))
            return fail_foreign(path, wanted,
                                "an XML spreadsheet of Excel 2003: open it in a "
                                "spreadsheet program and save it as .xlsx or CSV",
                                err);
        return fail_foreign(path, wanted, "an XML document", err);
    }
    if (is_wrapped(p)) return fail_foreign(path, wanted, "an XML document", err);
    return HANA_OK;
}

/* --- JSON -------------------------------------------------------------------------- */

/* Steps over a string; 0 when it is none. An end of the text is an end of the string. */
static int skip_string(place *p)
{
    if (p->at == p->end || *p->at != '"') return 0;
    for (p->at++; p->at < p->end; p->at++) {
        if (*p->at == '"') {
            p->at++;
            return 1;
        }
        if ((unsigned char)*p->at < 0x20) return 0;
        if (*p->at == '\\' && p->end - p->at > 1) p->at++;
    }
    return 1;
}

/* Steps over a value in brackets, or to the end where it is not closed; 0: its brackets
   do not belong together. */
static int skip_brackets(place *p)
{
    enum { DEEPEST = 64 };
    char open[DEEPEST];
    size_t depth = 0;
    while (p->at < p->end) {
        char c = *p->at;
        if (c == '"') {
            if (!skip_string(p)) return 0;
            continue;
        }
        p->at++;
        if (c == '{' || c == '[') {
            if (depth == DEEPEST) return 0;
            open[depth++] = c;
        } else if (c == '}' || c == ']') {
            if (depth == 0 || open[depth - 1] != (c == '}' ? '{' : '[')) return 0;
            if (--depth == 0) return 1;
        }
    }
    return 1;
}

/* {"key": or {} */
static int begins_object(place p)
{
    if (p.at == p.end || *p.at != '{') return 0;
    p.at++;
    skip_blanks(&p);
    if (p.at < p.end && *p.at == '}') return 1;
    if (!skip_string(&p)) return 0;
    skip_blanks(&p);
    return p.at < p.end && *p.at == ':';
}

hana_status hana_foreign_json(const char *path, const char *text, size_t length,
                              const char *wanted, hana_error *err)
{
    enum { LOOK = 1 << 20 };
    place p = { text, text + (length < LOOK ? length : LOOK) };
    skip_blanks(&p);
    place inner = p;
    if (p.at == p.end) return HANA_OK;
    int list = *p.at == '[';
    if (list) {
        inner.at++;
        skip_blanks(&inner);
    }
    if (!begins_object(inner) || !skip_brackets(&p)) return HANA_OK;
    while (p.at < p.end && (*p.at == ' ' || *p.at == '\t' || *p.at == '\r')) p.at++;
    if (p.at < p.end && *p.at != '\n') return HANA_OK;
    return fail_foreign(path, wanted,
                        list ? "JSON: hana.read_json reads it"
                             : "JSON (an object, or one a line): hana.read_json reads it",
                        err);
}
